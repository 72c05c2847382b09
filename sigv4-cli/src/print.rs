//! What the user sees: heads, notes, and requests as text. Bodies go through [`crate::sink`].

use std::io::{self, Write};

use http::{HeaderMap, Request, Version};
use sigv4::Explanation;

use crate::payload::Body;
use crate::plan::Output;
use crate::send::Head;

/// Writes on standard error what `-v` asks for; nothing without it.
#[derive(Debug, Clone, Copy)]
pub struct Narrator {
    verbose: bool,
    show_secrets: bool,
}

impl Narrator {
    /// As loud as `output` asks for.
    #[must_use]
    pub const fn new(output: &Output) -> Self {
        Self {
            verbose: output.verbose,
            show_secrets: output.show_secrets,
        }
    }

    /// Whether anything is said at all.
    #[must_use]
    pub const fn is_verbose(self) -> bool {
        self.verbose
    }

    /// `* text`
    pub fn note(self, text: &str) {
        self.say(|| lines('*', text));
    }

    /// `sigcurl: warning: text`, also without `-v`.
    pub fn warning(self, text: &str) {
        let _ = writeln!(io::stderr(), "sigcurl: warning: {text}");
    }

    /// What is signed.
    pub fn explanation(self, explanation: &Explanation) {
        self.say(|| {
            let canonical = lines(
                '*',
                &format!("Canonical request:\n{}", explanation.canonical_request()),
            );
            let to_sign = lines(
                '*',
                &format!("String to sign:\n{}", explanation.string_to_sign()),
            );
            canonical + &to_sign
        });
    }

    /// The request's head, before it is sent.
    pub fn request(self, request: &Request<Body>) {
        self.say(|| {
            let target = path_and_query(request);
            let shown = if self.show_secrets {
                target.to_owned()
            } else {
                without_signatures(target)
            };
            lines(
                '>',
                &format!(
                    "{} {shown}\n{}",
                    request.method(),
                    self.headers(request.headers())
                ),
            )
        });
    }

    /// The answer's head.
    pub fn answer(self, head: &Head) {
        self.say(|| {
            let from = head
                .address
                .map(|address| lines('*', &format!("Answer from {address}")));
            let text = format!("{}\n{}", status_line(head), self.headers(&head.headers));
            from.unwrap_or_default() + &lines('<', &text)
        });
    }

    fn headers(self, headers: &HeaderMap) -> String {
        let mut text = String::new();
        for (name, value) in headers {
            let value = String::from_utf8_lossy(value.as_bytes());
            let shown = if self.show_secrets {
                value.into_owned()
            } else {
                redacted(name.as_str(), &value)
            };
            text.push_str(&format!("{name}: {shown}\n"));
        }
        text
    }

    fn say(self, text: impl FnOnce() -> String) {
        if self.verbose {
            // Whoever closed standard error does not want to know.
            let _ = io::stderr().write_all(text().as_bytes());
        }
    }
}

/// The answer's head as it came: what `-i` prints. Names are in lower case.
#[must_use]
pub fn raw_head(head: &Head) -> Vec<u8> {
    let mut out = status_line(head).into_bytes();
    out.extend_from_slice(b"\r\n");
    write_headers(&mut out, &head.headers);
    out.extend_from_slice(b"\r\n");
    out
}

/// The request's head as it goes over an HTTP/1.1 connection, byte for byte: what `--dry-run` prints before the body.
#[must_use]
pub fn wire_head(request: &Request<Body>) -> Vec<u8> {
    let mut out = format!(
        "{} {} HTTP/1.1\r\n",
        request.method(),
        path_and_query(request)
    )
    .into_bytes();
    write_headers(&mut out, request.headers());
    out.extend_from_slice(b"\r\n");
    out
}

fn write_headers(out: &mut Vec<u8>, headers: &HeaderMap) {
    for (name, value) in headers {
        out.extend_from_slice(name.as_str().as_bytes());
        out.extend_from_slice(b": ");
        out.extend_from_slice(value.as_bytes());
        out.extend_from_slice(b"\r\n");
    }
}

fn path_and_query(request: &Request<Body>) -> &str {
    request
        .uri()
        .path_and_query()
        .map_or("/", http::uri::PathAndQuery::as_str)
}

fn status_line(head: &Head) -> String {
    let version = match head.version {
        Version::HTTP_2 => "HTTP/2".to_owned(),
        version => format!("{version:?}"),
    };
    format!("{version} {} {}", head.status.as_str(), head.reason)
}

/// Each line of `text` behind `mark`.
fn lines(mark: char, text: &str) -> String {
    text.split('\n')
        .map(|line| format!("{mark} {}\n", Printable(line)))
        .collect()
}

/// The header's value without what could be used by whoever reads it.
pub(crate) fn redacted(name: &str, value: &str) -> String {
    if SECRET_HEADERS.contains(&name) {
        REDACTED.to_owned()
    } else if name == "authorization" {
        match value.split_once("Signature=") {
            Some((before, _)) => format!("{before}Signature={REDACTED}"),
            None => REDACTED.to_owned(),
        }
    } else {
        without_signatures(value)
    }
}

/// The text with the signature and the token of presigned URLs in it redacted.
pub(crate) fn without_signatures(text: &str) -> String {
    text.split_inclusive(['?', '&'])
        .map(|piece| match piece.split_once('=') {
            Some((name, value))
                if SECRET_PARAMETERS
                    .iter()
                    .any(|secret| secret.eq_ignore_ascii_case(name)) =>
            {
                let end = if value.ends_with('&') { "&" } else { "" };
                format!("{name}={REDACTED}{end}")
            }
            _ => piece.to_owned(),
        })
        .collect()
}

/// What a terminal may be given: control characters, which it would obey, show as `\u{1b}`.
struct Printable<'a>(&'a str);

impl std::fmt::Display for Printable<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for c in self.0.chars() {
            match c {
                '\t' => f.write_str("\t")?,
                c if c.is_control() => write!(f, "{}", c.escape_default())?,
                c => write!(f, "{c}")?,
            }
        }
        Ok(())
    }
}

const REDACTED: &str = "(redacted)";
const SECRET_HEADERS: [&str; 6] = [
    "cookie",
    "proxy-authorization",
    "set-cookie",
    "x-amz-s3session-token",
    "x-amz-security-token",
    "x-api-key",
];
const SECRET_PARAMETERS: [&str; 3] = ["X-Amz-Signature", "X-Amz-Security-Token", "Signature"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_secret_is_shown() {
        let authorization = "AWS4-HMAC-SHA256 Credential=AK/20150830/r/s/aws4_request, SignedHeaders=host, Signature=5d67";
        assert!(
            redacted("authorization", authorization)
                .ends_with("SignedHeaders=host, Signature=(redacted)")
        );
        assert_eq!(redacted("authorization", "Basic eA=="), "(redacted)");
        assert_eq!(redacted("x-amz-security-token", "T"), "(redacted)");
        assert_eq!(
            redacted("x-amz-date", "20150830T123600Z"),
            "20150830T123600Z"
        );
        assert_eq!(
            redacted(
                "location",
                "https://b/?X-Amz-Signature=5d67&a=b&x-amz-security-token=T"
            ),
            "https://b/?X-Amz-Signature=(redacted)&a=b&x-amz-security-token=(redacted)"
        );
    }

    #[test]
    fn a_terminal_gets_no_control_character() {
        assert_eq!(lines('<', "a\u{1b}[31m\nb\tc"), "< a\\u{1b}[31m\n< b\tc\n");
    }
}
