//! The canonical query: split, decoded, encoded, sorted.

use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::error::CanonicalError;
use crate::names::param;
use crate::percent;
use crate::rules::{CanonicalRules, PlusPolicy, QueryOrder};

/// What is left out of the query as it stands, and what is added to it.
#[derive(Clone, Copy, Default)]
pub(crate) struct QueryEdit<'a> {
    /// Which of the query's own parameters are not signed.
    pub(crate) skip: Skip,
    /// Parameters to add: a name that needs no encoding, and a value that is already encoded. Those without a value
    /// are left out.
    pub(crate) append: &'a [(&'a str, &'a [u8])],
}

/// Which of the query's own parameters are not signed.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Skip {
    /// None.
    #[default]
    Nothing,
    /// `X-Amz-Signature`: the signature does not sign itself.
    Signature,
    /// `X-Amz-Signature`, and `X-Amz-Security-Token`, which IoT adds after signing.
    SignatureAndToken,
    /// All that an earlier signature brought.
    Auth,
}

impl Skip {
    fn skips(self, raw_name: &[u8]) -> bool {
        let is = |name: &str| raw_name == name.as_bytes();
        match self {
            Self::Nothing => false,
            Self::Signature => is(param::SIGNATURE),
            Self::SignatureAndToken => is(param::SIGNATURE) || is(param::SECURITY_TOKEN),
            Self::Auth => is_auth_name(raw_name),
        }
    }
}

/// Whether a name, as it stands on the wire, decodes to one that authentication uses, in any case of its letters.
pub(crate) fn is_auth_name(raw_name: &[u8]) -> bool {
    auth_name(raw_name).is_some()
}

/// Which parameter of authentication a name decodes to, in any case of its letters.
pub(crate) fn auth_name(raw_name: &[u8]) -> Option<&'static str> {
    if !begins_auth_name(raw_name) {
        return None;
    }
    let decoded = percent::decode(raw_name)?;
    param::AUTH
        .into_iter()
        .find(|name| decoded.eq_ignore_ascii_case(name.as_bytes()))
}

/// The non-empty pieces of a query, each split at its first `=`, with the offset of the piece.
pub(crate) fn pairs(query: &[u8]) -> impl Iterator<Item = (usize, &[u8], &[u8])> {
    let mut next = 0_usize;
    query.split(|b| *b == b'&').filter_map(move |piece| {
        let at = next;
        next = next.saturating_add(piece.len()).saturating_add(1);
        if piece.is_empty() {
            return None;
        }
        Some(match piece.iter().position(|b| *b == b'=') {
            Some(eq) => {
                let (name, value) = piece.split_at(eq);
                (at, name, value.get(1..).unwrap_or_default())
            }
            None => (at, piece, Default::default()),
        })
    })
}

/// Working memory for the query.
#[derive(Default)]
pub(crate) struct QueryWork {
    /// The encoded pairs, `name=value&`, in the order of the wire.
    bytes: Vec<u8>,
    spans: Vec<Span>,
    /// Whether a name began as those of authentication do. Seen where nothing is left out only.
    may_name_auth: bool,
}

impl QueryWork {
    /// Whether the query that was written last may have a parameter of authentication; no is certain.
    pub(crate) const fn may_name_auth(&self) -> bool {
        self.may_name_auth
    }
}

impl Drop for QueryWork {
    fn drop(&mut self) {
        // It can hold a session token.
        zeroize::Zeroize::zeroize(&mut self.bytes);
    }
}

/// Where in `QueryWork::bytes` a pair stands.
#[derive(Clone, Copy)]
struct Span {
    /// The first eight bytes of the name as a big-endian number: one comparison places most pairs.
    prefix: u64,
    start: usize,
    eq: usize,
    end: usize,
}

impl Span {
    fn new(bytes: &[u8], start: usize, eq: usize) -> Self {
        let name = bytes.get(start..eq).unwrap_or_default();
        let prefix = match name.first_chunk::<8>() {
            Some(eight) => *eight,
            None => {
                let mut eight = [0; 8];
                for (to, from) in eight.iter_mut().zip(name) {
                    *to = *from;
                }
                eight
            }
        };
        Self {
            prefix: u64::from_be_bytes(prefix),
            start,
            eq,
            end: bytes.len(),
        }
    }

    fn cmp_name(self, other: Self, bytes: &[u8]) -> Ordering {
        // No name has a zero byte: that is %00.
        self.prefix
            .cmp(&other.prefix)
            .then_with(|| self.name(bytes).cmp(other.name(bytes)))
    }

    fn name(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.start..self.eq).unwrap_or_default()
    }

    fn value(self, bytes: &[u8]) -> &[u8] {
        bytes.get(self.eq..self.end).unwrap_or_default()
    }
}

