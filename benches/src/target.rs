//! What is measured: the hub, or the limit. Both take events for people and tell whoever listens.

use std::path::{Path, PathBuf};

use anyhow::Context;
use chrono::{DateTime, SecondsFormat, TimeDelta, Utc};
use futures_util::{SinkExt, StreamExt};
use serde::Serialize;
use serde_json::json;
use tempfile::TempDir;
use tokio::net::{TcpSocket, TcpStream};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::filled::{self, Content};
use crate::http::Http;
use crate::measure;
use crate::process::Process;

/// Reminders of events that start then are far away.
const FAR: TimeDelta = TimeDelta::days(20);

/// What a WebSocket is read by, in bytes.
const READ_BUFFER: usize = 4096;

/// A client's end of a WebSocket.
pub(crate) type Socket = WebSocketStream<TcpStream>;

/// Which program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Program {
    Hub(PathBuf),
    Limit(PathBuf),
}

impl Program {
    /// Where its file is.
    pub(crate) fn path(&self) -> &Path {
        let (Self::Hub(path) | Self::Limit(path)) = self;
        path
    }
}

/// A running program with its people.
pub(crate) struct Target {
    pub(crate) process: Process,
    folder: TempDir,
    people: Vec<Person>,
}

#[derive(Debug, Clone, Default)]
struct Person {
    id: String,
    /// None: of the limit, which knows nobody.
    token: Option<String>,
}

impl Target {
    /// Starts a program on an empty folder under `folder`, with so many people.
    pub(crate) async fn start(program: &Program, folder: &Path, people: usize) -> anyhow::Result<Self> {
        let folder = TempDir::new_in(folder)?;
        match program {
            Program::Limit(program) => {
                let file = folder.path().join("limit.db");
                let process = Process::start(program, &[file.to_str().context("a path that is text")?]).await?;
                Ok(Self { process, folder, people: vec![Person::default(); people + 1] })
            }
            Program::Hub(program) => {
                let mut process = start_hub(program, folder.path()).await?;
                let people = office(&mut process, people).await?;
                Ok(Self { process, folder, people })
            }
        }
    }

    /// A hub whose store was filled with so much while it was off.
    pub(crate) async fn start_filled(
        program: &Path,
        folder: &Path,
        people: usize,
        content: Content,
    ) -> anyhow::Result<Self> {
        let mut target = Self::start(&Program::Hub(program.to_owned()), folder, people).await?;
        target.post_model().await?;
        target.process.stop().await?;
        filled::fill(&target.folder.path().join("rappel.db"), content, measure::now().timestamp_millis())?;
        target.process = start_hub(program, target.folder.path()).await?;
        Ok(target)
    }

    /// How many people listen; they are counted from 1, and the one who posts is number 0.
    pub(crate) fn people(&self) -> usize {
        self.people.len() - 1
    }

    /// A connection of its own to the hub's HTTP interface, for a person.
    pub(crate) async fn http(&self, person: usize) -> anyhow::Result<Http> {
        Http::connect(&self.process.address, self.people[person].token.as_deref()).await
    }

    /// Has the hub write an event like those of an office: the only one, for others to be made after it.
    async fn post_model(&self) -> anyhow::Result<()> {
        let starts_at = measure::now() + FAR;
        let body = json!({
            "title": "Visite de chantier", "starts_at": starts_at.to_rfc3339(), "assignees": [self.people[1].id],
            "location": "12 rue des Lilas", "comment": "Apporter les plans et les clefs du portail",
            "contact": { "id": "c-17", "name": "Marie Dupont", "phone": "+33 6 12 34 56 78" },
        });
        self.http(0).await?.post("/api/events", &body).await?;
        Ok(())
    }

    /// Listens for a person.
    pub(crate) async fn listen(&self, person: usize) -> anyhow::Result<Socket> {
        self.listen_by(TcpSocket::new_v4()?, person).await
    }

    /// Listens for a person, with as little room as there can be for what was not read yet.
    pub(crate) async fn listen_narrowly(&self, person: usize) -> anyhow::Result<Socket> {
        let socket = TcpSocket::new_v4()?;
        socket.set_recv_buffer_size(4096)?;
        self.listen_by(socket, person).await
    }

    async fn listen_by(&self, socket: TcpSocket, person: usize) -> anyhow::Result<Socket> {
        let address = &self.process.address;
        let url = match &self.people[person].token {
            Some(token) => format!("ws://{address}/ws/notifications/?token={token}"),
            None => format!("ws://{address}/person/{person}"),
        };
        let mut socket = connect(&url, socket.connect(address.parse()?).await?).await?;
        if self.people[person].token.is_some() {
            // From its first frame on it is told what comes.
            socket.next().await.context("a first frame")??;
        }
        Ok(socket)
    }

