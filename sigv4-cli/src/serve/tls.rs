//! TLS: a certificate from files, or one that is made up with a CA of its own.

use std::io::Write;
use std::net::IpAddr;
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, KeyUsagePurpose};
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tempfile::NamedTempFile;
use tokio_rustls::TlsAcceptor;

use crate::args::ServeArgs;
use crate::exit::Exit;
use crate::failure::Failure;

/// TLS as asked for; the file with the CA's certificate lives as long as this.
pub(super) struct Tls {
    pub(super) acceptor: TlsAcceptor,
    pub(super) authority: Option<NamedTempFile>,
}

impl Tls {
    pub(super) fn new(args: &ServeArgs) -> Result<Option<Self>, Failure> {
        let (chain, key, authority) = match (&args.tls_cert, &args.tls_key) {
            (Some(chain), Some(key)) => (read_chain(chain)?, read_key(key)?, None),
            _ if args.tls => {
                let (chain, key, authority) = made_up(args.host)?;
                (chain, key, Some(authority))
            }
            _ => return Ok(None),
        };
        let wrong = |error| Failure::because(Exit::OwnCertificate, "TLS", error);
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(wrong)?
            .with_no_client_auth()
            .with_single_cert(chain, key)
            .map_err(|error| {
                Failure::because(
                    Exit::OwnCertificate,
                    "certificate and key cannot be used",
                    error,
                )
            })?;
        config.alpn_protocols = vec![b"h2".to_vec(), b"http/1.1".to_vec()];
        Ok(Some(Self {
            acceptor: TlsAcceptor::from(Arc::new(config)),
            authority,
        }))
    }
}

fn read_chain(file: &Path) -> Result<Vec<CertificateDer<'static>>, Failure> {
    let wrong = |why: String| {
        Failure::new(
            Exit::OwnCertificate,
            format!("--tls-cert {}: {why}", file.display()),
        )
    };
    let chain = CertificateDer::pem_file_iter(file).map_err(|error| wrong(error.to_string()))?;
    let chain = chain
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(error.to_string()))?;
    if chain.is_empty() {
        return Err(wrong("no certificate in PEM".to_owned()));
    }
    Ok(chain)
}

fn read_key(file: &Path) -> Result<PrivateKeyDer<'static>, Failure> {
    PrivateKeyDer::from_pem_file(file).map_err(|error| {
        Failure::new(
            Exit::OwnCertificate,
            format!("--tls-key {}: {error}", file.display()),
        )
    })
}

type MadeUp = (
    Vec<CertificateDer<'static>>,
    PrivateKeyDer<'static>,
    NamedTempFile,
);

/// For this machine's names for itself, and the address that is listened on. The CA's key is gone at once.
fn made_up(host: IpAddr) -> Result<MadeUp, Failure> {
    let cannot = |error: rcgen::Error| {
        Failure::because(Exit::OwnCertificate, "cannot make a certificate", error)
    };
    let mut authority = CertificateParams::new(Vec::new()).map_err(cannot)?;
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    authority.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    authority
        .distinguished_name
        .push(DnType::CommonName, "sigcurl serve, for tests");
    let authority_key = KeyPair::generate().map_err(cannot)?;
    let authority_certificate = authority.self_signed(&authority_key).map_err(cannot)?;
    let issuer = Issuer::new(authority, authority_key);

    let mut names = vec![
        "localhost".to_owned(),
        "127.0.0.1".to_owned(),
        "::1".to_owned(),
    ];
    if !host.is_unspecified() && !names.contains(&host.to_string()) {
        names.push(host.to_string());
    }
    let mut params = CertificateParams::new(names).map_err(cannot)?;
    params
        .distinguished_name
        .push(DnType::CommonName, "localhost");
    params.use_authority_key_identifier_extension = true;
    params.extended_key_usages = vec![rcgen::ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate().map_err(cannot)?;
    let certificate = params.signed_by(&key, &issuer).map_err(cannot)?;

    let unwritten =
        |error| Failure::because(Exit::Write, "cannot write the CA's certificate", error);
    let mut file = tempfile::Builder::new()
        .prefix("sigcurl-ca-")
        .suffix(".pem")
        .tempfile()
        .map_err(unwritten)?;
    file.write_all(authority_certificate.pem().as_bytes())
        .and_then(|()| file.flush())
        .map_err(unwritten)?;
    let key = PrivateKeyDer::try_from(key.serialize_der())
        .map_err(|why| Failure::new(Exit::OwnCertificate, why))?;
    Ok((vec![certificate.der().clone()], key, file))
}
