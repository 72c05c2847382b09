//! Where keys and region come from.

use super::support::process::{Outcome, Sigcurl};
use super::support::server::{Hit, Server, ok, response};
use super::support::{KEY_ID, REGION, SECRET, SERVICE};

/// Sends a request for [`REGION`] and returns it as it arrived.
fn sent(run: Sigcurl, args: &[&str]) -> (Outcome, Option<Hit>) {
    let server = Server::start(|_| ok(""));
    let outcome = run
        .args(args.iter().copied())
        .args([server.url("/").as_str()])
        .run();
    let hit = server.hits().pop();
    (outcome, hit)
}

/// Asserts that the request was signed with the known keys, and this token.
#[track_caller]
fn signed(run: Sigcurl, args: &[&str], token: Option<&str>) {
    let (outcome, hit) = sent(run, args);
    outcome.succeeds();
    assert_eq!(
        hit.unwrap().verify_with_token(REGION, SERVICE, token),
        Ok(())
    );
}

fn keys_file(profile: &str) -> String {
    format!("[{profile}]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n")
}

const IN_REGION: [&str; 2] = ["--region", REGION];

#[test]
fn the_environment() {
    signed(Sigcurl::new(), &[], None);
    signed(Sigcurl::new().env("AWS_SESSION_TOKEN", "T"), &[], Some("T"));
    signed(
        Sigcurl::new().env("AWS_SECURITY_TOKEN", "T"),
        &[],
        Some("T"),
    );
    signed(Sigcurl::new().env("AWS_SESSION_TOKEN", ""), &[], None);
    signed(
        Sigcurl::new().env("AWS_SESSION_TOKEN", "old"),
        &["--session_token", "T"],
        Some("T"),
    );
    signed(
        Sigcurl::new().env("AWS_SECRET_ACCESS_KEY", &format!(" {SECRET}\n")),
        &[],
        None,
    );
}

#[test]
fn the_command_line_outranks_the_environment() {
    let other = || {
        Sigcurl::new()
            .env("AWS_ACCESS_KEY_ID", "OTHER")
            .env("AWS_SESSION_TOKEN", "STALE")
    };
    signed(
        other(),
        &["--access_key", KEY_ID, "--secret_key", SECRET],
        None,
    );
    signed(
        other(),
        &[
            "--access-key",
            KEY_ID,
            "--secret-key",
            SECRET,
            "--security_token",
            "T",
        ],
        Some("T"),
    );
    signed(
        other(),
        &[
            "--access_key",
            KEY_ID,
            "--secret_key",
            SECRET,
            "--session_token",
            "",
        ],
        None,
    );
}

#[test]
fn a_profile_outranks_the_environment_and_shares_nothing_with_it() {
    let stale = || {
        Sigcurl::new()
            .env("AWS_ACCESS_KEY_ID", "OTHER")
            .env("AWS_SESSION_TOKEN", "STALE")
    };
    signed(
        stale().file(".aws/credentials", keys_file("p1")),
        &["--profile", "p1"],
        None,
    );
    signed(
        stale().file(".aws/config", keys_file("profile p1")),
        &["--profile", "p1"],
        None,
    );
    let half = Sigcurl::bare()
        .env("AWS_ACCESS_KEY_ID", "OTHER")
        .file(".aws/credentials", keys_file("p1"));
    signed(half, &["--profile", "p1", "--region", REGION], None);
}

#[test]
fn keys_in_the_environment_outrank_aws_profile() {
    signed(
        Sigcurl::new().env("AWS_PROFILE", "p1").file(
            ".aws/credentials",
            "[p1]\naws_access_key_id = OTHER\naws_secret_access_key = x\n",
        ),
        &[],
        None,
    );
}

#[test]
fn profiles_without_keys_in_the_environment() {
    signed(
        Sigcurl::bare().file(".aws/credentials", keys_file("default")),
        &IN_REGION,
        None,
    );
    signed(
        Sigcurl::bare()
            .env("AWS_PROFILE", "p1")
            .file(".aws/credentials", keys_file("p1")),
        &IN_REGION,
        None,
    );
    signed(
        Sigcurl::bare()
            .env("AWS_PROFILE", "")
            .file(".aws/credentials", keys_file("default")),
        &IN_REGION,
        None,
    );

    let elsewhere = Sigcurl::bare().file("other", keys_file("default"));
    let path = elsewhere
        .home
        .path()
        .join("other")
        .to_str()
        .unwrap()
        .to_owned();
    signed(
        elsewhere.env("AWS_SHARED_CREDENTIALS_FILE", &path),
        &IN_REGION,
        None,
    );
}

#[cfg(unix)]
#[test]
fn credential_process() {
    let json = format!(
        r#"{{"Version": 1, "AccessKeyId": "{KEY_ID}", "SecretAccessKey": "{SECRET}", "SessionToken": "T"}}"#
    );
    let run = Sigcurl::new()
        .env("PATH", "/usr/bin:/bin")
        .file("keys.json", json)
        .file(
            ".aws/config",
            "[profile p]\ncredential_process = cat keys.json\n",
        );
    signed(run, &["--profile", "p"], Some("T"));

    let run = Sigcurl::new()
        .env("PATH", "/usr/bin:/bin")
        .file(".aws/config", "[profile p]\ncredential_process = false\n");
    let (outcome, hit) = sent(run, &["--profile", "p"]);
    outcome.fails(2, "cannot get credentials from profile 'p'");
    assert!(hit.is_none());
}

