//! The opening handshake: a GET that asks for another protocol, and an answer that agrees.

use std::cell::RefCell;

use http::header::{
    CONNECTION, HeaderMap, HeaderName, HeaderValue, SEC_WEBSOCKET_ACCEPT, SEC_WEBSOCKET_EXTENSIONS,
    SEC_WEBSOCKET_KEY, SEC_WEBSOCKET_PROTOCOL, SEC_WEBSOCKET_VERSION, UPGRADE,
};
use http::{Method, StatusCode};
use tokio_tungstenite::tungstenite::handshake::client::generate_key;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;

use crate::exchange::{Exchange, Hints};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::hop::Hop;
use crate::plan::RequestPlan;
use crate::print::Narrator;
use crate::report::Facts;
use crate::run;
use crate::send::{Answer, Sender, Upgraded};
use crate::sign::Signing;
use crate::transfer::Transfer;

/// What came of a handshake.
#[derive(Debug)]
pub(crate) enum Opened {
    /// A connection, ours to talk over.
    Socket(Upgraded),
    /// Any other answer, and what to say below it.
    Refused(Box<Answer>, Hints),
    /// Nothing was sent: `--dry-run`.
    Shown,
}

/// Makes the request a handshake.
///
/// What belongs to this one connection stays unsigned, since a gateway speaks for itself behind it, and so does Accept,
/// which says nothing here.
pub(crate) fn make_handshake(plan: &mut RequestPlan) {
    let fixed = [
        (CONNECTION, "Upgrade"),
        (UPGRADE, "websocket"),
        (SEC_WEBSOCKET_VERSION, "13"),
    ];
    for (name, value) in fixed {
        plan.headers.insert(name, HeaderValue::from_static(value));
    }
    let unsigned = UNSIGNED.iter().map(|name| (*name).to_owned());
    plan.controls.unsigned_headers.extend(unsigned);
    // HTTP/2 has another way, which API Gateway does not know.
    plan.connection.http1_only = true;
}

/// The handshake makes these headers itself.
pub(crate) fn refuse_headers(plan: &RequestPlan) -> Result<(), Failure> {
    let made = [
        CONNECTION,
        UPGRADE,
        SEC_WEBSOCKET_KEY,
        SEC_WEBSOCKET_VERSION,
        SEC_WEBSOCKET_EXTENSIONS,
    ];
    match made.iter().find(|name| plan.headers.contains_key(*name)) {
        Some(name) => Err(Failure::usage(format!(
            "the header '{name}' is for sigcurl to send with a WebSocket handshake: leave out -H '{name}: …'"
        ))),
        None => Ok(()),
    }
}

/// Signs with keys that are looked up anew, sends, and sees what the server says.
///
/// # Errors
///
/// As for every request; for an answer that agrees to something else.
pub(crate) async fn open(plan: &RequestPlan) -> Result<Opened, Failure> {
    let narrator = Narrator::new(&plan.output);
    let mut hop = Hop::first(plan, plan.body.read()?)?;
    let key = generate_key();
    let value = HeaderValue::from_str(&key).map_err(|error| Failure::usage(error.to_string()))?;
    hop.headers.insert(SEC_WEBSOCKET_KEY, value);

    let facts = RefCell::new(Facts::new(&plan.url, &Method::GET));
    let transfer = Transfer::new(plan, &facts, Sender::new(plan.connection.clone()));
    let (answer, hints) = if plan.controls.plain {
        narrator.note("Not signed (--no-sign)");
        if let Some(how) = plan.dry_run {
            transfer.show(how, &hop, None)?;
            return Ok(Opened::Shown);
        }
        let (answer, _) = transfer.send(&hop, None).await?;
        narrator.answer(&answer.head);
        (answer, Hints::default())
    } else {
        run::refuse_absent(plan, &hop)?;
        let mut signed = run::signed(plan, narrator).await?;
        if let Some(how) = plan.dry_run {
            transfer.show(how, &hop, Some(&signed.signing))?;
            return Ok(Opened::Shown);
        }
        let mut exchange = Exchange::new(plan, &signed.region, &signed.key);
        let send = async |hop: &Hop, signing: &Signing| transfer.send(hop, Some(signing)).await;
        exchange
            .perform(&mut hop, &mut signed.signing, send)
            .await?
    };
    if answer.head.status != StatusCode::SWITCHING_PROTOCOLS {
        return Ok(Opened::Refused(Box::new(answer), hints));
    }
    check(&answer.head.headers, &hop.headers, &key)?;
    answer.upgrade().await.map(Opened::Socket)
}

