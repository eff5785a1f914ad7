//! The way in for commands given on the hub's own machine.
//!
//! They work whether the hub is running or not. If it is, they are done by it, over a socket in the
//! data directory that only its owner can open; if not, this process holds the directory meanwhile
//! and does the same itself. One line of JSON each way; before its answer the hub says that it has
//! taken the command, so that whoever gave it knows whether it may be given again.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use interprocess::local_socket::tokio::{Listener, Stream, prelude::*};
use interprocess::local_socket::{ListenerOptions, Name};
use rappel_core::person::Person;
use rappel_core::{DeviceId, Invalid, PersonId, Timestamp};
use rappel_store::{By, Device, DeviceKind, Error, Invited, NewPerson, Restored, Store};
use serde::{Deserialize, Serialize};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::clock::{Clock, SystemClock};
use crate::data_dir::{DataDir, DataDirError, has_store};
use crate::hub::{Hub, OpenError, open_store};
use crate::identity::key_of;
use crate::join_link::JoinLink;
use crate::secure_office::secure_office_rows;
use crate::status::{Status, status};
use crate::succession::commands;
use crate::wire::person::PersonInput;

/// Where a hub serves unless it is told otherwise.
pub const DEFAULT_BASE_URL: &str = "http://127.0.0.1:7710";

/// What the hub says before it does a command.
const TAKEN: &str = "taken\n";
/// The longest line, in bytes.
const LINE_MAX: u64 = 64 * 1024;
/// A hub that is just starting has its socket within this time, and says within it how it is.
const STARTS_WITHIN: Duration = Duration::from_secs(5);

/// A command.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case")]
pub enum Request {
    /// Adds somebody.
    PersonAdd {
        /// As colleagues call them.
        name: String,
        /// `admin` or `member`.
        role: Option<String>,
        /// `fr` or `en`.
        locale: Option<String>,
        /// IANA name.
        time_zone: Option<String>,
        /// Where to write.
        email: Option<String>,
    },
    /// Lists everybody.
    PersonList,
    /// Makes a token.
    TokenCreate {
        /// An id, or a name that only one person has.
        person: String,
        /// What it is for.
        label: String,
    },
    /// Lists tokens and paired devices.
    TokenList,
    /// Revokes a token or a paired device.
    TokenRevoke {
        /// Its id.
        id: String,
    },
    /// Invites somebody.
    Invite {
        /// An id, or a name that only one person has.
        person: String,
    },
    /// Invites everybody.
    InviteEverybody,
    /// Writes a backup.
    Backup {
        /// Where to: an absolute path.
        file: PathBuf,
    },
    /// Puts a backup in the place of everything.
    Restore {
        /// Which one: an absolute path.
        file: PathBuf,
    },
    /// How browsers may reach the hub, after these switches were turned; what is left out stays.
    SecureOffice {
        /// Over HTTPS as well.
        on: Option<bool>,
        /// Over plain HTTP, for other machines.
        plain_http: Option<bool>,
    },
    /// Makes another authority for browsers.
    RenewAuthority,
    /// Says which desktop keeps a copy, or could; or has one keep it.
    Keeper {
        /// The id of a device; `None` leaves it as it is.
        device: Option<String>,
        /// Nobody is to keep one.
        none: bool,
    },
    /// Moves the hub to another computer.
    Handover {
        /// The id of its device; `None` gives up a handover that is under way.
        device: Option<String>,
    },
    /// How is it?
    Status,
}

impl Request {
    /// Whether nothing more happens when it is done twice.
    fn can_be_done_twice(&self) -> bool {
        match self {
            Self::PersonList
            | Self::TokenList
            | Self::TokenRevoke { .. }
            | Self::Backup { .. }
            | Self::Restore { .. }
            | Self::SecureOffice { .. }
            | Self::Keeper { .. }
            | Self::Status => true,
            Self::PersonAdd { .. }
            | Self::TokenCreate { .. }
            | Self::Invite { .. }
            | Self::InviteEverybody
            | Self::RenewAuthority
            | Self::Handover { .. } => false,
        }
    }
}

/// The answer to a command.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Reply {
    /// Nothing to say.
    Done,
    /// One new thing: an id or a token.
    One {
        /// It.
        value: String,
    },
    /// Rows of columns.
    Table {
        /// Row by row.
        rows: Vec<Vec<String>>,
    },
    /// An invitation.
    Invitation {
        /// To be opened in a browser.
        link: String,
        /// To be typed instead.
        code: String,
    },
    /// How it is.
    Status(Box<Status>),
    /// It was not done.
    Refused {
        /// Why.
        message: String,
    },
}

