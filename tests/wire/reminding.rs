//! The main job: somebody is assigned to an event, and is told at once, 30 and 5 minutes before.

use serde_json::{Value, json};

use crate::harness::{Office, event_in, in_the_future, moment, now};

/// The visit of the contract's example, for `assignee`.
fn visit(starts_at: &str, assignee: &str) -> Value {
    json!({
        "title": "Visite de chantier",
        "starts_at": starts_at,
        "location": "12 rue des Lilas",
        "comment": "Apporter les plans",
        "contact": { "id": "c-17", "name": "Marie Dupont", "phone": "+33 6 12 34 56 78" },
        "assignees": [assignee],
    })
}

#[test]
fn who_is_assigned_is_told_at_once() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let mut session = ann.session();
    let event = admin.create(&visit("2031-11-24T09:00:00Z", &ann.id));

    let frame = session.next();
    let created_at = moment(&frame["notification"]["created_at"]);
    assert!(created_at <= now());
    assert_eq!(
        frame,
        json!({
            "type": "event_notification",
            "unread_count": 1,
            "notification": {
                "id": frame["notification"]["id"],
                "seq": 1,
                "change": 1,
                "type": "event",
                "notification_type": "assigned",
                "outcome": "fired",
                "title": "Nouvel événement assigné",
                "message": "Vous avez été assigné à un événement le 24/11/2031 à 10:00 - Marie Dupont\nApporter les plans",
                "minutes_before": null,
                "event_id": event["id"],
                "event": {
                    "id": event["id"],
                    "datetime": "2031-11-24T09:00:00.000Z",
                    "contactId": "c-17",
                    "contactName": "Marie Dupont",
                    "contactPhone": "+33 6 12 34 56 78",
                    "comment": "Apporter les plans",
                    "title": "Visite de chantier",
                    "location": "12 rue des Lilas",
                    "endsAt": null,
                    "allDay": false,
                    "timeZone": "Europe/Paris",
                },
                "data": { "notification_type": "assigned", "minutes_before": null },
                "due_at": created_at.to_string(),
                "created_at": created_at.to_string(),
                "late": false,
                "parent_id": null,
                "is_read": false,
                "dismissed_at": null,
                "snoozed_until": null,
                "withdrawn_at": null,
            },
        })
    );
    assert_eq!(ann.inbox(), [frame["notification"].clone()], "the list has the same shape");
}

#[test]
fn the_event_comes_back_as_it_was_made() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let event = admin.create(&visit("2031-11-24T10:00:00+01:00", &ann.id));
    assert_eq!(moment(&event["created_at"]), moment(&event["updated_at"]));
    assert_eq!(
        event,
        json!({
            "id": event["id"],
            "busy": false,
            "title": "Visite de chantier",
            "all_day": false,
            "starts_at": "2031-11-24T09:00:00.000Z",
            "ends_at": null,
            "starts_on": null,
            "ends_on": null,
            "time_zone": "Europe/Paris",
            "location": "12 rue des Lilas",
            "comment": "Apporter les plans",
            "contact": { "id": "c-17", "name": "Marie Dupont", "phone": "+33 6 12 34 56 78", "email": null },
            "assignees": [ann.id],
            "reminders": null,
            "reminder_days": [0],
            "status": "planned",
            "visibility": "team",
            "revision": 1,
            "created_by": admin.id,
            "created_at": event["created_at"],
            "updated_at": event["updated_at"],
        })
    );
    let id = event["id"].as_str().unwrap();
    let shown = admin.get(&format!("/api/events/{id}"));
    assert_eq!(shown.header("etag"), Some("\"1\""));
    assert_eq!(shown.expect(200), event);
}

/// An event `minutes` and two seconds ahead: its reminder is due two seconds from now.
#[track_caller]
fn assert_reminded(minutes: i64, words: &str) {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let mut session = ann.session();
    let event = admin.create(&visit(&in_the_future(minutes * 60 + 2), &ann.id));
    let starts_at = moment(&event["starts_at"]);
    let due_at = starts_at.as_ms() - minutes * 60_000;

    session.next_notification("assigned");
    let reminder = session.next_notification(&format!("{minutes}min_before"));
    let told_at = now().as_ms();

    assert_eq!(reminder["minutes_before"], minutes);
    assert_eq!(
        reminder["data"],
        json!({ "notification_type": format!("{minutes}min_before"), "minutes_before": minutes })
    );
    assert_eq!(reminder["seq"], 2);
    assert_eq!(reminder["outcome"], "fired");
    assert_eq!(moment(&reminder["due_at"]).as_ms(), due_at);
    assert!(moment(&reminder["created_at"]).as_ms() >= due_at, "never before it is due: {reminder}");
    assert!(told_at >= due_at, "never before it is due: {reminder}");
    assert_eq!(reminder["late"], false);
    assert_eq!(reminder["title"], "Rappel événement");
    let message = reminder["message"].as_str().unwrap();
    assert!(message.starts_with(&format!("Votre événement commence dans {words} (")), "{message}");
    assert!(message.ends_with(") - Marie Dupont\nApporter les plans"), "{message}");
}

