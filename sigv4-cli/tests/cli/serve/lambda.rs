//! `--lambda`: Lambda's Invoke API.

use data_encoding::BASE64;

use super::super::support::process::{Outcome, Sigcurl};
use super::super::support::server::{Server, response};
use super::{Serving, json};

fn invoke(serving: &Serving, args: &[&str], name: &str) -> Outcome {
    let path = format!("/2015-03-31/functions/{name}/invocations");
    let base = ["-i", "-X", "POST", "--service", "lambda"];
    serving.call(&[&base, args, &[path.as_str()]].concat())
}

fn header<'a>(answer: &'a str, name: &str) -> Option<&'a str> {
    let start = format!("{name}: ");
    answer.lines().find_map(|line| line.strip_prefix(&start))
}

#[test]
fn a_function_is_called_and_its_log_comes_along() {
    let serving = Serving::start(&[
        "--lambda",
        "mirror=echo \"for $AWS_LAMBDA_FUNCTION_NAME\" >&2; cat",
    ]);
    let run = invoke(
        &serving,
        &["-d", "{\"n\": 1}", "-H", "X-Amz-Log-Type: Tail"],
        "mirror",
    );
    let answer = run.succeeds().stdout();
    assert!(
        answer.starts_with("HTTP/1.1 200") && answer.ends_with("\r\n\r\n{\"n\": 1}"),
        "{answer}"
    );
    assert_eq!(header(answer, "x-amz-executed-version"), Some("$LATEST"));
    assert_eq!(header(answer, "x-amz-function-error"), None);
    let log = BASE64
        .decode(header(answer, "x-amz-log-result").unwrap().as_bytes())
        .unwrap();
    let log = String::from_utf8(log).unwrap();
    let id = header(answer, "x-amzn-requestid").unwrap();
    assert!(
        log.starts_with(&format!(
            "START RequestId: {id} Version: $LATEST\nfor mirror\n"
        )),
        "{log}"
    );
    let arn = "arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Amirror%3Alive";
    let run = invoke(&serving, &[], arn);
    assert_eq!(header(run.stdout(), "x-amz-executed-version"), Some("live"));
    assert!(run.stdout().ends_with("{}"));
}

#[test]
fn errors_of_functions_and_of_callers() {
    let serving = Serving::start(&[
        "--lambda",
        "fails=exit 7",
        "--lambda",
        "says=echo '{\"errorMessage\":\"no\",\"errorType\":\"Mine\"}'; exit 1",
        "--lambda",
        "sleeps=sleep 20",
        "--timeout",
        "0.3",
    ]);
    let failed = |name: &str| {
        let answer = invoke(&serving, &[], name).stdout().to_owned();
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        assert_eq!(header(&answer, "x-amz-function-error"), Some("Unhandled"));
        json(answer.split_once("\r\n\r\n").unwrap().1)
    };
    assert_eq!(failed("fails")["errorType"], "Runtime.ExitError");
    assert_eq!(failed("says")["errorType"], "Mine");
    assert_eq!(failed("sleeps")["errorType"], "Sandbox.Timedout");
    for (args, name, status, kind) in [
        (&[][..], "other", "404", "ResourceNotFoundException"),
        (
            &["-d", "{"],
            "says",
            "400",
            "InvalidRequestContentException",
        ),
        (
            &["-H", "X-Amz-Invocation-Type: Never"],
            "says",
            "400",
            "InvalidParameterValueException",
        ),
        (
            &["-H", "X-Amz-Client-Context: !"],
            "says",
            "400",
            "InvalidRequestContentException",
        ),
        (&["-X", "GET"], "says", "404", "UnknownOperationException"),
        (
            &["--no-sign"],
            "says",
            "403",
            "MissingAuthenticationTokenException",
        ),
    ] {
        let answer = invoke(&serving, args, name).stdout().to_owned();
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status}")),
            "{answer}"
        );
        assert_eq!(header(&answer, "x-amzn-errortype"), Some(kind), "{answer}");
    }
}

