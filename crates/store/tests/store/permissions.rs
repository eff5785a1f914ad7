//! Who may do what, as far as the store answers for it: refused without a trace.

use rappel_core::draft::{Draft, Patch};
use rappel_core::event::{Status, Visibility};
use rappel_core::person::Role;
use rappel_store::{By, Caller, Error, PersonPatch};

use crate::fixture::{Office, assigned_to, at, draft, moved_to, new_person, status, titled};

fn is_forbidden<T: std::fmt::Debug>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Forbidden))
}

#[tokio::test]
async fn creator_and_admin_change_delete_and_restore_others_do_not() {
    for (who, may) in [("bob", true), ("ada", true), ("ann", false), ("carl", false)] {
        let office = Office::open().await;
        let event = office.create("08:00", draft("10:00", &[office.ann])).await;
        let caller = match who {
            "bob" => office.bob,
            "ada" => office.ada,
            "ann" => office.ann,
            _ => office.carl,
        };
        let updated = office.store.update_event(caller, event.id, None, titled("Other"), at("08:01")).await;
        let deleted = office.store.delete_event(caller, event.id, None, at("08:02")).await;
        if !may {
            assert!(is_forbidden(&updated) && is_forbidden(&deleted), "{who}: {updated:?} {deleted:?}");
            assert_eq!(office.store.event(caller.actor, event.id).await.unwrap().event, event, "{who}");
            office.delete("08:03", event.id).await;
        }
        let restored = office.store.restore_event(caller, event.id, at("08:04")).await;
        assert_eq!((updated.is_ok(), deleted.is_ok(), restored.is_ok()), (may, may, may), "{who}");
    }
}

#[tokio::test]
async fn an_assignee_sets_the_status_and_hands_the_event_on() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let as_ann = async |patch: Patch| office.store.update_event(office.ann, event.id, None, patch, at("08:01")).await;
    assert!(is_forbidden(&as_ann(moved_to("11:00")).await));
    assert!(is_forbidden(&as_ann(assigned_to(&[office.ann, office.carl])).await), "adding others is not theirs");
    assert!(as_ann(status(Status::Cancelled)).await.is_ok());
    assert!(as_ann(status(Status::Planned)).await.is_ok());
    assert!(as_ann(assigned_to(&[office.carl])).await.is_ok());
    assert!(is_forbidden(&as_ann(assigned_to(&[office.ann])).await), "what was handed on cannot be taken back");
    assert_eq!(office.told(office.carl).await, ["assigned"]);
    assert_eq!(office.told(office.ann).await, ["assigned, withdrawn"], "who acts is not told");
}

#[tokio::test]
async fn what_is_wrong_with_a_change_is_told_only_to_whoever_could_make_it() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[])).await;
    let wrong = || titled(&"x".repeat(201));
    let by_carl = office.store.update_event(office.carl, event.id, Some(7), wrong(), at("08:01")).await;
    assert!(is_forbidden(&by_carl), "neither the revision nor the field: {by_carl:?}");
    let by_bob = office.store.update_event(office.bob, event.id, Some(7), wrong(), at("08:01")).await;
    assert!(matches!(by_bob, Err(Error::RevisionMismatch { current: 1 })), "{by_bob:?}");
}

#[tokio::test]
async fn an_admin_does_not_change_what_is_private_to_others() {
    let office = Office::open().await;
    let private = Draft { visibility: Some(Visibility::Private), ..draft("10:00", &[office.ann]) };
    let event = office.create("08:00", private).await;
    assert!(is_forbidden(&office.store.update_event(office.ada, event.id, None, titled("x"), at("08:01")).await));
    assert!(is_forbidden(&office.store.delete_event(office.ada, event.id, None, at("08:01")).await));
    assert!(office.store.update_event(office.ann, event.id, None, status(Status::Done), at("08:01")).await.is_ok());
}

#[tokio::test]
async fn people_and_invitations_are_the_admins() {
    let office = Office::open().await;
    let carl = office.carl.actor.person;
    let members: [Caller; 2] = [office.carl, office.ann];
    for member in members {
        let by = By::Caller(member);
        assert!(is_forbidden(&office.store.add_person(by, new_person("Eve", Role::Admin), at("08:00")).await));
        let promote = PersonPatch { role: Some(Role::Admin), ..PersonPatch::default() };
        assert!(is_forbidden(&office.store.update_person(by, carl, promote, at("08:00")).await));
        assert!(is_forbidden(&office.store.invite(by, carl, at("08:00")).await));
    }
    assert_eq!(office.store.people().await.unwrap().len(), 4);
    assert_eq!(office.count("SELECT count(*) FROM invitation"), 0);
}

#[tokio::test]
async fn who_is_taken_off_a_private_event_learns_nothing_new_of_it() {
    let office = Office::open().await;
    let private = Draft { visibility: Some(Visibility::Private), ..draft("10:00", &[office.ann]) };
    let event = office.create("08:00", private).await;
    let change = Patch {
        title: Some(Some("Licenciement".into())),
        comment: Some(Some("Ne rien dire".into())),
        ..assigned_to(&[office.carl])
    };
    office.update("08:01", event.id, change).await;
    let told = office.latest(office.ann).await;
    assert_eq!(told.kind.type_name(), "unassigned");
    let all = format!("{told:?}");
    assert!(all.contains(&event.title) && !all.contains("Licenciement") && !all.contains("rien dire"), "{all}");
    assert!(format!("{:?}", office.latest(office.carl).await).contains("Licenciement"), "it is Carl's now");
}

#[tokio::test]
async fn the_audit_log_names_fields_and_never_what_they_held() {
    let office = Office::open().await;
    let private = Draft { visibility: Some(Visibility::Private), ..draft("10:00", &[office.ann]) };
    let event = office.create("08:00", private).await;
    office.update("08:01", event.id, titled("Licenciement")).await;
    office.delete("08:02", event.id).await;
    let named = PersonPatch { name: Some("Anouk".into()), ..PersonPatch::default() };
    let ann = office.ann.actor.person;
    office.store.update_person(By::Caller(office.ada), ann, named, at("08:03")).await.unwrap();
    let lines = office.count("SELECT count(*) FROM audit WHERE action LIKE 'event.%' OR action = 'person.update'");
    assert_eq!(lines, 4, "all of it is there");
    for secret in [crate::fixture::TITLE, "Licenciement", "Anouk"] {
        let telling = format!("SELECT count(*) FROM audit WHERE instr(detail, '{secret}') > 0");
        assert_eq!(office.count(&telling), 0, "{secret}");
    }
}
