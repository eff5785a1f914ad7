//! Joining by a link and by a typed code, with and without somebody in between.

use rappel_hub::JoinLink;
use serde_json::json;

use super::impostor::Impostor;
use super::office::{Invited, Office};
use crate::{Link, LinkError, RemoteHub, Request};

fn is_refused(joined: &Result<RemoteHub, LinkError>) -> bool {
    matches!(joined, Err(LinkError::NotLetIn))
}

/// The code with another last character.
fn misread(code: &str) -> String {
    let (rest, last) = code.split_at(code.len() - 1);
    format!("{rest}{}", if last == "7" { "8" } else { "7" })
}

async fn devices(office: &Office, person: &str) -> Vec<serde_json::Value> {
    let devices = office.ask(Request::get("/api/devices"), 200).await;
    let devices = devices["devices"].as_array().expect("a list").clone();
    devices.into_iter().filter(|device| device["person_id"] == person).collect()
}

async fn by_code(office: &Office, code: &str) -> Result<RemoteHub, LinkError> {
    RemoteHub::join_by_code(&office.address.to_string(), code, "Laptop", office.file("joined.json")).await
}

async fn by_link(office: &Office, link: &JoinLink) -> Result<RemoteHub, LinkError> {
    RemoteHub::join_by_link(&link.to_string(), "Laptop", office.file("joined.json")).await
}

/// Whoever joined is known as Ann's desktop, now and after a restart of the desktop.
async fn is_anns_desktop(office: &Office, ann: &str, joined: RemoteHub) {
    let again = RemoteHub::open(office.file("joined.json")).expect("what was kept");
    for hub in [joined, again] {
        assert_eq!((json!(hub.person()), json!(hub.address())), (json!(ann), json!(office.address.to_string())));
        let me = Link::Remote(hub.clone()).call(Request::get("/api/me")).await.expect("an answer");
        assert_eq!(
            (me.status, &me.body["name"], &me.body["office"]["hub_id"]),
            (200, &json!("Ann"), &json!(hub.hub_id()))
        );
    }
    let devices = devices(office, ann).await;
    assert_eq!(devices.len(), 1);
    assert_eq!((&devices[0]["kind"], &devices[0]["name"]), (&json!("desktop"), &json!("Laptop")));
}

#[tokio::test]
async fn a_link_lets_a_desktop_in_once() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let Invited { link, code } = office.invite(&ann).await;
    let joined = by_link(&office, &link).await.expect("joined");
    assert_eq!(joined.pin(), link.pin);
    is_anns_desktop(&office, &ann, joined).await;
    assert!(is_refused(&by_link(&office, &link).await), "it is used");
    assert!(is_refused(&by_code(&office, &code).await), "its code too");
}

#[tokio::test]
async fn a_typed_code_lets_a_desktop_in_once() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let Invited { link, code } = office.invite(&ann).await;
    let joined = by_code(&office, &code.to_lowercase().replace('-', " ")).await.expect("joined");
    assert_eq!(joined.pin(), link.pin, "the code proves which key is the hub's");
    is_anns_desktop(&office, &ann, joined).await;
    assert!(is_refused(&by_code(&office, &code).await), "it is used");
    assert!(is_refused(&by_link(&office, &link).await), "its link too");
}

#[tokio::test]
async fn five_wrong_codes_void_that_code_and_no_other() {
    let office = Office::open().await;
    let (ann, bob) = (office.add("Ann").await, office.add("Bob").await);
    let (anns, bobs) = (office.invite(&ann).await, office.invite(&bob).await);
    for _ in 0..4 {
        assert!(is_refused(&by_code(&office, &misread(&anns.code)).await));
    }
    by_code(&office, &anns.code).await.expect("four are no harm");
    for _ in 0..5 {
        assert!(is_refused(&by_code(&office, &misread(&bobs.code)).await));
    }
    let carls = office.invite(&office.add("Carl").await).await;
    by_code(&office, &carls.code).await.expect("another's code is not concerned");
    assert!(is_refused(&by_code(&office, &bobs.code).await), "five are");
    by_link(&office, &bobs.link).await.expect("no wrong code voids the link");
}

#[tokio::test]
async fn a_code_that_nobody_gave_is_refused_like_a_wrong_one() {
    let office = Office::open().await;
    let code = office.invite(&office.add("Ann").await).await.code;
    for wrong in ["0000-0000-0000", &misread(&code)] {
        assert!(is_refused(&by_code(&office, wrong).await), "who guesses learns nothing of which codes there are");
    }
    for none in ["", "7KQ2", "http://192.168.1.10:7710/join#x"] {
        let joined = by_code(&office, none).await;
        assert!(matches!(joined, Err(LinkError::NotACode)), "{none:?} is not even asked about: {:?}", joined.err());
    }
}

#[tokio::test]
async fn nothing_is_kept_of_a_failed_attempt() {
    let office = Office::open().await;
    assert!(by_code(&office, "0000-0000-0000").await.is_err());
    assert!(!RemoteHub::exists(&office.file("joined.json")));
}

#[tokio::test]
async fn somebody_between_is_told_nothing_by_a_link() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let Invited { link, .. } = office.invite(&ann).await;
    let impostor = Impostor::before(office.address).await;
    let his = JoinLink { base_url: format!("http://{}", impostor.address), ..link.clone() };
    let joined = by_link(&office, &his).await;
    assert!(matches!(joined, Err(LinkError::WrongKey)), "{:?}", joined.err());
    assert_eq!((impostor.heard().as_str(), impostor.calls()), ("", 1));
    let joined = by_link(&office, &link).await.expect("the link is as good as before");
    is_anns_desktop(&office, &ann, joined).await;
}

#[tokio::test]
async fn somebody_between_learns_nothing_from_a_typed_code() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let Invited { code, link } = office.invite(&ann).await;
    let impostor = Impostor::before(office.address).await;
    let address = impostor.address.to_string();
    let joined = RemoteHub::join_by_code(&address, &code, "Laptop", office.file("joined.json")).await;
    assert!(is_refused(&joined), "{:?}", joined.err());
    let heard = impostor.heard();
    assert!(heard.contains("/api/pair/finish"), "he passed all of it on: {heard}");
    let proof = &code.replace('-', "")[4..];
    for secret in [&code[5..], proof, &proof.to_lowercase(), &link.secret, "\"token\""] {
        assert!(!heard.contains(secret), "{secret} in {heard}");
    }
    assert!(devices(&office, &ann).await.is_empty(), "he is not let in");
    let joined = by_code(&office, &code).await.expect("the code is good where nobody stands between");
    is_anns_desktop(&office, &ann, joined).await;
}
