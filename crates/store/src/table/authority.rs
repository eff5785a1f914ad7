//! The office's own certificate authority: one row, once it was made; and the switches that go with it.

use std::fmt;

use rappel_core::Timestamp;
use rusqlite::{Connection, OptionalExtension, params};

use super::{json, timestamp, to_json};

/// The authority by which browsers know the hub.
#[derive(Clone, PartialEq, Eq)]
pub struct KeptAuthority {
    /// PKCS #8.
    pub private_key: Vec<u8>,
    /// X.509, DER.
    pub certificate: Vec<u8>,
    /// The common name of its subject.
    pub name: String,
    /// The host names that it may vouch for, beside private addresses.
    pub host_names: Vec<String>,
    /// Until when it is good.
    pub expires_at: Timestamp,
}

impl fmt::Debug for KeptAuthority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeptAuthority").field("name", &self.name).finish_non_exhaustive()
    }
}

/// How browsers on other machines may reach the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SecureOffice {
    /// Over HTTPS as well.
    pub is_on: bool,
    /// Over plain HTTP, at least for what is no administration. Always, while it is not on.
    pub takes_plain: bool,
}

pub(crate) fn get(conn: &Connection) -> rusqlite::Result<Option<KeptAuthority>> {
    conn.query_row("SELECT private_key, certificate, name, host_names, expires_at_ms FROM authority", [], |row| {
        Ok(KeptAuthority {
            private_key: row.get(0)?,
            certificate: row.get(1)?,
            name: row.get(2)?,
            host_names: json(row.get_ref(3)?.as_str()?)?,
            expires_at: timestamp(row, 4)?,
        })
    })
    .optional()
}

/// Puts it in the place of an earlier one.
pub(crate) fn put(conn: &Connection, authority: &KeptAuthority) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT OR REPLACE INTO authority (id, private_key, certificate, name, host_names, expires_at_ms)
         VALUES (1, ?1, ?2, ?3, ?4, ?5)",
        params![
            authority.private_key,
            authority.certificate,
            authority.name,
            to_json(&authority.host_names)?,
            authority.expires_at.as_ms(),
        ],
    )?;
    Ok(())
}

pub(crate) fn switches(conn: &Connection) -> rusqlite::Result<SecureOffice> {
    conn.query_row("SELECT is_secure, takes_plain_http FROM office", [], |row| {
        Ok(SecureOffice { is_on: row.get(0)?, takes_plain: row.get(1)? })
    })
}

pub(crate) fn set_switches(conn: &Connection, switches: SecureOffice) -> rusqlite::Result<()> {
    conn.execute("UPDATE office SET is_secure = ?1, takes_plain_http = ?2", [switches.is_on, switches.takes_plain])?;
    Ok(())
}

/// Leaves a backup the authority that its hub has had since, and the switches with it: a backup must
/// not turn encryption off. One of another hub keeps its own.
pub(crate) fn carry_over(present: &Connection, backup: &Connection) -> rusqlite::Result<()> {
    let (earlier, authority) = (get(backup)?, get(present)?);
    if let Some(authority) = authority
        && earlier.as_ref().is_none_or(|earlier| *earlier == authority)
    {
        put(backup, &authority)?;
        set_switches(backup, switches(present)?)?;
    }
    Ok(())
}
