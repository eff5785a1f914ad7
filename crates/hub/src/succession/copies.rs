//! The copies of a hub that a desktop keeps, sealed, and the key that opens them.

use std::fs::{self, File};
use std::io::{self, BufWriter, Read, Write};
use std::path::{Path, PathBuf};

use rappel_core::Timestamp;
use rappel_store::sealed::{SealError, SealKey, SealLabel, Sealer, Unsealer};
use tempfile::NamedTempFile;

use super::membership::replace;

/// How many are kept: the last, and one before it.
const KEPT: usize = 2;
const PREFIX: &str = "copy-";
const ENDING: &str = ".sealed";
const UNFINISHED: &str = "unfinished-";

/// A folder of sealed copies and the file of their key, both for their owner only. There is neither
/// before the first copy.
#[derive(Debug, Clone)]
pub struct Copies {
    folder: PathBuf,
    key_file: PathBuf,
}

/// A copy that is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptCopy {
    /// The file.
    pub file: PathBuf,
    /// What it is a copy of, and of when.
    pub label: SealLabel,
    /// The file's length.
    pub bytes: u64,
}

/// A copy that is being written.
pub(crate) struct IncomingCopy {
    sealer: Sealer<BufWriter<NamedTempFile>>,
    hasher: blake3::Hasher,
    written: u64,
    label: SealLabel,
}

impl Copies {
    /// The copies in a folder, sealed with the key in a file. Nothing is touched by this: another
    /// part of the program may be writing a copy there.
    #[must_use]
    pub fn new(folder: PathBuf, key_file: PathBuf) -> Self {
        Self { folder, key_file }
    }

    /// Removes what was left unfinished. Only for whoever writes the copies, before the first one.
    ///
    /// # Errors
    /// When the folder cannot be read, or something in it not be removed.
    pub fn tidy(&self) -> io::Result<()> {
        self.remove(|name| name.starts_with(UNFINISHED))
    }

    /// Removes the copies of a hub, also one that is being written; with the last copy the key and
    /// the folder go.
    ///
    /// # Errors
    /// When something of it cannot be removed.
    pub fn forget(&self, hub: uuid::Uuid) -> io::Result<()> {
        self.tidy()?;
        for copy in self.list().into_iter().filter(|copy| copy.label.hub == hub) {
            fs::remove_file(copy.file)?;
        }
        if !self.list().is_empty() {
            return Ok(());
        }
        // What the key does not open is of no use to anybody.
        self.remove(|name| name.starts_with(PREFIX) && name.ends_with(ENDING))?;
        unless_missing(fs::remove_file(&self.key_file))?;
        unless_missing(fs::remove_dir(&self.folder))
    }

    fn remove(&self, is_meant: impl Fn(&str) -> bool) -> io::Result<()> {
        let entries = match fs::read_dir(&self.folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
            entries => entries?,
        };
        for entry in entries {
            let path = entry?.path();
            if is_meant(&name_of(&path)) {
                unless_missing(fs::remove_file(path))?;
            }
        }
        Ok(())
    }

    /// Those that can be opened with the key, the latest first. Only their labels are read.
    #[must_use]
    pub fn list(&self) -> Vec<KeptCopy> {
        let Ok(entries) = fs::read_dir(&self.folder) else { return Vec::new() };
        let key = match read_key(&self.key_file) {
            Ok(Some(key)) => key,
            Ok(None) => return Vec::new(),
            Err(error) => {
                tracing::warn!(%error, "the copies of the hub cannot be opened");
                return Vec::new();
            }
        };
        let mut copies: Vec<KeptCopy> = entries.filter_map(|entry| label_of(&entry.ok()?.path(), &key)).collect();
        copies.sort_by_key(|copy| std::cmp::Reverse((copy.label.made_at_ms, copy.file.clone())));
        copies
    }

