//! What the store is asked without changing it; each query sees one consistent state.

use chrono::TimeDelta;
use rappel_core::arm::State;
use rappel_core::authorize::{Action, Actor, may};
use rappel_core::event::{Event, Status};
use rappel_core::notification::Notification;
use rappel_core::person::{Office, Person};
use rappel_core::{EventId, NotificationId, PersonId, Timestamp};
use rusqlite::{Connection, named_params};

use crate::command::claim::Claimed;
use crate::error::Error;
use crate::store::Store;
use crate::table::device::Device;
use crate::table::event::{COLUMNS, ChangedEvent};
use crate::table::inbox::{BulkRead, Heads};
use crate::table::{device, event, inbox, notification, office, person, reminder};

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

/// Some notifications, newest first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotificationPage {
    /// Newest first.
    pub notifications: Vec<Notification>,
    /// Where the person's notifications stand.
    pub heads: Heads,
}

/// Where a device was when it was last connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Resume {
    /// The last notification it has.
    pub seq: u64,
    /// The id it has for that one: another one here means that its history is not ours.
    pub last_id: Option<NotificationId>,
    /// The last change it knows of; `None`: it does not want to know.
    pub change: Option<u64>,
}

/// A part of a person's history, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    /// As they are now.
    pub rows: Vec<Notification>,
    /// Where the person's notifications stand.
    pub heads: Heads,
}

/// What a session has not sent yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Updates {
    /// New notifications, in order.
    pub new: Vec<Notification>,
    /// Earlier ones whose state changed, in the order of their changes.
    pub changed: Vec<Notification>,
    /// The latest "mark all read".
    pub bulk_read: BulkRead,
    /// Where the person's notifications stand.
    pub heads: Heads,
}

impl Store {
    /// An event that was not deleted.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn event(&self, actor: Actor, id: EventId) -> Result<VisibleEvent, Error> {
        self.read(move |conn| {
            let event = event::get(conn, id)?.filter(|event| event.deleted_at.is_none()).ok_or(Error::NotFound)?;
            Ok(visible(actor, event))
        })
        .await
    }

    /// Events by start.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn events(&self, actor: Actor, query: EventQuery) -> Result<EventPage, Error> {
        self.read(move |conn| Ok(event_page(conn, actor, &query)?)).await
    }

    /// The number of the latest change of any event.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn event_change(&self) -> Result<u64, Error> {
        self.read(|conn| Ok(office::event_change(conn)?)).await
    }

    /// The events that changed after `change` and are, or were, in `[from, to)`; with the number of
    /// the latest change.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn events_changed(
        &self,
        change: u64,
        from: Timestamp,
        to: Timestamp,
    ) -> Result<(Vec<ChangedEvent>, u64), Error> {
        self.read(move |conn| Ok((event::changed_after(conn, change, from, to)?, office::event_change(conn)?))).await
    }

    /// A page of a person's notifications, newest first, before a `seq`.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn notifications(
        &self,
        person: PersonId,
        before: Option<u64>,
        limit: usize,
    ) -> Result<NotificationPage, Error> {
        self.read(move |conn| {
            let notifications = notification::page(conn, person, before, limit)?;
            Ok(NotificationPage { notifications, heads: inbox::heads(conn, person)? })
        })
        .await
    }

    /// Where a person's notifications stand.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn heads(&self, person: PersonId) -> Result<Heads, Error> {
        self.read(move |conn| Ok(inbox::heads(conn, person)?)).await
    }

    /// What came after a cursor: at most `limit` new notifications and `limit` changed ones.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn updates(&self, person: PersonId, seq: u64, change: u64, limit: usize) -> Result<Updates, Error> {
        self.read(move |conn| {
            Ok(Updates {
                new: notification::after(conn, person, seq, limit)?,
                changed: notification::changed_after(conn, person, change, seq, limit)?,
                bulk_read: inbox::bulk_read(conn, person)?,
                heads: inbox::heads(conn, person)?,
            })
        })
        .await
    }

    /// What came after a `seq`, in order; at most `limit`.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn notifications_after(&self, person: PersonId, seq: u64, limit: usize) -> Result<Replay, Error> {
        self.read(move |conn| {
            let rows = notification::after(conn, person, seq, limit)?;
            Ok(Replay { rows, heads: inbox::heads(conn, person)? })
        })
        .await
    }

    /// Rows up to `seq` that changed after `change`, in the order of their changes; at most `limit`.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn notifications_changed(
        &self,
        person: PersonId,
        seq: u64,
        change: u64,
        limit: usize,
    ) -> Result<Replay, Error> {
        self.read(move |conn| {
            let rows = notification::changed_after(conn, person, change, seq, limit)?;
            Ok(Replay { rows, heads: inbox::heads(conn, person)? })
        })
        .await
    }

    /// Whether a device can go on from where it was; false when its history is not the one here.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn can_resume(&self, person: PersonId, resume: Resume) -> Result<bool, Error> {
        self.read(move |conn| {
            if resume.seq == 0 {
                return Ok(true); // it gets everything, and so every state
            }
            let heads = inbox::heads(conn, person)?;
            if resume.seq > heads.seq || resume.change.is_some_and(|change| change > heads.change) {
                return Ok(false);
            }
            let oldest_kept = notification::oldest(conn, person)?.unwrap_or(heads.seq + 1);
            if resume.seq + 1 < oldest_kept {
                return Ok(false);
            }
            Ok(match resume.last_id {
                None => true,
                Some(last_id) => notification::id_at(conn, person, resume.seq)? == Some(last_id),
            })
        })
        .await
    }

    /// What became of the reminders that were due from `since` on. Counted from what is stored, so
    /// it is the same after a restart.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn decided_since(&self, since: Timestamp) -> Result<Claimed, Error> {
        self.read(move |conn| {
            let mut counted = Claimed { late: notification::late_since(conn, since)?, ..Claimed::default() };
            for (state, count) in reminder::decided_since(conn, since)? {
                match state {
                    State::Fired => counted.fired = count,
                    State::Missed => counted.missed = count,
                    State::Collapsed => counted.collapsed = count,
                    State::Skipped => counted.skipped = count,
                    State::Cancelled => counted.cancelled = count,
                    State::Pending => {}
                }
            }
            Ok(counted)
        })
        .await
    }

    /// Everybody, those who left included, by name.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn people(&self) -> Result<Vec<Person>, Error> {
        self.read(|conn| Ok(person::all(conn)?)).await
    }

    /// One person.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn person(&self, id: PersonId) -> Result<Person, Error> {
        self.read(move |conn| person::get(conn, id)?.ok_or(Error::NotFound)).await
    }

    /// The office.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn office(&self) -> Result<Office, Error> {
        self.read(|conn| Ok(office::require(conn)?)).await
    }

    /// Paired devices and tokens, of one person or all, in the order of their creation.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn devices(&self, person: Option<PersonId>) -> Result<Vec<Device>, Error> {
        self.read(move |conn| Ok(device::all(conn, person)?)).await
    }
}