#[test]
fn the_30_minute_reminder_comes_when_it_is_due() {
    assert_reminded(30, "30 minutes");
}

#[test]
fn the_5_minute_reminder_comes_when_it_is_due() {
    assert_reminded(5, "5 minutes");
}

#[test]
fn whoever_acts_is_not_told_of_it_but_is_reminded() {
    let (_office, admin) = Office::open();
    let mut session = admin.session();
    admin.create(&event_in(5 * 60 + 2, &[&admin.id]));
    session.next_notification("5min_before");
}

#[test]
fn each_person_is_told_in_their_language_and_zone() {
    let (_office, admin) = Office::open();
    let ann = admin.add_with(&json!({ "name": "Ann", "locale": "en", "time_zone": "America/New_York" }));
    let mut session = ann.session();
    admin.create(&visit("2031-11-24T09:00:00Z", &ann.id));
    let told = session.next_notification("assigned");
    assert_eq!(told["title"], "New event assigned");
    let message = "You have been assigned to an event on 24/11/2031 at 04:00 - Marie Dupont\nApporter les plans";
    assert_eq!(told["message"], message);
}

#[test]
fn a_moved_cancelled_or_reassigned_event_is_told_to_its_people() {
    let (_office, admin) = Office::open();
    let (ann, carl) = (admin.add("Ann"), admin.add("Carl"));
    let (mut of_ann, mut of_carl) = (ann.session(), carl.session());
    let event = admin.create(&visit("2031-11-24T09:00:00Z", &ann.id));
    let path = format!("/api/events/{}", event["id"].as_str().unwrap());
    of_ann.next_notification("assigned");

    admin.patch(&path, &json!({ "starts_at": "2031-11-25T09:00:00Z" })).expect(200);
    assert!(!of_ann.next_of("notification_updated")["notification"]["withdrawn_at"].is_null());
    let moved = of_ann.next_notification("moved");
    let words =
        "Votre événement du 24/11/2031 à 10:00 est déplacé au 25/11/2031 à 10:00 - Marie Dupont\nApporter les plans";
    assert_eq!((&moved["title"], &moved["message"]), (&json!("Événement déplacé"), &json!(words)));

    admin.patch(&path, &json!({ "assignees": [carl.id] })).expect(200);
    of_ann.next_of("notification_updated");
    let gone = of_ann.next_notification("unassigned");
    let words = "L'événement du 25/11/2031 à 10:00 ne vous est plus assigné - Marie Dupont\nApporter les plans";
    assert_eq!((&gone["title"], &gone["message"]), (&json!("Événement réattribué"), &json!(words)));
    of_carl.next_notification("assigned");

    admin.delete(&path).expect(204);
    of_carl.next_of("notification_updated");
    let cancelled = of_carl.next_notification("cancelled");
    let words = "Votre événement du 25/11/2031 à 10:00 est annulé - Marie Dupont\nApporter les plans";
    assert_eq!((&cancelled["title"], &cancelled["message"]), (&json!("Événement annulé"), &json!(words)));

    admin.post(&format!("{path}/restore"), &json!({})).expect(200);
    of_carl.next_of("notification_updated");
    of_carl.next_notification("assigned");
}

#[test]
fn an_all_day_event_starts_at_midnight_in_its_zone() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let mut session = ann.session();
    let days = json!({ "title": "Salon", "starts_on": "2031-11-24", "ends_on": "2031-11-25", "assignees": [ann.id] });
    let made = admin.create(&days);
    assert_eq!((&made["all_day"], &made["starts_at"], &made["ends_at"]), (&json!(true), &Value::Null, &Value::Null));
    let told = session.next_notification("assigned")["event"].clone();
    assert_eq!((&told["allDay"], &told["datetime"]), (&json!(true), &json!("2031-11-23T23:00:00.000Z")));
    assert_eq!(told["endsAt"], "2031-11-25T23:00:00.000Z");
}
