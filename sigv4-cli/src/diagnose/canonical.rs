//! AWS's canonical request, where it tells it, against ours.

use super::Refused;
use crate::fields::xml;
use crate::print::redacted;

/// What differs first, where, and what mostly makes it differ; `None` if AWS does not tell its own.
pub(super) fn compare(
    refused: &Refused<'_>,
    message: &str,
    ours: Option<&str>,
) -> Option<Vec<String>> {
    let theirs = told(refused.body, message)?;
    // Quotes are part of the text here: the message has them all turned into one kind.
    let ours = ours?.replace('"', "'");
    let theirs = theirs.replace('"', "'");
    let Some(difference) = first_difference(&ours, &theirs) else {
        return Some(vec![format!(
            "AWS computes from the very same canonical request: the secret access key is not that of {}",
            refused.key
        )]);
    };
    Some(vec![
        format!(
            "AWS's canonical request differs from ours first in line {} ({}), column {}: {}",
            difference.line, difference.part, difference.column, difference.texts
        ),
        difference.cause.to_owned(),
    ])
}

/// AWS's canonical request, if an answer tells it.
pub(crate) fn told(body: &str, message: &str) -> Option<String> {
    let in_message = || {
        between(
            message,
            "The Canonical String for this request should have been\n'",
            "'\n\nThe String-to-Sign",
        )
    };
    xml(body, "CanonicalRequest").or_else(in_message)
}

/// AWS's string to sign, if an answer tells it.
pub(crate) fn told_to_sign(body: &str, message: &str) -> Option<String> {
    let in_message = || {
        let (_, after) = message.split_once("The String-to-Sign should have been\n'")?;
        after.split_once('\'').map(|(inside, _)| inside.to_owned())
    };
    xml(body, "StringToSign").or_else(in_message)
}

/// Each line of a canonical request, and which part of the request it is.
pub(crate) fn named_lines(canonical: &str) -> Vec<(String, &str)> {
    let lines: Vec<_> = canonical.split('\n').collect();
    let mut headers_are_over = false;
    let mut named = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let (name, _) = if index > QUERY && line.is_empty() && index + 1 < lines.len() {
            headers_are_over = true;
            ("end of the headers".to_owned(), "")
        } else {
            part(index, line, headers_are_over, lines.len())
        };
        named.push((name, *line));
    }
    named
}

fn between(text: &str, start: &str, end: &str) -> Option<String> {
    let (_, after) = text.split_once(start)?;
    let (inside, _) = after.split_once(end)?;
    Some(inside.to_owned())
}

/// A line that differs.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Difference {
    /// From 1.
    pub(crate) line: usize,
    /// In bytes, from 1.
    pub(crate) column: usize,
    pub(crate) part: String,
    /// What stands there and here, secrets left out.
    pub(crate) texts: String,
    /// What mostly makes it differ.
    pub(crate) cause: &'static str,
}

fn first_difference(ours: &str, theirs: &str) -> Option<Difference> {
    differences(ours, theirs).into_iter().next()
}

/// Every line that differs. Behind one that is there on one side only, all do.
pub(crate) fn differences(ours: &str, theirs: &str) -> Vec<Difference> {
    let mut found = Vec::new();
    let ours: Vec<_> = ours.split('\n').collect();
    let hidden = |(index, line): (usize, &str)| match index {
        // In ours, tokens are hidden already.
        QUERY => crate::print::without_signatures(line),
        _ => line.to_owned(),
    };
    let theirs: Vec<_> = theirs.split('\n').enumerate().map(hidden).collect();
    let mut headers_are_over = false;
    for index in 0..ours.len().max(theirs.len()) {
        let (mine, its) = (
            ours.get(index).copied(),
            theirs.get(index).map(String::as_str),
        );
        let line = mine.or(its).unwrap_or_default();
        let (part, cause) = part(index, line, headers_are_over, ours.len());
        headers_are_over |= index > QUERY && mine == Some("");
        if mine == its || both_hide(mine, its) {
            continue;
        }
        let column = common(mine.unwrap_or_default(), its.unwrap_or_default()) + 1;
        found.push(Difference {
            line: index + 1,
            column,
            texts: format!("{} there, {} here", shown(its, column), shown(mine, column)),
            part,
            cause,
        });
    }
    found
}

