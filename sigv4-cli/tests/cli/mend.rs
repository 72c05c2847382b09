//! What is signed again after a refusal: for another time, for another region. And what is said.

use std::time::{Duration, SystemTime};

use sigv4::AmzDate;

use super::support::process::{Outcome, Sigcurl};
use super::support::server::{Hit, Server, ok, response};
use super::support::{REGION, SERVICE};

/// A server whose clock is ahead of ours by so many seconds.
fn ahead(seconds: i64, message: &'static str) -> Server {
    Server::start(move |hit| {
        let unsigned = seconds.unsigned_abs();
        let system = if seconds < 0 {
            SystemTime::now() - Duration::from_secs(unsigned)
        } else {
            SystemTime::now() + Duration::from_secs(unsigned)
        };
        let date = httpdate::fmt_http_date(system);
        let now = AmzDate::now().saturating_add(seconds);
        match hit.verify_at(REGION, SERVICE, None, now) {
            Ok(()) => response(
                "200 OK",
                &[("date", &date)],
                &String::from_utf8_lossy(&hit.body),
            ),
            Err(_) => response("403 Forbidden", &[("date", &date)], message),
        }
    })
}

const EXPIRED: &str = "{\"message\":\"Signature expired: 20151021T072800Z is now earlier than 20151021T073300Z (20151021T073800Z - 5 min.)\"}";
const EARLY: &str = "{\"message\":\"Signature not yet current: 20151021T072800Z is still later than 20151021T071300Z (20151021T071800Z + 5 min.)\"}";
const SKEWED: &str = "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and the current time is too large.</Message></Error>";

fn post(server: &Server, args: &[&str]) -> Outcome {
    Sigcurl::new()
        .args(args.iter().copied())
        .args(["-d", "body", &server.url("/")])
        .run()
}

#[test]
fn a_clock_that_is_off_is_corrected_once_with_the_same_body() {
    for (seconds, message, way) in [
        (3600, EXPIRED, "behind"),
        (-3600, EARLY, "ahead of"),
        (86_400, SKEWED, "behind"),
    ] {
        let server = ahead(seconds, message);
        let outcome = post(&server, &["-i"]);
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        assert!(outcome.stdout().starts_with("HTTP/1.1 200") && outcome.stdout().ends_with("body"));
        assert!(
            outcome
                .stderr
                .starts_with("sigcurl: this machine's clock is "),
            "{}",
            outcome.stderr
        );
        assert!(
            outcome
                .stderr
                .contains(&format!(" s {way} the server's: signed again")),
            "{}",
            outcome.stderr
        );
        assert_eq!(
            (outcome.stderr.lines().count(), server.hits().len()),
            (1, 2)
        );
    }
}

