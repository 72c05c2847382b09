//! A folder → a ZIP archive, the same bytes for the same files: sorted by name, without times, the executable bit kept.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::DeflateEncoder;

use crate::exit::Exit;
use crate::failure::Failure;

/// The archive of everything in `folder`.
///
/// # Errors
///
/// * [`Exit::Usage`] for an empty folder, links to folders, and what is too large.
/// * [`Exit::Read`] for what cannot be read.
pub(crate) fn archive(folder: &Path) -> Result<Vec<u8>, Failure> {
    let mut files = Vec::new();
    collect(folder, "", &mut files)?;
    if files.is_empty() {
        return Err(Failure::usage(format!(
            "'{}' has no files in it",
            folder.display()
        )));
    }
    files.sort();
    let mut archive = Archive::default();
    for (name, path) in files {
        archive.add(&name, &path)?;
    }
    archive.finish()
}

/// # Errors
///
/// If Lambda would not take so much in a request.
pub(crate) fn check_size(length: usize, what: &Path) -> Result<(), Failure> {
    if length <= MOST {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "'{}' is {length} bytes zipped: Lambda takes at most {MOST} (50 MB) in a request; put it into S3 and give s3://BUCKET/KEY",
        what.display()
    )))
}

fn collect(folder: &Path, prefix: &str, files: &mut Vec<(String, PathBuf)>) -> Result<(), Failure> {
    let unread = |error| unreadable(folder, error);
    for entry in fs::read_dir(folder).map_err(unread)? {
        let path = entry.map_err(unread)?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| {
            Failure::usage(format!("'{}': the name is not UTF-8", path.display()))
        })?;
        let name = format!("{prefix}{name}");
        let is_link = path.is_symlink();
        let about = fs::metadata(&path).map_err(|error| unreadable(&path, error))?;
        if about.is_dir() && is_link {
            return Err(Failure::usage(format!(
                "'{}' is a symbolic link to a folder, which is not followed (give a ZIP archive instead)",
                path.display()
            )));
        }
        if about.is_dir() {
            collect(&path, &format!("{name}/"), files)?;
        } else if about.is_file() {
            files.push((name, path));
        } else {
            return Err(Failure::usage(format!(
                "'{}' is neither a file nor a folder",
                path.display()
            )));
        }
    }
    Ok(())
}

fn unreadable(path: &Path, error: std::io::Error) -> Failure {
    Failure::because(
        Exit::Read,
        format!("cannot read '{}' (from --code)", path.display()),
        error,
    )
}

#[derive(Debug, Default)]
struct Archive {
    bytes: Vec<u8>,
    directory: Vec<u8>,
    entries: u16,
    unpacked: usize,
}

impl Archive {
    fn add(&mut self, name: &str, path: &Path) -> Result<(), Failure> {
        let content = fs::read(path).map_err(|error| unreadable(path, error))?;
        self.unpacked += content.len();
        if self.unpacked > MOST_UNPACKED {
            return Err(Failure::usage(format!(
                "the files are more than {MOST_UNPACKED} bytes (250 MB), which is the most that Lambda unpacks"
            )));
        }
        let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
        let packed = encoder.write_all(&content).and_then(|()| encoder.finish());
        let packed = packed.map_err(|error| unreadable(path, error))?;
        let too_large = |_| Failure::usage(format!("'{}' is too large", path.display()));
        let name_length = u16::try_from(name.len()).map_err(too_large)?;

        // What both headers have in common: version, UTF-8 names, deflate, the earliest time, checksum, sizes, lengths.
        let mut common = Vec::new();
        for number in [20, 1 << 11, 8, 0, (1 << 5) | 1] {
            common.extend(u16::to_le_bytes(number));
        }
        common.extend(crc32fast::hash(&content).to_le_bytes());
        for length in [packed.len(), content.len()] {
            common.extend(u32::try_from(length).map_err(too_large)?.to_le_bytes());
        }
        common.extend(name_length.to_le_bytes());
        common.extend([0, 0]);

        let offset = u32::try_from(self.bytes.len()).map_err(too_large)?;
        self.bytes.extend(b"PK\x03\x04");
        self.bytes.extend(&common);
        self.bytes.extend(name.as_bytes());
        self.bytes.extend(packed);

        // Made on Unix, lest the permissions be ignored.
        self.directory.extend(b"PK\x01\x02\x14\x03");
        self.directory.extend(&common);
        self.directory.extend([0; 6]);
        self.directory.extend((mode(path) << 16).to_le_bytes());
        self.directory.extend(offset.to_le_bytes());
        self.directory.extend(name.as_bytes());
        self.entries = self
            .entries
            .checked_add(1)
            .ok_or_else(|| Failure::usage("more than 65535 files"))?;
        Ok(())
    }

