//! What a commit changed, for those who pass it on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rappel_core::notification::Notification;
use rappel_core::{DeviceId, PersonId, Timestamp};

use crate::table::inbox::Heads;

/// What a commit changed. It is a hint: the tables are the truth.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Committed {
    /// Whose notifications have new rows or new states.
    pub inboxes: Inboxes,
    /// Events were created, changed or deleted.
    pub events: bool,
    /// Reminders were armed: when the first of them is due.
    pub first_due: Option<Timestamp>,
    /// The office is called otherwise.
    pub renamed: bool,
    /// Devices that may not go on.
    pub revoked: BTreeSet<DeviceId>,
    /// Everything was replaced by a backup: nobody's place in a history holds any more.
    pub restored: bool,
}

impl Committed {
    /// Reminders were armed, of which the first is due then.
    pub(crate) fn arm(&mut self, first_due: impl IntoIterator<Item = Timestamp>) {
        self.first_due = self.first_due.into_iter().chain(first_due).min();
    }

    /// Adds what was done after it in the same commit.
    pub(crate) fn absorb(&mut self, later: Self) {
        self.inboxes.absorb(later.inboxes);
        self.events |= later.events;
        self.arm(later.first_due);
        self.renamed |= later.renamed;
        self.revoked.extend(later.revoked);
        self.restored |= later.restored;
    }
}

/// Whose notifications changed, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Inboxes(BTreeMap<PersonId, InboxChange>);

/// How a person's notifications changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InboxChange {
    /// New ones came, and nothing else changed.
    Appended(Appended),
    /// Earlier ones changed as well: the tables have it all.
    Other,
}

/// New notifications of one person: each has the `seq` and the `change` after those of the one before.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// In the order of their `seq`; at least one.
    pub rows: Vec<Arc<Notification>>,
    /// Where the person's notifications stand after them.
    pub heads: Heads,
}

impl Inboxes {
    /// A person has a new notification; `heads` is where theirs stand with it.
    pub(crate) fn append(&mut self, person: PersonId, row: Notification, heads: Heads) {
        self.add(person, InboxChange::Appended(Appended { rows: vec![Arc::new(row)], heads }));
    }

    /// A person's earlier notifications have new states.
    pub(crate) fn change(&mut self, person: PersonId) {
        self.0.insert(person, InboxChange::Other);
    }

    pub(crate) fn absorb(&mut self, later: Self) {
        for (person, change) in later.0 {
            self.add(person, change);
        }
    }

    fn add(&mut self, person: PersonId, later: InboxChange) {
        match (self.0.get_mut(&person), later) {
            (None, later) => {
                self.0.insert(person, later);
            }
            (Some(InboxChange::Appended(earlier)), InboxChange::Appended(later)) => {
                earlier.rows.extend(later.rows);
                earlier.heads = later.heads;
            }
            (Some(earlier), _) => *earlier = InboxChange::Other,
        }
    }

    /// Whether this person's notifications changed.
    #[must_use]
    pub fn contains(&self, person: &PersonId) -> bool {
        self.0.contains_key(person)
    }

    /// Whether nobody's did.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many people's did.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl FromIterator<(PersonId, InboxChange)> for Inboxes {
    fn from_iter<I: IntoIterator<Item = (PersonId, InboxChange)>>(changes: I) -> Self {
        let mut inboxes = Self::default();
        for (person, change) in changes {
            inboxes.add(person, change);
        }
        inboxes
    }
}

impl IntoIterator for Inboxes {
    type Item = (PersonId, InboxChange);
    type IntoIter = std::collections::btree_map::IntoIter<PersonId, InboxChange>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}
