//! [`StaticKeys`]: keys that are known beforehand.

use alloc::string::String;
use alloc::sync::Arc;
use core::convert::Infallible;
use core::fmt;
use core::future::{Future, ready};
use std::collections::HashMap;

use super::{FoundKey, KeyStore, WantedKey};
use crate::credentials::{Credentials, SecretAccessKey, SessionToken};
use crate::key_cache::SharedKeyCache;

/// A fixed set of keys, for tests and small services. Signing keys are derived once a day.
///
/// ```
/// use sigv4::Credentials;
/// use sigv4::tower::StaticKeys;
///
/// let keys = StaticKeys::new()
///     .with(Credentials::new("AKIDEXAMPLE", "secret")?)
///     .with(Credentials::new("ASIAEXAMPLE", "secret")?.with_session_token("token")?);
/// # Ok::<(), sigv4::ParseError>(())
/// ```
pub struct StaticKeys {
    keys: HashMap<String, (SecretAccessKey, Option<Arc<SessionToken>>)>,
    derived: SharedKeyCache,
}

impl StaticKeys {
    /// No keys yet.
    #[must_use]
    pub fn new() -> Self {
        Self {
            keys: HashMap::new(),
            derived: SharedKeyCache::new(DERIVED),
        }
    }

    /// One more. Temporary credentials are good with their session token only.
    #[must_use]
    pub fn with(mut self, credentials: Credentials) -> Self {
        let (id, secret, token) = credentials.into_parts();
        self.keys.insert(id, (secret, token.map(Arc::new)));
        self
    }
}

impl Default for StaticKeys {
    fn default() -> Self {
        Self::new()
    }
}

impl KeyStore for StaticKeys {
    type Error = Infallible;

    fn find(
        &self,
        wanted: &WantedKey,
    ) -> impl Future<Output = Result<Option<FoundKey>, Infallible>> + Send {
        let id = wanted.access_key_id();
        let found = self.keys.get(id).map(|(secret, token)| {
            let key = self.derived.get_or_derive(id, secret, wanted.scope());
            let found = FoundKey::new(key).with_principal(id);
            match token {
                Some(token) => found.with_session_token(Arc::clone(token)),
                None => found,
            }
        });
        ready(Ok(found))
    }
}

impl fmt::Debug for StaticKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.keys.keys()).finish()
    }
}

const DERIVED: usize = 1_000;
