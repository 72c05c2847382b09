//! `--policy`: who may do what, in the form of an IAM policy.
//!
//! * What is denied anywhere is denied; what is allowed nowhere is denied, too.
//! * Conditions and the `Not…` elements are not understood: a policy that has them is refused whole.

use std::path::Path;

use serde_json::Value;

use crate::exit::Exit;
use crate::failure::Failure;

#[derive(Debug)]
pub(super) struct Policy(Vec<Statement>);

#[derive(Debug)]
struct Statement {
    allows: bool,
    /// ARNs; `None` = whoever.
    principals: Option<Vec<String>>,
    /// Access key ids; `None` = whichever.
    keys: Option<Vec<String>>,
    actions: Vec<String>,
    resources: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Decision {
    Allowed,
    /// A statement says no.
    Denied,
    /// No statement says yes.
    NotAllowed,
}

/// Who asks.
#[derive(Debug, Clone, Copy)]
pub(super) struct Who<'a> {
    pub(super) principal: &'a str,
    pub(super) key: &'a str,
}

impl Policy {
    pub(super) fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.display();
        let text = std::fs::read_to_string(path).map_err(|error| {
            Failure::because(Exit::Read, format!("cannot read the policy {name}"), error)
        })?;
        let value = serde_json::from_str(&text)
            .map_err(|error| Failure::because(Exit::Usage, format!("policy {name}"), error))?;
        Self::of(&value).map_err(|why| Failure::usage(format!("policy {name}: {why}")))
    }

    fn of(policy: &Value) -> Result<Self, String> {
        let policy = policy.as_object().ok_or("not an object")?;
        if let Some(name) = policy
            .keys()
            .find(|name| !["Version", "Id", "Statement"].contains(&name.as_str()))
        {
            return Err(format!("{name} is not understood"));
        }
        let statements = policy.get("Statement").ok_or("it has no Statement")?;
        match statements {
            Value::Array(statements) => statements.iter().map(Statement::of).collect(),
            one => Statement::of(one).map(|one| vec![one]),
        }
        .map(Self)
    }

    /// Whether it may be done to each of these, which are names of one thing.
    pub(super) fn decide(&self, who: Who<'_>, action: &str, resources: &[String]) -> Decision {
        let one = |resource: &String| {
            let mut allowed = Decision::NotAllowed;
            for statement in &self.0 {
                if !statement.is_about(who, action, resource) {
                    continue;
                }
                if !statement.allows {
                    return Decision::Denied;
                }
                allowed = Decision::Allowed;
            }
            allowed
        };
        let decisions: Vec<_> = resources.iter().map(one).collect();
        [Decision::Denied, Decision::NotAllowed]
            .into_iter()
            .find(|decision| decisions.contains(decision))
            .unwrap_or(Decision::Allowed)
    }
}

impl Statement {
    fn of(value: &Value) -> Result<Self, String> {
        let statement = value.as_object().ok_or("a statement is not an object")?;
        const KNOWN: [&str; 6] = [
            "Sid",
            "Effect",
            "Principal",
            "AccessKeyId",
            "Action",
            "Resource",
        ];
        if let Some(name) = statement
            .keys()
            .find(|name| !KNOWN.contains(&name.as_str()))
        {
            return Err(format!("{name} is not understood in a statement"));
        }
        let allows = match statement.get("Effect").and_then(Value::as_str) {
            Some("Allow") => true,
            Some("Deny") => false,
            _ => return Err("Effect is neither Allow nor Deny".to_owned()),
        };
        let principals = match statement.get("Principal") {
            None => None,
            Some(Value::Object(kinds)) => {
                if let Some(kind) = kinds.keys().find(|kind| *kind != "AWS") {
                    return Err(format!("Principal of kind {kind} is not understood"));
                }
                Some(texts(
                    "Principal",
                    kinds.get("AWS").unwrap_or(&Value::Null),
                )?)
            }
            Some(value) => Some(texts("Principal", value)?),
        };
        let needed = |name: &str| {
            texts(
                name,
                statement
                    .get(name)
                    .ok_or_else(|| format!("a statement has no {name}"))?,
            )
        };
        Ok(Self {
            allows,
            principals,
            keys: statement
                .get("AccessKeyId")
                .map(|value| texts("AccessKeyId", value))
                .transpose()?,
            actions: needed("Action")?
                .iter()
                .map(|action| action.to_ascii_lowercase())
                .collect(),
            resources: needed("Resource")?,
        })
    }

