//! By what the hub is known, for those who run it.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use rappel_core::authorize::{Action, may};

use crate::hub::Hub;
use crate::server::auth::SignedIn;
use crate::server::error::ApiError;
use crate::wire::access::HubIdentityItem;

pub(super) fn routes() -> Router<Hub> {
    Router::new().route("/api/hub", get(show))
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
