//! What the answer to an invocation says beside its payload: a function's error, the end of its log, its version.

use std::io::Write;

use data_encoding::BASE64;
use http::HeaderMap;
use serde_json::value::RawValue;

use crate::events::Complete;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::fields::quoted;
use crate::line;
use crate::send::Head;

/// How an invocation's answer is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Invocation {
    /// The end of the log on standard error.
    pub log: bool,
    /// What is printed.
    pub form: Form,
    /// The answer has to be an event stream.
    pub stream: bool,
}

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The payload as it is.
    Payload,
    /// One JSON object with everything.
    Json,
    /// The payload into the file, and on standard output what the AWS CLI tells of it, in JSON.
    Metadata,
    /// The same as a line of text.
    MetadataText,
}

/// The bytes of an answer that are kept while, or instead of, being printed.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// How many at most.
    most: usize,
    /// They are not printed.
    withheld: bool,
    bytes: Vec<u8>,
    /// How an event stream ended.
    pub(crate) complete: Option<Complete>,
}

/// All that is known of an invocation.
#[derive(Debug)]
pub(crate) struct Report {
    status: u16,
    version: Option<String>,
    request_id: Option<String>,
    durable: Option<String>,
    /// `Handled` or `Unhandled`, or the code in a stream.
    error: Option<String>,
    /// What the error is.
    details: Option<String>,
    log: Option<String>,
    payload: Vec<u8>,
}

impl Seen {
    /// The first bytes are kept, all are printed.
    pub(crate) fn beside(most: usize) -> Self {
        Self {
            most,
            ..Self::default()
        }
    }

    /// All are kept and none is printed.
    pub(crate) fn instead() -> Self {
        Self {
            most: MOST_KEPT,
            withheld: true,
            ..Self::default()
        }
    }

    /// What is needed to show an invocation's answer as it is asked for.
    pub(crate) fn for_invocation(form: Form, head: &Head) -> Self {
        match form {
            Form::Json => Self::instead(),
            _ if header(&head.headers, FUNCTION_ERROR).is_some() => Self::beside(ENOUGH),
            _ => Self::beside(0),
        }
    }

    /// Takes note of bytes, and tells whether they are to be printed.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> Result<bool, Failure> {
        let room = self.most - self.bytes.len().min(self.most);
        if self.withheld && bytes.len() > room {
            return Err(Failure::new(
                Exit::Receive,
                format!("the answer is longer than the {MOST_KEPT} bytes that are kept in memory"),
            ));
        }
        self.bytes
            .extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        Ok(!self.withheld)
    }

    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }
}

impl Report {
    pub(crate) fn new(head: &Head, mut seen: Seen) -> Self {
        let header = |name: &str| header(&head.headers, name);
        let complete = seen.complete.take().unwrap_or_default();
        let payload = seen.into_bytes();
        let (error, details) = match (header(FUNCTION_ERROR), complete.error) {
            (Some(kind), _) => (Some(kind), thrown(&payload)),
            (None, Some((code, details))) => {
                let details = thrown(details.as_bytes()).unwrap_or(details);
                (Some(code), Some(details).filter(|it| !it.is_empty()))
            }
            (None, None) => (None, None),
        };
        Self {
            status: head.status.as_u16(),
            version: header("x-amz-executed-version"),
            request_id: header("x-amzn-requestid"),
            durable: header("x-amz-durable-execution-arn"),
            error,
            details,
            log: header("x-amz-log-result").or(complete.log),
            payload,
        }
    }

    /// The failure that a function's error is.
    pub(crate) fn failure(&self) -> Option<Failure> {
        let kind = self.error.as_deref()?;
        let details = self.details.as_deref();
        let details = details.map_or_else(String::new, |details| format!(": {details}"));
        Some(Failure::new(
            Exit::FunctionError,
            format!("the function failed ({kind}){details}"),
        ))
    }

    /// Prints the end of the log. Whoever closed standard error does not want to know.
    pub(crate) fn tell_log(&self) {
        let text = match self.log.as_deref().map(log) {
            None => return,
            Some(Log::Text(text)) => {
                let end = if text.ends_with('\n') { "" } else { "\n" };
                format!("{}{end}", printable(&text))
            }
            Some(Log::Stream(group, stream)) => printable(&format!(
                "sigcurl: the log is in CloudWatch Logs: group {group}, stream {stream}\n"
            )),
            Some(Log::Unread) => "sigcurl: the log cannot be read: it is not base64\n".to_owned(),
        };
        line::end();
        let _ = std::io::stderr().write_all(text.as_bytes());
    }

    /// `--json`
    pub(crate) fn json(&self) -> String {
        let text = |value: &Option<String>| value.as_deref().map_or_else(null, quoted);
        let log = match self.log.as_deref().map(log) {
            None | Some(Log::Unread) => null(),
            Some(Log::Text(text)) => quoted(&text),
            Some(Log::Stream(group, stream)) => format!(
                "{{\"logGroup\":{},\"logStreamName\":{}}}",
                quoted(&group),
                quoted(&stream)
            ),
        };
        let (encoding, payload) = self.payload();
        let durable = self.durable.as_deref().map_or_else(String::new, |arn| {
            format!(",\"durableExecutionArn\":{}", quoted(arn))
        });
        format!(
            "{{\"status\":{},\"executedVersion\":{},\"requestId\":{},\"functionError\":{}{durable},\"log\":{log},\"payloadEncoding\":\"{encoding}\",\"payload\":{payload}}}\n",
            self.status,
            text(&self.version),
            text(&self.request_id),
            text(&self.error),
        )
    }

