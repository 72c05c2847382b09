//! `sigcurl ws`: the handshake verified by the library, the conversation held by tungstenite's server half.

use std::io::Write;
use std::net::TcpStream;
use std::process::Stdio;
use std::sync::Arc;
use std::time::{Duration, Instant};

use sigv4::AmzDate;
use tokio_tungstenite::tungstenite::handshake::derive_accept_key;
use tokio_tungstenite::tungstenite::protocol::frame::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::{Role, WebSocketConfig};
use tokio_tungstenite::tungstenite::{Message, WebSocket};

use crate::support::process::Sigcurl;
use crate::support::server::{Hit, Server, contains, response};
use crate::support::{REGION, SERVICE};
use crate::tls::config;

type Peer<'a> = WebSocket<&'a mut TcpStream>;

/// Lets in whoever signs the handshake, and talks to them; tells all others why not.
fn server(talk: impl Fn(&mut Peer<'_>, usize) + Send + Sync + 'static) -> Server {
    let count = std::sync::atomic::AtomicUsize::new(0);
    Server::with_stream(move |stream, record| {
        let hit = Hit::read(stream).unwrap();
        let verified = hit.verify(REGION, SERVICE);
        record(hit.clone());
        if let Err(error) = verified {
            let body = format!("{{\"message\":\"{error}\"}}");
            stream
                .write_all(&response("403 Forbidden", &[], &body))
                .unwrap();
            return;
        }
        accept(&hit, stream);
        let number = count.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        let mut peer = WebSocket::from_raw_socket(stream, Role::Server, None);
        talk(&mut peer, number);
    })
}

fn accept(hit: &Hit, stream: &mut impl Write) {
    let key = hit.header("sec-websocket-key").unwrap();
    let head = format!(
        "HTTP/1.1 101 Switching Protocols\r\nconnection: Upgrade\r\nupgrade: websocket\r\nsec-websocket-accept: {}\r\n\r\n",
        derive_accept_key(key.as_bytes())
    );
    stream.write_all(head.as_bytes()).unwrap();
}

/// Sends back what comes, until the other side closes.
fn echo(peer: &mut Peer<'_>) {
    while let Ok(message) = peer.read() {
        if matches!(message, Message::Text(_)) {
            peer.send(message).unwrap();
        }
    }
}

/// Closes, and waits until the other side has done so too.
fn close(peer: &mut Peer<'_>, code: u16, reason: &str) {
    let frame = CloseFrame {
        code: code.into(),
        reason: reason.into(),
    };
    peer.close(Some(frame)).unwrap();
    while peer.read().is_ok() {}
}

fn url(server: &Server, path: &str) -> String {
    format!("ws://{}{path}", server.address)
}

#[test]
fn the_handshake_is_signed_in_both_forms_and_what_is_sent_is_what_is_signed() {
    for form in ["header", "query"] {
        let server = server(|peer, _| echo(peer));
        let mut line = vec!["ws", "--execute", "a b", "--execute", "é", "--count", "2"];
        if form == "query" {
            line.push("--presign");
        }
        let url = url(&server, "/prod/a%20b?x=%2F&y");
        line.extend(["-H", "X-Other: 1", "-H", "Sec-WebSocket-Protocol: a", &url]);
        let outcome = Sigcurl::new()
            .env("AWS_SESSION_TOKEN", "TOKEN")
            .args(line.clone())
            .run();
        // The server was told nothing of a session token.
        assert_eq!(outcome.code, 22, "{outcome:?}");
        let outcome = Sigcurl::new().args(line).run();
        assert_eq!(outcome.succeeds().stdout(), "a b\né\n", "{form}");

        let hit = server.hits().pop().unwrap();
        assert_eq!(hit.method, "GET");
        assert!(hit.target.starts_with("/prod/a%20b?x=%2F&y"));
        assert_eq!(hit.is_signed(), form == "header");
        assert_eq!(hit.target.contains("&X-Amz-Signature="), form == "query");
        let signed = if form == "header" {
            hit.header("authorization").unwrap().to_owned()
        } else {
            hit.target.replace("%3B", ";")
        };
        let date = if form == "header" { ";x-amz-date" } else { "" };
        assert!(
            signed.contains(&format!("SignedHeaders=host{date};x-other")),
            "{signed}"
        );
        for (name, value) in [
            ("connection", "Upgrade"),
            ("upgrade", "websocket"),
            ("sec-websocket-version", "13"),
            ("sec-websocket-protocol", "a"),
        ] {
            assert_eq!(hit.header(name), Some(value), "{name}");
        }
        for name in ["host", "content-length", "x-amz-date", "x-other"] {
            let mut changed = hit.clone();
            let Some((_, value)) = changed.headers.iter_mut().find(|(found, _)| found == name)
            else {
                assert!(matches!(name, "content-length" | "x-amz-date"), "{name}");
                continue;
            };
            value.push(b'0');
            assert!(changed.verify(REGION, SERVICE).is_err(), "{name}");
        }
        let mut changed = hit;
        changed.target = changed.target.replace("a%20b", "a%20c");
        assert!(changed.verify(REGION, SERVICE).is_err());
    }
}

#[test]
fn a_session_token_goes_where_the_signature_goes() {
    for (options, place) in [
        (&[][..], "x-amz-security-token: T/o=\r\n"),
        (&["--presign"], "&X-Amz-Security-Token=T%2Fo%3D&"),
    ] {
        let server = Server::with_stream(|stream, record| {
            let hit = Hit::read(stream).unwrap();
            assert!(hit.verify_with_token(REGION, SERVICE, Some("T/o=")).is_ok());
            accept(&hit, stream);
            record(hit);
            close(
                &mut WebSocket::from_raw_socket(stream, Role::Server, None),
                1000,
                "",
            );
        });
        let outcome = Sigcurl::new()
            .env("AWS_SESSION_TOKEN", "T/o=")
            .args(["ws", "-v"])
            .args(options.iter().copied())
            .args([url(&server, "/prod").as_str()])
            .run();
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        assert!(contains(&server.hit().raw, place.as_bytes()), "{place}");
        assert!(!outcome.stderr.contains("T/o") && !outcome.stderr.contains("T%2Fo"));
        assert!(outcome.stderr.contains("(redacted)"));
    }
}

/// A server behind TLS that would rather speak HTTP/2, and its certificate.
fn tls_server() -> (Server, String) {
    let (mut config, certificate) = config(rustls::ALL_VERSIONS);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let config = Arc::new(config);
    let server = Server::with_stream(move |stream, record| {
        let connection = rustls::ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut tls = rustls::StreamOwned::new(connection, stream);
        let Some(hit) = Hit::read(&mut tls) else {
            return;
        };
        assert!(hit.verify(REGION, SERVICE).is_ok());
        accept(&hit, &mut tls);
        record(hit);
        let mut peer = WebSocket::from_raw_socket(tls, Role::Server, None);
        while let Ok(message) = peer.read() {
            if message.is_text() {
                peer.send(message).unwrap();
            }
        }
    });
    (server, certificate)
}

/// A proxy that opens the tunnel that it is asked for, and records how it was asked.
fn proxy() -> Server {
    Server::with_stream(|stream, record| {
        let hit = Hit::read(stream).unwrap();
        let port = hit.target.rsplit(':').next().unwrap().parse().unwrap();
        record(hit);
        let mut there = TcpStream::connect(("127.0.0.1", port)).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let (mut from, mut to) = (there.try_clone().unwrap(), stream.try_clone().unwrap());
        std::thread::spawn(move || std::io::copy(&mut from, &mut to));
        let _ = std::io::copy(stream, &mut there);
    })
}

#[test]
fn through_tls_with_its_own_trust_and_through_a_proxy() {
    let (server, certificate) = tls_server();
    let proxy = proxy();
    let tunnel = format!("http://{}", proxy.address);
    let url = format!("wss://localhost:{}/prod", server.address.port());
    let run = |sigcurl: Sigcurl, options: &[&str]| {
        sigcurl
            .file("ca.pem", &certificate)
            .args(["ws", "--execute", "x", "--count", "1"])
            .args(options.iter().copied())
            .args([url.as_str()])
            .run()
    };
    for options in [&["-k"][..], &["--cacert", "ca.pem"]] {
        assert_eq!(run(Sigcurl::new(), options).succeeds().stdout(), "x\n");
    }
    let bundle = Sigcurl::new().env("AWS_CA_BUNDLE", "ca.pem");
    assert_eq!(run(bundle, &[]).succeeds().stdout(), "x\n");
    run(Sigcurl::new(), &[]).fails(60, "the certificate of localhost");

    assert!(proxy.hits().is_empty());
    let through = Sigcurl::new().env("https_proxy", &tunnel);
    assert_eq!(run(through, &["-k"]).succeeds().stdout(), "x\n");
    let asked = proxy.hit();
    assert_eq!(asked.method, "CONNECT");
    assert!(!asked.is_signed() && asked.header("x-amz-date").is_none());
    let closed = Sigcurl::new().env("https_proxy", "http://127.0.0.1:1");
    run(closed, &["-k"]).fails(7, "cannot connect to the proxy");
}

#[test]
fn lines_out_and_lines_in_until_the_input_ends() {
    let server = server(|peer, _| echo(peer));
    let outcome = Sigcurl::new()
        .args(["ws", "--wait", "1", &url(&server, "/prod")])
        .stdin(b"one\r\n\n\"two\"")
        .run();
    assert_eq!(outcome.succeeds().stdout(), "one\n\n\"two\"\n");
}

#[test]
fn a_message_is_printed_when_it_comes() {
    let server = server(|peer, _| {
        peer.send(Message::text("hello")).unwrap();
        // The second one is sent once the first was answered.
        echo(peer);
    });
    let mut sigcurl = Sigcurl::new().args(["ws", &url(&server, "/")]);
    let mut child = sigcurl
        .command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut next = || {
        let mut line = String::new();
        std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
        line
    };
    assert_eq!(next(), "hello\n");
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"x\n").unwrap();
    assert_eq!(next(), "x\n");
    drop(stdin);
    assert!(child.wait().unwrap().success());
}

