//! What somebody put off, until it is told again.

use rappel_core::arm::{Armed, Purpose, State};
use rappel_core::event::Event;
use rappel_core::id::SnoozeId;
use rappel_core::schedule::StartKey;
use rappel_core::{EventId, NotificationId, PersonId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{damaged, timestamp};

pub(crate) const COLUMNS: &str = "start_key, id, due_ms, armed_at_ms, state";

/// Reads the [`COLUMNS`].
pub(crate) fn read(row: &Row<'_>) -> rusqlite::Result<Armed> {
    Ok(Armed {
        start: StartKey::parse(row.get_ref(0)?.as_str()?).ok_or_else(|| damaged("snooze.start_key"))?,
        purpose: Purpose::Snooze(SnoozeId::from_bytes(row.get(1)?)),
        due: timestamp(row, 2)?,
        armed_at: timestamp(row, 3)?,
        state: State::parse(row.get_ref(4)?.as_str()?).ok_or_else(|| damaged("snooze.state"))?,
    })
}

/// All of one person for one event, of every start.
pub(crate) fn of(conn: &Connection, event: EventId, person: PersonId) -> rusqlite::Result<Vec<Armed>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM snooze WHERE event_id = ?1 AND person_id = ?2"))?
        .query_map(params![event.as_bytes(), person.as_bytes()], read)?
        .collect()
}

/// Arms a snooze of a notification for the start that its event has, or arms it again.
pub(crate) fn insert(
    conn: &Connection,
    event: &Event,
    person: PersonId,
    id: SnoozeId,
    due: Timestamp,
    now: Timestamp,
    parent: NotificationId,
) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "INSERT INTO snooze (event_id, person_id, start_key, id, due_ms, armed_at_ms, state, parent_id)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
         ON CONFLICT (event_id, person_id, start_key, id) DO UPDATE SET
             due_ms = excluded.due_ms, armed_at_ms = excluded.armed_at_ms, state = excluded.state",
    )?
    .execute(params![
        event.id.as_bytes(),
        person.as_bytes(),
        event.schedule.start_key().to_string(),
        id.as_bytes(),
        due.as_ms(),
        now.as_ms(),
        State::Pending.as_str(),
        parent.as_bytes(),
    ])?;
    Ok(())
}

/// Moves snoozes into the states that they have in `changed`. Reminders are left out.
pub(crate) fn set_states(
    conn: &Connection,
    event: EventId,
    person: PersonId,
    changed: &[Armed],
) -> rusqlite::Result<()> {
    for row in changed {
        if let Purpose::Snooze(id) = row.purpose {
            conn.prepare_cached(
                "UPDATE snooze SET state = ?5 WHERE event_id = ?1 AND person_id = ?2 AND start_key = ?3 AND id = ?4",
            )?
            .execute(params![
                event.as_bytes(),
                person.as_bytes(),
                row.start.to_string(),
                id.as_bytes(),
                row.state.as_str()
            ])?;
        }
    }
    Ok(())
}

/// Has the pending snoozes of an event belong to another start of it; their time stays.
pub(crate) fn follow(conn: &Connection, event: EventId, from: StartKey, to: StartKey) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "UPDATE snooze SET start_key = ?3 WHERE event_id = ?1 AND start_key = ?2 AND state = 'pending'",
    )?
    .execute(params![event.as_bytes(), from.to_string(), to.to_string()])?;
    Ok(())
}

/// Cancels the pending snoozes of a notification that are due no later than `due`, or all of them.
pub(crate) fn cancel(
    conn: &Connection,
    event: EventId,
    person: PersonId,
    parent: NotificationId,
    due: Option<Timestamp>,
) -> rusqlite::Result<()> {
    conn.execute(
        "UPDATE snooze SET state = 'cancelled' WHERE event_id = ?1 AND person_id = ?2 AND parent_id = ?3
             AND state = 'pending' AND due_ms <= ?4",
        params![event.as_bytes(), person.as_bytes(), parent.as_bytes(), due.map_or(i64::MAX, Timestamp::as_ms)],
    )?;
    Ok(())
}

/// Whether a notification is put off and still to be told again.
pub(crate) fn is_pending(
    conn: &Connection,
    event: EventId,
    person: PersonId,
    parent: NotificationId,
) -> rusqlite::Result<bool> {
    conn.query_row(
        "SELECT EXISTS (SELECT 1 FROM snooze WHERE event_id = ?1 AND person_id = ?2 AND parent_id = ?3
             AND state = 'pending')",
        params![event.as_bytes(), person.as_bytes(), parent.as_bytes()],
        |row| row.get(0),
    )
}

/// What a snooze tells again.
pub(crate) fn parent(
    conn: &Connection,
    event: EventId,
    person: PersonId,
    id: SnoozeId,
) -> rusqlite::Result<Option<NotificationId>> {
    conn.prepare_cached("SELECT parent_id FROM snooze WHERE event_id = ?1 AND person_id = ?2 AND id = ?3")?
        .query_row(params![event.as_bytes(), person.as_bytes(), id.as_bytes()], |row| row.get(0))
        .optional()
        .map(|id| id.map(NotificationId::from_bytes))
}

/// All that was armed to tell a notification again, in the order of the wishes.
pub(crate) fn of_parent(conn: &Connection, parent: NotificationId) -> rusqlite::Result<Vec<Armed>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM snooze WHERE parent_id = ?1 ORDER BY armed_at_ms, due_ms"))?
        .query_map([parent.as_bytes()], read)?
        .collect()
}

/// Ends what is due of one person for an event; the answer is how many.
pub(crate) fn set_aside(
    conn: &Connection,
    event: EventId,
    person: PersonId,
    now: Timestamp,
) -> rusqlite::Result<usize> {
    conn.execute(
        "UPDATE snooze SET state = 'missed'
         WHERE event_id = ?1 AND person_id = ?2 AND state = 'pending' AND due_ms <= ?3",
        params![event.as_bytes(), person.as_bytes(), now.as_ms()],
    )
}

/// Forgets the snoozes of a person's notifications up to `seq`, all of which are decided.
pub(crate) fn forget(conn: &Connection, person: PersonId, seq: u64) -> rusqlite::Result<()> {
    conn.prepare_cached(
        "DELETE FROM snooze WHERE parent_id IN (SELECT id FROM notification WHERE person_id = ?1 AND seq <= ?2)",
    )?
    .execute(params![person.as_bytes(), seq])?;
    Ok(())
}
