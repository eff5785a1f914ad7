//! The history of a notification: when it should have been told and was, where it was seen, and
//! what became of its reminder's siblings.

use rappel_core::arm::{Armed, Purpose, State, said_by};
use rappel_core::authorize::Actor;
use rappel_core::notification::{Cause, Notification, Offset, key};
use rappel_core::schedule::StartKey;
use rappel_core::{EventId, NotificationId, PersonId, Timestamp};
use rusqlite::Connection;

use crate::error::Error;
use crate::store::Store;
use crate::table::receipt::DeviceMoment;
use crate::table::{event, notification, receipt, reminder, snooze};

/// What became of a notification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct History {
    /// As it is now.
    pub notification: Notification,
    /// When its person marked it as read, where that is known.
    pub read_at: Option<Timestamp>,
    /// Since when each device has had it, the first first.
    pub received: Vec<DeviceMoment>,
    /// When it was first before its person's eyes on each device, the first first.
    pub seen: Vec<DeviceMoment>,
    /// When it was put off, and what came of that, the first first.
    pub snoozes: Vec<SnoozeFate>,
    /// What became of its person's reminders of the start that it tells of, the first due first.
    pub reminders: Vec<ReminderFate>,
}

/// What came of a wish to be told again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnoozeFate {
    /// When it was wished.
    pub snoozed_at: Timestamp,
    /// When it was to be told again.
    pub due: Timestamp,
    /// Where that stands.
    pub state: State,
    /// What told it again.
    pub told: Option<Told>,
}

/// What became of a reminder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReminderFate {
    /// How long before the start.
    pub offset: Offset,
    /// When it was, or is, due.
    pub due: Timestamp,
    /// Where it stands.
    pub state: State,
    /// The notification that it became, that said it too, or that says that it was missed.
    pub told: Option<Told>,
}

/// A notification and when it was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Told {
    /// Which.
    pub id: NotificationId,
    /// When.
    pub at: Timestamp,
}

impl Store {
    /// The history of one of a person's own notifications.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for somebody else's.
    pub async fn history(&self, person: PersonId, id: NotificationId) -> Result<History, Error> {
        self.read(move |conn| {
            let notification = notification::get(conn, person, id)?.ok_or(Error::NotFound)?;
            let (event, start) = (notification.event.id, notification.event.start_key());
            Ok(History {
                read_at: notification::read_at(conn, id)?,
                received: receipt::received(conn, person, notification.seq)?,
                seen: receipt::seen(conn, id)?,
                snoozes: snoozes(conn, event, person, id)?,
                reminders: reminders(conn, event, start, person)?,
                notification,
            })
        })
        .await
    }

    /// What became of somebody's own reminders of an event, for the start that it has now.
    ///
    /// # Errors
    /// [`Error::NotFound`].
    pub async fn own_reminders(&self, actor: Actor, id: EventId) -> Result<Vec<ReminderFate>, Error> {
        self.read(move |conn| {
            let event = event::get(conn, id)?.filter(|event| event.deleted_at.is_none()).ok_or(Error::NotFound)?;
            Ok(reminders(conn, id, event.schedule.start_key(), actor.person)?)
        })
        .await
    }
}

fn reminders(
    conn: &Connection,
    event: EventId,
    start: StartKey,
    person: PersonId,
) -> rusqlite::Result<Vec<ReminderFate>> {
    let mut rows = reminder::of(conn, event, person)?;
    rows.retain(|row| row.start == start);
    rows.sort_by_key(|row| row.due);
    let fate = |row: &Armed| {
        let Purpose::Reminder(offset) = row.purpose else { return Ok(None) };
        let cause = match row.state {
            State::Fired => Some(Cause::Reminder(offset)),
            State::Missed => Some(Cause::Missed),
            State::Collapsed => said_by(row, &rows).and_then(cause_of),
            State::Pending | State::Cancelled | State::Skipped => None,
        };
        let told = cause.map(|cause| told(conn, event, start, person, cause)).transpose()?.flatten();
        Ok(Some(ReminderFate { offset, due: row.due, state: row.state, told }))
    };
    rows.iter().filter_map(|row| fate(row).transpose()).collect()
}

fn cause_of(row: &Armed) -> Option<Cause> {
    match row.purpose {
        Purpose::Reminder(offset) => Some(Cause::Reminder(offset)),
        Purpose::Snooze(snooze) => Some(Cause::Snooze(snooze)),
    }
}

/// A snooze belongs to the start that its event had when it was wished, or has had since, which need not
/// be the one that its parent told of.
fn snoozes(
    conn: &Connection,
    event: EventId,
    person: PersonId,
    parent: NotificationId,
) -> rusqlite::Result<Vec<SnoozeFate>> {
    let rows = snooze::of_parent(conn, parent)?;
    rows.iter()
        .map(|row| {
            let told = match (row.state, cause_of(row)) {
                (State::Fired, Some(cause)) => told(conn, event, row.start, person, cause)?,
                _ => None,
            };
            Ok(SnoozeFate { snoozed_at: row.armed_at, due: row.due, state: row.state, told })
        })
        .collect()
}

fn told(
    conn: &Connection,
    event: EventId,
    start: StartKey,
    person: PersonId,
    cause: Cause,
) -> rusqlite::Result<Option<Told>> {
    let id = NotificationId::of_key(&key(event, start, person, cause));
    Ok(notification::told_at(conn, id)?.map(|at| Told { id, at }))
}
