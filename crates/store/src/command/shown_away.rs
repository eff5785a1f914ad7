//! What a desktop did by itself while it could not reach its hub: reminders that it showed, and what
//! its person chose then. All of it can be said twice without harm.

use rappel_core::arm::{Armed, Purpose, State};
use rappel_core::id::SnoozeId;
use rappel_core::notification::{Cause, Notification, key};
use rappel_core::schedule::StartKey;
use rappel_core::{EventId, NotificationId, PersonId, Timestamp};

use crate::command::claim::Claimed;
use crate::error::Error;
use crate::store::{Caller, Store};
use crate::table::notification::{self, Mark};
use crate::table::{armed, event, receipt, snooze};
use crate::writer::Txn;

/// One notification that a desktop showed, or of which its person chose something, by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShownAway {
    /// By its key, as the hub would have named it.
    pub id: NotificationId,
    /// Of which event.
    pub event: EventId,
    /// When it was shown, by the hub's clock; `None`: the hub had it shown before.
    pub shown_at: Option<Timestamp>,
    /// What its person chose.
    pub wish: Option<Wish>,
}

/// What somebody chose for a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wish {
    /// They are done with it.
    Dismissed,
    /// To be told again.
    Snoozed {
        /// Made by the desktop, so that both tell it as one.
        id: SnoozeId,
        /// When.
        due: Timestamp,
    },
}

impl Store {
    /// Takes note of what a desktop showed by itself, and does what its person chose meanwhile.
    /// Being shown changes no state. What is not this person's, or of no reminder that the hub
    /// armed, is passed over; so is a wish that has become pointless.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn take_shown_away(&self, caller: Caller, shown: Vec<ShownAway>, now: Timestamp) -> Result<(), Error> {
        self.write_keeping_access(move |txn| {
            // What is due is decided first: the desktop may be quicker than the scheduler.
            let mut claimed = Claimed::default();
            for shown in &shown {
                if event::get(txn.conn, shown.event)?.is_some() {
                    txn.claim_apart(shown.event, caller.actor.person, now, &mut claimed)?;
                }
            }
            for shown in &shown {
                txn.take_shown(caller, shown, now)?;
            }
            Ok(())
        })
        .await
    }
}

impl Txn<'_> {
    fn take_shown(&mut self, caller: Caller, shown: &ShownAway, now: Timestamp) -> Result<(), Error> {
        let person = caller.actor.person;
        let rows = armed::of(self.conn, shown.event, person)?;
        let start = rows.iter().find(|row| id_of(shown.event, person, row) == shown.id).map(|row| row.start);
        if let (Some(at), Some(_)) = (shown.shown_at, start) {
            receipt::put_shown_away(self.conn, caller.device, shown.id, at.min(now))?;
        }
        let Some(wish) = shown.wish else { return Ok(()) };
        if let Wish::Snoozed { id, .. } = wish
            && snooze::parent(self.conn, shown.event, person, id)?.is_some()
        {
            return Ok(()); // said before
        }
        let Some(told) = notification::get(self.conn, person, shown.id)? else {
            // The hub had another reminder say it. That one is not what was dismissed; but whoever
            // wants to be told again is.
            return match (wish, start) {
                (Wish::Snoozed { id, due }, Some(start)) => {
                    let Some(instead) = self.told_of(shown.event, start, person, &rows)? else { return Ok(()) };
                    self.put_off(person, &instead, id, due, now).map(drop)
                }
                (Wish::Snoozed { .. } | Wish::Dismissed, _) => Ok(()),
            };
        };
        if told.dismissed_at.is_some() || told.withdrawn_at.is_some() {
            return Ok(());
        }
        match wish {
            Wish::Dismissed => {
                snooze::cancel(self.conn, told.event.id, person, told.id, None)?;
                self.mark_chosen(person, &told, Mark::Dismissed(now))
            }
            // One whose time has come was told again by that desktop.
            Wish::Snoozed { due, .. } if due <= now && told.is_read => Ok(()),
            Wish::Snoozed { due, .. } if due <= now => self.mark_chosen(person, &told, Mark::Read(now)),
            Wish::Snoozed { id, due } => {
                snooze::cancel(self.conn, told.event.id, person, told.id, Some(due))?;
                if self.put_off(person, &told, id, due, now)? {
                    self.mark_chosen(person, &told, Mark::SnoozedUntil(due))?;
                }
                Ok(())
            }
        }
    }

    fn mark_chosen(&mut self, person: PersonId, told: &Notification, mark: Mark) -> Result<(), Error> {
        notification::mark(self.conn, person, told, mark)?;
        self.inbox_changed(person);
        Ok(())
    }

    /// Arms a snooze that a desktop made, as long as there is something ahead and no later one. Answers
    /// whether that was news.
    fn put_off(
        &mut self,
        person: PersonId,
        told: &Notification,
        id: SnoozeId,
        due: Timestamp,
        now: Timestamp,
    ) -> Result<bool, Error> {
        let Some(event) = event::get(self.conn, told.event.id)? else { return Ok(false) };
        let is_ahead = due > now && told.kind.can_be_snoozed() && event.is_active() && event.is_assigned(person);
        if !is_ahead || snooze::is_pending(self.conn, event.id, person, told.id)? {
            return Ok(false);
        }
        snooze::insert(self.conn, &event, person, id, due, now, told.id)?;
        self.committed.arm([due]);
        Ok(true)
    }

    /// What the hub told of a start instead: the latest of its reminders that fired.
    fn told_of(
        &self,
        event: EventId,
        start: StartKey,
        person: PersonId,
        rows: &[Armed],
    ) -> Result<Option<Notification>, Error> {
        let fired = rows.iter().filter(|row| row.start == start && row.state == State::Fired);
        let Some(row) = fired.max_by_key(|row| row.due) else { return Ok(None) };
        Ok(notification::get(self.conn, person, id_of(event, person, row))?)
    }
}

/// The notification that a row becomes, or would have.
fn id_of(event: EventId, person: PersonId, row: &Armed) -> NotificationId {
    let cause = match row.purpose {
        Purpose::Reminder(offset) => Cause::Reminder(offset),
        Purpose::Snooze(snooze) => Cause::Snooze(snooze),
    };
    NotificationId::of_key(&key(event, row.start, person, cause))
}
