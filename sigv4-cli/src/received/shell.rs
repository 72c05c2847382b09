//! Words of a POSIX shell, and `$'…'` as bash has it. What a shell would put in their place is refused: nothing is run.

/// The words of each command of a pipe.
pub(super) fn commands(line: &str) -> Result<Vec<Vec<String>>, String> {
    let mut commands = vec![Vec::new()];
    let mut word: Option<String> = None;
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            ' ' | '\t' | '\r' | '\n' => finish(&mut commands, &mut word),
            '|' => {
                finish(&mut commands, &mut word);
                commands.push(Vec::new());
            }
            '\'' => {
                let inside = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or(UNCLOSED)? {
                        '\'' => break,
                        c => inside.push(c),
                    }
                }
            }
            '"' => {
                let inside = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or(UNCLOSED)? {
                        '"' => break,
                        '\\' => match chars.next().ok_or(UNCLOSED)? {
                            '\n' => {}
                            c @ ('$' | '`' | '"' | '\\') => inside.push(c),
                            c => inside.extend(['\\', c]),
                        },
                        c @ ('$' | '`') => return Err(replaced(c)),
                        c => inside.push(c),
                    }
                }
            }
            '$' if chars.peek() == Some(&'\'') => {
                chars.next();
                let inside = word.get_or_insert_default();
                loop {
                    match chars.next().ok_or(UNCLOSED)? {
                        '\'' => break,
                        '\\' => escape(&mut chars, inside)?,
                        c => inside.push(c),
                    }
                }
            }
            '\\' => match chars.next() {
                Some('\n') | None => {}
                Some('\r') if chars.peek() == Some(&'\n') => {
                    chars.next();
                }
                Some(c) => word.get_or_insert_default().push(c),
            },
            '#' if word.is_none() => while chars.next_if(|c| *c != '\n').is_some() {},
            c @ ('$' | '`') => return Err(replaced(c)),
            c @ (';' | '&' | '<' | '>' | '(' | ')') => {
                return Err(format!(
                    "the command has a bare '{c}': put quotes around it"
                ));
            }
            '^' if matches!(chars.peek(), Some('"' | '\n' | '\r')) => {
                return Err(
                    "this is for cmd.exe: copy the command for a POSIX shell (bash)".to_owned(),
                );
            }
            c => word.get_or_insert_default().push(c),
        }
    }
    finish(&mut commands, &mut word);
    Ok(commands)
}

fn finish(commands: &mut [Vec<String>], word: &mut Option<String>) {
    if let (Some(command), Some(word)) = (commands.last_mut(), word.take()) {
        command.push(word);
    }
}

/// What stands behind a backslash in `$'…'`. Bytes above 0x7f make no text by themselves.
fn escape(
    chars: &mut std::iter::Peekable<std::str::Chars<'_>>,
    out: &mut String,
) -> Result<(), String> {
    let kind = chars.next().ok_or(UNCLOSED)?;
    let (radix, most, first) = match kind {
        'x' => (16, 2, None),
        'u' => (16, 4, None),
        'U' => (16, 8, None),
        '0'..='7' => (8, 3, Some(kind)),
        _ => {
            let c = match kind {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'a' => '\u{7}',
                'b' => '\u{8}',
                'e' | 'E' => '\u{1b}',
                'f' => '\u{c}',
                'v' => '\u{b}',
                '\\' | '\'' | '"' | '?' => kind,
                other => {
                    out.push('\\');
                    other
                }
            };
            out.push(c);
            return Ok(());
        }
    };
    let mut digits: String = first.into_iter().collect();
    while digits.len() < most
        && let Some(digit) = chars.next_if(|c| c.is_digit(radix))
    {
        digits.push(digit);
    }
    let code = u32::from_str_radix(&digits, radix).map_err(|_| NO_CHARACTER)?;
    let is_byte = kind != 'u' && kind != 'U';
    let c = char::from_u32(code).filter(|c| *c != '\0' && (!is_byte || c.is_ascii()));
    out.push(c.ok_or(NO_CHARACTER)?);
    Ok(())
}

fn replaced(c: char) -> String {
    format!(
        "a shell would put something in the place of '{c}…', and nothing is run here: write what it stands for"
    )
}

const UNCLOSED: &str = "a quotation mark is not closed";
const NO_CHARACTER: &str = "an escape in $'…' is no character";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words() {
        for (line, expected) in [
            ("a  'b c' \"d e\"", &["a", "b c", "d e"][..]),
            ("a\\ b c\\\n d", &["a b", "c", "d"]),
            ("'it'\\''s' ''", &["it's", ""]),
            (r#""a\"b\\c\d""#, &[r#"a"b\c\d"#]),
            (r"$'a\nb\'\x41\u00e9\101\\'", &["a\nb'A\u{e9}A\\"]),
            ("a # b", &["a"]),
            ("a#b", &["a#b"]),
        ] {
            assert_eq!(commands(line).unwrap(), [expected], "{line}");
        }
        assert_eq!(commands("a | b c").unwrap(), [vec!["a"], vec!["b", "c"]]);
        for line in [
            "'a",
            "\"a",
            "$'a",
            "$HOME",
            "\"$HOME\"",
            "`id`",
            "\"`id`\"",
            "$(id)",
            "a; b",
            "a > b",
            "a && b",
            r"$'\xff'",
            r"$'\0'",
            r"$'\x'",
            "curl ^\"a^\"",
        ] {
            assert!(commands(line).is_err(), "{line}");
        }
    }
}
