//! A request to Lambda: the options of plain requests that mean something here, and the plan that they make.

use clap::parser::ValueSource;
use clap::{ArgMatches, Args, Command, FromArgMatches};
use serde_json::{Map, Value};

use super::endpoint::endpoint;
use super::function;
use super::table::Operation;
use crate::args::{CommonArgs, RequestArgs};
use crate::body::{BodySource, Part, encode};
use crate::failure::Failure;
use crate::jobs;
use crate::plan::{Decided, Env, RequestPlan};

/// What is sent, but for where to.
#[derive(Debug, Default)]
pub(crate) struct Wanted {
    pub(crate) method: &'static str,
    pub(crate) path_and_query: String,
    /// `Name: value`
    pub(crate) headers: Vec<String>,
    pub(crate) content_type: &'static str,
    pub(crate) body: Option<Vec<u8>>,
    /// The region that an ARN in it names.
    pub(crate) region: Option<String>,
}

/// Adds the options of plain requests behind its own. Those that mean nothing here are hidden, and [`read`] refuses them.
pub(crate) fn with_request_options(command: Command) -> Command {
    let request = RequestArgs::augment_args(Command::new("sigcurl"));
    let request = request.mut_args(|arg| match arg.get_id().as_str() {
        // Its name is another option's here, so it has one that nobody types.
        id @ ("json" | "output") => {
            let (long, hidden) = (if id == "json" { "x-json" } else { "out" }, id == "json");
            arg.long(long).hide(hidden)
        }
        // Other APIs', whose names Lambda's own parameters have.
        "target" => arg.long("x-target").hide(true),
        "action" => arg.long("x-action").hide(true),
        "api_version" => arg.long("x-api-version").hide(true),
        "urls" => arg
            .long("x-urls")
            .hide(true)
            .required_unless_present(clap::builder::Resettable::Reset),
        id if MEANINGLESS.contains(&id) => arg.hide(true),
        // The AWS CLI's names.
        "insecure" => arg.alias("no-verify-ssl"),
        "cacert" => arg.alias("ca-bundle"),
        "connect_timeout" => arg.alias("cli-connect-timeout"),
        "no_sign" => arg.alias("no-sign-request"),
        _ => arg,
    });
    command.args(request.get_arguments().cloned())
}

/// The options that [`with_request_options`] added.
///
/// # Errors
///
/// For those that mean nothing here.
pub(crate) fn read(matches: &ArgMatches) -> Result<RequestArgs, Failure> {
    let given = |id: &&&str| matches.value_source(id) == Some(ValueSource::CommandLine);
    if let Some(id) = MEANINGLESS.iter().find(given) {
        return Err(Failure::usage(format!(
            "--{} has no meaning here: lambda makes URL, method and body itself, and prints the answer whole",
            id.replace('_', "-")
        )));
    }
    RequestArgs::from_arg_matches(matches).map_err(|error| Failure::usage(error.to_string()))
}

/// The plan.
///
/// # Errors
///
/// As for any request, and for an endpoint or a region that cannot be.
pub(crate) fn plan(
    wanted: Wanted,
    mut request: RequestArgs,
    common: &CommonArgs,
    env: Env<'_>,
) -> Result<RequestPlan, Failure> {
    if common.query.is_some() {
        return Err(Failure::usage(
            "--query is not here: sigcurl does not search answers (pipe them to jq)",
        ));
    }
    let place = endpoint(common, &request, wanted.region.as_deref(), env)?;
    request.urls.0 = vec![format!("{}{}", place.url, wanted.path_and_query)];
    request.request = Some(wanted.method.to_owned());
    request.service = Some("lambda".to_owned());
    request.region = place.region.as_ref().map(|region| region.value.clone());
    request.max_time = request.max_time.or(common.cli_read_timeout);
    request.fail_with_body = true;
    let mut requests = jobs::each(&request)?;
    let mut request = requests.pop().unwrap_or(request);
    let is_given = |name: &str| {
        let mut names = request
            .header
            .iter()
            .filter_map(|header| header.split([':', ';']).next());
        names.any(|given| given.trim().eq_ignore_ascii_case(name))
    };
    let name_of = |header: &String| header.split(':').next().unwrap_or_default().to_owned();
    if let Some(header) = wanted.headers.iter().find(|it| is_given(&name_of(it))) {
        return Err(Failure::usage(format!(
            "-H {} and the option that stands for it contradict each other",
            name_of(header)
        )));
    }
    if wanted.body.is_some() && !is_given("content-type") {
        let header = format!("Content-Type: {}", wanted.content_type);
        request.header.push(header);
    }
    request.header.extend(wanted.headers);

    let mut plan = RequestPlan::new(&request, env)?;
    if let Some(body) = wanted.body {
        plan.body = BodySource::of(vec![Part::Text(body)]);
    }
    plan.output.only_success = true;
    plan.service = Decided {
        value: "lambda".to_owned(),
        from: "the subcommand",
    };
    if !plan.controls.plain && place.region.is_some() {
        plan.region = place.region;
    }
    Ok(plan)
}

