//! What users of other clients complained of, by repository and number: URLs, data, headers, bodies, presigned URLs.

use crate::support::process::Sigcurl;
use crate::support::server::{Hit, Server, ok, redirect};
use crate::support::{KEY_ID, REGION, SECRET, SERVICE};

/// Sends to a path of a verifying server and gives what it got.
#[track_caller]
fn sent(service: &'static str, path: &str, args: &[&str]) -> Hit {
    let server = Server::verifying_for(REGION, service);
    let url = server.url(path);
    let run = Sigcurl::new()
        .file("file", "a b\r\n\x00=&")
        .args(["--service", service])
        .args(args.iter().copied())
        .args([url.as_str()])
        .stdin(b"standard\r\ninput\n")
        .run();
    assert_eq!((run.stderr.as_str(), run.code), ("", 0), "{path} {args:?}");
    let hit = server.hit();
    assert_eq!(hit.verify(REGION, service), Ok(()), "{path} {args:?}");
    hit
}

fn text(hit: &Hit) -> String {
    String::from_utf8_lossy(&hit.body).into_owned()
}

fn signed_headers(hit: &Hit) -> Vec<String> {
    let header = hit.header("authorization").unwrap();
    let names = header.split("SignedHeaders=").nth(1).unwrap();
    let names = names.split(',').next().unwrap();
    names.split(';').map(str::to_owned).collect()
}

reported! { encoded_equals_in_query as awscurl_216 }

fn encoded_equals_in_query() {
    let target = "/?tok=abc%3D%3D&q=%20%3A%2F%2B%C3%A9";
    assert_eq!(sent(SERVICE, target, &[]).target, target);
}

reported! { json_in_query as awscurl_27, awscurl_169 }

fn json_in_query() {
    let hit = sent(SERVICE, "/?q={\"a\":1}", &[]);
    assert_eq!(hit.target, "/?q={%22a%22:1}");
}

reported! { colon_and_quote_in_path as awscurl_15, awscurl_33, awscurl_38 }

fn colon_and_quote_in_path() {
    for path in ["/a:b", "/a%3Ab", "/a%27b"] {
        assert_eq!(sent(SERVICE, path, &[]).target, path);
    }
}

reported! { connections_api as awscurl_61 }

fn connections_api() {
    let hit = sent(SERVICE, "/prod/@connections/abc=", &["-d", "hi"]);
    assert_eq!(
        (hit.method.as_str(), hit.target.as_str()),
        ("POST", "/prod/@connections/abc=")
    );
}

reported! { header_without_a_space as awscurl_86 }

fn header_without_a_space() {
    let hit = sent(
        SERVICE,
        "/",
        &[
            "-H",
            "X-Amz-Log-Type:Tail",
            "-H",
            "X-Empty;",
            "-H",
            "Accept:",
        ],
    );
    assert_eq!(hit.header("x-amz-log-type"), Some("Tail"));
    assert_eq!(hit.header("x-empty"), Some(""));
    assert_eq!(hit.header("accept"), Some(""));
}

reported! { colon_in_a_header_value as legal90_9, legal90_10 }

fn colon_in_a_header_value() {
    let hit = sent(SERVICE, "/", &["-H", "X-Url: http://a:1/b"]);
    assert_eq!(hit.header("x-url"), Some("http://a:1/b"));
}

reported! { host_override_is_sent_and_signed as awscurl_68, awscurl_129 }

fn host_override_is_sent_and_signed() {
    for args in [
        ["-H", "hOsT: api.Example.com"],
        ["--service-host", "api.Example.com"],
    ] {
        assert_eq!(
            sent(SERVICE, "/", &args).header("host"),
            Some("api.Example.com")
        );
    }
}

reported! {
    no_tunnel_port_in_the_signed_host as
    opensearch_net_978,
    opensearch_go_370,
    opensearch_py_491,
    opensearch_py_862,
}

fn no_tunnel_port_in_the_signed_host() {
    let host = "vpc-x.us-east-1.es.amazonaws.com";
    assert_eq!(
        sent("es", "/_search", &["--service-host", host]).header("host"),
        Some(host)
    );
}

