//! `--exec`: a request as the event of API Gateway's or a function URL's, and an answer as a function gives it.
//!
//! What signs the request is left out: a function on AWS gets the identity instead, and so does this one.

use data_encoding::BASE64;
use http::header::{CONTENT_TYPE, COOKIE, HOST, HeaderName, HeaderValue, SET_COOKIE, USER_AGENT};
use http::request::Parts;
use http::{Response, StatusCode};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value, json};
use sigv4::{AmzDate, Protocol};

use super::answer::{self, Body};
use super::command::Trouble;
use super::context;
use super::handler::{App, Caller};
use super::keys::ACCOUNT;
use super::upstream::{signs, without_signature};
use crate::args::PayloadFormat;

/// A verified request.
#[derive(Debug)]
pub(super) struct Event<'a> {
    pub(super) parts: &'a Parts,
    pub(super) body: &'a [u8],
    pub(super) caller: Caller<'a>,
    pub(super) app: &'a App,
}

impl Event<'_> {
    pub(super) fn json(&self, format: PayloadFormat) -> Value {
        match format {
            PayloadFormat::V1 => self.v1(),
            PayloadFormat::V2 => self.v2(),
        }
    }

    fn v2(&self) -> Value {
        let query = self.query();
        let uri = &self.parts.uri;
        let (api, stage, _) = self.app.api(self.parts);
        let mut headers = Map::new();
        for (name, values) in self.headers() {
            if name != COOKIE {
                headers.insert(name.as_str().to_owned(), values.join(",").into());
            }
        }
        let now = AmzDate::now();
        let domain = self.domain();
        let mut event = json!({
            "version": "2.0",
            "routeKey": "$default",
            "rawPath": uri.path(),
            "rawQueryString": query,
            "headers": headers,
            "requestContext": {
                "accountId": ACCOUNT,
                "apiId": api,
                "authentication": null,
                "authorizer": {"iam": {
                    "accessKey": self.caller.who.access_key_id(),
                    "accountId": ACCOUNT,
                    "callerId": self.caller.who.access_key_id(),
                    "cognitoIdentity": null,
                    "principalOrgId": null,
                    "userArn": self.caller.principal,
                    "userId": self.caller.who.access_key_id(),
                }},
                "domainName": domain,
                "domainPrefix": domain.split('.').next().unwrap_or_default(),
                "http": {
                    "method": self.parts.method.as_str(),
                    "path": uri.path(),
                    "protocol": format!("{:?}", self.parts.version),
                    "sourceIp": source(),
                    "userAgent": self.user_agent(),
                },
                "requestId": request_id(),
                "routeKey": "$default",
                "stage": stage,
                "time": logged(now),
                "timeEpoch": now.unix().saturating_mul(1000),
            },
        });
        let cookies: Vec<_> = self
            .headers()
            .filter(|(name, _)| *name == COOKIE)
            .flat_map(|(_, values)| values)
            .flat_map(|value| {
                value
                    .split(';')
                    .map(|cookie| Value::from(cookie.trim()))
                    .collect::<Vec<_>>()
            })
            .collect();
        let mut parameters = Map::new();
        for (name, values) in parameters_of(&query) {
            parameters.insert(name, values.join(",").into());
        }
        let Some(fields) = event.as_object_mut() else {
            return event;
        };
        if !cookies.is_empty() {
            fields.insert("cookies".to_owned(), cookies.into());
        }
        if !parameters.is_empty() {
            fields.insert("queryStringParameters".to_owned(), parameters.into());
        }
        self.put_body(fields);
        event
    }

    fn v1(&self) -> Value {
        let query = self.query();
        let (api, stage, path) = self.app.api(self.parts);
        let (mut headers, mut all_headers) = (Map::new(), Map::new());
        for (name, values) in self.headers() {
            let last = values.last().cloned().unwrap_or_default();
            headers.insert(name.as_str().to_owned(), last.into());
            all_headers.insert(name.as_str().to_owned(), values.into());
        }
        let (mut parameters, mut all_parameters) = (Map::new(), Map::new());
        for (name, values) in parameters_of(&query) {
            let last = values.last().cloned().unwrap_or_default();
            parameters.insert(name.clone(), last.into());
            all_parameters.insert(name, values.into());
        }
        let or_null = |map: Map<String, Value>| {
            if map.is_empty() {
                Value::Null
            } else {
                map.into()
            }
        };
        // A REST API's function sees the path below the stage.
        let below = if self.app.profile.protocol() == Protocol::ApiGatewayRest {
            format!("/{path}")
        } else {
            path.to_owned()
        };
        let now = AmzDate::now();
        let mut event = json!({
            "version": "1.0",
            "resource": "/{proxy+}",
            "path": below,
            "httpMethod": self.parts.method.as_str(),
            "headers": headers,
            "multiValueHeaders": all_headers,
            "queryStringParameters": or_null(parameters),
            "multiValueQueryStringParameters": or_null(all_parameters),
            "pathParameters": {"proxy": below.trim_start_matches('/')},
            "stageVariables": null,
            "requestContext": {
                "accountId": ACCOUNT,
                "apiId": api,
                "domainName": self.domain(),
                "extendedRequestId": request_id(),
                "httpMethod": self.parts.method.as_str(),
                "identity": {
                    "accessKey": self.caller.who.access_key_id(),
                    "accountId": ACCOUNT,
                    "caller": self.caller.who.access_key_id(),
                    "cognitoIdentityId": null,
                    "sourceIp": source(),
                    "user": self.caller.who.access_key_id(),
                    "userAgent": self.user_agent(),
                    "userArn": self.caller.principal,
                },
                "path": self.parts.uri.path(),
                "protocol": format!("{:?}", self.parts.version),
                "requestId": request_id(),
                "requestTime": logged(now),
                "requestTimeEpoch": now.unix().saturating_mul(1000),
                "resourceId": "local",
                "resourcePath": "/{proxy+}",
                "stage": stage,
            },
        });
        if let Some(fields) = event.as_object_mut() {
            self.put_body(fields);
            fields.entry("body").or_insert(Value::Null);
        }
        event
    }

    fn query(&self) -> String {
        without_signature(self.parts.uri.query().unwrap_or_default())
    }

    /// What came in headers, but for what signs it.
    fn headers(&self) -> impl Iterator<Item = (&HeaderName, Vec<String>)> {
        let headers = &self.parts.headers;
        headers.keys().filter(|name| !signs(name)).map(|name| {
            let values = headers
                .get_all(name)
                .iter()
                .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned());
            (name, values.collect())
        })
    }

    fn header(&self, name: &HeaderName) -> &str {
        self.parts
            .headers
            .get(name)
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default()
    }

    fn user_agent(&self) -> &str {
        self.header(&USER_AGENT)
    }

    fn domain(&self) -> String {
        let host = self.parts.uri.host().map(str::to_owned);
        host.unwrap_or_else(|| {
            let host = self.header(&HOST);
            host.rsplit_once(':')
                .filter(|(_, port)| port.bytes().all(|byte| byte.is_ascii_digit()))
                .map_or(host, |(host, _)| host)
                .to_owned()
        })
    }

    /// The body, in Base64 unless its type says that it is text.
    fn put_body(&self, fields: &mut Map<String, Value>) {
        let text = std::str::from_utf8(self.body)
            .ok()
            .filter(|_| is_text(self.header(&CONTENT_TYPE)));
        fields.insert("isBase64Encoded".to_owned(), text.is_none().into());
        if !self.body.is_empty() {
            let body = text.map_or_else(|| BASE64.encode(self.body), str::to_owned);
            fields.insert("body".to_owned(), body.into());
        }
    }
}

