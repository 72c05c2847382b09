//! [`ReceivedBody`]: what a verifier knows about the body that arrived.

use core::fmt;

use crate::crypto::{self, Hasher};
use crate::error::{Limit, VerifyError};

/// What is known about the body that came with a request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum ReceivedBody {
    /// It was read, and this is its SHA-256.
    Sha256([u8; 32]),
    /// It was not read yet: the signature is checked against the hash that the request declares, and
    /// [`Verified::payload`](crate::Verified::payload) says what the body must turn out to be.
    Unread,
}

impl ReceivedBody {
    /// The body of a request without one.
    pub const EMPTY: Self = match crate::PayloadHash::EMPTY {
        crate::PayloadHash::Sha256(hash) => Self::Sha256(hash),
        _ => Self::Unread,
    };

    /// The hash in hexadecimal digits; of no meaning for a body that was not read.
    pub(crate) fn hex(&self) -> [u8; 64] {
        match self {
            Self::Sha256(hash) => crypto::hex(hash),
            Self::Unread => [b'0'; 64],
        }
    }

    /// A whole body in memory, as it was on the wire.
    #[must_use]
    pub fn of(body: impl AsRef<[u8]>) -> Self {
        let body = body.as_ref();
        if body.is_empty() {
            Self::EMPTY
        } else {
            Self::Sha256(crypto::sha256(body))
        }
    }
}

/// Hashes a body that arrives in pieces, up to a limit.
///
/// ```
/// use sigv4::{BodyHasher, ReceivedBody};
///
/// let mut hasher = BodyHasher::new(1024);
/// hasher.update(b"hel")?;
/// hasher.update(b"lo")?;
/// assert_eq!(hasher.finish(), ReceivedBody::of("hello"));
/// # Ok::<(), sigv4::VerifyError>(())
/// ```
#[derive(Clone)]
pub struct BodyHasher {
    hasher: Hasher,
    /// `None` once the limit was passed.
    left: Option<u64>,
}

impl BodyHasher {
    /// A hasher that takes at most `limit` bytes.
    #[must_use]
    pub fn new(limit: u64) -> Self {
        Self {
            hasher: Hasher::default(),
            left: Some(limit),
        }
    }

    /// Takes the next piece.
    ///
    /// # Errors
    /// [`VerifyError::TooLarge`] once the limit is passed; nothing of the body may then be used.
    pub fn update(&mut self, piece: &[u8]) -> Result<(), VerifyError> {
        let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
        self.left = self.left.and_then(|left| left.checked_sub(length));
        if self.left.is_none() {
            return Err(VerifyError::TooLarge(Limit::Body));
        }
        self.hasher.update(piece);
        Ok(())
    }

    /// What the whole body was; [`ReceivedBody::Unread`] if it passed the limit.
    #[must_use]
    pub fn finish(self) -> ReceivedBody {
        match self.left {
            Some(_) => ReceivedBody::Sha256(self.hasher.finish()),
            None => ReceivedBody::Unread,
        }
    }
}

impl fmt::Debug for BodyHasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BodyHasher")
            .field("left", &self.left)
            .finish_non_exhaustive()
    }
}
