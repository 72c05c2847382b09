//! [`ChunkEncoder`]: bytes of a body in, bytes to send out.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use super::checksum::Running;
use super::framing::{CRLF, Head, TRAILER_SIGNATURE, write_head};
use super::payload::{Trailer, TrailerValue};
use super::signer::ChunkSigner;
use crate::crypto::{self, Hasher};
use crate::error::SignError;
use crate::payload::StreamingMode;

/// Makes the bytes to send of a body that comes in pieces of any size.
///
/// * Made by [`ChunkSigner::into_encoder`]; see [`Signer::sign_chunked`](crate::Signer::sign_chunked) for an example.
/// * It holds at most one chunk; a chunk that is within one piece of input is never copied.
/// * A body that is not as long as was said is an error, never a request that looks complete.
pub struct ChunkEncoder {
    signer: ChunkSigner,
    /// A chunk that is not complete yet, or was just given out.
    held: Vec<u8>,
    given: bool,
    hasher: Hasher,
    checksums: Vec<(usize, Running)>,
    /// Bytes of the body that are still to come.
    left: u64,
    end: Vec<u8>,
    finished: bool,
}

/// A part of what is to be sent: three slices in a row, so that a chunk need not be copied.
pub struct EncodedChunk<'d> {
    head: Head,
    data: &'d [u8],
    tail: &'d [u8],
}

/// How much is hashed at once before it is copied: what the first cache holds.
const BLOCK: usize = 8 * 1024;

impl ChunkEncoder {
    pub(super) fn new(signer: ChunkSigner) -> Self {
        let checksums = signer.payload.trailers().iter().enumerate();
        let checksums = checksums
            .filter_map(|(i, trailer)| match trailer.value {
                TrailerValue::Checksum(algorithm) => Some((i, Running::new(algorithm))),
                TrailerValue::Text(_) => None,
            })
            .collect();
        Self {
            left: signer.payload.decoded_len(),
            signer,
            held: Vec::new(),
            given: false,
            hasher: Hasher::default(),
            checksums,
            end: Vec::new(),
            finished: false,
        }
    }

