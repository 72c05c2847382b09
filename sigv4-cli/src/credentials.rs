//! Keys, and the region that only a profile can tell.
//!
//! `aws-config` does the work, and only where there is some: keys on the command line or in the environment cost no
//! file, no HTTP client, and no call to a metadata service.

mod cache;
mod chain;
mod http_client;
mod mfa;
mod session;
mod source;
mod sts;

use std::borrow::Cow;

use aws_config::default_provider::credentials::DefaultCredentialsChain;
use aws_config::ecs::EcsCredentialsProvider;
use aws_config::environment::credentials::EnvironmentVariableCredentialsProvider;
use aws_config::imds::credentials::ImdsCredentialsProvider;
use aws_config::profile::{ProfileFileCredentialsProvider, ProfileSet};
use aws_config::provider_config::ProviderConfig;
use aws_config::{BehaviorVersion, Region};
use aws_credential_types::provider::ProvideCredentials;
use aws_credential_types::provider::error::CredentialsError;
use aws_runtime::env_config::file::{EnvConfigFileKind, EnvConfigFiles};
use aws_runtime::env_config::property::PropertiesKey;
use aws_types::os_shim_internal;
use sigv4::{AmzDate, Credentials};

use self::cache::Slot;
use self::chain::Base;
use self::http_client::LazyHttpClient;
pub use self::sts::Identity;
use self::sts::Sts;
use crate::args::Secret;
use crate::failure::Failure;
use crate::plan::{CredentialPlan, RequestPlan, Role};

/// Keys to sign with, and what is known about them.
#[derive(Debug)]
pub struct Found {
    /// The keys.
    pub keys: Credentials,
    /// Where they were found.
    pub from: String,
    /// Until when they are good, where that is known.
    pub expires: Option<AmzDate>,
    /// What `-v` says about it besides.
    pub notes: Vec<String>,
}

/// The keys to sign with, and where they were found.
///
/// # Errors
///
/// A usage error if there are none, if the profile is unknown, or if its keys cannot be had.
pub async fn resolve(plan: &RequestPlan, region: &str) -> Result<Found, Failure> {
    let (base, mut roles) = base(&plan.credentials, region).await?;
    roles.extend(plan.assume.role.clone());
    if plan.assume.mfa_code.is_some() && roles.iter().all(|role| role.mfa_serial.is_none()) {
        return Err(Failure::usage(
            "--mfa-code is given, but no role asks for one: --mfa-serial ARN, or mfa_serial in the profile, names the device",
        ));
    }
    let mut found = base;
    for role in &roles {
        found = assume(plan, role, found, region).await?;
    }
    Ok(found)
}

/// Whose keys they are, as STS sees it.
///
/// # Errors
///
/// If it cannot be asked, or refuses.
pub async fn caller_identity(
    plan: &RequestPlan,
    keys: Credentials,
    region: &str,
) -> Result<Identity, Failure> {
    let sts = Sts::new(
        plan.assume.sts_endpoint.as_deref(),
        region,
        &plan.connection,
    )?;
    sts.caller_identity(keys).await
}

/// The keys that are there without assuming a role, and the roles to assume with them.
async fn base(plan: &CredentialPlan, region: &str) -> Result<(Found, Vec<Role>), Failure> {
    match plan {
        CredentialPlan::Keys {
            id,
            secret,
            token,
            from,
        } => {
            let token = token.as_ref().map(Secret::expose);
            let keys = credentials(id, secret.expose(), token, from)?;
            Ok((Found::forever(keys, from), Vec::new()))
        }
        CredentialPlan::Profile(name) => {
            let set = known_profile(name).await?;
            let (base, roles) = chain::walk(&set, name)?;
            Ok((from_base(&set, base, region).await?, roles))
        }
        CredentialPlan::Chain(profile) => {
            let name = profile.as_deref().unwrap_or("default");
            let set = match profile {
                Some(name) => known_profile(name).await?,
                None => load(name).await?,
            };
            if set.get_profile(name).is_some() {
                let (base, roles) = chain::walk(&set, name)?;
                if !roles.is_empty() || matches!(base, Base::Static(_)) {
                    return Ok((from_base(&set, base, region).await?, roles));
                }
            }
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
            let found = found(
                chain.provide_credentials().await,
                name,
                "the default chain",
                none,
            )?;
            Ok((found, Vec::new()))
        }
    }
}

