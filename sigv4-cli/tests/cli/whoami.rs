//! `sigcurl whoami`

use super::roles::{ROLE, sts};
use super::support::process::Sigcurl;
use super::support::server::Server;
use super::support::{KEY_ID, SECRET};

#[test]
fn says_which_keys_and_why() {
    let run = Sigcurl::new().args(["whoami"]).run();
    assert_eq!(
        run.succeeds().stdout(),
        format!(
            "source         the environment\naccess key id  {KEY_ID}\nsession token  no\nexpires        not known\nregion         us-east-1\nregion from    AWS_REGION\n"
        )
    );
    let run = Sigcurl::new()
        .env("AWS_SESSION_TOKEN", "TOKEN")
        .args([
            "whoami",
            "--json",
            "https://a.execute-api.eu-west-1.amazonaws.com/",
        ])
        .run();
    assert_eq!(
        run.succeeds().stdout(),
        format!(
            "{{\"source\":\"the environment\",\"access_key_id\":\"{KEY_ID}\",\"session_token\":true,\"expires\":null,\"region\":\"eu-west-1\",\"region_from\":\"the host\",\"service\":\"execute-api\",\"service_from\":\"the host\"}}\n"
        )
    );
}

#[test]
fn of_a_profile_without_a_region_and_offline() {
    let metadata = Server::start(|_| Vec::new());
    let keys = format!("[p]\naws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n");
    let run = Sigcurl::bare()
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url("/"))
        .file(".aws/credentials", keys)
        .args(["whoami", "--profile", "p"])
        .run();
    let text = run.succeeds().stdout();
    assert!(text.starts_with("source         profile 'p'\n"), "{text}");
    assert!(
        text.contains("region         none: give it with --region"),
        "{text}"
    );
    assert!(metadata.hits().is_empty());
}

#[test]
fn online() {
    let sts = sts();
    let run = Sigcurl::new()
        .env("AWS_ENDPOINT_URL_STS", &sts.url("/"))
        .args(["whoami", "--online"])
        .run();
    let text = run.succeeds().stdout();
    assert!(text.ends_with("arn            arn:aws:iam::123456789012:user/me\naccount        123456789012\nuser id        AIDA\n"), "{text}");

    let run = Sigcurl::new()
        .env("AWS_ENDPOINT_URL_STS", &sts.url("/"))
        .args(["whoami", "--role-arn", ROLE, "--online", "--json"])
        .run();
    let text = run.succeeds().stdout();
    assert!(
        text.contains("\"expires\":\"2099-01-01T00:00:00Z\""),
        "{text}"
    );
    assert!(
        text.contains(&format!(
            "\"source\":\"role {ROLE}, assumed with the environment\""
        )),
        "{text}"
    );
    assert!(!text.contains(SECRET) && !text.contains("\"T\""), "{text}");

    let refused = Sigcurl::new()
        .env("AWS_SECRET_ACCESS_KEY", "wrong")
        .env("AWS_ENDPOINT_URL_STS", &sts.url("/"))
        .args(["whoami", "--online"])
        .run();
    refused.fails(2, "cannot ask STS whose keys these are: STS answers 403");
}

#[test]
fn without_keys() {
    Sigcurl::bare()
        .args(["whoami"])
        .run()
        .fails(2, "no credentials: set AWS_ACCESS_KEY_ID");
    Sigcurl::bare()
        .args(["whoami", "--profile", "nope"])
        .run()
        .fails(2, "no profile 'nope'");
}
