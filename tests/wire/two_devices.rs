//! Two devices of one person act at the same time on one notification: whatever comes first, both end
//! alike, and so does a third one that was away.

use std::thread;

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Office, Session, event_in, moment};

const DAY: i64 = 86_400;
/// Often enough that both orders come about.
const ROUNDS: usize = 12;

/// Ann with two devices, and the admin who gives her events.
struct Ann {
    office: Office,
    admin: Client,
    phone: Client,
    laptop: Client,
}

impl Ann {
    fn with_devices() -> Self {
        let (office, admin) = Office::open();
        let phone = admin.add("Ann");
        let laptop = phone.pair(&admin.invite(&phone.id));
        Self { office, admin, phone, laptop }
    }

    /// A new event of hers; the notification that tells her.
    fn told(&self) -> Told {
        let event = self.admin.create(&event_in(DAY, &[&self.phone.id]));
        let row = self.phone.inbox().pop().unwrap();
        Told {
            event: format!("/api/events/{}", event["id"].as_str().unwrap()),
            row: format!("/api/notifications/{}", row["id"].as_str().unwrap()),
        }
    }

    /// What a device knows that leaves now.
    fn leaving(&self) -> Away {
        let change = self.phone.get("/api/notifications").expect(200)["change"].as_u64().unwrap();
        Away { rows: self.phone.inbox(), change }
    }

    /// What it knows when it is back.
    fn back(&self, away: Away) -> Vec<Value> {
        let Away { mut rows, change } = away;
        let known = rows.len();
        let last_id = rows[known - 1]["id"].as_str().unwrap();
        let cursor = format!("since={known}&last_id={last_id}&changes_since={change}");
        let (mut session, _) = self.phone.session_at(&cursor);
        let is_news = |(place, row): &(usize, &Value)| *place >= known || row["change"].as_u64() > Some(change);
        for _ in self.phone.inbox().iter().enumerate().filter(is_news) {
            let row = session.next()["notification"].take();
            let place = usize::try_from(row["seq"].as_u64().unwrap()).unwrap() - 1;
            if place == rows.len() { rows.push(row) } else { rows[place] = row }
        }
        session.settle();
        rows
    }
}

/// Where a device stood when it left.
struct Away {
    rows: Vec<Value>,
    change: u64,
}

/// One notification of Ann's, by its paths.
struct Told {
    event: String,
    row: String,
}

fn both<A: Send, B: Send>(one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
    thread::scope(|scope| {
        let one = scope.spawn(one);
        let other = other();
        (one.join().unwrap(), other)
    })
}

fn snooze(client: &Client, told: &Told, minutes: u32) -> Answer {
    client.post(&format!("{}/snooze", told.row), &json!({ "minutes": minutes }))
}

fn act(client: &Client, told: &Told, what: &str) -> Answer {
    client.post(&format!("{}/{what}", told.row), &json!({}))
}

/// The latest state that a session has of a row once it has heard all up to `change`.
fn heard(session: &mut Session, change: &Value) -> Value {
    loop {
        let mut frame = session.next();
        if frame["notification"]["change"] == *change {
            return frame["notification"].take();
        }
    }
}

#[test]
fn of_two_snoozes_the_later_due_wins() {
    let ann = Ann::with_devices();
    for _ in 0..ROUNDS {
        let told = ann.told();
        let (mut phone, mut laptop) = (ann.phone.session(), ann.laptop.session());
        let (short, long) = both(|| snooze(&ann.phone, &told, 5), || snooze(&ann.laptop, &told, 60));
        let (short, long) = (short.expect(200), long.expect(200));
        let row = ann.phone.inbox().pop().unwrap();
        assert_eq!(row["snoozed_until"], long["snoozed_until"], "whichever came first");
        assert!(moment(&short["snoozed_until"]) <= moment(&row["snoozed_until"]), "an answer is never ahead of it");
        assert_eq!(heard(&mut phone, &row["change"]), row);
        assert_eq!(heard(&mut laptop, &row["change"]), row);
    }
}

