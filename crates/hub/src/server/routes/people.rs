//! The members of the office.

use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::{get, patch, post};
use axum::{Extension, Json, Router};
use qrcode::{EcLevel, QrCode};
use rappel_core::authorize::{Action, may};
use rappel_core::person::Person;
use rappel_store::{Invited, PersonPatch};
use std::sync::Arc;

use super::{Path, id};
use crate::hub::Hub;
use crate::server::auth::SignedIn;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::server::hosts::Hosts;
use crate::wire::access::Invitation;
use crate::wire::person::{PersonInput, PersonItem, PersonList, PersonPatchInput};

pub(super) fn routes() -> Router<Hub> {
    Router::new()
        .route("/api/people", get(list).post(create))
        .route("/api/people/{id}", patch(update).delete(deactivate))
        .route("/api/people/{id}/invitations", post(invite))
}

/// A person as far as the reader may know them.
pub(super) fn item(person: &Person, reader: SignedIn) -> PersonItem {
    PersonItem::new(person, may(reader.0.actor, Action::SeeEmail(person.id)))
}

async fn list(State(hub): State<Hub>, caller: SignedIn) -> Result<Json<PersonList>, ApiError> {
    let people = hub.store().people().await?;
    Ok(Json(PersonList { people: people.iter().map(|person| item(person, caller)).collect() }))
}

async fn create(
    State(hub): State<Hub>,
    caller: SignedIn,
    body: Body<PersonInput>,
) -> Result<(StatusCode, Json<PersonItem>), ApiError> {
    let person = hub.store().add_person(caller.by(), body.value.parse()?, hub.now()).await?;
    Ok((StatusCode::CREATED, Json(item(&person, caller))))
}

async fn update(
    State(hub): State<Hub>,
    caller: SignedIn,
    Path(person): Path<String>,
    body: Body<PersonPatchInput>,
) -> Result<Json<PersonItem>, ApiError> {
    let person = hub.store().update_person(caller.by(), id(&person)?, body.value.parse()?, hub.now()).await?;
    Ok(Json(item(&person, caller)))
}

/// People are not deleted: their history stays.
async fn deactivate(
    State(hub): State<Hub>,
    caller: SignedIn,
    Path(person): Path<String>,
) -> Result<Json<PersonItem>, ApiError> {
    let patch = PersonPatch { active: Some(false), ..PersonPatch::default() };
    let person = hub.store().update_person(caller.by(), id(&person)?, patch, hub.now()).await?;
    Ok(Json(item(&person, caller)))
}

async fn invite(
    State(hub): State<Hub>,
    caller: SignedIn,
    hosts: Option<Extension<Arc<Hosts>>>,
    headers: HeaderMap,
    Path(person): Path<String>,
) -> Result<(StatusCode, Json<Invitation>), ApiError> {
    let invited = hub.store().invite(caller.by(), id(&person)?, hub.now()).await?;
    Ok((StatusCode::CREATED, Json(invitation(&hub, base_url(&hub, hosts.as_deref(), &headers), invited))))
}

/// An invitation as it is shown, this once.
pub(super) fn invitation(hub: &Hub, base_url: String, invited: Invited) -> Invitation {
    let link = hub.join_link(base_url, invited.link_secret).to_string();
    Invitation {
        qr: qr(&link),
        link,
        link_expires_at: invited.link_expires_at.to_string(),
        code: invited.short_code,
        code_expires_at: invited.code_expires_at.to_string(),
    }
}

/// The rows of a QR code; none for what does not fit into one.
fn qr(text: &str) -> Vec<String> {
    let Ok(code) = QrCode::with_error_correction_level(text, EcLevel::M) else { return Vec::new() };
    let dots: Vec<char> = code.to_colors().into_iter().map(|color| color.select('1', '0')).collect();
    dots.chunks(code.width()).map(|row| row.iter().collect()).collect()
}

/// The address by which the admin reached the hub is good for colleagues too, unless it is good on
/// this machine only, or a name that telephones do not find.
pub(super) fn base_url(hub: &Hub, hosts: Option<&Arc<Hosts>>, headers: &HeaderMap) -> String {
    let reached_by = headers.get(header::HOST).and_then(|host| host.to_str().ok()).filter(|_| hosts.is_some());
    let is_local = |host: &&str| host.starts_with("localhost") || host.starts_with("127.") || host.starts_with("[::1]");
    let is_mdns = |host: &&str| host.rsplit_once(':').map_or(*host, |(name, _)| name).ends_with(".local");
    match reached_by {
        Some(host) if !is_local(&host) && !is_mdns(&host) => format!("http://{host}"),
        _ => hub.base_url(),
    }
}
