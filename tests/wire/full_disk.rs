//! A disk without space: nothing is acknowledged that is not stored, everybody is told, reading
//! goes on, reminders wait; and with space everything goes on by itself.
//!
//! Where no disk can be mounted, these tests say so and check nothing.

use serde_json::{Value, json};

use crate::harness::{Client, Office, Session, event_in, moment, wait_for_clock};

const DAY: i64 = 86_400;
/// Enough for an office and its log, little enough to be filled at once.
const DISK_KIB: u32 = 8 * 1024;
/// More commits than fit into what is left in pages that are there already.
const TRIES: usize = 50;

/// An office on a small disk; `None` where there can be none.
fn office_on_a_small_disk() -> Option<(Office, Client)> {
    let mut office = Office::new();
    if let Err(why) = office.put_on_disk(DISK_KIB) {
        eprintln!("SKIPPED: no disk can be mounted here: {why}");
        return None;
    }
    Some(office.opened())
}

/// Creates events until the hub says that it cannot: the ids of those that it stored.
fn create_until_full(client: &Client, assignee: &str) -> Vec<Value> {
    let mut stored = Vec::new();
    for _ in 0..TRIES {
        let answer = client.post("/api/events", &event_in(DAY, &[assignee]));
        if answer.status != 201 {
            assert_eq!(answer.refusal(503), "disk_full");
            let message = answer.json()["error"]["message"].as_str().unwrap().to_owned();
            assert!(message.contains("disk of the hub is full"), "in words for a person: {message}");
            return stored;
        }
        stored.push(answer.json()["id"].clone());
    }
    panic!("the disk is not full after {TRIES} events");
}

/// The frames up to the one that says how the hub is, and what it says.
fn until_trouble(session: &mut Session) -> (Vec<Value>, Value) {
    let mut frames = Vec::new();
    loop {
        let mut frame = session.next();
        if frame["type"] == "hub_trouble" {
            return (frames, frame["trouble"].take());
        }
        frames.push(frame);
    }
}

fn trouble_in_status(office: &Office) -> Value {
    let status: Value = serde_json::from_str(office.run(&["status", "--json"]).out()).unwrap();
    assert_eq!(status["running"], true);
    status["trouble"].clone()
}

#[test]
fn what_cannot_be_stored_is_refused_and_all_else_goes_on() {
    let Some((office, admin)) = office_on_a_small_disk() else { return };
    let ann = admin.add("Ann");
    let mut session = ann.session();
    let before = admin.create(&event_in(DAY, &[&ann.id]));
    let row = session.next_notification("assigned");
    assert_eq!(admin.get("/api/health").expect(200)["trouble"], Value::Null);
    assert_eq!(trouble_in_status(&office), Value::Null);

    office.disk().fill();
    let mut stored = vec![before["id"].clone()];
    stored.extend(create_until_full(&admin, &ann.id));
    let (frames, trouble) = until_trouble(&mut session);
    assert_eq!(trouble, "disk_full", "who only looks is told, too");
    assert_eq!(frames.len(), stored.len() - 1, "what was stored was told of: {frames:?}");
    let health = office.nobody().get("/api/health").expect(200);
    assert_eq!((&health["status"], &health["trouble"]), (&json!("trouble"), &json!("disk_full")));
    assert_eq!(trouble_in_status(&office), "disk_full");
    assert!(office.run(&["status"]).out().contains("the disk is full"));

    let event = format!("/api/events/{}", before["id"].as_str().unwrap());
    let id = row["id"].as_str().unwrap();
    for refused in [
        admin.patch(&event, &json!({ "title": "Visite du toit" })),
        admin.delete(&event),
        ann.post(&format!("/api/notifications/{id}/dismiss"), &json!({})),
        ann.post(&format!("/api/notifications/{id}/snooze"), &json!({ "minutes": 5 })),
        ann.post("/api/notifications/mark-all-read", &json!({})),
    ] {
        assert_eq!(refused.refusal(503), "disk_full");
    }
    session.send(&json!({ "type": "mark_read", "notification_id": id }));
    assert_eq!(session.next_of("error")["error"]["code"], "disk_full", "and the session goes on");
    assert_eq!(admin.get(&event).expect(200)["title"], before["title"]);
    assert_eq!(ann.inbox().len(), stored.len());
    let (mut late_comer, first) = ann.session_at("since=0");
    assert_eq!(first["seq"], stored.len());
    assert_eq!(late_comer.next_of("hub_trouble")["trouble"], "disk_full", "who comes is told at once");

    office.disk().free();
    let (between, trouble) = until_trouble(&mut session);
    assert_eq!((between.len(), trouble), (0, Value::Null), "nobody has written meanwhile, and yet it is known");
    stored.push(admin.create(&event_in(DAY, &[&ann.id]))["id"].clone());
    assert_eq!(session.next_notification("assigned")["seq"], stored.len(), "what was refused took no number");
    assert_eq!(admin.get("/api/health").expect(200)["trouble"], Value::Null);
    let inbox = ann.inbox();
    assert_eq!(inbox.iter().map(|row| row["event_id"].clone()).collect::<Vec<_>>(), stored);
    assert!(inbox.iter().all(|row| row["is_read"] == false), "what was refused was not done");
}

#[test]
fn a_reminder_waits_until_it_can_be_recorded_and_is_then_told_late() {
    let Some((mut office, admin)) = office_on_a_small_disk() else { return };
    let ann = admin.add("Ann");
    let event = admin.create(&event_in(5 * 60 + 2, &[&ann.id]));
    let due_at = moment(&event["starts_at"]).as_ms() - 5 * 60_000;
    let mut session = ann.session();
    office.disk().fill();
    // Nobody writes anything: the reminder itself finds out.
    assert_eq!(until_trouble(&mut session), (vec![], json!("disk_full")));
    // Two seconds are not late yet. The hub tries all the time.
    wait_for_clock(due_at + 2_100);
    session.settle();
    assert_eq!(ann.inbox().len(), 1, "what is not recorded is not told");

    office.disk().free();
    let mut told = Vec::new();
    for _ in 0..2 {
        told.push(session.next());
    }
    told.sort_by_key(|frame| frame["type"].to_string());
    let reminder = &told[0]["notification"];
    assert_eq!((&reminder["notification_type"], &reminder["seq"]), (&json!("5min_before"), &json!(2)), "{told:?}");
    assert_eq!((&reminder["late"], &reminder["outcome"]), (&json!(true), &json!("fired")));
    assert_eq!(told[1], json!({ "type": "hub_trouble", "trouble": null }));
    office.restart();
    assert_eq!(ann.inbox().len(), 2, "told once");
}

#[test]
fn a_start_without_space_is_refused_in_clear_words() {
    let Some((mut office, admin)) = office_on_a_small_disk() else { return };
    let ann = admin.add("Ann");
    admin.create(&event_in(DAY, &[&ann.id]));
    for is_killed in [false, true] {
        if is_killed {
            office.kill();
        } else {
            office.terminate();
            assert!(office.wait().success());
        }
        office.disk().fill();
        let refused = office.run(&["serve", "--listen", "127.0.0.1:0", "--locale", "en"]);
        // The log of the attempt may stand before it.
        let said = refused.err.lines().last().unwrap_or_default();
        assert_eq!((refused.code, refused.out.as_str()), (1, ""), "{refused:?}");
        assert!(said.starts_with("rappel-hub: the disk ") && said.contains(" is full: "), "{refused:?}");
        office.disk().free();
        office.start();
        assert_eq!(ann.inbox().len(), 1, "nothing was lost by it");
    }
}
