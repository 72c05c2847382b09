//! `sigcurl lambda invoke`

use std::ffi::{OsStr, OsString};

use clap::{Args, Command, FromArgMatches};
use data_encoding::BASE64;
use serde_json::Value;

use crate::args::{BinaryFormat, InvocationKind, InvokeArgs, LogType, RequestArgs};
use crate::failure::Failure;
use crate::invocation::{Form, Invocation};
use crate::lambda::request::{self, Body};
use crate::lambda::table::Operation;
use crate::lambda::value;
use crate::plan::{Env, RequestPlan};
use crate::run;

pub(super) fn run(words: &[OsString], stream: bool, env: Env<'_>) -> Result<(), Failure> {
    let Some(matches) = super::parse(command(), words)? else {
        return Ok(());
    };
    let request = request::read(&matches)?;
    let args = InvokeArgs::from_arg_matches(&matches);
    let mut args = args.map_err(|error| Failure::usage(error.to_string()))?;
    args.stream |= stream;
    run::run_plan(&plan(&args, request, env)?)
}

fn command() -> Command {
    let command = InvokeArgs::augment_args(Command::new("sigcurl lambda invoke"));
    request::with_request_options(command)
        .about("Invoke a Lambda function and print what it returns.")
        .after_help(AFTER_HELP)
}

/// What the words that are no options stand for.
#[derive(Debug, Default)]
struct Words<'a> {
    function: Option<&'a str>,
    payload: Option<&'a OsStr>,
    file: Option<&'a OsStr>,
}

fn words(args: &InvokeArgs) -> Result<Words<'_>, Failure> {
    let mut words = Words {
        function: args.function_name.as_deref(),
        payload: args.payload.as_deref(),
        file: None,
    };
    let mut rest = args.words.iter().map(OsString::as_os_str);
    if words.function.is_none() {
        let name = rest
            .next()
            .ok_or_else(|| Failure::usage("no function (see sigcurl lambda invoke --help)"))?;
        let name = name.to_str();
        words.function =
            Some(name.ok_or_else(|| Failure::usage("the function's name is not UTF-8"))?);
        if words.payload.is_none() {
            words.payload = rest.next();
        }
    }
    if args.function_name.is_some() || args.payload.is_some() {
        words.file = rest.next();
    }
    match rest.next() {
        None => Ok(words),
        Some(word) => Err(Failure::usage(format!(
            "'{}' is one word too many: FUNCTION [PAYLOAD], or, as in the AWS CLI, --function-name FUNCTION [--payload PAYLOAD] FILE",
            word.to_string_lossy()
        ))),
    }
}

fn plan(args: &InvokeArgs, mut request: RequestArgs, env: Env<'_>) -> Result<RequestPlan, Failure> {
    let words = words(args)?;
    let kind = args.kind.unwrap_or_default();
    refuse_contradictions(args, kind)?;
    let form = form(args, &words, &mut request)?;

    let text = |name, value: &str| (name, Value::from(value));
    let mut values = vec![text("FunctionName", words.function.unwrap_or_default())];
    if let Some(qualifier) = &args.qualifier {
        values.push(text("Qualifier", qualifier));
    }
    if args.kind.is_some() {
        let name = match kind {
            InvocationKind::Sync => "RequestResponse",
            InvocationKind::Event => "Event",
            InvocationKind::DryRun => "DryRun",
        };
        values.push(text("InvocationType", name));
    }
    let log = args.log || args.log_type == Some(LogType::Tail);
    if log {
        values.push(text("LogType", "Tail"));
    } else if args.log_type.is_some() {
        values.push(text("LogType", "None"));
    }
    if let Some(context) = &args.client_context {
        values.push(("ClientContext", client_context(context)?.into()));
    }
    if let Some(tenant) = &args.tenant_id {
        check_length("--tenant-id", tenant, 256)?;
        values.push(text("TenantId", tenant));
    }
    if let Some(name) = &args.durable_execution_name {
        check_length("--durable-execution-name", name, 64)?;
        values.push(text("DurableExecutionName", name));
    }
    let name = if args.stream {
        "InvokeWithResponseStream"
    } else {
        "Invoke"
    };
    let operation =
        Operation::named(name).ok_or_else(|| Failure::usage(format!("no operation {name}")))?;
    let payload = words
        .payload
        .map(|payload| read_payload(payload, args.cli_binary_format, kind))
        .transpose()?;
    let mut wanted = request::of(&operation, &values, payload.map_or(Body::None, Body::Bytes))?;
    // What every SDK says of it: the payload is the function's business.
    wanted.content_type = "application/octet-stream";
    let mut plan = request::plan(wanted, request, &args.common, env)?;
    plan.output.invocation = Some(Invocation {
        // Where the AWS CLI has it in what it prints, that will do.
        log: args.log || log && matches!(form, Form::Payload | Form::Json),
        form,
        stream: args.stream && kind == InvocationKind::Sync,
    });
    if form == Form::Json && plan.output.include {
        return Err(Failure::usage("--json and -i contradict each other"));
    }
    Ok(plan)
}

fn refuse_contradictions(args: &InvokeArgs, kind: InvocationKind) -> Result<(), Failure> {
    let is_sync = kind == InvocationKind::Sync;
    let contradictions = [
        (
            args.log && !is_sync,
            "--log needs --type sync: nothing runs whose log there would be to wait for",
        ),
        (
            args.client_context.is_some() && !is_sync,
            "--client-context needs --type sync: Lambda passes it on to no other invocation",
        ),
        (
            args.stream && kind == InvocationKind::Event,
            "--stream and --type event contradict each other: no payload comes back",
        ),
        (
            args.stream && args.durable_execution_name.is_some(),
            "--stream and --durable-execution-name contradict each other: Lambda streams no durable execution",
        ),
        (
            args.stream && args.print_json,
            "--stream and --json contradict each other: one prints as it comes, the other at the end",
        ),
    ];
    match contradictions.iter().find(|(given, _)| *given) {
        Some((_, why)) => Err(Failure::usage(*why)),
        None => Ok(()),
    }
}

