//! Local wall time and instants: the one place that knows time zones.
//!
//! Gaps and overlaps are resolved as RFC 5545 §3.3.5 says: a local time that a clock change skips
//! is shifted forward by the length of the gap, one that happens twice is the first of the two
//! unless the offset says otherwise. Where the rules come from: see [`crate::zone_data`].

use std::fmt;

use chrono::{NaiveDate, NaiveDateTime, NaiveTime};
use jiff::civil;
use jiff::tz::{self, TimeZone};

use crate::{Invalid, Timestamp, zone_data};

/// What zone databases hold besides zones: other programs, browsers among them, do not know it.
const NOT_ZONES: [&str; 3] = ["Factory", "localtime", "posixrules"];

/// An IANA time zone that exists in the zone database. Two of the same name are equal, also where
/// the one was looked up before its rules changed.
#[derive(Clone)]
pub struct Zone(TimeZone);

/// A wall time of a zone, and the instant it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resolved {
    /// The wall time as it is read on a clock of the zone; shifted where the wished one is skipped.
    pub local: NaiveDateTime,
    /// Seconds east of UTC that hold there.
    pub offset_s: i32,
    /// The instant.
    pub instant: Timestamp,
}

impl Zone {
    /// UTC.
    #[must_use]
    pub fn utc() -> Self {
        Self(zone_data::get("UTC").unwrap_or(TimeZone::UTC))
    }

    /// The zone of the machine, where it says one by name.
    #[must_use]
    pub fn system() -> Option<Self> {
        let zone = TimeZone::try_system().ok()?;
        Self::parse("time_zone", zone.iana_name()?).ok()
    }

    /// Looks up an IANA name: `Europe/Paris`.
    ///
    /// # Errors
    /// [`Invalid`] naming `field` when there is no such zone.
    pub fn parse(field: &str, name: &str) -> Result<Self, Invalid> {
        let unknown = || Invalid::new(field, "is not an IANA time zone such as Europe/Paris");
        if name.is_empty() || name.len() > 64 || !name.is_ascii() {
            return Err(unknown());
        }
        let zone = zone_data::get(name).ok_or_else(unknown)?;
        match zone.iana_name() {
            Some(name) if !NOT_ZONES.contains(&name) => Ok(Self(zone)),
            _ => Err(unknown()),
        }
    }

    /// Its IANA name.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().expect("BUG: a Zone is made from a name")
    }

    /// Its rules, for those who format with jiff.
    #[must_use]
    pub fn rules(&self) -> &TimeZone {
        &self.0
    }

    /// The instant of a wall time. `offset_s`, where given and valid for that wall time, picks one
    /// of the two instants of an overlap; otherwise it is ignored.
    ///
    /// # Errors
    /// [`Invalid`] naming `field` when the time is outside the years that can be written.
    pub fn resolve(&self, field: &str, local: NaiveDateTime, offset_s: Option<i32>) -> Result<Resolved, Invalid> {
        let outside = || Invalid::new(field, "is outside the years 1 to 9999");
        let ambiguous = self.0.to_ambiguous_timestamp(to_civil(local).ok_or_else(outside)?);
        let chosen = match (ambiguous.offset(), offset_s) {
            (tz::AmbiguousOffset::Fold { after, .. }, Some(wished)) if after.seconds() == wished => ambiguous.later(),
            _ => ambiguous.compatible(),
        };
        let instant = chosen.map_err(|_| outside())?;
        self.local(Timestamp::from_ms(instant.as_millisecond()).ok_or_else(outside)?).ok_or_else(outside)
    }

    /// What a clock of the zone shows at an instant.
    #[must_use]
    pub fn at(&self, instant: Timestamp) -> Resolved {
        self.local(instant).unwrap_or(Resolved { local: instant.to_utc().naive_utc(), offset_s: 0, instant })
    }

    /// The first instant of a day: 00:00, or later where a clock change skips midnight.
    #[must_use]
    pub fn start_of(&self, day: NaiveDate) -> Timestamp {
        self.instant_of(day.and_time(NaiveTime::MIN))
    }

    /// The instant of a wall time of this zone, by the rules of [`Zone::resolve`].
    #[must_use]
    pub fn instant_of(&self, local: NaiveDateTime) -> Timestamp {
        self.resolve("", local, None).map_or_else(|_| Timestamp::from(local.and_utc()), |resolved| resolved.instant)
    }

    fn local(&self, instant: Timestamp) -> Option<Resolved> {
        let at = jiff::Timestamp::from_millisecond(instant.as_ms()).ok()?;
        let offset_s = self.0.to_offset(at).seconds();
        let local = (instant + chrono::TimeDelta::seconds(offset_s.into())).to_utc().naive_utc();
        Some(Resolved { local, offset_s, instant })
    }
}

impl PartialEq for Zone {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Zone {}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl fmt::Debug for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Zone({})", self.name())
    }
}

fn to_civil(local: NaiveDateTime) -> Option<civil::DateTime> {
    use chrono::{Datelike, Timelike};
    let field = |value: u32| i8::try_from(value).ok();
    civil::DateTime::new(
        i16::try_from(local.year()).ok()?,
        field(local.month())?,
        field(local.day())?,
        field(local.hour())?,
        field(local.minute())?,
        field(local.second())?,
        i32::try_from(local.nanosecond().min(999_999_999)).ok()?,
    )
    .ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paris() -> Zone {
        Zone::parse("time_zone", "Europe/Paris").unwrap()
    }

    fn local(text: &str) -> NaiveDateTime {
        text.parse().unwrap()
    }

    #[test]
    fn a_skipped_wall_time_is_shifted_forward_and_says_so() {
        let resolved = paris().resolve("starts_at", local("2026-03-29T02:30:00"), None).unwrap();
        assert_eq!(resolved.local, local("2026-03-29T03:30:00"));
        assert_eq!(resolved.instant.to_string(), "2026-03-29T01:30:00.000Z");
    }

    #[test]
    fn a_wall_time_that_happens_twice_is_the_first_unless_its_offset_says_otherwise() {
        let twice = local("2026-10-25T02:30:00");
        let first = paris().resolve("starts_at", twice, None).unwrap();
        assert_eq!(first.instant.to_string(), "2026-10-25T00:30:00.000Z");
        let second = paris().resolve("starts_at", twice, Some(3600)).unwrap();
        assert_eq!(second.instant.to_string(), "2026-10-25T01:30:00.000Z");
        let nonsense = paris().resolve("starts_at", twice, Some(18_000)).unwrap();
        assert_eq!(nonsense.instant, first.instant, "an offset that never holds there is ignored");
    }

    #[test]
    fn unknown_zones_are_refused_by_name_of_the_field() {
        for name in
            ["", "Mars/Olympus", "Europe/Paris\0", "+02:00", "../etc/passwd", "localtime", "posixrules", "factory"]
        {
            let refused = Zone::parse("time_zone", name).unwrap_err();
            assert_eq!(refused.field, "time_zone", "{name:?}");
        }
    }

    #[test]
    fn a_day_whose_midnight_is_skipped_starts_when_the_clock_goes_on() {
        // Santiago de Chile moves its clocks at midnight.
        let zone = Zone::parse("time_zone", "America/Santiago").unwrap();
        let start = zone.start_of(NaiveDate::from_ymd_opt(2026, 9, 6).unwrap());
        assert_eq!(start.to_string(), "2026-09-06T04:00:00.000Z");
        assert_eq!(zone.at(start).local, local("2026-09-06T01:00:00"));
    }
}
