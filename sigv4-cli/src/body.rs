//! Where the request's body comes from, and reading it.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::PathBuf;

use bytes::Bytes;

use crate::exit::Exit;
use crate::failure::Failure;

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

    /// The body's bytes: the parts joined with `&`, each unchanged.
    ///
    /// # Errors
    ///
    /// [`Exit::Read`] for a file that is not there or cannot be read.
    pub fn read(&self) -> Result<Bytes, Failure> {
        let mut body = Vec::new();
        for (index, part) in self.parts.iter().enumerate() {
            if index > 0 {
                body.push(b'&');
            }
            part.append_to(&mut body)?;
        }
        Ok(body.into())
    }
}

impl Part {
    fn new(value: &OsStr) -> Self {
        match value.as_encoded_bytes().strip_prefix(b"@") {
            None => Self::Text(value.as_encoded_bytes().to_vec()),
            Some(b"-") => Self::Stdin,
            Some(_) => Self::File(without_at(value)),
        }
    }

    fn append_to(&self, body: &mut Vec<u8>) -> Result<(), Failure> {
        match self {
            Self::Text(text) => body.extend_from_slice(text),
            Self::File(path) => {
                let read = std::fs::File::open(path).and_then(|mut file| file.read_to_end(body));
                read.map_err(|error| {
                    Failure::because(
                        Exit::Read,
                        format!("cannot read '{}' (from -d @file)", path.display()),
                        error,
                    )
                })?;
            }
            Self::Stdin => {
                let read = std::io::stdin().lock().read_to_end(body);
                read.map_err(|error| {
                    Failure::because(Exit::Read, "cannot read standard input (from -d @-)", error)
                })?;
            }
        }
        Ok(())
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

    fn source(data: &[&str]) -> BodySource {
        BodySource::new(&data.iter().map(OsString::from).collect::<Vec<_>>())
    }

    #[test]
    fn no_byte_is_changed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"\x00\r\n\xff\n").unwrap();
        let at = format!("@{}", file.path().display());

        assert_eq!(source(&["a\r\n"]).read().unwrap(), "a\r\n");
        assert_eq!(source(&[&at]).read().unwrap(), b"\x00\r\n\xff\n".as_slice());
        assert_eq!(
            source(&["a=1", &at, ""]).read().unwrap(),
            b"a=1&\x00\r\n\xff\n&".as_slice()
        );
    }

    #[test]
    fn an_empty_body_is_one() {
        assert!(!source(&[]).is_given());
        assert!(source(&[""]).is_given());
        assert_eq!(source(&[""]).read().unwrap(), "");
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
