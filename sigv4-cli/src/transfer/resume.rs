//! `-C`: whether an answer goes on where it should.

use std::path::Path;

use http::header::CONTENT_RANGE;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::send::Head;
use crate::sink::Sink;

/// What the answer to a Range is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Resumed {
    /// The rest.
    Rest,
    /// There is no more.
    Complete,
    /// The whole, since the server knows no ranges.
    Whole,
    /// Not the file at all.
    Refused,
}

pub(super) fn resumed(head: &Head, offset: u64) -> Result<Resumed, Failure> {
    let range = head.headers.get(CONTENT_RANGE);
    let range = range.map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
    let range = range
        .as_deref()
        .and_then(|range| range.trim().strip_prefix("bytes"))
        .map(str::trim);
    let start = || range?.split_once('-')?.0.parse::<u64>().ok();
    let length = || range?.split_once('/')?.1.parse::<u64>().ok();
    match head.status.as_u16() {
        206 if start() == Some(offset) => Ok(Resumed::Rest),
        206 => Err(not_resumed("it sends another part")),
        416 if length().is_none_or(|length| length == offset) => Ok(Resumed::Complete),
        416 => Err(not_resumed("the file there is shorter than what is here")),
        200..=299 => Ok(Resumed::Whole),
        _ => Ok(Resumed::Refused),
    }
}

pub(super) fn not_resumed(why: &str) -> Failure {
    Failure::new(
        Exit::Range,
        format!("the server does not go on where it should: {why}"),
    )
}

/// A new file instead of the one that cannot be gone on with.
pub(super) fn whole(rest: Sink, path: &Path) -> Result<Sink, Failure> {
    if let Sink::Rest {
        path: part,
        becomes: Some(_),
        ..
    } = rest
    {
        // What is there of it is of no use any more.
        let _ = std::fs::remove_file(&part);
    }
    Sink::open(Some(path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use http::{HeaderMap, StatusCode};

    #[test]
    fn answers_to_a_range() {
        for (status, range, expected) in [
            (206, "bytes 5-9/10", Ok(Resumed::Rest)),
            (206, "bytes 5-9/*", Ok(Resumed::Rest)),
            (206, "bytes 0-9/10", Err(Exit::Range)),
            (206, "", Err(Exit::Range)),
            (200, "", Ok(Resumed::Whole)),
            (416, "bytes */5", Ok(Resumed::Complete)),
            (416, "", Ok(Resumed::Complete)),
            (416, "bytes */4", Err(Exit::Range)),
            (403, "", Ok(Resumed::Refused)),
            (302, "", Ok(Resumed::Refused)),
        ] {
            let mut headers = HeaderMap::new();
            if !range.is_empty() {
                headers.insert(CONTENT_RANGE, range.parse().unwrap());
            }
            let head = Head {
                version: http::Version::HTTP_11,
                status: StatusCode::from_u16(status).unwrap(),
                reason: String::new(),
                headers,
                address: None,
            };
            let found = resumed(&head, 5).map_err(|failure| failure.exit());
            assert_eq!(found, expected, "{status} {range}");
        }
    }
}
