//! Asking to be let in, with an invitation for everybody: the hub's key is known by then, from the
//! link or by the proofs of the typed code, and this desktop's is what the token will be bound to.

use std::path::PathBuf;

use rappel_hub::key::{Key, Pin};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::calls::Caller;
use crate::joining::{Identified, understand};
use crate::{LinkError, PersonId, RemoteHub, Request};
use rappel_hub::succession::Connector;
use rappel_hub::succession::Membership;

/// What an invitation led to.
#[derive(Debug)]
pub enum Entrance {
    /// This desktop is a member.
    In(RemoteHub),
    /// It may ask to be let in.
    Ask(Box<Guest>),
}

/// Somebody one could be: of the office, and on no device yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// Identity.
    pub id: String,
    /// As colleagues call them.
    pub name: String,
}

/// Who somebody says they are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Who {
    /// One of those offered, by their id.
    Offered(String),
    /// Somebody by this name.
    Named(String),
}

/// What became of a request.
#[derive(Debug)]
pub enum Outcome {
    /// Nobody has decided yet.
    Waiting,
    /// Not now.
    Declined,
    /// Nobody has answered in time.
    Expired,
    /// The hub knows nothing of it (any more).
    Gone,
    /// This desktop is a member.
    In(RemoteHub),
}

/// A desktop before the door of an office that has invited everybody.
pub struct Guest {
    pub(crate) office: String,
    pub(crate) people: Vec<Offered>,
    pub(crate) address: String,
    pub(crate) pin: Pin,
    pub(crate) key: Key,
    /// The link's secret or the typed code. Told to the hub with this pin alone.
    pub(crate) code: String,
    pub(crate) device: String,
    pub(crate) file: PathBuf,
    pub(crate) asked: Option<Asked>,
}

/// A request that waits, and what proves that it is one's own.
#[derive(Clone, Deserialize)]
pub(crate) struct Asked {
    id: String,
    secret: String,
}

/// What a code is good for.
#[derive(Deserialize)]
pub(crate) struct Ticket {
    pub(crate) kind: String,
    pub(crate) office: String,
    pub(crate) people: Vec<Offered>,
}

#[derive(Deserialize)]
struct Status {
    state: String,
    person: Option<Identified<PersonId>>,
    device: Option<Identified<String>>,
    token: Option<String>,
    hub_id: Option<Uuid>,
}

impl std::fmt::Debug for Guest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guest").field("address", &self.address).field("pin", &self.pin).finish_non_exhaustive()
    }
}

impl Guest {
    /// What the office calls itself.
    #[must_use]
    pub fn office(&self) -> &str {
        &self.office
    }

    /// Those whom one could be, by name.
    #[must_use]
    pub fn people(&self) -> &[Offered] {
        &self.people
    }

    /// Asks to be let in, in place of what was asked before.
    ///
    /// # Errors
    /// [`LinkError::Refused`] when the name is not taken; [`LinkError::NotLetIn`] when the invitation
    /// has ended; [`LinkError::TooManyTries`] when too many wait.
    pub async fn ask(&mut self, who: &Who) -> Result<(), LinkError> {
        let mut wish = json!({ "code": self.code, "device_name": self.device });
        match who {
            Who::Offered(id) => wish["person_id"] = json!(id),
            Who::Named(name) => wish["name"] = json!(name),
        }
        if let Some(Asked { id, secret }) = &self.asked {
            wish["replaces"] = json!({ "id": id, "secret": secret });
        }
        self.asked = Some(self.call("/api/join-requests", wish).await?);
        Ok(())
    }

    /// What became of the request. A member's file is written before this answers.
    ///
    /// # Errors
    /// When the hub cannot be asked; then the request goes on waiting.
    pub async fn outcome(&self) -> Result<Outcome, LinkError> {
        let Some(Asked { id, secret }) = &self.asked else { return Ok(Outcome::Gone) };
        let path = format!("/api/join-requests/{id}/status");
        let status: Status = match self.call(&path, json!({ "secret": secret })).await {
            Err(LinkError::Gone) => return Ok(Outcome::Gone),
            status => status?,
        };
        match status.state.as_str() {
            "waiting" => return Ok(Outcome::Waiting),
            "declined" => return Ok(Outcome::Declined),
            "expired" => return Ok(Outcome::Expired),
            _ => {}
        }
        let Status { person: Some(person), device: Some(device), token: Some(token), hub_id: Some(hub), .. } = status
        else {
            return Err(LinkError::Unreachable("its answer is not understood".into()));
        };
        let membership = Membership {
            addresses: vec![self.address.clone()],
            pin: self.pin,
            hub,
            epoch: 0,
            office: Some(self.office.clone()),
            person: person.id,
            device: device.id,
            token,
            key: self.key.clone(),
        };
        RemoteHub::begin(membership, self.file.clone()).map(Outcome::In)
    }

    /// Asks no more. A hub that cannot be told forgets the request by itself.
    pub async fn withdraw(&mut self) {
        let Some(Asked { id, secret }) = self.asked.take() else { return };
        let told: Result<Value, _> =
            self.call(&format!("/api/join-requests/{id}/withdraw"), json!({ "secret": secret })).await;
        if let Err(error) = told {
            tracing::debug!(%error, "the hub was not told that nobody waits any more");
        }
    }

    /// Calls the hub with the pinned key, and no other.
    async fn call<T: DeserializeOwned>(&self, path: &str, body: Value) -> Result<T, LinkError> {
        let line = Connector::new(&self.key, Some(self.pin))?.connect(&self.address).await?;
        let caller = Caller::begin(line, self.address.clone(), &TaskTracker::new()).await?;
        let asked = caller.call(&Request::post(path, Some(body)), None).await;
        understand(asked.map_err(|unanswered| unanswered.error)?.0)
    }
}
