//! [`VerifyError`]: a request is refused, and why.

use core::fmt;

use super::{CanonicalError, ChunkError, HeaderName, Limit, MissingParts, ScopeMismatch, Skew};

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
    /// There is no signature: no Authorization header, and no `X-Amz-*` parameter in its exact spelling. That is no
    /// reason to take the request for an anonymous one: it can hold the remains of a signature.
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
    /// The signature was used before, at a server that remembers them.
    Replayed,
    /// The chunks of the body are not the ones that were signed.
    Chunk(ChunkError),
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
            Self::Replayed => "replayed",
            Self::Chunk(error) => error.reason(),
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
            Self::Replayed => f.write_str("this signature was used before: sign the request again"),
            Self::Chunk(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl core::error::Error for VerifyError {}

impl From<CanonicalError> for VerifyError {
    fn from(error: CanonicalError) -> Self {
        Self::Request(error)
    }
}

impl From<ChunkError> for VerifyError {
    fn from(error: ChunkError) -> Self {
        Self::Chunk(error)
    }
}
