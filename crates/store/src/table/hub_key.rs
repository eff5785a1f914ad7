//! The key by which the hub proves who it is: one row, kept for good.

use std::fmt;

use rusqlite::{Connection, OptionalExtension, params};

/// A private key, and the certificate that shows its public part.
#[derive(Clone, PartialEq, Eq)]
pub struct HubKey {
    /// PKCS #8.
    pub private_key: Vec<u8>,
    /// X.509, DER.
    pub certificate: Vec<u8>,
}

impl fmt::Debug for HubKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("HubKey").finish_non_exhaustive()
    }
}

pub(crate) fn get(conn: &Connection) -> rusqlite::Result<Option<HubKey>> {
    conn.query_row("SELECT private_key, certificate FROM hub_key", [], |row| {
        Ok(HubKey { private_key: row.get(0)?, certificate: row.get(1)? })
    })
    .optional()
}

pub(crate) fn insert(conn: &Connection, key: &HubKey) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT INTO hub_key (id, private_key, certificate) VALUES (1, ?1, ?2)",
        params![key.private_key, key.certificate],
    )?;
    Ok(())
}

/// Leaves a backup that is older than keys the one that its hub has had since.
pub(crate) fn carry_over(present: &Connection, backup: &Connection) -> rusqlite::Result<()> {
    match (get(backup)?, get(present)?) {
        (None, Some(key)) => insert(backup, &key),
        _ => Ok(()),
    }
}
