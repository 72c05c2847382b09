//! One request and its answer: signed, sent, and once more where the refusal says what another signature would mend.

use std::io::{self, Write};
use std::time::Duration;

use http::Request;
use http::header::{HOST, HeaderValue};
use sigv4::AmzDate;

use crate::diagnose::{self, Refused};
use crate::failure::Failure;
use crate::heal;
use crate::hop::Hop;
use crate::infer;
use crate::line;
use crate::plan::RequestPlan;
use crate::print::Narrator;
use crate::send::Answer;
use crate::sign::Signing;
use crate::target::authority;

/// What was tried already; each is tried once.
#[derive(Debug)]
pub(crate) struct Exchange<'a> {
    plan: &'a RequestPlan,
    /// The region that is signed for now.
    region: String,
    /// The key's id, for the hints.
    key: String,
    clock_corrected: bool,
    region_corrected: bool,
}

impl<'a> Exchange<'a> {
    pub(crate) fn new(plan: &'a RequestPlan, region: &str, key: &str) -> Self {
        Self {
            plan,
            region: region.to_owned(),
            key: key.to_owned(),
            clock_corrected: false,
            region_corrected: false,
        }
    }

    /// The answer, and what to say about it if it is a refusal.
    pub(crate) async fn perform(
        &mut self,
        hop: &mut Hop,
        signing: &mut Signing,
        send: impl AsyncFn(&Hop, &Signing) -> Result<(Answer, Option<AmzDate>), Failure>,
    ) -> Result<(Answer, Hints), Failure> {
        let narrator = Narrator::new(&self.plan.output);
        loop {
            let (mut answer, time) = send(hop, signing).await?;
            narrator.answer(&answer.head);

            if !hop.signed || !may_be_mended(&answer) {
                return Ok((answer, Hints::default()));
            }
            let body = answer.peek(ENOUGH, PATIENCE).await;
            if self.mends(&answer, &body, hop, signing)? {
                continue;
            }
            let lines = if self.plan.refusal.no_hints || self.plan.output.show.no_errors {
                Vec::new()
            } else {
                diagnose::hints(&Refused {
                    head: &answer.head,
                    body: &body,
                    hop,
                    service: &self.plan.service.value,
                    region: &self.region,
                    region_is_given: self.region_is_given(),
                    time_is_given: self.plan.time.is_some(),
                    key: &self.key,
                    now: AmzDate::now(),
                    canonical_request: &|| signing.canonical_request(hop, time?),
                })
            };
            return Ok((answer, Hints { lines }));
        }
    }

    /// Whether another signature may do, and then the next one will be that.
    fn mends(
        &mut self,
        answer: &Answer,
        body: &str,
        hop: &mut Hop,
        signing: &mut Signing,
    ) -> Result<bool, Failure> {
        let may_correct = !self.clock_corrected
            && self.plan.time.is_none()
            && !self.plan.refusal.no_clock_correction;
        if may_correct && let Some(offset) = heal::clock_offset(&answer.head, body, AmzDate::now())
        {
            self.clock_corrected = true;
            signing.correct_clock(offset);
            say(&format!(
                "this machine's clock is {}: signed again with the server's time",
                diagnose::off_by(offset)
            ));
            return Ok(true);
        }
        let may_move =
            !self.region_corrected && self.plan.service.value == "s3" && !self.region_is_given();
        if may_move && let Some(region) = heal::bucket_region(&answer.head, body, &self.region) {
            self.region_corrected = true;
            signing.set_region(&region)?;
            say(&format!(
                "the bucket is in {region}, not in {}: signed again for it (--region {region} saves the detour)",
                self.region
            ));
            move_host(hop, &self.region, &region)?;
            self.region = region;
            return Ok(true);
        }
        Ok(false)
    }

    fn region_is_given(&self) -> bool {
        let region = self.plan.region.as_ref();
        region.is_some_and(|region| region.from == "--region")
    }
}

