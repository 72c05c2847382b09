//! The base requests, B1 to B14, as unsigned requests and what verifies them. The naive signer signs them.

use crate::common::naive::{Forge, sha256_hex};
use crate::common::{Check, Request, date};

pub(crate) const ID: &str = "AKIDEXAMPLE";
pub(crate) const SECRET: &str = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
pub(crate) const NOW: &str = "20150830T123600Z";
pub(crate) const S3_NOW: &str = "20130524T000000Z";
pub(crate) const EMPTY: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/// A base request: unsigned, with its forge and its verifier.
pub(crate) struct Base {
    pub(crate) request: Request,
    pub(crate) forge: Forge,
    pub(crate) check: Check,
    /// The expiry, for a presigned base.
    pub(crate) expires: Option<&'static str>,
}

impl Base {
    fn new(
        now: &str,
        service: &str,
        token: Option<&str>,
        request: Request,
        names: &str,
        payload: &str,
    ) -> Self {
        Self {
            forge: Forge::new(now, "us-east-1", service, names, payload),
            check: Check::new("us-east-1", service, ID, SECRET, token, date(now)),
            request,
            expires: None,
        }
    }

    /// The base, signed in its own place.
    pub(crate) fn signed(&self) -> Request {
        match self.expires {
            None => self.forge.header(&self.request),
            Some(expires) => self
                .forge
                .query(&self.request, &self.forge.parameters(expires)),
        }
    }

    /// A presigned base with these parameters instead of its own.
    pub(crate) fn presigned_with(
        &self,
        change: impl FnOnce(&mut Vec<(String, String)>),
    ) -> Request {
        let mut parameters = self.forge.parameters(self.expires.unwrap());
        change(&mut parameters);
        self.forge.query(&self.request, &parameters)
    }
}

pub(crate) fn set_parameter(parameters: &mut [(String, String)], name: &str, value: &str) {
    for (other, old) in parameters {
        if other == name {
            *old = value.into();
        }
    }
}

/// Header signature, no body: get-vanilla of AWS's suite.
pub(crate) fn b1() -> Base {
    let request = Request::new("GET", "/", "")
        .header("Host", "example.amazonaws.com")
        .header("X-Amz-Date", NOW);
    Base::new(NOW, "service", None, request, "host;x-amz-date", EMPTY)
}

/// Header signature, JSON body, no hash header.
pub(crate) fn b2() -> Base {
    let request = Request::new("POST", "/", "")
        .header("Host", "dynamodb.us-east-1.amazonaws.com")
        .header("Content-Type", "application/x-amz-json-1.0")
        .header("X-Amz-Date", NOW)
        .header("X-Amz-Target", "DynamoDB_20120810.ListTables")
        .body(r#"{"Limit":1}"#);
    let hash = sha256_hex(&request.body);
    Base::new(
        NOW,
        "dynamodb",
        None,
        request,
        "content-type;host;x-amz-date;x-amz-target",
        &hash,
    )
}

/// B1 with temporary credentials.
pub(crate) fn b3() -> Base {
    let mut request = b1().request;
    request.set("X-Amz-Security-Token", "TOKEN1");
    let names = "host;x-amz-date;x-amz-security-token";
    let mut base = Base::new(NOW, "service", Some("TOKEN1"), request, names, EMPTY);
    base.forge.access_key_id = "ASIAEXAMPLE".into();
    base.check.access_key_id = "ASIAEXAMPLE".into();
    base
}

/// Presigned STS GetCallerIdentity: the token of an EKS cluster.
pub(crate) fn b4() -> Base {
    let request = Request::new("GET", "/", "Action=GetCallerIdentity&Version=2011-06-15")
        .header("Host", "sts.us-east-1.amazonaws.com")
        .header("X-K8s-Aws-Id", "cluster");
    let mut base = Base::new(NOW, "sts", None, request, "host;x-k8s-aws-id", EMPTY);
    base.expires = Some("60");
    base
}

/// S3 GET with a header signature.
pub(crate) fn b5() -> Base {
    let request = Request::new("GET", "/examplebucket/test.txt", "")
        .header("Host", "s3.amazonaws.com")
        .header("x-amz-content-sha256", EMPTY)
        .header("x-amz-date", S3_NOW);
    Base::new(
        S3_NOW,
        "s3",
        None,
        request,
        "host;x-amz-content-sha256;x-amz-date",
        EMPTY,
    )
}

/// S3 presigned GET.
pub(crate) fn b6() -> Base {
    let request =
        Request::new("GET", "/examplebucket/test.txt", "").header("Host", "s3.amazonaws.com");
    let mut base = Base::new(S3_NOW, "s3", None, request, "host", "UNSIGNED-PAYLOAD");
    base.expires = Some("86400");
    base
}

/// S3 presigned PUT.
pub(crate) fn b7() -> Base {
    let mut base = b6();
    base.request.method = "PUT".into();
    base.request.path = "/examplebucket/upload.bin".into();
    base.expires = Some("300");
    base
}

/// API Gateway REST, header signature, escaped path, repeated parameter, body.
pub(crate) fn b11() -> Base {
    let request = Request::new("POST", "/prod/pets/a%20b", "tag=1&tag=2")
        .header("Host", "abc123.execute-api.us-east-1.amazonaws.com")
        .header("X-Amz-Date", NOW)
        .body(r#"{"n":1}"#);
    let hash = sha256_hex(&request.body);
    Base::new(NOW, "execute-api", None, request, "host;x-amz-date", &hash)
}

/// S3 PUT of five bytes with a header signature and its hash.
pub(crate) fn b14() -> Base {
    let mut base = b5();
    base.request.method = "PUT".into();
    base.request.path = "/examplebucket/up.bin".into();
    base.request.body = b"hello".to_vec();
    let hash = sha256_hex(b"hello");
    base.request.set("x-amz-content-sha256", hash.as_str());
    base.forge.payload = hash;
    base
}

#[test]
fn every_base_is_accepted_as_it_is() {
    for (name, base) in [
        ("B1", b1()),
        ("B2", b2()),
        ("B3", b3()),
        ("B4", b4()),
        ("B5", b5()),
        ("B6", b6()),
        ("B7", b7()),
        ("B11", b11()),
        ("B14", b14()),
    ] {
        assert_eq!(base.check.verify(&base.signed()), Ok(()), "{name}");
    }
}
