//! [`ChunkError`]: an aws-chunked body is refused.

use core::fmt;

/// What is wrong with an aws-chunked body.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ChunkError {
    /// The framing is broken, or something follows the end.
    Format,
    /// The body stops before its end.
    Incomplete,
    /// The decoded body is not as long as `x-amz-decoded-content-length` says, or that header is missing, unsigned or no
    /// number.
    DecodedLength,
    /// A chunk before the last one is smaller than the 8 KiB that S3 demands.
    Size {
        /// Which one, from 1.
        chunk: u64,
        /// Its bytes.
        size: u64,
    },
    /// A signature in the body is not the one of its chunk or trailers.
    Signature,
    /// A trailer is missing, undeclared, repeated, malformed, too large, or of a kind that is not known.
    Trailer,
    /// The body does not have the checksum of its trailer.
    Checksum,
}

impl ChunkError {
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::Format | Self::Incomplete | Self::DecodedLength => "chunk_format",
            Self::Size { .. } => "chunk_size",
            Self::Signature => "chunk_sig",
            Self::Trailer => "trailer",
            Self::Checksum => "digest",
        }
    }
}

impl fmt::Display for ChunkError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Format => "the chunks of the body are malformed",
            Self::Incomplete => "the body ends before its last chunk is complete",
            Self::DecodedLength => "the body is not as long as x-amz-decoded-content-length says",
            Self::Size { chunk, size } => {
                return write!(
                    f,
                    "chunk {chunk} has {size} bytes: only the last one may have less than 8192"
                );
            }
            Self::Signature => "the signature of a chunk or of the trailers does not match",
            Self::Trailer => "the trailers of the body are not those that x-amz-trailer declares",
            Self::Checksum => "the body does not have the checksum of its trailer",
        })
    }
}

impl core::error::Error for ChunkError {}
