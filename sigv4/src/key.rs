//! The key chain: secret → [`DateKey`] → [`RegionKey`] → [`ServiceKey`] → [`SigningKey`].

use core::fmt;

use zeroize::Zeroizing;

use crate::credentials::SecretAccessKey;
use crate::crypto::{self, HmacKey};
use crate::error::ParseError;
use crate::scope::{CredentialScope, Name, TERMINATOR, parse_name};
use crate::signature::Signature;
use crate::string_to_sign::StringToSign;
use crate::time::ScopeDate;

/// The 32 bytes of a derived key, zeroized on drop.
type KeyBytes = Zeroizing<[u8; 32]>;

fn derive(key: &[u8], message: &[u8]) -> KeyBytes {
    Zeroizing::new(crypto::hmac(key, message))
}

/// The key of one day, for every region and service.
pub struct DateKey {
    bytes: KeyBytes,
    date: ScopeDate,
}

/// The key of one day and region, for every service.
pub struct RegionKey {
    bytes: KeyBytes,
    date: ScopeDate,
    region: Name,
}

/// The key of one day, region and service.
pub struct ServiceKey {
    bytes: KeyBytes,
    scope: CredentialScope,
}

/// The key that signs and verifies the requests of one day, region and service.
///
/// * Whoever verifies needs this key only, not the secret: one place can hold secrets and any number of verifiers hold
///   keys that are good for a day.
/// * Redacted in `Debug`, zeroized on drop, neither `Copy` nor comparable.
///
/// Implements *Derive a signing key* of the AWS IAM User Guide.
///
/// ```
/// use sigv4::{SecretAccessKey, SigningKey};
///
/// let secret = SecretAccessKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")?;
/// let scope = "20150830/us-east-1/iam/aws4_request".parse()?;
///
/// let key = SigningKey::derive(&secret, &scope);
/// let exported = key.export();
/// let same_key = SigningKey::import(*exported, scope);
/// assert_eq!(exported, same_key.export());
/// # Ok::<(), sigv4::ParseError>(())
/// ```
pub struct SigningKey {
    bytes: KeyBytes,
    scope: CredentialScope,
    hmac: HmacKey,
}

impl SecretAccessKey {
    /// The first key of the chain: good for one day.
    #[must_use]
    pub fn date_key(&self, date: ScopeDate) -> DateKey {
        DateKey {
            bytes: derive(self.chain_key(), date.as_bytes()),
            date,
        }
    }
}

impl DateKey {
    /// Takes a key that was exported elsewhere.
    #[must_use]
    pub fn import(bytes: [u8; 32], date: ScopeDate) -> Self {
        Self {
            bytes: Zeroizing::new(bytes),
            date,
        }
    }

    /// The key itself, to be kept as secret as the secret access key for that day.
    #[must_use]
    pub fn export(&self) -> Zeroizing<[u8; 32]> {
        self.bytes.clone()
    }

    /// The next key of the chain: good for one region.
    ///
    /// # Errors
    /// [`ParseError::Region`] if that is no region name.
    pub fn region_key(&self, region: &str) -> Result<RegionKey, ParseError> {
        let region = parse_name(region.as_bytes()).ok_or(ParseError::Region)?;
        Ok(self.region_key_of(region))
    }

    fn region_key_of(&self, region: Name) -> RegionKey {
        RegionKey {
            bytes: derive(&*self.bytes, region.as_bytes()),
            date: self.date,
            region,
        }
    }
}

impl RegionKey {
    /// Takes a key that was exported elsewhere.
    ///
    /// # Errors
    /// [`ParseError::Region`] if that is no region name.
    pub fn import(bytes: [u8; 32], date: ScopeDate, region: &str) -> Result<Self, ParseError> {
        let bytes = Zeroizing::new(bytes);
        let region = parse_name(region.as_bytes()).ok_or(ParseError::Region)?;
        Ok(Self {
            bytes,
            date,
            region,
        })
    }

