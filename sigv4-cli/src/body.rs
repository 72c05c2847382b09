//! Where the request's body comes from, and reading it.

use std::ffi::{OsStr, OsString};
use std::path::PathBuf;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::payload::{Body, Spool};

/// The `-d` options in order, not yet read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BodySource {
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(Vec<u8>),
    File(PathBuf),
    Stdin,
}

impl BodySource {
    /// Reads `@-`, `@FILE` and text off the values of `-d`. Touches no file.
    #[must_use]
    pub fn new(data: &[OsString]) -> Self {
        Self {
            parts: data.iter().map(|value| Part::new(value)).collect(),
        }
    }

    /// Whether there is a body at all; it may be an empty one.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        !self.parts.is_empty()
    }

    /// The body: the parts joined with `&`, each unchanged. A file alone stays where it is.
    ///
    /// # Errors
    ///
    /// [`Exit::Read`] for a file that is not there or cannot be read.
    pub fn read(&self) -> Result<Body, Failure> {
        if let [Part::File(path)] = self.parts.as_slice() {
            return Body::open(path).map_err(|error| unreadable(path, error));
        }
        let mut spool = Spool::new();
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                spool.write(b"&").map_err(no_room)?;
            }
            part.append_to(&mut spool)?;
        }
        spool.finish().map_err(no_room)
    }
}

fn unreadable(path: &std::path::Path, error: std::io::Error) -> Failure {
    Failure::because(
        Exit::Read,
        format!("cannot read '{}' (from -d @file)", path.display()),
        error,
    )
}

fn no_room(error: std::io::Error) -> Failure {
    Failure::because(
        Exit::Read,
        "cannot keep the body in a temporary file",
        error,
    )
}

impl Part {
    fn new(value: &OsStr) -> Self {
        match value.as_encoded_bytes().strip_prefix(b"@") {
            None => Self::Text(value.as_encoded_bytes().to_vec()),
            Some(b"-") => Self::Stdin,
            Some(_) => Self::File(without_at(value)),
        }
    }

    fn append_to(&self, body: &mut Spool) -> Result<(), Failure> {
        match self {
            Self::Text(text) => body.write(text).map_err(no_room),
            Self::File(path) => std::fs::File::open(path)
                .and_then(|mut file| body.copy_from(&mut file))
                .map_err(|error| unreadable(path, error)),
            Self::Stdin => body
                .copy_from(&mut std::io::stdin().lock())
                .map_err(|error| {
                    Failure::because(Exit::Read, "cannot read standard input (from -d @-)", error)
                }),
        }
    }
}

/// The file name behind the `@`, whatever bytes it has.
#[cfg(unix)]
fn without_at(value: &OsStr) -> PathBuf {
    use std::os::unix::ffi::OsStrExt;
    PathBuf::from(OsStr::from_bytes(
        value.as_bytes().get(1..).unwrap_or_default(),
    ))
}

/// The file name behind the `@`.
#[cfg(not(unix))]
fn without_at(value: &OsStr) -> PathBuf {
    PathBuf::from(value.to_string_lossy().chars().skip(1).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(data: &[&str]) -> bytes::Bytes {
        source(data).read().unwrap().read_at(0, 100).unwrap()
    }

    fn source(data: &[&str]) -> BodySource {
        BodySource::new(&data.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn no_byte_is_changed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"\x00\r\n\xff\n").unwrap();
        let at = format!("@{}", file.path().display());

        assert_eq!(bytes(&["a\r\n"]), "a\r\n");
        assert_eq!(bytes(&[&at]), b"\x00\r\n\xff\n".as_slice());
        assert_eq!(bytes(&["a=1", &at, ""]), b"a=1&\x00\r\n\xff\n&".as_slice());
    }

    #[test]
    fn an_empty_body_is_one() {
        assert!(!source(&[]).is_given());
        assert!(source(&[""]).is_given());
        assert_eq!(bytes(&[""]), "");
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for data in ["@/nonexistent/file", "@", "@/"] {
            let failure = source(&[data]).read().unwrap_err();
            assert_eq!(failure.exit(), Exit::Read);
            assert!(
                failure
                    .to_string()
                    .starts_with(&format!("cannot read '{}'", &data[1..])),
                "{failure}"
            );
        }
    }
}
