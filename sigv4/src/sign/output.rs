//! [`SigningOutput`]: the headers that make a request a signed one.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use crate::names;
use crate::payload::PayloadText;
use crate::time::AmzDate;

/// What signing adds besides the Authorization header.
#[derive(Clone, Copy)]
pub(super) struct Added<'s> {
    pub(super) date: AmzDate,
    pub(super) token: Option<&'s str>,
    pub(super) payload: Option<PayloadText>,
}

/// The headers that make a request a signed one.
///
/// `Debug` shows no signature and no token.
#[derive(Clone)]
#[must_use = "the request is signed only once these headers are in it"]
pub struct SigningOutput<'s> {
    pub(super) authorization: Cow<'s, str>,
    pub(super) added: Added<'s>,
    pub(super) extra: Vec<(&'static str, String)>,
    pub(super) query: Option<Vec<u8>>,
    pub(super) removed: &'static [&'static str],
}

impl SigningOutput<'_> {
    /// Every header to put into the request, in place of one of the same name: `x-amz-date`, where they are needed
    /// `x-amz-security-token` and `x-amz-content-sha256`, and `authorization`; with chunks also what tells of them. Names
    /// are in lower case.
    ///
    /// `host` is signed, too, but is the HTTP client's to send: from a Host header, or from the authority that was given
    /// instead.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let Added {
            date,
            token,
            payload,
        } = &self.added;
        [
            Some((names::X_AMZ_DATE, date.as_str())),
            token.map(|token| (names::X_AMZ_SECURITY_TOKEN, token)),
            payload
                .as_ref()
                .map(|text| (names::X_AMZ_CONTENT_SHA256, text.as_str())),
            Some((names::AUTHORIZATION, &*self.authorization)),
        ]
        .into_iter()
        .flatten()
        .chain(
            self.extra
                .iter()
                .map(|(name, value)| (*name, value.as_str())),
        )
    }

    /// The value of the Authorization header.
    #[must_use]
    pub fn authorization(&self) -> &str {
        &self.authorization
    }

    /// The signature: 64 hexadecimal digits.
    #[must_use]
    pub fn signature(&self) -> &str {
        self.authorization.rsplit('=').next().unwrap_or_default()
    }

    /// The names of the signed headers, joined with `;`.
    #[must_use]
    pub fn signed_headers(&self) -> &str {
        let after = self
            .authorization
            .split("SignedHeaders=")
            .nth(1)
            .unwrap_or_default();
        after.split(',').next().unwrap_or_default()
    }

    /// Headers to take out of the request: what an earlier signature left and this one has no use for. Only ever any
    /// with [`ExistingAuth::Replace`](crate::ExistingAuth::Replace).
    #[must_use]
    pub const fn removed_headers(&self) -> &'static [&'static str] {
        self.removed
    }

    /// The query to send in place of the request's, where an earlier signature was taken out of it.
    #[must_use]
    pub fn replaced_query(&self) -> Option<&[u8]> {
        self.query.as_deref()
    }
}

impl fmt::Debug for SigningOutput<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningOutput")
            .field("signed_headers", &self.signed_headers())
            .finish_non_exhaustive()
    }
}
