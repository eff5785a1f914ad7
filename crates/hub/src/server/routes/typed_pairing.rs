//! Pairing a desktop by a typed code, in two calls: messages first, then proofs. See [`typed_code`].
//!
//! [`typed_code`]: crate::typed_code

use std::time::Instant;

use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rappel_core::Invalid;
use rappel_core::person::parse_name;

use crate::hub::Hub;
use crate::key::Pin;
use crate::server::body::Body;
use crate::server::connected::Peer;
use crate::server::error::ApiError;
use crate::server::exchanges::Pending;
use crate::server::line::Channel;
use crate::server::wrong_tries::Slowed;
use crate::typed_code::{End, Exchange};
use crate::wire::access::{DeviceItem, PairFinishInput, PairFinished, PairStartInput, PairStarted};
use crate::wire::person::PersonItem;

pub(super) fn routes() -> Router<Hub> {
    Router::new().route("/api/pair/start", post(start)).route("/api/pair/finish", post(finish))
}

/// What a call that proves no key is told.
fn desktop(channel: Channel) -> Result<Pin, ApiError> {
    channel.key().ok_or(ApiError::KeyRequired)
}

/// Whether the selector is one of an open code shows only when the proofs are compared.
async fn start(
    State(hub): State<Hub>,
    channel: Channel,
    Peer(peer): Peer,
    body: Body<PairStartInput>,
) -> Result<Json<PairStarted>, ApiError> {
    let desktop = desktop(channel)?;
    let message = bytes("message", &body.value.message)?;
    if let Some(peer) = peer {
        // A try that has begun is a wrong one until it has ended well.
        let counted = hub.wrong_tries().count(peer.ip(), Instant::now());
        counted.map_err(|Slowed(wait)| ApiError::TooManyTries(wait))?;
    }
    let code = hub.store().code_of(body.value.selector, hub.now()).await?;
    let hash = match &code {
        Some(code) => code.hash,
        None => nobodys_code()?,
    };
    let (exchange, answer) = Exchange::begin(End::Hub, &hash, desktop, hub.pin());
    let agreed = exchange.agree(&message).ok_or_else(|| Invalid::new("message", "is not one of this exchange"))?;
    let is_open = code.is_some_and(|code| code.is_open);
    let pending = Pending { agreed, invitation: code.map(|code| code.invitation), is_open };
    hub.exchanges().begin(desktop, pending, Instant::now());
    Ok(Json(PairStarted { message: URL_SAFE_NO_PAD.encode(answer) }))
}

/// The desktop's proof is looked at first: who does not know the code is not shown the hub's. By the
/// code of an invitation for everybody nobody is let in: now that both ends know each other's key,
/// the desktop may ask for it as others do.
async fn finish(
    State(hub): State<Hub>,
    channel: Channel,
    Peer(peer): Peer,
    body: Body<PairFinishInput>,
) -> Result<Json<PairFinished>, ApiError> {
    let desktop = desktop(channel)?;
    let name = parse_name("device_name", &body.value.device_name)?;
    let proof = bytes("proof", &body.value.proof)?;
    let proof = proof.try_into().map_err(|_| Invalid::new("proof", "must be 32 bytes"))?;
    let pending = hub.exchanges().take(desktop, Instant::now()).ok_or(ApiError::InvitationRefused)?;
    let invitation = pending.invitation.ok_or(ApiError::InvitationRefused)?;
    if !pending.agreed.is_proven(End::Desktop, &proof) {
        hub.store().count_wrong_code(invitation).await?;
        return Err(ApiError::InvitationRefused);
    }
    let paired = match pending.is_open {
        true => None,
        false => Some(hub.store().redeem_proven(invitation, *desktop.as_bytes(), name, hub.now()).await?),
    };
    if let Some(peer) = peer {
        hub.wrong_tries().take_back(peer.ip(), Instant::now());
    }
    Ok(Json(PairFinished {
        person: paired.as_ref().map(|paired| PersonItem::new(&paired.person, true)),
        device: paired.as_ref().map(|paired| DeviceItem::new(&paired.device, false)),
        token: paired.map(|paired| paired.token),
        hub_id: hub.store().identity().id.to_string(),
        proof: URL_SAFE_NO_PAD.encode(pending.agreed.proof(End::Hub)),
    }))
}

/// A code that nobody knows.
fn nobodys_code() -> Result<[u8; 32], ApiError> {
    let mut hash = [0; 32];
    getrandom::fill(&mut hash).map_err(|error| {
        tracing::error!(%error, "the system gives no random numbers");
        ApiError::Internal
    })?;
    Ok(hash)
}

fn bytes(field: &str, text: &str) -> Result<Vec<u8>, Invalid> {
    URL_SAFE_NO_PAD.decode(text).map_err(|_| Invalid::new(field, "must be base64url without padding"))
}
