//! Whether to try again, and when: curl's rules.

use std::time::{Duration, Instant};

use http::header::RETRY_AFTER;
use http::{HeaderMap, StatusCode};
use sigv4::AmzDate;

use crate::exit::Exit;
use crate::failure::Failure;
use crate::plan::transfer::Retry;

/// The tries that are left.
#[derive(Debug)]
pub struct Retries<'a> {
    rules: &'a Retry,
    left: u32,
    pause: Duration,
    started: Instant,
}

impl<'a> Retries<'a> {
    /// None is used up yet.
    #[must_use]
    pub fn new(rules: &'a Retry) -> Self {
        Self {
            rules,
            left: rules.times,
            pause: rules.pause.unwrap_or(Duration::from_secs(1)),
            started: Instant::now(),
        }
    }

    /// How long to wait before the next try after an answer; `None` = the answer stands.
    ///
    /// `fails` = its status makes it one that `-f` fails on.
    pub fn after_answer(
        &mut self,
        status: StatusCode,
        headers: &HeaderMap,
        fails: bool,
    ) -> Option<Duration> {
        let again = TRANSIENT.contains(&status.as_u16()) || (fails && self.rules.all_errors);
        self.next(again, retry_after(headers))
    }

    /// How long to wait before the next try after a failure; `None` = the failure stands.
    pub fn after_failure(&mut self, failure: &Failure) -> Option<Duration> {
        let again = match failure.exit() {
            Exit::Timeout | Exit::Resolve => true,
            Exit::Connect => self.rules.unconnected,
            // The same command line would fail again.
            Exit::Usage | Exit::Url | Exit::Write | Exit::Read | Exit::Protocol => false,
            // It was invoked, and this is its answer.
            Exit::FunctionError => false,
            _ => self.rules.all_errors,
        };
        self.next(again, None)
    }

    /// How many are left.
    #[must_use]
    pub const fn left(&self) -> u32 {
        self.left
    }

    fn next(&mut self, again: bool, asked: Option<Duration>) -> Option<Duration> {
        if !again || self.left == 0 {
            return None;
        }
        let pause = asked.map_or(self.pause, |asked| asked.max(self.pause));
        let over = |within: Duration| self.started.elapsed() + pause > within;
        if self.rules.within.is_some_and(over) {
            return None;
        }
        self.left -= 1;
        if self.rules.pause.is_none() {
            self.pause = (self.pause * 2).min(LONGEST);
        }
        Some(pause)
    }
}

/// Seconds, or a date.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let seconds = match text.parse::<u64>() {
        Ok(seconds) => seconds,
        Err(_) => until(text)?,
    };
    Some(Duration::from_secs(seconds.min(LONGEST_ASKED)))
}

/// The seconds from now to a date such as `Sun, 06 Nov 1994 08:49:37 GMT`.
fn until(text: &str) -> Option<u64> {
    let words: Vec<_> = text
        .split([' ', ':', ',', '-'])
        .filter(|word| !word.is_empty())
        .collect();
    let [_, day, month, year, hour, minute, second, _] = words.as_slice() else {
        return None;
    };
    let month = MONTHS.iter().position(|name| name == month)? + 1;
    let date: AmzDate = format!("{year}{month:02}{day:0>2}T{hour}{minute}{second}Z")
        .parse()
        .ok()?;
    let seconds = date.unix() - AmzDate::now().unix();
    Some(u64::try_from(seconds).unwrap_or(0))
}

/// curl's list.
const TRANSIENT: [u16; 8] = [408, 429, 500, 502, 503, 504, 522, 524];
const LONGEST: Duration = Duration::from_secs(600);
const LONGEST_ASKED: u64 = 6 * 60 * 60;
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(times: u32) -> Retry {
        Retry {
            times,
            ..Retry::default()
        }
    }

    #[test]
    fn pauses_double() {
        let rules = rules(3);
        let mut retries = Retries::new(&rules);
        let mut next = || retries.after_answer(StatusCode::BAD_GATEWAY, &HeaderMap::new(), false);
        let pauses: Vec<_> = std::iter::from_fn(&mut next)
            .map(|pause| pause.as_secs())
            .collect();
        assert_eq!(pauses, [1, 2, 4]);
    }

    #[test]
    fn what_is_tried_again() {
        let (plain, mut all) = (rules(1), rules(1));
        all.all_errors = true;
        all.unconnected = true;
        for (exit, by_default, with_all) in [
            (Exit::Timeout, true, true),
            (Exit::Resolve, true, true),
            (Exit::Connect, false, true),
            (Exit::Partial, false, true),
            (Exit::Usage, false, false),
            (Exit::Write, false, false),
        ] {
            let failure = Failure::new(exit, "");
            assert_eq!(
                Retries::new(&plain).after_failure(&failure).is_some(),
                by_default,
                "{exit:?}"
            );
            assert_eq!(
                Retries::new(&all).after_failure(&failure).is_some(),
                with_all,
                "{exit:?}"
            );
        }
        for (status, expected) in [
            (200, false),
            (403, false),
            (404, false),
            (429, true),
            (503, true),
        ] {
            let status = StatusCode::from_u16(status).unwrap();
            assert_eq!(
                Retries::new(&plain)
                    .after_answer(status, &HeaderMap::new(), false)
                    .is_some(),
                expected,
                "{status}"
            );
        }
    }

    #[test]
    fn as_long_as_the_server_asks_for() {
        let mut rules = rules(1);
        let headers = |value: &str| HeaderMap::from_iter([(RETRY_AFTER, value.parse().unwrap())]);
        let pause = |rules: &Retry, value: &str| {
            Retries::new(rules).after_answer(StatusCode::TOO_MANY_REQUESTS, &headers(value), false)
        };
        assert_eq!(pause(&rules, "7"), Some(Duration::from_secs(7)));
        assert_eq!(pause(&rules, "0"), Some(Duration::from_secs(1)));
        assert_eq!(pause(&rules, "soon"), Some(Duration::from_secs(1)));
        assert_eq!(
            pause(&rules, "Sun, 06 Nov 1994 08:49:37 GMT"),
            Some(Duration::from_secs(1))
        );
        assert!(pause(&rules, "Sun, 06 Nov 2094 08:49:37 GMT").unwrap() > LONGEST);
        rules.within = Some(Duration::from_secs(5));
        assert_eq!(pause(&rules, "7"), None, "too late");
    }
}
