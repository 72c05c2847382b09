//! The values of parameters: words of the command line → JSON of the right type.

use std::ffi::OsStr;
use std::io::Read;

use data_encoding::BASE64;
use serde_json::{Map, Value};
use sigv4::AmzDate;

use super::table::{Kind, Param};
use crate::argv::words;
use crate::exit::Exit;
use crate::failure::Failure;

/// What the words say. `option` is for messages.
///
/// # Errors
///
/// For what is of another type, and for files that cannot be read.
pub(crate) fn value(param: &Param, option: &str, given: &[&OsStr]) -> Result<Value, Failure> {
    let wrong = |what: &str| Failure::usage(format!("{option}: {what}"));
    let one = || match given {
        [one] => Ok(*one),
        _ => Err(wrong("is there more than once")),
    };
    let json = |what: &str, fits: fn(&Value) -> bool| {
        let text = text(one()?, option, true)?;
        let value = serde_json::from_str(&text).ok().filter(fits);
        value.ok_or_else(|| wrong(what))
    };
    match param.kind {
        Kind::Text => text(one()?, option, false).map(Value::String),
        Kind::Integer => {
            let text = text(one()?, option, false)?;
            let number: Result<i64, _> = text.parse();
            number
                .map(Value::from)
                .map_err(|_| wrong(&format!("'{text}' is no whole number")))
        }
        Kind::Boolean => match text(one()?, option, false)?.as_str() {
            "true" => Ok(true.into()),
            "false" => Ok(false.into()),
            _ => Err(wrong("takes true or false")),
        },
        Kind::Bytes => {
            let bytes = bytes(one()?, option, usize::MAX)?;
            Ok(Value::String(BASE64.encode(&bytes)))
        }
        Kind::Time => time(&text(one()?, option, false)?)
            .ok_or_else(|| wrong("takes a time such as 2026-11-21T15:00:00Z, or seconds")),
        Kind::Object => json("takes a JSON object, or @FILE with one", Value::is_object),
        Kind::Objects => json("takes a JSON array, or @FILE with one", Value::is_array),
        Kind::Map => map(given, option),
        Kind::Texts => texts(given, option),
    }
}

/// A text; `file://FILE` and, where no value begins with it, `@FILE` read it.
fn text(value: &OsStr, option: &str, at: bool) -> Result<String, Failure> {
    let is_file = value.as_encoded_bytes().starts_with(b"file://")
        || at && (value.as_encoded_bytes().starts_with(b"@") || value == "-");
    let bytes = if is_file {
        bytes(value, option, usize::MAX)?
    } else {
        value.as_encoded_bytes().to_vec()
    };
    String::from_utf8(bytes).map_err(|_| Failure::usage(format!("{option}: it is not UTF-8")))
}

/// Bytes: a text, `@FILE`, `file://FILE`, `fileb://FILE`, or `@-` or `-` for standard input. Stops behind `most` of them.
///
/// # Errors
///
/// [`Exit::Read`] if they cannot be read.
pub(crate) fn bytes(value: &OsStr, option: &str, most: usize) -> Result<Vec<u8>, Failure> {
    let begins = |with: &str| value.as_encoded_bytes().starts_with(with.as_bytes());
    let file = |skipped: usize| std::path::PathBuf::from(words::from(value, skipped));
    let path = if value == "-" || value == "@-" {
        return read(&mut std::io::stdin().lock(), most).map_err(|error| {
            let what = format!("cannot read standard input (from {option})");
            Failure::because(Exit::Read, what, error)
        });
    } else if begins("@") {
        file(1)
    } else if begins("file://") {
        file(7)
    } else if begins("fileb://") {
        file(8)
    } else {
        return Ok(value.as_encoded_bytes().to_vec());
    };
    let read = std::fs::File::open(&path).and_then(|mut file| read(&mut file, most));
    read.map_err(|error| {
        let what = format!("cannot read '{}' (from {option})", path.display());
        Failure::because(Exit::Read, what, error)
    })
}