reported! {
    binary_bodies_are_bytes as
    awscurl_43,
    awscurl_48,
    awscurl_75,
    awscurl_77,
    awscurl_90,
    awscurl_106,
    awscurl_110,
}

fn binary_bodies_are_bytes() {
    let hit = sent(SERVICE, "/", &["--data-binary", "@file"]);
    assert_eq!(hit.body, b"a b\r\n\x00=&");
}

#[test]
fn binary_answers_are_bytes() {
    let server =
        Server::start(|_| b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\n\x1f\x8b\x00\xff".to_vec());
    let run = Sigcurl::new().args([server.url("/").as_str()]).run();
    assert_eq!(run.succeeds().stdout, b"\x1f\x8b\x00\xff");
}

reported! { multipart_is_hashed_and_signed as awscurl_194, curl_13351 }

fn multipart_is_hashed_and_signed() {
    let hit = sent(
        SERVICE,
        "/",
        &[
            "-F",
            "a=1;type=text/x",
            "-F",
            "f=@file;filename=q\"r.png",
            "-F",
            "g=<file",
            "--form-string",
            "h=@;x",
        ],
    );
    let content_type = hit.header("content-type").unwrap();
    let boundary = content_type
        .strip_prefix("multipart/form-data; boundary=")
        .unwrap();
    let expected = format!(
        "--{boundary}\r\nContent-Disposition: form-data; name=\"a\"\r\nContent-Type: text/x\r\n\r\n1\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"f\"; filename=\"q%22r.png\"\r\nContent-Type: image/png\r\n\r\na b\r\n\x00=&\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"g\"\r\n\r\na b\r\n\x00=&\r\n\
         --{boundary}\r\nContent-Disposition: form-data; name=\"h\"\r\n\r\n@;x\r\n--{boundary}--\r\n"
    );
    assert_eq!(text(&hit), expected);
    assert!(signed_headers(&hit).contains(&"content-type".to_owned()));
}

reported! { data_from_file_and_standard_input as awscurl_121, awscurl_221 }

fn data_from_file_and_standard_input() {
    assert_eq!(sent(SERVICE, "/", &["-d", "@file"]).body, b"a b\r\n\x00=&");
    assert_eq!(
        sent(SERVICE, "/", &["-d", "@-"]).body,
        b"standard\r\ninput\n"
    );
    let run = Sigcurl::new()
        .args(["-d", "@nope", "http://127.0.0.1:1/"])
        .run();
    run.fails(26, "cannot read 'nope' (from -d @file)");
}

reported! { dry_run_sends_nothing as awscurl_215 }

fn dry_run_sends_nothing() {
    let server = Server::verifying();
    let run = Sigcurl::new().args(["--dry-run", &server.url("/")]).run();
    assert!(
        run.succeeds()
            .stdout()
            .contains("authorization: AWS4-HMAC-SHA256 Credential=")
    );
    assert_eq!(server.hits().len(), 0);
}

/// What the shell makes of the printed command is, byte for byte, the request that was signed.
#[test]
fn dry_run_as_a_command_line_for_curl() {
    let server = Server::verifying();
    let url = server.url("/a%20b/[x]?q=it's&d=/.");
    let binary: Vec<u8> = (0..=255).collect();
    let cases: [(&[&str], &[u8]); 9] = [
        (&[], b""),
        (&["-I"], b""),
        (&["-X", "DELETE"], b""),
        (&["-X", "POST"], b""),
        (&["-d", "it's $HOME \"x\"\r\n%41\\101"], b""),
        (&["-d", "@-"], &binary),
        (&["-T", "file"], b""),
        (
            &[
                "--json",
                "{\"a\": 1}",
                "-H",
                "X-Empty;",
                "-H",
                "X-Name: Zoë; a=\"b\"",
            ],
            b"",
        ),
        (&["-F", "a=b", "-F", "f=@file", "-A", "me"], b""),
    ];
    for (args, stdin) in cases {
        let mut run = Sigcurl::new()
            .env("AWS_SESSION_TOKEN", "T")
            .file("file", &binary)
            .args(["--dry-run=curl", &url])
            .args(args.iter().copied())
            .stdin(stdin);
        let outcome = run.run_and_keep();
        let line = outcome.succeeds().stdout();
        let curl = std::process::Command::new("sh")
            .args(["-c", line])
            .current_dir(run.home.path())
            .output()
            .unwrap();
        assert!(
            curl.status.success(),
            "{line}{}",
            String::from_utf8_lossy(&curl.stderr)
        );
        let hit = server.hits().pop().unwrap();
        assert_eq!(
            hit.verify_with_token(REGION, SERVICE, Some("T")),
            Ok(()),
            "{line}"
        );
        let sent = Sigcurl::new()
            .file("file", &binary)
            .args(["--no-sign", &url])
            .args(args.iter().copied());
        let sent = sent.stdin(stdin).run();
        assert_eq!(sent.code, 0);
        let plain = server.hits().pop().unwrap();
        assert_eq!(
            (&hit.method, &hit.target),
            (&plain.method, &plain.target),
            "{line}"
        );
        // A form has a boundary of its own each time.
        if !args.contains(&"-F") {
            assert_eq!(hit.body, plain.body, "{line}");
        }
        for name in ["accept", "user-agent", "content-type", "x-empty", "x-name"] {
            if !(args.contains(&"-F") && name == "content-type") {
                let values = |hit: &Hit| -> Vec<Vec<u8>> {
                    let of_name = |(found, value): &(String, Vec<u8>)| {
                        found.eq_ignore_ascii_case(name).then(|| value.clone())
                    };
                    hit.headers.iter().filter_map(of_name).collect()
                };
                assert_eq!(values(&hit), values(&plain), "{name}: {line}");
            }
        }
    }
    let large = "x".repeat(100_000);
    let run = Sigcurl::new()
        .args(["--dry-run=curl", "-d", &large, &url])
        .run();
    run.fails(
        2,
        "--dry-run=curl: a body of 100000 bytes is too long for a command line; give it as a file",
    );
    let run = Sigcurl::new().args([
        "--dry-run=curl",
        "-k",
        "--resolve",
        "h:443:127.0.0.1",
        "--tlsv1.3",
        "-x",
        "p:1",
        "-U",
        "u:secret",
        "https://h/",
    ]);
    let run = run.run();
    let line = run.succeeds().stdout();
    assert!(
        line.starts_with("curl -k --tlsv1.3 -x p:1 -U u --resolve h:443:127.0.0.1 -H "),
        "{line}"
    );
}

reported! { presigned_target_is_never_signed as awscurl_117, awscurl_118, postman_3356 }

fn presigned_target_is_never_signed() {
    let server = Server::start(|hit| {
        if hit.target == "/" {
            redirect("302 Found", "/x?X-Amz-Signature=0")
        } else {
            ok("")
        }
    });
    let run = Sigcurl::new()
        .args(["-L", "-H", "X-Amz-Target: T", &server.url("/")])
        .run();
    run.succeeds();
    let hit = server.hits().remove(1);
    assert!(!hit.is_signed() && hit.header("x-amz-target").is_none());

    let url = server.url("/y?X-Amz-Signature=0");
    Sigcurl::new()
        .args([url.as_str()])
        .run()
        .fails(2, "the URL is signed already");
    Sigcurl::bare().args(["--no-sign", &url]).run().succeeds();
    assert!(!server.hits().remove(2).is_signed());
}

reported! { the_user_chooses_signed_headers as awscurl_149, awscurl_200 }

fn the_user_chooses_signed_headers() {
    let hit = sent(
        SERVICE,
        "/",
        &["--sign-header", "User-Agent", "--no-sign-header", "accept"],
    );
    let names = signed_headers(&hit);
    assert!(
        names.contains(&"user-agent".to_owned()) && !names.contains(&"accept".to_owned()),
        "{names:?}"
    );
    for (args, line) in [
        (
            ["--sign-header", "x-absent"],
            "--sign-header 'x-absent': the request has no such header",
        ),
        (
            ["--no-sign-header", "host"],
            "--no-sign-header: 'host' cannot be left out",
        ),
    ] {
        Sigcurl::new()
            .args(args)
            .args(["http://127.0.0.1:1/"])
            .run()
            .fails(2, line);
    }
}

reported! { custom_headers as awscurl_206 }

fn custom_headers() {
    sent(
        SERVICE,
        "/",
        &[
            "-H",
            "Content-Encoding: amz-1.0",
            "-H",
            "Connection: keep-alive",
            "-H",
            "x-amz-requestsupertrace: true",
        ],
    );
}

reported! {
    what_proxies_change_is_not_signed as
    aws_sdk_java_v2_5895,
    smithy_rs_3991,
    aws_cli_9257,
    aws_cli_10123,
    botocore_3643,
    mcp_proxy_for_aws_313,
    toolhive_5835,
    aws_curl_2,
}

fn what_proxies_change_is_not_signed() {
    let hit = sent(
        SERVICE,
        "/",
        &[
            "-H",
            "Connection: close",
            "-H",
            "X-Amzn-Trace-Id: 1",
            "-A",
            "me",
            "-H",
            "TE: trailers",
        ],
    );
    assert_eq!(
        signed_headers(&hit)
            .iter()
            .filter(|name| ["connection", "x-amzn-trace-id", "user-agent", "te"]
                .contains(&name.as_str()))
            .count(),
        0
    );
}

reported! {
    queries_and_stars as
    curl_7559,
    curl_8107,
    curl_10129,
    curl_9717,
    curl_11855,
    curl_87d9e540,
    curl_11794,
    curl_13058,
}

fn queries_and_stars() {
    for target in [
        "/a*b",
        "/?versioning",
        "/?b=2&a=1&&a=0&",
        "/?q=SELECT%20?s:/x",
        "/?=v",
    ] {
        assert_eq!(sent(SERVICE, target, &[]).target, target);
    }
}

reported! {
    s3_keys_are_encoded_strictly as
    curl_13754,
    sigv4_proxy_11,
    sigv4_proxy_13,
    sigv4_proxy_76,
    sigv4_proxy_246,
    sigv4_proxy_273,
}

fn s3_keys_are_encoded_strictly() {
    for (path, target) in [
        ("/asset_id=my", "/asset_id%3Dmy"),
        ("/a:+@,$()*';&", "/a%3A%2B%40%2C%24%28%29%2A%27%3B%26"),
        ("/a%20b%23%2Fc", "/a%20b%23/c"),
        ("/a%2F..%2Fb", "/a%2F..%2Fb"),
        ("//a//b", "//a//b"),
        ("/?prefix=a+b/c", "/?prefix=a%20b%2Fc"),
    ] {
        assert_eq!(sent("s3", path, &[]).target, target);
    }
    let server = Server::verifying_for(REGION, "s3");
    let run = Sigcurl::new()
        .args(["-v", "--service", "s3", &server.url("/a+b")])
        .run();
    assert!(
        run.stderr
            .contains("* For s3, the URL is sent in the encoding that is signed: /a%2Bb"),
        "{}",
        run.stderr
    );
}

reported! { encoded_path_off_s3 as curl_16927, curl_17129, aws_sdk_js_853 }

fn encoded_path_off_s3() {
    assert_eq!(sent("es", "/a%20b%3Fc", &[]).target, "/a%20b%3Fc");
}

reported! { plus_in_query as curl_20543, curl_20550, envoy_40523, envoy_40619, aws4fetch_83 }

fn plus_in_query() {
    for target in ["/?a+b=c+d", "/?a=%2B", "/?a=%20"] {
        assert_eq!(sent(SERVICE, target, &[]).target, target);
    }
}

reported! {
    ports_in_the_host as
    curl_9550,
    curl_8202,
    curl_7966,
    fog_aws_755,
    requests_aws4auth_81,
    aws_cli_2883,
    aws_sdk_rust_1244,
    s3cmd_974,
}

fn ports_in_the_host() {
    for (url, host) in [
        ("https://h.example.com:443/", "host: h.example.com\r\n"),
        ("http://h.example.com:80/", "host: h.example.com\r\n"),
        ("http://h.example.com:443/", "host: h.example.com:443\r\n"),
        ("http://u:p@[::1]:8080/", "host: [::1]:8080\r\n"),
    ] {
        let run = Sigcurl::new()
            .args(["--dry-run", "--service", SERVICE, url])
            .run();
        assert!(run.succeeds().stdout().contains(host), "{}", run.stdout());
    }
}

reported! { one_date as curl_11738 }

fn one_date() {
    let run = Sigcurl::new()
        .args([
            "--dry-run",
            "-H",
            "X-Amz-Date: 20150830T123600Z",
            "http://h/",
        ])
        .run();
    assert_eq!(
        run.succeeds()
            .stdout()
            .matches("x-amz-date: 20150830T123600Z")
            .count(),
        1
    );
}

reported! {
    payload_hash_is_sent_and_signed as
    curl_8810,
    curl_8935,
    curl_9804,
    curl_9995,
    aws4_169,
    aws_sdk_net_3295,
    opensearch_py_1038,
    aws_sdk_php_3145,
}

fn payload_hash_is_sent_and_signed() {
    for service in ["s3", "aoss"] {
        let hit = sent(service, "/", &["-d", "x"]);
        assert!(hit.header("x-amz-content-sha256").is_some());
        assert!(signed_headers(&hit).contains(&"x-amz-content-sha256".to_owned()));
    }
}

reported! {
    duplicates_and_inner_spaces_and_order as
    curl_16743,
    curl_cf3e3d93,
    chimera_1102,
    scylla_27775,
    http_jl_353,
}

fn duplicates_and_inner_spaces_and_order() {
    sent(
        SERVICE,
        "/",
        &[
            "-H",
            "x-a: 2",
            "-H",
            "X-A: 1",
            "-H",
            "x-amz-meta-test:  a   b ",
            "-H",
            "x-amz-meta-test-two: c",
        ],
    );
}

reported! { odd_user_name_survives as curl_21923 }

fn odd_user_name_survives() {
    let run = Sigcurl::bare()
        .args([
            "--dry-run",
            "--aws-sigv4",
            "aws:amz:eu-west-1:es",
            "-u",
            "a%b+c:s:x",
            "http://h/",
        ])
        .run();
    assert!(
        run.succeeds().stdout().contains("Credential=a%b+c/"),
        "{}",
        run.stdout()
    );
    assert!(run.stdout().contains("/eu-west-1/es/aws4_request"));
    assert!(!run.stdout().contains("s:x"));
}

reported! { content_md5_is_signed_and_the_length_is_said as sigv4_proxy_45, sigv4_proxy_70 }

fn content_md5_is_signed_and_the_length_is_said() {
    let hit = sent(
        "s3",
        "/k",
        &[
            "-X",
            "PUT",
            "-d",
            "x",
            "-H",
            "Content-MD5: nU4eI71bcnBGqeO0t9tXvA==",
        ],
    );
    assert!(signed_headers(&hit).contains(&"content-md5".to_owned()));
    assert_eq!(
        (
            hit.header("content-length"),
            hit.header("transfer-encoding")
        ),
        (Some("1"), None)
    );
}

reported! { no_basic_beside_the_signature as hurl_1840, hurl_1844, curl_11664 }

fn no_basic_beside_the_signature() {
    let server = Server::verifying();
    let url = server.url("/").replace("http://", "http://user:pass@");
    Sigcurl::new()
        .file(".netrc", "default login a password b\n")
        .args([url.as_str()])
        .run()
        .succeeds();
    assert!(
        server
            .hit()
            .header("authorization")
            .unwrap()
            .starts_with("AWS4-HMAC-SHA256 ")
    );
}

#[test]
fn data_of_every_kind() {
    for (args, body) in [
        (vec!["--data-raw", "@file", "-d", "x"], "@file&x"),
        (
            vec![
                "--data-urlencode",
                "a b",
                "--data-urlencode",
                "=c=d",
                "--data-urlencode",
                "n=e&f",
            ],
            "a%20b&c%3Dd&n=e%26f",
        ),
        (
            vec!["--data-urlencode", "@file", "--data-urlencode", "n@file"],
            "a%20b%0D%0A%00%3D%26&n=a%20b%0D%0A%00%3D%26",
        ),
        (vec!["-d", "{", "--json", "}", "-d", "x"], "{}&x"),
    ] {
        let hit = sent(SERVICE, "/", &args);
        assert_eq!(
            (hit.method.as_str(), text(&hit).as_str()),
            ("POST", body),
            "{args:?}"
        );
    }
    let hit = sent(SERVICE, "/", &["--json", "{}"]);
    assert_eq!(
        (hit.header("content-type"), hit.header("accept")),
        (Some("application/json"), Some("application/json"))
    );
}

#[test]
fn queries_are_built() {
    let hit = sent(
        SERVICE,
        "/?a=b",
        &[
            "-G",
            "-d",
            "c=d",
            "--data-urlencode",
            "e=f g",
            "--url-query",
            "h=@",
            "--url-query",
            "+i=%20",
        ],
    );
    assert_eq!(
        (hit.method.as_str(), hit.target.as_str(), hit.body.len()),
        ("GET", "/?a=b&h=%40&i=%20&c=d&e=f%20g", 0)
    );
    let hit = sent(SERVICE, "/", &["-I", "-G", "-d", "x"]);
    assert_eq!((hit.method.as_str(), hit.target.as_str()), ("HEAD", "/?x"));
}

#[test]
fn uploads() {
    for (service, path, target) in [
        (SERVICE, "/a/", "/a/file"),
        ("s3", "", "/file"),
        (SERVICE, "/b", "/b"),
    ] {
        let hit = sent(service, path, &["-T", "file"]);
        assert_eq!((hit.method.as_str(), hit.target.as_str()), ("PUT", target));
        assert_eq!(
            (hit.body.as_slice(), hit.header("content-type")),
            (b"a b\r\n\x00=&".as_slice(), None)
        );
    }
    let hit = sent("s3", "/k/", &["-T", "-"]);
    assert_eq!(
        (hit.target.as_str(), text(&hit).as_str()),
        ("/k/", "standard\r\ninput\n")
    );
    assert_ne!(hit.header("x-amz-content-sha256"), Some("UNSIGNED-PAYLOAD"));
}

#[test]
fn headers_by_option() {
    let hit = sent(SERVICE, "/", &["-A", "me", "-e", "http://r/", "-r", "0-9"]);
    assert_eq!(
        (
            hit.header("user-agent"),
            hit.header("referer"),
            hit.header("range")
        ),
        (Some("me"), Some("http://r/"), Some("bytes=0-9"))
    );
    let hit = sent(SERVICE, "/", &["-A", ""]);
    assert_eq!(hit.header("user-agent"), None);
    let hit = sent(SERVICE, "/", &["-b", "a=1", "-b", "b=2; c=3"]);
    assert_eq!(hit.header("cookie"), Some("a=1; b=2; c=3"));
    let run = Sigcurl::new().args(["-b", "jar.txt", "http://h/"]).run();
    run.fails(2, "-b 'jar.txt' names a file, but no cookies are kept here");
}

#[test]
fn unsigned_payload_and_a_given_hash() {
    // Our verifier wants S3's bodies hashed, and says that nothing else is wrong.
    let server = Server::start(|_| ok(""));
    let unsigned = ["--service", "s3", "-d", "x", "--unsigned-payload"];
    let run = Sigcurl::new()
        .args(unsigned)
        .args([server.url("/k").as_str()])
        .run();
    run.succeeds();
    let hit = server.hit();
    let verdict = hit.verify(REGION, "s3");
    assert_eq!(verdict, Err(sigv4::VerifyError::PayloadHashNotAllowed));
    assert_eq!(hit.header("x-amz-content-sha256"), Some("UNSIGNED-PAYLOAD"));
    let hash = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"; // of "x"
    let hit = sent("s3", "/k", &["-d", "x", "--payload-hash", hash]);
    assert_eq!(hit.header("x-amz-content-sha256"), Some(hash));
    let server = Server::verifying();
    let run = Sigcurl::new()
        .args(["-d", "y", "--payload-hash", hash, &server.url("/")])
        .run();
    assert_ne!(
        run.stdout(),
        "Hello, World",
        "a wrong hash is signed, and refused"
    );
}

#[test]
fn presigned_and_sent() {
    for (service, args) in [
        (SERVICE, vec![]),
        ("s3", vec!["--expires", "7d"]),
        (SERVICE, vec!["-d", "x"]),
    ] {
        let all: Vec<_> = ["--presign"].into_iter().chain(args).collect();
        let hit = sent(service, "/a?b=c", &all);
        assert!(
            !hit.is_signed() && hit.target.starts_with("/a?b=c&X-Amz-Algorithm="),
            "{}",
            hit.target
        );
    }
}

#[test]
fn a_presigned_url_works_without_keys() {
    let server = Server::verifying_for(REGION, "s3");
    let url = server.url("/k+e y");
    let presign = |more: &[&str]| {
        Sigcurl::new()
            .args(["presign", "--service", "s3"])
            .args(more.iter().copied())
            .args([url.as_str()])
            .run()
    };
    let run = presign(&["-X", "PUT", "--expires", "30s"]);
    let presigned = run.succeeds().stdout().trim_end();
    assert!(
        presigned.contains("/k%2Be%20y?X-Amz-Algorithm=")
            && presigned.contains("X-Amz-Expires=30&"),
        "{presigned}"
    );
    let sent = Sigcurl::bare()
        .args(["--no-sign", "-X", "PUT", "-d", "body", presigned])
        .run();
    assert_eq!(sent.succeeds().stdout(), "Hello, World");
    assert_eq!(server.hits().len(), 1, "presigning sends nothing");

    let json = presign(&[
        "--json",
        "--at",
        "20150830T123600Z",
        "-H",
        "x-amz-acl: private",
    ]);
    let json = json.succeeds().stdout();
    for piece in [
        "\"url\": \"http://127.0.0.1:",
        "\"method\": \"GET\"",
        "\"headers\": {\"x-amz-acl\": \"private\"}",
        "\"expires\": \"2015-08-30T12:51:00Z\"",
        "\"expires_in\": 900",
    ] {
        assert!(json.contains(piece), "{piece}: {json}");
    }
    presign(&["--expires", "8d"]).fails(2, "invalid value '8d'");
    for option in ["-L", "-O", "-f", "--compressed"] {
        presign(&[option]).fails(2, &format!("{option} has no meaning here"));
    }
}

#[test]
fn several_urls_over_one_connection() {
    let connections = std::sync::Arc::new(std::sync::atomic::AtomicUsize::new(0));
    let counted = std::sync::Arc::clone(&connections);
    let server = Server::with_stream(move |stream, record| {
        use std::io::Write;
        counted.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
        while let Some(hit) = Hit::read(stream) {
            stream.write_all(&ok("x")).unwrap();
            record(hit);
        }
    });
    let (a, b, c) = (server.url("/a"), server.url("/b"), server.url("/c"));
    let run = Sigcurl::new()
        .args(["-d", "1", &a, "--url", &b, "--next", "-H", "X-N: 2", &c])
        .run();
    assert_eq!(run.succeeds().stdout(), "xxx");
    let hits = server.hits();
    let seen: Vec<_> = hits
        .iter()
        .map(|hit| (hit.method.as_str(), hit.target.as_str(), hit.header("x-n")))
        .collect();
    assert_eq!(
        seen,
        [
            ("POST", "/a", None),
            ("POST", "/b", None),
            ("GET", "/c", Some("2"))
        ]
    );
    assert!(hits.iter().all(|hit| hit.verify(REGION, SERVICE).is_ok()));
    assert_eq!(connections.load(std::sync::atomic::Ordering::SeqCst), 1);

    let run = Sigcurl::new().args(["http://127.0.0.1:1/", &a]).run();
    assert_eq!(
        (run.code, run.stdout(), run.stderr.lines().count()),
        (7, "x", 1)
    );
    let run = Sigcurl::new()
        .args(["--fail-early", "http://127.0.0.1:1/", &a])
        .run();
    assert_eq!((run.code, run.stdout()), (7, ""));
}

#[test]
fn config_files() {
    let server = Server::verifying();
    let url = server.url("/c");
    let config = format!("# mine\n-H \"X-A: 1\"\ndata = \"a \\\"b\\\"\"\nurl = {url}\n");
    let run = Sigcurl::new().file("k", &config).args(["-K", "k"]).run();
    run.succeeds();
    let run = Sigcurl::new()
        .stdin(config.as_bytes())
        .args(["-K", "-"])
        .run();
    run.succeeds();
    for hit in server.hits() {
        assert_eq!(
            (text(&hit).as_str(), hit.header("x-a")),
            ("a \"b\"", Some("1"))
        );
    }
    let with_default = || Sigcurl::new().file(".sigcurlrc", "user-agent = mine\n");
    with_default().args([url.as_str()]).run().succeeds();
    with_default().args(["-q", &url]).run().succeeds();
    assert_eq!(server.hits()[2].header("user-agent"), Some("mine"));
    assert_ne!(server.hits()[3].header("user-agent"), Some("mine"));
    Sigcurl::new()
        .args(["-K", "nope", &url])
        .run()
        .fails(26, "cannot read config 'nope'");
    Sigcurl::new()
        .file("k", "\ndata = a b\n")
        .args(["-K", "k", &url])
        .run()
        .fails(2, "config 'k', line 2: a value with spaces");
    Sigcurl::new()
        .args([&url, "-q"])
        .run()
        .fails(2, "-q has to be the first option");
}

#[test]
fn no_sign_needs_no_keys() {
    let server = Server::start(|_| ok("plain"));
    let run = Sigcurl::bare()
        .args([
            "--no-sign",
            "-H",
            "Authorization: Bearer x",
            &server.url("/"),
        ])
        .run();
    assert_eq!(run.succeeds().stdout(), "plain");
    assert_eq!(server.hit().header("authorization"), Some("Bearer x"));
}

#[test]
fn what_cannot_be_honoured_says_why() {
    for (args, line) in [
        (
            vec!["--netrc"],
            "--netrc is not here: passwords have no place beside a signature",
        ),
        (vec!["-sn"], ""),
        (
            vec!["--ftp-pasv"],
            "--ftp-pasv is not here: sigcurl speaks http and https only",
        ),
        (
            vec!["--aws-sigv4", "osc", "-u", "a:b"],
            "--aws-sigv4 'osc': the only provider here is aws:amz",
        ),
        (vec!["-u", "a:b"], "-u has keys, with --aws-sigv4 aws:amz"),
        (vec!["-I", "-d", "x"], "-I asks for headers only"),
        (vec!["-T", "a", "-d", "x"], "a request has one body"),
        (vec!["-F", "a"], "-F 'a' has no '='"),
        (vec!["--expires", "15m"], "--expires goes with --presign"),
        (vec!["-e", "x;auto"], "-e ';auto' is not here"),
    ] {
        let run = Sigcurl::new()
            .args(args.iter().copied())
            .args(["http://127.0.0.1:1/"])
            .run();
        run.fails(2, line);
    }
    let run = Sigcurl::new()
        .args(["--path-as-is", "http://127.0.0.1:1/a/../b"])
        .run();
    run.fails(2, "--path-as-is: the HTTP client would send the path as /b");
    assert!(
        ![KEY_ID, SECRET]
            .iter()
            .any(|secret| run.stderr.contains(secret))
    );
}
