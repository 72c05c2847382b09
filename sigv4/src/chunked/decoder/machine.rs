//! What the decoder does with each piece of input: chunk headers, bytes of chunks, line breaks.

use alloc::vec::Vec;

use super::{ChunkDecoder, InTrailers, Piece, State};
use crate::chunked::framing::{MAX_HEAD, read_head};
use crate::chunked::payload::MIN_CHUNK;
use crate::error::{ChunkError, Limit, VerifyError};
use crate::signature::Signature;

/// How much is hashed at once before it is copied: what the first cache holds.
const BLOCK: usize = 8 * 1024;

impl ChunkDecoder {
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

    pub(super) fn fail(&mut self, error: VerifyError) -> VerifyError {
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
}
