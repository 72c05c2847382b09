//! [`Chain`]: signatures of which each is over the one before it.

use crate::algorithm;
use crate::key::SigningKey;
use crate::scope::CredentialScope;
use crate::signature::Signature;
use crate::string_to_sign::StringToSign;
use crate::time::AmzDate;

/// The tags with which an algorithm begins the texts of chunks and trailers.
#[derive(Clone, Copy)]
struct Tags {
    chunk: &'static str,
    trailer: &'static str,
}

const HMAC: Tags = Tags {
    chunk: algorithm::HMAC_SHA256_PAYLOAD,
    trailer: algorithm::HMAC_SHA256_TRAILER,
};

/// Makes the signatures of a body's chunks and trailers. Both ends have one and compare what it makes.
pub(super) struct Chain {
    tags: Tags,
    key: SigningKey,
    date: AmzDate,
    scope: CredentialScope,
    previous: Signature,
}

impl Chain {
    /// A chain that goes on from the signature of a head.
    pub(super) fn new(key: &SigningKey, date: AmzDate, seed: Signature) -> Self {
        Self {
            tags: HMAC,
            key: key.duplicate(),
            date,
            scope: *key.scope(),
            previous: seed,
        }
    }

    /// The signature of the next chunk, given its SHA-256.
    pub(super) fn chunk(&mut self, hash: &[u8; 32]) -> Signature {
        let previous = self.previous.hex();
        let text = StringToSign::chunk(self.tags.chunk, self.date, &self.scope, &previous, hash);
        self.previous = self.key.sign(&text);
        self.previous
    }

    /// The signature of the trailers, given the SHA-256 of their canonical lines.
    pub(super) fn trailer(&mut self, hash: &[u8; 32]) -> Signature {
        let previous = self.previous.hex();
        let text =
            StringToSign::trailer(self.tags.trailer, self.date, &self.scope, &previous, hash);
        self.previous = self.key.sign(&text);
        self.previous
    }
}
