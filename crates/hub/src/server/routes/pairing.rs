//! Turning an invitation into a device.

use std::net::SocketAddr;
use std::time::Instant;

use axum::extract::{ConnectInfo, State};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Json, Router};
use rappel_core::person::parse_name;
use rappel_store::{DeviceKind, Error, is_short_code};

use crate::hub::Hub;
use crate::server::auth::cookie;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::server::guard::Source;
use crate::server::wrong_tries::Slowed;
use crate::wire::access::{DeviceItem, PairInput, Paired};
use crate::wire::person::PersonItem;

pub(super) fn routes() -> Router<Hub> {
    Router::new().route("/api/pair", post(pair))
}

/// A browser gets a cookie that its scripts cannot read; a program gets the token itself.
async fn pair(
    State(hub): State<Hub>,
    source: Option<Extension<Source>>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    body: Body<PairInput>,
) -> Result<Response, ApiError> {
    let is_page = source.is_some_and(|Extension(source)| source != Source::Unsaid);
    let kind = if is_page { DeviceKind::Browser } else { DeviceKind::Token };
    let name = parse_name("device_name", &body.value.device_name)?;
    let paired = redeem(&hub, peer.map(|Extension(ConnectInfo(peer))| peer), body.value.code, kind, name).await?;
    let cookie = [(header::SET_COOKIE, cookie(&hub, &paired.token))];
    let answer = Paired {
        person: PersonItem::new(&paired.person, true),
        device: DeviceItem::new(&paired.device, false),
        token: (!is_page).then_some(paired.token),
    };
    Ok((cookie, Json(answer)).into_response())
}

/// As [`rappel_store::Store::redeem`], as fast as the peer's wrong tries allow.
async fn redeem(
    hub: &Hub,
    peer: Option<SocketAddr>,
    code: String,
    kind: DeviceKind,
    name: String,
) -> Result<rappel_store::Paired, ApiError> {
    guess(hub, peer, code, |code| hub.store().redeem(code, kind, name, hub.now())).await
}

/// Tries a link's secret or a short code, as fast as the peer's wrong tries allow.
pub(super) async fn guess<T, F>(
    hub: &Hub,
    peer: Option<SocketAddr>,
    code: String,
    trial: impl FnOnce(String) -> F,
) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, Error>>,
{
    let counted = peer.map(|peer| hub.wrong_tries().count(peer.ip(), Instant::now()));
    let slowed = counted.and_then(Result::err).map(|Slowed(wait)| ApiError::TooManyTries(wait));
    // Nobody guesses a link's secret: whoever has one is heard, whatever their neighbours do.
    let slowed = match slowed {
        Some(slowed) if is_short_code(&code) => return Err(slowed),
        other => other,
    };
    let tried = trial(code).await;
    if let Err(Error::InvitationRefused) = tried {
        return Err(slowed.unwrap_or(ApiError::InvitationRefused));
    }
    if let (None, Some(peer)) = (slowed, peer) {
        hub.wrong_tries().take_back(peer.ip(), Instant::now());
    }
    Ok(tried?)
}
