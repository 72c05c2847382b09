//! A file that nobody sees before it is whole: without a name where the system has such files, else with a hidden one.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::Path;

use tempfile::NamedTempFile;

/// A file that is being written.
#[derive(Debug)]
pub enum Unfinished {
    /// Without a name: gone with the process, even if that is killed.
    #[cfg(target_os = "linux")]
    Nameless(File),
    /// Gone if it is dropped.
    Hidden(NamedTempFile),
}

impl Unfinished {
    /// A new one, for a name in `folder`.
    ///
    /// # Errors
    ///
    /// If no file can be made there.
    pub fn create_in(folder: &Path) -> io::Result<Self> {
        #[cfg(target_os = "linux")]
        if let Some(file) = nameless(folder) {
            return Ok(Self::Nameless(file));
        }
        builder().tempfile_in(folder).map(Self::Hidden)
    }

    /// The file.
    #[must_use]
    pub fn file(&self) -> &File {
        match self {
            #[cfg(target_os = "linux")]
            Self::Nameless(file) => file,
            Self::Hidden(temporary) => temporary.as_file(),
        }
    }

    /// Takes the name, and the place of whatever has it.
    ///
    /// # Errors
    ///
    /// If the name cannot be had; then nothing is left behind.
    pub fn finish(self, path: &Path) -> io::Result<()> {
        let temporary = match self {
            #[cfg(target_os = "linux")]
            Self::Nameless(file) => {
                // A link replaces nothing, a name of its own can.
                match builder().make_in(folder_of(path), |hidden| link(&file, hidden)) {
                    Ok(linked) => return linked.persist(path).map(drop).map_err(io::Error::from),
                    Err(_) => copied(&file, folder_of(path))?,
                }
            }
            Self::Hidden(temporary) => temporary,
        };
        temporary.persist(path).map(drop).map_err(io::Error::from)
    }
}

impl Write for Unfinished {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file().flush()
    }
}

/// The folder that a name is in.
#[must_use]
pub fn folder_of(path: &Path) -> &Path {
    path.parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or_else(|| Path::new("."))
}

/// `None` where the file system or the kernel has none, or it could not be given a name later.
#[cfg(target_os = "linux")]
fn nameless(folder: &Path) -> Option<File> {
    use rustix::fs::{Mode, OFlags};
    let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
    let file = rustix::fs::open(folder, flags, Mode::from_raw_mode(OPEN_TO_ALL)).ok()?;
    let file = File::from(file);
    fs::symlink_metadata(descriptor(&file))
        .is_ok()
        .then_some(file)
}

#[cfg(target_os = "linux")]
fn link(file: &File, path: &Path) -> io::Result<()> {
    use rustix::fs::{AtFlags, CWD};
    rustix::fs::linkat(CWD, descriptor(file), CWD, path, AtFlags::SYMLINK_FOLLOW)?;
    Ok(())
}

#[cfg(target_os = "linux")]
fn descriptor(file: &File) -> String {
    use std::os::fd::AsRawFd;
    format!("/proc/self/fd/{}", file.as_raw_fd())
}

/// Where a link is forbidden, the bytes have to move.
#[cfg(target_os = "linux")]
fn copied(mut file: &File, folder: &Path) -> io::Result<NamedTempFile> {
    use std::io::{Seek, SeekFrom};
    let mut temporary = builder().tempfile_in(folder)?;
    let about = file.metadata()?;
    file.seek(SeekFrom::Start(0))?;
    io::copy(&mut file, &mut temporary)?;
    temporary.as_file().set_permissions(about.permissions())?;
    if let Ok(modified) = about.modified() {
        temporary.as_file().set_modified(modified)?;
    }
    Ok(temporary)
}

/// Temporary files are private, but this one becomes an ordinary file: open to all that the umask allows.
fn builder<'a, 'b>() -> tempfile::Builder<'a, 'b> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".sigcurl-");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        builder.permissions(fs::Permissions::from_mode(OPEN_TO_ALL));
    }
    builder
}

#[cfg(unix)]
const OPEN_TO_ALL: u32 = 0o666;

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn either_kind_replaces_what_is_there_and_leaves_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");
        let hidden = || Unfinished::Hidden(builder().tempfile_in(folder.path()).unwrap());
        let any = || Unfinished::create_in(folder.path()).unwrap();
        for (text, make) in [
            ("1", &any as &dyn Fn() -> Unfinished),
            ("2", &any),
            ("3", &hidden),
            ("4", &hidden),
        ] {
            let mut file = make();
            file.write_all(text.as_bytes()).unwrap();
            drop(make());
            file.finish(&path).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
            assert_eq!(names(folder.path()), ["out"]);
        }
        assert!(any().finish(&folder.path().join("none/out")).is_err());
        assert_eq!(names(folder.path()), ["out"]);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_copy_is_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let Some(mut file) = nameless(folder.path()) else {
            panic!("this file system has no nameless files; a kernel's /tmp does");
        };
        file.write_all(b"bytes").unwrap();
        let path = folder.path().join("out");
        copied(&file, folder.path())
            .unwrap()
            .persist(&path)
            .unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"bytes");
    }
}
