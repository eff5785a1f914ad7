//! Backups: the whole store in one file, as it was at one instant.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use rappel_core::Timestamp;
use rusqlite::backup::StepResult;
use rusqlite::{Connection, ErrorCode};

use crate::connection::{open_copier, open_reader};
use crate::copies::{Copies, CopyKind, StoreCopy, UNFINISHED};
use crate::error::{Error, OpenError};
use crate::migrate::OFFICE;
use crate::restore::{RestoreError, check_whole};
use crate::store::{By, Store};
use crate::table::audit;
use crate::trouble::Trouble;

/// Why there is no (new) backup. What was there before is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// There is something else by that name.
    #[error("{} is there already and is no backup of Rappel: it is left as it is", .0.display())]
    Taken(PathBuf),
    /// An event store has that name.
    #[error("{} is an event store, not a backup: it is left as it is", .0.display())]
    IsStore(PathBuf),
    /// The name is none that SQLite could be told.
    #[error("{} cannot be written: its name is not valid Unicode", .0.display())]
    Name(PathBuf),
    /// There is no place, or no right to write there.
    #[error("{} cannot be written: {error}", path.display())]
    Unwritable {
        /// The file.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
    /// SQLite could not copy.
    #[error("{} cannot be written: {error}", path.display())]
    Copy {
        /// The file.
        path: PathBuf,
        /// Why.
        error: rusqlite::Error,
    },
    /// Nobody could ever use such a backup.
    #[error("there is nobody in the office yet")]
    Nobody,
    /// The store is damaged: what was copied is no whole backup.
    #[error("the event store is damaged: {0}")]
    Damaged(String),
    /// The store cannot be opened.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store cannot be used.
    #[error(transparent)]
    Store(#[from] Error),
}

impl BackupError {
    /// What this says about the disk; `None` when it is about something else.
    #[must_use]
    pub fn trouble(&self) -> Option<Trouble> {
        match self {
            Self::Unwritable { error, .. } => Some(Trouble::of_io(error)),
            Self::Copy { error, .. } => Trouble::of(error),
            Self::Open(OpenError::DiskFull(_)) => Some(Trouble::DiskFull),
            Self::Store(error) => error.trouble(),
            Self::Taken(_) | Self::IsStore(_) | Self::Name(_) | Self::Nobody | Self::Damaged(_) | Self::Open(_) => None,
        }
    }
}

impl Store {
    /// Writes a backup, in place of an earlier one of that name. Commands and queries go on
    /// meanwhile; the backup is of one instant, has been checked as a restore checks it, and is on
    /// the disk when this returns.
    ///
    /// # Errors
    /// When the file cannot be written, or is something else than a backup.
    pub async fn backup(&self, file: &Path, now: Timestamp) -> Result<(), BackupError> {
        let (store, file) = (self.path().to_owned(), file.to_owned());
        let copying = tokio::task::spawn_blocking(move || write(&store, &file));
        copying.await.map_err(|error| Error::Internal(error.into()))??;
        self.note_copy(By::CommandLine, "backup", None, now).await;
        Ok(())
    }

    /// Makes a copy among those that the hub keeps, as [`Store::backup`] does, and forgets the oldest
    /// of its kind. It is not made where it would leave the office too little room on the disk.
    ///
    /// # Errors
    /// When it cannot be written; then the earlier ones are as they were.
    pub async fn copy(&self, kind: CopyKind, by: By, now: Timestamp) -> Result<StoreCopy, BackupError> {
        let store = self.path().to_owned();
        let copying = tokio::task::spawn_blocking(move || {
            let copies = Copies::of(&store);
            let unwritable = |error| BackupError::Unwritable { path: copies.folder().to_owned(), error };
            copies.has_room_for(size_of(&store)).map_err(unwritable)?;
            let file = copies.name(kind, now).map_err(unwritable)?;
            write(&store, &file)?;
            copies.forget_oldest(kind, now);
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            let made = copies.find(&name).map_err(unwritable)?;
            made.map(|(copy, _)| copy).ok_or_else(|| unwritable(io::ErrorKind::NotFound.into()))
        });
        let copy = copying.await.map_err(|error| Error::Internal(error.into()))??;
        // Of what the hub does every day the files themselves tell.
        if by != By::Hub {
            self.note_copy(by, "copy.create", Some(copy.name.clone()), now).await;
        }
        Ok(copy)
    }

    /// When the hub last made a copy by itself, or by an admin's wish.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn last_copy_at(&self) -> Result<Option<Timestamp>, Error> {
        let copies = Copies::of(self.path());
        let listed = tokio::task::spawn_blocking(move || copies.list());
        let listed = listed.await.map_err(|error| Error::Internal(error.into()))?;
        let listed = listed.map_err(|error| Error::Unavailable(error.into()))?;
        let is_of_data = |copy: &StoreCopy| matches!(copy.kind, CopyKind::Daily | CopyKind::Manual);
        Ok(listed.into_iter().find(is_of_data).map(|copy| copy.made_at))
    }

    /// Records that somebody has read a copy, or brought one.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn record_copy(&self, by: By, action: CopyAction, name: String, now: Timestamp) -> Result<(), Error> {
        let action = match action {
            CopyAction::Download => "copy.download",
            CopyAction::Upload => "copy.upload",
        };
        self.write(move |txn| Ok(audit::append(txn.conn, now, &copy_entry(&by, action, Some(&name)))?)).await
    }

    async fn note_copy(&self, by: By, action: &'static str, name: Option<String>, now: Timestamp) {
        let noted =
            self.write(move |txn| Ok(audit::append(txn.conn, now, &copy_entry(&by, action, name.as_deref()))?)).await;
        if let Err(error) = noted {
            tracing::warn!(%error, "could not record that there is a backup");
        }
    }

    /// As [`Store::backup`], for a copy that another machine is to have: nothing is written into the
    /// store, so that it can be made of one that is frozen.
    ///
    /// # Errors
    /// When the file cannot be written.
    pub async fn copy_to(&self, file: &Path) -> Result<(), BackupError> {
        let (store, file) = (self.path().to_owned(), file.to_owned());
        let copying = tokio::task::spawn_blocking(move || write(&store, &file));
        copying.await.map_err(|error| Error::Internal(error.into()))?
    }

    /// When the last backup was written.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn last_backup_at(&self) -> Result<Option<Timestamp>, Error> {
        self.read(|conn| Ok(audit::last(conn, "backup")?)).await
    }
}