#[test]
fn pings_are_answered_and_sent() {
    let answered = server(|peer, _| {
        peer.send(Message::Ping("p".into())).unwrap();
        while peer.read().unwrap() != Message::Pong("p".into()) {}
        peer.send(Message::text("came")).unwrap();
        while peer.read().is_ok() {}
    });
    let outcome = Sigcurl::new()
        .args(["ws", "--execute", "x", "--count", "1", &url(&answered, "/")])
        .run();
    assert_eq!(outcome.succeeds().stdout(), "came\n");

    let sent = server(|peer, _| {
        for _ in 0..2 {
            assert!(matches!(peer.read(), Ok(Message::Ping(_))));
        }
        close(peer, 1000, "");
    });
    let outcome = Sigcurl::new()
        .args(["ws", "--ping", "0.1", "--wait", "20", &url(&sent, "/")])
        .run();
    outcome.succeeds();
}

#[test]
fn close_codes() {
    for (code, exit, line) in [
        (1000, 0, ""),
        (1001, 0, ""),
        (1008, 56, "the server closed the WebSocket: 1008 not you"),
        (1011, 56, "the server closed the WebSocket: 1011 not you"),
        (4000, 56, "the server closed the WebSocket: 4000 not you"),
    ] {
        let server = server(move |peer, _| {
            peer.send(Message::text("before")).unwrap();
            close(peer, code, "not\u{1b} you");
        });
        let outcome = Sigcurl::new()
            .args(["ws", "--wait", "20", &url(&server, "/")])
            .run();
        assert_eq!(outcome.stdout(), "before\n", "{code}");
        if exit == 0 {
            outcome.succeeds();
        } else {
            outcome.fails(exit, line);
        }
    }
    let dropped = server(|_, _| {});
    Sigcurl::new()
        .args(["ws", "--wait", "20", &url(&dropped, "/")])
        .run()
        .fails(56, "the connection ended without a close frame");
    // A server that never closes is not waited for without end.
    let silent = server(|_, _| std::thread::sleep(Duration::from_secs(60)));
    let begun = Instant::now();
    Sigcurl::new()
        .args(["ws", "--wait", "0", &url(&silent, "/")])
        .run()
        .succeeds();
    assert!(begun.elapsed() < Duration::from_secs(30));
}

