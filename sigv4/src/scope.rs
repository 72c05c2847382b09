//! [`CredentialScope`]: what a signing key is good for, `20150830/us-east-1/iam/aws4_request`.

use alloc::vec::Vec;
use core::fmt;
use core::str::FromStr;

use crate::error::ParseError;
use crate::text::InlineText;
use crate::time::ScopeDate;

/// The last part of every scope.
pub(crate) const TERMINATOR: &str = "aws4_request";
/// A scope's longest text: day, region, service and terminator with three slashes.
pub(crate) const MAX_SCOPE: usize = 8 + 1 + MAX_NAME + 1 + MAX_NAME + 1 + TERMINATOR.len();
const MAX_NAME: usize = 64;

/// A region or service name: 1 to 64 of `A-Z a-z 0-9 . _ -`.
///
/// A region or service from a config file ends up in host names and in signed text; a slash, an at sign or a line
/// break there has led signed requests to foreign hosts (CVE-2026-22611), so none gets past this type.
pub(crate) type Name = InlineText<MAX_NAME>;

pub(crate) fn parse_name(text: &[u8]) -> Option<Name> {
    let good = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'_' | b'-');
    (!text.is_empty() && text.iter().all(good)).then(|| Name::try_from_bytes(text))?
}

/// The day, region and service that a signing key is good for.
///
/// * Prints and parses as `20150830/us-east-1/iam/aws4_request`.
/// * Region and service are 1 to 64 of `A-Z a-z 0-9 . _ -`; the day is one of the calendar.
///
/// Implements the *credential scope* of AWS's *Signature Version 4 signing process*.
///
/// ```
/// use sigv4::CredentialScope;
///
/// let scope: CredentialScope = "20150830/us-east-1/iam/aws4_request".parse()?;
/// assert_eq!(scope.region(), "us-east-1");
/// assert_eq!(scope.service(), "iam");
/// # Ok::<(), sigv4::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CredentialScope {
    date: ScopeDate,
    region: Name,
    service: Name,
}

impl CredentialScope {
    /// A scope from its parts.
    ///
    /// # Errors
    /// [`ParseError::Region`] or [`ParseError::Service`] if the name is empty, too long or has a character that no
    /// AWS name has.
    pub fn new(date: ScopeDate, region: &str, service: &str) -> Result<Self, ParseError> {
        let region = parse_name(region.as_bytes()).ok_or(ParseError::Region)?;
        let service = parse_name(service.as_bytes()).ok_or(ParseError::Service)?;
        Ok(Self {
            date,
            region,
            service,
        })
    }

    pub(crate) const fn from_names(date: ScopeDate, region: Name, service: Name) -> Self {
        Self {
            date,
            region,
            service,
        }
    }

    /// The day.
    #[must_use]
    pub const fn date(&self) -> ScopeDate {
        self.date
    }

    /// The region, `us-east-1`.
    #[must_use]
    pub fn region(&self) -> &str {
        self.region.as_str()
    }

    /// The service's signing name, `execute-api`.
    #[must_use]
    pub fn service(&self) -> &str {
        self.service.as_str()
    }

    pub(crate) const fn region_name(&self) -> &Name {
        &self.region
    }

    pub(crate) const fn service_name(&self) -> &Name {
        &self.service
    }

    /// The parts between which a wire form puts its slash, in order.
    pub(crate) fn parts(&self) -> [&[u8]; 4] {
        [
            self.date.as_bytes(),
            self.region.as_bytes(),
            self.service.as_bytes(),
            TERMINATOR.as_bytes(),
        ]
    }

    /// Appends the text with the given bytes for a slash (`/`, or `%2F` in a query).
    pub(crate) fn write(&self, out: &mut Vec<u8>, slash: &[u8]) {
        for (i, part) in self.parts().into_iter().enumerate() {
            if i > 0 {
                out.extend_from_slice(slash);
            }
            out.extend_from_slice(part);
        }
    }
}

impl FromStr for CredentialScope {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        let mut parts = text.split('/');
        let (Some(date), Some(region), Some(service), Some(terminator), None) = (
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
            parts.next(),
        ) else {
            return Err(ParseError::ScopeParts);
        };
        if terminator != TERMINATOR {
            return Err(ParseError::Terminator);
        }
        Self::new(date.parse()?, region, service)
    }
}

impl fmt::Display for CredentialScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}/{}/{TERMINATOR}",
            self.date, self.region, self.service
        )
    }
}

impl fmt::Debug for CredentialScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn prints_what_it_parsed() {
        let text = "20150830/us-east-1/service/aws4_request";
        let scope: CredentialScope = text.parse().unwrap();
        assert_eq!(scope.to_string(), text);
        let mut bytes = Vec::new();
        scope.write(&mut bytes, b"/");
        assert_eq!(bytes, text.as_bytes());
        assert_eq!(
            bytes.len(),
            scope.parts().iter().map(|p| p.len()).sum::<usize>() + 3
        );
    }

    #[test]
    fn names_that_could_leave_the_scope_are_refused() {
        let date = "20150830".parse().unwrap();
        for bad in [
            "",
            "a/b",
            "x@attacker.example:443/#",
            "a\nb",
            "a\0",
            "a b",
            "é",
            &"a".repeat(65),
        ] {
            assert_eq!(
                CredentialScope::new(date, bad, "iam"),
                Err(ParseError::Region),
                "{bad}"
            );
            assert_eq!(
                CredentialScope::new(date, "us-east-1", bad),
                Err(ParseError::Service),
                "{bad}"
            );
        }
        assert_eq!(
            "20150830/r/s".parse::<CredentialScope>(),
            Err(ParseError::ScopeParts)
        );
        assert_eq!(
            "20150830/r/s/aws4".parse::<CredentialScope>(),
            Err(ParseError::Terminator)
        );
        assert_eq!(
            "20150830/r/s/aws4_request/".parse::<CredentialScope>(),
            Err(ParseError::ScopeParts)
        );
    }
}
