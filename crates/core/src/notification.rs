//! Notifications: their kinds, their keys, and the row that every client reads.

use std::borrow::Cow;
use std::fmt::{self, Write as _};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::event::Event;
use crate::id::{ChangeId, SnoozeId};
use crate::schedule::StartKey;
use crate::{EventId, NotificationId, PersonId, Timestamp, Zone};

/// How long before the start a reminder is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Offset {
    /// Minutes before a timed event.
    Minutes(u32),
    /// Days before an all-day event.
    Days(u32),
}

impl Offset {
    /// As part of a key: seconds (`1800`), or `d:{N}`.
    #[must_use]
    pub fn param(self) -> String {
        match self {
            Self::Minutes(minutes) => (u64::from(minutes) * 60).to_string(),
            Self::Days(days) => format!("d:{days}"),
        }
    }

    /// Reads what [`Offset::param`] writes.
    #[must_use]
    pub fn parse(param: &str) -> Option<Self> {
        match param.strip_prefix("d:") {
            Some(days) => days.parse().ok().map(Self::Days),
            None => {
                let seconds: u64 = param.parse().ok()?;
                let minutes = seconds.is_multiple_of(60).then_some(seconds / 60)?;
                u32::try_from(minutes).ok().map(Self::Minutes)
            }
        }
    }
}

/// What a notification tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The event is now yours.
    Assigned,
    /// The event is no longer yours.
    Unassigned,
    /// The event starts at another time than it did.
    Moved {
        /// The start it had.
        from: StartKey,
    },
    /// The event will not take place.
    Cancelled,
    /// The event is about to start.
    Reminder(Offset),
    /// The event started, and no reminder could be given in time.
    Missed,
}

impl Kind {
    /// The contract's `notification_type`: `assigned`, `30min_before`, `1d_before`, ….
    #[must_use]
    pub fn type_name(self) -> Cow<'static, str> {
        match self {
            Self::Assigned => "assigned".into(),
            Self::Unassigned => "unassigned".into(),
            Self::Moved { .. } => "moved".into(),
            Self::Cancelled => "cancelled".into(),
            Self::Reminder(Offset::Minutes(minutes)) => format!("{minutes}min_before").into(),
            Self::Reminder(Offset::Days(days)) => format!("{days}d_before").into(),
            Self::Missed => "missed".into(),
        }
    }

    /// Reads what [`Kind::type_name`] writes; `moved_from` is the old start of a `moved` one.
    #[must_use]
    pub fn parse(type_name: &str, moved_from: Option<StartKey>) -> Option<Self> {
        match type_name {
            "assigned" => Some(Self::Assigned),
            "unassigned" => Some(Self::Unassigned),
            "moved" => moved_from.map(|from| Self::Moved { from }),
            "cancelled" => Some(Self::Cancelled),
            "missed" => Some(Self::Missed),
            reminder => {
                let minutes = reminder.strip_suffix("min_before").and_then(|n| n.parse().ok()).map(Offset::Minutes);
                let days = || reminder.strip_suffix("d_before").and_then(|n| n.parse().ok()).map(Offset::Days);
                minutes.or_else(days).map(Self::Reminder)
            }
        }
    }

    /// The contract's `minutes_before`: of a reminder of a timed event.
    #[must_use]
    pub fn minutes_before(self) -> Option<u32> {
        match self {
            Self::Reminder(Offset::Minutes(minutes)) => Some(minutes),
            Self::Reminder(Offset::Days(_))
            | Self::Assigned
            | Self::Unassigned
            | Self::Moved { .. }
            | Self::Cancelled
            | Self::Missed => None,
        }
    }

    /// Whether it makes sense to be told again: an event that is still ahead of its person.
    #[must_use]
    pub fn can_be_snoozed(self) -> bool {
        match self {
            Self::Assigned | Self::Moved { .. } | Self::Reminder(_) => true,
            Self::Unassigned | Self::Cancelled | Self::Missed => false,
        }
    }
}

/// What makes a notification happen once: the last two parts of its key.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Cause {
    /// A reminder fell due.
    Reminder(Offset),
    /// A snooze fell due.
    Snooze(SnoozeId),
    /// Somebody assigned it.
    Assigned(ChangeId),
    /// Somebody took it away.
    Unassigned(ChangeId),
    /// Somebody moved it.
    Moved(ChangeId),
    /// Somebody cancelled or deleted it.
    Cancelled(ChangeId),
    /// Its start passed unannounced.
    Missed,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Reminder(offset) => write!(f, "reminder|{}", offset.param()),
            Self::Snooze(snooze) => write!(f, "snooze|{snooze}"),
            Self::Assigned(change) => write!(f, "assigned|{change}"),
            Self::Unassigned(change) => write!(f, "unassigned|{change}"),
            Self::Moved(change) => write!(f, "moved|{change}"),
            Self::Cancelled(change) => write!(f, "cancelled|{change}"),
            Self::Missed => f.write_str("missed|"),
        }
    }
}

/// What the longest key has at most, in bytes: three ids, a start and the name of a cause.
const KEY_LENGTH: usize = 160;

/// The key of a notification: there is at most one row for each, ever.
#[must_use]
pub fn key(event: EventId, start: StartKey, person: PersonId, cause: Cause) -> String {
    let mut key = String::with_capacity(KEY_LENGTH);
    write!(key, "v1|{event}|{start}|{person}|{cause}").expect("BUG: a text takes what is written to it");
    key
}

