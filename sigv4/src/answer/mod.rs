//! [`Profile`]: what a service answers when it refuses a request, in its own protocol and words.

mod asked;
mod common;
mod profiles;
mod s3;
mod wire;

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::{ParseError, VerifyError};
use crate::explain::Explanation;
use crate::policy::VerifyPolicy;
use crate::request::RequestHead;
use crate::verify::Verifier;

use asked::Asked;

/// The wire form of an answer.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Protocol {
    /// S3's XML, with the elements that each error has.
    S3,
    /// JSON with `x-amzn-ErrorType`, status 403: Lambda and its kin.
    RestJson,
    /// As `RestJson`, with the canonical request where the signature does not match: REST APIs of API Gateway.
    ApiGatewayRest,
    /// `{"message":"Forbidden"}`, whatever it was: HTTP APIs of API Gateway.
    ApiGatewayHttp,
    /// Function URLs of Lambda.
    FunctionUrl,
    /// JSON 1.0 and 1.1 with `__type`, status 400: DynamoDB, Kinesis, Step Functions.
    AwsJson,
    /// The Query protocol's XML: STS, IAM, SNS.
    Query,
    /// EC2's XML, status 401.
    Ec2Query,
    /// OpenSearch domains.
    OpenSearch,
}

/// A kind of service: what it demands of a request, and what it answers when it refuses one.
///
/// * The demands are a [`VerifyPolicy`]: clock window, payload modes, coverage.
/// * The answers are data, with AWS's status, code and words where these are known. Each text stands beside its source
///   in this module.
/// * Canonical request and string to sign are in an answer only where AWS has them, and only if they are
///   [given](Refused::with_explanation). The expected signature is never in one.
/// * As AWS does, an answer tells an unknown access key id from a wrong secret.
///   [`with_unknown_keys_hidden`](Refused::with_unknown_keys_hidden) makes them one.
///
/// ```
/// use sigv4::{AmzDate, Header, Profile, Refused, RequestHead};
///
/// let profile = Profile::named("api-gateway-rest").ok_or("no such profile")?;
/// let verifier = profile.verifier("us-east-1")?;
/// let headers = [Header::new("Host", b"abc.execute-api.us-east-1.amazonaws.com")];
/// let head = RequestHead::new("GET", b"/prod", b"", &headers);
/// let now = "20150830T123600Z".parse()?;
/// let Err(error) = verifier.claim(&head, now) else { return Err("accepted".into()) };
///
/// let refusal = profile.refuse(&error, &Refused::new(&head));
/// assert_eq!(refusal.status(), 403);
/// assert_eq!(refusal.body(), r#"{"message":"Missing Authentication Token"}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Profile {
    name: &'static str,
    protocol: Protocol,
    service: &'static str,
}

impl Profile {
    /// All profiles.
    pub const ALL: &'static [Self] = &profiles::ALL;

    /// The profile of this name: `s3`, `rest-json`, `api-gateway-rest`, `api-gateway-http`, `function-url`, `aws-json`,
    /// `query`, `ec2-query` or `opensearch`.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        Self::ALL.iter().find(|profile| profile.name == name)
    }

    /// The profile of the services with this signing name; `rest-json` for those that are not known.
    #[must_use]
    pub fn for_service(service: &str) -> &'static Self {
        profiles::for_service(service)
    }

    /// Its name.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Its wire form.
    #[must_use]
    pub const fn protocol(&self) -> Protocol {
        self.protocol
    }

    /// The signing name of the service that it is usually for.
    #[must_use]
    pub const fn service(&self) -> &'static str {
        self.service
    }

    /// What it demands of a request.
    #[must_use]
    pub fn policy(&self) -> VerifyPolicy {
        VerifyPolicy::for_service(self.service)
    }

    /// A verifier for [`service`](Self::service) in `region`.
    ///
    /// # Errors
    /// [`ParseError::Region`] if that is no name.
    pub fn verifier(&self, region: &str) -> Result<Verifier, ParseError> {
        Verifier::new(region, self.service)
    }

    /// The answer to a request that was refused.
    #[must_use]
    pub fn refuse(&self, error: &VerifyError, refused: &Refused<'_>) -> Refusal {
        let error = match error {
            VerifyError::UnknownAccessKey if refused.hide_unknown_keys => {
                &VerifyError::SignatureMismatch
            }
            error => error,
        };
        let asked = Asked::of(&refused.head);
        let mut refusal = match self.protocol {
            Protocol::S3 => s3::refusal(error, refused, &asked),
            protocol => common::refusal(protocol, error, refused, &asked),
        };
        if refused.head.method == "HEAD" {
            refusal.body.clear();
        }
        refusal
    }
}

/// A request that was refused, and what an answer may tell of it.
#[derive(Clone, Copy, Debug)]
pub struct Refused<'a> {
    head: RequestHead<'a>,
    region: &'a str,
    service: &'a str,
    request_id: &'a str,
    explanation: Option<&'a Explanation>,
    hide_unknown_keys: bool,
}

impl<'a> Refused<'a> {
    /// The request.
    #[must_use]
    pub const fn new(head: &RequestHead<'a>) -> Self {
        Self {
            head: *head,
            region: "",
            service: "",
            request_id: "00000000-0000-0000-0000-000000000000",
            explanation: None,
            hide_unknown_keys: false,
        }
    }

    /// The region and service that the verifier is for: answers about a wrong scope name them.
    #[must_use]
    pub const fn with_scope(mut self, region: &'a str, service: &'a str) -> Self {
        self.region = region;
        self.service = service;
        self
    }

    /// The id that the answer gives the request; all zeros otherwise.
    #[must_use]
    pub const fn with_request_id(mut self, id: &'a str) -> Self {
        self.request_id = id;
        self
    }

    /// What the verifier derived from the request ([`Claim::explain`](crate::Claim::explain)), for the answers in which
    /// AWS tells it.
    #[must_use]
    pub const fn with_explanation(mut self, explanation: &'a Explanation) -> Self {
        self.explanation = Some(explanation);
        self
    }

    /// Answer an unknown access key id as a wrong signature, so that nobody can try out access key ids.
    #[must_use]
    pub const fn with_unknown_keys_hidden(mut self) -> Self {
        self.hide_unknown_keys = true;
        self
    }
}

/// The answer to a request that was refused: status, headers and body.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    status: u16,
    code: &'static str,
    headers: Vec<(&'static str, String)>,
    body: String,
}

impl Refusal {
    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// AWS's error code, `SignatureDoesNotMatch` and the like; empty where there is none.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        self.code
    }

    /// Headers in lower case, Content-Type among them.
    pub fn headers(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.headers
            .iter()
            .map(|(name, value)| (*name, value.as_str()))
    }

    /// The body; empty for HEAD.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }
}
