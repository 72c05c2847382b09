//! The URL on the command line → the URL that is sent.

use percent_encoding::percent_decode_str;
use url::Url;

use crate::exit::Exit;
use crate::failure::Failure;

/// Where the request goes, in the exact form in which it goes there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// With user info and fragment removed; both never leave the machine.
    pub url: Url,
    /// What is sent otherwise than it was written, for `-v`.
    pub notes: Vec<String>,
    /// Whether the path is the one that was written, but for percent-encoding.
    pub is_as_written: bool,
}

/// Reads the URL as the HTTP client will, so that what is signed is what is sent.
///
/// * `https://` is assumed where there is no scheme.
/// * A raw space or a letter outside ASCII is percent-encoded; nothing that is encoded already is encoded again.
/// * Dot segments are resolved, as the HTTP client would, and a note says so.
///
/// # Errors
///
/// * [`Exit::Url`] for a malformed URL.
/// * [`Exit::Protocol`] for a scheme other than `http` and `https`.
/// * [`Exit::Usage`] for a URL that is signed already.
pub fn target(text: &str) -> Result<Target, Failure> {
    let target = any_target(text)?;
    if is_presigned(&target.url) {
        return Err(Failure::usage(
            "the URL is signed already (it has X-Amz-Signature): send it as it is, with --no-sign",
        ));
    }
    Ok(target)
}

/// As [`target`], but a URL that is signed already is welcome.
///
/// # Errors
///
/// As [`target`], but for that.
pub fn any_target(text: &str) -> Result<Target, Failure> {
    let malformed = |why: &str| Failure::new(Exit::Url, format!("malformed URL '{text}': {why}"));

    if text.chars().any(char::is_control) {
        return Err(malformed("it has a control character"));
    }
    let (scheme, after_scheme) = split_scheme(text).unwrap_or(("https", text));
    if scheme.eq_ignore_ascii_case("ws") || scheme.eq_ignore_ascii_case("wss") {
        return Err(Failure::new(
            Exit::Protocol,
            format!("'{scheme}' is WebSocket, which is spoken by `sigcurl ws URL`"),
        ));
    }
    if !scheme.eq_ignore_ascii_case("http") && !scheme.eq_ignore_ascii_case("https") {
        return Err(Failure::new(
            Exit::Protocol,
            format!("protocol '{scheme}' is neither http nor https"),
        ));
    }
    // `https:///path` is read as the host `path` by browsers' rules. Nobody means that here.
    if after_scheme.starts_with(['/', '\\', '?', '#']) || after_scheme.is_empty() {
        return Err(malformed("no host"));
    }
    let mut url = Url::parse(&format!("{scheme}://{after_scheme}"))
        .map_err(|error| malformed(&error.to_string()))?;

    let mut notes = Vec::new();
    if has_user_info(&url) {
        strip_user_info(&mut url);
        notes.push(
            "User name and password in the URL are not sent: the request is signed instead"
                .to_owned(),
        );
    }
    url.set_fragment(None);
    let written = written_path(after_scheme);
    let is_as_written = same_path(written, url.path());
    if !is_as_written {
        notes.push(format!(
            "The path is sent, and signed, as {} instead of {written}",
            url.path()
        ));
    }
    Ok(Target {
        url,
        notes,
        is_as_written,
    })
}

/// The URL with `https` for `wss` and `http` for `ws`, if it is one of WebSocket's.
#[must_use]
pub fn from_websocket(text: &str) -> Option<String> {
    let (scheme, rest) = text.split_once("://")?;
    let scheme = match scheme.to_ascii_lowercase().as_str() {
        "wss" => "https",
        "ws" => "http",
        _ => return None,
    };
    Some(format!("{scheme}://{rest}"))
}

/// The URL with `wss` for `https` and `ws` for `http`.
#[must_use]
pub fn to_websocket(url: &str) -> String {
    url.strip_prefix("http")
        .map_or_else(|| url.to_owned(), |rest| format!("ws{rest}"))
}

/// Whether the URL carries a signature of its own: then no other may be added, and no header of ours.
#[must_use]
pub fn is_presigned(url: &Url) -> bool {
    let names: Vec<_> = url
        .query_pairs()
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    let has = |wanted: &str| names.iter().any(|name| name == wanted);
    // The second is Signature Version 2.
    has("x-amz-signature") || (has("signature") && has("awsaccesskeyid"))
}