    /// Begins to write a copy. The folder and the key are made where they are missing.
    pub(crate) fn begin(&self, label: SealLabel) -> io::Result<IncomingCopy> {
        let key = self.key_to_write()?;
        let mut builder = fs::DirBuilder::new();
        builder.recursive(true);
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&self.folder)?;
        let file = tempfile::Builder::new().prefix(UNFINISHED).suffix(ENDING).tempfile_in(&self.folder)?;
        let sealer = Sealer::begin(BufWriter::new(file), &key, &label)?;
        Ok(IncomingCopy { sealer, hasher: blake3::Hasher::new(), written: 0, label })
    }

    /// The key, made where it is missing; one that is damaged is never replaced.
    fn key_to_write(&self) -> io::Result<SealKey> {
        if let Some(key) = read_key(&self.key_file)? {
            return Ok(key);
        }
        let key = SealKey::generate()?;
        replace(&self.key_file, key.as_bytes())?;
        Ok(key)
    }

    /// Ends a copy, if it is what the hub sent, and takes the place of older ones. It is read back from
    /// the disk before any older one goes. Blocks.
    pub(crate) fn finish(&self, copy: IncomingCopy, hash: &str) -> io::Result<KeptCopy> {
        let differs = || io::Error::new(io::ErrorKind::InvalidData, "the copy is not what the hub sent");
        let IncomingCopy { sealer, hasher, label, .. } = copy;
        if hasher.finalize().to_hex().as_str() != hash {
            return Err(differs());
        }
        let file = sealer.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.as_file().sync_all()?;
        let mut hasher = blake3::Hasher::new();
        self.read(file.path(), |text| io::copy(text, &mut hasher).map(drop)).map_err(io::Error::other)?;
        if hasher.finalize().to_hex().as_str() != hash {
            return Err(differs());
        }
        let moment = label.made_at().to_utc().format("%Y-%m-%dT%H-%M-%S%.3fZ");
        let path = self.folder.join(format!("{PREFIX}{moment}{ENDING}"));
        rappel_store::fault::point("copy-kept");
        file.persist(&path).map_err(|error| error.error)?;
        #[cfg(unix)]
        File::open(&self.folder)?.sync_all()?;
        self.forget_older(&path);
        let bytes = fs::metadata(&path)?.len();
        Ok(KeptCopy { file: path, label, bytes })
    }

    fn forget_older(&self, newest: &Path) {
        let older = self.list().into_iter().filter(|copy| copy.file != newest);
        for copy in older.skip(KEPT - 1) {
            if let Err(error) = fs::remove_file(&copy.file) {
                tracing::warn!(%error, "an old copy of the hub cannot be removed");
            }
        }
    }

    /// Opens a copy, and has `read` read all of it.
    fn read(&self, file: &Path, read: impl FnOnce(&mut dyn Read) -> io::Result<()>) -> Result<(), SealError> {
        let key = read_key(&self.key_file)?.ok_or_else(|| io::Error::from(io::ErrorKind::NotFound))?;
        let (_, mut text) = Unsealer::open(File::open(file)?, &key)?;
        read(&mut text).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => SealError::Damaged,
            _ => error.into(),
        })
    }

    /// Opens a copy into a file, which is whole when this returns. Blocks.
    pub(crate) fn unseal(&self, copy: &KeptCopy, into: &mut File) -> Result<(), SealError> {
        self.read(&copy.file, |text| io::copy(text, into).map(drop))
    }
}

impl IncomingCopy {
    /// Takes what comes next. Blocks.
    pub(crate) fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.hasher.update(bytes);
        self.written += bytes.len() as u64;
        self.sealer.write_all(bytes)
    }

    pub(crate) fn written(&self) -> u64 {
        self.written
    }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// What a file is a copy of, if it is one that the key opens.
fn label_of(file: &Path, key: &SealKey) -> Option<KeptCopy> {
    let name = name_of(file);
    if !name.starts_with(PREFIX) || !name.ends_with(ENDING) {
        return None;
    }
    let opened = File::open(file).map_err(SealError::from);
    match opened.and_then(|opened| Ok((opened.metadata()?.len(), Unsealer::open(opened, key)?.0))) {
        Ok((bytes, label)) => Some(KeptCopy { file: file.to_owned(), label, bytes }),
        Err(error) => {
            tracing::warn!(%error, "a copy of the hub cannot be opened");
            None
        }
    }
}

