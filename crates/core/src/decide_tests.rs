use super::Verdict::{Cancelled, Collapsed, Missed, Skipped, Wait};
use super::*;
use crate::arm::State;
use crate::fixture::{ann, at, day_event, event, preferences};
use crate::id::SnoozeId;
use crate::notification::Offset;

const FIRE: Verdict = Verdict::Fire { late: false };
const FIRE_LATE: Verdict = Verdict::Fire { late: true };

/// The event of the fixture starts at 10:00 UTC and has no end.
fn situation() -> Situation {
    Situation::of(&event(), ann(), true, &preferences())
}

fn row(purpose: Purpose, due: Timestamp) -> Armed {
    let start = situation().start;
    Armed { start, purpose, due, armed_at: at("2026-11-23T00:00:00Z"), state: State::Pending }
}

fn reminder(minutes: u32) -> Armed {
    row(Purpose::Reminder(Offset::Minutes(minutes)), situation().deadline - TimeDelta::minutes(minutes.into()))
}

fn snooze(due: &str) -> Armed {
    row(Purpose::Snooze(SnoozeId::from_bytes([due.len() as u8; 16])), at(due))
}

fn decided(now: &str, rows: &[Armed]) -> Vec<Verdict> {
    decide(at(now), &situation(), rows)
}

#[test]
fn f1_what_is_no_longer_valid_or_has_another_start_is_cancelled() {
    let gone = Situation { is_valid: false, ..situation() };
    assert_eq!(decide(at("2026-11-23T09:30:00Z"), &gone, &[reminder(30)]), [Cancelled]);
    let moved = Situation { start: StartKey::parse("T:0").unwrap(), ..situation() };
    assert_eq!(decide(at("2026-11-23T09:30:00Z"), &moved, &[reminder(30)]), [Cancelled]);
}

#[test]
fn f2_what_was_due_before_it_was_armed_is_skipped() {
    let armed_at = at("2026-11-23T09:40:00Z");
    let rows = [Armed { armed_at, ..reminder(30) }, Armed { armed_at, ..reminder(5) }];
    assert_eq!(decided("2026-11-23T09:40:00Z", &rows), [Skipped, Wait]);
}

#[test]
fn f3_never_early_not_by_a_millisecond() {
    assert_eq!(decided("2026-11-23T09:29:59.999Z", &[reminder(30)]), [Wait]);
    assert_eq!(decided("2026-11-23T09:30:00.000Z", &[reminder(30)]), [FIRE]);
}

#[test]
fn f4_past_the_grace_it_is_missed() {
    let rows = [reminder(30), reminder(5)];
    assert_eq!(decided("2026-11-23T10:14:59.999Z", &rows), [Collapsed, FIRE_LATE]);
    assert_eq!(decided("2026-11-23T10:15:00.000Z", &rows), [Missed, Missed]);
}

#[test]
fn f5_after_the_start_one_speaks_and_the_others_collapse() {
    let rows = [reminder(30), reminder(5), reminder(60)];
    assert_eq!(decided("2026-11-23T10:10:00Z", &rows), [Collapsed, FIRE_LATE, Collapsed]);
}

#[test]
fn f6_before_the_start_the_smallest_overdue_offset_speaks() {
    let rows = [reminder(60), reminder(30), reminder(5)];
    assert_eq!(decided("2026-11-23T09:40:00Z", &rows), [Collapsed, FIRE_LATE, Wait]);
}

#[test]
fn f7_an_overdue_one_leaves_it_to_a_next_one_within_a_minute() {
    let rows = [reminder(30), reminder(5)];
    assert_eq!(decided("2026-11-23T09:53:59.999Z", &rows), [FIRE_LATE, Wait], "more than a minute ahead");
    assert_eq!(decided("2026-11-23T09:54:00.000Z", &rows), [Collapsed, Wait], "a minute exactly");
}

#[test]
fn f7_does_not_hold_back_one_that_is_on_time() {
    let rows = [reminder(6), reminder(5)];
    assert_eq!(decided("2026-11-23T09:54:00.000Z", &rows), [FIRE, Wait]);
}

#[test]
fn f8_on_time_up_to_two_seconds_then_late() {
    assert_eq!(decided("2026-11-23T09:30:02.000Z", &[reminder(30)]), [FIRE]);
    assert_eq!(decided("2026-11-23T09:30:02.001Z", &[reminder(30)]), [FIRE_LATE]);
}

