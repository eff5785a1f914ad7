//! The office of this desktop: whether there is one yet, whether its hub is in this program or on
//! another machine, and where a hub of one's own can be reached.
//!
//! A desktop that has joined an office keeps what makes it a member in one file. Where that file is,
//! the hub is elsewhere, also when the files of an office of one's own lie beside it.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rappel_link::heir::StandIn;
use rappel_link::local::{MovedTo, NewOffice};
use rappel_link::{Entrance, Lan, Link, LinkError, LocalHub, RemoteHub};
use serde::Serialize;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// The port that colleagues and programs know.
const PORT: u16 = 7710;

/// How far this installation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Stage {
    /// Nobody has said their name yet: nothing is created.
    FirstStart,
    /// There is an office.
    Ready,
}

/// Where the hub of this desktop's office is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Role {
    /// In this program: the others come here.
    Hub,
    /// On another machine, whose office this desktop has joined.
    Joined,
}

/// What lets this desktop into the office of another machine.
pub(crate) enum Invitation {
    /// The link that browsers open, too.
    Link(String),
    /// A code that somebody read out, and where the hub may be: the first address that answers counts.
    Code { addresses: Vec<String>, code: String },
}

/// The office of this desktop.
pub(crate) struct Office {
    folder: PathBuf,
    /// The port to listen on where it is free.
    port: u16,
    seen: Mutex<Seen>,
    lan: watch::Sender<Lan>,
    serving: tokio::sync::Mutex<Listeners>,
}

#[derive(Default)]
struct Seen {
    link: Option<Link>,
    /// It can be reached from outside this process.
    listens: bool,
    problem: Option<String>,
}

/// Who lets others in.
#[derive(Default)]
struct Listeners {
    /// For this machine, and its port, which both have.
    own: Option<(u16, Serving)>,
    /// For the office's network.
    on_lan: Option<Serving>,
}

/// What listens, and how to end it.
struct Serving {
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Office {
    /// The office whose files are in `folder`, where there is one.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self {
            folder,
            port: PORT,
            seen: Mutex::default(),
            lan: watch::Sender::default(),
            serving: tokio::sync::Mutex::default(),
        }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Where the files of the office are.
    #[cfg(test)]
    pub(crate) fn folder(&self) -> &std::path::Path {
        &self.folder
    }

    fn membership_file(&self) -> PathBuf {
        self.folder.join("membership.json")
    }

    /// Whether there is an office.
    pub(crate) fn stage(&self) -> Stage {
        if self.role().is_some() { Stage::Ready } else { Stage::FirstStart }
    }

    /// Where the hub of the office is, if there is an office.
    pub(crate) fn role(&self) -> Option<Role> {
        match &self.seen().link {
            Some(Link::Local(_)) => Some(Role::Hub),
            Some(Link::Remote(_)) => Some(Role::Joined),
            None if RemoteHub::exists(&self.membership_file()) => Some(Role::Joined),
            None if LocalHub::exists(&self.folder) => Some(Role::Hub),
            None => None,
        }
    }

    /// The hub in this program.
    fn own_hub(&self) -> Option<LocalHub> {
        match &self.seen().link {
            Some(Link::Local(hub)) => Some(hub.clone()),
            Some(Link::Remote(_)) | None => None,
        }
    }

    /// The hub of another machine whose office this desktop has joined.
    pub(crate) fn joined(&self) -> Option<RemoteHub> {
        match &self.seen().link {
            Some(Link::Remote(hub)) => Some(hub.clone()),
            Some(Link::Local(_)) | None => None,
        }
    }

    /// The way to the hub, once it is open.
    pub(crate) fn link(&self) -> Result<Link, LinkError> {
        let seen = self.seen();
        match (&seen.link, &seen.problem) {
            (Some(link), _) => Ok(link.clone()),
            (None, Some(problem)) => Err(LinkError::Unreachable(problem.clone())),
            (None, None) => Err(LinkError::Unreachable("it has not been started yet".into())),
        }
    }

