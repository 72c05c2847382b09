//! Calls to STS, signed by the library and sent as every other request.

use std::time::Duration;

use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST, HeaderValue};
use http::{Request, StatusCode};
use sigv4::{AmzDate, Credentials, PayloadHash, Signer};
use url::Url;
use url::form_urlencoded::Serializer;
use zeroize::Zeroizing;

use super::session::{Session, timestamp};
use crate::diagnose::off_by;
use crate::exchange::say;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::fields::xml;
use crate::heal;
use crate::infer::suffix;
use crate::plan::transfer::Network;
use crate::plan::{Connection, Role};
use crate::send::{Head, Sender};
use crate::target::authority;

/// Where to call it, and how.
#[derive(Debug)]
pub(super) struct Sts {
    url: Url,
    region: String,
    connection: Connection,
}

/// Whose keys they are, as STS sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The user's or session's ARN.
    pub arn: String,
    /// Account.
    pub account: String,
    /// Unique id.
    pub user_id: String,
}

impl Sts {
    pub(super) fn new(
        endpoint: Option<&str>,
        region: &str,
        connection: &Connection,
    ) -> Result<Self, Failure> {
        let text = match endpoint {
            Some(endpoint) => endpoint.to_owned(),
            None => format!("https://sts.{region}{}/", suffix(region, false)),
        };
        let url = Url::parse(&text).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let url = url.ok_or_else(|| {
            Failure::usage(format!(
                "'{text}' is no URL of STS (AWS_ENDPOINT_URL_STS, region {region})"
            ))
        })?;
        Ok(Self {
            // An endpoint of one's own is on this machine or beside it.
            connection: for_credentials(connection, url.scheme() == "http"),
            url,
            region: region.to_owned(),
        })
    }

    /// Its address: part of what a cached session is good for.
    pub(super) fn endpoint(&self) -> &str {
        self.url.as_str()
    }

    pub(super) async fn assume_role(
        &self,
        source: Credentials,
        role: &Role,
        mfa_code: Option<&str>,
    ) -> Result<Session, Failure> {
        let what = format!("cannot assume role {}", role.arn);
        let duration = role.duration.map(|seconds| seconds.to_string());
        let parameters = [
            ("Action", Some("AssumeRole")),
            ("Version", Some("2011-06-15")),
            ("RoleArn", Some(role.arn.as_str())),
            ("RoleSessionName", Some(&role.session_name)),
            ("ExternalId", role.external_id.as_deref()),
            ("DurationSeconds", duration.as_deref()),
            ("SerialNumber", role.mfa_serial.as_deref()),
            ("TokenCode", mfa_code),
        ];
        let answer = self.call(source, &parameters, &what).await?;
        let field = |name: &str| xml(&answer, name).filter(|value| !value.is_empty());
        let session = (|| {
            Some(Session {
                id: field("AccessKeyId")?,
                secret: field("SecretAccessKey")?.into(),
                token: field("SessionToken")?.into(),
                expires: timestamp(&field("Expiration")?)?,
            })
        })();
        session.ok_or_else(|| {
            Failure::because(Exit::Usage, what, "the answer of STS has no keys in it")
        })
    }

    pub(super) async fn caller_identity(&self, keys: Credentials) -> Result<Identity, Failure> {
        let what = "cannot ask STS whose keys these are";
        let parameters = [
            ("Action", Some("GetCallerIdentity")),
            ("Version", Some("2011-06-15")),
        ];
        let answer = self.call(keys, &parameters, what).await?;
        let identity = (|| {
            Some(Identity {
                arn: xml(&answer, "Arn")?,
                account: xml(&answer, "Account")?,
                user_id: xml(&answer, "UserId")?,
            })
        })();
        identity
            .ok_or_else(|| Failure::because(Exit::Usage, what, "the answer of STS does not say"))
    }

    /// Calls, once more with the server's time if it refuses ours.
    async fn call(
        &self,
        keys: Credentials,
        parameters: &[(&str, Option<&str>)],
        what: &str,
    ) -> Result<Zeroizing<String>, Failure> {
        let because = |failure: Failure| Failure::because(failure.exit(), what, failure);
        let mut form = Serializer::new(String::new());
        for (name, value) in parameters {
            if let Some(value) = value {
                form.append_pair(name, value);
            }
        }
        let body = Bytes::from(form.finish());
        let signer = Signer::new(keys, &self.region, "sts")
            .map_err(|error| because(Failure::usage(error.to_string())))?;

        let mut offset = 0;
        loop {
            let request = self.request(&signer, &body, offset).map_err(because)?;
            let exchange = exchange(&self.connection, request);
            let timeout = || {
                Failure::new(
                    Exit::Timeout,
                    format!("timeout, waiting for {}", authority(&self.url)),
                )
            };
            let (head, text) = match tokio::time::timeout(LIMIT, exchange).await {
                Ok(outcome) => outcome.map_err(because)?,
                Err(_) => return Err(because(timeout())),
            };
            if head.status.is_success() {
                return Ok(text);
            }
            match heal::clock_offset(&head, &text, AmzDate::now()) {
                Some(found) if offset == 0 => {
                    offset = found;
                    say(&format!(
                        "this machine's clock is {}: STS is asked again with its own time",
                        off_by(offset)
                    ));
                }
                _ => {
                    return Err(Failure::because(
                        Exit::Usage,
                        what,
                        refusal(head.status, &text),
                    ));
                }
            }
        }
    }

