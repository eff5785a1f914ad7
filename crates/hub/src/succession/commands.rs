//! What the command line does about copies and about another computer as the hub.

use rappel_core::{DeviceId, Invalid, Timestamp};
use rappel_store::{By, Device, Error, Store};
use tokio::sync::watch;

use super::handover::{Handover, HandoverError, Stage};
use crate::control::Reply;
use crate::hub::Hub;

/// Says which desktops can keep a copy, and which one does since when: id, name, `keeps` or nothing,
/// when it last kept one.
pub(crate) async fn keeper(
    store: &Store,
    hub: Option<&Hub>,
    device: Option<String>,
    none: bool,
    now: Timestamp,
) -> Result<Reply, Error> {
    if none {
        store.dismiss_keeper(By::CommandLine, now).await?;
        return Ok(Reply::Done);
    }
    if let Some(device) = device {
        store.choose_keeper(By::CommandLine, device_id(&device)?, now).await?;
        return Ok(Reply::Done);
    }
    let keeper = store.copy_keeper().await?;
    let row = |device: Device| {
        let keeper = keeper.as_ref().filter(|keeper| keeper.device == device.id);
        let kept = keeper.map(|keeper| keeper.kept_at.map_or_else(|| "never".to_owned(), |at| at.to_string()));
        let online = hub.is_some_and(|hub| hub.is_online(device.id));
        let online = if online { "online" } else { "away" }.to_owned();
        let keeps = if keeper.is_some() { "keeps" } else { "-" }.to_owned();
        vec![device.id.to_string(), device.name, online, keeps, kept.unwrap_or_else(|| "-".to_owned())]
    };
    Ok(Reply::Table { rows: store.possible_heirs().await?.into_iter().map(row).collect() })
}

/// Moves the hub, and says where it is when it has moved.
pub(crate) async fn hand_over(hub: &Hub, device: Option<String>) -> Result<Reply, Error> {
    let refused = |error: HandoverError| match error {
        HandoverError::Store(error) => Err(error),
        error => Ok(Reply::Refused { message: error.to_string() }),
    };
    let Some(device) = device else {
        return hub.give_up_handover(None).await.map_or_else(refused, |()| Ok(Reply::Done));
    };
    if let Some(successor) = hub.successor() {
        let address = successor.addresses.first().cloned().unwrap_or_default();
        return Ok(Reply::Refused { message: format!("another computer is the hub already, at {address}") });
    }
    let id = match hub.offer_handover(device_id(&device)?).await {
        Ok(id) => id,
        Err(error) => return refused(error),
    };
    let ended = |present: &Option<Handover>| {
        present.as_ref().is_none_or(|present| present.id != id || present.stage == Stage::Committed)
    };
    let mut handovers: watch::Receiver<Option<Handover>> = hub.handing_over().subscribe();
    tokio::select! {
        _ = handovers.wait_for(ended) => {}
        () = hub.stopping().cancelled() => {}
    }
    Ok(match hub.successor() {
        Some(successor) => {
            let address = successor.addresses.first().cloned().unwrap_or_default();
            Reply::One { value: format!("the hub is at {address} now; this one serves nobody any more") }
        }
        None => Reply::Refused { message: "that computer did not take it: this one stays the hub".to_owned() },
    })
}

fn device_id(text: &str) -> Result<DeviceId, Error> {
    text.parse().map_err(|_| Invalid::new("DEVICE", "is not the id of a device: `keeper` lists them").into())
}