#[test]
fn of_a_snooze_and_a_dismissal_the_dismissal_stands() {
    let ann = Ann::with_devices();
    for _ in 0..ROUNDS {
        let told = ann.told();
        let (mut phone, mut laptop) = (ann.phone.session(), ann.laptop.session());
        let (snoozed, dismissed) = both(|| snooze(&ann.phone, &told, 5), || act(&ann.laptop, &told, "dismiss"));
        dismissed.expect(200);
        let row = ann.phone.inbox().pop().unwrap();
        assert!(row["dismissed_at"].is_string(), "{row}");
        let came_first = row["snoozed_until"].is_string();
        assert_eq!(snoozed.status, if came_first { 200 } else { 409 }, "{row}");
        assert_eq!(snooze(&ann.phone, &told, 5).refusal(409), "notification_dismissed");
        assert_eq!(heard(&mut phone, &row["change"]), row);
        assert_eq!(heard(&mut laptop, &row["change"]), row);
    }
}

#[test]
fn what_is_dismissed_while_it_is_withdrawn_is_closed_everywhere() {
    let ann = Ann::with_devices();
    for _ in 0..ROUNDS {
        let told = ann.told();
        let (mut phone, mut laptop) = (ann.phone.session(), ann.laptop.session());
        let (dismissed, _) = both(|| act(&ann.phone, &told, "dismiss"), || ann.admin.delete(&told.event).expect(204));
        dismissed.expect(200);
        let rows = ann.phone.inbox();
        let [row, notice] = &rows[rows.len() - 2..] else { unreachable!() };
        assert_eq!(notice["notification_type"], "cancelled");
        assert!(row["dismissed_at"].is_string(), "{row}");
        for session in [&mut phone, &mut laptop] {
            // What closes it and what tells why: in the order in which they came about.
            let mut latest = [Value::Null, Value::Null];
            while latest != [row.clone(), notice.clone()] {
                let mut frame = session.next();
                let heard = frame["notification"].take();
                let place = usize::from(heard["id"] == notice["id"]);
                latest[place] = heard;
            }
        }
        assert_eq!(snooze(&ann.laptop, &told, 5).status, 409);
    }
}

#[test]
fn reading_one_and_reading_all_count_once() {
    let ann = Ann::with_devices();
    for _ in 0..ROUNDS {
        let before = ann.phone.get("/api/notifications").expect(200);
        let told = [ann.told(), ann.told(), ann.told()];
        let (mut phone, mut laptop) = (ann.phone.session(), ann.laptop.session());
        let all = json!({});
        let (one, _) = both(
            || act(&ann.phone, &told[1], "read"),
            || ann.laptop.post("/api/notifications/mark-all-read", &all).expect(200),
        );
        one.expect(200);
        let list = ann.phone.get("/api/notifications").expect(200);
        assert_eq!(list["unread_count"], 0);
        let changes = list["change"].as_u64().unwrap() - before["change"].as_u64().unwrap();
        assert_eq!(changes, 6, "three were told, and each was read once");
        for session in [&mut phone, &mut laptop] {
            while session.next()["unread_count"] != 0 {}
        }
    }
}

#[test]
fn a_device_that_was_away_ends_as_the_others_do() {
    let mut ann = Ann::with_devices();
    // After each of the steps once, and once not at all.
    for restarted_after in 1..=7 {
        let mut steps = 0;
        let mut is_done = |ann: &mut Ann| {
            steps += 1;
            if steps == restarted_after {
                ann.office.restart();
            }
        };
        let told = [ann.told(), ann.told(), ann.told(), ann.told()];
        let away = ann.leaving();
        both(|| snooze(&ann.phone, &told[0], 5).expect(200), || snooze(&ann.laptop, &told[0], 60).expect(200));
        is_done(&mut ann);
        both(|| snooze(&ann.phone, &told[1], 5), || act(&ann.laptop, &told[1], "dismiss").expect(200));
        is_done(&mut ann);
        both(|| ann.admin.delete(&told[2].event).expect(204), || act(&ann.laptop, &told[2], "dismiss").expect(200));
        is_done(&mut ann);
        act(&ann.phone, &told[3], "read").expect(200);
        is_done(&mut ann);
        ann.laptop.post("/api/notifications/mark-all-read", &json!({})).expect(200);
        is_done(&mut ann);
        ann.told();
        is_done(&mut ann);
        assert_eq!(ann.back(away), ann.phone.inbox(), "restarted after step {restarted_after}");
    }
}
