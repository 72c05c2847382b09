//! WebSocket: a handshake that is signed and sent like every other request, then messages, line by line.

mod handshake;
mod input;
mod talk;

use std::time::Duration;

pub(crate) use self::handshake::{Opened, make_handshake, open, refuse_headers};
pub(crate) use self::input::Input;
pub(crate) use self::talk::{End, talk};

/// How to talk.
#[derive(Debug, Clone)]
pub(crate) struct Manners {
    /// How long to wait for answers after the last message; `None` = without end.
    pub(crate) wait: Option<Duration>,
    /// Close after so many messages.
    pub(crate) count: Option<u64>,
    /// Send a ping so often.
    pub(crate) ping: Option<Duration>,
    /// Binary messages as they are, instead of base64.
    pub(crate) binary: bool,
    /// What is longer goes in several frames.
    pub(crate) frame: Option<usize>,
    /// What is longer is not sent.
    pub(crate) message: Option<usize>,
}

/// API Gateway's: a message has 128 KB at most, and a frame 32 KB.
pub(crate) const MOST_IN_MESSAGE: usize = 128 * 1024;
pub(crate) const MOST_IN_FRAME: usize = 32 * 1024;

/// What is wrong with a message of this length.
pub(crate) fn too_long(length: usize, limit: usize) -> String {
    format!(
        "a message of {length} bytes is not sent: API Gateway takes {limit} bytes (128 KB) at most"
    )
}
