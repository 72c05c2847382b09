//! Base64 with the standard alphabet and padding (RFC 4648, section 4).

use alloc::string::String;

/// The text of some bytes.
pub(crate) fn base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(encoded_len(bytes.len()));
    for three in bytes.chunks(3) {
        let byte = |i| three.get(i).copied().map_or(0, u32::from);
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for (i, shift) in [18_u32, 12, 6, 0].into_iter().enumerate() {
            let six = bits.checked_shr(shift).unwrap_or_default() & 0x3f;
            let digit = usize::try_from(six).ok().and_then(|six| ALPHABET.get(six));
            out.push(match digit {
                Some(digit) if i <= three.len() => char::from(*digit),
                _ => '=',
            });
        }
    }
    out
}

/// The length of the text of that many bytes.
pub(crate) const fn encoded_len(bytes: usize) -> usize {
    bytes.div_ceil(3).saturating_mul(4)
}

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_vectors_of_rfc_4648() {
        for (bytes, text) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("\u{3fb}\u{3ff}", "z7vPvw=="),
        ] {
            assert_eq!(base64(bytes.as_bytes()), text);
            assert_eq!(encoded_len(bytes.len()), text.len());
        }
    }
}
