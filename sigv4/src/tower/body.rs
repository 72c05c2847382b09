//! Bodies: one that fails if it is not the one that was signed, one that is held whole, one of a refusal, one that is sent.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};

use super::chunked::{ChunkedBody, Decoding, SendBodyError};
use crate::body::{BodyHasher, ReceivedBody};
use crate::chunked::ChunkDecoder;
use crate::error::{Limit, VerifyError};

/// The body of a request that was verified.
///
/// * If the signature covers the body by a hash that the request declares, the body is passed on as it arrives, one piece
///   late: the last piece comes once the whole is known to be the one that was signed, and an error comes in its place if
///   it is not. Whoever acts on a body before its end acts on bytes that are not authenticated yet.
/// * If the request declares no hash, the body was read before the signature could be checked, and is held whole.
/// * An aws-chunked body is decoded as it arrives, a piece late as well: the last one comes once the final chunk, the length
///   and the trailers are known to be right. Signed chunks come only after their signature was verified.
/// * Trailers are dropped unless the body is unsigned: no signature covers them.
#[derive(Debug)]
pub struct VerifiedBody<B>(Kind<B>);

#[derive(Debug)]
enum Kind<B> {
    Whole(Option<Bytes>),
    Checked {
        inner: B,
        /// `None` once the end was reached.
        hasher: Option<BodyHasher>,
        expected: [u8; 32],
        held: Option<Bytes>,
    },
    Unsigned {
        inner: B,
        left: u64,
    },
    Chunked(Box<Decoding<B>>),
}

impl<B> VerifiedBody<B> {
    pub(super) const fn whole(bytes: Bytes) -> Self {
        Self(Kind::Whole(Some(bytes)))
    }

    pub(super) fn checked(inner: B, expected: [u8; 32], limit: u64) -> Self {
        Self(Kind::Checked {
            inner,
            hasher: Some(BodyHasher::new(limit)),
            expected,
            held: None,
        })
    }

    pub(super) fn chunked(inner: B, decoder: ChunkDecoder) -> Self {
        Self(Kind::Chunked(Box::new(Decoding::new(inner, decoder))))
    }

    pub(super) const fn unsigned(inner: B, limit: u64) -> Self {
        Self(Kind::Unsigned { inner, left: limit })
    }
}

/// Reading a [`VerifiedBody`] failed.
#[derive(Debug)]
#[non_exhaustive]
pub enum BodyError<E> {
    /// It is not the body that was signed, or is too large. What came of it must not be used.
    Refused(VerifyError),
    /// It could not be received.
    Transport(E),
}

impl<E: fmt::Display> fmt::Display for BodyError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(error) => fmt::Display::fmt(error, f),
            Self::Transport(error) => write!(f, "the body could not be received: {error}"),
        }
    }
}

impl<E: core::error::Error + 'static> core::error::Error for BodyError<E> {
    fn source(&self) -> Option<&(dyn core::error::Error + 'static)> {
        match self {
            Self::Refused(error) => Some(error),
            Self::Transport(error) => Some(error),
        }
    }
}

