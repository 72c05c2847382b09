//! [`ChunkedPayload`]: how a body is going to be sent in chunks.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use super::checksum::ChecksumAlgorithm;
use super::framing::{TRAILER_SIGNATURE_LEN, framed_len};
use crate::canonical::headers::is_token;
use crate::error::SignError;
use crate::payload::StreamingMode;

/// The least that S3 takes in a chunk before the last one.
pub(super) const MIN_CHUNK: usize = 8 * 1024;
const DEFAULT_CHUNK: usize = 64 * 1024;

/// How a body is going to be sent in chunks: mode, length, size of a chunk, trailers.
///
/// * [`Signer::sign_chunked`](crate::Signer::sign_chunked) signs the head of such a request.
/// * Chunks have 64 KiB unless said otherwise.
/// * The length of the whole is known before anything is read: [`encoded_len`](Self::encoded_len).
///
/// Implements *Signature calculations: transferring payload in multiple chunks* and *including trailing headers* of the
/// Amazon S3 API Reference.
///
/// ```
/// use sigv4::{ChunkedPayload, StreamingMode};
///
/// // The example of AWS's documentation: 65 KiB in chunks of 64 KiB.
/// let payload = ChunkedPayload::new(StreamingMode::Signed, 66_560)?;
/// assert_eq!(payload.encoded_len(), 66_824);
/// # Ok::<(), sigv4::SignError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct ChunkedPayload {
    mode: StreamingMode,
    decoded_len: u64,
    chunk_size: usize,
    trailers: Vec<Trailer>,
}

/// A trailer that is going to be sent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) struct Trailer {
    pub(super) name: String,
    pub(super) value: TrailerValue,
}

#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum TrailerValue {
    Text(String),
    #[cfg_attr(
        not(feature = "checksums"),
        expect(dead_code, reason = "there is none")
    )]
    Checksum(ChecksumAlgorithm),
}

impl ChunkedPayload {
    /// A body of this many bytes.
    ///
    /// # Errors
    /// [`SignError::Chunked`] for a mode that has no chunks signed with HMAC.
    pub fn new(mode: StreamingMode, decoded_len: u64) -> Result<Self, SignError> {
        match mode {
            StreamingMode::Signed
            | StreamingMode::SignedTrailer
            | StreamingMode::UnsignedTrailer => Ok(Self {
                mode,
                decoded_len,
                chunk_size: DEFAULT_CHUNK,
                trailers: Vec::new(),
            }),
            _ => Err(SignError::Chunked("the mode is for another kind of body")),
        }
    }

    /// The same in chunks of another size.
    ///
    /// # Errors
    /// [`SignError::Chunked`] below 8 KiB, which S3 refuses.
    pub fn with_chunk_size(mut self, bytes: usize) -> Result<Self, SignError> {
        if bytes < MIN_CHUNK {
            return Err(SignError::Chunked("S3 takes no chunks below 8 KiB"));
        }
        self.chunk_size = bytes;
        Ok(self)
    }

    /// The same with a checksum in a trailer, computed while the body is sent (feature `checksums`).
    ///
    /// # Errors
    /// [`SignError::Chunked`] if the mode has no trailers, or this one is there already.
    ///
    /// ```
    /// use sigv4::{ChecksumAlgorithm, ChunkedPayload, StreamingMode};
    ///
    /// let payload = ChunkedPayload::new(StreamingMode::UnsignedTrailer, 1)?;
    /// let payload = payload.with_checksum(ChecksumAlgorithm::Crc32)?;
    /// assert_eq!(payload.encoded_len(), 42);
    /// # Ok::<(), sigv4::SignError>(())
    /// ```
    #[cfg(feature = "checksums")]
    pub fn with_checksum(self, algorithm: ChecksumAlgorithm) -> Result<Self, SignError> {
        let name = algorithm.trailer_name().to_string();
        self.with(name, TrailerValue::Checksum(algorithm))
    }

    /// The same with a trailer whose value is known.
    ///
    /// # Errors
    /// [`SignError::Chunked`] if the mode has no trailers, this one is there already, or it is no trailer: a name of the
    /// characters of header names, a value of printable ASCII without blanks around it.
    pub fn with_trailer(self, name: &str, value: &str) -> Result<Self, SignError> {
        let good_name = !name.is_empty()
            && name.bytes().all(is_token)
            && !name.eq_ignore_ascii_case("x-amz-trailer-signature");
        let good_value = is_trailer_value(value.as_bytes()) && value.trim() == value;
        if !good_name || !good_value {
            return Err(SignError::Chunked("that is no trailer"));
        }
        self.with(
            name.to_ascii_lowercase(),
            TrailerValue::Text(value.to_string()),
        )
    }

    fn with(mut self, name: String, value: TrailerValue) -> Result<Self, SignError> {
        if self.mode == StreamingMode::Signed {
            return Err(SignError::Chunked("the mode has no trailers"));
        }
        if self.trailers.iter().any(|trailer| trailer.name == name) {
            return Err(SignError::Chunked("a trailer is there twice"));
        }
        self.trailers.push(Trailer { name, value });
        // They are signed in the order in which they are sent; some servers sort them first.
        self.trailers.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(self)
    }

    /// The mode.
    #[must_use]
    pub const fn mode(&self) -> StreamingMode {
        self.mode
    }

    /// The length of the body itself: `x-amz-decoded-content-length`.
    #[must_use]
    pub const fn decoded_len(&self) -> u64 {
        self.decoded_len
    }

    /// The size of a chunk.
    #[must_use]
    pub const fn chunk_size(&self) -> usize {
        self.chunk_size
    }

    /// The exact length of what is sent: chunks, their headers, trailers. This is the request's `Content-Length`.
    #[must_use]
    pub fn encoded_len(&self) -> u64 {
        let signed = self.is_signed();
        let size = u64::try_from(self.chunk_size).unwrap_or(u64::MAX);
        let full = self.decoded_len.checked_div(size).unwrap_or_default();
        let rest = self.decoded_len.checked_rem(size).unwrap_or_default();
        let mut len = full.saturating_mul(framed_len(size, signed));
        if rest > 0 {
            len = len.saturating_add(framed_len(rest, signed));
        }
        for Trailer { name, value } in &self.trailers {
            let value = match value {
                TrailerValue::Text(text) => text.len(),
                TrailerValue::Checksum(algorithm) => algorithm.text_len(),
            };
            // With a colon and a line break.
            let line = name.len().saturating_add(value).saturating_add(3);
            len = len.saturating_add(u64::try_from(line).unwrap_or(u64::MAX));
        }
        if self.mode == StreamingMode::SignedTrailer {
            len = len.saturating_add(TRAILER_SIGNATURE_LEN);
        }
        len.saturating_add(framed_len(0, signed))
    }

    /// Whether chunks are signed.
    pub(super) fn is_signed(&self) -> bool {
        self.mode != StreamingMode::UnsignedTrailer
    }

    pub(super) fn trailers(&self) -> &[Trailer] {
        &self.trailers
    }

    /// What is missing for it to be sent.
    pub(super) fn check(&self) -> Result<(), SignError> {
        if self.mode != StreamingMode::Signed && self.trailers.is_empty() {
            return Err(SignError::Chunked("the mode needs a trailer"));
        }
        Ok(())
    }
}

/// Whether a trailer may have this value.
pub(super) fn is_trailer_value(value: &[u8]) -> bool {
    !value.is_empty() && value.iter().all(|b| matches!(b, b' '..=b'~'))
}
