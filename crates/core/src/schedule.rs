//! When an event takes place: wall time, zone and the offset chosen are the truth, instants follow.

use chrono::{DateTime, Datelike, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta};

use crate::zone::Resolved;
use crate::{Invalid, Timestamp, Zone};

/// How long an event without an end is taken to last.
pub const ASSUMED_DURATION: TimeDelta = TimeDelta::minutes(60);

/// When an event takes place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Schedule {
    /// At a time of day; the same instant for everybody.
    Timed {
        /// The start on a clock of `zone`, and its instant.
        start: Resolved,
        /// From start to end; `None` when no end was given.
        duration: Option<TimeDelta>,
        /// The event's own zone.
        zone: Zone,
    },
    /// On whole days, wherever one is.
    AllDay {
        /// The first day.
        first: NaiveDate,
        /// The last day, included.
        last: NaiveDate,
        /// The event's own zone, for programs that need an instant.
        zone: Zone,
    },
}

/// The start as part of a key: a moved event has another one, an edited event has the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StartKey {
    /// The instant of a timed event: `T:{unix ms}`.
    Timed(Timestamp),
    /// The first day of an all-day event: `D:YYYY-MM-DD`.
    AllDay(NaiveDate),
}

impl StartKey {
    /// Reads what its `Display` writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.split_at_checked(2)? {
            ("T:", ms) => Timestamp::from_ms(ms.parse().ok()?).map(Self::Timed),
            ("D:", day) => NaiveDate::parse_from_str(day, "%Y-%m-%d").ok().map(Self::AllDay),
            _ => None,
        }
    }
}

impl std::fmt::Display for StartKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Timed(start) => write!(f, "T:{}", start.as_ms()),
            Self::AllDay(day) => write!(f, "D:{}", day.format("%Y-%m-%d")),
        }
    }
}

impl Schedule {
    /// The start as part of a key.
    #[must_use]
    pub fn start_key(&self) -> StartKey {
        match self {
            Self::Timed { start, .. } => StartKey::Timed(start.instant),
            Self::AllDay { first, .. } => StartKey::AllDay(*first),
        }
    }

    /// The event's own zone.
    #[must_use]
    pub fn zone(&self) -> &Zone {
        match self {
            Self::Timed { zone, .. } | Self::AllDay { zone, .. } => zone,
        }
    }

    /// Whether it takes whole days.
    #[must_use]
    pub fn is_all_day(&self) -> bool {
        matches!(self, Self::AllDay { .. })
    }

    /// The first instant; of an all-day event 00:00 of its first day in its own zone.
    #[must_use]
    pub fn starts_at(&self) -> Timestamp {
        match self {
            Self::Timed { start, .. } => start.instant,
            Self::AllDay { first, zone, .. } => zone.start_of(*first),
        }
    }

    /// The end that was given; of an all-day event the midnight after its last day in its own zone.
    #[must_use]
    pub fn ends_at(&self) -> Option<Timestamp> {
        match self {
            Self::Timed { start, duration, .. } => duration.map(|duration| start.instant + duration),
            Self::AllDay { last, zone, .. } => Some(zone.start_of(next_day(*last))),
        }
    }

    /// When it is over; an hour after the start where no end was given.
    #[must_use]
    pub fn over_at(&self) -> Timestamp {
        self.ends_at().unwrap_or_else(|| self.starts_at() + ASSUMED_DURATION)
    }

    /// How long after the start a reminder still says something: a quarter of the duration, at
    /// least 15 minutes. Nothing for an all-day event, whose "start" is the end of its first day.
    #[must_use]
    pub fn grace(&self) -> TimeDelta {
        match self {
            Self::Timed { duration, .. } => (duration.unwrap_or(ASSUMED_DURATION) / 4).max(TimeDelta::minutes(15)),
            Self::AllDay { .. } => TimeDelta::zero(),
        }
    }

    /// The instant from which a reminder is late: the start, or the end of the first day as
    /// `zone`, the recipient's, has it.
    #[must_use]
    pub fn deadline(&self, zone: &Zone) -> Timestamp {
        match self {
            Self::Timed { start, .. } => start.instant,
            Self::AllDay { first, .. } => zone.start_of(next_day(*first)),
        }
    }
}

/// The day after; the last day of the calendar has none after it.
#[must_use]
pub fn next_day(day: NaiveDate) -> NaiveDate {
    day.succ_opt().unwrap_or(day)
}

/// A time as a client wrote it: with an offset it is an instant, without one a wall time of the
/// event's zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WrittenTime {
    /// RFC 3339 with an offset.
    Instant(Timestamp),
    /// Without an offset.
    Local(NaiveDateTime),
}

