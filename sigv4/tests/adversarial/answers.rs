//! What services answer to each refusal, against `test-vectors/answers.json`.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use sigv4::{Profile, Refused, VerifyError};

use crate::Try;
use crate::common::{Check, Request};

/// The families of the list, and the profile that answers for each.
const FAMILIES: [(&str, &str); 4] = [
    ("query", "query"),
    ("json", "aws-json"),
    ("rest", "rest-json"),
    ("s3", "s3"),
];

pub(crate) fn of(
    result: &Result<(), VerifyError>,
    check: &Check,
    request: &Request,
) -> Vec<(&'static str, u16, &'static str)> {
    let Err(error) = result else {
        return Vec::new();
    };
    request.with_head(|head| {
        let refused = Refused::new(head).with_scope(&check.region, &check.service);
        FAMILIES
            .iter()
            .map(|(family, profile)| {
                let refusal = Profile::named(profile).unwrap().refuse(error, &refused);
                assert!(!refusal.body().contains(&check.secret));
                (*family, refusal.status(), refusal.code())
            })
            .collect()
    })
}

type Answers = BTreeMap<String, BTreeMap<String, Vec<(u16, Option<String>)>>>;

static EXPECTED: LazyLock<Answers> = LazyLock::new(|| {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../test-vectors/answers.json");
    let text = std::fs::read_to_string(path).unwrap();
    let mut file: serde_json::Value = serde_json::from_str(&text).unwrap();
    let reasons: Answers = serde_json::from_value(file["reasons"].take()).unwrap();
    assert_eq!(file["count"], reasons.len());
    reasons
});

/// The answers that are not among those of the list. S3 has answers of its own, which count for its own requests; the
/// other families answer alike.
pub(crate) fn wrong(made: &Try, reason: &str, of_s3: bool) -> impl Iterator<Item = String> {
    let families = EXPECTED.get(reason).expect(reason);
    let answers = made.answers.iter();
    let own = answers.filter(move |(family, ..)| (*family == "s3") == of_s3);
    own.filter_map(|(family, status, code)| {
        let allowed = families.get(*family)?;
        let is_allowed = allowed
            .iter()
            .any(|(s, c)| s == status && c.as_deref().is_none_or(|c| c == *code));
        (!is_allowed).then(|| format!("{family} answers {status} {code}, not one of {allowed:?}"))
    })
}
