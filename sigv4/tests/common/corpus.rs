//! Captured requests as a server sees them.

use sigv4::AmzDate;
use test_vectors::CorpusCase;

use super::Request;

pub(crate) fn request(case: &CorpusCase) -> Request {
    let raw = case.request();
    Request {
        method: raw.method,
        path: raw.path,
        query: raw.query,
        headers: raw.headers,
        body: if case.http_chunked {
            dechunk(&raw.body)
        } else {
            raw.body
        },
        authority: None,
    }
}

/// Undoes HTTP's own chunked coding, as a server does before anything else.
fn dechunk(mut wire: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    while let Some(end) = wire.windows(2).position(|window| window == b"\r\n") {
        let size = std::str::from_utf8(&wire[..end])
            .unwrap()
            .split(';')
            .next()
            .unwrap()
            .trim();
        let size = usize::from_str_radix(size, 16).unwrap();
        let rest = &wire[end + 2..];
        if size == 0 {
            break;
        }
        body.extend_from_slice(&rest[..size]);
        wire = &rest[size + 2..];
    }
    body
}

pub(crate) fn unix_seconds(case: &CorpusCase) -> AmzDate {
    // 2026-11-21T02:18:53.601843+00:00
    let digits: String = case
        .time
        .split('.')
        .next()
        .unwrap()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    format!("{}T{}Z", &digits[..8], &digits[8..14])
        .parse()
        .unwrap()
}
