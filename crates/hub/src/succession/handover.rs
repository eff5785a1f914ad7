//! A planned handover, as the hub that moves sees it.
//!
//! The desktop that is to be the hub makes every call, over its pinned line: it accepts, fetches the
//! last copy, makes it ready, and says so. From the acceptance on nothing is written here. What
//! decides is one file here, the mark that another machine is the hub: before it is on the disk this
//! one is, and goes on when the other one is not heard for a while; from then on it never serves
//! again by itself, and only answers whether it was handed over.

use std::net::SocketAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use rappel_core::DeviceId;
use rappel_store::{By, Caller, Conflict, Error, epoch_after_handover};
use serde::{Deserialize, Serialize};
use tokio::sync::{Mutex as AsyncMutex, watch};
use tokio::time::Instant;
use uuid::Uuid;

use super::membership::{Membership, MembershipError};
use super::successor::{self, Successor};
use crate::hub::Hub;
use crate::key::Key;

/// An offer that is not accepted within this time is void.
const OPEN_FOR: Duration = Duration::from_secs(120);
/// A desktop that has accepted and is not heard for this long has gone.
const SILENT_FOR: Duration = Duration::from_secs(30);
/// A desktop that has asked within this time whether there is anything for it counts as online.
const ONLINE_FOR: Duration = Duration::from_secs(15);
/// What stands in a desktop's certificate.
const NAME: &str = "Rappel desktop";

/// How far a handover has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "HandoverStage"))]
pub enum Stage {
    /// The other desktop has been asked.
    Offered,
    /// It has said yes: nothing is written any more, and it fetches the last copy.
    Accepted,
    /// It is the hub.
    Committed,
}

/// A handover under way.
#[derive(Debug, Clone)]
pub(crate) struct Handover {
    pub(crate) id: Uuid,
    pub(crate) to: DeviceId,
    pub(crate) stage: Stage,
    /// When the other desktop was asked; once it has said yes, when it was last heard of in this matter.
    heard_at: Instant,
    address: Option<String>,
    /// The device that this machine's own desktop will be.
    own: Option<DeviceId>,
}

/// The handover of a hub, if there is one.
#[derive(Debug, Default)]
pub(crate) struct Handovers {
    present: watch::Sender<Option<Handover>>,
    /// Only one step at a time: a commit and a giving up must not meet.
    stepping: AsyncMutex<()>,
    /// When desktops that may be asked were last heard.
    heard: Mutex<Vec<(DeviceId, Instant)>>,
}

/// Why a step of a handover was not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum HandoverError {
    #[error(transparent)]
    Store(#[from] Error),
    /// There is none, or not this one, or it is not at this step.
    #[error("there is no such handover, or not any more")]
    Gone,
    /// The other desktop is not there.
    #[error("that computer is not online")]
    Away,
    /// There is one already.
    #[error("a handover is under way already")]
    UnderWay,
    #[error("what is needed for it cannot be written: {0}")]
    Unwritten(String),
}

impl From<MembershipError> for HandoverError {
    fn from(error: MembershipError) -> Self {
        Self::Unwritten(error.to_string())
    }
}

impl Handovers {
    pub(crate) fn present(&self) -> Option<Handover> {
        self.present.borrow().clone()
    }

    /// The present one, now and from here on.
    pub(crate) fn subscribe(&self) -> watch::Receiver<Option<Handover>> {
        self.present.subscribe()
    }

    /// A desktop has asked whether there is anything for it.
    pub(crate) fn heard(&self, device: DeviceId) {
        let mut heard = self.heard_of();
        heard.retain(|(known, at)| *known != device && at.elapsed() < ONLINE_FOR);
        heard.push((device, Instant::now()));
    }

    fn heard_of(&self) -> MutexGuard<'_, Vec<(DeviceId, Instant)>> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Hub {
    /// Whether a desktop could be asked at present.
    pub(crate) fn is_online(&self, device: DeviceId) -> bool {
        let heard = self.handing_over().heard_of();
        let was_heard = heard.iter().any(|(known, at)| *known == device && at.elapsed() < ONLINE_FOR);
        was_heard || self.dispatch().is_connected(device)
    }

    /// Asks a desktop to be the hub.
    pub(crate) async fn offer_handover(&self, to: DeviceId) -> Result<Uuid, HandoverError> {
        let _step = self.handing_over().stepping.lock().await;
        if self.reign().has_ended() || self.handing_over().present().is_some() {
            return Err(HandoverError::UnderWay);
        }
        let heirs = self.store().possible_heirs().await?;
        if !heirs.iter().any(|heir| heir.id == to) {
            return Err(Error::Conflict(Conflict::NoHeir).into());
        }
        if !self.is_online(to) {
            return Err(HandoverError::Away);
        }
        let id = Uuid::now_v7();
        let handover = Handover { id, to, stage: Stage::Offered, heard_at: Instant::now(), address: None, own: None };
        self.handing_over().present.send_replace(Some(handover));
        tracing::info!("a desktop has been asked to be the hub");
        let hub = self.clone();
        self.tasks().spawn(async move { hub.give_up_when_silent(id).await });
        Ok(id)
    }

    /// The handover that a desktop is asked for. One that has said yes is heard to be at work; one that
    /// only looks what is wanted of it, again and again, does not put off the end of its time.
    pub(crate) fn handover_for(&self, caller: Caller) -> Option<Handover> {
        let mut found = None;
        self.handing_over().present.send_if_modified(|present| {
            if let Some(present) = present.as_mut().filter(|present| present.to == caller.device) {
                if present.stage != Stage::Offered {
                    present.heard_at = Instant::now();
                }
                found = Some(present.clone());
            }
            false
        });
        found
    }

