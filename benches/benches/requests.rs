//! Signing, presigning and verifying the five requests, with the day's key kept and working memory used again.
#![allow(
    clippy::unwrap_used,
    missing_docs,
    reason = "a benchmark may panic, and is no API"
)]

use std::hint::black_box;

use benches::cases;
use criterion::{Criterion, criterion_group, criterion_main};
use sigv4::{
    AmzDate, Expires, Header, KeyLookup, KnownKey, PayloadHash, ReceivedBody, Scratch,
    SecretAccessKey, SessionToken, SigningKey, Verifier, VerifyPolicy,
};

fn sign(c: &mut Criterion) {
    let now: AmzDate = "20261121T123600Z".parse().unwrap();
    for case in cases() {
        let signer = case.signer().unwrap();
        let headers = case.headers();
        let head = case.head(&headers);
        let mut scratch = Scratch::new();
        if case.presigned {
            c.bench_function(&format!("presign {}", case.name), |b| {
                b.iter(|| {
                    signer
                        .presign(black_box(&head), &PayloadHash::Unsigned, Expires::MAX, now)
                        .unwrap()
                });
            });
        } else {
            c.bench_function(&format!("sign {}", case.name), |b| {
                b.iter(|| {
                    let payload = PayloadHash::of(black_box(&case.body));
                    let signed = signer
                        .sign_with(&mut scratch, black_box(&head), &payload, now)
                        .unwrap();
                    black_box(signed.authorization().len())
                });
            });
        }
    }
}

fn verify(c: &mut Criterion) {
    let now: AmzDate = "20261121T123600Z".parse().unwrap();
    let secret = SecretAccessKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap();
    for case in cases().into_iter().filter(|case| !case.presigned) {
        let signer = case.signer().unwrap();
        let unsigned = case.headers();
        let output = signer
            .sign(&case.head(&unsigned), &PayloadHash::of(&case.body), now)
            .unwrap();
        let mut headers = unsigned.clone();
        headers.extend(
            output
                .headers()
                .map(|(name, value)| Header::new(name, value.as_bytes())),
        );
        let head = case.head(&headers);
        let verifier = Verifier::new("us-east-1", case.service)
            .unwrap()
            .with_policy(VerifyPolicy::for_service(case.service));
        let token = case
            .token
            .as_deref()
            .map(|token| SessionToken::new(token).unwrap());
        let scope = format!("20261121/us-east-1/{}/aws4_request", case.service)
            .parse()
            .unwrap();
        let key = SigningKey::derive(&secret, &scope);
        let mut scratch = Scratch::new();
        c.bench_function(&format!("verify {}", case.name), |b| {
            b.iter(|| {
                let claim = verifier
                    .claim_with(&mut scratch, black_box(&head), now)
                    .unwrap();
                let mut known = KnownKey::new(&key);
                if let Some(token) = &token {
                    known = known.with_session_token(token);
                }
                claim
                    .verify(
                        KeyLookup::Found(known),
                        ReceivedBody::of(black_box(&case.body)),
                    )
                    .unwrap();
            });
        });
    }
}

criterion_group!(benches, sign, verify);
criterion_main!(benches);
