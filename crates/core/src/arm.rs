//! Armed reminders: which rows an event's people should have, and what a change makes of them.

use crate::event::Event;
use crate::id::SnoozeId;
use crate::notification::Offset;
use crate::person::Preferences;
use crate::schedule::{Schedule, StartKey, all_day_due};
use crate::{PersonId, Timestamp};

/// Where an armed reminder stands. `Pending` and `Cancelled` turn into each other; the others are
/// final: such a row never fires again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum State {
    /// It will be decided when it is due.
    Pending,
    /// Its event moved, ended, or went to somebody else.
    Cancelled,
    /// It became a notification.
    Fired,
    /// Another notification said it.
    Collapsed,
    /// It was due before it was armed.
    Skipped,
    /// Nobody could be told in time.
    Missed,
}

impl State {
    /// Its name in the store.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Cancelled => "cancelled",
            Self::Fired => "fired",
            Self::Collapsed => "collapsed",
            Self::Skipped => "skipped",
            Self::Missed => "missed",
        }
    }

    /// Reads what [`State::as_str`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Pending, Self::Cancelled, Self::Fired, Self::Collapsed, Self::Skipped, Self::Missed]
            .into_iter()
            .find(|state| state.as_str() == text)
    }
}

/// What an armed reminder is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// To remind some time before the start.
    Reminder(Offset),
    /// To tell again what somebody put off.
    Snooze(SnoozeId),
}

/// One reminder of one person for one start of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Armed {
    /// The start it belongs to.
    pub start: StartKey,
    /// What it is for.
    pub purpose: Purpose,
    /// When to decide it.
    pub due: Timestamp,
    /// The hub's clock when it was armed, or armed again.
    pub armed_at: Timestamp,
    /// Where it stands.
    pub state: State,
}

/// The rows to write so that a person's reminders of an event are what they should be: new ones,
/// ones armed again, ones cancelled. Rows that are right already, and final ones, are left out.
///
/// `existing` are all rows of this event and person, of every start. `is_active_person` is false
/// for somebody who left the office.
#[must_use]
pub fn arm(
    now: Timestamp,
    event: &Event,
    person: PersonId,
    is_active_person: bool,
    preferences: &Preferences,
    existing: &[Armed],
) -> Vec<Armed> {
    let is_valid = event.is_active() && is_active_person && event.is_assigned(person);
    let start = event.schedule.start_key();
    let wanted = if is_valid { dues(event, preferences) } else { Vec::new() };

    let mut writes = Vec::new();
    for &(offset, due) in &wanted {
        let state = if due <= now { State::Skipped } else { State::Pending };
        let fresh = Armed { start, purpose: Purpose::Reminder(offset), due, armed_at: now, state };
        let known = existing.iter().find(|row| row.start == start && row.purpose == fresh.purpose);
        match known {
            None => writes.push(fresh),
            Some(row) => match row.state {
                State::Cancelled => writes.push(fresh),
                State::Pending if row.due != due => writes.push(fresh),
                State::Pending | State::Fired | State::Collapsed | State::Skipped | State::Missed => {}
            },
        }
    }
    for row in existing.iter().filter(|row| row.state == State::Pending) {
        let is_wanted = match row.purpose {
            Purpose::Reminder(offset) => row.start == start && wanted.iter().any(|(wanted, _)| *wanted == offset),
            Purpose::Snooze(_) => row.start == start && is_valid,
        };
        if !is_wanted {
            writes.push(Armed { state: State::Cancelled, ..*row });
        }
    }
    writes
}

/// Which reminder said what a collapsed one would have: of those of the same start that fired, the
/// next one. `None` while it is still to come, or when the event did not stay where it was.
#[must_use]
pub fn said_by<'a>(collapsed: &Armed, rows: &'a [Armed]) -> Option<&'a Armed> {
    rows.iter()
        .filter(|row| row.start == collapsed.start && row.state == State::Fired && row.due > collapsed.due)
        .filter(|row| matches!(row.purpose, Purpose::Reminder(_)))
        .min_by_key(|row| row.due)
}

