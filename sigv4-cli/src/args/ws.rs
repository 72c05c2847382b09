//! `sigcurl ws`

use std::time::Duration;

use clap::Args;

use super::RequestArgs;

/// `sigcurl ws [OPTIONS] URL`
#[derive(Debug, Clone, Args)]
pub struct WsArgs {
    /// Send MSG and read no standard input; several are sent in order
    #[arg(long, value_name = "MSG", allow_hyphen_values = true, help_heading = WEBSOCKET)]
    pub execute: Vec<String>,

    /// How long to wait for answers after the last message, in seconds; default 2, or without end with --count
    #[arg(long, value_name = "SECONDS", value_parser = exact_seconds, help_heading = WEBSOCKET)]
    pub wait: Option<Duration>,

    /// Close after N received messages; fewer of them, with --wait, are a timeout
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..), help_heading = WEBSOCKET)]
    pub count: Option<u64>,

    /// Send a ping every so many seconds, so that nobody on the way takes the connection for idle
    #[arg(long, value_name = "SECONDS", value_parser = some_seconds, help_heading = WEBSOCKET)]
    pub ping: Option<Duration>,

    /// Connect again, signed anew, when the connection is lost or the server closes it with a code other than 1000;
    /// at most N times, or without end
    #[arg(long, value_name = "N", num_args = 0..=1, require_equals = true, default_missing_value = "4294967295",
        help_heading = WEBSOCKET)]
    pub reconnect: Option<u32>,

    /// Write binary messages as they are, with no line end; without this, as lines of base64
    #[arg(long, help_heading = WEBSOCKET)]
    pub binary: bool,

    /// The handshake.
    #[command(flatten)]
    pub request: RequestArgs,
}

fn exact_seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "not a number of seconds".to_owned())?;
    Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())
}

fn some_seconds(text: &str) -> Result<Duration, String> {
    match exact_seconds(text)? {
        Duration::ZERO => Err("has to be more than 0".to_owned()),
        seconds => Ok(seconds),
    }
}

const WEBSOCKET: &str = "WebSocket";

pub(super) const EXAMPLES: &str = "\
Examples:
  sigcurl ws wss://abc123.execute-api.eu-west-1.amazonaws.com/prod
      A line in is a message out, a message in is a line out; the end of input (Ctrl-D) closes
  sigcurl ws --execute '{\"action\": \"join\"}' --count 1 wss://ws.example.com/prod
      Sends one message, prints one answer, closes
  sigcurl ws --presign --ping 300 --reconnect wss://ws.example.com/prod
      Signed in the query, kept open for days

Only the handshake ($connect) is signed: in a header, or with --presign in the query.

Exit codes: 0 if the WebSocket was closed by us, or by the server with 1000 or 1001; 22 if the handshake is refused; \
56 if the connection is lost or closed with any other code; 28 if --count messages did not come in the time of --wait; \
55 if a message is too long for API Gateway; 130 after Ctrl-C, which closes, too.

What was sent before a connection was lost is not sent again by --reconnect.

For API Gateway a message of more than 32 KB is sent in several frames, and one of more than 128 KB not at all.";
