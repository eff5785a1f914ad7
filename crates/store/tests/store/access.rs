//! Devices and tokens: made, known again, revoked; only their hashes are in the file.

use chrono::TimeDelta;
use rappel_core::DeviceId;
use rappel_core::person::Role;
use rappel_store::{By, Conflict, DeviceKind, Error, HubKey, Paired, PersonPatch};

use crate::fixture::{Office, at};

async fn token(office: &Office, name: &str, now: &str) -> Paired {
    let ann = office.ann.actor.person;
    office.store.create_token(By::Caller(office.ada), ann, DeviceKind::Token, name.into(), at(now)).await.unwrap()
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}

#[tokio::test]
async fn a_token_says_whose_it_is() {
    let office = Office::open().await;
    let paired = token(&office, "crm", "08:00").await;
    assert_eq!(paired.token.len(), 43, "256 bits");
    let caller = office.store.authenticate(&paired.token, at("08:01")).await.unwrap().unwrap();
    assert_eq!((caller.device, caller.actor), (paired.device.id, office.ann.actor));
    for unknown in ["", "x", &paired.token[1..], &paired.token.to_lowercase(), &format!("{} ", paired.token)] {
        assert_eq!(office.store.authenticate(unknown, at("08:01")).await.unwrap(), None, "{unknown}");
    }
}

#[tokio::test]
async fn no_secret_is_in_the_file() {
    let office = Office::open().await;
    let paired = token(&office, "the name is there", "08:00").await;
    let invited = office.store.invite(By::Caller(office.ada), office.carl.actor.person, at("08:00")).await.unwrap();
    let proof = &invited.short_code.replace('-', "")[4..];
    let mut bytes = std::fs::read(office.path()).unwrap();
    bytes.extend(std::fs::read(office.path().with_extension("db-wal")).unwrap());
    assert!(contains(&bytes, "the name is there"), "the bytes that are searched are the ones that were written");
    for secret in [&paired.token, &invited.link_secret, &invited.short_code, proof] {
        assert!(!contains(&bytes, secret), "{secret} must not be in the file");
    }
}

#[tokio::test]
async fn a_revoked_token_is_worth_nothing() {
    let office = Office::open().await;
    let paired = token(&office, "crm", "08:00").await;
    office.announced();
    office.store.revoke_device(By::Caller(office.ann), paired.device.id, at("08:01")).await.unwrap();
    let announced = office.announced();
    assert!(announced.iter().any(|committed| committed.revoked.contains(&paired.device.id)), "{announced:?}");
    assert_eq!(office.store.authenticate(&paired.token, at("08:02")).await.unwrap(), None);
    let again = office.store.revoke_device(By::Caller(office.ann), paired.device.id, at("08:03")).await;
    assert!(matches!(again, Err(Error::NotFound)), "{again:?}");
    assert_eq!(office.store.devices(Some(office.ann.actor.person)).await.unwrap().len(), 1);
}

#[tokio::test]
async fn whoever_called_a_moment_ago_may_at_once_do_no_more_than_they_may_now() {
    let office = Office::open().await;
    let ann = office.ann.actor.person;
    let [revoked, stays] = [token(&office, "one", "08:00").await, token(&office, "two", "08:00").await];
    let role = async |paired: &Paired| {
        let caller = office.store.authenticate(&paired.token, at("08:00")).await.unwrap();
        caller.map(|caller| caller.actor.role)
    };
    let change = async |patch: PersonPatch| {
        office.store.update_person(By::CommandLine, ann, patch, at("08:00")).await.unwrap();
    };
    for paired in [&revoked, &stays, &revoked, &stays] {
        assert_eq!(role(paired).await, Some(Role::Member));
    }
    office.store.revoke_device(By::Caller(office.ann), revoked.device.id, at("08:00")).await.unwrap();
    assert_eq!((role(&revoked).await, role(&stays).await), (None, Some(Role::Member)));
    change(PersonPatch { role: Some(Role::Admin), ..PersonPatch::default() }).await;
    assert_eq!(role(&stays).await, Some(Role::Admin));
    change(PersonPatch { active: Some(false), ..PersonPatch::default() }).await;
    assert_eq!(role(&stays).await, None);
}

#[tokio::test]
async fn devices_are_their_owners_and_the_admins() {
    let office = Office::open().await;
    let paired = token(&office, "crm", "08:00").await;
    for (who, id) in [(office.carl, paired.device.id), (office.ann, DeviceId::from_bytes([7; 16]))] {
        let refused = office.store.revoke_device(By::Caller(who), id, at("08:01")).await;
        assert!(matches!(refused, Err(Error::NotFound)), "whether it exists is not told: {refused:?}");
    }
    office.store.revoke_device(By::Caller(office.ada), paired.device.id, at("08:02")).await.unwrap();
}

#[tokio::test]
async fn devices_are_listed_in_the_order_of_their_making() {
    let office = Office::open().await;
    for (name, now) in [("first", "08:00"), ("second", "08:01")] {
        token(&office, name, now).await;
    }
    let of_ann = office.store.devices(Some(office.ann.actor.person)).await.unwrap();
    let names: Vec<_> = of_ann.iter().map(|device| device.name.as_str()).collect();
    assert_eq!(names, ["test", "first", "second"]);
    assert_eq!(office.store.devices(None).await.unwrap().len(), 6);
}