#[test]
fn a_refused_handshake_is_told_as_a_refused_request_is() {
    let server = Server::start(|_| {
        response(
            "403 Forbidden",
            &[("x-amzn-errortype", "ForbiddenException")],
            "{\"message\":\"Credential should be scoped to a valid region, not 'us-east-1'. \"}",
        )
    });
    let ws = Sigcurl::new()
        .args(["ws", "--execute", "x", &url(&server, "/prod")])
        .run();
    let plain = Sigcurl::new()
        .args(["--fail-with-body", &server.url("/prod")])
        .run();
    assert_eq!((ws.code, ws.stdout()), (22, plain.stdout()));
    let hint = plain.stderr.lines().next().unwrap();
    assert!(hint.contains("--region"), "{hint}");
    assert_eq!(ws.stderr.lines().next(), Some(hint));
    assert!(
        ws.stderr
            .ends_with("sigcurl: the server answered the WebSocket handshake with 403 Forbidden\n")
    );

    let page = Server::start(|_| response("200 OK", &[], "no WebSocket"));
    let outcome = Sigcurl::new().args(["ws", &url(&page, "/")]).run();
    assert_eq!(outcome.stdout(), "no WebSocket");
    outcome.fails(8, "the server answered the WebSocket handshake with 200 OK");
}

