//! The hub of another machine. Its address is a hint; its key says whether it is the hub.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rappel_core::{PersonId, Timestamp};
use rappel_hub::key::Pin;
use rappel_hub::succession::{Connector, Membership, Reigning};
use rappel_hub::{Clock, SystemClock};
use serde::Deserialize;
use tokio::sync::{Mutex as AsyncMutex, Semaphore, watch};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::calls::{Caller, Unanswered};
use crate::discovery::{Finder, OnTheNetwork};
use crate::joining::{self, Joined};
use crate::remote_session::{Patience, RemoteSession};
use crate::{Answer, Entrance, LinkError, Replica, Request, Resume, Session};

/// Calls at once; further ones wait. A hub takes only so many connections from one address.
const CALLS_AT_ONCE: usize = 4;
/// How many of the addresses that were found on the network are tried.
const FOUND_MAX: usize = 8;
/// How long it holds what was found on the network, also that nothing was: calls that fail one after
/// another do not look each time.
const FOUND_FOR: Duration = Duration::from_secs(5);
/// A hub that does not answer within this time is left without a word.
const LEAVES_WITHIN: Duration = Duration::from_secs(5);

/// What is kept for when the hub is off, beside the membership.
const REPLICA: &str = "replica.db";

/// The hub of another machine, joined. Cheap to clone.
#[derive(Clone)]
pub struct RemoteHub {
    inner: Arc<Inner>,
}

struct Inner {
    file: PathBuf,
    membership: Mutex<Membership>,
    connector: Connector,
    finder: Arc<dyn Finder>,
    /// What was found on the network the last time.
    found: AsyncMutex<Option<Found>>,
    clock: Arc<dyn Clock>,
    patience: Patience,
    /// Lines on which nothing is being asked.
    idle: Mutex<Vec<Caller>>,
    calling: Semaphore,
    /// Counts the reasons to doubt every line.
    doubts: watch::Sender<u64>,
    offset: Mutex<Option<ClockOffset>>,
    tasks: TaskTracker,
    /// `None` where it cannot be kept.
    replica: Option<Replica>,
}

impl std::fmt::Debug for RemoteHub {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RemoteHub").field("pin", &self.pin()).finish_non_exhaustive()
    }
}

/// Where the hub may be, as the network said at some moment.
struct Found {
    at: Instant,
    /// The doubts there were then: after a new one it is looked for anew.
    doubts: u64,
    addresses: Vec<String>,
}

/// How far the hub's clock is ahead of this machine's, as it was found when a session was opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockOffset {
    /// Milliseconds to add to this machine's time to have the hub's; below zero where it is behind.
    pub ahead_ms: i64,
    /// The time that a word took there and back, in milliseconds: half of it is what the offset
    /// may be wrong by.
    pub round_trip_ms: u64,
}

/// What a first frame says of the hub.
#[derive(Deserialize)]
struct First {
    now: String,
    hub: FirstHub,
}

#[derive(Deserialize)]
struct FirstHub {
    epoch: u64,
}

impl RemoteHub {
    /// Whether this desktop has joined an office: whether there is this file.
    #[must_use]
    pub fn exists(file: &Path) -> bool {
        file.exists()
    }

    /// Joins an office by the link of an invitation, or comes before its door by that of one for
    /// everybody. What makes this desktop a member is kept in `file`; `device` is what it is called
    /// there.
    ///
    /// # Errors
    /// [`LinkError::NotALink`]; [`LinkError::NotLetIn`] when it is not good any more;
    /// [`LinkError::WrongKey`] when another machine answers there: it was told nothing.
    pub async fn enter_by_link(link: &str, device: &str, file: PathBuf) -> Result<Entrance, LinkError> {
        Self::entrance(joining::by_link(link, device, &file, &TaskTracker::new()).await?, file)
    }

    /// As [`RemoteHub::enter_by_link`], by a short code that somebody read out, at an address that
    /// they named or that was found on the network.
    ///
    /// # Errors
    /// [`LinkError::NotACode`]; [`LinkError::NotAnAddress`]; [`LinkError::NotLetIn`] when the code is
    /// not right, or not good any more, or somebody stands between here and the hub: they have
    /// learnt nothing of it.
    pub async fn enter_by_code(address: &str, code: &str, device: &str, file: PathBuf) -> Result<Entrance, LinkError> {
        Self::entrance(joining::by_code(address, code, device, &file, &TaskTracker::new()).await?, file)
    }

