//! The firing decision: what becomes of reminders that are due.
//!
//! The rules are numbered F1 to F8 and tried in that order; each has a test named after it. One
//! call decides all rows that one person has for one start of one event, since a late reminder may
//! be said by another one.

use chrono::TimeDelta;

use crate::arm::{Armed, Purpose};
use crate::event::Event;
use crate::person::Preferences;
use crate::schedule::StartKey;
use crate::{PersonId, Timestamp};

/// Later than this after its due time, a reminder is overdue.
pub const ON_TIME: TimeDelta = TimeDelta::seconds(2);
/// A late reminder whose next one comes within this time leaves it to that one.
pub const MERGE_WITHIN: TimeDelta = TimeDelta::seconds(60);
/// A snooze that is later than this is missed.
pub const SNOOZE_MISSED_AFTER: TimeDelta = TimeDelta::hours(24);

/// What the rows are decided against: the event and its person as they are now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Situation {
    /// The event is planned and this person's.
    pub is_valid: bool,
    /// The start it has now.
    pub start: StartKey,
    /// The start, or the end of the first day of an all-day event where the person is.
    pub deadline: Timestamp,
    /// How long after `deadline` a reminder still says something.
    pub grace: TimeDelta,
}

impl Situation {
    /// The situation of one person with one event.
    #[must_use]
    pub fn of(event: &Event, person: PersonId, is_active_person: bool, preferences: &Preferences) -> Self {
        Self {
            is_valid: event.is_active() && is_active_person && event.is_assigned(person),
            start: event.schedule.start_key(),
            deadline: event.schedule.deadline(&preferences.time_zone),
            grace: event.schedule.grace(),
        }
    }
}

/// What becomes of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Not due: it stays pending.
    Wait,
    /// Its reason is gone.
    Cancelled,
    /// It was due before it was armed: a notice has said it.
    Skipped,
    /// Too late to be of use.
    Missed,
    /// Another notification says it.
    Collapsed,
    /// Becomes a notification.
    Fire {
        /// More than two seconds after it was due.
        late: bool,
    },
}

/// Decides all pending rows of one person for one event; the answer has a verdict for each row, in
/// their order. At most one of them is [`Verdict::Fire`].
#[must_use]
pub fn decide(now: Timestamp, situation: &Situation, rows: &[Armed]) -> Vec<Verdict> {
    let mut verdicts: Vec<_> = rows.iter().map(|row| alone(now, situation, row)).collect();

    let next_due = waiting_reminders(rows, &verdicts).map(|row| row.due).min();
    let leaves_to_next = next_due.is_some_and(|due| due - now <= MERGE_WITHIN);

    // F5, F6: of the reminders that are due, the one nearest to the start speaks for all.
    let nearest = due(rows, &verdicts, is_reminder).max_by_key(|index| rows[*index].due);
    for index in due(rows, &verdicts, is_reminder).collect::<Vec<_>>() {
        let is_overdue = now - rows[index].due > ON_TIME;
        verdicts[index] = if Some(index) != nearest || (is_overdue && leaves_to_next) {
            Verdict::Collapsed // F5, F6; F7
        } else {
            Verdict::Fire { late: is_overdue } // F8
        };
    }

    // Snoozes give way to a reminder that speaks now or within the minute, and to a later snooze.
    let reminder_speaks = leaves_to_next || due(rows, &verdicts, is_reminder).next().is_some();
    let is_snooze = |row: &Armed| !is_reminder(row);
    let latest = due(rows, &verdicts, is_snooze).max_by_key(|index| rows[*index].due);
    for index in due(rows, &verdicts, is_snooze).collect::<Vec<_>>() {
        verdicts[index] = if reminder_speaks || Some(index) != latest {
            Verdict::Collapsed
        } else {
            Verdict::Fire { late: now - rows[index].due > ON_TIME }
        };
    }
    verdicts
}

/// The verdict that a row's own state gives; `Fire` stands for "due, to be weighed with the others".
fn alone(now: Timestamp, situation: &Situation, row: &Armed) -> Verdict {
    if !situation.is_valid || row.start != situation.start {
        return Verdict::Cancelled; // F1
    }
    if row.due <= row.armed_at && is_reminder(row) {
        return Verdict::Skipped; // F2
    }
    if now < row.due {
        return Verdict::Wait; // F3
    }
    let is_missed = match row.purpose {
        Purpose::Reminder(_) => now >= situation.deadline + situation.grace, // F4
        Purpose::Snooze(_) => now - row.due > SNOOZE_MISSED_AFTER,
    };
    if is_missed { Verdict::Missed } else { Verdict::Fire { late: false } }
}

fn is_reminder(row: &Armed) -> bool {
    matches!(row.purpose, Purpose::Reminder(_))
}

fn due(rows: &[Armed], verdicts: &[Verdict], which: impl Fn(&Armed) -> bool) -> impl Iterator<Item = usize> {
    (0..rows.len()).filter(move |index| matches!(verdicts[*index], Verdict::Fire { .. }) && which(&rows[*index]))
}

fn waiting_reminders<'a>(rows: &'a [Armed], verdicts: &'a [Verdict]) -> impl Iterator<Item = &'a Armed> {
    rows.iter()
        .zip(verdicts)
        .filter(|(row, verdict)| **verdict == Verdict::Wait && is_reminder(row))
        .map(|(row, _)| row)
}

#[cfg(test)]
#[path = "decide_tests.rs"]
mod tests;
