//! [`VerifyLayer`]: lets verified requests pass, and answers the others as AWS does.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::sync::Arc;
use alloc::vec::Vec;
use core::fmt;
use core::future::Future;
use core::pin::Pin;
use core::task::{Context, Poll};

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode};
use http_body::Body;
use tower_layer::Layer;
use tower_service::Service;

use super::body::{BodyError, RefusableBody, VerifiedBody, collect};
use super::{Authenticated, FoundKey, KeyStore, ReplayGuard, WantedKey};
use crate::answer::{Profile, Refusal, Refused};
use crate::auth::AuthKind;
use crate::body::ReceivedBody;
use crate::chunked::ChunkDecoder;
use crate::error::{CanonicalError, VerifyError};
use crate::explain::Explanation;
use crate::request::{RequestHead, trim};
use crate::time::AmzDate;
use crate::verify::{KeyLookup, VerifiedPayload, Verifier};

/// Verifies each request before the service behind it sees it.
///
/// * A request that passes has [`Authenticated`] in its extensions, and a [`VerifiedBody`].
/// * A path that the signature says nothing of, such as `/a/../b`, is replaced by the one that was signed.
/// * An aws-chunked body, where the policy accepts them, is decoded: the service sees no `aws-chunked` in
///   `Content-Encoding` and the body's own length in `Content-Length`.
/// * All others get the answer of a [`Profile`], by default the one of the verifier's service.
/// * A request that declares no payload hash is read whole before it is verified, up to a limit (1 MiB by default).
/// * No lock is held while keys are looked up or bodies are read.
pub struct VerifyLayer<K>(Arc<Shared<K>>);

struct Shared<K> {
    verifier: Arc<Verifier>,
    keys: Arc<K>,
    profile: &'static Profile,
    most_held: usize,
    clock: fn() -> AmzDate,
    replays: Option<Arc<ReplayGuard>>,
    hide_unknown_keys: bool,
    explain: bool,
    observer: Option<Observer>,
    request_ids: Option<RequestIds>,
}

type RequestIds = Arc<dyn Fn() -> String + Send + Sync>;
type Observer = Arc<dyn Fn(&VerifyError, Option<&dyn fmt::Display>) + Send + Sync>;

impl<K: KeyStore> VerifyLayer<K> {
    /// A layer that looks keys up in `keys`.
    #[must_use]
    pub fn new(verifier: Verifier, keys: K) -> Self {
        let profile = Profile::for_service(verifier.service());
        Self(Arc::new(Shared {
            verifier: Arc::new(verifier),
            keys: Arc::new(keys),
            profile,
            most_held: 1 << 20,
            clock: AmzDate::now,
            replays: None,
            hide_unknown_keys: false,
            explain: false,
            observer: None,
            request_ids: None,
        }))
    }

    /// The same with another kind of answer.
    #[must_use]
    pub fn with_profile(self, profile: &'static Profile) -> Self {
        self.with(|shared| shared.profile = profile)
    }

    /// The same with another limit on bodies that are read before they are verified, in bytes.
    #[must_use]
    pub fn with_most_held(self, bytes: usize) -> Self {
        self.with(|shared| shared.most_held = bytes)
    }

    /// The same by another clock.
    #[must_use]
    pub fn with_clock(self, clock: fn() -> AmzDate) -> Self {
        self.with(|shared| shared.clock = clock)
    }

    /// The same, refusing header signatures that were used before.
    #[must_use]
    pub fn with_replay_guard(self, guard: ReplayGuard) -> Self {
        self.with(|shared| shared.replays = Some(Arc::new(guard)))
    }

    /// The same, answering an unknown access key id as a wrong signature.
    #[must_use]
    pub fn with_unknown_keys_hidden(self) -> Self {
        self.with(|shared| shared.hide_unknown_keys = true)
    }

    /// The same, telling canonical request and string to sign where AWS does: for emulators and test harnesses.
    #[must_use]
    pub fn with_explanations(self) -> Self {
        self.with(|shared| shared.explain = true)
    }

    /// The same, calling `observe` for each refusal, with what went wrong in the key store if that was it: for logs and
    /// metrics.
    #[must_use]
    pub fn with_observer(
        self,
        observe: impl Fn(&VerifyError, Option<&dyn fmt::Display>) + Send + Sync + 'static,
    ) -> Self {
        self.with(|shared| shared.observer = Some(Arc::new(observe)))
    }

    /// The same, with an id from `make` in each answer of its own; all zeros otherwise.
    #[must_use]
    pub fn with_request_ids(self, make: impl Fn() -> String + Send + Sync + 'static) -> Self {
        self.with(|shared| shared.request_ids = Some(Arc::new(make)))
    }

    fn with(self, change: impl FnOnce(&mut Shared<K>)) -> Self {
        // Clones of the layer, and services that it made, stay as they are; they share keys, cache and guard.
        let mut shared = Shared::clone(&self.0);
        change(&mut shared);
        Self(Arc::new(shared))
    }
}

