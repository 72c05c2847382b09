//! [`Verifier`]: the one place where a request is accepted.

use core::fmt;

mod checks;
mod claim;
mod coverage;
mod payload;
mod scan;
mod verified;

use crate::auth::{RawAuth, RawCredential};
use crate::canonical::Scratch;
use crate::canonical::headers::{self, HeaderEntry};
use crate::error::{ParseError, VerifyError};
use crate::key::{self, SigningKey};
use crate::known_headers::Known;
use crate::names;
use crate::policy::VerifyPolicy;
use crate::request::RequestHead;
use crate::rules::CanonicalRules;
use crate::scope::{CredentialScope, Name, parse_name};
use crate::time::AmzDate;

pub use claim::{Claim, KeyLookup, KnownKey};
pub use verified::{Verified, VerifiedPayload};

use payload::Declared;

/// Verifies requests to one service in one region.
///
/// Verification is cut where keys are looked up, so that the look-up can be anything: [`claim`](Self::claim) makes
/// every check that needs no key, the caller finds the key, [`Claim::verify`] makes the rest. No I/O, no clock, no
/// shared state. The order of the checks:
///
/// 1. the target is a path or an absolute URI; path and query are within their limits;
/// 2. there is exactly one signature, of a kind and algorithm that are known;
/// 3. its parts parse; no parameter is there twice or in another spelling;
/// 4. the headers are within their limits and well-formed; there is one host, and it is signed;
/// 5. the date parses;
/// 6. the request is neither too old nor from the future; a presigned one has not expired (1 to 604800 s);
/// 7. the credential has five parts;
/// 8. its day is the request's, its region and service the verifier's, its end `aws4_request`;
/// 9. every `x-amz-*` header is signed; every signed header is there; the payload mode is allowed;
/// 10. (the caller looks the key up)
/// 11. the signature is the one of the canonical request: 32 bytes compared in constant time, an unknown key costing
///     and answering the same as a wrong signature;
/// 12. the session token is the one that belongs to the key, and has not expired;
/// 13. the body is the one that was signed.
///
/// ```
/// use sigv4::{AmzDate, Header, KeyLookup, KnownKey, ReceivedBody, RequestHead, SecretAccessKey, SigningKey, Verifier};
///
/// let headers = [
///     Header::new("Host", b"example.amazonaws.com"),
///     Header::new("X-Amz-Date", b"20150830T123600Z"),
///     Header::new("Authorization", b"AWS4-HMAC-SHA256 \
///         Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=host;x-amz-date, \
///         Signature=5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"),
/// ];
/// let head = RequestHead::new("GET", b"/", b"", &headers);
/// let now: AmzDate = "20150830T123601Z".parse()?;
///
/// let verifier = Verifier::new("us-east-1", "service")?;
/// let claim = verifier.claim(&head, now)?;
/// assert_eq!(claim.access_key_id(), "AKIDEXAMPLE"); // look it up, any way you like
/// let secret = SecretAccessKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let key = SigningKey::derive(&secret, claim.scope());
///
/// let verified = claim.verify(KeyLookup::Found(KnownKey::new(&key)), ReceivedBody::EMPTY)?;
/// assert_eq!(verified.access_key_id(), "AKIDEXAMPLE");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Implements the receiving side of AWS's *Signature Version 4 signing process*.
pub struct Verifier {
    region: Option<Name>,
    service: Option<Name>,
    rules: CanonicalRules,
    policy: VerifyPolicy,
    /// Stands in for the key of an unknown access key id.
    decoy: SigningKey,
}

impl Verifier {
    /// A verifier for a region and a service's signing name, with its rules and its strict policy.
    ///
    /// # Errors
    /// [`ParseError::Region`] or [`ParseError::Service`] if that is no name.
    pub fn new(region: &str, service: &str) -> Result<Self, ParseError> {
        let region = parse_name(region.as_bytes()).ok_or(ParseError::Region)?;
        let name = parse_name(service.as_bytes()).ok_or(ParseError::Service)?;
        let epoch = AmzDate::from_unix(0)?;
        Ok(Self {
            region: Some(region),
            service: Some(name),
            rules: CanonicalRules::for_service(service),
            policy: VerifyPolicy::for_service(service),
            decoy: key::decoy(&CredentialScope::from_names(epoch.day(), region, name)),
        })
    }

    /// The same with another policy.
    #[must_use]
    pub fn with_policy(mut self, policy: VerifyPolicy) -> Self {
        self.policy = policy;
        self
    }

