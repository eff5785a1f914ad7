//! What the hub gave out, read: events, what is armed, and what is only passed on.

use std::collections::HashMap;

use chrono::TimeDelta;
use rappel_core::arm::{Armed, Purpose, State};
use rappel_core::event::{Contact, Event, ReminderDays, ReminderMinutes, Status, Visibility, parse_date};
use rappel_core::id::SnoozeId;
use rappel_core::notification::{Cause, Kind, Offset, key};
use rappel_core::person::{Locale, Preferences};
use rappel_core::schedule::{Schedule, StartKey};
use rappel_core::{EventId, Invalid, NotificationId, PersonId, Timestamp, Zone};
use rappel_store::ToldBefore;
use rappel_store::replica_file::Decided;
use serde::Deserialize;
use serde_json::Value;

/// What is coming for this desktop's person.
pub(super) struct Content {
    pub(super) person: PersonId,
    pub(super) preferences: Preferences,
    pub(super) events: HashMap<EventId, Event>,
    pub(super) armed: Vec<ArmedHere>,
    /// As the hub wrote it, to be passed on.
    pub(super) told: Value,
}

/// A reminder or snooze that the hub has armed.
#[derive(Debug, Clone, Copy)]
pub(super) struct ArmedHere {
    /// The notification that it becomes.
    pub(super) id: NotificationId,
    pub(super) event: EventId,
    pub(super) armed: Armed,
    /// Of a snooze.
    pub(super) told_before: Option<ToldBefore>,
}

impl ArmedHere {
    pub(super) fn new(person: PersonId, event: EventId, armed: Armed, told_before: Option<ToldBefore>) -> Self {
        let id = NotificationId::of_key(&key(event, armed.start, person, cause(armed.purpose)));
        Self { id, event, armed, told_before }
    }
}

pub(super) fn cause(purpose: Purpose) -> Cause {
    match purpose {
        Purpose::Reminder(offset) => Cause::Reminder(offset),
        Purpose::Snooze(snooze) => Cause::Snooze(snooze),
    }
}

/// No more of the answer than is acted on, so that a newer hub may add.
#[derive(Deserialize)]
struct Written {
    me: Me,
    events: Vec<WrittenEvent>,
    reminders: Vec<WrittenReminder>,
}

#[derive(Deserialize)]
struct Me {
    locale: Option<Locale>,
    time_zone: Option<String>,
    reminders: Option<Vec<u32>>,
    office: Office,
}

#[derive(Deserialize)]
struct Office {
    locale: Locale,
    time_zone: String,
    reminders: Vec<u32>,
}

#[derive(Deserialize)]
struct WrittenEvent {
    id: EventId,
    title: String,
    all_day: bool,
    starts_at: Option<String>,
    ends_at: Option<String>,
    starts_on: Option<String>,
    ends_on: Option<String>,
    time_zone: String,
    location: Option<String>,
    comment: Option<String>,
    contact: Option<Contact>,
    assignees: Vec<PersonId>,
    status: Status,
    visibility: Visibility,
    revision: u64,
    created_by: Option<PersonId>,
}

#[derive(Deserialize)]
struct WrittenReminder {
    event_id: EventId,
    start: String,
    purpose: String,
    param: String,
    due_at: String,
    armed_at: String,
    told_before: Option<WrittenToldBefore>,
}

#[derive(Deserialize)]
struct WrittenToldBefore {
    notification_id: NotificationId,
    notification_type: String,
    moved_from: Option<String>,
}

/// When all-day events are announced is the hub's to say: it says when each is due.
const UNUSED_HOUR: u16 = 540;