impl WrittenTime {
    /// Reads `2026-11-23T10:00:00+01:00`, `…Z`, or `2026-11-23T10:00[:00[.000]]`.
    ///
    /// # Errors
    /// [`Invalid`] naming `field`.
    pub fn parse(field: &str, text: &str) -> Result<Self, Invalid> {
        let wrong = || Invalid::new(field, "must be a time such as 2026-11-23T10:00:00+01:00");
        if let Ok(instant) = DateTime::parse_from_rfc3339(text) {
            return Timestamp::from_ms(instant.timestamp_millis()).map(Self::Instant).ok_or_else(wrong);
        }
        let local = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%dT%H:%M"]
            .into_iter()
            .find_map(|format| NaiveDateTime::parse_from_str(text, format).ok())
            .filter(|local| (1..=9999).contains(&local.year()))
            .ok_or_else(wrong)?;
        Ok(Self::Local(local))
    }

    /// The instant it stands for in a zone.
    ///
    /// # Errors
    /// [`Invalid`] naming `field` when it is outside the years that can be written.
    pub fn resolve(self, field: &str, zone: &Zone) -> Result<Resolved, Invalid> {
        match self {
            Self::Instant(instant) => Ok(zone.at(instant)),
            Self::Local(local) => zone.resolve(field, local, None),
        }
    }
}

/// The local hour at which people are told of an all-day event, `days` before it.
#[must_use]
pub fn all_day_due(first: NaiveDate, days: u32, at_minutes: u16, zone: &Zone) -> Timestamp {
    let day = first - TimeDelta::days(days.into());
    let time = NaiveTime::from_num_seconds_from_midnight_opt(u32::from(at_minutes) * 60, 0).unwrap_or(NaiveTime::MIN);
    zone.instant_of(day.and_time(time))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn zone(name: &str) -> Zone {
        Zone::parse("time_zone", name).unwrap()
    }

    fn timed(start: &str, duration: Option<TimeDelta>) -> Schedule {
        let zone = zone("Europe/Paris");
        let start = WrittenTime::parse("starts_at", start).unwrap().resolve("starts_at", &zone).unwrap();
        Schedule::Timed { start, duration, zone }
    }

    #[test]
    fn start_keys_read_back() {
        for text in ["T:1795424400000", "T:-1000", "D:2026-11-23"] {
            assert_eq!(StartKey::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "T", "T:x", "D:2026-13-01", "X:1", "é"] {
            assert_eq!(StartKey::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn the_grace_is_a_quarter_of_the_duration_and_at_least_15_minutes() {
        let minutes = |schedule: Schedule| schedule.grace().num_minutes();
        assert_eq!(minutes(timed("2026-11-23T10:00", None)), 15, "no end counts as 60 minutes");
        assert_eq!(minutes(timed("2026-11-23T10:00", Some(TimeDelta::minutes(10)))), 15);
        assert_eq!(minutes(timed("2026-11-23T10:00", Some(TimeDelta::hours(4)))), 60);
    }

    #[test]
    fn times_are_read_with_and_without_an_offset() {
        let zone = zone("Europe/Paris");
        let read = |text| WrittenTime::parse("starts_at", text).unwrap().resolve("starts_at", &zone).unwrap().instant;
        let nine_utc = "2026-11-23T09:00:00.000Z";
        for text in ["2026-11-23T10:00", "2026-11-23T10:00:00", "2026-11-23T09:00:00Z", "2026-11-23T04:00:00-05:00"] {
            assert_eq!(read(text).to_string(), nine_utc, "{text}");
        }
        for text in ["", "10:00", "2026-11-23", "2026-11-23 10:00", "2026-02-30T10:00", "2026-11-23T25:00"] {
            assert_eq!(WrittenTime::parse("ends_at", text).unwrap_err().field, "ends_at", "{text:?}");
        }
    }

    #[test]
    fn an_all_day_event_is_announced_by_the_recipients_clock() {
        let first = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        let due = all_day_due(first, 1, 540, &zone("America/New_York"));
        assert_eq!(due.to_string(), "2026-11-22T14:00:00.000Z");
        let schedule = Schedule::AllDay { first, last: first, zone: zone("Europe/Paris") };
        assert_eq!(schedule.starts_at().to_string(), "2026-11-22T23:00:00.000Z");
        assert_eq!(schedule.deadline(&zone("America/New_York")).to_string(), "2026-11-24T05:00:00.000Z");
    }
}
