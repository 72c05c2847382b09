//! Every failure: one clear line, curl's exit code, no backtrace.

use std::io::{Read, Write};
use std::time::{Duration, Instant};

use super::support::process::Sigcurl;
use super::support::server::{Hit, Server, ok, response};

const KEYS: [(&str, &str); 2] = [
    ("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "secret"),
];

#[test]
fn no_credentials() {
    let started = Instant::now();
    Sigcurl::bare()
        .args(["--region", "us-east-1", "http://127.0.0.1:1/"])
        .run()
        .fails(2, "no credentials: set AWS_ACCESS_KEY_ID");
    assert!(started.elapsed() < Duration::from_secs(2));

    let metadata = Server::start(|_| response("403 Forbidden", &[], ""));
    Sigcurl::bare()
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url("/"))
        .args(["--region", "us-east-1", "http://127.0.0.1:1/"])
        .run()
        .fails(2, "cannot get credentials from the default chain (set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY");
}

#[test]
fn unknown_profile() {
    let with_others = || Sigcurl::new().file(".aws/credentials", "[dev]\n[default]\n");
    let line = "no profile 'nope' in ~/.aws/config or ~/.aws/credentials; there are: default, dev";
    with_others()
        .args(["--profile", "nope", "http://127.0.0.1:1/"])
        .run()
        .fails(2, line);

    let line = "no profile 'nope' in ~/.aws/config or ~/.aws/credentials; there are none";
    Sigcurl::bare()
        .env("AWS_PROFILE", "nope")
        .env("AWS_REGION", "r")
        .args(["http://127.0.0.1:1/"])
        .run()
        .fails(2, line);
    Sigcurl::bare()
        .env("AWS_PROFILE", "nope")
        .args(["http://127.0.0.1:1/"])
        .run()
        .fails(2, line);
}

#[test]
fn half_a_key_pair() {
    for (variable, value) in KEYS {
        let other = KEYS.iter().find(|(name, _)| *name != variable).unwrap().0;
        let line = format!("{variable} is set but {other} is not: half a key pair signs nothing");
        let run = Sigcurl::bare()
            .env(variable, value)
            .args(["--region", "us-east-1", "http://127.0.0.1:1/"])
            .run();
        run.fails(2, &line);
    }
    let run = |option| {
        Sigcurl::new()
            .args([option, "x", "http://127.0.0.1:1/"])
            .run()
    };
    run("--access_key").fails(2, "--access_key needs --secret_key");
    run("--secret_key").fails(2, "--secret_key needs --access_key");
    let token = [
        "--session_token",
        "x",
        "--region",
        "r",
        "http://127.0.0.1:1/",
    ];
    Sigcurl::bare()
        .args(token)
        .run()
        .fails(2, "--session_token needs the keys it belongs to");
}

#[test]
fn malformed_url() {
    for (url, line) in [
        ("http://", "malformed URL 'http://': no host"),
        (
            "http://h:port/",
            "malformed URL 'http://h:port/': invalid port number",
        ),
        (
            "https://h/%zz?%zz",
            "the request cannot be signed: bad percent escape in the query",
        ),
        ("http://a b/", "malformed URL 'http://a b/'"),
        ("", "malformed URL '': no host"),
    ] {
        Sigcurl::new().args([url]).run().fails(3, line);
    }
    Sigcurl::new()
        .args(["ftp://h/"])
        .run()
        .fails(1, "protocol 'ftp' is neither http nor https");
    Sigcurl::new()
        .args(["http://h/?X-Amz-Signature=0"])
        .run()
        .fails(2, "the URL is signed already");
}

