//! From what a client asks for to an event: creating one, and changing one by a merge patch.

use chrono::NaiveDate;

use crate::event::{Contact, Event, ReminderDays, ReminderMinutes, Status, Visibility, present};
use crate::id::EventId;
use crate::schedule::{Schedule, WrittenTime};
use crate::{Invalid, PersonId, Timestamp, Zone};

/// The wish to create an event. What is `None` was left out or null.
#[derive(Debug, Clone, Default)]
pub struct Draft {
    /// See [`Event::title`].
    pub title: Option<String>,
    /// Whole days; left out, it follows from which start is given.
    pub all_day: Option<bool>,
    /// Start of a timed event.
    pub starts_at: Option<WrittenTime>,
    /// End of a timed event.
    pub ends_at: Option<WrittenTime>,
    /// First day of an all-day event.
    pub starts_on: Option<NaiveDate>,
    /// Last day of an all-day event, included.
    pub ends_on: Option<NaiveDate>,
    /// The event's zone; left out, its creator's.
    pub time_zone: Option<Zone>,
    /// See [`Event::location`].
    pub location: Option<String>,
    /// See [`Event::comment`].
    pub comment: Option<String>,
    /// See [`Event::contact`].
    pub contact: Option<Contact>,
    /// See [`Event::assignees`].
    pub assignees: Vec<PersonId>,
    /// See [`Event::reminders`].
    pub reminders: Option<ReminderMinutes>,
    /// See [`Event::reminder_days`].
    pub reminder_days: Option<ReminderDays>,
    /// Planned, if left out.
    pub status: Option<Status>,
    /// Team, if left out.
    pub visibility: Option<Visibility>,
}

impl Draft {
    /// The event that is asked for.
    ///
    /// # Errors
    /// [`Invalid`] naming the first field that breaks a rule.
    pub fn into_event(
        self,
        id: EventId,
        creator: PersonId,
        creator_zone: &Zone,
        now: Timestamp,
    ) -> Result<Event, Invalid> {
        let zone = self.time_zone.unwrap_or_else(|| creator_zone.clone());
        let all_day = self.all_day.unwrap_or(self.starts_on.is_some() && self.starts_at.is_none());
        let schedule = if all_day {
            refuse(self.starts_at.is_some(), "starts_at", "is not for all-day events: use starts_on")?;
            refuse(self.ends_at.is_some(), "ends_at", "is not for all-day events: use ends_on")?;
            let first = self.starts_on.ok_or_else(|| Invalid::new("starts_on", "is required for an all-day event"))?;
            whole_days(first, self.ends_on.unwrap_or(first), zone)?
        } else {
            refuse(self.starts_on.is_some(), "starts_on", "is for all-day events only")?;
            refuse(self.ends_on.is_some(), "ends_on", "is for all-day events only")?;
            let start = self.starts_at.ok_or_else(|| Invalid::new("starts_at", "is required"))?;
            timed(start, self.ends_at, zone)?
        };
        let event = Event {
            id,
            title: self.title.unwrap_or_default(),
            schedule,
            location: present(self.location),
            comment: present(self.comment),
            contact: self.contact,
            assignees: distinct(self.assignees),
            reminders: self.reminders,
            reminder_days: self.reminder_days.unwrap_or_default(),
            status: self.status.unwrap_or(Status::Planned),
            visibility: self.visibility.unwrap_or(Visibility::Team),
            revision: 1,
            created_by: creator,
            created_at: now,
            updated_at: now,
            deleted_at: None,
        };
        event.check()?;
        Ok(event)
    }
}

