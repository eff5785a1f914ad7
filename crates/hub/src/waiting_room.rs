//! Those who ask to be let in, until somebody decides about them.
//!
//! They are kept in memory only: a hub that starts anew has forgotten them, and they ask again.
//! What one says of oneself is not believed; the one thing that a request proves is that whoever
//! asks for its outcome is whoever made it.

use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use chrono::TimeDelta;
use rappel_core::stranger::looks_like;
use rappel_core::{PersonId, Timestamp};
use rappel_store::Error;
use tokio::sync::watch;

use crate::hub::Hub;
use crate::key::Pin;
use crate::wire::joining::JoinRequestItem;

/// How long somebody waits.
pub(crate) const WAITS_FOR: TimeDelta = TimeDelta::minutes(10);
/// How long the outcome of a request is remembered after that.
const REMEMBERED_FOR: TimeDelta = TimeDelta::minutes(10);
/// How many may wait at once.
const WAITING_MAX: usize = 20;
/// How many may wait from one address.
const WAITING_PER_ADDRESS: usize = 3;
/// How many requests from one address are remembered before it has to wait.
const ASKED_PER_ADDRESS: usize = 10;
/// When somebody who finds no place may ask again, in seconds.
const ASK_AGAIN_AFTER_S: u64 = 60;

/// The room.
#[derive(Debug)]
pub(crate) struct WaitingRoom {
    entries: Mutex<Vec<Entry>>,
    changed: watch::Sender<()>,
}

#[derive(Debug, Clone)]
struct Entry {
    id: String,
    secret_hash: blake3::Hash,
    address: Option<IpAddr>,
    wish: Wish,
    asked_at: Timestamp,
    state: State,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    /// Somebody is deciding, and nobody else may meanwhile.
    Deciding,
    Accepted(PersonId),
    Declined,
}

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Wish {
    /// The name they typed, or that of the person they chose.
    pub(crate) name: String,
    /// What their device says it is.
    pub(crate) device_name: String,
    /// The person they chose.
    pub(crate) person: Option<PersonId>,
    /// Whether they have an invitation for everybody.
    pub(crate) is_invited: bool,
    /// The key of the desktop that asks; nobody without it is told what becomes of the wish.
    pub(crate) key: Option<Pin>,
}

/// A request that now waits.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) expires_at: Timestamp,
}

/// Where a request stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Outcome {
    Waiting,
    Declined,
    Expired,
    /// They are this person, on a device of this name, which has the key it asked with. Told once.
    Accepted(PersonId, String, Option<Pin>),
}

/// There is no room; in how many seconds there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full(pub(crate) u64);

impl Entry {
    fn expires_at(&self) -> Timestamp {
        self.asked_at + WAITS_FOR
    }

    fn waits(&self, now: Timestamp) -> bool {
        matches!(self.state, State::Waiting | State::Deciding) && now < self.expires_at()
    }

    /// Whether it is this one's; compared in constant time.
    fn is_of(&self, id: &str, secret: &str) -> bool {
        self.id == id && self.secret_hash == blake3::hash(secret.as_bytes())
    }
}

impl Default for WaitingRoom {
    fn default() -> Self {
        Self { entries: Mutex::default(), changed: watch::Sender::new(()) }
    }
}

impl WaitingRoom {
    /// Lets somebody wait. `earlier`: their request before this one, by id and secret.
    pub(crate) fn ask(
        &self,
        wish: Wish,
        address: Option<IpAddr>,
        earlier: Option<(&str, &str)>,
        now: Timestamp,
    ) -> Result<Asked, Full> {
        let mut entries = self.lock(now);
        let mut kept: Vec<Entry> = entries.clone();
        if let Some((id, secret)) = earlier {
            // A request that was accepted is not asked again, but taken up.
            kept.retain(|entry| !entry.is_of(id, secret) || matches!(entry.state, State::Accepted(_)));
        }
        let from_there = kept.iter().filter(|entry| address.is_some() && entry.address == address);
        let waiting_there = from_there.clone().filter(|entry| entry.waits(now)).count();
        if waiting_there >= WAITING_PER_ADDRESS || from_there.count() >= ASKED_PER_ADDRESS {
            return Err(Full(ASK_AGAIN_AFTER_S));
        }
        if kept.iter().filter(|entry| entry.waits(now)).count() >= WAITING_MAX {
            // Whoever was invited is not kept out by strangers.
            let stranger = kept.iter().position(|entry| entry.state == State::Waiting && !entry.wish.is_invited);
            match stranger.filter(|_| wish.is_invited) {
                Some(stranger) => drop(kept.remove(stranger)),
                None => return Err(Full(ASK_AGAIN_AFTER_S)),
            }
        }
        let (id, secret) = (random(), random());
        let secret_hash = blake3::hash(secret.as_bytes());
        let entry = Entry { id: id.clone(), secret_hash, address, wish, asked_at: now, state: State::Waiting };
        let expires_at = entry.expires_at();
        kept.push(entry);
        *entries = kept;
        drop(entries);
        self.changed.send_replace(());
        Ok(Asked { id, secret, expires_at })
    }

