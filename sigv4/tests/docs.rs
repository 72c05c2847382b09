//! The documented examples: requests, presigned requests, derived keys.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::unwrap_in_result,
    reason = "a test may panic"
)]

mod common;

use common::{Check, Request, credentials, date, signer, tampered};
use sigv4::{
    CanonicalRules, CredentialScope, Expires, PathEncoding, PathRule, PayloadHash, ReceivedBody,
    SecretAccessKey, SigningKey, TokenPlacement, VerifyError,
};
use test_vectors::{DocKind, DocVector};

/// The request without what the signer adds, and the rules that the vector names.
fn parts(vector: &DocVector) -> (Request, CanonicalRules) {
    let mut path = vector.path.as_str();
    let raw = path.contains('#');
    if raw {
        // Such a path cannot be on the wire: what was sent is its encoded form, which is what the vector signed.
        path = vector
            .expected
            .canonical_request
            .as_deref()
            .unwrap()
            .lines()
            .nth(1)
            .unwrap();
    }
    let mut request = Request::new(&vector.method, path, &vector.query);
    for (name, value) in &vector.headers {
        request = request.header(name, value.as_bytes());
    }
    let mut rules = CanonicalRules::for_service(&vector.service);
    let settings = vector
        .settings
        .as_ref()
        .expect("a request vector names its settings");
    let encoding = match (
        settings.double_encode,
        settings.path_for_canonical.is_some(),
    ) {
        _ if raw => PathEncoding::DecodeThenEncode,
        (true, _) => PathEncoding::Again,
        (false, true) => PathEncoding::DecodeThenEncode,
        (false, false) if vector.service.starts_with("s3") => PathEncoding::DecodeThenEncode,
        (false, false) => PathEncoding::Verbatim,
    };
    rules.path = PathRule::new(settings.normalize, encoding);
    rules.content_sha256 = sigv4::ContentSha256::IfPresent;
    (request, rules)
}

fn check(vector: &DocVector, rules: CanonicalRules, token: Option<&str>) -> Check {
    let now = date(&vector.timestamp);
    let mut check = Check::new(
        &vector.region,
        &vector.service,
        &vector.access_key_id,
        &vector.secret_access_key,
        token,
        now,
    );
    check.rules = rules;
    check.policy.accept_unsigned_payload = true;
    check.policy.accept_streaming_payload = true;
    check.policy.require_content_sha256 = false;
    check
}

/// The vectors have hashes and no bodies: a body of which only the hash is known is enough to verify.
fn verify(check: &Check, request: &Request, payload: PayloadHash) -> Result<(), VerifyError> {
    let verifier = sigv4::Verifier::new(&check.region, &check.service)
        .unwrap()
        .with_rules(check.rules)
        .with_policy(check.policy.clone());
    let token = check
        .token
        .as_deref()
        .map(|token| sigv4::SessionToken::new(token).unwrap());
    request.with_head(|head| {
        let claim = verifier.claim(head, check.now)?;
        let key = SigningKey::derive(
            &SecretAccessKey::new(check.secret.as_str()).unwrap(),
            claim.scope(),
        );
        let mut known = sigv4::KnownKey::new(&key);
        if let Some(token) = &token {
            known = known.with_session_token(token);
        }
        let body = match payload {
            PayloadHash::Sha256(hash) => ReceivedBody::Sha256(hash),
            _ => ReceivedBody::Unread,
        };
        claim
            .verify(sigv4::KeyLookup::Found(known), body)
            .map(|_| ())
    })
}

fn of_kind(kind: DocKind, count: usize) -> Vec<DocVector> {
    let vectors: Vec<_> = test_vectors::docs()
        .into_iter()
        .filter(|vector| vector.kind == kind)
        .collect();
    assert_eq!(vectors.len(), count);
    vectors
}

