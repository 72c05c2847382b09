//! What a function is called on the command line: name, `name:alias`, partial or whole ARN.

use crate::failure::Failure;

/// # Errors
///
/// For what Lambda could not find by any means, or what would make another path.
pub(crate) fn check(name: &str) -> Result<(), Failure> {
    let wrong = |why: &str| Err(Failure::usage(format!("'{name}' is no function: {why}")));
    if name.is_empty() {
        return Err(Failure::usage("the function's name is empty"));
    }
    if matches!(name, "." | "..") || name.chars().any(|c| c.is_control() || c.is_whitespace()) {
        return wrong("a name has letters, digits, '-' and '_'");
    }
    if name.len() > LONGEST {
        return wrong("a name or ARN has at most 256 characters");
    }
    if name.starts_with("arn:") && name.split(':').nth(2) != Some("lambda") {
        return wrong("the ARN is another service's");
    }
    Ok(())
}

/// The region that an ARN names, of a function or whatever else Lambda has.
pub(crate) fn region(name: &str) -> Option<&str> {
    let mut parts = name.split(':');
    let is_arn = parts.next() == Some("arn") && parts.nth(1) == Some("lambda");
    parts.next().filter(|region| is_arn && !region.is_empty())
}

/// Lambda's limit, qualifier included.
const LONGEST: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn regions() {
        for (name, expected) in [
            ("f", None),
            ("f:alias", None),
            ("123456789012:function:f", None),
            (
                "arn:aws:lambda:eu-west-1:123456789012:function:f:1",
                Some("eu-west-1"),
            ),
            (
                "arn:aws-cn:lambda:cn-north-1:123456789012:function:f",
                Some("cn-north-1"),
            ),
            ("arn:aws:sqs:eu-west-1:123456789012:q", None),
            ("arn:aws:lambda:", None),
        ] {
            assert_eq!(region(name), expected, "{name}");
        }
    }

    #[test]
    fn what_is_no_function() {
        for name in [
            "",
            ".",
            "..",
            "a b",
            "a\nb",
            "arn:aws:iam::123456789012:role/r",
        ] {
            assert!(check(name).is_err(), "{name:?}");
        }
        assert!(check(&"x".repeat(257)).is_err());
        assert!(check("arn:aws:lambda:us-east-1:123456789012:function:f:$LATEST").is_ok());
    }
}
