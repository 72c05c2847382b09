//! `--upstream`: passes verified requests on, without their signature, as they come.

use std::io;

use bytes::Bytes;
use http::header::{CONNECTION, HOST, HeaderMap, HeaderName, HeaderValue};
use http::request::Parts;
use http::uri::{PathAndQuery, Uri};
use http::{Request, Response, Version};
use http_body_util::BodyExt;
use http_body_util::combinators::UnsyncBoxBody;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use sigv4::tower::BodyError;

use super::answer::{self, Body, Received};
use super::context;
use super::handler::{App, Caller};
use crate::failure::Failure;

/// What a body that is passed on fails with.
type Sent = UnsyncBoxBody<Bytes, BodyError<io::Error>>;

#[derive(Debug)]
pub(super) struct Upstream {
    base: Uri,
    client: Client<HttpConnector, Sent>,
}

impl Upstream {
    pub(super) fn new(url: &str) -> Result<Self, Failure> {
        let wrong = |why: &str| Failure::usage(format!("--upstream {url}: {why}"));
        let base: Uri = url.parse().map_err(|_| wrong("not a URL"))?;
        if base.scheme_str() != Some("http") {
            return Err(wrong("only http is spoken to what is behind"));
        }
        if base
            .authority()
            .is_none_or(|host| host.as_str().contains('@'))
            || base.query().is_some()
        {
            return Err(wrong("write http://HOST:PORT or http://HOST:PORT/PATH"));
        }
        Ok(Self {
            base,
            client: Client::builder(TokioExecutor::new()).build_http(),
        })
    }

    pub(super) async fn answer(
        &self,
        app: &App,
        parts: &Parts,
        caller: Caller<'_>,
        body: Received,
    ) -> Response<Body> {
        let Some(request) = self.request(parts, caller, body.boxed_unsync()) else {
            return answer::json(400, "{\"message\":\"Bad Request\"}");
        };
        match self.client.request(request).await {
            Ok(answered) => {
                let (mut parts, body) = answered.into_parts();
                without_hop_by_hop(&mut parts.headers);
                parts.version = Version::default();
                Response::from_parts(parts, body.map_err(Into::into).boxed_unsync())
            }
            Err(error) => {
                if let Some(refused) = refused(&error) {
                    return answer::refuse(app.profile, parts, &refused);
                }
                if let Some(context) = context::current() {
                    context.change(|found| {
                        found.note = Some(format!("upstream: {}", innermost(&error)));
                    });
                }
                answer::json(502, "{\"message\":\"Bad Gateway\"}")
            }
        }
    }

    fn request(&self, parts: &Parts, caller: Caller<'_>, body: Sent) -> Option<Request<Sent>> {
        let mut request = Request::new(body);
        *request.method_mut() = parts.method.clone();
        *request.uri_mut() = self.target(&parts.uri)?;
        let mut headers = parts.headers.clone();
        // Over HTTP/2, the host is not among them.
        if !headers.contains_key(HOST)
            && let Some(host) = parts.uri.authority()
        {
            headers.insert(HOST, HeaderValue::from_str(host.as_str()).ok()?);
        }
        without_hop_by_hop(&mut headers);
        let given: Vec<_> = headers
            .keys()
            .filter(|name| is_ours(name))
            .cloned()
            .collect();
        for name in given {
            headers.remove(name);
        }
        headers.insert(
            HeaderName::from_static("x-sigv4-access-key-id"),
            HeaderValue::from_str(caller.who.access_key_id()).ok()?,
        );
        headers.insert(
            HeaderName::from_static("x-sigv4-principal"),
            HeaderValue::from_str(caller.principal).ok()?,
        );
        if let Some(context) = context::current() {
            let peer = HeaderValue::from_str(&context.peer.ip().to_string()).ok()?;
            headers.insert(HeaderName::from_static("x-forwarded-for"), peer);
            headers.insert(
                HeaderName::from_static("x-forwarded-proto"),
                HeaderValue::from_static(if context.tls { "https" } else { "http" }),
            );
        }
        *request.headers_mut() = headers;
        Some(request)
    }

    fn target(&self, uri: &Uri) -> Option<Uri> {
        let mut target = self.base.path().trim_end_matches('/').to_owned();
        target.push_str(uri.path());
        if let Some(query) = uri.query() {
            let query = without_signature(query);
            if !query.is_empty() {
                target.push('?');
                target.push_str(&query);
            }
        }
        let mut parts = self.base.clone().into_parts();
        parts.path_and_query = Some(PathAndQuery::from_maybe_shared(Bytes::from(target)).ok()?);
        Uri::from_parts(parts).ok()
    }
}

/// The query without the parameters that sign it.
pub(super) fn without_signature(query: &str) -> String {
    let kept: Vec<_> = query
        .split('&')
        .filter(|pair| {
            let name = pair.split('=').next().unwrap_or_default();
            let name = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
            !SIGNING_PARAMETERS.contains(&&*name)
        })
        .collect();
    kept.join("&")
}

/// Whether a header signs the request, or is one that only we may set. Servers that fold `_` and `-` are meant, too.
fn is_ours(name: &HeaderName) -> bool {
    let name = name.as_str().replace('_', "-");
    SIGNING_HEADERS.contains(&name.as_str())
        || name.starts_with("x-sigv4-")
        || name.starts_with("x-forwarded-")
        || name == "forwarded"
}

/// Whether a header is part of the signature.
pub(super) fn signs(name: &HeaderName) -> bool {
    SIGNING_HEADERS.contains(&name.as_str())
}

fn without_hop_by_hop(headers: &mut HeaderMap) {
    let named: Vec<_> = headers
        .get_all(CONNECTION)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok())
        .collect();
    let always = HOP_BY_HOP.iter().copied().map(HeaderName::from_static);
    for name in always.chain(named) {
        headers.remove(name);
    }
}

/// The body was not the one that was signed, so that it was not passed on whole.
fn refused(error: &(dyn std::error::Error + 'static)) -> Option<sigv4::VerifyError> {
    crate::failure::chain(error).find_map(|cause| {
        match cause.downcast_ref::<BodyError<io::Error>>() {
            Some(BodyError::Refused(error)) => Some(*error),
            _ => None,
        }
    })
}

fn innermost(error: &(dyn std::error::Error + 'static)) -> String {
    let last = crate::failure::chain(error).last();
    last.map(ToString::to_string).unwrap_or_default()
}

const SIGNING_HEADERS: [&str; 5] = [
    "authorization",
    "x-amz-content-sha256",
    "x-amz-date",
    "x-amz-s3session-token",
    "x-amz-security-token",
];
const SIGNING_PARAMETERS: [&str; 8] = [
    "X-Amz-Algorithm",
    "X-Amz-Content-Sha256",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
    "X-Amz-SignedHeaders",
];
const HOP_BY_HOP: [&str; 9] = [
    "connection",
    "expect",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
];
