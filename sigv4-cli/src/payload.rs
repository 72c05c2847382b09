//! A body to send: in memory if it is small, else in a file that is read once to hash it and once to send it.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::Path;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use bytes::Bytes;
use sha2::{Digest, Sha256};
use sigv4::PayloadHash;

use crate::exit::Exit;
use crate::failure::Failure;

/// What is larger than this is not held in memory, in bytes.
pub const IN_MEMORY: u64 = 1 << 20;

/// A body, which can be read as often as need be: for its hash, for each try and for each redirect.
#[derive(Debug, Clone)]
pub enum Body {
    /// In memory.
    Bytes(Bytes),
    /// In a file.
    File(Arc<FileBody>),
}

/// An open file of known length. Whoever replaces it under its name changes nothing here.
#[derive(Debug)]
pub struct FileBody {
    file: File,
    /// For messages.
    name: String,
    length: u64,
    modified: Option<SystemTime>,
    hash: OnceLock<PayloadHash>,
}

impl Body {
    /// No bytes.
    #[must_use]
    pub const fn empty() -> Self {
        Self::Bytes(Bytes::new())
    }

    /// The file at `path`. One that has no length, such as a pipe, is copied first.
    ///
    /// # Errors
    ///
    /// From opening and reading it.
    pub fn open(path: &Path) -> io::Result<Self> {
        let mut file = File::open(path)?;
        let about = file.metadata()?;
        if about.is_file() && about.len() > IN_MEMORY {
            return Self::file(file, path.display().to_string());
        }
        let mut spool = Spool::new();
        spool.copy_from(&mut file)?;
        spool.finish()
    }

    fn file(file: File, name: String) -> io::Result<Self> {
        let about = file.metadata()?;
        Ok(Self::File(Arc::new(FileBody {
            name,
            length: about.len(),
            modified: about.modified().ok(),
            hash: OnceLock::new(),
            file,
        })))
    }

    /// Its length, in bytes.
    #[must_use]
    pub fn len(&self) -> u64 {
        match self {
            Self::Bytes(bytes) => u64::try_from(bytes.len()).unwrap_or(u64::MAX),
            Self::File(file) => file.length,
        }
    }

    /// Whether there are no bytes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The first byte.
    #[must_use]
    pub fn first(&self) -> Option<u8> {
        let mut byte = [0];
        match self {
            Self::Bytes(bytes) => bytes.first().copied(),
            Self::File(file) => (file.read_at(0, &mut byte).ok()? == 1).then_some(byte[0]),
        }
    }

    /// The hash of all bytes; a file is read for it once.
    ///
    /// # Errors
    ///
    /// [`Exit::Read`] if the file cannot be read or has changed.
    pub fn hash(&self) -> Result<PayloadHash, Failure> {
        match self {
            Self::Bytes(bytes) => Ok(PayloadHash::of(bytes)),
            Self::File(file) => file.hash(),
        }
    }

    /// At most `wanted` bytes from `at` on; none at the end only.
    ///
    /// # Errors
    ///
    /// If a file cannot be read, or has changed since it was opened.
    pub fn read_at(&self, at: u64, wanted: usize) -> io::Result<Bytes> {
        match self {
            Self::Bytes(bytes) => {
                let at = usize::try_from(at).unwrap_or(usize::MAX).min(bytes.len());
                Ok(bytes.slice(at..at.saturating_add(wanted).min(bytes.len())))
            }
            Self::File(file) => {
                let rest = usize::try_from(file.length.saturating_sub(at)).unwrap_or(usize::MAX);
                let mut buffer = vec![0; wanted.min(rest)];
                let read = file.read_at(at, &mut buffer)?;
                if (read == 0 && rest > 0) || !file.is_unchanged()? {
                    return Err(io::Error::other(Changed(file.name.clone())));
                }
                buffer.truncate(read);
                Ok(buffer.into())
            }
        }
    }
}

impl From<Bytes> for Body {
    fn from(bytes: Bytes) -> Self {
        Self::Bytes(bytes)
    }
}

impl From<&'static str> for Body {
    fn from(text: &'static str) -> Self {
        Self::Bytes(Bytes::from_static(text.as_bytes()))
    }
}

impl FileBody {
    fn hash(&self) -> Result<PayloadHash, Failure> {
        if let Some(hash) = self.hash.get() {
            return Ok(*hash);
        }
        let hash = self.hash_now().map_err(|error| {
            Failure::because(Exit::Read, format!("cannot read '{}'", self.name), error)
        })?;
        Ok(*self.hash.get_or_init(|| hash))
    }

