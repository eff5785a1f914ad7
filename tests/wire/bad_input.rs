//! What is wrong is refused, with the field named, and nothing is half-written.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Office, PATIENCE, event_in};

/// An office of two with one event, and what it looks like: to be the same after each refusal.
struct Unchanged {
    _office: Office,
    admin: Client,
    ann: Client,
    event: String,
    before: Vec<Value>,
}

impl Unchanged {
    fn new() -> Self {
        let (office, admin) = Office::open();
        let ann = admin.add("Ann");
        let event = admin.create(&event_in(86_400, &[&ann.id]));
        let event = format!("/api/events/{}", event["id"].as_str().unwrap());
        let mut unchanged = Self { _office: office, admin, ann, event, before: Vec::new() };
        unchanged.before = unchanged.state();
        unchanged
    }

    fn state(&self) -> Vec<Value> {
        let all =
            ["/api/events", "/api/people", "/api/devices", "/api/me"].map(|path| self.admin.get(path).expect(200));
        let mut all = all.to_vec();
        // When a device was last heard of is not part of what is refused.
        for device in all[2]["devices"].as_array_mut().unwrap() {
            device["last_seen_at"].take();
        }
        all.push(self.ann.get("/api/notifications").expect(200));
        all.push(self.admin.get("/api/notifications").expect(200));
        all
    }

    #[track_caller]
    fn assert(&self, why: &dyn std::fmt::Debug) {
        assert_eq!(self.state(), self.before, "something was written: {why:?}");
    }
}

/// A body that is right but for one field.
fn event_with(field: &str, value: &Value) -> Value {
    let mut event = json!({ "title": "Visite", "starts_at": "2031-11-24T09:00:00Z" });
    event[field] = value.clone();
    event
}

fn of_length(length: usize) -> Value {
    Value::String("é".repeat(length))
}

/// Values that neither a new event nor a change of one may have: the field, and what it is called.
fn wrong_in_events() -> Vec<(&'static str, Value, &'static str)> {
    let mut cases = vec![
        ("title", of_length(201), "title"),
        ("location", of_length(201), "location"),
        ("location", json!("12 rue\ndes Lilas"), "location"),
        ("comment", of_length(10_001), "comment"),
        ("comment", json!("a\u{1b}[31m"), "comment"),
        ("contact", json!({ "name": of_length(201) }), "contact.name"),
        ("contact", json!({ "name": "a\u{7}" }), "contact.name"),
        ("contact", json!({ "id": of_length(201) }), "contact.id"),
        ("contact", json!({ "phone": of_length(51) }), "contact.phone"),
        ("contact", json!({ "email": "no address" }), "contact.email"),
        ("contact", json!({ "email": "a@b@c" }), "contact.email"),
        ("contact", json!({ "mail": "a@b" }), "contact.mail"),
        ("contact", json!({ "name": 5 }), "contact.name"),
        ("contact", json!("Marie Dupont"), "contact"),
        ("contact", json!(["c-17"]), "contact"),
        ("reminders", json!([40_321]), "reminders"),
        ("reminders", json!([-1]), "reminders"),
        ("reminders", json!([2.5]), "reminders"),
        ("reminders", json!(["5"]), "reminders"),
        ("reminders", json!([5, 30, 5]), "reminders"),
        ("reminders", json!((0..11).collect::<Vec<_>>()), "reminders"),
        ("reminders", json!(5), "reminders"),
        ("reminder_days", json!([29]), "reminder_days"),
        ("reminder_days", json!([1, 1]), "reminder_days"),
        ("assignees", json!(["0192"]), "assignees"),
        ("assignees", json!(["01920000-0000-7000-8000-000000000000"]), "assignees"),
        ("assignees", json!([5]), "assignees"),
        ("assignees", json!("everybody"), "assignees"),
        ("assignees", json!(vec!["01920000-0000-7000-8000-000000000000"; 2_001]), "assignees"),
        ("time_zone", json!("Europe/Paname"), "time_zone"),
        ("time_zone", json!("+01:00"), "time_zone"),
        ("time_zone", json!("localtime"), "time_zone"),
        ("time_zone", json!(""), "time_zone"),
        ("time_zone", json!(1), "time_zone"),
        ("status", json!("postponed"), "status"),
        ("visibility", json!("secret"), "visibility"),
        ("all_day", json!("yes"), "all_day"),
        ("ends_at", json!("2031-11-24T08:59:59.999Z"), "ends_at"),
        ("ends_on", json!("2031-11-25"), "ends_on"),
        ("starts_on", json!("2031-11-24"), "starts_on"),
    ];
    let controls = ["a\u{0}b", "a\nb", "a\tb", "a\u{7f}b", "a\u{85}b"];
    cases.extend(controls.map(|text| ("title", json!(text), "title")));
    let no_instants =
        ["tomorrow", "2031-11-24", "2031-02-30T09:00:00Z", "2031-11-24T25:00", "12031-11-24T09:00:00Z", ""];
    cases.extend(no_instants.map(|text| ("starts_at", json!(text), "starts_at")));
    cases.push(("starts_at", json!(1_795_424_400), "starts_at"));
    cases.push(("starts_at", Value::Null, "starts_at"));
    // What only the hub says, and what nobody knows.
    let unknown = ["id", "revision", "created_by", "created_at", "updated_at", "deleted_at", "busy", "titel"];
    cases.extend(unknown.map(|field| (field, json!("x"), field)));
    cases
}

