//! What users of other clients complained about, by repository and number: output, connection, bodies.

use std::io::Write;
use std::time::{Duration, Instant};

use crate::support::process::Sigcurl;
use crate::support::server::{Hit, Server, ok, response};
use crate::support::{REGION, SECRET, SERVICE};

reported! { answers_stay_byte_exact as awscurl_210, awscurl_211, awscurl_242, awscurl_243 }

/// Clause 18: a compressed or binary answer went through text mode.
fn answers_stay_byte_exact() {
    let body: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let sent = body.clone();
    let server = Server::start(move |_| {
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-type: application/pdf\r\ncontent-encoding: gzip\r\ncontent-length: {}\r\n\r\n",
            sent.len()
        );
        [head.as_bytes(), &sent].concat()
    });
    let run = Sigcurl::new().args([server.url("/").as_str()]).run();
    assert_eq!(run.succeeds().stdout, body);
    let mut run = Sigcurl::new().args(["-o", "out.pdf", &server.url("/")]);
    run.run_and_keep().succeeds();
    assert_eq!(
        std::fs::read(run.home.path().join("out.pdf")).unwrap(),
        body
    );
}

reported! { write_out_and_silent as awscurl_148 }

fn write_out_and_silent() {
    let server = Server::start(|_| response("201 Created", &[("x-a", "b")], "body"));
    let mut run = Sigcurl::new().args([
        "-s",
        "-o",
        "out",
        "-w",
        "%{http_code} %{size_download} %header{x-a}\\n",
        &server.url("/"),
    ]);
    assert_eq!(run.run_and_keep().succeeds().stdout(), "201 4 b\n");
    assert_eq!(std::fs::read(run.home.path().join("out")).unwrap(), b"body");

    // Without an answer too, and without a word.
    let run = Sigcurl::new()
        .args([
            "-s",
            "-w",
            "%{http_code} %{exitcode}",
            "http://127.0.0.1:1/",
        ])
        .run();
    assert_eq!(
        (run.code, run.stdout(), run.stderr.as_str()),
        (7, "000 7", "")
    );
}

reported! { status_and_exit_code as awscurl_152, awscurl_208, awscurl_209 }

fn status_and_exit_code() {
    let server = Server::start(|_| response("403 Forbidden", &[], "{\"message\":\"no\"}"));
    let run = |options: &[&str]| {
        Sigcurl::new()
            .args(options.iter().copied())
            .args([server.url("/").as_str()])
            .run()
    };
    assert_eq!(run(&[]).succeeds().stdout(), "{\"message\":\"no\"}");
    let failed = run(&["--fail-with-body"]);
    assert_eq!(
        failed.fails(22, "the server answered 403").stdout(),
        "{\"message\":\"no\"}"
    );
    let failed = run(&["-f"]);
    assert_eq!(failed.fails(22, "the server answered 403").stdout(), "");
}

reported! { verbose_goes_to_stderr as awscurl_142, awscurl_143 }

fn verbose_goes_to_stderr() {
    let server = Server::verifying();
    let run = Sigcurl::new().args(["-v", &server.url("/")]).run();
    assert_eq!(run.stdout(), "Hello, World");
    assert!(run.stderr.contains("> GET /") && !run.stderr.contains(SECRET));
}

reported! { output_is_the_file_only as awscurl_193 }

fn output_is_the_file_only() {
    let server = Server::start(|_| ok("body"));
    let mut run = Sigcurl::new().args(["-o", "out", &server.url("/")]);
    assert_eq!(run.run_and_keep().succeeds().stdout(), "");
    assert_eq!(std::fs::read(run.home.path().join("out")).unwrap(), b"body");
}

reported! { proxy_option as awscurl_212 }

/// Through a proxy, with the proxy's own user, and past it.
fn proxy_option() {
    let proxy = Server::start(|hit| {
        let verdict = hit.verify(REGION, SERVICE);
        ok(&format!(
            "{} {verdict:?} {:?}",
            hit.target,
            hit.header("proxy-authorization")
        ))
    });
    let direct = Server::start(|_| ok("direct"));
    let url = direct.url("/a");
    let at = proxy.address.to_string();
    let through = |user: &str| format!("{url} Ok(()) {user}");
    let run = |options: &[&str]| {
        let run = Sigcurl::new().args(options.iter().copied());
        run.args([url.as_str()])
            .run()
            .succeeds()
            .stdout()
            .to_owned()
    };
    assert_eq!(run(&["-x", &at]), through("None"));
    assert_eq!(
        run(&["-x", &at, "--proxy-user", "u:p"]),
        through("Some(\"Basic dTpw\")")
    );
    assert_eq!(
        run(&["-x", &format!("http://u:p@{at}")]),
        through("Some(\"Basic dTpw\")")
    );
    assert_eq!(run(&["-x", &at, "--noproxy", "127.0.0.0/8"]), "direct");
    let env = |variables: &[(&str, &str)], options: &[&str]| {
        let mut run = Sigcurl::new();
        for (name, value) in variables {
            run = run.env(name, value);
        }
        let run = run.args(options.iter().copied());
        run.args([url.as_str()])
            .run()
            .succeeds()
            .stdout()
            .to_owned()
    };
    let there = format!("http://{at}");
    assert_eq!(env(&[("http_proxy", &there)], &[]), through("None"));
    assert_eq!(env(&[("ALL_PROXY", &there)], &[]), through("None"));
    assert_eq!(env(&[("https_proxy", &there)], &[]), "direct");
    assert_eq!(
        env(&[("http_proxy", &there), ("no_proxy", "x,127.0.0.1")], &[]),
        "direct"
    );
    assert_eq!(env(&[("http_proxy", &there)], &["-x", ""]), "direct");
    Sigcurl::new()
        .args(["-x", "ftp://u:SECRET@h", &url])
        .run()
        .fails(5, "not a proxy: 'ftp' is no kind of proxy");
    Sigcurl::new()
        .args(["-x", "proxy.invalid", &url])
        .run()
        .fails(5, "cannot resolve proxy proxy.invalid");
}

