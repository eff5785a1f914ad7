//! Rules of a zone that change: wall times stay, instants follow, nobody is told, and nobody is
//! reminded twice.
//!
//! The rules that hold now are those of the zone data. The earlier ones are made up: what is in the
//! file is written as they would have derived it.

use rappel_core::EventId;
use rappel_core::event::{Event, Status};
use rappel_store::Rederived;

use crate::fixture::{Office, at, draft, status};

/// Ann's event at 10:00 UTC by the rules of now, which by the earlier ones was to be an hour before:
/// at 09:00.
async fn an_hour_too_early(office: &Office) -> Event {
    let event = office.create("2026-11-20T09:00:00Z", draft("10:00", &[office.ann])).await;
    derived_otherwise(office, event.id, -1);
    assert_eq!(office.armed(event.id, office.ann), ["09:00-30 pending", "09:00-5 pending"]);
    event
}

/// Writes an event as if its zone's clocks had been so many hours less (or more) ahead of UTC.
fn derived_otherwise(office: &Office, event: EventId, hours: i64) {
    let file = office.file();
    let ms = hours * 3_600_000;
    file.execute(
        "UPDATE event SET offset_s = offset_s - ?2 / 1000, starts_at_ms = starts_at_ms + ?2, over_at_ms = over_at_ms + ?2
         WHERE id = ?1",
        rusqlite::params![event.as_bytes(), ms],
    )
    .unwrap();
    due_otherwise(&file, event, ms);
}

/// Has the reminders of an event be due so many milliseconds later, as well as its start, if that has a time.
fn due_otherwise(file: &rusqlite::Connection, event: EventId, ms: i64) {
    file.execute(
        "UPDATE reminder SET next_due_ms = next_due_ms + ?2, decided_due_ms = decided_due_ms + ?2,
             start_key = iif(start_key LIKE 'T:%', 'T:' || (substr(start_key, 3) + ?2), start_key),
             offsets = (SELECT json_group_array(json_array(value ->> 0, (value ->> 1) + ?2, value ->> 2, value ->> 3))
                        FROM json_each(offsets))
         WHERE event_id = ?1",
        rusqlite::params![event.as_bytes(), ms],
    )
    .unwrap();
}

async fn rederive(office: &Office, now: &str) -> usize {
    let Rederived { moved, next } = office.store.rederive(None, 100, at(now)).await.unwrap();
    assert_eq!(next, None, "there are not that many events");
    moved
}

async fn now_is(office: &Office, event: EventId) -> Event {
    office.store.event(office.ann.actor, event).await.unwrap().event
}

#[tokio::test]
async fn the_instant_follows_and_nobody_is_told() {
    let office = Office::open().await;
    let event = an_hour_too_early(&office).await;
    let change = office.store.event_change().await.unwrap();
    office.announced();
    assert_eq!(rederive(&office, "08:00").await, 1);

    let after = now_is(&office, event.id).await;
    assert_eq!(after.schedule, event.schedule, "the wall time that was written, by the rules of now");
    assert_eq!((after.revision, after.updated_at), (2, at("08:00")), "what the API answers has changed");
    assert_eq!(
        office.armed(event.id, office.ann),
        ["09:00-30 cancelled", "09:00-5 cancelled", "10:00-30 pending", "10:00-5 pending"]
    );
    assert_eq!(office.told(office.ann).await, ["assigned"], "neither told nor withdrawn");
    let announced = office.announced();
    assert!(
        announced.iter().any(|one| one.events && one.first_due.is_some() && one.inboxes.is_empty()),
        "{announced:?}"
    );
    for (from, to) in [("08:59", "09:01"), ("09:59", "10:01")] {
        let (changed, _) = office.store.events_changed(change, at(from), at(to)).await.unwrap();
        assert_eq!(changed.len(), 1, "who watches where it was, or is, hears of it: {from}");
    }
    let who = "SELECT count(*) FROM audit WHERE action = 'event.rederive' AND person_id IS NULL AND device_id IS NULL";
    assert_eq!(office.count(who), 1);

    office.claim("09:30").await;
    assert_eq!(office.told(office.ann).await, ["assigned", "30min_before"]);
    let told = office.latest(office.ann).await;
    assert_eq!((told.due_at, told.late), (at("09:30"), false));
}

