//! Turning an invitation into a device.

use std::net::SocketAddr;
use std::time::Instant;

use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Extension, Json, Router};
use rappel_core::person::parse_name;
use rappel_store::{DeviceKind, Error, is_short_code};

use crate::hub::Hub;
use crate::join_link::code_in;
use crate::key::Pin;
use crate::server::auth::cookie;
use crate::server::body::Body;
use crate::server::connected::Peer;
use crate::server::error::ApiError;
use crate::server::guard::Source;
use crate::server::line::Channel;
use crate::server::wrong_tries::Slowed;
use crate::wire::access::{DeviceItem, PairInput, Paired};
use crate::wire::person::PersonItem;

pub(super) fn routes() -> Router<Hub> {
    Router::new().route("/api/pair", post(pair))
}

/// What an invitation is to become.
enum As {
    /// A desktop with this key.
    Desktop(Pin),
    /// Something that needs no key.
    Other(DeviceKind),
}

/// A browser gets a cookie that its scripts cannot read; a program gets the token itself. Who has
/// proven to have a key is a desktop, and will have to prove it again with each line.
async fn pair(
    State(hub): State<Hub>,
    source: Option<Extension<Source>>,
    Peer(peer): Peer,
    channel: Channel,
    body: Body<PairInput>,
) -> Result<Response, ApiError> {
    let is_page = source.is_some_and(|Extension(source)| source != Source::Unsaid);
    let name = parse_name("device_name", &body.value.device_name)?;
    let as_what = match channel.key().filter(|_| !is_page) {
        Some(key) => As::Desktop(key),
        None if is_page => As::Other(DeviceKind::Browser),
        None => As::Other(DeviceKind::Token),
    };
    let paired = redeem(&hub, peer, body.value.code, as_what, name).await?;
    let cookie = [(header::SET_COOKIE, cookie(&hub, &paired.token, channel))];
    let is_desktop = paired.device.kind == DeviceKind::Desktop;
    let answer = Paired {
        person: PersonItem::new(&paired.person, true),
        device: DeviceItem::new(&paired.device, false),
        token: (!is_page).then_some(paired.token),
        hub_id: is_desktop.then(|| hub.store().identity().id.to_string()),
    };
    Ok((cookie, Json(answer)).into_response())
}

/// As [`rappel_store::Store::redeem`], as fast as the peer's wrong tries allow.
async fn redeem(
    hub: &Hub,
    peer: Option<SocketAddr>,
    code: String,
    as_what: As,
    name: String,
) -> Result<rappel_store::Paired, ApiError> {
    guess(hub, peer, code, async |code| match as_what {
        As::Desktop(key) => hub.store().redeem_with_key(code, *key.as_bytes(), name, hub.now()).await,
        As::Other(kind) => hub.store().redeem(code, kind, name, hub.now()).await,
    })
    .await
}

/// Tries a link's secret, which its fingerprint may follow, or a short code, as fast as the peer's wrong tries allow.
pub(super) async fn guess<T, F>(
    hub: &Hub,
    peer: Option<SocketAddr>,
    code: String,
    trial: impl FnOnce(String) -> F,
) -> Result<T, ApiError>
where
    F: Future<Output = Result<T, Error>>,
{
    let code = code_in(&code).to_owned();
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
