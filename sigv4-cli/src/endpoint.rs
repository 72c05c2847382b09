//! A loopback endpoint that takes signed requests only: an API Gateway HTTP API with IAM authorization, and behind it a
//! Lambda function that says hello.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::sync::Arc;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use sigv4::{
    AmzDate, KeyLookup, KnownKey, ReceivedBody, RequestHead, SecretAccessKey, SigningKey, Verifier,
    VerifyError,
};

use crate::exit::Exit;
use crate::failure::Failure;

/// The endpoint, bound to its port.
#[derive(Debug)]
pub struct Endpoint {
    listener: TcpListener,
    address: SocketAddr,
    gate: Gate,
    /// Whether to say on standard error who was let in and who was not, and why.
    log: bool,
}

/// An access key that this endpoint alone knows.
#[derive(Debug, Clone)]
pub struct Keys {
    /// Access key id.
    pub id: String,
    /// Secret access key.
    pub secret: crate::args::Secret,
}

/// What decides about a request.
#[derive(Debug)]
struct Gate {
    verifier: Verifier,
    keys: Keys,
    secret: SecretAccessKey,
}

impl Endpoint {
    /// Binds 127.0.0.1 and makes up keys. `port` 0 is any free one.
    ///
    /// # Errors
    ///
    /// For a region that is no name, and a port that is taken.
    pub fn bind(port: u16, region: &str, log: bool) -> Result<Self, Failure> {
        let usage = |error: sigv4::ParseError| Failure::usage(error.to_string());
        let cannot = |error: std::io::Error| {
            Failure::because(
                Exit::Connect,
                format!("cannot listen on 127.0.0.1:{port}"),
                error,
            )
        };

        let keys = Keys::random()?;
        let secret = SecretAccessKey::new(keys.secret.expose()).map_err(usage)?;
        let verifier = Verifier::new(region, "execute-api").map_err(usage)?;
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).map_err(cannot)?;
        listener.set_nonblocking(true).map_err(cannot)?;
        Ok(Self {
            address: listener.local_addr().map_err(cannot)?,
            listener,
            gate: Gate {
                verifier,
                keys,
                secret,
            },
            log,
        })
    }

    /// The keys that it accepts.
    #[must_use]
    pub const fn keys(&self) -> &Keys {
        &self.gate.keys
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}/", self.address)
    }

    /// Serves for as long as the process lives.
    ///
    /// # Errors
    ///
    /// If the port is lost.
    pub fn serve(self) -> Result<Infallible, Failure> {
        let Self {
            listener,
            gate,
            log,
            ..
        } = self;
        let gate = Arc::new(gate);
        crate::run::runtime()?.block_on(async move {
            let lost = |error| Failure::because(Exit::Connect, "cannot accept connections", error);
            let listener = tokio::net::TcpListener::from_std(listener).map_err(lost)?;
            loop {
                let (stream, _) = listener.accept().await.map_err(lost)?;
                let gate = Arc::clone(&gate);
                let service = service_fn(move |request| answer(Arc::clone(&gate), request, log));
                let connection = http1::Builder::new()
                    .timer(TokioTimer::new())
                    .serve_connection(TokioIo::new(stream), service);
                // A caller that hangs up is the caller's business.
                tokio::spawn(async move { connection.await.ok() });
            }
        })
    }
}

async fn answer(
    gate: Arc<Gate>,
    request: Request<Incoming>,
    log: bool,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let (parts, body) = request.into_parts();
    let (status, why) = match Limited::new(body, MAX_BODY).collect().await {
        Err(_) => (
            StatusCode::PAYLOAD_TOO_LARGE,
            "the body is too large".to_owned(),
        ),
        Ok(body) => match gate.admit(&RequestHead::from(&parts), &body.to_bytes()) {
            Ok(()) => (StatusCode::OK, "signature verified".to_owned()),
            Err(error) => (StatusCode::FORBIDDEN, error.to_string()),
        },
    };
    if log {
        use std::io::Write;
        let _ = writeln!(
            std::io::stderr(),
            "{} {} {status}: {why}",
            parts.method,
            parts.uri.path()
        );
    }
    Ok(response(status))
}

impl Gate {
    fn admit(&self, head: &RequestHead<'_>, body: &[u8]) -> Result<(), VerifyError> {
        let claim = self.verifier.claim(head, AmzDate::now())?;
        let key = SigningKey::derive(&self.secret, claim.scope());
        let known = KnownKey::new(&key);
        let lookup = if claim.access_key_id() == self.keys.id {
            KeyLookup::Found(known)
        } else {
            KeyLookup::Unknown
        };
        claim.verify(lookup, ReceivedBody::of(body)).map(|_| ())
    }
}

/// As API Gateway answers: it never says why.
fn response(status: StatusCode) -> Response<Full<Bytes>> {
    let (content_type, body) = match status {
        StatusCode::OK => ("text/plain;charset=UTF-8", "Hello, World"),
        StatusCode::PAYLOAD_TOO_LARGE => (
            "application/json",
            "{\"message\":\"Request Entity Too Large\"}",
        ),
        _ => ("application/json", "{\"message\":\"Forbidden\"}"),
    };
    let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    if let Some(id) = random_text(15)
        .ok()
        .and_then(|id| HeaderValue::from_str(&format!("{id}=")).ok())
    {
        headers.insert(HeaderName::from_static("apigw-requestid"), id);
    }
    response
}

impl Keys {
    /// A pair that nobody else has.
    pub(crate) fn random() -> Result<Self, Failure> {
        Ok(Self {
            id: format!("AKIADEMO{}", random_text(12)?.to_ascii_uppercase()),
            secret: random_text(40)?.into(),
        })
    }
}

/// Letters and digits.
pub(crate) fn random_text(length: usize) -> Result<String, Failure> {
    let mut bytes = vec![0; length];
    let random = rustls::crypto::ring::default_provider().secure_random;
    random
        .fill(&mut bytes)
        .map_err(|_| Failure::new(Exit::Usage, "the system gives no random numbers"))?;
    // 32 of them, so that each is as likely as the others.
    Ok(bytes
        .iter()
        .filter_map(|byte| ALPHABET.chars().nth(usize::from(byte % 32)))
        .collect())
}

const ALPHABET: &str = "abcdefghijklmnopqrstuvwxyz234567";
/// API Gateway's own limit.
const MAX_BODY: usize = 10 * 1024 * 1024;
