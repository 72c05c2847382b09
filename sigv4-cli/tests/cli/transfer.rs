//! Output, connection and bodies in detail.

use std::fs;
use std::io::Write;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use super::support::process::{Outcome, Sigcurl};
use super::support::server::{Hit, Server, ok, redirect, response};
use super::support::{REGION, SERVICE};

fn run(args: &[&str]) -> Outcome {
    Sigcurl::new().args(args.iter().copied()).run()
}

fn names(folder: &std::path::Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

#[test]
fn remote_time() {
    let server = Server::start(|_| {
        response(
            "200 OK",
            &[("last-modified", "Sun, 06 Nov 1994 08:49:37 GMT")],
            "x",
        )
    });
    let url = server.url("/");
    let mut run = Sigcurl::new().args(["-N", "-R", "--remove-on-error", "-o", "f", &url]);
    run.run_and_keep().succeeds();
    let about = fs::metadata(run.home.path().join("f")).unwrap();
    let since = about
        .modified()
        .unwrap()
        .duration_since(std::time::UNIX_EPOCH)
        .unwrap();
    assert_eq!(since.as_secs(), 784_111_777);
}

#[test]
fn remote_names_and_folders() {
    let server = Server::start(|hit| match hit.target.as_str() {
        "/named" => response(
            "200 OK",
            &[(
                "content-disposition",
                "attachment; filename=\"../x/a b.txt\"",
            )],
            "1",
        ),
        "/hidden" => response(
            "200 OK",
            &[("content-disposition", "attachment; filename=.profile")],
            "1",
        ),
        _ => ok("2"),
    });
    let mut run = Sigcurl::new().args(["-O", &server.url("/a/b%20c?d/e")]);
    run.run_and_keep().succeeds();
    assert_eq!(names(run.home.path()), ["b%20c"]);

    let mut run = Sigcurl::new().args(["-OJ", "--output-dir", "x/y", "--create-dirs"]);
    run.command.arg(server.url("/named"));
    run.run_and_keep().succeeds();
    assert_eq!(names(&run.home.path().join("x/y")), ["a b.txt"]);
    run.run_and_keep()
        .fails(23, "'x/y/a b.txt' exists: -J overwrites nothing");

    let mut hidden = Sigcurl::new().args(["-OJ", &server.url("/hidden")]);
    hidden
        .run_and_keep()
        .fails(23, "the server's file name is not a safe one");
    assert_eq!(names(hidden.home.path()), [""; 0]);

    let url = server.url("/");
    for (args, code, line) in [
        (vec!["-O", &url], 23, "-O finds no file name"),
        (vec!["-J", &url], 2, "-J needs -O"),
        (
            vec!["-o", "a", "-O", &url],
            2,
            "-o and -O both name the file",
        ),
        (vec!["-o", "n/a", &url], 23, "cannot write 'n/a'"),
    ] {
        Sigcurl::new().args(args).run().fails(code, line);
    }
}

/// A server of one file of ten bytes that knows ranges.
fn ranges() -> Server {
    Server::start(|hit| {
        assert!(hit.verify(REGION, SERVICE).is_ok());
        let start = hit
            .header("range")
            .and_then(|range| range.strip_prefix("bytes="))
            .and_then(|range| range.strip_suffix('-'))
            .map(|start| start.parse::<usize>().unwrap());
        if start.is_some() {
            assert!(hit.header("authorization").unwrap().contains(";range;"));
        }
        match (hit.target.as_str(), start) {
            ("/none", _) | (_, None) => ok("0123456789"),
            ("/gone", _) => response("404 Not Found", &[], "nothing"),
            ("/wrong", _) => response(
                "206 Partial Content",
                &[("content-range", "bytes 0-9/10")],
                "0123456789",
            ),
            (_, Some(start)) if start >= 10 => response(
                "416 Range Not Satisfiable",
                &[("content-range", "bytes */10")],
                "no",
            ),
            (_, Some(start)) => response(
                "206 Partial Content",
                &[("content-range", &format!("bytes {start}-9/10"))],
                &"0123456789"[start..],
            ),
        }
    })
}

#[test]
fn resume() {
    let server = ranges();
    let resumed = |before: &str, at: &str, path: &str| {
        let mut run = Sigcurl::new().args(["-C", at, "-o", "f", &server.url(path)]);
        if !before.is_empty() {
            run = run.file("f", before);
        }
        let outcome = run.run_and_keep();
        let after = fs::read_to_string(run.home.path().join("f")).unwrap_or_default();
        (outcome, after, names(run.home.path()))
    };
    for (before, at, path, after) in [
        ("0123", "-", "/", "0123456789"),
        ("0123", "4", "/", "0123456789"),
        ("", "-", "/", "0123456789"),
        ("", "7", "/", "789"),
        ("0123456789", "-", "/", "0123456789"),
        ("01", "-", "/none", "0123456789"),
    ] {
        let (outcome, found, names) = resumed(before, at, path);
        assert_eq!(outcome.succeeds().stdout(), "");
        assert_eq!(
            (found.as_str(), names.len()),
            (after, 1),
            "{before} {at} {path}"
        );
    }
    for (before, at, path, code, line) in [
        ("0123", "-", "/gone", 22, "the server answered 404"),
        (
            "0123",
            "-",
            "/wrong",
            33,
            "the server does not go on where it should",
        ),
        ("0123456789abc", "-", "/", 33, "the server does not go on"),
        ("0123", "3", "/", 2, "-C 3: 'f' has 4 bytes"),
        ("0123", "x", "/", 2, "-C 'x' is neither"),
    ] {
        let (outcome, found, _) = resumed(before, at, path);
        outcome.fails(code, line);
        assert_eq!(found, before, "{path}");
    }
    assert_eq!(
        run(&["-C", "8", &server.url("/")]).succeeds().stdout(),
        "89"
    );
    run(&["-C", "8", &server.url("/none")]).fails(33, "the server does not go on");
    run(&["-C", "-", &server.url("/")]).fails(2, "-C - needs a file");
    let mut refused = Sigcurl::new().args(["-C", "-", "-o", "f", "http://127.0.0.1:1/"]);
    refused
        .run_and_keep()
        .fails(7, "cannot connect to 127.0.0.1:1");
    assert_eq!(names(refused.home.path()), [""; 0]);
}

/// A server that breaks off after four bytes, and goes on from there when asked to.
fn breaks_off_once() -> Server {
    let tries = AtomicUsize::new(0);
    Server::with_stream(move |stream, record| {
        let hit = Hit::read(stream).unwrap();
        let answer = if tries.fetch_add(1, Ordering::SeqCst) == 0 {
            b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n0123".as_slice()
        } else {
            assert_eq!(hit.header("range"), Some("bytes=4-"));
            assert!(hit.verify(REGION, SERVICE).is_ok());
            b"HTTP/1.1 206 Partial Content\r\ncontent-range: bytes 4-9/10\r\ncontent-length: 6\r\n\r\n456789"
        };
        record(hit);
        stream.write_all(answer).unwrap();
    })
}

#[test]
fn resume_keeps_what_came() {
    let server = breaks_off_once();
    let mut run = Sigcurl::new().args(["-C", "-", "-o", "f", &server.url("/")]);
    run.run_and_keep().fails(18, "127.0.0.1");
    assert_eq!(names(run.home.path()), ["f.part"]);
    run.run_and_keep().succeeds();
    assert_eq!(names(run.home.path()), ["f"]);
    assert_eq!(fs::read(run.home.path().join("f")).unwrap(), b"0123456789");

    let server = breaks_off_once();
    let mut run = Sigcurl::new()
        .args([
            "--retry",
            "1",
            "--retry-delay",
            "0.01",
            "--retry-all-errors",
        ])
        .args(["-C", "-", "-o", "f", &server.url("/")]);
    run.run_and_keep().succeeds();
    assert_eq!(fs::read(run.home.path().join("f")).unwrap(), b"0123456789");
}

#[test]
fn heads_to_a_file() {
    let server = Server::start(|hit| match hit.target.as_str() {
        "/a" => redirect("302 Found", "/b"),
        _ => response("200 OK", &[("x-a", "1")], "body"),
    });
    let mut run = Sigcurl::new().args(["-L", "-D", "heads", &server.url("/a")]);
    assert_eq!(run.run_and_keep().succeeds().stdout(), "body");
    let heads = fs::read_to_string(run.home.path().join("heads")).unwrap();
    assert!(heads.starts_with("HTTP/1.1 302 Found\r\n"), "{heads}");
    assert!(
        heads.contains("\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 4\r\nx-a: 1\r\n\r\n"),
        "{heads}"
    );
}

#[test]
fn silent_and_show_error() {
    let closed = "http://127.0.0.1:1/";
    assert_eq!(run(&["-s", closed]).stderr, "");
    assert_eq!(run(&["-s", closed]).code, 7);
    run(&["-sS", closed]).fails(7, "cannot connect to 127.0.0.1:1");
}

#[test]
fn write_out() {
    let server = Server::start(|hit| match hit.target.as_str() {
        "/a" => redirect("302 Found", "/b"),
        _ => response(
            "200 OK",
            &[("content-type", "text/x"), ("x-a", "1")],
            "body",
        ),
    });
    let format = "|%{http_code}|%{response_code}|%{content_type}|%{num_redirects}|%{size_download}|%{size_upload}|%{url_effective}|%{remote_ip}|%{method}|%{http_version}|%{exitcode}|%{errormsg}|%header{X-A}|%%|\\t|";
    let url = server.url("/a");
    let out = run(&["-L", "-d", "xyz", "-w", format, &url]);
    let expected = format!(
        "body|200|200|text/x|1|4|0|{}|127.0.0.1|GET|1.1|0||1|%|\t|",
        server.url("/b")
    );
    assert_eq!(out.succeeds().stdout(), expected);
    let out = run(&["-w", "|%{redirect_url}|%{size_upload}", "-d", "xyz", &url]);
    assert_eq!(
        out.succeeds().stdout(),
        format!("moved|{}|3", server.url("/b"))
    );

    let out = run(&["-w", "|%{json}", &server.url("/b")]);
    let json = out.succeeds().stdout().split_once('|').unwrap().1;
    for part in [
        "\"http_code\":200,",
        "\"num_retries\":0,",
        "\"time_total\":0.",
    ] {
        assert!(json.contains(part), "{json}");
    }
    let times =
        "|%{time_namelookup} %{time_connect} %{time_starttransfer} %{time_total} %{speed_download}";
    let out = run(&["-w", times, &server.url("/b")]);
    let times: Vec<f64> = out
        .succeeds()
        .stdout()
        .split_once('|')
        .unwrap()
        .1
        .split(' ')
        .map(|time| time.parse().unwrap())
        .collect();
    assert!(
        times[0] == 0.0
            && times[1] > 0.0
            && times[2] >= times[1]
            && times[3] >= times[2]
            && times[4] > 0.0,
        "{times:?}"
    );

    let mut from_file =
        Sigcurl::new()
            .file("format", "|%{http_code}\n")
            .args(["-w", "@format", &server.url("/b")]);
    assert_eq!(from_file.run_and_keep().succeeds().stdout(), "body|200\n");
    run(&["-w", "%{nope}", &url]).fails(2, "-w has no variable 'nope'");
    run(&["-w", "@missing", &url]).fails(26, "cannot read 'missing'");
}

#[test]
fn compressed() {
    use flate2::write::GzEncoder;
    let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(b"hello hello hello").unwrap();
    let gzip = gzip.finish().unwrap();
    let sent = gzip.clone();
    let server = Server::start(move |hit| {
        let encoding = match hit.target.as_str() {
            "/br" => "br",
            _ if hit.header("accept-encoding").is_some() => "gzip",
            _ => "identity",
        };
        assert!(hit.verify(REGION, SERVICE).is_ok());
        let head = format!(
            "HTTP/1.1 200 OK\r\ncontent-encoding: {encoding}\r\ncontent-length: {}\r\n\r\n",
            sent.len()
        );
        [head.as_bytes(), &sent].concat()
    });
    let out = run(&["--compressed", &server.url("/")]);
    assert_eq!(out.succeeds().stdout(), "hello hello hello");
    let hit = server.hit();
    assert_eq!(hit.header("accept-encoding"), Some("deflate, gzip"));
    assert!(
        !hit.header("authorization")
            .unwrap()
            .contains("accept-encoding")
    );
    assert_eq!(run(&[&server.url("/")]).succeeds().stdout, gzip);
    run(&["--compressed", &server.url("/br")]).fails(61, "the answer is compressed with 'br'");
}

#[test]
fn pretty() {
    let server = Server::start(|_| {
        response(
            "200 OK",
            &[("content-type", "application/json")],
            "{\"a\":[1]}",
        )
    });
    let url = server.url("/");
    assert_eq!(run(&[&url]).succeeds().stdout(), "{\"a\":[1]}");
    assert_eq!(
        run(&["--pretty", "never", &url]).succeeds().stdout(),
        "{\"a\":[1]}"
    );
    let plain = Sigcurl::new()
        .env("NO_COLOR", "1")
        .args(["--pretty", "always", &url])
        .run();
    assert_eq!(plain.succeeds().stdout(), "{\n  \"a\": [\n    1\n  ]\n}\n");
    let coloured = run(&["--pretty=always", &url]);
    assert!(
        coloured
            .succeeds()
            .stdout()
            .contains("\u{1b}[34m\"a\"\u{1b}[0m: ")
    );
}

#[test]
fn completions_and_man_page() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let out = Sigcurl::bare().args(["completions", shell]).run();
        assert!(
            out.succeeds().stdout().contains("retry-connrefused"),
            "{shell}"
        );
    }
    let page = Sigcurl::bare().args(["man"]).run();
    let page = page.succeeds().stdout();
    for part in [".TH sigcurl 1", "retry\\-connrefused", "Exit codes"] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn versions_of_http() {
    let server = Server::start(|_| ok("1.1"));
    let url = server.url("/");
    run(&["--http1.1", &url]).succeeds();
    run(&["--http2", &url]).fails(2, "--http2 needs https");
    run(&["--http1.1", "--http2-prior-knowledge", &url]).fails(2, "--http1.1 and --http2");
    run(&["--http2-prior-knowledge", "-H", "Host: a", &url]).fails(2, "HTTP/2 has no Host header");
}

