//! People on the wire.

use rappel_core::event::ReminderMinutes;
use rappel_core::person::{self, Locale, Office, QuietHours, Role, parse_email, parse_name};
use rappel_core::{Invalid, Zone};
use rappel_store::{HubIdentity, NewPerson, PersonPatch};
use serde::{Deserialize, Serialize};

use super::{Object, given, not_null};

/// Hours without sound, wall times of the person's zone.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct QuietHoursItem {
    /// `19:00`.
    pub from: String,
    /// `07:30`; may be earlier than `from`: over midnight.
    pub to: String,
}

/// A member of the office. Null language, zone or reminders are the office's.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS), ts(rename = "Person"))]
pub struct PersonItem {
    /// Identity.
    pub id: String,
    /// As colleagues call them.
    pub name: String,
    /// What they may do.
    #[cfg_attr(test, ts(type = "\"admin\" | \"member\""))]
    pub role: Role,
    /// Null for those who may not see it.
    pub email: Option<String>,
    /// Their language.
    #[cfg_attr(test, ts(type = "\"fr\" | \"en\" | null"))]
    pub locale: Option<Locale>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// Minutes before the start.
    pub reminders: Option<Vec<u32>>,
    /// Hours without sound.
    pub quiet_hours: Option<QuietHoursItem>,
    /// False once they have left.
    pub active: bool,
}

impl PersonItem {
    /// A person for somebody who may or may not see their address.
    #[must_use]
    pub fn new(person: &person::Person, shows_email: bool) -> Self {
        Self {
            id: person.id.to_string(),
            name: person.name.clone(),
            role: person.role,
            email: person.email.clone().filter(|_| shows_email),
            locale: person.locale,
            time_zone: person.time_zone.as_ref().map(|zone| zone.name().to_owned()),
            reminders: person.reminders.as_ref().map(|minutes| minutes.as_slice().to_vec()),
            quiet_hours: person
                .quiet_hours
                .as_ref()
                .map(|hours| QuietHoursItem { from: hours.from.clone(), to: hours.to.clone() }),
            active: person.active,
        }
    }
}

/// Everybody.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct PersonList {
    /// By name, those who left included.
    pub people: Vec<PersonItem>,
}

/// What holds for whoever did not choose otherwise.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct OfficeItem {
    /// As its people call it.
    pub name: String,
    /// Its language.
    #[cfg_attr(test, ts(type = "\"fr\" | \"en\""))]
    pub locale: Locale,
    /// IANA name.
    pub time_zone: String,
    /// Minutes before the start.
    pub reminders: Vec<u32>,
    /// Which hub this is.
    pub hub_id: String,
    /// One more with each restore of a backup: what a client knew holds no more.
    #[cfg_attr(test, ts(type = "number"))]
    pub epoch: u64,
    /// Whose desktop the hub is in; null where it is in none.
    pub kept_by: Option<String>,
}

impl OfficeItem {
    pub(crate) fn new(office: &Office, hub: HubIdentity, kept_by: Option<String>) -> Self {
        Self {
            name: office.name.clone(),
            locale: office.locale,
            time_zone: office.time_zone.name().to_owned(),
            reminders: office.reminders.as_slice().to_vec(),
            hub_id: hub.id.to_string(),
            epoch: hub.epoch,
            kept_by,
        }
    }
}

/// Who am I.
#[derive(Debug, Clone, Serialize)]
#[cfg_attr(test, derive(ts_rs::TS))]
pub struct Me {
    /// The person whose device it is.
    #[serde(flatten)]
    pub person: PersonItem,
    /// What holds where the person did not choose.
    pub office: OfficeItem,
    /// The device that asks.
    pub device_id: String,
}

/// One's own preferences; what is left out stays, null is the office's.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct Preferences {
    /// `fr` or `en`.
    #[serde(deserialize_with = "given")]
    pub locale: Option<Option<String>>,
    /// IANA name.
    #[serde(deserialize_with = "given")]
    pub time_zone: Option<Option<String>>,
    /// Minutes before the start.
    #[serde(deserialize_with = "given")]
    pub reminders: Option<Option<Vec<u32>>>,
    /// Hours without sound.
    #[serde(deserialize_with = "given")]
    #[cfg_attr(test, ts(as = "Option<Option<QuietHoursItem>>"))]
    pub quiet_hours: Option<Option<Object<QuietHoursItem>>>,
}

