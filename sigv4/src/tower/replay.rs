//! [`ReplayGuard`]: a signature is good once.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::error::VerifyError;
use crate::time::AmzDate;

/// Refuses a request that is, byte for byte of its signature, one that came before.
///
/// Opt-in, for services where a repeated request does harm. What it does not do:
///
/// * Presigned requests pass: they are made to be used more than once.
/// * Two requests that are equal in all that is signed, made within one second, have one signature: the second is
///   refused. Clients that repeat a request have to sign it again.
/// * It knows the requests of this process only.
/// * It remembers a signature for as long as the clock window lets the request pass at all, `capacity` signatures at
///   most. When it is full of such, requests are refused with an answer of status 500: an unremembered one could be used
///   again. Give it room for all requests of twice the window.
#[derive(Debug)]
pub struct ReplayGuard {
    seen: Mutex<Seen>,
    capacity: usize,
}

#[derive(Debug, Default)]
struct Seen {
    /// The signatures, each with the second until which it has to be remembered.
    until: HashMap<[u8; 32], i64>,
    /// When there is something to forget again.
    sweep_at: i64,
}

impl ReplayGuard {
    /// A guard that remembers at most `capacity` signatures, of about 50 bytes each.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            seen: Mutex::default(),
            capacity,
        }
    }

    /// Notes a genuine signature, unless it is not new.
    pub(super) fn admit(
        &self,
        signature: [u8; 32],
        signed: AmzDate,
        max_skew: u32,
        now: AmzDate,
    ) -> Result<(), VerifyError> {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let now = now.unix();
        if seen.until.len() >= self.capacity && now >= seen.sweep_at {
            seen.until.retain(|_, until| *until >= now);
            seen.sweep_at = now.saturating_add(1);
        }
        if seen
            .until
            .get(&signature)
            .is_some_and(|until| *until >= now)
        {
            return Err(VerifyError::Replayed);
        }
        if seen.until.len() >= self.capacity {
            return Err(VerifyError::KeyProvider);
        }
        let until = signed.unix().saturating_add(i64::from(max_skew));
        seen.until.insert(signature, until);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn once_within_the_window_and_never_more_than_fit() {
        let guard = ReplayGuard::new(2);
        let at = |seconds: i64| AmzDate::from_unix(1_000_000 + seconds).unwrap();
        let admit = |byte, signed, now| guard.admit([byte; 32], at(signed), 300, at(now));
        assert_eq!(admit(1, 0, 0), Ok(()));
        assert_eq!(admit(1, 0, 299), Err(VerifyError::Replayed));
        assert_eq!(admit(2, 100, 299), Ok(()));
        assert_eq!(admit(3, 299, 299), Err(VerifyError::KeyProvider), "full");
        // The first can pass no clock any more, so that it may go.
        assert_eq!(admit(3, 299, 301), Ok(()));
        assert_eq!(admit(2, 100, 301), Err(VerifyError::Replayed));
    }
}
