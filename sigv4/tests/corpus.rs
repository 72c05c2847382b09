//! Requests of real clients, from the bytes that went over the wire: accepted at their own time, refused once they are
//! changed to mean another request.
//!
//! A client that does what the strict default refuses passes only under a named switch; `switches` is the list.
//! The project carries a part. `SIGV4_CORPUS=path/to/corpus.jsonl cargo test --test corpus` runs another set.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::unwrap_in_result,
    reason = "a test may panic"
)]

mod common;

use std::collections::BTreeMap;

use common::corpus::{request, unix_seconds};
use common::{Check, Request, tampered};
use sigv4::VerifyPolicy;
use test_vectors::CorpusCase;

fn cases() -> Vec<CorpusCase> {
    let all = match std::env::var_os("SIGV4_CORPUS") {
        Some(path) => test_vectors::corpus_from(path),
        None => test_vectors::corpus(),
    };
    // SigV4a and aws-chunked bodies have their own tests.
    all.into_iter()
        .filter(|case| case.region != "*" && case.check.chunked.is_none())
        .collect()
}

type Switch = (&'static str, fn(&mut VerifyPolicy));

/// Every switch that some real client needs.
const SWITCHES: [Switch; 12] = [
    ("accept_unsigned_payload", |policy| {
        policy.accept_unsigned_payload = true;
    }),
    ("accept_path_as_sent", |policy| {
        policy.accept_path_as_sent = true;
    }),
    ("accept_plus_in_path", |policy| {
        policy.accept_plus_in_path = true;
    }),
    ("accept_encoded_slash_as_slash", |policy| {
        policy.accept_encoded_slash_as_slash = true;
    }),
    ("accept_empty_expect", |policy| {
        policy.accept_empty_expect = true;
    }),
    ("require_content_sha256 = false", |policy| {
        policy.require_content_sha256 = false;
    }),
    ("accept_unsigned_headers", |policy| {
        let names = [
            "x-amz-security-token",
            "x-amz-meta-zed",
            "x-amz-meta-note",
            "x-amz-target",
        ];
        policy.accept_unsigned_headers = names.map(Into::into).into();
    }),
    ("accept_unsorted_signed_headers", |policy| {
        policy.accept_unsorted_signed_headers = true;
    }),
    ("plus = Literal", |policy| {
        policy.plus = sigv4::PlusPolicy::Literal;
    }),
    ("plus = Space", |policy| {
        policy.plus = sigv4::PlusPolicy::Space;
    }),
    ("accept_http_date", |policy| policy.accept_http_date = true),
    ("accept_missing_expires", |policy| {
        policy.accept_missing_expires = true;
    }),
];

/// The smallest set of switches under which a request is accepted: none, one, or two.
fn needed(check: &Check, request: &Request) -> Option<Vec<Switch>> {
    let none = std::iter::once(Vec::new());
    let one = SWITCHES.into_iter().map(|switch| vec![switch]);
    let two = SWITCHES
        .into_iter()
        .flat_map(|a| SWITCHES.into_iter().map(move |b| vec![a, b]));
    none.chain(one)
        .chain(two)
        .find(|switches| with(check, switches).verify(request).is_ok())
}

fn with(check: &Check, switches: &[Switch]) -> Check {
    let mut check = check.clone();
    for (_, switch) in switches {
        switch(&mut check.policy);
    }
    check
}

#[test]
fn real_clients_are_accepted_and_their_tampered_twins_refused() {
    let mut counts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let (mut accepted, mut changes) = (0, 0);
    for case in cases().iter().filter(|case| case.check.flag == "ok") {
        let id = format!("{} {}", case.client, case.shape);
        let request = request(case);
        let now = unix_seconds(case);
        // A client that was given a token and did not send it signed as for long-term credentials.
        let sent = request.get("x-amz-security-token").is_some()
            || request
                .query
                .windows(20)
                .any(|w| w == b"X-Amz-Security-Token");
        let token = case.token.as_deref().filter(|_| sent);
        let check = Check::new(
            &case.region,
            &case.service,
            &case.access_key,
            &case.secret,
            token,
            now,
        );
        let Some(switches) = needed(&check, &request) else {
            panic!(
                "{id}: refused as {:?}; notes: {:?}",
                check.verify(&request),
                case.check.notes
            );
        };
        let names: Vec<_> = switches.iter().map(|(name, _)| *name).collect();
        counts
            .entry(names.join(" + "))
            .or_default()
            .push(id.clone());
        accepted += 1;

        let check = with(&check, &switches);
        let signed = signed_headers(&request);
        let unsigned_body = case.service == "s3" && is_unsigned(&request);
        for (change, changed) in tampered(&request, &signed) {
            let means_the_same = (change == "body" && unsigned_body)
                // An absent Expect is put back, whatever it was.
                || (change == "no header expect" && (check.policy.restore_expect || check.policy.accept_empty_expect));
            if !means_the_same {
                assert!(
                    check.verify(&changed).is_err(),
                    "{id}: accepted after a change of {change}"
                );
                changes += 1;
            }
        }
    }
    for (switches, ids) in &counts {
        let examples: Vec<_> = ids.iter().take(3).collect();
        println!("{:5}  {switches:?}  {examples:?}", ids.len());
    }
    assert!(
        accepted >= 150 && changes >= 1_000,
        "{accepted} requests, {changes} changes"
    );
    let strict = counts.get("").map_or(0, Vec::len);
    assert!(
        strict * 100 >= accepted * 80,
        "only {strict} of {accepted} pass under the strict default"
    );
}

#[test]
fn wrong_clients_are_refused() {
    let mut refused = 0;
    for case in cases()
        .iter()
        .filter(|case| case.check.flag == "client-wrong")
    {
        let check = Check::new(
            &case.region,
            &case.service,
            &case.access_key,
            &case.secret,
            case.token.as_deref(),
            unix_seconds(case),
        );
        assert!(
            check.verify(&request(case)).is_err(),
            "{} {}",
            case.client,
            case.shape
        );
        refused += 1;
    }
    assert!(refused >= 20, "{refused}");
}

fn is_unsigned(request: &Request) -> bool {
    let query = String::from_utf8_lossy(&request.query);
    let parameter = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("X-Amz-Content-Sha256="));
    match (parameter, request.get("x-amz-content-sha256")) {
        (Some(value), _) => value == "UNSIGNED-PAYLOAD",
        (None, Some(value)) => value == b"UNSIGNED-PAYLOAD",
        (None, None) => query.contains("X-Amz-Signature"),
    }
}

fn signed_headers(request: &Request) -> String {
    let authorization = request.text("authorization");
    if let Some((_, rest)) = authorization.split_once("SignedHeaders=") {
        return rest.split(',').next().unwrap().trim().to_owned();
    }
    let query = String::from_utf8(request.query.clone()).unwrap();
    let value = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("X-Amz-SignedHeaders="))
        .unwrap();
    value.replace("%3B", ";").replace("%3b", ";")
}
