//! Restoring a backup: checked in a private copy, then put in the place of everything in one
//! transaction.
//!
//! The copy is brought to the newest schema and made what the store is to be: its epoch, what was
//! revoked, no open invitations. Then its pages are written over those of the store by SQLite's
//! backup API, on the writing connection. That is one transaction of the WAL: until its commit is
//! on the disk the store is what it was, and from then on it is the backup, whenever the process is
//! killed. No query runs meanwhile, and none before everybody has been told.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::PoisonError;

use rappel_core::Timestamp;
use rusqlite::backup::StepResult;
use rusqlite::{Connection, ErrorCode};
use tempfile::TempPath;

use crate::backup::{BackupError, Header, TEMPORARY, beside, copy_pages, is_same_file, sync, sync_folder};
use crate::command::access::random_failed;
use crate::connection::open_alone;
use crate::copies::{Copies, CopyKind, UNFINISHED};
use crate::error::{Error, OpenError};
use crate::migrate::{OFFICE, schema_version};
use crate::store::{By, Store};
use crate::table::{
    audit, authority, device, hub_key, invitation, keeper, office, open_invitation, reckoning, references,
};
use crate::{Committed, HubIdentity};

/// Pages that are written before the point at which a test may end the process.
const FIRST_PAGES: i32 = 8;

/// A checked backup: a private copy of somebody's file, which is not touched. Dropping it removes
/// the copy.
#[derive(Debug)]
pub struct Backup {
    // In this order: closed before it is removed.
    pub(crate) conn: Connection,
    pub(crate) path: TempPath,
    /// Of the file that it was made of, where that is one of the store's copies.
    name: Option<String>,
}

/// What a restore did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Restored {
    /// Which hub it is from now on.
    pub identity: HubIdentity,
    /// The copy of what was there before, if there was anything.
    pub kept: Option<PathBuf>,
}

