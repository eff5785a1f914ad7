//! A desktop, a hub, and the cable between them, which is pulled.

use std::time::Duration;

use rappel_core::Timestamp;
use rappel_hub::{Clock, SystemClock};
use serde_json::json;

use super::PATIENCE;
use super::cable::Cable;
use super::office::{Nowhere, Office, end, frame, unhurried};
use crate::heir::{Errand, StandIn};
use crate::remote_session::Patience;
use crate::replica::{Look, Upkeep, Vigil};
use crate::{Link, Replica, Request, Resume};

/// An event of this person's whose reminder is due in so many milliseconds.
async fn reminding(office: &Office, person: &str, ms: i64) -> String {
    let start = Timestamp::clamped_from_ms(SystemClock.now().as_ms() + 30 * 60_000 + ms);
    let event = json!({ "title": "Visit", "starts_at": start.to_string(), "reminders": [30], "assignees": [person] });
    let made = office.ask(Request::post("/api/events", Some(event)), 201).await;
    made["id"].as_str().expect("an id").to_owned()
}

async fn kept(link: &Link, replica: &Replica) {
    let mut upkeep = Upkeep::default();
    upkeep.line_is_up();
    tokio::time::timeout(PATIENCE, upkeep.next(link, replica)).await.expect("in time").expect("kept");
}

#[tokio::test]
async fn a_hub_that_goes_without_a_word_is_known_to_be_gone_when_a_reminder_is_due() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let cable = Cable::to(office.address).await;
    let hub = office.join(&ann, cable.address).await;
    // It would not be doubted for an hour.
    let patience = Patience { answer: Duration::from_millis(500), ..unhurried() };
    let link = Link::Remote(hub.made_to_measure(Nowhere, patience, SystemClock));
    let mut session = link.open_session(Resume::default()).await.expect("a session");
    frame(&mut session).await;
    reminding(&office, &ann, 16_000).await;
    let replica = link.replica().expect("a replica").clone();
    kept(&link, &replica).await;
    let mut vigil = Vigil::new();
    vigil.line_is_up();
    cable.silence();

    let look = tokio::time::timeout(PATIENCE, vigil.next(&replica)).await.expect("in time");
    assert_eq!(look, Look::AskLine);
    link.look_again();
    assert_eq!(end(&mut session).await, 1006, "nobody answers");
    assert!(replica.next_look().expect("armed").1 > 0, "and that is known before the reminder is due");
    assert!(replica.decide().expect("decided").told.is_empty(), "never early");
    vigil.line_is_down();
    let look = tokio::time::timeout(PATIENCE, vigil.next(&replica)).await.expect("in time");
    assert_eq!((look, replica.decide().expect("decided").told.len()), (Look::Decide, 1));
}

#[tokio::test]
async fn a_joined_desktop_is_given_its_own_person_s_and_is_answered_from_it() {
    let office = Office::open().await;
    let (ann, bob) = (office.add("Ann").await, office.add("Bob").await);
    let cable = Cable::to(office.address).await;
    let link = Link::Remote(office.join(&ann, cable.address).await);
    let hers = reminding(&office, &ann, 3_600_000).await;
    let his = reminding(&office, &bob, 3_600_000).await;
    let replica = link.replica().expect("a replica").clone();
    kept(&link, &replica).await;
    cable.cut();
    replica.set_away(true);
    let listed = link.call_or_recall(Request::get("/api/events")).await.expect("an answer");
    let ids: Vec<&str> =
        listed.body["events"].as_array().expect("a list").iter().filter_map(|e| e["id"].as_str()).collect();
    assert_eq!(ids, [hers.as_str()]);
    let asked = link.call_or_recall(Request::get(format!("/api/events/{his}"))).await.expect("an answer");
    assert_eq!(asked.body["error"]["code"], "hub_away", "it may be there, and nobody here can say");

    cable.mend();
    let change = Request {
        method: "PATCH".into(),
        body: Some(json!({ "status": "done" })),
        ..Request::get(format!("/api/events/{hers}"))
    };
    let changed = link.call_or_recall(change).await.expect("an answer");
    assert_eq!(changed.status, 200, "a change is tried: the hub may be back before anybody has noticed");
}

#[tokio::test]
async fn whoever_leaves_an_office_keeps_nothing_of_it() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let hub = office.join(&ann, office.address).await;
    let link = Link::Remote(hub.clone());
    reminding(&office, &ann, 3_600_000).await;
    let replica = link.replica().expect("a replica").clone();
    kept(&link, &replica).await;
    let admin = Request {
        method: "PATCH".into(),
        ..Request::post(format!("/api/people/{ann}"), Some(json!({"role": "admin"})))
    };
    office.ask(admin, 200).await;
    let keeper = json!({ "device_id": hub.present_membership().device });
    office.ask(Request::post("/api/hub/keeper", Some(keeper)), 204).await;
    let folder = tempfile::tempdir().expect("a folder");
    let stand_in = StandIn::new(folder.path(), 7710);
    let files = || std::fs::read_dir(folder.path()).expect("read").count();
    assert_eq!((files(), stand_in.copy_of(&hub)), (0, None), "before the first copy there is nothing");
    assert_eq!(stand_in.look(&hub).await.expect("a copy"), Errand::Kept);
    assert!(stand_in.copy_of(&hub).is_some());

    hub.leave().await.expect("left");
    stand_in.forget(&hub);
    assert_eq!(files(), 0, "neither the copies nor their key");
    assert_eq!((replica.synced_at(), replica.next_look()), (None, None));
    assert_eq!(replica.recall(&Request::get("/api/events")).expect("read"), None);
}
