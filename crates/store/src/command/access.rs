//! Who gets in: tokens, invitations, pairing, revocation.

use chrono::TimeDelta;
use rappel_core::authorize::{Action, Actor};
use rappel_core::person::{Person, Role};
use rappel_core::{DeviceId, PersonId, Timestamp};

use crate::error::{Conflict, Error};
use crate::secret;
use crate::signed_in::{Generation, Known};
use crate::store::{By, Caller, Store, uuid_at};
use crate::table::device::{self, Device, DeviceKind};
use crate::table::invitation::{self, Invitation};
use crate::table::{audit, office, person};
use crate::writer::Txn;

const LINK_LASTS: TimeDelta = TimeDelta::days(7);
const CODE_LASTS: TimeDelta = TimeDelta::minutes(5);
/// A device that was seen this recently is not written again.
const SEEN_RESOLUTION: TimeDelta = TimeDelta::minutes(1);

/// A fresh invitation: the only time that its secrets are known.
#[derive(Debug, Clone)]
pub struct Invited {
    /// For the link's fragment: 22 characters.
    pub link_secret: String,
    /// Until when the link works.
    pub link_expires_at: Timestamp,
    /// To be typed: `7KQ2-M4XW-9TDC`.
    pub short_code: String,
    /// Until when the short code works.
    pub code_expires_at: Timestamp,
}

/// A device that has just been paired: the only time that its token is known.
#[derive(Debug, Clone)]
pub struct Paired {
    /// For whom it acts.
    pub person: Person,
    /// The device.
    pub device: Device,
    /// Its token.
    pub token: String,
}

