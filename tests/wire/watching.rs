//! Sessions that watch a range are told when an event in it changes; the others are not.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::harness::{Client, Office, Session, event_in};

const DAY: i64 = 86_400;

/// Watches the month of January 2031, and returns when the hub knows.
fn watching(client: &Client) -> Session {
    let mut session = client.session();
    watch(&mut session, "2031-01-01T00:00:00Z", "2031-02-01T00:00:00Z");
    session
}

fn watch(session: &mut Session, from: &str, to: &str) {
    session.send(&json!({ "type": "watch_events", "from": from, "to": to }));
    session.settle();
}

fn at(starts_at: &str) -> Value {
    json!({ "title": "Visite", "starts_at": starts_at })
}

#[test]
fn changes_in_the_range_are_told() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let mut session = watching(&ann);
    let event = admin.create(&at("2031-01-10T09:00:00Z"));
    let path = format!("/api/events/{}", event["id"].as_str().unwrap());
    assert_eq!(session.next(), json!({ "type": "event_changed", "event_id": event["id"], "revision": 1 }));
    admin.patch(&path, &json!({ "title": "Appel" })).expect(200);
    assert_eq!(session.next(), json!({ "type": "event_changed", "event_id": event["id"], "revision": 2 }));
    admin.delete(&path).expect(204);
    assert_eq!(session.next(), json!({ "type": "event_deleted", "event_id": event["id"] }));
    admin.post(&format!("{path}/restore"), &json!({})).expect(200);
    assert_eq!(session.next(), json!({ "type": "event_changed", "event_id": event["id"], "revision": 4 }));
}

#[test]
fn what_lies_outside_is_not_told_unless_it_comes_from_inside() {
    let (_office, admin) = Office::open();
    let mut session = watching(&admin);
    let outside = admin.create(&at("2031-03-10T09:00:00Z"));
    let inside = admin.create(&at("2031-01-10T09:00:00Z"));
    assert_eq!(session.next_of("event_changed")["event_id"], inside["id"], "the other lies outside");

    let path = |event: &Value| format!("/api/events/{}", event["id"].as_str().unwrap());
    admin.patch(&path(&inside), &json!({ "starts_at": "2031-04-10T09:00:00Z" })).expect(200);
    assert_eq!(session.next(), json!({ "type": "event_changed", "event_id": inside["id"], "revision": 2 }), "it left");
    admin.patch(&path(&inside), &json!({ "title": "Appel" })).expect(200);
    admin.patch(&path(&outside), &json!({ "starts_at": "2031-01-31T23:00:00Z" })).expect(200);
    assert_eq!(session.next(), json!({ "type": "event_changed", "event_id": outside["id"], "revision": 2 }), "it came");
}

#[test]
fn what_only_reaches_into_the_range_is_in_it() {
    let (_office, admin) = Office::open();
    let mut session = watching(&admin);
    let mut long = at("2030-12-31T20:00:00Z");
    long["ends_at"] = json!("2031-01-01T04:00:00Z");
    let long = admin.create(&long);
    assert_eq!(session.next_of("event_changed")["event_id"], long["id"]);
    let days = json!({ "title": "Salon", "starts_on": "2030-12-20", "ends_on": "2031-02-20" });
    let days = admin.create(&days);
    assert_eq!(session.next_of("event_changed")["event_id"], days["id"]);
}

#[test]
fn who_does_not_watch_is_not_told() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let (mut watching, mut other) = (watching(&admin), ann.session());
    admin.create(&at("2031-01-10T09:00:00Z"));
    watching.next_of("event_changed");
    admin.create(&event_in(DAY, &[&ann.id]));
    other.next_of("event_notification");
}

#[test]
fn many_changes_of_one_event_are_told_at_most_every_quarter_of_a_second() {
    let (_office, admin) = Office::open();
    let mut session = watching(&admin);
    let event = admin.create(&at("2031-01-10T09:00:00Z"));
    let path = format!("/api/events/{}", event["id"].as_str().unwrap());
    let begun = Instant::now();
    let mut revision = 1;
    while begun.elapsed() < Duration::from_millis(600) {
        revision += 1;
        admin.patch(&path, &json!({ "title": format!("Visite {revision}") })).expect(200);
    }
    let mut told = 0;
    loop {
        told += 1;
        if session.next_of("event_changed")["revision"] == revision {
            break;
        }
    }
    // One at once, and one for each quarter of a second that has begun since.
    let most = 1 + begun.elapsed().as_millis() / 250 + 1;
    assert!(told <= most, "{told} frames for {revision} changes in {:?}", begun.elapsed());
}

#[test]
fn another_range_takes_the_place_of_the_one_before_and_loses_nothing() {
    let (_office, admin) = Office::open();
    let mut session = watching(&admin);
    let event = admin.create(&at("2031-01-10T09:00:00Z"));
    session.next_of("event_changed");
    // Told just now, so the next change waits; meanwhile the page scrolls on.
    let path = format!("/api/events/{}", event["id"].as_str().unwrap());
    admin.patch(&path, &json!({ "title": "Appel" })).expect(200);
    watch(&mut session, "2031-01-01T00:00:00Z", "2031-03-01T00:00:00Z");
    assert_eq!(session.next(), json!({ "type": "event_changed", "event_id": event["id"], "revision": 2 }));

    watch(&mut session, "2031-02-01T00:00:00Z", "2031-03-01T00:00:00Z");
    admin.patch(&path, &json!({ "title": "Visite" })).expect(200);
    let inside = admin.create(&at("2031-02-10T09:00:00Z"));
    assert_eq!(session.next_of("event_changed")["event_id"], inside["id"], "the earlier range is not watched any more");
}

#[test]
fn a_range_that_is_none_is_named() {
    let (_office, admin) = Office::open();
    let mut session = admin.session();
    for (from, to, field) in [("today", "2031-02-01T00:00:00Z", "from"), ("2031-01-01T00:00:00Z", "", "to")] {
        session.send(&json!({ "type": "watch_events", "from": from, "to": to }));
        let error = session.next_of("error")["error"].clone();
        assert_eq!((&error["code"], &error["field"]), (&json!("invalid_field"), &json!(field)));
    }
}
