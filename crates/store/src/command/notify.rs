//! Writing notifications and arming reminders: what commands about events and people share.

use rappel_core::arm::{Armed, State, arm};
use rappel_core::event::Event;
use rappel_core::notification::{Cause, EventSnapshot, Kind, Outcome, key};
use rappel_core::schedule::StartKey;
use rappel_core::{EventId, NotificationId, PersonId, Timestamp, text};

use crate::command::recipients::Recipient;
use crate::error::Error;
use crate::table::notification::Mark;
use crate::table::{notification, reminder};
use crate::writer::Txn;

/// What to tell, and why it is told once.
pub(crate) struct Telling {
    pub(crate) kind: Kind,
    pub(crate) cause: Cause,
    pub(crate) start: StartKey,
    pub(crate) outcome: Outcome,
    pub(crate) due_at: Timestamp,
    pub(crate) late: bool,
    pub(crate) parent: Option<NotificationId>,
}

impl Txn<'_> {
    /// Appends a notification to a person's history, unless its key is there already.
    pub(crate) fn tell(
        &mut self,
        recipient: &Recipient,
        event: &Event,
        telling: &Telling,
        now: Timestamp,
    ) -> Result<(), Error> {
        let text = text::write(telling.kind, event, &recipient.preferences, now);
        let person = recipient.person.id;
        let new = notification::New {
            id: NotificationId::of_key(&key(event.id, telling.start, person, telling.cause)),
            kind: telling.kind,
            outcome: telling.outcome,
            title: text.title,
            message: text.message,
            event: EventSnapshot::from(event),
            due_at: telling.due_at,
            created_at: now,
            late: telling.late,
            parent: telling.parent,
        };
        if let Some((row, heads)) = notification::append(self.conn, person, new)? {
            self.committed.inboxes.append(person, row, heads);
        }
        Ok(())
    }

    /// Withdraws a person's notifications of an event that they were still to deal with. Before their
    /// reminders are armed anew: what is put off would be given up by that, and no longer known as such.
    pub(crate) fn withdraw(&mut self, person: PersonId, event: EventId, now: Timestamp) -> Result<(), Error> {
        for row in notification::open_of_event(self.conn, person, event)? {
            notification::mark(self.conn, person, &row, Mark::Withdrawn(now))?;
            self.committed.inboxes.change(person);
        }
        Ok(())
    }

    /// Makes a person's armed reminders of an event what they should be.
    pub(crate) fn arm(&mut self, recipient: &Recipient, event: &Event, now: Timestamp) -> Result<(), Error> {
        let existing = reminder::of(self.conn, event.id, recipient.person.id)?;
        self.arm_over(recipient, event, &existing, now)
    }

    /// Arms a person's reminders of a new event.
    pub(crate) fn arm_first(&mut self, recipient: &Recipient, event: &Event, now: Timestamp) -> Result<(), Error> {
        self.arm_over(recipient, event, &[], now)
    }

    fn arm_over(
        &mut self,
        recipient: &Recipient,
        event: &Event,
        existing: &[Armed],
        now: Timestamp,
    ) -> Result<(), Error> {
        let person = &recipient.person;
        let writes = arm(now, event, person.id, person.active, &recipient.preferences, existing);
        self.put_reminders(event.id, person.id, existing, &writes)
    }

    /// Writes a person's reminders of an event; `existing` are those that there are.
    pub(crate) fn put_reminders(
        &mut self,
        event: EventId,
        person: PersonId,
        existing: &[Armed],
        rows: &[Armed],
    ) -> Result<(), Error> {
        reminder::put(self.conn, event, person, existing, rows)?;
        self.committed.arm(rows.iter().filter(|row| row.state == State::Pending).map(|row| row.due));
        Ok(())
    }
}
