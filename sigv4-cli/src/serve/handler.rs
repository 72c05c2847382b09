//! What is done with a verified request.

use std::collections::HashMap;
use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use http::request::Parts;
use http::{Request, Response};
use percent_encoding::percent_decode_str;
use sigv4::tower::Authenticated;
use sigv4::{Profile, Protocol};
use tower_service::Service;

use super::answer::{self, Body, Received};
use super::command::Running;
use super::event::{self, Event};
use super::invoke::Functions;
use super::keys::ACCOUNT;
use super::policy::{Decision, Policy, Who};
use super::upstream::Upstream;
use super::{context, echo};
use crate::args::PayloadFormat;

/// What is behind the signatures.
#[derive(Debug)]
pub(super) enum Behind {
    Echo,
    Upstream(Upstream),
    Exec {
        command: String,
        format: PayloadFormat,
    },
    Lambda(Functions),
}

/// All that answers need.
#[derive(Debug)]
pub(super) struct App {
    pub(super) behind: Behind,
    pub(super) profile: &'static Profile,
    pub(super) service: String,
    pub(super) principals: HashMap<String, Arc<str>>,
    pub(super) policy: Option<Policy>,
    pub(super) most: usize,
    pub(super) timeout: Duration,
    pub(super) running: Running,
}

/// Who sent a request.
#[derive(Debug, Clone, Copy)]
pub(super) struct Caller<'a> {
    pub(super) who: &'a Authenticated,
    pub(super) principal: &'a str,
}

/// The service behind the verifying layer.
#[derive(Debug, Clone)]
pub(super) struct Handler(pub(super) Arc<App>);

impl Service<Request<Received>> for Handler {
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request<Received>) -> Self::Future {
        let app = Arc::clone(&self.0);
        Box::pin(async move { Ok(app.answer(request).await) })
    }
}

impl App {
    async fn answer(&self, request: Request<Received>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        // Whatever comes here without is our own mistake, and goes no further.
        let Some(who) = parts.extensions.get::<Authenticated>() else {
            return answer::json(500, "{\"message\":\"Internal Server Error\"}");
        };
        let caller = Caller {
            who,
            principal: self
                .principals
                .get(who.access_key_id())
                .map_or("", |arn| arn),
        };
        match &self.behind {
            Behind::Lambda(functions) => functions.answer(self, &parts, caller, body).await,
            behind => {
                if let Some(denied) = self.denied(&parts, caller) {
                    return denied;
                }
                match behind {
                    Behind::Upstream(upstream) => upstream.answer(self, &parts, caller, body).await,
                    Behind::Exec { command, format } => {
                        self.exec(&parts, caller, body, command, *format).await
                    }
                    Behind::Echo | Behind::Lambda(_) => {
                        match answer::whole(body, self.most).await {
                            Ok(body) => echo::answer(&parts, &body, caller.who, caller.principal),
                            Err(error) => answer::refuse(self.profile, &parts, &error),
                        }
                    }
                }
            }
        }
    }

    async fn exec(
        &self,
        parts: &Parts,
        caller: Caller<'_>,
        body: Received,
        command: &str,
        format: PayloadFormat,
    ) -> Response<Body> {
        let body = match answer::whole(body, self.most).await {
            Ok(body) => body,
            Err(error) => return answer::refuse(self.profile, parts, &error),
        };
        let event = Event {
            parts,
            body: &body,
            caller,
            app: self,
        };
        let input = event.json(format).to_string();
        let ran = self
            .running
            .run(command, input.into(), &[], self.timeout)
            .await;
        match ran.and_then(|ran| event::answer(&ran.whole()?, format)) {
            Ok(response) => response,
            Err(trouble) => {
                if let Some(context) = context::current() {
                    context.change(|found| found.note = Some(trouble.to_string()));
                }
                let (status, text) = trouble.answer(self.profile.protocol());
                answer::json(status, format!("{{\"message\":\"{text}\"}}"))
            }
        }
    }

