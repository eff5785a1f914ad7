//! Claiming what is due: once, whoever asks and however often.

use chrono::TimeDelta;
use rappel_core::draft::Draft;
use rappel_core::notification::Outcome;
use rappel_store::Claimed;

use crate::fixture::{Office, assigned_to, at, draft, minutes, open};

#[tokio::test]
async fn on_time_and_never_a_millisecond_before() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    assert_eq!(office.store.next_due().await.unwrap(), Some(at("09:30")));
    assert!(office.claim("2026-11-23T09:29:59.999Z").await.is_empty());
    assert_eq!(office.claim("09:30").await, Claimed { fired: 1, ..Claimed::default() });
    let told = office.latest(office.ann).await;
    assert_eq!(&*told.title, "Rappel événement");
    assert_eq!(&*told.message, "Votre événement commence dans 30 minutes (23/11/2026 à 11:00) - Visite de chantier");
    assert_eq!((told.outcome, told.late, told.is_read), (Outcome::Fired, false, false));
    assert_eq!((told.due_at, told.created_at, told.event.id), (at("09:30"), at("09:30"), event.id));
    assert_eq!((told.seq, told.change, told.parent), (2, 2, None));
    assert_eq!(office.store.next_due().await.unwrap(), Some(at("09:55")));
}

#[tokio::test]
async fn late_it_tells_the_time_that_really_remains() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    assert_eq!(office.claim("09:40").await, Claimed { fired: 1, late: 1, ..Claimed::default() });
    let told = office.latest(office.ann).await;
    assert!(told.late && told.message.contains("commence dans 20 minutes"), "{}", told.message);
    assert_eq!(told.kind.type_name(), "30min_before");
    assert_eq!((told.due_at, told.created_at), (at("09:30"), at("09:40")));
    office.claim("09:55").await;
    assert!(!office.latest(office.ann).await.late, "the next one is on time");
}

#[tokio::test]
async fn shortly_before_the_next_one_it_is_left_to_that() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    assert_eq!(office.claim("09:54").await, Claimed { collapsed: 1, ..Claimed::default() });
    assert_eq!(office.told(office.ann).await, ["assigned"]);
    office.claim("09:55").await;
    assert_eq!(office.armed(event.id, office.ann), ["10:00-30 collapsed", "10:00-5 fired"]);
}

#[tokio::test]
async fn several_overdue_ones_speak_with_one_voice() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    assert_eq!(office.claim("09:57").await, Claimed { fired: 1, late: 1, collapsed: 1, ..Claimed::default() });
    assert_eq!(office.told(office.ann).await, ["assigned", "5min_before"]);
    assert!(office.latest(office.ann).await.message.contains("dans 3 minutes"));
}

#[tokio::test]
async fn after_the_start_it_says_since_when() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    office.claim("10:10").await;
    let told = office.latest(office.ann).await;
    assert!(told.message.contains("a commencé il y a 10 minutes"), "{}", told.message);
}

#[tokio::test]
async fn missed_ones_make_one_notification_for_each_start() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    assert_eq!(office.claim("10:15").await, Claimed { missed: 2, ..Claimed::default() });
    assert_eq!(office.told(office.ann).await, ["assigned", "missed"]);
    let told = office.latest(office.ann).await;
    assert_eq!(&*told.title, "Rappel manqué");
    assert_eq!(&*told.message, "Votre événement du 23/11/2026 à 11:00 a commencé - Visite de chantier");
    assert_eq!(told.outcome, Outcome::Missed);
    assert_eq!(office.armed(event.id, office.ann), ["10:00-30 missed", "10:00-5 missed"]);
}

#[tokio::test]
async fn two_events_at_the_same_time_are_told_apart() {
    let office = Office::open().await;
    for _ in 0..2 {
        office.create("08:00", draft("10:00", &[office.ann, office.carl])).await;
    }
    assert_eq!(office.claim("09:30").await.fired, 4);
    for who in [office.ann, office.carl] {
        assert_eq!(office.told(who).await, ["assigned", "assigned", "30min_before", "30min_before"]);
    }
}

#[tokio::test]
async fn an_offset_of_nothing_is_the_start_itself() {
    let office = Office::open().await;
    let draft = Draft { reminders: Some(minutes(&[0])), ..draft("10:00", &[office.ann]) };
    office.create("08:00", draft).await;
    office.claim("10:00").await;
    let told = office.latest(office.ann).await;
    assert_eq!(told.kind.type_name(), "0min_before");
    assert!(told.message.contains("commence maintenant"), "{}", told.message);
}

#[tokio::test]
async fn asking_again_changes_nothing() {
    let mut office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    assert_eq!(office.claim("09:30").await.fired, 1);
    let inbox = office.inbox(office.ann).await;
    assert!(office.claim("09:30").await.is_empty());
    assert!(office.claim("09:20").await.is_empty(), "not when the clock was set back either");
    let reopened = open(&office.path());
    drop(std::mem::replace(&mut office.store, reopened));
    assert!(office.claim("09:30").await.is_empty(), "nor by another process");
    assert_eq!(office.inbox(office.ann).await, inbox);
}

