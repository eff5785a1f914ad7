//! References that SQLite does not see to: to look for what they refer to would cost each row that is written.

use std::collections::HashSet;

use rappel_core::PersonId;
use rusqlite::Connection;

use super::event;

/// A table with a row that refers, without SQLite's knowledge, to what is not there.
pub(crate) fn dangling(conn: &Connection) -> rusqlite::Result<Option<&'static str>> {
    for (table, refers, known) in [
        ("notification", "event_id", "SELECT id FROM event"),
        ("notification", "person_id", "SELECT id FROM person"),
        ("notification", "words_number", "SELECT number FROM words"),
        ("reminder", "event_id", "SELECT id FROM event"),
        ("reminder", "person_id", "SELECT id FROM person"),
        ("event", "created_by", "SELECT id FROM person"),
    ] {
        let missing = format!("SELECT EXISTS (SELECT {refers} FROM {table} WHERE {refers} IS NOT NULL EXCEPT {known})");
        if conn.query_row(&missing, [], |row| row.get(0))? {
            return Ok(Some(table));
        }
    }
    let mut people = conn.prepare("SELECT id FROM person")?;
    let people: HashSet<PersonId> =
        people.query_map([], |row| row.get(0).map(PersonId::from_bytes))?.collect::<Result<_, _>>()?;
    let mut events = conn.prepare("SELECT assignees FROM event")?;
    let mut rows = events.query([])?;
    while let Some(row) = rows.next()? {
        if event::ids(row.get_ref(0)?.as_blob()?)?.iter().any(|assignee| !people.contains(assignee)) {
            return Ok(Some("event"));
        }
    }
    Ok(None)
}
