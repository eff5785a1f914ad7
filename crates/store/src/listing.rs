//! Lists of events by start: those of a day, those that come next, those in which a text is.

use std::sync::LazyLock;

use rappel_core::authorize::{Action, Actor, may};
use rappel_core::event::{Event, Status};
use rappel_core::{EventId, PersonId, Timestamp};
use rusqlite::{Connection, named_params, params};

use crate::error::Error;
use crate::store::Store;
use crate::table::event::{self, COLUMNS};

/// The longest that events of each class last, in milliseconds, as `event.reach` has them; those of one class more may
/// last for longer.
const REACHES_MS: [i64; 4] = [DAY_MS, 8 * DAY_MS, 64 * DAY_MS, 512 * DAY_MS];
const DAY_MS: i64 = 86_400_000;

/// Which events are asked for. They come by start.
#[derive(Debug, Clone, Default)]
pub struct EventQuery {
    /// Not over at this instant.
    pub from: Option<Timestamp>,
    /// Started before this instant.
    pub to: Option<Timestamp>,
    /// Assigned to this person.
    pub assignee: Option<PersonId>,
    /// In this status.
    pub status: Option<Status>,
    /// With this text in title, comment, place or contact, in whatever case.
    pub text: Option<String>,
    /// At most this many.
    pub limit: usize,
    /// After this one.
    pub cursor: Option<EventsCursor>,
}

/// A place in a list of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EventsCursor {
    /// The start of the last event that was seen.
    pub starts_at: Timestamp,
    /// Its id.
    pub id: EventId,
}

/// An event for somebody's eyes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisibleEvent {
    /// The whole event; where it is not visible, only its id and its times may be shown.
    pub event: Event,
    /// Whether they may know what it is about.
    pub is_visible: bool,
}

/// Some events, and where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPage {
    /// By start.
    pub events: Vec<VisibleEvent>,
    /// The last of them, if there are more.
    pub next: Option<EventsCursor>,
}

impl Store {
    /// Events by start.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn events(&self, actor: Actor, query: EventQuery) -> Result<EventPage, Error> {
        self.read(move |conn| Ok(event_page(conn, actor, &query)?)).await
    }
}

/// An event, and whether somebody may know what it is about.
pub(crate) fn visible(actor: Actor, event: Event) -> VisibleEvent {
    let is_visible = may(actor, Action::SeeEvent(&event));
    VisibleEvent { event, is_visible }
}

/// The events of one class that are asked for; each class is read by start, in step with the others.
fn of_reach(reach: usize, longest: &str) -> String {
    format!(
        "SELECT {COLUMNS} FROM event
         WHERE reach = {reach} AND deleted_at_ms IS NULL
           AND starts_at_ms >= max(:from - {longest}, :cursor_at) AND starts_at_ms < :to
           AND (over_at_ms > :from OR starts_at_ms >= :from)
           AND (starts_at_ms > :cursor_at OR id > :cursor_id)
           AND (:assignee IS NULL OR instr(assignees, :assignee) > 0)
           AND (:status IS NULL OR status = :status)
           AND (:text IS NULL OR instr(search_text, :text) > 0)
           AND (visibility = 'team' OR created_by = :viewer
                OR instr(assignees, :viewer) > 0
                OR (status = 'planned' AND :assignee IS NULL AND :status IS NULL AND :text IS NULL))"
    )
}

/// A query of the events of each class, from what is asked of one class and the longest that its events last: one that is
/// not over at a time began at most as long before it.
fn of_all(of_reach: impl Fn(usize, &str) -> String) -> String {
    let bounded = REACHES_MS.iter().enumerate().map(|(reach, longest)| of_reach(reach, &longest.to_string()));
    let others = of_reach(REACHES_MS.len(), "(SELECT coalesce(max(span_ms), 0) FROM event WHERE reach = 4)");
    bounded.chain([others]).collect::<Vec<_>>().join(" UNION ALL ")
}

/// The planned events assigned to a person that are not over, for arming them anew.
pub(crate) fn ahead_of(conn: &Connection, person: PersonId, now: Timestamp) -> rusqlite::Result<Vec<Event>> {
    let of_reach = |reach, longest: &str| {
        format!(
            "SELECT {COLUMNS} FROM event WHERE reach = {reach} AND deleted_at_ms IS NULL AND starts_at_ms > ?2 - {longest}
                 AND over_at_ms > ?2 AND status = 'planned' AND instr(assignees, ?1) > 0"
        )
    };
    conn.prepare_cached(&of_all(of_reach))?.query_map(params![person.as_bytes(), now.as_ms()], event::read)?.collect()
}

pub(crate) fn event_page(conn: &Connection, actor: Actor, query: &EventQuery) -> rusqlite::Result<EventPage> {
    static STATEMENT: LazyLock<String> =
        LazyLock::new(|| format!("{} ORDER BY starts_at_ms, id LIMIT :limit", of_all(of_reach)));
    let from = query.from.unwrap_or(Timestamp::clamped_from_ms(i64::MIN));
    let to = query.to.unwrap_or(Timestamp::clamped_from_ms(i64::MAX));
    let cursor_at = query.cursor.map_or(i64::MIN, |cursor| cursor.starts_at.as_ms());
    let cursor_id = query.cursor.map_or([0; 16], |cursor| *cursor.id.as_bytes());
    let text = query.text.as_deref().map(str::to_lowercase);
    let assignee = query.assignee.map(|person| *person.as_bytes());
    let mut events = conn
        .prepare_cached(&STATEMENT)?
        .query_map(
            named_params! {
                ":from": from.as_ms(),
                ":to": to.as_ms(),
                ":cursor_at": cursor_at,
                ":cursor_id": cursor_id,
                ":assignee": assignee,
                ":status": query.status.map(Status::as_str),
                ":text": text,
                ":viewer": actor.person.as_bytes(),
                ":limit": query.limit + 1,
            },
            event::read,
        )?
        .map(|event| Ok(visible(actor, event?)))
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let has_more = events.len() > query.limit;
    events.truncate(query.limit);
    let next = events
        .last()
        .filter(|_| has_more)
        .map(|last| EventsCursor { starts_at: last.event.schedule.starts_at(), id: last.event.id });
    Ok(EventPage { events, next })
}
