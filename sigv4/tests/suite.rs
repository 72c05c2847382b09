//! AWS's official suite: 38 cases, each in header and in query form, asserted at four stages, then verified, then
//! refused after each of many changes.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::unwrap_in_result,
    reason = "a test may panic"
)]

mod common;

use common::{Check, Request, credentials, date, signer, tampered};
use sigv4::{
    CanonicalRules, ContentSha256, Expires, PathEncoding, PathRule, PayloadHash, TokenPlacement,
};
use test_vectors::SuiteCase;

fn request(case: &SuiteCase) -> Request {
    let mut request = Request::new(
        &case.request.method,
        &case.request.path,
        &case.request.query,
    );
    for (name, value) in &case.request.headers {
        request = request.header(name, value.as_bytes());
    }
    request.body(case.request.body.as_bytes())
}

fn rules(case: &SuiteCase) -> CanonicalRules {
    let mut rules = CanonicalRules::SERVICE;
    // The suite's paths are not encoded yet, so the one encoding that they get is the wire's.
    rules.path = PathRule::new(case.normalize, PathEncoding::Again);
    if case.omit_session_token {
        rules.session_token = TokenPlacement::AppendedUnsigned;
        rules.presigned_session_token = TokenPlacement::AppendedUnsigned;
    }
    rules
}

fn check(case: &SuiteCase, rules: CanonicalRules) -> Check {
    let mut check = Check::new(
        &case.region,
        &case.service,
        &case.access_key_id,
        &case.secret_access_key,
        case.session_token.as_deref(),
        date(&case.timestamp),
    );
    check.rules = rules;
    check
}

fn assert_all_refused(name: &str, check: &Check, request: &Request, signed_headers: &str) {
    let changes = tampered(request, signed_headers);
    assert!(changes.len() >= 5, "{name}");
    for (change, changed) in changes {
        assert!(
            check.verify(&changed).is_err(),
            "{name}: accepted after a change of {change}"
        );
    }
}

#[test]
fn header_form() {
    let cases = test_vectors::suite();
    assert_eq!(cases.len(), 38);
    for case in cases {
        let name = &case.name;
        let mut rules = rules(&case);
        if case.signed_body_header {
            rules.content_sha256 = ContentSha256::Always;
        }
        let mut request = request(&case);
        let payload = PayloadHash::of(&request.body);
        let token = case.session_token.as_deref();
        let signer = signer(
            credentials(&case.access_key_id, &case.secret_access_key, token),
            &case.region,
            &case.service,
            rules,
        );
        let now = date(&case.timestamp);
        let (output, explanation) = request.with_head(|head| {
            let output = signer.sign(head, &payload, now).unwrap();
            (output, signer.explain(head, &payload, now).unwrap())
        });

        let redacted = |text: &str| match token {
            Some(token) => text.replace(token, "(redacted)"),
            None => text.to_owned(),
        };
        assert_eq!(
            explanation.canonical_request(),
            redacted(&case.header.canonical_request),
            "{name}"
        );
        assert_eq!(
            explanation.string_to_sign(),
            case.header.string_to_sign,
            "{name}"
        );
        assert_eq!(output.signature(), case.header.signature, "{name}");
        assert_eq!(output.authorization(), case.header.authorization, "{name}");
        assert_eq!(
            output.signed_headers(),
            case.header.signed_headers,
            "{name}"
        );
        let signed_headers = output.signed_headers().to_owned();
        request.apply(&output);
        let sorted = |mut headers: Vec<(String, Vec<u8>)>| {
            headers
                .iter_mut()
                .for_each(|(name, _)| name.make_ascii_lowercase());
            headers.sort();
            headers
        };
        let expected = case
            .header
            .signed_request_headers
            .iter()
            .map(|(n, v)| (n.clone(), v.clone().into_bytes()));
        assert_eq!(
            sorted(request.headers.clone()),
            sorted(expected.collect()),
            "{name}: the signed request"
        );

        let check = check(&case, rules);
        assert_eq!(check.verify(&request), Ok(()), "{name}");
        assert_all_refused(name, &check, &request, &signed_headers);
    }
}

#[test]
fn query_form() {
    let cases = test_vectors::suite();
    assert_eq!(cases.len(), 38);
    for case in cases {
        let name = &case.name;
        let rules = rules(&case);
        let mut request = request(&case);
        request.remove("x-amz-date");
        let payload = PayloadHash::of(&request.body);
        let token = case.session_token.as_deref();
        let signer = signer(
            credentials(&case.access_key_id, &case.secret_access_key, token),
            &case.region,
            &case.service,
            rules,
        );
        let expires = Expires::from_secs(case.expires.try_into().unwrap()).unwrap();
        let now = date(&case.timestamp);
        let (presigned, explanation) = request.with_head(|head| {
            let presigned = signer.presign(head, &payload, expires, now).unwrap();
            (
                presigned,
                signer
                    .explain_presign(head, &payload, expires, now)
                    .unwrap(),
            )
        });

        let redacted = |text: &str| {
            let mut lines: Vec<_> = text.split('\n').map(str::to_owned).collect();
            let pairs = lines[2].split('&').map(|pair| match pair.split_once('=') {
                Some((name @ "X-Amz-Security-Token", _)) => format!("{name}=(redacted)"),
                _ => pair.to_owned(),
            });
            lines[2] = pairs.collect::<Vec<_>>().join("&");
            lines.join("\n")
        };
        assert_eq!(
            explanation.canonical_request(),
            redacted(&case.query.canonical_request),
            "{name}"
        );
        assert_eq!(
            explanation.string_to_sign(),
            case.query.string_to_sign,
            "{name}"
        );
        let (path, query) = case.query.signed_target.split_once('?').unwrap();
        assert!(
            query.contains(&format!("X-Amz-Signature={}", case.query.signature)),
            "{name}"
        );
        let set = |query: &str| {
            let mut pairs: Vec<_> = query.split('&').map(str::to_owned).collect();
            pairs.sort();
            pairs
        };
        assert_eq!(
            path.as_bytes(),
            request.path,
            "{name}: a presigned request keeps its path"
        );
        let ascii = |text: &str| {
            text.bytes()
                .map(|b| match b {
                    0x21..=0x7e => char::from(b).to_string(),
                    _ => format!("%{b:02X}"),
                })
                .collect::<String>()
        };
        assert_eq!(
            set(presigned.query()),
            set(&ascii(query)),
            "{name}: the signed request"
        );
        request.query = presigned.query().into();

        let check = check(&case, rules);
        assert_eq!(check.verify(&request), Ok(()), "{name}");
        assert_all_refused(name, &check, &request, presigned.signed_headers());
    }
}
