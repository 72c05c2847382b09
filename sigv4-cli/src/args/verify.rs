//! `sigcurl verify`

use clap::Args;
use sigv4::AmzDate;

use super::Secret;

/// `sigcurl verify [OPTIONS] [FILE|-|URL]`
#[derive(Debug, Clone, Args)]
pub struct VerifyArgs {
    /// The signed request: a file with an HTTP/1.1 request, a command line for curl or a HAR; a presigned URL; default
    /// standard input
    #[arg(value_name = "FILE|-|URL")]
    pub input: Option<String>,

    /// Access key id that it should be signed with; with --secret_key
    #[arg(long = "access_key", alias = "access-key", value_name = "ID")]
    pub access_key: Option<String>,

    /// Its secret access key
    #[arg(
        long = "secret_key",
        alias = "secret-key",
        value_name = "SECRET",
        allow_hyphen_values = true
    )]
    pub secret_key: Option<Secret>,

    /// Its session token
    #[arg(long = "session_token", aliases = ["session-token", "security_token", "security-token"],
        value_name = "TOKEN", allow_hyphen_values = true)]
    pub session_token: Option<Secret>,

    /// Profile that has the keys; outranks keys in the environment
    #[arg(long, value_name = "NAME")]
    pub profile: Option<String>,

    /// Signing name of the server; default the one that the request is signed for
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,

    /// Region of the server; default the one that the request is signed for
    #[arg(long, value_name = "REGION")]
    pub region: Option<String>,

    /// The server's time, such as 20150830T123600Z, or 'signed' for the time of signing; default now
    #[arg(long, value_name = "TIME", value_parser = moment)]
    pub at: Option<Moment>,

    /// The kind of service whose answer is told: s3, rest-json, api-gateway-rest, api-gateway-http, function-url,
    /// aws-json, query, ec2-query or opensearch; default by the service
    #[arg(long, value_name = "NAME")]
    pub profile_of: Option<String>,

    /// How far the request's clock may be off, in seconds; default by the service
    #[arg(long, value_name = "SECONDS")]
    pub max_skew: Option<u32>,

    /// The body is not there: look at the rest
    #[arg(long)]
    pub no_body: bool,

    /// Method of a presigned URL
    #[arg(short = 'X', long, value_name = "METHOD", default_value = "GET")]
    pub request: String,

    /// A header that goes with a presigned URL
    #[arg(short = 'H', long, value_name = "HEADER", allow_hyphen_values = true)]
    pub header: Vec<String>,

    /// Which request of a HAR, from 1; default the first that is signed
    #[arg(long, value_name = "N")]
    pub entry: Option<usize>,

    /// Print one JSON object
    #[arg(long)]
    pub json: bool,
}

/// When a request is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// When it was signed.
    Signed,
    /// Then.
    At(AmzDate),
}

fn moment(text: &str) -> Result<Moment, String> {
    if text == "signed" {
        return Ok(Moment::Signed);
    }
    text.parse()
        .map(Moment::At)
        .map_err(|error: sigv4::ParseError| error.to_string())
}

pub(super) const EXAMPLES: &str = "\
Examples:
  sigcurl --dry-run https://abc123.execute-api.eu-west-1.amazonaws.com/prod > request && sigcurl verify request
  sigcurl verify --at signed --profile dev < request
  sigcurl verify 'https://bucket.s3.eu-west-1.amazonaws.com/key?X-Amz-Algorithm=...'
  sigcurl verify --json session.har

Exit code 0 only if the signature is good, and the body the one that was signed; 120 if it is not.";
