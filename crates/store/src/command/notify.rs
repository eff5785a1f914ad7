//! Writing notifications and arming reminders: what commands about events and people share.

use rappel_core::arm::{Armed, State, arm};
use rappel_core::event::Event;
use rappel_core::notification::{Cause, Kind, Outcome, key};
use rappel_core::person::{Locale, Preferences};
use rappel_core::schedule::StartKey;
use rappel_core::text::{self, Text};
use rappel_core::{EventId, NotificationId, PersonId, Timestamp, Zone};
use rusqlite::Connection;

use crate::command::recipients::Recipient;
use crate::error::Error;
use crate::table::notification::{Mark, Snapshot};
use crate::table::{armed, notification, words};
use crate::writer::Txn;

/// Why something is told, and why once.
pub(crate) struct Telling {
    pub(crate) cause: Cause,
    pub(crate) start: StartKey,
    pub(crate) outcome: Outcome,
    pub(crate) due_at: Timestamp,
    pub(crate) late: bool,
    pub(crate) parent: Option<NotificationId>,
}

/// What a notification says of an event, in the language and the time zone of its readers.
pub(crate) struct Words {
    kind: Kind,
    locale: Locale,
    time_zone: Zone,
    text: Text,
    event: Snapshot,
    /// Where they are kept for several, from the second reader on.
    number: Option<i64>,
}

impl Words {
    pub(crate) fn of(kind: Kind, event: &Event, reader: &Preferences, now: Timestamp) -> rusqlite::Result<Self> {
        Ok(Self {
            kind,
            locale: reader.locale,
            time_zone: reader.time_zone.clone(),
            text: text::write(kind, event, reader, now),
            event: Snapshot::of(event)?,
            number: None,
        })
    }
}

/// The words in which one change is told: most of those whom it concerns read the same.
#[derive(Default)]
pub(crate) struct Wording(Vec<Words>);

impl Wording {
    /// The words for a reader. Of what event is said by the kind: it is always the same.
    pub(crate) fn of(
        &mut self,
        conn: &Connection,
        kind: Kind,
        event: &Event,
        reader: &Preferences,
        now: Timestamp,
    ) -> rusqlite::Result<&Words> {
        let is_theirs =
            |words: &Words| words.kind == kind && words.locale == reader.locale && words.time_zone == reader.time_zone;
        let place = match self.0.iter().position(is_theirs) {
            Some(place) => {
                let words = &mut self.0[place];
                if words.number.is_none() {
                    words.number = Some(words::insert(conn, event.id, &words.text, &words.event.json, now)?);
                }
                place
            }
            None => {
                self.0.push(Words::of(kind, event, reader, now)?);
                self.0.len() - 1
            }
        };
        Ok(&self.0[place])
    }
}

impl Txn<'_> {
    /// Appends a notification to a person's history, unless its key is there already.
    pub(crate) fn tell(
        &mut self,
        person: PersonId,
        words: &Words,
        telling: &Telling,
        now: Timestamp,
    ) -> Result<(), Error> {
        let new = notification::New {
            id: NotificationId::of_key(&key(words.event.id(), telling.start, person, telling.cause)),
            kind: words.kind,
            outcome: telling.outcome,
            text: &words.text,
            event: &words.event,
            words: words.number,
            due_at: telling.due_at,
            created_at: now,
            late: telling.late,
            parent: telling.parent,
        };
        let heads = self.heads(person)?.with_new();
        if let Some(row) = notification::append(self.statements, person, heads, &new)? {
            self.inbox_appended(person, row, heads);
        }
        Ok(())
    }

    /// Withdraws a person's notifications of an event that they were still to deal with. Before their
    /// reminders are armed anew: what is put off would be given up by that, and no longer known as such.
    pub(crate) fn withdraw(&mut self, person: PersonId, event: EventId, now: Timestamp) -> Result<(), Error> {
        for row in notification::open_of_event(self.conn, person, event)? {
            notification::mark(self.conn, person, &row, Mark::Withdrawn(now))?;
            self.inbox_changed(person);
        }
        Ok(())
    }

    /// Makes a person's armed reminders of an event what they should be.
    pub(crate) fn arm(&mut self, recipient: &Recipient, event: &Event, now: Timestamp) -> Result<(), Error> {
        let existing = armed::of(self.conn, event.id, recipient.person.id)?;
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
        armed::put(self.conn, self.statements, event, person, existing, rows)?;
        self.committed.arm(rows.iter().filter(|row| row.state == State::Pending).map(|row| row.due));
        Ok(())
    }
}