    /// The key itself, to be kept secret.
    #[must_use]
    pub fn export(&self) -> Zeroizing<[u8; 32]> {
        self.bytes.clone()
    }

    /// The next key of the chain: good for one service.
    ///
    /// # Errors
    /// [`ParseError::Service`] if that is no service name.
    pub fn service_key(&self, service: &str) -> Result<ServiceKey, ParseError> {
        let service = parse_name(service.as_bytes()).ok_or(ParseError::Service)?;
        Ok(self.service_key_of(service))
    }

    fn service_key_of(&self, service: Name) -> ServiceKey {
        ServiceKey {
            bytes: derive(&*self.bytes, service.as_bytes()),
            scope: CredentialScope::from_names(self.date, self.region, service),
        }
    }
}

impl ServiceKey {
    /// Takes a key that was exported elsewhere.
    #[must_use]
    pub fn import(bytes: [u8; 32], scope: CredentialScope) -> Self {
        Self {
            bytes: Zeroizing::new(bytes),
            scope,
        }
    }

    /// The key itself, to be kept secret.
    #[must_use]
    pub fn export(&self) -> Zeroizing<[u8; 32]> {
        self.bytes.clone()
    }

    /// The last key of the chain.
    #[must_use]
    pub fn signing_key(&self) -> SigningKey {
        SigningKey::from_bytes(derive(&*self.bytes, TERMINATOR.as_bytes()), self.scope)
    }
}

impl SigningKey {
    /// The key for a scope: the whole chain at once.
    #[must_use]
    pub fn derive(secret: &SecretAccessKey, scope: &CredentialScope) -> Self {
        secret
            .date_key(scope.date())
            .region_key_of(*scope.region_name())
            .service_key_of(*scope.service_name())
            .signing_key()
    }

    /// Takes a key that was exported elsewhere.
    #[must_use]
    pub fn import(bytes: [u8; 32], scope: CredentialScope) -> Self {
        Self::from_bytes(Zeroizing::new(bytes), scope)
    }

    fn from_bytes(bytes: KeyBytes, scope: CredentialScope) -> Self {
        let hmac = HmacKey::new(&*bytes);
        Self { bytes, scope, hmac }
    }

    /// The key itself, to be kept secret until its day is over.
    #[must_use]
    pub fn export(&self) -> Zeroizing<[u8; 32]> {
        self.bytes.clone()
    }

    /// A second one, for whoever outlives the borrow: chunks are signed and verified after their request.
    pub(crate) fn duplicate(&self) -> Self {
        Self {
            bytes: self.bytes.clone(),
            scope: self.scope,
            hmac: self.hmac.clone(),
        }
    }

    /// What the key is good for.
    #[must_use]
    pub const fn scope(&self) -> &CredentialScope {
        &self.scope
    }

    /// The signature of a string to sign.
    #[must_use]
    pub fn sign(&self, string_to_sign: &StringToSign) -> Signature {
        Signature::new(self.hmac.mac(string_to_sign.as_bytes()))
    }

    /// Whether a signature is the one of a string to sign; in a time that does not depend on the signature.
    #[must_use]
    pub fn verify(&self, string_to_sign: &StringToSign, claimed: &Signature) -> bool {
        // Signature's comparison is constant-time.
        self.sign(string_to_sign) == *claimed
    }
}

/// A key that no signature was ever made with: it makes an unknown access key cost what a known one does.
pub(crate) fn decoy(scope: &CredentialScope) -> SigningKey {
    SigningKey::import(crypto::sha256(b"no secret derives this key"), *scope)
}

macro_rules! redacted_debug {
    ($($key:ident),*) => {$(
        impl fmt::Debug for $key {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($key), "(redacted)"))
            }
        }
    )*};
}

redacted_debug!(DateKey, RegionKey, ServiceKey, SigningKey);
