//! What a joined desktop keeps for when its hub is off, over restarts: what the hub gave out last, what
//! its clock showed, and what was decided and chosen here meanwhile.
//!
//! A file of its own, for its owner only. It can be lost without harm as long as the hub is there, so
//! one that is damaged is set aside and begun anew. Every call blocks until it is durable. What the hub
//! gave out is text to it, which it does not read.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use chrono::TimeDelta;
use rappel_core::arm::State;
use rappel_core::id::SnoozeId;
use rappel_core::notification::Kind;
use rappel_core::schedule::StartKey;
use rappel_core::{EventId, NotificationId, PersonId, Timestamp};
use rusqlite::{Connection, OptionalExtension, Row, params};

use crate::backup::beside;
use crate::command::shown_away::{ShownAway, Wish};
use crate::connection::open_writer;
use crate::error::{Error, OpenError};
use crate::migrate::REPLICA;
use crate::replica::ToldBefore;
use crate::table::{damaged, timestamp};

/// How long is remembered what was decided here: longer than a hub could still tell it late.
const KEPT: TimeDelta = TimeDelta::days(60);

/// What the hub gave out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Snapshot {
    /// Whose it is.
    pub person: PersonId,
    /// The hub's name for exactly this content.
    pub version: String,
    /// When the hub last said that it is up to date, by the hub's clock.
    pub synced_at: Timestamp,
    /// As the hub wrote it.
    pub content: String,
}

/// What the clocks showed at one moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClockReading {
    /// The hub's.
    pub hub: Timestamp,
    /// This machine's wall clock.
    pub wall: Timestamp,
    /// The time since this machine was started.
    pub since_boot: Duration,
    /// Which run of the machine that was; `None` where the system does not say.
    pub boot: Option<String>,
}

/// What was decided here of a reminder or a snooze.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decided {
    /// By its key, as the hub would have named it.
    pub id: NotificationId,
    /// Of which event.
    pub event: EventId,
    /// Of which start.
    pub start: StartKey,
    /// What became of it; never pending.
    pub state: State,
    /// When, by the hub's clock.
    pub at: Timestamp,
    /// As the hub would have written it; `None` where nothing is told.
    pub notification: Option<String>,
    /// When it was on the screen.
    pub shown_at: Option<Timestamp>,
    /// Dismissed, put off, or no longer true.
    pub is_settled: bool,
}

/// What was put off here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PutOff {
    /// Made here.
    pub id: SnoozeId,
    /// Of which event.
    pub event: EventId,
    /// Of which start.
    pub start: StartKey,
    /// When it is to be told again.
    pub due: Timestamp,
    /// When that was chosen.
    pub armed_at: Timestamp,
    /// What is to be told again.
    pub told_before: ToldBefore,
}

/// The file. It can be sent to another thread, and is used by one at a time.
#[derive(Debug)]
pub struct ReplicaFile {
    conn: Connection,
}

impl ReplicaFile {
    /// Opens the file, making it where it is missing. A damaged one is set aside, under a name of its
    /// own that the answer has, and begun anew.
    ///
    /// # Errors
    /// When it is a newer version's, or the place cannot be used.
    pub fn open(path: &Path) -> Result<(Self, Option<PathBuf>), OpenError> {
        match Self::open_sound(path) {
            Ok(file) => Ok((file, None)),
            Err(error @ OpenError::Newer { .. }) => Err(error),
            Err(error) if error.is_of_the_file() => {
                tracing::warn!(%error, "the copy of the hub's events is damaged: it is fetched anew");
                let aside = set_aside(path)?;
                Ok((Self::open_sound(path)?, Some(aside)))
            }
            Err(error) => Err(error),
        }
    }

    fn open_sound(path: &Path) -> Result<Self, OpenError> {
        let conn = open_writer(path, &REPLICA, None)?;
        // Small enough to be read whole: what is wrong anywhere is better known now.
        let verdict: String = conn.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
        if verdict == "ok" { Ok(Self { conn }) } else { Err(OpenError::Foreign) }
    }

