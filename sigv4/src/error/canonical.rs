//! [`CanonicalError`]: a request has no canonical form.

use core::fmt;

/// A request has no canonical form.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum CanonicalError {
    /// The method is empty or has a byte that no method has.
    Method,
    /// The request target is neither a path nor an absolute URI: `*`, `host:443`, or with a fragment.
    Target,
    /// The path has a bad percent escape (where the rules decode it) or a control byte; at this byte of it.
    Path {
        /// Offset in bytes.
        at: usize,
    },
    /// The query has a bad percent escape, at this byte of it.
    Query {
        /// Offset in bytes.
        at: usize,
    },
    /// The query has a `+`, which some read as a space and others as a plus, and the rules refuse to guess.
    AmbiguousPlus {
        /// Offset in bytes.
        at: usize,
    },
    /// The path has a `+`, which S3 reads as a space and its clients sign as a plus, and the verifier refuses to guess.
    PlusInPath {
        /// Offset in bytes.
        at: usize,
    },
    /// A header's name is not a token.
    HeaderName {
        /// Which header, counted from 0.
        index: usize,
    },
    /// A header's value has a line break, a NUL or another control byte.
    HeaderValue {
        /// Which header, counted from 0.
        index: usize,
    },
    /// There is no host to sign, an empty one, or more than one.
    Host,
    /// There are both `Content-Length` and `Transfer-Encoding`, so that the body's end is open to dispute.
    BodyLength,
}

impl fmt::Display for CanonicalError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Method => f.write_str("invalid request method"),
            Self::Target => f.write_str(
                "the request target is neither a path nor an absolute URI without fragment",
            ),
            Self::Path { at } => write!(
                f,
                "bad percent escape or control byte in the path, at byte {at}"
            ),
            Self::Query { at } => write!(f, "bad percent escape in the query, at byte {at}"),
            Self::AmbiguousPlus { at } => {
                write!(
                    f,
                    "a '+' in the query, at byte {at}, is ambiguous: write %20 for a space or %2B for a plus"
                )
            }
            Self::PlusInPath { at } => {
                write!(
                    f,
                    "a '+' in the path, at byte {at}, is ambiguous: write %20 for a space or %2B for a plus"
                )
            }
            Self::HeaderName { index } => write!(f, "header {index} has an invalid name"),
            Self::HeaderValue { index } => {
                write!(f, "header {index} has a control byte in its value")
            }
            Self::Host => f.write_str("the request needs exactly one host"),
            Self::BodyLength => {
                f.write_str("the request has both Content-Length and Transfer-Encoding")
            }
        }
    }
}

impl core::error::Error for CanonicalError {}
