//! A command line for curl, as `--dry-run=curl` and the browsers' "copy as cURL" write it.

use super::{Received, shell};

pub(super) fn read(line: &str) -> Result<Received, String> {
    let mut commands = shell::commands(line)?;
    commands.retain(|command| !command.is_empty());
    let piped = match commands.as_slice() {
        [_] => None,
        [printf, _] if printf.first().is_some_and(|word| word == "printf") => {
            let [_, format] = printf.as_slice() else {
                return Err("only printf of one text may stand before the pipe".to_owned());
            };
            Some(printed(format)?)
        }
        _ => return Err("only one curl, or printf into it".to_owned()),
    };
    let words = commands.pop().unwrap_or_default();
    if words.first().is_none_or(|word| word != "curl") {
        return Err("the command is not curl".to_owned());
    }
    let mut words = words.into_iter().skip(1);
    let mut call = Call {
        piped,
        ..Call::default()
    };
    while let Some(word) = words.next() {
        let mut next = || {
            words
                .next()
                .ok_or_else(|| format!("{word} lacks its value"))
        };
        if let Some(name) = word.strip_prefix("--").filter(|name| !name.is_empty()) {
            call.long(name, &mut next)?;
        } else if let Some(letters) = word.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            call.short(letters, &mut next)?;
        } else {
            call.urls.push(word);
        }
    }
    call.request()
}

#[derive(Debug, Default)]
struct Call {
    piped: Option<Vec<u8>>,
    urls: Vec<String>,
    method: Option<String>,
    /// As given: `Name: value`, `Name:` or `Name;`.
    headers: Vec<String>,
    data: Option<Vec<u8>>,
    is_json: bool,
    is_head: bool,
    puts: bool,
}

type Next<'a> = &'a mut dyn FnMut() -> Result<String, String>;

impl Call {
    fn short(&mut self, letters: &str, next: Next<'_>) -> Result<(), String> {
        for (index, letter) in letters.char_indices() {
            let rest = letters.get(index + letter.len_utf8()..).unwrap_or_default();
            if "#0fgiIkLnNsSvZ46".contains(letter) {
                self.is_head |= letter == 'I';
                continue;
            }
            let mut value = || {
                if rest.is_empty() {
                    next()
                } else {
                    Ok(rest.to_owned())
                }
            };
            return match letter {
                'X' => self.long("request", &mut value),
                'H' => self.long("header", &mut value),
                'd' => self.long("data", &mut value),
                'A' => self.long("user-agent", &mut value),
                'b' => self.long("cookie", &mut value),
                'e' => self.long("referer", &mut value),
                'T' => self.long("upload-file", &mut value),
                'D' | 'E' | 'm' | 'o' | 'u' | 'U' | 'w' | 'x' => value().map(|_| ()),
                _ => Err(format!("curl's option -{letter} is not read here")),
            };
        }
        Ok(())
    }

    fn long(&mut self, name: &str, next: Next<'_>) -> Result<(), String> {
        match name {
            "request" => self.method = Some(next()?),
            "header" => self.headers.push(next()?),
            "user-agent" => self.headers.push(format!("User-Agent: {}", next()?)),
            "referer" => self.headers.push(format!("Referer: {}", next()?)),
            "cookie" => self.headers.push(format!("Cookie: {}", next()?)),
            "url" => self.urls.push(next()?),
            "data" | "data-ascii" | "data-binary" | "data-raw" | "json" => {
                let text = next()?;
                let mut bytes = match text.strip_prefix('@').filter(|_| name != "data-raw") {
                    Some(file) => self.file(file)?,
                    None => text.clone().into_bytes(),
                };
                if text.starts_with('@') && ["data", "data-ascii"].contains(&name) {
                    bytes.retain(|byte| !b"\r\n\0".contains(byte));
                }
                self.is_json |= name == "json";
                match &mut self.data {
                    Some(data) => {
                        if name != "json" {
                            data.push(b'&');
                        }
                        data.extend_from_slice(&bytes);
                    }
                    None => self.data = Some(bytes),
                }
            }
            "upload-file" => {
                let file = next()?;
                self.data = Some(self.file(&file)?);
                self.puts = true;
            }
            "head" => self.is_head = true,
            "aws-sigv4" => {
                return Err(
                    "with --aws-sigv4 curl signs when it is run: there is no signature yet"
                        .to_owned(),
                );
            }
            _ if SWITCHES.contains(&name) => {}
            _ if IGNORED.contains(&name) => {
                next()?;
            }
            _ => return Err(format!("curl's option --{name} is not read here")),
        }
        Ok(())
    }

    fn file(&self, name: &str) -> Result<Vec<u8>, String> {
        if name == "-" || name == "." {
            return self
                .piped
                .clone()
                .ok_or_else(|| "the body comes from standard input: it is not here".to_owned());
        }
        std::fs::read(name).map_err(|error| format!("cannot read the body from {name}: {error}"))
    }