#[test]
fn families_of_addresses() {
    let server = Server::verifying();
    let port = server.address.port();
    let url = format!("http://localhost:{port}/");
    run(&["-4", &url]).succeeds();
    run(&["-4", "-6", &url]).fails(2, "-4 and -6 leave no address");
    run(&["-6", &server.url("/")]).fails(6, "-6 and the address 127.0.0.1");
    let resolve = format!("h.example:{port}:127.0.0.1");
    let url = format!("http://h.example:{port}/");
    run(&["-6", "--resolve", &resolve, &url]).fails(
        6,
        "cannot resolve host h.example: it has no address of the kind asked for",
    );
}

#[test]
fn from_an_interface() {
    let server = Server::verifying();
    run(&["--interface", "127.0.0.1", &server.url("/")]).succeeds();
    let none = run(&["--interface", "nosuchif0", &server.url("/")]);
    assert_eq!(none.code, 7, "{}", none.stderr);
}

/// Another address, another port, a URL with an address of its own: signed is always the URL's host.
#[test]
fn resolve_and_connect_to() {
    let server = Server::start(|hit| {
        ok(&format!(
            "{} {:?}",
            hit.header("host").unwrap(),
            hit.verify(REGION, SERVICE)
        ))
    });
    let port = server.address.port();
    let to = |from: &str| format!("{from}:127.0.0.1:{port}");
    for (option, entry, url, host) in [
        (
            "--resolve",
            format!("h.example:{port}:127.0.0.1"),
            format!("http://h.example:{port}/"),
            format!("h.example:{port}"),
        ),
        (
            "--resolve",
            format!("*:{port}:[127.0.0.1]").replace("[127.0.0.1]", "127.0.0.1"),
            format!("http://any.example:{port}/"),
            format!("any.example:{port}"),
        ),
        (
            "--connect-to",
            to("h.example:80"),
            "http://h.example/".to_owned(),
            "h.example".to_owned(),
        ),
        (
            "--connect-to",
            to("h.example:8080"),
            "http://h.example:8080/".to_owned(),
            "h.example:8080".to_owned(),
        ),
        (
            "--connect-to",
            to(":"),
            "http://10.255.255.1/".to_owned(),
            "10.255.255.1".to_owned(),
        ),
    ] {
        let out = run(&["--service", SERVICE, option, &entry, &url]);
        assert_eq!(
            out.succeeds().stdout(),
            format!("{host} Ok(())"),
            "{option} {entry}"
        );
    }
    let url = "https://127.0.0.9/";
    run(&["--connect-to", &to(":"), url]).fails(2, "--connect-to cannot be honoured for https://");
    run(&["--connect-to", &to(":"), "-x", "127.0.0.1:1", "http://h/"]).fails(
        2,
        "--resolve and --connect-to cannot be honoured for h: its proxy",
    );
    run(&["--connect-to", "x", url]).fails(2, "--connect-to 'x' has not the form");
}