#[test]
fn a_tampered_or_foreign_handshake_is_refused() {
    let server = server(|peer, _| echo(peer));
    for change in [
        ["--service", "s3"],
        ["--region", "eu-west-1"],
        ["--secret_key", "x"],
    ] {
        let mut sigcurl = Sigcurl::new().args(["ws", "--execute", "x"]).args(change);
        if change[0] == "--secret_key" {
            sigcurl = sigcurl.args(["--access_key", crate::support::KEY_ID]);
        }
        let outcome = sigcurl.args([url(&server, "/").as_str()]).run();
        assert_eq!(outcome.code, 22, "{change:?} {outcome:?}");
    }
    let outcome = Sigcurl::bare()
        .args(["ws", "--no-sign", "--execute", "x", &url(&server, "/")])
        .run();
    assert_eq!(outcome.code, 22, "{outcome:?}");
}

#[test]
fn connected_again_with_a_signature_of_its_own() {
    let server = server(|peer, number| {
        peer.send(Message::text(number.to_string())).unwrap();
        match number {
            0 => close(peer, 1011, "oops"),
            1 => close(peer, 1001, "Going away"),
            _ => echo(peer),
        }
    });
    let outcome = Sigcurl::new()
        .args(["ws", "--reconnect", "--wait", "20", "--count", "3"])
        .args([url(&server, "/prod").as_str()])
        .run();
    assert_eq!((outcome.code, outcome.stdout()), (0, "0\n1\n2\n"));
    assert_eq!(
        outcome.stderr,
        "sigcurl: the server closed the WebSocket: 1011 oops; connecting again in 1 s\n\
         sigcurl: the server closed the WebSocket: 1001 Going away; connecting again in 1 s\n"
    );
    let hits = server.hits();
    for pair in hits.windows(2) {
        for name in ["authorization", "x-amz-date", "sec-websocket-key"] {
            assert_ne!(pair[0].header(name), pair[1].header(name), "{name}");
        }
    }
    assert_eq!(hits.len(), 3);

    let refused = Server::with_stream(|stream, record| {
        let hit = Hit::read(stream).unwrap();
        accept(&hit, stream);
        record(hit);
    });
    let outcome = Sigcurl::new()
        .args(["ws", "--reconnect=1", "--wait", "20"])
        .args([url(&refused, "/prod").as_str()])
        .run();
    assert_eq!((outcome.code, refused.hits().len()), (56, 2));
}

