//! `--dry-run=curl`: a command line for a POSIX shell with which curl sends the signed request, byte for byte.

use std::ffi::{OsStr, OsString};

use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HOST, USER_AGENT};
use http::{HeaderName, Method, Request};

use crate::args::{RequestArgs, TlsVersion};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::payload::Body;
use crate::plan::{Env, RequestPlan};

/// The options that curl has to be given for the connection to be the same. Proxy variables curl reads itself.
pub fn connection(args: &RequestArgs, env: Env<'_>) -> Vec<OsString> {
    let more = &args.transfer;
    let mut words: Vec<OsString> = Vec::new();
    let switches = [
        (args.insecure, "-k"),
        (args.lowest_tls() == Some(TlsVersion::V1_2), "--tlsv1.2"),
        (args.lowest_tls() == Some(TlsVersion::V1_3), "--tlsv1.3"),
        (more.http1_1, "--http1.1"),
        (more.http2_prior_knowledge, "--http2-prior-knowledge"),
        (more.ipv4, "-4"),
        (more.ipv6, "-6"),
        (more.compressed, "--compressed"),
    ];
    let given = switches.iter().filter(|(given, _)| *given);
    words.extend(given.map(|(_, switch)| OsString::from(switch)));

    let mut option = |name: &str, value: Option<&OsStr>| {
        if let Some(value) = value {
            words.extend([OsString::from(name), value.to_owned()]);
        }
    };
    let bundle = env("AWS_CA_BUNDLE").map(OsString::from);
    let trusted = more.cacert.as_ref().map(|file| file.as_os_str());
    let texts: [(&str, Option<&OsStr>); 7] = [
        ("--cacert", trusted.or(bundle.as_deref())),
        ("--cert", more.cert.as_ref().map(|file| file.as_os_str())),
        ("--key", more.key.as_ref().map(|file| file.as_os_str())),
        ("--interface", more.interface.as_deref().map(OsStr::new)),
        (
            "--unix-socket",
            more.unix_socket.as_ref().map(|path| path.as_os_str()),
        ),
        ("-x", more.proxy.as_deref().map(OsStr::new)),
        ("--noproxy", more.noproxy.as_deref().map(OsStr::new)),
    ];
    for (name, value) in texts {
        option(name, value);
    }
    if args.tls_max == Some(TlsVersion::V1_2) {
        option("--tls-max", Some(OsStr::new("1.2")));
    }
    // The password is curl's to ask for.
    let proxy_user = more.proxy_user.as_ref().map(|user| user.expose());
    let name = proxy_user.map(|user| user.split(':').next().unwrap_or_default());
    option("-U", name.map(OsStr::new));
    for entry in &more.resolve {
        option("--resolve", Some(OsStr::new(entry)));
    }
    for entry in &more.connect_to {
        option("--connect-to", Some(OsStr::new(entry)));
    }
    words
}

/// The command line, with a line feed at its end.
///
/// * A body that is one file is named; another one is in the command, as `printf`'s text where it is not UTF-8.
/// * Headers of curl's own that the request does not have are taken out.
///
/// # Errors
///
/// If the body is too large for a command line.
pub fn command(plan: &RequestPlan, request: &Request<Body>) -> Result<Vec<u8>, Failure> {
    let body = Data::of(plan, request)?;
    let mut line = Line::default();
    if let Data::Piped(bytes) = &body {
        line.text(&format!("printf '{}' | ", octal(bytes)));
    }
    line.text("curl");
    let target = request.uri().to_string();
    if target.contains(['[', ']', '{', '}']) {
        line.word("-g");
    }
    if target.contains("/.") || target.to_ascii_lowercase().contains("%2e") {
        line.word("--path-as-is");
    }
    for word in &plan.for_curl {
        line.word(word);
    }
    let implied = match body {
        Data::None => Method::GET,
        _ => Method::POST,
    };
    if *request.method() == Method::HEAD {
        line.word("-I");
    } else if *request.method() != implied {
        line.word("-X");
        line.word(request.method().as_str());
    }
    headers(request, &body, &mut line);
    match &body {
        Data::None => {}
        Data::File(file) => {
            let mut at = OsString::from("@");
            at.push(file);
            line.word("--data-binary");
            line.word(at);
        }
        Data::Text(text) => {
            line.word("--data-raw");
            line.word(text);
        }
        Data::Piped(_) => {
            line.word("--data-binary");
            line.word("@-");
        }
    }
    line.word(target);
    line.bytes.push(b'\n');
    Ok(line.bytes)
}

