//! Invitations for everybody, and those who ask to be let in.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Json, Router};
use rappel_core::authorize::{Action, may};
use rappel_core::person::parse_name;
use rappel_core::stranger::{parse_stranger_device, parse_stranger_name};
use rappel_core::{Invalid, PersonId};
use rappel_store::{DeviceKind, Newcomer, Ticket};

use super::Path;
use super::pairing::guess;
use super::people::{base_url, invitation};
use crate::hub::Hub;
use crate::server::auth::{SignedIn, cookie};
use crate::server::body::Body;
use crate::server::connected::Peer;
use crate::server::error::ApiError;
use crate::server::guard::Source;
use crate::server::hosts::Hosts;
use crate::server::line::Channel;
use crate::waiting_room::{Outcome, Wish};
use crate::wire::access::{DeviceItem, Invitation};
use crate::wire::joining::{
    AcceptInput, JoinAsked, JoinInput, JoinRequestList, JoinSecret, JoinStatus, OpenInvitationsItem, TicketInput,
    TicketItem,
};
use crate::wire::person::PersonItem;

pub(super) fn routes() -> Router<Hub> {
    Router::new()
        .route("/api/invitations", get(show_open).post(invite_everybody).delete(revoke_open))
        .route("/api/join/ticket", post(look_at_ticket))
        .route("/api/join-requests", get(list).post(ask))
        .route("/api/join-requests/{id}/status", post(status))
        .route("/api/join-requests/{id}/withdraw", post(withdraw))
        .route("/api/join-requests/{id}/accept", post(accept))
        .route("/api/join-requests/{id}/decline", post(decline))
}

fn require_admin(caller: SignedIn) -> Result<(), ApiError> {
    if may(caller.0.actor, Action::ManagePeople) { Ok(()) } else { Err(ApiError::Forbidden) }
}

async fn show_open(State(hub): State<Hub>, caller: SignedIn) -> Result<Json<OpenInvitationsItem>, ApiError> {
    require_admin(caller)?;
    Ok(Json(hub.store().open_invitations(hub.now()).await?.into()))
}

async fn invite_everybody(
    State(hub): State<Hub>,
    caller: SignedIn,
    hosts: Option<Extension<Arc<Hosts>>>,
    headers: HeaderMap,
) -> Result<(StatusCode, Json<Invitation>), ApiError> {
    let invited = hub.store().invite_everybody(caller.by(), hub.now()).await?;
    Ok((StatusCode::CREATED, Json(invitation(&hub, base_url(&hub, hosts.as_deref(), &headers), invited))))
}

