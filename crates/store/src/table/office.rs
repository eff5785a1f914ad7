//! The office: one row, made with the file.

use std::time::Duration;

use rappel_core::Timestamp;
use rappel_core::person::{Locale, Office, default_reminders};
use rusqlite::{Connection, OptionalExtension, params};
use uuid::Uuid;

use super::{json, known, timestamp_opt, to_json, zone};

/// Which hub this is: clients compare it to know whether their cursors still hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HubIdentity {
    /// Stays with the data.
    pub id: Uuid,
    /// Grows with each restore of a backup, by an amount that no other restore comes to.
    pub epoch: u64,
}

pub(crate) fn get(conn: &Connection) -> rusqlite::Result<Option<Office>> {
    conn.prepare_cached("SELECT name, locale, time_zone, reminders, all_day_at_minutes FROM office")?
        .query_row([], |row| {
            Ok(Office {
                name: row.get(0)?,
                locale: known(Locale::parse(row.get_ref(1)?.as_str()?), "office.locale")?,
                time_zone: zone(row.get_ref(2)?.as_str()?),
                reminders: json(row.get_ref(3)?.as_str()?)?,
                all_day_at_minutes: row.get(4)?,
            })
        })
        .optional()
}

pub(crate) fn require(conn: &Connection) -> rusqlite::Result<Office> {
    get(conn)?.ok_or(rusqlite::Error::QueryReturnedNoRows)
}

pub(crate) fn create(conn: &Connection, name: &str, locale: Locale, time_zone: &str) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT INTO office (id, hub_id, epoch, name, locale, time_zone, reminders, all_day_at_minutes)
         VALUES (1, ?1, 1, ?2, ?3, ?4, ?5, 540)",
        params![Uuid::now_v7().as_bytes(), name, locale.as_str(), time_zone, to_json(&default_reminders())?],
    )?;
    Ok(())
}

pub(crate) fn set_name(conn: &Connection, name: &str) -> rusqlite::Result<()> {
    conn.execute("UPDATE office SET name = ?1", [name])?;
    Ok(())
}

pub(crate) fn set_locale(conn: &Connection, locale: Locale) -> rusqlite::Result<()> {
    conn.execute("UPDATE office SET locale = ?1", [locale.as_str()])?;
    Ok(())
}

pub(crate) fn set_time_zone(conn: &Connection, time_zone: &str) -> rusqlite::Result<()> {
    conn.execute("UPDATE office SET time_zone = ?1", [time_zone])?;
    Ok(())
}

pub(crate) fn identity(conn: &Connection) -> rusqlite::Result<HubIdentity> {
    conn.query_row("SELECT hub_id, epoch FROM office", [], |row| {
        Ok(HubIdentity { id: Uuid::from_bytes(row.get(0)?), epoch: row.get(1)? })
    })
}

pub(crate) fn set_epoch(conn: &Connection, epoch: u64) -> rusqlite::Result<()> {
    conn.execute("UPDATE office SET epoch = ?1", [epoch])?;
    Ok(())
}

/// The zone data by which the instants of all events were derived.
pub(crate) fn zone_data(conn: &Connection) -> rusqlite::Result<Option<String>> {
    conn.prepare_cached("SELECT zone_data FROM office")?.query_row([], |row| row.get(0))
}

pub(crate) fn set_zone_data(conn: &Connection, version: &str) -> rusqlite::Result<()> {
    conn.execute("UPDATE office SET zone_data = ?1", [version])?;
    Ok(())
}

/// The number of the latest change of any event, of one that is there or was: a column of `office`.
pub(crate) const EVENT_CHANGE: &str = "max(event_change, coalesce((SELECT max(change) FROM event), 0))";

/// The number of the latest change of any event.
pub(crate) fn event_change(conn: &Connection) -> rusqlite::Result<u64> {
    conn.prepare_cached(&format!("SELECT {EVENT_CHANGE} FROM office"))?.query_row([], |row| row.get(0))
}

/// Keeps the count of the changes of events, since those that have it may be about to go.
pub(crate) fn keep_event_change(conn: &Connection) -> rusqlite::Result<()> {
    let latest = event_change(conn)?;
    conn.prepare_cached("UPDATE office SET event_change = ?1 WHERE event_change < ?1")?.execute([latest])?;
    Ok(())
}

/// By which clock something was last forgotten.
pub(crate) fn forgot_at(conn: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    conn.prepare_cached("SELECT forgot_at_ms FROM office")?.query_row([], |row| timestamp_opt(row, 0))
}

pub(crate) fn set_forgot_at(conn: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    conn.execute("UPDATE office SET forgot_at_ms = ?1", [now.as_ms()])?;
    Ok(())
}

/// What the wall clock showed when it was last not believed yet, and for how long it had held.
pub(crate) fn clock_held(conn: &Connection) -> rusqlite::Result<Option<(Timestamp, Duration)>> {
    conn.prepare_cached("SELECT clock_seen_at_ms, clock_held_ms FROM office")?.query_row([], |row| {
        let held = Duration::from_millis(row.get(1)?);
        Ok(timestamp_opt(row, 0)?.map(|seen_at| (seen_at, held)))
    })
}

pub(crate) fn set_clock_held(conn: &Connection, seen_at: Timestamp, held: Duration) -> rusqlite::Result<()> {
    let held_ms = i64::try_from(held.as_millis()).unwrap_or(i64::MAX);
    conn.execute("UPDATE office SET clock_seen_at_ms = ?1, clock_held_ms = ?2", params![seen_at.as_ms(), held_ms])?;
    Ok(())
}

/// Costs what writing a row costs, and leaves everything as it was.
pub(crate) fn write_and_change_nothing(conn: &Connection) -> rusqlite::Result<()> {
    // A row that is given the value it has is not written at all.
    for change in [1, -1] {
        conn.prepare_cached("UPDATE office SET event_change = event_change + ?1")?.execute([change])?;
    }
    Ok(())
}
