//! Events on the wire.

use std::borrow::Cow;

use rappel_core::draft::{Draft, Patch};
use rappel_core::event::{self, ReminderDays, ReminderMinutes, Status, Visibility, parse_date};
use rappel_core::schedule::{Schedule, WrittenTime};
use rappel_core::{EventId, Invalid, PersonId, Timestamp, Zone};
use rappel_store::{EventPage, EventsCursor, VisibleEvent};
use serde::{Deserialize, Serialize};

use super::{Object, given, given_list, not_null};

/// With whom.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Contact<'a> {
    /// In the system the contact comes from.
    pub id: Option<Cow<'a, str>>,
    /// As people call them.
    pub name: Option<Cow<'a, str>>,
    /// As it is dialled.
    pub phone: Option<Cow<'a, str>>,
    /// Where to write.
    pub email: Option<Cow<'a, str>>,
}

impl<'a> From<&'a event::Contact> for Contact<'a> {
    fn from(contact: &'a event::Contact) -> Self {
        let part = |part: &'a Option<String>| part.as_deref().map(Cow::Borrowed);
        Self {
            id: part(&contact.id),
            name: part(&contact.name),
            phone: part(&contact.phone),
            email: part(&contact.email),
        }
    }
}

impl Contact<'_> {
    fn parse(self) -> Result<Option<event::Contact>, Invalid> {
        let part = |part: Option<Cow<'_, str>>| part.map(Cow::into_owned);
        event::Contact::parse(part(self.id), part(self.name), part(self.phone), part(self.email))
    }
}

/// An event, written from where it is kept. Of a private one that is not the reader's only `id`, `busy` and the times say
/// anything.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EventItem<'a> {
    /// Identity.
    #[cfg_attr(test, ts(type = "string"))]
    pub id: EventId,
    /// True: somebody's private event, of which only the times are shown.
    pub busy: bool,
    /// One line; may be empty.
    pub title: &'a str,
    /// Whether it takes whole days.
    pub all_day: bool,
    /// Start of a timed event.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub starts_at: Option<Timestamp>,
    /// End of a timed event.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub ends_at: Option<Timestamp>,
    /// First day of an all-day event.
    pub starts_on: Option<String>,
    /// Last day of an all-day event, included.
    pub ends_on: Option<String>,
    /// IANA name.
    pub time_zone: &'a str,
    /// Where.
    pub location: Option<&'a str>,
    /// Anything else, several lines.
    pub comment: Option<&'a str>,
    /// With whom.
    pub contact: Option<Contact<'a>>,
    /// Ids of people.
    #[cfg_attr(test, ts(as = "Vec<String>"))]
    pub assignees: &'a [PersonId],
    /// Minutes before the start; null: each assignee's own.
    #[cfg_attr(test, ts(as = "Option<Vec<u32>>"))]
    pub reminders: Option<&'a [u32]>,
    /// Days before an all-day event.
    #[cfg_attr(test, ts(as = "Vec<u32>"))]
    pub reminder_days: &'a [u32],
    /// Where it stands.
    #[cfg_attr(test, ts(type = "\"planned\" | \"done\" | \"cancelled\""))]
    pub status: Status,
    /// Who may see what it is about.
    #[cfg_attr(test, ts(type = "\"team\" | \"private\""))]
    pub visibility: Visibility,
    /// For `If-Match`.
    #[cfg_attr(test, ts(type = "number"))]
    pub revision: u64,
    /// Id of a person; null where `busy`.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub created_by: Option<PersonId>,
    /// When it was made.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub created_at: Option<Timestamp>,
    /// When it was last changed.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub updated_at: Option<Timestamp>,
}

impl<'a> From<&'a event::Event> for EventItem<'a> {
    fn from(event: &'a event::Event) -> Self {
        Self {
            busy: false,
            title: &event.title,
            location: event.location.as_deref(),
            comment: event.comment.as_deref(),
            contact: event.contact.as_ref().map(Contact::from),
            assignees: &event.assignees,
            reminders: event.reminders.as_ref().map(|minutes| minutes.as_slice()),
            reminder_days: event.reminder_days.as_slice(),
            status: event.status,
            created_by: Some(event.created_by),
            created_at: Some(event.created_at),
            updated_at: Some(event.updated_at),
            ..Self::busy(event)
        }
    }
}

