//! `-F`: multipart/form-data.

use std::ffi::{OsStr, OsString};
use std::path::Path;

use super::{BodySource, Part};
use crate::args::FormKind;
use crate::failure::Failure;

/// The body of the form, each part between two lines of `boundary`.
///
/// # Errors
///
/// For what is no `NAME=CONTENT`, and for curl's nested forms, which are not here.
pub fn form(fields: &[(FormKind, OsString)], boundary: &str) -> Result<BodySource, Failure> {
    let mut parts = Vec::new();
    for (index, (kind, option)) in fields.iter().enumerate() {
        let field = Field::new(*kind, option)?;
        let line_break = if index == 0 { "" } else { "\r\n" };
        let head = format!("{line_break}--{boundary}\r\n{}\r\n", field.head());
        parts.push(Part::Text(head.into_bytes()));
        parts.push(field.content);
    }
    parts.push(Part::Text(format!("\r\n--{boundary}--\r\n").into_bytes()));
    Ok(BodySource::of(parts))
}

/// One part of a form.
struct Field {
    name: String,
    content: Part,
    file_name: Option<String>,
    content_type: Option<String>,
    headers: Vec<String>,
}

impl Field {
    fn new(kind: FormKind, option: &OsStr) -> Result<Self, Failure> {
        let option = option
            .to_str()
            .ok_or_else(|| Failure::usage("the value of -F is not UTF-8"))?;
        let (name, rest) = option.split_once('=').ok_or_else(|| {
            Failure::usage(format!(
                "-F '{option}' has no '=': write NAME=TEXT or NAME=@FILE"
            ))
        })?;
        let mut field = Self {
            name: name.to_owned(),
            content: Part::Text(rest.as_bytes().to_vec()),
            file_name: None,
            content_type: None,
            headers: Vec::new(),
        };
        if kind == FormKind::Part {
            field.read(rest)?;
        }
        Ok(field)
    }

    /// Reads what is behind `NAME=` in `-F`.
    fn read(&mut self, rest: &str) -> Result<(), Failure> {
        let from = "-F";
        if rest.starts_with('(') || rest == ")" {
            return Err(Failure::usage(
                "forms within forms (-F '=(' ) are not made here",
            ));
        }
        let marker = rest.chars().next().filter(|c| matches!(c, '@' | '<'));
        let (content, mut rest) = word(
            rest.get(marker.map_or(0, char::len_utf8)..)
                .unwrap_or_default(),
        );
        if marker == Some('@') && content.contains(',') && !Path::new(&content).exists() {
            return Err(Failure::usage(
                "several files in one part are not sent here: give -F once for each (-F 'NAME=@\"a,b\"' for a comma in a name)",
            ));
        }
        self.content = match marker {
            None => Part::Text(content.into_bytes()),
            Some(_) if content == "-" => Part::Stdin { from },
            Some(_) => Part::File {
                path: content.into(),
                from,
            },
        };
        if let (Some('@'), Part::File { path, .. }) = (marker, &self.content) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            self.content_type = Some(type_of(&name).to_owned());
            self.file_name = Some(name.into_owned());
        } else if marker == Some('@') {
            self.file_name = Some("-".to_owned());
            self.content_type = Some(OCTETS.to_owned());
        }
        while let Some(parameter) = rest.strip_prefix(';') {
            let (name, value) = parameter.split_once('=').unwrap_or((parameter, ""));
            let (value, after) = match name.trim() {
                // A type may have parameters of its own, behind semicolons.
                "type" => type_value(value),
                _ => word(value),
            };
            rest = after;
            match name.trim() {
                "type" => self.content_type = Some(value),
                "filename" => {
                    if marker == Some('@') && self.content_type.as_deref() == Some(OCTETS) {
                        self.content_type = Some(type_of(&value).to_owned());
                    }
                    self.file_name = Some(value);
                }
                "headers" if !value.starts_with(['@', '<']) => self.headers.push(value),
                other => {
                    return Err(Failure::usage(format!(
                        "-F takes ';type=', ';filename=' and ';headers=\"Name: value\"', not ';{other}=' (quote a value that has a ';', or use --form-string)"
                    )));
                }
            }
        }
        let line_break = |text: &String| text.contains(['\r', '\n']);
        if self
            .content_type
            .iter()
            .chain(&self.headers)
            .any(line_break)
        {
            return Err(Failure::usage("a header of a form's part has a line break"));
        }
        Ok(())
    }

    fn head(&self) -> String {
        let mut text = format!(
            "Content-Disposition: form-data; name=\"{}\"",
            escaped(&self.name)
        );
        if let Some(name) = &self.file_name {
            text.push_str(&format!("; filename=\"{}\"", escaped(name)));
        }
        text.push_str("\r\n");
        if let Some(content_type) = &self.content_type {
            text.push_str(&format!("Content-Type: {content_type}\r\n"));
        }
        for header in &self.headers {
            text.push_str(&format!("{header}\r\n"));
        }
        text
    }
}

/// A value up to the next `;`, or in quotation marks up to the next of these, and what follows.
fn word(text: &str) -> (String, &str) {
    if let Some(quoted) = text.strip_prefix('"') {
        let mut value = String::new();
        let mut chars = quoted.char_indices();
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    let rest = quoted.get(at + 1..).unwrap_or_default();
                    if rest.is_empty() || rest.starts_with(';') {
                        return (value, rest);
                    }
                    break;
                }
                '\\' => value.extend(chars.next().map(|(_, c)| c)),
                c => value.push(c),
            }
        }
    }
    let (value, rest) = text.split_at(text.find(';').unwrap_or(text.len()));
    (value.to_owned(), rest)
}

/// A media type with its parameters: up to a `;` that begins another of our own.
fn type_value(text: &str) -> (String, &str) {
    let ours = [";filename=", ";headers=", ";encoder=", ";type="];
    let end = ours.iter().filter_map(|name| text.find(name)).min();
    let (value, rest) = text.split_at(end.unwrap_or(text.len()));
    (value.trim().to_owned(), rest)
}

/// As browsers have it.
fn escaped(name: &str) -> String {
    name.replace('"', "%22")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

/// curl's guesses.
fn type_of(name: &str) -> &'static str {
    let extension = Path::new(name)
        .extension()
        .map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    match extension.as_deref() {
        Some("gif") => "image/gif",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("png") => "image/png",
        Some("svg") => "image/svg+xml",
        Some("txt") => "text/plain",
        Some("htm" | "html") => "text/html",
        Some("pdf") => "application/pdf",
        Some("xml") => "application/xml",
        _ => OCTETS,
    }
}

const OCTETS: &str = "application/octet-stream";
