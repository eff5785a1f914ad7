//! Every time zone and every clock change of twelve years, against another implementation.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use chrono::NaiveDateTime;
use rappel_core::Zone;

/// Fewer lines than this would mean that the other side did not look.
const LINES_AT_LEAST: usize = 100_000;

#[test]
fn every_zone_agrees_with_pythons_zoneinfo_around_every_clock_change() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clock_changes.py");
    let mut python = Command::new("python3")
        .arg(script)
        .stdout(Stdio::piped())
        .spawn()
        .expect("python3 is needed for this test: see script/bootstrap");
    let lines = BufReader::new(python.stdout.take().expect("BUG: stdout is piped")).lines();

    let mut compared = 0;
    let mut differences = Vec::new();
    let mut zone: Option<Zone> = None;
    for line in lines {
        let line = line.expect("Python prints text");
        let mut words = line.split(' ');
        let (Some(name), Some(local), Some(instant)) = (words.next(), words.next(), words.next()) else {
            panic!("Python printed {line:?}");
        };
        if zone.as_ref().is_none_or(|zone| zone.name() != name) {
            zone = Some(Zone::parse("time_zone", name).expect("the zone is known here too"));
        }
        let zone = zone.as_ref().expect("BUG: it was set above");
        let wall: NaiveDateTime = local.parse().expect("Python prints ISO 8601");
        let expected: i64 = instant.parse().expect("Python prints whole seconds");
        let resolved = zone.resolve("starts_at", wall, None).expect("these years can be written");
        if resolved.instant.as_ms() != expected * 1000 {
            differences.push(format!("{line}: {} here", resolved.instant));
        }
        compared += 1;
    }

    assert!(python.wait().expect("Python ends").success(), "Python failed");
    assert!(compared >= LINES_AT_LEAST, "only {compared} times were compared");
    assert!(
        differences.is_empty(),
        "{} of {compared} differ, the first: {:#?}",
        differences.len(),
        &differences[..differences.len().min(20)]
    );
}
