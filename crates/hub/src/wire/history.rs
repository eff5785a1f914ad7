//! What became of notifications and reminders, on the wire.

use rappel_core::Timestamp;
use rappel_core::notification::Offset;
use rappel_store::{DeviceMoment, History, ReminderFate, SnoozeFate, Told};
use serde::Serialize;

/// The history of one of the reader's notifications.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct NotificationHistory {
    /// Which.
    pub notification_id: String,
    /// When it should have been told.
    pub due_at: String,
    /// When the hub decided it.
    pub created_at: String,
    /// From the one to the other, in milliseconds.
    #[cfg_attr(test, ts(type = "number"))]
    pub late_by_ms: i64,
    /// As in the notification.
    #[cfg_attr(test, ts(type = "\"fired\" | \"missed\""))]
    pub outcome: &'static str,
    /// Since when each device has had it, the first first.
    pub received: Vec<DeviceMomentItem>,
    /// When it was first before the reader's eyes on each device, the first first.
    pub seen: Vec<DeviceMomentItem>,
    /// When it was marked as read; null also where that is not known.
    pub read_at: Option<String>,
    /// When its person was done with it.
    pub dismissed_at: Option<String>,
    /// When it stopped being true.
    pub withdrawn_at: Option<String>,
    /// What was put off and is told again here.
    pub parent_id: Option<String>,
    /// When it was put off, and what came of that, the first first.
    pub snoozes: Vec<SnoozeFateItem>,
    /// What became of the reader's reminders of the same start, the first due first.
    pub reminders: Vec<ReminderFateItem>,
}

/// A device, and when it was.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "DeviceMoment"))]
pub struct DeviceMomentItem {
    /// Which device; it may have been revoked since.
    pub device_id: String,
    /// As its person calls it.
    pub name: String,
    /// What it is.
    #[cfg_attr(test, ts(type = "\"browser\" | \"desktop\" | \"token\""))]
    pub kind: &'static str,
    /// When.
    pub at: String,
}

/// What came of a wish to be told again.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "SnoozeFate"))]
pub struct SnoozeFateItem {
    /// When it was wished.
    pub snoozed_at: String,
    /// When it was to be told again.
    pub due_at: String,
    /// `collapsed`: a reminder said it. `cancelled`: another wish took its place, or there was
    /// nothing left to say.
    #[cfg_attr(test, ts(type = "\"pending\" | \"cancelled\" | \"fired\" | \"collapsed\" | \"missed\""))]
    pub state: &'static str,
    /// When it was told again.
    pub told_at: Option<String>,
    /// The notification that told it again.
    pub told_by: Option<String>,
}

/// What became of one of the reader's reminders.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "ReminderFate"))]
pub struct ReminderFateItem {
    /// Of a timed event.
    pub minutes_before: Option<u32>,
    /// Of an all-day event.
    pub days_before: Option<u32>,
    /// When it was, or is, due.
    pub due_at: String,
    /// `collapsed`: another reminder said it too. `skipped`: it was due before it was set, and a
    /// notice had said it.
    #[cfg_attr(test, ts(type = "\"pending\" | \"cancelled\" | \"fired\" | \"collapsed\" | \"skipped\" | \"missed\""))]
    pub state: &'static str,
    /// When it was told, or its being missed was.
    pub told_at: Option<String>,
    /// The notification that told it: its own, another one's, or the one that says it was missed.
    pub told_by: Option<String>,
}

/// The reader's reminders of an event, for the start that it has now.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct ReminderFateList {
    /// The first due first.
    pub reminders: Vec<ReminderFateItem>,
}

fn instant(at: Option<Timestamp>) -> Option<String> {
    at.map(|at| at.to_string())
}

fn told_columns(told: Option<Told>) -> (Option<String>, Option<String>) {
    (instant(told.map(|told| told.at)), told.map(|told| told.id.to_string()))
}

impl From<&History> for NotificationHistory {
    fn from(history: &History) -> Self {
        let row = &history.notification;
        Self {
            notification_id: row.id.to_string(),
            due_at: row.due_at.to_string(),
            created_at: row.created_at.to_string(),
            late_by_ms: (row.created_at - row.due_at).num_milliseconds(),
            outcome: row.outcome.as_str(),
            received: history.received.iter().map(DeviceMomentItem::from).collect(),
            seen: history.seen.iter().map(DeviceMomentItem::from).collect(),
            read_at: instant(history.read_at),
            dismissed_at: instant(row.dismissed_at),
            withdrawn_at: instant(row.withdrawn_at),
            parent_id: row.parent.map(|parent| parent.to_string()),
            snoozes: history.snoozes.iter().map(SnoozeFateItem::from).collect(),
            reminders: history.reminders.iter().map(ReminderFateItem::from).collect(),
        }
    }
}

impl From<&DeviceMoment> for DeviceMomentItem {
    fn from(moment: &DeviceMoment) -> Self {
        Self {
            device_id: moment.device.to_string(),
            name: moment.name.clone(),
            kind: moment.kind.as_str(),
            at: moment.at.to_string(),
        }
    }
}

impl From<&SnoozeFate> for SnoozeFateItem {
    fn from(fate: &SnoozeFate) -> Self {
        let (told_at, told_by) = told_columns(fate.told);
        Self {
            snoozed_at: fate.snoozed_at.to_string(),
            due_at: fate.due.to_string(),
            state: fate.state.as_str(),
            told_at,
            told_by,
        }
    }
}

impl From<&ReminderFate> for ReminderFateItem {
    fn from(fate: &ReminderFate) -> Self {
        let (minutes_before, days_before) = match fate.offset {
            Offset::Minutes(minutes) => (Some(minutes), None),
            Offset::Days(days) => (None, Some(days)),
        };
        let (told_at, told_by) = told_columns(fate.told);
        Self { minutes_before, days_before, due_at: fate.due.to_string(), state: fate.state.as_str(), told_at, told_by }
    }
}

impl From<&[ReminderFate]> for ReminderFateList {
    fn from(fates: &[ReminderFate]) -> Self {
        Self { reminders: fates.iter().map(ReminderFateItem::from).collect() }
    }
}
