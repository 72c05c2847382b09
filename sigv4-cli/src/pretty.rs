//! `--pretty`: JSON and XML laid out, with colour. No token is changed, only the space between them.

use std::fmt::Write as _;

/// What can be laid out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// JSON
    Json,
    /// XML
    Xml,
}

impl Kind {
    /// What a Content-Type stands for.
    #[must_use]
    pub fn of(content_type: &str) -> Option<Self> {
        let essence = content_type.split(';').next().unwrap_or_default();
        let essence = essence.trim().to_ascii_lowercase();
        if essence.ends_with("/json")
            || essence.ends_with("+json")
            || essence.contains("x-amz-json")
        {
            Some(Self::Json)
        } else if essence.ends_with("/xml") || essence.ends_with("+xml") {
            Some(Self::Xml)
        } else {
            None
        }
    }

    /// The text laid out; `None` if it is not what it is said to be.
    #[must_use]
    pub fn laid_out(self, text: &[u8], colour: bool) -> Option<String> {
        let text = std::str::from_utf8(text).ok()?;
        let mut out = Out {
            text: String::with_capacity(text.len() * 2),
            colour,
        };
        match self {
            Self::Json => json(text, &mut out)?,
            Self::Xml => xml(text, &mut out)?,
        }
        out.text.push('\n');
        Some(out.text)
    }
}

struct Out {
    text: String,
    colour: bool,
}

impl Out {
    fn line(&mut self, depth: usize) {
        self.text.push('\n');
        for _ in 0..depth {
            self.text.push_str("  ");
        }
    }

    fn token(&mut self, colour: &str, token: &str) {
        // A control character in a text is one that a terminal would obey.
        let safe = |text: &mut String| {
            for c in token.chars() {
                match c {
                    '\n' | '\t' | '\r' => text.push(c),
                    c if c.is_control() => {
                        let _ = write!(text, "{}", c.escape_default());
                    }
                    c => text.push(c),
                }
            }
        };
        if self.colour && !colour.is_empty() {
            let _ = write!(self.text, "\u{1b}[{colour}m");
            safe(&mut self.text);
            self.text.push_str("\u{1b}[0m");
        } else {
            safe(&mut self.text);
        }
    }
}

fn json(text: &str, out: &mut Out) -> Option<()> {
    let mut open: Vec<char> = Vec::new();
    let mut rest = text.trim();
    // Whether what stands last calls for a value or may be followed by one.
    let mut expects_value = true;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '"' => string_length(rest)?,
            '{' | '[' | '}' | ']' | ',' | ':' => 1,
            _ => rest
                .find(|c: char| {
                    matches!(c, ',' | ':' | '}' | ']' | '{' | '[' | '"') || c.is_ascii_whitespace()
                })
                .unwrap_or(rest.len()),
        };
        let (token, left) = rest.split_at_checked(length)?;
        rest = left.trim_start_matches([' ', '\t', '\r', '\n']);
        match c {
            '{' | '[' => {
                if !expects_value {
                    return None;
                }
                let close = if c == '{' { '}' } else { ']' };
                out.token("", token);
                if rest.starts_with(close) {
                    rest = rest.get(1..)?.trim_start_matches([' ', '\t', '\r', '\n']);
                    out.text.push(close);
                    expects_value = false;
                } else {
                    open.push(close);
                    out.line(open.len());
                }
            }
            '}' | ']' => {
                if open.pop() != Some(c) || expects_value {
                    return None;
                }
                out.line(open.len());
                out.token("", token);
            }
            ',' => {
                if expects_value || open.is_empty() {
                    return None;
                }
                out.token("", token);
                out.line(open.len());
                expects_value = true;
            }
            ':' => {
                if expects_value || open.last() != Some(&'}') {
                    return None;
                }
                out.text.push_str(": ");
                expects_value = true;
            }
            _ => {
                if !expects_value {
                    return None;
                }
                let is_name = open.last() == Some(&'}') && rest.starts_with(':');
                out.token(colour_of(token, is_name)?, token);
                expects_value = false;
            }
        }
    }
    (open.is_empty() && !expects_value).then_some(())
}

fn colour_of(token: &str, is_name: bool) -> Option<&'static str> {
    match token.chars().next()? {
        '"' if is_name => Some(NAME),
        '"' => Some(TEXT),
        't' | 'f' | 'n' if matches!(token, "true" | "false" | "null") => Some(WORD),
        '-' | '0'..='9'
            if token
                .chars()
                .all(|c| matches!(c, '0'..='9' | '-' | '+' | '.' | 'e' | 'E')) =>
        {
            Some(NUMBER)
        }
        _ => None,
    }
}

/// The length of the string that `text` begins with, quotes included.
fn string_length(text: &str) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

