//! Whatever happens to a small office, in whatever order: the invariants hold.
//!
//! The real hub on a real file, real sessions, and the real side of a desktop up to the screen are
//! driven through random histories; an oracle that shares no code with them says what must come of
//! each. See `README.md` beside this file.

mod asking;
mod checks;
mod device;
mod hearing;
mod office;
mod op;
mod oracle;
mod play;
mod told;
mod wish;

use op::{Ask, Op};
use oracle::history::Status;
use oracle::zone::Zone;
use proptest::test_runner::{Config, FileFailurePersistence, TestError, TestRunner};

/// Histories of one test in a normal run. `RAPPEL_HISTORIES` asks for another number.
const HISTORIES: u32 = 1_000;

/// Plays histories of up to so many steps.
fn histories(longest: usize) {
    let cases = std::env::var("RAPPEL_HISTORIES").ok().and_then(|text| text.parse().ok()).unwrap_or(HISTORIES);
    let regressions = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/model/regressions.txt");
    let config = Config {
        cases,
        failure_persistence: Some(Box::new(FileFailurePersistence::Direct(regressions))),
        max_shrink_iters: 3_000,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&op::history(longest), |(begins, ops)| {
        play::play(begins, &ops);
        Ok(())
    });
    match outcome {
        Ok(()) => {}
        Err(TestError::Fail(reason, (begins, ops))) => panic!("{reason}\nhistory {begins}: {ops:#?}"),
        Err(TestError::Abort(reason)) => panic!("{reason}"),
    }
}

// Several tests, so that several threads have something to do.

#[test]
fn whatever_happens_in_a_morning() {
    histories(25);
}

#[test]
fn whatever_happens_in_a_day() {
    histories(60);
}

// Histories that failed once, as short as they came to be.

#[test]
fn a_card_loses_what_is_over_while_popups_are_paused() {
    let ask = |ask| Op::Ask { who: 0, ask, twice: false, crash: false };
    let create = || Ask::Create { in_minutes: 60, lasts: None, people: 2, minutes: None, zone: Zone::Utc };
    play::play(
        0,
        &[
            Op::App { device: 0, runs: false },
            ask(create()),
            ask(create()),
            Op::App { device: 0, runs: true },
            Op::Connect { device: 0, older: None },
            Op::Pause { device: 0, is_paused: true },
            ask(Ask::Delete { event: 0 }),
        ],
    );
}

#[test]
fn what_was_taken_back_stays_over_after_a_restore() {
    let ask = |who, ask| Op::Ask { who, ask, twice: false, crash: false };
    play::play(
        0,
        &[
            Op::Cut { device: 0, arrive: 0, late: 0 },
            ask(2, Ask::Create { in_minutes: 5, lasts: None, people: 10, minutes: None, zone: Zone::Utc }),
            Op::Backup,
            ask(0, Ask::Status { event: 0, status: Status::Done }),
            Op::Connect { device: 0, older: None },
            Op::RestoreBackup,
        ],
    );
}

#[test]
fn what_was_told_at_a_doubted_time_is_known_by_that_time_after_two_restores() {
    let create = Ask::Create { in_minutes: 5, lasts: None, people: 1, minutes: None, zone: Zone::Utc };
    play::play(
        0,
        &[
            Op::Backup,
            Op::SetClock { by: 3_601_000 },
            Op::RestoreBackup,
            Op::Ask { who: 0, ask: create, twice: false, crash: false },
            Op::Wait { ms: 300_000 },
            Op::Backup,
            Op::RestoreBackup,
        ],
    );
}
