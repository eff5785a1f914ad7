//! Events.

use std::sync::LazyLock;

use chrono::format::{Item, StrftimeItems};
use chrono::{NaiveDate, NaiveDateTime, TimeDelta};
use rappel_core::event::{Event, Status, Visibility};
use rappel_core::schedule::Schedule;
use rappel_core::{EventId, PersonId, Timestamp, Zone};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::office::{self, EVENT_CHANGE};
use super::{damaged, json, known, timestamp, timestamp_opt, to_json, zone};
use crate::statements::Statements;

pub(crate) const COLUMNS: &str = "id, title, all_day, local_start, offset_s, duration_ms, first_day, last_day, \
     time_zone, starts_at_ms, location, comment, contact, reminders, reminder_days, status, visibility, revision, \
     created_by, created_at_ms, updated_at_ms, deleted_at_ms, assignees";

/// Reads the [`COLUMNS`].
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Event> {
    let zone = zone(row.get_ref("time_zone")?.as_str()?);
    let schedule = if row.get("all_day")? {
        let day = |column: &str| {
            let text: String = row.get(column)?;
            known(NaiveDate::parse_from_str(&text, "%Y-%m-%d"), column)
        };
        Schedule::AllDay { first: day("first_day")?, last: day("last_day")?, zone }
    } else {
        let local: String = row.get("local_start")?;
        let start = rappel_core::zone::Resolved {
            local: known(NaiveDateTime::parse_from_str(&local, LOCAL_FORMAT), "local_start")?,
            offset_s: row.get("offset_s")?,
            instant: timestamp(row, "starts_at_ms")?,
        };
        let duration = row.get::<_, Option<i64>>("duration_ms")?.map(TimeDelta::milliseconds);
        Schedule::Timed { start, duration, zone }
    };
    let contact: Option<String> = row.get("contact")?;
    let reminders: Option<String> = row.get("reminders")?;
    Ok(Event {
        id: EventId::from_bytes(row.get("id")?),
        title: row.get("title")?,
        schedule,
        location: row.get("location")?,
        comment: row.get("comment")?,
        contact: contact.map(|text| json(&text)).transpose()?,
        assignees: ids(row.get_ref("assignees")?.as_blob()?)?,
        reminders: reminders.map(|text| json(&text)).transpose()?,
        reminder_days: json(row.get_ref("reminder_days")?.as_str()?)?,
        status: known(Status::parse(row.get_ref("status")?.as_str()?), "event.status")?,
        visibility: known(Visibility::parse(row.get_ref("visibility")?.as_str()?), "event.visibility")?,
        revision: row.get("revision")?,
        created_by: PersonId::from_bytes(row.get("created_by")?),
        created_at: timestamp(row, "created_at_ms")?,
        updated_at: timestamp(row, "updated_at_ms")?,
        deleted_at: timestamp_opt(row, "deleted_at_ms")?,
    })
}

const LOCAL_FORMAT: &str = "%Y-%m-%dT%H:%M:%S%.3f";
/// The [`LOCAL_FORMAT`], read once.
static LOCAL_ITEMS: LazyLock<Vec<Item<'static>>> = LazyLock::new(|| StrftimeItems::new(LOCAL_FORMAT).collect());

/// An event, deleted or not.
pub(crate) fn get(conn: &Connection, id: EventId) -> rusqlite::Result<Option<Event>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM event WHERE id = ?1"))?
        .query_row([id.as_bytes()], read)
        .optional()
}

/// Reads ids that stand one after another.
pub(super) fn ids(bytes: &[u8]) -> rusqlite::Result<Vec<PersonId>> {
    let (ids, rest) = bytes.as_chunks::<16>();
    if !rest.is_empty() {
        return Err(damaged("event.assignees"));
    }
    Ok(ids.iter().copied().map(PersonId::from_bytes).collect())
}

/// Writes a new event.
pub(crate) fn insert(statements: &dyn Statements, event: &Event) -> rusqlite::Result<()> {
    static STATEMENT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "INSERT INTO event (id, title, all_day, local_start, offset_s, duration_ms, first_day, last_day,
                time_zone, starts_at_ms, over_at_ms, location, comment, contact, reminders, reminder_days, status,
                visibility, revision, created_by, created_at_ms, updated_at_ms, deleted_at_ms, search_text, assignees, change)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19, ?20, ?21, ?22,
                ?23, ?24, ?25, (SELECT {EVENT_CHANGE} + 1 FROM office))"
        )
    });
    write(statements, &STATEMENT, event)
}

