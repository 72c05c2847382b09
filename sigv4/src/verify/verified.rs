//! [`Verified`]: what was authenticated.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use crate::auth::{AccessKeyId, AuthKind, SignedHeaders};
use crate::body::ReceivedBody;
use crate::canonical::headers::push_folded;
use crate::canonical::uri;
use crate::error::VerifyError;
use crate::names;
use crate::payload::StreamingMode;
use crate::policy::Limits;
use crate::request::RequestHead;
use crate::scope::CredentialScope;
use crate::signature::Signature;
use crate::time::AmzDate;

/// A request whose signature is genuine, and what that signature covers.
///
/// Made only by [`Claim::verify`](crate::Claim::verify). Decide on this and not on the raw parameters of the request:
/// reading those again, with another parser, is the root of several CVEs.
#[derive(Clone)]
pub struct Verified<'a> {
    pub(super) head: RequestHead<'a>,
    /// Whether the signature says nothing of dot segments and repeated slashes.
    pub(super) normalized: bool,
    pub(super) kind: AuthKind,
    pub(super) access_key_id: AccessKeyId,
    pub(super) scope: CredentialScope,
    pub(super) date: AmzDate,
    pub(super) expires: Option<u32>,
    pub(super) signed_headers: SignedHeaders<'a>,
    pub(super) temporary: bool,
    pub(super) payload: VerifiedPayload,
    pub(super) signature: Signature,
    pub(super) limits: Limits,
    pub(super) accept_small_chunks: bool,
}

/// How far the body is authenticated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum VerifiedPayload {
    /// The body that was given is the one that was signed.
    Authenticated,
    /// The body was not read yet; it must have this SHA-256. Use nothing of it before
    /// [`Verified::check_body`] has said so.
    MustMatch([u8; 32]),
    /// The signature does not cover the body.
    Unsigned,
    /// The body carries signatures or checksums of its own, which [`Verified::chunk_decoder`] checks.
    Streaming(StreamingMode),
}

impl<'a> Verified<'a> {
    /// Who signed.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        self.access_key_id.as_str()
    }

    /// The day, region and service that the signature is for.
    #[must_use]
    pub const fn scope(&self) -> &CredentialScope {
        &self.scope
    }

    /// Where the signature was.
    #[must_use]
    pub const fn kind(&self) -> AuthKind {
        self.kind
    }

    /// The signed method.
    #[must_use]
    pub const fn method(&self) -> &'a str {
        self.head.method
    }

    /// The signed path. Route this one: a path that was decoded or cleaned in another way is another path.
    ///
    /// Where the rules normalize (every service but the S3 family), `.` and `..` segments and repeated slashes are
    /// taken out, since the signature says nothing of them: `/admin/../public` and `/public` have one signature. Escapes
    /// stay as they are on the wire.
    #[must_use]
    pub fn path(&self) -> Cow<'a, [u8]> {
        if self.normalized {
            uri::normalized(self.head.path)
        } else {
            Cow::Borrowed(self.head.path)
        }
    }

    /// The query as on the wire. Its parameters are signed, but for the order of those with different names.
    #[must_use]
    pub const fn query(&self) -> &'a [u8] {
        self.head.query
    }

    /// The signed value of a header, given its lower-case name: trimmed, runs of blanks folded, several headers of that
    /// name joined with commas. `None` if it is not signed.
    ///
    /// Read this instead of the header itself: one header with a comma and two headers have one signature.
    #[must_use]
    pub fn header(&self, lower_case_name: &str) -> Option<Vec<u8>> {
        if !self.signed_headers.contains(lower_case_name) {
            return None;
        }
        let mut out = Vec::new();
        let mut first = true;
        self.head.headers.for_each(|_, name, value| {
            if name.eq_ignore_ascii_case(lower_case_name) {
                if !first {
                    out.push(b',');
                }
                first = false;
                push_folded(&mut out, value);
            }
        });
        if first && lower_case_name == names::HOST {
            out.extend_from_slice(self.head.authority.unwrap_or_default());
        }
        Some(out)
    }

    /// The headers that are signed. Others may have been added or changed on the way.
    #[must_use]
    pub const fn signed_headers(&self) -> &SignedHeaders<'a> {
        &self.signed_headers
    }

    /// The moment of signing.
    #[must_use]
    pub const fn date(&self) -> AmzDate {
        self.date
    }

    /// The last moment at which a presigned request is good; `None` for a header signature.
    #[must_use]
    pub fn expires_at(&self) -> Option<AmzDate> {
        self.expires
            .map(|seconds| self.date.saturating_add(i64::from(seconds)))
    }

    /// Whether the credentials are temporary ones, whose session token was checked.
    #[must_use]
    pub const fn is_temporary(&self) -> bool {
        self.temporary
    }

    /// How far the body is authenticated.
    #[must_use]
    pub const fn payload(&self) -> VerifiedPayload {
        self.payload
    }

    /// Whether the body is authenticated.
    #[must_use]
    pub fn payload_authenticated(&self) -> bool {
        self.payload == VerifiedPayload::Authenticated
    }

    /// The signature of the head, over which the first chunk of a body is signed.
    pub(crate) const fn signature(&self) -> &Signature {
        &self.signature
    }

    /// The verifier's limits.
    pub(crate) const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Whether the verifier tolerates chunks that S3 refuses.
    pub(crate) const fn accepts_small_chunks(&self) -> bool {
        self.accept_small_chunks
    }

    /// Checks a body that was read after the signature was verified, against [`VerifiedPayload::MustMatch`].
    ///
    /// # Errors
    /// * [`VerifyError::PayloadMismatch`] if it is not the one that was signed.
    /// * [`VerifyError::PayloadHashMissing`] if the signature does not cover the body, so that there is nothing to check
    ///   it against.
    pub fn check_body(&mut self, body: ReceivedBody) -> Result<(), VerifyError> {
        match self.payload {
            VerifiedPayload::MustMatch(declared) if body == ReceivedBody::Sha256(declared) => {
                self.payload = VerifiedPayload::Authenticated;
                Ok(())
            }
            VerifiedPayload::MustMatch(_) => Err(VerifyError::PayloadMismatch),
            VerifiedPayload::Authenticated => Ok(()),
            VerifiedPayload::Unsigned | VerifiedPayload::Streaming(_) => {
                Err(VerifyError::PayloadHashMissing)
            }
        }
    }
}

impl fmt::Debug for Verified<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("access_key_id", &self.access_key_id)
            .field("scope", &self.scope)
            .field("kind", &self.kind)
            .field("date", &self.date)
            .field("signed_headers", &self.signed_headers)
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}