    /// Takes input until a chunk is complete and gives that out; `None` once all of the input is taken.
    ///
    /// # Errors
    /// [`SignError::BodyLength`] if that is more than was said.
    pub fn encode<'d, 'i: 'd>(
        &'d mut self,
        input: &mut &'i [u8],
    ) -> Result<Option<EncodedChunk<'d>>, SignError> {
        self.forget_given();
        let length = u64::try_from(input.len()).unwrap_or(u64::MAX);
        if self.finished || length > self.left {
            // Whoever goes on all the same gets no end that makes it look complete.
            self.finished = true;
            return Err(SignError::BodyLength);
        }
        let wanted = self
            .signer
            .payload
            .chunk_size()
            .saturating_sub(self.held.len());
        let (taken, rest) = input.split_at_checked(wanted).unwrap_or((input, &[]));
        *input = rest;
        let taken_len = u64::try_from(taken.len()).unwrap_or(u64::MAX);
        self.left = self.left.saturating_sub(taken_len);
        let complete = taken.len() == wanted;
        if complete && self.held.is_empty() {
            self.update(taken);
            return Ok(Some(EncodedChunk {
                head: self.sign(taken.len()),
                data: taken,
                tail: CRLF,
            }));
        }
        if self.held.is_empty() && !taken.is_empty() {
            let most = u64::try_from(self.signer.payload.chunk_size()).unwrap_or(u64::MAX);
            let expected = self.left.saturating_add(taken_len).min(most);
            self.held
                .reserve(usize::try_from(expected).unwrap_or_default());
        }
        for block in taken.chunks(BLOCK) {
            self.update(block);
            self.held.extend_from_slice(block);
        }
        if !complete {
            return Ok(None);
        }
        self.given = true;
        Ok(Some(EncodedChunk {
            head: self.sign(self.held.len()),
            data: &self.held,
            tail: CRLF,
        }))
    }

    /// What comes after the input: the last bytes, the final chunk, the trailers. To be called once.
    ///
    /// # Errors
    /// [`SignError::BodyLength`] if less came than was said, or the end was made already.
    pub fn finish(&mut self) -> Result<EncodedChunk<'_>, SignError> {
        self.forget_given();
        if self.finished || self.left > 0 {
            return Err(SignError::BodyLength);
        }
        self.finished = true;
        let head = if self.held.is_empty() {
            Head::new()
        } else {
            self.end.extend_from_slice(CRLF);
            self.sign(self.held.len())
        };
        let last = self.sign(0);
        self.end.extend_from_slice(last.as_bytes());
        self.write_trailers();
        self.end.extend_from_slice(CRLF);
        Ok(EncodedChunk {
            head,
            data: &self.held,
            tail: &self.end,
        })
    }

    /// How long all of the output is: [`ChunkedPayload::encoded_len`](crate::ChunkedPayload::encoded_len).
    #[must_use]
    pub fn encoded_len(&self) -> u64 {
        self.signer.payload.encoded_len()
    }

    fn forget_given(&mut self) {
        if self.given {
            self.held.clear();
            self.given = false;
        }
    }

    fn update(&mut self, data: &[u8]) {
        if self.signer.chain.is_some() {
            self.hasher.update(data);
        }
        for (_, running) in &mut self.checksums {
            running.update(data);
        }
    }

    /// The header of a chunk whose bytes were hashed.
    fn sign(&mut self, size: usize) -> Head {
        let hash = core::mem::take(&mut self.hasher).finish();
        let signature = self.signer.chain.as_mut().map(|chain| chain.chunk(&hash));
        write_head(size, signature.as_ref())
    }

    fn write_trailers(&mut self) {
        let mut checksums: Vec<(usize, String)> = self
            .checksums
            .drain(..)
            .map(|(i, running)| (i, running.finish()))
            .collect();
        let mut canonical = Hasher::default();
        for (i, Trailer { name, value }) in self.signer.payload.trailers().iter().enumerate() {
            let computed = checksums.iter_mut().find(|(place, _)| *place == i);
            let value = match (value, &computed) {
                (TrailerValue::Text(text), _) => text.as_str(),
                (TrailerValue::Checksum(_), Some((_, text))) => text,
                (TrailerValue::Checksum(_), None) => "",
            };
            for piece in [name.as_bytes(), b":", value.as_bytes()] {
                canonical.update(piece);
                self.end.extend_from_slice(piece);
            }
            canonical.update(b"\n");
            self.end.extend_from_slice(CRLF);
        }
        if self.signer.payload.mode() == StreamingMode::SignedTrailer
            && let Some(chain) = &mut self.signer.chain
        {
            let signature = chain.trailer(&canonical.finish());
            for piece in [TRAILER_SIGNATURE, &crypto::hex(signature.as_bytes()), CRLF] {
                self.end.extend_from_slice(piece);
            }
        }
    }
}

impl EncodedChunk<'_> {
    /// The three slices to send, in this order: header, data, what follows. Any of them can be empty.
    #[must_use]
    pub fn slices(&self) -> [&[u8]; 3] {
        [self.head.as_bytes(), self.data, self.tail]
    }

    /// The length of all three.
    #[must_use]
    pub fn len(&self) -> usize {
        self.slices()
            .iter()
            .fold(0, |sum, slice| sum.saturating_add(slice.len()))
    }

    /// Whether there is nothing to send.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends all three.
    pub fn append_to(&self, out: &mut Vec<u8>) {
        out.reserve(self.len());
        for slice in self.slices() {
            out.extend_from_slice(slice);
        }
    }
}

impl fmt::Debug for EncodedChunk<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EncodedChunk")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ChunkEncoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkEncoder")
            .field("signer", &self.signer)
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
