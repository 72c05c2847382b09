//! `sigcurl lambda invoke`: what is sent, what is printed, how it ends.

use super::support::REGION;
use super::support::process::Sigcurl;
use super::support::server::{Hit, Server, response};

const ARN: &str = "arn:aws:lambda:us-east-1:123456789012:function:f";

/// Lambda, as far as an invocation goes: verifies, and answers with these headers and this payload.
fn lambda(
    status: &'static str,
    headers: &'static [(&'static str, &'static str)],
    payload: &'static str,
) -> Server {
    Server::start(move |hit| answer(hit, status, headers, payload))
}

fn answer(hit: &Hit, status: &str, headers: &[(&str, &str)], payload: &str) -> Vec<u8> {
    match hit.verify(REGION, "lambda") {
        Ok(()) => response(status, headers, payload),
        Err(error) => response("403 Forbidden", &[], &format!("not verified: {error}")),
    }
}

fn invoke(server: &Server) -> Sigcurl {
    Sigcurl::new()
        .env("AWS_ENDPOINT_URL_LAMBDA", &server.url(""))
        .args(["lambda", "invoke"])
}

#[test]
fn a_name_an_alias_and_arns_are_one_segment_of_the_path() {
    for (function, more, target) in [
        ("f", &[][..], "functions/f/invocations"),
        ("f:live", &[], "functions/f%3Alive/invocations"),
        (
            "123456789012:function:f",
            &[],
            "functions/123456789012%3Afunction%3Af/invocations",
        ),
        (
            ARN,
            &["--qualifier", "$LATEST"],
            "functions/arn%3Aaws%3Alambda%3Aus-east-1%3A123456789012%3Afunction%3Af/invocations?Qualifier=%24LATEST",
        ),
    ] {
        let server = lambda("200 OK", &[], "{}");
        let run = invoke(&server).args([function, "{\"a\":1}"]);
        run.args(more.iter().copied()).run().succeeds();
        let hit = server.hit();
        assert_eq!(
            (hit.method.as_str(), hit.target.as_str()),
            ("POST", format!("/2015-03-31/{target}").as_str())
        );
        assert_eq!(hit.body, b"{\"a\":1}");
    }
}

#[test]
fn payloads_come_from_everywhere() {
    for (words, sent) in [
        (&["f"][..], &b""[..]),
        (&["f", "@p"], b"\x00\xff\r\n"),
        (&["f", "@-"], b"from stdin"),
        (&["f", "-"], b"from stdin"),
        (&["f", "-5"], b"-5"),
        (&["f", "--payload", "fileb://p"], b"\x00\xff\r\n"),
        (&["f", "--payload", "file://p"], b"\x00\xff\r\n"),
        (&["f", "--payload", "@p"], b"\x00\xff\r\n"),
        (
            &[
                "f",
                "--cli-binary-format",
                "base64",
                "--payload",
                "eyJhIjoxfQ==",
            ],
            b"{\"a\":1}",
        ),
        (
            &[
                "f",
                "--cli-binary-format",
                "raw-in-base64-out",
                "--payload",
                "eyJhIjoxfQ==",
            ],
            b"eyJhIjoxfQ==",
        ),
    ] {
        let server = lambda("200 OK", &[], "ok");
        let run = invoke(&server)
            .file("p", b"\x00\xff\r\n")
            .stdin(b"from stdin");
        let run = run.args(words.iter().copied()).run();
        assert_eq!(run.succeeds().stdout(), "ok", "{words:?}");
        assert_eq!(server.hit().body, sent, "{words:?}");
    }
}

#[test]
fn every_header_is_signed() {
    let server = lambda("200 OK", &[], "{}");
    let run = invoke(&server).args([
        "f",
        "{}",
        "--type",
        "sync",
        "--log",
        "--client-context",
        "{\"client\": {}}",
        "--tenant-id",
        "blue tenant",
        "--durable-execution-name",
        "run-1",
    ]);
    run.run().succeeds();
    let hit = server.hit();
    for (name, value) in [
        ("x-amz-invocation-type", "RequestResponse"),
        ("x-amz-log-type", "Tail"),
        ("x-amz-client-context", "eyJjbGllbnQiOiB7fX0="),
        ("x-amz-tenant-id", "blue tenant"),
        ("x-amz-durable-execution-name", "run-1"),
    ] {
        assert_eq!(hit.header(name), Some(value));
        let signed = hit.header("authorization").unwrap();
        assert!(signed.contains(name), "{name} is signed");
    }
}

