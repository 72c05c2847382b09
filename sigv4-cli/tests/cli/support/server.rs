//! A server that reads requests byte by byte, records and verifies them. It knows HTTP from no one else.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener};
use std::sync::{Arc, Mutex};
use std::thread;

use sigv4::{
    AmzDate, Header, KeyLookup, KnownKey, ReceivedBody, RequestHead, SecretAccessKey, SessionToken,
    SigningKey, Verifier, VerifyError,
};

use super::{KEY_ID, REGION, SECRET, SERVICE};

/// One request, as it came.
#[derive(Debug, Clone)]
pub(crate) struct Hit {
    pub(crate) raw: Vec<u8>,
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Hit {
    /// Reads one request; `None` at the end of the connection.
    pub(crate) fn read(stream: &mut impl Read) -> Option<Self> {
        let mut raw = Vec::new();
        let mut byte = [0];
        while !raw.ends_with(b"\r\n\r\n") {
            if stream.read(&mut byte).ok()? == 0 {
                return None;
            }
            raw.push(byte[0]);
        }
        let head = raw
            .split(|byte| *byte == b'\n')
            .map(|line| line.strip_suffix(b"\r").unwrap_or(line));
        let mut lines = head.filter(|line| !line.is_empty());
        let first = String::from_utf8(lines.next()?.to_vec()).unwrap();
        let mut words = first.split(' ');
        let mut hit = Self {
            method: words.next()?.to_owned(),
            target: words.next()?.to_owned(),
            headers: lines.map(header).collect(),
            body: Vec::new(),
            raw,
        };
        assert_eq!(words.next(), Some("HTTP/1.1"));
        let length = hit
            .header("content-length")
            .map_or(0, |length| length.parse().unwrap());
        hit.body = vec![0; length];
        stream.read_exact(&mut hit.body).ok()?;
        hit.raw.extend_from_slice(&hit.body);
        Some(hit)
    }

    /// The value of a header that is there at most once.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        let mut values = self
            .headers
            .iter()
            .filter(|(found, _)| found.eq_ignore_ascii_case(name));
        let value = values
            .next()
            .map(|(_, value)| std::str::from_utf8(value).unwrap());
        assert!(values.next().is_none(), "{name} is there more than once");
        value
    }

    pub(crate) fn is_signed(&self) -> bool {
        self.header("authorization").is_some()
    }

    /// Verifies it with the servers' keys.
    pub(crate) fn verify(&self, region: &str, service: &str) -> Result<(), VerifyError> {
        self.verify_with_token(region, service, None)
    }

    pub(crate) fn verify_with_token(
        &self,
        region: &str,
        service: &str,
        token: Option<&str>,
    ) -> Result<(), VerifyError> {
        self.verify_at(region, service, token, AmzDate::now())
    }

    /// Verifies it by another clock.
    pub(crate) fn verify_at(
        &self,
        region: &str,
        service: &str,
        token: Option<&str>,
        now: AmzDate,
    ) -> Result<(), VerifyError> {
        let headers: Vec<_> = self
            .headers
            .iter()
            .map(|(name, value)| Header::new(name, value))
            .collect();
        let head = RequestHead::from_target(&self.method, self.target.as_bytes(), &headers)?;
        let verifier = Verifier::new(region, service).unwrap();
        let claim = verifier.claim(&head, now)?;
        let key = SigningKey::derive(&SecretAccessKey::new(SECRET).unwrap(), claim.scope());
        let token = token.map(|token| SessionToken::new(token).unwrap());
        let known = match &token {
            Some(token) => KnownKey::new(&key).with_session_token(token),
            None => KnownKey::new(&key),
        };
        let lookup = if claim.access_key_id() == KEY_ID {
            KeyLookup::Found(known)
        } else {
            KeyLookup::Unknown
        };
        claim
            .verify(lookup, ReceivedBody::of(&self.body))
            .map(|_| ())
    }
}

fn header(line: &[u8]) -> (String, Vec<u8>) {
    let colon = line.iter().position(|byte| *byte == b':').unwrap();
    let value = line[colon + 1..]
        .strip_prefix(b" ")
        .unwrap_or_else(|| &line[colon + 1..]);
    (
        String::from_utf8(line[..colon].to_vec()).unwrap(),
        value.to_vec(),
    )
}

/// A server that lives as long as the test.
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    hits: Arc<Mutex<Vec<Hit>>>,
}

impl Server {
    /// Answers each request with the bytes that `answer` gives, and hangs up where the answer says so.
    pub(crate) fn start(answer: impl Fn(&Hit) -> Vec<u8> + Send + Sync + 'static) -> Self {
        Self::with_stream(move |stream, record| {
            while let Some(hit) = Hit::read(stream) {
                let bytes = answer(&hit);
                record(hit);
                if stream.write_all(&bytes).is_err() || contains(&bytes, b"connection: close") {
                    return;
                }
            }
        })
    }

    /// Leaves a connection wholly to `talk`.
    pub(crate) fn with_stream(
        talk: impl Fn(&mut std::net::TcpStream, &dyn Fn(Hit)) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let hits = Arc::new(Mutex::new(Vec::new()));
        let (recorded, talk) = (Arc::clone(&hits), Arc::new(talk));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (recorded, talk) = (Arc::clone(&recorded), Arc::clone(&talk));
                thread::spawn(move || {
                    talk(&mut stream.unwrap(), &|hit| {
                        recorded.lock().unwrap().push(hit);
                    });
                });
            }
        });
        Self { address, hits }
    }

    /// Says hello to whoever signs for [`REGION`] and [`SERVICE`], and why not to all others.
    pub(crate) fn verifying() -> Self {
        Self::verifying_for(REGION, SERVICE)
    }

    pub(crate) fn verifying_for(region: &'static str, service: &'static str) -> Self {
        Self::start(move |hit| match hit.verify(region, service) {
            Ok(()) => ok("Hello, World"),
            Err(error) => response("403 Forbidden", &[], &format!("{error}")),
        })
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub(crate) fn hits(&self) -> Vec<Hit> {
        self.hits.lock().unwrap().clone()
    }

    /// The only request that came.
    #[track_caller]
    pub(crate) fn hit(&self) -> Hit {
        let mut hits = self.hits();
        assert_eq!(hits.len(), 1, "requests: {hits:?}");
        hits.remove(0)
    }
}

pub(crate) fn ok(body: &str) -> Vec<u8> {
    response("200 OK", &[], body)
}

pub(crate) fn redirect(status: &str, location: &str) -> Vec<u8> {
    response(status, &[("location", location)], "moved")
}

pub(crate) fn response(status: &str, headers: &[(&str, &str)], body: &str) -> Vec<u8> {
    let mut text = format!("HTTP/1.1 {status}\r\ncontent-length: {}\r\n", body.len());
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    text.push_str("\r\n");
    text.push_str(body);
    text.into_bytes()
}

pub(crate) fn contains(haystack: &[u8], needle: &[u8]) -> bool {
    haystack
        .windows(needle.len())
        .any(|window| window == needle)
}
