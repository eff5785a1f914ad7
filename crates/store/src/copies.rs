//! The copies that a hub keeps of its store, in a folder beside it.
//!
//! Each is a backup as [`crate::Backup`] takes it, named for why and when it was made. Of each kind
//! only so many are kept. A wrong clock must not cost the copies of right days: those that seem to be
//! of the future are counted by themselves, so that neither kind pushes the other out.

use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

use chrono::NaiveDateTime;
use rappel_core::Timestamp;
use rusqlite::Connection;
use tempfile::NamedTempFile;

use crate::backup::{BackupError, Header, beside, copy_pages};
use crate::error::OpenError;
use crate::migrate::OFFICE;
use crate::trouble::Trouble;

/// The folder's name, beside the store.
const FOLDER: &str = "backups";
/// Begins the names of files that do not count yet.
pub(crate) const UNFINISHED: &str = ".rappel-";
/// How the moment stands in a name.
const MOMENT: &str = "%Y-%m-%dT%H-%M-%S%.3fZ";
/// What is left free when a copy is made, in bytes: room for the store's log at its longest, so that
/// a copy never keeps the office from writing.
const RESERVE: u64 = 32 * 1024 * 1024;

/// Why there is a copy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum CopyKind {
    /// The hub makes one a day.
    Daily,
    /// An admin wanted it.
    Manual,
    /// What was there before a restore.
    BeforeRestore,
    /// What was there before a later version of the program changed the schema.
    BeforeMigration,
    /// An admin brought it.
    Uploaded,
}

impl CopyKind {
    const ALL: [Self; 5] = [Self::Daily, Self::Manual, Self::BeforeRestore, Self::BeforeMigration, Self::Uploaded];

    /// The stable name, for programs.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Daily => "daily",
            Self::Manual => "manual",
            Self::BeforeRestore => "before_restore",
            Self::BeforeMigration => "before_migration",
            Self::Uploaded => "uploaded",
        }
    }

    /// What the names of its files begin with. One before a migration goes on with its number, the
    /// others with the moment.
    fn prefix(self) -> &'static str {
        match self {
            Self::Daily => "daily-",
            Self::Manual => "manual-",
            Self::BeforeRestore => "before-restore-",
            Self::BeforeMigration => "before-",
            Self::Uploaded => "uploaded-",
        }
    }

    /// How many are kept.
    fn kept(self) -> usize {
        match self {
            Self::Daily | Self::Manual => 7,
            Self::BeforeRestore | Self::BeforeMigration | Self::Uploaded => 3,
        }
    }
}

/// A copy that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoreCopy {
    /// Its file's name, without a folder.
    pub name: String,
    /// Why it was made.
    pub kind: CopyKind,
    /// When it was made; of an uploaded one: when it came.
    pub made_at: Timestamp,
    /// Its size.
    pub bytes: u64,
    /// The version of its schema.
    pub schema: u32,
}

/// The folder of a store's copies. It is made with the first of them.
#[derive(Debug, Clone)]
pub struct Copies {
    folder: PathBuf,
}

impl Copies {
    /// Those of the store at this path.
    #[must_use]
    pub fn of(store: &Path) -> Self {
        Self { folder: store.parent().unwrap_or(Path::new(".")).join(FOLDER) }
    }

