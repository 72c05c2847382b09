//! What users complained about to other clients: keys, tokens, clocks. Each test has the name of its repository and
//! number; facts/clis.md §2 (rows 10–16, 45, 59, 70) has the list, §3c what awscurl does.

use std::io::{Read, Write};

use crate::roles::{ROLE, form, sts};
use crate::support::process::{Outcome, Sigcurl};
use crate::support::server::{Hit, Server, ok, response};
use crate::support::{KEY_ID, REGION, SECRET, SERVICE};

fn keys(id: &str, secret: &str) -> String {
    format!("aws_access_key_id = {id}\naws_secret_access_key = {secret}\n")
}

fn sent(run: Sigcurl, args: &[&str]) -> (Outcome, Option<Hit>) {
    let server = Server::start(|_| ok(""));
    let outcome = run
        .args(args.iter().copied())
        .args([server.url("/").as_str()])
        .run();
    (outcome, server.hits().pop())
}

/// Asserts that the request was signed with the known keys, for this region, with this token.
#[track_caller]
fn signed_for(run: Sigcurl, args: &[&str], region: &str, token: Option<&str>) {
    let (outcome, hit) = sent(run, args);
    outcome.succeeds();
    let hit = hit.unwrap();
    assert_eq!(hit.verify_with_token(region, SERVICE, token), Ok(()));
    assert_eq!(hit.header("x-amz-security-token"), token);
}

/// The home of §3c, with the known keys where they are to be chosen and others elsewhere.
fn home(chosen: &str) -> Sigcurl {
    let known = |name: &str| {
        if name == chosen {
            keys(KEY_ID, SECRET)
        } else {
            keys("AKWRONG", "wrong")
        }
    };
    let json = |token: &str| {
        format!(
            r#"{{"Version": 1, "AccessKeyId": "{KEY_ID}", "SecretAccessKey": "{SECRET}", "SessionToken": "{token}"}}"#
        )
    };
    Sigcurl::bare()
        .env("PATH", "/usr/bin:/bin")
        .file(".aws/credentials", format!("[default]\n{}[p1]\n{}", known("default"), known("p1")))
        .file(".aws/config", format!(
            "[default]\nregion = ap-south-1\n[profile p1]\nregion = eu-west-1\n[profile cp]\nregion = eu-west-1\ncredential_process = cat keys.json\n[profile cfgkeys]\nregion = eu-west-1\n{}",
            known("cfgkeys")
        ))
        .file("keys.json", json("CP"))
}

fn with_env_keys(run: Sigcurl) -> Sigcurl {
    run.env("AWS_ACCESS_KEY_ID", "AKENV")
        .env("AWS_SECRET_ACCESS_KEY", "env")
}

// §3c: awscurl took us-east-1, other profiles, or stale tokens in most of these.

#[test]
fn awscurl_choice_default_profile_with_its_region() {
    signed_for(home("default"), &[], "ap-south-1", None);
}

#[test]
fn awscurl_choice_profile_with_its_region() {
    signed_for(home("p1"), &["--profile", "p1"], "eu-west-1", None);
}

#[test]
fn awscurl_choice_profile_that_is_not_there() {
    let (outcome, hit) = sent(home("default"), &["--profile", "nope"]);
    outcome.fails(2, "no profile 'nope' in ~/.aws/config or ~/.aws/credentials; there are: cfgkeys, cp, default, p1");
    assert!(hit.is_none());
}

#[cfg(unix)]
#[test]
fn awscurl_choice_profile_with_a_process_or_keys_in_config() {
    signed_for(
        home("default"),
        &["--profile", "cp"],
        "eu-west-1",
        Some("CP"),
    );
    signed_for(
        home("cfgkeys"),
        &["--profile", "cfgkeys"],
        "eu-west-1",
        None,
    );
}

#[cfg(unix)]
#[test]
fn awscurl_choice_aws_profile() {
    signed_for(
        home("").env("AWS_PROFILE", "cp"),
        &[],
        "eu-west-1",
        Some("CP"),
    );
    signed_for(
        home("cfgkeys").env("AWS_PROFILE", "cfgkeys"),
        &[],
        "eu-west-1",
        None,
    );
    sent(home("").env("AWS_PROFILE", "nope"), &[])
        .0
        .fails(2, "no profile 'nope'");
}

