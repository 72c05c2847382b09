//! [`RequestHead`]: a request as it is on the wire, borrowed, with nothing decoded.

use core::fmt;

use crate::error::CanonicalError;

/// One header: a name in any case and the bytes of its value.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Header<'a> {
    pub(crate) name: &'a str,
    pub(crate) value: &'a [u8],
}

impl<'a> Header<'a> {
    /// A header.
    #[must_use]
    pub const fn new(name: &'a str, value: &'a [u8]) -> Self {
        Self { name, value }
    }

    /// The name as given.
    #[must_use]
    pub const fn name(&self) -> &'a str {
        self.name
    }

    /// The value as given.
    #[must_use]
    pub const fn value(&self) -> &'a [u8] {
        self.value
    }
}

impl fmt::Debug for Header<'_> {
    /// Shows the name only: a value can be a signature, a token or a cookie.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Header({})", self.name)
    }
}

/// Where headers are read from; borrowed so that nothing is copied.
#[derive(Clone, Copy)]
pub(crate) enum Headers<'a> {
    Slice(&'a [Header<'a>]),
    #[cfg(feature = "http")]
    Map(&'a http::HeaderMap),
}

impl<'a> Headers<'a> {
    /// Calls `each` with every header in the order of the wire, until it fails.
    pub(crate) fn try_for_each<E>(
        self,
        mut each: impl FnMut(usize, &'a str, &'a [u8]) -> Result<(), E>,
    ) -> Result<(), E> {
        match self {
            Self::Slice(headers) => {
                let mut headers = headers.iter().enumerate();
                headers.try_for_each(|(i, header)| each(i, header.name, header.value))
            }
            #[cfg(feature = "http")]
            Self::Map(map) => {
                let mut headers = map.iter().enumerate();
                headers.try_for_each(|(i, (name, value))| each(i, name.as_str(), value.as_bytes()))
            }
        }
    }

    /// Calls `each` with every header in the order of the wire.
    pub(crate) fn for_each(self, mut each: impl FnMut(usize, &'a str, &'a [u8])) {
        let Ok(()) = self.try_for_each(|i, name, value| {
            each(i, name, value);
            Ok::<(), core::convert::Infallible>(())
        });
    }
}

/// Method, path, query and headers of a request, exactly as they are on the wire.
///
/// * Nothing is decoded, folded or sorted: what is signed is derived from the bytes that are sent.
/// * `path` starts with `/` or is empty; `query` comes without its `?`.
/// * Made from raw parts with [`new`](Self::new), from a request line's target with
///   [`from_target`](Self::from_target), or from an `http::Request` (feature `http`).
///
/// ```
/// use sigv4::{Header, RequestHead};
///
/// let headers = [Header::new("Host", b"example.amazonaws.com")];
/// let head = RequestHead::new("GET", b"/", b"Action=ListUsers", &headers);
/// assert_eq!(head.method(), "GET");
/// ```
#[derive(Clone, Copy)]
pub struct RequestHead<'a> {
    pub(crate) method: &'a str,
    pub(crate) path: &'a [u8],
    pub(crate) query: &'a [u8],
    pub(crate) headers: Headers<'a>,
    /// The host and port of an absolute target or of HTTP/2's `:authority`, without user info and default port.
    pub(crate) authority: Option<&'a [u8]>,
}

impl<'a> RequestHead<'a> {
    /// A head from its parts.
    #[must_use]
    pub const fn new(
        method: &'a str,
        path: &'a [u8],
        query: &'a [u8],
        headers: &'a [Header<'a>],
    ) -> Self {
        Self {
            method,
            path,
            query,
            headers: Headers::Slice(headers),
            authority: None,
        }
    }

    /// A head from the target of a request line: `/path?query` or `http://host/path?query`.
    ///
    /// # Errors
    /// [`CanonicalError::Target`] for `*`, `host:443`, or a target with a fragment: these have no canonical form.
    pub fn from_target(
        method: &'a str,
        target: &'a [u8],
        headers: &'a [Header<'a>],
    ) -> Result<Self, CanonicalError> {
        if target.contains(&b'#') || method == "CONNECT" {
            return Err(CanonicalError::Target);
        }
        let (authority, rest) = split_absolute(target)?;
        let (path, query) = match rest.iter().position(|b| *b == b'?') {
            Some(mark) => {
                let (path, query) = rest.split_at(mark);
                (path, query.get(1..).unwrap_or_default())
            }
            None => (rest, Default::default()),
        };
        Ok(Self {
            method,
            path,
            query,
            headers: Headers::Slice(headers),
            authority,
        })
    }

    /// The same with the host of HTTP/2's `:authority` as it is on the wire, used where there is no Host header. A
    /// client leaves the scheme's default port out of it.
    #[must_use]
    pub fn with_authority(mut self, authority: &'a [u8]) -> Self {
        self.authority = Some(authority);
        self
    }

    /// The method.
    #[must_use]
    pub const fn method(&self) -> &'a str {
        self.method
    }

    /// The path as on the wire.
    #[must_use]
    pub const fn path(&self) -> &'a [u8] {
        self.path
    }

    /// The query as on the wire, without `?`.
    #[must_use]
    pub const fn query(&self) -> &'a [u8] {
        self.query
    }
}