async fn revoke_open(State(hub): State<Hub>, caller: SignedIn) -> Result<StatusCode, ApiError> {
    hub.store().revoke_open_invitations(caller.by(), hub.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn look_at_ticket(
    State(hub): State<Hub>,
    Peer(peer): Peer,
    body: Body<TicketInput>,
) -> Result<Json<TicketItem>, ApiError> {
    let ticket = ticket(&hub, peer, body.value.code).await?;
    let office = hub.store().office().await?;
    Ok(Json(TicketItem::new(ticket, office.name)))
}

/// What a link or a code is good for: the one way in which codes are guessed here.
async fn ticket(hub: &Hub, peer: Option<SocketAddr>, code: String) -> Result<Ticket, ApiError> {
    guess(hub, peer, code, |code| hub.store().look_at_ticket(code, hub.now())).await
}

/// Whether it is a page that calls.
fn is_page(source: Option<Extension<Source>>) -> bool {
    source.is_some_and(|Extension(source)| source != Source::Unsaid)
}

/// For anybody. What is answered says nothing of the office.
async fn ask(
    State(hub): State<Hub>,
    Peer(peer): Peer,
    source: Option<Extension<Source>>,
    channel: Channel,
    body: Body<JoinInput>,
) -> Result<(StatusCode, Json<JoinAsked>), ApiError> {
    let input = body.value;
    let address = peer.map(|peer| peer.ip().to_canonical());
    let device_name = input.device_name.as_deref().ok_or_else(|| Invalid::new("device_name", "is required"))?;
    let device_name = parse_stranger_device("device_name", device_name)?;
    let people = match input.code {
        None => None,
        Some(code) => match ticket(&hub, peer, code).await? {
            Ticket::Open(people) => Some(people),
            // One of one's own needs no asking.
            Ticket::Personal(_) => return Err(ApiError::InvitationRefused),
        },
    };
    let (name, person) = match input.person_id {
        Some(id) => {
            let id: Option<PersonId> = id.parse().ok();
            let offered = people.iter().flatten().find(|person| Some(person.id) == id);
            let person = offered.ok_or_else(|| Invalid::new("person_id", "is nobody of this invitation"))?;
            (person.name.clone(), Some(person.id))
        }
        None => {
            let name = input.name.as_deref().ok_or_else(|| Invalid::new("name", "is required"))?;
            (parse_stranger_name("name", name)?, None)
        }
    };
    // A desktop will have to prove its key with each line, this request's outcome first.
    let key = channel.key().filter(|_| !is_page(source));
    let wish = Wish { name, device_name, person, is_invited: people.is_some(), key };
    let earlier = input.replaces.as_ref().map(|earlier| (earlier.0.id.as_str(), earlier.0.secret.as_str()));
    let asked = hub.waiting_room().ask(wish, address, earlier, hub.now()).map_err(|full| {
        tracing::debug!("somebody who asks to be let in found no place to wait");
        ApiError::TooManyRequests { retry_after_s: full.0 }
    })?;
    hub.look_when_expired();
    let answer = JoinAsked { id: asked.id, secret: asked.secret, expires_at: asked.expires_at.to_string() };
    Ok((StatusCode::CREATED, Json(answer)))
}

/// For whoever asked: where it stands. With the answer that says yes the browser is signed in.
async fn status(
    State(hub): State<Hub>,
    source: Option<Extension<Source>>,
    channel: Channel,
    Path(id): Path<String>,
    body: Body<JoinSecret>,
) -> Result<Response, ApiError> {
    let outcome = hub.waiting_room().outcome(&id, &body.value.secret, channel.key(), hub.now());
    let (person, device_name, key) = match outcome.ok_or(ApiError::NotFound)? {
        Outcome::Waiting => return Ok(Json(JoinStatus::of("waiting")).into_response()),
        Outcome::Declined => return Ok(Json(JoinStatus::of("declined")).into_response()),
        Outcome::Expired => return Ok(Json(JoinStatus::of("expired")).into_response()),
        Outcome::Accepted(person, device_name, key) => (person, device_name, key),
    };
    let is_page = is_page(source);
    let kind = match key {
        Some(_) => DeviceKind::Desktop,
        None if is_page => DeviceKind::Browser,
        None => DeviceKind::Token,
    };
    let key_hash = key.map(|key| *key.as_bytes());
    let paired = hub.store().let_in(person, kind, key_hash, device_name, hub.now()).await?;
    let cookie = [(header::SET_COOKIE, cookie(&hub, &paired.token, channel))];
    let answer = JoinStatus {
        person: Some(PersonItem::new(&paired.person, true)),
        device: Some(DeviceItem::new(&paired.device, false)),
        token: (!is_page).then_some(paired.token),
        hub_id: key.map(|_| hub.store().identity().id.to_string()),
        ..JoinStatus::of("accepted")
    };
    Ok((cookie, Json(answer)).into_response())
}

async fn withdraw(
    State(hub): State<Hub>,
    Path(id): Path<String>,
    body: Body<JoinSecret>,
) -> Result<StatusCode, ApiError> {
    let was_theirs = hub.waiting_room().withdraw(&id, &body.value.secret, hub.now());
    if was_theirs { Ok(StatusCode::NO_CONTENT) } else { Err(ApiError::NotFound) }
}

async fn list(State(hub): State<Hub>, caller: SignedIn) -> Result<Json<JoinRequestList>, ApiError> {
    require_admin(caller)?;
    Ok(Json(JoinRequestList { requests: hub.join_requests().await? }))
}

async fn accept(
    State(hub): State<Hub>,
    caller: SignedIn,
    Path(id): Path<String>,
    body: Body<AcceptInput>,
) -> Result<Json<PersonItem>, ApiError> {
    require_admin(caller)?;
    let chosen = match (body.value.person_id, body.value.name) {
        (Some(_), Some(_)) => return Err(Invalid::new("name", "cannot be given with person_id").into()),
        (Some(person), None) => {
            let person = person.parse().map_err(|_| Invalid::new("person_id", "is not a person's id"))?;
            Some(Newcomer::Known(person))
        }
        (None, Some(name)) => Some(Newcomer::New(parse_name("name", &name)?)),
        (None, None) => None,
    };
    let wish = hub.waiting_room().decide(&id, hub.now()).ok_or(ApiError::NotFound)?;
    let newcomer = chosen.unwrap_or_else(|| wish.person.map_or(Newcomer::New(wish.name), Newcomer::Known));
    // Whoever calls may hang up: what was begun is finished all the same.
    let deciding = {
        let hub = hub.clone();
        hub.clone().tasks().spawn(async move {
            let accepted = hub.store().accept_newcomer(caller.by(), newcomer, hub.now()).await;
            match &accepted {
                Ok(person) => hub.waiting_room().decided(&id, Some(person.id), hub.now()),
                Err(_) => hub.waiting_room().undecided(&id, hub.now()),
            }
            accepted
        })
    };
    let person = deciding.await.map_err(|_| ApiError::Internal)??;
    Ok(Json(PersonItem::new(&person, true)))
}

async fn decline(State(hub): State<Hub>, caller: SignedIn, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    require_admin(caller)?;
    hub.waiting_room().decide(&id, hub.now()).ok_or(ApiError::NotFound)?;
    hub.waiting_room().decided(&id, None, hub.now());
    Ok(StatusCode::NO_CONTENT)
}
