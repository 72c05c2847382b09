//! The texts that AWS answers with, whole, for requests that were refused for the reason that AWS had.
//!
//! Each expectation names where the text was recorded or reported: a project and the number of its issue, AWS's
//! documentation, or a server's authors. The profile has to give it word for word.
#![cfg(feature = "answers")]
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::string_slice,
    clippy::unwrap_in_result,
    reason = "a test may panic"
)]

mod common;

use common::{Request, credentials, date, signer};
use sigv4::{
    AmzDate, CanonicalRules, KeyLookup, KnownKey, PayloadHash, Profile, Protocol, ReceivedBody,
    Refusal, Refused, SecretAccessKey, SigningKey, VerifyError, VerifyPolicy,
};

const ID: &str = "AKIDEXAMPLE";
const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
const NOW: &str = "20150830T123600Z";

/// A signed GET for the profile's service.
fn signed(profile: &Profile, at: &str) -> Request {
    let mut request = Request::new("GET", "/prod/pets", "").header("Host", "h.example.com");
    let service = profile.service();
    let signer = signer(
        credentials(ID, SECRET, None),
        "us-east-1",
        service,
        CanonicalRules::for_service(service),
    );
    request.clone().with_head(|head| {
        let signed = signer.sign(head, &PayloadHash::EMPTY, date(at)).unwrap();
        request.apply(&signed);
    });
    request
}

/// The answer to a request, by a server that knows one key.
fn answer(profile: &Profile, request: &Request, key_id: &str, secret: &str) -> Refusal {
    answer_at(profile, request, key_id, secret, date(NOW))
}

fn answer_at(
    profile: &Profile,
    request: &Request,
    key_id: &str,
    secret: &str,
    now: AmzDate,
) -> Refusal {
    let verifier = profile.verifier("us-east-1").unwrap();
    request.with_head(|head| {
        let refused = Refused::new(head).with_scope("us-east-1", profile.service());
        let mut claim = match verifier.claim(head, now) {
            Ok(claim) => claim,
            Err(error) => return profile.refuse(&error, &refused),
        };
        let body = ReceivedBody::of(&request.body);
        let explanation = claim.explain(body).unwrap();
        let key = SigningKey::derive(&SecretAccessKey::new(secret).unwrap(), claim.scope());
        let lookup = if claim.access_key_id() == key_id {
            KeyLookup::Found(KnownKey::new(&key))
        } else {
            KeyLookup::Unknown
        };
        let error = claim.verify(lookup, body).map(|_| ()).unwrap_err();
        profile.refuse(&error, &refused.with_explanation(&explanation))
    })
}

fn named(name: &str) -> &'static Profile {
    Profile::named(name).unwrap()
}

fn header<'a>(refusal: &'a Refusal, name: &str) -> &'a str {
    refusal
        .headers()
        .find(|(found, _)| *found == name)
        .unwrap()
        .1
}

#[test]
fn every_profile_answers_in_its_own_form() {
    assert_eq!(Profile::ALL.len(), 9);
    for profile in Profile::ALL {
        assert_eq!(Profile::named(profile.name()), Some(profile));
        let policy = profile.policy();
        assert_eq!(policy, VerifyPolicy::for_service(profile.service()));
        let refusal = answer(profile, &signed(profile, NOW), ID, "another secret");
        assert!(matches!(refusal.status(), 400 | 401 | 403), "{profile:?}");
        let (kind, first) = match profile.protocol() {
            Protocol::S3 | Protocol::Query | Protocol::Ec2Query => ("xml", '<'),
            _ => ("json", '{'),
        };
        assert!(
            header(&refusal, "content-type").contains(kind),
            "{profile:?}"
        );
        assert!(refusal.body().starts_with(first), "{profile:?}");
        if first == '{' {
            let body: serde_json::Value = serde_json::from_str(refusal.body()).unwrap();
            assert!(body["message"].is_string() || body["Message"].is_string());
        }
        let mut head = signed(profile, NOW);
        head.method = "HEAD".into();
        assert_eq!(
            answer(profile, &head, ID, SECRET).body(),
            "",
            "HEAD has no body"
        );
    }
    for (service, name) in [
        ("s3", "s3"),
        ("execute-api", "api-gateway-rest"),
        ("sts", "query"),
        ("ec2", "ec2-query"),
        ("dynamodb", "aws-json"),
        ("es", "opensearch"),
        ("lambda", "rest-json"),
        ("anything", "rest-json"),
    ] {
        assert_eq!(Profile::for_service(service).name(), name);
    }
}