#[test]
fn an_event_that_breaks_a_rule_is_not_created() {
    let office = Unchanged::new();
    for (field, value, named) in wrong_in_events() {
        let answer = office.admin.post("/api/events", &event_with(field, &value));
        assert_eq!(answer.wrong_field(), named, "{field}: {value}");
        office.assert(&(field, value));
    }
    let whole = [
        (json!({}), "starts_at"),
        (json!({ "title": "Visite" }), "starts_at"),
        (json!({ "starts_at": "2031-11-24T09:00:00Z" }), "title"),
        (json!({ "starts_at": "2031-11-24T09:00:00Z", "title": " ", "contact": {}, "comment": "" }), "title"),
        (json!({ "title": "x", "all_day": true }), "starts_on"),
        (json!({ "title": "x", "all_day": true, "starts_at": "2031-11-24T09:00:00Z" }), "starts_at"),
        (json!({ "title": "x", "starts_on": "2031-02-29" }), "starts_on"),
        (json!({ "title": "x", "starts_on": "2031-11-24", "ends_on": "2031-11-23" }), "ends_on"),
        (json!({ "title": "x", "starts_on": "2031-11-24", "ends_at": "2031-11-24T09:00:00Z" }), "ends_at"),
        (json!({ "title": "x", "all_day": false, "starts_on": "2031-11-24" }), "starts_on"),
    ];
    for (body, named) in whole {
        assert_eq!(office.admin.post("/api/events", &body).wrong_field(), named, "{body}");
        office.assert(&body);
    }
}

#[test]
fn a_change_that_breaks_a_rule_is_not_made() {
    let office = Unchanged::new();
    for (field, value, named) in wrong_in_events() {
        // A right field beside the wrong one must not be written either.
        let mut patch = json!({ "location": "Ailleurs" });
        patch[field] = value.clone();
        if field == "ends_at" {
            patch["ends_at"] = json!("2001-01-01T00:00:00Z");
        }
        assert_eq!(office.admin.patch(&office.event, &patch).wrong_field(), named, "{field}: {value}");
        office.assert(&(field, value));
    }
    assert_eq!(office.admin.patch(&office.event, &json!({ "title": null })).wrong_field(), "title");
    let all_day = json!({ "all_day": true, "starts_on": null });
    assert_eq!(office.admin.patch(&office.event, &all_day).wrong_field(), "starts_on");
    office.assert(&all_day);
}