impl<K> Clone for Shared<K> {
    fn clone(&self) -> Self {
        Self {
            verifier: Arc::clone(&self.verifier),
            keys: Arc::clone(&self.keys),
            profile: self.profile,
            most_held: self.most_held,
            clock: self.clock,
            replays: self.replays.clone(),
            hide_unknown_keys: self.hide_unknown_keys,
            explain: self.explain,
            observer: self.observer.clone(),
            request_ids: self.request_ids.clone(),
        }
    }
}

impl<K> Clone for VerifyLayer<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K> fmt::Debug for VerifyLayer<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("VerifyLayer")
            .field("verifier", &self.0.verifier)
            .field("profile", &self.0.profile)
            .finish_non_exhaustive()
    }
}

impl<S, K> Layer<S> for VerifyLayer<K> {
    type Service = Verify<S, K>;

    fn layer(&self, inner: S) -> Self::Service {
        Verify {
            inner,
            shared: Arc::clone(&self.0),
        }
    }
}

/// The service that [`VerifyLayer`] makes.
pub struct Verify<S, K> {
    inner: S,
    shared: Arc<Shared<K>>,
}

impl<S: Clone, K> Clone for Verify<S, K> {
    fn clone(&self) -> Self {
        Self {
            inner: self.inner.clone(),
            shared: Arc::clone(&self.shared),
        }
    }
}

impl<S, K> fmt::Debug for Verify<S, K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verify").finish_non_exhaustive()
    }
}

impl<S, K, B, R> Service<Request<B>> for Verify<S, K>
where
    S: Service<Request<VerifiedBody<B>>, Response = Response<R>> + Clone + Send + 'static,
    S::Future: Send,
    K: KeyStore,
    B: Body + Send + Unpin + 'static,
    B::Data: Send,
    B::Error: Send,
{
    type Response = Response<RefusableBody<R>>;
    type Error = S::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, S::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, request: Request<B>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        // The one that is ready is the one to call.
        let clone = self.inner.clone();
        let mut inner = core::mem::replace(&mut self.inner, clone);
        Box::pin(async move {
            match shared.verified(request).await {
                Ok(request) => inner
                    .call(request)
                    .await
                    .map(|answer| answer.map(RefusableBody::served)),
                Err(refusal) => Ok(response(refusal)),
            }
        })
    }
}

impl<K: KeyStore> Shared<K> {
    fn report(&self, error: &VerifyError, cause: Option<&dyn fmt::Display>) {
        if let Some(observe) = &self.observer {
            observe(error, cause);
        }
    }

    /// The request, verified; or the answer to it.
    async fn verified<B>(&self, request: Request<B>) -> Result<Request<VerifiedBody<B>>, Refusal>
    where
        B: Body + Send + Unpin,
    {
        let (mut parts, body) = request.into_parts();
        let now = (self.clock)();
        let outcome = {
            let head = RequestHead::from(&parts);
            self.check(&head, body, now)
                .await
                .map_err(|(error, explanation)| {
                    if error != VerifyError::KeyProvider {
                        self.report(&error, None);
                    }
                    let scope = (self.verifier.region(), self.verifier.service());
                    let mut refused = Refused::new(&head).with_scope(scope.0, scope.1);
                    if self.hide_unknown_keys {
                        refused = refused.with_unknown_keys_hidden();
                    }
                    if let Some(explanation) = explanation.as_ref() {
                        refused = refused.with_explanation(explanation);
                    }
                    let id = self.request_ids.as_ref().map(|make| make());
                    if let Some(id) = &id {
                        refused = refused.with_request_id(id);
                    }
                    self.profile.refuse(&error, &refused)
                })
        };
        let Passed {
            body,
            authenticated,
            path,
            decoded_len,
        } = outcome?;
        if let Some(length) = decoded_len {
            forget_chunks(&mut parts.headers, length);
        }
        if let Some(path) = path {
            // Better no answer than one for a path that was not signed.
            let Some(uri) = with_path(&parts.uri, &path) else {
                let error = VerifyError::Request(CanonicalError::Target);
                let head = RequestHead::from(&parts);
                return Err(self.profile.refuse(&error, &Refused::new(&head)));
            };
            parts.uri = uri;
        }
        parts.extensions.insert(authenticated);
        Ok(Request::from_parts(parts, body))
    }

    /// What the verifier derived from a request that it refused: made for these only, at the price of once more.
    fn explanation(
        &self,
        head: &RequestHead<'_>,
        body: ReceivedBody,
        now: AmzDate,
    ) -> Option<Explanation> {
        let wanted = self.explain.then_some(head)?;
        let mut claim = self.verifier.claim(wanted, now).ok()?;
        claim.explain(body).ok()
    }

