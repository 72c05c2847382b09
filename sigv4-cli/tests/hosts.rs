//! Every host of `tests/data/hosts.tsv` comes out with its signing name and region.

use sigcurl::infer::{Region, infer};

const HOSTS: &str = include_str!("data/hosts.tsv");

#[test]
fn every_host() {
    let rows: Vec<_> = HOSTS
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    assert_eq!(rows.len(), 4_000);

    let wrong: Vec<_> = rows.iter().filter_map(|row| mistake(row)).collect();
    assert!(
        wrong.is_empty(),
        "{} wrong:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// What is wrong with the answer for `row`, if anything.
fn mistake(row: &str) -> Option<String> {
    let Some((host, expected)) = row.split_once('\t') else {
        return Some(format!("no tab: {row:?}"));
    };
    let found = infer(host, "/").map(|found| {
        let region = match found.region {
            Region::Fixed(region) => region,
            Region::Any => "*".to_owned(),
            Region::Unknown => "?".to_owned(),
        };
        format!("{}\t{region}", found.service)
    });
    (found.as_deref() != Some(expected))
        .then(|| format!("{host}: expected {expected:?}, found {found:?}"))
}