#[test]
fn what_is_within_the_limits_is_taken() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let event = json!({
        "title": of_length(200),
        "location": of_length(200),
        "comment": of_length(10_000),
        "contact": { "id": of_length(200), "name": of_length(200), "phone": of_length(50), "email": "a@b" },
        "reminders": [0, 1, 2, 3, 4, 5, 6, 7, 8, 40_320],
        "starts_at": "2031-11-24T09:00:00Z",
        "ends_at": "2031-11-24T09:00:00Z",
        "assignees": [ann.id, ann.id],
    });
    let made = admin.create(&event);
    for field in ["title", "location", "comment", "contact", "reminders"] {
        assert_eq!(made[field], event[field], "{field}");
    }
    assert_eq!(made["assignees"], json!([ann.id]));
    assert_eq!(made["ends_at"], made["starts_at"]);
    let lines = json!({ "comment": "Apporter\n\tles plans\r\n", "starts_at": "2031-11-24T09:00" });
    let made = admin.create(&lines);
    assert_eq!((&made["comment"], &made["starts_at"]), (&lines["comment"], &json!("2031-11-24T08:00:00.000Z")));
}

/// Values that neither a new person nor a change of one may have.
fn wrong_in_people() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("name", json!(""), "name"),
        ("name", json!("   "), "name"),
        ("name", json!("a\nb"), "name"),
        ("name", json!("a\u{1b}[2J"), "name"),
        ("name", of_length(121), "name"),
        ("name", json!(5), "name"),
        ("role", json!("owner"), "role"),
        ("email", json!("nowhere"), "email"),
        ("email", json!(format!("{}@b", "a".repeat(254))), "email"),
        ("id", json!("01920000-0000-7000-8000-000000000000"), "id"),
        ("nmae", json!("Ann"), "nmae"),
    ]
}

/// Values that nobody's preferences may have.
fn wrong_in_preferences() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("locale", json!("de"), "locale"),
        ("locale", json!(["fr"]), "locale"),
        ("time_zone", json!("Paris"), "time_zone"),
        ("reminders", json!([5, 5]), "reminders"),
        ("reminders", json!([40_321]), "reminders"),
    ]
}

fn wrong_quiet_hours() -> Vec<(&'static str, Value, &'static str)> {
    vec![
        ("quiet_hours", json!({ "from": "19:00" }), "quiet_hours.to"),
        ("quiet_hours", json!({ "from": "19:00", "to": "24:00" }), "quiet_hours.to"),
        ("quiet_hours", json!({ "from": "7 pm", "to": "07:30" }), "quiet_hours.from"),
        ("quiet_hours", json!({ "from": "19:00", "to": "07:30", "days": [] }), "quiet_hours.days"),
        ("quiet_hours", json!("19:00-07:30"), "quiet_hours"),
        ("quiet_hours", json!(["19:00", "07:30"]), "quiet_hours"),
    ]
}

#[test]
fn a_person_who_breaks_a_rule_is_neither_added_nor_changed() {
    let office = Unchanged::new();
    let ann = format!("/api/people/{}", office.ann.id);
    for (field, value, named) in wrong_in_people().into_iter().chain(wrong_in_preferences()) {
        let mut person = json!({ "name": "Carl" });
        person[field] = value.clone();
        assert_eq!(office.admin.post("/api/people", &person).wrong_field(), named, "{person}");
        let mut patch = json!({ "email": "ann@office.example" });
        patch[field] = value.clone();
        assert_eq!(office.admin.patch(&ann, &patch).wrong_field(), named, "{patch}");
        office.assert(&(field, value));
    }
    for (field, value, named) in wrong_quiet_hours() {
        let patch = json!({ field: value });
        assert_eq!(office.admin.patch(&ann, &patch).wrong_field(), named, "{patch}");
    }
    assert_eq!(office.admin.post("/api/people", &json!({})).wrong_field(), "name");
    assert_eq!(office.admin.patch(&ann, &json!({ "active": "no" })).wrong_field(), "active");
    office.assert(&ann);
}

