//! A progress bar on standard error, for a transfer that lasts.

use std::io::IsTerminal;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Counts bytes, and shows a bar if there is someone to see it.
#[derive(Debug, Clone, Default)]
pub struct Meter(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    /// When to show a bar; `None` = never.
    from: Option<Instant>,
    bar: Option<ProgressBar>,
    total: Option<u64>,
    uploaded: u64,
    downloaded: u64,
}

impl Meter {
    /// A bar after a second, or at once; none unless standard error is a terminal.
    #[must_use]
    pub fn new(wanted: bool, at_once: bool) -> Self {
        let wait = if at_once {
            Duration::ZERO
        } else {
            Duration::from_secs(1)
        };
        let shown = wanted && std::io::stderr().is_terminal();
        Self(Arc::new(Mutex::new(State {
            from: shown.then(|| Instant::now() + wait),
            ..State::default()
        })))
    }

    /// A body of so many bytes is about to go or to come.
    pub fn expect(&self, total: Option<u64>) {
        self.with(|state| {
            state.total = total;
            state.clear();
        });
    }

    /// Bytes of the request's body have gone.
    pub fn sent(&self, bytes: u64) {
        self.with(|state| {
            state.uploaded += bytes;
            state.show(state.uploaded);
        });
    }

    /// Bytes of the answer's body have come.
    pub fn received(&self, bytes: u64) {
        self.with(|state| {
            state.downloaded += bytes;
            state.show(state.downloaded);
        });
    }

    /// Counts from nothing again.
    pub fn reset(&self) {
        self.with(|state| {
            state.clear();
            state.uploaded = 0;
            state.downloaded = 0;
        });
    }

    /// Takes the bar off the screen.
    pub fn clear(&self) {
        self.with(State::clear);
    }

    /// Bytes of bodies sent and received.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        self.with(|state| (state.uploaded, state.downloaded))
    }

    fn with<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl State {
    fn show(&mut self, position: u64) {
        if self.from.is_none_or(|from| Instant::now() < from) {
            return;
        }
        let total = self.total;
        let bar = self.bar.get_or_insert_with(|| bar(total));
        bar.set_position(position);
    }

    fn clear(&mut self) {
        if let Some(bar) = self.bar.take() {
            bar.finish_and_clear();
        }
    }
}

fn bar(total: Option<u64>) -> ProgressBar {
    let style = match total {
        Some(_) => {
            "{bar:40} {percent:>3}% {binary_bytes}/{binary_total_bytes} {binary_bytes_per_sec} {eta}"
        }
        None => "{spinner} {binary_bytes} {binary_bytes_per_sec} {elapsed}",
    };
    let bar = ProgressBar::with_draw_target(total, ProgressDrawTarget::stderr());
    match ProgressStyle::with_template(style) {
        Ok(style) => bar.with_style(style),
        Err(_) => bar,
    }
}
