//! Verifies a request that is made to cost: so many headers, signed names, dots, pairs or escapes.
//!
//! usage: attack headers|names|dots|pairs|escapes|same COUNT, and "limited" for the limits that are there by default
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a benchmark may panic"
)]

use std::hint::black_box;

use sigv4::{AmzDate, Header, KeyLookup, ReceivedBody, RequestHead, Verifier, VerifyPolicy};

const TIMES: usize = 20;

fn main() {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let (what, count) = (words[0].as_str(), words[1].parse::<usize>().unwrap());
    let limited = words.get(2).is_some();
    let mut headers: Vec<(String, String)> = vec![
        ("host".into(), "h.example".into()),
        ("x-amz-date".into(), "20261121T123600Z".into()),
    ];
    let (mut path, mut query, mut names) = (
        "/".to_owned(),
        String::new(),
        String::from("host;x-amz-date"),
    );
    match what {
        "headers" => headers.extend((0..count).map(|n| (format!("x-{n:06}"), "v".to_owned()))),
        "same" => headers.extend((0..count).map(|_| ("x-same".to_owned(), "v".to_owned()))),
        "names" => names = (0..count).map(|n| format!("a{n:06};")).collect::<String>() + &names,
        "dots" => path = "/a/..".repeat(count),
        "pairs" => {
            query = (0..count)
                .map(|n| format!("k{}=v&", (n * 7919) % count))
                .collect();
        }
        "escapes" => path = format!("/{}", "%41".repeat(count)),
        other => panic!("{other}"),
    }
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20261121/us-east-1/execute-api/aws4_request, SignedHeaders={names}, Signature={}",
        "0".repeat(64)
    );
    headers.push(("authorization".into(), authorization));
    let headers: Vec<_> = headers
        .iter()
        .map(|(name, value)| Header::new(name, value.as_bytes()))
        .collect();
    let head = RequestHead::new("GET", path.as_bytes(), query.as_bytes(), &headers);
    let mut policy = VerifyPolicy::for_service("execute-api");
    if !limited {
        policy.limits.path = usize::MAX;
        policy.limits.query = usize::MAX;
        policy.limits.query_parameters = usize::MAX;
        policy.limits.headers = usize::MAX;
        policy.limits.header_bytes = usize::MAX;
    }
    let verifier = Verifier::new("us-east-1", "execute-api")
        .unwrap()
        .with_policy(policy);
    let now: AmzDate = "20261121T123600Z".parse().unwrap();
    for _ in 0..TIMES {
        let outcome = verifier.claim(black_box(&head), now);
        let refused = match outcome {
            Ok(claim) => claim
                .verify(KeyLookup::Unknown, ReceivedBody::EMPTY)
                .is_err(),
            Err(_) => true,
        };
        assert!(black_box(refused));
    }
}