#[tokio::test]
async fn when_a_device_was_seen_is_written_once_a_minute() {
    let office = Office::open().await;
    let paired = token(&office, "crm", "08:00").await;
    let seen = async |seconds| {
        let now = at("08:00") + TimeDelta::seconds(seconds);
        office.store.authenticate(&paired.token, now).await.unwrap().unwrap();
        let devices = office.store.devices(Some(office.ann.actor.person)).await.unwrap();
        let device = devices.into_iter().find(|device| device.id == paired.device.id).unwrap();
        (device.last_seen_at.unwrap() - at("08:00")).num_seconds()
    };
    assert_eq!([seen(1).await, seen(60).await, seen(61).await], [1, 1, 61]);
}

#[tokio::test]
async fn tokens_are_made_by_admins_for_people_who_are_there() {
    let office = Office::open().await;
    let create =
        async |by, person| office.store.create_token(by, person, DeviceKind::Token, "crm".into(), at("08:00")).await;
    let carl = office.carl.actor.person;
    assert!(matches!(create(By::Caller(office.carl), carl).await, Err(Error::Forbidden)));
    assert!(create(By::CommandLine, carl).await.is_ok());
    let leave = PersonPatch { active: Some(false), ..PersonPatch::default() };
    office.store.update_person(By::CommandLine, carl, leave, at("08:01")).await.unwrap();
    let late = create(By::Caller(office.ada), carl).await;
    assert!(matches!(late, Err(Error::Conflict(Conflict::InactivePerson))), "{late:?}");
}

#[tokio::test]
async fn the_hubs_own_desktop_is_one_device_with_a_new_token_at_each_start() {
    let office = Office::open().await;
    let sign_in = async |now| office.store.sign_in_desktop(None, "Bureau".into(), at(now)).await.unwrap();
    let first = sign_in("08:00").await;
    assert_eq!((first.person.id, first.device.kind), (office.ada.actor.person, DeviceKind::Desktop));
    let second = sign_in("09:00").await;
    assert_eq!(second.device.id, first.device.id);
    assert_eq!(office.store.authenticate(&first.token, at("09:01")).await.unwrap(), None);
    let caller = office.store.authenticate(&second.token, at("09:01")).await.unwrap().unwrap();
    assert_eq!(caller.actor, office.ada.actor);
}

#[tokio::test]
async fn a_colleagues_desktop_of_the_same_name_is_not_taken_for_the_hubs_own() {
    let office = Office::open().await;
    let invited = office.store.invite(By::Caller(office.ada), office.ann.actor.person, at("08:00")).await.unwrap();
    let anns =
        office.store.redeem(invited.link_secret, DeviceKind::Desktop, "Bureau".into(), at("08:01")).await.unwrap();
    let own = office.store.sign_in_desktop(None, "Bureau".into(), at("08:02")).await.unwrap();
    assert_ne!(own.device.id, anns.device.id);
    assert_eq!(own.person.id, office.ada.actor.person, "the hub's desktop is the first admin's");
    assert!(office.store.authenticate(&anns.token, at("08:03")).await.unwrap().is_some(), "Ann stays signed in");
}

#[tokio::test]
async fn the_hubs_own_desktop_stays_its_persons_whoever_becomes_admin() {
    let office = Office::open().await;
    let sign_in =
        async |person, name: &str| office.store.sign_in_desktop(person, name.into(), at("08:00")).await.unwrap();
    let first = sign_in(Some(office.bob.actor.person), "Bureau").await;
    let again = sign_in(None, "Atelier").await;
    assert_eq!((again.device.id, again.person.name.as_str()), (first.device.id, "Bob"));
    assert_eq!(again.device.name, "Atelier", "the machine may get another name");

    office.announced();
    let carls = sign_in(Some(office.carl.actor.person), "Atelier").await;
    assert_ne!(carls.device.id, first.device.id);
    assert_eq!(office.store.authenticate(&again.token, at("08:01")).await.unwrap(), None, "one desktop, one person");
    assert!(office.announced().iter().any(|committed| committed.revoked.contains(&first.device.id)));
}

#[tokio::test]
async fn a_desktops_token_counts_with_its_key_only() {
    let office = Office::open().await;
    let invited = office.store.invite(By::Caller(office.ada), office.ann.actor.person, at("08:00")).await.unwrap();
    let joined =
        office.store.redeem_with_key(invited.link_secret, [7; 32], "Laptop".into(), at("08:01")).await.unwrap();
    assert_eq!((joined.device.kind, joined.device.key_hash), (DeviceKind::Desktop, Some([7; 32])));
    let known = async |key| office.store.authenticate_with_key(&joined.token, key, at("08:02")).await.unwrap();
    assert_eq!(known(Some([7; 32])).await.unwrap().actor, office.ann.actor);
    assert_eq!(known(Some([8; 32])).await, None, "another's key");
    assert_eq!(known(None).await, None, "no key");
    let crm = token(&office, "crm", "08:03").await.token;
    assert!(office.store.authenticate_with_key(&crm, Some([7; 32]), at("08:03")).await.unwrap().is_some());
}

#[tokio::test]
async fn the_hubs_key_is_kept_for_good() {
    let office = Office::open().await;
    assert_eq!(office.store.hub_key().await.unwrap(), None);
    let key = |byte: u8| HubKey { private_key: vec![byte], certificate: vec![byte, byte] };
    assert_eq!(office.store.keep_hub_key(key(1)).await.unwrap(), key(1));
    assert_eq!(office.store.keep_hub_key(key(2)).await.unwrap(), key(1), "the first one stays");
    assert_eq!(office.store.hub_key().await.unwrap(), Some(key(1)));
}
