//! `--admin-port`: whether we are there, and what was counted. Nothing here needs a signature, and nothing is behind it.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderValue};
use http::{Request, Response, StatusCode};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::sleep;

use super::accept::Alive;
use super::log::Log;

/// Serves for as long as it is polled.
pub(super) async fn serve(listener: TcpListener, log: Arc<Log>, alive: Alive) {
    let room = Arc::new(Semaphore::new(MOST));
    while let Ok(place) = Arc::clone(&room).acquire_owned().await {
        let Ok((stream, _)) = listener.accept().await else {
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (log, alive) = (Arc::clone(&log), alive.clone());
        let service = service_fn(move |request: Request<Incoming>| {
            let response = answer(request.uri().path(), &log, &alive);
            async move { Ok::<_, Infallible>(response) }
        });
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(Some(Duration::from_secs(10)))
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(async move {
            let _ = connection.await;
            drop(place);
        });
    }
}

fn answer(path: &str, log: &Log, alive: &Alive) -> Response<Full<Bytes>> {
    let (status, text) = match path {
        "/healthz" => (StatusCode::OK, "ok\n".to_owned()),
        "/metrics" => {
            let mut text = log.metrics();
            text.push_str(&format!(
                "# HELP sigcurl_connections Connections that are open, and calls that nobody waits for.\n# TYPE sigcurl_connections gauge\nsigcurl_connections {}\n",
                alive.count()
            ));
            (StatusCode::OK, text)
        }
        _ => (StatusCode::NOT_FOUND, "not found\n".to_owned()),
    };
    let mut response = Response::new(Full::new(Bytes::from(text)));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static("text/plain"));
    response
}

/// Connections at once.
const MOST: usize = 16;
