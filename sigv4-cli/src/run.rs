//! The straight line: plan → credentials → sign → send → print.

use std::time::Duration;

use http::StatusCode;
use http::header::LOCATION;

use crate::args::RequestArgs;
use crate::credentials;
use crate::exchange::{Exchange, Hints};
use crate::exit::Exit;
use crate::failure::Failure;
use crate::hop::Hop;
use crate::plan::{Decided, Env, RequestPlan};
use crate::print::{Narrator, raw_head, wire_request};
use crate::redirect::{self, MAX_REDIRECTS};
use crate::send::{Answer, Sender};
use crate::sign::Signing;
use crate::sink::Sink;

/// `sigcurl [OPTIONS] URL`
///
/// # Errors
///
/// With the exit code and the line to print.
pub fn run(args: &RequestArgs, env: Env<'_>) -> Result<(), Failure> {
    run_plan(&RequestPlan::new(args, env)?)
}

/// The same from a plan on.
///
/// # Errors
///
/// As [`run`].
pub fn run_plan(plan: &RequestPlan) -> Result<(), Failure> {
    let runtime = runtime()?;
    let outcome = runtime.block_on(within(plan.connection.max_time, perform(plan)));
    // A name server that does not answer would hold us up.
    runtime.shutdown_background();
    outcome
}

/// One thread is all that one request needs, and the cheapest to start.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::because(Exit::Usage, "cannot start", error))
}

async fn within(
    limit: Option<Duration>,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    let Some(limit) = limit else {
        return work.await;
    };
    match tokio::time::timeout(limit, work).await {
        Ok(outcome) => outcome,
        Err(_) => Err(Failure::new(
            Exit::Timeout,
            format!("timeout: --max-time of {} s is over", limit.as_secs_f64()),
        )),
    }
}

async fn perform(plan: &RequestPlan) -> Result<(), Failure> {
    let narrator = Narrator::new(&plan.output);
    for note in &plan.notes {
        narrator.note(note);
    }
    let hop = Hop::first(plan, plan.body.read()?)?;
    let (mut signing, mut exchange) = signing(plan, narrator).await?;
    let mut sink = Sink::open(plan.output.file.as_deref())?;

    if plan.dry_run {
        let (request, explanation) = signing.sign(&hop, narrator.is_verbose())?;
        if let Some(explanation) = explanation {
            narrator.explanation(&explanation);
        }
        sink.write(&wire_request(&request))?;
        return sink.finish();
    }

    let (mut answer, hints) = follow(plan, hop, &mut signing, &mut exchange, &mut sink).await?;
    while let Some(chunk) = answer.chunk().await? {
        sink.write(&chunk)?;
    }
    sink.finish()?;
    hints.say();
    verdict(plan, answer.head.status)
}

/// Gets what signing needs: the region first, since without one there is no point in looking for keys.
async fn signing(
    plan: &RequestPlan,
    narrator: Narrator,
) -> Result<(Signing, Exchange<'_>), Failure> {
    let region = match &plan.region {
        Some(region) => region.clone(),
        None => profile_region(plan).await?,
    };
    let service = &plan.service;
    narrator.note(&format!(
        "Service {} (from {}), region {} (from {})",
        service.value, service.from, region.value, region.from
    ));
    let found = credentials::resolve(plan, &region.value).await?;
    for note in &found.notes {
        narrator.note(note);
    }
    narrator.note(&format!(
        "Key {} (from {})",
        found.keys.access_key_id(),
        found.from
    ));
    let exchange = Exchange::new(plan, &region.value, found.keys.access_key_id());
    let signing = Signing::new(found.keys, &region.value, &service.value, plan.time)?;
    Ok((signing, exchange))
}

async fn profile_region(plan: &RequestPlan) -> Result<Decided, Failure> {
    let profile = plan.profile.as_deref();
    match credentials::profile_region(profile).await? {
        Some(value) => Ok(Decided {
            value,
            from: "the profile",
        }),
        None => Err(Failure::usage(format!(
            "no region: neither {} nor AWS_REGION, AWS_DEFAULT_REGION or profile '{}' names one; give it with --region NAME",
            plan.url.host_str().unwrap_or("the host"),
            profile.unwrap_or("default"),
        ))),
    }
}

/// Sends, and follows redirects if asked to, until there is an answer whose body is to be printed.
async fn follow(
    plan: &RequestPlan,
    first: Hop,
    signing: &mut Signing,
    exchange: &mut Exchange<'_>,
    sink: &mut Sink,
) -> Result<(Answer, Hints), Failure> {
    let narrator = Narrator::new(&plan.output);
    let sender = Sender::new(plan.connection.clone());
    let mut hop = first;
    for redirects in 0.. {
        let (answer, hints) = exchange.perform(&mut hop, signing, &sender).await?;
        if plan.output.include {
            sink.write(&raw_head(&answer.head))?;
        }

        let next = if plan.follow {
            redirect::next(&hop, answer.head.status, answer.head.headers.get(LOCATION))?
        } else {
            None
        };
        hop = match next {
            None => return Ok((answer, hints)),
            Some(_) if redirects == MAX_REDIRECTS => break,
            Some(next) => next,
        };
        let how = if hop.signed {
            "signed again"
        } else {
            "not signed"
        };
        narrator.note(&format!(
            "Redirected to {}: {how}",
            crate::target::authority(&hop.url)
        ));
    }
    Err(Failure::new(
        Exit::Redirects,
        format!("more than {MAX_REDIRECTS} redirects"),
    ))
}

fn verdict(plan: &RequestPlan, status: StatusCode) -> Result<(), Failure> {
    let is_error = status.is_client_error() || status.is_server_error();
    if plan.output.fail_with_body && is_error {
        return Err(Failure::new(
            Exit::HttpStatus,
            format!("the server answered {status}"),
        ));
    }
    Ok(())
}
