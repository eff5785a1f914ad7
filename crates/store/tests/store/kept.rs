//! What is kept for how long, and what may never happen again although it is forgotten.

use chrono::TimeDelta;
use rappel_core::draft::Draft;
use rappel_core::{NotificationId, Timestamp};
use rappel_store::{Caller, Claimed, Error, Forgotten, Resume};

use crate::fixture::{Office, at, draft, moved_to, open};

/// When the events of the fixture were made.
const THEN: &str = "2026-11-23T08:00:00Z";

fn days_later(days: i64) -> Timestamp {
    at(THEN) + TimeDelta::days(days)
}

async fn forget(office: &Office, days: i64) -> Forgotten {
    office.store.forget_old(days_later(days)).await.unwrap()
}

/// Ann is told of so many events, a minute apart.
async fn told(office: &Office, count: i64) -> Vec<NotificationId> {
    for minute in 0..count {
        let now = at(THEN) + TimeDelta::minutes(minute);
        office.create(&now.to_string(), draft("2027-03-01T10:00:00Z", &[office.ann])).await;
    }
    office.inbox(office.ann).await.iter().map(|row| row.id).collect()
}

async fn seqs(office: &Office, who: Caller) -> Vec<u64> {
    office.inbox(who).await.iter().map(|row| row.seq).collect()
}

#[tokio::test]
async fn a_notification_is_kept_for_a_year_with_what_devices_said_of_it() {
    let office = Office::open().await;
    let ids = told(&office, 3).await;
    let (ann, now) = (office.ann, at(THEN));
    for seq in 1..=3 {
        office.store.acknowledge(ann, seq, now).await.unwrap();
    }
    office.store.saw(ann, ids.clone(), TimeDelta::zero(), now).await.unwrap();
    let before = office.heads(ann).await;
    assert!(forget(&office, 365).await.is_empty(), "a year to the millisecond is not over");
    let a_minute_more = days_later(365) + TimeDelta::minutes(1);
    assert_eq!(
        office.store.forget_old(a_minute_more).await.unwrap(),
        Forgotten { notifications: 1, ..Forgotten::default() }
    );
    assert_eq!(seqs(&office, ann).await, [2, 3], "from the front, and nothing is numbered anew");
    let after = office.heads(ann).await;
    assert_eq!((after.seq, after.change, after.unread), (before.seq, before.change, 2), "it does not count as unread");
    assert!(matches!(office.store.history(ann.actor.person, ids[0]).await, Err(Error::NotFound)));
    let second = office.store.history(ann.actor.person, ids[1]).await.unwrap();
    assert_eq!((second.received.len(), second.seen.len()), (1, 1));
    assert_eq!(office.count("SELECT count(*) FROM receipt") + office.count("SELECT count(*) FROM sighting"), 4);
    assert_eq!(office.store.forgot_at().await.unwrap(), Some(a_minute_more));
}

#[tokio::test]
async fn a_long_history_goes_in_pieces_while_others_write() {
    let office = Office::open().await;
    told(&office, 450).await;
    let forgetting = office.store.clone();
    let (forgotten, ()) = tokio::join!(forgetting.forget_old(days_later(400)), async {
        office.store.mark_all_read(office.ann.actor.person, days_later(400)).await.unwrap();
    });
    assert_eq!(forgotten.unwrap().notifications, 450);
    assert_eq!(office.heads(office.ann).await.seq, 450);
    office.create("2027-12-28T08:00:00Z", draft("2028-01-10T10:00:00Z", &[office.ann])).await;
    assert_eq!(seqs(&office, office.ann).await, [451], "the count goes on");
}

#[tokio::test]
async fn space_that_is_not_used_any_more_is_given_back_when_it_is_much() {
    let office = Office::open().await;
    let pages = || office.count("PRAGMA page_count");
    let comment = Some("x".repeat(10_000));
    for _ in 0..130 {
        let long = Draft { comment: comment.clone(), ..draft("2027-03-01T10:00:00Z", &[office.ann]) };
        let event = office.create("08:00", long).await;
        office.delete("08:01", event.id).await;
    }
    let full = pages();
    assert_eq!(office.store.tidy().await.unwrap(), 0, "all of it is used");
    // Notifications first: only then the events of which they tell.
    assert_eq!(forget(&office, 400).await.events, 130);
    let forgotten = pages();
    assert!(forgotten >= full, "what is forgotten leaves pages for others");
    let given_back = office.store.tidy().await.unwrap();
    assert!(given_back > full / 2, "{given_back} of {full}");
    assert_eq!(pages(), forgotten - given_back);
    assert_eq!(office.count("PRAGMA freelist_count"), 0);
    assert_eq!(office.store.tidy().await.unwrap(), 0);
    office.create("2027-12-28T08:00:00Z", draft("2028-01-10T10:00:00Z", &[office.ann])).await;
    assert_eq!(seqs(&office, office.ann).await.len(), 1, "and it goes on");
}