reported! { no_signature_on_connect as curl_16569 }

fn no_signature_on_connect() {
    let refusing = Server::start(|_| response("403 Forbidden", &[], ""));
    let run = Sigcurl::new()
        .env("AWS_SESSION_TOKEN", "TOKEN")
        .args([
            "--service",
            SERVICE,
            "-U",
            "u:p",
            "-H",
            "x-api-key: K",
            "-x",
        ])
        .args([refusing.url("").as_str(), "https://api.example.com/"])
        .run();
    run.fails(56, "the proxy opens no tunnel to api.example.com");
    let hit = refusing.hit();
    assert_eq!(hit.method, "CONNECT");
    assert_eq!(hit.header("proxy-authorization"), Some("Basic dTpw"));
    for (name, _) in &hit.headers {
        let name = name.to_ascii_lowercase();
        assert!(
            name != "authorization" && name != "x-api-key" && !name.starts_with("x-amz-"),
            "{name}"
        );
    }
}

reported! { redirects as awscurl_245, mcp_proxy_for_aws_362, aws4fetch_51, aws_sdk_go_4800 }

/// Clause 30: a redirect from a host to another carries no token there; on the same host it is signed anew.
fn redirects() {
    let other = Server::start(|hit| {
        let names: Vec<_> = hit.headers.iter().map(|(name, _)| name.as_str()).collect();
        ok(&names.join(" "))
    });
    let target = other.url("/b");
    let server = Server::start(move |hit| match hit.target.as_str() {
        "/away" => response("307 Temporary Redirect", &[("location", &target)], ""),
        "/same" => response("307 Temporary Redirect", &[("location", "/c")], ""),
        _ => ok(&format!("{:?}", hit.verify(REGION, SERVICE))),
    });
    let run = |path: &str| {
        let run = Sigcurl::new().env("AWS_SESSION_TOKEN", "T");
        let run = run.args(["-L", "-d", "x", &server.url(path)]).run();
        run.succeeds().stdout().to_owned()
    };
    let names = run("/away");
    assert!(
        !names.contains("authorization") && !names.contains("x-amz-"),
        "{names}"
    );
    assert!(!run("/same").contains("Signature"));
    let hits = server.hits();
    let signatures: Vec<_> = hits
        .iter()
        .filter(|hit| hit.target != "/away")
        .map(|hit| hit.header("authorization").unwrap())
        .collect();
    assert_eq!(signatures.len(), 2);
    assert_ne!(signatures[0], signatures[1]);
}

reported! {
    nothing_is_buffered as
    sigv4_proxy_150,
    sigv4_proxy_185,
    sigv4_proxy_250,
    sigv4_proxy_251,
}

/// Clause 58: the answer comes through as it arrives, and a body is read again for each try.
fn nothing_is_buffered() {
    let server = Server::with_stream(|stream, _| {
        Hit::read(stream);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nfirst")
            .unwrap();
        std::thread::sleep(Duration::from_secs(20));
    });
    let run = Sigcurl::new().args(["-m", "0.7", &server.url("/")]).run();
    assert_eq!((run.code, run.stdout()), (28, "first"));

    let body = vec![b'x'; 3 << 20];
    let tries = std::sync::atomic::AtomicUsize::new(0);
    let server = Server::start(move |hit| {
        let verdict = hit.verify(REGION, SERVICE);
        match tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) {
            0 => response("503 Slow Down", &[], "again"),
            1 => response("307 Temporary Redirect", &[("location", "/b")], ""),
            _ => ok(&format!("{verdict:?} {}", hit.body.len())),
        }
    });
    let run = Sigcurl::new()
        .file("body", &body)
        .args(["-L", "--retry", "1", "--retry-delay", "0.1"])
        .args(["-d", "@body", &server.url("/a")])
        .run();
    assert_eq!(run.succeeds().stdout(), format!("Ok(()) {}", body.len()));
    let hits = server.hits();
    assert_eq!(hits.len(), 3);
    assert!(hits.iter().all(|hit| hit.body == body));
}

reported! { large_bodies as aws4_43, botocore_995 }