impl Content {
    /// Reads the hub's answer. Single rows that cannot be read are left out, and said.
    ///
    /// # Errors
    /// What is missing, when it is not such an answer.
    pub(super) fn read(person: PersonId, told: Value) -> Result<Self, String> {
        let written = Written::deserialize(&told).map_err(|error| error.to_string())?;
        let Me { locale, time_zone, reminders, office } = written.me;
        let minutes = |minutes: Vec<u32>| ReminderMinutes::parse("reminders", minutes);
        let preferences = Preferences {
            locale: locale.unwrap_or(office.locale),
            time_zone: zone(&time_zone.unwrap_or(office.time_zone)),
            reminders: minutes(reminders.unwrap_or(office.reminders)).map_err(|error| error.to_string())?,
            all_day_at_minutes: UNUSED_HOUR,
        };
        let events = written.events.into_iter().filter_map(|event| {
            let id = event.id;
            event.read().inspect_err(|error| tracing::warn!(%error, event = %id, "an event cannot be kept")).ok()
        });
        let armed = written.reminders.iter().filter_map(|row| {
            row.read(person).or_else(|| {
                tracing::warn!(event = %row.event_id, "a reminder cannot be kept");
                None
            })
        });
        Ok(Self {
            person,
            preferences,
            events: events.map(|event| (event.id, event)).collect(),
            armed: armed.collect(),
            told,
        })
    }

    /// Whether what was decided here of an event still holds: it is planned, its person's, and starts
    /// when it did. What is long over does.
    pub(super) fn holds(&self, decided: &Decided, now: Timestamp) -> bool {
        match self.events.get(&decided.event) {
            Some(event) => {
                event.is_active() && event.is_assigned(self.person) && event.schedule.start_key() == decided.start
            }
            // The hub gives out no event that was over a day ago.
            None => now - decided.at > TimeDelta::hours(24),
        }
    }
}

impl WrittenEvent {
    fn read(self) -> Result<Event, Invalid> {
        let missing = |field: &'static str| Invalid::new(field, "is missing");
        let zone = zone(&self.time_zone);
        let instant = |field: &'static str, text: Option<String>| {
            text.map(|text| Timestamp::parse_rfc3339(&text).ok_or_else(|| Invalid::new(field, "is no time")))
                .transpose()
        };
        let schedule = if self.all_day {
            let first = parse_date("starts_on", &self.starts_on.ok_or_else(|| missing("starts_on"))?)?;
            let last = self.ends_on.map(|day| parse_date("ends_on", &day)).transpose()?;
            Schedule::AllDay { first, last: last.unwrap_or(first), zone }
        } else {
            let start = instant("starts_at", self.starts_at)?.ok_or_else(|| missing("starts_at"))?;
            let end = instant("ends_at", self.ends_at)?;
            Schedule::Timed { start: zone.at(start), duration: end.map(|end| end - start), zone }
        };
        let never = Timestamp::clamped_from_ms(0);
        Ok(Event {
            id: self.id,
            title: self.title,
            schedule,
            location: self.location,
            comment: self.comment,
            contact: self.contact,
            assignees: self.assignees,
            // The hub has worked out when each is due.
            reminders: None,
            reminder_days: ReminderDays::default(),
            status: self.status,
            visibility: self.visibility,
            revision: self.revision,
            created_by: self.created_by.unwrap_or(PersonId::from_bytes([0; 16])),
            created_at: never,
            updated_at: never,
            deleted_at: None,
        })
    }
}

impl WrittenReminder {
    fn read(&self, person: PersonId) -> Option<ArmedHere> {
        let purpose = match self.purpose.as_str() {
            "reminder" => Purpose::Reminder(Offset::parse(&self.param)?),
            "snooze" => Purpose::Snooze(self.param.parse::<SnoozeId>().ok()?),
            _ => return None,
        };
        let told_before = match (&self.told_before, purpose) {
            (Some(told), _) => Some(ToldBefore { id: told.notification_id, kind: told.kind()? }),
            (None, Purpose::Reminder(_)) => None,
            (None, Purpose::Snooze(_)) => return None,
        };
        let armed = Armed {
            start: StartKey::parse(&self.start)?,
            purpose,
            due: Timestamp::parse_rfc3339(&self.due_at)?,
            armed_at: Timestamp::parse_rfc3339(&self.armed_at)?,
            state: State::Pending,
        };
        Some(ArmedHere::new(person, self.event_id, armed, told_before))
    }
}

impl WrittenToldBefore {
    fn kind(&self) -> Option<Kind> {
        Kind::parse(&self.notification_type, self.moved_from.as_deref().and_then(StartKey::parse))
    }
}

/// A zone that this machine does not know is taken for UTC: instants are the hub's all the same.
fn zone(name: &str) -> Zone {
    Zone::parse("time_zone", name).unwrap_or_else(|_| Zone::utc())
}
