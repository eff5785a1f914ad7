//! Letting colleagues in: invitations for everybody, and devices of those whom an admin lets in.

use chrono::TimeDelta;
use rappel_core::authorize::{Action, Actor};
use rappel_core::person::{Person, Role};
use rappel_core::{PersonId, Timestamp};

use crate::command::access::{Invited, Paired, random_failed};
use crate::command::people::NewPerson;
use crate::error::{Conflict, Error};
use crate::secret;
use crate::store::{By, Caller, Store, uuid_at};
use crate::table::device::DeviceKind;
use crate::table::open_invitation::{self, OpenInvitation};
use crate::table::{audit, device, invitation, person};
use crate::writer::Txn;

/// How long the link of an invitation for everybody works.
const LINK_LASTS: TimeDelta = TimeDelta::days(7);
/// How long its short code works: a round through the office.
const CODE_LASTS: TimeDelta = TimeDelta::minutes(30);
/// Links for everybody that may be about at once; the oldest go first.
const OPEN_MAX: usize = 50;

/// What somebody holds in their hands who has a link or a code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ticket {
    /// This person's own invitation: it lets them in.
    Personal(Person),
    /// One for everybody: with it one may ask to be let in, perhaps as one of these people, whom
    /// nobody is yet on any device.
    Open(Vec<Person>),
}

/// Who somebody is who is let in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Newcomer {
    /// Somebody of the office.
    Known(PersonId),
    /// Somebody new, a member, by this name.
    New(String),
}

/// The invitations for everybody that still work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenInvitations {
    /// How many links.
    pub count: u64,
    /// Until when the last of them works.
    pub last_expires_at: Option<Timestamp>,
}

impl Store {
    /// Invites everybody: a link and a short code that are good for many, and with which one may
    /// ask to be let in. Earlier ones go on until they expire.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn invite_everybody(&self, by: By, now: Timestamp) -> Result<Invited, Error> {
        self.write(move |txn| {
            by.require(Action::ManagePeople)?;
            let link_secret = secret::link_secret().map_err(random_failed)?;
            let (short_code, plain, selector) = txn.fresh_code(now)?;
            let invitation = OpenInvitation {
                id: uuid_at(now),
                secret_hash: secret::hash(&link_secret),
                link_expires_at: now + LINK_LASTS,
                code_selector: selector,
                code_hash: secret::hash(&plain),
                code_expires_at: now + CODE_LASTS,
            };
            open_invitation::insert(txn.conn, &invitation)?;
            open_invitation::forget(txn.conn, OPEN_MAX, now)?;
            txn.audit_joining(&by, "open_invitation.create", None, now)?;
            Ok(Invited {
                link_secret,
                link_expires_at: invitation.link_expires_at,
                short_code,
                code_expires_at: invitation.code_expires_at,
            })
        })
        .await
    }

    /// The invitations for everybody that still work.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn open_invitations(&self, now: Timestamp) -> Result<OpenInvitations, Error> {
        self.read(move |conn| {
            let (count, last_expires_at) = open_invitation::open(conn, now)?;
            Ok(OpenInvitations { count, last_expires_at })
        })
        .await
    }

    /// Ends all invitations for everybody, links and codes.
    ///
    /// # Errors
    /// [`Error::Forbidden`].
    pub async fn revoke_open_invitations(&self, by: By, now: Timestamp) -> Result<(), Error> {
        self.write(move |txn| {
            by.require(Action::ManagePeople)?;
            if open_invitation::revoke_all(txn.conn, now)? > 0 {
                txn.audit_joining(&by, "open_invitation.revoke", None, now)?;
            }
            Ok(())
        })
        .await
    }

    /// What a link's secret or a short code is good for. Nothing is used up; a wrong guess of a
    /// code is counted.
    ///
    /// # Errors
    /// [`Error::InvitationRefused`].
    pub async fn look_at_ticket(&self, code: String, now: Timestamp) -> Result<Ticket, Error> {
        // A wrong guess is counted, and so must not undo the transaction.
        self.write(move |txn| {
            let code = code.trim();
            if txn.is_open_invitation(code, now)? {
                return txn.unused_people().map(|people| Some(Ticket::Open(people)));
            }
            let Some(invitation) = txn.open_invitation(code, now)? else { return Ok(None) };
            let person = person::get(txn.conn, invitation.person)?.filter(|person| person.active);
            Ok(person.map(Ticket::Personal))
        })
        .await?
        .ok_or(Error::InvitationRefused)
    }

    /// Decides who a newcomer is: somebody of the office, or somebody new, who is added.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Error::Forbidden`]; [`Conflict::InactivePerson`].
    pub async fn accept_newcomer(&self, by: By, newcomer: Newcomer, now: Timestamp) -> Result<Person, Error> {
        self.write(move |txn| {
            by.require(Action::ManagePeople)?;
            let person = match newcomer.clone() {
                Newcomer::Known(id) => person::get(txn.conn, id)?.ok_or(Error::NotFound)?,
                Newcomer::New(name) => {
                    let role = Role::Member;
                    let new = NewPerson { name, role, email: None, locale: None, time_zone: None, reminders: None };
                    txn.add_person(&by, new, now)?
                }
            };
            if !person.active {
                return Err(Conflict::InactivePerson.into());
            }
            txn.audit_joining(&by, "join_request.accept", Some(person.id), now)?;
            Ok(person)
        })
        .await
    }

    /// The device of somebody whom an admin has let in; with a key, its token is good together with
    /// that one only.
    ///
    /// # Errors
    /// [`Error::NotFound`]; [`Conflict::InactivePerson`].
    pub async fn let_in(
        &self,
        person: PersonId,
        kind: DeviceKind,
        key_hash: Option<[u8; 32]>,
        name: String,
        now: Timestamp,
    ) -> Result<Paired, Error> {
        self.write(move |txn| {
            let paired = txn.pair(person, kind, false, key_hash, name.clone(), now)?;
            let actor = Actor { person: paired.person.id, role: paired.person.role };
            let by = By::Caller(Caller { device: paired.device.id, actor });
            txn.audit_device(&by, "device.pair", paired.device.id, now)?;
            Ok(paired)
        })
        .await
    }
}

