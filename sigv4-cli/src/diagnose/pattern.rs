//! Texts with gaps: `User: {} is not authorized to perform: {}`.

/// What fills the gaps of `pattern` where it first occurs in `text`; a last gap ends at white space.
pub(super) fn captures(pattern: &str, text: &str) -> Option<Vec<String>> {
    let mut pieces = pattern.split("{}");
    let first = pieces.next()?;
    let (_, mut rest) = text.split_once(first)?;
    let mut found = Vec::new();
    let mut pieces = pieces.peekable();
    while let Some(piece) = pieces.next() {
        let (gap, after) = if piece.is_empty() && pieces.peek().is_none() {
            let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
            (rest.get(..end)?, "")
        } else {
            rest.split_once(piece)?
        };
        found.push(gap.to_owned());
        rest = after;
    }
    Some(found)
}

/// `text` with each `{name}` replaced; one without a value becomes `?`.
pub(super) fn fill(text: &str, value: &dyn Fn(&str) -> Option<String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            break;
        };
        out.push_str(before);
        out.push_str(value(name).as_deref().unwrap_or("?"));
        rest = after;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps() {
        for (pattern, text, expected) in [
            ("a {} b", "x a 1 b", Some(vec!["1"])),
            ("a {} on {}", "a 1 on 2 because", Some(vec!["1", "2"])),
            ("a {}", "a 1", Some(vec!["1"])),
            ("a", "b a", Some(vec![])),
            ("", "b", Some(vec![])),
            ("a {} c", "a 1 b", None),
        ] {
            let found = captures(pattern, text);
            let expected =
                expected.map(|gaps| gaps.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(found, expected, "{pattern}");
        }
        let value = |name: &str| (name == "a").then(|| "1".to_owned());
        assert_eq!(fill("{a}{b} {a", &value), "1? {a");
    }
}
