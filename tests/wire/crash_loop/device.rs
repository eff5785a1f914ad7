//! A device as good clients are: it keeps its cursor and its ledger, and comes back with them.

use std::collections::BTreeMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Instant;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use super::chance::Chance;
use crate::harness::{Client, PATIENCE, Session};

/// What a device was told, and how far it is.
#[derive(Debug, Default)]
pub(super) struct Ledger {
    /// By `seq`, each as the last frame had it.
    pub(super) rows: BTreeMap<u64, Value>,
    /// The cursor for changes: everything up to it was told.
    change: u64,
    /// The highest change of any row.
    seen: u64,
    /// Where the hub stood when the present session began.
    heads: (u64, u64),
    /// How often it was connected.
    pub(super) connections: u64,
    /// What the hub confirmed to it: a notification's id, and what was done to it.
    pub(super) acknowledged: Vec<(String, &'static str)>,
    /// What no hub may do to a device.
    faults: Vec<String>,
    ending: bool,
}

impl Ledger {
    fn head(&self) -> u64 {
        self.rows.last_key_value().map_or(0, |(seq, _)| *seq)
    }

    fn is_at_head(&self) -> bool {
        self.head() >= self.heads.0 && self.seen >= self.heads.1
    }

    fn cursor(&self) -> String {
        let last = self.rows.last_key_value().and_then(|(_, row)| row["id"].as_str());
        let last_id = last.map(|id| format!("&last_id={id}")).unwrap_or_default();
        format!("/ws/notifications/?since={}{last_id}&changes_since={}", self.head(), self.change)
    }

    fn take(&mut self, frame: &Value) {
        let row = &frame["notification"];
        let number = |value: &Value| value.as_u64().unwrap_or_default();
        let (seq, change) = (number(&row["seq"]), number(&row["change"]));
        match frame["type"].as_str() {
            Some("connection_established") => {
                self.heads = (number(&frame["seq"]), number(&frame["change"]));
                self.connections += 1;
            }
            Some("event_notification") => {
                if seq != self.head() + 1 {
                    self.faults.push(format!("after {} came {row}", self.head()));
                }
                // After a replayed row there may be earlier changes of older ones still to come.
                if seq > self.heads.0 {
                    self.change = self.change.max(change);
                }
                self.seen = self.seen.max(change);
                self.rows.insert(seq, row.clone());
            }
            Some("notification_updated") => {
                if self.rows.get(&seq).is_none_or(|known| known["id"] != row["id"]) {
                    self.faults.push(format!("a change of what it was never told of: {row}"));
                }
                self.change = self.change.max(change);
                self.seen = self.seen.max(change);
                self.rows.insert(seq, row.clone());
            }
            _ => self.faults.push(format!("not to be expected: {frame}")),
        }
    }
}

/// A device of a person; its thread runs until it is told that the hub will not come back.
#[derive(Debug, Clone)]
pub(super) struct Device {
    pub(super) client: Client,
    shared: Arc<(Mutex<Ledger>, Condvar)>,
}

impl Device {
    pub(super) fn of(client: &Client) -> Self {
        Self { client: client.clone(), shared: Arc::default() }
    }

    /// Looks at the ledger.
    pub(super) fn with<T>(&self, look: impl FnOnce(&mut Ledger) -> T) -> T {
        look(&mut self.shared.0.lock().unwrap())
    }

    /// Follows the hub, however often it is gone, and now and then acts upon what it is told.
    pub(super) fn run(&self, mut chance: Chance) {
        while !self.with(|ledger| ledger.ending) {
            let path = self.with(|ledger| ledger.cursor());
            let Some(mut session) = self.client.try_session(&path) else {
                self.client.wait_for_hub();
                continue;
            };
            while let Some(frame) = session.try_next() {
                self.with(|ledger| ledger.take(&frame));
                self.shared.1.notify_all();
                if frame["type"] == "event_notification" {
                    self.act_upon(&frame["notification"], &mut session, &mut chance);
                }
            }
        }
    }