#[test]
fn awscurl_choice_profile_outranks_keys_in_the_environment() {
    signed_for(
        with_env_keys(home("p1")),
        &["--profile", "p1"],
        "eu-west-1",
        None,
    );
}

#[test]
fn awscurl_choice_profile_without_a_stale_token() {
    signed_for(
        home("p1").env("AWS_SESSION_TOKEN", "STALE"),
        &["--profile", "p1"],
        "eu-west-1",
        None,
    );
}

#[test]
fn awscurl_choice_credentials_file_of_the_environment() {
    let (outcome, _) = sent(
        home("default").env("AWS_SHARED_CREDENTIALS_FILE", "/dev/null"),
        &["--region", REGION],
    );
    outcome.fails(2, "no credentials");
}

#[test]
fn awscurl_choice_region_of_the_environment() {
    signed_for(
        home("default").env("AWS_REGION", "eu-west-1"),
        &[],
        "eu-west-1",
        None,
    );
}

#[test]
fn awscurl_choice_half_a_key_and_none_at_all() {
    sent(home("default").env("AWS_ACCESS_KEY_ID", "AK"), &[])
        .0
        .fails(
            2,
            "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not",
        );
    sent(Sigcurl::bare(), &["--region", REGION])
        .0
        .fails(2, "no credentials: set AWS_ACCESS_KEY_ID");
}

// Row 10.

reported! { profile_means_that_profile as awscurl_44 }

fn profile_means_that_profile() {
    signed_for(
        with_env_keys(home("p1"))
            .env("AWS_SESSION_TOKEN", "STALE")
            .env("AWS_PROFILE", "default"),
        &["--profile", "p1"],
        "eu-west-1",
        None,
    );
}

fn role_profile(more: &str) -> (Server, Sigcurl) {
    let sts = sts();
    let config = format!(
        "[profile role]\nregion = {REGION}\nrole_arn = {ROLE}\nsource_profile = base\n{more}[profile base]\n{}",
        keys(KEY_ID, SECRET)
    );
    let run = Sigcurl::bare()
        .env("AWS_ENDPOINT_URL_STS", &sts.url("/"))
        .file(".aws/config", config);
    (sts, run)
}

reported! { a_profile_with_a_role_is_assumed as awscurl_114 }

fn a_profile_with_a_role_is_assumed() {
    let (_sts, run) = role_profile("");
    signed_for(run, &["--profile", "role"], REGION, Some("T"));
}

reported! { a_role_with_mfa_gets_its_code as awscurl_116 }

fn a_role_with_mfa_gets_its_code() {
    let (sts, run) = role_profile("mfa_serial = arn:aws:iam::1:mfa/me\n");
    signed_for(
        run,
        &["--profile", "role", "--mfa-code", "123456"],
        REGION,
        Some("T"),
    );
    assert_eq!(form(&sts.hit())["TokenCode"], "123456");
}

reported! { no_default_profile_is_no_error_where_there_are_keys as awscurl_122 }

fn no_default_profile_is_no_error_where_there_are_keys() {
    signed_for(
        Sigcurl::new().file(".aws/config", "[profile other]\nregion = x\n"),
        &[],
        REGION,
        None,
    );
    let other = Sigcurl::bare().file(".aws/config", "[profile other]\nregion = x\n");
    sent(other, &["--region", REGION])
        .0
        .fails(2, "no credentials");
}

reported! { a_profile_with_a_web_identity as awscurl_123 }

fn a_profile_with_a_web_identity() {
    let sts = Server::start(|_| ok(&crate::keys::web_identity_answer()));
    let run = Sigcurl::bare()
        .env("AWS_ENDPOINT_URL_STS", &sts.url("/"))
        .file("token", "JWT")
        .file(".aws/config", format!("[profile web]\nregion = {REGION}\nrole_arn = {ROLE}\nweb_identity_token_file = token\n"));
    signed_for(run, &["--profile", "web"], REGION, Some("T"));
}

reported! { an_sso_profile_without_a_session_says_how_to_sign_in as awscurl_124 }

fn an_sso_profile_without_a_session_says_how_to_sign_in() {
    let config = format!(
        "[profile sso]\nregion = {REGION}\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n[sso-session s]\nsso_region = {REGION}\nsso_start_url = https://x.awsapps.com/start\n"
    );
    let (outcome, hit) = sent(
        Sigcurl::bare().file(".aws/config", config),
        &["--profile", "sso"],
    );
    outcome.fails(2, "cannot get credentials from profile 'sso' (sign in with 'aws sso login' and its --profile): ");
    assert!(hit.is_none());
}

