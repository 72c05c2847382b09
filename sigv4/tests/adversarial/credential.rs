//! CR: the credential, its scope, its key and its token.

use crate::bases::{Base, ID, NOW, SECRET, b1, b3, b4};
use crate::common::date;
use crate::common::naive::{add_parameter, encode};
use crate::{Tries, one};
use sigv4::{
    CredentialScope, KeyCache, KeyLookup, KnownKey, ReceivedBody, SecretAccessKey, SessionToken,
    SigningKey, Verifier,
};

/// B1 with another scope in the credential and in the string to sign, signed with the key of its parts.
fn scoped(scope: &str) -> Base {
    let mut base = b1();
    base.forge.scope = scope.into();
    let mut parts = scope.split('/').map(str::to_owned);
    base.forge.key = [(); 3].map(|()| parts.next().unwrap_or_default());
    base
}

fn try_scope(scope: &str) -> Tries {
    let base = scoped(scope);
    one(&base.check, &base.signed())
}

/// The same request, presigned: there a scope can hold any byte.
fn presigned_scope(tries: &mut Tries, name: &str, scope: &str) {
    let mut base = scoped(scope);
    base.request.remove("x-amz-date");
    base.forge.names = "host".into();
    let mut parameters = base.forge.parameters("60");
    parameters[1].1 = encode(base.forge.credential().as_bytes());
    tries.add(
        format!("presigned: {name}"),
        &base.check,
        &base.forge.query(&base.request, &parameters),
    );
}

fn with_id(id: &str) -> Tries {
    let mut base = b1();
    base.forge.access_key_id = id.into();
    one(&base.check, &base.signed())
}

/// Verifies B1 with whatever the look-up gives.
fn looked_up(key: KeyLookup<'_>) -> Result<(), sigv4::VerifyError> {
    let verifier = Verifier::new("us-east-1", "service").unwrap();
    b1().signed().with_head(|head| {
        let claim = verifier.claim(head, date(NOW))?;
        claim.verify(key, ReceivedBody::EMPTY).map(|_| ())
    })
}