#[test]
fn requests_signed_in_a_header() {
    for vector in of_kind(DocKind::RequestHeader, 15) {
        let id = &vector.id;
        let (mut request, rules) = parts(&vector);
        let payload: PayloadHash = vector.payload_hash.parse().unwrap();
        let expected = &vector.expected;
        let header_token = request
            .get("x-amz-security-token")
            .map(|token| String::from_utf8(token.to_vec()).unwrap());
        let token = vector.session_token.clone().or(header_token);
        let mut check = check(&vector, rules, token.as_deref());

        let authorization = expected.authorization.clone().unwrap();
        if request.get("x-amz-date").is_none() {
            // The rule of 2011: Date is signed, and there is no X-Amz-Date. This is only ever verified, under its switch.
            request.set("authorization", authorization);
            assert_eq!(
                verify(&check, &request, payload),
                Err(VerifyError::BadDate),
                "{id}"
            );
            check.policy.accept_http_date = true;
        } else {
            let signer = signer(
                credentials(
                    &vector.access_key_id,
                    &vector.secret_access_key,
                    token.as_deref(),
                ),
                &vector.region,
                &vector.service,
                rules,
            );
            let output = request.with_head(|head| {
                let output = signer.sign(head, &payload, check.now).unwrap();
                let explanation = signer.explain(head, &payload, check.now).unwrap();
                let canonical = expected.canonical_request.clone().unwrap();
                let canonical = match &token {
                    Some(token) => canonical.replace(token.as_str(), "(redacted)"),
                    None => canonical,
                };
                assert_eq!(explanation.canonical_request(), canonical, "{id}");
                assert_eq!(
                    Some(explanation.string_to_sign()),
                    expected.string_to_sign.as_deref(),
                    "{id}"
                );
                output
            });
            assert_eq!(
                Some(output.signature()),
                expected.signature.as_deref(),
                "{id}"
            );
            assert_eq!(output.authorization(), authorization, "{id}");
            request.apply(&output);
        }
        assert_eq!(verify(&check, &request, payload), Ok(()), "{id}");
        let signed_headers = expected.signed_headers.as_deref().unwrap();
        for (change, changed) in tampered(&request, signed_headers)
            .into_iter()
            .filter(|(name, _)| name != "body")
        {
            assert!(
                verify(&check, &changed, payload).is_err(),
                "{id}: accepted after a change of {change}"
            );
        }
    }
}

#[test]
fn presigned_requests() {
    for vector in of_kind(DocKind::RequestQuery, 10) {
        let id = &vector.id;
        let (mut request, rules) = parts(&vector);
        let payload: PayloadHash = vector.payload_hash.parse().unwrap();
        let expected = &vector.expected;
        let token = vector.session_token.as_deref();
        let signer = signer(
            credentials(&vector.access_key_id, &vector.secret_access_key, token),
            &vector.region,
            &vector.service,
            rules,
        );
        let expires = Expires::from_secs(vector.expires.unwrap().try_into().unwrap()).unwrap();
        let check = check(&vector, rules, token);
        let presigned = request.with_head(|head| {
            let explanation = signer
                .explain_presign(head, &payload, expires, check.now)
                .unwrap();
            assert_eq!(
                Some(explanation.string_to_sign()),
                expected.string_to_sign.as_deref(),
                "{id}"
            );
            let canonical = expected.canonical_request.as_deref().unwrap();
            if token.is_none() {
                assert_eq!(explanation.canonical_request(), canonical, "{id}");
            }
            signer.presign(head, &payload, expires, check.now).unwrap()
        });
        let signature = format!("X-Amz-Signature={}", expected.signature.as_deref().unwrap());
        assert!(
            presigned.query().ends_with(&signature),
            "{id}: {}",
            presigned.query()
        );
        assert_eq!(
            Some(presigned.signed_headers()),
            expected.signed_headers.as_deref(),
            "{id}"
        );
        request.query = presigned.query().into();
        assert_eq!(verify(&check, &request, payload), Ok(()), "{id}");
        for (change, changed) in tampered(&request, presigned.signed_headers())
            .into_iter()
            .filter(|(name, _)| name != "body")
        {
            assert!(
                verify(&check, &changed, payload).is_err(),
                "{id}: accepted after a change of {change}"
            );
        }
    }
}

