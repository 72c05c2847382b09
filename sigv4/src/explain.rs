//! [`Explanation`]: what was signed, as text that can be shown.

use alloc::string::String;
use core::fmt;

use crate::canonical::CanonicalRequest;
use crate::string_to_sign::StringToSign;

const REDACTED: &str = "(redacted)";

/// The canonical request and the string to sign of a request, for people.
///
/// * Compare it line by line with what a server says it expected.
/// * Session tokens, and the values of other headers and parameters whose name speaks of a token, a key or a cookie, are
///   redacted; the signature is never in it.
///
/// ```
/// use sigv4::{Credentials, Header, PayloadHash, RequestHead, Signer};
///
/// let signer = Signer::new(Credentials::new("AKIDEXAMPLE", "secret")?, "us-east-1", "execute-api")?;
/// let headers = [Header::new("Host", b"abc.execute-api.us-east-1.amazonaws.com")];
/// let head = RequestHead::new("GET", b"/prod/a%20b", b"", &headers);
/// let explanation = signer.explain(&head, &PayloadHash::EMPTY, "20150830T123600Z".parse()?)?;
/// assert_eq!(explanation.canonical_request().lines().nth(1), Some("/prod/a%2520b"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Explanation {
    canonical_request: String,
    string_to_sign: String,
}

impl Explanation {
    pub(crate) fn new(canonical: &CanonicalRequest, string_to_sign: &StringToSign) -> Self {
        let text = String::from_utf8_lossy(canonical.as_bytes());
        Self {
            canonical_request: redact(&text),
            string_to_sign: string_to_sign.as_str().into(),
        }
    }

    /// The canonical request, with session tokens redacted. Bytes that are not UTF-8 show as U+FFFD.
    #[must_use]
    pub fn canonical_request(&self) -> &str {
        &self.canonical_request
    }

    /// The string to sign, whose last line is the hash of the canonical request with the token in it.
    #[must_use]
    pub fn string_to_sign(&self) -> &str {
        &self.string_to_sign
    }
}

impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "Canonical request:\n{}\n\nString to sign:\n{}\n",
            self.canonical_request, self.string_to_sign
        )
    }
}

impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The text with each session token replaced, in the query line and in header lines.
fn redact(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for (number, line) in text.split('\n').enumerate() {
        if number > 0 {
            out.push('\n');
        }
        if number == 2 {
            redact_query(&mut out, line);
        } else if let Some(name) = secret_header(line) {
            out.push_str(name);
            out.push(':');
            out.push_str(REDACTED);
        } else {
            out.push_str(line);
        }
    }
    out
}

fn redact_query(out: &mut String, line: &str) {
    for (i, pair) in line.split('&').enumerate() {
        if i > 0 {
            out.push('&');
        }
        match pair.split_once('=') {
            Some((name, _)) if is_secret(name) => {
                out.push_str(name);
                out.push('=');
                out.push_str(REDACTED);
            }
            _ => out.push_str(pair),
        }
    }
}

/// The name in a header line whose value is a secret.
fn secret_header(line: &str) -> Option<&str> {
    let (name, _) = line.split_once(':')?;
    is_secret(name).then_some(name)
}

/// Whether a header or a parameter carries a secret, by its name: session tokens, encryption keys, API keys, cookies.
fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let telling = [
        "token",
        "secret",
        "customer-key",
        "api-key",
        "apikey",
        "password",
        "cookie",
    ];
    telling.iter().any(|part| name.contains(part)) && !name.ends_with("-md5")
}
