//! The schemas' versions. A file is brought up to date in one transaction, or left as it was.

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::error::OpenError;

/// What a kind of file holds, as it grew.
pub(crate) struct Schema {
    /// Tells this kind of file from other SQLite databases.
    pub(crate) application_id: i32,
    /// Append only: a file that has been released is never edited.
    pub(crate) migrations: &'static [&'static str],
}

/// The event store: "Rapl".
pub(crate) const OFFICE: Schema = Schema {
    application_id: 0x5261_706c,
    migrations: &[
        include_str!("migrations/office/0001_initial.sql"),
        include_str!("migrations/office/0002_receipt.sql"),
        include_str!("migrations/office/0003_kept.sql"),
        include_str!("migrations/office/0004_zone_data.sql"),
        include_str!("migrations/office/0005_open_invitation.sql"),
        include_str!("migrations/office/0006_identity.sql"),
        include_str!("migrations/office/0007_shown_away.sql"),
        include_str!("migrations/office/0008_secure_office.sql"),
        include_str!("migrations/office/0009_clock_held.sql"),
        include_str!("migrations/office/0010_keeper.sql"),
        include_str!("migrations/office/0011_reach.sql"),
        include_str!("migrations/office/0012_reckoning.sql"),
        include_str!("migrations/office/0013_lean.sql"),
        include_str!("migrations/office/0014_changed.sql"),
        include_str!("migrations/office/0015_armed.sql"),
        include_str!("migrations/office/0016_assignees.sql"),
        include_str!("migrations/office/0017_words.sql"),
        include_str!("migrations/office/0018_people.sql"),
    ],
};

/// What a desktop has shown: "Rapp".
pub(crate) const POPUPS: Schema =
    Schema { application_id: 0x5261_7070, migrations: &[include_str!("migrations/popups/0001_initial.sql")] };

/// What a joined desktop keeps for when its hub is off: "Rapr".
pub(crate) const REPLICA: Schema =
    Schema { application_id: 0x5261_7072, migrations: &[include_str!("migrations/replica/0001_initial.sql")] };

/// The newest schema of the event store that this program knows.
#[must_use]
pub fn schema_version() -> u32 {
    OFFICE.version()
}

impl Schema {
    /// Whether a file of this version holds something, and will be changed.
    pub(crate) fn is_older(&self, found: u32) -> bool {
        found > 0 && found < self.version()
    }

    fn version(&self) -> u32 {
        u32::try_from(self.migrations.len()).expect("BUG: there are not that many migrations")
    }

    /// The version of a file that this program may write; it is only read.
    pub(crate) fn check(&self, conn: &Connection) -> Result<u32, OpenError> {
        let found: u32 = pragma(conn, "user_version")?;
        let application: i32 = pragma(conn, "application_id")?;
        let is_new = found == 0 && table_count(conn)? == 0;
        if !is_new && application != self.application_id {
            return Err(OpenError::Foreign);
        }
        if found > self.version() {
            return Err(OpenError::Newer { found, known: self.version() });
        }
        Ok(found)
    }

    /// Brings the schema up to date.
    pub(crate) fn migrate(&self, conn: &mut Connection) -> Result<(), OpenError> {
        let found = self.check(conn)?;
        if found == self.version() {
            return Ok(());
        }
        self.apply(conn, found).map_err(|error| match error.into() {
            OpenError::Sqlite(error) if found > 0 => OpenError::Migration { found, wanted: self.version(), error },
            error => error,
        })
    }

    fn apply(&self, conn: &mut Connection, found: u32) -> rusqlite::Result<()> {
        let txn = conn.transaction_with_behavior(TransactionBehavior::Exclusive)?;
        for migration in self.migrations.iter().skip(found as usize) {
            txn.execute_batch(migration)?;
        }
        txn.pragma_update(None, "application_id", self.application_id)?;
        txn.pragma_update(None, "user_version", self.version())?;
        txn.commit()
    }
}

fn pragma<T: rusqlite::types::FromSql>(conn: &Connection, name: &str) -> Result<T, OpenError> {
    conn.pragma_query_value(None, name, |row| row.get(0)).map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::NotADatabase) => OpenError::Foreign,
        _ => error.into(),
    })
}

