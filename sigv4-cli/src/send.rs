//! `http::Request` → answer. Nothing outside this room names the HTTP client.

mod connect;
mod trust;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, Version};
pub use reqwest::Upgraded;
use reqwest::{Client, ClientBuilder, redirect, tls};

pub use self::connect::Times;
use self::connect::{Clock, Resolver, Timed};
use crate::args::TlsVersion;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::fault::{self, Phase};
use crate::payload::Body;
use crate::plan::Connection;
use crate::plan::transfer::Http;
use crate::progress::Meter;
use crate::proxy::Proxy;
use crate::route::Way;
use crate::upload::{Pace, Upload};

/// Sends requests over connections that it keeps.
#[derive(Debug)]
pub struct Sender {
    connection: Connection,
    clients: Mutex<Vec<(Kind, Client)>>,
    clock: Clock,
    meter: Meter,
}

/// What one client cannot do for another.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Kind {
    /// A client without TLS knows no root certificate, and so does not read any.
    https: bool,
    proxy: Option<Proxy>,
    way: Option<Way>,
    http: Http,
}

/// The head of an answer, and the body that is to come.
#[derive(Debug)]
pub struct Answer {
    /// What came first.
    pub head: Head,
    /// Whom we are talking to: `host` or `host:port`.
    peer: String,
    /// What was received before it was asked for.
    ahead: VecDeque<Result<Option<Bytes>, Failure>>,
    body: reqwest::Response,
    meter: Meter,
    pace: Pace,
}

/// Status line and headers.
#[derive(Debug, Clone)]
pub struct Head {
    /// HTTP version.
    pub version: Version,
    /// Status.
    pub status: StatusCode,
    /// Its text on the wire; empty in HTTP/2, which has none.
    pub reason: String,
    /// Headers.
    pub headers: HeaderMap,
    /// The address that answered.
    pub address: Option<SocketAddr>,
}

impl Sender {
    /// Connects to nothing yet.
    #[must_use]
    pub fn new(connection: Connection) -> Self {
        Self {
            connection,
            clients: Mutex::default(),
            clock: Clock::default(),
            meter: Meter::default(),
        }
    }

    /// The same, with the bytes counted.
    #[must_use]
    pub fn with_meter(self, meter: Meter) -> Self {
        Self { meter, ..self }
    }

    /// Sends a request as it is and waits for the answer's head. Follows no redirect.
    ///
    /// # Errors
    ///
    /// With the exit code of what went wrong.
    pub async fn send(&self, mut request: Request<Body>) -> Result<Answer, Failure> {
        let peer = request
            .uri()
            .authority()
            .map_or_else(String::new, ToString::to_string);
        let client = self.client(self.kind(&mut request)?)?;
        let has_body = !request.body().is_empty();
        self.meter.reset();
        let request = request.map(|body| self.outgoing(body));
        let mut request = reqwest::Request::try_from(request).map_err(|error| refused(&error))?;
        if !has_body {
            *request.body_mut() = None;
        }
        self.clock.start();
        match client.execute(request).await {
            Ok(response) => Ok(self.answer(response, peer)),
            Err(error) if error.is_builder() => Err(refused(&error)),
            Err(error) => {
                let phase = if error.is_connect() {
                    Phase::Connect
                } else {
                    Phase::Head
                };
                let timed_out = error.is_timeout();
                Err(fault::failure(
                    &error.without_url(),
                    phase,
                    &peer,
                    timed_out,
                ))
            }
        }
    }

    /// When what was done for the last request.
    #[must_use]
    pub fn times(&self) -> Times {
        self.clock.times()
    }

    /// Whether a request to `uri` goes through a proxy.
    #[must_use]
    pub fn is_proxied(&self, uri: &http::Uri) -> bool {
        self.proxy(uri).is_some()
    }

    /// Whether it goes to a proxy that reads the request, instead of one that opens a tunnel.
    #[must_use]
    pub fn is_forwarded(&self, uri: &http::Uri) -> bool {
        let plain = uri.scheme_str() != Some("https");
        plain
            && self
                .proxy(uri)
                .is_some_and(|proxy| proxy.url.starts_with("http"))
    }