#[cfg(unix)]
#[test]
fn through_a_unix_socket() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("s");
    let listener = std::os::unix::net::UnixListener::bind(&path).unwrap();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let hit = Hit::read(&mut stream).unwrap();
        let text = format!("{:?} {:?}", hit.header("host"), hit.verify(REGION, SERVICE));
        stream.write_all(&ok(&text)).unwrap();
    });
    let path = path.to_str().unwrap();
    let out = run(&[
        "--service",
        SERVICE,
        "--unix-socket",
        path,
        "http://api.example.com/a",
    ]);
    assert_eq!(out.succeeds().stdout(), "Some(\"api.example.com\") Ok(())");
    run(&["--unix-socket", "/nonexistent", "http://h/"]).fails(7, "cannot connect to h");
    run(&["--unix-socket", path, "-x", "p", "http://h/"]).fails(2, "--unix-socket and -x");
}

/// Answers with each status in turn, then with 200.
fn in_turn(answers: &'static [(&str, &str)]) -> Server {
    let tries = AtomicUsize::new(0);
    Server::start(move |hit| {
        assert!(hit.verify(REGION, SERVICE).is_ok());
        match answers.get(tries.fetch_add(1, Ordering::SeqCst)) {
            Some((status, after)) => response(status, &[("retry-after", after)], "again"),
            None => ok("done"),
        }
    })
}

