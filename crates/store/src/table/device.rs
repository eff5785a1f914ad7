//! Paired browsers, desktops and programs' tokens. Of a token only its hash is kept.

use rappel_core::{DeviceId, PersonId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{damaged, timestamp, timestamp_opt};

/// What a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DeviceKind {
    /// A browser, by its cookie.
    Browser,
    /// The desktop app.
    Desktop,
    /// A program, by its token.
    Token,
}

impl DeviceKind {
    /// `browser`, `desktop` or `token`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Browser => "browser",
            Self::Desktop => "desktop",
            Self::Token => "token",
        }
    }

    /// Reads what [`DeviceKind::as_str`] writes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        [Self::Browser, Self::Desktop, Self::Token].into_iter().find(|kind| kind.as_str() == text)
    }
}

/// Something that may act for a person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Device {
    /// Identity.
    pub id: DeviceId,
    /// For whom it acts.
    pub person: PersonId,
    /// As its person calls it.
    pub name: String,
    /// What it is.
    pub kind: DeviceKind,
    /// SHA-256 of the public key that it must prove to have; `None`: its token suffices.
    pub key_hash: Option<[u8; 32]>,
    /// When it was paired.
    pub created_at: Timestamp,
    /// When it was last heard of, to the minute.
    pub last_seen_at: Option<Timestamp>,
}

const COLUMNS: &str = "id, person_id, name, kind, created_at_ms, last_seen_at_ms, key_hash";

fn read(row: &Row<'_>) -> rusqlite::Result<Device> {
    Ok(Device {
        id: DeviceId::from_bytes(row.get(0)?),
        person: PersonId::from_bytes(row.get(1)?),
        name: row.get(2)?,
        kind: DeviceKind::parse(row.get_ref(3)?.as_str()?).ok_or_else(|| damaged("device.kind"))?,
        created_at: timestamp(row, 4)?,
        last_seen_at: timestamp_opt(row, 5)?,
        key_hash: row.get(6)?,
    })
}

/// `is_local`: the desktop that holds this file; there is at most one.
pub(crate) fn insert(
    conn: &Connection,
    device: &Device,
    is_local: bool,
    token_hash: &[u8; 32],
) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT INTO device (id, person_id, name, kind, is_local, token_hash, created_at_ms, key_hash)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        params![
            device.id.as_bytes(),
            device.person.as_bytes(),
            device.name,
            device.kind.as_str(),
            is_local,
            token_hash,
            device.created_at.as_ms(),
            device.key_hash,
        ],
    )?;
    Ok(())
}

/// The device that a token belongs to, unless it was revoked.
pub(crate) fn by_token(conn: &Connection, token_hash: &[u8; 32]) -> rusqlite::Result<Option<Device>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM device WHERE token_hash = ?1 AND revoked_at_ms IS NULL"))?
        .query_row([token_hash], read)
        .optional()
}

/// A device that was not revoked.
pub(crate) fn get(conn: &Connection, id: DeviceId) -> rusqlite::Result<Option<Device>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM device WHERE id = ?1 AND revoked_at_ms IS NULL"))?
        .query_row([id.as_bytes()], read)
        .optional()
}

/// The desktop that holds this file, once it was signed in.
pub(crate) fn local(conn: &Connection) -> rusqlite::Result<Option<Device>> {
    conn.query_row(&format!("SELECT {COLUMNS} FROM device WHERE is_local AND revoked_at_ms IS NULL"), [], read)
        .optional()
}

/// Devices that were not revoked, in the order of their creation; of one person, or all.
pub(crate) fn all(conn: &Connection, person: Option<PersonId>) -> rusqlite::Result<Vec<Device>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM device WHERE revoked_at_ms IS NULL AND (?1 IS NULL OR person_id = ?1)
         ORDER BY created_at_ms, id"
    ))?
    .query_map([person.as_ref().map(PersonId::as_bytes)], read)?
    .collect()
}

pub(crate) fn revoke(conn: &Connection, id: DeviceId, now: Timestamp) -> rusqlite::Result<()> {
    conn.execute("UPDATE device SET revoked_at_ms = ?2 WHERE id = ?1", params![id.as_bytes(), now.as_ms()])?;
    Ok(())
}

