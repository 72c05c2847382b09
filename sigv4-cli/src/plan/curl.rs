//! `--aws-sigv4` and `-u`, as curl reads them.

use crate::args::{RequestArgs, Secret};
use crate::failure::Failure;

/// The same options with what curl's two mean in the place of our own.
pub(super) fn translated(args: &RequestArgs) -> Result<RequestArgs, Failure> {
    let mut args = args.clone();
    let (provider, user) = (args.building.aws_sigv4.take(), args.building.user.take());
    if let Some(provider) = &provider {
        let mut words = provider.split(':');
        let (first, second) = (words.next().unwrap_or_default(), words.next());
        let is =
            |word: Option<&str>, name| word.is_some_and(|word| word.eq_ignore_ascii_case(name));
        if !is(Some(first), "aws") || !is(second, "amz") {
            return Err(Failure::usage(format!(
                "--aws-sigv4 '{provider}': the only provider here is aws:amz, as in aws:amz:REGION:SERVICE"
            )));
        }
        let (region, service) = (words.next(), words.next());
        if words.next().is_some() {
            return Err(Failure::usage(format!(
                "--aws-sigv4 '{provider}' has more than aws:amz:REGION:SERVICE"
            )));
        }
        for (ours, curls, option) in [
            (&mut args.region, region, "--region"),
            (&mut args.service, service, "--service"),
        ] {
            let Some(curls) = curls.filter(|text| !text.is_empty()) else {
                continue;
            };
            if ours.as_ref().is_some_and(|ours| ours != curls) {
                return Err(Failure::usage(format!(
                    "{option} and --aws-sigv4 say different things"
                )));
            }
            *ours = Some(curls.to_owned());
        }
    }
    let Some(user) = user else {
        return Ok(args);
    };
    if provider.is_none() {
        return Err(Failure::usage(
            "-u has keys, with --aws-sigv4 aws:amz; for user and password use --no-sign -H 'Authorization: Basic …'",
        ));
    }
    let Some((id, secret)) = user.expose().split_once(':') else {
        return Err(Failure::usage("-u takes KEY:SECRET"));
    };
    if args.access_key.is_some() || args.secret_key.is_some() {
        return Err(Failure::usage(
            "-u and --access_key both give keys: use one of them",
        ));
    }
    args.access_key = Some(id.to_owned());
    args.secret_key = Some(Secret::from(secret));
    Ok(args)
}
