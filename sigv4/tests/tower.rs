//! The layers: what passes, what is answered, bodies that are not what was signed, key stores, concurrency.
#![cfg(feature = "tower")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::unwrap_in_result,
    reason = "a test may panic"
)]

use std::convert::Infallible;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use http::{Method, Request, Response, StatusCode};
use http_body_util::{BodyExt, Full, StreamBody};
use sigv4::tower::{
    Authenticated, BodyError, CachedKeys, FoundKey, KeyStore, ReplayGuard, SignLayer, StaticKeys,
    VerifiedBody, VerifyLayer, WantedKey,
};
use sigv4::{
    AmzDate, Credentials, PayloadHash, Profile, SecretAccessKey, SessionToken, Signer, Verifier,
    VerifyError,
};
use tower::{Service, ServiceBuilder, ServiceExt, service_fn};

const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const URL: &str = "https://abc.execute-api.us-east-1.amazonaws.com/prod/pets?a=b";

fn credentials() -> Credentials {
    Credentials::new(ID, SECRET).unwrap()
}

fn signer(service: &str) -> Signer {
    Signer::new(credentials(), "us-east-1", service).unwrap()
}

fn keys() -> StaticKeys {
    StaticKeys::new().with(credentials())
}

fn layer<K: KeyStore>(keys: K) -> VerifyLayer<K> {
    VerifyLayer::new(Verifier::new("us-east-1", "execute-api").unwrap(), keys)
}

/// A request that is signed; with its hash in a header if `declared`.
fn signed(method: Method, body: &'static str, declared: bool) -> Request<Full<Bytes>> {
    let request = Request::builder().method(method).uri(URL);
    let request = if declared {
        let hash = PayloadHash::of(body).to_string();
        request.header("x-amz-content-sha256", hash)
    } else {
        request
    };
    let mut request = request.body(Full::from(body)).unwrap();
    signer("execute-api")
        .sign_request(&mut request, PayloadHash::of(body), AmzDate::now())
        .unwrap();
    request
}

/// Answers with who signed and what came, or with 500 and why the body could not be read.
async fn echo<B>(request: Request<VerifiedBody<B>>) -> Result<Response<Full<Bytes>>, Infallible>
where
    B: http_body::Body + Unpin,
    B::Error: std::fmt::Display + std::fmt::Debug,
{
    let who = request.extensions().get::<Authenticated>().unwrap().clone();
    let path = request.uri().to_string();
    let (status, text) = match request.into_body().collect().await {
        Ok(body) => {
            let body = String::from_utf8(body.to_bytes().to_vec()).unwrap();
            (200, format!("{} {path} {body}", who.access_key_id()))
        }
        Err(error) => (500, error.to_string()),
    };
    let answer = Response::builder().status(status);
    Ok(answer.body(Full::from(text)).unwrap())
}

async fn sent<K: KeyStore>(
    layer: &VerifyLayer<K>,
    request: Request<Full<Bytes>>,
) -> (StatusCode, String) {
    let service = ServiceBuilder::new()
        .layer(layer.clone())
        .service(service_fn(echo));
    let answer = service.oneshot(request).await.unwrap();
    let status = answer.status();
    let body = answer.into_body().collect().await.unwrap().to_bytes();
    (status, String::from_utf8(body.to_vec()).unwrap())
}

#[tokio::test]
async fn what_is_signed_passes_and_nothing_else() {
    let layer = layer(keys());
    for declared in [false, true] {
        for (method, body) in [(Method::GET, ""), (Method::POST, "hello")] {
            let good = signed(method, body, declared);
            let (status, text) = sent(&layer, good.clone()).await;
            assert_eq!(status, 200, "{text}");
            assert!(text.starts_with(ID) && text.ends_with(body), "{text}");

            let mut bad = good.clone();
            *bad.uri_mut() = "https://abc.execute-api.us-east-1.amazonaws.com/prod/pets?a=c"
                .parse()
                .unwrap();
            let (status, text) = sent(&layer, bad).await;
            assert_eq!(status, 403);
            assert!(
                text.starts_with("{\"message\":\"The request signature we calculated"),
                "{text}"
            );
            assert!(
                !text.contains("Canonical String"),
                "told without being asked to"
            );

            let mut bad = good.clone();
            bad.headers_mut()
                .insert("x-amz-acl", "public".parse().unwrap());
            assert_eq!(sent(&layer, bad).await.0, 403);

            let mut bad = good.clone();
            bad.headers_mut().remove("authorization");
            assert_eq!(
                sent(&layer, bad).await,
                (
                    StatusCode::FORBIDDEN,
                    "{\"message\":\"Missing Authentication Token\"}".to_owned()
                )
            );
        }
    }
}

