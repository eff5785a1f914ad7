//! A device that was away comes back with its cursor and learns everything, in order and once.

use serde_json::{Value, json};

use crate::harness::{Client, Office, Session, event_in};

const DAY: i64 = 86_400;

/// An office in which Ann was told of this many events.
fn told(count: usize) -> (Office, Client, Client) {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    for _ in 0..count {
        admin.create(&event_in(DAY, &[&ann.id]));
    }
    (office, admin, ann)
}

/// The `seq` of the next frames, which must all be new notifications.
#[track_caller]
fn seqs(session: &mut Session, count: usize) -> Vec<u64> {
    (0..count).map(|_| session.next_of("event_notification")["notification"]["seq"].as_u64().unwrap()).collect()
}

#[test]
fn everything_after_the_cursor_comes_first_and_then_what_is_new() {
    let (_office, admin, ann) = told(5);
    let (mut session, first) = ann.session_at("since=2");
    assert_eq!((first["seq"].as_u64(), first["unread_count"].as_u64()), (Some(5), Some(5)));
    assert_eq!(seqs(&mut session, 3), [3, 4, 5]);
    admin.create(&event_in(DAY, &[&ann.id]));
    assert_eq!(seqs(&mut session, 1), [6], "without a gap, and nothing again");
}

#[test]
fn the_whole_history_comes_for_a_new_device() {
    let (_office, _, ann) = told(3);
    let (mut session, _) = ann.session_at("since=0");
    assert_eq!(seqs(&mut session, 3), [1, 2, 3]);
    // Nothing it has can contradict what is here.
    for cursor in ["since=0&last_id=00000000-0000-0000-0000-000000000000", "since=0&changes_since=999"] {
        let (mut session, _) = ann.session_at(cursor);
        assert_eq!(seqs(&mut session, 3), [1, 2, 3], "{cursor}");
    }
}

#[test]
fn without_a_cursor_only_what_is_new_comes() {
    let (_office, admin, ann) = told(3);
    let mut session = ann.session();
    let (mut with_empty_cursor, _) = ann.session_at("since=&last_id=&changes_since=");
    admin.create(&event_in(DAY, &[&ann.id]));
    assert_eq!(seqs(&mut session, 1), [4]);
    assert_eq!(seqs(&mut with_empty_cursor, 1), [4], "a parameter without a value is none");
}

#[test]
fn a_long_history_is_replayed_without_a_gap() {
    let (_office, _, ann) = told(230);
    let (mut session, _) = ann.session_at("since=7");
    assert_eq!(seqs(&mut session, 223), (8..=230).collect::<Vec<_>>());
}

#[test]
fn a_cursor_that_is_not_of_this_history_needs_a_fresh_start() {
    let (_office, admin, ann) = told(2);
    let second = ann.inbox()[1]["id"].as_str().unwrap().to_owned();
    let cursors = [
        "since=3".to_owned(),
        "since=2&last_id=00000000-0000-0000-0000-000000000000".to_owned(),
        format!("since=1&last_id={second}"),
        format!("since=2&last_id={second}&changes_since=99"),
    ];
    let mut sessions = cursors.map(|cursor| ann.session_at(&cursor).0);
    for session in &mut sessions {
        session.next_of("snapshot_required");
    }
    admin.create(&event_in(DAY, &[&ann.id]));
    for session in &mut sessions {
        assert_eq!(seqs(session, 1), [3], "the session goes on with what is new");
    }
    let (mut known, _) = ann.session_at(&format!("since=2&last_id={second}"));
    assert_eq!(seqs(&mut known, 1), [3], "a cursor of this history is taken");
}

#[test]
fn what_happened_to_earlier_ones_is_learnt() {
    let (_office, admin, ann) = told(5);
    let inbox = ann.inbox();
    let id = |index: usize| inbox[index]["id"].as_str().unwrap();
    let known = inbox[4]["change"].as_u64().unwrap();

    ann.post(&format!("/api/notifications/{}/read", id(0)), &json!({})).expect(200);
    ann.post(&format!("/api/notifications/{}/dismiss", id(1)), &json!({})).expect(200);
    ann.post(&format!("/api/notifications/{}/snooze", id(2)), &json!({ "minutes": 10 })).expect(200);
    let event = inbox[3]["event_id"].as_str().unwrap();
    admin.delete(&format!("/api/events/{event}")).expect(204);

    let (mut session, first) = ann.session_at(&format!("since=5&last_id={}&changes_since={known}", id(4)));
    assert_eq!(first["unread_count"], 2, "the fifth, and that the fourth was cancelled");
    let cancelled = session.next_notification("cancelled");
    assert_eq!(cancelled["seq"], 6);
    let changed: Vec<Value> = (0..4).map(|_| session.next_of("notification_updated")["notification"].clone()).collect();
    assert_eq!(changed.iter().map(|row| row["seq"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3, 4]);
    assert!(changed.iter().all(|row| row["is_read"] == true));
    assert!(changed[1]["dismissed_at"].is_string());
    assert!(changed[2]["snoozed_until"].is_string());
    assert!(changed[3]["withdrawn_at"].is_string());

    let head = first["change"].as_u64().unwrap();
    let (mut again, _) = ann.session_at(&format!("since=6&changes_since={head}"));
    admin.create(&event_in(DAY, &[&ann.id]));
    assert_eq!(seqs(&mut again, 1), [7], "nothing has changed since");
    assert_eq!(ann.inbox()[..5].iter().map(|row| &row["is_read"]).collect::<Vec<_>>(), [true, true, true, true, false]);
}

#[test]
fn without_changes_since_changes_are_not_replayed() {
    let (_office, admin, ann) = told(2);
    let first = ann.inbox()[0]["id"].as_str().unwrap().to_owned();
    ann.post(&format!("/api/notifications/{first}/dismiss"), &json!({})).expect(200);
    let (mut session, _) = ann.session_at("since=2");
    admin.create(&event_in(DAY, &[&ann.id]));
    assert_eq!(seqs(&mut session, 1), [3]);
}

#[test]
fn a_row_that_was_withdrawn_while_away_is_replayed_as_withdrawn() {
    let (_office, admin, ann) = told(1);
    let event = ann.inbox()[0]["event_id"].as_str().unwrap().to_owned();
    admin.delete(&format!("/api/events/{event}")).expect(204);
    let (mut session, _) = ann.session_at("since=0&changes_since=0");
    let withdrawn = session.next_notification("assigned");
    assert!(withdrawn["withdrawn_at"].is_string() && withdrawn["is_read"] == true, "{withdrawn}");
    session.next_notification("cancelled");
}

#[test]
fn a_receipt_does_not_change_what_is_replayed() {
    let (_office, admin, ann) = told(2);
    let mut session = ann.session();
    for seq in [2, 1, 999] {
        session.send(&json!({ "type": "ack", "seq": seq }));
    }
    session.settle();
    let (mut again, _) = ann.session_at("since=0");
    assert_eq!(seqs(&mut again, 2), [1, 2]);
    admin.create(&event_in(DAY, &[&ann.id]));
    assert_eq!(seqs(&mut session, 1), [3], "a receipt beyond the end holds nothing back");
}

#[test]
fn a_restart_changes_nothing_for_a_device() {
    let (mut office, admin, ann) = told(3);
    let before = ann.inbox();
    office.restart();
    let (mut session, _) = ann.session_at("since=1");
    assert_eq!(seqs(&mut session, 2), [2, 3]);
    assert_eq!(ann.inbox(), before);
    admin.create(&event_in(DAY, &[&ann.id]));
    assert_eq!(seqs(&mut session, 1), [4]);
}
