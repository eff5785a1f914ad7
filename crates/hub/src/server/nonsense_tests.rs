//! Requests made of right ones by chance: whatever comes, the answer is one of the contract's.

use std::cell::Cell;

use axum::body::{Body as HttpBody, to_bytes};
use axum::http::Request;
use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use rappel_core::person::Role;
use rappel_store::{By, DeviceKind, NewPerson};
use serde_json::{Map, Value, json};
use tower::ServiceExt;

use super::*;
use crate::hub::HubConfig;
use crate::wire::frame::ClientFrame;

/// One office for all requests; what they leave behind is part of the nonsense.
struct Office {
    _dir: tempfile::TempDir,
    hub: Hub,
    token: String,
    /// What the places in a path can be.
    ids: Vec<String>,
}

impl Office {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let hub = Hub::open(HubConfig { data_dir: dir.path().join("data"), ..HubConfig::default() }).await.unwrap();
        let admin = hub.sign_in_desktop("test").await.unwrap();
        let (store, now) = (hub.store(), hub.now());
        let (name, role) = ("Colleague".to_owned(), Role::Member);
        let new = NewPerson { name, role, email: None, locale: None, time_zone: None, reminders: None };
        let colleague = store.add_person(By::CommandLine, new, now).await.unwrap();
        let theirs = store.create_token(By::CommandLine, colleague.id, DeviceKind::Token, "test".to_owned(), now);
        let theirs = theirs.await.unwrap();
        let mut office = Self { _dir: dir, hub, token: theirs.token, ids: Vec::new() };
        let starts_at = (now + TimeDelta::days(1)).to_string();
        let event = json!({ "title": "Visite", "starts_at": starts_at, "assignees": [admin.person.to_string()] });
        let (_, made) = office.ask("POST", "/api/events", &[], event.to_string().into_bytes()).await;
        let made: Value = serde_json::from_slice(&made).unwrap();
        office.token = admin.token;
        let told = office.hub.store().notifications(admin.person, None, 1).await.unwrap();
        office.ids = vec![
            made["id"].as_str().unwrap().to_owned(),
            told.notifications[0].id.to_string(),
            colleague.id.to_string(),
            theirs.device.id.to_string(),
            "01920000-0000-7000-8000-000000000000".to_owned(),
        ];
        office
    }

    async fn ask(&self, method: &str, path: &str, headers: &[(&str, String)], body: Vec<u8>) -> (u16, Vec<u8>) {
        let mut request = Request::builder().method(method).uri(path);
        request = request.header("authorization", format!("Bearer {}", self.token));
        request = request.header("content-type", "application/json");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let answer = self.hub.router().oneshot(request.body(HttpBody::from(body)).unwrap()).await.unwrap();
        (answer.status().as_u16(), to_bytes(answer.into_body(), usize::MAX).await.unwrap().to_vec())
    }
}

/// Every call, with a body or a query that is right. `{id}` is one of the ids.
fn calls() -> Vec<(&'static str, &'static str, Value)> {
    let event = json!({
        "title": "Visite", "starts_at": "2031-11-24T09:00:00+01:00", "ends_at": "2031-11-24T10:00", "all_day": false,
        "time_zone": "Europe/Paris", "location": "Ici", "comment": "Plans\n", "assignees": ["{id}"],
        "contact": { "id": "c-1", "name": "Marie", "phone": "+33 6", "email": "a@b" },
        "reminders": [30, 5], "status": "planned", "visibility": "private",
    });
    let days = json!({ "title": "Salon", "starts_on": "2031-11-24", "ends_on": "2031-11-26", "reminder_days": [0, 1] });
    let hours = json!({ "from": "19:00", "to": "07:30" });
    let person =
        json!({ "name": "Ann", "role": "member", "email": "ann@b", "locale": "fr", "time_zone": "Europe/Paris" });
    let preferences = json!({ "locale": "en", "time_zone": null, "reminders": [10], "quiet_hours": hours });
    let query = json!({ "from": "2031-11-24T09:00:00Z", "to": "2032-01-01T00:00:00Z", "assignee": "{id}", "q": "vis", "limit": 5, "cursor": "1.x" });
    vec![
        ("POST", "/api/events", event.clone()),
        ("POST", "/api/events", days.clone()),
        ("PATCH", "/api/events/{id}", event),
        ("PATCH", "/api/events/{id}", days),
        ("PATCH", "/api/events/{id}", json!({ "all_day": true })),
        ("DELETE", "/api/events/{id}", json!({})),
        ("POST", "/api/events/{id}/restore", json!({})),
        ("GET", "/api/events/{id}", json!({})),
        ("GET", "/api/events/{id}/reminders", json!({})),
        ("GET", "/api/events", query),
        ("GET", "/api/notifications", json!({ "limit": 5, "before": 3 })),
        ("GET", "/api/notifications/{id}/history", json!({})),
        ("POST", "/api/notifications/{id}/read", json!({})),
        ("POST", "/api/notifications/{id}/snooze", json!({ "minutes": 5 })),
        ("POST", "/api/notifications/{id}/dismiss", json!({})),
        ("POST", "/api/notifications/mark-all-read", json!({})),
        ("GET", "/api/me", json!({})),
        ("PATCH", "/api/me", preferences),
        ("GET", "/api/people", json!({})),
        ("POST", "/api/people", person.clone()),
        ("PATCH", "/api/people/{id}", person),
        ("DELETE", "/api/people/{id}", json!({})),
        ("POST", "/api/people/{id}/invitations", json!({})),
        ("GET", "/api/devices", json!({})),
        ("DELETE", "/api/devices/{id}", json!({})),
        ("POST", "/api/pair", json!({ "code": "7KQ2-M4XW-9TDC", "device_name": "Firefox" })),
    ]
}