    /// The same with other rules for path and query. What a `+` in the query means is the policy's to say
    /// ([`VerifyPolicy::plus`]), unless the rules refuse it; the rules about what signing adds are of no matter here.
    #[must_use]
    pub fn with_rules(mut self, rules: CanonicalRules) -> Self {
        self.rules = rules;
        self
    }

    /// The same for a scope of any region, as an emulator of every region has it. The region stays signed and is in
    /// [`Verified::scope`].
    #[must_use]
    pub fn with_any_region(mut self) -> Self {
        self.region = None;
        self
    }

    /// The region that it is for; empty for any.
    #[must_use]
    pub fn region(&self) -> &str {
        self.region.as_ref().map_or("", Name::as_str)
    }

    /// The signing name of the service that it is for.
    #[must_use]
    pub fn service(&self) -> &str {
        self.service.as_ref().map_or("", Name::as_str)
    }

    /// The policy.
    #[must_use]
    pub const fn policy(&self) -> &VerifyPolicy {
        &self.policy
    }

    /// Makes every check that needs no key.
    ///
    /// # Errors
    /// [`VerifyError`], the first in the order of the checks.
    pub fn claim<'a>(
        &'a self,
        head: &RequestHead<'a>,
        now: AmzDate,
    ) -> Result<Claim<'a>, VerifyError> {
        self.check(Memory::Own(Scratch::new()), head, now)
    }

    /// Like [`claim`](Self::claim), with working memory that can be used again.
    ///
    /// # Errors
    /// As `claim`.
    pub fn claim_with<'a>(
        &'a self,
        scratch: &'a mut Scratch,
        head: &RequestHead<'a>,
        now: AmzDate,
    ) -> Result<Claim<'a>, VerifyError> {
        self.check(Memory::Lent(scratch), head, now)
    }

    fn check<'a>(
        &'a self,
        mut memory: Memory<'a>,
        head: &RequestHead<'a>,
        now: AmzDate,
    ) -> Result<Claim<'a>, VerifyError> {
        let policy = &self.policy;
        checks::target(&policy.limits, head)?;
        checks::plus_in_path(policy, &self.rules, head)?;
        let mut entries = headers::recycle(core::mem::take(&mut memory.scratch().entries));
        let scan = scan::headers(&policy.limits, &mut entries, head);
        let raw = RawAuth::find(head, &scan.known).map_err(|error| match error {
            VerifyError::UnsupportedAlgorithm
                if policy.unknown_query_algorithm_is_missing
                    && !scan.known.has(Known::Authorization) =>
            {
                VerifyError::UnsupportedQueryAlgorithm
            }
            error => error,
        })?;
        checks::parameter_names(policy, head)?;
        let signed_headers = raw.signed_headers(policy.accept_unsorted_signed_headers)?;
        let expires = checks::expires(policy, &raw)?;
        let has_connection = scan.has_connection;
        let known = scan.finish()?;
        checks::body_length(&policy.limits, &known, &signed_headers)?;
        if let Some(authority) = checks::host(policy, head, &known, &signed_headers)? {
            // HTTP/2 has no Host header; its `:authority` is signed as `host`.
            entries.push(HeaderEntry::new(names::HOST, authority, entries.len()));
        }
        if has_connection {
            checks::dropped_headers(head, &signed_headers)?;
        }
        let date = raw.date(&known, policy.accept_http_date)?;
        checks::time(policy, date, expires, now)?;
        let credential = RawCredential::parse(&raw.credential)?;
        let scope = credential.scope(date, self.region.as_ref(), self.service.as_ref())?;
        let access_key_id = credential.access_key_id;
        let restored_expect = coverage::restore_expect(policy, &mut entries, &signed_headers);
        coverage::select(policy, &self.rules, &mut entries, &signed_headers)?;
        let declared = Declared::find(policy, &known, &raw)?;
        Ok(Claim {
            verifier: self,
            memory,
            entries,
            restored_expect,
            head: *head,
            kind: raw.kind,
            access_key_id,
            scope,
            date,
            expires,
            signature: raw.signature,
            signed_headers,
            token: raw.token,
            declared,
            now,
        })
    }
}

impl fmt::Debug for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verifier")
            .field("region", &self.region)
            .field("service", &self.service)
            .field("rules", &self.rules)
            .field("policy", &self.policy)
            .finish_non_exhaustive()
    }
}

/// Working memory, the claim's own or lent to it.
enum Memory<'a> {
    Own(Scratch),
    Lent(&'a mut Scratch),
}

impl Memory<'_> {
    const fn scratch(&mut self) -> &mut Scratch {
        match self {
            Self::Own(scratch) => scratch,
            Self::Lent(scratch) => scratch,
        }
    }
}
