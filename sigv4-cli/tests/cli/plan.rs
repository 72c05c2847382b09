//! Command line + environment → plan, as tables.

use std::collections::HashMap;
use std::ffi::OsString;

use sigcurl::argv;
use sigcurl::failure::Failure;
use sigcurl::plan::{CredentialPlan, RequestPlan};

fn try_plan(line: &str, env: &[(&str, &str)]) -> Result<RequestPlan, Failure> {
    let argv = std::iter::once("sigcurl")
        .chain(
            line.split('|')
                .map(str::trim)
                .filter(|word| !word.is_empty()),
        )
        .map(OsString::from);
    let cli = argv::parse(argv.collect()).unwrap_or_else(|error| panic!("{line}: {error}"));
    let env: HashMap<_, _> = env.iter().copied().collect();
    RequestPlan::new(&cli.request, &|name| {
        env.get(name).map(|value| (*value).to_owned())
    })
}

fn plan(line: &str) -> RequestPlan {
    try_plan(line, &[]).unwrap_or_else(|failure| panic!("{line}: {failure}"))
}

#[test]
fn methods() {
    for (line, method) in [
        ("http://h/", "GET"),
        ("-d|x|http://h/", "POST"),
        ("--data|x|http://h/", "POST"),
        ("--data-binary|@f|http://h/", "POST"),
        ("--data-binary|http://h/", "GET"),
        ("-X|get|-d|x|http://h/", "GET"),
        ("-X|Put|http://h/", "PUT"),
        ("-XPATCH|http://h/", "PATCH"),
        ("-X|m-search|http://h/", "m-search"),
    ] {
        assert_eq!(plan(line).method, method, "{line}");
    }
}

#[test]
fn service_and_region() {
    let env = [
        ("AWS_REGION", "env-region"),
        ("AWS_DEFAULT_REGION", "default-region"),
    ];
    for (line, service, region) in [
        (
            "https://abc.execute-api.eu-west-1.amazonaws.com/",
            "execute-api",
            "eu-west-1",
        ),
        (
            "abc.execute-api.eu-west-1.amazonaws.com/prod",
            "execute-api",
            "eu-west-1",
        ),
        (
            "https://abc.lambda-url.us-west-2.on.aws/",
            "lambda",
            "us-west-2",
        ),
        ("https://iam.amazonaws.com/", "iam", "us-east-1"),
        (
            "https://bucket.s3.eu-west-3.amazonaws.com/",
            "s3",
            "eu-west-3",
        ),
        ("https://bucket.s3.amazonaws.com/", "s3", "env-region"),
        ("https://api.example.com/", "execute-api", "env-region"),
        ("http://127.0.0.1:8080/", "execute-api", "env-region"),
        ("--service|es|http://localhost/", "es", "env-region"),
        (
            "--region|r|https://abc.execute-api.eu-west-1.amazonaws.com/",
            "execute-api",
            "r",
        ),
        (
            "--service|s|https://abc.execute-api.eu-west-1.amazonaws.com/",
            "s",
            "eu-west-1",
        ),
        (
            "-H|Host: vpc-x.eu-central-1.es.amazonaws.com|https://localhost:9200/",
            "es",
            "eu-central-1",
        ),
        (
            "-H|Host: api.example.com|https://vpce-1-2.execute-api.eu-west-1.vpce.amazonaws.com/",
            "execute-api",
            "eu-west-1",
        ),
        (
            "https://maps.geo.eu-west-1.amazonaws.com/maps/v0/x",
            "geo",
            "eu-west-1",
        ),
    ] {
        let plan = try_plan(line, &env).unwrap();
        assert_eq!(
            (
                plan.service.value.as_str(),
                plan.region.unwrap().value.as_str()
            ),
            (service, region),
            "{line}"
        );
    }
    assert_eq!(
        try_plan("http://h/", &env[1..])
            .unwrap()
            .region
            .unwrap()
            .value,
        "default-region"
    );
    assert_eq!(plan("http://h/").region, None, "only a profile can tell");
    assert_eq!(plan("http://h/").warning, None, "a server of one's own");
    assert_eq!(plan("http://127.0.0.1/").warning, None);
    assert_eq!(plan("--service|x|http://h.example/").warning, None);
    assert_eq!(
        plan("http://h.example/").warning.unwrap(),
        "h.example is no host name of AWS's: signing for execute-api (--service NAME says for what)"
    );
}

#[test]
fn headers_in_the_order_of_the_wire() {
    let agent = format!("sigcurl/{}", env!("CARGO_PKG_VERSION"));
    let defaults = format!("host=h user-agent={agent} accept=*/*");
    for (line, expected) in [
        ("http://h/", defaults.clone()),
        ("http://h:8080/", defaults.replace("host=h", "host=h:8080")),
        ("https://h:443/", defaults.clone()),
        ("http://[::1]:80/", defaults.replace("host=h", "host=[::1]")),
        (
            "-H|a: 1|-H|B:2:3|-H|a: 2|http://h/",
            format!("{defaults} a=1 a=2 b=2:3"),
        ),
        (
            "-H|Accept: text/html|-H|User-Agent: me|http://h/",
            "host=h accept=text/html user-agent=me".to_owned(),
        ),
        (
            "-H|Accept:|-H|User-Agent:|http://h/",
            "host=h accept=".to_owned(),
        ),
        ("-H|Empty;|http://h/", format!("{defaults} empty=")),
        (
            "-H|HOST: Api.Example.com|http://h/",
            defaults.replace("host=h", "host=Api.Example.com"),
        ),
        (
            "-H|X-Amz-Date: 20150830T123600Z|http://h/",
            defaults.clone(),
        ),
    ] {
        let found: Vec<_> = plan(line)
            .headers
            .iter()
            .map(|(name, value)| format!("{name}={}", value.to_str().unwrap()))
            .collect();
        assert_eq!(found.join(" "), expected, "{line}");
    }
}

