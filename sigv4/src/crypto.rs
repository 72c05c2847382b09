//! SHA-256, HMAC-SHA256, lower-case hex and constant-time comparison. The only file that names `sha2`, `hmac` and `subtle`.

use hmac::{Hmac, KeyInit, Mac};
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// The size of a SHA-256 block in bytes, which is the size that HMAC brings its key to.
const BLOCK: usize = 64;

pub(crate) fn sha256(data: &[u8]) -> [u8; 32] {
    Sha256::digest(data).into()
}

/// SHA-256 of a body that arrives in pieces.
#[derive(Clone, Default)]
pub(crate) struct Hasher(Sha256);

impl Hasher {
    pub(crate) fn update(&mut self, data: &[u8]) {
        self.0.update(data);
    }

    pub(crate) fn finish(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// An HMAC-SHA256 key whose two midstates are computed once, so that each signature costs only its message.
///
/// Its state is zeroized on drop by the hash crates (their feature `zeroize`).
#[derive(Clone)]
pub(crate) struct HmacKey(Hmac<Sha256>);

impl HmacKey {
    pub(crate) fn new(key: &[u8]) -> Self {
        // Bringing the key to a whole block here leaves a constructor that cannot fail (RFC 2104, section 2).
        let mut block = [0; BLOCK];
        if key.len() > BLOCK {
            let mut digest = sha256(key);
            for (to, from) in block.iter_mut().zip(digest) {
                *to = from;
            }
            digest.zeroize();
        } else {
            for (to, from) in block.iter_mut().zip(key) {
                *to = *from;
            }
        }
        let this = Self(Hmac::new(&block.into()));
        block.zeroize();
        this
    }

    pub(crate) fn mac(&self, message: &[u8]) -> [u8; 32] {
        let mut mac = self.0.clone();
        mac.update(message);
        mac.finalize().into_bytes().into()
    }
}

/// Whether the two are equal, in a time that does not depend on where they differ.
pub(crate) fn ct_eq(a: &[u8], b: &[u8]) -> bool {
    a.ct_eq(b).into()
}

/// 64 lower-case hexadecimal digits, without branches or table look-ups that depend on the data.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "nibble <= 15, so the largest sum is 15 + b'0' + 39 = 102"
)]
pub(crate) fn hex(bytes: &[u8; 32]) -> [u8; 64] {
    // A digit is nibble + '0', or nibble + 'a' - 10 = nibble + '0' + 39 from ten on.
    fn digit(nibble: u8) -> u8 {
        nibble + b'0' + 39 * u8::from(nibble > 9)
    }
    let mut text = [0; 64];
    for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(bytes) {
        *pair = [digit(byte >> 4), digit(byte & 15)];
    }
    text
}

/// The bytes of 64 lower-case hexadecimal digits; `None` for anything else, upper case included.
pub(crate) fn unhex(text: &[u8]) -> Option<[u8; 32]> {
    let upper = text
        .iter()
        .fold(false, |found, b| found | b.is_ascii_uppercase());
    if upper { None } else { unhex_any_case(text) }
}

/// The bytes of 64 hexadecimal digits of either case.
pub(crate) fn unhex_any_case(text: &[u8]) -> Option<[u8; 32]> {
    let text: &[u8; 64] = text.try_into().ok()?;
    let mut bytes = [0; 32];
    let mut bad = 0;
    for (byte, [high, low]) in bytes.iter_mut().zip(text.as_chunks::<2>().0) {
        let (high, low) = (nibble(*high), nibble(*low));
        // A nibble that is none has bits above the fourth.
        bad |= high | low;
        *byte = (high << 4) | (low & 15);
    }
    (bad < 16).then_some(bytes)
}

/// The value of a hexadecimal digit, or 255.
#[inline]
pub(crate) fn nibble(digit: u8) -> u8 {
    NIBBLE.get(usize::from(digit)).copied().unwrap_or(u8::MAX)
}

const NIBBLE: [u8; 256] = {
    let mut table = [u8::MAX; 256];
    let mut value: u8 = 0;
    while value < 16 {
        #[expect(
            clippy::indexing_slicing,
            clippy::as_conversions,
            reason = "the digits are below 128; evaluated by the compiler"
        )]
        {
            table[b"0123456789abcdef"[value as usize] as usize] = value;
            table[b"0123456789ABCDEF"[value as usize] as usize] = value;
        }
        value += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hmac_key_longer_than_a_block_is_hashed_first() {
        // RFC 4231, test case 6.
        let mac = HmacKey::new(&[0xaa; 131])
            .mac(b"Test Using Larger Than Block-Size Key - Hash Key First");
        let expected = "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54";
        assert_eq!(core::str::from_utf8(&hex(&mac)).unwrap(), expected);
    }

    #[test]
    fn hex_is_undone_by_unhex_and_upper_case_is_refused() {
        let bytes: [u8; 32] = core::array::from_fn(|i| u8::try_from(i * 8 + 3).unwrap());
        assert_eq!(unhex(&hex(&bytes)), Some(bytes));
        assert_eq!(unhex(&hex(&bytes).to_ascii_uppercase()), None);
        assert_eq!(
            unhex_any_case(&hex(&bytes).to_ascii_uppercase()),
            Some(bytes)
        );
        assert_eq!(unhex(&hex(&bytes)[1..]), None);
    }
}
