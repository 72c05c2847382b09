//! Answers, and the reading of bodies.

use std::error::Error;
use std::io;

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderName, HeaderValue};
use http::request::Parts;
use http::{Response, StatusCode};
use http_body::Body as _;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full, Limited};
use hyper::body::Incoming;
use sigv4::tower::{BodyError, VerifiedBody};
use sigv4::{Limit, Profile, Refused, RequestHead, VerifyError};

use super::context;
use super::paced::Prompt;

/// Whatever went wrong.
pub(super) type BoxError = Box<dyn Error + Send + Sync>;
/// The body of an answer.
pub(super) type Body = UnsyncBoxBody<Bytes, BoxError>;
/// The body of a request.
pub(super) type Received = VerifiedBody<Prompt<Incoming>>;

/// All of `bytes`.
pub(super) fn full(bytes: impl Into<Bytes>) -> Body {
    Full::new(bytes.into())
        .map_err(|never| match never {})
        .boxed_unsync()
}

/// An answer with a body.
pub(super) fn answer(
    status: u16,
    content_type: &'static str,
    bytes: impl Into<Bytes>,
) -> Response<Body> {
    let mut response = Response::new(full(bytes));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::BAD_GATEWAY);
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

/// An answer in JSON.
pub(super) fn json(status: u16, bytes: impl Into<Bytes>) -> Response<Body> {
    answer(status, JSON, bytes)
}

/// An error of a service that speaks REST and JSON.
pub(super) fn error(status: u16, code: &'static str, body: String) -> Response<Body> {
    let mut response = json(status, body);
    set(&mut response, "x-amzn-errortype", code);
    if let Some(context) = context::current() {
        set(&mut response, "x-amzn-requestid", context.id());
    }
    response
}

/// Sets a header, if it can be one.
pub(super) fn set(response: &mut Response<Body>, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        response
            .headers_mut()
            .insert(HeaderName::from_static(name), value);
    }
}

/// The answer of a kind of service to a request that turned out wrong after all.
pub(super) fn refuse(profile: &Profile, parts: &Parts, error: &VerifyError) -> Response<Body> {
    context::refused(error);
    let head = RequestHead::from(parts);
    let current = context::current();
    let mut refused = Refused::new(&head);
    if let Some(context) = &current {
        refused = refused.with_request_id(context.id());
    }
    let refusal = profile.refuse(error, &refused);
    let mut response = answer(
        refusal.status(),
        JSON,
        Bytes::copy_from_slice(refusal.body().as_bytes()),
    );
    for (name, value) in refusal.headers() {
        set(&mut response, name, value);
    }
    response
}

/// The whole body, if it is the one that was signed and not too large.
pub(super) async fn whole(body: Received, limit: usize) -> Result<Bytes, VerifyError> {
    let known = body.size_hint().lower();
    if known > u64::try_from(limit).unwrap_or(u64::MAX) {
        return Err(VerifyError::TooLarge(Limit::Body));
    }
    match Limited::new(body, limit).collect().await {
        Ok(body) => Ok(body.to_bytes()),
        Err(error) => Err(why(&*error)),
    }
}

/// Why a body cannot be read. Whoever hung up reads no answer.
pub(super) fn why(error: &(dyn Error + 'static)) -> VerifyError {
    for cause in crate::failure::chain(error) {
        if let Some(BodyError::Refused(error)) = cause.downcast_ref::<BodyError<io::Error>>() {
            return *error;
        }
        if cause.is::<http_body_util::LengthLimitError>() {
            return VerifyError::TooLarge(Limit::Body);
        }
    }
    VerifyError::PayloadMismatch
}

const JSON: &str = "application/json";
