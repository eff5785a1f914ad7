//! People: adding, changing and deactivating them; what their preferences mean for their reminders.

use std::collections::BTreeMap;

use rappel_core::authorize::Action;
use rappel_core::event::ReminderMinutes;
use rappel_core::person::{Locale, Person, QuietHours, Role};
use rappel_core::{PersonId, Timestamp, Zone};

use crate::error::{Conflict, Error};
use crate::listing;
use crate::store::{By, Store, uuid_at};
use crate::table::{armed, audit, device, event, invitation, office, person};
use crate::writer::Txn;

/// Somebody who joins the office.
#[derive(Debug, Clone)]
pub struct NewPerson {
    /// As colleagues call them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Where to write to them.
    pub email: Option<String>,
    /// Their language, if not the office's.
    pub locale: Option<Locale>,
    /// Their zone, if not the office's.
    pub time_zone: Option<Zone>,
    /// Their reminders, if not the office's.
    pub reminders: Option<ReminderMinutes>,
}

/// A change of a person: the outer `None` leaves a field as it is, the inner one gives it back to
/// the office's default.
#[derive(Debug, Clone, Default)]
pub struct PersonPatch {
    /// As colleagues call them.
    pub name: Option<String>,
    /// What they may do.
    pub role: Option<Role>,
    /// Where to write to them.
    pub email: Option<Option<String>>,
    /// Their language.
    pub locale: Option<Option<Locale>>,
    /// Their zone.
    pub time_zone: Option<Option<Zone>>,
    /// Their reminders.
    pub reminders: Option<Option<ReminderMinutes>>,
    /// Hours without sound.
    pub quiet_hours: Option<Option<QuietHours>>,
    /// Whether they are of the office.
    pub active: Option<bool>,
}

impl PersonPatch {
    fn apply(self, before: &Person) -> Person {
        Person {
            id: before.id,
            name: self.name.unwrap_or_else(|| before.name.clone()),
            role: self.role.unwrap_or(before.role),
            email: self.email.unwrap_or_else(|| before.email.clone()),
            locale: self.locale.unwrap_or(before.locale),
            time_zone: self.time_zone.unwrap_or_else(|| before.time_zone.clone()),
            reminders: self.reminders.unwrap_or_else(|| before.reminders.clone()),
            quiet_hours: self.quiet_hours.unwrap_or_else(|| before.quiet_hours.clone()),
            active: self.active.unwrap_or(before.active),
        }
    }
}

impl Store {
    /// Adds somebody.
    ///
    /// # Errors
    /// [`Error::Forbidden`] for whoever is no admin.
    pub async fn add_person(&self, by: By, new: NewPerson, now: Timestamp) -> Result<Person, Error> {
        self.write(move |txn| {
            by.require(Action::ManagePeople)?;
            txn.add_person(&by, new.clone(), now)
        })
        .await
    }

    /// Adds an admin to an office that has none; `None` where it has.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn add_first_admin(&self, name: String, now: Timestamp) -> Result<Option<Person>, Error> {
        let new = NewPerson { name, role: Role::Admin, email: None, locale: None, time_zone: None, reminders: None };
        self.write(move |txn| {
            if person::active_admins(txn.conn)? > 0 {
                return Ok(None);
            }
            txn.add_person(&By::CommandLine, new.clone(), now).map(Some)
        })
        .await
    }

    /// Changes somebody; whoever is no admin may do so to their own preferences, see
    /// [`Store::update_own_preferences`].
    ///
    /// # Errors
    /// [`Error::NotFound`], [`Error::Forbidden`], [`Conflict::LastAdmin`].
    pub async fn update_person(
        &self,
        by: By,
        id: PersonId,
        patch: PersonPatch,
        now: Timestamp,
    ) -> Result<Person, Error> {
        self.write(move |txn| {
            by.require(Action::ManagePeople)?;
            txn.update_person(&by, id, patch.clone(), now)
        })
        .await
    }

    /// Changes the caller's own language, zone, reminders and quiet hours; other fields of the
    /// patch are ignored.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn update_own_preferences(
        &self,
        caller: crate::Caller,
        patch: PersonPatch,
        now: Timestamp,
    ) -> Result<Person, Error> {
        let own = PersonPatch {
            locale: patch.locale,
            time_zone: patch.time_zone,
            reminders: patch.reminders,
            quiet_hours: patch.quiet_hours,
            ..PersonPatch::default()
        };
        self.write(move |txn| txn.update_person(&By::Caller(caller), caller.actor.person, own.clone(), now)).await
    }

    /// Sets the office's language and zone, where given.
    ///
    /// # Errors
    /// Only when the store cannot be used.
    pub async fn set_office_defaults(
        &self,
        locale: Option<Locale>,
        time_zone: Option<Zone>,
        now: Timestamp,
    ) -> Result<(), Error> {
        self.write(move |txn| {
            let before = office::require(txn.conn)?;
            if let Some(locale) = locale {
                office::set_locale(txn.conn, locale)?;
            }
            if let Some(time_zone) = &time_zone {
                office::set_time_zone(txn.conn, time_zone.name())?;
            }
            if office::require(txn.conn)? != before {
                let entry = audit::Entry {
                    by: &By::CommandLine,
                    action: "office.update",
                    object: None,
                    revision: None,
                    detail: serde_json::json!({ "locale": locale, "time_zone": time_zone.as_ref().map(Zone::name) }),
                };
                audit::append(txn.conn, now, &entry)?;
                for person in person::all(txn.conn)? {
                    txn.arm_all(person.id, now)?;
                }
            }
            Ok(())
        })
        .await
    }
}