    async fn check<B>(
        &self,
        head: &RequestHead<'_>,
        body: B,
        now: AmzDate,
    ) -> Result<Passed<B>, (VerifyError, Option<Explanation>)>
    where
        B: Body + Send + Unpin,
    {
        let plain = |error| (error, None);
        let claim = self.verifier.claim(head, now).map_err(plain)?;
        let wanted = WantedKey::of(&claim);
        let found = self.keys.find(&wanted).await.map_err(|cause| {
            self.report(&VerifyError::KeyProvider, Some(&cause));
            plain(VerifyError::KeyProvider)
        })?;
        let (received, body) = if claim.declares_payload() {
            (ReceivedBody::Unread, Err(body))
        } else {
            let whole = collect(body, self.most_held)
                .await
                .map_err(|error| match error {
                    BodyError::Refused(error) => plain(error),
                    // Whoever hung up reads no answer.
                    BodyError::Transport(_) => plain(VerifyError::PayloadMismatch),
                })?;
            (ReceivedBody::of(&whole), Ok(whole))
        };
        let signature = claim.signature_bytes();
        let lookup = found
            .as_ref()
            .map_or(KeyLookup::Unknown, |found| KeyLookup::Found(found.known()));
        let verified = claim
            .verify(lookup, received)
            .map_err(|error| (error, self.explanation(head, received, now)))?;
        if let (Some(guard), AuthKind::Header, Some(signature)) =
            (&self.replays, verified.kind(), signature)
        {
            let max_skew = self.verifier.policy().max_skew;
            guard
                .admit(signature, verified.date(), max_skew, now)
                .map_err(plain)?;
        }
        let decoder = match (verified.payload(), &found) {
            (VerifiedPayload::Streaming(_), Some(found)) => {
                Some(verified.chunk_decoder(&found.key).map_err(plain)?)
            }
            _ => None,
        };
        let decoded_len = decoder.as_ref().map(ChunkDecoder::remaining);
        let principal = found.and_then(|found: FoundKey| found.principal);
        let limit = self.verifier.policy().limits.body;
        Ok(Passed {
            body: match (body, verified.payload(), decoder) {
                (Ok(whole), ..) => VerifiedBody::whole(whole),
                (Err(body), _, Some(decoder)) => VerifiedBody::chunked(body, decoder),
                (Err(body), VerifiedPayload::MustMatch(hash), _) => {
                    VerifiedBody::checked(body, hash, limit)
                }
                (Err(body), ..) => VerifiedBody::unsigned(body, limit),
            },
            decoded_len,
            authenticated: Authenticated::new(&verified, principal),
            path: match verified.path() {
                alloc::borrow::Cow::Owned(path) => Some(path),
                alloc::borrow::Cow::Borrowed(path) if path != head.path => Some(path.to_vec()),
                alloc::borrow::Cow::Borrowed(_) => None,
            },
        })
    }
}

struct Passed<B> {
    body: VerifiedBody<B>,
    authenticated: Authenticated,
    /// The path that was signed, if it is not the one that was sent.
    path: Option<Vec<u8>>,
    /// The length of a body that is decoded.
    decoded_len: Option<u64>,
}

/// Takes the framing out of the headers of a body that is decoded, and leaves other encodings.
fn forget_chunks(headers: &mut HeaderMap, length: u64) {
    let mut kept = Vec::new();
    for value in headers.get_all(CONTENT_ENCODING) {
        let tokens = value.as_bytes().split(|b| *b == b',').map(trim);
        kept.extend(tokens.filter(|token| !token.eq_ignore_ascii_case(b"aws-chunked")));
    }
    match HeaderValue::from_bytes(&kept.join(b", ".as_slice())) {
        Ok(value) if !value.is_empty() => {
            headers.insert(CONTENT_ENCODING, value);
        }
        _ => {
            headers.remove(CONTENT_ENCODING);
        }
    }
    if let Some(value) = headers.get_mut(CONTENT_LENGTH) {
        *value = length.into();
    }
}

fn with_path(uri: &http::Uri, path: &[u8]) -> Option<http::Uri> {
    let mut target = path.to_vec();
    if let Some(query) = uri.query() {
        target.push(b'?');
        target.extend_from_slice(query.as_bytes());
    }
    let mut parts = uri.clone().into_parts();
    parts.path_and_query =
        Some(http::uri::PathAndQuery::from_maybe_shared(Bytes::from(target)).ok()?);
    http::Uri::from_parts(parts).ok()
}

fn response<R>(refusal: Refusal) -> Response<RefusableBody<R>> {
    let status = StatusCode::from_u16(refusal.status());
    let mut answer = Response::new(());
    *answer.status_mut() = status.unwrap_or(StatusCode::FORBIDDEN);
    for (name, value) in refusal.headers() {
        if let Ok(value) = HeaderValue::from_str(value) {
            answer.headers_mut().insert(name, value);
        }
    }
    answer.map(|()| RefusableBody::refused(refusal.body().into()))
}