#[test]
fn content_type() {
    use sigcurl::hop::Hop;
    for (line, body, expected) in [
        ("-d|x|http://h/", "{\"a\":1}", Some("application/json")),
        ("-d|x|http://h/", "[1]", Some("application/json")),
        (
            "-d|x|http://h/",
            "a=b",
            Some("application/x-www-form-urlencoded"),
        ),
        (
            "-d|x|http://h/",
            "",
            Some("application/x-www-form-urlencoded"),
        ),
        (
            "-d|x|-H|content-type: text/plain|http://h/",
            "{}",
            Some("text/plain"),
        ),
        ("-d|x|-H|Content-Type;|http://h/", "{}", Some("")),
        ("-d|x|-H|Content-Type:|http://h/", "{}", None),
        ("http://h/", "", None),
    ] {
        let hop = Hop::first(&plan(line), body.into()).unwrap();
        let found = hop
            .headers
            .get("content-type")
            .map(|value| value.to_str().unwrap());
        assert_eq!(found, expected, "{line} {body}");
    }
}

#[test]
fn content_length() {
    use sigcurl::hop::Hop;
    for (line, body, expected) in [
        ("http://h/", "", None),
        ("-X|DELETE|http://h/", "", None),
        ("-X|POST|http://h/", "", Some("0")),
        ("-d|x|http://h/", "abc", Some("3")),
        ("-d|x|-X|GET|http://h/", "abc", Some("3")),
        ("-d|x|-H|Transfer-Encoding: chunked|http://h/", "abc", None),
    ] {
        let hop = Hop::first(&plan(line), body.into()).unwrap();
        let found = hop
            .headers
            .get("content-length")
            .map(|value| value.to_str().unwrap());
        assert_eq!(found, expected, "{line}");
    }
}

#[test]
fn keys() {
    let id = ("AWS_ACCESS_KEY_ID", "E");
    let secret = ("AWS_SECRET_ACCESS_KEY", "e");
    let token = ("AWS_SESSION_TOKEN", "et");
    let security_token = ("AWS_SECURITY_TOKEN", "est");
    let profile = ("AWS_PROFILE", "ep");
    let options = "--access_key|O|--secret_key|o|";
    for (line, env, expected) in [
        ("", vec![], "chain -"),
        ("", vec![profile], "chain ep"),
        ("", vec![id, secret], "E e -"),
        ("", vec![id, secret, token, security_token], "E e et"),
        ("", vec![id, secret, security_token], "E e est"),
        ("", vec![id, secret, profile], "E e -"),
        ("--session_token|ot|", vec![id, secret, token], "E e ot"),
        ("--profile|op|", vec![], "profile op"),
        (
            "--profile|op|",
            vec![id, secret, token, profile],
            "profile op",
        ),
        ("--profile|op|", vec![id], "profile op"),
        (options, vec![id, secret, token, profile], "O o -"),
        (
            "--access_key|O|--secret_key|o|--security_token|ot|--profile|op|",
            vec![token],
            "O o ot",
        ),
        ("", vec![id], "error"),
        ("", vec![secret], "error"),
        ("--access_key|O|", vec![id, secret], "error"),
        ("--secret_key|o|", vec![id, secret], "error"),
        ("--session_token|ot|", vec![profile], "error"),
        ("--session_token|ot|--profile|op|", vec![], "error"),
    ] {
        let found = match try_plan(&format!("{line}http://h/"), &env).map(|plan| plan.credentials) {
            Err(failure) => {
                assert_eq!(failure.exit().code(), 2);
                "error".to_owned()
            }
            Ok(CredentialPlan::Chain(profile)) => {
                format!("chain {}", profile.as_deref().unwrap_or("-"))
            }
            Ok(CredentialPlan::Profile(name)) => format!("profile {name}"),
            Ok(CredentialPlan::Keys {
                id, secret, token, ..
            }) => {
                format!(
                    "{id} {} {}",
                    secret.expose(),
                    token.as_ref().map_or("-", |token| token.expose())
                )
            }
        };
        assert_eq!(found, expected, "{line} {env:?}");
    }
}

#[test]
fn time_and_payload() {
    let at = |line: &str| plan(line).time.map(|time| time.to_string());
    assert_eq!(at("http://h/"), None);
    assert_eq!(
        at("--at|20150830T123600Z|http://h/").as_deref(),
        Some("20150830T123600Z")
    );
    assert_eq!(
        at("-H|x-amz-date: 20150830T123600Z|http://h/").as_deref(),
        Some("20150830T123600Z")
    );

    let payload = |line: &str| plan(line).payload.map(|payload| payload.to_string());
    assert_eq!(payload("http://h/"), None);
    assert_eq!(
        payload("-H|X-Amz-Content-Sha256: UNSIGNED-PAYLOAD|http://h/").as_deref(),
        Some("UNSIGNED-PAYLOAD")
    );
    assert!(
        try_plan(
            "-H|X-Amz-Content-Sha256: STREAMING-AWS4-HMAC-SHA256-PAYLOAD|http://h/",
            &[]
        )
        .is_err()
    );
}

#[test]
fn no_secret_in_debug() {
    let plan = plan("--access_key|O|--secret_key|SECRET|--session_token|TOKEN|http://h/");
    let text = format!("{plan:?}");
    assert!(
        !text.contains("SECRET") && !text.contains("TOKEN"),
        "{text}"
    );
}
