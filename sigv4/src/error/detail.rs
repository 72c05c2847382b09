//! The data in a [`VerifyError`](crate::VerifyError): which limit, which parts, which times, which header.

use core::fmt;

use crate::text::InlineText;
use crate::time::AmzDate;

/// A limit of [`Limits`](crate::Limits).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Limit {
    /// Bytes of path.
    Path,
    /// Bytes of query.
    Query,
    /// Number of query parameters.
    QueryParameters,
    /// Number of headers.
    Headers,
    /// Bytes of header names and values together.
    HeaderBytes,
    /// Bytes of body.
    Body,
    /// Bytes of a signed chunk of a body.
    Chunk,
}

/// Which parts an Authorization header lacks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct MissingParts {
    /// `Credential=`
    pub credential: bool,
    /// `Signature=`
    pub signature: bool,
    /// `SignedHeaders=`
    pub signed_headers: bool,
    /// The X-Amz-Date header.
    pub date: bool,
}

/// The times behind an error about time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub struct Skew {
    /// The moment that the request says it was signed.
    pub request: AmzDate,
    /// The verifier's moment.
    pub now: AmzDate,
    /// The allowed difference, or the expiry of a presigned request; in seconds.
    pub allowed: u32,
}

/// Which parts of a scope are wrong.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub struct ScopeMismatch {
    /// The region is not the verifier's.
    pub region: bool,
    /// The service is not the verifier's.
    pub service: bool,
    /// The last part is not `aws4_request`.
    pub terminator: bool,
    /// The day is malformed or not the request's.
    pub date: bool,
}

/// The (beginning of the) name of a header, for an error.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct HeaderName(InlineText<64>);

impl HeaderName {
    pub(crate) fn new(name: &[u8]) -> Self {
        let mut text = InlineText::new();
        for byte in name {
            // What is not printable has no place in an error line.
            let shown = if byte.is_ascii_graphic() {
                byte.to_ascii_lowercase()
            } else {
                b'?'
            };
            if !text.push(&[shown]) {
                break;
            }
        }
        Self(text)
    }

    /// The name in lower case, cut after 64 bytes.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl fmt::Debug for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl fmt::Display for HeaderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Path => "path",
            Self::Query => "query",
            Self::QueryParameters => "number of query parameters",
            Self::Headers => "number of headers",
            Self::HeaderBytes => "headers",
            Self::Body => "body",
            Self::Chunk => "chunk of the body",
        })
    }
}

/// Writes the names whose flag is set, each after a space, with commas between.
fn write_set(f: &mut fmt::Formatter<'_>, flags: [(bool, &str); 4]) -> fmt::Result {
    let mut separator = " ";
    for (_, name) in flags.into_iter().filter(|(set, _)| *set) {
        write!(f, "{separator}{name}")?;
        separator = ", ";
    }
    Ok(())
}

impl fmt::Display for MissingParts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_set(
            f,
            [
                (self.credential, "Credential"),
                (self.signature, "Signature"),
                (self.signed_headers, "SignedHeaders"),
                (self.date, "the X-Amz-Date header"),
            ],
        )
    }
}

impl fmt::Display for ScopeMismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write_set(
            f,
            [
                (self.region, "region"),
                (self.service, "service"),
                (self.terminator, "terminator"),
                (self.date, "date"),
            ],
        )
    }
}

impl fmt::Display for Skew {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "signed at {}, now {}, allowed {} s",
            self.request, self.now, self.allowed
        )
    }
}