    fn hash_now(&self) -> io::Result<PayloadHash> {
        let mut hasher = Sha256::new();
        let mut buffer = vec![0; CHUNK];
        let mut at = 0;
        loop {
            let read = self.read_at(at, &mut buffer)?;
            if read == 0 {
                break;
            }
            hasher.update(buffer.get(..read).unwrap_or_default());
            at += u64::try_from(read).unwrap_or_default();
        }
        if at != self.length || !self.is_unchanged()? {
            return Err(io::Error::other(Changed(self.name.clone())));
        }
        Ok(PayloadHash::Sha256(hasher.finalize().into()))
    }

    fn read_at(&self, at: u64, buffer: &mut [u8]) -> io::Result<usize> {
        let mut file = &self.file;
        file.seek(SeekFrom::Start(at))?;
        loop {
            match file.read(buffer) {
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                outcome => return outcome,
            }
        }
    }

    fn is_unchanged(&self) -> io::Result<bool> {
        let now = self.file.metadata()?;
        Ok(now.len() == self.length && now.modified().ok() == self.modified)
    }
}

/// The file is not what was hashed any more.
#[derive(Debug)]
pub(crate) struct Changed(String);

impl std::fmt::Display for Changed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "'{}' changed while it was being sent", self.0)
    }
}

impl std::error::Error for Changed {}

/// Collects a body of unknown length: in memory at first, then in a private file that has no name.
#[derive(Debug, Default)]
pub struct Spool {
    memory: Vec<u8>,
    file: Option<File>,
}

impl Spool {
    /// Nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self {
            memory: Vec::new(),
            file: None,
        }
    }

    /// Adds all that `reader` has.
    ///
    /// # Errors
    ///
    /// From reading it, and from writing the temporary file.
    pub fn copy_from(&mut self, reader: &mut dyn Read) -> io::Result<()> {
        let mut buffer = vec![0; CHUNK];
        loop {
            match reader.read(&mut buffer) {
                Ok(0) => return Ok(()),
                Ok(read) => self.write(buffer.get(..read).unwrap_or_default())?,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Adds bytes.
    ///
    /// # Errors
    ///
    /// From writing the temporary file.
    pub fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        if let Some(file) = &mut self.file {
            return file.write_all(bytes);
        }
        self.memory.extend_from_slice(bytes);
        if u64::try_from(self.memory.len()).is_ok_and(|length| length > IN_MEMORY) {
            // Readable by its owner only, and gone with the process however that ends.
            let mut file = private_file()?;
            file.write_all(&self.memory)?;
            self.memory = Vec::new();
            self.file = Some(file);
        }
        Ok(())
    }

    /// The body.
    ///
    /// # Errors
    ///
    /// If the temporary file is lost.
    pub fn finish(self) -> io::Result<Body> {
        match self.file {
            None => Ok(Bytes::from(self.memory).into()),
            Some(file) => Body::file(file, "the temporary copy of the body".to_owned()),
        }
    }
}

#[cfg(unix)]
fn private_file() -> io::Result<File> {
    use std::os::unix::fs::PermissionsExt;
    let file = tempfile::tempfile()?;
    file.set_permissions(std::fs::Permissions::from_mode(0o600))?;
    Ok(file)
}

#[cfg(not(unix))]
fn private_file() -> io::Result<File> {
    tempfile::tempfile()
}

/// How much of a file is read at once, in bytes.
pub(crate) const CHUNK: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn spooled(length: usize) -> Body {
        let mut spool = Spool::new();
        let bytes: Vec<_> = (0..length).map(|i| (i % 251) as u8).collect();
        spool.copy_from(&mut bytes.as_slice()).unwrap();
        spool.finish().unwrap()
    }

    #[test]
    fn small_in_memory_large_in_a_file() {
        assert!(matches!(spooled(1 << 20), Body::Bytes(_)));
        let large = spooled((1 << 20) + 1);
        assert!(matches!(large, Body::File(_)));
        assert_eq!(large.len(), (1 << 20) + 1);
        assert_eq!(large.first(), Some(0));
        assert_eq!(large.read_at(250, 2).unwrap(), [250, 0].as_slice());
        assert_eq!(large.read_at(1 << 20, 9).unwrap().len(), 1);
        assert_eq!(large.read_at((1 << 20) + 1, 9).unwrap().len(), 0);
        let bytes: Vec<_> = (0..=1 << 20).map(|i| (i % 251) as u8).collect();
        assert_eq!(large.hash().unwrap(), PayloadHash::of(&bytes));
    }

    #[test]
    fn a_file_that_changes_is_an_error() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), vec![1; 2 << 20]).unwrap();
        let body = Body::open(file.path()).unwrap();
        body.hash().unwrap();
        body.read_at(0, 10).unwrap();
        std::fs::write(file.path(), vec![1; 1 << 20]).unwrap();
        for at in [0, 1 << 20] {
            let error = body.read_at(at, 10).unwrap_err();
            assert!(error.to_string().contains("changed"), "{error}");
        }
        assert_eq!(
            Body::open(Path::new("/nonexistent")).unwrap_err().kind(),
            io::ErrorKind::NotFound
        );
    }
}
