//! What became of a notification: where it is, where it was seen, and what its siblings did.

use chrono::TimeDelta;
use rappel_core::arm::State;
use rappel_core::notification::{Notification, Offset};
use rappel_core::{NotificationId, Timestamp};
use rappel_store::{Caller, Claimed, DeviceMoment, Error, History, ReminderFate};

use crate::fixture::{Office, assigned_to, at, draft, minutes, moved_to, open, sign_in};

const NOW: TimeDelta = TimeDelta::zero();

async fn history(office: &Office, who: Caller, row: &Notification) -> History {
    office.store.history(who.actor.person, row.id).await.unwrap()
}

fn devices(moments: &[DeviceMoment]) -> Vec<(rappel_core::DeviceId, Timestamp)> {
    moments.iter().map(|moment| (moment.device, moment.at)).collect()
}

/// `30 fired 10:00`: the offset, the state, and when what told it was decided.
fn fates(reminders: &[ReminderFate]) -> Vec<String> {
    let in_words = |fate: &ReminderFate| {
        let offset = match fate.offset {
            Offset::Minutes(minutes) => minutes.to_string(),
            Offset::Days(days) => format!("d{days}"),
        };
        let told = fate.told.map(|told| told.at.to_utc().format(" %H:%M").to_string()).unwrap_or_default();
        format!("{offset} {}{told}", fate.state.as_str())
    };
    reminders.iter().map(in_words).collect()
}

#[tokio::test]
async fn a_receipt_never_goes_back_and_changes_no_replay() {
    let office = Office::open().await;
    for _ in 0..3 {
        office.create("08:00", draft("10:00", &[office.ann])).await;
    }
    for (seq, now) in [(2, "08:10"), (1, "08:11"), (2, "08:12"), (u64::MAX, "08:13"), (u64::MAX, "08:14")] {
        office.store.acknowledge(office.ann, seq, at(now)).await.unwrap();
    }
    let mut received = Vec::new();
    for row in office.inbox(office.ann).await {
        received.push(devices(&history(&office, office.ann, &row).await.received)[0].1);
    }
    assert_eq!(
        received,
        [at("08:10"), at("08:10"), at("08:13")],
        "the earliest that says so; nobody has more than all"
    );
    assert_eq!(office.count("SELECT count(*) FROM receipt"), 2, "a row for each advance");
    assert_eq!(office.store.updates(office.ann.actor.person, 0, 0, 100).await.unwrap().new.len(), 3);
}

#[tokio::test]
async fn each_device_says_when_it_had_it_and_when_it_was_seen_there() {
    let mut office = Office::open().await;
    let phone = sign_in(&office.store, office.ann.actor.person, at("08:00")).await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    let row = office.latest(office.ann).await;
    office.store.acknowledge(office.ann, row.seq, at("08:01")).await.unwrap();
    office.store.acknowledge(phone, row.seq, at("08:02")).await.unwrap();
    office.store.saw(phone, vec![row.id], NOW, at("08:03")).await.unwrap();
    office.store.saw(phone, vec![row.id], NOW, at("08:30")).await.unwrap();
    // A device that could not say so at once.
    office.store.saw(office.ann, vec![row.id], TimeDelta::minutes(4), at("08:09")).await.unwrap();

    let told = history(&office, office.ann, &row).await;
    assert_eq!(devices(&told.received), [(office.ann.device, at("08:01")), (phone.device, at("08:02"))]);
    assert_eq!(devices(&told.seen), [(phone.device, at("08:03")), (office.ann.device, at("08:05"))], "the first time");

    office.store.revoke_device(rappel_store::By::CommandLine, phone.device, at("08:40")).await.unwrap();
    office.store = open(&office.path());
    assert_eq!(history(&office, office.ann, &row).await, told, "neither a restart nor a lost phone changes it");
}

