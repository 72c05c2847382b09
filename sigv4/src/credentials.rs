//! [`Credentials`], [`SecretAccessKey`], [`SessionToken`]: never printed, zeroized on drop.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use zeroize::{Zeroize, Zeroizing};

use crate::crypto;
use crate::error::ParseError;
use crate::percent;

/// The longest access key id that is taken, in bytes. AWS's own have 16 to 128.
pub(crate) const MAX_ACCESS_KEY_ID: usize = 128;
const KEY_PREFIX: &[u8] = b"AWS4";

/// An access key id, its secret, and the session token of temporary credentials.
///
/// `Debug` shows the access key id and nothing else; the rest is zeroized on drop.
///
/// ```
/// use sigv4::Credentials;
///
/// let credentials = Credentials::new("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?
///     .with_session_token("AQoDYXdzEPT")?;
/// assert!(!format!("{credentials:?}").contains("wJalr"));
/// # Ok::<(), sigv4::ParseError>(())
/// ```
pub struct Credentials {
    access_key_id: String,
    secret: SecretAccessKey,
    session_token: Option<SessionToken>,
}

impl Credentials {
    /// Long-term credentials.
    ///
    /// # Errors
    /// * [`ParseError::AccessKeyId`]: empty, longer than 128 bytes, or with a character that would end it in an
    ///   Authorization header (space, comma, slash, anything that is not printable ASCII).
    /// * [`ParseError::SecretAccessKey`]: empty, or with white space around it (a sign of a bad copy).
    pub fn new(
        access_key_id: impl Into<String>,
        secret: impl Into<String>,
    ) -> Result<Self, ParseError> {
        // The secret first: it is wiped even if the id turns out to be bad.
        let secret = SecretAccessKey::new(secret)?;
        let access_key_id = access_key_id.into();
        check_access_key_id(&access_key_id)?;
        Ok(Self {
            access_key_id,
            secret,
            session_token: None,
        })
    }

    /// The same with the session token of temporary credentials. An empty token is no token.
    ///
    /// # Errors
    /// [`ParseError::SessionToken`] if it has a character that is not printable ASCII.
    pub fn with_session_token(mut self, token: impl Into<String>) -> Result<Self, ParseError> {
        let token = Zeroizing::new(token.into());
        self.session_token = if token.is_empty() {
            None
        } else {
            Some(SessionToken::new(token.as_str())?)
        };
        Ok(self)
    }

    /// The access key id, which is public.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.access_key_id
    }

    /// The secret access key.
    #[must_use]
    pub const fn secret(&self) -> &SecretAccessKey {
        &self.secret
    }

    pub(crate) fn into_parts(self) -> (String, SecretAccessKey, Option<SessionToken>) {
        (self.access_key_id, self.secret, self.session_token)
    }

    /// The session token of temporary credentials.
    #[must_use]
    pub const fn session_token(&self) -> Option<&SessionToken> {
        self.session_token.as_ref()
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("access_key_id", &self.access_key_id)
            .field("secret", &self.secret)
            .field("session_token", &self.session_token)
            .finish()
    }
}

pub(crate) fn check_access_key_id(id: &str) -> Result<(), ParseError> {
    let good = |b: u8| b.is_ascii_graphic() && !matches!(b, b'/' | b',');
    let sized = (1..=MAX_ACCESS_KEY_ID).contains(&id.len());
    (sized && id.bytes().all(good))
        .then_some(())
        .ok_or(ParseError::AccessKeyId)
}

/// A secret access key: the root of the key chain.
///
/// Redacted in `Debug`, zeroized on drop, neither `Copy` nor `Clone`.
///
/// ```
/// use sigv4::{SecretAccessKey, SigningKey};
///
/// let secret = SecretAccessKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let key = SigningKey::derive(&secret, &"20150830/us-east-1/iam/aws4_request".parse()?);
/// assert_eq!(format!("{secret:?}"), "SecretAccessKey(redacted)");
/// # Ok::<(), sigv4::ParseError>(())
/// ```
pub struct SecretAccessKey {
    /// `AWS4` and the secret: the key of the chain's first HMAC.
    prefixed: Zeroizing<Vec<u8>>,
    /// Tells two secrets apart in a cache without keeping the secret there.
    fingerprint: [u8; 32],
}