#[test]
fn a_clock_is_not_corrected_where_that_is_not_wanted_or_not_the_reason() {
    for args in [
        &["--no-clock-correction"][..],
        &["--at", "20150830T123600Z"],
    ] {
        let server = ahead(3600, EXPIRED);
        let outcome = post(&server, args);
        assert_eq!((outcome.code, outcome.stdout()), (0, EXPIRED));
        assert_eq!(server.hits().len(), 1);
        assert!(
            outcome.stderr.starts_with(
                "sigcurl: the signature's time, 20151021T072800Z, is too far in the past"
            ),
            "{}",
            outcome.stderr
        );
    }
    let server = ahead(3600, "{\"message\":\"Forbidden\"}");
    let outcome = post(&server, &[]);
    assert_eq!(server.hits().len(), 1);
    assert!(
        outcome.stderr.contains("this machine's clock is 3"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_server_that_never_agrees_is_asked_twice() {
    let server = Server::start(|_| {
        response(
            "403 Forbidden",
            &[("date", "Wed, 21 Oct 2015 07:28:00 GMT")],
            EXPIRED,
        )
    });
    let outcome = post(&server, &["--no-hints"]);
    assert_eq!((server.hits().len(), outcome.stdout()), (2, EXPIRED));
    assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
}

/// S3 in eu-west-1.
fn bucket(status: &'static str, header: bool) -> Server {
    Server::start(move |hit| {
        let there = hit.verify("eu-west-1", "s3").is_ok();
        let headers = [("x-amz-bucket-region", "eu-west-1")];
        let body = "<Error><Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region 'us-east-1' is wrong; expecting 'eu-west-1'</Message><Region>eu-west-1</Region></Error>";
        match (there, header) {
            (true, _) => ok("object"),
            (false, true) => response(status, &headers, ""),
            (false, false) => response(status, &[], body),
        }
    })
}

#[test]
fn a_bucket_that_is_elsewhere_is_found_there() {
    for (status, header) in [
        ("301 Moved Permanently", true),
        ("400 Bad Request", true),
        ("400 Bad Request", false),
    ] {
        let server = bucket(status, header);
        let outcome = Sigcurl::new()
            .args(["--service", "s3", &server.url("/b/o")])
            .run();
        assert_eq!(
            (outcome.code, outcome.stdout()),
            (0, "object"),
            "{status}: {}",
            outcome.stderr
        );
        assert_eq!(
            outcome.stderr,
            "sigcurl: the bucket is in eu-west-1, not in us-east-1: signed again for it (--region eu-west-1 saves the detour)\n"
        );
        assert_eq!(server.hits().len(), 2);
    }
}

#[test]
fn a_region_that_is_given_stays_and_so_do_other_services() {
    for args in [
        &["--service", "s3", "--region", "us-east-1"][..],
        &["--service", "execute-api"],
    ] {
        let server = bucket("400 Bad Request", false);
        let outcome = Sigcurl::new()
            .args(args.iter().copied())
            .args([server.url("/b/o").as_str()])
            .run();
        assert_eq!((outcome.code, server.hits().len()), (0, 1));
        assert!(
            outcome.stderr.contains("eu-west-1") && outcome.stderr.contains("--region eu-west-1"),
            "{}",
            outcome.stderr
        );
    }
    // Also where there is nothing but a header.
    let server = bucket("301 Moved Permanently", true);
    let outcome = Sigcurl::new()
        .args([
            "--service",
            "s3",
            "--region",
            "us-east-1",
            &server.url("/b/o"),
        ])
        .run();
    assert_eq!(
        outcome.stderr,
        "sigcurl: the bucket is in eu-west-1, and --region says us-east-1: --region eu-west-1\n"
    );
}

#[test]
fn hints_go_to_standard_error_below_the_body_and_can_be_left_out() {
    let body = "{\"message\":\"Missing Authentication Token\"}";
    let server = Server::start(move |_| {
        response(
            "403 Forbidden",
            &[("x-amzn-errortype", "MissingAuthenticationTokenException")],
            body,
        )
    });
    let run = || Sigcurl::new().args([server.url("/prod").as_str()]);
    let outcome = run().run();
    assert_eq!((outcome.code, outcome.stdout()), (0, body));
    assert!(
        outcome.stderr.starts_with(
            "sigcurl: API Gateway says this of a stage, path or method that is not there: GET /prod"
        ),
        "{}",
        outcome.stderr
    );
    assert_eq!(outcome.stderr.lines().count(), 2);
    run().args(["--no-hints"]).run().succeeds();
    run().args(["-s"]).run().succeeds();
}

/// AWS tells the canonical request that it made of what arrived.
#[test]
fn the_canonical_request_is_compared() {
    let server = Server::start(|hit: &Hit| {
        let canonical = format!(
            "GET\n{}\n\nhost:{}\nx-amz-date:{}\nx-amz-security-token:{}\n\naccept;host;x-amz-date;x-amz-security-token\ne3b0",
            hit.target.replace("%20", "%2520"),
            hit.header("host").unwrap(),
            hit.header("x-amz-date").unwrap(),
            hit.header("x-amz-security-token").unwrap(),
        );
        let json = canonical.replace('\n', "\\n");
        response(
            "403 Forbidden",
            &[("x-amzn-errortype", "InvalidSignatureException")],
            &format!(
                "{{\"message\":\"The request signature we calculated does not match the signature you provided.\\n\\nThe Canonical String for this request should have been\\n'{json}'\\n\\nThe String-to-Sign should have been\\n'x'\\n\"}}"
            ),
        )
    });
    let outcome = Sigcurl::new()
        .env("AWS_SESSION_TOKEN", "TOKEN")
        .args(["--service", "s3", &server.url("/a b")])
        .run();
    assert!(
        outcome.stderr.starts_with("sigcurl: AWS's canonical request differs from ours first in line 2 (path), column 5: '/a%2520b' there, '/a%20b' here\n"),
        "{}",
        outcome.stderr
    );
    assert!(!outcome.stderr.contains("TOKEN"));
}

#[test]
fn a_refusal_of_any_length_is_printed_whole() {
    let long = "x".repeat(200_000);
    let expected = long.clone();
    let server = Server::start(move |_| response("403 Forbidden", &[], &long));
    let outcome = Sigcurl::new().args([server.url("/").as_str()]).run();
    assert!(outcome.succeeds().stdout() == expected);
}