/// The wish to change an event, as RFC 7396 has it: the outer `None` leaves a field as it is, the
/// inner one empties it. Lists and the contact are replaced whole.
#[derive(Debug, Clone, Default)]
pub struct Patch {
    /// See [`Event::title`].
    pub title: Option<Option<String>>,
    /// Whether it takes whole days.
    pub all_day: Option<bool>,
    /// Start of a timed event; alone, it keeps the duration.
    pub starts_at: Option<Option<WrittenTime>>,
    /// End of a timed event.
    pub ends_at: Option<Option<WrittenTime>>,
    /// First day of an all-day event; alone, it keeps the number of days.
    pub starts_on: Option<Option<NaiveDate>>,
    /// Last day of an all-day event, included.
    pub ends_on: Option<Option<NaiveDate>>,
    /// The event's zone; alone, it keeps the wall time and so moves the event.
    pub time_zone: Option<Zone>,
    /// See [`Event::location`].
    pub location: Option<Option<String>>,
    /// See [`Event::comment`].
    pub comment: Option<Option<String>>,
    /// See [`Event::contact`].
    pub contact: Option<Option<Contact>>,
    /// See [`Event::assignees`].
    pub assignees: Option<Vec<PersonId>>,
    /// See [`Event::reminders`].
    pub reminders: Option<Option<ReminderMinutes>>,
    /// See [`Event::reminder_days`].
    pub reminder_days: Option<Option<ReminderDays>>,
    /// See [`Event::status`].
    pub status: Option<Status>,
    /// See [`Event::visibility`].
    pub visibility: Option<Visibility>,
}

impl Patch {
    /// The event after the change. Its revision is one more only if anything differs.
    ///
    /// # Errors
    /// [`Invalid`] naming the first field that breaks a rule; the event stays as it was.
    pub fn apply(self, before: &Event, now: Timestamp) -> Result<Event, Invalid> {
        let mut after = before.clone();
        after.schedule = self.schedule(&before.schedule)?;
        if let Some(title) = self.title {
            after.title = title.unwrap_or_default();
        }
        if let Some(location) = self.location {
            after.location = present(location);
        }
        if let Some(comment) = self.comment {
            after.comment = present(comment);
        }
        if let Some(contact) = self.contact {
            after.contact = contact;
        }
        if let Some(assignees) = self.assignees {
            after.assignees = distinct(assignees);
        }
        if let Some(reminders) = self.reminders {
            after.reminders = reminders;
        }
        if let Some(days) = self.reminder_days {
            after.reminder_days = days.unwrap_or_default();
        }
        if let Some(status) = self.status {
            after.status = status;
        }
        if let Some(visibility) = self.visibility {
            after.visibility = visibility;
        }
        after.check()?;
        if after != *before {
            after.revision += 1;
            after.updated_at = now;
        }
        Ok(after)
    }

    fn schedule(&self, before: &Schedule) -> Result<Schedule, Invalid> {
        let zone = self.time_zone.clone().unwrap_or_else(|| before.zone().clone());
        if self.all_day.unwrap_or(before.is_all_day()) {
            self.whole_days(before, zone)
        } else {
            self.timed(before, zone)
        }
    }

    fn timed(&self, before: &Schedule, zone: Zone) -> Result<Schedule, Invalid> {
        refuse(matches!(self.starts_on, Some(Some(_))), "starts_on", "is for all-day events only")?;
        refuse(matches!(self.ends_on, Some(Some(_))), "ends_on", "is for all-day events only")?;
        let (start, duration) = match (self.starts_at, before) {
            (Some(None), _) => return Err(Invalid::new("starts_at", "must not be null in a timed event")),
            (Some(Some(start)), Schedule::Timed { duration, .. }) => (start.resolve("starts_at", &zone)?, *duration),
            (Some(Some(start)), Schedule::AllDay { .. }) => (start.resolve("starts_at", &zone)?, None),
            (None, Schedule::AllDay { .. }) => {
                return Err(Invalid::new("starts_at", "is required to turn an all-day event into a timed one"));
            }
            (None, Schedule::Timed { start, duration, zone: old_zone }) if *old_zone == zone => (*start, *duration),
            (None, Schedule::Timed { start, duration, .. }) => {
                (zone.resolve("time_zone", start.local, None)?, *duration)
            }
        };
        let duration = match self.ends_at {
            None => duration,
            Some(None) => None,
            Some(Some(end)) => Some(duration_to(end, start.instant, &zone)?),
        };
        Ok(Schedule::Timed { start, duration, zone })
    }

