//! Assumed roles: `--role-arn`, profiles with `role_arn`, MFA, and the cache of sessions.

use std::collections::HashMap;

use super::support::process::{Outcome, Sigcurl};
use super::support::server::{Hit, Server, ok, response};
use super::support::{KEY_ID, REGION, SECRET, SERVICE};

pub(crate) const ROLE: &str = "arn:aws:iam::123456789012:role/r";

/// An STS that gives the known keys with token `T`, to whoever signs with the known keys.
pub(crate) fn sts() -> Server {
    sts_until("2099-01-01T00:00:00Z")
}

fn sts_until(expires: &'static str) -> Server {
    Server::start(move |hit| {
        let token = hit.header("x-amz-security-token");
        if let Err(error) = hit.verify_with_token(REGION, "sts", token) {
            return response("403 Forbidden", &[], &error.to_string());
        }
        let form = form(hit);
        match form["Action"].as_str() {
            "GetCallerIdentity" => ok(
                "<GetCallerIdentityResponse><GetCallerIdentityResult><Arn>arn:aws:iam::123456789012:user/me</Arn><UserId>AIDA</UserId><Account>123456789012</Account></GetCallerIdentityResult></GetCallerIdentityResponse>",
            ),
            _ if form.get("TokenCode").is_some_and(|code| code != "123456") => response(
                "403 Forbidden",
                &[],
                "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>MultiFactorAuthentication failed with invalid MFA one time pass code.</Message></Error></ErrorResponse>",
            ),
            _ => ok(&format!(
                "<AssumeRoleResponse xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\"><AssumeRoleResult><AssumedRoleUser><AssumedRoleId>A:s</AssumedRoleId><Arn>arn:aws:sts::123456789012:assumed-role/r/s</Arn></AssumedRoleUser>\
                 <Credentials><AccessKeyId>{KEY_ID}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey><SessionToken>T</SessionToken><Expiration>{expires}</Expiration></Credentials></AssumeRoleResult></AssumeRoleResponse>"
            )),
        }
    })
}

pub(crate) fn form(hit: &Hit) -> HashMap<String, String> {
    url::form_urlencoded::parse(&hit.body)
        .into_owned()
        .collect()
}

/// Runs it against a server that takes the role's session only.
fn sent(run: &mut Sigcurl) -> Outcome {
    let server = Server::start(
        |hit| match hit.verify_with_token(REGION, SERVICE, Some("T")) {
            Ok(()) if hit.header("x-amz-security-token") == Some("T") => ok("in"),
            _ => response("403 Forbidden", &[], "out"),
        },
    );
    let url = server.url("/");
    run.command.arg(&url);
    let outcome = run.run_and_keep();
    // The next run names its own.
    outcome
}

fn with_role(sts: &Server, args: &[&str]) -> Sigcurl {
    Sigcurl::new()
        .env("AWS_ENDPOINT_URL_STS", &sts.url("/"))
        .args(["--role-arn", ROLE])
        .args(args.iter().copied())
}

#[test]
fn role_arn_with_everything() {
    let sts = sts();
    let long = "n".repeat(70);
    let mut run = with_role(
        &sts,
        &[
            "--role-session-name",
            &long,
            "--external-id",
            "e&=x",
            "--duration",
            "15m",
        ],
    );
    assert_eq!(sent(&mut run).succeeds().stdout(), "in");
    let form = form(&sts.hit());
    for (name, value) in [
        ("Action", "AssumeRole"),
        ("Version", "2011-06-15"),
        ("RoleArn", ROLE),
        ("RoleSessionName", &"n".repeat(64)),
        ("ExternalId", "e&=x"),
        ("DurationSeconds", "900"),
    ] {
        assert_eq!(form[name], *value, "{name}");
    }
    assert_eq!(form.len(), 6);
}

/// `sigcurl` again and again with the same home.
fn again(sts: &Server, run: &mut Sigcurl, expected: usize) {
    for _ in 0..3 {
        let outcome = run.run_and_keep();
        assert_eq!(outcome.succeeds().stdout(), "in");
    }
    assert_eq!(sts.hits().len(), expected);
}

