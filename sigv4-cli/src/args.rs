//! The command line as clap reads it: data only. [`crate::argv`] reads it, [`crate::plan`] decides what it means.

mod api;
mod body;
mod building;
mod deferred;
mod explain;
mod keys;
mod lambda;
mod presign;
mod serve;
mod signing;
pub mod transfer;
mod verify;
mod whoami;
mod ws;

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, Parser, Subcommand, ValueEnum};
use sigv4::AmzDate;
use zeroize::Zeroize;

pub use self::keys::{RefusalArgs, RoleArgs};
pub use self::whoami::WhoamiArgs;

pub use self::api::ApiArgs;
pub use self::body::{BodyArgs, DataKind, FormKind, UrlArgs};
pub use self::building::BuildingArgs;
pub use self::deferred::Deferred;
pub use self::explain::ExplainArgs;
pub(crate) use self::lambda::LAMBDA;
pub use self::lambda::{BinaryFormat, CommonArgs, InvocationKind, InvokeArgs, LambdaArgs, LogType};
pub use self::presign::PresignArgs;
pub use self::serve::{LogForm, PayloadFormat, Ready, ServeArgs};
pub use self::signing::SigningArgs;
pub use self::verify::{Moment, VerifyArgs};
pub use self::ws::WsArgs;

/// Everything that can stand on the command line.
#[derive(Debug, Parser)]
#[command(
    name = "sigcurl",
    version,
    about = "Send one request, signed with AWS Signature Version 4.",
    long_about = LONG_ABOUT,
    override_usage = "sigcurl [OPTIONS] URL...\n       sigcurl lambda COMMAND [OPTIONS]\n       sigcurl api [OPTIONS] ID.REGION/PATH\n       sigcurl ws [OPTIONS] URL\n       sigcurl presign [OPTIONS] URL\n       sigcurl serve [OPTIONS]\n       sigcurl verify [OPTIONS] [FILE|-|URL]\n       sigcurl explain [OPTIONS] URL\n       sigcurl whoami [OPTIONS] [URL]\n       sigcurl demo [--serve]",
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    disable_help_subcommand = true,
    infer_long_args = true,
    args_override_self = true,
    max_term_width = 110,
)]
pub struct Cli {
    /// What to do other than send a request.
    #[command(subcommand)]
    pub command: Option<Command>,

    /// The request to send.
    #[command(flatten)]
    pub request: RequestArgs,

    /// Those behind each `--next`.
    #[arg(skip)]
    pub more: Vec<RequestArgs>,
}

/// The subcommands.
///
/// A subcommand's name is one only as the very first argument, and refused anywhere else; with a scheme, a dot or a slash
/// it is a URL.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// See an IAM-authorized call succeed and an unsigned one refused, without an AWS account.
    Demo(DemoArgs),
    /// Show which keys and which region a request would be signed with, and why these.
    Whoami(Box<WhoamiArgs>),
    /// Print completions for a shell: `source <(sigcurl completions bash)`
    Completions(CompletionsArgs),
    /// Print the man page: `sigcurl man > sigcurl.1`
    Man,
    /// Print a presigned URL: whoever has it can send the request, without keys, until it expires.
    Presign(Deferred<PresignArgs>),
    /// Talk over a WebSocket: each line of standard input is a message, and each message that comes is printed as a line.
    #[command(override_usage = "sigcurl ws [OPTIONS] URL", after_help = ws::EXAMPLES)]
    Ws(Deferred<WsArgs>),
    /// Call an API of API Gateway's, or a Lambda function URL, by its id.
    #[command(override_usage = "sigcurl api [OPTIONS] ID.REGION/PATH...", after_help = api::EXAMPLES)]
    Api(Deferred<ApiArgs>),
    /// Invoke a Lambda function, or manage it: `sigcurl lambda invoke NAME PAYLOAD`; `sigcurl lambda --help` lists all.
    Lambda(LambdaArgs),
    /// Run a local endpoint that takes signed requests only: for tests and development.
    #[command(override_usage = "sigcurl serve [OPTIONS]", after_help = serve::EXAMPLES)]
    Serve(Deferred<ServeArgs>),
    /// Say whether a request that somebody signed is good, and if not, why.
    #[command(override_usage = "sigcurl verify [OPTIONS] [FILE|-|URL]", after_help = verify::EXAMPLES)]
    Verify(Deferred<VerifyArgs>),
    /// Show step by step what would be signed; with --response, what AWS sees otherwise. Nothing is sent.
    #[command(override_usage = "sigcurl explain [OPTIONS] URL")]
    Explain(Deferred<ExplainArgs>),
}

