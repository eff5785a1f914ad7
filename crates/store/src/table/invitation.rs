//! Invitations: a link that lasts a week and a short code that lasts five minutes, good for one
//! pairing between them. Only hashes are kept.

use rappel_core::{PersonId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};
use uuid::Uuid;

/// Wrong guesses of a short code after which it is void.
pub(crate) const WRONG_TRIES_MAX: u32 = 5;

pub(crate) struct Invitation {
    pub(crate) id: Uuid,
    pub(crate) person: PersonId,
    pub(crate) is_first_sign_in: bool,
    pub(crate) secret_hash: [u8; 32],
    pub(crate) link_expires_at: Timestamp,
    pub(crate) code_selector: String,
    pub(crate) code_hash: [u8; 32],
    pub(crate) code_expires_at: Timestamp,
}

const COLUMNS: &str = "id, person_id, is_first_sign_in, secret_hash, link_expires_at_ms, code_selector, code_hash, \
     code_expires_at_ms";

fn read(row: &Row<'_>) -> rusqlite::Result<Invitation> {
    Ok(Invitation {
        id: Uuid::from_bytes(row.get(0)?),
        person: PersonId::from_bytes(row.get(1)?),
        is_first_sign_in: row.get(2)?,
        secret_hash: row.get(3)?,
        link_expires_at: super::timestamp(row, 4)?,
        code_selector: row.get(5)?,
        code_hash: row.get(6)?,
        code_expires_at: super::timestamp(row, 7)?,
    })
}

pub(crate) fn insert(conn: &Connection, invitation: &Invitation) -> rusqlite::Result<()> {
    conn.execute(
        &format!("INSERT INTO invitation ({COLUMNS}) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)"),
        params![
            invitation.id.as_bytes(),
            invitation.person.as_bytes(),
            invitation.is_first_sign_in,
            invitation.secret_hash,
            invitation.link_expires_at.as_ms(),
            invitation.code_selector,
            invitation.code_hash,
            invitation.code_expires_at.as_ms(),
        ],
    )?;
    Ok(())
}

/// The open invitation with this link, unless it has expired.
pub(crate) fn by_secret(conn: &Connection, hash: &[u8; 32], now: Timestamp) -> rusqlite::Result<Option<Invitation>> {
    conn.query_row(
        &format!(
            "SELECT {COLUMNS} FROM invitation WHERE secret_hash = ?1 AND spent_at_ms IS NULL AND link_expires_at_ms > ?2"
        ),
        params![hash, now.as_ms()],
        read,
    )
    .optional()
}

/// The open invitation whose short code begins with this selector, unless the code has expired or
/// was guessed wrong too often.
pub(crate) fn by_selector(conn: &Connection, selector: &str, now: Timestamp) -> rusqlite::Result<Option<Invitation>> {
    conn.query_row(
        &format!(
            "SELECT {COLUMNS} FROM invitation
             WHERE code_selector = ?1 AND spent_at_ms IS NULL AND code_expires_at_ms > ?2 AND wrong_tries < ?3"
        ),
        params![selector, now.as_ms(), WRONG_TRIES_MAX],
        read,
    )
    .optional()
}

/// An invitation whose short code can still be used.
pub(crate) fn with_open_code(conn: &Connection, id: Uuid, now: Timestamp) -> rusqlite::Result<Option<Invitation>> {
    conn.query_row(
        &format!(
            "SELECT {COLUMNS} FROM invitation
             WHERE id = ?1 AND spent_at_ms IS NULL AND code_expires_at_ms > ?2 AND wrong_tries < ?3"
        ),
        params![id.as_bytes(), now.as_ms(), WRONG_TRIES_MAX],
        read,
    )
    .optional()
}

pub(crate) fn count_wrong_try(conn: &Connection, id: Uuid) -> rusqlite::Result<()> {
    conn.execute("UPDATE invitation SET wrong_tries = wrong_tries + 1 WHERE id = ?1", [id.as_bytes()])?;
    Ok(())
}

pub(crate) fn spend(conn: &Connection, id: Uuid, now: Timestamp) -> rusqlite::Result<()> {
    conn.execute("UPDATE invitation SET spent_at_ms = ?2 WHERE id = ?1", params![id.as_bytes(), now.as_ms()])?;
    Ok(())
}

/// Voids what is still open of a person.
pub(crate) fn spend_all_of(conn: &Connection, person: PersonId, now: Timestamp) -> rusqlite::Result<()> {
    conn.execute(
        "UPDATE invitation SET spent_at_ms = ?2 WHERE person_id = ?1 AND spent_at_ms IS NULL",
        params![person.as_bytes(), now.as_ms()],
    )?;
    Ok(())
}

/// Voids whatever is still open.
pub(crate) fn spend_all(conn: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    conn.execute("UPDATE invitation SET spent_at_ms = ?1 WHERE spent_at_ms IS NULL", [now.as_ms()])?;
    Ok(())
}

/// Voids the links that earlier starts printed.
pub(crate) fn spend_first_sign_ins(conn: &Connection, now: Timestamp) -> rusqlite::Result<()> {
    conn.execute(
        "UPDATE invitation SET spent_at_ms = ?1 WHERE is_first_sign_in AND spent_at_ms IS NULL",
        [now.as_ms()],
    )?;
    Ok(())
}
