//! [`Signer`]: signs with an Authorization header.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

mod existing;
mod output;

use crate::auth::header;
use crate::canonical::Scratch;
use crate::canonical::headers::{self, HeaderEntry};
use crate::canonical::query::{QueryEdit, Skip};
use crate::credentials::{Credentials, SentToken, SessionToken, check_access_key_id};
use crate::day_key::DayKey;
use crate::error::{CanonicalError, ParseError, SignError};
use crate::explain::Explanation;
use crate::key::SigningKey;
use crate::known_headers::{Known, KnownHeaders};
use crate::names;
use crate::payload::PayloadHash;
use crate::request::{Header, RequestHead, trim};
use crate::rules::{CanonicalRules, ContentSha256, TokenPlacement};
use crate::scope::{CredentialScope, Name, parse_name};
use crate::string_to_sign::StringToSign;
use crate::time::AmzDate;

pub use existing::ExistingAuth;
use output::Added;
pub use output::SigningOutput;

/// Signs requests to one service in one region.
///
/// * [`sign`](Self::sign) puts the signature into headers, [`presign`](Self::presign) into the query; with feature
///   `http`, `sign_request` and `presign_uri` do so for the types of the `http` crate.
/// * It signs every header that is there but those which proxies and clients change on the way, and `host`, and adds
///   `x-amz-date`, `authorization`, and where they are needed `x-amz-security-token` and `x-amz-content-sha256`.
/// * It never changes the path or the query, reads no clock, and never yields an unsigned request.
/// * With feature `std` the day's signing key is kept, so that only the first request of a day derives it; shared
///   between threads by reference.
///
/// ```
/// use sigv4::{AmzDate, Credentials, Header, PayloadHash, RequestHead, Signer};
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let signer = Signer::new(credentials, "us-east-1", "iam")?;
///
/// let headers = [
///     Header::new("Host", b"iam.amazonaws.com"),
///     Header::new("Content-Type", b"application/x-www-form-urlencoded; charset=utf-8"),
/// ];
/// let head = RequestHead::new("GET", b"/", b"Action=ListUsers&Version=2010-05-08", &headers);
/// let now: AmzDate = "20150830T123600Z".parse()?;
///
/// let signed = signer.sign(&head, &PayloadHash::EMPTY, now)?;
/// assert_eq!(signed.signature(), "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
/// for (name, value) in signed.headers() {
///     // insert into the request, replacing a header of the same name
///     # let _ = (name, value);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Implements *Create a signed AWS API request* of the AWS IAM User Guide.
pub struct Signer {
    pub(crate) access_key_id: String,
    pub(crate) session_token: Option<SentToken>,
    key: KeySource,
    region: Name,
    service: Name,
    pub(crate) rules: CanonicalRules,
    existing: ExistingAuth,
    /// Headers, in lower case, to sign or not to sign against the default.
    choices: Vec<(String, bool)>,
}

enum KeySource {
    Secret(DayKey),
    /// Boxed: a key has its HMAC state with it.
    Derived(alloc::boxed::Box<SigningKey>),
}

impl Signer {
    /// A signer with a service's rules.
    ///
    /// # Errors
    /// [`ParseError::Region`] or [`ParseError::Service`] if that is no name.
    pub fn new(credentials: Credentials, region: &str, service: &str) -> Result<Self, ParseError> {
        let (access_key_id, secret, session_token) = credentials.into_parts();
        let key = KeySource::Secret(DayKey::new(secret));
        Self::with_key(access_key_id, session_token, key, region, service)
    }

    /// A signer that holds a derived key and no secret: it signs for the key's day, region and service only.
    ///
    /// # Errors
    /// [`ParseError::AccessKeyId`] if that is none.
    pub fn with_signing_key(
        access_key_id: impl Into<String>,
        session_token: Option<SessionToken>,
        key: SigningKey,
    ) -> Result<Self, ParseError> {
        let access_key_id = access_key_id.into();
        check_access_key_id(&access_key_id)?;
        let scope = *key.scope();
        Self::with_key(
            access_key_id,
            session_token,
            KeySource::Derived(key.into()),
            scope.region(),
            scope.service(),
        )
    }

    fn with_key(
        access_key_id: String,
        session_token: Option<SessionToken>,
        key: KeySource,
        region: &str,
        service: &str,
    ) -> Result<Self, ParseError> {
        Ok(Self {
            access_key_id,
            session_token: session_token.map(SentToken::new),
            key,
            region: parse_name(region.as_bytes()).ok_or(ParseError::Region)?,
            service: parse_name(service.as_bytes()).ok_or(ParseError::Service)?,
            rules: CanonicalRules::for_service(service),
            existing: ExistingAuth::Refuse,
            choices: Vec::new(),
        })
    }

    /// The same with other rules.
    #[must_use]
    pub fn with_rules(mut self, rules: CanonicalRules) -> Self {
        self.rules = rules;
        self
    }

