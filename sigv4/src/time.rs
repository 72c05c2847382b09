//! [`AmzDate`]: a moment as Signature Version 4 writes it, `20150830T123600Z`.

use core::fmt;
use core::str::FromStr;

use crate::error::ParseError;

const SECONDS_PER_DAY: i64 = 86_400;
/// 9999-12-31T23:59:59Z, the last moment that four digits of year can say.
const LATEST: i64 = 253_402_300_799;

/// A moment, to the second, in UTC: `20150830T123600Z`.
///
/// * Only the basic ISO 8601 form of exactly 16 bytes parses; a date that is not in the calendar does not.
/// * From 1970 to 9999. A leap second (`…60Z`) is refused.
/// * The library never reads a clock: every function that needs the time takes an `AmzDate`.
///
/// Implements the `TimeStamp` of AWS's *Signature Version 4 signing process*.
///
/// ```
/// use sigv4::AmzDate;
///
/// let date: AmzDate = "20150830T123600Z".parse()?;
/// assert_eq!(date.unix(), 1_440_938_160);
/// assert_eq!(date.to_string(), "20150830T123600Z");
/// # Ok::<(), sigv4::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AmzDate {
    unix: i64,
    text: [u8; 16],
}

impl AmzDate {
    /// The moment that many seconds after 1970-01-01T00:00:00Z.
    ///
    /// # Errors
    /// [`ParseError::Date`] before 1970 or after 9999.
    pub fn from_unix(unix: i64) -> Result<Self, ParseError> {
        if !(0..=LATEST).contains(&unix) {
            return Err(ParseError::Date);
        }
        let (year, month, day) = civil_from_days(unix / SECONDS_PER_DAY);
        let second = unix % SECONDS_PER_DAY;
        let mut text = *b"00000000T000000Z";
        put(&mut text, 0, 4, year);
        put(&mut text, 4, 2, month);
        put(&mut text, 6, 2, day);
        put(&mut text, 9, 2, second / 3600);
        put(&mut text, 11, 2, second / 60 % 60);
        put(&mut text, 13, 2, second % 60);
        Ok(Self { unix, text })
    }

    /// The present moment by the system's clock. A clock outside of 1970 to 9999 counts as 1970.
    #[cfg(feature = "std")]
    #[must_use]
    pub fn now() -> Self {
        let since = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .unwrap_or_default();
        let unix = i64::try_from(since.as_secs()).unwrap_or_default();
        Self::from_unix(unix).unwrap_or(Self {
            unix: 0,
            text: *b"19700101T000000Z",
        })
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    #[must_use]
    pub const fn unix(self) -> i64 {
        self.unix
    }

    /// This moment, moved by a number of seconds and held within 1970 to 9999.
    #[must_use]
    pub fn saturating_add(self, seconds: i64) -> Self {
        let unix = self.unix.saturating_add(seconds).clamp(0, LATEST);
        Self::from_unix(unix).unwrap_or(self)
    }

    /// The day, as a credential scope names it.
    #[must_use]
    pub fn day(self) -> ScopeDate {
        let mut text = [0; 8];
        for (to, from) in text.iter_mut().zip(self.text) {
            *to = from;
        }
        ScopeDate { text }
    }

    pub(crate) fn parse(text: &[u8]) -> Result<Self, ParseError> {
        let &text: &[u8; 16] = text.try_into().map_err(|_| ParseError::Date)?;
        let [
            y1,
            y2,
            y3,
            y4,
            mo1,
            mo2,
            d1,
            d2,
            b'T',
            h1,
            h2,
            mi1,
            mi2,
            s1,
            s2,
            b'Z',
        ] = text
        else {
            return Err(ParseError::Date);
        };
        let year = number(&[y1, y2, y3, y4])?;
        let month = number(&[mo1, mo2])?;
        let day = number(&[d1, d2])?;
        let [hour, minute, second] = [number(&[h1, h2])?, number(&[mi1, mi2])?, number(&[s1, s2])?];
        if year < 1970 || !is_civil(year, month, day) || hour > 23 || minute > 59 || second > 59 {
            return Err(ParseError::Date);
        }
        #[expect(
            clippy::arithmetic_side_effects,
            reason = "every field is at most four digits"
        )]
        let unix = days_from_civil(year, month, day) * SECONDS_PER_DAY
            + hour * 3600
            + minute * 60
            + second;
        Ok(Self { unix, text })
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 16] {
        &self.text
    }

    /// The text, `20150830T123600Z`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.text).unwrap_or_default()
    }
}

impl FromStr for AmzDate {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text.as_bytes())
    }
}

impl fmt::Display for AmzDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for AmzDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The day of a credential scope: `20150830`.
///
/// Always a day of the calendar, from 1970 to 9999.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScopeDate {
    text: [u8; 8],
}

