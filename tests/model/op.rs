//! What may happen in a history. Numbers name things by their place and are taken as they fit.

use std::collections::BTreeSet;

use proptest::prelude::*;

use crate::device::Death;
use crate::oracle::history::Status;
use crate::oracle::zone::{DAY, HOUR, MINUTE, Zone};

/// What somebody wants.
#[derive(Debug, Clone)]
pub(crate) enum Ask {
    Create {
        in_minutes: i64,
        lasts: Option<i64>,
        people: u8,
        minutes: Option<BTreeSet<u32>>,
        zone: Zone,
    },
    CreateDays {
        in_days: i64,
        count: i64,
        people: u8,
        days: BTreeSet<u32>,
        zone: Zone,
    },
    Title {
        event: usize,
        to: u8,
    },
    Place {
        event: usize,
        to: u8,
    },
    End {
        event: usize,
        lasts: Option<i64>,
    },
    Move {
        event: usize,
        in_minutes: i64,
    },
    /// To where it was before.
    MoveBack {
        event: usize,
        place: usize,
    },
    Convert {
        event: usize,
        in_minutes: i64,
    },
    /// Moves it, and by the same change gives it to others or ends it.
    Replan {
        event: usize,
        in_minutes: i64,
        people: Option<u8>,
        status: Option<Status>,
    },
    Zone {
        event: usize,
        zone: Zone,
    },
    Status {
        event: usize,
        status: Status,
    },
    Assign {
        event: usize,
        people: u8,
    },
    /// Takes themselves off, for another or not.
    HandOn {
        event: usize,
        to: Option<usize>,
        status: Option<Status>,
    },
    Remind {
        event: usize,
        minutes: Option<BTreeSet<u32>>,
    },
    Delete {
        event: usize,
    },
    Restore {
        event: usize,
    },
    Snooze {
        row: usize,
        minutes: u32,
    },
    Dismiss {
        row: usize,
    },
    Read {
        row: usize,
    },
    ReadAll,
    Prefer {
        minutes: BTreeSet<u32>,
    },
    Travel {
        zone: Zone,
    },
    Leave,
    Return,
}

/// What is done with a popup on a screen.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Choice {
    Dismiss,
    Snooze(u32),
    Close,
}

#[derive(Debug, Clone)]
pub(crate) enum Op {
    /// Somebody asks, perhaps twice; the hub may crash after the commit.
    Ask {
        who: usize,
        ask: Ask,
        twice: bool,
        crash: bool,
    },
    /// The hub is awake for some time, or until something is near.
    Wait {
        ms: i64,
    },
    WaitFor {
        event: usize,
        edge: usize,
        plus: i64,
    },
    /// The machine sleeps.
    Sleep {
        ms: i64,
    },
    SleepUntil {
        event: usize,
        edge: usize,
        plus: i64,
    },
    SetClock {
        by: i64,
    },
    /// The wall clock is where it would be if nobody had set it.
    RightClock,
    /// Somebody sets the clock of a device that is not the hub's.
    SetDeviceClock {
        device: usize,
        by: i64,
    },
    Restart {
        down: i64,
    },
    /// The hub decides, commits, and is killed before anything is sent.
    Crash {
        down: i64,
    },
    /// All data are written into a file.
    Backup,
    /// The data of that file take the place of all.
    RestoreBackup,
    Connect {
        device: usize,
        older: Option<usize>,
    },
    Cut {
        device: usize,
        arrive: usize,
        late: usize,
    },
    Hold {
        device: usize,
    },
    Release {
        device: usize,
        times: usize,
    },
    App {
        device: usize,
        runs: bool,
    },
    Die {
        device: usize,
        death: Death,
    },
    Pause {
        device: usize,
        is_paused: bool,
    },
    Choose {
        device: usize,
        place: usize,
        choice: Choice,
    },
}

fn offsets() -> impl Strategy<Value = BTreeSet<u32>> {
    let offset = prop_oneof![Just(0), Just(1), Just(5), Just(6), Just(30), 0..90_u32];
    proptest::collection::btree_set(offset, 0..4)
}

/// Minutes ahead, often such that a reminder is due at once or just was.
fn ahead() -> impl Strategy<Value = i64> {
    prop_oneof![Just(5), Just(30), Just(31), Just(4), Just(0), -70..150_i64]
}

fn zone() -> impl Strategy<Value = Zone> {
    proptest::sample::select(Zone::ALL.to_vec())
}

fn lasts() -> impl Strategy<Value = Option<i64>> {
    prop_oneof![Just(None), (0..300_i64).prop_map(Some)]
}

