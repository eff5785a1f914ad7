//! Forgetting what is older than is kept, in transactions so small that nobody waits for them.
//!
//! What must not go: a notification in the middle of a person's history, which would leave a gap, or
//! one that somebody still waits to be told again; and, as long as there is the event, its
//! reminders. Their final states are what keeps them from firing a second time when the event is
//! moved back to where it was, or the clock to before that. They go with the event alone.

use std::time::Duration;

use chrono::TimeDelta;
use rappel_core::{PersonId, Timestamp};

use crate::command::events::RESTORABLE;
use crate::error::Error;
use crate::store::Store;
use crate::table::{audit, event, inbox, notification, office, receipt, snooze, words};
use crate::writer::Txn;

/// How long notifications and their receipts are kept.
const KEPT: TimeDelta = TimeDelta::days(365);
/// How long is kept who changed what.
const AUDIT_KEPT: TimeDelta = TimeDelta::days(2 * 365);
/// For so many changes of events it is kept where a moved one was: further behind is no session.
const MOVES_KEPT: u64 = 10_000;
/// The most rows of one transaction.
const BATCH: usize = 50;

/// What was forgotten.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Forgotten {
    /// Notifications, with their receipts.
    pub notifications: usize,
    /// Deleted events that no notification tells of any more, with their reminders.
    pub events: usize,
    /// Places where moved events were.
    pub moves: usize,
    /// Lines of the audit log.
    pub audit: usize,
}

impl Forgotten {
    /// Whether nothing was.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Store {
    /// By which clock something was last forgotten; `None` before the first time.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn forgot_at(&self) -> Result<Option<Timestamp>, Error> {
        self.read(|conn| Ok(office::forgot_at(conn)?)).await
    }

    /// What the wall clock showed at the last look at which it was not believed yet, and for how long
    /// it had held by then, in all runs; `None` before there was such a look.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn clock_held(&self) -> Result<Option<(Timestamp, Duration)>, Error> {
        self.read(|conn| Ok(office::clock_held(conn)?)).await
    }

    /// Keeps for the next run what [`Store::clock_held`] tells.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn keep_clock_held(&self, seen_at: Timestamp, held: Duration) -> Result<(), Error> {
        self.write(move |txn| Ok(office::set_clock_held(txn.conn, seen_at, held)?)).await
    }

    /// Forgets everything that is older than is kept. It does not come back, so the clock must be
    /// beyond doubt. Dropped before its end, it leaves the rest for the next time.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn forget_old(&self, now: Timestamp) -> Result<Forgotten, Error> {
        let mut forgotten = Forgotten::default();
        let before = now - KEPT;
        for person in self.read(move |conn| Ok(notification::people_with_older(conn, before)?)).await? {
            forgotten.notifications += self.in_batches(move |txn| txn.forget_front(person, before)).await?;
        }
        self.in_batches(move |txn| Ok(words::forget(txn.conn, before, BATCH)?)).await?;
        self.in_batches(move |txn| Ok(receipt::forget_shown_away(txn.conn, before, BATCH)?)).await?;
        let deleted_before = now - RESTORABLE;
        forgotten.events = self.in_batches(move |txn| Ok(event::forget(txn.conn, deleted_before, BATCH)?)).await?;
        forgotten.moves = self.in_batches(|txn| Ok(event::forget_moves(txn.conn, MOVES_KEPT, BATCH)?)).await?;
        let audit_before = now - AUDIT_KEPT;
        forgotten.audit = self.in_batches(move |txn| Ok(audit::forget(txn.conn, audit_before, BATCH)?)).await?;
        self.write(move |txn| Ok(office::set_forgot_at(txn.conn, now)?)).await?;
        Ok(forgotten)
    }

    /// Repeats a command until it finds nothing more; the answer is how much it found.
    async fn in_batches<F>(&self, forget: F) -> Result<usize, Error>
    where
        F: Fn(&mut Txn<'_>) -> Result<usize, Error> + Clone + Send + 'static,
    {
        let mut sum = 0;
        loop {
            match self.write(forget.clone()).await? {
                0 => return Ok(sum),
                count => sum += count,
            }
        }
    }
}

impl Txn<'_> {
    /// Forgets from the front of a person's history what was decided before an instant, up to the
    /// first that must stay; the answer is how many.
    fn forget_front(&mut self, person: PersonId, before: Timestamp) -> Result<usize, Error> {
        let Some(front) = notification::front(self.conn, person, before, BATCH)? else { return Ok(0) };
        snooze::forget(self.conn, person, front.last)?;
        for id in notification::told_again_after(self.conn, person, front.last)? {
            let heads = inbox::count_update(self.conn, person, false)?;
            notification::forget_parent(self.conn, id, heads.change)?;
            self.inbox_changed(person);
        }
        receipt::forget(self.conn, person, front.last)?;
        let forgotten = notification::forget(self.conn, person, front.last)?;
        inbox::forget_unread(self.conn, person, front.unread)?;
        Ok(forgotten)
    }
}
