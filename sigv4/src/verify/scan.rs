//! One pass over the headers: limits, form, what is asked for by name, and what is to be signed.

use alloc::vec::Vec;

use super::coverage::is_amz;
use crate::canonical::headers::{self, HeaderEntry};
use crate::error::{Limit, VerifyError};
use crate::known_headers::KnownHeaders;
use crate::names;
use crate::policy::Limits;
use crate::request::{RequestHead, trim};

/// What a pass over the headers found.
pub(super) struct Scan<'a> {
    /// The headers that are asked for by name. They are complete even if there is an error.
    pub(super) known: KnownHeaders<'a>,
    error: Option<VerifyError>,
}

impl<'a> Scan<'a> {
    /// The known headers, if the headers are within their limits and well-formed.
    pub(super) fn finish(self) -> Result<KnownHeaders<'a>, VerifyError> {
        self.error.map_or(Ok(self.known), Err)
    }
}

/// Collects the headers. After the first error it goes on without collecting, so that what is wrong with the
/// signature, which is checked first, is seen whole.
pub(super) fn headers<'a>(
    limits: &Limits,
    entries: &mut Vec<HeaderEntry<'a>>,
    head: &RequestHead<'a>,
) -> Scan<'a> {
    let mut known = KnownHeaders::default();
    let mut error = None;
    let mut bytes = 0_usize;
    head.headers.for_each(|index, name, value| {
        known.note(name, value);
        if error.is_some() {
            return;
        }
        bytes = bytes.saturating_add(name.len()).saturating_add(value.len());
        error = if index >= limits.headers {
            Some(VerifyError::TooLarge(Limit::Headers))
        } else if bytes > limits.header_bytes {
            Some(VerifyError::TooLarge(Limit::HeaderBytes))
        } else if let Err(error) = headers::check(index, name, value) {
            Some(error.into())
        } else if drops_needed_header(name, value) {
            Some(VerifyError::HopByHopSigned)
        } else {
            entries.push(HeaderEntry::new(name, value, index));
            None
        };
    });
    Scan { known, error }
}

/// A Connection header that names a header asks every proxy to drop it (RFC 9110, section 7.6.1).
fn drops_needed_header(name: &str, value: &[u8]) -> bool {
    let needed = |option: &[u8]| {
        option.eq_ignore_ascii_case(names::HOST.as_bytes())
            || option.eq_ignore_ascii_case(names::AUTHORIZATION.as_bytes())
            || is_amz(option)
    };
    name.len() == names::CONNECTION.len()
        && name.eq_ignore_ascii_case(names::CONNECTION)
        && value
            .split(|b| *b == b',')
            .any(|option| needed(trim(option)))
}