#[tokio::test]
async fn a_body_that_was_not_signed_is_never_read_to_its_end() {
    let layer = layer(keys());
    // Without a declared hash, the body is read first, and the request never gets through.
    let other = |declared| signed(Method::POST, "hello", declared).map(|_| Full::from("other"));
    assert_eq!(sent(&layer, other(false)).await.0, 403);
    // With one, it is passed on as it comes, and fails before its last piece.
    assert_eq!(
        sent(&layer, other(true)).await,
        (
            StatusCode::INTERNAL_SERVER_ERROR,
            "the body is not the one that was signed".to_owned()
        )
    );
}

#[tokio::test]
async fn pieces_come_one_late_and_the_last_after_the_check() {
    for (last, good) in [("c", true), ("x", false)] {
        let request = signed(Method::POST, "abc", true);
        let pieces = ["a", "b", last]
            .map(|text| Ok::<_, Infallible>(http_body::Frame::data(Bytes::from(text))));
        let request = request.map(|_| StreamBody::new(Pieces(pieces.into_iter().collect())));
        let got = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&got);
        let service = service_fn(move |request: Request<VerifiedBody<_>>| {
            let seen = Arc::clone(&seen);
            async move {
                let mut body = request.into_body();
                while let Some(frame) = BodyExt::frame(&mut body).await {
                    let text = match frame {
                        Ok(frame) => {
                            String::from_utf8(frame.into_data().unwrap().to_vec()).unwrap()
                        }
                        Err(BodyError::Refused(error)) => error.reason().to_owned(),
                        Err(other) => panic!("{other:?}"),
                    };
                    seen.lock().unwrap().push(text);
                }
                Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
            }
        });
        let service = ServiceBuilder::new().layer(layer(keys())).service(service);
        service.oneshot(request).await.unwrap();
        let expected = if good {
            vec!["a", "b", "c"]
        } else {
            vec!["a", "b", "body_hash"]
        };
        assert_eq!(*got.lock().unwrap(), expected);
    }
}

/// A stream of frames, so that no crate for streams is needed.
struct Pieces<T>(std::collections::VecDeque<T>);

impl<T: Unpin> futures_core::Stream for Pieces<T> {
    type Item = T;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<T>> {
        std::task::Poll::Ready(self.0.pop_front())
    }
}

#[tokio::test]
async fn limits() {
    let small = layer(keys()).with_most_held(4);
    let (status, text) = sent(&small, signed(Method::POST, "hello", false)).await;
    assert_eq!(status, 413, "{text}");
    assert_eq!(
        sent(&small, signed(Method::POST, "hell", false)).await.0,
        200
    );
    assert_eq!(
        sent(&small, signed(Method::POST, "hello", true)).await.0,
        200
    );
}

/// What is routed is what was signed.
#[tokio::test]
async fn the_path_is_the_signed_one() {
    let layer = layer(keys());
    let mut request = signed(Method::GET, "", false);
    *request.uri_mut() =
        "https://abc.execute-api.us-east-1.amazonaws.com/admin/..//prod/./pets?a=b"
            .parse()
            .unwrap();
    let (status, text) = sent(&layer, request).await;
    assert_eq!(status, 200, "{text}");
    assert!(
        text.contains(" https://abc.execute-api.us-east-1.amazonaws.com/prod/pets?a=b "),
        "{text}"
    );
}

