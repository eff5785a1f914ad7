//! A wall clock and a boot clock that a test moves together or apart.

use std::sync::Mutex;
use std::time::Duration;

use chrono::TimeDelta;
use rappel_core::Timestamp;

use crate::clock::Clock;

#[derive(Debug)]
pub(crate) struct FakeClock(Mutex<(Timestamp, Duration, u32)>);

impl FakeClock {
    /// A machine that has been on for ten minutes.
    pub(crate) fn at(now: Timestamp) -> Self {
        Self(Mutex::new((now, Duration::from_secs(600), 1)))
    }

    /// Time passes, on both clocks.
    pub(crate) fn passes(&self, time: TimeDelta) {
        let mut clocks = self.0.lock().unwrap();
        *clocks = (clocks.0 + time, clocks.1 + time.to_std().unwrap(), clocks.2);
    }

    /// The machine was off for so long, and has been on again for a minute.
    pub(crate) fn restarts(&self, off: TimeDelta) {
        let mut clocks = self.0.lock().unwrap();
        *clocks = (clocks.0 + off, Duration::from_secs(60), clocks.2 + 1);
    }

    /// Somebody sets the wall clock.
    pub(crate) fn is_set_by(&self, time: TimeDelta) {
        let mut clocks = self.0.lock().unwrap();
        clocks.0 = clocks.0 + time;
    }
}

impl Clock for FakeClock {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap().0
    }

    fn since_boot(&self) -> Duration {
        self.0.lock().unwrap().1
    }

    fn boot(&self) -> Option<String> {
        Some(format!("start {}", self.0.lock().unwrap().2))
    }
}
