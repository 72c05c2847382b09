//! A request's wire bytes, taken apart.

/// An HTTP/1.1 request taken apart without decoding or correcting anything.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RawRequest {
    /// HTTP method.
    pub method: String,
    /// Request target.
    pub target: Vec<u8>,
    /// Target up to the first question mark.
    pub path: Vec<u8>,
    /// Target after the first question mark.
    pub query: Vec<u8>,
    /// Headers in order: the name as sent, the value without the spaces and
    /// tabs around it.
    pub headers: Vec<(String, Vec<u8>)>,
    /// As many bytes as `Content-Length` says, or else all that follow the
    /// headers. Chunked transfer coding is not undone.
    pub body: Vec<u8>,
}

impl RawRequest {
    /// Takes the bytes of one request apart.
    ///
    /// # Panics
    ///
    /// When the bytes are not a complete request.
    pub fn parse(bytes: &[u8]) -> Self {
        let end = bytes
            .windows(4)
            .position(|window| window == b"\r\n\r\n")
            .expect("end of the headers");
        let rest = &bytes[end + 4..];
        let mut lines = split_lines(&bytes[..end]).into_iter();

        let start = lines.next().expect("request line");
        // Spaces in the target are wrong but happen, hence first and last.
        let first = start.iter().position(|&byte| byte == b' ').expect("method");
        let last = start
            .iter()
            .rposition(|&byte| byte == b' ')
            .filter(|&last| last > first)
            .expect("version");
        let target = &start[first + 1..last];
        let (path, query) = match target.iter().position(|&byte| byte == b'?') {
            Some(mark) => (&target[..mark], &target[mark + 1..]),
            None => (target, &[][..]),
        };

        let headers: Vec<(String, Vec<u8>)> = lines
            .map(|line| {
                let colon = line.iter().position(|&byte| byte == b':').expect("colon");
                let name = ascii(&line[..colon]);
                (name, trim(&line[colon + 1..]).to_vec())
            })
            .collect();
        let length = headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
            .map_or(rest.len(), |(_, value)| {
                ascii(value).parse().expect("content length")
            });
        Self {
            method: ascii(&start[..first]),
            target: target.to_vec(),
            path: path.to_vec(),
            query: query.to_vec(),
            headers,
            body: rest.get(..length).expect("whole body").to_vec(),
        }
    }

    /// Values of all headers with this name, in order; case does not matter.
    pub fn header_values<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.headers
            .iter()
            .filter(move |(own, _)| own.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_slice())
    }
}

fn split_lines(mut head: &[u8]) -> Vec<&[u8]> {
    let mut lines = Vec::new();
    while let Some(end) = head.windows(2).position(|window| window == b"\r\n") {
        lines.push(&head[..end]);
        head = &head[end + 2..];
    }
    lines.push(head);
    lines
}

fn trim(mut value: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] | [rest @ .., b' ' | b'\t'] = value {
        value = rest;
    }
    value
}

fn ascii(bytes: &[u8]) -> String {
    assert!(bytes.is_ascii(), "{:?}", bytes.escape_ascii().to_string());
    String::from_utf8(bytes.to_vec()).expect("ASCII is UTF-8")
}
