//! Who did what when: for admins.

use axum::extract::State;
use axum::routing::get;
use axum::{Json, Router};
use rappel_core::Invalid;
use rappel_store::{AuditQuery, AuditTopic};
use serde::Deserialize;

use super::{Query, limit, parameter};
use crate::hub::Hub;
use crate::server::auth::SignedIn;
use crate::server::error::ApiError;
use crate::wire::audit::AuditList;

const LIMIT_DEFAULT: usize = 50;
const LIMIT_MAX: usize = 500;

pub(super) fn routes() -> Router<Hub> {
    Router::new().route("/api/audit", get(list))
}

#[derive(Debug, Deserialize)]
struct Parameters {
    limit: Option<String>,
    before: Option<String>,
    person: Option<String>,
    topic: Option<String>,
}

async fn list(
    State(hub): State<Hub>,
    caller: SignedIn,
    Query(wanted): Query<Parameters>,
) -> Result<Json<AuditList>, ApiError> {
    let number = |text: &str| text.parse().map_err(|_| Invalid::new("before", "must be the id of an entry"));
    let person = |text: &str| text.parse().map_err(|_| Invalid::new("person", "must be a person's id"));
    let unknown = || Invalid::new("topic", "must be events, people, devices or hub");
    let topic = |text: &str| AuditTopic::parse(text).ok_or_else(unknown);
    let query = AuditQuery {
        before: parameter(wanted.before.as_deref(), number)?,
        person: parameter(wanted.person.as_deref(), person)?,
        topic: parameter(wanted.topic.as_deref(), topic)?,
        limit: limit(wanted.limit.as_deref(), LIMIT_DEFAULT, LIMIT_MAX)?,
    };
    Ok(Json(hub.store().audit_log(caller.0.actor, query).await?.into()))
}
