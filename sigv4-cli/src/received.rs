//! A request as somebody wrote it down: HTTP/1.1, a command line for curl, a HAR, or a presigned URL. Nothing is run.

mod curl;
mod har;
mod raw;
mod shell;

use http::Method;
use sigv4::{CanonicalError, Header, RequestHead};
use url::{Position, Url};

/// A request that was received, or written to be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Received {
    pub(crate) method: String,
    pub(crate) target: Vec<u8>,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    /// `None` = it is not there.
    pub(crate) body: Option<Vec<u8>>,
}

impl Received {
    /// What `text` holds, by how it begins. `entry` is that of a HAR.
    pub(crate) fn read(text: &[u8], entry: Option<usize>) -> Result<Self, String> {
        let begin = text.trim_ascii_start();
        let begin = begin.strip_prefix(b"$ ").unwrap_or(begin);
        if begin.starts_with(b"{") {
            return har::read(begin, entry);
        }
        if entry.is_some() {
            return Err("--entry is for a HAR, and this is none".to_owned());
        }
        if begin.starts_with(b"curl ") || begin.starts_with(b"printf ") {
            let line = std::str::from_utf8(begin).map_err(|_| "the command is not UTF-8")?;
            return curl::read(line);
        }
        if begin.starts_with(b"http://") || begin.starts_with(b"https://") {
            let url = std::str::from_utf8(begin).map_err(|_| "the URL is not UTF-8")?;
            return Self::of_url(url.trim(), "GET", &[]);
        }
        raw::read(text)
    }

    /// What a URL alone makes a client send.
    pub(crate) fn of_url(url: &str, method: &str, headers: &[String]) -> Result<Self, String> {
        let mut request = Self {
            method: method.to_owned(),
            body: Some(Vec::new()),
            ..Self::default()
        };
        for header in headers {
            let (name, value) = header
                .split_once(':')
                .ok_or_else(|| format!("-H '{header}' has no colon"))?;
            request.put(name, value.trim());
        }
        request.go_to(url)?;
        Ok(request)
    }

    /// Takes target and host from a URL, unless a Host header is there.
    fn go_to(&mut self, text: &str) -> Result<(), String> {
        if Method::from_bytes(self.method.as_bytes()).is_err() {
            return Err(format!("'{}' is not a method", self.method));
        }
        let url = Url::parse(text).map_err(|error| format!("the URL does not parse: {error}"))?;
        if !["http", "https"].contains(&url.scheme()) {
            return Err(format!("'{}' is not http or https", url.scheme()));
        }
        self.target = target_as_written(text)
            .unwrap_or_else(|| url[Position::BeforePath..Position::AfterQuery].to_owned())
            .into_bytes();
        if self.header("host").is_none() {
            let host = url[Position::BeforeHost..Position::AfterPort].to_owned();
            self.headers
                .insert(0, ("host".to_owned(), host.into_bytes()));
        }
        Ok(())
    }

    fn put(&mut self, name: &str, value: &str) {
        self.headers
            .push((name.trim().to_owned(), value.as_bytes().to_vec()));
    }

    pub(crate) fn header(&self, name: &str) -> Option<&[u8]> {
        let mut found = self
            .headers
            .iter()
            .filter(|(given, _)| given.eq_ignore_ascii_case(name));
        found.next().map(|(_, value)| value.as_slice())
    }

    /// Whether there is a signature, good or not.
    pub(crate) fn is_signed(&self) -> bool {
        let in_header = self
            .header("authorization")
            .is_some_and(|value| value.starts_with(b"AWS4-"));
        in_header || String::from_utf8_lossy(&self.target).contains("X-Amz-Signature=")
    }

    /// Its headers, for [`head`](Self::head).
    pub(crate) fn borrowed(&self) -> Vec<Header<'_>> {
        self.headers
            .iter()
            .map(|(name, value)| Header::new(name, value))
            .collect()
    }

    /// As the library reads it.
    pub(crate) fn head<'a>(
        &'a self,
        headers: &'a [Header<'a>],
    ) -> Result<RequestHead<'a>, CanonicalError> {
        RequestHead::from_target(&self.method, &self.target, headers)
    }
}

/// Path and query as they stand in the URL, which a parser would rewrite: `..`, quotes, brackets.
fn target_as_written(url: &str) -> Option<String> {
    let (_, rest) = url.split_once("://")?;
    let rest = rest.split('#').next()?;
    let start = rest.find(['/', '?'])?;
    let target = rest.get(start..)?;
    let plain = target.bytes().all(|byte| byte.is_ascii_graphic());
    plain.then(|| {
        if target.starts_with('?') {
            format!("/{target}")
        } else {
            target.to_owned()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_as_they_are_written() {
        let target = |url: &str| {
            let request = Received::of_url(url, "GET", &[]).unwrap();
            String::from_utf8(request.target).unwrap()
        };
        assert_eq!(target("https://h"), "/");
        assert_eq!(target("https://h?a=1#f"), "/?a=1");
        assert_eq!(target("https://h/a/../b?x='1'"), "/a/../b?x='1'");
        assert_eq!(target("https://h/é"), "/%C3%A9");
        let request = Received::of_url("https://h:8443/", "PUT", &["X-A: 1".to_owned()]).unwrap();
        assert_eq!(request.header("Host"), Some(&b"h:8443"[..]));
        assert_eq!(request.header("x-a"), Some(&b"1"[..]));
        assert!(Received::of_url("ftp://h/", "GET", &[]).is_err());
        assert!(Received::of_url("https://h/", "A B", &[]).is_err());
    }
}
