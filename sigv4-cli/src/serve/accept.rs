//! Connections: how many, how long, and what is spoken on them.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::{Either, select};
use http::header::HOST;
use http::{Request, Response, Version};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use hyper::server::conn::{http1, http2};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use sigv4::tower::{Verify, VerifyLayer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};
use tokio::time::{sleep, timeout};
use tokio_rustls::TlsAcceptor;
use tower_layer::Layer;
use tower_service::Service;

use super::answer::{self, Body};
use super::context::{self, Context};
use super::handler::Handler;
use super::keys::Noted;
use super::log::{Entry, Log};
use super::paced::{Busy, Held, Pace, Paced, Prompt};

/// What connections are answered with.
#[derive(Clone)]
pub(super) struct Server {
    pub(super) verify: Verify<Handler, Noted>,
    pub(super) log: Arc<Log>,
    pub(super) tls: Option<TlsAcceptor>,
}

/// What is under way.
#[derive(Debug, Clone)]
pub(super) struct Alive(Arc<watch::Sender<usize>>);

/// One of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Entered(Alive);

impl Alive {
    pub(super) fn new() -> Self {
        Self(Arc::new(watch::Sender::new(0)))
    }

    pub(super) fn enter(&self) -> Entered {
        self.0.send_modify(|count| *count = count.saturating_add(1));
        Entered(self.clone())
    }

    /// Waits until there is nothing any more.
    pub(super) async fn ended(&self) {
        let _ = self.0.subscribe().wait_for(|count| *count == 0).await;
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        *self.0.borrow()
    }
}

impl Drop for Entered {
    fn drop(&mut self) {
        self.0
            .0
            .send_modify(|count| *count = count.saturating_sub(1));
    }
}

impl Server {
    pub(super) fn new(
        layer: &VerifyLayer<Noted>,
        handler: Handler,
        log: Arc<Log>,
        tls: Option<TlsAcceptor>,
    ) -> Self {
        Self {
            verify: layer.layer(handler),
            log,
            tls,
        }
    }

    /// Accepts connections until `stop` is true.
    pub(super) async fn accept(
        &self,
        listener: TcpListener,
        most: usize,
        alive: &Alive,
        stop: watch::Receiver<bool>,
    ) {
        let room = Arc::new(Semaphore::new(most));
        let next = async {
            loop {
                let Ok(place) = Arc::clone(&room).acquire_owned().await else {
                    return;
                };
                match listener.accept().await {
                    Ok((stream, peer)) => {
                        let (server, stop, entered) = (self.clone(), stop.clone(), alive.enter());
                        tokio::spawn(async move {
                            server.connection(stream, peer, stop).await;
                            drop((place, entered));
                        });
                    }
                    // No descriptors left, or a peer that is gone: others may come.
                    Err(_) => sleep(Duration::from_millis(50)).await,
                }
            }
        };
        let mut stop = stop.clone();
        select(pin!(next), pin!(stop.wait_for(|stop| *stop))).await;
    }

    async fn connection(&self, stream: TcpStream, peer: SocketAddr, stop: watch::Receiver<bool>) {
        let _ = stream.set_nodelay(true);
        let pace = Pace::new();
        let outcome = match &self.tls {
            Some(tls) => {
                let shaken = tls.accept(Paced::new(stream, Arc::clone(&pace)));
                let Ok(Ok(stream)) = timeout(HANDSHAKE, shaken).await else {
                    self.log.connection("tls");
                    return;
                };
                let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                self.talk(stream, is_http2, peer, &pace, stop).await
            }
            None => {
                let mut stopped = stop.clone();
                let begun = {
                    let begins = pin!(timeout(HANDSHAKE, begins_http2(&stream)));
                    match select(begins, pin!(stopped.wait_for(|stop| *stop))).await {
                        Either::Left((begun, _)) => begun,
                        Either::Right(_) => return,
                    }
                };
                let is_http2 = match begun {
                    Ok(Ok(is_http2)) => is_http2,
                    Ok(Err(_)) => return,
                    Err(_) => {
                        self.log.connection("slow");
                        return;
                    }
                };
                let stream = Paced::new(stream, Arc::clone(&pace));
                self.talk(stream, is_http2, peer, &pace, stop).await
            }
        };
        if let Err(error) = outcome {
            if error.is_parse() {
                self.log.connection("malformed");
            } else if is_late(&error) {
                self.log.connection("slow");
            }
        }
    }

