use std::collections::BTreeMap;

use icalendar::{CalendarComponent, Component, EventLike};
use rappel_core::event::{Contact, ReminderDays, ReminderMinutes};
use rappel_core::{EventId, PersonId, Zone};

use super::*;

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn minutes(minutes: &[u32]) -> ReminderMinutes {
    ReminderMinutes::parse("reminders", minutes.to_vec()).unwrap()
}

fn reader() -> Preferences {
    let time_zone = Zone::parse("time_zone", "Europe/Paris").unwrap();
    Preferences { locale: Locale::Fr, time_zone, reminders: minutes(&[30, 5]), all_day_at_minutes: 540 }
}

/// A visit at ten in Paris, on a day that has its clock change behind it.
fn event() -> Event {
    let zone = Zone::parse("time_zone", "Europe/Paris").unwrap();
    let start = zone.at(at("2026-11-23T09:00:00Z"));
    Event {
        id: EventId::from_bytes([7; 16]),
        title: "Visite de chantier".into(),
        schedule: Schedule::Timed { start, duration: Some(chrono::TimeDelta::minutes(90)), zone },
        location: Some("12, rue des Lilas; bât. C".into()),
        comment: Some("Apporter les plans.\r\nC:\\plans, 2 ex.;\n\nÀ bientôt".into()),
        contact: Contact::parse(None, Some("Marie Dupont".into()), Some("+33 6 00".into()), None).unwrap(),
        assignees: vec![PersonId::from_bytes([1; 16])],
        reminders: None,
        reminder_days: ReminderDays::default(),
        status: Status::Planned,
        visibility: Visibility::Team,
        revision: 3,
        created_by: PersonId::from_bytes([2; 16]),
        created_at: at("2026-11-01T08:00:00Z"),
        updated_at: at("2026-11-02T08:00:00.500Z"),
        deleted_at: None,
    }
}

fn written(event: Event) -> String {
    calendar(&VisibleEvent { event, is_visible: true }, &reader())
}

/// Reads a calendar as strictly as the standard allows to: its components, each with its
/// properties, unfolded and not unescaped.
fn strictly(text: &str) -> Vec<(String, BTreeMap<String, String>)> {
    assert!(text.ends_with("\r\n"), "the last line ends, too");
    assert!(!text.replace("\r\n", "").contains(['\r', '\n']), "lines end with CR LF only");
    for line in text.trim_end_matches("\r\n").split("\r\n") {
        assert!((1..=75).contains(&line.len()), "{} octets: {line}", line.len());
        assert!(!line.contains(|c: char| c.is_control() && c != '\t'), "{line:?}");
    }
    let mut open: Vec<(String, BTreeMap<String, String>)> = Vec::new();
    let mut done = Vec::new();
    for line in text.replace("\r\n ", "").trim_end().split("\r\n") {
        let (name, value) = line.split_once(':').unwrap_or_else(|| panic!("no content line: {line}"));
        match name {
            "BEGIN" => open.push((value.to_owned(), BTreeMap::new())),
            "END" => {
                let component = open.pop().unwrap();
                assert_eq!(component.0, value, "components do not overlap");
                done.push(component);
            }
            _ => {
                let (_, properties) = open.last_mut().unwrap();
                assert_eq!(properties.insert(name.to_owned(), value.to_owned()), None, "{name} is there once");
            }
        }
    }
    assert!(open.is_empty(), "everything that begins ends");
    done
}

fn properties(text: &str) -> BTreeMap<String, String> {
    strictly(text).into_iter().find(|(name, _)| name == "VEVENT").unwrap().1
}

fn triggers(text: &str) -> Vec<String> {
    let alarms = strictly(text).into_iter().filter(|(name, _)| name == "VALARM");
    alarms.map(|(_, properties)| properties["TRIGGER"].clone()).collect()
}

#[test]
fn an_event_is_one_entry_with_the_readers_alarms() {
    let text = written(event());
    let entry = properties(&text);
    assert_eq!(entry["UID"], "07070707-0707-0707-0707-070707070707");
    assert_eq!(entry["SEQUENCE"], "3");
    assert_eq!((entry["DTSTART"].as_str(), entry["DTEND"].as_str()), ("20261123T090000Z", "20261123T103000Z"));
    assert_eq!(entry["DTSTAMP"], "20261102T080000Z");
    assert_eq!(entry["SUMMARY"], "Visite de chantier");
    assert_eq!(entry["LOCATION"], r"12\, rue des Lilas\; bât. C");
    let description = r"Marie Dupont\, +33 6 00\n\nApporter les plans.\nC:\\plans\, 2 ex.\;\n\nÀ bientôt";
    assert_eq!(entry["DESCRIPTION"], description);
    assert_eq!((entry["STATUS"].as_str(), entry["CLASS"].as_str()), ("CONFIRMED", "PUBLIC"));
    assert_eq!(triggers(&text), ["-PT30M", "-PT5M"]);
    assert_eq!(text, written(event()), "asked for twice it is the same");
}

