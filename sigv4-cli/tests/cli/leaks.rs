//! No secret, token or signature in any output, however loud and whatever goes wrong.

use super::roles::{ROLE, sts};
use super::support::process::Sigcurl;
use super::support::server::{Hit, Server, ok, response};

const SECRET: &str = "SECRETSECRETSECRETSECRETSECRETSECRETSECR";
const TOKEN: &str = "TOKENTOKENTOKEN";

type Headers = &'static [(&'static str, &'static str)];

#[test]
fn nothing_leaks_whatever_fails() {
    let answers: [(&str, Headers, &str); 9] = [
        ("200 OK", &[], "fine"),
        ("403 Forbidden", &[], "{\"message\":\"Forbidden\"}"),
        (
            "403 Forbidden",
            &[],
            "{\"message\":\"The request signature we calculated does not match the signature you provided.\"}",
        ),
        (
            "403 Forbidden",
            &[],
            "{\"message\":\"The security token included in the request is expired\"}",
        ),
        (
            "403 Forbidden",
            &[("date", "Wed, 21 Oct 2015 07:28:00 GMT")],
            "{\"message\":\"Signature expired: 20151021T072800Z is now earlier than 20151021T073300Z (20151021T073800Z - 5 min.)\"}",
        ),
        (
            "400 Bad Request",
            &[("x-amz-bucket-region", "eu-west-1")],
            "",
        ),
        (
            "401 Unauthorized",
            &[],
            "<Response><Errors><Error><Code>AuthFailure</Code><Message>AWS was not able to validate the provided access credentials</Message></Error></Errors></Response>",
        ),
        (
            "307 Temporary Redirect",
            &[("location", "http://localhost:1/")],
            "",
        ),
        ("301 Moved Permanently", &[("location", "ftp://x/")], ""),
    ];
    for (status, headers, body) in answers {
        for loud in [
            &[][..],
            &["-v"],
            &["-v", "-i", "-L"],
            &["--fail-with-body", "-v"],
            &["--no-hints"],
        ] {
            let (own, answer) = (headers.to_vec(), (status, body));
            let server = Server::start(move |_| response(answer.0, &own, answer.1));
            let run = secret_run().args(loud.iter().copied()).args([
                "--service",
                "s3",
                &server.url("/a?b=c"),
            ]);
            silent(run, &server, &format!("{status} {loud:?}"));
        }
    }
}

#[test]
fn nothing_leaks_when_sts_refuses_or_the_server_tells_its_canonical_request() {
    let refusing = Server::start(|_| {
        response(
            "403 Forbidden",
            &[],
            "<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message></Error>",
        )
    });
    for args in [
        &["whoami", "--online"][..],
        &["whoami", "--role-arn", ROLE],
        &["-v", "--role-arn", ROLE, "http://127.0.0.1:1/"],
    ] {
        let run = secret_run()
            .env("AWS_ENDPOINT_URL_STS", &refusing.url("/"))
            .args(args.iter().copied());
        silent(run, &refusing, &format!("{args:?}"));
    }
    // What it tells has the token in it; the body goes as it is, the hints must not repeat it.
    let telling = Server::start(|hit| {
        let authorization = hit.header("authorization").unwrap();
        let names = authorization
            .split("SignedHeaders=")
            .nth(1)
            .unwrap()
            .split(',')
            .next()
            .unwrap();
        let headers = names
            .split(';')
            .map(|name| format!("{name}:{}\n", hit.header(name).unwrap()));
        let headers: String = headers.collect();
        let body = format!(
            "<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided.</Message><CanonicalRequest>GET\n/\n\n{headers}\n{names}\nother</CanonicalRequest></Error>"
        );
        response("403 Forbidden", &[], &body)
    });
    let run = secret_run().args([
        "-v",
        "-H",
        "x-api-key: KEY",
        "--service",
        "s3",
        &telling.url("/"),
    ]);
    let outcome = run.run();
    assert!(
        outcome
            .stderr
            .contains(" (hash of the body), column 1: 'other' there"),
        "{}",
        outcome.stderr
    );
    for secret in [SECRET, TOKEN, "KEY\n"] {
        assert!(!outcome.stderr.contains(secret), "{}", outcome.stderr);
    }
}

#[test]
fn nothing_of_a_session_is_shown() {
    let (sts, server) = (sts(), Server::start(|_| ok("fine")));
    let run = Sigcurl::new()
        .env("AWS_ENDPOINT_URL_STS", &sts.url("/"))
        .args(["-v", "-i", "--role-arn", ROLE, &server.url("/")])
        .run();
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(
        run.stderr.contains("x-amz-security-token: (redacted)"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains(super::support::SECRET));
}

#[test]
fn nothing_leaks_from_the_other_ways_to_send() {
    let refusing = Server::start(|_| {
        let message =
            "The request signature we calculated does not match the signature you provided.";
        response(
            "403 Forbidden",
            &[],
            &format!("{{\"message\":\"{message}\"}}"),
        )
    });
    let url = refusing.url("/p");
    for line in [
        &["ws", "-v", "--execute", "x", &url][..],
        &["ws", "-v", "--presign", "--execute", "x", &url],
        &[
            "api",
            "-v",
            "--api-key",
            "APIKEYAPIKEY",
            "--endpoint-url",
            &url,
            "abc/p",
        ],
        &["-v", "--target", "A.B", &url],
        &[
            "-v",
            "--action",
            "A",
            "--api-version",
            "1",
            "-G",
            "--presign",
            &url,
        ],
    ] {
        silent(
            secret_run().args(line.iter().copied()),
            &refusing,
            &format!("{line:?}"),
        );
    }
}

fn secret_run() -> Sigcurl {
    Sigcurl::bare()
        .env("AWS_ACCESS_KEY_ID", "AKIDLEAK")
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .env("AWS_SESSION_TOKEN", TOKEN)
        .env("AWS_REGION", "us-east-1")
}

/// Asserts that neither output has the secret, the token, or a signature that the server was sent.
#[track_caller]
fn silent(run: Sigcurl, server: &Server, what: &str) {
    let outcome = run.run();
    let output = format!(
        "{}{}",
        String::from_utf8_lossy(&outcome.stdout),
        outcome.stderr
    );
    let hits = server.hits();
    assert!(hits.iter().all(|hit| signature(hit).is_some()));
    let signatures = hits.iter().filter_map(signature);
    for secret in [SECRET, TOKEN, "APIKEYAPIKEY"]
        .into_iter()
        .chain(signatures)
    {
        assert!(!output.contains(secret), "{what}: {secret} in {output}");
    }
}

/// The signature in the header or in the query.
fn signature(hit: &Hit) -> Option<&str> {
    let text = hit.header("authorization").unwrap_or(&hit.target);
    let signature = text.split("Signature=").nth(1)?;
    signature.split('&').next()
}
