//! Many requests at the same time: one of them wins, and the order is the same for everybody.

use std::thread;

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Office, event_in};

const DAY: i64 = 86_400;
const MANY: usize = 8;
/// For more connections from one address than an office's machine makes.
const NO_LIMITS: [&str; 4] = ["--max-connections", "0", "--max-connections-per-address", "0"];

/// The answers to the same request, sent by many at the same time.
fn all_at_once(request: impl Fn() -> Answer + Sync) -> Vec<Answer> {
    thread::scope(|scope| {
        let senders: Vec<_> = (0..MANY).map(|_| scope.spawn(&request)).collect();
        senders.into_iter().map(|sender| sender.join().unwrap()).collect()
    })
}

fn count(answers: &[Answer], status: u16) -> usize {
    answers.iter().filter(|answer| answer.status == status).count()
}

#[test]
fn of_those_who_saw_the_same_revision_one_changes_it() {
    let (_office, admin) = Office::open();
    let event = admin.create(&event_in(DAY, &[]));
    let path = format!("/api/events/{}", event["id"].as_str().unwrap());
    let patch = json!({ "title": "Appel" });
    let answers = all_at_once(|| admin.request("PATCH", &path).header("if-match", "\"1\"").json(&patch).send());
    assert_eq!((count(&answers, 200), count(&answers, 412)), (1, MANY - 1), "{answers:?}");
    assert_eq!(admin.get(&path).expect(200)["revision"], 2);
}

#[test]
fn of_those_with_the_same_key_one_creates_and_all_get_its_answer() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let body = event_in(DAY, &[&ann.id]);
    let answers =
        all_at_once(|| admin.request("POST", "/api/events").header("idempotency-key", "k").json(&body).send());
    assert!(answers.iter().all(|answer| answer.status == 201 && answer.body == answers[0].body), "{answers:?}");
    assert_eq!(ann.inbox().len(), 1);
}

#[test]
fn of_those_with_the_same_invitation_one_gets_in() {
    let (office, admin) = Office::open();
    let body = json!({ "code": admin.invite(&admin.id), "device_name": "test" });
    let nobody = office.nobody();
    let answers = all_at_once(|| nobody.post("/api/pair", &body));
    assert_eq!((count(&answers, 200), count(&answers, 403)), (1, MANY - 1), "{answers:?}");
}

#[test]
fn what_many_do_at_once_comes_in_one_order_to_every_device() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let mut live = [ann.session(), ann.session()];
    let (mut replayed, _) = thread::scope(|scope| {
        for _ in 0..MANY {
            scope.spawn(|| (0..10).for_each(|_| drop(admin.create(&event_in(DAY, &[&ann.id])))));
        }
        ann.session_at("since=0")
    });
    let inbox = ann.inbox();
    assert_eq!(inbox.len(), 10 * MANY);
    for (index, row) in inbox.iter().enumerate() {
        assert_eq!(row["seq"], index + 1);
        for session in live.iter_mut().chain([&mut replayed]) {
            assert_eq!(session.next_notification("assigned"), *row);
        }
    }
}

#[test]
fn counts_agree_however_many_devices_act() {
    let (_office, admin) = Office::new().with(&NO_LIMITS).opened();
    let ann = admin.add("Ann");
    for _ in 0..MANY {
        admin.create(&event_in(DAY, &[&ann.id]));
    }
    let ids: Vec<String> = ann.inbox().iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect();
    let dismiss = |client: &Client, id: &str| client.post(&format!("/api/notifications/{id}/dismiss"), &json!({}));
    thread::scope(|scope| {
        for id in &ids {
            scope.spawn(|| all_at_once(|| dismiss(&ann, id)).iter().for_each(|answer| drop(answer.expect(200))));
        }
    });
    let list = ann.get("/api/notifications").expect(200);
    assert_eq!(list["unread_count"], 0);
    assert_eq!(list["change"], 2 * MANY, "each was told once and dismissed once");
    assert!(list["notifications"].as_array().unwrap().iter().all(|row: &Value| row["dismissed_at"].is_string()));
}
