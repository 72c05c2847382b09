//! [`CachedKeys`]: a store that asks another one as seldom as it may.

use alloc::collections::VecDeque;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;
use core::future::poll_fn;
use core::task::{Poll, Waker};
use core::time::Duration;
use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use super::{FoundKey, KeyStore, WantedKey};
use crate::scope::CredentialScope;

/// Remembers what another store found, and what it did not.
///
/// * **Single flight**: requests that want one key at one time make one look-up. If whoever makes it gives up, another
///   goes on.
/// * **Bounded**: `capacity` keys that were found, and as many that were not; the oldest goes first. An unknown access key
///   id never drives a known one out.
/// * A key is remembered for a minute, that there is none for five seconds; an error is not. A rotated or revoked key is
///   good until then, unless it is [forgotten](Self::forget).
/// * Temporary keys whose store finds them by session token are remembered by the token, too.
/// * No lock is held while the other store is asked.
///
/// ```
/// use sigv4::tower::{CachedKeys, FoundKey, WantedKey};
/// use sigv4::SecretAccessKey;
///
/// async fn from_database(wanted: WantedKey) -> Result<Option<FoundKey>, std::io::Error> {
///     let secret = SecretAccessKey::new("secret").map_err(std::io::Error::other)?; // … of wanted.access_key_id()
///     Ok(Some(FoundKey::from_secret(&secret, &wanted)))
/// }
/// let keys = CachedKeys::new(from_database, 10_000);
/// ```
pub struct CachedKeys<K> {
    inner: K,
    state: Mutex<State>,
    found_for: Duration,
    unknown_for: Duration,
    capacity: usize,
}

#[derive(Default)]
struct State {
    slots: HashMap<Name, Slot>,
    /// Names in the order in which they were remembered; those of unknown keys apart.
    found: VecDeque<Name>,
    unknown: VecDeque<Name>,
    /// How often anybody asked.
    asked: u64,
}

#[derive(Clone, PartialEq, Eq, Hash)]
struct Name {
    access_key_id: String,
    scope: String,
    token: Option<[u8; 32]>,
}

impl Name {
    fn of(wanted: &WantedKey) -> Self {
        let scope: &CredentialScope = wanted.scope();
        Self {
            access_key_id: wanted.access_key_id().into(),
            scope: alloc::format!("{scope}"),
            token: wanted.session_token().map(crate::crypto::sha256),
        }
    }
}

enum Slot {
    Known(Option<FoundKey>, Instant),
    /// Somebody is asking.
    Asked {
        /// Who.
        number: u64,
        /// Those who wait.
        waiting: Vec<Waker>,
        /// Whether the name is in a line already, since what was remembered is too old.
        listed: bool,
    },
}

impl<K> CachedKeys<K> {
    /// A cache of at most `capacity` keys in front of `inner`.
    #[must_use]
    pub fn new(inner: K, capacity: usize) -> Self {
        Self {
            inner,
            state: Mutex::default(),
            found_for: Duration::from_secs(60),
            unknown_for: Duration::from_secs(5),
            capacity: capacity.max(1),
        }
    }

    /// The same with other times to remember: keys that were found, and that there is none.
    #[must_use]
    pub const fn with_times(mut self, found_for: Duration, unknown_for: Duration) -> Self {
        self.found_for = found_for;
        self.unknown_for = unknown_for;
        self
    }

