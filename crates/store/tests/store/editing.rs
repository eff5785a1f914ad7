//! Creating, changing, deleting and restoring: revisions, requests sent twice, and refusals that
//! leave nothing behind.

use chrono::TimeDelta;
use rappel_core::draft::{Draft, Patch};
use rappel_core::event::{Event, Status};
use rappel_core::schedule::WrittenTime;
use rappel_core::{EventId, PersonId};
use rappel_store::{By, Caller, Conflict, Created, Error, IdempotencyKey, PersonPatch};

use crate::fixture::{Office, at, draft, moved_to, sign_in, status, titled};

fn key(body: u8) -> Option<IdempotencyKey> {
    let render = |event: &Event| format!("{} at revision {}", event.title, event.revision);
    Some(IdempotencyKey { key: "the-key".into(), body_hash: [body; 32], render })
}

/// Everything that a command writes, counted; the same before and after one that was refused.
fn extent(office: &Office) -> Vec<u64> {
    ["event", "event_move", "reminder", "snooze", "notification", "audit", "idempotency"]
        .iter()
        .map(|table| format!("SELECT count(*) FROM {table}"))
        .chain(["SELECT event_change FROM office".into(), "SELECT sum(seq + change + unread) FROM inbox".into()])
        .chain(["SELECT coalesce(sum(revision + length(assignees)), 0) FROM event".into()])
        .map(|sql| office.count(&sql))
        .collect()
}

async fn create(office: &Office, by: Caller, idempotency: Option<IdempotencyKey>, now: &str) -> Result<Created, Error> {
    office.store.create_event(by, draft("10:00", &[office.ann]), idempotency, at(now)).await
}

fn names(result: &Result<impl std::fmt::Debug, Error>, field: &str) -> bool {
    matches!(result, Err(Error::Invalid(invalid)) if invalid.field == field)
}

#[tokio::test]
async fn a_new_event_is_the_first_revision_and_reads_back_whole() {
    let office = Office::open().await;
    let draft = Draft {
        ends_at: Some(WrittenTime::Instant(at("11:30"))),
        comment: Some("Apporter les plans".into()),
        location: Some("12 rue des Lilas".into()),
        ..draft("10:00", &[office.carl, office.ann])
    };
    let event = office.create("08:00", draft).await;
    assert_eq!((event.revision, event.created_by, event.created_at), (1, office.bob.actor.person, at("08:00")));
    assert_eq!(event.assignees, [office.carl.actor.person, office.ann.actor.person], "in the order given");
    let read = office.store.event(office.ann.actor, event.id).await.unwrap();
    assert_eq!(read.event, event);
}

#[tokio::test]
async fn a_local_start_is_read_in_the_creators_zone() {
    let office = Office::open().await;
    let london = PersonPatch { time_zone: Some(Some(crate::fixture::zone("Europe/London"))), ..PersonPatch::default() };
    office.store.update_own_preferences(office.bob, london, at("07:00")).await.unwrap();
    let local = WrittenTime::parse("starts_at", "2026-11-23T10:00").unwrap();
    let event = office.create("08:00", Draft { starts_at: Some(local), ..draft("10:00", &[]) }).await;
    assert_eq!(event.schedule.starts_at(), at("10:00"));
    assert_eq!(event.schedule.zone().name(), "Europe/London");
}

#[tokio::test]
async fn each_change_is_one_revision_and_no_change_is_none() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let same = office.update("08:01", event.id, titled(&event.title)).await;
    assert_eq!(same, event, "what is already so is not written");
    let changed = office.update("08:02", event.id, titled("Visite du toit")).await;
    assert_eq!((changed.revision, changed.updated_at), (2, at("08:02")));
}

#[tokio::test]
async fn only_the_revision_that_was_seen_is_changed() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let update = async |seen, title: &str| {
        office.store.update_event(office.bob, event.id, Some(seen), titled(title), at("08:01")).await
    };
    assert_eq!(update(1, "first").await.unwrap().revision, 2);
    let before = extent(&office);
    assert!(matches!(update(1, "second").await, Err(Error::RevisionMismatch { current: 2 })));
    let deleted = office.store.delete_event(office.bob, event.id, Some(1), at("08:02")).await;
    assert!(matches!(deleted, Err(Error::RevisionMismatch { current: 2 })));
    assert_eq!(extent(&office), before);
    assert_eq!(office.store.event(office.bob.actor, event.id).await.unwrap().event.title, "first");
    office.store.delete_event(office.bob, event.id, Some(2), at("08:03")).await.unwrap();
}

