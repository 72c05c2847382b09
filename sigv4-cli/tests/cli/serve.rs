//! `sigcurl serve`: every mode, called by sigcurl itself and by bytes that no client sends.

mod exec;
mod garbage;
mod lambda;
mod tls;
mod upstream;

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::support::process::{Outcome, Sigcurl};
use super::support::{KEY_ID, SECRET};

/// A server that runs until it is dropped.
struct Serving {
    child: Child,
    url: String,
    /// Its home folder goes with it.
    _run: Sigcurl,
}

impl Serving {
    /// With the tests' keys.
    fn start(args: &[&str]) -> Self {
        Self::of(Sigcurl::new(), args)
    }

    fn of(mut run: Sigcurl, args: &[&str]) -> Self {
        let mut child = run
            .command
            .arg("serve")
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        let url = match line.strip_prefix("READY ") {
            Some(url) => url.trim_end().to_owned(),
            None => {
                let mut why = String::new();
                if line.is_empty() {
                    child
                        .stderr
                        .take()
                        .unwrap()
                        .read_to_string(&mut why)
                        .unwrap();
                }
                assert!(!line.is_empty(), "{why}");
                let ready = json(&line);
                ready["url"].as_str().unwrap().to_owned()
            }
        };
        Self {
            child,
            url,
            _run: run,
        }
    }

    fn address(&self) -> &str {
        self.url.split_once("//").unwrap().1
    }

    /// Calls it with the tests' keys.
    fn call(&self, args: &[&str]) -> Outcome {
        let (options, path) = args.split_at(args.len() - 1);
        let url = format!("{}{}", self.url, path[0]);
        Sigcurl::new()
            .args(["--service", "execute-api", "--no-hints"])
            .args(options.iter().copied())
            .args([url.as_str()])
            .run()
    }

    /// Asks it to end, and gives what it logged.
    fn stop(mut self) -> String {
        let id = self.child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &id]).status().unwrap();
        assert!(killed.success());
        let mut log = String::new();
        self.child
            .stderr
            .take()
            .unwrap()
            .read_to_string(&mut log)
            .unwrap();
        assert_eq!(self.child.wait().unwrap().code(), Some(0), "{log}");
        log
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn json(text: &str) -> serde_json::Value {
    serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"))
}

#[test]
fn echo_says_what_came_and_who_signed_it_but_no_secret() {
    let serving = Serving::start(&[]);
    let run = serving.call(&[
        "-d",
        "{\"a\": 1}",
        "--session_token",
        "",
        "-H",
        "x-api-key: K-SECRET",
        "/a%20b?x=1&y",
    ]);
    let echo = json(run.succeeds().stdout());
    assert_eq!(echo["method"], "POST");
    assert_eq!(echo["path"], "/a%20b");
    assert_eq!(echo["query"], "x=1&y");
    assert_eq!(echo["body"], "{\"a\": 1}");
    assert_eq!(echo["base64"], false);
    assert_eq!(echo["signed"]["access_key_id"], KEY_ID);
    assert_eq!(echo["signed"]["body"], true);
    assert_eq!(echo["headers"]["x-api-key"], "(redacted)");
    let authorization = echo["headers"]["authorization"].as_str().unwrap();
    assert!(authorization.ends_with("Signature=(redacted)"));

    let bytes = serving.call(&["-T", "-", "/"]);
    assert_eq!(json(bytes.succeeds().stdout())["method"], "PUT");
    let presigned = serving.call(&["--presign", "/p"]);
    let presigned = json(presigned.succeeds().stdout());
    assert_eq!(presigned["signed"]["by"], "presigned");
    let query = presigned["query"].as_str().unwrap();
    assert!(query.contains("X-Amz-Signature=(redacted)"), "{query}");

    let log = serving.stop();
    let lines: Vec<_> = log.lines().map(json).collect();
    assert_eq!(lines.len(), 3, "{log}");
    assert_eq!(lines[0]["path"], "/a%20b");
    assert_eq!(lines[0]["status"], 200);
    assert_eq!(lines[0]["key"], KEY_ID);
    assert_eq!(lines[0]["verdict"], "ok");
    for secret in [SECRET, "Signature=", "K-SECRET", "x=1"] {
        assert!(!log.contains(secret), "{log}");
    }
}

