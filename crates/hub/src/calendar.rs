//! An event as a calendar of one entry (RFC 5545), so that a telephone can wake its owner.
//!
//! The crates for it were looked at: they fold lines an octet too late, and give alarms ids at
//! random, so that nothing would be the same twice. What one entry needs is little.

use std::fmt::Write;

use chrono::{DateTime, NaiveDate, Utc};
use rappel_core::Timestamp;
use rappel_core::event::{Event, Status, Visibility};
use rappel_core::person::{Locale, Preferences};
use rappel_core::schedule::{Schedule, next_day};
use rappel_store::VisibleEvent;

/// A line has at most so many octets, its break aside.
const LINE_MAX: usize = 75;
const MINUTES_PER_DAY: i64 = 24 * 60;

/// The calendar with an event, for a reader with these preferences: their reminders are its alarms.
pub(crate) fn calendar(visible: &VisibleEvent, reader: &Preferences) -> String {
    let event = &visible.event;
    let mut lines = Lines::default();
    lines.put("BEGIN", "VCALENDAR");
    lines.put("VERSION", "2.0");
    lines.put("PRODID", concat!("-//Rappel//Rappel ", env!("CARGO_PKG_VERSION"), "//EN"));
    lines.put("CALSCALE", "GREGORIAN");
    lines.put("BEGIN", "VEVENT");
    lines.put("UID", &event.id.to_string());
    lines.put("SEQUENCE", &event.revision.to_string());
    lines.put("DTSTAMP", &utc(event.updated_at));
    match &event.schedule {
        Schedule::Timed { start, .. } => {
            lines.put("DTSTART", &utc(start.instant));
            if let Some(end) = event.schedule.ends_at() {
                lines.put("DTEND", &utc(end));
            }
        }
        Schedule::AllDay { first, last, .. } => {
            lines.put("DTSTART;VALUE=DATE", &date(*first));
            lines.put("DTEND;VALUE=DATE", &date(next_day(*last)));
        }
    }
    let title = if visible.is_visible { title(event, reader.locale) } else { busy(reader.locale) };
    lines.text("SUMMARY", title);
    lines.put("CLASS", if event.visibility == Visibility::Private { "PRIVATE" } else { "PUBLIC" });
    if visible.is_visible {
        lines.put("CREATED", &utc(event.created_at));
        lines.put("LAST-MODIFIED", &utc(event.updated_at));
        lines.put("STATUS", if event.status == Status::Cancelled { "CANCELLED" } else { "CONFIRMED" });
        if let Some(location) = &event.location {
            lines.text("LOCATION", location);
        }
        let description = description(event);
        if !description.is_empty() {
            lines.text("DESCRIPTION", &description);
        }
        if event.is_active() {
            for minutes in alarms(event, reader) {
                lines.put("BEGIN", "VALARM");
                lines.put("ACTION", "DISPLAY");
                lines.put("TRIGGER", &trigger(minutes));
                lines.text("DESCRIPTION", title);
                lines.put("END", "VALARM");
            }
        }
    }
    lines.put("END", "VEVENT");
    lines.put("END", "VCALENDAR");
    lines.0
}

fn busy(locale: Locale) -> &'static str {
    match locale {
        Locale::Fr => "Occupé",
        Locale::En => "Busy",
    }
}

/// What it is called: its title, else with whom it is, else how its comment begins.
fn title(event: &Event, locale: Locale) -> &str {
    let contact = event.contact.as_ref().and_then(|contact| contact.name.as_deref());
    let comment = event.comment.as_deref().and_then(|comment| comment.lines().find(|line| !line.trim().is_empty()));
    let title = (!event.title.trim().is_empty()).then_some(event.title.as_str());
    title.or(contact).or(comment).unwrap_or(match locale {
        Locale::Fr => "Événement",
        Locale::En => "Event",
    })
}

fn description(event: &Event) -> String {
    let contact = event.contact.as_ref().map(|contact| {
        let parts = [&contact.name, &contact.phone, &contact.email];
        parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(", ")
    });
    let paragraphs = [contact.as_deref(), event.comment.as_deref()];
    paragraphs.into_iter().flatten().filter(|text| !text.is_empty()).collect::<Vec<_>>().join("\n\n")
}

/// When the reader is reminded, in minutes after the start; before it they are negative.
fn alarms(event: &Event, reader: &Preferences) -> Vec<i64> {
    if event.schedule.is_all_day() {
        // A day begins at midnight wherever one is.
        let at = i64::from(reader.all_day_at_minutes);
        event.reminder_days.as_slice().iter().map(|days| at - i64::from(*days) * MINUTES_PER_DAY).collect()
    } else {
        let minutes = event.reminders.as_ref().unwrap_or(&reader.reminders);
        minutes.as_slice().iter().map(|minutes| -i64::from(*minutes)).collect()
    }
}

fn trigger(minutes: i64) -> String {
    let sign = if minutes < 0 { "-" } else { "" };
    format!("{sign}PT{}M", minutes.abs())
}

fn utc(at: Timestamp) -> String {
    let at: DateTime<Utc> = at.to_utc();
    at.format("%Y%m%dT%H%M%SZ").to_string()
}

fn date(day: NaiveDate) -> String {
    day.format("%Y%m%d").to_string()
}

/// Content lines (§3.1).
#[derive(Default)]
struct Lines(String);

impl Lines {
    /// A value that needs no escaping.
    fn put(&mut self, name: &str, value: &str) {
        let line = format!("{name}:{value}");
        let mut rest = line.as_str();
        let mut room = LINE_MAX;
        while rest.len() > room {
            let (head, tail) = rest.split_at(rest.floor_char_boundary(room));
            let _ = write!(self.0, "{head}\r\n ");
            rest = tail;
            // The space that goes on with a line counts.
            room = LINE_MAX - 1;
        }
        let _ = write!(self.0, "{rest}\r\n");
    }

    /// Text (§3.3.11).
    fn text(&mut self, name: &str, text: &str) {
        let mut escaped = String::with_capacity(text.len());
        for c in text.replace("\r\n", "\n").chars() {
            match c {
                '\\' | ';' | ',' => escaped.extend(['\\', c]),
                '\n' | '\r' => escaped.push_str("\\n"),
                '\t' => escaped.push(c),
                c if c.is_control() => {}
                c => escaped.push(c),
            }
        }
        self.put(name, &escaped);
    }
}

#[cfg(test)]
#[path = "calendar_tests.rs"]
mod tests;
