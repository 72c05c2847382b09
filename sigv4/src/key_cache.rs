//! [`KeyCache`]: signing keys of many credentials, days, regions and services.

use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;

use crate::credentials::SecretAccessKey;
use crate::key::SigningKey;
use crate::scope::CredentialScope;

/// A bounded cache of signing keys.
///
/// * A key is found by access key id, a digest of the secret, and scope: after a rotation the old secret's key is not
///   found any more, and no secret is kept.
/// * When it is full, the key that was not used for longest goes. Every key is zeroized when it goes.
/// * It locks nothing; `SharedKeyCache` (feature `std`) does.
///
/// ```
/// use sigv4::{KeyCache, SecretAccessKey};
///
/// let mut cache = KeyCache::new(100);
/// let secret = SecretAccessKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let scope = "20150830/us-east-1/iam/aws4_request".parse()?;
/// let key = cache.get_or_derive("AKIDEXAMPLE", &secret, &scope);
/// assert_eq!(key.scope(), &scope);
/// assert_eq!(cache.len(), 1);
/// # Ok::<(), sigv4::ParseError>(())
/// ```
pub struct KeyCache {
    /// Most recently used last.
    slots: Vec<Slot>,
    capacity: usize,
}

struct Slot {
    access_key_id: String,
    fingerprint: [u8; 32],
    key: Arc<SigningKey>,
}

impl Slot {
    fn is(&self, access_key_id: &str, secret: &SecretAccessKey, scope: &CredentialScope) -> bool {
        self.key.scope() == scope
            && self.access_key_id == access_key_id
            && crate::crypto::ct_eq(&self.fingerprint, secret.fingerprint())
    }
}

impl KeyCache {
    /// A cache of at most `capacity` keys; one key at least.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            slots: Vec::new(),
            capacity: capacity.max(1),
        }
    }

    /// The key, from the cache or derived and kept.
    pub fn get_or_derive(
        &mut self,
        access_key_id: &str,
        secret: &SecretAccessKey,
        scope: &CredentialScope,
    ) -> Arc<SigningKey> {
        if let Some(found) = self
            .slots
            .iter()
            .position(|slot| slot.is(access_key_id, secret, scope))
        {
            let slot = self.slots.remove(found);
            let key = Arc::clone(&slot.key);
            self.slots.push(slot);
            return key;
        }
        let key = Arc::new(SigningKey::derive(secret, scope));
        self.insert(access_key_id, secret, &key);
        key
    }

    fn insert(&mut self, access_key_id: &str, secret: &SecretAccessKey, key: &Arc<SigningKey>) {
        if self.slots.len() >= self.capacity {
            self.slots.remove(0);
        }
        self.slots.push(Slot {
            access_key_id: access_key_id.into(),
            fingerprint: *secret.fingerprint(),
            key: Arc::clone(key),
        });
    }

    #[cfg(feature = "std")]
    fn get(
        &self,
        access_key_id: &str,
        secret: &SecretAccessKey,
        scope: &CredentialScope,
    ) -> Option<Arc<SigningKey>> {
        let newest_first = self.slots.iter().rev();
        newest_first
            .into_iter()
            .find(|slot| slot.is(access_key_id, secret, scope))
            .map(|slot| Arc::clone(&slot.key))
    }

    /// How many keys it holds.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.slots.len()
    }

    /// Whether it holds no key.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.slots.is_empty()
    }

    /// Forgets every key of an access key id, as after its secret leaked.
    pub fn forget(&mut self, access_key_id: &str) {
        self.slots
            .retain(|slot| slot.access_key_id != access_key_id);
    }

    /// Forgets every key.
    pub fn clear(&mut self) {
        self.slots.clear();
    }
}

impl fmt::Debug for KeyCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeyCache")
            .field("len", &self.len())
            .field("capacity", &self.capacity)
            .finish()
    }
}

