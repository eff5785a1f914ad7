//! The time that the hub goes by: the wall clock, as long as it can be believed.
//!
//! Whatever the hub decides or writes down has its time from here, so that a wall clock that leaps
//! ahead by mistake leaves no trace: see [`crate::steadiness`].

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use chrono::TimeDelta;
use rappel_core::Timestamp;
use rappel_store::{Error, Reckoning, Store};
use tokio::sync::watch;

use crate::clock::Clock;
use crate::steadiness::{Judgement, Steadiness};

/// Between the readings of the two clocks the process may have been held up for so long.
const TOGETHER: Duration = Duration::from_secs(1);
/// By less than this a correction of the wall clock is no news for another run.
const SLIGHT: TimeDelta = TimeDelta::seconds(1);

/// The hub's clock.
pub(crate) struct OfficeClock {
    clock: Arc<dyn Clock>,
    steadiness: Mutex<Steadiness>,
    doubts: watch::Sender<bool>,
    /// Which run of the machine it is, where the system says so.
    boot: Option<String>,
    /// What the store has for the next run.
    kept: Mutex<Option<Reckoning>>,
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
    /// Goes on from what an earlier run has kept, if the machine has been on since.
    pub(crate) fn new(clock: Arc<dyn Clock>, kept: Option<Reckoning>) -> Arc<Self> {
        let boot = clock.boot();
        let before = kept.as_ref().filter(|kept| boot.as_ref() == Some(&kept.boot));
        let steadiness = Mutex::new(before.map(Steadiness::going_on).unwrap_or_default());
        Arc::new(Self { clock, steadiness, doubts: watch::Sender::new(false), boot, kept: Mutex::new(kept) })
    }

    /// Keeps for the next run what this one makes of the clocks, if the store does not have it yet: when
    /// the wall clock was set, and when a doubt begins and ends. Where the system does not tell one run of
    /// the machine from another, nothing is kept: the boot clock of the next one may count from elsewhere.
    pub(crate) async fn keep(&self, store: &Store) -> Result<(), Error> {
        let Some(reckoning) = self.reckoning().filter(|reckoning| self.is_news(reckoning)) else { return Ok(()) };
        store.keep_reckoning(reckoning.clone()).await?;
        *self.kept.lock().unwrap_or_else(PoisonError::into_inner) = Some(reckoning);
        Ok(())
    }

    fn reckoning(&self) -> Option<Reckoning> {
        let boot = self.boot.as_ref()?;
        let (Ok(_) | Err(_)) = self.judge(Steadiness::judge);
        self.steadiness.lock().unwrap_or_else(PoisonError::into_inner).reckoning(boot)
    }

    fn is_news(&self, reckoning: &Reckoning) -> bool {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.as_ref().is_none_or(|kept| {
            (&kept.boot, kept.doubted) != (&reckoning.boot, reckoning.doubted)
                || (kept.believed - reckoning.believed).abs() >= SLIGHT
        })
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