#[test]
fn retries() {
    let server = in_turn(&[("503 Slow Down", ""), ("429 Too Many Requests", "")]);
    let args = [
        "--retry",
        "2",
        "--retry-delay",
        "1.1",
        "-i",
        "-w",
        "|%{num_retries}",
    ];
    let out = Sigcurl::new()
        .args(args)
        .args([server.url("/").as_str()])
        .run();
    let text = out.succeeds().stdout();
    assert!(
        text.starts_with("HTTP/1.1 200 OK") && text.ends_with("done|2"),
        "{text}"
    );
    let dates: Vec<_> = server
        .hits()
        .iter()
        .map(|hit| hit.header("x-amz-date").unwrap().to_owned())
        .collect();
    assert_eq!(dates.len(), 3);
    assert!(
        dates[0] != dates[1] && dates[1] != dates[2],
        "signed anew: {dates:?}"
    );

    let server = in_turn(&[("503 A", ""), ("503 B", "")]);
    let out = run(&["--retry", "1", "--retry-delay", "0.01", &server.url("/")]);
    assert_eq!(out.succeeds().stdout(), "again");

    let server = in_turn(&[("503 A", "2")]);
    let started = Instant::now();
    run(&["--retry", "1", &server.url("/")]).succeeds();
    assert!(started.elapsed() >= Duration::from_secs(2));

    let server = in_turn(&[("503 A", "60")]);
    let out = run(&["--retry", "1", "--retry-max-time", "5", &server.url("/")]);
    assert_eq!(out.succeeds().stdout(), "again");

    let server = in_turn(&[("404 A", "")]);
    let args = [
        "--retry",
        "3",
        "--retry-delay",
        "0.01",
        "-f",
        "--retry-all-errors",
    ];
    let out = Sigcurl::new()
        .args(args)
        .args([server.url("/").as_str()])
        .run();
    assert_eq!(out.succeeds().stdout(), "done");
    run(&["--retry-all-errors", &server.url("/")]).fails(2, "--retry-all-errors needs --retry N");
}