#[test]
fn the_worked_example_of_a_machine_that_wakes() {
    let rows = [reminder(30), reminder(5)];
    assert_eq!(decided("2026-11-23T09:40:00Z", &rows), [FIRE_LATE, Wait], "T-20: now, and 5 on time");
    assert_eq!(decided("2026-11-23T09:54:00Z", &rows), [Collapsed, Wait], "T-6: nothing now, 5 on time");
    assert_eq!(decided("2026-11-23T09:57:00Z", &rows), [Collapsed, FIRE_LATE], "T-3: one");
    assert_eq!(decided("2026-11-23T10:10:00Z", &rows), [Collapsed, FIRE_LATE], "T+10: one");
    assert_eq!(decided("2026-11-23T12:00:00Z", &rows), [Missed, Missed], "T+2 h: none");
}

#[test]
fn an_overdue_one_collapses_into_one_that_is_just_due() {
    let rows = [reminder(5), reminder(0)];
    assert_eq!(decided("2026-11-23T10:00:00.001Z", &rows), [Collapsed, FIRE], "one popup for one start");
}

#[test]
fn the_days_own_reminder_can_come_late_until_midnight() {
    let event = day_event();
    let situation = Situation::of(&event, ann(), true, &preferences());
    let day = |days| Armed {
        start: situation.start,
        purpose: Purpose::Reminder(Offset::Days(days)),
        due: crate::schedule::all_day_due(
            chrono::NaiveDate::from_ymd_opt(2026, 11, 23).unwrap(),
            days,
            540,
            &preferences().time_zone,
        ),
        armed_at: at("2026-11-01T00:00:00Z"),
        state: State::Pending,
    };
    let decided = |now: &str| decide(at(now), &situation, &[day(1), day(0)]);
    assert_eq!(decided("2026-11-22T08:00:00Z"), [FIRE, Wait]);
    assert_eq!(decided("2026-11-23T22:59:59Z"), [Collapsed, FIRE_LATE], "23:59:59 in Paris");
    assert_eq!(decided("2026-11-23T23:00:00Z"), [Missed, Missed], "midnight in Paris");
}

#[test]
fn a_snooze_fires_when_due_and_past_the_start_too() {
    assert_eq!(decided("2026-11-23T09:39:59.999Z", &[snooze("2026-11-23T09:40:00Z")]), [Wait]);
    assert_eq!(decided("2026-11-23T09:40:00Z", &[snooze("2026-11-23T09:40:00Z")]), [FIRE]);
    assert_eq!(decided("2026-11-23T11:30:00Z", &[snooze("2026-11-23T11:30:00Z")]), [FIRE]);
}

#[test]
fn a_snooze_merges_with_the_next_reminder_within_a_minute() {
    let rows = [snooze("2026-11-23T09:54:00Z"), reminder(5)];
    assert_eq!(decided("2026-11-23T09:54:00Z", &rows), [Collapsed, Wait]);
    let rows = [snooze("2026-11-23T09:53:59Z"), reminder(5)];
    assert_eq!(decided("2026-11-23T09:53:59Z", &rows), [FIRE, Wait]);
}

#[test]
fn a_snooze_gives_way_to_a_reminder_that_speaks_now_and_to_a_later_snooze() {
    let rows = [snooze("2026-11-23T09:50:00Z"), reminder(5)];
    assert_eq!(decided("2026-11-23T09:57:00Z", &rows), [Collapsed, FIRE_LATE]);
    let rows = [snooze("2026-11-23T10:20:00Z"), snooze("2026-11-23T10:21:00.5Z")];
    assert_eq!(decided("2026-11-23T10:30:00Z", &rows), [Collapsed, FIRE_LATE]);
}

#[test]
fn a_snooze_is_missed_only_after_a_day() {
    let rows = [snooze("2026-11-23T09:40:00Z")];
    assert_eq!(decided("2026-11-24T09:40:00.000Z", &rows), [FIRE_LATE]);
    assert_eq!(decided("2026-11-24T09:40:00.001Z", &rows), [Missed]);
}

#[test]
fn whatever_is_due_at_most_one_row_fires() {
    use proptest::prelude::*;
    let rows = proptest::collection::vec(
        (any::<bool>(), 0_u32..120, -120_i64..120).prop_map(|(is_snooze, minutes, snooze_minutes)| {
            if is_snooze {
                row(
                    Purpose::Snooze(SnoozeId::from_bytes([1; 16])),
                    situation().deadline + TimeDelta::minutes(snooze_minutes),
                )
            } else {
                reminder(minutes)
            }
        }),
        0..12,
    );
    proptest!(|(rows in rows, now in -130_i64 * 60_000..2_000 * 60_000)| {
        let now = situation().deadline + TimeDelta::milliseconds(now);
        let verdicts = decide(now, &situation(), &rows);
        let fired = verdicts.iter().filter(|verdict| matches!(verdict, Verdict::Fire { .. })).count();
        prop_assert!(fired <= 1);
        for (row, verdict) in rows.iter().zip(&verdicts) {
            prop_assert_eq!(row.due > now, *verdict == Wait, "waiting is for what is ahead, and for nothing else");
        }
    });
}
