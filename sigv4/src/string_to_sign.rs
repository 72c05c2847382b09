//! [`StringToSign`]: what the key signs.

use core::fmt;

use crate::algorithm;
use crate::canonical::CanonicalRequest;
use crate::crypto;
use crate::scope::{CredentialScope, MAX_SCOPE};
use crate::text::InlineText;
use crate::time::AmzDate;

/// Room for the longest text: tag, date, scope and hash, each with a line break.
const MAX: usize = 40 + 17 + MAX_SCOPE + 1 + 64;

/// The text that is signed: algorithm, moment, scope, and the hash of the canonical request.
///
/// Made only from a [`CanonicalRequest`]. It holds no secret; `Display` prints it.
///
/// Implements *Create a string to sign* of the AWS IAM User Guide.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StringToSign(InlineText<MAX>);

impl StringToSign {
    /// The string to sign of a request.
    #[must_use]
    pub fn request(canonical: &CanonicalRequest, date: AmzDate, scope: &CredentialScope) -> Self {
        let mut text = InlineText::new();
        let [day, region, service, terminator] = scope.parts();
        let hash = crypto::hex(&canonical.hash());
        let pieces: [&[u8]; 13] = [
            algorithm::HMAC_SHA256.as_bytes(),
            b"\n",
            date.as_bytes(),
            b"\n",
            day,
            b"/",
            region,
            b"/",
            service,
            b"/",
            terminator,
            b"\n",
            &hash,
        ];
        for piece in pieces {
            let fits = text.push(piece);
            debug_assert!(fits, "MAX is the sum of the longest pieces");
        }
        Self(text)
    }

    /// The text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }
}

impl fmt::Display for StringToSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for StringToSign {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StringToSign").field(&self.as_str()).finish()
    }
}
