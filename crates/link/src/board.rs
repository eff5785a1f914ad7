//! Which notifications pop up, and how: alone, or together on the "while you were away" card.
//!
//! Pure: told what the hub sent and what is on screen, it answers what to show, what to close and
//! how far the cursor may move. The cursor stays behind the oldest notification that waits, so
//! that none is lost when the desktop stops before it could be shown.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use rappel_core::NotificationId;
use rappel_store::Cursor;

use crate::frame::{Notification, Outcome};
use crate::{Moment, Resume};

/// What is older is in the list only.
const CARD_REACHES_BACK: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// As long as its words are true to the minute, a notification that had to wait still pops up.
const FRESH_FOR: Duration = Duration::from_secs(60);

/// What is to be shown now.
#[derive(Debug, Default, PartialEq)]
pub struct Due {
    /// Together on one card.
    pub card: Vec<Notification>,
    /// Each on its own.
    pub alone: Vec<Notification>,
}

#[derive(Debug)]
struct Waiting {
    row: Notification,
    /// It came while nobody could be shown it.
    away: bool,
    /// How long its machine will have been on when its words are not true to the minute any more.
    fresh_until: Duration,
}

impl Waiting {
    /// Waits from `since_boot` on, at the age of `age`.
    fn new(row: Notification, away: bool, since_boot: Duration, age: Duration) -> Self {
        Self { row, away, fresh_until: (since_boot + FRESH_FOR).saturating_sub(age) }
    }
}

/// The popups of one desktop: waiting, on screen, and dealt with.
#[derive(Debug, Default)]
pub struct Board {
    /// Where the hub stands, as far as this desktop has been told.
    told: Option<Cursor>,
    /// Rows up to this `seq` are a replay that is still coming in.
    replaying: Option<u64>,
    /// This desktop has been connected before, since it started.
    was_connected: bool,
    waiting: BTreeMap<u64, Waiting>,
    /// Decided by this desktop while its hub was away: without a place in the history.
    own: Vec<Waiting>,
    /// Ids by `seq` from the oldest that waits, to name where the cursor stands.
    ids: BTreeMap<u64, NotificationId>,
    /// With the event that each is about.
    on_screen: HashMap<NotificationId, Option<String>>,
    /// Oldest first; told apart by id, since numbers are others after a restore.
    on_card: Vec<Notification>,
    /// The card on screen says more than what it stands for now.
    card_says_too_much: bool,
}

/// The card on screen, against what it stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Card {
    /// It says what it stands for, or there is none.
    Right,
    /// It names what is settled by now.
    Outdated,
    /// Nothing is left of what it stood for.
    Over,
}

impl Board {
    /// Takes up where the ledger says that this desktop had come to.
    #[must_use]
    pub fn new(cursor: Option<Cursor>) -> Self {
        let ids = cursor.iter().filter_map(|cursor| Some((cursor.seq, cursor.last_id?))).collect();
        Self { told: cursor, ids, ..Self::default() }
    }

    /// What to ask the hub for. A desktop that was never there has missed nothing.
    #[must_use]
    pub fn resume(&self) -> Resume {
        self.told.as_ref().map_or_else(Resume::default, |cursor| Resume {
            since: Some(cursor.seq),
            last_id: cursor.last_id,
            changes_since: Some(cursor.change),
        })
    }

    /// The hub has taken the session and stands at `seq` and `change`.
    pub fn connected(&mut self, seq: u64, change: u64) {
        match &self.told {
            None => self.told = Some(Cursor { seq, last_id: None, change }),
            Some(told) => self.replaying = (seq > told.seq).then_some(seq),
        }
        if self.replaying.is_none() {
            self.was_connected = true;
        }
    }

    /// A notification that this session was not told of. `seen` says that this desktop has shown
    /// it already, `held` that nothing is shown at the moment. Answers which popups are over: those
    /// of which it says that they are no longer true, and its own if it is settled.
    pub fn arrived(&mut self, row: Notification, seen: bool, held: bool, now: Moment) -> Vec<NotificationId> {
        if self.told.is_some_and(|told| row.seq <= told.seq) {
            // Told twice: what happened to it meanwhile is news all the same.
            self.settle(&row);
            return if row.is_settled() { vec![row.id] } else { Vec::new() };
        }
        self.drop_own(row.id); // it has its place now
        let mut over = self.supersede(&row);
        if row.is_settled() {
            over.push(row.id);
        }
        // The words of what was missed are true to no minute: it has its place on the card alone, also
        // when the hub, which may have slept, tells it as it decides.
        let is_missed = row.outcome == Outcome::Missed;
        let away = held || is_missed || (self.replaying.is_some() && !self.was_connected);
        // What is told as it comes to be is of this moment, whatever becomes of the hub's clock meanwhile.
        let age = if self.replaying.is_some() { now.age_of(row.created_at) } else { Duration::ZERO };
        self.move_told(&row);
        if self.replaying.is_some_and(|last| row.seq >= last) {
            self.replaying = None;
            self.was_connected = true;
        }
        if !seen && is_worth_showing(&row, age) {
            self.waiting.insert(row.seq, Waiting::new(row, away, now.since_boot, age));
        }
        over
    }

