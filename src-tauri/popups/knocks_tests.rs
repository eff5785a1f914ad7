//! Somebody at the door, on a desktop that follows a real hub; only the screen is played.

use rappel_link::frame::{Frame, JoinRequest};
use rappel_link::{Incoming, Request};
use serde_json::{Value, json};
use tokio::sync::mpsc;

use super::{Office, Run};
use crate::popups::recorder::{Asked, Recorder};
use crate::popups::watch::Follower;
use crate::popups::{Choice, KNOCK, Popup, PopupEvent, PopupProblem};

impl Office {
    /// Somebody asks to be let in. The answer is the request's id and secret.
    async fn knock(&self, name: &str) -> (String, String) {
        let body = json!({ "name": name, "device_name": "Safari on iPhone" });
        let asked = self.link().call(Request::post("/api/join-requests", Some(body))).await.expect("an answer").body;
        let text = |field: &str| asked[field].as_str().unwrap_or_else(|| panic!("{asked}")).to_owned();
        (text("id"), text("secret"))
    }

    async fn post(&self, path: &str, body: Value) -> Value {
        let answer = self.link().call(Request::post(path, Some(body))).await.expect("an answer");
        assert!(answer.is_success(), "{path}: {}", answer.body);
        answer.body
    }

    /// Where the request stands, once it is decided.
    async fn outcome(&mut self, (id, secret): &(String, String)) -> Value {
        loop {
            let status = self.post(&format!("/api/join-requests/{id}/status"), json!({ "secret": secret })).await;
            if status["state"] != "waiting" {
                return status;
            }
            let Incoming::Frame(_) = self.witness.next().await else { panic!("the hub has gone") };
        }
    }

    async fn people(&self) -> usize {
        let answer = self.link().call(Request::get("/api/people")).await.expect("an answer");
        answer.body["people"].as_array().expect("a list").len()
    }
}

impl Run {
    /// The first popup.
    async fn first(&self) -> Popup {
        self.shown(1).await.remove(0)
    }
}

fn labels(popup: &Popup) -> Vec<&str> {
    popup.buttons.iter().map(|button| button.label).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_asks_to_come_in_is_let_in_from_the_popup() {
    let mut office = Office::new().await;
    let run = office.run().await;
    let request = office.knock("Paul").await;
    let popup = run.first().await;
    assert_eq!(popup.tag, format!("{KNOCK}{}", request.0));
    assert_eq!(popup.summary, "Paul (Safari on iPhone) wants to join");
    assert_eq!(popup.body, "Without an invitation");
    assert_eq!(labels(&popup), ["Accept", "Not now"]);
    run.choose(&popup.tag, Choice::Accept).await;
    let outcome = office.outcome(&request).await;
    assert_eq!((&outcome["state"], &outcome["person"]["name"]), (&json!("accepted"), &json!("Paul")));
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn not_now_declines_and_a_click_on_the_popup_shows_the_list() {
    let mut office = Office::new().await;
    let mut run = office.run().await;
    let request = office.knock("Paul").await;
    let popup = run.first().await;
    run.choose(&popup.tag, Choice::Open).await;
    assert_eq!(run.opened.recv().await.as_deref(), Some("/settings"));
    run.choose(&popup.tag, Choice::NotNow).await;
    assert_eq!(office.outcome(&request).await["state"], "declined");
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_answered_elsewhere_leaves_the_screen_and_each_request_pops_up_once() {
    let office = Office::new().await;
    let run = office.run().await;
    let (paul, zoe) = (office.knock("Paul").await, office.knock("Zoé").await);
    let tags = [&paul, &zoe].map(|(id, _)| format!("{KNOCK}{id}"));
    assert_eq!(run.shown(2).await.iter().map(|popup| &popup.tag).collect::<Vec<_>>(), tags.iter().collect::<Vec<_>>());
    office.post(&format!("/api/join-requests/{}/decline", paul.0), json!({})).await;
    assert_eq!(run.popups.asked(3).await[2..], [Asked::Close(tags[0].clone())]);
    office.post(&format!("/api/join-requests/{}/withdraw", zoe.0), json!({ "secret": zoe.1 })).await;
    assert_eq!(run.popups.asked(4).await[3..], [Asked::Close(tags[1].clone())]);
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_member_who_comes_back_is_let_in_as_who_they_are_and_an_admin_in_the_window_alone() {
    let mut office = Office::new().await;
    let paul = office.post("/api/people", json!({ "name": "Paul" })).await["id"].clone();
    let people = office.people().await;
    let run = office.run().await;
    let request = office.knock("paul").await;
    let popup = run.first().await;
    assert_eq!(popup.body, "Without an invitation\nPaul is in the team already: accept only if it really is them.");
    run.choose(&popup.tag, Choice::Accept).await;
    assert_eq!(office.outcome(&request).await["person"]["id"], paul);
    assert_eq!(office.people().await, people, "nobody new");

    office.knock("Camille").await;
    let Asked::Show(popup) = run.popups.asked(2).await.remove(1) else { panic!("another popup") };
    assert_eq!(labels(&popup), ["Open", "Not now"]);
    assert!(popup.body.ends_with("Camille looks after Rappel: open the window to decide."), "{}", popup.body);
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_paused_nobody_is_disturbed_and_afterwards_those_who_still_wait_are_shown() {
    let office = Office::new().await;
    let (popups, (_events, told), (opened, _pages)) = (Recorder::new(), mpsc::channel(1), mpsc::channel(1));
    let mut follower = Follower::new(office.watch(popups.clone(), told, opened), true);
    let [paul, zoe] = ["Paul", "Zoé"].map(|name| JoinRequest {
        id: name.to_lowercase(),
        name: name.into(),
        device_name: "Firefox on Linux".into(),
        person_id: None,
        looks_like: None,
        invited: true,
    });
    for requests in [vec![paul.clone()], vec![paul, zoe.clone()], vec![zoe]] {
        follower.frame(Frame::JoinRequests { requests }).await;
        follower.show_due().await;
    }
    follower.pause(false);
    follower.show_due().await;
    let [Asked::Show(popup)] = &popups.asked(1).await[..] else { panic!("one popup") };
    assert_eq!(
        (popup.summary.as_str(), popup.body.as_str()),
        ("Zoé (Firefox on Linux) wants to join", "With the link for everybody")
    );
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_popup_that_could_not_be_shown_comes_when_it_can() {
    let office = Office::new().await;
    let run = office.run().await;
    run.popups.refuse(Some(PopupProblem::nobody_shows(&"no daemon")));
    office.knock("Paul").await;
    let refused = run.first().await;
    run.popups.refuse(None);
    run.events.send(PopupEvent::Available(true)).await.expect("the run is there");
    assert_eq!(run.shown(2).await[1], refused);
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_started_anew_knows_nobody_who_waits_and_the_popup_goes() {
    let office = Office::new().await;
    let run = office.run().await;
    office.knock("Paul").await;
    let tag = run.first().await.tag;
    let backup = office.folder.path().join("backup.db");
    office.hub.backup(&backup).await.expect("a backup");
    // As a restart does, it sends everybody away: those who wait, and the session.
    office.hub.restore(&backup).await.expect("restored");
    let asked = run.popups.asked(2).await;
    assert_eq!(asked[1], Asked::Close(tag));
    run.end().await;
}
