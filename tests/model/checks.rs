//! One check for each invariant. A failure begins with the invariant's name.

use std::collections::BTreeMap;

use rappel_link::Answer;
use serde_json::Value;

use crate::asking::{Inbox, Listed, row};
use crate::oracle::history::{Command, Fact, Line};
use crate::oracle::world::Row;
use crate::oracle::zone::HOUR;
use crate::play::Play;

/// Ends the history with the name of what does not hold.
macro_rules! broken {
    ($invariant:expr, $($what:tt)*) => { panic!("{} broken: {}", $invariant, format_args!($($what)*)) };
}

/// Whether a command was taken or refused as it should be.
pub(crate) fn answer(command: &Command, answer: &Answer, expected: Option<u16>) {
    let refusal = (!answer.is_success()).then_some(answer.status);
    assert_eq!(refusal, expected, "the answer to {command:?}: {}", answer.body);
}

/// I2, I3, I8 and I12, as far as they can be seen before anything is told: what is still armed.
pub(crate) fn next_due(play: &Play, next: Option<i64>, expected: Option<i64>) {
    if next == expected {
        return;
    }
    let now = play.world.now;
    let invariant = match () {
        () if play.world.trust.is_in_doubt() => "I12",
        () if next.is_some_and(|next| next <= now) => "I3",
        () if is_gone_early(now, next, expected) => "I3",
        () if play.was_edited => "I8",
        () if went_back(&play.history) => "I12",
        () => "I2",
    };
    broken!(invariant, "next due is {next:?}, not {expected:?}, at {now}");
}

/// Whether something was decided in the last second before it is due.
fn is_gone_early(now: i64, next: Option<i64>, expected: Option<i64>) -> bool {
    expected.is_some_and(|due| (1..1_000).contains(&(due - now)) && next.is_none_or(|next| next > due))
}

/// I1, I2, I3, I6, I8, I9, I10, I11, I12: a person's list against the oracle's.
pub(crate) fn inbox(play: &Play, who: usize, inbox: &Inbox) {
    let expected = &play.world.told[who];
    gapless(inbox);
    once_each(play, who, &inbox.rows);
    never_early(&inbox.rows);
    one_voice(&inbox.rows);
    let actual: Vec<&Row> = inbox.rows.iter().map(|listed| &listed.row).collect();
    let differs = (0..expected.len().max(actual.len())).find(|at| expected.get(*at) != actual.get(*at).copied());
    if let Some(at) = differs {
        let (expected, actual) = (&expected[at.min(expected.len())..], &actual[at.min(actual.len())..]);
        let invariant = blame(play, who, expected, actual);
        broken!(
            invariant,
            "row {} of person {who} is\n{:#?}\nand should be\n{:#?}",
            at + 1,
            actual.first(),
            expected.first()
        );
    }
    if (inbox.unread, inbox.change) != (play.world.unread(who) as u64, play.world.changes[who]) {
        broken!(
            "I6",
            "unread {} and change {}, not {} and {}",
            inbox.unread,
            inbox.change,
            play.world.unread(who),
            play.world.changes[who]
        );
    }
}

/// I6: 1, 2, 3, … without a gap.
fn gapless(inbox: &Inbox) {
    for (place, listed) in inbox.rows.iter().enumerate() {
        if listed.seq != place as u64 + 1 {
            broken!("I6", "seq {} in place {}", listed.seq, place + 1);
        }
    }
    if inbox.seq != inbox.rows.len() as u64 {
        broken!("I6", "the head is {}, with {} rows", inbox.seq, inbox.rows.len());
    }
}