    /// What this desktop decided by itself, while its hub was away. `away` says that nobody could be
    /// shown it when it was due. Its age counts from here on.
    pub fn decided(&mut self, row: Notification, away: bool, since_boot: Duration) {
        let is_known = self.on_screen.contains_key(&row.id)
            || self.on_card.iter().any(|on_card| on_card.id == row.id)
            || self.own.iter().any(|own| own.row.id == row.id)
            || self.waiting.values().any(|waiting| waiting.row.id == row.id);
        if !is_known {
            self.own.push(Waiting::new(row, away, since_boot, Duration::ZERO));
        }
    }

    /// Something that this desktop decided does not hold, or was settled here.
    pub fn withdrawn(&mut self, id: NotificationId) {
        self.drop_own(id);
        self.on_screen.remove(&id);
        self.card_says_too_much |= self.on_card.extract_if(.., |on_card| on_card.id == id).count() > 0;
    }

    /// A row changed.
    pub fn updated(&mut self, row: &Notification) {
        if let Some(told) = &mut self.told {
            told.change = told.change.max(row.change);
        }
        self.settle(row);
    }

    /// Takes off the board what is settled.
    fn settle(&mut self, row: &Notification) {
        if row.is_read || row.is_settled() {
            self.waiting.remove(&row.seq);
            self.drop_own(row.id);
        }
        if row.is_settled() {
            self.on_screen.remove(&row.id);
            self.card_says_too_much |= self.on_card.extract_if(.., |on_card| on_card.id == row.id).count() > 0;
        }
    }

    /// Whether the card on screen still says what it stands for.
    #[must_use]
    pub fn card(&self) -> Card {
        match (self.card_says_too_much, self.on_card.is_empty()) {
            (false, _) => Card::Right,
            (true, false) => Card::Outdated,
            (true, true) => Card::Over,
        }
    }

    /// Everything was read: what waits has been seen in a list. Popups on screen stay.
    pub fn all_read(&mut self, change: u64) {
        if let Some(told) = &mut self.told {
            told.change = told.change.max(change);
        }
        self.waiting.clear();
    }

    /// The hub does not know the cursor: start from where it stands, with what it lists. Answers which
    /// popups are over, since the list says that they are settled.
    pub fn restarted(
        &mut self,
        seq: u64,
        change: u64,
        listed: Vec<(Notification, bool)>,
        now: Moment,
    ) -> Vec<NotificationId> {
        let is_on_screen = |row: &Notification| {
            self.on_screen.contains_key(&row.id) || self.on_card.iter().any(|on_card| on_card.id == row.id)
        };
        let is_news = |(row, seen): &&(Notification, bool)| row.is_settled() && (!seen || is_on_screen(row));
        let settled: Vec<Notification> = listed.iter().filter(is_news).map(|(row, _)| row.clone()).collect();
        settled.iter().for_each(|row| self.updated(row));
        self.waiting.clear();
        self.ids.clear();
        self.replaying = None;
        self.was_connected = true;
        for (row, seen) in listed {
            self.ids.insert(row.seq, row.id);
            self.drop_own(row.id);
            let age = now.age_of(row.created_at);
            if !seen && is_worth_showing(&row, age) {
                self.waiting.insert(row.seq, Waiting::new(row, true, now.since_boot, age));
            }
        }
        self.told = Some(Cursor { seq, last_id: self.ids.get(&seq).copied(), change });
        settled.iter().map(|row| row.id).collect()
    }

    /// What waits is to come on a card, whatever its age: notifications were paused.
    pub fn hold(&mut self) {
        for waiting in self.waiting.values_mut().chain(&mut self.own) {
            waiting.away = true;
        }
    }

