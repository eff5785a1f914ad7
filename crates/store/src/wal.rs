//! The write-ahead log's length.
//!
//! SQLite would copy the log into the file by itself, at the end of the commit that makes it long
//! enough: whoever waits for that commit would wait for hundreds of pages to be copied, too. So it is
//! copied here, when everybody has been answered and nobody has come for a while, since what was
//! answered is being sent meanwhile; and begins anew at the next commit. Where it is never quiet, a log
//! that has become far longer is copied ahead, beside the commits, and what was added to it meanwhile
//! between two of them: a copy that is only ever made beside the commits never comes to an end. SQLite
//! says nothing when that fails: the log then grows with every commit. One that has become longer still
//! is copied before anything is added to it, and while that fails, nothing is.

use std::cell::RefCell;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread::JoinHandle;
use std::time::Duration;

use rusqlite::Connection;
use rusqlite::hooks;

use crate::backup::beside;
use crate::connection::open_durable;
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
    /// What is copied beside the commits, or was since the log was copied last.
    ahead: RefCell<Option<JoinHandle<()>>>,
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
        Self { path, pages, copied_at: COPIED_AT, longest: LONGEST, ahead: RefCell::default() }
    }

    /// Whether it would be copied if it were quiet.
    pub(crate) fn waits_for_quiet(&self) -> bool {
        self.pages.load(Ordering::Relaxed) >= self.copied_at
    }

    /// Copies a log that has become long enough.
    pub(crate) fn copy(&self, conn: &Connection, is_quiet: bool) {
        let copied_at = if is_quiet { self.copied_at } else { self.copied_at * WHILE_OTHERS_COME };
        if self.pages.load(Ordering::Relaxed) < copied_at {
            // With nothing added meanwhile it has begun anew.
            self.ahead.borrow_mut().take_if(|copying| copying.is_finished());
            return;
        }
        if !is_quiet && !self.is_copied_ahead(conn) {
            return;
        }
        self.settle();
        self.pages.store(0, Ordering::Relaxed);
        copy(conn);
    }

    /// Whether all that the log had a while ago was copied; if that has not begun yet, it does.
    fn is_copied_ahead(&self, conn: &Connection) -> bool {
        let mut ahead = self.ahead.borrow_mut();
        match &*ahead {
            Some(copying) => copying.is_finished(),
            None => {
                *ahead = conn.path().and_then(copy_ahead);
                ahead.is_none()
            }
        }
    }

    /// Waits until nobody else copies the log.
    pub(crate) fn settle(&self) {
        if let Some(copying) = self.ahead.take()
            && copying.join().is_err()
        {
            tracing::error!("what copies the log ahead panicked");
        }
    }

    /// Copies a log that has become too long. A reader in the way is no failure: it will be gone.
    pub(crate) fn keep_short(&self, conn: &Connection) -> Result<(), Failure> {
        let length = self.path.as_ref().and_then(|path| std::fs::metadata(path).ok()).map_or(0, |log| log.len());
        if length <= self.longest {
            return Ok(());
        }
        self.settle();
        conn.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(())).map_err(|error| {
            let trouble = Trouble::of(&error).unwrap_or(Trouble::Storage);
            Failure::new(trouble, &format!("the log is too long and cannot be copied: {error}"))
        })
    }
}

/// As much of it as can be copied without waiting for anybody.
fn copy(conn: &Connection) {
    if let Err(error) = conn.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(())) {
        tracing::debug!(%error, "the log could not be copied");
    }
}

/// Copies the log of a file on a thread of its own; `None` where there can be no such thread.
fn copy_ahead(path: &str) -> Option<JoinHandle<()>> {
    let path = PathBuf::from(path);
    let copying = move || match open_durable(&path) {
        Ok(conn) => {
            copy(&conn);
            crate::fault::point("log-copied-ahead");
        }
        Err(error) => tracing::debug!(%error, "the log could not be opened to be copied"),
    };
    std::thread::Builder::new().name("rappel-log".to_owned()).spawn(copying).ok()
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

    fn wait_for_the_copy_ahead(wal: &Wal) {
        while wal.ahead.borrow().as_ref().is_some_and(|copying| !copying.is_finished()) {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_log_that_is_long_enough_is_copied_and_begins_anew() {
        // Where it is not quiet, it is copied with what was added while it was copied ahead.
        for (is_quiet, longest) in [(true, 25), (false, 100)] {
            let (_dir, conn, wal) = logged();
            let wal = Wal { copied_at: 25, ..wal };
            let mut pages = Vec::new();
            for _ in 0..200 {
                add_line(&conn);
                pages.push(wal.pages.load(Ordering::Relaxed));
                wal.copy(&conn, is_quiet);
                wait_for_the_copy_ahead(&wal);
                assert!(!is_quiet || !wal.waits_for_quiet(), "it is copied once for each time that it grows");
            }
            let most = *pages.iter().max().unwrap();
            assert!((longest..longest + 10).contains(&most), "{pages:?}");
            assert!(!pages.is_sorted(), "it begins anew: {pages:?}");
            assert!(length(&wal) < 4200 * u64::from(most.unsigned_abs()), "and is written over: {}", length(&wal));
        }
    }

    #[test]
    fn where_it_is_never_quiet_most_of_a_log_is_copied_beside_the_commits() {
        let (dir, conn, wal) = logged();
        let wal = Wal { copied_at: 25, ..wal };
        let path = dir.path().join("rappel.db");
        let pages_in_file = || std::fs::metadata(&path).unwrap().len() / 4096;
        let pages = || conn.query_row("PRAGMA page_count", [], |row| row.get::<_, u64>(0)).unwrap();
        let grow_until_it_is_copied_ahead = || {
            while wal.ahead.borrow().is_none() {
                add_line(&conn);
                wal.copy(&conn, false);
            }
            wait_for_the_copy_ahead(&wal);
        };
        while wal.pages.load(Ordering::Relaxed) < 60 {
            add_line(&conn);
        }
        // What is added from here on cannot be copied as long as somebody reads what there was before.
        let reader = Connection::open(&path).unwrap();
        reader.execute_batch("BEGIN; SELECT count(*) FROM line").unwrap();
        let read = pages();
        grow_until_it_is_copied_ahead();
        assert!((read / 2..=read).contains(&pages_in_file()), "the writer copied nothing: {read}, {}", pages_in_file());
        reader.execute_batch("COMMIT").unwrap();
        wal.copy(&conn, false);
        assert!(pages() > read);
        assert_eq!(pages_in_file(), pages(), "what was left is copied, too");
        add_line(&conn);
        assert!(wal.pages.load(Ordering::Relaxed) < 10, "it begins anew");

        grow_until_it_is_copied_ahead();
        add_line(&conn);
        assert!(wal.pages.load(Ordering::Relaxed) < 10, "also by itself, where nothing was left");
        wal.copy(&conn, false);
        assert!(wal.ahead.borrow().is_none(), "and is copied ahead the next time, too");
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