    /// Where others find the hub: its address on the network where it is shared; then none while
    /// it is on no network.
    pub(crate) fn address(&self) -> Option<String> {
        let is_away = matches!(*self.lan.borrow(), Lan::NoNetwork | Lan::Failed(_));
        let listens = self.seen().listens;
        self.own_hub().filter(|_| listens && !is_away).map(|hub| hub.address())
    }

    /// Where the hub is on the office's network, now and from here on.
    pub(crate) fn lan(&self) -> watch::Receiver<Lan> {
        self.lan.subscribe()
    }

    /// What this desktop can be the hub with.
    pub(crate) fn stand_in(&self) -> StandIn {
        StandIn::new(&self.folder, self.port)
    }

    /// Whether this desktop is the hub already, with a membership that was left behind: by a program
    /// that was killed right after it became that.
    pub(crate) fn has_become_hub(&self) -> bool {
        RemoteHub::exists(&self.membership_file())
            && LocalHub::exists(&self.folder)
            && self.stand_in().is_hub_already(&self.membership_file())
    }

    /// Where colleagues found the hub whose place this desktop takes, as its membership says still.
    /// `None` where that was on this machine alone.
    pub(crate) fn former_address(&self) -> Option<SocketAddr> {
        let address = StandIn::met_at(&self.membership_file())?.parse::<SocketAddr>().ok()?;
        (!address.ip().is_loopback()).then_some(address)
    }

    /// This desktop is the hub from now on: it is a member of nothing.
    pub(crate) fn is_hub(&self) {
        self.stand_in().is_hub(&self.membership_file());
        *self.seen() = Seen::default();
    }

    /// Where the hub is, when the one in this program is not the office's any more.
    pub(crate) fn moved_to(&self) -> Option<MovedTo> {
        self.own_hub()?.moved_to()
    }

    /// Becomes a member of the office that moved away from here, where it was handed over and the hub
    /// that followed answers. Until then the own one says who is.
    pub(crate) async fn follow(&self) -> bool {
        let file = self.membership_file();
        match LocalHub::follow_successor(&self.folder, &file) {
            Ok(true) => {}
            Ok(false) => return false,
            Err(error) => {
                tracing::error!(%error, "this desktop cannot follow the hub that moved");
                return false;
            }
        }
        let Ok(remote) = RemoteHub::open(file.clone()) else { return false };
        let answers = Link::Remote(remote).call(rappel_link::Request::get("/api/me")).await.is_ok();
        if !answers && let Err(error) = std::fs::remove_file(file) {
            tracing::warn!(%error, "a membership that does not count yet cannot be removed");
        }
        answers
    }

    /// Ends the hub in this program, and nothing else.
    pub(crate) async fn close_own(&self) {
        self.close().await;
        *self.seen() = Seen::default();
    }

    /// Opens the office that is there. The hub of another machine need not answer for that.
    pub(crate) async fn open(&self) -> Result<(), LinkError> {
        let opened = match self.role() {
            Some(Role::Joined) => RemoteHub::open(self.membership_file()).map(Link::Remote),
            _ => LocalHub::open(self.folder.clone(), &device_name()).await.map(Link::Local),
        };
        self.entered(opened)
    }

    /// Creates the office, with its first person.
    pub(crate) async fn create(&self, office: NewOffice) -> Result<(), LinkError> {
        let created = LocalHub::create(self.folder.clone(), office, &device_name()).await;
        self.entered(created.map(Link::Local))
    }

    /// Tries to get into the office of another machine. An earlier membership is kept until that has
    /// worked. Whoever is in is to be [taken up](Office::take_up).
    pub(crate) async fn enter(&self, invitation: Invitation) -> Result<Entrance, LinkError> {
        let (device, file) = (device_name(), self.membership_file());
        match invitation {
            Invitation::Link(link) => RemoteHub::enter_by_link(&link, &device, file).await,
            Invitation::Code { addresses, code } => {
                let mut entrance = Err(LinkError::Unreachable("no address was given".into()));
                for address in addresses {
                    entrance = RemoteHub::enter_by_code(&address, &code, &device, file.clone()).await;
                    if !matches!(entrance, Err(LinkError::Unreachable(_))) {
                        break;
                    }
                }
                entrance
            }
        }
    }