pub(crate) fn tries(id: &str) -> Option<Tries> {
    let mut tries = Tries::default();
    match id {
        "CR-01" => return Some(try_scope("20150830/us-east-1/service")),
        "CR-02" => return Some(try_scope("20150830/us-east-1/service/extra/aws4_request")),
        "CR-03" => return Some(with_id("a/b")),
        "CR-04" => {
            tries = with_id("");
            let mut base = b1();
            base.forge.access_key_id = " ".into();
            let mut request = base.signed();
            let value = request
                .text("authorization")
                .replace("Credential= /", "Credential=/");
            request.set("Authorization", value);
            tries.add("no id at all", &base.check, &request);
        }
        "CR-06" => return Some(try_scope("20150830/us-west-2/service/aws4_request")),
        "CR-07" => return Some(try_scope("20150830/us-east-1/iam/aws4_request")),
        "CR-09" => {
            let base = scoped("20150829/us-west-2/iam/aws5_request");
            let error = base.check.verify(&base.signed()).unwrap_err();
            let text = error.to_string();
            for part in ["region", "service", "terminator", "date"] {
                assert!(text.contains(part), "{text}");
            }
            tries.result("all at once", Err(error));
        }
        "CR-10" => return Some(try_scope("20150830/US-EAST-1/service/aws4_request")),
        "CR-11" => {
            for (name, region) in [
                ("line break", "us-east-1\nservice".to_owned()),
                ("escaped line break", "us-east-1%0A".to_owned()),
                ("NUL", "us-east-1\0".to_owned()),
                ("1 MiB", "a".repeat(1 << 20)),
            ] {
                let scope = format!("20150830/{region}/service/aws4_request");
                if region.len() < 100 {
                    presigned_scope(&mut tries, name, &scope);
                }
                let base = scoped(&scope);
                if name != "1 MiB" {
                    tries.add(name, &base.check, &base.signed());
                } else {
                    let mut check = base.check.clone();
                    check.policy.limits.header_bytes = usize::MAX;
                    tries.add(name, &check, &base.signed());
                    assert_eq!(
                        base.check.reason(&base.signed()),
                        "too_large",
                        "without the limit it is the scope"
                    );
                }
            }
        }
        "CR-12" => return Some(with_id("AKIDUNKNOWN")),
        "CR-15" => tries.result("", looked_up(KeyLookup::Failed)),
        "CR-16" => tries.result("", looked_up(KeyLookup::Unknown)),
        "CR-17" => {
            let mut base = b3();
            base.request.remove("x-amz-security-token");
            base.forge.names = "host;x-amz-date".into();
            return Some(one(&base.check, &base.signed()));
        }
        "CR-18" => {
            let mut base = b3();
            base.request.set("X-Amz-Security-Token", "TOKEN2");
            base.forge.names = "host;x-amz-date".into();
            tries.add("unsigned", &base.check, &base.signed());
            let mut lenient = base.check.clone();
            lenient
                .policy
                .accept_unsigned_headers
                .push("x-amz-security-token".into());
            tries.add(
                "unsigned, where that is tolerated",
                &lenient,
                &base.signed(),
            );
            base.forge.names = "host;x-amz-date;x-amz-security-token".into();
            tries.add("signed", &base.check, &base.signed());
        }
        "CR-20" => {
            let token = SessionToken::new("TOKEN1").unwrap();
            let expiry = date("20150830T130000Z");
            let lookup = |now: &str| {
                let mut base = b3();
                base.request.set("X-Amz-Date", now);
                base.forge.date = now.into();
                let verifier = Verifier::new("us-east-1", "service").unwrap();
                base.signed().with_head(|head| {
                    let claim = verifier.claim(head, date(now)).unwrap();
                    let key =
                        SigningKey::derive(&SecretAccessKey::new(SECRET).unwrap(), claim.scope());
                    let known = KnownKey::new(&key)
                        .with_session_token(&token)
                        .with_expiry(expiry);
                    claim
                        .verify(KeyLookup::Found(known), ReceivedBody::EMPTY)
                        .map(|_| ())
                })
            };
            assert_eq!(lookup("20150830T130000Z"), Ok(()), "the last moment");
            tries.result("", lookup("20150830T130001Z"));
        }
        "CR-22" => {
            let mut base = b3();
            add_parameter(&mut base.request, "X-Amz-Security-Token", "TOKEN1");
            tries.add("header signature", &base.check, &base.signed());
            let mut base = b4();
            base.check.token = Some("TOKEN1".into());
            base.request.set("X-Amz-Security-Token", "TOKEN1");
            base.forge.names = "host;x-amz-security-token;x-k8s-aws-id".into();
            let mut parameters = base.forge.parameters("60");
            parameters.push(("X-Amz-Security-Token".into(), "TOKEN1".into()));
            tries.add(
                "presigned",
                &base.check,
                &base.forge.query(&base.request, &parameters),
            );
        }
        "CR-23" => {
            for other in ["akidexample", "АKIDEXAMPLE"] {
                let mut base = b1();
                base.forge.access_key_id = other.into();
                tries.add(other, &base.check, &base.signed());
            }
            let mut base = b4();
            base.forge.access_key_id = format!("{ID} ");
            tries.add("trailing space", &base.check, &base.signed());
        }
        "CR-25" => {
            for scope in [
                "20150829/us-east-1/service/aws4_request",
                "20150830/us-west-2/service/aws4_request",
                "20150830/us-east-1/iam/aws4_request",
            ] {
                let scope: CredentialScope = scope.parse().unwrap();
                let wrong = SigningKey::derive(&SecretAccessKey::new(SECRET).unwrap(), &scope);
                let result = looked_up(KeyLookup::Found(KnownKey::new(&wrong)));
                tries.result(scope.to_string(), result);
            }
        }
        "CR-26" => {
            let mut cache = KeyCache::new(8);
            let scope: CredentialScope = "20150830/us-east-1/service/aws4_request".parse().unwrap();
            let old = SecretAccessKey::new(SECRET).unwrap();
            cache.get_or_derive(ID, &old, &scope);
            let new = SecretAccessKey::new("rotated").unwrap();
            let key = cache.get_or_derive(ID, &new, &scope);
            tries.result("", looked_up(KeyLookup::Found(KnownKey::new(&key))));
        }
        _ => return None,
    }
    Some(tries)
}