impl SecretAccessKey {
    /// Takes the secret; the given `String` is wiped.
    ///
    /// # Errors
    /// [`ParseError::SecretAccessKey`] if it is empty or has white space around it.
    pub fn new(secret: impl Into<String>) -> Result<Self, ParseError> {
        let mut secret = secret.into();
        let mut prefixed = Vec::with_capacity(KEY_PREFIX.len().saturating_add(secret.len()));
        prefixed.extend_from_slice(KEY_PREFIX);
        prefixed.extend_from_slice(secret.as_bytes());
        let good = !secret.is_empty() && secret.trim().len() == secret.len();
        secret.zeroize();
        let prefixed = Zeroizing::new(prefixed);
        if !good {
            return Err(ParseError::SecretAccessKey);
        }
        let fingerprint = crypto::sha256(&prefixed);
        Ok(Self {
            prefixed,
            fingerprint,
        })
    }

    pub(crate) fn chain_key(&self) -> &[u8] {
        &self.prefixed
    }

    pub(crate) const fn fingerprint(&self) -> &[u8; 32] {
        &self.fingerprint
    }
}

impl Drop for SecretAccessKey {
    fn drop(&mut self) {
        self.fingerprint.zeroize();
    }
}

impl fmt::Debug for SecretAccessKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretAccessKey(redacted)")
    }
}

/// The session token of temporary credentials.
///
/// Redacted in `Debug`, zeroized on drop, compared in constant time where the library compares it.
pub struct SessionToken(Zeroizing<String>);

impl SessionToken {
    /// Takes the token; the given `String` is wiped on drop.
    ///
    /// # Errors
    /// [`ParseError::SessionToken`] if it is empty or has a character that is not printable ASCII.
    pub fn new(token: impl Into<String>) -> Result<Self, ParseError> {
        let token = Zeroizing::new(token.into());
        let good = !token.is_empty() && token.bytes().all(|b| b.is_ascii_graphic());
        if good {
            Ok(Self(token))
        } else {
            Err(ParseError::SessionToken)
        }
    }

    /// The token itself. Whoever holds it and the keys can act as the principal: keep it out of logs.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for SessionToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SessionToken(redacted)")
    }
}

/// A session token as signing sends it: as it is in a header, percent-encoded in a query. Encoding a kilobyte costs as
/// much as all the hashing, so that it is done once.
pub(crate) struct SentToken {
    token: SessionToken,
    encoded: Zeroizing<Vec<u8>>,
}

impl SentToken {
    pub(crate) fn new(token: SessionToken) -> Self {
        let mut encoded = Zeroizing::new(Vec::with_capacity(token.0.len().saturating_mul(3)));
        percent::push_all(&mut encoded, token.0.as_bytes());
        Self { token, encoded }
    }

    pub(crate) fn plain(&self) -> &str {
        self.token.expose()
    }

    pub(crate) fn encoded(&self) -> &[u8] {
        &self.encoded
    }
}

#[cfg(test)]
mod tests {
    use alloc::format;

    use super::*;

    #[test]
    fn what_would_break_a_header_is_refused() {
        for bad in [
            "",
            "A B",
            "A/B",
            "A,B",
            "A\n",
            "AKID ",
            "ключ",
            &"A".repeat(129),
        ] {
            assert_eq!(
                Credentials::new(bad, "s").err(),
                Some(ParseError::AccessKeyId),
                "{bad:?}"
            );
        }
        for bad in ["", " s", "s\n"] {
            assert_eq!(
                Credentials::new("A", bad).err(),
                Some(ParseError::SecretAccessKey),
                "{bad:?}"
            );
        }
        let credentials = Credentials::new("A", "s").unwrap();
        assert_eq!(
            credentials.with_session_token("a b").err(),
            Some(ParseError::SessionToken)
        );
        let credentials = Credentials::new("A", "s")
            .unwrap()
            .with_session_token("")
            .unwrap();
        assert!(credentials.session_token().is_none());
    }

    #[test]
    fn debug_shows_the_id_only() {
        let credentials = Credentials::new("AKID", "topsecret")
            .unwrap()
            .with_session_token("token1")
            .unwrap();
        let text = format!("{credentials:?} {:#?}", credentials);
        assert!(
            text.contains("AKID") && !text.contains("topsecret") && !text.contains("token1"),
            "{text}"
        );
    }
}
