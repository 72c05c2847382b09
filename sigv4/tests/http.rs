//! `http::Request` in and out.
#![cfg(feature = "http")]
#![allow(clippy::unwrap_used, reason = "a test may panic")]

use http::{HeaderValue, Request};
use sigv4::{
    AmzDate, Credentials, KeyLookup, KnownKey, PayloadHash, ReceivedBody, RequestHead,
    SecretAccessKey, Signer, SigningKey, Verifier,
};

fn signer() -> Signer {
    Signer::new(
        Credentials::new("AKIDEXAMPLE", "secret").unwrap(),
        "us-east-1",
        "execute-api",
    )
    .unwrap()
}

fn now() -> AmzDate {
    "20261121T123600Z".parse().unwrap()
}

fn signed(uri: &str) -> Request<()> {
    let mut request = Request::get(uri).body(()).unwrap();
    signer()
        .sign_request(&mut request, PayloadHash::EMPTY, now())
        .unwrap();
    request
}

#[test]
fn the_host_is_the_uris_without_user_and_default_port() {
    for (uri, host) in [
        ("https://h.example/", "h.example"),
        ("https://h.example:443/", "h.example"),
        ("https://h.example:/", "h.example"),
        ("http://h.example:80/", "h.example"),
        ("ws://h.example:80/", "h.example"),
        ("wss://h.example:443/", "h.example"),
        ("http://h.example:443/", "h.example:443"),
        ("https://h.example:8443/", "h.example:8443"),
        ("https://u:p@h.example/", "h.example"),
        ("https://[::1]:443/", "[::1]"),
        ("https://[::1]:8443/", "[::1]:8443"),
    ] {
        assert_eq!(signed(uri).headers()["host"], host, "{uri}");
    }
}

#[test]
fn what_signing_inserts_is_sensitive_and_verifies() {
    let mut request = Request::post("https://h.example/a%20b?x=1&x=0")
        .header("x-n", "1")
        .header("x-n", "2")
        .body("{}")
        .unwrap();
    signer()
        .sign_request(&mut request, PayloadHash::of("{}"), now())
        .unwrap();
    assert!(request.headers()["authorization"].is_sensitive());
    let verifier = Verifier::new("us-east-1", "execute-api").unwrap();
    let claim = verifier.claim(&RequestHead::from(&request), now()).unwrap();
    let key = SigningKey::derive(&SecretAccessKey::new("secret").unwrap(), claim.scope());
    let verified = claim
        .verify(
            KeyLookup::Found(KnownKey::new(&key)),
            ReceivedBody::of("{}"),
        )
        .unwrap();
    assert_eq!(verified.signed_headers().as_str(), "host;x-amz-date;x-n");
}

#[test]
fn a_host_that_is_there_is_kept() {
    let mut request = Request::get("https://vpce-1.execute-api.us-east-1.vpce.amazonaws.com/")
        .header("host", "abc.execute-api.us-east-1.amazonaws.com")
        .body(())
        .unwrap();
    signer()
        .sign_request(&mut request, PayloadHash::EMPTY, now())
        .unwrap();
    assert_eq!(
        request.headers()["host"],
        "abc.execute-api.us-east-1.amazonaws.com"
    );
}

#[test]
fn what_cannot_be_signed_is_left_as_it_was() {
    for (method, uri) in [
        ("OPTIONS", "*"),
        ("CONNECT", "h.example:443"),
        ("GET", "/relative"),
    ] {
        let mut request = Request::builder().method(method).uri(uri).body(()).unwrap();
        let error = signer().sign_request(&mut request, PayloadHash::EMPTY, now());
        assert!(error.is_err(), "{method} {uri}");
        assert!(request.headers().is_empty(), "{method} {uri}");
    }
    let mut full = Request::get("https://h.example/").body(()).unwrap();
    for i in 0..24_574 {
        let name = http::HeaderName::try_from(format!("h{i}")).unwrap();
        let _ = full
            .headers_mut()
            .try_append(name, HeaderValue::from_static("v"));
    }
    let before = full.headers().len();
    assert!(
        signer()
            .sign_request(&mut full, PayloadHash::EMPTY, now())
            .is_err(),
        "a full map does not panic"
    );
    assert_eq!(full.headers().len(), before);
}
