//! [`ChunkDecoder`]: bytes that arrive in, verified bytes of the body out.

use alloc::vec::Vec;
use core::fmt;

use super::chain::Chain;
use super::framing::{MAX_HEAD, TRAILER_SIGNATURE, read_head};
use super::payload::MIN_CHUNK;
use super::trailers::Trailers;
use crate::crypto::Hasher;
use crate::error::{ChunkError, Limit, VerifyError};
use crate::key::SigningKey;
use crate::names;
use crate::payload::StreamingMode;
use crate::signature::Signature;
use crate::verify::{Verified, VerifiedPayload};

/// Decodes an aws-chunked body that arrives in pieces of any size.
///
/// * Made only from a [`Verified`] head, so that nobody decodes what follows a signature that was not checked.
/// * Where chunks are signed, their bytes come out only after their signature was verified; a chunk that arrives in
///   several pieces is held until then, at most [`Limits::chunk`](crate::Limits::chunk) bytes of it.
/// * Where they are not signed, bytes come out as they arrive. What came is genuine only once [`finish`](Self::finish)
///   has said so: the checksum in the trailer is all that speaks for it. Without feature `checksums` no such body is
///   taken.
/// * It refuses: a missing final chunk, another length than the signed `x-amz-decoded-content-length`, a declared trailer
///   that is missing, one that is not declared, anything after the end, small chunks before the last one, and every
///   deviation from the grammar. After an error it gives the same error again.
/// * Both line ends of trailers are taken: CRLF, and the line feed of AWS's documentation that an empty line follows.
///
/// Implements *Signature calculations: transferring payload in multiple chunks* and *including trailing headers* of the
/// Amazon S3 API Reference.
///
/// ```
/// use sigv4::{ChunkedPayload, Credentials, Header, KeyLookup, KnownKey, ReceivedBody, RequestHead, SecretAccessKey};
/// use sigv4::{Signer, SigningKey, StreamingMode, Verifier, VerifyPolicy};
///
/// # let now = "20150830T123600Z".parse()?;
/// # let signer = Signer::new(Credentials::new("AKIDEXAMPLE", "secret")?, "us-east-1", "s3")?;
/// # let host = [Header::new("Host", b"bucket.s3.amazonaws.com")];
/// # let payload = ChunkedPayload::new(StreamingMode::Signed, 5)?;
/// # let unsigned = RequestHead::new("PUT", b"/key", b"", &host);
/// # let (output, chunks) = signer.sign_chunked(&unsigned, &payload, now)?;
/// # let mut headers: Vec<_> = output.headers().map(|(name, value)| Header::new(name, value.as_bytes())).collect();
/// # headers.extend(host);
/// # let mut encoder = chunks.into_encoder();
/// # let mut wire = Vec::new();
/// # let mut bytes = b"hello".as_slice();
/// # while let Some(chunk) = encoder.encode(&mut bytes)? { chunk.append_to(&mut wire); }
/// # encoder.finish()?.append_to(&mut wire);
/// # let head = RequestHead::new("PUT", b"/key", b"", &headers);
/// let mut policy = VerifyPolicy::for_service("s3");
/// policy.accept_streaming_payload = true;
/// let verifier = Verifier::new("us-east-1", "s3")?.with_policy(policy);
/// let claim = verifier.claim(&head, now)?;
/// let key = SigningKey::derive(&SecretAccessKey::new("secret")?, claim.scope());
/// let verified = claim.verify(KeyLookup::Found(KnownKey::new(&key)), ReceivedBody::Unread)?;
///
/// let mut decoder = verified.chunk_decoder(&key)?;
/// let mut body = Vec::new();
/// for piece in wire.chunks(7) {
///     let mut input = piece;
///     while let Some(data) = decoder.decode(&mut input)? {
///         body.extend_from_slice(data);
///     }
/// }
/// decoder.finish()?;
/// assert_eq!(body, b"hello");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct ChunkDecoder {
    /// `None` where chunks are not signed.
    chain: Option<Chain>,
    has_trailers: bool,
    trailers: Trailers,
    most_held: usize,
    trailer_bytes_left: usize,
    accept_small: bool,
    state: State,
    /// The beginning of a line whose end has not arrived.
    line: Vec<u8>,
    /// The beginning of a chunk whose end has not arrived; or all of it, just given out.
    held: Vec<u8>,
    given: bool,
    hasher: Hasher,
    /// Bytes of the body that are still to come.
    left: u64,
    chunks: u64,
    /// The chunk before, if it may only be the last one.
    small: Option<ChunkError>,
}