fn unless_missing(removed: io::Result<()>) -> io::Result<()> {
    match removed {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}

/// The key in a file for its owner only, where there is one. It keeps whoever gets hold of the copies
/// alone from reading them, and nobody who has all of the disk.
fn read_key(file: &Path) -> io::Result<Option<SealKey>> {
    match fs::read(file) {
        Ok(bytes) => {
            let wrong = |_| io::Error::new(io::ErrorKind::InvalidData, "the key of the copies is damaged");
            Ok(Some(SealKey::from_bytes(bytes.try_into().map_err(wrong)?)))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether a copy of this moment is old enough to be followed by another.
#[must_use]
pub fn is_due(latest: Option<Timestamp>, now: Timestamp) -> bool {
    // A clock that was set back must not put it off for ever.
    latest.is_none_or(|latest| (now - latest).abs() >= chrono::TimeDelta::hours(24))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn copies(folder: &Path) -> Copies {
        Copies::new(folder.join("copies"), folder.join("copies.key"))
    }

    fn label(day: i64) -> SealLabel {
        SealLabel { hub: uuid::Uuid::from_u128(1), epoch: 1, made_at_ms: 1_800_000_000_000 + day * 86_400_000 }
    }

    fn keep(copies: &Copies, day: i64, text: &[u8]) -> io::Result<KeptCopy> {
        let mut copy = copies.begin(label(day)).unwrap();
        copy.take(text).unwrap();
        copies.finish(copy, blake3::hash(text).to_hex().as_str())
    }

    #[test]
    fn the_last_two_are_kept_and_the_latest_is_first() {
        let folder = tempfile::tempdir().unwrap();
        let copies = copies(folder.path());
        for day in 0..4 {
            keep(&copies, day, b"all of it").unwrap();
        }
        let days: Vec<i64> = copies.list().iter().map(|copy| copy.label.made_at_ms).collect();
        assert_eq!(days, [label(3).made_at_ms, label(2).made_at_ms]);
        assert_eq!(fs::read_dir(folder.path().join("copies")).unwrap().count(), 2, "nothing else is left");
    }

    #[test]
    fn what_is_not_what_the_hub_sent_replaces_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let copies = copies(folder.path());
        keep(&copies, 0, b"before").unwrap();
        let mut copy = copies.begin(label(1)).unwrap();
        copy.take(b"half").unwrap();
        assert!(copies.finish(copy, blake3::hash(b"half of it").to_hex().as_str()).is_err());
        let mut left = tempfile::tempfile().unwrap();
        let only = &copies.list()[..];
        assert_eq!((only.len(), &only[0].label), (1, &label(0)));
        copies.unseal(&only[0], &mut left).unwrap();
    }

    #[test]
    fn what_was_left_unfinished_is_removed_and_what_is_damaged_is_no_copy() {
        let folder = tempfile::tempdir().unwrap();
        let first = copies(folder.path());
        keep(&first, 0, b"all of it").unwrap();
        let whole = fs::read(&first.list()[0].file).unwrap();
        fs::write(folder.path().join("copies/unfinished-1.sealed"), &whole[..20]).unwrap();
        fs::write(folder.path().join("copies/copy-9.sealed"), &whole[..60]).unwrap();
        let again = copies(folder.path());
        again.tidy().unwrap();
        assert_eq!(again.list().len(), 1);
        assert!(!folder.path().join("copies/unfinished-1.sealed").exists());
        fs::write(folder.path().join("copies.key"), [2; 32]).unwrap();
        assert_eq!(again.list(), [], "with another key there is none");
    }

    #[test]
    fn whoever_looks_at_the_copies_makes_nothing_and_disturbs_none_that_is_being_written() {
        let folder = tempfile::tempdir().unwrap();
        let nothing = copies(folder.path());
        assert_eq!(nothing.list(), []);
        nothing.tidy().unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "there is neither folder nor key");

        let writing = copies(folder.path());
        let mut copy = writing.begin(label(0)).unwrap();
        copy.take(b"all of it").unwrap();
        assert_eq!(copies(folder.path()).list(), [], "it is none yet");
        writing.finish(copy, blake3::hash(b"all of it").to_hex().as_str()).unwrap();
        assert_eq!(copies(folder.path()).list().len(), 1);
    }

    #[test]
    fn of_a_hub_that_was_left_no_copy_stays_and_with_the_last_the_key_goes() {
        let folder = tempfile::tempdir().unwrap();
        let copies = copies(folder.path());
        let (left, other) = (label(0).hub, uuid::Uuid::from_u128(2));
        keep(&copies, 0, b"all of it").unwrap();
        let of_another = copies.begin(SealLabel { hub: other, ..label(1) }).unwrap();
        copies.finish(of_another, blake3::hash(b"").to_hex().as_str()).unwrap();
        let unfinished = copies.begin(label(2)).unwrap();

        copies.forget(left).unwrap();
        let kept: Vec<uuid::Uuid> = copies.list().iter().map(|copy| copy.label.hub).collect();
        assert_eq!(kept, [other], "that of another hub is as it was");
        let late = copies.finish(unfinished, blake3::hash(b"").to_hex().as_str());
        assert!(late.is_err(), "nor one that was still coming: {late:?}");

        copies.forget(other).unwrap();
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "neither copies nor their key");
        copies.forget(other).unwrap();
    }

    #[cfg(unix)]
    #[test]
    fn nobody_else_reads_the_folder_the_copies_or_the_key() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let copies = copies(folder.path());
        let kept = keep(&copies, 0, b"all of it").unwrap();
        let file = folder.path().join("copies.key");
        let key = fs::read(&file).unwrap();
        let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(&folder.path().join("copies")), mode(&kept.file), mode(&file)), (0o700, 0o600, 0o600));
        keep(&copies, 1, b"all of it").unwrap();
        assert_eq!(fs::read(&file).unwrap(), key, "the same one each time");
        fs::write(&file, b"short").unwrap();
        assert!(copies.begin(label(2)).is_err(), "and never another one in its place");
    }

    #[test]
    fn a_copy_is_due_once_a_day_whatever_the_clock_does() {
        let at = |hours: i64| Timestamp::clamped_from_ms(1_800_000_000_000 + hours * 3_600_000);
        assert!(is_due(None, at(0)));
        assert!(!is_due(Some(at(0)), at(23)));
        assert!(is_due(Some(at(0)), at(24)));
        assert!(is_due(Some(at(0)), at(24 * 30)), "it catches up");
        assert!(is_due(Some(at(24 * 400)), at(0)), "a copy from the future is none to wait for");
    }
}
