//! A desktop that has joined the office of a hub elsewhere: real sockets, real keys, a real ledger.

use std::net::SocketAddr;

use rappel_link::{Link, RemoteHub, Request};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::{Office, Run};
use crate::contact::{Contact, Why};
use crate::popups::Choice;
use crate::popups::recorder::Asked;

#[path = "without_hub_tests.rs"]
mod without_hub;

/// The hub while others are let in.
struct Serving {
    address: SocketAddr,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Serving {
    async fn begin(office: &Office, address: &str) -> Self {
        let listener = TcpListener::bind(address).await.expect("a port");
        let (address, stop) = (listener.local_addr().expect("an address"), CancellationToken::new());
        let served = office.hub.serve(listener, stop.clone());
        let task = TaskTracker::new().spawn(async move { served.await.expect("it serves") });
        Self { address, stop, task }
    }

    async fn end(self) -> String {
        self.stop.cancel();
        self.task.await.expect("it ended");
        self.address.to_string()
    }
}

impl Office {
    async fn ask(&self, request: Request, status: u16) -> serde_json::Value {
        let answer = self.link().call(request).await.expect("an answer");
        assert_eq!(answer.status, status, "{}", answer.body);
        answer.body
    }

    /// Camille's second computer, joined.
    async fn joined(&self) -> RemoteHub {
        let path = format!("/api/people/{}/invitations", self.link().person());
        let invited = self.ask(Request::post(path, None), 201).await;
        let link = invited["link"].as_str().expect("a link");
        let file = self.folder.path().join("membership.json");
        RemoteHub::join_by_link(link, "Laptop", file).await.expect("joined")
    }

    async fn run_joined(&self, hub: &RemoteHub) -> Run {
        self.run_over(Link::Remote(hub.clone()), &self.folder.path().join("joined.db")).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_joined_desktop_takes_up_where_it_was_when_its_hub_is_back() {
    let mut office = Office::new().await;
    let serving = Serving::begin(&office, "127.0.0.1:0").await;
    let run = office.run_joined(&office.joined().await).await;
    office.remind("Site visit").await;
    let popup = run.shown(1).await.remove(0);
    assert_eq!(popup.summary, "Event reminder: Site visit");
    let row = office.told().await;
    run.until(|situation| situation.unread == 1).await;

    let address = serving.end().await;
    run.until(|situation| matches!(situation.contact, Contact::Away { why: Why::Silent, .. })).await;
    run.choose(&popup.tag, Choice::Dismiss).await;
    office.remind("Signature").await;
    let missed = office.told().await;
    assert!(missed.dismissed_at.is_none() && missed.id != row.id, "the choice could not be told yet");

    let serving = Serving::begin(&office, &address).await;
    run.until(|situation| situation.contact == Contact::Open).await;
    let settled = office.told().await;
    assert_eq!((settled.id, settled.dismissed_at.is_some()), (row.id, true), "it is told as soon as it can be");
    let asked = run.popups.asked(3).await;
    assert!(asked.contains(&Asked::Close(row.id.to_string())), "what is settled goes: {asked:?}");
    let is_signature = |asked: &Asked| matches!(asked, Asked::Show(popup) if popup.tag == missed.id.to_string());
    assert!(asked.iter().any(is_signature), "what came meanwhile is fresh, so it comes on its own: {asked:?}");
    run.end().await;
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_revoked_desktop_knows_that_it_is() {
    let office = Office::new().await;
    let serving = Serving::begin(&office, "127.0.0.1:0").await;
    let run = office.run_joined(&office.joined().await).await;
    let devices = office.ask(Request::get("/api/devices"), 200).await;
    let devices = devices["devices"].as_array().expect("a list");
    let laptop = devices.iter().find(|device| device["name"] == json!("Laptop")).expect("the joined one");
    let path = format!("/api/devices/{}", laptop["id"].as_str().expect("an id"));
    office.ask(Request { method: "DELETE".into(), ..Request::get(path) }, 204).await;
    run.until(|situation| situation.contact.is_signed_out()).await;
    run.end().await;
    serving.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_follows_no_more_says_what_is_left_on_the_screen() {
    let mut office = Office::new().await;
    let serving = Serving::begin(&office, "127.0.0.1:0").await;
    let run = office.run_joined(&office.joined().await).await;
    office.remind("Site visit").await;
    let row = office.told().await;
    assert!(matches!(&run.popups.asked(1).await[0], Asked::Show(popup) if popup.tag == row.id.to_string()));
    run.stop.cancel();
    let rest = run.task.await.expect("ended");
    assert!(rest.on_screen.contains(&row.id.to_string()), "{:?}", rest.on_screen);
    serving.end().await;
}