fn takes_the_session() -> Server {
    Server::start(
        |hit| match hit.verify_with_token(REGION, SERVICE, Some("T")) {
            Ok(()) => ok("in"),
            Err(_) => response("403 Forbidden", &[], "out"),
        },
    )
}

#[test]
fn many_calls_make_one_call_to_sts() {
    let (sts, server) = (sts(), takes_the_session());
    let mut run = with_role(&sts, &[&server.url("/")]);
    again(&sts, &mut run, 1);

    let folder = run.home.path().join(".cache/sigcurl");
    let files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    assert_eq!(files.len(), 1);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode =
            |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder), mode(&files[0])), (0o700, 0o600));
    }
    // One that is broken is replaced.
    std::fs::write(&files[0], "garbage").unwrap();
    again(&sts, &mut run, 2);
}

#[test]
fn where_sessions_are_kept_and_where_not() {
    let (sts, server) = (sts(), takes_the_session());
    again(
        &sts,
        &mut with_role(&sts, &["--no-credential-cache", &server.url("/")]),
        3,
    );

    let run = with_role(&sts, &[&server.url("/")]);
    let elsewhere = run.home.path().join("x");
    let mut run = run.env("XDG_CACHE_HOME", elsewhere.to_str().unwrap());
    again(&sts, &mut run, 4);
    assert!(elsewhere.join("sigcurl").is_dir() && !run.home.path().join(".cache").exists());

    // Nowhere to write: every call asks, and works.
    let mut run = with_role(&sts, &[&server.url("/")]).file(".cache", "a file");
    again(&sts, &mut run, 7);
}

#[test]
fn a_session_that_is_about_to_expire_is_not_used() {
    let (sts, server) = (sts_until("2020-01-01T00:00:00Z"), takes_the_session());
    again(&sts, &mut with_role(&sts, &[&server.url("/")]), 3);
}

fn profiles(sts: &Server, config: &str) -> Sigcurl {
    Sigcurl::bare()
        .env("AWS_ENDPOINT_URL_STS", &sts.url("/"))
        .env("AWS_REGION", REGION)
        .file(".aws/config", config)
}

fn keys() -> String {
    format!("aws_access_key_id = {KEY_ID}\naws_secret_access_key = {SECRET}\n")
}

#[test]
fn a_profile_with_a_role() {
    let role = format!("role_arn = {ROLE}\n");
    for (config, args, roles) in [
        (
            format!(
                "[profile p]\n{role}source_profile = base\nduration_seconds = 1800\nexternal_id = x\n[profile base]\n{}",
                keys()
            ),
            &["--profile", "p"][..],
            1,
        ),
        // The profile's own keys.
        (
            format!(
                "[profile p]\n{role}source_profile = p\nduration_seconds = 1800\n{}",
                keys()
            ),
            &["--profile", "p"],
            1,
        ),
        // Two steps.
        (
            format!(
                "[profile p]\n{role}source_profile = q\nduration_seconds = 1800\n[profile q]\nrole_arn = {ROLE}2\nsource_profile = base\n[profile base]\n{}",
                keys()
            ),
            &["--profile", "p"],
            2,
        ),
        // A source's keys outrank its role.
        (
            format!(
                "[profile p]\n{role}source_profile = q\nduration_seconds = 1800\n[profile q]\nrole_arn = {ROLE}2\nsource_profile = base\n{}",
                keys()
            ),
            &["--profile", "p"],
            1,
        ),
        // The default profile, without an option.
        (
            format!(
                "[default]\n{role}source_profile = base\nduration_seconds = 1800\n[profile base]\n{}",
                keys()
            ),
            &[],
            1,
        ),
    ] {
        let sts = sts();
        let outcome = sent(&mut profiles(&sts, &config).args(args.iter().copied()));
        assert_eq!(outcome.succeeds().stdout(), "in", "{config}");
        let hits = sts.hits();
        assert_eq!(hits.len(), roles, "{config}");
        assert_eq!(
            form(&hits[roles - 1])["DurationSeconds"],
            "1800",
            "{config}"
        );
        assert_eq!(form(&hits[roles - 1])["RoleArn"], ROLE, "{config}");
    }
}

