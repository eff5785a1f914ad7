//! The scheduler: decides reminders when they are due.
//!
//! It keeps nothing in memory. It asks the store when the next row is due, sleeps until then but
//! never longer than a second, and reads the wall clock again: so a suspended machine, a corrected
//! clock and a change to summer time are ordinary. A wall clock that leaps far ahead is not acted
//! upon until it has held for a while, or another machine's clock confirms it; reminders go on by
//! the earlier reckoning meanwhile: see [`crate::steadiness`].

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use rappel_core::Timestamp;
use rappel_store::{Claimed, Error, Store};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::dispatch::Dispatch;
use crate::hub::Hub;
use crate::office_clock::OfficeClock;

/// The most rows that one transaction decides.
const CLAIM_LIMIT: usize = 500;
/// The longest sleep: what a jump of the clock can cost.
const TICK: Duration = Duration::from_secs(1);
/// The pause after the store could not be used.
const RETRY: Duration = Duration::from_secs(1);

pub(crate) struct Scheduler {
    /// That it is the hub is asked before anything is decided; `None` where whoever opened it knows.
    pub(crate) hub: Option<Hub>,
    pub(crate) store: Store,
    pub(crate) clock: Arc<OfficeClock>,
    pub(crate) dispatch: Arc<Dispatch>,
    pub(crate) totals: Arc<Totals>,
}

/// What the scheduler did since the hub started.
#[derive(Debug, Default)]
pub(crate) struct Totals(std::sync::Mutex<Claimed>);

impl Totals {
    pub(crate) fn get(&self) -> Claimed {
        *self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn add(&self, more: Claimed) {
        let mut totals = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        totals.fired += more.fired;
        totals.late += more.late;
        totals.missed += more.missed;
        totals.collapsed += more.collapsed;
        totals.skipped += more.skipped;
        totals.cancelled += more.cancelled;
    }
}

impl Scheduler {
    /// Runs until it is stopped.
    pub(crate) async fn run(self, stop: CancellationToken) {
        loop {
            if let Some(hub) = &self.hub
                && !hub.still_reigns().await
            {
                return;
            }
            self.look_whether_trouble_is_over().await;
            self.dispatch.scheduler_looks();
            let pause = match self.step().await {
                Ok(next_due) => self.until(next_due),
                // It may be moving to another computer, and decides there what is due.
                Err(Error::Frozen) => RETRY,
                Err(error) => {
                    // The store has said so, once; this comes once a second.
                    if self.store.trouble().borrow().is_none() {
                        tracing::error!(%error, "reminders cannot be decided at present");
                    }
                    RETRY
                }
            };
            let next_look = self.clock.now() + TimeDelta::from_std(pause).unwrap_or_default();
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
                () = self.dispatch.armed_before(next_look) => {}
            }
        }
    }

    /// While nothing can be stored, what is due waits, and somebody has to find out when that is over.
    async fn look_whether_trouble_is_over(&self) {
        if self.store.trouble().borrow().is_some()
            && let Err(error) = self.store.probe().await
        {
            tracing::debug!(%error, "nothing can be stored yet");
        }
    }

    /// Decides all that is due; the answer is when the next row will be, if that can be said.
    pub(crate) async fn step(&self) -> Result<Option<Timestamp>, Error> {
        self.keep_clock().await;
        loop {
            let next_due = self.store.next_due().await?;
            let now = self.clock.now();
            if next_due.is_none_or(|due| due > now) {
                return Ok(next_due);
            }
            let claimed = self.store.claim_due(now, CLAIM_LIMIT).await?;
            if claimed.late + claimed.missed > 0 {
                tracing::warn!(late = claimed.late, missed = claimed.missed, "reminders were overdue");
            }
            tracing::debug!(?claimed, "reminders decided");
            self.totals.add(claimed);
            if claimed.is_empty() {
                return Ok(None); // nothing could be done about what is due: not now at once again
            }
        }
    }

    /// Before anything is decided by it: a run that is killed now must not leave a leap to be believed.
    async fn keep_clock(&self) {
        match self.clock.keep(&self.store).await {
            Ok(()) | Err(Error::Frozen) => {}
            Err(error) => tracing::debug!(%error, "what is made of the clock cannot be kept"),
        }
    }

    fn until(&self, due: Option<Timestamp>) -> Duration {
        // What has fallen due since the look is looked for at once.
        due.map_or(TICK, |due| (due - self.clock.now()).to_std().unwrap_or_default().min(TICK))
    }
}

#[cfg(test)]
#[path = "scheduler_tests.rs"]
mod tests;
