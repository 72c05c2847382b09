//! The keys that are let in, and whose they are.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use clap::{Args, Command, FromArgMatches};
use sigv4::Credentials;
use sigv4::tower::{FoundKey, KeyStore, StaticKeys, WantedKey};

use super::context;
use crate::args::{RequestArgs, ServeArgs};
use crate::credentials;
use crate::endpoint::Keys;
use crate::failure::Failure;
use crate::plan::{Env, RequestPlan};

/// The account that all of them belong to.
pub(super) const ACCOUNT: &str = "000000000000";

/// Keys, and the ARN of each.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) store: Noted,
    pub(super) principals: HashMap<String, Arc<str>>,
    /// Those that were made up.
    pub(super) made_up: Option<Keys>,
    /// The one that is told first.
    pub(super) first: String,
}

#[derive(Debug, Default)]
struct Gathered {
    store: StaticKeys,
    principals: HashMap<String, Arc<str>>,
    first: Option<String>,
}

impl Gathered {
    fn add(&mut self, keys: Credentials, name: &str, arn: Option<String>) -> Result<(), Failure> {
        let id = keys.access_key_id().to_owned();
        let arn = arn.unwrap_or_else(|| match keys.session_token() {
            Some(_) => format!("arn:aws:sts::{ACCOUNT}:assumed-role/{name}/session"),
            None => format!("arn:aws:iam::{ACCOUNT}:user/{name}"),
        });
        if self.principals.insert(id.clone(), arn.into()).is_some() {
            return Err(Failure::usage(format!(
                "access key {id} is there more than once: leave it in one place"
            )));
        }
        self.first.get_or_insert(id);
        self.store = std::mem::take(&mut self.store).with(keys);
        Ok(())
    }
}

/// Those of `--credentials` and `--as`; else the environment's; else made up.
pub(super) async fn known(args: &ServeArgs, env: Env<'_>) -> Result<Known, Failure> {
    let mut gathered = Gathered::default();
    for file in &args.credentials {
        let found = credentials::in_file(file).await?;
        if found.is_empty() {
            return Err(Failure::usage(format!(
                "--credentials {}: no section has aws_access_key_id and aws_secret_access_key",
                file.display()
            )));
        }
        for (name, keys, arn) in found {
            gathered.add(keys, &name, arn)?;
        }
    }
    for profile in &args.profiles {
        let keys = resolved(&["--profile", profile], args, env).await?;
        gathered.add(keys, profile, None)?;
    }
    let mut made_up = None;
    if gathered.first.is_none() {
        if env("AWS_ACCESS_KEY_ID").is_some() || env("AWS_SECRET_ACCESS_KEY").is_some() {
            let keys = resolved(&[], args, env).await?;
            gathered.add(keys, "environment", None)?;
        } else {
            let keys = Keys::random()?;
            let credentials = Credentials::new(&*keys.id, keys.secret.expose())
                .map_err(|error| Failure::usage(error.to_string()))?;
            gathered.add(credentials, "generated", None)?;
            made_up = Some(keys);
        }
    }
    Ok(Known {
        store: Noted(gathered.store),
        principals: gathered.principals,
        made_up,
        first: gathered.first.unwrap_or_default(),
    })
}

/// What a request with these options would be signed with.
async fn resolved(
    options: &[&str],
    args: &ServeArgs,
    env: Env<'_>,
) -> Result<Credentials, Failure> {
    let argv = ["sigcurl", "--region", &args.region, "http://localhost/"];
    let argv = argv.iter().chain(options);
    let matches = RequestArgs::augment_args(Command::new("sigcurl")).try_get_matches_from(argv);
    let request = matches.and_then(|matches| RequestArgs::from_arg_matches(&matches));
    let request = request.map_err(|error| Failure::usage(crate::argv::complaint(&error)))?;
    let plan = RequestPlan::new(&request, env)?;
    Ok(credentials::resolve(&plan, &args.region).await?.keys)
}

/// Keys that leave word of who asked.
#[derive(Debug)]
pub(super) struct Noted(StaticKeys);

impl KeyStore for Noted {
    type Error = Infallible;

    async fn find(&self, wanted: &WantedKey) -> Result<Option<FoundKey>, Infallible> {
        if let Some(context) = context::current() {
            context.change(|found| found.key = Some(wanted.access_key_id().to_owned()));
        }
        self.0.find(wanted).await
    }
}
