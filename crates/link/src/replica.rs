//! What a joined desktop keeps of its person's events, and does by itself while its hub is off.
//!
//! While a session with the hub is open only the hub decides, and the replica is kept up to date.
//! While there is none, the desktop decides by the same rules, by the hub's time, under the same ids:
//! whatever both tell is one popup. What it showed and what its person chose is written down first, and
//! handed over when the hub is back. Every call blocks until what it changes is on the disk.

mod content;
mod deciding;
mod recall;
mod refresh;
mod upkeep;
mod vigil;

use std::collections::{HashMap, HashSet};
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rappel_core::id::SnoozeId;
use rappel_core::{EventId, NotificationId, PersonId, Timestamp};
use rappel_hub::{Clock, SystemClock};
use rappel_store::replica_file::{Decided, PutOff, Snapshot};
use rappel_store::{ReplicaFile, ShownAway, Wish};
use uuid::Uuid;

use crate::frame::Notification;
use crate::{HubClock, LinkError};
pub use upkeep::Upkeep;
pub use vigil::{Look, Vigil};

use content::Content;

/// What this desktop keeps. Cheap to clone.
#[derive(Clone)]
pub struct Replica(Arc<Mutex<State>>);

struct State {
    file: ReplicaFile,
    clock: Arc<dyn Clock>,
    hub_clock: Option<HubClock>,
    person: PersonId,
    kept: Option<Kept>,
    /// Everything that was decided here and is remembered.
    decided: HashMap<NotificationId, Decided>,
    put_off: Vec<PutOff>,
    /// Dismissed or put off here, which the hub did not know when it gave out what is kept.
    answered: HashSet<NotificationId>,
    /// Armed, and nothing to tell: until the hub says otherwise.
    pointless: HashSet<NotificationId>,
    /// Was handed out to be shown since this program started.
    handed_out: HashSet<NotificationId>,
    /// The hub is known not to answer.
    is_away: bool,
}

/// What the hub gave out last.
struct Kept {
    version: String,
    synced_at: Timestamp,
    content: Content,
}

/// What a desktop decided by itself.
#[derive(Debug, Default)]
pub struct OwnDecisions {
    /// To be shown, each with whether its time was missed: then it belongs on the card of what came
    /// while nobody was there.
    pub told: Vec<(Notification, bool)>,
    /// Said by those, or by an earlier one: not to be shown when the hub tells it later.
    pub said: Vec<NotificationId>,
}

impl Replica {
    /// Opens the file, making it where it is missing; a damaged one is set aside and begun anew. What
    /// is in it of another person goes.
    ///
    /// # Errors
    /// [`LinkError::Unwritten`] when it cannot be used.
    pub fn open(file: &Path, person: PersonId) -> Result<Self, LinkError> {
        Self::open_with_clock(file, person, Arc::new(SystemClock))
    }

