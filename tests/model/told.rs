//! What a session has told, so that one can wait until it has told all.

use std::collections::BTreeMap;

use rappel_link::NotificationId;
use serde_json::Value;

/// A row's id, if it was dismissed, put off or withdrawn.
pub(crate) fn settled(row: &Value) -> Option<NotificationId> {
    let is_settled = ["withdrawn_at", "dismissed_at", "snoozed_until"].iter().any(|when| !row[*when].is_null());
    is_settled.then(|| row["id"].as_str().and_then(|id| id.parse().ok())).flatten()
}

/// What a session has told so far.
#[derive(Default)]
pub(crate) struct Told {
    /// Up to which row and change the device knew before; `None` until the first frame says it.
    from: Option<(u64, u64)>,
    is_greeted: bool,
    /// The latest change of each row that was told, by its place.
    rows: BTreeMap<u64, u64>,
    /// Up to which change everything was read.
    bulk: u64,
}

impl Told {
    /// A session begins where the device says that it stands.
    pub(crate) fn since(from: Option<(u64, u64)>) -> Self {
        Self { from, ..Self::default() }
    }

    pub(crate) fn has_all(&self, changes: &[u64]) -> bool {
        let Some((seq, change)) = self.from.filter(|_| self.is_greeted) else { return false };
        changes.iter().zip(1..).all(|(latest, place)| match self.rows.get(&place) {
            Some(told) => told.max(&self.bulk) >= latest,
            None => place <= seq && (*latest <= change || *latest <= self.bulk),
        })
    }

    pub(crate) fn hear(&mut self, text: &str, changes: &[u64]) {
        let frame: Value = serde_json::from_str(text).expect("a frame is JSON");
        let number = |value: &Value| value.as_u64().unwrap_or(0);
        match frame["type"].as_str() {
            Some("connection_established") => {
                let heads = (number(&frame["seq"]), number(&frame["change"]));
                let from = *self.from.get_or_insert(heads);
                // The hub cannot know such a cursor, and says so.
                self.is_greeted = from.0 == 0 || (from.0 <= heads.0 && from.1 <= heads.1);
            }
            Some("event_notification" | "notification_updated") => {
                let row = &frame["notification"];
                let told = self.rows.entry(number(&row["seq"])).or_default();
                *told = number(&row["change"]).max(*told);
            }
            Some("unread_count_updated") => self.bulk = self.bulk.max(number(&frame["change"])),
            // The device fetches the list, which has everything.
            Some("snapshot_required") => {
                self.is_greeted = true;
                self.from = Some((changes.len() as u64, changes.iter().copied().max().unwrap_or(0)));
            }
            _ => {}
        }
    }
}