#[test]
fn a_profile_without_keys() {
    let run = Sigcurl::new().file(".aws/config", "[profile p]\nregion = eu-west-1\n");
    sent(run, &["--profile", "p"])
        .0
        .fails(2, "profile 'p' has no credentials");
    let run = Sigcurl::bare().file(".aws/credentials", "[p]\naws_access_key_id = x\n");
    sent(run, &["--profile", "p", "--region", REGION])
        .0
        .fails(2, "");
    let run = Sigcurl::bare().file(".aws/credentials", "garbage\n[");
    sent(run, &["--profile", "p", "--region", REGION])
        .0
        .fails(2, "cannot read the AWS configuration");
}

#[test]
fn region_from_everywhere() {
    let config = "[default]\nregion = from-default\n[profile p1]\nregion = from-p1\n";
    let keys = || Sigcurl::new().file(".aws/config", config);
    let region = |run: Sigcurl, args: &[&str]| {
        let (outcome, hit) = sent(run, args);
        outcome.succeeds();
        let authorization = hit.unwrap().header("authorization").unwrap().to_owned();
        authorization.split('/').nth(2).unwrap().to_owned()
    };
    let without = |mut run: Sigcurl| {
        run.command.env_remove("AWS_REGION");
        run
    };
    assert_eq!(
        region(keys().env("AWS_DEFAULT_REGION", "x"), &["--region", "flag"]),
        "flag"
    );
    assert_eq!(region(keys().env("AWS_DEFAULT_REGION", "x"), &[]), REGION);
    assert_eq!(
        region(without(keys()).env("AWS_DEFAULT_REGION", "x"), &[]),
        "x"
    );
    assert_eq!(region(without(keys()), &[]), "from-default");
    assert_eq!(
        region(without(keys()).env("AWS_PROFILE", "p1"), &[]),
        "from-p1"
    );
    let profile = without(keys()).file(".aws/credentials", keys_file("p1"));
    assert_eq!(region(profile, &["--profile", "p1"]), "from-p1");
    assert_eq!(
        region(
            keys(),
            &["-H", "Host: a.execute-api.eu-west-1.amazonaws.com"]
        ),
        "eu-west-1"
    );
}

#[test]
fn keys_in_the_environment_cost_no_file_and_no_call() {
    // Whoever read these would fail, and whoever asked would be counted.
    let metadata = Server::start(|_| response("404 Not Found", &[], ""));
    let run = Sigcurl::new()
        .file(".aws/config", "garbage\n[")
        .file(".aws/credentials", "garbage\n[");
    let run = run
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url("/"));
    signed(
        run.env("SSL_CERT_FILE", "/nonexistent")
            .env("SSL_CERT_DIR", "/nonexistent"),
        &[],
        None,
    );
    assert!(metadata.hits().is_empty());
}

#[test]
fn no_region_asks_no_metadata_service() {
    let metadata = Server::start(|_| response("404 Not Found", &[], ""));
    let mut run = Sigcurl::new()
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url("/"));
    run.command.env_remove("AWS_REGION");
    sent(run, &[]).0.fails(2, "no region");
    assert!(metadata.hits().is_empty());
}

/// The HTTP client that is built on first use is used: by the metadata service, containers and STS.
#[test]
fn an_instance() {
    let keys = format!(
        r#"{{"Code":"Success","Type":"AWS-HMAC","AccessKeyId":"{KEY_ID}","SecretAccessKey":"{SECRET}","Token":"T","Expiration":"2099-01-01T00:00:00Z"}}"#
    );
    let metadata = Server::start(move |hit| match hit.target.as_str() {
        "/latest/api/token" => response(
            "200 OK",
            &[("x-aws-ec2-metadata-token-ttl-seconds", "21600")],
            "IMDS",
        ),
        path if path.ends_with("/security-credentials/")
            || path.ends_with("/security-credentials-extended/") =>
        {
            ok("role")
        }
        _ => ok(&keys),
    });
    let run = Sigcurl::bare()
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url("/"));
    signed(run, &IN_REGION, Some("T"));
}

#[test]
fn a_container() {
    let keys = format!(
        r#"{{"AccessKeyId":"{KEY_ID}","SecretAccessKey":"{SECRET}","Token":"T","Expiration":"2099-01-01T00:00:00Z"}}"#
    );
    let agent = Server::start(move |_| ok(&keys));
    signed(
        Sigcurl::bare().env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &agent.url("/keys")),
        &IN_REGION,
        Some("T"),
    );
}

#[test]
fn a_web_identity() {
    let sts = Server::start(|_| ok(&web_identity_answer()));
    let run = Sigcurl::bare()
        .file("token", "JWT")
        .env("AWS_ENDPOINT_URL_STS", &sts.url("/"));
    let run = run
        .env("AWS_WEB_IDENTITY_TOKEN_FILE", "token")
        .env("AWS_ROLE_ARN", "arn:aws:iam::1:role/r");
    signed(run, &IN_REGION, Some("T"));
    assert!(
        String::from_utf8(sts.hits()[0].body.clone())
            .unwrap()
            .contains("WebIdentityToken=JWT")
    );
}

/// STS's answer, with the known keys.
pub(crate) fn web_identity_answer() -> String {
    format!(
        "<AssumeRoleWithWebIdentityResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleWithWebIdentityResult>\
         <AssumedRoleUser><Arn>arn:aws:sts::1:assumed-role/r/s</Arn><AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser>\
         <Credentials><AccessKeyId>{KEY_ID}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey><SessionToken>T</SessionToken>\
         <Expiration>2099-01-01T00:00:00Z</Expiration></Credentials></AssumeRoleWithWebIdentityResult>\
         <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleWithWebIdentityResponse>"
    )
}
