//! A wall clock of the hub's own, that a test sets while all other clocks go on.

use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Office, now};

const LIBRARIES: [&str; 2] =
    ["/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1", "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1"];

/// The wall clock of a hub.
pub(crate) struct Wall(PathBuf);

impl Wall {
    /// Gives an office that has not been opened such a clock. Where that is not possible the answer
    /// is none, and the output says that the test was skipped.
    pub(crate) fn of(mut office: Office) -> Option<(Office, Self)> {
        let Some(library) = LIBRARIES.into_iter().find(|path| Path::new(path).exists()) else {
            eprintln!("SKIPPED: libfaketime is not installed, so the hub's clock cannot be set");
            return None;
        };
        let wall = Self(office.beside("wall"));
        wall.is_ahead_by(86_400);
        let variables = wall.variables(library);
        let output = Command::new("date").arg("+%s").envs(variables.clone()).output().ok();
        let shown = output.and_then(|output| String::from_utf8(output.stdout).ok()?.trim().parse::<i64>().ok());
        if shown.is_none_or(|shown| (shown - now().as_ms() / 1000 - 86_400).abs() > 60) {
            eprintln!("SKIPPED: libfaketime does not work here: asked for tomorrow, date shows {shown:?}");
            return None;
        }
        wall.is_ahead_by(0);
        for (name, value) in variables {
            office = office.with_variable(name, &value);
        }
        Some((office, wall))
    }

    /// Sets it: so many seconds ahead of this process's.
    pub(crate) fn is_ahead_by(&self, seconds: i64) {
        // By renaming: the hub may read it at any moment.
        let fresh = self.0.with_extension("new");
        std::fs::write(&fresh, format!("{seconds:+}s\n")).unwrap();
        std::fs::rename(fresh, &self.0).unwrap();
    }

    fn variables(&self, library: &str) -> [(&'static str, String); 4] {
        [
            ("LD_PRELOAD", library.to_owned()),
            ("FAKETIME_TIMESTAMP_FILE", self.0.to_str().unwrap().to_owned()),
            ("FAKETIME_NO_CACHE", "1".to_owned()),
            // Waiting is measured by the true clock.
            ("FAKETIME_DONT_FAKE_MONOTONIC", "1".to_owned()),
        ]
    }
}
