//! What the hub made of its clocks, for another run of its program: at most one row.

use std::time::Duration;

use rappel_core::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{timestamp, timestamp_opt};

/// What the hub makes of its clocks. It holds for one run of the machine: how the wall clock stands is
/// said by when, going by it, the machine started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reckoning {
    /// Which run of the machine.
    pub boot: String,
    /// As the wall clock stood when it was last believed.
    pub believed: Timestamp,
    /// The leap that is not believed yet.
    pub doubted: Option<DoubtedLeap>,
}

/// A leap of the wall clock that is not believed yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DoubtedLeap {
    /// As it has stood since.
    pub start: Timestamp,
    /// When it leapt, by the boot clock.
    pub since: Duration,
}

pub(crate) fn get(conn: &Connection) -> rusqlite::Result<Option<Reckoning>> {
    conn.query_row("SELECT boot, believed_ms, doubted_ms, doubted_since_ms FROM reckoning", [], |row| {
        let since = row.get::<_, Option<u64>>(3)?.map(Duration::from_millis);
        let doubted = timestamp_opt(row, 2)?.zip(since).map(|(start, since)| DoubtedLeap { start, since });
        Ok(Reckoning { boot: row.get(0)?, believed: timestamp(row, 1)?, doubted })
    })
    .optional()
}

pub(crate) fn put(conn: &Connection, reckoning: &Reckoning) -> rusqlite::Result<()> {
    let doubted = reckoning.doubted.as_ref();
    let since_ms = doubted.map(|leap| i64::try_from(leap.since.as_millis()).unwrap_or(i64::MAX));
    conn.execute(
        "INSERT OR REPLACE INTO reckoning (id, boot, believed_ms, doubted_ms, doubted_since_ms) VALUES (1, ?1, ?2, ?3, ?4)",
        params![reckoning.boot, reckoning.believed.as_ms(), doubted.map(|leap| leap.start.as_ms()), since_ms],
    )?;
    Ok(())
}

/// Leaves a backup what the hub makes of its clocks now: they go on, whatever is restored.
pub(crate) fn carry_over(present: &Connection, backup: &Connection) -> rusqlite::Result<()> {
    backup.execute("DELETE FROM reckoning", [])?;
    get(present)?.map_or(Ok(()), |reckoning| put(backup, &reckoning))
}
