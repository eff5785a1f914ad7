//! Opening the database file, with every setting read back.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::error::OpenError;
use crate::migrate::Schema;

/// Earlier versions can corrupt a WAL database when two connections reset the log at once.
const OLDEST_SQLITE: i32 = 3_051_003;

/// Opens the file for the one connection that writes, creating it where it is missing, and brings
/// its schema up to date. A file that is refused is left as it was.
pub(crate) fn open_writer(path: &Path, schema: &Schema) -> Result<Connection, OpenError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        return Err(OpenError::SqliteTooOld(rusqlite::version().to_owned(), "3.51.3".to_owned()));
    }
    create_private(path)?;
    let mut conn =
        Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    // Before the first setting that is written into the file.
    schema.check(&conn)?;
    set(&conn, "journal_mode", "wal")?;
    set(&conn, "synchronous", "2")?; // FULL: durable before anybody is told
    set(&conn, "journal_size_limit", crate::wal::KEPT)?; // what a burst left is given back
    configure(&conn)?;
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

/// Opens a file that nobody else has open, for what is done to it before it counts: a rollback
/// journal, so that it is one file when it is closed.
pub(crate) fn open_alone(path: &Path) -> Result<Connection, OpenError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&conn)?;
    set(&conn, "journal_mode", "delete")?;
    set(&conn, "synchronous", "2")?;
    Ok(conn)
}

/// Opens the file for a connection that reads and may write copies of it elsewhere.
pub(crate) fn open_copier(path: &Path) -> Result<Connection, OpenError> {
    let conn = Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
    configure(&conn)?;
    Ok(conn)
}

fn configure(conn: &Connection) -> Result<(), OpenError> {
    conn.busy_timeout(Duration::from_secs(5))?;
    conn.set_prepared_statement_cache_capacity(128);
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