    /// What to show now. Of a replay nothing while it is coming in, so that it makes one card.
    #[must_use]
    pub fn due(&self, since_boot: Duration) -> Due {
        let told = self.waiting.values().filter(|_| self.replaying.is_none());
        let mut due = Due::default();
        for Waiting { row, away, fresh_until } in self.own.iter().chain(told) {
            let stale = since_boot > *fresh_until;
            if *away || stale { due.card.push(row.clone()) } else { due.alone.push(row.clone()) }
        }
        due
    }

    /// A popup of its own is on screen.
    pub fn shown_alone(&mut self, row: &Notification) {
        self.drop_waiting(row);
        self.on_screen.insert(row.id, row.event.id.clone());
    }

    /// What the card on screen stands for, oldest first.
    pub fn on_card(&self) -> impl Iterator<Item = &Notification> {
        self.on_card.iter()
    }

    /// The card on screen stands for these too.
    pub fn shown_on_card(&mut self, rows: Vec<Notification>) {
        for row in rows {
            self.drop_waiting(&row);
            self.on_card.retain(|on_card| on_card.id != row.id);
            self.on_card.push(row);
        }
        self.card_says_too_much = false;
    }

    /// What waited is not to be shown after all.
    pub fn drop_waiting(&mut self, row: &Notification) {
        self.waiting.remove(&row.seq);
        self.drop_own(row.id);
    }

    fn drop_own(&mut self, id: NotificationId) {
        self.own.retain(|own| own.row.id != id);
    }

    /// A popup has left the screen. Answers the event it was about.
    pub fn closed(&mut self, id: NotificationId) -> Option<String> {
        self.on_screen.remove(&id).flatten()
    }

    /// The card has left the screen. Answers what it stood for.
    pub fn card_closed(&mut self) -> Vec<NotificationId> {
        self.card_says_too_much = false;
        std::mem::take(&mut self.on_card).into_iter().map(|row| row.id).collect()
    }

    /// Everything is to leave the screen. Answers which popups stood there alone.
    pub fn take_down_all(&mut self) -> Vec<NotificationId> {
        self.card_closed();
        self.on_screen.drain().map(|(id, _)| id).collect()
    }

    /// How far this desktop is done: what is to be remembered.
    pub fn cursor(&mut self) -> Option<Cursor> {
        let told = self.told?;
        let Some(oldest) = self.waiting.keys().next().copied() else {
            self.ids.retain(|seq, _| *seq >= told.seq);
            return Some(told);
        };
        let seq = oldest.saturating_sub(1).min(told.seq);
        self.ids.retain(|known, _| *known >= seq);
        Some(Cursor { seq, last_id: self.ids.get(&seq).copied(), change: told.change })
    }

    /// Takes off the board what an earlier notification says of an event that is not as it was.
    /// Answers which popups that was.
    fn supersede(&mut self, notice: &Notification) -> Vec<NotificationId> {
        let is_about = |event: &Option<String>| event.is_some() && *event == notice.event.id;
        let is_news = notice.parent_id.is_none(); // what was put off is told again: nothing has changed
        if !is_news || !matches!(notice.notification_type.as_str(), "cancelled" | "moved" | "unassigned") {
            return Vec::new();
        }
        self.waiting.retain(|_, waiting| !is_about(&waiting.row.event.id));
        self.own.retain(|own| !is_about(&own.row.event.id));
        let alone = self.on_screen.extract_if(|_, event| is_about(event)).map(|(id, _)| id);
        let on_card = self.on_card.extract_if(.., |row| is_about(&row.event.id)).map(|row| row.id);
        let mut superseded: Vec<NotificationId> = alone.collect();
        let alone_count = superseded.len();
        superseded.extend(on_card);
        self.card_says_too_much |= superseded.len() > alone_count;
        superseded
    }

    fn move_told(&mut self, row: &Notification) {
        self.ids.insert(row.seq, row.id);
        let told = self.told.get_or_insert(Cursor { seq: 0, last_id: None, change: 0 });
        if row.seq > told.seq {
            told.seq = row.seq;
            told.last_id = Some(row.id);
        }
        // In a replay the changes of earlier rows come after the new ones: if it breaks off before
        // they do, they must be asked for again.
        if self.replaying.is_none() {
            told.change = told.change.max(row.change);
        }
    }
}

/// Fired or missed, not yet seen anywhere, not taken back, and of the last days.
fn is_worth_showing(row: &Notification, age: Duration) -> bool {
    matches!(row.outcome, Outcome::Fired | Outcome::Missed)
        && !row.is_read
        && !row.is_settled()
        && age <= CARD_REACHES_BACK
}

#[cfg(test)]
#[path = "board_example.rs"]
mod example;
#[cfg(test)]
#[path = "board_tests.rs"]
mod tests;