/// The types whose bodies API Gateway gives as text; a body without a type is text if it is UTF-8.
fn is_text(content_type: &str) -> bool {
    let name = content_type.split(';').next().unwrap_or_default().trim();
    let name = name.to_ascii_lowercase();
    name.is_empty()
        || name.starts_with("text/")
        || [
            "application/json",
            "application/javascript",
            "application/xml",
        ]
        .contains(&&*name)
        || name.ends_with("+json")
        || name.ends_with("+xml")
}

/// Names and their values, decoded, in the order in which the names first come.
fn parameters_of(query: &str) -> Vec<(String, Vec<String>)> {
    let mut found: Vec<(String, Vec<String>)> = Vec::new();
    for (name, value) in url::form_urlencoded::parse(query.as_bytes()) {
        match found.iter_mut().find(|(known, _)| *known == name) {
            Some((_, values)) => values.push(value.into_owned()),
            None => found.push((name.into_owned(), vec![value.into_owned()])),
        }
    }
    found
}

fn source() -> String {
    context::current().map_or_else(String::new, |context| context.peer.ip().to_string())
}

fn request_id() -> String {
    context::current().map_or_else(String::new, |context| context.id().to_owned())
}

/// `20150830T123600Z` → `30/Aug/2015:12:36:00 +0000`
fn logged(time: AmzDate) -> String {
    let text = time.as_str();
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default();
    let month = part(4, 6).parse::<usize>().unwrap_or(1).saturating_sub(1);
    format!(
        "{}/{}/{}:{}:{}:{} +0000",
        part(6, 8),
        MONTHS.get(month).unwrap_or(&"Jan"),
        part(0, 4),
        part(9, 11),
        part(11, 13),
        part(13, 15)
    )
}

