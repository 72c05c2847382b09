//! AWS's percent encoding: everything but `A-Z a-z 0-9 - . _ ~` becomes `%XX` with upper-case digits.

use alloc::vec::Vec;

use percent_encoding::percent_encode_byte;

use crate::crypto::nibble;

/// Whether each byte stands for itself (RFC 3986, section 2.3: unreserved).
const UNRESERVED: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        #[expect(
            clippy::as_conversions,
            clippy::cast_possible_truncation,
            reason = "byte < 256, in a const"
        )]
        let b = byte as u8;
        #[expect(
            clippy::indexing_slicing,
            reason = "byte < 256; evaluated by the compiler"
        )]
        {
            table[byte] = b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_' | b'~');
        }
        byte += 1;
    }
    table
};

#[inline]
pub(crate) fn is_unreserved(byte: u8) -> bool {
    // A table of 256 has a place for every byte; `get` says so without a panic.
    UNRESERVED.get(usize::from(byte)).copied().unwrap_or(false)
}

/// Appends one byte, encoded if it has to be.
#[inline]
pub(crate) fn push(out: &mut Vec<u8>, byte: u8) {
    if is_unreserved(byte) {
        out.push(byte);
    } else {
        out.extend_from_slice(percent_encode_byte(byte).as_bytes());
    }
}

/// Appends bytes, encoded where they have to be.
pub(crate) fn push_all(out: &mut Vec<u8>, bytes: &[u8]) {
    let mut rest = bytes;
    while let Some(run) = rest.iter().position(|b| !is_unreserved(*b)) {
        let (plain, tail) = rest.split_at(run);
        out.extend_from_slice(plain);
        let Some((first, tail)) = tail.split_first() else {
            break;
        };
        push(out, *first);
        rest = tail;
    }
    out.extend_from_slice(rest);
}

/// The byte behind a `%`, given the two digits that follow; `None` if they are not hexadecimal.
#[inline]
pub(crate) fn unescape(digits: &[u8]) -> Option<u8> {
    let [high, low, ..] = digits else { return None };
    let (high, low) = (nibble(*high), nibble(*low));
    ((high | low) < 16).then_some((high << 4) | low)
}

/// Decoded text; `None` if an escape is malformed.
pub(crate) fn decode(text: &[u8]) -> Option<alloc::borrow::Cow<'_, [u8]>> {
    if !text.contains(&b'%') {
        return Some(text.into());
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((byte, tail)) = rest.split_first() {
        if *byte == b'%' {
            out.push(unescape(tail)?);
            rest = tail.get(2..).unwrap_or_default();
        } else {
            out.push(*byte);
            rest = tail;
        }
    }
    Some(out.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn encoding_is_undone_by_decoding_for_every_byte() {
        let all: Vec<u8> = (0..=255).collect();
        let mut encoded = Vec::new();
        push_all(&mut encoded, &all);
        assert_eq!(decode(&encoded).unwrap(), all);
        let plain = encoded.iter().filter(|b| **b != b'%').count();
        assert_eq!(
            plain,
            66 + 2 * (256 - 66),
            "66 unreserved bytes, two digits for each other one"
        );
        assert!(
            !encoded
                .windows(3)
                .any(|w| w[0] == b'%' && w[1..].iter().any(u8::is_ascii_lowercase))
        );
    }

    #[test]
    fn malformed_escapes() {
        for bad in ["%", "%4", "%zz", "a%+1", "%%41"] {
            assert!(decode(bad.as_bytes()).is_none(), "{bad}");
        }
    }
}
