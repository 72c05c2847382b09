//! `http::Request` → answer. The only file that names the HTTP client.

use std::collections::VecDeque;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, Request, StatusCode, Version};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, ClientBuilder, redirect, tls};

use crate::args::TlsVersion;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::fault::{self, Phase, Unresolved};
use crate::plan::Connection;

/// Sends requests over connections that it keeps.
#[derive(Debug)]
pub struct Sender {
    connection: Connection,
    /// Knows no root certificate, and so does not read any.
    plain: OnceLock<Client>,
    tls: OnceLock<Client>,
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
    pub const fn new(connection: Connection) -> Self {
        Self {
            connection,
            plain: OnceLock::new(),
            tls: OnceLock::new(),
        }
    }

    /// Sends a request as it is and waits for the answer's head. Follows no redirect.
    ///
    /// # Errors
    ///
    /// With the exit code of what went wrong.
    pub async fn send(&self, request: Request<Bytes>) -> Result<Answer, Failure> {
        let peer = request
            .uri()
            .authority()
            .map_or_else(String::new, ToString::to_string);
        let client = self.client(request.uri().scheme_str() == Some("https"))?;
        let has_body = !request.body().is_empty();
        let mut request = reqwest::Request::try_from(request).map_err(|error| refused(&error))?;
        if !has_body {
            *request.body_mut() = None;
        }
        match client.execute(request).await {
            Ok(response) => Ok(Answer::new(response, peer)),
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

    fn client(&self, https: bool) -> Result<&Client, Failure> {
        let cell = if https { &self.tls } else { &self.plain };
        if let Some(client) = cell.get() {
            return Ok(client);
        }
        // What can fail is reading the system's certificates.
        let client = self.build(https).map_err(|error| {
            let what =
                "cannot set up TLS (SSL_CERT_FILE names certificates to trust, -k trusts any)";
            Failure::because(Exit::TrustStore, what, error)
        })?;
        Ok(cell.get_or_init(|| client))
    }

    fn build(&self, https: bool) -> Result<Client, reqwest::Error> {
        // Fails only if there is a provider already, which is then this one.
        let _ = rustls::crypto::ring::default_provider().install_default();

        let Connection {
            insecure,
            tls_min,
            tls_max,
            connect_timeout,
            max_time: _,
            http1_only,
            no_proxy,
        } = &self.connection;
        let mut builder = ClientBuilder::new()
            .redirect(redirect::Policy::none())
            .referer(false)
            .dns_resolver(Arc::new(System))
            .tls_danger_accept_invalid_certs(*insecure);
        if !https {
            builder = builder.tls_certs_only([]);
        }
        if let Some(version) = tls_min {
            builder = builder.tls_version_min(tls_version(*version));
        }
        if let Some(version) = tls_max {
            builder = builder.tls_version_max(tls_version(*version));
        }
        if let Some(limit) = connect_timeout.filter(|limit| *limit != Duration::MAX) {
            builder = builder.connect_timeout(limit);
        }
        if *no_proxy {
            builder = builder.no_proxy();
        }
        if *http1_only {
            builder = builder.http1_only();
        }
        builder.build()
    }
}

impl Answer {
    fn new(response: reqwest::Response, peer: String) -> Self {
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

    async fn receive(&mut self) -> Result<Option<Bytes>, Failure> {
        self.body.chunk().await.map_err(|error| {
            let timed_out = error.is_timeout();
            fault::failure(&error.without_url(), Phase::Body, &self.peer, timed_out)
        })
    }
}

fn refused(error: &reqwest::Error) -> Failure {
    Failure::because(
        Exit::Url,
        "the HTTP client cannot send this request",
        error.to_string(),
    )
}

fn tls_version(version: TlsVersion) -> tls::Version {
    match version {
        TlsVersion::V1_0 => tls::Version::TLS_1_0,
        TlsVersion::V1_1 => tls::Version::TLS_1_1,
        TlsVersion::V1_2 => tls::Version::TLS_1_2,
        TlsVersion::V1_3 => tls::Version::TLS_1_3,
    }
}

/// The system's resolver, with an error that names the name.
struct System;

impl Resolve for System {
    fn resolve(&self, name: Name) -> Resolving {
        Box::pin(async move {
            let name = name.as_str().to_owned();
            let looked_up = name.clone();
            // A port has to be given; the client puts its own in.
            let addresses =
                tokio::task::spawn_blocking(move || (looked_up.as_str(), 0).to_socket_addrs())
                    .await?;
            match addresses {
                Ok(addresses) => Ok(Box::new(addresses) as Addrs),
                Err(cause) => Err(Unresolved { name, cause }.into()),
            }
        })
    }
}
