//! "Remind me later": told again, by the latest wish, as long as there is something ahead.

use chrono::TimeDelta;
use rappel_core::event::Status;
use rappel_core::notification::{Notification, Outcome};
use rappel_store::{Claimed, Conflict, Error};

use crate::fixture::{Office, assigned_to, at, draft, moved_to, status};

/// Ann has an event at ten, and its half-hour reminder on screen.
async fn reminded() -> (Office, Notification) {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    office.claim("09:30").await;
    let reminder = office.latest(office.ann).await;
    (office, reminder)
}

async fn snooze(office: &Office, row: &Notification, minutes: u32, now: &str) -> Result<Notification, Error> {
    office.store.snooze(office.ann.actor.person, row.id, minutes, at(now)).await
}

fn is_conflict<T: std::fmt::Debug>(result: &Result<T, Error>, conflict: Conflict) -> bool {
    matches!(result, Err(Error::Conflict(found)) if *found == conflict)
}

#[tokio::test]
async fn it_is_told_again_as_what_it_was_in_fresh_words() {
    let (office, reminder) = reminded().await;
    let snoozed = snooze(&office, &reminder, 10, "09:31").await.unwrap();
    assert_eq!(snoozed.snoozed_until, Some(at("09:41")));
    assert!(snoozed.is_read && snoozed.change > reminder.change && snoozed.seq == reminder.seq);
    assert_eq!(office.store.next_due().await.unwrap(), Some(at("09:41")));

    assert_eq!(office.claim("09:41").await, Claimed { fired: 1, ..Claimed::default() });
    let again = office.latest(office.ann).await;
    assert_ne!(again.id, reminder.id);
    assert_eq!((again.seq, again.parent), (3, Some(reminder.id)));
    assert_eq!((again.kind, again.outcome), (reminder.kind, Outcome::Fired));
    assert!(again.message.contains("commence dans 19 minutes"), "{}", again.message);
    assert_eq!(office.told(office.ann).await, ["assigned", "30min_before, snoozed", "30min_before"]);

    let once_more = snooze(&office, &again, 3, "09:42").await.unwrap();
    assert_eq!(once_more.snoozed_until, Some(at("09:45")));
    office.claim("09:45").await;
    assert_eq!(office.latest(office.ann).await.parent, Some(again.id));
}

#[tokio::test]
async fn dismissed_after_all_it_is_not_told_again() {
    let (office, reminder) = reminded().await;
    snooze(&office, &reminder, 10, "09:31").await.unwrap();
    office.store.dismiss(office.ann.actor.person, reminder.id, at("09:32")).await.unwrap();
    assert_eq!(office.store.next_due().await.unwrap(), Some(at("09:55")), "only the next reminder is ahead");
    assert!(office.claim("09:41").await.is_empty(), "a dismissal is final, on whichever device it was");
}

#[tokio::test]
async fn it_is_told_again_past_the_start_too() {
    let (office, reminder) = reminded().await;
    snooze(&office, &reminder, 90, "09:31").await.unwrap();
    office.claim("09:55").await;
    office.claim("11:01").await;
    let again = office.latest(office.ann).await;
    assert!(again.message.contains("a commencé il y a 1 h 01"), "{}", again.message);
    assert_eq!(again.parent, Some(reminder.id));
}

#[tokio::test]
async fn an_assignment_can_be_put_off_as_well() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    let assigned = office.latest(office.ann).await;
    snooze(&office, &assigned, 60, "08:10").await.unwrap();
    office.claim("09:10").await;
    assert_eq!(office.told(office.ann).await, ["assigned, snoozed", "assigned"]);
    assert!(office.latest(office.ann).await.message.contains("(commence dans 50 minutes)"));
}

#[tokio::test]
async fn of_several_wishes_the_latest_due_wins() {
    let (office, reminder) = reminded().await;
    snooze(&office, &reminder, 10, "09:31").await.unwrap();
    let longer = snooze(&office, &reminder, 15, "09:31").await.unwrap();
    let shorter = snooze(&office, &reminder, 5, "09:32").await.unwrap();
    assert_eq!(longer.snoozed_until, Some(at("09:46")));
    assert_eq!(shorter, longer, "the earlier one changes nothing");
    for time in ["09:37", "09:41"] {
        assert_eq!(office.claim(time).await, Claimed::default(), "{time}");
    }
    assert_eq!(office.claim("09:46").await.fired, 1);
    assert_eq!(office.told(office.ann).await.len(), 3);
}