/// What somebody did with a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CopyAction {
    /// Took it away to another place.
    Download,
    /// Brought it.
    Upload,
}

fn copy_entry<'a>(by: &'a By, action: &'static str, name: Option<&str>) -> audit::Entry<'a> {
    let detail = name.map_or_else(|| serde_json::json!({}), |name| serde_json::json!({ "copy": name }));
    audit::Entry { by, action, object: None, revision: None, detail }
}

/// The size of a store with what its log has of it.
pub(crate) fn size_of(store: &Path) -> u64 {
    let length = |path: &Path| std::fs::metadata(path).map_or(0, |file| file.len());
    length(store) + length(&beside(store, "-wal"))
}

/// `VACUUM INTO` reads in one transaction, which holds up no writer, and leaves out what was deleted;
/// what it writes is a single file that can be read from anywhere, a medium that is write-protected
/// too.
fn write(store: &Path, file: &Path) -> Result<(), BackupError> {
    let unwritable = |error| BackupError::Unwritable { path: file.to_owned(), error };
    let target = target_of(file, store)?;
    let folder = target.parent().ok_or_else(|| unwritable(io::ErrorKind::IsADirectory.into()))?;
    let copy = tempfile::Builder::new().prefix(UNFINISHED).suffix(".partial").tempfile_in(folder);
    let copy = copy.map_err(unwritable)?.into_temp_path();
    let name = copy.to_str().ok_or_else(|| BackupError::Name(file.to_owned()))?;
    if let Err(error) = open_copier(store)?.execute("VACUUM INTO ?1", [name]) {
        // On a disk that is full its journal is left behind.
        let _ = std::fs::remove_file(beside(&copy, "-journal"));
        return Err(match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => BackupError::Damaged(error.to_string()),
            _ => BackupError::Copy { path: file.to_owned(), error },
        });
    }
    check_whole(&open_reader(&copy)?).map_err(|error| match error {
        RestoreError::NoAdmin => BackupError::Nobody,
        RestoreError::Damaged(reason) => BackupError::Damaged(reason),
        error => BackupError::Damaged(error.to_string()),
    })?;
    sync(&copy).map_err(unwritable)?;
    crate::fault::point("backing_up");
    copy.persist(&target).map_err(|error| unwritable(error.error))?;
    sync_folder(folder).map_err(unwritable)
}

