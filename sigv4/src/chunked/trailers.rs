//! The trailers of a body that arrives: which may come, which have come, whether they are right.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::checksum::{ChecksumAlgorithm, Running};
use super::payload::is_trailer_value;
use crate::crypto::Hasher;
use crate::error::ChunkError;
use crate::request::trim;

const PREFIX: &[u8] = b"x-amz-checksum-";
/// The most that may be declared: S3 knows five checksums.
const MAX_DECLARED: usize = 16;

/// A trailer that `x-amz-trailer` declares.
struct Declared {
    name: String,
    value: Option<String>,
    /// The checksum, if it is of a kind that is known.
    running: Option<Running>,
}

/// The declared trailers.
pub(super) struct Trailers {
    declared: Vec<Declared>,
    /// Over the canonical lines, each `name:value` and a line feed.
    canonical: Hasher,
}

impl Trailers {
    pub(super) fn none() -> Self {
        Self {
            declared: Vec::new(),
            canonical: Hasher::default(),
        }
    }

    /// Reads the value of `x-amz-trailer`: checksums, separated by commas.
    ///
    /// Where the chunks are not signed, a checksum of a kind that is known is all that says anything of the body, so
    /// that each must be one.
    pub(super) fn declared(value: &[u8], chunks_are_signed: bool) -> Result<Self, ChunkError> {
        let mut this = Self::none();
        for name in value.split(|b| *b == b',') {
            let name = trim(name).to_ascii_lowercase();
            let known = ChecksumAlgorithm::for_trailer(&name);
            let good = name.starts_with(PREFIX) && (known.is_some() || chunks_are_signed);
            if !good || this.find(&name).is_some() || this.declared.len() >= MAX_DECLARED {
                return Err(ChunkError::Trailer);
            }
            this.declared.push(Declared {
                name: String::from_utf8(name).map_err(|_| ChunkError::Trailer)?,
                value: None,
                running: known.map(Running::new),
            });
        }
        Ok(this)
    }

    fn find(&mut self, lower_case_name: &[u8]) -> Option<&mut Declared> {
        self.declared
            .iter_mut()
            .find(|trailer| trailer.name.as_bytes() == lower_case_name)
    }

    /// Takes a piece of the body.
    pub(super) fn update(&mut self, data: &[u8]) {
        for running in self.declared.iter_mut().filter_map(|t| t.running.as_mut()) {
            running.update(data);
        }
    }

    /// Takes a line of the trailers, without its line break.
    pub(super) fn line(&mut self, line: &[u8]) -> Result<(), ChunkError> {
        let colon = line
            .iter()
            .position(|b| *b == b':')
            .ok_or(ChunkError::Trailer)?;
        let (name, value) = line.split_at_checked(colon).ok_or(ChunkError::Trailer)?;
        let value = trim(value.get(1..).unwrap_or_default());
        let name = name.to_ascii_lowercase();
        let trailer = self.find(&name).ok_or(ChunkError::Trailer)?;
        if trailer.value.is_some() || !is_trailer_value(value) {
            return Err(ChunkError::Trailer);
        }
        trailer.value = core::str::from_utf8(value).ok().map(ToString::to_string);
        for piece in [&name, b":".as_slice(), value, b"\n"] {
            self.canonical.update(piece);
        }
        Ok(())
    }

    /// The hash of the trailers that have come, for their signature.
    pub(super) fn hash(&self) -> [u8; 32] {
        self.canonical.clone().finish()
    }

    /// Whether any has come.
    pub(super) fn any(&self) -> bool {
        self.declared.iter().any(|trailer| trailer.value.is_some())
    }

    /// Whether all have come.
    pub(super) fn all(&self) -> bool {
        self.declared.iter().all(|trailer| trailer.value.is_some())
    }

    /// Compares the checksums with those of the body.
    pub(super) fn check(&mut self) -> Result<(), ChunkError> {
        for Declared { value, running, .. } in &mut self.declared {
            let computed = running.take().map(Running::finish);
            if computed.is_some() && computed != *value {
                return Err(ChunkError::Checksum);
            }
        }
        Ok(())
    }

    /// Those that have come.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.declared
            .iter()
            .filter_map(|trailer| Some((trailer.name.as_str(), trailer.value.as_deref()?)))
    }
}