/// A [`KeyCache`] that threads share (feature `std`).
///
/// A key that is there is found under a read lock, and then does not count as used; a key is derived outside of any
/// lock, so nobody waits at midnight.
///
/// ```
/// use sigv4::{SecretAccessKey, SharedKeyCache};
///
/// let cache = SharedKeyCache::new(1_000);
/// let secret = SecretAccessKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let scope = "20150830/us-east-1/iam/aws4_request".parse()?;
/// std::thread::scope(|threads| {
///     for _ in 0..4 {
///         threads.spawn(|| cache.get_or_derive("AKIDEXAMPLE", &secret, &scope));
///     }
/// });
/// # Ok::<(), sigv4::ParseError>(())
/// ```
#[cfg(feature = "std")]
#[derive(Debug)]
pub struct SharedKeyCache(std::sync::RwLock<KeyCache>);

#[cfg(feature = "std")]
impl SharedKeyCache {
    /// A cache of at most `capacity` keys; one key at least.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self(std::sync::RwLock::new(KeyCache::new(capacity)))
    }

    /// The key, from the cache or derived and kept.
    pub fn get_or_derive(
        &self,
        access_key_id: &str,
        secret: &SecretAccessKey,
        scope: &CredentialScope,
    ) -> Arc<SigningKey> {
        let found = self
            .0
            .read()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .get(access_key_id, secret, scope);
        if let Some(key) = found {
            return key;
        }
        let key = Arc::new(SigningKey::derive(secret, scope));
        let mut cache = self
            .0
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        // Another thread may have been first: one key, not two.
        if let Some(key) = cache.get(access_key_id, secret, scope) {
            return key;
        }
        cache.insert(access_key_id, secret, &key);
        key
    }

    /// Forgets every key of an access key id, as after its secret leaked.
    pub fn forget(&self, access_key_id: &str) {
        self.0
            .write()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .forget(access_key_id);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scope(text: &str) -> CredentialScope {
        text.parse().unwrap()
    }

    #[test]
    fn a_key_is_of_one_id_secret_day_region_and_service() {
        let mut cache = KeyCache::new(100);
        let secrets = ["s1", "s2"].map(|secret| SecretAccessKey::new(secret).unwrap());
        let scopes = [
            "20150830/us-east-1/iam/aws4_request",
            "20150831/us-east-1/iam/aws4_request",
            "20150830/us-east-2/iam/aws4_request",
            "20150830/us-east-1/sts/aws4_request",
        ];
        let mut exports = Vec::new();
        for _ in 0..2 {
            for id in ["A", "B"] {
                for secret in &secrets {
                    for text in scopes {
                        let key = cache.get_or_derive(id, secret, &scope(text));
                        assert_eq!(
                            *key.export(),
                            *SigningKey::derive(secret, &scope(text)).export()
                        );
                        exports.push(*key.export());
                    }
                }
            }
        }
        assert_eq!(cache.len(), 16);
        exports.sort_unstable();
        exports.dedup();
        assert_eq!(
            exports.len(),
            8,
            "the id does not enter the key; secret and scope do"
        );
    }

    #[test]
    fn it_is_bounded_and_the_least_used_goes() {
        let mut cache = KeyCache::new(2);
        let secret = SecretAccessKey::new("s").unwrap();
        let days = ["20150830", "20150831", "20150901"]
            .map(|day| scope(&alloc::format!("{day}/r/s/aws4_request")));
        let [first, second, third] = days;
        let kept = cache.get_or_derive("A", &secret, &first);
        cache.get_or_derive("A", &secret, &second);
        cache.get_or_derive("A", &secret, &first);
        cache.get_or_derive("A", &secret, &third);
        assert_eq!(cache.len(), 2);
        assert!(Arc::ptr_eq(
            &kept,
            &cache.get_or_derive("A", &secret, &first)
        ));
        cache.forget("A");
        assert!(cache.is_empty());
    }

    #[cfg(feature = "std")]
    #[test]
    fn threads_that_derive_at_once_end_with_one_key() {
        let cache = SharedKeyCache::new(4);
        let secret = SecretAccessKey::new("s").unwrap();
        let scope = scope("20150830/r/s/aws4_request");
        std::thread::scope(|threads| {
            for _ in 0..8 {
                threads.spawn(|| cache.get_or_derive("A", &secret, &scope));
            }
        });
        assert_eq!(cache.0.read().unwrap().len(), 1);
        cache.forget("B");
        assert_eq!(cache.0.read().unwrap().len(), 1);
        cache.forget("A");
        assert!(cache.0.read().unwrap().is_empty());
    }
}