#[derive(Clone, Copy)]
enum State {
    /// In the header of a chunk.
    Head,
    /// In a chunk, of which that many bytes are to come.
    Data {
        left: u64,
        signature: Option<Signature>,
    },
    /// At the line break after a chunk; whether the last one.
    DataEnd {
        cr: bool,
        last: bool,
    },
    Trailers(InTrailers),
    End,
    Failed(VerifyError),
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum InTrailers {
    /// Before or after a trailer; whether that one ended without CR.
    Lines { bare: bool },
    /// After the empty line that ends trailers without CR.
    Blank,
    /// After the signature of the trailers.
    Signed,
}

/// What came out.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Piece {
    /// The last bytes that were taken of the input, this many.
    Input(usize),
    /// What is held.
    Held,
}

impl Verified<'_> {
    /// What decodes the aws-chunked body of this request, given the key that verified it.
    ///
    /// # Errors
    /// * [`VerifyError::PayloadHashNotAllowed`] if the payload is no such body, or signed with another algorithm.
    /// * [`VerifyError::SignatureMismatch`] for a key of another scope.
    /// * [`VerifyError::TooLarge`], [`ChunkError::DecodedLength`] or [`ChunkError::Trailer`] for what its headers declare.
    pub fn chunk_decoder(&self, key: &SigningKey) -> Result<ChunkDecoder, VerifyError> {
        let (signed, has_trailers) = match self.payload() {
            VerifiedPayload::Streaming(StreamingMode::Signed) => (true, false),
            VerifiedPayload::Streaming(StreamingMode::SignedTrailer) => (true, true),
            VerifiedPayload::Streaming(StreamingMode::UnsignedTrailer) => (false, true),
            _ => return Err(VerifyError::PayloadHashNotAllowed),
        };
        if key.scope() != self.scope() {
            return Err(VerifyError::SignatureMismatch);
        }
        let limits = self.limits();
        let length = self.header(names::X_AMZ_DECODED_CONTENT_LENGTH);
        let left = length
            .filter(|text| !text.is_empty() && text.iter().all(u8::is_ascii_digit))
            .and_then(|text| core::str::from_utf8(&text).ok()?.parse::<u64>().ok())
            .ok_or(ChunkError::DecodedLength)?;
        if left > limits.body {
            return Err(VerifyError::TooLarge(Limit::Body));
        }
        let trailers = match (self.header(names::X_AMZ_TRAILER), has_trailers) {
            (Some(declared), true) => Trailers::declared(&declared, signed)?,
            (None, false) => Trailers::none(),
            _ => return Err(ChunkError::Trailer.into()),
        };
        Ok(ChunkDecoder {
            chain: signed.then(|| Chain::new(key, self.date(), *self.signature())),
            has_trailers,
            trailers,
            most_held: limits.chunk,
            trailer_bytes_left: limits.trailer_bytes,
            accept_small: self.accepts_small_chunks(),
            state: State::Head,
            line: Vec::new(),
            held: Vec::new(),
            given: false,
            hasher: Hasher::default(),
            left,
            chunks: 0,
            small: None,
        })
    }
}

