//! What becomes of an event when the rules of its zone change: its wall time stays, its instant
//! follows, and nobody is reminded twice of what is the same start to them.

use chrono::TimeDelta;

use crate::arm::{Armed, Purpose, State, arm, dues};
use crate::event::Event;
use crate::person::Preferences;
use crate::schedule::{Schedule, StartKey};
use crate::{PersonId, Timestamp};

/// A reminder that was decided is not given again when the rules move it by less than this.
const SAME_REMINDER: TimeDelta = TimeDelta::hours(24);

/// The schedule by the rules that hold now: derived anew from wall time, zone and offset.
#[must_use]
pub fn rederived(schedule: &Schedule) -> Schedule {
    match schedule {
        Schedule::Timed { start, duration, zone } => {
            let start = zone.resolve("starts_at", start.local, Some(start.offset_s)).unwrap_or(*start);
            Schedule::Timed { start, duration: *duration, zone: zone.clone() }
        }
        // Its days are its truth; instants are derived wherever they are needed.
        Schedule::AllDay { .. } => schedule.clone(),
    }
}

/// The rows to write so that a person's reminders of an event follow it from `before`, the start it
/// had by the earlier rules; of an all-day event, so that they follow the clocks of its people.
///
/// Nobody is told of such a move. So a reminder whose time is past by it is not skipped but given
/// late, as after a sleep; and one that was decided already is not given again within 24 hours of
/// when it was due. `existing` are all rows of this event and person, with pending snoozes at the
/// start that the event has now: they keep their time.
#[must_use]
pub fn follow(
    now: Timestamp,
    event: &Event,
    before: StartKey,
    person: PersonId,
    is_active_person: bool,
    preferences: &Preferences,
    existing: &[Armed],
) -> Vec<Armed> {
    let start = event.schedule.start_key();
    let mut rows = existing.to_vec();
    let mut writes = Vec::new();
    for (offset, due) in dues(event, preferences) {
        let purpose = Purpose::Reminder(offset);
        let of = |start: StartKey| existing.iter().find(|row| row.start == start && row.purpose == purpose);
        let Some(was) = of(before) else { continue };
        if of(start).is_some_and(|known| is_final(known.state)) {
            continue;
        }
        let followed = Armed { start, due, ..*was };
        let followed = match was.state {
            State::Pending if due <= was.armed_at => Armed { state: State::Skipped, ..followed },
            State::Pending => followed,
            State::Fired | State::Collapsed | State::Skipped | State::Missed
                if (due - was.due).abs() < SAME_REMINDER =>
            {
                Armed { state: State::Collapsed, ..followed }
            }
            State::Cancelled | State::Fired | State::Collapsed | State::Skipped | State::Missed => continue,
        };
        if !rows.contains(&followed) {
            rows.retain(|row| row.start != start || row.purpose != purpose);
            rows.push(followed);
            writes.push(followed);
        }
    }
    // What is left is as ever: earlier starts are cancelled, and whoever may not be reminded is not.
    let rest = arm(now, event, person, is_active_person, preferences, &rows);
    writes.retain(|row| !rest.iter().any(|other| other.start == row.start && other.purpose == row.purpose));
    writes.extend(rest);
    writes
}

