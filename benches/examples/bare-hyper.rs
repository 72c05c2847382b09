//! A hyper server that answers anything with as many bytes as `sigcurl serve --echo` does: what serving costs without
//! verifying. For `benches/serve-load`.

use std::convert::Infallible;

use bytes::Bytes;
use http::Response;
use http_body_util::Full;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;

static BODY: [u8; 640] = [b'x'; 640];

#[tokio::main(flavor = "current_thread")]
async fn main() -> std::io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    println!("READY http://{}", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        stream.set_nodelay(true)?;
        let answer =
            |_| async { Ok::<_, Infallible>(Response::new(Full::new(Bytes::from_static(&BODY)))) };
        tokio::spawn(
            http1::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), service_fn(answer)),
        );
    }
}
