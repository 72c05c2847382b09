//! Host → signing name and region.
//!
//! AWS host names are regular enough that six rules read most of them. What the rules misread is
//! listed in `hosts.txt`, which `scripts/make-hosts.py` generates from botocore.
//!
//! 1. A known suffix (`amazonaws.com`, `api.aws`, …) makes it an AWS host. Anything else is a custom
//!    domain; a guess there would only yield a signature that is refused for a less clear reason.
//! 2. A region has a shape (`us-gov-east-1`). With a list, every new region would need a release.
//! 3. The region is the last label, or the one before it (`REGION.es`), or the end of the last one
//!    (`s3-us-west-2`).
//! 4. No region in the host means the partition's global region.
//! 5. Endpoint variants (`dualstack`, `fips`, …) say how to reach a service, not which.
//! 6. What is left names the service: by the table, else by its last label.

/// What the host of a request says about how to sign it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inferred {
    /// The signing name, as it stands in the credential scope: `execute-api`, `s3`, `es`.
    pub service: String,
    /// The signing region.
    pub region: Region,
}

/// The signing region, as far as the host tells it.
///
/// Exhaustive on purpose: whoever reads it has to decide what to do in each case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Region {
    /// The region to sign for.
    Fixed(String),
    /// Every region, `*`: the host takes SigV4a signatures only.
    Any,
    /// The region is the resource's and the host does not name it: S3 Transfer Acceleration and
    /// `bucket.s3.amazonaws.com`.
    Unknown,
}

/// Reads the signing name and region off `host`.
///
/// * `host` may be in any case and carry a port or a trailing dot.
/// * `path` matters for Amazon Location only, where two services share their hosts: `/maps/v0/…` is
///   signed for `geo`, `/v2/…` for `geo-maps`.
/// * `None` for whatever is not an AWS host: a custom domain, an IP address, `localhost`, a malformed
///   name.
#[must_use]
pub fn infer(host: &str, path: &str) -> Option<Inferred> {
    let host = normalize(host)?;
    let suffix = Suffix::of(&host)?;
    let mut labels = suffix.labels_before_it(&host)?;

    // In GovCloud's global hosts `us-gov` takes the place of a region, or follows one.
    let us_gov = labels.pop_if(|last| *last == US_GOV).is_some();
    let region = take_region(&mut labels);
    let us_gov = us_gov || region.is_some_and(|region| region.starts_with(US_GOV));
    let global = if us_gov {
        US_GOV_GLOBAL
    } else {
        suffix.global_region
    };

    let name = without_variants(&labels);
    let last = name.rsplit('.').next().unwrap_or_default();
    let row = match suffix.service {
        Some(service) => Row::plain(service),
        None if last.is_empty() => return None,
        None if is_location_v1(last, path) => Row::plain(last),
        None => Row::of(&name).unwrap_or_else(|| Row::plain(last)),
    };

    let region = match (row.flag, region) {
        ("A", _) => Region::Any,
        ("R", None) => Region::Unknown,
        ("G", _) => fixed(global),
        ("N", None) if global.starts_with("cn-") => fixed("cn-north-1"),
        (_, Some(region)) => fixed(region),
        // The host of a bucket, without a region, reaches the bucket wherever it is.
        (_, None) if last == "s3" && labels.len() > 1 => Region::Unknown,
        (_, None) => fixed(global),
    };
    Some(Inferred {
        service: row.service.to_owned(),
        region,
    })
}

/// The suffix, dot included, of the hosts in a region's partition; that of most if the region is of none that is known.
#[must_use]
pub(crate) fn suffix(region: &str, dualstack: bool) -> &'static str {
    let kind = |suffix: &str| suffix.starts_with(".api.") == dualstack;
    let mut all = Suffix::all().filter(|suffix| suffix.service.is_none() && kind(suffix.text));
    let partition = partition(region);
    let found = all.find(|suffix| self::partition(suffix.global_region) == partition);
    let usual = if dualstack {
        ".api.aws"
    } else {
        ".amazonaws.com"
    };
    found.map_or(usual, |suffix| suffix.text)
}

/// What regions of a partition begin with, where it has suffixes of its own.
fn partition(region: &str) -> &str {
    let mut labels = region.match_indices('-').map(|(at, _)| at);
    let (first, second) = (labels.next(), labels.next());
    let until = |at: Option<usize>| at.and_then(|at| region.get(..at)).unwrap_or_default();
    match until(first) {
        own @ ("cn" | "eusc") => own,
        _ if until(second).contains("-iso") => until(second),
        _ => "",
    }
}