    fn whole_days(&self, before: &Schedule, zone: Zone) -> Result<Schedule, Invalid> {
        refuse(matches!(self.starts_at, Some(Some(_))), "starts_at", "is not for all-day events: use starts_on")?;
        refuse(matches!(self.ends_at, Some(Some(_))), "ends_at", "is not for all-day events: use ends_on")?;
        let (old_first, old_last) = match before {
            Schedule::AllDay { first, last, .. } => (*first, *last),
            Schedule::Timed { start, zone, .. } => {
                // An end at midnight belongs to the day before.
                let last = before.ends_at().map_or(start.instant, |end| end - chrono::TimeDelta::milliseconds(1));
                (start.local.date(), zone.at(last.max(start.instant)).local.date())
            }
        };
        let first = match self.starts_on {
            None => old_first,
            Some(Some(first)) => first,
            Some(None) => return Err(Invalid::new("starts_on", "must not be null in an all-day event")),
        };
        let last = match self.ends_on {
            None => first
                .checked_add_signed(old_last - old_first)
                .ok_or_else(|| Invalid::new("starts_on", "is outside the years 1 to 9999"))?,
            Some(last) => last.unwrap_or(first),
        };
        whole_days(first, last, zone)
    }
}

fn timed(start: WrittenTime, end: Option<WrittenTime>, zone: Zone) -> Result<Schedule, Invalid> {
    let start = start.resolve("starts_at", &zone)?;
    let duration = end.map(|end| duration_to(end, start.instant, &zone)).transpose()?;
    Ok(Schedule::Timed { start, duration, zone })
}

fn duration_to(end: WrittenTime, start: Timestamp, zone: &Zone) -> Result<chrono::TimeDelta, Invalid> {
    let end = end.resolve("ends_at", zone)?.instant;
    refuse(end < start, "ends_at", "must not be before the start")?;
    Ok(end - start)
}

fn whole_days(first: NaiveDate, last: NaiveDate, zone: Zone) -> Result<Schedule, Invalid> {
    refuse(last < first, "ends_on", "must not be before starts_on")?;
    Ok(Schedule::AllDay { first, last, zone })
}

fn refuse(wrong: bool, field: &str, reason: &str) -> Result<(), Invalid> {
    if wrong { Err(Invalid::new(field, reason)) } else { Ok(()) }
}

