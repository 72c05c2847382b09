//! `--response`: AWS's canonical request against ours, line by line.

use std::path::Path;

use http::{HeaderMap, StatusCode, Version};
use serde_json::{Value, json};
use sigv4::{AmzDate, Explanation};

use super::steps::plain;
use crate::diagnose::canonical::{Difference, differences, told, told_to_sign};
use crate::diagnose::{self, Refused};
use crate::failure::Failure;
use crate::fields::xml;
use crate::hop::Hop;
use crate::plan::RequestPlan;
use crate::send::Head;
use crate::session::Signed;

/// What AWS told in its refusal.
#[derive(Debug)]
pub(super) struct Told {
    body: String,
    canonical: Option<String>,
    to_sign: Option<String>,
}

/// What there is to say about it.
#[derive(Debug)]
pub(super) struct Findings {
    differences: Vec<Difference>,
    lines: Vec<String>,
}

impl Told {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let bytes = super::read(path)?;
        let text = String::from_utf8_lossy(&bytes).replace("\r\n", "\n");
        // As `-i` saved it, with its head.
        let body = match text.strip_prefix("HTTP/") {
            Some(rest) => rest
                .split_once("\n\n")
                .map_or("", |(_, body)| body)
                .to_owned(),
            None => text,
        };
        if body.trim().is_empty() {
            return Err(Failure::usage(format!(
                "--response {}: there is no body in it",
                path.display()
            )));
        }
        let message = diagnose::message(&body);
        Ok(Self {
            canonical: told(&body, &message),
            to_sign: told_to_sign(&body, &message),
            body,
        })
    }

    /// When the request was signed that was refused.
    pub(super) fn time(&self) -> Option<AmzDate> {
        self.to_sign.as_ref()?.split('\n').nth(1)?.parse().ok()
    }

    pub(super) fn compare(
        &self,
        plan: &RequestPlan,
        hop: &Hop,
        signed: &Signed,
        explanation: &Explanation,
        (region_is_given, time_is_given): (bool, bool),
    ) -> Findings {
        let ours = explanation.canonical_request();
        let mut lines = Vec::new();
        let mut found = Vec::new();
        if let Some(theirs) = &self.canonical {
            // The message has all quotes turned into one kind.
            let same_quotes = |text: &str| text.replace('"', "'");
            found = differences(&same_quotes(ours), &same_quotes(theirs));
            lines.extend(self.about_scope(explanation));
            if found.is_empty() && lines.is_empty() {
                lines.push(format!(
                    "AWS computes from the very same texts: the secret access key is not that of {}, or the request that was refused was not signed like this one",
                    signed.key
                ));
            }
            lines.extend(double_encoding(&found, ours, theirs));
        } else {
            let code = xml(&self.body, "Code").unwrap_or_default();
            let refused = Refused {
                head: &Head {
                    version: Version::HTTP_11,
                    status: StatusCode::FORBIDDEN,
                    reason: String::new(),
                    headers: HeaderMap::new(),
                    address: None,
                },
                body: &self.body,
                hop,
                service: &plan.service.value,
                region: &signed.region,
                region_is_given,
                time_is_given,
                key: &signed.key,
                now: AmzDate::now(),
                canonical_request: &|| Some(ours.to_owned()),
            };
            lines = diagnose::hints(&refused);
            let of = if code.is_empty() {
                String::new()
            } else {
                format!(" ({code})")
            };
            lines.push(format!(
                "the answer{of} does not tell AWS's canonical request: S3, REST APIs and OpenSearch do, where the signature does not match"
            ));
        }
        Findings {
            differences: found,
            lines,
        }
    }

    /// What differs in the lines of the string to sign that are not a hash.
    fn about_scope(&self, explanation: &Explanation) -> Vec<String> {
        let Some(theirs) = &self.to_sign else {
            return Vec::new();
        };
        let mut lines = Vec::new();
        let pairs = explanation
            .string_to_sign()
            .split('\n')
            .zip(theirs.split('\n'));
        for (index, (ours, theirs)) in pairs.take(3).enumerate() {
            let what = match index {
                0 => "algorithm: another kind of signature",
                1 => "time: the request was signed at another time than --at says",
                _ => "scope: check --region and --service",
            };
            if ours != theirs {
                lines.push(format!(
                    "string to sign, line {}: '{}' there, '{}' here: {what}",
                    index + 1,
                    plain(theirs),
                    plain(ours)
                ));
            }
        }
        lines
    }
}

/// The most usual cause of another path, where it is that.
fn double_encoding(found: &[Difference], ours: &str, theirs: &str) -> Option<String> {
    let path = |text: &str| text.split('\n').nth(1).unwrap_or_default().to_owned();
    let (ours, theirs) = (path(ours), path(theirs));
    let differs = found.iter().any(|difference| difference.part == "path");
    if differs && ours.replace("%25", "%") == theirs {
        return Some(
            "the path is encoded twice here and once there: that is S3's way, --service s3"
                .to_owned(),
        );
    }
    if differs && theirs.replace("%25", "%") == ours {
        return Some("the path is encoded once here and twice there: that is the way of all but S3, check --service".to_owned());
    }
    None
}

impl Findings {
    pub(super) fn text(&self) -> String {
        let mut text = String::from("\n5. AWS's answer\n");
        for difference in &self.differences {
            text.push_str(&format!(
                "   line {} ({}), byte {}: {}\n      {}\n",
                difference.line,
                difference.part,
                difference.column,
                plain(&difference.texts),
                difference.cause
            ));
        }
        for line in &self.lines {
            text.push_str(&format!("   {}\n", plain(line)));
        }
        text
    }

    pub(super) fn json(&self) -> Value {
        let differences: Vec<_> = self
            .differences
            .iter()
            .map(|difference| {
                json!({
                    "line": difference.line,
                    "byte": difference.column,
                    "part": difference.part,
                    "texts": difference.texts,
                    "cause": difference.cause,
                })
            })
            .collect();
        json!({"differences": differences, "findings": self.lines})
    }
}
