//! What happened: the commands that the hub acknowledged and the instants at which it was awake.

use std::collections::BTreeSet;

use super::clock::Trust;
use super::zone::{DAY, HOUR, MINUTE, Zone};

/// Ada is the admin; Ann has two devices, Bob one, Carl none.
pub(crate) const PEOPLE: [&str; 4] = ["Ada", "Ann", "Bob", "Carl"];
pub(crate) const ADA: usize = 0;
pub(crate) const ANN: usize = 1;
pub(crate) const BOB: usize = 2;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Status {
    Planned,
    Done,
    Cancelled,
}

impl Status {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Planned => "planned",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }
}

/// When an event takes place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum When {
    /// The start is an instant, the length in milliseconds.
    Timed { start: i64, lasts: Option<i64> },
    /// The first day by its midnight without a zone, and how many there are.
    Days { first: i64, count: i64 },
}

/// An event as everybody sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) title: u8,
    pub(crate) place: u8,
    pub(crate) when: When,
    pub(crate) zone: Zone,
    pub(crate) assignees: BTreeSet<usize>,
    /// Minutes, of a timed one; `None`: each person's own.
    pub(crate) minutes: Option<BTreeSet<u32>>,
    /// Of an all-day one.
    pub(crate) days: BTreeSet<u32>,
    pub(crate) status: Status,
    pub(crate) deleted: Option<i64>,
    pub(crate) creator: usize,
}

impl Event {
    pub(crate) fn is_on(&self) -> bool {
        self.status == Status::Planned && self.deleted.is_none()
    }

    /// The start as a person could name it: another one means that the event was moved.
    pub(crate) fn start(&self) -> Start {
        match self.when {
            When::Timed { start, .. } => Start::At(start),
            When::Days { first, .. } => Start::On(first),
        }
    }

    /// The first instant.
    pub(crate) fn begins(&self) -> i64 {
        match self.when {
            When::Timed { start, .. } => start,
            When::Days { first, .. } => self.zone.instant(first),
        }
    }

    /// When it is over: an hour after the start where no end was given.
    pub(crate) fn ends(&self) -> i64 {
        match self.when {
            When::Timed { start, lasts } => start + lasts.unwrap_or(HOUR),
            When::Days { first, count } => self.zone.instant(first + count * DAY),
        }
    }

    /// From when on a reminder says nothing any more.
    pub(crate) fn too_late(&self, person: &Person) -> i64 {
        match self.when {
            When::Timed { start, lasts } => start + (lasts.unwrap_or(HOUR) / 4).max(15 * MINUTE),
            When::Days { first, .. } => person.zone.instant(first + DAY),
        }
    }

    /// The offsets that hold for a person, each with the instant at which it is due.
    pub(crate) fn dues(&self, person: &Person) -> Vec<(u32, i64)> {
        match self.when {
            When::Timed { start, .. } => {
                let minutes = self.minutes.as_ref().unwrap_or(&person.minutes);
                minutes.iter().map(|minutes| (*minutes, start - i64::from(*minutes) * MINUTE)).collect()
            }
            When::Days { first, .. } => {
                let due = |days: u32| person.zone.instant(first - i64::from(days) * DAY + 9 * HOUR);
                self.days.iter().map(|days| (*days, due(*days))).collect()
            }
        }
    }
}

/// The start of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Start {
    At(i64),
    On(i64),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Person {
    pub(crate) minutes: BTreeSet<u32>,
    pub(crate) zone: Zone,
    pub(crate) is_here: bool,
}

/// A change of one event. Of what is not named nothing changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Change {
    pub(crate) title: Option<u8>,
    pub(crate) place: Option<u8>,
    pub(crate) when: Option<When>,
    /// Alone, it keeps the wall time.
    pub(crate) zone: Option<Zone>,
    pub(crate) status: Option<Status>,
    pub(crate) assignees: Option<BTreeSet<usize>>,
    pub(crate) minutes: Option<Option<BTreeSet<u32>>>,
    pub(crate) days: Option<BTreeSet<u32>>,
}

impl Change {
    pub(crate) fn of(&self, before: &Event) -> Event {
        let mut after = before.clone();
        if let Some(zone) = self.zone {
            if let When::Timed { start, .. } = &mut after.when
                && zone != before.zone
            {
                *start = zone.instant(before.zone.local(*start));
            }
            after.zone = zone;
        }
        after.title = self.title.unwrap_or(after.title);
        after.place = self.place.unwrap_or(after.place);
        after.when = self.when.unwrap_or(after.when);
        after.status = self.status.unwrap_or(after.status);
        after.assignees = self.assignees.clone().unwrap_or(after.assignees);
        after.minutes = self.minutes.clone().unwrap_or(after.minutes);
        after.days = self.days.clone().unwrap_or(after.days);
        after
    }
}

/// What somebody asked of the hub. Events are named in the order of their creation, rows by their
/// place in their person's history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Command {
    Create { by: usize, event: Event },
    Change { by: usize, event: usize, change: Change },
    Delete { by: usize, event: usize },
    Restore { by: usize, event: usize },
    Snooze { who: usize, row: usize, minutes: u32 },
    Dismiss { who: usize, row: usize },
    Read { who: usize, row: usize },
    ReadAll { who: usize },
    Prefer { who: usize, minutes: BTreeSet<u32> },
    Travel { who: usize, zone: Zone },
    Leave { who: usize },
    Return { who: usize },
}

/// One line of the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fact {
    /// The hub has done what was asked. The id is that of a new event.
    Done(Command, Option<String>),
    /// The hub's program began.
    Started,
    /// A backup was restored: what came after it has not happened, but the program goes on, and with
    /// it what it makes of its clocks.
    Restored(Trust),
    /// The hub looked at its clock and decided what was due.
    Awake,
    /// The hub was asked something, and so looked at its clock.
    Looked,
}

/// A line with the clocks of the hub's machine: what people set, and the time since it was switched on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    pub(crate) wall: i64,
    pub(crate) boot: i64,
    pub(crate) fact: Fact,
}