    /// Takes up the membership of an office that was just joined.
    pub(crate) fn take_up(&self, hub: RemoteHub) {
        *self.seen() = Seen { link: Some(Link::Remote(hub)), ..Seen::default() };
    }

    /// Leaves the office of another machine, which forgets this desktop if it can be told. Nothing of
    /// that office stays here.
    pub(crate) async fn leave(&self) -> Result<(), LinkError> {
        let Some(hub) = self.joined() else { return Ok(()) };
        hub.leave().await?;
        self.stand_in().forget(&hub);
        *self.seen() = Seen::default();
        Ok(())
    }

    fn entered(&self, link: Result<Link, LinkError>) -> Result<(), LinkError> {
        let mut seen = self.seen();
        match link {
            Ok(link) => {
                *seen = Seen { link: Some(link), ..Seen::default() };
                Ok(())
            }
            Err(error) => {
                seen.problem = Some(error.to_string());
                Err(error)
            }
        }
    }

    /// Lets browsers and programs in: those of this machine, and where it is `shared` those of the
    /// office's network. Who is connected from this machine is not touched by a change.
    ///
    /// # Errors
    /// When the hub cannot listen. On the network it is tried again as long as it is to be shared.
    pub(crate) async fn listen(&self, shared: bool, tasks: &TaskTracker) -> io::Result<()> {
        let Some(hub) = self.own_hub() else { return Ok(()) };
        let mut serving = self.serving.lock().await;
        if serving.own.is_none() {
            let listener = bind(self.port).await?;
            let address = listener.local_addr()?;
            tracing::info!(%address, "the hub listens");
            let stop = CancellationToken::new();
            let served = hub.serve(listener, stop.clone());
            let task = tasks.spawn(async move {
                if let Err(error) = served.await {
                    tracing::error!(%error, "the hub has stopped listening");
                }
            });
            serving.own = Some((address.port(), Serving { stop, task }));
            self.seen().listens = true;
        }
        match (&serving.own, shared) {
            (Some((port, _)), true) if serving.on_lan.is_none() => {
                let (port, lan, stop) = (*port, self.lan.clone(), CancellationToken::new());
                let until = stop.clone();
                let task = tasks.spawn(async move { hub.serve_lan(port, &lan, until).await });
                serving.on_lan = Some(Serving { stop, task });
            }
            (_, false) => {
                if let Some(on_lan) = serving.on_lan.take() {
                    on_lan.end().await;
                    tracing::info!("the hub listens on this machine alone");
                }
                self.lan.send_replace(Lan::Unshared);
            }
            _ => {}
        }
        if !shared {
            return Ok(());
        }
        match self.lan.subscribe().wait_for(|lan| *lan != Lan::Unshared).await.as_deref() {
            Ok(Lan::Failed(why)) => Err(io::Error::other(why.clone())),
            _ => Ok(()),
        }
    }

    /// Ends a hub of one's own: its sessions are told, what was acknowledged is on disk.
    pub(crate) async fn close(&self) {
        let link = self.seen().link.take();
        if let Some(Link::Local(hub)) = link {
            hub.shutdown().await;
        }
        let Listeners { own, on_lan } = std::mem::take(&mut *self.serving.lock().await);
        for serving in own.map(|(_, serving)| serving).into_iter().chain(on_lan) {
            serving.end().await;
        }
    }
}

impl Serving {
    async fn end(self) {
        self.stop.cancel();
        if let Err(error) = self.task.await {
            tracing::error!(%error, "the hub's listener failed");
        }
    }
}

/// This machine's own address, at the port that is wanted; when another program has it, at any.
async fn bind(wanted: u16) -> io::Result<TcpListener> {
    match TcpListener::bind((Ipv4Addr::LOCALHOST, wanted)).await {
        Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
            tracing::warn!(port = wanted, "another program has the port");
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await
        }
        bound => bound,
    }
}