impl Store {
    /// Who a token belongs to; `None` when it is unknown or revoked, or its person has left, or its
    /// device must prove a key as well.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn authenticate(&self, token: &str, now: Timestamp) -> Result<Option<Caller>, Error> {
        self.authenticate_with_key(token, None, now).await
    }

    /// As [`Store::authenticate`], for whoever has proven to have the key with this hash.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn authenticate_with_key(
        &self,
        token: &str,
        key_hash: Option<[u8; 32]>,
        now: Timestamp,
    ) -> Result<Option<Caller>, Error> {
        let hash = secret::hash(token);
        let Some((generation, known)) = self.whose(hash).await? else { return Ok(None) };
        let Known { device, actor, last_seen_at, .. } = known;
        if known.key_hash.is_some() && known.key_hash != key_hash {
            return Ok(None);
        }
        let is_stale = last_seen_at.is_none_or(|seen| (now - seen).abs() >= SEEN_RESOLUTION);
        // A disk that takes nothing must not keep anybody from reading.
        if is_stale && self.trouble().borrow().is_none() && !self.is_frozen() {
            // Of the state in which it was read, so that what was changed since is not undone.
            self.signed_in().remember(hash, generation, Known { last_seen_at: Some(now), ..known });
            // Nobody's request waits for it: a thousand devices that come back at once are let in first.
            let seen = self.give_keeping_access(move |txn| Ok(device::set_last_seen(txn.conn, device, now)?)).await;
            if let Err(error) = seen {
                tracing::warn!(%error, "could not record that a device was seen");
            }
        }
        Ok(Some(Caller { device, actor }))
    }

    /// The signed-in device whose token has this hash, and the state in which it was read.
    async fn whose(&self, token_hash: [u8; 32]) -> Result<Option<(Generation, Known)>, Error> {
        if let Some(known) = self.signed_in().get(&token_hash) {
            return Ok(Some(known));
        }
        let generation = self.signed_in().generation();
        let found = self
            .read_few(|conn| {
                let Some(device) = device::by_token(conn, &token_hash)? else { return Ok(None) };
                let person = person::get(conn, device.person)?.filter(|person| person.active);
                Ok(person.map(|person| Known {
                    device: device.id,
                    key_hash: device.key_hash,
                    actor: Actor { person: person.id, role: person.role },
                    last_seen_at: device.last_seen_at,
                }))
            })
            .await?;
        if let Some(known) = found {
            self.signed_in().remember(token_hash, generation, known);
        }
        Ok(found.map(|known| (generation, known)))
    }

    /// Whether a caller's device is still good: neither revoked nor of somebody who left.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn is_signed_in(&self, caller: Caller) -> Result<bool, Error> {
        self.read_few(|conn| {
            let person = person::get(conn, caller.actor.person)?;
            Ok(device::get(conn, caller.device)?.is_some() && person.is_some_and(|person| person.active))
        })
        .await
    }

    /// Makes a token for a person.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Conflict::InactivePerson`].
    pub async fn create_token(
        &self,
        by: By,
        person: PersonId,
        kind: DeviceKind,
        name: String,
        now: Timestamp,
    ) -> Result<Paired, Error> {
        self.write(move |txn| {
            by.require(Action::ManagePeople)?;
            let paired = txn.pair(person, kind, false, None, name.clone(), now)?;
            txn.audit_device(&by, "device.create", paired.device.id, now)?;
            Ok(paired)
        })
        .await
    }

    /// The one device that is the desktop with this file, with a new token each time. `person`
    /// `None`: whose it was, else the first admin's. When it was somebody else's, theirs is revoked.
    ///
    /// # Errors
    /// [`Error::NotFound`] when there is nobody.
    pub async fn sign_in_desktop(
        &self,
        person: Option<PersonId>,
        name: String,
        now: Timestamp,
    ) -> Result<Paired, Error> {
        self.write(move |txn| {
            let local = device::local(txn.conn)?;
            if let Some(device) = &local
                && person.is_none_or(|person| person == device.person)
            {
                let token = secret::token().map_err(random_failed)?;
                let device = Device { name: name.clone(), ..device.clone() };
                device::set_token(txn.conn, &device, &secret::hash(&token))?;
                let person = person::get(txn.conn, device.person)?.ok_or(Error::NotFound)?;
                return Ok(Paired { person, device, token });
            }
            if let Some(other) = local {
                device::revoke(txn.conn, other.id, now)?;
                txn.committed.revoked.insert(other.id);
            }
            let person = match person {
                Some(person) => person,
                None => txn.first_admin()?,
            };
            let paired = txn.pair(person, DeviceKind::Desktop, true, None, name.clone(), now)?;
            txn.audit_device(&By::CommandLine, "device.create", paired.device.id, now)?;
            Ok(paired)
        })
        .await
    }

    /// Revokes a device: its token is worth nothing from then on.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for somebody else's.
    pub async fn revoke_device(&self, by: By, id: DeviceId, now: Timestamp) -> Result<(), Error> {
        self.write(move |txn| {
            let device = device::get(txn.conn, id)?.ok_or(Error::NotFound)?;
            by.require(Action::ManageDevices(device.person)).map_err(|_| Error::NotFound)?;
            device::revoke(txn.conn, id, now)?;
            txn.committed.revoked.insert(id);
            txn.audit_device(&by, "device.revoke", id, now)
        })
        .await
    }

    /// Gives a device another name.
    ///
    /// # Errors
    /// [`Error::NotFound`], also for somebody else's.
    pub async fn rename_device(&self, by: By, id: DeviceId, name: String, now: Timestamp) -> Result<Device, Error> {
        self.write(move |txn| {
            let device = device::get(txn.conn, id)?.ok_or(Error::NotFound)?;
            by.require(Action::ManageDevices(device.person)).map_err(|_| Error::NotFound)?;
            device::set_name(txn.conn, id, &name)?;
            txn.audit_device(&by, "device.rename", id, now)?;
            Ok(Device { name: name.clone(), ..device })
        })
        .await
    }

    /// Invites a person to pair a device, beside the invitations they have.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Conflict::InactivePerson`].
    pub async fn invite(&self, by: By, person: PersonId, now: Timestamp) -> Result<Invited, Error> {
        self.write(move |txn| {
            by.require(Action::ManagePeople)?;
            txn.invite(&by, person, false, now)
        })
        .await
    }

    /// An invitation for the first admin as long as no device is paired and no token exists;
    /// earlier such ones are void.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn first_sign_in(&self, now: Timestamp) -> Result<Option<Invited>, Error> {
        self.write(move |txn| {
            invitation::spend_first_sign_ins(txn.conn, now)?;
            if device::any(txn.conn)? {
                return Ok(None);
            }
            let admin = txn.first_admin()?;
            txn.invite(&By::CommandLine, admin, true, now).map(Some)
        })
        .await
    }

    /// Turns an invitation, by its link's secret or its short code, into a device.
    ///
    /// A short code that was refused costs the same work, whatever is wrong with it.
    ///
    /// # Errors
    /// [`Error::InvitationRefused`].
    pub async fn redeem(&self, code: String, kind: DeviceKind, name: String, now: Timestamp) -> Result<Paired, Error> {
        // A wrong guess is counted, and so must not undo the transaction.
        self.write(move |txn| match txn.open_invitation(code.trim(), now)? {
            None => Ok(None),
            Some(invitation) => txn.accept(&invitation, kind, None, name.clone(), now).map(Some),
        })
        .await?
        .ok_or(Error::InvitationRefused)
    }
}