#[tokio::test]
async fn done_again_it_changes_nothing() {
    let office = Office::open().await;
    let event = an_hour_too_early(&office).await;
    rederive(&office, "08:00").await;
    let (change, armed) = (office.store.event_change().await.unwrap(), office.armed(event.id, office.ann));
    assert_eq!(rederive(&office, "08:01").await, 0);
    assert_eq!(office.store.event_change().await.unwrap(), change);
    assert_eq!(office.armed(event.id, office.ann), armed);
}

#[tokio::test]
async fn what_fired_before_does_not_fire_again() {
    let office = Office::open().await;
    let event = an_hour_too_early(&office).await;
    office.claim("08:30").await;
    assert_eq!(office.told(office.ann).await, ["assigned", "30min_before"]);
    rederive(&office, "08:40").await;
    office.claim("09:30").await;
    office.claim("09:55").await;
    assert_eq!(office.told(office.ann).await, ["assigned", "30min_before", "5min_before"]);
    assert_eq!(
        office.armed(event.id, office.ann),
        ["09:00-30 fired", "09:00-5 cancelled", "10:00-30 collapsed", "10:00-5 fired"]
    );
}

#[tokio::test]
async fn an_event_that_began_by_the_earlier_rules_and_lies_ahead_now_is_reminded_of_what_was_not_said() {
    let office = Office::open().await;
    an_hour_too_early(&office).await;
    // The hub was off since before 08:30, and comes back with the new rules.
    rederive(&office, "09:20").await;
    office.claim("09:20").await;
    assert_eq!(office.told(office.ann).await, ["assigned"], "it is not late: it is not due");
    office.claim("09:30").await;
    assert!(!office.latest(office.ann).await.late);
    assert_eq!(office.told(office.ann).await, ["assigned", "30min_before"]);
}

#[tokio::test]
async fn an_event_that_lay_ahead_and_has_begun_now_is_told_late() {
    let office = Office::open().await;
    let event = office.create("2026-11-20T09:00:00Z", draft("10:00", &[office.ann])).await;
    derived_otherwise(&office, event.id, 1);
    rederive(&office, "10:10").await;
    office.claim("10:10").await;
    let told = office.latest(office.ann).await;
    assert!(told.late && told.message.starts_with("Votre événement a commencé il y a 10 minutes"), "{}", told.message);
    assert_eq!(office.told(office.ann).await.len(), 2, "one reminder for both");
}

#[tokio::test]
async fn a_snooze_comes_when_its_person_wanted_it() {
    let office = Office::open().await;
    let event = an_hour_too_early(&office).await;
    office.claim("08:30").await;
    let told = office.latest(office.ann).await;
    office.store.snooze(office.ann.actor.person, told.id, 15, at("08:35")).await.unwrap();
    rederive(&office, "08:40").await;
    office.claim("08:50").await;
    let again = office.latest(office.ann).await;
    assert_eq!((again.parent, again.due_at), (Some(told.id), at("08:50")));
    assert!(again.message.starts_with("Votre événement commence dans 1 h 10"), "by the new start: {}", again.message);
    assert_eq!(office.armed(event.id, office.ann).iter().filter(|row| row.contains("snooze")).count(), 1);
    let history = office.store.history(office.ann.actor.person, told.id).await.unwrap();
    let told_again = history.snoozes[0].told.map(|told| (told.id, told.at));
    assert_eq!(told_again, Some((again.id, at("08:50"))), "its history knows, though the start is another one");
}

