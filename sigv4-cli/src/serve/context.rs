//! What is known of the request that is being answered, for whoever has nothing but its task.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use sigv4::VerifyError;

use crate::endpoint::random_text;

tokio::task_local! {
    static CURRENT: Arc<Context>;
}

/// One request.
#[derive(Debug)]
pub(super) struct Context {
    id: OnceLock<String>,
    /// Who sent it.
    pub(super) peer: SocketAddr,
    /// Whether over TLS.
    pub(super) tls: bool,
    found: Mutex<Found>,
}

/// What came of it so far.
#[derive(Debug, Default, Clone)]
pub(super) struct Found {
    /// The access key id that it says it is signed with.
    pub(super) key: Option<String>,
    /// Why it is refused.
    pub(super) refused: Option<&'static str>,
    /// What else went wrong, in words that may be logged.
    pub(super) note: Option<String>,
}

impl Context {
    pub(super) fn new(peer: SocketAddr, tls: bool) -> Self {
        Self {
            id: OnceLock::new(),
            peer,
            tls,
            found: Mutex::default(),
        }
    }

    /// The request's id, in the form of a UUID; made when it is first asked for.
    pub(super) fn id(&self) -> &str {
        self.id.get_or_init(|| {
            let text = random_hex().unwrap_or_else(|| "0".repeat(32));
            let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
            format!(
                "{}-{}-4{}-a{}-{}",
                part(0, 8),
                part(8, 12),
                part(13, 16),
                part(17, 20),
                part(20, 32)
            )
        })
    }

    pub(super) fn change(&self, change: impl FnOnce(&mut Found)) {
        change(&mut self.found.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(super) fn found(&self) -> Found {
        self.found
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

/// Does `work` as part of answering the request of `context`.
pub(super) async fn within<T>(context: Arc<Context>, work: impl Future<Output = T>) -> T {
    CURRENT.scope(context, work).await
}

/// The request that is being answered.
pub(super) fn current() -> Option<Arc<Context>> {
    CURRENT.try_with(Arc::clone).ok()
}

/// Notes why the request is refused.
pub(super) fn refused(error: &VerifyError) {
    if let Some(context) = current() {
        context.change(|found| found.refused = Some(error.reason()));
    }
}

/// 32 hexadecimal digits.
fn random_hex() -> Option<String> {
    // Letters and digits of five bits each: the low four of them.
    let text = random_text(32).ok()?;
    let digit = |byte: u8| char::from_digit(u32::from(byte) & 0xf, 16).unwrap_or('0');
    Some(text.bytes().map(digit).collect())
}
