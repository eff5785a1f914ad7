//! The secure office: one authority, its switches, and browsers that move.

use rappel_core::Timestamp;
use rappel_store::{By, Caller, DeviceKind, Error, KeptAuthority, SecureOffice};

use crate::fixture::{Office, at};

fn authority(number: u8) -> KeptAuthority {
    KeptAuthority {
        private_key: vec![number],
        certificate: vec![number],
        name: "Rappel".to_owned(),
        host_names: vec!["localhost".to_owned()],
        expires_at: Timestamp::clamped_from_ms(1),
    }
}

#[tokio::test]
async fn the_first_authority_stays_until_it_is_replaced() {
    let office = Office::open().await;
    assert_eq!(office.store.authority().await.unwrap(), None);
    assert_eq!(office.store.keep_authority(authority(1), at("08:00")).await.unwrap(), authority(1));
    assert_eq!(office.store.keep_authority(authority(2), at("08:00")).await.unwrap(), authority(1));
    let refused = office.store.replace_authority(By::Caller(office.ann), authority(2), at("08:00")).await;
    assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    office.store.replace_authority(By::Caller(office.ada), authority(2), at("08:00")).await.unwrap();
    assert_eq!(office.store.authority().await.unwrap(), Some(authority(2)));
    assert!(!format!("{:?}", authority(1)).contains('1'), "its key is not shown");
}

#[tokio::test]
async fn the_switches_are_an_admins_and_each_turn_is_noted() {
    let office = Office::open().await;
    let set = async |is_on, takes_plain| {
        office.store.set_secure_office(By::Caller(office.ada), is_on, takes_plain, at("08:00")).await
    };
    let refused = office.store.set_secure_office(By::Caller(office.ann), Some(true), None, at("08:00")).await;
    assert!(matches!(refused, Err(Error::Forbidden)), "{refused:?}");
    assert!(matches!(set(None, Some(false)).await, Err(Error::Invalid(_))), "nothing would be left");
    let on = SecureOffice { is_on: true, takes_plain: true };
    assert_eq!(set(Some(true), None).await.unwrap(), on);
    assert_eq!(set(None, None).await.unwrap(), on);
    assert_eq!(set(None, Some(false)).await.unwrap(), SecureOffice { is_on: true, takes_plain: false });
    assert!(matches!(set(Some(false), Some(false)).await, Err(Error::Invalid(_))));
    assert_eq!(set(Some(false), None).await.unwrap(), SecureOffice { is_on: false, takes_plain: true });
    let noted = "SELECT count(*) FROM audit WHERE action = 'secure_office.update' AND person_id IS NOT NULL";
    assert_eq!(office.count(noted), 3, "what changed nothing is no turn");
}

#[tokio::test]
async fn a_browser_that_moves_leaves_its_token_behind() {
    let office = Office::open().await;
    let pair = async |kind| {
        let name = "Firefox".to_owned();
        office
            .store
            .create_token(By::Caller(office.ada), office.ann.actor.person, kind, name, at("08:00"))
            .await
            .unwrap()
    };
    let (browser, program) = (pair(DeviceKind::Browser).await, pair(DeviceKind::Token).await);
    let moved = office.store.move_browser(browser.device.id, at("08:05")).await.unwrap();
    assert_eq!((moved.device.id, moved.person.id), (browser.device.id, office.ann.actor.person));
    let who = async |token: &str| {
        let caller = office.store.authenticate(token, at("08:05")).await.unwrap();
        caller.map(|Caller { device, .. }| device)
    };
    assert_eq!(who(&browser.token).await, None);
    assert_eq!(who(&moved.token).await, Some(browser.device.id));
    let refused = office.store.move_browser(program.device.id, at("08:05")).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");
    assert_eq!(who(&program.token).await, Some(program.device.id));
}