/// The portal is AWS's, so it is reached as any host is behind a firewall: through a proxy, and trusted by a bundle.
#[test]
fn an_sso_profile_with_a_session() {
    const PORTAL: &str = "portal.sso.us-east-1.amazonaws.com";
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed([PORTAL.to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let provider = rustls::crypto::ring::default_provider();
    let config = rustls::ServerConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let config = std::sync::Arc::new(config);
    let proxy = Server::with_stream(move |stream, record| {
        let mut asked = Vec::new();
        while !asked.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).unwrap();
            asked.push(byte[0]);
        }
        assert!(asked.starts_with(format!("CONNECT {PORTAL}:443 HTTP/1.1\r\n").as_bytes()));
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n").unwrap();
        let connection = rustls::ServerConnection::new(config.clone()).unwrap();
        let mut tls = rustls::StreamOwned::new(connection, stream);
        while let Some(hit) = Hit::read(&mut tls) {
            record(hit);
            let json = format!(
                r#"{{"roleCredentials": {{"accessKeyId": "{KEY_ID}", "secretAccessKey": "{SECRET}", "sessionToken": "T", "expiration": 4102444800000}}}}"#
            );
            tls.write_all(&response(
                "200 OK",
                &[("content-type", "application/json")],
                &json,
            ))
            .unwrap();
        }
    });
    let session =
        "[sso-session team]\nsso_region = us-east-1\nsso_start_url = https://x.awsapps.com/start\n";
    let profile = format!(
        "[profile sso]\nregion = {REGION}\nsso_session = team\nsso_account_id = 123456789012\nsso_role_name = reader\n"
    );
    let run = Sigcurl::bare()
        .file(".aws/config", profile + session)
        .file("ca.pem", cert.pem())
        // Named by the SHA-1 of the session's name.
        .file(
            ".aws/sso/cache/d25187dc137f35c88bc80ec8c3ffbdb17b5eb873.json",
            r#"{"accessToken": "portal-token", "expiresAt": "2099-01-01T00:00:00Z", "region": "us-east-1", "startUrl": "https://x.awsapps.com/start"}"#,
        )
        .env("HTTPS_PROXY", &format!("http://{}", proxy.address))
        .env("AWS_CA_BUNDLE", "ca.pem");
    signed_for(run, &["--profile", "sso"], REGION, Some("T"));
    let hit = proxy.hit();
    assert_eq!(
        hit.target,
        "/federation/credentials?role_name=reader&account_id=123456789012"
    );
    assert_eq!(hit.header("x-amz-sso_bearer_token"), Some("portal-token"));
    assert!(!hit.is_signed());
}

// Row 11.

#[cfg(unix)]
reported! { credential_process_of_the_profile as awscurl_102, awscurl_146, awscurl_218 }

#[cfg(unix)]
fn credential_process_of_the_profile() {
    signed_for(
        with_env_keys(home("")),
        &["--profile", "cp"],
        "eu-west-1",
        Some("CP"),
    );
    let failing = Sigcurl::bare().env("PATH", "/usr/bin:/bin").file(
        ".aws/config",
        "[profile cp]\ncredential_process = sh -c 'echo vault is locked >&2; exit 3'\n",
    );
    let (outcome, hit) = sent(failing, &["--profile", "cp", "--region", REGION]);
    outcome.fails(2, "cannot get credentials from profile 'cp'");
    assert!(
        outcome.stderr.contains("vault is locked"),
        "{}",
        outcome.stderr
    );
    assert!(hit.is_none());
}

// Rows 12 and 13.

reported! { the_session_token_is_sent_and_signed as awscurl_14, awscurl_46 }

fn the_session_token_is_sent_and_signed() {
    let (outcome, hit) = sent(Sigcurl::new().env("AWS_SESSION_TOKEN", "T"), &[]);
    outcome.succeeds();
    let hit = hit.unwrap();
    assert_eq!(hit.verify_with_token(REGION, SERVICE, Some("T")), Ok(()));
    assert!(
        hit.header("authorization")
            .unwrap()
            .contains(";x-amz-security-token")
    );
}