    /// The other desktop says yes: it would serve there. Nothing is written from
    /// now on.
    pub(crate) async fn accept_handover(&self, caller: Caller, address: SocketAddr) -> Result<Handover, HandoverError> {
        let _step = self.handing_over().stepping.lock().await;
        let present = self.handover_for(caller).ok_or(HandoverError::Gone)?;
        match present.stage {
            Stage::Offered => {}
            Stage::Accepted | Stage::Committed => return Ok(present),
        }
        let address = address.to_string();
        let own = self.prepare(&present, &address).await?;
        rappel_store::fault::point("handover-accepting");
        self.store().freeze().await?;
        rappel_store::fault::point("handover-accepted");
        let accepted =
            Handover { stage: Stage::Accepted, heard_at: Instant::now(), address: Some(address), own, ..present };
        self.handing_over().present.send_replace(Some(accepted.clone()));
        Ok(accepted)
    }

    /// Lets this machine's own desktop in at the hub that follows: a key here, a device in the copy.
    async fn prepare(&self, handover: &Handover, address: &str) -> Result<Option<DeviceId>, HandoverError> {
        let key = Key::generate(NAME).map_err(|error| HandoverError::Unwritten(error.to_string()))?;
        let key_hash = *key.pin().as_bytes();
        let paired = self.store().prepare_handover(handover.to, Some(address.to_owned()), key_hash, self.now()).await?;
        self.reign().has_been_copied();
        let Some(paired) = paired else { return Ok(None) };
        let identity = self.identity();
        let membership = Membership {
            addresses: vec![address.to_owned()],
            pin: self.pin(),
            hub: identity.id,
            office: None,
            epoch: epoch_after_handover(identity.epoch),
            person: paired.person.id,
            device: paired.device.id.to_string(),
            token: paired.token,
            key,
        };
        successor::keep_membership(self.data_dir().path(), &membership)?;
        Ok(Some(paired.device.id))
    }

    /// The other desktop has all of it, ready: it is the hub from when this returns.
    pub(crate) async fn commit_handover(&self, caller: Caller, id: Uuid) -> Result<(), HandoverError> {
        let _step = self.handing_over().stepping.lock().await;
        let present = self.handover_for(caller).filter(|present| present.id == id).ok_or(HandoverError::Gone)?;
        match present.stage {
            Stage::Offered => return Err(HandoverError::Gone),
            Stage::Committed => return Ok(()),
            Stage::Accepted => {}
        }
        let identity = self.identity();
        let heirs = self.store().possible_heirs().await?;
        let successor = Successor {
            hub: identity.id,
            epoch: epoch_after_handover(identity.epoch),
            addresses: present.address.clone().into_iter().collect(),
            computer: heirs.into_iter().find(|heir| heir.id == present.to).map(|heir| heir.name),
            at_ms: self.now().as_ms(),
            handover: Some(id),
        };
        rappel_store::fault::point("handover-committing");
        // This decides.
        successor.write(self.data_dir().path()).map_err(|error| HandoverError::Unwritten(error.to_string()))?;
        rappel_store::fault::point("handover-committed");
        self.step_down(successor).await;
        self.handing_over().present.send_replace(Some(Handover { stage: Stage::Committed, ..present }));
        Ok(())
    }

    /// The stage of a handover that a desktop asks about: also of one that was committed before this
    /// program was started again.
    pub(crate) fn stage_of(&self, caller: Caller, id: Uuid) -> Option<Stage> {
        if self.successor().is_some_and(|successor| successor.handover == Some(id)) {
            return Some(Stage::Committed);
        }
        self.handover_for(caller).filter(|present| present.id == id).map(|present| present.stage)
    }

    /// Goes on as the hub. Not after the commit.
    pub(crate) async fn give_up_handover(&self, id: Option<Uuid>) -> Result<(), HandoverError> {
        let _step = self.handing_over().stepping.lock().await;
        let present = self.handing_over().present().filter(|present| id.is_none_or(|id| present.id == id));
        let present = present.ok_or(HandoverError::Gone)?;
        if present.stage == Stage::Committed {
            return Err(HandoverError::Gone);
        }
        self.store().thaw();
        self.handing_over().present.send_replace(None);
        self.dispatch().look_again();
        if let Some(own) = present.own
            && let Err(error) = self.store().revoke_device(By::Hub, own, self.now()).await
        {
            tracing::warn!(%error, "what was prepared for a handover could not be undone");
        }
        tracing::warn!("the handover was given up: this machine stays the hub");
        Ok(())
    }

    async fn give_up_when_silent(&self, id: Uuid) {
        loop {
            let Some(present) = self.handing_over().present().filter(|present| present.id == id) else { return };
            let patience = match present.stage {
                Stage::Offered => OPEN_FOR,
                Stage::Accepted => SILENT_FOR,
                Stage::Committed => return,
            };
            if present.heard_at.elapsed() >= patience {
                if let Err(error) = self.give_up_handover(Some(id)).await {
                    tracing::debug!(%error, "there is no handover to give up");
                }
                return;
            }
            tokio::select! {
                () = self.stopping().cancelled() => return,
                () = tokio::time::sleep_until(present.heard_at + patience) => {}
            }
        }
    }
}
