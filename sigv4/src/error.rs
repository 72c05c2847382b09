//! What can go wrong: [`ParseError`], [`CanonicalError`], [`SignError`], [`VerifyError`].
//!
//! Every error is `Copy` and carries data only: never a secret, a token, or a signature that would have been accepted.

use core::fmt;

use crate::text::InlineText;
use crate::time::AmzDate;

/// A text is not what it should be.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ParseError {
    /// Not an access key id: empty, over 128 bytes, or with a space, comma, slash or a byte that is not printable ASCII.
    AccessKeyId,
    /// Not a moment of the form `20150830T123600Z` from 1970 to 9999.
    Date,
    /// Not a number of seconds from 1 to 604800.
    Expires,
    /// Not a header name.
    HeaderName,
    /// Neither 64 lower-case hexadecimal digits nor a known word such as `UNSIGNED-PAYLOAD`.
    PayloadHash,
    /// Not a region name: 1 to 64 of `A-Z a-z 0-9 . _ -`.
    Region,
    /// Not a day of the form `20150830`.
    ScopeDate,
    /// Not four parts `date/region/service/aws4_request`.
    ScopeParts,
    /// An empty secret access key, or one with white space around it.
    SecretAccessKey,
    /// Not a service name: 1 to 64 of `A-Z a-z 0-9 . _ -`.
    Service,
    /// An empty session token, or one with a byte that is not printable ASCII.
    SessionToken,
    /// Not 64 lower-case hexadecimal digits.
    Signature,
    /// The scope does not end in `aws4_request`.
    Terminator,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AccessKeyId => {
                "invalid access key id: 1 to 128 printable ASCII characters without space, comma or slash"
            }
            Self::Date => "invalid date: expected the form 20150830T123600Z, in UTC, from 1970 to 9999",
            Self::Expires => "invalid expiry: 1 to 604800 seconds",
            Self::HeaderName => "invalid header name",
            Self::PayloadHash => "invalid payload hash: 64 lower-case hexadecimal digits or a word like UNSIGNED-PAYLOAD",
            Self::Region => "invalid region: 1 to 64 letters, digits, '.', '_' or '-'",
            Self::ScopeDate => "invalid scope date: expected the form 20150830",
            Self::ScopeParts => "invalid scope: expected date/region/service/aws4_request",
            Self::SecretAccessKey => "invalid secret access key: it is empty or has white space around it",
            Self::Service => "invalid service: 1 to 64 letters, digits, '.', '_' or '-'",
            Self::SessionToken => "invalid session token: printable ASCII characters only",
            Self::Signature => "invalid signature: 64 lower-case hexadecimal digits",
            Self::Terminator => "invalid scope: it has to end in aws4_request",
        })
    }
}

impl core::error::Error for ParseError {}

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