#[tokio::test]
async fn session_tokens() {
    let temporary = || credentials().with_session_token("TOKEN").unwrap();
    let layer = layer(StaticKeys::new().with(temporary()));
    let with = |credentials| {
        let mut request = Request::get(URL).body(Full::<Bytes>::default()).unwrap();
        Signer::new(credentials, "us-east-1", "execute-api")
            .unwrap()
            .sign_request(&mut request, PayloadHash::EMPTY, AmzDate::now())
            .unwrap();
        request
    };
    assert_eq!(sent(&layer, with(temporary())).await.0, 200);
    let other = credentials().with_session_token("OTHER").unwrap();
    for wrong in [credentials(), other] {
        let (status, text) = sent(&layer, with(wrong)).await;
        assert_eq!(
            (status.as_u16(), text.as_str()),
            (
                403,
                "{\"message\":\"The security token included in the request is invalid.\"}"
            )
        );
    }
    let past = AmzDate::from_unix(0).unwrap();
    let expired = move |wanted: WantedKey| async move {
        assert_eq!(wanted.session_token(), Some(b"TOKEN".as_slice()));
        let secret = SecretAccessKey::new(SECRET)?;
        let token = SessionToken::new("TOKEN")?;
        let found = FoundKey::from_secret(&secret, &wanted).with_session_token(token);
        Ok::<_, sigv4::ParseError>(Some(found.with_expiry(past)))
    };
    let (_, text) = sent(&self::layer(expired), with(temporary())).await;
    assert!(
        text.contains("included in the request is expired"),
        "{text}"
    );
}

#[tokio::test]
async fn a_key_store_that_fails_is_the_servers_fault_and_is_told_to_it_alone() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&told);
    let store = |_: WantedKey| async { Err::<Option<FoundKey>, _>("the database is down") };
    let layer = layer(store).with_observer(move |error: &VerifyError, cause| {
        let cause = cause.map(ToString::to_string);
        notes.lock().unwrap().push((error.reason(), cause));
    });
    let (status, text) = sent(&layer, signed(Method::GET, "", false)).await;
    assert_eq!(status, 500);
    assert!(!text.contains("database"), "{text}");
    let mut unsigned = signed(Method::GET, "", false);
    unsigned.headers_mut().clear();
    sent(&layer, unsigned).await;
    assert_eq!(
        *told.lock().unwrap(),
        [
            ("internal", Some("the database is down".to_owned())),
            ("missing_auth", None)
        ]
    );
}

#[tokio::test]
async fn answers_of_a_profile() {
    let mut request = signed(Method::GET, "", false);
    request
        .headers_mut()
        .insert("x-amz-date", "20150830T123600Z".parse().unwrap());
    let http_api = layer(keys()).with_profile(Profile::named("api-gateway-http").unwrap());
    assert_eq!(
        sent(&http_api, request).await,
        (
            StatusCode::FORBIDDEN,
            "{\"message\":\"Forbidden\"}".to_owned()
        )
    );
    // An emulator tells what it made of the request.
    let explaining = layer(keys()).with_explanations();
    let mut request = signed(Method::GET, "", false);
    request
        .headers_mut()
        .insert("host", "other".parse().unwrap());
    *request.uri_mut() = "/prod/pets?a=b".parse().unwrap();
    let (_, text) = sent(&explaining, request).await;
    assert!(
        text.contains("The Canonical String for this request should have been"),
        "{text}"
    );
    let other = || StaticKeys::new().with(Credentials::new("AKIDOTHER", SECRET).unwrap());
    let unknown = |layer: VerifyLayer<StaticKeys>| async move {
        sent(&layer, signed(Method::GET, "", false)).await.1
    };
    assert!(unknown(layer(other())).await.contains("security token"));
    assert!(
        unknown(layer(other()).with_unknown_keys_hidden())
            .await
            .contains("signature we calculated")
    );
}

#[tokio::test]
async fn a_signature_is_good_once_behind_a_guard() {
    let guarded = layer(keys()).with_replay_guard(ReplayGuard::new(100));
    let request = signed(Method::POST, "hello", false);
    assert_eq!(sent(&guarded, request.clone()).await.0, 200);
    assert_eq!(sent(&guarded, request.clone()).await.0, 403);
    // A presigned one may be used as long as it is good, and a request that failed was not used.
    let uri = Signer::presign_uri(
        &signer("execute-api"),
        "GET",
        &URL.parse().unwrap(),
        sigv4::Expires::from_secs(60).unwrap(),
        AmzDate::now(),
    )
    .unwrap();
    let presigned = Request::get(uri).body(Full::<Bytes>::default()).unwrap();
    for _ in 0..2 {
        let (status, text) = sent(&guarded, presigned.clone()).await;
        assert_eq!(status, 200, "{text}");
    }
    let guarded = layer(keys()).with_replay_guard(ReplayGuard::new(100));
    let tampered = request.clone().map(|_| Full::from("other"));
    assert_eq!(sent(&guarded, tampered).await.0, 403);
    assert_eq!(sent(&guarded, request).await.0, 200);
}