    fn act_upon(&self, row: &Value, session: &mut Session, chance: &mut Chance) {
        session.try_send_raw(Message::Text(json!({ "type": "ack", "seq": row["seq"] }).to_string().into()));
        if !chance.one_in(6) {
            return;
        }
        let (what, body) = match chance.below(4) {
            0 => ("dismiss", json!({})),
            1 => ("snooze", json!({ "minutes": 1 })),
            _ => ("read", json!({})),
        };
        let id = row["id"].as_str().unwrap();
        let Some(request) = self.client.try_request("POST", &format!("/api/notifications/{id}/{what}")) else { return };
        match request.json(&body).try_send() {
            Ok(answer) if answer.status == 200 => self.with(|ledger| ledger.acknowledged.push((id.to_owned(), what))),
            // It was withdrawn or dismissed meanwhile.
            Ok(answer) if answer.status == 409 => {}
            Ok(answer) => self.with(|ledger| ledger.faults.push(format!("{what}: {answer:?}"))),
            // The hub is gone.
            Err(_) => {}
        }
    }

    /// Waits until the ledger is as it should be.
    #[track_caller]
    pub(super) fn wait(&self, what: &str, is_so: impl Fn(&Ledger) -> bool) {
        let give_up_at = Instant::now() + PATIENCE;
        let mut ledger = self.shared.0.lock().unwrap();
        while !is_so(&ledger) {
            assert!(ledger.faults.is_empty(), "{:?}", ledger.faults);
            let left = give_up_at.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "{what} does not come about: {:?} of {:?}", ledger.seen, ledger.heads);
            ledger = self.shared.1.wait_timeout(ledger, left).unwrap().0;
        }
        assert!(ledger.faults.is_empty(), "{:?}", ledger.faults);
    }

    /// Waits until it has been connected so often and knows all that the hub knew then.
    #[track_caller]
    pub(super) fn wait_until_at_head(&self, connections: u64) {
        self.wait("the head", |ledger| ledger.connections >= connections && ledger.is_at_head());
    }

    /// Compares the newest rows, up to `limit`, with those of the hub.
    #[track_caller]
    pub(super) fn check_newest(&self, limit: u64) {
        let page = self.client.get(&format!("/api/notifications?limit={limit}")).expect(200);
        self.wait_for_state_of(&page);
        self.compare(&page);
    }

    /// Compares all rows with those of the hub.
    #[track_caller]
    pub(super) fn check_all(&self) {
        let mut page = self.client.get("/api/notifications?limit=500").expect(200);
        let head = self.wait_for_state_of(&page);
        let mut compared = 0;
        loop {
            self.compare(&page);
            let rows = page["notifications"].as_array().unwrap();
            compared += rows.len();
            let Some(oldest) = rows.last() else { break };
            page = self.client.get(&format!("/api/notifications?limit=500&before={}", oldest["seq"])).expect(200);
        }
        // What was put off may come again meanwhile.
        let told = self.with(|ledger| ledger.rows.range(..=head).count());
        assert_eq!(told, compared, "nothing was told that is not in the list");
    }

    /// Waits until it was told all that a list knows; the answer is the list's last `seq`.
    #[track_caller]
    fn wait_for_state_of(&self, page: &Value) -> u64 {
        let (seq, change) = (page["seq"].as_u64().unwrap(), page["change"].as_u64().unwrap());
        self.wait("the list's state", |ledger| ledger.head() >= seq && ledger.seen >= change);
        seq
    }

    #[track_caller]
    fn compare(&self, page: &Value) {
        self.with(|ledger| {
            for row in page["notifications"].as_array().unwrap() {
                let told = &ledger.rows[&row["seq"].as_u64().unwrap()];
                // What has changed since the list was read came by a frame only.
                let is_newer = told["change"].as_u64() > row["change"].as_u64();
                assert!(told == row || is_newer, "frames made it\n{told}\nand the list says\n{row}");
            }
        });
    }

    /// Has its thread end with the present session.
    pub(super) fn end(&self) {
        self.with(|ledger| ledger.ending = true);
    }
}
