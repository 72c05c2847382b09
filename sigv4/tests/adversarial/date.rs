//! DT: dates and clocks.

use crate::bases::{Base, NOW, b1, b4, b6, b11};
use crate::common::naive::Forge;
use crate::common::{Request, date};
use crate::{Tries, one};

/// The base at another moment of the verifier's clock.
fn at(base: &Base, seconds: i64) -> Tries {
    let mut check = base.check.clone();
    check.now = check.now.saturating_add(seconds);
    one(&check, &base.signed())
}

/// B1 signed with another date.
fn dated(text: &str) -> Base {
    let mut base = b1();
    base.request.set("X-Amz-Date", text);
    base.forge.date = text.into();
    base
}

pub(crate) fn tries(id: &str) -> Option<Tries> {
    let base = b1();
    let check = &base.check;
    Some(match id {
        "DT-03" => {
            let mut tries = at(&base, -900);
            tries.result("in the past", {
                let mut c = check.clone();
                c.now = c.now.saturating_add(900);
                c.verify(&base.signed())
            });
            tries
        }
        "DT-04" => at(&base, -901),
        "DT-06" => {
            let base = b11();
            assert_eq!(base.check.reason(&base.signed()), "ok");
            at(&base, -301)
        }
        "DT-08" => {
            let mut extended = base.request.clone();
            extended.set("X-Amz-Date", "2015-08-30T12:36:00Z");
            one(check, &base.forge.header(&extended))
        }
        "DT-09" => one(check, &dated("20150830T123600").signed()),
        "DT-10" => {
            let mut tries = Tries::default();
            for text in ["20150230T250000Z", "20150830T123660Z", "00000000T000000Z"] {
                tries.add(text, check, &dated(text).signed());
            }
            tries
        }
        "DT-12" => {
            let text = "99991231T235959Z";
            let forge = Forge::new(
                text,
                "us-east-1",
                "service",
                "host;x-amz-date",
                &base.forge.payload,
            );
            one(check, &forge.header(&dated(text).request))
        }
        "DT-13" => one(
            check,
            &base.signed().header("X-Amz-Date", "20150830T123601Z"),
        ),
        "DT-14" => {
            let request = Request::new("GET", "/", "")
                .header("Host", "example.amazonaws.com")
                .header("Date", "Sun, 30 Aug 2015 12:36:00 GMT");
            let mut forge = base.forge.clone();
            forge.names = "date;host".into();
            let signed = forge.header(&request);
            let mut lenient = check.clone();
            lenient.policy.accept_http_date = true;
            assert_eq!(lenient.verify(&signed), Ok(()), "the switch of 2011");
            one(check, &signed)
        }
        "DT-16" => {
            let mut request = base.request.clone();
            request.remove("x-amz-date");
            let mut forge = base.forge.clone();
            forge.names = "host".into();
            one(check, &forge.header(&request))
        }
        "DT-17" => {
            let mut base = dated("20150831T000100Z");
            base.check.now = date("20150831T000100Z");
            one(&base.check, &base.signed())
        }
        "DT-18" => {
            let text = "20150830T235959Z";
            let mut base = dated(text);
            base.check.now = date("20150831T000001Z");
            one(&base.check, &base.signed())
        }
        "DT-19" => {
            let mut tries = Tries::default();
            for day in ["2015083", "201508301", "2015-08-30", "20151301"] {
                let mut base = b1();
                base.forge.scope = format!("{day}/us-east-1/service/aws4_request");
                base.forge.key[0] = day.into();
                tries.add(day, &base.check, &base.signed());
            }
            tries
        }
        "DT-20" => {
            let mut base = b1();
            base.forge.names = "host".into();
            one(&base.check, &base.signed())
        }
        "DT-21" => at(&b6(), 86_400),
        "DT-23" => at(&b6(), 3_600),
        "DT-24" => at(&b6(), -960),
        "DT-26" => at(&b4(), 61),
        _ => return None,
    })
}

#[test]
fn the_clock_is_the_only_thing_that_differs() {
    assert_eq!(b1().check.now, date(NOW));
}
