//! On a terminal, what is said does not go on in the line in which the answer ends.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether what is on standard output ends without a newline.
static IS_OPEN: AtomicBool = AtomicBool::new(false);

/// These bytes go to standard output.
pub(crate) fn goes_on_with(bytes: &[u8]) {
    if let Some(last) = bytes.last() {
        IS_OPEN.store(*last != b'\n', Ordering::Relaxed);
    }
}

/// Called before something is said on standard error.
pub(crate) fn end() {
    let is_seen = || io::stdout().is_terminal() && io::stderr().is_terminal();
    if IS_OPEN.swap(false, Ordering::Relaxed) && is_seen() {
        let _ = writeln!(io::stderr());
    }
}
