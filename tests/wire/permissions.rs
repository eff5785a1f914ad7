//! "Who may do what", as the answers say it.

use serde_json::{Value, json};

use crate::harness::{Client, Office, event_in};

const DAY: i64 = 86_400;

/// Bob's event for Ann; Carl is neither, and the admin is neither.
struct Team {
    _office: Office,
    admin: Client,
    bob: Client,
    ann: Client,
    carl: Client,
}

impl Team {
    fn new() -> Self {
        let (office, admin) = Office::open();
        let [bob, ann, carl] = ["Bob", "Ann", "Carl"].map(|name| admin.add(name));
        Self { _office: office, admin, bob, ann, carl }
    }

    /// A fresh event of Bob's for Ann.
    fn event(&self, visibility: &str) -> String {
        let mut event = event_in(DAY, &[&self.ann.id]);
        event["visibility"] = json!(visibility);
        event["location"] = json!("Chez Marie");
        path(&self.bob.create(&event))
    }

    /// Who may, of creator, assignee, outsider and admin; each tries it on a fresh event.
    #[track_caller]
    fn may(&self, visibility: &str, action: impl Fn(&Client, &str) -> u16) -> [bool; 4] {
        [&self.bob, &self.ann, &self.carl, &self.admin].map(|who| match action(who, &self.event(visibility)) {
            200 | 204 => true,
            403 => false,
            other => panic!("{other} is no answer to that"),
        })
    }
}

fn path(event: &Value) -> String {
    format!("/api/events/{}", event["id"].as_str().unwrap())
}

#[test]
fn creators_and_admins_change_events_and_assignees_a_little() {
    let team = Team::new();
    let patch = |body: Value| move |who: &Client, path: &str| who.patch(path, &body).status;
    let creator_and_admin = [true, false, false, true];
    for body in [
        json!({ "title": "Appel" }),
        json!({ "starts_at": "2031-11-24T09:00:00Z" }),
        json!({ "location": null }),
        json!({ "reminders": [] }),
        json!({ "visibility": "private" }),
        json!({ "assignees": [team.ann.id, team.carl.id] }),
        json!({ "status": "done", "title": "Appel" }),
    ] {
        assert_eq!(team.may("team", patch(body.clone())), creator_and_admin, "{body}");
    }
    for body in [json!({ "status": "done" }), json!({ "assignees": [] }), json!({ "assignees": [team.carl.id] })] {
        assert_eq!(team.may("team", patch(body.clone())), [true, true, false, true], "{body}");
    }
    assert_eq!(team.may("team", |who, path| who.delete(path).status), creator_and_admin);
    let restore = |who: &Client, path: &str| {
        team.bob.delete(path).expect(204);
        who.post(&format!("{path}/restore"), &json!({})).status
    };
    assert_eq!(team.may("team", restore), creator_and_admin);
    assert_eq!(team.may("team", |who, path| who.get(path).status), [true; 4]);
}

#[test]
fn nobody_changes_what_they_only_see_as_busy() {
    let team = Team::new();
    let title = |who: &Client, path: &str| who.patch(path, &json!({ "title": "Appel" })).status;
    assert_eq!(team.may("private", title), [true, false, false, false]);
    assert_eq!(team.may("private", |who, path| who.delete(path).status), [true, false, false, false]);
    let done = |who: &Client, path: &str| who.patch(path, &json!({ "status": "done" })).status;
    assert_eq!(team.may("private", done), [true, true, false, false]);
}

