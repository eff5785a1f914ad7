//! Invitations for everybody: a link and a short code, good for many, that only open the door's
//! bell. Only hashes are kept.

use rappel_core::Timestamp;
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

use super::invitation::WRONG_TRIES_MAX;

pub(crate) struct OpenInvitation {
    pub(crate) id: Uuid,
    pub(crate) secret_hash: [u8; 32],
    pub(crate) link_expires_at: Timestamp,
    pub(crate) code_selector: String,
    pub(crate) code_hash: [u8; 32],
    pub(crate) code_expires_at: Timestamp,
}

const COLUMNS: &str = "id, secret_hash, link_expires_at_ms, code_selector, code_hash, code_expires_at_ms";

fn read(row: &Row<'_>) -> rusqlite::Result<OpenInvitation> {
    Ok(OpenInvitation {
        id: Uuid::from_bytes(row.get(0)?),
        secret_hash: row.get(1)?,
        link_expires_at: super::timestamp(row, 2)?,
        code_selector: row.get(3)?,
        code_hash: row.get(4)?,
        code_expires_at: super::timestamp(row, 5)?,
    })
}

pub(crate) fn insert(conn: &Connection, invitation: &OpenInvitation) -> rusqlite::Result<()> {
    conn.execute(
        &format!("INSERT INTO open_invitation ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"),
        params![
            invitation.id.as_bytes(),
            invitation.secret_hash,
            invitation.link_expires_at.as_ms(),
            invitation.code_selector,
            invitation.code_hash,
            invitation.code_expires_at.as_ms(),
        ],
    )?;
    Ok(())
}

/// The one with this link, unless it was revoked or has expired.
pub(crate) fn by_secret(
    conn: &Connection,
    hash: &[u8; 32],
    now: Timestamp,
) -> rusqlite::Result<Option<OpenInvitation>> {
    conn.query_row(
        &format!(
            "SELECT {COLUMNS} FROM open_invitation
             WHERE secret_hash = ?1 AND revoked_at_ms IS NULL AND link_expires_at_ms > ?2"
        ),
        params![hash, now.as_ms()],
        read,
    )
    .optional()
}

/// The one whose short code begins with this selector, unless it was revoked, has expired or was
/// guessed wrong too often.
pub(crate) fn by_selector(
    conn: &Connection,
    selector: &str,
    now: Timestamp,
) -> rusqlite::Result<Option<OpenInvitation>> {
    conn.query_row(
        &format!(
            "SELECT {COLUMNS} FROM open_invitation
             WHERE code_selector = ?1 AND revoked_at_ms IS NULL AND code_expires_at_ms > ?2 AND wrong_tries < ?3"
        ),
        params![selector, now.as_ms(), WRONG_TRIES_MAX],
        read,
    )
    .optional()
}

pub(crate) fn count_wrong_try(conn: &Connection, id: Uuid) -> rusqlite::Result<()> {
    conn.execute("UPDATE open_invitation SET wrong_tries = wrong_tries + 1 WHERE id = ?1", [id.as_bytes()])?;
    Ok(())
}

/// How many links still work, and until when the last of them does.
pub(crate) fn open(conn: &Connection, now: Timestamp) -> rusqlite::Result<(u64, Option<Timestamp>)> {
    conn.query_row(
        "SELECT count(*), max(link_expires_at_ms) FROM open_invitation
         WHERE revoked_at_ms IS NULL AND link_expires_at_ms > ?1",
        [now.as_ms()],
        |row| Ok((row.get(0)?, super::timestamp_opt(row, 1)?)),
    )
}

/// Ends all that were not ended; how many that were.
pub(crate) fn revoke_all(conn: &Connection, now: Timestamp) -> rusqlite::Result<usize> {
    conn.execute("UPDATE open_invitation SET revoked_at_ms = ?1 WHERE revoked_at_ms IS NULL", [now.as_ms()])
}

/// Forgets what can open nothing any more, and the oldest beyond `keep`.
pub(crate) fn forget(conn: &Connection, keep: usize, now: Timestamp) -> rusqlite::Result<()> {
    conn.execute(
        "DELETE FROM open_invitation WHERE link_expires_at_ms <= ?1 OR revoked_at_ms IS NOT NULL
            OR id NOT IN (SELECT id FROM open_invitation ORDER BY link_expires_at_ms DESC, id DESC LIMIT ?2)",
        params![now.as_ms(), i64::try_from(keep).unwrap_or(i64::MAX)],
    )?;
    Ok(())
}
