//! aws-chunked bodies against hashing the same bytes once: `cargo bench -p benches --bench chunked`.
//!
//! 1 GiB each, in turns, so that a machine that is busy with something else slows all of them. What is told is the median
//! of the ratios to the hash of the same turn.
#![allow(clippy::unwrap_used, reason = "a benchmark may panic")]

use std::hint::black_box;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use sigv4::StreamingMode::{Signed, SignedTrailer, UnsignedTrailer};
use sigv4::{
    AmzDate, ChecksumAlgorithm, ChunkDecoder, ChunkEncoder, ChunkedPayload, Credentials, Header,
    KeyLookup, KnownKey, ReceivedBody, RequestHead, SecretAccessKey, Signer, SigningKey,
    StreamingMode, Verifier, VerifyPolicy,
};

const BODY: usize = 64 << 20;
const TIMES: usize = 16;
const TURNS: usize = 7;
const NOW: &str = "20150830T123600Z";

fn now() -> AmzDate {
    NOW.parse().unwrap()
}

fn payload(mode: StreamingMode) -> ChunkedPayload {
    let payload = ChunkedPayload::new(mode, BODY.try_into().unwrap()).unwrap();
    match mode {
        Signed => payload,
        _ => payload.with_checksum(ChecksumAlgorithm::Crc64Nvme).unwrap(),
    }
}

/// An encoder and a decoder of the same request.
fn ends(mode: StreamingMode) -> (ChunkEncoder, ChunkDecoder) {
    let credentials = Credentials::new("AKID", "secret").unwrap();
    let signer = Signer::new(credentials, "us-east-1", "s3").unwrap();
    let host = Header::new("Host", b"bucket.s3.amazonaws.com");
    let unsigned = [host];
    let head = RequestHead::new("PUT", b"/key", b"", &unsigned);
    let (output, chunks) = signer.sign_chunked(&head, &payload(mode), now()).unwrap();
    let mut headers = vec![host];
    headers.extend(
        output
            .headers()
            .map(|(name, value)| Header::new(name, value.as_bytes())),
    );
    let head = RequestHead::new("PUT", b"/key", b"", &headers);
    let mut policy = VerifyPolicy::for_service("s3");
    policy.accept_streaming_payload = true;
    let verifier = Verifier::new("us-east-1", "s3")
        .unwrap()
        .with_policy(policy);
    let claim = verifier.claim(&head, now()).unwrap();
    let key = SigningKey::derive(&SecretAccessKey::new("secret").unwrap(), claim.scope());
    let known = KeyLookup::Found(KnownKey::new(&key));
    let verified = claim.verify(known, ReceivedBody::Unread).unwrap();
    (chunks.into_encoder(), verified.chunk_decoder(&key).unwrap())
}

fn hash(body: &[u8]) {
    black_box(Sha256::digest(body));
}

fn encode(mode: StreamingMode, body: &[u8], size: usize, mut sink: impl FnMut([&[u8]; 3])) {
    let (mut encoder, _) = ends(mode);
    for mut piece in body.chunks(size) {
        while let Some(chunk) = encoder.encode(&mut piece).unwrap() {
            sink(chunk.slices());
        }
    }
    sink(encoder.finish().unwrap().slices());
}

fn decode(mode: StreamingMode, wire: &[u8], size: usize) {
    let (_, mut decoder) = ends(mode);
    for mut piece in wire.chunks(size) {
        while let Some(data) = decoder.decode(&mut piece).unwrap() {
            black_box(data);
        }
    }
    decoder.finish().unwrap();
}

fn timed(work: &dyn Fn()) -> Duration {
    let start = Instant::now();
    for _ in 0..TIMES {
        work();
    }
    start.elapsed()
}

fn main() {
    let body: Vec<u8> = (0..BODY).map(|i| (i % 251) as u8).collect();
    let wire = |mode| {
        let mut wire = Vec::new();
        encode(mode, &body, 1 << 20, |slices| wire.extend(slices.concat()));
        wire
    };
    let (signed, trailer) = (wire(Signed), wire(SignedTrailer));
    let unsigned = wire(UnsignedTrailer);
    let gone = |slices: [&[u8]; 3]| {
        black_box(slices);
    };
    let works: [(&str, &dyn Fn()); 9] = [
        ("encode, input of 64 KiB", &|| {
            encode(Signed, &body, 64 << 10, gone);
        }),
        ("encode, input of 5,000 bytes", &|| {
            encode(Signed, &body, 5_000, gone);
        }),
        ("encode into a Vec, input of 64 KiB", &|| {
            let mut out = Vec::with_capacity(128 << 10);
            encode(Signed, &body, 64 << 10, |slices| {
                out.clear();
                slices.iter().for_each(|slice| out.extend_from_slice(slice));
                black_box(&out);
            });
        }),
        ("decode, input of 1 MiB", &|| {
            decode(Signed, &signed, 1 << 20);
        }),
        ("decode, input of 64 KiB", &|| {
            decode(Signed, &signed, 64 << 10);
        }),
        ("decode, input of 5,000 bytes", &|| {
            decode(Signed, &signed, 5_000);
        }),
        ("decode, signed with CRC64NVME", &|| {
            decode(SignedTrailer, &trailer, 64 << 10);
        }),
        ("encode, unsigned with CRC64NVME", &|| {
            encode(UnsignedTrailer, &body, 64 << 10, gone);
        }),
        ("decode, unsigned with CRC64NVME", &|| {
            decode(UnsignedTrailer, &unsigned, 64 << 10);
        }),
    ];
    let mut ratios = vec![Vec::new(); works.len()];
    let mut hashes = Vec::new();
    for _ in 0..TURNS {
        for ((_, work), ratios) in works.iter().zip(&mut ratios) {
            // A hash before each, since the machine's speed changes within a turn.
            let floor = timed(&|| hash(&body));
            hashes.push(floor);
            ratios.push(timed(*work).as_secs_f64() / floor.as_secs_f64());
        }
    }
    hashes.sort_unstable();
    println!("sha256 of 1 GiB: {:?} (median)", hashes[hashes.len() / 2]);
    for ((name, _), ratios) in works.iter().zip(&mut ratios) {
        ratios.sort_unstable_by(f64::total_cmp);
        let [least, median, most] = [0, ratios.len() / 2, ratios.len() - 1].map(|i| ratios[i]);
        println!("{name:36} {median:.3} x ({least:.3} to {most:.3})");
    }
}
