//! What a device should put where, from what it hears: as the specification has it, beside the board.

use std::collections::{BTreeMap, BTreeSet};

use rappel_link::NotificationId;
use rappel_link::frame::{Notification, Outcome};

use crate::oracle::zone::MINUTE;

/// What the program should make of what it hears, from its start on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hearing {
    /// Up to which row it knew or has heard; `None` before it was ever connected.
    known: Option<u64>,
    /// It is still catching up, up to this row.
    until: u64,
    has_caught_up: bool,
    /// What it heard, and whether that belongs on the card.
    pub(crate) rows: BTreeMap<NotificationId, bool>,
    /// What it put on the screen.
    pub(crate) shown: BTreeSet<NotificationId>,
    /// What its person took off the screen.
    pub(crate) closed: BTreeSet<NotificationId>,
}

impl Hearing {
    /// A program starts that knew all up to a row.
    pub(crate) fn from(known: Option<u64>) -> Self {
        Self { known, ..Self::default() }
    }

    /// The hub stands at `seq`. What came since the program was last there is caught up with.
    pub(crate) fn connected(&mut self, seq: u64) {
        let known = *self.known.get_or_insert(seq);
        self.until = seq;
        self.has_caught_up |= seq <= known;
    }

    pub(crate) fn heard(&mut self, row: &Notification, is_paused: bool) {
        if self.known.is_some_and(|known| row.seq <= known) {
            return;
        }
        self.known = Some(row.seq);
        if row.outcome == Outcome::Missed {
            // On the card if it came while nobody could be told, and else in the list alone.
            if is_paused || row.seq <= self.until {
                self.rows.insert(row.id, true);
            }
        } else {
            self.rows.insert(row.id, is_paused || !self.has_caught_up);
        }
        self.has_caught_up |= row.seq >= self.until;
    }

    /// Whether what was missed belongs on the card.
    pub(crate) fn is_heard_missed(&self, id: NotificationId) -> bool {
        self.rows.get(&id) == Some(&true)
    }

    /// The list was read in place of a replay.
    pub(crate) fn listed(&mut self, seq: u64, rows: &[Notification]) {
        (self.known, self.has_caught_up) = (Some(seq), true);
        self.rows.extend(rows.iter().map(|row| (row.id, true)));
    }

    /// Its words are true for a minute.
    pub(crate) fn belongs_on_card(&self, row: &Notification, now: i64) -> bool {
        if row.outcome == Outcome::Missed {
            return self.is_heard_missed(row.id);
        }
        now - row.created_at.as_ms() > MINUTE || self.rows.get(&row.id) != Some(&false)
    }
}
