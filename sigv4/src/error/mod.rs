//! What can go wrong: [`ParseError`], [`CanonicalError`], [`SignError`], [`VerifyError`], [`ChunkError`].
//!
//! Every error is `Copy` and carries data only: never a secret, a token, or a signature that would have been accepted.

mod canonical;
mod chunk;
mod detail;
mod parse;
mod sign;
mod verify;

pub use canonical::CanonicalError;
pub use chunk::ChunkError;
pub use detail::{HeaderName, Limit, MissingParts, ScopeMismatch, Skew};
pub use parse::ParseError;
pub use sign::SignError;
pub use verify::VerifyError;
