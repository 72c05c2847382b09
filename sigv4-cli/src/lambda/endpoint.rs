//! Where Lambda is, and which region to sign for.

use crate::args::{CommonArgs, RequestArgs};
use crate::credentials;
use crate::failure::Failure;
use crate::infer;
use crate::plan::{Decided, Env};
use crate::run;

/// Where requests go.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Endpoint {
    /// Without a slash at its end.
    pub(crate) url: String,
    /// `None` = as for any other host: what it says, the environment, the profile.
    pub(crate) region: Option<Decided>,
}

/// The region is that of `--region`, else of the ARN, else of the environment, else of the profile.
///
/// # Errors
///
/// If there is none, or `--region` and the ARN name different ones: no region knows another's functions.
pub(crate) fn endpoint(
    args: &CommonArgs,
    request: &RequestArgs,
    arn_region: Option<&str>,
    env: Env<'_>,
) -> Result<Endpoint, Failure> {
    let mut region = region(request, arn_region)?;
    let is_true = |name: &str| env(name).is_some_and(|it| it.eq_ignore_ascii_case("true"));
    let profile = request.profile.clone().or_else(|| env("AWS_PROFILE"));
    let fips = args.fips || is_true("AWS_USE_FIPS_ENDPOINT");
    let dualstack = args.dualstack || is_true("AWS_USE_DUALSTACK_ENDPOINT");

    let mut custom = args.endpoint_url.clone();
    if custom.is_none() && !is_true("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS") {
        custom = env("AWS_ENDPOINT_URL_LAMBDA").or_else(|| env("AWS_ENDPOINT_URL"));
        if custom.is_none() {
            let settings = credentials::profile_endpoint(profile.as_deref(), "lambda");
            custom = run::on_runtime(settings)?;
        }
    }
    if let Some(custom) = custom {
        if fips || args.dualstack {
            return Err(Failure::usage(format!(
                "the endpoint {custom} is given, so there is no choosing a FIPS or dual-stack one"
            )));
        }
        if custom.contains(['?', '#']) {
            return Err(Failure::usage(format!(
                "the endpoint {custom} has a query or a fragment"
            )));
        }
        return Ok(Endpoint {
            url: custom.trim_end_matches('/').to_owned(),
            region,
        });
    }

    if region.is_none() {
        let from = |name: &'static str| env(name).map(|value| Decided { value, from: name });
        region = from("AWS_REGION").or_else(|| from("AWS_DEFAULT_REGION"));
    }
    let region = match region {
        Some(region) => region,
        None => profiles_region(profile.as_deref())?,
    };
    Ok(Endpoint {
        url: own(&region.value, fips, dualstack)?,
        region: Some(region),
    })
}

fn region(request: &RequestArgs, arn_region: Option<&str>) -> Result<Option<Decided>, Failure> {
    let decided = |value: &str, from| {
        Ok(Some(Decided {
            value: value.to_owned(),
            from,
        }))
    };
    match (request.region.as_deref(), arn_region) {
        (Some(given), Some(arn)) if given != arn => Err(Failure::usage(format!(
            "--region {given} and the ARN's region {arn} contradict each other (leave one out)"
        ))),
        (Some(given), _) => decided(given, "--region"),
        (None, Some(arn)) => decided(arn, "the ARN"),
        (None, None) => Ok(None),
    }
}

fn profiles_region(profile: Option<&str>) -> Result<Decided, Failure> {
    let region = run::on_runtime(credentials::profile_region(profile))?;
    let none = || {
        Failure::usage(format!(
            "no region: neither AWS_REGION, AWS_DEFAULT_REGION nor profile '{}' names one; give it with --region NAME",
            profile.unwrap_or("default")
        ))
    };
    Ok(Decided {
        value: region.ok_or_else(none)?,
        from: "the profile",
    })
}

/// AWS's own endpoint.
fn own(region: &str, fips: bool, dualstack: bool) -> Result<String, Failure> {
    let is_label = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if region.is_empty() || !region.bytes().all(is_label) {
        return Err(Failure::usage(format!(
            "'{region}' is no region, such as eu-west-1"
        )));
    }
    let name = if fips { "lambda-fips" } else { "lambda" };
    let suffix = infer::suffix(region, dualstack);
    Ok(format!("https://{name}.{region}{suffix}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_partition() {
        for (region, plain, dual) in [
            ("eu-west-1", "amazonaws.com", "api.aws"),
            ("us-gov-east-1", "amazonaws.com", "api.aws"),
            (
                "cn-north-1",
                "amazonaws.com.cn",
                "api.amazonwebservices.com.cn",
            ),
            ("eusc-de-east-1", "amazonaws.eu", "api.amazonwebservices.eu"),
            ("us-iso-east-1", "c2s.ic.gov", "api.aws.ic.gov"),
            ("us-isob-east-1", "sc2s.sgov.gov", "api.aws.scloud"),
            ("us-isof-south-1", "csp.hci.ic.gov", "api.aws.hci.ic.gov"),
            ("eu-isoe-west-1", "cloud.adc-e.uk", "api.cloud-aws.adc-e.uk"),
            // Too new for any table.
            ("xx-moon-9", "amazonaws.com", "api.aws"),
        ] {
            assert_eq!(
                own(region, false, false).unwrap(),
                format!("https://lambda.{region}.{plain}")
            );
            let both = own(region, true, true).unwrap();
            assert_eq!(both, format!("https://lambda-fips.{region}.{dual}"));
            if region != "xx-moon-9" {
                let host = both.strip_prefix("https://").unwrap();
                let inferred = infer::infer(host, "/").unwrap();
                assert_eq!(inferred.service, "lambda");
                assert_eq!(inferred.region, infer::Region::Fixed(region.to_owned()));
            }
        }
        for region in ["", "eu-west-1/x", "a.b", "*"] {
            assert!(own(region, false, false).is_err(), "{region}");
        }
    }
}
