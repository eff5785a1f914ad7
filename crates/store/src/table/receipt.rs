//! What devices say of the notifications that they were sent: that they have them, that somebody
//! saw them.

use rappel_core::{DeviceId, NotificationId, PersonId, Timestamp};
use rusqlite::{Connection, Row, params};

use super::device::DeviceKind;
use super::{damaged, timestamp};

/// One of a person's devices, and when it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceMoment {
    /// Which device; it may have been revoked since.
    pub device: DeviceId,
    /// As its person calls it.
    pub name: String,
    /// What it is.
    pub kind: DeviceKind,
    /// When.
    pub at: Timestamp,
}

fn read(row: &Row<'_>) -> rusqlite::Result<DeviceMoment> {
    Ok(DeviceMoment {
        device: DeviceId::from_bytes(row.get(0)?),
        name: row.get(1)?,
        kind: DeviceKind::parse(row.get_ref(2)?.as_str()?).ok_or_else(|| damaged("device.kind"))?,
        at: timestamp(row, 3)?,
    })
}

/// Records that everything up to `seq` is safe on a device from now on.
pub(crate) fn put(conn: &Connection, device: DeviceId, seq: u64, now: Timestamp) -> rusqlite::Result<()> {
    conn.prepare_cached("INSERT OR IGNORE INTO receipt (device_id, seq, at_ms) VALUES (?1, ?2, ?3)")?
        .execute(params![device.as_bytes(), seq, now.as_ms()])?;
    Ok(())
}

/// Records that one of a person's notifications was seen on a device. Of several times the first
/// counts; what is not theirs, or not there, is left out.
pub(crate) fn put_sighting(
    conn: &Connection,
    person: PersonId,
    device: DeviceId,
    id: NotificationId,
    at: Timestamp,
) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT OR IGNORE INTO sighting (notification_id, device_id, at_ms)
         SELECT id, ?3, ?4 FROM notification WHERE id = ?1 AND person_id = ?2",
    )?
    .execute(params![id.as_bytes(), person.as_bytes(), device.as_bytes(), at.as_ms()])?;
    Ok(())
}

/// Records that a device showed a reminder by itself. The first time counts.
pub(crate) fn put_shown_away(
    conn: &Connection,
    device: DeviceId,
    id: NotificationId,
    at: Timestamp,
) -> rusqlite::Result<()> {
    conn.prepare_cached("INSERT OR IGNORE INTO shown_away (notification_id, device_id, at_ms) VALUES (?1, ?2, ?3)")?
        .execute(params![id.as_bytes(), device.as_bytes(), at.as_ms()])?;
    Ok(())
}

/// Forgets what devices showed by themselves before an instant, `limit` at most; the answer is how many.
pub(crate) fn forget_shown_away(conn: &Connection, before: Timestamp, limit: usize) -> rusqlite::Result<usize> {
    conn.execute(
        "DELETE FROM shown_away WHERE (notification_id, device_id) IN (
             SELECT notification_id, device_id FROM shown_away WHERE at_ms < ?1 LIMIT ?2)",
        params![before.as_ms(), limit],
    )
}

/// Since when each of a person's devices has had the notification with this `seq`, the first first.
pub(crate) fn received(conn: &Connection, person: PersonId, seq: u64) -> rusqlite::Result<Vec<DeviceMoment>> {
    conn.prepare_cached(
        "SELECT id, name, kind, at_ms FROM (
             SELECT id, name, kind, (SELECT at_ms FROM receipt WHERE device_id = device.id AND seq >= ?2
                                     ORDER BY seq LIMIT 1) AS at_ms
             FROM device WHERE person_id = ?1)
         WHERE at_ms IS NOT NULL ORDER BY at_ms, id",
    )?
    .query_map(params![person.as_bytes(), seq], read)?
    .collect()
}

/// When a notification was first seen on each device, the first first.
pub(crate) fn seen(conn: &Connection, id: NotificationId) -> rusqlite::Result<Vec<DeviceMoment>> {
    conn.prepare_cached(
        "SELECT device.id, name, kind, min(at_ms) FROM (
             SELECT device_id, at_ms FROM sighting WHERE notification_id = ?1
             UNION ALL SELECT device_id, at_ms FROM shown_away WHERE notification_id = ?1)
         JOIN device ON device.id = device_id
         GROUP BY device.id ORDER BY min(at_ms), device.id",
    )?
    .query_map([id.as_bytes()], read)?
    .collect()
}

/// Forgets what devices said of a person's notifications up to `seq`.
pub(crate) fn forget(conn: &Connection, person: PersonId, seq: u64) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "DELETE FROM sighting WHERE notification_id IN (SELECT id FROM notification WHERE person_id = ?1 AND seq <= ?2)",
    )?
    .execute(params![person.as_bytes(), seq])?;
    conn.prepare_cached(
        "DELETE FROM receipt WHERE device_id IN (SELECT id FROM device WHERE person_id = ?1) AND seq <= ?2",
    )?
    .execute(params![person.as_bytes(), seq])?;
    Ok(())
}
