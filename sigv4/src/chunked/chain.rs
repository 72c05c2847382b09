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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::credentials::SecretAccessKey;
    use crate::crypto;

    /// Two examples of AWS's documentation and one of its C signer.
    #[test]
    fn published_chunks_and_trailers() {
        let vectors = test_vectors::docs();
        let chunked = vectors
            .iter()
            .filter(|vector| vector.kind == test_vectors::DocKind::Chunked);
        let mut trailers = 0;
        for vector in chunked.clone() {
            let id = &vector.id;
            let date: AmzDate = vector.timestamp.parse().unwrap();
            let scope = CredentialScope::new(date.day(), &vector.region, &vector.service).unwrap();
            let secret = SecretAccessKey::new(vector.secret_access_key.as_str()).unwrap();
            let key = SigningKey::derive(&secret, &scope);
            let expected = &vector.expected;
            let seed = expected.seed_signature.as_deref().unwrap();
            let mut previous: Signature = seed.parse().unwrap();
            let mut chain = Chain::new(&key, date, previous);
            for chunk in &expected.chunks {
                let hash = crypto::sha256(chunk.fill.repeat(chunk.length).as_bytes());
                let text = StringToSign::chunk(HMAC.chunk, date, &scope, &previous.hex(), &hash);
                assert_eq!(text.as_str(), chunk.string_to_sign, "{id}");
                previous = chain.chunk(&hash);
                assert_eq!(previous, chunk.signature.parse().unwrap(), "{id}");
            }
            if let Some(trailer) = &expected.trailer {
                let hash = crypto::sha256(trailer.canonical.as_bytes());
                let text =
                    StringToSign::trailer(HMAC.trailer, date, &scope, &previous.hex(), &hash);
                assert_eq!(text.as_str(), trailer.string_to_sign, "{id}");
                assert_eq!(
                    chain.trailer(&hash),
                    trailer.signature.parse().unwrap(),
                    "{id}"
                );
                trailers += 1;
            }
        }
        assert_eq!((chunked.count(), trailers), (3, 2));
    }
}
