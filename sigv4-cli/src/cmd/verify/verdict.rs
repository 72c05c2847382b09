//! A verdict, as text and as JSON.

use serde_json::json;
use sigv4::{AmzDate, AuthKind, AuthParams, Explanation, Profile, Refusal, VerifyError};

use crate::cmd::presign::extended;

/// What is known about the request when all is said.
#[derive(Debug)]
pub(super) struct Verdict {
    /// What can be said of the body, if all is well.
    pub(super) outcome: Result<&'static str, VerifyError>,
    pub(super) signed: Option<Signed>,
    pub(super) profile: &'static Profile,
    pub(super) refusal: Option<Refusal>,
    pub(super) explanation: Option<Explanation>,
    pub(super) advice: Vec<String>,
    pub(super) notes: Vec<String>,
}

/// What the request says of its signature.
#[derive(Debug)]
pub(super) struct Signed {
    pub(super) key: String,
    pub(super) date: AmzDate,
    pub(super) region: String,
    pub(super) service: String,
    kind: &'static str,
}

impl Signed {
    pub(super) fn of(claims: &AuthParams) -> Self {
        Self {
            key: claims.access_key_id().to_owned(),
            date: claims.date(),
            region: claims.scope().region().to_owned(),
            service: claims.scope().service().to_owned(),
            kind: match claims.kind() {
                AuthKind::Header => "header",
                _ => "presigned",
            },
        }
    }
}

impl Verdict {
    pub(super) const fn new(profile: &'static Profile, signed: Option<Signed>) -> Self {
        Self {
            outcome: Err(VerifyError::MissingAuthentication),
            signed,
            profile,
            refusal: None,
            explanation: None,
            advice: Vec::new(),
            notes: Vec::new(),
        }
    }

    pub(super) fn text(&self) -> String {
        let mut lines = Vec::new();
        match &self.outcome {
            Ok(body) => lines.push(format!("good: the signature is right; {body}")),
            Err(error) => lines.push(format!("not good ({}): {error}", error.reason())),
        }
        if let Some(signed) = &self.signed {
            lines.push(format!(
                "signed with {} for {}/{} at {} ({})",
                signed.key,
                signed.region,
                signed.service,
                extended(signed.date.as_str()),
                signed.kind
            ));
        }
        if let Some(refusal) = &self.refusal {
            lines.push(format!(
                "AWS would answer ({}): {} {}",
                self.profile.name(),
                refusal.status(),
                refusal.code()
            ));
        }
        lines.extend(self.notes.iter().cloned());
        lines.extend(self.advice.iter().map(|advice| format!("hint: {advice}")));
        if let (Err(VerifyError::SignatureMismatch), Some(explanation)) =
            (&self.outcome, &self.explanation)
        {
            lines.push("canonical request of what came:".to_owned());
            let canonical = explanation.canonical_request();
            lines.extend(canonical.split('\n').map(|line| format!("    {line}")));
        }
        // Whoever wrote the request does not write to this terminal.
        let plain = |line: &String| {
            let line: String = line
                .chars()
                .map(|c| if c.is_control() { '?' } else { c })
                .collect();
            format!("{}\n", line.trim_end())
        };
        lines.iter().map(plain).collect()
    }

    pub(super) fn json(&self) -> String {
        let signed = self.signed.as_ref().map(|signed| {
            json!({
                "access_key_id": signed.key,
                "date": extended(signed.date.as_str()),
                "region": signed.region,
                "service": signed.service,
                "by": signed.kind,
            })
        });
        let answer = self.refusal.as_ref().map(|refusal| {
            json!({
                "profile": self.profile.name(),
                "status": refusal.status(),
                "code": refusal.code(),
            })
        });
        let error = self.outcome.as_ref().err();
        let explanation = self.explanation.as_ref();
        let value = json!({
            "verified": error.is_none(),
            "reason": error.map(VerifyError::reason),
            "message": error.map(ToString::to_string),
            "body": self.outcome.as_ref().ok(),
            "signed": signed,
            "aws": answer,
            "hints": self.advice,
            "notes": self.notes,
            "canonical_request": explanation.map(Explanation::canonical_request),
            "string_to_sign": explanation.map(Explanation::string_to_sign),
        });
        format!("{value}\n")
    }
}