#[tokio::test]
async fn a_request_sent_twice_is_done_once_and_answered_alike() {
    let office = Office::open().await;
    let Created::New(event) = create(&office, office.bob, key(1), "08:00").await.unwrap() else {
        panic!("the first time it is new")
    };
    office.update("08:01", event.id, titled("edited since")).await;
    let before = extent(&office);
    let again = create(&office, office.bob, key(1), "08:02").await.unwrap();
    assert_eq!(again, Created::Again("Visite de chantier at revision 1".into()), "the first answer, not the latest");
    assert_eq!(extent(&office), before);
}

#[tokio::test]
async fn one_key_is_for_one_body() {
    let office = Office::open().await;
    create(&office, office.bob, key(1), "08:00").await.unwrap();
    let before = extent(&office);
    let other = create(&office, office.bob, key(2), "08:01").await;
    assert!(matches!(other, Err(Error::Conflict(Conflict::IdempotencyKeyReused))), "{other:?}");
    assert_eq!(extent(&office), before);
}

#[tokio::test]
async fn keys_are_each_devices_own() {
    let office = Office::open().await;
    let bobs_phone = sign_in(&office.store, office.bob.actor.person, at("08:00")).await;
    for caller in [office.bob, bobs_phone, office.carl] {
        assert!(matches!(create(&office, caller, key(1), "08:00").await, Ok(Created::New(_))));
    }
    assert_eq!(office.unread(office.ann).await, 3);
}

#[tokio::test]
async fn a_key_is_forgotten_after_a_day() {
    let office = Office::open().await;
    create(&office, office.bob, key(1), "08:00").await.unwrap();
    let last = at("08:00") + TimeDelta::hours(24) - TimeDelta::milliseconds(1);
    let again = office.store.create_event(office.bob, draft("10:00", &[]), key(1), last).await.unwrap();
    assert!(matches!(again, Created::Again(_)));
    let later = last + TimeDelta::milliseconds(1);
    let new = office.store.create_event(office.bob, draft("10:00", &[]), key(2), later).await.unwrap();
    assert!(matches!(new, Created::New(_)));
    assert_eq!(office.count("SELECT count(*) FROM idempotency"), 1, "what is forgotten takes no room");
}

#[tokio::test]
async fn a_refused_request_does_not_use_up_its_key() {
    let office = Office::open().await;
    let empty = Draft { title: None, ..draft("10:00", &[]) };
    let refused = office.store.create_event(office.bob, empty, key(1), at("08:00")).await;
    assert!(names(&refused, "title"), "{refused:?}");
    assert!(matches!(create(&office, office.bob, key(2), "08:01").await, Ok(Created::New(_))));
}

#[tokio::test]
async fn a_deleted_event_can_be_restored_for_30_days() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("2027-06-01T10:00:00Z", &[office.ann])).await;
    office.delete("09:00", event.id).await;
    let within = at("09:00") + TimeDelta::days(30);
    let restored = office.store.restore_event(office.bob, event.id, within).await.unwrap();
    assert_eq!((restored.revision, restored.deleted_at), (3, None));
    assert_eq!(office.store.event(office.ann.actor, event.id).await.unwrap().event, restored);
    let untouched = office.store.restore_event(office.bob, event.id, within).await.unwrap();
    assert_eq!(untouched, restored, "what is not deleted stays as it is");

    office.store.delete_event(office.bob, event.id, None, within).await.unwrap();
    let too_late = within + TimeDelta::days(30) + TimeDelta::milliseconds(1);
    assert!(matches!(office.store.restore_event(office.bob, event.id, too_late).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn what_is_deleted_or_never_was_is_not_found() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.delete("08:01", event.id).await;
    let unknown = EventId::from_bytes([7; 16]);
    for id in [event.id, unknown] {
        let updated = office.store.update_event(office.bob, id, None, titled("x"), at("08:02")).await;
        assert!(matches!(updated, Err(Error::NotFound)), "{updated:?}");
        let deleted = office.store.delete_event(office.bob, id, None, at("08:02")).await;
        assert!(matches!(deleted, Err(Error::NotFound)), "{deleted:?}");
    }
    assert!(matches!(office.store.restore_event(office.bob, unknown, at("08:02")).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn who_is_not_of_the_office_cannot_be_assigned() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let leave = PersonPatch { active: Some(false), ..PersonPatch::default() };
    let carl = office.carl.actor.person;
    office.store.update_person(By::Caller(office.ada), carl, leave, at("08:01")).await.unwrap();
    let before = extent(&office);
    for stranger in [carl, PersonId::from_bytes([7; 16])] {
        let assignees = vec![office.ann.actor.person, stranger];
        let new = Draft { assignees: assignees.clone(), ..draft("10:00", &[]) };
        let created = office.store.create_event(office.bob, new, key(1), at("08:02")).await;
        assert!(names(&created, "assignees"), "{created:?}");
        let patch = Patch { assignees: Some(assignees), ..moved_to("11:00") };
        let updated = office.store.update_event(office.bob, event.id, None, patch, at("08:02")).await;
        assert!(names(&updated, "assignees"), "{updated:?}");
    }
    assert_eq!(extent(&office), before, "nothing is half-written");
}

#[tokio::test]
async fn who_left_stays_assigned_to_what_was_theirs() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann, office.carl])).await;
    let leave = PersonPatch { active: Some(false), ..PersonPatch::default() };
    office.store.update_person(By::Caller(office.ada), office.carl.actor.person, leave, at("08:01")).await.unwrap();
    let edited = office.update("08:02", event.id, titled("Visite du toit")).await;
    assert_eq!(edited.assignees.len(), 2, "an edit of something else is not in the way");
}

