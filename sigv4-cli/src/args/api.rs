//! `sigcurl api`

use clap::Args;

use super::{RequestArgs, Secret};

/// `sigcurl api [OPTIONS] ID.REGION/PATH`
#[derive(Debug, Clone, Args)]
pub struct ApiArgs {
    /// Reach a private REST API through this VPC endpoint: its host, the first part of that, or the endpoint's id
    #[arg(long, value_name = "HOST|ID", help_heading = API)]
    pub vpce: Option<String>,

    /// With --vpce: name the API in x-apigw-api-id instead of in the Host header
    #[arg(long, requires = "vpce", help_heading = API)]
    pub api_id_header: bool,

    /// Send this x-api-key: @FILE or @- reads it, env:NAME takes a variable's value, so that no one else sees it
    #[arg(long, value_name = "KEY", allow_hyphen_values = true, help_heading = API)]
    pub api_key: Option<Secret>,

    /// The id is that of a Lambda function URL
    #[arg(long, conflicts_with = "vpce", help_heading = API)]
    pub function_url: bool,

    /// Send to this server, such as an emulator; Host and signature stay those of the API at AWS
    #[arg(long, value_name = "URL", conflicts_with = "vpce", help_heading = API)]
    pub endpoint_url: Option<String>,

    /// The request.
    #[command(flatten)]
    pub request: RequestArgs,
}

const API: &str = "API";

pub(super) const EXAMPLES: &str = "\
ID.REGION/STAGE/PATH stands for https://ID.execute-api.REGION.amazonaws.com/STAGE/PATH, with another suffix where the \
region has one. Without .REGION, the region is that of --region, AWS_REGION, AWS_DEFAULT_REGION or the profile. A whole \
URL stays as it is.

Examples:
  sigcurl api abc123.eu-west-1/prod/pets
  sigcurl api --api-key @key.txt -d '{\"name\": \"Rex\"}' abc123/prod/pets
  sigcurl api --vpce vpce-0a1b2c3d-abcdefgh abc123.eu-west-1/prod/pets
      A private API; the request goes to the endpoint, and Host says which API
  sigcurl api -d 'hello' abc123/prod/@connections/L0SM9cOFvHcCIhw=
      To a client of a WebSocket API; GET tells about it, -X DELETE ends it
  sigcurl api --function-url url123.eu-west-1/path
      https://url123.lambda-url.eu-west-1.on.aws/path
  sigcurl api --endpoint-url http://localhost:4566 abc123.eu-west-1/prod/pets
      To an emulator that goes by the Host header, which stays AWS's

--endpoint-url is also read from AWS_ENDPOINT_URL_EXECUTE_API (with --function-url: AWS_ENDPOINT_URL_LAMBDA), then \
AWS_ENDPOINT_URL, unless AWS_IGNORE_CONFIGURED_ENDPOINT_URLS is true.";
