//! What is known of a transfer, and what `-w` prints of it.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use http::{Method, Version};
use url::Url;

use crate::failure::Failure;
use crate::send::{Head, Times};

/// A transfer so far.
#[derive(Debug, Clone)]
pub struct Facts {
    /// When the last try began.
    pub started: Instant,
    /// How long it took.
    pub total: Duration,
    /// The URL that was given.
    pub given: Url,
    /// The URL that was asked last.
    pub url: Url,
    /// The method that was used last.
    pub method: Method,
    /// The last head of an answer.
    pub head: Option<Head>,
    /// Where it would have led, if it was not followed.
    pub redirect_url: Option<Url>,
    /// When what was done.
    pub times: Times,
    /// When the last request began, since `started`.
    pub redirect: Duration,
    /// When the last head came, since `started`.
    pub first_byte: Duration,
    /// Redirects followed.
    pub redirects: u64,
    /// Connections made.
    pub connects: u64,
    /// Tries after the first.
    pub retries: u64,
    /// Bytes of the last body, as they came.
    pub downloaded: u64,
    /// Bytes of the last request's body.
    pub uploaded: u64,
    /// Bytes of all heads that came.
    pub heads: u64,
    /// The file written to.
    pub file: Option<String>,
    /// Whether the last request went through a proxy.
    pub proxied: bool,
    /// The answer, where it is captured.
    pub body: Vec<u8>,
}

/// A value of a variable.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A text.
    Text(String),
    /// A count.
    Number(u64),
    /// A count of so many digits at least.
    Padded(u64),
    /// Seconds.
    Seconds(Duration),
    /// Not known.
    Nothing,
}

impl Facts {
    /// Nothing has happened yet.
    #[must_use]
    pub fn new(url: &Url, method: &Method) -> Self {
        Self {
            started: Instant::now(),
            total: Duration::ZERO,
            given: url.clone(),
            url: url.clone(),
            method: method.clone(),
            head: None,
            redirect_url: None,
            times: Times::default(),
            redirect: Duration::ZERO,
            first_byte: Duration::ZERO,
            redirects: 0,
            connects: 0,
            retries: 0,
            downloaded: 0,
            uploaded: 0,
            heads: 0,
            file: None,
            proxied: false,
            body: Vec::new(),
        }
    }

    /// A further try begins.
    pub fn again(&mut self) {
        *self = Self {
            retries: self.retries + 1,
            connects: self.connects,
            ..Self::new(&self.given.clone(), &self.method.clone())
        };
    }

    /// The value of a variable; `None` if there is no such variable.
    #[must_use]
    pub fn value(&self, name: &str, failure: Option<&Failure>) -> Option<Value> {
        let status = || {
            Value::Padded(
                self.head
                    .as_ref()
                    .map_or(0, |head| head.status.as_u16().into()),
            )
        };
        let address = self.head.as_ref().and_then(|head| head.address);
        let speed = |bytes: u64| {
            let micros = self.total.as_micros().max(1);
            u64::try_from(u128::from(bytes) * 1_000_000 / micros).unwrap_or(u64::MAX)
        };
        let or_nothing = |text: Option<String>| text.map_or(Value::Nothing, Value::Text);
        let https = self.url.scheme() == "https";
        Some(match name {
            "http_code" | "response_code" => status(),
            "http_connect" => Value::Padded(0),
            "http_version" => Value::Text(self.http_version().to_owned()),
            "method" => Value::Text(self.method.to_string()),
            "scheme" => Value::Text(self.url.scheme().to_owned()),
            "url" => Value::Text(self.given.to_string()),
            "url_effective" => Value::Text(self.url.to_string()),
            "urlnum" => Value::Number(0),
            "content_type" => or_nothing(self.header("content-type")),
            "redirect_url" => or_nothing(self.redirect_url.as_ref().map(Url::to_string)),
            "num_redirects" => Value::Number(self.redirects),
            "num_connects" => Value::Number(self.connects),
            "num_retries" => Value::Number(self.retries),
            "num_headers" => Value::Number(
                self.head
                    .as_ref()
                    .and_then(|head| u64::try_from(head.headers.len()).ok())
                    .unwrap_or(0),
            ),
            "remote_ip" => or_nothing(address.map(|address| address.ip().to_string())),
            "remote_port" => address.map_or(Value::Nothing, |address| {
                Value::Number(address.port().into())
            }),
            "filename_effective" => or_nothing(self.file.clone()),
            "proxy_used" => Value::Number(self.proxied.into()),
            "ssl_verify_result" => Value::Number(0),
            "size_download" => Value::Number(self.downloaded),
            "size_upload" => Value::Number(self.uploaded),
            "size_header" => Value::Number(self.heads),
            "speed_download" => Value::Number(speed(self.downloaded)),
            "speed_upload" => Value::Number(speed(self.uploaded)),
            "time_namelookup" => Value::Seconds(self.since_redirect(self.times.looked_up)),
            "time_connect" => Value::Seconds(self.since_redirect(self.times.connected)),
            "time_appconnect" if https => Value::Seconds(self.since_redirect(self.times.connected)),
            "time_appconnect" => Value::Seconds(Duration::ZERO),
            "time_pretransfer" => Value::Seconds(self.since_redirect(self.times.connected)),
            "time_starttransfer" => Value::Seconds(self.first_byte),
            "time_redirect" if self.redirects > 0 => Value::Seconds(self.redirect),
            "time_redirect" => Value::Seconds(Duration::ZERO),
            "time_total" => Value::Seconds(self.total),
            "exitcode" => Value::Number(failure.map_or(0, |failure| failure.exit().code().into())),
            "errormsg" => or_nothing(failure.map(ToString::to_string)),
            _ => return None,
        })
    }

