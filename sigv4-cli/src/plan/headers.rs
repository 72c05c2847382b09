//! The headers to send, and what some of them decide.

use http::header::{
    ACCEPT, AUTHORIZATION, CONTENT_LENGTH, HOST, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};
use sigv4::{AmzDate, PayloadHash};
use url::Url;

use crate::failure::Failure;
use crate::headers::HeaderEdits;
use crate::target::authority;

/// The host that the server is told: the user's header, else the URL's.
pub(super) fn host(edits: &HeaderEdits, url: &Url) -> Result<String, Failure> {
    let mut given = edits.values_of(&HOST);
    match (given.next(), given.next()) {
        (None, _) => Ok(authority(url)),
        (Some(host), None) if !host.is_empty() => match host.to_str() {
            Ok(host) => Ok(host.to_owned()),
            Err(_) => Err(Failure::usage("the Host header has a letter outside ASCII")),
        },
        _ => Err(Failure::usage(
            "a request has exactly one Host header, and it is not empty",
        )),
    }
}

/// Signing makes these headers; a request that already has them, or is to lack them, cannot be what is meant.
pub(super) fn refuse_what_signing_makes(edits: &HeaderEdits) -> Result<(), Failure> {
    if mentions(edits, &AUTHORIZATION) {
        return Err(Failure::usage(
            "the Authorization header is what sigcurl makes: leave out -H 'Authorization: …', or use plain curl",
        ));
    }
    let needed = [
        &HOST,
        &CONTENT_LENGTH,
        &X_AMZ_DATE,
        &X_AMZ_CONTENT_SHA256,
        &X_AMZ_SECURITY_TOKEN,
    ];
    match edits.removed.iter().find(|name| needed.contains(name)) {
        Some(name) => Err(Failure::usage(format!(
            "the header '{name}' cannot be left out of a signed request"
        ))),
        None => Ok(()),
    }
}

/// Host, defaults, then the user's own.
pub(super) fn headers(host: &str, edits: &HeaderEdits, plain: bool) -> Result<HeaderMap, Failure> {
    let host = HeaderValue::from_str(host)
        .map_err(|_| Failure::usage(format!("'{host}' cannot be sent as a Host header")))?;
    let mut headers = HeaderMap::new();
    headers.insert(HOST, host);
    for (name, default) in [(USER_AGENT, AGENT), (ACCEPT, "*/*")] {
        if edits.removed.contains(&name) && name == ACCEPT {
            // The HTTP client adds `Accept: */*` if there is none; an empty one says the least.
            headers.insert(name, HeaderValue::from_static(""));
        } else if !mentions(edits, &name) {
            headers.insert(name, HeaderValue::from_static(default));
        }
    }
    // The time goes where the signature's time goes.
    let mine = |name: &HeaderName| *name != HOST && (plain || *name != X_AMZ_DATE);
    for (name, value) in edits.set.iter().filter(|(name, _)| mine(name)) {
        headers.append(name, value.clone());
    }
    Ok(headers)
}

pub(super) fn mentions(edits: &HeaderEdits, name: &HeaderName) -> bool {
    edits.removed.contains(name) || edits.values_of(name).next().is_some()
}

pub(super) fn payload(edits: &HeaderEdits) -> Result<Option<PayloadHash>, Failure> {
    let Some(value) = edits.values_of(&X_AMZ_CONTENT_SHA256).next() else {
        return Ok(None);
    };
    let parsed = value.to_str().ok().and_then(|text| text.parse().ok());
    match parsed {
        Some(hash @ (PayloadHash::Sha256(_) | PayloadHash::Unsigned)) => Ok(Some(hash)),
        _ => Err(Failure::usage(
            "-H 'x-amz-content-sha256: …' takes 64 lower-case hexadecimal digits or UNSIGNED-PAYLOAD",
        )),
    }
}

pub(super) fn time(at: Option<AmzDate>, edits: &HeaderEdits) -> Result<Option<AmzDate>, Failure> {
    let mut time = at;
    for value in edits.values_of(&X_AMZ_DATE) {
        let parsed = value
            .to_str()
            .ok()
            .and_then(|text| text.parse::<AmzDate>().ok());
        let given = parsed.ok_or_else(|| {
            Failure::usage("-H 'X-Amz-Date: …' takes a time such as 20150830T123600Z")
        })?;
        if time.is_some_and(|time| time != given) {
            return Err(Failure::usage("--at and X-Amz-Date name different times"));
        }
        time = Some(given);
    }
    Ok(time)
}

const AGENT: &str = concat!("sigcurl/", env!("CARGO_PKG_VERSION"));
static X_AMZ_DATE: HeaderName = HeaderName::from_static("x-amz-date");
static X_AMZ_CONTENT_SHA256: HeaderName = HeaderName::from_static("x-amz-content-sha256");
static X_AMZ_SECURITY_TOKEN: HeaderName = HeaderName::from_static("x-amz-security-token");
