//! `sigcurl demo`.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use super::support::process::Sigcurl;

#[test]
fn a_signed_call_succeeds_and_an_unsigned_one_does_not() {
    // A proxy, a profile and stale keys around it do not matter.
    let run = Sigcurl::bare()
        .env("http_proxy", "http://proxy.invalid/")
        .env("AWS_PROFILE", "nope")
        .env("AWS_SESSION_TOKEN", "x");
    let run = run.args(["demo"]).run();
    let text = run.succeeds().stdout();
    for line in [
        "Hello, World",
        "403 {\"message\":\"Forbidden\"}",
        "sigcurl --service execute-api --region REGION https://ID.execute-api.REGION.amazonaws.com/STAGE/",
    ] {
        assert!(text.lines().any(|found| found == line), "{line} in {text}");
    }
}

#[test]
fn serve_accepts_the_keys_that_it_prints() {
    let mut run = Sigcurl::bare();
    let mut demo = run
        .command
        .args(["demo", "--serve", "--region", "ap-northeast-1"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut variables = std::collections::HashMap::new();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    while variables.len() < 3 {
        let line = lines.next().unwrap().unwrap();
        if let Some((name, value)) = line
            .strip_prefix("export ")
            .and_then(|line| line.split_once('='))
        {
            variables.insert(name.to_owned(), value.to_owned());
        }
    }
    let with_keys = || {
        Sigcurl::bare()
            .env("AWS_ACCESS_KEY_ID", &variables["AWS_ACCESS_KEY_ID"])
            .env("AWS_SECRET_ACCESS_KEY", &variables["AWS_SECRET_ACCESS_KEY"])
    };
    let url = variables["SIGCURL_DEMO_URL"].as_str();

    let arguments = [
        "--service",
        "execute-api",
        "--region",
        "ap-northeast-1",
        url,
    ];
    assert_eq!(
        with_keys().args(arguments).run().succeeds().stdout(),
        "Hello, World"
    );
    assert_eq!(
        with_keys()
            .args(arguments)
            .args(["-d", "@-"])
            .stdin(&[0; 100_000])
            .run()
            .succeeds()
            .stdout(),
        "Hello, World"
    );
    for wrong in [
        ["--region", "us-east-1"],
        ["--secret_key", "wrong"],
        ["--service", "lambda"],
    ] {
        let run = with_keys().args(arguments).args(wrong).args([
            "--access_key",
            &variables["AWS_ACCESS_KEY_ID"],
            "--fail-with-body",
            "--no-hints",
        ]);
        let run = if wrong[0] == "--secret_key" {
            run
        } else {
            run.args(["--secret_key", &variables["AWS_SECRET_ACCESS_KEY"]])
        };
        let run = run.run();
        run.fails(22, "the server answered 403 Forbidden");
        assert_eq!(run.stdout(), "{\"message\":\"Forbidden\"}", "{wrong:?}");
    }
    demo.kill().unwrap();
    let log = String::from_utf8(demo.wait_with_output().unwrap().stderr).unwrap();
    assert!(
        log.starts_with("GET / 200 OK: signature verified\nPOST / 200 OK"),
        "{log}"
    );
}

#[test]
fn a_taken_port_and_a_wrong_region() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    Sigcurl::bare()
        .args(["demo", "--port", &port])
        .run()
        .fails(7, &format!("cannot listen on 127.0.0.1:{port}"));
    Sigcurl::bare()
        .args(["demo", "--region", "a/b"])
        .run()
        .fails(2, "invalid region");
}