    fn proxy(&self, uri: &http::Uri) -> Option<&Proxy> {
        let network = &self.connection.network;
        if self.connection.no_proxy || network.unix_socket.is_some() {
            return None;
        }
        network.proxies.of(uri)
    }

    fn outgoing(&self, body: Body) -> reqwest::Body {
        let limit = self.connection.network.limit_rate;
        match body {
            Body::Bytes(bytes) if limit.is_none() => {
                self.meter.sent(u64::try_from(bytes.len()).unwrap_or(0));
                bytes.into()
            }
            body => {
                self.meter.expect(Some(body.len()));
                reqwest::Body::wrap(Upload::new(body, self.meter.clone(), limit))
            }
        }
    }

    /// What the request needs. Where the way is another, so may the URI be: only its port keeps the client from
    /// taking the way's, and only a name is ever looked up. What is sent is in the Host header.
    fn kind(&self, request: &mut Request<Body>) -> Result<Kind, Failure> {
        let network = &self.connection.network;
        let uri = request.uri();
        let https = uri.scheme_str() == Some("https");
        let (host, port) = (
            uri.host().unwrap_or_default(),
            uri.port_u16().unwrap_or(if https { 443 } else { 80 }),
        );
        let mut kind = Kind {
            https,
            proxy: self.proxy(uri).cloned(),
            way: network.routes.of(host, port),
            http: if self.connection.http1_only {
                Http::One
            } else {
                network.http
            },
        };
        let Some(way) = &kind.way else {
            return Ok(kind);
        };
        if kind.proxy.is_some() {
            return Err(Failure::usage(format!(
                "--resolve and --connect-to cannot be honoured for {host}: its proxy decides where to connect (--noproxy goes past it)"
            )));
        }
        let is_address = fault::is_address(host);
        if is_address && https {
            return Err(Failure::usage(format!(
                "--connect-to cannot be honoured for https://{host}: the HTTP client connects to an address where it finds one; use a name"
            )));
        }
        if !is_address && (uri.port().is_none() || way.port == port) {
            return Ok(kind);
        }
        if network.http == Http::Two {
            return Err(Failure::usage(
                "--connect-to with another port needs HTTP/1.1, whose Host header the HTTP client leaves alone",
            ));
        }
        let name = if is_address { "address.invalid" } else { host };
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let scheme = if https { "https" } else { "http" };
        let moved = format!("{scheme}://{name}{path}");
        kind.http = Http::One;
        *request.uri_mut() = moved
            .parse()
            .map_err(|error: http::uri::InvalidUri| refused_text(&error.to_string()))?;
        Ok(kind)
    }

    fn client(&self, kind: Kind) -> Result<Client, Failure> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, client)) = clients.iter().find(|(known, _)| *known == kind) {
            return Ok(client.clone());
        }
        let client = self.build(&kind)?;
        clients.push((kind, client.clone()));
        Ok(client)
    }

    fn build(&self, kind: &Kind) -> Result<Client, Failure> {
        // Fails only if there is a provider already, which is then this one.
        let _ = rustls::crypto::ring::default_provider().install_default();

        let Connection {
            insecure,
            tls_min,
            tls_max,
            connect_timeout,
            network,
            ..
        } = &self.connection;
        let mut builder = ClientBuilder::new()
            .redirect(redirect::Policy::none())
            .referer(false)
            .no_proxy()
            .dns_resolver(Arc::new(Resolver::new(
                network.routes.family,
                kind.way.clone(),
                self.clock.clone(),
            )))
            .connector_layer(Timed::new(self.clock.clone()))
            .tls_danger_accept_invalid_certs(*insecure);
        builder = trust::trust(builder, kind.https, self.connection.insecure, network)?;
        if let Some(version) = tls_min {
            builder = builder.tls_version_min(tls_version(*version));
        }
        if let Some(version) = tls_max {
            builder = builder.tls_version_max(tls_version(*version));
        }
        if let Some(limit) = connect_timeout.filter(|limit| *limit != Duration::MAX) {
            builder = builder.connect_timeout(limit);
        }
        if let Some(proxy) = &kind.proxy {
            builder = builder.proxy(connect::proxy(proxy)?);
        }
        builder = match kind.http {
            Http::Any => builder,
            Http::One => builder.http1_only(),
            Http::Two => builder.http2_prior_knowledge(),
        };
        if let Some(from) = &network.interface {
            builder = connect::from(builder, from)?;
        }
        if let Some(path) = &network.unix_socket {
            builder = connect::unix_socket(builder, path)?;
        }
        // What can fail is reading the system's certificates.
        builder.build().map_err(|error| {
            let what =
                "cannot set up TLS (SSL_CERT_FILE names certificates to trust, -k trusts any)";
            Failure::because(Exit::TrustStore, what, error)
        })
    }

    fn answer(&self, response: reqwest::Response, peer: String) -> Answer {
        let pace = Pace::new(self.connection.network.limit_rate);
        self.meter.expect(response.content_length());
        Answer::new(response, peer, self.meter.clone(), pace)
    }
}

