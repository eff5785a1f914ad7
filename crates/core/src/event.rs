//! An event: what happens, when, where, with whom, and for whom.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::invalid::{check_line, check_text};
use crate::person::{EMAIL_MAX, parse_email};
use crate::schedule::Schedule;
use crate::visible::is_blank;
use crate::{EventId, Invalid, PersonId, Timestamp};

/// The longest title, in characters.
pub const TITLE_MAX: usize = 200;
/// The longest place, in characters.
pub const LOCATION_MAX: usize = 200;
/// The longest comment, in characters.
pub const COMMENT_MAX: usize = 10_000;
/// The most people that one event may be assigned to.
pub const ASSIGNEES_MAX: usize = 2_000;
/// The earliest reminder: 28 days before, in minutes.
pub const REMINDER_MINUTES_MAX: u32 = 40_320;
/// The earliest reminder of an all-day event, in days.
pub const REMINDER_DAYS_MAX: u32 = 28;
/// The most reminders that one event may have.
pub const REMINDERS_MAX: usize = 10;

/// Where an event stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// It will happen: the only status in which anybody is reminded.
    Planned,
    /// It has been dealt with.
    Done,
    /// It will not happen.
    Cancelled,
}

impl Status {
    /// `planned`, `done` or `cancelled`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }

    /// Reads what [`Status::as_str`] writes.
    ///
    /// # Errors
    /// [`Invalid`] naming `status`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "planned" => Ok(Self::Planned),
            "done" => Ok(Self::Done),
            "cancelled" => Ok(Self::Cancelled),
            _ => Err(Invalid::new("status", "must be \"planned\", \"done\" or \"cancelled\"")),
        }
    }
}

/// Who may see what an event is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Visibility {
    /// Everybody of the office.
    Team,
    /// Its creator and its assignees; others see only that they are busy.
    Private,
}

impl Visibility {
    /// `team` or `private`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Team => "team",
            Self::Private => "private",
        }
    }

    /// Reads what [`Visibility::as_str`] writes.
    ///
    /// # Errors
    /// [`Invalid`] naming `visibility`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "team" => Ok(Self::Team),
            "private" => Ok(Self::Private),
            _ => Err(Invalid::new("visibility", "must be \"team\" or \"private\"")),
        }
    }
}

/// The customer an event is about. At least one of its parts says something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The contact's id in the system it comes from; opaque here.
    pub id: Option<String>,
    /// The contact's name.
    pub name: Option<String>,
    /// As it is dialled.
    pub phone: Option<String>,
    /// Where to write.
    pub email: Option<String>,
}

impl Contact {
    /// Checks the parts; empty ones count as absent, and a contact without any part is none.
    ///
    /// # Errors
    /// [`Invalid`] naming `contact.id`, `contact.name`, `contact.phone` or `contact.email`.
    pub fn parse(
        id: Option<String>,
        name: Option<String>,
        phone: Option<String>,
        email: Option<String>,
    ) -> Result<Option<Self>, Invalid> {
        let contact = Self { id: present(id), name: present(name), phone: present(phone), email: present(email) };
        for (field, part, max) in [
            ("contact.id", &contact.id, 200),
            ("contact.name", &contact.name, 200),
            ("contact.phone", &contact.phone, 50),
            ("contact.email", &contact.email, EMAIL_MAX),
        ] {
            if let Some(part) = part {
                check_line(field, part, max)?;
            }
        }
        if let Some(email) = &contact.email {
            parse_email("contact.email", email)?;
        }
        let says_something =
            [&contact.id, &contact.name, &contact.phone, &contact.email].into_iter().any(Option::is_some);
        Ok(says_something.then_some(contact))
    }
}

/// Minutes before the start at which people are reminded: each 0 to 40,320, at most ten, no two alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReminderMinutes(Vec<u32>);

impl ReminderMinutes {
    /// Checks the list.
    ///
    /// # Errors
    /// [`Invalid`] naming `field`.
    pub fn parse(field: &str, minutes: Vec<u32>) -> Result<Self, Invalid> {
        check_offsets(field, &minutes, REMINDER_MINUTES_MAX, "minutes")?;
        Ok(Self(minutes))
    }

    /// The minutes, in the order they were given.
    #[must_use]
    pub fn as_slice(&self) -> &[u32] {
        &self.0
    }
}

/// Days before an all-day event at which people are reminded: each 0 to 28, at most ten, no two alike.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ReminderDays(Vec<u32>);

impl ReminderDays {
    /// Checks the list.
    ///
    /// # Errors
    /// [`Invalid`] naming `field`.
    pub fn parse(field: &str, days: Vec<u32>) -> Result<Self, Invalid> {
        check_offsets(field, &days, REMINDER_DAYS_MAX, "days")?;
        Ok(Self(days))
    }

    /// The days, in the order they were given.
    #[must_use]
    pub fn as_slice(&self) -> &[u32] {
        &self.0
    }
}

/// On the day itself.
impl Default for ReminderDays {
    fn default() -> Self {
        Self(vec![0])
    }
}

