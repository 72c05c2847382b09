//! [`KnownHeaders`]: the headers that signing and verifying ask for by name, found in one pass.

use crate::error::CanonicalError;
use crate::names;
use crate::request::RequestHead;

/// A header that is asked for by name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Known {
    Authorization,
    AmzDate,
    ContentLength,
    ContentSha256,
    Date,
    Host,
    SecurityToken,
    TransferEncoding,
}

/// Each known header with its name.
const NAMES: [(Known, &str); 8] = [
    (Known::Authorization, names::AUTHORIZATION),
    (Known::AmzDate, names::X_AMZ_DATE),
    (Known::ContentLength, names::CONTENT_LENGTH),
    (Known::ContentSha256, names::X_AMZ_CONTENT_SHA256),
    (Known::Date, names::DATE),
    (Known::Host, names::HOST),
    (Known::SecurityToken, names::X_AMZ_SECURITY_TOKEN),
    (Known::TransferEncoding, names::TRANSFER_ENCODING),
];

/// A header is there more than once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Repeated;

/// The value of each known header, or that it is there more than once.
#[derive(Clone, Copy, Default)]
pub(crate) struct KnownHeaders<'a> {
    found: [Found<'a>; NAMES.len()],
}

type Found<'a> = Option<Result<&'a [u8], Repeated>>;

impl<'a> KnownHeaders<'a> {
    /// Finds them in a request.
    pub(crate) fn of(head: &RequestHead<'a>) -> Self {
        let mut this = Self::default();
        head.headers
            .for_each(|_, name, value| this.note(name, value));
        this
    }

    /// Takes one more header of the request.
    #[inline]
    pub(crate) fn note(&mut self, name: &str, value: &'a [u8]) {
        // Most names are out by their length.
        let candidates: &[usize] = match name.len() {
            4 => &[4, 5],
            10 => &[1],
            13 => &[0],
            14 => &[2],
            17 => &[7],
            20 => &[3, 6],
            _ => return,
        };
        for place in candidates {
            if let (Some(found), Some((_, known))) = (self.found.get_mut(*place), NAMES.get(*place))
                && is_name(name.as_bytes(), known.as_bytes())
            {
                *found = Some(if found.is_none() {
                    Ok(value)
                } else {
                    Err(Repeated)
                });
            }
        }
    }

    /// The value of a header that must not be there twice: `None` if it is absent.
    pub(crate) fn get(&self, known: Known) -> Result<Option<&'a [u8]>, Repeated> {
        let found = self
            .found
            .iter()
            .zip(NAMES)
            .find(|(_, (name, _))| *name == known);
        found.and_then(|(found, _)| *found).transpose()
    }

    /// Whether a header is there, once or more.
    pub(crate) fn has(&self, known: Known) -> bool {
        !matches!(self.get(known), Ok(None))
    }

    /// The host to sign: the Host header if there is one, else the authority.
    pub(crate) fn host(&self, head: &RequestHead<'a>) -> Result<Option<&'a [u8]>, CanonicalError> {
        let header = self
            .get(Known::Host)
            .map_err(|Repeated| CanonicalError::Host)?;
        Ok(header.or(head.authority))
    }
}

/// Whether a name of the same length is this one, in any case: by its first letter for most that are not.
#[inline]
fn is_name(name: &[u8], known: &[u8]) -> bool {
    let first = |text: &[u8]| text.first().map(u8::to_ascii_lowercase);
    first(name) == first(known) && (name == known || name.eq_ignore_ascii_case(known))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_in_any_case_and_a_second_one_is_noticed() {
        for (known, name) in NAMES {
            let mut headers = KnownHeaders::default();
            headers.note("x-other", b"0");
            assert!(!headers.has(known), "{name}");
            headers.note(&name.to_ascii_uppercase(), b"1");
            assert_eq!(headers.get(known).unwrap(), Some(b"1".as_slice()), "{name}");
            assert_eq!(
                NAMES
                    .iter()
                    .filter(|(other, _)| headers.has(*other))
                    .count(),
                1,
                "{name}"
            );
            headers.note(name, b"2");
            assert!(headers.get(known).is_err() && headers.has(known), "{name}");
        }
    }
}
