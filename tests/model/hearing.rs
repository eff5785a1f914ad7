//! What a device should put where, from what it hears: as the specification has it, beside the board.

use std::collections::{BTreeMap, BTreeSet};

use rappel_link::NotificationId;
use rappel_link::frame::{Notification, Outcome};

use crate::oracle::zone::{DAY, MINUTE};

/// Where something that was heard belongs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) on_card: bool,
    /// Until when its words are true to the minute, by the boot clock.
    fresh_until: i64,
    /// It is older than what a card tells of.
    is_too_old: bool,
}

/// What the program should make of what it hears, from its start on.
#[derive(Debug, Clone, Default)]
pub(crate) struct Hearing {
    /// Up to which row it knew or has heard; `None` before it was ever connected.
    known: Option<u64>,
    /// It is still catching up, up to this row.
    until: u64,
    has_caught_up: bool,
    /// How far the hub's clock was ahead of the boot clock when the hub last said what time it is.
    hub_ahead: i64,
    /// What it heard, and where that belongs.
    pub(crate) rows: BTreeMap<NotificationId, Place>,
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

    /// The hub stands at `seq`, and it is `now` there. What came since the program was last there is
    /// caught up with.
    pub(crate) fn connected(&mut self, seq: u64, now: i64, boot: i64) {
        self.hub_ahead = now - boot;
        let known = *self.known.get_or_insert(seq);
        self.until = seq;
        self.has_caught_up |= seq <= known;
    }

    pub(crate) fn heard(&mut self, row: &Notification, is_paused: bool, boot: i64) {
        if self.known.is_some_and(|known| row.seq <= known) {
            return;
        }
        self.known = Some(row.seq);
        // What it is told as it comes to be is of that moment; of the rest the hub's time says how old it is.
        let age = if row.seq <= self.until { self.age(row, boot) } else { 0 };
        let on_card = is_paused || !self.has_caught_up || row.outcome == Outcome::Missed;
        self.rows.insert(row.id, Place::new(on_card, age, boot));
        self.has_caught_up |= row.seq >= self.until;
    }

    /// Whether it was too old to be told of when it was heard.
    pub(crate) fn is_too_old(&self, id: NotificationId) -> bool {
        self.rows.get(&id).is_some_and(|place| place.is_too_old)
    }

    fn age(&self, row: &Notification, boot: i64) -> i64 {
        (self.hub_ahead + boot - row.created_at.as_ms()).max(0)
    }

    /// The list was read in place of a replay.
    pub(crate) fn listed(&mut self, seq: u64, rows: &[Notification], boot: i64) {
        (self.known, self.has_caught_up) = (Some(seq), true);
        for row in rows {
            self.rows.insert(row.id, Place::new(true, self.age(row, boot), boot));
        }
    }

    /// Its words are true for a minute.
    pub(crate) fn belongs_on_card(&self, row: &Notification, boot: i64) -> bool {
        self.rows.get(&row.id).is_none_or(|place| place.on_card || boot > place.fresh_until)
    }
}

impl Place {
    fn new(on_card: bool, age: i64, boot: i64) -> Self {
        Self { on_card, fresh_until: boot + MINUTE - age, is_too_old: age > 7 * DAY }
    }
}
