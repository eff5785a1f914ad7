//! Armed reminders: the one truth of what is still to be told, and when.

use rappel_core::arm::{Armed, Purpose, State};
use rappel_core::id::SnoozeId;
use rappel_core::notification::Offset;
use rappel_core::schedule::StartKey;
use rappel_core::{EventId, NotificationId, PersonId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{damaged, timestamp};

const COLUMNS: &str = "start_key, purpose, param, due_ms, armed_at_ms, state";

fn read(row: &Row<'_>) -> rusqlite::Result<Armed> {
    let param = row.get_ref(2)?.as_str()?;
    let purpose = match row.get_ref(1)?.as_str()? {
        "snooze" => param.parse::<SnoozeId>().ok().map(Purpose::Snooze),
        _ => Offset::parse(param).map(Purpose::Reminder),
    };
    Ok(Armed {
        start: StartKey::parse(row.get_ref(0)?.as_str()?).ok_or_else(|| damaged("reminder.start_key"))?,
        purpose: purpose.ok_or_else(|| damaged("reminder.param"))?,
        due: timestamp(row, 3)?,
        armed_at: timestamp(row, 4)?,
        state: State::parse(row.get_ref(5)?.as_str()?).ok_or_else(|| damaged("reminder.state"))?,
    })
}

fn purpose_columns(purpose: Purpose) -> (&'static str, String) {
    match purpose {
        Purpose::Reminder(offset) => ("reminder", offset.param()),
        Purpose::Snooze(snooze) => ("snooze", snooze.to_string()),
    }
}

/// All rows of one person for one event, of every start.
pub(crate) fn of(conn: &Connection, event: EventId, person: PersonId) -> rusqlite::Result<Vec<Armed>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM reminder WHERE event_id = ?1 AND person_id = ?2"))?
        .query_map(params![event.as_bytes(), person.as_bytes()], read)?
        .collect()
}

/// The rows of one person for one event that are still to be decided.
pub(crate) fn pending_of(conn: &Connection, event: EventId, person: PersonId) -> rusqlite::Result<Vec<Armed>> {
    let mut rows = of(conn, event, person)?;
    rows.retain(|row| row.state == State::Pending);
    Ok(rows)
}

/// Everybody who has or had a reminder of this event.
pub(crate) fn people_of(conn: &Connection, event: EventId) -> rusqlite::Result<Vec<PersonId>> {
    conn.prepare_cached("SELECT DISTINCT person_id FROM reminder WHERE event_id = ?1 AND state = 'pending'")?
        .query_map([event.as_bytes()], |row| row.get(0).map(PersonId::from_bytes))?
        .collect()
}

/// The events for which a person has something pending: of what they are assigned to, since what they had
/// of anything else was cancelled.
pub(crate) fn pending_events_of(conn: &Connection, person: PersonId) -> rusqlite::Result<Vec<EventId>> {
    conn.prepare_cached(
        "SELECT event_id FROM assignee WHERE person_id = ?1 AND EXISTS (
             SELECT 1 FROM reminder WHERE event_id = assignee.event_id AND person_id = ?1 AND state = 'pending')",
    )?
    .query_map([person.as_bytes()], |row| row.get(0).map(EventId::from_bytes))?
    .collect()
}

/// Writes reminders over their earlier state; `existing` are the rows that there are of this event and
/// person. Of a snooze, which must be there, only the state changes.
pub(crate) fn put(
    conn: &Connection,
    event: EventId,
    person: PersonId,
    existing: &[Armed],
    rows: &[Armed],
) -> rusqlite::Result<()> {
    for row in rows {
        let is_known = existing.iter().any(|known| known.start == row.start && known.purpose == row.purpose);
        match row.purpose {
            Purpose::Reminder(_) if is_known => write(conn, UPDATE, event, person, row, None)?,
            Purpose::Reminder(_) => write(conn, INSERT, event, person, row, None)?,
            Purpose::Snooze(_) => set_state(conn, event, person, row, row.state)?,
        }
    }
    Ok(())
}

const INSERT: &str =
    "INSERT INTO reminder (event_id, person_id, start_key, purpose, param, due_ms, armed_at_ms, state, parent_id)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
