//! Bringing events up to the zone rules that hold now, after other zone data have come. Their wall
//! times stay, their instants follow; nobody is told, since nobody moved anything.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use rappel_core::event::Event;
use rappel_core::rederive::{follow, rederived};
use rappel_core::schedule::StartKey;
use rappel_core::{EventId, PersonId, Timestamp};

use crate::error::Error;
use crate::store::{By, Store};
use crate::table::{armed, audit, event, office, snooze};
use crate::writer::Txn;

/// No rule has ever moved a wall time by more than this: the day that Samoa left out.
const MOVES_AT_MOST: TimeDelta = TimeDelta::hours(24);

/// What became of one batch of events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Rederived {
    /// Events whose instants are others now.
    pub moved: usize,
    /// Where the next batch begins; `None` after the last.
    pub next: Option<EventId>,
}

impl Store {
    /// The zone data by which the instants of all events were derived; `None` when that is not known.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn zone_data(&self) -> Result<Option<String>, Error> {
        self.read(|conn| Ok(office::zone_data(conn)?)).await
    }

    /// Remembers that all events were derived by these zone data.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn set_zone_data(&self, version: String) -> Result<(), Error> {
        self.write(move |txn| Ok(office::set_zone_data(txn.conn, &version)?)).await
    }

    /// Derives the instants of up to `limit` events after `after` by the rules that hold now: of all
    /// that are not over, whatever their status, since what is cancelled today may be planned again
    /// tomorrow. Done again it changes nothing.
    ///
    /// # Errors
    /// Only when the store cannot be used; then nothing of the batch was changed.
    pub async fn rederive(&self, after: Option<EventId>, limit: usize, now: Timestamp) -> Result<Rederived, Error> {
        let done = self
            .write(move |txn| {
                let batch = event::ahead_after(txn.conn, after, now - MOVES_AT_MOST, limit)?;
                let mut done = Rederived { moved: 0, next: None };
                if batch.len() == limit {
                    done.next = batch.last().copied();
                }
                for id in batch {
                    done.moved += usize::from(txn.rederive_apart(id, now)?);
                }
                Ok(done)
            })
            .await;
        crate::fault::point("rederived");
        done
    }
}

impl Txn<'_> {
    /// In a savepoint: an event that cannot be read, which only a damaged file or a bug can make,
    /// keeps no other back.
    fn rederive_apart(&mut self, id: EventId, now: Timestamp) -> Result<bool, Error> {
        self.conn.execute_batch("SAVEPOINT rederive")?;
        match self.rederive(id, now) {
            Ok(moved) => {
                self.conn.execute_batch("RELEASE rederive")?;
                Ok(moved)
            }
            Err(error @ Error::Unavailable(_)) => Err(error),
            Err(error) => {
                tracing::error!(%error, event = %id, "the instants of an event cannot be derived; they stay");
                self.conn.execute_batch("ROLLBACK TO rederive; RELEASE rederive")?;
                Ok(false)
            }
        }
    }

    fn rederive(&mut self, id: EventId, now: Timestamp) -> Result<bool, Error> {
        // In a zone that is in no zone data any more it would be derived as if in UTC.
        let Some(stored) = event::derived(self.conn, id)? else { return Ok(false) };
        let before = event::require(self.conn, id)?;
        let schedule = rederived(&before.schedule);
        let derived = (schedule.starts_at(), schedule.over_at());
        if stored.1 <= now && derived.1 <= now {
            return Ok(false);
        }
        let is_moved = stored != derived || schedule != before.schedule;
        let after = if is_moved {
            let after = Event { schedule, revision: before.revision + 1, updated_at: now, ..before.clone() };
            event::update(self.conn, &after, &before)?;
            self.committed.events = true;
            let (by, revision) = (&By::Hub, Some(after.revision));
            let detail = serde_json::json!({ "fields": ["schedule"] });
            let entry = audit::Entry { by, action: "event.rederive", object: Some(id.as_uuid()), revision, detail };
            audit::append(self.conn, now, &entry)?;
            after
        } else {
            before.clone()
        };
        if is_moved || after.schedule.is_all_day() {
            self.follow(&after, before.schedule.start_key(), now)?;
        }
        Ok(is_moved)
    }

    /// Has the reminders of an event follow it from `before`, the start it had.
    fn follow(&mut self, event: &Event, before: StartKey, now: Timestamp) -> Result<(), Error> {
        let mut touched: BTreeSet<PersonId> = event.assignees.iter().copied().collect();
        touched.extend(armed::people_of(self.conn, event.id)?);
        let start = event.schedule.start_key();
        if start != before {
            snooze::follow(self.conn, event.id, before, start)?;
        }
        for person in touched {
            let recipient = self.recipient(person)?;
            let (person, preferences) = (&recipient.person, &recipient.preferences);
            let existing = armed::of(self.conn, event.id, person.id)?;
            let writes = follow(now, event, before, person.id, person.active, preferences, &existing);
            self.put_reminders(event.id, person.id, &existing, &writes)?;
        }
        Ok(())
    }
}
