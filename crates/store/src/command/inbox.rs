//! What people do with their notifications: read, dismiss, put off. All of it can be done twice
//! without harm.

use chrono::TimeDelta;
use rappel_core::id::SnoozeId;
use rappel_core::notification::Notification;
use rappel_core::{Invalid, NotificationId, PersonId, Timestamp};

use crate::error::{Conflict, Error};
use crate::store::{Store, uuid_at};
use crate::table::inbox::{Heads, heads};
use crate::table::notification::{self, Mark};
use crate::table::{event, snooze};
use crate::writer::Txn;

/// A week, in minutes: the longest snooze.
const SNOOZE_MINUTES_MAX: u32 = 10_080;

impl Store {
    /// Marks one notification as read.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for somebody else's.
    pub async fn mark_read(&self, person: PersonId, id: NotificationId, now: Timestamp) -> Result<Heads, Error> {
        self.write_keeping_access(move |txn| {
            let row = txn.own(person, id)?;
            if !row.is_read {
                txn.mark(person, &row, Mark::Read(now))?;
            }
            Ok(heads(txn.conn, person)?)
        })
        .await
    }

    /// Marks all of a person's notifications as read.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn mark_all_read(&self, person: PersonId, now: Timestamp) -> Result<Heads, Error> {
        self.write_keeping_access(move |txn| {
            if notification::mark_all_read(txn.conn, person, now)? > 0 {
                txn.inbox_changed(person);
            }
            Ok(heads(txn.conn, person)?)
        })
        .await
    }

    /// Dismisses one notification: its person is done with it, also where it was put off before.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for somebody else's.
    pub async fn dismiss(&self, person: PersonId, id: NotificationId, now: Timestamp) -> Result<Notification, Error> {
        self.write_keeping_access(move |txn| {
            let row = txn.own(person, id)?;
            if row.dismissed_at.is_none() {
                snooze::cancel(txn.conn, row.event.id, person, id, None)?;
                txn.mark(person, &row, Mark::Dismissed(now))?;
            }
            txn.own(person, id)
        })
        .await
    }

    /// Puts a notification off by 1 to 10,080 minutes. Of several wishes the latest due wins.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Invalid`] naming `minutes`; [`Error::Conflict`] for one that is
    /// dismissed, withdrawn, or tells of nothing ahead.
    pub async fn snooze(
        &self,
        person: PersonId,
        id: NotificationId,
        minutes: u32,
        now: Timestamp,
    ) -> Result<Notification, Error> {
        if !(1..=SNOOZE_MINUTES_MAX).contains(&minutes) {
            return Err(Invalid::new("minutes", format!("must be between 1 and {SNOOZE_MINUTES_MAX}")).into());
        }
        self.write_keeping_access(move |txn| {
            let row = txn.own(person, id)?;
            if row.withdrawn_at.is_some() {
                return Err(Conflict::Withdrawn.into());
            }
            if row.dismissed_at.is_some() {
                return Err(Conflict::Dismissed.into());
            }
            let event = event::require(txn.conn, row.event.id)?;
            if !row.kind.can_be_snoozed() || !event.is_active() || !event.is_assigned(person) {
                return Err(Conflict::NothingAhead.into());
            }
            let due = now + TimeDelta::minutes(minutes.into());
            snooze::cancel(txn.conn, event.id, person, id, Some(due))?;
            if !snooze::is_pending(txn.conn, event.id, person, id)? {
                let wish = SnoozeId::from_uuid(uuid_at(now));
                snooze::insert(txn.conn, &event, person, wish, due, now, id)?;
                txn.committed.arm([due]);
                txn.mark(person, &row, Mark::SnoozedUntil(due))?;
            }
            txn.own(person, id)
        })
        .await
    }
}

impl Txn<'_> {
    fn own(&self, person: PersonId, id: NotificationId) -> Result<Notification, Error> {
        notification::get(self.conn, person, id)?.ok_or(Error::NotFound)
    }

    fn mark(&mut self, person: PersonId, row: &Notification, mark: Mark) -> Result<(), Error> {
        notification::mark(self.conn, person, row, mark)?;
        self.inbox_changed(person);
        Ok(())
    }
}