#[test]
fn retries_of_connections() {
    let closed = "http://127.0.0.1:1/";
    let out = run(&[
        "--retry",
        "2",
        "--retry-delay",
        "0.01",
        "-w",
        "%{num_retries}",
        closed,
    ]);
    assert_eq!((out.code, out.stdout()), (7, "0"));
    let out = run(&[
        "--retry",
        "2",
        "--retry-delay",
        "0.01",
        "--retry-connrefused",
        "-w",
        "%{num_retries}",
        closed,
    ]);
    assert_eq!((out.code, out.stdout()), (7, "2"));
    let silent = Server::with_stream(|stream, record| {
        record(Hit::read(stream).unwrap());
        std::thread::sleep(Duration::from_secs(20));
    });
    run(&[
        "--retry",
        "1",
        "--retry-delay",
        "0.01",
        "-m",
        "0.3",
        &silent.url("/"),
    ])
    .fails(28, "timeout: --max-time");
    assert_eq!(silent.hits().len(), 2, "--max-time is for each try");
}

#[test]
fn redirects_as_curl_has_them() {
    let server = Server::start(|hit| match hit.target.as_str() {
        "/301" => redirect("301 Moved Permanently", "/end"),
        "/302" => redirect("302 Found", "/end"),
        "/303" => redirect("303 See Other", "/end"),
        "/loop" => redirect("302 Found", "/loop"),
        _ => ok(&format!("{} {:?}", hit.method, hit.verify(REGION, SERVICE))),
    });
    for status in ["301", "302", "303"] {
        let url = server.url(&format!("/{status}"));
        let keep = format!("--post{status}");
        assert_eq!(
            run(&["-L", "-d", "x", &url]).succeeds().stdout(),
            "GET Ok(())"
        );
        assert_eq!(
            run(&["-L", &keep, "-d", "x", &url]).succeeds().stdout(),
            "POST Ok(())"
        );
    }
    let url = server.url("/loop");
    run(&["-L", "--max-redirs", "2", &url]).fails(47, "more than 2 redirects");
    run(&["-L", "--max-redirs", "0", &url]).fails(47, "more than 0 redirects");
    run(&["-L", &url]).fails(47, "more than 50 redirects");
}