/// A request is refused, and why.
///
/// The reasons stand in the order in which they are checked (see [`Verifier`](crate::Verifier)).
///
/// * [`reason`](Self::reason) is a stable short word for logs and tests.
/// * `Display` is fit for the caller: an unknown access key and a wrong signature read the same.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum VerifyError {
    /// The request has no canonical form.
    Request(CanonicalError),
    /// A limit was passed. Checked before anything is hashed.
    TooLarge(Limit),
    /// There is no trace of a signature.
    MissingAuthentication,
    /// There is more than one signature, or more than one kind.
    MultipleAuthentication,
    /// A signature of another kind, such as Signature Version 2.
    UnsupportedMechanism,
    /// An algorithm other than `AWS4-HMAC-SHA256`, in the header or the query.
    UnsupportedAlgorithm,
    /// `X-Amz-Algorithm` is not `AWS4-HMAC-SHA256`, at a service that then finds no authentication at all.
    UnsupportedQueryAlgorithm,
    /// The Authorization header lacks parts.
    Incomplete(MissingParts),
    /// The Authorization header does not parse.
    MalformedAuthorization,
    /// An `X-Amz-*` parameter is missing, malformed, duplicate, or comes in two spellings.
    QueryParameter(&'static str),
    /// The list of signed headers has an empty or repeated name or a character that no name has.
    MalformedSignedHeaders,
    /// The list of signed headers is not sorted, not lower-case, or names a header that cannot be signed.
    NonCanonicalSignedHeaders,
    /// The host is not signed.
    HostNotSigned,
    /// The date is not of the form `20150830T123600Z`, or there are two.
    BadDate,
    /// The request is older than the window allows.
    Expired(Skew),
    /// The request is from further in the future than the window allows.
    NotYetCurrent(Skew),
    /// The presigned request has expired.
    PresignExpired(Skew),
    /// The presigned request is not valid yet.
    PresignNotYetValid(Skew),
    /// The credential is not `key/date/region/service/aws4_request` with a possible key id.
    Credential,
    /// The scope is not the one of this verifier.
    Scope(ScopeMismatch),
    /// The request's host is not one of those that the verifier was told to expect.
    WrongHost,
    /// The request target and the Host header name different hosts.
    HostConflict,
    /// A header that decides what the request does is not signed.
    HeaderNotSigned(HeaderName),
    /// A header is named as signed but is not there.
    SignedHeaderAbsent(HeaderName),
    /// The Connection header asks for a header to be dropped that the signature depends on.
    HopByHopSigned,
    /// `x-amz-content-sha256` is missing where the service demands it.
    PayloadHashMissing,
    /// `x-amz-content-sha256` is neither a hash nor a word that the verifier allows.
    PayloadHashNotAllowed,
    /// The session token is missing, unexpected, wrong, or given twice.
    InvalidToken,
    /// The temporary credentials have expired.
    ExpiredToken,
    /// The keys could not be looked up. Not the caller's fault.
    KeyProvider,
    /// The access key is not known.
    UnknownAccessKey,
    /// The signature is not the one of this request.
    SignatureMismatch,
    /// The body is not the one that was signed.
    PayloadMismatch,
}

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