impl<'a> From<&'a VisibleEvent> for EventItem<'a> {
    fn from(visible: &'a VisibleEvent) -> Self {
        if visible.is_visible { Self::from(&visible.event) } else { Self::busy(&visible.event) }
    }
}

impl<'a> EventItem<'a> {
    /// What everybody may know of an event: when it is.
    fn busy(event: &'a event::Event) -> Self {
        let (starts_at, ends_at, starts_on, ends_on) = match &event.schedule {
            Schedule::Timed { start, .. } => (Some(start.instant), event.schedule.ends_at(), None, None),
            Schedule::AllDay { first, last, .. } => (None, None, Some(first.to_string()), Some(last.to_string())),
        };
        Self {
            id: event.id,
            busy: true,
            title: "",
            all_day: event.schedule.is_all_day(),
            starts_at,
            ends_at,
            starts_on,
            ends_on,
            time_zone: event.schedule.zone().name(),
            location: None,
            comment: None,
            contact: None,
            assignees: &[],
            reminders: None,
            reminder_days: &[],
            status: Status::Planned,
            visibility: event.visibility,
            revision: event.revision,
            created_by: None,
            created_at: None,
            updated_at: None,
        }
    }
}

/// A page of events, by start.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct EventList<'a> {
    /// By start.
    pub events: Vec<EventItem<'a>>,
    /// For the next page; null: there is none.
    pub next_cursor: Option<String>,
}

impl<'a> From<&'a EventPage> for EventList<'a> {
    fn from(page: &'a EventPage) -> Self {
        Self {
            events: page.events.iter().map(EventItem::from).collect(),
            next_cursor: page.next.map(|cursor| format!("{}.{}", cursor.starts_at.as_ms(), cursor.id)),
        }
    }
}

/// Reads the cursor of an earlier page.
pub(crate) fn parse_cursor(text: &str) -> Result<EventsCursor, Invalid> {
    let cursor = text.split_once('.').and_then(|(ms, id)| {
        let starts_at = Timestamp::from_ms(ms.parse().ok()?)?;
        Some(EventsCursor { starts_at, id: id.parse().ok()? })
    });
    cursor.ok_or_else(|| Invalid::new("cursor", "is not one of this hub"))
}

/// What an event is made from.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct EventInput {
    /// One line.
    pub title: Option<String>,
    /// Left out, it follows from which start is given.
    pub all_day: Option<bool>,
    /// With an offset, or as wall time of `time_zone`.
    pub starts_at: Option<String>,
    /// Not before the start.
    pub ends_at: Option<String>,
    /// First day of an all-day event.
    pub starts_on: Option<String>,
    /// Last day of an all-day event, included.
    pub ends_on: Option<String>,
    /// IANA name; left out, the creator's.
    pub time_zone: Option<String>,
    /// Where.
    pub location: Option<String>,
    /// Anything else, several lines.
    pub comment: Option<String>,
    /// With whom.
    #[cfg_attr(test, ts(as = "Option<Contact<'static>>"))]
    pub contact: Option<Object<Contact<'static>>>,
    /// Ids of people.
    pub assignees: Option<Vec<String>>,
    /// Minutes before the start; null: each assignee's own.
    pub reminders: Option<Vec<u32>>,
    /// Days before an all-day event.
    pub reminder_days: Option<Vec<u32>>,
    /// `planned` if left out.
    pub status: Option<String>,
    /// `team` if left out.
    pub visibility: Option<String>,
}

impl EventInput {
    /// The wish, with every field of the right form.
    pub(crate) fn parse(self) -> Result<Draft, Invalid> {
        Ok(Draft {
            title: self.title,
            all_day: self.all_day,
            starts_at: time("starts_at", self.starts_at)?,
            ends_at: time("ends_at", self.ends_at)?,
            starts_on: date("starts_on", self.starts_on)?,
            ends_on: date("ends_on", self.ends_on)?,
            time_zone: self.time_zone.map(|name| Zone::parse("time_zone", &name)).transpose()?,
            location: self.location,
            comment: self.comment,
            contact: self.contact.map(|Object(contact)| contact.parse()).transpose()?.flatten(),
            assignees: self.assignees.as_deref().map(people).transpose()?.unwrap_or_default(),
            reminders: minutes(self.reminders)?,
            reminder_days: days(self.reminder_days)?,
            status: self.status.map(|status| Status::parse(&status)).transpose()?,
            visibility: self.visibility.map(|visibility| Visibility::parse(&visibility)).transpose()?,
        })
    }
}