/// How a notification came about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was sent when it should be, or late; clients pop it up.
    Fired,
    /// It tells that a reminder could not be given; clients list it.
    Missed,
}

impl Outcome {
    /// `fired` or `missed`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fired => "fired",
            Self::Missed => "missed",
        }
    }
}

/// The event as it was when the notification was committed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EventSnapshot {
    /// Identity.
    pub id: EventId,
    /// See [`Event::title`].
    pub title: String,
    /// The start in milliseconds since the Unix epoch.
    pub starts_at_ms: i64,
    /// The end in milliseconds since the Unix epoch.
    pub ends_at_ms: Option<i64>,
    /// Whether it takes whole days.
    pub all_day: bool,
    /// The event's own zone.
    pub time_zone: String,
    /// See [`Event::location`].
    pub location: Option<String>,
    /// See [`Event::comment`].
    pub comment: Option<String>,
    /// The contact's id.
    pub contact_id: Option<String>,
    /// The contact's name.
    pub contact_name: Option<String>,
    /// As the contact is called.
    pub contact_phone: Option<String>,
}

impl EventSnapshot {
    /// The start that the event had then, as part of a key.
    #[must_use]
    pub fn start_key(&self) -> StartKey {
        let start = Timestamp::clamped_from_ms(self.starts_at_ms);
        if !self.all_day {
            return StartKey::Timed(start);
        }
        // A zone that has left the database since: its days are taken for those of UTC.
        let zone = Zone::parse("time_zone", &self.time_zone).unwrap_or_else(|_| Zone::utc());
        StartKey::AllDay(zone.at(start).local.date())
    }
}

impl From<&Event> for EventSnapshot {
    fn from(event: &Event) -> Self {
        let contact = event.contact.as_ref();
        Self {
            id: event.id,
            title: event.title.clone(),
            starts_at_ms: event.schedule.starts_at().as_ms(),
            ends_at_ms: event.schedule.ends_at().map(Timestamp::as_ms),
            all_day: event.schedule.is_all_day(),
            time_zone: event.schedule.zone().name().to_owned(),
            location: event.location.clone(),
            comment: event.comment.clone(),
            contact_id: contact.and_then(|contact| contact.id.clone()),
            contact_name: contact.and_then(|contact| contact.name.clone()),
            contact_phone: contact.and_then(|contact| contact.phone.clone()),
        }
    }
}

/// One line of a person's history. Committed, it is never renumbered, and goes only when it and all
/// before it are older than is kept; only the states at its end change.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Derived from its key.
    pub id: NotificationId,
    /// Its place in its person's history: 1, 2, 3, … without a gap, in the order of commits.
    pub seq: u64,
    /// The number of its latest insert or update in its person's count of changes.
    pub change: u64,
    /// What it tells.
    pub kind: Kind,
    /// How it came about.
    pub outcome: Outcome,
    /// In its person's language.
    pub title: Arc<str>,
    /// In its person's language and zone.
    pub message: Arc<str>,
    /// The event at that time.
    pub event: Arc<EventSnapshot>,
    /// When it should have been told.
    pub due_at: Timestamp,
    /// When the hub decided it.
    pub created_at: Timestamp,
    /// Told more than two seconds after it was due.
    pub late: bool,
    /// What was snoozed and is told again here.
    pub parent: Option<NotificationId>,
    /// Read, dismissed, snoozed or withdrawn.
    pub is_read: bool,
    /// When its person was done with it.
    pub dismissed_at: Option<Timestamp>,
    /// When it will be told again.
    pub snoozed_until: Option<Timestamp>,
    /// When it stopped being true.
    pub withdrawn_at: Option<Timestamp>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_has_the_six_parts_in_their_order() {
        let event = EventId::from_bytes([1; 16]);
        let person = PersonId::from_bytes([2; 16]);
        let start = StartKey::parse("T:1795424400000").unwrap();
        assert_eq!(
            key(event, start, person, Cause::Reminder(Offset::Minutes(30))),
            "v1|01010101-0101-0101-0101-010101010101|T:1795424400000|02020202-0202-0202-0202-020202020202|reminder|1800"
        );
        assert!(key(event, start, person, Cause::Reminder(Offset::Days(1))).ends_with("|reminder|d:1"));
    }

    #[test]
    fn what_was_told_knows_the_start_it_was_told_of() {
        for event in [crate::fixture::event(), crate::fixture::day_event()] {
            assert_eq!(EventSnapshot::from(&event).start_key(), event.schedule.start_key());
        }
    }

    #[test]
    fn types_and_offsets_read_back() {
        let from = StartKey::parse("D:2026-11-23").unwrap();
        for kind in [
            Kind::Assigned,
            Kind::Unassigned,
            Kind::Moved { from },
            Kind::Cancelled,
            Kind::Missed,
            Kind::Reminder(Offset::Minutes(0)),
            Kind::Reminder(Offset::Minutes(30)),
            Kind::Reminder(Offset::Days(2)),
        ] {
            assert_eq!(Kind::parse(&kind.type_name(), Some(from)), Some(kind));
        }
        for offset in [Offset::Minutes(0), Offset::Minutes(40_320), Offset::Days(0), Offset::Days(28)] {
            assert_eq!(Offset::parse(&offset.param()), Some(offset));
        }
        assert_eq!(Offset::parse("61"), None, "reminders are whole minutes");
    }
}
