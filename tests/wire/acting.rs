//! Reading, dismissing and snoozing: on one device, and seen on all of the person's.

use serde_json::{Value, json};

use crate::harness::{Ann, event_in, moment, now};

const DAY: i64 = 86_400;

#[test]
fn what_one_device_does_every_device_sees() {
    let ann = Ann::with_two_devices();
    let (mut phone, mut laptop) = (ann.phone.session(), ann.laptop.session());

    phone.send(&ann.frame("mark_read"));
    let read = laptop.next_of("notification_updated");
    assert_eq!((&read["unread_count"], &read["notification"]["is_read"]), (&json!(0), &json!(true)));
    assert_eq!(read["notification"]["dismissed_at"], Value::Null, "reading closes no popup");
    assert_eq!(phone.next(), read, "the one that did it is told as the others are");

    let mut snooze = ann.frame("snooze");
    snooze["minutes"] = json!(5);
    laptop.send(&snooze);
    let snoozed = phone.next_of("notification_updated");
    let until = moment(&snoozed["notification"]["snoozed_until"]) - now();
    assert!((290..=300).contains(&until.num_seconds()), "{snoozed}");
    assert_eq!(laptop.next(), snoozed);

    phone.send(&ann.frame("dismiss"));
    let dismissed = laptop.next_of("notification_updated");
    assert!(dismissed["notification"]["dismissed_at"].is_string(), "{dismissed}");
    assert_eq!(phone.next(), dismissed);
    assert_eq!(ann.phone.inbox(), [dismissed["notification"].clone()]);
}

#[test]
fn over_http_it_is_the_same() {
    let ann = Ann::with_two_devices();
    let mut laptop = ann.laptop.session();
    let count = ann.phone.post(&ann.path("read"), &json!({})).expect(200);
    assert_eq!(count, json!({ "unread_count": 0 }));
    laptop.next_of("notification_updated");
    let row = ann.phone.post(&ann.path("snooze"), &json!({ "minutes": 10_080 })).expect(200);
    assert_eq!(laptop.next_of("notification_updated")["notification"], row);
    let row = ann.phone.post(&ann.path("dismiss"), &json!({})).expect(200);
    assert_eq!(laptop.next_of("notification_updated")["notification"], row);
    assert_eq!(ann.phone.get("/api/notifications/unread-count").expect(200), json!({ "unread_count": 0 }));
}

#[test]
fn doing_it_twice_does_no_harm() {
    let ann = Ann::with_two_devices();
    let mut session = ann.phone.session();
    let first = ann.phone.post(&ann.path("dismiss"), &json!({})).expect(200);
    let second = ann.laptop.post(&ann.path("dismiss"), &json!({})).expect(200);
    assert_eq!(first, second);
    for _ in 0..2 {
        ann.laptop.post(&ann.path("read"), &json!({})).expect(200);
    }
    session.next_of("notification_updated");
    ann.admin.create(&event_in(DAY, &[&ann.phone.id]));
    session.next_notification("assigned");
}

#[test]
fn what_is_over_is_not_snoozed() {
    let ann = Ann::with_two_devices();
    ann.phone.post(&ann.path("dismiss"), &json!({})).expect(200);
    let snooze = json!({ "minutes": 5 });
    assert_eq!(ann.phone.post(&ann.path("snooze"), &snooze).refusal(409), "notification_dismissed");

    let event = ann.admin.create(&event_in(DAY, &[&ann.phone.id]));
    let told = ann.phone.inbox().pop().unwrap();
    ann.admin.delete(&format!("/api/events/{}", event["id"].as_str().unwrap())).expect(204);
    let path = format!("/api/notifications/{}/snooze", told["id"].as_str().unwrap());
    assert_eq!(ann.phone.post(&path, &snooze).refusal(409), "notification_withdrawn");

    let mut session = ann.phone.session();
    session.send(&json!({ "type": "snooze", "notification_id": told["id"], "minutes": 5 }));
    assert_eq!(session.next_of("error")["error"]["code"], "notification_withdrawn");
}

#[test]
fn marking_all_as_read_is_one_frame() {
    let ann = Ann::with_two_devices();
    for _ in 0..4 {
        ann.admin.create(&event_in(DAY, &[&ann.phone.id]));
    }
    let (mut phone, mut laptop) = (ann.phone.session(), ann.laptop.session());
    assert_eq!(
        ann.phone.post("/api/notifications/mark-all-read/", &json!({})).expect(200),
        json!({ "unread_count": 0 })
    );
    let change = ann.phone.get("/api/notifications").expect(200)["change"].clone();
    let expected = json!({ "type": "unread_count_updated", "unread_count": 0, "change": change });
    assert_eq!(phone.next(), expected);
    assert_eq!(laptop.next(), expected);

    ann.admin.create(&event_in(DAY, &[&ann.phone.id]));
    assert_eq!(phone.next_of("event_notification")["unread_count"], 1);
    laptop.next_of("event_notification");
    phone.send(&json!({ "type": "mark_all_read" }));
    laptop.next_of("unread_count_updated");
    phone.next_of("unread_count_updated");
    phone.send(&json!({ "type": "mark_all_read" }));
    phone.settle();
}

#[test]
fn the_list_is_newest_first_and_in_pages() {
    let ann = Ann::with_two_devices();
    for _ in 0..4 {
        ann.admin.create(&event_in(DAY, &[&ann.phone.id]));
    }
    let page = |query: &str| ann.phone.get(&format!("/api/notifications/?{query}")).expect(200);
    let seqs = |page: &Value| {
        page["notifications"].as_array().unwrap().iter().map(|row| row["seq"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let first = page("limit=2");
    assert_eq!(seqs(&first), [5, 4]);
    assert_eq!((&first["unread_count"], &first["seq"], &first["change"]), (&json!(5), &json!(5), &json!(5)));
    assert_eq!(seqs(&page("limit=2&before=4")), [3, 2]);
    assert_eq!(seqs(&page("limit=2&before=2")), [1]);
    assert_eq!(seqs(&page("before=1")), [0; 0]);
}
