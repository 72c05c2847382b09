//! `--exec`: a request as an event, an answer as a function gives it.

use super::super::support::KEY_ID;
use super::super::support::process::Sigcurl;
use super::{Serving, json};

/// A function that gives its event back.
const MIRROR: &str =
    "printf '{\"statusCode\": 200, \"isBase64Encoded\": true, \"body\": \"%s\"}' \"$(base64 -w0)\"";

#[test]
fn an_http_apis_event() {
    let serving = Serving::start(&["--exec", MIRROR, "--profile-of", "api-gateway-http"]);
    let run = serving.call(&[
        "-d",
        "{\"n\": 1}",
        "-H",
        "Cookie: a=1; b=2",
        "-H",
        "X-Two: 1",
        "/pets/rex?x=1&x=2&y=%20",
    ]);
    let event = json(run.succeeds().stdout());
    assert_eq!(event["version"], "2.0");
    assert_eq!(event["rawPath"], "/pets/rex");
    assert_eq!(event["rawQueryString"], "x=1&x=2&y=%20");
    assert_eq!(event["queryStringParameters"]["x"], "1,2");
    assert_eq!(event["queryStringParameters"]["y"], " ");
    assert_eq!(event["cookies"], serde_json::json!(["a=1", "b=2"]));
    assert_eq!(event["headers"]["x-two"], "1");
    assert_eq!(event["body"], "{\"n\": 1}");
    assert_eq!(event["isBase64Encoded"], false);
    let context = &event["requestContext"];
    assert_eq!(context["http"]["method"], "POST");
    assert_eq!(context["authorizer"]["iam"]["accessKey"], KEY_ID);
    // What signs is for the server, not for the function.
    let text = event.to_string().to_ascii_lowercase();
    assert!(
        !text.contains("signature") && !text.contains("x-amz-date"),
        "{text}"
    );

    let run = serving.call(&["-d", "AA", "-H", "Content-Type: image/png", "/"]);
    let event = json(run.succeeds().stdout());
    assert_eq!(
        (&event["body"], &event["isBase64Encoded"]),
        (&"QUE=".into(), &true.into())
    );
    let run = serving.call(&["--presign", "/p?keep=1"]);
    assert_eq!(json(run.succeeds().stdout())["rawQueryString"], "keep=1");
}

#[test]
fn a_rest_apis_event() {
    let serving = Serving::start(&["--exec", MIRROR]);
    let run = serving.call(&["/prod/pets?x=1&x=2"]);
    let event = json(run.succeeds().stdout());
    assert_eq!(event["version"], "1.0");
    assert_eq!(event["httpMethod"], "GET");
    assert_eq!(event["path"], "/pets");
    assert_eq!(event["requestContext"]["stage"], "prod");
    assert_eq!(
        event["multiValueQueryStringParameters"]["x"],
        serde_json::json!(["1", "2"])
    );
    assert_eq!(event["requestContext"]["identity"]["accessKey"], KEY_ID);
    assert_eq!(event["body"], serde_json::Value::Null);
}

#[test]
fn what_a_function_answers_and_how_it_fails() {
    let answers = |command: &str, args: &[&str]| {
        let serving = Serving::start(&[&["--exec", command], args].concat());
        let answer = serving.call(&["-i", "/prod"]).stdout().to_owned();
        (answer, serving.stop())
    };
    let (answer, _) = answers(
        "echo '{\"statusCode\": 418, \"headers\": {\"X-Tea\": \"pot\"}, \"multiValueHeaders\": {\"X-A\": [\"1\", \"2\"]}, \"body\": \"short\"}'",
        &[],
    );
    assert!(answer.starts_with("HTTP/1.1 418"), "{answer}");
    assert!(
        answer.contains("x-tea: pot\r\n") && answer.contains("x-a: 1\r\nx-a: 2\r\n"),
        "{answer}"
    );
    assert!(answer.ends_with("short"), "{answer}");

    let (answer, log) = answers("echo oops >&2; exit 3", &[]);
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    assert!(
        answer.ends_with("{\"message\":\"Internal server error\"}"),
        "{answer}"
    );
    assert!(
        log.starts_with("oops\n") && log.contains("the command failed: exit status: 3"),
        "{log}"
    );
    let (answer, log) = answers("echo hello", &[]);
    assert!(answer.starts_with("HTTP/1.1 502"), "{answer}");
    assert!(
        log.contains("what the command printed is no answer"),
        "{log}"
    );
    let (answer, _) = answers("sleep 30 & wait", &["--timeout", "0.3"]);
    assert!(answer.starts_with("HTTP/1.1 504"), "{answer}");
    let (answer, _) = answers("echo '\"hi\"'", &["--payload-format", "2.0"]);
    assert!(answer.ends_with("\r\n\r\nhi"), "{answer}");
}

#[test]
fn a_command_never_sees_a_body_that_was_not_signed() {
    let run = Sigcurl::new();
    let seen = run.home.path().join("seen");
    let command = format!("touch {}", seen.display());
    // S3's clients declare the hash, so that the body is read after the signature was found good.
    let serving = Serving::of(run, &["--exec", &command, "--service", "s3"]);
    let signed = serving.call(&["--service", "s3", "--dry-run", "-d", "{\"n\": 1}", "/k"]);
    let tampered = signed
        .succeeds()
        .stdout()
        .replace("{\"n\": 1}", "{\"n\": 2}");
    assert!(tampered.contains("x-amz-content-sha256: "));
    let answer = super::garbage::talk(serving.address(), tampered.as_bytes());
    assert!(
        answer.contains("<Code>XAmzContentSHA256Mismatch</Code>"),
        "{answer}"
    );
    assert!(!seen.exists());
}