#[test]
fn credential_source_and_role_arn_on_top_of_a_profile() {
    let sts = sts();
    let config = format!("[profile p]\nrole_arn = {ROLE}\ncredential_source = Environment\n");
    let mut run = profiles(&sts, &config)
        .env("AWS_ACCESS_KEY_ID", KEY_ID)
        .env("AWS_SECRET_ACCESS_KEY", SECRET)
        .args(["--profile", "p", "--role-arn", &format!("{ROLE}2"), "-v"]);
    let outcome = sent(&mut run);
    assert_eq!(
        (outcome.code, outcome.stdout()),
        (0, "in"),
        "{}",
        outcome.stderr
    );
    assert_eq!(sts.hits().len(), 2);
    assert!(
        outcome.stderr.contains(&format!("* Key {KEY_ID} (from role {ROLE}2, assumed with role {ROLE}, assumed with the environment")),
        "{}",
        outcome.stderr
    );
}

#[cfg(unix)]
#[test]
fn a_process_gives_the_keys_of_a_role_that_names_its_own_profile() {
    let sts = sts();
    let json =
        format!(r#"{{"Version": 1, "AccessKeyId": "{KEY_ID}", "SecretAccessKey": "{SECRET}"}}"#);
    let config = format!(
        "[profile p]\nrole_arn = {ROLE}\nsource_profile = p\ncredential_process = cat keys.json\n"
    );
    let mut run = profiles(&sts, &config)
        .env("PATH", "/usr/bin:/bin")
        .file("keys.json", json)
        .args(["--profile", "p"]);
    assert_eq!(sent(&mut run).succeeds().stdout(), "in");
}

#[test]
fn profiles_that_cannot_be() {
    for (config, line) in [
        (
            "[profile p]\nrole_arn = ARN\n",
            "profile 'p' has role_arn but neither source_profile nor credential_source",
        ),
        (
            "[profile p]\nrole_arn = ARN\nsource_profile = q\ncredential_source = Environment\n",
            "profile 'p' has both source_profile and credential_source",
        ),
        (
            "[profile p]\nrole_arn = ARN\nsource_profile = q\n",
            "profile 'p' names source_profile 'q', which is not there",
        ),
        (
            "[profile p]\nrole_arn = ARN\nsource_profile = q\n[profile q]\nrole_arn = ARN\nsource_profile = p\n",
            "the source_profile of profile 'p' leads back to 'p'",
        ),
        (
            "[profile p]\nrole_arn = ARN\ncredential_source = Moon\n",
            "profile 'p' has credential_source 'Moon'",
        ),
        (
            "[profile p]\nrole_arn = ARN\nsource_profile = p\nduration_seconds = long\n",
            "profile 'p' has duration_seconds 'long', which is no number",
        ),
        (
            "[profile p]\nrole_arn = nothing\nsource_profile = p\n",
            "'nothing' is not the ARN of a role",
        ),
    ] {
        let sts = sts();
        let mut run = profiles(&sts, &config.replace("ARN", ROLE)).args(["--profile", "p"]);
        sent(&mut run).fails(2, line);
        assert!(sts.hits().is_empty());
    }
}

#[test]
fn an_mfa_device() {
    let config = format!(
        "[profile p]\nrole_arn = {ROLE}\nsource_profile = base\nmfa_serial = arn:aws:iam::1:mfa/me\n[profile base]\n{}",
        keys()
    );
    let (sts, server) = (sts(), takes_the_session());
    let run = || profiles(&sts, &config).args(["--profile", "p", &server.url("/")]);

    // Nobody is there to ask.
    run().run().fails(2, &format!("role {ROLE} asks for the code of MFA device arn:aws:iam::1:mfa/me: give it with --mfa-code"));
    run()
        .args(["--mfa-code", "12345"])
        .run()
        .fails(2, "an MFA code has six digits");
    assert!(sts.hits().is_empty());
    run().args(["--mfa-code", "000000"]).run().fails(
        2,
        &format!(
            "cannot assume role {ROLE}: STS answers AccessDenied: MultiFactorAuthentication failed"
        ),
    );

    let mut with_code = run().args(["--mfa-code", "123456"]);
    assert_eq!(with_code.run_and_keep().succeeds().stdout(), "in");
    let form = form(&sts.hits()[1]);
    assert_eq!(
        (form["SerialNumber"].as_str(), form["TokenCode"].as_str()),
        ("arn:aws:iam::1:mfa/me", "123456")
    );
    // The session is kept: no code, no call.
    let mut without = run();
    without
        .command
        .env("XDG_CACHE_HOME", with_code.home.path().join(".cache"));
    assert_eq!(without.run().succeeds().stdout(), "in");
    assert_eq!(sts.hits().len(), 2);

    let mut needless = with_role(&sts, &["--mfa-code", "123456", &server.url("/")]);
    needless
        .run_and_keep()
        .fails(2, "--mfa-code is given, but no role asks for one");
}

#[test]
fn wrong_options() {
    for (args, line) in [
        (&["--role-arn", "r"][..], "'r' is not the ARN of a role"),
        (
            &["--role-arn", ROLE, "--duration", "1"],
            "invalid value '1' for '--duration <TIME>'",
        ),
        (&["--external-id", "x"], "--external-id needs --role-arn"),
        (&["--mfa-serial", "x"], "--mfa-serial needs --role-arn"),
    ] {
        let run = Sigcurl::new().args(args.iter().copied());
        run.args(["http://127.0.0.1:1/"]).run().fails(2, line);
    }
}

#[test]
fn an_sts_that_does_not_do_what_it_should() {
    for (answer, line) in [
        (ok("<html>"), "the answer of STS has no keys in it"),
        (response("500 Oops", &[], "oops"), "STS answers 500"),
        (b"garbage".to_vec(), "is not HTTP"),
        (
            response("200 OK", &[], &"x".repeat(70_000)),
            "the answer of STS is too long",
        ),
    ] {
        let sts = Server::start(move |_| answer.clone());
        let outcome = sent(&mut with_role(&sts, &[]));
        assert_ne!(outcome.code, 0);
        assert!(
            outcome
                .stderr
                .starts_with(&format!("sigcurl: cannot assume role {ROLE}: ")),
            "{}",
            outcome.stderr
        );
        assert!(outcome.stderr.contains(line), "{}", outcome.stderr);
    }
    let gone = with_role(&sts(), &["--no-credential-cache"])
        .env("AWS_ENDPOINT_URL_STS", "http://127.0.0.1:1/");
    sent(&mut { gone }).fails(
        7,
        &format!("cannot assume role {ROLE}: cannot connect to 127.0.0.1:1"),
    );
}

#[cfg(not(feature = "credentials-login"))]
#[test]
fn a_profile_of_aws_login_names_the_feature_that_it_takes() {
    let sts = sts();
    let config = "[profile p]\nlogin_session = arn:aws:iam::123456789012:user/me\n";
    let outcome = sent(&mut profiles(&sts, config).args(["--profile", "p"]));
    outcome.fails(
        2,
        "cannot get credentials from profile 'p': it is a profile of 'aws login'",
    );
    assert!(
        outcome.stderr.contains("--features credentials-login"),
        "{}",
        outcome.stderr
    );
}

#[test]
fn sts_is_asked_again_with_its_own_time() {
    let sts = Server::start(|hit| {
        let later = std::time::SystemTime::now() + std::time::Duration::from_secs(3600);
        let now = sigv4::AmzDate::now().saturating_add(3600);
        match hit.verify_at(REGION, "sts", None, now) {
            Ok(()) => ok(&format!(
                "<Credentials><AccessKeyId>{KEY_ID}</AccessKeyId><SecretAccessKey>{SECRET}</SecretAccessKey><SessionToken>T</SessionToken><Expiration>2099-01-01T00:00:00Z</Expiration></Credentials>"
            )),
            Err(_) => response(
                "403 Forbidden",
                &[("date", &httpdate::fmt_http_date(later))],
                "<ErrorResponse><Error><Code>SignatureDoesNotMatch</Code><Message>Signature expired: a is now earlier than b (c - 15 min.)</Message></Error></ErrorResponse>",
            ),
        }
    });
    let run = sent(&mut with_role(&sts, &[]));
    assert_eq!((run.code, run.stdout()), (0, "in"));
    let said = run.stderr.as_str();
    assert!(
        said.starts_with("sigcurl: this machine's clock is 3")
            && said.ends_with(" s behind the server's: STS is asked again with its own time\n"),
        "{said}"
    );
    assert_eq!(sts.hits().len(), 2);
}
