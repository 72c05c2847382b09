//! What to do about a request that is not good.

use sigv4::{PlusPolicy, VerifyError, VerifyPolicy};

/// Sets a field.
type Loosen = fn(&mut VerifyPolicy);

/// What a verifier can be told to put up with, by the name of its field.
pub(super) const TOLERANCES: [(&str, Loosen); 10] = [
    ("accept_unsigned_payload", |policy| {
        policy.accept_unsigned_payload = true;
    }),
    ("require_content_sha256 = false", |policy| {
        policy.require_content_sha256 = false;
    }),
    ("accept_path_as_sent", |policy| {
        policy.accept_path_as_sent = true;
    }),
    ("accept_plus_in_path", |policy| {
        policy.accept_plus_in_path = true;
    }),
    ("accept_encoded_slash_as_slash", |policy| {
        policy.accept_encoded_slash_as_slash = true;
    }),
    ("accept_empty_expect", |policy| {
        policy.accept_empty_expect = true;
    }),
    ("plus = PlusPolicy::Literal", |policy| {
        policy.plus = PlusPolicy::Literal;
    }),
    ("accept_query_sorted_by_name", |policy| {
        policy.accept_query_sorted_by_name = true;
    }),
    ("accept_missing_expires", |policy| {
        policy.accept_missing_expires = true;
    }),
    ("accept_streaming_payload", |policy| {
        policy.accept_streaming_payload = true;
    }),
];

/// What to do, mostly.
pub(super) fn of(error: &VerifyError, time_is_given: bool) -> Option<String> {
    let text = match error {
        VerifyError::MissingAuthentication => {
            "sign it: an Authorization header, or the X-Amz-* parameters of a presigned URL"
        }
        VerifyError::MultipleAuthentication => {
            "leave one signature: an Authorization header, or X-Amz-* parameters"
        }
        VerifyError::Expired(_) | VerifyError::PresignExpired(_) if !time_is_given => {
            "sign it anew; '--at signed' looks at the rest"
        }
        VerifyError::NotYetCurrent(_) | VerifyError::PresignNotYetValid(_) if !time_is_given => {
            "set the signer's clock; '--at signed' looks at the rest"
        }
        VerifyError::Scope(_) => {
            "sign for the server's region and service; presigned URLs have them in X-Amz-Credential"
        }
        VerifyError::HostNotSigned => "the signer has to sign the Host header",
        VerifyError::HeaderNotSigned(_) => {
            "the signer has to sign this header, or somebody added it on the way"
        }
        VerifyError::SignedHeaderAbsent(_) => {
            "somebody took this header off on the way, or it was not written down"
        }
        VerifyError::PayloadHashMissing => {
            "the signer has to send x-amz-content-sha256, which S3 demands"
        }
        VerifyError::InvalidToken => {
            "temporary keys (ASIA…) need their own session token, others need none"
        }
        VerifyError::PayloadMismatch => "the body was changed after it was signed, or is not whole",
        VerifyError::SignatureMismatch => {
            "compare the canonical request with the signer's; if both are the same, the secret access key is another"
        }
        _ => return None,
    };
    Some(text.to_owned())
}
