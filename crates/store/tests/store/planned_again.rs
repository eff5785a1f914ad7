//! Cancelling, deleting and finishing events, planning them again, and other reminders for them.

use rappel_core::draft::{Draft, Patch};
use rappel_core::event::Status;
use rappel_store::{By, PersonPatch};

use crate::fixture::{Office, at, draft, minutes, status};

const CANCELLED: [&str; 2] = ["10:00-30 cancelled", "10:00-5 cancelled"];

#[tokio::test]
async fn cancelled() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.update("08:10", event.id, status(Status::Cancelled)).await;
    assert_eq!(office.armed(event.id, office.ann), CANCELLED);
    assert_eq!(office.told(office.ann).await, ["assigned, withdrawn", "cancelled"]);
    assert_eq!(office.unread(office.ann).await, 1);
    let told = office.latest(office.ann).await;
    assert_eq!(&*told.title, "Événement annulé");
    assert_eq!(&*told.message, "Votre événement du 23/11/2026 à 11:00 est annulé - Visite de chantier");
    assert!(office.claim("09:30").await.is_empty());
}

#[tokio::test]
async fn deleted() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.delete("08:10", event.id).await;
    assert_eq!(office.armed(event.id, office.ann), CANCELLED);
    assert_eq!(office.told(office.ann).await, ["assigned, withdrawn", "cancelled"]);
    assert_eq!(office.latest(office.ann).await.event.id, event.id, "what it was is told after the deletion too");
}

#[tokio::test]
async fn deleted_after_it_was_cancelled_nobody_is_told_twice() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.update("08:10", event.id, status(Status::Cancelled)).await;
    office.delete("08:20", event.id).await;
    assert_eq!(office.told(office.ann).await, ["assigned, withdrawn", "cancelled"]);
}

#[tokio::test]
async fn done() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann, office.carl])).await;
    let by_ann = office.store.update_event(office.ann, event.id, None, status(Status::Done), at("08:10")).await;
    assert_eq!(by_ann.unwrap().status, Status::Done, "an assignee may set the status");
    for who in [office.ann, office.carl] {
        assert_eq!(office.armed(event.id, who), CANCELLED);
        assert_eq!(office.told(who).await, ["assigned, withdrawn"]);
        assert_eq!(office.unread(who).await, 0);
    }
}

#[tokio::test]
async fn planned_again_after_each_of_them() {
    let office = Office::open().await;
    for (index, ended) in ["cancelled", "done", "deleted"].into_iter().enumerate() {
        let event = office.create("08:00", draft("10:00", &[office.ann])).await;
        match ended {
            "cancelled" => drop(office.update("08:10", event.id, status(Status::Cancelled)).await),
            "done" => drop(office.update("08:10", event.id, status(Status::Done)).await),
            _ => office.delete("08:10", event.id).await,
        }
        let again = match ended {
            "deleted" => office.store.restore_event(office.bob, event.id, at("09:40")).await.unwrap(),
            _ => office.update("09:40", event.id, status(Status::Planned)).await,
        };
        assert_eq!(again.revision, 3, "{ended}");
        assert_eq!(office.armed(event.id, office.ann), ["10:00-30 skipped", "10:00-5 pending"], "{ended}");
        let told = office.told(office.ann).await;
        assert_eq!(told.last().unwrap(), "assigned", "{ended}");
        assert_eq!(office.unread(office.ann).await, index as u64 + 1, "{ended}: only the last word is open");
        assert!(office.latest(office.ann).await.message.contains("(commence dans 20 minutes)"), "{ended}");
    }
    assert_eq!(office.claim("09:55").await.fired, 3);
}

#[tokio::test]
async fn planned_again_what_fired_stays_fired() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.claim("09:30").await;
    office.update("09:31", event.id, status(Status::Cancelled)).await;
    office.update("09:32", event.id, status(Status::Planned)).await;
    assert_eq!(office.armed(event.id, office.ann), ["10:00-30 fired", "10:00-5 pending"]);
    assert!(office.claim("09:33").await.is_empty());
}