fn fixed(region: &str) -> Region {
    Region::Fixed(region.to_owned())
}

/// The host in lower case without port and trailing dot, or `None` where it cannot be a DNS name.
fn normalize(host: &str) -> Option<String> {
    let name = match host.split_once(':') {
        Some((name, port)) => port
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(name)?,
        None => host,
    };
    let name = name.strip_suffix('.').unwrap_or(name);
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_');
    (name.len() <= MAX_DNS_NAME && name.bytes().all(plain)).then(|| name.to_ascii_lowercase())
}

/// A DNS suffix of AWS.
struct Suffix {
    /// With its leading dot.
    text: &'static str,
    /// What a host that names no region is signed for.
    global_region: &'static str,
    /// The only service behind this suffix, if it is not for all.
    service: Option<&'static str>,
}

impl Suffix {
    /// The longest known suffix of `host`.
    fn of(host: &str) -> Option<Self> {
        Self::all()
            .filter(|suffix| suffix.matches(host))
            .max_by_key(|suffix| suffix.text.len())
    }

    fn all() -> impl Iterator<Item = Self> {
        TABLE
            .lines()
            .filter(|line| line.starts_with('.'))
            .filter_map(|line| {
                let mut words = line.split(' ');
                Some(Self {
                    text: words.next()?,
                    global_region: words.next()?,
                    service: words.next(),
                })
            })
    }

    fn matches(&self, host: &str) -> bool {
        host.ends_with(self.text) || self.is_whole(host)
    }

    /// Only a suffix with a service of its own is a host by itself.
    fn is_whole(&self, host: &str) -> bool {
        self.service.is_some() && self.text.strip_prefix('.') == Some(host)
    }

    /// `None` if one of the labels is empty: such a name does not resolve.
    fn labels_before_it<'a>(&self, host: &'a str) -> Option<Vec<&'a str>> {
        if self.is_whole(host) {
            return Some(Vec::new());
        }
        let labels: Vec<_> = host.strip_suffix(self.text)?.split('.').collect();
        (!labels.contains(&"")).then_some(labels)
    }
}

/// Removes the region from `labels` and returns it.
fn take_region<'a>(labels: &mut Vec<&'a str>) -> Option<&'a str> {
    let last = labels.pop()?;
    if let Some(region) = region_label(last) {
        return Some(region);
    }
    // Before these stands a bucket, whose name may look like a region: us-data-1.s3.amazonaws.com.
    let follows_bucket = last.starts_with("s3") || last == "dualstack";
    if !follows_bucket && let Some(region) = labels.last().and_then(|label| region_label(label)) {
        labels.pop();
        labels.push(last);
        return Some(region);
    }
    let Some((head, region)) = split_region(last) else {
        labels.push(last);
        return None;
    };
    labels.push(head);
    Some(region)
}

/// The region in a label that holds nothing else: `us-east-1`, `fips-us-east-1`, `us-east-1-fips`.
fn region_label(label: &str) -> Option<&str> {
    let label = without_fips_ends(label);
    is_region(label).then_some(label)
}

/// `s3-us-west-2` → `s3`, `us-west-2`. The hyphen may be missing: AWS has a `ramus-gov-east-1`.
fn split_region(label: &str) -> Option<(&str, &str)> {
    // From the right: `acme-us-east-1` has one region in it, not `me-us-east-1`.
    let (at, _) = label
        .char_indices()
        .rev()
        .find(|(at, _)| label.get(*at..).is_some_and(is_region))?;
    let (head, region) = label.split_at_checked(at)?;
    Some((head.trim_end_matches('-'), region))
}

/// Whether `text` has a region's shape: a known first word, further words, a number.
pub(crate) fn is_region(text: &str) -> bool {
    let Some((area, rest)) = text.split_once('-') else {
        return false;
    };
    let Some((words, number)) = rest.rsplit_once('-') else {
        return false;
    };
    let is_word =
        |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
    !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && words.split('-').all(is_word)
        && TABLE
            .lines()
            .filter_map(|line| line.strip_prefix('@'))
            .flat_map(|line| line.split(','))
            .any(|it| it == area)
}

/// The labels joined by dots, without those that tell only how the service is reached.
fn without_variants(labels: &[&str]) -> String {
    let mut name = String::new();
    for label in labels
        .iter()
        .filter(|label| !matches!(**label, "dualstack" | "global" | "fips" | "vpce"))
    {
        if !name.is_empty() {
            name.push('.');
        }
        // In the middle: s3express-fips-use1-az4.
        name.push_str(&without_fips_ends(label).replace("-fips-", "-"));
    }
    name
}

