//! The people whom commands concern, with what holds for them.

use std::collections::HashMap;
use std::sync::Arc;

use rappel_core::PersonId;
use rappel_core::notification::Notification;
use rappel_core::person::{Office, Person, Preferences};
use rusqlite::Connection;

use crate::connection::data_version;
use crate::error::Error;
use crate::table::inbox::{self, Heads};
use crate::table::{office, person};
use crate::writer::Txn;

/// A person with what holds for them.
#[derive(Debug)]
pub(crate) struct Recipient {
    pub(crate) person: Person,
    pub(crate) preferences: Preferences,
}

/// People as they were read last: whoever writes keeps them from one command to the next, since most commands
/// concern the same few, and forgets them with each that may change one.
#[derive(Debug, Default)]
pub(crate) struct Recipients {
    office: Option<Office>,
    known: HashMap<PersonId, Arc<Recipient>>,
    /// Where the notifications of some of them stand.
    heads: HashMap<PersonId, Heads>,
    /// SQLite's number for the file as somebody else left it last.
    file: Option<i64>,
}

impl Recipients {
    /// Somebody, or something of the office, may have changed.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
    }

    /// Forgets everything where somebody else has written to the file since. To be asked in a transaction.
    pub(crate) fn check_file(&mut self, conn: &Connection) -> rusqlite::Result<()> {
        let file = data_version(conn)?;
        if self.file != Some(file) {
            *self = Self { file: Some(file), ..Self::default() };
        }
        Ok(())
    }

    fn find(&mut self, conn: &Connection, id: PersonId) -> Result<Option<Arc<Recipient>>, Error> {
        if let Some(recipient) = self.known.get(&id) {
            return Ok(Some(Arc::clone(recipient)));
        }
        let Some(person) = person::get(conn, id)? else { return Ok(None) };
        let office = match &self.office {
            Some(office) => office,
            None => self.office.insert(office::require(conn)?),
        };
        let preferences = person.preferences(office);
        let recipient = Arc::new(Recipient { person, preferences });
        self.known.insert(id, Arc::clone(&recipient));
        Ok(Some(recipient))
    }
}

impl Txn<'_> {
    /// A person and what holds for them, if there is such a person.
    pub(crate) fn find_recipient(&mut self, id: PersonId) -> Result<Option<Arc<Recipient>>, Error> {
        match &mut self.people {
            Some(people) => people.find(self.conn, id),
            None => Recipients::default().find(self.conn, id),
        }
    }

    /// Where a person's notifications stand.
    pub(crate) fn heads(&self, person: PersonId) -> Result<Heads, Error> {
        let kept = self.people.as_ref().and_then(|people| people.heads.get(&person).copied());
        debug_assert!(
            kept.is_none_or(|kept| inbox::heads(self.conn, person).is_ok_and(|written| written == kept)),
            "BUG: a person's notifications changed and what is kept of them did not"
        );
        match kept {
            Some(heads) => Ok(heads),
            None => Ok(inbox::heads(self.conn, person)?),
        }
    }

    /// A notification was appended to a person's, which stand at `heads` now.
    pub(crate) fn inbox_appended(&mut self, person: PersonId, row: Notification, heads: Heads) {
        if let Some(people) = &mut self.people {
            people.heads.insert(person, heads);
        }
        self.committed.inboxes.append(person, row, heads);
    }

    /// A person's earlier notifications changed.
    pub(crate) fn inbox_changed(&mut self, person: PersonId) {
        self.forget_heads(person);
        self.committed.inboxes.change(person);
    }

    /// What was written of a person's notifications was undone.
    pub(crate) fn forget_heads(&mut self, person: PersonId) {
        if let Some(people) = &mut self.people {
            people.heads.remove(&person);
        }
    }

    /// A person who must be there.
    pub(crate) fn recipient(&mut self, id: PersonId) -> Result<Arc<Recipient>, Error> {
        self.find_recipient(id)?.ok_or(Error::NotFound)
    }
}