/// I1, I9, I12: each reminder of each start at most once.
fn once_each(play: &Play, who: usize, rows: &[Listed]) {
    let mut fired: BTreeMap<(usize, i64, &str), &Row> = BTreeMap::new();
    for Listed { row, .. } in rows {
        if row.is_notice() || row.parent.is_some() {
            continue;
        }
        if let Some(first) = fired.insert((row.event, row.begins, &row.kind), row) {
            let between = |line: &&Line| line.wall >= first.created && line.wall <= row.created;
            let was_taken_off = play.history.iter().filter(between).any(|line| takes_off(&line.fact, row.event));
            let invariant = match (row.created < first.created || went_back(&play.history), was_taken_off) {
                (true, _) => "I12",
                (_, true) => "I9",
                _ => "I1",
            };
            broken!(invariant, "person {who} was reminded twice:\n{first:#?}\n{row:#?}");
        }
    }
}

/// I3: nothing before it is due, and late is what is late.
fn never_early(rows: &[Listed]) {
    for Listed { row, .. } in rows {
        let Some(due) = row.due else { continue };
        if row.created < due {
            broken!("I3", "told before it was due: {row:#?}");
        }
        if row.late != (row.created - due > 2_000) {
            broken!("I3", "late is told wrongly: {row:#?}");
        }
    }
}

/// I10: when the hub catches up, one voice for each event.
fn one_voice(rows: &[Listed]) {
    let mut spoken = BTreeMap::new();
    for Listed { row, .. } in rows {
        let speaks = row.fired && !row.is_notice() || row.parent.is_some();
        if speaks && spoken.insert((row.event, row.begins, row.created), row).is_some() {
            broken!("I10", "two popups of one event at once: {row:#?}");
        }
    }
}

/// Which invariant a difference breaks: the first rows that differ, and those after them.
fn blame(play: &Play, who: usize, expected: &[Row], actual: &[&Row]) -> &'static str {
    let same = |one: &Row, other: &Row| {
        (one.event, &one.kind, one.begins, one.parent) == (other.event, &other.kind, other.begins, other.parent)
    };
    match (expected.first(), actual.first()) {
        (None, None) => "I6",
        (Some(expected), Some(actual)) if same(expected, actual) => match () {
            () if expected.withdrawn != actual.withdrawn => "I4",
            () if (expected.created, expected.due, expected.late) != (actual.created, actual.due, actual.late) => "I3",
            () => "I6",
        },
        (Some(missing), None) => missing_or_extra(play, who, missing, false),
        (None, Some(extra)) => missing_or_extra(play, who, extra, true),
        (Some(missing), Some(extra)) => {
            let is_extra = actual[1..].iter().any(|later| same(missing, later));
            missing_or_extra(play, who, if is_extra { extra } else { missing }, is_extra)
        }
    }
}

/// Which invariant a row breaks that is not there, or that is there and should not be.
fn missing_or_extra(play: &Play, who: usize, row: &Row, is_extra: bool) -> &'static str {
    if row.is_notice() {
        return "I11";
    }
    if play.was_edited {
        return "I8";
    }
    if leapt(&play.history) {
        return "I12";
    }
    let of_event = |line: &&Line| match &line.fact {
        Fact::Done(
            Command::Change { event, .. } | Command::Delete { event, .. } | Command::Restore { event, .. },
            _,
        ) => *event == row.event,
        _ => false,
    };
    let touched = play.history.iter().rev().find(of_event).map(|line| &line.fact);
    match touched {
        Some(fact)
            if is_extra && takes_off(fact, row.event) && play.world.events[row.event].assignees.contains(&who) =>
        {
            "I9"
        }
        _ => "I2",
    }
}

fn takes_off(fact: &Fact, of: usize) -> bool {
    match fact {
        Fact::Done(Command::Change { event, change, .. }, _) => *event == of && change.assignees.is_some(),
        _ => false,
    }
}

/// Whether the wall clock was ever set ahead by more than an hour while the hub's program ran.
fn leapt(history: &[Line]) -> bool {
    let ahead = |line: &Line| line.wall - line.boot;
    history.windows(2).any(|lines| ahead(&lines[1]) - ahead(&lines[0]) > HOUR)
}

fn went_back(history: &[Line]) -> bool {
    history.windows(2).any(|lines| lines[1].wall < lines[0].wall)
}

