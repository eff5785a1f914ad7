//! Two people at one event, and requests that are sent twice.

use serde_json::{Value, json};

use crate::harness::{Client, Office, event_in};

const DAY: i64 = 86_400;

fn path(event: &Value) -> String {
    format!("/api/events/{}", event["id"].as_str().unwrap())
}

#[test]
fn who_has_not_seen_the_latest_revision_changes_nothing() {
    let (_office, admin) = Office::open();
    let path = path(&admin.create(&event_in(DAY, &[])));
    let patch = |revision: &str, title: &str| {
        admin.request("PATCH", &path).header("if-match", revision).json(&json!({ "title": title })).send()
    };
    let changed = patch("\"1\"", "Appel");
    assert_eq!(changed.header("etag"), Some("\"2\""));
    assert_eq!(changed.expect(200)["revision"], 2);
    assert_eq!(patch("\"1\"", "Visite").refusal(412), "revision_mismatch");
    assert_eq!(patch("1", "Visite").wrong_field(), "If-Match");
    let delete = |revision: &str| admin.request("DELETE", &path).header("if-match", revision).send();
    assert_eq!(delete("\"1\"").refusal(412), "revision_mismatch");
    assert_eq!(admin.get(&path).expect(200)["title"], "Appel");
    delete("\"2\"").expect(204);
}

#[test]
fn a_change_that_changes_nothing_is_no_revision() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let event = admin.create(&event_in(DAY, &[&ann.id]));
    let same =
        admin.patch(&path(&event), &json!({ "title": event["title"], "starts_at": event["starts_at"] })).expect(200);
    assert_eq!(same, event);
    assert_eq!(ann.inbox().len(), 1);
}

#[test]
fn a_merge_patch_changes_what_it_names() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let event = json!({
        "title": "Visite",
        "starts_at": "2031-11-24T09:00:00Z",
        "ends_at": "2031-11-24T10:30:00Z",
        "location": "Ici",
        "contact": { "name": "Marie Dupont", "phone": "+33 6" },
        "assignees": [ann.id],
        "reminders": [10],
    });
    let path = path(&admin.create(&event));
    let patch = |body: Value| admin.patch(&path, &body).expect(200);

    let moved = patch(json!({ "starts_at": "2031-11-25T14:00:00Z" }));
    assert_eq!(moved["ends_at"], "2031-11-25T15:30:00.000Z", "the start alone keeps the duration");
    let zoned = patch(json!({ "time_zone": "Europe/London" }));
    assert_eq!(zoned["starts_at"], "2031-11-25T15:00:00.000Z", "the zone alone keeps the wall time");
    let emptied = patch(json!({ "location": null, "reminders": null, "ends_at": null }));
    assert_eq!([&emptied["location"], &emptied["reminders"], &emptied["ends_at"]], [&Value::Null; 3]);
    let replaced = patch(json!({ "contact": { "email": "marie@dupont.example" }, "assignees": [] }));
    let contact = json!({ "id": null, "name": null, "phone": null, "email": "marie@dupont.example" });
    assert_eq!((&replaced["contact"], &replaced["assignees"]), (&contact, &json!([])), "replaced whole");
    assert_eq!(replaced["title"], "Visite", "what is left out stays");
    let days = patch(json!({ "all_day": true, "starts_on": "2031-11-26", "ends_on": "2031-11-27" }));
    assert_eq!([&days["starts_at"], &days["ends_at"]], [&Value::Null; 2]);
    assert_eq!((&days["starts_on"], &days["ends_on"]), (&json!("2031-11-26"), &json!("2031-11-27")));
}

#[test]
fn a_wall_time_that_does_not_exist_is_shifted_and_shown() {
    let (_office, admin) = Office::open();
    let start = |text: &str| {
        let event = json!({ "title": "x", "starts_at": text, "time_zone": "Europe/Paris" });
        admin.create(&event)["starts_at"].clone()
    };
    assert_eq!(start("2031-03-30T02:30"), "2031-03-30T01:30:00.000Z", "03:30 on that day");
    assert_eq!(start("2031-10-26T02:30"), "2031-10-26T00:30:00.000Z", "the first of the two");
    assert_eq!(start("2031-10-26T02:30:00+01:00"), "2031-10-26T01:30:00.000Z", "the second was asked for");
    assert_eq!(start("2031-11-24T09:00:00.123987Z"), "2031-11-24T09:00:00.123Z", "finer input is truncated");
}

