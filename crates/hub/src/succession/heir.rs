//! The desktop that can be the hub: it keeps a copy of everything, takes over when the hub is gone,
//! and receives what a hub hands over.

use std::io::{self, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use axum::body::Body;
use futures_util::StreamExt;
use rappel_core::{DeviceId, Timestamp};
use rappel_store::sealed::{SealError, SealLabel};
use rappel_store::{Backup, Inheritance, RestoreError, discard_ready, install_ready};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use super::asking::{AskError, HubLine};
use super::copies::{Copies, KeptCopy};
use super::copy::HASH_HEADER;
use super::handover::Stage;
use super::membership::{Membership, replace};
use super::successor::Successor;
use crate::clock::{Clock, SystemClock};
use crate::data_dir::{DataDir, DataDirError, has_store};
use crate::hub::{OpenError, open_store};

/// The store of the hub to be, until the handover is decided.
const READY: &str = "inheritance.db";
/// Which handover it came by.
const READY_OF: &str = "inheritance.json";
/// How often a hub that hands over is told that this desktop is at work.
const SIGN_OF_LIFE: Duration = Duration::from_secs(5);
/// Chunks that may wait for the disk.
const WAITING: usize = 4;
/// A desktop that answers no further chunk within this time has gone.
const CHUNK_WITHIN: Duration = Duration::from_secs(30);

/// Where the hub would be on this desktop, and how it is a member until then.
#[derive(Debug, Clone)]
pub struct Heir {
    /// The data directory of the hub to be.
    pub data_dir: PathBuf,
    /// The port on which it would serve.
    pub port: u16,
}

/// What the hub wants of this desktop.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Errand {
    /// It is to keep a daily copy.
    pub keep: bool,
    /// It is to be the hub: the handover's number.
    pub handover: Option<Uuid>,
}

