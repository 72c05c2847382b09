//! One connection's conversation: what comes in is printed, what there is to say is sent, until one side closes.

use std::future::{Future, poll_fn};
use std::io::{self, Write};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use data_encoding::BASE64;
use futures_util::{Sink, Stream};
use tokio::time::{Instant, Interval, MissedTickBehavior, Sleep};
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::error::ProtocolError;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::protocol::frame::{CloseFrame, Frame};
use tokio_tungstenite::tungstenite::protocol::{Message, Role};
use tokio_tungstenite::tungstenite::{Error, Utf8Bytes};

use super::{Input, Manners, too_long};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::interrupt::{Interrupts, interrupted};
use crate::print::Narrator;
use crate::send::Upgraded;

/// How a conversation ended, if all that was asked for was done or may still be.
#[derive(Debug)]
pub(crate) enum End {
    /// As it should.
    Good,
    /// The server went, saying so (1001), which is no fault.
    Away(Failure),
    /// Otherwise: another connection may do better.
    Lost(Failure),
}

/// Talks until one side closes.
///
/// # Errors
///
/// For what another connection would not mend: input that cannot be read or sent, output that cannot be written, answers
/// that did not come in time, Ctrl-C.
pub(crate) async fn talk(
    socket: Upgraded,
    input: &mut Input,
    received: &mut u64,
    manners: &Manners,
    interrupts: &mut Interrupts,
    narrator: Narrator,
) -> Result<End, Failure> {
    let socket = WebSocketStream::from_raw_socket(socket, Role::Client, None).await;
    let mut talk = Talk {
        socket,
        input,
        manners,
        interrupts,
        narrator,
        queue: Vec::new(),
        writing: false,
        received,
        pings: manners.ping.map(pings),
        until: None,
        closing: false,
        outcome: Ok(()),
        farewell: None,
    };
    if talk.input.is_over() {
        talk.nothing_more_to_say();
    }
    loop {
        let event = poll_fn(|context| talk.poll(context)).await;
        if let Some(end) = talk.take(event) {
            return end;
        }
    }
}

struct Talk<'a> {
    socket: WebSocketStream<Upgraded>,
    input: &'a mut Input,
    manners: &'a Manners,
    interrupts: &'a mut Interrupts,
    narrator: Narrator,
    /// Frames to send, the next one last.
    queue: Vec<Message>,
    /// Whether there are bytes on their way out.
    writing: bool,
    /// How many messages came, over all connections.
    received: &'a mut u64,
    pings: Option<Interval>,
    /// When the waiting for answers, or for the close frame, is over.
    until: Option<Pin<Box<Sleep>>>,
    /// Whether we have said goodbye.
    closing: bool,
    /// What comes of it in the end, if the end is ours.
    outcome: Result<(), Failure>,
    /// The server's goodbye.
    farewell: Option<(u16, String)>,
}

/// Something that happened.
enum Event {
    Received(Option<Result<Message, Error>>),
    Sent(Result<(), Error>),
    Input(Option<Result<String, Failure>>),
    PingIsDue,
    TimeIsUp,
    Interrupted,
}

