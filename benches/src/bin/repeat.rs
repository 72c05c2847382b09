//! Signs, presigns or verifies one of the five requests, so often that a counter of instructions tells what one costs.
//!
//! usage: repeat sign|presign|verify a|b|c|d|e TIMES
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark may panic"
)]

use std::hint::black_box;

use benches::{Case, cases};
use sigv4::{
    AmzDate, Expires, Header, KeyLookup, KnownKey, PayloadHash, ReceivedBody, Scratch,
    SecretAccessKey, SessionToken, SigningKey, Verifier,
};

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [what, letter, times] = words.as_slice() else {
        panic!("usage: repeat sign|presign|verify a|b|c|d|e TIMES");
    };
    let case = cases()
        .into_iter()
        .find(|case| case.name.starts_with(letter.as_str()))
        .expect("a request, a to e");
    let times = times.parse().unwrap();
    let now: AmzDate = "20261121T123600Z".parse().unwrap();
    match what.as_str() {
        "sign" => sign(&case, times, now),
        "presign" => presign(&case, times, now),
        "verify" => verify(&case, times, now),
        other => panic!("{other}: neither sign nor presign nor verify"),
    }
}

fn sign(case: &Case, times: u32, now: AmzDate) {
    let signer = case.signer().unwrap();
    let headers = case.headers();
    let head = case.head(&headers);
    let mut scratch = Scratch::new();
    for _ in 0..times {
        let payload = PayloadHash::of(black_box(&case.body));
        let signed = signer.sign_with(&mut scratch, black_box(&head), &payload, now);
        black_box(signed.unwrap().authorization().len());
    }
}

fn presign(case: &Case, times: u32, now: AmzDate) {
    let signer = case.signer().unwrap();
    let headers = case.headers();
    let head = case.head(&headers);
    let mut scratch = Scratch::new();
    for _ in 0..times {
        let presigned = signer.presign_with(
            &mut scratch,
            black_box(&head),
            &PayloadHash::Unsigned,
            Expires::MAX,
            now,
        );
        black_box(presigned.unwrap().len());
    }
}

fn verify(case: &Case, times: u32, now: AmzDate) {
    let signer = case.signer().unwrap();
    let unsigned = case.headers();
    let payload = PayloadHash::of(&case.body);
    let output = signer.sign(&case.head(&unsigned), &payload, now).unwrap();
    let mut headers = unsigned.clone();
    let added = output
        .headers()
        .map(|(name, value)| Header::new(name, value.as_bytes()));
    headers.extend(added);
    let head = case.head(&headers);
    let verifier = Verifier::new("us-east-1", case.service).unwrap();
    let secret = SecretAccessKey::new("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY").unwrap();
    let scope = format!("20261121/us-east-1/{}/aws4_request", case.service);
    let key = SigningKey::derive(&secret, &scope.parse().unwrap());
    let token = case
        .token
        .as_deref()
        .map(|token| SessionToken::new(token).unwrap());
    let mut known = KnownKey::new(&key);
    if let Some(token) = &token {
        known = known.with_session_token(token);
    }
    let mut scratch = Scratch::new();
    for _ in 0..times {
        let claim = verifier
            .claim_with(&mut scratch, black_box(&head), now)
            .unwrap();
        let body = ReceivedBody::of(black_box(&case.body));
        black_box(claim.verify(KeyLookup::Found(known), body).unwrap());
    }
}
