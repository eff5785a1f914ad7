//! The write-ahead log's length.
//!
//! SQLite would copy the log into the file by itself, at the end of the commit that makes it long
//! enough: whoever waits for that commit would wait for hundreds of pages to be copied, too. So it is
//! copied here, when everybody has been answered and nobody has come for a while, since what was answered
//! is being sent meanwhile; and begins anew at the next commit. SQLite says
//! nothing when that fails: the log then grows with every commit. One that has become far longer is
//! copied before anything is added to it, and while that fails, nothing is.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::hooks;

use crate::backup::beside;
use crate::trouble::{Failure, Trouble};

/// Pages that the log has when it is copied where it is quiet: whoever comes meanwhile waits a few milliseconds.
const COPIED_AT: i32 = 1000;
/// How many times as many it may have where it is not: pages that change often are then copied once for more of their
/// changes.
const WHILE_OTHERS_COME: i32 = 4;
/// It is quiet when nobody has come for so long.
pub(crate) const QUIET: Duration = Duration::from_millis(20);
/// What the log keeps on the disk after it was copied, in bytes, as SQLite wants it written: more than it has until it is
/// copied again, since to make a file longer takes more than to write over what it has.
pub(crate) const KEPT: &str = "20971520";
/// The longest log, in bytes: eight times what it has when it is copied and nobody waits.
const LONGEST: u64 = 32 * 1024 * 1024;

/// The log of a connection's file.
#[derive(Debug)]
pub(crate) struct Wal {
    path: Option<PathBuf>,
    /// How long it was after the last commit; 0 when it was copied since, as far as it could be.
    pages: Arc<AtomicI32>,
    copied_at: i32,
    longest: u64,
}

impl Wal {
    /// Of a connection that from now on leaves it to this when the log is copied.
    pub(crate) fn of(conn: &mut Connection) -> Self {
        let path = conn.path().filter(|path| !path.is_empty()).map(|path| beside(path.as_ref(), "-wal"));
        let pages = Arc::new(AtomicI32::new(0));
        let counted = Arc::clone(&pages);
        let count = move |_: &mut hooks::Wal, pages| {
            counted.store(pages, Ordering::Relaxed);
            Ok(())
        };
        if let Err(error) = conn.wal_hook(Some(count)) {
            tracing::warn!(%error, "how long the log is cannot be followed: it is copied by commits");
        }
        Self { path, pages, copied_at: COPIED_AT, longest: LONGEST }
    }

    /// Whether it would be copied if it were quiet.
    pub(crate) fn waits_for_quiet(&self) -> bool {
        self.pages.load(Ordering::Relaxed) >= self.copied_at
    }

    /// Copies a log that has become long enough.
    pub(crate) fn copy(&self, conn: &Connection, is_quiet: bool) {
        let copied_at = if is_quiet { self.copied_at } else { self.copied_at * WHILE_OTHERS_COME };
        if self.pages.load(Ordering::Relaxed) < copied_at {
            return;
        }
        self.pages.store(0, Ordering::Relaxed);
        if let Err(error) = conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
            tracing::debug!(%error, "the log could not be copied");
        }
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

    /// A file with a table of lines, and its log.
    fn logged() -> (tempfile::TempDir, Connection, Wal) {
        let dir = tempfile::tempdir().unwrap();
        let mut conn = Connection::open(dir.path().join("rappel.db")).unwrap();
        conn.execute_batch("PRAGMA journal_mode = wal; CREATE TABLE line (text TEXT)").unwrap();
        let wal = Wal::of(&mut conn);
        (dir, conn, wal)
    }

    fn add_line(conn: &Connection) {
        conn.execute("INSERT INTO line (text) VALUES (?1)", ["x".repeat(10_000)]).unwrap();
    }

    fn length(wal: &Wal) -> u64 {
        std::fs::metadata(wal.path.as_ref().unwrap()).unwrap().len()
    }

    #[test]
    fn a_log_that_is_long_enough_is_copied_and_begins_anew() {
        for (is_quiet, longest) in [(true, 25), (false, 100)] {
            let (_dir, conn, wal) = logged();
            let wal = Wal { copied_at: 25, ..wal };
            let mut pages = Vec::new();
            for _ in 0..200 {
                add_line(&conn);
                pages.push(wal.pages.load(Ordering::Relaxed));
                wal.copy(&conn, is_quiet);
                assert!(!is_quiet || !wal.waits_for_quiet(), "it is copied once for each time that it grows");
            }
            let most = *pages.iter().max().unwrap();
            assert!((longest..longest + 10).contains(&most), "{pages:?}");
            assert!(!pages.is_sorted(), "it begins anew: {pages:?}");
            assert!(length(&wal) < 4200 * u64::from(most.unsigned_abs()), "and is written over: {}", length(&wal));
        }
    }

    #[test]
    fn a_log_that_is_too_long_is_copied_and_given_back() {
        let (_dir, conn, wal) = logged();
        let wal = Wal { longest: 100_000, ..wal };
        let mut longest = 0;
        for _ in 0..50 {
            add_line(&conn);
            longest = longest.max(length(&wal));
            wal.keep_short(&conn).unwrap();
            assert!(length(&wal) <= 100_000, "nothing but this copies it here");
        }
        assert!(longest > 100_000, "it was too long at times: {longest}");
        let lines: u32 = conn.query_row("SELECT count(*) FROM line", [], |row| row.get(0)).unwrap();
        assert_eq!(lines, 50);
    }
}
