//! `sigcurl explain`

use std::path::PathBuf;

use clap::Args;

use super::RequestArgs;

/// `sigcurl explain [OPTIONS] URL`
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// Print a JSON object. This is what --json means here
    #[arg(long)]
    pub print_json: bool,

    /// A refusal's body, with AWS's own canonical request in it: say what differs. '-' is standard input
    #[arg(long, value_name = "FILE|-")]
    pub response: Option<PathBuf>,

    /// The request to explain.
    #[command(flatten)]
    pub request: RequestArgs,
}
