//! The HTTP client of STS, SSO and the metadata services, of which only what is needed is built, when it is.

use std::sync::OnceLock;

use aws_smithy_http_client::proxy::ProxyConfig;
use aws_smithy_http_client::tls::rustls_provider::CryptoMode;
use aws_smithy_http_client::tls::{Provider, TlsContext, TrustStore};
use aws_smithy_http_client::{Connector, ConnectorBuilder};
use aws_smithy_runtime_api::client::http::{
    HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
};
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use aws_smithy_runtime_api::client::runtime_components::RuntimeComponents;

/// Builds nothing until something is sent.
///
/// `aws-smithy-http-client`'s own client reads every root certificate as soon as anything is set up that could use it,
/// which is many times the work of finding keys in a file.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct LazyHttpClient;

impl HttpClient for LazyHttpClient {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let mut builder = Connector::builder().connector_settings(settings.clone());
        builder.set_sleep_impl(components.sleep_impl());
        SharedHttpConnector::new(LazyConnector {
            builder,
            plain: OnceLock::new(),
            tls: OnceLock::new(),
        })
    }
}

#[derive(Debug)]
struct LazyConnector {
    builder: ConnectorBuilder,
    /// For metadata services: on this machine or beside it, without TLS, and behind no proxy.
    plain: OnceLock<Connector>,
    tls: OnceLock<Connector>,
}

impl HttpConnector for LazyConnector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        if request.uri().starts_with("https:") {
            self.tls
                .get_or_init(|| self.build(trusted(), ProxyConfig::from_env()))
                .call(request)
        } else {
            self.plain
                .get_or_init(|| self.build(TrustStore::empty(), ProxyConfig::disabled()))
                .call(request)
        }
    }
}

impl LazyConnector {
    fn build(&self, trust: TrustStore, proxy: ProxyConfig) -> Connector {
        let builder = self
            .builder
            .clone()
            .proxy_config(proxy)
            .tls_provider(Provider::Rustls(CryptoMode::Ring));
        match TlsContext::builder().with_trust_store(trust).build() {
            Ok(context) => builder.tls_context(context).build(),
            // There is no certificate of ours in it that could be wrong; the system's are the default.
            Err(_) => builder.build(),
        }
    }
}

/// What `AWS_CA_BUNDLE` names and nothing else, if it is set; else the system's certificates.
///
/// Keys deserve no less than the request that they sign. A file that cannot be read is trusted for nothing.
fn trusted() -> TrustStore {
    match std::env::var_os("AWS_CA_BUNDLE").filter(|file| !file.is_empty()) {
        Some(file) => {
            TrustStore::empty().with_pem_certificate(std::fs::read(file).unwrap_or_default())
        }
        None => TrustStore::default(),
    }
}
