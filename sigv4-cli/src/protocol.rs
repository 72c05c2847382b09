//! What AWS's JSON and Query APIs want to be told beside an operation's name.

/// The JSON version that an operation's API speaks, by `X-Amz-Target`.
pub(crate) fn json_version(target: &str) -> &'static str {
    let prefix = target.rsplit_once('.').map_or("", |(prefix, _)| prefix);
    let mut listed = JSON_1_0.lines().filter(|line| !line.starts_with('#'));
    if !prefix.is_empty() && listed.any(|line| line == prefix) {
        "1.0"
    } else {
        "1.1"
    }
}

/// The version of a Query API, by signing name, if the service has only one.
pub(crate) fn query_version(service: &str) -> Option<&'static str> {
    let found = QUERY.iter().find(|(name, _)| *name == service);
    found.map(|(_, version)| *version)
}

/// botocore's.
const JSON_1_0: &str = include_str!("json-1.0.txt");

/// API versions of botocore 1.44.5, all services that speak the Query protocol, or spoke it first (monitoring, sqs).
///
/// Two are not here: elasticloadbalancing, which has two versions for two kinds of load balancers, and what is signed
/// with Signature Version 2.
const QUERY: [(&str, &str); 14] = [
    ("autoscaling", "2011-01-01"),
    ("cloudformation", "2010-05-15"),
    ("cloudsearch", "2013-01-01"),
    ("ec2", "2016-11-15"),
    ("elasticache", "2015-02-02"),
    ("elasticbeanstalk", "2010-12-01"),
    ("iam", "2010-05-08"),
    ("monitoring", "2010-08-01"),
    ("rds", "2014-10-31"),
    ("redshift", "2012-12-01"),
    ("ses", "2010-12-01"),
    ("sns", "2010-03-31"),
    ("sqs", "2012-11-05"),
    ("sts", "2011-06-15"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions() {
        for (target, version) in [
            ("AWSStepFunctions.StartExecution", "1.0"),
            ("AmazonSQS.SendMessage", "1.0"),
            ("DynamoDB_20120810.ListTables", "1.0"),
            (
                "com.amazonaws.codeconnections.CodeConnections_20231201.ListHosts",
                "1.0",
            ),
            ("AWSEvents.PutEvents", "1.1"),
            ("Logs_20140328.FilterLogEvents", "1.1"),
            ("TrentService.ListKeys", "1.1"),
            ("# botocore 1.44", "1.1"),
            ("", "1.1"),
        ] {
            assert_eq!(json_version(target), version, "{target}");
        }
        assert_eq!(query_version("sts"), Some("2011-06-15"));
        assert_eq!(query_version("elasticloadbalancing"), None);
    }
}
