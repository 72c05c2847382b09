//! `sigcurl verify`: requests that sigcurl signed itself, as they were written down, and what is done to them.

use super::support::process::{Outcome, Sigcurl};
use super::support::{KEY_ID, REGION, SECRET};

const URL: &str = "https://abc.execute-api.us-east-1.amazonaws.com/prod/a%20b?x=1";

fn signed(args: &[&str]) -> Vec<u8> {
    let run = Sigcurl::new().args(args.iter().copied()).args([URL]).run();
    run.succeeds();
    run.stdout
}

fn verify(input: &[u8], args: &[&str]) -> Outcome {
    Sigcurl::new()
        .args(["verify"])
        .args(args.iter().copied())
        .stdin(input)
        .run()
}

fn json(run: &Outcome) -> serde_json::Value {
    serde_json::from_str(run.stdout()).unwrap()
}

#[test]
fn what_it_signed_itself_is_good_in_every_form() {
    let http = signed(&["--dry-run", "-d", "{\"n\": 1}"]);
    let lf = String::from_utf8(http.clone())
        .unwrap()
        .replace("\r\n", "\n");
    let curl = signed(&["--dry-run=curl", "-d", "{\"n\": 'it'}"]);
    let octal = signed(&["--dry-run=curl", "-d", "@-"]);
    for input in [&http, lf.as_bytes(), &curl, &octal] {
        let run = verify(input, &[]);
        let text = run.succeeds().stdout();
        assert!(
            text.starts_with("good: the signature is right; the body is the one that was signed\n"),
            "{text}"
        );
        assert!(text.contains(&format!(
            "signed with {KEY_ID} for us-east-1/execute-api at "
        )));
        assert!(!text.contains(SECRET));
    }
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("request");
    std::fs::write(&file, &http).unwrap();
    verify(b"", &[file.to_str().unwrap()]).succeeds();
    verify(&http, &["-", "--no-body"]).fails(2, "the signature covers the body");
}

#[test]
fn one_byte_more_is_not_good() {
    let http = String::from_utf8(signed(&["--dry-run", "-d", "{\"n\": 1}"])).unwrap();
    for (from, to, reason) in [
        ("/prod", "/prad", "mismatch"),
        ("x=1", "x=2", "mismatch"),
        ("{\"n\": 1}", "{\"n\": 2}", "mismatch"),
        ("host: abc", "host: abd", "mismatch"),
        ("POST", "PUT", "mismatch"),
        (REGION, "us-east-2", "mismatch"),
        (KEY_ID, "AKIDOTHER", "unknown_key"),
        ("accept: */*\r\n", "", "mismatch"),
        ("host: ", "x-amz-acl: public\r\nhost: ", "unsigned_header"),
        ("authorization: ", "x-authorization: ", "missing_auth"),
        ("Signature=", "Sig=", "incomplete"),
    ] {
        let changed = http.replacen(from, to, 1);
        assert_ne!(changed, http, "{from}");
        let run = verify(changed.as_bytes(), &["--json"]);
        assert_eq!((run.code, run.stderr.as_str()), (120, ""), "{from}");
        let verdict = json(&run);
        assert_eq!(verdict["verified"], false, "{from}");
        assert_eq!(verdict["reason"], reason, "{from}: {verdict}");
        assert!(verdict["aws"]["status"].is_number(), "{verdict}");
        assert!(!run.stdout().contains(SECRET));
    }
    let run = verify(
        http.as_bytes(),
        &["--access_key", KEY_ID, "--secret_key", "x"],
    );
    assert_eq!(run.code, 120);
    assert!(
        run.stdout().starts_with("not good (mismatch): ")
            && run
                .stdout()
                .contains("AWS would answer (api-gateway-rest): 403 InvalidSignatureException\n")
            && run.stdout().contains("    /prod/a%2520b\n"),
        "{}",
        run.stdout()
    );
}

#[test]
fn the_clock_and_the_server_are_the_users_to_say() {
    let old = signed(&["--dry-run", "--at", "20150830T123600Z"]);
    let verdict = |args: &[&str]| {
        let run = verify(&old, &[&["--json"], args].concat());
        (run.code, json(&run)["reason"].clone())
    };
    assert_eq!(verdict(&[]), (120, "expired".into()));
    assert_eq!(verdict(&["--at", "signed"]).0, 0);
    assert_eq!(verdict(&["--at", "20150830T124000Z"]).0, 0);
    assert_eq!(verdict(&["--at", "20150830T124200Z"]).0, 120);
    assert_eq!(
        verdict(&["--at", "20150830T124200Z", "--max-skew", "600"]).0,
        0
    );
    let at = ["--at", "signed"];
    assert_eq!(
        verdict(&[&at[..], &["--region", "eu-west-1"]].concat()),
        (120, "scope".into())
    );
    let run = verify(&old, &["--at", "signed", "--service", "s3", "--json"]);
    assert_eq!(json(&run)["aws"]["code"], "AuthorizationHeaderMalformed");
    let run = verify(&old, &["--json", "--profile-of", "ec2-query"]);
    assert_eq!(json(&run)["aws"]["status"], 401);
}

