//! Notifications. A committed row is never renumbered, and goes only from the front of its person's
//! history, when it is older than is kept; otherwise only its states change.

use std::sync::Arc;

use rappel_core::event::Event;
use rappel_core::notification::{EventSnapshot, Kind, Notification, Outcome};
use rappel_core::schedule::StartKey;
use rappel_core::text::Text;
use rappel_core::{EventId, NotificationId, PersonId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use super::inbox::{self, Heads};
use super::{damaged, json, timestamp, timestamp_opt, to_json};
use crate::statements::Statements;

const COLUMNS: &str = "id, seq, change, type, moved_from, outcome, coalesce(of_title, title) AS title, \
     coalesce(of_message, message) AS message, coalesce(of_event, event) AS event, due_ms, created_at_ms, late, \
     parent_id, is_read, dismissed_at_ms, snoozed_until_ms, withdrawn_at_ms";
/// Where the [`COLUMNS`] are.
const TOLD: &str = "notification LEFT JOIN words ON number = words_number";

fn read(row: &Row<'_>) -> rusqlite::Result<Notification> {
    let moved_from: Option<String> = row.get("moved_from")?;
    let moved_from = moved_from.as_deref().and_then(StartKey::parse);
    let kind = Kind::parse(row.get_ref("type")?.as_str()?, moved_from);
    let outcome = match row.get_ref("outcome")?.as_str()? {
        "missed" => Outcome::Missed,
        _ => Outcome::Fired,
    };
    Ok(Notification {
        id: NotificationId::from_bytes(row.get("id")?),
        seq: row.get("seq")?,
        change: row.get("change")?,
        kind: kind.ok_or_else(|| damaged("notification.type"))?,
        outcome,
        title: row.get("title")?,
        message: row.get("message")?,
        event: Arc::new(json(row.get_ref("event")?.as_str()?)?),
        due_at: timestamp(row, "due_ms")?,
        created_at: timestamp(row, "created_at_ms")?,
        late: row.get("late")?,
        parent: row.get::<_, Option<_>>("parent_id")?.map(NotificationId::from_bytes),
        is_read: row.get("is_read")?,
        dismissed_at: timestamp_opt(row, "dismissed_at_ms")?,
        snoozed_until: timestamp_opt(row, "snoozed_until_ms")?,
        withdrawn_at: timestamp_opt(row, "withdrawn_at_ms")?,
    })
}

/// An event as notifications keep it.
pub(crate) struct Snapshot {
    event: Arc<EventSnapshot>,
    pub(crate) json: String,
}

impl Snapshot {
    pub(crate) fn of(event: &Event) -> rusqlite::Result<Self> {
        let event = EventSnapshot::from(event);
        Ok(Self { json: to_json(&event)?, event: Arc::new(event) })
    }

    /// Which event.
    pub(crate) fn id(&self) -> EventId {
        self.event.id
    }
}

/// What is known of a notification before it has its place in the history.
pub(crate) struct New<'a> {
    pub(crate) id: NotificationId,
    pub(crate) kind: Kind,
    pub(crate) outcome: Outcome,
    pub(crate) text: &'a Text,
    pub(crate) event: &'a Snapshot,
    /// Of the words where text and event are kept for several.
    pub(crate) words: Option<i64>,
    pub(crate) due_at: Timestamp,
    pub(crate) created_at: Timestamp,
    pub(crate) late: bool,
    pub(crate) parent: Option<NotificationId>,
}