    /// Somebody who posts events, one after another.
    pub(crate) async fn poster(&self) -> anyhow::Result<Poster> {
        let address = &self.process.address;
        if self.people[0].token.is_none() {
            let stream = TcpStream::connect(address).await?;
            return Ok(Poster::Limit(Box::new(connect(&format!("ws://{address}/post"), stream).await?)));
        }
        let ids = self.people.iter().map(|person| person.id.clone()).collect();
        Ok(Poster::Hub { http: self.http(0).await?, ids })
    }
}

/// Opens a WebSocket that reads by as little as a frame needs: the room for what is read is cleared for each read.
async fn connect(url: &str, stream: TcpStream) -> anyhow::Result<Socket> {
    stream.set_nodelay(true)?;
    let config = WebSocketConfig::default().read_buffer_size(READ_BUFFER);
    Ok(client_async_with_config(url, stream, Some(config)).await?.0)
}

/// Starts a hub on a data directory, with no limit to connections.
async fn start_hub(program: &Path, folder: &Path) -> anyhow::Result<Process> {
    let folder = folder.to_str().context("a path that is text")?;
    let no_limit = ["--max-connections", "0", "--max-connections-per-address", "0"];
    let serve = ["serve", "--listen", "127.0.0.1:0", "--locale", "en", "--time-zone", "Europe/Paris"];
    Process::start(program, &[&["--data-dir", folder], &serve[..], &no_limit].concat()).await
}

/// Signs the admin in, who posts, and makes an office of so many people who listen.
async fn office(process: &mut Process, people: usize) -> anyhow::Result<Vec<Person>> {
    let line = process.line().await?;
    let secret = line.rsplit_once('#').context("the first sign-in")?.1.to_owned();
    let address = process.address.clone();
    let mut nobody = Http::connect(&address, None).await?;
    let admin = pair(&mut nobody, &secret).await?;
    let mut office = Http::connect(&address, admin.token.as_deref()).await?;
    let mut all = vec![admin];
    for number in 1..=people {
        let person = office.post("/api/people", &json!({ "name": format!("Person {number}") })).await?;
        let id = person["id"].as_str().context("an id")?;
        let invitation = office.post(&format!("/api/people/{id}/invitations"), &json!({})).await?;
        let link = invitation["link"].as_str().context("a link")?;
        all.push(pair(&mut nobody, link.rsplit_once('#').context("a secret")?.1).await?);
    }
    Ok(all)
}

async fn pair(nobody: &mut Http, secret: &str) -> anyhow::Result<Person> {
    let paired = nobody.post("/api/pair", &json!({ "code": secret, "device_name": "bench" })).await?;
    let text = |value: &serde_json::Value| value.as_str().map(str::to_owned);
    Ok(Person { id: text(&paired["person"]["id"]).context("an id")?, token: text(&paired["token"]) })
}

/// Posts events on a connection of its own; each call waits until the event is durable.
pub(crate) enum Poster {
    Hub { http: Http, ids: Vec<String> },
    Limit(Box<Socket>),
}

/// An event to post.
#[derive(Debug, Clone)]
pub(crate) struct Event<'a> {
    /// By which its copies are known.
    pub(crate) nonce: usize,
    /// Whose it is.
    pub(crate) people: &'a [usize],
    /// When it starts.
    pub(crate) starts_at: DateTime<Utc>,
    /// Minutes before the start; `None`: as everybody has it, 30 and 5.
    pub(crate) reminders: Option<&'a [u32]>,
    /// What goes with it.
    pub(crate) comment: Option<&'a str>,
}

/// An event as the hub is sent it.
#[derive(Serialize)]
struct Body<'a> {
    title: &'a str,
    starts_at: String,
    assignees: Vec<&'a str>,
    reminders: Option<&'a [u32]>,
    comment: Option<&'a str>,
}

impl<'a> Event<'a> {
    /// An event so far ahead that nobody is reminded of it meanwhile.
    pub(crate) fn far(nonce: usize, people: &'a [usize]) -> Self {
        Self { nonce, people, starts_at: measure::now() + FAR, reminders: None, comment: None }
    }
}

impl Poster {
    /// Posts an event.
    pub(crate) async fn post(&mut self, event: &Event<'_>) -> anyhow::Result<()> {
        let title = format!("nonce-{}.", event.nonce);
        match self {
            Self::Hub { http, ids } => {
                let body = Body {
                    title: &title,
                    starts_at: event.starts_at.to_rfc3339_opts(SecondsFormat::Millis, true),
                    assignees: event.people.iter().map(|person| ids[*person].as_str()).collect(),
                    reminders: event.reminders,
                    comment: event.comment,
                };
                http.post_only("/api/events", &body).await?;
            }
            Self::Limit(socket) => {
                let people: Vec<String> = event.people.iter().map(usize::to_string).collect();
                // About as long as the hub's frame, so that as many bytes travel.
                let filler = "x".repeat(900) + event.comment.unwrap_or_default();
                let text = format!("{} {title} \"assigned\" {filler}", people.join(","));
                socket.send(Message::text(text)).await?;
                socket.next().await.context("an answer")??;
            }
        }
        Ok(())
    }
}