    fn entrance(joined: Joined, file: PathBuf) -> Result<Entrance, LinkError> {
        match joined {
            Joined::Member(membership) => Self::begin(*membership, file).map(Entrance::In),
            Joined::Guest(guest) => Ok(Entrance::Ask(guest)),
        }
    }

    /// Joins by the link of one's own invitation.
    ///
    /// # Errors
    /// As [`RemoteHub::enter_by_link`]; [`LinkError::NotLetIn`] for an invitation for everybody.
    pub async fn join_by_link(link: &str, device: &str, file: PathBuf) -> Result<Self, LinkError> {
        Self::own(Self::enter_by_link(link, device, file).await?)
    }

    /// Joins by the short code of one's own invitation.
    ///
    /// # Errors
    /// As [`RemoteHub::enter_by_code`]; [`LinkError::NotLetIn`] for an invitation for everybody.
    pub async fn join_by_code(address: &str, code: &str, device: &str, file: PathBuf) -> Result<Self, LinkError> {
        Self::own(Self::enter_by_code(address, code, device, file).await?)
    }

    fn own(entrance: Entrance) -> Result<Self, LinkError> {
        match entrance {
            Entrance::In(hub) => Ok(hub),
            Entrance::Ask(_) => Err(LinkError::NotLetIn),
        }
    }

    /// Takes up a new membership, and keeps it.
    pub(crate) fn begin(membership: Membership, file: PathBuf) -> Result<Self, LinkError> {
        membership.write(&file)?;
        Self::member(membership, file)
    }

    /// Takes up a membership that was kept. The hub need not be there.
    ///
    /// # Errors
    /// [`LinkError::Unreachable`] when the file cannot be used.
    pub fn open(file: PathBuf) -> Result<Self, LinkError> {
        Self::member(Membership::read(&file)?, file)
    }

