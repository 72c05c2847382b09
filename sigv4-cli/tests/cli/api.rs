//! `sigcurl api`: where an id leads, what the server behind it is told, and bodies that come bit by bit.

use std::io::{BufRead, BufReader, Write as _};
use std::process::Stdio;
use std::sync::mpsc;

use crate::support::process::Sigcurl;
use crate::support::server::{Hit, Server, ok, response};
use crate::support::{KEY_ID, SECRET};

/// The request that `line` would send.
#[track_caller]
fn printed(line: &str) -> String {
    let outcome = Sigcurl::new()
        .args(["api", "--dry-run"])
        .args(line.split(' '))
        .run();
    outcome.succeeds().stdout().to_owned()
}

#[test]
fn an_id_leads_to_its_host() {
    for (line, target, host, scope) in [
        (
            "abc/prod/p?a=b",
            "/prod/p?a=b",
            "abc.execute-api.us-east-1.amazonaws.com",
            "us-east-1/execute-api",
        ),
        (
            "abc.eu-west-1/p",
            "/p",
            "abc.execute-api.eu-west-1.amazonaws.com",
            "eu-west-1/execute-api",
        ),
        (
            "--region eu-west-1 abc",
            "/",
            "abc.execute-api.eu-west-1.amazonaws.com",
            "eu-west-1/execute-api",
        ),
        (
            "abc.cn-north-1/p",
            "/p",
            "abc.execute-api.cn-north-1.amazonaws.com.cn",
            "cn-north-1/execute-api",
        ),
        (
            "--function-url abc.eu-west-1/p",
            "/p",
            "abc.lambda-url.eu-west-1.on.aws",
            "eu-west-1/lambda",
        ),
        (
            "https://api.example.com/p",
            "/p",
            "api.example.com",
            "us-east-1/execute-api",
        ),
    ] {
        let text = printed(line);
        let expected = format!("GET {target} HTTP/1.1\r\nhost: {host}\r\n");
        assert!(text.starts_with(&expected), "{line}: {text}");
        assert!(
            text.contains(&format!("/{scope}/aws4_request")),
            "{line}: {text}"
        );
    }
}

#[test]
fn without_a_region_the_profile_is_asked() {
    let config = "[profile there]\nregion = ap-southeast-2\n";
    let bare = || {
        Sigcurl::bare().file(".aws/config", config).args([
            "api",
            "--dry-run",
            "--access_key",
            KEY_ID,
            "--secret_key",
            SECRET,
        ])
    };
    let outcome = bare().args(["--profile", "there", "abc/p"]).run();
    let text = outcome.succeeds().stdout();
    assert!(
        text.contains("host: abc.execute-api.ap-southeast-2.amazonaws.com\r\n"),
        "{text}"
    );
    bare()
        .args(["abc/p"])
        .run()
        .fails(2, "no region: write abc.REGION/…");
}

#[test]
fn a_private_api_is_named_beside_its_endpoint() {
    let api = "abc.execute-api.eu-west-1.amazonaws.com";
    let endpoint = "vpce-0a1b-xyz.execute-api.eu-west-1.vpce.amazonaws.com";
    let server = Server::start(|hit| match hit.verify("eu-west-1", "execute-api") {
        Ok(()) => ok("private"),
        Err(error) => response("403 Forbidden", &[], &error.to_string()),
    });
    let text = printed("--vpce vpce-0a1b-xyz abc.eu-west-1/p");
    assert!(text.contains(&format!("host: {api}\r\n")), "{text}");
    let noted = Sigcurl::new()
        .args([
            "api",
            "-v",
            "--dry-run",
            "--vpce",
            endpoint,
            "--api-id-header",
            "abc/p",
        ])
        .run();
    let text = noted.stdout();
    assert!(text.contains(&format!("host: {endpoint}\r\n")), "{text}");
    assert!(text.contains("x-apigw-api-id: abc\r\n"), "{text}");
    assert!(text.contains("/eu-west-1/execute-api/"), "{text}");
    assert!(
        text.contains("SignedHeaders=accept;host;x-amz-date;x-apigw-api-id,"),
        "{text}"
    );
    let text = printed("--vpce vpce-0a1b abc.eu-west-1/p");
    let alias = "abc-vpce-0a1b.execute-api.eu-west-1.amazonaws.com";
    assert!(text.contains(&format!("host: {alias}\r\n")), "{text}");

    // Sent to the endpoint, with the API's Host, and verified there.
    let to = format!("{endpoint}:80:{}", server.address);
    let url = format!("http://{endpoint}/prod/p");
    let host = format!("Host: {api}");
    let outcome = Sigcurl::new()
        .args(["-H", &host, "--connect-to", &to, &url])
        .run();
    assert_eq!(outcome.succeeds().stdout(), "private");
    assert_eq!(server.hit().header("host"), Some(api));
}

