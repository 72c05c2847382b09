//! aws-chunked bodies through the layers: sent, decoded while they arrive, refused.
#![cfg(feature = "tower")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::unwrap_in_result,
    reason = "a test may panic"
)]

use std::convert::Infallible;

use bytes::Bytes;
use futures_core::Stream;
use http::{Request, Response, StatusCode};
use http_body::{Body, Frame};
use http_body_util::{BodyExt, Full, StreamBody};
use sigv4::tower::{
    Authenticated, SendBodyError, SignLayer, SignedBody, StaticKeys, VerifiedBody, VerifyLayer,
};
use sigv4::{
    ChecksumAlgorithm, ChunkedPayload, Credentials, Signer, StreamingMode, Verifier, VerifyPolicy,
};
use tower::{ServiceBuilder, ServiceExt, service_fn};

const URL: &str = "https://bucket.s3.amazonaws.com/key";
const MODES: [StreamingMode; 3] = [
    StreamingMode::Signed,
    StreamingMode::SignedTrailer,
    StreamingMode::UnsignedTrailer,
];

fn credentials() -> Credentials {
    Credentials::new("AKIDEXAMPLE", "secret").unwrap()
}

fn sign() -> SignLayer {
    SignLayer::new(Signer::new(credentials(), "us-east-1", "s3").unwrap())
}

fn verify(accept: bool) -> VerifyLayer<StaticKeys> {
    let mut policy = VerifyPolicy::for_service("s3");
    policy.accept_streaming_payload = accept;
    let verifier = Verifier::new("us-east-1", "s3")
        .unwrap()
        .with_policy(policy);
    VerifyLayer::new(verifier, StaticKeys::new().with(credentials()))
}

fn payload(mode: StreamingMode, length: usize) -> ChunkedPayload {
    let payload = ChunkedPayload::new(mode, length.try_into().unwrap())
        .unwrap()
        .with_chunk_size(8192)
        .unwrap();
    match mode {
        StreamingMode::Signed => payload,
        _ => payload.with_checksum(ChecksumAlgorithm::Crc64Nvme).unwrap(),
    }
}

/// A body in pieces, as a network would give it.
fn pieces(body: &[u8], size: usize) -> Pieces {
    StreamBody::new(Iter(
        body.chunks(size)
            .map(Bytes::copy_from_slice)
            .collect::<Vec<_>>()
            .into_iter(),
    ))
}

type Pieces = StreamBody<Iter>;

struct Iter(std::vec::IntoIter<Bytes>);

impl Stream for Iter {
    type Item = Result<Frame<Bytes>, Infallible>;

