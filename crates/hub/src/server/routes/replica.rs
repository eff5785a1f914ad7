//! What a joined desktop keeps of its person's events, and what it did with it while the hub was off.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use serde::Deserialize;

use super::{Query, me, people};
use crate::hub::Hub;
use crate::server::auth::SignedIn;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::wire::event::EventItem;
use crate::wire::notification::NotificationList;
use crate::wire::replica::{ReplicaContent, ReplicaItem, ReplicaReminderItem, ReplicaReports};

/// The notifications that come along.
const NOTIFICATIONS: usize = 100;

pub(super) fn routes() -> Router<Hub> {
    Router::new().route("/api/replica", get(show)).route("/api/replica/reports", post(report))
}

#[derive(Debug, Default, Deserialize)]
struct Known {
    version: Option<String>,
}

async fn show(State(hub): State<Hub>, caller: SignedIn, Query(known): Query<Known>) -> Result<Response, ApiError> {
    // Before anything is read: what changes meanwhile counts as later.
    let now = hub.now();
    let (store, actor) = (hub.store(), caller.0.actor);
    let replica = store.replica(actor, now).await?;
    let notifications = store.notifications(actor.person, None, NOTIFICATIONS).await?;
    let content = ReplicaContent {
        me: me::describe(&hub, caller).await?,
        people: store.people().await?.iter().map(|person| people::item(person, caller)).collect(),
        events: replica.events.iter().map(EventItem::from).collect(),
        reminders: replica.reminders.iter().map(ReplicaReminderItem::from).collect(),
        notifications: NotificationList::from(&notifications),
    };
    let version = version(&content);
    let is_known = known.version.as_deref() == Some(version.as_str());
    let item = ReplicaItem { now: now.to_string(), version, content: (!is_known).then_some(content) };
    Ok(Json(item).into_response())
}

/// Another content has another name.
fn version(content: &ReplicaContent<'_>) -> String {
    let text = serde_json::to_vec(content).expect("BUG: it is a map with text keys");
    blake3::hash(&text).to_hex()[..32].to_owned()
}

async fn report(State(hub): State<Hub>, caller: SignedIn, body: Body<ReplicaReports>) -> Result<StatusCode, ApiError> {
    let now = hub.now();
    hub.store().take_shown_away(caller.0, body.value.parse(now)?, now).await?;
    Ok(StatusCode::NO_CONTENT)
}