    /// The answer to whom the policy does not let do this.
    fn denied(&self, parts: &Parts, caller: Caller<'_>) -> Option<Response<Body>> {
        self.policy.as_ref()?;
        let region = caller.who.scope().region();
        if self.service == "lambda" {
            let resource = format!("arn:aws:lambda:{region}:{ACCOUNT}:function:local");
            return self.denial(caller, "lambda:InvokeFunctionUrl", vec![resource]);
        }
        let (api, ..) = self.api(parts);
        let mut names: Vec<String> = Vec::new();
        for path in readings(parts.uri.path()) {
            let (stage, below) = self.stage(&path);
            let below = below.trim_start_matches('/');
            let name = format!(
                "arn:aws:execute-api:{region}:{ACCOUNT}:{api}/{stage}/{}/{below}",
                parts.method
            );
            if !names.contains(&name) {
                names.push(name);
            }
        }
        self.denial(caller, "execute-api:Invoke", names)
    }

    /// The API's id, its stage, and the path below that: a REST API's stage is the first part of the path.
    pub(super) fn api<'a>(&self, parts: &'a Parts) -> (&'a str, &'a str, &'a str) {
        let host = parts
            .uri
            .host()
            .or_else(|| parts.headers.get(http::header::HOST)?.to_str().ok())
            .unwrap_or_default();
        let api = match host.split_once('.') {
            Some((id, rest)) if rest.starts_with("execute-api.") => id,
            _ => "local",
        };
        let (stage, path) = self.stage(parts.uri.path());
        (api, stage, path)
    }

    fn stage<'a>(&self, path: &'a str) -> (&'a str, &'a str) {
        if self.profile.protocol() != Protocol::ApiGatewayRest {
            return ("$default", path);
        }
        let below = path.trim_start_matches('/');
        below.split_once('/').unwrap_or((below, ""))
    }

    /// The answer to `action`, if the policy has it that way.
    pub(super) fn denial(
        &self,
        caller: Caller<'_>,
        action: &str,
        resources: Vec<String>,
    ) -> Option<Response<Body>> {
        let policy = self.policy.as_ref()?;
        let who = Who {
            principal: caller.principal,
            key: caller.who.access_key_id(),
        };
        let explicit = match policy.decide(who, action, &resources) {
            Decision::Allowed => return None,
            Decision::Denied => " with an explicit deny",
            Decision::NotAllowed => "",
        };
        if let Some(context) = context::current() {
            context.change(|found| found.refused = Some("denied"));
        }
        let resource = resources.first().map_or("", String::as_str);
        Some(match self.profile.protocol() {
            Protocol::ApiGatewayHttp => answer::json(403, "{\"message\":\"Forbidden\"}"),
            Protocol::FunctionUrl => {
                let body = serde_json::json!({ "Message": FUNCTION_URL });
                answer::error(403, "AccessDeniedException", body.to_string())
            }
            _ => {
                let text = format!(
                    "User: {} is not authorized to perform: {action} on resource: {resource}{explicit}",
                    caller.principal
                );
                let body = serde_json::json!({ "Message": text });
                answer::error(403, "AccessDeniedException", body.to_string())
            }
        })
    }
}

/// A path as servers read it: as it is, decoded, and decoded with its dots and slashes resolved. The policy has to let
/// all of them pass, lest what is behind reads what it forbids.
fn readings(path: &str) -> [String; 3] {
    let decoded = percent_decode_str(path).decode_utf8_lossy().into_owned();
    let mut segments: Vec<&str> = Vec::new();
    for segment in decoded.split(['/', '\\']) {
        match segment {
            "" | "." => {}
            ".." => {
                segments.pop();
            }
            segment => segments.push(segment),
        }
    }
    let resolved = format!("/{}", segments.join("/"));
    [path.to_owned(), decoded, resolved]
}

const FUNCTION_URL: &str = "Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html";