/// The absolute path that is to be written: what a link leads to, when it leads to a backup.
fn target_of(file: &Path, store: &Path) -> Result<PathBuf, BackupError> {
    let unwritable = |error| BackupError::Unwritable { path: file.to_owned(), error };
    let present = match std::fs::metadata(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return std::path::absolute(file).map_err(unwritable),
        present => present.map_err(unwritable)?,
    };
    if present.is_dir() {
        return Err(unwritable(io::ErrorKind::IsADirectory.into()));
    }
    if is_same_file(file, store) || beside(file, "-wal").exists() {
        return Err(BackupError::IsStore(file.to_owned()));
    }
    match present.is_file().then(|| Header::read(file)).transpose().map_err(unwritable)?.flatten() {
        Some(header) if header.application_id != OFFICE.application_id => Err(BackupError::Taken(file.to_owned())),
        None => Err(BackupError::Taken(file.to_owned())),
        Some(header) if header.has_log => Err(BackupError::IsStore(file.to_owned())),
        Some(_) => file.canonicalize().map_err(unwritable),
    }
}

/// Whether two paths lead to one file. One that SQLite has open must not be opened otherwise in this
/// process: closing it would take SQLite's locks away.
pub(crate) fn is_same_file(one: &Path, other: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt;
        let place = |path: &Path| std::fs::metadata(path).ok().map(|data| (data.dev(), data.ino()));
        place(one).is_some_and(|place_of_one| Some(place_of_one) == place(other))
    }
    #[cfg(not(unix))]
    one.canonicalize().is_ok_and(|one| other.canonicalize().is_ok_and(|other| one == other))
}

/// A file that belongs to another one by its name.
pub(crate) fn beside(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// What the first bytes of a SQLite file say of it: <https://www.sqlite.org/fileformat.html>.
pub(crate) struct Header {
    pub(crate) application_id: i32,
    /// The version of its schema.
    pub(crate) schema: u32,
    /// It is written by way of a WAL file: so are stores, and backups are not.
    pub(crate) has_log: bool,
    /// In bytes; for a file that was not cut off.
    pub(crate) len: u64,
}

impl Header {
    const LEN: usize = 100;

    /// `None` when it is no SQLite file.
    pub(crate) fn read(file: &Path) -> io::Result<Option<Self>> {
        let mut bytes = Vec::with_capacity(Self::LEN);
        File::open(file)?.take(Self::LEN as u64).read_to_end(&mut bytes)?;
        Ok(Self::parse(&bytes))
    }

    fn parse(bytes: &[u8]) -> Option<Self> {
        let is_sqlite = bytes.len() == Self::LEN && bytes.starts_with(b"SQLite format 3\0");
        let word = |at: usize| Some(u32::from_be_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
        let page_size = match u16::from_be_bytes(bytes.get(16..18)?.try_into().ok()?) {
            1 => 65_536,
            size => u64::from(size),
        };
        let len = u64::from(word(28)?) * page_size;
        let application_id = word(68)?.cast_signed();
        is_sqlite.then_some(Self { application_id, schema: word(60)?, has_log: bytes[18] == 2, len })
    }
}

/// Copies every page as it is, also of a damaged store, into a private file that appears whole.
pub(crate) fn copy_pages(conn: &Connection, target: &Path) -> Result<(), BackupError> {
    let unwritable = |error| BackupError::Unwritable { path: target.to_owned(), error };
    let failed = |error| BackupError::Copy { path: target.to_owned(), error };
    let folder = target.parent().ok_or_else(|| unwritable(io::ErrorKind::IsADirectory.into()))?;
    let copy = tempfile::Builder::new().prefix(TEMPORARY).suffix(".db").tempfile_in(folder);
    let copy = copy.map_err(unwritable)?.into_temp_path();
    {
        let mut to = Connection::open(&copy).map_err(failed)?;
        let pages = rusqlite::backup::Backup::new(conn, &mut to).map_err(failed)?;
        if pages.step(-1).map_err(failed)? != StepResult::Done {
            return Err(Error::Unavailable("another program has the event store open".into()).into());
        }
        drop(pages);
        // One file instead of three; where that cannot be, it is a copy all the same.
        let _ = to.pragma_update(None, "journal_mode", "delete");
    }
    sync(&copy).map_err(unwritable)?;
    copy.persist(target).map_err(|error| unwritable(error.error))?;
    sync_folder(folder).map_err(unwritable)
}

/// Begins the names of files in the data directory that mean nothing once their process has ended.
pub(crate) const TEMPORARY: &str = "restoring-";

/// Waits until a file is on the disk.
pub(crate) fn sync(file: &Path) -> io::Result<()> {
    File::options().write(true).open(file)?.sync_all()
}

/// Waits until the names in a folder are on the disk.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    #[cfg(unix)]
    File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder; // its file system keeps a journal of names
    Ok(())
}