#[test]
fn a_private_event_is_busy_to_everybody_else() {
    let team = Team::new();
    let path = team.event("private");
    let whole = team.bob.get(&path).expect(200);
    assert_eq!(team.ann.get(&path).expect(200), whole);
    for outsider in [&team.carl, &team.admin] {
        let busy = outsider.get(&path);
        for secret in ["Visite", "Marie", team.ann.id.as_str(), team.bob.id.as_str()] {
            assert!(!busy.body.contains(secret), "{secret} in {}", busy.body);
        }
        let busy = busy.expect(200);
        assert_eq!(
            (&busy["busy"], &busy["starts_at"], &busy["ends_at"]),
            (&json!(true), &whole["starts_at"], &Value::Null)
        );
        assert_eq!(outsider.get("/api/events").expect(200)["events"], json!([busy]), "in lists too");
        for query in ["q=visite", "q=Marie", "status=planned", &format!("assignee={}", team.ann.id)] {
            let found = outsider.get(&format!("/api/events?{query}")).expect(200);
            assert_eq!(found["events"], json!([]), "{query} would tell what is in it");
        }
    }
    for insider in [&team.bob, &team.ann] {
        for query in ["q=visite", "status=planned", &format!("assignee={}", team.ann.id)] {
            assert_eq!(insider.get(&format!("/api/events?{query}")).expect(200)["events"], json!([whole]), "{query}");
        }
    }
}

#[test]
fn frames_go_to_those_they_concern() {
    let team = Team::new();
    let mut sessions = [&team.carl, &team.admin].map(Client::session);
    for session in &mut sessions {
        let range = json!({ "type": "watch_events", "from": "2020-01-01T00:00:00Z", "to": "2040-01-01T00:00:00Z" });
        session.send(&range);
        session.settle();
    }
    let path = team.event("private");
    for session in &mut sessions {
        let frame = session.next();
        assert_eq!(frame.as_object().unwrap().keys().collect::<Vec<_>>(), ["event_id", "revision", "type"], "{frame}");
        assert!(path.ends_with(frame["event_id"].as_str().unwrap()));
    }
    // Nothing of it reached them before what is theirs.
    team.bob.create(&event_in(DAY, &[&team.carl.id, &team.admin.id]));
    for session in &mut sessions {
        let told = loop {
            let frame = session.next();
            if frame["type"] != "event_changed" {
                break frame;
            }
        };
        assert_eq!((&told["type"], &told["notification"]["seq"]), (&json!("event_notification"), &json!(1)));
    }
}

#[test]
fn only_admins_manage_people() {
    let team = Team::new();
    let carl = format!("/api/people/{}", team.carl.id);
    assert_eq!(team.ann.post("/api/people", &json!({ "name": "Dora" })).refusal(403), "forbidden");
    assert_eq!(team.ann.patch(&carl, &json!({ "role": "admin" })).refusal(403), "forbidden");
    let own = format!("/api/people/{}", team.ann.id);
    assert_eq!(team.ann.patch(&own, &json!({ "role": "admin" })).refusal(403), "forbidden");
    assert_eq!(team.ann.delete(&carl).refusal(403), "forbidden");
    assert_eq!(team.ann.post(&format!("{carl}/invitations"), &json!({})).refusal(403), "forbidden");
    assert_eq!(team.ann.post(&format!("{own}/invitations"), &json!({})).refusal(403), "forbidden");
    assert_eq!(team.admin.get("/api/people").expect(200)["people"].as_array().unwrap().len(), 4);

    let patch = json!({ "name": "Carla", "role": "admin", "email": "carla@office.example", "locale": "en" });
    let changed = team.admin.patch(&carl, &patch).expect(200);
    for field in ["name", "role", "email", "locale"] {
        assert_eq!(changed[field], patch[field], "{field}");
    }
    team.carl.post("/api/people", &json!({ "name": "Dora" })).expect(201);
}

#[test]
fn addresses_are_for_admins_and_oneself() {
    let team = Team::new();
    let email = json!("ann@office.example");
    team.admin.patch(&format!("/api/people/{}", team.ann.id), &json!({ "email": email })).expect(200);
    let seen_by = |who: &Client| {
        let people = who.get("/api/people").expect(200);
        let ann = people["people"].as_array().unwrap().iter().find(|person| person["id"] == team.ann.id.as_str());
        ann.unwrap()["email"].clone()
    };
    assert_eq!([&team.admin, &team.ann, &team.carl].map(seen_by), [email.clone(), email, Value::Null]);
}

