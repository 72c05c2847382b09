//! The checks that look at one thing each and need no key.

use alloc::vec::Vec;

use super::coverage::is_amz;
use crate::auth::{AuthKind, RawAuth, SignedHeaders};
use crate::canonical::headers::{self as canonical, HeaderEntry};
use crate::canonical::percent;
use crate::canonical::query::pairs;
use crate::error::{CanonicalError, Limit, Skew, VerifyError};
use crate::names::{self, param};
use crate::policy::{Limits, VerifyPolicy};
use crate::presign::Expires;
use crate::request::{RequestHead, host_of, trim};
use crate::rules::{CanonicalRules, PathEncoding};
use crate::time::AmzDate;

/// The request target: its form, its escapes, its size.
pub(super) fn target(limits: &Limits, head: &RequestHead<'_>) -> Result<(), VerifyError> {
    if head.path.len() > limits.path {
        return Err(VerifyError::TooLarge(Limit::Path));
    }
    if head.query.len() > limits.query {
        return Err(VerifyError::TooLarge(Limit::Query));
    }
    if pairs(head.query).count() > limits.query_parameters {
        return Err(VerifyError::TooLarge(Limit::QueryParameters));
    }
    let is_path = matches!(head.path.first(), None | Some(b'/'));
    if !is_path
        || head.method == "CONNECT"
        || head.path.contains(&b'#')
        || head.query.contains(&b'#')
    {
        return Err(CanonicalError::Target.into());
    }
    if let Some((at, ..)) = pairs(head.query).find(|(_, name, value)| {
        percent::decode(name).is_none() || percent::decode(value).is_none()
    }) {
        return Err(CanonicalError::Query { at }.into());
    }
    Ok(())
}

/// A `+` in a path that is decoded is a plus to some and a space to others: two requests with one signature.
pub(super) fn plus_in_path(
    policy: &VerifyPolicy,
    rules: &CanonicalRules,
    head: &RequestHead<'_>,
) -> Result<(), VerifyError> {
    let decoded = matches!(
        rules.path.encoding,
        PathEncoding::DecodeThenEncode | PathEncoding::DecodeSlashToo
    );
    match head.path.iter().position(|b| *b == b'+') {
        Some(at) if decoded && !policy.accept_plus_in_path && !policy.accept_path_as_sent => {
            Err(CanonicalError::PlusInPath { at }.into())
        }
        _ => Ok(()),
    }
}

/// Refuses parameters that a front end which folds case would take for one.
pub(super) fn parameter_names(
    policy: &VerifyPolicy,
    head: &RequestHead<'_>,
) -> Result<(), VerifyError> {
    if !policy.refuse_case_variant_parameters {
        return Ok(());
    }
    let mut seen: Vec<_> = pairs(head.query)
        .filter_map(|(_, name, _)| percent::decode(name))
        .map(|name| (name.to_ascii_lowercase(), name))
        .collect();
    seen.sort_unstable();
    let clash = seen
        .iter()
        .zip(seen.iter().skip(1))
        .any(|(a, b)| a.0 == b.0 && a.1 != b.1);
    if clash {
        Err(VerifyError::QueryParameter("a query parameter"))
    } else {
        Ok(())
    }
}

/// The expiry of a presigned request, in seconds.
pub(super) fn expires(
    policy: &VerifyPolicy,
    raw: &RawAuth<'_>,
) -> Result<Option<u32>, VerifyError> {
    let bad = VerifyError::QueryParameter(param::EXPIRES);
    match (raw.kind, &raw.expires) {
        (AuthKind::Header, _) => Ok(None),
        (AuthKind::Query, None) if policy.accept_missing_expires => Ok(Some(policy.max_skew)),
        (AuthKind::Query, None) => Err(bad),
        (AuthKind::Query, Some(text)) => {
            let seconds = Expires::parse(text).map_err(|_| bad)?.seconds();
            if seconds > policy.max_expires {
                Err(bad)
            } else {
                Ok(Some(seconds))
            }
        }
    }
}

