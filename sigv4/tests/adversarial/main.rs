//! Ways to attack or confuse a verifier: every line of the list, with its verdict and reason.
//!
//! `test-vectors/adversarial.json` names the base request, the mutation, the expected verdict and the reason. Here
//! each id has its requests. Where the verifier answers otherwise, `test-vectors/adversarial-exceptions.json` says what
//! and why; an id that is neither here nor there fails.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::unwrap_in_result,
    reason = "a test may panic"
)]

#[path = "../common/mod.rs"]
mod common;

#[cfg(feature = "answers")]
mod answers;
mod authorization;
mod bases;
#[cfg(feature = "checksums")]
mod chunks;
mod credential;
mod date;
mod limits;
mod path_and_query;
mod payload;
mod presigned;
mod signed_headers;
mod state;

use std::collections::{BTreeMap, BTreeSet};

#[cfg(feature = "checksums")]
use bases::Base;
use common::{Check, Request};
use sigv4::VerifyError;

/// One request of a case: who verifies it, and what comes of it.
pub(crate) struct Try {
    pub(crate) name: String,
    pub(crate) result: Result<(), VerifyError>,
    /// What the services of each family answer to a refusal: family, status, code.
    #[cfg(feature = "answers")]
    pub(crate) answers: Vec<(&'static str, u16, &'static str)>,
}

impl Try {
    fn new(name: impl Into<String>, result: Result<(), VerifyError>) -> Self {
        Self {
            name: name.into(),
            result,
            #[cfg(feature = "answers")]
            answers: Vec::new(),
        }
    }
}

/// All requests of a case.
#[derive(Default)]
pub(crate) struct Tries(Vec<Try>);

impl Tries {
    pub(crate) fn add(&mut self, name: impl Into<String>, check: &Check, request: &Request) {
        self.made(name, check.verify(request), check, request);
    }

    /// A request whose body is aws-chunked.
    #[cfg(feature = "checksums")]
    pub(crate) fn add_chunked(&mut self, name: impl Into<String>, base: &Base, request: &Request) {
        let result = base.check.decode(request).map(|_| ());
        self.made(name, result, &base.check, request);
    }

    fn made(
        &mut self,
        name: impl Into<String>,
        result: Result<(), VerifyError>,
        #[allow(unused, reason = "without the feature")] check: &Check,
        #[allow(unused, reason = "without the feature")] request: &Request,
    ) {
        let made = Try::new(name, result);
        #[cfg(feature = "answers")]
        let made = Try {
            answers: answers::of(&made.result, check, request),
            ..made
        };
        self.0.push(made);
    }

    pub(crate) fn result(&mut self, name: impl Into<String>, result: Result<(), VerifyError>) {
        self.0.push(Try::new(name, result));
    }
}

/// The usual case: one request.
pub(crate) fn one(check: &Check, request: &Request) -> Tries {
    let mut tries = Tries::default();
    tries.add("", check, request);
    tries
}

/// What the exceptions file says of a case.
struct Exception {
    /// Which request of it; empty means all.
    name: String,
    /// The reason that the verifier gives instead; `elsewhere` if the case is tested somewhere else.
    reason: String,
}

fn exceptions() -> BTreeMap<String, Vec<Exception>> {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../test-vectors/adversarial-exceptions.json"
    );
    let text = std::fs::read_to_string(path).unwrap();
    let file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let entries = file["exceptions"].as_array().unwrap();
    assert_eq!(file["count"], entries.len());
    let mut all: BTreeMap<String, Vec<Exception>> = BTreeMap::new();
    for entry in entries {
        let field = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        assert!(field("why").len() > 20, "an exception says why: {entry}");
        all.entry(field("id")).or_default().push(Exception {
            name: field("name"),
            reason: field("reason"),
        });
    }
    all
}

fn tries(id: &str) -> Option<Tries> {
    let families: &[fn(&str) -> Option<Tries>] = &[
        authorization::tries,
        #[cfg(feature = "checksums")]
        chunks::tries,
        presigned::tries,
        date::tries,
        credential::tries,
        signed_headers::tries,
        path_and_query::tries,
        payload::tries,
        limits::tries,
        state::tries,
    ];
    families.iter().find_map(|family| family(id))
}

#[test]
fn every_case_has_the_expected_verdict_and_reason() {
    let cases = test_vectors::adversarial();
    assert_eq!(cases.len(), 215);
    let exceptions = exceptions();
    let ids: BTreeSet<_> = cases.iter().map(|case| case.id.as_str()).collect();
    for id in exceptions.keys() {
        assert!(ids.contains(id.as_str()), "{id} is excepted but is no case");
    }
    let (mut requests, mut excepted, mut elsewhere, mut wrong) = (0, 0, 0, Vec::new());
    #[cfg(feature = "answers")]
    let bases = test_vectors::adversarial_bases();
    for case in &cases {
        let id = case.id.as_str();
        if cfg!(not(feature = "checksums")) && ["B8", "B9", "B10"].contains(&case.base.as_str()) {
            continue;
        }
        #[cfg(feature = "answers")]
        let of_s3 = bases[&case.base].profile == "s3";
        let except = exceptions.get(id).map(Vec::as_slice).unwrap_or_default();
        let Some(tries) = tries(id) else {
            if !except
                .iter()
                .any(|exception| exception.reason == "elsewhere")
            {
                wrong.push(format!("{id}: not tried: {}", case.mutation));
            }
            elsewhere += 1;
            continue;
        };
        assert!(!tries.0.is_empty(), "{id}");
        for made in &tries.0 {
            let Try { name, result, .. } = made;
            requests += 1;
            let got = result.map_or_else(|error| error.reason(), |()| "ok");
            let exception = except
                .iter()
                .find(|exception| exception.name.is_empty() || exception.name == *name);
            let expected =
                exception.map_or(case.reason.as_str(), |exception| exception.reason.as_str());
            excepted += usize::from(exception.is_some());
            if got != expected {
                wrong.push(format!(
                    "{id} {name}: {got} instead of {expected}: {} [{}]",
                    case.mutation, case.expect
                ));
            }
            #[cfg(feature = "answers")]
            if result.is_err() {
                wrong.extend(
                    answers::wrong(made, expected, of_s3)
                        .map(|what| format!("{id} {name}: {what}")),
                );
            }
            // An exception may change the reason. It never turns a refusal into acceptance, unless it says so.
            if case.reason != "ok" && expected != "ok" && result.is_ok() {
                wrong.push(format!("{id} {name}: accepted"));
            }
        }
    }
    println!(
        "{} cases, {requests} requests; {excepted} requests answered as an exception says, {elsewhere} cases tested elsewhere",
        cases.len()
    );
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
