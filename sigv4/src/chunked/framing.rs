//! The framing of chunks: how a chunk's header is written and read, and how long it is.

use crate::crypto;
use crate::error::ChunkError;
use crate::signature::Signature;
use crate::text::InlineText;

pub(super) const SIGNATURE: &[u8] = b";chunk-signature=";
pub(super) const TRAILER_SIGNATURE: &[u8] = b"x-amz-trailer-signature:";
pub(super) const CRLF: &[u8] = b"\r\n";
const SIGNATURE_LEN: usize = 64;
/// The most digits of a size that are read: those of 64 bits.
const MAX_DIGITS: usize = 16;

/// The longest header of a chunk, with its line break.
pub(super) const MAX_HEAD: usize = MAX_DIGITS + SIGNATURE.len() + SIGNATURE_LEN + CRLF.len();

/// The header of a chunk, with its line break.
pub(super) type Head = InlineText<MAX_HEAD>;

/// The header of a chunk as it is sent.
pub(super) fn write_head(size: usize, signature: Option<&Signature>) -> Head {
    let mut digits = [0; MAX_DIGITS];
    let mut left = size;
    let mut count = 0;
    for digit in digits.iter_mut().rev() {
        let nibble = u8::try_from(left & 15).unwrap_or_default();
        *digit = *b"0123456789abcdef"
            .get(usize::from(nibble))
            .unwrap_or(&b'0');
        left >>= 4;
        count = usize::saturating_add(count, 1);
        if left == 0 {
            break;
        }
    }
    let start = MAX_DIGITS.saturating_sub(count);
    let mut head = Head::new();
    let mut fits = head.push(digits.get(start..).unwrap_or_default());
    if let Some(signature) = signature {
        fits &= head.push(SIGNATURE) && head.push(&signature.hex());
    }
    fits &= head.push(CRLF);
    debug_assert!(fits, "MAX_HEAD is the sum of the longest pieces");
    head
}

/// The bytes of a chunk of that size with all of its framing.
pub(super) const fn framed_len(size: u64, signed: bool) -> u64 {
    let digits = match size.checked_ilog2() {
        Some(bits) => bits.saturating_add(4).saturating_div(4),
        None => 1,
    };
    let head = if signed { HEAD_SIGNED } else { HEAD_UNSIGNED };
    size.saturating_add(widen(digits)).saturating_add(head)
}

const HEAD_UNSIGNED: u64 = 4;
const HEAD_SIGNED: u64 = HEAD_UNSIGNED + 17 + 64;
/// What a signature of trailers takes.
pub(super) const TRAILER_SIGNATURE_LEN: u64 = 24 + 64 + 2;

#[expect(clippy::as_conversions, reason = "widening, in a const fn")]
const fn widen(number: u32) -> u64 {
    number as u64
}

/// Reads the header of a chunk, without its line break: the size, and the signature if there has to be one.
pub(super) fn read_head(line: &[u8], signed: bool) -> Result<(u64, Option<Signature>), ChunkError> {
    let (digits, signature) = if signed {
        let at = line
            .len()
            .saturating_sub(SIGNATURE.len().saturating_add(SIGNATURE_LEN));
        let (digits, rest) = line.split_at_checked(at).ok_or(ChunkError::Format)?;
        let hex = rest.strip_prefix(SIGNATURE).ok_or(ChunkError::Format)?;
        let signature = Signature::parse(hex).map_err(|_| ChunkError::Format)?;
        (digits, Some(signature))
    } else {
        (line, None)
    };
    if digits.is_empty() || digits.len() > MAX_DIGITS {
        return Err(ChunkError::Format);
    }
    let mut size = 0_u64;
    for digit in digits {
        let nibble = crypto::nibble(*digit);
        if nibble > 15 {
            return Err(ChunkError::Format);
        }
        size = size << 4 | u64::from(nibble);
    }
    Ok((size, signature))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_as_long_as_was_said() {
        let signature = Signature::new([0xab; 32]);
        for size in [0, 1, 15, 16, 255, 256, 65_535, 65_536, 1 << 20] {
            for signature in [None, Some(signature)] {
                let head = write_head(size, signature.as_ref());
                let line = head.as_bytes().strip_suffix(CRLF).unwrap();
                let size = u64::try_from(size).unwrap();
                assert_eq!(read_head(line, signature.is_some()), Ok((size, signature)));
                let framed = framed_len(size, signature.is_some());
                assert_eq!(
                    framed,
                    u64::try_from(head.as_bytes().len() + 2).unwrap() + size
                );
            }
        }
    }

    #[test]
    fn digits_only() {
        for good in ["1", "00010000", "AbC", "ffffffffffffffff"] {
            assert!(read_head(good.as_bytes(), false).is_ok(), "{good}");
        }
        for bad in [
            "",
            "+1",
            "0x1",
            " 1",
            "1 ",
            "g",
            "00000000000000001",
            "1;chunk-signature=",
        ] {
            assert_eq!(
                read_head(bad.as_bytes(), false),
                Err(ChunkError::Format),
                "{bad}"
            );
            let signed = alloc::format!("{bad};chunk-signature={}", "0".repeat(64));
            let result = read_head(signed.as_bytes(), true);
            assert_eq!(result, Err(ChunkError::Format), "{bad}");
        }
    }
}
