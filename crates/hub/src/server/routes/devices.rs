//! Paired browsers, desktops and programs' tokens.

use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::{get, patch};
use axum::{Json, Router};
use rappel_core::authorize::Actor;
use rappel_core::person::{Role, parse_name};
use rappel_store::{By, Caller, Device, Error};

use super::{Path, id};
use crate::hub::Hub;
use crate::server::auth::SignedIn;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::server::privacy::Privacy;
use crate::wire::access::{DeviceItem, DeviceList, DevicePatchInput};

pub(super) fn routes() -> Router<Hub> {
    Router::new().route("/api/devices", get(list)).route("/api/devices/{id}", patch(rename).delete(revoke))
}

/// One's own; all of them for an admin.
async fn list(State(hub): State<Hub>, caller: SignedIn, privacy: Privacy) -> Result<Json<DeviceList>, ApiError> {
    let actor = acting(caller, privacy).actor;
    let whose = (actor.role != Role::Admin).then_some(actor.person);
    let devices = hub.store().devices(whose).await?;
    Ok(Json(DeviceList { devices: devices.iter().map(|device| item(&hub, device)).collect() }))
}

/// Where an admin's work is not to be done, an admin is a member: their own devices are theirs.
fn acting(caller: SignedIn, privacy: Privacy) -> Caller {
    let Caller { device, actor } = caller.0;
    let role = if privacy.may_administer { actor.role } else { Role::Member };
    Caller { device, actor: Actor { role, ..actor } }
}

/// What an admin is not told of others' devices here, they may know elsewhere.
fn refusal(error: Error, caller: SignedIn, privacy: Privacy) -> ApiError {
    match error {
        Error::NotFound if !privacy.may_administer && caller.0.actor.role == Role::Admin => ApiError::HttpsRequired,
        other => other.into(),
    }
}

async fn rename(
    State(hub): State<Hub>,
    caller: SignedIn,
    privacy: Privacy,
    Path(device): Path<String>,
    body: Body<DevicePatchInput>,
) -> Result<Json<DeviceItem>, ApiError> {
    let name = parse_name("name", &body.value.name)?;
    let by = By::Caller(acting(caller, privacy));
    let renamed = hub.store().rename_device(by, id(&device)?, name, hub.now()).await;
    let device = renamed.map_err(|error| refusal(error, caller, privacy))?;
    Ok(Json(item(&hub, &device)))
}

fn item(hub: &Hub, device: &Device) -> DeviceItem {
    DeviceItem::new(device, hub.dispatch().is_connected(device.id))
}

async fn revoke(
    State(hub): State<Hub>,
    caller: SignedIn,
    privacy: Privacy,
    Path(device): Path<String>,
) -> Result<StatusCode, ApiError> {
    let by = By::Caller(acting(caller, privacy));
    let revoked = hub.store().revoke_device(by, id(&device)?, hub.now()).await;
    revoked.map_err(|error| refusal(error, caller, privacy))?;
    Ok(StatusCode::NO_CONTENT)
}