impl VerifyError {
    /// A short, stable word for the reason: for logs, metrics and tests. Not for the caller of a service, who must
    /// not learn whether an access key exists.
    #[must_use]
    pub const fn reason(&self) -> &'static str {
        match self {
            Self::Request(CanonicalError::Query { .. }) => "bad_query",
            Self::Request(
                CanonicalError::AmbiguousPlus { .. } | CanonicalError::PlusInPath { .. },
            )
            | Self::NonCanonicalSignedHeaders
            | Self::HostConflict
            | Self::SignedHeaderAbsent(_)
            | Self::HopByHopSigned
            | Self::SignatureMismatch => "mismatch",
            Self::Request(_) | Self::TooLarge(Limit::Path) => "http_400",
            Self::TooLarge(_) => "too_large",
            Self::MissingAuthentication | Self::UnsupportedQueryAlgorithm => "missing_auth",
            Self::MultipleAuthentication => "multi_auth",
            Self::UnsupportedMechanism => "unsupported",
            Self::UnsupportedAlgorithm => "algorithm",
            Self::Incomplete(_) | Self::MalformedAuthorization | Self::MalformedSignedHeaders => {
                "incomplete"
            }
            Self::QueryParameter(_) => "query_params",
            Self::HostNotSigned => "host_unsigned",
            Self::BadDate => "bad_date",
            Self::Expired(_) => "expired",
            Self::NotYetCurrent(_) => "not_yet",
            Self::PresignExpired(_) => "presign_expired",
            Self::PresignNotYetValid(_) => "presign_future",
            Self::Credential => "credential",
            Self::Scope(_) | Self::WrongHost => "scope",
            Self::HeaderNotSigned(_) => "unsigned_header",
            Self::PayloadHashMissing => "sha_missing",
            Self::PayloadHashNotAllowed => "sha_header",
            Self::InvalidToken => "bad_token",
            Self::ExpiredToken => "expired_token",
            Self::KeyProvider => "internal",
            Self::UnknownAccessKey => "unknown_key",
            Self::PayloadMismatch => "body_hash",
        }
    }

    /// The error code that AWS's Query services answer with, `SignatureDoesNotMatch` and the like.
    ///
    /// An unknown access key gives `SignatureDoesNotMatch` too, so that nobody can try out access key ids.
    #[must_use]
    pub const fn aws_error_code(&self) -> &'static str {
        match self {
            Self::Request(CanonicalError::Query { .. }) => "MalformedQueryString",
            Self::Request(
                CanonicalError::AmbiguousPlus { .. } | CanonicalError::PlusInPath { .. },
            ) => "SignatureDoesNotMatch",
            Self::Request(_) => "BadRequest",
            Self::TooLarge(_) => "RequestEntityTooLarge",
            Self::MissingAuthentication | Self::UnsupportedQueryAlgorithm => {
                "MissingAuthenticationToken"
            }
            Self::UnsupportedMechanism
            | Self::UnsupportedAlgorithm
            | Self::Incomplete(_)
            | Self::MalformedAuthorization
            | Self::MalformedSignedHeaders
            | Self::QueryParameter(_)
            | Self::BadDate
            | Self::Credential => "IncompleteSignature",
            Self::InvalidToken => "InvalidClientTokenId",
            Self::ExpiredToken => "ExpiredToken",
            Self::KeyProvider => "InternalFailure",
            _ => "SignatureDoesNotMatch",
        }
    }
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Request(error) => fmt::Display::fmt(error, f),
            Self::TooLarge(limit) => write!(f, "the request is too large: {limit}"),
            Self::MissingAuthentication => f.write_str("the request is not signed"),
            Self::MultipleAuthentication => f.write_str("only one signature is allowed"),
            Self::UnsupportedMechanism => f.write_str("unsupported kind of signature: use AWS4-HMAC-SHA256"),
            Self::UnsupportedAlgorithm | Self::UnsupportedQueryAlgorithm => {
                f.write_str("unsupported algorithm: use AWS4-HMAC-SHA256")
            }
            Self::Incomplete(missing) => write!(f, "the Authorization header is incomplete: it lacks{missing}"),
            Self::MalformedAuthorization => f.write_str(
                "malformed Authorization header: expected AWS4-HMAC-SHA256 Credential=…, SignedHeaders=…, Signature=…",
            ),
            Self::QueryParameter(name) => write!(f, "{name} is missing, malformed or there more than once"),
            Self::MalformedSignedHeaders => f.write_str("malformed list of signed headers"),
            Self::NonCanonicalSignedHeaders => {
                f.write_str("the list of signed headers is not sorted lower-case names of headers that can be signed")
            }
            Self::HostNotSigned => f.write_str("the host is not signed"),
            Self::BadDate => f.write_str("bad date: expected one of the form 20150830T123600Z"),
            Self::Expired(skew) | Self::PresignExpired(skew) => write!(f, "the signature has expired: {skew}"),
            Self::NotYetCurrent(skew) | Self::PresignNotYetValid(skew) => {
                write!(f, "the signature is not valid yet: {skew}")
            }
            Self::Credential => {
                f.write_str("malformed credential: expected access-key-id/date/region/service/aws4_request")
            }
            Self::Scope(wrong) => write!(f, "the credential is for something else: wrong{wrong}"),
            Self::WrongHost => f.write_str("the request is for another host"),
            Self::HostConflict => f.write_str("the request target and the Host header name different hosts"),
            Self::HeaderNotSigned(name) => write!(f, "the header {name} is not signed"),
            Self::SignedHeaderAbsent(name) => write!(f, "the header {name} is named as signed but is not there"),
            Self::HopByHopSigned => f.write_str("the Connection header names a header that the signature needs"),
            Self::PayloadHashMissing => f.write_str("the header x-amz-content-sha256 is missing"),
            Self::PayloadHashNotAllowed => {
                f.write_str("x-amz-content-sha256 is neither the hash of the body nor a word that is allowed here")
            }
            Self::InvalidToken => f.write_str("the session token is not valid"),
            Self::ExpiredToken => f.write_str("the session token has expired"),
            Self::KeyProvider => f.write_str("the keys could not be looked up"),
            Self::UnknownAccessKey | Self::SignatureMismatch => {
                f.write_str("the signature does not match: check the access key, the secret key and what was signed")
            }
            Self::PayloadMismatch => f.write_str("the body is not the one that was signed"),
        }
    }
}

impl core::error::Error for VerifyError {}

impl From<CanonicalError> for VerifyError {
    fn from(error: CanonicalError) -> Self {
        Self::Request(error)
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