/// What this desktop is called in the list of devices.
fn device_name() -> String {
    whoami::hostname().unwrap_or_else(|_| "Rappel".into())
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpStream;

    use super::*;

    /// The status line of the hub's answer at an address such as `http://127.0.0.1:7710`.
    async fn health(address: &str) -> String {
        let host = address.strip_prefix("http://").expect("an address");
        let mut stream = TcpStream::connect(host).await.expect("somebody listens");
        let request = format!("GET /api/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.expect("asked");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("answered");
        answer.lines().next().unwrap_or_default().to_owned()
    }

    async fn opened(folder: &tempfile::TempDir) -> Office {
        // Not the known one, which a Rappel of this machine may take and give back meanwhile.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port").local_addr().expect("a port");
        let office = Office { port: free.port(), ..Office::new(folder.path().join("office")) };
        assert_eq!(office.stage(), Stage::FirstStart);
        let new =
            NewOffice { name: "Camille".into(), locale: rappel_link::Locale::Fr, time_zone: "Europe/Paris".into() };
        office.create(new).await.expect("an office");
        office
    }

    #[tokio::test]
    async fn the_hub_opens_to_the_network_and_back_on_the_same_port() {
        let folder = tempfile::tempdir().expect("a folder");
        let office = opened(&folder).await;
        let tasks = TaskTracker::new();
        assert_eq!((office.stage(), office.address()), (Stage::Ready, None), "nobody is let in before it is said");

        let mut ports = Vec::new();
        for shared in [false, true, true, false, true] {
            office.listen(shared, &tasks).await.expect("listening");
            let port = office.serving.lock().await.own.as_ref().expect("serving").0;
            assert_eq!(health(&format!("http://127.0.0.1:{port}")).await, "HTTP/1.1 200 OK");
            let lan = office.lan().borrow().clone();
            let expected = match (shared, &lan) {
                (true, Lan::At(at)) => Some(format!("http://{at}")),
                // A machine without a network can run the tests too.
                (true, Lan::NoNetwork) => None,
                (false, Lan::Unshared) => Some(format!("http://127.0.0.1:{port}")),
                (shared, lan) => panic!("shared: {shared}, but {lan:?}"),
            };
            assert_eq!(office.address(), expected);
            if let Some(address) = expected {
                assert_eq!(health(&address).await, "HTTP/1.1 200 OK", "{address}");
                assert!(address.ends_with(&format!(":{port}")), "{address}");
            }
            ports.push(port);
        }
        assert!(ports.iter().all(|port| *port == ports[0]), "links that were given out still hold: {ports:?}");
        office.lan.send_replace(Lan::NoNetwork);
        assert_eq!(office.address(), None, "this machine's own address is no answer to where colleagues find it");
        office.close().await;
        assert!(office.link().is_err());
    }

    #[tokio::test]
    async fn who_is_connected_from_this_machine_stays_while_the_hub_is_shared_and_not_any_more() {
        let folder = tempfile::tempdir().expect("a folder");
        let office = opened(&folder).await;
        let tasks = TaskTracker::new();
        office.listen(false, &tasks).await.expect("listening");
        let own = office.address().expect("an address");
        let host = own.strip_prefix("http://").expect("an address");
        let mut stream = TcpStream::connect(host).await.expect("somebody listens");
        for shared in [true, false, true] {
            office.listen(shared, &tasks).await.expect("listening");
            let request = format!("HEAD /api/health HTTP/1.1\r\nHost: {host}\r\n\r\n");
            stream.write_all(request.as_bytes()).await.expect("asked");
            let mut answer = Vec::new();
            while !answer.ends_with(b"\r\n\r\n") {
                answer.push(stream.read_u8().await.expect("the same connection as before is answered"));
            }
            assert!(answer.starts_with(b"HTTP/1.1 200 OK"), "{}", String::from_utf8_lossy(&answer));
        }
        office.close().await;
    }
}