#[tokio::test]
async fn a_device_that_knows_nothing_of_what_is_kept_starts_afresh() {
    let office = Office::open().await;
    let ids = told(&office, 3).await;
    let can_resume = async |seq, last_id| {
        let resume = Resume { seq, last_id, change: Some(1) };
        office.store.can_resume(office.ann.actor.person, resume).await.unwrap()
    };
    assert!(can_resume(1, Some(ids[0])).await);
    office.store.forget_old(days_later(365) + TimeDelta::minutes(2)).await.unwrap();
    assert_eq!(seqs(&office, office.ann).await, [3]);
    assert!(!can_resume(1, None).await, "the second is gone, and it has not seen it");
    assert!(can_resume(2, None).await, "it lacks nothing but what is there");
    assert!(!can_resume(2, Some(ids[1])).await, "whether that is what stood there cannot be known any more");
    assert!(can_resume(3, Some(ids[2])).await);
    assert!(can_resume(0, None).await, "from the beginning: always");

    forget(&office, 400).await;
    assert!(!can_resume(2, None).await, "nothing is left, and it lacks the third");
    assert!(can_resume(3, None).await, "it has seen all that there was");
}

#[tokio::test]
async fn what_somebody_waits_to_be_told_again_stays_with_all_that_follows() {
    let office = Office::open().await;
    let ids = told(&office, 3).await;
    let ann = office.ann.actor.person;
    // On a clock that is behind, so that the snooze is still to come when the year is over.
    office.store.snooze(ann, ids[1], 10_080, days_later(360)).await.unwrap();
    assert_eq!(forget(&office, 366).await.notifications, 1);
    assert_eq!(seqs(&office, office.ann).await, [2, 3]);
    office.store.dismiss(ann, ids[1], days_later(366)).await.unwrap();
    assert_eq!(forget(&office, 366).await.notifications, 2, "nobody waits for it any more");
}

#[tokio::test]
async fn what_was_told_again_stands_for_itself_when_the_first_time_is_forgotten() {
    let office = Office::open().await;
    let ids = told(&office, 1).await;
    let ann = office.ann.actor.person;
    office.store.snooze(ann, ids[0], 10_080, at(THEN)).await.unwrap();
    assert_eq!(office.store.claim_due(days_later(7), 500).await.unwrap().fired, 1);
    let (again, heads) = (office.latest(office.ann).await, office.heads(office.ann).await);
    assert_eq!(again.parent, Some(ids[0]));
    office.announced();
    assert_eq!(forget(&office, 366).await.notifications, 1);
    let changed = office.store.updates(ann, heads.seq, heads.change, 100).await.unwrap().changed;
    assert_eq!(changed.iter().map(|row| (row.id, row.parent)).collect::<Vec<_>>(), [(again.id, None)]);
    assert!(office.announced().iter().any(|committed| committed.inboxes.contains(&ann)), "devices learn of it");
    assert_eq!(forget(&office, 400).await.notifications, 1);
}

#[tokio::test]
async fn parent_and_child_go_together() {
    let office = Office::open().await;
    let ids = told(&office, 1).await;
    office.store.snooze(office.ann.actor.person, ids[0], 5, at(THEN)).await.unwrap();
    office.store.claim_due(at(THEN) + TimeDelta::minutes(5), 500).await.unwrap();
    assert_eq!(forget(&office, 400).await.notifications, 2);
}

#[tokio::test]
async fn what_fired_does_not_fire_again_whatever_is_forgotten_and_wherever_the_clock_is() {
    let mut office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.claim("09:30").await;
    office.claim("09:55").await;
    assert_eq!(forget(&office, 400).await.notifications, 3);
    office.store = open(&office.path());
    let later = "2027-12-28T08:00:00Z";
    office.update(later, event.id, moved_to("2028-01-10T10:00:00Z")).await;
    office.update(later, event.id, moved_to("10:00")).await;
    assert!(office.store.claim_due(days_later(401), 500).await.unwrap().is_empty());
    // The clock of the hub was set back to before it all.
    office.update("08:30", event.id, moved_to("12:00")).await;
    office.update("08:31", event.id, moved_to("10:00")).await;
    assert_eq!(office.claim("09:59").await, Claimed::default());
    let kinds: Vec<_> = office.inbox(office.ann).await.iter().map(|row| row.kind.type_name()).collect();
    assert!(kinds.iter().all(|kind| kind == "moved"), "{kinds:?}");
}

#[tokio::test]
async fn a_reminder_that_is_still_to_be_decided_is_never_forgotten() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    forget(&office, 400).await; // the hub was off for longer than a year
    assert_eq!(office.store.claim_due(days_later(400), 500).await.unwrap().missed, 2);
    assert_eq!(office.told(office.ann).await, ["missed"]);
}