fn is_final(state: State) -> bool {
    match state {
        State::Pending | State::Cancelled => false,
        State::Fired | State::Collapsed | State::Skipped | State::Missed => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture::{ann, at, day_event, event, preferences, timed};
    use crate::id::SnoozeId;
    use crate::notification::Offset;
    use crate::schedule::WrittenTime;
    use crate::zone::Resolved;

    const THIRTY: Purpose = Purpose::Reminder(Offset::Minutes(30));
    const FIVE: Purpose = Purpose::Reminder(Offset::Minutes(5));

    /// Ann's reminders of the event of the fixture, armed in the morning: 09:30 and 09:55.
    fn armed() -> Vec<Armed> {
        arm(at("2026-11-23T08:00:00Z"), &event(), ann(), true, &preferences(), &[])
    }

    fn moved_to(start: &str) -> Event {
        Event { schedule: timed(start), ..event() }
    }

    /// What is written when the rules move the event of the fixture to `start`: of the new start.
    fn followed(now: &str, start: &str, existing: &[Armed]) -> Vec<(Purpose, State)> {
        let event = moved_to(start);
        let before = self::event().schedule.start_key();
        let rows = follow(at(now), &event, before, ann(), true, &preferences(), existing);
        let new = event.schedule.start_key();
        let of_new = rows.iter().filter(|row| row.start == new).map(|row| (row.purpose, row.state)).collect();
        let rest = rows.iter().filter(|row| row.start != new);
        assert!(rest.clone().all(|row| row.state == State::Cancelled), "nothing of the earlier start is left pending");
        assert_eq!(rest.count(), existing.iter().filter(|row| row.state == State::Pending).count());
        of_new
    }

    fn with_states(states: [State; 2]) -> Vec<Armed> {
        armed().into_iter().zip(states).map(|(row, state)| Armed { state, ..row }).collect()
    }

    #[test]
    fn the_wall_time_stays_and_the_instant_follows_the_rules() {
        let zone = crate::Zone::parse("time_zone", "Europe/Paris").unwrap();
        let right = WrittenTime::parse("", "2026-07-23T10:00").unwrap().resolve("", &zone).unwrap();
        let wrong = Resolved { offset_s: 3600, instant: right.instant + TimeDelta::hours(1), ..right };
        let duration = Some(TimeDelta::minutes(45));
        let schedule = |start| Schedule::Timed { start, duration, zone: zone.clone() };
        assert_eq!(rederived(&schedule(wrong)), schedule(right), "as if Paris had given up its summer time before");
        assert_eq!(rederived(&schedule(right)), schedule(right));
        assert_eq!(rederived(&day_event().schedule), day_event().schedule);
    }

    #[test]
    fn the_offset_that_was_chosen_still_picks_the_hour() {
        let zone = crate::Zone::parse("time_zone", "Europe/Paris").unwrap();
        let second = zone.resolve("", "2026-10-25T02:30:00".parse().unwrap(), Some(3600)).unwrap();
        let schedule = Schedule::Timed { start: second, duration: None, zone };
        assert_eq!(rederived(&schedule), schedule);
    }

    #[test]
    fn what_is_pending_follows_without_being_armed_anew() {
        let rows = armed();
        let start = "2026-11-23T11:00:00Z";
        assert_eq!(followed("2026-11-23T09:00:00Z", start, &rows), [(THIRTY, State::Pending), (FIVE, State::Pending)]);
        let event = moved_to(start);
        let writes = follow(at("2026-11-23T09:00:00Z"), &event, rows[0].start, ann(), true, &preferences(), &rows);
        assert_eq!(writes[0].due, at("2026-11-23T10:30:00Z"));
        assert_eq!(writes[0].armed_at, rows[0].armed_at, "it was armed when it was, and no notice spoke for it");
    }

    #[test]
    fn what_is_past_by_it_is_given_late() {
        assert_eq!(
            followed("2026-11-23T09:10:00Z", "2026-11-23T09:00:00Z", &armed()),
            [(THIRTY, State::Pending), (FIVE, State::Pending)],
            "they are overdue now: one of them says how long ago it started"
        );
    }

    #[test]
    fn what_is_past_before_it_was_armed_is_said_by_its_notice() {
        assert_eq!(
            followed("2026-11-23T09:10:00Z", "2026-11-23T08:20:00Z", &armed()),
            [(THIRTY, State::Skipped), (FIVE, State::Pending)]
        );
    }

    #[test]
    fn what_was_decided_does_not_come_again_within_a_day() {
        for decided in [State::Fired, State::Collapsed, State::Skipped, State::Missed] {
            let rows = with_states([decided, State::Pending]);
            for start in ["2026-11-23T11:00:00Z", "2026-11-23T09:00:00Z", "2026-11-24T09:59:59.999Z"] {
                assert_eq!(
                    followed("2026-11-23T09:40:00Z", start, &rows),
                    [(THIRTY, State::Collapsed), (FIVE, State::Pending)],
                    "{decided:?}, {start}"
                );
            }
            assert_eq!(
                followed("2026-11-23T09:40:00Z", "2026-11-24T10:00:00Z", &rows),
                [(FIVE, State::Pending), (THIRTY, State::Pending)],
                "a day later it is another reminder"
            );
        }
    }

    #[test]
    fn an_event_that_began_and_now_lies_ahead_again_is_not_announced_again() {
        let rows = with_states([State::Fired, State::Fired]);
        assert_eq!(
            followed("2026-11-23T10:10:00Z", "2026-11-23T11:00:00Z", &rows),
            [(THIRTY, State::Collapsed), (FIVE, State::Collapsed)]
        );
    }

    #[test]
    fn rules_that_are_taken_back_leave_what_fired_fired() {
        let fired = with_states([State::Fired, State::Cancelled]);
        let there = moved_to("2026-11-23T11:00:00Z");
        let started = [(THIRTY, State::Collapsed), (FIVE, State::Pending)];
        let dues = [at("2026-11-23T10:30:00Z"), at("2026-11-23T10:55:00Z")];
        let mut rows = fired.clone();
        rows.extend(started.iter().zip(dues).map(|((purpose, state), due)| Armed {
            start: there.schedule.start_key(),
            purpose: *purpose,
            due,
            armed_at: at("2026-11-23T08:00:00Z"),
            state: *state,
        }));
        let back = follow(
            at("2026-11-23T09:40:00Z"),
            &event(),
            there.schedule.start_key(),
            ann(),
            true,
            &preferences(),
            &rows,
        );
        let own = event().schedule.start_key();
        let of_own: Vec<_> = back.iter().filter(|row| row.start == own).collect();
        assert_eq!(of_own.len(), 1, "the 30-minute one fired for this very start: {of_own:?}");
        assert_eq!((of_own[0].purpose, of_own[0].state), (FIVE, State::Pending));
    }

    #[test]
    fn a_snooze_keeps_its_time() {
        let event = moved_to("2026-11-23T11:00:00Z");
        let snooze = Armed {
            start: event.schedule.start_key(),
            purpose: Purpose::Snooze(SnoozeId::from_bytes([7; 16])),
            due: at("2026-11-23T09:45:00Z"),
            armed_at: at("2026-11-23T09:35:00Z"),
            state: State::Pending,
        };
        let before = self::event().schedule.start_key();
        let writes = follow(at("2026-11-23T09:40:00Z"), &event, before, ann(), true, &preferences(), &[snooze]);
        assert!(writes.iter().all(|row| row.purpose != snooze.purpose), "{writes:?}");
    }

    #[test]
    fn a_whole_day_is_announced_when_its_persons_clock_says_so_also_if_that_is_past() {
        let day = day_event();
        let start = day.schedule.start_key();
        let wrong = Armed {
            start,
            purpose: Purpose::Reminder(Offset::Days(0)),
            due: at("2026-11-23T09:00:00Z"),
            armed_at: at("2026-11-20T08:00:00Z"),
            state: State::Pending,
        };
        let right = Armed { due: at("2026-11-23T08:00:00Z"), ..wrong };
        let follow =
            |rows: &[Armed]| follow(at("2026-11-23T08:30:00Z"), &day, start, ann(), true, &preferences(), rows);
        assert_eq!(follow(&[wrong]), [right], "09:00 in Paris was half an hour ago");
        assert_eq!(follow(&[right]), [], "a second time changes nothing");
        let fired = Armed { state: State::Fired, ..wrong };
        assert_eq!(follow(&[fired]), []);
    }

    #[test]
    fn nobody_is_reminded_of_what_is_not_theirs_or_not_planned() {
        let rows = armed();
        let mut done = moved_to("2026-11-23T11:00:00Z");
        done.status = crate::event::Status::Done;
        let writes = follow(at("2026-11-23T09:00:00Z"), &done, rows[0].start, ann(), true, &preferences(), &rows);
        assert!(writes.iter().all(|row| row.state != State::Pending), "{writes:?}");
    }
}