#[tokio::test]
async fn restored_by_whoever_deleted_it_after_it_was_over() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    office.delete("11:00", event.id).await;
    office.store.restore_event(office.bob, event.id, at("11:01")).await.unwrap();
    assert_eq!(office.told(office.ann).await, ["assigned, withdrawn"], "it was over before both");
    assert!(office.claim("11:02").await.is_empty());
}

#[tokio::test]
async fn offsets_of_the_event_changed() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let reminders = |wanted: &[u32]| Patch { reminders: Some(Some(minutes(wanted))), ..Patch::default() };
    office.update("09:20", event.id, reminders(&[5, 10, 60])).await;
    assert_eq!(
        office.armed(event.id, office.ann),
        ["10:00-60 skipped", "10:00-30 cancelled", "10:00-10 pending", "10:00-5 pending"],
        "new ones are armed, past ones skipped, dropped ones cancelled"
    );
    assert_eq!(office.told(office.ann).await, ["assigned"], "nobody is told of it");
    office.update("09:21", event.id, reminders(&[])).await;
    assert_eq!(office.store.next_due().await.unwrap(), None, "none at all is a choice");
    office.update("09:22", event.id, Patch { reminders: Some(None), ..Patch::default() }).await;
    assert_eq!(
        office.armed(event.id, office.ann),
        ["10:00-60 skipped", "10:00-30 pending", "10:00-10 cancelled", "10:00-5 pending"],
        "each assignee's own again"
    );
}

#[tokio::test]
async fn offsets_of_the_person_changed() {
    let office = Office::open().await;
    let own = office.create("08:00", draft("10:00", &[office.ann, office.carl])).await;
    let fixed = Draft { reminders: Some(minutes(&[30])), ..draft("10:00", &[office.ann]) };
    let fixed = office.create("08:01", fixed).await;
    let patch = PersonPatch { reminders: Some(Some(minutes(&[120, 15]))), ..PersonPatch::default() };
    office.store.update_own_preferences(office.ann, patch, at("08:10")).await.unwrap();
    assert_eq!(
        office.armed(own.id, office.ann),
        ["10:00-120 skipped", "10:00-30 cancelled", "10:00-15 pending", "10:00-5 cancelled"]
    );
    assert_eq!(office.armed(fixed.id, office.ann), ["10:00-30 pending"], "the event has its own");
    assert_eq!(office.armed(own.id, office.carl), ["10:00-30 pending", "10:00-5 pending"]);
    assert_eq!(office.told(office.ann).await, ["assigned", "assigned"]);
    let back = PersonPatch { reminders: Some(None), ..PersonPatch::default() };
    office.store.update_own_preferences(office.ann, back, at("08:20")).await.unwrap();
    assert_eq!(office.store.next_due().await.unwrap(), Some(at("09:30")));
}

#[tokio::test]
async fn who_leaves_is_not_told_any_more_and_who_comes_back_is() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann, office.carl])).await;
    let by = By::Caller(office.ada);
    let ann = office.ann.actor.person;
    let active = |active| PersonPatch { active: Some(active), ..PersonPatch::default() };
    office.store.update_person(by, ann, active(false), at("08:10")).await.unwrap();
    assert_eq!(office.armed(event.id, office.ann), CANCELLED);
    office.update("08:20", event.id, crate::fixture::moved_to("10:30")).await;
    assert_eq!(office.told(office.ann).await, ["assigned, withdrawn"], "nobody tells somebody who left");
    assert_eq!(office.told(office.carl).await, ["assigned, withdrawn", "moved"]);
    office.store.update_person(by, ann, active(true), at("10:10")).await.unwrap();
    assert_eq!(
        office.armed(event.id, office.ann),
        ["10:00-30 cancelled", "10:00-5 cancelled", "10:30-30 skipped", "10:30-5 pending"]
    );
}
