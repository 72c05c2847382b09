//! The canonical headers: lower-case names, sorted; values trimmed and folded; duplicates joined.

use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::error::CanonicalError;
use crate::names;
use crate::percent;
use crate::request::{Header, RequestHead, trim};

/// The bytes of a name that decide its place without looking at the name.
const PREFIX: usize = 16;

/// A header on its way into the canonical form.
#[derive(Clone, Copy)]
pub(crate) struct HeaderEntry<'a> {
    /// The first 16 bytes of the lower-case name as a big-endian number: one comparison places most headers.
    prefix: u128,
    name: &'a [u8],
    value: &'a [u8],
    /// Place on the wire: duplicates are joined in this order.
    order: usize,
    /// Whether the name is in lower case already.
    lower: bool,
    /// Whether the value has nothing to trim or to fold.
    plain: bool,
}

impl<'a> HeaderEntry<'a> {
    pub(crate) fn new(name: &'a str, value: &'a [u8], order: usize) -> Self {
        let name = name.as_bytes();
        Self::of_classes(name, classes(name), value, is_plain(value), order)
    }

    /// A header of the request, if it can be on the wire at all.
    pub(crate) fn checked(
        index: usize,
        name: &'a str,
        value: &'a [u8],
    ) -> Result<Self, CanonicalError> {
        let bytes = name.as_bytes();
        let classes = classes(bytes);
        if bytes.is_empty() || classes & NO_TOKEN != 0 {
            return Err(CanonicalError::HeaderName { index });
        }
        let plain = is_plain(value);
        // Authorization is parsed byte by byte where it is read, and is never part of what is signed.
        if !plain && has_control(value) && !name.eq_ignore_ascii_case(names::AUTHORIZATION) {
            return Err(CanonicalError::HeaderValue { index });
        }
        Ok(Self::of_classes(bytes, classes, value, plain, index))
    }

    fn of_classes(name: &'a [u8], classes: u8, value: &'a [u8], plain: bool, order: usize) -> Self {
        let mut prefix = [0; PREFIX];
        let start = name.get(..PREFIX).unwrap_or(name);
        if let Some(room) = prefix.get_mut(..start.len()) {
            room.copy_from_slice(start);
        }
        let lower = classes & UPPER == 0;
        if !lower {
            prefix.make_ascii_lowercase();
        }
        Self {
            prefix: u128::from_be_bytes(prefix),
            name,
            value,
            order,
            lower,
            plain,
        }
    }

    /// An entry to compare with, for a lower-case name.
    pub(crate) fn key(name: &'a [u8]) -> Self {
        Self::of_classes(name, 0, b"", true, 0)
    }

    pub(crate) const fn name(&self) -> &'a [u8] {
        self.name
    }

    pub(crate) const fn value(&self) -> &'a [u8] {
        self.value
    }

    pub(crate) fn set_value(&mut self, value: &'a [u8]) {
        self.value = value;
        self.plain = is_plain(value);
    }

    /// Compares names as they are in lower case.
    pub(crate) fn cmp_name(&self, other: &HeaderEntry<'_>) -> Ordering {
        self.prefix.cmp(&other.prefix).then_with(|| {
            fn lower_tail<'n>(entry: &HeaderEntry<'n>) -> impl Iterator<Item = u8> + use<'n> {
                entry
                    .name
                    .get(PREFIX..)
                    .unwrap_or_default()
                    .iter()
                    .map(u8::to_ascii_lowercase)
            }
            lower_tail(self).cmp(lower_tail(other))
        })
    }

    /// Calls `test` with the name in lower case. A name of over 32 bytes comes as given: no name that is tested for
    /// is that long.
    pub(crate) fn with_lower_name<T>(&self, test: impl FnOnce(&[u8]) -> T) -> T {
        if self.lower {
            return test(self.name);
        }
        let mut lower = [0; 32];
        match lower.get_mut(..self.name.len()) {
            Some(room) => {
                for (to, from) in room.iter_mut().zip(self.name) {
                    *to = from.to_ascii_lowercase();
                }
                test(room)
            }
            None => test(self.name),
        }
    }
}