/// Which part of the request a line is, and what mostly makes it differ.
fn part(index: usize, line: &str, headers_are_over: bool, lines: usize) -> (String, &'static str) {
    match index {
        0 => (
            "method".to_owned(),
            "something on the way changes the method",
        ),
        1 => (
            "path".to_owned(),
            "the path is encoded once for S3 and twice for all others, or a proxy rewrites it: check --service, and send %2F, spaces and dots as the server has them",
        ),
        QUERY => (
            "query".to_owned(),
            "something on the way adds, drops or encodes a parameter otherwise: write '+' as %20 or %2B, and encode each value once",
        ),
        _ if index + 1 == lines => (
            "hash of the body".to_owned(),
            "the server received another body than the one that was signed, or expects another x-amz-content-sha256",
        ),
        _ if headers_are_over => (
            "names of the signed headers".to_owned(),
            "something on the way adds or drops a header that was signed",
        ),
        _ => match line.split_once(':') {
            Some(("host", _)) => (
                "header host".to_owned(),
                "a proxy or a tunnel changes the host: name the one that the service sees with -H 'Host: NAME'",
            ),
            Some((name, _)) => (
                format!("header {name}"),
                "something on the way changes this header: it cannot be signed there",
            ),
            None => (
                "headers".to_owned(),
                "something on the way adds or drops a header that was signed",
            ),
        },
    }
}

/// Whether ours is not shown to us either: a header that holds a secret, which the library redacts.
fn both_hide(mine: Option<&str>, its: Option<&str>) -> bool {
    let name = mine.and_then(|mine| mine.strip_suffix(REDACTED));
    let name = name.filter(|name| name.ends_with(':'));
    name.is_some_and(|name| its.is_some_and(|its| its.starts_with(name)))
}

fn common(a: &str, b: &str) -> usize {
    a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count()
}

/// What stands around a column, secrets left out.
fn shown(line: Option<&str>, column: usize) -> String {
    let Some(line) = line else {
        return "nothing".to_owned();
    };
    let line = match line.split_once(':') {
        Some((name, value)) if redacted(name, value) != value => {
            return format!("{name}:(redacted)");
        }
        _ => crate::print::without_signatures(line),
    };
    let start = column.saturating_sub(BEFORE);
    let excerpt = line
        .bytes()
        .skip(start.saturating_sub(1))
        .take(AROUND)
        .collect::<Vec<_>>();
    let dots = |cut| if cut { "…" } else { "" };
    format!(
        "'{}{}{}'",
        dots(start > 1),
        String::from_utf8_lossy(&excerpt),
        dots(line.len() > start + AROUND)
    )
}

/// The line of the query, from 0.
const QUERY: usize = 2;
const REDACTED: &str = "(redacted)";
const BEFORE: usize = 16;
const AROUND: usize = 48;

#[cfg(test)]
mod tests {
    use super::*;

    const OURS: &str = "GET\n/a%20b\nx=1\nhost:h\nx-amz-security-token:(redacted)\nx-api-key:K\n\nhost;x-amz-security-token;x-api-key\ne3b0";

    #[test]
    fn where_it_differs() {
        for (from, to, line, column, part) in [
            ("GET", "POST", 1, 1, "method"),
            ("/a%20b", "/a%2520b", 2, 5, "path"),
            ("x=1", "x=1&y=", 3, 4, "query"),
            ("host:h", "host:h:81", 4, 7, "header host"),
            ("key:K", "key:L", 6, 11, "header x-api-key"),
            (
                "\nhost;",
                "\nabc;host;",
                8,
                1,
                "names of the signed headers",
            ),
            ("e3b0", "e3b1", 9, 4, "hash of the body"),
        ] {
            let theirs = OURS.replacen(from, to, 1).replace("(redacted)", "TOKEN");
            let found = first_difference(OURS, &theirs).unwrap();
            assert_eq!(
                (found.line, found.column, found.part.as_str()),
                (line, column, part)
            );
            assert!(
                !found.texts.contains('K') && !found.texts.contains("TOKEN"),
                "{}",
                found.texts
            );
        }
        assert_eq!(
            first_difference(OURS, &OURS.replace("(redacted)", "TOKEN")),
            None
        );
        let ours = "GET\n/\na=1&X-Amz-Security-Token=(redacted)&b=2\n";
        let theirs = ours.replace("(redacted)", "TOKEN");
        assert_eq!(first_difference(ours, &theirs), None);
        let found = first_difference(ours, &theirs.replace("b=2", "b=3")).unwrap();
        assert!(
            found.part == "query" && found.column == 39 && !found.texts.contains("TOKEN"),
            "{found:?}"
        );
        let found = first_difference(OURS, "GET").unwrap();
        assert_eq!(found.texts, "nothing there, '/a%20b' here");
    }
}
