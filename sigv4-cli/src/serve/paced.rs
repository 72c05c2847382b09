//! A connection whose other end has to keep pace: who sends a head too slowly, or does not read, loses it.

use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use http_body::{Body, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep, sleep_until};

use super::answer::BoxError;

/// From the first byte of a head to its last, and from the connection's beginning to its first request.
const HEAD: Duration = Duration::from_secs(10);
/// Between two pieces of a body, and between two writes.
const STALL: Duration = Duration::from_secs(30);

/// Where a connection stands.
#[derive(Debug)]
pub(super) struct Pace(Mutex<State>);

#[derive(Debug)]
struct State {
    /// Since when a head is on its way.
    head_since: Option<Instant>,
    /// Requests that are being answered.
    busy: usize,
    /// Whether a byte has come.
    touched: bool,
    /// Whether what is read between requests is the beginning of one, as in HTTP/1.
    each: bool,
}

impl Pace {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            head_since: Some(Instant::now()),
            busy: 0,
            touched: false,
            each: true,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on only the first request is waited for: HTTP/2 sends other things, too.
    pub(super) fn only_first(&self) {
        self.state().each = false;
    }

    /// Whether nothing has come at all.
    pub(super) fn is_untouched(&self) -> bool {
        !self.state().touched
    }

    /// A request is being answered, until this is dropped.
    pub(super) fn busy(self: &Arc<Self>) -> Busy {
        let mut state = self.state();
        state.busy = state.busy.saturating_add(1);
        state.head_since = None;
        Busy(Arc::clone(self))
    }

    fn received(&self) {
        let mut state = self.state();
        if state.each && state.busy == 0 && state.head_since.is_none() {
            state.head_since = Some(Instant::now());
        }
        state.touched = true;
    }

    fn head_deadline(&self) -> Option<Instant> {
        self.state().head_since.map(|since| since + HEAD)
    }
}

/// See [`Pace::busy`].
#[derive(Debug)]
pub(super) struct Busy(Arc<Pace>);

impl Drop for Busy {
    fn drop(&mut self) {
        let mut state = self.0.state();
        state.busy = state.busy.saturating_sub(1);
    }
}

/// The connection.
#[derive(Debug)]
pub(super) struct Paced<S> {
    inner: S,
    pace: Arc<Pace>,
    head: Option<Pin<Box<Sleep>>>,
    write: Option<Pin<Box<Sleep>>>,
}

impl<S> Paced<S> {
    pub(super) const fn new(inner: S, pace: Arc<Pace>) -> Self {
        Self {
            inner,
            pace,
            head: None,
            write: None,
        }
    }

    fn written<T>(
        &mut self,
        polled: Poll<io::Result<T>>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if polled.is_ready() {
            self.write = None;
            return polled;
        }
        let timer = self.write.get_or_insert_with(|| Box::pin(sleep(STALL)));
        if timer.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

impl<S: AsyncRead + Unpin> AsyncRead for Paced<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.inner).poll_read(cx, buffer);
        if polled.is_ready() {
            if buffer.filled().len() > before {
                self.pace.received();
            }
            return polled;
        }
        let Some(deadline) = self.pace.head_deadline() else {
            self.head = None;
            return Poll::Pending;
        };
        let timer = self
            .head
            .get_or_insert_with(|| Box::pin(sleep_until(deadline)));
        if timer.deadline() != deadline {
            timer.as_mut().reset(deadline);
        }
        if timer.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
        }
        Poll::Pending
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Paced<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write(cx, bytes);
        self.written(polled, cx)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        pieces: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let polled = Pin::new(&mut self.inner).poll_write_vectored(cx, pieces);
        self.written(polled, cx)
    }

    fn is_write_vectored(&self) -> bool {
        self.inner.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_flush(cx);
        self.written(polled, cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let polled = Pin::new(&mut self.inner).poll_shutdown(cx);
        self.written(polled, cx)
    }
}

/// A request's body that fails if nothing comes for too long.
#[derive(Debug)]
pub(super) struct Prompt<B> {
    inner: B,
    timer: Option<Pin<Box<Sleep>>>,
}

impl<B> Prompt<B> {
    pub(super) const fn new(inner: B) -> Self {
        Self { inner, timer: None }
    }
}

impl<B: Body + Unpin> Body for Prompt<B>
where
    B::Error: Into<BoxError>,
{
    type Data = B::Data;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, io::Error>>> {
        if let Poll::Ready(frame) = Pin::new(&mut self.inner).poll_frame(cx) {
            self.timer = None;
            return Poll::Ready(frame.map(|frame| frame.map_err(io::Error::other)));
        }
        let timer = self.timer.get_or_insert_with(|| Box::pin(sleep(STALL)));
        if timer.as_mut().poll(cx).is_ready() {
            return Poll::Ready(Some(Err(io::ErrorKind::TimedOut.into())));
        }
        Poll::Pending
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}

/// An answer's body, with what is to be dropped after it.
#[derive(Debug)]
pub(super) struct Held<B, G> {
    inner: B,
    _held: G,
}

impl<B, G> Held<B, G> {
    pub(super) const fn new(inner: B, held: G) -> Self {
        Self { inner, _held: held }
    }
}

impl<B: Body + Unpin, G: Unpin> Body for Held<B, G> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.inner).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.inner.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.inner.size_hint()
    }
}
