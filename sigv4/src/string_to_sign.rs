//! [`StringToSign`]: what the key signs.

use core::fmt;

use crate::algorithm;
use crate::canonical::CanonicalRequest;
use crate::crypto;
use crate::scope::{CredentialScope, MAX_SCOPE};
use crate::text::InlineText;
use crate::time::AmzDate;

/// Room for the longest text, that of a chunk: tag, date, scope, earlier signature and two hashes, with line breaks.
const MAX: usize = 40 + 17 + MAX_SCOPE + 1 + 65 + 65 + 64;

/// The text that is signed: algorithm, moment, scope, and the hash of what is signed.
///
/// Made only from a [`CanonicalRequest`], or for a chunk of a body that follows one. It holds no secret; `Display`
/// prints it.
///
/// Implements *Create a string to sign* of the AWS IAM User Guide.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct StringToSign(InlineText<MAX>);

impl StringToSign {
    /// The string to sign of a request.
    #[must_use]
    pub fn request(canonical: &CanonicalRequest, date: AmzDate, scope: &CredentialScope) -> Self {
        let hash = crypto::hex(&canonical.hash());
        Self::of(algorithm::HMAC_SHA256, date, scope, [&hash])
    }

    /// The string to sign of a chunk of a body, over the signature before it.
    ///
    /// Implements *Signature calculations: transferring payload in multiple chunks* of the Amazon S3 API Reference.
    pub(crate) fn chunk(
        tag: &str,
        date: AmzDate,
        scope: &CredentialScope,
        previous: &[u8],
        chunk: &[u8; 32],
    ) -> Self {
        // The line between is the hash of headers that a chunk never has.
        let none = crypto::hex(&crypto::sha256(b""));
        Self::of(tag, date, scope, [previous, &none, &crypto::hex(chunk)])
    }

    /// The string to sign of the trailers of a body, over the signature of its last chunk.
    ///
    /// Implements *Signature calculations: including trailing headers* of the Amazon S3 API Reference.
    pub(crate) fn trailer(
        tag: &str,
        date: AmzDate,
        scope: &CredentialScope,
        previous: &[u8],
        trailers: &[u8; 32],
    ) -> Self {
        Self::of(tag, date, scope, [previous, &crypto::hex(trailers)])
    }

    /// Tag, moment and scope, and the lines that follow.
    ///
    /// How many there are is known to the compiler, which then lays the loops out as straight copies.
    fn of<const LINES: usize>(
        tag: &str,
        date: AmzDate,
        scope: &CredentialScope,
        lines: [&[u8]; LINES],
    ) -> Self {
        let mut text = InlineText::new();
        let mut push = |piece: &[u8]| {
            let fits = text.push(piece);
            debug_assert!(fits, "MAX is the sum of the longest pieces");
        };
        let [day, region, service, terminator] = scope.parts();
        let pieces: [&[u8]; 11] = [
            tag.as_bytes(),
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
        ];
        for piece in pieces {
            push(piece);
        }
        for line in lines {
            push(b"\n");
            push(line);
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
