//! Bodies in chunks: decoded as they arrive, encoded as they are sent.

use alloc::collections::VecDeque;
use core::fmt;
use core::pin::Pin;
use core::task::{Context, Poll, ready};

use bytes::{Buf, Bytes};
use http_body::{Body, Frame, SizeHint};

use super::body::{BodyError, Polled};
use crate::chunked::{ChunkDecoder, ChunkEncoder, ChunkSigner, Piece};

/// An aws-chunked body on its way to the service.
#[derive(Debug)]
pub(super) struct Decoding<B> {
    inner: B,
    decoder: ChunkDecoder,
    /// What arrived and is not taken yet.
    input: Bytes,
    /// The last piece that came out: given out once there is another, or all is known to be right.
    held: Option<Bytes>,
    /// Bytes that are still to be given out.
    left: u64,
    ended: bool,
}

impl<B> Decoding<B> {
    pub(super) fn new(inner: B, decoder: ChunkDecoder) -> Self {
        Self {
            inner,
            left: decoder.remaining(),
            decoder,
            input: Bytes::new(),
            held: None,
            ended: false,
        }
    }

    pub(super) const fn left(&self) -> u64 {
        self.left
    }

    pub(super) const fn is_end_stream(&self) -> bool {
        self.ended && self.held.is_none()
    }

    fn give(&mut self, data: Bytes) -> Frame<Bytes> {
        let length = u64::try_from(data.len()).unwrap_or(u64::MAX);
        self.left = self.left.saturating_sub(length);
        Frame::data(data)
    }

    fn fail<E>(&mut self, error: BodyError<E>) -> Polled<E> {
        self.ended = true;
        self.held = None;
        Poll::Ready(Some(Err(error)))
    }
}

impl<B: Body + Unpin> Decoding<B> {
    pub(super) fn poll(&mut self, cx: &mut Context<'_>) -> Polled<B::Error> {
        loop {
            if self.ended {
                let last = self.held.take().map(|data| Ok(self.give(data)));
                return Poll::Ready(last);
            }
            if !self.input.is_empty() {
                let before = self.input.clone();
                let mut rest = &*before;
                let piece = self.decoder.step(&mut rest);
                let taken = before.len().saturating_sub(rest.len());
                self.input.advance(taken);
                let data = match piece {
                    Ok(None) => continue,
                    Ok(Some(Piece::Held)) => Bytes::from(self.decoder.take_held()),
                    Ok(Some(Piece::Input(length))) => {
                        before.slice(taken.saturating_sub(length)..taken)
                    }
                    Err(error) => return self.fail(BodyError::Refused(error)),
                };
                if let Some(data) = self.held.replace(data) {
                    return Poll::Ready(Some(Ok(self.give(data))));
                }
                continue;
            }
            match ready!(Pin::new(&mut self.inner).poll_frame(cx)) {
                Some(Err(error)) => return self.fail(BodyError::Transport(error)),
                Some(Ok(frame)) => {
                    if let Ok(mut data) = frame.into_data() {
                        self.input = data.copy_to_bytes(data.remaining());
                    }
                }
                None => match self.decoder.finish() {
                    Ok(()) => self.ended = true,
                    Err(error) => return self.fail(BodyError::Refused(error)),
                },
            }
        }
    }
}

/// A body that is sent in chunks, each signed when it is complete.
///
/// * [`SignLayer`](super::SignLayer) makes one of the body of a request with a
///   [`ChunkedPayload`](crate::ChunkedPayload) in its extensions.
/// * It holds at most one chunk and what the body gave last.
/// * Trailers of the body itself are dropped: those of the chunks are part of the bytes.
///
/// ```
/// use sigv4::tower::ChunkedBody;
/// use sigv4::{AmzDate, ChunkedPayload, Credentials, Signer, StreamingMode};
///
/// let signer = Signer::new(Credentials::new("AKIDEXAMPLE", "secret")?, "us-east-1", "s3")?;
/// let mut request = http::Request::put("https://bucket.s3.amazonaws.com/key").body(())?;
/// let payload = ChunkedPayload::new(StreamingMode::Signed, 5)?;
/// let chunks = signer.sign_chunked_request(&mut request, &payload, AmzDate::now())?;
/// let body = http_body_util::Full::new(bytes::Bytes::from("hello"));
/// let request = request.map(|()| ChunkedBody::new(body, chunks));
/// # let _ = request;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct ChunkedBody<B> {
    /// `None` once its end was reached.
    inner: Option<B>,
    encoder: ChunkEncoder,
    input: Bytes,
    output: VecDeque<Bytes>,
    left: u64,
}

