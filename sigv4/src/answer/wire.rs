//! XML and JSON texts, and the hash that stands for a header's value.

use alloc::string::String;

use crate::base64::base64;
use crate::crypto;

/// `text` between quotation marks.
pub(super) fn json(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_add(2));
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let code = u32::from(c);
                out.push_str("\\u");
                for shift in [12_u32, 8, 4, 0] {
                    let digit = code.checked_shr(shift).unwrap_or_default() & 0xf;
                    out.push(char::from_digit(digit, 16).unwrap_or('0'));
                }
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// `<name>text</name>`
pub(super) fn element(out: &mut String, name: &str, text: &str) {
    for piece in ["<", name, ">"] {
        out.push_str(piece);
    }
    escape(out, text);
    for piece in ["</", name, ">"] {
        out.push_str(piece);
    }
}

fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\r' => out.push_str("&#13;"),
            // XML has no form for the other control characters.
            '\n' | '\t' => out.push(c),
            c if c.is_control() => out.push('?'),
            c => out.push(c),
        }
    }
}

/// The SHA-256 of a header's value in Base64: what AWS's answers have where the value itself could be a secret.
pub(super) fn hashed(value: &[u8]) -> String {
    base64(&crypto::sha256(value))
}

/// `41 57 53`: how S3 spells the bytes of a text.
pub(super) fn spaced_hex(text: &str) -> String {
    let mut out = String::with_capacity(text.len().saturating_mul(3));
    for byte in text.bytes() {
        if !out.is_empty() {
            out.push(' ');
        }
        for digit in [byte >> 4, byte & 0xf] {
            out.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts() {
        assert_eq!(json("a\"\\\n\u{1}é"), "\"a\\\"\\\\\\n\\u0001é\"");
        let mut xml = String::new();
        element(&mut xml, "A", "<&>\"\n\u{0}");
        assert_eq!(xml, "<A>&lt;&amp;&gt;&quot;\n?</A>");
        assert_eq!(hashed(b""), "47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=");
        assert_eq!(spaced_hex("AWS4"), "41 57 53 34");
    }
}
