//! The data directory: one hub at a time, and nobody else's eyes.

use std::fs::{File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

/// The environment variable that names the data directory.
pub const DATA_DIR_VARIABLE: &str = "RAPPEL_DATA_DIR";

/// The event store's file in a data directory.
const STORE: &str = "rappel.db";

/// Whether an office's store is in this data directory.
#[must_use]
pub fn has_store(data_dir: &Path) -> bool {
    data_dir.join(STORE).exists()
}

/// The platform's data directory for this program; `None` where there is no home.
#[must_use]
pub fn default_data_dir() -> Option<PathBuf> {
    directories::ProjectDirs::from("", "", "Rappel").map(|dirs| dirs.data_dir().to_owned())
}

/// A data directory that this process holds: no other one opens the store in it meanwhile.
#[derive(Debug)]
pub struct DataDir {
    path: PathBuf,
    /// Locked as long as it is open; the OS unlocks it however this process ends.
    _lock: File,
}

/// Why a data directory cannot be held.
#[derive(Debug, thiserror::Error)]
pub enum DataDirError {
    /// Another process holds it.
    #[error("another Rappel is running on {}", .0.display())]
    Held(PathBuf),
    /// It cannot be made or used.
    #[error("{} cannot be used: {error}", path.display())]
    Io {
        /// The directory.
        path: PathBuf,
        /// Why.
        error: io::Error,
    },
}

impl DataDir {
    /// Makes the directory where it is missing, for its owner only, and holds it. What a process that
    /// was killed left unfinished in it is removed.
    ///
    /// # Errors
    /// When another process holds it, or it cannot be used.
    pub fn hold(path: &Path) -> Result<Self, DataDirError> {
        let unusable = |error| DataDirError::Io { path: path.to_owned(), error };
        create_private(path).map_err(unusable)?;
        let lock = open_private(&path.join("lock")).map_err(unusable)?;
        match lock.try_lock() {
            Ok(()) => {
                rappel_store::forget_unfinished(path);
                Ok(Self { path: path.to_owned(), _lock: lock })
            }
            Err(TryLockError::WouldBlock) => Err(DataDirError::Held(path.to_owned())),
            Err(TryLockError::Error(error)) => Err(unusable(error)),
        }
    }

    /// The event store's file, made here so that it is its owner's only from the first byte.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn store_file(&self) -> io::Result<PathBuf> {
        let path = self.store_path();
        open_private(&path)?;
        Ok(path)
    }

    /// Where the event store's file is, or would be.
    pub(crate) fn store_path(&self) -> PathBuf {
        self.path.join(STORE)
    }

    /// The directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }
}

/// Makes a directory for its owner only. One that is there and holds something else is left as it
/// is: closing it to others would not be ours to do, and our files in it are private by themselves.
fn create_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    let is_ours = match std::fs::read_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => true,
        Err(error) => return Err(error),
        Ok(mut entries) => entries.next().is_none() || has_store(path),
    };
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    #[cfg(unix)]
    if is_ours {
        std::fs::set_permissions(path, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
    }
    Ok(())
}

fn open_private(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hub::{Hub, HubConfig, OpenError};

    #[tokio::test]
    async fn a_hub_waits_for_a_command_that_is_done_and_not_for_another_hub() {
        let dir = tempfile::tempdir().unwrap();
        let config = || HubConfig { data_dir: dir.path().to_owned(), ..HubConfig::default() };
        let command = DataDir::hold(dir.path()).unwrap();
        // The hub is asked first, finds the directory held, and waits.
        let (hub, ()) = tokio::join!(Hub::open(config()), async { drop(command) });
        let hub = hub.unwrap();
        assert!(matches!(Hub::open(config()).await, Err(OpenError::DataDir(DataDirError::Held(_)))));
        hub.shutdown().await;
        drop(hub);
        Hub::open(config()).await.unwrap().shutdown().await;
    }

    #[test]
    fn a_data_directory_is_held_once_and_private() {
        let parent = tempfile::tempdir().unwrap();
        let path = parent.path().join("data");
        let held = DataDir::hold(&path).unwrap();
        assert!(matches!(DataDir::hold(&path), Err(DataDirError::Held(_))));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&path), 0o700);
            assert_eq!(mode(&held.store_file().unwrap()), 0o600);
        }
        drop(held);
        assert!(DataDir::hold(&path).is_ok(), "it is free again");
    }

    #[cfg(unix)]
    #[test]
    fn a_directory_of_other_things_is_not_closed_to_others() {
        use std::os::unix::fs::PermissionsExt;
        let shared = tempfile::tempdir().unwrap();
        std::fs::write(shared.path().join("theirs"), "").unwrap();
        std::fs::set_permissions(shared.path(), PermissionsExt::from_mode(0o755)).unwrap();
        let held = DataDir::hold(shared.path()).unwrap();
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(shared.path()), 0o755);
        assert_eq!(mode(&held.store_file().unwrap()), 0o600, "what is ours is private all the same");
    }
}
