//! The office whose hub runs on this very machine, in another person's session: it may be shared
//! with nobody, and so be announced on no network.

use std::net::{Ipv4Addr, SocketAddr};

use rappel_hub::key::Key;
use serde::Deserialize;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::calls::Caller;
use crate::joining::{DEFAULT_PORT, NAME, understand};
use crate::{FoundOffice, LinkError, Request};
use rappel_hub::succession::Connector;

#[derive(Deserialize)]
struct Hint {
    id: Uuid,
    name: String,
}

/// The office whose hub holds the port that is known, on this machine; `None` where no hub does.
pub async fn office_here() -> Option<FoundOffice> {
    let found = office_at((Ipv4Addr::LOCALHOST, DEFAULT_PORT).into()).await;
    found.inspect_err(|error| tracing::trace!(%error, "no hub holds the port")).ok()
}

/// What the hub at an address says of itself.
pub(crate) async fn office_at(address: SocketAddr) -> Result<FoundOffice, LinkError> {
    let key = Key::generate(NAME).map_err(|error| LinkError::Unreachable(error.to_string()))?;
    let address = address.to_string();
    let line = Connector::new(&key, None)?.connect(&address).await?;
    let pin = line.pin;
    let caller = Caller::begin(line, address.clone(), &TaskTracker::new()).await?;
    let asked = caller.call(&Request::get("/api/office"), None).await;
    let Hint { id, name } = understand(asked.map_err(|unanswered| unanswered.error)?.0)?;
    Ok(FoundOffice { id, name, pin: Some(pin), addresses: vec![address], epoch: 0 })
}