fn xml(text: &str, out: &mut Out) -> Option<()> {
    let mut depth = 0_usize;
    let mut rest = text.trim();
    let mut first = true;
    // The element just opened, so that its text can stand beside it.
    let mut inline = false;
    if !rest.starts_with('<') {
        return None;
    }
    while !rest.is_empty() {
        if !rest.starts_with('<') {
            let end = rest.find('<')?;
            let (content, left) = rest.split_at_checked(end)?;
            rest = left;
            if content.trim().is_empty() && !(inline && rest.starts_with("</")) {
                continue;
            }
            let closes = rest.starts_with("</") && inline;
            if !closes {
                out.line(depth);
            }
            out.token(TEXT, if closes { content } else { content.trim() });
            inline = closes;
            continue;
        }
        let end = if rest.starts_with("<!--") {
            rest.find("-->")? + 3
        } else if rest.starts_with("<![CDATA[") {
            rest.find("]]>")? + 3
        } else {
            tag_length(rest)?
        };
        let (tag, left) = rest.split_at_checked(end)?;
        rest = left;
        if tag.starts_with("</") {
            depth = depth.checked_sub(1)?;
            if !inline {
                out.line(depth);
            }
            inline = false;
        } else {
            if !first {
                out.line(depth);
            }
            let is_element = !tag.starts_with("<?") && !tag.starts_with("<!");
            inline = is_element && !tag.ends_with("/>");
            depth += usize::from(inline);
        }
        first = false;
        out.token(NAME, tag);
    }
    (depth == 0).then_some(())
}

/// The length of the tag that `text` begins with; a `>` in quotes does not end it.
fn tag_length(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return Some(at + 1),
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), c) if c == open => quote = None,
            _ => {}
        }
    }
    None
}

const NAME: &str = "34";
const TEXT: &str = "32";
const NUMBER: &str = "33";
const WORD: &str = "35";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_is_laid_out() {
        for (text, expected) in [
            (
                r#"{"a":[1,2.50e+3,{"b":null}],"c":"x\"y","d":{},"e":[ ]}"#,
                "{\n  \"a\": [\n    1,\n    2.50e+3,\n    {\n      \"b\": null\n    }\n  ],\n  \"c\": \"x\\\"y\",\n  \"d\": {},\n  \"e\": []\n}\n",
            ),
            ("[]", "[]\n"),
            (" 12345678901234567890.10 ", "12345678901234567890.10\n"),
            (r#""\u0041""#, "\"\\u0041\"\n"),
        ] {
            assert_eq!(
                Kind::Json.laid_out(text.as_bytes(), false).as_deref(),
                Some(expected),
                "{text}"
            );
        }
        let colour = Kind::Json.laid_out(b"{\"a\":1}", true).unwrap();
        assert_eq!(
            colour,
            "{\n  \u{1b}[34m\"a\"\u{1b}[0m: \u{1b}[33m1\u{1b}[0m\n}\n"
        );
    }

    #[test]
    fn what_is_no_json_stays_as_it_is() {
        for text in [
            "",
            "{",
            "]",
            "{\"a\":}",
            "[1 2]",
            "nul",
            "\"a",
            "{\"a\":1}}",
            "{}{}",
            "[1,]",
            "hello",
            "\u{1b}[31m",
        ] {
            assert_eq!(Kind::Json.laid_out(text.as_bytes(), false), None, "{text}");
        }
        assert_eq!(Kind::Json.laid_out(b"\"\xff\"", false), None);
    }

    #[test]
    fn xml_is_laid_out() {
        let text = "<?xml version=\"1.0\"?><a x=\"1>2\"><b>t &lt; u</b><c/><d></d><!-- n --><e> <f/> </e></a>";
        let expected = "<?xml version=\"1.0\"?>\n<a x=\"1>2\">\n  <b>t &lt; u</b>\n  <c/>\n  <d></d>\n  <!-- n -->\n  <e>\n    <f/>\n  </e>\n</a>\n";
        assert_eq!(
            Kind::Xml.laid_out(text.as_bytes(), false).as_deref(),
            Some(expected)
        );
        for text in ["", "x", "<a>", "</a>", "<a", "<a>text"] {
            assert_eq!(Kind::Xml.laid_out(text.as_bytes(), false), None, "{text}");
        }
    }

    #[test]
    fn a_terminal_is_told_nothing_by_a_text() {
        let text = Kind::Json
            .laid_out("\"\u{1b}[2J\"".as_bytes(), false)
            .unwrap();
        assert!(!text.contains('\u{1b}'), "{text:?}");
    }

    #[test]
    fn kinds() {
        for (content_type, kind) in [
            ("application/json", Some(Kind::Json)),
            (
                "application/x-amz-json-1.1; charset=utf-8",
                Some(Kind::Json),
            ),
            ("application/problem+json", Some(Kind::Json)),
            ("text/xml", Some(Kind::Xml)),
            ("application/atom+xml;a=b", Some(Kind::Xml)),
            ("text/plain", None),
            ("", None),
        ] {
            assert_eq!(Kind::of(content_type), kind, "{content_type}");
        }
    }
}
