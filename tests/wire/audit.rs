//! The audit log: who did what when, for admins, and nothing in it that the reader may not know.

use serde_json::{Value, json};

use crate::harness::{Client, Office, event_in};

const DAY: i64 = 86_400;

#[track_caller]
fn entries(admin: &Client, query: &str) -> Vec<Value> {
    admin.get(&format!("/api/audit?{query}")).expect(200)["entries"].as_array().unwrap().clone()
}

fn actions(entries: &[Value]) -> Vec<&str> {
    entries.iter().map(|entry| entry["action"].as_str().unwrap()).collect()
}

fn event(title: &str, visibility: &str, assignee: &Client) -> Value {
    let mut event = event_in(DAY, &[&assignee.id]);
    event["title"] = title.into();
    event["visibility"] = visibility.into();
    event
}

#[test]
fn what_people_did_is_told_with_their_names() {
    let (office, admin) = Office::open();
    let [ann, bob] = ["Ann", "Bob"].map(|name| admin.add(name));
    let made = bob.create(&event("Visite", "team", &ann));
    let path = format!("/api/events/{}", made["id"].as_str().unwrap());
    bob.patch(&path, &json!({ "title": "Visite du toit", "assignees": [bob.id] })).expect(200);
    admin.delete(&path).expect(204);
    admin.delete(&format!("/api/devices/{}", ann.device)).expect(204);
    admin.patch(&format!("/api/people/{}", bob.id), &json!({ "role": "admin" })).expect(200);
    admin.delete(&format!("/api/people/{}", ann.id)).expect(200);
    office.run(&["person", "add", "Carl"]).out();

    let all = entries(&admin, "limit=7");
    assert_eq!(
        actions(&all),
        [
            "person.create",
            "person.update",
            "person.update",
            "device.revoke",
            "event.delete",
            "event.update",
            "event.create"
        ]
    );
    let [carl, left, promoted, revoked, deleted, updated, created] = all.try_into().unwrap();
    assert_eq!((&carl["by"], &carl["object"]["name"]), (&Value::Null, &json!("Carl")));
    assert_eq!((&left["object"]["name"], &left["active"]), (&json!("Ann"), &json!(false)), "her name is known still");
    assert_eq!((&promoted["object"]["name"], &promoted["role"]), (&json!("Bob"), &json!("admin")));
    let device = json!({ "kind": "device", "id": ann.device, "name": "test", "owner": "Ann" });
    assert_eq!((&revoked["object"], &revoked["device"]), (&device, &json!("test")));
    let object = json!({ "kind": "event", "id": made["id"], "title": "Visite du toit", "is_private": false });
    assert_eq!((&deleted["object"], &deleted["by"]["id"]), (&object, &json!(admin.id)));
    assert_eq!((&updated["by"]["name"], &updated["fields"]), (&json!("Bob"), &json!(["title", "assignees"])));
    assert_eq!((&updated["added"], &updated["removed"]), (&json!(["Bob"]), &json!(["Ann"])));
    assert_eq!((&created["added"], &created["fields"]), (&json!(["Ann"]), &json!([])));
}

#[test]
fn of_others_private_events_it_says_only_that_there_was_something() {
    let (_office, admin) = Office::open();
    let [ann, bob] = ["Ann", "Bob"].map(|name| admin.add(name));
    let made = bob.create(&event("Médecin", "private", &ann));
    let path = format!("/api/events/{}", made["id"].as_str().unwrap());
    bob.patch(&path, &json!({ "title": "Dentiste", "assignees": [] })).expect(200);
    let answer = admin.get("/api/audit?topic=events");
    let seen = answer.expect(200)["entries"].as_array().unwrap().clone();
    assert_eq!(actions(&seen), ["event.update", "event.create"]);
    for entry in &seen {
        assert_eq!((&entry["object"]["title"], &entry["object"]["is_private"]), (&Value::Null, &json!(true)));
        assert_eq!((&entry["fields"], &entry["added"], &entry["removed"]), (&json!([]), &json!([]), &json!([])));
    }
    assert!(!answer.body.contains("Dentiste") && !answer.body.contains("Médecin"));
    admin.patch(&format!("/api/people/{}", bob.id), &json!({ "role": "admin" })).expect(200);
    let own = entries(&bob, "topic=events");
    assert_eq!(own[0]["object"]["title"], "Dentiste", "it is his own");
}

#[test]
fn it_is_read_page_by_page_and_of_one_person_or_topic() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    for number in 0..7 {
        ann.create(&event(&number.to_string(), "team", &ann));
    }
    admin.post("/api/copies", &json!({})).expect(201);
    let all = entries(&admin, "limit=500");
    let mut paged = Vec::new();
    let mut before = String::new();
    loop {
        let page = admin.get(&format!("/api/audit?limit=3&before={before}")).expect(200);
        paged.extend(page["entries"].as_array().unwrap().clone());
        let Some(next) = page["next_before"].as_u64() else { break };
        // What is done meanwhile does not move the pages.
        ann.create(&event("meanwhile", "team", &ann));
        before = next.to_string();
    }
    assert_eq!(paged, all);
    assert_eq!(actions(&entries(&admin, "topic=hub")), ["copy.create", "office.update"]);
    let copy = &entries(&admin, "topic=hub")[0]["object"];
    assert_eq!((&copy["kind"], &copy["name"]), (&json!("copy"), &admin.get("/api/copies").json()["copies"][0]["name"]));
    let of_ann = entries(&admin, &format!("person={}&topic=people", ann.id));
    assert_eq!(actions(&of_ann), ["invitation.create", "person.create"], "what was done to her as well");
    for (query, field) in [("before=x", "before"), ("person=x", "person"), ("topic=x", "topic"), ("limit=0", "limit")] {
        assert_eq!(admin.get(&format!("/api/audit?{query}")).wrong_field(), field);
    }
}
