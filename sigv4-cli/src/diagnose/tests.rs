//! The texts are those of facts/verification.md §2.1 and §2.3.

use http::HeaderMap;

use super::*;

fn head(status: u16, error_type: &str) -> Head {
    let mut headers = HeaderMap::new();
    if !error_type.is_empty() {
        headers.insert("x-amzn-errortype", error_type.parse().unwrap());
    }
    Head {
        version: http::Version::HTTP_11,
        status: StatusCode::from_u16(status).unwrap(),
        reason: String::new(),
        headers,
        address: None,
    }
}

fn hop() -> Hop {
    Hop {
        method: http::Method::GET,
        url: "https://h/prod/pets".parse().unwrap(),
        headers: HeaderMap::new(),
        body: crate::payload::Body::Bytes(bytes::Bytes::new()),
        payload: None,
        signed: true,
        plain: false,
    }
}

fn said(head: &Head, service: &str, body: &str, ours: Option<&str>) -> Vec<String> {
    hints(&Refused {
        head,
        body,
        hop: &hop(),
        service,
        region: "us-east-1",
        region_is_given: false,
        time_is_given: false,
        key: "AKID",
        now: "20151021T072800Z".parse().unwrap(),
        canonical_request: &|| ours.map(str::to_owned),
    })
}

fn xml_error(code: &str, message: &str, more: &str) -> String {
    format!(
        "<?xml version=\"1.0\"?>\n<Error><Code>{code}</Code><Message>{message}</Message>{more}<RequestId>R</RequestId></Error>"
    )
}

const MISMATCH: &str = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";

