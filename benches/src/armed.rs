//! An office with a great many reminders ahead: how fast it starts, and how late its reminders come.

use std::path::Path;
use std::time::Duration;

use crate::filled::Content;
use crate::measure::{self, Sizes};
use crate::report::Figures;
use crate::target::Target;

/// The first day of 2031, in milliseconds since the Unix epoch: when nothing of it is due yet.
const FAR_AHEAD_MS: i64 = 1_924_992_000_000;
/// Reminders of each event.
const OF_EACH: usize = 2;

/// Starts the hub on `rows` armed reminders.
pub(crate) async fn armed(
    program: &Path,
    folder: &Path,
    rows: usize,
    sizes: &Sizes,
    figures: &mut Figures,
) -> anyhow::Result<()> {
    let content =
        Content { events: rows / OF_EACH, apart_ms: 1000, last_ms: FAR_AHEAD_MS, notifications: 0, long_ones: false };
    let target = Target::start_filled(program, folder, sizes.sockets.min(100), content).await?;
    figures.put(&format!("start with {rows} armed, ms"), measure::ms(target.process.started_in));
    let at_once = measure::lateness(&target, 100, Duration::ZERO).await?;
    figures.put(&format!("100 due at once with {rows} armed, last one ms"), at_once[at_once.len() - 1]);
    let single = measure::lateness(&target, 100, Duration::from_millis(37)).await?;
    figures.put(&format!("single reminders p99 with {rows} armed, ms"), single[single.len() * 99 / 100 - 1]);
    figures.put(&format!("earliest of all with {rows} armed, ms"), at_once[0].min(single[0]));
    Ok(())
}