/// The offsets that hold for an event and a person, each with the instant it is due.
pub(crate) fn dues(event: &Event, preferences: &Preferences) -> Vec<(Offset, Timestamp)> {
    match &event.schedule {
        Schedule::Timed { start, .. } => {
            let minutes = event.reminders.as_ref().unwrap_or(&preferences.reminders);
            let due = |minutes: &u32| start.instant - chrono::TimeDelta::minutes((*minutes).into());
            minutes.as_slice().iter().map(|minutes| (Offset::Minutes(*minutes), due(minutes))).collect()
        }
        Schedule::AllDay { first, .. } => {
            let due = |days: u32| all_day_due(*first, days, preferences.all_day_at_minutes, &preferences.time_zone);
            event.reminder_days.as_slice().iter().map(|days| (Offset::Days(*days), due(*days))).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{ann, at, day_event, event, preferences};

    const NOW: &str = "2026-11-23T08:00:00Z"; // two hours before the event of the fixture

    fn armed(now: &str, event: &Event, existing: &[Armed]) -> Vec<Armed> {
        arm(at(now), event, ann(), true, &preferences(), existing)
    }

    fn states(rows: &[Armed]) -> Vec<(Purpose, State)> {
        rows.iter().map(|row| (row.purpose, row.state)).collect()
    }

    const THIRTY: Purpose = Purpose::Reminder(Offset::Minutes(30));
    const FIVE: Purpose = Purpose::Reminder(Offset::Minutes(5));

    #[test]
    fn an_assignee_gets_a_row_for_each_offset_at_its_time() {
        let rows = armed(NOW, &event(), &[]);
        assert_eq!(states(&rows), [(THIRTY, State::Pending), (FIVE, State::Pending)]);
        assert_eq!(rows[0].due, at("2026-11-23T09:30:00Z"));
        assert_eq!(rows[1].due, at("2026-11-23T09:55:00Z"));
    }

    #[test]
    fn an_offset_that_is_past_when_armed_is_skipped() {
        let rows = armed("2026-11-23T09:40:00Z", &event(), &[]);
        assert_eq!(states(&rows), [(THIRTY, State::Skipped), (FIVE, State::Pending)]);
    }

    #[test]
    fn arming_again_changes_nothing() {
        let rows = armed(NOW, &event(), &[]);
        assert_eq!(armed("2026-11-23T08:30:00Z", &event(), &rows), []);
    }

    #[test]
    fn the_events_own_offsets_replace_the_persons() {
        let mut event = event();
        let before = armed(NOW, &event, &[]);
        event.reminders = Some(crate::event::ReminderMinutes::parse("reminders", vec![5, 10]).unwrap());
        let rows = armed("2026-11-23T08:01:00Z", &event, &before);
        let ten = Purpose::Reminder(Offset::Minutes(10));
        assert_eq!(states(&rows), [(ten, State::Pending), (THIRTY, State::Cancelled)], "5 stays as it was");
    }

    #[test]
    fn a_moved_event_is_armed_for_its_new_start_and_cancelled_for_the_old() {
        let before = armed(NOW, &event(), &[]);
        let mut moved = event();
        moved.schedule = crate::fixture::timed("2026-11-24T10:00:00Z");
        let rows = armed("2026-11-23T08:01:00Z", &moved, &before);
        let pending = rows.iter().filter(|row| row.state == State::Pending).count();
        let cancelled = rows.iter().filter(|row| row.state == State::Cancelled).count();
        assert_eq!((pending, cancelled), (2, 2));
    }

    #[test]
    fn what_was_cancelled_is_armed_anew_and_what_fired_stays_fired() {
        let mut rows = armed(NOW, &event(), &[]);
        rows[0].state = State::Fired;
        rows[1].state = State::Cancelled;
        let again = armed("2026-11-23T09:50:00Z", &event(), &rows);
        assert_eq!(states(&again), [(FIVE, State::Pending)]);
        assert_eq!(again[0].armed_at, at("2026-11-23T09:50:00Z"), "armed_at is set anew");
        let too_late = armed("2026-11-23T09:56:00Z", &event(), &rows);
        assert_eq!(states(&too_late), [(FIVE, State::Skipped)]);
    }

    #[test]
    fn a_collapsed_reminder_was_said_by_the_next_one_that_fired() {
        let mut event = event();
        event.reminders = Some(crate::event::ReminderMinutes::parse("reminders", vec![30, 15, 5, 0]).unwrap());
        let mut rows = armed(NOW, &event, &[]);
        for (row, state) in rows.iter_mut().zip([State::Collapsed, State::Collapsed, State::Fired, State::Fired]) {
            row.state = state;
        }
        assert_eq!(said_by(&rows[0], &rows), Some(&rows[2]), "15 minutes before fell together with it");
        rows[2].state = State::Pending;
        rows[3].state = State::Cancelled;
        assert_eq!(said_by(&rows[0], &rows), None);
    }

    #[test]
    fn nobody_is_armed_for_what_is_done_or_not_theirs_or_after_they_left() {
        let mut done = event();
        done.status = crate::event::Status::Done;
        assert_eq!(armed(NOW, &done, &[]), []);
        let mut unassigned = event();
        unassigned.assignees.clear();
        assert_eq!(armed(NOW, &unassigned, &[]), []);
        assert_eq!(arm(at(NOW), &event(), ann(), false, &preferences(), &[]), []);
    }

    #[test]
    fn a_snooze_lives_as_long_as_its_start_and_its_assignment() {
        let snooze = Armed {
            start: event().schedule.start_key(),
            purpose: Purpose::Snooze(SnoozeId::from_bytes([7; 16])),
            due: at("2026-11-23T09:40:00Z"),
            armed_at: at("2026-11-23T09:30:00Z"),
            state: State::Pending,
        };
        let kept = armed(NOW, &event(), &[snooze]);
        assert!(kept.iter().all(|row| row.purpose != snooze.purpose), "an untouched snooze is not written");
        let mut unassigned = event();
        unassigned.assignees.clear();
        assert_eq!(states(&armed(NOW, &unassigned, &[snooze])), [(snooze.purpose, State::Cancelled)]);
    }

    #[test]
    fn a_whole_day_is_announced_at_nine_and_follows_its_persons_zone() {
        let rows = armed("2026-11-20T08:00:00Z", &day_event(), &[]);
        assert_eq!(rows[0].due, at("2026-11-23T08:00:00Z"), "09:00 in Paris");
        let mut elsewhere = preferences();
        elsewhere.time_zone = crate::Zone::parse("time_zone", "America/New_York").unwrap();
        let again = arm(at("2026-11-20T09:00:00Z"), &day_event(), ann(), true, &elsewhere, &rows);
        assert_eq!(again[0].due, at("2026-11-23T14:00:00Z"), "09:00 in New York");
    }
}