fn headers(request: &Request<Body>, body: &Data<'_>, line: &mut Line) {
    let headers = request.headers();
    let authority = request.uri().authority().map(|host| host.as_str());
    for (name, value) in headers {
        let value = value.as_bytes();
        let is_implied = *name == CONTENT_LENGTH
            || *name == HOST && authority.map(str::as_bytes) == Some(value)
            || *name == ACCEPT && value == b"*/*";
        if is_implied {
            continue;
        }
        let mut header = name.as_str().as_bytes().to_vec();
        header.extend_from_slice(if value.is_empty() { b";" } else { b": " });
        header.extend_from_slice(value);
        line.word("-H");
        line.quoted(&header);
    }
    let mut own: Vec<HeaderName> = vec![ACCEPT, USER_AGENT];
    if !matches!(body, Data::None) {
        own.push(CONTENT_TYPE);
    }
    for name in own {
        if !headers.contains_key(&name) {
            line.word("-H");
            line.word(format!("{name}:"));
        }
    }
}

/// How curl gets the body.
enum Data<'a> {
    None,
    File(&'a OsStr),
    Text(String),
    Piped(Vec<u8>),
}

impl<'a> Data<'a> {
    fn of(plan: &'a RequestPlan, request: &Request<Body>) -> Result<Self, Failure> {
        let body = request.body();
        if let Some(file) = plan.body.file() {
            return Ok(Self::File(file.as_os_str()));
        }
        if body.is_empty() && !request.headers().contains_key(CONTENT_LENGTH) {
            return Ok(Self::None);
        }
        if body.len() > MOST {
            return Err(Failure::usage(format!(
                "--dry-run=curl: a body of {} bytes is too long for a command line; give it as a file, with -d @FILE or -T FILE",
                body.len()
            )));
        }
        let mut bytes = Vec::new();
        loop {
            let more = body
                .read_at(u64::try_from(bytes.len()).unwrap_or(u64::MAX), READ)
                .map_err(|error| {
                    Failure::because(Exit::Read, "cannot read the request's body", error)
                })?;
            if more.is_empty() {
                break;
            }
            bytes.extend_from_slice(&more);
        }
        Ok(match String::from_utf8(bytes) {
            Ok(text) if !text.contains('\0') => Self::Text(text),
            Ok(text) => Self::Piped(text.into_bytes()),
            Err(error) => Self::Piped(error.into_bytes()),
        })
    }
}

/// Words of a shell.
#[derive(Default)]
struct Line {
    bytes: Vec<u8>,
}

impl Line {
    fn text(&mut self, text: &str) {
        self.bytes.extend_from_slice(text.as_bytes());
    }

    fn word(&mut self, word: impl AsRef<OsStr>) {
        self.quoted(word.as_ref().as_encoded_bytes());
    }

    /// A blank and the word, in quotation marks if it needs them.
    fn quoted(&mut self, word: &[u8]) {
        self.bytes.push(b' ');
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_./:=@%+,".contains(byte);
        if !word.is_empty() && word.iter().all(is_plain) {
            self.bytes.extend_from_slice(word);
            return;
        }
        self.bytes.push(b'\'');
        for byte in word {
            match byte {
                b'\'' => self.text(r"'\''"),
                byte => self.bytes.push(*byte),
            }
        }
        self.bytes.push(b'\'');
    }
}

/// The format of `printf` that prints these bytes. A dash would begin an option.
fn octal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        match byte {
            b'%' => text.push_str("%%"),
            b' '..=b'~' if !matches!(byte, b'\\' | b'\'' | b'-') => text.push(char::from(*byte)),
            byte => text.push_str(&format!("\\{byte:03o}")),
        }
        text
    })
}

/// Linux takes 128 KiB in one argument, of which an octal number makes four of a byte.
const MOST: u64 = 30_000;
const READ: usize = 1 << 16;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_a_shell() {
        let mut line = Line::default();
        for word in ["plain", "", "a b", "it's", "$HOME `x` \"", "é"] {
            line.word(word);
        }
        assert_eq!(
            String::from_utf8(line.bytes).unwrap(),
            r#" plain '' 'a b' 'it'\''s' '$HOME `x` "' 'é'"#
        );
        assert_eq!(octal(b"-a%\x00\xff'\\\n"), r"\055a%%\000\377\047\134\012");
    }
}