#[test]
fn what_every_protocol_answers() {
    let json = |message: &str| format!("{{\"message\":\"{message}\"}}");
    let capital = |message: &str| format!("{{\"Message\":\"{message}\"}}");
    let query = |code: &str, message: &str| {
        format!(
            "<ErrorResponse xmlns=\"https://iam.amazonaws.com/doc/2010-05-08/\"><Error><Type>Sender</Type><Code>{code}</Code><Message>{message}</Message></Error><RequestId>R</RequestId></ErrorResponse>"
        )
    };
    for (error_type, service, body, expected) in [
        // AWS JSON
        ("", "dynamodb", format!("{{\"__type\":\"com.amazon.coral.service#InvalidSignatureException\",\"message\":\"{MISMATCH}\"}}"), "AWS computes another signature: the secret access key is not that of AKID"),
        ("", "cloud9", "{\"__type\":\"IncompleteSignatureException\",\"message\":\"'x' not a valid key=value pair (missing equal-sign) in Authorization header: 'AWS4'.\"}".to_owned(), "the Authorization header arrived broken"),
        ("", "dynamodb", "{\"__type\":\"UnrecognizedClientException\",\"message\":\"The security token included in the request is invalid.\"}".to_owned(), "AWS does not know access key AKID"),
        ("", "kinesis", "{\"__type\":\"InvalidSignatureException\",\"message\":\"Signature expired: 20140325T143453Z is now earlier than 20140325T143751Z (20140325T145251Z - 15 min.)\"}".to_owned(), "the signature's time, 20140325T143453Z, is too far in the past: the server's is 20140325T145251Z"),
        ("", "execute-api", "{\"__type\":\"InvalidSignatureException\",\"message\":\"Credential should be scoped to correct service: 'dynamodb'. \"}".to_owned(), "the signature is for service execute-api, and this endpoint is dynamodb: --service dynamodb"),
        ("", "dynamodb", json("Credential should be scoped to a valid region, not 'mars-1'. "), "the signature is for region mars-1"),
        ("", "dynamodb", "{\"__type\":\"MissingAuthenticationTokenException\",\"message\":\"Missing Authentication Token\"}".to_owned(), "no signature arrived, or the path"),
        ("", "dynamodb", "{\"__type\":\"ExpiredTokenException\",\"message\":\"x\"}".to_owned(), "the session token of AKID has expired"),
        ("", "dynamodb", "{\"__type\":\"AccessDeniedException\",\"Message\":\"User: arn:aws:iam::1:user/u is not authorized to perform: dynamodb:ListTables\"}".to_owned(), "the signature is right, but arn:aws:iam::1:user/u may not dynamodb:ListTables"),
        // REST-JSON, Lambda
        ("InvalidSignatureException", "lambda", json(MISMATCH), "AWS computes another signature"),
        ("AccessDeniedException", "lambda", capital("User: arn:aws:iam::1:user/u is not authorized to perform: lambda:InvokeFunction on resource: arn:aws:lambda:r:1:function:f because no identity-based policy allows the lambda:InvokeFunction action"), "the signature is right, but arn:aws:iam::1:user/u may not lambda:InvokeFunction on arn:aws:lambda:r:1:function:f"),
        // API Gateway
        ("MissingAuthenticationTokenException", "execute-api", json("Missing Authentication Token"), "API Gateway says this of a stage, path or method that is not there: GET /prod/pets"),
        ("IncompleteSignatureException", "execute-api", json("Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization=x"), "an Authorization header arrived that is not the one that was sent"),
        ("", "execute-api", json("Signature not yet current: 20201027T123008Z is still later than 20201027T121007Z (20201027T120507Z + 5 min.)"), "the signature's time, 20201027T123008Z, is in the future: the server's is 20201027T120507Z"),
        ("UnrecognizedClientException", "execute-api", json("The security token included in the request is invalid."), "AWS does not know access key AKID"),
        ("ExpiredTokenException", "execute-api", json("The security token included in the request is expired"), "the session token of AKID has expired"),
        ("AccessDeniedException", "execute-api", capital("User: arn:aws:iam::1:user/u is not authorized to perform: execute-api:Invoke on resource: arn:aws:execute-api:r:1:a/prod/GET/pets with an explicit deny"), "the signature is right, but a policy denies arn:aws:iam::1:user/u the action execute-api:Invoke on arn:aws:execute-api:r:1:a/prod/GET/pets"),
        ("", "execute-api", capital("User: anonymous is not authorized to perform: execute-api:Invoke on resource: arn:x"), "no signature was seen"),
        ("", "execute-api", format!("{{\"errors\":[{{\"message\":\"{MISMATCH}\",\"code\":\"InvalidSignature\"}}]}}"), "AWS computes another signature"),
        ("", "execute-api", json("Forbidden"), "API Gateway does not say why"),
        // Function URL
        ("AccessDeniedException", "lambda", capital("Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"), "the function URL lets AKID not in"),
        ("", "lambda", json("The security token included in the request is invalid."), "AWS does not know access key AKID"),
        // Query
        ("", "ses", query("IncompleteSignature", "x"), "the Authorization header arrived broken"),
        ("", "sts", query("SignatureDoesNotMatch", MISMATCH), "AWS computes another signature"),
        ("", "iam", query("SignatureDoesNotMatch", "Signature expired: 20151021T072800Z is now earlier than 20151021T073300Z (20151021T074800Z - 15 min.)"), "the signature's time, 20151021T072800Z"),
        ("", "iam", query("InvalidClientTokenId", "The security token included in the request is invalid"), "AWS does not know access key AKID"),
        ("", "iam", query("MissingAuthenticationToken", "Request is missing Authentication Token"), "no signature arrived"),
        ("", "iam", query("ExpiredToken", "The security token included in the request is expired"), "the session token of AKID has expired"),
        ("", "iam", query("RequestExpired", "x"), "the request's time is over"),
        ("", "iam", query("OptInRequired", "x"), "the account of AKID is not signed up for iam in us-east-1"),
        ("", "iam", query("MalformedQueryString", "Incomplete trailing escape % sequence"), "the query has a broken percent escape"),
        ("", "iam", query("AccessDenied", "User: arn:aws:iam::1:user/u is not authorized to perform: iam:ListUsers on resource: arn:aws:iam::1:user/ because no identity-based policy allows the iam:ListUsers action"), "the signature is right, but arn:aws:iam::1:user/u may not iam:ListUsers on arn:aws:iam::1:user/"),
        // EC2
        ("", "ec2", "<Response><Errors><Error><Code>AuthFailure</Code><Message>AWS was not able to validate the provided access credentials</Message></Error></Errors><RequestID>R</RequestID></Response>".to_owned(), "EC2 says this of an unknown key, a wrong secret and a clock that is off alike"),
        // OpenSearch
        ("", "es", capital("User: anonymous is not authorized to perform: es:ESHttpGet because no resource-based policy allows the es:ESHttpGet action"), "no signature was seen"),
        // S3
        ("", "s3", xml_error("AccessDenied", "There were headers present in the request which were not signed", "<HeadersNotSigned>x-amz-date, host</HeadersNotSigned>"), "a header arrived that was not signed: x-amz-date, host"),
        ("", "s3", xml_error("RequestTimeTooSkewed", "The difference between the request time and the current time is too large.", "<RequestTime>20250901T162148Z</RequestTime><ServerTime>2025-09-03T16:21:50Z</ServerTime>"), "the signature's time, 20250901T162148Z, is not the server's, 2025-09-03T16:21:50Z"),
        ("", "s3", xml_error("AccessDenied", "Request has expired", "<Expires>2025-09-03T16:21:50Z</Expires>"), "the presigned URL was good until 2025-09-03T16:21:50Z"),
        ("", "s3", xml_error("AccessDenied", "Request is not yet valid", ""), "the presigned URL's time is in the future"),
        ("", "s3", xml_error("AuthorizationQueryParametersError", "X-Amz-Expires must be non-negative", ""), "S3 reads the query as that of a presigned URL"),
        ("", "s3", xml_error("AuthorizationHeaderMalformed", "The authorization header is malformed; the region &quot;us-east-1&quot; is wrong; expecting &quot;eu-west-1&quot;", "<Region>eu-west-1</Region>"), "the bucket is in eu-west-1, and the signature is for us-east-1"),
        ("", "s3", xml_error("AuthorizationHeaderMalformed", "The authorization header is malformed; a non-empty Access Key (AKID) must be provided in the credential.", ""), "the access key id is empty"),
        ("", "s3", xml_error("AuthorizationHeaderMalformed", "The authorization header is malformed; missing Signature.", ""), "S3 cannot read the Authorization header"),
        ("", "execute-api", xml_error("AuthorizationHeaderMalformed", "The authorization header is malformed; incorrect service \"execute-api\". This endpoint belongs to \"s3\".", ""), "the signature is for service execute-api, and this endpoint is s3"),
        ("", "s3", xml_error("InvalidArgument", "Authorization header is invalid -- one and only one ' ' (space) required", ""), "the Authorization header arrived broken"),
        ("", "s3", xml_error("InvalidArgument", "Unsupported Authorization Type", ""), "the Authorization header arrived broken"),
        ("", "s3", xml_error("InvalidRequest", "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256.", ""), "the signature arrived as one of an older kind"),
        ("", "s3", xml_error("InvalidArgument", "Only one auth mechanism allowed; only the X-Amz-Algorithm query parameter, Signature query string parameter or the Authorization header should be specified", ""), "two signatures arrived"),
        ("", "s3", xml_error("AccessDenied", "AWS authentication requires a valid Date or x-amz-date header", ""), "the date header did not arrive"),
        ("", "s3", xml_error("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", ""), "AWS does not know access key AKID"),
        ("", "s3", xml_error("InvalidToken", "The provided token is malformed or otherwise invalid.", "<Token-0>T</Token-0>"), "the session token is not one of this partition"),
        ("", "s3", xml_error("ExpiredToken", "The provided token has expired.", "<Token-0>T</Token-0>"), "the session token of AKID has expired"),
        ("", "lambda", xml_error("InvalidRequest", "Missing required header for this request: x-amz-content-sha256", ""), "S3 wants the body's hash in a header"),
        ("", "s3", xml_error("InvalidArgument", "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, STREAMING-X, or a valid sha256 value.", ""), "the header x-amz-content-sha256 is neither"),
        ("", "s3", xml_error("XAmzContentSHA256Mismatch", "The provided 'x-amz-content-sha256' header does not match what was computed.", ""), "the body that arrived is not the one that was signed"),
        ("", "s3", xml_error("IncompleteBody", "x", ""), "the body is not as long as was said"),
        ("", "s3", xml_error("InvalidChunkSizeError", "Only the last chunk is allowed to have a size less than 8192 bytes", ""), "the body is read as aws-chunked"),
        ("", "s3", xml_error("MalformedTrailerError", "x", ""), "the body is read as aws-chunked"),
        ("", "s3", xml_error("MissingSecurityHeader", "Your request was missing a required header", "<MissingHeaderName>x-amz-acl</MissingHeaderName>"), "S3 wants a header that is not there: x-amz-acl"),
        ("", "s3", xml_error("AccessDenied", "Invalid according to Policy: Policy expired.", ""), "the form's POST policy does not allow this"),
        ("", "s3", xml_error("AccessDenied", "Access Denied", ""), "the signature is right, but AKID may not GET /prod/pets"),
    ] {
        let lines = said(&head(403, error_type), service, &body, None);
        let first = lines.first().map_or("", String::as_str);
        assert!(first.starts_with(expected), "{service} {body}: {lines:?}");
        assert!(lines.len() <= 2 && !lines.concat().contains(['{', '?']), "{lines:?}");
    }
}

