//! Copies of the hub, and handing it over.
//!
//! A copy is given to one device alone, on a line on which it has proven its key; all that an admin
//! does from elsewhere is to say which.

use std::net::SocketAddr;

use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use rappel_core::DeviceId;
use rappel_core::authorize::{Action, may};
use rappel_store::Device;
use uuid::Uuid;

use super::{Path, id};
use crate::hub::Hub;
use crate::server::auth::SignedIn;
use crate::server::body::Body;
use crate::server::connected::Peer;
use crate::server::error::ApiError;
use crate::server::line::Channel;
use crate::succession::Reigning;
use crate::succession::asking::EPOCH_PATH;
use crate::succession::copy::HASH_HEADER;
use crate::succession::handover::{Handover, HandoverError};
use crate::wire::succession::{
    CopyKeptInput, ErrandItem, HandoverItem, HeirInput, HeirItem, KeeperItem, PlaceInput, Succession,
};

/// What another machine asks while it is decided which one is the hub.
const HANDOVER_PATH: &str = "/api/hub/handover/";

pub(super) fn routes() -> Router<Hub> {
    Router::new()
        .route("/api/hub/epoch", get(epoch))
        .route("/api/hub/keeper", get(show).post(choose).delete(dismiss))
        .route("/api/hub/errand", get(errand))
        .route("/api/hub/copy", post(copy))
        .route("/api/hub/copy/kept", post(copy_kept))
        .route("/api/hub/handover", post(offer).delete(give_up))
        .route("/api/hub/handover/{id}", get(stage))
        .route("/api/hub/handover/{id}/accept", post(accept))
        .route("/api/hub/handover/{id}/copy", post(last_copy))
        .route("/api/hub/handover/{id}/commit", post(commit))
        .route("/api/hub/handover/{id}/refuse", post(refuse))
}

/// Whether a call is answered also by a machine that is not, or not surely, the hub.
pub(crate) fn is_for_anybody(path: &str) -> bool {
    path == EPOCH_PATH || path == "/api/health" || path.starts_with(HANDOVER_PATH)
}

async fn epoch(State(hub): State<Hub>) -> Json<Reigning> {
    Json(hub.reigning())
}

fn require_admin(caller: SignedIn) -> Result<(), ApiError> {
    if may(caller.0.actor, Action::ManagePeople) { Ok(()) } else { Err(ApiError::Forbidden) }
}

/// Whoever asks sits at the hub's own desktop.
async fn is_at_hub(hub: &Hub, caller: SignedIn) -> Result<bool, ApiError> {
    Ok(hub.store().local_desktop().await? == Some(caller.0.device))
}

async fn show(State(hub): State<Hub>, caller: SignedIn) -> Result<Json<Succession>, ApiError> {
    require_admin(caller)?;
    let people = hub.store().people().await?;
    let item = |device: &Device| {
        let person = people.iter().find(|person| person.id == device.person);
        HeirItem::new(device, person.map(|person| person.name.clone()).unwrap_or_default(), hub.is_online(device.id))
    };
    let heirs = hub.store().possible_heirs().await?;
    let keeper = hub.store().copy_keeper().await?.and_then(|keeper| {
        let device = heirs.iter().find(|heir| heir.id == keeper.device)?;
        Some(KeeperItem {
            desktop: item(device),
            chosen_at: keeper.chosen_at.to_string(),
            kept_at: keeper.kept_at.map(|at| at.to_string()),
            kept_bytes: keeper.kept_bytes,
        })
    });
    let handover = hub.handing_over().present().as_ref().map(handover_item);
    let is_at_hub = is_at_hub(&hub, caller).await?;
    Ok(Json(Succession { keeper, heirs: heirs.iter().map(item).collect(), handover, is_at_hub }))
}

fn handover_item(handover: &Handover) -> HandoverItem {
    HandoverItem { id: handover.id.to_string(), device_id: handover.to.to_string(), stage: handover.stage }
}