    fn poll_next(
        mut self: std::pin::Pin<&mut Self>,
        _: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<Self::Item>> {
        std::task::Poll::Ready(self.0.next().map(|piece| Ok(Frame::data(piece))))
    }
}

/// What the service sees: the headers, the body, or how much of it came before which error.
struct Seen {
    encoding: Option<String>,
    length: Option<String>,
    authenticated: bool,
    body: Result<Vec<u8>, (Vec<u8>, String)>,
}

async fn read<B>(request: Request<VerifiedBody<B>>) -> Seen
where
    B: Body + Unpin,
    B::Error: std::fmt::Display,
{
    let header = |name: &str| Some(request.headers().get(name)?.to_str().unwrap().to_owned());
    let (encoding, length) = (header("content-encoding"), header("content-length"));
    let who = request.extensions().get::<Authenticated>().unwrap();
    let authenticated = who.payload_authenticated();
    let hint = request.body().size_hint().exact().unwrap();
    let mut body = request.into_body();
    let mut read = Vec::new();
    let body = loop {
        match body.frame().await {
            None => {
                assert!(body.is_end_stream());
                assert_eq!(u64::try_from(read.len()), Ok(hint));
                break Ok(read);
            }
            Some(Ok(frame)) => read.extend_from_slice(&frame.into_data().unwrap()),
            Some(Err(error)) => {
                let error = error.to_string();
                assert!(body.frame().await.is_none(), "nothing comes after an error");
                break Err((read, error));
            }
        }
    };
    Seen {
        encoding,
        length,
        authenticated,
        body,
    }
}

/// The signed request as it is on the wire.
async fn wire(request: Request<Pieces>) -> Result<Request<Vec<u8>>, SendBodyError<Infallible>> {
    let service = ServiceBuilder::new().layer(sign()).service(service_fn(
        async |request: Request<SignedBody<Pieces>>| {
            let (parts, body) = request.into_parts();
            let hint = body.size_hint().exact().unwrap();
            let body = match body.collect().await {
                Ok(body) => body.to_bytes().to_vec(),
                Err(error) => return Ok::<_, Infallible>(Err(error)),
            };
            assert_eq!(u64::try_from(body.len()), Ok(hint));
            assert_eq!(parts.headers["content-length"], body.len().to_string());
            Ok(Ok(Request::from_parts(parts, body)))
        },
    ));
    service.oneshot(request).await.unwrap()
}

/// What comes of a request: what the service sees, or the refusal.
async fn received(
    layer: VerifyLayer<StaticKeys>,
    request: Request<Vec<u8>>,
    size: usize,
) -> Result<Seen, (StatusCode, String)> {
    let (sender, mut receiver) = tokio::sync::mpsc::unbounded_channel();
    let service = service_fn(move |request: Request<VerifiedBody<Pieces>>| {
        let sender = sender.clone();
        async move {
            assert!(sender.send(read(request).await).is_ok());
            Ok::<_, Infallible>(Response::new(Full::<Bytes>::default()))
        }
    });
    let service = ServiceBuilder::new().layer(layer).service(service);
    let request = request.map(|body| pieces(&body, size));
    let answer = service.oneshot(request).await.unwrap();
    let status = answer.status();
    let text = answer.into_body().collect().await.unwrap().to_bytes();
    match receiver.try_recv() {
        Ok(seen) => Ok(seen),
        Err(_) => Err((status, String::from_utf8(text.to_vec()).unwrap())),
    }
}

fn put(payload: ChunkedPayload, body: &[u8], size: usize) -> Request<Pieces> {
    Request::put(URL)
        .header("content-encoding", "gzip")
        .extension(payload)
        .body(pieces(body, size))
        .unwrap()
}

#[tokio::test]
async fn what_is_sent_in_chunks_is_decoded_while_it_arrives() {
    for mode in MODES {
        for length in [0, 1, 8192, 20_000] {
            let body: Vec<u8> = (0..length).map(|i| (i % 251) as u8).collect();
            for size in [100, 8192, 1 << 20] {
                let request = wire(put(payload(mode, length), &body, size)).await.unwrap();
                assert_eq!(request.headers()["content-encoding"], "aws-chunked,gzip");
                let seen = received(verify(true), request, size + 1).await;
                let seen =
                    seen.unwrap_or_else(|(_, text)| panic!("{mode:?} {length} {size}: {text}"));
                assert_eq!(seen.body, Ok(body.clone()), "{mode:?} {length} {size}");
                assert_eq!(seen.encoding.as_deref(), Some("gzip"));
                assert_eq!(seen.length, Some(length.to_string()));
                assert_eq!(seen.authenticated, mode != StreamingMode::UnsignedTrailer);
            }
        }
    }
}

#[tokio::test]
async fn a_changed_or_cut_body_never_comes_to_its_end() {
    let body = vec![b'x'; 20_000];
    for mode in MODES {
        let good = wire(put(payload(mode, body.len()), &body, 4096))
            .await
            .unwrap();
        let length = good.body().len();
        for at in (0..length).step_by(997).chain([length - 3]) {
            let mut bad = good.clone();
            bad.body_mut()[at] ^= 1;
            let (read, error) = received(verify(true), bad, 4096)
                .await
                .ok()
                .unwrap()
                .body
                .unwrap_err();
            assert!(
                read.len() < body.len(),
                "{mode:?}: all of it came before {error}"
            );
            if mode != StreamingMode::UnsignedTrailer {
                assert!(
                    read.iter().all(|b| *b == b'x'),
                    "{mode:?}: a changed byte came"
                );
            }
            let mut cut = good.clone();
            cut.body_mut().truncate(at);
            let seen = received(verify(true), cut, 4096).await.ok().unwrap();
            assert!(seen.body.is_err(), "{mode:?}: cut at {at}");
        }
    }
}

#[tokio::test]
async fn chunks_are_taken_only_where_they_are_allowed_and_declared() {
    let request = wire(put(payload(MODES[0], 5), b"hello", 5)).await.unwrap();
    let (status, text) = received(verify(false), request, 5).await.err().unwrap();
    assert_eq!(status, 400);
    assert!(text.contains("<Code>InvalidArgument</Code>"), "{text}");

    let mut request = wire(put(payload(MODES[0], 5), b"hello", 5)).await.unwrap();
    request
        .headers_mut()
        .insert("x-amz-decoded-content-length", "6".parse().unwrap());
    let (status, text) = received(verify(true), request, 5).await.err().unwrap();
    assert_eq!(status, 403);
    assert!(
        text.contains("<Code>SignatureDoesNotMatch</Code>"),
        "{text}"
    );

    // Signed so, which only a client that means it can do.
    let signer = Signer::new(credentials(), "us-east-1", "s3").unwrap();
    let mut request = Request::put(URL).body(b"0\r\n\r\n".to_vec()).unwrap();
    let mode = sigv4::PayloadHash::Streaming(StreamingMode::UnsignedTrailer);
    signer
        .sign_request(&mut request, mode, sigv4::AmzDate::now())
        .unwrap();
    let (status, text) = received(verify(true), request, 5).await.err().unwrap();
    assert_eq!(status, 400);
    assert!(text.contains("<Code>IncompleteBody</Code>"), "{text}");
}

#[tokio::test]
async fn a_body_of_another_length_is_not_sent_as_if_it_were_complete() {
    for length in [4, 6, 20_000] {
        let result = wire(put(payload(MODES[0], length), b"hello", 2)).await;
        assert!(matches!(result, Err(SendBodyError::Length)), "{length}");
    }
}