#[test]
fn an_emulator_is_told_the_host() {
    let gateway = |hit: &Hit| {
        let host = hit.header("host").unwrap();
        let region = host.split('.').nth(2).unwrap();
        let service = if host.contains("lambda-url") {
            "lambda"
        } else {
            "execute-api"
        };
        match hit.verify(region, service) {
            Ok(()) => ok(&format!("{host} {}", hit.target)),
            Err(error) => response("403 Forbidden", &[], &error.to_string()),
        }
    };
    let server = Server::start(gateway);
    let url = server.url("");
    let api = "abc.execute-api.eu-west-1.amazonaws.com /prod/p";
    for (variable, options, expected) in [
        (None, vec!["--endpoint-url", &url], api),
        (Some("AWS_ENDPOINT_URL"), vec![], api),
        (Some("AWS_ENDPOINT_URL_EXECUTE_API"), vec![], api),
        (
            Some("AWS_ENDPOINT_URL_LAMBDA"),
            vec!["--function-url"],
            "abc.lambda-url.eu-west-1.on.aws /prod/p",
        ),
    ] {
        let mut sigcurl = Sigcurl::new();
        if let Some(variable) = variable {
            sigcurl = sigcurl.env(variable, &url);
        }
        let outcome = sigcurl
            .args(["api"])
            .args(options)
            .args(["abc.eu-west-1/prod/p"])
            .run();
        assert_eq!(outcome.succeeds().stdout(), expected, "{variable:?}");
    }
    let ignored = Sigcurl::new()
        .env("AWS_ENDPOINT_URL", &url)
        .env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true")
        .args(["api", "-v", "--dry-run", "abc/p"])
        .run();
    assert!(!ignored.stderr.contains("127.0.0.1"), "{}", ignored.stderr);
}

#[test]
fn a_connections_id_is_encoded() {
    let server = Server::start(|hit| match hit.verify("us-east-1", "execute-api") {
        Ok(()) => ok(""),
        Err(error) => response("403 Forbidden", &[], &error.to_string()),
    });
    for (options, method) in [
        (&["-d", "hello"][..], "POST"),
        (&[], "GET"),
        (&["-X", "DELETE"], "DELETE"),
    ] {
        let outcome = Sigcurl::new()
            .args(["api", "-v", "--endpoint-url", &server.url("")])
            .args(options.iter().copied())
            .args(["abc/prod/@connections/L0SM9cOFvHcCIhw="])
            .run();
        assert_eq!(outcome.code, 0, "{}", outcome.stderr);
        let hit = server.hits().pop().unwrap();
        assert_eq!(hit.method, method);
        assert_eq!(hit.target, "/prod/@connections/L0SM9cOFvHcCIhw%3D");
        let canonical = "\n* /prod/%40connections/L0SM9cOFvHcCIhw%253D\n";
        assert!(outcome.stderr.contains(canonical), "{}", outcome.stderr);
    }
}

