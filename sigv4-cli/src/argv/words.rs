//! Which words of the command line are options, and which are their values.

use std::ffi::{OsStr, OsString};

use clap::{Arg, Command};

/// A stretch of the command line.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Stretch {
    /// Words that clap is to read.
    Words(Vec<OsString>),
    /// `-K FILE`
    Config(OsString),
    /// `--next`
    Next,
}

/// Cuts the words behind the program's name at each `--next` and `--config`.
pub(super) fn stretches(command: &Command, words: &[OsString]) -> Vec<Stretch> {
    let mut out = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        let bytes = word.as_encoded_bytes();
        if bytes == b"--" {
            let mut tail = vec![word.clone()];
            tail.extend(rest.cloned());
            out.push(Stretch::Words(tail));
            break;
        }
        if bytes == b"-:" {
            out.push(Stretch::Next);
            continue;
        }
        let Some((before, option, value)) = option_of(command, word) else {
            out.push(Stretch::Words(vec![word.clone()]));
            continue;
        };
        let id = option.get_id().as_str();
        if id == "next" && value.is_none() && before.is_none() {
            out.push(Stretch::Next);
            continue;
        }
        let value_follows = value.is_none() && takes_a_word(option);
        let following = if value_follows { rest.next() } else { None };
        match (id, value.or_else(|| following.cloned())) {
            ("config", Some(file)) => {
                out.extend(before.map(|flags| Stretch::Words(vec![flags])));
                out.push(Stretch::Config(file));
            }
            _ => out.push(Stretch::Words(
                [word].into_iter().chain(following).cloned().collect(),
            )),
        }
    }
    out
}

/// The last option in a word, the flags before it in the same word, and its value if that is in the word.
fn option_of<'a>(
    command: &'a Command,
    word: &OsStr,
) -> Option<(Option<OsString>, &'a Arg, Option<OsString>)> {
    let bytes = word.as_encoded_bytes();
    if let Some(name) = bytes.strip_prefix(b"--") {
        let end = name
            .iter()
            .position(|byte| *byte == b'=')
            .unwrap_or(name.len());
        let option = long(command, std::str::from_utf8(name.get(..end)?).ok()?)?;
        let value = (end < name.len()).then(|| from(word, 2 + end + 1));
        return Some((None, option, value));
    }
    let letters = bytes
        .strip_prefix(b"-")
        .filter(|letters| !letters.is_empty())?;
    for (at, letter) in letters.iter().enumerate() {
        let option = command
            .get_arguments()
            .find(|arg| arg.get_short() == Some(char::from(*letter)))?;
        let is_last = at + 1 == letters.len();
        if takes_a_word(option) || is_last {
            let before =
                (at > 0).then(|| OsString::from(word.to_string_lossy().get(..=at).unwrap_or("-")));
            return Some((before, option, (!is_last).then(|| from(word, at + 2))));
        }
    }
    None
}

/// By its name or an unambiguous beginning of it, as clap is told to do.
fn long<'a>(command: &'a Command, name: &str) -> Option<&'a Arg> {
    let names = |arg: &'a Arg| {
        let aliases = arg.get_all_aliases().unwrap_or_default();
        arg.get_long().into_iter().chain(aliases)
    };
    let named = |test: &dyn Fn(&str) -> bool| {
        let mut found = command
            .get_arguments()
            .filter(|arg| names(arg).any(test))
            .collect::<Vec<_>>();
        (found.len() == 1).then(|| found.remove(0))
    };
    named(&|found| found == name).or_else(|| named(&|found| found.starts_with(name)))
}

/// Whether the next word is the option's value.
fn takes_a_word(option: &Arg) -> bool {
    let may_be_alone = option
        .get_num_args()
        .is_some_and(|range| range.min_values() == 0);
    option.get_action().takes_values() && !may_be_alone
}

/// `text` from a byte on, which is the beginning of a character.
#[cfg(unix)]
pub(crate) fn from(text: &OsStr, at: usize) -> OsString {
    use std::os::unix::ffi::OsStrExt;
    OsStr::from_bytes(text.as_bytes().get(at..).unwrap_or_default()).to_owned()
}

/// `text` from a byte on, which is the beginning of a character.
#[cfg(not(unix))]
pub(crate) fn from(text: &OsStr, at: usize) -> OsString {
    text.to_string_lossy()
        .get(at..)
        .unwrap_or_default()
        .to_owned()
        .into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn values_are_no_options() {
        for (line, expected) in [
            ("-v http://h/ --next -d x i", "-v http://h/ | -d x i"),
            ("-v a -: b", "-v a | b"),
            ("-d --next a", "-d --next a"),
            ("--data --next a", "--data --next a"),
            ("-H -K a", "-H -K a"),
            ("-K f a", "<f> a"),
            ("-Kf a", "<f> a"),
            ("-vK f a", "-v <f> a"),
            ("--config=f a", "<f> a"),
            ("--conf f a", "<f> a"),
            ("-- -K f --next", "-- -K f --next"),
            ("-dK f", "-dK f"),
        ] {
            let words: Vec<_> = line.split(' ').map(OsString::from).collect();
            let found = stretches(&crate::args::Cli::command(), &words)
                .into_iter()
                .map(|stretch| match stretch {
                    Stretch::Words(words) => words.join(OsStr::new(" ")).into_string().unwrap(),
                    Stretch::Config(file) => format!("<{}>", file.display()),
                    Stretch::Next => "|".to_owned(),
                })
                .collect::<Vec<_>>();
            assert_eq!(found.join(" "), expected, "{line}");
        }
    }
}
