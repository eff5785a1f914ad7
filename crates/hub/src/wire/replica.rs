//! What a joined desktop keeps for when the hub is off, and what it says afterwards.

use std::borrow::Cow;

use chrono::TimeDelta;
use rappel_core::arm::Purpose;
use rappel_core::id::SnoozeId;
use rappel_core::notification::Kind;
use rappel_core::{Invalid, Timestamp};
use rappel_store::{ReplicaReminder, ShownAway, ToldBefore, Wish};
use serde::{Deserialize, Serialize};

use super::event::EventItem;
use super::notification::NotificationList;
use super::person::{Me, PersonItem};

/// What one call may report.
const REPORTS_MAX: usize = 500;
/// The longest snooze: a week.
const SNOOZE_MAX: TimeDelta = TimeDelta::days(7);

/// What is coming for the reader, unless they have it already.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ReplicaItem<'a> {
    /// The hub's clock.
    pub now: String,
    /// The name of exactly this content.
    pub version: String,
    /// Null: it is the one that the reader has.
    pub content: Option<ReplicaContent<'a>>,
}

/// What is coming for the reader: 30 days and 2,000 rows, whichever is less.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ReplicaContent<'a> {
    /// As `GET /api/me`.
    pub me: Me,
    /// As `GET /api/people`.
    pub people: Vec<PersonItem>,
    /// The reader's own, by start; those of the last day too.
    pub events: Vec<EventItem<'a>>,
    /// The reader's pending ones, the first due first.
    pub reminders: Vec<ReplicaReminderItem>,
    /// The latest, newest first.
    pub notifications: NotificationList<'a>,
}

/// A pending reminder or snooze.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "ReplicaReminder"))]
pub struct ReplicaReminderItem {
    /// Of which event.
    pub event_id: String,
    /// Which start, as in a notification's key: `T:{unix ms}` or `D:YYYY-MM-DD`.
    pub start: String,
    /// `reminder` or `snooze`.
    #[cfg_attr(test, ts(type = "\"reminder\" | \"snooze\""))]
    pub purpose: &'static str,
    /// As in a notification's key: seconds before the start, `d:{days}`, or a UUID.
    pub param: String,
    /// When it is to be told.
    pub due_at: String,
    /// Due before it was armed, it is not told.
    pub armed_at: String,
    /// What a snooze tells again.
    pub told_before: Option<ToldBeforeItem>,
}

/// What a snooze tells again.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "ToldBefore"))]
pub struct ToldBeforeItem {
    /// Which notification.
    pub notification_id: String,
    /// `assigned`, `30min_before`, ….
    #[cfg_attr(test, ts(type = "string"))]
    pub notification_type: Cow<'static, str>,
    /// Of a `moved` one: the start it had.
    pub moved_from: Option<String>,
}

impl From<&ReplicaReminder> for ReplicaReminderItem {
    fn from(row: &ReplicaReminder) -> Self {
        let (purpose, param) = match row.armed.purpose {
            Purpose::Reminder(offset) => ("reminder", offset.param()),
            Purpose::Snooze(snooze) => ("snooze", snooze.to_string()),
        };
        Self {
            event_id: row.event.to_string(),
            start: row.armed.start.to_string(),
            purpose,
            param,
            due_at: row.armed.due.to_string(),
            armed_at: row.armed.armed_at.to_string(),
            told_before: row.told_before.map(ToldBeforeItem::from),
        }
    }
}

impl From<ToldBefore> for ToldBeforeItem {
    fn from(told: ToldBefore) -> Self {
        let moved_from = match told.kind {
            Kind::Moved { from } => Some(from.to_string()),
            Kind::Assigned | Kind::Unassigned | Kind::Cancelled | Kind::Reminder(_) | Kind::Missed => None,
        };
        Self { notification_id: told.id.to_string(), notification_type: told.kind.type_name(), moved_from }
    }
}

/// What a desktop did while it could not reach the hub.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ReplicaReports {
    /// At most 500. Those of no reminder of the caller's are passed over.
    pub reports: Vec<ReplicaReport>,
}

/// What a desktop did with one notification.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct ReplicaReport {
    /// Which, by its key: the hub need not have it.
    pub notification_id: String,
    /// Of which event.
    pub event_id: String,
    /// When it showed it, by the hub's clock; left out, it did not.
    pub shown_at: Option<String>,
    /// Whether its person is done with it.
    #[serde(default)]
    pub dismissed: bool,
    /// When its person wants to be told again.
    pub snooze: Option<ReplicaSnooze>,
}

/// A snooze that a desktop made.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ReplicaSnooze {
    /// A UUID of the desktop's.
    pub id: String,
    /// When, by the hub's clock; a week ahead at most.
    pub due_at: String,
}

impl ReplicaReports {
    /// The reports, with every field of the right form.
    pub(crate) fn parse(&self, now: Timestamp) -> Result<Vec<ShownAway>, Invalid> {
        if self.reports.len() > REPORTS_MAX {
            return Err(Invalid::new("reports", format!("must have at most {REPORTS_MAX}")));
        }
        self.reports.iter().map(|report| report.parse(now)).collect()
    }
}

impl ReplicaReport {
    fn parse(&self, now: Timestamp) -> Result<ShownAway, Invalid> {
        let no_id = |field: &'static str| move |_| Invalid::new(field, "is not an id");
        let wish = match (&self.snooze, self.dismissed) {
            (Some(_), true) => return Err(Invalid::new("snooze", "cannot go with \"dismissed\"")),
            (Some(snooze), false) => Some(Wish::Snoozed {
                id: snooze.id.parse::<SnoozeId>().map_err(no_id("snooze.id"))?,
                due: instant("snooze.due_at", &snooze.due_at)?.min(now + SNOOZE_MAX),
            }),
            (None, true) => Some(Wish::Dismissed),
            (None, false) => None,
        };
        Ok(ShownAway {
            id: self.notification_id.parse().map_err(no_id("notification_id"))?,
            event: self.event_id.parse().map_err(no_id("event_id"))?,
            shown_at: self.shown_at.as_deref().map(|text| instant("shown_at", text)).transpose()?,
            wish,
        })
    }
}

fn instant(field: &str, text: &str) -> Result<Timestamp, Invalid> {
    let wrong = || Invalid::new(field, "must be a time such as 2026-11-23T09:00:00Z");
    Timestamp::parse_rfc3339(text).ok_or_else(wrong)
}