#[tokio::test]
async fn the_same_wish_twice_is_one() {
    let (office, reminder) = reminded().await;
    for _ in 0..2 {
        snooze(&office, &reminder, 10, "09:31").await.unwrap();
    }
    assert_eq!(office.claim("09:41").await.fired, 1);
}

#[tokio::test]
async fn it_gives_way_to_the_events_next_reminder_within_a_minute() {
    let (office, reminder) = reminded().await;
    snooze(&office, &reminder, 23, "09:31").await.unwrap();
    assert_eq!(office.claim("09:54").await, Claimed { collapsed: 1, ..Claimed::default() });
    assert_eq!(office.claim("09:55").await.fired, 1);
    assert_eq!(office.told(office.ann).await, ["assigned", "30min_before, snoozed", "5min_before"]);
}

#[tokio::test]
async fn it_is_missed_only_after_a_day() {
    let (office, reminder) = reminded().await;
    office.claim("09:55").await;
    snooze(&office, &reminder, 60, "09:56").await.unwrap();
    let a_day_later = at("10:56") + TimeDelta::days(1);
    let claimed = office.store.claim_due(a_day_later + TimeDelta::milliseconds(1), 500).await.unwrap();
    assert_eq!(claimed, Claimed { missed: 1, ..Claimed::default() });
    assert_eq!(office.told(office.ann).await.last().unwrap(), "missed");
}

#[tokio::test]
async fn a_move_gives_it_up() {
    let (office, reminder) = reminded().await;
    snooze(&office, &reminder, 10, "09:31").await.unwrap();
    let event = reminder.event.id;
    office.update("09:32", event, moved_to("10:30")).await;
    assert_eq!(
        office.armed(event, office.ann),
        ["10:00-30 fired", "snooze cancelled", "10:00-5 cancelled", "10:30-30 pending", "10:30-5 pending"]
    );
    assert_eq!(office.claim("09:41").await, Claimed::default());
    assert_eq!(office.told(office.ann).await, ["assigned, withdrawn", "30min_before, snoozed, withdrawn", "moved"]);
    let again = snooze(&office, &reminder, 5, "09:42").await;
    assert!(is_conflict(&again, Conflict::Withdrawn), "it told of another start: {again:?}");
}

#[tokio::test]
async fn whatever_ends_the_event_for_its_person_gives_it_up() {
    for change in [status(Status::Done), status(Status::Cancelled), assigned_to(&[])] {
        let (office, reminder) = reminded().await;
        snooze(&office, &reminder, 10, "09:31").await.unwrap();
        let before = office.heads(office.ann).await;
        office.update("09:32", reminder.event.id, change).await;
        assert_eq!(office.claim("09:41").await, Claimed::default());
        let row = office.inbox(office.ann).await.remove(1);
        assert_eq!((row.id, row.withdrawn_at), (reminder.id, Some(at("09:32"))), "nobody waits for it any more");
        assert!(row.change > before.change, "devices that are away hear of it");
    }
    let (office, reminder) = reminded().await;
    snooze(&office, &reminder, 10, "09:31").await.unwrap();
    office.delete("09:32", reminder.event.id).await;
    assert_eq!(office.claim("09:41").await, Claimed::default());
}

#[tokio::test]
async fn given_up_when_it_was_due_already_it_is_withdrawn_too() {
    let (office, reminder) = reminded().await;
    snooze(&office, &reminder, 10, "09:31").await.unwrap();
    // Whoever moves the event is quicker than the scheduler.
    office.update("09:42", reminder.event.id, moved_to("10:30")).await;
    assert_eq!(office.claim("09:42").await, Claimed::default());
    assert_eq!(office.inbox(office.ann).await[1].withdrawn_at, Some(at("09:42")));
}

#[tokio::test]
async fn once_it_was_told_again_what_was_put_off_is_settled() {
    let (office, reminder) = reminded().await;
    snooze(&office, &reminder, 10, "09:31").await.unwrap();
    office.claim("09:41").await;
    office.update("09:42", reminder.event.id, moved_to("10:30")).await;
    assert_eq!(
        office.told(office.ann).await,
        ["assigned, withdrawn", "30min_before, snoozed", "30min_before, withdrawn", "moved"],
        "it was told again at that time, and that is what is over"
    );
}

