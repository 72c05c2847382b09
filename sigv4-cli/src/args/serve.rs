//! `sigcurl serve`

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

/// `sigcurl serve [OPTIONS]`
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// Answer with what was received, as JSON; this is the default
    #[arg(long, help_heading = BEHIND)]
    pub echo: bool,

    /// Pass verified requests on to this http server, without their signature, and its answers back
    #[arg(long, value_name = "URL", conflicts_with = "echo", help_heading = BEHIND)]
    pub upstream: Option<String>,

    /// Run this for each verified request, in a shell: an event of API Gateway's on standard input, the answer on
    /// standard output
    #[arg(long, value_name = "CMD", conflicts_with_all = ["echo", "upstream"], help_heading = BEHIND)]
    pub exec: Option<String>,

    /// Form of the event for --exec; default 1.0 for --profile-of api-gateway-rest, else 2.0
    #[arg(long, value_name = "1.0|2.0", requires = "exec", hide_possible_values = true, help_heading = BEHIND)]
    pub payload_format: Option<PayloadFormat>,

    /// Lambda's Invoke API, where the function NAME is a command, which gets the payload on standard input, or an http
    /// URL; repeatable
    #[arg(long, value_name = "NAME=CMD|URL", conflicts_with_all = ["echo", "upstream", "exec"], help_heading = BEHIND)]
    pub lambda: Vec<String>,

    /// How long a command may run, in seconds
    #[arg(long, value_name = "SECONDS", default_value = "29", value_parser = super::seconds, help_heading = BEHIND)]
    pub timeout: Duration,

    /// Keys that are let in: a file like ~/.aws/credentials; repeatable
    #[arg(long, value_name = "FILE", help_heading = KEYS)]
    pub credentials: Vec<PathBuf>,

    /// Let this profile's keys in; repeatable. Without keys from here, --credentials or the environment, a pair is made
    /// up and printed on standard error
    #[arg(long = "as", value_name = "PROFILE", help_heading = KEYS)]
    pub profiles: Vec<String>,

    /// Signing name that requests have to be signed for; default execute-api, with --lambda lambda
    #[arg(long, value_name = "NAME", help_heading = KEYS)]
    pub service: Option<String>,

    /// Region that requests have to be signed for
    #[arg(long, value_name = "REGION", default_value = "us-east-1", help_heading = KEYS)]
    pub region: String,

    /// Take requests that are signed for whatever region
    #[arg(long, help_heading = KEYS)]
    pub any_region: bool,

    /// Refuse as this kind of service does: s3, rest-json, api-gateway-rest, api-gateway-http, function-url, aws-json,
    /// query, ec2-query or opensearch; default by the service
    #[arg(long, value_name = "NAME", help_heading = KEYS)]
    pub profile_of: Option<String>,

    /// How far a request's clock may be off, in seconds; default by the service, 300 or 900
    #[arg(long, value_name = "SECONDS", help_heading = KEYS)]
    pub max_skew: Option<u32>,

    /// Leave the canonical request out of refusals also where AWS tells it
    #[arg(long, help_heading = KEYS)]
    pub no_explain: bool,

    /// Tell the canonical request where AWS tells it; this is the default
    #[arg(long, overrides_with = "no_explain", help_heading = KEYS)]
    pub explain: bool,

    /// Who may do what: a policy document with Principal, Action and Resource, for execute-api and lambda
    #[arg(long, value_name = "FILE", help_heading = KEYS)]
    pub policy: Option<PathBuf>,

    /// Address to listen on
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1", help_heading = LISTEN)]
    pub host: IpAddr,

    /// Port; 0 is any free one
    #[arg(long, value_name = "PORT", default_value_t = 0, help_heading = LISTEN)]
    pub port: u16,

    /// A second port for /healthz and /metrics, which need no signature there
    #[arg(long, value_name = "PORT", help_heading = LISTEN)]
    pub admin_port: Option<u16>,

    /// What the line on standard output looks like that says where it listens
    #[arg(long, value_name = "text|json", default_value = "text", hide_possible_values = true, help_heading = LISTEN)]
    pub ready: Ready,

    /// Speak TLS with a certificate that is made up; its CA is written to a temporary file
    #[arg(long, help_heading = LISTEN)]
    pub tls: bool,

    /// Speak TLS with this certificate chain, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_key", conflicts_with = "tls", help_heading = LISTEN)]
    pub tls_cert: Option<PathBuf>,

    /// Its private key, as PEM
    #[arg(long, value_name = "FILE", requires = "tls_cert", help_heading = LISTEN)]
    pub tls_key: Option<PathBuf>,

    /// How many connections at most; others wait
    #[arg(long, value_name = "N", default_value_t = 1024, help_heading = LISTEN)]
    pub max_connections: u16,

    /// How large a body may be, in bytes
    #[arg(long, value_name = "BYTES", default_value_t = 10 * 1024 * 1024, help_heading = LISTEN)]
    pub max_body: u32,

    /// One line for each request on standard error: without query, signature, token or secret
    #[arg(long, value_name = "json|text|off", default_value = "json", hide_possible_values = true, help_heading = LISTEN)]
    pub log: LogForm,
}

/// The forms of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum PayloadFormat {
    /// REST APIs.
    #[value(name = "1.0")]
    V1,
    /// HTTP APIs and function URLs.
    #[value(name = "2.0")]
    V2,
}

/// The forms of the line that says where the server is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Ready {
    /// `READY URL`
    Text,
    /// An object.
    Json,
}

/// The forms of the log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LogForm {
    /// An object a line.
    Json,
    /// For people.
    Text,
    /// None.
    Off,
}

const BEHIND: &str = "What is behind it";
const KEYS: &str = "Who may";
const LISTEN: &str = "Listening";

pub(super) const EXAMPLES: &str = "\
Examples:
  sigcurl serve --port 8080
      Says what it received; keys are made up and printed
  sigcurl serve --as dev --upstream http://localhost:3000
      A server that knows nothing of signatures, behind one that does: it gets x-sigv4-access-key-id and x-sigv4-principal
  sigcurl serve --exec 'python3 handler.py' --profile-of function-url
      An event of a function URL on standard input, the answer on standard output
  sigcurl serve --lambda resize='node resize.js'
      aws lambda invoke --endpoint-url http://localhost:PORT --function-name resize out.json
  sigcurl serve --policy policy.json --credentials users.ini

There is no path on the main port that needs no signature. It stops at SIGINT and SIGTERM, once the requests that it has \
are answered, after 5 s at the latest.";
