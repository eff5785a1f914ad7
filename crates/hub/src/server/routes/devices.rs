//! Paired browsers, desktops and programs' tokens.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, patch};
use axum::{Json, Router};
use rappel_core::person::{Role, parse_name};
use rappel_store::Device;

use super::{Path, id};
use crate::hub::Hub;
use crate::server::auth::SignedIn;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::wire::access::{DeviceItem, DeviceList, DevicePatchInput};

pub(super) fn routes() -> Router<Hub> {
    Router::new().route("/api/devices", get(list)).route("/api/devices/{id}", patch(rename).delete(revoke))
}

/// One's own; all of them for an admin.
async fn list(State(hub): State<Hub>, caller: SignedIn) -> Result<Json<DeviceList>, ApiError> {
    let actor = caller.0.actor;
    let whose = (actor.role != Role::Admin).then_some(actor.person);
    let devices = hub.store().devices(whose).await?;
    Ok(Json(DeviceList { devices: devices.iter().map(|device| item(&hub, device)).collect() }))
}

async fn rename(
    State(hub): State<Hub>,
    caller: SignedIn,
    Path(device): Path<String>,
    body: Body<DevicePatchInput>,
) -> Result<Json<DeviceItem>, ApiError> {
    let name = parse_name("name", &body.value.name)?;
    let device = hub.store().rename_device(caller.by(), id(&device)?, name, hub.now()).await?;
    Ok(Json(item(&hub, &device)))
}

fn item(hub: &Hub, device: &Device) -> DeviceItem {
    DeviceItem::new(device, hub.dispatch().is_connected(device.id))
}

async fn revoke(State(hub): State<Hub>, caller: SignedIn, Path(device): Path<String>) -> Result<StatusCode, ApiError> {
    hub.store().revoke_device(caller.by(), id(&device)?, hub.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}
