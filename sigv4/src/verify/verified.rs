//! [`Verified`]: what was authenticated.

use core::fmt;

use crate::auth::{AccessKeyId, AuthKind, SignedHeaders};
use crate::body::ReceivedBody;
use crate::error::VerifyError;
use crate::payload::StreamingMode;
use crate::request::RequestHead;
use crate::scope::CredentialScope;
use crate::time::AmzDate;

/// A request whose signature is genuine, and what that signature covers.
///
/// Made only by [`Claim::verify`](crate::Claim::verify). Decide on this and not on the raw parameters of the request:
/// reading those again, with another parser, is the root of several CVEs.
#[derive(Clone)]
pub struct Verified<'a> {
    pub(super) head: RequestHead<'a>,
    pub(super) kind: AuthKind,
    pub(super) access_key_id: AccessKeyId,
    pub(super) scope: CredentialScope,
    pub(super) date: AmzDate,
    pub(super) expires: Option<u32>,
    pub(super) signed_headers: SignedHeaders<'a>,
    pub(super) temporary: bool,
    pub(super) payload: VerifiedPayload,
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
    /// The body carries signatures or checksums of its own, which are yet to be checked.
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

    /// The signed path, as on the wire. Route this one: a path that was decoded or cleaned on the way is another path.
    #[must_use]
    pub const fn path(&self) -> &'a [u8] {
        self.head.path
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

    /// Checks a body that was read after the signature was verified.
    ///
    /// # Errors
    /// [`VerifyError::PayloadMismatch`] if it is not the one that was signed.
    pub fn check_body(&mut self, body: ReceivedBody) -> Result<(), VerifyError> {
        if let VerifiedPayload::MustMatch(declared) = self.payload {
            if body != ReceivedBody::Sha256(declared) {
                return Err(VerifyError::PayloadMismatch);
            }
            self.payload = VerifiedPayload::Authenticated;
        }
        Ok(())
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
