//! Reads single fields out of XML and JSON that others wrote, without believing that it is either.

/// The text of the first `<name>` in `text`, its references resolved.
pub(crate) fn xml(text: &str, name: &str) -> Option<String> {
    let mut rest = text;
    loop {
        let (_, after) = rest.split_once('<')?;
        rest = after;
        let Some(after) = after.strip_prefix(name) else {
            continue;
        };
        if !after.starts_with(['>', ' ']) {
            continue;
        }
        let (_, content) = after.split_once('>')?;
        let end = content.find(&format!("</{name}>"))?;
        return Some(unescaped(content.get(..end)?));
    }
}

fn unescaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let reference = after.split_once(';').filter(|(name, _)| name.len() <= 8);
        match reference.and_then(|(name, rest)| Some((referred(name)?, rest))) {
            Some((c, after)) => {
                out.push(c);
                rest = after;
            }
            None => {
                out.push('&');
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

fn referred(name: &str) -> Option<char> {
    match name {
        "lt" => Some('<'),
        "gt" => Some('>'),
        "amp" => Some('&'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

/// The first string in `text` that has this name, in whatever object, its escapes resolved.
pub(crate) fn json(text: &str, name: &str) -> Option<String> {
    let quoted = format!("\"{name}\"");
    let mut rest = text;
    loop {
        let (_, after) = rest.split_once(&quoted)?;
        rest = after;
        let value = after.trim_start().strip_prefix(':').map(str::trim_start);
        if let Some(value) = value.and_then(|value| value.strip_prefix('"')) {
            return string(value);
        }
    }
}

/// A JSON string, from behind its opening quote on.
fn string(text: &str) -> Option<String> {
    let mut out = String::new();
    let mut chars = text.chars();
    loop {
        match chars.next()? {
            '"' => return Some(out),
            '\\' => match chars.next()? {
                'n' => out.push('\n'),
                't' => out.push('\t'),
                'r' => out.push('\r'),
                'b' => out.push('\u{8}'),
                'f' => out.push('\u{c}'),
                'u' => {
                    let digits: String = chars.by_ref().take(4).collect();
                    let unit = u32::from_str_radix(&digits, 16).ok()?;
                    // Halves of a pair do not occur in what is looked for here.
                    out.push(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                c => out.push(c),
            },
            c => out.push(c),
        }
    }
}

/// `text` as a JSON string, quotes included.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_fields() {
        let text = "<?xml version=\"1.0\"?><Error><CodeX>no</CodeX><Code a=\"b\">A&amp;B&#10;&#x43;&nope;&</Code><Open>";
        assert_eq!(xml(text, "Code").as_deref(), Some("A&B\nC&nope;&"));
        assert_eq!(xml(text, "Open"), None);
        assert_eq!(xml("", "Code"), None);
    }

    #[test]
    fn json_fields() {
        let text = r#"{"x":"message", "message" : "a\n\"b\" \u0041\/", "n":{"Code":1,"Code":"c"}}"#;
        assert_eq!(json(text, "message").as_deref(), Some("a\n\"b\" A/"));
        assert_eq!(json(text, "Code").as_deref(), Some("c"));
        assert_eq!(json("{\"message\":\"cut", "message"), None);
        assert_eq!(quoted("a\"\\\n\u{1b}é"), "\"a\\\"\\\\\\u000a\\u001bé\"");
    }
}
