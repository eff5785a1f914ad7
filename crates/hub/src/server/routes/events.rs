//! The events of the office.

use axum::extract::{FromRequestParts, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use rappel_core::event::{Event, Status};
use rappel_core::{Invalid, Timestamp};
use rappel_store::{Created, EventQuery, IdempotencyKey};
use serde::Deserialize;

use super::{Path, Query, id, limit, parameter};
use crate::calendar::calendar;
use crate::hub::Hub;
use crate::server::auth::SignedIn;
use crate::server::body::Body;
use crate::server::error::ApiError;
use crate::wire::event::{EventInput, EventItem, EventList, EventPatch, parse_cursor};
use crate::wire::history::ReminderFateList;
use crate::wire::to_json;

const LIMIT_DEFAULT: usize = 100;
const LIMIT_MAX: usize = 500;
const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
const IDEMPOTENCY_KEY_MAX: usize = 255;
/// The `ETag` of an event that was just created.
const FIRST_REVISION: &str = "\"1\"";
/// The longest text that is searched for, in characters.
const SEARCH_MAX: usize = 200;

pub(super) fn routes() -> Router<Hub> {
    Router::new()
        .route("/api/events", get(list).post(create))
        .route("/api/events/{id}", get(show).patch(update).delete(delete))
        .route("/api/events/{id}/restore", post(restore))
        .route("/api/events/{id}/reminders", get(own_reminders))
        .route("/api/events/{id}/calendar.ics", get(as_calendar))
}

#[derive(Debug, Default, Deserialize)]
struct Filter {
    from: Option<String>,
    to: Option<String>,
    assignee: Option<String>,
    status: Option<String>,
    q: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

impl Filter {
    fn parse(&self) -> Result<EventQuery, Invalid> {
        let instant = |field: &'static str| {
            move |text: &str| {
                Timestamp::parse_rfc3339(text)
                    .ok_or_else(|| Invalid::new(field, "must be a time such as 2026-11-23T09:00:00Z"))
            }
        };
        let person = |text: &str| text.parse().map_err(|_| Invalid::new("assignee", "is not a person's id"));
        let search = |text: &str| {
            let is_short = text.chars().count() <= SEARCH_MAX;
            let too_long = || Invalid::new("q", format!("must have at most {SEARCH_MAX} characters"));
            is_short.then(|| text.to_owned()).ok_or_else(too_long)
        };
        Ok(EventQuery {
            from: parameter(self.from.as_deref(), instant("from"))?,
            to: parameter(self.to.as_deref(), instant("to"))?,
            assignee: parameter(self.assignee.as_deref(), person)?,
            status: parameter(self.status.as_deref(), Status::parse)?,
            text: parameter(self.q.as_deref(), search)?,
            limit: limit(self.limit.as_deref(), LIMIT_DEFAULT, LIMIT_MAX)?,
            cursor: parameter(self.cursor.as_deref(), parse_cursor)?,
        })
    }
}

async fn list(State(hub): State<Hub>, caller: SignedIn, Query(filter): Query<Filter>) -> Result<Response, ApiError> {
    let page = hub.store().events(caller.0.actor, filter.parse()?).await?;
    Ok(Json(EventList::from(&page)).into_response())
}

async fn create(
    State(hub): State<Hub>,
    caller: SignedIn,
    key: Result<Key, ApiError>,
    body: Body<EventInput>,
) -> Result<Response, ApiError> {
    let idempotency = key?.of(&body);
    let draft = body.value.parse()?;
    match hub.store().create_event(caller.0, draft, idempotency, hub.now()).await? {
        Created::New(event) => Ok(created(rendered(&event))),
        Created::Again(answer) => Ok(created(answer)),
    }
}

fn created(answer: String) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::ETAG, FIRST_REVISION)];
    (StatusCode::CREATED, headers, answer).into_response()
}

fn rendered(event: &Event) -> String {
    to_json(&EventItem::from(event)).expect("BUG: an event is a map with text keys")
}

