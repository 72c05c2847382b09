//! Sessions of assumed roles, kept so that ten calls make one call to STS.
//!
//! * One file for each role and way to assume it, readable by no one else, in a folder that is open to no one else.
//! * A file that is foreign, open to others, cut off, or about to expire is as good as none.
//! * Whatever goes wrong here is not worth failing for: the session is simply asked for again.

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use sigv4::{AmzDate, PayloadHash};
use zeroize::Zeroizing;

use super::session::Session;
use crate::plan::Role;

/// A place for one session.
#[derive(Debug)]
pub(super) struct Slot {
    folder: PathBuf,
    file: PathBuf,
}

impl Slot {
    /// The place for a session of `role`, assumed with the key `source` at `endpoint`.
    pub(super) fn new(folder: &Path, role: &Role, source: &str, endpoint: &str) -> Self {
        let duration = role.duration.map(|seconds| seconds.to_string());
        let parts = [
            Some(role.arn.as_str()),
            Some(source),
            Some(&role.session_name),
            role.external_id.as_deref(),
            duration.as_deref(),
            role.mfa_serial.as_deref(),
            Some(endpoint),
        ];
        let mut text = String::new();
        for part in parts {
            // Lengths keep one part from passing for two.
            match part {
                Some(part) => text.push_str(&format!("{}:{part}\n", part.len())),
                None => text.push_str("-\n"),
            }
        }
        Self {
            folder: folder.to_owned(),
            file: folder.join(PayloadHash::of(text).to_string()),
        }
    }

    /// The session, if there is one that is good for a while yet.
    pub(super) fn get(&self, now: AmzDate) -> Option<Session> {
        // A pipe would hold us up; a link is not what was put here.
        let is_file = |file: fs::Metadata| file.is_file();
        if !fs::symlink_metadata(&self.file).is_ok_and(is_file) {
            return None;
        }
        let file = File::open(&self.file).ok()?;
        if !is_private(&file.metadata().ok()?) || !is_private(&fs::metadata(&self.folder).ok()?) {
            return None;
        }
        let mut text = Zeroizing::new(String::with_capacity(LIMIT));
        file.take(LIMIT.try_into().ok()?)
            .read_to_string(&mut text)
            .ok()?;
        let session = parse(&text)?;
        (session.expires > now.saturating_add(MARGIN)).then_some(session)
    }

    /// Keeps `session` until it expires.
    pub(super) fn put(&self, session: &Session) -> io::Result<()> {
        private_folder(&self.folder)?;
        // Private from its first moment on: that is how temporary files are made.
        let mut file = tempfile::Builder::new()
            .prefix(".")
            .tempfile_in(&self.folder)?;
        let text = Zeroizing::new(format!(
            "{HEADER}\n{}\n{}\n{}\n{}\n{END}\n",
            session.id,
            session.secret.expose(),
            session.token.expose(),
            session.expires
        ));
        file.write_all(text.as_bytes())?;
        file.persist(&self.file)?;
        Ok(())
    }
}

fn parse(text: &str) -> Option<Session> {
    let mut lines = text.lines();
    if lines.next() != Some(HEADER) {
        return None;
    }
    let session = Session {
        id: lines.next()?.to_owned(),
        secret: lines.next()?.into(),
        token: lines.next()?.into(),
        expires: lines.next()?.parse().ok()?,
    };
    (lines.next() == Some(END) && lines.next().is_none()).then_some(session)
}

/// Makes the folder, or takes away what others may do in it.
fn private_folder(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    if is_private(&fs::metadata(folder)?) {
        return Ok(());
    }
    #[cfg(unix)]
    fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    if is_private(&fs::metadata(folder)?) {
        Ok(())
    } else {
        Err(io::ErrorKind::PermissionDenied.into())
    }
}

/// Ours, and no one else's to read or write.
#[cfg(unix)]
fn is_private(file: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    file.uid() == rustix::process::geteuid().as_raw() && file.mode() & 0o077 == 0
}

#[cfg(not(unix))]
fn is_private(_: &fs::Metadata) -> bool {
    true
}

const HEADER: &str = "sigcurl session 1";
const END: &str = "end";
/// Seconds that a session has to be good for yet.
const MARGIN: i64 = 60;
/// Tokens have a few kilobytes at most.
const LIMIT: usize = 64 * 1024;

