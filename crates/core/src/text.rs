//! The sentences of notifications, in French and English, for one person's eyes and clock.
//!
//! Plain text: whoever shows it escapes it. Made when a notification is made, so that a late
//! reminder tells the time that really remains.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate, NaiveDateTime, TimeDelta, Timelike};

use crate::event::Event;
use crate::notification::{Kind, Offset};
use crate::person::{Locale, Preferences};
use crate::schedule::{Schedule, StartKey};
use crate::{Timestamp, Zone};

/// How many characters of the comment a message carries.
pub const COMMENT_EXCERPT: usize = 100;

const DAY_MINUTES: i64 = 24 * 60;

/// A notification in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// What kind of news it is.
    pub title: Arc<str>,
    /// The news: one sentence, its company, and on a second line the beginning of the comment.
    pub message: Arc<str>,
}

/// One language's sentences. `{…}` stands for what is filled in.
struct Catalogue {
    assigned: [&'static str; 2],
    reminder: [&'static str; 2],
    reminder_now: &'static str,
    reminder_after: &'static str,
    day_today: &'static str,
    day_tomorrow: &'static str,
    day_later: &'static str,
    moved: [&'static str; 2],
    unassigned: [&'static str; 2],
    cancelled: [&'static str; 2],
    missed: [&'static str; 2],
    starts_in: &'static str,
    starts_now: &'static str,
    already_started: &'static str,
    on_day_at_hour: &'static str,
    minute: [&'static str; 2],
    day: [&'static str; 2],
}

const FR: Catalogue = Catalogue {
    assigned: ["Nouvel événement assigné", "Vous avez été assigné à un événement le {when}"],
    reminder: ["Rappel événement", "Votre événement commence dans {remaining} ({when})"],
    reminder_now: "Votre événement commence maintenant ({when})",
    reminder_after: "Votre événement a commencé il y a {elapsed} ({when})",
    day_today: "Aujourd'hui : {title}",
    day_tomorrow: "Demain : {title}",
    day_later: "Dans {days} jours : {title}",
    moved: ["Événement déplacé", "Votre événement du {old} est déplacé au {when}"],
    unassigned: ["Événement réattribué", "L'événement du {when} ne vous est plus assigné"],
    cancelled: ["Événement annulé", "Votre événement du {when} est annulé"],
    missed: ["Rappel manqué", "Votre événement du {when} a commencé"],
    starts_in: " (commence dans {remaining})",
    starts_now: " (commence maintenant)",
    already_started: " (déjà commencé)",
    on_day_at_hour: "{d} à {h}",
    minute: ["minute", "minutes"],
    day: ["jour", "jours"],
};

const EN: Catalogue = Catalogue {
    assigned: ["New event assigned", "You have been assigned to an event on {when}"],
    reminder: ["Event reminder", "Your event starts in {remaining} ({when})"],
    reminder_now: "Your event starts now ({when})",
    reminder_after: "Your event started {elapsed} ago ({when})",
    day_today: "Today: {title}",
    day_tomorrow: "Tomorrow: {title}",
    day_later: "In {days} days: {title}",
    moved: ["Event moved", "Your event on {old} is now on {when}"],
    unassigned: ["Event reassigned", "The event on {when} is no longer yours"],
    cancelled: ["Event cancelled", "Your event on {when} is cancelled"],
    missed: ["Missed reminder", "Your event on {when} has started"],
    starts_in: " (starts in {remaining})",
    starts_now: " (starts now)",
    already_started: " (already started)",
    on_day_at_hour: "{d} at {h}",
    minute: ["minute", "minutes"],
    day: ["day", "days"],
};

impl Catalogue {
    fn of(locale: Locale) -> &'static Self {
        match locale {
            Locale::Fr => &FR,
            Locale::En => &EN,
        }
    }
}

/// Writes a notification of an event in its recipient's language and zone, as of `now`.
#[must_use]
pub fn write(kind: Kind, event: &Event, recipient: &Preferences, now: Timestamp) -> Text {
    let words = Catalogue::of(recipient.locale);
    let zone = &recipient.time_zone;
    let when = words.when(event.schedule.start_key(), zone);
    let [title, sentence] = match kind {
        Kind::Assigned => {
            let [title, sentence] = words.assigned;
            let soon = if event.schedule.is_all_day() { String::new() } else { words.soon(&event.schedule, now) };
            [title, &[sentence, &soon].concat()]
        }
        Kind::Unassigned => words.unassigned,
        Kind::Cancelled => words.cancelled,
        Kind::Missed => words.missed,
        Kind::Moved { from } => {
            let [title, sentence] = words.moved;
            [title, &fill(sentence, &[("old", &words.when(from, zone))])]
        }
        Kind::Reminder(Offset::Minutes(_)) => [words.reminder[0], &words.countdown(&event.schedule, now)],
        Kind::Reminder(Offset::Days(_)) => [words.reminder[0], &words.day_countdown(event, zone, now)],
    };
    let mut message = fill(sentence, &[("when", &when), ("title", name(event))]);
    // The sentence of a whole day ends with the title already.
    let is_said = |company: &str| matches!(kind, Kind::Reminder(Offset::Days(_))) && message.ends_with(company);
    if let Some(company) = event.company().filter(|company| !is_said(company)) {
        message.push_str(" - ");
        message.push_str(company);
    }
    if let Some(comment) = &event.comment {
        message.push('\n');
        message.extend(comment.chars().take(COMMENT_EXCERPT));
    }
    Text { title: title.into(), message: message.into() }
}

impl Catalogue {
    /// "23/11/2026 à 10:00", or the day alone.
    fn when(&self, start: StartKey, zone: &Zone) -> String {
        match start {
            StartKey::AllDay(day) => written_day(day),
            StartKey::Timed(instant) => {
                let local: NaiveDateTime = zone.at(instant).local;
                let hour = format!("{:02}:{:02}", local.hour(), local.minute());
                fill(self.on_day_at_hour, &[("d", &written_day(local.date())), ("h", &hour)])
            }
        }
    }

    /// The sentence of a reminder, by what really remains.
    fn countdown(&self, schedule: &Schedule, now: Timestamp) -> String {
        match Countdown::to(schedule.starts_at(), now) {
            Countdown::In(minutes) => fill(self.reminder[1], &[("remaining", &self.remaining(minutes))]),
            Countdown::Now => self.reminder_now.to_owned(),
            Countdown::Ago(minutes) => fill(self.reminder_after, &[("elapsed", &self.elapsed(minutes))]),
        }
    }

    /// What an assignment adds when there is an hour or less, or when it is too late.
    fn soon(&self, schedule: &Schedule, now: Timestamp) -> String {
        match Countdown::to(schedule.starts_at(), now) {
            Countdown::In(minutes) if minutes <= 60 => fill(self.starts_in, &[("remaining", &self.remaining(minutes))]),
            Countdown::In(_) => String::new(),
            Countdown::Now => self.starts_now.to_owned(),
            Countdown::Ago(_) => self.already_started.to_owned(),
        }
    }

    /// "Tomorrow: …", by the days that really remain where the recipient is.
    fn day_countdown(&self, event: &Event, zone: &Zone, now: Timestamp) -> String {
        let StartKey::AllDay(first) = event.schedule.start_key() else {
            return self.countdown(&event.schedule, now);
        };
        let days = (first - zone.at(now).local.date()).num_days();
        match days {
            ..=0 => self.day_today.to_owned(),
            1 => self.day_tomorrow.to_owned(),
            days => fill(self.day_later, &[("days", &days.to_string())]),
        }
    }

    /// What remains: never less than there is.
    fn remaining(&self, minutes: i64) -> String {
        self.duration(minutes, (minutes + DAY_MINUTES - 1) / DAY_MINUTES)
    }

    /// What has gone by: never more than has.
    fn elapsed(&self, minutes: i64) -> String {
        self.duration(minutes, minutes / DAY_MINUTES)
    }

    /// "1 minute", "20 minutes", "2 h 05", "3 days": so many minutes, or days where there is one at least.
    fn duration(&self, minutes: i64, days: i64) -> String {
        let counted = |number: i64, unit: [&str; 2]| format!("{number} {}", unit[usize::from(number != 1)]);
        match minutes {
            ..60 => counted(minutes, self.minute),
            60..DAY_MINUTES => format!("{} h {:02}", minutes / 60, minutes % 60),
            _ => counted(days, self.day),
        }
    }
}

/// What lies between now and a start, in whole minutes: remaining rounded up, elapsed down.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Countdown {
    In(i64),
    Now,
    Ago(i64),
}

impl Countdown {
    fn to(start: Timestamp, now: Timestamp) -> Self {
        let remaining: TimeDelta = start - now;
        let minute_ms = 60_000;
        match remaining.num_milliseconds() {
            ms @ 1.. => Self::In((ms + minute_ms - 1) / minute_ms),
            ms if -ms < minute_ms => Self::Now,
            ms => Self::Ago(-ms / minute_ms),
        }
    }
}

/// What an event goes by: its title, else its contact, else what its comment begins with.
fn name(event: &Event) -> &str {
    let title = Some(event.title.as_str()).filter(|title| !title.is_empty());
    let comment = || event.comment.as_deref().and_then(|comment| comment.lines().next());
    title.or(event.company()).or_else(comment).unwrap_or_default()
}

/// "23/11/2026".
fn written_day(day: NaiveDate) -> String {
    format!("{:02}/{:02}/{:04}", day.day(), day.month(), day.year())
}

/// Fills in what `{…}` stands for, where that is known by now. What is filled in is not read again, so that nothing that
/// people wrote stands for anything.
fn fill(sentence: &str, values: &[(&str, &str)]) -> String {
    let mut filled = String::with_capacity(sentence.len() + values.iter().map(|(_, value)| value.len()).sum::<usize>());
    let mut rest = sentence;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        let known = after.split_once('}').and_then(|(name, after)| {
            let (_, value) = values.iter().find(|(of, _)| *of == name)?;
            Some((*value, after))
        });
        let (value, after) = known.unwrap_or(("{", after));
        filled.push_str(value);
        rest = after;
    }
    filled.push_str(rest);
    filled
}

#[cfg(test)]
#[path = "text_tests.rs"]
mod tests;