#[test]
fn a_server_that_is_overloaded_is_asked_again_and_one_that_refuses_is_not() {
    for (answers, code, count) in [
        (["101", "503 Service Unavailable", "101"], 0, 3),
        (["101", "403 Forbidden", "101"], 22, 2),
        (["503 Service Unavailable", "101", "101"], 22, 1),
    ] {
        let number = std::sync::atomic::AtomicUsize::new(0);
        let server = Server::with_stream(move |stream, record| {
            let hit = Hit::read(stream).unwrap();
            let number = number.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            record(hit.clone());
            if answers[number] != "101" {
                let answer = response(answers[number], &[], "why");
                stream.write_all(&answer).unwrap();
                return;
            }
            accept(&hit, stream);
            if number == 2 {
                close(
                    &mut WebSocket::from_raw_socket(stream, Role::Server, None),
                    1000,
                    "",
                );
            }
        });
        let outcome = Sigcurl::new()
            .args(["ws", "--reconnect=5", "--wait", "20", &url(&server, "/")])
            .run();
        assert_eq!(outcome.code, code, "{answers:?} {outcome:?}");
        assert_eq!(server.hits().len(), count, "{answers:?}");
        let body = if code == 0 { "" } else { "why" };
        assert_eq!(outcome.stdout(), body, "{answers:?}");
    }
}

#[test]
fn a_reader_that_goes_ends_it_in_silence() {
    let server = server(|peer, _| {
        while peer.send(Message::text("again")).is_ok() {
            std::thread::sleep(Duration::from_millis(1));
        }
    });
    let mut sigcurl = Sigcurl::new().args(["ws", &url(&server, "/")]);
    let mut child = sigcurl
        .command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let stdin = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(23), &b""[..])
    );
}

#[test]
fn long_messages_go_in_frames_and_too_long_ones_not_at_all() {
    let text = "é".repeat(50_000);
    let expected = text.clone();
    let server = Server::with_stream(move |stream, record| {
        let hit = Hit::read(stream).unwrap();
        accept(&hit, stream);
        record(hit);
        // API Gateway's limit.
        let config = WebSocketConfig::default().max_frame_size(Some(32 * 1024));
        let mut peer = WebSocket::from_raw_socket(stream, Role::Server, Some(config));
        let message = peer.read().unwrap();
        assert_eq!(message, Message::text(&expected));
        peer.send(Message::text("whole")).unwrap();
        while peer.read().is_ok() {}
    });
    let outcome = Sigcurl::new()
        .args(["ws", "--count", "1", &url(&server, "/")])
        .stdin(text.as_bytes())
        .run();
    assert_eq!(outcome.succeeds().stdout(), "whole\n");

    // Only at AWS.
    let long = "x".repeat(128 * 1024 + 1);
    let gateway = self::server(|peer, _| {
        while let Ok(message) = peer.read() {
            assert!(message.is_close(), "{} bytes", message.len());
        }
    });
    let nearby = format!(
        "abc123.execute-api.us-east-1.amazonaws.com:80:{}",
        gateway.address
    );
    Sigcurl::new()
        .args(["ws", "--connect-to", &nearby])
        .args(["ws://abc123.execute-api.us-east-1.amazonaws.com/prod"])
        .stdin(long.as_bytes())
        .run()
        .fails(
            55,
            "a message of 131073 bytes is not sent: API Gateway takes 131072 bytes (128 KB) at most",
        );
}

#[test]
fn what_did_not_come_in_time() {
    let server = server(|peer, _| echo(peer));
    let url = url(&server, "/");
    Sigcurl::new()
        .args([
            "ws",
            "--execute",
            "x",
            "--count",
            "2",
            "--wait",
            "0.5",
            &url,
        ])
        .run()
        .fails(28, "timeout: 1 of 2 messages came in the time of --wait");
    Sigcurl::new()
        .args(["ws", "--execute", "x", "--count", "2", "-m", "1", &url])
        .run()
        .fails(28, "timeout: --max-time of 1 s is over");
    Sigcurl::new()
        .args(["ws", "--count", "1", &url])
        .stdin(b"\xff\n")
        .run()
        .fails(26, "a line of standard input is not UTF-8");
}

