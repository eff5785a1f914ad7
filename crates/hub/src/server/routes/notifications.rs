//! One's own notifications. Somebody else's are not there.

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use rappel_core::Invalid;
use serde::Deserialize;

use super::{Path, Query, id, limit, parameter};
use crate::hub::Hub;
use crate::server::auth::SignedIn;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::wire::history::NotificationHistory;
use crate::wire::notification::{NotificationItem, NotificationList, SnoozeInput, UnreadCount};

const LIMIT_DEFAULT: usize = 50;
const LIMIT_MAX: usize = 500;

pub(super) fn routes() -> Router<Hub> {
    Router::new()
        .route("/api/notifications", get(list))
        .route("/api/notifications/unread-count", get(unread_count))
        .route("/api/notifications/mark-all-read", post(mark_all_read))
        .route("/api/notifications/{id}/history", get(history))
        .route("/api/notifications/{id}/read", post(mark_read))
        .route("/api/notifications/{id}/snooze", post(snooze))
        .route("/api/notifications/{id}/dismiss", post(dismiss))
}

#[derive(Debug, Default, Deserialize)]
struct Page {
    limit: Option<String>,
    before: Option<String>,
}

async fn list(State(hub): State<Hub>, caller: SignedIn, Query(page): Query<Page>) -> Result<Response, ApiError> {
    let limit = limit(page.limit.as_deref(), LIMIT_DEFAULT, LIMIT_MAX)?;
    let before = parameter(page.before.as_deref(), |text| {
        text.parse().map_err(|_| Invalid::new("before", "must be a notification's seq"))
    })?;
    let page = hub.store().notifications(caller.0.actor.person, before, limit).await?;
    Ok(Json(NotificationList::from(&page)).into_response())
}

async fn unread_count(State(hub): State<Hub>, caller: SignedIn) -> Result<Json<UnreadCount>, ApiError> {
    let heads = hub.store().heads(caller.0.actor.person).await?;
    Ok(Json(UnreadCount { unread_count: heads.unread }))
}

async fn history(
    State(hub): State<Hub>,
    caller: SignedIn,
    Path(notification): Path<String>,
) -> Result<Json<NotificationHistory>, ApiError> {
    let history = hub.store().history(caller.0.actor.person, id(&notification)?).await?;
    Ok(Json(NotificationHistory::from(&history)))
}

async fn mark_all_read(State(hub): State<Hub>, caller: SignedIn) -> Result<Json<UnreadCount>, ApiError> {
    let heads = hub.store().mark_all_read(caller.0.actor.person, hub.now()).await?;
    Ok(Json(UnreadCount { unread_count: heads.unread }))
}

async fn mark_read(
    State(hub): State<Hub>,
    caller: SignedIn,
    Path(notification): Path<String>,
) -> Result<Json<UnreadCount>, ApiError> {
    let heads = hub.store().mark_read(caller.0.actor.person, id(&notification)?, hub.now()).await?;
    Ok(Json(UnreadCount { unread_count: heads.unread }))
}

async fn snooze(
    State(hub): State<Hub>,
    caller: SignedIn,
    Path(notification): Path<String>,
    body: Body<SnoozeInput>,
) -> Result<Response, ApiError> {
    let person = caller.0.actor.person;
    let row = hub.store().snooze(person, id(&notification)?, body.value.minutes, hub.now()).await?;
    Ok(Json(NotificationItem::from(&row)).into_response())
}

async fn dismiss(
    State(hub): State<Hub>,
    caller: SignedIn,
    Path(notification): Path<String>,
) -> Result<Response, ApiError> {
    let row = hub.store().dismiss(caller.0.actor.person, id(&notification)?, hub.now()).await?;
    Ok(Json(NotificationItem::from(&row)).into_response())
}
