//! Signing, presigning and verifying need no heap once their working memory has grown.
#![cfg(feature = "std")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use allocation_counter::measure;
use sigv4::{
    Credentials, Expires, Header, KeyLookup, KnownKey, PayloadHash, ReceivedBody, RequestHead,
    Scratch, SecretAccessKey, SessionToken, Signer, SigningKey, Verifier,
};

const NOW: &str = "20261121T123600Z";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";

#[test]
fn no_allocation_after_the_first_request() {
    let token = "FwoGZXIvYXdzEB/+=".repeat(60);
    let credentials = Credentials::new("AKIDEXAMPLE", SECRET)
        .unwrap()
        .with_session_token(token.as_str())
        .unwrap();
    let signer = Signer::new(credentials, "us-east-1", "execute-api").unwrap();
    let names: Vec<_> = (0..30).map(|i| format!("x-header-{}", 29 - i)).collect();
    let query = (0..32)
        .map(|i| format!("p{}=v%20{i}", 31 - i))
        .collect::<Vec<_>>()
        .join("&");
    let mut headers: Vec<_> = names
        .iter()
        .map(|name| Header::new(name, b"a  b"))
        .collect();
    headers.push(Header::new(
        "Host",
        b"abc123.execute-api.us-east-1.amazonaws.com",
    ));
    let head = RequestHead::new("POST", b"/prod//a%20b/../c", query.as_bytes(), &headers);
    let now = NOW.parse().unwrap();
    let payload = PayloadHash::of("{}");
    let mut scratch = Scratch::new();

    let signed = signer.sign(&head, &payload, now).unwrap();
    let first = signer
        .sign_with(&mut scratch, &head, &payload, now)
        .unwrap();
    assert_eq!(first.authorization(), signed.authorization());
    let count = measure(|| {
        let _ = signer
            .sign_with(&mut scratch, &head, &payload, now)
            .unwrap();
    });
    assert_eq!(count.count_total, 0, "signing: {count:?}");

    let presigned = signer.presign(&head, &payload, Expires::MAX, now).unwrap();
    assert_eq!(
        signer
            .presign_with(&mut scratch, &head, &payload, Expires::MAX, now)
            .unwrap(),
        presigned.query()
    );
    let count = measure(|| {
        signer
            .presign_with(&mut scratch, &head, &payload, Expires::MAX, now)
            .unwrap();
    });
    assert_eq!(count.count_total, 0, "presigning: {count:?}");

    let mut all = headers.clone();
    all.extend(
        signed
            .headers()
            .map(|(name, value)| Header::new(name, value.as_bytes())),
    );
    let head = RequestHead::new("POST", head.path(), head.query(), &all);
    let verifier = Verifier::new("us-east-1", "execute-api").unwrap();
    let scope = "20261121/us-east-1/execute-api/aws4_request"
        .parse()
        .unwrap();
    let key = SigningKey::derive(&SecretAccessKey::new(SECRET).unwrap(), &scope);
    let token = SessionToken::new(token).unwrap();
    let known = KnownKey::new(&key).with_session_token(&token);
    let mut verify = || {
        let claim = verifier.claim_with(&mut scratch, &head, now).unwrap();
        claim
            .verify(KeyLookup::Found(known), ReceivedBody::of("{}"))
            .unwrap();
    };
    verify();
    let count = measure(verify);
    assert_eq!(count.count_total, 0, "verifying: {count:?}");
}
