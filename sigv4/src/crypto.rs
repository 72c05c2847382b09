//! SHA-256, HMAC-SHA256, lower-case hex and constant-time comparison. The only file that names `sha2`, `hmac` and `subtle`.

use hmac::{Hmac, KeyInit, Mac};
use sha2::block_api::compress256;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;
use zeroize::Zeroize;

/// The size of a SHA-256 block in bytes, which is the size that HMAC brings its key to.
const BLOCK: usize = 64;

/// What SHA-256 starts with (FIPS 180-4, section 5.3.3).
const START: [u32; 8] = [
    0x6a09_e667,
    0xbb67_ae85,
    0x3c6e_f372,
    0xa54f_f53a,
    0x510e_527f,
    0x9b05_688c,
    0x1f83_d9ab,
    0x5be0_cd19,
];

/// SHA-256 of what is in memory. The general interface costs as much again as a compression, for a buffer that is of no
/// use here.
pub(crate) fn sha256(data: &[u8]) -> [u8; 32] {
    finish(START, 0, data)
}

/// The hash of what `state` has seen, which is `blocks` whole blocks, and of `data` behind it (FIPS 180-4, section 5.1.1).
fn finish(mut state: [u32; 8], blocks: u64, data: &[u8]) -> [u8; 32] {
    let (whole, tail) = data.as_chunks::<BLOCK>();
    compress256(&mut state, whole);
    let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
    let bits = blocks.wrapping_mul(64).wrapping_add(length).wrapping_mul(8);
    // The tail, a one bit, and the length at the end: of one block if they fit, else of two.
    let mut last = [[0; BLOCK]; 2];
    let flat = last.as_flattened_mut();
    if let Some((room, mark)) = flat.split_at_mut_checked(tail.len()) {
        room.copy_from_slice(tail);
        if let Some(mark) = mark.first_mut() {
            *mark = 0x80;
        }
    }
    let [first, second] = &mut last;
    let end = if tail.len() < BLOCK - 8 {
        &mut *first
    } else {
        &mut *second
    };
    if let Some(room) = end.last_chunk_mut::<8>() {
        *room = bits.to_be_bytes();
    }
    let last = if tail.len() < BLOCK - 8 {
        last.get(..1)
    } else {
        Some(last.as_slice())
    };
    compress256(&mut state, last.unwrap_or_default());
    let mut hash = [0; 32];
    for (to, from) in hash.as_chunks_mut::<4>().0.iter_mut().zip(state) {
        *to = from.to_be_bytes();
    }
    hash
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

/// HMAC-SHA256 of one message, for keys that are used once: those of the chain.
pub(crate) fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    // Bringing the key to a whole block here leaves a constructor that cannot fail (RFC 2104, section 2).
    let mut block = whole_block(key);
    let mut mac = Hmac::<Sha256>::new(&block.into());
    block.zeroize();
    mac.update(message);
    mac.finalize().into_bytes().into()
}

fn whole_block(key: &[u8]) -> [u8; BLOCK] {
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
    block
}

/// An HMAC-SHA256 key as the two states that its halves leave behind (RFC 2104, section 4), computed once, so that each
/// signature costs only its message. Zeroized on drop.
#[derive(Clone)]
pub(crate) struct HmacKey {
    inner: [u32; 8],
    outer: [u32; 8],
}

impl HmacKey {
    pub(crate) fn new(key: &[u8]) -> Self {
        let mut block = whole_block(key);
        let state = |pad: u8, block: &[u8; BLOCK]| {
            let mut padded = block.map(|byte| byte ^ pad);
            let mut state = START;
            compress256(&mut state, &[padded]);
            padded.zeroize();
            state
        };
        let this = Self {
            inner: state(0x36, &block),
            outer: state(0x5c, &block),
        };
        block.zeroize();
        this
    }

    pub(crate) fn mac(&self, message: &[u8]) -> [u8; 32] {
        let mut digest = finish(self.inner, 1, message);
        let mac = finish(self.outer, 1, &digest);
        digest.zeroize();
        mac
    }
}

impl Drop for HmacKey {
    fn drop(&mut self) {
        self.inner.zeroize();
        self.outer.zeroize();
    }
}

/// Whether the two are equal, in a time that does not depend on where they differ, but on whether they are of one length.
///
/// A session token has a kilobyte, so that what differs is gathered eight bytes at a time, and only that is compared.
pub(crate) fn ct_eq(a: &[u8], b: &[u8]) -> bool {
    if a.len() != b.len() {
        return false;
    }
    let (a_words, a_tail) = a.as_chunks::<8>();
    let (b_words, b_tail) = b.as_chunks::<8>();
    let differs = |(a, b): (&[u8; 8], &[u8; 8])| u64::from_ne_bytes(*a) ^ u64::from_ne_bytes(*b);
    let words = a_words.iter().zip(b_words).map(differs);
    let tail = a_tail.iter().zip(b_tail).map(|(a, b)| u64::from(a ^ b));
    let differs = words
        .chain(tail)
        .fold(0, |all, one| core::hint::black_box(all | one));
    differs.ct_eq(&0).into()
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

    /// The compressions are the crates' own; how they are put together is ours, and theirs is the judge of it.
    #[test]
    fn hashes_are_those_of_the_hash_crates_for_every_length() {
        let text: [u8; 400] = core::array::from_fn(|i| u8::try_from(i * 7 % 251).unwrap());
        for length in 0..text.len() {
            let data = &text[..length];
            assert_eq!(
                sha256(data),
                <[u8; 32]>::from(Sha256::digest(data)),
                "{length}"
            );
            let key = &text[..length % 150];
            assert_eq!(HmacKey::new(key).mac(data), hmac(key, data), "{length}");
        }
    }

    #[test]
    fn one_bit_of_difference_is_seen_at_every_place_of_every_length() {
        let text: [u8; 40] = core::array::from_fn(|i| u8::try_from(i * 5).unwrap());
        for length in 0..text.len() {
            let same = &text[..length];
            assert!(ct_eq(same, &text[..length]));
            assert!(!ct_eq(same, &text[..length + 1]));
            for place in 0..length {
                for bit in 0..8 {
                    let mut other = text;
                    other[place] ^= 1 << bit;
                    assert!(!ct_eq(same, &other[..length]), "{length} {place} {bit}");
                }
            }
        }
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