#[tokio::test]
async fn what_is_not_theirs_nobody_saw() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    let row = office.latest(office.ann).await;
    let ids = vec![NotificationId::of_key("never written"), row.id];
    office.store.saw(office.carl, ids, NOW, at("08:03")).await.unwrap();
    assert_eq!(history(&office, office.ann, &row).await.seen, []);
    let carl = office.carl.actor.person;
    assert!(matches!(office.store.history(carl, row.id).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn a_sighting_wakes_nobody() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    let row = office.latest(office.ann).await;
    office.announced();
    office.store.saw(office.ann, vec![row.id], NOW, at("08:03")).await.unwrap();
    office.store.acknowledge(office.ann, 1, at("08:03")).await.unwrap();
    assert_eq!(office.announced(), []);
}

#[tokio::test]
async fn reading_has_a_time_and_happens_once() {
    let office = Office::open().await;
    for _ in 0..2 {
        office.create("08:00", draft("10:00", &[office.ann])).await;
    }
    let rows = office.inbox(office.ann).await;
    let ann = office.ann.actor.person;
    assert_eq!(history(&office, office.ann, &rows[0]).await.read_at, None);
    office.store.mark_read(ann, rows[0].id, at("08:10")).await.unwrap();
    office.store.mark_all_read(ann, at("08:20")).await.unwrap();
    assert_eq!(history(&office, office.ann, &rows[0]).await.read_at, Some(at("08:10")));
    assert_eq!(history(&office, office.ann, &rows[1]).await.read_at, Some(at("08:20")));
}

#[tokio::test]
async fn a_snooze_is_told_with_what_came_of_it() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    office.claim("09:30").await;
    let row = office.latest(office.ann).await;
    let ann = office.ann.actor.person;
    office.store.snooze(ann, row.id, 2, at("09:31")).await.unwrap();
    office.store.snooze(ann, row.id, 10, at("09:32")).await.unwrap();
    office.claim("09:42").await;
    let again = office.latest(office.ann).await;
    let snoozes = history(&office, office.ann, &row).await.snoozes;
    let in_words: Vec<_> = snoozes.iter().map(|fate| (fate.snoozed_at, fate.due, fate.state)).collect();
    let replaced = (at("09:31"), at("09:33"), State::Cancelled);
    assert_eq!(in_words, [replaced, (at("09:32"), at("09:42"), State::Fired)]);
    assert_eq!(snoozes[1].told.map(|told| (told.id, told.at)), Some((again.id, at("09:42"))));
    assert_eq!(again.parent, Some(row.id), "and the other way round");
}

#[tokio::test]
async fn what_one_reminder_said_for_another_is_known() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    office.claim("09:57").await;
    let row = office.latest(office.ann).await;
    let reminders = history(&office, office.ann, &row).await.reminders;
    assert_eq!(fates(&reminders), ["30 collapsed 09:57", "5 fired 09:57"]);
    assert_eq!(reminders[0].told.map(|told| told.id), Some(row.id));
}

#[tokio::test]
async fn what_the_notice_said_is_known() {
    let office = Office::open().await;
    let event = office.create("09:40", draft("10:00", &[office.ann])).await;
    let row = office.latest(office.ann).await;
    assert_eq!(fates(&history(&office, office.ann, &row).await.reminders), ["30 skipped", "5 pending"]);
    let own = office.store.own_reminders(office.ann.actor, event.id).await.unwrap();
    assert_eq!(fates(&own), ["30 skipped", "5 pending"]);
    assert_eq!(office.store.own_reminders(office.carl.actor, event.id).await.unwrap(), [], "he has none of it");
    office.delete("09:41", event.id).await;
    assert!(matches!(office.store.own_reminders(office.ann.actor, event.id).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn what_was_missed_is_known() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    office.claim("12:00").await;
    let row = office.latest(office.ann).await;
    let reminders = history(&office, office.ann, &row).await.reminders;
    assert_eq!(fates(&reminders), ["30 missed 12:00", "5 missed 12:00"]);
}

#[tokio::test]
async fn each_start_has_its_own_reminders() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.claim("09:30").await;
    let before = office.latest(office.ann).await;
    office.update("09:31", event.id, moved_to("11:00")).await;
    assert_eq!(fates(&history(&office, office.ann, &before).await.reminders), ["30 fired 09:30", "5 cancelled"]);
    let moved = office.latest(office.ann).await;
    assert_eq!(fates(&history(&office, office.ann, &moved).await.reminders), ["30 pending", "5 pending"]);
}

#[tokio::test]
async fn the_last_month_is_counted_from_what_is_stored() {
    let mut office = Office::open().await;
    let mut visit = draft("10:00", &[office.ann]);
    visit.reminders = Some(minutes(&[30, 15, 5]));
    let event = office.create("08:00", visit).await;
    office.claim("09:46").await; // 30 is collapsed into 15, which is late
    office.claim("09:55").await;
    office.update("09:56", event.id, assigned_to(&[office.ann, office.carl])).await; // skipped, for him
    office.create("09:56", draft("10:30", &[office.ann])).await;
    office.claim("12:00").await; // two are missed
    office.store = open(&office.path());
    let counted = office.store.decided_since(at("09:00")).await.unwrap();
    let wanted = Claimed { fired: 2, late: 1, missed: 2, collapsed: 1, skipped: 3, cancelled: 0 };
    assert_eq!(counted, wanted);
    assert!(office.store.decided_since(at("13:00")).await.unwrap().is_empty(), "nothing was due since");
}
