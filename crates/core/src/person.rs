//! People, and the preferences that decide when and in which words they are told.

use serde::{Deserialize, Serialize};

use crate::event::{self, ReminderMinutes};
use crate::invalid::check_line;
use crate::visible::check_name_is_seen;
use crate::{Invalid, PersonId, Zone};

/// The longest name, in characters.
pub const NAME_MAX: usize = 120;
/// The longest e-mail address, in characters (RFC 5321 §4.5.3.1.3, without the brackets).
pub const EMAIL_MAX: usize = 254;

/// A language that the product speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Locale {
    /// French.
    Fr,
    /// English.
    En,
}

impl Locale {
    /// Reads `fr` or `en`.
    ///
    /// # Errors
    /// [`Invalid`] naming `locale`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "fr" => Ok(Self::Fr),
            "en" => Ok(Self::En),
            _ => Err(Invalid::new("locale", "must be \"fr\" or \"en\"")),
        }
    }

    /// `fr` or `en`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Fr => "fr",
            Self::En => "en",
        }
    }

    /// The language of a locale name of the OS (`fr_FR.UTF-8`, `fr-CA`): French for French, else
    /// English.
    #[must_use]
    pub fn of_os(name: &str) -> Self {
        match name.get(..2) {
            Some(language) if language.eq_ignore_ascii_case("fr") => Self::Fr,
            _ => Self::En,
        }
    }
}

/// What somebody may do beyond their own events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Manages people, invitations, settings and backups, and may change every event they can see.
    Admin,
    /// Everybody else.
    Member,
}

impl Role {
    /// Reads `admin` or `member`.
    ///
    /// # Errors
    /// [`Invalid`] naming `role`.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        match text {
            "admin" => Ok(Self::Admin),
            "member" => Ok(Self::Member),
            _ => Err(Invalid::new("role", "must be \"admin\" or \"member\"")),
        }
    }

    /// `admin` or `member`.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Admin => "admin",
            Self::Member => "member",
        }
    }
}

/// The hours of the day in which somebody wants no sound, as wall times of their zone. `from` may
/// be later than `to`: over midnight.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuietHours {
    /// `HH:MM`.
    pub from: String,
    /// `HH:MM`.
    pub to: String,
}

impl QuietHours {
    /// Checks both times.
    ///
    /// # Errors
    /// [`Invalid`] naming `quiet_hours.from` or `quiet_hours.to`.
    pub fn parse(from: String, to: String) -> Result<Self, Invalid> {
        for (field, text) in [("quiet_hours.from", &from), ("quiet_hours.to", &to)] {
            let well_formed = text.len() == 5 && chrono::NaiveTime::parse_from_str(text, "%H:%M").is_ok();
            if !well_formed {
                return Err(Invalid::new(field, "must be a time such as 19:00"));
            }
        }
        Ok(Self { from, to })
    }
}

/// A member of the office. What is `None` of the preferences is the office's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Identity.
    pub id: PersonId,
    /// As colleagues call them.
    pub name: String,
    /// What they may do.
    pub role: Role,
    /// Seen by themselves and by admins only.
    pub email: Option<String>,
    /// The language of their notifications.
    pub locale: Option<Locale>,
    /// The zone in which times are told to them.
    pub time_zone: Option<Zone>,
    /// When they are reminded of events that do not say it themselves.
    pub reminders: Option<ReminderMinutes>,
    /// No sound in these hours.
    pub quiet_hours: Option<QuietHours>,
    /// False once they have left: kept for the history, never notified.
    pub active: bool,
}

/// The office: what holds for whoever did not choose otherwise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Office {
    /// As its people call it.
    pub name: String,
    /// The language of whoever chose none.
    pub locale: Locale,
    /// The zone of whoever chose none.
    pub time_zone: Zone,
    /// Reminders of whoever chose none: 30 and 5 minutes from the first day.
    pub reminders: ReminderMinutes,
    /// The local hour at which all-day events are announced, in minutes after midnight: 540 is 09:00.
    pub all_day_at_minutes: u16,
}