impl Talk<'_> {
    /// The next event. Reading goes on while writing waits, since the server may do the same.
    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Event> {
        if self.interrupts.poll(context).is_ready() {
            return Poll::Ready(Event::Interrupted);
        }
        let mut socket = Pin::new(&mut self.socket);
        while self.writing || !self.queue.is_empty() {
            match socket.as_mut().poll_flush(context) {
                Poll::Ready(Ok(())) => self.writing = false,
                Poll::Ready(Err(error)) => return Poll::Ready(Event::Sent(Err(error))),
                Poll::Pending => break,
            }
            if let Some(frame) = self.queue.pop() {
                self.writing = true;
                if let Err(error) = socket.as_mut().start_send(frame) {
                    return Poll::Ready(Event::Sent(Err(error)));
                }
            }
        }
        if self.farewell.is_some() && !self.writing {
            return Poll::Ready(Event::Received(None));
        }
        if let Poll::Ready(received) = socket.as_mut().poll_next(context) {
            return Poll::Ready(Event::Received(received));
        }
        if let Some(until) = &mut self.until
            && until.as_mut().poll(context).is_ready()
        {
            self.until = None;
            return Poll::Ready(Event::TimeIsUp);
        }
        if self.closing || self.farewell.is_some() || self.writing {
            return Poll::Pending;
        }
        if let Some(pings) = &mut self.pings
            && pings.poll_tick(context).is_ready()
        {
            return Poll::Ready(Event::PingIsDue);
        }
        self.input.poll(context).map(Event::Input)
    }

    /// What to do about it; `Some` = it is over.
    fn take(&mut self, event: Event) -> Option<Result<End, Failure>> {
        match event {
            Event::Received(Some(Ok(message))) => self.receive(message),
            Event::Received(None) => return Some(self.end(None)),
            Event::Received(Some(Err(error))) | Event::Sent(Err(error)) => {
                return Some(self.end(Some(error)));
            }
            Event::Sent(Ok(())) => {}
            Event::Input(Some(Ok(text))) => self.say(text),
            Event::Input(Some(Err(failure))) => self.close(Err(failure)),
            Event::Input(None) => self.nothing_more_to_say(),
            Event::PingIsDue => {
                self.narrator.note("Ping sent");
                self.queue.push(Message::Ping(Bytes::new()));
            }
            Event::TimeIsUp if self.closing || self.farewell.is_some() => {
                self.narrator.note("The server takes too long to close");
                return Some(self.end(None));
            }
            Event::TimeIsUp => {
                let missing = self.manners.count.filter(|count| *self.received < *count);
                self.close(missing.map_or(Ok(()), |count| Err(too_few(*self.received, count))));
            }
            Event::Interrupted => {
                if self.closing {
                    return Some(Err(interrupted()));
                }
                self.close(Err(interrupted()));
            }
        }
        None
    }

    fn receive(&mut self, message: Message) {
        let printed = match message {
            Message::Text(text) => self.print(text.as_bytes(), true),
            Message::Binary(bytes) if self.manners.binary => self.print(&bytes, false),
            Message::Binary(bytes) => self.print(BASE64.encode(&bytes).as_bytes(), true),
            Message::Ping(_) => {
                self.narrator.note("Ping received, and answered");
                // The pong is queued; it goes out with the next flush.
                self.writing = true;
                Ok(())
            }
            Message::Pong(_) => {
                self.narrator.note("Pong received");
                Ok(())
            }
            Message::Close(frame) => {
                let (code, reason) = match frame {
                    Some(CloseFrame { code, reason }) => (code.into(), reason.to_string()),
                    None => (CloseCode::Status.into(), String::new()),
                };
                self.narrator
                    .note(&format!("Closed by the server: {}", told(code, &reason)));
                self.farewell = Some((code, reason));
                // The answer to it is queued. A server that does not take it is not waited for.
                self.writing = true;
                if !self.closing {
                    self.until = Some(Box::pin(tokio::time::sleep(PATIENCE)));
                }
                Ok(())
            }
            Message::Frame(_) => Ok(()),
        };
        if let Err(failure) = printed {
            self.close(Err(failure));
        }
    }

    /// Prints a message, unless there were enough already.
    fn print(&mut self, bytes: &[u8], as_line: bool) -> Result<(), Failure> {
        let enough = |received: u64| self.manners.count.is_some_and(|count| received >= count);
        if enough(*self.received) {
            return Ok(());
        }
        *self.received = self.received.saturating_add(1);
        let is_last = enough(*self.received);
        let mut stdout = io::stdout().lock();
        let end: &[u8] = if as_line { b"\n" } else { b"" };
        stdout
            .write_all(bytes)
            .and_then(|()| stdout.write_all(end))
            .and_then(|()| stdout.flush())
            .map_err(Failure::stdout)?;
        if is_last {
            self.close(Ok(()));
        }
        Ok(())
    }

    fn say(&mut self, text: String) {
        if let Some(limit) = self.manners.message.filter(|limit| text.len() > *limit) {
            self.close(Err(Failure::new(Exit::Send, too_long(text.len(), limit))));
            return;
        }
        self.narrator.note(&format!("Sending {} bytes", text.len()));
        self.queue = frames(text, self.manners.frame);
        self.queue.reverse();
    }

    /// From here on, there is only waiting for answers.
    fn nothing_more_to_say(&mut self) {
        let Some(wait) = self.manners.wait else {
            return;
        };
        if wait.is_zero() {
            self.close(Ok(()));
        } else {
            self.until = Some(Box::pin(tokio::time::sleep(wait)));
        }
    }

    /// Says goodbye, and gives the server a moment to do so too.
    fn close(&mut self, outcome: Result<(), Failure>) {
        if self.closing {
            return;
        }
        self.closing = true;
        self.outcome = outcome;
        if self.farewell.is_none() {
            let frame = CloseFrame {
                code: CloseCode::Normal,
                reason: Utf8Bytes::from_static(""),
            };
            self.queue.insert(0, Message::Close(Some(frame)));
        }
        self.until = Some(Box::pin(tokio::time::sleep(PATIENCE)));
    }

    /// The connection has ended.
    fn end(&mut self, error: Option<Error>) -> Result<End, Failure> {
        std::mem::replace(&mut self.outcome, Ok(()))?;
        match (self.farewell.take(), error) {
            // What becomes of the connection after that is of no interest.
            (Some((CODE_NORMAL | CODE_NONE, _)), _) => Ok(End::Good),
            (Some((code, reason)), _) => {
                let what = format!("the server closed the WebSocket: {}", told(code, &reason));
                let failure = Failure::new(Exit::Receive, what);
                Ok(if code == CODE_AWAY {
                    End::Away(failure)
                } else {
                    End::Lost(failure)
                })
            }
            (None, _) if self.closing => Ok(End::Good),
            (None, Some(Error::Capacity(error))) => Err(Failure::because(
                Exit::Receive,
                "the server's message is too long",
                error,
            )),
            (None, None | Some(Error::Protocol(ProtocolError::ResetWithoutClosingHandshake))) => {
                Ok(End::Lost(Failure::new(
                    Exit::Receive,
                    "the connection ended without a close frame",
                )))
            }
            (None, Some(error)) => Ok(End::Lost(Failure::because(
                Exit::Receive,
                "the connection is lost",
                error,
            ))),
        }
    }
}

