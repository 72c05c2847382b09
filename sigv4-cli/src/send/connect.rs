//! The way to the server: names, proxies, local addresses, and how long it takes.

use std::future::Future;
use std::io;
use std::net::{IpAddr, SocketAddr, ToSocketAddrs};
use std::path::Path;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use reqwest::ClientBuilder;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use tower_layer::Layer;
use tower_service::Service;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::fault::Unresolved;
use crate::proxy::Proxy;
use crate::route::{Family, Way};

/// How long things took, since the request was begun; nothing for what was not done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Times {
    /// Until the name was looked up.
    pub looked_up: Duration,
    /// Until there was a connection, TLS included.
    pub connected: Duration,
}

/// Takes the times.
#[derive(Debug, Clone, Default)]
pub(super) struct Clock(Arc<Mutex<(Option<Instant>, Times)>>);

impl Clock {
    pub(super) fn start(&self) {
        self.with(|clock| *clock = (Some(Instant::now()), Times::default()));
    }

    pub(super) fn times(&self) -> Times {
        self.with(|clock| clock.1)
    }

    fn take(&self, put: fn(&mut Times, Duration)) {
        self.with(|(started, times)| {
            if let Some(started) = started {
                put(times, started.elapsed());
            }
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut (Option<Instant>, Times)) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Takes the time when a connection stands.
#[derive(Debug, Clone)]
pub(super) struct Timed<S = ()> {
    inner: S,
    clock: Clock,
}

impl Timed {
    pub(super) const fn new(clock: Clock) -> Self {
        Self { inner: (), clock }
    }
}

impl<S> Layer<S> for Timed {
    type Service = Timed<S>;

    fn layer(&self, inner: S) -> Timed<S> {
        Timed {
            inner,
            clock: self.clock.clone(),
        }
    }
}

impl<R, S: Service<R>> Service<R> for Timed<S>
where
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, request: R) -> Self::Future {
        let (clock, connecting) = (self.clock.clone(), self.inner.call(request));
        Box::pin(async move {
            let connection = connecting.await?;
            clock.take(|times, elapsed| times.connected = elapsed);
            Ok(connection)
        })
    }
}

/// The system's resolver, with an error that names the name; or what the options know better.
pub(super) struct Resolver {
    family: Option<Family>,
    way: Option<Way>,
    clock: Clock,
}

impl Resolver {
    pub(super) const fn new(family: Option<Family>, way: Option<Way>, clock: Clock) -> Self {
        Self { family, way, clock }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (family, way, clock) = (self.family, self.way.clone(), self.clock.clone());
        Box::pin(async move {
            let mut name = name.as_str().to_owned();
            // A port has to be given; the client puts its own in for 0.
            let mut port = 0;
            let mut known = Vec::new();
            if let Some(way) = way {
                known = way.sockets().collect();
                name = way.host;
                port = way.port;
            }
            let found = if known.is_empty() {
                let looked_up = name.clone();
                tokio::task::spawn_blocking(move || {
                    let addresses = (looked_up.as_str(), port).to_socket_addrs();
                    addresses.map(Iterator::collect::<Vec<SocketAddr>>)
                })
                .await?
            } else {
                Ok(known)
            };
            clock.take(|times, elapsed| times.looked_up = elapsed);
            let is_wanted =
                |address: &SocketAddr| family.is_none_or(|family| family.has(address.ip()));
            match found {
                Ok(mut addresses) => {
                    addresses.retain(is_wanted);
                    if addresses.is_empty() {
                        let cause = io::Error::other("it has no address of the kind asked for");
                        return Err(Unresolved { name, cause }.into());
                    }
                    Ok(Box::new(addresses.into_iter()) as Addrs)
                }
                Err(cause) => Err(Unresolved { name, cause }.into()),
            }
        })
    }
}

pub(super) fn proxy(proxy: &Proxy) -> Result<reqwest::Proxy, Failure> {
    let made = reqwest::Proxy::all(&proxy.url)
        .map_err(|error| Failure::because(Exit::Proxy, "not a proxy", error))?;
    Ok(match &proxy.user {
        Some((name, password)) => made.basic_auth(name, password.expose()),
        None => made,
    })
}

/// `--interface`: a local address, else the name of a network interface.
pub(super) fn from(builder: ClientBuilder, from: &str) -> Result<ClientBuilder, Failure> {
    match from.parse::<IpAddr>() {
        Ok(address) => Ok(builder.local_address(address)),
        Err(_) => by_name(builder, from),
    }
}

#[cfg(any(target_os = "linux", target_os = "android", target_os = "macos"))]
fn by_name(builder: ClientBuilder, name: &str) -> Result<ClientBuilder, Failure> {
    let name = name.strip_prefix("if!").unwrap_or(name);
    Ok(builder.interface(name))
}

#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
fn by_name(_: ClientBuilder, name: &str) -> Result<ClientBuilder, Failure> {
    Err(Failure::usage(format!(
        "--interface '{name}': this system binds to an address only"
    )))
}

#[cfg(unix)]
pub(super) fn unix_socket(builder: ClientBuilder, path: &Path) -> Result<ClientBuilder, Failure> {
    Ok(builder.unix_socket(path))
}

#[cfg(not(unix))]
pub(super) fn unix_socket(_: ClientBuilder, _: &Path) -> Result<ClientBuilder, Failure> {
    Err(Failure::usage("--unix-socket: this system has none"))
}
