//! Middleware for `tower` (feature `tower`): [`VerifyLayer`] for servers, [`SignLayer`] for clients.
//!
//! ```no_run
//! use sigv4::tower::{Authenticated, StaticKeys, VerifyLayer};
//! use sigv4::{Credentials, Profile, Verifier};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let keys = StaticKeys::new().with(Credentials::new("AKIDEXAMPLE", "secret")?);
//! let verifier = Verifier::new("us-east-1", "execute-api")?;
//! let layer = VerifyLayer::new(verifier, keys);
//! // axum: Router::new().route("/", get(hello)).layer(layer), where
//! // async fn hello(Extension(who): Extension<Authenticated>) -> String { who.access_key_id().into() }
//! # let _ = layer;
//! # Ok(())
//! # }
//! ```

mod authenticated;
mod body;
mod cached;
mod chunked;
mod keys;
mod replay;
mod sign;
mod static_keys;
mod verify;

pub use authenticated::Authenticated;
pub use body::{BodyError, RefusableBody, SignedBody, VerifiedBody};
pub use cached::CachedKeys;
pub use chunked::{ChunkedBody, SendBodyError};
pub use keys::{FoundKey, KeyStore, WantedKey};
pub use replay::ReplayGuard;
pub use sign::{Sign, SignError, SignLayer};
pub use static_keys::StaticKeys;
pub use verify::{Verify, VerifyLayer};
