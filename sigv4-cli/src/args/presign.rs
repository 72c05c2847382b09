//! `sigcurl presign`

use clap::Args;

use super::RequestArgs;

/// `sigcurl presign [OPTIONS] URL`
#[derive(Debug, Clone, Args)]
pub struct PresignArgs {
    /// Print a JSON object: url, method, headers to send, expiry. This is what --json means here
    #[arg(long)]
    pub print_json: bool,

    /// The request to presign.
    #[command(flatten)]
    pub request: RequestArgs,
}
