//! [`ParseError`]: a text is not what it should be.

use core::fmt;

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
