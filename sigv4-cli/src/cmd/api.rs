//! `sigcurl api`: API Gateway's APIs and function URLs by their ids. What is sent is a request like any other.

use crate::args::{ApiArgs, RequestArgs, Secret};
use crate::body::BodySource;
use crate::credentials;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::infer::{self, Region};
use crate::jobs;
use crate::plan::Env;
use crate::run;
use crate::shorthand::{Shorthand, api_host, endpoint_host, function_host, is_label};

/// `sigcurl api [OPTIONS] ID.REGION/PATH`
///
/// # Errors
///
/// As for a request.
pub fn run(args: &ApiArgs, env: Env<'_>) -> Result<(), Failure> {
    let mut common = args.request.clone();
    if let Some(key) = &args.api_key {
        add_key(&mut common, key, env)?;
    }
    let mut requests = Vec::new();
    for text in &args.request.urls.0 {
        let mut request = common.clone();
        request.urls.0 = vec![text.clone()];
        if text.contains("://") {
            refuse_with_url(args)?;
            super::is_api(&mut request);
        } else {
            expand(args, text, &mut request, env)?;
        }
        requests.push(request);
    }
    run::run(&together(requests)?, env)
}

/// One operation again, so far as they share options: `-o` is for the first URL, the n-th `-T` for the n-th.
fn together(requests: Vec<RequestArgs>) -> Result<Vec<RequestArgs>, Failure> {
    let mut all: Vec<RequestArgs> = Vec::new();
    for request in requests {
        match all.last_mut() {
            Some(last) if last.header == request.header => last.urls.0.extend(request.urls.0),
            Some(_) => {
                return Err(Failure::usage(
                    "several APIs at once cannot be told apart by one Host header: call them one by one",
                ));
            }
            None => all.push(request),
        }
    }
    let mut jobs = Vec::new();
    for operation in &all {
        jobs.extend(jobs::each(operation)?);
    }
    Ok(jobs)
}

/// Puts the URL, and the headers that it takes, in the place of the shorthand.
fn expand(
    args: &ApiArgs,
    text: &str,
    request: &mut RequestArgs,
    env: Env<'_>,
) -> Result<(), Failure> {
    let short = Shorthand::read(text)?;
    let region = region(args, &short, env)?;
    let host = if args.function_url {
        function_host(short.id, &region)?
    } else {
        api_host(short.id, &region)
    };
    let path = short.path();
    let url = if let Some(vpce) = &args.vpce {
        let (endpoint, needs_id) = endpoint_host(vpce, short.id, &region)?;
        match (args.api_id_header, needs_id) {
            (true, true) => request.header.push(format!("x-apigw-api-id: {}", short.id)),
            (true, false) => {
                return Err(Failure::usage(
                    "--api-id-header needs the endpoint's own name: --vpce vpce-ID-RANDOM, or its host",
                ));
            }
            (false, true) => request.header.push(format!("Host: {host}")),
            (false, false) => {}
        }
        format!("https://{endpoint}{path}")
    } else if let Some(endpoint) = endpoint_url(args, env) {
        if !endpoint.starts_with("http://") && !endpoint.starts_with("https://") {
            return Err(Failure::new(
                Exit::Url,
                format!("'{endpoint}' is no endpoint: it begins with http:// or https://"),
            ));
        }
        request.header.push(format!("Host: {host}"));
        format!("{}{path}", endpoint.trim_end_matches('/'))
    } else {
        format!("https://{host}{path}")
    };
    request.urls.0 = vec![url];
    Ok(())
}

/// That of the shorthand, `--region`, the endpoint's host, the environment, the profile.
fn region(args: &ApiArgs, short: &Shorthand<'_>, env: Env<'_>) -> Result<String, Failure> {
    let option = args.request.region.as_deref();
    if let Some((region, option)) = short.region.zip(option).filter(|(a, b)| a != b) {
        return Err(Failure::usage(format!(
            "the API is in {region}, and --region says {option}"
        )));
    }
    let of_endpoint = || match infer::infer(args.vpce.as_deref()?, "/")?.region {
        Region::Fixed(region) => Some(region),
        Region::Any | Region::Unknown => None,
    };
    let found = short
        .region
        .or(option)
        .map(str::to_owned)
        .or_else(of_endpoint)
        .or_else(|| env("AWS_REGION"))
        .or_else(|| env("AWS_DEFAULT_REGION"));
    let region = match found {
        Some(region) => region,
        None => {
            let profile = args.request.profile.clone().or_else(|| env("AWS_PROFILE"));
            let found = run::on_runtime(credentials::profile_region(profile.as_deref()))?;
            found.ok_or_else(|| {
                Failure::usage(format!(
                    "no region: write {}.REGION/…, or give --region NAME or AWS_REGION",
                    short.id
                ))
            })?
        }
    };
    if is_label(&region) {
        Ok(region)
    } else {
        Err(Failure::usage(format!("'{region}' is no region")))
    }
}

/// `--endpoint-url`, else what the environment says.
fn endpoint_url(args: &ApiArgs, env: Env<'_>) -> Option<String> {
    let ignored = env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS")
        .is_some_and(|it| it.eq_ignore_ascii_case("true"));
    let own = if args.function_url {
        "AWS_ENDPOINT_URL_LAMBDA"
    } else {
        "AWS_ENDPOINT_URL_EXECUTE_API"
    };
    let variable = || {
        (!ignored)
            .then(|| env(own).or_else(|| env("AWS_ENDPOINT_URL")))
            .flatten()
    };
    args.endpoint_url.clone().or_else(variable)
}

fn refuse_with_url(args: &ApiArgs) -> Result<(), Failure> {
    let given = [
        (args.vpce.is_some(), "--vpce"),
        (args.function_url, "--function-url"),
        (args.endpoint_url.is_some(), "--endpoint-url"),
    ];
    match given.iter().find(|(given, _)| *given) {
        Some((_, option)) => Err(Failure::usage(format!(
            "{option} goes with ID.REGION/PATH, not with a whole URL"
        ))),
        None => Ok(()),
    }
}

fn add_key(request: &mut RequestArgs, key: &Secret, env: Env<'_>) -> Result<(), Failure> {
    let is_key = |header: &String| {
        let name = header.split([':', ';']).next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case("x-api-key")
    };
    if request.header.iter().any(is_key) {
        return Err(Failure::usage(
            "--api-key and -H 'x-api-key: …' both give the key: use one of them",
        ));
    }
    let text = key.expose();
    let key = if let Some(file) = text.strip_prefix('@') {
        let bytes = BodySource::upload(file.as_ref())
            .read_to_memory()
            .map_err(|failure| {
                Failure::new(failure.exit(), format!("cannot read --api-key: {failure}"))
            })?;
        String::from_utf8_lossy(&bytes).into_owned()
    } else if let Some(name) = text.strip_prefix("env:") {
        env(name).ok_or_else(|| {
            Failure::usage(format!("--api-key env:{name}: this variable is not set"))
        })?
    } else {
        text.to_owned()
    };
    let key = key.trim();
    if key.is_empty() {
        return Err(Failure::usage("--api-key is empty"));
    }
    request.header.push(format!("x-api-key: {key}"));
    Ok(())
}
