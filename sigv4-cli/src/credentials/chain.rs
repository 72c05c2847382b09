//! Profiles that assume roles: from which keys, by which steps.
//!
//! `aws-config` would walk them too, but reads neither `mfa_serial` nor `duration_seconds` and keeps no session.

use aws_config::profile::{Profile, ProfileSet};

use crate::failure::Failure;
use crate::plan::Role;

/// Where a profile's keys begin.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Base {
    /// They stand in this profile.
    Static(String),
    /// Whatever else this profile has.
    Profile(String),
    /// This profile has a role that names the profile itself as its source: what it has besides.
    Besides(String),
    /// `credential_source = Environment`
    Environment,
    /// `credential_source = Ec2InstanceMetadata`
    Instance,
    /// `credential_source = EcsContainer`
    Container,
}

/// Where the keys of profile `name` begin, and the roles to assume with them, in order.
pub(super) fn walk(set: &ProfileSet, name: &str) -> Result<(Base, Vec<Role>), Failure> {
    let mut roles = Vec::new();
    let mut visited = vec![name];
    let mut current = name;
    let base = loop {
        let profile = set.get_profile(current).ok_or_else(|| {
            let before = visited.iter().rev().nth(1).copied().unwrap_or(name);
            Failure::usage(format!(
                "profile '{before}' names source_profile '{current}', which is not there"
            ))
        })?;
        let role_arn = get(profile, "role_arn");
        // As the AWS CLI has it: a source's keys outrank its role.
        let begins_here = current != name && has_keys(profile);
        let (Some(arn), None, false) = (role_arn, get(profile, WEB_IDENTITY), begins_here) else {
            break if has_only_keys(profile) || begins_here {
                Base::Static(current.to_owned())
            } else {
                Base::Profile(current.to_owned())
            };
        };
        roles.push(role(profile, current, arn)?);
        match (
            get(profile, "source_profile"),
            get(profile, "credential_source"),
        ) {
            (Some(source), None) if source == current => {
                break if has_keys(profile) {
                    Base::Static(current.to_owned())
                } else {
                    Base::Besides(current.to_owned())
                };
            }
            (Some(source), None) if visited.contains(&source) => {
                return Err(Failure::usage(format!(
                    "the source_profile of profile '{name}' leads back to '{source}'"
                )));
            }
            (Some(source), None) => {
                visited.push(source);
                current = source;
            }
            (None, Some("Environment")) => break Base::Environment,
            (None, Some("Ec2InstanceMetadata")) => break Base::Instance,
            (None, Some("EcsContainer")) => break Base::Container,
            (None, Some(other)) => {
                return Err(Failure::usage(format!(
                    "profile '{current}' has credential_source '{other}', which is none of Environment, Ec2InstanceMetadata, EcsContainer"
                )));
            }
            (Some(_), Some(_)) => {
                return Err(Failure::usage(format!(
                    "profile '{current}' has both source_profile and credential_source"
                )));
            }
            (None, None) => {
                return Err(Failure::usage(format!(
                    "profile '{current}' has role_arn but neither source_profile nor credential_source"
                )));
            }
        }
    };
    roles.reverse();
    Ok((base, roles))
}

fn role(profile: &Profile, name: &str, arn: &str) -> Result<Role, Failure> {
    let duration = get(profile, "duration_seconds").map(|text| {
        let seconds = text.parse().ok();
        seconds.ok_or_else(|| {
            Failure::usage(format!(
                "profile '{name}' has duration_seconds '{text}', which is no number"
            ))
        })
    });
    Ok(Role {
        external_id: get(profile, "external_id").map(str::to_owned),
        duration: duration.transpose()?,
        mfa_serial: get(profile, "mfa_serial").map(str::to_owned),
        ..Role::new(arn, get(profile, "role_session_name"))?
    })
}

/// A property, without the space around it, if there is anything else.
pub(super) fn get<'a>(profile: &'a Profile, name: &str) -> Option<&'a str> {
    let value = profile.get(name)?.trim();
    (!value.is_empty()).then_some(value)
}

fn has_keys(profile: &Profile) -> bool {
    get(profile, "aws_access_key_id").is_some() && get(profile, "aws_secret_access_key").is_some()
}

/// Keys, and nothing that `aws-config` ranks above them.
fn has_only_keys(profile: &Profile) -> bool {
    let others = BESIDES
        .iter()
        .filter(|name| !name.starts_with("aws_") && **name != "region");
    has_keys(profile) && others.into_iter().all(|name| get(profile, name).is_none())
}

const WEB_IDENTITY: &str = "web_identity_token_file";

/// What a profile can say about keys, other than about a role.
pub(super) const BESIDES: [&str; 13] = [
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "aws_security_token",
    "credential_process",
    "login_session",
    "region",
    "sso_account_id",
    "sso_region",
    "sso_role_name",
    "sso_session",
    "sso_start_url",
    WEB_IDENTITY,
];