fn form(args: &InvokeArgs, words: &Words<'_>, request: &mut RequestArgs) -> Result<Form, Failure> {
    let Some(file) = words.file else {
        return match (&args.common.format, args.print_json) {
            (Some(_), _) => Err(Failure::usage(
                "--output is the AWS CLI's, for what it prints beside the payload's file: name that file, use -o FILE for the payload alone, or --json",
            )),
            (None, true) => Ok(Form::Json),
            (None, false) => Ok(Form::Payload),
        };
    };
    if request.output.is_some() || args.print_json || request.include {
        return Err(Failure::usage(format!(
            "the file '{}' for the payload contradicts -o, -i and --json",
            file.to_string_lossy()
        )));
    }
    request.output = Some(file.into());
    match args.common.format.as_deref() {
        None | Some("json") => Ok(Form::Metadata),
        Some("text") => Ok(Form::MetadataText),
        Some(other) => Err(Failure::usage(format!(
            "--output {other} is not here: json and text are"
        ))),
    }
}

fn read_payload(
    value: &OsStr,
    format: Option<BinaryFormat>,
    kind: InvocationKind,
) -> Result<Vec<u8>, Failure> {
    let (most, name) = match kind {
        InvocationKind::Event => (MOST_ASYNC, "1 MB) of an asynchronous invocation"),
        _ => (MOST_SYNC, "6 MB) of a synchronous invocation"),
    };
    let is_base64 =
        format == Some(BinaryFormat::Base64) && !value.as_encoded_bytes().starts_with(b"fileb://");
    let most_read = if is_base64 { 2 * most } else { most };
    let mut payload = value::bytes(value, "the payload", most_read)?;
    if is_base64 && payload.len() <= most_read {
        payload.retain(|byte| !byte.is_ascii_whitespace());
        payload = BASE64.decode(&payload).map_err(|error| {
            Failure::usage(format!(
                "the payload is not base64, which --cli-binary-format base64 says it is: {error}"
            ))
        })?;
    }
    if payload.len() > most {
        return Err(Failure::usage(format!(
            "the payload is larger than Lambda takes: {most} bytes ({name}; put it into S3 and send its key"
        )));
    }
    Ok(payload)
}

/// In base64: JSON is encoded, base64 of JSON goes as it is.
fn client_context(given: &str) -> Result<String, Failure> {
    let text = if given.starts_with('@') || given.starts_with("file://") {
        let bytes = value::bytes(OsStr::new(given), "--client-context", MOST_CONTEXT)?;
        String::from_utf8(bytes).map_err(|_| Failure::usage("--client-context is not UTF-8"))?
    } else {
        given.to_owned()
    };
    let text = text.trim();
    let is_object =
        |bytes: &[u8]| serde_json::from_slice::<Value>(bytes).is_ok_and(|it| it.is_object());
    let encoded = if BASE64
        .decode(text.as_bytes())
        .is_ok_and(|it| is_object(&it))
    {
        text.to_owned()
    } else if is_object(text.as_bytes()) || text.len() > MOST_CONTEXT {
        BASE64.encode(text.as_bytes())
    } else {
        return Err(Failure::usage(
            "--client-context takes a JSON object, or @FILE with one",
        ));
    };
    if encoded.len() > MOST_CONTEXT {
        return Err(Failure::usage(format!(
            "--client-context is {} bytes in base64: Lambda takes at most {MOST_CONTEXT}",
            encoded.len()
        )));
    }
    Ok(encoded)
}

fn check_length(option: &str, value: &str, most: usize) -> Result<(), Failure> {
    if (1..=most).contains(&value.len()) {
        return Ok(());
    }
    Err(Failure::usage(format!(
        "{option} has 1 to {most} characters"
    )))
}

/// Lambda's limits of today.
const MOST_SYNC: usize = 6 * 1024 * 1024;
const MOST_ASYNC: usize = 1024 * 1024;
const MOST_CONTEXT: usize = 3_583;

const AFTER_HELP: &str = "\
The payload goes to standard output as it is, and so does a function's error, which exits with 110 and is told in one
line on standard error. A refusal of Lambda's exits with 22. With a stream, 111 is an exception in it, 112 a malformed
one, 18 one that is cut. A function that streams HTTP answers begins with their head in JSON and eight NUL bytes, which
are printed as they are.

Examples:
  sigcurl lambda invoke my-function '{\"name\": \"Rex\"}'
  sigcurl lambda invoke my-function:live @event.json --log
  sigcurl lambda invoke --stream my-function @event.json
  sigcurl lambda invoke my-function --type event @event.json
  sigcurl lambda invoke --json arn:aws:lambda:eu-west-1:123456789012:function:my-function
  sigcurl lambda invoke --function-name my-function --payload '{}' out.json
      As the AWS CLI has it: the payload goes to the file, and what is known of it is printed. --payload is taken as it
      is, as version 1 does; with --cli-binary-format base64, in base64, as version 2 does by itself
  sigcurl lambda invoke --endpoint-url http://localhost:9000 --no-sign --region us-east-1 my-function '{}'

The region is --region, else the ARN's, else the environment's, else the profile's; --region and an ARN that contradict
each other are refused.";

#[cfg(test)]
mod tests {
    #[test]
    fn clap_agrees() {
        super::command().debug_assert();
    }
}
