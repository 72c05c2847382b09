//! The options that control how a request is signed.

use clap::Args;
use sigv4::{Expires, PayloadHash};

use super::SIGNING;

/// How to sign, against the default.
#[derive(Debug, Clone, Default, Args)]
pub struct SigningArgs {
    /// Sign this header, too, such as user-agent, which is left out by default
    #[arg(long, value_name = "HEADER", help_heading = SIGNING)]
    pub sign_header: Vec<String>,

    /// Send this header unsigned; not for host and x-amz-*
    #[arg(long, value_name = "HEADER", help_heading = SIGNING)]
    pub no_sign_header: Vec<String>,

    /// Leave the body out of the signature (UNSIGNED-PAYLOAD), which S3 accepts and few others do
    #[arg(long, conflicts_with = "payload_hash", help_heading = SIGNING)]
    pub unsigned_payload: bool,

    /// Sign this SHA-256 of the body instead of computing it
    #[arg(long, value_name = "HEX", value_parser = payload_hash, help_heading = SIGNING)]
    pub payload_hash: Option<PayloadHash>,

    /// Sign for this host and send it as the Host header, as -H 'Host: HOST' does
    #[arg(long, value_name = "HOST", help_heading = SIGNING)]
    pub service_host: Option<String>,

    /// Send the path with its '.' and '..'; refused if it has any, which the HTTP client cannot send
    #[arg(long, help_heading = SIGNING)]
    pub path_as_is: bool,

    /// Send a plain request, without signature and keys
    #[arg(long, conflicts_with = "presign", help_heading = SIGNING)]
    pub no_sign: bool,

    /// Put the signature into the query instead of a header (see `sigcurl presign` for the URL alone)
    #[arg(long, help_heading = SIGNING)]
    pub presign: bool,

    /// For how long a presigned request is good, such as 30s, 15m, 12h or 7d; default 15m
    #[arg(long, value_name = "TIME", value_parser = expires, help_heading = SIGNING)]
    pub expires: Option<Expires>,
}

fn payload_hash(text: &str) -> Result<PayloadHash, String> {
    match text.to_ascii_lowercase().parse() {
        Ok(hash @ PayloadHash::Sha256(_)) => Ok(hash),
        _ => Err("not 64 hexadecimal digits".to_owned()),
    }
}

fn expires(text: &str) -> Result<Expires, String> {
    let (digits, unit) = match text.as_bytes().last() {
        Some(b's') => (text.strip_suffix('s'), 1),
        Some(b'm') => (text.strip_suffix('m'), 60),
        Some(b'h') => (text.strip_suffix('h'), 3_600),
        Some(b'd') => (text.strip_suffix('d'), 86_400),
        _ => (Some(text), 1),
    };
    let digits = digits.filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    digits
        .and_then(|digits| digits.parse::<u32>().ok())
        .and_then(|number| number.checked_mul(unit))
        .and_then(|seconds| Expires::from_secs(seconds).ok())
        .ok_or_else(|| "not a time of 1s to 7d".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times() {
        for (text, seconds) in [
            ("1", Some(1)),
            ("30s", Some(30)),
            ("15m", Some(900)),
            ("12h", Some(43_200)),
            ("7d", Some(604_800)),
            ("604800", Some(604_800)),
            ("604801", None),
            ("8d", None),
            ("0", None),
            ("", None),
            ("m", None),
            ("-1", None),
            ("+1", None),
            ("1.5h", None),
            ("99999999d", None),
            ("1w", None),
        ] {
            assert_eq!(expires(text).ok().map(Expires::seconds), seconds, "{text}");
        }
    }
}
