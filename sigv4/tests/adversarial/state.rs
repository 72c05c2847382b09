//! ST: what leaks, what is shared, what is configured.

use crate::bases::{ID, NOW, SECRET, b1, b3, b4, b6};
use crate::common::{Request, date};
use crate::{Tries, one};
use sigv4::{
    CredentialScope, Credentials, KeyLookup, KnownKey, PayloadHash, ReceivedBody, SecretAccessKey,
    SessionToken, Signer, SigningKey, Verifier, VerifyError,
};

/// A request with a wrong signature.
fn forged() -> Request {
    let mut request = b1().signed();
    let value = request.text("authorization");
    let (start, _) = value.split_once("Signature=").unwrap();
    request.set(
        "Authorization",
        format!("{start}Signature={}", "0".repeat(64)),
    );
    request
}

/// Whether a text has anything in it that must not leave the verifier.
fn assert_tells_nothing(text: &str) {
    let scope: CredentialScope = "20150830/us-east-1/service/aws4_request".parse().unwrap();
    let key = SigningKey::derive(&SecretAccessKey::new(SECRET).unwrap(), &scope);
    let derived: String = key
        .export()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let expected = b1()
        .signed()
        .text("authorization")
        .rsplit('=')
        .next()
        .unwrap()
        .to_owned();
    for secret in [SECRET, &derived, &expected, "TOKEN1"] {
        assert!(!text.contains(secret), "{text}");
    }
}

pub(crate) fn tries(id: &str) -> Option<Tries> {
    let mut tries = Tries::default();
    let base = b1();
    match id {
        "ST-02" => {
            let verifier = Verifier::new("us-east-1", "service").unwrap();
            let scope = "20150830/us-east-1/service/aws4_request".parse().unwrap();
            let key = SigningKey::derive(&SecretAccessKey::new(SECRET).unwrap(), &scope);
            let (good, bad) = (base.signed(), forged());
            let outcome = |request: &Request| {
                request.with_head(|head| {
                    let claim = verifier.claim(head, date(NOW))?;
                    claim
                        .verify(KeyLookup::Found(KnownKey::new(&key)), ReceivedBody::EMPTY)
                        .map(|_| ())
                })
            };
            std::thread::scope(|threads| {
                for thread in 0..8 {
                    let (good, bad) = (&good, &bad);
                    threads.spawn(move || {
                        for i in 0..1_250 {
                            let is_good = (i + thread) % 3 != 0;
                            let expected = if is_good {
                                Ok(())
                            } else {
                                Err(VerifyError::SignatureMismatch)
                            };
                            assert_eq!(outcome(if is_good { good } else { bad }), expected);
                        }
                    });
                }
            });
            return None;
        }
        "ST-04" => {
            let error = base.check.verify(&forged()).unwrap_err();
            assert_tells_nothing(&format!("{error} {error:?} {error:#?}"));
            tries.result("", Err(error));
        }
        "ST-05" => {
            let base = b3();
            let mut request = base.signed();
            request.set("X-Amz-Security-Token", "TOKEN1x");
            let error = base.check.verify(&request).unwrap_err();
            assert_tells_nothing(&format!("{error} {error:?}"));
            tries.result("", Err(error));
        }
        "ST-09" => {
            tries.add("first", &base.check, &base.signed());
            tries.add("again", &base.check, &base.signed());
        }
        "ST-11" => {
            let base = b6();
            let request = base.signed();
            let verifier = Verifier::new("us-east-1", "s3").unwrap();
            let result = request.with_head(|head| {
                let claim = verifier.claim(head, base.check.now)?;
                let key = SigningKey::derive(&SecretAccessKey::new(SECRET).unwrap(), claim.scope());
                let verified =
                    claim.verify(KeyLookup::Found(KnownKey::new(&key)), ReceivedBody::Unread)?;
                assert_eq!(verified.access_key_id(), ID);
                assert_eq!(
                    verified.scope().to_string(),
                    "20130524/us-east-1/s3/aws4_request"
                );
                assert_eq!(*verified.path(), *b"/examplebucket/test.txt");
                assert_eq!(verified.expires_at(), Some(date("20130525T000000Z")));
                assert_eq!(verified.signed_headers().as_str(), "host");
                assert!(!verified.payload_authenticated());
                Ok(())
            });
            tries.result("", result);
        }
        "ST-12" => return Some(one(&base.check, &forged())),
        "ST-15" => {
            let mut base = b4();
            base.check.policy.hosts = vec!["sts.us-east-1.amazonaws.com".into()];
            assert_eq!(base.check.verify(&base.signed()), Ok(()));
            for host in [
                "sts.evil.example",
                "sts.us-east-1.amazonaws.com.evil.com",
                "user@sts.us-east-1.amazonaws.com",
                "sts.us-east-1.amazonaws.com:8080",
            ] {
                base.request.set("Host", host);
                tries.add(host, &base.check, &base.signed());
            }
        }
        _ => return None,
    }
    Some(tries)
}

