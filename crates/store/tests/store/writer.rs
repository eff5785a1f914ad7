//! The one that writes: many commands share a commit, and nobody hears of it before it is durable.

use std::collections::BTreeSet;
use std::sync::mpsc::sync_channel;

use rappel_core::EventId;
use rappel_core::person::Role;
use rappel_store::{By, Committed, Created, Error, InboxChange, Store};
use rusqlite::Connection;
use tokio::task::JoinSet;

use crate::fixture::{Office, assigned_to, at, check, defaults, draft, moved_to, new_person, open, sign_in, titled};

#[tokio::test(flavor = "multi_thread")]
async fn many_commands_at_once_are_all_durable_when_they_are_answered() {
    let office = Office::open().await;
    let mut commands = JoinSet::new();
    for number in 0..300_u32 {
        let (store, bob, ann) = (office.store.clone(), office.bob, office.ann);
        let path = office.path();
        commands.spawn(async move {
            let created = store.create_event(bob, draft("10:00", &[ann]), None, at("08:00")).await.unwrap();
            let Created::New(event) = created else { panic!("there is no key") };
            let seen: bool = Connection::open(path)
                .unwrap()
                .query_row("SELECT EXISTS (SELECT 1 FROM event WHERE id = ?1)", [event.id.as_bytes()], |row| row.get(0))
                .unwrap();
            assert!(seen, "event {number} is answered before it is committed");
            event.id
        });
    }
    let ids: BTreeSet<EventId> = commands.join_all().await.into_iter().collect();
    assert_eq!(ids.len(), 300);
    assert_eq!(office.unread(office.ann).await, 300);
    let announced = office.announced();
    assert!(announced.len() < 300, "commands that wait together share a commit: {} commits", announced.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_fails_leaves_the_others_of_its_batch_alone() {
    let office = Office::open().await;
    let mut commands = JoinSet::new();
    for number in 0..200_u32 {
        let (store, bob, ann) = (office.store.clone(), office.bob, office.ann);
        commands.spawn(async move {
            let mut wish = draft("10:00", &[ann]);
            if number % 2 == 1 {
                wish.title = Some("x".repeat(201));
            }
            let created = store.create_event(bob, wish, None, at("08:00")).await;
            assert_eq!(created.is_ok(), number % 2 == 0, "{created:?}");
        });
    }
    commands.join_all().await;
    assert_eq!(office.count("SELECT count(*) FROM event"), 100);
    assert_eq!(office.unread(office.ann).await, 100, "what failed has taken no number");
}

#[tokio::test]
async fn a_caller_who_goes_away_does_not_stop_the_command() {
    let office = Office::open().await;
    let ann = office.ann;
    let command = office.store.create_event(office.bob, draft("10:00", &[ann]), None, at("08:00"));
    {
        let mut command = std::pin::pin!(command);
        let polled = std::future::poll_fn(|context| std::task::Poll::Ready(command.as_mut().poll(context))).await;
        assert!(polled.is_pending(), "it is queued and not yet answered");
    }
    office.create("08:01", draft("11:00", &[ann])).await;
    assert_eq!(office.told(ann).await, ["assigned", "assigned"]);
}

#[tokio::test]
async fn what_is_announced_is_whom_it_concerns() {
    let office = Office::open().await;
    let people = |who: &[rappel_store::Caller]| who.iter().map(|caller| caller.actor.person).collect::<BTreeSet<_>>();
    // Whose inbox, whether events, whether reminders.
    let announced = || {
        let concerned = |one: Committed| {
            assert!(one.revoked.is_empty() && !one.restored, "nobody is signed out: {one:?}");
            (one.inboxes.into_iter().map(|(person, _)| person).collect(), one.events, one.first_due.is_some())
        };
        office.announced().into_iter().map(concerned).collect::<Vec<(BTreeSet<_>, bool, bool)>>()
    };
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    assert_eq!(announced(), [(people(&[office.ann]), true, true)]);

    office.update("08:01", event.id, titled("Visite du toit")).await;
    assert_eq!(announced(), [(people(&[]), true, false)]);

    office.update("08:02", event.id, assigned_to(&[office.carl])).await;
    assert_eq!(announced(), [(people(&[office.ann, office.carl]), true, true)]);

    office.claim("09:30").await;
    assert_eq!(announced(), [(people(&[office.carl]), false, false)]);

    let row = office.latest(office.carl).await.id;
    office.store.mark_read(office.carl.actor.person, row, at("09:58")).await.unwrap();
    assert_eq!(announced(), [(people(&[office.carl]), false, false)]);
}

#[tokio::test]
async fn what_changes_nothing_or_fails_is_not_announced() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let row = office.latest(office.ann).await.id;
    office.store.mark_all_read(office.ann.actor.person, at("09:58")).await.unwrap();
    office.announced();
    office.store.mark_read(office.ann.actor.person, row, at("09:58")).await.unwrap();
    office.store.mark_all_read(office.ann.actor.person, at("09:58")).await.unwrap();
    office.update("08:01", event.id, titled(&event.title)).await;
    assert!(office.claim("08:02").await.is_empty());
    let refused = office.store.delete_event(office.carl, event.id, None, at("08:03")).await;
    assert!(matches!(refused, Err(Error::Forbidden)));
    assert_eq!(office.announced(), []);
}

#[tokio::test]
async fn it_is_announced_only_after_the_commit() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rappel.db");
    let (announce, seen) = sync_channel(64);
    let file = path.clone();
    let store = Store::open(&path, &defaults(), move |committed| {
        let other = Connection::open(&file).unwrap();
        let told: u64 = other.query_row("SELECT count(*) FROM notification", [], |row| row.get(0)).unwrap();
        announce.try_send((committed.inboxes.len(), told)).unwrap();
    })
    .unwrap();
    let ada = store.add_first_admin("Ada".into(), at("08:00")).await.unwrap().unwrap();
    let ada = sign_in(&store, ada.id, at("08:00")).await;
    let bob = store.add_person(By::CommandLine, new_person("Bob", Role::Member), at("08:00")).await.unwrap();
    let bob = sign_in(&store, bob.id, at("08:00")).await;
    store.create_event(ada, draft("10:00", &[bob]), None, at("08:01")).await.unwrap();
    assert_eq!(seen.try_iter().collect::<Vec<_>>(), [(1, 1)], "another connection finds the row that is announced");
}

