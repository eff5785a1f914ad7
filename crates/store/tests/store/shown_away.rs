//! What a desktop says of the time in which it could not reach its hub.

use chrono::TimeDelta;
use rappel_core::NotificationId;
use rappel_core::event::Event;
use rappel_core::id::SnoozeId;
use rappel_core::notification::{Cause, Offset, key};
use rappel_store::{Claimed, ShownAway, Wish};

use crate::fixture::{Office, at, draft, moved_to};

/// Ann's event at ten.
async fn office() -> (Office, Event) {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    (office, event)
}

fn id(office: &Office, event: &Event, cause: Cause) -> NotificationId {
    NotificationId::of_key(&key(event.id, event.schedule.start_key(), office.ann.actor.person, cause))
}

fn reminder(office: &Office, event: &Event, minutes: u32) -> NotificationId {
    id(office, event, Cause::Reminder(Offset::Minutes(minutes)))
}

fn shown(office: &Office, event: &Event, minutes: u32, at_time: &str) -> ShownAway {
    let id = reminder(office, event, minutes);
    ShownAway { id, event: event.id, shown_at: Some(at(at_time)), wish: None }
}

async fn take(office: &Office, now: &str, shown: &[ShownAway]) {
    office.store.take_shown_away(office.ann, shown.to_vec(), at(now)).await.unwrap();
}

#[tokio::test]
async fn being_shown_changes_nothing_and_stands_in_the_history() {
    let (office, event) = office().await;
    take(&office, "09:40", &[shown(&office, &event, 30, "09:30")]).await;
    assert_eq!(office.told(office.ann).await, ["assigned", "30min_before"], "the hub tells it all the same");
    let row = office.latest(office.ann).await;
    assert!(row.late && !row.is_read, "as it would have without the desktop");
    let history = office.store.history(office.ann.actor.person, row.id).await.unwrap();
    assert_eq!((history.seen.len(), history.seen[0].at), (1, at("09:30")));

    take(&office, "09:41", &[shown(&office, &event, 30, "09:35")]).await;
    office.store.saw(office.ann, vec![row.id], TimeDelta::zero(), at("09:42")).await.unwrap();
    let again = office.store.history(office.ann.actor.person, row.id).await.unwrap();
    assert_eq!(again.seen, history.seen, "the first time on each device counts");
}

#[tokio::test]
async fn what_was_never_armed_for_them_is_passed_over() {
    let (office, event) = office().await;
    let theirs = ShownAway { id: NotificationId::from_bytes([9; 16]), ..shown(&office, &event, 30, "09:30") };
    take(&office, "09:40", &[theirs]).await;
    office.store.take_shown_away(office.carl, vec![shown(&office, &event, 30, "09:30")], at("09:40")).await.unwrap();
    assert_eq!(office.count("SELECT count(*) FROM shown_away"), 0);
    assert_eq!(office.told(office.carl).await, [""; 0]);
}

#[tokio::test]
async fn the_time_is_never_later_than_the_hubs() {
    let (office, event) = office().await;
    take(&office, "09:40", &[shown(&office, &event, 30, "12:00")]).await;
    let row = office.latest(office.ann).await;
    let history = office.store.history(office.ann.actor.person, row.id).await.unwrap();
    assert_eq!(history.seen[0].at, at("09:40"));
}

#[tokio::test]
async fn dismissed_there_it_is_dismissed_here_and_its_sibling_is_not() {
    let (office, event) = office().await;
    let done = ShownAway { wish: Some(Wish::Dismissed), ..shown(&office, &event, 30, "09:30") };
    take(&office, "09:40", &[done, done]).await;
    assert_eq!(office.told(office.ann).await, ["assigned", "30min_before, dismissed"]);

    let other = office.create("09:41", draft("11:00", &[office.ann])).await;
    let done = ShownAway { wish: Some(Wish::Dismissed), ..shown(&office, &other, 30, "10:30") };
    take(&office, "10:57", &[done]).await;
    let told = office.told(office.ann).await;
    assert_eq!(told.last().unwrap(), "5min_before", "the hub had the nearest one speak, and that was not dismissed");
}

#[tokio::test]
async fn put_off_there_it_is_told_again_here_once() {
    let (office, event) = office().await;
    let snooze = SnoozeId::from_bytes([5; 16]);
    let later = Wish::Snoozed { id: snooze, due: at("09:45") };
    let wish = ShownAway { wish: Some(later), ..shown(&office, &event, 30, "09:30") };
    take(&office, "09:40", &[wish]).await;
    take(&office, "09:41", &[wish]).await;
    assert_eq!(office.told(office.ann).await, ["assigned", "30min_before, snoozed"]);
    assert_eq!(office.claim("09:45").await, Claimed { fired: 1, ..Claimed::default() });
    let again = office.latest(office.ann).await;
    assert_eq!(again.id, id(&office, &event, Cause::Snooze(snooze)), "by the id that the desktop gives it");
    take(&office, "09:46", &[wish]).await;
    assert!(office.claim("09:50").await.is_empty(), "said once more, it does not fire once more");
}

#[tokio::test]
async fn what_the_desktop_told_again_by_itself_is_only_read_here() {
    let (office, event) = office().await;
    let later = Wish::Snoozed { id: SnoozeId::from_bytes([5; 16]), due: at("09:35") };
    take(&office, "09:40", &[ShownAway { wish: Some(later), ..shown(&office, &event, 30, "09:30") }]).await;
    assert_eq!(office.told(office.ann).await, ["assigned", "30min_before, read"]);
    assert_eq!(office.store.next_due().await.unwrap(), Some(at("09:55")));
}

#[tokio::test]
async fn put_off_there_and_said_by_another_here_it_is_told_again() {
    let (office, event) = office().await;
    let later = Wish::Snoozed { id: SnoozeId::from_bytes([5; 16]), due: at("10:20") };
    take(&office, "09:57", &[ShownAway { wish: Some(later), ..shown(&office, &event, 30, "09:30") }]).await;
    assert_eq!(office.told(office.ann).await, ["assigned", "5min_before"], "which stays as it is");
    assert_eq!(office.claim("10:20").await.fired, 1);
    assert_eq!(office.count("SELECT count(*) FROM shown_away"), 1, "also of what has no notification");
}

#[tokio::test]
async fn a_wish_for_what_has_moved_is_pointless() {
    let (office, event) = office().await;
    office.update("09:10", event.id, moved_to("15:00")).await;
    let done = ShownAway { wish: Some(Wish::Dismissed), ..shown(&office, &event, 30, "09:30") };
    let later = Wish::Snoozed { id: SnoozeId::from_bytes([5; 16]), due: at("10:20") };
    take(&office, "09:40", &[done, ShownAway { wish: Some(later), ..done }]).await;
    assert_eq!(office.told(office.ann).await, ["assigned, withdrawn", "moved"]);
    assert_eq!(office.store.next_due().await.unwrap(), Some(at("14:30")));
}
