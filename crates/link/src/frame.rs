//! What a desktop reads of a hub's frames: no more than it acts on, so that a newer hub may add.

use rappel_core::{NotificationId, Timestamp};
use rappel_store::HubIdentity;
use serde::{Deserialize, Deserializer};
use uuid::Uuid;

/// A frame from the hub.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum Frame {
    /// The first one: where the hub stands.
    ConnectionEstablished {
        /// Notifications not yet read.
        unread_count: u64,
        /// The newest notification of this person.
        seq: u64,
        /// The newest change to a notification of this person.
        change: u64,
        /// What time it is on the hub.
        #[serde(deserialize_with = "instant")]
        now: Timestamp,
        /// Which hub, and which history of it.
        hub: HubName,
    },
    /// A notification that this session was not told of before.
    EventNotification {
        /// The row.
        notification: Box<Notification>,
        /// Notifications not yet read.
        unread_count: u64,
    },
    /// One row was read, snoozed, dismissed or withdrawn, here or elsewhere.
    NotificationUpdated {
        /// The row as it is now.
        notification: Box<Notification>,
        /// Notifications not yet read.
        unread_count: u64,
    },
    /// Everything was marked as read.
    UnreadCountUpdated {
        /// Notifications not yet read.
        unread_count: u64,
        /// The change that did it.
        change: u64,
    },
    /// The cursor is unknown to this hub: the lists are to be fetched again.
    SnapshotRequired,
    /// The hub's clock leapt, and it wants to know what this desktop's own clock shows.
    ClockWanted,
    /// Whether the hub can store anything; as long as it cannot, nobody is reminded.
    HubTrouble {
        /// Why it cannot; `None`: it can again.
        trouble: Option<Trouble>,
    },
    /// Who asks to be let in, for those who may decide about it: all of them, each time that it changes.
    JoinRequests {
        /// In the order in which they came.
        requests: Vec<JoinRequest>,
    },
    /// An event in the watched range changed.
    EventChanged,
    /// An event in the watched range was deleted.
    EventDeleted,
    /// A frame that a desktop has no use for.
    #[serde(other)]
    Other,
}

/// Why a hub can store nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trouble {
    /// There is no space left on its disk.
    DiskFull,
    /// Its disk does not work, or whatever a newer hub says.
    #[serde(other)]
    Storage,
}

/// Somebody waits to be let in. What it says of them is their own word.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct JoinRequest {
    /// Which.
    pub id: String,
    /// The name they typed, or that of the person they chose.
    pub name: String,
    /// What their device says it is.
    pub device_name: String,
    /// The person they chose from the invitation.
    pub person_id: Option<String>,
    /// Somebody of the team whose name reads like the typed one.
    pub looks_like: Option<String>,
    /// Whether they have the link or code of an invitation for everybody.
    pub invited: bool,
}

/// Which hub this is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub struct HubName {
    /// Stays with the data.
    pub id: Uuid,
    /// One more with each restore of a backup.
    pub epoch: u64,
}

impl From<HubName> for HubIdentity {
    fn from(HubName { id, epoch }: HubName) -> Self {
        Self { id, epoch }
    }
}

/// How a notification came to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// In time, or late but still of use: to be shown.
    Fired,
    /// Too late for a popup: it is told on the card.
    Missed,
    /// An outcome of a newer hub: stands in the list.
    #[serde(other)]
    Other,
}

/// A notification, as far as a popup needs it.
#[derive(Debug, Clone, PartialEq, Deserialize)]
pub struct Notification {
    /// Identity, and the tag of its popup.
    pub id: NotificationId,
    /// Its place among this person's notifications.
    pub seq: u64,
    /// The latest change to it.
    pub change: u64,
    /// `assigned`, `30min_before`, `moved`, …
    pub notification_type: String,
    /// How it came to be.
    pub outcome: Outcome,
    /// Its headline, in the person's language.
    pub title: String,
    /// What it says, in the person's language.
    pub message: String,
    /// The event as it was when the hub decided.
    pub event: EventBrief,
    /// When the hub decided.
    #[serde(deserialize_with = "instant")]
    pub created_at: Timestamp,
    /// What was snoozed and is told again here.
    #[serde(default)]
    pub parent_id: Option<NotificationId>,
    /// Read, dismissed, snoozed or withdrawn.
    pub is_read: bool,
    /// Set once it was dismissed.
    pub dismissed_at: Option<String>,
    /// Set once it was snoozed.
    pub snoozed_until: Option<String>,
    /// Set once it no longer holds.
    pub withdrawn_at: Option<String>,
}

impl Notification {
    /// Whether the person has settled it, or the hub has taken it back: its popup is to close.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.dismissed_at.is_some() || self.snoozed_until.is_some() || self.withdrawn_at.is_some()
    }
}

/// The event of a notification. A summary over several events has none of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct EventBrief {
    /// The event's id.
    #[serde(default)]
    pub id: Option<String>,
    /// What it is called, where somebody named it.
    #[serde(default)]
    pub title: Option<String>,
    /// Where it is.
    #[serde(default)]
    pub location: Option<String>,
    /// Whom it is with.
    #[serde(default)]
    pub contact_name: Option<String>,
    /// When it starts, RFC 3339.
    #[serde(default)]
    pub datetime: Option<String>,
    /// It has days and no times.
    #[serde(default)]
    pub all_day: bool,
    /// The zone that its times were written in.
    #[serde(default)]
    pub time_zone: Option<String>,
}

/// An instant as the hub writes it.
fn instant<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
    let text = String::deserialize(deserializer)?;
    Timestamp::parse_rfc3339(&text).ok_or_else(|| serde::de::Error::custom("not an instant"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_frame_of_a_newer_hub_is_passed_over() {
        let frame: Frame = serde_json::from_str(r#"{"type":"rumour","heard":true}"#).expect("any frame can be read");
        assert_eq!(frame, Frame::Other);
    }

    #[test]
    fn the_question_for_the_clock_is_understood() {
        let asked =
            serde_json::to_string(&rappel_hub::wire::frame::HubFrame::ClockWanted).expect("as the hub writes it");
        assert_eq!(serde_json::from_str::<Frame>(&asked).expect("a frame"), Frame::ClockWanted);
    }

    #[test]
    fn trouble_of_a_newer_hub_is_trouble() {
        for (text, trouble) in [
            (r#""disk_full""#, Some(Trouble::DiskFull)),
            (r#""storage""#, Some(Trouble::Storage)),
            (r#""gremlins""#, Some(Trouble::Storage)),
            ("null", None),
        ] {
            let frame = format!(r#"{{"type":"hub_trouble","trouble":{text}}}"#);
            let frame: Frame = serde_json::from_str(&frame).expect("a frame");
            assert_eq!(frame, Frame::HubTrouble { trouble });
        }
    }

    #[test]
    fn fields_that_are_not_known_are_passed_over() {
        let frame: Frame = serde_json::from_str(
            r#"{"type":"connection_established","unread_count":3,"seq":42,"change":97,"now":"2026-11-23T08:30:00.000Z",
                "hub":{"id":"01930000-0000-7000-8000-000000000009","epoch":1,"version":"0"},"mood":"good"}"#,
        )
        .expect("the first frame");
        let Frame::ConnectionEstablished { unread_count, seq, change, now, hub } = frame else {
            panic!("another frame: {frame:?}");
        };
        assert_eq!((unread_count, seq, change, hub.epoch), (3, 42, 97, 1));
        assert_eq!(now.to_string(), "2026-11-23T08:30:00.000Z");
    }
}
