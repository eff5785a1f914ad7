//! Small pieces that the tests of several modules are made of.

use chrono::NaiveDate;

use crate::event::{Event, ReminderDays, Status, Visibility};
use crate::person::{Locale, Preferences, default_reminders};
use crate::schedule::Schedule;
use crate::{EventId, PersonId, Timestamp, Zone};

pub(crate) fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).expect("an RFC 3339 instant")
}

pub(crate) fn paris() -> Zone {
    Zone::parse("time_zone", "Europe/Paris").expect("Paris is in the zone database")
}

pub(crate) fn ann() -> PersonId {
    PersonId::from_bytes([1; 16])
}

pub(crate) fn bob() -> PersonId {
    PersonId::from_bytes([2; 16])
}

pub(crate) fn preferences() -> Preferences {
    Preferences { locale: Locale::Fr, time_zone: paris(), reminders: default_reminders(), all_day_at_minutes: 540 }
}

pub(crate) fn timed(start: &str) -> Schedule {
    Schedule::Timed { start: paris().at(at(start)), duration: None, zone: paris() }
}

/// Ann's, made by Bob, on 23 November 2026 at 10:00 UTC (11:00 in Paris), without an end.
pub(crate) fn event() -> Event {
    Event {
        id: EventId::from_bytes([9; 16]),
        title: "Visite de chantier".into(),
        schedule: timed("2026-11-23T10:00:00Z"),
        location: None,
        comment: None,
        contact: None,
        assignees: vec![ann()],
        reminders: None,
        reminder_days: ReminderDays::default(),
        status: Status::Planned,
        visibility: Visibility::Team,
        revision: 1,
        created_by: bob(),
        created_at: at("2026-11-20T08:00:00Z"),
        updated_at: at("2026-11-20T08:00:00Z"),
        deleted_at: None,
    }
}

/// The same on the whole of 23 November 2026.
pub(crate) fn day_event() -> Event {
    let day = NaiveDate::from_ymd_opt(2026, 11, 23).expect("a day of the calendar");
    Event { schedule: Schedule::AllDay { first: day, last: day, zone: paris() }, ..event() }
}
