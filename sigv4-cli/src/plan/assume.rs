//! The role to assume, and what that takes.

use std::path::PathBuf;

use super::Env;
use crate::args::{RoleArgs, Secret};
use crate::failure::Failure;

/// What happens to keys before they sign.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AssumePlan {
    /// `--role-arn`: assumed last, with whatever keys there are by then.
    pub role: Option<Role>,
    /// `--mfa-code`
    pub mfa_code: Option<Secret>,
    /// Where sessions are kept; `None` = nowhere.
    pub cache: Option<PathBuf>,
    /// Where STS is, if not where AWS has it.
    pub sts_endpoint: Option<String>,
}

/// A role to assume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// Its ARN.
    pub arn: String,
    /// At most 64 characters.
    pub session_name: String,
    /// External id.
    pub external_id: Option<String>,
    /// Seconds.
    pub duration: Option<u64>,
    /// MFA device.
    pub mfa_serial: Option<String>,
}

impl AssumePlan {
    pub(super) fn new(args: &RoleArgs, env: Env<'_>) -> Result<Self, Failure> {
        let role = args.role_arn.as_deref().map(|arn| {
            Ok(Role {
                external_id: args.external_id.clone(),
                duration: args.duration.map(|duration| duration.as_secs()),
                mfa_serial: args.mfa_serial.clone(),
                ..Role::new(arn, args.role_session_name.as_deref())?
            })
        });
        let about_it = [
            ("--role-session-name", args.role_session_name.is_some()),
            ("--external-id", args.external_id.is_some()),
            ("--duration", args.duration.is_some()),
            ("--mfa-serial", args.mfa_serial.is_some()),
        ];
        if let Some((option, _)) = about_it
            .iter()
            .find(|(_, given)| *given && args.role_arn.is_none())
        {
            return Err(Failure::usage(format!(
                "{option} needs --role-arn: it is about the role to assume"
            )));
        }
        if let Some(code) = &args.mfa_code {
            check_mfa_code(code.expose())?;
        }
        Ok(Self {
            role: role.transpose()?,
            mfa_code: args.mfa_code.clone(),
            cache: if args.no_credential_cache {
                None
            } else {
                cache_folder(env)
            },
            sts_endpoint: sts_endpoint(env),
        })
    }
}

impl Role {
    /// A role without anything special, its session's name cut to what STS takes.
    ///
    /// # Errors
    ///
    /// For what is no ARN.
    pub fn new(arn: &str, session_name: Option<&str>) -> Result<Self, Failure> {
        let arn = arn.trim();
        if !arn.starts_with("arn:") || !arn.contains(":role/") {
            return Err(Failure::usage(format!(
                "'{arn}' is not the ARN of a role, such as arn:aws:iam::123456789012:role/name"
            )));
        }
        let name = session_name.unwrap_or(SESSION_NAME);
        Ok(Self {
            arn: arn.to_owned(),
            session_name: name.chars().take(MAX_SESSION_NAME).collect(),
            external_id: None,
            duration: None,
            mfa_serial: None,
        })
    }
}

/// # Errors
///
/// For what no device shows.
pub(crate) fn check_mfa_code(code: &str) -> Result<(), Failure> {
    if code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()) {
        Ok(())
    } else {
        Err(Failure::usage("an MFA code has six digits"))
    }
}

fn cache_folder(env: Env<'_>) -> Option<PathBuf> {
    let base = env("XDG_CACHE_HOME").map(PathBuf::from);
    // A relative one is to be ignored, says its specification.
    let base = base.filter(|base| base.is_absolute());
    let home = || Some(PathBuf::from(env("HOME")?).join(".cache"));
    Some(base.or_else(home)?.join("sigcurl"))
}

fn sts_endpoint(env: Env<'_>) -> Option<String> {
    if env("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS").is_some_and(|it| it.eq_ignore_ascii_case("true"))
    {
        return None;
    }
    env("AWS_ENDPOINT_URL_STS").or_else(|| env("AWS_ENDPOINT_URL"))
}

/// The same each time, lest each call had a session of its own in the cache.
const SESSION_NAME: &str = "sigcurl";
/// STS's limit.
const MAX_SESSION_NAME: usize = 64;
