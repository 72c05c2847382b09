//! Checksums that follow a body in its trailers.

#[cfg(not(feature = "checksums"))]
pub(super) use none::{ChecksumAlgorithm, Running};
#[cfg(feature = "checksums")]
pub use some::ChecksumAlgorithm;
#[cfg(feature = "checksums")]
pub(super) use some::Running;

#[cfg(feature = "checksums")]
mod some {
    use alloc::string::String;

    use crc::{CRC_32_ISCSI, CRC_32_ISO_HDLC, CRC_64_NVME, Crc, Digest, Table};
    use sha1::{Digest as _, Sha1};

    use crate::base64::{base64, encoded_len};
    use crate::crypto::Hasher;

    /// A checksum that S3 knows (feature `checksums`).
    ///
    /// Implements *Checking object integrity* of the Amazon S3 User Guide.
    ///
    /// ```
    /// use sigv4::ChecksumAlgorithm;
    ///
    /// assert_eq!(ChecksumAlgorithm::Crc32.trailer_name(), "x-amz-checksum-crc32");
    /// assert_eq!(ChecksumAlgorithm::Crc32.of(b"123456789"), "y/Q5Jg==");
    /// ```
    #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
    #[non_exhaustive]
    pub enum ChecksumAlgorithm {
        /// CRC-32 as in zip and gzip.
        Crc32,
        /// CRC-32 of Castagnoli.
        Crc32c,
        /// CRC-64 of NVM Express.
        Crc64Nvme,
        /// SHA-1.
        Sha1,
        /// SHA-256.
        Sha256,
    }

    impl ChecksumAlgorithm {
        /// All of them.
        pub const ALL: [Self; 5] = [
            Self::Crc32,
            Self::Crc32c,
            Self::Crc64Nvme,
            Self::Sha1,
            Self::Sha256,
        ];

        /// The header or trailer that carries it, in lower case.
        #[must_use]
        pub const fn trailer_name(self) -> &'static str {
            match self {
                Self::Crc32 => "x-amz-checksum-crc32",
                Self::Crc32c => "x-amz-checksum-crc32c",
                Self::Crc64Nvme => "x-amz-checksum-crc64nvme",
                Self::Sha1 => "x-amz-checksum-sha1",
                Self::Sha256 => "x-amz-checksum-sha256",
            }
        }

        /// The checksum of a body in memory, in Base64 as the header has it.
        #[must_use]
        pub fn of(self, body: &[u8]) -> String {
            let mut running = Running::new(self);
            running.update(body);
            running.finish()
        }

        /// The one that this trailer carries.
        pub(in super::super) fn for_trailer(lower_case_name: &[u8]) -> Option<Self> {
            Self::ALL
                .into_iter()
                .find(|algorithm| algorithm.trailer_name().as_bytes() == lower_case_name)
        }

        /// The length of its text.
        pub(in super::super) const fn text_len(self) -> usize {
            encoded_len(match self {
                Self::Crc32 | Self::Crc32c => 4,
                Self::Crc64Nvme => 8,
                Self::Sha1 => 20,
                Self::Sha256 => 32,
            })
        }
    }

    // Sixteen tables each: four times as fast as one.
    static CRC32: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISO_HDLC);
    static CRC32C: Crc<u32, Table<16>> = Crc::<u32, Table<16>>::new(&CRC_32_ISCSI);
    static CRC64NVME: Crc<u64, Table<16>> = Crc::<u64, Table<16>>::new(&CRC_64_NVME);

    /// A checksum of what has come of a body so far.
    pub(in super::super) struct Running(State);

    enum State {
        Crc32(Digest<'static, u32, Table<16>>),
        Crc64(Digest<'static, u64, Table<16>>),
        Sha1(Sha1),
        Sha256(Hasher),
    }

    impl Running {
        pub(in super::super) fn new(algorithm: ChecksumAlgorithm) -> Self {
            Self(match algorithm {
                ChecksumAlgorithm::Crc32 => State::Crc32(CRC32.digest()),
                ChecksumAlgorithm::Crc32c => State::Crc32(CRC32C.digest()),
                ChecksumAlgorithm::Crc64Nvme => State::Crc64(CRC64NVME.digest()),
                ChecksumAlgorithm::Sha1 => State::Sha1(Sha1::new()),
                ChecksumAlgorithm::Sha256 => State::Sha256(Hasher::default()),
            })
        }

        pub(in super::super) fn update(&mut self, data: &[u8]) {
            match &mut self.0 {
                State::Crc32(crc) => crc.update(data),
                State::Crc64(crc) => crc.update(data),
                State::Sha1(sha) => sha.update(data),
                State::Sha256(sha) => sha.update(data),
            }
        }

        /// The text of the checksum.
        pub(in super::super) fn finish(self) -> String {
            match self.0 {
                State::Crc32(crc) => base64(&crc.finalize().to_be_bytes()),
                State::Crc64(crc) => base64(&crc.finalize().to_be_bytes()),
                State::Sha1(sha) => base64(&sha.finalize()),
                State::Sha256(sha) => base64(&sha.finish()),
            }
        }
    }

    #[cfg(test)]
    mod tests {
        use super::*;

        /// The check values of the CRC catalogue, and of FIPS 180 for "abc".
        #[test]
        fn known_answers() {
            let crc = |algorithm: ChecksumAlgorithm| algorithm.of(b"123456789");
            assert_eq!(
                crc(ChecksumAlgorithm::Crc32),
                base64(&0xcbf4_3926_u32.to_be_bytes())
            );
            assert_eq!(
                crc(ChecksumAlgorithm::Crc32c),
                base64(&0xe306_9283_u32.to_be_bytes())
            );
            let crc64 = base64(&0xae8b_1486_0a79_9888_u64.to_be_bytes());
            assert_eq!(crc(ChecksumAlgorithm::Crc64Nvme), crc64);
            assert_eq!(
                ChecksumAlgorithm::Sha1.of(b"abc"),
                "qZk+NkcGgWq6PiVxeFDCbJzQ2J0="
            );
            let sha256 = "ungWv48Bz+pBQUDeXa4iI7ADYaOWF3qctBD/YfIAFa0=";
            assert_eq!(ChecksumAlgorithm::Sha256.of(b"abc"), sha256);
            for algorithm in ChecksumAlgorithm::ALL {
                assert_eq!(algorithm.of(b"").len(), algorithm.text_len());
            }
        }
    }
}

/// Without the feature there is no algorithm, so that no trailer is known to be one.
#[cfg(not(feature = "checksums"))]
mod none {
    use alloc::string::String;

    #[derive(Clone, Copy, PartialEq, Eq, Debug)]
    pub(in super::super) enum ChecksumAlgorithm {}

    impl ChecksumAlgorithm {
        pub(in super::super) const fn for_trailer(_lower_case_name: &[u8]) -> Option<Self> {
            None
        }

        pub(in super::super) const fn text_len(self) -> usize {
            match self {}
        }
    }

    pub(in super::super) enum Running {}

    impl Running {
        pub(in super::super) const fn new(algorithm: ChecksumAlgorithm) -> Self {
            match algorithm {}
        }

        pub(in super::super) const fn update(&mut self, _data: &[u8]) {
            match *self {}
        }

        pub(in super::super) const fn finish(self) -> String {
            match self {}
        }
    }
}
