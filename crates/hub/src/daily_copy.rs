//! A copy of the store every day, by the hub itself.
//!
//! At half past twelve on the office's clock, when its computers are on and its people are not; or, on
//! a hub that was off then, a while after its next start. Not twice a day, not when nothing has
//! changed, and not by a clock that is doubted. It waits a little for a minute in which nobody
//! changes anything.

use std::sync::Arc;
use std::time::Duration;

use chrono::{NaiveTime, TimeDelta};
use rappel_core::{Timestamp, Zone};
use rappel_store::{BackupError, By, Copies, CopyKind, Error, Extent, Store, StoreCopy};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::copying::{Copying, blocking};
use crate::office_clock::OfficeClock;

/// How often there is a look.
const TICK: Duration = Duration::from_secs(60);
/// When a hub that is on makes it, on the office's clock.
const AT: NaiveTime = NaiveTime::from_hms_opt(12, 30, 0).expect("it is a time of day");
/// An office that has just opened has better things to do.
const NOT_BEFORE: Duration = Duration::from_secs(15 * 60);
/// So many looks it waits for a quiet moment.
const PATIENCE: u32 = 30;
/// Between two copies by one process, by a clock that nobody sets.
const APART: Duration = Duration::from_secs(20 * 60 * 60);
/// When one that failed is tried again.
const TRY_AGAIN_AFTER: Duration = Duration::from_secs(60 * 60);

pub(crate) struct DailyCopy {
    store: Store,
    clock: Arc<OfficeClock>,
    copying: Arc<Copying>,
    copies: Copies,
    /// No copy is made before this, by the boot clock.
    not_before: Duration,
    /// What there was at the look before.
    seen: Option<Extent>,
    /// The latest hour for which nothing is to be done any more.
    settled: Option<Timestamp>,
    /// How many looks were not quiet.
    waited: u32,
}

impl DailyCopy {
    pub(crate) fn new(store: Store, copies: Copies, clock: Arc<OfficeClock>, copying: Arc<Copying>) -> Self {
        let not_before = clock.since_boot() + NOT_BEFORE;
        Self { store, clock, copying, copies, not_before, seen: None, settled: None, waited: 0 }
    }

    /// Runs until it is stopped.
    pub(crate) async fn run(mut self, stop: CancellationToken) {
        loop {
            let step = async {
                if let Err(error) = self.step().await {
                    tracing::error!(%error, "whether a copy is due cannot be told at present");
                }
                tokio::time::sleep(TICK).await;
            };
            tokio::select! {
                () = stop.cancelled() => return,
                () = step => {}
            }
        }
    }

    /// Makes a copy if it is time to; the answer is how that ended.
    pub(crate) async fn step(&mut self) -> Result<Option<Result<StoreCopy, Arc<BackupError>>>, Error> {
        let (now, since_boot) = (self.clock.now(), self.clock.since_boot());
        if since_boot < self.not_before || self.clock.is_doubted() {
            return Ok(None);
        }
        let zone = self.store.office().await?.time_zone;
        let hour = latest_hour(now, &zone);
        if self.settled == Some(hour) {
            return Ok(None);
        }
        let latest = self.daily(now).await?.into_iter().next();
        if latest.as_ref().is_some_and(|latest| latest.made_at >= hour || is_same_day(latest.made_at, now, &zone)) {
            self.settled = Some(hour);
            return Ok(None);
        }
        let extent = self.store.extent().await?;
        let is_quiet = self.seen.replace(extent.clone()).is_some_and(|seen| seen == extent);
        if !is_quiet && self.waited < PATIENCE {
            self.waited += 1;
            return Ok(None);
        }
        self.waited = 0;
        if self.extent_of(latest).await? == Some(extent) {
            self.settled = Some(hour);
            return Ok(None);
        }
        let made = self.copying.make(&self.store, CopyKind::Daily, By::Hub, now).await;
        self.not_before = since_boot + if made.is_ok() { APART } else { TRY_AGAIN_AFTER };
        match &made {
            Ok(copy) => tracing::info!(bytes = copy.bytes, "the copy of the day is made"),
            Err(error) => tracing::error!(%error, "the copy of the day cannot be made; the earlier ones are there"),
        }
        Ok(Some(made))
    }

    /// The copies of days, the latest first. One that seems to be of the future was made by a wrong
    /// clock, and says nothing of when the next one is due.
    async fn daily(&self, now: Timestamp) -> Result<Vec<StoreCopy>, Error> {
        let copies = self.copies.clone();
        let listed = blocking(move || copies.list()).await?;
        let listed = listed.map_err(|error| Error::Unavailable(error.into()))?;
        let is_daily = |copy: &StoreCopy| copy.kind == CopyKind::Daily && copy.made_at <= now;
        Ok(listed.into_iter().filter(is_daily).collect())
    }

    /// What is in a copy; `None` also where it cannot be read: then another one is due.
    async fn extent_of(&self, copy: Option<StoreCopy>) -> Result<Option<Extent>, Error> {
        let Some(copy) = copy else { return Ok(None) };
        let file = self.copies.folder().join(copy.name);
        blocking(move || Extent::of_copy(&file).ok()).await
    }
}

/// When a copy was last to be made.
fn latest_hour(now: Timestamp, zone: &Zone) -> Timestamp {
    let today = zone.at(now).local.date();
    let hours = [today, today - TimeDelta::days(1)].map(|day| zone.instant_of(day.and_time(AT)));
    hours.into_iter().find(|hour| *hour <= now).unwrap_or(now)
}

fn is_same_day(one: Timestamp, other: Timestamp, zone: &Zone) -> bool {
    zone.at(one).local.date() == zone.at(other).local.date()
}

#[cfg(test)]
#[path = "daily_copy_tests.rs"]
mod tests;
