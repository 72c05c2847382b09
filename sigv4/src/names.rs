//! The names of headers and query parameters that carry a signature, each written once.

pub(crate) const AUTHORIZATION: &str = "authorization";
pub(crate) const CONNECTION: &str = "connection";
pub(crate) const CONTENT_ENCODING: &str = "content-encoding";
pub(crate) const CONTENT_LENGTH: &str = "content-length";
pub(crate) const DATE: &str = "date";
pub(crate) const EXPECT: &str = "expect";
pub(crate) const HOST: &str = "host";
pub(crate) const TRANSFER_ENCODING: &str = "transfer-encoding";
pub(crate) const X_AMZ_CONTENT_SHA256: &str = "x-amz-content-sha256";
pub(crate) const X_AMZ_DATE: &str = "x-amz-date";
pub(crate) const X_AMZ_DECODED_CONTENT_LENGTH: &str = "x-amz-decoded-content-length";
pub(crate) const X_AMZ_PREFIX: &[u8] = b"x-amz-";
pub(crate) const X_AMZ_SECURITY_TOKEN: &str = "x-amz-security-token";
pub(crate) const X_AMZ_TRAILER: &str = "x-amz-trailer";

/// Query parameters of a presigned request. Their case matters.
pub(crate) mod param {
    pub(crate) const ALGORITHM: &str = "X-Amz-Algorithm";
    pub(crate) const CONTENT_SHA256: &str = "X-Amz-Content-Sha256";
    pub(crate) const CREDENTIAL: &str = "X-Amz-Credential";
    pub(crate) const DATE: &str = "X-Amz-Date";
    pub(crate) const EXPIRES: &str = "X-Amz-Expires";
    pub(crate) const SECURITY_TOKEN: &str = "X-Amz-Security-Token";
    pub(crate) const SIGNATURE: &str = "X-Amz-Signature";
    pub(crate) const SIGNED_HEADERS: &str = "X-Amz-SignedHeaders";

    /// Every parameter that a presigned request's authentication is made of.
    pub(crate) const AUTH: [&str; 7] = [
        ALGORITHM,
        CREDENTIAL,
        DATE,
        EXPIRES,
        SECURITY_TOKEN,
        SIGNED_HEADERS,
        SIGNATURE,
    ];
}

/// Whether a header is left out of signatures by default, given its lower-case name.
///
/// These are changed, added or removed by proxies, load balancers and HTTP clients on the way: the union of what the
/// AWS SDKs leave out and of the IAM user guide's list of headers not to sign.
pub(crate) fn is_never_signed(lower_case_name: &[u8]) -> bool {
    matches!(
        lower_case_name,
        b"authorization"
            | b"baggage"
            | b"connection"
            | b"expect"
            | b"keep-alive"
            | b"proxy-authenticate"
            | b"proxy-authorization"
            | b"proxy-connection"
            | b"te"
            | b"traceparent"
            | b"tracestate"
            | b"trailer"
            | b"transfer-encoding"
            | b"upgrade"
            | b"user-agent"
            | b"x-amzn-trace-id"
    )
}
