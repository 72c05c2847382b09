//! [`ChunkSigner`]: what signs the chunks of a body whose head was signed.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;

use super::chain::Chain;
use super::encoder::ChunkEncoder;
use super::payload::ChunkedPayload;
use crate::error::SignError;
use crate::names;
use crate::payload::PayloadHash;
use crate::request::{RequestHead, trim};
use crate::sign::{Signer, SigningOutput};
use crate::signature::Signature;
use crate::time::AmzDate;

/// Signs the chunks of a body whose head was signed, with the same key, moment and scope.
///
/// * Made only by [`Signer::sign_chunked`], so that head and chunks agree.
/// * Turn it into a [`ChunkEncoder`] to get the bytes to send.
pub struct ChunkSigner {
    pub(super) payload: ChunkedPayload,
    pub(super) chain: Option<Chain>,
}

impl ChunkSigner {
    /// How the body is going to be sent.
    #[must_use]
    pub const fn payload(&self) -> &ChunkedPayload {
        &self.payload
    }

    /// What makes the bytes to send.
    #[must_use]
    pub fn into_encoder(self) -> ChunkEncoder {
        ChunkEncoder::new(self)
    }
}

impl fmt::Debug for ChunkSigner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkSigner")
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}

impl Signer {
    /// Signs the head of a request whose body is going to be sent in chunks.
    ///
    /// * [`SigningOutput::headers`] then also has `content-encoding` (with `aws-chunked` before what was there),
    ///   `x-amz-decoded-content-length`, `x-amz-trailer` if there are trailers, and `content-length`, unless the request
    ///   has a `Transfer-Encoding`.
    /// * All of these are signed, but for a `content-length` that was not there: an HTTP client may frame the body itself.
    ///
    /// # Errors
    /// * As [`sign`](Self::sign).
    /// * [`SignError::Conflict`] if the request has another length than the encoded one, or declares a trailer where there
    ///   is none.
    /// * [`SignError::Chunked`] if the mode needs a trailer and there is none.
    ///
    /// ```
    /// use sigv4::{ChunkedPayload, Credentials, Header, RequestHead, Signer, StreamingMode};
    ///
    /// let credentials = Credentials::new("AKIDEXAMPLE", "secret")?;
    /// let signer = Signer::new(credentials, "us-east-1", "s3")?;
    /// let headers = [Header::new("Host", b"bucket.s3.amazonaws.com")];
    /// let head = RequestHead::new("PUT", b"/key", b"", &headers);
    ///
    /// let payload = ChunkedPayload::new(StreamingMode::Signed, 5)?;
    /// let (output, chunks) = signer.sign_chunked(&head, &payload, "20150830T123600Z".parse()?)?;
    /// assert!(output.headers().any(|(name, value)| (name, value) == ("content-encoding", "aws-chunked")));
    ///
    /// let mut encoder = chunks.into_encoder();
    /// let mut body = Vec::new();
    /// let mut input = b"hello".as_slice();
    /// while let Some(chunk) = encoder.encode(&mut input)? {
    ///     chunk.append_to(&mut body);
    /// }
    /// encoder.finish()?.append_to(&mut body);
    /// assert_eq!(u64::try_from(body.len())?, payload.encoded_len());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn sign_chunked(
        &self,
        head: &RequestHead<'_>,
        payload: &ChunkedPayload,
        now: AmzDate,
    ) -> Result<(SigningOutput<'_>, ChunkSigner), SignError> {
        payload.check()?;
        let headers = headers(head, payload)?;
        let mode = PayloadHash::Streaming(payload.mode());
        let output = self.sign_with_extra(head, &mode, now, headers)?;
        let seed = output.signature().parse::<Signature>();
        // What was just printed parses.
        let seed = seed.map_err(|_| SignError::Chunked("no seed"))?;
        let chain = if payload.is_signed() {
            let chain = self.with_key_for(&self.scope(now), |key| Chain::new(key, now, seed))?;
            Some(chain)
        } else {
            None
        };
        let chunks = ChunkSigner {
            payload: payload.clone(),
            chain,
        };
        Ok((output, chunks))
    }
}

/// The headers that tell of the chunks.
fn headers(
    head: &RequestHead<'_>,
    payload: &ChunkedPayload,
) -> Result<Vec<(&'static str, String)>, SignError> {
    let length = payload.encoded_len().to_string();
    let mut encoding = String::from(AWS_CHUNKED);
    let (mut framed, mut other_length, mut has_trailer) = (false, false, false);
    head.headers.for_each(|_, name, value| {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        framed |= is(names::TRANSFER_ENCODING);
        has_trailer |= is(names::X_AMZ_TRAILER);
        other_length |= is(names::CONTENT_LENGTH) && trim(value) != length.as_bytes();
        if is(names::CONTENT_ENCODING) {
            let value = core::str::from_utf8(value).unwrap_or_default();
            for token in value.split(',').map(str::trim) {
                if !token.is_empty() && !token.eq_ignore_ascii_case(AWS_CHUNKED) {
                    encoding.push(',');
                    encoding.push_str(token);
                }
            }
        }
    });
    if other_length {
        return Err(SignError::Conflict(names::CONTENT_LENGTH));
    }
    if has_trailer && payload.trailers().is_empty() {
        return Err(SignError::Conflict(names::X_AMZ_TRAILER));
    }
    let mut headers = Vec::from([
        (names::CONTENT_ENCODING, encoding),
        (
            names::X_AMZ_DECODED_CONTENT_LENGTH,
            payload.decoded_len().to_string(),
        ),
    ]);
    if !payload.trailers().is_empty() {
        let declared: Vec<_> = payload
            .trailers()
            .iter()
            .map(|trailer| trailer.name.as_str())
            .collect();
        headers.push((names::X_AMZ_TRAILER, declared.join(",")));
    }
    if !framed {
        headers.push((names::CONTENT_LENGTH, length));
    }
    Ok(headers)
}

pub(super) const AWS_CHUNKED: &str = "aws-chunked";
