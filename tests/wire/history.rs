//! What became of a notification: asked for by its person, and told by their devices.

use serde_json::{Value, json};

use crate::harness::{Ann, Client, Office, in_the_future, moment};

fn history(ann: &Ann) -> Value {
    ann.phone.get(&ann.path("history")).expect(200)
}

/// Says something in a session of its own, and waits until the hub has dealt with it.
fn says(client: &Client, frame: &Value) {
    let mut session = client.session();
    session.send(frame);
    session.settle();
}

#[track_caller]
fn devices(moments: &Value) -> Vec<&str> {
    moments.as_array().unwrap().iter().map(|moment| moment["device_id"].as_str().unwrap()).collect()
}

#[test]
fn each_device_says_when_it_had_it_and_when_it_was_seen() {
    let mut ann = Ann::with_two_devices();
    let before = history(&ann);
    assert_eq!((&before["received"], &before["seen"]), (&json!([]), &json!([])), "{before}");
    assert_eq!((&before["notification_id"], &before["late_by_ms"]), (&ann.told["id"], &json!(0)));
    assert_eq!((&before["created_at"], &before["due_at"]), (&ann.told["created_at"], &ann.told["due_at"]));

    says(&ann.laptop, &json!({ "type": "ack", "seq": 1 }));
    says(&ann.phone, &json!({ "type": "ack", "seq": 1 }));
    says(&ann.phone, &json!({ "type": "seen", "notification_ids": [ann.told["id"]] }));
    ann.office.restart();
    says(&ann.laptop, &json!({ "type": "seen", "notification_ids": [ann.told["id"]] }));
    says(&ann.phone, &json!({ "type": "ack", "seq": 1 }));
    says(&ann.phone, &json!({ "type": "seen", "notification_ids": [ann.told["id"]] }));

    let after = history(&ann);
    assert_eq!(devices(&after["received"]), [&ann.laptop.device, &ann.phone.device], "{after}");
    assert_eq!(devices(&after["seen"]), [&ann.phone.device, &ann.laptop.device], "the first time counts: {after}");
    for moments in [&after["received"], &after["seen"]] {
        assert!(moment(&moments[0]["at"]) < moment(&moments[1]["at"]), "{after}");
        assert_eq!((&moments[0]["name"], &moments[0]["kind"]), (&json!("test"), &json!("token")));
    }
    assert!(moment(&after["received"][0]["at"]) >= moment(&after["created_at"]));
}

#[test]
fn a_device_may_say_it_later() {
    let ann = Ann::with_two_devices();
    says(&ann.phone, &json!({ "type": "seen", "notification_ids": [ann.told["id"]], "ago_ms": 90_000 }));
    let ago = crate::harness::now() - moment(&history(&ann)["seen"][0]["at"]);
    assert!((90..110).contains(&ago.num_seconds()), "{ago}");
}

#[test]
fn somebody_elses_is_not_there() {
    let ann = Ann::with_two_devices();
    assert_eq!(ann.admin.get(&ann.path("history")).refusal(404), "not_found");
    says(&ann.admin, &json!({ "type": "seen", "notification_ids": [ann.told["id"]] }));
    assert_eq!(history(&ann)["seen"], json!([]), "and nobody else can have seen it");
    assert_eq!(ann.phone.get("/api/notifications/nonsense/history").refusal(404), "not_found");
    assert_eq!(ann.office.nobody().get(&ann.path("history")).refusal(401), "unauthorized");
    let event = ann.told["event_id"].as_str().unwrap();
    let own = ann.admin.get(&format!("/api/events/{event}/reminders")).expect(200);
    assert_eq!(own, json!({ "reminders": [] }), "whoever made it is reminded of nothing");
    ann.admin.delete(&format!("/api/events/{event}")).expect(204);
    assert_eq!(ann.phone.get(&format!("/api/events/{event}/reminders")).refusal(404), "not_found");
}

