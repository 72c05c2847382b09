//! The messages to send: those of the command line, else the lines of standard input.

use std::collections::VecDeque;
use std::io::{self, BufRead, Read};
use std::task::{Context, Poll};

use tokio::sync::mpsc;

use crate::exit::Exit;
use crate::failure::Failure;

/// Where messages come from. What a lost connection has not taken is there for the next.
#[derive(Debug)]
pub(crate) enum Input {
    /// `--execute`
    Given(VecDeque<String>),
    /// Standard input.
    Lines(mpsc::Receiver<Result<String, Failure>>),
    /// There are no more.
    Over,
}

impl Input {
    /// Reads standard input from now on, a few lines ahead of what is sent.
    ///
    /// On a thread of its own, which nothing waits for: a terminal may never have another line.
    pub(crate) fn lines() -> Self {
        let (sender, receiver) = mpsc::channel(AHEAD);
        std::thread::spawn(move || {
            let mut stdin = io::stdin().lock();
            while let Some(line) = line(&mut stdin) {
                let is_last = line.is_err();
                if sender.blocking_send(line).is_err() || is_last {
                    break;
                }
            }
        });
        Self::Lines(receiver)
    }

    /// Whether there is nothing more to come.
    pub(crate) const fn is_over(&self) -> bool {
        matches!(self, Self::Over)
    }

    /// The next message; `None` once, at the end.
    pub(crate) fn poll(
        &mut self,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<String, Failure>>> {
        let next = match self {
            Self::Given(messages) => messages.pop_front().map(Ok),
            Self::Lines(lines) => match lines.poll_recv(context) {
                Poll::Ready(line) => line,
                Poll::Pending => return Poll::Pending,
            },
            Self::Over => return Poll::Pending,
        };
        if next.is_none() {
            *self = Self::Over;
        }
        Poll::Ready(next)
    }
}

/// The next line, without its end.
fn line(input: &mut impl BufRead) -> Option<Result<String, Failure>> {
    let mut bytes = Vec::new();
    let read = input.take(MOST_IN_LINE).read_until(b'\n', &mut bytes);
    match read {
        Ok(0) => return None,
        Ok(_) => {}
        Err(error) => {
            return Some(Err(Failure::because(
                Exit::Read,
                "cannot read standard input",
                error,
            )));
        }
    }
    if bytes.pop_if(|last| *last == b'\n').is_some() {
        bytes.pop_if(|last| *last == b'\r');
    } else if u64::try_from(bytes.len()).is_ok_and(|length| length == MOST_IN_LINE) {
        return Some(Err(Failure::new(
            Exit::Read,
            format!("a line of standard input is longer than {MOST_IN_LINE} bytes"),
        )));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::new(
            Exit::Read,
            "a line of standard input is not UTF-8, which a text message has to be",
        )
    });
    Some(text)
}

const AHEAD: usize = 8;
/// Whoever means to send more at once means something else.
const MOST_IN_LINE: u64 = 16 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_lose_their_ends_and_nothing_else() {
        let mut input = b"a \r\n\n\xc3\xa9\r\r\nlast".as_slice();
        let found: Vec<_> = std::iter::from_fn(|| line(&mut input))
            .map(Result::unwrap)
            .collect();
        assert_eq!(found, ["a ", "", "é\r", "last"]);
        assert!(line(&mut b"\xff\n".as_slice()).unwrap().is_err());
        let long = vec![b'a'; usize::try_from(MOST_IN_LINE).unwrap()];
        assert!(line(&mut long.as_slice()).unwrap().is_err());
    }
}