    /// As [`Replica::open`], with clocks of the caller's.
    ///
    /// # Errors
    /// As [`Replica::open`].
    pub fn open_with_clock(path: &Path, person: PersonId, clock: Arc<dyn Clock>) -> Result<Self, LinkError> {
        let unwritten = |error: &dyn std::fmt::Display| LinkError::Unwritten(format!("{}: {error}", path.display()));
        let (mut file, _aside) = ReplicaFile::open(path).map_err(|error| unwritten(&error))?;
        let mut snapshot = file.snapshot().map_err(|error| unwritten(&error))?;
        if snapshot.as_ref().is_some_and(|snapshot| snapshot.person != person) {
            file.clear().map_err(|error| unwritten(&error))?;
            snapshot = None;
        }
        let kept = snapshot.and_then(Kept::read);
        let mut state = State {
            hub_clock: file.clock().map_err(|error| unwritten(&error))?.map(|reading| HubClock::kept(reading, &*clock)),
            put_off: file.put_off().map_err(|error| unwritten(&error))?,
            decided: HashMap::new(),
            answered: HashSet::new(),
            file,
            clock,
            person,
            kept,
            pointless: HashSet::new(),
            handed_out: HashSet::new(),
            is_away: false,
        };
        if let Some(now) = state.now() {
            state.file.forget_old(now).map_err(|error| unwritten(&error))?;
        }
        state.answered = state.unreported().map_err(|error| unwritten(&error))?;
        let decided = state.file.decided().map_err(|error| unwritten(&error))?;
        state.decided = decided.into_iter().map(|row| (row.id, row)).collect();
        Ok(Self(Arc::new(Mutex::new(state))))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the hub is known not to answer: then nobody needs to wait until it does not.
    #[must_use]
    pub fn is_away(&self) -> bool {
        self.state().is_away
    }

    /// The hub answers, or does not.
    pub fn set_away(&self, is_away: bool) {
        self.state().is_away = is_away;
    }

    /// Forgets everything: this desktop is of that office no longer.
    ///
    /// # Errors
    /// [`LinkError::Unwritten`].
    pub fn forget(&self) -> Result<(), LinkError> {
        let mut state = self.state();
        state.file.clear().map_err(unwritten)?;
        (state.kept, state.hub_clock) = (None, None);
        (state.decided, state.put_off, state.answered) = (HashMap::new(), Vec::new(), HashSet::new());
        Ok(())
    }

    /// When the hub last said that this is all, by the hub's clock; `None` before the first time.
    #[must_use]
    pub fn synced_at(&self) -> Option<Timestamp> {
        self.state().kept.as_ref().map(|kept| kept.synced_at)
    }

    /// The hub's time, as far as it can be known here; `None` before it was ever heard of.
    #[must_use]
    pub fn now(&self) -> Option<Timestamp> {
        self.state().now()
    }

    /// When something is due next, and how many milliseconds there are until then, below zero where it
    /// is overdue; `None` where there is nothing.
    #[must_use]
    pub fn next_look(&self) -> Option<(Timestamp, i64)> {
        let state = self.state();
        let (now, due) = (state.now()?, state.next_due()?);
        Some((due, (due - now).num_milliseconds()))
    }

    /// How many notifications are not read, as far as it can be known here.
    #[must_use]
    pub fn unread(&self) -> u64 {
        let state = self.state();
        state.rows().map_or(0, |rows| state.unread(&rows))
    }

    /// Decides what is due. Only to be called while the hub is away. What was decided before and was
    /// not handed out since this program started comes once more: whether it was shown, the ledger
    /// knows.
    ///
    /// # Errors
    /// [`LinkError::Unwritten`]; then nothing was decided.
    pub fn decide(&self) -> Result<OwnDecisions, LinkError> {
        self.state().decide()
    }

    /// One that was decided here is on the screen.
    ///
    /// # Errors
    /// [`LinkError::Unwritten`].
    pub fn shown(&self, id: NotificationId) -> Result<(), LinkError> {
        let mut state = self.state();
        let Some(now) = state.now() else { return Ok(()) };
        let Some(row) = state.decided.get_mut(&id) else { return Ok(()) };
        let event = row.event;
        row.shown_at.get_or_insert(now);
        state.file.record_shown(id, event, now).map_err(unwritten)
    }

    /// Its person is done with a notification while the hub is away. The answer is whether it is known
    /// here.
    ///
    /// # Errors
    /// [`LinkError::Unwritten`].
    pub fn dismiss(&self, id: NotificationId) -> Result<bool, LinkError> {
        let mut state = self.state();
        let Some(known) = state.known(id) else { return Ok(false) };
        state.file.record_wish(id, known.event, Wish::Dismissed, None).map_err(unwritten)?;
        state.chosen(id, None);
        Ok(true)
    }

    /// Its person wants to be told again while the hub is away. The answer is when that will be;
    /// `None`: it is not known here, or there is nothing ahead of it.
    ///
    /// # Errors
    /// [`LinkError::Unwritten`].
    pub fn snooze(&self, id: NotificationId, minutes: u32) -> Result<Option<Timestamp>, LinkError> {
        let mut state = self.state();
        let (Some(now), Some(known)) = (state.now(), state.known(id)) else { return Ok(None) };
        if !known.kind.can_be_snoozed() {
            return Ok(None);
        }
        let due = now + chrono::TimeDelta::minutes(minutes.into());
        let put_off = PutOff {
            id: SnoozeId::from_uuid(Uuid::now_v7()),
            event: known.event,
            start: known.start,
            due,
            armed_at: now,
            told_before: rappel_store::ToldBefore { id, kind: known.kind },
        };
        let wish = Wish::Snoozed { id: put_off.id, due };
        state.file.record_wish(id, known.event, wish, Some(&put_off)).map_err(unwritten)?;
        state.chosen(id, Some(put_off));
        Ok(Some(due))
    }

    /// What was decided here, is not settled, and does not hold by what the hub gives out now: its
    /// popups are to go. Each comes once.
    ///
    /// # Errors
    /// [`LinkError::Unwritten`].
    pub fn outdated(&self) -> Result<Vec<NotificationId>, LinkError> {
        let mut state = self.state();
        let (Some(kept), Some(now)) = (&state.kept, state.now()) else { return Ok(Vec::new()) };
        let holds = |row: &Decided| row.is_settled || row.notification.is_none() || kept.content.holds(row, now);
        let outdated: Vec<NotificationId> =
            state.decided.values().filter(|row| !holds(row)).map(|row| row.id).collect();
        for id in &outdated {
            state.file.settle(*id).map_err(unwritten)?;
            if let Some(row) = state.decided.get_mut(id) {
                row.is_settled = true;
            }
        }
        Ok(outdated)
    }

    /// Whether it was decided here, so that the hub need not know it.
    #[must_use]
    pub fn is_own(&self, id: NotificationId) -> bool {
        self.state().decided.get(&id).is_some_and(|row| row.notification.is_some())
    }

    fn reports(&self, limit: usize) -> Result<Vec<ShownAway>, LinkError> {
        self.state().file.reports(limit).map_err(unwritten)
    }

    fn reported(&self, reports: &[ShownAway]) -> Result<(), LinkError> {
        let mut state = self.state();
        state.file.reported(reports).map_err(unwritten)?;
        state.put_off = state.file.put_off().map_err(unwritten)?;
        Ok(())
    }
}

impl State {
    fn now(&self) -> Option<Timestamp> {
        self.hub_clock.as_ref().map(|hub| hub.now(&*self.clock))
    }