#[tokio::test]
async fn an_edit_leaves_it_as_it_is() {
    let (office, reminder) = reminded().await;
    snooze(&office, &reminder, 10, "09:31").await.unwrap();
    office.update("09:32", reminder.event.id, crate::fixture::titled("Visite du toit")).await;
    assert_eq!(office.claim("09:41").await.fired, 1);
    assert!(office.latest(office.ann).await.message.ends_with("Visite du toit"));
}

#[tokio::test]
async fn what_is_dismissed_or_withdrawn_cannot_be_put_off() {
    let (office, reminder) = reminded().await;
    let assigned = office.inbox(office.ann).await.remove(0);
    office.store.dismiss(office.ann.actor.person, reminder.id, at("09:31")).await.unwrap();
    assert!(is_conflict(&snooze(&office, &reminder, 5, "09:32").await, Conflict::Dismissed));
    office.update("09:33", reminder.event.id, moved_to("10:30")).await;
    assert!(is_conflict(&snooze(&office, &assigned, 5, "09:34").await, Conflict::Withdrawn));
}

#[tokio::test]
async fn what_tells_of_nothing_ahead_cannot_be_put_off() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann, office.carl])).await;
    office.update("08:10", event.id, assigned_to(&[office.carl])).await;
    let unassigned = office.latest(office.ann).await;
    assert!(is_conflict(&snooze(&office, &unassigned, 5, "08:11").await, Conflict::NothingAhead));

    let other = office.create("08:20", draft("10:00", &[office.ann])).await;
    let missed = office.create("08:20", draft("09:00", &[office.ann])).await;
    office.update("08:30", other.id, status(Status::Cancelled)).await;
    let cancelled = office.latest(office.ann).await;
    assert!(is_conflict(&snooze(&office, &cancelled, 5, "08:31").await, Conflict::NothingAhead));
    office.claim("09:30").await;
    let row = office.latest(office.ann).await;
    assert_eq!((&*row.kind.type_name(), row.event.id), ("missed", missed.id));
    assert!(is_conflict(&snooze(&office, &row, 5, "09:31").await, Conflict::NothingAhead));
}

#[tokio::test]
async fn once_its_event_ended_nothing_of_it_can_be_put_off() {
    for change in [status(Status::Done), status(Status::Cancelled), assigned_to(&[])] {
        let (office, reminder) = reminded().await;
        let assigned = office.inbox(office.ann).await[0].clone();
        snooze(&office, &assigned, 90, "09:30").await.unwrap();
        office.store.mark_read(office.ann.actor.person, reminder.id, at("09:58")).await.unwrap();
        office.update("09:31", reminder.event.id, change).await;
        let read = snooze(&office, &reminder, 5, "09:32").await;
        assert!(is_conflict(&read, Conflict::Withdrawn), "read, it was still on a screen: {read:?}");
        let put_off = snooze(&office, &assigned, 5, "09:32").await;
        assert!(is_conflict(&put_off, Conflict::Withdrawn), "it would never be told again: {put_off:?}");
        let pending = "SELECT count(*) FROM snooze WHERE state = 'pending'";
        assert_eq!(office.count(pending), 0);
    }
}

#[tokio::test]
async fn it_takes_one_minute_to_a_week() {
    let (office, reminder) = reminded().await;
    for minutes in [0, 10_081, u32::MAX] {
        let refused = snooze(&office, &reminder, minutes, "09:31").await;
        assert!(matches!(&refused, Err(Error::Invalid(invalid)) if invalid.field == "minutes"), "{refused:?}");
    }
    assert_eq!(office.unread(office.ann).await, 2, "a refused wish leaves nothing behind");
    snooze(&office, &reminder, 1, "09:31").await.unwrap();
    let week = snooze(&office, &reminder, 10_080, "09:31").await.unwrap();
    assert_eq!(week.snoozed_until, Some(at("09:31") + TimeDelta::days(7)));
}

#[tokio::test]
async fn somebody_elses_cannot_be_put_off() {
    let (office, reminder) = reminded().await;
    let carls = office.store.snooze(office.carl.actor.person, reminder.id, 5, at("09:31")).await;
    assert!(matches!(carls, Err(Error::NotFound)), "{carls:?}");
}
