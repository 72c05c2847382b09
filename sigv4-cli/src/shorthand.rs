//! `ID.REGION/PATH` → where that is at AWS. Pure.

use percent_encoding::percent_decode_str;

use crate::body::encode;
use crate::failure::Failure;
use crate::infer::{is_region, suffix};

/// An API in short, or a Lambda function URL.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Shorthand<'a> {
    /// The API's id.
    pub(crate) id: &'a str,
    /// Its region, if it is there.
    pub(crate) region: Option<&'a str>,
    /// Path and query as they were written.
    rest: &'a str,
}

impl<'a> Shorthand<'a> {
    /// # Errors
    ///
    /// For anything else.
    pub(crate) fn read(text: &'a str) -> Result<Self, Failure> {
        let (head, rest) = text.split_at(text.find(['/', '?', '#']).unwrap_or(text.len()));
        let (id, region) = match head.split_once('.') {
            Some((id, region)) => (id, Some(region)),
            None => (head, None),
        };
        if !is_label(id) || !region.is_none_or(is_region) {
            return Err(Failure::usage(format!(
                "'{head}' is no API in short: write ID/PATH, ID.REGION/PATH, or a URL with its scheme"
            )));
        }
        Ok(Self { id, region, rest })
    }

    /// The path and the query to send: at least a slash.
    ///
    /// What follows `/@connections/` is one connection's id, which may have `=`, `+` and `/` in it, and is encoded.
    pub(crate) fn path(&self) -> String {
        let slash = if self.rest.starts_with('/') { "" } else { "/" };
        let Some((before, after)) = self.rest.split_once(CONNECTIONS) else {
            return format!("{slash}{}", self.rest);
        };
        let (id, after) = after.split_at(after.find(['?', '#']).unwrap_or(after.len()));
        // It may have been encoded already.
        let id: Vec<u8> = percent_decode_str(id).collect();
        format!("{slash}{before}{CONNECTIONS}{}{after}", encode(&id))
    }
}

/// The host of an API.
pub(crate) fn api_host(id: &str, region: &str) -> String {
    format!("{id}.execute-api.{region}{}", suffix(region, false))
}

/// The host of a function URL, where it is known how that is named.
pub(crate) fn function_host(id: &str, region: &str) -> Result<String, Failure> {
    if suffix(region, false) == suffix("us-east-1", false) && !region.starts_with("us-gov-") {
        Ok(format!("{id}.lambda-url.{region}.on.aws"))
    } else {
        Err(Failure::usage(format!(
            "how function URLs are named in {region} is not known here: write the whole URL"
        )))
    }
}

/// The host of a VPC endpoint, and whether the request has to name the API beside it.
///
/// * A host is taken as it is.
/// * `vpce-ID` is an endpoint that is associated with the API, and they have a name together.
/// * `vpce-ID-RANDOM`, with or without a zone, is how the endpoint's own name begins.
pub(crate) fn endpoint_host(vpce: &str, id: &str, region: &str) -> Result<(String, bool), Failure> {
    let labels = vpce.split('.');
    if !vpce.contains('.') && !vpce.starts_with("vpce-") || !labels.clone().all(is_label) {
        return Err(Failure::usage(format!(
            "--vpce '{vpce}' is neither a VPC endpoint's id (vpce-…) nor its host"
        )));
    }
    Ok(if labels.count() > 1 {
        (vpce.to_owned(), true)
    } else if vpce.matches('-').count() == 1 {
        (api_host(&format!("{id}-{vpce}"), region), false)
    } else {
        let suffix = suffix(region, false);
        (format!("{vpce}.execute-api.{region}.vpce{suffix}"), true)
    })
}

/// Whether it can be a part of a host's name.
pub(crate) fn is_label(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    !text.is_empty() && text.len() <= MAX_LABEL && text.bytes().all(plain)
}

const CONNECTIONS: &str = "/@connections/";
const MAX_LABEL: usize = 63;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::infer::{Region, infer};

    #[test]
    fn in_short() {
        for (text, id, region, path) in [
            ("abc123/prod/pets?x=1", "abc123", None, "/prod/pets?x=1"),
            ("abc123.eu-west-1/p", "abc123", Some("eu-west-1"), "/p"),
            ("abc123", "abc123", None, "/"),
            ("abc123?a=b.c/d", "abc123", None, "/?a=b.c/d"),
            (
                "a.us-gov-west-1/s/@connections/L0SM9cOFvHcCIhw=?x==",
                "a",
                Some("us-gov-west-1"),
                "/s/@connections/L0SM9cOFvHcCIhw%3D?x==",
            ),
            ("a/s/@connections/a%3D", "a", None, "/s/@connections/a%3D"),
            (
                "a/s/@connections/a+/b==",
                "a",
                None,
                "/s/@connections/a%2B%2Fb%3D%3D",
            ),
        ] {
            let found = Shorthand::read(text).unwrap();
            assert_eq!((found.id, found.region), (id, region), "{text}");
            assert_eq!(found.path(), path, "{text}");
        }
        for text in [
            "",
            "/p",
            ".eu-west-1/p",
            "a.b/p",
            "a.example.com/p",
            "a b/p",
            "a.eu-west-1.x/",
        ] {
            assert!(Shorthand::read(text).is_err(), "{text}");
        }
    }

    /// What is made up here is read back as what it is.
    #[test]
    fn hosts_of_every_partition() {
        for (region, host) in [
            ("eu-west-1", "id.execute-api.eu-west-1.amazonaws.com"),
            ("cn-north-1", "id.execute-api.cn-north-1.amazonaws.com.cn"),
            (
                "us-gov-west-1",
                "id.execute-api.us-gov-west-1.amazonaws.com",
            ),
            (
                "eusc-de-east-1",
                "id.execute-api.eusc-de-east-1.amazonaws.eu",
            ),
            ("us-iso-east-1", "id.execute-api.us-iso-east-1.c2s.ic.gov"),
        ] {
            assert_eq!(api_host("id", region), host);
            let inferred = infer(host, "/").unwrap();
            assert_eq!(inferred.service, "execute-api");
            assert_eq!(inferred.region, Region::Fixed(region.to_owned()));
        }
        let function = function_host("id", "eu-west-1").unwrap();
        assert_eq!(function, "id.lambda-url.eu-west-1.on.aws");
        assert_eq!(infer(&function, "/").unwrap().service, "lambda");
        for region in ["cn-north-1", "us-gov-west-1", "us-iso-east-1"] {
            assert!(function_host("id", region).is_err(), "{region}");
        }
    }

    #[test]
    fn vpc_endpoints() {
        let host = |vpce| endpoint_host(vpce, "id", "eu-west-1").unwrap();
        let named = "vpce-0a1b-abcd.execute-api.eu-west-1.vpce.amazonaws.com";
        assert_eq!(host("vpce-0a1b-abcd"), (named.to_owned(), true));
        assert_eq!(host(named), (named.to_owned(), true));
        let zone = "vpce-0a1b-abcd-eu-west-1a.execute-api.eu-west-1.vpce.amazonaws.com";
        assert_eq!(host("vpce-0a1b-abcd-eu-west-1a").0, zone);
        let alias = "id-vpce-0a1b.execute-api.eu-west-1.amazonaws.com";
        assert_eq!(host("vpce-0a1b"), (alias.to_owned(), false));
        for wrong in ["", "abc", "vpce-/x", "a..b", "vpce_1"] {
            assert!(endpoint_host(wrong, "id", "eu-west-1").is_err(), "{wrong}");
        }
    }
}
