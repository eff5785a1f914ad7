//! A hub that has moved is looked for. What is said of it on the network is only where to look.

use std::fs;

use rappel_hub::SystemClock;

use super::impostor::Impostor;
use super::office::{FoundAt, Office, frame, unhurried};
use crate::{Link, LinkError, RemoteHub, Request, Resume};

#[tokio::test]
async fn a_hub_that_moved_is_found_by_its_key_and_its_address_remembered() {
    let mut office = Office::open().await;
    let ann = office.add("Ann").await;
    let hub = office.join(&ann, office.address).await;
    office.serve().await;
    let impostor = Impostor::before(office.address).await;
    let found = FoundAt(vec![impostor.address, office.address]);
    let hub = hub.made_to_measure(found, unhurried(), SystemClock);
    let link = Link::Remote(hub.clone());
    assert_eq!(link.call(Request::get("/api/me")).await.expect("an answer").status, 200);
    let mut session = link.open_session(Resume::default()).await.expect("a session");
    frame(&mut session).await;
    assert_eq!((impostor.heard().as_str(), impostor.calls()), ("", 1));
    assert_eq!(hub.address(), office.address.to_string());
    let again = RemoteHub::open(office.file("joined.json")).expect("opened");
    assert_eq!(again.address(), office.address.to_string(), "also after a restart");
}

#[tokio::test]
async fn lies_about_where_the_hub_is_change_nothing() {
    let mut office = Office::open().await;
    let ann = office.add("Ann").await;
    let hub = office.join(&ann, office.address).await;
    let kept = fs::read(office.file("joined.json")).expect("a membership");
    let impostor = Impostor::before(office.address).await;
    office.serve().await;
    let hub = hub.made_to_measure(FoundAt(vec![impostor.address]), unhurried(), SystemClock);
    let pin = hub.pin();
    let called = Link::Remote(hub.clone()).call(Request::get("/api/me")).await;
    assert!(matches!(called, Err(LinkError::WrongKey)), "{called:?}");
    assert_eq!((impostor.heard().as_str(), impostor.calls()), ("", 1));
    assert_eq!(hub.pin(), pin);
    assert_eq!(fs::read(office.file("joined.json")).expect("a membership"), kept);
}
