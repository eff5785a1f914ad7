//! Who changed what. Field names and ids only: what the fields held may be private.

use rappel_core::{DeviceId, PersonId, Timestamp};
use rusqlite::{Connection, named_params, params};
use serde::Serialize;
use uuid::Uuid;

use super::{json, timestamp, to_json};
use crate::By;
use crate::audit_log::{AuditQuery, AuditTopic};
use crate::statements::Statements;

/// One line of the audit log. What it says in detail is a map with text keys.
pub(crate) struct Entry<'a, D = serde_json::Value> {
    pub(crate) by: &'a By,
    /// `event.create`, `person.update`, ….
    pub(crate) action: &'static str,
    pub(crate) object: Option<Uuid>,
    pub(crate) revision: Option<u64>,
    pub(crate) detail: D,
}

pub(crate) fn append<D: Serialize>(
    statements: &dyn Statements,
    now: Timestamp,
    entry: &Entry<'_, D>,
) -> rusqlite::Result<()> {
    static INSERT: &str = "INSERT INTO audit (at_ms, person_id, device_id, action, object_id, revision, detail)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
    let device = entry.by.device();
    statements.execute(
        INSERT,
        params![
            now.as_ms(),
            entry.by.person().map(|person| *person.as_bytes()),
            device.map(|device| *device.as_bytes()),
            entry.action,
            entry.object.map(Uuid::into_bytes),
            entry.revision,
            to_json(&entry.detail)?,
        ],
    )?;
    Ok(())
}

/// Says of the line just written who it was, as far as they are known here.
pub(crate) fn attribute(conn: &Connection, by: By) -> rusqlite::Result<()> {
    conn.execute(
        "UPDATE audit SET person_id = (SELECT id FROM person WHERE id = ?1),
                          device_id = (SELECT id FROM device WHERE id = ?2)
         WHERE id = last_insert_rowid()",
        params![by.person().map(|person| *person.as_bytes()), by.device().map(|device| *device.as_bytes())],
    )?;
    Ok(())
}

/// A line as it stands in the log.
pub(crate) struct Line {
    pub(crate) id: u64,
    pub(crate) at: Timestamp,
    pub(crate) person: Option<PersonId>,
    pub(crate) device: Option<DeviceId>,
    pub(crate) action: String,
    pub(crate) object: Option<Uuid>,
    pub(crate) detail: serde_json::Value,
}

/// One more line than are wanted, the latest first: whether there are more is known then.
pub(crate) fn page(conn: &Connection, query: &AuditQuery) -> rusqlite::Result<Vec<Line>> {
    conn.prepare_cached(
        "SELECT id, at_ms, person_id, device_id, action, object_id, detail FROM audit
         WHERE (:before IS NULL OR id < :before)
           AND (:person IS NULL OR person_id = :person OR object_id = :person)
           AND (:topic IS NULL OR :topic = CASE substr(action, 1, instr(action || '.', '.') - 1)
                WHEN 'event' THEN 'events' WHEN 'device' THEN 'devices'
                WHEN 'person' THEN 'people' WHEN 'invitation' THEN 'people' WHEN 'open_invitation' THEN 'people'
                WHEN 'join_request' THEN 'people' ELSE 'hub' END)
         ORDER BY id DESC LIMIT :limit",
    )?
    .query_map(
        named_params! {
            ":before": query.before.map(|id| i64::try_from(id).unwrap_or(i64::MAX)),
            ":person": query.person.map(|person| *person.as_bytes()),
            ":topic": query.topic.map(AuditTopic::as_str),
            ":limit": query.limit + 1,
        },
        |row| {
            Ok(Line {
                id: row.get(0)?,
                at: timestamp(row, 1)?,
                person: row.get::<_, Option<_>>(2)?.map(PersonId::from_bytes),
                device: row.get::<_, Option<_>>(3)?.map(DeviceId::from_bytes),
                action: row.get(4)?,
                object: row.get::<_, Option<_>>(5)?.map(Uuid::from_bytes),
                detail: json(row.get_ref(6)?.as_str()?)?,
            })
        },
    )?
    .collect()
}

/// When this was last done.
pub(crate) fn last(conn: &Connection, action: &str) -> rusqlite::Result<Option<Timestamp>> {
    conn.query_row("SELECT max(at_ms) FROM audit WHERE action = ?1", [action], |row| super::timestamp_opt(row, 0))
}

/// Forgets the oldest lines from before an instant, looking at `limit`; the answer is how many.
pub(crate) fn forget(conn: &Connection, before: Timestamp, limit: usize) -> rusqlite::Result<usize> {
    conn.prepare_cached("DELETE FROM audit WHERE id IN (SELECT id FROM audit ORDER BY id LIMIT ?2) AND at_ms < ?1")?
        .execute(params![before.as_ms(), limit])
}

/// When anything but a copy was last noted.
pub(crate) fn last_change(conn: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    conn.query_row("SELECT max(at_ms) FROM audit WHERE action <> 'backup' AND action NOT LIKE 'copy.%'", [], |row| {
        super::timestamp_opt(row, 0)
    })
}
