//! Opening the database file, with every setting read back.

use std::path::Path;
use std::time::Duration;

use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags};

use crate::copies::Copies;
use crate::error::OpenError;
use crate::migrate::Schema;

/// Earlier versions can corrupt a WAL database when two connections reset the log at once.
const OLDEST_SQLITE: i32 = 3_051_003;

/// What the one who writes keeps of the file, at most, as SQLite wants it written: 16 MiB. All that one commit changes
/// has to fit: what does not is written to the log more than once, and read again.
const WRITERS_CACHE: &str = "-16384";

/// Opens the file for the one connection that writes, creating it where it is missing, and brings
/// its schema up to date; a copy of what it was before goes to `copies`. A file that is refused is
/// left as it was.
pub(crate) fn open_writer(path: &Path, schema: &Schema, copies: Option<&Copies>) -> Result<Connection, OpenError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(OpenError::SqliteTooOld(rusqlite::version().to_owned(), "3.51.3".to_owned()));
    }
    create_private(path)?;
    let mut conn =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // Before the first setting that is written into the file.
    let found = schema.check(&conn)?;
    if found == 0 {
        set(&conn, "auto_vacuum", "2")?; // incremental: a file that has become too long can be made shorter
    }
    set(&conn, "journal_mode", "wal")?;
    set(&conn, "synchronous", "2")?; // FULL: durable before anybody is told
    set(&conn, "cache_size", WRITERS_CACHE)?;
    set(&conn, "journal_size_limit", crate::wal::KEPT)?; // what a burst left is given back
    configure(&conn)?;
    if let Some(copies) = copies
        && schema.is_older(found)
    {
        copies.keep_before_migration(&conn, found + 1)?;
    }
    schema.migrate(&mut conn)?;
    Ok(conn)
}

/// Creates a missing file for nobody's eyes but its owner's; SQLite gives the log the same mode.
fn create_private(path: &Path) -> std::io::Result<()> {
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop)
}

/// Opens the file for a connection that only reads.
pub(crate) fn open_reader(path: &Path) -> Result<Connection, OpenError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&conn)?;
    set(&conn, "query_only", "1")?;
    Ok(conn)
}

/// Opens a file as it is, for a connection that writes durably.
pub(crate) fn open_durable(path: &Path) -> Result<Connection, OpenError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&conn)?;
    set(&conn, "synchronous", "2")?;
    Ok(conn)
}

/// Opens a file that nobody else has open, for what is done to it before it counts: a rollback
/// journal, so that it is one file when it is closed.
pub(crate) fn open_alone(path: &Path) -> Result<Connection, OpenError> {
    let conn = open_durable(path)?;
    set(&conn, "journal_mode", "delete")?;
    Ok(conn)
}

/// Opens the file for a connection that reads and may write copies of it elsewhere.
pub(crate) fn open_copier(path: &Path) -> Result<Connection, OpenError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&conn)?;
    Ok(conn)
}

/// Runs a statement that gives no rows; it is compiled once.
pub(crate) fn execute(conn: &Connection, statement: &str) -> rusqlite::Result<()> {
    conn.prepare_cached(statement)?.execute([]).map(drop)
}

/// A number that is another after somebody else has written to the file. To be asked in a transaction.
pub(crate) fn data_version(conn: &Connection) -> rusqlite::Result<i64> {
    conn.prepare_cached("PRAGMA data_version")?.query_row([], |row| row.get(0))
}

fn configure(conn: &Connection) -> Result<(), OpenError> {
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.set_prepared_statement_cache_capacity(128);
    // A plan may not depend on what is bound, or a statement with a bound `LIMIT` is compiled each time it is run.
    let has_stable_plans = conn.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    debug_assert!(has_stable_plans, "BUG: this SQLite knows no stable plans");
    set(conn, "foreign_keys", "1")?;
    set(conn, "trusted_schema", "0")?;
    set(conn, "cell_size_check", "1")?;
    set(conn, "temp_store", "2")?; // memory: reading must not need space on a disk
    Ok(())
}