/// Gathers the headers, within limits, and checks the host and how the body's end is told.
pub(super) fn headers<'a>(
    policy: &VerifyPolicy,
    entries: &mut Vec<HeaderEntry<'a>>,
    head: &RequestHead<'a>,
    signed_headers: &SignedHeaders<'_>,
) -> Result<(), VerifyError> {
    let limits = &policy.limits;
    let (mut count, mut bytes) = (0_usize, 0_usize);
    head.headers.for_each(|_, name, value| {
        count = count.saturating_add(1);
        bytes = bytes.saturating_add(name.len()).saturating_add(value.len());
        if count > limits.headers {
            return Err(VerifyError::TooLarge(Limit::Headers));
        }
        if bytes > limits.header_bytes {
            Err(VerifyError::TooLarge(Limit::HeaderBytes))
        } else {
            Ok(())
        }
    })?;
    canonical::gather(entries, head, &[])?;
    let single = |name| {
        head.single(name)
            .map_err(|_| VerifyError::from(CanonicalError::BodyLength))
    };
    if let Some(length) = head.single(names::CONTENT_LENGTH).ok().flatten() {
        if single(names::TRANSFER_ENCODING)?.is_some() {
            return Err(CanonicalError::BodyLength.into());
        }
        let length = core::str::from_utf8(trim(length))
            .ok()
            .and_then(|text| text.parse::<u64>().ok());
        if length.is_some_and(|length| length > limits.body) {
            return Err(VerifyError::TooLarge(Limit::Body));
        }
    }
    let host = trim(head.host()?.ok_or(CanonicalError::Host)?);
    if head
        .single(names::HOST)
        .is_ok_and(|header| header.is_none())
    {
        // HTTP/2 has no Host header; its `:authority` is signed as `host`.
        entries.push(HeaderEntry::new(names::HOST, host, entries.len()));
    }
    if host.is_empty() {
        return Err(CanonicalError::Host.into());
    }
    if let (Some(header), Some(authority)) =
        (head.single(names::HOST).ok().flatten(), head.authority)
    {
        // The default port is already gone from the authority.
        let same = |port| host_of(trim(header), port).eq_ignore_ascii_case(authority);
        if !same(b":443") && !same(b":80") {
            return Err(VerifyError::HostConflict);
        }
    }
    let expected = &policy.hosts;
    if !expected.is_empty()
        && !expected
            .iter()
            .any(|name| name.as_bytes().eq_ignore_ascii_case(host))
    {
        return Err(VerifyError::WrongHost);
    }
    if !signed_headers.contains(names::HOST) {
        return Err(VerifyError::HostNotSigned);
    }
    refuse_dropped_headers(head)
}

/// A Connection header that names a header asks every proxy to drop it (RFC 9110, section 7.6.1).
fn refuse_dropped_headers(head: &RequestHead<'_>) -> Result<(), VerifyError> {
    head.headers.for_each(|_, name, value| {
        let needed = |option: &[u8]| {
            option.eq_ignore_ascii_case(names::HOST.as_bytes())
                || option.eq_ignore_ascii_case(names::AUTHORIZATION.as_bytes())
                || is_amz(option)
        };
        let drops = || {
            value
                .split(|b| *b == b',')
                .any(|option| needed(trim(option)))
        };
        if name.eq_ignore_ascii_case(names::CONNECTION) && drops() {
            return Err(VerifyError::HopByHopSigned);
        }
        Ok(())
    })
}

/// Checks the moment of signing against the verifier's.
pub(super) fn time(
    policy: &VerifyPolicy,
    date: AmzDate,
    expires: Option<u32>,
    now: AmzDate,
) -> Result<(), VerifyError> {
    let skew = |allowed| Skew {
        request: date,
        now,
        allowed,
    };
    let max_skew = policy.max_skew;
    let future = date > now.saturating_add(i64::from(max_skew));
    match expires {
        None if date < now.saturating_add(i64::from(max_skew).saturating_neg()) => {
            Err(VerifyError::Expired(skew(max_skew)))
        }
        None if future => Err(VerifyError::NotYetCurrent(skew(max_skew))),
        Some(expires) if now > date.saturating_add(i64::from(expires)) => {
            Err(VerifyError::PresignExpired(skew(expires)))
        }
        Some(_) if future => Err(VerifyError::PresignNotYetValid(skew(max_skew))),
        _ => Ok(()),
    }
}