#[test]
fn what_is_not_signed_well_is_refused_as_aws_does() {
    let serving = Serving::start(&[]);
    let refused = |args: &[&str]| {
        let args: Vec<_> = [&["-i"], args].concat();
        serving.call(&args).stdout().to_owned()
    };
    for (args, status, kind, text) in [
        (
            &["--no-sign", "/"][..],
            "403",
            "MissingAuthenticationTokenException",
            "{\"message\":\"Missing Authentication Token\"}",
        ),
        (
            &["--access_key", KEY_ID, "--secret_key", "wrong", "/"],
            "403",
            "InvalidSignatureException",
            "The Canonical String for this request should have been\\n'GET\\n/\\n",
        ),
        (
            &["--access_key", "AKIDOTHER", "--secret_key", SECRET, "/"],
            "403",
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
        ),
        (
            &["--region", "eu-west-1", "/"],
            "403",
            "InvalidSignatureException",
            "Credential should be scoped to a valid region, not 'eu-west-1'.",
        ),
        (
            &["--at", "20150830T123600Z", "/"],
            "403",
            "InvalidSignatureException",
            "Signature expired: 20150830T123600Z is now earlier than",
        ),
        (
            &[
                "--access_key",
                KEY_ID,
                "--secret_key",
                SECRET,
                "--session_token",
                "T",
                "/",
            ],
            "403",
            "UnrecognizedClientException",
            "The security token included in the request is invalid",
        ),
    ] {
        let answer = refused(args);
        assert!(
            answer.starts_with(&format!("HTTP/1.1 {status} ")),
            "{answer}"
        );
        assert!(
            answer.contains(&format!("x-amzn-errortype: {kind}\r\n")),
            "{answer}"
        );
        assert!(answer.contains(text), "{answer}");
        assert!(!answer.contains("00000000-0000"), "{answer}");
    }
    let log = serving.stop();
    let verdicts: Vec<_> = log
        .lines()
        .map(|line| json(line)["verdict"].clone())
        .collect();
    assert_eq!(
        verdicts,
        [
            "missing_auth",
            "mismatch",
            "unknown_key",
            "scope",
            "expired",
            "bad_token"
        ]
    );
}

#[test]
fn each_profile_has_its_own_words() {
    for (profile, service, text) in [
        ("s3", "s3", "<Error><Code>SignatureDoesNotMatch</Code>"),
        (
            "rest-json",
            "lambda",
            "{\"message\":\"The request signature",
        ),
        (
            "api-gateway-http",
            "execute-api",
            "{\"message\":\"Forbidden\"}",
        ),
        (
            "function-url",
            "lambda",
            "{\"message\":\"The request signature",
        ),
        (
            "aws-json",
            "dynamodb",
            "{\"__type\":\"com.amazon.coral.service#InvalidSignatureException\"",
        ),
        ("query", "sts", "<Code>SignatureDoesNotMatch</Code>"),
        ("ec2-query", "ec2", "<Code>AuthFailure</Code>"),
        ("opensearch", "es", "The Canonical String"),
    ] {
        let serving = Serving::start(&["--profile-of", profile, "--no-explain"]);
        let run = serving.call(&[
            "--service",
            service,
            "--access_key",
            KEY_ID,
            "--secret_key",
            "wrong",
            "/k",
        ]);
        assert!(!run.stdout().contains("Canonical"), "{profile}");
        drop(serving);
        let serving = Serving::start(&["--profile-of", profile]);
        let run = serving.call(&[
            "--service",
            service,
            "--access_key",
            KEY_ID,
            "--secret_key",
            "wrong",
            "/k",
        ]);
        assert!(run.stdout().contains(text), "{profile}: {}", run.stdout());
        let run = serving.call(&["--service", service, "/k"]);
        assert_eq!(json(run.succeeds().stdout())["path"], "/k", "{profile}");
    }
}

