//! Another machine becomes the hub, with a copy of everything: its desktop is the hub's own from
//! then on, and the epoch is beyond every one that anybody has heard of.

use std::io;
use std::path::{Path, PathBuf};

use rappel_core::{DeviceId, Timestamp};

use crate::HubIdentity;
use crate::backup::{beside, sync, sync_folder};
use crate::error::Error;
use crate::restore::{Backup, RestoreError, Restored, epoch_beyond, folder_of, make_room};
use crate::store::{By, Store};
use crate::table::{audit, device, invitation, keeper, office, open_invitation};

/// How many restores somebody goes beyond every known epoch who takes over without being able to ask
/// the hub: farther than those that were made there meanwhile can have brought it.
const LEAP: u64 = 100;

/// How a machine becomes the hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Inheritance {
    /// The hub is gone. `known` is the highest epoch that this machine has heard of. Invitations are
    /// void: some may have been used since the copy was made.
    Takeover {
        /// The highest epoch that this machine has heard of.
        known: u64,
    },
    /// The hub hands over, and has written nothing since: invitations hold.
    Handover,
}

impl Inheritance {
    fn epoch_after(self, copy: u64) -> Result<u64, Error> {
        match self {
            Self::Takeover { known } => epoch_beyond(copy.max(known), LEAP),
            Self::Handover => Ok(epoch_after_handover(copy)),
        }
    }

    fn action(self) -> &'static str {
        match self {
            Self::Takeover { .. } => "hub.take_over",
            Self::Handover => "hub.hand_over",
        }
    }
}

/// The epoch of the hub that one hands over to. Both ends know it, so that nothing is left to chance.
#[must_use]
pub fn epoch_after_handover(epoch: u64) -> u64 {
    epoch + 1
}

impl Backup {
    /// Which hub it is a copy of.
    ///
    /// # Errors
    /// Only when the copy cannot be read.
    pub fn identity(&self) -> Result<HubIdentity, RestoreError> {
        Ok(office::identity(&self.conn)?)
    }

    /// Makes the copy what the store of the new hub is to be, and puts it there: `heir` is this
    /// machine's desktop, as the copy knows it, and `from` where the hub was until now. What `target` held is kept beside it. Blocks.
    ///
    /// # Errors
    /// When the files cannot be written; then `target` is as it was.
    pub fn inherit(
        self,
        target: &Path,
        heir: Option<DeviceId>,
        from: &[String],
        how: Inheritance,
        now: Timestamp,
    ) -> Result<Restored, RestoreError> {
        let identity = self.hand_on(heir, from, how, now)?;
        let Self { conn, path, .. } = self;
        conn.close().map_err(|(_, error)| error)?;
        let folder = folder_of(target);
        let unusable = |error| RestoreError::Folder { folder: folder.to_owned(), error };
        sync(&path).map_err(unusable)?;
        let kept = make_room(target, now)?;
        path.persist(target).map_err(|error| unusable(error.error))?;
        sync_folder(folder).map_err(unusable)?;
        Ok(Restored { identity, kept })
    }

    fn hand_on(
        &self,
        heir: Option<DeviceId>,
        from: &[String],
        how: Inheritance,
        now: Timestamp,
    ) -> Result<HubIdentity, RestoreError> {
        let HubIdentity { id, epoch } = office::identity(&self.conn)?;
        let epoch = how.epoch_after(epoch)?;
        let txn = self.conn.unchecked_transaction()?;
        office::set_epoch(&txn, epoch)?;
        device::move_local(&txn, heir, now)?;
        if let Some(heir) = heir {
            keeper::forget(&txn, heir)?;
        }
        from.iter().try_for_each(|address| keeper::left(&txn, address, now))?;
        if matches!(how, Inheritance::Takeover { .. }) {
            invitation::spend_all(&txn, now)?;
            open_invitation::revoke_all(&txn, now)?;
        }
        let entry = audit::Entry {
            by: &By::Hub,
            action: how.action(),
            object: heir.map(|heir| heir.as_uuid()),
            revision: None,
            detail: serde_json::json!({ "epoch": epoch }),
        };
        audit::append(&*txn, now, &entry)?;
        txn.commit()?;
        Ok(HubIdentity { id, epoch })
    }
}

/// Puts a store that was made ready beside it in its place, in one step. What was there is kept. Blocks.
///
/// # Errors
/// When the files cannot be written.
pub fn install_ready(ready: &Path, store: &Path, now: Timestamp) -> Result<Option<PathBuf>, RestoreError> {
    let folder = folder_of(store);
    let unusable = |error: io::Error| RestoreError::Folder { folder: folder.to_owned(), error };
    let kept = make_room(store, now)?;
    std::fs::rename(ready, store).map_err(unusable)?;
    sync_folder(folder).map_err(unusable)?;
    Ok(kept)
}

/// Removes a store that was made ready and is not to be one after all.
///
/// # Errors
/// When the files cannot be removed.
pub fn discard_ready(ready: &Path) -> io::Result<()> {
    for file in [ready.to_owned(), beside(ready, "-wal"), beside(ready, "-shm"), beside(ready, "-journal")] {
        match std::fs::remove_file(file) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
    }
    Ok(())
}

impl Store {
    /// From now on no command is done: each is refused with [`Error::Frozen`]. When this returns, what
    /// was done before is on the disk.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn freeze(&self) -> Result<(), Error> {
        self.set_frozen(true);
        self.barrier().await
    }

    /// Commands are done again.
    pub fn thaw(&self) {
        self.set_frozen(false);
    }

    /// Takes an epoch beyond `known`: this hub goes on, although another one has followed it.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn go_on_beyond(&self, known: u64, now: Timestamp) -> Result<HubIdentity, Error> {
        let identity = self
            .write(move |txn| {
                let HubIdentity { id, epoch } = office::identity(txn.conn)?;
                let epoch = Inheritance::Takeover { known }.epoch_after(epoch)?;
                office::set_epoch(txn.conn, epoch)?;
                let entry = audit::Entry {
                    by: &By::CommandLine,
                    action: "hub.take_over",
                    object: None,
                    revision: None,
                    detail: serde_json::json!({ "epoch": epoch }),
                };
                audit::append(txn.conn, now, &entry)?;
                Ok(HubIdentity { id, epoch })
            })
            .await?;
        self.set_identity(identity);
        Ok(identity)
    }
}
