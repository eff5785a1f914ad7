//! Paired browsers, desktops and programs' tokens.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{delete, get};
use axum::{Json, Router};
use rappel_core::person::Role;

use super::{Path, id};
use crate::hub::Hub;
use crate::server::auth::SignedIn;
use crate::server::error::ApiError;
use crate::wire::access::{DeviceItem, DeviceList};

pub(super) fn routes() -> Router<Hub> {
    Router::new().route("/api/devices", get(list)).route("/api/devices/{id}", delete(revoke))
}

/// One's own; all of them for an admin.
async fn list(State(hub): State<Hub>, caller: SignedIn) -> Result<Json<DeviceList>, ApiError> {
    let actor = caller.0.actor;
    let whose = (actor.role != Role::Admin).then_some(actor.person);
    let devices = hub.store().devices(whose).await?;
    Ok(Json(DeviceList { devices: devices.iter().map(DeviceItem::from).collect() }))
}

async fn revoke(State(hub): State<Hub>, caller: SignedIn, Path(device): Path<String>) -> Result<StatusCode, ApiError> {
    hub.store().revoke_device(caller.by(), id(&device)?, hub.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