pub(crate) fn random_failed(error: getrandom::Error) -> Error {
    Error::Internal(error.to_string().into())
}

impl Txn<'_> {
    fn first_admin(&self) -> Result<PersonId, Error> {
        let admins = person::all(self.conn)?.into_iter().filter(|person| person.active && person.role == Role::Admin);
        admins.map(|person| person.id).min().ok_or(Error::NotFound)
    }

    /// Turns an open invitation into a device.
    pub(crate) fn accept(
        &mut self,
        invitation: &Invitation,
        kind: DeviceKind,
        key_hash: Option<[u8; 32]>,
        name: String,
        now: Timestamp,
    ) -> Result<Paired, Error> {
        invitation::spend(self.conn, invitation.id, now)?;
        let paired = self.pair(invitation.person, kind, false, key_hash, name, now)?;
        let (device, person) = (paired.device.id, &paired.person);
        let by = By::Caller(Caller { device, actor: Actor { person: person.id, role: person.role } });
        self.audit_device(&by, "device.pair", device, now)?;
        Ok(paired)
    }

    pub(crate) fn pair(
        &mut self,
        person: PersonId,
        kind: DeviceKind,
        is_local: bool,
        key_hash: Option<[u8; 32]>,
        name: String,
        now: Timestamp,
    ) -> Result<Paired, Error> {
        let person = person::get(self.conn, person)?.ok_or(Error::NotFound)?;
        if !person.active {
            return Err(Conflict::InactivePerson.into());
        }
        let token = secret::token().map_err(random_failed)?;
        let id = DeviceId::from_uuid(uuid_at(now));
        let device = Device { id, person: person.id, name, kind, key_hash, created_at: now, last_seen_at: None };
        device::insert(self.conn, &device, is_local, &secret::hash(&token))?;
        // From the first device on, nobody needs the link that the hub printed. A program's token
        // shows nothing to anybody: whoever made it still has to sign in.
        if kind != DeviceKind::Token {
            invitation::spend_first_sign_ins(self.conn, now)?;
        }
        Ok(Paired { person, device, token })
    }

    fn invite(&mut self, by: &By, person: PersonId, is_first_sign_in: bool, now: Timestamp) -> Result<Invited, Error> {
        if !person::get(self.conn, person)?.ok_or(Error::NotFound)?.active {
            return Err(Conflict::InactivePerson.into());
        }
        let link_secret = secret::link_secret().map_err(random_failed)?;
        let (short_code, plain, selector) = self.fresh_code(now)?;
        let invitation = Invitation {
            id: uuid_at(now),
            person,
            is_first_sign_in,
            secret_hash: secret::hash(&link_secret),
            link_expires_at: now + LINK_LASTS,
            code_selector: selector,
            code_hash: secret::hash(&plain),
            code_expires_at: now + CODE_LASTS,
        };
        invitation::insert(self.conn, &invitation)?;
        let entry = audit::Entry {
            by,
            action: "invitation.create",
            object: Some(person.as_uuid()),
            revision: None,
            detail: serde_json::json!({}),
        };
        audit::append(self.conn, now, &entry)?;
        Ok(Invited {
            link_secret,
            link_expires_at: invitation.link_expires_at,
            short_code,
            code_expires_at: invitation.code_expires_at,
        })
    }

    pub(crate) fn open_invitation(&mut self, code: &str, now: Timestamp) -> Result<Option<Invitation>, Error> {
        let Some(short) = secret::read_short_code(code) else {
            return Ok(invitation::by_secret(self.conn, &secret::hash(code), now)?);
        };
        let hash = secret::hash(&short);
        match invitation::by_selector(self.conn, &short[..secret::SELECTOR_LEN], now)? {
            // Hashes are compared in constant time.
            Some(found) if blake3::Hash::from(found.code_hash) == hash => return Ok(Some(found)),
            Some(found) => invitation::count_wrong_try(self.conn, found.id)?,
            // How long the answer takes must not tell that there is such a selector.
            None => office::write_and_change_nothing(self.conn)?,
        }
        Ok(None)
    }

    pub(crate) fn audit_device(
        &self,
        by: &By,
        action: &'static str,
        id: DeviceId,
        now: Timestamp,
    ) -> Result<(), Error> {
        let entry =
            audit::Entry { by, action, object: Some(id.as_uuid()), revision: None, detail: serde_json::json!({}) };
        Ok(audit::append(self.conn, now, &entry)?)
    }
}
