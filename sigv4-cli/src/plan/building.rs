//! What the request-building options mean: method, body, and the headers that they stand for.

use http::Method;
use http::header::{
    ACCEPT, CONTENT_TYPE, COOKIE, HOST, HeaderName, HeaderValue, RANGE, REFERER, USER_AGENT,
};

use super::headers::mentions;
use crate::args::{DataKind, RequestArgs};
use crate::body::{self, BodySource};
use crate::failure::Failure;
use crate::headers::HeaderEdits;
use crate::protocol;

/// The method where `-X` names none.
pub(super) fn default_method(args: &RequestArgs, has_body: bool) -> Result<Method, Failure> {
    let building = &args.building;
    if building.target.is_some() {
        return Ok(Method::POST);
    }
    match (building.head, !building.upload_file.is_empty(), has_body) {
        (true, _, true) => Err(Failure::usage(
            "-I asks for headers only and sends no body: leave out the data, or put it into the query with -G",
        )),
        (true, ..) => match args.request.as_deref() {
            Some(method) if !method.eq_ignore_ascii_case("HEAD") => Err(Failure::usage(format!(
                "-I sends HEAD and -X {method}: use one of them (-i prints the headers of any answer)"
            ))),
            _ => Ok(Method::HEAD),
        },
        (_, true, _) => Ok(Method::PUT),
        (_, _, true) => Ok(Method::POST),
        _ => Ok(Method::GET),
    }
}

/// The body, and its Content-Type where that is not for the body's first byte to decide.
pub(super) fn body(args: &RequestArgs) -> Result<(BodySource, Option<HeaderValue>), Failure> {
    let upload = args.building.upload_file.first();
    let is_call = args.building.target.is_some();
    if is_call && !args.body.form.is_empty() {
        return Err(Failure::usage("--target sends JSON, and -F a form"));
    }
    if is_call && upload.is_none() && args.body.data.is_empty() {
        return Ok((BodySource::of(vec![body::Part::Text(b"{}".to_vec())]), None));
    }
    let kinds = [
        !args.body.data.is_empty(),
        !args.body.form.is_empty(),
        upload.is_some(),
    ];
    if kinds.iter().filter(|kind| **kind).count() > 1 {
        return Err(Failure::usage(
            "a request has one body: data (-d and its kin), a form (-F), or a file (-T)",
        ));
    }
    if let Some(file) = upload {
        return Ok((BodySource::upload(file), None));
    }
    if !args.body.form.is_empty() {
        let boundary = format!(
            "------------------------{}",
            crate::endpoint::random_text(22)?
        );
        let content_type =
            HeaderValue::from_str(&format!("multipart/form-data; boundary={boundary}"));
        let content_type = content_type.map_err(|error| Failure::usage(error.to_string()))?;
        return Ok((body::form(&args.body.form, &boundary)?, Some(content_type)));
    }
    Ok((BodySource::new(&args.body.data), None))
}

/// Adds what `-A`, `-e`, `-b`, `-r`, `--json`, `-F` and `--service-host` stand for. `-H` outranks them.
pub(super) fn add_headers(
    edits: &mut HeaderEdits,
    args: &RequestArgs,
    form_type: Option<HeaderValue>,
) -> Result<(), Failure> {
    let building = &args.building;
    let mut add = |name: HeaderName, value: &str, option: &str| {
        if mentions(edits, &name) {
            return Ok(());
        }
        if value.is_empty() {
            edits.removed.push(name);
            return Ok(());
        }
        let value = HeaderValue::from_bytes(value.as_bytes()).map_err(|_| {
            Failure::usage(format!("the value of {option} has a control character"))
        })?;
        edits.set.push((name, value));
        Ok(())
    };
    if let Some(agent) = &building.user_agent {
        add(USER_AGENT, agent, "-A")?;
    }
    if let Some(referer) = &building.referer {
        if referer.ends_with(";auto") {
            return Err(Failure::usage(
                "-e ';auto' is not here: a redirect is told nothing of where it comes from",
            ));
        }
        add(REFERER, referer, "-e")?;
    }
    if let Some(file) = building.cookie.iter().find(|cookie| !cookie.contains('=')) {
        return Err(Failure::usage(format!(
            "-b '{file}' names a file, but no cookies are kept here: give -b NAME=VALUE"
        )));
    }
    if !building.cookie.is_empty() {
        add(COOKIE, &building.cookie.join("; "), "-b")?;
    }
    if let Some(range) = &building.range {
        let dash = if range.contains('-') { "" } else { "-" };
        add(RANGE, &format!("bytes={range}{dash}"), "-r")?;
    }
    if let Some(target) = &building.target {
        let version = protocol::json_version(target);
        let content_type = format!("application/x-amz-json-{version}");
        add(CONTENT_TYPE, &content_type, "--target")?;
        add(X_AMZ_TARGET, target, "--target")?;
    }
    if args
        .body
        .data
        .iter()
        .any(|(kind, _)| *kind == DataKind::Json)
    {
        add(CONTENT_TYPE, "application/json", "--json")?;
        add(ACCEPT, "application/json", "--json")?;
    }
    if let Some(form_type) = form_type {
        let given = edits
            .set
            .iter_mut()
            .find(|(name, _)| *name == CONTENT_TYPE)
            .map(|(_, value)| value);
        match given {
            // Another kind of multipart: the boundary is ours.
            Some(given) => {
                let text = String::from_utf8_lossy(given.as_bytes()).into_owned();
                if text.starts_with("multipart/") && !text.contains("boundary=") {
                    let ours = form_type.to_str().unwrap_or_default();
                    let boundary = ours.split_once("; ").map_or("", |(_, boundary)| boundary);
                    *given = HeaderValue::from_str(&format!("{text}; {boundary}"))
                        .map_err(|error| Failure::usage(error.to_string()))?;
                }
            }
            None => edits.set.push((CONTENT_TYPE, form_type)),
        }
    }
    if let Some(host) = &args.signing.service_host {
        let value = HeaderValue::from_str(host)
            .map_err(|_| Failure::usage("--service-host takes a host name"))?;
        edits.set.push((HOST, value));
    }
    Ok(())
}

const X_AMZ_TARGET: HeaderName = HeaderName::from_static("x-amz-target");