#[tokio::test]
async fn a_deleted_event_goes_after_its_notifications_and_not_before_it_can_be_restored() {
    let office = Office::open().await;
    let [kept, gone] = [
        office.create("08:00", draft("10:00", &[office.ann])).await,
        office.create("08:00", draft("10:00", &[])).await,
    ];
    office.update("08:01", gone.id, moved_to("11:00")).await;
    for event in [&kept, &gone] {
        office.delete("08:02", event.id).await;
    }
    assert!(forget(&office, 30).await.is_empty(), "both can still be restored");
    office.store.restore_event(office.bob, gone.id, days_later(29)).await.unwrap();
    office.store.delete_event(office.bob, gone.id, None, days_later(29)).await.unwrap();
    assert!(forget(&office, 58).await.is_empty());
    assert_eq!(forget(&office, 60).await.events, 1, "nobody was told of the one");
    assert!(matches!(office.store.restore_event(office.bob, gone.id, days_later(60)).await, Err(Error::NotFound)));
    let last = forget(&office, 366).await;
    assert_eq!((last.notifications, last.events), (2, 1), "the other went with its last notification");
    for table in ["event", "reminder", "snooze", "event_move"] {
        assert_eq!(office.count(&format!("SELECT count(*) FROM {table}")), 0, "{table}");
    }
}

#[tokio::test]
async fn what_several_were_told_in_the_same_words_stays_until_the_last_of_them_is_forgotten() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    assert_eq!(office.count("SELECT count(*) FROM words"), 0, "there is nobody else");
    let event = office.create("08:00", draft("10:00", &[office.ada, office.ann, office.carl])).await;
    assert_eq!(office.count("SELECT count(*) FROM words"), 1);
    let mut told = Vec::new();
    for who in [office.ann, office.carl] {
        let row = office.latest(who).await;
        assert_eq!((row.event.id, row.message.is_empty()), (event.id, false));
        office.store.snooze(who.actor.person, row.id, 10_080, at("08:01")).await.unwrap();
        told.push((row.title, row.message, row.event));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(forget(&office, 366).await.notifications, 2, "the others are still to be told again");
    for who in [office.ann, office.carl] {
        let row = office.latest(who).await;
        assert_eq!((row.title, row.message, row.event), told[0]);
    }
    assert_eq!(office.count("SELECT count(*) FROM words"), 1);
    office.claim("2027-11-25T08:00:00Z").await;
    forget(&office, 366).await;
    assert_eq!(office.count("SELECT count(*) FROM words"), 0);
}

#[tokio::test]
async fn changes_of_events_go_on_being_counted_from_one_that_went() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[])).await;
    let gone = office.create("08:01", draft("10:00", &[])).await;
    office.delete("08:02", gone.id).await;
    let extent = office.store.extent().await.unwrap();
    assert_eq!(forget(&office, 31).await.events, 1);
    assert_eq!((office.store.event_change().await.unwrap(), office.store.extent().await.unwrap()), (3, extent));
    let later = office.create("2027-01-04T08:00:00Z", draft("2027-01-05T10:00:00Z", &[])).await;
    let (from, to) = (at("2027-01-05T00:00:00Z"), at("2027-01-06T00:00:00Z"));
    let (changed, head) = office.store.events_changed(3, from, to).await.unwrap();
    assert_eq!((changed.iter().map(|event| event.id).collect(), head), (vec![later.id], 4));
}

#[tokio::test]
async fn an_event_that_is_not_deleted_stays_with_its_reminders() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.claim("09:55").await;
    forget(&office, 3000).await;
    assert_eq!(office.armed(event.id, office.ann), ["10:00-30 collapsed", "10:00-5 fired"]);
    assert_eq!(office.store.event(office.ann.actor, event.id).await.unwrap().event, event);
}

#[tokio::test]
async fn who_changed_what_is_kept_for_two_years() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[])).await;
    let lines = office.count("SELECT count(*) FROM audit");
    assert_eq!(forget(&office, 2 * 365 - 3).await.audit, 0);
    office.create("2028-11-22T08:00:00Z", draft("10:00", &[])).await;
    assert_eq!(forget(&office, 2 * 365 + 1).await.audit as u64, lines);
    assert_eq!(office.count("SELECT count(*) FROM audit"), 1);
}

#[tokio::test]
async fn where_moved_events_were_is_kept_for_whoever_watches() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[])).await;
    for minute in 0..3 {
        office.update("08:01", event.id, moved_to(&format!("11:0{minute}"))).await;
    }
    assert_eq!(forget(&office, 1).await.moves, 0);
    office.file().execute("UPDATE office SET event_change = 10_002", []).unwrap();
    assert_eq!(forget(&office, 1).await.moves, 1, "ten thousand changes are further than anybody lags behind");
}
