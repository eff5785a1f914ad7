//! Asking to be let in with an invitation for everybody, with and without somebody in between.

use rappel_hub::JoinLink;
use rappel_hub::key::Key;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use super::impostor::Impostor;
use super::office::{Invited, Office};
use crate::asking::Guest;
use crate::here::office_at;
use crate::{Entrance, Link, LinkError, Outcome, RemoteHub, Request, Who};

impl Office {
    async fn invite_everybody(&self) -> Invited {
        let invited = self.ask(Request::post("/api/invitations", None), 201).await;
        let text = |name: &str| invited[name].as_str().expect("text").to_owned();
        Invited { link: text("link").parse().expect("a link"), code: text("code") }
    }

    /// The one request that waits.
    async fn request(&self) -> Value {
        let requests = self.ask(Request::get("/api/join-requests"), 200).await;
        let requests = requests["requests"].as_array().expect("a list").clone();
        let [request] = &requests[..] else { panic!("not one: {requests:?}") };
        request.clone()
    }

    /// The admin decides about it.
    async fn decide(&self, what: &str, status: u16) {
        let request = self.request().await;
        let path = format!("/api/join-requests/{}/{what}", request["id"].as_str().expect("an id"));
        self.ask(Request::post(path, (what == "accept").then(|| json!({}))), status).await;
    }

    async fn by_code(&self, code: &str) -> Result<Entrance, LinkError> {
        RemoteHub::enter_by_code(&self.address.to_string(), code, "Laptop", self.file("joined.json")).await
    }
}

fn guest(entrance: Result<Entrance, LinkError>) -> Guest {
    match entrance {
        Ok(Entrance::Ask(guest)) => *guest,
        other => panic!("it may ask, no more: {other:?}"),
    }
}

async fn is_in(office: &Office, guest: &Guest, name: &str) {
    let Ok(Outcome::In(hub)) = guest.outcome().await else { panic!("accepted") };
    let again = RemoteHub::open(office.file("joined.json")).expect("what was kept");
    for hub in [hub, again] {
        let me = Link::Remote(hub).call(Request::get("/api/me")).await.expect("an answer");
        assert_eq!((me.status, &me.body["name"]), (200, &json!(name)));
    }
    let devices = office.ask(Request::get("/api/devices"), 200).await;
    let devices = devices["devices"].as_array().expect("a list");
    let laptop = devices.iter().find(|device| device["name"] == "Laptop").expect("the joined one");
    assert_eq!(laptop["kind"], "desktop");
}

