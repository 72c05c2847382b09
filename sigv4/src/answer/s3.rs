//! S3's answers.
//!
//! Sources of the texts, by their marks below: (a) recorded from S3; (d) AWS's documentation; (r) answers of S3 that users
//! and the authors of S3-compatible servers have reported; (n) none: ours.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::asked::Asked;
use super::wire::{element, spaced_hex};
use super::{Refusal, Refused};
use crate::auth::AuthKind;
use crate::error::{
    CanonicalError, ChunkError, Limit, MissingParts, ScopeMismatch, Skew, VerifyError,
};
use crate::time::AmzDate;

/// Status, code, message, and the elements that follow it.
struct Told {
    status: u16,
    code: &'static str,
    message: String,
    more: Vec<(&'static str, String)>,
}

impl Told {
    fn new(status: u16, code: &'static str, message: impl Into<String>) -> Self {
        Self {
            status,
            code,
            message: message.into(),
            more: Vec::new(),
        }
    }

    fn with(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.more.push((name, value.into()));
        self
    }
}

pub(super) fn refusal(error: &VerifyError, refused: &Refused<'_>, asked: &Asked) -> Refusal {
    let told = told(error, refused, asked);
    let mut body = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error>");
    element(&mut body, "Code", told.code);
    element(&mut body, "Message", &told.message);
    for (name, value) in &told.more {
        element(&mut body, name, value);
    }
    element(&mut body, "RequestId", refused.request_id);
    element(&mut body, "HostId", refused.request_id);
    body.push_str("</Error>");
    Refusal {
        status: told.status,
        code: told.code,
        headers: vec![
            ("content-type", "application/xml".to_string()),
            ("x-amz-request-id", refused.request_id.to_string()),
            ("x-amz-id-2", refused.request_id.to_string()),
        ],
        body,
    }
}

fn told(error: &VerifyError, refused: &Refused<'_>, asked: &Asked) -> Told {
    match error {
        VerifyError::Request(CanonicalError::Query { .. }) => {
            Told::new(400, "InvalidURI", "Couldn't parse the specified URI.") // (d)
        }
        VerifyError::Request(
            CanonicalError::AmbiguousPlus { .. } | CanonicalError::PlusInPath { .. },
        )
        | VerifyError::SignatureMismatch
        | VerifyError::NonCanonicalSignedHeaders
        | VerifyError::SignedHeaderAbsent(_)
        | VerifyError::HostConflict
        | VerifyError::HopByHopSigned => mismatch(refused, asked),
        VerifyError::Request(_) | VerifyError::TooLarge(Limit::Path) => {
            Told::new(400, "BadRequest", error.to_string()) // (n)
        }
        VerifyError::TooLarge(Limit::Body | Limit::Chunk) => Told::new(
            400,
            "EntityTooLarge",
            "Your proposed upload exceeds the maximum allowed size", // (d)
        ),
        VerifyError::TooLarge(_) => Told::new(
            400,
            "RequestHeaderSectionTooLarge",
            "Your request header section exceeds the maximum allowed size.", // (d)
        ),
        VerifyError::MissingAuthentication => Told::new(403, "AccessDenied", "Access Denied"), // (a)
        VerifyError::MultipleAuthentication => Told::new(
            400,
            "InvalidArgument",
            "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified", // (r)
        )
        .with("ArgumentName", "Authorization"),
        VerifyError::UnsupportedMechanism => Told::new(
            400,
            "InvalidRequest",
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.", // (r)
        ),
        VerifyError::UnsupportedAlgorithm | VerifyError::UnsupportedQueryAlgorithm => {
            match asked.kind {
                AuthKind::Query => query_parameters(
                    "X-Amz-Algorithm only supports \"AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256\"", // (r)
                ),
                AuthKind::Header => {
                    Told::new(400, "InvalidArgument", "Unsupported Authorization Type") // (r)
                        .with("ArgumentName", "Authorization")
                        .with("ArgumentValue", asked.algorithm())
                }
            }
        }
        VerifyError::Incomplete(missing) => incomplete(*missing),
        VerifyError::MalformedAuthorization | VerifyError::MalformedSignedHeaders => {
            if asked.kind == AuthKind::Query {
                return query_parameters(NEEDED);
            }
            malformed(
                "the authorization header requires three components: Credential, SignedHeaders, and Signature.", // (r)
            )
        }
        VerifyError::QueryParameter(name) => query_parameter(name, asked),
        VerifyError::BadDate => match asked.kind {
            AuthKind::Query => query_parameters(
                "X-Amz-Date must be in the ISO8601 Long Format \"yyyyMMdd'T'HHmmss'Z'\"", // (r)
            ),
            AuthKind::Header => no_date(),
        },
        VerifyError::Expired(skew) | VerifyError::NotYetCurrent(skew) => skewed(*skew),
        VerifyError::PresignExpired(skew) => {
            Told::new(403, "AccessDenied", "Request has expired") // (a)
                .with("X-Amz-Expires", skew.allowed.to_string())
                .with(
                    "Expires",
                    extended(skew.request.saturating_add(i64::from(skew.allowed))),
                )
                .with("ServerTime", extended(skew.now))
        }
        VerifyError::PresignNotYetValid(skew) => {
            let seconds = asked.expires.parse::<i64>().unwrap_or_default();
            let epoch_ms = skew.request.unix().saturating_mul(1000);
            Told::new(403, "AccessDenied", "Request is not yet valid") // (r)
                .with("X-Amz-Date", epoch_ms.to_string())
                .with("Expires", extended(skew.request.saturating_add(seconds)))
                .with("ServerTime", extended(skew.now))
        }
        VerifyError::Credential => credential(asked),
        VerifyError::Scope(wrong) => scope(*wrong, refused, asked),
        VerifyError::HostNotSigned => not_signed("host"),
        VerifyError::HeaderNotSigned(name) => not_signed(name.as_str()),
        VerifyError::WrongHost | VerifyError::Replayed => {
            Told::new(403, "AccessDenied", error.to_string())
        } // (n)
        VerifyError::PayloadHashMissing => Told::new(
            400,
            "InvalidRequest",
            "Missing required header for this request: x-amz-content-sha256", // (r)
        ),
        VerifyError::PayloadHashNotAllowed => Told::new(
            400,
            "InvalidArgument",
            "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-UNSIGNED-PAYLOAD-TRAILER, STREAMING-AWS4-HMAC-SHA256-PAYLOAD, STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD, STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD-TRAILER or a valid sha256 value.", // (r)
        )
        .with("ArgumentName", "x-amz-content-sha256"),
        VerifyError::InvalidToken => Told::new(
            400,
            "InvalidToken",
            "The provided token is malformed or otherwise invalid.", // (d)
        ),
        VerifyError::ExpiredToken => {
            Told::new(400, "ExpiredToken", "The provided token has expired.") // (d)
        }
        VerifyError::KeyProvider => Told::new(
            500,
            "InternalError",
            "We encountered an internal error. Please try again.", // (d)
        ),
        VerifyError::UnknownAccessKey => Told::new(
            403,
            "InvalidAccessKeyId",
            "The AWS Access Key Id you provided does not exist in our records.", // (a)
        )
        .with("AWSAccessKeyId", asked.scope_part(0)),
        VerifyError::PayloadMismatch => Told::new(
            400,
            "XAmzContentSHA256Mismatch",
            "The provided 'x-amz-content-sha256' header does not match what was computed.", // (r)
        ),
        VerifyError::Chunk(error) => chunk(*error, refused, asked),
    }
}

/// (d) but for the size of a chunk: (r)
fn chunk(error: ChunkError, refused: &Refused<'_>, asked: &Asked) -> Told {
    match error {
        ChunkError::Format | ChunkError::Incomplete | ChunkError::DecodedLength => Told::new(
            400,
            "IncompleteBody",
            "You did not provide the number of bytes specified by the Content-Length HTTP header",
        ),
        ChunkError::Size { chunk, size } => Told::new(
            400,
            "InvalidChunkSizeError",
            "Only the last chunk is allowed to have a size less than 8192 bytes",
        )
        .with("Chunk", chunk.to_string())
        .with("BadChunkSize", size.to_string()),
        ChunkError::Signature => mismatch(
            &Refused {
                // What was derived of the head is right: it is a chunk that is wrong.
                explanation: None,
                ..*refused
            },
            asked,
        ),
        ChunkError::Trailer => Told::new(
            400,
            "MalformedTrailerError",
            "The request contained trailing data that was not well-formed or did not conform to our published schema.",
        ),
        ChunkError::Checksum => Told::new(
            400,
            "BadDigest",
            "The Content-MD5 or checksum value that you specified did not match what the server received.",
        ),
    }
}

/// (a) What S3 derived from the request, where that is known.
fn mismatch(refused: &Refused<'_>, asked: &Asked) -> Told {
    let told = Told::new(
        403,
        "SignatureDoesNotMatch",
        "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
    )
    .with("AWSAccessKeyId", asked.scope_part(0));
    let Some(explanation) = refused.explanation else {
        return told.with("SignatureProvided", asked.signature.as_str());
    };
    let (to_sign, canonical) = (
        explanation.string_to_sign(),
        explanation.canonical_request(),
    );
    told.with("StringToSign", to_sign)
        .with("SignatureProvided", asked.signature.as_str())
        .with("StringToSignBytes", spaced_hex(to_sign))
        .with("CanonicalRequest", canonical)
        .with("CanonicalRequestBytes", spaced_hex(canonical))
}

/// (a)
fn not_signed(names: &str) -> Told {
    Told::new(
        403,
        "AccessDenied",
        "There were headers present in the request which were not signed",
    )
    .with("HeadersNotSigned", names)
}

/// (a)
fn skewed(skew: Skew) -> Told {
    Told::new(
        403,
        "RequestTimeTooSkewed",
        "The difference between the request time and the current time is too large.",
    )
    .with("RequestTime", skew.request.to_string())
    .with("ServerTime", extended(skew.now))
    .with(
        "MaxAllowedSkewMilliseconds",
        u64::from(skew.allowed).saturating_mul(1000).to_string(),
    )
}

/// (r)
fn no_date() -> Told {
    Told::new(
        403,
        "AccessDenied",
        "AWS authentication requires a valid Date or x-amz-date header",
    )
}

/// (r)
fn incomplete(missing: MissingParts) -> Told {
    let parts = [
        (missing.credential, "missing Credential."),
        (missing.signed_headers, "missing SignedHeaders."),
        (missing.signature, "missing Signature."),
    ];
    let mut absent = parts.into_iter().filter(|(missing, _)| *missing);
    match (absent.next(), absent.next()) {
        (None, _) => no_date(),
        (Some((_, one)), None) => malformed(one),
        _ => malformed(
            "the authorization header requires three components: Credential, SignedHeaders, and Signature.",
        ),
    }
}

/// (a) the list; (r) the others
fn query_parameter(name: &str, asked: &Asked) -> Told {
    if name != "X-Amz-Expires" || asked.expires.is_empty() {
        return query_parameters(NEEDED);
    }
    query_parameters(match asked.expires.parse::<i64>() {
        Ok(seconds) if seconds < 0 => "X-Amz-Expires must be non-negative",
        Ok(_) => {
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds"
        }
        Err(_) => "X-Amz-Expires should be a number",
    })
}

/// (a) for the query; (r) for the header
fn credential(asked: &Asked) -> Told {
    let wrong = "the Credential is mal-formed; expecting \"<YOUR-AKID>/YYYYMMDD/REGION/SERVICE/aws4_request\".";
    match asked.kind {
        AuthKind::Query => query_parameters(&format!("{CREDENTIAL_PARAMETER}; {wrong}")),
        AuthKind::Header if asked.credential.starts_with('/') => {
            malformed("a non-empty Access Key (AKID) must be provided in the credential.")
        }
        AuthKind::Header => malformed(wrong),
    }
}

/// (r) The first thing that is wrong, in S3's order.
fn scope(wrong: ScopeMismatch, refused: &Refused<'_>, asked: &Asked) -> Told {
    let why = if wrong.service {
        format!(
            "incorrect service \"{}\". This endpoint belongs to \"s3\".",
            asked.scope_part(3)
        )
    } else if wrong.terminator {
        format!(
            "incorrect terminal \"{}\". This endpoint uses \"aws4_request\".",
            asked.scope_part(4)
        )
    } else if wrong.region {
        format!(
            "the region \"{}\" is wrong; expecting \"{}\"",
            asked.scope_part(2),
            refused.region
        )
    } else {
        "Invalid credential date. Date is not the same as X-Amz-Date.".to_string()
    };
    let told = match asked.kind {
        AuthKind::Query => query_parameters(&format!("{CREDENTIAL_PARAMETER}; {why}")),
        AuthKind::Header => malformed(&why),
    };
    if wrong.region && !wrong.service && !wrong.terminator {
        told.with("Region", refused.region)
    } else {
        told
    }
}

fn malformed(why: &str) -> Told {
    Told::new(
        400,
        "AuthorizationHeaderMalformed",
        format!("The authorization header is malformed; {why}"),
    )
}

fn query_parameters(why: &str) -> Told {
    Told::new(400, "AuthorizationQueryParametersError", why)
}

/// `20150830T123600Z` → `2015-08-30T12:36:00Z`
fn extended(time: AmzDate) -> String {
    let text = time.as_str();
    let part = |from, to| text.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(9, 11),
        part(11, 13),
        part(13, 15)
    )
}

const NEEDED: &str = "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.";
const CREDENTIAL_PARAMETER: &str = "Error parsing the X-Amz-Credential parameter";
