//! Ctrl-C while a file is being written: the temporary file goes before we do.

use crate::exit::Exit;
use crate::failure::Failure;

/// Does `work`, and drops it if the user or the system asks the process to end.
///
/// # Errors
///
/// Those of `work`; [`Exit::Interrupted`], which says nothing.
#[cfg(unix)]
pub(crate) async fn unless_interrupted(
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    use std::pin::pin;
    use std::task::Poll;
    use tokio::signal::unix::{SignalKind, signal};

    let kinds = [
        SignalKind::interrupt(),
        SignalKind::terminate(),
        SignalKind::hangup(),
    ];
    // Where one cannot be listened to, it ends the process as ever.
    let mut signals: Vec<_> = kinds
        .into_iter()
        .filter_map(|kind| signal(kind).ok())
        .collect();
    let mut work = pin!(work);
    std::future::poll_fn(|context| {
        if signals
            .iter_mut()
            .any(|signal| signal.poll_recv(context).is_ready())
        {
            return Poll::Ready(Err(
                Failure::new(Exit::Interrupted, "interrupted").silenced()
            ));
        }
        work.as_mut().poll(context)
    })
    .await
}

/// Does `work`.
///
/// # Errors
///
/// Those of `work`.
#[cfg(not(unix))]
pub(crate) async fn unless_interrupted(
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    work.await
}