impl fmt::Debug for RequestHead<'_> {
    /// Shows the method only: path, query and headers can carry signatures and tokens.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RequestHead")
            .field("method", &self.method)
            .finish_non_exhaustive()
    }
}

/// Splits `http://host/path` into host and path.
fn split_absolute(target: &[u8]) -> Result<(Option<&[u8]>, &[u8]), CanonicalError> {
    if target.first() == Some(&b'/') {
        return Ok((None, target));
    }
    let (rest, default_port) = if let Some(rest) = strip_scheme(target, b"http://") {
        (rest, b":80".as_slice())
    } else if let Some(rest) = strip_scheme(target, b"https://") {
        (rest, b":443".as_slice())
    } else {
        return Err(CanonicalError::Target);
    };
    let end = rest
        .iter()
        .position(|b| matches!(b, b'/' | b'?'))
        .unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    Ok((Some(host_of(authority, default_port)), path))
}

fn strip_scheme<'t>(target: &'t [u8], scheme: &[u8]) -> Option<&'t [u8]> {
    let (start, rest) = target.split_at_checked(scheme.len())?;
    start.eq_ignore_ascii_case(scheme).then_some(rest)
}

/// An authority without user info and without the scheme's default port. IPv6 keeps its brackets.
pub(crate) fn host_of<'t>(authority: &'t [u8], default_port: &[u8]) -> &'t [u8] {
    let host = match authority.iter().rposition(|b| *b == b'@') {
        Some(at) => authority.split_at(at).1.get(1..).unwrap_or_default(),
        None => authority,
    };
    // An empty port is the default one (RFC 3986, section 3.2.3).
    let host = host.strip_suffix(b":").unwrap_or(host);
    host.strip_suffix(default_port).unwrap_or(host)
}

/// A value without spaces and tabs around it.
pub(crate) fn trim(value: &[u8]) -> &[u8] {
    let blank = |b: &u8| matches!(b, b' ' | b'\t');
    let start = value.iter().position(|b| !blank(b)).unwrap_or(value.len());
    let rest = value.get(start..).unwrap_or_default();
    let end = rest
        .iter()
        .rposition(|b| !blank(b))
        .map_or(0, |last| last.saturating_add(1));
    rest.get(..end).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets() {
        let split = |target: &'static str| {
            RequestHead::from_target("GET", target.as_bytes(), &[]).map(|head| {
                let text = |bytes: &'static [u8]| core::str::from_utf8(bytes).unwrap();
                (head.authority.map(text), text(head.path), text(head.query))
            })
        };
        assert_eq!(split("/a?b=c?d"), Ok((None, "/a", "b=c?d")));
        assert_eq!(split("http://h?a=1"), Ok((Some("h"), "", "a=1")));
        assert_eq!(
            split("HTTPS://u:p@[::1]:443/x"),
            Ok((Some("[::1]"), "/x", ""))
        );
        assert_eq!(split("http://h:443/"), Ok((Some("h:443"), "/", "")));
        for bad in ["*", "", "host:443", "/#x", "ftp://h/", "a/b"] {
            assert_eq!(split(bad), Err(CanonicalError::Target), "{bad}");
        }
        assert!(RequestHead::from_target("CONNECT", b"/", &[]).is_err());
    }

    #[test]
    fn trimming() {
        for (value, trimmed) in [("", ""), ("  ", ""), ("\t a b ", "a b"), ("a", "a")] {
            assert_eq!(trim(value.as_bytes()), trimmed.as_bytes());
        }
    }
}