#[test]
fn limit_rate() {
    let body = "x".repeat(100_000);
    let server = Server::start(move |hit| {
        if hit.method == "PUT" {
            ok("")
        } else {
            ok(&body)
        }
    });
    for args in [vec![], vec!["-X", "PUT", "-d", "@body"]] {
        let started = Instant::now();
        Sigcurl::new()
            .file("body", vec![1; 100_000])
            .args(["--limit-rate", "100k"])
            .args(args)
            .args([server.url("/").as_str()])
            .run()
            .succeeds();
        let took = started.elapsed();
        assert!(took > Duration::from_millis(700), "{took:?}");
    }
}

/// The hash is known, and then the file changes: refused, not sent with a signature that is wrong.
#[test]
fn a_file_that_changes_while_it_is_sent() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("body");
    fs::write(&path, vec![1; 8 << 20]).unwrap();
    let changed = path.clone();
    let server = Server::with_stream(move |stream, _| {
        use std::io::Read;
        let mut some = vec![0; 100_000];
        stream.read_exact(&mut some).unwrap();
        fs::write(&changed, vec![2; 8 << 20]).unwrap();
        let _ = std::io::copy(stream, &mut std::io::sink());
    });
    let data = format!("@{}", path.display());
    run(&["--limit-rate", "2M", "-d", &data, &server.url("/")]).fails(
        26,
        &format!("'{}' changed while it was being sent", path.display()),
    );
}

