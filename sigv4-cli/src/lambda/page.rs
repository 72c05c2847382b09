//! Answers that come page by page, put together: the array of all, and the other members of the first page.

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::exit::Exit;
use crate::failure::Failure;

/// The pages so far. What is in the array is never read, so that not a digit of it changes.
#[derive(Debug)]
pub(crate) struct Pages {
    array: &'static str,
    items: Vec<Box<RawValue>>,
    others: Option<Map<String, Value>>,
    markers: Vec<String>,
}

impl Pages {
    pub(crate) const fn new(array: &'static str) -> Self {
        Self {
            array,
            items: Vec::new(),
            others: None,
            markers: Vec::new(),
        }
    }

    /// Takes a page and gives the marker of the next; `None` = that was the last.
    ///
    /// # Errors
    ///
    /// For a page that is none, and one that leads back.
    pub(crate) fn add(&mut self, page: &[u8]) -> Result<Option<String>, Failure> {
        let wrong = |why: &str| {
            Failure::new(
                Exit::WeirdReply,
                format!("--all: the answer is no page of {}: {why}", self.array),
            )
        };
        let members: std::collections::BTreeMap<String, Box<RawValue>> =
            serde_json::from_slice(page).map_err(|error| wrong(&error.to_string()))?;
        if let Some(array) = members.get(self.array) {
            let items: Option<Vec<Box<RawValue>>> =
                serde_json::from_str(array.get()).map_err(|error| wrong(&error.to_string()))?;
            self.items.extend(items.unwrap_or_default());
        }
        let marker = members.get("NextMarker").map(|marker| marker.get());
        let marker: Option<String> = serde_json::from_str(marker.unwrap_or("null"))
            .map_err(|error| wrong(&error.to_string()))?;
        if self.others.is_none() {
            let mut others: Map<String, Value> =
                serde_json::from_slice(page).map_err(|error| wrong(&error.to_string()))?;
            others.remove(self.array);
            others.remove("NextMarker");
            self.others = Some(others);
        }
        let Some(marker) = marker.filter(|marker| !marker.is_empty()) else {
            return Ok(None);
        };
        if self.markers.contains(&marker) {
            return Err(wrong("its marker was there before"));
        }
        self.markers.push(marker.clone());
        Ok(Some(marker))
    }

    /// All of it.
    pub(crate) fn into_json(self) -> String {
        let items: Vec<_> = self.items.iter().map(|item| item.get()).collect();
        let mut text = format!(
            "{{{}:[{}]",
            crate::fields::quoted(self.array),
            items.join(",")
        );
        for (name, value) in self.others.unwrap_or_default() {
            text.push_str(&format!(",{}:{value}", crate::fields::quoted(&name)));
        }
        text.push_str("}\n");
        text
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_joined() {
        let mut pages = Pages::new("Items");
        let first = br#"{"NextMarker":"m","Items":[{"a":1.50}],"Arn":"x"}"#;
        assert_eq!(pages.add(first).unwrap().as_deref(), Some("m"));
        assert!(pages.add(first).is_err(), "a circle");
        assert_eq!(
            pages.add(br#"{"Items":[2],"NextMarker":null}"#).unwrap(),
            None
        );
        // The page that led back was counted, too.
        assert_eq!(
            pages.into_json(),
            "{\"Items\":[{\"a\":1.50},{\"a\":1.50},2],\"Arn\":\"x\"}\n"
        );
        assert!(Pages::new("Items").add(b"[]").is_err());
        assert_eq!(Pages::new("Items").add(b"{}").unwrap(), None);
    }
}
