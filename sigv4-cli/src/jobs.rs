//! The command line → one [`RequestArgs`] for each URL. Here, and not in [`crate::plan`], because a query may be in a file.

use std::ffi::OsString;
use std::path::Path;

use crate::args::{Cli, DataKind, RequestArgs};
use crate::body::{BodySource, encode, urlencode};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::infer::infer;
use crate::protocol::query_version;
use crate::target::any_target;

/// A request for each URL, in order, those behind `--next` included.
///
/// # Errors
///
/// For a query or headers in a file that cannot be read, and for options that do not go together.
pub fn requests(cli: &Cli) -> Result<Vec<RequestArgs>, Failure> {
    let operations = || std::iter::once(&cli.request).chain(&cli.more);
    let verbose = operations().any(|operation| operation.verbose);
    let fail_early = operations().any(|operation| operation.building.fail_early);
    let mut requests = Vec::new();
    for operation in operations() {
        for mut request in each(operation)? {
            request.verbose = verbose;
            request.building.fail_early = fail_early;
            requests.push(request);
        }
    }
    Ok(requests)
}

/// A request for each URL of one operation.
///
/// # Errors
///
/// As [`requests`].
pub fn each(operation: &RequestArgs) -> Result<Vec<RequestArgs>, Failure> {
    let mut common = operation.clone();
    common.header = headers(&operation.header)?;
    add_action(&mut common)?;
    let query = query(&mut common)?;
    let uploads = std::mem::take(&mut common.building.upload_file);
    if uploads.len() > operation.urls.0.len() {
        return Err(Failure::usage(
            "there are more -T than URLs to upload them to",
        ));
    }
    let mut requests = Vec::new();
    for (index, url) in operation.urls.0.iter().enumerate() {
        let mut request = common.clone();
        let mut url = with_query(url, &query);
        if let Some(file) = uploads.get(index).filter(|file| !file.is_empty()) {
            url = with_file_name(&url, file);
            request.building.upload_file.push(file.clone());
        }
        if index > 0 {
            // -o is for the first URL.
            request.output = None;
        }
        request.urls.0 = vec![url];
        requests.push(request);
    }
    Ok(requests)
}

/// Puts what `--action` stands for before the data.
fn add_action(args: &mut RequestArgs) -> Result<(), Failure> {
    let Some(action) = &args.building.action else {
        return Ok(());
    };
    let mut data = args.body.data.iter();
    if data.any(|(kind, _)| *kind == DataKind::Json)
        || !args.body.form.is_empty()
        || !args.building.upload_file.is_empty()
    {
        return Err(Failure::usage(
            "--action sends a form of NAME=VALUE, from -d and --data-urlencode; --json, -F and -T are something else",
        ));
    }
    let version = match &args.building.api_version {
        Some(version) => version.clone(),
        None => known_version(args)?.to_owned(),
    };
    let call = format!(
        "Action={}&Version={}",
        encode(action.as_bytes()),
        encode(version.as_bytes())
    );
    args.body.data.insert(0, (DataKind::Raw, call.into()));
    Ok(())
}

/// The version that goes with the service of every URL.
fn known_version(args: &RequestArgs) -> Result<&'static str, Failure> {
    let mut known = None;
    for url in &args.urls.0 {
        let url = any_target(url)?.url;
        let inferred = infer(url.host_str().unwrap_or_default(), url.path());
        let service = args.service.clone();
        let service = service.or_else(|| inferred.map(|inferred| inferred.service));
        let version = service.as_deref().and_then(query_version);
        let version = version.ok_or_else(|| {
            Failure::usage(format!(
                "the version of {} is not known here: give it with --api-version, such as 2011-06-15",
                service.as_deref().unwrap_or("this API")
            ))
        })?;
        if known.is_some_and(|known| known != version) {
            return Err(Failure::usage(
                "--action goes to one service at a time, or with --api-version",
            ));
        }
        known = Some(version);
    }
    known.ok_or_else(|| Failure::usage("no URL"))
}

/// What `--url-query`, and with `-G` the data, add to the query. The data is gone then.
fn query(args: &mut RequestArgs) -> Result<String, Failure> {
    let mut pieces = Vec::new();
    for option in &args.building.url_query {
        let parts = match option.as_encoded_bytes().strip_prefix(b"+") {
            Some(text) => vec![crate::body::Part::Text(text.to_vec())],
            None => urlencode(option),
        };
        pieces.push(BodySource::of(parts).read_to_memory()?);
    }
    if args.building.get {
        if !args.body.form.is_empty() || !args.building.upload_file.is_empty() {
            return Err(Failure::usage(
                "-G puts data into the query, and neither -F nor -T can go there",
            ));
        }
        pieces.push(BodySource::new(&args.body.data).read_to_memory()?);
        // The headers that --json stands for remain.
        if args
            .body
            .data
            .iter()
            .any(|(kind, _)| *kind == DataKind::Json)
        {
            for header in ["Content-Type: application/json", "Accept: application/json"] {
                args.header.push(header.to_owned());
            }
        }
        args.body.data.clear();
    }
    let mut query = String::new();
    for piece in pieces.iter().filter(|piece| !piece.is_empty()) {
        let text = std::str::from_utf8(piece)
            .map_err(|_| Failure::new(Exit::Url, "what is to go into the query is not UTF-8"))?;
        if !query.is_empty() {
            query.push('&');
        }
        // A fragment would end the query, and a line break the URL.
        query.push_str(
            &text
                .replace('#', "%23")
                .replace('\r', "%0D")
                .replace('\n', "%0A"),
        );
    }
    Ok(query)
}

fn with_query(url: &str, query: &str) -> String {
    if query.is_empty() {
        return url.to_owned();
    }
    let (url, fragment) = url.split_at(url.find('#').unwrap_or(url.len()));
    let joint = match url.split_once('?') {
        None => "?",
        Some((_, "")) => "",
        Some((_, there)) if there.ends_with('&') => "",
        Some(_) => "&",
    };
    format!("{url}{joint}{query}{fragment}")
}

/// A URL that ends in `/`, or has no path, gets the file's name.
fn with_file_name(url: &str, file: &OsString) -> String {
    let name = Path::new(file)
        .file_name()
        .filter(|_| file != "-" && file != ".");
    let (before, after) = url.split_at(url.find(['?', '#']).unwrap_or(url.len()));
    let rest = before.split_once("://").map_or(before, |(_, rest)| rest);
    match name {
        Some(name) if before.ends_with('/') => {
            format!("{before}{}{after}", encode(name.as_encoded_bytes()))
        }
        Some(name) if !rest.contains('/') => {
            format!("{before}/{}{after}", encode(name.as_encoded_bytes()))
        }
        _ => url.to_owned(),
    }
}

/// `-H @FILE` has a header on each line.
fn headers(options: &[String]) -> Result<Vec<String>, Failure> {
    let mut headers = Vec::new();
    for option in options {
        let Some(file) = option.strip_prefix('@') else {
            headers.push(option.clone());
            continue;
        };
        let part = BodySource::upload(file.as_ref())
            .read_to_memory()
            .map_err(|failure| {
                Failure::new(failure.exit(), format!("cannot read headers: {failure}"))
            })?;
        let text = String::from_utf8_lossy(&part).into_owned();
        headers.extend(
            text.lines()
                .filter(|line| !line.trim().is_empty())
                .map(str::to_owned),
        );
    }
    Ok(headers)
}