#[cfg(unix)]
#[test]
fn ctrl_c_closes() {
    let server = server(|peer, _| {
        peer.send(Message::text("ready")).unwrap();
        let closed = loop {
            match peer.read() {
                Ok(Message::Close(frame)) => break frame,
                Ok(_) => {}
                Err(error) => panic!("{error}"),
            }
        };
        assert_eq!(closed.map(|frame| frame.code.into()), Some(1000_u16));
        let _ = peer.flush();
        while peer.read().is_ok() {}
    });
    let mut sigcurl = Sigcurl::new().args(["ws", &url(&server, "/")]);
    let mut child = sigcurl
        .command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut ready = [0; 6];
    std::io::Read::read_exact(child.stdout.as_mut().unwrap(), &mut ready).unwrap();
    let begun = Instant::now();
    let process = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(process, rustix::process::Signal::INT).unwrap();
    // The input is open still.
    let stdin = child.stdin.take();
    let output = child.wait_with_output().unwrap();
    drop(stdin);
    assert_eq!(
        (output.status.code(), output.stderr.as_slice()),
        (Some(130), &b""[..])
    );
    assert!(
        begun.elapsed() < Duration::from_secs(4),
        "the server was heard"
    );
}

#[test]
fn what_a_websocket_is_not() {
    for (line, code, complaint) in [
        (
            "ws -d x ws://h/",
            2,
            "-d and its kin has no meaning for a WebSocket",
        ),
        ("ws -X POST ws://h/", 2, "-X has no meaning"),
        (
            "ws --retry 3 ws://h/",
            2,
            "a WebSocket is connected again with --reconnect",
        ),
        (
            "ws -H Upgrade:x ws://h/",
            2,
            "the header 'upgrade' is for sigcurl to send",
        ),
        (
            "ws -x http://p ws://h/",
            2,
            "ws:// does not go through an HTTP proxy",
        ),
        ("ws ftp://h/", 1, "protocol 'ftp' is neither http nor https"),
        ("ws", 2, "no URL"),
        (
            "wss://h/",
            1,
            "'wss' is WebSocket, which is spoken by `sigcurl ws URL`",
        ),
        ("ws ws://127.0.0.1:1/", 7, "cannot connect to 127.0.0.1:1"),
    ] {
        Sigcurl::new()
            .args(line.split(' '))
            .run()
            .fails(code, complaint);
    }
    let printed = Sigcurl::new()
        .args([
            "ws",
            "--dry-run",
            "--at",
            "20150830T123600Z",
            "wss://h.example.com/prod",
        ])
        .run();
    let text = printed.succeeds().stdout();
    assert!(
        text.starts_with("GET /prod HTTP/1.1\r\nhost: h.example.com\r\n"),
        "{text}"
    );
    assert!(text.contains("SignedHeaders=host;x-amz-date,"), "{text}");
    assert!("20150830T123600Z".parse::<AmzDate>().is_ok());
}

/// What a browser is given, which can send no header.
#[test]
fn a_presigned_url_opens_a_websocket_without_keys() {
    let server = server(|peer, _| echo(peer));
    let printed = Sigcurl::new()
        .args(["presign", "--expires", "1m", &url(&server, "/prod?x=1")])
        .run();
    let presigned = printed.succeeds().stdout().trim_end();
    assert!(presigned.starts_with(&url(&server, "/prod?x=1&X-Amz-")));
    assert!(
        presigned.contains("&X-Amz-SignedHeaders=host&"),
        "{presigned}"
    );
    let opened = Sigcurl::bare()
        .args([
            "ws",
            "--no-sign",
            "--execute",
            "x",
            "--count",
            "1",
            presigned,
        ])
        .run();
    assert_eq!(opened.succeeds().stdout(), "x\n");
}
