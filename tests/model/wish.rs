//! What somebody wants, as a command: places become the events and rows that are there.

use std::collections::BTreeSet;

use crate::op::Ask;
use crate::oracle::history::{Change, Command, Event, Status, When};
use crate::oracle::zone::{DAY, MINUTE};
use crate::play::Play;

impl Play {
    /// What is asked, as a command of the history; `None` where there is nothing to ask it of.
    pub(crate) fn command(&self, who: usize, ask: &Ask) -> Option<Command> {
        let now = self.office.clocks.wall();
        let count = self.world.events.len();
        let at = |event: usize| count.checked_sub(1 + event);
        let people = |bits: u8| -> BTreeSet<usize> { (0..4).filter(|who| bits >> who & 1 == 1).collect() };
        let change = |event: usize, change: Change| at(event).map(|event| Command::Change { by: who, event, change });
        let new = |when, zone, assignees, minutes, days| Event {
            title: 0,
            place: 0,
            when,
            zone,
            assignees,
            minutes,
            days,
            status: Status::Planned,
            deleted: None,
            creator: who,
        };
        let row = |row: usize| self.world.told[who].len().checked_sub(1 + row);
        match ask.clone() {
            Ask::Create { in_minutes, lasts, people: bits, minutes, zone } => {
                let when = When::Timed { start: now + in_minutes * MINUTE, lasts: lasts.map(|lasts| lasts * MINUTE) };
                let event = new(when, zone, people(bits), minutes, BTreeSet::from([0]));
                (self.world.events.len() < 6).then_some(Command::Create { by: who, event })
            }
            Ask::CreateDays { in_days, count, people: bits, days, zone } => {
                let first = now.div_euclid(DAY) * DAY + in_days * DAY;
                let event = new(When::Days { first, count }, zone, people(bits), None, days);
                (self.world.events.len() < 6).then_some(Command::Create { by: who, event })
            }
            Ask::Title { event, to } => change(event, Change { title: Some(to), ..Change::default() }),
            Ask::Place { event, to } => change(event, Change { place: Some(to), ..Change::default() }),
            Ask::End { event, lasts } => {
                let when = match self.world.events[at(event)?].when {
                    When::Timed { start, .. } => When::Timed { start, lasts: lasts.map(|lasts| lasts * MINUTE) },
                    When::Days { first, .. } => When::Days { first, count: lasts.unwrap_or(0) % 3 + 1 },
                };
                change(event, Change { when: Some(when), ..Change::default() })
            }
            Ask::Move { event, in_minutes } => {
                let when = Some(moved(self.world.events[at(event)?].when, now, in_minutes));
                change(event, Change { when, ..Change::default() })
            }
            Ask::Replan { event, in_minutes, people: bits, status } => {
                let when = Some(moved(self.world.events[at(event)?].when, now, in_minutes));
                change(event, Change { when, assignees: bits.map(people), status, ..Change::default() })
            }
            Ask::MoveBack { event, place } => {
                let starts = &self.starts[at(event)?];
                change(event, Change { when: Some(starts[place % starts.len()]), ..Change::default() })
            }
            Ask::Convert { event, in_minutes } => {
                let when = match self.world.events[at(event)?].when {
                    When::Timed { .. } => When::Days { first: now.div_euclid(DAY) * DAY, count: 1 },
                    When::Days { .. } => When::Timed { start: now + in_minutes * MINUTE, lasts: None },
                };
                change(event, Change { when: Some(when), ..Change::default() })
            }
            Ask::Zone { event, zone } => change(event, Change { zone: Some(zone), ..Change::default() }),
            Ask::Status { event, status } => change(event, Change { status: Some(status), ..Change::default() }),
            Ask::Assign { event, people: bits } => {
                change(event, Change { assignees: Some(people(bits)), ..Change::default() })
            }
            Ask::HandOn { event, to, status } => {
                let mut assignees = self.world.events[at(event)?].assignees.clone();
                assignees.extend(to);
                assignees.remove(&who);
                change(event, Change { assignees: Some(assignees), status, ..Change::default() })
            }
            Ask::Remind { event, minutes } => {
                let is_all_day = self.world.is_all_day(at(event)?);
                let remind = if is_all_day {
                    let days = minutes.unwrap_or_default().iter().map(|minutes| minutes % 3).collect();
                    Change { days: Some(days), ..Change::default() }
                } else {
                    Change { minutes: Some(minutes), ..Change::default() }
                };
                change(event, remind)
            }
            Ask::Delete { event } => Some(Command::Delete { by: who, event: at(event)? }),
            Ask::Restore { event } => Some(Command::Restore { by: who, event: at(event)? }),
            Ask::Snooze { row: place, minutes } => Some(Command::Snooze { who, row: row(place)?, minutes }),
            Ask::Dismiss { row: place } => Some(Command::Dismiss { who, row: row(place)? }),
            Ask::Read { row: place } => Some(Command::Read { who, row: row(place)? }),
            Ask::ReadAll => Some(Command::ReadAll { who }),
            Ask::Prefer { minutes } => Some(Command::Prefer { who, minutes }),
            Ask::Travel { zone } => Some(Command::Travel { who, zone }),
            Ask::Leave => (who != 0 && self.world.people[who].is_here).then_some(Command::Leave { who }),
            Ask::Return => (!self.world.people[who].is_here).then_some(Command::Return { who }),
        }
    }
}

/// When an event takes place that is moved to so many minutes from now, or to a day in the next four.
fn moved(when: When, now: i64, in_minutes: i64) -> When {
    match when {
        When::Timed { lasts, .. } => When::Timed { start: now + in_minutes * MINUTE, lasts },
        When::Days { count, .. } => {
            When::Days { first: now.div_euclid(DAY) * DAY + in_minutes.rem_euclid(4) * DAY, count }
        }
    }
}
