//! WebSocket frames: one JSON object each.

use std::sync::Arc;

use rappel_core::notification::Notification;
use serde::{Deserialize, Serialize};

use super::joining::JoinRequestItem;
#[cfg(test)]
use super::notification::NotificationItem;
use super::notification::as_item;
use super::{ErrorDetail, TroubleItem};

/// Which hub this is.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct HubItem {
    /// Stays with the data.
    pub id: String,
    /// One more with each restore of a backup.
    #[cfg_attr(test, ts(type = "number"))]
    pub epoch: u64,
    /// The program's version.
    pub version: &'static str,
}

/// What the hub sends.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum HubFrame {
    /// First: where the person's notifications stand.
    ConnectionEstablished {
        /// Neither read nor withdrawn.
        #[cfg_attr(test, ts(type = "number"))]
        unread_count: u64,
        /// The latest `seq`.
        #[cfg_attr(test, ts(type = "number"))]
        seq: u64,
        /// The latest change.
        #[cfg_attr(test, ts(type = "number"))]
        change: u64,
        /// The hub's clock.
        now: String,
        /// Which hub this is.
        hub: HubItem,
    },
    /// A new notification.
    EventNotification {
        /// It.
        #[serde(serialize_with = "as_item")]
        #[cfg_attr(test, ts(as = "NotificationItem<'static>"))]
        notification: Arc<Notification>,
        /// Neither read nor withdrawn.
        #[cfg_attr(test, ts(type = "number"))]
        unread_count: u64,
    },
    /// An earlier one was read, put off, dismissed or withdrawn, here or elsewhere.
    NotificationUpdated {
        /// As it is now.
        #[serde(serialize_with = "as_item")]
        #[cfg_attr(test, ts(as = "NotificationItem<'static>"))]
        notification: Arc<Notification>,
        /// Neither read nor withdrawn.
        #[cfg_attr(test, ts(type = "number"))]
        unread_count: u64,
    },
    /// All were marked as read.
    UnreadCountUpdated {
        /// Neither read nor withdrawn.
        #[cfg_attr(test, ts(type = "number"))]
        unread_count: u64,
        /// The number of the last of these changes.
        #[cfg_attr(test, ts(type = "number"))]
        change: u64,
    },
    /// Whether the hub can store anything: sent when that changes, and right after the first frame
    /// when it cannot. As long as it cannot, nothing can be saved and no reminder is told.
    HubTrouble {
        /// Why it cannot; null: it can again.
        trouble: Option<TroubleItem>,
    },
    /// An event in the watched range changed.
    EventChanged {
        /// Which.
        event_id: String,
        /// Its revision now.
        #[cfg_attr(test, ts(type = "number"))]
        revision: u64,
    },
    /// An event in the watched range was deleted.
    EventDeleted {
        /// Which.
        event_id: String,
    },
    /// To admins: those who ask to be let in, all of them, whenever they are others than before.
    JoinRequests {
        /// In the order in which they came.
        requests: Vec<JoinRequestItem>,
    },
    /// The cursor is unknown here: fetch the lists again.
    SnapshotRequired,
    /// The hub's clock leapt, and the hub wants to know what this device's own clock shows.
    ClockWanted,
    /// A frame could not be taken; the session goes on.
    Error {
        /// What went wrong.
        error: ErrorDetail,
    },
}

/// What a client sends.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case", deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub enum ClientFrame {
    /// As over HTTP.
    MarkRead {
        /// Which.
        notification_id: String,
    },
    /// As over HTTP.
    MarkAllRead {},
    /// As over HTTP.
    Snooze {
        /// Which.
        notification_id: String,
        /// 1 to 10,080.
        minutes: u32,
    },
    /// As over HTTP.
    Dismiss {
        /// Which.
        notification_id: String,
    },
    /// Everything up to `seq` is safe on this device.
    Ack {
        /// A receipt: it never changes what is replayed.
        #[cfg_attr(test, ts(type = "number"))]
        seq: u64,
    },
    /// These were before their person's eyes on this device: on its screen, and not in a hidden
    /// page.
    Seen {
        /// Which, at most 500. Those that are not there are passed over.
        notification_ids: Vec<String>,
        /// How long ago, in milliseconds, for a device that could not say so at once; 0 if left out.
        #[serde(default)]
        #[cfg_attr(test, ts(optional, as = "Option<u32>"))]
        ago_ms: u32,
    },
    /// What this device's own clock shows; welcome unasked, too.
    Clock {
        /// RFC 3339.
        now: String,
    },
    /// Tell me when an event in this range changes.
    WatchEvents {
        /// RFC 3339.
        from: String,
        /// RFC 3339.
        to: String,
    },
}