const UPDATE: &str = "UPDATE reminder SET due_ms = ?6, armed_at_ms = ?7, state = ?8, parent_id = ?9
     WHERE event_id = ?1 AND person_id = ?2 AND start_key = ?3 AND purpose = ?4 AND param = ?5";

/// Writes a row by a statement; `parent` is what a snooze tells again.
fn write(
    conn: &Connection,
    statement: &str,
    event: EventId,
    person: PersonId,
    row: &Armed,
    parent: Option<NotificationId>,
) -> rusqlite::Result<()> {
    let (purpose, param) = purpose_columns(row.purpose);
    conn.prepare_cached(statement)?.execute(params![
        event.as_bytes(),
        person.as_bytes(),
        row.start.to_string(),
        purpose,
        param,
        row.due.as_ms(),
        row.armed_at.as_ms(),
        row.state.as_str(),
        parent.as_ref().map(NotificationId::as_bytes),
    ])?;
    Ok(())
}

/// Ends what is due of one person's rows of an event, whatever it is; the answer is how many.
pub(crate) fn set_aside(
    conn: &Connection,
    event: EventId,
    person: PersonId,
    now: Timestamp,
) -> rusqlite::Result<usize> {
    conn.execute(
        "UPDATE reminder SET state = 'missed'
         WHERE event_id = ?1 AND person_id = ?2 AND state = 'pending' AND due_ms <= ?3",
        params![event.as_bytes(), person.as_bytes(), now.as_ms()],
    )
}

/// Moves a row into another state.
pub(crate) fn set_state(
    conn: &Connection,
    event: EventId,
    person: PersonId,
    row: &Armed,
    state: State,
) -> rusqlite::Result<()> {
    let (purpose, param) = purpose_columns(row.purpose);
    conn.prepare_cached(
        "UPDATE reminder SET state = ?6
         WHERE event_id = ?1 AND person_id = ?2 AND start_key = ?3 AND purpose = ?4 AND param = ?5",
    )?
    .execute(params![
        event.as_bytes(),
        person.as_bytes(),
        row.start.to_string(),
        purpose,
        param,
        state.as_str()
    ])?;
    Ok(())
}

/// Arms a snooze of a notification, or arms it again.
pub(crate) fn insert_snooze(
    conn: &Connection,
    event: EventId,
    person: PersonId,
    row: &Armed,
    parent: NotificationId,
) -> rusqlite::Result<()> {
    let over = "ON CONFLICT (event_id, person_id, start_key, purpose, param) DO UPDATE SET
        due_ms = excluded.due_ms, armed_at_ms = excluded.armed_at_ms, state = excluded.state";
    write(conn, &format!("{INSERT} {over}"), event, person, row, Some(parent))
}

/// Has the pending snoozes of an event belong to another start of it; their time stays.
pub(crate) fn move_snoozes(conn: &Connection, event: EventId, from: StartKey, to: StartKey) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE reminder SET start_key = ?3
         WHERE event_id = ?1 AND start_key = ?2 AND purpose = 'snooze' AND state = 'pending'",
    )?
    .execute(params![event.as_bytes(), from.to_string(), to.to_string()])?;
    Ok(())
}

/// Cancels the pending snoozes of a notification that are due no later than `due`, or all of them.
pub(crate) fn cancel_snoozes(
    conn: &Connection,
    event: EventId,
    person: PersonId,
    parent: NotificationId,
    due: Option<Timestamp>,
) -> rusqlite::Result<()> {
    conn.execute(
        "UPDATE reminder SET state = 'cancelled' WHERE event_id = ?1 AND person_id = ?2 AND purpose = 'snooze'
             AND parent_id = ?3 AND state = 'pending' AND due_ms <= ?4",
        params![event.as_bytes(), person.as_bytes(), parent.as_bytes(), due.map_or(i64::MAX, Timestamp::as_ms)],
    )?;
    Ok(())
}

/// Whether a notification is put off and still to be told again.
pub(crate) fn has_snooze(
    conn: &Connection,
    event: EventId,
    person: PersonId,
    parent: NotificationId,
) -> rusqlite::Result<bool> {
    conn.query_row(
        "SELECT EXISTS (SELECT 1 FROM reminder WHERE event_id = ?1 AND person_id = ?2 AND purpose = 'snooze'
             AND parent_id = ?3 AND state = 'pending')",
        params![event.as_bytes(), person.as_bytes(), parent.as_bytes()],
        |row| row.get(0),
    )
}