async fn choose(State(hub): State<Hub>, caller: SignedIn, body: Body<HeirInput>) -> Result<StatusCode, ApiError> {
    require_admin(caller)?;
    hub.store().choose_keeper(caller.by(), id::<DeviceId>(&body.value.device_id)?, hub.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn dismiss(State(hub): State<Hub>, caller: SignedIn) -> Result<StatusCode, ApiError> {
    hub.store().dismiss_keeper(caller.by(), hub.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn errand(State(hub): State<Hub>, caller: SignedIn) -> Result<Json<ErrandItem>, ApiError> {
    hub.handing_over().heard(caller.0.device);
    let keep = hub.store().copy_keeper().await?.is_some_and(|keeper| keeper.device == caller.0.device);
    let handover = hub.handover_for(caller.0).map(|handover| handover.id.to_string());
    Ok(Json(ErrandItem { keep, handover }))
}

fn address(Peer(peer): Peer, port: u16) -> Result<SocketAddr, ApiError> {
    let peer = peer.ok_or(ApiError::KeyRequired)?;
    Ok(SocketAddr::new(peer.ip(), port))
}

/// The key was proven, so that it is TLS from here to that desktop and to nobody else.
fn require_key(channel: Channel) -> Result<(), ApiError> {
    channel.key().map(|_| ()).ok_or(ApiError::KeyRequired)
}

async fn copy(
    State(hub): State<Hub>,
    caller: SignedIn,
    channel: Channel,
    peer: Peer,
    body: Body<PlaceInput>,
) -> Result<Response, ApiError> {
    require_key(channel)?;
    let address = address(peer, body.value.port)?.to_string();
    hub.store().give_copy(caller.0, Some(address), hub.now()).await?;
    hub.reign().has_been_copied();
    sent(&hub).await
}

/// The whole of it, as it is now.
async fn sent(hub: &Hub) -> Result<Response, ApiError> {
    let copy = hub.make_outgoing_copy().await.map_err(|error| match error.kind() {
        std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => ApiError::DiskFull,
        _ => {
            tracing::error!(%error, "a copy of the hub cannot be made");
            ApiError::Unavailable
        }
    })?;
    let hash = HeaderValue::from_str(&copy.hash).map_err(|_| ApiError::Internal)?;
    let length = HeaderValue::from(copy.len);
    let kind = HeaderValue::from_static("application/octet-stream");
    let mut answer = hub.send_copy(copy).into_response();
    let headers = answer.headers_mut();
    headers.insert(header::CONTENT_TYPE, kind);
    headers.insert(header::CONTENT_LENGTH, length);
    headers.insert(HASH_HEADER, hash);
    Ok(answer)
}

async fn copy_kept(
    State(hub): State<Hub>,
    caller: SignedIn,
    channel: Channel,
    body: Body<CopyKeptInput>,
) -> Result<StatusCode, ApiError> {
    require_key(channel)?;
    hub.store().copy_is_kept(caller.0, body.value.bytes, hub.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Only an admin at the hub itself: whoever moves it away must be where it is.
async fn offer(
    State(hub): State<Hub>,
    caller: SignedIn,
    body: Body<HeirInput>,
) -> Result<(StatusCode, Json<HandoverItem>), ApiError> {
    require_admin(caller)?;
    if !is_at_hub(&hub, caller).await? {
        return Err(ApiError::Forbidden);
    }
    hub.offer_handover(id::<DeviceId>(&body.value.device_id)?).await?;
    let present = hub.handing_over().present().ok_or(ApiError::NotFound)?;
    Ok((StatusCode::ACCEPTED, Json(handover_item(&present))))
}

async fn give_up(State(hub): State<Hub>, caller: SignedIn) -> Result<StatusCode, ApiError> {
    require_admin(caller)?;
    hub.give_up_handover(None).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn stage(
    State(hub): State<Hub>,
    caller: SignedIn,
    Path(handover): Path<String>,
) -> Result<Json<HandoverItem>, ApiError> {
    let handover: Uuid = id(&handover)?;
    let stage = hub.stage_of(caller.0, handover).ok_or(ApiError::NotFound)?;
    Ok(Json(HandoverItem { id: handover.to_string(), device_id: caller.0.device.to_string(), stage }))
}

async fn accept(
    State(hub): State<Hub>,
    caller: SignedIn,
    channel: Channel,
    peer: Peer,
    Path(handover): Path<String>,
    body: Body<PlaceInput>,
) -> Result<Json<HandoverItem>, ApiError> {
    require_key(channel)?;
    require_asked(&hub, caller, &handover)?;
    let accepted = hub.accept_handover(caller.0, address(peer, body.value.port)?).await?;
    Ok(Json(handover_item(&accepted)))
}

async fn last_copy(
    State(hub): State<Hub>,
    caller: SignedIn,
    channel: Channel,
    Path(handover): Path<String>,
) -> Result<Response, ApiError> {
    require_key(channel)?;
    let present = require_asked(&hub, caller, &handover)?;
    if present.stage != crate::succession::Stage::Accepted {
        return Err(ApiError::NotFound);
    }
    sent(&hub).await
}

async fn commit(
    State(hub): State<Hub>,
    caller: SignedIn,
    channel: Channel,
    Path(handover): Path<String>,
) -> Result<Json<HandoverItem>, ApiError> {
    require_key(channel)?;
    let handover: Uuid = id(&handover)?;
    hub.commit_handover(caller.0, handover).await?;
    let stage = hub.stage_of(caller.0, handover).ok_or(ApiError::NotFound)?;
    Ok(Json(HandoverItem { id: handover.to_string(), device_id: caller.0.device.to_string(), stage }))
}

async fn refuse(
    State(hub): State<Hub>,
    caller: SignedIn,
    Path(handover): Path<String>,
) -> Result<StatusCode, ApiError> {
    let present = require_asked(&hub, caller, &handover)?;
    hub.give_up_handover(Some(present.id)).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The handover that this device is asked for. To others there is none.
fn require_asked(hub: &Hub, caller: SignedIn, handover: &str) -> Result<Handover, ApiError> {
    let handover: Uuid = id(handover)?;
    hub.handover_for(caller.0).filter(|present| present.id == handover).ok_or(ApiError::NotFound)
}

impl From<HandoverError> for ApiError {
    fn from(error: HandoverError) -> Self {
        match error {
            HandoverError::Store(error) => error.into(),
            HandoverError::Gone => Self::NotFound,
            HandoverError::Away => Self::HeirAway,
            HandoverError::UnderWay => Self::HandoverUnderWay,
            HandoverError::Unwritten(problem) => {
                tracing::error!(problem, "a handover cannot go on");
                Self::Unavailable
            }
        }
    }
}