/// `sigcurl [OPTIONS] URL`
#[derive(Debug, Clone, Args)]
pub struct RequestArgs {
    /// Where the requests go.
    #[command(flatten)]
    pub urls: UrlArgs,

    /// Method; default GET, POST with data, PUT with -T, HEAD with -I
    #[arg(short = 'X', long, value_name = "METHOD", help_heading = REQUEST)]
    pub request: Option<String>,

    /// Data and forms.
    #[command(flatten)]
    pub body: BodyArgs,

    /// Curl's `--data-binary DATA`, which is the same as -d DATA, and awscurl's switch beside -d, which changes nothing
    ///
    /// It is the switch if another option follows it, if it comes last, or if there would be no URL without what
    /// follows it.
    #[arg(long, help_heading = REQUEST)]
    pub data_binary: bool,

    /// 'Name: value'; 'Name;' sends it empty; 'Name:' leaves out a default header; @FILE has one a line
    #[arg(short = 'H', long, value_name = "HEADER", allow_hyphen_values = true, help_heading = REQUEST)]
    pub header: Vec<String>,

    /// The rest of the request.
    #[command(flatten)]
    pub building: BuildingArgs,

    /// Follow redirects: sign again for the same scheme, host and port, send unsigned to any other
    #[arg(short = 'L', long, help_heading = REQUEST)]
    pub location: bool,

    /// Signing name, such as execute-api, lambda or s3; default from the host, else execute-api
    #[arg(long, value_name = "NAME", help_heading = SIGNING)]
    pub service: Option<String>,

    /// Signing region; default from the host, then AWS_REGION, AWS_DEFAULT_REGION, the profile
    #[arg(long, value_name = "REGION", help_heading = SIGNING)]
    pub region: Option<String>,

    /// How to sign.
    #[command(flatten)]
    pub signing: SigningArgs,

    /// Sign as of this time in UTC, such as 20150830T123600Z; default now
    #[arg(long, value_name = "TIME", help_heading = SIGNING)]
    pub at: Option<AmzDate>,

    /// Send nothing, and print the exact signed request: as HTTP/1.1 text, or with '=curl' as a command line for curl
    /// that sends the same. Signature and token are in it
    #[arg(long, value_name = "AS", num_args = 0..=1, require_equals = true, default_missing_value = "http",
        help_heading = SIGNING)]
    pub dry_run: Option<DryRun>,

    /// Profile of ~/.aws/config and ~/.aws/credentials; outranks keys in the environment
    #[arg(long, value_name = "NAME", help_heading = CREDENTIALS)]
    pub profile: Option<String>,

    /// Access key id; with --secret_key. Others on this machine can see it: prefer the environment
    #[arg(long = "access_key", alias = "access-key", value_name = "ID", help_heading = CREDENTIALS)]
    pub access_key: Option<String>,

    /// Secret access key; with --access_key
    #[arg(long = "secret_key", alias = "secret-key", value_name = "SECRET", allow_hyphen_values = true, help_heading = CREDENTIALS)]
    pub secret_key: Option<Secret>,

    /// Session token of temporary keys
    #[arg(long = "session_token", visible_alias = "security_token", aliases = ["session-token", "security-token"],
        value_name = "TOKEN", allow_hyphen_values = true, help_heading = CREDENTIALS)]
    pub session_token: Option<Secret>,

    /// A role to assume.
    #[command(flatten)]
    pub role: RoleArgs,

    /// Accept any TLS certificate
    #[arg(short = 'k', long, help_heading = CONNECTION)]
    pub insecure: bool,

    /// Lowest TLS version to use; below 1.2 is as 1.2
    #[arg(long, value_name = TLS_VERSIONS, hide_possible_values = true, help_heading = CONNECTION)]
    pub tls_min: Option<TlsVersion>,

    /// Highest TLS version to use; at least 1.2
    #[arg(long, value_name = TLS_VERSIONS, hide_possible_values = true, help_heading = CONNECTION)]
    pub tls_max: Option<TlsVersion>,

    /// Time for the connection, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = CONNECTION)]
    pub connect_timeout: Option<Duration>,

    /// Time for everything, in seconds; with --retry, for each try
    #[arg(short = 'm', long, value_name = "SECONDS", value_parser = seconds, help_heading = CONNECTION)]
    pub max_time: Option<Duration>,

    /// Print the answer's status line and headers too
    #[arg(short, long, help_heading = OUTPUT)]
    pub include: bool,

    /// Write to FILE, which appears once it is whole; '-' is standard output
    #[arg(short, long, value_name = "FILE", help_heading = OUTPUT)]
    pub output: Option<PathBuf>,

    /// Exit with 22 if the status is 400 or more; the body is printed all the same
    #[arg(long, help_heading = OUTPUT)]
    pub fail_with_body: bool,

    /// Say on standard error what happens: `*` notes, `>` request, `<` answer, canonical request, string to sign
    #[arg(short, long, help_heading = OUTPUT)]
    pub verbose: bool,

    /// Let -v show session token and signature
    #[arg(long, help_heading = OUTPUT)]
    pub show_secrets: bool,

    /// What follows a refusal.
    #[command(flatten)]
    pub refusal: RefusalArgs,
    /// Connection and output in detail.
    #[command(flatten)]
    pub transfer: transfer::TransferArgs,
}