    fn finish(self) -> Result<Vec<u8>, Failure> {
        let Self {
            mut bytes,
            directory,
            entries,
            ..
        } = self;
        let too_large = |_| Failure::usage("the archive is too large");
        let offset = u32::try_from(bytes.len()).map_err(too_large)?;
        let length = u32::try_from(directory.len()).map_err(too_large)?;
        bytes.extend(directory);
        bytes.extend(b"PK\x05\x06\0\0\0\0");
        bytes.extend(entries.to_le_bytes());
        bytes.extend(entries.to_le_bytes());
        bytes.extend(length.to_le_bytes());
        bytes.extend(offset.to_le_bytes());
        bytes.extend([0, 0]);
        Ok(bytes)
    }
}

/// Type and permissions: readable by all, and executable if it is for its owner.
#[cfg(unix)]
fn mode(path: &Path) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    let is_executable =
        fs::metadata(path).is_ok_and(|about| about.permissions().mode() & 0o100 != 0);
    if is_executable { 0o100_755 } else { 0o100_644 }
}

/// Elsewhere no file says so, and what has to be executable is more likely meant than not.
#[cfg(not(unix))]
fn mode(_: &Path) -> u32 {
    0o100_755
}

/// Lambda's limits.
const MOST: usize = 50 * 1024 * 1024;
const MOST_UNPACKED: usize = 250 * 1024 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(names: &[&str]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, name.repeat(100)).unwrap();
        }
        folder
    }

    /// Read by another implementation in the interop tests.
    #[test]
    fn the_same_files_make_the_same_bytes() {
        let names = ["a.py", "é.txt", "z/b", "z/a/c"];
        let one = archive(folder(&names).path()).unwrap();
        let reversed: Vec<_> = names.into_iter().rev().collect();
        assert_eq!(one, archive(folder(&reversed).path()).unwrap());
        let at = |name: &str| one.windows(name.len()).position(|it| it == name.as_bytes());
        let places: Vec<_> = ["a.py", "z/a/c", "z/b", "é.txt"].map(at).into();
        assert!(places.is_sorted() && places[0] == Some(30), "{places:?}");
        assert!(archive(folder(&[]).path()).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn links_and_permissions() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = folder(&["bootstrap", "lib/a"]);
        let path = |name: &str| folder.path().join(name);
        let mode = 0o100_755_u32 << 16;
        let has = |archive: &[u8], mode: u32| archive.windows(4).any(|it| it == mode.to_le_bytes());
        assert!(!has(&archive(folder.path()).unwrap(), mode));
        fs::set_permissions(path("bootstrap"), fs::Permissions::from_mode(0o700)).unwrap();
        assert!(has(&archive(folder.path()).unwrap(), mode));

        symlink(path("lib/a"), path("link")).unwrap();
        assert!(
            archive(folder.path()).is_ok(),
            "as the file that it leads to"
        );
        symlink(path("lib"), path("folder")).unwrap();
        let failure = archive(folder.path()).unwrap_err().to_string();
        assert!(failure.contains("symbolic link to a folder"), "{failure}");
    }
}
