//! Who keeps a copy of everything, from which another desktop can become the hub.
//!
//! Only a desktop of an admin's that has joined with a key of its own: whoever has the copy has all
//! that everybody wrote, private events too, and the hub's key. An admin may have that anyway, by a
//! backup.

use rappel_core::authorize::Action;
use rappel_core::person::Role;
use rappel_core::{DeviceId, Timestamp};

use crate::error::{Conflict, Error};
use crate::store::{By, Caller, Store};
use crate::table::device::{self, Device, DeviceKind};
use crate::table::keeper::{self, CopyPlace, Keeper};
use crate::table::{audit, person};
use crate::writer::Txn;

impl Store {
    /// The desktop that is to keep a daily copy. One whose access has ended since counts as none.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn copy_keeper(&self) -> Result<Option<Keeper>, Error> {
        self.read(|conn| {
            let chosen = keeper::chosen(conn)?;
            Ok(match chosen {
                Some(keeper) if heir(conn, keeper.device)?.is_some() => Some(keeper),
                _ => None,
            })
        })
        .await
    }

    /// The desktops that could keep a copy or become the hub: those of admins that have a key.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn possible_heirs(&self) -> Result<Vec<Device>, Error> {
        self.read(|conn| {
            let mut heirs = Vec::new();
            for found in device::all(conn, None)? {
                heirs.extend(heir(conn, found.id)?);
            }
            Ok(heirs)
        })
        .await
    }

    /// Where another machine may be this hub: wherever a copy was given to. Hints.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn places_of_copies(&self) -> Result<Vec<CopyPlace>, Error> {
        self.read(|conn| Ok(keeper::places(conn)?)).await
    }

    /// Whether a copy was ever given to anybody.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn has_given_copies(&self) -> Result<bool, Error> {
        self.read(|conn| Ok(keeper::any_given(conn)?)).await
    }

    /// Has a desktop keep a daily copy, in place of whichever did before.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::NotFound`]; [`Conflict::NoHeir`] for a device that cannot.
    pub async fn choose_keeper(&self, by: By, device: DeviceId, now: Timestamp) -> Result<(), Error> {
        self.write(move |txn| {
            by.require(Action::ManagePeople)?;
            txn.require_heir(device)?;
            keeper::choose(txn.conn, device, now)?;
            txn.audit_keeper(&by, "keeper.choose", Some(device), now)
        })
        .await
    }

    /// Has nobody keep a daily copy. What was kept stays where it is.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn dismiss_keeper(&self, by: By, now: Timestamp) -> Result<(), Error> {
        self.write(move |txn| {
            by.require(Action::ManagePeople)?;
            match keeper::dismiss(txn.conn)? {
                true => txn.audit_keeper(&by, "keeper.dismiss", None, now),
                false => Ok(()),
            }
        })
        .await
    }

    /// Notes, before it happens, that a copy is given to a desktop, which would serve at `address`.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when it is not the one that was chosen.
    pub async fn give_copy(&self, to: Caller, address: Option<String>, now: Timestamp) -> Result<(), Error> {
        self.write(move |txn| {
            let is_chosen = keeper::chosen(txn.conn)?.is_some_and(|keeper| keeper.device == to.device);
            if !is_chosen || heir(txn.conn, to.device)?.is_none() {
                return Err(Error::Forbidden);
            }
            txn.note_given(&By::Caller(to), to.device, address.as_deref(), now)
        })
        .await
    }

    /// Notes that a desktop has its copy whole and on its disk.
    ///
    /// # Errors
    /// [`Error::Forbidden`] when it is not the one that was chosen.
    pub async fn copy_is_kept(&self, by: Caller, bytes: u64, now: Timestamp) -> Result<(), Error> {
        self.write(move |txn| {
            if keeper::chosen(txn.conn)?.is_none_or(|keeper| keeper.device != by.device) {
                return Err(Error::Forbidden);
            }
            Ok(keeper::kept(txn.conn, by.device, bytes, now)?)
        })
        .await
    }
}

/// The device, if it could be the hub: an admin's joined desktop that is not revoked.
pub(crate) fn heir(conn: &rusqlite::Connection, id: DeviceId) -> rusqlite::Result<Option<Device>> {
    let device = device::get(conn, id)?;
    let device = device.filter(|device| device.kind == DeviceKind::Desktop && device.key_hash.is_some());
    let Some(device) = device else { return Ok(None) };
    let person = person::get(conn, device.person)?;
    Ok(person.filter(|person| person.active && person.role == Role::Admin).map(|_| device))
}

impl Txn<'_> {
    /// The device, if it could be the hub.
    pub(crate) fn require_heir(&self, id: DeviceId) -> Result<Device, Error> {
        match heir(self.conn, id)? {
            Some(device) => Ok(device),
            None if device::get(self.conn, id)?.is_some() => Err(Conflict::NoHeir.into()),
            None => Err(Error::NotFound),
        }
    }

    pub(crate) fn note_given(&self, by: &By, to: DeviceId, address: Option<&str>, now: Timestamp) -> Result<(), Error> {
        keeper::given(self.conn, to, address, now)?;
        self.audit_keeper(by, "copy.give", Some(to), now)
    }

    pub(crate) fn audit_keeper(
        &self,
        by: &By,
        action: &'static str,
        device: Option<DeviceId>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let object = device.map(|device| device.as_uuid());
        let entry = audit::Entry { by, action, object, revision: None, detail: serde_json::json!({}) };
        Ok(audit::append(self.conn, now, &entry)?)
    }
}
