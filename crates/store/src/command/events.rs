//! Creating, changing, deleting and restoring events, with all that follows for their people.

use std::collections::BTreeSet;

use chrono::TimeDelta;
use rappel_core::authorize::{Action, may};
use rappel_core::change::{Consequence, Notice, consequences};
use rappel_core::draft::{Draft, Patch};
use rappel_core::event::Event;
use rappel_core::id::ChangeId;
use rappel_core::notification::{Cause, Kind, Outcome};
use rappel_core::{EventId, Invalid, PersonId, Timestamp};
use serde::Serialize;

use crate::command::notify::{Telling, Wording};
use crate::command::recipients::Recipient;
use crate::error::{Conflict, Error};
use crate::store::{By, Caller, Store, uuid_at};
use crate::table::idempotency::FirstAnswer;
use crate::table::{armed, audit, event, idempotency};
use crate::writer::Txn;

/// How long a deleted event can be brought back.
pub(crate) const RESTORABLE: TimeDelta = TimeDelta::days(30);

/// Lets a request be sent twice and done once.
#[derive(Debug, Clone)]
pub struct IdempotencyKey {
    /// As the client made it; its device's own.
    pub key: String,
    /// The hash of the request's body.
    pub body_hash: [u8; 32],
    /// Writes the answer that is kept.
    pub render: fn(&Event) -> String,
}

/// The answer to a wish to create an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// It is there now.
    New(Box<Event>),
    /// It was there: the first answer again.
    Again(String),
}

impl Store {
    /// Creates an event, arms its reminders and tells its assignees.
    ///
    /// # Errors
    /// [`Error::Invalid`]; [`Conflict::IdempotencyKeyReused`] for a key that came with another body.
    pub fn create_event(
        &self,
        caller: Caller,
        draft: Draft,
        idempotency: Option<IdempotencyKey>,
        now: Timestamp,
    ) -> impl Future<Output = Result<Created, Error>> + Send {
        self.write_keeping_access(move |txn| {
            if let Some(wanted) = &idempotency
                && let Some(first) = idempotency::get(txn.conn, caller.device, &wanted.key, now)?
            {
                let is_same = first.body_hash == wanted.body_hash;
                return if is_same {
                    Ok(Created::Again(first.answer))
                } else {
                    Err(Conflict::IdempotencyKeyReused.into())
                };
            }
            let creator = txn.recipient(caller.actor.person)?;
            let id = EventId::from_uuid(uuid_at(now));
            let event = draft.clone().into_event(id, creator.person.id, &creator.preferences.time_zone, now)?;
            txn.change(caller, None, &event, "event.create", now)?;
            if let Some(wanted) = &idempotency {
                let answer = FirstAnswer { body_hash: wanted.body_hash, answer: (wanted.render)(&event) };
                idempotency::put(txn.conn, caller.device, &wanted.key, &answer, now)?;
            }
            Ok(Created::New(Box::new(event)))
        })
    }

    /// Changes an event. `if_match` is the revision that the caller has seen.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::RevisionMismatch`], [`Error::Invalid`].
    pub async fn update_event(
        &self,
        caller: Caller,
        id: EventId,
        if_match: Option<u64>,
        patch: Patch,
        now: Timestamp,
    ) -> Result<Event, Error> {
        self.write_keeping_access(move |txn| {
            let before = txn.existing(id)?;
            let after = patch.clone().apply(&before, now);
            let is_allowed = match &after {
                Ok(after) => may(caller.actor, Action::EditEvent { before: &before, after }),
                // What is wrong with it is told only to those who could have done it right.
                Err(_) => may(caller.actor, Action::ChangeEvent(&before)) || before.is_assigned(caller.actor.person),
            };
            if !is_allowed {
                return Err(Error::Forbidden);
            }
            check_revision(&before, if_match)?;
            let after = after?;
            if after != before {
                txn.change(caller, Some(&before), &after, "event.update", now)?;
            }
            Ok(after)
        })
        .await
    }