/// I4, I5, I7, I10: what a device has just put on its screen.
pub(crate) fn shown(play: &mut Play, device: usize) {
    let who = play.devices[device].who;
    for shown in std::mem::take(&mut play.devices[device].shown) {
        if shown.is_over {
            broken!("I4", "device {device} of person {who} shows what it knows to be over: {:#?}", shown.rows);
        }
        if !shown.is_in_place {
            let place = if shown.on_card { "on the card" } else { "alone" };
            broken!("I10", "device {device} of person {who} shows {place}: {:#?}", shown.rows);
        }
    }
    let screen = &play.devices[device].screen;
    for (id, count) in &screen.presented {
        if *count > 1 + screen.excused.get(id).copied().unwrap_or(0) {
            broken!(since_restore(play, device, "I5"), "device {device} of person {who} was shown {id} {count} times");
        }
    }
}

/// I7: after a restore, what else would break another invariant.
fn since_restore(play: &Play, device: usize, otherwise: &'static str) -> &'static str {
    if play.devices[device].was_restored { "I7" } else { otherwise }
}

/// I4, I6, I7: a device to which everything has come.
pub(crate) fn caught_up(play: &Play, device: usize) {
    let it = &play.devices[device];
    if !it.is_connected() || !it.in_flight.is_empty() {
        return;
    }
    let who = it.who;
    let (told, ids) = (&play.world.told[who], &play.rows[who]);
    let all: Vec<&str> = ids.iter().map(String::as_str).collect();
    if it.mirror.len() != told.len() || it.unread != play.world.unread(who) as u64 {
        broken!(
            since_restore(play, device, "I6"),
            "device {device} has {} rows of {}, {} unread of {}",
            it.mirror.len(),
            told.len(),
            it.unread,
            play.world.unread(who)
        );
    }
    for (place, (expected, id)) in told.iter().zip(ids).enumerate() {
        let Some(known) = it.mirror.get(id) else {
            broken!(since_restore(play, device, "I6"), "device {device} was never told of {expected:#?}")
        };
        let known: &Value = known;
        let known = Row { change: expected.change, ..row(known, &play.world, &all) };
        if known != *expected {
            broken!(since_restore(play, device, "I6"), "device {device} has\n{known:#?}\nand not\n{expected:#?}");
        }
        on_screen(play, device, place, expected, id);
    }
}

fn on_screen(play: &Play, device: usize, place: usize, row: &Row, id: &str) {
    let it = &play.devices[device];
    let id: rappel_link::NotificationId = id.parse().expect("an id");
    let is_on_screen = it.screen.popups.contains(&id) || it.screen.card.contains(&id);
    let event = &play.world.events[row.event];
    let holds = row.is_notice() || row.parent.is_some() || (event.is_on() && event.assignees.contains(&it.who));
    if is_on_screen && (!holds || row.withdrawn.is_some()) {
        broken!("I4", "device {device} still shows {row:#?}");
    }
    // What was put there stays until it is settled, here or elsewhere.
    let is_over = it.hearing.closed.contains(&id) || it.settled.contains(&id);
    let belongs_there = it.hearing.shown.contains(&id) && !is_over && row.is_open();
    if is_on_screen != belongs_there {
        let not = if is_on_screen { "still" } else { "no longer" };
        broken!(since_restore(play, device, "I6"), "device {device} {not} shows {row:#?}");
    }
    let is_to_be_seen = row.is_open()
        && !row.read
        && it.joined_at.is_some_and(|joined| place as u64 >= joined)
        && !it.too_old.contains(&id)
        && !it.settled.contains(&id)
        && !it.is_paused;
    if is_to_be_seen && it.screen.presented.get(&id).copied().unwrap_or(0) == 0 {
        let invariant = if row.fired { "I6" } else { "I10" };
        broken!(since_restore(play, device, invariant), "device {device} never showed {row:#?}");
    }
}

/// I2: nothing is left undecided.
pub(crate) fn end(play: &Play) {
    if let Some(next) = play.office.program().decide() {
        broken!("I2", "something is still to be decided at {next}");
    }
}