#[tokio::test]
async fn two_stores_on_one_file_claim_each_reminder_once() {
    let office = Office::open().await;
    for _ in 0..20 {
        office.create("08:00", draft("10:00", &[office.ann])).await;
    }
    let other = open(&office.path());
    let (one, two) = tokio::join!(office.store.claim_due(at("09:30"), 3), other.claim_due(at("09:30"), 500));
    let mut fired = one.unwrap().fired + two.unwrap().fired;
    fired += office.claim("09:30").await.fired;
    assert_eq!(fired, 20);
    assert_eq!(office.unread(office.ann).await, 40);
    assert_eq!(office.count("SELECT count(*) FROM armed WHERE state = 'fired'"), 20);
}

#[tokio::test]
async fn two_stores_on_one_file_number_what_they_tell_one_after_another() {
    let office = Office::open().await;
    let other = open(&office.path());
    for _ in 0..2 {
        office.create("08:00", draft("10:00", &[office.ann])).await;
        other.create_event(office.bob, draft("11:00", &[office.ann]), None, at("08:00")).await.unwrap();
    }
    let numbers: Vec<u64> = office.inbox(office.ann).await.iter().map(|row| row.seq).collect();
    assert_eq!(numbers, [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_limit_below_what_is_due_takes_the_longest_overdue_first() {
    let office = Office::open().await;
    let mut starts = Vec::new();
    for minute in [9, 3, 7, 1, 5] {
        let start = at("10:00") + TimeDelta::minutes(minute);
        office.create("08:00", draft(&start.to_string(), &[office.ann])).await;
        starts.push(start.as_ms());
    }
    starts.sort_unstable();
    let mut rounds = 0;
    while !office.store.claim_due(at("09:45"), 2).await.unwrap().is_empty() {
        rounds += 1;
    }
    assert_eq!(rounds, 3, "two, two and one");
    let fired: Vec<_> = office.inbox(office.ann).await.split_off(5).iter().map(|row| row.event.starts_at_ms).collect();
    assert_eq!(fired, starts);
}

#[tokio::test]
async fn what_was_due_while_it_was_somebody_elses_is_skipped_for_the_new_one() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.update("09:30", event.id, assigned_to(&[office.carl])).await;
    assert_eq!(office.claim("09:30").await, Claimed::default(), "due at the very moment of the change");
    assert_eq!(office.armed(event.id, office.carl), ["10:00-30 skipped", "10:00-5 pending"]);
}

#[tokio::test]
async fn the_event_is_told_as_it_is_when_its_reminder_fires() {
    let office = Office::open().await;
    let contact = rappel_core::event::Contact::parse(Some("c-17".into()), Some("Marie Dupont".into()), None, None);
    let draft = Draft {
        contact: contact.unwrap(),
        comment: Some("Apporter les plans".into()),
        location: Some("12 rue des Lilas".into()),
        ..draft("10:00", &[office.ann])
    };
    office.create("08:00", draft).await;
    office.claim("09:30").await;
    let told = office.latest(office.ann).await;
    assert!(told.message.ends_with("(23/11/2026 à 11:00) - Marie Dupont\nApporter les plans"), "{}", told.message);
    assert_eq!(told.event.contact_id.as_deref(), Some("c-17"));
    assert_eq!(told.event.contact_name.as_deref(), Some("Marie Dupont"));
    assert_eq!(told.event.starts_at_ms, at("10:00").as_ms());
    assert_eq!(told.event.ends_at_ms, None);
}

#[tokio::test]
async fn a_row_that_cannot_be_read_keeps_nobody_elses_back() {
    let office = Office::open().await;
    let damaged = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.create("08:00", draft("10:00", &[office.carl])).await;
    let spoil = "UPDATE reminder SET offsets = replace(offsets, '\"1800\"', '\"soon\"') WHERE event_id = ?1";
    assert_eq!(office.file().execute(spoil, [damaged.id.as_bytes()]).unwrap(), 1);

    let claimed = office.claim("09:30").await;
    assert_eq!((claimed.fired, claimed.missed), (1, 1));
    assert_eq!(office.told(office.carl).await, ["assigned", "30min_before"]);
    assert!(office.claim("09:31").await.is_empty(), "what was set aside is not tried for ever");
}

#[tokio::test]
async fn what_was_told_and_undone_leaves_no_gap() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    let spoil = "CREATE TRIGGER spoil BEFORE UPDATE ON reminder WHEN NEW.offsets LIKE '%fired%'
                 BEGIN SELECT RAISE(ABORT, 'spoilt'); END";
    office.file().execute_batch(spoil).unwrap();
    let claimed = office.claim("09:30").await;
    assert_eq!((claimed.fired, claimed.missed), (0, 1), "it was told, and could not be noted as told");
    office.create("09:31", draft("12:00", &[office.ann])).await;
    let numbers: Vec<u64> = office.inbox(office.ann).await.iter().map(|row| row.seq).collect();
    assert_eq!(numbers, [1, 2]);
}