/// Why a command could not be given.
#[derive(Debug, thiserror::Error)]
pub enum ControlError {
    /// The data directory cannot be used.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The running hub does not answer.
    #[error("the running hub does not answer: {0}")]
    Unreachable(io::Error),
    /// The hub ended after it had taken the command, which would do more when it is done twice.
    #[error("the hub ended before it answered: it may or may not have done it")]
    Unanswered,
}

/// Gives a command to the hub that runs on a data directory, or does it here if none runs.
///
/// # Errors
/// When neither is possible.
pub async fn give(data_dir: &Path, request: Request) -> Result<Reply, ControlError> {
    let give_up_at = tokio::time::Instant::now() + STARTS_WITHIN;
    loop {
        match DataDir::hold(data_dir) {
            Ok(held) => return Ok(do_here(&held, request).await?),
            Err(DataDirError::Held(_)) => {}
            Err(error) => return Err(OpenError::from(error).into()),
        }
        let call = call(data_dir, &request);
        // Other commands may take long: how the hub is, it knows at once.
        let answer = match request {
            Request::Status => tokio::time::timeout(STARTS_WITHIN, call).await.unwrap_or_else(|late| Err(late.into())),
            _ => call.await,
        };
        match answer {
            Ok(Some(reply)) => return Ok(reply),
            Ok(None) if !request.can_be_done_twice() => return Err(ControlError::Unanswered),
            // It may be starting, or ending.
            Ok(None) | Err(_) if tokio::time::Instant::now() < give_up_at => {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Ok(None) => return Err(ControlError::Unanswered),
            Err(error) => return Err(ControlError::Unreachable(error)),
        }
    }
}

/// Holds a data directory for a hub. A command that is done on the spot has it for a moment, and so has a hub that ends:
/// they are waited for. A hub that is there, and takes commands, is not.
pub(crate) async fn hold(data_dir: &Path) -> Result<DataDir, DataDirError> {
    let give_up_at = tokio::time::Instant::now() + STARTS_WITHIN;
    loop {
        match DataDir::hold(data_dir) {
            Err(DataDirError::Held(_))
                if tokio::time::Instant::now() < give_up_at && !takes_commands(data_dir).await =>
            {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
            outcome => return outcome,
        }
    }
}

async fn takes_commands(data_dir: &Path) -> bool {
    match socket_name(data_dir) {
        Ok(name) => Stream::connect(name).await.is_ok(),
        Err(_) => false,
    }
}

async fn do_here(held: &DataDir, request: Request) -> Result<Reply, OpenError> {
    if let Request::Restore { file } = request {
        return Ok(restored(crate::backup::restore_here(held, file, SystemClock.now()).await));
    }
    if matches!(request, Request::Status | Request::Backup { .. }) && !has_store(held.path()) {
        return Ok(Reply::Refused { message: format!("there is no office in {}", held.path().display()) });
    }
    let store = open_store(held, None, |_| {})?;
    Ok(execute(&store, None, SystemClock.now(), request).await)
}

/// Gives a command to the running hub. An error is that it was not taken; no answer, that the hub ended
/// while it did it.
async fn call(data_dir: &Path, request: &Request) -> io::Result<Option<Reply>> {
    let stream = Stream::connect(socket_name(data_dir)?).await?;
    let mut line = serde_json::to_string(request)?;
    line.push('\n');
    let mut writer = &stream;
    writer.write_all(line.as_bytes()).await?;
    let mut lines = BufReader::new(&stream);
    let mut taken = String::new();
    lines.read_line(&mut taken).await?;
    if taken != TAKEN {
        return Err(io::ErrorKind::ConnectionAborted.into());
    }
    let mut answer = String::new();
    match lines.read_line(&mut answer).await {
        Ok(_) if answer.ends_with('\n') => Ok(Some(serde_json::from_str(&answer)?)),
        _ => Ok(None),
    }
}

/// The hub's end of the control socket.
pub(crate) struct Server {
    listener: Listener,
    #[cfg(unix)]
    path: PathBuf,
}

impl Server {
    /// Listens in a data directory that this process holds.
    pub(crate) fn bind(data_dir: &Path) -> io::Result<Self> {
        #[cfg(unix)]
        {
            let path = data_dir.join(SOCKET);
            // What is there was left by a hub that was killed: this process holds the directory.
            match std::fs::remove_file(&path) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let listener = ListenerOptions::new().name(socket_name(data_dir)?).create_tokio()?;
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600))?;
            Ok(Self { listener, path })
        }
        #[cfg(not(unix))]
        {
            let listener = ListenerOptions::new().name(socket_name(data_dir)?).create_tokio()?;
            Ok(Self { listener })
        }
    }

    /// Answers until it is stopped.
    pub(crate) async fn run(self, hub: Hub, stop: CancellationToken) {
        let calls = TaskTracker::new();
        loop {
            let stream = tokio::select! {
                () = stop.cancelled() => break,
                accepted = self.listener.accept() => accepted,
            };
            match stream {
                Ok(stream) => {
                    let hub = hub.clone();
                    calls.spawn(async move {
                        if let Err(error) = answer(&hub, &stream).await {
                            tracing::debug!(%error, "a command broke off");
                        }
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "the control socket failed");
                    tokio::time::sleep(Duration::from_secs(1)).await;
                }
            }
        }
        calls.close();
        calls.wait().await;
        #[cfg(unix)]
        if let Err(error) = std::fs::remove_file(&self.path) {
            tracing::debug!(%error, "the control socket was gone already");
        }
    }
}

async fn answer(hub: &Hub, stream: &Stream) -> io::Result<()> {
    let mut line = String::new();
    let mut reader = BufReader::new(stream).take(LINE_MAX);
    tokio::select! {
        read = reader.read_line(&mut line) => { read?; }
        () = hub.stopping().cancelled() => return Ok(()),
    }
    let mut writer = stream;
    writer.write_all(TAKEN.as_bytes()).await?;
    let reply = match serde_json::from_str(&line) {
        Ok(request) => execute(hub.store(), Some(hub), hub.now(), request).await,
        Err(error) => Reply::Refused { message: format!("the command cannot be read: {error}") },
    };
    let mut line = serde_json::to_string(&reply)?;
    line.push('\n');
    writer.write_all(line.as_bytes()).await
}

#[cfg(unix)]
const SOCKET: &str = "control.sock";

#[cfg(unix)]
fn socket_name(data_dir: &Path) -> io::Result<Name<'static>> {
    use interprocess::local_socket::{GenericFilePath, ToFsName};
    data_dir.join(SOCKET).to_fs_name::<GenericFilePath>()
}

