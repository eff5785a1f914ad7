//! Turning an invitation into a device.

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Json, Router};
use rappel_core::person::parse_name;
use rappel_store::DeviceKind;

use crate::hub::Hub;
use crate::server::auth::cookie;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::server::guard::Source;
use crate::wire::access::{DeviceItem, PairInput, Paired};
use crate::wire::person::PersonItem;

pub(super) fn routes() -> Router<Hub> {
    Router::new().route("/api/pair", post(pair))
}

/// A browser gets a cookie that its scripts cannot read; a program gets the token itself.
async fn pair(
    State(hub): State<Hub>,
    source: Option<Extension<Source>>,
    body: Body<PairInput>,
) -> Result<Response, ApiError> {
    let is_page = source.is_some_and(|Extension(source)| source != Source::Unsaid);
    let kind = if is_page { DeviceKind::Browser } else { DeviceKind::Token };
    let name = parse_name("device_name", &body.value.device_name)?;
    let paired = hub.store().redeem(body.value.code, kind, name, hub.now()).await?;
    let cookie = [(header::SET_COOKIE, cookie(&hub, &paired.token))];
    let answer = Paired {
        person: PersonItem::new(&paired.person, true),
        device: DeviceItem::from(&paired.device),
        token: (!is_page).then_some(paired.token),
    };
    Ok((cookie, Json(answer)).into_response())
}