    /// Forgets all keys of an access key id, as after its rotation. What a look-up that is under way will find is used
    /// for the request that made it, and not remembered.
    pub fn forget(&self, access_key_id: &str) {
        let mut waiting = Vec::new();
        {
            let mut state = self.lock();
            state.slots.retain(|name, slot| {
                let stays = name.access_key_id != access_key_id;
                if let (
                    false,
                    Slot::Asked {
                        waiting: wakers, ..
                    },
                ) = (stays, slot)
                {
                    waiting.append(wakers);
                }
                stays
            });
            let is_another = |name: &Name| name.access_key_id != access_key_id;
            state.found.retain(is_another);
            state.unknown.retain(is_another);
        }
        waiting.into_iter().for_each(Waker::wake);
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is remembered, or the task to ask.
    fn poll(&self, name: &Name, waker: &Waker) -> Poll<Result<Option<FoundKey>, Asking<'_, K>>> {
        let mut state = self.lock();
        match state.slots.get_mut(name) {
            Some(Slot::Known(found, until)) if Instant::now() < *until => {
                return Poll::Ready(Ok(found.clone()));
            }
            Some(Slot::Asked { waiting, .. }) => {
                if !waiting.iter().any(|other| other.will_wake(waker)) {
                    waiting.push(waker.clone());
                }
                return Poll::Pending;
            }
            Some(Slot::Known(..)) | None => {}
        }
        let listed = state.slots.contains_key(name);
        state.asked = state.asked.wrapping_add(1);
        let number = state.asked;
        let slot = Slot::Asked {
            number,
            waiting: Vec::new(),
            listed,
        };
        state.slots.insert(name.clone(), slot);
        Poll::Ready(Err(Asking {
            cache: self,
            name: name.clone(),
            number,
        }))
    }
}

impl State {
    /// Keeps what was found, and drops what is too much.
    fn keep(&mut self, name: &Name, slot: Slot, capacity: usize) {
        let order = match &slot {
            Slot::Known(Some(_), _) => &mut self.found,
            _ => &mut self.unknown,
        };
        order.push_back(name.clone());
        while order.len() > capacity {
            if let Some(oldest) = order.pop_front() {
                self.slots.remove(&oldest);
            }
        }
        self.slots.insert(name.clone(), slot);
    }
}

/// The task of asking. If it is dropped before it is done, those who wait go on themselves.
struct Asking<'a, K> {
    cache: &'a CachedKeys<K>,
    name: Name,
    number: u64,
}

impl<K> Asking<'_, K> {
    fn done(&self, found: Option<&FoundKey>) {
        let cache = self.cache;
        let time = if found.is_some() {
            cache.found_for
        } else {
            cache.unknown_for
        };
        let now = Instant::now();
        let until = now.checked_add(time).unwrap_or(now);
        self.end(Some(Slot::Known(found.cloned(), until)));
    }

    /// Gives the place up, for what is known now.
    fn end(&self, slot: Option<Slot>) {
        let waiting = {
            let mut state = self.cache.lock();
            let (waiting, listed) = match state.slots.get_mut(&self.name) {
                Some(Slot::Asked {
                    number,
                    waiting,
                    listed,
                }) if *number == self.number => (core::mem::take(waiting), *listed),
                // It was forgotten meanwhile, or is done.
                _ => return,
            };
            state.slots.remove(&self.name);
            if listed {
                let is_another = |name: &Name| *name != self.name;
                state.found.retain(is_another);
                state.unknown.retain(is_another);
            }
            if let Some(slot) = slot {
                state.keep(&self.name, slot, self.cache.capacity);
            }
            waiting
        };
        waiting.into_iter().for_each(Waker::wake);
    }
}

impl<K> Drop for Asking<'_, K> {
    fn drop(&mut self) {
        self.end(None);
    }
}

impl<K: KeyStore> KeyStore for CachedKeys<K> {
    type Error = K::Error;

    async fn find(&self, wanted: &WantedKey) -> Result<Option<FoundKey>, K::Error> {
        let name = Name::of(wanted);
        let asking = match poll_fn(|cx| self.poll(&name, cx.waker())).await {
            Ok(found) => return Ok(found),
            Err(asking) => asking,
        };
        let found = self.inner.find(wanted).await?;
        asking.done(found.as_ref());
        Ok(found)
    }
}

impl<K> fmt::Debug for CachedKeys<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CachedKeys")
            .field("capacity", &self.capacity)
            .finish_non_exhaustive()
    }
}