impl<B> ChunkedBody<B> {
    /// A body for the request whose head made this signer.
    #[must_use]
    pub fn new(inner: B, chunks: ChunkSigner) -> Self {
        let encoder = chunks.into_encoder();
        Self {
            inner: Some(inner),
            left: encoder.encoded_len(),
            encoder,
            input: Bytes::new(),
            output: VecDeque::new(),
        }
    }

    fn fail<E>(
        &mut self,
        error: SendBodyError<E>,
    ) -> Poll<Option<Result<Frame<Bytes>, SendBodyError<E>>>> {
        self.inner = None;
        self.input.clear();
        self.output.clear();
        Poll::Ready(Some(Err(error)))
    }

    /// Encodes some of the input.
    fn encode(&mut self) -> Result<(), crate::error::SignError> {
        let before = self.input.clone();
        let mut rest = &*before;
        if let Some(chunk) = self.encoder.encode(&mut rest)? {
            let [head, data, tail] = chunk.slices();
            // A chunk within the input is passed on as it is, one that was gathered is copied out.
            let taken = before.len().saturating_sub(rest.len());
            let data = if taken == data.len() {
                before.slice(..taken)
            } else {
                Bytes::copy_from_slice(data)
            };
            let [head, tail] = [head, tail].map(Bytes::copy_from_slice);
            self.output.extend([head, data, tail]);
        }
        self.input.advance(before.len().saturating_sub(rest.len()));
        Ok(())
    }
}

impl<B: Body + Unpin> Body for ChunkedBody<B> {
    type Data = Bytes;
    type Error = SendBodyError<B::Error>;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        loop {
            if let Some(piece) = self.output.pop_front() {
                let length = u64::try_from(piece.len()).unwrap_or(u64::MAX);
                self.left = self.left.saturating_sub(length);
                return Poll::Ready(Some(Ok(Frame::data(piece))));
            }
            if !self.input.is_empty() {
                if self.encode().is_err() {
                    return self.fail(SendBodyError::Length);
                }
                continue;
            }
            let Some(inner) = &mut self.inner else {
                return Poll::Ready(None);
            };
            match ready!(Pin::new(inner).poll_frame(cx)) {
                Some(Err(error)) => return self.fail(SendBodyError::Transport(error)),
                Some(Ok(frame)) => {
                    if let Ok(mut data) = frame.into_data() {
                        self.input = data.copy_to_bytes(data.remaining());
                    }
                }
                None => {
                    self.inner = None;
                    let mut end = alloc::vec::Vec::new();
                    match self.encoder.finish() {
                        Ok(chunk) => chunk.append_to(&mut end),
                        Err(_) => return self.fail(SendBodyError::Length),
                    }
                    self.output.push_back(end.into());
                }
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_none() && self.input.is_empty() && self.output.is_empty()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

/// A body could not be sent.
#[derive(Debug)]
#[non_exhaustive]
pub enum SendBodyError<E> {
    /// It is not as long as was said when its request was signed.
    Length,
    /// It could not be read.
    Transport(E),
}

impl<E: fmt::Display> fmt::Display for SendBodyError<E> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length => fmt::Display::fmt(&crate::error::SignError::BodyLength, f),
            Self::Transport(error) => fmt::Display::fmt(error, f),
        }
    }
}

// `Display` is the whole story, so that the error of a body need not be an `Error`: a boxed one is none.
impl<E: fmt::Debug + fmt::Display> core::error::Error for SendBodyError<E> {}
