//! One pass over the headers: limits, form, what is asked for by name, and what is to be signed.

use alloc::vec::Vec;

use crate::canonical::headers::HeaderEntry;
use crate::error::{Limit, VerifyError};
use crate::known_headers::KnownHeaders;
use crate::names;
use crate::policy::Limits;
use crate::request::RequestHead;

/// What a pass over the headers found.
pub(super) struct Scan<'a> {
    /// The headers that are asked for by name. They are complete even if there is an error.
    pub(super) known: KnownHeaders<'a>,
    /// Whether there is a Connection header.
    pub(super) has_connection: bool,
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
    let mut has_connection = false;
    let mut bytes = 0_usize;
    head.headers.for_each(|index, name, value| {
        known.note(name, value);
        has_connection |= name.eq_ignore_ascii_case(names::CONNECTION);
        if error.is_some() {
            return;
        }
        bytes = bytes.saturating_add(name.len()).saturating_add(value.len());
        error = if index >= limits.headers {
            Some(VerifyError::TooLarge(Limit::Headers))
        } else if bytes > limits.header_bytes {
            Some(VerifyError::TooLarge(Limit::HeaderBytes))
        } else {
            match HeaderEntry::checked(index, name, value) {
                Ok(entry) => {
                    entries.push(entry);
                    None
                }
                Err(error) => Some(error.into()),
            }
        };
    });
    Scan {
        known,
        has_connection,
        error,
    }
}
