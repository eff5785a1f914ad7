//! Retention: what is older than is kept goes, at the start and then once a day.
//!
//! It does not come back, so the wall clock is believed only when it is beyond doubt: see
//! [`crate::steadiness`]. The store forgets in small transactions; nobody waits for it. Afterwards it tidies its file.

use std::sync::Arc;
use std::time::Duration;

use chrono::TimeDelta;
use rappel_store::{Error, Forgotten, Store};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::steadiness::{Held, Judgement, Steadiness};

/// How often there is a look at the clocks.
const TICK: Duration = Duration::from_secs(60 * 60);
/// As long as the wall clock has to prove itself: what a run has proven after its last look is lost.
const TICK_IN_DOUBT: Duration = Duration::from_secs(10 * 60);
/// How often something may be forgotten.
const EVERY: TimeDelta = TimeDelta::days(1);

pub(crate) struct Retention {
    store: Store,
    clock: Arc<dyn Clock>,
    /// Known once the store has said by which clock it last forgot.
    steadiness: Option<Steadiness>,
    is_in_doubt: bool,
}

impl Retention {
    pub(crate) fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        Self { store, clock, steadiness: None, is_in_doubt: false }
    }

    /// Runs until it is stopped.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        loop {
            let step = async {
                if let Err(error) = self.step().await {
                    tracing::error!(%error, "what is older than is kept cannot go at present");
                }
                tokio::time::sleep(if self.is_in_doubt { TICK_IN_DOUBT } else { TICK }).await;
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = step => {}
            }
        }
    }

    /// Forgets, if it is time to and the clock is believed; the answer is what.
    pub(crate) async fn step(&mut self) -> Result<Forgotten, Error> {
        let last = self.store.forgot_at().await?;
        let (now, since_boot) = (self.clock.now(), self.clock.since_boot());
        let steadiness = match &mut self.steadiness {
            Some(steadiness) => steadiness,
            None => {
                let held = self.store.clock_held().await?.map(|(seen_at, time)| Held { seen_at, time });
                self.steadiness.insert(Steadiness::for_good(last, held))
            }
        };
        let judged = steadiness.judge(now, since_boot);
        self.is_in_doubt = judged != Judgement::Believed;
        if let Some(held) = steadiness.held(now, since_boot) {
            self.store.keep_clock_held(held.seen_at, held.time).await?;
        }
        let is_time = last.is_none_or(|last| (now - last).abs() >= EVERY);
        if self.is_in_doubt || !is_time {
            return Ok(Forgotten::default());
        }
        let forgotten = self.store.forget_old(now).await?;
        if !forgotten.is_empty() {
            tracing::info!(?forgotten, "what is older than is kept has gone");
        }
        let pages = self.store.tidy().await?;
        if pages > 0 {
            tracing::info!(pages, "space that was not used any more was given back");
        }
        Ok(forgotten)
    }
}

#[cfg(test)]
#[path = "retention_tests.rs"]
mod tests;