#[test]
fn a_request_sent_again_is_done_once() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let body = event_in(DAY, &[&ann.id]);
    let create = |client: &Client, key: &str, body: &Value| {
        client.request("POST", "/api/events").header("idempotency-key", key).json(body).send()
    };
    let first = create(&admin, "k-1", &body);
    let again = create(&admin, "k-1", &body);
    assert_eq!((first.expect(201), &first.body), (again.expect(201), &again.body));
    assert_eq!(again.header("content-type"), Some("application/json"));
    let other = event_in(2 * DAY, &[&ann.id]);
    assert_eq!(create(&admin, "k-1", &other).refusal(409), "idempotency_key_reused");
    assert_eq!(ann.inbox().len(), 1);

    create(&admin, "k-2", &body).expect(201);
    create(&ann, "k-1", &other).expect(201);
    assert_eq!(
        admin.get("/api/events").expect(200)["events"].as_array().unwrap().len(),
        3,
        "keys are each token's own"
    );
    assert_eq!(create(&admin, "", &body).wrong_field(), "Idempotency-Key");
    assert_eq!(create(&admin, &"k".repeat(256), &body).wrong_field(), "Idempotency-Key");
}

#[test]
fn a_refused_request_may_be_sent_again_put_right() {
    let (_office, admin) = Office::open();
    let create = |body: &Value| admin.request("POST", "/api/events").header("idempotency-key", "k").json(body).send();
    assert_eq!(create(&json!({ "title": "x" })).wrong_field(), "starts_at");
    create(&event_in(DAY, &[])).expect(201);
}

#[test]
fn the_first_answer_is_remembered_over_a_restart() {
    let (mut office, admin) = Office::open();
    let body = event_in(DAY, &[]);
    let create = || admin.request("POST", "/api/events").header("idempotency-key", "k").json(&body).send().expect(201);
    let first = create();
    office.kill();
    office.start();
    assert_eq!(create(), first);
}

#[test]
fn a_deleted_event_is_gone_and_can_be_brought_back() {
    let (_office, admin) = Office::open();
    let event = admin.create(&event_in(DAY, &[]));
    let path = path(&event);
    admin.delete(&path).expect(204);
    assert_eq!(admin.get(&path).refusal(404), "not_found");
    assert_eq!(admin.patch(&path, &json!({ "title": "x" })).refusal(404), "not_found");
    assert_eq!(admin.delete(&path).refusal(404), "not_found");
    assert_eq!(admin.get("/api/events").expect(200)["events"], json!([]));
    let restored = admin.post(&format!("{path}/restore"), &json!({})).expect(200);
    assert_eq!((&restored["title"], &restored["revision"]), (&event["title"], &json!(3)));
    assert_eq!(admin.get("/api/events").expect(200)["events"], json!([restored]));
    assert_eq!(admin.post(&format!("{path}/restore"), &json!({})).expect(200), restored, "there already");
}

#[test]
fn lists_are_by_start_and_in_pages() {
    let (_office, admin) = Office::open();
    for day in [24, 21, 23, 22, 25] {
        admin.create(&json!({ "title": format!("Jour {day}"), "starts_at": format!("2031-11-{day}T09:00:00Z") }));
    }
    let mut titles = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = admin.get(&format!("/api/events?limit=2&cursor={cursor}")).expect(200);
        titles
            .extend(page["events"].as_array().unwrap().iter().map(|event| event["title"].as_str().unwrap().to_owned()));
        match page["next_cursor"].as_str() {
            Some(next) => cursor = next.to_owned(),
            None => break,
        }
    }
    assert_eq!(titles, ["Jour 21", "Jour 22", "Jour 23", "Jour 24", "Jour 25"]);
    let between = "/api/events?from=2031-11-22T09:00:00Z&to=2031-11-24T09:00:00Z";
    let titles = |path: &str| {
        let page = admin.get(path).expect(200);
        page["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["title"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(titles(between), ["Jour 22", "Jour 23"]);
    assert_eq!(titles("/api/events?q=JOUR%2023"), ["Jour 23"]);
    assert_eq!(titles("/api/events?q=&status=&assignee=").len(), 5, "a parameter without a value is none");
}