/// Why a backup was not restored. The data are as they were.
#[derive(Debug, thiserror::Error)]
pub enum RestoreError {
    /// It is not there, or may not be read.
    #[error("{} cannot be read: {error}", path.display())]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// It has no content.
    #[error("{} is empty: it is no backup", .0.display())]
    Empty(PathBuf),
    /// It is something else.
    #[error("{} is no backup of Rappel", .0.display())]
    Foreign(PathBuf),
    /// It is what was to be replaced.
    #[error("{} is the present event store itself", .0.display())]
    Itself(PathBuf),
    /// A part of it is in a file beside it.
    #[error(
        "{} is an event store that was not closed, for {} is beside it: make a backup of it with `rappel-hub backup`, \
         and restore that", store.display(), log.display()
    )]
    NotClosed {
        /// The file.
        store: PathBuf,
        /// What is beside it.
        log: PathBuf,
    },
    /// A later version of the program made it.
    #[error("the backup is of schema {found}, this version knows {known}: use a newer version of Rappel")]
    Newer {
        /// The schema of the backup.
        found: u32,
        /// The newest schema that this program knows.
        known: u32,
    },
    /// It is not what was once written.
    #[error("the backup is damaged: {0}")]
    Damaged(String),
    /// There is nobody who could manage it.
    #[error("the backup holds no office with an active admin")]
    NoAdmin,
    /// The copy to check, or the one of the present data, cannot be made.
    #[error("{} cannot be used: {error}", folder.display())]
    Folder {
        /// The data directory.
        folder: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// The present data cannot be copied.
    #[error("what is there now cannot be kept: {0}")]
    Keep(#[from] BackupError),
    /// SQLite failed, for want of space perhaps.
    #[error("the backup cannot be restored: {0}")]
    Sqlite(#[from] rusqlite::Error),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] Error),
}

impl Backup {
    /// Checks a file in a private copy, beside the store that it may replace. Blocks.
    ///
    /// # Errors
    /// When it is not a whole backup of Rappel.
    pub fn open(file: &Path, store: &Path) -> Result<Self, RestoreError> {
        if is_same_file(file, store) {
            return Err(RestoreError::Itself(file.to_owned()));
        }
        let folder = folder_of(store);
        let path = copy_of(file, folder)?;
        let damaged = |error: OpenError| match error {
            OpenError::Newer { found, known } => RestoreError::Newer { found, known },
            OpenError::Foreign => RestoreError::Foreign(file.to_owned()),
            OpenError::Sqlite(error) => of_copy(error),
            error => RestoreError::Damaged(error.to_string()),
        };
        let unusable = |error| RestoreError::Folder { folder: folder.to_owned(), error };
        match Header::read(&path).map_err(unusable)? {
            Some(header) if header.application_id == OFFICE.application_id => {
                // SQLite would read what is missing of the last page as zeros.
                if std::fs::metadata(&path).map_err(unusable)?.len() < header.len {
                    return Err(RestoreError::Damaged("its end is missing".to_owned()));
                }
            }
            _ => return Err(RestoreError::Foreign(file.to_owned())),
        }
        let mut conn = open_alone(&path).map_err(damaged)?;
        let found = OFFICE.check(&conn).map_err(damaged)?;
        if found == schema_version() {
            check_whole(&conn)?;
        } else {
            check_pages(&conn)?;
            OFFICE.migrate(&mut conn).map_err(damaged)?;
            check_whole(&conn)?;
        }
        let is_copy = file.parent().is_some_and(|folder| is_same_file(folder, Copies::of(store).folder()));
        let name = file.file_name().filter(|_| is_copy).map(|name| name.to_string_lossy().into_owned());
        Ok(Self { conn, path, name })
    }

    /// Makes the backup the store of a data directory that has none, or one that cannot be opened:
    /// that one is kept beside it. Blocks.
    ///
    /// # Errors
    /// When the files cannot be written.
    pub fn install(self, store: &Path, now: Timestamp) -> Result<Restored, RestoreError> {
        let folder = folder_of(store);
        let unusable = |error| RestoreError::Folder { folder: folder.to_owned(), error };
        let identity = self.settle(None, By::CommandLine, now)?;
        let Self { conn, path, .. } = self;
        conn.close().map_err(|(_, error)| error)?;
        let kept = make_room(store, now)?;
        sync(&path).map_err(unusable)?;
        crate::fault::point("restoring");
        path.persist(store).map_err(|error| unusable(error.error))?;
        sync_folder(folder).map_err(unusable)?;
        Ok(Restored { identity, kept })
    }

    /// Makes the copy what the store is to be; `present` is what it takes the place of.
    fn settle(&self, present: Option<&Connection>, by: By, now: Timestamp) -> Result<HubIdentity, RestoreError> {
        let HubIdentity { id, epoch } = office::identity(&self.conn)?;
        let present_epoch = present.map(office::identity).transpose()?.map_or(0, |identity| identity.epoch);
        let epoch = epoch_after(epoch.max(present_epoch))?;
        let txn = self.conn.unchecked_transaction()?;
        office::set_epoch(&txn, epoch)?;
        if let Some(present) = present {
            device::carry_over(present, &txn)?;
            hub_key::carry_over(present, &txn)?;
            authority::carry_over(present, &txn)?;
            if let Some(device) = by.device() {
                device::keep_signed_in(present, &txn, device)?;
            }
            keeper::carry_over(present, &txn)?;
            reckoning::carry_over(present, &txn)?;
        }
        invitation::spend_all(&txn, now)?;
        open_invitation::revoke_all(&txn, now)?;
        let entry = audit::Entry {
            by: &By::CommandLine,
            action: "restore",
            object: None,
            revision: None,
            detail: serde_json::json!({ "epoch": epoch, "copy": self.name }),
        };
        audit::append(&*txn, now, &entry)?;
        // The backup may know nothing of whoever restores it.
        audit::attribute(&txn, by)?;
        txn.commit()?;
        Ok(HubIdentity { id, epoch })
    }

    /// Puts the copy in the place of everything in the store, or leaves that as it was.
    fn replace(&self, store: &mut Connection) -> Result<(), RestoreError> {
        let page_size: i64 = store.pragma_query_value(None, "page_size", |row| row.get(0))?;
        if self.conn.pragma_query_value(None, "page_size", |row| row.get::<_, i64>(0))? != page_size {
            self.conn.pragma_update(None, "page_size", page_size)?;
            self.conn.execute_batch("VACUUM")?;
        }
        store.flush_prepared_statement_cache();
        let pages = rusqlite::backup::Backup::new(&self.conn, store)?;
        let mut outcome = pages.step(FIRST_PAGES)?;
        crate::fault::point("restoring");
        if outcome == StepResult::More {
            outcome = pages.step(-1)?;
        }
        match outcome {
            StepResult::Done => Ok(()),
            _ => Err(Error::Unavailable("another program has the event store open".into()).into()),
        }
    }
}

impl Store {
    /// Puts a backup in the place of everything, in one step, and keeps a copy of what was there
    /// among the store's copies. Commands and queries wait meanwhile. What was revoked stays revoked, open
    /// invitations are void.
    ///
    /// # Errors
    /// When the files cannot be written; then everything is as it was.
    pub async fn restore(&self, backup: Backup, by: By, now: Timestamp) -> Result<Restored, RestoreError> {
        let kept_in = Copies::of(self.path());
        self.alone(move |store, identity| match swap(store, &backup, &kept_in, by, now) {
            Ok(restored) => {
                *identity.lock().unwrap_or_else(PoisonError::into_inner) = restored.identity;
                let committed = Committed { events: true, restored: true, ..Committed::default() };
                (Ok(restored), committed)
            }
            Err(error) => (Err(error), Committed::default()),
        })
        .await?
    }
}

/// Beyond every earlier epoch, and none that another restore of the same backup comes to: above is a
/// count, below chance. JavaScript can tell all of them apart.
fn epoch_after(epoch: u64) -> Result<u64, Error> {
    epoch_beyond(epoch, 1)
}

/// As [`epoch_after`], by more than one.
pub(crate) fn epoch_beyond(epoch: u64, count: u64) -> Result<u64, Error> {
    let mut chance = [0; 4];
    getrandom::fill(&mut chance).map_err(random_failed)?;
    Ok((((epoch >> 32) + count) << 32) | u64::from(u32::from_be_bytes(chance)))
}

fn swap(
    store: &mut Connection,
    backup: &Backup,
    kept_in: &Copies,
    by: By,
    now: Timestamp,
) -> Result<Restored, RestoreError> {
    let identity = backup.settle(Some(store), by, now)?;
    let unusable = |error| RestoreError::Folder { folder: kept_in.folder().to_owned(), error };
    let kept = kept_in.name(CopyKind::BeforeRestore, now).map_err(unusable)?;
    copy_pages(store, &kept)?;
    if let Err(error) = backup.replace(store) {
        // What it is a copy of is still there.
        let _ = std::fs::remove_file(kept);
        return Err(error);
    }
    crate::fault::point("restored");
    kept_in.forget_oldest(CopyKind::BeforeRestore, now);
    Ok(Restored { identity, kept: Some(kept) })
}

pub(crate) fn folder_of(store: &Path) -> &Path {
    store.parent().unwrap_or(Path::new("."))
}

/// Keeps a copy of the store that is there, if one is, and clears away what would be taken for a part
/// of the one that is to take its place.
pub(crate) fn make_room(store: &Path, now: Timestamp) -> Result<Option<PathBuf>, RestoreError> {
    let folder = folder_of(store);
    let unusable = |error| RestoreError::Folder { folder: folder.to_owned(), error };
    let log = beside(store, "-wal");
    let mut kept = None;
    if store.exists() {
        let aside = Copies::of(store).name(CopyKind::BeforeRestore, now).map_err(unusable)?;
        std::fs::copy(store, &aside).and_then(|_| sync(&aside)).map_err(unusable)?;
        if log.exists() {
            std::fs::rename(&log, beside(&aside, "-wal")).map_err(unusable)?;
        }
        kept = Some(aside);
    }
    // A log that another file left behind would be taken for this one's.
    for rest in [log, beside(store, "-shm")] {
        match std::fs::remove_file(rest) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(unusable(error)),
            _ => {}
        }
    }
    Ok(kept)
}

/// Copies a file to where only its owner can read it.
fn copy_of(file: &Path, folder: &Path) -> Result<TempPath, RestoreError> {
    let unreadable = |error| RestoreError::Unreadable { path: file.to_owned(), error };
    let unusable = |error| RestoreError::Folder { folder: folder.to_owned(), error };
    let metadata = std::fs::metadata(file).map_err(unreadable)?;
    if metadata.is_dir() {
        return Err(unreadable(io::ErrorKind::IsADirectory.into()));
    }
    if !metadata.is_file() {
        return Err(RestoreError::Foreign(file.to_owned()));
    }
    for log in [beside(file, "-wal"), beside(file, "-journal")] {
        if std::fs::metadata(&log).is_ok_and(|log| log.len() > 0) {
            return Err(RestoreError::NotClosed { store: file.to_owned(), log });
        }
    }
    let mut from = File::open(file).map_err(unreadable)?;
    let mut copy = tempfile::Builder::new().prefix(TEMPORARY).suffix(".db").tempfile_in(folder).map_err(unusable)?;
    let copied = io::copy(&mut from, &mut copy).map_err(|error| match error.kind() {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge => unusable(error),
        _ => unreadable(error),
    })?;
    if copied == 0 {
        return Err(RestoreError::Empty(file.to_owned()));
    }
    Ok(copy.into_temp_path())
}

/// What an error of SQLite means for a file that nobody else has.
fn of_copy(error: rusqlite::Error) -> RestoreError {
    match error.sqlite_error_code() {
        Some(ErrorCode::DiskFull | ErrorCode::SystemIoFailure | ErrorCode::CannotOpen | ErrorCode::OutOfMemory) => {
            RestoreError::Sqlite(error)
        }
        _ => RestoreError::Damaged(error.to_string()),
    }
}

/// Whether a file is a store of the newest schema, with an office and somebody to manage it.
pub(crate) fn check_whole(conn: &Connection) -> Result<(), RestoreError> {
    check_pages(conn)?;
    if tables(conn).map_err(of_copy)? != expected_tables()? {
        return Err(RestoreError::Damaged("it has other tables than it should".to_owned()));
    }
    if let Some(table) = references::dangling(conn).map_err(of_copy)? {
        return Err(refers_to_nothing(table));
    }
    let has_admin = "SELECT EXISTS (SELECT 1 FROM office) AND EXISTS (
        SELECT 1 FROM person JOIN inbox ON inbox.person_id = person.id WHERE role = 'admin' AND active)";
    match conn.query_row(has_admin, [], |row| row.get(0)).map_err(of_copy)? {
        true => Ok(()),
        false => Err(RestoreError::NoAdmin),
    }
}

