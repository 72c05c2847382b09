//! Generated tricky requests on which botocore and AWS's C library agree: same canonical request, string to sign and
//! signature here; then verified, then refused after each of many changes.
//!
//! The project carries a part of them. `SIGV4_ORACLE=path/to/oracle.jsonl cargo test --test oracle` runs another set.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::unwrap_in_result,
    reason = "a test may panic"
)]

mod common;

use common::{Check, Request, credentials, date, signer, tampered};
use sigv4::{
    CanonicalRules, ContentSha256, Expires, PathRule, PayloadHash, PlusPolicy, TokenPlacement,
};
use test_vectors::OracleCase;

fn cases() -> Vec<OracleCase> {
    match std::env::var_os("SIGV4_ORACLE") {
        Some(path) => test_vectors::oracle_from(path),
        None => test_vectors::oracle(),
    }
}

#[test]
fn same_canonical_request_string_to_sign_and_signature() {
    let cases = cases();
    assert!(cases.len() >= 300, "{}", cases.len());
    for case in &cases {
        assert_case(case);
    }
    println!("{} oracle cases are equal", cases.len());
}

fn assert_case(case: &OracleCase) {
    let id = &case.id;
    let mut rules = CanonicalRules::for_service(&case.service);
    // Both oracles sign an S3 path as it is on the wire.
    rules.path = match (case.options.normalize, case.options.double_encode) {
        (true, true) => PathRule::SERVICE,
        (false, false) => PathRule::VERBATIM,
        other => panic!("{id}: {other:?}"),
    };
    rules.content_sha256 = if case.options.sha256_header {
        ContentSha256::Always
    } else {
        ContentSha256::IfPresent
    };
    // The generator writes a plus as `+`, and both oracles took the decoded pairs.
    rules.plus = PlusPolicy::Literal;
    // Neither oracle knows that IoT takes its token unsigned.
    rules.presigned_session_token = TokenPlacement::Signed;
    let mut request = Request::new(&case.method, &case.path, &case.query).body(case.body());
    for (name, value) in &case.headers {
        request = request.header(name, value.as_bytes());
    }
    // Nor does either name a payload in the query.
    rules.presign_unsigned_payload = case.options.payload == "unsigned";
    let payload = match case.options.payload.as_str() {
        "signed" => PayloadHash::of(&request.body),
        "unsigned" => PayloadHash::Unsigned,
        other => panic!("{id}: {other}"),
    };
    let now = date(&case.time);
    let credentials = credentials(&case.access_key, &case.secret, case.token.as_deref());
    let signer = signer(credentials, &case.region, &case.service, rules);
    let redacted = |text: &str| redact(text, case.token.as_deref());
    let mut check = Check::new(
        &case.region,
        &case.service,
        &case.access_key,
        &case.secret,
        case.token.as_deref(),
        now,
    );
    check.rules = rules;
    check.policy.plus = rules.plus;
    check.policy.refuse_case_variant_parameters = false;
    check.policy.accept_unsigned_payload = true;
    check.policy.require_content_sha256 = false;
    check.policy.presigned_is_unsigned_payload = payload == PayloadHash::Unsigned;

    let signed_headers = if case.mode == "header" {
        let output = request.with_head(|head| {
            let explanation = signer.explain(head, &payload, now).unwrap();
            assert_eq!(
                explanation.canonical_request(),
                redacted(&case.expect.canonical_request),
                "{id}"
            );
            assert_eq!(
                explanation.string_to_sign(),
                case.expect.string_to_sign,
                "{id}"
            );
            signer.sign(head, &payload, now).unwrap()
        });
        assert_eq!(output.signature(), case.expect.signature, "{id}");
        assert_eq!(
            Some(output.authorization()),
            case.expect.authorization.as_deref(),
            "{id}"
        );
        request.apply(&output);
        output.signed_headers().to_owned()
    } else {
        let expires = Expires::from_secs(case.expires.unwrap().try_into().unwrap()).unwrap();
        let presigned = request.with_head(|head| {
            let explanation = signer
                .explain_presign(head, &payload, expires, now)
                .unwrap();
            assert_eq!(
                explanation.canonical_request(),
                redacted(&case.expect.canonical_request),
                "{id}"
            );
            assert_eq!(
                explanation.string_to_sign(),
                case.expect.string_to_sign,
                "{id}"
            );
            signer.presign(head, &payload, expires, now).unwrap()
        });
        let signature = format!("X-Amz-Signature={}", case.expect.signature);
        assert!(presigned.query().contains(&signature), "{id}");
        request.query = presigned.query().into();
        presigned.signed_headers().to_owned()
    };

    if request.get("content-length").is_some() && request.get("transfer-encoding").is_some() {
        // Fit to be signed, but no server may take it (RFC 9112, section 6.1).
        assert_eq!(check.reason(&request), "http_400", "{id}");
        return;
    }
    assert_eq!(check.verify(&request), Ok(()), "{id}");
    let unsigned_body = payload == PayloadHash::Unsigned;
    for (change, changed) in tampered(&request, &signed_headers) {
        if change == "body" && unsigned_body {
            continue;
        }
        assert!(
            check.verify(&changed).is_err(),
            "{id}: accepted after a change of {change}"
        );
    }
}

fn redact(text: &str, token: Option<&str>) -> String {
    let secret = ["cookie:", "x-api-key:", "x-amz-security-token:"];
    let lines = text.split('\n').enumerate().map(|(number, line)| {
        if number == 2 && token.is_some() {
            let pairs = line.split('&').map(|pair| match pair.split_once('=') {
                Some((name @ "X-Amz-Security-Token", _)) => format!("{name}=(redacted)"),
                _ => pair.to_owned(),
            });
            return pairs.collect::<Vec<_>>().join("&");
        }
        match secret.iter().find(|name| line.starts_with(**name)) {
            Some(name) => format!("{name}(redacted)"),
            None => line.to_owned(),
        }
    });
    lines.collect::<Vec<_>>().join("\n")
}