/// SP-API models 113 and 1101; aws-requests-auth 31 for OpenSearch; erlcloud 690 for Lambda, which does not tell.
#[test]
fn a_mismatch_tells_the_canonical_request_where_aws_does() {
    let long = "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.";
    for name in ["api-gateway-rest", "opensearch"] {
        let refusal = answer(named(name), &signed(named(name), NOW), ID, "x");
        let body: serde_json::Value = serde_json::from_str(refusal.body()).unwrap();
        let message = body["message"].as_str().unwrap();
        let rest = message.strip_prefix(long).unwrap();
        let rest = rest
            .strip_prefix(
                "\n\nThe Canonical String for this request should have been\n'GET\n/prod/pets\n\n",
            )
            .unwrap();
        let (_, to_sign) = rest
            .split_once(
                "'\n\nThe String-to-Sign should have been\n'AWS4-HMAC-SHA256\n20150830T123600Z\n",
            )
            .unwrap();
        assert!(to_sign.ends_with("'\n"), "{to_sign}");
        assert_eq!(
            header(&refusal, "x-amzn-errortype"),
            "InvalidSignatureException"
        );
    }
    for name in ["rest-json", "function-url"] {
        let refusal = answer(named(name), &signed(named(name), NOW), ID, "x");
        assert_eq!(refusal.body(), format!("{{\"message\":\"{long}\"}}"));
        // erlcloud 690 prints a Content-Length of 192.
        assert_eq!(refusal.body().len(), 192);
    }
    let refusal = answer(named("aws-json"), &signed(named("aws-json"), NOW), ID, "x");
    assert_eq!(
        refusal.body(),
        format!(
            "{{\"__type\":\"com.amazon.coral.service#InvalidSignatureException\",\"message\":\"{long}\"}}"
        )
    );
    assert_eq!(refusal.status(), 400);
}

/// LocalStack's snapshots of S3, 2026-02-21.
#[test]
fn s3_tells_everything_but_the_signature() {
    let profile = named("s3");
    let request = signed(profile, NOW);
    let refusal = answer(profile, &request, ID, "x");
    let body = refusal.body();
    let order = [
        "<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated does not match the signature you provided. Check your key and signing method.</Message>",
        "<AWSAccessKeyId>AKIDEXAMPLE</AWSAccessKeyId>",
        "<StringToSign>AWS4-HMAC-SHA256\n20150830T123600Z\n20150830/us-east-1/s3/aws4_request\n",
        "<SignatureProvided>",
        "<StringToSignBytes>41 57 53 34 2d 48",
        "<CanonicalRequest>GET\n/prod/pets\n\nhost:h.example.com\n",
        "<CanonicalRequestBytes>47 45 54 0a",
        "<RequestId>",
        "<HostId>",
    ];
    let mut at = 0;
    for part in order {
        at += body[at..]
            .find(part)
            .unwrap_or_else(|| panic!("{part} in {body}"));
    }
    let given = request.text("authorization");
    let given = given.rsplit('=').next().unwrap();
    assert!(body.contains(&format!("<SignatureProvided>{given}</SignatureProvided>")));
    // The one that would have been accepted is nowhere.
    let right = {
        let key = SigningKey::derive(
            &SecretAccessKey::new("x").unwrap(),
            &"20150830/us-east-1/s3/aws4_request".parse().unwrap(),
        );
        let signer = sigv4::Signer::with_signing_key(ID, None, key).unwrap();
        let other = Request::new("GET", "/prod/pets", "").header("Host", "h.example.com");
        let mut signed = other.clone();
        other.with_head(|head| {
            let output = signer.sign(head, &PayloadHash::EMPTY, date(NOW)).unwrap();
            signed.apply(&output);
        });
        let text = signed.text("authorization");
        text.rsplit('=').next().unwrap().to_owned()
    };
    assert_ne!(right, given);
    for profile in Profile::ALL {
        let refusal = answer(profile, &signed(profile, NOW), ID, "x");
        assert!(!refusal.body().contains(&right), "{profile:?}");
    }
}