#[test]
fn an_api_key_is_sent_and_not_shown() {
    let server = Server::start(|hit| ok(hit.header("x-api-key").unwrap_or("none")));
    let endpoint = server.url("");
    let api = ["api", "-v", "--endpoint-url", &endpoint, "abc/p"];
    for key in ["KEY123", "@key", "@-", "env:GATEWAY_KEY"] {
        let outcome = Sigcurl::new()
            .env("GATEWAY_KEY", "KEY123")
            .file("key", "KEY123\n")
            .args(api)
            .args(["--api-key", key])
            .stdin(b"KEY123\r\n")
            .run();
        assert_eq!(
            (outcome.code, outcome.stdout()),
            (0, "KEY123"),
            "{}",
            outcome.stderr
        );
        assert!(outcome.stderr.contains("> x-api-key: (redacted)"));
        // What is signed is shown whole, but for what is secret.
        assert!(!outcome.stderr.contains("KEY123"), "{}", outcome.stderr);
    }
    for (key, complaint) in [
        ("env:NOPE", "--api-key env:NOPE: this variable is not set"),
        ("", "--api-key is empty"),
    ] {
        Sigcurl::new()
            .args(["api", "--api-key", key, "abc/p"])
            .run()
            .fails(2, complaint);
    }
    Sigcurl::new()
        .args(["api", "--api-key", "@nope", "abc/p"])
        .run()
        .fails(26, "cannot read --api-key");
    Sigcurl::new()
        .args(["api", "--api-key", "a", "-H", "X-API-Key: b", "abc/p"])
        .run()
        .fails(2, "--api-key and -H 'x-api-key: …'");
}

#[test]
fn what_makes_no_sense() {
    for (line, complaint) in [
        ("a.b/p", "'a.b' is no API in short"),
        ("/p", "'' is no API in short"),
        (
            "--region eu-west-1 abc.us-east-1/p",
            "the API is in us-east-1, and --region says eu-west-1",
        ),
        ("--vpce x abc/p", "--vpce 'x' is neither"),
        (
            "--vpce vpce-0a1b --api-id-header abc/p",
            "--api-id-header needs the endpoint's own name",
        ),
        (
            "--vpce vpce-0a1b https://h.example.com/p",
            "--vpce goes with ID.REGION/PATH",
        ),
        (
            "--function-url abc.cn-north-1/p",
            "how function URLs are named in cn-north-1",
        ),
        (
            "--endpoint-url http://127.0.0.1:1 abc/p def/p",
            "several APIs at once",
        ),
    ] {
        Sigcurl::new()
            .args(["api"])
            .args(line.split(' '))
            .run()
            .fails(2, complaint);
    }
    Sigcurl::new()
        .args(["api", "--endpoint-url", "localhost:4566", "abc/p"])
        .run()
        .fails(3, "'localhost:4566' is no endpoint");
}

/// Each chunk is seen before the next is sent.
#[test]
fn a_streamed_answer_is_printed_as_it_comes() {
    let (seen, see) = mpsc::channel::<()>();
    let see = std::sync::Mutex::new(see);
    let server = Server::with_stream(move |stream, record| {
        record(Hit::read(stream).unwrap());
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-type: text/plain\r\n\r\n")
            .unwrap();
        for chunk in ["one\n", "two\n", "end\n"] {
            write!(stream, "{:x}\r\n{chunk}\r\n", chunk.len()).unwrap();
            see.lock()
                .unwrap()
                .recv_timeout(std::time::Duration::from_secs(20))
                .unwrap();
        }
        stream.write_all(b"0\r\n\r\n").unwrap();
    });
    let mut sigcurl =
        Sigcurl::new().args(["api", "--endpoint-url", &server.url(""), "abc/prod/stream"]);
    let mut child = sigcurl
        .command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    for expected in ["one", "two", "end"] {
        assert_eq!(lines.next().unwrap().unwrap(), expected);
        seen.send(()).unwrap();
    }
    assert!(lines.next().is_none());
    assert!(child.wait().unwrap().success());
}