/// The request that an operation makes of parameters and, beside them, of a body.
///
/// # Errors
///
/// If a parameter is missing.
pub(crate) fn of(
    operation: &Operation,
    values: &[(&'static str, Value)],
    body: Body,
) -> Result<Wanted, Failure> {
    let find = |name: &str| {
        let found = values.iter().find(|(given, _)| *given == name);
        found.map(|(_, value)| value)
    };
    let missing = |name: &str| {
        Failure::usage(format!(
            "{} needs --{}",
            super::table::kebab(operation.name),
            super::table::kebab(name)
        ))
    };
    let mut path = operation.path.to_owned();
    for param in operation.in_path() {
        let value = plain(find(param.name).ok_or_else(|| missing(param.name))?);
        if matches!(value.as_str(), "" | "." | "..") {
            return Err(Failure::usage(format!("'{value}' is no {}", param.name)));
        }
        if param.name == "FunctionName" {
            function::check(&value)?;
        }
        path = path.replace(&format!("{{{}}}", param.name), &encode(value.as_bytes()));
    }
    let mut pairs = Vec::new();
    for param in &operation.query {
        let several = match find(param.name) {
            None if param.required => return Err(missing(param.name)),
            None => continue,
            Some(Value::Array(several)) => several.iter().map(plain).collect(),
            Some(one) => vec![plain(one)],
        };
        let pair = |value: &String| format!("{}={}", param.wire, encode(value.as_bytes()));
        pairs.extend(several.iter().map(pair));
    }
    for pair in pairs {
        path.push(if path.contains('?') { '&' } else { '?' });
        path.push_str(&pair);
    }
    let headers = operation.head.iter().filter_map(|param| {
        let value = plain(find(param.name)?);
        Some(format!("{}: {value}", param.wire))
    });
    let body = match (body, &operation.payload) {
        (Body::Bytes(bytes), _) => Some(bytes),
        (Body::None, Some(param)) if find(param.name).is_some() => {
            find(param.name).map(|value| value.to_string().into_bytes())
        }
        (Body::None, _) if operation.body.is_empty() => None,
        (Body::None, _) => Some(object(operation, Map::new(), find, missing)?),
        (Body::Object(base), _) => Some(object(operation, base, find, missing)?),
    };
    // What is asked about is where its ARN says.
    let in_path = operation.in_path().map(|param| param.name);
    let region = in_path.chain(["FunctionName", "Arn"]).find_map(|name| {
        let arn = find(name)?.as_str()?;
        function::region(arn).map(str::to_owned)
    });
    Ok(Wanted {
        method: operation.method,
        path_and_query: path,
        headers: headers.collect(),
        content_type: "application/json",
        body,
        region,
    })
}

/// What is given as a body, beside parameters.
#[derive(Debug)]
pub(crate) enum Body {
    /// Nothing.
    None,
    /// All of it.
    Bytes(Vec<u8>),
    /// Members, which parameters outrank.
    Object(Map<String, Value>),
}

fn object<'a>(
    operation: &Operation,
    mut object: Map<String, Value>,
    find: impl Fn(&str) -> Option<&'a Value>,
    missing: impl Fn(&str) -> Failure,
) -> Result<Vec<u8>, Failure> {
    for param in &operation.body {
        match find(param.name) {
            Some(value) => {
                object.insert(param.wire.to_owned(), value.clone());
            }
            None if param.required && !object.contains_key(param.wire) => {
                return Err(missing(param.name));
            }
            None => {}
        }
    }
    Ok(Value::Object(object).to_string().into_bytes())
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// Options of plain requests that mean nothing here.
const MEANINGLESS: [&str; 41] = [
    "action",
    "api_version",
    "aws_sigv4",
    "config",
    "continue_at",
    "data",
    "data_binary",
    "data_raw",
    "data_urlencode",
    "disable",
    "expires",
    "fail_early",
    "form",
    "form_string",
    "get",
    "globoff",
    "head",
    "json",
    "location",
    "max_redirs",
    "next",
    "path_as_is",
    "payload_hash",
    "post301",
    "post302",
    "post303",
    "presign",
    "range",
    "raw",
    "referer",
    "remote_header_name",
    "remote_name",
    "request",
    "service",
    "target",
    "unsigned_payload",
    "upload_file",
    "url",
    "url_query",
    "urls",
    "user",
];