impl Answer {
    fn new(response: reqwest::Response, peer: String, meter: Meter, pace: Pace) -> Self {
        let reason = match response.extensions().get::<hyper::ext::ReasonPhrase>() {
            Some(reason) => String::from_utf8_lossy(reason.as_bytes()).into_owned(),
            // The client keeps only texts other than the usual.
            None if response.version() < Version::HTTP_2 => response
                .status()
                .canonical_reason()
                .unwrap_or_default()
                .to_owned(),
            None => String::new(),
        };
        let head = Head {
            version: response.version(),
            status: response.status(),
            reason,
            headers: response.headers().clone(),
            address: response.remote_addr(),
        };
        Self {
            head,
            peer,
            ahead: VecDeque::new(),
            body: response,
            meter,
            pace,
        }
    }

    /// The next bytes of the body, as they arrive and as they are; `None` at its end.
    ///
    /// # Errors
    ///
    /// With the exit code of what went wrong.
    pub async fn chunk(&mut self) -> Result<Option<Bytes>, Failure> {
        match self.ahead.pop_front() {
            Some(received) => received,
            None => self.receive().await,
        }
    }

    /// The body's beginning, which [`chunk`](Self::chunk) gives all the same: as much as comes in `patience`, and not
    /// much more than `limit` bytes.
    pub async fn peek(&mut self, limit: usize, patience: Duration) -> String {
        let mut text = Vec::new();
        let whole = async {
            while text.len() < limit {
                let received = self.receive().await;
                let chunk = received.as_ref().ok().cloned().flatten();
                self.ahead.push_back(received);
                match chunk {
                    Some(chunk) => text.extend_from_slice(&chunk),
                    None => break,
                }
            }
        };
        // Whoever takes longer than that is to be read as it comes.
        let _ = tokio::time::timeout(patience, whole).await;
        String::from_utf8_lossy(&text).into_owned()
    }

    /// The connection itself, once the server has agreed to speak another protocol over it.
    ///
    /// # Errors
    ///
    /// [`Exit::Receive`] if the connection is gone.
    pub async fn upgrade(self) -> Result<Upgraded, Failure> {
        self.body.upgrade().await.map_err(|error| {
            let what = format!("the connection to {} is lost", self.peer);
            Failure::because(Exit::Receive, what, error.without_url())
        })
    }

    async fn receive(&mut self) -> Result<Option<Bytes>, Failure> {
        let chunk = self.body.chunk().await.map_err(|error| {
            let timed_out = error.is_timeout();
            fault::failure(&error.without_url(), Phase::Body, &self.peer, timed_out)
        })?;
        if let Some(chunk) = &chunk {
            let length = u64::try_from(chunk.len()).unwrap_or_default();
            self.meter.received(length);
            if let Some(until) = self.pace.after(length) {
                tokio::time::sleep_until(until).await;
            }
        }
        Ok(chunk)
    }
}

fn refused(error: &reqwest::Error) -> Failure {
    refused_text(&error.to_string())
}

fn refused_text(why: &str) -> Failure {
    Failure::because(Exit::Url, "the HTTP client cannot send this request", why)
}

fn tls_version(version: TlsVersion) -> tls::Version {
    match version {
        TlsVersion::V1_0 => tls::Version::TLS_1_0,
        TlsVersion::V1_1 => tls::Version::TLS_1_1,
        TlsVersion::V1_2 => tls::Version::TLS_1_2,
        TlsVersion::V1_3 => tls::Version::TLS_1_3,
    }
}