/// A host of AWS's that names the wrong region would send us on for ever: it moves too. Any other stays.
fn move_host(hop: &mut Hop, from: &str, to: &str) -> Result<(), Failure> {
    let named = hop.headers.get(HOST).map(HeaderValue::as_bytes);
    let is_urls = named == Some(authority(&hop.url).as_bytes());
    let Some(host) = hop
        .url
        .host_str()
        .filter(|host| is_urls && infer::infer(host, "/").is_some())
    else {
        return Ok(());
    };
    let Some(moved) = heal::host_in_region(host, from, to).filter(|moved| is_s3_in(moved, to))
    else {
        return Ok(());
    };
    let cannot = |_| Failure::usage(format!("cannot send the request to {moved}"));
    hop.url
        .set_host(Some(&moved))
        .map_err(|error| cannot(error.to_string()))?;
    let value =
        HeaderValue::from_str(&authority(&hop.url)).map_err(|error| cannot(error.to_string()))?;
    hop.headers.insert(HOST, value);
    Ok(())
}

/// The server named the region: where that leads has to be S3 in that very region still.
fn is_s3_in(host: &str, region: &str) -> bool {
    infer::infer(host, "/").is_some_and(|inferred| {
        inferred.service == "s3" && inferred.region == infer::Region::Fixed(region.to_owned())
    })
}

fn may_be_mended(answer: &Answer) -> bool {
    let status = answer.head.status;
    status.is_client_error()
        || (status.is_redirection() && answer.head.headers.contains_key("x-amz-bucket-region"))
}

/// The time that a request is signed for.
pub(crate) fn signed_at<B>(request: &Request<B>) -> Option<AmzDate> {
    request
        .headers()
        .get("x-amz-date")?
        .to_str()
        .ok()?
        .parse()
        .ok()
}

/// What to say below the body.
#[derive(Debug, Default)]
pub(crate) struct Hints {
    lines: Vec<String>,
}

impl Hints {
    /// Says them.
    pub(crate) fn say(&self) {
        for line in &self.lines {
            say(line);
        }
    }
}

/// One line on standard error. Whoever closed that does not want to know.
pub(crate) fn say(text: &str) {
    line::end();
    let _ = writeln!(io::stderr(), "sigcurl: {text}");
}

/// A refusal is short; whatever is longer is not one.
const ENOUGH: usize = 64 * 1024;
const PATIENCE: Duration = Duration::from_secs(3);

#[cfg(test)]
mod tests {
    use super::*;

    /// Where a request goes whose bucket is in eu-west-1.
    fn moved(url: &str, host: &str) -> (String, String) {
        let mut headers = http::HeaderMap::new();
        headers.insert(HOST, host.parse().unwrap());
        let mut hop = Hop {
            method: http::Method::GET,
            url: url.parse().unwrap(),
            headers,
            body: crate::payload::Body::Bytes(bytes::Bytes::new()),
            payload: None,
            signed: true,
            plain: false,
        };
        move_host(&mut hop, "us-west-2", "eu-west-1").unwrap();
        let host = hop.headers[HOST].to_str().unwrap().to_owned();
        (hop.url.to_string(), host)
    }

    #[test]
    fn only_hosts_of_s3_that_name_the_region_move() {
        let host = "b.s3.us-west-2.amazonaws.com";
        let there = "b.s3.eu-west-1.amazonaws.com";
        assert_eq!(
            moved(&format!("https://{host}/o?x"), host),
            (format!("https://{there}/o?x"), there.to_owned())
        );
        for (url, host) in [
            ("https://b.s3.amazonaws.com/o", "b.s3.amazonaws.com"),
            ("http://127.0.0.1:9000/b/o", "127.0.0.1:9000"),
            (
                "https://s3.us-west-2.example.com/",
                "s3.us-west-2.example.com",
            ),
            // Through a tunnel, where the header names the host.
            ("https://s3.us-west-2.amazonaws.com/", "other"),
        ] {
            assert_eq!(moved(url, host), (url.to_owned(), host.to_owned()));
        }
    }
}
