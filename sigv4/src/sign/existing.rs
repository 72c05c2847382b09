//! [`ExistingAuth`]: what becomes of a signature that is already there.

use alloc::vec::Vec;

use super::Signer;
use crate::canonical::headers::HeaderEntry;
use crate::canonical::query::{auth_name, pairs};
use crate::error::SignError;
use crate::known_headers::{Known, KnownHeaders};
use crate::names;
use crate::request::{Header, RequestHead, trim};

/// What signing does with a request that already carries a signature.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[non_exhaustive]
pub enum ExistingAuth {
    /// It is an error: a second signature is nearly always a mistake, and servers refuse both.
    #[default]
    Refuse,
    /// The Authorization header, `x-amz-date`, `x-amz-security-token` and `X-Amz-*` authentication parameters are
    /// replaced. What has no successor is for the caller to take out: see
    /// [`SigningOutput::removed_headers`](crate::SigningOutput::removed_headers) and
    /// [`PresignedQuery::removed_headers`](crate::PresignedQuery::removed_headers).
    Replace,
}

impl Signer {
    /// Refuses a request that has a signature in a header, unless that is to be replaced.
    pub(crate) fn refuse_signed(&self, known: &KnownHeaders<'_>) -> Result<(), SignError> {
        if self.existing == ExistingAuth::Replace {
            return Ok(());
        }
        if known.has(Known::Authorization) {
            return Err(SignError::AlreadySigned("an Authorization header"));
        }
        Ok(())
    }

    /// The same for the query, once its canonical form is written and it may be so.
    pub(crate) fn refuse_signed_query(&self, head: &RequestHead<'_>) -> Result<(), SignError> {
        if self.existing == ExistingAuth::Replace {
            return Ok(());
        }
        match pairs(head.query).find_map(|(_, name, _)| auth_name(name)) {
            Some(name) => Err(SignError::AlreadySigned(name)),
            None => Ok(()),
        }
    }

    /// Puts a header of our own in the place of one with the same name, which must not say something else.
    pub(super) fn put<'a>(
        &self,
        entries: &mut Vec<HeaderEntry<'a>>,
        header: Header<'a>,
    ) -> Result<(), SignError> {
        let own = HeaderEntry::new(header.name, header.value, entries.len());
        let conflict = entries
            .iter()
            .any(|entry| entry.cmp_name(&own).is_eq() && trim(entry.value()) != header.value);
        if conflict && self.existing == ExistingAuth::Refuse {
            let known = [
                names::X_AMZ_DATE,
                names::X_AMZ_CONTENT_SHA256,
                names::X_AMZ_SECURITY_TOKEN,
            ];
            let name = known
                .into_iter()
                .find(|name| *name == header.name)
                .unwrap_or("header");
            return Err(SignError::Conflict(name));
        }
        entries.retain(|entry| entry.cmp_name(&own).is_ne());
        entries.push(own);
        Ok(())
    }

    /// The query without an earlier signature, if there was one to replace.
    pub(crate) fn replaced_query(&self, head: &RequestHead<'_>) -> Option<Vec<u8>> {
        let signed = || pairs(head.query).any(|(_, name, _)| auth_name(name).is_some());
        if self.existing == ExistingAuth::Refuse || !signed() {
            return None;
        }
        let kept = head
            .query
            .split(|b| *b == b'&')
            .filter(|piece| pairs(piece).all(|(_, name, _)| auth_name(name).is_none()));
        Some(kept.collect::<Vec<_>>().join(&b'&'))
    }

    pub(crate) const fn existing(&self) -> ExistingAuth {
        self.existing
    }

    /// Whether a header belongs to an earlier signature that is being replaced.
    pub(crate) fn replaces(&self, entry: &HeaderEntry<'_>) -> bool {
        let earlier = |name: &[u8]| {
            [names::X_AMZ_DATE, names::X_AMZ_SECURITY_TOKEN]
                .iter()
                .any(|earlier| earlier.as_bytes() == name)
        };
        self.existing() == ExistingAuth::Replace && entry.with_lower_name(earlier)
    }
}
