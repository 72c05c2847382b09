//! Ctrl-C where there is something to put in order before we go: a temporary file, a connection that is to be closed.

use std::future::poll_fn;
use std::pin::pin;
use std::task::{Context, Poll};

use crate::exit::Exit;
use crate::failure::Failure;

/// What the user or the system asks a process to end with.
#[derive(Debug)]
pub(crate) struct Interrupts {
    #[cfg(unix)]
    signals: Vec<tokio::signal::unix::Signal>,
}

impl Interrupts {
    /// Listens from now on. What cannot be listened to ends the process as ever.
    #[cfg(unix)]
    pub(crate) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};

        let kinds = [
            SignalKind::interrupt(),
            SignalKind::terminate(),
            SignalKind::hangup(),
        ];
        Self {
            signals: kinds
                .into_iter()
                .filter_map(|kind| signal(kind).ok())
                .collect(),
        }
    }

    /// Listens to nothing.
    #[cfg(not(unix))]
    pub(crate) const fn listen() -> Self {
        Self {}
    }

    /// Ready once for each time that the process is asked to end.
    #[cfg(unix)]
    pub(crate) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        if self
            .signals
            .iter_mut()
            .any(|signal| signal.poll_recv(context).is_ready())
        {
            return Poll::Ready(());
        }
        Poll::Pending
    }

    /// Never ready.
    #[cfg(not(unix))]
    pub(crate) const fn poll(&mut self, _: &mut Context<'_>) -> Poll<()> {
        Poll::Pending
    }

    /// Does `work`, and drops it if the process is asked to end.
    ///
    /// # Errors
    ///
    /// Those of `work`; [`Exit::Interrupted`], which says nothing.
    pub(crate) async fn unless<T>(
        &mut self,
        work: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let mut work = pin!(work);
        poll_fn(|context| match self.poll(context) {
            Poll::Ready(()) => Poll::Ready(Err(interrupted())),
            Poll::Pending => work.as_mut().poll(context),
        })
        .await
    }
}

/// What a process ends with that was asked to.
pub(crate) fn interrupted() -> Failure {
    Failure::new(Exit::Interrupted, "interrupted").silenced()
}

/// Does `work`, and drops it if the user or the system asks the process to end.
///
/// # Errors
///
/// Those of `work`; [`Exit::Interrupted`], which says nothing.
pub(crate) async fn unless_interrupted(
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    Interrupts::listen().unless(work).await
}
