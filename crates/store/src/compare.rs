//! What one copy of the office has that another has not: whether there is anything new to copy, and
//! what a restore would lose.

use std::collections::HashMap;
use std::path::Path;

use rappel_core::Timestamp;
use rusqlite::Connection;

use crate::connection::open_reader;
use crate::error::{Error, OpenError};
use crate::store::Store;
use crate::table::audit;
use crate::table::office::EVENT_CHANGE;

/// How far the data go: two states of one office with the same are the same, but for when devices
/// were last seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Extent {
    epoch: u64,
    event_change: u64,
    notification_changes: u64,
    /// The last line of the audit log that is not about copies.
    audit: u64,
}

impl Extent {
    /// Of a copy. Blocks.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn of_copy(file: &Path) -> Result<Self, OpenError> {
        Ok(Self::of(&open_reader(file)?)?)
    }

    fn of(conn: &Connection) -> rusqlite::Result<Self> {
        conn.query_row(
            &format!(
                "SELECT epoch, {EVENT_CHANGE}, (SELECT coalesce(sum(change), 0) FROM inbox),
                    coalesce((SELECT id FROM audit WHERE action <> 'backup' AND action NOT LIKE 'copy.%'
                              ORDER BY id DESC LIMIT 1), 0)
                 FROM office"
            ),
            [],
            |row| {
                Ok(Self {
                    epoch: row.get(0)?,
                    event_change: row.get(1)?,
                    notification_changes: row.get(2)?,
                    audit: row.get(3)?,
                })
            },
        )
    }
}

/// What is there now and not in a copy: lost, if that is restored.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lost {
    /// Events that it does not have.
    pub events: usize,
    /// Events that it has as they were before.
    pub changed_events: usize,
    /// People whom it does not know.
    pub people: usize,
    /// Devices that it does not know, and that have to be invited again.
    pub devices: usize,
    /// When its data were last changed by somebody.
    pub last_change_at: Option<Timestamp>,
}

impl Store {
    /// How far the data go.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn extent(&self) -> Result<Extent, Error> {
        self.read(|conn| Ok(Extent::of(conn)?)).await
    }

    /// What would be lost if this copy were restored.
    ///
    /// # Errors
    /// When it cannot be read.
    pub async fn lost_by(&self, file: &Path) -> Result<Lost, Error> {
        let file = file.to_owned();
        self.read(move |conn| {
            let copy = open_reader(&file).map_err(|error| Error::Internal(error.into()))?;
            let mut lost = Lost { last_change_at: audit::last_change(&copy)?, ..Lost::default() };
            let known = revisions(&copy)?;
            for (id, revision) in revisions(conn)? {
                match known.get(&id) {
                    None => lost.events += 1,
                    Some(known) if *known != revision => lost.changed_events += 1,
                    Some(_) => {}
                }
            }
            lost.people = missing(conn, &copy, "SELECT id FROM person")?;
            lost.devices = missing(conn, &copy, "SELECT id FROM device WHERE revoked_at_ms IS NULL")?;
            Ok(lost)
        })
        .await
    }
}

type Id = [u8; 16];

fn revisions(conn: &Connection) -> rusqlite::Result<HashMap<Id, u64>> {
    let mut events = conn.prepare("SELECT id, revision FROM event WHERE deleted_at_ms IS NULL")?;
    events.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

/// How many ids the present data have that a copy has not.
fn missing(present: &Connection, copy: &Connection, ids: &str) -> rusqlite::Result<usize> {
    let read = |conn: &Connection| -> rusqlite::Result<Vec<Id>> {
        conn.prepare(ids)?.query_map([], |row| row.get(0))?.collect()
    };
    let known: std::collections::HashSet<Id> = read(copy)?.into_iter().collect();
    Ok(read(present)?.iter().filter(|id| !known.contains(*id)).count())
}
