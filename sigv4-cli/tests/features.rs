//! `docs/features.md` claims nothing that no test shows.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::HashSet;
use std::path::{Path, PathBuf};

fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|kind| kind == "rs") {
            found.push(path);
        }
    }
}

/// The names of all functions in the client's tests and sources: a test is one of them.
fn functions() -> HashSet<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut files = Vec::new();
    sources(&root.join("tests"), &mut files);
    sources(&root.join("src"), &mut files);
    let mut names = HashSet::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let mut lines = text.lines().peekable();
        let mut is_test = false;
        while let Some(line) = lines.next() {
            let line = line.trim();
            match line
                .strip_prefix("fn ")
                .and_then(|rest| rest.split(['(', '<']).next())
            {
                Some(name) if is_test => {
                    names.insert(name.to_owned());
                }
                _ => {}
            }
            // Attributes may stand between.
            is_test =
                line == "#[test]" || is_test && (line.starts_with("#[") || line.starts_with("///"));
            // One scenario under several names of reports.
            if let Some(rest) = line.strip_prefix("reported! {") {
                let rest = if rest.is_empty() {
                    lines.peek().copied().unwrap_or_default()
                } else {
                    rest
                };
                names.extend(rest.split_whitespace().next().map(str::to_owned));
            }
        }
    }
    names
}

#[test]
fn every_yes_is_shown_by_a_test() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/features.md");
    let page = std::fs::read_to_string(path).unwrap();
    let tests = functions();
    let rows: Vec<Vec<&str>> = page
        .lines()
        .filter(|line| line.starts_with("| ") && !line.starts_with("| ---"))
        .skip(1)
        .map(|line| line.trim_matches('|').split(" | ").map(str::trim).collect())
        .collect();
    assert_eq!(rows.len(), ROWS);
    for row in &rows {
        let [feature, ours, shown_by, ..] = row.as_slice() else {
            panic!("{row:?}");
        };
        assert_eq!(row.len(), 14, "{feature}");
        assert!(ours.starts_with(['●', '◐', '○']), "{feature}: {ours}");
        assert!(
            ours.starts_with('●') || ours.len() > "○ ".len(),
            "{feature}: why not?"
        );
        let names: Vec<_> = shown_by
            .split('`')
            .filter(|name| !name.trim().is_empty())
            .collect();
        assert!(!names.is_empty(), "{feature}: no test");
        for name in names {
            assert!(tests.contains(name), "{feature}: there is no test '{name}'");
        }
    }
}

const ROWS: usize = 58;
