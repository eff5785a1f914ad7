//! A session goes on whatever it is sent, within limits, and does not depend on the others.

use std::thread;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Office, Session, event_in};

const DAY: i64 = 86_400;

/// The code and the field of the error frame that comes next.
#[track_caller]
fn refused(session: &mut Session) -> (String, Option<String>) {
    let frame = session.next_of("error");
    assert_eq!(frame.as_object().unwrap().keys().collect::<Vec<_>>(), ["error", "type"], "{frame}");
    assert!(!frame["error"]["message"].as_str().unwrap().is_empty());
    let text = |name: &str| frame["error"][name].as_str().map(str::to_owned);
    (text("code").unwrap(), text("field"))
}

#[test]
fn a_frame_that_cannot_be_taken_is_answered_and_the_session_goes_on() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let mut session = ann.session();
    let wrong = [
        ("{", "malformed_json", None),
        ("", "malformed_json", None),
        ("nonsense", "malformed_json", None),
        ("[]", "invalid_field", None),
        ("{}", "invalid_field", Some("type")),
        (r#"{"type":"shout"}"#, "invalid_field", Some("type")),
        (r#"{"type":5}"#, "invalid_field", Some("type")),
        (r#"{"type":"mark_all_read","now":true}"#, "invalid_field", Some("now")),
        (r#"{"type":"mark_read"}"#, "invalid_field", Some("notification_id")),
        (r#"{"type":"mark_read","notification_id":"x"}"#, "not_found", None),
        (r#"{"type":"snooze","notification_id":"x"}"#, "invalid_field", Some("minutes")),
        (r#"{"type":"snooze","notification_id":"x","minutes":"5"}"#, "invalid_field", None),
        (r#"{"type":"ack","seq":-1}"#, "invalid_field", None),
    ];
    for (frame, code, field) in wrong {
        session.send_raw(Message::Text(frame.into()));
        assert_eq!(refused(&mut session), (code.to_owned(), field.map(str::to_owned)), "{frame}");
    }
    session.send_raw(Message::Binary(br#"{"type":"mark_all_read"}"#.to_vec().into()));
    assert_eq!(refused(&mut session).0, "malformed_json", "frames are text");

    let event = admin.create(&event_in(DAY, &[&ann.id]));
    let told = session.next_notification("assigned");
    assert_eq!(told["event_id"], event["id"]);
    for minutes in [0, 10_081] {
        session.send(&json!({ "type": "snooze", "notification_id": told["id"], "minutes": minutes }));
        assert_eq!(refused(&mut session), ("invalid_field".to_owned(), Some("minutes".to_owned())));
    }
    session.send(&json!({ "type": "mark_read", "notification_id": told["id"] }));
    assert_eq!(session.next_of("notification_updated")["unread_count"], 0);
}

#[test]
fn a_ping_is_answered() {
    let (_office, admin) = Office::open();
    let mut session = admin.session();
    session.send_raw(Message::Ping(b"still there?".to_vec().into()));
    assert_eq!(session.next_raw(), Message::Pong(b"still there?".to_vec().into()));
}

#[test]
fn a_frame_over_64_kib_ends_the_session() {
    let (_office, admin) = Office::open();
    for length in [64 * 1024 + 1, 4 * 1024 * 1024] {
        let mut session = admin.session();
        session.try_send_raw(Message::Text("x".repeat(length).into()));
        assert_eq!(session.closed(), 1009, "{length} bytes");
    }
    let mut session = admin.session();
    let padding = " ".repeat(64 * 1024 - r#"{"type":"shout"}"#.len());
    session.send_raw(Message::Text(format!(r#"{{"type":"shout"}}{padding}"#).into()));
    assert_eq!(refused(&mut session).0, "invalid_field", "64 KiB are taken");
}

#[test]
fn whoever_does_not_read_delays_nobody() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let laptop = ann.pair(&admin.invite(&ann.id));
    let mut deaf = laptop.session();
    let mut session = ann.session();
    // More than the two ends of a connection keep for one that takes nothing.
    let mut event = event_in(DAY, &[&ann.id]);
    event["comment"] = json!("\u{1f4d0}".repeat(10_000));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..COUNT / 4).for_each(|_| drop(admin.create(&event))));
        }
        for seq in 1..=COUNT {
            assert_eq!(session.next_notification("assigned")["seq"], seq);
        }
    });
    let mut seqs = seqs_of(&mut deaf);
    if seqs.len() < COUNT {
        // The hub took it for too slow, and it goes on from where it was.
        let (mut resumed, _) = laptop.session_at(&format!("since={}", seqs.len()));
        seqs.extend(seqs_of(&mut resumed));
    }
    assert_eq!(seqs, (1..=COUNT).collect::<Vec<_>>(), "nothing was skipped");
}

const COUNT: usize = 200;

/// Reads notifications up to the last, or until the hub says that this is too slow.
fn seqs_of(session: &mut Session) -> Vec<usize> {
    let mut seqs = Vec::new();
    while seqs.last() != Some(&COUNT) {
        match session.next_raw() {
            Message::Text(text) => {
                let frame: Value = serde_json::from_str(&text).unwrap();
                seqs.push(usize::try_from(frame["notification"]["seq"].as_u64().unwrap()).unwrap());
            }
            Message::Close(Some(goodbye)) => {
                assert_eq!(u16::from(goodbye.code), 1013);
                break;
            }
            _ => {}
        }
    }
    seqs
}

#[test]
fn two_sessions_of_one_device_are_told_alike() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let mut sessions = [ann.session(), ann.session()];
    admin.create(&event_in(DAY, &[&ann.id]));
    let [one, other] = sessions.each_mut().map(Session::next);
    assert_eq!(one, other);
    let [one, mut other] = sessions;
    one.close();
    admin.create(&event_in(DAY, &[&ann.id]));
    assert_eq!(other.next_notification("assigned")["seq"], 2);
}

#[test]
fn the_first_frame_says_where_things_stand() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let (_, first) = ann.session_at("");
    let expected = json!({
        "type": "connection_established",
        "unread_count": 0,
        "seq": 0,
        "change": 0,
        "now": first["now"],
        "hub": { "id": first["hub"]["id"], "epoch": 1, "version": first["hub"]["version"] },
    });
    assert_eq!(first, expected);
    let health = ann.get("/api/health").expect(200);
    assert_eq!(first["hub"]["version"], health["version"]);
    admin.create(&event_in(DAY, &[&ann.id]));
    let (_, second) = ann.session_at("");
    assert_eq!([&second["unread_count"], &second["seq"], &second["change"]], [1, 1, 1]);
    assert_eq!(second["hub"], first["hub"]);
}

#[test]
fn a_plain_request_is_told_that_it_must_upgrade() {
    let (_office, admin) = Office::open();
    assert_eq!(admin.get("/ws/notifications/").refusal(426), "upgrade_required");
    assert_eq!(admin.post("/ws/notifications/", &json!({})).refusal(405), "method_not_allowed");
}
