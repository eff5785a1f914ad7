//! Notifications on the wire: one shape for lists and frames, a superset of what the CRM reads.

use std::borrow::Cow;

use rappel_core::notification::{EventSnapshot, Notification};
use rappel_core::{EventId, NotificationId, Timestamp};
use rappel_store::NotificationPage;
use serde::{Deserialize, Serialize, Serializer};

/// The event as it was when the notification was committed. Spelt as the CRM's front end has it.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NotificationEvent<'a> {
    /// Identity.
    #[cfg_attr(test, ts(type = "string"))]
    pub id: EventId,
    /// The start; of an all-day event 00:00 in its zone.
    #[cfg_attr(test, ts(type = "string"))]
    pub datetime: Timestamp,
    /// The contact's id.
    pub contact_id: Option<&'a str>,
    /// The contact's name.
    pub contact_name: Option<&'a str>,
    /// As the contact is called.
    pub contact_phone: Option<&'a str>,
    /// The whole comment.
    pub comment: Option<&'a str>,
    /// One line; may be empty.
    pub title: &'a str,
    /// Where.
    pub location: Option<&'a str>,
    /// The end, if it has one.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub ends_at: Option<Timestamp>,
    /// Whether it takes whole days.
    pub all_day: bool,
    /// The event's own zone.
    pub time_zone: &'a str,
}

impl<'a> From<&'a EventSnapshot> for NotificationEvent<'a> {
    fn from(event: &'a EventSnapshot) -> Self {
        Self {
            id: event.id,
            datetime: Timestamp::clamped_from_ms(event.starts_at_ms),
            contact_id: event.contact_id.as_deref(),
            contact_name: event.contact_name.as_deref(),
            contact_phone: event.contact_phone.as_deref(),
            comment: event.comment.as_deref(),
            title: &event.title,
            location: event.location.as_deref(),
            ends_at: event.ends_at_ms.map(Timestamp::clamped_from_ms),
            all_day: event.all_day,
            time_zone: &event.time_zone,
        }
    }
}

/// What the CRM's list reads of the kind of a notification.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NotificationData {
    /// As in the notification.
    #[cfg_attr(test, ts(type = "string"))]
    pub notification_type: Cow<'static, str>,
    /// As in the notification.
    pub minutes_before: Option<u32>,
}

/// One line of a person's history, written from where it is kept: each device is sent many.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NotificationItem<'a> {
    /// Identity.
    #[cfg_attr(test, ts(type = "string"))]
    pub id: NotificationId,
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
    #[cfg_attr(test, ts(type = "string"))]
    pub notification_type: Cow<'static, str>,
    /// Missed ones are listed and not popped up.
    #[cfg_attr(test, ts(type = "\"fired\" | \"missed\""))]
    pub outcome: &'static str,
    /// In the reader's language.
    pub title: &'a str,
    /// In the reader's language and zone.
    pub message: &'a str,
    /// Of a reminder of a timed event.
    pub minutes_before: Option<u32>,
    /// Which event.
    #[cfg_attr(test, ts(type = "string"))]
    pub event_id: EventId,
    /// The event at that time.
    pub event: NotificationEvent<'a>,
    /// For the CRM's list.
    pub data: NotificationData,
    /// When it should have been told.
    #[cfg_attr(test, ts(type = "string"))]
    pub due_at: Timestamp,
    /// When the hub decided it.
    #[cfg_attr(test, ts(type = "string"))]
    pub created_at: Timestamp,
    /// Told more than two seconds after it was due.
    pub late: bool,
    /// What was put off and is told again here.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub parent_id: Option<NotificationId>,
    /// Read, dismissed, put off or withdrawn.
    pub is_read: bool,
    /// When its person was done with it.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub dismissed_at: Option<Timestamp>,
    /// When it will be told again.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub snoozed_until: Option<Timestamp>,
    /// When it stopped being true.
    #[cfg_attr(test, ts(type = "string | null"))]
    pub withdrawn_at: Option<Timestamp>,
}

impl<'a> From<&'a Notification> for NotificationItem<'a> {
    fn from(row: &'a Notification) -> Self {
        let notification_type = row.kind.type_name();
        let minutes_before = row.kind.minutes_before();
        Self {
            id: row.id,
            seq: row.seq,
            change: row.change,
            family: "event",
            notification_type: notification_type.clone(),
            outcome: row.outcome.as_str(),
            title: &row.title,
            message: &row.message,
            minutes_before,
            event_id: row.event.id,
            event: NotificationEvent::from(&*row.event),
            data: NotificationData { notification_type, minutes_before },
            due_at: row.due_at,
            created_at: row.created_at,
            late: row.late,
            parent_id: row.parent,
            is_read: row.is_read,
            dismissed_at: row.dismissed_at,
            snoozed_until: row.snoozed_until,
            withdrawn_at: row.withdrawn_at,
        }
    }
}

/// Writes a row as the item that it is on the wire.
pub(crate) fn as_item<S: Serializer>(row: &Notification, serializer: S) -> Result<S::Ok, S::Error> {
    NotificationItem::from(row).serialize(serializer)
}

/// A page of the reader's history, newest first.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NotificationList<'a> {
    /// Newest first.
    pub notifications: Vec<NotificationItem<'a>>,
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

impl<'a> From<&'a NotificationPage> for NotificationList<'a> {
    fn from(page: &'a NotificationPage) -> Self {
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
