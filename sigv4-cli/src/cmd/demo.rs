//! `sigcurl demo`: a signed call that succeeds and an unsigned one that does not, without an AWS account.

use std::io::{self, Write};
use std::thread;

use clap::{Args, Command, FromArgMatches};

use crate::args::{DemoArgs, RequestArgs};
use crate::body::BodySource;
use crate::endpoint::{Endpoint, Keys};
use crate::failure::Failure;
use crate::hop::Hop;
use crate::plan::{Connection, RequestPlan};
use crate::run;
use crate::send::Sender;

/// `sigcurl demo`
///
/// # Errors
///
/// If the endpoint cannot start or does not answer as it should.
pub fn run(args: &DemoArgs) -> Result<(), Failure> {
    let endpoint = Endpoint::bind(args.port, &args.region, args.serve)?;
    if args.serve {
        serve(endpoint, &args.region)
    } else {
        show(endpoint, &args.region)
    }
}

fn serve(endpoint: Endpoint, region: &str) -> Result<(), Failure> {
    let (url, keys) = (endpoint.url(), endpoint.keys());
    say(&format!(
        "unset AWS_SESSION_TOKEN AWS_SECURITY_TOKEN\n\
         export AWS_ACCESS_KEY_ID={}\n\
         export AWS_SECRET_ACCESS_KEY={}\n\
         export SIGCURL_DEMO_URL={url}\n\
         # In another shell, with the lines above:\n\
         # {}\n",
        keys.id,
        keys.secret.expose(),
        command_line(region, &url),
    ))?;
    match endpoint.serve()? {}
}

fn show(endpoint: Endpoint, region: &str) -> Result<(), Failure> {
    let (url, keys) = (endpoint.url(), endpoint.keys().clone());
    thread::spawn(move || endpoint.serve().map_err(|failure| failure.to_string()));

    let mut plan = plan(&keys, region, &url)?;
    // What proxy there may be is not for loopback.
    plan.connection = Connection {
        no_proxy: true,
        ..plan.connection
    };

    say(&format!("Signed:   {}\n", command_line(region, &url)))?;
    run::run_plan(&plan)?;
    say(&format!("\n\nUnsigned: curl {url}\n"))?;
    say(&unsigned(&plan)?)?;
    say(&format!(
        "\n\nYour own API:\n{}\n",
        command_line(
            "REGION",
            "https://ID.execute-api.REGION.amazonaws.com/STAGE/"
        )
    ))
}

/// What the command line of [`command_line`] means in an environment that has the endpoint's keys and nothing else.
fn plan(keys: &Keys, region: &str, url: &str) -> Result<RequestPlan, Failure> {
    let argv = [
        "sigcurl",
        "--service",
        "execute-api",
        "--region",
        region,
        url,
    ];
    let matches = RequestArgs::augment_args(Command::new("sigcurl")).try_get_matches_from(argv);
    let args = matches.and_then(|matches| RequestArgs::from_arg_matches(&matches));
    let args = args.map_err(|error| Failure::usage(crate::argv::complaint(&error)))?;
    RequestPlan::new(&args, &|name| match name {
        "AWS_ACCESS_KEY_ID" => Some(keys.id.clone()),
        "AWS_SECRET_ACCESS_KEY" => Some(keys.secret.expose().to_owned()),
        _ => None,
    })
}

/// The same request without its signature: status and body.
fn unsigned(plan: &RequestPlan) -> Result<String, Failure> {
    let request = Hop::first(plan, BodySource::default().read()?)?.to_request()?;
    run::runtime()?.block_on(async {
        let mut answer = Sender::new(plan.connection.clone()).send(request).await?;
        let mut text = format!("{} ", answer.head.status.as_str()).into_bytes();
        while let Some(chunk) = answer.chunk().await? {
            text.extend_from_slice(&chunk);
        }
        Ok(String::from_utf8_lossy(&text).into_owned())
    })
}

fn command_line(region: &str, url: &str) -> String {
    format!("sigcurl --service execute-api --region {region} {url}")
}

fn say(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(Failure::stdout)
}