/// Writes a changed event over its earlier state, in place: rows that refer to it keep their reference.
pub(crate) fn update(statements: &dyn Statements, event: &Event, before: &Event) -> rusqlite::Result<()> {
    static MOVE: LazyLock<String> = LazyLock::new(|| {
        format!(
            "INSERT INTO event_move (event_id, change, starts_at_ms, over_at_ms)
             VALUES (?1, (SELECT {EVENT_CHANGE} + 1 FROM office), ?2, ?3)"
        )
    });
    // Who made it, and when, stays.
    static STATEMENT: LazyLock<String> = LazyLock::new(|| {
        format!(
            "UPDATE event SET title = ?2, all_day = ?3, local_start = ?4, offset_s = ?5, duration_ms = ?6,
                first_day = ?7, last_day = ?8, time_zone = ?9, starts_at_ms = ?10, over_at_ms = ?11, location = ?12,
                comment = ?13, contact = ?14, reminders = ?15, reminder_days = ?16, status = ?17, visibility = ?18,
                revision = ?19, updated_at_ms = ?22, deleted_at_ms = ?23, search_text = ?24, assignees = ?25,
                change = (SELECT {EVENT_CHANGE} + 1 FROM office)
             WHERE id = ?1"
        )
    });
    if before.schedule != event.schedule {
        let (starts_at, over_at) = (before.schedule.starts_at(), before.schedule.over_at());
        statements.execute(&MOVE, params![event.id.as_bytes(), starts_at.as_ms(), over_at.as_ms()])?;
    }
    write(statements, &STATEMENT, event)
}

/// Writes an event by a statement.
fn write(statements: &dyn Statements, statement: &'static str, event: &Event) -> rusqlite::Result<()> {
    let (local_start, offset_s, duration_ms, first_day, last_day) = match &event.schedule {
        Schedule::Timed { start, duration, .. } => (
            Some(start.local.format_with_items(LOCAL_ITEMS.iter()).to_string()),
            Some(start.offset_s),
            duration.map(|duration| duration.num_milliseconds()),
            None,
            None,
        ),
        Schedule::AllDay { first, last, .. } => (None, None, None, Some(first.to_string()), Some(last.to_string())),
    };
    let assignees: Vec<[u8; 16]> = event.assignees.iter().map(|person| *person.as_bytes()).collect();
    statements.execute(
        statement,
        params![
            event.id.as_bytes(),
            event.title,
            event.schedule.is_all_day(),
            local_start,
            offset_s,
            duration_ms,
            first_day,
            last_day,
            event.schedule.zone().name(),
            event.schedule.starts_at().as_ms(),
            event.schedule.over_at().as_ms(),
            event.location,
            event.comment,
            event.contact.as_ref().map(to_json).transpose()?,
            event.reminders.as_ref().map(to_json).transpose()?,
            to_json(&event.reminder_days)?,
            event.status.as_str(),
            event.visibility.as_str(),
            event.revision,
            event.created_by.as_bytes(),
            event.created_at.as_ms(),
            event.updated_at.as_ms(),
            event.deleted_at.map(Timestamp::as_ms),
            search_text(event),
            assignees.as_flattened(),
        ],
    )?;
    Ok(())
}

/// What a search looks at. In lower case here, since SQLite's own knows no letter beyond ASCII.
fn search_text(event: &Event) -> String {
    let contact = event.contact.iter().flat_map(|contact| [&contact.id, &contact.name, &contact.phone, &contact.email]);
    let more = [&event.comment, &event.location].into_iter().chain(contact).flatten();
    let texts: Vec<&str> = std::iter::once(&event.title).chain(more).map(String::as_str).collect();
    texts.join("\n").to_lowercase()
}

/// Up to `limit` events after `after` that were not over at `since`, in the order of their ids.
pub(crate) fn ahead_after(
    conn: &Connection,
    after: Option<EventId>,
    since: Timestamp,
    limit: usize,
) -> rusqlite::Result<Vec<EventId>> {
    let after = after.as_ref().map_or(&[][..], |id| id.as_bytes());
    conn.prepare_cached("SELECT id FROM event WHERE id > ?1 AND over_at_ms > ?2 ORDER BY id LIMIT ?3")?
        .query_map(params![after, since.as_ms(), limit], |row| row.get(0).map(EventId::from_bytes))?
        .collect()
}