impl Txn<'_> {
    pub(crate) fn add_person(&mut self, by: &By, new: NewPerson, now: Timestamp) -> Result<Person, Error> {
        let person = Person {
            id: PersonId::from_uuid(uuid_at(now)),
            name: new.name,
            role: new.role,
            email: new.email,
            locale: new.locale,
            time_zone: new.time_zone,
            reminders: new.reminders,
            quiet_hours: None,
            active: true,
        };
        person::insert(self.conn, &person, now)?;
        self.audit_person(by, "person.create", person.id, serde_json::json!({ "fields": [] }), now)?;
        Ok(person)
    }

    fn update_person(&mut self, by: &By, id: PersonId, patch: PersonPatch, now: Timestamp) -> Result<Person, Error> {
        let before = person::get(self.conn, id)?.ok_or(Error::NotFound)?;
        let after = patch.apply(&before);
        if after == before {
            return Ok(before);
        }
        person::update(self.conn, &after)?;
        let was_admin = before.active && before.role == Role::Admin;
        if was_admin && person::active_admins(self.conn)? == 0 {
            return Err(Conflict::LastAdmin.into());
        }
        if before.active && !after.active {
            for device in device::all(self.conn, Some(id))? {
                device::revoke(self.conn, device.id, now)?;
                self.committed.revoked.insert(device.id);
            }
            invitation::spend_all_of(self.conn, id, now)?;
        }
        self.arm_all(id, now)?;
        let fields = changed_fields(&before, &after);
        // What these two are now is nobody's secret; of other fields only the names are kept.
        let detail = serde_json::json!({
            "fields": fields,
            "active": Some(after.active).filter(|active| *active != before.active),
            "role": Some(after.role.as_str()).filter(|_| after.role != before.role),
        });
        self.audit_person(by, "person.update", id, detail, now)?;
        Ok(after)
    }

    /// Makes all reminders of a person what they should be.
    fn arm_all(&mut self, id: PersonId, now: Timestamp) -> Result<(), Error> {
        let recipient = self.recipient(id)?;
        let ahead = listing::ahead_of(self.conn, id, now)?;
        let mut events: BTreeMap<_, _> = ahead.into_iter().map(|event| (event.id, event)).collect();
        for id in armed::pending_events_of(self.conn, id, now)? {
            if let std::collections::btree_map::Entry::Vacant(missing) = events.entry(id) {
                missing.insert(event::require(self.conn, id)?);
            }
        }
        for event in events.values() {
            self.arm(&recipient, event, now)?;
        }
        Ok(())
    }

    fn audit_person(
        &self,
        by: &By,
        action: &'static str,
        id: PersonId,
        detail: serde_json::Value,
        now: Timestamp,
    ) -> Result<(), Error> {
        let entry = audit::Entry { by, action, object: Some(id.as_uuid()), revision: None, detail };
        Ok(audit::append(self.conn, now, &entry)?)
    }
}

/// The names of the fields that differ.
fn changed_fields(before: &Person, after: &Person) -> Vec<&'static str> {
    let differs = [
        ("name", before.name != after.name),
        ("role", before.role != after.role),
        ("email", before.email != after.email),
        ("locale", before.locale != after.locale),
        ("time_zone", before.time_zone != after.time_zone),
        ("reminders", before.reminders != after.reminders),
        ("quiet_hours", before.quiet_hours != after.quiet_hours),
        ("active", before.active != after.active),
    ];
    differs.into_iter().filter_map(|(field, differs)| differs.then_some(field)).collect()
}