reported! { an_empty_token_is_neither_sent_nor_signed as curl_11007 }

fn an_empty_token_is_neither_sent_nor_signed() {
    for run in [
        Sigcurl::new().env("AWS_SESSION_TOKEN", ""),
        Sigcurl::new().env("AWS_SESSION_TOKEN", " "),
    ] {
        let (outcome, hit) = sent(run, &["--session_token", ""]);
        outcome.succeeds();
        let hit = hit.unwrap();
        assert_eq!(hit.header("x-amz-security-token"), None);
        assert!(
            !hit.header("authorization")
                .unwrap()
                .contains("security-token")
        );
    }
    let profile = format!("[default]\n{}aws_session_token =\n", keys(KEY_ID, SECRET));
    signed_for(
        Sigcurl::bare().file(".aws/credentials", profile),
        &["--region", REGION],
        REGION,
        None,
    );
}

// Row 14.

reported! { a_role_in_the_environment_does_not_outrank_the_profile as aws_cli_8883 }

fn a_role_in_the_environment_does_not_outrank_the_profile() {
    signed_for(
        home("p1")
            .env("AWS_PROFILE", "p1")
            .env("AWS_ROLE_ARN", ROLE)
            .env("AWS_WEB_IDENTITY_TOKEN_FILE", "nope"),
        &[],
        "eu-west-1",
        None,
    );
}

reported! { verbose_says_which_source as aws_cli_8270 }

fn verbose_says_which_source() {
    for (run, args, source) in [
        (Sigcurl::new(), &[][..], "the environment"),
        (home("p1"), &["--profile", "p1"], "profile 'p1'"),
        (home("default"), &[], "profile 'default'"),
        #[cfg(unix)]
        (
            home(""),
            &["--profile", "cp"],
            "profile 'cp' (credential_process)",
        ),
        (
            Sigcurl::bare(),
            &[
                "--region",
                "r",
                "--access_key",
                KEY_ID,
                "--secret_key",
                SECRET,
            ],
            "--access_key",
        ),
    ] {
        let (outcome, _) = sent(run.args(["-v"]), args);
        let line = format!("* Key {KEY_ID} (from {source})\n");
        assert_eq!(
            outcome.stderr.matches(&line).count(),
            1,
            "{line}{}",
            outcome.stderr
        );
    }
}

// Row 15: instances have tests of their own in keys.rs.

reported! { an_instance_that_does_not_answer_holds_nobody_up as awscurl_55, awscurl_163 }

fn an_instance_that_does_not_answer_holds_nobody_up() {
    let silent = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/", silent.local_addr().unwrap());
    let run = |disabled| {
        let started = std::time::Instant::now();
        let run = Sigcurl::bare()
            .env("AWS_EC2_METADATA_DISABLED", disabled)
            .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &endpoint);
        let (outcome, _) = sent(run, &["--region", REGION]);
        assert_eq!(outcome.code, 2, "{}", outcome.stderr);
        started.elapsed().as_secs_f64()
    };
    assert!(run("true") < 1.5);
    assert!(run("false") < 15.0);
}

// Row 16.

reported! { no_keys_is_one_line_that_says_what_was_asked as aws_cli_54 }

fn no_keys_is_one_line_that_says_what_was_asked() {
    let (outcome, _) = sent(Sigcurl::bare(), &["--region", REGION]);
    outcome.fails(2, "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use --profile NAME (asked: environment, profile 'default', web identity, container, instance)");
}

// Row 45: the three ask for the same; mend.rs has the cases.

fn an_hour_ahead(message: &'static str) -> Server {
    Server::start(move |hit| {
        let now = sigv4::AmzDate::now().saturating_add(3600);
        let date = httpdate::fmt_http_date(
            std::time::SystemTime::now() + std::time::Duration::from_secs(3600),
        );
        match hit.verify_at(REGION, SERVICE, None, now) {
            Ok(()) => ok("in"),
            Err(_) => response("403 Forbidden", &[("date", &date)], message),
        }
    })
}

