//! [`SignLayer`]: signs each request on its way out.

use alloc::boxed::Box;
use alloc::sync::Arc;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use http::Request;
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::body::{BodyError, SignedBody, collect};
use super::chunked::ChunkedBody;
use crate::chunked::ChunkedPayload;
use crate::payload::PayloadHash;
use crate::sign::Signer;
use crate::time::AmzDate;

/// Signs each request just before the service behind it sends it: put it below retries, so that each try is signed anew.
///
/// * A [`PayloadHash`] in the request's extensions is the hash to sign; the body is then passed on untouched.
/// * A [`ChunkedPayload`] in them has the body sent in chunks, each signed as it comes: a body of known length is sent
///   without reading it twice or holding it.
/// * Without either, an empty body is signed as such, and any other is read whole to be hashed, up to a limit (10 MiB by
///   default).
///
/// ```
/// use sigv4::tower::SignLayer;
/// use sigv4::{Credentials, Signer};
///
/// let signer = Signer::new(Credentials::new("AKIDEXAMPLE", "secret")?, "us-east-1", "execute-api")?;
/// let layer = SignLayer::new(signer);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct SignLayer {
    signer: Arc<dyn Fn() -> Arc<Signer> + Send + Sync>,
    clock: fn() -> AmzDate,
    most_held: usize,
}

impl SignLayer {
    /// Signs with one signer.
    #[must_use]
    pub fn new(signer: Signer) -> Self {
        let signer = Arc::new(signer);
        Self::with_signers(move || Arc::clone(&signer))
    }

    /// Signs with the signer of the moment, where credentials are renewed meanwhile.
    #[must_use]
    pub fn with_signers(current: impl Fn() -> Arc<Signer> + Send + Sync + 'static) -> Self {
        Self {
            signer: Arc::new(current),
            clock: AmzDate::now,
            most_held: 10 << 20,
        }
    }

    /// The same by another clock.
    #[must_use]
    pub fn with_clock(mut self, clock: fn() -> AmzDate) -> Self {
        self.clock = clock;
        self
    }

    /// The same with another limit on bodies that are read to be hashed, in bytes.
    #[must_use]
    pub const fn with_most_held(mut self, bytes: usize) -> Self {
        self.most_held = bytes;
        self
    }
}

impl fmt::Debug for SignLayer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SignLayer").finish_non_exhaustive()
    }
}

impl<S> Layer<S> for SignLayer {
    type Service = Sign<S>;

    fn layer(&self, inner: S) -> Sign<S> {
        Sign {
            inner,
            layer: self.clone(),
        }
    }
}

/// The service that [`SignLayer`] makes.
#[derive(Clone, Debug)]
pub struct Sign<S> {
    inner: S,
    layer: SignLayer,
}

/// A request was not sent, or sending it failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum SignError<E, T> {
    /// It cannot be signed.
    Unsigned(crate::error::SignError),
    /// Its body could not be read, or is too large to be held.
    Body(BodyError<T>),
    /// The service behind failed.
    Service(E),
}

impl<E: fmt::Display, T: fmt::Display> fmt::Display for SignError<E, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsigned(error) => write!(f, "the request cannot be signed: {error}"),
            Self::Body(error) => write!(f, "the request cannot be signed: {error}"),
            Self::Service(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl<E, T> core::error::Error for SignError<E, T>
where
    E: core::error::Error + 'static,
    T: core::error::Error + 'static,
{
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Unsigned(error) => Some(error),
            Self::Body(error) => Some(error),
            Self::Service(error) => Some(error),
        }
    }
}

impl<S, B> Service<Request<B>> for Sign<S>
where
    S: Service<Request<SignedBody<B>>> + Clone + Send + 'static,
    S::Future: Send,
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Send,
{
    type Response = S::Response;
    type Error = SignError<S::Error, B::Error>;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.inner.poll_ready(cx).map_err(SignError::Service)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let layer = self.layer.clone();
        let clone = self.inner.clone();
        let mut inner = core::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            let (signer, now) = ((layer.signer)(), (layer.clock)());
            let (parts, body) = request.into_parts();
            if let Some(payload) = parts.extensions.get::<ChunkedPayload>().cloned() {
                let mut request = Request::from_parts(parts, ());
                let chunks = signer
                    .sign_chunked_request(&mut request, &payload, now)
                    .map_err(SignError::Unsigned)?;
                let request = request.map(|()| SignedBody::chunked(ChunkedBody::new(body, chunks)));
                return inner.call(request).await.map_err(SignError::Service);
            }
            let (payload, body) = match parts.extensions.get::<PayloadHash>() {
                Some(payload) => (*payload, SignedBody::as_given(body)),
                None if body.is_end_stream() => (PayloadHash::EMPTY, SignedBody::as_given(body)),
                None => {
                    let whole = collect(body, layer.most_held)
                        .await
                        .map_err(SignError::Body)?;
                    (PayloadHash::of(&whole), SignedBody::whole(whole))
                }
            };
            let mut request = Request::from_parts(parts, body);
            signer
                .sign_request(&mut request, payload, now)
                .map_err(SignError::Unsigned)?;
            inner.call(request).await.map_err(SignError::Service)
        })
    }
}