fn distinct(people: Vec<PersonId>) -> Vec<PersonId> {
    let mut seen = std::collections::HashSet::new();
    people.into_iter().filter(|person| seen.insert(*person)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).unwrap()
    }

    fn time(text: &str) -> WrittenTime {
        WrittenTime::parse("starts_at", text).unwrap()
    }

    fn paris() -> Zone {
        Zone::parse("time_zone", "Europe/Paris").unwrap()
    }

    fn event(draft: Draft) -> Result<Event, Invalid> {
        let id = EventId::from_bytes([1; 16]);
        draft.into_event(id, PersonId::from_bytes([2; 16]), &paris(), at("2026-11-22T08:00:00Z"))
    }

    fn meeting() -> Event {
        event(Draft {
            title: Some("Visit".into()),
            starts_at: Some(time("2026-11-23T10:00")),
            ends_at: Some(time("2026-11-23T11:30")),
            ..Draft::default()
        })
        .unwrap()
    }

    fn patched(event: &Event, patch: Patch) -> Result<Event, Invalid> {
        patch.apply(event, at("2026-11-22T09:00:00Z"))
    }

    #[test]
    fn a_start_without_offset_is_read_in_the_creators_zone() {
        assert_eq!(meeting().schedule.starts_at(), at("2026-11-23T09:00:00Z"));
    }

    #[test]
    fn what_is_missing_or_wrong_is_named() {
        let start = Some(time("2026-11-23T10:00"));
        let title = Some("Visit".to_owned());
        let date = NaiveDate::from_ymd_opt(2026, 11, 23);
        for (field, draft) in [
            ("starts_at", Draft { title: title.clone(), ..Draft::default() }),
            ("title", Draft { starts_at: start, ..Draft::default() }),
            ("title", Draft { starts_at: start, title: Some("x".repeat(201)), ..Draft::default() }),
            ("title", Draft { starts_at: start, title: Some("a\u{1b}[31m".into()), ..Draft::default() }),
            ("comment", Draft { starts_at: start, comment: Some("x".repeat(10_001)), ..Draft::default() }),
            (
                "location",
                Draft { starts_at: start, title: title.clone(), location: Some("a\nb".into()), ..Draft::default() },
            ),
            (
                "ends_at",
                Draft {
                    starts_at: start,
                    title: title.clone(),
                    ends_at: Some(time("2026-11-23T09:59")),
                    ..Draft::default()
                },
            ),
            ("starts_on", Draft { title: title.clone(), all_day: Some(true), ..Draft::default() }),
            ("starts_on", Draft { starts_at: start, starts_on: date, title: title.clone(), ..Draft::default() }),
            (
                "starts_at",
                Draft {
                    starts_at: start,
                    starts_on: date,
                    all_day: Some(true),
                    title: title.clone(),
                    ..Draft::default()
                },
            ),
            (
                "ends_on",
                Draft {
                    starts_on: date,
                    ends_on: NaiveDate::from_ymd_opt(2026, 11, 22),
                    title: title.clone(),
                    ..Draft::default()
                },
            ),
            (
                "assignees",
                Draft {
                    starts_at: start,
                    title,
                    assignees: (0..2001_u128).map(|n| PersonId::from_uuid(uuid::Uuid::from_u128(n))).collect(),
                    ..Draft::default()
                },
            ),
        ] {
            assert_eq!(event(draft.clone()).unwrap_err().field, field, "{draft:?}");
        }
    }

    #[test]
    fn the_start_alone_keeps_the_duration() {
        let moved = patched(&meeting(), Patch { starts_at: Some(Some(time("2026-11-24T14:00"))), ..Patch::default() });
        let schedule = moved.unwrap().schedule;
        assert_eq!(schedule.starts_at(), at("2026-11-24T13:00:00Z"));
        assert_eq!(schedule.ends_at(), Some(at("2026-11-24T14:30:00Z")));
    }

    #[test]
    fn the_zone_alone_keeps_the_wall_time_and_so_moves_the_event() {
        let london = Zone::parse("time_zone", "Europe/London").unwrap();
        let moved = patched(&meeting(), Patch { time_zone: Some(london), ..Patch::default() }).unwrap();
        assert_eq!(moved.schedule.starts_at(), at("2026-11-23T10:00:00Z"));
        assert_ne!(moved.schedule.start_key(), meeting().schedule.start_key());
    }

    #[test]
    fn a_patch_that_changes_nothing_is_no_revision() {
        let same = patched(&meeting(), Patch { title: Some(Some("Visit".into())), ..Patch::default() }).unwrap();
        assert_eq!(same, meeting());
        let other = patched(&meeting(), Patch { title: Some(Some("Call".into())), ..Patch::default() }).unwrap();
        assert_eq!(other.revision, 2);
    }

    #[test]
    fn whole_days_and_times_of_day_turn_into_each_other() {
        let whole = patched(&meeting(), Patch { all_day: Some(true), ..Patch::default() }).unwrap();
        let day = NaiveDate::from_ymd_opt(2026, 11, 23).unwrap();
        assert_eq!(whole.schedule, Schedule::AllDay { first: day, last: day, zone: paris() });
        let refused = patched(&whole, Patch { all_day: Some(false), ..Patch::default() }).unwrap_err();
        assert_eq!(refused.field, "starts_at");
        let start = Some(Some(time("2026-11-23T10:00")));
        let timed = patched(&whole, Patch { all_day: Some(false), starts_at: start, ..Patch::default() }).unwrap();
        assert_eq!(timed.schedule.ends_at(), None);
    }

    #[test]
    fn the_first_day_alone_keeps_the_number_of_days() {
        let three_days = event(Draft {
            title: Some("Fair".into()),
            starts_on: NaiveDate::from_ymd_opt(2026, 11, 23),
            ends_on: NaiveDate::from_ymd_opt(2026, 11, 25),
            ..Draft::default()
        })
        .unwrap();
        let first = NaiveDate::from_ymd_opt(2026, 12, 1).unwrap();
        let moved = patched(&three_days, Patch { starts_on: Some(Some(first)), ..Patch::default() }).unwrap();
        let last = NaiveDate::from_ymd_opt(2026, 12, 3).unwrap();
        assert_eq!(moved.schedule, Schedule::AllDay { first, last, zone: paris() });
    }

    #[test]
    fn what_may_not_be_empty_cannot_be_emptied() {
        let refused = patched(&meeting(), Patch { starts_at: Some(None), ..Patch::default() }).unwrap_err();
        assert_eq!(refused.field, "starts_at");
        let refused = patched(&meeting(), Patch { title: Some(None), ..Patch::default() }).unwrap_err();
        assert_eq!(refused.field, "title");
    }
}
