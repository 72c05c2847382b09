//! `sigcurl lambda OPERATION`: what the table says of an operation → options, request, answer.

use std::ffi::{OsStr, OsString};

use clap::{Arg, ArgAction, ArgMatches, Args, Command, FromArgMatches};
use serde_json::{Map, Value};

use super::code::code;
use super::help::value_name;
use super::short::Short;
use crate::args::{CommonArgs, LAMBDA, RequestArgs};
use crate::failure::Failure;
use crate::lambda::page::Pages;
use crate::lambda::request::{self, Body};
use crate::lambda::table::{Kind, Operation, Param, kebab};
use crate::lambda::value::{bytes, value};
use crate::plan::{Env, RequestPlan};
use crate::pretty::Kind as Layout;
use crate::run;
use crate::session::Session;
use crate::sink::Sink;

type Values = Vec<(&'static str, Value)>;

/// What the words of a command line say.
#[derive(Debug)]
struct Read {
    values: Values,
    body: Body,
    request: RequestArgs,
    common: CommonArgs,
    all: bool,
}

pub(super) fn run(operation: &Operation, words: &[OsString], env: Env<'_>) -> Result<(), Failure> {
    let name = format!("sigcurl lambda {}", kebab(operation.name));
    match super::parse(command(&name, operation, None), words)? {
        Some(matches) => send(operation, read(operation, None, &matches)?, env),
        None => Ok(()),
    }
}

pub(super) fn run_short(short: &Short, words: &[OsString], env: Env<'_>) -> Result<(), Failure> {
    let operation = named(short.operation)?;
    let name = format!("sigcurl lambda {}", short.name);
    let command = command(&name, &operation, Some(short)).about(short.about);
    let Some(matches) = super::parse(command, words)? else {
        return Ok(());
    };
    let read = read(&operation, Some(short), &matches)?;
    match short.or {
        // A dry run asks no one whether there is one already.
        Some((ask, change)) if read.request.dry_run.is_none() => {
            let operation = if is_there(&named(ask)?, &read, env)? {
                named(change)?
            } else {
                operation
            };
            send(&operation, read, env)
        }
        _ => send(&operation, read, env),
    }
}

fn named(name: &str) -> Result<Operation, Failure> {
    Operation::named(name).ok_or_else(|| Failure::usage(format!("no operation {name}")))
}

fn is_there(ask: &Operation, read: &Read, env: Env<'_>) -> Result<bool, Failure> {
    let known = |(name, _): &&(&'static str, Value)| ask.params().iter().any(|it| it.name == *name);
    let values: Values = read.values.iter().filter(known).cloned().collect();
    let wanted = request::of(ask, &values, Body::None)?;
    let mut plan = request::plan(wanted, read.request.clone(), &read.common, env)?;
    capture(&mut plan);
    plan.output.fail_with_body = false;
    plan.output.only_success = false;
    plan.output.show.fail = false;
    plan.refusal.no_hints = true;
    let answer = run::fetch(&plan, &mut Session::default())?;
    Ok(answer.status == 200)
}

fn capture(plan: &mut RequestPlan) {
    plan.output.captured = true;
    plan.output.include = false;
    plan.output.file = None;
    plan.output.save.dump_header = None;
    plan.output.show.write_out = None;
}

fn send(operation: &Operation, read: Read, env: Env<'_>) -> Result<(), Failure> {
    let Read {
        mut values,
        body,
        request,
        common,
        all,
    } = read;
    if let Some(format) = common.format.as_deref().filter(|format| *format != "json") {
        return Err(Failure::usage(format!(
            "--output {format} is not here: answers are printed as they come, in JSON"
        )));
    }
    let Some(array) = operation.page.filter(|_| all) else {
        let wanted = request::of(operation, &values, body)?;
        return run::run_plan(&request::plan(wanted, request, &common, env)?);
    };

    if request.include || request.dry_run.is_some() || request.transfer.write_out.is_some() {
        return Err(Failure::usage(
            "--all makes one answer of many: -i, -w and --dry-run are about one",
        ));
    }
    let (mut pages, mut session) = (Pages::new(array), Session::default());
    loop {
        let wanted = request::of(operation, &values, Body::None)?;
        let mut plan = request::plan(wanted, request.clone(), &common, env)?;
        let output = plan.output.clone();
        capture(&mut plan);
        let page = run::fetch(&plan, &mut session)?;
        let Some(marker) = pages.add(&page.body)? else {
            let mut sink = Sink::open(output.file.as_deref())?;
            let text = pages.into_json();
            let pretty = output.wants_layout(&sink);
            let pretty = pretty.then(|| Layout::Json.laid_out(text.as_bytes(), sink.has_colour()));
            sink.write(pretty.flatten().unwrap_or(text).as_bytes())?;
            return sink.finish();
        };
        values.retain(|(name, _)| *name != "Marker");
        values.push(("Marker", marker.into()));
    }
}

/// The operation's own options, and those of requests.
fn command(name: &str, operation: &Operation, short: Option<&Short>) -> Command {
    let about = format!(
        "{} {}; answers {}",
        operation.method, operation.path, operation.status
    );
    let mut command = Command::new(name.to_owned());
    let words = short.map_or(&[][..], |short| short.words);
    for (index, name) in words.iter().enumerate() {
        command = command.arg(
            Arg::new(*name)
                .value_name(value_name(name))
                .required(true)
                .index(index + 1)
                .action(ArgAction::Append)
                .help("See the operation's parameters in Lambda's documentation"),
        );
    }
    for param in operation.params() {
        let long = kebab(param.name);
        // `--code` and `--zip-file` are below. `--dry-run` is sigcurl's: nothing is sent. Lambda's is `--param DryRun=true`.
        let is_code = has_code(operation) && ["Code", "ZipFile"].contains(&param.name);
        let is_elsewhere = is_code || long == "dry-run" || words.contains(&param.name);
        if is_elsewhere {
            continue;
        }
        if param.kind == Kind::Boolean {
            // As the AWS CLI has it.
            let no = Arg::new(negated(&param)).long(format!("no-{long}"));
            command = command.arg(no.hide(true).action(ArgAction::SetTrue));
        }
        command = command.arg(option(&param, long, short));
    }
    for arg in extras(operation) {
        command = command.arg(arg);
    }
    request::with_request_options(CommonArgs::augment_args(command)).about(about)
}

fn option(param: &Param, long: String, short: Option<&Short>) -> Arg {
    let (value_name, what) = match param.kind {
        Kind::Text => ("TEXT", "a text"),
        Kind::Integer => ("N", "a whole number"),
        Kind::Boolean => ("BOOL", "true if it is there, or =true, =false"),
        Kind::Bytes => ("DATA", "a text, @FILE or fileb://FILE; sent in base64"),
        Kind::Time => ("TIME", "2026-11-21T15:00:00Z, or seconds"),
        Kind::Object => ("JSON", "a JSON object, or @FILE"),
        Kind::Map => ("NAME=TEXT", "texts by name, or a JSON object"),
        Kind::Texts => ("TEXT", "one or more texts, or a JSON array"),
        Kind::Objects => ("JSON", "a JSON array, or @FILE"),
    };
    let needed = if param.required { "; needed" } else { "" };
    let mut arg = Arg::new(param.name)
        .long(long)
        .value_name(value_name)
        .help(format!("{what}{needed}"))
        .help_heading(LAMBDA)
        .value_parser(clap::value_parser!(OsString))
        .allow_hyphen_values(!matches!(param.kind, Kind::Texts | Kind::Map))
        .action(ArgAction::Append);
    arg = match param.kind {
        Kind::Boolean => arg
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true"),
        Kind::Texts | Kind::Map => arg.num_args(1..),
        _ => arg,
    };
    let aliases = short.map_or(&[][..], |short| short.aliases);
    for (alias, _) in aliases.iter().filter(|(_, name)| *name == param.name) {
        arg = arg.visible_alias(*alias);
    }
    arg
}

/// The id of `--no-PARAM`.
fn negated(param: &Param) -> String {
    format!("no-{}", param.name)
}

fn is_negated(matches: &ArgMatches, param: &Param) -> bool {
    matches!(matches.try_get_one(&negated(param)), Ok(Some(true)))
}

fn extras(operation: &Operation) -> Vec<Arg> {
    let arg = |name: &'static str, value_name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name(value_name)
            .help(help)
            .help_heading(LAMBDA)
            .value_parser(clap::value_parser!(OsString))
            .allow_hyphen_values(true)
            .action(ArgAction::Append)
    };
    let mut extras = vec![arg(
        PARAM,
        "NAME=VALUE",
        "Any parameter by Lambda's own name, also one that is too new for an option",
    )];
    if !operation.body.is_empty() || operation.payload.is_some() {
        extras.push(arg(
            BODY,
            "JSON",
            "The request's body: a text, @FILE or @-; options outrank its members",
        ));
    }
    if operation.page.is_some() {
        let help = "All pages, as one answer: the array of all, and the other members of the first";
        extras.push(
            Arg::new(ALL)
                .long(ALL)
                .help(help)
                .help_heading(LAMBDA)
                .action(ArgAction::SetTrue),
        );
    }
    if has_code(operation) {
        extras.push(
            arg(
                CODE,
                "CODE",
                "A folder, which is zipped, a ZIP archive, s3://BUCKET/KEY, or JSON; at most 50 MB zipped",
            )
            .visible_alias("zip-file"),
        );
    }
    if has(operation, "Environment") {
        let help = "A variable of the environment; those given replace all that there are";
        extras.push(arg(ENV, "NAME=TEXT", help));
    }
    if has(operation, "RoutingConfig") {
        let help = "The part of the calls that goes to another version";
        extras.push(arg(SHIFT, "VERSION=PART", help));
    }
    extras
}

fn has(operation: &Operation, name: &str) -> bool {
    operation.body.iter().any(|param| param.name == name)
}

fn has_code(operation: &Operation) -> bool {
    CODES.iter().any(|(name, _)| *name == operation.name)
}

fn read(
    operation: &Operation,
    short: Option<&Short>,
    matches: &ArgMatches,
) -> Result<Read, Failure> {
    let request = request::read(matches)?;
    let common = CommonArgs::from_arg_matches(matches);
    let common = common.map_err(|error| Failure::usage(error.to_string()))?;
    let words = short.map_or(&[][..], |short| short.words);

    let mut values = Values::new();
    for param in operation.params() {
        let option = format!("--{}", kebab(param.name));
        if words.contains(&param.name) {
            let given = matches.get_many::<String>(param.name).into_iter().flatten();
            let given: Vec<_> = given.map(OsStr::new).collect();
            values.push((param.name, value(&param, &value_name(param.name), &given)?));
        } else if is_negated(matches, &param) {
            values.push((param.name, false.into()));
        } else if let Some(given) = given(matches, param.name) {
            values.push((param.name, value(&param, &option, &given)?));
        }
    }
    for pair in given(matches, PARAM).unwrap_or_default() {
        let text = pair.to_string_lossy();
        let known = text.split_once('=').and_then(|(name, value)| {
            let params = operation.params();
            let found = params
                .into_iter()
                .find(|it| it.name == name || it.wire == name);
            Some((found?, value.to_owned()))
        });
        let Some((param, text)) = known else {
            return Err(Failure::usage(format!(
                "--param {text}: {} has no such parameter; write NAME=VALUE, and others into --body",
                operation.name
            )));
        };
        let option = format!("--param {}", param.name);
        values.retain(|(name, _)| *name != param.name);
        values.push((param.name, value(&param, &option, &[OsStr::new(&text)])?));
    }
    Ok(Read {
        body: body(operation, matches)?,
        values,
        request,
        common,
        all: operation.page.is_some() && matches.get_flag(ALL),
    })
}

/// The words behind an option, if it is there and is an option of this operation.
fn given<'a>(matches: &'a ArgMatches, id: &str) -> Option<Vec<&'a OsStr>> {
    let given = matches.try_get_many::<OsString>(id).ok()??;
    Some(given.map(OsString::as_os_str).collect())
}

