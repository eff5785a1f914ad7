//! A clock that stands still or goes back between changes: nothing collides, nothing loses its
//! place, and what was decided stays decided.

use std::collections::HashSet;

use rappel_store::{By, DeviceKind};

use crate::fixture::{Office, at, draft, moved_to};

#[tokio::test]
async fn changes_of_one_millisecond_and_of_an_earlier_one_have_their_own_keys_and_their_order() {
    let office = Office::open().await;
    let mut events = Vec::new();
    for now in ["08:00", "08:00", "07:00", "08:00"] {
        let event = office.create(now, draft("2026-11-25T10:00:00Z", &[office.ann])).await;
        for start in ["2026-11-25T11:00:00Z", "2026-11-25T12:00:00Z", "2026-11-25T10:00:00Z"] {
            office.update(now, event.id, moved_to(start)).await;
        }
        events.push(event.id);
    }
    let told = office.inbox(office.ann).await;
    assert_eq!(told.len(), 16, "each of the four changes of each of the four events is told");
    let distinct: HashSet<_> = told.iter().map(|row| row.id).collect();
    assert_eq!(distinct.len(), told.len(), "no two have the same key");
    assert_eq!(events.iter().collect::<HashSet<_>>().len(), events.len());
    // That `seq` and `change` have no gap and no repeat is checked when the office closes.
    let order: Vec<_> = told.iter().map(|row| row.event.id).collect();
    let expected: Vec<_> = events.iter().flat_map(|event| [*event; 4]).collect();
    assert_eq!(order, expected, "they stand in the order of the commits, whatever the clock showed");
}

#[tokio::test]
async fn what_fired_does_not_fire_again_and_what_is_armed_in_the_repeated_hours_fires() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    assert_eq!(office.claim("09:30").await.fired, 1);
    // The clock goes back by two hours.
    let again = office.create("07:31", draft("08:30", &[office.carl])).await;
    for now in ["07:40", "08:00", "09:30", "09:40"] {
        office.claim(now).await;
    }
    assert_eq!(office.told(office.ann).await, ["assigned", "30min_before"]);
    assert_eq!(office.told(office.carl).await[..2], ["assigned", "30min_before"]);
    assert_eq!(office.armed(event.id, office.ann), ["10:00-30 fired", "10:00-5 pending"]);
    assert_eq!(office.armed(again.id, office.carl)[0], "08:30-30 fired");
}

#[tokio::test]
async fn a_device_seen_in_what_is_now_the_future_is_seen_now() {
    let office = Office::open().await;
    let person = office.ann.actor.person;
    let made = at("10:00");
    let paired =
        office.store.create_token(By::CommandLine, person, DeviceKind::Token, "laptop".into(), made).await.unwrap();
    for now in ["10:00", "08:00"] {
        office.store.authenticate(&paired.token, at(now)).await.unwrap().expect("it is signed in");
        let devices = office.store.devices(Some(person)).await.unwrap();
        let device = devices.iter().find(|device| device.id == paired.device.id).unwrap();
        assert_eq!(device.last_seen_at, Some(at(now)));
    }
}
