//! Redirects: where an answer leads, and what may go there. Each hop is decided anew.

use http::header::{
    AUTHORIZATION, COOKIE, HOST, HeaderMap, HeaderName, HeaderValue, PROXY_AUTHORIZATION,
};
use http::{Method, StatusCode};
use sigv4::PayloadHash;
use url::Url;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::hop::Hop;
use crate::payload::Body;
use crate::target::{authority, is_presigned, strip_user_info};

/// As many as curl follows.
pub const MAX_REDIRECTS: usize = 50;

/// The request that `status` and `location` lead to after `hop`; `None` if they lead nowhere.
///
/// * Same scheme, host and port: signed again.
/// * Anywhere else, and to a URL that carries a signature of its own: without Authorization, `x-amz-*`, cookie or API key.
/// * Once unsigned, it stays so: whoever we were sent to does not get to choose what we sign next.
/// * Never from `https` to `http`.
/// * 303 becomes GET, and so does POST on 301 and 302, unless `keep_post` has the status; then there is no body. 307 and 308 change nothing.
///
/// # Errors
///
/// [`Exit::Url`] for a malformed Location, [`Exit::Protocol`] for one that is not to be followed.
pub fn next(
    hop: &Hop,
    status: StatusCode,
    location: Option<&HeaderValue>,
    keep_post: &[StatusCode],
) -> Result<Option<Hop>, Failure> {
    let Some(location) = location.filter(|_| REDIRECTS.contains(&status)) else {
        return Ok(None);
    };
    let url = resolve(&hop.url, location)?;
    let signed = hop.signed && url.origin() == hop.url.origin() && !is_presigned(&url);

    let is_kept = hop.method == Method::POST && keep_post.contains(&status);
    let same = url.origin() == hop.url.origin();
    let plain = hop.plain && same && !is_presigned(&url);

    let to_get = match status {
        _ if is_kept => false,
        StatusCode::SEE_OTHER => !matches!(hop.method, Method::GET | Method::HEAD),
        StatusCode::MOVED_PERMANENTLY | StatusCode::FOUND => hop.method == Method::POST,
        _ => false,
    };
    let stays = |name: &HeaderName| {
        (signed || plain || !is_ours_alone(name)) && !(to_get && is_about_the_body(name))
    };
    let mut headers = HeaderMap::new();
    if !signed && !plain {
        headers.insert(HOST, host_header(&url)?);
    }
    for (name, value) in hop.headers.iter().filter(|(name, _)| stays(name)) {
        headers.append(name, value.clone());
    }

    Ok(Some(Hop {
        method: if to_get {
            Method::GET
        } else {
            hop.method.clone()
        },
        headers,
        body: if to_get {
            Body::empty()
        } else {
            hop.body.clone()
        },
        // A hash given by hand was that of the body which is gone.
        payload: hop
            .payload
            .filter(|payload| !to_get || *payload == PayloadHash::Unsigned),
        signed,
        plain,
        url,
    }))
}

fn resolve(base: &Url, location: &HeaderValue) -> Result<Url, Failure> {
    let text = String::from_utf8_lossy(location.as_bytes());
    let mut url = base.join(&text).map_err(|error| {
        Failure::because(Exit::Url, "the server redirects to a malformed URL", error)
    })?;
    url.set_fragment(None);
    strip_user_info(&mut url);
    match (base.scheme(), url.scheme()) {
        ("https", "http") => Err(Failure::new(
            Exit::Protocol,
            "the server redirects from https to http: not followed",
        )),
        (_, "http" | "https") => Ok(url),
        (_, scheme) => Err(Failure::new(
            Exit::Protocol,
            format!("the server redirects to protocol '{scheme}': not followed"),
        )),
    }
}

fn host_header(url: &Url) -> Result<HeaderValue, Failure> {
    HeaderValue::from_str(&authority(url)).map_err(|error| {
        Failure::because(Exit::Url, "the server redirects to a malformed host", error)
    })
}

/// Headers that are for the first host only.
fn is_ours_alone(name: &HeaderName) -> bool {
    let names = [AUTHORIZATION, PROXY_AUTHORIZATION, COOKIE, HOST];
    names.contains(name) || name == "x-api-key" || name.as_str().starts_with("x-amz-")
}

fn is_about_the_body(name: &HeaderName) -> bool {
    let name = name.as_str();
    name.starts_with("content-")
        || matches!(
            name,
            "transfer-encoding" | "expect" | "x-amz-content-sha256"
        )
}

const REDIRECTS: [StatusCode; 5] = [
    StatusCode::MOVED_PERMANENTLY,
    StatusCode::FOUND,
    StatusCode::SEE_OTHER,
    StatusCode::TEMPORARY_REDIRECT,
    StatusCode::PERMANENT_REDIRECT,
];