/// Pipes have one name space for the machine: the name says which directory it is.
#[cfg(not(unix))]
fn socket_name(data_dir: &Path) -> io::Result<Name<'static>> {
    use interprocess::local_socket::{GenericNamespaced, ToNsName};
    let path = std::path::absolute(data_dir)?;
    let hash = blake3::hash(path.to_string_lossy().to_lowercase().as_bytes()).to_hex();
    format!("rappel-{}", &hash[..32]).to_ns_name::<GenericNamespaced>()
}

/// Does a command; `hub` is the running one, if it is this process.
async fn execute(store: &Store, hub: Option<&Hub>, now: Timestamp, request: Request) -> Reply {
    match try_execute(store, hub, now, request).await {
        Ok(reply) => reply,
        Err(Error::NotFound) => Reply::Refused { message: "there is no such thing here".to_owned() },
        Err(error) => Reply::Refused { message: error.to_string() },
    }
}

async fn try_execute(store: &Store, hub: Option<&Hub>, now: Timestamp, request: Request) -> Result<Reply, Error> {
    let by = By::CommandLine;
    match request {
        Request::PersonAdd { name, role, locale, time_zone, email } => {
            let input = PersonInput { name, role, email, locale, time_zone, reminders: None };
            let new: NewPerson = input.parse()?;
            let person = store.add_person(by, new, now).await?;
            Ok(Reply::One { value: person.id.to_string() })
        }
        Request::PersonList => {
            let people = store.people().await?.into_iter().filter(|person| person.active);
            let row = |person: Person| vec![person.id.to_string(), person.role.as_str().to_owned(), person.name];
            Ok(Reply::Table { rows: people.map(row).collect() })
        }
        Request::TokenCreate { person, label } => {
            let label = rappel_core::person::parse_name("label", &label)?;
            let person = find_person(store, &person).await?.id;
            let paired = store.create_token(by, person, DeviceKind::Token, label, now).await?;
            Ok(Reply::One { value: paired.token })
        }
        Request::TokenList => {
            let people = store.people().await?;
            let name_of = |id: PersonId| {
                people.iter().find(|person| person.id == id).map(|person| person.name.clone()).unwrap_or_default()
            };
            let row = |device: Device| {
                vec![
                    device.id.to_string(),
                    device.person.to_string(),
                    name_of(device.person),
                    device.name,
                    device.last_seen_at.map_or_else(|| "never".to_owned(), |at| at.to_string()),
                ]
            };
            Ok(Reply::Table { rows: store.devices(None).await?.into_iter().map(row).collect() })
        }
        Request::TokenRevoke { id } => {
            let id: DeviceId = id.parse().map_err(|_| Invalid::new("TOKEN_ID", "is not the id of a token"))?;
            store.revoke_device(by, id, now).await?;
            Ok(Reply::Done)
        }
        Request::Invite { person } => {
            let person = find_person(store, &person).await?.id;
            invitation(store, hub, store.invite(by, person, now).await?).await
        }
        Request::InviteEverybody => invitation(store, hub, store.invite_everybody(by, now).await?).await,
        Request::Backup { file } => Ok(match store.backup(&file, now).await {
            Ok(()) => Reply::Done,
            Err(error) => Reply::Refused { message: error.to_string() },
        }),
        // Without a hub, it was done before the store was opened.
        Request::Restore { file } => Ok(match hub {
            Some(hub) => restored(hub.restore(&file).await),
            None => Reply::Refused { message: "there is no hub to restore it".to_owned() },
        }),
        Request::SecureOffice { on, plain_http } => {
            match hub {
                _ if on.is_none() && plain_http.is_none() => {}
                Some(hub) => hub.set_secure_office(by, on, plain_http).await?,
                None => drop(store.set_secure_office(by, on, plain_http, now).await?),
            }
            Ok(Reply::Table { rows: secure_office_rows(store, hub).await? })
        }
        Request::RenewAuthority => match hub {
            Some(hub) => {
                hub.renew_authority(by).await?;
                Ok(Reply::Table { rows: secure_office_rows(store, Some(hub)).await? })
            }
            // It vouches for the names by which a running hub is called.
            None => Ok(Reply::Refused { message: "start the hub first".to_owned() }),
        },
        Request::Keeper { device, none } => commands::keeper(store, hub, device, none, now).await,
        Request::Handover { device } => match hub {
            Some(hub) => commands::hand_over(hub, device).await,
            None => Ok(Reply::Refused { message: "the hub is not running: start it, then hand it over".to_owned() }),
        },
        Request::Status => Ok(Reply::Status(Box::new(status(store, hub, now).await?))),
    }
}

