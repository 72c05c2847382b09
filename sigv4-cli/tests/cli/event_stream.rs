//! Event streams: what their events carry, and every way in which they end.

use std::io::Write;

use super::support::REGION;
use super::support::process::Sigcurl;
use super::support::server::{Hit, Server};

fn frame(headers: &[(&str, &str)], payload: &[u8]) -> Vec<u8> {
    let mut head = Vec::new();
    for (name, value) in headers {
        head.push(u8::try_from(name.len()).unwrap());
        head.extend(name.as_bytes());
        head.push(7);
        head.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        head.extend(value.as_bytes());
    }
    let length = |n: usize| u32::try_from(n).unwrap().to_be_bytes();
    let mut frame = Vec::new();
    frame.extend(length(16 + head.len() + payload.len()));
    frame.extend(length(head.len()));
    frame.extend(crc(&frame));
    frame.extend(head);
    frame.extend(payload);
    frame.extend(crc(&frame));
    frame
}

/// Bit by bit, as its definition has it.
fn crc(bytes: &[u8]) -> [u8; 4] {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg());
        }
    }
    (!crc).to_be_bytes()
}

fn event(kind: &str, content_type: &str, payload: &[u8]) -> Vec<u8> {
    let headers = [
        (":event-type", kind),
        (":content-type", content_type),
        (":message-type", "event"),
    ];
    frame(&headers, payload)
}

fn chunk(payload: &[u8]) -> Vec<u8> {
    event("PayloadChunk", "application/octet-stream", payload)
}

fn complete(json: &str) -> Vec<u8> {
    event("InvokeComplete", "application/json", json.as_bytes())
}

fn exception(name: &str, payload: &str) -> Vec<u8> {
    let headers = [(":exception-type", name), (":message-type", "exception")];
    frame(&headers, payload.as_bytes())
}

/// Sends these bytes as an event stream, in pieces of seven.
fn stream(bytes: Vec<u8>) -> Server {
    Server::with_stream(move |stream, record| {
        let Some(hit) = Hit::read(stream) else {
            return;
        };
        let verified = hit.verify(REGION, "lambda");
        record(hit);
        verified.unwrap();
        let mut text = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-type: application/vnd.amazon.eventstream\r\nx-amz-executed-version: 7\r\n\r\n".to_vec();
        for piece in bytes.chunks(7) {
            text.extend(format!("{:x}\r\n", piece.len()).as_bytes());
            text.extend(piece);
            text.extend(b"\r\n");
        }
        text.extend(b"0\r\n\r\n");
        let _ = stream.write_all(&text);
    })
}

fn invoke(server: &Server) -> Sigcurl {
    Sigcurl::new()
        .env("AWS_ENDPOINT_URL", &server.url(""))
        .args(["lambda", "invoke", "--stream", "f"])
}

/// The same, without `lambda`.
fn plain(server: &Server) -> Sigcurl {
    Sigcurl::new().args(["--service", "lambda", &server.url("/stream")])
}

#[test]
fn chunks_are_the_payload() {
    let bytes = [
        frame(
            &[
                (":event-type", "initial-response"),
                (":message-type", "event"),
            ],
            b"{}",
        ),
        chunk(b"hello \x00\xff"),
        chunk(b""),
        chunk(b"world"),
        complete("{\"LogResult\": \"U1RBUlQK\"}"),
    ]
    .concat();
    let server = stream(bytes.clone());
    let run = invoke(&server)
        .args(["{}", "--log", "--qualifier", "7"])
        .run();
    assert_eq!(run.stdout, b"hello \x00\xffworld");
    assert_eq!((run.code, run.stderr.as_str()), (0, "START\n"));
    assert_eq!(
        server.hit().target,
        "/2021-11-15/functions/f/response-streaming-invocations?Qualifier=7"
    );

    let server = stream(bytes.clone());
    assert_eq!(
        plain(&server).run().succeeds().stdout,
        b"hello \x00\xffworld"
    );

    let server = stream(bytes.clone());
    let raw = plain(&server).args(["--raw"]).run();
    assert_eq!(raw.succeeds().stdout, bytes);

    let server = stream(bytes);
    let mut run = invoke(&server).args(["-o", "out"]);
    assert_eq!(run.run_and_keep().succeeds().stdout, b"");
    let file = run.home.path().join("out");
    assert_eq!(std::fs::read(file).unwrap(), b"hello \x00\xffworld");
}

