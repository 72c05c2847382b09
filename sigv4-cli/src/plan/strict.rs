//! The strict percent-encoding that S3 signs, put on the wire, so that every server agrees with it.

use sigv4::{CanonicalRules, PathRule};
use url::Url;

/// Rewrites path and query if `service` is one of the S3 family, and says so if that changed anything.
///
/// * Each escape is decoded once, and everything but `A-Z a-z 0-9 - . _ ~` encoded; what is a slash stays one.
/// * `%2F` in the path is the slash that it stands for: S3 and the servers like it decode a key once, and sign its
///   slashes plain. It stays where the slash would set off a dot segment, which HTTP clients take out.
/// * A raw `+` is a plus in the path, `%2B`, and a space in the query, `%20`.
/// * A bad escape stays for signing to refuse.
pub(crate) fn strict(url: &mut Url, service: &str) -> Option<String> {
    if CanonicalRules::for_service(service).path != PathRule::S3 {
        return None;
    }
    let mut path = encoded(url.path(), "/", "%2B", "/");
    if path.split('/').any(|segment| matches!(segment, "." | "..")) {
        path = encoded(url.path(), "/", "%2B", "%2F");
    }
    let query = url.query().map(|query| encoded(query, "&=", "%20", "%2F"));
    if path == url.path() && query.as_deref() == url.query() {
        return None;
    }
    url.set_path(&path);
    url.set_query(query.as_deref());
    let query = query.map_or_else(String::new, |query| format!("?{query}"));
    Some(format!(
        "For {service}, the URL is sent in the encoding that is signed: {path}{query}"
    ))
}

/// `keep` stays where it is raw, the first `=` of each piece only; `plus` is for a raw plus, `slash` for an encoded one.
fn encoded(text: &str, keep: &str, plus: &str, slash: &str) -> String {
    let bytes = text.as_bytes();
    let (mut out, mut at, mut in_value) = (String::with_capacity(text.len()), 0, false);
    while let Some(byte) = bytes.get(at) {
        let escape = bytes
            .get(at + 1..at + 3)
            .filter(|_| *byte == b'%')
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        at += if escape.is_some() { 3 } else { 1 };
        match (escape, *byte) {
            (None, b'+') => out.push_str(plus),
            (None, b'%') => out.push('%'),
            (Some(b'/'), _) => out.push_str(slash),
            (None, b'=') if keep.contains('=') && in_value => out.push_str("%3D"),
            (None, raw) if keep.as_bytes().contains(&raw) => {
                in_value = raw == b'=';
                out.push(char::from(raw));
            }
            (escape, raw) => {
                let byte = escape.unwrap_or(raw);
                if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
                    out.push(char::from(byte));
                } else {
                    out.push_str(&format!("%{byte:02X}"));
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn on_the_wire() {
        for (given, sent) in [
            ("/a=:*+$@,()';&", "/a%3D%3A%2A%2B%24%40%2C%28%29%27%3B%26"),
            ("/%61%2f%2F%7e//b/", "/a//~//b/"),
            ("/a%2Fb%252Fc?d=e%2ff", "/a/b%252Fc?d=e%2Ff"),
            ("/a%2F..%2fb/c", "/a%2F..%2Fb/c"),
            ("/a%2F.", "/a%2F."),
            ("/%20%2b%C3%A9", "/%20%2B%C3%A9"),
            ("//a//b", "//a//b"),
            ("/?acl", "/?acl"),
            ("/?a=b=c+d&&e=/:&f=%2b", "/?a=b%3Dc%20d&&e=%2F%3A&f=%2B"),
            ("/a%zz", "/a%zz"),
            ("/plain?x=y", "/plain?x=y"),
        ] {
            let mut url: Url = format!("http://h{given}").parse().unwrap();
            let before = url.clone();
            let note = strict(&mut url, "s3");
            assert_eq!(url.as_str(), format!("http://h{sent}"), "{given}");
            assert_eq!(note.is_some(), url != before, "{given}");
            let mut other = before.clone();
            assert_eq!(strict(&mut other, "execute-api"), None);
            assert_eq!(other, before);
        }
    }
}