/// Clause 63: the file's hash is signed, and its length sent, without holding the file.
fn large_bodies() {
    let server = Server::verifying();
    let run = |data: &str, stdin: &[u8]| {
        Sigcurl::new()
            .file("body", vec![7; 5 << 20])
            .stdin(stdin)
            .args(["-X", "PUT", "-H", "content-type: a/b", "-d", data])
            .args([server.url("/").as_str()])
            .run()
    };
    assert_eq!(run("@body", b"").succeeds().stdout(), "Hello, World");
    assert_eq!(
        run("@-", &vec![8; 5 << 20]).succeeds().stdout(),
        "Hello, World"
    );
    for hit in server.hits() {
        assert_eq!(hit.header("content-length"), Some("5242880"));
        assert_eq!(hit.header("transfer-encoding"), None);
        assert_ne!(hit.header("x-amz-content-sha256"), Some("UNSIGNED-PAYLOAD"));
    }
}

reported! { the_hash_is_the_bodys as electron_builder_9863 }

/// Clause 64: never the hash of an empty body over one that is not.
fn the_hash_is_the_bodys() {
    let server = Server::verifying_for(REGION, "s3");
    let run = |data: &str| {
        Sigcurl::new()
            .file("body", vec![7; 2 << 20])
            .args(["--service", "s3", "-X", "PUT", "-d", data])
            .args([server.url("/b/k").as_str()])
            .run()
    };
    assert_eq!(run("@body").succeeds().stdout(), "Hello, World");
    assert_eq!(run("x").succeeds().stdout(), "Hello, World");
}

reported! { standard_input as aws_cli_3209, aws_cli_5982, aws_cli_10272 }

fn standard_input() {
    let server = Server::start(|hit| ok(&String::from_utf8_lossy(&hit.body)));
    let run = Sigcurl::new()
        .stdin(b"{\"a\":\"\xc3\xa9\"}\r\n")
        .args(["-d", "@-", &server.url("/")])
        .run();
    assert_eq!(run.succeeds().stdout(), "{\"a\":\"é\"}\r\n");
    assert_eq!(
        server.hit().header("content-type"),
        Some("application/json")
    );
}

/// §3b: a reader that goes away ends the run, quietly.
#[test]
fn awscurl_closed_pipe_is_quiet() {
    let big = "line\n".repeat(1 << 20);
    let server = Server::start(move |_| ok(&big));
    let mut run = Sigcurl::new();
    let script = format!(
        "{} {} | head -1; echo ${{PIPESTATUS[0]}}",
        env!("CARGO_BIN_EXE_sigcurl"),
        server.url("/")
    );
    let keys: Vec<_> = run
        .command
        .get_envs()
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect();
    let output = std::process::Command::new("bash")
        .args(["-c", &script])
        .env_clear()
        .envs(keys)
        .env("PATH", "/usr/bin:/bin")
        .current_dir(run.home.path())
        .output()
        .unwrap();
    assert_eq!(
        (output.stdout.as_slice(), output.stderr.as_slice()),
        (b"line\n23\n".as_slice(), b"".as_slice())
    );
    run.command.env_clear();
}

/// §1: awscurl has no timeout at all.
#[test]
fn awscurl_hangs_for_ever_without_a_timeout() {
    let silent = Server::with_stream(|stream, _| {
        Hit::read(stream);
        std::thread::sleep(Duration::from_secs(20));
    });
    let started = Instant::now();
    Sigcurl::new()
        .args(["-m", "0.3", &silent.url("/")])
        .run()
        .fails(28, "timeout: --max-time of 0.3 s is over");
    assert!(started.elapsed() < Duration::from_secs(5));
}

reported! { certificates_to_trust as awscurl_47, awscurl_147, awscurl_235, awscurl_236 }

/// Clause 27: a file to trust, by option or variable; and TLS options change nothing about trust.
fn certificates_to_trust() {
    let tls = crate::tls::TlsServer::start(rustls::ALL_VERSIONS);
    let run = |variable: Option<(&str, &str)>, options: &[&str]| {
        let mut run = Sigcurl::new()
            .file("ca.pem", &tls.certificate)
            .file("no.pem", "nothing");
        if let Some((name, value)) = variable {
            run = run.env(name, value);
        }
        run.args(options.iter().copied())
            .args([tls.url().as_str()])
            .run()
    };
    for (variable, options) in [
        (None, vec!["--cacert", "ca.pem"]),
        (Some(("AWS_CA_BUNDLE", "ca.pem")), vec![]),
        (Some(("SSL_CERT_FILE", "ca.pem")), vec![]),
        (
            Some(("SSL_CERT_FILE", "ca.pem")),
            vec!["--tls-min", "1.2", "--tls-max", "1.3"],
        ),
        (
            Some(("AWS_CA_BUNDLE", "missing")),
            vec!["--cacert", "ca.pem"],
        ),
    ] {
        assert_eq!(run(variable, &options).succeeds().stdout(), "Ok(())");
    }
    run(None, &["--tls-min", "1.2"]).fails(60, "the certificate of localhost");
    run(None, &["--cacert", "missing"]).fails(77, "cannot read 'missing' (from --cacert");
    run(None, &["--cacert", "no.pem"]).fails(77, "no PEM certificate in 'no.pem'");
}
