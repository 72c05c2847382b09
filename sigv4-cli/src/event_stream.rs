//! Frames of `application/vnd.amazon.eventstream`: bytes in, in whatever pieces they come, and whole frames out.
//!
//! ```text
//! total length u32 │ headers' length u32 │ CRC-32 of these u32 │ headers │ payload │ CRC-32 of all before u32
//! ```
//!
//! Both checksums are compared before anything of a frame is believed, but for its length, which has one of its own.

use std::fmt;

/// Puts frames together. Holds one frame at most.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    /// Of the frame in the buffer; `None` = its prelude is not whole yet.
    length: Option<usize>,
    /// The frame in the buffer was given out.
    done: bool,
}

/// A frame whose checksums are right.
#[derive(Debug, PartialEq, Eq)]
pub struct Frame<'a> {
    headers: Vec<(&'a str, Value<'a>)>,
    /// What it carries.
    pub payload: &'a [u8],
}

/// The value of a header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// A text.
    Text(&'a str),
    /// Anything else, of which nothing here makes use.
    Other,
}

/// What is wrong with a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Broken {
    /// The first checksum is not that of the lengths.
    Prelude,
    /// The second checksum is not that of the frame.
    Message,
    /// The lengths contradict each other.
    Length,
    /// More headers than anyone sends.
    Headers(usize),
    /// More payload than anyone sends.
    Payload(usize),
    /// The headers are none.
    Header,
    /// The stream ended inside a frame.
    Cut,
}

impl Decoder {
    /// Takes bytes off `input` up to the end of a frame and gives that frame; `None` = all are taken and it is not whole.
    ///
    /// # Errors
    ///
    /// For a stream that is broken. What follows in it cannot be read any more.
    pub fn next<'a>(&'a mut self, input: &mut &[u8]) -> Result<Option<Frame<'a>>, Broken> {
        if self.done {
            self.buffer.clear();
            self.length = None;
            self.done = false;
        }
        let length = match self.length {
            Some(length) => length,
            None => {
                self.fill(PRELUDE, input);
                if self.buffer.len() < PRELUDE {
                    return Ok(None);
                }
                let length = frame_length(&self.buffer)?;
                self.buffer.reserve_exact(length - PRELUDE);
                self.length = Some(length);
                length
            }
        };
        self.fill(length, input);
        if self.buffer.len() < length {
            return Ok(None);
        }
        self.done = true;
        frame(&self.buffer).map(Some)
    }

    /// The stream is over.
    ///
    /// # Errors
    ///
    /// If it ended inside a frame.
    pub fn finish(&self) -> Result<(), Broken> {
        if self.done || self.buffer.is_empty() {
            Ok(())
        } else {
            Err(Broken::Cut)
        }
    }

    fn fill(&mut self, length: usize, input: &mut &[u8]) {
        let missing = length.saturating_sub(self.buffer.len());
        let (taken, rest) = input.split_at(missing.min(input.len()));
        self.buffer.extend_from_slice(taken);
        *input = rest;
    }
}

/// The whole length, which is no more than the limits allow.
fn frame_length(prelude: &[u8]) -> Result<usize, Broken> {
    let mut rest = prelude;
    let length = take_u32(&mut rest).ok_or(Broken::Length)?;
    let headers = take_u32(&mut rest).ok_or(Broken::Length)?;
    let checksum = take_u32(&mut rest).ok_or(Broken::Length)?;
    if crc32fast::hash(prelude.get(..8).unwrap_or_default()) != checksum {
        return Err(Broken::Prelude);
    }
    let length = usize::try_from(length).map_err(|_| Broken::Length)?;
    let headers = usize::try_from(headers).map_err(|_| Broken::Length)?;
    if headers > MOST_HEADERS {
        return Err(Broken::Headers(headers));
    }
    match length.checked_sub(headers + OVERHEAD) {
        None => Err(Broken::Length),
        Some(payload) if payload > MOST_PAYLOAD => Err(Broken::Payload(payload)),
        Some(_) => Ok(length),
    }
}

fn frame(bytes: &[u8]) -> Result<Frame<'_>, Broken> {
    let (content, mut checksum) = bytes
        .split_last_chunk::<4>()
        .map(|(content, checksum)| (content, checksum.as_slice()))
        .ok_or(Broken::Length)?;
    if Some(crc32fast::hash(content)) != take_u32(&mut checksum) {
        return Err(Broken::Message);
    }
    let mut rest = content.get(4..).ok_or(Broken::Length)?;
    let length = take_u32(&mut rest).and_then(|length| usize::try_from(length).ok());
    let rest = content.get(PRELUDE..).ok_or(Broken::Length)?;
    let (mut headers, payload) = length
        .and_then(|length| rest.split_at_checked(length))
        .ok_or(Broken::Length)?;
    let mut found: Vec<(&str, Value<'_>)> = Vec::new();
    while !headers.is_empty() {
        let (name, value) = header(&mut headers).ok_or(Broken::Header)?;
        if found.iter().any(|(other, _)| *other == name) {
            return Err(Broken::Header);
        }
        found.push((name, value));
    }
    Ok(Frame {
        headers: found,
        payload,
    })
}

fn header<'a>(bytes: &mut &'a [u8]) -> Option<(&'a str, Value<'a>)> {
    let length = usize::from(*take(bytes, 1)?.first()?);
    let name = std::str::from_utf8(take(bytes, length)?).ok()?;
    let kind = *take(bytes, 1)?.first()?;
    let length = match kind {
        // true, false
        0 | 1 => 0,
        2 => 1,
        3 => 2,
        4 => 4,
        // a number, a time
        5 | 8 => 8,
        6 | 7 => usize::from(u16::from_be_bytes(take(bytes, 2)?.try_into().ok()?)),
        9 => 16,
        _ => return None,
    };
    let value = take(bytes, length)?;
    let value = match kind {
        7 => Value::Text(std::str::from_utf8(value).ok()?),
        _ => Value::Other,
    };
    Some((name, value))
}

fn take<'a>(bytes: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, rest) = bytes.split_at_checked(length)?;
    *bytes = rest;
    Some(taken)
}

fn take_u32(bytes: &mut &[u8]) -> Option<u32> {
    take(bytes, 4)
        .and_then(|taken| taken.try_into().ok())
        .map(u32::from_be_bytes)
}

impl Frame<'_> {
    /// The text of a header; `None` if it is not there or not a text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.headers.iter().find_map(|(found, value)| match value {
            Value::Text(text) if *found == name => Some(*text),
            _ => None,
        })
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Prelude => f.write_str("the checksum of a frame's length is wrong"),
            Self::Message => f.write_str("the checksum of a frame is wrong"),
            Self::Length => f.write_str("a frame is shorter than its own parts"),
            Self::Headers(length) => write!(
                f,
                "a frame has {length} bytes of headers, {MOST_HEADERS} is the limit"
            ),
            Self::Payload(length) => write!(
                f,
                "a frame has {length} bytes of payload, {MOST_PAYLOAD} is the limit"
            ),
            Self::Header => f.write_str("a frame has malformed headers"),
            Self::Cut => f.write_str("the stream ended inside a frame"),
        }
    }
}

impl std::error::Error for Broken {}

/// Two lengths and their checksum.
const PRELUDE: usize = 12;
/// Prelude and second checksum.
const OVERHEAD: usize = 16;
/// The limits that botocore has.
const MOST_HEADERS: usize = 131_072;
const MOST_PAYLOAD: usize = 25_165_824;

#[cfg(test)]
mod tests;
