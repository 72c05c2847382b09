//! One request on its way: the first, or one that a redirect leads to.

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, HeaderValue, TRANSFER_ENCODING};
use http::{Method, Request, Uri};
use sigv4::PayloadHash;
use url::Url;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::payload::Body;
use crate::plan::RequestPlan;

/// A request without its signature.
#[derive(Debug, Clone)]
pub struct Hop {
    /// The method.
    pub method: Method,
    /// Where it goes, in wire form.
    pub url: Url,
    /// All headers but those that signing makes.
    pub headers: HeaderMap,
    /// The body.
    pub body: Body,
    /// What the signature says about the body, if not its hash.
    pub payload: Option<PayloadHash>,
    /// Whether to sign it.
    pub signed: bool,
    /// Whether it was never to be signed, and what headers it has are for this host all the same.
    pub plain: bool,
}

impl Hop {
    /// The request that was planned, with its body.
    ///
    /// # Errors
    ///
    /// For a Content-Length that is not the body's.
    pub fn first(plan: &RequestPlan, body: Body) -> Result<Self, Failure> {
        let mut headers = plan.headers.clone();
        if plan.default_content_type {
            headers.insert(
                CONTENT_TYPE,
                HeaderValue::from_static(content_type_of(&body)),
            );
        }
        match headers.get(CONTENT_LENGTH) {
            Some(given) if given.as_bytes() != body.len().to_string().as_bytes() => {
                return Err(Failure::usage(format!(
                    "-H 'Content-Length: …' is not the body's length of {}",
                    body.len()
                )));
            }
            None if says_length(&plan.method, &body)
                && !headers.contains_key(TRANSFER_ENCODING) =>
            {
                headers.insert(CONTENT_LENGTH, body.len().into());
            }
            _ => {}
        }
        Ok(Self {
            method: plan.method.clone(),
            url: plan.url.clone(),
            headers,
            body,
            payload: plan.payload,
            signed: !plan.controls.plain,
            plain: plan.controls.plain,
        })
    }

    /// The request in the form that is signed and sent.
    ///
    /// # Errors
    ///
    /// [`Exit::Url`] for a URL that the HTTP client does not take.
    pub fn to_request(&self) -> Result<Request<Body>, Failure> {
        let uri: Uri = self.url.as_str().parse().map_err(|error| {
            Failure::because(
                Exit::Url,
                format!("malformed URL '{}'", self.url),
                BoxError::from(error),
            )
        })?;
        let mut request = Request::new(self.body.clone());
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = uri;
        *request.headers_mut() = self.headers.clone();
        Ok(request)
    }

    /// What the signature says about the body.
    ///
    /// # Errors
    ///
    /// [`Exit::Read`] if a file cannot be read.
    pub fn payload_hash(&self) -> Result<PayloadHash, Failure> {
        self.payload.map_or_else(|| self.body.hash(), Ok)
    }
}

type BoxError = Box<dyn std::error::Error + Send + Sync>;

/// JSON is the only other thing that people send without saying so.
fn content_type_of(body: &Body) -> &'static str {
    match body.first() {
        Some(b'{' | b'[') => "application/json",
        _ => "application/x-www-form-urlencoded",
    }
}

/// Whether the length is said: always of a body, and of an empty one where a body is expected.
fn says_length(method: &Method, body: &Body) -> bool {
    !body.is_empty() || matches!(*method, Method::POST | Method::PUT | Method::PATCH)
}