impl ScopeDate {
    pub(crate) fn parse(text: &[u8]) -> Result<Self, ParseError> {
        let &text: &[u8; 8] = text.try_into().map_err(|_| ParseError::ScopeDate)?;
        let [y1, y2, y3, y4, m1, m2, d1, d2] = text;
        let fields = (
            number(&[y1, y2, y3, y4]),
            number(&[m1, m2]),
            number(&[d1, d2]),
        );
        match fields {
            (Ok(year), Ok(month), Ok(day)) if year >= 1970 && is_civil(year, month, day) => {
                Ok(Self { text })
            }
            _ => Err(ParseError::ScopeDate),
        }
    }

    pub(crate) fn as_bytes(&self) -> &[u8; 8] {
        &self.text
    }

    /// The text, `20150830`.
    #[must_use]
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.text).unwrap_or_default()
    }
}

impl FromStr for ScopeDate {
    type Err = ParseError;

    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::parse(text.as_bytes())
    }
}

impl fmt::Display for ScopeDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for ScopeDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Digits only: `str::parse` would take a sign.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "at most four digits, each checked to be one"
)]
fn number(digits: &[u8]) -> Result<i64, ParseError> {
    let mut value = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return Err(ParseError::Date);
        }
        value = value * 10 + i64::from(digit - b'0');
    }
    Ok(value)
}

/// Writes `value` in decimal into `text[at..at + width]`.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "the divisor is ten and a digit is below ten"
)]
fn put(text: &mut [u8; 16], at: usize, width: usize, mut value: i64) {
    for place in text.iter_mut().skip(at).take(width).rev() {
        *place = b'0' + u8::try_from(value % 10).unwrap_or_default();
        value /= 10;
    }
}

#[expect(clippy::arithmetic_side_effects, reason = "the divisors are constants")]
fn is_civil(year: i64, month: i64, day: i64) -> bool {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => return false,
    };
    (1..=days).contains(&day)
}

/// Days from 1970-01-01 to a day of the Gregorian calendar. The year is counted from March, so that the leap day is
/// its last day and a month's start is a linear formula.
#[expect(
    clippy::arithmetic_side_effects,
    reason = "the arguments are a checked date of at most four digits of year"
)]
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let month = (month + 9) % 12;
    let (era, year_of_era) = (year / 400, year % 400);
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_from_civil`].
#[expect(
    clippy::arithmetic_side_effects,
    reason = "0 <= days <= LATEST / 86400"
)]
fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let month = if month < 10 { month + 3 } else { month - 9 };
    (era * 400 + year_of_era + i64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use alloc::string::ToString;

    use super::*;

    #[test]
    fn every_day_prints_and_parses_back_and_is_the_day_after_the_one_before() {
        for day in 0..=LATEST / SECONDS_PER_DAY {
            let date = AmzDate::from_unix(day * SECONDS_PER_DAY + 86_399).unwrap();
            assert_eq!(AmzDate::parse(date.as_bytes()), Ok(date));
            let (y, m, d) = civil_from_days(day);
            assert!(is_civil(y, m, d));
            assert_eq!(days_from_civil(y, m, d), day);
        }
    }

    #[test]
    fn known_moments() {
        assert_eq!(
            AmzDate::from_unix(951_782_400).unwrap().to_string(),
            "20000229T000000Z"
        );
        assert_eq!(
            AmzDate::from_unix(LATEST).unwrap().to_string(),
            "99991231T235959Z"
        );
        assert_eq!(
            "20150830T123600Z".parse::<AmzDate>().unwrap().unix(),
            1_440_938_160
        );
        assert!(AmzDate::from_unix(-1).is_err());
        assert!(AmzDate::from_unix(LATEST + 1).is_err());
    }

    #[test]
    fn what_is_not_a_date_is_refused() {
        for text in [
            "",
            "20150830T123600",
            "20150830T123600z",
            "2015-08-30T12:36:00Z",
            "20150230T250000Z",
            "20150230T000000Z",
            "20150830T123660Z",
            "20150830T126000Z",
            "20150830T240000Z",
            "00000000T000000Z",
            "19691231T235959Z",
            "20150832T000000Z",
            "20151301T000000Z",
            "+0150830T123600Z",
            "2015083 T123600Z",
            "20150830T123600Z ",
            "20150830T1236٠0Z",
        ] {
            assert_eq!(text.parse::<AmzDate>(), Err(ParseError::Date), "{text}");
        }
        for text in [
            "2015083",
            "201508301",
            "2015-08-30",
            "20151301",
            "20150229",
            "",
        ] {
            assert_eq!(
                text.parse::<ScopeDate>(),
                Err(ParseError::ScopeDate),
                "{text}"
            );
        }
    }
}
