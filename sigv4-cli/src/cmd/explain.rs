//! `sigcurl explain`: the steps of signing, and what differs from AWS's own. Nothing is sent.

mod refusal;
mod steps;

use std::io::{self, Read, Write};
use std::path::Path;

use serde_json::json;

use self::refusal::Told;
use self::steps::Steps;
use crate::args::ExplainArgs;
use crate::exit::Exit;
use crate::failure::Failure;
use crate::hop::Hop;
use crate::plan::{Env, RequestPlan};
use crate::print::Narrator;
use crate::{jobs, run};

/// `sigcurl explain`
///
/// # Errors
///
/// As for a request that is sent, and if the answer cannot be read.
pub fn run(args: &ExplainArgs, env: Env<'_>) -> Result<(), Failure> {
    refuse_what_sends(args)?;
    let told = args.response.as_deref().map(Told::read).transpose()?;
    let requests = jobs::each(&args.request)?;
    let [request] = requests.as_slice() else {
        return Err(Failure::usage("explain takes one URL"));
    };
    let mut plan = RequestPlan::new(request, env)?;
    let region_is_given = request.region.is_some();
    let time_is_given = plan.time.is_some();
    // What AWS saw was signed then.
    if plan.time.is_none() {
        plan.time = told.as_ref().and_then(Told::time);
    }
    let hop = Hop::first(&plan, plan.body.read()?)?;
    run::refuse_absent(&plan, &hop)?;
    let narrator = Narrator::new(&plan.output);
    let signed = run::on_runtime(run::signed(&plan, narrator))?;
    let (_, explanation) = signed.signing.sign(&hop, true)?;
    let explanation = explanation
        .ok_or_else(|| Failure::usage("--no-sign has no meaning here: explain is about signing"))?;
    let steps = Steps {
        explanation: &explanation,
        key: &signed.key,
        service: &plan.service.value,
        region: &signed.region,
        presigned: plan.controls.presign.is_some(),
    };
    let findings = told.map(|told| {
        told.compare(
            &plan,
            &hop,
            &signed,
            &explanation,
            (region_is_given, time_is_given),
        )
    });
    let text = if args.print_json {
        let mut value = steps.json();
        if let (Some(findings), Some(fields)) = (&findings, value.as_object_mut()) {
            fields.insert("response".to_owned(), json!(findings.json()));
        }
        format!("{value}\n")
    } else {
        let mut text = steps.text();
        if let Some(findings) = &findings {
            text.push_str(&findings.text());
        }
        text
    };
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(Failure::stdout)
}

/// All of a file, or of standard input.
fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let outcome = if path.as_os_str() == "-" {
        io::stdin().read_to_end(&mut bytes).map(|_| ())
    } else {
        std::fs::read(path).map(|read| bytes = read)
    };
    outcome.map_err(|error| {
        let what = format!("cannot read the answer from {}", path.display());
        Failure::because(Exit::Read, what, error)
    })?;
    Ok(bytes)
}

/// Options of a request that is sent, which would do nothing here.
fn refuse_what_sends(args: &ExplainArgs) -> Result<(), Failure> {
    let request = &args.request;
    let given = [
        (request.location, "-L"),
        (request.include, "-i"),
        (request.dry_run.is_some(), "--dry-run"),
        (request.output.is_some(), "-o"),
        (request.transfer.write_out.is_some(), "-w"),
        (request.transfer.retry.is_some(), "--retry"),
    ];
    match given.iter().find(|(given, _)| *given) {
        Some((_, option)) => Err(Failure::usage(format!(
            "{option} has no meaning here: explain sends nothing"
        ))),
        None => Ok(()),
    }
}
