//! The copies of a running hub's store: making, reading and bringing them, and going back to one.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;
use rappel_core::Timestamp;
use rappel_store::{
    BackupError, By, Copies, CopyAction, CopyKind, Error, Extent, Incoming, Lost, RestoreError, Restored, Store,
    StoreCopy, Trouble,
};
use tokio::sync::Mutex as AsyncMutex;

use crate::hub::Hub;

/// A latest copy that is older than this, of data that have changed since, is worth a word.
const LATE_AFTER: TimeDelta = TimeDelta::days(3);

/// Why the last try to make a copy failed.
#[derive(Debug, Clone)]
pub(crate) struct Failure {
    pub(crate) at: Timestamp,
    /// What it says about the disk; `None`: it was something else.
    pub(crate) trouble: Option<Trouble>,
}

/// Makes copies, one at a time.
#[derive(Debug, Default)]
pub(crate) struct Copying {
    turn: AsyncMutex<()>,
    failure: Mutex<Option<Failure>>,
}

impl Copying {
    /// Makes one; how that ended is known from then on.
    pub(crate) async fn make(
        &self,
        store: &Store,
        kind: CopyKind,
        by: By,
        now: Timestamp,
    ) -> Result<StoreCopy, Arc<BackupError>> {
        let _turn = self.turn.lock().await;
        let made = store.copy(kind, by, now).await.map_err(Arc::new);
        let failure = made.as_ref().err().map(|error| Failure { at: now, trouble: error.trouble() });
        *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = failure;
        made
    }

    /// Why the last try failed, if it did.
    pub(crate) fn failure(&self) -> Option<Failure> {
        self.failure.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Hub {
    /// Where the copies are.
    pub(crate) fn copies(&self) -> Copies {
        Copies::of(&self.data_dir().store_path())
    }

    pub(crate) async fn list_copies(&self) -> Result<Vec<StoreCopy>, Error> {
        let copies = self.copies();
        blocking(move || copies.list()).await?.map_err(|error| Error::Unavailable(error.into()))
    }

    /// Whether the data have been without a new copy for so long that somebody should look.
    pub(crate) async fn copies_are_late(&self, copies: &[StoreCopy]) -> Result<bool, Error> {
        let now = self.now();
        let is_of_data = |copy: &&StoreCopy| matches!(copy.kind, CopyKind::Daily | CopyKind::Manual);
        let Some(latest) = copies.iter().filter(is_of_data).find(|copy| copy.made_at <= now) else {
            return Ok(self.uptime_seconds() > 24 * 60 * 60);
        };
        if now - latest.made_at <= LATE_AFTER {
            return Ok(false);
        }
        let file = self.copies().folder().join(&latest.name);
        let copied = blocking(move || Extent::of_copy(&file).ok()).await?;
        Ok(copied != Some(self.store().extent().await?))
    }

    pub(crate) async fn make_copy(&self, by: By) -> Result<StoreCopy, Arc<BackupError>> {
        self.copying().make(self.store(), CopyKind::Manual, by, self.now()).await
    }

    /// A copy by its name, and where it is.
    pub(crate) async fn find_copy(&self, name: String) -> Result<(StoreCopy, PathBuf), Error> {
        let copies = self.copies();
        let found = blocking(move || copies.find(&name)).await?;
        found.map_err(|error| Error::Unavailable(error.into()))?.ok_or(Error::NotFound)
    }

    /// What restoring a copy would lose; `None` where it cannot be read.
    pub(crate) async fn lost_by(&self, file: PathBuf) -> Option<Lost> {
        self.store().lost_by(&file).await.inspect_err(|error| tracing::warn!(%error, "a copy cannot be read")).ok()
    }

    /// Puts what was brought among the copies, once it is whole.
    pub(crate) async fn take_copy(&self, incoming: Incoming, by: By) -> Result<StoreCopy, RestoreError> {
        let (store, now) = (self.data_dir().store_path(), self.now());
        let copy = blocking(move || incoming.finish(&store, now)).await??;
        self.store().record_copy(by, CopyAction::Upload, copy.name.clone(), now).await?;
        Ok(copy)
    }

    /// Goes back to a copy: see [`Hub::restore`].
    pub(crate) async fn restore_copy(&self, name: String, by: By) -> Result<Restored, RestoreError> {
        let (_, file) = self.find_copy(name).await?;
        self.restore_by(&file, by).await
    }
}

/// Runs what reads and writes files where it holds nobody up.
pub(crate) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Error::Internal(error.into()))
}

#[cfg(test)]
#[path = "copying_tests.rs"]
mod tests;