impl ChunkDecoder {
    /// Takes input until bytes of the body come out; `None` once all of the input is taken.
    ///
    /// # Errors
    /// * [`VerifyError::Chunk`] says what is wrong.
    /// * [`VerifyError::TooLarge`] for a signed chunk that is larger than may be held.
    pub fn decode<'d, 'i: 'd>(
        &'d mut self,
        input: &mut &'i [u8],
    ) -> Result<Option<&'d [u8]>, VerifyError> {
        let before = *input;
        Ok(match self.step(input)? {
            None => None,
            Some(Piece::Held) => Some(&self.held),
            Some(Piece::Input(length)) => {
                let taken = before.len().saturating_sub(input.len());
                before.get(taken.saturating_sub(length)..taken)
            }
        })
    }

    /// Checks that the body was complete: to be called when no more input comes.
    ///
    /// # Errors
    /// * [`ChunkError::Incomplete`] if it ends too early, [`ChunkError::Trailer`] if it ends within the trailers.
    /// * The error of before, if there was one.
    pub fn finish(&mut self) -> Result<(), VerifyError> {
        let error = match self.state {
            State::End => return Ok(()),
            // The second empty line is optional.
            State::Trailers(InTrailers::Blank) if self.chain.is_none() => {
                return self.end().map_err(|error| self.fail(error.into()));
            }
            State::Failed(error) => error,
            State::Trailers(_) => ChunkError::Trailer.into(),
            _ => ChunkError::Incomplete.into(),
        };
        Err(self.fail(error))
    }

    /// Whether the body is complete, so that any further byte would be too much.
    #[must_use]
    pub const fn is_finished(&self) -> bool {
        matches!(self.state, State::End)
    }

    /// The length of the body that is still to come.
    #[must_use]
    pub const fn remaining(&self) -> u64 {
        self.left
    }

    /// The trailers that have come, by name in lower case. None before [`finish`](Self::finish) has said that all is
    /// well.
    pub fn trailers(&self) -> impl Iterator<Item = (&str, &str)> {
        self.trailers.iter().filter(|_| self.is_finished())
    }

    /// The chunk that was just given out as [`Piece::Held`].
    #[cfg(feature = "tower")]
    pub(crate) fn take_held(&mut self) -> Vec<u8> {
        core::mem::take(&mut self.held)
    }

    /// Like [`decode`](Self::decode), saying only where the bytes are.
    pub(crate) fn step(&mut self, input: &mut &[u8]) -> Result<Option<Piece>, VerifyError> {
        if self.given {
            self.held.clear();
            self.given = false;
        }
        while !input.is_empty() {
            match self.advance(input) {
                Ok(None) => {}
                Ok(piece) => return Ok(piece),
                Err(error) => return Err(self.fail(error)),
            }
        }
        match self.state {
            State::Failed(error) => Err(error),
            _ => Ok(None),
        }
    }

    fn fail(&mut self, error: VerifyError) -> VerifyError {
        self.state = State::Failed(error);
        self.held = Vec::new();
        error
    }

    /// Takes some of the input, which is not empty.
    fn advance(&mut self, input: &mut &[u8]) -> Result<Option<Piece>, VerifyError> {
        match self.state {
            State::Head => {
                if let Some(line) = self.take_line(input, MAX_HEAD)? {
                    let result = self.head(&line);
                    self.give_back(line);
                    result?;
                }
                Ok(None)
            }
            State::Data { left, signature } => self.data(input, left, signature),
            State::DataEnd { cr, last } => {
                let (first, rest) = input.split_first().ok_or(ChunkError::Format)?;
                *input = rest;
                self.state = match (first, cr, last) {
                    (b'\r', false, _) => State::DataEnd { cr: true, last },
                    (b'\n', true, false) => State::Head,
                    (b'\n', true, true) => State::End,
                    _ => return Err(ChunkError::Format.into()),
                };
                Ok(None)
            }
            State::Trailers(place) => {
                let most = self.trailer_bytes_left;
                let line = self
                    .take_line(input, most)
                    .map_err(|_| ChunkError::Trailer)?;
                if let Some(line) = line {
                    self.trailer_bytes_left = most.saturating_sub(line.len());
                    let result = self.trailer(place, &line);
                    self.give_back(line);
                    result?;
                }
                Ok(None)
            }
            State::End => Err(ChunkError::Format.into()),
            State::Failed(error) => Err(error),
        }
    }

    /// The line with its line feed, once that has arrived. To be given back, for its memory.
    fn take_line(&mut self, input: &mut &[u8], most: usize) -> Result<Option<Vec<u8>>, ChunkError> {
        let room = most.saturating_sub(self.line.len());
        let window = input.get(..room).unwrap_or(input);
        let end = window.iter().position(|b| *b == b'\n');
        let length = end.map_or(window.len(), |end| end.saturating_add(1));
        let (taken, rest) = input.split_at_checked(length).ok_or(ChunkError::Format)?;
        self.line.extend_from_slice(taken);
        *input = rest;
        if end.is_some() {
            return Ok(Some(core::mem::take(&mut self.line)));
        }
        if self.line.len() >= most {
            return Err(ChunkError::Format);
        }
        Ok(None)
    }

    fn give_back(&mut self, mut line: Vec<u8>) {
        line.clear();
        self.line = line;
    }

    /// Takes the header of a chunk.
    fn head(&mut self, line: &[u8]) -> Result<(), VerifyError> {
        let line = line.strip_suffix(b"\r\n").ok_or(ChunkError::Format)?;
        let (size, signature) = read_head(line, self.chain.is_some())?;
        self.chunks = self.chunks.saturating_add(1);
        if size == 0 {
            self.check_chunk(signature)?;
            if self.left > 0 {
                return Err(ChunkError::DecodedLength.into());
            }
            self.state = if self.has_trailers {
                State::Trailers(InTrailers::Lines { bare: false })
            } else {
                State::DataEnd {
                    cr: false,
                    last: true,
                }
            };
            return Ok(());
        }
        if let Some(error) = self.small {
            return Err(error.into());
        }
        let least = u64::try_from(MIN_CHUNK).unwrap_or(u64::MAX);
        if size < least && !self.accept_small {
            self.small = Some(ChunkError::Size {
                chunk: self.chunks,
                size,
            });
        }
        if size > self.left {
            return Err(ChunkError::DecodedLength.into());
        }
        let most = u64::try_from(self.most_held).unwrap_or(u64::MAX);
        if size > most && self.chain.is_some() {
            return Err(VerifyError::TooLarge(Limit::Chunk));
        }
        self.left = self.left.saturating_sub(size);
        self.state = State::Data {
            left: size,
            signature,
        };
        Ok(())
    }

    /// Takes bytes of a chunk.
    fn data(
        &mut self,
        input: &mut &[u8],
        left: u64,
        signature: Option<Signature>,
    ) -> Result<Option<Piece>, VerifyError> {
        let wanted = usize::try_from(left).unwrap_or(usize::MAX);
        let (taken, rest) = input.split_at_checked(wanted).unwrap_or((input, &[]));
        *input = rest;
        let length = u64::try_from(taken.len()).unwrap_or(u64::MAX);
        let left = left.saturating_sub(length);
        self.state = if left > 0 {
            State::Data { left, signature }
        } else {
            State::DataEnd {
                cr: false,
                last: false,
            }
        };
        if self.chain.is_none() {
            self.trailers.update(taken);
            return Ok(Some(Piece::Input(taken.len())));
        }
        if left == 0 && self.held.is_empty() {
            self.hasher.update(taken);
            self.check_chunk(signature)?;
            self.trailers.update(taken);
            return Ok(Some(Piece::Input(taken.len())));
        }
        for block in taken.chunks(BLOCK) {
            self.hasher.update(block);
            self.held.extend_from_slice(block);
        }
        if left > 0 {
            return Ok(None);
        }
        self.check_chunk(signature)?;
        self.trailers.update(&self.held);
        self.given = true;
        Ok(Some(Piece::Held))
    }

    /// Compares the signature of a chunk that was hashed.
    fn check_chunk(&mut self, claimed: Option<Signature>) -> Result<(), ChunkError> {
        let Some(chain) = &mut self.chain else {
            return Ok(());
        };
        let hash = core::mem::take(&mut self.hasher).finish();
        // Signature's comparison is constant-time.
        if claimed == Some(chain.chunk(&hash)) {
            Ok(())
        } else {
            Err(ChunkError::Signature)
        }
    }

    /// Takes a line of the trailers.
    fn trailer(&mut self, place: InTrailers, line: &[u8]) -> Result<(), ChunkError> {
        let (line, bare) = match line.strip_suffix(b"\r\n") {
            Some(line) => (line, false),
            None => (line.strip_suffix(b"\n").unwrap_or(line), true),
        };
        let signed = self.chain.is_some();
        match place {
            InTrailers::Lines { bare: true } if line.is_empty() && !bare => {
                self.state = State::Trailers(InTrailers::Blank);
                Ok(())
            }
            InTrailers::Lines { .. } if line.is_empty() => {
                if signed || bare {
                    return Err(ChunkError::Trailer);
                }
                self.end()
            }
            InTrailers::Blank | InTrailers::Signed if line.is_empty() && !bare => {
                if signed && place == InTrailers::Blank {
                    return Err(ChunkError::Trailer);
                }
                self.end()
            }
            InTrailers::Lines { bare: false } | InTrailers::Blank
                if signed && !bare && self.trailers.any() && is_signature(line) =>
            {
                self.check_trailers(line)?;
                self.state = State::Trailers(InTrailers::Signed);
                Ok(())
            }
            InTrailers::Lines { bare: before } if bare == before || !self.trailers.any() => {
                self.trailers.line(line)?;
                self.state = State::Trailers(InTrailers::Lines { bare });
                Ok(())
            }
            _ => Err(ChunkError::Trailer),
        }
    }

    fn check_trailers(&mut self, line: &[u8]) -> Result<(), ChunkError> {
        let hex = line.get(TRAILER_SIGNATURE.len()..).unwrap_or_default();
        let claimed = Signature::parse(hex).map_err(|_| ChunkError::Trailer)?;
        let chain = self.chain.as_mut().ok_or(ChunkError::Trailer)?;
        if chain.trailer(&self.trailers.hash()) == claimed {
            Ok(())
        } else {
            Err(ChunkError::Signature)
        }
    }

    fn end(&mut self) -> Result<(), ChunkError> {
        if !self.trailers.all() {
            return Err(ChunkError::Trailer);
        }
        self.trailers.check()?;
        self.state = State::End;
        Ok(())
    }
}

/// How much is hashed at once before it is copied: what the first cache holds.
const BLOCK: usize = 8 * 1024;

fn is_signature(line: &[u8]) -> bool {
    line.get(..TRAILER_SIGNATURE.len())
        .is_some_and(|name| name.eq_ignore_ascii_case(TRAILER_SIGNATURE))
}

impl fmt::Debug for ChunkDecoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ChunkDecoder")
            .field("signed", &self.chain.is_some())
            .field("remaining", &self.left)
            .field("finished", &self.is_finished())
            .finish_non_exhaustive()
    }
}
