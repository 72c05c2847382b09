//! [`PayloadHash`]: the last line of a canonical request.

use core::fmt;
use core::str::FromStr;

use crate::crypto;
use crate::error::ParseError;

/// What a signature says about the body: its hash, or a word that says why there is none.
///
/// * Prints and parses as it stands on the last line of a canonical request and in `x-amz-content-sha256`.
/// * A hash is 64 lower-case hexadecimal digits; anything that is neither a hash nor a known word is refused.
///
/// Implements *Signature calculations for the Authorization header: transferring payload* of the Amazon S3 API
/// Reference.
///
/// ```
/// use sigv4::PayloadHash;
///
/// assert_eq!(PayloadHash::of(b""), PayloadHash::EMPTY);
/// assert_eq!("UNSIGNED-PAYLOAD".parse::<PayloadHash>()?, PayloadHash::Unsigned);
/// # Ok::<(), sigv4::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum PayloadHash {
    /// The SHA-256 of the body.
    Sha256([u8; 32]),
    /// `UNSIGNED-PAYLOAD`: the body is not covered by the signature.
    Unsigned,
    /// The body carries signatures or checksums of its own.
    Streaming(StreamingMode),
}

/// How a streamed body is covered by signatures of its own.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[non_exhaustive]
pub enum StreamingMode {
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD`: each chunk is signed.
    Signed,
    /// `STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER`: each chunk and the trailer are signed.
    SignedTrailer,
    /// `STREAMING-UNSIGNED-PAYLOAD-TRAILER`: a checksum follows in a trailer.
    UnsignedTrailer,
    /// `STREAMING-AWS4-HMAC-SHA256-EVENTS`: each message of an event stream is signed.
    Events,
    /// `STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD`: each chunk is signed with SigV4a.
    EcdsaSigned,
    /// `STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER`: each chunk and the trailer are signed with SigV4a.
    EcdsaSignedTrailer,
}

const UNSIGNED: &str = "UNSIGNED-PAYLOAD";
const STREAMING: [StreamingMode; 6] = [
    StreamingMode::Signed,
    StreamingMode::SignedTrailer,
    StreamingMode::UnsignedTrailer,
    StreamingMode::Events,
    StreamingMode::EcdsaSigned,
    StreamingMode::EcdsaSignedTrailer,
];

impl PayloadHash {
    /// The hash of a body that is not there.
    pub const EMPTY: Self = Self::Sha256([
        0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4, 0xc8, 0x99, 0x6f, 0xb9,
        0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b, 0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52,
        0xb8, 0x55,
    ]);

    /// The hash of a whole body in memory. For one that arrives in pieces see [`BodyHasher`](crate::BodyHasher).
    #[must_use]
    pub fn of(body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        if body.is_empty() {
            Self::EMPTY
        } else {
            Self::Sha256(crypto::sha256(body))
        }
    }

    /// The text as it stands on the wire.
    pub(crate) fn text(&self) -> PayloadText {
        match self {
            Self::Sha256(hash) => PayloadText::Hex(crypto::hex(hash)),
            Self::Unsigned => PayloadText::Word(UNSIGNED),
            Self::Streaming(mode) => PayloadText::Word(mode.as_str()),
        }
    }

    pub(crate) fn parse(text: &[u8]) -> Result<Self, ParseError> {
        if let Some(hash) = crypto::unhex(text) {
            return Ok(Self::Sha256(hash));
        }
        if text == UNSIGNED.as_bytes() {
            return Ok(Self::Unsigned);
        }
        let mode = STREAMING
            .into_iter()
            .find(|mode| mode.as_str().as_bytes() == text);
        mode.map(Self::Streaming).ok_or(ParseError::PayloadHash)
    }
}

impl StreamingMode {
    /// The word as it stands on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Signed => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
            Self::SignedTrailer => "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
            Self::UnsignedTrailer => "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
            Self::Events => "STREAMING-AWS4-HMAC-SHA256-EVENTS",
            Self::EcdsaSigned => "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD",
            Self::EcdsaSignedTrailer => "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER",
        }
    }
}

/// A payload line, without a heap.
#[derive(Clone, Copy)]
pub(crate) enum PayloadText {
    Hex([u8; 64]),
    Word(&'static str),
}

impl PayloadText {
    pub(crate) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Hex(hex) => hex,
            Self::Word(word) => word.as_bytes(),
        }
    }

    pub(crate) fn as_str(&self) -> &str {
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }
}

impl FromStr for PayloadHash {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text.as_bytes())
    }
}

impl fmt::Display for PayloadHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.text().as_str())
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn prints_what_it_parsed() {
        let all = STREAMING.into_iter().map(PayloadHash::Streaming).chain([
            PayloadHash::Unsigned,
            PayloadHash::of("x"),
            PayloadHash::EMPTY,
        ]);
        for payload in all {
            assert_eq!(payload.to_string().parse(), Ok(payload));
        }
        assert_eq!(PayloadHash::EMPTY, PayloadHash::Sha256(crypto::sha256(b"")));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "required",
            "unsigned-payload",
            "UNSIGNED-PAYLOAD ",
            "STREAMING-UNSIGNED-PAYLOAD",
            "e3b0",
        ] {
            assert_eq!(
                text.parse::<PayloadHash>(),
                Err(ParseError::PayloadHash),
                "{text}"
            );
        }
        let upper = PayloadHash::EMPTY.to_string().to_uppercase();
        assert_eq!(upper.parse::<PayloadHash>(), Err(ParseError::PayloadHash));
    }
}