    fn member(membership: Membership, file: PathBuf) -> Result<Self, LinkError> {
        let replica = Replica::open(&file.with_file_name(REPLICA), membership.person);
        let replica = replica.inspect_err(|error| tracing::error!(%error, "nothing is kept for when the hub is off"));
        let inner = Inner {
            replica: replica.ok(),
            connector: Connector::new(&membership.key, Some(membership.pin))?,
            file,
            membership: Mutex::new(membership),
            finder: Arc::new(OnTheNetwork),
            found: AsyncMutex::default(),
            clock: Arc::new(SystemClock),
            patience: Patience::default(),
            idle: Mutex::default(),
            calling: Semaphore::new(CALLS_AT_ONCE),
            doubts: watch::Sender::new(0),
            offset: Mutex::default(),
            tasks: TaskTracker::new(),
        };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// With other parts than a member has by itself, before it is shared.
    #[cfg(test)]
    pub(crate) fn made_to_measure(mut self, finder: impl Finder, patience: Patience, clock: impl Clock) -> Self {
        let inner = Arc::get_mut(&mut self.inner).expect("BUG: it is shared already");
        (inner.finder, inner.patience, inner.clock) = (Arc::new(finder), patience, Arc::new(clock));
        self
    }

    fn membership(&self) -> MutexGuard<'_, Membership> {
        self.inner.membership.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Who is signed in here.
    #[must_use]
    pub fn person(&self) -> PersonId {
        self.membership().person
    }

    /// Which hub it is.
    #[must_use]
    pub fn hub_id(&self) -> Uuid {
        self.membership().hub
    }

    /// By which key it is known.
    #[must_use]
    pub fn pin(&self) -> Pin {
        self.membership().pin
    }

    /// What its office calls itself, as far as that was heard.
    #[must_use]
    pub fn office(&self) -> Option<String> {
        self.membership().office.clone()
    }

    /// Where it was found the last time, `HOST:PORT`.
    #[must_use]
    pub fn address(&self) -> String {
        self.membership().addresses.first().cloned().unwrap_or_default()
    }

    /// What was found of the hub's clock when the latest session was opened.
    #[must_use]
    pub fn clock_offset(&self) -> Option<ClockOffset> {
        *self.inner.offset.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is kept of it for when it is off.
    #[must_use]
    pub fn replica(&self) -> Option<&Replica> {
        self.inner.replica.as_ref()
    }

    /// The machine woke, or the network changed: lines that look open may be dead. Sessions ask
    /// at once whether the hub is there, and end when it is not; calls take fresh lines.
    pub fn look_again(&self) {
        self.idle().clear();
        self.inner.doubts.send_modify(|doubts| *doubts += 1);
    }

    /// Leaves the office: the hub forgets this desktop, if it can be reached, and this desktop the
    /// hub.
    ///
    /// # Errors
    /// [`LinkError::Unwritten`] when the file cannot be removed.
    pub async fn leave(&self) -> Result<(), LinkError> {
        let path = format!("/api/devices/{}", self.membership().device);
        let request = Request { method: "DELETE".into(), ..Request::get(path) };
        match tokio::time::timeout(LEAVES_WITHIN, self.call(request)).await {
            Ok(Ok(_)) => {}
            Ok(Err(error)) => tracing::warn!(%error, "the hub could not be told that this desktop leaves it"),
            Err(_) => tracing::warn!("the hub does not answer: it was not told that this desktop leaves it"),
        }
        if let Some(Err(error)) = self.replica().map(Replica::forget) {
            tracing::warn!(%error, "what was kept of the office's events could not be removed");
        }
        let file = &self.inner.file;
        std::fs::remove_file(file).map_err(|error| LinkError::Unwritten(format!("{}: {error}", file.display())))
    }

    fn idle(&self) -> MutexGuard<'_, Vec<Caller>> {
        self.inner.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) async fn call(&self, request: Request) -> Result<Answer, LinkError> {
        let asks_who = request.method == "GET" && request.path == "/api/me";
        let answer = self.get_answer(request).await?;
        if asks_who && let Some(office) = answer.body["office"]["name"].as_str() {
            self.learn(|membership| membership.is_called(office));
        }
        Ok(answer)
    }

    async fn get_answer(&self, request: Request) -> Result<Answer, LinkError> {
        request.check()?;
        let _turn = self.inner.calling.acquire().await.expect("BUG: turns are never closed");
        if let Some(caller) = self.idle_caller() {
            match self.ask(caller, &request).await {
                // The hub had let the line go: the other ones will be no better.
                Err(unanswered) if unanswered.is_unsent || may_be_repeated(&request) => self.idle().clear(),
                answered => return answered.map_err(|unanswered| unanswered.error),
            }
        }
        let (caller, _) = self.connect().await?;
        self.ask(caller, &request).await.map_err(|unanswered| unanswered.error)
    }

    fn idle_caller(&self) -> Option<Caller> {
        let mut idle = self.idle();
        idle.retain(Caller::is_open);
        idle.pop()
    }

    async fn ask(&self, caller: Caller, request: &Request) -> Result<Answer, Unanswered> {
        let token = self.membership().token.clone();
        let doubts = *self.inner.doubts.borrow();
        let (answer, caller) = caller.call(request, Some(&token)).await?;
        if caller.is_open() && doubts == *self.inner.doubts.borrow() {
            self.idle().push(caller);
        }
        Ok(answer)
    }

    pub(crate) async fn open_session(&self, resume: Resume) -> Result<Session, LinkError> {
        let (caller, address) = self.connect().await?;
        self.idle().push(caller);
        let line = self.inner.connector.connect(&address).await?;
        let round_trip = line.round_trip;
        let token = self.membership().token.clone();
        let woken = self.inner.doubts.subscribe();
        let session = RemoteSession::open(line, &address, &token, &resume, self.inner.patience, woken).await?;
        if let Ok(First { now, hub }) = serde_json::from_str(session.first()) {
            self.require_epoch(hub.epoch)?;
            self.learn(|membership| membership.met_in(hub.epoch));
            if let Some(now) = Timestamp::parse_rfc3339(&now) {
                let offset = offset(now, self.inner.clock.now(), round_trip);
                *self.inner.offset.lock().unwrap_or_else(PoisonError::into_inner) = Some(offset);
            }
        }
        Ok(Session::remote(session))
    }

    /// Opens a line to the hub, wherever it is, and makes sure that it is the hub still.
    async fn connect(&self) -> Result<(Caller, String), LinkError> {
        let (known, hub) = {
            let membership = self.membership();
            (membership.addresses.clone(), membership.hub)
        };
        let mut moved = Vec::new();
        let mut problem = match self.connect_to(&known, &mut moved).await {
            Ok(connected) => return Ok(connected),
            Err(problem) => problem,
        };
        let mut found = moved.clone();
        found.extend(self.find(hub).await);
        found.retain(|address| !known.contains(address));
        found.truncate(FOUND_MAX);
        if !found.is_empty() {
            match self.connect_to(&found, &mut moved).await {
                Ok(connected) => return Ok(connected),
                Err(LinkError::WrongKey) => problem = LinkError::WrongKey,
                Err(_) => {}
            }
        }
        Err(problem)
    }

    /// Looks for the hub on the network, unless that was just done.
    async fn find(&self, hub: Uuid) -> Vec<String> {
        let doubts = *self.inner.doubts.borrow();
        let mut found = self.inner.found.lock().await;
        match &*found {
            Some(found) if found.at.elapsed() < FOUND_FOR && found.doubts == doubts => found.addresses.clone(),
            _ => {
                let addresses = self.inner.finder.find(hub).await;
                *found = Some(Found { at: Instant::now(), doubts, addresses: addresses.clone() });
                addresses
            }
        }
    }

    /// The first of these addresses where the hub answers. That another machine answers at one is
    /// the news that counts, if none is the hub's. Where one says that it is the hub no more, it may say
    /// which machine is: that is put into `moved`.
    async fn connect_to(&self, addresses: &[String], moved: &mut Vec<String>) -> Result<(Caller, String), LinkError> {
        let mut problem = LinkError::Unreachable("no address is known".into());
        for address in addresses {
            match self.connect_at(address, moved).await {
                Ok(caller) => return Ok((caller, address.clone())),
                Err(_) if matches!(problem, LinkError::WrongKey) => {}
                Err(error) => problem = error,
            }
        }
        Err(problem)
    }

    /// Opens a line to an address, and asks in which epoch the hub is there.
    async fn connect_at(&self, address: &str, moved: &mut Vec<String>) -> Result<Caller, LinkError> {
        let line = self.inner.connector.connect(address).await?;
        let caller = Caller::begin(line, address.to_owned(), &self.inner.tasks).await?;
        let asked = caller.call(&Request::get("/api/hub/epoch"), None).await;
        let (answer, caller) = asked.map_err(|unanswered| unanswered.error)?;
        let reigning: Reigning = serde_json::from_value(answer.body)
            .map_err(|error| LinkError::Unreachable(format!("it does not say in which epoch it is: {error}")))?;
        if let Some(successor) = reigning.moved {
            moved.extend(successor.addresses);
            return Err(LinkError::Unreachable("another computer is the hub now".into()));
        }
        self.require_epoch(reigning.epoch)?;
        self.learn(|membership| membership.found_at(address) | membership.met_in(reigning.epoch));
        Ok(caller)
    }

    /// Refuses a hub that another one has followed: whoever was met in an epoch never goes back to an
    /// earlier one.
    fn require_epoch(&self, found: u64) -> Result<(), LinkError> {
        let known = self.membership().epoch;
        if found < known {
            return Err(LinkError::Unreachable(format!("the hub there is in epoch {found}, the office in {known}")));
        }
        Ok(())
    }

    /// What makes this desktop a member, as it is now.
    #[must_use]
    pub fn present_membership(&self) -> Membership {
        self.membership().clone()
    }

    /// Keeps what was learnt of the hub, if it is news.
    fn learn(&self, learn: impl FnOnce(&mut Membership) -> bool) {
        let changed = {
            let mut membership = self.membership();
            learn(&mut membership).then(|| membership.clone())
        };
        // A desktop that has left, or joined anew, has another file by now, or none.
        let is_ours =
            |changed: &Membership| Membership::read(&self.inner.file).is_ok_and(|kept| kept.device == changed.device);
        if let Some(changed) = changed
            && is_ours(&changed)
            && let Err(error) = changed.write(&self.inner.file)
        {
            tracing::warn!(%error, "what was learnt of the hub could not be kept");
        }
    }
}

/// Whether a call can be made twice and does no more than once.
fn may_be_repeated(request: &Request) -> bool {
    request.method == "GET" || request.idempotency_key.is_some()
}

fn offset(hub: Timestamp, here: Timestamp, round_trip: Duration) -> ClockOffset {
    let round_trip_ms = u64::try_from(round_trip.as_millis()).unwrap_or(u64::MAX);
    let half = i64::try_from(round_trip_ms / 2).unwrap_or(i64::MAX);
    ClockOffset { ahead_ms: hub.as_ms().saturating_add(half).saturating_sub(here.as_ms()), round_trip_ms }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_offset_counts_the_way_of_the_word() {
        let at = |ms: i64| Timestamp::clamped_from_ms(1_800_000_000_000 + ms);
        let trip = Duration::from_millis(40);
        assert_eq!(offset(at(1_000), at(1_020), trip), ClockOffset { ahead_ms: 0, round_trip_ms: 40 });
        assert_eq!(offset(at(0), at(60_020), trip).ahead_ms, -60_000);
        assert_eq!(offset(at(60_000), at(20), trip).ahead_ms, 60_000);
    }
}