async fn from_base(set: &ProfileSet, base: Base, region: &str) -> Result<Found, Failure> {
    let config = config(region);
    let (result, name, asked) = match &base {
        Base::Static(name) => return from_profile(set, name),
        Base::Profile(name) => {
            let provider = ProfileFileCredentialsProvider::builder()
                .configure(&config)
                .profile_name(name)
                .build();
            (
                provider.provide_credentials().await,
                name.as_str(),
                format!("profile '{name}'"),
            )
        }
        Base::Besides(name) => {
            let provider = ProfileFileCredentialsProvider::builder()
                .configure(&config)
                .profile_files(without_role(set, name))
                .profile_name(name)
                .build();
            (
                provider.provide_credentials().await,
                name.as_str(),
                format!("profile '{name}'"),
            )
        }
        Base::Environment => {
            let provider = EnvironmentVariableCredentialsProvider::new();
            (
                provider.provide_credentials().await,
                "",
                "the environment (credential_source)".to_owned(),
            )
        }
        Base::Instance => {
            let provider = ImdsCredentialsProvider::builder()
                .configure(&config)
                .build();
            (
                provider.provide_credentials().await,
                "",
                "the instance (credential_source)".to_owned(),
            )
        }
        Base::Container => {
            let provider = EcsCredentialsProvider::builder().configure(&config).build();
            (
                provider.provide_credentials().await,
                "",
                "the container (credential_source)".to_owned(),
            )
        }
    };
    found(result, name, &asked, || {
        Failure::usage(format!("{asked} has no credentials"))
    })
}

/// The keys of each section of a file like ~/.aws/credentials: its name, the keys, and its `principal_arn`.
pub(crate) async fn in_file(
    path: &std::path::Path,
) -> Result<Vec<(String, Credentials, Option<String>)>, Failure> {
    let unread = |error| {
        let what = format!("cannot read the keys in {}", path.display());
        Failure::because(crate::exit::Exit::Read, what, error)
    };
    let text = std::fs::read_to_string(path).map_err(unread)?;
    let files = EnvConfigFiles::builder()
        .with_contents(EnvConfigFileKind::Credentials, text)
        .build();
    let (fs, env) = (os_shim_internal::Fs::real(), os_shim_internal::Env::real());
    let set = aws_config::profile::load(&fs, &env, &files, None)
        .await
        .map_err(|error| {
            let what = format!("cannot read the keys in {}", path.display());
            Failure::because(crate::exit::Exit::Usage, what, error)
        })?;
    let mut found = Vec::new();
    let mut names: Vec<_> = set.profiles().collect();
    names.sort_unstable();
    for name in names {
        let get = |property| {
            set.get_profile(name)
                .and_then(|profile| chain::get(profile, property))
        };
        if get("aws_access_key_id").is_some() || get("aws_secret_access_key").is_some() {
            let keys = from_profile(&set, name)?.keys;
            found.push((
                name.to_owned(),
                keys,
                get("principal_arn").map(str::to_owned),
            ));
        }
    }
    Ok(found)
}

/// The keys that stand in a profile.
fn from_profile(set: &ProfileSet, name: &str) -> Result<Found, Failure> {
    let from = format!("profile '{name}'");
    let get = |property| {
        set.get_profile(name)
            .and_then(|profile| chain::get(profile, property))
    };
    let keys = credentials(
        get("aws_access_key_id").unwrap_or_default(),
        get("aws_secret_access_key").unwrap_or_default(),
        // The second is botocore's old name for it, which `aws-config` does not know.
        get("aws_session_token").or_else(|| get("aws_security_token")),
        &from,
    )?;
    Ok(Found::forever(keys, &from))
}

/// The profile alone, without the role that it assumes with its own keys.
fn without_role(set: &ProfileSet, name: &str) -> EnvConfigFiles {
    let mut text = format!("[profile {name}]\n");
    let get = |property: &str| {
        set.get_profile(name)
            .and_then(|profile| chain::get(profile, property))
    };
    for property in chain::BESIDES {
        if let Some(value) = get(property) {
            text.push_str(&format!("{property} = {value}\n"));
        }
    }
    if let Some((session, section)) =
        get("sso_session").and_then(|name| Some((name, set.sso_session(name)?)))
    {
        text.push_str(&format!("[sso-session {session}]\n"));
        for property in ["sso_region", "sso_start_url"] {
            if let Some(value) = section.get(property) {
                text.push_str(&format!("{property} = {value}\n"));
            }
        }
    }
    EnvConfigFiles::builder()
        .with_contents(EnvConfigFileKind::Config, text)
        .build()
}