#[cfg(test)]
#[cfg(unix)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use super::*;

    fn role() -> Role {
        Role::new("arn:aws:iam::1:role/r", None).unwrap()
    }

    fn session(expires: &str) -> Session {
        Session {
            id: "ASIA".to_owned(),
            secret: "S".into(),
            token: "T".into(),
            expires: expires.parse().unwrap(),
        }
    }

    fn at(text: &str) -> AmzDate {
        text.parse().unwrap()
    }

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o7777
    }

    #[test]
    fn a_session_is_found_until_a_minute_before_it_expires() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("a/sigcurl");
        let slot = Slot::new(&folder, &role(), "AKIA", "https://sts/");
        assert_eq!(slot.get(at("20260101T000000Z")), None);

        let session = session("20260101T010000Z");
        slot.put(&session).unwrap();
        assert_eq!(slot.get(at("20260101T005859Z")), Some(session));
        assert_eq!(slot.get(at("20260101T005900Z")), None);
        assert_eq!((mode(&folder), mode(&slot.file)), (0o700, 0o600));
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[test]
    fn whatever_differs_is_another_session() {
        let folder = Path::new("/c");
        let slot = |change: &dyn Fn(&mut Role)| {
            let mut role = role();
            change(&mut role);
            Slot::new(folder, &role, "AKIA", "https://sts/").file
        };
        let files = [
            slot(&|_| {}),
            slot(&|role| role.arn.push('x')),
            slot(&|role| role.session_name.push('x')),
            slot(&|role| role.external_id = Some(String::new())),
            slot(&|role| role.external_id = Some("x".to_owned())),
            slot(&|role| role.mfa_serial = Some("x".to_owned())),
            slot(&|role| role.duration = Some(900)),
            Slot::new(folder, &role(), "AKIB", "https://sts/").file,
            Slot::new(folder, &role(), "AKIA", "http://sts/").file,
        ];
        let mut unique = files.to_vec();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), files.len());
        assert!(
            !files
                .iter()
                .any(|file| file.display().to_string().contains("AKIA"))
        );
    }

    #[test]
    fn what_is_broken_or_open_to_others_is_as_good_as_none() {
        let home = tempfile::tempdir().unwrap();
        let folder = home.path().join("sigcurl");
        let slot = Slot::new(&folder, &role(), "AKIA", "https://sts/");
        let now = at("20260101T000000Z");
        let kept = session("20270101T000000Z");
        let set = |path: &Path, mode| {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        };

        slot.put(&kept).unwrap();
        let whole = fs::read_to_string(&slot.file).unwrap();
        for length in 0..whole.len() - 1 {
            fs::write(&slot.file, &whole[..length]).unwrap();
            assert_eq!(slot.get(now), None, "{length}");
        }
        fs::write(&slot.file, b"\xff\xfe").unwrap();
        assert_eq!(slot.get(now), None);
        fs::write(&slot.file, &whole).unwrap();
        assert_eq!(slot.get(now).as_ref(), Some(&kept));

        for mode in [0o644, 0o620, 0o601] {
            set(&slot.file, mode);
            assert_eq!(slot.get(now), None, "{mode:o}");
        }
        set(&slot.file, 0o600);
        set(&folder, 0o755);
        assert_eq!(slot.get(now), None);
        // Writing puts both right again.
        slot.put(&kept).unwrap();
        assert_eq!(slot.get(now).as_ref(), Some(&kept));
        assert_eq!((mode(&folder), mode(&slot.file)), (0o700, 0o600));

        let elsewhere = home.path().join("elsewhere");
        fs::rename(&slot.file, &elsewhere).unwrap();
        std::os::unix::fs::symlink(&elsewhere, &slot.file).unwrap();
        assert_eq!(slot.get(now), None);
    }

    /// Only root can make a file that is someone else's.
    #[test]
    fn a_foreign_file_is_as_good_as_none() {
        let home = tempfile::tempdir().unwrap();
        let slot = Slot::new(&home.path().join("c"), &role(), "AKIA", "https://sts/");
        slot.put(&session("20270101T000000Z")).unwrap();
        if std::os::unix::fs::chown(&slot.file, Some(65_534), None).is_ok() {
            assert_eq!(slot.get(at("20260101T000000Z")), None);
        }
    }
}
