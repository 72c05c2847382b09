//! The checks that look at one thing each and need no key.

use alloc::vec::Vec;

use super::coverage::is_amz;
use crate::auth::{AuthKind, RawAuth, SignedHeaders};
use crate::canonical::query::pairs;
use crate::error::{CanonicalError, Limit, Skew, VerifyError};
use crate::known_headers::{Known, KnownHeaders, Repeated};
use crate::names::{self, param};
use crate::percent;
use crate::policy::{Limits, VerifyPolicy};
use crate::presign::Expires;
use crate::request::{RequestHead, trim};
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
    let separators = head.query.iter().filter(|b| **b == b'&').count();
    let parameters = if head.query.is_empty() {
        0
    } else {
        separators.saturating_add(1)
    };
    if parameters > limits.query_parameters {
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
    let escapes = head.query.iter().enumerate().filter(|(_, b)| **b == b'%');
    for (at, _) in escapes {
        let digits = head.query.get(at.saturating_add(1)..).unwrap_or_default();
        if percent::unescape(digits).is_none() {
            return Err(CanonicalError::Query { at }.into());
        }
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

/// How the end of the body is told, and whether it is within the limit.
pub(super) fn body_length(
    limits: &Limits,
    known: &KnownHeaders<'_>,
    signed_headers: &SignedHeaders<'_>,
) -> Result<(), VerifyError> {
    let length = match known.get(Known::ContentLength) {
        Ok(None) if known.get(Known::TransferEncoding).is_err() => {
            return Err(CanonicalError::BodyLength.into());
        }
        Ok(None) => return Ok(()),
        Ok(Some(length)) => length,
        // Where it is signed, a second one is a change of what was signed.
        Err(Repeated) if signed_headers.has_content_length() => return Ok(()),
        Err(Repeated) => return Err(CanonicalError::BodyLength.into()),
    };
    if known.has(Known::TransferEncoding) {
        return Err(CanonicalError::BodyLength.into());
    }
    // Digits only: `+5`, `5, 6` and what overflows are read differently by different servers.
    let length = trim(length);
    let digits = !length.is_empty() && length.iter().all(u8::is_ascii_digit);
    let length = core::str::from_utf8(length)
        .ok()
        .filter(|_| digits)
        .and_then(|text| text.parse::<u64>().ok());
    match length {
        None => Err(CanonicalError::BodyLength.into()),
        Some(length) if length > limits.body => Err(VerifyError::TooLarge(Limit::Body)),
        Some(_) => Ok(()),
    }
}

/// That there is one host, the expected one, and that it is signed. Answers the authority if it stands in for the
/// Host header.
pub(super) fn host<'a>(
    policy: &VerifyPolicy,
    head: &RequestHead<'a>,
    known: &KnownHeaders<'a>,
    signed_headers: &SignedHeaders<'_>,
) -> Result<Option<&'a [u8]>, VerifyError> {
    let header = known
        .get(Known::Host)
        .map_err(|Repeated| CanonicalError::Host)?
        .map(trim);
    let host = header
        .or(head.authority)
        .map(trim)
        .filter(|host| !host.is_empty())
        .ok_or(CanonicalError::Host)?;
    if let (Some(header), Some(authority)) = (header, head.authority) {
        // The default port is already gone from the authority.
        let same = |port: &[u8]| {
            header
                .strip_suffix(port)
                .is_some_and(|host| host.eq_ignore_ascii_case(authority))
        };
        if !same(b"") && !same(b":443") && !same(b":80") {
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
    if !host.iter().all(|b| is_host(*b)) {
        return Err(CanonicalError::Host.into());
    }
    if !signed_headers.has_host() {
        return Err(VerifyError::HostNotSigned);
    }
    Ok(if header.is_none() { Some(host) } else { None })
}

/// Whether a byte can stand in a host with its port (RFC 3986, section 3.2.2).
const fn is_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'-' | b'.'
                | b'_'
                | b'~'
                | b'%'
                | b'!'
                | b'$'
                | b'&'
                | b'\''
                | b'('
                | b')'
                | b'*'
                | b'+'
                | b','
                | b';'
                | b'='
                | b':'
                | b'['
                | b']'
        )
}

/// A Connection header that names a header asks every proxy to drop it (RFC 9110, section 7.6.1).
pub(super) fn dropped_headers(
    head: &RequestHead<'_>,
    signed_headers: &SignedHeaders<'_>,
) -> Result<(), VerifyError> {
    let needed = |option: &[u8]| {
        let is = |name: &str| option.eq_ignore_ascii_case(name.as_bytes());
        is(names::AUTHORIZATION) || is_amz(option) || signed_headers.iter().any(is)
    };
    head.headers.try_for_each(|_, name, value| {
        let options = || value.split(|b| matches!(b, b',' | b' ' | b'\t'));
        if name.eq_ignore_ascii_case(names::CONNECTION) && options().any(needed) {
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
    let (signed, clock, window) = (date.unix(), now.unix(), i64::from(max_skew));
    let future = signed > clock.saturating_add(window);
    match expires {
        None if signed < clock.saturating_sub(window) => Err(VerifyError::Expired(skew(max_skew))),
        None if future => Err(VerifyError::NotYetCurrent(skew(max_skew))),
        Some(expires) if clock > signed.saturating_add(i64::from(expires)) => {
            Err(VerifyError::PresignExpired(skew(expires)))
        }
        Some(_) if future => Err(VerifyError::PresignNotYetValid(skew(max_skew))),
        _ => Ok(()),
    }
}