/// What the hub answers to somebody with this desktop's token and without its key.
async fn status_without_key(office: &Office) -> String {
    let kept = std::fs::read(office.file("joined.json")).expect("a file");
    let kept: Value = serde_json::from_slice(&kept).expect("JSON");
    let (host, token) = (office.address, kept["token"].as_str().expect("a token"));
    let mut stream = TcpStream::connect(host).await.expect("it listens");
    let request =
        format!("GET /api/me HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("asked");
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answered");
    answer.lines().next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn by_the_link_for_everybody_a_desktop_asks_and_its_token_is_bound_to_its_key() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let link = office.invite_everybody().await.link.to_string();
    let mut guest = guest(RemoteHub::enter_by_link(&link, "Laptop", office.file("joined.json")).await);
    assert_eq!(guest.people().iter().map(|person| person.name.as_str()).collect::<Vec<_>>(), ["Ann"]);
    assert!(matches!(guest.outcome().await, Ok(Outcome::Gone)), "nobody has asked yet");
    guest.ask(&Who::Offered(ann.clone())).await.expect("asked");
    assert!(matches!(guest.outcome().await, Ok(Outcome::Waiting)));
    let request = office.request().await;
    assert_eq!((&request["person_id"], &request["invited"]), (&json!(ann), &json!(true)));
    assert!(!RemoteHub::exists(&office.file("joined.json")), "nothing is kept before it is one");
    office.decide("accept", 200).await;
    is_in(&office, &guest, "Ann").await;
    assert_eq!(status_without_key(&office).await, "HTTP/1.1 401 Unauthorized", "the token alone is worth nothing");
}

#[tokio::test]
async fn by_the_typed_code_for_everybody_a_desktop_asks_too() {
    let office = Office::open().await;
    let Invited { link, code } = office.invite_everybody().await;
    let typed = code.to_lowercase().replace('-', " ");
    let mut one = guest(office.by_code(&typed).await);
    assert_eq!(one.pin, link.pin, "the code proves which key is the hub's");
    one.ask(&Who::Named("Dora".into())).await.expect("asked");
    office.decide("decline", 204).await;
    assert!(matches!(one.outcome().await, Ok(Outcome::Declined)));
    one.ask(&Who::Named("Dora Lind".into())).await.expect("asked again");
    office.decide("accept", 200).await;
    is_in(&office, &one, "Dora Lind").await;
    assert_eq!(status_without_key(&office).await, "HTTP/1.1 401 Unauthorized", "the token alone is worth nothing");
    guest(office.by_code(&code).await);
}

#[tokio::test]
async fn five_wrong_codes_void_the_code_for_everybody_and_revoking_ends_it() {
    let office = Office::open().await;
    let Invited { code, .. } = office.invite_everybody().await;
    let misread = format!("{}{}", &code[..code.len() - 1], if code.ends_with('7') { "8" } else { "7" });
    for _ in 0..5 {
        assert!(matches!(office.by_code(&misread).await, Err(LinkError::NotLetIn)));
    }
    assert!(matches!(office.by_code(&code).await, Err(LinkError::NotLetIn)), "it was guessed at too often");
    let Invited { code, .. } = office.invite_everybody().await;
    let mut guest = guest(office.by_code(&code).await);
    office.ask(Request { method: "DELETE".into(), ..Request::get("/api/invitations") }, 204).await;
    let asked = guest.ask(&Who::Named("Dora".into())).await;
    assert!(matches!(asked, Err(LinkError::NotLetIn)), "{asked:?}");
}

#[tokio::test]
async fn who_was_accepted_is_told_to_the_key_that_asked_and_to_no_other() {
    let office = Office::open().await;
    let Invited { code, .. } = office.invite_everybody().await;
    let mut guest = guest(office.by_code(&code).await);
    guest.ask(&Who::Named("Dora".into())).await.expect("asked");
    office.decide("accept", 200).await;
    // He has overheard all of it, and has a key of his own.
    let thief = Guest {
        key: Key::generate("Rappel desktop").expect("a key"),
        asked: guest.asked.clone(),
        file: office.file("stolen.json"),
        office: guest.office.clone(),
        people: Vec::new(),
        address: guest.address.clone(),
        code: guest.code.clone(),
        device: "His".into(),
        ..guest
    };
    assert!(matches!(thief.outcome().await, Ok(Outcome::Gone)), "he is told nothing");
    assert!(!RemoteHub::exists(&office.file("stolen.json")));
}

#[tokio::test]
async fn somebody_between_learns_neither_link_nor_code_for_everybody() {
    let office = Office::open().await;
    let Invited { link, code } = office.invite_everybody().await;
    let impostor = Impostor::before(office.address).await;
    let his = JoinLink { base_url: format!("http://{}", impostor.address), ..link.clone() };
    let entered = RemoteHub::enter_by_link(&his.to_string(), "Laptop", office.file("joined.json")).await;
    assert!(matches!(entered, Err(LinkError::WrongKey)), "{entered:?}");
    assert_eq!(impostor.heard(), "", "by a link he is told nothing");

    let address = impostor.address.to_string();
    let entered = RemoteHub::enter_by_code(&address, &code, "Laptop", office.file("joined.json")).await;
    assert!(matches!(entered, Err(LinkError::NotLetIn)), "{entered:?}");
    let heard = impostor.heard();
    assert!(heard.contains("/api/pair/finish"), "he passed all of it on: {heard}");
    let secret = &code.replace('-', "")[4..];
    for secret in [&code[5..], secret, &secret.to_lowercase(), &link.secret, "join/ticket", "join-requests"] {
        assert!(!heard.contains(secret), "{secret} in {heard}");
    }
    let requests = office.ask(Request::get("/api/join-requests"), 200).await;
    assert_eq!(requests["requests"], json!([]), "nobody asks in his name");
    guest(office.by_code(&code).await);
}

#[tokio::test]
async fn a_hub_says_to_a_desktop_what_its_office_is_called() {
    let office = Office::open().await;
    let found = office_at(office.address).await.expect("a hub");
    let me = office.ask(Request::get("/api/me"), 200).await;
    assert_eq!((json!(found.name), json!(found.id)), (me["office"]["name"].clone(), me["office"]["hub_id"].clone()));
    assert_eq!(
        (found.pin, found.addresses),
        (Some(office.invite_everybody().await.link.pin), vec![office.address.to_string()])
    );
    assert_eq!(me["office"]["kept_by"], "Camille", "whose desktop the hub is in");
}
