//! `--upstream`: a server that knows nothing of signatures, behind one that does.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use super::super::support::KEY_ID;
use super::super::support::server::{Server, ok, response};
use super::Serving;

#[test]
fn the_identity_goes_through_and_the_signature_does_not() {
    let server = Server::start(|_| response("201 Created", &[("x-from", "behind")], "made"));
    let serving = Serving::start(&["--upstream", &server.url("/base/")]);
    let run = serving.call(&[
        "-i",
        "-d",
        "{\"a\": 1}",
        "-H",
        "x-sigv4-principal: forged",
        "-H",
        "X_Sigv4_Access_Key_Id: forged",
        "-H",
        "x-forwarded-for: 10.0.0.1",
        "-H",
        "x-mine: 1",
        "/pets?x=1",
    ]);
    let answer = run.succeeds().stdout().to_owned();
    assert!(answer.starts_with("HTTP/1.1 201"), "{answer}");
    assert!(
        answer.contains("x-from: behind\r\n") && answer.ends_with("made"),
        "{answer}"
    );
    let hit = server.hit();
    assert_eq!(
        (hit.method.as_str(), hit.target.as_str()),
        ("POST", "/base/pets?x=1")
    );
    assert_eq!(hit.body, b"{\"a\": 1}");
    assert_eq!(hit.header("x-sigv4-access-key-id"), Some(KEY_ID));
    assert_eq!(
        hit.header("x-sigv4-principal"),
        Some("arn:aws:iam::000000000000:user/environment")
    );
    assert_eq!(hit.header("x-forwarded-for"), Some("127.0.0.1"));
    assert_eq!(hit.header("x-mine"), Some("1"));
    assert_eq!(hit.header("host"), Some(serving.address()));
    let raw = String::from_utf8_lossy(&hit.raw).to_ascii_lowercase();
    for gone in [
        "authorization",
        "x-amz-date",
        "forged",
        "10.0.0.1",
        "signature=",
    ] {
        assert!(!raw.contains(gone), "{gone} in {raw}");
    }
}

#[test]
fn presigned_parameters_are_taken_off_and_others_stay() {
    let server = Server::start(|_| ok("ok"));
    let serving = Serving::start(&["--upstream", &server.url("")]);
    serving.call(&["--presign", "/p?a=%2B&b"]).succeeds();
    assert_eq!(server.hit().target, "/p?a=%2B&b");
}

#[test]
fn nothing_unsigned_reaches_it_and_its_absence_is_a_502() {
    let server = Server::start(|_| ok("ok"));
    let serving = Serving::start(&["--upstream", &server.url("")]);
    assert!(
        serving
            .call(&["--no-sign", "-i", "/"])
            .stdout()
            .starts_with("HTTP/1.1 403")
    );
    assert!(server.hits().is_empty());
    let gone = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", gone.local_addr().unwrap());
    drop(gone);
    let serving = Serving::start(&["--upstream", &url]);
    assert!(
        serving
            .call(&["-i", "/"])
            .stdout()
            .starts_with("HTTP/1.1 502")
    );
    assert!(serving.stop().contains("\"note\":\"upstream: "));
}

/// What is behind it answers in two pieces, of which the first is here before the second is sent.
#[test]
fn answers_stream() {
    let (go, wait) = std::sync::mpsc::channel::<()>();
    let wait = std::sync::Mutex::new(wait);
    let server = Server::with_stream(move |stream, _| {
        let mut head = Vec::new();
        let mut byte = [0];
        while !head.ends_with(b"\r\n\r\n") && stream.read(&mut byte).unwrap() == 1 {
            head.push(byte[0]);
        }
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nfirst\r\n")
            .unwrap();
        wait.lock().unwrap().recv().unwrap();
        stream.write_all(b"6\r\nsecond\r\n0\r\n\r\n").unwrap();
    });
    let serving = Serving::start(&["--upstream", &server.url("")]);
    let signed = serving.call(&["--dry-run", "/"]);
    let mut stream = TcpStream::connect(serving.address()).unwrap();
    stream
        .set_read_timeout(Some(Duration::from_secs(10)))
        .unwrap();
    stream.write_all(&signed.stdout).unwrap();
    let mut answer = Vec::new();
    let mut buffer = [0; 1024];
    while !super::super::support::server::contains(&answer, b"first") {
        let length = stream.read(&mut buffer).unwrap();
        answer.extend_from_slice(&buffer[..length]);
    }
    go.send(()).unwrap();
    while !super::super::support::server::contains(&answer, b"second") {
        let length = stream.read(&mut buffer).unwrap();
        answer.extend_from_slice(&buffer[..length]);
    }
}

/// The hash is declared, so that the body is passed on as it comes: the end of a wrong one never is.
#[test]
fn a_tampered_body_is_refused_and_never_whole_behind() {
    let server = Server::with_stream(|stream, record| {
        if let Some(hit) = super::super::support::server::Hit::read(stream) {
            record(hit);
        }
    });
    let serving = Serving::start(&["--upstream", &server.url(""), "--profile-of", "s3"]);
    let signed = serving.call(&[
        "--service",
        "s3",
        "--dry-run",
        "-X",
        "PUT",
        "-d",
        "the body",
        "/k",
    ]);
    let text = signed.succeeds().stdout();
    assert!(text.contains("x-amz-content-sha256"), "{text}");
    let answer = super::garbage::talk(
        serving.address(),
        text.replace("the body", "thE body").as_bytes(),
    );
    assert!(
        answer.contains("<Code>XAmzContentSHA256Mismatch</Code>"),
        "{answer}"
    );
    assert!(server.hits().is_empty());
}
