//! What a refusal of AWS's means, and what to do: one or two lines.

pub(crate) mod canonical;
mod pattern;
mod table;

use http::StatusCode;
use sigv4::AmzDate;

use self::table::{ROWS, Row};
use crate::fields::{json, xml};
use crate::heal;
use crate::hop::Hop;
use crate::send::Head;

/// A refusal, and the request that met it.
pub(crate) struct Refused<'a> {
    pub(crate) head: &'a Head,
    /// The body's beginning.
    pub(crate) body: &'a str,
    pub(crate) hop: &'a Hop,
    pub(crate) service: &'a str,
    pub(crate) region: &'a str,
    /// Whether that is what `--region` says.
    pub(crate) region_is_given: bool,
    /// Whether `--at` or a header says when.
    pub(crate) time_is_given: bool,
    /// Access key id.
    pub(crate) key: &'a str,
    pub(crate) now: AmzDate,
    /// What was signed.
    pub(crate) canonical_request: &'a dyn Fn() -> Option<String>,
}

/// What to say about it; nothing if it is not known.
pub(crate) fn hints(refused: &Refused<'_>) -> Vec<String> {
    let code = heal::code(refused.head, refused.body).unwrap_or_default();
    let message = message(refused.body);
    let mut lines = matching(refused, &code, &message);
    if let Some(line) = elsewhere(refused) {
        lines = vec![line];
    }
    if is_mismatch(&code, &message) {
        let ours = (refused.canonical_request)();
        if let Some(found) = canonical::compare(refused, &message, ours.as_deref()) {
            lines = found;
        }
    }
    if !lines.is_empty()
        && let Some(line) = clock(refused)
        && !is_about_the_time(&code, &message)
    {
        lines.truncate(1);
        lines.push(line);
    }
    lines.iter().map(|line| plain(line)).collect()
}

/// The lines of the first row that fits, or of each that is about the scope, of which several can be wrong at once.
fn matching(refused: &Refused<'_>, code: &str, message: &str) -> Vec<String> {
    let mut lines = Vec::new();
    for row in ROWS {
        let Some(captures) = row.captures(refused, code, message) else {
            continue;
        };
        let fill = |text: &str| pattern::fill(text, &|name| value(refused, &captures, name));
        let of_scope = row.is_about_scope();
        if !lines.is_empty() && !of_scope {
            continue;
        }
        lines.push(fill(row.means));
        if !row.advice.is_empty() {
            lines.push(fill(row.advice));
        }
        if !of_scope {
            break;
        }
    }
    lines.truncate(MOST);
    lines
}

impl Row {
    /// What stands in place of the pattern's `{}`, if it fits.
    fn captures(&self, refused: &Refused<'_>, code: &str, message: &str) -> Option<Vec<String>> {
        let code_fits = self.code.is_empty() || self.code.split('|').any(|one| one == code);
        let service_fits = self.service.is_empty() || self.service == refused.service;
        (code_fits && service_fits).then(|| pattern::captures(self.text, message))?
    }

    fn is_about_scope(&self) -> bool {
        self.text.starts_with("Credential should be scoped to")
    }
}

/// What a row's `{name}` stands for.
fn value(refused: &Refused<'_>, captures: &[String], name: &str) -> Option<String> {
    Some(match name {
        "service" => refused.service.to_owned(),
        "region" => refused.region.to_owned(),
        "key" => refused.key.to_owned(),
        "method" => refused.hop.method.to_string(),
        "path" => refused.hop.url.path().to_owned(),
        _ => match name.parse::<usize>() {
            Ok(index) => captures.get(index)?.clone(),
            Err(_) => xml(refused.body, name)?,
        },
    })
}

/// The message, in whichever protocol; else all there is.
pub(crate) fn message(body: &str) -> String {
    json(body, "message")
        .or_else(|| json(body, "Message"))
        .or_else(|| xml(body, "Message"))
        .unwrap_or_else(|| body.to_owned())
        // S3 quotes with the one where others quote with the other.
        .replace('"', "'")
}

fn is_mismatch(code: &str, message: &str) -> bool {
    let by_text = message.contains("The request signature we calculated does not match");
    by_text || (code == "SignatureDoesNotMatch" && message.is_empty())
}

fn is_about_the_time(code: &str, message: &str) -> bool {
    code == "RequestTimeTooSkewed"
        || message.contains("Signature expired:")
        || message.contains("Signature not yet current:")
}

/// The bucket is elsewhere, and `--region` says that we are not to go there.
fn elsewhere(refused: &Refused<'_>) -> Option<String> {
    let region = heal::bucket_region(refused.head, refused.body, refused.region)?;
    (refused.service == "s3" && refused.region_is_given).then(|| {
        format!(
            "the bucket is in {region}, and --region says {}: --region {region}",
            refused.region
        )
    })
}

/// A clock that is off spoils every signature, and some services do not say that this is why.
fn clock(refused: &Refused<'_>) -> Option<String> {
    let is_refusal = matches!(
        refused.head.status,
        StatusCode::BAD_REQUEST | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN
    );
    let offset = heal::clock_difference(refused.head, refused.now)?;
    (is_refusal && !refused.time_is_given && offset.abs() > TOLERATED).then(|| {
        format!(
            "this machine's clock is {}: set it, that may be all",
            off_by(offset)
        )
    })
}

/// `600 s behind the server's`, for a server that is ahead by that much.
pub(crate) fn off_by(offset: i64) -> String {
    let way = if offset > 0 { "behind" } else { "ahead of" };
    format!("{} s {way} the server's", offset.unsigned_abs())
}

/// One line that a terminal can be given.
fn plain(line: &str) -> String {
    let clean = line.chars().map(|c| if c.is_control() { ' ' } else { c });
    clean.take(MAX_LINE).collect()
}

const MOST: usize = 2;
const MAX_LINE: usize = 600;
/// Seconds that every service puts up with.
const TOLERATED: i64 = 300;

#[cfg(test)]
mod tests;