impl RequestArgs {
    /// The first URL, which is the only one once [`crate::jobs`] has made a request of each.
    #[must_use]
    pub fn url(&self) -> &str {
        self.urls.0.first().map_or("", String::as_str)
    }

    /// The lowest version of TLS, however it is asked for.
    #[must_use]
    pub fn lowest_tls(&self) -> Option<TlsVersion> {
        let more = &self.transfer;
        let curls = [
            (more.tlsv1_3, TlsVersion::V1_3),
            (more.tlsv1_2, TlsVersion::V1_2),
            (more.tlsv1_1, TlsVersion::V1_1),
            (more.tlsv1 || more.tlsv1_0, TlsVersion::V1_0),
        ];
        let curls = curls.iter().find(|(given, _)| *given);
        self.tls_min.max(curls.map(|(_, version)| *version))
    }
}

/// `sigcurl demo`
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Keep the endpoint running and print the environment that it accepts
    #[arg(long)]
    pub serve: bool,

    /// Port on 127.0.0.1; default any free one
    #[arg(
        long,
        value_name = "PORT",
        default_value_t = 0,
        hide_default_value = true
    )]
    pub port: u16,

    /// Region that requests have to be signed for
    #[arg(long, value_name = "REGION", default_value = "us-east-1")]
    pub region: String,
}

/// `sigcurl completions`
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// The shell
    pub shell: clap_complete::Shell,
}

/// What `--dry-run` prints.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum DryRun {
    /// The bytes of an HTTP/1.1 request.
    Http,
    /// A command line for curl.
    Curl,
}

/// A version of TLS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum TlsVersion {
    /// TLS 1.0, which no server should speak any more.
    #[value(name = "1.0")]
    V1_0,
    /// TLS 1.1, which no server should speak any more.
    #[value(name = "1.1")]
    V1_1,
    /// TLS 1.2
    #[value(name = "1.2")]
    V1_2,
    /// TLS 1.3
    #[value(name = "1.3")]
    V1_3,
}

/// A text that `Debug` does not show, wiped when it goes.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// The text itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for Secret {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl From<String> for Secret {
    fn from(text: String) -> Self {
        Self(text)
    }
}

impl From<&str> for Secret {
    fn from(text: &str) -> Self {
        Self(text.to_owned())
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Seconds, with a fraction if need be. As in curl, 0 means no limit.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text
        .parse()
        .map_err(|_| "not a number of seconds".to_owned())?;
    let duration = Duration::try_from_secs_f64(seconds).map_err(|error| error.to_string())?;
    Ok(if duration.is_zero() {
        Duration::MAX
    } else {
        duration
    })
}

const REQUEST: &str = "Request";
const SIGNING: &str = "Signing";
const CREDENTIALS: &str = "Credentials";
const CONNECTION: &str = "Connection";
const OUTPUT: &str = "Output";
const TLS_VERSIONS: &str = "1.0|1.1|1.2|1.3";

const LONG_ABOUT: &str = "\
Send one request, signed with AWS Signature Version 4.

Service and region are read off the host where it is one of AWS's. Keys come from the options, then the environment, \
then everything that the AWS CLI knows too: profiles, SSO, roles, containers, instances. \
awscurl's command lines work unchanged, and curl's options mean what they mean to curl.";
