//! `--echo`: what was received, as JSON.

use bytes::Bytes;
use data_encoding::BASE64;
use http::Response;
use http::request::Parts;
use serde_json::{Map, Value, json};
use sigv4::AuthKind;
use sigv4::tower::Authenticated;

use super::answer::{self, Body};
use crate::print::{redacted, without_signatures};

pub(super) fn answer(
    parts: &Parts,
    body: &Bytes,
    who: &Authenticated,
    principal: &str,
) -> Response<Body> {
    let mut headers = Map::new();
    for name in parts.headers.keys() {
        let values: Vec<_> = parts
            .headers
            .get_all(name)
            .iter()
            .map(|value| {
                let value = String::from_utf8_lossy(value.as_bytes());
                Value::from(redacted(name.as_str(), &value))
            })
            .collect();
        let value = match <[Value; 1]>::try_from(values) {
            Ok([one]) => one,
            Err(several) => Value::from(several),
        };
        headers.insert(name.as_str().to_owned(), value);
    }
    let text = std::str::from_utf8(body).ok();
    let kind = match who.kind() {
        AuthKind::Header => "header",
        _ => "presigned",
    };
    let value = json!({
        "method": parts.method.as_str(),
        "path": parts.uri.path(),
        "query": without_signatures(parts.uri.query().unwrap_or_default()),
        "headers": headers,
        "body": text.map_or_else(|| BASE64.encode(body), str::to_owned),
        "base64": text.is_none(),
        "signed": {
            "access_key_id": who.access_key_id(),
            "principal": principal,
            "region": who.scope().region(),
            "service": who.scope().service(),
            "date": who.date().as_str(),
            "by": kind,
            "body": who.payload_authenticated(),
            "session_token": who.is_temporary(),
        },
    });
    answer::json(200, value.to_string() + "\n")
}
