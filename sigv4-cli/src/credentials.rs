//! Keys, and the region that only a profile can tell.
//!
//! `aws-config` does the work, and only where there is some: keys on the command line or in the environment cost no
//! file, no HTTP client, and no call to a metadata service.

mod http_client;

use std::borrow::Cow;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_types::os_shim_internal;
use sigv4::Credentials;

use self::http_client::LazyHttpClient;
use crate::failure::Failure;
use crate::plan::CredentialPlan;

/// The keys to sign with, and where they were found.
///
/// # Errors
///
/// A usage error if there are none, if the profile is unknown, or if its keys cannot be had.
pub async fn resolve(
    plan: &CredentialPlan,
    region: &str,
) -> Result<(Credentials, String), Failure> {
    match plan {
        CredentialPlan::Keys {
            id,
            secret,
            token,
            from,
        } => {
            let token = token.as_ref().map(|token| token.expose());
            Ok((
                credentials(id, secret.expose(), token, from)?,
                (*from).to_owned(),
            ))
        }
        CredentialPlan::Profile(name) => {
            known_profile(name).await?;
            let config = config(region);
            let provider = ProfileFileCredentialsProvider::builder()
                .configure(&config)
                .profile_name(name)
                .build();
            let none = || Failure::usage(format!("profile '{name}' has no credentials"));
            found(
                provider.provide_credentials().await,
                &format!("profile '{name}'"),
                none,
            )
        }
        CredentialPlan::Chain(profile) => {
            if let Some(name) = profile {
                known_profile(name).await?;
            }
            let name = profile.as_deref().unwrap_or("default");
            let chain = DefaultCredentialsChain::builder()
                .configure(config(region))
                // Without a region it would ask the metadata service for one.
                .region(Region::new(region.to_owned()))
                .profile_name(name)
                .build()
                .await;
            let none = || {
                Failure::usage(format!(
                    "no credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use --profile NAME (asked: environment, profile '{name}', web identity, container, instance)"
                ))
            };
            found(chain.provide_credentials().await, "the default chain", none)
        }
    }
}

/// The region of a profile, if it has one.
///
/// # Errors
///
/// A usage error if the profile was asked for by name and is unknown.
pub async fn profile_region(name: Option<&str>) -> Result<Option<String>, Failure> {
    let profiles = match name {
        Some(name) => known_profile(name).await?,
        None => load("default").await?,
    };
    let region = profiles
        .get_profile(name.unwrap_or("default"))
        .and_then(|profile| profile.get("region"));
    Ok(region
        .map(str::trim)
        .filter(|region| !region.is_empty())
        .map(str::to_owned))
}

fn credentials(
    id: &str,
    secret: &str,
    token: Option<&str>,
    from: &str,
) -> Result<Credentials, Failure> {
    let failure = |error: sigv4::ParseError| {
        Failure::because(
            crate::exit::Exit::Usage,
            format!("the keys from {from}"),
            error,
        )
    };
    let credentials = Credentials::new(id, secret).map_err(failure)?;
    match token {
        Some(token) => credentials.with_session_token(token).map_err(failure),
        None => Ok(credentials),
    }
}

fn found(
    result: Result<aws_credential_types::Credentials, CredentialsError>,
    asked: &str,
    none: impl FnOnce() -> Failure,
) -> Result<(Credentials, String), Failure> {
    match result {
        Ok(keys) => {
            let token = keys.session_token().filter(|token| !token.is_empty());
            let keys = credentials(keys.access_key_id(), keys.secret_access_key(), token, asked)?;
            Ok((keys, asked.to_owned()))
        }
        Err(CredentialsError::CredentialsNotLoaded(_)) => Err(none()),
        Err(error) => Err(Failure::because(
            crate::exit::Exit::Usage,
            format!("cannot get credentials from {asked}"),
            error,
        )),
    }
}

/// The profiles, of which `name` has to be one.
///
/// The chain itself takes an unknown profile for one without keys and goes on to ask the metadata service.
async fn known_profile(name: &str) -> Result<ProfileSet, Failure> {
    let profiles = load(name).await?;
    if profiles.get_profile(name).is_some() {
        return Ok(profiles);
    }
    let mut known: Vec<_> = profiles.profiles().collect();
    known.sort_unstable();
    let known = if known.is_empty() {
        "there are none".to_owned()
    } else {
        format!("there are: {}", known.join(", "))
    };
    Err(Failure::usage(format!(
        "no profile '{name}' in ~/.aws/config or ~/.aws/credentials; {known}"
    )))
}

async fn load(name: &str) -> Result<ProfileSet, Failure> {
    let (fs, env) = (os_shim_internal::Fs::real(), os_shim_internal::Env::real());
    let files = aws_runtime::env_config::file::EnvConfigFiles::default();
    aws_config::profile::load(&fs, &env, &files, Some(Cow::Owned(name.to_owned())))
        .await
        .map_err(|error| {
            Failure::because(
                crate::exit::Exit::Usage,
                "cannot read the AWS configuration",
                error,
            )
        })
}

fn config(region: &str) -> ProviderConfig {
    ProviderConfig::without_region()
        .with_behavior_version(Some(BehaviorVersion::latest()))
        .with_http_client(LazyHttpClient)
        .with_region(Some(Region::new(region.to_owned())))
}
