//! What a refusal says that another signature could mend: the time, the region.

use http::StatusCode;
use http::header::DATE;
use sigv4::AmzDate;

use crate::fields::{json, xml};
use crate::send::Head;

/// How many seconds the server's clock is ahead of `now`, if it refuses the request for its time.
pub(crate) fn clock_offset(head: &Head, body: &str, now: AmzDate) -> Option<i64> {
    let refused = head.status.is_client_error() && TIME.iter().any(|text| body.contains(text));
    let offset = clock_difference(head, now)?;
    (refused && offset.abs() > NEGLIGIBLE).then_some(offset)
}

/// How many seconds the server's clock is ahead of `now`, as its Date header has it.
pub(crate) fn clock_difference(head: &Head, now: AmzDate) -> Option<i64> {
    let date = head.headers.get(DATE)?.to_str().ok()?;
    let date = httpdate::parse_http_date(date).ok()?;
    let since = date.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(
        i64::try_from(since.as_secs())
            .ok()?
            .saturating_sub(now.unix()),
    )
}

/// The region that S3 names because the bucket is not in `region`.
pub(crate) fn bucket_region(head: &Head, body: &str, region: &str) -> Option<String> {
    let misplaced = [StatusCode::MOVED_PERMANENTLY, StatusCode::BAD_REQUEST];
    let named = head.headers.get("x-amz-bucket-region");
    let named = named
        .filter(|_| misplaced.contains(&head.status))
        .and_then(|value| Some(value.to_str().ok()?.to_owned()));
    let malformed = || {
        (xml(body, "Code")? == "AuthorizationHeaderMalformed").then_some(())?;
        xml(body, "Region")
    };
    let other = named.or_else(malformed)?;
    (is_region(&other) && other != region).then_some(other)
}

/// Whether it can be a region at all: a server does not get to choose more than one.
fn is_region(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    (1..=32).contains(&text.len()) && text.bytes().all(plain)
}

/// `host` with one region in place of another, if it names it as one of its labels.
pub(crate) fn host_in_region(host: &str, from: &str, to: &str) -> Option<String> {
    let mut found = false;
    let mut move_label = |label: &str| {
        let old_style = format!("s3-{from}");
        if !found && label == from {
            found = true;
            to.to_owned()
        } else if !found && label == old_style {
            found = true;
            format!("s3-{to}")
        } else {
            label.to_owned()
        }
    };
    // From the right: a bucket may have a region's name.
    let mut labels: Vec<_> = host.rsplit('.').map(&mut move_label).collect();
    labels.reverse();
    found.then(|| labels.join("."))
}

/// The error type that the answer names, without `Exception` and without its namespace.
pub(crate) fn code(head: &Head, body: &str) -> Option<String> {
    let header = head.headers.get("x-amzn-errortype");
    let header = header.and_then(|value| Some(value.to_str().ok()?.to_owned()));
    let code = header
        .or_else(|| json(body, "__type"))
        .or_else(|| xml(body, "Code"))?;
    let code = code.split(':').next().unwrap_or_default();
    let code = code.rsplit('#').next().unwrap_or_default();
    Some(code.strip_suffix("Exception").unwrap_or(code).to_owned())
}

/// What a refusal for the time says, in each protocol (facts/verification.md §2.1 and §2.3).
const TIME: [&str; 3] = [
    "RequestTimeTooSkewed",
    "Signature expired: ",
    "Signature not yet current: ",
];
/// Seconds by which clocks may differ.
const NEGLIGIBLE: i64 = 60;

#[cfg(test)]
mod tests {
    use super::*;

    fn head(status: u16, headers: &[(&'static str, &str)]) -> Head {
        let mut map = http::HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        Head {
            version: http::Version::HTTP_11,
            status: StatusCode::from_u16(status).unwrap(),
            reason: String::new(),
            headers: map,
            address: None,
        }
    }

    #[test]
    fn the_clock_only_if_the_time_is_the_reason_and_the_date_tells() {
        let now: AmzDate = "20151021T072800Z".parse().unwrap();
        let date = "Wed, 21 Oct 2015 07:38:00 GMT";
        let expired = "{\"message\":\"Signature expired: 20151021T072800Z is now earlier than 20151021T073300Z (20151021T073800Z - 5 min.)\"}";
        for (status, date, body, offset) in [
            (403, date, expired, Some(600)),
            (
                400,
                "Wed, 21 Oct 2015 07:18:00 GMT",
                "Signature not yet current: x",
                Some(-600),
            ),
            (403, date, "<Code>RequestTimeTooSkewed</Code>", Some(600)),
            (403, "Wed, 21 Oct 2015 07:29:00 GMT", expired, None),
            (403, date, "{\"message\":\"Forbidden\"}", None),
            (403, "yesterday", expired, None),
            (200, date, expired, None),
        ] {
            let head = head(status, &[("date", date)]);
            assert_eq!(
                clock_offset(&head, body, now),
                offset,
                "{status} {date} {body}"
            );
        }
        assert_eq!(clock_offset(&head(403, &[]), expired, now), None);
    }

    #[test]
    fn the_bucket_s_region() {
        let malformed =
            "<Error><Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region></Error>";
        let named = [("x-amz-bucket-region", "eu-west-1")];
        for (status, headers, body, region) in [
            (301, &named[..], "", Some("eu-west-1")),
            (400, &named, "", Some("eu-west-1")),
            (400, &[], malformed, Some("eu-west-1")),
            (403, &named, "", None),
            // Leads to another place by its Location.
            (307, &named, "", None),
            (400, &[("x-amz-bucket-region", "us-east-1")], "", None),
            (400, &[("x-amz-bucket-region", "a/b")], "", None),
            (
                400,
                &[],
                "<Error><Code>X</Code><Region>eu-west-1</Region></Error>",
                None,
            ),
        ] {
            let found = bucket_region(&head(status, headers), body, "us-east-1");
            assert_eq!(found.as_deref(), region, "{status} {headers:?} {body}");
        }
    }

    #[test]
    fn hosts_move() {
        for (host, moved) in [
            (
                "s3.us-west-2.amazonaws.com",
                Some("s3.eu-west-1.amazonaws.com"),
            ),
            (
                "s3-us-west-2.amazonaws.com",
                Some("s3-eu-west-1.amazonaws.com"),
            ),
            (
                "us-west-2.s3.us-west-2.amazonaws.com",
                Some("us-west-2.s3.eu-west-1.amazonaws.com"),
            ),
            ("b.s3.amazonaws.com", None),
        ] {
            assert_eq!(
                host_in_region(host, "us-west-2", "eu-west-1").as_deref(),
                moved,
                "{host}"
            );
        }
    }

    #[test]
    fn codes() {
        for (header, body, expected) in [
            ("AccessDeniedException:http://x", "", "AccessDenied"),
            (
                "",
                "{\"__type\":\"com.amazon.coral.service#InvalidSignatureException\"}",
                "InvalidSignature",
            ),
            (
                "",
                "<Response><Errors><Error><Code>AuthFailure</Code>",
                "AuthFailure",
            ),
        ] {
            let headers = [("x-amzn-errortype", header)];
            let head = head(403, if header.is_empty() { &[] } else { &headers });
            assert_eq!(code(&head, body).as_deref(), Some(expected));
        }
    }
}