fn set(conn: &Connection, pragma: &'static str, wanted: &str) -> Result<(), OpenError> {
    conn.pragma_update(None, pragma, wanted)?;
    let found = conn.pragma_query_value(None, pragma, |row| row.get::<_, rusqlite::types::Value>(0))?;
    let found = match found {
        rusqlite::types::Value::Integer(number) => number.to_string(),
        rusqlite::types::Value::Text(text) => text,
        other => format!("{other:?}"),
    };
    if found == wanted { Ok(()) } else { Err(OpenError::Pragma { pragma, wanted: wanted.to_owned(), found }) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backup::Header;
    use crate::migrate::OFFICE;

    /// A store of an earlier schema that holds an office.
    fn earlier(folder: &Path, version: usize) -> std::path::PathBuf {
        let path = folder.join("rappel.db");
        let schema = Schema { migrations: &OFFICE.migrations[..version], ..OFFICE };
        let conn = open_writer(&path, &schema, None).unwrap();
        conn.execute_batch(
            "INSERT INTO office (id, hub_id, epoch, name, locale, time_zone, reminders, all_day_at_minutes)
             VALUES (1, randomblob(16), 1, 'Bureau', 'fr', 'Europe/Paris', '[30,5]', 540)",
        )
        .unwrap();
        path
    }

    fn name_of(conn: &Connection) -> String {
        conn.query_row("SELECT name FROM office", [], |row| row.get(0)).unwrap()
    }

    #[test]
    fn before_its_schema_is_changed_a_store_is_copied() {
        let dir = tempfile::tempdir().unwrap();
        let path = earlier(dir.path(), 4);
        let copies = Copies::of(&path);
        drop(open_writer(&path, &OFFICE, Some(&copies)).unwrap());
        let names: Vec<_> = copies.list().unwrap().into_iter().map(|copy| (copy.name, copy.schema)).collect();
        assert_eq!(names, [("before-0005.db".to_owned(), 4)]);
        assert_eq!(name_of(&open_reader(&copies.folder().join("before-0005.db")).unwrap()), "Bureau");
        let again = open_writer(&path, &OFFICE, Some(&copies)).unwrap();
        assert_eq!((name_of(&again).as_str(), copies.list().unwrap().len()), ("Bureau", 1), "once for each change");
    }

    #[test]
    fn a_new_store_has_nothing_to_be_copied() {
        let dir = tempfile::tempdir().unwrap();
        let copies = Copies::of(&dir.path().join("rappel.db"));
        drop(open_writer(&dir.path().join("rappel.db"), &OFFICE, Some(&copies)).unwrap());
        assert_eq!(copies.list().unwrap(), []);
    }

    #[test]
    fn a_migration_that_fails_leaves_the_store_as_it_was_and_says_so() {
        const FAILING: &[&str] = &[OFFICE.migrations[0], "CREATE TABLE new (id INTEGER)", "ALTER TABLE none ADD x"];
        let dir = tempfile::tempdir().unwrap();
        let path = earlier(dir.path(), 1);
        let copies = Copies::of(&path);
        let schema = Schema { migrations: FAILING, ..OFFICE };
        for _ in 0..2 {
            let error = open_writer(&path, &schema, Some(&copies)).unwrap_err();
            assert!(matches!(error, OpenError::Migration { found: 1, wanted: 3, .. }), "{error}");
            assert!(error.to_string().contains("they are as they were"), "{error}");
            assert_eq!(Header::read(&path).unwrap().unwrap().schema, 1);
        }
        let earlier = Schema { migrations: &OFFICE.migrations[..1], ..OFFICE };
        let conn = open_writer(&path, &earlier, Some(&copies)).unwrap();
        assert_eq!(name_of(&conn), "Bureau", "the version that wrote it opens it");
        let new: u32 =
            conn.query_row("SELECT count(*) FROM sqlite_schema WHERE name = 'new'", [], |row| row.get(0)).unwrap();
        assert_eq!((new, copies.list().unwrap().len()), (0, 1));
    }
}