/// Appends the canonical query.
pub(super) fn write(
    out: &mut Vec<u8>,
    work: &mut QueryWork,
    query: &[u8],
    rules: &CanonicalRules,
    edit: &QueryEdit<'_>,
) -> Result<(), CanonicalError> {
    work.may_name_auth = false;
    if query.is_empty() && edit.append.is_empty() {
        return Ok(());
    }
    let QueryWork {
        bytes,
        spans,
        may_name_auth,
    } = work;
    bytes.clear();
    spans.clear();
    if edit.skip == Skip::Nothing {
        *may_name_auth = encode_all(bytes, spans, query, rules.plus)?;
    } else {
        let kept = pairs(query).filter(|(_, name, _)| !edit.skip.skips(name));
        for (at, name, value) in kept {
            let start = bytes.len();
            encode(bytes, name, at, rules.plus)?;
            let eq = bytes.len();
            bytes.push(b'=');
            let value_at = at.saturating_add(name.len()).saturating_add(1);
            encode(bytes, value, value_at, rules.plus)?;
            spans.push(Span::new(bytes, start, eq));
            bytes.push(b'&');
        }
    }
    for (name, value) in edit.append.iter().filter(|(_, value)| !value.is_empty()) {
        let start = bytes.len();
        bytes.extend_from_slice(name.as_bytes());
        let eq = bytes.len();
        bytes.push(b'=');
        bytes.extend_from_slice(value);
        spans.push(Span::new(bytes, start, eq));
        bytes.push(b'&');
    }
    let order = |a: &Span, b: &Span| {
        let by_name = a.cmp_name(*b, bytes);
        match rules.query_order {
            // The values start with the same `=`.
            QueryOrder::NameThenValue => by_name.then_with(|| a.value(bytes).cmp(b.value(bytes))),
            QueryOrder::NameOnly => by_name,
        }
    };
    if !spans.is_sorted_by(|a, b| order(a, b).is_le()) {
        // A stable sort allocates beyond a few elements; ties of NameThenValue are equal anyway.
        match rules.query_order {
            QueryOrder::NameThenValue => spans.sort_unstable_by(order),
            QueryOrder::NameOnly => spans.sort_by(order),
        }
    }
    for (i, span) in spans.iter().enumerate() {
        if i > 0 {
            out.push(b'&');
        }
        out.extend_from_slice(bytes.get(span.start..span.end).unwrap_or_default());
    }
    Ok(())
}

/// Whether this is how a name of authentication can begin: with an x, plain or encoded.
const fn begins_auth_name(raw_name: &[u8]) -> bool {
    matches!(raw_name.first(), Some(b'X' | b'x' | b'%'))
}

/// Decodes and encodes a whole query, each pair with a `=` in it and a `&` behind it, in one pass. Tells whether a name
/// began as those of authentication do.
fn encode_all(
    out: &mut Vec<u8>,
    spans: &mut Vec<Span>,
    query: &[u8],
    plus: PlusPolicy,
) -> Result<bool, CanonicalError> {
    let mut rest = query;
    let mut may_name_auth = begins_auth_name(query);
    let (mut start, mut eq) = (out.len(), None);
    loop {
        let run = rest
            .iter()
            .position(|byte| !percent::is_unreserved(*byte))
            .unwrap_or(rest.len());
        let (before, tail) = rest.split_at(run);
        out.extend_from_slice(before);
        let next = tail.split_first();
        match next {
            // The first one ends the name; another one is a byte of the value.
            Some((b'=', tail)) if eq.is_none() => {
                eq = Some(out.len());
                out.push(b'=');
                rest = tail;
            }
            None | Some((b'&', _)) => {
                // Nothing between two of these is no pair.
                if out.len() > start {
                    let eq = eq.take().unwrap_or_else(|| {
                        out.push(b'=');
                        out.len().saturating_sub(1)
                    });
                    spans.push(Span::new(out, start, eq));
                    out.push(b'&');
                    start = out.len();
                }
                match next {
                    Some((_, tail)) => {
                        may_name_auth |= begins_auth_name(tail);
                        rest = tail;
                    }
                    None => return Ok(may_name_auth),
                }
            }
            Some((byte, tail)) => {
                let at = query.len().saturating_sub(tail.len()).saturating_sub(1);
                rest = push_escaped(out, *byte, tail, at, plus)?;
            }
        }
    }
}

/// Appends what a byte that is not unreserved stands for, and gives what comes behind that.
fn push_escaped<'a>(
    out: &mut Vec<u8>,
    byte: u8,
    tail: &'a [u8],
    at: usize,
    plus: PlusPolicy,
) -> Result<&'a [u8], CanonicalError> {
    match byte {
        b'%' => {
            let byte = percent::unescape(tail).ok_or(CanonicalError::Query { at })?;
            percent::push(out, byte);
            return Ok(tail.get(2..).unwrap_or_default());
        }
        b'+' => match plus {
            PlusPolicy::Space => out.extend_from_slice(b"%20"),
            PlusPolicy::Literal => out.extend_from_slice(b"%2B"),
            PlusPolicy::Refuse => return Err(CanonicalError::AmbiguousPlus { at }),
        },
        byte => percent::push(out, byte),
    }
    Ok(tail)
}

