//! What is at the edge of what can be written is taken or refused, and never breaks anything.

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Office};

/// An event is made and can be read again, or its time is refused.
#[track_caller]
fn assert_taken_or_refused(client: &Client, event: &Value) {
    let answer = client.post("/api/events", event);
    if answer.status == 422 {
        let field = answer.wrong_field();
        assert!(event.get(&field).is_some(), "{field} is not in {event}");
        return;
    }
    let made = answer.expect(201);
    let path = format!("/api/events/{}", made["id"].as_str().unwrap());
    assert_eq!(client.get(&path).expect(200), made);
    let changed = client.patch(&path, &json!({ "title": "Appel" })).expect(200);
    assert_eq!((&changed["starts_at"], &changed["ends_at"]), (&made["starts_at"], &made["ends_at"]));
}

#[test]
fn the_first_and_the_last_instants_there_are() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    for zone in ["UTC", "America/New_York", "Pacific/Kiritimati", "Pacific/Niue"] {
        for starts_at in [
            "0001-01-01T00:00:00Z",
            "0001-01-01T00:00",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59.999Z",
            "9999-12-31T23:59:59",
            "9999-12-31T23:59:59-12:00",
        ] {
            let mut event = json!({ "title": "x", "starts_at": starts_at, "time_zone": zone, "assignees": [ann.id] });
            event["reminders"] = json!([0, 40_320]);
            assert_taken_or_refused(&admin, &event);
            event["ends_at"] = json!(starts_at);
            assert_taken_or_refused(&admin, &event);
        }
        for [first, last] in [["0001-01-01", "0001-01-01"], ["9999-12-31", "9999-12-31"], ["0001-01-01", "9999-12-31"]]
        {
            let event = json!({ "title": "x", "starts_on": first, "ends_on": last, "time_zone": zone });
            let mut event = event.clone();
            event["assignees"] = json!([ann.id]);
            event["reminder_days"] = json!([0, 28]);
            assert_taken_or_refused(&admin, &event);
        }
    }
    let page = admin.get("/api/events?from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59.999Z&limit=500").expect(200);
    assert!(!page["events"].as_array().unwrap().is_empty());
    assert!(ann.get("/api/notifications?limit=500").status == 200);
    admin.get("/api/health").expect(200);
}

#[test]
fn numbers_that_no_counter_reaches() {
    let (_office, admin) = Office::open();
    let huge = u64::MAX.to_string();
    let is_answered = |answer: Answer| assert!(matches!(answer.status, 200 | 404 | 412 | 422), "{}", answer.body);
    is_answered(admin.get(&format!("/api/notifications?before={huge}")));
    is_answered(admin.get("/api/notifications?before=0"));
    let event = admin.create(&json!({ "title": "x", "starts_at": "2031-11-24T09:00:00Z" }));
    let path = format!("/api/events/{}", event["id"].as_str().unwrap());
    let if_match = |revision: &str| {
        admin.request("PATCH", &path).header("if-match", revision).json(&json!({ "title": "y" })).send()
    };
    is_answered(if_match(&format!("\"{huge}\"")));
    is_answered(if_match(&format!("\"{huge}0\"")));
    let (mut session, _) = admin.session_at(&format!("since={huge}&changes_since={huge}"));
    session.next_of("snapshot_required");
    session.send(&json!({ "type": "ack", "seq": u64::MAX }));
    session.settle();
}

#[test]
fn texts_that_mean_something_elsewhere_are_texts() {
    let (_office, admin) = Office::open();
    for title in
        ["%", "_", "'; DROP TABLE event; --", "<img src=x onerror=alert(1)>", "\\", "\"", "{title}", "𝄞", "e\u{301}"]
    {
        let made = admin.create(&json!({ "title": title, "starts_at": "2031-11-24T09:00:00Z" }));
        assert_eq!(made["title"], title);
        let query: String = title.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let found = admin.get(&format!("/api/events?q={query}")).expect(200);
        let titles: Vec<&Value> = found["events"].as_array().unwrap().iter().map(|event| &event["title"]).collect();
        assert!(titles.contains(&&json!(title)), "{title}: {titles:?}");
        assert!(titles.iter().all(|found| found.as_str().unwrap().contains(title)), "{title}: {titles:?}");
    }
    assert_eq!(admin.get("/api/events?q=%00").expect(200)["events"], json!([]));
}

#[test]
fn null_is_never_ignored_in_a_change() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let event = json!({ "title": "x", "starts_at": "2031-11-24T09:00:00Z", "assignees": [ann.id] });
    let path = format!("/api/events/{}", admin.create(&event)["id"].as_str().unwrap());
    for field in ["status", "visibility", "time_zone", "all_day"] {
        assert_eq!(admin.patch(&path, &json!({ field: null })).wrong_field(), field, "it cannot be empty");
    }
    for field in ["name", "role", "active"] {
        let answer = admin.patch(&format!("/api/people/{}", ann.id), &json!({ field: null }));
        assert_eq!(answer.wrong_field(), field, "it cannot be empty");
    }
    let emptied = admin.patch(&path, &json!({ "assignees": null })).expect(200);
    assert_eq!(emptied["assignees"], json!([]));
}
