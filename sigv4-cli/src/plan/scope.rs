//! Which service and region to sign for: option, host, environment. The profile is asked later, if it has to be.

use url::Url;

use super::{Decided, Env};
use crate::args::RequestArgs;
use crate::failure::Failure;
use crate::infer::{self, Inferred, Region};
use crate::target::authority;

/// What the host tells. The one that the server is told comes first: behind a tunnel, the URL's is `localhost`.
pub(super) fn inferred(host: &str, url: &Url) -> Option<Inferred> {
    infer::infer(host, url.path()).or_else(|| infer::infer(&authority(url), url.path()))
}

pub(super) fn service(args: &RequestArgs, inferred: Option<&Inferred>) -> Decided {
    let decided = |value: &str, from| Decided {
        value: value.to_owned(),
        from,
    };
    match (&args.service, inferred) {
        (Some(service), _) => decided(service, "--service"),
        (None, Some(inferred)) => decided(&inferred.service, "the host"),
        (None, None) => decided("execute-api", "the default for other hosts"),
    }
}

/// A guess is told: a request that is signed for the wrong service is refused, and its answer does not say why.
///
/// An address, or a name of this machine, is a server of one's own, which is rarely told what it is.
pub(super) fn warning(
    args: &RequestArgs,
    host: &str,
    url: &Url,
    inferred: Option<&Inferred>,
) -> Option<String> {
    let is_own = match url.host() {
        Some(url::Host::Domain(name)) => !name.contains('.') || name.ends_with(".localhost"),
        _ => true,
    };
    if args.service.is_some() || inferred.is_some() || is_own {
        return None;
    }
    Some(format!(
        "{host} is no host name of AWS's: signing for execute-api (--service NAME says for what)"
    ))
}

pub(super) fn region(
    args: &RequestArgs,
    inferred: Option<&Inferred>,
    host: &str,
    env: Env<'_>,
) -> Result<Option<Decided>, Failure> {
    let decided = |value: String, from| Ok(Some(Decided { value, from }));
    let sigv4a = |what: &str| {
        Failure::usage(format!(
            "{what} needs Signature Version 4a, which sigcurl does not make: use an endpoint of one region"
        ))
    };

    match (
        args.region.as_deref(),
        inferred.map(|inferred| &inferred.region),
    ) {
        (Some("*"), _) => return Err(sigv4a("--region '*'")),
        (Some(region), _) => return decided(region.to_owned(), "--region"),
        (None, Some(Region::Any)) => return Err(sigv4a(&format!("the host {host}"))),
        (None, Some(Region::Fixed(region))) => return decided(region.clone(), "the host"),
        (None, Some(Region::Unknown) | None) => {}
    }
    match (env("AWS_REGION"), env("AWS_DEFAULT_REGION")) {
        (Some(region), _) => decided(region, "AWS_REGION"),
        (None, Some(region)) => decided(region, "AWS_DEFAULT_REGION"),
        (None, None) => Ok(None),
    }
}
