//! PL: bodies and payload hashes.

use crate::bases::{EMPTY, b2, b4, b7, b14};
use crate::common::naive::sha256_hex;
use crate::{Tries, one};
use sigv4::{
    BodyHasher, KeyLookup, KnownKey, ReceivedBody, SecretAccessKey, SigningKey, VerifiedPayload,
    Verifier, VerifyError,
};

/// B14 with another payload line, signed so.
fn declared(value: &str) -> (sigv4_check::Check, crate::common::Request) {
    let mut base = b14();
    base.request.set("x-amz-content-sha256", value);
    base.forge.payload = value.trim().into();
    (base.check.clone(), base.signed())
}

use crate::common as sigv4_check;

/// Verifies B14's head first and its body, in pieces, afterwards.
fn streamed(body: &[u8]) -> Result<(), VerifyError> {
    let base = b14();
    let request = base.signed();
    let verifier = Verifier::new("us-east-1", "s3").unwrap();
    request.with_head(|head| {
        let claim = verifier.claim(head, base.check.now)?;
        let key = SigningKey::derive(
            &SecretAccessKey::new(base.check.secret.as_str()).unwrap(),
            claim.scope(),
        );
        let mut verified =
            claim.verify(KeyLookup::Found(KnownKey::new(&key)), ReceivedBody::Unread)?;
        assert!(
            matches!(verified.payload(), VerifiedPayload::MustMatch(_))
                && !verified.payload_authenticated()
        );
        let mut hasher = BodyHasher::new(verifier.policy().limits.body);
        for piece in body.chunks(2) {
            hasher.update(piece)?;
        }
        let result = verified.check_body(hasher.finish());
        assert_eq!(result.is_ok(), verified.payload_authenticated());
        result
    })
}

pub(crate) fn tries(id: &str) -> Option<Tries> {
    let mut tries = Tries::default();
    match id {
        "PL-01" => {
            let base = b2();
            let mut request = base.signed();
            request.body[0] ^= 1;
            return Some(one(&base.check, &request));
        }
        "PL-02" => {
            let base = b14();
            let mut request = base.signed();
            request.body[0] ^= 1;
            return Some(one(&base.check, &request));
        }
        "PL-03" => {
            for body in ["hello!", "hell", ""] {
                let base = b14();
                let request = base.signed().body(body);
                tries.add(body, &base.check, &request);
            }
        }
        "PL-04" => {
            let (check, request) = declared(&sha256_hex(b"hello").to_uppercase());
            tries.add("signed so", &check, &request);
            let (check, mut request) = declared(&sha256_hex(b"hello"));
            request.set("x-amz-content-sha256", sha256_hex(b"hello").to_uppercase());
            assert_eq!(
                check.reason(&request),
                "mismatch",
                "never verified in another case than the one that was signed"
            );
        }
        "PL-05" => {
            let (check, request) = declared(EMPTY);
            return Some(one(&check, &request));
        }
        "PL-06" => {
            let (mut check, request) = declared("UNSIGNED-PAYLOAD");
            tries.add("", &check, &request);
            check.policy.accept_unsigned_payload = true;
            assert_eq!(
                check.verify(&request),
                Ok(()),
                "where the service allows it"
            );
        }
        "PL-09" => {
            let hash = sha256_hex(b"hello");
            for value in [
                "required",
                "unsigned-payload",
                "UNSIGNED-PAYLOAD ",
                &hash[..63],
                &format!("{hash}0"),
                "LPJNul+wow4m6DsqxbninhsWHlwfp0JecwQzYpOLmCQ=",
                "",
            ] {
                let (check, request) = declared(value);
                tries.add(format!("{value:?}"), &check, &request);
            }
        }
        "PL-12" => {
            let base = b2();
            let request = base
                .signed()
                .header("Content-Encoding", "gzip")
                .body("decompressed");
            return Some(one(&base.check, &request));
        }
        "PL-13" => {
            let mut base = b4();
            base.forge.payload = "UNSIGNED-PAYLOAD".into();
            return Some(one(&base.check, &base.signed()));
        }
        "PL-14" => {
            let mut base = b7();
            let hash = sha256_hex(b"right");
            base.forge.payload.clone_from(&hash);
            let mut parameters = base.forge.parameters("300");
            parameters.push(("X-Amz-Content-Sha256".into(), hash));
            let request = base.forge.query(&base.request, &parameters);
            assert_eq!(base.check.verify(&request.clone().body("right")), Ok(()));
            tries.add("", &base.check, &request.body("wrong"));
        }
        "PL-15" => {
            let mut base = b2();
            base.check.policy.limits.body = 10 * 1024 * 1024;
            let request = base
                .signed()
                .header("Content-Length", (50 * 1024 * 1024).to_string());
            tries.add("declared", &base.check, &request);
            let mut hasher = BodyHasher::new(10 * 1024 * 1024);
            let megabyte = vec![0; 1024 * 1024];
            let counted = (0..50).try_for_each(|_| hasher.update(&megabyte));
            tries.result("counted", counted);
        }
        "PL-16" => {
            assert_eq!(streamed(b"hello"), Ok(()));
            tries.result("other", streamed(b"hellO"));
            tries.result("shorter", streamed(b"hel"));
            tries.result("none", streamed(b""));
        }
        _ => return None,
    }
    Some(tries)
}