    fn request(
        &self,
        signer: &Signer,
        body: &Bytes,
        offset: i64,
    ) -> Result<Request<Bytes>, Failure> {
        let cannot = |error: Box<dyn std::error::Error + Send + Sync>| {
            Failure::because(Exit::Usage, "the request to STS cannot be made", error)
        };
        let mut request = Request::new(body.clone());
        *request.method_mut() = http::Method::POST;
        *request.uri_mut() = self
            .url
            .as_str()
            .parse()
            .map_err(|error: http::uri::InvalidUri| cannot(error.into()))?;
        let host =
            HeaderValue::from_str(&authority(&self.url)).map_err(|error| cannot(error.into()))?;
        let headers = request.headers_mut();
        headers.insert(HOST, host);
        headers.insert(
            CONTENT_TYPE,
            HeaderValue::from_static("application/x-www-form-urlencoded; charset=utf-8"),
        );
        headers.insert(CONTENT_LENGTH, body.len().into());
        signer
            .sign_request(
                &mut request,
                PayloadHash::of(body),
                AmzDate::now().saturating_add(offset),
            )
            .map_err(|error| cannot(error.into()))?;
        Ok(request)
    }
}

/// One request and its whole answer, wiped when it goes.
async fn exchange(
    connection: &Connection,
    request: Request<Bytes>,
) -> Result<(Head, Zeroizing<String>), Failure> {
    let mut answer = Sender::new(connection.clone())
        .send(request.map(crate::payload::Body::Bytes))
        .await?;
    let mut body = Zeroizing::new(Vec::with_capacity(MAX_ANSWER));
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(Failure::new(Exit::Receive, "the answer of STS is too long"));
        }
        body.extend_from_slice(&chunk);
    }
    let text = Zeroizing::new(String::from_utf8_lossy(&body).into_owned());
    Ok((answer.head, text))
}

/// How to connect for keys: what the user's options say about the request's own server is not about this one.
fn for_credentials(connection: &Connection, no_proxy: bool) -> Connection {
    Connection {
        tls_min: connection.tls_min,
        tls_max: connection.tls_max,
        connect_timeout: connection.connect_timeout,
        no_proxy,
        network: Network {
            proxies: connection.network.proxies.clone(),
            trusted: connection.network.trusted.clone(),
            ..Network::default()
        },
        ..Connection::default()
    }
}

/// STS's code and message, or the status.
fn refusal(status: StatusCode, text: &str) -> String {
    match (xml(text, "Code"), xml(text, "Message")) {
        (Some(code), Some(message)) => format!("STS answers {code}: {message}"),
        _ => format!("STS answers {status}"),
    }
}

const MAX_ANSWER: usize = 64 * 1024;
const LIMIT: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn endpoints() {
        for (endpoint, region, url) in [
            (
                None,
                "eu-west-1",
                Some("https://sts.eu-west-1.amazonaws.com/"),
            ),
            (
                None,
                "cn-north-1",
                Some("https://sts.cn-north-1.amazonaws.com.cn/"),
            ),
            (
                None,
                "us-gov-west-1",
                Some("https://sts.us-gov-west-1.amazonaws.com/"),
            ),
            (
                Some("http://localhost:4566"),
                "x",
                Some("http://localhost:4566/"),
            ),
            (Some("localhost:4566"), "x", None),
            (Some("file:///etc"), "x", None),
        ] {
            let sts = Sts::new(endpoint, region, &Connection::default());
            assert_eq!(
                sts.as_ref().map(Sts::endpoint).ok(),
                url,
                "{endpoint:?} {region}"
            );
        }
        // Every partition's suffix is one that hosts are read by.
        for region in [
            "us-iso-east-1",
            "us-isob-east-1",
            "us-isof-south-1",
            "eu-isoe-west-1",
            "eusc-de-east-1",
        ] {
            let sts = Sts::new(None, region, &Connection::default()).unwrap();
            let inferred = crate::infer::infer(sts.url.host_str().unwrap(), "/").unwrap();
            assert_eq!(inferred.service, "sts");
            assert_eq!(
                inferred.region,
                crate::infer::Region::Fixed(region.to_owned())
            );
        }
    }
}