#[test]
fn events_and_dry_runs_have_no_payload() {
    for (kind, sent, status) in [
        ("event", "Event", "202 Accepted"),
        ("Event", "Event", "202 Accepted"),
        ("dry-run", "DryRun", "204 No Content"),
        ("DryRun", "DryRun", "204 No Content"),
    ] {
        let server = lambda(status, &[], "");
        let run = invoke(&server)
            .args(["f", "{}", "--invocation-type", kind])
            .run();
        assert_eq!(run.succeeds().stdout(), "");
        assert_eq!(server.hit().header("x-amz-invocation-type"), Some(sent));
    }
}

const BOOM: &str =
    "{\"errorMessage\":\"line 1\\nline 2\",\"errorType\":\"ValueError\",\"stackTrace\":[]}";
const FAILED: &[(&str, &str)] = &[("X-Amz-Function-Error", "Unhandled")];

#[test]
fn a_functions_error_is_printed_told_and_an_exit_code() {
    let server = lambda("200 OK", FAILED, BOOM);
    let run = invoke(&server).args(["f", "{}"]).run();
    run.fails(
        110,
        "the function failed (Unhandled): ValueError: line 1 line 2\n",
    );
    assert_eq!(run.stdout(), BOOM);

    // It was invoked: not again, whatever --retry-all-errors says, and the file has the error.
    let retry = ["--retry", "3", "--retry-all-errors", "--retry-delay", "1"];
    let server = lambda("200 OK", FAILED, BOOM);
    let mut run = invoke(&server).args(["f", "-o", "out"]).args(retry);
    run.run_and_keep()
        .fails(110, "the function failed (Unhandled): ValueError");
    server.hit();
    assert_eq!(
        std::fs::read_to_string(run.home.path().join("out")).unwrap(),
        BOOM
    );

    // What is no error object is an error all the same.
    let server = lambda("200 OK", FAILED, "nope");
    let run = invoke(&server).args(["f"]).run();
    run.fails(110, "the function failed (Unhandled)\n");
}

#[test]
fn the_log_goes_to_standard_error_in_both_forms() {
    // "START a\nEND\u{1b}[0m\n"
    const TEXT: &[(&str, &str)] = &[("X-Amz-Log-Result", "U1RBUlQgYQpFTkQbWzBtCg==")];
    let server = lambda("200 OK", TEXT, "42");
    let run = invoke(&server).args(["f", "--log"]).run();
    assert_eq!((run.code, run.stdout()), (0, "42"));
    assert_eq!(run.stderr, "START a\nEND\\u{1b}[0m\n");

    // {"logGroup":"/aws/lambda/f","logStreamName":"2026/s"}
    const PLACE: &[(&str, &str)] = &[(
        "X-Amz-Log-Result",
        "eyJsb2dHcm91cCI6Ii9hd3MvbGFtYmRhL2YiLCJsb2dTdHJlYW1OYW1lIjoiMjAyNi9zIn0=",
    )];
    let server = lambda("200 OK", PLACE, "42");
    let run = invoke(&server).args(["f", "--log"]).run();
    assert_eq!((run.code, run.stdout()), (0, "42"));
    assert_eq!(
        run.stderr,
        "sigcurl: the log is in CloudWatch Logs: group /aws/lambda/f, stream 2026/s\n"
    );
}

