//! The hub in this program: whether there is one yet, and where it can be reached.

use std::io;
use std::net::Ipv4Addr;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rappel_link::local::NewOffice;
use rappel_link::{Link, LinkError, LocalHub};
use serde::Serialize;
use tokio::net::TcpListener;
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

/// The office of this desktop.
pub(crate) struct Office {
    folder: PathBuf,
    /// The port to listen on where it is free.
    port: u16,
    seen: Mutex<Seen>,
    serving: tokio::sync::Mutex<Option<Serving>>,
}

#[derive(Default)]
struct Seen {
    hub: Option<LocalHub>,
    /// It can be reached from outside this process.
    listens: bool,
    problem: Option<String>,
}

/// The hub's listener.
struct Serving {
    port: u16,
    stop: CancellationToken,
    task: JoinHandle<()>,
}

impl Office {
    /// The office whose files are in `folder`, where there is one.
    pub(crate) fn new(folder: PathBuf) -> Self {
        Self { folder, port: PORT, seen: Mutex::default(), serving: tokio::sync::Mutex::default() }
    }

    fn seen(&self) -> MutexGuard<'_, Seen> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether somebody has created the office.
    pub(crate) fn stage(&self) -> Stage {
        if self.seen().hub.is_some() || LocalHub::exists(&self.folder) { Stage::Ready } else { Stage::FirstStart }
    }

    /// The way to the hub, once it is open.
    pub(crate) fn link(&self) -> Result<Link, LinkError> {
        let seen = self.seen();
        match (&seen.hub, &seen.problem) {
            (Some(hub), _) => Ok(Link::Local(hub.clone())),
            (None, Some(problem)) => Err(LinkError::Unreachable(problem.clone())),
            (None, None) => Err(LinkError::Unreachable("it has not been started yet".into())),
        }
    }

    /// Where others find the hub: the address on the network when it is open to it.
    pub(crate) fn address(&self) -> Option<String> {
        let seen = self.seen();
        if seen.listens { seen.hub.as_ref().map(LocalHub::address) } else { None }
    }

    /// Opens the office that is there.
    pub(crate) async fn open(&self) -> Result<(), LinkError> {
        let opened = LocalHub::open(self.folder.clone(), &device_name()).await;
        self.entered(opened)
    }

    /// Creates the office, with its first person.
    pub(crate) async fn create(&self, office: NewOffice) -> Result<(), LinkError> {
        let created = LocalHub::create(self.folder.clone(), office, &device_name()).await;
        self.entered(created)
    }

    fn entered(&self, hub: Result<LocalHub, LinkError>) -> Result<(), LinkError> {
        let mut seen = self.seen();
        match hub {
            Ok(hub) => {
                *seen = Seen { hub: Some(hub), ..Seen::default() };
                Ok(())
            }
            Err(error) => {
                seen.problem = Some(error.to_string());
                Err(error)
            }
        }
    }

    /// Lets browsers and programs in: those of this machine, or of the network too. What listened
    /// before is closed first; sessions of this desktop itself are not touched.
    pub(crate) async fn listen(&self, open_to_lan: bool, tasks: &TaskTracker) -> io::Result<()> {
        let Some(hub) = self.seen().hub.clone() else { return Ok(()) };
        let mut serving = self.serving.lock().await;
        let mut before = None;
        if let Some(serving) = serving.take() {
            self.seen().listens = false;
            before = Some(serving.port);
            serving.end().await;
        }
        let host = if open_to_lan { Ipv4Addr::UNSPECIFIED } else { Ipv4Addr::LOCALHOST };
        let listener = bind(host, self.port, before).await?;
        let address = listener.local_addr()?;
        tracing::info!(%address, "the hub listens");
        self.seen().listens = true;
        let stop = CancellationToken::new();
        let task = tasks.spawn(serve(hub, listener, stop.clone()));
        *serving = Some(Serving { port: address.port(), stop, task });
        Ok(())
    }

    /// Ends the hub: its sessions are told, what was acknowledged is on disk.
    pub(crate) async fn close(&self) {
        let hub = self.seen().hub.take();
        if let Some(hub) = hub {
            hub.shutdown().await;
        }
        if let Some(serving) = self.serving.lock().await.take() {
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

async fn serve(hub: LocalHub, listener: TcpListener, stop: CancellationToken) {
    if let Err(error) = hub.serve(listener, stop).await {
        tracing::error!(%error, "the hub has stopped listening");
    }
}

/// The port that is wanted; when another program has it, the one of `before`, else any.
async fn bind(host: Ipv4Addr, wanted: u16, before: Option<u16>) -> io::Result<TcpListener> {
    for port in [Some(wanted), before].into_iter().flatten() {
        match TcpListener::bind((host, port)).await {
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {
                tracing::warn!(port, "another program has the port");
            }
            bound => return bound,
        }
    }
    TcpListener::bind((host, 0)).await
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

    #[tokio::test]
    async fn the_hub_opens_to_the_network_and_back_on_the_same_port() {
        let folder = tempfile::tempdir().expect("a folder");
        // Not the known one, which a Rappel of this machine may take and give back meanwhile.
        let free = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.expect("a port").local_addr().expect("a port");
        let office = Office { port: free.port(), ..Office::new(folder.path().join("office")) };
        let tasks = TaskTracker::new();
        assert_eq!(office.stage(), Stage::FirstStart);
        let new =
            NewOffice { name: "Camille".into(), locale: rappel_link::Locale::Fr, time_zone: "Europe/Paris".into() };
        office.create(new).await.expect("an office");
        assert_eq!((office.stage(), office.address()), (Stage::Ready, None), "nobody is let in before it is said");

        let mut ports = Vec::new();
        for open_to_lan in [false, true, false] {
            office.listen(open_to_lan, &tasks).await.expect("listening");
            let port = office.serving.lock().await.as_ref().expect("serving").port;
            assert_eq!(health(&format!("http://127.0.0.1:{port}")).await, "HTTP/1.1 200 OK");
            let address = office.address().expect("an address");
            assert!(address.ends_with(&format!(":{port}")), "{address}");
            assert_eq!(health(&address).await, "HTTP/1.1 200 OK", "{address}");
            ports.push(port);
        }
        assert!(ports.iter().all(|port| *port == ports[0]), "links that were given out still hold: {ports:?}");
        office.close().await;
        assert!(office.link().is_err());
    }
}
