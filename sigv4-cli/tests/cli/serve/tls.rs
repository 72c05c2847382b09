//! TLS and HTTP/2.

use super::super::support::process::Sigcurl;
use super::super::support::{KEY_ID, SECRET};
use super::{Serving, json};

#[test]
fn a_certificate_is_made_up_and_trusted_by_its_ca_alone() {
    let serving = Serving::start(&["--tls"]);
    let port = serving.url.rsplit(':').next().unwrap().to_owned();
    let ca = ca_of(&serving);
    for host in ["localhost", "127.0.0.1"] {
        for version in ["--http1.1", "--http2"] {
            let url = format!("https://{host}:{port}/x");
            let run = Sigcurl::new()
                .args(["--service", "execute-api", "--cacert", &ca, version, &url])
                .run();
            assert_eq!(
                json(run.succeeds().stdout())["signed"]["access_key_id"],
                KEY_ID
            );
        }
    }
    let run = serving.call(&["/"]);
    assert_eq!(run.code, 60, "{}", run.stderr);
    assert!(!serving.stop().contains(SECRET));
    assert!(
        !std::path::Path::new(&ca).exists(),
        "the CA's file is gone with the server"
    );
}

/// The only new file of its kind that this process has.
fn ca_of(serving: &Serving) -> String {
    let id = serving.child.id();
    let mut found: Vec<_> = std::fs::read_dir(format!("/proc/{id}/fd"))
        .unwrap()
        .filter_map(|entry| std::fs::read_link(entry.unwrap().path()).ok())
        .map(|path| path.display().to_string())
        .filter(|path| path.contains("sigcurl-ca-"))
        .collect();
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0)
}

#[test]
fn a_certificate_of_ones_own() {
    let rcgen::CertifiedKey { cert, signing_key } =
        rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let run = Sigcurl::new()
        .file("cert.pem", cert.pem())
        .file("key.pem", signing_key.serialize_pem());
    let ca = run.home.path().join("cert.pem").display().to_string();
    let serving = Serving::of(run, &["--tls-cert", "cert.pem", "--tls-key", "key.pem"]);
    let port = serving.url.rsplit(':').next().unwrap();
    let url = format!("https://localhost:{port}/");
    Sigcurl::new()
        .args(["--service", "execute-api", "--cacert", &ca, &url])
        .run()
        .succeeds();
    Sigcurl::new()
        .file("cert.pem", cert.pem())
        .args(["serve", "--tls-cert", "cert.pem", "--tls-key", "cert.pem"])
        .run()
        .fails(58, "--tls-key cert.pem: ");
}