fn table_count(conn: &Connection) -> rusqlite::Result<i64> {
    conn.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file() -> (tempfile::TempDir, Connection) {
        let dir = tempfile::tempdir().unwrap();
        let conn = Connection::open(dir.path().join("rappel.db")).unwrap();
        (dir, conn)
    }

    #[test]
    fn a_new_file_gets_the_newest_schema_and_keeps_it() {
        for schema in [OFFICE, POPUPS, REPLICA] {
            let (_dir, mut conn) = file();
            schema.migrate(&mut conn).unwrap();
            schema.migrate(&mut conn).unwrap();
            assert_eq!(schema.check(&conn).unwrap(), schema.version());
        }
    }

    #[test]
    fn a_file_of_the_first_release_is_brought_up_to_date_with_what_it_holds() {
        let (_dir, mut conn) = file();
        Schema { migrations: &OFFICE.migrations[..1], ..OFFICE }.migrate(&mut conn).unwrap();
        conn.execute_batch(
            "INSERT INTO office (id, hub_id, epoch, name, locale, time_zone, reminders, all_day_at_minutes)
             VALUES (1, randomblob(16), 1, 'Bureau', 'fr', 'Europe/Paris', '[30,5]', 540)",
        )
        .unwrap();
        OFFICE.migrate(&mut conn).unwrap();
        let office: (String, Option<String>) =
            conn.query_row("SELECT name, zone_data FROM office", [], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        assert_eq!(office, ("Bureau".to_owned(), None), "by which zone data it was derived is not known");
    }

    #[test]
    fn no_row_is_checked_against_a_list_in_a_table_of_its_own() {
        let (_dir, mut conn) = file();
        OFFICE.migrate(&mut conn).unwrap();
        for insert in [
            "INSERT INTO event (id, status) VALUES (x'00', 'planned')",
            "INSERT INTO snooze (event_id, state) VALUES (x'00', 'pending')",
        ] {
            let mut explained = conn.prepare(&format!("EXPLAIN {insert}")).unwrap();
            let steps: Vec<String> =
                explained.query_map([], |row| row.get("opcode")).unwrap().collect::<Result<_, _>>().unwrap();
            assert!(steps.iter().any(|step| step == "IdxInsert"), "{steps:?}");
            assert!(!steps.iter().any(|step| step == "OpenEphemeral"), "{insert}");
        }
    }

    #[test]
    fn conditions_hold_in_a_file_of_an_earlier_release_too() {
        let (_dir, mut conn) = file();
        Schema { migrations: &OFFICE.migrations[..12], ..OFFICE }.migrate(&mut conn).unwrap();
        OFFICE.migrate(&mut conn).unwrap();
        for insert in [
            "INSERT INTO snooze VALUES (x'00', x'00', 'T:0', randomblob(16), 0, 0, 'lost', x'00')",
            "INSERT INTO event (id, title, all_day, time_zone, starts_at_ms, over_at_ms, reminder_days, status, visibility,
                 revision, created_by, created_at_ms, updated_at_ms, search_text, change, first_day, last_day)
             VALUES (randomblob(16), '', 1, 'UTC', 0, 0, '[]', 'lost', 'team', 1, x'00', 0, 0, '', 1, '', '')",
        ] {
            let refused = conn.execute(insert, []).unwrap_err().to_string();
            assert!(refused.contains("CHECK constraint failed: stat"), "{refused}");
        }
        let sound: String = conn.pragma_query_value(None, "integrity_check", |row| row.get(0)).unwrap();
        assert_eq!(sound, "ok");
    }

    #[test]
    fn what_an_earlier_release_told_counts_as_changed() {
        let (_dir, mut conn) = file();
        Schema { migrations: &OFFICE.migrations[..13], ..OFFICE }.migrate(&mut conn).unwrap();
        conn.execute_batch(
            "PRAGMA foreign_keys = OFF;
             INSERT INTO notification (id, person_id, seq, change, event_id, type, outcome, title, message, event, due_ms,
                 created_at_ms, late, is_read)
             VALUES (randomblob(16), x'01', 1, 3, x'02', 'assigned', 'fired', '', '', '{}', 0, 0, 0, 1),
                    (randomblob(16), x'01', 2, 2, x'02', 'assigned', 'fired', '', '', '{}', 0, 0, 0, 0)",
        )
        .unwrap();
        OFFICE.migrate(&mut conn).unwrap();
        let by_change = "SELECT group_concat(seq) FROM (SELECT seq FROM notification INDEXED BY notification_by_change
             WHERE person_id = x'01' AND is_changed AND change > 0 ORDER BY change)";
        let found: String = conn.query_row(by_change, [], |row| row.get(0)).unwrap();
        assert_eq!(found, "2,1", "whether they were is not known");
    }

    #[test]
    fn reminders_of_an_earlier_release_are_put_together_by_their_start() {
        let (_dir, mut conn) = file();
        Schema { migrations: &OFFICE.migrations[..14], ..OFFICE }.migrate(&mut conn).unwrap();
        conn.execute_batch(
            "PRAGMA foreign_keys = OFF;
             INSERT INTO reminder (event_id, person_id, start_key, purpose, param, due_ms, armed_at_ms, state, parent_id)
             VALUES (x'01', x'02', 'T:90', 'reminder', '1800', 60, 5, 'fired', NULL),
                    (x'01', x'02', 'T:90', 'reminder', '300', 85, 5, 'pending', NULL),
                    (x'01', x'02', 'T:70', 'reminder', '300', 65, 4, 'cancelled', NULL),
                    (x'01', x'02', 'T:90', 'snooze', '0193c5b0-0000-7000-8000-00000000000a', 75, 61, 'pending', x'03'),
                    (x'01', x'02', 'T:90', 'snooze', 'of a damaged file', 75, 61, 'pending', x'03')",
        )
        .unwrap();
        OFFICE.migrate(&mut conn).unwrap();
        let rows = |sql: &str| -> Vec<String> {
            conn.prepare(sql).unwrap().query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap()
        };
        let reminders = "SELECT concat_ws(' ', start_key, offsets, next_due_ms, decided_due_ms) FROM reminder
             WHERE event_id = x'01' AND person_id = x'02' ORDER BY start_key";
        assert_eq!(
            rows(reminders),
            [r#"T:70 [["300",65,4,"cancelled"]] 65"#, r#"T:90 [["1800",60,5,"fired"],["300",85,5,"pending"]] 85 60"#]
        );
        let snoozes =
            "SELECT concat_ws(' ', start_key, hex(id), due_ms, armed_at_ms, state, hex(parent_id)) FROM snooze";
        assert_eq!(rows(snoozes), ["T:90 0193C5B000007000800000000000000A 75 61 pending 03"]);
    }

    #[test]
    fn assignees_of_an_earlier_release_keep_their_order() {
        let (_dir, mut conn) = file();
        Schema { migrations: &OFFICE.migrations[..15], ..OFFICE }.migrate(&mut conn).unwrap();
        conn.execute_batch(
            "PRAGMA foreign_keys = OFF;
             INSERT INTO event (id, title, all_day, local_start, offset_s, time_zone, starts_at_ms, over_at_ms, reminder_days,
                 status, visibility, revision, created_by, created_at_ms, updated_at_ms, search_text, change)
             SELECT CAST(printf('%016d', value) AS BLOB), '', 0, '', 0, 'UTC', 0, 0, '[]', 'planned', 'team', 1, x'00', 0, 0, '', value
             FROM json_each('[1, 2]');
             INSERT INTO assignee (event_id, person_id, position)
             SELECT event.id, CAST(value ->> 0 AS BLOB), value ->> 1 FROM event, json_each('[
                 [\"of an early name\", 1], [\"the first of all\", 0], [\"with a late name\", 2]]') WHERE change = 1",
        )
        .unwrap();
        OFFICE.migrate(&mut conn).unwrap();
        let assignees: Vec<String> = conn
            .prepare("SELECT CAST(assignees AS TEXT) FROM event ORDER BY change")
            .unwrap()
            .query_map([], |row| row.get(0))
            .unwrap()
            .collect::<Result<_, _>>()
            .unwrap();
        assert_eq!(assignees, ["the first of allof an early namewith a late name", ""]);
    }

    #[test]
    fn a_newer_file_is_refused() {
        for schema in [OFFICE, POPUPS, REPLICA] {
            let (_dir, mut conn) = file();
            schema.migrate(&mut conn).unwrap();
            conn.pragma_update(None, "user_version", schema.version() + 1).unwrap();
            assert!(matches!(schema.migrate(&mut conn), Err(OpenError::Newer { .. })));
        }
    }

    #[test]
    fn another_programs_database_is_refused_untouched() {
        let (_dir, mut conn) = file();
        conn.execute_batch("CREATE TABLE theirs (id INTEGER)").unwrap();
        assert!(matches!(OFFICE.migrate(&mut conn), Err(OpenError::Foreign)));
        assert_eq!(table_count(&conn).unwrap(), 1);
    }

    #[test]
    fn one_kind_of_file_is_not_taken_for_the_other() {
        let (_dir, mut conn) = file();
        OFFICE.migrate(&mut conn).unwrap();
        assert!(matches!(POPUPS.migrate(&mut conn), Err(OpenError::Foreign)));
    }
}