fn body(operation: &Operation, matches: &ArgMatches) -> Result<Body, Failure> {
    let base = match given(matches, BODY).as_deref() {
        None => None,
        Some([one]) => Some(bytes(one, "--body", usize::MAX)?),
        Some(_) => return Err(Failure::usage("--body: is there more than once")),
    };
    if operation.payload.is_some() {
        let param = operation.payload.filter(|it| it.kind == Kind::Bytes);
        let own = param.and_then(|param| given(matches, param.name));
        return match (base, own.as_deref()) {
            (Some(bytes), _) => Ok(Body::Bytes(bytes)),
            // Bytes that are the whole body go as they are.
            (None, Some([one])) => Ok(Body::Bytes(bytes(one, "the payload", usize::MAX)?)),
            _ => Ok(Body::None),
        };
    }
    let mut object = match &base {
        None => Map::new(),
        Some(text) => serde_json::from_slice(text)
            .map_err(|error| Failure::usage(format!("--body is no JSON object: {error}")))?,
    };
    if let Some((_, place)) = CODES.iter().find(|(name, _)| *name == operation.name)
        && let Some([one]) = given(matches, CODE).as_deref()
    {
        let code = if one.as_encoded_bytes().starts_with(b"{") {
            serde_json::from_slice(one.as_encoded_bytes())
                .map_err(|error| Failure::usage(format!("--code is no JSON object: {error}")))?
        } else {
            code(one)?
        };
        match place {
            Some(member) => {
                object.insert((*member).to_owned(), Value::Object(code));
            }
            None => object.extend(code),
        }
    }
    if let Some(pairs) = given(matches, ENV) {
        let variables = pairs.iter().map(|pair| pair_of(pair, "--env"));
        let variables = variables.collect::<Result<Map<_, _>, _>>()?;
        object.insert("Environment".to_owned(), nested("Variables", variables));
    }
    if let Some(pairs) = given(matches, SHIFT) {
        let mut weights = Map::new();
        for pair in &pairs {
            let (version, part) = pair_of(pair, "--shift")?;
            let number = part.as_str().and_then(|part| part.parse::<f64>().ok());
            let number = number.filter(|part| (0.0..=1.0).contains(part));
            let number = number.ok_or_else(|| {
                Failure::usage("--shift takes VERSION=PART, the part between 0 and 1")
            })?;
            weights.insert(version, number.into());
        }
        let weights = nested("AdditionalVersionWeights", weights);
        object.insert("RoutingConfig".to_owned(), weights);
    }
    Ok(if object.is_empty() && base.is_none() {
        Body::None
    } else {
        Body::Object(object)
    })
}

fn nested(name: &str, object: Map<String, Value>) -> Value {
    Value::Object(Map::from_iter([(name.to_owned(), Value::Object(object))]))
}

fn pair_of(word: &OsStr, option: &str) -> Result<(String, Value), Failure> {
    let text = word.to_string_lossy();
    let pair = text.split_once('=');
    let (name, value) =
        pair.ok_or_else(|| Failure::usage(format!("{option} {text}: it is NAME=VALUE")))?;
    Ok((name.to_owned(), value.into()))
}

const PARAM: &str = "param";
const BODY: &str = "body";
const ALL: &str = "all";
const CODE: &str = "code";
const ENV: &str = "env";
const SHIFT: &str = "shift";
/// Where code goes; `None` = straight into the body.
const CODES: [(&str, Option<&str>); 3] = [
    ("CreateFunction", Some("Code")),
    ("UpdateFunctionCode", None),
    ("PublishLayerVersion", Some("Content")),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clap_agrees() {
        for operation in Operation::all() {
            command(operation.name, &operation, None).debug_assert();
        }
        for short in super::super::short::ALL {
            let operation = named(short.operation).unwrap();
            command(short.name, &operation, Some(short)).debug_assert();
        }
    }
}