/// Why a copy was not kept, or this desktop is not the hub.
#[derive(Debug, thiserror::Error)]
pub enum HeirError {
    /// The hub was asked in vain.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The copy cannot be written, or was not what the hub sent.
    #[error("the copy cannot be kept: {0}")]
    Keep(#[source] io::Error),
    /// There is no copy to begin with.
    #[error("this computer has no copy of the office: it cannot be the hub")]
    NoCopy,
    /// The copy cannot be opened.
    #[error(transparent)]
    Seal(#[from] SealError),
    /// What it holds cannot be the hub's data.
    #[error(transparent)]
    Restore(#[from] RestoreError),
    /// The data directory cannot be used.
    #[error(transparent)]
    DataDir(#[from] DataDirError),
    /// The hub is there: then it can hand over.
    #[error("the hub answers, at {0}: have it hand over instead")]
    HubAnswers(String),
    /// There is another office here.
    #[error("this computer has an office of its own: it cannot be the hub of another one")]
    OfficeOfItsOwn,
    /// The hub has neither said that it handed over nor that it has not.
    #[error("whether the hub has handed over is not known yet: {0}")]
    Undecided(AskError),
}

/// This desktop is the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Inherited {
    /// Of when the data are: nothing that was written later is among them.
    pub made_at: Timestamp,
}

#[derive(Serialize, Deserialize)]
struct ReadyOf {
    handover: Uuid,
    made_at_ms: i64,
}

#[derive(Deserialize)]
struct Accepted {
    stage: Stage,
}

/// Where the hub was met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Met {
    /// `HOST:PORT`.
    pub address: String,
    /// In which epoch it is.
    pub epoch: u64,
}

/// Asks what the hub wants of this desktop.
///
/// # Errors
/// When the hub does not answer, or refuses.
pub async fn errand(membership: &Membership) -> Result<(Errand, Met), HeirError> {
    let mut line = HubLine::find(membership).await?;
    let errand = line.ask("GET", "/api/hub/errand", None).await?;
    let errand = serde_json::from_value(errand).map_err(AskError::broken)?;
    Ok((errand, Met { address: line.address().to_owned(), epoch: line.reigning.epoch }))
}

/// Fetches a copy of everything and keeps it sealed, in place of the one before the last.
///
/// # Errors
/// When the hub gives none, or it cannot be written; what was kept before is as it was.
pub async fn keep_copy(membership: &Membership, copies: &Copies, port: u16) -> Result<KeptCopy, HeirError> {
    let mut line = HubLine::find(membership).await?;
    let label = SealLabel { hub: membership.hub, epoch: line.reigning.epoch, made_at_ms: SystemClock.now().as_ms() };
    let (keeping, begun) = (copies.clone(), label);
    let mut incoming = blocking(move || keeping.begin(begun)).await.map_err(HeirError::Keep)?;
    let (chunks, mut waiting) = mpsc::channel::<Vec<u8>>(WAITING);
    let writing = TaskTracker::new().spawn_blocking(move || {
        while let Some(chunk) = waiting.blocking_recv() {
            incoming.take(&chunk)?;
        }
        Ok::<_, io::Error>(incoming)
    });
    let fetched = fetch(&mut line, "/api/hub/copy", json!({ "port": port }), chunks).await;
    let written = writing.await.map_err(|error| HeirError::Keep(io::Error::other(error)))?;
    // A disk that takes no more is why nothing more was fetched.
    let incoming = written.map_err(HeirError::Keep)?;
    let hash = fetched?;
    let (bytes, keeping) = (incoming.written(), copies.clone());
    let kept = blocking(move || keeping.finish(incoming, &hash)).await.map_err(HeirError::Keep)?;
    line.ask("POST", "/api/hub/copy/kept", Some(json!({ "bytes": bytes }))).await?;
    Ok(kept)
}

/// Fetches a copy chunk by chunk; the answer is the hash that it has in the hub's words.
async fn fetch(
    line: &mut HubLine,
    path: &str,
    body: Value,
    chunks: mpsc::Sender<Vec<u8>>,
) -> Result<String, HeirError> {
    let answer = line.send("POST", path, Some(body)).await?;
    let hash = answer.headers().get(HASH_HEADER).and_then(|hash| hash.to_str().ok());
    let hash = hash.ok_or_else(|| AskError::broken("it does not say what it sends"))?.to_owned();
    let mut body = Body::new(answer.into_body()).into_data_stream();
    while let Some(chunk) = tokio::time::timeout(CHUNK_WITHIN, body.next()).await.map_err(AskError::broken)? {
        if chunks.send(chunk.map_err(AskError::broken)?.to_vec()).await.is_err() {
            break;
        }
    }
    Ok(hash)
}

impl Heir {
    fn ready(&self) -> PathBuf {
        self.data_dir.join(READY)
    }

    fn ready_of(&self) -> PathBuf {
        self.data_dir.join(READY_OF)
    }

    /// Whether this machine is the hub already: a program that was killed right after it became that
    /// has left the membership behind.
    ///
    /// # Errors
    /// When its data cannot be used.
    pub fn is_hub(&self, membership: &Membership) -> Result<bool, OpenError> {
        if !has_store(&self.data_dir) {
            return Ok(false);
        }
        let held = DataDir::hold(&self.data_dir)?;
        // An office of this computer's own may lie there, which has nothing to do with it.
        let identity = open_store(&held, None, |_| {})?.identity();
        let mark = Successor::read(&self.data_dir)?.map_or(0, |mark| mark.epoch);
        Ok(identity.id == membership.hub && identity.epoch > mark)
    }

    /// Becomes the hub with what this desktop has: what a hub that was handing over had sent, else the
    /// latest copy that is whole. Refused while the hub answers.
    ///
    /// # Errors
    /// When the hub answers, or there is no copy that can be used; then nothing is changed.
    pub async fn take_over(&self, membership: &Membership, copies: &Copies) -> Result<Inherited, HeirError> {
        let held = DataDir::hold(&self.data_dir)?;
        self.require_room(membership)?;
        match HubLine::find(membership).await {
            Ok(line) if line.reigning.moved.is_none() => {
                return Err(HeirError::HubAnswers(line.address().to_owned()));
            }
            _ => {}
        }
        let (store, heir) = (held.store_path(), device_of(membership));
        let from = membership.addresses.clone();
        let (how, now) = (Inheritance::Takeover { known: membership.epoch }, SystemClock.now());
        let (copies, ready, hub) = (copies.clone(), self.ready(), membership.hub);
        let ready_at = self.read_ready_of().map_or(now, |ready| Timestamp::clamped_from_ms(ready.made_at_ms));
        let inherited = blocking(move || {
            let _held = held;
            if ready.exists()
                && let Ok(inherited) = inherit(&ready, &store, heir, &from, how, ready_at, now)
            {
                return Ok(inherited);
            }
            let mut problem = HeirError::NoCopy;
            for copy in copies.list().into_iter().filter(|copy| copy.label.hub == hub) {
                match unsealed(&copies, &copy, &store) {
                    Ok(file) => match inherit(file.path(), &store, heir, &from, how, copy.label.made_at(), now) {
                        Ok(inherited) => return Ok(inherited),
                        Err(error) => problem = error,
                    },
                    Err(error) => problem = error,
                }
                tracing::error!(%problem, "a copy of the hub cannot be used");
            }
            Err(problem)
        })
        .await?;
        self.is_hub_again();
        self.forget_ready();
        tracing::warn!("this computer is the hub of the office now");
        Ok(inherited)
    }

    /// Only an office that is this very one may be replaced: of a computer that was its hub before.
    fn require_room(&self, membership: &Membership) -> Result<(), HeirError> {
        let former = Successor::read(&self.data_dir).ok().flatten();
        let is_former = former.is_some_and(|former| former.hub == membership.hub);
        if has_store(&self.data_dir) && !is_former { Err(HeirError::OfficeOfItsOwn) } else { Ok(()) }
    }

    /// Receives everything from a hub that hands over: from when this returns without an error, this
    /// machine is the hub.
    ///
    /// # Errors
    /// When nothing was handed over. [`HeirError::Undecided`]: then [`Heir::recover`] finds out.
    pub async fn receive(&self, membership: &Membership, id: Uuid) -> Result<Inherited, HeirError> {
        let mut line = HubLine::find(membership).await?;
        let path = format!("/api/hub/handover/{id}");
        let held = match self.make_room(membership) {
            Ok(held) => held,
            Err(error) => {
                // Whoever has asked is not left waiting for a computer that cannot.
                let _ = line.ask("POST", &format!("{path}/refuse"), None).await;
                return Err(error);
            }
        };
        let accepted = line.ask("POST", &format!("{path}/accept"), Some(json!({ "port": self.port }))).await?;
        let Accepted { stage } = serde_json::from_value(accepted).map_err(AskError::broken)?;
        tracing::info!(?stage, "the hub hands over to this computer");
        rappel_store::fault::point("heir-accepted");
        let at_work = CancellationToken::new();
        let _until_done = at_work.clone().drop_guard();
        TaskTracker::new().spawn(say_at_work(membership.clone(), path.clone(), at_work));
        let made_ready = self.make_ready(&mut line, membership, id, &held).await;
        if let Err(error) = made_ready {
            let _ = line.ask("POST", &format!("{path}/refuse"), None).await;
            self.forget_ready();
            return Err(error);
        }
        rappel_store::fault::point("heir-ready");
        if let Err(error) = line.ask("POST", &format!("{path}/commit"), None).await {
            tracing::warn!(%error, "whether the hub has handed over is not known yet");
            return self.decide(membership, id, &held).await?.ok_or(HeirError::Ask(error));
        }
        rappel_store::fault::point("heir-committed");
        self.install(&held)
    }

    /// Holds the data directory that is to be the hub's, with room for its store.
    fn make_room(&self, membership: &Membership) -> Result<DataDir, HeirError> {
        let held = DataDir::hold(&self.data_dir)?;
        self.require_room(membership)?;
        discard_ready(&self.ready()).map_err(HeirError::Keep)?;
        Ok(held)
    }

    async fn make_ready(
        &self,
        line: &mut HubLine,
        membership: &Membership,
        id: Uuid,
        held: &DataDir,
    ) -> Result<(), HeirError> {
        let mut file = private_file(&self.data_dir).map_err(HeirError::Keep)?;
        let (chunks, mut waiting) = mpsc::channel::<Vec<u8>>(WAITING);
        let writing = TaskTracker::new().spawn_blocking(move || {
            let mut hasher = blake3::Hasher::new();
            while let Some(chunk) = waiting.blocking_recv() {
                hasher.update(&chunk);
                file.write_all(&chunk)?;
            }
            Ok::<_, io::Error>((file, hasher.finalize().to_hex().to_string()))
        });
        let fetched = fetch(line, &format!("/api/hub/handover/{id}/copy"), json!({}), chunks).await;
        let written = writing.await.map_err(|error| HeirError::Keep(io::Error::other(error)))?;
        let (file, hash) = written.map_err(HeirError::Keep)?;
        if fetched? != hash {
            return Err(AskError::broken("the copy did not come whole").into());
        }
        rappel_store::fault::point("heir-fetched");
        let (ready, ready_of, store) = (self.ready(), self.ready_of(), held.store_path());
        let (heir, now) = (device_of(membership), SystemClock.now());
        let from = [line.address().to_owned()];
        blocking(move || {
            let text = serde_json::to_vec(&ReadyOf { handover: id, made_at_ms: now.as_ms() });
            let text = text.map_err(|error| HeirError::Keep(error.into()))?;
            replace(&ready_of, &text).map_err(HeirError::Keep)?;
            let backup = Backup::open(file.path(), &store)?;
            backup.inherit(&ready, heir, &from, Inheritance::Handover, now)?;
            Ok(())
        })
        .await
    }

    /// Finds out what became of a handover that was not seen to its end. `None`: there is none, or the
    /// hub has not handed over.
    ///
    /// # Errors
    /// [`HeirError::Undecided`] as long as the hub cannot be asked.
    pub async fn recover(&self, membership: &Membership) -> Result<Option<Inherited>, HeirError> {
        if !self.ready_of().exists() {
            return Ok(None);
        }
        let held = DataDir::hold(&self.data_dir)?;
        match self.read_ready_of() {
            Some(ReadyOf { handover, .. }) if self.ready().exists() => self.decide(membership, handover, &held).await,
            _ => {
                self.forget_ready();
                Ok(None)
            }
        }
    }

    /// Asks the hub until it says whether it has handed over.
    async fn decide(&self, membership: &Membership, id: Uuid, held: &DataDir) -> Result<Option<Inherited>, HeirError> {
        let path = format!("/api/hub/handover/{id}");
        let mut line = HubLine::find(membership).await.map_err(HeirError::Undecided)?;
        let stage = match line.ask("GET", &path, None).await {
            Ok(answer) => serde_json::from_value::<Accepted>(answer).map(|answer| answer.stage).ok(),
            Err(error @ AskError::Refused { status: 404, .. }) => {
                tracing::info!(%error, "the hub has not handed over");
                None
            }
            Err(error) => return Err(HeirError::Undecided(error)),
        };
        match stage {
            Some(Stage::Committed) => self.install(held).map(Some),
            Some(Stage::Accepted) => {
                line.ask("POST", &format!("{path}/commit"), None).await.map_err(HeirError::Undecided)?;
                self.install(held).map(Some)
            }
            Some(Stage::Offered) | None => {
                self.forget_ready();
                Ok(None)
            }
        }
    }

    fn install(&self, held: &DataDir) -> Result<Inherited, HeirError> {
        let now = SystemClock.now();
        let made_at = self.read_ready_of().map_or(now, |ready| Timestamp::clamped_from_ms(ready.made_at_ms));
        install_ready(&self.ready(), &held.store_path(), now)?;
        rappel_store::fault::point("heir-installed");
        self.is_hub_again();
        self.forget_ready();
        tracing::warn!("this computer is the hub of the office now");
        Ok(Inherited { made_at })
    }

    fn read_ready_of(&self) -> Option<ReadyOf> {
        serde_json::from_slice(&std::fs::read(self.ready_of()).ok()?).ok()
    }

    /// The mark of an earlier time is void already, by the epoch of the data.
    fn is_hub_again(&self) {
        if let Err(error) = Successor::clear(&self.data_dir) {
            tracing::warn!(%error, "the mark of an earlier time cannot be removed");
        }
    }

    /// What is left of a handover, once it is decided.
    fn forget_ready(&self) {
        let forgotten = discard_ready(&self.ready()).and_then(|()| match std::fs::remove_file(self.ready_of()) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        });
        if let Err(error) = forgotten {
            tracing::warn!(%error, "the rest of a handover cannot be removed");
        }
    }
}

fn device_of(membership: &Membership) -> Option<DeviceId> {
    membership.device.parse().ok()
}

fn inherit(
    file: &Path,
    store: &Path,
    heir: Option<DeviceId>,
    from: &[String],
    how: Inheritance,
    made_at: Timestamp,
    now: Timestamp,
) -> Result<Inherited, HeirError> {
    Backup::open(file, store)?.inherit(store, heir, from, how, now)?;
    Ok(Inherited { made_at })
}

/// A file in the data directory that means nothing once this process has ended.
fn private_file(data_dir: &Path) -> io::Result<tempfile::NamedTempFile> {
    tempfile::Builder::new().prefix("restoring-").suffix(".db").tempfile_in(data_dir)
}

fn unsealed(copies: &Copies, copy: &KeptCopy, store: &Path) -> Result<tempfile::NamedTempFile, HeirError> {
    let folder = store.parent().unwrap_or(Path::new("."));
    let mut file = private_file(folder).map_err(HeirError::Keep)?;
    copies.unseal(copy, file.as_file_mut())?;
    file.as_file_mut().rewind().map_err(HeirError::Keep)?;
    Ok(file)
}

/// Tells a hub that hands over that this desktop is at work, until it is done.
async fn say_at_work(membership: Membership, path: String, done: CancellationToken) {
    let telling = async {
        loop {
            tokio::time::sleep(SIGN_OF_LIFE).await;
            if let Ok(mut line) = HubLine::find(&membership).await {
                let _ = line.ask("GET", &path, None).await;
            }
        }
    };
    done.run_until_cancelled(telling).await;
}

async fn blocking<T: Send + 'static, E: From<HeirJoin> + Send + 'static>(
    work: impl FnOnce() -> Result<T, E> + Send + 'static,
) -> Result<T, E> {
    tokio::task::spawn_blocking(work).await.unwrap_or_else(|error| Err(HeirJoin(error).into()))
}

/// Work on a thread of its own ended by a panic.
struct HeirJoin(tokio::task::JoinError);

impl From<HeirJoin> for io::Error {
    fn from(error: HeirJoin) -> Self {
        Self::other(error.0)
    }
}

impl From<HeirJoin> for HeirError {
    fn from(error: HeirJoin) -> Self {
        Self::Keep(error.into())
    }
}
