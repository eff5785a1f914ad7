//! What a private event is about, looked for in every place where it could come out.

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Office, Session, in_the_future};

/// What nobody may learn who has no part in it.
const SECRETS: [&str; 7] =
    ["Licenciement", "Bureau 7", "Ne rien dire", "Marie Dupont", "c-1789", "+33 6 98 76 54 32", "marie@client.example"];

/// Bob's private event for Ann. Carl and the admin have no part in it.
struct Secret {
    _office: Office,
    admin: Client,
    bob: Client,
    ann: Client,
    carl: Client,
    id: String,
}

impl Secret {
    fn new() -> Self {
        let (office, admin) = Office::open();
        let [bob, ann, carl] = ["Bob", "Ann", "Carl"].map(|name| admin.add(name));
        let mut event = secret_event();
        event["assignees"] = json!([ann.id]);
        let id = bob.create(&event)["id"].as_str().unwrap().to_owned();
        Self { _office: office, admin, bob, ann, carl, id }
    }

    fn path(&self) -> String {
        format!("/api/events/{}", self.id)
    }
}

fn secret_event() -> Value {
    json!({
        "title": SECRETS[0], "location": SECRETS[1], "comment": SECRETS[2],
        "contact": { "name": SECRETS[3], "id": SECRETS[4], "phone": SECRETS[5], "email": SECRETS[6] },
        "visibility": "private", "starts_at": in_the_future(86_400), "reminders": [17],
    })
}

/// All that somebody can be answered about an event, whatever they ask.
fn all_answers(who: &Client, path: &str) -> Vec<(String, Answer)> {
    let mut answers: Vec<(String, Answer)> = Vec::new();
    let reads = [
        "/api/events",
        "/api/events?status=planned",
        "/api/events?status=done",
        "/api/events?q=Licenciement",
        "/api/events?q=licen",
        "/api/events?q=c-1789",
        "/api/events?q=%25",
        "/api/events?q=_",
        "/api/events?limit=1",
        "/api/people",
        "/api/devices",
        "/api/me",
        "/api/notifications",
        "/api/notifications/unread-count",
    ];
    for read in reads.into_iter().chain([path]) {
        answers.push((read.to_owned(), who.get(read)));
    }
    answers.push(("reminders".to_owned(), who.get(&format!("{path}/reminders"))));
    for (method, path) in [("PATCH", path.to_owned()), ("DELETE", path.to_owned()), ("POST", format!("{path}/restore"))]
    {
        for revision in ["\"0\"", "\"1\"", "\"2\"", "*", "nonsense"] {
            for body in
                [json!({}), json!({ "title": "x" }), json!({ "starts_on": "2031-01-01" }), json!({ "title": 5 })]
            {
                let answer = who.request(method, &path).header("if-match", revision).json(&body).send();
                answers.push((format!("{method} {path} {revision} {body}"), answer));
            }
        }
    }
    answers
}

#[track_caller]
fn assert_untold(answers: &[(String, Answer)], secrets: &[&str]) {
    for (asked, answer) in answers {
        for secret in secrets {
            let told = answer.body.contains(secret) || format!("{:?}", answer.headers).contains(secret);
            assert!(!told, "{asked} tells {secret}: {}", answer.body);
        }
    }
}

#[test]
fn no_answer_tells_what_a_private_event_is_about() {
    let secret = Secret::new();
    for outsider in [&secret.carl, &secret.admin] {
        let answers = all_answers(outsider, &secret.path());
        assert_untold(&answers, &SECRETS);
        assert_untold(&answers[..1], &[&secret.ann.id, &secret.bob.id]);
        let busy = outsider.get(&secret.path()).expect(200);
        let says: Vec<&String> = busy
            .as_object()
            .unwrap()
            .iter()
            .filter(|(_, value)| {
                !(value.is_null() || **value == json!([]) || **value == json!("") || **value == json!(false))
            })
            .map(|(field, _)| field)
            .collect();
        let times = ["busy", "id", "revision", "starts_at", "status", "time_zone", "visibility"];
        assert_eq!(says, times, "that it is there, and when: {busy}");
    }
    assert_eq!(secret.bob.get(&secret.path()).expect(200)["title"], SECRETS[0], "all of it was refused");
}

#[test]
fn a_refusal_is_the_same_whether_or_not_a_guess_is_right() {
    let secret = Secret::new();
    for outsider in [&secret.carl, &secret.admin] {
        let ask = |method: &str, revision: &str, body: &Value| {
            let answer = outsider.request(method, &secret.path()).header("if-match", revision).json(body).send();
            (answer.status, answer.body)
        };
        let right = json!({ "title": SECRETS[0], "location": SECRETS[1], "comment": SECRETS[2], "status": "planned" });
        let bodies = [
            right,
            json!({}),
            json!({ "title": "wrong" }),
            json!({ "starts_on": null }),
            json!({ "title": "x".repeat(201) }),
        ];
        let mut answers: Vec<_> = bodies
            .iter()
            .flat_map(|body| ["\"1\"", "\"9\"", "*"].map(|revision| ask("PATCH", revision, body)))
            .collect();
        answers.extend(["\"1\"", "\"9\""].map(|revision| ask("DELETE", revision, &json!({}))));
        answers.dedup();
        assert_eq!(answers.len(), 1, "{answers:?}");
        assert_eq!(answers[0].0, 403);
    }
}

