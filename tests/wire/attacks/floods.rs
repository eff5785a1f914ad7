//! Whoever sends more than anybody needs, or slower than anybody can wait, or takes nothing.

use std::thread;

use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;

use crate::harness::{Client, Office, PATIENCE, Raw, event_in};

const DAY: i64 = 86_400;

#[test]
fn a_flood_of_messages_is_refused_and_then_cut_off() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let mut other = ann.session();
    let mut flooding = admin.session();
    for _ in 0..1_000 {
        flooding.try_send_raw(Message::Text("nonsense".into()));
    }
    let mut refused = 0;
    let code = loop {
        match flooding.next_raw() {
            Message::Text(text) => {
                let frame: Value = serde_json::from_str(&text).unwrap();
                refused += u32::from(frame["error"]["code"] == "too_many_messages");
            }
            Message::Close(Some(goodbye)) => break u16::from(goodbye.code),
            _ => {}
        }
    };
    assert_eq!(code, 1013, "it may come back, and slower");
    assert!((1..500).contains(&refused), "{refused}");
    admin.create(&event_in(DAY, &[&ann.id]));
    other.next_notification("assigned");
    admin.session().settle();
}

#[test]
fn what_is_refused_is_not_done_and_a_burst_is() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    for _ in 0..40 {
        admin.create(&event_in(DAY, &[&ann.id]));
    }
    let mut session = ann.session();
    let told = ann.inbox();
    for row in &told {
        session.send(&json!({ "type": "mark_read", "notification_id": row["id"] }));
    }
    // A page may say much at once.
    while session.next_of("notification_updated")["unread_count"] != 0 {}
    // Until it is too much: at once, so that no pause makes it less.
    let untouched = ann.inbox()[0].clone();
    let mut session = ann.session();
    for _ in 0..150 {
        session.send(&json!({ "type": "nonsense" }));
    }
    session.send(&json!({ "type": "dismiss", "notification_id": untouched["id"] }));
    let codes: Vec<Value> = (0..151).map(|_| session.next_of("error")["error"]["code"].clone()).collect();
    assert_eq!(codes[..50], vec![json!("invalid_field"); 50], "the first were looked at");
    assert_eq!(codes[150], "too_many_messages");
    assert_eq!(ann.inbox()[0], untouched, "it was not done");
}

#[test]
fn a_flood_of_control_frames_is_cut_off_too() {
    let (_office, admin) = Office::open();
    for frame in [Message::Ping(vec![0; 125].into()), Message::Pong(vec![].into())] {
        let mut flooding = admin.session();
        for _ in 0..1_000 {
            flooding.try_send_raw(frame.clone());
        }
        assert_eq!(flooding.closed(), 1013, "{frame:?}");
    }
}

/// A request whose body does not come.
fn begin(mut connection: Raw, admin: &Client, headers: &str) -> Raw {
    connection.send(format!(
        "POST /api/pair HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n{headers}\r\n",
        admin.host()
    ));
    connection
}

#[test]
fn a_body_that_does_not_come_is_not_waited_for() {
    let (_office, admin) = Office::open();
    let mut silent = begin(admin.connect(), &admin, "Content-Length: 100\r\n");
    let mut chunked = begin(admin.connect(), &admin, "Transfer-Encoding: chunked\r\n");
    let mut trickling = begin(admin.connect(), &admin, "Content-Length: 100000\r\n");
    thread::scope(|scope| {
        let trickle = scope.spawn(|| {
            while !trickling.is_closed() {
                trickling.send(" ");
                thread::sleep(std::time::Duration::from_millis(200));
            }
            trickling.rest()
        });
        for slow in [&mut silent, &mut chunked] {
            let answer = slow.rest();
            assert!(answer.starts_with("HTTP/1.1 408 ") && answer.contains("\"code\":\"too_slow\""), "{answer}");
        }
        let answer = trickle.join().unwrap();
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 408 "), "a byte now and then is no body: {answer}");
    });
}

#[test]
fn one_address_with_many_slow_requests_keeps_nobody_out() {
    let (_office, admin) = Office::open();
    let slow: Vec<Raw> = (0..12).map(|_| begin(admin.connect_from(66), &admin, "Content-Length: 100\r\n")).collect();
    // They have places for strangers as long as nobody else needs one.
    while !slow[0].is_closed() {
        admin.get("/api/health").expect(200);
    }
    admin.add("Ann").get("/api/me").expect(200);
}

#[test]
fn whoever_takes_nothing_is_let_go_and_can_come_back() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    let deaf = ann.pair(&admin.invite(&ann.id));
    let mut raw = deaf.connect_from(66);
    raw.send(format!(
        "GET /ws/notifications/ HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nConnection: Upgrade\r\n\
         Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        deaf.host(),
        deaf.token
    ));
    let mut session = ann.session();
    let mut event = event_in(DAY, &[&ann.id]);
    event["comment"] = json!("\u{1f4d0}".repeat(10_000));
    for seq in 1..=COUNT {
        admin.create(&event);
        assert_eq!(session.next_notification("assigned")["seq"], seq, "the others are told meanwhile");
    }
    let connected = || {
        let status: Value = serde_json::from_str(office.run(&["status", "--json"]).out()).unwrap();
        status["connected"].as_u64().unwrap()
    };
    let give_up_at = std::time::Instant::now() + 2 * PATIENCE;
    while connected() > 1 {
        assert!(std::time::Instant::now() < give_up_at, "it holds its session without taking anything");
        thread::sleep(std::time::Duration::from_millis(100));
    }
    let (mut back, first) = deaf.session_at("since=0");
    assert_eq!(first["seq"], COUNT);
    for seq in 1..=COUNT {
        assert_eq!(back.next_notification("assigned")["seq"], seq, "nothing was skipped");
    }
}

/// Notifications of 40 KB each: more than a connection holds for one that takes nothing.
const COUNT: u64 = 200;
