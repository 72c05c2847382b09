//! What the events of a stream mean: bytes to print, or why no more come.

use http::HeaderMap;
use http::header::CONTENT_TYPE;

use crate::event_stream::{Broken, Decoder, Frame};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::fields;

/// An event stream that is being read.
#[derive(Debug, Default)]
pub(crate) struct Events {
    decoder: Decoder,
    /// Lambda's stream has begun, which ends with an event of its own.
    is_invocation: bool,
    complete: Option<Complete>,
}

/// Lambda's last event: what headers say elsewhere.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub(crate) struct Complete {
    /// Code and details of the function's error.
    pub(crate) error: Option<(String, String)>,
    /// The end of the log, in base64.
    pub(crate) log: Option<String>,
}

impl Events {
    /// A stream, if these are the headers of one.
    pub(crate) fn of(headers: &HeaderMap) -> Option<Self> {
        let content_type = headers.get(CONTENT_TYPE)?.to_str().ok()?;
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        essence
            .eq_ignore_ascii_case("application/vnd.amazon.eventstream")
            .then(Self::default)
    }

    /// Gives to `print` what the bytes carry.
    ///
    /// # Errors
    ///
    /// * [`Exit::EventStream`] for a stream that is broken.
    /// * [`Exit::StreamException`] for an exception that the service sends.
    /// * Whatever `print` fails with.
    pub(crate) fn push(
        &mut self,
        mut bytes: &[u8],
        print: &mut dyn FnMut(&[u8]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        while let Some(frame) = self.decoder.next(&mut bytes).map_err(broken)? {
            match frame.text(":message-type") {
                Some("exception") => {
                    let name = frame.text(":exception-type").unwrap_or("exception");
                    let payload = String::from_utf8_lossy(frame.payload);
                    let message = fields::json(&payload, "message")
                        .or_else(|| fields::json(&payload, "Message"))
                        .unwrap_or_else(|| payload.into_owned());
                    return Err(exception(name, &message));
                }
                Some("error") => {
                    return Err(exception(
                        frame.text(":error-code").unwrap_or("error"),
                        frame.text(":error-message").unwrap_or_default(),
                    ));
                }
                _ => {}
            }
            match frame.text(":event-type") {
                // The answer of the operation itself, which is no event.
                Some("initial-response") => {}
                Some("InvokeComplete") => self.complete = Some(complete(&frame)?),
                kind => {
                    self.is_invocation |= kind == Some("PayloadChunk");
                    print(frame.payload)?;
                    // A text of JSON has to end somewhere, lest the next be a part of it.
                    if frame.text(":content-type") == Some("application/json")
                        && !frame.payload.ends_with(b"\n")
                    {
                        print(b"\n")?;
                    }
                }
            }
        }
        Ok(())
    }

    /// The stream is over: what its end says.
    ///
    /// # Errors
    ///
    /// [`Exit::Partial`] if this cannot be the end.
    pub(crate) fn finish(self) -> Result<Option<Complete>, Failure> {
        self.decoder.finish().map_err(broken)?;
        if self.is_invocation && self.complete.is_none() {
            return Err(Failure::new(
                Exit::Partial,
                "event stream: it ended without InvokeComplete, so the payload may not be whole",
            ));
        }
        Ok(self.complete)
    }
}

fn complete(frame: &Frame<'_>) -> Result<Complete, Failure> {
    let value: serde_json::Value = serde_json::from_slice(frame.payload).map_err(|error| {
        Failure::because(
            Exit::EventStream,
            "event stream: InvokeComplete is not JSON",
            error,
        )
    })?;
    let text = |name: &str| value.get(name)?.as_str().map(str::to_owned);
    Ok(Complete {
        error: text("ErrorCode").map(|code| (code, text("ErrorDetails").unwrap_or_default())),
        log: text("LogResult"),
    })
}

fn exception(name: &str, message: &str) -> Failure {
    let joint = if message.trim().is_empty() { "" } else { ": " };
    Failure::new(
        Exit::StreamException,
        format!("event stream: the service ends it with {name}{joint}{message}"),
    )
}

fn broken(broken: Broken) -> Failure {
    let exit = match broken {
        Broken::Cut => Exit::Partial,
        _ => Exit::EventStream,
    };
    Failure::because(exit, "event stream", broken)
}
