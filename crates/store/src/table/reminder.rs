//! The reminders of one person for one start of an event: a row for all of them, since they are armed, moved and decided
//! together.

use std::borrow::Cow;

use rappel_core::arm::{Armed, Purpose, State};
use rappel_core::notification::Offset;
use rappel_core::schedule::StartKey;
use rappel_core::{EventId, PersonId, Timestamp};
use rusqlite::{Connection, params};

use super::{damaged, json, to_json};
use crate::statements::Statements;

/// How an offset stands in its row: what it is, due, armed at, state; instants in milliseconds.
type Stored<'a> = (Cow<'a, str>, i64, i64, &'a str);

/// All of one person for one event, of every start.
pub(crate) fn of(conn: &Connection, event: EventId, person: PersonId) -> rusqlite::Result<Vec<Armed>> {
    let mut statement =
        conn.prepare_cached("SELECT start_key, offsets FROM reminder WHERE event_id = ?1 AND person_id = ?2")?;
    let mut rows = statement.query(params![event.as_bytes(), person.as_bytes()])?;
    let mut all = Vec::new();
    while let Some(row) = rows.next()? {
        all.extend(read(row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?)?);
    }
    Ok(all)
}

/// Reads what a row holds.
pub(crate) fn read(start_key: &str, offsets: &str) -> rusqlite::Result<Vec<Armed>> {
    let start = StartKey::parse(start_key).ok_or_else(|| damaged("reminder.start_key"))?;
    let armed = |(offset, due_ms, armed_at_ms, state): Stored<'_>| {
        Some(Armed {
            start,
            purpose: Purpose::Reminder(Offset::parse(&offset)?),
            due: Timestamp::clamped_from_ms(due_ms),
            armed_at: Timestamp::clamped_from_ms(armed_at_ms),
            state: State::parse(state)?,
        })
    };
    let offsets: Vec<Stored<'_>> = json(offsets)?;
    offsets.into_iter().map(|stored| armed(stored).ok_or_else(|| damaged("reminder.offsets"))).collect()
}

/// Writes some over their earlier state; `existing` is all that there is of this event and person. Snoozes are left out.
pub(crate) fn put(
    statements: &dyn Statements,
    event: EventId,
    person: PersonId,
    existing: &[Armed],
    changed: &[Armed],
) -> rusqlite::Result<()> {
    let of_start = |rows: &[Armed], start| -> Vec<Armed> {
        let is_of_it = |row: &Armed| row.start == start && matches!(row.purpose, Purpose::Reminder(_));
        rows.iter().copied().filter(is_of_it).collect()
    };
    for (place, first) in changed.iter().enumerate() {
        if changed[..place].iter().any(|earlier| earlier.start == first.start) {
            continue; // written with it
        }
        let changed = of_start(changed, first.start);
        if changed.is_empty() {
            continue;
        }
        let mut rows = of_start(existing, first.start);
        let statement = if rows.is_empty() { INSERT } else { UPDATE };
        for row in changed {
            match rows.iter_mut().find(|known| known.purpose == row.purpose) {
                Some(known) => *known = row,
                None => rows.push(row),
            }
        }
        let stored: Vec<Stored<'_>> = rows.iter().filter_map(stored).collect();
        write(statements, statement, event, person, &first.start.to_string(), &stored)?;
    }
    Ok(())
}

fn stored(row: &Armed) -> Option<Stored<'static>> {
    match row.purpose {
        Purpose::Reminder(offset) => {
            Some((offset.param().into(), row.due.as_ms(), row.armed_at.as_ms(), row.state.as_str()))
        }
        Purpose::Snooze(_) => None,
    }
}

static INSERT: &str = "INSERT INTO reminder (event_id, person_id, start_key, offsets, next_due_ms, decided_due_ms)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
static UPDATE: &str = "UPDATE reminder SET offsets = ?4, next_due_ms = ?5, decided_due_ms = ?6
     WHERE event_id = ?1 AND person_id = ?2 AND start_key = ?3";

/// Writes a row by a statement.
fn write(
    statements: &dyn Statements,
    statement: &'static str,
    event: EventId,
    person: PersonId,
    start_key: &str,
    offsets: &[Stored<'_>],
) -> rusqlite::Result<()> {
    let (pending, decided): (Vec<_>, Vec<_>) = offsets.iter().partition(|stored| stored.3 == State::Pending.as_str());
    statements.execute(
        statement,
        params![
            event.as_bytes(),
            person.as_bytes(),
            start_key,
            to_json(&offsets)?,
            pending.iter().map(|stored| stored.1).min(),
            decided.iter().map(|stored| stored.1).max(),
        ],
    )?;
    Ok(())
}

/// Ends what is due of one person for an event, whatever it is; the answer is how many.
pub(crate) fn set_aside(
    conn: &Connection,
    event: EventId,
    person: PersonId,
    now: Timestamp,
) -> rusqlite::Result<usize> {
    let due: Vec<(String, String)> = conn
        .prepare_cached(
            "SELECT start_key, offsets FROM reminder WHERE event_id = ?1 AND person_id = ?2 AND next_due_ms <= ?3",
        )?
        .query_map(params![event.as_bytes(), person.as_bytes(), now.as_ms()], |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect::<Result<_, _>>()?;
    let mut ended = 0;
    for (start_key, offsets) in due {
        // What is no list at all holds nothing that could be kept.
        let mut offsets: Vec<Stored<'_>> = json(&offsets).unwrap_or_default();
        for stored in &mut offsets {
            if stored.3 == State::Pending.as_str() && stored.1 <= now.as_ms() {
                stored.3 = State::Missed.as_str();
                ended += 1;
            }
        }
        write(conn, UPDATE, event, person, &start_key, &offsets)?;
    }
    Ok(ended)
}
