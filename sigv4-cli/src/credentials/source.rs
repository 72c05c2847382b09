//! Where `aws-config` found keys, and why it did not.

use aws_credential_types::Credentials;
use aws_credential_types::credential_feature::AwsCredentialFeature as Feature;
use aws_credential_types::provider::error::CredentialsError;

use crate::exit::Exit;
use crate::failure::{Failure, chain};

/// Where keys were found, in words; `None` if they do not tell.
pub(super) fn of(keys: &Credentials, profile: &str) -> Option<String> {
    let features = keys.get_property::<Vec<Feature>>()?;
    let how = features.iter().find_map(|feature| match feature {
        Feature::CredentialsImds => Some("the instance's role (IMDS)"),
        Feature::CredentialsHttp => Some("the container's role"),
        Feature::CredentialsSso => Some("SSO"),
        Feature::CredentialsProcess => Some("credential_process"),
        Feature::CredentialsEnvVars => Some("the environment"),
        Feature::CredentialsProfileLogin | Feature::CredentialsLogin => Some("aws login"),
        Feature::CredentialsEnvVarsStsWebIdToken
        | Feature::CredentialsProfileStsWebIdToken
        | Feature::CredentialsStsAssumeRoleWebId => Some("web identity"),
        _ => None,
    });
    let of_profile = features.contains(&Feature::CredentialsProfile)
        || features.contains(&Feature::CredentialsProfileLogin);
    match (of_profile, how) {
        (true, Some(how)) => Some(format!("profile '{profile}' ({how})")),
        (true, None) => Some(format!("profile '{profile}'")),
        (false, how) => how.map(str::to_owned),
    }
}

/// Why there are none.
pub(super) fn failure(asked: &str, error: CredentialsError) -> Failure {
    let what = format!("cannot get credentials from {asked}");
    if chain(&error).any(|cause| cause.to_string().contains("credentials-login")) {
        return Failure::new(
            Exit::Usage,
            format!(
                "{what}: it is a profile of 'aws login', which this sigcurl was built without; build it with --features credentials-login, or put 'credential_process = aws configure export-credentials --format process' in another profile"
            ),
        );
    }
    let is_sso = chain(&error).any(|cause| speaks_of_sso(&cause.to_string()));
    let is_instance = chain(&error).any(|cause| cause.to_string().contains("IMDS"));
    let what = if is_sso {
        format!("{what} (sign in with 'aws sso login' and its --profile)")
    } else if is_instance {
        format!(
            "{what} (set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or use --profile NAME; last asked: the instance)"
        )
    } else {
        what
    };
    Failure::because(Exit::Usage, what, error)
}

/// Whether the word is there, or begins one: `sso`, `SSO`, `sso_session`, `SsoToken`, but not `associate`.
fn speaks_of_sso(text: &str) -> bool {
    let words = text.split(|c: char| !c.is_ascii_alphanumeric());
    let mut starts = words.filter_map(|word| word.get(..3));
    starts.any(|start| start.eq_ignore_ascii_case("sso"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sso_as_a_word() {
        for text in ["SSO", "the sso_session x", "an SsoToken", "profile 'sso'"] {
            assert!(speaks_of_sso(text), "{text}");
        }
        assert!(!speaks_of_sso("cannot associate, dissociate or assemble"));
    }
}