    fn is_about(&self, who: Who<'_>, action: &str, resource: &str) -> bool {
        let any = |patterns: &[String], text: &str| {
            patterns
                .iter()
                .any(|pattern| matches(pattern.as_bytes(), text.as_bytes()))
        };
        self.principals
            .as_deref()
            .is_none_or(|principals| any(principals, who.principal))
            && self.keys.as_deref().is_none_or(|keys| any(keys, who.key))
            && any(&self.actions, &action.to_ascii_lowercase())
            && any(&self.resources, resource)
    }
}

/// One text or several.
fn texts(name: &str, value: &Value) -> Result<Vec<String>, String> {
    let wrong = || format!("{name} is neither a text nor a list of texts");
    match value {
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Array(texts) if !texts.is_empty() => texts
            .iter()
            .map(|text| text.as_str().map(str::to_owned).ok_or_else(wrong))
            .collect(),
        _ => Err(wrong()),
    }
}

/// `*` stands for any text, `?` for one byte.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    let (mut at, mut position) = (0, 0);
    // Where to go on if what follows the last star does not fit.
    let mut star = None;
    while position < text.len() {
        match pattern.get(at) {
            Some(b'*') => {
                star = Some((at + 1, position));
                at += 1;
            }
            Some(byte) if *byte == b'?' || Some(byte) == text.get(position) => {
                at += 1;
                position += 1;
            }
            _ => match star {
                Some((after, from)) => {
                    at = after;
                    position = from + 1;
                    star = Some((after, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern
        .get(at..)
        .is_some_and(|rest| rest.iter().all(|byte| *byte == b'*'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns() {
        for (pattern, text, fits) in [
            ("*", "", true),
            ("", "", true),
            ("", "a", false),
            ("a*c", "abbc", true),
            ("a*c", "abbd", false),
            ("a*b*c", "a-b-b-c", true),
            ("a?c", "abc", true),
            ("a?c", "ac", false),
            ("*/GET/pets*", "arn:x/GET/pets/1", true),
            ("*/GET/pets", "arn:x/GET/pets/1", false),
        ] {
            assert_eq!(
                matches(pattern.as_bytes(), text.as_bytes()),
                fits,
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn no_wins_and_silence_is_no() {
        let policy = serde_json::json!({"Version": "2012-10-17", "Statement": [
            {"Effect": "Allow", "Principal": {"AWS": "arn:a"}, "Action": "execute-api:*", "Resource": "*"},
            {"Effect": "Deny", "AccessKeyId": ["K2"], "Action": "*", "Resource": "*/admin"},
        ]});
        let policy = Policy::of(&policy).unwrap();
        let decide = |principal, key, resource: &str| {
            let who = Who { principal, key };
            policy.decide(who, "execute-api:Invoke", &[resource.to_owned()])
        };
        assert_eq!(decide("arn:a", "K1", "x/admin"), Decision::Allowed);
        assert_eq!(decide("arn:a", "K2", "x/admin"), Decision::Denied);
        assert_eq!(decide("arn:a", "K2", "x"), Decision::Allowed);
        assert_eq!(decide("arn:b", "K1", "x"), Decision::NotAllowed);
        let who = Who {
            principal: "arn:a",
            key: "K2",
        };
        let both = ["x/%61dmin".to_owned(), "x/admin".to_owned()];
        assert_eq!(
            policy.decide(who, "execute-api:Invoke", &both),
            Decision::Denied
        );
        for wrong in [
            serde_json::json!({"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {}}]}),
            serde_json::json!({"Statement": [{"Effect": "allow", "Action": "*", "Resource": "*"}]}),
            serde_json::json!({"Statement": [{"Effect": "Allow", "Action": "*"}]}),
            serde_json::json!({"Statement": [{"Effect": "Allow", "Action": [], "Resource": "*"}]}),
            serde_json::json!({"Statement": [{"Effect": "Allow", "NotPrincipal": "x", "Action": "*", "Resource": "*"}]}),
            serde_json::json!({}),
        ] {
            assert!(Policy::of(&wrong).is_err(), "{wrong}");
        }
    }
}
