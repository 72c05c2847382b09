//! A hyper server whose keys come from a look-up that costs something.
//!
//! ```console
//! $ cargo run -p sigv4 --features tower --example hyper
//! ```

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use hyper_util::service::TowerToHyperService;
use sigv4::tower::{Authenticated, CachedKeys, FoundKey, VerifiedBody, VerifyLayer, WantedKey};
use sigv4::{SecretAccessKey, Verifier};
use tower::{ServiceBuilder, service_fn};

async fn hello(
    request: Request<VerifiedBody<Incoming>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let who = request.extensions().get::<Authenticated>();
    let name = who.and_then(Authenticated::principal).unwrap_or("nobody");
    Ok(Response::new(format!("Hello, {name}\n").into()))
}

/// In place of a database.
async fn look_up(wanted: WantedKey) -> Result<Option<FoundKey>, sigv4::ParseError> {
    if wanted.access_key_id() != "AKIDEXAMPLE" {
        return Ok(None);
    }
    let secret = SecretAccessKey::new("secret")?;
    let key = FoundKey::from_secret(&secret, &wanted);
    Ok(Some(key.with_principal("user/rex")))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let verifier = Verifier::new("us-east-1", "execute-api")?;
    let service = ServiceBuilder::new()
        .layer(VerifyLayer::new(verifier, CachedKeys::new(look_up, 10_000)))
        .service(service_fn(hello));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("http://{}/", listener.local_addr()?);
    loop {
        let (stream, _) = listener.accept().await?;
        let service = TowerToHyperService::new(service.clone());
        tokio::spawn(http1::Builder::new().serve_connection(TokioIo::new(stream), service));
    }
}
