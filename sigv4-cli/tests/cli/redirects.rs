//! `-L`: each hop is decided anew, and nothing that is ours leaves for another host.

use std::sync::Arc;

use super::support::process::{Outcome, Sigcurl};
use super::support::server::{Hit, Server, ok, redirect, response};
use super::support::{KEY_ID, REGION, SECRET, SERVICE};

const TOKEN: &str = "SESSIONTOKEN";

/// A server that redirects `/from` with `status` to `location`, and says hello elsewhere.
fn redirecting(status: &'static str, location: &str) -> Server {
    let location = location.to_owned();
    Server::start(move |hit| {
        if hit.target == "/from" {
            redirect(status, &location)
        } else {
            ok("Hello")
        }
    })
}

fn follow<'a>(server: &Server, args: impl IntoIterator<Item = &'a str>) -> Outcome {
    let url = server.url("/from");
    Sigcurl::new()
        .env("AWS_SESSION_TOKEN", TOKEN)
        .args(args)
        .args(["-L", &url])
        .run()
}

#[test]
fn the_same_host_is_signed_again() {
    for status in [
        "301 Moved Permanently",
        "302 Found",
        "303 See Other",
        "307 Temporary Redirect",
        "308 Permanent Redirect",
    ] {
        let server = redirecting(status, "/to?a=%20b#fragment");
        let run = follow(
            &server,
            ["-d", "body", "-H", "X-Amz-Target: T", "-H", "X-Api-Key: K"],
        );
        assert_eq!(
            run.succeeds().stdout(),
            "Hello",
            "only the last body is printed"
        );

        let hits = server.hits();
        let targets: Vec<_> = hits.iter().map(|hit| hit.target.as_str()).collect();
        assert_eq!(targets, ["/from", "/to?a=%20b"]);
        for hit in &hits {
            assert_eq!(
                hit.verify_with_token(REGION, SERVICE, Some(TOKEN)),
                Ok(()),
                "{status}"
            );
        }
        let keeps = status.starts_with("307") || status.starts_with("308");
        let (method, body) = if keeps { ("POST", "body") } else { ("GET", "") };
        assert_eq!(
            (hits[1].method.as_str(), hits[1].body.as_slice()),
            (method, body.as_bytes()),
            "{status}"
        );
        assert_eq!(
            hits[1].header("content-length").is_some(),
            keeps,
            "{status}"
        );
        assert_eq!(hits[1].header("x-amz-target"), Some("T"));
    }
}

#[test]
fn nothing_of_ours_leaves_for_another_host() {
    let elsewhere = Server::start(|_| ok("Hello"));
    let port = elsewhere.address.port();
    for location in [
        format!("http://127.0.0.1:{port}/to"),
        format!("http://localhost:{port}/to"),
        format!("//127.0.0.1:{port}/to"),
        format!("http://user:password@127.0.0.1:{port}/to"),
        format!("http://127.0.0.1:{port}/to?X-Amz-Signature=0"),
        format!("\\\\127.0.0.1:{port}/to"),
    ] {
        for status in ["302 Found", "307 Temporary Redirect"] {
            let server = redirecting(status, &location);
            let mine = [
                "-H",
                "X-Amz-Target: T",
                "-H",
                "X-Api-Key: APIKEY",
                "-H",
                "Cookie: COOKIE",
                "-H",
                "Host: private.example.com",
            ];
            follow(&server, mine).succeeds();
            let hit = elsewhere.hits().pop().unwrap();
            assert_no_secret(&hit);
            assert!(
                !String::from_utf8_lossy(&hit.raw).contains("private.example.com"),
                "{location}"
            );
        }
    }
    assert_eq!(elsewhere.hits().len(), 12);
}