impl Txn<'_> {
    /// A short code whose selector no open invitation of any kind has: with it, its plain spelling
    /// and its selector.
    pub(crate) fn fresh_code(&self, now: Timestamp) -> Result<(String, String, String), Error> {
        loop {
            let short_code = secret::short_code().map_err(random_failed)?;
            let plain = short_code.replace('-', "");
            let selector = plain[..secret::SELECTOR_LEN].to_owned();
            if invitation::by_selector(self.conn, &selector, now)?.is_none()
                && open_invitation::by_selector(self.conn, &selector, now)?.is_none()
            {
                return Ok((short_code, plain, selector));
            }
        }
    }

    fn is_open_invitation(&mut self, code: &str, now: Timestamp) -> Result<bool, Error> {
        let Some(short) = secret::read_short_code(code) else {
            return Ok(open_invitation::by_secret(self.conn, &secret::hash(code), now)?.is_some());
        };
        let Some(found) = open_invitation::by_selector(self.conn, &short[..secret::SELECTOR_LEN], now)? else {
            return Ok(false);
        };
        // Hashes are compared in constant time.
        let is_right = blake3::Hash::from(found.code_hash) == secret::hash(&short);
        if !is_right {
            open_invitation::count_wrong_try(self.conn, found.id)?;
        }
        Ok(is_right)
    }

    /// The members whom nobody is yet on any browser or desktop, by name. Admins get in by an
    /// invitation of their own only.
    fn unused_people(&self) -> Result<Vec<Person>, Error> {
        let used: Vec<PersonId> = device::all(self.conn, None)?
            .into_iter()
            .filter(|device| device.kind != DeviceKind::Token)
            .map(|device| device.person)
            .collect();
        let is_unused = |person: &Person| person.active && person.role == Role::Member && !used.contains(&person.id);
        Ok(person::all(self.conn)?.into_iter().filter(is_unused).collect())
    }

    fn audit_joining(
        &self,
        by: &By,
        action: &'static str,
        person: Option<PersonId>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let object = person.map(|person| person.as_uuid());
        let entry = audit::Entry { by, action, object, revision: None, detail: serde_json::json!({}) };
        Ok(audit::append(self.conn, now, &entry)?)
    }
}
