//! An instant with the precision the product has: one millisecond.

use std::fmt;
use std::ops::{Add, Sub};

use chrono::{DateTime, Datelike, TimeDelta, Timelike, Utc};
use serde::{Serialize, Serializer};

/// An instant: milliseconds since the Unix epoch. Finer input is truncated.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp(i64);

/// The instants that can be written with four digits of year, 0001 to 9999.
const RANGE_MS: std::ops::RangeInclusive<i64> = -62_135_596_800_000..=253_402_300_799_999;

impl Timestamp {
    /// From milliseconds since the Unix epoch; `None` outside the years 1 to 9999.
    #[must_use]
    pub fn from_ms(ms: i64) -> Option<Self> {
        RANGE_MS.contains(&ms).then_some(Self(ms))
    }

    /// From milliseconds since the Unix epoch, moved into the years 1 to 9999 where it is outside.
    #[must_use]
    pub fn clamped_from_ms(ms: i64) -> Self {
        Self(ms.clamp(*RANGE_MS.start(), *RANGE_MS.end()))
    }

    /// Milliseconds since the Unix epoch.
    #[must_use]
    pub fn as_ms(self) -> i64 {
        self.0
    }

    /// The same instant as a `chrono` value.
    #[must_use]
    pub fn to_utc(self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0).expect("BUG: a Timestamp is within chrono's range")
    }

    /// RFC 3339. Each has as many characters, since no year has more than four digits; `chrono` would look for those
    /// that have, which takes ten times as long, and each event and notification has several instants.
    fn to_rfc3339(self) -> [u8; 24] {
        let utc = self.to_utc();
        let mut text = *b"0000-00-00T00:00:00.000Z";
        let numbers = [
            (0..4, utc.year_ce().1),
            (5..7, utc.month()),
            (8..10, utc.day()),
            (11..13, utc.hour()),
            (14..16, utc.minute()),
            (17..19, utc.second()),
            (20..23, utc.timestamp_subsec_millis()),
        ];
        for (place, mut number) in numbers {
            for digit in text[place].iter_mut().rev() {
                *digit += (number % 10) as u8;
                number /= 10;
            }
        }
        text
    }

    /// Reads an RFC 3339 instant, with any offset. `None` when it is not one.
    #[must_use]
    pub fn parse_rfc3339(text: &str) -> Option<Self> {
        let parsed = DateTime::parse_from_rfc3339(text).ok()?;
        Self::from_ms(parsed.timestamp_millis())
    }
}

impl From<DateTime<Utc>> for Timestamp {
    fn from(instant: DateTime<Utc>) -> Self {
        Self::clamped_from_ms(instant.timestamp_millis())
    }
}

/// RFC 3339 in UTC with milliseconds: `2026-11-23T09:00:00.000Z`.
impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(text(&self.to_rfc3339()))
    }
}

/// As it is displayed.
impl Serialize for Timestamp {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(text(&self.to_rfc3339()))
    }
}

fn text(ascii: &[u8]) -> &str {
    str::from_utf8(ascii).expect("BUG: digits are text")
}

impl fmt::Debug for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Add<TimeDelta> for Timestamp {
    type Output = Self;

    fn add(self, delta: TimeDelta) -> Self {
        Self::clamped_from_ms(self.0.saturating_add(delta.num_milliseconds()))
    }
}

impl Sub<TimeDelta> for Timestamp {
    type Output = Self;

    fn sub(self, delta: TimeDelta) -> Self {
        Self::clamped_from_ms(self.0.saturating_sub(delta.num_milliseconds()))
    }
}

/// The time from `other` to `self`; negative when `other` is later.
impl Sub<Timestamp> for Timestamp {
    type Output = TimeDelta;

    fn sub(self, other: Timestamp) -> TimeDelta {
        TimeDelta::milliseconds(self.0 - other.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finer_input_is_truncated_and_any_offset_is_read() {
        let read = Timestamp::parse_rfc3339("2026-11-23T10:00:00.123987+01:00").unwrap();
        assert_eq!(read.to_string(), "2026-11-23T09:00:00.123Z");
    }

    #[test]
    fn it_is_written_as_chrono_writes_it() {
        let (first, last) = (*RANGE_MS.start(), *RANGE_MS.end());
        // So many milliseconds that all hours, months, and ends of years come up.
        let instants = (first..=last).step_by(86_400_000 * 97 + 3_723_457).chain(last - 3..=last).chain([-1, 0, 1]);
        for instant in instants.map(Timestamp::clamped_from_ms) {
            let by_chrono = instant.to_utc().to_rfc3339_opts(chrono::SecondsFormat::Millis, true);
            assert_eq!(instant.to_string(), by_chrono);
        }
    }

    #[test]
    fn what_is_not_an_instant_is_refused() {
        for text in ["", "2026-11-23", "2026-11-23T10:00:00", "tomorrow", "+262000-01-01T00:00:00Z"] {
            assert_eq!(Timestamp::parse_rfc3339(text), None, "{text:?} is no RFC 3339 instant");
        }
    }

    #[test]
    fn arithmetic_stays_inside_the_years_that_can_be_written() {
        let last = Timestamp::clamped_from_ms(i64::MAX);
        assert_eq!(last + TimeDelta::days(1), last);
        assert_eq!(last.to_string(), "9999-12-31T23:59:59.999Z");
        let first = Timestamp::clamped_from_ms(i64::MIN);
        assert_eq!(first - TimeDelta::days(1), first);
        assert_eq!(first.to_string(), "0001-01-01T00:00:00.000Z");
    }
}