#[test]
fn what_is_not_known_is_not_explained() {
    for body in [
        "",
        "not found",
        "{\"message\":\"Not Found\"}",
        "<Error><Code>NoSuchKey</Code></Error>",
        "<html>403 Forbidden</html>",
    ] {
        assert_eq!(said(&head(404, ""), "s3", body, None), [""; 0], "{body}");
    }
    assert_eq!(
        said(
            &head(403, ""),
            "lambda",
            "{\"message\":\"Forbidden\"}",
            None
        ),
        [""; 0]
    );
}

#[test]
fn region_and_service_can_both_be_wrong() {
    let lines = said(
        &head(403, ""),
        "execute-api",
        "{\"message\":\"Credential should be scoped to a valid region, not 'us-east-1'. Credential should be scoped to correct service: 'es'. \"}",
        None,
    );
    assert_eq!(lines.len(), 2);
    assert!(
        lines[0].contains("region us-east-1") && lines[1].contains("--service es"),
        "{lines:?}"
    );
}

#[test]
fn a_clock_that_is_off_is_named_where_the_answer_does_not() {
    let body = "<Response><Errors><Error><Code>AuthFailure</Code><Message>AWS was not able to validate the provided access credentials</Message></Error></Errors></Response>";
    let mut head = head(401, "");
    head.headers
        .insert("date", "Wed, 21 Oct 2015 07:38:00 GMT".parse().unwrap());
    assert_eq!(
        said(&head, "ec2", body, None)[1],
        "this machine's clock is 600 s behind the server's: set it, that may be all"
    );
    head.headers
        .insert("date", "Wed, 21 Oct 2015 07:31:00 GMT".parse().unwrap());
    assert!(!said(&head, "ec2", body, None)[1].contains("clock is"));
}