#[track_caller]
fn corrected(message: &'static str) {
    let server = an_hour_ahead(message);
    let outcome = Sigcurl::new().args([server.url("/").as_str()]).run();
    assert_eq!(
        (outcome.code, outcome.stdout()),
        (0, "in"),
        "{}",
        outcome.stderr
    );
    assert!(
        outcome
            .stderr
            .contains("signed again with the server's time"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn aws4fetch_73() {
    corrected("<Error><Code>RequestTimeTooSkewed</Code></Error>");
}

#[test]
fn aws_sdk_js_v3_2208() {
    corrected("{\"message\":\"Signature expired: a is now earlier than b (c - 5 min.)\"}");
}

#[test]
fn aws_sdk_go_v2_2378() {
    corrected(
        "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired: a is now earlier than b (c - 15 min.)\"}",
    );
}

// Row 59.

reported! { a_session_name_is_cut_to_what_sts_takes as sigv4_proxy_243, sigv4_proxy_244 }

fn a_session_name_is_cut_to_what_sts_takes() {
    let (sts, run) = role_profile(&format!(
        "role_session_name = {}\n",
        "long-host-name.".repeat(6)
    ));
    signed_for(run, &["--profile", "role"], REGION, Some("T"));
    assert_eq!(form(&sts.hit())["RoleSessionName"].len(), 64);
}

// Row 70.

reported! { the_ca_bundle_is_for_keys_too as aws_cli_9016, boto3_4188 }

/// A container's agent behind TLS, whose certificate only `AWS_CA_BUNDLE` knows.
fn the_ca_bundle_is_for_keys_too() {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = rustls::pki_types::PrivateKeyDer::Pkcs8(signing_key.serialize_der().into());
    let config = rustls::ServerConfig::builder_with_provider(
        rustls::crypto::ring::default_provider().into(),
    )
    .with_safe_default_protocol_versions()
    .unwrap()
    .with_no_client_auth()
    .with_single_cert(vec![cert.der().clone()], key)
    .unwrap();
    let config = std::sync::Arc::new(config);
    let agent = Server::with_stream(move |stream, record| {
        let connection = rustls::ServerConnection::new(config.clone()).unwrap();
        let mut tls = rustls::StreamOwned::new(connection, stream);
        while let Some(hit) = Hit::read(&mut tls) {
            record(hit);
            let json = format!(
                r#"{{"AccessKeyId":"{KEY_ID}","SecretAccessKey":"{SECRET}","Token":"T","Expiration":"2099-01-01T00:00:00Z"}}"#
            );
            tls.write_all(&ok(&json)).unwrap();
        }
    });
    let url = format!("https://localhost:{}/keys", agent.address.port());
    let run = |bundle: &str| {
        Sigcurl::bare()
            .file("ca.pem", cert.pem())
            .env("AWS_CONTAINER_CREDENTIALS_FULL_URI", &url)
            .env("AWS_CA_BUNDLE", bundle)
    };
    signed_for(run("ca.pem"), &["--region", REGION], REGION, Some("T"));
    assert_eq!(sent(run(""), &["--region", REGION]).0.code, 2);
}

// Must hold 5, without strace.

/// Whoever opened one of these pipes would wait for ever.
#[cfg(unix)]
#[test]
fn keys_in_the_environment_open_no_file_of_home() {
    let metadata = Server::start(|_| response("404 Not Found", &[], ""));
    let run = Sigcurl::new()
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url("/"))
        .file(".aws/.keep", "")
        .file(".cache/.keep", "");
    for pipe in [
        ".aws/config",
        ".aws/credentials",
        ".cache/sigcurl",
        ".certificates",
    ] {
        let made = std::process::Command::new("mkfifo")
            .arg(run.home.path().join(pipe))
            .status()
            .unwrap();
        assert!(made.success());
    }
    let certificates = run
        .home
        .path()
        .join(".certificates")
        .to_str()
        .unwrap()
        .to_owned();
    let run = run
        .env("SSL_CERT_FILE", &certificates)
        .env("AWS_CA_BUNDLE", &certificates);
    signed_for(run, &["--max-time", "20"], REGION, None);
    assert!(metadata.hits().is_empty());
}

#[test]
fn a_profile_with_plain_keys_asks_nobody() {
    let metadata = Server::start(|_| response("404 Not Found", &[], ""));
    let run = home("p1")
        .env("AWS_EC2_METADATA_DISABLED", "false")
        .env("AWS_EC2_METADATA_SERVICE_ENDPOINT", &metadata.url("/"));
    signed_for(run, &["--profile", "p1"], "eu-west-1", None);
    assert!(metadata.hits().is_empty());
}
