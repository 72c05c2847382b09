//! `sigcurl explain`: the steps, and where AWS's differ.

use super::support::process::{Outcome, Sigcurl};
use super::support::{KEY_ID, SECRET};

const URL: &str = "https://b.s3.us-east-1.amazonaws.com/a%20b?x=1";
const AT: [&str; 2] = ["--at", "20150830T123600Z"];

fn explain(args: &[&str], input: &str) -> Outcome {
    let run = Sigcurl::new()
        .args(["explain"])
        .args(args.iter().copied())
        .stdin(input.as_bytes())
        .run();
    for secret in [SECRET, "TOKEN-SECRET"] {
        assert!(!run.stdout().contains(secret) && !run.stderr.contains(secret));
    }
    run
}

#[test]
fn each_line_has_its_name_and_no_signature_is_shown() {
    let token = [
        "--access_key",
        KEY_ID,
        "--secret_key",
        SECRET,
        "--session_token",
        "TOKEN-SECRET",
    ];
    let run = explain(&[&AT[..], &token, &["-d", "hi", URL]].concat(), "");
    let text = run.succeeds().stdout();
    for part in [
        "   method                       POST\n",
        "   path                         /a%20b\n",
        "   query                        x=1\n",
        "   header host                  host:b.s3.us-east-1.amazonaws.com\n",
        "x-amz-security-token:(redacted)\n",
        "   scope                        20150830/us-east-1/s3/aws4_request\n",
        "   kService = HMAC-SHA256(kRegion, \"s3\")\n",
    ] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let signed = Sigcurl::new()
        .args(AT)
        .args(["--dry-run", "-d", "hi", URL])
        .run();
    let (_, after) = signed.stdout().split_once("Signature=").unwrap();
    let signature = after.split_once('\r').unwrap().0.to_owned();
    let run = explain(&[&AT[..], &["--json", "-d", "hi", URL]].concat(), "");
    let text = run.succeeds().stdout();
    assert!(!text.contains(&signature));
    let steps: serde_json::Value = serde_json::from_str(text).unwrap();
    assert_eq!(steps["canonical_request_lines"][1]["part"], "path");
    assert_eq!(steps["string_to_sign_lines"][1]["text"], "20150830T123600Z");
    assert_eq!(steps["access_key_id"], KEY_ID);
    explain(&["-L", URL], "").fails(2, "-L has no meaning here: explain sends nothing");
}

/// What S3 says of the request when it sees `change` made to it.
fn refusal(change: impl Fn(&str) -> String, scope: (&str, &str)) -> String {
    let run = explain(&[&AT[..], &["--json", "-d", "hi", URL]].concat(), "");
    let steps: serde_json::Value = serde_json::from_str(run.succeeds().stdout()).unwrap();
    let text = |name: &str| steps[name].as_str().unwrap().to_owned();
    let escaped = |text: String| text.replace('&', "&amp;").replace('<', "&lt;");
    format!(
        "<?xml version=\"1.0\"?>\n<Error><Code>SignatureDoesNotMatch</Code><StringToSign>{}</StringToSign><CanonicalRequest>{}</CanonicalRequest></Error>",
        escaped(text("string_to_sign").replace(scope.0, scope.1)),
        escaped(change(&text("canonical_request"))),
    )
}

#[test]
fn the_line_that_differs_and_its_usual_cause() {
    for (from, to, found) in [
        (
            "/a%20b",
            "/a%2520b",
            "line 2 (path), byte 5: '/a%2520b' there, '/a%20b' here\n",
        ),
        ("x=1", "x=1&y=", "line 3 (query), byte 4: "),
        ("host:b", "host:proxy", "(header host), byte 6: "),
        (
            "content-length:2",
            "content-length:3",
            "(header content-length), byte 16: ",
        ),
        ("POST", "PUT", "line 1 (method), byte 2: "),
    ] {
        let body = refusal(|canonical| canonical.replacen(from, to, 1), ("", ""));
        // Without --at: AWS says when it was signed.
        let run = explain(&["--response", "-", "-d", "hi", URL], &body);
        let text = run.succeeds().stdout();
        assert!(text.contains(found), "{found} in {text}");
        assert_eq!(text.matches(" there, ").count(), 1, "{text}");
    }
    let run = explain(
        &["--response", "-", "-d", "other", URL],
        &refusal(str::to_owned, ("", "")),
    );
    assert!(
        run.succeeds()
            .stdout()
            .contains("(hash of the body), byte 1: ")
    );
    let run = explain(
        &["--response", "-", "-d", "hi", URL],
        &refusal(str::to_owned, ("", "")),
    );
    assert!(
        run.succeeds()
            .stdout()
            .contains("the secret access key is not that of AKIDEXAMPLE")
    );
    let run = explain(
        &["--response", "-", "--json", "-d", "hi", URL],
        &refusal(str::to_owned, ("us-east-1", "eu-west-1")),
    );
    let value: serde_json::Value = serde_json::from_str(run.succeeds().stdout()).unwrap();
    let finding = value["response"]["findings"][0].as_str().unwrap();
    assert!(
        finding.contains("check --region and --service"),
        "{finding}"
    );
}

/// The server's own answer, as REST APIs of API Gateway word it, saved with its head.
#[test]
fn an_answer_of_serve_is_understood() {
    let mut serving = Sigcurl::new();
    let mut child = serving
        .command
        .args(["serve", "--log", "off"])
        .stdout(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    let mut line = String::new();
    let mut stdout = std::io::BufReader::new(child.stdout.take().unwrap());
    std::io::BufRead::read_line(&mut stdout, &mut line).unwrap();
    let url = format!(
        "{}/prod/a%20b",
        line.trim_end().strip_prefix("READY ").unwrap()
    );
    let refused = Sigcurl::new()
        .args(["-i", "--no-hints", "--service", "execute-api"])
        .args(["--access_key", KEY_ID, "--secret_key", "wrong", &url])
        .run();
    child.kill().unwrap();
    child.wait().unwrap();
    let of = |args: &[&str]| {
        let args = [&["--response", "-"], args, &[url.as_str()]].concat();
        let run = explain(&args, refused.stdout());
        run.succeeds().stdout().to_owned()
    };
    let same = of(&["--service", "execute-api"]);
    assert!(
        same.contains("AWS computes from the very same texts"),
        "{same}"
    );
    let other = of(&["--service", "s3"]);
    assert!(
        other.contains("the path is encoded once here and twice there"),
        "{other}"
    );
    let run = explain(&["--response", "-", URL], "{\"message\":\"Forbidden\"}");
    assert!(
        run.succeeds()
            .stdout()
            .contains("does not tell AWS's canonical request")
    );
}
