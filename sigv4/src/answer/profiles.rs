//! The profiles, as data.

use super::{Profile, Protocol};

pub(super) const ALL: [Profile; 9] = [
    profile("s3", Protocol::S3, "s3"),
    profile("rest-json", Protocol::RestJson, "lambda"),
    profile("api-gateway-rest", Protocol::ApiGatewayRest, "execute-api"),
    profile("api-gateway-http", Protocol::ApiGatewayHttp, "execute-api"),
    profile("function-url", Protocol::FunctionUrl, "lambda"),
    profile("aws-json", Protocol::AwsJson, "dynamodb"),
    profile("query", Protocol::Query, "sts"),
    profile("ec2-query", Protocol::Ec2Query, "ec2"),
    profile("opensearch", Protocol::OpenSearch, "es"),
];

const fn profile(name: &'static str, protocol: Protocol, service: &'static str) -> Profile {
    Profile {
        name,
        protocol,
        service,
    }
}

pub(super) fn for_service(service: &str) -> &'static Profile {
    let name = match service {
        "s3" | "s3express" | "s3-object-lambda" | "s3-outposts" => "s3",
        "execute-api" => "api-gateway-rest",
        "es" | "aoss" => "opensearch",
        "ec2" => "ec2-query",
        "autoscaling"
        | "cloudformation"
        | "elasticache"
        | "elasticloadbalancing"
        | "iam"
        | "monitoring"
        | "rds"
        | "redshift"
        | "ses"
        | "sns"
        | "sqs"
        | "sts" => "query",
        "cloud9" | "dynamodb" | "ecr" | "ecs" | "events" | "kinesis" | "kms" | "logs"
        | "rekognition" | "secretsmanager" | "ssm" | "states" => "aws-json",
        _ => "rest-json",
    };
    let [_, rest_json, ..] = &ALL;
    ALL.iter()
        .find(|profile| profile.name == name)
        .unwrap_or(rest_json)
}
