//! Which machine is the hub: that another one can follow it, and that there are never two.
//!
//! A hub gives a copy of itself, its key among it, to one joined desktop, which keeps it sealed
//! (`copies`). From it that desktop takes over when the hub is gone (`heir`), in a higher epoch; a
//! hub that comes back finds it and steps down (`reign`). A hub that is there hands over
//! (`handover`).

pub(crate) mod asking;
pub(crate) mod commands;
pub(crate) mod copies;
pub(crate) mod copy;
pub(crate) mod handover;
pub(crate) mod heir;
mod line;
mod membership;
pub(crate) mod reign;
mod stand_by;
pub(crate) mod successor;

use std::io;

use rappel_store::{Error, Store};

use crate::data_dir::DataDir;
use crate::hub::{Hub, OpenError};
use handover::Handovers;
use reign::Reign;

pub use asking::AskError;
pub use copies::{Copies, KeptCopy, is_due};
pub use handover::Stage;
pub use heir::{Errand, Heir, HeirError, Inherited, Met, errand, keep_copy};
pub use line::{Connector, LineError, SecureLine};
pub use membership::{Membership, MembershipError};
pub use rappel_store::RestoreError;
pub use rappel_store::sealed::{SealError, SealKey, SealLabel};
pub use reign::{Moved, Reigning};
pub use stand_by::{StandBy, StandByError};
pub use successor::{Successor, membership_at_successor};

/// What a hub knows of itself and those that could follow it.
#[derive(Debug)]
pub(crate) struct Standing {
    reign: Reign,
    handovers: Handovers,
}

impl Standing {
    /// How it stands with the data of a directory. Where another machine is the hub in the epoch that
    /// they are of, or a later one, nothing is written into them.
    pub(crate) async fn of(data_dir: &DataDir, store: &Store) -> Result<Self, OpenError> {
        let successor = Successor::read(data_dir.path()).map_err(|error| {
            io::Error::new(error.kind(), format!("which computer is the hub of this office cannot be read: {error}"))
        })?;
        let identity = store.identity();
        // One from before a restore or a takeover here says nothing any more.
        let successor = successor.filter(|mark| mark.hub == identity.id && mark.epoch >= identity.epoch);
        if let Some(successor) = &successor {
            tracing::warn!(
                address = successor.addresses.first(),
                "another computer is the hub of this office: this one serves nobody"
            );
            store.freeze().await?;
        }
        let reign = Reign::new(successor, store.has_given_copies().await?);
        Ok(Self { reign, handovers: Handovers::default() })
    }

    pub(crate) fn has_ended(&self) -> bool {
        self.reign.has_ended()
    }
}

impl Hub {
    pub(crate) fn reign(&self) -> &Reign {
        &self.standing().reign
    }

    pub(crate) fn handing_over(&self) -> &Handovers {
        &self.standing().handovers
    }
}

/// Where the hub that followed this machine answers, if it does.
pub(crate) async fn answers_at(mark: &Successor, key: &crate::key::Key) -> Option<String> {
    let connector = Connector::new(key, Some(key.pin())).ok()?;
    let heard = crate::discovery::addresses_of(mark.hub, std::time::Duration::from_secs(2)).await;
    for address in mark.addresses.iter().cloned().chain(heard) {
        if let Ok(line) = connector.connect(&address).await
            && let Ok(line) = asking::HubLine::begin(line, &address).await
            && line.reigning.moved.is_none()
        {
            return Some(address);
        }
    }
    None
}

/// This machine is the hub with the data that it has, although another one followed it: in an epoch
/// beyond that one's. The caller knows that the other one is gone.
pub(crate) async fn go_on(held: &DataDir, store: &Store, now: rappel_core::Timestamp) -> Result<(), Error> {
    let failed = |error: io::Error| Error::Internal(error.into());
    if let Some(mark) = Successor::read(held.path()).map_err(failed)? {
        if store.identity().epoch <= mark.epoch {
            store.go_on_beyond(mark.epoch, now).await?;
        }
        Successor::clear(held.path()).map_err(failed)?;
    }
    Ok(())
}
