//! Whether what is written is stored, and if not, why.
//!
//! The writer knows: its last commit failed, or did not. What failed once may fail for long, and
//! with nothing to write nobody would find out that it is over. So as long as there is trouble, the
//! store is asked to [prove](prove) now and then that it can write; only that ends the trouble.

use std::io::{self, Write};
use std::path::Path;

use rusqlite::{Connection, ErrorCode, ffi};

use crate::backup::beside;
use crate::error::Error;

/// What has to fit on a disk that is not full any more: room for some commits, not for one.
const ROOM: usize = 256 * 1024;

/// The end of the name of the file that is written to see whether there is room.
const PROBE: &str = "-probe";

/// Why nothing can be stored at present.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// There is no space left on the disk.
    DiskFull,
    /// The disk does not take or give data, or does not let itself be written to.
    Storage,
}

impl Trouble {
    /// The stable name, for programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DiskFull => "disk_full",
            Self::Storage => "storage",
        }
    }

    /// What an error of SQLite says about the disk; `None` when it is about something else.
    pub(crate) fn of(error: &rusqlite::Error) -> Option<Self> {
        use ErrorCode::{CannotOpen, DatabaseBusy, DatabaseLocked, DiskFull, OutOfMemory, ReadOnly, SystemIoFailure};
        match error.sqlite_error_code()? {
            DiskFull => Some(Self::DiskFull),
            // The index of the log could not be made larger: that is how its lack of space is told.
            SystemIoFailure if is_extended(error, ffi::SQLITE_IOERR_SHMSIZE) => Some(Self::DiskFull),
            SystemIoFailure | CannotOpen | ReadOnly | OutOfMemory | DatabaseBusy | DatabaseLocked => {
                Some(Self::Storage)
            }
            _ => None,
        }
    }

    /// What an error of the operating system says about the disk.
    pub(crate) fn of_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::DiskFull,
            _ => Self::Storage,
        }
    }
}

fn is_extended(error: &rusqlite::Error, code: i32) -> bool {
    matches!(error, rusqlite::Error::SqliteFailure(failure, _) if failure.extended_code == code)
}

/// Why a commit failed: every command in it gets to know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{reason}")]
pub(crate) struct Failure {
    pub(crate) trouble: Trouble,
    reason: String,
}

impl Failure {
    pub(crate) fn new(trouble: Trouble, reason: &impl ToString) -> Self {
        Self { trouble, reason: reason.to_string() }
    }

    /// What the caller of a command is told.
    pub(crate) fn to_error(&self) -> Error {
        match self.trouble {
            Trouble::DiskFull => Error::DiskFull(self.clone().into()),
            Trouble::Storage => Error::Unavailable(self.clone().into()),
        }
    }
}

/// Whatever a commit fails of, it is the disk or the file.
impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::new(Trouble::of(&error).unwrap_or(Trouble::Storage), &error)
    }
}

/// Writes where the store writes: beside its file as much as some commits need, for a moment, and
/// into the file what stands there already. Durable only with the commit of the transaction.
pub(crate) fn prove(conn: &Connection) -> Result<(), Failure> {
    if let Some(path) = conn.path().filter(|path| !path.is_empty()) {
        let probe = beside(Path::new(path), PROBE);
        let written = write_once(&probe);
        let removed = std::fs::remove_file(&probe);
        written.and(removed).map_err(|error| Failure::new(Trouble::of_io(&error), &error))?;
    }
    let version: u32 = conn.pragma_query_value(None, "user_version", |row| row.get(0))?;
    conn.pragma_update(None, "user_version", version)?;
    Ok(())
}

/// Removes what a process that was killed has left of its probe.
pub(crate) fn clean_up(path: &Path) {
    // It is there hardly ever, and does no harm.
    let _ = std::fs::remove_file(beside(path, PROBE));
}

fn write_once(path: &Path) -> io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    file.write_all(&vec![b'-'; ROOM])?;
    file.sync_all()
}