#[test]
fn the_canonical_request_is_compared_where_it_is_told() {
    let ours = "GET\n/a%20b\n\nhost:h\nx-amz-date:D\n\nhost;x-amz-date\ne3b0";
    let theirs = ours.replace("%20", "%2520");
    let in_json = |theirs: &str| {
        let theirs = theirs.replace('\n', "\\n");
        format!(
            "{{\"message\":\"{MISMATCH}\\n\\nThe Canonical String for this request should have been\\n'{theirs}'\\n\\nThe String-to-Sign should have been\\n'AWS4-HMAC-SHA256\\nD\\nS\\n00'\\n\"}}"
        )
    };
    let in_xml = |theirs: &str| {
        xml_error(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided. Check your key and signing method.",
            &format!(
                "<SignatureProvided>SIG</SignatureProvided><CanonicalRequest>{theirs}</CanonicalRequest>"
            ),
        )
    };
    for body in [in_json(&theirs), in_xml(&theirs)] {
        let lines = said(&head(403, ""), "s3", &body, Some(ours));
        assert_eq!(
            lines[0],
            "AWS's canonical request differs from ours first in line 2 (path), column 5: '/a%2520b' there, '/a%20b' here"
        );
        assert!(
            lines[1].starts_with("the path is encoded once for S3"),
            "{lines:?}"
        );
    }
    for body in [in_json(ours), in_xml(ours)] {
        let lines = said(&head(403, ""), "s3", &body, Some(ours));
        assert_eq!(
            lines,
            [
                "AWS computes from the very same canonical request: the secret access key is not that of AKID"
            ]
        );
    }
}

#[test]
fn the_table_names_its_sources() {
    for row in ROWS {
        assert!(
            !row.source.is_empty() && !row.means.is_empty(),
            "{}",
            row.text
        );
        assert!(!row.code.is_empty() || !row.text.is_empty());
    }
}

#[test]
fn a_terminal_gets_one_line_without_control_characters() {
    let body = "{\"Message\":\"User: a\\u001b[31m is not authorized to perform: b\\nc\"}";
    let lines = said(&head(403, ""), "iam", body, None);
    assert!(
        !lines.iter().any(|line| line.contains(char::is_control)),
        "{lines:?}"
    );
}