/// A merge patch (RFC 7396): what is left out stays, null empties.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct EventPatch {
    /// One line.
    #[serde(deserialize_with = "given")]
    pub title: Option<Option<String>>,
    /// Whether it takes whole days.
    #[serde(deserialize_with = "not_null")]
    pub all_day: Option<bool>,
    /// Alone, it keeps the duration.
    #[serde(deserialize_with = "given")]
    pub starts_at: Option<Option<String>>,
    /// Not before the start.
    #[serde(deserialize_with = "given")]
    pub ends_at: Option<Option<String>>,
    /// Alone, it keeps the number of days.
    #[serde(deserialize_with = "given")]
    pub starts_on: Option<Option<String>>,
    /// Included.
    #[serde(deserialize_with = "given")]
    pub ends_on: Option<Option<String>>,
    /// Alone, it keeps the wall time and so moves the event.
    #[serde(deserialize_with = "not_null")]
    pub time_zone: Option<String>,
    /// Where.
    #[serde(deserialize_with = "given")]
    pub location: Option<Option<String>>,
    /// Anything else, several lines.
    #[serde(deserialize_with = "given")]
    pub comment: Option<Option<String>>,
    /// With whom; replaced whole.
    #[serde(deserialize_with = "given")]
    #[cfg_attr(test, ts(as = "Option<Option<Contact<'static>>>"))]
    pub contact: Option<Option<Object<Contact<'static>>>>,
    /// Ids of people; replaced whole.
    #[serde(deserialize_with = "given_list")]
    pub assignees: Option<Vec<String>>,
    /// Minutes before the start; null: each assignee's own.
    #[serde(deserialize_with = "given")]
    pub reminders: Option<Option<Vec<u32>>>,
    /// Days before an all-day event; null: on the day itself.
    #[serde(deserialize_with = "given")]
    pub reminder_days: Option<Option<Vec<u32>>>,
    /// Where it stands.
    #[serde(deserialize_with = "not_null")]
    pub status: Option<String>,
    /// Who may see what it is about.
    #[serde(deserialize_with = "not_null")]
    pub visibility: Option<String>,
}

impl EventPatch {
    /// The wish, with every field of the right form.
    pub(crate) fn parse(self) -> Result<Patch, Invalid> {
        Ok(Patch {
            title: self.title,
            all_day: self.all_day,
            starts_at: self.starts_at.map(|text| time("starts_at", text)).transpose()?,
            ends_at: self.ends_at.map(|text| time("ends_at", text)).transpose()?,
            starts_on: self.starts_on.map(|text| date("starts_on", text)).transpose()?,
            ends_on: self.ends_on.map(|text| date("ends_on", text)).transpose()?,
            time_zone: self.time_zone.map(|name| Zone::parse("time_zone", &name)).transpose()?,
            location: self.location,
            comment: self.comment,
            contact: self
                .contact
                .map(|contact| contact.map(|Object(contact)| contact.parse()).transpose())
                .transpose()?
                .map(Option::flatten),
            assignees: self.assignees.as_deref().map(people).transpose()?,
            reminders: self.reminders.map(minutes).transpose()?,
            reminder_days: self.reminder_days.map(days).transpose()?,
            status: self.status.map(|status| Status::parse(&status)).transpose()?,
            visibility: self.visibility.map(|visibility| Visibility::parse(&visibility)).transpose()?,
        })
    }
}

fn time(field: &str, text: Option<String>) -> Result<Option<WrittenTime>, Invalid> {
    text.map(|text| WrittenTime::parse(field, &text)).transpose()
}

fn date(field: &str, text: Option<String>) -> Result<Option<chrono::NaiveDate>, Invalid> {
    text.map(|text| parse_date(field, &text)).transpose()
}

fn minutes(minutes: Option<Vec<u32>>) -> Result<Option<ReminderMinutes>, Invalid> {
    minutes.map(|minutes| ReminderMinutes::parse("reminders", minutes)).transpose()
}

fn days(days: Option<Vec<u32>>) -> Result<Option<ReminderDays>, Invalid> {
    days.map(|days| ReminderDays::parse("reminder_days", days)).transpose()
}

fn people(ids: &[String]) -> Result<Vec<PersonId>, Invalid> {
    let parse =
        |id: &String| id.parse().map_err(|_| Invalid::new("assignees", "has something that is not a person's id"));
    ids.iter().map(parse).collect()
}
