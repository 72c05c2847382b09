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
    pub(crate) fn note(&mut self, name: &str, value: &'a [u8]) {
        // Names of another length are the most, and are out at the first comparison.
        for (place, (_, known)) in self.found.iter_mut().zip(NAMES) {
            if name.len() == known.len() && name.eq_ignore_ascii_case(known) {
                *place = Some(if place.is_none() {
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