    async fn talk<S>(
        &self,
        stream: S,
        is_http2: bool,
        peer: SocketAddr,
        pace: &Arc<Pace>,
        stop: watch::Receiver<bool>,
    ) -> hyper::Result<()>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let (server, of_request) = (self.clone(), Arc::clone(pace));
        let service = service_fn(move |request| {
            let (server, busy) = (server.clone(), of_request.busy());
            async move { Ok::<_, Infallible>(server.answer(request, peer, busy).await) }
        });
        let io = TokioIo::new(stream);
        if is_http2 {
            pace.only_first();
            let connection = http2::Builder::new(TokioExecutor::new())
                .timer(TokioTimer::new())
                .max_concurrent_streams(100)
                .max_header_list_size(MOST_HEAD)
                .keep_alive_interval(Some(PING))
                .keep_alive_timeout(PING)
                .serve_connection(io, service);
            drive(connection, pace, stop, |connection| {
                http2::Connection::graceful_shutdown(connection);
            })
            .await
        } else {
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .max_headers(MOST_HEADERS)
                .max_buf_size(usize::try_from(MOST_HEAD).unwrap_or(usize::MAX))
                .header_read_timeout(Some(IDLE))
                .serve_connection(io, service);
            drive(connection, pace, stop, |connection| {
                http1::Connection::graceful_shutdown(connection);
            })
            .await
        }
    }

    /// Every request comes through here.
    async fn answer(
        mut self,
        request: Request<Incoming>,
        peer: SocketAddr,
        busy: Busy,
    ) -> Response<Held<Body, Busy>> {
        let started = Instant::now();
        let context = Arc::new(Context::new(peer, self.tls.is_some()));
        let (method, uri) = (request.method().clone(), request.uri().clone());
        let is_http1 = request.version() < Version::HTTP_2;
        let work = async {
            if is_http1 && request.headers().get_all(HOST).iter().count() != 1 {
                context.change(|found| found.refused = Some("http_400"));
                return answer::json(400, "{\"message\":\"Bad Request\"}");
            }
            let verified = self.verify.call(request.map(Prompt::new)).await;
            match verified {
                Ok(response) => response.map(BodyExt::boxed_unsync),
                Err(never) => match never {},
            }
        };
        let response = context::within(Arc::clone(&context), work).await;
        self.log.request(&Entry {
            method: method.as_str(),
            path: uri.path(),
            status: response.status().as_u16(),
            took: started.elapsed(),
            found: context.found(),
        });
        response.map(|body| Held::new(body, busy))
    }
}

/// Serves a connection to its end; once `stop` is true, to the end of what was asked on it.
async fn drive<C: Future<Output = hyper::Result<()>>>(
    connection: C,
    pace: &Pace,
    mut stop: watch::Receiver<bool>,
    end: impl FnOnce(Pin<&mut C>),
) -> hyper::Result<()> {
    let mut connection = pin!(connection);
    let stopped = pin!(stop.wait_for(|stop| *stop));
    if let Either::Left((outcome, _)) = select(connection.as_mut(), stopped).await {
        return outcome;
    }
    if pace.is_untouched() {
        return Ok(());
    }
    end(connection.as_mut());
    connection.await
}

/// Whether what comes first is the beginning of HTTP/2.
async fn begins_http2(stream: &TcpStream) -> io::Result<bool> {
    let mut first = [0; PREFACE.len()];
    loop {
        let length = stream.peek(&mut first).await?;
        let come = first.get(..length).unwrap_or_default();
        if length == 0 || !PREFACE.starts_with(come) {
            return Ok(false);
        }
        if length == PREFACE.len() {
            return Ok(true);
        }
        // It is there, but not all of it: what is peeked at does not announce the rest.
        sleep(Duration::from_millis(5)).await;
    }
}

fn is_late(error: &hyper::Error) -> bool {
    error.is_timeout()
        || crate::failure::chain(error).any(|cause| {
            cause
                .downcast_ref::<io::Error>()
                .is_some_and(|io| io.kind() == io::ErrorKind::TimedOut)
        })
}

/// Enough to tell it from PROPFIND and PRI.
const PREFACE: &[u8; 14] = b"PRI * HTTP/2.0";
const HANDSHAKE: Duration = Duration::from_secs(10);
/// Between two requests of a connection.
const IDLE: Duration = Duration::from_secs(60);
const PING: Duration = Duration::from_secs(20);
const MOST_HEAD: u32 = 64 * 1024;
const MOST_HEADERS: usize = 200;