/// A person's preferences after the office's have filled the gaps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preferences {
    /// The language of their notifications.
    pub locale: Locale,
    /// The zone in which times are told to them.
    pub time_zone: Zone,
    /// When they are reminded of events that do not say it themselves.
    pub reminders: ReminderMinutes,
    /// When all-day events are announced, in minutes after local midnight.
    pub all_day_at_minutes: u16,
}

impl Person {
    /// What holds for this person in this office.
    #[must_use]
    pub fn preferences(&self, office: &Office) -> Preferences {
        Preferences {
            locale: self.locale.unwrap_or(office.locale),
            time_zone: self.time_zone.clone().unwrap_or_else(|| office.time_zone.clone()),
            reminders: self.reminders.clone().unwrap_or_else(|| office.reminders.clone()),
            all_day_at_minutes: office.all_day_at_minutes,
        }
    }
}

/// Checks a person's or a device's name, and takes the spaces off its ends. What cannot be seen has
/// no place in it: names are what people tell each other apart by.
///
/// # Errors
/// [`Invalid`] naming `field`.
pub fn parse_name(field: &str, name: &str) -> Result<String, Invalid> {
    let name = name.trim();
    if name.is_empty() {
        return Err(Invalid::new(field, "must not be empty"));
    }
    check_line(field, name, NAME_MAX)?;
    check_name_is_seen(field, name)?;
    Ok(name.to_owned())
}

/// Checks an e-mail address as far as its form goes: one `@` with something on both sides.
///
/// # Errors
/// [`Invalid`] naming `field`.
pub fn parse_email(field: &str, email: &str) -> Result<String, Invalid> {
    check_line(field, email, EMAIL_MAX)?;
    check_name_is_seen(field, email)?;
    let mut parts = email.split('@');
    match (parts.next(), parts.next(), parts.next()) {
        (Some(local), Some(domain), None)
            if !local.is_empty() && !domain.is_empty() && !email.contains(char::is_whitespace) =>
        {
            Ok(email.to_owned())
        }
        _ => Err(Invalid::new(field, "is not an e-mail address")),
    }
}

/// The reminders a new office begins with.
#[must_use]
pub fn default_reminders() -> ReminderMinutes {
    event::ReminderMinutes::parse("reminders", vec![30, 5]).expect("BUG: 30 and 5 are valid reminders")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_office_fills_what_a_person_did_not_choose() {
        let office = Office {
            name: "Office".into(),
            locale: Locale::Fr,
            time_zone: Zone::parse("time_zone", "Europe/Paris").unwrap(),
            reminders: default_reminders(),
            all_day_at_minutes: 540,
        };
        let person = Person {
            id: PersonId::from_bytes([1; 16]),
            name: "Ann".into(),
            role: Role::Member,
            email: None,
            locale: Some(Locale::En),
            time_zone: None,
            reminders: None,
            quiet_hours: None,
            active: true,
        };
        let preferences = person.preferences(&office);
        assert_eq!(preferences.locale, Locale::En);
        assert_eq!(preferences.time_zone.name(), "Europe/Paris");
        assert_eq!(preferences.reminders.as_slice(), [30, 5]);
    }

    #[test]
    fn names_have_no_control_characters_and_are_not_blank() {
        assert_eq!(parse_name("name", "  Marie Dupont ").unwrap(), "Marie Dupont");
        for name in ["", "   ", "a\nb", "a\u{7}b", "a\u{202e}b", "a\u{2028}b", "a\u{200b}b", "\u{3164}"] {
            assert_eq!(parse_name("name", name).unwrap_err().field, "name", "{name:?}");
        }
    }

    #[test]
    fn quiet_hours_are_two_times_of_day() {
        assert!(QuietHours::parse("19:00".into(), "07:30".into()).is_ok());
        let refused = QuietHours::parse("19:00".into(), "24:00".into()).unwrap_err();
        assert_eq!(refused.field, "quiet_hours.to");
        assert!(QuietHours::parse("9:00".into(), "07:30".into()).is_err());
    }
}