#[test]
fn a_person_has_the_shape_of_the_contract() {
    let team = Team::new();
    let hours = json!({ "from": "19:00", "to": "07:30" });
    let patch = json!({ "locale": "en", "time_zone": "Europe/London", "reminders": [10], "quiet_hours": hours });
    team.ann.patch("/api/me", &patch).expect(200);
    let people = team.ann.get("/api/people").expect(200);
    let ann = people["people"].as_array().unwrap().iter().find(|person| person["id"] == team.ann.id.as_str()).unwrap();
    assert_eq!(
        *ann,
        json!({
            "id": team.ann.id,
            "name": "Ann",
            "role": "member",
            "email": null,
            "locale": "en",
            "time_zone": "Europe/London",
            "reminders": [10],
            "quiet_hours": hours,
            "active": true,
        })
    );
    let me = team.ann.get("/api/user/current/").expect(200);
    assert_eq!(me, team.ann.get("/api/me").expect(200));
    for (field, value) in ann.as_object().unwrap() {
        assert_eq!(me[field], *value, "{field}");
    }
    let emptied = json!({ "locale": null, "time_zone": null, "reminders": null, "quiet_hours": null });
    let me = team.ann.patch("/api/me", &emptied).expect(200);
    assert_eq!((&me["locale"], &me["quiet_hours"]), (&Value::Null, &Value::Null), "the office's again");
}

#[test]
fn the_last_admin_stays() {
    let (_office, admin) = Office::open();
    let own = format!("/api/people/{}", admin.id);
    for refused in [
        admin.patch(&own, &json!({ "role": "member" })),
        admin.patch(&own, &json!({ "active": false })),
        admin.delete(&own),
    ] {
        assert_eq!(refused.refusal(409), "last_admin");
    }
    let ann = admin.add_with(&json!({ "name": "Ann", "role": "admin" }));
    admin.delete(&own);
    assert_eq!(admin.get("/api/me").refusal(401), "unauthorized");
    assert_eq!(ann.delete(&format!("/api/people/{}", ann.id)).refusal(409), "last_admin");
}

#[test]
fn a_deleted_person_is_deactivated_and_out() {
    let team = Team::new();
    let path = team.event("team");
    let session = team.ann.session();
    let ann = format!("/api/people/{}", team.ann.id);
    let left = team.admin.delete(&ann).expect(200);
    assert_eq!((&left["id"], &left["active"]), (&json!(team.ann.id), &json!(false)));
    assert_eq!(session.closed(), 1008);
    assert_eq!(team.ann.get("/api/me").refusal(401), "unauthorized");
    assert_eq!(team.bob.post("/api/events", &event_in(DAY, &[&team.ann.id])).wrong_field(), "assignees");
    assert_eq!(team.admin.post(&format!("{ann}/invitations"), &json!({})).refusal(409), "person_inactive");
    assert_eq!(team.bob.get(&path).expect(200)["assignees"], json!([team.ann.id]), "the history stays");
    team.admin.patch(&ann, &json!({ "active": true })).expect(200);
    assert_eq!(team.ann.get("/api/me").refusal(401), "unauthorized", "a revoked device stays so");
    team.ann.pair(&team.admin.invite(&team.ann.id)).get("/api/me").expect(200);
}

#[test]
fn notifications_are_ones_own() {
    let team = Team::new();
    team.event("team");
    let told = team.ann.inbox()[0].clone();
    let mut session = team.admin.session();
    for action in ["read", "dismiss", "snooze"] {
        let path = format!("/api/notifications/{}/{action}", told["id"].as_str().unwrap());
        assert_eq!(team.admin.post(&path, &json!({ "minutes": 5 })).refusal(404), "not_found", "{action}");
    }
    for kind in ["mark_read", "dismiss"] {
        session.send(&json!({ "type": kind, "notification_id": told["id"] }));
        assert_eq!(session.next_of("error")["error"]["code"], "not_found");
    }
    assert_eq!(team.ann.inbox(), [told]);
}