fn visible(actor: Actor, event: Event) -> VisibleEvent {
    let is_visible = may(actor, Action::SeeEvent(&event));
    VisibleEvent { event, is_visible }
}

pub(crate) fn event_page(conn: &Connection, actor: Actor, query: &EventQuery) -> rusqlite::Result<EventPage> {
    // An event that is not over at `from` began at most the longest span before it.
    let longest: i64 = conn.query_row("SELECT coalesce(max(span_ms), 0) FROM event", [], |row| row.get(0))?;
    let from = query.from.unwrap_or(Timestamp::clamped_from_ms(i64::MIN));
    let to = query.to.unwrap_or(Timestamp::clamped_from_ms(i64::MAX));
    let lower = from - TimeDelta::milliseconds(longest);
    let cursor_at = query.cursor.map_or(i64::MIN, |cursor| cursor.starts_at.as_ms());
    let cursor_id = query.cursor.map_or([0; 16], |cursor| *cursor.id.as_bytes());
    let text = query.text.as_deref().map(str::to_lowercase);
    let mut statement = conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM event
         WHERE deleted_at_ms IS NULL AND starts_at_ms >= :lower AND starts_at_ms < :to
           AND (over_at_ms > :from OR starts_at_ms >= :from)
           AND (starts_at_ms, id) > (:cursor_at, :cursor_id)
           AND (:assignee IS NULL OR EXISTS (
                SELECT 1 FROM assignee WHERE event_id = event.id AND person_id = :assignee))
           AND (:status IS NULL OR status = :status)
           AND (:text IS NULL OR instr(search_text, :text) > 0)
           AND (visibility = 'team' OR created_by = :viewer
                OR EXISTS (SELECT 1 FROM assignee WHERE event_id = event.id AND person_id = :viewer)
                OR (status = 'planned' AND :assignee IS NULL AND :status IS NULL AND :text IS NULL))
         ORDER BY starts_at_ms, id LIMIT :limit"
    ))?;
    let assignee = query.assignee.map(|person| *person.as_bytes());
    let mut events = statement
        .query_map(
            named_params! {
                ":lower": lower.as_ms(),
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
        .map(|event| Ok(visible(actor, event::with_assignees(conn, event?)?)))
        .collect::<rusqlite::Result<Vec<_>>>()?;
    let has_more = events.len() > query.limit;
    events.truncate(query.limit);
    let next = events
        .last()
        .filter(|_| has_more)
        .map(|last| EventsCursor { starts_at: last.event.schedule.starts_at(), id: last.event.id });
    Ok(EventPage { events, next })
}