    /// Deletes an event; for 30 days it can be restored.
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Error::RevisionMismatch`].
    pub async fn delete_event(
        &self,
        caller: Caller,
        id: EventId,
        if_match: Option<u64>,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.write_keeping_access(move |txn| {
            let before = txn.existing(id)?;
            By::Caller(caller).require(Action::ChangeEvent(&before))?;
            check_revision(&before, if_match)?;
            let after = Event { deleted_at: Some(now), ..revised(&before, now) };
            txn.change(caller, Some(&before), &after, "event.delete", now)
        })
        .await
    }

    /// Brings a deleted event back. One that is not deleted stays as it is.
    ///
    /// # Errors
    /// [`Error::NotFound`], also after 30 days; [`Error::Forbidden`].
    pub async fn restore_event(&self, caller: Caller, id: EventId, now: Timestamp) -> Result<Event, Error> {
        self.write_keeping_access(move |txn| {
            let before = event::get(txn.conn, id)?.ok_or(Error::NotFound)?;
            By::Caller(caller).require(Action::ChangeEvent(&before))?;
            match before.deleted_at {
                None => Ok(before),
                Some(deleted_at) if now - deleted_at > RESTORABLE => Err(Error::NotFound),
                Some(_) => {
                    let after = Event { deleted_at: None, ..revised(&before, now) };
                    txn.change(caller, Some(&before), &after, "event.restore", now)?;
                    Ok(after)
                }
            }
        })
        .await
    }
}

/// The event that a notice tells of: one that is no longer theirs, or will not be, as people knew it. Of
/// what it has become meanwhile they were never told, and may not be.
fn as_told_by<'a>(notice: Notice, before: Option<&'a Event>, after: &'a Event) -> &'a Event {
    match notice {
        Notice::Unassigned | Notice::Cancelled => before.unwrap_or(after),
        Notice::Assigned | Notice::Moved { .. } => after,
    }
}

fn revised(event: &Event, now: Timestamp) -> Event {
    Event { revision: event.revision + 1, updated_at: now, ..event.clone() }
}

fn check_revision(event: &Event, if_match: Option<u64>) -> Result<(), Error> {
    match if_match {
        Some(revision) if revision != event.revision => Err(Error::RevisionMismatch { current: event.revision }),
        _ => Ok(()),
    }
}

impl Txn<'_> {
    fn existing(&self, id: EventId) -> Result<Event, Error> {
        event::get(self.conn, id)?.filter(|event| event.deleted_at.is_none()).ok_or(Error::NotFound)
    }

    /// Writes an event's new state and everything that follows from it.
    fn change(
        &mut self,
        caller: Caller,
        before: Option<&Event>,
        after: &Event,
        action: &'static str,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.check_new_assignees(before, after)?;
        match before {
            None => event::insert(self.statements, after)?,
            Some(before) => event::update(self.statements, after, before)?,
        }
        self.committed.events = true;

        let consequences = consequences(now, caller.actor.person, before, after);
        for consequence in consequences.iter().filter(|consequence| consequence.withdraw) {
            self.withdraw(consequence.person, after.id, now)?;
        }
        if before.is_none() {
            for person in &after.assignees {
                let recipient = self.recipient(*person)?;
                self.arm_first(&recipient, after, now)?;
            }
        } else {
            let mut touched: BTreeSet<PersonId> = after.assignees.iter().copied().collect();
            touched.extend(armed::people_of(self.conn, after.id)?);
            for person in touched {
                let recipient = self.recipient(person)?;
                self.arm(&recipient, after, now)?;
            }
        }

        let change = ChangeId::from_uuid(uuid_at(now));
        let mut wording = Wording::default();
        for Consequence { person, notice, .. } in consequences {
            if let Some(notice) = notice {
                let recipient = self.recipient(person)?;
                let event = as_told_by(notice, before, after);
                self.give(&recipient, notice, event, change, &mut wording, now)?;
            }
        }
        let entry = audit::Entry {
            by: &By::Caller(caller),
            action,
            object: Some(after.id.as_uuid()),
            revision: Some(after.revision),
            detail: Detail::of(before, after),
        };
        audit::append(self.statements, now, &entry)?;
        Ok(())
    }

    /// Gives somebody notice of a change, unless they have left.
    fn give(
        &mut self,
        recipient: &Recipient,
        notice: Notice,
        event: &Event,
        change: ChangeId,
        wording: &mut Wording,
        now: Timestamp,
    ) -> Result<(), Error> {
        if !recipient.person.active {
            return Ok(());
        }
        let (kind, cause) = match notice {
            Notice::Assigned => (Kind::Assigned, Cause::Assigned(change)),
            Notice::Unassigned => (Kind::Unassigned, Cause::Unassigned(change)),
            Notice::Moved { from } => (Kind::Moved { from }, Cause::Moved(change)),
            Notice::Cancelled => (Kind::Cancelled, Cause::Cancelled(change)),
        };
        let words = wording.of(self.conn, kind, event, &recipient.preferences, now)?;
        let start = event.schedule.start_key();
        let telling = Telling { cause, start, outcome: Outcome::Fired, due_at: now, late: false, parent: None };
        self.tell(recipient.person.id, words, &telling, now)
    }

    fn check_new_assignees(&mut self, before: Option<&Event>, after: &Event) -> Result<(), Error> {
        for id in &after.assignees {
            if before.is_some_and(|before| before.is_assigned(*id)) {
                continue;
            }
            if self.find_recipient(*id)?.is_none_or(|recipient| !recipient.person.active) {
                return Err(Invalid::new("assignees", format!("has somebody who is not of this office: {id}")).into());
            }
        }
        Ok(())
    }
}

/// What the audit log says of a change.
#[derive(Serialize)]
#[serde(untagged)]
enum Detail<'a> {
    Created {
        assignees_added: &'a [PersonId],
    },
    Changed {
        /// The names of the fields that differ.
        fields: Vec<&'static str>,
        assignees_added: Vec<PersonId>,
        assignees_removed: Vec<PersonId>,
    },
}

impl<'a> Detail<'a> {
    fn of(before: Option<&Event>, after: &'a Event) -> Self {
        let Some(before) = before else { return Self::Created { assignees_added: &after.assignees } };
        let of_only = |one: &Event, other: &Event| {
            one.assignees.iter().filter(|person| !other.is_assigned(**person)).copied().collect()
        };
        Self::Changed {
            fields: changed_fields(before, after),
            assignees_added: of_only(after, before),
            assignees_removed: of_only(before, after),
        }
    }
}

fn changed_fields(before: &Event, after: &Event) -> Vec<&'static str> {
    let differs = [
        ("title", before.title != after.title),
        ("schedule", before.schedule != after.schedule),
        ("location", before.location != after.location),
        ("comment", before.comment != after.comment),
        ("contact", before.contact != after.contact),
        ("assignees", before.assignees != after.assignees),
        ("reminders", before.reminders != after.reminders),
        ("reminder_days", before.reminder_days != after.reminder_days),
        ("status", before.status != after.status),
        ("visibility", before.visibility != after.visibility),
        ("deleted_at", before.deleted_at != after.deleted_at),
    ];
    differs.into_iter().filter_map(|(field, differs)| differs.then_some(field)).collect()
}
