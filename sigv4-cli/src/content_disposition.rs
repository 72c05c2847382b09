//! The file name that a server gives, and whether it is a safe one: RFC 6266.

/// The name in a Content-Disposition: `filename*` comes first.
pub(crate) fn file_name(disposition: &str) -> Option<String> {
    let parameters: Vec<_> = parameters(disposition);
    let value = |wanted: &str| {
        let mut found = parameters.iter();
        found
            .find(|(name, _)| name.eq_ignore_ascii_case(wanted))
            .map(|(_, value)| value)
    };
    if let Some(extended) = value("filename*") {
        let encoded = extended.splitn(3, '\'').nth(2)?;
        let decoded = percent_encoding::percent_decode_str(encoded).decode_utf8();
        return decoded.ok().map(std::borrow::Cow::into_owned);
    }
    value("filename").cloned()
}

/// `; name=value` and `; name="value"`, semicolons in quotes included.
fn parameters(text: &str) -> Vec<(String, String)> {
    let (mut pieces, mut piece) = (Vec::new(), String::new());
    let (mut quoted, mut escaped) = (false, false);
    for c in text.chars() {
        match c {
            _ if escaped => {
                escaped = false;
                piece.push(c);
            }
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => pieces.push(std::mem::take(&mut piece)),
            c => piece.push(c),
        }
    }
    pieces.push(piece);
    pieces
        .iter()
        .filter_map(|piece| piece.split_once('='))
        .map(|(name, value)| (name.trim().to_owned(), value.trim().to_owned()))
        .collect()
}

/// The last part of the name, if it is one for a file that everybody sees.
pub(crate) fn safe(name: &str) -> Option<&str> {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default().trim();
    let is_safe = !name.is_empty()
        && !name.starts_with(['.', '-'])
        && !name.contains(|c: char| c.is_control() || c == ':');
    is_safe.then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files() {
        for (disposition, name) in [
            ("attachment; filename=a.txt", Some("a.txt")),
            (
                "attachment; filename=\"a b; \\\"c\\\".txt\"",
                Some("a b; \"c\".txt"),
            ),
            (
                "attachment; FileName=x; filename*=UTF-8''%C3%A9.txt",
                Some("é.txt"),
            ),
            ("attachment; filename=../../etc/passwd", Some("passwd")),
            ("attachment; filename=\"C:\\\\a\\\\b.txt\"", Some("b.txt")),
            ("attachment; filename=.bashrc", None),
            ("attachment; filename=..", None),
            ("attachment; filename=a/", None),
            ("attachment; filename=-rf", None),
            ("attachment; filename=\"\u{1b}[31m\"", None),
            ("attachment", None),
            ("filename=", None),
        ] {
            let found = file_name(disposition);
            assert_eq!(found.as_deref().and_then(safe), name, "{disposition}");
        }
    }
}
