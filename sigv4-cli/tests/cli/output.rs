//! What is printed, where, and what is not.

use super::support::process::Sigcurl;
use super::support::server::{Server, ok, response};
use super::support::{KEY_ID, SECRET};

#[test]
fn the_body_and_nothing_else() {
    let server = Server::start(|_| response("404 Not Found", &[], "body without a newline"));
    assert_eq!(
        Sigcurl::new()
            .args([server.url("/").as_str()])
            .run()
            .succeeds()
            .stdout(),
        "body without a newline"
    );
}

#[test]
fn i_prints_the_raw_head_first() {
    let server = Server::start(|_| {
        response(
            "299 Quite All Right",
            &[("X-A", "1"), ("Set-Cookie", "a"), ("Set-Cookie", "b")],
            "body",
        )
    });
    let run = Sigcurl::new().args(["-i", &server.url("/")]).run();
    let expected = "HTTP/1.1 299 Quite All Right\r\ncontent-length: 4\r\nx-a: 1\r\nset-cookie: a\r\nset-cookie: b\r\n\r\nbody";
    assert_eq!(run.succeeds().stdout(), expected);
}

#[test]
fn o_writes_the_file_only() {
    let server = Server::start(|_| {
        let mut answer = response("200 OK", &[("content-encoding", "gzip")], "");
        answer.drain(..);
        answer.extend_from_slice(b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 6\r\n\r\n\x1f\x8b\x00\xff\r\n");
        answer
    });
    let mut run = Sigcurl::new().args(["-o", "out", &server.url("/")]);
    assert_eq!(run.run_and_keep().succeeds().stdout, b"");
    assert_eq!(
        std::fs::read(run.home.path().join("out")).unwrap(),
        b"\x1f\x8b\x00\xff\r\n",
        "as it came, compressed"
    );
    assert_eq!(std::fs::read_dir(run.home.path()).unwrap().count(), 1);

    let run = Sigcurl::new().args(["-o", "-", &server.url("/")]).run();
    assert_eq!(run.succeeds().stdout, b"\x1f\x8b\x00\xff\r\n");
}

#[test]
fn o_leaves_nothing_behind_when_the_transfer_fails() {
    use std::io::Write;
    let server = Server::with_stream(|stream, _| {
        super::support::server::Hit::read(stream);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
            .unwrap();
    });
    let mut run = Sigcurl::new()
        .file("out", "before")
        .args(["-o", "out", &server.url("/")]);
    run.run_and_keep().fails(18, "127.0.0.1");
    assert_eq!(
        std::fs::read(run.home.path().join("out")).unwrap(),
        b"before"
    );
    assert_eq!(std::fs::read_dir(run.home.path()).unwrap().count(), 1);
}

#[test]
fn v_says_everything_but_secrets() {
    let server = Server::verifying();
    let run = || {
        Sigcurl::new()
            .env("AWS_SESSION_TOKEN", "SESSIONTOKEN")
            .args(["-v", "-H", "X-Api-Key: APIKEY", &server.url("/a/../b")])
    };
    let quiet = run().run();
    let err = &quiet.stderr;
    for line in [
        "* The path is sent, and signed, as /b instead of /a/../b",
        "* Service execute-api (from the default for other hosts), region us-east-1 (from AWS_REGION)",
        "* Key AKIDEXAMPLE (from the environment)",
        "* Canonical request:\n* GET\n* /b\n* \n* accept:*/*\n* host:127.0.0.1",
        "* x-amz-security-token:(redacted)",
        "* String to sign:\n* AWS4-HMAC-SHA256",
        "> GET /b\n> host: 127.0.0.1",
        "> x-amz-security-token: (redacted)",
        "> x-api-key: (redacted)",
        "Signature=(redacted)\n> \n",
        "* Answer from 127.0.0.1:",
        "< HTTP/1.1 403 Forbidden",
    ] {
        assert!(err.contains(line), "{line} in {err}");
    }
    let authorization = server.hit().header("authorization").unwrap().to_owned();
    let signature = authorization.rsplit('=').next().unwrap();
    for secret in [SECRET, "SESSIONTOKEN", "APIKEY", signature] {
        assert!(!err.contains(secret), "{secret} in {err}");
    }

    let loud = run().args(["--show-secrets"]).run().stderr;
    let authorization = server
        .hits()
        .pop()
        .unwrap()
        .header("authorization")
        .unwrap()
        .to_owned();
    assert!(
        loud.contains(&authorization) && loud.contains("> x-amz-security-token: SESSIONTOKEN"),
        "{loud}"
    );
    assert!(
        !loud.contains(SECRET),
        "the secret key itself is never shown"
    );
}

#[test]
fn dry_run_sends_nothing() {
    let server = Server::start(|_| ok(""));
    let run = Sigcurl::new().args([
        "--dry-run",
        "--at",
        "20150830T123600Z",
        "https://example.amazonaws.com/?Param2=value2&Param1=value1",
    ]);
    let run = run
        .args(["--service", "service", "-H", "User-Agent:"])
        .run();
    let text = run.succeeds().stdout();
    assert!(text.starts_with("GET /?Param2=value2&Param1=value1 HTTP/1.1\r\nhost: example.amazonaws.com\r\naccept: */*\r\n"));
    assert!(text.contains("x-amz-date: 20150830T123600Z\r\nauthorization: AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/"));
    assert!(text.ends_with("\r\n\r\n"));
    Sigcurl::new()
        .args(["--dry-run", &server.url("/")])
        .run()
        .succeeds();
    assert!(server.hits().is_empty());
}

#[test]
fn help_and_version() {
    let help = Sigcurl::bare().args(["--help"]).run();
    let text = help.succeeds().stdout();
    for part in [
        "Usage: sigcurl [OPTIONS] URL",
        "Examples:",
        "Exit codes",
        "  60  certificate not trusted",
        "AWS_ACCESS_KEY_ID",
        "--access_key",
        "demo",
    ] {
        assert!(text.contains(part), "{part}");
    }
    assert!(
        Sigcurl::bare()
            .args(["--version"])
            .run()
            .succeeds()
            .stdout()
            .starts_with("sigcurl 0.")
    );
}

#[test]
fn a_secret_on_the_command_line_is_not_repeated() {
    let run = Sigcurl::bare()
        .args([
            "--access_key",
            KEY_ID,
            "--secret_key",
            " SECRET",
            "--region",
            "r",
            "http://127.0.0.1:1/",
        ])
        .run();
    run.fails(2, "the keys from --access_key: invalid secret access key");
    assert!(!run.stderr.contains("SECRET"));
}