/// Appends to a person's history, which stands at `heads` then; `None` when this key is there already.
pub(crate) fn append(
    statements: &dyn Statements,
    person: PersonId,
    heads: Heads,
    new: &New<'_>,
) -> rusqlite::Result<Option<Notification>> {
    static INSERT: &str =
        "INSERT INTO notification (id, person_id, seq, change, event_id, type, moved_from, outcome, title,
                message, event, due_ms, created_at_ms, late, parent_id, is_changed, words_number)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, 0, ?16)
         ON CONFLICT (id) DO NOTHING";
    let moved_from = match new.kind {
        Kind::Moved { from } => Some(from.to_string()),
        Kind::Assigned | Kind::Unassigned | Kind::Cancelled | Kind::Reminder(_) | Kind::Missed => None,
    };
    let own = |text| if new.words.is_some() { "" } else { text };
    let inserted = statements.execute(
        INSERT,
        params![
            new.id.as_bytes(),
            person.as_bytes(),
            heads.seq,
            heads.change,
            new.event.id().as_bytes(),
            new.kind.type_name(),
            moved_from,
            new.outcome.as_str(),
            own(&new.text.title),
            own(&new.text.message),
            own(&new.event.json),
            new.due_at.as_ms(),
            new.created_at.as_ms(),
            new.late,
            new.parent.as_ref().map(NotificationId::as_bytes),
            new.words,
        ],
    )?;
    if inserted == 0 {
        return Ok(None);
    }
    inbox::count_new(statements, person)?;
    Ok(Some(Notification {
        id: new.id,
        seq: heads.seq,
        change: heads.change,
        kind: new.kind,
        outcome: new.outcome,
        title: Arc::clone(&new.text.title),
        message: Arc::clone(&new.text.message),
        event: Arc::clone(&new.event.event),
        due_at: new.due_at,
        created_at: new.created_at,
        late: new.late,
        parent: new.parent,
        is_read: false,
        dismissed_at: None,
        snoozed_until: None,
        withdrawn_at: None,
    }))
}

/// One of a person's own.
pub(crate) fn get(conn: &Connection, person: PersonId, id: NotificationId) -> rusqlite::Result<Option<Notification>> {
    conn.prepare_cached(&format!("SELECT {COLUMNS} FROM {TOLD} WHERE id = ?1 AND person_id = ?2"))?
        .query_row(params![id.as_bytes(), person.as_bytes()], read)
        .optional()
}

/// When its person marked a notification as read, where that is known.
pub(crate) fn read_at(conn: &Connection, id: NotificationId) -> rusqlite::Result<Option<Timestamp>> {
    conn.prepare_cached("SELECT read_at_ms FROM notification WHERE id = ?1")?
        .query_row([id.as_bytes()], |row| timestamp_opt(row, 0))
}

/// When the notification with this id was decided, if there is one.
pub(crate) fn told_at(conn: &Connection, id: NotificationId) -> rusqlite::Result<Option<Timestamp>> {
    conn.prepare_cached("SELECT created_at_ms FROM notification WHERE id = ?1")?
        .query_row([id.as_bytes()], |row| timestamp(row, 0))
        .optional()
}

/// How many were told late from `since` on.
pub(crate) fn late_since(conn: &Connection, since: Timestamp) -> rusqlite::Result<usize> {
    conn.prepare_cached("SELECT count(*) FROM notification WHERE late AND outcome = 'fired' AND created_at_ms >= ?1")?
        .query_row([since.as_ms()], |row| row.get(0))
}

/// A state that a notification is put into; each makes it read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mark {
    Read(Timestamp),
    Dismissed(Timestamp),
    SnoozedUntil(Timestamp),
    Withdrawn(Timestamp),
}

/// Puts a notification into a state, by one change.
pub(crate) fn mark(conn: &Connection, person: PersonId, row: &Notification, mark: Mark) -> rusqlite::Result<()> {
    let heads = inbox::count_update(conn, person, !row.is_read)?;
    let (column, value) = match mark {
        Mark::Read(at) => ("read_at_ms", at.as_ms()),
        Mark::Dismissed(at) => ("dismissed_at_ms", at.as_ms()),
        Mark::SnoozedUntil(until) => ("snoozed_until_ms", until.as_ms()),
        Mark::Withdrawn(at) => ("withdrawn_at_ms", at.as_ms()),
    };
    conn.prepare_cached(&format!(
        "UPDATE notification SET is_read = 1, {column} = ?2, change = ?3, is_changed = 1 WHERE id = ?1"
    ))?
    .execute(params![row.id.as_bytes(), value, heads.change])?;
    Ok(())
}

