//! TLS and HTTP/2.

use std::io::Write;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper_util::rt::{TokioExecutor, TokioIo};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::{ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};

use super::support::process::Sigcurl;
use super::support::server::{Hit, Server, ok};
use super::support::{REGION, SERVICE};

/// A server with a certificate that nobody has signed but itself.
pub(super) struct TlsServer {
    pub(super) server: Server,
    pub(super) certificate: String,
}

pub(super) fn config(versions: &[&'static SupportedProtocolVersion]) -> (ServerConfig, String) {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(versions)
        .unwrap();
    let config = builder
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    (config, cert.pem())
}

impl TlsServer {
    /// Answers each request with the verdict on it.
    pub(super) fn start(versions: &[&'static SupportedProtocolVersion]) -> Self {
        Self::answering(versions, |hit| format!("{:?}", hit.verify(REGION, SERVICE)))
    }

    fn answering(
        versions: &[&'static SupportedProtocolVersion],
        answer: impl Fn(&Hit) -> String + Send + Sync + 'static,
    ) -> Self {
        let (config, certificate) = config(versions);
        let config = Arc::new(config);
        let server = Server::with_stream(move |stream, record| {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut tls = StreamOwned::new(connection, stream);
            while let Some(hit) = Hit::read(&mut tls) {
                let body = answer(&hit);
                record(hit);
                tls.write_all(&ok(&body)).unwrap();
                tls.flush().unwrap();
            }
        });
        Self {
            server,
            certificate,
        }
    }

    pub(super) fn url(&self) -> String {
        format!("https://localhost:{}/", self.server.address.port())
    }
}

#[test]
fn bad_certificate() {
    let tls = TlsServer::start(rustls::ALL_VERSIONS);
    let run = Sigcurl::new().args([tls.url().as_str()]).run();
    run.fails(
        60,
        &format!(
            "the certificate of localhost:{} is not trusted (-k accepts any)",
            tls.server.address.port()
        ),
    );
    assert!(
        tls.server.hits().is_empty(),
        "not a byte of the request was sent"
    );
}

#[test]
fn certificate_for_another_name() {
    let tls = TlsServer::start(rustls::ALL_VERSIONS);
    let run = Sigcurl::new()
        .file("ca.pem", &tls.certificate)
        .env("SSL_CERT_FILE", "ca.pem");
    run.args([tls.url().replace("localhost", "127.0.0.1").as_str()])
        .run()
        .fails(60, "the certificate of 127.0.0.1");
}

#[test]
fn trusted_and_insecure() {
    let tls = TlsServer::start(rustls::ALL_VERSIONS);
    let trusting = Sigcurl::new()
        .file("ca.pem", &tls.certificate)
        .env("SSL_CERT_FILE", "ca.pem");
    assert_eq!(
        trusting
            .args([tls.url().as_str()])
            .run()
            .succeeds()
            .stdout(),
        "Ok(())"
    );
    assert_eq!(
        Sigcurl::new()
            .args(["-k", &tls.url()])
            .run()
            .succeeds()
            .stdout(),
        "Ok(())"
    );
}

#[test]
fn versions() {
    let new = TlsServer::start(&[&rustls::version::TLS13]);
    let old = TlsServer::start(&[&rustls::version::TLS12]);
    let run = |options: &[&str], url: &str| {
        Sigcurl::new()
            .args(options.iter().copied())
            .args(["-k", url])
            .run()
    };
    run(&["--tls-max", "1.2"], &new.url()).fails(35, "no TLS connection to localhost");
    run(&["--tls-min", "1.3"], &old.url()).fails(35, "no TLS connection to localhost");
    run(&["--tls-min", "1.0", "--tls-max", "1.3"], &old.url()).succeeds();
    run(&["--tls-min", "1.3"], &new.url()).succeeds();
    run(&["--tlsv1.3"], &old.url()).fails(35, "no TLS connection to localhost");
    for curls in ["--tlsv1.2", "--tlsv1", "-1", "--tlsv1.0", "--tlsv1.1"] {
        run(&[curls], &old.url()).succeeds();
        run(&[curls, "--ca-native"], &new.url()).succeeds();
    }
    run(&["--tlsv1.3", "--tls-max", "1.2"], &new.url()).fails(2, "--tls-min is higher");
}

#[test]
fn nothing_to_trust() {
    let none = || {
        Sigcurl::new()
            .env("SSL_CERT_FILE", "/nonexistent")
            .env("SSL_CERT_DIR", "/nonexistent")
    };
    none().args(["https://127.0.0.1:1/"]).run().fails(
        77,
        "cannot set up TLS (SSL_CERT_FILE names certificates to trust",
    );
    none()
        .args(["-k", "https://127.0.0.1:1/"])
        .run()
        .fails(7, "cannot connect");
    none()
        .args(["http://127.0.0.1:1/"])
        .run()
        .fails(7, "cannot connect");
}

/// The other HTTP client, the one for keys, trusts the same certificates.
#[test]
fn keys_from_sts_over_tls() {
    let sts = TlsServer::answering(rustls::ALL_VERSIONS, |_| super::keys::web_identity_answer());
    let with_role = |certificate: &str| {
        let run = Sigcurl::bare()
            .file("ca.pem", certificate)
            .file("token", "JWT")
            .env("SSL_CERT_FILE", "ca.pem");
        let run = run
            .env("AWS_WEB_IDENTITY_TOKEN_FILE", "token")
            .env("AWS_ROLE_ARN", "arn:aws:iam::1:role/r");
        run.env("AWS_ENDPOINT_URL_STS", &sts.url())
            .args(["--dry-run", "--region", REGION, "http://h/"])
            .run()
    };
    assert!(
        with_role(&sts.certificate)
            .succeeds()
            .stdout()
            .contains("x-amz-security-token: T\r\n")
    );
    let other = TlsServer::start(rustls::ALL_VERSIONS);
    with_role(&other.certificate).fails(2, "cannot get credentials from the default chain");
}

#[test]
fn a_server_that_speaks_no_tls() {
    let plain = Server::with_stream(|stream, _| {
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .unwrap();
    });
    Sigcurl::new()
        .args([plain.url("/").replace("http", "https").as_str()])
        .run()
        .fails(35, "no TLS connection to 127.0.0.1");
    let hangs_up = Server::with_stream(|_, _| {});
    Sigcurl::new()
        .args([hangs_up.url("/").replace("http", "https").as_str()])
        .run()
        .fails(35, "no TLS connection to 127.0.0.1");
}

/// An HTTP/2 server that answers with the version, `:authority`, Host header and verdict of each request.
fn http2_server() -> u16 {
    let (mut config, _) = config(rustls::ALL_VERSIONS);
    config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    listener.set_nonblocking(true).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async move {
            let listener = tokio::net::TcpListener::from_std(listener).unwrap();
            let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let stream = acceptor.accept(stream).await.unwrap();
                let is_http2 = stream.get_ref().1.alpn_protocol() == Some(b"h2");
                let service = hyper::service::service_fn(echo);
                tokio::spawn(async move {
                    let io = TokioIo::new(stream);
                    if is_http2 {
                        hyper::server::conn::http2::Builder::new(TokioExecutor::new())
                            .serve_connection(io, service)
                            .await
                    } else {
                        hyper::server::conn::http1::Builder::new()
                            .serve_connection(io, service)
                            .await
                    }
                });
            }
        });
    });
    port
}

