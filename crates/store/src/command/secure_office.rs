//! The secure office: its authority, its switches, and browsers that move to it.

use rappel_core::authorize::{Action, Actor};
use rappel_core::{DeviceId, Timestamp};

use super::access::{Paired, random_failed};
use crate::error::Error;
use crate::secret;
use crate::store::{By, Caller, Store};
use crate::table::authority::{self, KeptAuthority, SecureOffice};
use crate::table::device::{self, DeviceKind};
use crate::table::{audit, person};

impl Store {
    /// The office's authority, once it was made.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn authority(&self) -> Result<Option<KeptAuthority>, Error> {
        self.read(|conn| Ok(authority::get(conn)?)).await
    }

    /// How browsers on other machines may reach the hub.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn secure_office(&self) -> Result<SecureOffice, Error> {
        self.read(|conn| Ok(authority::switches(conn)?)).await
    }

    /// Keeps the first authority. The answer is the office's: an earlier one, where there is one.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn keep_authority(&self, new: KeptAuthority, now: Timestamp) -> Result<KeptAuthority, Error> {
        self.write(move |txn| match authority::get(txn.conn)? {
            Some(kept) => Ok(kept),
            None => {
                authority::put(txn.conn, &new)?;
                note(txn.conn, &By::Hub, "authority.create", serde_json::json!({}), now)?;
                Ok(new.clone())
            }
        })
        .await
    }

    /// Puts another authority in the place of the one there is: what it vouched for is void wherever
    /// the new one is installed instead.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn replace_authority(&self, by: By, new: KeptAuthority, now: Timestamp) -> Result<(), Error> {
        self.write(move |txn| {
            by.require(Action::ManageHub)?;
            authority::put(txn.conn, &new)?;
            Ok(note(txn.conn, &by, "authority.replace", serde_json::json!({}), now)?)
        })
        .await
    }

    /// Turns the switches; what is left out stays. Switched off, plain HTTP is taken again. The
    /// answer is how they stand.
    ///
    /// # Errors
    /// [`Error::Forbidden`]; [`Error::Invalid`] when nothing would be left.
    pub async fn set_secure_office(
        &self,
        by: By,
        is_on: Option<bool>,
        takes_plain: Option<bool>,
        now: Timestamp,
    ) -> Result<SecureOffice, Error> {
        self.write(move |txn| {
            by.require(Action::ManageHub)?;
            let before = authority::switches(txn.conn)?;
            let is_on = is_on.unwrap_or(before.is_on);
            if !is_on && takes_plain == Some(false) {
                let why = "can be switched off only while the secure office is on";
                return Err(rappel_core::Invalid::new("plain_http", why).into());
            }
            let after = SecureOffice { is_on, takes_plain: !is_on || takes_plain.unwrap_or(before.takes_plain) };
            if after != before {
                authority::set_switches(txn.conn, after)?;
                let detail = serde_json::json!({ "on": after.is_on, "plain_http": after.takes_plain });
                note(txn.conn, &by, "secure_office.update", detail, now)?;
            }
            Ok(after)
        })
        .await
    }

    /// Gives a browser another token. The one before is worth nothing from then on, and sessions that
    /// were opened with it end.
    ///
    /// # Errors
    /// [`Error::NotFound`] when it was revoked, is no browser, or its person has left.
    pub async fn move_browser(&self, id: DeviceId, now: Timestamp) -> Result<Paired, Error> {
        self.write(move |txn| {
            let device = device::get(txn.conn, id)?.filter(|device| device.kind == DeviceKind::Browser);
            let device = device.ok_or(Error::NotFound)?;
            let person = person::get(txn.conn, device.person)?.filter(|person| person.active);
            let person = person.ok_or(Error::NotFound)?;
            let token = secret::token().map_err(random_failed)?;
            device::set_token(txn.conn, &device, &secret::hash(&token))?;
            txn.committed.revoked.insert(id);
            let by = By::Caller(Caller { device: id, actor: Actor { person: person.id, role: person.role } });
            txn.audit_device(&by, "device.move", id, now)?;
            Ok(Paired { person, device, token })
        })
        .await
    }
}

fn note(
    conn: &rusqlite::Connection,
    by: &By,
    action: &'static str,
    detail: serde_json::Value,
    now: Timestamp,
) -> rusqlite::Result<()> {
    audit::append(conn, now, &audit::Entry { by, action, object: None, revision: None, detail })
}
