//! What users of other clients asked for, by repository and number: services, ways to sign, Lambda, packaging.

use std::io::{Read, Write};

use crate::support::process::Sigcurl;
use crate::support::server::{Hit, Server, ok};
use crate::support::{KEY_ID, REGION, SECRET, SERVICE};

/// Sends to `host`, which is the test's server, and gives what that got.
#[track_caller]
fn sent_to(host: &str, path: &str, service: &str, args: &[&str]) -> Hit {
    let server = Server::start(|_| ok("{}"));
    let url = format!("http://{host}{path}");
    let there = format!("::{}", server.address);
    let run = Sigcurl::new()
        .args(["--connect-to", &there])
        .args(args.iter().copied())
        .args([url.as_str()])
        .run();
    assert_eq!(run.code, 0, "{}", run.stderr);
    let hit = server.hit();
    assert_eq!(hit.verify(REGION, service), Ok(()), "{url}");
    hit
}

reported! { where_to_and_for_whom_are_two_things as sigv4_proxy_212 }

fn where_to_and_for_whom_are_two_things() {
    let host = "abc.execute-api.us-east-1.amazonaws.com";
    // Another address, the URL's host.
    assert_eq!(sent_to(host, "/", SERVICE, &[]).header("host"), Some(host));
    // The URL's address, another host.
    let server = Server::verifying();
    let run = Sigcurl::new()
        .args(["--service-host", host, &server.url("/")])
        .run();
    run.succeeds();
    assert_eq!(server.hit().header("host"), Some(host));
}

reported! { many_parameters as curl_17421 }

fn many_parameters() {
    let server = Server::verifying();
    let parameters: Vec<_> = (0..500).map(|n| format!("p{n}={n}")).collect();
    let target = format!("/?{}", parameters.join("&"));
    Sigcurl::new()
        .args([server.url(&target).as_str()])
        .run()
        .succeeds();
    assert_eq!(server.hit().target, target);
}

reported! { signing_is_under_control as curl_19221 }

/// Query mode, the headers that are signed, a token, a fixed date. SigV4a is refused by name.
fn signing_is_under_control() {
    let server = Server::verifying();
    let hit = || server.hits().pop().unwrap();
    let url = server.url("/");
    Sigcurl::new().args(["--presign", &url]).run().succeeds();
    assert!(hit().target.contains("X-Amz-Signature=") && !hit().is_signed());

    let curls = ["--aws-sigv4", "aws:amz:us-east-1:execute-api", "-u"];
    let keys = format!("{KEY_ID}:{SECRET}");
    let run = Sigcurl::bare().args(curls).args([
        keys.as_str(),
        "--session_token",
        "T",
        "--sign-header",
        "x-a",
        "-H",
        "X-A: b",
        "--dry-run",
        "--at",
        "20150830T123600Z",
        &url,
    ]);
    let run = run.run();
    let text = run.succeeds().stdout();
    assert!(text.contains("x-amz-date: 20150830T123600Z\r\n"), "{text}");
    assert!(
        text.contains("SignedHeaders=accept;host;x-a;x-amz-date;x-amz-security-token,"),
        "{text}"
    );

    let run = Sigcurl::new().args(["--region", "*", &url]).run();
    run.fails(2, "--region '*' needs Signature Version 4a");
}

reported! {
    the_service_is_read_off_the_host as
    sigv4_proxy_29,
    sigv4_proxy_51,
    sigv4_proxy_86,
    sigv4_proxy_253,
    aws4fetch_63,
    go_aws_auth_26,
    amplify_js_106,
}

fn the_service_is_read_off_the_host() {
    for (host, service) in [
        ("abc.execute-api.us-east-1.amazonaws.com", "execute-api"),
        ("abc.lambda-url.us-east-1.on.aws", "lambda"),
        ("bucket.s3.us-east-1.amazonaws.com", "s3"),
        ("s3.dualstack.us-east-1.amazonaws.com", "s3"),
        ("search-x.us-east-1.es.amazonaws.com", "es"),
        ("abc.us-east-1.aoss.amazonaws.com", "aoss"),
        ("aps-workspaces.us-east-1.amazonaws.com", "aps"),
        ("queue.amazonaws.com", "sqs"),
    ] {
        sent_to(host, "/", service, &[]);
    }
    // A custom domain could be anything: execute-api is the guess, and it is told.
    let server = Server::verifying();
    let there = format!("::{}", server.address);
    let custom = ["--connect-to", &there, "http://api.example.com/"];
    let run = Sigcurl::new().args(custom).run();
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert_eq!(
        run.stderr,
        "sigcurl: warning: api.example.com is no host name of AWS's: signing for execute-api (--service NAME says for what)\n"
    );
    Sigcurl::new()
        .args(custom)
        .args(["--service", SERVICE])
        .run()
        .succeeds();
    Sigcurl::new().args(custom).args(["-s"]).run().succeeds();
}

