//! What is armed, reminders and snoozes together: the one truth of what is still to be told, and when.

use std::collections::HashSet;

use chrono::TimeDelta;
use rappel_core::arm::{Armed, State};
use rappel_core::{EventId, NotificationId, PersonId, Timestamp};
use rusqlite::{Connection, params};

use super::{damaged, reminder, snooze};
use crate::statements::Statements;

/// All of one person for one event, of every start.
pub(crate) fn of(conn: &Connection, event: EventId, person: PersonId) -> rusqlite::Result<Vec<Armed>> {
    let mut rows = reminder::of(conn, event, person)?;
    rows.extend(snooze::of(conn, event, person)?);
    Ok(rows)
}

/// Writes some over their earlier state; `existing` is all that there is of this event and person. Of a snooze, which
/// must be there, only the state changes.
pub(crate) fn put(
    conn: &Connection,
    statements: &dyn Statements,
    event: EventId,
    person: PersonId,
    existing: &[Armed],
    changed: &[Armed],
) -> rusqlite::Result<()> {
    reminder::put(statements, event, person, existing, changed)?;
    snooze::set_states(conn, event, person, changed)
}

/// Everybody who has something pending for this event.
pub(crate) fn people_of(conn: &Connection, event: EventId) -> rusqlite::Result<Vec<PersonId>> {
    conn.prepare_cached(
        "SELECT person_id FROM reminder WHERE event_id = ?1 AND next_due_ms IS NOT NULL
         UNION SELECT person_id FROM snooze WHERE event_id = ?1 AND state = 'pending'",
    )?
    .query_map([event.as_bytes()], |row| row.get(0).map(PersonId::from_bytes))?
    .collect()
}

/// Some events for which a person has something pending: all of those that are over by now among them.
pub(crate) fn pending_events_of(conn: &Connection, person: PersonId, now: Timestamp) -> rusqlite::Result<Vec<EventId>> {
    // Nothing reminds of what is over; of a whole day it may, as long as that goes on in the zone of its person.
    let until = now + TimeDelta::days(2);
    conn.prepare_cached(
        "SELECT event_id FROM reminder WHERE next_due_ms <= ?2 AND person_id = ?1
         UNION SELECT event_id FROM snooze WHERE state = 'pending' AND person_id = ?1",
    )?
    .query_map(params![person.as_bytes(), until.as_ms()], |row| row.get(0).map(EventId::from_bytes))?
    .collect()
}

/// Ends what is due of one person for an event, whatever it is; the answer is how many.
pub(crate) fn set_aside(
    conn: &Connection,
    event: EventId,
    person: PersonId,
    now: Timestamp,
) -> rusqlite::Result<usize> {
    Ok(reminder::set_aside(conn, event, person, now)? + snooze::set_aside(conn, event, person, now)?)
}

/// What became of that which was due from `since` on: how many of each state.
pub(crate) fn decided_since(conn: &Connection, since: Timestamp) -> rusqlite::Result<Vec<(State, usize)>> {
    conn.prepare_cached(
        "SELECT state, count(*) FROM (
             SELECT value ->> 3 AS state FROM reminder, json_each(offsets)
             WHERE decided_due_ms >= ?1 AND value ->> 1 >= ?1
             UNION ALL SELECT state FROM snooze WHERE state <> 'pending' AND due_ms >= ?1)
         WHERE state <> 'pending' GROUP BY state",
    )?
    .query_map([since.as_ms()], |row| {
        let state = State::parse(row.get_ref(0)?.as_str()?).ok_or_else(|| damaged("reminder.offsets"))?;
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
    let mut pending = Vec::new();
    let mut reminders = conn.prepare_cached(
        "SELECT event_id, start_key, offsets FROM reminder WHERE next_due_ms <= ?2 AND person_id = ?1
         ORDER BY next_due_ms, event_id LIMIT ?3",
    )?;
    // Each of these has one pending at least, so that what comes first is among them.
    let mut rows = reminders.query(params![person.as_bytes(), until.as_ms(), limit])?;
    while let Some(row) = rows.next()? {
        let event = EventId::from_bytes(row.get(0)?);
        let armed = reminder::read(row.get_ref(1)?.as_str()?, row.get_ref(2)?.as_str()?)?;
        let is_wanted = |row: &Armed| row.state == State::Pending && row.due <= until;
        pending.extend(armed.into_iter().filter(is_wanted).map(|row| (event, row, None)));
    }
    let columns = snooze::COLUMNS;
    let mut snoozes = conn.prepare_cached(&format!(
        "SELECT {columns}, event_id, parent_id FROM snooze WHERE state = 'pending' AND person_id = ?1 AND due_ms <= ?2
         ORDER BY due_ms, event_id LIMIT ?3"
    ))?;
    let mut rows = snoozes.query(params![person.as_bytes(), until.as_ms(), limit])?;
    while let Some(row) = rows.next()? {
        let parent = NotificationId::from_bytes(row.get("parent_id")?);
        pending.push((EventId::from_bytes(row.get("event_id")?), snooze::read(row)?, Some(parent)));
    }
    pending.sort_by_key(|(event, armed, _)| (armed.due, *event));
    pending.truncate(limit);
    Ok(pending)
}

/// When the next one is due.
pub(crate) fn next_due(conn: &Connection) -> rusqlite::Result<Option<Timestamp>> {
    conn.prepare_cached(
        "SELECT min(due_ms) FROM (
             SELECT min(next_due_ms) AS due_ms FROM reminder WHERE next_due_ms IS NOT NULL
             UNION ALL SELECT min(due_ms) FROM snooze WHERE state = 'pending')",
    )?
    .query_row([], |row| row.get::<_, Option<i64>>(0))
    .map(|due| due.map(Timestamp::clamped_from_ms))
}

/// Events and people with something due by `now`, the longest overdue first; at most `limit` rows are
/// looked at.
pub(crate) fn due(conn: &Connection, now: Timestamp, limit: usize) -> rusqlite::Result<Vec<(EventId, PersonId)>> {
    let rows = conn
        .prepare_cached(
            "SELECT event_id, person_id, next_due_ms AS due_ms FROM reminder WHERE next_due_ms <= ?1
             UNION ALL SELECT event_id, person_id, due_ms FROM snooze WHERE state = 'pending' AND due_ms <= ?1
             ORDER BY due_ms LIMIT ?2",
        )?
        .query_map(params![now.as_ms(), limit], |row| {
            Ok((EventId::from_bytes(row.get(0)?), PersonId::from_bytes(row.get(1)?)))
        })?
        .collect::<Result<Vec<_>, _>>()?;
    let mut seen = HashSet::new();
    Ok(rows.into_iter().filter(|pair| seen.insert(*pair)).collect())
}
