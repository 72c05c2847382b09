//! Bytes that no client sends: refused, and the server goes on.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use super::super::support::SECRET;
use super::Serving;

/// Sends the bytes and reads to the end, or until nothing comes for a while.
pub(super) fn talk(address: &str, bytes: &[u8]) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_millis(1500)))
        .unwrap();
    // A server that has seen enough may have hung up.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut buffer = [0; 4096];
    while let Ok(length @ 1..) = stream.read(&mut buffer) {
        answer.extend_from_slice(&buffer[..length]);
    }
    String::from_utf8_lossy(&answer).into_owned()
}

#[test]
fn malformed_heads_are_refused() {
    let serving = Serving::start(&[]);
    let signed = serving.call(&["--dry-run", "/"]).stdout().to_owned();
    let first = "GET / HTTP/1.1\r\n";
    let host = format!("host: {}\r\n", serving.address());
    let with = |line: &str| signed.replacen(&host, &format!("{host}{line}"), 1);
    for (what, bytes, statuses) in [
        ("obs-fold", with("x-a: 1\r\n folded\r\n"), &["400"][..]),
        ("bare CR in a value", with("x-a: 1\r2\r\n"), &["400"]),
        ("NUL in a value", with("x-a: 1\u{0}2\r\n"), &["400"]),
        ("NUL in a name", with("x\u{0}a: 1\r\n"), &["400"]),
        ("blank before the colon", with("x-a : 1\r\n"), &["400"]),
        ("no colon", with("x-a\r\n"), &["400"]),
        ("two hosts", with("Host: other\r\n"), &["400"]),
        ("no host", signed.replacen(&host, "", 1), &["400"]),
        (
            "two lengths",
            with("content-length: 1\r\ncontent-length: 2\r\n"),
            &["400"],
        ),
        (
            "a length that is none",
            with("content-length: +1\r\n"),
            &["400"],
        ),
        (
            "an unknown coding",
            with("transfer-encoding: gzip\r\n"),
            &["400"],
        ),
        ("HTTP/0.9", "GET /\r\n\r\n".to_owned(), &["400"]),
        (
            "another version",
            signed.replacen("HTTP/1.1", "HTTP/3.0", 1),
            &["400"],
        ),
        (
            "a blank in the target",
            signed.replacen("GET / ", "GET /a b ", 1),
            &["400"],
        ),
        (
            "a control in the target",
            signed.replacen("GET / ", "GET /\u{1} ", 1),
            &["400"],
        ),
        (
            "CONNECT",
            signed.replacen(first, "CONNECT a:1 HTTP/1.1\r\n", 1),
            &["400", "403"],
        ),
        ("many headers", with(&"x: 1\r\n".repeat(300)), &["431"]),
        (
            "a long header",
            with(&format!("x: {}\r\n", "1".repeat(200_000))),
            &["431"],
        ),
        (
            "a long target",
            signed.replacen("GET / ", &format!("GET /{} ", "a".repeat(70_000)), 1),
            &["414", "431"],
        ),
        (
            "no HTTP",
            "\u{16}\u{3}\u{1}hello\r\n\r\n".to_owned(),
            &["400"],
        ),
        (
            "two signatures",
            with("authorization: AWS4-HMAC-SHA256 x\r\n"),
            &["403", "400"],
        ),
        (
            "an unsigned header of AWS's",
            with("x-amz-acl: public\r\n"),
            &["403"],
        ),
    ] {
        let answer = talk(serving.address(), bytes.as_bytes());
        assert!(
            statuses
                .iter()
                .any(|status| answer.starts_with(&format!("HTTP/1.1 {status}"))),
            "{what}: {answer:?}"
        );
        assert!(!answer.contains(SECRET), "{what}: {answer}");
    }
    let answer = talk(serving.address(), signed.as_bytes());
    assert!(answer.starts_with("HTTP/1.1 200"), "it goes on: {answer}");
    let log = serving.stop();
    assert!(log.contains("\"verdict\":\"malformed\""), "{log}");
    assert!(!log.contains("panicked"), "{log}");
}

/// A length beside a coding: the coding counts, and the connection ends, so that what follows is nobody's request.
#[test]
fn what_follows_an_ambiguous_length_is_no_request() {
    let serving = Serving::start(&[]);
    let signed = serving.call(&["--dry-run", "/"]).stdout().to_owned();
    let two = signed.replacen(
        "\r\n",
        "\r\ncontent-length: 100\r\ntransfer-encoding: chunked\r\n",
        1,
    );
    let two = format!("{two}0\r\n\r\n{signed}");
    let answer = talk(serving.address(), two.as_bytes());
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
    assert!(answer.contains("connection: close\r\n"), "{answer}");
}

#[test]
fn who_is_slow_is_cut_off_and_holds_no_one_up() {
    let serving = Serving::start(&["--max-connections", "8"]);
    let begun = Instant::now();
    let mut slow = TcpStream::connect(serving.address()).unwrap();
    slow.write_all(b"GET / HTTP/1.1\r\n").unwrap();
    let silent = TcpStream::connect(serving.address()).unwrap();
    serving.call(&["/"]).succeeds();
    slow.set_read_timeout(Some(Duration::from_millis(500)))
        .unwrap();
    // A byte now and then does not help.
    let mut buffer = [0; 256];
    loop {
        match slow.read(&mut buffer) {
            Ok(0) => break,
            Ok(_) => {}
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => {}
            Err(_) => break,
        }
        if slow.write_all(b"x").is_err() {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(14), "still there");
    }
    assert!(begun.elapsed() > Duration::from_secs(9));
    let mut silent = silent;
    silent
        .set_read_timeout(Some(Duration::from_secs(3)))
        .unwrap();
    assert!(matches!(silent.read(&mut buffer), Ok(0) | Err(_)));
    assert!(serving.stop().contains("\"verdict\":\"slow\""));
}

#[test]
fn more_than_the_connections_that_it_may_have_wait() {
    let serving = Serving::start(&["--max-connections", "2"]);
    let held: Vec<_> = (0..2)
        .map(|_| TcpStream::connect(serving.address()).unwrap())
        .collect();
    std::thread::sleep(Duration::from_millis(200));
    let run = serving.call(&["-m", "1", "/"]);
    assert_eq!(run.code, 28, "{}", run.stderr);
    drop(held);
    serving.call(&["-m", "5", "/"]).succeeds();
}

#[test]
fn a_body_that_is_too_large() {
    let serving = Serving::start(&["--max-body", "1000"]);
    let body = "a".repeat(1001);
    let run = serving.call(&["-i", "-d", &body, "/"]);
    assert!(run.stdout().starts_with("HTTP/1.1 413"), "{}", run.stdout());
    let run = serving.call(&["-i", "-d", &body[1..], "/"]);
    assert!(run.stdout().starts_with("HTTP/1.1 200"), "{}", run.stdout());
}
