//! `--data-urlencode` and `--url-query`.

use std::ffi::OsStr;

use super::Part;
use crate::argv::words;

/// Reads curl's five forms: `TEXT`, `=TEXT`, `NAME=TEXT`, `@FILE` and `NAME@FILE`. The name goes as it is.
///
/// A space becomes `%20` and not `+`, which means the same in a form and is clear everywhere else.
pub fn urlencode(value: &OsStr) -> Vec<Part> {
    let bytes = value.as_encoded_bytes();
    let find = |wanted: u8| bytes.iter().position(|byte| *byte == wanted);
    let Some(at) = find(b'=').or_else(|| find(b'@')) else {
        return vec![Part::Text(encode(bytes).into_bytes())];
    };
    let (name, content) = bytes.split_at(at);
    let mut before = name.to_vec();
    if !name.is_empty() {
        before.push(b'=');
    }
    match content.split_first() {
        Some((b'@', _)) => {
            let from = "--data-urlencode @file";
            let file = words::from(value, at + 1);
            let part = if file == "-" {
                Part::Stdin { from }
            } else {
                Part::File {
                    path: file.into(),
                    from,
                }
            };
            vec![Part::Text(before), Part::Encoded(Box::new(part))]
        }
        Some((_, text)) => {
            before.extend_from_slice(encode(text).as_bytes());
            vec![Part::Text(before)]
        }
        None => vec![Part::Text(before)],
    }
}

/// Everything but `A-Z a-z 0-9 - . _ ~` percent-encoded.
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for byte in bytes {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("%{byte:02X}"));
        }
    }
    text
}
