//! A person's notifications: numbered without a gap, read, dismissed, and followed by devices.

use rappel_core::notification::Notification;
use rappel_core::{NotificationId, PersonId};
use rappel_store::{BulkRead, Caller, Error, Heads, Resume};

use crate::fixture::{Office, at, draft, moved_to};

/// Ann's ten o'clock: assigned, then reminded twice.
async fn three_for_ann() -> (Office, Vec<Notification>) {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    office.claim("09:30").await;
    office.claim("09:55").await;
    let rows = office.inbox(office.ann).await;
    (office, rows)
}

fn person(who: Caller) -> PersonId {
    who.actor.person
}

fn seqs(rows: &[Notification]) -> Vec<u64> {
    rows.iter().map(|row| row.seq).collect()
}

#[tokio::test]
async fn each_person_counts_for_themselves() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.create("08:01", draft("10:00", &[office.ann, office.carl])).await;
    office.update("08:02", event.id, moved_to("10:30")).await;
    assert_eq!(seqs(&office.inbox(office.ann).await), [1, 2, 3]);
    assert_eq!(seqs(&office.inbox(office.carl).await), [1]);
    assert_eq!(office.heads(office.ann).await, Heads { seq: 3, change: 4, unread: 2 }, "one was withdrawn");
    assert_eq!(office.heads(office.carl).await, Heads { seq: 1, change: 1, unread: 1 });
    assert_eq!(office.heads(office.bob).await, Heads::default());
}

#[tokio::test]
async fn reading_is_counted_once() {
    let (office, rows) = three_for_ann().await;
    let heads = office.store.mark_read(person(office.ann), rows[1].id, at("09:58")).await.unwrap();
    assert_eq!(heads, Heads { seq: 3, change: 4, unread: 2 });
    let again = office.store.mark_read(person(office.ann), rows[1].id, at("09:58")).await.unwrap();
    assert_eq!(again, heads, "reading twice is reading once");
    let row = office.inbox(office.ann).await.remove(1);
    assert!(row.is_read && row.change == 4 && row.dismissed_at.is_none());
}

#[tokio::test]
async fn dismissing_reads_and_is_final_for_that_one_alone() {
    let (office, rows) = three_for_ann().await;
    let dismissed = office.store.dismiss(person(office.ann), rows[1].id, at("09:56")).await.unwrap();
    assert_eq!((dismissed.dismissed_at, dismissed.is_read, dismissed.change), (Some(at("09:56")), true, 4));
    let again = office.store.dismiss(person(office.ann), rows[1].id, at("09:57")).await.unwrap();
    assert_eq!(again, dismissed, "the second time changes nothing");
    assert_eq!(office.told(office.ann).await, ["assigned", "30min_before, dismissed", "5min_before"]);
    assert_eq!(office.unread(office.ann).await, 2);
}

#[tokio::test]
async fn dismissing_what_was_read_is_a_change_that_is_not_counted_twice() {
    let (office, rows) = three_for_ann().await;
    office.store.mark_read(person(office.ann), rows[1].id, at("09:58")).await.unwrap();
    office.store.dismiss(person(office.ann), rows[1].id, at("09:56")).await.unwrap();
    assert_eq!(office.heads(office.ann).await, Heads { seq: 3, change: 5, unread: 2 });
}

#[tokio::test]
async fn marking_all_read_gives_each_a_change_of_its_own() {
    let (office, rows) = three_for_ann().await;
    office.store.mark_read(person(office.ann), rows[0].id, at("09:58")).await.unwrap();
    let heads = office.store.mark_all_read(person(office.ann), at("09:58")).await.unwrap();
    assert_eq!(heads, Heads { seq: 3, change: 6, unread: 0 });
    let changes: Vec<_> = office.inbox(office.ann).await.iter().map(|row| (row.is_read, row.change)).collect();
    assert_eq!(changes, [(true, 4), (true, 5), (true, 6)]);
    let updates = office.store.updates(person(office.ann), 3, 4, 100).await.unwrap();
    assert_eq!(updates.bulk_read, BulkRead { from: 4, to: 6 }, "all the changes after 4 are this one act");
    assert_eq!(seqs(&updates.changed), [2, 3]);
    let again = office.store.mark_all_read(person(office.ann), at("09:58")).await.unwrap();
    assert_eq!(again, heads);
    assert_eq!(office.store.updates(person(office.ann), 3, 4, 100).await.unwrap(), updates);
}

#[tokio::test]
async fn whatever_was_changed_between_a_device_finds_all_states_that_are_later_than_its_own() {
    let office = Office::open().await;
    let ann = person(office.ann);
    for minute in 10..16 {
        office.create(&format!("08:{minute}"), draft("10:00", &[office.ann])).await;
        let rows = office.inbox(office.ann).await;
        match minute {
            12 => drop(office.store.mark_read(ann, rows[0].id, at("08:12")).await.unwrap()),
            14 => drop(office.store.dismiss(ann, rows[3].id, at("08:14")).await.unwrap()),
            _ => {}
        }
    }
    let rows = office.inbox(office.ann).await;
    assert_eq!(rows.iter().map(|row| row.change).collect::<Vec<_>>(), [4, 2, 3, 7, 6, 8]);
    for (seq, change) in (0..=6).flat_map(|seq| (0..=8).map(move |change| (seq, change))) {
        let mut wanted: Vec<_> = rows.iter().filter(|row| row.seq <= seq && row.change > change).cloned().collect();
        wanted.sort_by_key(|row| row.change);
        for limit in 1..=7 {
            let found = office.store.updates(ann, seq, change, limit).await.unwrap().changed;
            assert_eq!(found, wanted[..limit.min(wanted.len())], "{limit} up to {seq} after {change}");
        }
    }
}

