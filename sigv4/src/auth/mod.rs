//! [`AuthParams`]: what a request claims about its signature, in either of the two places where a signature lives.

use alloc::borrow::Cow;
use core::fmt;

pub(crate) mod header;
pub(crate) mod query;
pub(crate) mod signed_headers;

use crate::credentials::MAX_ACCESS_KEY_ID;
use crate::error::{MissingParts, ScopeMismatch, VerifyError};
use crate::known_headers::{Known, KnownHeaders};
use crate::names::param;
use crate::request::{RequestHead, trim};
use crate::scope::{CredentialScope, Name, TERMINATOR, parse_name};
use crate::signature::Signature;
use crate::text::InlineText;
use crate::time::{AmzDate, ScopeDate};

pub use signed_headers::SignedHeaders;

/// An access key id as a request names it: any UTF-8 of at most 128 bytes without control characters.
pub(crate) type AccessKeyId = InlineText<MAX_ACCESS_KEY_ID>;

/// Where a request carries its signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum AuthKind {
    /// In the Authorization header.
    Header,
    /// In `X-Amz-*` query parameters: a presigned request.
    Query,
}

/// What a request claims: nothing here is verified.
///
/// It is strict: what only a tolerant [`VerifyPolicy`](crate::VerifyPolicy) lets pass does not parse here.
///
/// Good for routing: to choose the [`Verifier`](crate::Verifier) for the service that a request names. Decide nothing
/// else on it; after verification use [`Verified`](crate::Verified), which carries what was authenticated.
///
/// ```
/// use sigv4::{AuthParams, Header, RequestHead};
///
/// let headers = [
///     Header::new("Host", b"example.amazonaws.com"),
///     Header::new("X-Amz-Date", b"20150830T123600Z"),
///     Header::new("Authorization", b"AWS4-HMAC-SHA256 \
///         Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, SignedHeaders=host;x-amz-date, \
///         Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
/// ];
/// let claims = AuthParams::parse(&RequestHead::new("GET", b"/", b"", &headers))?;
/// assert_eq!(claims.access_key_id(), "AKIDEXAMPLE");
/// assert_eq!(claims.scope().service(), "iam");
/// # Ok::<(), sigv4::VerifyError>(())
/// ```
#[derive(Clone)]
pub struct AuthParams {
    kind: AuthKind,
    access_key_id: AccessKeyId,
    scope: CredentialScope,
    date: AmzDate,
}

impl AuthParams {
    /// Reads the claims from a request.
    ///
    /// # Errors
    /// [`VerifyError`] if there is no signature, more than one, or one that does not parse.
    pub fn parse(head: &RequestHead<'_>) -> Result<Self, VerifyError> {
        let known = KnownHeaders::of(head);
        let raw = RawAuth::find(head, &known)?;
        raw.signed_headers(false)?;
        let date = raw.date(&known, false)?;
        let credential = RawCredential::parse(&raw.credential)?;
        let scope = credential.scope(date, None, None)?;
        Ok(Self {
            kind: raw.kind,
            access_key_id: credential.access_key_id,
            scope,
            date,
        })
    }

    /// Where the signature is.
    #[must_use]
    pub const fn kind(&self) -> AuthKind {
        self.kind
    }

    /// The access key id.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        self.access_key_id.as_str()
    }

    /// Day, region and service.
    #[must_use]
    pub const fn scope(&self) -> &CredentialScope {
        &self.scope
    }

    /// The moment of signing.
    #[must_use]
    pub const fn date(&self) -> AmzDate {
        self.date
    }
}

impl fmt::Debug for AuthParams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthParams")
            .field("kind", &self.kind)
            .field("access_key_id", &self.access_key_id)
            .field("scope", &self.scope)
            .field("date", &self.date)
            .finish()
    }
}

/// The parts of a signature as text: found and told apart, not yet read.
pub(crate) struct RawAuth<'a> {
    pub(crate) kind: AuthKind,
    pub(crate) credential: Cow<'a, [u8]>,
    signed_headers: Cow<'a, [u8]>,
    /// `None` if the text is no signature: then none can match.
    pub(crate) signature: Option<Signature>,
    query_date: Option<Cow<'a, [u8]>>,
    /// The text of `X-Amz-Expires`.
    pub(crate) expires: Option<Cow<'a, [u8]>>,
    pub(crate) token: Option<Cow<'a, [u8]>>,
    /// The text of the parameter `X-Amz-Content-Sha256`.
    pub(crate) query_payload: Option<Cow<'a, [u8]>>,
}