#[tokio::test]
async fn everything_is_there_after_closing_and_opening() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rappel.db");
    let store = open(&path);
    let identity = store.identity();
    let ada = store.add_first_admin("Ada".into(), at("08:00")).await.unwrap().unwrap();
    let caller = sign_in(&store, ada.id, at("08:00")).await;
    let Created::New(event) = store.create_event(caller, draft("10:00", &[caller]), None, at("08:01")).await.unwrap()
    else {
        panic!("there is no key")
    };
    store.claim_due(at("09:30"), 500).await.unwrap();
    let told = store.updates(ada.id, 0, 0, 100).await.unwrap();
    drop(store);
    assert!(!path.with_extension("db-wal").exists(), "closed, it is one file");

    let store = open(&path);
    assert_eq!(store.identity(), identity, "the hub is the same");
    assert_eq!(store.person(ada.id).await.unwrap(), ada);
    assert_eq!(store.event(caller.actor, event.id).await.unwrap().event, *event);
    assert_eq!(store.updates(ada.id, 0, 0, 100).await.unwrap(), told);
    assert_eq!(store.next_due().await.unwrap(), Some(at("09:55")));
    check(&Connection::open(&path).unwrap());
}

#[tokio::test]
async fn closing_finishes_what_is_queued() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rappel.db");
    let store = open(&path);
    let ada = store.add_first_admin("Ada".into(), at("08:00")).await.unwrap().unwrap();
    let caller = sign_in(&store, ada.id, at("08:00")).await;
    for _ in 0..50 {
        let command = store.create_event(caller, draft("10:00", &[]), None, at("08:01"));
        let mut command = std::pin::pin!(command);
        // Polled once: it is queued, and nobody waits for it.
        let polled = std::future::poll_fn(|context| std::task::Poll::Ready(command.as_mut().poll(context))).await;
        drop(polled);
    }
    drop(store);
    let found: u64 =
        Connection::open(&path).unwrap().query_row("SELECT count(*) FROM event", [], |row| row.get(0)).unwrap();
    assert_eq!(found, 50);
}

#[tokio::test]
async fn what_was_appended_is_announced_as_it_is_read_and_what_changed_besides_is_not() {
    let office = Office::open().await;
    let ann = office.ann.actor.person;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let inboxes = || office.announced().into_iter().flat_map(|committed| committed.inboxes).collect::<Vec<_>>();
    let [(told, InboxChange::Appended(appended))] = &inboxes()[..] else { panic!("one person has one new row") };
    assert_eq!((*told, &appended.rows[..]), (ann, &[office.latest(office.ann).await.into()][..]));
    assert_eq!(appended.heads, office.heads(office.ann).await);

    assert_eq!(office.claim("09:30").await.fired, 1);
    let [(_, InboxChange::Appended(appended))] = &inboxes()[..] else { panic!("a reminder is one new row") };
    assert_eq!(appended.rows, [office.latest(office.ann).await.into()]);

    // Moved: the earlier rows are withdrawn as a new one comes.
    office.update("09:31", event.id, moved_to("11:00")).await;
    assert_eq!(inboxes(), [(ann, InboxChange::Other)], "to be read, since more changed than what came");
    office.store.mark_all_read(ann, at("09:32")).await.unwrap();
    assert_eq!(inboxes(), [(ann, InboxChange::Other)]);
}