/// The start and the end of an event as they were derived when it was written; `None` where its zone
/// is not known any more.
pub(crate) fn derived(conn: &Connection, id: EventId) -> rusqlite::Result<Option<(Timestamp, Timestamp)>> {
    conn.prepare_cached("SELECT time_zone, starts_at_ms, over_at_ms FROM event WHERE id = ?1")?.query_row(
        [id.as_bytes()],
        |row| {
            let is_known = Zone::parse("time_zone", row.get_ref(0)?.as_str()?).is_ok();
            let derived = (timestamp(row, 1)?, timestamp(row, 2)?);
            Ok(is_known.then_some(derived))
        },
    )
}

/// What a watcher learns of an event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChangedEvent {
    /// Which.
    pub id: EventId,
    /// Its revision now.
    pub revision: u64,
    /// Whether it has been deleted.
    pub is_deleted: bool,
}

/// The events changed after `change` that are in `[from, to)`, or were before they moved.
pub(crate) fn changed_after(
    conn: &Connection,
    change: u64,
    from: Timestamp,
    to: Timestamp,
) -> rusqlite::Result<Vec<ChangedEvent>> {
    conn.prepare_cached(
        "SELECT id, revision, deleted_at_ms IS NOT NULL FROM event
         WHERE change > ?1 AND ((starts_at_ms < ?3 AND over_at_ms > ?2) OR EXISTS (
             SELECT 1 FROM event_move AS was WHERE was.event_id = event.id AND was.change > ?1
                 AND was.starts_at_ms < ?3 AND was.over_at_ms > ?2))
         ORDER BY change",
    )?
    .query_map(params![change, from.as_ms(), to.as_ms()], |row| {
        Ok(ChangedEvent { id: EventId::from_bytes(row.get(0)?), revision: row.get(1)?, is_deleted: row.get(2)? })
    })?
    .collect()
}

/// Forgets events that were deleted before an instant and that no notification tells of any more, at
/// most `limit`; the answer is how many.
pub(crate) fn forget(conn: &Connection, before: Timestamp, limit: usize) -> rusqlite::Result<usize> {
    let ids: Vec<EventId> = conn
        .prepare_cached(
            "SELECT id FROM event WHERE deleted_at_ms < ?1
                 AND NOT EXISTS (SELECT 1 FROM notification WHERE event_id = event.id)
                 AND NOT EXISTS (SELECT 1 FROM reminder WHERE event_id = event.id AND next_due_ms IS NOT NULL)
                 AND NOT EXISTS (SELECT 1 FROM snooze WHERE event_id = event.id AND state = 'pending')
             ORDER BY deleted_at_ms LIMIT ?2",
        )?
        .query_map(params![before.as_ms(), limit], |row| row.get(0).map(EventId::from_bytes))?
        .collect::<Result<_, _>>()?;
    if !ids.is_empty() {
        office::keep_event_change(conn)?;
    }
    for id in &ids {
        for of_it in ["reminder WHERE event_id", "snooze WHERE event_id", "event_move WHERE event_id", "event WHERE id"]
        {
            conn.prepare_cached(&format!("DELETE FROM {of_it} = ?1"))?.execute([id.as_bytes()])?;
        }
    }
    Ok(ids.len())
}

/// Forgets where events were before all but the latest `kept` changes, at most `limit`; the answer is
/// how many.
pub(crate) fn forget_moves(conn: &Connection, kept: u64, limit: usize) -> rusqlite::Result<usize> {
    let last = office::event_change(conn)?.saturating_sub(kept);
    conn.prepare_cached(
        "DELETE FROM event_move WHERE (event_id, change) IN (
             SELECT event_id, change FROM event_move WHERE change <= ?1 LIMIT ?2)",
    )?
    .execute(params![last, limit])
}

/// Reads a row that must be there.
pub(crate) fn require(conn: &Connection, id: EventId) -> rusqlite::Result<Event> {
    get(conn, id)?.ok_or_else(|| damaged("event_id"))
}
