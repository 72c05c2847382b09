//! The lines after the last chunk: in which order they may come, and how they may end.

use super::{ChunkDecoder, InTrailers, State};
use crate::chunked::framing::TRAILER_SIGNATURE;
use crate::error::ChunkError;
use crate::signature::Signature;

impl ChunkDecoder {
    /// Takes a line of the trailers.
    pub(super) fn trailer(&mut self, place: InTrailers, line: &[u8]) -> Result<(), ChunkError> {
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

    pub(super) fn end(&mut self) -> Result<(), ChunkError> {
        if !self.trailers.all() {
            return Err(ChunkError::Trailer);
        }
        self.trailers.check()?;
        self.state = State::End;
        Ok(())
    }
}

fn is_signature(line: &[u8]) -> bool {
    line.get(..TRAILER_SIGNATURE.len())
        .is_some_and(|name| name.eq_ignore_ascii_case(TRAILER_SIGNATURE))
}
