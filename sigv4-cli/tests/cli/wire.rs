//! What is signed is what is sent, byte for byte.

use super::support::process::Sigcurl;
use super::support::server::{Server, ok};
use super::support::{REGION, SERVICE};

/// Paths and queries of every shape that clients are known to get wrong.
const TARGETS: [&str; 54] = [
    "/",
    "",
    "?",
    "/?",
    "/?a",
    "/?a=",
    "/?=a",
    "/?&&a&",
    "/?a=b=c",
    "/?tok=abc==",
    "/?b=2&a=1&a=0",
    "/?a-=1&a=2",
    "/?q=%20&r=%3A%2f%3D%2B%C3%A9&%00=%2520",
    "/?a=%20b%20",
    "/?a+b=c+d",
    "/?a=1;b=2",
    "/?query=m{s=\"2\"}",
    "/?a b=c d",
    "/?é=ü",
    "/?a#frag",
    "/a#frag",
    "/?a=?b=/c:@",
    "/?a='b'",
    "/?a=b|c^d`e\\f",
    "/?a=[1]&b=~",
    "/?a=%7E%2D%5f",
    "/%20",
    "/a b",
    "/é",
    "/%C3%A9",
    "/%3a%3A",
    "/%2F%2f",
    "/%25",
    "/%7E%2D%5f~-_",
    "/a=b",
    "/a:b",
    "/a*b",
    "/a+b",
    "/a$b",
    "/a@b",
    "/a,b",
    "/(a)",
    "/'a'",
    "/a;b",
    "/a&b",
    "/a!b",
    "/[1]",
    "/{a}",
    "/a|b^c`d",
    "/\"a\"",
    "//a",
    "/a//b",
    "/a/./b/../c",
    "/%2E%2E/a/%2e/b/..",
];

#[test]
fn every_target_verifies() {
    for (service, rules) in [("execute-api", "twice"), ("s3", "once")] {
        let server = Server::start(|_| ok(""));
        for target in TARGETS {
            let url = server.url(target);
            let run = Sigcurl::new().args(["--service", service, &url]).run();
            assert_eq!((run.code, run.stderr.as_str()), (0, ""), "{url}");
        }
        let hits = server.hits();
        assert_eq!(hits.len(), TARGETS.len());
        for (target, hit) in TARGETS.iter().zip(hits) {
            let verified = hit.verify(REGION, service);
            assert_eq!(
                verified,
                Ok(()),
                "{target} (path encoded {rules}), sent as {}",
                hit.target
            );
        }
    }
}

#[test]
fn dry_run_prints_the_bytes_that_are_sent() {
    let server = Server::start(|_| ok(""));
    let url = server.url("/a b?x=é");
    for args in [
        vec![],
        vec!["-X", "POST"],
        vec!["-X", "delete"],
        vec!["-d", "{\"a\": 1}"],
        vec!["-d", "@-"],
        vec![
            "-H",
            "Accept:",
            "-H",
            "User-Agent:",
            "-H",
            "X-Empty;",
            "-H",
            "x-two: 1",
            "-H",
            "X-Two:  2   3 ",
        ],
        vec!["-H", "Host: API.Example.com:8443", "-H", "X-Raw: é"],
        vec!["-X", "PUT", "-H", "Content-Type:", "-d", ""],
        vec!["--session_token", "TOKEN/+=="],
        vec![
            "--service",
            "s3",
            "-H",
            "x-amz-content-sha256: UNSIGNED-PAYLOAD",
            "-d",
            "x",
        ],
        vec!["-H", "X-Amz-Date: 20150830T123600Z"],
        vec![
            "-H",
            "Content-Length: 1",
            "-d",
            "x",
            "-H",
            "Connection: close",
        ],
    ] {
        let run = |more: &[&str]| {
            let stdin = b"\x00\r\n\xff\n";
            Sigcurl::new()
                .args(args.iter().copied())
                .args(["--at", "20150830T123600Z", &url])
                .args(more.iter().copied())
                .stdin(stdin)
                .run()
        };
        let dry = run(&["--dry-run"]);
        let sent = server.hits().len();
        run(&[]).succeeds();
        let hit = server.hits().remove(sent);
        assert_eq!(
            dry.succeeds().stdout,
            hit.raw,
            "{args:?}:\n{}",
            String::from_utf8_lossy(&hit.raw)
        );
    }
}

#[test]
fn bodies_arrive_as_they_are() {
    let server = Server::verifying();
    let bytes: Vec<u8> = (0..=255).chain(*b"\r\n\x00\n").collect();
    for data in ["@-", "@body"] {
        let run = Sigcurl::new()
            .file("body", &bytes)
            .stdin(&bytes)
            .args(["-d", data, &server.url("/")])
            .run();
        assert_eq!(run.succeeds().stdout(), "Hello, World");
        let hit = server.hits().pop().unwrap();
        assert_eq!((hit.method.as_str(), &hit.body), ("POST", &bytes));
        assert_eq!(
            hit.header("content-type"),
            Some("application/x-www-form-urlencoded")
        );
    }
}

#[test]
fn awscurls_own_command_line() {
    // The original user story, with awscurl's name for the program and nothing else changed.
    let server = Server::verifying_for("ap-northeast-1", "execute-api");
    let url = server.url("/");
    let run = Sigcurl::new()
        .args([
            "--service",
            "execute-api",
            "--region",
            "ap-northeast-1",
            &url,
        ])
        .run();
    assert_eq!(run.succeeds().stdout(), "Hello, World");
}

#[test]
fn a_host_header_is_sent_and_signed_as_given() {
    let server = Server::start(|_| ok(""));
    let host = "host: Abc123.execute-api.eu-west-1.amazonaws.com";
    Sigcurl::new()
        .args(["-H", host, &server.url("/prod/")])
        .run()
        .succeeds();
    let hit = server.hit();
    assert_eq!(
        hit.header("host"),
        Some("Abc123.execute-api.eu-west-1.amazonaws.com")
    );
    assert_eq!(
        hit.verify("eu-west-1", SERVICE),
        Ok(()),
        "service and region are read off it"
    );
}

#[test]
fn user_info_is_never_sent() {
    let server = Server::verifying();
    let url = server.url("/").replace("http://", "http://user:password@");
    Sigcurl::new().args([url.as_str()]).run().succeeds();
    assert!(!String::from_utf8_lossy(&server.hit().raw).contains("Basic"));
}

#[test]
fn a_proxy_gets_the_same_signed_request() {
    let proxy = Server::verifying();
    let run = Sigcurl::new()
        .env("http_proxy", &proxy.url("/"))
        .args(["--service", SERVICE, "http://api.example.com/a%20b?c"])
        .run();
    assert_eq!(run.succeeds().stdout(), "Hello, World");
    let hit = proxy.hit();
    assert_eq!(hit.target, "http://api.example.com/a%20b?c");
    assert_eq!(hit.header("host"), Some("api.example.com"));
}