fn without_fips_ends(label: &str) -> &str {
    let label = label.strip_prefix("fips-").unwrap_or(label);
    label.strip_suffix("-fips").unwrap_or(label)
}

/// Amazon Location's paths have `v0` in second place; those of its successors start with `v2`.
fn is_location_v1(last: &str, path: &str) -> bool {
    last == "geo" && path.split('/').nth(2) == Some("v0")
}

/// An entry of the table: a service whose hosts do not say its signing name or region.
struct Row<'a> {
    service: &'a str,
    /// * `A`: SigV4a only
    /// * `G`: the partition's global region, even if the host names another
    /// * `N`: in China, `cn-north-1` unless the host names a region
    /// * `R`: unknown unless the host names a region
    flag: &'a str,
}

impl<'a> Row<'a> {
    const fn plain(service: &'a str) -> Self {
        Self { service, flag: "" }
    }

    /// The row with the most specific key that matches `name`.
    fn of(name: &str) -> Option<Self> {
        TABLE
            .lines()
            .filter(|line| line.starts_with(|first: char| first.is_ascii_alphanumeric()))
            .filter_map(|line| line.split_once('='))
            .flat_map(|(row, keys)| keys.split(',').map(move |key| (key, row)))
            .filter_map(|(key, row)| Some((specificity(key, name)?, row)))
            .max_by_key(|(specificity, _)| *specificity)
            .map(|(_, row)| {
                let (service, flag) = row.split_once('!').unwrap_or((row, ""));
                Row { service, flag }
            })
    }
}

/// How closely `key` describes `name`, if it does: by labels, then the exact text before a wildcard.
fn specificity(key: &str, name: &str) -> Option<(usize, bool)> {
    let labels = key.matches('.').count();
    let (matches, exact) = if let Some(tail) = key.strip_prefix('*') {
        (name.ends_with(tail), false)
    } else if let Some(head) = key.strip_suffix('*') {
        (name.rsplit('.').next()?.starts_with(head), false)
    } else {
        let before = name.strip_suffix(key);
        (
            before.is_some_and(|before| before.is_empty() || before.ends_with('.')),
            true,
        )
    };
    matches.then_some((labels, exact))
}

/// Lines of three kinds, told apart by the first character:
///
/// * `@`: the first words of region names
/// * `.`: a suffix, its global region, and its service if it has only one
/// * else `service[!flag]=key,…`, where a key is how a host ends before its region and suffix, `*.`
///   is one more label, and a `*` at the end is any rest of the last label
const TABLE: &str = include_str!("hosts.txt");