#[test]
fn a_search_finds_nothing_in_what_is_private_by_any_way_round() {
    let secret = Secret::new();
    let list = |query: &str| secret.carl.get(&format!("/api/events?{query}")).expect(200)["events"].clone();
    assert_eq!(list("").as_array().unwrap().len(), 1, "that somebody is busy is known");
    for query in [
        "q=Licenciement".to_owned(),
        "q=L".to_owned(),
        "q=marie@client".to_owned(),
        "q=%0A".to_owned(),
        "q=%25".to_owned(),
        "status=planned".to_owned(),
        format!("assignee={}", secret.ann.id),
        format!("assignee={}&status=planned", secret.ann.id),
        format!("assignee={}", secret.carl.id),
    ] {
        assert_eq!(list(&query), json!([]), "{query}");
        let other = list(&query.replace("Licenciement", "Promotion").replace("planned", "done"));
        assert_eq!(other, json!([]), "and is the same for what is not there: {query}");
    }
}

#[test]
fn frames_and_notifications_tell_outsiders_nothing() {
    let secret = Secret::new();
    let watch = |client: &Client| {
        let mut session = client.session_at("since=0&changes_since=0").0;
        session.send(&json!({ "type": "watch_events", "from": "2020-01-01T00:00:00Z", "to": "2040-01-01T00:00:00Z" }));
        session.settle();
        session
    };
    let mut sessions: Vec<Session> = [&secret.carl, &secret.admin].into_iter().map(watch).collect();
    for change in [json!({ "title": "Licenciement bis" }), json!({ "starts_at": in_the_future(90_000) })] {
        secret.bob.patch(&secret.path(), &change).expect(200);
    }
    secret.bob.delete(&secret.path()).expect(204);
    for session in &mut sessions {
        let told = loop {
            let frame = session.next();
            assert!(SECRETS.iter().all(|secret| !frame.to_string().contains(secret)), "{frame}");
            if frame["type"] == "event_deleted" {
                break frame;
            }
        };
        assert_eq!(told["event_id"], secret.id.as_str());
        session.send(&json!({ "type": "mark_read", "notification_id": secret.ann.inbox()[0]["id"] }));
        assert_eq!(session.next_of("error")["error"]["code"], "not_found", "nor are others' notifications theirs");
    }
    for outsider in [&secret.carl, &secret.admin] {
        assert!(outsider.inbox().is_empty());
    }
}

#[test]
fn who_is_taken_off_learns_nothing_that_is_written_later() {
    let secret = Secret::new();
    let mut session = secret.ann.session();
    let change = json!({ "title": "Promotion", "comment": "Pour Carl", "assignees": [secret.carl.id] });
    secret.bob.patch(&secret.path(), &change).expect(200);
    secret.bob.patch(&secret.path(), &json!({ "location": "Salle 12" })).expect(200);
    let later = ["Promotion", "Pour Carl", "Salle 12"];
    let told = loop {
        let frame = session.next();
        assert!(later.iter().all(|text| !frame.to_string().contains(text)), "{frame}");
        if frame["type"] == "event_notification" {
            break frame;
        }
    };
    assert_eq!(told["notification"]["notification_type"], "unassigned");
    assert_untold(&all_answers(&secret.ann, &secret.path()), &later);
    let row = secret.ann.inbox()[0].clone();
    let snooze = format!("/api/notifications/{}/snooze", row["id"].as_str().unwrap());
    let answer = secret.ann.post(&snooze, &json!({ "minutes": 5 }));
    assert_untold(&[(snooze, answer)], &later);
}

#[test]
fn an_idempotency_key_of_another_opens_nothing() {
    let secret = Secret::new();
    let send =
        |who: &Client| who.request("POST", "/api/events").header("idempotency-key", "k-1").json(&secret_event()).send();
    let first = send(&secret.bob).expect(201);
    for outsider in [&secret.carl, &secret.admin, &secret.ann] {
        let theirs = send(outsider).expect(201);
        assert_ne!(theirs["id"], first["id"], "a key is its device's own");
        assert_eq!(theirs["created_by"], outsider.id.as_str());
    }
    let second = secret.bob.pair(&secret.admin.invite(&secret.bob.id));
    assert_ne!(send(&second).expect(201)["id"], first["id"], "another token of the same person");
}