#[test]
fn json_tells_everything() {
    const HEADERS: &[(&str, &str)] = &[
        ("X-Amz-Log-Result", "U1RBUlQK"),
        ("X-Amz-Executed-Version", "$LATEST"),
        ("x-amzn-RequestId", "r-1"),
    ];
    for (payload, encoding, shown) in [
        ("{\"n\": 1.10}", "json", "{\"n\": 1.10}"),
        ("plain \"text\"", "text", "\"plain \\\"text\\\"\""),
        ("", "none", "null"),
    ] {
        let server = lambda("200 OK", HEADERS, payload);
        let run = invoke(&server).args(["f", "--json"]).run();
        assert_eq!(
            run.succeeds().stdout(),
            format!(
                "{{\"status\":200,\"executedVersion\":\"$LATEST\",\"requestId\":\"r-1\",\"functionError\":null,\"log\":\"START\\u000a\",\"payloadEncoding\":\"{encoding}\",\"payload\":{shown}}}\n"
            )
        );
    }
    let server = Server::start(|_| {
        let mut answer = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n".to_vec();
        answer.extend([0xff, 0xfe]);
        answer
    });
    let run = invoke(&server).args(["f", "--json"]).run();
    let end = "\"log\":null,\"payloadEncoding\":\"base64\",\"payload\":\"//4=\"}\n";
    assert!(run.succeeds().stdout().ends_with(end), "{}", run.stdout());

    let server = lambda("200 OK", FAILED, BOOM);
    let run = invoke(&server).args(["f", "--json"]).run();
    run.fails(110, "the function failed (Unhandled): ValueError");
    assert!(
        run.stdout()
            .contains("\"functionError\":\"Unhandled\",\"log\":null")
    );
}

#[test]
fn lines_of_the_aws_cli() {
    const HEADERS: &[(&str, &str)] = &[
        ("X-Amz-Log-Result", "U1RBUlQK"),
        ("X-Amz-Executed-Version", "3"),
    ];
    let server = lambda("200 OK", HEADERS, "{\"ok\":true}");
    let mut run = Sigcurl::new().args([
        "lambda",
        "invoke",
        "--endpoint-url",
        &server.url("/"),
        "--function-name",
        "f",
        "--qualifier",
        "3",
        "--invocation-type",
        "RequestResponse",
        "--log-type",
        "Tail",
        "--cli-binary-format",
        "raw-in-base64-out",
        "--payload",
        "{\"a\": 1}",
        "--region",
        "us-east-1",
        "--output",
        "json",
        "--no-cli-pager",
        "--cli-read-timeout",
        "60",
        "--cli-connect-timeout",
        "60",
        "--no-verify-ssl",
        "out.json",
    ]);
    let outcome = run.run_and_keep();
    assert_eq!(
        outcome.succeeds().stdout(),
        "{\n    \"StatusCode\": 200,\n    \"LogResult\": \"U1RBUlQK\",\n    \"ExecutedVersion\": \"3\"\n}\n"
    );
    let file = run.home.path().join("out.json");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "{\"ok\":true}");
    let hit = server.hit();
    assert_eq!(
        hit.target,
        "/2015-03-31/functions/f/invocations?Qualifier=3"
    );
    assert_eq!(hit.body, b"{\"a\": 1}");

    let server = lambda("200 OK", FAILED, BOOM);
    let words = ["--function-name", "f", "--output", "text", "out"];
    let run = invoke(&server).args(words).run();
    run.fails(110, "the function failed");
    assert_eq!(run.stdout(), "Unhandled\t200\n");
}

#[test]
fn a_refusal_exits_with_22_and_leaves_the_file_alone() {
    const NOT_FOUND: &[(&str, &str)] = &[("x-amzn-ErrorType", "ResourceNotFoundException")];
    let body = "{\"Type\":\"User\",\"Message\":\"Function not found: f\"}";
    let server = lambda("404 Not Found", NOT_FOUND, body);
    let words = ["--function-name", "f", "out"];
    let mut run = invoke(&server).file("out", "before").args(words);
    let outcome = run.run_and_keep();
    assert_eq!((outcome.code, outcome.stdout()), (22, body));
    assert!(
        outcome
            .stderr
            .ends_with("sigcurl: the server answered 404 Not Found\n")
    );
    let file = run.home.path().join("out");
    assert_eq!(std::fs::read_to_string(file).unwrap(), "before");

    let run = invoke(&server).args(["f", "--json", "--no-hints"]).run();
    run.fails(22, "the server answered 404 Not Found");
    let found: serde_json::Value = serde_json::from_str(run.stdout()).unwrap();
    assert_eq!(
        (&found["status"], &found["payload"]["Type"]),
        (&404.into(), &"User".into())
    );

    // Nothing was invoked by whoever answers with a redirect.
    let server = lambda("301 Moved Permanently", &[("location", "/x")], "moved");
    let run = invoke(&server).args(["f"]).run();
    run.fails(22, "the server answered 301 Moved Permanently");
}

