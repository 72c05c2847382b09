//! A test harness: a client's requests are verified in the process, without a socket.
//!
//! ```console
//! $ cargo run -p sigv4 --features tower --example harness
//! ```

use std::convert::Infallible;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use sigv4::tower::{Authenticated, SignLayer, StaticKeys, VerifiedBody, VerifyLayer};
use sigv4::{Credentials, Signer, Verifier};
use tower::{ServiceBuilder, ServiceExt, service_fn};

type Body = sigv4::tower::SignedBody<Full<Bytes>>;

/// What is tested: it sees verified requests only.
async fn service(
    request: Request<VerifiedBody<Body>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let who = request.extensions().get::<Authenticated>().cloned();
    let body = request
        .into_body()
        .collect()
        .await
        .map(|body| body.to_bytes());
    let text = match (who, body) {
        (Some(who), Ok(body)) => format!("{} sent {} bytes", who.access_key_id(), body.len()),
        _ => "not what was signed".to_owned(),
    };
    Ok(Response::new(text.into()))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let credentials = || Credentials::new("AKIDEXAMPLE", "secret");
    let signer = Signer::new(credentials()?, "us-east-1", "execute-api")?;
    let verifier = Verifier::new("us-east-1", "execute-api")?;
    let stack = ServiceBuilder::new()
        .layer(SignLayer::new(signer))
        .layer(VerifyLayer::new(
            verifier,
            StaticKeys::new().with(credentials()?),
        ))
        .service(service_fn(service));

    let request = Request::post("https://abc.execute-api.us-east-1.amazonaws.com/prod/pets")
        .body(Full::from("{\"name\": \"Rex\"}"))?;
    let answer = stack.oneshot(request).await?;
    println!("{}", answer.status());
    let body = answer.into_body().collect().await?.to_bytes();
    println!("{}", String::from_utf8_lossy(&body));
    Ok(())
}
