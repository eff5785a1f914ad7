//! Calls to a hub elsewhere.

use std::fs;

use rappel_hub::SystemClock;
use rappel_hub::key::Key;
use serde_json::json;
use tokio_util::task::TaskTracker;

use super::cable::Cable;
use super::impostor::Impostor;
use super::office::{Nowhere, Office, unhurried};
use crate::calls::Caller;
use crate::{Link, LinkError, RemoteHub, Request, Resume};
use rappel_hub::succession::Connector;

#[tokio::test]
async fn calls_are_answered_as_by_the_hub_in_this_process() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let link = Link::Remote(office.join(&ann, office.address).await);
    let event = json!({ "title": "Visit", "starts_at": "2037-01-11T09:00:00Z" });
    let mut request = Request::post("/api/events", Some(event));
    request.idempotency_key = Some("once".into());
    let first = link.call(request.clone()).await.expect("an answer");
    let second = link.call(request).await.expect("an answer");
    assert_eq!((first.status, &first.body), (201, &second.body), "one key, one event");
    let id = first.body["id"].as_str().expect("an id");
    let mut change = Request::get(format!("/api/events/{id}"));
    (change.method, change.body, change.if_match) = ("PATCH".into(), Some(json!({ "title": "Other" })), Some(7));
    assert_eq!(link.call(change).await.expect("an answer").status, 412);
    let deleted = Request { method: "DELETE".into(), ..Request::get(format!("/api/events/{id}")) };
    let deleted = link.call(deleted).await.expect("an answer");
    assert_eq!((deleted.status, deleted.body), (204, json!(null)));
    let outside = link.call(Request::get("/ws/notifications/")).await;
    assert!(matches!(outside, Err(LinkError::BadRequest(_))), "{outside:?}");
}

#[tokio::test]
async fn one_line_serves_one_call_after_another() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let cable = Cable::to(office.address).await;
    let link = Link::Remote(office.join(&ann, cable.address).await);
    let before = cable.connections();
    for _ in 0..5 {
        assert_eq!(link.call(Request::get("/api/me")).await.expect("an answer").status, 200);
    }
    assert_eq!(cable.connections(), before + 1);
    let many = (0..20).map(|_| link.call(Request::get("/api/people")));
    for answer in futures_util::future::join_all(many).await {
        assert_eq!(answer.expect("an answer").status, 200);
    }
    assert!(cable.connections() <= before + 4, "few at once: {}", cable.connections());
}

#[tokio::test]
async fn a_call_after_the_line_was_cut_takes_a_new_one() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let cable = Cable::to(office.address).await;
    let link = Link::Remote(office.join(&ann, cable.address).await);
    link.call(Request::get("/api/me")).await.expect("an answer");
    cable.cut();
    let meanwhile = link.call(Request::get("/api/me")).await;
    assert!(matches!(meanwhile, Err(LinkError::Unreachable(_))), "{meanwhile:?}");
    cable.mend();
    assert_eq!(link.call(Request::get("/api/me")).await.expect("an answer").status, 200);
}

#[tokio::test]
async fn somebody_else_at_the_hubs_address_is_told_nothing() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    drop(office.join(&ann, office.address).await);
    let impostor = Impostor::before(office.address).await;
    let file = office.file("joined.json");
    let text = fs::read_to_string(&file).expect("a membership");
    fs::write(&file, text.replace(&office.address.to_string(), &impostor.address.to_string())).expect("changed");
    let hub = RemoteHub::open(file).expect("opened").made_to_measure(Nowhere, unhurried(), SystemClock);
    let link = Link::Remote(hub);
    let called = link.call(Request::get("/api/me")).await;
    assert!(matches!(called, Err(LinkError::WrongKey)), "{called:?}");
    let opened = link.open_session(Resume::default()).await;
    assert!(matches!(opened, Err(LinkError::WrongKey)), "{opened:?}");
    assert_eq!((impostor.heard().as_str(), impostor.calls()), ("", 2));
}

#[tokio::test]
async fn who_leaves_is_forgotten_at_both_ends() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let hub = office.join(&ann, office.address).await;
    hub.leave().await.expect("left");
    assert!(!RemoteHub::exists(&office.file("joined.json")));
    assert_eq!(Link::Remote(hub).call(Request::get("/api/me")).await.expect("an answer").status, 401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_line_takes_one_call_right_after_another() {
    let office = Office::open().await;
    let key = Key::generate("Rappel desktop").expect("a key");
    let line = Connector::new(&key, None).expect("a connector").connect(&office.address.to_string()).await;
    let tasks = TaskTracker::new();
    let line = line.unwrap_or_else(|error| panic!("{error}"));
    let caller = Caller::begin(line, office.address.to_string(), &tasks).await;
    let mut caller = caller.unwrap_or_else(|error| panic!("{error}"));
    for _ in 0..200 {
        let (answer, again) =
            caller.call(&Request::get("/api/office"), None).await.expect("the line is as good as before");
        assert_eq!(answer.status, 200);
        caller = again;
    }
}
