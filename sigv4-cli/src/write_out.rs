//! `-w FORMAT`

use std::ffi::OsStr;
use std::io::{self, Read, Write};
use std::path::PathBuf;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::line;
use crate::report::{Facts, VARIABLES};

/// What `-w` was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Template {
    /// Text and variables.
    Pieces(Vec<Piece>),
    /// A file that has them; `-` is standard input.
    File(PathBuf),
}

/// A part of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// As it is.
    Text(String),
    /// `%{name}`
    Variable(String),
    /// `%header{name}`
    Header(String),
}

impl Template {
    /// The option's value: a format, or `@FILE`.
    ///
    /// # Errors
    ///
    /// For variables that there are not.
    pub fn given(value: &OsStr) -> Result<Self, Failure> {
        let text = value
            .to_str()
            .ok_or_else(|| Failure::usage("-w takes text in UTF-8"))?;
        match text.strip_prefix('@') {
            Some(file) => Ok(Self::File(PathBuf::from(file))),
            None => Self::parse(text),
        }
    }

    /// Reads the file, if there is one to read.
    ///
    /// # Errors
    ///
    /// [`Exit::Read`], and for variables that there are not.
    pub fn read(&self) -> Result<Self, Failure> {
        let Self::File(path) = self else {
            return Ok(self.clone());
        };
        let mut text = String::new();
        let read = if path.as_os_str() == "-" {
            io::stdin().lock().read_to_string(&mut text)
        } else {
            std::fs::File::open(path).and_then(|mut file| file.read_to_string(&mut text))
        };
        read.map_err(|error| {
            let what = format!("cannot read '{}' (from -w @file)", path.display());
            Failure::because(Exit::Read, what, error)
        })?;
        Self::parse(&text)
    }

    fn parse(text: &str) -> Result<Self, Failure> {
        let mut pieces = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(c) = rest.chars().next() {
            let after = |start: &str| {
                let (inside, rest) = rest.strip_prefix(start)?.split_once('}')?;
                Some((inside.to_owned(), rest))
            };
            let (piece, left) = if let Some((name, left)) = after("%{") {
                if !VARIABLES.contains(&name.as_str()) && !SPECIAL.contains(&name.as_str()) {
                    return Err(Failure::usage(format!(
                        "-w has no variable '{name}'; there are: {}",
                        VARIABLES.join(", ")
                    )));
                }
                (Some(Piece::Variable(name)), left)
            } else if let Some((name, left)) = after("%header{") {
                (Some(Piece::Header(name)), left)
            } else {
                let (text, length) = match rest.get(..2) {
                    Some("%%") => ("%", 2),
                    Some("\\n") => ("\n", 2),
                    Some("\\r") => ("\r", 2),
                    Some("\\t") => ("\t", 2),
                    _ => ("", c.len_utf8()),
                };
                if text.is_empty() {
                    plain.push(c);
                } else {
                    plain.push_str(text);
                }
                (None, rest.get(length..).unwrap_or_default())
            };
            if let Some(piece) = piece {
                if !plain.is_empty() {
                    pieces.push(Piece::Text(std::mem::take(&mut plain)));
                }
                pieces.push(piece);
            }
            rest = left;
        }
        if !plain.is_empty() {
            pieces.push(Piece::Text(plain));
        }
        Ok(Self::Pieces(pieces))
    }

    /// Prints it.
    ///
    /// # Errors
    ///
    /// [`Exit::Write`].
    pub fn print(&self, facts: &Facts, failure: Option<&Failure>) -> Result<(), Failure> {
        let (out, err) = self.rendered(facts, failure);
        let _ = io::stderr().write_all(err.as_bytes());
        line::goes_on_with(out.as_bytes());
        let mut stdout = io::stdout().lock();
        stdout
            .write_all(out.as_bytes())
            .and_then(|()| stdout.flush())
            .map_err(Failure::stdout)
    }

    /// For standard output and for standard error.
    fn rendered(&self, facts: &Facts, failure: Option<&Failure>) -> (String, String) {
        let (mut texts, mut to_stderr) = ([String::new(), String::new()], false);
        let pieces = match self {
            Self::Pieces(pieces) => pieces.as_slice(),
            Self::File(_) => &[],
        };
        for piece in pieces {
            let [out, err] = &mut texts;
            let text = if to_stderr { err } else { out };
            match piece {
                Piece::Text(plain) => text.push_str(plain),
                Piece::Header(name) => text.push_str(&facts.header(name).unwrap_or_default()),
                Piece::Variable(name) => match name.as_str() {
                    "stderr" => to_stderr = true,
                    "stdout" => to_stderr = false,
                    "onerror" if failure.is_none() => break,
                    "onerror" => {}
                    "json" => text.push_str(&facts.json(failure)),
                    "header_json" => text.push_str(&facts.header_json()),
                    name => {
                        let value = facts.value(name, failure);
                        text.push_str(&value.map(|value| value.to_string()).unwrap_or_default());
                    }
                },
            }
        }
        texts.into()
    }
}

/// What prints no value of its own.
const SPECIAL: [&str; 5] = ["json", "header_json", "stderr", "stdout", "onerror"];

#[cfg(test)]
mod tests {
    use super::*;

    fn rendered(format: &str, failure: Option<&Failure>) -> (String, String) {
        let url = "https://h/a".parse().unwrap();
        let mut facts = Facts::new(&url, &http::Method::PUT);
        facts.total = std::time::Duration::from_millis(1500);
        facts.downloaded = 3000;
        Template::given(OsStr::new(format))
            .unwrap()
            .rendered(&facts, failure)
    }

    #[test]
    fn formats() {
        let failure = Failure::new(Exit::Connect, "no \"way\"");
        for (format, out, err) in [
            ("", "", ""),
            ("a\\tb\\n%%%{http_code}%", "a\tb\n%000%", ""),
            (
                "%{method} %{url_effective} \\x %x",
                "PUT https://h/a \\x %x",
                "",
            ),
            ("%{time_total} %{speed_download}", "1.500000 2000", ""),
            ("a%{stderr}b%{stdout}c", "ac", "b"),
            ("[%header{x}][%{content_type}]", "[][]", ""),
            ("%{exitcode} %{errormsg}%{onerror}!", "7 no \"way\"!", ""),
            ("é%{", "é%{", ""),
        ] {
            let expected = (out.to_owned(), err.to_owned());
            assert_eq!(rendered(format, Some(&failure)), expected, "{format}");
        }
        assert_eq!(rendered("a%{onerror}b", None).0, "a");
        let json = rendered("%{json}", Some(&failure)).0;
        assert!(json.contains("\"errormsg\":\"no \\\"way\\\"\""), "{json}");
        assert!(json.contains("\"time_total\":1.500000,"), "{json}");
        assert!(json.contains("\"remote_ip\":null"), "{json}");
    }

    #[test]
    fn variables_that_are_not() {
        let failure = Template::given(OsStr::new("%{nope}")).unwrap_err();
        assert!(failure.to_string().starts_with("-w has no variable 'nope'"));
    }

    #[test]
    fn every_variable_has_a_value() {
        let facts = Facts::new(&"http://h/".parse().unwrap(), &http::Method::GET);
        for name in VARIABLES {
            assert!(facts.value(name, None).is_some(), "{name}");
        }
    }
}
