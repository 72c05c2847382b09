//! A body on its way out: read piece by piece, counted, and held back to a speed.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use bytes::Bytes;
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::{Instant, Sleep};

use crate::payload::{Body, CHUNK};
use crate::progress::Meter;

/// A body that the HTTP client reads from.
#[derive(Debug)]
pub struct Upload {
    body: Body,
    at: u64,
    meter: Meter,
    pace: Pace,
    pause: Option<Pin<Box<Sleep>>>,
}

impl Upload {
    /// From its first byte on.
    #[must_use]
    pub const fn new(body: Body, meter: Meter, limit_rate: Option<u64>) -> Self {
        Self {
            body,
            at: 0,
            meter,
            pace: Pace::new(limit_rate),
            pause: None,
        }
    }
}

impl HttpBody for Upload {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(pause) = &mut self.pause {
            ready!(pause.as_mut().poll(context));
            self.pause = None;
        }
        let wanted = self.pace.at_once(CHUNK);
        let bytes = match self.body.read_at(self.at, wanted) {
            Ok(bytes) if bytes.is_empty() => return Poll::Ready(None),
            Ok(bytes) => bytes,
            Err(error) => return Poll::Ready(Some(Err(error))),
        };
        let length = u64::try_from(bytes.len()).unwrap_or_default();
        self.at += length;
        self.meter.sent(length);
        self.pause = self
            .pace
            .after(length)
            .map(|until| Box::pin(tokio::time::sleep_until(until)));
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn is_end_stream(&self) -> bool {
        self.at >= self.body.len()
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.body.len().saturating_sub(self.at))
    }
}

/// `--limit-rate`: when so many bytes may have passed.
#[derive(Debug)]
pub struct Pace {
    rate: Option<u64>,
    passed: u64,
    started: Option<Instant>,
}

impl Pace {
    /// So many bytes per second, or as many as there are.
    #[must_use]
    pub const fn new(rate: Option<u64>) -> Self {
        Self {
            rate,
            passed: 0,
            started: None,
        }
    }

    /// How much to take at once, so that the pauses stay short.
    fn at_once(&self, most: usize) -> usize {
        match self.rate {
            None => most,
            Some(rate) => usize::try_from(rate / 10).unwrap_or(most).clamp(1, most),
        }
    }

    /// So many bytes more have passed: until when to wait now.
    pub fn after(&mut self, bytes: u64) -> Option<Instant> {
        let rate = self.rate?;
        let started = *self.started.get_or_insert_with(Instant::now);
        self.passed += bytes;
        let micros = u128::from(self.passed) * 1_000_000 / u128::from(rate.max(1));
        let due = started.checked_add(Duration::from_micros(u64::try_from(micros).ok()?))?;
        (due > Instant::now()).then_some(due)
    }
}
