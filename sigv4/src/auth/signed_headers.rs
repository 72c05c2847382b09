//! [`SignedHeaders`]: the names that a signature covers.

use alloc::borrow::Cow;
use core::fmt;

use crate::canonical::headers::is_token;
use crate::error::VerifyError;

/// The most names that are taken: real clients sign fewer than twenty.
const MAX_NAMES: usize = 64;

/// The names of the headers that a signature covers: lower-case, sorted, each once.
#[derive(Clone)]
pub struct SignedHeaders<'a> {
    text: Cow<'a, [u8]>,
}

impl<'a> SignedHeaders<'a> {
    /// Checks the grammar first, then the canonical form.
    pub(crate) fn parse(text: Cow<'a, [u8]>, allow_unsorted: bool) -> Result<Self, VerifyError> {
        let names = || text.split(|b| *b == b';');
        if text.is_empty() {
            // Well-formed but for the fact that it leaves everything out.
            return Err(VerifyError::HostNotSigned);
        }
        if names().take(MAX_NAMES.saturating_add(1)).count() > MAX_NAMES {
            return Err(VerifyError::MalformedSignedHeaders);
        }
        if names().any(|name| name.is_empty() || !name.iter().all(|b| is_token(*b))) {
            return Err(VerifyError::MalformedSignedHeaders);
        }
        let pairs = || names().zip(names().skip(1));
        if pairs().any(|(a, b)| a == b) {
            return Err(VerifyError::MalformedSignedHeaders);
        }
        let sorted = pairs().all(|(a, b)| a < b);
        let lower = !text.iter().any(u8::is_ascii_uppercase);
        if !lower || !(sorted || allow_unsorted) || names().any(|name| name == b"authorization") {
            return Err(VerifyError::NonCanonicalSignedHeaders);
        }
        Ok(Self { text })
    }

    /// The names, in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.text
            .split(|b| *b == b';')
            .map(|name| core::str::from_utf8(name).unwrap_or_default())
    }

    /// Whether a header is signed; its name in lower case.
    #[must_use]
    pub fn contains(&self, lower_case_name: &str) -> bool {
        self.iter().any(|name| name == lower_case_name)
    }

    /// The names joined with `;`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.text).unwrap_or_default()
    }
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
    use alloc::vec::Vec;

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
