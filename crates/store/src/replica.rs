//! What a joined desktop keeps of its person's events, for when the hub is off: what is coming, and
//! what is armed.

use std::collections::{BTreeMap, HashSet};

use chrono::TimeDelta;
use rappel_core::arm::Armed;
use rappel_core::authorize::Actor;
use rappel_core::event::Event;
use rappel_core::notification::Kind;
use rappel_core::{EventId, NotificationId, PersonId, Timestamp};
use rusqlite::Connection;

use crate::error::Error;
use crate::listing::{EventQuery, event_page};
use crate::store::Store;
use crate::table::{armed, event, notification};

/// How many days ahead it reaches.
pub const REPLICA_DAYS: i64 = 30;
/// The most rows of it, events and reminders together.
pub const REPLICA_ROWS: usize = 2_000;
/// What is over for no longer is in it too: the whole of today, wherever the reader is.
const PAST: TimeDelta = TimeDelta::hours(24);

/// What is coming for one person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replica {
    /// The person's, by start.
    pub events: Vec<Event>,
    /// Pending ones, the first due first. The event of each is among `events`.
    pub reminders: Vec<ReplicaReminder>,
}

/// A pending reminder or snooze.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaReminder {
    /// Of which event.
    pub event: EventId,
    /// When, and what for.
    pub armed: Armed,
    /// Of a snooze: what it tells again.
    pub told_before: Option<ToldBefore>,
}

/// What a snooze tells again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ToldBefore {
    /// Which notification.
    pub id: NotificationId,
    /// What it told.
    pub kind: Kind,
}

impl Store {
    /// What is coming for a person, for a desktop of theirs to keep.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn replica(&self, actor: Actor, now: Timestamp) -> Result<Replica, Error> {
        self.read(move |conn| Ok(replica(conn, actor, now)?)).await
    }
}

/// What comes next is there first: rows are taken by when they matter, until there are enough.
fn replica(conn: &Connection, actor: Actor, now: Timestamp) -> rusqlite::Result<Replica> {
    let person = actor.person;
    let horizon = now + TimeDelta::days(REPLICA_DAYS);
    let query = EventQuery {
        from: Some(now - PAST),
        to: Some(horizon),
        assignee: Some(person),
        limit: REPLICA_ROWS,
        ..EventQuery::default()
    };
    let page = event_page(conn, actor, &query)?;
    let mut coming = page.events.into_iter().map(|visible| visible.event).peekable();
    let pending = armed::pending_until(conn, person, horizon, REPLICA_ROWS)?;
    let mut pending = pending.into_iter().peekable();

    let mut events: BTreeMap<(Timestamp, EventId), Event> = BTreeMap::new();
    let mut known: HashSet<EventId> = HashSet::new();
    let mut reminders = Vec::new();
    loop {
        let next_event = coming.peek().map(|event| event.schedule.starts_at());
        let next_due = pending.peek().map(|(_, armed, _)| armed.due);
        let Some(next) = next_event.into_iter().chain(next_due).min() else { break };
        if known.len() + reminders.len() + 2 > REPLICA_ROWS {
            break;
        }
        let add = if next_due == Some(next) {
            let Some((id, armed, parent)) = pending.next() else { break };
            // One whose event cannot be given out is for the hub alone.
            let found = if known.contains(&id) { None } else { event::get(conn, id)? };
            if !known.contains(&id) && found.is_none() {
                continue;
            }
            let told_before = parent.map(|parent| told_before(conn, person, parent)).transpose()?.flatten();
            reminders.push(ReplicaReminder { event: id, armed, told_before });
            found
        } else {
            coming.next()
        };
        if let Some(event) = add
            && known.insert(event.id)
        {
            events.insert((event.schedule.starts_at(), event.id), event);
        }
    }
    Ok(Replica { events: events.into_values().collect(), reminders })
}

fn told_before(conn: &Connection, person: PersonId, parent: NotificationId) -> rusqlite::Result<Option<ToldBefore>> {
    let told = notification::get(conn, person, parent)?;
    Ok(told.map(|told| ToldBefore { id: told.id, kind: told.kind }))
}