#[cfg(test)]
mod tests {
    use super::*;

    fn hop(method: &str, url: &str) -> Hop {
        let mut headers = HeaderMap::new();
        for (name, value) in [
            ("host", "h"),
            ("accept", "*/*"),
            ("x-amz-target", "T"),
            ("x-api-key", "K"),
            ("cookie", "C"),
            ("content-type", "text/plain"),
            ("content-length", "1"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        Hop {
            method: method.parse().unwrap(),
            url: url.parse().unwrap(),
            headers,
            body: Body::Bytes("b".into()),
            payload: None,
            signed: true,
            plain: false,
        }
    }

    /// Where it leads: `Err` = refused, `Ok(None)` = nowhere.
    fn outcome(hop: &Hop, status: u16, location: &str) -> Result<Option<Hop>, Exit> {
        let location = HeaderValue::from_bytes(location.as_bytes()).ok();
        let status = StatusCode::from_u16(status).unwrap_or_default();
        next(hop, status, location.as_ref(), &[]).map_err(|failure| failure.exit())
    }

    fn follow(hop: &Hop, status: u16, location: &str) -> Hop {
        outcome(hop, status, location).unwrap().unwrap()
    }

    #[test]
    fn methods_and_bodies() {
        for (method, status, expected) in [
            ("POST", 301, "GET"),
            ("POST", 302, "GET"),
            ("POST", 303, "GET"),
            ("PUT", 303, "GET"),
            ("HEAD", 303, "HEAD"),
            ("PUT", 302, "PUT"),
            ("POST", 307, "POST"),
            ("POST", 308, "POST"),
            ("DELETE", 301, "DELETE"),
        ] {
            let next = follow(&hop(method, "http://h/a"), status, "/b");
            assert_eq!(next.method, expected, "{method} {status}");
            let keeps = expected != "GET";
            assert_eq!(next.body.is_empty(), !keeps, "{method} {status}");
            assert_eq!(
                next.headers.contains_key("content-length"),
                keeps,
                "{method} {status}"
            );
            assert_eq!(
                next.headers.contains_key("content-type"),
                keeps,
                "{method} {status}"
            );
            assert!(next.headers.contains_key("x-amz-target"));
        }
    }

    #[test]
    fn signed_for_the_same_origin_only() {
        for (location, url, signed) in [
            ("/b", "https://h/b", true),
            ("b?c#d", "https://h/a/b?c", true),
            ("https://h:443/b", "https://h/b", true),
            ("//h/b", "https://h/b", true),
            ("https://u:p@h/b", "https://h/b", true),
            ("https://h:444/b", "https://h:444/b", false),
            ("https://h.evil/b", "https://h.evil/b", false),
            ("//evil/b", "https://evil/b", false),
            (
                "/b?X-Amz-Signature=0",
                "https://h/b?X-Amz-Signature=0",
                false,
            ),
            ("/é", "https://h/%C3%A9", true),
        ] {
            let next = follow(&hop("GET", "https://h/a/"), 302, location);
            assert_eq!(
                (next.url.as_str(), next.signed),
                (url, signed),
                "{location}"
            );
            for name in ["x-amz-target", "x-api-key", "cookie"] {
                assert_eq!(next.headers.contains_key(name), signed, "{location} {name}");
            }
            let host = if signed {
                "h".to_owned()
            } else {
                authority(&next.url)
            };
            assert_eq!(next.headers["host"], host, "{location}");
        }
    }

    #[test]
    fn a_change_of_scheme_is_never_signed() {
        let up = follow(&hop("GET", "http://h/"), 301, "https://h/");
        assert!(!up.signed);
        assert_eq!(
            outcome(&hop("GET", "https://h/"), 301, "http://h/").unwrap_err(),
            Exit::Protocol
        );
        assert_eq!(
            outcome(&hop("GET", "https://h/"), 301, "file:///etc/passwd").unwrap_err(),
            Exit::Protocol
        );
        assert_eq!(
            outcome(&hop("GET", "https://h/"), 301, "https://[/").unwrap_err(),
            Exit::Url
        );
    }

    #[test]
    fn once_unsigned_always_unsigned() {
        let away = follow(&hop("GET", "https://h/"), 302, "https://evil/");
        let back = follow(&away, 302, "https://h/delete-everything");
        assert!(!back.signed);
    }

    #[test]
    fn what_is_no_redirect_leads_nowhere() {
        for status in [200, 201, 300, 304, 305, 400] {
            let outcome = outcome(&hop("GET", "https://h/"), status, "/b");
            assert!(outcome.unwrap().is_none(), "{status}");
        }
        let without_location = next(&hop("GET", "https://h/"), StatusCode::FOUND, None, &[]);
        assert!(without_location.unwrap().is_none());
    }
}