/// The same vector for another lifetime, so that its memory is used again.
pub(crate) fn recycle<'b>(mut entries: Vec<HeaderEntry<'_>>) -> Vec<HeaderEntry<'b>> {
    entries.clear();
    // Collecting from a vector's own iterator into elements of the same layout keeps the allocation; that the closure
    // makes them from nothing is what lets the lifetime change.
    #[expect(
        clippy::unnecessary_filter_map,
        reason = "a filter would keep the lifetime"
    )]
    let recycled = entries.into_iter().filter_map(|_| None).collect();
    recycled
}

/// What a byte is in a method or a header name (RFC 9110, section 5.6.2: token). Classes of several bytes are joined
/// with `|`.
const CLASS: [u8; 256] = {
    let mut table = [NO_TOKEN; 256];
    let mut byte: u8 = 0;
    while byte < 128 {
        let token = byte.is_ascii_alphanumeric()
            || matches!(
                byte,
                b'!' | b'#'
                    | b'$'
                    | b'%'
                    | b'&'
                    | b'\''
                    | b'*'
                    | b'+'
                    | b'-'
                    | b'.'
                    | b'^'
                    | b'_'
                    | b'`'
                    | b'|'
                    | b'~'
            );
        #[expect(
            clippy::indexing_slicing,
            clippy::as_conversions,
            reason = "byte < 128; evaluated by the compiler"
        )]
        {
            table[byte as usize] = match token {
                true if byte.is_ascii_uppercase() => UPPER,
                true => 0,
                false => NO_TOKEN,
            };
        }
        byte += 1;
    }
    table
};
const NO_TOKEN: u8 = 1;
const UPPER: u8 = 2;

fn class(byte: u8) -> u8 {
    CLASS.get(usize::from(byte)).copied().unwrap_or(NO_TOKEN)
}

/// The joined classes of a name's bytes.
fn classes(name: &[u8]) -> u8 {
    name.iter().fold(0, |classes, byte| classes | class(*byte))
}

/// Whether a byte can stand in a method or a header name.
#[inline]
pub(crate) fn is_token(byte: u8) -> bool {
    class(byte) & NO_TOKEN == 0
}

/// Collects the headers of a request and those in `extra`, checking that each can be signed at all.
pub(crate) fn gather<'a>(
    entries: &mut Vec<HeaderEntry<'a>>,
    head: &RequestHead<'a>,
    extra: &[Header<'a>],
) -> Result<(), CanonicalError> {
    entries.clear();
    head.headers.try_for_each(|index, name, value| {
        entries.push(HeaderEntry::checked(index, name, value)?);
        Ok(())
    })?;
    for header in extra {
        entries.push(HeaderEntry::new(header.name, header.value, entries.len()));
    }
    Ok(())
}

/// Sorts by name, then by place on the wire.
pub(crate) fn sort(entries: &mut [HeaderEntry<'_>]) {
    entries.sort_unstable_by(|a, b| a.cmp_name(b).then_with(|| a.order.cmp(&b.order)));
}

/// Runs of entries with one name.
pub(crate) fn groups<'e, 'a>(
    entries: &'e [HeaderEntry<'a>],
) -> impl Iterator<Item = &'e [HeaderEntry<'a>]> {
    entries.chunk_by(|a, b| a.cmp_name(b).is_eq())
}

