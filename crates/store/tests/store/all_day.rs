//! Events of whole days: announced at nine by each person's own clock.

use chrono::NaiveDate;
use rappel_core::draft::{Draft, Patch};
use rappel_core::event::{Event, ReminderDays};
use rappel_core::notification::Outcome;
use rappel_store::{By, Caller, PersonPatch};

use crate::fixture::{Office, at, draft, zone};

fn day(day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 11, day).unwrap()
}

fn days(days: &[u32]) -> Option<ReminderDays> {
    Some(ReminderDays::parse("reminder_days", days.to_vec()).unwrap())
}

/// On the whole of the 23rd, announced on the day and the day before.
async fn fair(office: &Office, assignees: &[Caller]) -> Event {
    let draft = Draft {
        starts_at: None,
        starts_on: Some(day(23)),
        ends_on: Some(day(24)),
        reminder_days: days(&[0, 1]),
        ..draft("10:00", assignees)
    };
    office.create("2026-11-20T08:00:00Z", draft).await
}

async fn live_in(office: &Office, who: Caller, place: &str) {
    let patch = PersonPatch { time_zone: Some(Some(zone(place))), ..PersonPatch::default() };
    office.store.update_own_preferences(who, patch, at("2026-11-20T09:00:00Z")).await.unwrap();
}

#[tokio::test]
async fn each_is_told_at_nine_where_they_are() {
    let office = Office::open().await;
    let event = fair(&office, &[office.ann, office.carl]).await;
    live_in(&office, office.carl, "America/New_York").await;
    assert_eq!(office.store.next_due().await.unwrap(), Some(at("2026-11-22T08:00:00Z")), "09:00 in Paris");

    office.claim("2026-11-22T08:00:00Z").await;
    assert_eq!(office.told(office.ann).await, ["assigned", "1d_before"]);
    assert_eq!(&*office.latest(office.ann).await.message, "Demain : Visite de chantier");
    assert_eq!(office.told(office.carl).await, ["assigned"], "it is four in the morning in New York");
    office.claim("2026-11-22T14:00:00Z").await;
    assert_eq!(office.told(office.carl).await, ["assigned", "1d_before"]);
    assert_eq!(office.armed(event.id, office.carl), ["23/11-d:1 fired", "23/11-d:0 pending"]);
}

#[tokio::test]
async fn a_persons_move_to_another_zone_shifts_what_is_pending() {
    let office = Office::open().await;
    fair(&office, &[office.ann]).await;
    live_in(&office, office.ann, "Pacific/Auckland").await;
    assert_eq!(office.store.next_due().await.unwrap(), Some(at("2026-11-21T20:00:00Z")), "09:00 in Auckland");
}

#[tokio::test]
async fn who_leaves_is_not_told_of_a_day_that_is_over_where_the_event_is() {
    let office = Office::open().await;
    let draft = Draft {
        starts_at: None,
        starts_on: Some(day(23)),
        time_zone: Some(zone("Pacific/Auckland")),
        ..draft("10:00", &[office.ann])
    };
    let event = office.create("2026-11-20T08:00:00Z", draft).await;
    live_in(&office, office.ann, "Pacific/Honolulu").await;
    assert_eq!(office.store.next_due().await.unwrap(), Some(at("2026-11-23T19:00:00Z")), "09:00 in Honolulu");
    let gone = PersonPatch { active: Some(false), ..PersonPatch::default() };
    // In Auckland it is an hour past midnight.
    let now = at("2026-11-23T12:00:00Z");
    office.store.update_person(By::Caller(office.ada), office.ann.actor.person, gone, now).await.unwrap();
    assert_eq!(office.armed(event.id, office.ann), ["23/11-d:0 cancelled"]);
}

#[tokio::test]
async fn the_offices_move_shifts_those_who_chose_no_zone() {
    let office = Office::open().await;
    fair(&office, &[office.ann]).await;
    office.store.set_office_defaults(None, Some(zone("Asia/Tokyo")), at("2026-11-20T09:00:00Z")).await.unwrap();
    assert_eq!(office.store.next_due().await.unwrap(), Some(at("2026-11-22T00:00:00Z")), "09:00 in Tokyo");
    assert_eq!(office.store.office().await.unwrap().time_zone.name(), "Asia/Tokyo");
}

#[tokio::test]
async fn the_days_own_reminder_comes_late_until_midnight() {
    let office = Office::open().await;
    let event = fair(&office, &[office.ann]).await;
    office.claim("2026-11-23T22:59:00Z").await;
    assert_eq!(office.told(office.ann).await, ["assigned", "0d_before"], "23:59 in Paris: one speaks for both");
    assert!(office.latest(office.ann).await.late);
    assert_eq!(&*office.latest(office.ann).await.message, "Aujourd'hui : Visite de chantier");
    assert_eq!(office.armed(event.id, office.ann), ["23/11-d:1 collapsed", "23/11-d:0 fired"]);
}

#[tokio::test]
async fn after_midnight_it_is_missed() {
    let office = Office::open().await;
    let event = fair(&office, &[office.ann]).await;
    office.claim("2026-11-23T23:00:00Z").await;
    assert_eq!(office.told(office.ann).await, ["assigned", "missed"]);
    assert_eq!(office.latest(office.ann).await.outcome, Outcome::Missed);
    assert_eq!(office.armed(event.id, office.ann), ["23/11-d:1 missed", "23/11-d:0 missed"]);
}

#[tokio::test]
async fn another_zone_or_last_day_of_the_event_moves_nothing() {
    let office = Office::open().await;
    let event = fair(&office, &[office.ann]).await;
    let patch = Patch { time_zone: Some(zone("America/New_York")), ends_on: Some(Some(day(25))), ..Patch::default() };
    office.update("2026-11-20T10:00:00Z", event.id, patch).await;
    assert_eq!(office.told(office.ann).await, ["assigned"]);
    assert_eq!(office.armed(event.id, office.ann), ["23/11-d:1 pending", "23/11-d:0 pending"]);
}

#[tokio::test]
async fn another_first_day_is_a_move() {
    let office = Office::open().await;
    let event = fair(&office, &[office.ann]).await;
    let patch = Patch { starts_on: Some(Some(day(26))), ..Patch::default() };
    office.update("2026-11-20T10:00:00Z", event.id, patch).await;
    assert_eq!(office.told(office.ann).await, ["assigned, withdrawn", "moved"]);
    assert_eq!(
        &*office.latest(office.ann).await.message,
        "Votre événement du 23/11/2026 est déplacé au 26/11/2026 - Visite de chantier"
    );
    assert_eq!(
        office.armed(event.id, office.ann),
        ["23/11-d:1 cancelled", "23/11-d:0 cancelled", "26/11-d:1 pending", "26/11-d:0 pending"]
    );
}

#[tokio::test]
async fn texts_are_in_the_language_of_whoever_reads_them() {
    let office = Office::open().await;
    let english = PersonPatch { locale: Some(Some(rappel_core::person::Locale::En)), ..PersonPatch::default() };
    let by = By::Caller(office.ada);
    office.store.update_person(by, office.carl.actor.person, english, at("08:00")).await.unwrap();
    live_in(&office, office.carl, "Europe/London").await;
    office.create("08:00", draft("10:00", &[office.ann, office.carl])).await;
    assert_eq!(
        &*office.latest(office.carl).await.message,
        "You have been assigned to an event on 23/11/2026 at 10:00 - Visite de chantier"
    );
    assert!(office.latest(office.ann).await.message.starts_with("Vous avez été assigné"));
}
