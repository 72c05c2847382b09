//! `-K`: options in a file, in curl's syntax.

use std::ffi::{OsStr, OsString};
use std::io::Read;
use std::path::PathBuf;

/// The file that is read if there is one: `$XDG_CONFIG_HOME/sigcurl/config`, else `~/.sigcurlrc`.
pub(super) fn default_file() -> Option<PathBuf> {
    let folder = |name| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    let files = [
        folder("XDG_CONFIG_HOME").map(|folder| folder.join("sigcurl/config")),
        folder("HOME").map(|folder| folder.join(".sigcurlrc")),
    ];
    files.into_iter().flatten().find(|file| file.is_file())
}

/// The words that a config file stands for; `-` is standard input.
pub(super) fn words(file: &OsStr) -> Result<Vec<OsString>, Wrong> {
    let name = file.to_string_lossy();
    let mut bytes = Vec::new();
    let read = if file == "-" {
        std::io::stdin().lock().read_to_end(&mut bytes)
    } else {
        std::fs::File::open(file).and_then(|mut file| file.read_to_end(&mut bytes))
    };
    read.map_err(|error| Wrong::Unread(format!("cannot read config '{name}': {error}")))?;
    let text = String::from_utf8(bytes)
        .map_err(|_| Wrong::Syntax(format!("config '{name}' is not UTF-8")))?;
    parse(&text)
        .map_err(|(line, why)| Wrong::Syntax(format!("config '{name}', line {line}: {why}")))
}

/// What is wrong with a config file.
#[derive(Debug)]
pub(super) enum Wrong {
    Unread(String),
    Syntax(String),
}

/// Reads the lines:
///
/// * `name value`, `name = value`, `name: value`, `--name value`, `-n value`, or the name alone;
/// * a value with spaces is quoted; within quotes `\\ \" \t \n \r \v` are escapes;
/// * `#` begins a comment, at the line's start or behind the value.
fn parse(text: &str) -> Result<Vec<OsString>, (usize, String)> {
    let mut words = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let dashed = line.starts_with('-');
        let separates = |c: char| c.is_whitespace() || (!dashed && matches!(c, '=' | ':'));
        let end = line.find(separates).unwrap_or(line.len());
        let (name, rest) = line.split_at(end);
        let value = value(rest.trim_start_matches(separates)).map_err(|why| (index + 1, why))?;

        let is_short = dashed && !name.starts_with("--");
        let name = if dashed {
            name.to_owned()
        } else {
            format!("--{name}")
        };
        match value {
            None => words.push(name.into()),
            Some(value) if is_short => words.extend([name.into(), value.into()]),
            Some(value) => words.push(format!("{name}={value}").into()),
        }
    }
    Ok(words)
}

/// The value at the start of `text`, with nothing but a comment behind it.
fn value(text: &str) -> Result<Option<String>, String> {
    let (value, rest) = match text.strip_prefix('"') {
        Some(quoted) => {
            let (value, rest) = unquoted(quoted).ok_or("the quotation mark is not closed")?;
            (Some(value), rest)
        }
        None => {
            let end = text.find(char::is_whitespace).unwrap_or(text.len());
            let (value, rest) = text.split_at(end);
            ((!value.is_empty()).then(|| value.to_owned()), rest)
        }
    };
    let rest = rest.trim_start();
    if rest.is_empty() || rest.starts_with('#') {
        Ok(value)
    } else {
        Err("a value with spaces has to be in quotation marks".to_owned())
    }
}

/// The text up to the closing quotation mark, and what follows that.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut value = String::new();
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' => return Some((value, text.get(at + 1..)?)),
            '\\' => value.push(match chars.next()?.1 {
                't' => '\t',
                'n' => '\n',
                'r' => '\r',
                'v' => '\u{b}',
                other => other,
            }),
            c => value.push(c),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curls_syntax() {
        for (text, words) in [
            ("", ""),
            ("# comment\n\n  verbose\n", "--verbose"),
            ("url = http://h/", "--url=http://h/"),
            ("url: http://h/?a=b", "--url=http://h/?a=b"),
            ("url=\"http://h/\" # here", "--url=http://h/"),
            ("--url http://h/", "--url=http://h/"),
            ("-X PUT", "-X|PUT"),
            ("-XPUT", "-XPUT"),
            ("data = \"a \\\"b\\\"\\n\\\\\"", "--data=a \"b\"\n\\"),
            ("user-agent = \"\"", "--user-agent="),
            ("next\r\nurl = a\r\n", "--next|--url=a"),
        ] {
            let found = parse(text).unwrap().join(OsStr::new("|"));
            assert_eq!(found.to_string_lossy(), words, "{text}");
        }
        assert_eq!(parse("v\ndata = a b").unwrap_err().0, 2);
        assert_eq!(parse("data = \"a").unwrap_err().0, 1);
    }
}