fn pings(period: Duration) -> Interval {
    let mut interval = tokio::time::interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

fn too_few(received: u64, count: u64) -> Failure {
    Failure::new(
        Exit::Timeout,
        format!("timeout: {received} of {count} messages came in the time of --wait"),
    )
}

/// `1011 internal error`
fn told(code: u16, reason: &str) -> String {
    match (code, reason) {
        (CODE_NONE, _) => "no code".to_owned(),
        (code, "") => code.to_string(),
        (code, reason) => format!("{code} {reason}"),
    }
}

/// The message in one frame, or in as many as it takes.
fn frames(text: String, most: Option<usize>) -> Vec<Message> {
    let Some(most) = most.filter(|most| text.len() > *most) else {
        return vec![Message::text(text)];
    };
    let mut rest = Bytes::from(text);
    let (mut frames, mut data) = (Vec::new(), Data::Text);
    while !rest.is_empty() {
        let piece = rest.split_to(most.min(rest.len()));
        let frame = Frame::message(piece, OpCode::Data(data), rest.is_empty());
        frames.push(Message::Frame(frame));
        data = Data::Continue;
    }
    frames
}

const CODE_NORMAL: u16 = 1000;
const CODE_AWAY: u16 = 1001;
/// What a close frame without a code stands for.
const CODE_NONE: u16 = 1005;
/// For the server's close frame.
const PATIENCE: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_message_goes_in_frames_that_make_it_up() {
        let text = "é".repeat(50);
        assert_eq!(frames(text.clone(), None).len(), 1);
        assert_eq!(frames(text.clone(), Some(100)).len(), 1);
        let found = frames(text.clone(), Some(33));
        let mut whole = Vec::new();
        for (index, message) in found.iter().enumerate() {
            let Message::Frame(frame) = message else {
                panic!("{message:?}")
            };
            let head = frame.header();
            assert_eq!(head.is_final, index == 3);
            let data = if index == 0 {
                Data::Text
            } else {
                Data::Continue
            };
            assert_eq!(head.opcode, OpCode::Data(data));
            assert!(frame.payload().len() <= 33);
            whole.extend_from_slice(frame.payload());
        }
        assert_eq!(whole, text.as_bytes());
    }
}
