//! What the store is asked without changing it; each query sees one consistent state.

use rappel_core::arm::State;
use rappel_core::authorize::Actor;
use rappel_core::notification::Notification;
use rappel_core::person::{Office, Person};
use rappel_core::{EventId, NotificationId, PersonId, Timestamp};

use crate::command::claim::Claimed;
use crate::error::Error;
use crate::listing::{VisibleEvent, visible};
use crate::store::Store;
use crate::table::device::Device;
use crate::table::event::ChangedEvent;
use crate::table::inbox::{BulkRead, Heads};
use crate::table::{armed, device, event, inbox, notification, office, person};

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
        self.read_few(|conn| Ok(inbox::heads(conn, person)?)).await
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
            for (state, count) in armed::decided_since(conn, since)? {
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
        let mut devices = self.read(move |conn| Ok(device::all(conn, person)?)).await?;
        // When they called is known before it is written.
        let seen = self.signed_in().seen();
        for device in &mut devices {
            device.last_seen_at = seen.get(&device.id).copied().or(device.last_seen_at);
        }
        Ok(devices)
    }
}
