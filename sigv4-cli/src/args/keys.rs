//! Options about keys that go beyond naming them, and about what follows a refusal.

use std::time::Duration;

use clap::Args;

use super::{CREDENTIALS, OUTPUT, SIGNING, Secret};

/// Options that assume a role.
#[derive(Debug, Clone, Default, Args)]
pub struct RoleArgs {
    /// Assume this role with the keys found otherwise, and sign with its session
    #[arg(long, value_name = "ARN", help_heading = CREDENTIALS)]
    pub role_arn: Option<String>,

    /// Name of the role's session, cut to 64 characters; default sigcurl
    #[arg(long, value_name = "NAME", help_heading = CREDENTIALS)]
    pub role_session_name: Option<String>,

    /// What the role's trust policy asks third parties for
    #[arg(long, value_name = "ID", help_heading = CREDENTIALS)]
    pub external_id: Option<String>,

    /// How long the role's session lasts: seconds, or 15m to 12h; default an hour
    #[arg(long, value_name = "TIME", value_parser = duration, help_heading = CREDENTIALS)]
    pub duration: Option<Duration>,

    /// MFA device whose code the role asks for
    #[arg(long, value_name = "ARN", help_heading = CREDENTIALS)]
    pub mfa_serial: Option<String>,

    /// The device's present code; asked for on the terminal if it is needed and not given
    #[arg(long, value_name = "CODE", help_heading = CREDENTIALS)]
    pub mfa_code: Option<Secret>,

    /// Neither read nor write the sessions of assumed roles in ~/.cache/sigcurl
    #[arg(long, help_heading = CREDENTIALS)]
    pub no_credential_cache: bool,
}

/// Options about what follows a refusal.
#[derive(Debug, Clone, Default, Args)]
pub struct RefusalArgs {
    /// Do not sign again with the server's time when it refuses ours
    #[arg(long, help_heading = SIGNING)]
    pub no_clock_correction: bool,

    /// Do not say on standard error what a refusal means and what to do
    #[arg(long, help_heading = OUTPUT)]
    pub no_hints: bool,
}

/// `3600`, `60m`, `1h`: what STS takes, between 15 minutes and 12 hours.
fn duration(text: &str) -> Result<Duration, String> {
    let (number, unit) = match text.strip_suffix(['s', 'm', 'h']) {
        Some(number) => (number, text.get(number.len()..).unwrap_or_default()),
        None => (text, "s"),
    };
    let number: u64 = number
        .parse()
        .map_err(|_| "write seconds, or a number with s, m or h".to_owned())?;
    let seconds = number.saturating_mul(match unit {
        "h" => 3600,
        "m" => 60,
        _ => 1,
    });
    if (SHORTEST..=LONGEST).contains(&seconds) {
        Ok(Duration::from_secs(seconds))
    } else {
        Err("a role's session lasts 15 minutes to 12 hours".to_owned())
    }
}

/// STS's limits.
const SHORTEST: u64 = 900;
const LONGEST: u64 = 43_200;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations() {
        for (text, seconds) in [("3600", 3600), ("900s", 900), ("15m", 900), ("12h", 43_200)] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in [
            "",
            "899",
            "13h",
            "1d",
            "h",
            "-1",
            "99999999999999999999",
            "18446744073709551615h",
        ] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