#[cfg(target_os = "linux")]
#[test]
fn standard_input_is_spooled_to_a_private_file_without_a_name() {
    use std::process::Stdio;
    let temporary = tempfile::tempdir().unwrap();
    let silent = Server::with_stream(|stream, _| {
        use std::io::Read;
        let _ = stream.read_exact(&mut [0; 1000]);
        std::thread::sleep(Duration::from_secs(20));
    });
    let mut run = Sigcurl::new()
        .args(["-d", "@-", &silent.url("/")])
        .env("TMPDIR", temporary.path().to_str().unwrap());
    let mut child = run.command.stdin(Stdio::piped()).spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(&vec![1; 3 << 20]).unwrap();
    drop(stdin);
    std::thread::sleep(Duration::from_millis(500));
    assert_eq!(names(temporary.path()), [""; 0]);
    let open = fs::read_dir(format!("/proc/{}/fd", child.id())).unwrap();
    let spool = open
        .map(|entry| entry.unwrap().path())
        .find(|path| fs::read_link(path).unwrap().starts_with(temporary.path()))
        .unwrap();
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(
        fs::metadata(spool).unwrap().permissions().mode() & 0o777,
        0o600
    );
    child.kill().unwrap();
    child.wait().unwrap();
}

/// Killed at any moment, there is no file under the final name.
#[cfg(unix)]
#[test]
fn a_killed_process_leaves_no_file_under_the_name() {
    let server = Server::with_stream(|stream, _| {
        Hit::read(stream);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
            .unwrap();
        std::thread::sleep(Duration::from_secs(20));
    });
    let mut run = Sigcurl::new().args(["-o", "out", &server.url("/")]);
    let mut child = run.command.spawn().unwrap();
    std::thread::sleep(Duration::from_millis(500));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!run.home.path().join("out").exists());
    // Nor under any other name, where files can go without one.
    #[cfg(target_os = "linux")]
    assert_eq!(names(run.home.path()), [""; 0]);
}

#[cfg(unix)]
#[test]
fn an_interrupted_process_leaves_nothing() {
    let server = Server::with_stream(|stream, _| {
        Hit::read(stream);
        stream
            .write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf")
            .unwrap();
        std::thread::sleep(Duration::from_secs(20));
    });
    for signal in ["INT", "TERM", "HUP"] {
        let mut run = Sigcurl::new().args(["-o", "out", &server.url("/")]);
        let mut child = run.command.spawn().unwrap();
        std::thread::sleep(Duration::from_millis(500));
        assert!(!run.home.path().join("out").exists());
        let id = child.id().to_string();
        let kill = std::process::Command::new("kill")
            .args(["-s", signal, &id])
            .status();
        assert!(kill.unwrap().success());
        assert_eq!(child.wait().unwrap().code(), Some(130), "{signal}");
        assert_eq!(names(run.home.path()), [""; 0], "{signal}");
    }
}