/// A layer can be told more at any time: nothing that it is told is lost because somebody has a copy of it.
#[tokio::test]
async fn a_copy_keeps_no_setting_from_being_made() {
    let first = layer(keys());
    let second = first.clone().with_replay_guard(ReplayGuard::new(100));
    let request = signed(Method::GET, "", false);
    for expected in [200, 403] {
        assert_eq!(sent(&second, request.clone()).await.0, expected);
    }
    assert_eq!(sent(&first, request).await.0, 200);
}

/// A store that counts, and answers when it is told to.
#[derive(Default)]
struct Counting {
    calls: AtomicUsize,
    open: AtomicBool,
    secret: Mutex<Option<&'static str>>,
    fails: AtomicBool,
}

struct Shared(Arc<Counting>);

impl KeyStore for Shared {
    type Error = &'static str;

    async fn find(&self, wanted: &WantedKey) -> Result<Option<FoundKey>, &'static str> {
        self.0.calls.fetch_add(1, Ordering::SeqCst);
        while !self.0.open.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        if self.0.fails.load(Ordering::SeqCst) {
            return Err("down");
        }
        let secret = *self.0.secret.lock().unwrap();
        Ok(secret
            .map(|secret| FoundKey::from_secret(&SecretAccessKey::new(secret).unwrap(), wanted)))
    }
}

fn counting(secret: Option<&'static str>) -> (Arc<Counting>, CachedKeys<Shared>) {
    let counting = Arc::new(Counting::default());
    *counting.secret.lock().unwrap() = secret;
    counting.open.store(true, Ordering::SeqCst);
    (Arc::clone(&counting), CachedKeys::new(Shared(counting), 4))
}

#[tokio::test]
async fn a_cache_asks_once_for_what_is_there_and_for_what_is_not() {
    for secret in [Some(SECRET), None] {
        let (counting, cached) = counting(secret);
        counting.open.store(false, Ordering::SeqCst);
        let layer = layer(cached);
        let requests = (0..50).map(|_| {
            let layer = layer.clone();
            tokio::spawn(async move { sent(&layer, signed(Method::GET, "", false)).await.0 })
        });
        let requests: Vec<_> = requests.collect();
        tokio::time::sleep(Duration::from_millis(50)).await;
        counting.open.store(true, Ordering::SeqCst);
        for request in requests {
            let expected = if secret.is_some() { 200 } else { 403 };
            assert_eq!(request.await.unwrap(), expected);
        }
        assert_eq!(counting.calls.load(Ordering::SeqCst), 1, "{secret:?}");
    }
}

#[tokio::test]
async fn an_error_is_not_remembered() {
    let (counting, cached) = counting(Some(SECRET));
    counting.fails.store(true, Ordering::SeqCst);
    let layer = layer(cached);
    assert_eq!(sent(&layer, signed(Method::GET, "", false)).await.0, 500);
    counting.fails.store(false, Ordering::SeqCst);
    assert_eq!(sent(&layer, signed(Method::GET, "", false)).await.0, 200);
    assert_eq!(counting.calls.load(Ordering::SeqCst), 2);
}

