//! [`SignError`]: a request cannot be signed.

use core::fmt;

use super::CanonicalError;

/// A request cannot be signed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum SignError {
    /// The request has no canonical form.
    Request(CanonicalError),
    /// The request already carries this Authorization header or X-Amz-* parameter.
    ///
    /// [`ExistingAuth::Replace`](crate::ExistingAuth::Replace) signs it anew.
    AlreadySigned(&'static str),
    /// The request already has this header, with another value than the one that would be signed.
    Conflict(&'static str),
    /// The signing key that was given is for another day than the request.
    KeyDate,
    /// The body cannot be sent in chunks as described: this is wrong.
    Chunked(&'static str),
    /// The body that was given is not as long as was said.
    BodyLength,
}

impl fmt::Display for SignError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => fmt::Display::fmt(error, f),
            Self::AlreadySigned(what) => write!(f, "the request is already signed: it has {what}"),
            Self::Conflict(name) => write!(
                f,
                "the request has another {name} than the one to be signed"
            ),
            Self::KeyDate => f.write_str("the signing key is for another day than the request"),
            Self::Chunked(what) => write!(f, "the body cannot be sent in chunks: {what}"),
            Self::BodyLength => {
                f.write_str("the body is not as long as was said when it was signed")
            }
        }
    }
}

impl core::error::Error for SignError {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        None // The Display of `Request` is the whole story; a source would print it twice.
    }
}

impl From<CanonicalError> for SignError {
    fn from(error: CanonicalError) -> Self {
        Self::Request(error)
    }
}
