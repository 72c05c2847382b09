//! The straight line: plan → credentials → sign → send → print.

use std::cell::RefCell;
use std::time::Duration;

use crate::args::RequestArgs;
use crate::credentials;
use crate::exchange::Exchange;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::hop::Hop;
use crate::interrupt::unless_interrupted;
use crate::plan::{Decided, Env, RequestPlan};
use crate::print::Narrator;
use crate::report::Facts;
use crate::sign::Signing;
use crate::transfer::Transfer;
use crate::write_out::Template;

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
    let show = &plan.output.show;
    let report = show.write_out.as_ref().map(Template::read).transpose()?;
    let facts = RefCell::new(Facts::new(&plan.url, &plan.method));
    let runtime = runtime()?;
    let work = perform(plan, &facts);
    let mut outcome = if plan.output.file.is_some() {
        runtime.block_on(unless_interrupted(work))
    } else {
        runtime.block_on(work)
    };
    // A name server that does not answer would hold us up.
    runtime.shutdown_background();
    if let Some(report) = report.filter(|_| !plan.dry_run) {
        let mut facts = facts.into_inner();
        facts.total = facts.started.elapsed();
        let printed = report.print(&facts, outcome.as_ref().err());
        outcome = outcome.and(printed);
    }
    outcome.map_err(|failure| {
        if show.no_errors {
            failure.silenced()
        } else {
            failure
        }
    })
}

/// One thread is all that one request needs, and the cheapest to start.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Failure::because(Exit::Usage, "cannot start", error))
}

pub(crate) async fn within<T>(
    limit: Option<Duration>,
    work: impl Future<Output = Result<T, Failure>>,
) -> Result<T, Failure> {
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

async fn perform(plan: &RequestPlan, facts: &RefCell<Facts>) -> Result<(), Failure> {
    let narrator = Narrator::new(&plan.output);
    for note in &plan.notes {
        narrator.note(note);
    }
    let hop = Hop::first(plan, plan.body.read()?)?;
    let found = within(plan.connection.max_time, signing(plan, narrator)).await?;
    let (mut signing, mut exchange) = found;
    let transfer = Transfer::new(plan, facts);
    if plan.dry_run {
        transfer.show(&hop, &signing)
    } else {
        transfer.run(&hop, &mut signing, &mut exchange).await
    }
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