    /// Signs for another region from now on, as when S3 answers that a bucket is elsewhere.
    ///
    /// A signer with a derived key has to stay in the key's region: it refuses to sign for any other.
    ///
    /// # Errors
    /// [`ParseError::Region`] if that is no name.
    ///
    /// ```
    /// use sigv4::{Credentials, Header, PayloadHash, RequestHead, Signer};
    ///
    /// let mut signer = Signer::new(Credentials::new("AKIDEXAMPLE", "secret")?, "us-east-1", "s3")?;
    /// signer.set_region("eu-west-1")?;
    ///
    /// let headers = [Header::new("Host", b"bucket.s3.amazonaws.com")];
    /// let head = RequestHead::new("GET", b"/", b"", &headers);
    /// let signed = signer.sign(&head, &PayloadHash::EMPTY, "20150830T123600Z".parse()?)?;
    /// assert!(signed.authorization().contains("/20150830/eu-west-1/s3/aws4_request"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_region(&mut self, region: &str) -> Result<(), ParseError> {
        self.region = parse_name(region.as_bytes()).ok_or(ParseError::Region)?;
        Ok(())
    }

    /// The same with another answer to a request that is already signed.
    #[must_use]
    pub fn with_existing_auth(mut self, existing: ExistingAuth) -> Self {
        self.existing = existing;
        self
    }

    /// The same, signing a header that is left out by default, such as `user-agent`.
    ///
    /// # Errors
    /// [`ParseError::HeaderName`] if that is no name of a header that can be signed.
    pub fn with_signed_header(self, name: &str) -> Result<Self, ParseError> {
        self.with_choice(name, true)
    }

    /// The same, leaving out a header that is signed by default.
    ///
    /// # Errors
    /// [`ParseError::HeaderName`] if that is no header name, or `host` or an `x-amz-*` header, which have to be signed.
    pub fn with_unsigned_header(self, name: &str) -> Result<Self, ParseError> {
        let name = name.to_ascii_lowercase();
        if name == names::HOST || name.as_bytes().starts_with(names::X_AMZ_PREFIX) {
            return Err(ParseError::HeaderName);
        }
        self.with_choice(&name, false)
    }

    fn with_choice(mut self, name: &str, sign: bool) -> Result<Self, ParseError> {
        let name = name.to_ascii_lowercase();
        if name.is_empty() || !name.bytes().all(headers::is_token) || name == names::AUTHORIZATION {
            return Err(ParseError::HeaderName);
        }
        self.choices.push((name, sign));
        Ok(self)
    }

    /// Signs a request with headers.
    ///
    /// # Errors
    /// [`SignError`]: the request has no canonical form, is already signed, or contradicts what would be signed.
    pub fn sign(
        &self,
        head: &RequestHead<'_>,
        payload: &PayloadHash,
        now: AmzDate,
    ) -> Result<SigningOutput<'_>, SignError> {
        self.sign_with_extra(head, payload, now, Vec::new())
    }

    /// Signs with further headers, each in place of those of its name.
    pub(crate) fn sign_with_extra(
        &self,
        head: &RequestHead<'_>,
        payload: &PayloadHash,
        now: AmzDate,
        extra: Vec<(&'static str, String)>,
    ) -> Result<SigningOutput<'_>, SignError> {
        let mut scratch = Scratch::new();
        let added = self.write_authorization(&mut scratch, head, payload, now, &extra)?;
        let text = String::from_utf8(core::mem::take(&mut scratch.output)).unwrap_or_default();
        Ok(SigningOutput {
            authorization: Cow::Owned(text),
            removed: self.removed_headers(&added),
            added,
            extra,
            query: self.replaced_query(head),
        })
    }

    /// Like [`sign`](Self::sign), with working memory that can be used again: no heap is needed after a first request
    /// of the same size.
    ///
    /// # Errors
    /// As `sign`.
    pub fn sign_with<'s>(
        &'s self,
        scratch: &'s mut Scratch,
        head: &RequestHead<'_>,
        payload: &PayloadHash,
        now: AmzDate,
    ) -> Result<SigningOutput<'s>, SignError> {
        let added = self.write_authorization(scratch, head, payload, now, &[])?;
        let text = core::str::from_utf8(&scratch.output).unwrap_or_default();
        Ok(SigningOutput {
            authorization: Cow::Borrowed(text),
            removed: self.removed_headers(&added),
            added,
            extra: Vec::new(),
            query: self.replaced_query(head),
        })
    }

    /// The canonical request and the string to sign that [`sign`](Self::sign) would use.
    ///
    /// # Errors
    /// As `sign`.
    pub fn explain(
        &self,
        head: &RequestHead<'_>,
        payload: &PayloadHash,
        now: AmzDate,
    ) -> Result<Explanation, SignError> {
        let mut scratch = Scratch::new();
        self.write_authorization(&mut scratch, head, payload, now, &[])?;
        let string_to_sign = StringToSign::request(&scratch.canonical, now, &self.scope(now));
        Ok(Explanation::new(&scratch.canonical, &string_to_sign))
    }

    /// Writes the Authorization header's value into `scratch.output`.
    fn write_authorization(
        &self,
        scratch: &mut Scratch,
        head: &RequestHead<'_>,
        payload: &PayloadHash,
        now: AmzDate,
        extra: &[(&'static str, String)],
    ) -> Result<Added<'_>, SignError> {
        let known = KnownHeaders::of(head);
        self.refuse_signed(&known)?;
        let host = known
            .host(head)?
            .filter(|host| !trim(host).is_empty())
            .ok_or(CanonicalError::Host)?;
        let payload_text = payload.text();
        let token = self.session_token.as_ref().map(SentToken::plain);
        let has_hash = known.has(Known::ContentSha256);
        let names_payload = has_hash
            || self.rules.content_sha256 == ContentSha256::Always
            || !matches!(payload, PayloadHash::Sha256(_));
        let added = Added {
            date: now,
            token: token.filter(|_| self.rules.session_token != TokenPlacement::Omitted),
            payload: names_payload.then_some(payload_text),
        };
        let own = [
            Some(Header::new(names::X_AMZ_DATE, now.as_bytes())),
            added
                .payload
                .as_ref()
                .map(|text| Header::new(names::X_AMZ_CONTENT_SHA256, text.as_bytes())),
            added
                .token
                .map(|token| Header::new(names::X_AMZ_SECURITY_TOKEN, token.as_bytes())),
        ];

        let Scratch {
            canonical,
            query,
            entries: kept,
            output,
        } = scratch;
        let mut entries = headers::recycle(core::mem::take(kept));
        headers::gather(&mut entries, head, &[])?;
        entries.retain(|entry| !self.replaces(entry));
        for header in own.into_iter().flatten() {
            self.put(&mut entries, header)?;
        }
        for (name, value) in extra {
            let entry = HeaderEntry::new(name, value.as_bytes(), entries.len());
            entries.retain(|other| other.cmp_name(&entry).is_ne());
            // A length that the request does not have yet is for the HTTP client to send: it may frame the body itself.
            if *name != names::CONTENT_LENGTH || known.has(Known::ContentLength) {
                entries.push(entry);
            }
        }
        if self.rules.session_token == TokenPlacement::AppendedUnsigned {
            let token = HeaderEntry::key(names::X_AMZ_SECURITY_TOKEN.as_bytes());
            entries.retain(|entry| entry.cmp_name(&token).is_ne());
        }
        if !known.has(Known::Host) {
            entries.push(HeaderEntry::new(names::HOST, host, entries.len()));
        }
        entries.retain(|entry| self.signs(entry));
        headers::sort(&mut entries);

        let skip = if self.existing == ExistingAuth::Replace {
            Skip::Auth
        } else {
            Skip::Nothing
        };
        let edit = QueryEdit { skip, append: &[] };
        canonical.write(
            query,
            head,
            &self.rules,
            &edit,
            &entries,
            payload_text.as_bytes(),
        )?;
        if query.may_name_auth() {
            self.refuse_signed_query(head)?;
        }
        *kept = headers::recycle(entries);
        let scope = self.scope(now);
        let signature = self.with_key_for(&scope, |key| {
            key.sign(&StringToSign::request(canonical, now, &scope))
        })?;
        output.clear();
        header::write(
            output,
            &self.access_key_id,
            &scope,
            canonical.signed_names(),
            &signature,
        );
        Ok(added)
    }

    pub(crate) fn scope(&self, now: AmzDate) -> CredentialScope {
        CredentialScope::from_names(now.day(), self.region, self.service)
    }

    pub(crate) fn with_key_for<T>(
        &self,
        scope: &CredentialScope,
        use_key: impl FnOnce(&SigningKey) -> T,
    ) -> Result<T, SignError> {
        match &self.key {
            KeySource::Secret(day_key) => Ok(use_key(&day_key.get(scope))),
            KeySource::Derived(key) if key.scope() == scope => Ok(use_key(key)),
            KeySource::Derived(_) => Err(SignError::KeyDate),
        }
    }

    /// The headers of an earlier signature that have no successor.
    fn removed_headers(&self, added: &Added<'_>) -> &'static [&'static str] {
        match self.existing {
            ExistingAuth::Replace if added.token.is_none() => &[names::X_AMZ_SECURITY_TOKEN],
            _ => &[],
        }
    }

    /// Whether a header is signed.
    pub(crate) fn signs(&self, entry: &HeaderEntry<'_>) -> bool {
        let chosen = self
            .choices
            .iter()
            .rev()
            .find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(entry.name()));
        match chosen {
            Some((_, sign)) => *sign,
            None => !entry.with_lower_name(names::is_never_signed),
        }
    }
}

impl fmt::Debug for Signer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("access_key_id", &self.access_key_id)
            .field("region", &self.region)
            .field("service", &self.service)
            .field("rules", &self.rules)
            .finish_non_exhaustive()
    }
}