async fn echo(
    request: http::Request<hyper::body::Incoming>,
) -> Result<http::Response<Full<Bytes>>, std::convert::Infallible> {
    let (parts, body) = request.into_parts();
    let body = body.collect().await.unwrap().to_bytes().to_vec();
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.as_str().to_owned(), value.as_bytes().to_vec())
    };
    let hit = Hit {
        raw: vec![],
        method: parts.method.to_string(),
        target: parts.uri.path_and_query().unwrap().to_string(),
        headers: parts.headers.iter().map(header).collect(),
        body,
    };
    let verdict = hit.verify(REGION, SERVICE);
    let text = format!(
        "{:?} {:?} {:?} {verdict:?}",
        parts.version,
        parts.uri.host(),
        hit.header("host")
    );
    Ok(http::Response::new(Full::new(text.into())))
}

#[test]
fn http2_carries_the_same_signature() {
    let port = http2_server();
    let url = format!("https://localhost:{port}/a%20b?c=d");
    let run = Sigcurl::new().args(["-k", "-i", "-d", "body", &url]).run();
    let text = run.succeeds().stdout();
    assert!(text.starts_with("HTTP/2 200 \r\n"), "{text}");
    assert!(
        text.ends_with(&format!(
            "HTTP/2.0 Some(\"localhost\") Some(\"localhost:{port}\") Ok(())"
        )),
        "{text}"
    );
}

