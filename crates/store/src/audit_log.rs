//! The audit log, for whoever may read it: who did what when, with names where the reader may know
//! them.

use rappel_core::authorize::{Action, Actor, may};
use rappel_core::{DeviceId, EventId, PersonId, Timestamp};
use rusqlite::{Connection, OptionalExtension, named_params};
use uuid::Uuid;

use crate::error::Error;
use crate::store::Store;
use crate::table::audit::{self, Line};
use crate::table::{event, person};

/// What a line of the log is about, roughly.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuditTopic {
    /// Events.
    Events,
    /// People, and how they came in.
    People,
    /// Their devices and tokens.
    Devices,
    /// The hub: its settings and copies.
    Hub,
}

impl AuditTopic {
    /// `events`, `people`, `devices` or `hub`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Events => "events",
            Self::People => "people",
            Self::Devices => "devices",
            Self::Hub => "hub",
        }
    }

    /// Reads what [`AuditTopic::as_str`] writes.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Events, Self::People, Self::Devices, Self::Hub].into_iter().find(|topic| topic.as_str() == text)
    }
}

/// Which lines are asked for. They come latest first.
#[derive(Debug, Clone, Default)]
pub struct AuditQuery {
    /// Before this one.
    pub before: Option<u64>,
    /// Done by this person, or to them.
    pub person: Option<PersonId>,
    /// About this.
    pub topic: Option<AuditTopic>,
    /// At most this many.
    pub limit: usize,
}

/// Something that was done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Grows with time.
    pub id: u64,
    /// When.
    pub at: Timestamp,
    /// Who did it; `None`: the hub, or whoever gives commands on its machine.
    pub by: Option<(PersonId, String)>,
    /// On which of their devices.
    pub device: Option<String>,
    /// What: `event.update`, `person.create`, ….
    pub action: String,
    /// What it was done to.
    pub object: Option<AuditObject>,
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

/// What something was done to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditObject {
    /// An event.
    Event {
        /// Its id.
        id: EventId,
        /// What the reader may know of it.
        title: AuditTitle,
    },
    /// A person; without a name where nobody knows them any more.
    Person {
        /// Their id.
        id: PersonId,
        /// As colleagues call them.
        name: Option<String>,
    },
    /// A device; without a name where nobody knows it any more.
    Device {
        /// Its id.
        id: DeviceId,
        /// As its person calls it.
        name: Option<String>,
        /// Whose it is.
        owner: Option<String>,
    },
    /// A copy of all data.
    Copy {
        /// Its name.
        name: String,
    },
}

/// What may be known of an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuditTitle {
    /// Its title.
    Known(String),
    /// It is private, and not the reader's.
    Private,
    /// It was deleted, and is not kept any more.
    Gone,
}

/// Some lines, and where to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditPage {
    /// The latest first.
    pub entries: Vec<AuditEntry>,
    /// The last of them, if there are more.
    pub next: Option<u64>,
}

impl Store {
    /// A page of the audit log, as this person may read it.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever is no admin.
    pub async fn audit_log(&self, reader: Actor, query: AuditQuery) -> Result<AuditPage, Error> {
        if !may(reader, Action::ManageHub) {
            return Err(Error::Forbidden);
        }
        self.read(move |conn| {
            let mut lines = audit::page(conn, &query)?;
            let has_more = lines.len() > query.limit;
            lines.truncate(query.limit);
            let next = lines.last().filter(|_| has_more).map(|line| line.id);
            let entries = lines.into_iter().map(|line| entry(conn, reader, line)).collect::<Result<_, Error>>()?;
            Ok(AuditPage { entries, next })
        })
        .await
    }
}

fn entry(conn: &Connection, reader: Actor, line: Line) -> Result<AuditEntry, Error> {
    let by = line.person.map(|id| Ok::<_, Error>((id, name_of(conn, id)?.unwrap_or_default()))).transpose()?;
    let device = line.device.map(|id| device_of(conn, id)).transpose()?.flatten().map(|(name, _)| name);
    let detail = line.detail;
    let texts = |name: &str| -> Vec<String> {
        let list = detail[name].as_array().into_iter().flatten();
        list.filter_map(|text| Some(text.as_str()?.to_owned())).collect()
    };
    let people = |field: &str| -> Result<Vec<String>, Error> {
        let ids = texts(field).into_iter().filter_map(|id| id.parse().ok());
        ids.filter_map(|id| name_of(conn, id).transpose()).collect()
    };
    let object = object(conn, reader, &line.action, line.object, detail["copy"].as_str())?;
    let mut entry = AuditEntry {
        id: line.id,
        at: line.at,
        by,
        device,
        action: line.action,
        object,
        fields: texts("fields"),
        added: people("assignees_added")?,
        removed: people("assignees_removed")?,
        active: detail["active"].as_bool(),
        role: detail["role"].as_str().map(str::to_owned),
    };
    // Of a private event others know when it is, and nothing else.
    if matches!(entry.object, Some(AuditObject::Event { title: AuditTitle::Private | AuditTitle::Gone, .. })) {
        entry.fields.clear();
        entry.added.clear();
        entry.removed.clear();
    }
    Ok(entry)
}

fn object(
    conn: &Connection,
    reader: Actor,
    action: &str,
    id: Option<Uuid>,
    copy: Option<&str>,
) -> Result<Option<AuditObject>, Error> {
    if let Some(name) = copy {
        return Ok(Some(AuditObject::Copy { name: name.to_owned() }));
    }
    let Some(id) = id else { return Ok(None) };
    Ok(Some(match action.split('.').next() {
        Some("event") => {
            let id = EventId::from_uuid(id);
            let title = match event::get(conn, id)? {
                Some(event) if may(reader, Action::SeeEvent(&event)) => AuditTitle::Known(event.title),
                Some(_) => AuditTitle::Private,
                None => AuditTitle::Gone,
            };
            AuditObject::Event { id, title }
        }
        Some("device" | "keeper" | "copy" | "hub") => {
            let id = DeviceId::from_uuid(id);
            let (name, owner) = device_of(conn, id)?.unzip();
            AuditObject::Device { id, name, owner }
        }
        _ => {
            let id = PersonId::from_uuid(id);
            AuditObject::Person { id, name: name_of(conn, id)? }
        }
    }))
}

fn name_of(conn: &Connection, id: PersonId) -> Result<Option<String>, Error> {
    Ok(person::get(conn, id)?.map(|person| person.name))
}

/// The name of a device and of its person, also when it was revoked.
fn device_of(conn: &Connection, id: DeviceId) -> Result<Option<(String, String)>, Error> {
    let named =
        "SELECT device.name, person.name FROM device JOIN person ON person.id = person_id WHERE device.id = :id";
    let found = conn
        .prepare_cached(named)?
        .query_row(named_params! { ":id": id.as_bytes() }, |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    Ok(found)
}