impl<'a> RawAuth<'a> {
    /// Finds the one signature of a request. There is no other place that decides whether there is one.
    pub(crate) fn find(
        head: &RequestHead<'a>,
        known: &KnownHeaders<'a>,
    ) -> Result<Self, VerifyError> {
        let header = known
            .get(Known::Authorization)
            .map_err(|_| VerifyError::MultipleAuthentication)?
            .map(trim);
        let query = query::QueryAuth::collect(head.query);
        let header_token = known
            .get(Known::SecurityToken)
            .map_err(|_| VerifyError::InvalidToken)?;
        match (header, query.has_marker()) {
            (Some(_), true) => Err(VerifyError::MultipleAuthentication),
            (Some(_), false) if query.version_2 => Err(VerifyError::MultipleAuthentication),
            (Some(value), false) => {
                let parts = header::parse(value)?;
                if query.has_token() {
                    return Err(VerifyError::InvalidToken);
                }
                if query.variant.is_some() {
                    return Err(VerifyError::MultipleAuthentication);
                }
                Ok(Self {
                    kind: AuthKind::Header,
                    credential: parts.credential.into(),
                    signed_headers: parts.signed_headers.into(),
                    signature: Signature::parse(parts.signature).ok(),
                    query_date: None,
                    expires: None,
                    token: header_token.map(|token| trim(token).into()),
                    query_payload: None,
                })
            }
            (None, true) => {
                if query.version_2 {
                    return Err(VerifyError::MultipleAuthentication);
                }
                query.check()?;
                if header_token.is_some() && query.has_token() {
                    return Err(VerifyError::InvalidToken);
                }
                let signature = query.value(param::SIGNATURE)?;
                Ok(Self {
                    kind: AuthKind::Query,
                    credential: query.value(param::CREDENTIAL)?,
                    signed_headers: query.value(param::SIGNED_HEADERS)?,
                    signature: Signature::parse(&signature).ok(),
                    query_date: Some(query.value(param::DATE)?),
                    expires: query.optional(param::EXPIRES)?,
                    token: match query.optional(param::SECURITY_TOKEN)? {
                        Some(token) => Some(token),
                        None => header_token.map(|token| trim(token).into()),
                    },
                    query_payload: query.optional(param::CONTENT_SHA256)?,
                })
            }
            (None, false) if query.version_2 => Err(VerifyError::UnsupportedMechanism),
            (None, false) => Err(VerifyError::MissingAuthentication),
        }
    }

    /// The names of the signed headers, checked.
    pub(crate) fn signed_headers(
        &self,
        allow_unsorted: bool,
    ) -> Result<SignedHeaders<'a>, VerifyError> {
        SignedHeaders::parse(self.signed_headers.clone(), allow_unsorted)
    }

    /// The moment of signing. With `http_date`, the header Date stands in for a missing X-Amz-Date.
    pub(crate) fn date(
        &self,
        known: &KnownHeaders<'_>,
        http_date: bool,
    ) -> Result<AmzDate, VerifyError> {
        if let Some(date) = &self.query_date {
            return AmzDate::parse(date).map_err(|_| VerifyError::BadDate);
        }
        let single = |name| known.get(name).map_err(|_| VerifyError::BadDate);
        if let Some(date) = single(Known::AmzDate)? {
            return AmzDate::parse(trim(date)).map_err(|_| VerifyError::BadDate);
        }
        match single(Known::Date)? {
            Some(date) if http_date => {
                header::parse_http_date(trim(date)).ok_or(VerifyError::BadDate)
            }
            Some(_) => Err(VerifyError::BadDate),
            None => Err(VerifyError::Incomplete(MissingParts {
                date: true,
                ..MissingParts::default()
            })),
        }
    }
}

/// A credential cut into its five parts.
pub(crate) struct RawCredential<'c> {
    pub(crate) access_key_id: AccessKeyId,
    date: &'c [u8],
    region: &'c [u8],
    service: &'c [u8],
    terminator: &'c [u8],
}

impl<'c> RawCredential<'c> {
    pub(crate) fn parse(text: &'c [u8]) -> Result<Self, VerifyError> {
        let mut parts = text.split(|b| *b == b'/');
        let mut next = || parts.next().ok_or(VerifyError::Credential);
        let (id, date, region, service, terminator) = (next()?, next()?, next()?, next()?, next()?);
        let id_is_text = core::str::from_utf8(id)
            .is_ok_and(|id| !id.is_empty() && (id.is_ascii() || !id.contains(char::is_control)));
        let control = id.iter().any(u8::is_ascii_control);
        let access_key_id = AccessKeyId::try_from_bytes(id).ok_or(VerifyError::Credential)?;
        if parts.next().is_some() || !id_is_text || control {
            return Err(VerifyError::Credential);
        }
        Ok(Self {
            access_key_id,
            date,
            region,
            service,
            terminator,
        })
    }

    /// The scope, if it is the one expected; all that is wrong with it, if not.
    pub(crate) fn scope(
        &self,
        request: AmzDate,
        region: Option<&Name>,
        service: Option<&Name>,
    ) -> Result<CredentialScope, VerifyError> {
        let expected = |found: Option<Name>, expected: Option<&Name>| match (found, expected) {
            (Some(found), Some(expected)) if found != *expected => None,
            (found, _) => found,
        };
        let date = ScopeDate::parse(self.date)
            .ok()
            .filter(|date| *date == request.day());
        let region = expected(parse_name(self.region), region);
        let service = expected(parse_name(self.service), service);
        let terminated = self.terminator == TERMINATOR.as_bytes();
        match (date, region, service) {
            (Some(date), Some(region), Some(service)) if terminated => {
                Ok(CredentialScope::from_names(date, region, service))
            }
            _ => Err(VerifyError::Scope(ScopeMismatch {
                region: region.is_none(),
                service: service.is_none(),
                terminator: !terminated,
                date: date.is_none(),
            })),
        }
    }
}
