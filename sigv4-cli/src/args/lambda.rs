//! `sigcurl lambda`

use std::ffi::OsString;

use clap::{Args, ValueEnum};

use super::OUTPUT;

/// `sigcurl lambda WORD...`
///
/// The words are read later, by what the first of them stands for: there are a hundred of those, and no other run of
/// the program is to wait for them.
#[derive(Debug, Clone, Args)]
#[command(disable_help_flag = true)]
pub struct LambdaArgs {
    /// invoke, or another operation of Lambda's, and its options; `sigcurl lambda --help` lists them
    #[arg(
        value_name = "COMMAND",
        trailing_var_arg = true,
        allow_hyphen_values = true
    )]
    pub words: Vec<OsString>,
}

/// What all of Lambda's operations have in common.
#[derive(Debug, Clone, Default, Args)]
pub struct CommonArgs {
    /// URL of Lambda or of what stands for it; default AWS_ENDPOINT_URL_LAMBDA, AWS_ENDPOINT_URL, the profile, AWS's own
    #[arg(long, value_name = "URL", help_heading = LAMBDA)]
    pub endpoint_url: Option<String>,

    /// Use the FIPS endpoint, as AWS_USE_FIPS_ENDPOINT=true does
    #[arg(long, help_heading = LAMBDA)]
    pub fips: bool,

    /// Use the endpoint for IPv4 and IPv6, as AWS_USE_DUALSTACK_ENDPOINT=true does
    #[arg(long, help_heading = LAMBDA)]
    pub dualstack: bool,

    /// Nothing is ever paged; here for command lines of the AWS CLI
    #[arg(long, help_heading = LAMBDA)]
    pub no_cli_pager: bool,

    /// As in the AWS CLI: seconds to wait for the answer, 0 without end. This is --max-time
    #[arg(long, value_name = "SECONDS", value_parser = super::seconds, help_heading = LAMBDA)]
    pub cli_read_timeout: Option<std::time::Duration>,

    /// As in the AWS CLI: the format of what is printed, json (with invoke and a file also text). The file is -o FILE here
    #[arg(long = "output", value_name = "FORMAT", help_heading = OUTPUT)]
    pub format: Option<String>,

    /// As in the AWS CLI; refused, since answers are not searched here (pipe them to jq)
    #[arg(long, value_name = "EXPRESSION", hide = true)]
    pub query: Option<String>,
}

/// `sigcurl lambda invoke FUNCTION [PAYLOAD]`
#[derive(Debug, Clone, Args)]
pub struct InvokeArgs {
    /// FUNCTION: name, name:alias, partial or whole ARN. PAYLOAD: a text, @FILE, or @- or - for standard input; none
    /// sends nothing. With --payload, what follows FUNCTION, and with --function-name, the only word, is the file for
    /// the answer, as in the AWS CLI
    #[arg(value_name = "FUNCTION [PAYLOAD]", num_args = 0.., allow_negative_numbers = true)]
    pub words: Vec<OsString>,

    /// The function, as in the AWS CLI
    #[arg(long, value_name = "FUNCTION", help_heading = LAMBDA)]
    pub function_name: Option<String>,

    /// Version or alias
    #[arg(long, value_name = "NAME", help_heading = LAMBDA)]
    pub qualifier: Option<String>,

    /// The payload: a text, @FILE, file://FILE, fileb://FILE, or @- or - for standard input
    #[arg(long, value_name = "PAYLOAD", allow_hyphen_values = true, help_heading = LAMBDA)]
    pub payload: Option<OsString>,

    /// What the text of --payload is, and that of file://: raw-in-base64-out (as it is, the default here whatever the
    /// AWS CLI's version) or base64
    #[arg(long, value_name = "FORMAT", help_heading = LAMBDA)]
    pub cli_binary_format: Option<BinaryFormat>,

    /// sync, event (do not wait for the function) or dry-run (may it be invoked?); default sync
    #[arg(long = "type", visible_alias = "invocation-type", value_name = "TYPE", ignore_case = true, help_heading = LAMBDA)]
    pub kind: Option<InvocationKind>,

    /// Print the end of the function's log on standard error; with --type sync only
    #[arg(long, help_heading = LAMBDA)]
    pub log: bool,

    /// As in the AWS CLI: None, or Tail, which is --log
    #[arg(long, value_name = "TYPE", ignore_case = true, help_heading = LAMBDA)]
    pub log_type: Option<LogType>,

    /// About the caller: JSON or @FILE, put into base64 for you (base64 goes as it is); with --type sync only
    #[arg(long, value_name = "JSON", help_heading = LAMBDA)]
    pub client_context: Option<String>,

    /// Print the payload while the function makes it (InvokeWithResponseStream)
    #[arg(long, help_heading = LAMBDA)]
    pub stream: bool,

    /// The tenant, for functions that tell them apart
    #[arg(long, value_name = "ID", help_heading = LAMBDA)]
    pub tenant_id: Option<String>,

    /// The execution's name, for durable functions
    #[arg(long, value_name = "NAME", help_heading = LAMBDA)]
    pub durable_execution_name: Option<String>,

    /// Print one JSON object: status, executedVersion, requestId, functionError, log, payloadEncoding, payload
    #[arg(long = "json", help_heading = OUTPUT)]
    pub print_json: bool,

    /// What all operations have in common.
    #[command(flatten)]
    pub common: CommonArgs,
}

/// How a payload is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum BinaryFormat {
    /// As it is.
    RawInBase64Out,
    /// In base64.
    Base64,
}

/// How a function is invoked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum InvocationKind {
    /// The answer is the function's.
    #[default]
    #[value(alias = "RequestResponse")]
    Sync,
    /// The answer comes before the function's.
    #[value(alias = "async")]
    Event,
    /// The function is not invoked.
    #[value(alias = "DryRun")]
    DryRun,
}

/// Whether the end of the log is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogType {
    /// No.
    None,
    /// Yes.
    Tail,
}

pub(crate) const LAMBDA: &str = "Lambda";
