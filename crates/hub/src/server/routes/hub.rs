//! By what the hub is known, for those who run it and may name it, and for desktops that look for an office.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use rappel_core::authorize::{Action, may};
use rappel_core::person::parse_name;

use crate::hub::Hub;
use crate::server::auth::SignedIn;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::server::line::Channel;
use crate::wire::access::{HubIdentityItem, OfficeHintItem, OfficePatch};

pub(super) fn routes() -> Router<Hub> {
    Router::new().route("/api/hub", get(show)).route("/api/office", get(hint).patch(rename))
}

/// For any desktop, known or not, and for no page: a desktop on the same machine finds so the hub
/// that announces itself to nobody.
async fn hint(State(hub): State<Hub>, channel: Channel) -> Result<Json<OfficeHintItem>, ApiError> {
    channel.key().ok_or(ApiError::KeyRequired)?;
    let name = hub.store().office().await?.name;
    Ok(Json(OfficeHintItem { id: hub.store().identity().id.to_string(), name }))
}

async fn rename(
    State(hub): State<Hub>,
    caller: SignedIn,
    body: Body<OfficePatch>,
) -> Result<Json<OfficeHintItem>, ApiError> {
    let name = parse_name("name", &body.value.name)?;
    hub.store().rename_office(caller.by(), name.clone(), hub.now()).await?;
    Ok(Json(OfficeHintItem { id: hub.store().identity().id.to_string(), name }))
}

async fn show(State(hub): State<Hub>, caller: SignedIn) -> Result<Json<HubIdentityItem>, ApiError> {
    if !may(caller.0.actor, Action::ManagePeople) {
        return Err(ApiError::Forbidden);
    }
    let identity = hub.store().identity();
    Ok(Json(HubIdentityItem {
        id: identity.id.to_string(),
        epoch: identity.epoch,
        version: env!("CARGO_PKG_VERSION"),
        fingerprint: hub.pin().to_string(),
    }))
}
