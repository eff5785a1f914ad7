//! The audit log on the wire.

use rappel_store::{AuditEntry, AuditObject, AuditPage, AuditTitle};
use serde::Serialize;

/// Something that was done.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "AuditEntry"))]
pub struct AuditEntryItem {
    /// Grows with time.
    #[cfg_attr(test, ts(type = "number"))]
    pub id: u64,
    /// When.
    pub at: String,
    /// Who did it; null: the hub, or whoever gives commands on its machine.
    pub by: Option<AuditPerson>,
    /// On which of their devices.
    pub device: Option<String>,
    /// What: `event.update`, `person.create`, ….
    pub action: String,
    /// What it was done to.
    pub object: Option<AuditObjectItem>,
    /// The names of the fields that changed.
    pub fields: Vec<String>,
    /// The names of people who were put on an event.
    pub added: Vec<String>,
    /// The names of people who were taken off it.
    pub removed: Vec<String>,
    /// Whether somebody is of the office since.
    pub active: Option<bool>,
    /// What somebody may do since.
    pub role: Option<String>,
}

/// A person in the log.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AuditPerson {
    /// Their id.
    pub id: String,
    /// As colleagues call them.
    pub name: String,
}

/// What something was done to.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "AuditObject"))]
pub enum AuditObjectItem {
    /// An event. One that is private and not the reader's has no title.
    Event {
        /// Its id.
        id: String,
        /// Its title.
        title: Option<String>,
        /// Whether that is why it has none.
        is_private: bool,
    },
    /// A person.
    Person {
        /// Their id.
        id: String,
        /// As colleagues call them.
        name: Option<String>,
    },
    /// A device.
    Device {
        /// Its id.
        id: String,
        /// As its person calls it.
        name: Option<String>,
        /// Whose it is.
        owner: Option<String>,
    },
    /// A copy of all data.
    Copy {
        /// By which it is asked for.
        name: String,
    },
}

/// Some lines of the log.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct AuditList {
    /// The latest first.
    pub entries: Vec<AuditEntryItem>,
    /// What `before` has to be for those that follow; null: there are no more.
    #[cfg_attr(test, ts(type = "number | null"))]
    pub next_before: Option<u64>,
}

impl From<AuditPage> for AuditList {
    fn from(page: AuditPage) -> Self {
        Self { entries: page.entries.into_iter().map(AuditEntryItem::from).collect(), next_before: page.next }
    }
}

impl From<AuditEntry> for AuditEntryItem {
    fn from(entry: AuditEntry) -> Self {
        Self {
            id: entry.id,
            at: entry.at.to_string(),
            by: entry.by.map(|(id, name)| AuditPerson { id: id.to_string(), name }),
            device: entry.device,
            action: entry.action,
            object: entry.object.map(AuditObjectItem::from),
            fields: entry.fields,
            added: entry.added,
            removed: entry.removed,
            active: entry.active,
            role: entry.role,
        }
    }
}

impl From<AuditObject> for AuditObjectItem {
    fn from(object: AuditObject) -> Self {
        match object {
            AuditObject::Event { id, title } => {
                let is_private = title == AuditTitle::Private;
                let title = if let AuditTitle::Known(title) = title { Some(title) } else { None };
                Self::Event { id: id.to_string(), title, is_private }
            }
            AuditObject::Person { id, name } => Self::Person { id: id.to_string(), name },
            AuditObject::Device { id, name, owner } => Self::Device { id: id.to_string(), name, owner },
            AuditObject::Copy { name } => Self::Copy { name },
        }
    }
}