    fn request(self) -> Result<Received, String> {
        let [url] = self.urls.as_slice() else {
            return Err(format!("one URL, not {}", self.urls.len()));
        };
        let default = match (&self.data, self.is_head, self.puts) {
            (_, _, true) => "PUT",
            (_, true, _) => "HEAD",
            (Some(_), ..) => "POST",
            _ => "GET",
        };
        let mut request = Received {
            method: self.method.unwrap_or_else(|| default.to_owned()),
            ..Received::default()
        };
        let mut left_out = Vec::new();
        for header in &self.headers {
            match (header.split_once(':'), header.strip_suffix(';')) {
                (Some((name, value)), _) if value.trim().is_empty() => {
                    left_out.push(name.to_ascii_lowercase());
                }
                (Some((name, value)), _) => request.put(name, value.trim()),
                (None, Some(name)) => request.put(name, ""),
                (None, None) => return Err(format!("-H '{header}' has no colon")),
            }
        }
        let mut default = |name: &str, value: &str| {
            if request.header(name).is_none() && !left_out.iter().any(|out| out == name) {
                request.put(name, value);
            }
        };
        let of_json = "application/json";
        default("accept", if self.is_json { of_json } else { "*/*" });
        if let Some(data) = &self.data {
            if self.is_json {
                default("content-type", of_json);
            } else if !self.puts {
                default("content-type", "application/x-www-form-urlencoded");
            }
            default("content-length", &data.len().to_string());
        }
        request.body = Some(self.data.unwrap_or_default());
        let has_scheme = url.contains("://");
        request.go_to(&if has_scheme {
            url.clone()
        } else {
            format!("http://{url}")
        })?;
        Ok(request)
    }
}

/// What `printf` prints of a format without arguments.
fn printed(format: &str) -> Result<Vec<u8>, String> {
    let wrong = || "printf's format has more than texts and octal numbers".to_owned();
    let mut out = Vec::new();
    let mut bytes = format.bytes().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'%' => match bytes.next() {
                Some(b'%') => out.push(b'%'),
                _ => return Err(wrong()),
            },
            b'\\' => {
                let mut code = 0_u16;
                let mut digits = 0;
                while digits < 3
                    && let Some(digit) = bytes.next_if(|byte| (b'0'..=b'7').contains(byte))
                {
                    code = code * 8 + u16::from(digit - b'0');
                    digits += 1;
                }
                if digits == 0 {
                    match bytes.next() {
                        Some(b'n') => out.push(b'\n'),
                        Some(b'\\') => out.push(b'\\'),
                        _ => return Err(wrong()),
                    }
                } else {
                    out.push(u8::try_from(code).map_err(|_| wrong())?);
                }
            }
            byte => out.push(byte),
        }
    }
    Ok(out)
}

/// Without a value, and without a part in what is sent.
const SWITCHES: [&str; 27] = [
    "compressed",
    "fail",
    "fail-with-body",
    "globoff",
    "http1.0",
    "http1.1",
    "http2",
    "http2-prior-knowledge",
    "http3",
    "include",
    "insecure",
    "ipv4",
    "ipv6",
    "location",
    "no-buffer",
    "no-progress-meter",
    "path-as-is",
    "proxy-insecure",
    "show-error",
    "silent",
    "ssl",
    "tlsv1",
    "tlsv1.0",
    "tlsv1.1",
    "tlsv1.2",
    "tlsv1.3",
    "verbose",
];
/// With a value, and without a part in what is signed.
const IGNORED: [&str; 22] = [
    "cacert",
    "cert",
    "connect-timeout",
    "connect-to",
    "dump-header",
    "interface",
    "key",
    "limit-rate",
    "max-redirs",
    "max-time",
    "noproxy",
    "output",
    "proxy",
    "proxy-user",
    "resolve",
    "retry",
    "tls-max",
    "trace",
    "trace-ascii",
    "unix-socket",
    "user",
    "write-out",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_curl_would_send() {
        let request = read("curl -sXPOST -H 'A: 1' -H 'B;' -H accept: --data-raw $'a\\nb' -u me:pw --compressed 'https://h/p?q'").unwrap();
        assert_eq!(request.method, "POST");
        assert_eq!(request.target, b"/p?q");
        assert_eq!(request.header("a"), Some(&b"1"[..]));
        assert_eq!(request.header("b"), Some(&b""[..]));
        assert_eq!(request.header("accept"), None);
        assert_eq!(request.header("content-length"), Some(&b"3"[..]));
        assert_eq!(
            request.header("content-type"),
            Some(&b"application/x-www-form-urlencoded"[..])
        );
        assert_eq!(request.body.as_deref(), Some(&b"a\nb"[..]));
        assert!(request.header("authorization").is_none());
        let request = read(r"printf '\055\000%%a' | curl --data-binary @- https://h/").unwrap();
        assert_eq!(request.body.as_deref(), Some(&b"-\0%a"[..]));
        assert_eq!(read("curl -I h/").unwrap().method, "HEAD");
        assert_eq!(
            read("curl --json '{}' h/").unwrap().header("content-type"),
            Some(&b"application/json"[..])
        );
        for line in [
            "curl",
            "curl a b",
            "curl --next a",
            "curl -F a=b h",
            "curl -d @- h",
            "curl -X",
            "wget h",
            "curl h | sh",
            "curl --aws-sigv4 aws:amz h",
            "printf '%s' x | curl -d @- h",
            r"printf '\777' | curl -d @- h",
        ] {
            assert!(read(line).is_err(), "{line}");
        }
    }
}