impl Preferences {
    /// The wish, with every field of the right form.
    pub(crate) fn parse(self) -> Result<PersonPatch, Invalid> {
        Ok(PersonPatch {
            locale: each(self.locale, |locale| Locale::parse(&locale))?,
            time_zone: each(self.time_zone, |name| Zone::parse("time_zone", &name))?,
            reminders: each(self.reminders, |minutes| ReminderMinutes::parse("reminders", minutes))?,
            quiet_hours: each(self.quiet_hours, |Object(hours)| QuietHours::parse(hours.from, hours.to))?,
            ..PersonPatch::default()
        })
    }
}

/// Somebody who joins.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields = nullable))]
pub struct PersonInput {
    /// As colleagues call them.
    pub name: String,
    /// `member` if left out.
    pub role: Option<String>,
    /// Where to write.
    pub email: Option<String>,
    /// `fr` or `en`.
    pub locale: Option<String>,
    /// IANA name.
    pub time_zone: Option<String>,
    /// Minutes before the start.
    pub reminders: Option<Vec<u32>>,
}

impl PersonInput {
    /// The wish, with every field of the right form.
    pub(crate) fn parse(self) -> Result<NewPerson, Invalid> {
        Ok(NewPerson {
            name: parse_name("name", &self.name)?,
            role: self.role.map_or(Ok(Role::Member), |role| Role::parse(&role))?,
            email: self.email.map(|email| parse_email("email", &email)).transpose()?,
            locale: self.locale.map(|locale| Locale::parse(&locale)).transpose()?,
            time_zone: self.time_zone.map(|name| Zone::parse("time_zone", &name)).transpose()?,
            reminders: self.reminders.map(|minutes| ReminderMinutes::parse("reminders", minutes)).transpose()?,
        })
    }
}

/// A change of somebody, by an admin; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[cfg_attr(test, derive(ts_rs::TS), ts(optional_fields))]
pub struct PersonPatchInput {
    /// As colleagues call them.
    #[serde(deserialize_with = "not_null")]
    pub name: Option<String>,
    /// `admin` or `member`.
    #[serde(deserialize_with = "not_null")]
    pub role: Option<String>,
    /// Where to write.
    #[serde(deserialize_with = "given")]
    pub email: Option<Option<String>>,
    /// `fr` or `en`.
    #[serde(deserialize_with = "given")]
    pub locale: Option<Option<String>>,
    /// IANA name.
    #[serde(deserialize_with = "given")]
    pub time_zone: Option<Option<String>>,
    /// Minutes before the start.
    #[serde(deserialize_with = "given")]
    pub reminders: Option<Option<Vec<u32>>>,
    /// Hours without sound.
    #[serde(deserialize_with = "given")]
    #[cfg_attr(test, ts(as = "Option<Option<QuietHoursItem>>"))]
    pub quiet_hours: Option<Option<Object<QuietHoursItem>>>,
    /// Whether they are of the office.
    #[serde(deserialize_with = "not_null")]
    pub active: Option<bool>,
}

impl PersonPatchInput {
    /// The wish, with every field of the right form.
    pub(crate) fn parse(self) -> Result<PersonPatch, Invalid> {
        let preferences = Preferences {
            locale: self.locale,
            time_zone: self.time_zone,
            reminders: self.reminders,
            quiet_hours: self.quiet_hours,
        };
        Ok(PersonPatch {
            name: self.name.map(|name| parse_name("name", &name)).transpose()?,
            role: self.role.map(|role| Role::parse(&role)).transpose()?,
            email: each(self.email, |email| parse_email("email", &email))?,
            active: self.active,
            ..preferences.parse()?
        })
    }
}

/// Reads what is inside two layers of absence.
fn each<T, U>(
    field: Option<Option<T>>,
    read: impl FnOnce(T) -> Result<U, Invalid>,
) -> Result<Option<Option<U>>, Invalid> {
    field.map(|value| value.map(read).transpose()).transpose()
}