async fn show(State(hub): State<Hub>, caller: SignedIn, Path(event): Path<String>) -> Result<Response, ApiError> {
    let visible = hub.store().event(caller.0.actor, id(&event)?).await?;
    Ok((etag(&visible.event), Json(EventItem::from(&visible))).into_response())
}

/// For the calendar of the caller's telephone, with their own reminders as its alarms.
async fn as_calendar(
    State(hub): State<Hub>,
    caller: SignedIn,
    Path(event): Path<String>,
) -> Result<Response, ApiError> {
    let visible = hub.store().event(caller.0.actor, id(&event)?).await?;
    let reader = hub.store().person(caller.0.actor.person).await?.preferences(&hub.store().office().await?);
    let headers = [
        (header::CONTENT_TYPE, "text/calendar; charset=utf-8"),
        // Shown where the browser knows calendars: a telephone then asks whether to add it.
        (header::CONTENT_DISPOSITION, "inline; filename=\"rappel.ics\""),
        (header::CACHE_CONTROL, "no-store"),
    ];
    Ok((etag(&visible.event), headers, calendar(&visible, &reader)).into_response())
}

async fn update(
    State(hub): State<Hub>,
    caller: SignedIn,
    Path(event): Path<String>,
    headers: HeaderMap,
    body: Body<EventPatch>,
) -> Result<Response, ApiError> {
    let patch = body.value.parse()?;
    let event = hub.store().update_event(caller.0, id(&event)?, if_match(&headers)?, patch, hub.now()).await?;
    Ok((etag(&event), Json(EventItem::from(&event))).into_response())
}

async fn delete(
    State(hub): State<Hub>,
    caller: SignedIn,
    Path(event): Path<String>,
    headers: HeaderMap,
) -> Result<StatusCode, ApiError> {
    hub.store().delete_event(caller.0, id(&event)?, if_match(&headers)?, hub.now()).await?;
    Ok(StatusCode::NO_CONTENT)
}

async fn restore(State(hub): State<Hub>, caller: SignedIn, Path(event): Path<String>) -> Result<Response, ApiError> {
    let event = hub.store().restore_event(caller.0, id(&event)?, hub.now()).await?;
    Ok((etag(&event), Json(EventItem::from(&event))).into_response())
}

async fn own_reminders(
    State(hub): State<Hub>,
    caller: SignedIn,
    Path(event): Path<String>,
) -> Result<Json<ReminderFateList>, ApiError> {
    let reminders = hub.store().own_reminders(caller.0.actor, id(&event)?).await?;
    Ok(Json(ReminderFateList::from(&*reminders)))
}

fn etag(event: &Event) -> [(HeaderName, String); 1] {
    [(header::ETAG, format!("\"{}\"", event.revision))]
}

/// The revision that the client has seen: `If-Match: "3"`.
fn if_match(headers: &HeaderMap) -> Result<Option<u64>, Invalid> {
    let Some(value) = headers.get(header::IF_MATCH) else { return Ok(None) };
    let text = value.to_str().unwrap_or_default().trim();
    if text == "*" {
        return Ok(None);
    }
    let revision = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).and_then(|text| text.parse().ok());
    revision.map(Some).ok_or_else(|| Invalid::new("If-Match", "must be a revision in quotes, such as \"3\""))
}

/// The `Idempotency-Key` of a request, if it has one. All other headers stay where they are.
struct Key(Option<String>);

impl<S: Sync> FromRequestParts<S> for Key {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get(IDEMPOTENCY_KEY) else { return Ok(Self(None)) };
        let key = value.to_str().ok().filter(|key| (1..=IDEMPOTENCY_KEY_MAX).contains(&key.len()));
        let key = key.ok_or_else(|| {
            Invalid::new("Idempotency-Key", format!("must have 1 to {IDEMPOTENCY_KEY_MAX} visible ASCII characters"))
        })?;
        Ok(Self(Some(key.to_owned())))
    }
}

impl Key {
    /// With the body that came with it.
    fn of<T>(self, body: &Body<T>) -> Option<IdempotencyKey> {
        self.0.map(|key| IdempotencyKey { key, body_hash: body.hash(), render: rendered })
    }
}
