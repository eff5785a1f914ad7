//! This desktop as one that keeps a copy of its hub and can be the hub itself.

use std::path::{Path, PathBuf};

use rappel_core::Timestamp;
use rappel_hub::succession::{self, Copies, Heir, Membership, is_due};
pub use rappel_hub::succession::{HeirError, RestoreError, SealError};
use rappel_hub::{Clock, SystemClock};

use crate::{Link, RemoteHub, Request};

const COPIES: &str = "copies";
const KEY: &str = "copies.key";

/// What a desktop has to be the hub with. Cheap to make; it holds nothing open, and makes no file.
#[derive(Debug, Clone)]
pub struct StandIn {
    heir: Heir,
    copies: Copies,
}

/// What came of a look at what the hub wants.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Errand {
    /// Nothing, or not now.
    Nothing,
    /// A copy was kept.
    Kept,
    /// This machine is the hub.
    Inherited,
}

impl StandIn {
    /// With its files in the folder where the hub's data would be; `port` is where it would serve.
    #[must_use]
    pub fn new(folder: &Path, port: u16) -> Self {
        let copies = Copies::new(folder.join(COPIES), folder.join(KEY));
        Self { heir: Heir { data_dir: folder.to_owned(), port }, copies }
    }

    /// Removes what an earlier run of the program left unfinished. Only before the first
    /// [look](StandIn::look): nothing is to be written meanwhile.
    pub fn tidy(&self) {
        if let Err(error) = self.copies.tidy() {
            tracing::warn!(%error, "what is left of an unfinished copy cannot be removed");
        }
    }

    /// Removes every copy of a hub, because this desktop has left its office.
    pub fn forget(&self, hub: &RemoteHub) {
        if let Err(error) = self.copies.forget(hub.hub_id()) {
            tracing::warn!(%error, "the copies of an office that was left cannot be removed");
        }
    }

    /// Of when the latest copy is; `None` where there is none.
    #[must_use]
    pub fn copy_of(&self, hub: &RemoteHub) -> Option<Timestamp> {
        let hub = hub.hub_id();
        self.copies.list().into_iter().find(|copy| copy.label.hub == hub).map(|copy| copy.label.made_at())
    }

    /// Does what the hub wants of this desktop: keeps a copy when one is due, or receives everything
    /// from a hub that hands over.
    ///
    /// # Errors
    /// When the hub does not answer, or what it sent cannot be kept.
    pub async fn look(&self, hub: &RemoteHub) -> Result<Errand, HeirError> {
        let membership = hub.present_membership();
        if self.heir.recover(&membership).await?.is_some() {
            return Ok(Errand::Inherited);
        }
        // On the line that calls go over anyway; what follows has one of its own.
        let Ok(answer) = Link::Remote(hub.clone()).call(Request::get("/api/hub/errand")).await else {
            return Ok(Errand::Nothing);
        };
        let Ok(wanted) = serde_json::from_value::<succession::Errand>(answer.body) else { return Ok(Errand::Nothing) };
        if let Some(handover) = wanted.handover {
            self.heir.receive(&membership, handover).await?;
            return Ok(Errand::Inherited);
        }
        if wanted.keep && is_due(self.copy_of(hub), SystemClock.now()) {
            succession::keep_copy(&membership, &self.copies, self.heir.port).await?;
            return Ok(Errand::Kept);
        }
        Ok(Errand::Nothing)
    }

    /// Makes this machine the hub, because the hub is gone. The answer is of when the data are.
    ///
    /// # Errors
    /// When the hub answers, or there is no copy that can be used; then nothing is changed.
    pub async fn take_over(&self, hub: &RemoteHub) -> Result<Timestamp, HeirError> {
        Ok(self.heir.take_over(&hub.present_membership(), &self.copies).await?.made_at)
    }

    /// Removes the copies and what made this desktop a member: it is the hub.
    pub fn is_hub(&self, membership: &Path) {
        let copies = self.copies.list().into_iter().map(|copy| copy.file);
        for file in copies.chain([PathBuf::from(membership)]) {
            if let Err(error) = std::fs::remove_file(&file) {
                tracing::warn!(%error, "what is left of a membership cannot be removed");
            }
        }
    }

    /// Where the hub was met the last time, `HOST:PORT`, by the file that makes this desktop a member.
    #[must_use]
    pub fn met_at(membership: &Path) -> Option<String> {
        Membership::read(membership).ok()?.addresses.into_iter().next()
    }

    /// Whether this machine is the hub already, with a membership that was left behind.
    #[must_use]
    pub fn is_hub_already(&self, membership: &Path) -> bool {
        Membership::read(membership).is_ok_and(|membership| self.heir.is_hub(&membership).unwrap_or(false))
    }
}