#[tokio::test]
async fn a_refused_change_leaves_nothing_behind() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.claim("09:30").await;
    let before = (extent(&office), office.inbox(office.ann).await);
    let wrong = Patch { ends_at: Some(Some(WrittenTime::Instant(at("10:59")))), ..moved_to("11:00") };
    let refused = office.store.update_event(office.bob, event.id, None, wrong, at("09:31")).await;
    assert!(names(&refused, "ends_at"), "{refused:?}");
    let long = office.store.update_event(office.bob, event.id, None, titled(&"x".repeat(201)), at("09:31")).await;
    assert!(names(&long, "title"), "{long:?}");
    assert_eq!((extent(&office), office.inbox(office.ann).await), before);
}

#[tokio::test]
async fn who_changed_what_is_kept_by_the_names_of_fields_alone() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.update("08:01", event.id, Patch { assignees: Some(vec![]), ..titled("Secret") }).await;
    office.store.delete_event(office.ada, event.id, None, at("08:02")).await.unwrap();
    let rows: Vec<(String, Vec<u8>, u64, String)> = office
        .file()
        .prepare("SELECT action, person_id, revision, detail FROM audit WHERE object_id = ?1 ORDER BY id")
        .unwrap()
        .query_map([event.id.as_bytes()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let actions: Vec<_> = rows.iter().map(|row| (row.0.as_str(), row.2)).collect();
    assert_eq!(actions, [("event.create", 1), ("event.update", 2), ("event.delete", 3)]);
    assert_eq!(rows[1].1, office.bob.actor.person.as_bytes());
    assert_eq!(rows[2].1, office.ada.actor.person.as_bytes());
    assert!(rows[1].3.contains("\"title\"") && rows[1].3.contains(&office.ann.actor.person.to_string()));
    assert!(rows.iter().all(|row| !row.3.contains("Secret") && !row.3.contains("chantier")), "{rows:?}");
}

#[tokio::test]
async fn an_event_made_as_done_reminds_and_tells_nobody() {
    let office = Office::open().await;
    let done = Draft { status: Some(Status::Done), ..draft("10:00", &[office.ann]) };
    let event = office.create("08:00", done).await;
    assert_eq!(office.told(office.ann).await, [""; 0]);
    assert_eq!(office.store.next_due().await.unwrap(), None);
    office.update("08:01", event.id, status(Status::Planned)).await;
    assert_eq!(office.told(office.ann).await, ["assigned"]);
}

#[tokio::test]
async fn the_first_and_the_last_days_of_the_calendar_are_days_like_others() {
    let office = Office::open().await;
    let zones = ["Pacific/Kiritimati", "Pacific/Pago_Pago", "Europe/Paris"];
    for (index, first) in ["0001-01-01", "9999-12-31"].into_iter().enumerate() {
        for name in zones {
            let day = rappel_core::event::parse_date("starts_on", first).unwrap();
            let reminder_days = rappel_core::event::ReminderDays::parse("reminder_days", vec![0, 28]).unwrap();
            let all_day = Draft {
                starts_at: None,
                starts_on: Some(day),
                time_zone: Some(crate::fixture::zone(name)),
                reminder_days: Some(reminder_days),
                ..draft("10:00", &[office.ann])
            };
            let event = office.create("08:00", all_day).await;
            assert_eq!(office.store.event(office.ann.actor, event.id).await.unwrap().event, event);
            let timed = draft(&format!("{first}T12:00:00Z"), &[office.ann]);
            let event = office.create("08:00", timed).await;
            let zone = Patch { time_zone: Some(crate::fixture::zone(name)), ..Patch::default() };
            let moved = office.store.update_event(office.bob, event.id, None, zone, at("08:01")).await;
            assert!(moved.is_ok() || names(&moved, "time_zone"), "done, or refused for a reason: {moved:?}");
        }
        assert_eq!(office.count("SELECT count(*) FROM event"), 6 * (index as u64 + 1));
    }
    office.claim("9999-12-31T23:59:59Z").await;
}