/// Whether every page and row is as SQLite wrote it, with the references that it knows.
fn check_pages(conn: &Connection) -> Result<(), RestoreError> {
    let encoding: String = conn.pragma_query_value(None, "encoding", |row| row.get(0)).map_err(of_copy)?;
    if encoding != "UTF-8" {
        return Err(RestoreError::Damaged(format!("its texts are in {encoding}")));
    }
    let found: String = conn.query_row("PRAGMA integrity_check(1)", [], |row| row.get(0)).map_err(of_copy)?;
    if found != "ok" {
        return Err(RestoreError::Damaged(found.replace('\n', " ")));
    }
    let dangling: Option<String> =
        conn.query_row("SELECT min(\"table\") FROM pragma_foreign_key_check", [], |row| row.get(0)).map_err(of_copy)?;
    match dangling {
        None => Ok(()),
        Some(table) => Err(refers_to_nothing(&table)),
    }
}

fn refers_to_nothing(table: &str) -> RestoreError {
    RestoreError::Damaged(format!("a row of {table} refers to nothing"))
}

/// What is in a schema, but for the statistics that SQLite keeps. A trigger or a view that is not
/// ours would be run by us.
fn tables(conn: &Connection) -> rusqlite::Result<Vec<[Option<String>; 4]>> {
    conn.prepare(
        "SELECT type, name, tbl_name, (SELECT group_concat(column.name) FROM pragma_table_xinfo(item.name) AS column)
         FROM sqlite_schema AS item WHERE name NOT LIKE 'sqlite_stat%' ORDER BY type, name",
    )?
    .query_map([], |row| Ok([row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?]))?
    .collect()
}

fn expected_tables() -> Result<Vec<[Option<String>; 4]>, RestoreError> {
    let mut conn = Connection::open_in_memory()?;
    OFFICE.migrate(&mut conn).map_err(|error| RestoreError::Store(Error::Internal(error.into())))?;
    Ok(tables(&conn)?)
}

/// Removes what a copy, or a restore, left in a data directory when its process was killed. The caller
/// holds the directory.
pub fn forget_unfinished(data_dir: &Path) {
    let copies = Copies::of(&data_dir.join("rappel.db"));
    for (folder, prefixes) in [(data_dir, &[TEMPORARY][..]), (copies.folder(), &[TEMPORARY, UNFINISHED])] {
        let Ok(entries) = std::fs::read_dir(folder) else { continue };
        for path in entries.filter_map(|entry| Some(entry.ok()?.path())) {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let is_unfinished = prefixes.iter().any(|prefix| name.starts_with(prefix));
            if is_unfinished && let Err(error) = std::fs::remove_file(&path) {
                tracing::warn!(%error, "the rest of a copy that was broken off cannot be removed");
            }
        }
    }
}