/// Gives a device another token, and perhaps another name: the token before is worth nothing from
/// then on.
pub(crate) fn set_token(conn: &Connection, device: &Device, token_hash: &[u8; 32]) -> rusqlite::Result<()> {
    conn.execute(
        "UPDATE device SET token_hash = ?2, name = ?3 WHERE id = ?1",
        params![device.id.as_bytes(), token_hash, device.name],
    )?;
    Ok(())
}

pub(crate) fn set_name(conn: &Connection, id: DeviceId, name: &str) -> rusqlite::Result<()> {
    conn.execute("UPDATE device SET name = ?2 WHERE id = ?1", params![id.as_bytes(), name])?;
    Ok(())
}

pub(crate) fn set_last_seen(conn: &Connection, id: DeviceId, now: Timestamp) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE device SET last_seen_at_ms = ?2 WHERE id = ?1")?
        .execute(params![id.as_bytes(), now.as_ms()])?;
    Ok(())
}

/// Takes a receipt; one beyond what there is counts up to that. The answer is how far the device is
/// now, or `None` for one that says nothing new.
pub(crate) fn advance_acked(conn: &Connection, id: DeviceId, seq: u64) -> rusqlite::Result<Option<u64>> {
    conn.prepare_cached(
        "UPDATE device SET acked_seq = min(?2, inbox.seq) FROM inbox
         WHERE id = ?1 AND inbox.person_id = device.person_id AND acked_seq < min(?2, inbox.seq)
         RETURNING acked_seq",
    )?
    .query_row(params![id.as_bytes(), i64::try_from(seq).unwrap_or(i64::MAX)], |row| row.get(0))
    .optional()
}

/// What the present data know of access, for data from a backup: a device that was revoked since
/// stays so, and of the tokens of a device only the present one is good.
pub(crate) fn carry_over(present: &Connection, restored: &Connection) -> rusqlite::Result<()> {
    let mut carry = restored
        .prepare("UPDATE device SET token_hash = ?2, revoked_at_ms = coalesce(revoked_at_ms, ?3) WHERE id = ?1")?;
    let mut devices = present.prepare("SELECT id, token_hash, revoked_at_ms FROM device")?;
    let mut rows = devices.query([])?;
    while let Some(row) = rows.next()? {
        carry.execute(params![
            row.get::<_, [u8; 16]>(0)?,
            row.get::<_, [u8; 32]>(1)?,
            row.get::<_, Option<i64>>(2)?
        ])?;
    }
    Ok(())
}

/// Puts a device of the present data into data from a backup that was made before it was paired, if
/// its person is there and active. The desktop that holds the file signs in by itself.
pub(crate) fn keep_signed_in(present: &Connection, restored: &Connection, id: DeviceId) -> rusqlite::Result<()> {
    let known = present
        .query_row(
            &format!(
                "SELECT {COLUMNS}, token_hash FROM device WHERE id = ?1 AND NOT is_local AND revoked_at_ms IS NULL"
            ),
            [id.as_bytes()],
            |row| Ok((read(row)?, row.get::<_, [u8; 32]>(7)?)),
        )
        .optional()?;
    let Some((device, token_hash)) = known else { return Ok(()) };
    let may_come = "SELECT EXISTS (SELECT 1 FROM person WHERE id = ?1 AND active)
                       AND NOT EXISTS (SELECT 1 FROM device WHERE id = ?2)";
    if restored.query_row(may_come, [device.person.as_bytes(), id.as_bytes()], |row| row.get(0))? {
        insert(restored, &device, false, &token_hash)?;
    }
    Ok(())
}

/// The desktop that holds this file is another one, which proved a key until now. The one before is
/// another machine's, and its token nobody's.
pub(crate) fn move_local(conn: &Connection, to: Option<DeviceId>, now: Timestamp) -> rusqlite::Result<()> {
    conn.execute(
        "UPDATE device SET is_local = 0, revoked_at_ms = coalesce(revoked_at_ms, ?1) WHERE is_local",
        [now.as_ms()],
    )?;
    if let Some(to) = to {
        conn.execute(
            "UPDATE device SET is_local = 1, key_hash = NULL WHERE id = ?1 AND revoked_at_ms IS NULL",
            [to.as_bytes()],
        )?;
    }
    Ok(())
}

/// Whether anything was ever paired and not revoked.
pub(crate) fn any(conn: &Connection) -> rusqlite::Result<bool> {
    conn.query_row("SELECT EXISTS (SELECT 1 FROM device WHERE revoked_at_ms IS NULL)", [], |row| row.get(0))
}