#[tokio::test]
async fn what_is_not_planned_follows_too_and_can_be_planned_again() {
    let office = Office::open().await;
    let event = an_hour_too_early(&office).await;
    office.update("2026-11-20T10:00:00Z", event.id, status(Status::Cancelled)).await;
    assert_eq!(rederive(&office, "08:00").await, 1);
    let armed = office.armed(event.id, office.ann);
    assert!(armed.iter().all(|row| row.ends_with("cancelled")), "{armed:?}");
    let again = office.update("08:01", event.id, status(Status::Planned)).await;
    assert_eq!(again.schedule, event.schedule);
    assert_eq!(office.armed(event.id, office.ann)[2..], ["10:00-30 pending", "10:00-5 pending"]);
}

#[tokio::test]
async fn what_is_over_stays_as_it_was() {
    let office = Office::open().await;
    let event = an_hour_too_early(&office).await;
    assert_eq!(rederive(&office, "11:00").await, 0);
    assert_ne!(now_is(&office, event.id).await.schedule, event.schedule);
    office.claim("11:00").await;
}

#[tokio::test]
async fn an_event_in_a_zone_that_is_gone_from_the_data_stays_as_it_was() {
    let office = Office::open().await;
    let event = an_hour_too_early(&office).await;
    office.file().execute("UPDATE event SET time_zone = 'Europe/Atlantis'", []).unwrap();
    assert_eq!(rederive(&office, "08:00").await, 0);
    let zone: String = office.file().query_row("SELECT time_zone FROM event", [], |row| row.get(0)).unwrap();
    assert_eq!(zone, "Europe/Atlantis", "it may come back");
    assert_eq!(office.armed(event.id, office.ann), ["09:00-30 pending", "09:00-5 pending"]);
}

#[tokio::test]
async fn a_whole_day_follows_the_clocks_of_its_people() {
    let office = Office::open().await;
    let days = rappel_core::draft::Draft {
        starts_at: None,
        starts_on: chrono::NaiveDate::from_ymd_opt(2026, 11, 23),
        ..draft("10:00", &[office.ann])
    };
    let event = office.create("2026-11-20T09:00:00Z", days).await;
    // By the earlier rules midnight and nine o'clock in Paris were an hour later.
    let file = office.file();
    file.execute("UPDATE event SET starts_at_ms = starts_at_ms + 3600000, over_at_ms = over_at_ms + 3600000", [])
        .unwrap();
    due_otherwise(&file, event.id, 3_600_000);
    assert_eq!(rederive(&office, "08:30").await, 1);
    assert_eq!(office.store.next_due().await.unwrap(), Some(at("08:00")), "09:00 in Paris was half an hour ago");
    office.claim("08:30").await;
    assert_eq!(office.told(office.ann).await, ["assigned", "0d_before"], "late, but on the day");
    assert_eq!(office.armed(event.id, office.ann), ["23/11-d:0 fired"]);
    assert_eq!(rederive(&office, "08:31").await, 0);
}

#[tokio::test]
async fn it_goes_on_where_it_was_interrupted() {
    let office = Office::open().await;
    let mut events = Vec::new();
    for _ in 0..5 {
        events.push(an_hour_too_early(&office).await);
    }
    let first = office.store.rederive(None, 2, at("08:00")).await.unwrap();
    assert_eq!(first.moved, 2);
    assert!(first.next.is_some());
    // A crash: nothing remembers how far it came.
    let (mut next, mut moved) = (None, 0);
    loop {
        let batch = office.store.rederive(next, 2, at("08:05")).await.unwrap();
        moved += batch.moved;
        next = batch.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(moved, 3, "those that were not done");
    for event in &events {
        let after = now_is(&office, event.id).await;
        assert_eq!((&after.schedule, after.revision), (&event.schedule, 2), "each moved once");
    }
}

#[tokio::test]
async fn the_store_remembers_by_which_data_it_was_derived() {
    let office = Office::open().await;
    assert_eq!(office.store.zone_data().await.unwrap(), None);
    office.store.set_zone_data("2026e".into()).await.unwrap();
    assert_eq!(office.store.zone_data().await.unwrap().as_deref(), Some("2026e"));
}