fn read(from: &mut dyn Read, most: usize) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let most = u64::try_from(most).unwrap_or(u64::MAX).saturating_add(1);
    from.take(most).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// A JSON object of texts, or `NAME=TEXT`, several with commas or as several words.
fn map(given: &[&OsStr], option: &str) -> Result<Value, Failure> {
    let wrong = || {
        Failure::usage(format!(
            "{option}: takes NAME=TEXT or a JSON object of texts"
        ))
    };
    let mut map = Map::new();
    for word in given {
        let text = text(word, option, true)?;
        if text.trim_start().starts_with('{') {
            let more: Map<String, Value> = serde_json::from_str(&text).map_err(|_| wrong())?;
            if !more.values().all(Value::is_string) {
                return Err(wrong());
            }
            map.extend(more);
            continue;
        }
        for pair in text.split(',') {
            let (name, value) = pair.split_once('=').ok_or_else(wrong)?;
            map.insert(name.to_owned(), value.into());
        }
    }
    Ok(Value::Object(map))
}

/// Several words, or a JSON array of texts.
fn texts(given: &[&OsStr], option: &str) -> Result<Value, Failure> {
    let wrong = || Failure::usage(format!("{option}: takes texts, or a JSON array of them"));
    if let [one] = given
        && one.as_encoded_bytes().starts_with(b"[")
    {
        let array: Vec<String> =
            serde_json::from_str(&text(one, option, false)?).map_err(|_| wrong())?;
        return Ok(array.into());
    }
    let texts = given.iter().map(|word| text(word, option, false));
    Ok(texts.collect::<Result<Vec<_>, _>>()?.into())
}

/// Seconds since 1970, which is how Lambda's bodies tell the time.
fn time(text: &str) -> Option<Value> {
    if let Ok(seconds) = text.parse::<i64>() {
        return Some(seconds.into());
    }
    let basic: String = text.chars().filter(|c| !matches!(c, '-' | ':')).collect();
    let date: AmzDate = basic.parse().ok()?;
    Some(date.unix().into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn types() {
        let found = |kind, words: &[&str]| {
            let param = Param {
                name: "X",
                wire: "X",
                kind,
                required: false,
            };
            let words: Vec<_> = words.iter().map(OsStr::new).collect();
            value(&param, "--x", &words).ok()
        };
        for (kind, words, expected) in [
            (Kind::Text, &["512"][..], Some(json!("512"))),
            (Kind::Text, &["@a"], Some(json!("@a"))),
            (Kind::Text, &["a", "b"], None),
            (Kind::Integer, &["512"], Some(json!(512))),
            (Kind::Integer, &["5.5"], None),
            (Kind::Boolean, &["true"], Some(json!(true))),
            (Kind::Boolean, &["yes"], None),
            (Kind::Bytes, &["abc"], Some(json!("YWJj"))),
            (Kind::Time, &["1970-01-01T00:01:00Z"], Some(json!(60))),
            (Kind::Time, &["60"], Some(json!(60))),
            (Kind::Time, &["today"], None),
            (Kind::Object, &["{\"a\":[1]}"], Some(json!({"a": [1]}))),
            (Kind::Object, &["[]"], None),
            (Kind::Objects, &["[{}]"], Some(json!([{}]))),
            (
                Kind::Map,
                &["a=b,c=d=e", "f="],
                Some(json!({"a": "b", "c": "d=e", "f": ""})),
            ),
            (Kind::Map, &["{\"a\":\"b\"}"], Some(json!({"a": "b"}))),
            (Kind::Map, &["{\"a\":1}"], None),
            (Kind::Map, &["a"], None),
            (Kind::Texts, &["a", "b"], Some(json!(["a", "b"]))),
            (Kind::Texts, &["[\"a\"]"], Some(json!(["a"]))),
            (Kind::Texts, &["[1]"], None),
        ] {
            assert_eq!(found(kind, words), expected, "{kind:?} {words:?}");
        }
    }
}
