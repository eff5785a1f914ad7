//! Notifications on the wire: one shape for lists and frames, a superset of what the CRM reads.

use rappel_core::Timestamp;
use rappel_core::notification::{EventSnapshot, Notification};
use rappel_store::NotificationPage;
use serde::{Deserialize, Serialize};

/// The event as it was when the notification was committed. Spelt as the CRM's front end has it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NotificationEvent {
    /// Identity.
    pub id: String,
    /// The start; of an all-day event 00:00 in its zone.
    pub datetime: String,
    /// The contact's id.
    pub contact_id: Option<String>,
    /// The contact's name.
    pub contact_name: Option<String>,
    /// As the contact is called.
    pub contact_phone: Option<String>,
    /// The whole comment.
    pub comment: Option<String>,
    /// One line; may be empty.
    pub title: String,
    /// Where.
    pub location: Option<String>,
    /// The end, if it has one.
    pub ends_at: Option<String>,
    /// Whether it takes whole days.
    pub all_day: bool,
    /// The event's own zone.
    pub time_zone: String,
}

impl From<&EventSnapshot> for NotificationEvent {
    fn from(event: &EventSnapshot) -> Self {
        let instant = |ms: i64| Timestamp::clamped_from_ms(ms).to_string();
        Self {
            id: event.id.to_string(),
            datetime: instant(event.starts_at_ms),
            contact_id: event.contact_id.clone(),
            contact_name: event.contact_name.clone(),
            contact_phone: event.contact_phone.clone(),
            comment: event.comment.clone(),
            title: event.title.clone(),
            location: event.location.clone(),
            ends_at: event.ends_at_ms.map(instant),
            all_day: event.all_day,
            time_zone: event.time_zone.clone(),
        }
    }
}

/// What the CRM's list reads of the kind of a notification.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NotificationData {
    /// As in the notification.
    pub notification_type: String,
    /// As in the notification.
    pub minutes_before: Option<u32>,
}

/// One line of a person's history.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NotificationItem {
    /// Identity.
    pub id: String,
    /// Its place in the history, without gaps.
    #[cfg_attr(test, ts(type = "number"))]
    pub seq: u64,
    /// The number of its latest insert or update.
    #[cfg_attr(test, ts(type = "number"))]
    pub change: u64,
    /// Always `event`.
    #[serde(rename = "type")]
    #[cfg_attr(test, ts(type = "\"event\""))]
    pub family: &'static str,
    /// `assigned`, `30min_before`, ….
    pub notification_type: String,
    /// Missed ones are listed and not popped up.
    #[cfg_attr(test, ts(type = "\"fired\" | \"missed\""))]
    pub outcome: &'static str,
    /// In the reader's language.
    pub title: String,
    /// In the reader's language and zone.
    pub message: String,
    /// Of a reminder of a timed event.
    pub minutes_before: Option<u32>,
    /// Which event.
    pub event_id: String,
    /// The event at that time.
    pub event: NotificationEvent,
    /// For the CRM's list.
    pub data: NotificationData,
    /// When it should have been told.
    pub due_at: String,
    /// When the hub decided it.
    pub created_at: String,
    /// Told more than two seconds after it was due.
    pub late: bool,
    /// What was put off and is told again here.
    pub parent_id: Option<String>,
    /// Read, dismissed, put off or withdrawn.
    pub is_read: bool,
    /// When its person was done with it.
    pub dismissed_at: Option<String>,
    /// When it will be told again.
    pub snoozed_until: Option<String>,
    /// When it stopped being true.
    pub withdrawn_at: Option<String>,
}

impl From<&Notification> for NotificationItem {
    fn from(row: &Notification) -> Self {
        let instant = |at: Option<Timestamp>| at.map(|at| at.to_string());
        let notification_type = row.kind.type_name();
        let minutes_before = row.kind.minutes_before();
        Self {
            id: row.id.to_string(),
            seq: row.seq,
            change: row.change,
            family: "event",
            notification_type: notification_type.clone(),
            outcome: row.outcome.as_str(),
            title: row.title.clone(),
            message: row.message.clone(),
            minutes_before,
            event_id: row.event.id.to_string(),
            event: NotificationEvent::from(&row.event),
            data: NotificationData { notification_type, minutes_before },
            due_at: row.due_at.to_string(),
            created_at: row.created_at.to_string(),
            late: row.late,
            parent_id: row.parent.map(|parent| parent.to_string()),
            is_read: row.is_read,
            dismissed_at: instant(row.dismissed_at),
            snoozed_until: instant(row.snoozed_until),
            withdrawn_at: instant(row.withdrawn_at),
        }
    }
}

/// A page of the reader's history, newest first.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NotificationList {
    /// Newest first.
    pub notifications: Vec<NotificationItem>,
    /// How many are neither read nor withdrawn.
    #[cfg_attr(test, ts(type = "number"))]
    pub unread_count: u64,
    /// The latest `seq`.
    #[cfg_attr(test, ts(type = "number"))]
    pub seq: u64,
    /// The latest change.
    #[cfg_attr(test, ts(type = "number"))]
    pub change: u64,
}

impl From<&NotificationPage> for NotificationList {
    fn from(page: &NotificationPage) -> Self {
        Self {
            notifications: page.notifications.iter().map(NotificationItem::from).collect(),
            unread_count: page.heads.unread,
            seq: page.heads.seq,
            change: page.heads.change,
        }
    }
}

/// How many are unread.
#[derive(Debug, Clone, Copy, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct UnreadCount {
    /// Neither read nor withdrawn.
    #[cfg_attr(test, ts(type = "number"))]
    pub unread_count: u64,
}

/// The wish to be told again.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct SnoozeInput {
    /// 1 to 10,080.
    pub minutes: u32,
}
