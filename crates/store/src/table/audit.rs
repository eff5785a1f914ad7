//! Who changed what. Field names and ids only: what the fields held may be private.

use rappel_core::Timestamp;
use rusqlite::{Connection, params};
use uuid::Uuid;

use crate::By;

/// One line of the audit log.
pub(crate) struct Entry<'a> {
    pub(crate) by: &'a By,
    /// `event.create`, `person.update`, ….
    pub(crate) action: &'static str,
    pub(crate) object: Option<Uuid>,
    pub(crate) revision: Option<u64>,
    pub(crate) detail: serde_json::Value,
}

pub(crate) fn append(conn: &Connection, now: Timestamp, entry: &Entry<'_>) -> rusqlite::Result<()> {
    let device = entry.by.device();
    conn.prepare_cached(
        "INSERT INTO audit (at_ms, person_id, device_id, action, object_id, revision, detail)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
    )?
    .execute(params![
        now.as_ms(),
        entry.by.person().map(|person| *person.as_bytes()),
        device.map(|device| *device.as_bytes()),
        entry.action,
        entry.object.map(Uuid::into_bytes),
        entry.revision,
        entry.detail.to_string(),
    ])?;
    Ok(())
}

/// Says of the line just written who it was, as far as they are known here.
pub(crate) fn attribute(conn: &Connection, by: By) -> rusqlite::Result<()> {
    conn.execute(
        "UPDATE audit SET person_id = (SELECT id FROM person WHERE id = ?1),
                          device_id = (SELECT id FROM device WHERE id = ?2)
         WHERE id = last_insert_rowid()",
        params![by.person().map(|person| *person.as_bytes()), by.device().map(|device| *device.as_bytes())],
    )?;
    Ok(())
}

/// When this was last done.
pub(crate) fn last(conn: &Connection, action: &str) -> rusqlite::Result<Option<Timestamp>> {
    conn.query_row("SELECT max(at_ms) FROM audit WHERE action = ?1", [action], |row| super::timestamp_opt(row, 0))
}

/// Forgets the oldest lines from before an instant, looking at `limit`; the answer is how many.
pub(crate) fn forget(conn: &Connection, before: Timestamp, limit: usize) -> rusqlite::Result<usize> {
    conn.prepare_cached("DELETE FROM audit WHERE id IN (SELECT id FROM audit ORDER BY id LIMIT ?2) AND at_ms < ?1")?
        .execute(params![before.as_ms(), limit])
}

/// When anything but a copy was last noted.
pub(crate) fn last_change(conn: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    conn.query_row("SELECT max(at_ms) FROM audit WHERE action <> 'backup' AND action NOT LIKE 'copy.%'", [], |row| {
        super::timestamp_opt(row, 0)
    })
}
