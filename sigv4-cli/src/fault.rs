//! What went wrong on the wire → exit code and line.

use std::error::Error;
use std::fmt;
use std::io::{self, ErrorKind};

use crate::exit::Exit;
use crate::failure::{Failure, chain};
use crate::payload::Changed;

/// How far the exchange had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// No connection yet.
    Connect,
    /// Connected, but no answer yet.
    Head,
    /// Within the answer's body.
    Body,
}

/// A name without an address. Our own type, so that it can be told from everything else that goes wrong.
#[derive(Debug)]
pub(crate) struct Unresolved {
    pub(crate) name: String,
    pub(crate) cause: io::Error,
}

impl fmt::Display for Unresolved {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.cause)
    }
}

impl Error for Unresolved {}

/// What `error` means, in the midst of a request to `peer`, which is `host` or `host:port`.
pub(crate) fn failure(
    error: &(dyn Error + 'static),
    phase: Phase,
    peer: &str,
    timed_out: bool,
) -> Failure {
    let root = chain(error)
        .last()
        .map(ToString::to_string)
        .unwrap_or_default();
    let say = |exit, what: String| Failure::because(exit, what, root.clone());

    if let Some(changed) = find::<Changed>(error) {
        return Failure::new(Exit::Read, changed.to_string());
    }
    if let Some(unresolved) = find::<Unresolved>(error) {
        let name = &unresolved.name;
        // Only the URL's host and the proxy's are ever looked up.
        return if is_host_of(peer, name) {
            say(Exit::Resolve, format!("cannot resolve host {name}"))
        } else {
            say(Exit::Proxy, format!("cannot resolve proxy {name}"))
        };
    }
    if let Some(tls) = find::<rustls::Error>(error) {
        return match tls {
            rustls::Error::InvalidCertificate(_) => say(
                Exit::Certificate,
                format!("the certificate of {peer} is not trusted (-k accepts any)"),
            ),
            _ if phase == Phase::Body => say(
                Exit::Receive,
                format!("cannot receive the answer of {peer}"),
            ),
            _ => say(Exit::TlsHandshake, format!("no TLS connection to {peer}")),
        };
    }
    if timed_out {
        return Failure::new(Exit::Timeout, format!("timeout, waiting for {peer}"));
    }
    let (exit, what) = match phase {
        Phase::Connect => unconnected(error, peer),
        Phase::Head | Phase::Body => unanswered(error, phase, peer),
    };
    say(exit, what)
}

/// Whether `host` is an address rather than a name.
pub(crate) fn is_address(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    host.parse::<std::net::IpAddr>().is_ok()
}

fn is_host_of(peer: &str, name: &str) -> bool {
    let (host, rest) = peer.split_at_checked(name.len()).unwrap_or_default();
    host.eq_ignore_ascii_case(name) && (rest.is_empty() || rest.starts_with(':'))
}

fn unconnected(error: &(dyn Error + 'static), peer: &str) -> (Exit, String) {
    // These types are private to the HTTP client; their texts are what there is.
    let any = |text: &str| chain(error).any(|cause| cause.to_string().starts_with(text));
    let io = find::<io::Error>(error).map(io::Error::kind);
    if any("tunnel error: failed to create") {
        (
            Exit::Connect,
            format!("cannot connect to the proxy for {peer}"),
        )
    } else if any("tunnel error") {
        (
            Exit::Receive,
            format!("the proxy opens no tunnel to {peer}"),
        )
    } else if io.is_none_or(is_about_the_way) || any("tcp ") {
        (Exit::Connect, format!("cannot connect to {peer}"))
    } else {
        // Connected, and then it ended while TLS was being agreed on.
        (Exit::TlsHandshake, format!("no TLS connection to {peer}"))
    }
}

const fn is_about_the_way(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::ConnectionRefused
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NotFound
            | ErrorKind::PermissionDenied
    )
}

fn unanswered(error: &(dyn Error + 'static), phase: Phase, peer: &str) -> (Exit, String) {
    let hyper = find::<hyper::Error>(error);
    let io = find::<io::Error>(error).map(io::Error::kind);
    let is_over = hyper.is_some_and(|hyper| {
        hyper.is_incomplete_message() || hyper.is_closed() || hyper.is_canceled()
    });
    match (phase, io) {
        _ if hyper.is_some_and(hyper::Error::is_parse) => (
            Exit::WeirdReply,
            format!("the answer of {peer} is not HTTP"),
        ),
        (Phase::Body, Some(ErrorKind::UnexpectedEof)) => (
            Exit::Partial,
            format!("{peer} closed the connection before the body's end"),
        ),
        (Phase::Body, _) if is_over => (
            Exit::Partial,
            format!("{peer} closed the connection before the body's end"),
        ),
        (Phase::Head, None) if is_over => (
            Exit::Empty,
            format!("no answer from {peer}: it closed the connection"),
        ),
        (Phase::Head, Some(ErrorKind::UnexpectedEof)) => (
            Exit::Empty,
            format!("no answer from {peer}: it closed the connection"),
        ),
        (Phase::Head, Some(ErrorKind::BrokenPipe)) => {
            (Exit::Send, format!("cannot send the request to {peer}"))
        }
        _ => (
            Exit::Receive,
            format!("cannot receive the answer of {peer}"),
        ),
    }
}

/// The first cause of type `E`.
fn find<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    chain(error).find_map(|cause| cause.downcast_ref::<E>())
}