#[test]
fn another_program_reads_what_was_written() {
    let text = written(event());
    let read: icalendar::Calendar = text.parse().unwrap();
    let [CalendarComponent::Event(entry)] = &read.components[..] else { panic!("one event") };
    assert_eq!(entry.get_uid(), Some("07070707-0707-0707-0707-070707070707"));
    assert_eq!((entry.get_summary(), entry.get_sequence()), (Some("Visite de chantier"), Some(3)));
    assert_eq!(entry.get_location(), Some("12, rue des Lilas; bât. C"));
    let description = "Marie Dupont, +33 6 00\n\nApporter les plans.\nC:\\plans, 2 ex.;\n\nÀ bientôt";
    assert_eq!(entry.get_description(), Some(description));
    let utc = |text| icalendar::DatePerhapsTime::from(at(text).to_utc());
    assert_eq!(entry.get_start(), Some(utc("2026-11-23T09:00:00Z")));
    assert_eq!(entry.get_end(), Some(utc("2026-11-23T10:30:00Z")));
}

#[test]
fn the_events_own_reminders_come_first_and_none_is_none() {
    assert_eq!(triggers(&written(Event { reminders: Some(minutes(&[0, 1440])), ..event() })), ["PT0M", "-PT1440M"]);
    assert_eq!(triggers(&written(Event { reminders: Some(minutes(&[])), ..event() })), [""; 0]);
}

#[test]
fn days_are_days_wherever_one_is() {
    let day = |day| NaiveDate::from_ymd_opt(2026, 11, day).unwrap();
    let schedule = Schedule::AllDay { first: day(23), last: day(24), zone: event().schedule.zone().clone() };
    let reminder_days = ReminderDays::parse("reminder_days", vec![0, 1]).unwrap();
    let text = written(Event { schedule, reminder_days, ..event() });
    let entry = properties(&text);
    assert_eq!(entry["DTSTART;VALUE=DATE"], "20261123");
    assert_eq!(entry["DTEND;VALUE=DATE"], "20261125", "the end is not part of it");
    assert_eq!(triggers(&text), ["PT540M", "-PT900M"], "at nine, and at nine the day before");
}

#[test]
fn what_does_not_happen_wakes_nobody() {
    let cancelled = written(Event { status: Status::Cancelled, ..event() });
    assert_eq!(properties(&cancelled)["STATUS"], "CANCELLED");
    assert_eq!(triggers(&cancelled), [""; 0]);
    assert_eq!(triggers(&written(Event { status: Status::Done, ..event() })), [""; 0]);
}

#[test]
fn of_a_private_event_others_get_its_times_only() {
    let event = Event { visibility: Visibility::Private, ..event() };
    let text = calendar(&VisibleEvent { event: event.clone(), is_visible: false }, &reader());
    let entry = properties(&text);
    let names: Vec<&str> = entry.keys().map(String::as_str).collect();
    assert_eq!(names, ["CLASS", "DTEND", "DTSTAMP", "DTSTART", "SEQUENCE", "SUMMARY", "UID"]);
    assert_eq!((entry["SUMMARY"].as_str(), entry["CLASS"].as_str()), ("Occupé", "PRIVATE"));
    assert_eq!(triggers(&text), [""; 0]);
    assert_eq!(properties(&written(event))["SUMMARY"], "Visite de chantier", "its own people get all of it");
}

#[test]
fn whatever_is_written_in_an_event_stays_text() {
    let long = "é".repeat(200);
    let comments = [
        "",
        "BEGIN:VALARM\nEND:VEVENT\r\nX:1",
        &long,
        &"a, ".repeat(3_000),
        "\u{b}\u{0}tab\tend",
        "\r",
        " \n ",
        "老虎",
    ];
    for title in ["", "END:VCALENDAR", &long, "a;b,c\\d:e\"f", "😀"] {
        for comment in comments {
            let event = Event { title: title.into(), comment: Some(comment.into()), contact: None, ..event() };
            let text = written(event);
            let names: Vec<String> = strictly(&text).into_iter().map(|(name, _)| name).collect();
            assert_eq!(names, ["VALARM", "VALARM", "VEVENT", "VCALENDAR"], "{title} {comment:?}");
            let read: icalendar::Calendar = text.parse().unwrap();
            let [CalendarComponent::Event(entry)] = &read.components[..] else { panic!("one event") };
            if !title.is_empty() {
                assert_eq!(entry.get_summary(), Some(title));
            }
        }
    }
}
