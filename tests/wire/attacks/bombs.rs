//! A little that would become very much: events that repeat for ever, and calendars to be read in.
//!
//! Rappel knows neither, so there is nothing to bound; what would be one is refused, and is never
//! taken for a single event either.

use serde_json::json;

use crate::harness::Office;

/// All there are, and more than a screen asks for.
const ALL_EVENTS: &str = "/api/events?from=2030-01-01T00:00:00Z&to=2033-01-01T00:00:00Z";

const EVERY_SECOND: &str = "FREQ=SECONDLY;INTERVAL=1";

const CALENDAR: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:x\r\nBEGIN:VEVENT\r\nUID:x\r\nDTSTAMP:20311124T090000Z\r\n\
    DTSTART:20311124T090000Z\r\nRRULE:FREQ=SECONDLY\r\nSUMMARY:Visite\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n";

#[test]
fn an_event_that_repeats_is_refused_by_whatever_name_its_rule_goes() {
    let (_office, admin) = Office::open();
    let once = json!({ "title": "Visite", "starts_at": "2031-11-24T09:00:00Z" });
    let path = format!("/api/events/{}", admin.create(&once)["id"].as_str().unwrap());
    let state = || [path.as_str(), ALL_EVENTS].map(|path| admin.get(path).expect(200));
    let before = state();
    let rules = [
        ("rrule", json!(EVERY_SECOND)),
        ("RRULE", json!(EVERY_SECOND)),
        ("recurrence", json!([format!("RRULE:{EVERY_SECOND}")])),
        ("recurrenceRules", json!([{ "frequency": "secondly", "count": 4_000_000_000_u32 }])),
        ("repeat", json!({ "every": 1, "unit": "second" })),
        ("rdate", json!(vec!["2031-11-24T09:00:00Z"; 1_000])),
        ("count", json!(u64::MAX)),
        ("until", json!("9999-12-31T23:59:59Z")),
    ];
    for (field, rule) in rules {
        let mut repeated = once.clone();
        repeated[field] = rule.clone();
        assert_eq!(admin.post("/api/events", &repeated).wrong_field(), field, "a new event");
        let mut change = json!({});
        change[field] = rule;
        assert_eq!(admin.patch(&path, &change).wrong_field(), field, "a change");
    }
    assert_eq!(state(), before, "nothing was made or changed by any of them");
}

#[test]
fn a_calendar_is_read_in_nowhere() {
    let (_office, admin) = Office::open();
    for path in ["/api/events", "/api/events/import", "/api/import", "/api/calendars", "/api/calendar.ics"] {
        for content_type in ["text/calendar", "application/json"] {
            let answer = admin.request("POST", path).bytes(content_type, CALENDAR).send();
            assert!((400..500).contains(&answer.status), "{path} as {content_type}: {}", answer.status);
        }
    }
    assert_eq!(admin.get(ALL_EVENTS).expect(200)["events"], json!([]), "no event of it is there");
}