#[test]
fn usage() {
    for (args, line) in [
        (vec![], "no URL (see sigcurl --help)"),
        (
            vec!["--qqq", "http://h/"],
            "unexpected argument '--qqq' found (see sigcurl --help)",
        ),
        (vec!["--profil", "http://h/"], "no URL"),
        (
            vec!["--tls-max", "1.1", "http://h/"],
            "TLS 1.0 and 1.1 are not spoken here",
        ),
        (
            vec!["--tls-min", "1.3", "--tls-max", "1.2", "http://h/"],
            "--tls-min is higher than --tls-max",
        ),
        (
            vec!["--max-time", "x", "http://h/"],
            "invalid value 'x' for '--max-time <SECONDS>': not a number of seconds",
        ),
        (
            vec!["-X", "a b", "http://h/"],
            "'a b' is not a method that can be sent",
        ),
        (
            vec!["--region", "*", "http://h/"],
            "--region '*' needs Signature Version 4a",
        ),
        (vec!["--region", "a/b", "http://h/"], "invalid region"),
        (vec!["--service", "", "http://h/"], "invalid service"),
        (
            vec!["-H", "Authorization: Bearer SECRET", "http://h/"],
            "the Authorization header is what sigcurl makes",
        ),
        (
            vec!["-H", "X-Amz-Date:", "http://h/"],
            "the header 'x-amz-date' cannot be left out",
        ),
        (
            vec!["-H", "X-Amz-Date: now", "http://h/"],
            "-H 'X-Amz-Date: …' takes a time",
        ),
        (
            vec!["-H", "x-amz-content-sha256: x", "http://h/"],
            "-H 'x-amz-content-sha256: …' takes",
        ),
        (
            vec!["-H", "Host: a", "-H", "Host: b", "http://h/"],
            "a request has exactly one Host header",
        ),
        (
            vec!["-H", "Content-Length: 7", "-d", "x", "http://h/"],
            "-H 'Content-Length: …' is not the body's length",
        ),
    ] {
        let run = Sigcurl::new().args(args.iter().copied()).run();
        run.fails(2, line);
        assert!(!run.stderr.contains("SECRET"));
    }
}

#[test]
fn header_without_a_colon() {
    Sigcurl::new()
        .args(["-H", "X-Foo bar", "http://127.0.0.1:1/"])
        .run()
        .fails(2, "header 'X-Foo' has no colon");
}

#[test]
fn missing_file() {
    for data in ["@missing", "@", "@."] {
        let line = format!("cannot read '{}' (from -d @file)", &data[1..]);
        Sigcurl::new()
            .args(["-d", data, "http://127.0.0.1:1/"])
            .run()
            .fails(26, &line);
    }
}

#[test]
fn unresolvable_host() {
    let run = Sigcurl::new().args(["http://nonexistent.invalid/"]).run();
    run.fails(6, "cannot resolve host nonexistent.invalid");
}

#[test]
fn unresolvable_proxy() {
    let proxied = |variable| Sigcurl::new().env(variable, "http://proxy.invalid:3128");
    proxied("http_proxy")
        .args(["http://example.com/"])
        .run()
        .fails(5, "cannot resolve proxy proxy.invalid");
    proxied("https_proxy")
        .args(["https://example.com/"])
        .run()
        .fails(5, "cannot resolve proxy proxy.invalid");
}

#[test]
fn proxies_that_do_not_help() {
    let proxied = |proxy: &str| {
        Sigcurl::new()
            .env("https_proxy", proxy)
            .args(["https://api.example.com/"])
    };
    proxied("http://127.0.0.1:1/").run().fails(
        7,
        "cannot connect to the proxy for api.example.com: Connection refused",
    );
    let refusing = Server::start(|_| response("403 Forbidden", &[], ""));
    proxied(&refusing.url("/"))
        .run()
        .fails(56, "the proxy opens no tunnel to api.example.com");
    let hit = refusing.hit();
    assert_eq!(
        (hit.method.as_str(), hit.is_signed()),
        ("CONNECT", false),
        "the signature is for the host alone"
    );
}

#[test]
fn refused_connection() {
    for url in ["http://127.0.0.1:1/", "https://127.0.0.1:1/"] {
        Sigcurl::new()
            .args([url])
            .run()
            .fails(7, "cannot connect to 127.0.0.1:1: ");
    }
}

#[test]
fn connection_that_is_reset() {
    // Closing a socket with unread bytes in it resets the connection.
    let server = Server::with_stream(|stream, _| {
        let _ = stream.read_exact(&mut [0; 1]);
    });
    let run = Sigcurl::new().args([server.url("/").as_str()]).run();
    run.fails(56, "cannot receive the answer of 127.0.0.1");
}

#[test]
fn region_that_cannot_be_known() {
    let started = Instant::now();
    for url in [
        "http://127.0.0.1:1/",
        "https://api.example.com/",
        "https://bucket.s3.amazonaws.com/key",
    ] {
        let run = Sigcurl::bare()
            .env(KEYS[0].0, KEYS[0].1)
            .env(KEYS[1].0, KEYS[1].1)
            .args([url])
            .run();
        run.fails(2, "no region: ");
        assert!(run.stderr.contains("--region NAME"));
    }
    assert!(
        started.elapsed() < Duration::from_secs(2),
        "nobody was asked"
    );

    let sigv4a = Sigcurl::new()
        .args(["https://abc.mrap.accesspoint.s3-global.amazonaws.com/"])
        .run();
    sigv4a.fails(
        2,
        "the host abc.mrap.accesspoint.s3-global.amazonaws.com needs Signature Version 4a",
    );
}

