//! An office whose hub serves, its admin, and the desktops that join it.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use rappel_core::Timestamp;
use rappel_core::person::Locale;
use rappel_hub::{Clock, JoinLink, SystemClock};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::PATIENCE;
use crate::discovery::Finder;
use crate::local::NewOffice;
use crate::remote_session::Patience;
use crate::{Incoming, Link, LocalHub, RemoteHub, Request, Session};

pub(super) struct Office {
    hub: LocalHub,
    serving: Option<(CancellationToken, JoinHandle<()>)>,
    pub(super) address: SocketAddr,
    pub(super) folder: TempDir,
}

/// An invitation's two ways in.
pub(super) struct Invited {
    pub(super) link: JoinLink,
    pub(super) code: String,
}

impl Office {
    pub(super) async fn open() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let new = NewOffice { name: "Camille".into(), locale: Locale::En, time_zone: "Europe/Paris".into() };
        let hub = LocalHub::create(folder.path().join("office"), new, "here").await.expect("an office");
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        let mut office = Self { hub, serving: None, address, folder };
        office.serve().await;
        office
    }

    /// Serves on a port of its own, and no longer on the one before.
    pub(super) async fn serve(&mut self) {
        if let Some((stop, served)) = self.serving.take() {
            stop.cancel();
            served.await.expect("it ended well");
        }
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        self.address = listener.local_addr().expect("an address");
        let (hub, stop) = (self.hub.clone(), CancellationToken::new());
        let stopping = stop.clone();
        let serving = TaskTracker::new().spawn(async move { hub.serve(listener, stopping).await.expect("it serves") });
        self.serving = Some((stop, serving));
    }

    pub(super) async fn backup(&self, file: &std::path::Path) {
        self.hub.backup(file).await.expect("a backup");
    }

    pub(super) async fn restore(&self, file: &std::path::Path) {
        self.hub.restore(file).await.expect("restored");
    }

    /// The same office on another machine, as it was when this backup was written and one epoch on.
    pub(super) async fn earlier(&self, backup: &std::path::Path) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let new = NewOffice { name: "Camille".into(), locale: Locale::En, time_zone: "Europe/Paris".into() };
        let hub = LocalHub::create(folder.path().join("office"), new, "there").await.expect("an office");
        hub.restore(backup).await.expect("restored");
        let mut office = Self { hub, serving: None, address: self.address, folder };
        office.serve().await;
        office
    }

    pub(super) async fn shutdown(&self) {
        self.hub.shutdown().await;
    }

    /// The admin's own way in.
    pub(super) fn admin(&self) -> Link {
        Link::Local(self.hub.clone())
    }

    pub(super) async fn ask(&self, request: Request, status: u16) -> Value {
        let answer = self.admin().call(request).await.expect("an answer");
        assert_eq!(answer.status, status, "{}", answer.body);
        answer.body
    }

    /// Adds somebody; their id.
    pub(super) async fn add(&self, name: &str) -> String {
        let person = self.ask(Request::post("/api/people", Some(json!({ "name": name }))), 201).await;
        person["id"].as_str().expect("an id").to_owned()
    }

    pub(super) async fn invite(&self, person: &str) -> Invited {
        let invited = self.ask(Request::post(format!("/api/people/{person}/invitations"), None), 201).await;
        let text = |name: &str| invited[name].as_str().expect("text").to_owned();
        Invited { link: text("link").parse().expect("a link"), code: text("code") }
    }

    /// Creates an event for somebody, who is told at once.
    pub(super) async fn create(&self, title: &str, person: &str) -> Value {
        let event = json!({ "title": title, "starts_at": "2037-01-11T09:00:00Z", "assignees": [person] });
        self.ask(Request::post("/api/events", Some(event)), 201).await
    }

    /// A file for a membership.
    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Somebody's desktop, joined through `address`.
    pub(super) async fn join(&self, person: &str, address: SocketAddr) -> RemoteHub {
        let invited = self.invite(person).await;
        let link = JoinLink { base_url: format!("http://{address}"), ..invited.link };
        let joined = RemoteHub::join_by_link(&link.to_string(), "Laptop", self.file("joined.json")).await;
        joined.expect("joined").made_to_measure(Nowhere, unhurried(), SystemClock)
    }
}

/// Doubts nobody as long as a test lasts.
pub(super) fn unhurried() -> Patience {
    Patience { silence: Duration::from_secs(3600), answer: PATIENCE }
}

/// Finds what it is told to find.
#[derive(Debug, Clone)]
pub(super) struct FoundAt(pub(super) Vec<SocketAddr>);

/// Finds nothing.
#[derive(Debug, Clone, Copy)]
pub(super) struct Nowhere;

type Found<'a> = std::pin::Pin<Box<dyn Future<Output = Vec<String>> + Send + 'a>>;

impl Finder for FoundAt {
    fn find(&self, _hub: uuid::Uuid) -> Found<'_> {
        Box::pin(async { self.0.iter().map(SocketAddr::to_string).collect() })
    }
}

impl Finder for Nowhere {
    fn find(&self, _hub: uuid::Uuid) -> Found<'_> {
        Box::pin(async { Vec::new() })
    }
}

/// A clock that is wrong.
#[derive(Debug, Clone, Copy)]
pub(super) struct BehindBy(pub(super) i64);

impl Clock for BehindBy {
    fn now(&self) -> Timestamp {
        Timestamp::clamped_from_ms(SystemClock.now().as_ms() - self.0)
    }

    fn since_boot(&self) -> Duration {
        SystemClock.since_boot()
    }
}

/// What comes next in a session.
pub(super) async fn next(session: &mut Session) -> Incoming {
    tokio::time::timeout(PATIENCE, session.next()).await.expect("something comes")
}

/// The next frame of a session.
pub(super) async fn frame(session: &mut Session) -> Value {
    match next(session).await {
        Incoming::Frame(text) => serde_json::from_str(&text).expect("JSON"),
        Incoming::Closed(code) => panic!("it ended with code {code}"),
    }
}

/// How a session ends, whatever comes before.
pub(super) async fn end(session: &mut Session) -> u16 {
    loop {
        if let Incoming::Closed(code) = next(session).await {
            return code;
        }
    }
}