    /// Where they are.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// All that are there, the latest first. Other files are no copies; whether one is whole is
    /// known only when it is opened. Blocks.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn list(&self) -> io::Result<Vec<StoreCopy>> {
        let entries = match std::fs::read_dir(&self.folder) {
            Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
                return Ok(Vec::new());
            }
            entries => entries?,
        };
        let mut copies = Vec::new();
        for entry in entries {
            let Ok(name) = entry?.file_name().into_string() else { continue };
            copies.extend(self.read(name));
        }
        copies.sort_by(|one, other| (other.made_at, &other.name).cmp(&(one.made_at, &one.name)));
        Ok(copies)
    }

    /// The copy of this name, and where it is. The name is looked for among those that are there, so
    /// that it leads nowhere else. Blocks.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn find(&self, name: &str) -> io::Result<Option<(StoreCopy, PathBuf)>> {
        let found = self.list()?.into_iter().find(|copy| copy.name == name);
        Ok(found.map(|copy| (copy, self.folder.join(name))))
    }

    fn read(&self, name: String) -> Option<StoreCopy> {
        let (kind, moment) = parse(&name)?;
        let path = self.folder.join(&name);
        // A link could lead anywhere.
        let data = std::fs::symlink_metadata(&path).ok().filter(std::fs::Metadata::is_file)?;
        let header = Header::read(&path).ok()??;
        if header.application_id != OFFICE.application_id || header.has_log {
            return None;
        }
        let made_at = moment.or_else(|| modified_at(&data))?;
        Some(StoreCopy { name, kind, made_at, bytes: data.len(), schema: header.schema })
    }

    /// A free name for a copy of this moment, in the folder that is there from now on.
    pub(crate) fn name(&self, kind: CopyKind, now: Timestamp) -> io::Result<PathBuf> {
        self.make_folder()?;
        let moment = now.to_utc().format(MOMENT);
        let name = |ending: &str| self.folder.join(format!("{}{moment}{ending}.db", kind.prefix()));
        let numbered = (2..).map(|number| name(&format!("_{number}")));
        let free = std::iter::once(name("")).chain(numbered).find(|path| !path.exists());
        Ok(free.expect("BUG: one of all numbers is free"))
    }

    /// Copies every page of a store before a migration, in place of a copy of that number.
    pub(crate) fn keep_before_migration(&self, store: &Connection, number: u32) -> Result<(), OpenError> {
        let kept = |error: BackupError| match error.trouble() {
            Some(Trouble::DiskFull) => OpenError::DiskFull(error.into()),
            _ => OpenError::Keep(error.into()),
        };
        self.make_folder()?;
        let path = self.folder.join(format!("{}{number:04}.db", CopyKind::BeforeMigration.prefix()));
        copy_pages(store, &path).map_err(kept)?;
        if let Some(now) = std::fs::metadata(&path).ok().as_ref().and_then(modified_at) {
            self.forget_oldest(CopyKind::BeforeMigration, now);
        }
        Ok(())
    }

    /// A file that is to become a copy, for its owner's eyes only; it is gone unless it is kept.
    pub(crate) fn unfinished(&self) -> io::Result<NamedTempFile> {
        self.make_folder()?;
        tempfile::Builder::new().prefix(UNFINISHED).suffix(".partial").tempfile_in(&self.folder)
    }

    /// Whether a file of so many bytes can be written here and leave the office room to write in.
    ///
    /// # Errors
    /// [`ErrorKind::StorageFull`] when it cannot.
    pub fn has_room_for(&self, bytes: u64) -> io::Result<()> {
        self.make_folder()?;
        match free_bytes(&self.folder)? {
            Some(free) if free < bytes.saturating_add(RESERVE) => Err(ErrorKind::StorageFull.into()),
            _ => Ok(()),
        }
    }

    /// Removes the oldest copies of a kind that are more than are kept. The one just made stays.
    pub(crate) fn forget_oldest(&self, kind: CopyKind, now: Timestamp) {
        let copies = self.list().unwrap_or_default().into_iter().filter(|copy| copy.kind == kind);
        let (past, future): (Vec<_>, Vec<_>) = copies.partition(|copy| copy.made_at <= now);
        for old in [past, future].iter().flat_map(|copies| copies.iter().skip(kind.kept())) {
            let path = self.folder.join(&old.name);
            for path in [beside(&path, "-wal"), path] {
                match std::fs::remove_file(path) {
                    Err(error) if error.kind() != ErrorKind::NotFound => {
                        tracing::warn!(%error, "an old copy cannot be removed");
                    }
                    _ => {}
                }
            }
        }
    }

    fn make_folder(&self) -> io::Result<()> {
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        match builder.create(&self.folder) {
            Err(error) if error.kind() == ErrorKind::AlreadyExists && self.folder.is_dir() => Ok(()),
            made => made,
        }
    }
}

/// What a file's name says: the kind, and the moment for all but those before a migration.
fn parse(name: &str) -> Option<(CopyKind, Option<Timestamp>)> {
    let stem = name.strip_suffix(".db")?;
    CopyKind::ALL.into_iter().find_map(|kind| {
        let rest = stem.strip_prefix(kind.prefix())?;
        if kind == CopyKind::BeforeMigration {
            let is_number = rest.len() == 4 && rest.bytes().all(|byte| byte.is_ascii_digit());
            return is_number.then_some((kind, None));
        }
        let (moment, number) = rest.split_once('_').unwrap_or((rest, "2"));
        number.parse::<u32>().ok()?;
        let moment = NaiveDateTime::parse_from_str(moment, MOMENT).ok()?;
        Some((kind, Some(Timestamp::from_ms(moment.and_utc().timestamp_millis())?)))
    })
}

fn modified_at(data: &std::fs::Metadata) -> Option<Timestamp> {
    let since_epoch = data.modified().ok()?.duration_since(std::time::SystemTime::UNIX_EPOCH).ok()?;
    Timestamp::from_ms(i64::try_from(since_epoch.as_millis()).ok()?)
}

/// How many bytes may still be written where this folder is; `None` where that is not known.
fn free_bytes(folder: &Path) -> io::Result<Option<u64>> {
    #[cfg(unix)]
    {
        let disk = rustix::fs::statvfs(folder)?;
        Ok(Some(disk.f_bavail.saturating_mul(disk.f_frsize)))
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    #[test]
    fn a_name_says_why_and_when() {
        let dir = tempfile::tempdir().unwrap();
        let copies = Copies::of(&dir.path().join("rappel.db"));
        let now = at("2026-11-23T11:30:00.005Z");
        for kind in CopyKind::ALL.into_iter().filter(|kind| *kind != CopyKind::BeforeMigration) {
            for _ in 0..3 {
                let path = copies.name(kind, now).unwrap();
                let name = path.file_name().unwrap().to_str().unwrap();
                assert_eq!(parse(name), Some((kind, Some(now))), "{name}");
                std::fs::write(&path, "").unwrap();
            }
        }
        assert_eq!(parse("before-0007.db"), Some((CopyKind::BeforeMigration, None)));
        for other in ["rappel.db", "daily-yesterday.db", "before-7.db", "before-restore-0007.db", "daily-.db", ".db"] {
            assert_eq!(parse(other), None, "{other}");
        }
    }

    #[test]
    fn what_is_no_copy_is_not_listed() {
        let dir = tempfile::tempdir().unwrap();
        let copies = Copies::of(&dir.path().join("rappel.db"));
        assert_eq!(copies.list().unwrap(), [], "there is no folder yet");
        std::fs::write(copies.name(CopyKind::Daily, at("2026-11-23T11:30:00Z")).unwrap(), "Dear diary").unwrap();
        std::fs::create_dir(copies.name(CopyKind::Manual, at("2026-11-23T11:30:00Z")).unwrap()).unwrap();
        assert_eq!(copies.list().unwrap(), []);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(std::fs::metadata(copies.folder()).unwrap().permissions().mode() & 0o777, 0o700);
        }
    }
}
