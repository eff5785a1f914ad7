//! What the window is answered while the hub is away.

use serde_json::{Value, json};

use super::{Story, id};
use crate::Request;

#[tokio::test]
async fn the_window_reads_what_is_kept() {
    let story = Story::begin().await;
    let visit = story.event("Visit", "10:00:00").await;
    story.event("Call", "11:00:00").await;
    story.event("Fair", "2026-12-01T09:00:00Z").await;
    assert_eq!(story.replica.recall(&Request::get("/api/me")).expect("answered"), None, "nothing is kept yet");
    story.refresh().await;
    for path in [
        "/api/me",
        "/api/people",
        "/api/events",
        "/api/events?limit=2",
        "/api/events?from=2026-11-23T10:30:00Z&to=2026-11-30T00:00:00Z",
        "/api/events?status=done",
        "/api/events?q=fair",
        &format!("/api/events?assignee={}&limit=1", story.ann),
        &format!("/api/events/{visit}"),
        &format!("/api/events/{visit}/reminders"),
        "/api/notifications",
        "/api/notifications/unread-count",
    ] {
        assert_eq!(story.recalled(path), story.done("GET", path, Value::Null).await, "{path}");
    }
    let first = story.recalled("/api/events?limit=2");
    let cursor = first["next_cursor"].as_str().expect("there is more");
    let rest = story.recalled(&format!("/api/events?limit=2&cursor={cursor}"));
    assert_eq!((rest["events"].as_array().map(Vec::len), &rest["next_cursor"]), (Some(1), &Value::Null));
}

#[tokio::test]
async fn the_window_changes_nothing_but_what_its_person_chooses() {
    let story = Story::begin().await;
    let event = story.event("Visit", "10:00:00").await;
    story.refresh().await;
    let asked = |method: &str, path: String, body: Option<Value>| {
        let request = Request { method: method.into(), body, ..Request::get(path) };
        story.replica.recall(&request).expect("answered").expect("something is kept")
    };
    for (method, path) in [
        ("POST", "/api/events".to_owned()),
        ("PATCH", format!("/api/events/{event}")),
        ("DELETE", format!("/api/events/{event}")),
        ("PATCH", "/api/me".to_owned()),
        ("POST", "/api/notifications/mark-all-read".to_owned()),
        ("GET", "/api/devices".to_owned()),
        ("GET", "/api/events/01930000-0000-7000-8000-000000000001".to_owned()),
    ] {
        let answer = asked(method, path.clone(), Some(json!({})));
        assert_eq!((answer.status, &answer.body["error"]["code"]), (503, &json!("hub_away")), "{method} {path}");
    }

    story.until("09:30:00");
    assert_eq!(story.tells(), ["30min_before"]);
    let list = story.recalled("/api/notifications");
    assert_eq!(
        (list["notifications"][0]["notification_type"].as_str(), list["unread_count"].as_u64()),
        (Some("30min_before"), Some(1))
    );
    let shown = id(&list["notifications"][0]);
    let snoozed = asked("POST", format!("/api/notifications/{shown}/snooze"), Some(json!({ "minutes": 10 })));
    assert_eq!((snoozed.status, &snoozed.body["snoozed_until"]), (200, &json!("2026-11-23T09:40:00.000Z")));
    let dismissed = asked("POST", format!("/api/notifications/{shown}/dismiss"), None);
    assert_eq!((dismissed.status, &dismissed.body["dismissed_at"]), (200, &json!("2026-11-23T09:30:00.000Z")));
    assert_eq!(story.recalled("/api/notifications/unread-count")["unread_count"], 0);
    let reminders = story.recalled(&format!("/api/events/{event}/reminders"));
    assert_eq!(
        (&reminders["reminders"][0]["state"], &reminders["reminders"][1]["state"]),
        (&json!("fired"), &json!("pending"))
    );
}