#[test]
fn a_full_disk() {
    // A small tmpfs where that is allowed, else /dev/full.
    let folder = tempfile::tempdir().unwrap();
    let mounted = std::process::Command::new("mount")
        .args(["-t", "tmpfs", "-o", "size=64k", "none"])
        .arg(folder.path())
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let big = "x".repeat(1 << 20);
    let server = Server::start(move |_| ok(&big));
    let path = if mounted {
        folder.path().join("out").display().to_string()
    } else {
        "/dev/full".to_owned()
    };
    let out = run(&["-o", &path, &server.url("/")]);
    let left = names(folder.path());
    if mounted {
        let _ = std::process::Command::new("umount")
            .arg(folder.path())
            .status();
    }
    out.fails(
        23,
        &format!("cannot write '{path}': No space left on device"),
    );
    assert_eq!(left, [""; 0], "not even a part");
}

/// What a terminal shows, by util-linux's `script`; `None` where there is none.
#[cfg(target_os = "linux")]
fn on_a_terminal(args: &[&str], variables: &[(&str, &str)]) -> Option<String> {
    let run = Sigcurl::new();
    let mut line = env!("CARGO_BIN_EXE_sigcurl").to_owned();
    for arg in args {
        line.push_str(&format!(" '{arg}'"));
    }
    let keys = run.command.get_envs();
    let keys: Vec<_> = keys
        .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
        .collect();
    let output = std::process::Command::new("/usr/bin/script")
        .args(["-q", "-e", "-c", &line, "/dev/null"])
        .env_clear()
        .envs(keys)
        .envs(variables.iter().copied())
        .env("TERM", "xterm")
        .current_dir(run.home.path())
        .stdin(std::process::Stdio::null())
        .output()
        .ok()?;
    assert!(output.status.success(), "{output:?}");
    Some(String::from_utf8(output.stdout).unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn a_terminal_gets_colour_and_a_progress_bar() {
    let server = Server::with_stream(|stream, _| {
        let hit = Hit::read(stream).unwrap();
        let body = "{\"a\":1}".to_owned() + &" ".repeat(9993);
        let (head, tail) = body.split_at(5000);
        let json = "content-type: application/json";
        let start = format!("HTTP/1.1 200 OK\r\n{json}\r\ncontent-length: 10000\r\n\r\n{head}");
        stream.write_all(start.as_bytes()).unwrap();
        if hit.target == "/slow" {
            std::thread::sleep(Duration::from_millis(1300));
        }
        stream.write_all(tail.as_bytes()).unwrap();
    });
    let (fast, slow) = (server.url("/"), server.url("/slow"));
    let Some(shown) = on_a_terminal(&[&fast], &[]) else {
        return;
    };
    assert!(shown.contains("\u{1b}[34m\"a\"\u{1b}[0m: "), "{shown:?}");
    let plain = on_a_terminal(&[&fast], &[("NO_COLOR", "1")]).unwrap();
    assert_eq!(plain, "{\r\n  \"a\": 1\r\n}\r\n");

    let bar = |args: &[&str]| on_a_terminal(args, &[]).unwrap();
    assert!(bar(&["-o", "f", &slow]).contains("KiB"), "after a second");
    assert!(bar(&["-#", "-o", "f", &fast]).contains("KiB"), "at once");
    for args in [
        &["-o", "f", &fast][..],
        &["-s", "-o", "f", &slow],
        &["--no-progress-meter", "-o", "f", &slow],
    ] {
        assert_eq!(bar(args), "", "{args:?}");
    }
}