#[test]
fn a_host_of_its_own_goes_over_http1() {
    // HTTP/2's `:authority` would say something else than the signed Host.
    let url = format!("https://localhost:{}/", http2_server());
    let run = Sigcurl::new()
        .args(["-k", "-H", "Host: api.example.com", &url])
        .run();
    assert_eq!(
        run.succeeds().stdout(),
        "HTTP/1.1 None Some(\"api.example.com\") Ok(())"
    );
}

#[test]
fn a_client_certificate() {
    use rustls::server::WebPkiClientVerifier;
    let ours = rcgen::generate_simple_self_signed(["client".to_owned()]).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut roots = rustls::RootCertStore::empty();
    roots.add(ours.cert.der().clone()).unwrap();
    let verifier =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()
            .unwrap();
    let theirs = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(theirs.signing_key.serialize_der()));
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(vec![theirs.cert.der().clone()], key)
        .unwrap();
    let config = Arc::new(config);
    let server = Server::with_stream(move |stream, _| {
        let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
        let mut tls = StreamOwned::new(connection, stream);
        if Hit::read(&mut tls).is_some() {
            tls.write_all(&ok("known")).unwrap();
            tls.flush().unwrap();
        }
    });
    let url = format!("https://localhost:{}/", server.address.port());
    let (cert, key) = (ours.cert.pem(), ours.signing_key.serialize_pem());
    let run = |options: &[&str]| {
        let run = Sigcurl::new()
            .file("cert", &cert)
            .file("key", &key)
            .file("both", format!("{cert}{key}"))
            .file("locked", "-----BEGIN ENCRYPTED PRIVATE KEY-----\n");
        run.args(["-k"])
            .args(options.iter().copied())
            .args([url.as_str()])
            .run()
    };
    assert_eq!(
        run(&["--cert", "cert", "--key", "key"]).succeeds().stdout(),
        "known"
    );
    assert_eq!(run(&["-E", "both"]).succeeds().stdout(), "known");
    assert_ne!(run(&[]).code, 0);
    run(&["--key", "key"]).fails(2, "--key needs --cert");
    run(&["--cert", "missing"]).fails(58, "cannot read 'missing' (from --cert or --key)");
    run(&["--cert", "cert"]).fails(58, "no certificate with its key, in PEM, in 'cert'");
    run(&["--cert", "cert", "--key", "locked"]).fails(58, "the key of --cert is encrypted");
}

#[test]
fn http2_is_chosen_or_not() {
    let url = format!("https://localhost:{}/", http2_server());
    for (option, version) in [
        ("--http2", "HTTP/2.0"),
        ("--http2-prior-knowledge", "HTTP/2.0"),
        ("--http1.1", "HTTP/1.1"),
    ] {
        let run = Sigcurl::new().args(["-k", option, &url]).run();
        let text = run.succeeds().stdout();
        assert!(
            text.starts_with(version) && text.ends_with("Ok(())"),
            "{option} {text}"
        );
    }
}
