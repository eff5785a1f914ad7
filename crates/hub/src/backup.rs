//! Backups and restores of a hub that runs, and of a data directory on which none does.
//!
//! A restore of a running hub waits for the requests that are being answered; those that come
//! meanwhile wait for it. So each request is answered by one state of the data, whole.

use std::path::{Path, PathBuf};

use rappel_core::Timestamp;
use rappel_store::{Backup, BackupError, By, Error, RestoreError, Restored};
use tokio::sync::RwLockReadGuard;

use crate::data_dir::{DataDir, has_store};
use crate::hub::{Hub, OpenError, open_store};
use crate::succession::{self, Successor};
use crate::zone_watch;

/// Why a backup was not restored on a data directory without a hub.
#[derive(Debug, thiserror::Error)]
pub(crate) enum RestoreHereError {
    #[error(transparent)]
    Restore(#[from] RestoreError),
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl Hub {
    /// Writes all data, as they are at one instant, into one file, in place of an earlier backup of
    /// that name. The hub goes on meanwhile.
    ///
    /// # Errors
    /// When the file cannot be written, or is something else than a backup.
    pub async fn backup(&self, file: &Path) -> Result<(), BackupError> {
        self.store().backup(file, self.now()).await
    }

    /// Puts a backup in the place of all data, in one step. The hub's epoch changes, its sessions
    /// are closed with 1001, and what was there before is kept among the copies.
    ///
    /// # Errors
    /// When the backup is none, damaged, or newer than this program; then nothing is changed.
    pub async fn restore(&self, file: &Path) -> Result<Restored, RestoreError> {
        self.restore_by(file, By::CommandLine).await
    }

    /// As [`Hub::restore`], for whoever wants it.
    pub(crate) async fn restore_by(&self, file: &Path, by: By) -> Result<Restored, RestoreError> {
        if self.reign().has_ended() {
            return Err(Error::Frozen.into());
        }
        let backup = open_backup(file.to_owned(), self.data_dir().store_path()).await?;
        let hub = self.clone();
        // A task of its own: whoever asked for it may go away, half of it is not to be done.
        let restoring = self.tasks().spawn(async move {
            let _alone = hub.calm_lock().write().await;
            let restored = hub.store().restore(backup, by, hub.now()).await?;
            hub.waiting_room().empty();
            // It may come from a time, or a machine, with other rules.
            if let Err(error) = zone_watch::bring_up_to_date(hub.store(), hub.clock()).await {
                tracing::error!(%error, "events do not follow the time zone data yet");
            }
            hub.read_key().await?;
            hub.read_secure_office().await?;
            Ok::<_, RestoreError>(restored)
        });
        let restored = restoring.await.map_err(|error| Error::Internal(error.into()))??;
        tracing::warn!(epoch = restored.identity.epoch, "a backup was restored");
        Ok(restored)
    }

    /// Held while a request is answered: no restore begins meanwhile.
    pub(crate) async fn calm(&self) -> RwLockReadGuard<'_, ()> {
        self.calm_lock().read().await
    }
}

/// Restores on a data directory that this process holds. One that has no office yet gets the
/// backup's; a store that cannot be opened is set aside. A machine that another one has followed as
/// the hub is the hub again.
pub(crate) async fn restore_here(held: &DataDir, file: PathBuf, now: Timestamp) -> Result<Restored, RestoreHereError> {
    let restored = put_in_place(held, file, now).await?;
    if Successor::read(held.path()).ok().flatten().is_some() {
        let store = open_store(held, None, |_| {})?;
        succession::go_on(held, &store, now).await.map_err(RestoreError::from)?;
    }
    Ok(restored)
}

async fn put_in_place(held: &DataDir, file: PathBuf, now: Timestamp) -> Result<Restored, RestoreHereError> {
    let store = held.store_path();
    let backup = open_backup(file, store.clone()).await?;
    if has_store(held.path()) {
        match open_store(held, None, |_| {}) {
            Ok(store) => return Ok(store.restore(backup, By::CommandLine, now).await?),
            Err(OpenError::Store(error)) if error.is_of_the_file() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(blocking(move || backup.install(&store, now)).await?)
}

async fn open_backup(file: PathBuf, store: PathBuf) -> Result<Backup, RestoreError> {
    blocking(move || Backup::open(&file, &store)).await
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, RestoreError> + Send + 'static,
) -> Result<T, RestoreError> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(error.into()))?
}