/// Marks all of a person's as read, each by a change of its own; the answer is how many there were.
pub(crate) fn mark_all_read(conn: &Connection, person: PersonId, now: Timestamp) -> rusqlite::Result<usize> {
    let marked = conn
        .prepare_cached(
            "UPDATE notification SET is_read = 1, read_at_ms = ?2, is_changed = 1,
                    change = (SELECT change FROM inbox WHERE person_id = ?1) + unread.place
             FROM (SELECT id AS unread_id, row_number() OVER (ORDER BY seq) AS place
                   FROM (SELECT id, seq FROM notification WHERE person_id = ?1 AND is_read = 0
                         ORDER BY seq DESC LIMIT (SELECT unread FROM inbox WHERE person_id = ?1))) AS unread
             WHERE id = unread.unread_id",
        )?
        .execute(params![person.as_bytes(), now.as_ms()])?;
    if marked > 0 {
        inbox::count_all_read(conn, person)?;
    }
    Ok(marked)
}

/// A person's notifications of one event that are still to be dealt with, in their order: those that
/// may be on a screen, since reading closes nothing, and those that are put off and not told again yet.
pub(crate) fn open_of_event(
    conn: &Connection,
    person: PersonId,
    event: EventId,
) -> rusqlite::Result<Vec<Notification>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM {TOLD} WHERE person_id = ?1 AND event_id = ?2 AND dismissed_at_ms IS NULL
             AND snoozed_until_ms IS NULL AND withdrawn_at_ms IS NULL
         UNION ALL
         SELECT {COLUMNS} FROM {TOLD} WHERE dismissed_at_ms IS NULL AND snoozed_until_ms IS NOT NULL
             AND withdrawn_at_ms IS NULL AND id IN (
                 SELECT parent_id FROM snooze WHERE event_id = ?2 AND person_id = ?1 AND state = 'pending')
         ORDER BY seq"
    ))?
    .query_map(params![person.as_bytes(), event.as_bytes()], read)?
    .collect()
}

/// A page of a person's history, newest first, before a `seq`.
pub(crate) fn page(
    conn: &Connection,
    person: PersonId,
    before: Option<u64>,
    limit: usize,
) -> rusqlite::Result<Vec<Notification>> {
    let before = before.and_then(|before| i64::try_from(before).ok()).unwrap_or(i64::MAX);
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM {TOLD} WHERE person_id = ?1 AND seq < ?2 ORDER BY seq DESC LIMIT ?3"
    ))?
    .query_map(params![person.as_bytes(), before, limit], read)?
    .collect()
}

/// What came after a `seq`, in order.
pub(crate) fn after(
    conn: &Connection,
    person: PersonId,
    seq: u64,
    limit: usize,
) -> rusqlite::Result<Vec<Notification>> {
    conn.prepare_cached(&format!(
        "SELECT {COLUMNS} FROM {TOLD} WHERE person_id = ?1 AND seq > ?2 ORDER BY seq LIMIT ?3"
    ))?
    .query_map(params![person.as_bytes(), seq, limit], read)?
    .collect()
}

/// Rows up to `seq` whose state is of after `change`, in the order of their changes.
pub(crate) fn changed_after(
    conn: &Connection,
    person: PersonId,
    change: u64,
    seq: u64,
    limit: usize,
) -> rusqlite::Result<Vec<Notification>> {
    let rows = |sql: &str| -> rusqlite::Result<Vec<Notification>> {
        conn.prepare_cached(sql)?.query_map(params![person.as_bytes(), change, seq, limit], read)?.collect()
    };
    let mut changed = rows(&format!(
        "SELECT {COLUMNS} FROM {TOLD} WHERE person_id = ?1 AND is_changed AND change > ?2 AND seq <= ?3
         ORDER BY change LIMIT ?4"
    ))?;
    // Whatever stands as it did at `change` was there by then, and so was all before it: what came since, and never
    // changed, is behind the last of these.
    changed.extend(rows(&format!(
        "SELECT {COLUMNS} FROM {TOLD} WHERE person_id = ?1 AND NOT is_changed AND seq <= ?3 AND seq > coalesce((
             SELECT seq FROM notification WHERE person_id = ?1 AND seq <= ?3 AND change <= ?2
             ORDER BY seq DESC LIMIT 1), 0)
         ORDER BY seq LIMIT ?4"
    ))?);
    changed.sort_unstable_by_key(|row| row.change);
    changed.truncate(limit);
    Ok(changed)
}

