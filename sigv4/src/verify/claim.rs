//! [`Claim`]: a request between the checks that need no key and those that do.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use super::{Declared, Memory, Verified, Verifier};
use crate::auth::{AccessKeyId, AuthKind, SignedHeaders};
use crate::body::ReceivedBody;
use crate::canonical::headers::{self, HeaderEntry};
use crate::canonical::query::{QueryEdit, Skip};
use crate::credentials::SessionToken;
use crate::crypto;
use crate::error::VerifyError;
use crate::explain::Explanation;
use crate::key::SigningKey;
use crate::names;
use crate::request::RequestHead;
use crate::rules::{
    CanonicalRules, PathEncoding, PathRule, PlusPolicy, QueryOrder, TokenPlacement,
};
use crate::scope::CredentialScope;
use crate::signature::Signature;
use crate::string_to_sign::StringToSign;
use crate::time::AmzDate;

/// The key that belongs to an access key id, with what belongs to it.
#[derive(Clone, Copy, Debug)]
pub struct KnownKey<'k> {
    key: &'k SigningKey,
    session_token: Option<&'k SessionToken>,
    expiry: Option<AmzDate>,
}

impl<'k> KnownKey<'k> {
    /// The key of long-term credentials.
    #[must_use]
    pub const fn new(key: &'k SigningKey) -> Self {
        Self {
            key,
            session_token: None,
            expiry: None,
        }
    }

    /// The key of temporary credentials: a request must carry this session token.
    #[must_use]
    pub const fn with_session_token(mut self, token: &'k SessionToken) -> Self {
        self.session_token = Some(token);
        self
    }

    /// The moment after which the credentials are no longer good.
    #[must_use]
    pub const fn with_expiry(mut self, expiry: AmzDate) -> Self {
        self.expiry = Some(expiry);
        self
    }
}

/// What came of looking an access key id up.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum KeyLookup<'k> {
    /// It is known and may be used.
    Found(KnownKey<'k>),
    /// It is not known, or disabled.
    Unknown,
    /// The look-up itself failed: an answer of the 5xx kind.
    Failed,
}

/// A request that has passed every check that needs no key. Nothing in it is authenticated yet.
pub struct Claim<'a> {
    pub(super) verifier: &'a Verifier,
    pub(super) memory: Memory<'a>,
    /// The signed headers, sorted.
    pub(super) entries: Vec<HeaderEntry<'a>>,
    /// Whether an `Expect` among them was put back, so that its value is a guess.
    pub(super) restored_expect: bool,
    pub(super) head: RequestHead<'a>,
    pub(super) kind: AuthKind,
    pub(super) access_key_id: AccessKeyId,
    pub(super) scope: CredentialScope,
    pub(super) date: AmzDate,
    pub(super) expires: Option<u32>,
    pub(super) signature: Option<Signature>,
    pub(super) signed_headers: SignedHeaders<'a>,
    pub(super) token: Option<Cow<'a, [u8]>>,
    pub(super) declared: Declared<'a>,
    pub(super) now: AmzDate,
}

