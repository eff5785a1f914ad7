//! Ann with two devices, told of one event.

use serde_json::{Value, json};

use super::{Client, Office, event_in};

const DAY: i64 = 86_400;

/// Ann with two devices, told of one event that is a day ahead.
pub(crate) struct Ann {
    pub(crate) office: Office,
    pub(crate) admin: Client,
    pub(crate) phone: Client,
    pub(crate) laptop: Client,
    pub(crate) told: Value,
}

impl Ann {
    #[track_caller]
    pub(crate) fn with_two_devices() -> Self {
        let (office, admin) = Office::open();
        let phone = admin.add("Ann");
        let laptop = phone.pair(&admin.invite(&phone.id));
        admin.create(&event_in(DAY, &[&phone.id]));
        let told = phone.inbox().remove(0);
        Self { office, admin, phone, laptop, told }
    }

    /// Where something is done with what she was told: `read`, or `history`.
    pub(crate) fn path(&self, action: &str) -> String {
        format!("/api/notifications/{}/{action}", self.told["id"].as_str().unwrap())
    }

    /// A frame about what she was told.
    pub(crate) fn frame(&self, kind: &str) -> Value {
        json!({ "type": kind, "notification_id": self.told["id"] })
    }
}