#[test]
fn derived_keys() {
    for vector in of_kind(DocKind::DerivedKey, 2) {
        let id = &vector.id;
        let secret = SecretAccessKey::new(vector.secret_access_key.as_str()).unwrap();
        let day = vector.date.as_deref().unwrap();
        let scope: CredentialScope =
            format!("{day}/{}/{}/aws4_request", vector.region, vector.service)
                .parse()
                .unwrap();
        let date_key = secret.date_key(scope.date());
        let region_key = date_key.region_key(scope.region()).unwrap();
        let service_key = region_key.service_key(scope.service()).unwrap();
        let signing_key = service_key.signing_key();
        let expected = &vector.expected;
        let steps = [
            (&expected.k_date, *date_key.export()),
            (&expected.k_region, *region_key.export()),
            (&expected.k_service, *service_key.export()),
            (&expected.k_signing, *signing_key.export()),
            (
                &expected.k_signing,
                *SigningKey::derive(&secret, &scope).export(),
            ),
        ];
        let mut compared = 0;
        for (expected, actual) in steps {
            if let Some(expected) = expected {
                let actual: String = actual.iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(actual, *expected, "{id}");
                compared += 1;
            }
        }
        assert!(compared >= 2, "{id}");

        // A key that was exported at any step goes on to the same signing key.
        let imported = [
            sigv4::DateKey::import(*date_key.export(), scope.date())
                .region_key(scope.region())
                .unwrap(),
            sigv4::RegionKey::import(*region_key.export(), scope.date(), scope.region()).unwrap(),
        ];
        for region_key in imported {
            let key = region_key
                .service_key(scope.service())
                .unwrap()
                .signing_key();
            assert_eq!(key.export(), signing_key.export(), "{id}");
        }
        let key = sigv4::ServiceKey::import(*service_key.export(), scope).signing_key();
        assert_eq!(key.export(), signing_key.export(), "{id}");
    }
}

#[test]
fn minio_java_sorts_by_name_only_and_passes_under_its_switch_only() {
    let vectors = of_kind(DocKind::InteropNonconformant, 1);
    let vector = &vectors[0];
    let mut request = Request::new(&vector.method, &vector.path, &vector.query);
    for (name, value) in &vector.headers {
        request = request.header(name, value.as_bytes());
    }
    let names: Vec<_> = vector
        .headers
        .iter()
        .map(|(name, _)| name.as_str())
        .collect();
    let now = date(&vector.timestamp);
    let authorization = |signature: &str| {
        let scope = format!(
            "{}/{}/{}/aws4_request",
            now.day(),
            vector.region,
            vector.service
        );
        format!(
            "AWS4-HMAC-SHA256 Credential={}/{scope}, SignedHeaders={}, Signature={signature}",
            vector.access_key_id,
            names.join(";")
        )
    };
    let mut check = Check::new(
        &vector.region,
        &vector.service,
        &vector.access_key_id,
        &vector.secret_access_key,
        None,
        now,
    );
    let by_name = authorization(vector.expected.signature.as_deref().unwrap());
    let by_value = authorization(
        vector
            .expected
            .signature_if_sorted_by_value
            .as_deref()
            .unwrap(),
    );

    request.set("authorization", by_value);
    assert_eq!(check.verify(&request), Ok(()));
    request.set("authorization", by_name);
    assert_eq!(check.verify(&request), Err(VerifyError::SignatureMismatch));
    check.policy.accept_query_sorted_by_name = true;
    assert_eq!(check.verify(&request), Ok(()));
}

#[test]
fn iot_adds_the_token_after_signing() {
    let rules = CanonicalRules::for_service("iotdevicegateway");
    assert_eq!(
        rules.presigned_session_token,
        TokenPlacement::AppendedUnsigned
    );
    let now = date("20150830T123600Z");
    let signer = |token| {
        signer(
            credentials("AKID", "secret", token),
            "us-east-1",
            "iotdevicegateway",
            rules,
        )
    };
    let mut request =
        Request::new("GET", "/mqtt", "").header("host", "x.iot.us-east-1.amazonaws.com");
    let expires = Expires::from_secs(60).unwrap();
    let query = |signer: &sigv4::Signer| {
        request.with_head(|head| {
            signer
                .presign(head, &PayloadHash::EMPTY, expires, now)
                .unwrap()
                .into_query()
        })
    };
    let (without, with) = (query(&signer(None)), query(&signer(Some("a+b/c="))));
    assert_eq!(with, format!("{without}&X-Amz-Security-Token=a%2Bb%2Fc%3D"));
    let check = Check::new(
        "us-east-1",
        "iotdevicegateway",
        "AKID",
        "secret",
        Some("a+b/c="),
        now,
    );
    request.query = with.into();
    assert_eq!(check.verify(&request), Ok(()));
}
