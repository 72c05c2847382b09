//! Whom to trust, and who we are.

use std::fs;
use std::path::Path;

use reqwest::{Certificate, ClientBuilder, Identity};

use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan::transfer::Network;

/// `--cacert` or `AWS_CA_BUNDLE` and nothing else; else what `SSL_CERT_FILE` and `SSL_CERT_DIR` say; else the system's
/// bundle; else whatever the system has.
pub(super) fn trust(
    builder: ClientBuilder,
    https: bool,
    insecure: bool,
    network: &Network,
) -> Result<ClientBuilder, Failure> {
    let through_tls = |proxy: &crate::proxy::Proxy| proxy.url.starts_with("https:");
    if !https && !network.proxies.any(through_tls) {
        return Ok(builder.tls_certs_only([]));
    }
    let builder = match &network.trusted {
        _ if insecure => builder.tls_certs_only([]),
        Some(file) => builder.tls_certs_only(certificates(file)?),
        None => match system_bundle() {
            Some(certificates) => builder.tls_certs_only(certificates),
            None => builder,
        },
    };
    match &network.certificate {
        Some(file) => Ok(builder.identity(identity(file, network.key.as_deref())?)),
        None => Ok(builder),
    }
}

fn certificates(file: &Path) -> Result<Vec<Certificate>, Failure> {
    let what = |why: &str| {
        format!(
            "{why} '{}' (from --cacert or AWS_CA_BUNDLE)",
            file.display()
        )
    };
    let pem = fs::read(file)
        .map_err(|error| Failure::because(Exit::TrustStore, what("cannot read"), error))?;
    match Certificate::from_pem_bundle(&pem) {
        Ok(certificates) if !certificates.is_empty() => Ok(certificates),
        Ok(_) => Err(Failure::new(
            Exit::TrustStore,
            what("no PEM certificate in"),
        )),
        Err(error) => Err(Failure::because(
            Exit::TrustStore,
            what("cannot use"),
            error,
        )),
    }
}

/// One file that has them all, as most systems keep it. The folder beside it, which the client would read as well, has
/// the same certificates in 300 files.
fn system_bundle() -> Option<Vec<Certificate>> {
    if ["SSL_CERT_FILE", "SSL_CERT_DIR"]
        .iter()
        .any(|name| std::env::var_os(name).is_some())
    {
        return None;
    }
    let pem = BUNDLES.iter().find_map(|path| fs::read(path).ok())?;
    Certificate::from_pem_bundle(&pem)
        .ok()
        .filter(|certificates| !certificates.is_empty())
}

fn identity(certificate: &Path, key: Option<&Path>) -> Result<Identity, Failure> {
    let read = |file: &Path| {
        fs::read(file).map_err(|error| {
            let what = format!("cannot read '{}' (from --cert or --key)", file.display());
            Failure::because(Exit::OwnCertificate, what, error)
        })
    };
    let mut pem = read(certificate)?;
    if let Some(key) = key {
        pem.push(b'\n');
        pem.extend(read(key)?);
    }
    if pem.windows(9).any(|text| text == b"ENCRYPTED") {
        return Err(Failure::new(
            Exit::OwnCertificate,
            "the key of --cert is encrypted, which the TLS library cannot undo: openssl pkey -in KEY -out PLAIN",
        ));
    }
    Identity::from_pem(&pem).map_err(|error| {
        let what = format!(
            "no certificate with its key, in PEM, in '{}'",
            certificate.display()
        );
        Failure::because(Exit::OwnCertificate, what, error)
    })
}

/// Debian, Fedora, openSUSE, Alpine.
#[cfg(target_os = "linux")]
const BUNDLES: [&str; 4] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
/// Elsewhere, the system is asked.
#[cfg(not(target_os = "linux"))]
const BUNDLES: [&str; 0] = [];