fn frames() -> Vec<Value> {
    let id = "8c1f0000-0000-7000-8000-000000000000";
    vec![
        json!({ "type": "mark_read", "notification_id": id }),
        json!({ "type": "mark_all_read" }),
        json!({ "type": "snooze", "notification_id": id, "minutes": 5 }),
        json!({ "type": "dismiss", "notification_id": id }),
        json!({ "type": "ack", "seq": 42 }),
        json!({ "type": "watch_events", "from": "2031-01-01T00:00:00Z", "to": "2031-02-01T00:00:00Z" }),
    ]
}

#[derive(Debug, Clone)]
enum Change {
    /// Another value in the place of one.
    Replace(prop::sample::Index, Value),
    /// One field less.
    Remove(prop::sample::Index),
    /// A field of another name.
    Rename(prop::sample::Index, String),
    /// A value inside a list.
    Wrap(prop::sample::Index),
}

/// What a request is made of.
#[derive(Debug, Clone)]
struct Nonsense {
    call: prop::sample::Index,
    id: prop::sample::Index,
    /// In the place of an id.
    segment: Option<String>,
    changes: Vec<Change>,
    headers: Vec<(&'static str, String)>,
    /// Bytes somewhere in the body.
    bytes: Option<(prop::sample::Index, Vec<u8>)>,
}

fn text() -> impl Strategy<Value = String> {
    let known = [
        "",
        " ",
        "\0",
        "\u{202e}",
        "\u{feff}",
        "é",
        "e\u{301}",
        "👩\u{200d}💻",
        "null",
        "-1",
        "1e999",
        "2031-11-24",
        "9999-12-31T23:59:59Z",
        "0001-01-01T00:00:00Z",
        "2031-02-30T00:00",
        "2026-03-29T02:30",
        "2031-11-24T09:00:60Z",
        "+99:99",
        "-09999-01-01",
        "Europe/Paname",
        "../../etc/passwd",
        "Etc/GMT+12",
        "UTC",
        "localtime",
        "planned",
        "team",
        "admin",
        "a@b",
        "@",
        "'; DROP TABLE event; --",
        "%",
        "_",
        "{id}",
    ];
    prop_oneof![
        4 => prop::sample::select(known.to_vec()).prop_map(str::to_owned),
        2 => any::<String>(),
        1 => prop::sample::select(vec![51, 121, 201, 255, 10_001]).prop_map(|length| "é".repeat(length)),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let plain = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        prop::num::f64::NORMAL.prop_map(Value::from),
        prop::sample::select(vec![0_i64, 1, -1, 40_320, 40_321, 10_081, i64::MAX, i64::MIN]).prop_map(Value::from),
        text().prop_map(Value::from),
    ];
    plain.prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(text(), inner, 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (any::<prop::sample::Index>(), value()).prop_map(|(at, value)| Change::Replace(at, value)),
        1 => any::<prop::sample::Index>().prop_map(Change::Remove),
        1 => (any::<prop::sample::Index>(), text()).prop_map(|(at, name)| Change::Rename(at, name)),
        1 => any::<prop::sample::Index>().prop_map(Change::Wrap),
    ]
}

fn nonsense() -> impl Strategy<Value = Nonsense> {
    let visible = text().prop_map(|text| text.chars().filter(|c| (' '..='~').contains(c)).take(300).collect());
    let header = (prop::sample::select(vec!["if-match", "idempotency-key", "x-anything"]), visible);
    let at = any::<prop::sample::Index>;
    let bytes = (at(), prop::collection::vec(any::<u8>(), 0..6));
    let parts = (
        at(),
        at(),
        prop::option::weighted(0.1, text()),
        prop::collection::vec(change(), 0..4),
        prop::collection::vec(header, 0..2),
        prop::option::weighted(0.15, bytes),
    );
    parts.prop_map(|(call, id, segment, changes, headers, bytes)| Nonsense {
        call,
        id,
        segment,
        changes,
        headers,
        bytes,
    })
}

/// The places of all values in a value, as JSON pointers.
fn places(value: &Value, at: &str, all: &mut Vec<String>) {
    all.push(at.to_owned());
    match value {
        Value::Object(fields) => {
            for (name, field) in fields {
                places(field, &format!("{at}/{}", name.replace('~', "~0").replace('/', "~1")), all);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                places(item, &format!("{at}/{index}"), all);
            }
        }
        _ => {}
    }
}

fn apply(body: &mut Value, change: &Change) {
    let mut all = Vec::new();
    places(body, "", &mut all);
    let (Change::Replace(at, _) | Change::Remove(at) | Change::Rename(at, _) | Change::Wrap(at)) = change;
    let place = at.get(&all).clone();
    let (parent, name) = place.rsplit_once('/').unwrap_or(("", ""));
    let field = name.replace("~1", "/").replace("~0", "~");
    match change {
        Change::Replace(_, value) => *body.pointer_mut(&place).unwrap() = value.clone(),
        Change::Wrap(_) => {
            let inner = body.pointer_mut(&place).unwrap();
            *inner = json!([inner.take()]);
        }
        Change::Remove(_) | Change::Rename(..) => {
            let Some(fields) = body.pointer_mut(parent).and_then(Value::as_object_mut) else { return };
            let Some(value) = fields.remove(&field) else { return };
            if let Change::Rename(_, name) = change {
                fields.insert(name.clone(), value);
            }
        }
    }
}

fn escaped(text: &str) -> String {
    text.bytes()
        .map(|byte| if byte.is_ascii_alphanumeric() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect()
}

impl Nonsense {
    /// Method, path and body.
    fn request(&self, ids: &[String]) -> (&'static str, String, Vec<u8>) {
        let calls = calls();
        let (method, path, mut body) = self.call.get(&calls).clone();
        for change in &self.changes {
            apply(&mut body, change);
        }
        let id = self.id.get(ids);
        let segment = self
            .segment
            .as_ref()
            .map_or_else(|| id.clone(), |text| escaped(&text.chars().take(200).collect::<String>()));
        let path = path.replace("{id}", &segment);
        let body = body.to_string().replace("{id}", id);
        if method == "GET" {
            let fields: Value = serde_json::from_str(&body).unwrap();
            let query: Vec<String> = fields
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, value)| {
                    let value = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                    format!("{}={}", escaped(name), escaped(&value))
                })
                .collect();
            let query: String = query.join("&").chars().take(8_000).collect();
            return (method, format!("{path}?{query}"), Vec::new());
        }
        (method, path, self.spoiled(body.into_bytes()))
    }