#[test]
fn later_and_not_at_all() {
    let folder = tempfile::tempdir().unwrap();
    let done = folder.path().join("done");
    let function = format!("slow=sleep 0.7; cat > {}", done.display());
    let serving = Serving::start(&["--lambda", &function]);
    let dry = invoke(&serving, &["-H", "X-Amz-Invocation-Type: DryRun"], "slow");
    assert!(dry.stdout().starts_with("HTTP/1.1 204"), "{}", dry.stdout());
    let event = invoke(
        &serving,
        &["-d", "[1]", "-H", "X-Amz-Invocation-Type: Event"],
        "slow",
    );
    assert!(
        event.stdout().starts_with("HTTP/1.1 202"),
        "{}",
        event.stdout()
    );
    assert!(event.stdout().ends_with("\r\n\r\n"));
    assert!(!done.exists());
    // What was promised is done before the server ends.
    serving.stop();
    assert_eq!(std::fs::read_to_string(done).unwrap(), "[1]");
}

#[test]
fn streams_come_as_frames_that_sigcurl_reads() {
    let serving = Serving::start(&[
        "--lambda",
        "counts=printf one; sleep 0.3; printf two; echo log >&2",
        "--lambda",
        "breaks=printf one; exit 2",
    ]);
    let stream = |name: &str| {
        let path = format!("/2021-11-15/functions/{name}/response-streaming-invocations");
        serving.call(&["-X", "POST", "--service", "lambda", &path])
    };
    assert_eq!(stream("counts").succeeds().stdout(), "onetwo");
    let broken = stream("breaks");
    assert_eq!((broken.code, broken.stdout()), (110, "one"));
    assert!(
        broken.stderr.contains("Runtime.ExitError"),
        "{}",
        broken.stderr
    );

    let path = "/2021-11-15/functions/counts/response-streaming-invocations";
    let log = "X-Amz-Log-Type: Tail";
    let signed = serving.call(&[
        "--dry-run",
        "-X",
        "POST",
        "--service",
        "lambda",
        "-H",
        log,
        path,
    ]);
    let answer = super::garbage::talk(serving.address(), &signed.stdout);
    assert_eq!(answer.matches("PayloadChunk").count(), 2, "{answer}");
    let (_, complete) = answer.split_once("InvokeComplete").unwrap();
    let (_, log) = complete.split_once("\"LogResult\":\"").unwrap();
    let log = BASE64.decode(log.split_once('"').unwrap().0.as_bytes());
    assert!(String::from_utf8(log.unwrap()).unwrap().contains("\nlog\n"));
}

/// The subcommand that others wrote against Lambda itself.
#[test]
fn sigcurl_lambda_invokes_here() {
    let serving = Serving::start(&[
        "--lambda",
        "mirror=echo said >&2; cat",
        "--lambda",
        "fails=exit 1",
    ]);
    let lambda = |args: &[&str]| {
        Sigcurl::new()
            .args(["lambda", "invoke", "--endpoint-url", &serving.url])
            .args(args.iter().copied())
            .run()
    };
    let run = lambda(&["--log", "mirror", "{\"n\":1}"]);
    assert_eq!((run.code, run.stdout()), (0, "{\"n\":1}"), "{}", run.stderr);
    assert!(run.stderr.contains("said"), "{}", run.stderr);
    assert_eq!(lambda(&["fails", "{}"]).code, 110);
    assert_eq!(lambda(&["--stream", "mirror", "[2]"]).stdout(), "[2]");
    assert_eq!(lambda(&["--type", "dry-run", "mirror"]).code, 0);
}

#[test]
fn a_function_can_be_another_server() {
    let server = Server::start(|hit| {
        assert!(!hit.is_signed());
        let body = String::from_utf8_lossy(&hit.body).into_owned();
        response("200 OK", &[("X-Amz-Function-Error", "Unhandled")], &body)
    });
    let serving = Serving::start(&["--lambda", &format!("f={}", server.url("/x"))]);
    let run = invoke(&serving, &["-d", "{\"n\":2}"], "f");
    let answer = run.stdout();
    assert!(answer.ends_with("\r\n\r\n{\"n\":2}"), "{answer}");
    assert_eq!(header(answer, "x-amz-function-error"), Some("Unhandled"));
    assert_eq!(server.hit().target, "/x");
}