#[test]
fn a_frame_names_notifications_and_not_too_many() {
    let ann = Ann::with_two_devices();
    let mut session = ann.phone.session();
    let unknown = "00000000-0000-0000-0000-000000000000";
    for ids in [json!(["nonsense"]), json!(vec![unknown; 501])] {
        session.send(&json!({ "type": "seen", "notification_ids": ids }));
        let error = session.next_of("error");
        assert_eq!(
            (&error["error"]["code"], &error["error"]["field"]),
            (&json!("invalid_field"), &json!("notification_ids"))
        );
    }
    session.send(&json!({ "type": "seen", "notification_ids": [unknown, ann.told["id"]] }));
    session.settle();
    assert_eq!(devices(&history(&ann)["seen"]), [&ann.phone.device], "one that is gone does not hide the others");
}

#[test]
fn what_was_done_with_it_is_told() {
    let ann = Ann::with_two_devices();
    let act = |what: &str, body: &Value| {
        let id = ann.told["id"].as_str().unwrap();
        ann.phone.post(&format!("/api/notifications/{id}/{what}"), body).expect(200);
    };
    act("read", &json!({}));
    act("snooze", &json!({ "minutes": 10 }));
    act("dismiss", &json!({}));
    let history = history(&ann);
    let [read, dismissed] = ["read_at", "dismissed_at"].map(|field| moment(&history[field]));
    let snooze = &history["snoozes"][0];
    assert!(read <= moment(&snooze["snoozed_at"]) && moment(&snooze["snoozed_at"]) <= dismissed, "{history}");
    assert_eq!((&snooze["state"], &snooze["told_at"]), (&json!("cancelled"), &Value::Null));
    assert_eq!((&history["withdrawn_at"], &history["parent_id"]), (&Value::Null, &Value::Null));
}

#[test]
fn what_became_of_its_reminders_is_told() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    let mut session = ann.session();
    // Assigned so late that the notice says what the first reminder would have.
    let start = in_the_future(5 * 60 + 2);
    let event = admin.create(&json!({ "title": "Visite", "starts_at": start, "assignees": [ann.id] }));
    let assigned = session.next_notification("assigned");
    let reminded = session.next_notification("5min_before");
    let history =
        |row: &Value| ann.get(&format!("/api/notifications/{}/history", row["id"].as_str().unwrap())).expect(200);
    let reminders = history(&assigned)["reminders"].clone();
    assert_eq!(
        reminders,
        json!([
            { "minutes_before": 30, "days_before": null, "due_at": reminders[0]["due_at"], "state": "skipped",
              "told_at": null, "told_by": null },
            { "minutes_before": 5, "days_before": null, "due_at": reminded["due_at"], "state": "fired",
              "told_at": reminded["created_at"], "told_by": reminded["id"] },
        ])
    );
    assert_eq!(history(&reminded)["reminders"], reminders, "they are the same seen from either");
    let own = ann.get(&format!("/api/events/{}/reminders", event["id"].as_str().unwrap())).expect(200);
    assert_eq!(own, json!({ "reminders": reminders }));
    let late_by = history(&reminded)["late_by_ms"].as_i64().unwrap();
    assert_eq!(late_by, (moment(&reminded["created_at"]) - moment(&reminded["due_at"])).num_milliseconds());

    let status: Value = serde_json::from_str(office.run(&["status", "--json"]).out()).unwrap();
    let told = json!({ "fired": 1, "late": 0, "missed": 0, "collapsed": 0, "skipped": 1 });
    assert_eq!(status["last_30_days"], told, "{status}");
    let mut office = office;
    office.terminate();
    office.wait();
    let status: Value = serde_json::from_str(office.run(&["status", "--json"]).out()).unwrap();
    assert_eq!((&status["last_30_days"], &status["fired"]), (&told, &json!(0)), "the one outlives the hub: {status}");
}
