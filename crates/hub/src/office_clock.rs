//! The time that the hub goes by: the wall clock, as long as it can be believed.
//!
//! Whatever the hub decides or writes down has its time from here, so that a wall clock that leaps
//! ahead by mistake leaves no trace: see [`crate::steadiness`].

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rappel_core::Timestamp;
use tokio::sync::watch;

use crate::clock::Clock;
use crate::steadiness::{Judgement, Steadiness};

/// Between the readings of the two clocks the process may have been held up for so long.
const TOGETHER: Duration = Duration::from_secs(1);

/// The hub's clock.
pub(crate) struct OfficeClock {
    clock: Arc<dyn Clock>,
    steadiness: Mutex<Steadiness>,
    doubts: watch::Sender<bool>,
}

impl Clock for OfficeClock {
    /// The time. While the wall clock is doubted: the time by the reckoning that held before.
    fn now(&self) -> Timestamp {
        let (Ok(now) | Err(now)) = self.judge(Steadiness::judge);
        now
    }

    fn since_boot(&self) -> Duration {
        self.clock.since_boot()
    }
}

impl OfficeClock {
    pub(crate) fn new(clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self { clock, steadiness: Mutex::default(), doubts: watch::Sender::new(false) })
    }

    /// Whether the wall clock is doubted at this moment, and the earlier reckoning goes on.
    pub(crate) fn is_doubted(&self) -> bool {
        self.judge(Steadiness::judge).is_err()
    }

    /// The clock of another machine shows `theirs`. The answer is whether a doubt ended by it.
    pub(crate) fn compare(&self, theirs: Timestamp) -> bool {
        let was_doubted = *self.doubts.borrow();
        let judged = self.judge(|steadiness, wall, since_boot| steadiness.compare(theirs, wall, since_boot));
        was_doubted && judged.is_ok()
    }

    /// Whether the wall clock is doubted, now and from here on.
    pub(crate) fn doubts(&self) -> watch::Receiver<bool> {
        self.doubts.subscribe()
    }

    /// The wall clock's time if it is believed; else, as `Err`, the time by the earlier reckoning.
    fn judge(
        &self,
        judge: impl FnOnce(&mut Steadiness, Timestamp, Duration) -> Judgement,
    ) -> Result<Timestamp, Timestamp> {
        // The clocks are read under the lock: an earlier reading must not be judged after a later one.
        let mut steadiness = self.steadiness.lock().unwrap_or_else(PoisonError::into_inner);
        let (wall, since_boot) = self.read();
        let judged = judge(&mut steadiness, wall, since_boot);
        let is_doubted = judged != Judgement::Believed;
        self.doubts.send_if_modified(|doubts| std::mem::replace(doubts, is_doubted) != is_doubted);
        match judged {
            Judgement::Believed => Ok(wall),
            Judgement::Doubted(meanwhile) => Err(meanwhile),
        }
    }

    /// Both clocks at one moment, also where the machine falls asleep between the two readings.
    fn read(&self) -> (Timestamp, Duration) {
        loop {
            let before = self.clock.since_boot();
            let wall = self.clock.now();
            let after = self.clock.since_boot();
            if after.saturating_sub(before) <= TOGETHER {
                return (wall, after);
            }
        }
    }
}

impl std::fmt::Debug for OfficeClock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OfficeClock").field("steadiness", &self.steadiness).finish_non_exhaustive()
    }
}

#[cfg(test)]
#[path = "office_clock_tests.rs"]
mod tests;