impl<B: Body + Unpin> Body for VerifiedBody<B> {
    type Data = Bytes;
    type Error = BodyError<B::Error>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut self.0 {
            Kind::Whole(bytes) => Poll::Ready(
                bytes
                    .take()
                    .filter(|bytes| !bytes.is_empty())
                    .map(|bytes| Ok(Frame::data(bytes))),
            ),
            Kind::Checked {
                inner,
                hasher,
                expected,
                held,
            } => poll_checked(inner, hasher, expected, held, cx),
            Kind::Chunked(decoding) => decoding.poll(cx),
            Kind::Unsigned { inner, left } => {
                let Some(frame) = ready!(Pin::new(inner).poll_frame(cx)) else {
                    return Poll::Ready(None);
                };
                let frame = match frame {
                    Ok(frame) => frame.map_data(|mut data| data.copy_to_bytes(data.remaining())),
                    Err(error) => return Poll::Ready(Some(Err(BodyError::Transport(error)))),
                };
                let length = frame.data_ref().map_or(0, |data| data.len());
                match left.checked_sub(u64::try_from(length).unwrap_or(u64::MAX)) {
                    Some(rest) => {
                        *left = rest;
                        Poll::Ready(Some(Ok(frame)))
                    }
                    None => {
                        *left = 0;
                        let error = VerifyError::TooLarge(Limit::Body);
                        Poll::Ready(Some(Err(BodyError::Refused(error))))
                    }
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Kind::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            // Even an empty one is yet to be checked.
            Kind::Checked { hasher, held, .. } => hasher.is_none() && held.is_none(),
            Kind::Unsigned { inner, .. } => inner.is_end_stream(),
            Kind::Chunked(decoding) => decoding.is_end_stream(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Kind::Whole(bytes) => exactly(bytes.as_ref().map_or(0, Bytes::len)),
            Kind::Checked { inner, held, .. } => {
                let held = held.as_ref().map_or(0, Bytes::len);
                let held = u64::try_from(held).unwrap_or(u64::MAX);
                let rest = inner.size_hint();
                let mut hint = SizeHint::new();
                // An error may come in the place of what is held back.
                if let Some(upper) = rest.upper() {
                    hint.set_upper(upper.saturating_add(held));
                }
                hint.set_lower(rest.lower().saturating_add(held));
                hint
            }
            Kind::Unsigned { inner, .. } => inner.size_hint(),
            Kind::Chunked(decoding) => SizeHint::with_exact(decoding.left()),
        }
    }
}

pub(super) type Polled<E> = Poll<Option<Result<Frame<Bytes>, BodyError<E>>>>;

fn poll_checked<B: Body + Unpin>(
    inner: &mut B,
    hasher: &mut Option<BodyHasher>,
    expected: &[u8; 32],
    held: &mut Option<Bytes>,
    cx: &mut Context<'_>,
) -> Polled<B::Error> {
    loop {
        let Some(running) = hasher.as_mut() else {
            return Poll::Ready(held.take().map(|bytes| Ok(Frame::data(bytes))));
        };
        let mut fail = |error| {
            *held = None;
            Poll::Ready(Some(Err(error)))
        };
        match ready!(Pin::new(&mut *inner).poll_frame(cx)) {
            Some(Err(error)) => {
                *hasher = None;
                return fail(BodyError::Transport(error));
            }
            Some(Ok(frame)) => {
                let Ok(mut data) = frame.into_data() else {
                    continue;
                };
                let data = data.copy_to_bytes(data.remaining());
                if data.is_empty() {
                    continue;
                }
                if let Err(error) = running.update(&data) {
                    *hasher = None;
                    return fail(BodyError::Refused(error));
                }
                if let Some(before) = held.replace(data) {
                    return Poll::Ready(Some(Ok(Frame::data(before))));
                }
            }
            None => {
                let received = hasher.take().map(BodyHasher::finish);
                if received != Some(ReceivedBody::Sha256(*expected)) {
                    return fail(BodyError::Refused(VerifyError::PayloadMismatch));
                }
            }
        }
    }
}

fn exactly(length: usize) -> SizeHint {
    SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
}

/// The body of an answer: the service's own, or that of a refusal.
#[derive(Debug)]
pub struct RefusableBody<B>(Answer<B>);

#[derive(Debug)]
enum Answer<B> {
    Served(B),
    Refused(Option<Bytes>),
}

impl<B> RefusableBody<B> {
    pub(super) const fn served(body: B) -> Self {
        Self(Answer::Served(body))
    }

    pub(super) fn refused(text: String) -> Self {
        Self(Answer::Refused(Some(text.into())))
    }
}

impl<B: Body<Data = Bytes> + Unpin> Body for RefusableBody<B> {
    type Data = Bytes;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, B::Error>>> {
        match &mut self.0 {
            Answer::Served(body) => Pin::new(body).poll_frame(cx),
            Answer::Refused(text) => {
                let text = text.take().filter(|text| !text.is_empty());
                Poll::Ready(text.map(|text| Ok(Frame::data(text))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Answer::Served(body) => body.is_end_stream(),
            Answer::Refused(text) => text.as_ref().is_none_or(Bytes::is_empty),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Answer::Served(body) => body.size_hint(),
            Answer::Refused(text) => exactly(text.as_ref().map_or(0, Bytes::len)),
        }
    }
}

/// The body of a request that was signed: as it was given, held whole since it had to be hashed first, or sent in chunks.
#[derive(Debug)]
pub struct SignedBody<B>(Sent<B>);

#[derive(Debug)]
enum Sent<B> {
    AsGiven(B),
    Whole(Option<Bytes>),
    Chunked(Box<ChunkedBody<B>>),
}

impl<B> SignedBody<B> {
    pub(super) fn chunked(body: ChunkedBody<B>) -> Self {
        Self(Sent::Chunked(Box::new(body)))
    }

    pub(super) const fn as_given(body: B) -> Self {
        Self(Sent::AsGiven(body))
    }

    pub(super) const fn whole(bytes: Bytes) -> Self {
        Self(Sent::Whole(Some(bytes)))
    }
}

impl<B: Body + Unpin> Body for SignedBody<B> {
    type Data = Bytes;
    type Error = SendBodyError<B::Error>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        match &mut self.0 {
            Sent::AsGiven(body) => Pin::new(body)
                .poll_frame(cx)
                .map_ok(|frame| frame.map_data(|mut data| data.copy_to_bytes(data.remaining())))
                .map_err(SendBodyError::Transport),
            Sent::Chunked(body) => Pin::new(body).poll_frame(cx),
            Sent::Whole(bytes) => {
                let bytes = bytes.take().filter(|bytes| !bytes.is_empty());
                Poll::Ready(bytes.map(|bytes| Ok(Frame::data(bytes))))
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        match &self.0 {
            Sent::AsGiven(body) => body.is_end_stream(),
            Sent::Chunked(body) => body.is_end_stream(),
            Sent::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
        }
    }

    fn size_hint(&self) -> SizeHint {
        match &self.0 {
            Sent::AsGiven(body) => body.size_hint(),
            Sent::Chunked(body) => body.size_hint(),
            Sent::Whole(bytes) => exactly(bytes.as_ref().map_or(0, Bytes::len)),
        }
    }
}

/// Reads a whole body of at most `limit` bytes. Trailers are dropped.
pub(super) async fn collect<B: Body + Unpin>(
    mut body: B,
    limit: usize,
) -> Result<Bytes, BodyError<B::Error>> {
    let mut all = bytes::BytesMut::new();
    loop {
        let frame = core::future::poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await;
        let Some(frame) = frame else {
            return Ok(all.freeze());
        };
        let Ok(mut data) = frame.map_err(BodyError::Transport)?.into_data() else {
            continue;
        };
        if all.len().saturating_add(data.remaining()) > limit {
            return Err(BodyError::Refused(VerifyError::TooLarge(Limit::Body)));
        }
        // One piece, as it is for most requests, is passed on without a copy.
        if all.is_empty() && body.is_end_stream() {
            return Ok(data.copy_to_bytes(data.remaining()));
        }
        while data.has_remaining() {
            let chunk = data.chunk();
            all.extend_from_slice(chunk);
            let length = chunk.len();
            data.advance(length);
        }
    }
}
