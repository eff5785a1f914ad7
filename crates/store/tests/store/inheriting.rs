//! Who may have a copy of everything, and what another machine is that becomes the hub with it.

use std::path::{Path, PathBuf};

use rappel_core::DeviceId;
use rappel_core::person::Role;
use rappel_store::{Backup, By, Caller, Conflict, DeviceKind, Error, Inheritance, Paired, RestoreError};
use rappel_store::{discard_ready, install_ready};

use crate::fixture::{Office, at, draft, new_person, open};

const NOW: &str = "09:00";

async fn joined(office: &Office, who: Caller, key: u8) -> Paired {
    let invited = office.store.invite(By::CommandLine, who.actor.person, at(NOW)).await.unwrap();
    office.store.redeem_with_key(invited.link_secret, [key; 32], "Laptop".into(), at(NOW)).await.unwrap()
}

fn caller(of: &Paired) -> Caller {
    let actor = rappel_core::authorize::Actor { person: of.person.id, role: of.person.role };
    Caller { device: of.device.id, actor }
}

async fn places(office: &Office) -> Vec<String> {
    let places = office.store.places_of_copies().await.unwrap();
    places.into_iter().map(|place| format!("{} {}", place.address, place.computer.unwrap_or_default())).collect()
}

/// A copy of the store, and where a new hub's would be.
async fn copied(office: &Office) -> (PathBuf, PathBuf) {
    let folder = office.path().parent().unwrap().to_owned();
    let copy = folder.join("copy.db");
    office.store.copy_to(&copy).await.unwrap();
    (copy, folder.join("new.db"))
}

fn inherit(copy: &Path, target: &Path, heir: DeviceId, how: Inheritance) -> u64 {
    let restored = Backup::open(copy, target)
        .unwrap()
        .inherit(target, Some(heir), &["10.0.0.1:7710".into()], how, at(NOW))
        .unwrap();
    restored.identity.epoch
}

#[tokio::test]
async fn only_a_joined_desktop_of_an_admins_can_keep_a_copy() {
    let office = Office::open().await;
    let by = By::Caller(office.ada);
    let (of_admin, of_member) = (joined(&office, office.ada, 1).await, joined(&office, office.ann, 2).await);
    let plain = office
        .store
        .create_token(by, office.ada.actor.person, DeviceKind::Desktop, "Agenda".into(), at(NOW))
        .await
        .unwrap();
    for refused in [office.ada.device, of_member.device.id, plain.device.id] {
        let chosen = office.store.choose_keeper(by, refused, at(NOW)).await;
        assert!(matches!(chosen, Err(Error::Conflict(Conflict::NoHeir))), "{chosen:?}");
    }
    let unknown = DeviceId::from_bytes([9; 16]);
    assert!(matches!(office.store.choose_keeper(by, unknown, at(NOW)).await, Err(Error::NotFound)));
    let member = By::Caller(office.ann);
    assert!(matches!(office.store.choose_keeper(member, of_admin.device.id, at(NOW)).await, Err(Error::Forbidden)));
    assert_eq!(office.store.copy_keeper().await.unwrap(), None, "nothing came of any of it");
    office.store.choose_keeper(by, of_admin.device.id, at(NOW)).await.unwrap();
    assert_eq!(office.store.copy_keeper().await.unwrap().unwrap().device, of_admin.device.id);
    let heirs = office.store.possible_heirs().await.unwrap();
    assert_eq!(heirs.iter().map(|device| device.id).collect::<Vec<_>>(), [of_admin.device.id]);
}

