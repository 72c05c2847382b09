//! PA and PX: paths, queries, targets, other mechanisms.

use crate::bases::{Base, b1, b5, b6, b11};
use crate::common::Request;
use crate::common::naive::add_parameter;
use crate::{Tries, one};
use sigv4::RequestHead;

/// A base signed with one path and sent with another.
fn path(mut base: Base, signed: &str, sent: &str) -> (Base, Request) {
    base.request.path = signed.into();
    let mut request = base.signed();
    request.path = sent.into();
    (base, request)
}

fn paths(make: fn() -> Base, rows: &[(&str, &str)]) -> Tries {
    let mut tries = Tries::default();
    for (signed, sent) in rows {
        let (base, request) = path(make(), signed, sent);
        tries.add(format!("{signed} sent as {sent}"), &base.check, &request);
    }
    tries
}

/// Every request in which one spelling was signed and another sent.
fn swaps(make: fn() -> Base, spellings: &[&str]) -> Tries {
    let rows: Vec<_> = spellings
        .iter()
        .flat_map(|a| {
            spellings
                .iter()
                .filter(move |b| a != *b)
                .map(move |b| (*a, *b))
        })
        .collect();
    paths(make, &rows)
}

/// A presigned S3 GET signed with one query and sent with another.
fn queries(rows: &[(&str, &str)]) -> Tries {
    let mut tries = Tries::default();
    for (signed, sent) in rows {
        let mut base = b6();
        base.request.query = signed.as_bytes().to_vec();
        let mut request = base.signed();
        let rest = request.query[signed.len()..].to_vec();
        request.query = [sent.as_bytes(), &rest].concat();
        tries.add(format!("{signed} sent as {sent}"), &base.check, &request);
    }
    tries
}

fn target(method: &str, target: &str) -> Tries {
    let base = b1();
    let mut tries = Tries::default();
    let head = RequestHead::from_target(method, target.as_bytes(), &[]);
    tries.result("as a target", head.map(|_| ()).map_err(Into::into));
    let mut request = base.signed();
    (request.method, request.path) = (method.into(), target.into());
    tries.add("as a path", &base.check, &request);
    tries
}

