//! First answers to requests that may be sent again, for 24 hours.

use chrono::TimeDelta;
use rappel_core::{DeviceId, Timestamp};
use rusqlite::{Connection, OptionalExtension, params};

const KEPT: TimeDelta = TimeDelta::hours(24);

pub(crate) struct FirstAnswer {
    pub(crate) body_hash: [u8; 32],
    pub(crate) answer: String,
}

pub(crate) fn get(
    conn: &Connection,
    device: DeviceId,
    key: &str,
    now: Timestamp,
) -> rusqlite::Result<Option<FirstAnswer>> {
    conn.prepare_cached(
        "SELECT body_hash, answer FROM idempotency WHERE device_id = ?1 AND key = ?2 AND created_at_ms > ?3",
    )?
    .query_row(params![device.as_bytes(), key, (now - KEPT).as_ms()], |row| {
        Ok(FirstAnswer { body_hash: row.get(0)?, answer: row.get(1)? })
    })
    .optional()
}

/// Keeps an answer, and forgets the ones that are too old.
pub(crate) fn put(
    conn: &Connection,
    device: DeviceId,
    key: &str,
    answer: &FirstAnswer,
    now: Timestamp,
) -> rusqlite::Result<()> {
    conn.execute("DELETE FROM idempotency WHERE created_at_ms <= ?1", [(now - KEPT).as_ms()])?;
    conn.execute(
        "INSERT INTO idempotency (device_id, key, body_hash, answer, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![device.as_bytes(), key, answer.body_hash, answer.answer, now.as_ms()],
    )?;
    Ok(())
}
