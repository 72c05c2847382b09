//! Reads `-H`.

use http::header::{HeaderName, HeaderValue};

use crate::failure::Failure;

/// What the `-H` options ask for, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HeaderEdits {
    /// To send, repeated names included.
    pub set: Vec<(HeaderName, HeaderValue)>,
    /// Defaults to leave out.
    pub removed: Vec<HeaderName>,
}

impl HeaderEdits {
    /// Reads the values of `-H`:
    ///
    /// * `Name: value`, split at the first colon;
    /// * `Name;` sends the header with an empty value;
    /// * `Name:` leaves a default header out.
    ///
    /// # Errors
    ///
    /// For anything else, naming the header but not its value, which may be a secret.
    pub fn new(options: &[String]) -> Result<Self, Failure> {
        let mut edits = Self::default();
        for option in options {
            let Some((name, value)) = option.split_once(':') else {
                edits
                    .set
                    .push((empty_header(option)?, HeaderValue::from_static("")));
                continue;
            };
            let (name, value) = (header_name(name)?, value.trim_matches([' ', '\t']));
            if value.is_empty() {
                edits.removed.push(name);
            } else {
                let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
                    Failure::usage(format!(
                        "the value of header '{name}' has a control character"
                    ))
                })?;
                edits.set.push((name, value));
            }
        }
        Ok(edits)
    }

    /// The values given for `name`.
    pub fn values_of<'a>(&'a self, name: &'a HeaderName) -> impl Iterator<Item = &'a HeaderValue> {
        self.set
            .iter()
            .filter(move |(set, _)| set == name)
            .map(|(_, value)| value)
    }
}

/// The name in `Name;`.
fn empty_header(option: &str) -> Result<HeaderName, Failure> {
    match option.trim_end().strip_suffix(';') {
        Some(name) => header_name(name),
        None => {
            let name = option.split_whitespace().next().unwrap_or_default();
            Err(Failure::usage(format!(
                "header '{name}' has no colon: write -H 'Name: value', or -H 'Name;' for an empty value"
            )))
        }
    }
}

fn header_name(text: &str) -> Result<HeaderName, Failure> {
    let name = text.trim();
    HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| Failure::usage(format!("'{name}' is not a header name")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form() {
        let options = [
            "X-A:b",
            "x-b: c: d ",
            "X-Empty;",
            "Accept:",
            "X-Amz-Log-Type:Tail",
            "X-U: é",
        ];
        let edits = HeaderEdits::new(&options.map(str::to_owned)).unwrap();
        let set: Vec<_> = edits
            .set
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_bytes()))
            .collect();
        assert_eq!(
            set,
            [
                ("x-a", b"b".as_slice()),
                ("x-b", b"c: d"),
                ("x-empty", b""),
                ("x-amz-log-type", b"Tail"),
                ("x-u", "é".as_bytes()),
            ]
        );
        assert_eq!(edits.removed, ["accept"]);
    }

    #[test]
    fn what_is_no_header_is_named() {
        for (option, message) in [
            (
                "Authorization Bearer SECRET",
                "header 'Authorization' has no colon",
            ),
            ("", "header '' has no colon"),
            ("a b: c", "'a b' is not a header name"),
            (": c", "'' is not a header name"),
            ("x: a\nb", "the value of header 'x' has a control character"),
        ] {
            let failure = HeaderEdits::new(&[option.to_owned()])
                .unwrap_err()
                .to_string();
            assert!(
                failure.starts_with(message) && !failure.contains("SECRET"),
                "{failure}"
            );
        }
    }
}