/// Where each of the texts comes from stands behind it.
#[test]
fn recorded_texts() {
    let plain = |profile: &Profile| {
        let mut request = signed(profile, NOW);
        request.remove("authorization");
        request
    };
    let with = |profile: &Profile, value: &str| {
        let mut request = signed(profile, NOW);
        request.set("authorization", value);
        request
    };
    let body =
        |name: &str, request: &Request| answer(named(name), request, ID, SECRET).body().to_owned();

    // LocalStack's snapshot of API Gateway; re:Post
    assert_eq!(
        body("api-gateway-rest", &plain(named("api-gateway-rest"))),
        r#"{"message":"Missing Authentication Token"}"#
    );
    // LocalStack's snapshot of a function URL, 2025-11-24
    assert_eq!(
        body("function-url", &plain(named("function-url"))),
        r#"{"Message":"Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html"}"#
    );
    // users of HTTP APIs
    for request in [
        plain(named("api-gateway-http")),
        signed(named("api-gateway-http"), "20150830T120000Z"),
    ] {
        assert_eq!(
            body("api-gateway-http", &request),
            r#"{"message":"Forbidden"}"#
        );
    }
    // LocalStack's snapshot of S3
    assert!(
        body("s3", &plain(named("s3")))
            .contains("<Code>AccessDenied</Code><Message>Access Denied</Message>")
    );
    // chalice 828 and the many who send a token, with the hash that AWS has in the value's place today
    // (`printf 'Bearer a=b' | openssl dgst -sha256 -binary | base64`)
    assert_eq!(
        body(
            "api-gateway-rest",
            &with(named("api-gateway-rest"), "Bearer a=b")
        ),
        r#"{"message":"Authorization header requires 'Credential' parameter. Authorization header requires 'Signature' parameter. Authorization header requires 'SignedHeaders' parameter. (Hashed with SHA-256 and encoded with Base64) Authorization=trGvSpXeM6ZOst7PNaJ8ft/DE0LSIIrpOipbnukyQvA="}"#
    );
    assert_eq!(
        body(
            "api-gateway-rest",
            &with(named("api-gateway-rest"), "Bearer abc")
        ),
        r#"{"message":"'abc' not a valid key=value pair (missing equal-sign) in Authorization header (Hashed with SHA-256 and encoded with Base64): 'w1Xc6WwWEogNEZQP/dkBTThsJT4MNlKmzQanIm970rY='."}"#
    );
    // mhart/aws4 118, Roomba980 118: five minutes at API Gateway
    assert_eq!(
        body(
            "api-gateway-rest",
            &signed(named("api-gateway-rest"), "20150830T123008Z")
        ),
        r#"{"message":"Signature expired: 20150830T123008Z is now earlier than 20150830T123100Z (20150830T123600Z - 5 min.)"}"#
    );
    assert_eq!(
        body(
            "api-gateway-rest",
            &signed(named("api-gateway-rest"), "20150830T124101Z")
        ),
        r#"{"message":"Signature not yet current: 20150830T124101Z is still later than 20150830T124100Z (20150830T123600Z + 5 min.)"}"#
    );
    // aws-sdk-js 254: fifteen minutes elsewhere
    assert!(
        body("query", &signed(named("query"), "20150830T122000Z"))
            .contains("Signature expired: 20150830T122000Z is now earlier than 20150830T122100Z (20150830T123600Z - 15 min.)")
    );
    // Paw-AWSSignature4 5; boto3 509
    let unknown = |name: &str| answer(named(name), &signed(named(name), NOW), "AKIDOTHER", SECRET);
    let refusal = unknown("api-gateway-rest");
    assert_eq!(
        refusal.body(),
        r#"{"message":"The security token included in the request is invalid."}"#
    );
    assert_eq!(
        (refusal.status(), refusal.code()),
        (403, "UnrecognizedClientException")
    );
    let refusal = unknown("aws-json");
    assert_eq!(
        (refusal.status(), refusal.code()),
        (400, "UnrecognizedClientException")
    );
    assert_eq!(unknown("query").code(), "InvalidClientTokenId");
    let refusal = unknown("s3");
    assert!(refusal.body().contains("<Message>The AWS Access Key Id you provided does not exist in our records.</Message><AWSAccessKeyId>AKIDEXAMPLE</AWSAccessKeyId>"));
    // aws-sdk-java 519, packer 3140: one answer of EC2's for keys, signatures and clocks
    let ec2 = "<Response><Errors><Error><Code>AuthFailure</Code><Message>AWS was not able to validate the provided access credentials</Message></Error></Errors><RequestID>00000000-0000-0000-0000-000000000000</RequestID></Response>";
    for refusal in [
        unknown("ec2-query"),
        answer(
            named("ec2-query"),
            &signed(named("ec2-query"), NOW),
            ID,
            "x",
        ),
        answer(
            named("ec2-query"),
            &signed(named("ec2-query"), "20150830T110000Z"),
            ID,
            SECRET,
        ),
    ] {
        assert_eq!(refusal.status(), 401);
        assert!(refusal.body().ends_with(ec2), "{}", refusal.body());
    }
    // versitygw 1514
    let skewed = body("s3", &signed(named("s3"), "20150828T123600Z"));
    assert!(skewed.contains("<Code>RequestTimeTooSkewed</Code><Message>The difference between the request time and the current time is too large.</Message><RequestTime>20150828T123600Z</RequestTime><ServerTime>2015-08-30T12:36:00Z</ServerTime><MaxAllowedSkewMilliseconds>900000</MaxAllowedSkewMilliseconds>"), "{skewed}");
    // LocalStack's snapshot of S3; amazonka 272
    let mut request = signed(named("s3"), NOW);
    request.set("x-amz-meta-a", "b");
    let text = body("s3", &request);
    assert!(text.contains("<Code>AccessDenied</Code><Message>There were headers present in the request which were not signed</Message><HeadersNotSigned>x-amz-meta-a</HeadersNotSigned>"), "{text}");
    // deb-s3 157, ex_aws 987: the region that is right
    let text = body(
        "s3",
        &with(
            named("s3"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/eu-west-1/s3/aws4_request, SignedHeaders=host;x-amz-content-sha256;x-amz-date, Signature=0000000000000000000000000000000000000000000000000000000000000000",
        ),
    );
    assert!(text.contains("<Code>AuthorizationHeaderMalformed</Code><Message>The authorization header is malformed; the region &quot;eu-west-1&quot; is wrong; expecting &quot;us-east-1&quot;</Message><Region>us-east-1</Region>"), "{text}");
    // scratchstack's order of checks
    let text = body(
        "query",
        &with(
            named("query"),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150829/eu-west-1/iam/aws5, SignedHeaders=host;x-amz-date, Signature=0000000000000000000000000000000000000000000000000000000000000000",
        ),
    );
    assert!(text.contains("<Code>SignatureDoesNotMatch</Code><Message>Credential should be scoped to a valid region, not 'eu-west-1'. Credential should be scoped to correct service: 'sts'. Credential should be scoped with a valid terminator: 'aws4_request', not 'aws5'. Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '20150829' != '20150830', from '20150830T123600Z'.</Message>"), "{text}");
}

/// LocalStack's snapshots of S3 for presigned requests; versitygw for those marked.
#[test]
fn presigned_texts_of_s3() {
    let profile = named("s3");
    let presigned = |change: &dyn Fn(String) -> String| {
        let query = format!(
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={ID}%2F20150830%2Fus-east-1%2Fs3%2Faws4_request&X-Amz-Date={NOW}&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature={}",
            "0".repeat(64)
        );
        Request::new("GET", "/b/k", &change(query)).header("Host", "s3.amazonaws.com")
    };
    let text = |now: &str, change: &dyn Fn(String) -> String| {
        answer_at(profile, &presigned(change), ID, SECRET, date(now))
            .body()
            .to_owned()
    };
    let same = |query: String| query;
    let expired = text("20150830T123701Z", &same);
    assert!(expired.contains("<Code>AccessDenied</Code><Message>Request has expired</Message><X-Amz-Expires>60</X-Amz-Expires><Expires>2015-08-30T12:37:00Z</Expires><ServerTime>2015-08-30T12:37:01Z</ServerTime>"), "{expired}");
    // minio 2638
    let early = text("20150830T120000Z", &same);
    assert!(early.contains("<Message>Request is not yet valid</Message><X-Amz-Date>1440938160000</X-Amz-Date><Expires>2015-08-30T12:37:00Z</Expires><ServerTime>2015-08-30T12:00:00Z</ServerTime>"), "{early}");
    let parameters = "<Code>AuthorizationQueryParametersError</Code><Message>";
    for (from, to, message) in [
        (
            "&X-Amz-Expires=60",
            "",
            "Query-string authentication version 4 requires the X-Amz-Algorithm, X-Amz-Credential, X-Amz-Signature, X-Amz-Date, X-Amz-SignedHeaders, and X-Amz-Expires parameters.",
        ),
        (
            "%2Faws4_request",
            "",
            "Error parsing the X-Amz-Credential parameter; the Credential is mal-formed; expecting &quot;&lt;YOUR-AKID&gt;/YYYYMMDD/REGION/SERVICE/aws4_request&quot;.",
        ),
        (
            "Expires=60",
            "Expires=604801",
            "X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than 604800 seconds",
        ),
        (
            "Expires=60",
            "Expires=-1",
            "X-Amz-Expires must be non-negative",
        ),
        (
            "Expires=60",
            "Expires=x",
            "X-Amz-Expires should be a number",
        ),
        (
            "us-east-1",
            "eu-west-1",
            "Error parsing the X-Amz-Credential parameter; the region &quot;eu-west-1&quot; is wrong; expecting &quot;us-east-1&quot;",
        ),
        (
            "%2Fs3%2F",
            "%2Fsts%2F",
            "Error parsing the X-Amz-Credential parameter; incorrect service &quot;sts&quot;. This endpoint belongs to &quot;s3&quot;.",
        ),
        (
            "SHA256&",
            "SHA1&",
            "X-Amz-Algorithm only supports &quot;AWS4-HMAC-SHA256 and AWS4-ECDSA-P256-SHA256&quot;",
        ),
    ] {
        let text = text(NOW, &|query| query.replacen(from, to, 1));
        assert!(
            text.contains(&format!("{parameters}{message}</Message>")),
            "{from} → {to}: {text}"
        );
    }
}

#[test]
fn an_unknown_key_can_be_hidden() {
    let profile = named("rest-json");
    let request = signed(profile, NOW);
    request.with_head(|head| {
        let refused = Refused::new(head).with_unknown_keys_hidden();
        assert_eq!(
            profile.refuse(&VerifyError::UnknownAccessKey, &refused),
            profile.refuse(&VerifyError::SignatureMismatch, &refused)
        );
    });
}

/// Whatever a request holds, an answer is well-formed and short.
#[test]
fn nothing_in_a_request_breaks_out_of_an_answer() {
    let nasty = "</Message><Evil>\"\\\u{1}\u{7f}\r\n";
    for profile in Profile::ALL {
        for value in [
            format!("{nasty} x"),
            format!("AWS4-HMAC-SHA256 {nasty}"),
            format!("AWS4-HMAC-SHA256 Credential={nasty}/1/2/3/4, SignedHeaders=host, Signature=a"),
            "x".repeat(10_000),
        ] {
            let mut request = signed(profile, NOW);
            request.set("authorization", value.as_bytes());
            request.set("x-amz-date", "<&>");
            let refusal = answer(profile, &request, ID, SECRET);
            assert!(refusal.body().len() < 2_000);
            if refusal.body().starts_with('{') {
                serde_json::from_str::<serde_json::Value>(refusal.body()).unwrap();
            } else {
                assert!(!refusal.body().contains("<Evil>"), "{}", refusal.body());
            }
            for (_, value) in refusal.headers() {
                assert!(value.chars().all(|c| c.is_ascii_graphic() || c == ' '));
            }
        }
    }
}
