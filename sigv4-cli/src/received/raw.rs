//! HTTP/1.1 as it goes over the wire, or as an editor saved it.

use super::Received;

/// Lines of the head may end in LF alone.
pub(super) fn read(text: &[u8]) -> Result<Received, String> {
    let (head, body) = split(text);
    let mut lines = head
        .split(|byte| *byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
    let first = lines.next().unwrap_or_default();
    let first = std::str::from_utf8(first).map_err(|_| NO_REQUEST)?;
    let mut words = first.split(' ');
    let (Some(method), Some(target), Some(version), None) =
        (words.next(), words.next(), words.next(), words.next())
    else {
        return Err(NO_REQUEST.to_owned());
    };
    if method.is_empty() || target.is_empty() || !version.starts_with("HTTP/") {
        return Err(NO_REQUEST.to_owned());
    }
    let mut request = Received {
        method: method.to_owned(),
        target: target.as_bytes().to_vec(),
        ..Received::default()
    };
    for (index, line) in lines.enumerate() {
        if line.is_empty() {
            continue;
        }
        let number = index + 2;
        if line.starts_with(b" ") || line.starts_with(b"\t") {
            return Err(format!(
                "line {number} goes on with the header before it, which no server takes today"
            ));
        }
        if line.contains(&b'\r') || line.contains(&0) {
            return Err(format!("line {number} has a CR or NUL in it"));
        }
        let colon = line
            .iter()
            .position(|byte| *byte == b':')
            .ok_or_else(|| format!("line {number} is no header: it has no colon"))?;
        let (name, value) = line.split_at(colon);
        let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(byte);
        if name.is_empty() || !name.iter().all(is_name) {
            return Err(format!(
                "line {number} is no header: its name has other characters than names have"
            ));
        }
        let value = value.get(1..).unwrap_or_default().trim_ascii();
        request
            .headers
            .push((String::from_utf8_lossy(name).into_owned(), value.to_vec()));
    }
    request.body = body_of(&request, body)?;
    Ok(request)
}

/// Head and body, parted by the first empty line.
fn split(text: &[u8]) -> (&[u8], &[u8]) {
    let mut line_is_empty = false;
    for (index, byte) in text.iter().enumerate() {
        match byte {
            b'\n' if line_is_empty => {
                return (
                    text.get(..index).unwrap_or_default(),
                    text.get(index + 1..).unwrap_or_default(),
                );
            }
            b'\n' => line_is_empty = true,
            b'\r' => {}
            _ => line_is_empty = false,
        }
    }
    (text, b"")
}

fn body_of(request: &Received, body: &[u8]) -> Result<Option<Vec<u8>>, String> {
    if request.header("transfer-encoding").is_some() && !body.is_empty() {
        return Err("the body is in chunks: give it without Transfer-Encoding, or leave it out with --no-body".to_owned());
    }
    let length = request.header("content-length").map(|length| {
        std::str::from_utf8(length)
            .unwrap_or_default()
            .parse::<usize>()
    });
    match length {
        Some(Err(_)) => Err("Content-Length is no number".to_owned()),
        // Taken down without its body.
        Some(Ok(length @ 1..)) if body.trim_ascii().is_empty() && body.len() != length => Ok(None),
        Some(Ok(length)) => match (body.get(..length), body.get(length..)) {
            (Some(body), Some(rest)) if rest.trim_ascii().is_empty() => Ok(Some(body.to_vec())),
            (Some(_), _) => Err(format!(
                "the body has {} bytes, and Content-Length says {length}",
                body.len()
            )),
            _ => Err(format!(
                "the body has {} bytes of the {length} that Content-Length says: --no-body looks at the rest",
                body.len()
            )),
        },
        // What an editor puts at the end of a file is no body.
        None if body.trim_ascii().is_empty() => Ok(Some(Vec::new())),
        None => Ok(Some(body.to_vec())),
    }
}

const NO_REQUEST: &str = "neither a request (METHOD TARGET HTTP/1.1, then headers), a curl command line, a HAR nor a URL";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_and_bodies() {
        let lf = read(b"PUT /a?b HTTP/1.1\nHost:h\nX-A:  1 \n\nbody").unwrap();
        let crlf = read(b"PUT /a?b HTTP/1.1\r\nHost: h\r\nX-A: 1\r\n\r\nbody").unwrap();
        assert_eq!(lf, crlf);
        assert_eq!(lf.body.as_deref(), Some(&b"body"[..]));
        let body = |head: &str, body: &str| {
            read(format!("GET / HTTP/1.1\r\n{head}\r\n{body}").as_bytes()).map(|read| read.body)
        };
        assert_eq!(
            body("Content-Length: 2\r\n", "ab\n"),
            Ok(Some(b"ab".to_vec()))
        );
        assert_eq!(body("Content-Length: 2\r\n", ""), Ok(None));
        assert_eq!(body("", "\n"), Ok(Some(Vec::new())));
        for (head, text) in [
            ("Content-Length: 2\r\n", "a"),
            ("Content-Length: 2\r\n", "abc"),
            ("Content-Length: x\r\n", ""),
            ("Transfer-Encoding: chunked\r\n", "0\r\n\r\n"),
            ("A: 1\r\n b\r\n", ""),
            ("A: 1\r2\r\n", ""),
            ("A\r\n", ""),
            ("A : 1\r\n", ""),
            (": 1\r\n", ""),
        ] {
            assert!(body(head, text).is_err(), "{head:?} {text:?}");
        }
        for text in [
            "",
            "\n",
            "GET /",
            "GET / b HTTP/1.1",
            "\u{0}",
            "HTTP/1.1 200 OK",
        ] {
            assert!(read(text.as_bytes()).is_err(), "{text:?}");
        }
    }
}