    /// A header of the last answer; several are joined with a comma.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<String> {
        let values = self.head.as_ref()?.headers.get_all(name).iter();
        let values: Vec<_> = values
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        (!values.is_empty()).then(|| values.join(", "))
    }

    /// All variables as one JSON object.
    #[must_use]
    pub fn json(&self, failure: Option<&Failure>) -> String {
        let members = VARIABLES.iter().filter_map(|name| {
            let value = match self.value(name, failure)? {
                Value::Text(text) => quoted(&text),
                Value::Number(number) | Value::Padded(number) => number.to_string(),
                Value::Seconds(time) => format!("{:.6}", time.as_secs_f64()),
                Value::Nothing => "null".to_owned(),
            };
            Some(format!("\"{name}\":{value}"))
        });
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }

    /// The headers as one JSON object of lists.
    #[must_use]
    pub fn header_json(&self) -> String {
        let Some(head) = &self.head else {
            return "{}".to_owned();
        };
        let members = head.headers.keys().map(|name| {
            let values = head.headers.get_all(name).iter();
            let values: Vec<_> = values
                .map(|value| quoted(&String::from_utf8_lossy(value.as_bytes())))
                .collect();
            format!("{}:[{}]", quoted(name.as_str()), values.join(","))
        });
        format!("{{{}}}", members.collect::<Vec<_>>().join(","))
    }

    fn http_version(&self) -> &'static str {
        match self.head.as_ref().map(|head| head.version) {
            None => "0",
            Some(Version::HTTP_10) => "1",
            Some(Version::HTTP_2) => "2",
            Some(Version::HTTP_3) => "3",
            Some(_) => "1.1",
        }
    }

    fn since_redirect(&self, time: Duration) -> Duration {
        if time.is_zero() {
            time
        } else {
            self.redirect + time
        }
    }
}

impl std::fmt::Display for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Number(number) => write!(f, "{number}"),
            Self::Padded(number) => write!(f, "{number:03}"),
            Self::Seconds(time) => write!(f, "{:.6}", time.as_secs_f64()),
            Self::Nothing => Ok(()),
        }
    }
}

fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if u32::from(c) < 0x20 => {
                let _ = write!(out, "\\u{:04x}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// All that there are, in curl's order.
pub const VARIABLES: [&str; 34] = [
    "content_type",
    "errormsg",
    "exitcode",
    "filename_effective",
    "http_code",
    "http_connect",
    "http_version",
    "method",
    "num_connects",
    "num_headers",
    "num_redirects",
    "num_retries",
    "proxy_used",
    "redirect_url",
    "remote_ip",
    "remote_port",
    "response_code",
    "scheme",
    "size_download",
    "size_header",
    "size_upload",
    "speed_download",
    "speed_upload",
    "ssl_verify_result",
    "time_appconnect",
    "time_connect",
    "time_namelookup",
    "time_pretransfer",
    "time_redirect",
    "time_starttransfer",
    "time_total",
    "url",
    "url_effective",
    "urlnum",
];
