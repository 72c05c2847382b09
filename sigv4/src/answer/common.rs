//! The answers of every protocol but S3's: Query, EC2, JSON, REST, API Gateway, function URLs, OpenSearch.
//!
//! Sources of the texts, by their marks below: (o) the order of checks of AWS's Query services as measured by
//! scratchstack's authors; (d) AWS's documentation; (r) answers of AWS that users have reported; (n) none: ours.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use super::asked::Asked;
use super::wire::{element, hashed, json};
use super::{Protocol, Refusal, Refused};
use crate::error::{CanonicalError, Limit, MissingParts, ScopeMismatch, Skew, VerifyError};

/// What an error is to these services, in the words of the Query protocol.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    BadRequest,
    TooLarge,
    MalformedQuery,
    Missing,
    Incomplete,
    Mismatch,
    InvalidToken,
    ExpiredToken,
    Internal,
}

/// A kind's code and status in the three families.
struct Codes {
    query: (&'static str, u16),
    json: (&'static str, u16),
    rest: (&'static str, u16),
}

impl Kind {
    const fn codes(self) -> Codes {
        let (query, json, rest) = match self {
            Self::BadRequest => (
                ("BadRequest", 400),
                ("BadRequest", 400),
                ("BadRequest", 400),
            ),
            Self::TooLarge => (
                ("RequestEntityTooLarge", 413),
                ("RequestEntityTooLargeException", 413),
                ("RequestEntityTooLargeException", 413),
            ),
            Self::MalformedQuery => (
                ("MalformedQueryString", 400),
                ("MalformedQueryString", 400),
                ("MalformedQueryString", 400),
            ),
            Self::Missing => (
                ("MissingAuthenticationToken", 403),
                ("MissingAuthenticationTokenException", 400),
                ("MissingAuthenticationTokenException", 403),
            ),
            Self::Incomplete => (
                ("IncompleteSignature", 400),
                ("IncompleteSignatureException", 400),
                ("IncompleteSignatureException", 403),
            ),
            Self::Mismatch => (
                ("SignatureDoesNotMatch", 403),
                ("InvalidSignatureException", 400),
                ("InvalidSignatureException", 403),
            ),
            Self::InvalidToken => (
                ("InvalidClientTokenId", 403),
                ("UnrecognizedClientException", 400),
                ("UnrecognizedClientException", 403),
            ),
            Self::ExpiredToken => (
                ("ExpiredToken", 403),
                ("ExpiredTokenException", 400),
                ("ExpiredTokenException", 403),
            ),
            Self::Internal => (
                ("InternalFailure", 500),
                ("InternalServerError", 500),
                ("InternalServerError", 500),
            ),
        };
        Codes { query, json, rest }
    }
}

pub(super) fn refusal(
    protocol: Protocol,
    error: &VerifyError,
    refused: &Refused<'_>,
    asked: &Asked,
) -> Refusal {
    let kind = kind(error);
    let mut message = message(error, refused, asked);
    let tells_canonical = matches!(protocol, Protocol::ApiGatewayRest | Protocol::OpenSearch);
    if let (true, VerifyError::SignatureMismatch, Some(explanation)) =
        (tells_canonical, error, refused.explanation)
    {
        // (r)
        message = format!(
            "{MISMATCH}\n\nThe Canonical String for this request should have been\n'{}'\n\nThe String-to-Sign should have been\n'{}'\n",
            explanation.canonical_request(),
            explanation.string_to_sign()
        );
    }
    match protocol {
        Protocol::Query => {
            let (code, status) = kind.codes().query;
            let kind = if status >= 500 { "Receiver" } else { "Sender" };
            let mut body = String::from("<ErrorResponse><Error>");
            element(&mut body, "Type", kind);
            element(&mut body, "Code", code);
            if !matches!(error, VerifyError::MultipleAuthentication) {
                element(&mut body, "Message", &message);
            }
            body.push_str("</Error>");
            element(&mut body, "RequestId", refused.request_id);
            body.push_str("</ErrorResponse>\n");
            let headers = vec![
                ("content-type", "text/xml".to_string()),
                ("x-amzn-requestid", refused.request_id.to_string()),
            ];
            answer(status, code, headers, body)
        }
        Protocol::Ec2Query => {
            let (code, status, message) = match kind {
                // (r) One answer for bad keys, bad signatures and bad clocks.
                Kind::Mismatch | Kind::InvalidToken => ("AuthFailure", 401, EC2.to_string()),
                Kind::ExpiredToken => ("RequestExpired", 400, message),
                kind => {
                    let (code, status) = kind.codes().query;
                    (code, status, message)
                }
            };
            let mut body = String::from(
                "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response><Errors><Error>",
            );
            element(&mut body, "Code", code);
            element(&mut body, "Message", &message);
            body.push_str("</Error></Errors>");
            element(&mut body, "RequestID", refused.request_id);
            body.push_str("</Response>");
            let headers = vec![("content-type", "text/xml;charset=UTF-8".to_string())];
            answer(status, code, headers, body)
        }
        Protocol::AwsJson => {
            let (code, status) = kind.codes().json;
            let kind = json(&format!("com.amazon.coral.service#{code}"));
            let body = format!("{{\"__type\":{kind},\"message\":{}}}", json(&message));
            let headers = vec![
                ("content-type", "application/x-amz-json-1.0".to_string()),
                ("x-amzn-requestid", refused.request_id.to_string()),
            ];
            answer(status, code, headers, body)
        }
        Protocol::ApiGatewayHttp => {
            let (code, status) = kind.codes().rest;
            let word = match status {
                400 => "Bad Request",
                413 => "Request Entity Too Large",
                500 => "Internal Server Error",
                _ => "Forbidden", // (r)
            };
            let headers = vec![
                ("content-type", "application/json".to_string()),
                ("apigw-requestid", refused.request_id.to_string()),
            ];
            answer(status, code, headers, format!("{{\"message\":\"{word}\"}}"))
        }
        Protocol::FunctionUrl if kind == Kind::Missing => {
            let body = format!("{{\"Message\":{}}}", json(FUNCTION_URL));
            rest("AccessDeniedException", 403, refused, body)
        }
        Protocol::OpenSearch if kind == Kind::Missing => {
            // (r)
            let method = &refused.head.method;
            let action: String = method
                .chars()
                .enumerate()
                .map(|(i, c)| {
                    if i == 0 {
                        c.to_ascii_uppercase()
                    } else {
                        c.to_ascii_lowercase()
                    }
                })
                .collect();
            let text = format!("User: anonymous is not authorized to perform: es:ESHttp{action}");
            let body = format!("{{\"Message\":{}}}", json(&text));
            rest("AccessDeniedException", 403, refused, body)
        }
        _ => {
            let (code, status) = kind.codes().rest;
            rest(
                code,
                status,
                refused,
                format!("{{\"message\":{}}}", json(&message)),
            )
        }
    }
}

fn rest(code: &'static str, status: u16, refused: &Refused<'_>, body: String) -> Refusal {
    let headers = vec![
        ("content-type", "application/json".to_string()),
        ("x-amzn-errortype", code.to_string()),
        ("x-amzn-requestid", refused.request_id.to_string()),
    ];
    answer(status, code, headers, body)
}

fn answer(
    status: u16,
    code: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
) -> Refusal {
    Refusal {
        status,
        code,
        headers,
        body,
    }
}

const fn kind(error: &VerifyError) -> Kind {
    match error {
        VerifyError::Request(CanonicalError::Query { .. }) => Kind::MalformedQuery,
        VerifyError::Request(
            CanonicalError::AmbiguousPlus { .. } | CanonicalError::PlusInPath { .. },
        ) => Kind::Mismatch,
        VerifyError::Request(_) | VerifyError::TooLarge(Limit::Path) => Kind::BadRequest,
        VerifyError::TooLarge(_) => Kind::TooLarge,
        VerifyError::MissingAuthentication | VerifyError::UnsupportedQueryAlgorithm => {
            Kind::Missing
        }
        VerifyError::UnsupportedMechanism
        | VerifyError::UnsupportedAlgorithm
        | VerifyError::Incomplete(_)
        | VerifyError::MalformedAuthorization
        | VerifyError::MalformedSignedHeaders
        | VerifyError::QueryParameter(_)
        | VerifyError::BadDate
        | VerifyError::Credential => Kind::Incomplete,
        VerifyError::InvalidToken | VerifyError::UnknownAccessKey => Kind::InvalidToken,
        VerifyError::ExpiredToken => Kind::ExpiredToken,
        VerifyError::KeyProvider => Kind::Internal,
        _ => Kind::Mismatch,
    }
}

/// What the answer says.
fn message(error: &VerifyError, refused: &Refused<'_>, asked: &Asked) -> String {
    match error {
        // (d) for Query services it is "Request is missing Authentication Token" (o); both are understood.
        VerifyError::MissingAuthentication | VerifyError::UnsupportedQueryAlgorithm => {
            "Missing Authentication Token".to_string()
        }
        // (o)
        VerifyError::UnsupportedAlgorithm => {
            format!("Unsupported AWS 'algorithm': '{}'.", asked.algorithm())
        }
        VerifyError::Incomplete(missing) => incomplete(*missing, asked),
        VerifyError::MalformedAuthorization => match asked.without_equal_sign() {
            // (r)
            Some(part) => format!(
                "'{part}' not a valid key=value pair (missing equal-sign) in Authorization header {HASHED}: '{}'.",
                hashed(&asked.authorization)
            ),
            None => error.to_string(),
        },
        VerifyError::QueryParameter(_) if !asked.missing.is_empty() => {
            // (o)
            let mut text = String::from("AWS query-string parameters must include ");
            for (i, name) in asked.missing.iter().enumerate() {
                let sentence = if i == 0 {
                    format!("'{name}'.")
                } else {
                    format!(" AWS query-string parameters must include '{name}'.")
                };
                text.push_str(&sentence);
            }
            text.push_str(" Re-examine the query-string parameters.");
            text
        }
        // (o)
        VerifyError::HostNotSigned => {
            "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization.".to_string()
        }
        // (n) as the one for the host
        VerifyError::HeaderNotSigned(name) => {
            format!("'{name}' must be a 'SignedHeader' in the AWS Authorization.")
        }
        // (o)
        VerifyError::BadDate => format!(
            "Date must be in ISO-8601 'basic format'. Got '{}'. See http://en.wikipedia.org/wiki/ISO_8601",
            asked.date
        ),
        VerifyError::Expired(skew) | VerifyError::PresignExpired(skew) => expired(*skew),
        VerifyError::NotYetCurrent(skew) | VerifyError::PresignNotYetValid(skew) => {
            not_yet_current(*skew)
        }
        // (o)
        VerifyError::Credential => format!(
            "Credential must have exactly 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{}'",
            asked.credential
        ),
        VerifyError::Scope(wrong) => scope(*wrong, refused, asked),
        // (o), (r)
        VerifyError::InvalidToken | VerifyError::UnknownAccessKey => {
            "The security token included in the request is invalid.".to_string()
        }
        // (o), (r)
        VerifyError::ExpiredToken => {
            "The security token included in the request is expired".to_string()
        }
        VerifyError::SignatureMismatch => MISMATCH.to_string(),
        error => error.to_string(),
    }
}

/// (r) One sentence for each part.
fn incomplete(missing: MissingParts, asked: &Asked) -> String {
    let parts = [
        (missing.credential, "Credential"),
        (missing.signature, "Signature"),
        (missing.signed_headers, "SignedHeaders"),
    ];
    let mut text = String::new();
    for (_, name) in parts.into_iter().filter(|(missing, _)| *missing) {
        text.push_str(&format!(
            "Authorization header requires '{name}' parameter. "
        ));
    }
    if missing.date {
        text.push_str(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. ",
        );
    }
    text.push_str(&format!(
        "{HASHED} Authorization={}",
        hashed(&asked.authorization)
    ));
    text
}

/// (r)
fn expired(skew: Skew) -> String {
    let Skew {
        request,
        now,
        allowed,
    } = skew;
    let earliest = now.saturating_add(i64::from(allowed).saturating_neg());
    format!(
        "Signature expired: {request} is now earlier than {earliest} ({now} - {}.)",
        minutes(allowed)
    )
}

/// (r)
fn not_yet_current(skew: Skew) -> String {
    let Skew {
        request,
        now,
        allowed,
    } = skew;
    let latest = now.saturating_add(i64::from(allowed));
    format!(
        "Signature not yet current: {request} is still later than {latest} ({now} + {}.)",
        minutes(allowed)
    )
}

fn minutes(seconds: u32) -> String {
    if seconds.is_multiple_of(60) {
        format!("{} min", seconds.checked_div(60).unwrap_or_default())
    } else {
        format!("{seconds} sec")
    }
}

/// (o) One sentence for each part, in this order.
fn scope(wrong: ScopeMismatch, refused: &Refused<'_>, asked: &Asked) -> String {
    let mut sentences = Vec::new();
    if wrong.region {
        sentences.push(format!(
            "Credential should be scoped to a valid region, not '{}'.",
            asked.scope_part(2)
        ));
    }
    if wrong.service {
        sentences.push(format!(
            "Credential should be scoped to correct service: '{}'.",
            refused.service
        ));
    }
    if wrong.terminator {
        sentences.push(format!(
            "Credential should be scoped with a valid terminator: 'aws4_request', not '{}'.",
            asked.scope_part(4)
        ));
    }
    if wrong.date {
        let day = asked.date.get(..8).unwrap_or(&asked.date);
        sentences.push(format!(
            "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != '{day}', from '{}'.",
            asked.scope_part(1),
            asked.date
        ));
    }
    sentences.join(" ")
}

/// (o), (r)
const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
/// (r)
const EC2: &str = "AWS was not able to validate the provided access credentials";
/// (r)
const HASHED: &str = "(Hashed with SHA-256 and encoded with Base64)";
/// (r)
const FUNCTION_URL: &str = "Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";
