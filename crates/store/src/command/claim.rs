//! Claiming what is due: deciding it and writing the outcome, in one transaction.

use rappel_core::arm::{Armed, Purpose, State};
use rappel_core::decide::{Situation, Verdict, decide};
use rappel_core::event::Event;
use rappel_core::notification::{Cause, Kind, Outcome};
use rappel_core::{EventId, PersonId, Timestamp};

use crate::command::notify::{Telling, Words};
use crate::command::recipients::Recipient;
use crate::connection::execute;
use crate::error::Error;
use crate::store::Store;
use crate::table::{armed, event, notification, snooze};
use crate::writer::Txn;

/// What one claim did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Claimed {
    /// Reminders that became notifications.
    pub fired: usize,
    /// Of these, told more than two seconds late.
    pub late: usize,
    /// Reminders that nobody could be told in time.
    pub missed: usize,
    /// Reminders that another one said.
    pub collapsed: usize,
    /// Reminders whose notice had said it.
    pub skipped: usize,
    /// Reminders whose reason was gone.
    pub cancelled: usize,
}

impl Claimed {
    /// Whether nothing was due.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Store {
    /// When the next reminder or snooze is due.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn next_due(&self) -> Result<Option<Timestamp>, Error> {
        self.read_few(|conn| Ok(armed::next_due(conn)?)).await
    }

    /// Decides what is due by `now`, at most about `limit` rows, the longest overdue first.
    ///
    /// # Errors
    /// Only when the store cannot be used; then nothing was decided.
    pub async fn claim_due(&self, now: Timestamp, limit: usize) -> Result<Claimed, Error> {
        self.write_keeping_access(move |txn| {
            let mut claimed = Claimed::default();
            for (event, person) in armed::due(txn.conn, now, limit)? {
                txn.claim_apart(event, person, now, &mut claimed)?;
            }
            Ok(claimed)
        })
        .await
    }
}

impl Txn<'_> {
    /// Decides the rows of one person and event in a savepoint: rows that cannot be decided, which
    /// only a damaged file or a bug can make, are set aside and keep nobody else's back.
    pub(crate) fn claim_apart(
        &mut self,
        event: EventId,
        person: PersonId,
        now: Timestamp,
        claimed: &mut Claimed,
    ) -> Result<(), Error> {
        let (before, inboxes) = (*claimed, std::mem::take(&mut self.committed.inboxes));
        execute(self.conn, "SAVEPOINT claim")?;
        let outcome = self.claim(event, person, now, claimed);
        let told = std::mem::replace(&mut self.committed.inboxes, inboxes);
        match outcome {
            Ok(()) => {
                execute(self.conn, "RELEASE claim")?;
                self.committed.inboxes.absorb(told);
            }
            Err(error) if error.trouble().is_some() => return Err(error),
            Err(error) => {
                tracing::error!(%error, %event, %person, "a reminder cannot be decided; it counts as missed");
                execute(self.conn, "ROLLBACK TO claim")?;
                execute(self.conn, "RELEASE claim")?;
                self.forget_heads(person);
                *claimed = before;
                claimed.missed += armed::set_aside(self.conn, event, person, now)?;
            }
        }
        Ok(())
    }

    fn claim(&mut self, event: EventId, person: PersonId, now: Timestamp, claimed: &mut Claimed) -> Result<(), Error> {
        let event = event::require(self.conn, event)?;
        let recipient = &self.recipient(person)?;
        let all = armed::of(self.conn, event.id, person)?;
        let rows: Vec<Armed> = all.iter().copied().filter(|row| row.state == State::Pending).collect();
        let mut decided = Vec::new();
        let situation = Situation::of(&event, person, recipient.person.active, &recipient.preferences);
        for (row, verdict) in rows.iter().zip(decide(now, &situation, &rows)) {
            let state = match verdict {
                Verdict::Wait => continue,
                Verdict::Cancelled => {
                    claimed.cancelled += 1;
                    State::Cancelled
                }
                Verdict::Skipped => {
                    claimed.skipped += 1;
                    State::Skipped
                }
                Verdict::Collapsed => {
                    claimed.collapsed += 1;
                    State::Collapsed
                }
                Verdict::Missed => {
                    claimed.missed += 1;
                    self.tell_missed(recipient, &event, row, now)?;
                    State::Missed
                }
                Verdict::Fire { late } => {
                    claimed.fired += 1;
                    claimed.late += usize::from(late);
                    self.fire(recipient, &event, row, late, now)?;
                    State::Fired
                }
            };
            decided.push(Armed { state, ..*row });
        }
        Ok(armed::put(self.conn, self.statements, event.id, person, &all, &decided)?)
    }

    fn fire(
        &mut self,
        recipient: &Recipient,
        event: &Event,
        row: &Armed,
        late: bool,
        now: Timestamp,
    ) -> Result<(), Error> {
        let person = recipient.person.id;
        let (kind, cause, parent) = match row.purpose {
            Purpose::Reminder(offset) => (Kind::Reminder(offset), Cause::Reminder(offset), None),
            Purpose::Snooze(snooze) => {
                let parent = snooze::parent(self.conn, event.id, person, snooze)?.ok_or(Error::NotFound)?;
                let told = notification::get(self.conn, person, parent)?.ok_or(Error::NotFound)?;
                (told.kind, Cause::Snooze(snooze), Some(parent))
            }
        };
        let words = Words::of(kind, event, &recipient.preferences, now)?;
        let telling = Telling { cause, start: row.start, outcome: Outcome::Fired, due_at: row.due, late, parent };
        self.tell(person, &words, &telling, now)
    }

    /// Several missed rows of one start make one notification: they have the same key.
    fn tell_missed(&mut self, recipient: &Recipient, event: &Event, row: &Armed, now: Timestamp) -> Result<(), Error> {
        let words = Words::of(Kind::Missed, event, &recipient.preferences, now)?;
        let telling = Telling {
            cause: Cause::Missed,
            start: row.start,
            outcome: Outcome::Missed,
            due_at: row.due,
            late: true,
            parent: None,
        };
        self.tell(recipient.person.id, &words, &telling, now)
    }
}