/// The session of `role`: from the cache, or from STS.
async fn assume(
    plan: &RequestPlan,
    role: &Role,
    source: Found,
    region: &str,
) -> Result<Found, Failure> {
    let Found {
        keys,
        from,
        mut notes,
        ..
    } = source;
    let from = format!("role {}, assumed with {from}", role.arn);
    let sts = Sts::new(
        plan.assume.sts_endpoint.as_deref(),
        region,
        &plan.connection,
    )?;
    let slot = plan.assume.cache.as_deref();
    let slot = slot.map(|folder| Slot::new(folder, role, keys.access_key_id(), sts.endpoint()));

    if let Some(session) = slot.as_ref().and_then(|slot| slot.get(AmzDate::now())) {
        notes.push(format!("The session of role {} is in the cache", role.arn));
        return Ok(Found {
            keys: session.credentials(&from)?,
            from,
            expires: Some(session.expires),
            notes,
        });
    }
    let code = match (&role.mfa_serial, &plan.assume.mfa_code) {
        (None, _) => None,
        (Some(_), Some(code)) => Some(code.clone()),
        (Some(serial), None) => Some(mfa::code(serial, &role.arn).await?),
    };
    let code = code.as_ref().map(Secret::expose);
    let session = sts.assume_role(keys, role, code).await?;
    if let Some(Err(error)) = slot.map(|slot| slot.put(&session)) {
        notes.push(format!("The session cannot be kept in the cache: {error}"));
    }
    Ok(Found {
        keys: session.credentials(&from)?,
        from,
        expires: Some(session.expires),
        notes,
    })
}

impl Found {
    fn forever(keys: Credentials, from: &str) -> Self {
        Self {
            keys,
            from: from.to_owned(),
            expires: None,
            notes: Vec::new(),
        }
    }
}

/// The endpoint that a profile has for a service: in its section of services, or for all.
///
/// # Errors
///
/// As [`profile_region`].
pub async fn profile_endpoint(
    name: Option<&str>,
    service: &str,
) -> Result<Option<String>, Failure> {
    let profiles = match name {
        Some(name) => known_profile(name).await?,
        None => load("default").await?,
    };
    let Some(profile) = profiles.get_profile(name.unwrap_or("default")) else {
        return Ok(None);
    };
    let ignored = profile.get("ignore_configured_endpoint_urls");
    if ignored.is_some_and(|it| it.trim().eq_ignore_ascii_case("true")) {
        return Ok(None);
    }
    let key = |section: &str| {
        PropertiesKey::builder()
            .section_key("services")
            .section_name(section)
            .property_name(service)
            .sub_property_name("endpoint_url")
            .build()
            .ok()
    };
    let of_service = profile
        .get("services")
        .and_then(|section| profiles.other_sections().get(&key(section.trim())?));
    let url = of_service
        .map(String::as_str)
        .or_else(|| profile.get("endpoint_url"));
    Ok(url
        .map(str::trim)
        .filter(|url| !url.is_empty())
        .map(str::to_owned))
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
    profile: &str,
    asked: &str,
    none: impl FnOnce() -> Failure,
) -> Result<Found, Failure> {
    match result {
        Ok(keys) => {
            let from = source::of(&keys, profile).unwrap_or_else(|| asked.to_owned());
            let token = keys.session_token().filter(|token| !token.is_empty());
            let since_1970 = keys
                .expiry()
                .and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
            let unix = since_1970.and_then(|since| i64::try_from(since.as_secs()).ok());
            Ok(Found {
                expires: unix.and_then(|unix| AmzDate::from_unix(unix).ok()),
                keys: credentials(keys.access_key_id(), keys.secret_access_key(), token, &from)?,
                from,
                notes: Vec::new(),
            })
        }
        Err(CredentialsError::CredentialsNotLoaded(_)) => Err(none()),
        Err(error) => Err(source::failure(asked, error)),
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
    let files = EnvConfigFiles::default();
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
