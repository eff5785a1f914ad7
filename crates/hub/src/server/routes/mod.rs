//! The contract's calls. Each handler reads its wire type, asks the store, and writes a wire type.

mod audit;
pub(super) mod copies;
mod devices;
mod events;
mod hub;
mod joining;
mod me;
mod notifications;
mod pairing;
mod people;
mod replica;
mod secure_office;
pub(super) mod succession;
mod typed_pairing;

use axum::extract::rejection::QueryRejection;
use axum::extract::{FromRequestParts, State};
use axum::http::HeaderName;
use axum::http::request::Parts;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use rappel_core::Invalid;
use serde::de::DeserializeOwned;

use super::error::ApiError;
use crate::hub::Hub;
use crate::wire::Health;

pub(super) fn api() -> Router<Hub> {
    Router::new()
        .route("/api/health", get(health))
        .merge(audit::routes())
        .merge(copies::routes())
        .merge(devices::routes())
        .merge(events::routes())
        .merge(joining::routes())
        .merge(hub::routes())
        .merge(me::routes())
        .merge(notifications::routes())
        .merge(pairing::routes())
        .merge(people::routes())
        .merge(replica::routes())
        .merge(secure_office::routes())
        .merge(succession::routes())
        .merge(typed_pairing::routes())
        .method_not_allowed_fallback(|| async { ApiError::MethodNotAllowed })
}

/// Calls that a restore does not wait for.
pub(super) fn unhurried() -> Router<Hub> {
    copies::unhurried()
}

/// The plain page asks for it over HTTPS, to see whether its browser trusts the certificate: another
/// origin, which may know that there was an answer, and cannot read it.
async fn health(State(hub): State<Hub>) -> impl IntoResponse {
    let trouble = hub.trouble();
    let health = Health {
        status: if trouble.is_none() { "ok" } else { "trouble" },
        trouble,
        version: env!("CARGO_PKG_VERSION"),
        schema: rappel_store::schema_version(),
        uptime_seconds: hub.uptime_seconds(),
    };
    ([(HeaderName::from_static("cross-origin-resource-policy"), "cross-origin")], Json(health))
}

/// A part of a path. What is no text is not there.
pub(super) struct Path<T>(pub(super) T);

impl<T: DeserializeOwned + Send, S: Send + Sync> FromRequestParts<S> for Path<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let path = axum::extract::Path::from_request_parts(parts, state).await;
        path.map(|axum::extract::Path(part)| Self(part)).map_err(|_| ApiError::NotFound)
    }
}

/// The query of an address; unknown parameters are ignored, empty ones count as left out.
pub(super) struct Query<T>(pub(super) T);

impl<T: DeserializeOwned, S: Send + Sync> FromRequestParts<S> for Query<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let query = axum::extract::Query::try_from_uri(&parts.uri);
        query.map(|axum::extract::Query(value)| Self(value)).map_err(|rejection: QueryRejection| {
            Invalid::new("", format!("The query cannot be read: {rejection}")).into()
        })
    }
}

/// Reads a parameter; one without a value counts as left out.
fn parameter<T>(text: Option<&str>, read: impl FnOnce(&str) -> Result<T, Invalid>) -> Result<Option<T>, Invalid> {
    text.filter(|text| !text.is_empty()).map(read).transpose()
}

/// Reads how many rows are wanted: 1 to `max`, `default` if left out.
fn limit(text: Option<&str>, default: usize, max: usize) -> Result<usize, Invalid> {
    let wrong = || Invalid::new("limit", format!("must be a number from 1 to {max}"));
    let read = |text: &str| text.parse().ok().filter(|limit| (1..=max).contains(limit)).ok_or_else(wrong);
    parameter(text, read).map(|limit| limit.unwrap_or(default))
}

/// Reads an id in a path: what is none is not there.
fn id<T: std::str::FromStr>(text: &str) -> Result<T, ApiError> {
    text.parse().map_err(|_| ApiError::NotFound)
}