#[tokio::test]
async fn marking_all_read_leaves_others_alone() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann, office.carl])).await;
    office.store.mark_all_read(person(office.ann), at("09:58")).await.unwrap();
    assert_eq!((office.unread(office.ann).await, office.unread(office.carl).await), (0, 1));
}

#[tokio::test]
async fn somebody_elses_is_not_there() {
    let (office, rows) = three_for_ann().await;
    let carl = person(office.carl);
    for row in [rows[0].id, NotificationId::of_key("never written")] {
        assert!(matches!(office.store.mark_read(carl, row, at("09:58")).await, Err(Error::NotFound)));
        assert!(matches!(office.store.dismiss(carl, row, at("09:56")).await, Err(Error::NotFound)));
    }
    assert_eq!(office.unread(office.ann).await, 3);
    let page = office.store.notifications(carl, None, 100).await.unwrap();
    assert_eq!((page.notifications, page.heads), (vec![], Heads::default()));
}

#[tokio::test]
async fn pages_go_back_from_the_newest() {
    let (office, _) = three_for_ann().await;
    let page = async |before, limit| {
        let page = office.store.notifications(person(office.ann), before, limit).await.unwrap();
        assert_eq!(page.heads.seq, 3, "each page says where the person stands");
        seqs(&page.notifications)
    };
    assert_eq!(page(None, 2).await, [3, 2]);
    assert_eq!(page(Some(2), 2).await, [1]);
    assert_eq!(page(Some(1), 2).await, [0; 0]);
    assert_eq!(page(Some(u64::MAX), 2).await, [3, 2], "a number that no row can have");
}

#[tokio::test]
async fn a_device_gets_what_is_new_in_order_and_what_changed_before_it() {
    let (office, rows) = three_for_ann().await;
    office.store.mark_read(person(office.ann), rows[1].id, at("09:58")).await.unwrap();
    office.store.dismiss(person(office.ann), rows[0].id, at("09:56")).await.unwrap();
    let updates = office.store.updates(person(office.ann), 2, 3, 100).await.unwrap();
    assert_eq!(seqs(&updates.new), [3]);
    assert_eq!(seqs(&updates.changed), [2, 1], "in the order of their changes");
    assert_eq!(updates.heads, Heads { seq: 3, change: 5, unread: 1 });

    let from_nothing = office.store.updates(person(office.ann), 0, 0, 100).await.unwrap();
    assert_eq!(seqs(&from_nothing.new), [1, 2, 3]);
    assert_eq!(from_nothing.changed, [], "what is new carries its state; it is not sent twice");
    assert!(from_nothing.new[0].dismissed_at.is_some());
}

#[tokio::test]
async fn updates_come_in_pieces() {
    let (office, _) = three_for_ann().await;
    office.store.mark_all_read(person(office.ann), at("09:58")).await.unwrap();
    let mut seq = 0;
    let mut seen = Vec::new();
    loop {
        let updates = office.store.updates(person(office.ann), seq, u64::from(u32::MAX), 1).await.unwrap();
        let Some(row) = updates.new.first() else { break };
        assert_eq!(updates.new.len(), 1);
        seq = row.seq;
        seen.push(seq);
    }
    assert_eq!(seen, [1, 2, 3]);
    let changed = office.store.updates(person(office.ann), 3, 3, 2).await.unwrap().changed;
    assert_eq!(changed.iter().map(|row| row.change).collect::<Vec<_>>(), [4, 5]);
}

#[tokio::test]
async fn a_device_goes_on_only_in_the_history_it_knows() {
    let (office, rows) = three_for_ann().await;
    let can_resume = async |seq, last_id, change| {
        office.store.can_resume(person(office.ann), Resume { seq, last_id, change }).await.unwrap()
    };
    assert!(can_resume(0, None, None).await, "from the beginning: always");
    assert!(can_resume(0, Some(rows[2].id), Some(0)).await, "before the first there is no id to compare");
    assert!(can_resume(0, None, Some(99)).await, "it gets every state anew, whatever it knew of another history");
    assert!(can_resume(2, None, None).await, "the id is optional");
    assert!(can_resume(2, Some(rows[1].id), Some(3)).await);
    assert!(can_resume(3, Some(rows[2].id), Some(0)).await, "the head itself");
    assert!(!can_resume(2, Some(rows[2].id), None).await, "another notification stands there");
    assert!(!can_resume(4, None, None).await, "beyond the head");
    assert!(!can_resume(2, Some(rows[1].id), Some(4)).await, "a change that never was");
    let empty = Resume { seq: 1, last_id: None, change: None };
    assert!(!office.store.can_resume(person(office.carl), empty).await.unwrap(), "Carl has no notification yet");
}

#[tokio::test]
async fn withdrawing_is_replayed_and_never_deletes() {
    let (office, rows) = three_for_ann().await;
    let before = office.heads(office.ann).await;
    office.delete("09:56", rows[0].event.id).await;
    let after = office.inbox(office.ann).await;
    assert_eq!(seqs(&after), [1, 2, 3, 4]);
    assert!(after[..3].iter().all(|row| row.withdrawn_at == Some(at("09:56")) && row.is_read));
    let updates = office.store.updates(person(office.ann), before.seq, before.change, 100).await.unwrap();
    assert_eq!((seqs(&updates.new), seqs(&updates.changed)), (vec![4], vec![1, 2, 3]));
    assert_eq!(updates.heads, Heads { seq: 4, change: 7, unread: 1 });
}
