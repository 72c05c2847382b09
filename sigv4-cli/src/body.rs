//! Where the request's body comes from, and reading it.

mod form;
mod urlencode;

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::{Path, PathBuf};

pub use self::form::form;
pub use self::urlencode::{encode, urlencode};
use crate::args::DataKind;
use crate::argv::words;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::payload::{Body, Spool};

/// A body as the options describe it, not yet read: texts, files and standard input, one behind the other.
///
/// Whatever the option, a body is such a sequence, so that reading (or streaming) it is in one place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BodySource {
    parts: Vec<Part>,
    given: bool,
}

/// A stretch of a body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// These bytes.
    Text(Vec<u8>),
    /// A file's bytes.
    File {
        /// Where it is.
        path: PathBuf,
        /// The option that names it, for messages.
        from: &'static str,
    },
    /// Standard input, to its end.
    Stdin {
        /// The option that names it, for messages.
        from: &'static str,
    },
    /// The percent-encoded bytes of a file or of standard input.
    Encoded(Box<Self>),
}

impl BodySource {
    /// The data options in order. Touches no file.
    ///
    /// * Each but `--json` is joined to what comes before it with `&`.
    /// * `@-`, `@FILE` and text are read off the values; each goes unchanged.
    #[must_use]
    pub fn new(data: &[(DataKind, OsString)]) -> Self {
        let mut parts = Vec::new();
        for (index, (kind, value)) in data.iter().enumerate() {
            if index > 0 && *kind != DataKind::Json {
                parts.push(Part::Text(b"&".to_vec()));
            }
            match kind {
                DataKind::Data => parts.push(Part::new(value, "-d @file", "-d @-")),
                DataKind::Json => parts.push(Part::new(value, "--json @file", "--json @-")),
                DataKind::Raw => parts.push(Part::Text(value.as_encoded_bytes().to_vec())),
                DataKind::Urlencode => parts.extend(urlencode(value)),
            }
        }
        Self {
            parts,
            given: !data.is_empty(),
        }
    }

    /// A whole file, or with `-` standard input: `-T`.
    #[must_use]
    pub fn upload(file: &OsStr) -> Self {
        let from = "-T";
        let part = if file == "-" || file == "." {
            Part::Stdin { from }
        } else {
            Part::File {
                path: file.into(),
                from,
            }
        };
        Self::of(vec![part])
    }

    /// A body of these parts.
    #[must_use]
    pub const fn of(parts: Vec<Part>) -> Self {
        Self { parts, given: true }
    }

    /// The file that is the whole body, if one is.
    #[must_use]
    pub fn file(&self) -> Option<&Path> {
        match self.parts.as_slice() {
            [Part::File { path, .. }] => Some(path),
            _ => None,
        }
    }

    /// Whether there is a body at all; it may be an empty one.
    #[must_use]
    pub const fn is_given(&self) -> bool {
        self.given
    }

    /// The body: the parts one behind the other, each unchanged. A file alone stays where it is.
    ///
    /// # Errors
    ///
    /// [`Exit::Read`] for a file that is not there or cannot be read.
    pub fn read(&self) -> Result<Body, Failure> {
        if let [Part::File { path, from }] = self.parts.as_slice() {
            return Body::open(path).map_err(|error| unreadable(path, from, error));
        }
        let mut spool = Spool::new();
        for part in &self.parts {
            part.append_to(&mut spool)?;
        }
        spool.finish().map_err(no_room)
    }

    /// The same in memory, for what is to go into a query or is read as text.
    ///
    /// # Errors
    ///
    /// As [`read`](Self::read).
    pub fn read_to_memory(&self) -> Result<Vec<u8>, Failure> {
        let mut bytes = Vec::new();
        for part in &self.parts {
            part.append_to_memory(&mut bytes)?;
        }
        Ok(bytes)
    }
}

fn unreadable(path: &Path, from: &str, error: std::io::Error) -> Failure {
    let what = format!("cannot read '{}' (from {from})", path.display());
    Failure::because(Exit::Read, what, error)
}

fn unreadable_input(from: &str, error: std::io::Error) -> Failure {
    let what = format!("cannot read standard input (from {from})");
    Failure::because(Exit::Read, what, error)
}

fn no_room(error: std::io::Error) -> Failure {
    Failure::because(
        Exit::Read,
        "cannot keep the body in a temporary file",
        error,
    )
}

impl Part {
    /// `@-`, `@FILE` or text.
    fn new(value: &OsStr, file: &'static str, stdin: &'static str) -> Self {
        match value.as_encoded_bytes().strip_prefix(b"@") {
            None => Self::Text(value.as_encoded_bytes().to_vec()),
            Some(b"-") => Self::Stdin { from: stdin },
            Some(_) => Self::File {
                path: words::from(value, 1).into(),
                from: file,
            },
        }
    }

    fn append_to(&self, body: &mut Spool) -> Result<(), Failure> {
        match self {
            Self::Text(text) => body.write(text).map_err(no_room),
            Self::File { path, from } => std::fs::File::open(path)
                .and_then(|mut file| body.copy_from(&mut file))
                .map_err(|error| unreadable(path, from, error)),
            Self::Stdin { from } => body
                .copy_from(&mut std::io::stdin().lock())
                .map_err(|error| unreadable_input(from, error)),
            Self::Encoded(_) => {
                let mut bytes = Vec::new();
                self.append_to_memory(&mut bytes)?;
                body.write(&bytes).map_err(no_room)
            }
        }
    }

    fn append_to_memory(&self, body: &mut Vec<u8>) -> Result<(), Failure> {
        match self {
            Self::Text(text) => body.extend_from_slice(text),
            Self::File { path, from } => {
                std::fs::File::open(path)
                    .and_then(|mut file| file.read_to_end(body))
                    .map_err(|error| unreadable(path, from, error))?;
            }
            Self::Stdin { from } => {
                std::io::stdin()
                    .lock()
                    .read_to_end(body)
                    .map_err(|error| unreadable_input(from, error))?;
            }
            Self::Encoded(part) => {
                let mut bytes = Vec::new();
                part.append_to_memory(&mut bytes)?;
                body.extend_from_slice(encode(&bytes).as_bytes());
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(data: &[&str]) -> BodySource {
        let data = data.iter().map(|data| (DataKind::Data, data.into()));
        BodySource::new(&data.collect::<Vec<_>>())
    }

    #[test]
    fn no_byte_is_changed() {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), b"\x00\r\n\xff\n").unwrap();
        let at = format!("@{}", file.path().display());

        assert_eq!(
            source(&["a\r\n"]).read().unwrap().read_at(0, 100).unwrap(),
            "a\r\n"
        );
        assert_eq!(
            source(&[&at]).read().unwrap().read_at(0, 100).unwrap(),
            b"\x00\r\n\xff\n".as_slice()
        );
        assert_eq!(
            source(&["a=1", &at, ""])
                .read()
                .unwrap()
                .read_at(0, 100)
                .unwrap(),
            b"a=1&\x00\r\n\xff\n&".as_slice()
        );
    }

    #[test]
    fn an_empty_body_is_one() {
        assert!(!source(&[]).is_given());
        assert!(source(&[""]).is_given());
        assert_eq!(source(&[""]).read().unwrap().read_at(0, 100).unwrap(), "");
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
