//! `SECURITY.md` claims nothing that no test shows.
#![allow(
    clippy::unwrap_used,
    clippy::unwrap_in_result,
    reason = "a test may panic"
)]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut String) {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn every_weakness_names_what_shows_that_it_is_not_ours() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let mut text = String::new();
    for folder in ["sigv4/src", "sigv4/tests", "sigv4-cli/tests"] {
        sources(&root.join(folder), &mut text);
    }
    let cases: BTreeSet<String> = test_vectors::adversarial()
        .into_iter()
        .map(|case| case.id)
        .collect();
    let page = std::fs::read_to_string(root.join("SECURITY.md")).unwrap();
    let table = page.split("## What others got wrong").nth(1).unwrap();
    let rows: Vec<Vec<&str>> = table
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| ---"))
        .skip(1)
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), 24);
    for row in rows {
        let [weakness, _, stopped, shown] = row.as_slice() else {
            panic!("{row:?}");
        };
        let names: Vec<_> = shown
            .split('`')
            .filter(|name| !name.trim().is_empty())
            .collect();
        // What is not built, or nobody's but the caller's, has no test; the line says so.
        let is_not_ours = ["not ours", "not built", "no header"]
            .iter()
            .any(|word| stopped.starts_with(word));
        assert!(!names.is_empty() || is_not_ours, "{weakness}");
        for name in names {
            let is_case = name.len() == 5 && name.as_bytes()[2] == b'-';
            if is_case {
                assert!(cases.contains(name), "{weakness}: no case {name}");
            } else {
                assert!(
                    text.contains(&format!("fn {name}(")),
                    "{weakness}: no test {name}"
                );
            }
        }
    }
}
