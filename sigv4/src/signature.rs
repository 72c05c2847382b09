//! [`Signature`]: 32 bytes, 64 lower-case hexadecimal digits on the wire.

use core::fmt;
use core::str::FromStr;

use crate::crypto;
use crate::error::ParseError;

/// A signature that was computed, or one that a request claims.
///
/// * Prints and parses as 64 lower-case hexadecimal digits.
/// * `Debug` shows nothing: the signature of a request is a bearer token until it expires.
/// * Comparison takes the same time wherever two signatures differ.
#[derive(Clone, Copy)]
pub struct Signature([u8; 32]);

impl Signature {
    pub(crate) const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    pub(crate) fn parse(text: &[u8]) -> Result<Self, ParseError> {
        crypto::unhex(text).map(Self).ok_or(ParseError::Signature)
    }

    /// The 32 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    pub(crate) fn hex(&self) -> [u8; 64] {
        crypto::hex(&self.0)
    }
}

impl PartialEq for Signature {
    fn eq(&self, other: &Self) -> bool {
        crypto::ct_eq(&self.0, &other.0)
    }
}

impl Eq for Signature {}

impl FromStr for Signature {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text.as_bytes())
    }
}

impl fmt::Display for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(core::str::from_utf8(&self.hex()).unwrap_or_default())
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(redacted)")
    }
}
