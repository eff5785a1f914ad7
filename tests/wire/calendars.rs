//! An event for the calendar of one's telephone.

use serde_json::json;

use crate::harness::{Office, event_in};

#[test]
fn an_event_can_be_had_as_a_calendar_by_whoever_may_see_it() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    let mut event = event_in(86_400, &[&ann.id]);
    event["title"] = json!("Dentiste");
    event["visibility"] = json!("private");
    let event = ann.create(&event);
    let path = format!("/api/events/{}/calendar.ics", event["id"].as_str().unwrap());

    ann.patch("/api/me", &json!({ "reminders": [90], "locale": "en" })).expect(200);
    let own = ann.get(&path);
    assert_eq!((own.status, own.header("content-type")), (200, Some("text/calendar; charset=utf-8")));
    assert!(own.body.contains("\r\nSUMMARY:Dentiste\r\n"), "{}", own.body);
    assert!(own.body.contains("\r\nTRIGGER:-PT90M\r\n"), "her own reminders: {}", own.body);

    let others = admin.get(&path);
    assert_eq!(others.status, 200);
    assert!(!others.body.contains("Dentiste") && others.body.contains("\r\nSUMMARY:Occupé\r\n"), "{}", others.body);

    assert_eq!(office.nobody().get(&path).refusal(401), "unauthorized");
    let nowhere = "/api/events/00000000-0000-7000-8000-000000000000/calendar.ics";
    assert_eq!(ann.get(nowhere).refusal(404), "not_found");
    ann.delete(&format!("/api/events/{}", event["id"].as_str().unwrap())).expect(204);
    assert_eq!(ann.get(&path).refusal(404), "not_found");
}