#[test]
fn too_many_requests_are_tried_again() {
    let count = std::sync::atomic::AtomicU32::new(0);
    let server = Server::start(move |hit| {
        let status = match count.fetch_add(1, std::sync::atomic::Ordering::Relaxed) {
            0 => "429 Too Many Requests",
            _ => "200 OK",
        };
        answer(hit, status, &[("retry-after", "1")], "x")
    });
    let run = invoke(&server).args(["f", "--retry", "1"]).run();
    assert_eq!(run.succeeds().stdout(), "x");
    assert_eq!(server.hits().len(), 2);
}

#[test]
fn limits_are_named_and_nothing_is_sent() {
    let most = 6 * 1024 * 1024;
    for (kind, length, refused) in [
        ("sync", most, false),
        ("sync", most + 1, true),
        ("event", 1024 * 1024, false),
        ("event", 1024 * 1024 + 1, true),
    ] {
        let server = lambda("200 OK", &[], "");
        let payload = vec![b'x'; length];
        let run = invoke(&server).file("p", &payload);
        let run = run.args(["f", "@p", "--type", kind]).run();
        if refused {
            let limit = if kind == "sync" {
                "6291456 bytes (6 MB)"
            } else {
                "1048576 bytes (1 MB)"
            };
            run.fails(
                2,
                &format!("the payload is larger than Lambda takes: {limit}"),
            );
            assert!(server.hits().is_empty());
        } else {
            run.succeeds();
            assert_eq!(server.hit().body.len(), length);
        }
    }

    // 3583 bytes in base64 are 2687 and some.
    for (length, refused) in [(2_685, false), (2_688, true)] {
        let server = lambda("200 OK", &[], "");
        let context = format!("{{\"a\":\"{}\"}}", "x".repeat(length - 8));
        let run = invoke(&server).file("c", &context);
        let run = run.args(["f", "--client-context", "@c"]).run();
        if refused {
            run.fails(
                2,
                "--client-context is 3584 bytes in base64: Lambda takes at most 3583",
            );
        } else {
            run.succeeds();
        }
    }
}

#[test]
fn what_makes_no_sense_is_refused() {
    for (words, line) in [
        (&[][..], "no function"),
        (&["f", "{}", "out"], "'out' is one word too many"),
        (
            &["--function-name", "f", "a", "b"],
            "'b' is one word too many",
        ),
        (&["f", "-d", "x"], "--data has no meaning here"),
        (&["f", "-X", "PUT"], "--request has no meaning here"),
        (&["f", "--data-ascii", "x"], "--data has no meaning here"),
        (&["f", "--raw"], "--raw has no meaning here"),
        (&["f", "--service", "s3"], "--service has no meaning here"),
        (
            &["f", "--log", "--type", "event"],
            "--log needs --type sync",
        ),
        (
            &["f", "--client-context", "{}", "--type", "dry-run"],
            "--client-context needs",
        ),
        (
            &["f", "--client-context", "no"],
            "--client-context takes a JSON object",
        ),
        (
            &["f", "--stream", "--type", "event"],
            "--stream and --type event",
        ),
        (&["f", "--stream", "--json"], "--stream and --json"),
        (&["f", "--json", "-i"], "--json and -i"),
        (&["f", "--query", "x"], "--query is not here"),
        (&["f", "--output", "text"], "--output is the AWS CLI's"),
        (
            &["--function-name", "f", "o", "--output", "yaml"],
            "--output yaml is not here",
        ),
        (
            &["f", "-H", "X-Amz-Log-Type: Tail", "--log"],
            "-H X-Amz-Log-Type and the option",
        ),
        (
            &["f", "--cli-binary-format", "base64", "--payload", "{}"],
            "the payload is not base64",
        ),
        (&["f", "@nope"], "cannot read 'nope' (from the payload)"),
        (
            &["arn:aws:iam::1:role/x"],
            "'arn:aws:iam::1:role/x' is no function",
        ),
        (&["..", "{}"], "'..' is no FunctionName"),
        (&["f", "--tenant-id", ""], "--tenant-id has 1 to 256"),
        (&["--nope"], "unexpected argument '--nope' found"),
        (&["f", "--fips"], "the endpoint http://127.0.0.1"),
        (
            &[
                "arn:aws:lambda:eu-west-1:1:function:f",
                "--region",
                "us-east-1",
            ],
            "--region us-east-1 and the ARN's region eu-west-1 contradict each other",
        ),
    ] {
        let server = lambda("200 OK", &[], "");
        let run = invoke(&server).args(words.iter().copied()).run();
        let code = if line.starts_with("cannot read") {
            26
        } else {
            2
        };
        run.fails(code, line);
        assert!(server.hits().is_empty(), "{words:?}");
    }
}

