//! `--lambda`: Lambda's Invoke API, with commands and other servers for functions.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context as Task, Poll};
use std::time::Duration;

use bytes::Bytes;
use data_encoding::BASE64;
use http::request::Parts;
use http::{Method, Request, Response, Uri};
use http_body::Frame;
use http_body_util::{BodyExt, Full};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use sigv4::VerifyError;
use tokio::io::AsyncReadExt;
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::answer::{self, Body, BoxError, Received};
use super::command::{self, Group, Running, TAIL, Trouble};
use super::event::decoded;
use super::handler::{App, Caller};
use super::keys::ACCOUNT;
use super::{context, frames};
use crate::failure::Failure;

/// The functions by name.
#[derive(Debug)]
pub(super) struct Functions {
    known: BTreeMap<String, Function>,
    client: Client<HttpConnector, Full<Bytes>>,
}

#[derive(Debug, Clone)]
enum Function {
    Command(Arc<str>),
    Url(Uri),
}

/// A function as a request names it.
#[derive(Debug, PartialEq, Eq)]
struct Named {
    name: String,
    qualifier: Option<String>,
}

/// One call.
#[derive(Debug, Clone)]
struct Call {
    function: Function,
    name: String,
    version: String,
    request_id: String,
    client_context: Option<String>,
    payload: Bytes,
    running: Running,
    limit: Duration,
}

/// What came of it.
#[derive(Debug)]
struct Outcome {
    payload: Bytes,
    failed: bool,
    tail: Vec<u8>,
}