/// Whoever asks may be cancelled: those who wait are not left behind.
#[tokio::test]
async fn somebody_else_goes_on_where_the_one_who_asks_gives_up() {
    let (counting, cached) = counting(Some(SECRET));
    counting.open.store(false, Ordering::SeqCst);
    let layer = layer(cached);
    let first = {
        let layer = layer.clone();
        tokio::spawn(async move { sent(&layer, signed(Method::GET, "", false)).await })
    };
    tokio::time::sleep(Duration::from_millis(20)).await;
    let second = {
        let layer = layer.clone();
        tokio::spawn(async move { sent(&layer, signed(Method::GET, "", false)).await.0 })
    };
    tokio::time::sleep(Duration::from_millis(20)).await;
    first.abort();
    counting.open.store(true, Ordering::SeqCst);
    let status = tokio::time::timeout(Duration::from_secs(20), second).await;
    assert_eq!(status.unwrap().unwrap(), 200);
    assert_eq!(counting.calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn a_rotated_key_is_forgotten_on_demand_and_after_its_time() {
    let (counting, cached) = counting(Some("old"));
    let cached = Arc::new(cached.with_times(Duration::from_secs(3600), Duration::ZERO));
    let shared = Arc::clone(&cached);
    let layer = layer(move |wanted: WantedKey| {
        let cached = Arc::clone(&shared);
        async move { cached.find(&wanted).await }
    });
    let get = || sent(&layer, signed(Method::GET, "", false));
    assert_eq!(get().await.0, 403);
    *counting.secret.lock().unwrap() = Some(SECRET);
    assert_eq!(get().await.0, 403, "the old one is remembered");
    cached.forget("AKIDOTHER");
    assert_eq!(get().await.0, 403);
    cached.forget(ID);
    assert_eq!(get().await.0, 200);
    assert_eq!(counting.calls.load(Ordering::SeqCst), 2);
}

#[tokio::test]
async fn unknown_keys_drive_no_known_one_out() {
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    let store = move |wanted: WantedKey| {
        let counted = Arc::clone(&counted);
        async move {
            counted.fetch_add(1, Ordering::SeqCst);
            let known = wanted.access_key_id() == ID;
            let secret = SecretAccessKey::new(SECRET).unwrap();
            Ok::<_, Infallible>(known.then(|| FoundKey::from_secret(&secret, &wanted)))
        }
    };
    let layer = layer(CachedKeys::new(store, 4));
    assert_eq!(sent(&layer, signed(Method::GET, "", false)).await.0, 200);
    for number in 0..100 {
        let mut request = Request::get(URL).body(Full::<Bytes>::default()).unwrap();
        let other = Credentials::new(format!("AKIDOTHER{number}"), SECRET).unwrap();
        let signer = Signer::new(other, "us-east-1", "execute-api").unwrap();
        signer
            .sign_request(&mut request, PayloadHash::EMPTY, AmzDate::now())
            .unwrap();
        assert_eq!(sent(&layer, request).await.0, 403);
    }
    assert_eq!(calls.load(Ordering::SeqCst), 101);
    assert_eq!(sent(&layer, signed(Method::GET, "", false)).await.0, 200);
    assert_eq!(calls.load(Ordering::SeqCst), 101);
}

/// 100,000 requests at once, good and bad, get the verdicts that they get one by one.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_verdicts_are_serial_verdicts() {
    let layer = layer(CachedKeys::new(keys(), 100));
    let other = |id: &str, secret: &str, body: &'static str| {
        let mut request = Request::post(URL).body(Full::from(body)).unwrap();
        let signer = Signer::new(
            Credentials::new(id, secret).unwrap(),
            "us-east-1",
            "execute-api",
        );
        signer
            .unwrap()
            .sign_request(&mut request, PayloadHash::of(body), AmzDate::now())
            .unwrap();
        request
    };
    let mut kinds = vec![
        signed(Method::GET, "", false),
        signed(Method::POST, "hello", true),
        signed(Method::POST, "hello", false).map(|_| Full::from("other")),
        other(ID, "wrong", "x"),
        other("AKIDOTHER", SECRET, "x"),
        Request::get(URL).body(Full::default()).unwrap(),
    ];
    kinds.extend((0..10).map(|n| {
        let mut request = signed(Method::GET, "", false);
        request.headers_mut().insert("x-amz-meta-n", n.into());
        request
    }));
    let mut serial = Vec::new();
    for request in &kinds {
        serial.push(sent(&layer, request.clone()).await);
    }
    assert!(serial.iter().any(|(status, _)| *status == 200));
    assert!(serial.iter().any(|(status, _)| *status == 403));
    let (kinds, serial) = (Arc::new(kinds), Arc::new(serial));
    let tasks: Vec<_> = (0..100)
        .map(|task| {
            let (layer, kinds, serial) = (layer.clone(), Arc::clone(&kinds), Arc::clone(&serial));
            tokio::spawn(async move {
                for n in 0..1_000 {
                    let kind = (task * 7 + n) % kinds.len();
                    let outcome = sent(&layer, kinds[kind].clone()).await;
                    assert_eq!(outcome, serial[kind], "{kind}");
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

/// What the layer signs is what the service sends, and each try has a signature of its own.
#[tokio::test]
async fn each_try_is_signed_anew() {
    #[derive(Clone)]
    struct Twice(u8);
    impl<R, E> tower::retry::Policy<Request<Full<Bytes>>, Response<R>, E> for Twice {
        type Future = std::future::Ready<()>;
        fn retry(
            &mut self,
            _: &mut Request<Full<Bytes>>,
            _: &mut Result<Response<R>, E>,
        ) -> Option<Self::Future> {
            let left = self.0.checked_sub(1)?;
            self.0 = left;
            Some(std::future::ready(()))
        }
        fn clone_request(
            &mut self,
            request: &Request<Full<Bytes>>,
        ) -> Option<Request<Full<Bytes>>> {
            Some(request.clone())
        }
    }
    static NOW: AtomicUsize = AtomicUsize::new(1_440_938_160);
    fn clock() -> AmzDate {
        let seconds = NOW.fetch_add(1, Ordering::SeqCst);
        AmzDate::from_unix(i64::try_from(seconds).unwrap()).unwrap()
    }
    let seen = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&seen);
    let send = service_fn(
        move |request: Request<sigv4::tower::SignedBody<Full<Bytes>>>| {
            let notes = Arc::clone(&notes);
            async move {
                let authorization = request.headers()["authorization"]
                    .to_str()
                    .unwrap()
                    .to_owned();
                let body = request.into_body().collect().await.unwrap().to_bytes();
                notes.lock().unwrap().push((authorization, body));
                Ok::<_, Infallible>(Response::new(()))
            }
        },
    );
    let mut service = ServiceBuilder::new()
        .retry(Twice(2))
        .layer(SignLayer::new(signer("execute-api")).with_clock(clock))
        .service(send);
    let request = Request::post(URL).body(Full::from("hello")).unwrap();
    service.ready().await.unwrap().call(request).await.unwrap();
    let seen = seen.lock().unwrap();
    assert_eq!(seen.len(), 3);
    assert!(seen.iter().all(|(_, body)| body == "hello"));
    assert!(seen[0].0 != seen[1].0 && seen[1].0 != seen[2].0);
}

#[tokio::test]
async fn a_given_hash_leaves_the_body_alone_and_too_large_a_body_is_not_sent() {
    let sends = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&sends);
    let send = service_fn(move |_: Request<sigv4::tower::SignedBody<Full<Bytes>>>| {
        counted.fetch_add(1, Ordering::SeqCst);
        std::future::ready(Ok::<_, Infallible>(Response::new(())))
    });
    let layer = SignLayer::new(signer("execute-api")).with_most_held(3);
    let service = || {
        ServiceBuilder::new()
            .layer(layer.clone())
            .service(send.clone())
    };
    let request = || {
        Request::post(URL)
            .body(Full::<Bytes>::from("hello"))
            .unwrap()
    };
    let error = service().oneshot(request()).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the request cannot be signed: the request is too large: body"
    );
    assert_eq!(sends.load(Ordering::SeqCst), 0);
    let mut with_hash = request();
    with_hash.extensions_mut().insert(PayloadHash::of("hello"));
    service().oneshot(with_hash).await.unwrap();
    assert_eq!(sends.load(Ordering::SeqCst), 1);
}

/// A body that never ends holds up nobody but its own request.
#[tokio::test]
async fn a_slow_body_holds_no_lock() {
    struct Slow;
    impl http_body::Body for Slow {
        type Data = Bytes;
        type Error = Infallible;
        fn poll_frame(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
        ) -> std::task::Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
            std::task::Poll::Pending
        }
    }
    let layer = layer(CachedKeys::new(keys(), 10)).with_replay_guard(ReplayGuard::new(10));
    let slow = {
        let service = ServiceBuilder::new()
            .layer(layer.clone())
            .service(service_fn(echo));
        let request = signed(Method::POST, "hello", false).map(|_| Slow);
        tokio::spawn(async move { service.oneshot(request).await.map(|_| ()) })
    };
    tokio::task::yield_now().await;
    assert_eq!(sent(&layer, signed(Method::GET, "", false)).await.0, 200);
    slow.abort();
}
