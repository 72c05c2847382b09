//! Where the answer's bytes go: standard output, or a file that appears once it is whole.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::line;
use crate::unfinished::{Unfinished, folder_of};

/// Takes the bytes as they come and changes none.
#[derive(Debug)]
pub enum Sink {
    /// Standard output.
    Stdout,
    /// A file that is not there before it is whole.
    File {
        /// Gone if it is dropped.
        unfinished: Unfinished,
        /// What it becomes.
        path: PathBuf,
    },
    /// A device or a pipe, which cannot be replaced.
    Device(File, PathBuf),
    /// A file that is gone on with, and stays there whatever happens.
    Rest {
        /// At its end; a new one is made with its first byte.
        file: Option<File>,
        /// Its name.
        path: PathBuf,
        /// What it becomes once it is whole.
        becomes: Option<PathBuf>,
    },
}

impl Sink {
    /// Opens the file to write to, or standard output.
    ///
    /// # Errors
    ///
    /// [`Exit::Write`] if that cannot be written to.
    pub fn open(file: Option<&Path>) -> Result<Self, Failure> {
        match file {
            None => Ok(Self::Stdout),
            Some(path) => Self::open_file(path).map_err(|error| cannot_write(path, error)),
        }
    }

    fn open_file(path: &Path) -> io::Result<Self> {
        if path.as_os_str().is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        // The file behind a symbolic link is the one to write.
        let path = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let there = fs::metadata(&path).ok();
        if there.as_ref().is_some_and(|there| !there.is_file()) {
            let device = File::options().write(true).open(&path)?;
            return Ok(Self::Device(device, path));
        }
        let unfinished = Unfinished::create_in(folder_of(&path))?;
        if let Some(there) = there {
            unfinished.file().set_permissions(there.permissions())?;
        }
        Ok(Self::File { unfinished, path })
    }

    /// Opens the file to go on with and tells how long it is. Where there is none yet, the bytes go to `FILE.part`, which
    /// becomes the file once it is whole and is gone on with if it does not.
    ///
    /// # Errors
    ///
    /// [`Exit::Write`] if that cannot be written to.
    pub fn resume(path: &Path) -> Result<(Self, u64), Failure> {
        let mut part = path.as_os_str().to_owned();
        part.push(".part");
        let part = PathBuf::from(part);
        let goes_on_with_file = path.exists() && !part.exists();
        let (path, becomes) = if goes_on_with_file {
            (path.to_owned(), None)
        } else {
            (part, Some(path.to_owned()))
        };
        let opened = match File::options().append(true).open(&path) {
            Ok(file) => file.metadata().map(|about| (about.len(), Some(file))),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok((0, None)),
            Err(error) => Err(error),
        };
        let (length, file) = opened.map_err(|error| cannot_write(&path, error))?;
        let sink = Self::Rest {
            file,
            path,
            becomes,
        };
        Ok((sink, length))
    }

    /// The file's name is to be another, in the same folder.
    pub fn rename(&mut self, name: &str) {
        if let Self::File { path, .. } = self {
            path.set_file_name(name);
        }
    }

    /// The name of the file.
    #[must_use]
    pub fn path(&self) -> Option<&Path> {
        match self {
            Self::Stdout => None,
            Self::File { path, .. } | Self::Device(_, path) => Some(path),
            Self::Rest { path, becomes, .. } => Some(becomes.as_deref().unwrap_or(path)),
        }
    }

    /// Whether what is laid out may have colour.
    #[must_use]
    pub fn has_colour(&self) -> bool {
        let is_unwanted = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        matches!(self, Self::Stdout) && !is_unwanted
    }

    /// Writes now, so that whoever reads the other end of a pipe gets it now.
    ///
    /// # Errors
    ///
    /// [`Exit::Write`].
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), Failure> {
        match self {
            Self::Stdout => {
                line::goes_on_with(bytes);
                let mut stdout = io::stdout().lock();
                stdout
                    .write_all(bytes)
                    .and_then(|()| stdout.flush())
                    .map_err(Failure::stdout)
            }
            Self::File { unfinished, path } => unfinished
                .write_all(bytes)
                .map_err(|error| cannot_write(path, error)),
            Self::Device(file, path) => file
                .write_all(bytes)
                .map_err(|error| cannot_write(path, error)),
            Self::Rest { file, path, .. } => opened(file, path)
                .and_then(|file| file.write_all(bytes))
                .map_err(|error| cannot_write(path, error)),
        }
    }

    /// The file's time is to be this one. A system that keeps no such times is no reason to fail.
    pub fn set_modified(&self, time: SystemTime) {
        let file = match self {
            Self::Stdout | Self::Device(..) => None,
            Self::File { unfinished, .. } => Some(unfinished.file()),
            Self::Rest { file, .. } => file.as_ref(),
        };
        if let Some(file) = file {
            let _ = file.set_modified(time);
        }
    }

    /// All is written: the file takes its name.
    ///
    /// # Errors
    ///
    /// [`Exit::Write`].
    pub fn finish(self) -> Result<(), Failure> {
        match self {
            Self::Stdout | Self::Device(..) => Ok(()),
            Self::Rest {
                mut file,
                path,
                becomes,
            } => match becomes {
                None => Ok(()),
                Some(becomes) => opened(&mut file, &path)
                    .and_then(|_| fs::rename(&path, &becomes))
                    .map_err(|error| cannot_write(&becomes, error)),
            },
            Self::File { unfinished, path } => unfinished
                .finish(&path)
                .map_err(|error| cannot_write(&path, error)),
        }
    }
}

fn opened<'a>(file: &'a mut Option<File>, path: &Path) -> io::Result<&'a mut File> {
    if file.is_none() {
        *file = Some(File::options().append(true).create(true).open(path)?);
    }
    file.as_mut().ok_or_else(|| io::ErrorKind::NotFound.into())
}

pub(crate) fn cannot_write(path: &Path, error: io::Error) -> Failure {
    Failure::because(
        Exit::Write,
        format!("cannot write '{}'", path.display()),
        error,
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_appears_once_it_is_whole() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("out");

        let mut sink = Sink::open(Some(&path)).unwrap();
        sink.write(b"\x00\xff\r\n").unwrap();
        assert!(!path.exists());
        sink.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"\x00\xff\r\n");

        let mut sink = Sink::open(Some(&path)).unwrap();
        sink.write(b"half").unwrap();
        drop(sink);
        assert_eq!(fs::read(&path).unwrap(), b"\x00\xff\r\n");
        assert_eq!(
            fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing is left behind"
        );
    }

    #[test]
    fn where_nothing_can_be_written() {
        for path in ["/nonexistent/out", "/", ""] {
            assert_eq!(
                Sink::open(Some(Path::new(path))).unwrap_err().exit(),
                Exit::Write,
                "{path:?}"
            );
        }
    }

    #[cfg(unix)]
    #[test]
    fn links_devices_and_permissions_are_kept() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let (path, link) = (folder.path().join("out"), folder.path().join("link"));
        fs::write(&path, "old").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o640)).unwrap();
        symlink(&path, &link).unwrap();

        let mut sink = Sink::open(Some(&link)).unwrap();
        sink.write(b"new").unwrap();
        sink.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"new");
        assert_eq!(
            fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o640
        );
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());

        let mut sink = Sink::open(Some(Path::new("/dev/null"))).unwrap();
        sink.write(b"x").unwrap();
        sink.finish().unwrap();
        assert!(!fs::metadata("/dev/null").unwrap().is_file());
    }
}