#[test]
fn keys_from_files_profiles_the_environment_and_made_up() {
    let credentials = "[ann]\naws_access_key_id = AKIDANN\naws_secret_access_key = annsecret\n\
        principal_arn = arn:aws:iam::111122223333:user/ann\n\
        [bob]\naws_access_key_id = ASIABOB\naws_secret_access_key = bobsecret\naws_session_token = BOBTOKEN\n";
    let serving = Serving::of(
        Sigcurl::new().file("users.ini", credentials),
        &["--credentials", "users.ini", "--ready", "json"],
    );
    let who = |args: &[&str]| serving.call(&[args, &["/"]].concat());
    let ann = ["--access_key", "AKIDANN", "--secret_key", "annsecret"];
    let echo = json(who(&ann).succeeds().stdout());
    assert_eq!(
        echo["signed"]["principal"],
        "arn:aws:iam::111122223333:user/ann"
    );
    let bob = ["--access_key", "ASIABOB", "--secret_key", "bobsecret"];
    let run = who(&[&bob[..], &["--session_token", "BOBTOKEN"]].concat());
    let echo = json(run.succeeds().stdout());
    assert_eq!(echo["signed"]["session_token"], true);
    assert_eq!(echo["headers"]["x-amz-security-token"], "(redacted)");
    assert!(who(&bob).stdout().contains("security token included"));
    // The environment's keys are let in only where no others are named.
    assert!(who(&[]).stdout().contains("security token included"));
    assert!(!serving.stop().contains("BOBTOKEN"));

    let home = Sigcurl::bare().file(".aws/credentials", credentials);
    let serving = Serving::of(home, &["--as", "ann"]);
    let run = serving.call(&[&ann[..], &["/"]].concat());
    let echo = json(run.succeeds().stdout());
    assert_eq!(
        echo["signed"]["principal"],
        "arn:aws:iam::000000000000:user/ann"
    );

    let serving = Serving::of(Sigcurl::bare(), &[]);
    let url = serving.url.clone();
    let printed = serving.stop();
    let value = |name: &str| {
        let start = format!("export {name}=");
        printed
            .lines()
            .find_map(|line| line.strip_prefix(&start))
            .unwrap_or_else(|| panic!("{name} in {printed}"))
            .to_owned()
    };
    assert_eq!(value("AWS_SECRET_ACCESS_KEY").len(), 40);
    assert!(value("AWS_ACCESS_KEY_ID").starts_with("AKIA"));
    assert!(url.starts_with("http://127.0.0.1:"));
}

#[test]
fn the_policy_decides_and_denies_in_aws_words() {
    let credentials = "[ann]\naws_access_key_id = AKIDANN\naws_secret_access_key = s\n\
        [bob]\naws_access_key_id = AKIDBOB\naws_secret_access_key = s\n";
    let policy = r#"{"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "execute-api:Invoke", "Resource": "*/prod/GET/*"},
        {"Effect": "Allow", "Principal": {"AWS": "*:user/ann"}, "Action": "execute-api:*", "Resource": "*"},
        {"Effect": "Deny", "AccessKeyId": "AKIDANN", "Action": "*", "Resource": "*/admin*"}]}"#;
    let run = Sigcurl::bare()
        .file("users.ini", credentials)
        .file("policy.json", policy);
    let serving = Serving::of(
        run,
        &["--credentials", "users.ini", "--policy", "policy.json"],
    );
    let call = |key: &str, args: &[&str]| {
        let keys = ["-i", "--access_key", key, "--secret_key", "s"];
        serving.call(&[&keys, args].concat()).stdout().to_owned()
    };
    assert!(call("AKIDBOB", &["/prod/pets"]).starts_with("HTTP/1.1 200"));
    assert!(call("AKIDANN", &["-X", "PUT", "/prod/pets"]).starts_with("HTTP/1.1 200"));
    let answer = call("AKIDBOB", &["-X", "PUT", "/prod/pets"]);
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
    assert!(
        answer.contains("x-amzn-errortype: AccessDeniedException\r\n"),
        "{answer}"
    );
    assert!(
        answer.ends_with("{\"Message\":\"User: arn:aws:iam::000000000000:user/bob is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:us-east-1:000000000000:local/prod/PUT/pets\"}"),
        "{answer}"
    );
    for path in [
        "/prod/admin",
        "/prod/%61dmin",
        "/prod/x/../admin",
        "/prod//admin",
        "/prod%2Fadmin",
        "/prod/x/%2e%2E/admin",
    ] {
        let answer = call("AKIDANN", &[path]);
        assert!(answer.starts_with("HTTP/1.1 403"), "{path}: {answer}");
        assert!(
            answer.ends_with("with an explicit deny\"}"),
            "{path}: {answer}"
        );
    }
    let log = serving.stop();
    assert!(log.contains("\"verdict\":\"denied\""), "{log}");

    Sigcurl::new()
        .file("p.json", r#"{"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*", "Condition": {}}]}"#)
        .args(["serve", "--policy", "p.json"])
        .run()
        .fails(2, "policy p.json: Condition is not understood in a statement");
}