fn check_offsets(field: &str, offsets: &[u32], max: u32, unit: &str) -> Result<(), Invalid> {
    if offsets.len() > REMINDERS_MAX {
        return Err(Invalid::new(field, format!("must have at most {REMINDERS_MAX} entries")));
    }
    if offsets.iter().any(|offset| *offset > max) {
        return Err(Invalid::new(field, format!("must be between 0 and {max} {unit}")));
    }
    let distinct: std::collections::HashSet<_> = offsets.iter().collect();
    if distinct.len() != offsets.len() {
        return Err(Invalid::new(field, "must not contain the same value twice"));
    }
    Ok(())
}

/// What an event says, apart from its schedule: text and people, checked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// Identity.
    pub id: EventId,
    /// One line; empty when comment or contact say what it is about.
    pub title: String,
    /// When.
    pub schedule: Schedule,
    /// Where.
    pub location: Option<String>,
    /// Anything else, several lines.
    pub comment: Option<String>,
    /// With whom.
    pub contact: Option<Contact>,
    /// For whom, without duplicates, in the order they were given.
    pub assignees: Vec<PersonId>,
    /// Reminders of a timed event; `None`: each assignee's own.
    pub reminders: Option<ReminderMinutes>,
    /// Reminders of an all-day event.
    pub reminder_days: ReminderDays,
    /// Where it stands.
    pub status: Status,
    /// Who may see what it is about.
    pub visibility: Visibility,
    /// 1 at first, one more with each change.
    pub revision: u64,
    /// Who made it.
    pub created_by: PersonId,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was last changed.
    pub updated_at: Timestamp,
    /// When it was deleted; it can be restored for 30 days.
    pub deleted_at: Option<Timestamp>,
}

impl Event {
    /// Whether it is still to happen as far as anybody said: planned and not deleted.
    #[must_use]
    pub fn is_active(&self) -> bool {
        self.status == Status::Planned && self.deleted_at.is_none()
    }

    /// Whether this person is one of its assignees.
    #[must_use]
    pub fn is_assigned(&self, person: PersonId) -> bool {
        self.assignees.contains(&person)
    }

    /// What it is called in a sentence: the contact's name, else the title; `None` with neither.
    #[must_use]
    pub fn company(&self) -> Option<&str> {
        let contact = self.contact.as_ref().and_then(|contact| contact.name.as_deref());
        contact.or((!self.title.is_empty()).then_some(self.title.as_str()))
    }

    /// Checks the rules that concern text and people.
    ///
    /// # Errors
    /// [`Invalid`] naming the first field that breaks one.
    pub fn check(&self) -> Result<(), Invalid> {
        check_line("title", &self.title, TITLE_MAX)?;
        if let Some(location) = &self.location {
            check_line("location", location, LOCATION_MAX)?;
        }
        if let Some(comment) = &self.comment {
            check_text("comment", comment, COMMENT_MAX)?;
        }
        if is_blank(&self.title) && self.comment.is_none() && self.contact.is_none() {
            return Err(Invalid::new("title", "is required where neither comment nor contact is given"));
        }
        if self.assignees.len() > ASSIGNEES_MAX {
            return Err(Invalid::new("assignees", format!("must have at most {ASSIGNEES_MAX} people")));
        }
        Ok(())
    }
}

/// An optional text of which one that shows nothing counts as absent.
#[must_use]
pub fn present(text: Option<String>) -> Option<String> {
    text.filter(|text| !is_blank(text))
}

/// Reads a date: `2026-11-23`.
///
/// # Errors
/// [`Invalid`] naming `field`.
pub fn parse_date(field: &str, text: &str) -> Result<NaiveDate, Invalid> {
    use chrono::Datelike;
    let date = NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().filter(|date| (1..=9999).contains(&date.year()));
    date.filter(|_| text.len() == 10).ok_or_else(|| Invalid::new(field, "must be a date such as 2026-11-23"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reminders_are_limited_in_range_number_and_repetition() {
        assert!(ReminderMinutes::parse("reminders", vec![0, 40_320]).is_ok());
        assert!(ReminderMinutes::parse("reminders", vec![]).is_ok(), "none at all is a choice");
        for wrong in [vec![40_321], vec![5, 5], (0..11).collect()] {
            let refused = ReminderMinutes::parse("reminders", wrong.clone()).unwrap_err();
            assert_eq!(refused.field, "reminders", "{wrong:?}");
        }
    }

    #[test]
    fn a_contact_without_any_part_is_none_and_wrong_parts_are_named() {
        assert_eq!(Contact::parse(None, Some("  ".into()), None, None).unwrap(), None);
        let refused = Contact::parse(None, Some("Marie".into()), None, Some("no address".into())).unwrap_err();
        assert_eq!(refused.field, "contact.email");
        let refused = Contact::parse(Some("a\u{0}".into()), None, None, None).unwrap_err();
        assert_eq!(refused.field, "contact.id");
    }

    #[test]
    fn dates_are_whole_and_real() {
        assert!(parse_date("starts_on", "2028-02-29").is_ok());
        for text in ["2026-02-29", "2026-1-1", "26-01-01", "2026-01-01T00:00:00", ""] {
            assert_eq!(parse_date("starts_on", text).unwrap_err().field, "starts_on", "{text:?}");
        }
    }
}