#[tokio::test]
async fn a_copy_is_given_to_the_chosen_one_alone_and_no_longer_than_it_may_have_it() {
    let office = Office::open().await;
    let by = By::Caller(office.ada);
    let second = office.store.add_person(by, new_person("Eva", Role::Admin), at(NOW)).await.unwrap();
    let eva = crate::fixture::sign_in(&office.store, second.id, at(NOW)).await;
    let (of_ada, of_eva) = (joined(&office, office.ada, 1).await, joined(&office, eva, 2).await);
    let give = async |to: &Paired| office.store.give_copy(caller(to), Some("10.0.0.7:7710".into()), at(NOW)).await;

    assert!(matches!(give(&of_eva).await, Err(Error::Forbidden)), "nobody is chosen");
    assert!(!office.store.has_given_copies().await.unwrap());
    office.store.choose_keeper(by, of_eva.device.id, at(NOW)).await.unwrap();
    assert!(matches!(give(&of_ada).await, Err(Error::Forbidden)), "somebody else is");
    give(&of_eva).await.unwrap();
    assert_eq!(places(&office).await, ["10.0.0.7:7710 Laptop"]);
    office.store.copy_is_kept(caller(&of_eva), 4096, at("09:05")).await.unwrap();
    let keeper = office.store.copy_keeper().await.unwrap().unwrap();
    assert_eq!((keeper.kept_at, keeper.kept_bytes), (Some(at("09:05")), Some(4096)));

    let demoted = rappel_store::PersonPatch { role: Some(Role::Member), ..Default::default() };
    office.store.update_person(by, second.id, demoted, at(NOW)).await.unwrap();
    assert!(matches!(give(&of_eva).await, Err(Error::Forbidden)), "she is no admin any more");
    assert_eq!(office.store.copy_keeper().await.unwrap(), None);
    assert!(office.store.has_given_copies().await.unwrap(), "where a copy may be is not forgotten");
    office.store.choose_keeper(by, of_ada.device.id, at(NOW)).await.unwrap();
    office.store.revoke_device(by, of_ada.device.id, at(NOW)).await.unwrap();
    assert!(matches!(give(&of_ada).await, Err(Error::Forbidden)), "it was signed out");
}

#[tokio::test]
async fn whoever_takes_over_is_far_beyond_every_epoch_and_at_home_there() {
    let office = Office::open().await;
    office.create(NOW, draft("2026-11-24T09:00:00Z", &[office.ann])).await;
    let own = office.store.sign_in_desktop(None, "Hub".into(), at(NOW)).await.unwrap();
    let heir = joined(&office, office.ada, 1).await;
    office.store.choose_keeper(By::Caller(office.ada), heir.device.id, at(NOW)).await.unwrap();
    let invited = office.store.invite(By::CommandLine, office.ann.actor.person, at(NOW)).await.unwrap();
    let (copy, target) = copied(&office).await;
    let epoch = inherit(&copy, &target, heir.device.id, Inheritance::Takeover { known: 7 << 32 });
    assert_eq!(epoch >> 32, 107, "backups that were restored on the old hub meanwhile do not reach it");

    let new = open(&target);
    assert_eq!((new.identity().id, new.identity().epoch), (office.store.identity().id, epoch));
    assert_eq!(new.local_desktop().await.unwrap(), Some(heir.device.id));
    let signed_in = new.sign_in_desktop(None, "Laptop".into(), at(NOW)).await.unwrap();
    assert_eq!((signed_in.device.id, signed_in.person.id), (heir.device.id, office.ada.actor.person));
    assert!(new.authenticate(&signed_in.token, at(NOW)).await.unwrap().is_some(), "it proves no key to itself");
    assert!(new.authenticate(&own.token, at(NOW)).await.unwrap().is_none(), "the old hub's desktop is not here");
    assert_eq!(new.copy_keeper().await.unwrap(), None, "it keeps no copies of itself");
    let places = new.places_of_copies().await.unwrap();
    assert_eq!(places.len(), 1, "{places:?}");
    assert_eq!(
        (places[0].address.as_str(), &places[0].computer),
        ("10.0.0.1:7710", &None),
        "the old one may come back"
    );
    let redeemed = new.redeem_with_key(invited.link_secret, [3; 32], "Ann's".into(), at(NOW)).await;
    assert!(matches!(redeemed, Err(Error::InvitationRefused)), "it may have been used since");
    assert_eq!(new.heads(office.ann.actor.person).await.unwrap().seq, 1, "histories go on");
}

