//! [`SignedHeaders`]: the names that a signature covers.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use crate::canonical::headers::is_token;
use crate::error::VerifyError;
use crate::names;

/// The most names that are taken: real clients sign fewer than twenty.
const MAX_NAMES: usize = 64;

/// The names of the headers that a signature covers: lower-case, sorted, each once.
#[derive(Clone)]
pub struct SignedHeaders<'a> {
    text: Cow<'a, [u8]>,
    marks: Marks,
}

/// Which of the names that the checks ask for are there.
#[derive(Clone, Copy, Default)]
struct Marks {
    content_length: bool,
    expect: bool,
    host: bool,
}

impl<'a> SignedHeaders<'a> {
    /// Checks the grammar first, then the canonical form.
    pub(crate) fn parse(text: Cow<'a, [u8]>, allow_unsorted: bool) -> Result<Self, VerifyError> {
        if text.is_empty() {
            // Well-formed but for the fact that it leaves everything out.
            return Err(VerifyError::HostNotSigned);
        }
        let text = if allow_unsorted {
            sorted(&text).into()
        } else {
            text
        };
        let mut marks = Marks::default();
        let (mut count, mut canonical, mut previous) = (0_usize, true, Default::default());
        for name in text.split(|b| *b == b';') {
            count = count.saturating_add(1);
            let well_formed = !name.is_empty() && name.iter().all(|b| is_token(*b));
            if !well_formed || name == previous || count > MAX_NAMES {
                return Err(VerifyError::MalformedSignedHeaders);
            }
            let lower = !name.iter().any(u8::is_ascii_uppercase);
            canonical &= name > previous && lower && name != names::AUTHORIZATION.as_bytes();
            marks.content_length |= name == names::CONTENT_LENGTH.as_bytes();
            marks.expect |= name == names::EXPECT.as_bytes();
            marks.host |= name == names::HOST.as_bytes();
            previous = name;
        }
        if canonical {
            Ok(Self { text, marks })
        } else {
            Err(VerifyError::NonCanonicalSignedHeaders)
        }
    }

    pub(crate) const fn has_host(&self) -> bool {
        self.marks.host
    }

    pub(crate) const fn has_expect(&self) -> bool {
        self.marks.expect
    }

    pub(crate) const fn has_content_length(&self) -> bool {
        self.marks.content_length
    }

    /// The names as bytes, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &[u8]> {
        self.text.split(|b| *b == b';')
    }

    /// The names, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.names()
            .map(|name| core::str::from_utf8(name).unwrap_or_default())
    }

    /// Whether a header is signed; its name in lower case.
    #[must_use]
    pub fn contains(&self, lower_case_name: &str) -> bool {
        self.names().any(|name| name == lower_case_name.as_bytes())
    }

    /// The names joined with `;`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.text).unwrap_or_default()
    }
}

/// The names in order, where their order is tolerated.
fn sorted(text: &[u8]) -> Vec<u8> {
    let mut names: Vec<_> = text
        .split(|b| *b == b';')
        .take(MAX_NAMES.saturating_add(1))
        .collect();
    names.sort_unstable();
    names.join(&b';')
}

impl fmt::Display for SignedHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for SignedHeaders<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SignedHeaders")
            .field(&self.as_str())
            .finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_flaw_has_its_reason() {
        let reason = |text: &str| {
            SignedHeaders::parse(text.as_bytes().into(), false)
                .err()
                .map_or("ok", |error| error.reason())
        };
        for (text, expected) in [
            ("host;x-amz-date", "ok"),
            ("", "host_unsigned"),
            ("host;host;x-amz-date", "incomplete"),
            ("host;;x-amz-date", "incomplete"),
            ("host,x-amz-date", "incomplete"),
            ("host; x-amz-date", "incomplete"),
            ("x-amz-date;host", "mismatch"),
            ("host;X-Amz-Date", "mismatch"),
            ("authorization;host", "mismatch"),
        ] {
            assert_eq!(reason(text), expected, "{text}");
        }
        let many: Vec<_> = (0..65).map(|i| alloc::format!("x-{i:04}")).collect();
        assert_eq!(reason(&many.join(";")), "incomplete");
        assert_eq!(reason(&many[..64].join(";")), "ok");
        assert!(SignedHeaders::parse(b"x;host".as_slice().into(), true).is_ok());
    }
}
