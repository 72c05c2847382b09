//! An axum service behind IAM-style signatures.
//!
//! ```console
//! $ cargo run -p sigv4 --features tower --example axum
//! $ AWS_ACCESS_KEY_ID=AKIDEXAMPLE AWS_SECRET_ACCESS_KEY=secret sigcurl --region us-east-1 http://127.0.0.1:3000/
//! Hello, AKIDEXAMPLE
//! ```

use axum::{Extension, Router, routing::get};
use sigv4::tower::{Authenticated, StaticKeys, VerifyLayer};
use sigv4::{Credentials, Verifier};

async fn hello(Extension(who): Extension<Authenticated>) -> String {
    format!("Hello, {}\n", who.access_key_id())
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let keys = StaticKeys::new().with(Credentials::new("AKIDEXAMPLE", "secret")?);
    let verifier = Verifier::new("us-east-1", "execute-api")?;
    let app = Router::new()
        .route("/", get(hello))
        .layer(VerifyLayer::new(verifier, keys));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:3000").await?;
    println!("http://{}/", listener.local_addr()?);
    axum::serve(listener, app).await?;
    Ok(())
}
