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
use crate::session::{Session, Signed};
use crate::sign::Signing;
use crate::transfer::Transfer;
use crate::write_out::Template;

/// `sigcurl [OPTIONS] URL...`: one request after another, over the connections that are open already.
///
/// * All are planned before the first is sent.
/// * A failure does not keep the others from being sent, unless `--fail-early` or a closed output says so. The first
///   one decides the exit code.
///
/// # Errors
///
/// With the exit code and the line to print.
pub fn run(requests: &[RequestArgs], env: Env<'_>) -> Result<(), Failure> {
    let plans = requests.iter().map(|args| RequestPlan::new(args, env));
    let plans = plans.collect::<Result<Vec<_>, _>>()?;
    let fail_early = requests.iter().any(|args| args.building.fail_early);
    let mut session = Session::default();
    on_runtime(async {
        let mut first = None;
        for (index, plan) in plans.iter().enumerate() {
            let Err(failure) = told(plan, &mut session).await else {
                // The connection gets a moment to find out that it is free.
                tokio::task::yield_now().await;
                continue;
            };
            let is_last = index + 1 == plans.len();
            if is_last && first.is_none() || fail_early || failure.is_closed_pipe() {
                return Err(failure);
            }
            failure.tell();
            first.get_or_insert_with(|| failure.exit());
        }
        first.map_or(Ok(()), |exit| Err(Failure::told(exit)))
    })
}

/// One request, from a plan on.
///
/// # Errors
///
/// As [`run`].
pub fn run_plan(plan: &RequestPlan) -> Result<(), Failure> {
    let mut session = Session::default();
    on_runtime(told(plan, &mut session))
}

/// The answer to a request whose plan says that it is captured.
///
/// # Errors
///
/// As [`run`], but not for a status that is an error.
pub(crate) fn fetch(plan: &RequestPlan, session: &mut Session) -> Result<Fetched, Failure> {
    let facts = RefCell::new(Facts::new(&plan.url, &plan.method));
    on_runtime(perform(plan, &facts, session))?;
    let facts = facts.into_inner();
    Ok(Fetched {
        status: facts.head.map_or(0, |head| head.status.as_u16()),
        body: facts.body,
    })
}

/// An answer for the program itself.
#[derive(Debug)]
pub(crate) struct Fetched {
    pub(crate) status: u16,
    pub(crate) body: Vec<u8>,
}

/// What signs requests like `plan`.
///
/// # Errors
///
/// If there is no region or there are no keys.
pub fn signing_for(plan: &RequestPlan) -> Result<Signing, Failure> {
    let signed = on_runtime(signed(plan, Narrator::new(&plan.output)))?;
    Ok(signed.signing)
}

pub(crate) fn on_runtime<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = runtime()?;
    let outcome = runtime.block_on(work);
    // A name server that does not answer would hold us up.
    runtime.shutdown_background();
    outcome
}

/// One request, and what `-w` says of it.
async fn told(plan: &RequestPlan, session: &mut Session) -> Result<(), Failure> {
    let show = &plan.output.show;
    let report = show.write_out.as_ref().map(Template::read).transpose()?;
    let facts = RefCell::new(Facts::new(&plan.url, &plan.method));
    let work = perform(plan, &facts, session);
    let mut outcome = if plan.output.file.is_some() {
        unless_interrupted(work).await
    } else {
        work.await
    };
    if let Some(report) = report.filter(|_| plan.dry_run.is_none()) {
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

async fn perform(
    plan: &RequestPlan,
    facts: &RefCell<Facts>,
    session: &mut Session,
) -> Result<(), Failure> {
    let narrator = Narrator::new(&plan.output);
    for note in &plan.notes {
        narrator.note(note);
    }
    let hop = Hop::first(plan, plan.body.read()?)?;
    let sender = session.sender(&plan.connection);
    let transfer = Transfer::new(plan, facts, sender);
    let outcome = if plan.controls.plain {
        narrator.note("Not signed (--no-sign)");
        if let Some(how) = plan.dry_run {
            transfer.show(how, &hop, None)
        } else {
            transfer.run(&hop, None).await
        }
    } else {
        refuse_absent(plan, &hop)?;
        let made = signed(plan, narrator);
        let signed = within(plan.connection.max_time, session.signed(plan, made)).await?;
        if let Some(how) = plan.dry_run {
            transfer.show(how, &hop, Some(&signed.signing))
        } else {
            let mut exchange = Exchange::new(plan, &signed.region, &signed.key);
            let signing = (&mut signed.signing, &mut exchange);
            transfer.run(&hop, Some(signing)).await
        }
    };
    // Where nothing was sent, there is something worse to say.
    if let Some(warning) = &plan.warning
        && (plan.dry_run.is_some() || facts.borrow().head.is_some())
    {
        narrator.warning(warning);
    }
    session.put_back(&plan.connection, transfer.into_sender());
    outcome
}

/// Gets what signing needs: the region first, since without one there is no point in looking for keys.
pub(crate) async fn signed(plan: &RequestPlan, narrator: Narrator) -> Result<Signed, Failure> {
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
    let key = found.keys.access_key_id().to_owned();
    narrator.note(&format!("Key {key} (from {})", found.from));
    let signing = Signing::new(found.keys, &region.value, &service.value, plan.time)?
        .with_controls(plan.controls.clone())?;
    Ok(Signed {
        signing,
        region: region.value,
        key,
    })
}

/// `--sign-header` of a header that is not sent would do nothing.
pub(crate) fn refuse_absent(plan: &RequestPlan, hop: &Hop) -> Result<(), Failure> {
    let names = &plan.controls.signed_headers;
    match names
        .iter()
        .find(|name| !hop.headers.contains_key(name.as_str()))
    {
        Some(name) => Err(Failure::usage(format!(
            "--sign-header '{name}': the request has no such header (add it with -H)"
        ))),
        None => Ok(()),
    }
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
