//! aws-chunked bodies: signed and verified chunk by chunk, without I/O.
//!
//! ```text
//! send     Signer::sign_chunked ─► headers + ChunkSigner ─► ChunkEncoder ─► bytes
//! receive  Claim::verify ─► Verified::chunk_decoder ─► ChunkDecoder ─► bytes
//! ```
//!
//! On the wire a body is `size;chunk-signature=hex`, CRLF, that many bytes, CRLF, and so on to a chunk of no bytes, then
//! the trailers if there are any, then CRLF. Each signature is over the one before it, the first over that of the head.

mod chain;
mod checksum;
mod decoder;
mod encoder;
mod framing;
mod payload;
mod signer;
mod trailers;

#[cfg(feature = "checksums")]
pub use checksum::ChecksumAlgorithm;
pub use decoder::ChunkDecoder;
#[cfg(feature = "tower")]
pub(crate) use decoder::Piece;
pub use encoder::{ChunkEncoder, EncodedChunk};
pub use payload::ChunkedPayload;
pub use signer::ChunkSigner;