    fn payload(&self) -> (&'static str, String) {
        if self.payload.is_empty() {
            return ("none", null());
        }
        let Ok(text) = std::str::from_utf8(&self.payload) else {
            return ("base64", quoted(&BASE64.encode(&self.payload)));
        };
        match serde_json::from_str::<&RawValue>(text) {
            Ok(value) => ("json", value.get().to_owned()),
            Err(_) => ("text", quoted(text)),
        }
    }

    /// What the AWS CLI prints.
    pub(crate) fn metadata(&self) -> String {
        let fields = self.fields();
        let fields = fields
            .iter()
            .map(|(name, value)| format!("    \"{name}\": {value}"));
        format!("{{\n{}\n}}\n", fields.collect::<Vec<_>>().join(",\n"))
    }

    /// What the AWS CLI prints with `--output text`: the values by their names' order.
    pub(crate) fn metadata_text(&self) -> String {
        let mut fields = self.fields();
        fields.sort_by_key(|(name, _)| *name);
        let values = fields.iter().map(|(_, value)| {
            let text = serde_json::from_str::<String>(value);
            text.unwrap_or_else(|_| value.clone())
        });
        values.collect::<Vec<_>>().join("\t") + "\n"
    }

    fn fields(&self) -> Vec<(&'static str, String)> {
        let text = |name: &'static str, value: &Option<String>| {
            value.as_deref().map(|value| (name, quoted(value)))
        };
        let fields = [
            Some(("StatusCode", self.status.to_string())),
            text("FunctionError", &self.error),
            text("LogResult", &self.log),
            text("ExecutedVersion", &self.version),
            text("DurableExecutionArn", &self.durable),
        ];
        fields.into_iter().flatten().collect()
    }
}

/// The end of a log.
#[derive(Debug, PartialEq, Eq)]
enum Log {
    Text(String),
    /// The log is elsewhere: group and stream.
    Stream(String, String),
    Unread,
}

fn log(encoded: &str) -> Log {
    let Ok(bytes) = BASE64.decode(encoded.trim().as_bytes()) else {
        return Log::Unread;
    };
    let object: Option<serde_json::Value> = serde_json::from_slice(&bytes).ok();
    let place = object.as_ref().and_then(|object| {
        let text = |name: &str| object.get(name)?.as_str().map(str::to_owned);
        Some((text("logGroup")?, text("logStreamName")?))
    });
    match place {
        Some((group, stream)) => Log::Stream(group, stream),
        None => Log::Text(String::from_utf8_lossy(&bytes).into_owned()),
    }
}

/// Type and message of a function's error.
fn thrown(payload: &[u8]) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(payload).ok()?;
    let text = |name: &str| value.get(name)?.as_str();
    match (text("errorType"), text("errorMessage")) {
        (Some(kind), Some(message)) => Some(format!("{kind}: {message}")),
        (one, other) => one.or(other).map(str::to_owned),
    }
}

/// A terminal obeys other control characters than these two.
fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => out.push(c),
            '\r' => {}
            c if c.is_control() => out.extend(c.escape_default()),
            c => out.push(c),
        }
    }
    out
}

fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = headers.get(name)?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn null() -> String {
    "null".to_owned()
}

const FUNCTION_ERROR: &str = "x-amz-function-error";
/// Error objects are short, but for their stack traces.
const ENOUGH: usize = 1 << 20;
/// Ten times what Lambda gives.
const MOST_KEPT: usize = 64 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(text: &str) -> String {
        BASE64.encode(text.as_bytes())
    }

    #[test]
    fn logs_of_both_forms() {
        assert_eq!(
            log(&encoded("START\nEND\n")),
            Log::Text("START\nEND\n".into())
        );
        let place = r#"{"logGroup":"/aws/lambda/f","logStreamName":"2026/[1]x"}"#;
        assert_eq!(
            log(&encoded(place)),
            Log::Stream("/aws/lambda/f".into(), "2026/[1]x".into())
        );
        assert_eq!(
            log(&encoded("{\"level\":1}")),
            Log::Text("{\"level\":1}".into())
        );
        assert_eq!(log("%"), Log::Unread);
        assert_eq!(printable("a\u{1b}[1m\tb\r\n"), "a\\u{1b}[1m\tb\n");
    }

    #[test]
    fn what_is_kept() {
        let mut seen = Seen::beside(3);
        assert!(seen.take(b"ab").unwrap() && seen.take(b"cd").unwrap());
        assert_eq!(seen.into_bytes(), b"abc");
        let mut seen = Seen::instead();
        assert!(!seen.take(b"ab").unwrap());
        assert!(seen.take(&vec![0; MOST_KEPT]).is_err());
    }
}