pub(crate) fn tries(id: &str) -> Option<Tries> {
    let get = "/examplebucket/test.txt";
    let same = |text: &str| paths(b5, &[(text, text)]);
    Some(match id {
        "PA-02" => {
            let mut tries = same("/examplebucket/../secret/key");
            let (base, request) = path(b5(), "/examplebucket/../secret/key", "/secret/key");
            assert_eq!(
                base.check.reason(&request),
                "mismatch",
                "the cleaned path is another path"
            );
            request.with_head(|head| assert_eq!(head.path(), b"/secret/key"));
            tries.add("again", &base.check, &base.signed());
            tries
        }
        "PA-03" => same("/examplebucket//a"),
        "PA-04" => paths(
            b5,
            &[
                ("/examplebucket//a", "/examplebucket/a"),
                ("/examplebucket/a", "/examplebucket//a"),
            ],
        ),
        "PA-05" => paths(
            b11,
            &[
                ("//prod//pets", "//prod//pets"),
                ("/prod/pets", "//prod//pets"),
            ],
        ),
        "PA-06" => swaps(b5, &["/examplebucket/a%2Fb", "/examplebucket/a/b"]),
        "PA-07" => swaps(b5, &["/examplebucket/a%2fb", "/examplebucket/a%2Fb"]),
        "PA-08" => swaps(b5, &["/examplebucket/%61", "/examplebucket/a"]),
        "PA-09" => {
            // A raw `+` is not even accepted where it was signed: S3 and its clients read it differently.
            let (plus, space, encoded) = (
                "/examplebucket/a+b",
                "/examplebucket/a%20b",
                "/examplebucket/a%2Bb",
            );
            let mut tries = swaps(b5, &[space, encoded]);
            tries.0.extend(
                paths(
                    b5,
                    &[(plus, plus), (plus, space), (space, plus), (encoded, plus)],
                )
                .0,
            );
            let (mut base, request) = path(b5(), plus, plus);
            base.check.policy.accept_plus_in_path = true;
            assert_eq!(base.check.verify(&request), Ok(()), "under its switch");
            for (signed, sent) in [(plus, space), (space, plus)] {
                let (mut base, request) = path(b5(), signed, sent);
                base.check.policy.accept_plus_in_path = true;
                assert_eq!(
                    base.check.reason(&request),
                    "mismatch",
                    "under its switch too"
                );
            }
            tries
        }
        "PA-10" => queries(&[("q=a%20b", "q=a+b")]),
        "PA-11" => queries(&[("q=a%2Bb", "q=a+b")]),
        "PA-13" => {
            let mut tries = Tries::default();
            for bad in ["%zz", "%", "%4"] {
                let mut base = b6();
                add_parameter(&mut base.request, "q", bad);
                tries.add(bad, &base.check, &base.signed());
            }
            tries
        }
        "PA-15" => swaps(b5, &["/examplebucket/%FF", "/examplebucket/%FE"]),
        "PA-16" => swaps(b5, &["/examplebucket/%EF%BF%BD", "/examplebucket/%FF"]),
        "PA-17" => swaps(b5, &["/examplebucket/%C3%A9", "/examplebucket/e%CC%81"]),
        "PA-18" => paths(
            b5,
            &[
                (get, "/examplebucket/test.txt%00"),
                ("/examplebucket/a%00", "/examplebucket/a"),
            ],
        ),
        "PA-20" => {
            let mut base = b5();
            base.request.query = b"acl".to_vec();
            let mut tries = one(&base.check, &base.signed());
            let mut request = base.signed();
            request.query = b"acl=".to_vec();
            tries.add("sent with its =", &base.check, &request);
            tries
        }
        "PA-22" => queries(&[("a=2&a=1", "a=1&a=2"), ("a=2&a=1", "a=2&a=1")]),
        "PA-23" => {
            let rows = [
                "a%2Fb=1&a-b=2",
                "a-b=2&a%2Fb=1",
                "%C3%A9=1&z=2",
                "z=2&%C3%A9=1",
            ];
            queries(&rows.map(|query| (query, query)))
        }
        "PA-24" => queries(&[("A=1&a=2", "A=1&a=2")]),
        "PA-26" => target("GET", "/#x"),
        "PA-27" => {
            let mut tries = target("OPTIONS", "*");
            tries.0.extend(target("CONNECT", "host:443").0);
            tries
        }
        "PA-28" => {
            let mut base = b1();
            base.request.path = Vec::new();
            base.request.query = b"a=1".to_vec();
            one(&base.check, &base.signed())
        }
        "PA-29" => {
            let base = b1();
            let mut request = base.signed();
            request.method = "get".into();
            one(&base.check, &request)
        }
        "PA-30" => {
            let base = b1();
            one(
                &base.check,
                &base.signed().header("X-HTTP-Method-Override", "DELETE"),
            )
        }
        "PX-12" => {
            let base = b5();
            let mut request = base.request.clone();
            request.set(
                "Authorization",
                "AWS AKIDEXAMPLE:frJIUN8DYpKDtOLCwo//yllqDzg=",
            );
            let mut tries = one(&base.check, &request);
            let mut request = base.request.clone();
            request.query = b"AWSAccessKeyId=AKIDEXAMPLE&Expires=9999999999&Signature=x".to_vec();
            tries.add("presigned", &base.check, &request);
            tries
        }
        "PX-13" => {
            let base = b6();
            let mut request = base.signed();
            request
                .query
                .extend_from_slice(b"&Signature=x&Expires=9999999999&AWSAccessKeyId=y");
            one(&base.check, &request)
        }
        "PX-16" => {
            let base = b11();
            let mut request = base.signed();
            let value = request
                .text("authorization")
                .replace("Signature=", "Signature=0");
            request.set("Authorization", &value[..value.len() - 1]);
            one(&base.check, &request)
        }
        _ => return None,
    })
}