/// What a snooze tells again.
pub(crate) fn snooze_parent(
    conn: &Connection,
    event: EventId,
    person: PersonId,
    snooze: SnoozeId,
) -> rusqlite::Result<Option<NotificationId>> {
    conn.prepare_cached(
        "SELECT parent_id FROM reminder
         WHERE event_id = ?1 AND person_id = ?2 AND purpose = 'snooze' AND param = ?3",
    )?
    .query_row(params![event.as_bytes(), person.as_bytes(), snooze.to_string()], |row| row.get(0))
    .optional()
    .map(|id| id.map(NotificationId::from_bytes))
}

/// All that was armed to tell a notification again, in the order of the wishes.
pub(crate) fn snoozes_of(conn: &Connection, parent: NotificationId) -> rusqlite::Result<Vec<Armed>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM reminder WHERE parent_id = ?1 ORDER BY armed_at_ms, due_ms"))?
        .query_map([parent.as_bytes()], read)?
        .collect()
}

/// What became of the reminders that were due from `since` on: how many of each state.
pub(crate) fn decided_since(conn: &Connection, since: Timestamp) -> rusqlite::Result<Vec<(State, usize)>> {
    conn.prepare_cached(
        "SELECT state, count(*) FROM reminder WHERE state <> 'pending' AND due_ms >= ?1 GROUP BY state",
    )?
    .query_map([since.as_ms()], |row| {
        let state = State::parse(row.get_ref(0)?.as_str()?).ok_or_else(|| damaged("reminder.state"))?;
        Ok((state, row.get(1)?))
    })?
    .collect()
}

/// What is pending of a person and due by `until`, the first due first, with its event and what a
/// snooze tells again; at most `limit`.
pub(crate) fn pending_until(
    conn: &Connection,
    person: PersonId,
    until: Timestamp,
    limit: usize,
) -> rusqlite::Result<Vec<(EventId, Armed, Option<NotificationId>)>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS}, event_id, parent_id FROM reminder
         WHERE state = 'pending' AND person_id = ?1 AND due_ms <= ?2 ORDER BY due_ms, event_id LIMIT ?3"
    ))?
    .query_map(params![person.as_bytes(), until.as_ms(), limit], |row| {
        let parent = row.get::<_, Option<_>>("parent_id")?.map(NotificationId::from_bytes);
        Ok((EventId::from_bytes(row.get("event_id")?), read(row)?, parent))
    })?
    .collect()
}

/// When the next row is due.
pub(crate) fn next_due(conn: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    conn.prepare_cached("SELECT min(due_ms) FROM reminder WHERE state = 'pending'")?
        .query_row([], |row| row.get::<_, Option<i64>>(0))
        .map(|due| due.map(Timestamp::clamped_from_ms))
}

/// Events and people with rows due by `now`, the longest overdue first; at most `limit` rows are
/// looked at.
pub(crate) fn due(conn: &Connection, now: Timestamp, limit: usize) -> rusqlite::Result<Vec<(EventId, PersonId)>> {
    let rows = conn
        .prepare_cached(
            "SELECT event_id, person_id FROM reminder WHERE state = 'pending' AND due_ms <= ?1
             ORDER BY due_ms LIMIT ?2",
        )?
        .query_map(params![now.as_ms(), limit], |row| {
            Ok((EventId::from_bytes(row.get(0)?), PersonId::from_bytes(row.get(1)?)))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let mut seen = std::collections::HashSet::new();
    Ok(rows.into_iter().filter(|pair| seen.insert(*pair)).collect())
}

/// Forgets the snoozes of a person's notifications up to `seq`, all of which are decided.
pub(crate) fn forget_snoozes(conn: &Connection, person: PersonId, seq: u64) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "DELETE FROM reminder WHERE parent_id IN (SELECT id FROM notification WHERE person_id = ?1 AND seq <= ?2)",
    )?
    .execute(params![person.as_bytes(), seq])?;
    Ok(())
}
