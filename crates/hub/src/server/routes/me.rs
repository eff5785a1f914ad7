//! Who am I, and my preferences.

use axum::extract::State;
use axum::http::{HeaderMap, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};

use crate::hub::Hub;
use crate::server::auth::{SignedIn, cookie, cookie_name, cookie_of};
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::server::line::Channel;
use crate::wire::person::{Me, OfficeItem, PersonItem, Preferences};

pub(super) fn routes() -> Router<Hub> {
    Router::new().route("/api/me", get(show).patch(update)).route("/api/user/current", get(show))
}

async fn show(
    State(hub): State<Hub>,
    caller: SignedIn,
    channel: Channel,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let me = describe(&hub, caller).await?;
    // A browser that comes back stays paired for another while.
    let name = cookie_name(&hub, channel);
    let renewed = cookie_of(&headers, &name).filter(|_| !headers.contains_key(header::AUTHORIZATION));
    let renewed = renewed.map(|token| [(header::SET_COOKIE, cookie(&hub, &token, channel))]);
    Ok((renewed, Json(me)).into_response())
}

async fn update(State(hub): State<Hub>, caller: SignedIn, body: Body<Preferences>) -> Result<Json<Me>, ApiError> {
    hub.store().update_own_preferences(caller.0, body.value.parse()?, hub.now()).await?;
    Ok(Json(describe(&hub, caller).await?))
}

/// Whose device asks, and what holds for them.
pub(super) async fn describe(hub: &Hub, caller: SignedIn) -> Result<Me, ApiError> {
    let person = hub.store().person(caller.0.actor.person).await?;
    let office = hub.store().office().await?;
    Ok(Me {
        person: PersonItem::new(&person, true),
        office: OfficeItem::new(&office, hub.identity(), hub.store().keeper().await?),
        device_id: caller.0.device.to_string(),
    })
}