#[tokio::test]
async fn a_planned_handover_is_one_epoch_on_and_voids_nothing() {
    let office = Office::open().await;
    let heir = joined(&office, office.ada, 1).await;
    office.store.sign_in_desktop(None, "Hub".into(), at(NOW)).await.unwrap();
    let invited = office.store.invite(By::CommandLine, office.ann.actor.person, at(NOW)).await.unwrap();
    let old = office.store.prepare_handover(heir.device.id, None, [5; 32], at(NOW)).await.unwrap().unwrap();
    assert_eq!(old.person.id, office.ada.actor.person);
    let (copy, target) = copied(&office).await;
    assert_eq!(inherit(&copy, &target, heir.device.id, Inheritance::Handover), 2);
    let new = open(&target);
    let known = new.authenticate_with_key(&old.token, Some([5; 32]), at(NOW)).await.unwrap();
    assert_eq!(known.unwrap().device, old.device.id, "the old hub's desktop is let in by its new key");
    assert!(new.authenticate(&old.token, at(NOW)).await.unwrap().is_none(), "and not without it");
    new.redeem_with_key(invited.link_secret, [3; 32], "Ann's".into(), at(NOW)).await.unwrap();
}

#[tokio::test]
async fn nothing_is_written_while_frozen_and_all_that_was_given_before_is() {
    let office = Office::open().await;
    office.store.freeze().await.unwrap();
    let refused = office.store.add_person(By::CommandLine, new_person("Eva", Role::Member), at(NOW)).await;
    assert!(matches!(refused, Err(Error::Frozen)));
    assert!(office.store.claim_due(at(NOW), 10).await.is_err(), "nothing is decided");
    assert!(office.store.trouble().borrow().is_none(), "it is no trouble of the disk's");
    let (copy, target) = copied(&office).await;
    assert!(Backup::open(&copy, &target).is_ok(), "a copy is made all the same");
    office.store.thaw();
    office.store.add_person(By::CommandLine, new_person("Eva", Role::Member), at(NOW)).await.unwrap();
}

#[tokio::test]
async fn a_store_that_was_made_ready_is_put_in_place_or_thrown_away() {
    let office = Office::open().await;
    let heir = joined(&office, office.ada, 1).await;
    let (copy, ready) = copied(&office).await;
    let target = ready.with_file_name("hub.db");
    inherit(&copy, &ready, heir.device.id, Inheritance::Handover);
    assert_eq!(install_ready(&ready, &target, at(NOW)).unwrap(), None, "there was nothing to keep");
    assert!(!ready.exists());
    assert_eq!(open(&target).identity().epoch, 2);

    inherit(&copy, &ready, heir.device.id, Inheritance::Handover);
    let kept = install_ready(&ready, &target, at(NOW)).unwrap();
    assert!(kept.is_some_and(|kept| kept.exists()), "what was there is kept");
    inherit(&copy, &ready, heir.device.id, Inheritance::Handover);
    discard_ready(&ready).unwrap();
    assert!(!ready.exists());
    discard_ready(&ready).unwrap();
}

#[tokio::test]
async fn a_copy_that_is_damaged_changes_nothing() {
    let office = Office::open().await;
    let (copy, target) = copied(&office).await;
    let mut bytes = std::fs::read(&copy).unwrap();
    bytes.truncate(bytes.len() / 2);
    std::fs::write(&copy, bytes).unwrap();
    assert!(matches!(Backup::open(&copy, &target), Err(RestoreError::Damaged(_))));
    assert!(!target.exists());
}

#[tokio::test]
async fn a_restore_does_not_forget_who_has_a_copy() {
    let office = Office::open().await;
    let heir = joined(&office, office.ada, 1).await;
    let (before, _) = copied(&office).await;
    office.store.choose_keeper(By::CommandLine, heir.device.id, at(NOW)).await.unwrap();
    office.store.give_copy(caller(&heir), Some("10.0.0.7:7710".into()), at(NOW)).await.unwrap();
    office.store.restore(Backup::open(&before, &office.path()).unwrap(), By::CommandLine, at(NOW)).await.unwrap();
    assert_eq!(places(&office).await, ["10.0.0.7:7710 Laptop"]);
    assert_eq!(office.store.copy_keeper().await.unwrap().unwrap().device, heir.device.id);
}

#[tokio::test]
async fn a_former_hub_that_goes_on_is_beyond_the_one_that_followed_it() {
    let office = Office::open().await;
    let identity = office.store.go_on_beyond(4 << 32, at(NOW)).await.unwrap();
    assert_eq!((identity.epoch >> 32, office.store.identity()), (104, identity));
}