/// What RFC 6455 asks a client to check.
fn check(answer: &HeaderMap, sent: &HeaderMap, key: &str) -> Result<(), Failure> {
    let accepted = answer.get(SEC_WEBSOCKET_ACCEPT).map(HeaderValue::as_bytes);
    let expected = derive_accept_key(key.as_bytes());
    let why = if !has_word(answer, &UPGRADE, "websocket") {
        "it does not say Upgrade: websocket"
    } else if !has_word(answer, &CONNECTION, "upgrade") {
        "it does not say Connection: Upgrade"
    } else if accepted != Some(expected.as_bytes()) {
        "its Sec-WebSocket-Accept is not the one for our key"
    } else if answer.contains_key(SEC_WEBSOCKET_EXTENSIONS) {
        "it wants an extension, and none was offered"
    } else if let Some(chosen) = answer.get(SEC_WEBSOCKET_PROTOCOL)
        && !chosen
            .to_str()
            .is_ok_and(|chosen| has_word(sent, &SEC_WEBSOCKET_PROTOCOL, chosen))
    {
        "it wants a subprotocol that was not offered"
    } else {
        return Ok(());
    };
    Err(Failure::new(
        Exit::WeirdReply,
        format!("the answer to the handshake makes no WebSocket: {why}"),
    ))
}

/// Whether the list in a header has `word`, in any case.
fn has_word(headers: &HeaderMap, name: &HeaderName, word: &str) -> bool {
    let values = headers.get_all(name).iter();
    values
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .any(|found| found.trim().eq_ignore_ascii_case(word))
}

const UNSIGNED: [&str; 7] = [
    "accept",
    "connection",
    "sec-websocket-extensions",
    "sec-websocket-key",
    "sec-websocket-protocol",
    "sec-websocket-version",
    "upgrade",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn map(text: &str) -> HeaderMap {
        let pairs = text.split('|').filter_map(|line| line.split_once(": "));
        pairs
            .map(|(name, value)| (name.parse::<HeaderName>().unwrap(), value.parse().unwrap()))
            .collect()
    }

    /// The key and its answer are RFC 6455's example.
    #[test]
    fn only_an_answer_that_agrees_makes_a_websocket() {
        let key = "dGhlIHNhbXBsZSBub25jZQ==";
        let accept = "sec-websocket-accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=";
        let base = format!("upgrade: WebSocket|connection: keep-alive, Upgrade|{accept}");
        let sent = map("sec-websocket-protocol: a, b");
        assert!(check(&map(&base), &sent, key).is_ok());
        assert!(
            check(
                &map(&format!("{base}|sec-websocket-protocol: b")),
                &sent,
                key
            )
            .is_ok()
        );
        for wrong in [
            base.replace("WebSocket", "h2c"),
            base.replace("Upgrade", "close"),
            base.replace("s3p", "S3p"),
            base.replace(accept, "x: y"),
            format!("{base}|sec-websocket-protocol: c"),
            format!("{base}|sec-websocket-extensions: permessage-deflate"),
        ] {
            let failure = check(&map(&wrong), &sent, key).unwrap_err();
            assert_eq!(failure.exit(), Exit::WeirdReply, "{wrong}");
        }
    }
}
