//! Runs a command in a shell: bytes in, bytes out, for a limited time.

use std::fmt;
use std::io;
use std::process::{ExitStatus, Stdio};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::join3;
use sigv4::Protocol;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWriteExt};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use super::accept::Alive;
use super::log::Log;

/// Runs commands.
#[derive(Debug, Clone)]
pub(super) struct Running {
    pub(super) log: Arc<Log>,
    /// Those that nobody waits for are counted here.
    pub(super) alive: Alive,
}

/// What came of a command.
#[derive(Debug)]
pub(super) struct Ran {
    pub(super) status: ExitStatus,
    pub(super) stdout: Vec<u8>,
    /// The end of its standard error.
    pub(super) tail: Vec<u8>,
}

/// What can go wrong with a command.
#[derive(Debug)]
pub(super) enum Trouble {
    Start(io::Error),
    TimedOut(Duration),
    Failed(ExitStatus),
    TooMuch,
    NoAnswer(String),
}

impl Ran {
    /// What it printed, unless it failed.
    pub(super) fn whole(self) -> Result<Vec<u8>, Trouble> {
        if self.status.success() {
            Ok(self.stdout)
        } else {
            Err(Trouble::Failed(self.status))
        }
    }
}

impl Running {
    /// Runs `command` with `input` on its standard input.
    pub(super) async fn run(
        &self,
        command: &str,
        input: Bytes,
        variables: &[(&str, String)],
        limit: Duration,
    ) -> Result<Ran, Trouble> {
        let mut started = start(command, variables)?;
        let group = Group::of(&started);
        let work = async {
            let (stdin, stdout, stderr) = (
                started.stdin.take(),
                started.stdout.take(),
                started.stderr.take(),
            );
            let ((), stdout, tail) =
                join3(feed(stdin, input), whole(stdout), self.tail(stderr)).await;
            let status = started.wait().await.map_err(Trouble::Start)?;
            Ok(Ran {
                status,
                stdout: stdout?,
                tail,
            })
        };
        let outcome = timeout(limit, work).await;
        if matches!(outcome, Ok(Ok(_))) {
            group.done();
        }
        outcome.unwrap_or(Err(Trouble::TimedOut(limit)))
    }

    /// Passes on what a command says on its standard error, and keeps the end of it.
    pub(super) async fn tail(&self, stderr: Option<impl AsyncRead + Unpin>) -> Vec<u8> {
        let mut tail = Vec::new();
        let Some(mut stderr) = stderr else {
            return tail;
        };
        let mut buffer = vec![0; 8192];
        while let Ok(length @ 1..) = stderr.read(&mut buffer).await {
            let read = buffer.get(..length).unwrap_or_default();
            self.log.write(read.to_vec());
            tail.extend_from_slice(read);
            let surplus = tail.len().saturating_sub(TAIL);
            tail.drain(..surplus);
        }
        tail
    }
}

pub(super) fn start(command: &str, variables: &[(&str, String)]) -> Result<Child, Trouble> {
    #[cfg(unix)]
    let (shell, option) = ("/bin/sh", "-c");
    #[cfg(not(unix))]
    let (shell, option) = ("cmd", "/C");
    let mut shell = Command::new(shell);
    shell
        .args([option, command])
        .envs(variables.iter().map(|(name, value)| (*name, value)))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    // A Ctrl-C is for us: who is at work may finish.
    #[cfg(unix)]
    shell.process_group(0);
    shell.spawn().map_err(Trouble::Start)
}

pub(super) async fn feed(stdin: Option<impl tokio::io::AsyncWrite + Unpin>, input: Bytes) {
    if let Some(mut stdin) = stdin {
        // A command that does not read its input is in its right.
        let _ = stdin.write_all(&input).await;
        let _ = stdin.shutdown().await;
    }
}

async fn whole(stdout: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>, Trouble> {
    let mut bytes = Vec::new();
    if let Some(stdout) = stdout {
        let most = u64::try_from(MOST).unwrap_or(u64::MAX).saturating_add(1);
        stdout
            .take(most)
            .read_to_end(&mut bytes)
            .await
            .map_err(Trouble::Start)?;
    }
    if bytes.len() > MOST {
        return Err(Trouble::TooMuch);
    }
    Ok(bytes)
}

/// A shell and all that it started: ended with this, unless it is done.
#[derive(Debug)]
pub(super) struct Group(Option<u32>);

impl Group {
    pub(super) fn of(child: &Child) -> Self {
        Self(child.id())
    }

    /// The shell has ended by itself, and its number may be another's.
    pub(super) fn done(mut self) {
        self.0 = None;
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self
            .0
            .and_then(|id| i32::try_from(id).ok())
            .and_then(rustix::process::Pid::from_raw)
        {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

impl Trouble {
    /// Status and words in which a kind of API tells it.
    pub(super) const fn answer(&self, protocol: Protocol) -> (u16, &'static str) {
        match (self, protocol) {
            (Self::TimedOut(_), Protocol::ApiGatewayHttp) => (503, "Service Unavailable"),
            (Self::TimedOut(_), _) => (504, "Endpoint request timed out"),
            (_, Protocol::ApiGatewayHttp) => (500, "Internal Server Error"),
            (_, Protocol::FunctionUrl) => (502, "Internal Server Error"),
            _ => (502, "Internal server error"),
        }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Start(error) => write!(f, "the command cannot run: {error}"),
            Self::TimedOut(limit) => {
                write!(f, "the command ran longer than {} s", limit.as_secs_f64())
            }
            Self::Failed(status) => write!(f, "the command failed: {status}"),
            Self::TooMuch => write!(f, "the command printed more than {MOST} bytes"),
            Self::NoAnswer(why) => write!(f, "what the command printed is no answer: {why}"),
        }
    }
}

/// How much of standard error is kept: what Lambda gives in X-Amz-Log-Result.
pub(super) const TAIL: usize = 4096;
/// How much a command may print: Lambda's limit and a little.
const MOST: usize = 10 * 1024 * 1024;
