//! Invitations for everybody: a link for a week, a short code for half an hour, good for many.

use chrono::TimeDelta;
use rappel_core::Timestamp;
use rappel_core::person::Role;
use rappel_store::{By, Conflict, DeviceKind, Error, Invited, Newcomer, PersonPatch, Ticket};

use crate::fixture::{Office, at, new_person, open};

async fn invite(office: &Office, now: Timestamp) -> Invited {
    office.store.invite_everybody(By::Caller(office.ada), now).await.unwrap()
}

async fn works(office: &Office, code: &str, now: Timestamp) -> bool {
    match office.store.look_at_ticket(code.to_owned(), now).await {
        Ok(Ticket::Open(_)) => true,
        Err(Error::InvitationRefused) => false,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_link_works_for_seven_days_and_a_code_for_half_an_hour() {
    let office = Office::open().await;
    let invited = invite(&office, at("08:00")).await;
    assert_eq!(invited.link_expires_at, at("08:00") + TimeDelta::days(7));
    assert_eq!(invited.code_expires_at, at("08:30"));
    let instant = TimeDelta::milliseconds(1);
    for (code, end) in [(&invited.link_secret, invited.link_expires_at), (&invited.short_code, invited.code_expires_at)]
    {
        assert!(works(&office, code, end - instant).await);
        assert!(works(&office, code, end - instant).await, "looking uses nothing up");
        assert!(!works(&office, code, end).await);
    }
}

#[tokio::test]
async fn it_outlives_the_program_and_a_newer_one() {
    let office = Office::open().await;
    let first = invite(&office, at("08:00")).await;
    let second = invite(&office, at("08:01")).await;
    let again = open(&office.path());
    for invited in [&first, &second] {
        let ticket = again.look_at_ticket(invited.link_secret.clone(), at("08:02")).await.unwrap();
        assert!(matches!(ticket, Ticket::Open(_)));
    }
    let open = again.open_invitations(at("08:02")).await.unwrap();
    assert_eq!((open.count, open.last_expires_at), (2, Some(second.link_expires_at)));
}

#[tokio::test]
async fn there_are_never_more_than_fifty() {
    let office = Office::open().await;
    let first = invite(&office, at("08:00")).await;
    for _ in 0..50 {
        invite(&office, at("08:01")).await;
    }
    assert_eq!(office.store.open_invitations(at("08:02")).await.unwrap().count, 50);
    assert!(!works(&office, &first.link_secret, at("08:02")).await, "the oldest went");
}

#[tokio::test]
async fn it_pairs_nothing() {
    let office = Office::open().await;
    let invited = invite(&office, at("08:00")).await;
    for code in [invited.link_secret, invited.short_code] {
        let paired = office.store.redeem(code, DeviceKind::Browser, "Firefox".into(), at("08:01")).await;
        assert!(matches!(paired, Err(Error::InvitationRefused)));
    }
}

#[tokio::test]
async fn only_an_admin_invites_and_accepts() {
    let office = Office::open().await;
    let ann = By::Caller(office.ann);
    let now = at("08:00");
    assert!(matches!(office.store.invite_everybody(ann, now).await, Err(Error::Forbidden)));
    assert!(matches!(office.store.revoke_open_invitations(ann, now).await, Err(Error::Forbidden)));
    let accepted = office.store.accept_newcomer(ann, Newcomer::New("Eve".into()), now).await;
    assert!(matches!(accepted, Err(Error::Forbidden)));
}

#[tokio::test]
async fn it_offers_members_without_a_device() {
    let office = Office::open().await;
    let ada = By::Caller(office.ada);
    let now = at("08:00");
    let invited = invite(&office, now).await;
    let offered = async || match office.store.look_at_ticket(invited.link_secret.clone(), now).await.unwrap() {
        Ticket::Open(people) => people.into_iter().map(|person| person.name).collect::<Vec<_>>(),
        Ticket::Personal(person) => panic!("{}'s own", person.name),
    };
    let all = offered().await;
    assert!(!all.contains(&"Ada".to_owned()), "an admin is not to be had by asking");
    let dora = office.store.add_person(ada, new_person("Dora", Role::Member), now).await.unwrap();
    assert!(offered().await.contains(&"Dora".to_owned()));
    let paired = office.store.let_in(dora.id, DeviceKind::Browser, None, "Firefox".into(), now).await.unwrap();
    assert_eq!(offered().await, all, "she is somebody's now");
    office.store.revoke_device(ada, paired.device.id, now).await.unwrap();
    assert!(offered().await.contains(&"Dora".to_owned()), "and nobody's again");
}

#[tokio::test]
async fn whoever_left_is_not_let_in() {
    let office = Office::open().await;
    let ada = By::Caller(office.ada);
    let now = at("08:00");
    let left = PersonPatch { active: Some(false), ..PersonPatch::default() };
    let ann = office.ann.actor.person;
    office.store.update_person(ada, ann, left, now).await.unwrap();
    let accepted = office.store.accept_newcomer(ada, Newcomer::Known(ann), now).await;
    assert!(matches!(accepted, Err(Error::Conflict(Conflict::InactivePerson))));
    let paired = office.store.let_in(ann, DeviceKind::Browser, None, "Firefox".into(), now).await;
    assert!(matches!(paired, Err(Error::Conflict(Conflict::InactivePerson))));
}