    /// Where a request stands, for whoever made it, with the key that they have proven to have; `None` when it is not known (any more). One
    /// that was accepted is gone with that.
    pub(crate) fn outcome(&self, id: &str, secret: &str, key: Option<Pin>, now: Timestamp) -> Option<Outcome> {
        let mut entries = self.lock(now);
        let is_theirs = |entry: &Entry| entry.is_of(id, secret) && (entry.wish.key.is_none() || entry.wish.key == key);
        let at = entries.iter().position(is_theirs)?;
        let entry = &entries[at];
        Some(match entry.state {
            State::Accepted(person) => {
                let wish = entries.remove(at).wish;
                Outcome::Accepted(person, wish.device_name, wish.key)
            }
            State::Declined => Outcome::Declined,
            State::Waiting | State::Deciding if now < entry.expires_at() => Outcome::Waiting,
            State::Waiting | State::Deciding => Outcome::Expired,
        })
    }

    /// Somebody does not want to be let in any more. The answer is whether it was theirs.
    pub(crate) fn withdraw(&self, id: &str, secret: &str, now: Timestamp) -> bool {
        let mut entries = self.lock(now);
        let Some(at) = entries.iter().position(|entry| entry.is_of(id, secret)) else { return false };
        entries.remove(at);
        drop(entries);
        self.changed.send_replace(());
        true
    }

    /// Begins to decide about a request that waits. What comes of it is said by
    /// [`WaitingRoom::decided`].
    pub(crate) fn decide(&self, id: &str, now: Timestamp) -> Option<Wish> {
        let mut entries = self.lock(now);
        let entry = entries.iter_mut().find(|entry| entry.id == id && entry.waits(now))?;
        if entry.state != State::Waiting {
            return None;
        }
        entry.state = State::Deciding;
        Some(entry.wish.clone())
    }

    /// It was decided: who they are, or `None` for not now.
    pub(crate) fn decided(&self, id: &str, person: Option<PersonId>, now: Timestamp) {
        self.set(id, person.map_or(State::Declined, State::Accepted), now);
    }

    /// It could not be decided: they go on waiting.
    pub(crate) fn undecided(&self, id: &str, now: Timestamp) {
        self.set(id, State::Waiting, now);
    }

    /// Sends everybody away: the office is another one now, and whoever was let in may not be of it.
    pub(crate) fn empty(&self) {
        self.entries.lock().unwrap_or_else(PoisonError::into_inner).clear();
        self.changed.send_replace(());
    }

    /// Says that somebody may have waited too long.
    pub(crate) fn look(&self) {
        self.changed.send_replace(());
    }

    /// Hears when those who wait are others than before.
    pub(crate) fn subscribe(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    /// Those who wait, in the order in which they came.
    fn waiting(&self, now: Timestamp) -> Vec<Entry> {
        self.lock(now).iter().filter(|entry| entry.state == State::Waiting && entry.waits(now)).cloned().collect()
    }

    fn set(&self, id: &str, state: State, now: Timestamp) {
        if let Some(entry) = self.lock(now).iter_mut().find(|entry| entry.id == id) {
            entry.state = state;
        }
        self.changed.send_replace(());
    }

    /// The entries that are still worth remembering.
    fn lock(&self, now: Timestamp) -> MutexGuard<'_, Vec<Entry>> {
        let mut entries = self.entries.lock().unwrap_or_else(PoisonError::into_inner);
        entries.retain(|entry| now < entry.expires_at() + REMEMBERED_FOR);
        entries
    }
}

/// 128 bits, as text.
fn random() -> String {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).expect("BUG: the system has no randomness");
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

impl Hub {
    /// Those who wait, for whoever may decide about them.
    ///
    /// # Errors
    /// When the store cannot be used.
    pub(crate) async fn join_requests(&self) -> Result<Vec<JoinRequestItem>, Error> {
        let waiting = self.waiting_room().waiting(self.now());
        if waiting.is_empty() {
            return Ok(Vec::new());
        }
        let people = self.store().people().await?;
        let alike = |name: &str| people.iter().find(|person| person.active && looks_like(&person.name, name));
        let item = |entry: Entry| JoinRequestItem {
            looks_like: match entry.wish.person {
                Some(_) => None,
                None => alike(&entry.wish.name).map(|person| person.id.to_string()),
            },
            expires_at: entry.expires_at().to_string(),
            id: entry.id,
            name: entry.wish.name,
            device_name: entry.wish.device_name,
            person_id: entry.wish.person.map(|person| person.to_string()),
            invited: entry.wish.is_invited,
            asked_at: entry.asked_at.to_string(),
        };
        Ok(waiting.into_iter().map(item).collect())
    }

    /// Tells those who look at the waiting room when a request that was made now has expired.
    pub(crate) fn look_when_expired(&self) {
        let hub = self.clone();
        let wait = WAITS_FOR.to_std().unwrap_or_default() + std::time::Duration::from_millis(100);
        self.tasks().spawn(async move {
            tokio::select! {
                () = hub.stopping().cancelled() => {}
                () = tokio::time::sleep(wait) => hub.waiting_room().look(),
            }
        });
    }
}

#[cfg(test)]
#[path = "waiting_room_tests.rs"]
mod tests;
