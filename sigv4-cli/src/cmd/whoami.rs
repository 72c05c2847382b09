//! `sigcurl whoami`: which keys and which region a request would be signed with, and why these.

use std::io::{self, Write};

use clap::{Args, Command, FromArgMatches};

use crate::args::{RequestArgs, WhoamiArgs};
use crate::credentials::{self, Found, Identity};
use crate::failure::Failure;
use crate::fields::quoted;
use crate::plan::{Decided, Env, RequestPlan};
use crate::run;

/// `sigcurl whoami`
///
/// # Errors
///
/// If there are no keys, and with `--online` if STS does not say whose they are.
pub fn run(args: &WhoamiArgs, env: Env<'_>) -> Result<(), Failure> {
    let plan = plan(args, env)?;
    let runtime = run::runtime()?;
    let outcome = runtime.block_on(show(args, &plan));
    runtime.shutdown_background();
    let mut stdout = io::stdout().lock();
    stdout
        .write_all(outcome?.as_bytes())
        .and_then(|()| stdout.flush())
        .map_err(Failure::stdout)
}

async fn show(args: &WhoamiArgs, plan: &RequestPlan) -> Result<String, Failure> {
    let region = match &plan.region {
        Some(region) => Some(region.clone()),
        None => {
            let profile = credentials::profile_region(plan.profile.as_deref()).await?;
            profile.map(|value| Decided {
                value,
                from: "the profile",
            })
        }
    };
    // Keys and caller do not depend on the region, only the way to STS does.
    let for_sts = region
        .as_ref()
        .map_or(DEFAULT_REGION, |region| &region.value);
    let found = credentials::resolve(plan, for_sts).await?;
    let mut fields = fields(&found, plan, args.url.is_some(), region.as_ref());
    if args.online {
        let Identity {
            arn,
            account,
            user_id,
        } = credentials::caller_identity(plan, found.keys, for_sts).await?;
        fields.extend([
            ("arn", Some(arn)),
            ("account", Some(account)),
            ("user_id", Some(user_id)),
        ]);
    }
    Ok(if args.json {
        json(&fields)
    } else {
        text(&fields)
    })
}

type Field = (&'static str, Option<String>);

fn fields(
    found: &Found,
    plan: &RequestPlan,
    has_url: bool,
    region: Option<&Decided>,
) -> Vec<Field> {
    let mut fields = vec![
        ("source", Some(found.from.clone())),
        ("access_key_id", Some(found.keys.access_key_id().to_owned())),
        (
            "session_token",
            Some(
                if found.keys.session_token().is_some() {
                    "yes"
                } else {
                    "no"
                }
                .to_owned(),
            ),
        ),
        ("expires", found.expires.map(|at| extended(at.as_str()))),
        ("region", region.map(|region| region.value.clone())),
        ("region_from", region.map(|region| region.from.to_owned())),
    ];
    if has_url {
        fields.push(("service", Some(plan.service.value.clone())));
        fields.push(("service_from", Some(plan.service.from.to_owned())));
    }
    fields
}

fn text(fields: &[Field]) -> String {
    let mut out = String::new();
    for (name, value) in fields {
        let absent = match *name {
            "region" => "none: give it with --region, AWS_REGION or the profile",
            "expires" => "not known",
            // Others are left out.
            _ => "",
        };
        let value: String = value
            .as_deref()
            .unwrap_or(absent)
            .chars()
            .filter(|c| !c.is_control())
            .collect();
        if !value.is_empty() {
            out.push_str(&format!("{:<14} {value}\n", name.replace('_', " ")));
        }
    }
    out
}

fn json(fields: &[Field]) -> String {
    let members = fields.iter().map(|(name, value)| {
        let value = match (*name, value.as_deref()) {
            ("session_token", Some(value)) => (value == "yes").to_string(),
            (_, Some(value)) => quoted(value),
            (_, None) => "null".to_owned(),
        };
        format!("{}:{value}", quoted(name))
    });
    format!("{{{}}}\n", members.collect::<Vec<_>>().join(","))
}

/// `20260101T000000Z` → `2026-01-01T00:00:00Z`
fn extended(basic: &str) -> String {
    let mut out = String::new();
    for (index, c) in basic.chars().enumerate() {
        match index {
            4 | 6 => out.push('-'),
            11 | 13 => out.push(':'),
            _ => {}
        }
        out.push(c);
    }
    out
}

/// What the same options would mean in front of a request.
fn plan(args: &WhoamiArgs, env: Env<'_>) -> Result<RequestPlan, Failure> {
    let matches = RequestArgs::augment_args(Command::new("sigcurl"))
        .try_get_matches_from(["sigcurl", "--", NOWHERE]);
    let request = matches.and_then(|matches| RequestArgs::from_arg_matches(&matches));
    let mut request = request.map_err(|error| Failure::usage(crate::argv::complaint(&error)))?;
    if let Some(url) = &args.url {
        request.urls.0 = vec![url.clone()];
    }
    request.region.clone_from(&args.region);
    request.profile.clone_from(&args.profile);
    request.access_key.clone_from(&args.access_key);
    request.secret_key.clone_from(&args.secret_key);
    request.session_token.clone_from(&args.session_token);
    request.role = args.role.clone();
    RequestPlan::new(&request, env)
}

/// A host that tells nothing.
const NOWHERE: &str = "https://whoami.invalid/";
/// STS answers about every key there.
const DEFAULT_REGION: &str = "us-east-1";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms() {
        let fields = [
            ("source", Some("profile \"p\"".to_owned())),
            ("session_token", Some("no".to_owned())),
            ("expires", None),
            ("region", None),
            ("region_from", None),
        ];
        assert_eq!(
            text(&fields),
            "source         profile \"p\"\nsession token  no\nexpires        not known\nregion         none: give it with --region, AWS_REGION or the profile\n"
        );
        assert_eq!(
            json(&fields),
            "{\"source\":\"profile \\\"p\\\"\",\"session_token\":false,\"expires\":null,\"region\":null,\"region_from\":null}\n"
        );
        assert_eq!(extended("20150830T123600Z"), "2015-08-30T12:36:00Z");
    }
}