    /// What the hub gave out last.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn snapshot(&self) -> Result<Option<Snapshot>, Error> {
        let read = |row: &Row<'_>| {
            Ok(Snapshot {
                person: PersonId::from_bytes(row.get(0)?),
                version: row.get(1)?,
                synced_at: timestamp(row, 2)?,
                content: row.get(3)?,
            })
        };
        let sql = "SELECT person_id, version, synced_at_ms, content FROM snapshot";
        Ok(self.conn.query_row(sql, [], read).optional()?)
    }

    /// Puts what the hub gives out now in the place of what it gave out before.
    ///
    /// # Errors
    /// Only when the file cannot be used; then it is as it was.
    pub fn replace(&self, snapshot: &Snapshot) -> Result<(), Error> {
        self.conn.execute(
            "INSERT OR REPLACE INTO snapshot (id, person_id, version, synced_at_ms, content) VALUES (1, ?1, ?2, ?3, ?4)",
            params![snapshot.person.as_bytes(), snapshot.version, snapshot.synced_at.as_ms(), snapshot.content],
        )?;
        Ok(())
    }

    /// The hub says that what it gave out last still holds.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn confirm(&self, synced_at: Timestamp) -> Result<(), Error> {
        self.conn.execute("UPDATE snapshot SET synced_at_ms = ?1", [synced_at.as_ms()])?;
        Ok(())
    }

    /// Forgets everything: this desktop follows somebody else now, or another hub.
    ///
    /// # Errors
    /// Only when the file cannot be used; then it is as it was.
    pub fn clear(&mut self) -> Result<(), Error> {
        let txn = self.conn.transaction()?;
        for table in ["snapshot", "clock", "decided", "report", "snooze"] {
            txn.execute(&format!("DELETE FROM {table}"), [])?;
        }
        Ok(txn.commit()?)
    }

    /// What the clocks showed when the hub's was last heard of.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn clock(&self) -> Result<Option<ClockReading>, Error> {
        let read = |row: &Row<'_>| {
            Ok(ClockReading {
                hub: timestamp(row, 0)?,
                wall: timestamp(row, 1)?,
                since_boot: Duration::from_millis(row.get(2)?),
                boot: row.get(3)?,
            })
        };
        let sql = "SELECT hub_ms, wall_ms, since_boot_ms, boot_id FROM clock";
        Ok(self.conn.query_row(sql, [], read).optional()?)
    }

    /// Writes down what the clocks show.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn set_clock(&self, reading: &ClockReading) -> Result<(), Error> {
        let since_boot_ms = i64::try_from(reading.since_boot.as_millis()).unwrap_or(i64::MAX);
        self.conn.execute(
            "INSERT OR REPLACE INTO clock (id, hub_ms, wall_ms, since_boot_ms, boot_id) VALUES (1, ?1, ?2, ?3, ?4)",
            params![reading.hub.as_ms(), reading.wall.as_ms(), since_boot_ms, reading.boot],
        )?;
        Ok(())
    }

    /// Everything that was decided here and is remembered, in the order of the decisions.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn decided(&self) -> Result<Vec<Decided>, Error> {
        let sql =
            "SELECT notification_id, event_id, start_key, state, decided_at_ms, notification, shown_at_ms, is_settled
                   FROM decided ORDER BY decided_at_ms, notification_id";
        let read = |row: &Row<'_>| {
            Ok(Decided {
                id: NotificationId::from_bytes(row.get(0)?),
                event: EventId::from_bytes(row.get(1)?),
                start: StartKey::parse(row.get_ref(2)?.as_str()?).ok_or_else(|| damaged("decided.start_key"))?,
                state: State::parse(row.get_ref(3)?.as_str()?).ok_or_else(|| damaged("decided.state"))?,
                at: timestamp(row, 4)?,
                notification: row.get(5)?,
                shown_at: row.get::<_, Option<i64>>(6)?.map(Timestamp::clamped_from_ms),
                is_settled: row.get(7)?,
            })
        };
        Ok(self.conn.prepare(sql)?.query_map([], read)?.collect::<Result<_, _>>()?)
    }

    /// Writes down what was decided, all of it or nothing. What was decided before stays as it was.
    ///
    /// # Errors
    /// Only when the file cannot be used; then nothing was decided.
    pub fn decide(&mut self, decided: &[Decided]) -> Result<(), Error> {
        let txn = self.conn.transaction()?;
        for row in decided {
            txn.prepare_cached(
                "INSERT OR IGNORE INTO decided
                     (notification_id, event_id, start_key, state, decided_at_ms, notification, shown_at_ms, is_settled)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
            )?
            .execute(params![
                row.id.as_bytes(),
                row.event.as_bytes(),
                row.start.to_string(),
                row.state.as_str(),
                row.at.as_ms(),
                row.notification,
                row.shown_at.map(Timestamp::as_ms),
                row.is_settled,
            ])?;
        }
        Ok(txn.commit()?)
    }

    /// Writes down that what was decided here was on the screen, and that the hub is to be told so.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn record_shown(&mut self, id: NotificationId, event: EventId, at: Timestamp) -> Result<(), Error> {
        let txn = self.conn.transaction()?;
        txn.execute(
            "UPDATE decided SET shown_at_ms = coalesce(shown_at_ms, ?2) WHERE notification_id = ?1",
            params![id.as_bytes(), at.as_ms()],
        )?;
        txn.execute(
            "INSERT INTO report (notification_id, event_id, shown_at_ms) VALUES (?1, ?2, ?3)
             ON CONFLICT (notification_id) DO UPDATE SET shown_at_ms = coalesce(shown_at_ms, excluded.shown_at_ms)",
            params![id.as_bytes(), event.as_bytes(), at.as_ms()],
        )?;
        Ok(txn.commit()?)
    }

    /// Writes down what its person chose for a notification, for the hub to be told. What is put off
    /// is told again by `put_off`; a notification has one such line, that of the latest choice.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn record_wish(
        &mut self,
        id: NotificationId,
        event: EventId,
        wish: Wish,
        put_off: Option<&PutOff>,
    ) -> Result<(), Error> {
        let (name, snooze) = match wish {
            Wish::Dismissed => ("dismissed", None),
            Wish::Snoozed { id, due } => ("snoozed", Some((id, due))),
        };
        let txn = self.conn.transaction()?;
        txn.execute("UPDATE decided SET is_settled = 1 WHERE notification_id = ?1", [id.as_bytes()])?;
        txn.execute("DELETE FROM snooze WHERE parent_id = ?1", [id.as_bytes()])?;
        txn.execute(
            "INSERT INTO report (notification_id, event_id, wish, snooze_id, snooze_due_ms) VALUES (?1, ?2, ?3, ?4, ?5)
             ON CONFLICT (notification_id) DO UPDATE SET
                 wish = excluded.wish, snooze_id = excluded.snooze_id, snooze_due_ms = excluded.snooze_due_ms",
            params![
                id.as_bytes(),
                event.as_bytes(),
                name,
                snooze.map(|(id, _)| *id.as_bytes()),
                snooze.map(|(_, due)| due.as_ms()),
            ],
        )?;
        if let Some(row) = put_off {
            let moved_from = match row.told_before.kind {
                Kind::Moved { from } => Some(from.to_string()),
                _ => None,
            };
            txn.execute(
                "INSERT INTO snooze (snooze_id, event_id, start_key, due_ms, armed_at_ms, parent_id, parent_type, moved_from)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    row.id.as_bytes(),
                    row.event.as_bytes(),
                    row.start.to_string(),
                    row.due.as_ms(),
                    row.armed_at.as_ms(),
                    row.told_before.id.as_bytes(),
                    row.told_before.kind.type_name(),
                    moved_from,
                ],
            )?;
        }
        Ok(txn.commit()?)
    }

    /// What was put off here and not handed over to the hub.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn put_off(&self) -> Result<Vec<PutOff>, Error> {
        let sql = "SELECT snooze_id, event_id, start_key, due_ms, armed_at_ms, parent_id, parent_type, moved_from FROM snooze";
        let read = |row: &Row<'_>| {
            let moved_from: Option<String> = row.get(7)?;
            let kind = Kind::parse(row.get_ref(6)?.as_str()?, moved_from.as_deref().and_then(StartKey::parse));
            Ok(PutOff {
                id: SnoozeId::from_bytes(row.get(0)?),
                event: EventId::from_bytes(row.get(1)?),
                start: StartKey::parse(row.get_ref(2)?.as_str()?).ok_or_else(|| damaged("snooze.start_key"))?,
                due: timestamp(row, 3)?,
                armed_at: timestamp(row, 4)?,
                told_before: ToldBefore {
                    id: NotificationId::from_bytes(row.get(5)?),
                    kind: kind.ok_or_else(|| damaged("snooze.parent_type"))?,
                },
            })
        };
        Ok(self.conn.prepare(sql)?.query_map([], read)?.collect::<Result<_, _>>()?)
    }

    /// Writes down that what was decided here is no longer true, or was settled elsewhere.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn settle(&self, id: NotificationId) -> Result<(), Error> {
        self.conn.execute("UPDATE decided SET is_settled = 1 WHERE notification_id = ?1", [id.as_bytes()])?;
        Ok(())
    }

    /// What the hub is still to be told, at most `limit`.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn reports(&self, limit: usize) -> Result<Vec<ShownAway>, Error> {
        let sql = "SELECT notification_id, event_id, shown_at_ms, wish, snooze_id, snooze_due_ms FROM report LIMIT ?1";
        let read = |row: &Row<'_>| {
            let snooze = row.get::<_, Option<_>>(4)?.map(SnoozeId::from_bytes);
            let due = row.get::<_, Option<i64>>(5)?.map(Timestamp::clamped_from_ms);
            let wish = match (row.get::<_, Option<String>>(3)?.as_deref(), snooze, due) {
                (Some("snoozed"), Some(id), Some(due)) => Some(Wish::Snoozed { id, due }),
                (Some("dismissed"), ..) => Some(Wish::Dismissed),
                _ => None,
            };
            Ok(ShownAway {
                id: NotificationId::from_bytes(row.get(0)?),
                event: EventId::from_bytes(row.get(1)?),
                shown_at: row.get::<_, Option<i64>>(2)?.map(Timestamp::clamped_from_ms),
                wish,
            })
        };
        Ok(self.conn.prepare(sql)?.query_map([limit], read)?.collect::<Result<_, _>>()?)
    }

    /// The hub has taken these: what was chosen since stays. What was put off is the hub's from here on.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn reported(&mut self, reports: &[ShownAway]) -> Result<(), Error> {
        let txn = self.conn.transaction()?;
        for report in reports {
            let snooze = match report.wish {
                Some(Wish::Snoozed { id, .. }) => Some(*id.as_bytes()),
                Some(Wish::Dismissed) | None => None,
            };
            let wish = report.wish.map(|wish| match wish {
                Wish::Dismissed => "dismissed",
                Wish::Snoozed { .. } => "snoozed",
            });
            txn.execute(
                "DELETE FROM report WHERE notification_id = ?1 AND wish IS ?2 AND snooze_id IS ?3 AND shown_at_ms IS ?4",
                params![report.id.as_bytes(), wish, snooze, report.shown_at.map(Timestamp::as_ms)],
            )?;
            if let Some(snooze) = snooze {
                txn.execute("DELETE FROM snooze WHERE snooze_id = ?1", [snooze])?;
            }
        }
        Ok(txn.commit()?)
    }

    /// Forgets what was decided more than 60 days ago.
    ///
    /// # Errors
    /// Only when the file cannot be used.
    pub fn forget_old(&self, now: Timestamp) -> Result<(), Error> {
        self.conn.execute("DELETE FROM decided WHERE decided_at_ms < ?1", [(now - KEPT).as_ms()])?;
        Ok(())
    }
}

/// Moves a damaged file, with its log, out of the way.
fn set_aside(path: &Path) -> Result<PathBuf, OpenError> {
    let aside = beside(path, ".damaged");
    fs::rename(path, &aside)?;
    for log in ["-wal", "-shm"] {
        match fs::remove_file(beside(path, log)) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
    }
    Ok(aside)
}

#[cfg(test)]
#[path = "replica_file_tests.rs"]
mod tests;
