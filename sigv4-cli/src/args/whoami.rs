//! `sigcurl whoami`

use clap::Args;

use super::Secret;
use super::keys::RoleArgs;

/// `sigcurl whoami [OPTIONS] [URL]`
#[derive(Debug, Clone, Args)]
pub struct WhoamiArgs {
    /// Whose host may tell service and region
    #[arg(value_name = "URL")]
    pub url: Option<String>,

    /// Ask STS whose keys they are (GetCallerIdentity, which needs no permission)
    #[arg(long)]
    pub online: bool,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,

    /// Region to sign for
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,

    /// Profile of ~/.aws/config and ~/.aws/credentials; outranks keys in the environment
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Access key id; with --secret_key
    #[arg(long = "access_key", alias = "access-key", value_name = "ID")]
    pub access_key: Option<String>,

    /// Secret access key; with --access_key
    #[arg(
        long = "secret_key",
        alias = "secret-key",
        value_name = "SECRET",
        allow_hyphen_values = true
    )]
    pub secret_key: Option<Secret>,

    /// Session token of temporary keys
    #[arg(long = "session_token", aliases = ["session-token", "security_token", "security-token"],
        value_name = "TOKEN", allow_hyphen_values = true)]
    pub session_token: Option<Secret>,

    /// A role to assume.
    #[command(flatten)]
    pub role: RoleArgs,
}