#[test]
fn tokens_and_bodies_that_are_not_there() {
    let token = ["--session_token", "TOKEN-SECRET"];
    let keys = ["--access_key", KEY_ID, "--secret_key", SECRET];
    let with_token = signed(&[&["--dry-run"], &keys[..], &token].concat());
    let run = verify(&with_token, &[&keys[..], &token].concat());
    assert!(!run.succeeds().stdout().contains("TOKEN-SECRET"));
    let run = verify(&with_token, &[&["--json"], &keys[..]].concat());
    assert_eq!(json(&run)["reason"], "bad_token");
    assert!(!run.stdout().contains("TOKEN-SECRET"));

    let put = Sigcurl::new()
        .args([
            "--dry-run",
            "-X",
            "PUT",
            "-d",
            "body",
            "https://b.s3.us-east-1.amazonaws.com/k",
        ])
        .run();
    let put = put.succeeds().stdout();
    let run = verify(put.strip_suffix("body").unwrap().as_bytes(), &[]);
    assert!(
        run.succeeds()
            .stdout()
            .contains("the body was not looked at")
    );
    verify(put.as_bytes(), &["--no-body"]).succeeds();
    let run = verify(
        put.replace("\r\n\r\nbody", "\r\n\r\nbodY").as_bytes(),
        &["--json"],
    );
    assert_eq!(json(&run)["reason"], "body_hash");
    verify(put.strip_suffix("dy").unwrap().as_bytes(), &[]).fails(
        2,
        "no request to verify: the body has 2 bytes of the 4 that Content-Length says",
    );
}

#[test]
fn presigned_urls_and_hars() {
    let url = Sigcurl::new()
        .args([
            "presign",
            "-X",
            "PUT",
            "-H",
            "x-amz-acl: private",
            "https://b.s3.us-east-1.amazonaws.com/a/../k",
        ])
        .run();
    let url = url.succeeds().stdout().trim().to_owned();
    let run = |args: &[&str]| verify(b"", &[args, &[url.as_str()]].concat());
    run(&["-X", "PUT", "-H", "x-amz-acl: private"]).succeeds();
    assert_eq!(run(&["-X", "PUT"]).code, 120);
    assert_eq!(run(&["-H", "x-amz-acl: private"]).code, 120);

    let http = String::from_utf8(signed(&["--dry-run"])).unwrap();
    let authorization = http
        .lines()
        .find_map(|line| line.strip_prefix("authorization: "));
    let date = http
        .lines()
        .find_map(|line| line.strip_prefix("x-amz-date: "));
    let har = serde_json::json!({"log": {"entries": [
        {"request": {"method": "GET", "url": URL, "headers": []}},
        {"request": {"method": "GET", "url": URL, "headers": [
            {"name": ":path", "value": "/"},
            {"name": "accept", "value": "*/*"},
            {"name": "x-amz-date", "value": date},
            {"name": "authorization", "value": authorization}]}}]}})
    .to_string();
    verify(har.as_bytes(), &[]).succeeds();
    let first = verify(har.as_bytes(), &["--entry", "1", "--json"]);
    assert_eq!(json(&first)["reason"], "missing_auth");
    verify(har.as_bytes(), &["--entry", "3"])
        .fails(2, "no request to verify: --entry 3: the HAR has 2");
}

#[test]
fn what_is_no_request_is_said_and_nothing_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let trap = folder.path().join("trap");
    for (input, why) in [
        (String::new(), "neither a request"),
        ("hello".to_owned(), "neither a request"),
        (
            format!("curl \"$(touch {})\"", trap.display()),
            "a shell would put something",
        ),
        (
            format!("curl h | sh -c 'touch {}'", trap.display()),
            "only one curl",
        ),
        (
            "curl -F a=b http://h/".to_owned(),
            "curl's option -F is not read here",
        ),
        (
            "GET / HTTP/1.1\r\nHost: h\r\n folded\r\n\r\n".to_owned(),
            "line 3 goes on",
        ),
    ] {
        verify(input.as_bytes(), &[]).fails(2, &format!("no request to verify: {why}"));
    }
    assert!(!trap.exists());
    verify(b"", &["nowhere"]).fails(26, "cannot read the request from nowhere");
    // Keys are looked for only where they decide.
    let run = Sigcurl::bare()
        .args(["verify", "--json"])
        .stdin(b"GET / HTTP/1.1\nHost: h\n\n")
        .run();
    assert_eq!(
        (run.code, &json(&run)["reason"]),
        (120, &"missing_auth".into())
    );
}

#[test]
fn a_strict_verifier_names_the_switch() {
    let run = Sigcurl::new()
        .args([
            "--dry-run",
            "--unsigned-payload",
            "-d",
            "x",
            "https://b.s3.us-east-1.amazonaws.com/k",
        ])
        .run();
    let run = verify(&run.stdout, &["--json"]);
    let verdict = json(&run);
    assert_eq!(verdict["reason"], "sha_header");
    assert_eq!(
        verdict["hints"][0],
        "a verifier that tolerates this lets it pass: accept_unsigned_payload"
    );
}