async fn invitation(store: &Store, hub: Option<&Hub>, invited: Invited) -> Result<Reply, Error> {
    let base_url = hub.map_or_else(|| DEFAULT_BASE_URL.to_owned(), Hub::base_url);
    let pin = key_of(store).await?.pin();
    let link = JoinLink { base_url, secret: invited.link_secret, pin };
    Ok(Reply::Invitation { link: link.to_string(), code: invited.short_code })
}

fn restored<E: std::fmt::Display>(outcome: Result<Restored, E>) -> Reply {
    match outcome {
        Ok(Restored { kept: Some(kept), .. }) => {
            Reply::One { value: format!("restored; what was there before is in {}", kept.display()) }
        }
        Ok(Restored { kept: None, .. }) => Reply::One { value: "restored".to_owned() },
        Err(error) => Reply::Refused { message: error.to_string() },
    }
}

/// A person by id, or by a name that only one has.
async fn find_person(store: &Store, wanted: &str) -> Result<Person, Error> {
    let people = store.people().await?;
    if let Ok(id) = wanted.parse::<PersonId>() {
        return people
            .into_iter()
            .find(|person| person.id == id)
            .ok_or_else(|| Invalid::new("PERSON", format!("is nobody's id: {wanted}")).into());
    }
    let mut named = people.into_iter().filter(|person| person.active && person.name == wanted);
    match (named.next(), named.next()) {
        (Some(person), None) => Ok(person),
        (Some(_), Some(_)) => {
            Err(Invalid::new("PERSON", format!("is the name of several people, use the id: {wanted}")).into())
        }
        (None, _) => Err(Invalid::new("PERSON", format!("is not the name of anybody: {wanted}")).into()),
    }
}