impl Functions {
    pub(super) fn new(given: &[String]) -> Result<Self, Failure> {
        let mut known = BTreeMap::new();
        for text in given {
            let wrong = |why: &str| Failure::usage(format!("--lambda {text}: {why}"));
            let (name, what) = text
                .split_once('=')
                .ok_or_else(|| wrong("write NAME=COMMAND or NAME=URL"))?;
            let is_name = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
            if name.is_empty() || name.len() > 64 || !name.bytes().all(is_name) {
                return Err(wrong("a name has letters, digits, '-' and '_'"));
            }
            let function = if what.starts_with("http://") {
                Function::Url(what.parse().map_err(|_| wrong("not a URL"))?)
            } else if what.starts_with("https://") {
                return Err(wrong("only http is spoken to what is behind"));
            } else if what.trim().is_empty() {
                return Err(wrong("there is no command"));
            } else {
                Function::Command(what.into())
            };
            if known.insert(name.to_owned(), function).is_some() {
                return Err(wrong("there are two of this name"));
            }
        }
        Ok(Self {
            known,
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
        let path = parts.uri.path();
        let between = |start: &str, end: &str| {
            let name = path.strip_prefix(start)?.strip_suffix(end)?;
            (parts.method == Method::POST && !name.contains('/')).then(|| decoded(name))
        };
        let plain = between("/2015-03-31/functions/", "/invocations");
        let streamed = || between("/2021-11-15/functions/", "/response-streaming-invocations");
        let (name, streams) = match plain {
            Some(name) => (name, false),
            None => match streamed() {
                Some(name) => (name, true),
                None => {
                    return answer::error(
                        404,
                        "UnknownOperationException",
                        "<UnknownOperationException/>\n".to_owned(),
                    );
                }
            },
        };
        let Some(named) = Named::of(&name, parts.uri.query().unwrap_or_default()) else {
            return user_error(
                400,
                "InvalidParameterValueException",
                "the function's name or qualifier is none",
            );
        };
        let arn = named.arn(caller.who.scope().region());
        if let Some(denied) = app.denial(caller, "lambda:InvokeFunction", vec![arn.clone()]) {
            return denied;
        }
        let Some(function) = self.known.get(&named.name) else {
            return user_error(
                404,
                "ResourceNotFoundException",
                &format!("Function not found: {arn}"),
            );
        };
        match self
            .call(app, parts, named, function.clone(), streams, body)
            .await
        {
            Ok(response) => response,
            Err(Refusal::Answer(response)) => *response,
            Err(Refusal::Signature(error)) => answer::refuse(app.profile, parts, &error),
        }
    }

    async fn call(
        &self,
        app: &App,
        parts: &Parts,
        named: Named,
        function: Function,
        streams: bool,
        body: Received,
    ) -> Result<Response<Body>, Refusal> {
        let header = |name: &str| {
            parts
                .headers
                .get(name)
                .and_then(|value| value.to_str().ok())
        };
        let kind = header("x-amz-invocation-type").unwrap_or("RequestResponse");
        let wants_log = match header("x-amz-log-type") {
            None | Some("None") => false,
            Some("Tail") => true,
            Some(other) => return Err(invalid("logType", other)),
        };
        let most = match kind {
            "RequestResponse" | "DryRun" => MOST,
            "Event" if !streams => MOST_LATER,
            other => return Err(invalid("invocationType", other)),
        };
        let client_context = client_context(header("x-amz-client-context"))?;
        let payload = payload(body, most).await?;
        let current = context::current();
        let call = Call {
            function,
            version: named.qualifier.unwrap_or_else(|| "$LATEST".to_owned()),
            name: named.name,
            request_id: current.map_or_else(String::new, |context| context.id().to_owned()),
            client_context,
            payload,
            running: app.running.clone(),
            limit: app.timeout,
        };
        let mut response = match kind {
            "DryRun" => empty(204),
            "Event" => {
                let (client, call) = (self.client.clone(), call.clone());
                let alive = call.running.alive.enter();
                tokio::spawn(async move {
                    let _ = call.outcome(&client).await;
                    drop(alive);
                });
                empty(202)
            }
            _ if streams => {
                let mut response =
                    Response::new(call.clone().stream(self.client.clone(), wants_log));
                answer::set(
                    &mut response,
                    "content-type",
                    "application/vnd.amazon.eventstream",
                );
                response
            }
            _ => match call.outcome(&self.client).await {
                Ok(outcome) => {
                    let mut response = answer::json(200, outcome.payload);
                    if outcome.failed {
                        answer::set(&mut response, "x-amz-function-error", "Unhandled");
                    }
                    if wants_log {
                        let log = BASE64.encode(&outcome.tail);
                        answer::set(&mut response, "x-amz-log-result", &log);
                    }
                    response
                }
                Err(trouble) => return Err(service_error(&trouble)),
            },
        };
        answer::set(&mut response, "x-amz-executed-version", &call.version);
        answer::set(&mut response, "x-amzn-requestid", &call.request_id);
        Ok(response)
    }
}

/// Why a call is not made.
enum Refusal {
    Answer(Box<Response<Body>>),
    Signature(VerifyError),
}

impl Call {
    fn variables(&self) -> Vec<(&'static str, String)> {
        let mut variables = vec![
            ("AWS_LAMBDA_FUNCTION_NAME", self.name.clone()),
            ("AWS_LAMBDA_FUNCTION_VERSION", self.version.clone()),
            ("AWS_LAMBDA_REQUEST_ID", self.request_id.clone()),
        ];
        if let Some(context) = &self.client_context {
            variables.push(("AWS_LAMBDA_CLIENT_CONTEXT", context.clone()));
        }
        variables
    }

    /// Calls the function and waits for it.
    async fn outcome(
        &self,
        client: &Client<HttpConnector, Full<Bytes>>,
    ) -> Result<Outcome, Trouble> {
        match &self.function {
            Function::Command(command) => {
                let ran = self
                    .running
                    .run(command, self.payload.clone(), &self.variables(), self.limit)
                    .await;
                match ran {
                    Ok(ran) if ran.status.success() => Ok(Outcome {
                        payload: ran.stdout.into(),
                        failed: false,
                        tail: self.log(&ran.tail),
                    }),
                    Ok(ran) => Ok(Outcome {
                        payload: self.error_object(&ran.stdout, &ran.status.to_string()),
                        failed: true,
                        tail: self.log(&ran.tail),
                    }),
                    Err(Trouble::TimedOut(limit)) => Ok(Outcome {
                        payload: self.timed_out(limit),
                        failed: true,
                        tail: self.log(&[]),
                    }),
                    Err(trouble) => Err(trouble),
                }
            }
            Function::Url(url) => {
                let answered = async {
                    let response = self.post(client, url).await?;
                    let failed = response.headers().contains_key("x-amz-function-error");
                    let logged = response
                        .headers()
                        .get("x-amz-log-result")
                        .and_then(|log| BASE64.decode(log.as_bytes()).ok());
                    let status = response.status();
                    let body = response.into_body().collect().await;
                    let payload = body
                        .map_err(|error| Trouble::NoAnswer(error.to_string()))?
                        .to_bytes();
                    if !status.is_success() {
                        return Err(Trouble::NoAnswer(format!("the server answered {status}")));
                    }
                    Ok(Outcome {
                        payload,
                        failed,
                        tail: logged.unwrap_or_else(|| self.log(&[])),
                    })
                };
                match timeout(self.limit, answered).await {
                    Ok(outcome) => outcome,
                    Err(_) => Ok(Outcome {
                        payload: self.timed_out(self.limit),
                        failed: true,
                        tail: self.log(&[]),
                    }),
                }
            }
        }
    }

    async fn post(
        &self,
        client: &Client<HttpConnector, Full<Bytes>>,
        url: &Uri,
    ) -> Result<Response<hyper::body::Incoming>, Trouble> {
        let request = Request::post(url.clone())
            .header("content-type", "application/json")
            .header("x-amz-log-type", "Tail")
            .body(Full::new(self.payload.clone()))
            .map_err(|error| Trouble::NoAnswer(error.to_string()))?;
        client.request(request).await.map_err(|error| {
            let last = crate::failure::chain(&error).last();
            Trouble::NoAnswer(last.map(ToString::to_string).unwrap_or_default())
        })
    }

    /// Calls the function and passes on what it prints as it comes, in frames.
    fn stream(self, client: Client<HttpConnector, Full<Bytes>>, wants_log: bool) -> Body {
        let (sender, receiver) = mpsc::channel(16);
        tokio::spawn(async move {
            let alive = self.running.alive.enter();
            let complete = match self.streamed(&client, &sender).await {
                Ok((None, tail)) => with_log(json!({}), wants_log.then(|| self.log(&tail))),
                Ok((Some((code, details)), tail)) => with_log(
                    json!({"ErrorCode": code, "ErrorDetails": details}),
                    wants_log.then(|| self.log(&tail)),
                ),
                Err(Gone) => return,
            };
            let frame = frames::event("InvokeComplete", "application/json", complete.as_bytes());
            let _ = sender.send(frame).await;
            drop(alive);
        });
        Pipe(receiver).boxed_unsync()
    }

    /// What went wrong, if anything, and the end of the log.
    async fn streamed(
        &self,
        client: &Client<HttpConnector, Full<Bytes>>,
        sender: &mpsc::Sender<Bytes>,
    ) -> Result<(Option<(&'static str, String)>, Vec<u8>), Gone> {
        let chunk = |bytes: &[u8]| frames::event("PayloadChunk", "application/octet-stream", bytes);
        let trouble = |trouble: &Trouble| Some(("Runtime.Unknown", trouble.to_string()));
        match &self.function {
            Function::Command(command) => {
                let mut child = match command::start(command, &self.variables()) {
                    Ok(child) => child,
                    Err(error) => return Ok((trouble(&error), Vec::new())),
                };
                let group = Group::of(&child);
                let (stdin, stdout, stderr) =
                    (child.stdin.take(), child.stdout.take(), child.stderr.take());
                let pass_on = async {
                    let Some(mut stdout) = stdout else {
                        return Ok(());
                    };
                    let mut buffer = vec![0; CHUNK];
                    while let Ok(length @ 1..) = stdout.read(&mut buffer).await {
                        let read = buffer.get(..length).unwrap_or_default();
                        sender.send(chunk(read)).await.map_err(|_| Gone)?;
                    }
                    Ok(())
                };
                let work = async {
                    let ((), passed, tail) = futures_util::future::join3(
                        command::feed(stdin, self.payload.clone()),
                        pass_on,
                        self.running.tail(stderr),
                    )
                    .await;
                    passed?;
                    Ok((child.wait().await, tail))
                };
                let Ok(outcome) = timeout(self.limit, work).await else {
                    let details = format!("Task timed out after {:.2} seconds", self.seconds());
                    return Ok((Some(("Sandbox.Timedout", details)), Vec::new()));
                };
                let (status, tail) = outcome?;
                group.done();
                Ok(match status {
                    Ok(status) if status.success() => (None, tail),
                    Ok(status) => (
                        Some(("Runtime.ExitError", self.exit_error(&status.to_string()))),
                        tail,
                    ),
                    Err(error) => (trouble(&Trouble::Start(error)), tail),
                })
            }
            Function::Url(url) => {
                let mut body = match self.post(client, url).await {
                    Ok(response) => response.into_body(),
                    Err(error) => return Ok((trouble(&error), Vec::new())),
                };
                loop {
                    match timeout(self.limit, body.frame()).await {
                        Ok(None) => return Ok((None, Vec::new())),
                        Ok(Some(Ok(frame))) => {
                            if let Ok(data) = frame.into_data() {
                                sender.send(chunk(&data)).await.map_err(|_| Gone)?;
                            }
                        }
                        Ok(Some(Err(error))) => {
                            let error = Trouble::NoAnswer(error.to_string());
                            return Ok((trouble(&error), Vec::new()));
                        }
                        Err(_) => {
                            let error = Trouble::TimedOut(self.limit);
                            return Ok((trouble(&error), Vec::new()));
                        }
                    }
                }
            }
        }
    }

    fn seconds(&self) -> f64 {
        self.limit.as_secs_f64()
    }

    /// What the command printed, if that is an error object; else one about its exit.
    fn error_object(&self, printed: &[u8], status: &str) -> Bytes {
        let own = serde_json::from_slice::<Value>(printed).ok();
        if own.is_some_and(|own| own.get("errorMessage").is_some()) {
            return Bytes::copy_from_slice(printed);
        }
        json!({"errorMessage": self.exit_error(status), "errorType": "Runtime.ExitError"})
            .to_string()
            .into()
    }

    fn exit_error(&self, status: &str) -> String {
        format!(
            "RequestId: {} Error: Runtime exited with error: {status}",
            self.request_id
        )
    }

    fn timed_out(&self, limit: Duration) -> Bytes {
        let message = format!(
            "RequestId: {} Error: Task timed out after {:.2} seconds",
            self.request_id,
            limit.as_secs_f64()
        );
        json!({"errorMessage": message, "errorType": "Sandbox.Timedout"})
            .to_string()
            .into()
    }

    /// The log as CloudWatch has it, its last 4 KB.
    fn log(&self, tail: &[u8]) -> Vec<u8> {
        let id = &self.request_id;
        let mut log = format!("START RequestId: {id} Version: {}\n", self.version).into_bytes();
        log.extend_from_slice(tail);
        if !tail.is_empty() && !tail.ends_with(b"\n") {
            log.push(b'\n');
        }
        log.extend_from_slice(format!("END RequestId: {id}\n").as_bytes());
        let surplus = log.len().saturating_sub(TAIL);
        log.drain(..surplus);
        log
    }
}

/// Nobody reads the answer any more.
struct Gone;

impl Named {
    /// `name`, `name:qualifier`, and both in an ARN or its last parts.
    fn of(text: &str, query: &str) -> Option<Self> {
        let parts: Vec<_> = text.split(':').collect();
        let (name, qualifier) = match parts.as_slice() {
            [name] => (*name, None),
            [name, qualifier] => (*name, Some(*qualifier)),
            ["arn", _, "lambda", _, _, "function", name] | [_, "function", name] => (*name, None),
            ["arn", _, "lambda", _, _, "function", name, qualifier]
            | [_, "function", name, qualifier] => (*name, Some(*qualifier)),
            _ => return None,
        };
        let mut given = url::form_urlencoded::parse(query.as_bytes())
            .filter(|(name, _)| name == "Qualifier")
            .map(|(_, value)| value.into_owned());
        let asked = given.next();
        if given.next().is_some() || asked.is_some() && qualifier.is_some() {
            return None;
        }
        let qualifier = asked.or_else(|| qualifier.map(str::to_owned));
        let is_name = |text: &str| {
            !text.is_empty()
                && text.len() <= 128
                && text
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"$-_.".contains(&byte))
        };
        (is_name(name) && qualifier.as_deref().is_none_or(is_name)).then(|| Self {
            name: name.to_owned(),
            qualifier,
        })
    }

    fn arn(&self, region: &str) -> String {
        let mut arn = format!("arn:aws:lambda:{region}:{ACCOUNT}:function:{}", self.name);
        if let Some(qualifier) = &self.qualifier {
            arn.push(':');
            arn.push_str(qualifier);
        }
        arn
    }
}

/// The payload, which has to be JSON; none is an empty object.
async fn payload(body: Received, most: usize) -> Result<Bytes, Refusal> {
    let payload = match answer::whole(body, most).await {
        Ok(payload) => payload,
        Err(VerifyError::TooLarge(_)) => {
            return Err(Refusal::Answer(Box::new(user_error(
                413,
                "RequestTooLargeException",
                &format!(
                    "Request must be smaller than {most} bytes for the InvokeFunction operation"
                ),
            ))));
        }
        Err(error) => return Err(Refusal::Signature(error)),
    };
    if payload.is_empty() {
        return Ok(Bytes::from_static(b"{}"));
    }
    match serde_json::from_slice::<Value>(&payload) {
        Ok(_) => Ok(payload),
        Err(error) => Err(Refusal::Answer(Box::new(user_error(
            400,
            "InvalidRequestContentException",
            &format!("Could not parse request body into json: {error}"),
        )))),
    }
}

/// The header's JSON, decoded.
fn client_context(header: Option<&str>) -> Result<Option<String>, Refusal> {
    let Some(header) = header else {
        return Ok(None);
    };
    let decoded = BASE64
        .decode(header.as_bytes())
        .ok()
        .filter(|_| header.len() <= MOST_CONTEXT)
        .and_then(|json| String::from_utf8(json).ok())
        .filter(|json| !json.contains('\0') && serde_json::from_str::<Value>(json).is_ok());
    match decoded {
        Some(context) => Ok(Some(context)),
        None => Err(Refusal::Answer(Box::new(user_error(
            400,
            "InvalidRequestContentException",
            "Client context must be a valid Base64-encoded JSON object of at most 3583 bytes.",
        )))),
    }
}

fn invalid(name: &str, value: &str) -> Refusal {
    let text = format!("{value} is not a valid value for '{name}'");
    Refusal::Answer(Box::new(user_error(
        400,
        "InvalidParameterValueException",
        &text,
    )))
}

fn user_error(status: u16, code: &'static str, message: &str) -> Response<Body> {
    let body = json!({"Type": "User", "Message": message});
    answer::error(status, code, body.to_string())
}

fn service_error(trouble: &Trouble) -> Refusal {
    if let Some(context) = context::current() {
        context.change(|found| found.note = Some(trouble.to_string()));
    }
    let body = json!({"Type": "Service", "Message": trouble.to_string()});
    Refusal::Answer(Box::new(answer::error(
        500,
        "ServiceException",
        body.to_string(),
    )))
}

fn empty(status: u16) -> Response<Body> {
    let mut response = answer::json(status, "");
    response.headers_mut().clear();
    response
}

fn with_log(mut complete: Value, log: Option<Vec<u8>>) -> String {
    if let (Some(fields), Some(log)) = (complete.as_object_mut(), log) {
        fields.insert("LogResult".to_owned(), BASE64.encode(&log).into());
    }
    complete.to_string()
}

/// A body that another task writes.
struct Pipe(mpsc::Receiver<Bytes>);

impl http_body::Body for Pipe {
    type Data = Bytes;
    type Error = BoxError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        task: &mut Task<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BoxError>>> {
        self.0
            .poll_recv(task)
            .map(|bytes| bytes.map(|bytes| Ok(Frame::data(bytes))))
    }
}

/// Lambda's limits, in bytes.
const MOST: usize = 6 * 1024 * 1024;
const MOST_LATER: usize = 1024 * 1024;
const MOST_CONTEXT: usize = 3583;
/// Bytes in a chunk at most.
const CHUNK: usize = 32 * 1024;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names() {
        let named = |text: &str, query: &str| Named::of(text, query).map(|named| named.arn("r"));
        let arn = |rest: &str| Some(format!("arn:aws:lambda:r:{ACCOUNT}:function:{rest}"));
        assert_eq!(named("f", ""), arn("f"));
        assert_eq!(named("f:v1", ""), arn("f:v1"));
        assert_eq!(named("f", "Qualifier=%24LATEST"), arn("f:$LATEST"));
        assert_eq!(named("arn:aws:lambda:us-east-1:1:function:f", ""), arn("f"));
        assert_eq!(named("123:function:f:2", ""), arn("f:2"));
        for (text, query) in [
            ("", ""),
            ("f:1", "Qualifier=2"),
            ("a:b:c", ""),
            ("a b", ""),
            ("f", "Qualifier=1&Qualifier=2"),
        ] {
            assert_eq!(named(text, query), None, "{text} {query}");
        }
    }
}
