//! Where the keys come from.

use super::Env;
use crate::args::{RequestArgs, Secret};
use crate::failure::Failure;

/// Where the keys come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CredentialPlan {
    /// They are here.
    Keys {
        /// Access key id.
        id: String,
        /// Secret access key.
        secret: Secret,
        /// Session token.
        token: Option<Secret>,
        /// Their source, for `-v`.
        from: &'static str,
    },
    /// `--profile`: this profile and nothing else.
    Profile(String),
    /// Neither options nor environment have keys: the AWS CLI's chain, with the profile of `AWS_PROFILE`.
    Chain(Option<String>),
}

impl CredentialPlan {
    /// Options, then `--profile`, then the environment, then the chain.
    pub(super) fn new(args: &RequestArgs, env: Env<'_>) -> Result<Self, Failure> {
        let token = args
            .session_token
            .as_ref()
            .filter(|token| !token.expose().is_empty());
        match (&args.access_key, &args.secret_key) {
            (Some(id), Some(secret)) => {
                return Ok(Self::Keys {
                    id: id.clone(),
                    secret: secret.clone(),
                    token: token.cloned(),
                    from: "--access_key",
                });
            }
            (Some(_), None) => {
                return Err(Failure::usage(
                    "--access_key needs --secret_key: half a key pair signs nothing",
                ));
            }
            (None, Some(_)) => {
                return Err(Failure::usage(
                    "--secret_key needs --access_key: half a key pair signs nothing",
                ));
            }
            (None, None) => {}
        }

        let variables = match &args.profile {
            // A profile's keys never meet the environment's, nor its session token.
            Some(_) => (None, None),
            None => (env("AWS_ACCESS_KEY_ID"), env("AWS_SECRET_ACCESS_KEY")),
        };
        match variables {
            (Some(id), Some(secret)) => {
                let variable = || env("AWS_SESSION_TOKEN").or_else(|| env("AWS_SECURITY_TOKEN"));
                Ok(Self::Keys {
                    id,
                    secret: secret.into(),
                    token: token.cloned().or_else(|| variable().map(Secret::from)),
                    from: "the environment",
                })
            }
            (Some(_), None) => Err(Failure::usage(
                "AWS_ACCESS_KEY_ID is set but AWS_SECRET_ACCESS_KEY is not: half a key pair signs nothing",
            )),
            (None, Some(_)) => Err(Failure::usage(
                "AWS_SECRET_ACCESS_KEY is set but AWS_ACCESS_KEY_ID is not: half a key pair signs nothing",
            )),
            (None, None) if token.is_some() => Err(Failure::usage(
                "--session_token needs the keys it belongs to: --access_key and --secret_key",
            )),
            (None, None) => Ok(match &args.profile {
                Some(profile) => Self::Profile(profile.clone()),
                None => Self::Chain(env("AWS_PROFILE")),
            }),
        }
    }
}
