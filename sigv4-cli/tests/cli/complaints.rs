//! What users complained about to other clients. Each report has a test by the name of its repository and number, so that
//! `cargo test -p sigv4-cli --test cli awscurl_216` runs it; `tests/data/complaints.tsv` lists them all.

/// One scenario, under the name of each report of it.
macro_rules! reported {
    ($scenario:ident as $($name:ident),+ $(,)?) => {
        $(
            #[test]
            fn $name() {
                $scenario();
            }
        )+
    };
}

mod keys;
mod requests;
mod transfer;
mod wishes;

/// The list and the tests name the same reports: neither an empty folder nor a forgotten row passes.
#[test]
fn every_report_has_its_test() {
    let listed: Vec<String> = include_str!("../data/complaints.tsv")
        .lines()
        .skip(1)
        .filter(|line| !line.is_empty())
        .map(|line| {
            let mut columns = line.split('\t');
            let (repository, number) = (columns.next().unwrap(), columns.next().unwrap());
            let letters = |c: char| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    '_'
                }
            };
            format!(
                "{}_{number}",
                repository.chars().map(letters).collect::<String>()
            )
        })
        .collect();
    assert_eq!(listed.len(), 175);
    let sources = [
        include_str!("complaints/keys.rs"),
        include_str!("complaints/requests.rs"),
        include_str!("complaints/transfer.rs"),
        include_str!("complaints/wishes.rs"),
    ]
    .concat();
    let words: std::collections::HashSet<&str> = sources
        .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .collect();
    let missing: Vec<_> = listed
        .iter()
        .filter(|name| !words.contains(name.as_str()))
        .collect();
    assert!(missing.is_empty(), "no test: {missing:?}");
}
