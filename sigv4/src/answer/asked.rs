//! What answers quote from a request: parts of its signature, and what these lack.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::auth::AuthKind;
use crate::auth::query::QueryAuth;
use crate::known_headers::{Known, KnownHeaders};
use crate::names::param;
use crate::request::{RequestHead, trim};

/// Texts of a request, cleaned: no control characters, nothing longer than a line.
pub(super) struct Asked {
    pub(super) kind: AuthKind,
    /// The Authorization header as it came, for its hash and its shape only.
    pub(super) authorization: Vec<u8>,
    pub(super) credential: String,
    pub(super) date: String,
    pub(super) expires: String,
    pub(super) signature: String,
    /// The parameters of a presigned request that are not there.
    pub(super) missing: Vec<&'static str>,
}

impl Asked {
    pub(super) fn of(head: &RequestHead<'_>) -> Self {
        let known = KnownHeaders::of(head);
        let header = |name| known.get(name).ok().flatten().map(trim).unwrap_or_default();
        let authorization = header(Known::Authorization);
        let query = QueryAuth::collect(head.query);
        let presigned = authorization.is_empty() && query.has_marker();
        let parameter =
            |name| -> Cow<'_, [u8]> { query.optional(name).ok().flatten().unwrap_or_default() };
        let of_header = |name: &str| in_header(authorization, name);
        let [credential, signature, date] = if presigned {
            [param::CREDENTIAL, param::SIGNATURE, param::DATE].map(|name| clean(&parameter(name)))
        } else {
            let date = match header(Known::AmzDate) {
                b"" => header(Known::Date),
                date => date,
            };
            [of_header("Credential="), of_header("Signature="), date].map(clean)
        };
        Self {
            kind: if presigned {
                AuthKind::Query
            } else {
                AuthKind::Header
            },
            authorization: authorization.to_vec(),
            credential,
            date,
            expires: clean(&parameter(param::EXPIRES)),
            signature,
            missing: NEEDED
                .into_iter()
                .filter(|name| query.optional(name).is_ok_and(|value| value.is_none()))
                .collect(),
        }
    }

    /// The first word of the Authorization header, or the whole of one that has no second.
    pub(super) fn algorithm(&self) -> String {
        clean(
            self.authorization
                .split(|byte| *byte == b' ')
                .next()
                .unwrap_or_default(),
        )
    }

    /// The first part of the Authorization header that has no equal sign.
    pub(super) fn without_equal_sign(&self) -> Option<String> {
        let space = self.authorization.iter().position(|byte| *byte == b' ')?;
        let parts = self.authorization.get(space..)?;
        parts
            .split(|byte| *byte == b',')
            .map(trim)
            .find(|part| !part.contains(&b'='))
            .map(clean)
    }

    /// The parts of the credential: access key id, day, region, service, terminator.
    pub(super) fn scope_part(&self, index: usize) -> &str {
        self.credential.split('/').nth(index).unwrap_or_default()
    }
}

/// The value of a part of the Authorization header.
fn in_header<'a>(authorization: &'a [u8], name: &str) -> &'a [u8] {
    let mut parts = authorization
        .split(|byte| matches!(byte, b' ' | b','))
        .map(trim);
    parts
        .find_map(|part| part.strip_prefix(name.as_bytes()))
        .unwrap_or_default()
}

/// For an answer: a request's text with `?` for what does not print, cut after 512 bytes.
pub(super) fn clean(text: &[u8]) -> String {
    let text = text.get(..LONGEST).unwrap_or(text);
    String::from_utf8_lossy(text)
        .chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

const LONGEST: usize = 512;

/// In the order in which AWS names them.
const NEEDED: [&str; 4] = [
    param::CREDENTIAL,
    param::SIGNATURE,
    param::SIGNED_HEADERS,
    param::DATE,
];