#[test]
fn at_that_is_no_date() {
    for at in ["yesterday", "2015-08-30T12:36:00Z", "20151330T123600Z", ""] {
        let line = format!(
            "invalid value '{at}' for '--at <TIME>': invalid date: expected the form 20150830T123600Z"
        );
        let run = Sigcurl::new()
            .args(["--at", at, "http://127.0.0.1:1/"])
            .run();
        if at.is_empty() {
            run.fails(2, "");
        } else {
            run.fails(2, &line);
        }
    }
    let both = [
        "--at",
        "20150830T123600Z",
        "-H",
        "X-Amz-Date: 20150830T123601Z",
        "http://127.0.0.1:1/",
    ];
    Sigcurl::new()
        .args(both)
        .run()
        .fails(2, "--at and X-Amz-Date name different times");
}

#[test]
fn status_with_fail_with_body() {
    let server = Server::start(|_| response("404 Not Found", &[], "{}"));
    let run = Sigcurl::new()
        .args(["--fail-with-body", &server.url("/")])
        .run();
    run.fails(22, "the server answered 404 Not Found");
    assert_eq!(run.stdout(), "{}");
    assert_eq!(
        Sigcurl::new()
            .args([server.url("/").as_str()])
            .run()
            .succeeds()
            .stdout(),
        "{}"
    );
}

#[test]
fn timeouts() {
    let silent = Server::with_stream(|stream, _| {
        Hit::read(stream);
        std::thread::sleep(Duration::from_secs(30));
    });
    let run = Sigcurl::new()
        .args(["--max-time", "0.3", &silent.url("/")])
        .run();
    run.fails(28, "timeout: --max-time of 0.3 s is over");

    let slow = Server::with_stream(|stream, _| {
        Hit::read(stream);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
            .unwrap();
        std::thread::sleep(Duration::from_secs(30));
    });
    let run = Sigcurl::new().args(["-m", "0.5", &slow.url("/")]).run();
    run.fails(28, "timeout: --max-time");
    assert_eq!(run.stdout(), "half", "what came is printed as it comes");

    let started = Instant::now();
    // TLS is part of connecting.
    let run = Sigcurl::new()
        .args([
            "--connect-timeout",
            "0.3",
            &silent.url("/").replace("http", "https"),
        ])
        .run();
    run.fails(28, "timeout, waiting for 127.0.0.1");
    assert!(started.elapsed() < Duration::from_secs(5));
}

#[test]
fn servers_that_misbehave() {
    let say = |bytes: &'static [u8]| {
        Server::with_stream(move |stream, _| {
            Hit::read(stream);
            stream.write_all(bytes).unwrap();
        })
    };
    for (answer, code, line) in [
        (b"".as_slice(), 52, "no answer from 127.0.0.1"),
        (b"HTTP/1.1 200", 52, "no answer from 127.0.0.1"),
        (b"SSH-2.0-OpenSSH\r\n\r\n", 8, "the answer of 127.0.0.1"),
        (
            b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf",
            18,
            "127.0.0.1",
        ),
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhalf",
            18,
            "127.0.0.1",
        ),
    ] {
        let server = say(answer);
        Sigcurl::new()
            .args([server.url("/").as_str()])
            .run()
            .fails(code, line);
    }
}

#[test]
fn a_closed_pipe_is_silent() {
    let big = "x".repeat(4 << 20);
    let server = Server::start(move |_| ok(&big));
    let mut run = Sigcurl::new().args([server.url("/").as_str()]);
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    let output = run
        .command
        .stdout(writer)
        .stderr(std::process::Stdio::piped())
        .output()
        .unwrap();
    assert_eq!((output.status.code(), output.stderr), (Some(23), vec![]));
}

#[test]
fn output_that_cannot_be_written() {
    let server = Server::start(|_| ok("body"));
    let run = |path: &str| Sigcurl::new().args(["-o", path, &server.url("/")]).run();
    run("/nonexistent/file").fails(
        23,
        "cannot write '/nonexistent/file': No such file or directory",
    );
    assert_eq!(
        server.hits().len(),
        0,
        "found out before the request is sent"
    );
    if std::path::Path::new("/dev/full").exists() {
        run("/dev/full").fails(23, "cannot write '/dev/full': No space left on device");
    }
}