#[test]
fn concurrent_outcomes_equal_serial_ones() {
    assert!(tries("ST-02").is_none());
}

#[test]
fn debug_and_display_tell_nothing() {
    let credentials = Credentials::new(ID, SECRET)
        .unwrap()
        .with_session_token("TOKEN1")
        .unwrap();
    let token = SessionToken::new("TOKEN1").unwrap();
    let secret = SecretAccessKey::new(SECRET).unwrap();
    let scope: CredentialScope = "20150830/us-east-1/service/aws4_request".parse().unwrap();
    let date_key = secret.date_key(scope.date());
    let region_key = date_key.region_key("us-east-1").unwrap();
    let service_key = region_key.service_key("service").unwrap();
    let key = service_key.signing_key();
    assert_tells_nothing(&format!(
        "{credentials:?} {token:?} {secret:?} {date_key:?} {region_key:?} {service_key:?} {key:?} {:?}",
        KnownKey::new(&key)
    ));
    let signer = Signer::new(credentials, "us-east-1", "service").unwrap();
    let request = base_head();
    request.with_head(|head| {
        let output = signer.sign(head, &PayloadHash::EMPTY, date(NOW)).unwrap();
        let signature = output.signature().to_owned();
        let explanation = signer.explain(head, &PayloadHash::EMPTY, date(NOW)).unwrap();
        let expires = sigv4::Expires::MAX;
        let presigned = signer.presign(head, &PayloadHash::EMPTY, expires, date(NOW)).unwrap();
        let presign_explanation = signer.explain_presign(head, &PayloadHash::EMPTY, expires, date(NOW)).unwrap();
        let all = format!(
            "{signer:?} {output:?} {presigned:?} {explanation} {explanation:?} {presign_explanation} {head:?}"
        );
        assert_tells_nothing(&all);
        assert!(!all.contains(&signature) && !all.contains("X-Amz-Signature"));
    });
    let verifier = Verifier::new("us-east-1", "service").unwrap();
    let signed = b1().signed();
    signed.with_head(|head| {
        let claim = verifier.claim(head, date(NOW)).unwrap();
        assert_tells_nothing(&format!("{verifier:?} {claim:?}"));
        let verified = claim
            .verify(KeyLookup::Found(KnownKey::new(&key)), ReceivedBody::EMPTY)
            .unwrap();
        assert_tells_nothing(&format!("{verified:?}"));
    });
}

fn base_head() -> Request {
    Request::new("GET", "/", "").header("Host", "example.amazonaws.com")
}

#[test]
fn unknown_key_and_wrong_signature_read_the_same() {
    let (unknown, wrong) = (
        VerifyError::UnknownAccessKey,
        VerifyError::SignatureMismatch,
    );
    assert_eq!(unknown.to_string(), wrong.to_string());
    assert_eq!(unknown.aws_error_code(), wrong.aws_error_code());
    assert_ne!(unknown.reason(), wrong.reason());
}

#[test]
fn a_region_that_could_redirect_is_refused_when_configured() {
    for bad in ["x@attacker.com:443/#", "us-east-1/", "us-east-1\r\n", "a#b"] {
        let credentials = || Credentials::new(ID, SECRET).unwrap();
        assert!(Signer::new(credentials(), bad, "s3").is_err(), "{bad}");
        assert!(
            Signer::new(credentials(), "us-east-1", bad).is_err(),
            "{bad}"
        );
        assert!(Verifier::new(bad, "s3").is_err(), "{bad}");
    }
}
