//! The people whom commands concern, with what holds for them.

use std::collections::HashMap;
use std::sync::Arc;

use rappel_core::PersonId;
use rappel_core::person::{Office, Person, Preferences};
use rusqlite::Connection;

use crate::error::Error;
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
}

impl Recipients {
    /// Somebody, or something of the office, may have changed.
    pub(crate) fn forget(&mut self) {
        *self = Self::default();
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

    /// A person who must be there.
    pub(crate) fn recipient(&mut self, id: PersonId) -> Result<Arc<Recipient>, Error> {
        self.find_recipient(id)?.ok_or(Error::NotFound)
    }
}