/// The first line and the host of the request that would be sent.
fn place(run: Sigcurl) -> String {
    let run = run.args(["--dry-run"]).run();
    let text = run.succeeds().stdout();
    let scope = text.split("Credential=").nth(1).unwrap();
    let region = scope.split('/').nth(2).unwrap();
    let host = text
        .lines()
        .find_map(|line| line.strip_prefix("host: "))
        .unwrap();
    format!("{host} {region}")
}

#[test]
fn where_lambda_is() {
    let lambda = || Sigcurl::new().args(["lambda", "invoke"]);
    let arn = "arn:aws:lambda:eu-west-1:123456789012:function:f";
    for (run, expected) in [
        (lambda().args(["f"]), "lambda.us-east-1.amazonaws.com us-east-1"),
        (lambda().args([arn]), "lambda.eu-west-1.amazonaws.com eu-west-1"),
        (
            lambda().args(["f", "--region", "cn-north-1"]),
            "lambda.cn-north-1.amazonaws.com.cn cn-north-1",
        ),
        (
            lambda().args(["f", "--fips", "--dualstack", "--region", "us-gov-west-1"]),
            "lambda-fips.us-gov-west-1.api.aws us-gov-west-1",
        ),
        (
            lambda().env("AWS_USE_FIPS_ENDPOINT", "true").args(["f"]),
            "lambda-fips.us-east-1.amazonaws.com us-east-1",
        ),
        (
            lambda().env("AWS_ENDPOINT_URL", "http://other:1/").args(["f"]),
            "other:1 us-east-1",
        ),
        (
            lambda()
                .env("AWS_ENDPOINT_URL", "http://other:1")
                .env("AWS_ENDPOINT_URL_LAMBDA", "http://mine:2")
                .args([arn]),
            "mine:2 eu-west-1",
        ),
        (
            lambda()
                .env("AWS_ENDPOINT_URL", "http://other:1")
                .env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
                .args(["f"]),
            "lambda.us-east-1.amazonaws.com us-east-1",
        ),
        (
            lambda()
                .file(".aws/config", "[default]\nendpoint_url = http://profile:3\n")
                .args(["f"]),
            "profile:3 us-east-1",
        ),
        (
            lambda()
                .file(
                    ".aws/config",
                    "[default]\nservices = here\nendpoint_url = http://all:3\n[services here]\nlambda =\n  endpoint_url = http://services:4\n",
                )
                .args(["f"]),
            "services:4 us-east-1",
        ),
    ] {
        assert_eq!(place(run), expected);
    }
    let bare = Sigcurl::bare()
        .env("AWS_ACCESS_KEY_ID", "a")
        .env("AWS_SECRET_ACCESS_KEY", "b")
        .file(".aws/config", "[default]\nregion = ap-south-1\n")
        .args(["lambda", "list-functions"]);
    assert_eq!(place(bare), "lambda.ap-south-1.amazonaws.com ap-south-1");
    let none = Sigcurl::bare().args(["lambda", "invoke", "f"]).run();
    none.fails(2, "no region: neither AWS_REGION");
}
