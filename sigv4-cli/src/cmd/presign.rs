//! `sigcurl presign`: the URL, and nothing is sent.

use std::io::{self, Write};

use http::header::{ACCEPT, CONTENT_LENGTH, HOST};

use crate::args::PresignArgs;
use crate::failure::Failure;
use crate::fields::quoted;
use crate::hop::Hop;
use crate::jobs;
use crate::plan::{Env, RequestPlan};
use crate::print::Narrator;
use crate::run;
use crate::sign::presign::Presigned;
use crate::target::{from_websocket, to_websocket};

/// `sigcurl presign [OPTIONS] URL`
///
/// # Errors
///
/// As for a request that is sent.
pub fn run(args: &PresignArgs, env: Env<'_>) -> Result<(), Failure> {
    refuse_what_sends(args)?;
    let mut operation = args.request.clone();
    operation.signing.presign = true;
    for mut request in jobs::each(&operation)? {
        let http = from_websocket(request.url());
        let is_websocket = http.is_some();
        if let Some(http) = http {
            request.urls.0 = vec![http];
        }
        let plan = RequestPlan::new(&request, env)?;
        let text = presigned(&plan, args.print_json, is_websocket)?;
        let mut stdout = io::stdout().lock();
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush())
            .map_err(Failure::stdout)?;
    }
    Ok(())
}

fn presigned(plan: &RequestPlan, json: bool, is_websocket: bool) -> Result<String, Failure> {
    let narrator = Narrator::new(&plan.output);
    for note in &plan.notes {
        narrator.note(note);
    }
    let mut hop = Hop::first(plan, plan.body.read()?)?;
    // What is signed has to be sent by whoever gets the URL: only what was asked for.
    hop.headers.remove(CONTENT_LENGTH);
    if hop
        .headers
        .get(ACCEPT)
        .is_some_and(|value| value == "*/*" || value.is_empty())
    {
        hop.headers.remove(ACCEPT);
    }
    let expires = plan.controls.presign.unwrap_or(sigv4::Expires::MAX);
    let presigned = run::signing_for(plan)?.presign(&hop, expires, narrator.is_verbose())?;
    if let Some(explanation) = presigned.explanation() {
        narrator.explanation(explanation);
    }
    let url = presigned.request.uri().to_string();
    let url = if is_websocket {
        to_websocket(&url)
    } else {
        url
    };
    Ok(if json {
        object(&presigned, &url, expires.seconds())
    } else {
        format!("{url}\n")
    })
}

/// The result as JSON. Host is told although clients send it by themselves: it may not be the URL's.
fn object(presigned: &Presigned, url: &str, seconds: u32) -> String {
    let request = &presigned.request;
    let headers = presigned.headers.iter().filter_map(|name| {
        let values: Vec<_> = request
            .headers()
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()))
            .collect();
        let is_implied = *name == HOST
            && request
                .uri()
                .authority()
                .is_some_and(|host| values == [host.as_str()]);
        (!is_implied).then(|| format!("{}: {}", quoted(name.as_str()), quoted(&values.join(","))))
    });
    let headers: Vec<_> = headers.collect();
    format!(
        "{{\n  \"url\": {},\n  \"method\": {},\n  \"headers\": {{{}}},\n  \"expires\": {},\n  \"expires_in\": {seconds}\n}}\n",
        quoted(url),
        quoted(request.method().as_str()),
        headers.join(", "),
        quoted(&extended(presigned.until.as_str())),
    )
}

/// `20150830T123600Z` → `2015-08-30T12:36:00Z`
pub(crate) fn extended(time: &str) -> String {
    let part = |from: usize, to: usize| time.get(from..to).unwrap_or_default();
    format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4),
        part(4, 6),
        part(6, 8),
        part(9, 11),
        part(11, 13),
        part(13, 15)
    )
}

/// Options of a request that is sent, which would do nothing here.
fn refuse_what_sends(args: &PresignArgs) -> Result<(), Failure> {
    let request = &args.request;
    let transfer = &request.transfer;
    let given = [
        (request.location, "-L"),
        (request.include, "-i"),
        (request.dry_run.is_some(), "--dry-run"),
        (request.fail_with_body, "--fail-with-body"),
        (request.output.is_some(), "-o"),
        (request.signing.no_sign, "--no-sign"),
        (request.insecure, "-k"),
        (request.max_time.is_some(), "--max-time"),
        (request.connect_timeout.is_some(), "--connect-timeout"),
        (transfer.remote_name, "-O"),
        (transfer.remote_header_name, "-J"),
        (transfer.output_dir.is_some(), "--output-dir"),
        (transfer.create_dirs, "--create-dirs"),
        (transfer.continue_at.is_some(), "-C"),
        (transfer.dump_header.is_some(), "-D"),
        (transfer.fail, "-f"),
        (transfer.write_out.is_some(), "-w"),
        (transfer.compressed, "--compressed"),
        (transfer.retry.is_some(), "--retry"),
        (transfer.limit_rate.is_some(), "--limit-rate"),
        (transfer.unix_socket.is_some(), "--unix-socket"),
        (!transfer.resolve.is_empty(), "--resolve"),
        (!transfer.connect_to.is_empty(), "--connect-to"),
        (
            request.tls_min.or(request.tls_max).is_some(),
            "--tls-min and --tls-max",
        ),
    ];
    match given.iter().find(|(given, _)| *given) {
        Some((_, option)) => Err(Failure::usage(format!(
            "{option} has no meaning here: presign sends nothing"
        ))),
        None => Ok(()),
    }
}
