//! [`DayKey`]: a secret and the signing key that was last derived from it.

use alloc::sync::Arc;

use crate::credentials::SecretAccessKey;
use crate::key::SigningKey;
use crate::scope::CredentialScope;

/// A secret and the signing key of its last scope. Without `std` there is no lock to guard a kept key, and each
/// signature derives its own.
pub(crate) struct DayKey {
    secret: SecretAccessKey,
    #[cfg(feature = "std")]
    last: std::sync::RwLock<Option<Arc<SigningKey>>>,
}

impl DayKey {
    pub(crate) const fn new(secret: SecretAccessKey) -> Self {
        Self {
            secret,
            #[cfg(feature = "std")]
            last: std::sync::RwLock::new(None),
        }
    }

    /// The signing key for a scope: the kept one, or a new one that is kept from now on.
    ///
    /// Two threads that need a new key at once each derive it, so that none waits for the other.
    pub(crate) fn get(&self, scope: &CredentialScope) -> Arc<SigningKey> {
        #[cfg(feature = "std")]
        {
            let last = self
                .last
                .read()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            if let Some(key) = last.as_ref().filter(|key| key.scope() == scope) {
                return Arc::clone(key);
            }
        }
        let key = Arc::new(SigningKey::derive(&self.secret, scope));
        #[cfg(feature = "std")]
        {
            let mut last = self
                .last
                .write()
                .unwrap_or_else(std::sync::PoisonError::into_inner);
            *last = Some(Arc::clone(&key));
        }
        key
    }
}
