//! People.

use rappel_core::event::ReminderMinutes;
use rappel_core::person::{Locale, Person, QuietHours, Role};
use rappel_core::{PersonId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{json, known, to_json, zone};

const COLUMNS: &str = "id, name, role, email, locale, time_zone, reminders, quiet_from, quiet_to, active";

fn read(row: &Row<'_>) -> rusqlite::Result<Person> {
    let locale: Option<String> = row.get(4)?;
    let reminders: Option<String> = row.get(6)?;
    let quiet: (Option<String>, Option<String>) = (row.get(7)?, row.get(8)?);
    Ok(Person {
        id: PersonId::from_bytes(row.get(0)?),
        name: row.get(1)?,
        role: known(Role::parse(row.get_ref(2)?.as_str()?), "person.role")?,
        email: row.get(3)?,
        locale: locale.map(|locale| known(Locale::parse(&locale), "person.locale")).transpose()?,
        time_zone: row.get::<_, Option<String>>(5)?.map(|name| zone(&name)),
        reminders: reminders.map(|text| json::<ReminderMinutes>(&text)).transpose()?,
        quiet_hours: match quiet {
            (Some(from), Some(to)) => Some(QuietHours { from, to }),
            _ => None,
        },
        active: row.get(9)?,
    })
}

pub(crate) fn get(conn: &Connection, id: PersonId) -> rusqlite::Result<Option<Person>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM person WHERE id = ?1"))?
        .query_row([id.as_bytes()], read)
        .optional()
}

/// Everybody, those who left included, by name.
pub(crate) fn all(conn: &Connection) -> rusqlite::Result<Vec<Person>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM person ORDER BY name COLLATE NOCASE, id"))?
        .query_map([], read)?
        .collect()
}

pub(crate) fn insert(conn: &Connection, person: &Person, now: Timestamp) -> rusqlite::Result<()> {
    conn.execute(
        "INSERT INTO person (id, name, role, active, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5)",
        params![person.id.as_bytes(), person.name, person.role.as_str(), person.active, now.as_ms()],
    )?;
    conn.execute("INSERT INTO inbox (person_id) VALUES (?1)", [person.id.as_bytes()])?;
    update(conn, person)
}

pub(crate) fn update(conn: &Connection, person: &Person) -> rusqlite::Result<()> {
    let quiet = person.quiet_hours.as_ref();
    conn.prepare_cached(
        "UPDATE person SET name = ?2, role = ?3, email = ?4, locale = ?5, time_zone = ?6, reminders = ?7,
                quiet_from = ?8, quiet_to = ?9, active = ?10 WHERE id = ?1",
    )?
    .execute(params![
        person.id.as_bytes(),
        person.name,
        person.role.as_str(),
        person.email,
        person.locale.map(Locale::as_str),
        person.time_zone.as_ref().map(rappel_core::Zone::name),
        person.reminders.as_ref().map(to_json).transpose()?,
        quiet.map(|hours| &hours.from),
        quiet.map(|hours| &hours.to),
        person.active,
    ])?;
    Ok(())
}

/// How many people can manage the office.
pub(crate) fn active_admins(conn: &Connection) -> rusqlite::Result<u64> {
    conn.query_row("SELECT count(*) FROM person WHERE role = 'admin' AND active", [], |row| row.get(0))
}