reported! {
    slashes_and_dots as
    aws_sdk_js_v3_3408,
    smithy_rs_1308,
    tropel_295,
    duckdb_httpfs_333,
    versitygw_2274,
}

/// Off S3 the canonical path has neither `//` nor dots; on S3 it is what is sent.
fn slashes_and_dots() {
    for (service, path, canonical) in [
        (SERVICE, "//a//b", "/a/b"),
        (SERVICE, "/a//", "/a/"),
        ("s3", "//a//b", "//a//b"),
        ("s3", "//key", "//key"),
    ] {
        let server = Server::verifying_for(REGION, service);
        let run = Sigcurl::new()
            .args(["-v", "--service", service, &server.url(path)])
            .run();
        assert_eq!(run.code, 0, "{}", run.stderr);
        assert_eq!(server.hit().target, path);
        assert!(
            run.stderr.contains(&format!("* GET\n* {canonical}\n")),
            "{path}: {}",
            run.stderr
        );
    }
    // Dots never reach the wire, for any service: a path with them names another resource.
    let run = Sigcurl::new()
        .args(["--dry-run", "--service", "s3", "http://h/a/./b/../c"])
        .run();
    assert!(run.succeeds().stdout().starts_with("GET /a/c HTTP/1.1\r\n"));
}

reported! { payloads_are_sent_as_they_are as aws_cli_4968, aws_cli_6433, aws_cli_8132 }

fn payloads_are_sent_as_they_are() {
    let payload = "{\"name\": \"Zoë\"}";
    let path = "/2015-03-31/functions/hello/invocations";
    let hit = sent_to(
        "lambda.us-east-1.amazonaws.com",
        path,
        "lambda",
        &["-d", payload],
    );
    assert_eq!(
        (hit.method.as_str(), hit.body.as_slice()),
        ("POST", payload.as_bytes())
    );
}

reported! { invoke_and_function_url_are_both_there as cargo_lambda_546 }

/// A function URL wraps the body in an HTTP event, Invoke does not: which one it is can be read off what is typed.
fn invoke_and_function_url_are_both_there() {
    for (host, path) in [
        ("abc.lambda-url.us-east-1.on.aws", "/any/path?x=1"),
        (
            "lambda.us-east-1.amazonaws.com",
            "/2015-03-31/functions/hello/invocations",
        ),
    ] {
        assert_eq!(sent_to(host, path, "lambda", &["-d", "{}"]).target, path);
    }
}

reported! { a_failed_function_is_a_failure as chalice_900, aws_lambda_helper_21 }

fn a_failed_function_is_a_failure() {
    let error = r#"{"errorMessage": "no", "errorType": "Error"}"#;
    let server = Server::start(move |_| {
        crate::support::server::response("200 OK", &[("x-amz-function-error", "Unhandled")], error)
    });
    let endpoint = server.url("");
    let run = Sigcurl::new()
        .args([
            "lambda",
            "invoke",
            "--endpoint-url",
            &endpoint,
            "hello",
            "{}",
        ])
        .run();
    run.fails(110, "the function failed (Unhandled): Error: no");
    assert_eq!(run.stdout(), error);
    assert_eq!(server.hit().verify(REGION, "lambda"), Ok(()));
}

reported! { it_runs_alone as homebrew_155202, awscurl_87, awscurl_168, awscurl_192 }

/// No interpreter, no packages, no configuration: one file.
fn it_runs_alone() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::verifying();
    let run = std::process::Command::new(env!("CARGO_BIN_EXE_sigcurl"))
        .env_clear()
        .env("AWS_ACCESS_KEY_ID", KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .args(["--region", REGION, &server.url("/")])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&run.stdout), "Hello, World");
    assert_eq!(String::from_utf8_lossy(&run.stderr), "");
}

reported! {
    any_client_can_send_what_was_signed as
    aws_toolkit_jetbrains_5990,
    postman_13368,
    sigv4_proxy_108,
}

/// A profile's keys, for a client that knows nothing of AWS: a URL, the bytes, or a command line.
fn any_client_can_send_what_was_signed() {
    let server = Server::verifying();
    let profile = || {
        let keys = format!(
            "[team]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\nregion = {REGION}\n"
        );
        Sigcurl::bare().file(".aws/credentials", keys)
    };
    let send = |text: &[u8]| {
        let mut stream = std::net::TcpStream::connect(server.address).unwrap();
        stream.write_all(text).unwrap();
        stream.shutdown(std::net::Shutdown::Write).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{answer}");
    };
    let url = server.url("/a?b=c");
    let run = profile().args(["presign", "--profile", "team", &url]).run();
    let target = run
        .succeeds()
        .stdout()
        .trim()
        .strip_prefix(&server.url(""))
        .unwrap()
        .to_owned();
    send(format!("GET {target} HTTP/1.1\r\nhost: {}\r\n\r\n", server.address).as_bytes());
    let run = profile()
        .args(["--dry-run", "--profile", "team", "-d", "x=1", &url])
        .run();
    send(&run.succeeds().stdout);
}