impl<'a> Claim<'a> {
    /// The access key id to look up. It can hold any text without control characters.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        self.access_key_id.as_str()
    }

    /// The day, region and service that the key must be for. Region and service are the verifier's.
    #[must_use]
    pub const fn scope(&self) -> &CredentialScope {
        &self.scope
    }

    /// The session token that came with the request, for look-ups that need it.
    #[must_use]
    pub fn session_token(&self) -> Option<&[u8]> {
        self.token.as_deref()
    }

    /// Whether the request says what its payload line is. If it does not, that line is the hash of the body, which has to
    /// be read before [`verify`](Self::verify).
    #[must_use]
    pub const fn declares_payload(&self) -> bool {
        matches!(self.declared, Declared::Line { .. })
    }

    /// The signature that the request claims, which is the one it has once it is verified.
    #[cfg(feature = "tower")]
    pub(crate) fn signature_bytes(&self) -> Option<[u8; 32]> {
        self.signature
            .as_ref()
            .map(|signature| *signature.as_bytes())
    }

    /// The canonical request and the string to sign of the request as it arrived, to compare with the client's.
    ///
    /// It never holds a signature, and session tokens are redacted. Show it to whom you would show the request itself.
    ///
    /// # Errors
    /// [`VerifyError`] if the request has no canonical form, or if its body was not read and has no declared hash.
    ///
    /// ```
    /// use sigv4::{Header, ReceivedBody, RequestHead, Verifier};
    ///
    /// let headers = [
    ///     Header::new("Host", b"example.amazonaws.com"),
    ///     Header::new("X-Amz-Date", b"20150830T123600Z"),
    ///     Header::new("Authorization", b"AWS4-HMAC-SHA256 \
    ///         Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, \
    ///         Signature=0000000000000000000000000000000000000000000000000000000000000000"),
    /// ];
    /// let verifier = Verifier::new("us-east-1", "service")?;
    /// let head = RequestHead::new("GET", b"/a%20b", b"", &headers);
    /// let mut claim = verifier.claim(&head, "20150830T123600Z".parse()?)?;
    /// let explanation = claim.explain(ReceivedBody::EMPTY)?;
    /// assert!(explanation.canonical_request().starts_with("GET\n/a%2520b\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain(&mut self, body: ReceivedBody) -> Result<Explanation, VerifyError> {
        let hex = body.hex();
        let line = self.declared.line(&hex, body)?;
        let rules = self.rules();
        self.restore_expect();
        let string_to_sign = self.string_to_sign(&rules, &line)?;
        Ok(Explanation::new(
            &self.memory.scratch().canonical,
            &string_to_sign,
        ))
    }

    /// The rules of the verifier, with the policy's reading of a plus, unless the rules refuse one.
    fn rules(&self) -> CanonicalRules {
        let Verifier { rules, policy, .. } = self.verifier;
        let plus = if rules.plus == PlusPolicy::Refuse {
            rules.plus
        } else {
            policy.plus
        };
        CanonicalRules { plus, ..*rules }
    }

    /// Gives a restored `Expect` the value that the policy has for it.
    fn restore_expect(&mut self) {
        if self.restored_expect {
            self.set_expect(if self.verifier.policy.restore_expect {
                b"100-continue"
            } else {
                b""
            });
        }
    }

    /// Checks signature, session token and body.
    ///
    /// # Errors
    /// [`VerifyError`], the first in the order of the checks.
    pub fn verify(
        mut self,
        key: KeyLookup<'_>,
        body: ReceivedBody,
    ) -> Result<Verified<'a>, VerifyError> {
        let known = match key {
            KeyLookup::Found(known) => Some(known),
            KeyLookup::Unknown => None,
            KeyLookup::Failed => return Err(VerifyError::KeyProvider),
        };
        let hex = body.hex();
        let line = self.declared.line(&hex, body)?;
        // A key that is not for this scope is as good as none, even if it were the key of the signature: whoever caches
        // keys by id alone must not make a key of one day good for ever.
        let signing_key = match &known {
            Some(known) if known.key.scope() == &self.scope => known.key,
            _ => &self.verifier.decoy,
        };
        let genuine = self.is_genuine(signing_key, &line)?;
        let Some(known) = known else {
            return Err(VerifyError::UnknownAccessKey);
        };
        if !genuine {
            return Err(VerifyError::SignatureMismatch);
        }
        self.check_token(&known)?;
        // A signature that is none is not genuine.
        let Some(signature) = self.signature else {
            return Err(VerifyError::SignatureMismatch);
        };
        let payload = self.declared.check(body)?;
        self.memory.scratch().entries = headers::recycle(core::mem::take(&mut self.entries));
        Ok(Verified {
            head: self.head,
            normalized: self.verifier.rules.path.normalize,
            kind: self.kind,
            access_key_id: self.access_key_id,
            scope: self.scope,
            date: self.date,
            expires: self.expires,
            signed_headers: self.signed_headers,
            temporary: known.session_token.is_some(),
            payload,
            signature,
            limits: self.verifier.policy.limits,
            accept_small_chunks: self.verifier.policy.accept_small_chunks,
        })
    }

    /// Whether the signature is the one of the request, under the rules and then under those that are tolerated.
    fn is_genuine(&mut self, key: &SigningKey, payload_line: &[u8]) -> Result<bool, VerifyError> {
        let policy = &self.verifier.policy;
        let rules = self.rules();
        self.restore_expect();
        let mut genuine = self.matches(key, &rules, payload_line)?;
        if !genuine && self.restored_expect && policy.accept_empty_expect {
            self.set_expect(b"");
            genuine = self.matches(key, &rules, payload_line)?;
            if !genuine {
                self.restore_expect();
            }
        }
        // The two readings of a path are of one that is decoded, which is S3's.
        let decoded = rules.path.encoding == PathEncoding::DecodeThenEncode;
        if !genuine && decoded && policy.accept_path_as_sent {
            let path = PathRule {
                encoding: PathEncoding::Verbatim,
                ..rules.path
            };
            genuine = self.matches(key, &CanonicalRules { path, ..rules }, payload_line)?;
        }
        if !genuine && decoded && policy.accept_encoded_slash_as_slash {
            let path = PathRule {
                encoding: PathEncoding::DecodeSlashToo,
                ..rules.path
            };
            genuine = self.matches(key, &CanonicalRules { path, ..rules }, payload_line)?;
        }
        if !genuine && policy.accept_query_sorted_by_name {
            let rules = CanonicalRules {
                query_order: QueryOrder::NameOnly,
                ..rules
            };
            genuine = self.matches(key, &rules, payload_line)?;
        }
        Ok(genuine)
    }

    fn set_expect(&mut self, value: &'static [u8]) {
        let expect = HeaderEntry::key(names::EXPECT.as_bytes());
        for entry in self
            .entries
            .iter_mut()
            .filter(|entry| entry.cmp_name(&expect).is_eq())
        {
            entry.set_value(value);
        }
    }

    fn matches(
        &mut self,
        key: &SigningKey,
        rules: &CanonicalRules,
        payload_line: &[u8],
    ) -> Result<bool, VerifyError> {
        let string_to_sign = self.string_to_sign(rules, payload_line)?;
        // A signature that is none is compared all the same, and never equal.
        let claimed = self.signature.unwrap_or(Signature::new([0; 32]));
        Ok(key.verify(&string_to_sign, &claimed) & self.signature.is_some())
    }

    /// The string to sign of the request as it arrived.
    pub(crate) fn string_to_sign(
        &mut self,
        rules: &CanonicalRules,
        payload_line: &[u8],
    ) -> Result<StringToSign, VerifyError> {
        let skip = match (self.kind, rules.presigned_session_token) {
            (AuthKind::Header, _) => Skip::Nothing,
            (AuthKind::Query, TokenPlacement::AppendedUnsigned) => Skip::SignatureAndToken,
            (AuthKind::Query, _) => Skip::Signature,
        };
        let edit = QueryEdit { skip, append: &[] };
        let scratch = self.memory.scratch();
        scratch.canonical.write(
            &mut scratch.query,
            &self.head,
            rules,
            &edit,
            &self.entries,
            payload_line,
        )?;
        Ok(StringToSign::request(
            &scratch.canonical,
            self.date,
            &self.scope,
        ))
    }

    fn check_token(&self, known: &KnownKey<'_>) -> Result<(), VerifyError> {
        let right = match (known.session_token, &self.token) {
            (Some(expected), Some(given)) => crypto::ct_eq(expected.expose().as_bytes(), given),
            (None, None) => true,
            _ => false,
        };
        if !right {
            return Err(VerifyError::InvalidToken);
        }
        if known.expiry.is_some_and(|expiry| self.now > expiry) {
            return Err(VerifyError::ExpiredToken);
        }
        Ok(())
    }
}

impl fmt::Debug for Claim<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("access_key_id", &self.access_key_id)
            .field("scope", &self.scope)
            .field("date", &self.date)
            .finish_non_exhaustive()
    }
}
