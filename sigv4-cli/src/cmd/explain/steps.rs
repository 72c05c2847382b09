//! The steps from a request to its signature. The keys that are derived on the way are named, never shown.

use serde_json::{Value, json};
use sigv4::Explanation;

use crate::diagnose::canonical::named_lines;

/// What the steps are told from.
pub(super) struct Steps<'a> {
    pub(super) explanation: &'a Explanation,
    /// Access key id.
    pub(super) key: &'a str,
    pub(super) service: &'a str,
    pub(super) region: &'a str,
    pub(super) presigned: bool,
}

impl Steps<'_> {
    pub(super) fn text(&self) -> String {
        let mut text = String::from("1. Canonical request\n");
        let lines = self.lines();
        let width = lines.iter().map(|(part, _)| part.len()).max().unwrap_or(0);
        for (part, line) in &lines {
            let shown = if line.is_empty() { "(empty)" } else { line };
            text.push_str(&format!("   {part:width$}  {}\n", plain(shown)));
        }
        text.push_str("\n2. String to sign\n");
        for (part, line) in self.to_sign() {
            text.push_str(&format!("   {part:width$}  {}\n", plain(line)));
        }
        text.push_str("\n3. Signing key, of which nothing is shown\n");
        for step in self.derivation() {
            text.push_str(&format!("   {step}\n"));
        }
        text.push_str(
            "\n4. Signature\n   HMAC-SHA256(kSigning, string to sign), in lower-case hexadecimal\n",
        );
        text.push_str(&format!("   {}\n", self.place()));
        text
    }

    pub(super) fn json(&self) -> Value {
        let parts = |lines: Vec<(String, &str)>| -> Vec<Value> {
            lines
                .into_iter()
                .map(|(part, text)| json!({"part": part, "text": text}))
                .collect()
        };
        let to_sign = self
            .to_sign()
            .map(|(part, line)| (part.to_owned(), line))
            .collect();
        json!({
            "access_key_id": self.key,
            "region": self.region,
            "service": self.service,
            "canonical_request": self.explanation.canonical_request(),
            "canonical_request_lines": parts(self.lines()),
            "string_to_sign": self.explanation.string_to_sign(),
            "string_to_sign_lines": parts(to_sign),
            "signing_key": self.derivation(),
            "signature": self.place(),
        })
    }

    fn lines(&self) -> Vec<(String, &str)> {
        named_lines(self.explanation.canonical_request())
    }

    fn to_sign(&self) -> impl Iterator<Item = (&'static str, &str)> {
        TO_SIGN
            .into_iter()
            .zip(self.explanation.string_to_sign().split('\n'))
    }

    fn scope(&self) -> &str {
        let mut lines = self.explanation.string_to_sign().split('\n');
        lines.nth(2).unwrap_or_default()
    }

    fn derivation(&self) -> [String; 4] {
        let day = self.scope().split('/').next().unwrap_or_default();
        [
            format!(
                "kDate    = HMAC-SHA256(\"AWS4\" + secret access key of {}, \"{day}\")",
                self.key
            ),
            format!("kRegion  = HMAC-SHA256(kDate, \"{}\")", self.region),
            format!("kService = HMAC-SHA256(kRegion, \"{}\")", self.service),
            "kSigning = HMAC-SHA256(kService, \"aws4_request\")".to_owned(),
        ]
    }

    fn place(&self) -> String {
        let (key, scope) = (self.key, self.scope());
        if self.presigned {
            return format!("in the query: X-Amz-Signature, beside X-Amz-Credential={key}/{scope}");
        }
        let lines = self.lines();
        let signed = lines
            .len()
            .checked_sub(2)
            .and_then(|index| lines.get(index));
        format!(
            "in the header Authorization: AWS4-HMAC-SHA256 Credential={key}/{scope}, SignedHeaders={}, Signature=…",
            signed.map_or("", |(_, names)| names)
        )
    }
}

/// One line that a terminal can be given.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|c| if c.is_control() { '?' } else { c })
        .collect()
}

const TO_SIGN: [&str; 4] = [
    "algorithm",
    "time",
    "scope",
    "hash of the canonical request",
];