    /// Of which notifications the hub is still to hear what was chosen.
    fn unreported(&self) -> Result<HashSet<NotificationId>, rappel_store::Error> {
        let reports = self.file.reports(usize::MAX >> 1)?;
        Ok(reports.into_iter().filter(|report| report.wish.is_some()).map(|report| report.id).collect())
    }

    /// A choice holds here from now on.
    fn chosen(&mut self, id: NotificationId, put_off: Option<PutOff>) {
        self.answered.insert(id);
        if let Some(row) = self.decided.get_mut(&id) {
            row.is_settled = true;
        }
        self.put_off.retain(|row| row.told_before.id != id);
        self.put_off.extend(put_off);
    }
}

impl Kept {
    /// What is in the file; `None` where a newer hub's answer was kept that cannot be read any more.
    fn read(snapshot: Snapshot) -> Option<Self> {
        let content = serde_json::from_str(&snapshot.content).ok()?;
        let content = Content::read(snapshot.person, content).inspect_err(|error| {
            tracing::warn!(%error, "what was kept of the hub's events cannot be read");
        });
        Some(Self { version: snapshot.version, synced_at: snapshot.synced_at, content: content.ok()? })
    }
}

/// Of which event a notification is, and what it tells.
struct Known {
    event: EventId,
    start: rappel_core::schedule::StartKey,
    kind: rappel_core::notification::Kind,
}

fn unwritten(error: impl std::fmt::Display) -> LinkError {
    LinkError::Unwritten(error.to_string())
}

#[cfg(test)]
pub(crate) mod tests;