/// Appends `name:value` and a line break for each name.
pub(super) fn write_lines(out: &mut Vec<u8>, entries: &[HeaderEntry<'_>]) {
    if are_unique(entries) {
        for entry in entries {
            push_lower(out, entry);
            out.push(b':');
            push_value(out, entry);
            out.push(b'\n');
        }
        return;
    }
    for group in groups(entries) {
        for (i, entry) in group.iter().enumerate() {
            if i == 0 {
                push_lower(out, entry);
                out.push(b':');
            } else {
                out.push(b',');
            }
            push_value(out, entry);
        }
        out.push(b'\n');
    }
}

/// Appends the names, joined with `;`.
pub(super) fn write_names(out: &mut Vec<u8>, entries: &[HeaderEntry<'_>]) {
    if are_unique(entries) {
        for (i, entry) in entries.iter().enumerate() {
            if i > 0 {
                out.push(b';');
            }
            push_lower(out, entry);
        }
        return;
    }
    for (i, group) in groups(entries).enumerate() {
        if i > 0 {
            out.push(b';');
        }
        if let Some(entry) = group.first() {
            push_lower(out, entry);
        }
    }
}

/// Appends the names as they stand in a query, joined with `%3B`.
pub(crate) fn write_encoded_names(out: &mut Vec<u8>, entries: &[HeaderEntry<'_>]) {
    for (i, group) in groups(entries).enumerate() {
        if i > 0 {
            out.extend_from_slice(b"%3B");
        }
        for byte in group.first().map(HeaderEntry::name).unwrap_or_default() {
            percent::push(out, byte.to_ascii_lowercase());
        }
    }
}

/// Whether no two of these sorted entries can have one name: seen without reading names, which is enough for most.
fn are_unique(entries: &[HeaderEntry<'_>]) -> bool {
    entries.is_sorted_by(|a, b| a.prefix != b.prefix)
}

fn push_value(out: &mut Vec<u8>, entry: &HeaderEntry<'_>) {
    if entry.plain {
        out.extend_from_slice(entry.value);
    } else {
        push_folded(out, entry.value);
    }
}

fn push_lower(out: &mut Vec<u8>, entry: &HeaderEntry<'_>) {
    if entry.lower {
        out.extend_from_slice(entry.name);
    } else {
        out.extend(entry.name.iter().map(u8::to_ascii_lowercase));
    }
}

/// Whether a value has neither blanks nor control characters, so that it can be copied as it is.
///
/// Eight bytes at a time, the last eight again; a short value byte by byte.
fn is_plain(value: &[u8]) -> bool {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES.wrapping_mul(0x80);
    // Not zero if one of the eight is at most a blank, or a DEL (the bits of a word that has a byte less than n).
    fn telling(eight: [u8; 8]) -> u64 {
        let word = u64::from_ne_bytes(eight);
        let del = word ^ ONES.wrapping_mul(0x7f);
        let low = word.wrapping_sub(ONES.wrapping_mul(0x21)) & !word;
        let is_del = del.wrapping_sub(ONES) & !del;
        (low | is_del) & HIGH
    }
    let Some(last) = value.last_chunk::<8>() else {
        return value.iter().all(|byte| *byte > b' ' && *byte != 0x7f);
    };
    let (eights, _) = value.as_chunks::<8>();
    let found = eights
        .iter()
        .fold(telling(*last), |found, eight| found | telling(*eight));
    found == 0
}

/// Whether a value has a byte that no HTTP header may carry. A tab is fine.
fn has_control(value: &[u8]) -> bool {
    // No early exit: this way the compiler looks at many bytes at a time.
    value.iter().fold(false, |found, b| {
        found | ((*b < b' ') & (*b != b'\t')) | (*b == 0x7f)
    })
}

/// Appends a value trimmed, with each run of spaces and tabs folded to one space.
pub(crate) fn push_folded(out: &mut Vec<u8>, value: &[u8]) {
    let value = trim(value);
    let neighbours = value.iter().zip(value.get(1..).unwrap_or_default());
    let doubled = neighbours.fold(false, |found, (a, b)| found | ((*a == b' ') & (*b == b' ')));
    let tabs = value.iter().fold(false, |found, b| found | (*b == b'\t'));
    if !doubled && !tabs {
        out.extend_from_slice(value);
        return;
    }
    let mut blank = false;
    for byte in value {
        let is_blank = matches!(byte, b' ' | b'\t');
        if !is_blank {
            out.push(*byte);
        } else if !blank {
            out.push(b' ');
        }
        blank = is_blank;
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::String;

    use super::*;

    fn canonical(headers: &[(&str, &[u8])]) -> Vec<u8> {
        let headers: Vec<_> = headers
            .iter()
            .map(|(name, value)| Header::new(name, value))
            .collect();
        let mut entries = Vec::new();
        gather(
            &mut entries,
            &RequestHead::new("GET", b"/", b"", &headers),
            &[],
        )
        .unwrap();
        sort(&mut entries);
        let mut out = Vec::new();
        write_lines(&mut out, &entries);
        write_names(&mut out, &entries);
        out
    }

    #[test]
    fn tricky_values() {
        let rows: &[(&[u8], &[u8])] = &[
            (b"  a   b  ", b"a b"),
            (b"a\t\tb", b"a b"),
            (b"", b""),
            (b"a,b, c", b"a,b, c"),
            (b"\"a   b\"", b"\"a b\""),
            (b"caf\xe9", b"caf\xe9"),
            (b"\tlead", b"lead"),
            (b"   ", b""),
            (b"a\xa0\xa0b", b"a\xa0\xa0b"),
            (b"a \t b", b"a b"),
        ];
        for (value, expected) in rows {
            let mut line = b"x-a:".to_vec();
            line.extend_from_slice(expected);
            line.extend_from_slice(b"\nx-a");
            assert_eq!(canonical(&[("X-A", value)]), line);
        }
    }

    #[test]
    fn a_plain_value_is_one_that_folding_leaves_alone() {
        for length in 0..40 {
            for at in 0..length {
                for byte in 0..=255_u8 {
                    let mut value = [b'a'; 40];
                    value[at] = byte;
                    let plain = byte > b' ' && byte != 0x7f;
                    assert_eq!(is_plain(&value[..length]), plain, "{length} {at} {byte}");
                }
            }
        }
        assert!(is_plain(b""));
    }

    #[test]
    fn duplicates_are_joined_in_the_order_of_the_wire_and_names_are_sorted() {
        let out = canonical(&[
            ("x-amz-server-side-encryption-customer-key", b"1"),
            ("X-Amz-Server-Side-Encryption", b"2"),
            ("x-a", b"2"),
            ("X-A", b" 1"),
            ("x-amz-meta-test-two", b"b"),
            ("x-amz-meta-test", b"a"),
        ]);
        let expected = "x-a:2,1\nx-amz-meta-test:a\nx-amz-meta-test-two:b\nx-amz-server-side-encryption:2\n\
            x-amz-server-side-encryption-customer-key:1\n\
            x-a;x-amz-meta-test;x-amz-meta-test-two;x-amz-server-side-encryption;x-amz-server-side-encryption-customer-key";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn what_would_break_a_line_is_refused() {
        for (name, value, error) in [
            (
                "x-a",
                b"a\nb".as_slice(),
                CanonicalError::HeaderValue { index: 0 },
            ),
            ("x-a", b"a\0", CanonicalError::HeaderValue { index: 0 }),
            ("x-a", b"a\r", CanonicalError::HeaderValue { index: 0 }),
            ("x a", b"", CanonicalError::HeaderName { index: 0 }),
            ("Host ", b"", CanonicalError::HeaderName { index: 0 }),
            ("", b"", CanonicalError::HeaderName { index: 0 }),
        ] {
            let headers = [Header::new(name, value)];
            let head = RequestHead::new("GET", b"/", b"", &headers);
            assert_eq!(gather(&mut Vec::new(), &head, &[]), Err(error));
        }
    }

    #[test]
    fn recycling_keeps_the_memory() {
        let mut entries = Vec::with_capacity(40);
        let name = String::from("x");
        entries.push(HeaderEntry::new(&name, b"", 0));
        let before = entries.capacity();
        let entries: Vec<HeaderEntry<'static>> = recycle(entries);
        assert_eq!((entries.len(), entries.capacity()), (0, before));
    }
}
