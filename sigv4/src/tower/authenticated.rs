//! [`Authenticated`]: what a request's signature says, for the handler.

use alloc::string::{String, ToString};
use alloc::sync::Arc;
use alloc::vec::Vec;

use crate::auth::AuthKind;
use crate::payload::StreamingMode;
use crate::scope::CredentialScope;
use crate::time::AmzDate;
use crate::verify::{Verified, VerifiedPayload};

/// Who signed a request, and what the signature covers: in the extensions of every request that
/// [`VerifyLayer`](super::VerifyLayer) lets pass.
///
/// Cheap to clone.
#[derive(Clone, Debug)]
pub struct Authenticated(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    access_key_id: String,
    principal: Option<Arc<str>>,
    scope: CredentialScope,
    kind: AuthKind,
    date: AmzDate,
    expires_at: Option<AmzDate>,
    signed_headers: Vec<String>,
    temporary: bool,
    payload: VerifiedPayload,
}

impl Authenticated {
    pub(super) fn new(verified: &Verified<'_>, principal: Option<Arc<str>>) -> Self {
        Self(Arc::new(Inner {
            access_key_id: verified.access_key_id().to_string(),
            principal,
            scope: *verified.scope(),
            kind: verified.kind(),
            date: verified.date(),
            expires_at: verified.expires_at(),
            signed_headers: verified
                .signed_headers()
                .iter()
                .map(ToString::to_string)
                .collect(),
            temporary: verified.is_temporary(),
            payload: verified.payload(),
        }))
    }

    /// The access key id that signed.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.0.access_key_id
    }

    /// Whose key it is, as the key store says.
    #[must_use]
    pub fn principal(&self) -> Option<&str> {
        self.0.principal.as_deref()
    }

    /// The day, region and service that the signature is for.
    #[must_use]
    pub fn scope(&self) -> &CredentialScope {
        &self.0.scope
    }

    /// Where the signature was.
    #[must_use]
    pub fn kind(&self) -> AuthKind {
        self.0.kind
    }

    /// The moment of signing.
    #[must_use]
    pub fn date(&self) -> AmzDate {
        self.0.date
    }

    /// The last moment at which a presigned request is good.
    #[must_use]
    pub fn expires_at(&self) -> Option<AmzDate> {
        self.0.expires_at
    }

    /// Whether this header, in lower case, is signed. Others may have been added or changed on the way.
    #[must_use]
    pub fn is_signed(&self, lower_case_name: &str) -> bool {
        self.0
            .signed_headers
            .iter()
            .any(|name| name == lower_case_name)
    }

    /// Whether the keys are temporary ones, whose session token was checked.
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.0.temporary
    }

    /// Whether the signature covers the body. If it does, a body that is not the one that was signed ends in an error
    /// before its last piece.
    #[must_use]
    pub fn payload_authenticated(&self) -> bool {
        matches!(
            self.0.payload,
            VerifiedPayload::Authenticated
                | VerifiedPayload::MustMatch(_)
                | VerifiedPayload::Streaming(StreamingMode::Signed | StreamingMode::SignedTrailer)
        )
    }
}
