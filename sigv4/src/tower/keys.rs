//! [`KeyStore`]: where a server's keys come from.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;

use zeroize::Zeroizing;

use crate::credentials::{SecretAccessKey, SessionToken};
use crate::key::SigningKey;
use crate::scope::CredentialScope;
use crate::time::AmzDate;
use crate::verify::{Claim, KnownKey};

/// Looks keys up: in a map, a database, another service.
///
/// A closure that returns a future is one. For look-ups that cost something, put [`CachedKeys`](super::CachedKeys)
/// around it.
pub trait KeyStore: Send + Sync + 'static {
    /// What goes wrong while looking up. It is the server's fault, so the client gets an answer of status 500; it is for
    /// logs, and the client never sees it.
    type Error: fmt::Display + Send;

    /// The key, or `None` if the access key id is not known or disabled.
    fn find(
        &self,
        wanted: &WantedKey,
    ) -> impl Future<Output = Result<Option<FoundKey>, Self::Error>> + Send;
}

impl<F, W, E> KeyStore for F
where
    F: Fn(WantedKey) -> W + Send + Sync + 'static,
    W: Future<Output = Result<Option<FoundKey>, E>> + Send,
    E: fmt::Display + Send,
{
    type Error = E;

    fn find(
        &self,
        wanted: &WantedKey,
    ) -> impl Future<Output = Result<Option<FoundKey>, Self::Error>> + Send {
        self(wanted.clone())
    }
}

/// The key that a request claims to be signed with. Nothing in it is authenticated.
#[derive(Clone)]
pub struct WantedKey {
    access_key_id: String,
    scope: CredentialScope,
    session_token: Option<Zeroizing<Vec<u8>>>,
}

impl WantedKey {
    pub(super) fn of(claim: &Claim<'_>) -> Self {
        Self {
            access_key_id: claim.access_key_id().into(),
            scope: *claim.scope(),
            session_token: claim
                .session_token()
                .map(|token| Zeroizing::new(token.to_vec())),
        }
    }

    /// The access key id.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The day, region and service that the key must be for: a store that holds no secrets hands out the key for these.
    #[must_use]
    pub const fn scope(&self) -> &CredentialScope {
        &self.scope
    }

    /// The session token that came with the request, for stores that find temporary keys by it. The layer itself
    /// compares it with the one of [`FoundKey::with_session_token`].
    #[must_use]
    pub fn session_token(&self) -> Option<&[u8]> {
        self.session_token.as_ref().map(|token| token.as_slice())
    }
}

impl fmt::Debug for WantedKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("WantedKey")
            .field("access_key_id", &self.access_key_id)
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// A key that was found, and what belongs to it.
#[derive(Clone, Debug)]
pub struct FoundKey {
    pub(super) key: Arc<SigningKey>,
    session_token: Option<Arc<SessionToken>>,
    expiry: Option<AmzDate>,
    pub(super) principal: Option<Arc<str>>,
}

impl FoundKey {
    /// The key of long-term credentials, made for [`WantedKey::scope`]. A key of another scope verifies nothing.
    #[must_use]
    pub fn new(key: impl Into<Arc<SigningKey>>) -> Self {
        Self {
            key: key.into(),
            session_token: None,
            expiry: None,
            principal: None,
        }
    }

    /// The key of a secret.
    #[must_use]
    pub fn from_secret(secret: &SecretAccessKey, wanted: &WantedKey) -> Self {
        Self::new(SigningKey::derive(secret, wanted.scope()))
    }

    /// The same for temporary credentials: a request must carry this session token.
    #[must_use]
    pub fn with_session_token(mut self, token: impl Into<Arc<SessionToken>>) -> Self {
        self.session_token = Some(token.into());
        self
    }

    /// The same, no longer good after this moment.
    #[must_use]
    pub const fn with_expiry(mut self, expiry: AmzDate) -> Self {
        self.expiry = Some(expiry);
        self
    }

    /// The same, with the name of whose key it is: [`Authenticated::principal`](super::Authenticated::principal).
    #[must_use]
    pub fn with_principal(mut self, principal: impl Into<Arc<str>>) -> Self {
        self.principal = Some(principal.into());
        self
    }

    pub(super) fn known(&self) -> KnownKey<'_> {
        let mut known = KnownKey::new(&self.key);
        if let Some(token) = &self.session_token {
            known = known.with_session_token(token);
        }
        if let Some(expiry) = self.expiry {
            known = known.with_expiry(expiry);
        }
        known
    }
}
