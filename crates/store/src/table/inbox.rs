//! A person's counters: the last notification, the last change, how many are unread.

use rappel_core::PersonId;
use rusqlite::{Connection, Row, params};

use crate::statements::Statements;

/// Where a person's notifications stand.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Heads {
    /// The `seq` of the latest notification; 0 before the first.
    pub seq: u64,
    /// The number of the latest insert or update.
    pub change: u64,
    /// How many are neither read nor withdrawn.
    pub unread: u64,
}

impl Heads {
    /// With one notification more, unread: its `seq` and `change`.
    pub(crate) fn with_new(self) -> Self {
        Self { seq: self.seq + 1, change: self.change + 1, unread: self.unread + 1 }
    }
}

/// The changes in `(from, to]` are those of one "mark all read".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BulkRead {
    /// The change before the first.
    pub from: u64,
    /// The last change.
    pub to: u64,
}

pub(crate) fn heads(conn: &Connection, person: PersonId) -> rusqlite::Result<Heads> {
    conn.prepare_cached("SELECT seq, change, unread FROM inbox WHERE person_id = ?1")?
        .query_row([person.as_bytes()], read)
}

/// The latest "mark all read".
pub(crate) fn bulk_read(conn: &Connection, person: PersonId) -> rusqlite::Result<BulkRead> {
    conn.prepare_cached("SELECT bulk_read_from, bulk_read_to FROM inbox WHERE person_id = ?1")?
        .query_row([person.as_bytes()], |row| Ok(BulkRead { from: row.get(0)?, to: row.get(1)? }))
}

/// Counts one more notification, unread.
pub(crate) fn count_new(statements: &dyn Statements, person: PersonId) -> rusqlite::Result<()> {
    static COUNT: &str =
        "UPDATE inbox SET seq = seq + 1, change = change + 1, unread = unread + 1 WHERE person_id = ?1";
    statements.execute(COUNT, params![person.as_bytes()])?;
    Ok(())
}

/// Counts one update, of which `newly_read` notifications (0 or 1) became read.
pub(crate) fn count_update(conn: &Connection, person: PersonId, newly_read: bool) -> rusqlite::Result<Heads> {
    conn.prepare_cached("UPDATE inbox SET change = change + 1, unread = unread - ?2 WHERE person_id = ?1")?
        .execute(params![person.as_bytes(), newly_read])?;
    heads(conn, person)
}

/// Counts that all became read, each by a change of its own.
pub(crate) fn count_all_read(conn: &Connection, person: PersonId) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE inbox SET bulk_read_from = change, bulk_read_to = change + unread, change = change + unread, unread = 0
         WHERE person_id = ?1",
    )?
    .execute([person.as_bytes()])?;
    Ok(())
}

fn read(row: &Row<'_>) -> rusqlite::Result<Heads> {
    Ok(Heads { seq: row.get(0)?, change: row.get(1)?, unread: row.get(2)? })
}

/// Counts no more so many that were forgotten unread.
pub(crate) fn forget_unread(conn: &Connection, person: PersonId, count: usize) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE inbox SET unread = unread - ?2 WHERE person_id = ?1 AND ?2 > 0")?
        .execute(params![person.as_bytes(), count])?;
    Ok(())
}