    fn spoiled(&self, mut body: Vec<u8>) -> Vec<u8> {
        if let Some((at, bytes)) = &self.bytes {
            let at = at.index(body.len());
            let end = (at + bytes.len() / 2).min(body.len());
            body.splice(at..end, bytes.iter().copied());
        }
        body
    }
}

/// Whether an error is the contract's: a stable code, a sentence, perhaps a field.
fn is_an_error(body: &[u8]) -> bool {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return false };
    let error = &body["error"];
    let is_code = |code: &str| !code.is_empty() && code.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    body.as_object().is_some_and(|fields| fields.len() == 1)
        && error.as_object().is_some_and(|fields| fields.len() == 3)
        && error["code"].as_str().is_some_and(is_code)
        && error["message"].as_str().is_some_and(|message| !message.is_empty())
        && (error["field"].is_null() || error["field"].is_string())
}

#[test]
fn every_request_has_an_answer_of_the_contract() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let office = runtime.block_on(Office::open());
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 1_500, failure_persistence: None, ..ProptestConfig::default() });
    let (done, refused) = (Cell::new(0), Cell::new(0));
    let ran = runner.run(&nonsense(), |nonsense| {
        let (method, path, body) = nonsense.request(&office.ids);
        let text = String::from_utf8_lossy(&body).into_owned();
        let (status, answer) = runtime.block_on(office.ask(method, &path, &nonsense.headers, body));
        let answer_text = String::from_utf8_lossy(&answer);
        prop_assert!(status < 500, "{method} {path} {text}: {status} {answer_text}");
        prop_assert_ne!(status, 401, "{} {}: the caller is still who they are", method, path);
        prop_assert!(status < 400 || is_an_error(&answer), "{method} {path} {text}: {status} {answer_text}");
        let count = if status < 400 { &done } else { &refused };
        count.set(count.get() + 1);
        Ok(())
    });
    runtime.block_on(office.hub.shutdown());
    ran.unwrap();
    assert!(done.get() > 150 && refused.get() > 150, "some of each: {} done, {} refused", done.get(), refused.get());
}

#[test]
fn every_frame_is_taken_or_refused_with_a_reason() {
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 2_000, failure_persistence: None, ..ProptestConfig::default() });
    let ran = runner.run(&nonsense(), |nonsense| {
        let mut frame = nonsense.call.get(&frames()).clone();
        for change in &nonsense.changes {
            apply(&mut frame, change);
        }
        let bytes = nonsense.spoiled(frame.to_string().into_bytes());
        if let Err(error) = body::parse::<ClientFrame>(&bytes) {
            let told = serde_json::to_vec(&json!({ "error": error.detail() })).unwrap();
            prop_assert!(is_an_error(&told), "{}", String::from_utf8_lossy(&told));
        }
        Ok(())
    });
    ran.unwrap();
}