fn assert_no_secret(hit: &Hit) {
    let raw = String::from_utf8_lossy(&hit.raw).to_ascii_lowercase();
    for secret in [
        "authorization",
        "x-amz-",
        "x-api-key",
        "cookie",
        "basic",
        KEY_ID,
        SECRET,
        TOKEN,
    ] {
        let head = raw.replace("/to?x-amz-signature=0", "");
        assert!(
            !head.contains(&secret.to_ascii_lowercase()),
            "{secret} in {raw}"
        );
    }
}

#[test]
fn a_presigned_target_is_never_signed() {
    let server = redirecting("302 Found", "/to?X-Amz-Signature=0");
    follow(&server, []).succeeds();
    let hits = server.hits();
    assert!(hits[0].is_signed() && !hits[1].is_signed());
    assert_no_secret(&hits[1]);
}

#[test]
fn the_way_back_is_not_signed_either() {
    // Else the other host could choose what we sign for the first one.
    let first: Arc<std::sync::OnceLock<String>> = Arc::default();
    let back = Arc::clone(&first);
    let elsewhere =
        Server::start(move |_| redirect("302 Found", &format!("{}delete", back.get().unwrap())));
    let server = redirecting("302 Found", &elsewhere.url("/"));
    first.set(server.url("/")).unwrap();

    follow(&server, []).succeeds();
    let hits = server.hits();
    assert_eq!(hits[1].target, "/delete");
    assert_no_secret(&hits[1]);
}

#[test]
fn limits_and_refusals() {
    let endless = Server::start(|hit| redirect("302 Found", &format!("{}x", hit.target)));
    follow(&endless, []).fails(47, "more than 50 redirects");
    assert_eq!(endless.hits().len(), 51);

    follow(&redirecting("302 Found", "ftp://127.0.0.1/"), [])
        .fails(1, "the server redirects to protocol 'ftp'");
    follow(&redirecting("302 Found", "http://["), [])
        .fails(3, "the server redirects to a malformed URL");

    let without_location = Server::start(|_| response("302 Found", &[], "moved"));
    assert_eq!(follow(&without_location, []).succeeds().stdout(), "moved");
}

#[test]
fn without_l_the_redirect_is_the_answer() {
    let server = redirecting("302 Found", "/to");
    assert_eq!(
        Sigcurl::new()
            .args([server.url("/from").as_str()])
            .run()
            .succeeds()
            .stdout(),
        "moved"
    );
    assert_eq!(server.hits().len(), 1);
}

#[test]
fn i_prints_every_head_and_v_says_what_is_signed() {
    let server = redirecting("302 Found", "/to");
    let run = follow(&server, ["-i"]);
    let text = run.succeeds().stdout();
    assert!(
        text.starts_with("HTTP/1.1 302 Found\r\n") && text.contains("\r\n\r\nHTTP/1.1 200 OK\r\n"),
        "{text}"
    );

    let elsewhere = Server::start(|_| ok(""));
    let location = elsewhere.url("/?X-Amz-Signature=SIGNED&X-Amz-Security-Token=TOKEN");
    let run = follow(&redirecting("302 Found", &location), ["-v"]);
    assert!(
        run.stderr.contains(&format!(
            "* Redirected to {}: not signed",
            elsewhere.address
        )),
        "{}",
        run.stderr
    );
    assert!(
        !run.stderr.contains("SIGNED") && !run.stderr.contains("=TOKEN"),
        "{}",
        run.stderr
    );
}

/// Where a redirect leads, S3's encoding is put on the wire as at the start.
#[test]
fn a_redirect_at_s3_is_sent_in_the_encoding_that_is_signed() {
    let server = Server::start(|hit| match hit.target.as_str() {
        "/start" => redirect("307 Temporary Redirect", "/a+b=c?prefix=d+e"),
        _ => match hit.verify(REGION, "s3") {
            Ok(()) => ok(&hit.target),
            Err(error) => response("403 Forbidden", &[], &error.to_string()),
        },
    });
    let run = Sigcurl::new()
        .args(["-L", "--service", "s3", &server.url("/start")])
        .run();
    assert_eq!(run.succeeds().stdout(), "/a%2Bb%3Dc?prefix=d%20e");
}