#[test]
fn preferences_that_break_a_rule_are_not_kept() {
    let office = Unchanged::new();
    for (field, value, named) in wrong_in_preferences().into_iter().chain(wrong_quiet_hours()) {
        let patch = json!({ field: value });
        assert_eq!(office.admin.patch("/api/me", &patch).wrong_field(), named, "{patch}");
        office.assert(&patch);
    }
    for field in ["name", "role", "email", "active", "id"] {
        let patch = json!({ "locale": "en", field: "x" });
        assert_eq!(office.admin.patch("/api/me", &patch).wrong_field(), field, "an admin's to change, or nobody's");
        office.assert(&patch);
    }
}

#[test]
fn wrong_parameters_and_smaller_bodies_are_named_too() {
    let office = Unchanged::new();
    let told = office.ann.inbox()[0]["id"].as_str().unwrap().to_owned();
    let queries = [
        ("/api/events?from=tomorrow", "from"),
        ("/api/events?to=2031-11-24", "to"),
        ("/api/events?assignee=Ann", "assignee"),
        ("/api/events?status=late", "status"),
        ("/api/events?limit=0", "limit"),
        ("/api/events?limit=many", "limit"),
        ("/api/events?limit=100000", "limit"),
        ("/api/events?cursor=x", "cursor"),
        ("/api/notifications?limit=-1", "limit"),
        ("/api/notifications?before=now", "before"),
    ];
    for (path, named) in queries {
        assert_eq!(office.ann.get(path).wrong_field(), named, "{path}");
    }
    let long = format!("/api/events?q={}", "x".repeat(201));
    assert_eq!(office.ann.get(&long).wrong_field(), "q");

    let snooze = format!("/api/notifications/{told}/snooze");
    for minutes in [json!(0), json!(10_081), json!(-5), json!(2.5), json!("5"), Value::Null] {
        let body = json!({ "minutes": minutes });
        assert_eq!(office.ann.post(&snooze, &body).wrong_field(), "minutes", "{body}");
    }
    assert_eq!(office.ann.post(&snooze, &json!({})).wrong_field(), "minutes");
    assert_eq!(office.ann.post(&snooze, &json!({ "minutes": 5, "seconds": 1 })).wrong_field(), "seconds");

    let code = office.admin.invite(&office.ann.id);
    let pair = |body: Value| office.ann.post("/api/pair", &body).wrong_field();
    assert_eq!(pair(json!({ "code": code })), "device_name");
    assert_eq!(pair(json!({ "device_name": "x" })), "code");
    assert_eq!(pair(json!({ "code": code, "device_name": "a\u{0}" })), "device_name");
    assert_eq!(pair(json!({ "code": code, "device_name": of_length(121) })), "device_name");
    assert_eq!(pair(json!({ "code": 5, "device_name": "x" })), "code");
    assert_eq!(pair(json!({ "code": code, "device_name": "x", "token": "x" })), "token");
    office.assert(&"none of them");

    for cursor in ["since=x", "since=-1", "since=1&last_id=x", "since=1&changes_since=x"] {
        let refused = office.ann.upgrade(&format!("/ws/notifications/?{cursor}")).unwrap_err();
        assert_eq!(refused.status, 422, "{cursor}");
        let named = cursor.rsplit('&').next().unwrap().split('=').next().unwrap();
        let body: Value = serde_json::from_str(&refused.body).unwrap();
        assert_eq!(body["error"]["field"], named, "{cursor}");
    }
}

#[test]
fn what_is_no_json_is_400_and_what_is_something_else_415() {
    let office = Unchanged::new();
    let post =
        |content_type: &str, body: &[u8]| office.admin.request("POST", "/api/events").bytes(content_type, body).send();
    let right = event_with("location", &json!("Ici")).to_string();
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    let in_a_field = format!("{{\"comment\":{deep}}}");
    let wrong_and_broken = "{\"titel\": 5, ";
    for body in [
        "{",
        "nonsense",
        "{\"title\": \"x\"} y",
        "{\"title\": \"\\ud800\"}",
        &right[1..],
        &deep,
        &in_a_field,
        wrong_and_broken,
    ] {
        assert_eq!(post("application/json", body.as_bytes()).refusal(400), "malformed_json", "{:.40}", body);
    }
    assert_eq!(post("application/json", b"{\"title\": \"\xff\"}").refusal(400), "malformed_json");
    for (body, named) in [("[]", ""), ("5", ""), ("null", ""), ("\"x\"", ""), ("", "starts_at")] {
        assert_eq!(post("application/json", body.as_bytes()).wrong_field(), named, "{body}");
    }
    for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "text/html"] {
        assert_eq!(post(content_type, right.as_bytes()).refusal(415), "not_json", "{content_type}");
    }
    assert_eq!(office.admin.request("POST", "/api/events").untyped(&right).send().refusal(415), "not_json");
    office.assert(&"none of them");
    post("Application/JSON; charset=utf-8", right.as_bytes()).expect(201);
}