const MAX_DNS_NAME: usize = 253;
const US_GOV: &str = "us-gov";
const US_GOV_GLOBAL: &str = "us-gov-west-1";

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(host: &str, expected: &str) {
        check_path(host, "/", expected);
    }

    #[track_caller]
    fn check_path(host: &str, path: &str, expected: &str) {
        let found = infer(host, path).map_or_else(
            || "none".to_owned(),
            |found| match found.region {
                Region::Fixed(region) => format!("{} {region}", found.service),
                Region::Any => format!("{} *", found.service),
                Region::Unknown => format!("{} ?", found.service),
            },
        );
        assert_eq!(found, expected, "{host} {path}");
    }

    #[test]
    fn plain_hosts() {
        check(
            "abc123.execute-api.eu-west-1.amazonaws.com",
            "execute-api eu-west-1",
        );
        check("lambda.us-east-1.amazonaws.com", "lambda us-east-1");
        check(
            "url-id.lambda-url.eu-central-1.on.aws",
            "lambda eu-central-1",
        );
        check("sts.amazonaws.com", "sts us-east-1");
        check("queue.amazonaws.com", "sqs us-east-1");
        check("us-west-2.queue.amazonaws.com", "sqs us-west-2");
        check("search-logs-abc.us-west-2.es.amazonaws.com", "es us-west-2");
        check(
            "monitoring.cn-north-1.amazonaws.com.cn",
            "monitoring cn-north-1",
        );
    }

    #[test]
    fn hosts_that_are_not_aws() {
        for host in [
            "",
            ".",
            "localhost",
            "localhost:3000",
            "abc.execute-api.localhost",
            "127.0.0.1",
            "127.0.0.1:8080",
            "[::1]:8080",
            "::1",
            "api.example.com",
            "amazonaws.com",
            ".amazonaws.com",
            "us-east-1.amazonaws.com",
            "global.api.aws",
            "fips-.amazonaws.com",
            "lambda.us-east-1.amazonaws.com.example.com",
            "evilamazonaws.com",
            "docs.aws.amazon.com",
            "oauth.signin.aws.example",
        ] {
            check(host, "none");
        }
    }

    #[test]
    fn spelling_does_not_matter() {
        check("Lambda.US-East-1.AmazonAWS.com", "lambda us-east-1");
        check("lambda.us-east-1.amazonaws.com.", "lambda us-east-1");
        check("lambda.us-east-1.amazonaws.com:443", "lambda us-east-1");
        check("lambda.us-east-1.amazonaws.com.:443", "lambda us-east-1");
        check("lambda.us-east-1.amazonaws.com:", "lambda us-east-1");
    }

    #[test]
    fn variants() {
        check("lambda-fips.us-east-1.api.aws", "lambda us-east-1");
        check("fips.eks.us-east-1.amazonaws.com", "eks us-east-1");
        check(
            "runtime.sagemaker.fips-us-east-1.amazonaws.com",
            "sagemaker us-east-1",
        );
        check("ecr.us-east-1-fips.amazonaws.com", "ecr us-east-1");
        check(
            "bucket.s3-fips.dualstack.us-west-2.amazonaws.com",
            "s3 us-west-2",
        );
        check(
            "b--use1-az4--x-s3.s3express-fips-use1-az4.us-east-1.amazonaws.com",
            "s3express us-east-1",
        );
    }

    #[test]
    fn regions() {
        // Not opened yet: the shape is enough.
        check("lambda.mx-north-17.amazonaws.com", "lambda mx-north-17");
        check("iam.us-gov.amazonaws.com", "iam us-gov-west-1");
        check("global.health.us-gov.amazonaws.com", "health us-gov-west-1");
        check(
            "routes.geo.us-gov-east-1.us-gov.api.aws",
            "geo-routes us-gov-east-1",
        );
        check("ramus-gov-east-1.api.aws", "ram us-gov-east-1");
        check("s3-us-west-2.amazonaws.com", "s3 us-west-2");
        check(
            "bucket.s3-fips-us-gov-west-1.amazonaws.com",
            "s3 us-gov-west-1",
        );
        check("acme-us-east-1.amazonaws.com", "acme us-east-1");
        check("iam.amazonaws.com.cn", "iam cn-north-1");
        check("iam.cn-north-1.amazonaws.com.cn", "iam cn-north-1");
        check("route53.amazonaws.com.cn", "route53 cn-northwest-1");
        // One that does not have the shape stays a part of the name.
        check("lambda.us-east-1a.amazonaws.com", "us-east-1a us-east-1");
        check("lambda.us--1.amazonaws.com", "us--1 us-east-1");
    }

    #[test]
    fn s3_without_a_region() {
        check("s3.amazonaws.com", "s3 us-east-1");
        check("s3-external-1.amazonaws.com", "s3 us-east-1");
        check("bucket.s3.amazonaws.com", "s3 ?");
        check("my.dotted.bucket.s3.amazonaws.com", "s3 ?");
        check("us-data-1.s3.amazonaws.com", "s3 ?");
        check("fips.s3.amazonaws.com", "s3 ?");
        check("bucket.s3-accelerate.amazonaws.com", "s3 ?");
        check("us-data-1.s3-accelerate.dualstack.amazonaws.com", "s3 ?");
        check("us-data-1.s3.eu-west-1.amazonaws.com", "s3 eu-west-1");
    }

    #[test]
    fn location_by_path() {
        for api in ["maps", "places", "routes"] {
            let host = format!("{api}.geo.eu-west-1.amazonaws.com");
            let later = format!("geo-{api} eu-west-1");
            check_path(&host, &format!("/{api}/v0/x"), "geo eu-west-1");
            check_path(&host, "/v2/geocode", &later);
            check_path(&host, "", &later);
            check_path(
                &format!("cp.{host}"),
                &format!("/{api}/v0/list"),
                "geo eu-west-1",
            );
            check(&format!("cp.{host}"), "geo eu-west-1");
        }
        check("tracking.geo.eu-west-1.amazonaws.com", "geo eu-west-1");
        check_path(
            "lambda.eu-west-1.amazonaws.com",
            "/maps/v0/x",
            "lambda eu-west-1",
        );
    }

    #[test]
    fn documented_resource_hosts() {
        check("abc-ats.iot.us-east-1.amazonaws.com", "iotdata us-east-1");
        check("iot.us-east-1.amazonaws.com", "iot us-east-1");
        check(
            "abc.jobs.iot.us-east-1.amazonaws.com",
            "iot-jobs-data us-east-1",
        );
        check(
            "participant.connect.us-west-2.amazonaws.com",
            "execute-api us-west-2",
        );
        check("rds.us-west-2.amazonaws.com", "rds us-west-2");
        check(
            "db.abc123.us-west-2.rds.amazonaws.com:5432",
            "rds-db us-west-2",
        );
        check(
            "sustainability.eu-west-1.api.aws",
            "sustainability us-east-1",
        );
        check(
            "sustainability.us-gov-east-1.api.aws",
            "sustainability us-gov-west-1",
        );
        check(
            "importexport.mx-central-1.api.aws",
            "IngestionService us-east-1",
        );
        check("alias.mrap.accesspoint.s3-global.amazonaws.com", "s3 *");
        check("abc.456.endpoint.events.amazonaws.com", "events *");
        check("abc.456.endpoints.email.amazonaws.com", "ses *");
        check(
            "123456789012.cloudfront-kvs.global.api.aws",
            "cloudfront-keyvaluestore *",
        );
        check(
            "b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com",
            "s3express us-east-1",
        );
        check(
            "s3express-control.us-east-1.amazonaws.com",
            "s3express us-east-1",
        );
        check(
            "bedrock-runtime.us-east-1.amazonaws.com",
            "bedrock us-east-1",
        );
        check(
            "bedrock-mantle.us-east-1.api.aws",
            "bedrock-mantle us-east-1",
        );
        check("id.us-east-1.aoss.amazonaws.com", "aoss us-east-1");
        check("id.aoss.us-east-1.on.aws", "aoss us-east-1");
        check("domain.aos.us-east-1.on.aws", "es us-east-1");
        check(
            "svc-0.7d67968.vpc-lattice-svcs.us-east-1.on.aws",
            "vpc-lattice-svcs us-east-1",
        );
        check("us-west-2.signin.aws.amazon.com", "signin us-west-2");
        check("us-west-2.oauth.signin.aws", "signin us-west-2");
        check("signin-fips.amazonaws-us-gov.com", "signin us-gov-west-1");
    }

    #[test]
    fn vpc_endpoints() {
        let id = "vpce-0a1b2c3d4e5f67890-abcdefgh";
        check(
            &format!("{id}.execute-api.us-east-1.vpce.amazonaws.com"),
            "execute-api us-east-1",
        );
        check(
            &format!("{id}-us-east-1a.sqs.us-east-1.vpce.amazonaws.com"),
            "sqs us-east-1",
        );
        check(
            &format!("bucket.{id}.s3.us-east-1.vpce.amazonaws.com"),
            "s3 us-east-1",
        );
        check(
            &format!("accesspoint.{id}.s3.us-east-1.vpce.amazonaws.com"),
            "s3 us-east-1",
        );
        check(
            &format!("control.{id}.s3.us-east-1.vpce.amazonaws.com"),
            "s3 us-east-1",
        );
        check(
            "abc123-vpce-0a1b.execute-api.eu-west-1.amazonaws.com",
            "execute-api eu-west-1",
        );
    }

    #[test]
    fn malformed_hosts() {
        for host in [
            "..amazonaws.com",
            "a..s3.amazonaws.com",
            ".s3.amazonaws.com",
            "s3..amazonaws.com",
            "s3.amazonaws.com..",
            "s3.amazonaws.com:port",
            "s3.amazonaws.com:80:80",
            "user@s3.amazonaws.com",
            "s3.amazonaws.com/path",
            "*.s3.amazonaws.com",
            "bücket.s3.amazonaws.com",
            "\u{1f980}.\u{0}.amazonaws.com",
            "s3\u{202e}.us-east-1.amazonaws.com",
            "ſ3.amazonaws.com",
        ] {
            check(host, "none");
        }
        let long = "a".repeat(1 << 20);
        check(&long, "none");
        check(&format!("{long}.s3.amazonaws.com"), "none");
        check(&".".repeat(1 << 20), "none");
        check(&format!("{}.s3.amazonaws.com", "us-".repeat(70)), "s3 ?");
    }

    #[test]
    fn no_cut_of_a_host_panics() {
        let host = "b.fips-s3-fips-us-gov-1.dualstack.us-gov-east-1-fips.us-gov.vpce.api.aws:443";
        for (start, _) in host.char_indices() {
            for (end, _) in host.char_indices() {
                if let Some(part) = host.get(start..end) {
                    let _ = infer(part, "/maps/v0");
                    let _ = infer(&format!("{part}.amazonaws.com"), part);
                }
            }
        }
    }
}