#[test]
fn what_is_no_stream_is_no_success() {
    let server = Server::start(|_| super::support::server::ok("{}"));
    let run = invoke(&server).run();
    run.fails(8, "the answer is no event stream");
    assert_eq!(run.stdout(), "{}");
}

#[test]
fn a_line_for_each_event_that_is_json() {
    let json = "application/json";
    let server = stream(
        [
            event("chunk", json, b"{\"n\":1}"),
            event("chunk", json, b"{}\n"),
        ]
        .concat(),
    );
    assert_eq!(plain(&server).run().succeeds().stdout(), "{\"n\":1}\n{}\n");
}

#[test]
fn every_end() {
    let mut corrupt = chunk(b"second");
    let at = corrupt.len() - 6;
    corrupt[at] ^= 1;
    let mut prelude = chunk(b"second");
    prelude[3] ^= 1;
    let cut = chunk(b"second")[..20].to_vec();
    let huge = {
        let mut head = (16 + 25_165_825_u32).to_be_bytes().to_vec();
        head.extend([0; 4]);
        head.extend(crc(&head));
        head
    };
    let error = frame(
        &[
            (":message-type", "error"),
            (":error-code", "InternalFailure"),
            (":error-message", "try later"),
        ],
        b"",
    );
    let failed = complete(
        "{\"ErrorCode\":\"Runtime.Boom\",\"ErrorDetails\":\"{\\\"errorType\\\":\\\"Boom\\\",\\\"errorMessage\\\":\\\"in the midst\\\"}\"}",
    );
    for (what, code, line) in [
        (
            corrupt,
            112,
            "event stream: the checksum of a frame is wrong",
        ),
        (
            prelude,
            112,
            "event stream: the checksum of a frame's length is wrong",
        ),
        (
            huge,
            112,
            "event stream: a frame has 25165825 bytes of payload, 25165824 is the limit",
        ),
        (
            complete("nope"),
            112,
            "event stream: InvokeComplete is not JSON",
        ),
        (cut, 18, "event stream: the stream ended inside a frame"),
        (
            Vec::new(),
            18,
            "event stream: it ended without InvokeComplete",
        ),
        (
            exception("ThrottlingException", "{\"message\":\"slow\\ndown\"}"),
            111,
            "event stream: the service ends it with ThrottlingException: slow down",
        ),
        (
            error,
            111,
            "event stream: the service ends it with InternalFailure: try later",
        ),
        (
            failed,
            110,
            "the function failed (Runtime.Boom): Boom: in the midst",
        ),
    ] {
        let is_functions = code == 110;
        let bytes = [chunk(b"first "), what].concat();
        for run in [invoke, plain] {
            let server = stream(bytes.clone());
            let outcome = run(&server).run();
            outcome.fails(code, line);
            assert_eq!(outcome.stdout(), "first ", "{line}");
        }
        // A file appears once it is whole; that of a function that failed is all there is.
        let server = stream(bytes);
        let mut run = invoke(&server).args(["-o", "out"]);
        run.run_and_keep().fails(code, line);
        assert_eq!(run.home.path().join("out").exists(), is_functions, "{line}");
    }
}

/// The first chunk is on standard output before the second is sent.
#[test]
fn chunks_are_printed_as_they_come() {
    use std::io::Read;
    use std::sync::{Arc, Barrier};
    let seen = Arc::new(Barrier::new(2));
    let waits = Arc::clone(&seen);
    let server = Server::with_stream(move |stream, _| {
        Hit::read(stream).unwrap();
        stream
            .write_all(b"HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/vnd.amazon.eventstream\r\n\r\n")
            .unwrap();
        stream.write_all(&chunk(b"first")).unwrap();
        waits.wait();
        stream
            .write_all(&[chunk(b" second"), complete("{}")].concat())
            .unwrap();
    });
    let mut run = invoke(&server);
    run.command.stdout(std::process::Stdio::piped());
    let mut child = run.command.spawn().unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let mut first = [0; 5];
    stdout.read_exact(&mut first).unwrap();
    assert_eq!(&first, b"first");
    seen.wait();
    let mut rest = String::new();
    stdout.read_to_string(&mut rest).unwrap();
    assert_eq!(rest, " second");
    assert!(child.wait().unwrap().success());
}
