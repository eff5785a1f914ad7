//! Desktops that were given a copy of everything: at most one of them is to keep a daily one.

use rappel_core::{DeviceId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{timestamp, timestamp_opt};

/// A desktop that has, or is to have, a copy with which it could become the hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keeper {
    /// Which desktop.
    pub device: DeviceId,
    /// It is to keep a daily copy; otherwise it was given one at some time.
    pub is_chosen: bool,
    /// When it was chosen.
    pub chosen_at: Timestamp,
    /// Where it would serve, `HOST:PORT`, were it the hub: a hint.
    pub address: Option<String>,
    /// When a copy was last given out.
    pub given_at: Option<Timestamp>,
    /// When it last said that its copy is whole and on its disk.
    pub kept_at: Option<Timestamp>,
    /// How large that copy is.
    pub kept_bytes: Option<u64>,
}

/// Places where the hub was before that are remembered.
const FORMER_MAX: i64 = 8;

const COLUMNS: &str = "device_id, is_chosen, chosen_at_ms, address, given_at_ms, kept_at_ms, kept_bytes";

fn read(row: &Row<'_>) -> rusqlite::Result<Keeper> {
    Ok(Keeper {
        device: DeviceId::from_bytes(row.get(0)?),
        is_chosen: row.get(1)?,
        chosen_at: timestamp(row, 2)?,
        address: row.get(3)?,
        given_at: timestamp_opt(row, 4)?,
        kept_at: timestamp_opt(row, 5)?,
        kept_bytes: row.get(6)?,
    })
}

/// The one that is to keep a daily copy.
pub(crate) fn chosen(conn: &Connection) -> rusqlite::Result<Option<Keeper>> {
    conn.query_row(&format!("SELECT {COLUMNS} FROM keeper WHERE is_chosen"), [], read).optional()
}

/// Where a copy may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CopyPlace {
    /// Where its computer would serve, `HOST:PORT`: a hint.
    pub address: String,
    /// What its desktop is called; `None` where the hub was before.
    pub computer: Option<String>,
}

/// Where there may be a copy: wherever one was given to, and where the hub was before; the latest
/// first.
pub(crate) fn places(conn: &Connection) -> rusqlite::Result<Vec<CopyPlace>> {
    conn.prepare(
        "SELECT address, name FROM (
            SELECT keeper.address, device.name, keeper.given_at_ms AS at_ms
            FROM keeper JOIN device ON device.id = keeper.device_id
            WHERE keeper.address IS NOT NULL AND keeper.given_at_ms IS NOT NULL
            UNION ALL SELECT address, NULL, left_at_ms FROM former_place
         ) ORDER BY at_ms DESC",
    )?
    .query_map([], |row| Ok(CopyPlace { address: row.get(0)?, computer: row.get(1)? }))?
    .collect()
}

/// Whether there may be a copy anywhere.
pub(crate) fn any_given(conn: &Connection) -> rusqlite::Result<bool> {
    let query = "SELECT EXISTS (SELECT 1 FROM keeper WHERE given_at_ms IS NOT NULL)
                 OR EXISTS (SELECT 1 FROM former_place)";
    conn.query_row(query, [], |row| row.get(0))
}

/// The hub was at this address until now. A few of these are remembered.
pub(crate) fn left(conn: &Connection, address: &str, now: Timestamp) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT INTO former_place VALUES (?1, ?2) ON CONFLICT (address) DO UPDATE SET left_at_ms = ?2",
        params![address, now.as_ms()],
    )?;
    conn.execute(
        "DELETE FROM former_place WHERE address NOT IN
         (SELECT address FROM former_place ORDER BY left_at_ms DESC LIMIT ?1)",
        [FORMER_MAX],
    )?;
    Ok(())
}

/// Nobody is to keep a daily copy.
pub(crate) fn dismiss(conn: &Connection) -> rusqlite::Result<bool> {
    Ok(conn.execute("UPDATE keeper SET is_chosen = 0 WHERE is_chosen", [])? > 0)
}

pub(crate) fn choose(conn: &Connection, device: DeviceId, now: Timestamp) -> rusqlite::Result<()> {
    dismiss(conn)?;
    conn.execute(
        "INSERT INTO keeper (device_id, is_chosen, chosen_at_ms) VALUES (?1, 1, ?2)
         ON CONFLICT (device_id) DO UPDATE SET is_chosen = 1, chosen_at_ms = ?2",
        params![device.as_bytes(), now.as_ms()],
    )?;
    Ok(())
}

/// A copy is being given to a desktop, which would serve at `address`.
pub(crate) fn given(
    conn: &Connection,
    device: DeviceId,
    address: Option<&str>,
    now: Timestamp,
) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT INTO keeper (device_id, is_chosen, chosen_at_ms, address, given_at_ms) VALUES (?1, 0, ?3, ?2, ?3)
         ON CONFLICT (device_id) DO UPDATE SET address = coalesce(?2, address), given_at_ms = ?3",
        params![device.as_bytes(), address, now.as_ms()],
    )?;
    Ok(())
}

pub(crate) fn kept(conn: &Connection, device: DeviceId, bytes: u64, now: Timestamp) -> rusqlite::Result<()> {
    conn.execute(
        "UPDATE keeper SET kept_at_ms = ?2, kept_bytes = ?3 WHERE device_id = ?1",
        params![device.as_bytes(), now.as_ms(), i64::try_from(bytes).unwrap_or(i64::MAX)],
    )?;
    Ok(())
}

/// What the present data know of copies, for data from a backup: where there is one must not be
/// forgotten. Desktops that the backup does not know are passed over.
pub(crate) fn carry_over(present: &Connection, restored: &Connection) -> rusqlite::Result<()> {
    let mut former = present.prepare("SELECT address, left_at_ms FROM former_place")?;
    let mut rows = former.query([])?;
    while let Some(row) = rows.next()? {
        left(restored, row.get_ref(0)?.as_str()?, timestamp(row, 1)?)?;
    }
    restored.execute("DELETE FROM keeper", [])?;
    let mut carry = restored.prepare(
        "INSERT INTO keeper SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE EXISTS (SELECT 1 FROM device WHERE id = ?1)",
    )?;
    let mut keepers = present.prepare(&format!("SELECT {COLUMNS} FROM keeper"))?;
    for keeper in keepers.query_map([], read)? {
        let keeper = keeper?;
        carry.execute(params![
            keeper.device.as_bytes(),
            keeper.is_chosen,
            keeper.chosen_at.as_ms(),
            keeper.address,
            keeper.given_at.map(Timestamp::as_ms),
            keeper.kept_at.map(Timestamp::as_ms),
            keeper.kept_bytes.map(|bytes| i64::try_from(bytes).unwrap_or(i64::MAX)),
        ])?;
    }
    Ok(())
}

/// It is the hub now: who was to keep its copies keeps none of itself.
pub(crate) fn forget(conn: &Connection, device: DeviceId) -> rusqlite::Result<()> {
    conn.execute("DELETE FROM keeper WHERE device_id = ?1", [device.as_bytes()])?;
    Ok(())
}
