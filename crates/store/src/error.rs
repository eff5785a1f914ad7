//! What can go wrong, named for what the caller can do about it.

use rappel_core::Invalid;

use crate::trouble::Trouble;

/// Why the store did not do it. Nothing of the command is left behind.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or none that this person may know of.
    #[error("not found")]
    NotFound,
    /// It exists, but this person may not do that to it.
    #[error("not allowed")]
    Forbidden,
    /// A field breaks a rule.
    #[error(transparent)]
    Invalid(#[from] Invalid),
    /// Somebody else changed it meanwhile.
    #[error("it is at revision {current} by now")]
    RevisionMismatch {
        /// The revision it has.
        current: u64,
    },
    /// It contradicts what is there.
    #[error(transparent)]
    Conflict(#[from] Conflict),
    /// The invitation is unknown, used, void or expired; which of these is not told.
    #[error("the invitation is not valid (any more)")]
    InvitationRefused,
    /// The disk is full: it works again when there is space.
    #[error("the disk of the hub is full: nothing can be saved")]
    DiskFull(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The disk does not take or give data: later it may work again.
    #[error("the event store cannot be used at present")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Everything moves to another computer, and nothing is written here meanwhile or any more.
    #[error("the hub is moving to another computer: nothing can be saved here now")]
    Frozen,
    /// A bug, or a damaged file.
    #[error("the event store failed")]
    Internal(#[source] Box<dyn std::error::Error + Send + Sync>),
}

/// What a command contradicts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Conflict {
    /// Somebody must be able to manage the office.
    #[error("the last admin can be neither demoted nor deactivated")]
    LastAdmin,
    /// The same idempotency key came with another body.
    #[error("this idempotency key was used for another request")]
    IdempotencyKeyReused,
    /// Its person was done with it.
    #[error("a dismissed notification cannot be snoozed")]
    Dismissed,
    /// It stopped being true.
    #[error("a withdrawn notification cannot be snoozed")]
    Withdrawn,
    /// It tells of something that is not ahead.
    #[error("there is nothing to be reminded of again")]
    NothingAhead,
    /// Nobody can act for a person who left.
    #[error("the person is not active")]
    InactivePerson,
    /// It is no desktop of an admin's that has joined with a key of its own.
    #[error("only a desktop of an admin's that has joined can keep a copy or become the hub")]
    NoHeir,
}

impl Conflict {
    /// The stable name of the conflict, for programs.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::LastAdmin => "last_admin",
            Self::IdempotencyKeyReused => "idempotency_key_reused",
            Self::Dismissed => "notification_dismissed",
            Self::Withdrawn => "notification_withdrawn",
            Self::NothingAhead => "nothing_ahead",
            Self::InactivePerson => "person_inactive",
            Self::NoHeir => "no_heir",
        }
    }
}

impl Error {
    /// What this says about the disk; `None` when it is about something else.
    pub(crate) fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::DiskFull(_) => Some(Trouble::DiskFull),
            Self::Unavailable(_) => Some(Trouble::Storage),
            _ => None,
        }
    }
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        match Trouble::of(&error) {
            Some(Trouble::DiskFull) => Self::DiskFull(error.into()),
            Some(Trouble::Storage) => Self::Unavailable(error.into()),
            None => Self::Internal(error.into()),
        }
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Internal(error.into())
    }
}

/// Why the store could not be opened.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    /// The file was written by a later version of the program.
    #[error("the data are of schema {found}, this version knows {known}: use a newer version of Rappel")]
    Newer {
        /// The schema in the file.
        found: u32,
        /// The newest schema that this program knows.
        known: u32,
    },
    /// The file is a database of another program.
    #[error("the file is not an event store of Rappel")]
    Foreign,
    /// The database library would corrupt the file.
    #[error("SQLite {0} has a known fault: at least {1} is needed")]
    SqliteTooOld(String, String),
    /// A setting was refused by the database library.
    #[error("the database did not accept {pragma} = {wanted}: it says {found}")]
    Pragma {
        /// Its name.
        pragma: &'static str,
        /// What was asked for.
        wanted: String,
        /// What it is.
        found: String,
    },
    /// There is no space for what opening it has to write.
    #[error("the disk is full: the event store cannot be opened before there is space")]
    DiskFull(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// What is there could not be copied, so it was not changed either.
    #[error("the data are of an earlier version, and no copy can be made before they are brought up to date: {0}")]
    Keep(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// The schema could not be brought up to date. The data are as they were.
    #[error(
        "the data cannot be brought from schema {found} to {wanted}: {error}; they are as they were, \
         use the version of Rappel that wrote them"
    )]
    Migration {
        /// The schema in the file.
        found: u32,
        /// The one that this program needs.
        wanted: u32,
        /// Why.
        error: rusqlite::Error,
    },
    /// The file cannot be read or written.
    #[error("the event store cannot be opened: {0}")]
    Sqlite(#[source] rusqlite::Error),
    /// The thread that writes could not be started.
    #[error("the event store cannot be opened: {0}")]
    Io(#[source] std::io::Error),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        match Trouble::of(&error) {
            Some(Trouble::DiskFull) => Self::DiskFull(error.into()),
            _ => Self::Sqlite(error),
        }
    }
}

impl From<std::io::Error> for OpenError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => Self::DiskFull(error.into()),
            _ => Self::Io(error),
        }
    }
}

impl OpenError {
    /// Whether it lies in what the file holds, rather than in the place where it is: trying again
    /// will not help.
    #[must_use]
    pub fn is_of_the_file(&self) -> bool {
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match self {
            Self::Newer { .. } | Self::Foreign => true,
            Self::Sqlite(error) => matches!(error.sqlite_error_code(), Some(DatabaseCorrupt | NotADatabase)),
            Self::SqliteTooOld(..)
            | Self::Pragma { .. }
            | Self::DiskFull(_)
            | Self::Io(_)
            | Self::Keep(_)
            | Self::Migration { .. } => false,
        }
    }
}