fn ask() -> impl Strategy<Value = Ask> {
    let event = 0..3_usize;
    let row = 0..6_usize;
    let status = proptest::sample::select(vec![Status::Planned, Status::Done, Status::Cancelled]);
    let some = |offsets| proptest::option::weighted(0.6, offsets);
    prop_oneof![
        6 => (ahead(), lasts(), any::<u8>(), some(offsets()), zone()).prop_map(
            |(in_minutes, lasts, people, minutes, zone)| Ask::Create { in_minutes, lasts, people, minutes, zone }),
        1 => (-1..3_i64, 1..3_i64, any::<u8>(), proptest::collection::btree_set(0..3_u32, 0..3), zone()).prop_map(
            |(in_days, count, people, days, zone)| Ask::CreateDays { in_days, count, people, days, zone }),
        2 => (event.clone(), any::<u8>()).prop_map(|(event, to)| Ask::Title { event, to }),
        1 => (event.clone(), any::<u8>()).prop_map(|(event, to)| Ask::Place { event, to }),
        1 => (event.clone(), lasts()).prop_map(|(event, lasts)| Ask::End { event, lasts }),
        4 => (event.clone(), ahead()).prop_map(|(event, in_minutes)| Ask::Move { event, in_minutes }),
        2 => (event.clone(), 0..4_usize).prop_map(|(event, place)| Ask::MoveBack { event, place }),
        1 => (event.clone(), ahead()).prop_map(|(event, in_minutes)| Ask::Convert { event, in_minutes }),
        2 => (event.clone(), ahead(), any::<Option<u8>>(), proptest::option::of(status.clone())).prop_map(
            |(event, in_minutes, people, status)| Ask::Replan { event, in_minutes, people, status }),
        1 => (event.clone(), zone()).prop_map(|(event, zone)| Ask::Zone { event, zone }),
        3 => (event.clone(), status.clone()).prop_map(|(event, status)| Ask::Status { event, status }),
        4 => (event.clone(), any::<u8>()).prop_map(|(event, people)| Ask::Assign { event, people }),
        2 => (event.clone(), proptest::option::of(0..4_usize), proptest::option::weighted(0.2, status)).prop_map(
            |(event, to, status)| Ask::HandOn { event, to, status }),
        2 => (event.clone(), some(offsets())).prop_map(|(event, minutes)| Ask::Remind { event, minutes }),
        1 => event.clone().prop_map(|event| Ask::Delete { event }),
        1 => event.prop_map(|event| Ask::Restore { event }),
        5 => (row.clone(), 1..90_u32).prop_map(|(row, minutes)| Ask::Snooze { row, minutes }),
        2 => row.clone().prop_map(|row| Ask::Dismiss { row }),
        2 => row.prop_map(|row| Ask::Read { row }),
        1 => Just(Ask::ReadAll),
        1 => offsets().prop_map(|minutes| Ask::Prefer { minutes }),
        1 => zone().prop_map(|zone| Ask::Travel { zone }),
        1 => Just(Ask::Leave),
        1 => Just(Ask::Return),
    ]
}

fn op() -> impl Strategy<Value = Op> {
    let device = 0..3_usize;
    let near = || (0..3_usize, 0..24_usize, -1..2_i64);
    let death = proptest::sample::select(vec![Death::BeforeShowing, Death::AfterShowing]);
    let choice = prop_oneof![Just(Choice::Dismiss), (1..60_u32).prop_map(Choice::Snooze), Just(Choice::Close)];
    let leap = || {
        let leap = prop_oneof![-3 * HOUR..3 * HOUR, -40 * MINUTE..40 * MINUTE, HOUR..72 * HOUR, -20 * DAY..20 * DAY];
        leap.prop_map(|by| by / 1000 * 1000)
    };
    prop_oneof![
        40 => (0..4_usize, ask(), proptest::bool::weighted(0.08), proptest::bool::weighted(0.04)).prop_map(
            |(who, ask, twice, crash)| Op::Ask { who, ask, twice, crash }),
        8 => (0..60_i64).prop_map(|minutes| Op::Wait { ms: minutes * MINUTE }),
        10 => near().prop_map(|(event, edge, plus)| Op::WaitFor { event, edge, plus }),
        3 => (0..240_i64).prop_map(|minutes| Op::Sleep { ms: minutes * MINUTE }),
        6 => near().prop_map(|(event, edge, plus)| Op::SleepUntil { event, edge, plus }),
        2 => leap().prop_map(|by| Op::SetClock { by }),
        2 => Just(Op::RightClock),
        2 => (device.clone(), leap()).prop_map(|(device, by)| Op::SetDeviceClock { device, by }),
        1 => (0..120_i64).prop_map(|minutes| Op::Restart { down: minutes * MINUTE }),
        2 => (0..120_i64).prop_map(|minutes| Op::Crash { down: minutes * MINUTE }),
        2 => Just(Op::Backup),
        2 => Just(Op::RestoreBackup),
        6 => (device.clone(), proptest::option::weighted(0.3, 0..8_usize)).prop_map(
            |(device, older)| Op::Connect { device, older }),
        3 => (device.clone(), 0..6_usize, 0..6_usize).prop_map(|(device, arrive, late)| Op::Cut { device, arrive, late }),
        2 => device.clone().prop_map(|device| Op::Hold { device }),
        2 => (device.clone(), 1..3_usize).prop_map(|(device, times)| Op::Release { device, times }),
        2 => (device.clone(), any::<bool>()).prop_map(|(device, runs)| Op::App { device, runs }),
        1 => (device.clone(), death).prop_map(|(device, death)| Op::Die { device, death }),
        4 => (device.clone(), any::<bool>()).prop_map(|(device, is_paused)| Op::Pause { device, is_paused }),
        4 => (device, 0..4_usize, choice).prop_map(|(device, place, choice)| Op::Choose { device, place, choice }),
    ]
}

/// Where a history begins: a month without a change of clocks, the night before one, another one.
pub(crate) fn history(longest: usize) -> impl Strategy<Value = (usize, Vec<Op>)> {
    (0..3_usize, proptest::collection::vec(op(), 1..longest))
}