/// The answer that a function gives.
///
/// * Format 1.0 asks for an object with a `statusCode`.
/// * With format 2.0, any other JSON is the body of a 200.
pub(super) fn answer(printed: &[u8], format: PayloadFormat) -> Result<Response<Body>, Trouble> {
    let wrong = |why: &str| Trouble::NoAnswer(why.to_owned());
    let value: Value =
        serde_json::from_slice(printed).map_err(|error| Trouble::NoAnswer(error.to_string()))?;
    let Some(status) = value.get("statusCode") else {
        return match format {
            PayloadFormat::V1 => Err(wrong("it has no statusCode")),
            PayloadFormat::V2 => Ok(answer::json(200, value_as_body(&value))),
        };
    };
    let status = status
        .as_u64()
        .or_else(|| status.as_str()?.parse().ok())
        .and_then(|status| u16::try_from(status).ok())
        .filter(|status| (200..=599).contains(status))
        .and_then(|status| StatusCode::from_u16(status).ok())
        .ok_or_else(|| wrong("statusCode is none"))?;
    let body = match value.get("body") {
        None | Some(Value::Null) => Vec::new(),
        Some(Value::String(text)) => {
            if value.get("isBase64Encoded") == Some(&Value::Bool(true)) {
                BASE64
                    .decode(text.as_bytes())
                    .map_err(|_| wrong("the body is not Base64"))?
            } else {
                text.clone().into_bytes()
            }
        }
        Some(_) => return Err(wrong("the body is not a text")),
    };
    let mut response = Response::new(answer::full(body));
    *response.status_mut() = status;
    let mut put = |name: &str, value: &Value, replace: bool| {
        let text = match value {
            Value::String(text) => text.clone(),
            Value::Number(_) | Value::Bool(_) => value.to_string(),
            _ => return Err(wrong("a header is not a text")),
        };
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| wrong("a header's name is none"))?;
        let value = HeaderValue::from_str(&text).map_err(|_| wrong("a header's value is none"))?;
        // How the answer is framed is ours to say.
        if FRAMING.contains(&name.as_str()) {
            return Ok(());
        }
        if replace {
            response.headers_mut().insert(name, value);
        } else {
            response.headers_mut().append(name, value);
        }
        Ok(())
    };
    for (name, value) in value
        .get("headers")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
    {
        put(name, value, true)?;
    }
    let several = value.get("multiValueHeaders").and_then(Value::as_object);
    for (name, values) in several.into_iter().flatten() {
        for (i, value) in values.as_array().into_iter().flatten().enumerate() {
            put(name, value, i == 0)?;
        }
    }
    for cookie in value
        .get("cookies")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        put(SET_COOKIE.as_str(), cookie, false)?;
    }
    if !response.headers().contains_key(CONTENT_TYPE) && format == PayloadFormat::V2 {
        response
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Ok(response)
}

/// A text is the body itself, all else is it as JSON.
fn value_as_body(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        value => value.to_string(),
    }
}

/// Decoded, for names in paths.
pub(super) fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

const FRAMING: [&str; 4] = [
    "connection",
    "content-length",
    "transfer-encoding",
    "upgrade",
];
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers() {
        let ok = |text: &str, format| answer(text.as_bytes(), format).unwrap();
        let response = ok(
            r#"{"statusCode": 201, "headers": {"X-A": 1, "Content-Length": "7"}, "body": "aGk=", "isBase64Encoded": true, "cookies": ["a=1", "b=2"]}"#,
            PayloadFormat::V2,
        );
        assert_eq!(response.status(), 201);
        assert_eq!(response.headers()["x-a"], "1");
        assert!(!response.headers().contains_key("content-length"));
        assert_eq!(response.headers().get_all("set-cookie").iter().count(), 2);
        assert_eq!(ok("{\"a\":1}", PayloadFormat::V2).status(), 200);
        for (text, format) in [
            ("{\"a\":1}", PayloadFormat::V1),
            ("", PayloadFormat::V2),
            ("{\"statusCode\":99}", PayloadFormat::V2),
            (
                "{\"statusCode\":200,\"headers\":{\"a b\":\"\"}}",
                PayloadFormat::V1,
            ),
            ("{\"statusCode\":200,\"body\":{}}", PayloadFormat::V1),
        ] {
            assert!(answer(text.as_bytes(), format).is_err(), "{text}");
        }
        assert_eq!(
            logged("20150830T123600Z".parse().unwrap()),
            "30/Aug/2015:12:36:00 +0000"
        );
    }
}
