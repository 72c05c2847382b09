//! `--target` and `--action`: what AWS's JSON and Query APIs are told.

use crate::support::REGION;
use crate::support::process::Sigcurl;
use crate::support::server::{Hit, Server, ok, response};

/// A server for one service, which checks the signature for it.
fn service(name: &'static str) -> Server {
    Server::start(move |hit| match hit.verify(REGION, name) {
        Ok(()) => ok("done"),
        Err(error) => response("403 Forbidden", &[], &error.to_string()),
    })
}

#[track_caller]
fn call(service_name: &'static str, options: &[&str]) -> Hit {
    let server = service(service_name);
    let outcome = Sigcurl::new()
        .args(["--service", service_name])
        .args(options.iter().copied())
        .args([server.url("/").as_str()])
        .run();
    assert_eq!(outcome.succeeds().stdout(), "done");
    server.hit()
}

#[test]
fn a_json_api_is_called() {
    for (service, target, version) in [
        ("dynamodb", "DynamoDB_20120810.ListTables", "1.0"),
        ("states", "AWSStepFunctions.ListStateMachines", "1.0"),
        ("logs", "Logs_20140328.DescribeLogGroups", "1.1"),
        ("kms", "TrentService.ListKeys", "1.1"),
    ] {
        let hit = call(service, &["--target", target]);
        assert_eq!(
            (hit.method.as_str(), hit.body.as_slice()),
            ("POST", &b"{}"[..])
        );
        assert_eq!(hit.header("x-amz-target"), Some(target));
        let content_type = format!("application/x-amz-json-{version}");
        assert_eq!(hit.header("content-type"), Some(content_type.as_str()));
        let signed = hit.header("authorization").unwrap();
        assert!(signed.contains("x-amz-target,"), "{signed}");
    }
}

#[test]
fn what_is_said_otherwise_stands() {
    let target = ["--target", "AWSEvents.PutEvents"];
    for data in [["-d", "{\"Entries\":[]}"], ["--json", "{\"Entries\":[]}"]] {
        let hit = call("events", &[target, data].concat());
        assert_eq!(hit.body, b"{\"Entries\":[]}");
        assert_eq!(
            hit.header("content-type"),
            Some("application/x-amz-json-1.1")
        );
    }
    let hit = call(
        "events",
        &[
            &target[..],
            &[
                "-H",
                "content-type: application/x-amz-json-1.0",
                "-X",
                "PUT",
            ],
        ]
        .concat(),
    );
    assert_eq!(
        hit.header("content-type"),
        Some("application/x-amz-json-1.0")
    );
    assert_eq!(hit.method, "PUT");
}

#[test]
fn a_query_api_is_called() {
    let hit = call("sts", &["--action", "GetCallerIdentity"]);
    assert_eq!(hit.method, "POST");
    assert_eq!(hit.body, b"Action=GetCallerIdentity&Version=2011-06-15");
    assert_eq!(
        hit.header("content-type"),
        Some("application/x-www-form-urlencoded")
    );

    let publish = [
        "--action",
        "Publish",
        "-d",
        "TopicArn=a",
        "--data-urlencode",
        "Message=a b&c",
    ];
    let hit = call("sns", &publish);
    assert_eq!(
        String::from_utf8_lossy(&hit.body),
        "Action=Publish&Version=2010-03-31&TopicArn=a&Message=a%20b%26c"
    );
    let hit = call("sns", &[&publish[..], &["-G"]].concat());
    assert_eq!(hit.method, "GET");
    assert_eq!(
        hit.target,
        "/?Action=Publish&Version=2010-03-31&TopicArn=a&Message=a%20b%26c"
    );
    let hit = call(
        "elasticloadbalancing",
        &[
            "--action",
            "DescribeLoadBalancers",
            "--api-version",
            "2015-12-01",
        ],
    );
    assert_eq!(hit.body, b"Action=DescribeLoadBalancers&Version=2015-12-01");
}

#[test]
fn the_host_tells_the_version() {
    let printed = Sigcurl::new()
        .args([
            "--dry-run",
            "--action",
            "ListUsers",
            "https://iam.amazonaws.com/",
        ])
        .run();
    let text = printed.succeeds().stdout();
    assert!(
        text.ends_with("\r\n\r\nAction=ListUsers&Version=2010-05-08"),
        "{text}"
    );
}

#[test]
fn what_does_not_go_together() {
    for (line, complaint) in [
        (
            "--action X https://h.example.com/",
            "the version of this API is not known here",
        ),
        (
            "--action X https://elasticloadbalancing.us-east-1.amazonaws.com/",
            "the version of elasticloadbalancing is not known here",
        ),
        (
            "--action X https://iam.amazonaws.com/ https://sts.amazonaws.com/",
            "--action goes to one service at a time",
        ),
        (
            "--action X --json {} https://iam.amazonaws.com/",
            "--action sends a form",
        ),
        (
            "--target X -F a=b https://h.example.com/",
            "--target sends JSON",
        ),
    ] {
        Sigcurl::new()
            .args(line.split(' '))
            .run()
            .fails(2, complaint);
    }
    for line in [
        "--target X -G http://h/",
        "--target X --action Y http://h/",
        "--api-version 1 http://h/",
    ] {
        let outcome = Sigcurl::new().args(line.split(' ')).run();
        assert_eq!(outcome.code, 2, "{line}: {}", outcome.stderr);
        assert_eq!(
            outcome.stderr.lines().count(),
            1,
            "{line}: {}",
            outcome.stderr
        );
    }
}
