//! The write-ahead log's length.
//!
//! SQLite copies the log into the file by itself every thousand pages, and begins it anew. It says
//! nothing when that fails: the log then grows with every commit. So a log that has become far
//! longer than that is copied here, and while that fails, nothing is added to it.

use std::path::PathBuf;

use rusqlite::Connection;

use crate::backup::beside;
use crate::trouble::{Failure, Trouble};

/// What the log keeps on the disk after it was copied, in bytes, as SQLite wants it written.
pub(crate) const KEPT: &str = "16777216";
/// The longest log, in bytes: eight times what it has when SQLite copies it.
const LONGEST: u64 = 32 * 1024 * 1024;

/// The log of a connection's file.
#[derive(Debug)]
pub(crate) struct Wal {
    path: Option<PathBuf>,
    longest: u64,
}

impl Wal {
    pub(crate) fn of(conn: &Connection) -> Self {
        let path = conn.path().filter(|path| !path.is_empty()).map(|path| beside(path.as_ref(), "-wal"));
        Self { path, longest: LONGEST }
    }

    /// Copies a log that has become too long. A reader in the way is no failure: it will be gone.
    pub(crate) fn keep_short(&self, conn: &Connection) -> Result<(), Failure> {
        let length = self.path.as_ref().and_then(|path| std::fs::metadata(path).ok()).map_or(0, |log| log.len());
        if length <= self.longest {
            return Ok(());
        }
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(|error| {
            let trouble = Trouble::of(&error).unwrap_or(Trouble::Storage);
            Failure::new(trouble, &format!("the log is too long and cannot be copied: {error}"))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_that_is_too_long_is_copied_and_given_back() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rappel.db");
        let conn = Connection::open(&path).unwrap();
        conn.execute_batch("PRAGMA journal_mode = wal; PRAGMA wal_autocheckpoint = 0; CREATE TABLE line (text TEXT)")
            .unwrap();
        let wal = Wal { longest: 100_000, ..Wal::of(&conn) };
        let length = || std::fs::metadata(beside(&path, "-wal")).unwrap().len();
        let mut longest = 0;
        for _ in 0..50 {
            conn.execute("INSERT INTO line (text) VALUES (?1)", ["x".repeat(10_000)]).unwrap();
            longest = longest.max(length());
            wal.keep_short(&conn).unwrap();
            assert!(length() <= 100_000, "nothing but this copies it here");
        }
        assert!(longest > 100_000, "it was too long at times: {longest}");
        let lines: u32 = conn.query_row("SELECT count(*) FROM line", [], |row| row.get(0)).unwrap();
        assert_eq!(lines, 50);
    }
}