/// Decodes and encodes one name or value, bytewise. `at` is its offset in the query, for errors.
fn encode(
    out: &mut Vec<u8>,
    text: &[u8],
    at: usize,
    plus: PlusPolicy,
) -> Result<(), CanonicalError> {
    let mut rest = text;
    while let Some(run) = rest.iter().position(|b| !percent::is_unreserved(*b)) {
        let (before, tail) = rest.split_at(run);
        out.extend_from_slice(before);
        let Some((byte, tail)) = tail.split_first() else {
            break;
        };
        let offset = at.saturating_add(text.len().saturating_sub(tail.len()).saturating_sub(1));
        rest = push_escaped(out, *byte, tail, offset, plus)?;
    }
    out.extend_from_slice(rest);
    Ok(())
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn canonical(query: &str, rules: &CanonicalRules) -> Result<String, CanonicalError> {
        let mut out = Vec::new();
        let (mut work, edit) = (QueryWork::default(), QueryEdit::default());
        let written = write(&mut out, &mut work, query.as_bytes(), rules, &edit);
        written.map(|()| String::from_utf8(out).unwrap())
    }

    /// Wire query and its canonical form: the inputs on which libraries disagree.
    const ROWS: &[(&str, &str)] = &[
        ("", ""),
        ("a=1&b&c=", "a=1&b=&c="),
        ("=x", "=x"),
        ("a=2&a=1", "a=1&a=2"),
        ("a=1&a=", "a=&a=1"),
        ("a=b+c", "a=b%20c"),
        ("a=%2B", "a=%2B"),
        ("a=%2f", "a=%2F"),
        ("a=b=c", "a=b%3Dc"),
        ("a=%FF", "a=%FF"),
        ("&&a=1&", "a=1"),
        ("&", ""),
        ("a-=1&a=2", "a=2&a-=1"),
        ("a%20=1&a=1", "a=1&a%20=1"),
        ("a=1;b=2", "a=1%3Bb%3D2"),
        ("a=~*'()!", "a=~%2A%27%28%29%21"),
        ("a=%7E", "a=~"),
        ("a=ሴ", "a=%E1%88%B4"),
        ("a=%E1%88%B4", "a=%E1%88%B4"),
        ("a=1&%61=0", "a=0&a=1"),
        ("a=B&a=b&a=C", "a=B&a=C&a=b"),
        ("a=1&a=10&a=2", "a=1&a=10&a=2"),
        ("a=@:/?", "a=%40%3A%2F%3F"),
        ("b&a", "a=&b="),
        ("A=1&a=2", "A=1&a=2"),
        ("a=%00", "a=%00"),
    ];

    #[test]
    fn tricky_queries() {
        for (wire, expected) in ROWS {
            assert_eq!(
                canonical(wire, &CanonicalRules::SERVICE).as_deref(),
                Ok(*expected),
                "{wire}"
            );
            assert_eq!(
                canonical(wire, &CanonicalRules::S3).as_deref(),
                Ok(*expected),
                "{wire} for S3"
            );
        }
    }

    #[test]
    fn plus_and_bad_escapes() {
        let mut rules = CanonicalRules::SERVICE;
        rules.plus = PlusPolicy::Literal;
        assert_eq!(canonical("a+=b+c", &rules).as_deref(), Ok("a%2B=b%2Bc"));
        rules.plus = PlusPolicy::Refuse;
        assert_eq!(
            canonical("x=%20&a=b+c", &rules),
            Err(CanonicalError::AmbiguousPlus { at: 9 })
        );
        for (wire, at) in [
            ("a=%zz", 2),
            ("a=1&b=%", 6),
            ("%4=1", 0),
            ("a=%%41", 2),
            ("a=%1", 2),
        ] {
            assert_eq!(
                canonical(wire, &rules),
                Err(CanonicalError::Query { at }),
                "{wire}"
            );
        }
    }

    #[test]
    fn minio_java_sorts_by_name_only() {
        let mut rules = CanonicalRules::S3;
        rules.query_order = QueryOrder::NameOnly;
        assert_eq!(
            canonical("b=1&a=2&a=1", &rules).as_deref(),
            Ok("a=2&a=1&b=1")
        );
    }

    #[test]
    fn names_of_authentication_in_any_case_and_encoding() {
        assert_eq!(auth_name(b"X-Amz-Signature"), Some("X-Amz-Signature"));
        assert_eq!(auth_name(b"x%2Damz-signature"), Some("X-Amz-Signature"));
        assert_eq!(auth_name(b"%58-Amz-Date"), Some("X-Amz-Date"));
        assert_eq!(auth_name(b"X-Amz-Target"), None);
        assert_eq!(auth_name(b"%zz"), None);
    }
}
