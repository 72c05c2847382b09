//! Which headers a signature has to cover, and whether it does.

use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::auth::SignedHeaders;
use crate::canonical::headers::{self, HeaderEntry};
use crate::error::{HeaderName, VerifyError};
use crate::names;
use crate::policy::VerifyPolicy;
use crate::rules::{CanonicalRules, TokenPlacement};

/// Sorts the entries and keeps the signed ones, demanding that none is missing and that no header which decides
/// what the request does is left over.
pub(super) fn select(
    policy: &VerifyPolicy,
    rules: &CanonicalRules,
    entries: &mut Vec<HeaderEntry<'_>>,
    signed_headers: &SignedHeaders<'_>,
) -> Result<(), VerifyError> {
    headers::sort(entries);
    let mut names = signed_headers.names().map(HeaderEntry::key).peekable();
    let mut error = None;
    // Whether the name at hand has had a header.
    let mut matched = false;
    entries.retain(|entry| {
        if error.is_some() {
            return false;
        }
        loop {
            match names.peek().map(|name| name.cmp_name(entry)) {
                Some(Ordering::Less) if matched => {
                    matched = false;
                    names.next();
                }
                Some(Ordering::Less) => {
                    error = names.peek().map(absent);
                    return false;
                }
                Some(Ordering::Equal) => {
                    matched = true;
                    return true;
                }
                Some(Ordering::Greater) | None => {
                    error = unsigned(policy, rules, entry.name()).err();
                    return false;
                }
            }
        }
    });
    if matched {
        names.next();
    }
    match error.or_else(|| names.peek().map(absent)) {
        Some(error) => Err(error),
        None => Ok(()),
    }
}

/// Whether a header may arrive unsigned.
fn unsigned(policy: &VerifyPolicy, rules: &CanonicalRules, name: &[u8]) -> Result<(), VerifyError> {
    let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
    // Its value is signed all the same, as the payload line.
    if !is_amz(name) || is(names::X_AMZ_CONTENT_SHA256) {
        return Ok(());
    }
    if policy
        .accept_unsigned_headers
        .iter()
        .any(|accepted| is(accepted))
    {
        return Ok(());
    }
    if is(names::X_AMZ_SECURITY_TOKEN) {
        if rules.session_token == TokenPlacement::AppendedUnsigned {
            return Ok(());
        }
        return Err(VerifyError::InvalidToken);
    }
    Err(VerifyError::HeaderNotSigned(HeaderName::new(name)))
}

/// Puts back an `Expect` that was signed and then taken away by the HTTP server; answers whether it did.
pub(super) fn restore_expect(
    policy: &VerifyPolicy,
    entries: &mut Vec<HeaderEntry<'_>>,
    signed_headers: &SignedHeaders<'_>,
) -> bool {
    if !signed_headers.has_expect() {
        return false;
    }
    let key = HeaderEntry::key(names::EXPECT.as_bytes());
    let tolerated = policy.restore_expect || policy.accept_empty_expect;
    let taken = !entries.iter().any(|entry| entry.cmp_name(&key).is_eq());
    if tolerated && taken {
        entries.push(key);
    }
    tolerated && taken
}

/// Whether a name is one of AWS's own headers. `x-amzn-…` is not: load balancers add those on the way.
pub(super) fn is_amz(name: &[u8]) -> bool {
    name.get(..names::X_AMZ_PREFIX.len())
        .is_some_and(|start| start.eq_ignore_ascii_case(names::X_AMZ_PREFIX))
}

fn absent(name: &HeaderEntry<'_>) -> VerifyError {
    VerifyError::SignedHeaderAbsent(HeaderName::new(name.name()))
}