#[test]
fn the_admin_port_is_apart() {
    let port = free_port();
    let mut run = Sigcurl::new();
    let mut child = run
        .command
        .args([
            "serve",
            "--ready",
            "json",
            "--admin-port",
            &port.to_string(),
        ])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.as_mut().unwrap())
        .read_line(&mut line)
        .unwrap();
    let ready = json(&line);
    let get = |url: &str| {
        Sigcurl::bare()
            .args(["--no-sign", "-i", url])
            .run()
            .stdout()
            .to_owned()
    };
    let (url, admin) = (
        ready["url"].as_str().unwrap(),
        ready["admin_url"].as_str().unwrap(),
    );
    for path in ["/healthz", "/metrics"] {
        assert!(get(&format!("{url}{path}")).starts_with("HTTP/1.1 403"));
    }
    assert!(get(&format!("{admin}/healthz")).ends_with("\r\n\r\nok\n"));
    let metrics = get(&format!("{admin}/metrics"));
    assert!(
        metrics.contains("sigcurl_requests_total{status=\"403\",verdict=\"missing_auth\"} 2"),
        "{metrics}"
    );
    assert_eq!(ready["access_key_id"], KEY_ID);
    assert_eq!(ready["service"], "execute-api");
    assert!(!line.contains(SECRET));
    child.kill().unwrap();
    child.wait().unwrap();
}

fn free_port() -> u16 {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.local_addr().unwrap().port()
}

#[test]
fn a_taken_port_and_senseless_options_are_said() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    Sigcurl::new()
        .args(["serve", "--port", &port])
        .run()
        .fails(7, &format!("cannot listen on 127.0.0.1:{port}: "));
    for (args, why) in [
        (
            ["--upstream", "https://localhost/"],
            "--upstream https://localhost/: only http",
        ),
        (
            ["--lambda", "x"],
            "--lambda x: write NAME=COMMAND or NAME=URL",
        ),
        (["--profile-of", "x"], "--profile-of x: there is s3, "),
        (["--region", "a/b"], ""),
    ] {
        Sigcurl::new()
            .args(["serve"])
            .args(args)
            .run()
            .fails(2, why);
    }
}

#[test]
fn what_is_under_way_is_answered_before_it_ends() {
    let serving = Serving::start(&[
        "--exec",
        "sleep 1; echo '{\"slept\": true}'",
        "--payload-format",
        "2.0",
    ]);
    let (address, url) = (serving.address().to_owned(), serving.url.clone());
    // A connection on which nothing has come does not hold it up.
    let _silent = std::net::TcpStream::connect(&address).unwrap();
    let mut idle = std::net::TcpStream::connect(&address).unwrap();
    idle.write_all(b"GET / HTTP/1.1\r\nhost: h\r\n\r\n")
        .unwrap();
    assert_ne!(idle.read(&mut [0; 1024]).unwrap(), 0);
    let caller = std::thread::spawn(move || {
        Sigcurl::new()
            .args(["--service", "execute-api", &url])
            .run()
    });
    std::thread::sleep(Duration::from_millis(500));
    let asked = Instant::now();
    serving.stop();
    assert!(asked.elapsed() < Duration::from_secs(4));
    assert_eq!(
        json(caller.join().unwrap().succeeds().stdout())["slept"],
        true
    );
    assert!(std::net::TcpStream::connect(address).is_err());
}