#[test]
fn a_body_over_256_kib_is_413() {
    let office = Unchanged::new();
    let limit = 256 * 1024;
    let post = |length: usize| {
        let right = event_with("location", &json!("Ici")).to_string();
        let body = format!("{right}{}", " ".repeat(length - right.len()));
        office.admin.request("POST", "/api/events").bytes("application/json", body).send()
    };
    assert_eq!(post(limit + 1).refusal(413), "too_large");
    office.assert(&"too large");
    post(limit).expect(201);
}

#[test]
fn an_empty_body_needs_no_type_and_calls_without_a_body_none() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    admin.create(&event_in(86_400, &[&ann.id]));
    let told = ann.inbox()[0]["id"].as_str().unwrap().to_owned();
    let bare = |path: &str| ann.request("POST", path).send();
    bare(&format!("/api/notifications/{told}/read/")).expect(200);
    bare(&format!("/api/notifications/{told}/dismiss")).expect(200);
    bare("/api/notifications/mark-all-read/").expect(200);
    assert_eq!(bare("/api/events").wrong_field(), "starts_at");
    admin.request("POST", &format!("/api/people/{}/invitations", ann.id)).send().expect(201);
}

#[test]
fn a_body_that_nobody_asked_for_leaves_the_connection_usable() {
    let (_office, admin) = Office::open();
    let host = admin.own_origin().replace("http://", "");
    let mut stream = TcpStream::connect(&host).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    let head = format!(
        "POST /api/notifications/mark-all-read/ HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n\
         Content-Type: application/json\r\nContent-Length: 2\r\n\r\n",
        admin.token
    );
    for _ in 0..100 {
        // In two parts, as many clients send it: the answer must not overtake the second.
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(b"{}").unwrap();
        let mut answer = Vec::new();
        while !answer.ends_with(b"{\"unread_count\":0}") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("the connection stays open");
            answer.push(byte[0]);
        }
    }
}

#[test]
fn what_is_not_there_is_404_and_what_cannot_be_done_405() {
    let (_office, admin) = Office::open();
    let unknown = "01920000-0000-7000-8000-000000000000";
    let refused = |answer: Answer| assert_eq!(answer.refusal(404), "not_found");
    for id in [unknown, "none", "%00", "%ff", "..%2f..%2fetc"] {
        refused(admin.get(&format!("/api/events/{id}")));
        refused(admin.patch(&format!("/api/events/{id}"), &json!({})));
        refused(admin.delete(&format!("/api/events/{id}")));
        refused(admin.post(&format!("/api/events/{id}/restore"), &json!({})));
        refused(admin.patch(&format!("/api/people/{id}"), &json!({})));
        refused(admin.post(&format!("/api/people/{id}/invitations"), &json!({})));
        refused(admin.delete(&format!("/api/people/{id}")));
        refused(admin.delete(&format!("/api/devices/{id}")));
        refused(admin.post(&format!("/api/notifications/{id}/read"), &json!({})));
    }
    refused(admin.get("/api/"));
    refused(admin.get("/api/none"));
    refused(admin.get("/ws/none"));
    assert_eq!(admin.delete("/api/events").refusal(405), "method_not_allowed");
    assert_eq!(admin.request("PUT", "/api/me").send().refusal(405), "method_not_allowed");
}
