//! Keys that someone lent for a time.

use sigv4::{AmzDate, Credentials};

use crate::args::Secret;
use crate::failure::Failure;

/// What STS gives for a role. Secret parts are wiped when it goes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) secret: Secret,
    pub(super) token: Secret,
    pub(super) expires: AmzDate,
}

impl Session {
    pub(super) fn credentials(&self, from: &str) -> Result<Credentials, Failure> {
        super::credentials(
            &self.id,
            self.secret.expose(),
            Some(self.token.expose()),
            from,
        )
    }
}

/// `2026-11-21T15:00:00Z`, with a fraction or without.
pub(super) fn timestamp(text: &str) -> Option<AmzDate> {
    let text = text.strip_suffix('Z')?;
    let whole = text.split('.').next().unwrap_or(text);
    let basic: String = whole.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    format!("{basic}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    #[test]
    fn timestamps() {
        for text in ["2015-08-30T12:36:00Z", "2015-08-30T12:36:00.123Z"] {
            assert_eq!(super::timestamp(text).unwrap().as_str(), "20150830T123600Z");
        }
        for text in [
            "",
            "2015-08-30",
            "2015-08-30T12:36:00+01:00",
            "2015-13-30T12:36:00Z",
        ] {
            assert_eq!(super::timestamp(text), None, "{text}");
        }
    }
}