/// The id of the notification with this `seq`.
pub(crate) fn id_at(conn: &Connection, person: PersonId, seq: u64) -> rusqlite::Result<Option<NotificationId>> {
    conn.prepare_cached("SELECT id FROM notification WHERE person_id = ?1 AND seq = ?2")?
        .query_row(params![person.as_bytes(), seq], |row| row.get(0))
        .optional()
        .map(|id| id.map(NotificationId::from_bytes))
}

/// The oldest `seq` that is kept.
pub(crate) fn oldest(conn: &Connection, person: PersonId) -> rusqlite::Result<Option<u64>> {
    conn.prepare_cached("SELECT min(seq) FROM notification WHERE person_id = ?1")?
        .query_row([person.as_bytes()], |row| row.get(0))
}

/// The front of a person's history, as far as it may go.
pub(crate) struct Front {
    /// The last `seq` of it.
    pub(crate) last: u64,
    /// How many of it are unread.
    pub(crate) unread: usize,
}

/// Whose oldest notification was decided before an instant.
pub(crate) fn people_with_older(conn: &Connection, before: Timestamp) -> rusqlite::Result<Vec<PersonId>> {
    conn.prepare_cached(
        "SELECT person_id FROM inbox WHERE ?1 > (
             SELECT created_at_ms FROM notification WHERE person_id = inbox.person_id ORDER BY seq LIMIT 1)",
    )?
    .query_map([before.as_ms()], |row| row.get(0).map(PersonId::from_bytes))?
    .collect()
}

/// The notifications at the front of a person's history that were decided before an instant and that
/// nobody waits to be told again, at most `limit`.
pub(crate) fn front(
    conn: &Connection,
    person: PersonId,
    before: Timestamp,
    limit: usize,
) -> rusqlite::Result<Option<Front>> {
    let mut statement = conn.prepare_cached(
        "SELECT seq, is_read, created_at_ms < ?2 AND NOT EXISTS (
             SELECT 1 FROM snooze WHERE parent_id = notification.id AND state = 'pending')
         FROM notification WHERE person_id = ?1 ORDER BY seq LIMIT ?3",
    )?;
    let mut rows = statement.query(params![person.as_bytes(), before.as_ms(), limit])?;
    let mut front: Option<Front> = None;
    while let Some(row) = rows.next()? {
        if !row.get::<_, bool>(2)? {
            break;
        }
        let unread = front.map_or(0, |front| front.unread) + usize::from(!row.get::<_, bool>(1)?);
        front = Some(Front { last: row.get(0)?, unread });
    }
    Ok(front)
}

/// Those after `seq` that tell again what stands up to it.
pub(crate) fn told_again_after(conn: &Connection, person: PersonId, seq: u64) -> rusqlite::Result<Vec<NotificationId>> {
    conn.prepare_cached(
        "SELECT id FROM notification WHERE seq > ?2 AND parent_id IN (
             SELECT id FROM notification WHERE person_id = ?1 AND seq <= ?2) ORDER BY seq",
    )?
    .query_map(params![person.as_bytes(), seq], |row| row.get(0).map(NotificationId::from_bytes))?
    .collect()
}

/// Lets a notification stand for itself, by one change: what it tells again is not kept.
pub(crate) fn forget_parent(conn: &Connection, id: NotificationId, change: u64) -> rusqlite::Result<()> {
    conn.prepare_cached("UPDATE notification SET parent_id = NULL, change = ?2, is_changed = 1 WHERE id = ?1")?
        .execute(params![id.as_bytes(), change])?;
    Ok(())
}

/// Forgets a person's notifications up to `seq`; the answer is how many.
pub(crate) fn forget(conn: &Connection, person: PersonId, seq: u64) -> rusqlite::Result<usize> {
    conn.prepare_cached("DELETE FROM notification WHERE person_id = ?1 AND seq <= ?2")?
        .execute(params![person.as_bytes(), seq])
}
