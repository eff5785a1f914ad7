//! Newer zone data: noticed while the hub runs, and what they change carried through the store.

use std::sync::Arc;
use std::time::Duration;

use rappel_core::zone_data;
use rappel_store::{Error, Store};
use tokio_util::sync::CancellationToken;

use crate::clock::Clock;
use crate::office_clock::OfficeClock;

/// How often to look whether the system has other data.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// Events that share a transaction.
const BATCH: usize = 200;

/// Derives the instants of all events anew if the store says that they were derived by other data
/// than those in use, or does not say. Interrupted, it begins again the next time. The answer is whether it did.
pub(crate) async fn bring_up_to_date(store: &Store, clock: &OfficeClock) -> Result<bool, Error> {
    let data = zone_data::in_use();
    let before = store.zone_data().await?;
    if before.as_ref() == Some(&data.version) {
        return Ok(false);
    }
    let moved = rederive(store, clock).await?;
    if moved > 0 || before.is_some() {
        let before = before.as_deref().unwrap_or("unknown");
        tracing::info!(from = before, to = data.version, moved, "events follow the rules of other time zone data");
    }
    store.set_zone_data(data.version).await?;
    Ok(true)
}

async fn rederive(store: &Store, clock: &OfficeClock) -> Result<usize, Error> {
    let (mut after, mut moved) = (None, 0);
    loop {
        let batch = store.rederive(after, BATCH, clock.now()).await?;
        moved += batch.moved;
        after = batch.next;
        if after.is_none() {
            return Ok(moved);
        }
    }
}

/// Says which data are in use.
pub(crate) fn log_choice() {
    let data = zone_data::in_use();
    tracing::info!(version = data.version, source = %data.source, "time zone data");
}

/// Looks from time to time, until it is stopped. `is_new`: the data in use were others at the last
/// start. Whoever notices an upgrade in the middle of it may read files that are still the old ones,
/// so that once more is done the next time.
pub(crate) async fn run(store: Store, clock: Arc<OfficeClock>, is_new: bool, stop: CancellationToken) {
    let mut once_more = is_new;
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(every()) => {}
        }
        let is_new = zone_data::look_again().is_some();
        if is_new {
            log_choice();
        }
        let done = match once_more {
            true if !is_new => rederive(&store, &clock).await.map(|_| false),
            _ => bring_up_to_date(&store, &clock).await,
        };
        once_more = done.unwrap_or_else(|error| {
            tracing::error!(%error, "events do not follow the time zone data yet");
            false
        });
    }
}

/// Tests of debug builds cannot wait for an hour.
fn every() -> Duration {
    let shorter = std::env::var("RAPPEL_ZONE_DATA_EVERY_MS").ok().filter(|_| cfg!(debug_assertions));
    shorter.and_then(|ms| ms.parse().ok()).map_or(EVERY, Duration::from_millis)
}
