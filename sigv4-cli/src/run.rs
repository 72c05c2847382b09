//! The straight line: plan → credentials → sign → send → print.

use std::time::Duration;

use bytes::Bytes;
use http::header::LOCATION;
use http::{Request, StatusCode};
use sigv4::Explanation;

use crate::args::RequestArgs;
use crate::credentials;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::hop::Hop;
use crate::plan::{Decided, Env, RequestPlan};
use crate::print::{Narrator, raw_head, wire_request};
use crate::redirect::{self, MAX_REDIRECTS};
use crate::send::{Answer, Sender};
use crate::session::Session;
use crate::sign::Signing;
use crate::sink::Sink;

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
            let Err(failure) = within(plan.connection.max_time, perform(plan, &mut session)).await
            else {
                // The connection gets a moment to find out that it is free.
                tokio::task::yield_now().await;
                continue;
            };
            let is_last = index + 1 == plans.len();
            if is_last && first.is_none() || fail_early || failure.is_silent() {
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
    on_runtime(within(
        plan.connection.max_time,
        perform(plan, &mut session),
    ))
}

/// What signs requests like `plan`.
///
/// # Errors
///
/// If there is no region or there are no keys.
pub fn signing_for(plan: &RequestPlan) -> Result<Signing, Failure> {
    on_runtime(signing(plan, Narrator::new(&plan.output)))
}

fn on_runtime<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = runtime()?;
    let outcome = runtime.block_on(work);
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

async fn perform(plan: &RequestPlan, session: &mut Session) -> Result<(), Failure> {
    let narrator = Narrator::new(&plan.output);
    for note in &plan.notes {
        narrator.note(note);
    }
    let hop = Hop::first(plan, plan.body.read()?)?;
    let signing = if plan.controls.plain {
        narrator.note("Not signed (--no-sign)");
        None
    } else {
        refuse_absent(plan, &hop)?;
        let made = signing(plan, narrator);
        Some(session.signing(plan, made).await?)
    };
    let sign = |hop: &Hop| match &signing {
        Some(signing) => signing.sign(hop, narrator.is_verbose()),
        None => Ok((hop.to_request()?, None)),
    };
    let mut sink = Sink::open(plan.output.file.as_deref())?;

    if plan.dry_run {
        let (request, explanation) = sign(&hop)?;
        if let Some(explanation) = explanation {
            narrator.explanation(&explanation);
        }
        sink.write(&wire_request(&request))?;
        return sink.finish();
    }

    let sender = session.sender(&plan.connection);
    let mut answer = follow(plan, hop, &sign, &sender, &mut sink).await?;
    while let Some(chunk) = answer.chunk().await? {
        sink.write(&chunk)?;
    }
    sink.finish()?;
    verdict(plan, answer.head.status)
}

/// Makes of a hop what is sent, and tells how the signature comes about.
type Sign<'a> = dyn Fn(&Hop) -> Result<(Request<Bytes>, Option<Explanation>), Failure> + 'a;

/// Gets what signing needs: the region first, since without one there is no point in looking for keys.
async fn signing(plan: &RequestPlan, narrator: Narrator) -> Result<Signing, Failure> {
    let region = match &plan.region {
        Some(region) => region.clone(),
        None => profile_region(plan).await?,
    };
    let service = &plan.service;
    narrator.note(&format!(
        "Service {} (from {}), region {} (from {})",
        service.value, service.from, region.value, region.from
    ));
    let (keys, from) = credentials::resolve(&plan.credentials, &region.value).await?;
    narrator.note(&format!("Key {} (from {from})", keys.access_key_id()));
    Signing::new(keys, &region.value, &service.value, plan.time)?
        .with_controls(plan.controls.clone())
}

/// `--sign-header` of a header that is not sent would do nothing.
fn refuse_absent(plan: &RequestPlan, hop: &Hop) -> Result<(), Failure> {
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

/// Sends, and follows redirects if asked to, until there is an answer whose body is to be printed.
async fn follow(
    plan: &RequestPlan,
    first: Hop,
    sign: &Sign<'_>,
    sender: &Sender,
    sink: &mut Sink,
) -> Result<Answer, Failure> {
    let narrator = Narrator::new(&plan.output);
    let mut hop = first;
    for redirects in 0.. {
        let (request, explanation) = sign(&hop)?;
        if let Some(explanation) = explanation {
            narrator.explanation(&explanation);
        }
        narrator.request(&request);
        let answer = sender.send(request).await?;
        narrator.answer(&answer.head);
        if plan.output.include {
            sink.write(&raw_head(&answer.head))?;
        }

        let next = if plan.follow {
            redirect::next(&hop, answer.head.status, answer.head.headers.get(LOCATION))?
        } else {
            None
        };
        hop = match next {
            None => return Ok(answer),
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