/// Takes user name and password off.
pub fn strip_user_info(url: &mut Url) {
    // Both fail for URLs that cannot have any, and then there is nothing to take off.
    let _ = url.set_username("");
    let _ = url.set_password(None);
}

/// The host as it stands in the Host header: without the scheme's own port.
#[must_use]
pub fn authority(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port()
        .map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

fn has_user_info(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some()
}

fn split_scheme(text: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    let is_scheme = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.');
    (!scheme.is_empty() && scheme.chars().all(is_scheme)).then_some((scheme, rest))
}

/// The path as it was written.
fn written_path(after_scheme: &str) -> &str {
    let before_query = after_scheme.split(['?', '#']).next().unwrap_or_default();
    before_query
        .find(['/', '\\'])
        .and_then(|at| before_query.get(at..))
        .unwrap_or("/")
}

/// Whether one is the other with some characters percent-encoded.
fn same_path(written: &str, sent: &str) -> bool {
    percent_decode_str(written.trim_end()).eq(percent_decode_str(sent))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_wire_form() {
        for (written, sent) in [
            ("http://h", "http://h/"),
            ("h.example.com/a", "https://h.example.com/a"),
            ("localhost:8080/a?b", "https://localhost:8080/a?b"),
            ("HTTPS://H.Example.com:443/A", "https://h.example.com/A"),
            ("http://[::1]:8080/", "http://[::1]:8080/"),
            ("https://h/a b?c d", "https://h/a%20b?c%20d"),
            ("https://h/é?é=é", "https://h/%C3%A9?%C3%A9=%C3%A9"),
            (
                "https://h/%20%3A%2f%7E//a?x=%3d%2B+&&y#frag",
                "https://h/%20%3A%2f%7E//a?x=%3d%2B+&&y",
            ),
            ("https://h/a=:*+$@,()';&", "https://h/a=:*+$@,()';&"),
            ("https://h/?q={\"a\":1}", "https://h/?q={%22a%22:1}"),
            ("https://h/?a:b://c", "https://h/?a:b://c"),
        ] {
            let target = target(written).unwrap();
            assert_eq!(target.url.as_str(), sent, "{written}");
            assert_eq!(target.notes, [""; 0], "{written}");
            // The HTTP client's own type takes it as it is.
            assert_eq!(
                target
                    .url
                    .as_str()
                    .parse::<http::Uri>()
                    .unwrap()
                    .to_string(),
                sent,
                "{written}"
            );
        }
    }

    #[test]
    fn what_is_sent_otherwise_is_noted() {
        for (written, sent) in [
            ("https://h/a/./b/../c", "https://h/a/c"),
            ("https://h/a/%2E%2e/b", "https://h/b"),
            ("https://h/a\\b", "https://h/a/b"),
            ("https://u:p@h/a", "https://h/a"),
            ("https://u@h/a", "https://h/a"),
        ] {
            let target = target(written).unwrap();
            assert_eq!(target.url.as_str(), sent, "{written}");
            assert_eq!(target.notes.len(), 1, "{written}");
            assert!(!target.notes.concat().contains("u:p"), "{written}");
        }
    }

    #[test]
    fn malformed() {
        for (text, exit) in [
            ("", Exit::Url),
            ("http://", Exit::Url),
            ("http:///a", Exit::Url),
            ("https://h:99999/", Exit::Url),
            ("https://h:port/", Exit::Url),
            ("https://[::1/", Exit::Url),
            ("https://h h/", Exit::Url),
            ("https://h/\ta", Exit::Url),
            ("https://?a", Exit::Url),
            ("ftp://h/", Exit::Protocol),
            ("file:///etc/passwd", Exit::Protocol),
            ("https://h/?X-Amz-Signature=0", Exit::Usage),
            ("https://h/?x%2damz-signature=0", Exit::Usage),
            ("https://h/?AWSAccessKeyId=a&Signature=b", Exit::Usage),
        ] {
            assert_eq!(
                target(text).map_err(|failure| failure.exit()),
                Err(exit),
                "{text}"
            );
        }
    }
}
