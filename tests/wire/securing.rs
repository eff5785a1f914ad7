//! One port takes plain HTTP and TLS. Over TLS the hub proves its own key, which stays with its data.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use rappel_hub::typed_code::{End, Exchange};
use rappel_hub::{JoinLink, Key};
use serde_json::{Value, json};

use crate::harness::{Client, Office, PATIENCE, SecureLine, secret_of};

fn line(office: &Office) -> SecureLine {
    SecureLine::open(office.address(), None)
}

fn bearer(client: &Client) -> String {
    format!("Bearer {}", client.token)
}

fn fingerprint(office: &Office) -> String {
    let status: Value = serde_json::from_str(office.run(&["status", "--json"]).out()).unwrap();
    status["fingerprint"].as_str().unwrap().to_owned()
}

#[test]
fn one_port_takes_plain_http_and_tls() {
    let (office, admin) = Office::open();
    admin.get("/api/me").expect(200);
    let me = line(&office).send("GET", "/api/me", &[("authorization", &bearer(&admin))], "").expect(200);
    assert_eq!(me["id"], admin.id.as_str());
    assert_eq!(line(&office).send("GET", "/api/me", &[], "").refusal(401), "unauthorized");
}

#[test]
fn the_hubs_key_stays_with_its_data_and_is_the_one_it_names_everywhere() {
    let (mut office, admin) = Office::open();
    let pin = line(&office).pin();
    assert_eq!(fingerprint(&office), pin.to_string());
    assert_eq!(admin.get("/api/hub").expect(200)["fingerprint"], pin.to_string());
    let invited = admin.post(&format!("/api/people/{}/invitations", admin.id), &json!({})).expect(201);
    let link: JoinLink = invited["link"].as_str().unwrap().parse().unwrap();
    assert_eq!((link.pin, link.address()), (pin, office.address().to_string().as_str()));
    let printed: JoinLink = office.run(&["invite", &admin.id]).out().lines().next().unwrap().parse().unwrap();
    assert_eq!(printed.pin, pin);

    office.restart();
    assert_eq!(line(&office).pin(), pin);
    let (other, _) = Office::open();
    assert_ne!(line(&other).pin(), pin, "each hub has its own");
    office.terminate();
    office.wait();
    assert_eq!(fingerprint(&office), pin.to_string(), "also while it is off");
}

#[test]
fn an_office_has_its_key_before_its_hub_has_ever_run() {
    let mut office = Office::new();
    let added = office.run(&["person", "add", "Ann", "--role", "admin"]);
    let printed: JoinLink = office.run(&["invite", added.out().trim()]).out().lines().next().unwrap().parse().unwrap();
    office.start();
    assert_eq!(line(&office).pin(), printed.pin);
}

#[test]
fn a_restore_brings_the_key_that_belongs_to_the_data() {
    let ((one, _), (other, _)) = (Office::open(), Office::open());
    let (ones, others) = (line(&one).pin(), line(&other).pin());
    let backup = |office: &Office, name: &str| {
        let file = office.beside(name);
        office.run(&["backup", file.to_str().unwrap()]).out();
        file
    };
    let restore = |office: &Office, file: &Path| {
        office.run(&["restore", file.to_str().unwrap()]).out();
    };
    let (own, moved) = (backup(&one, "own.db"), backup(&one, "moved.db"));
    restore(&one, &own);
    assert_eq!(line(&one).pin(), ones, "desktops that joined know it again");
    restore(&other, &moved);
    assert_eq!((line(&other).pin(), fingerprint(&other)), (ones, ones.to_string()), "the hub has moved");
    assert_ne!(ones, others);
}

#[test]
fn the_fingerprint_is_for_admins() {
    let (_office, admin) = Office::open();
    assert_eq!(admin.add("Ann").get("/api/hub").refusal(403), "forbidden");
}

#[test]
fn the_private_key_is_in_no_answer_and_no_log() {
    let (office, admin) = Office::open();
    line(&office).send("GET", "/api/hub", &[("authorization", &bearer(&admin))], "").expect(200);
    let answers = [admin.get("/api/hub").body, office.run(&["status", "--json"]).out().to_owned(), office.log()];
    // The only text of an identity is its fingerprint's: 43 characters.
    for text in answers {
        let longest = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_').map(str::len).max();
        assert!(longest.unwrap_or(0) <= 43, "{text}");
    }
}

#[test]
fn the_whole_fragment_of_a_link_is_a_code() {
    let (office, admin) = Office::open();
    let invited = admin.post(&format!("/api/people/{}/invitations", admin.id), &json!({})).expect(201);
    let link = invited["link"].as_str().unwrap();
    let fragment = link.split_once('#').unwrap().1;
    assert!(fragment.contains('.'), "{fragment}");
    assert_ne!(secret_of(link), fragment);
    office.nobody().pair(fragment);
    let body = json!({ "code": secret_of(link), "device_name": "again" });
    assert_eq!(office.nobody().post("/api/pair", &body).refusal(403), "invitation_refused", "it is the same code");
}

#[test]
fn the_own_origin_has_the_scheme_of_the_line() {
    let (office, admin) = Office::open();
    let (plain, secure) = (admin.own_origin(), format!("https://{}", office.address()));
    let ask = |origin: &str| line(&office).send("GET", "/api/health", &[("origin", origin)], "");
    ask(&secure).expect(200);
    assert_eq!(ask(&plain).refusal(403), "origin_refused", "the plain page may be anybody's");
    let plainly = |origin: &str| office.nobody().request("GET", "/api/health").header("origin", origin).send();
    plainly(&plain).expect(200);
    assert_eq!(plainly(&secure).refusal(403), "origin_refused");
}

#[test]
fn a_cookie_over_tls_goes_nowhere_else() {
    let (office, admin) = Office::open();
    let secure = format!("https://{}", office.address());
    let body = json!({ "code": admin.invite(&admin.id), "device_name": "Firefox" }).to_string();
    let paired = line(&office).send("POST", "/api/pair", &[("origin", &secure)], &body);
    assert_eq!(paired.expect(200)["device"]["kind"], "browser");
    let set = paired.header("set-cookie").unwrap();
    assert!(set.starts_with("__Host-rappel_") && set.contains("; Secure"), "{set}");
    let cookie = paired.cookie().unwrap();
    let me = line(&office).send("GET", "/api/me", &[("cookie", &cookie)], "");
    assert_eq!(me.expect(200)["id"], admin.id.as_str());
    assert_eq!(me.header("set-cookie"), Some(set), "renewed by use");
    let plainly = office.nobody().request("GET", "/api/me").header("cookie", &cookie).send();
    assert_eq!(plainly.refusal(401), "unauthorized");
}

#[test]
fn a_desktops_token_is_good_with_its_key_over_tls_only() {
    let (office, admin) = Office::open();
    let (key, other) = (Key::generate("Rappel desktop").unwrap(), Key::generate("Rappel desktop").unwrap());
    let body = json!({ "code": admin.invite(&admin.id), "device_name": "Laptop" }).to_string();
    let paired = SecureLine::open(office.address(), Some(&key)).send("POST", "/api/pair", &[], &body).expect(200);
    assert_eq!(paired["device"]["kind"], "desktop");
    let bearer = format!("Bearer {}", paired["token"].as_str().unwrap());
    let ask = |key: Option<&Key>| {
        SecureLine::open(office.address(), key).send("GET", "/api/me", &[("authorization", &bearer)], "")
    };
    ask(Some(&key)).expect(200);
    assert_eq!(ask(Some(&other)).refusal(401), "unauthorized", "another's key");
    assert_eq!(ask(None).refusal(401), "unauthorized", "no key");
    let plainly = office.nobody().request("GET", "/api/me").header("authorization", &bearer).send();
    assert_eq!(plainly.refusal(401), "unauthorized", "plain HTTP");
    let token = paired["token"].as_str().unwrap();
    let refused = office.nobody().upgrade(&format!("/ws/notifications/?token={token}")).unwrap_err();
    assert_eq!(refused.status, 401, "a WebSocket over plain HTTP");
    // A program's token is good either way, also on a line on which a key was shown.
    let program = [("authorization", format!("Bearer {}", admin.token))];
    let program: Vec<(&str, &str)> = program.iter().map(|(name, value)| (*name, value.as_str())).collect();
    SecureLine::open(office.address(), Some(&key)).send("GET", "/api/me", &program, "").expect(200);
}

#[test]
fn a_typed_pairing_needs_a_line_on_which_a_key_was_proven() {
    let (office, _admin) = Office::open();
    let start = json!({ "selector": "7KQ2", "message": "AAAA" });
    let finish = json!({ "proof": "AAAA", "device_name": "Laptop" });
    for (path, body) in [("/api/pair/start", start), ("/api/pair/finish", finish)] {
        assert_eq!(office.nobody().post(path, &body).refusal(403), "key_required", "plain HTTP");
        let refused = line(&office).send("POST", path, &[], &body.to_string());
        assert_eq!(refused.refusal(403), "key_required", "no key");
    }
    let key = Key::generate("Rappel desktop").unwrap();
    let ask = |path: &str, body: &Value| {
        SecureLine::open(office.address(), Some(&key)).send("POST", path, &[], &body.to_string())
    };
    let start = |message: &str| ask("/api/pair/start", &json!({ "selector": "7KQ2", "message": message }));
    assert_eq!(start("AAAA").wrong_field(), "message");
    assert_eq!(start("*").wrong_field(), "message");
    let finish = |proof: &str| ask("/api/pair/finish", &json!({ "proof": proof, "device_name": "Laptop" }));
    assert_eq!(finish("AAAA").wrong_field(), "proof");
    assert_eq!(finish(&"A".repeat(43)).refusal(403), "invitation_refused", "nothing was begun");
}

#[test]
fn whoever_begins_many_typed_pairings_is_slowed_down() {
    let (office, admin) = Office::open();
    // A message of the exchange, from somebody who knows no code.
    let (desktop, hub) = (Key::generate("Rappel desktop").unwrap(), line(&office).pin());
    let (_, message) = Exchange::begin(End::Desktop, &[0; 32], desktop.pin(), hub);
    let body = json!({ "selector": "7KQ2", "message": URL_SAFE_NO_PAD.encode(message) }).to_string();
    let start = || SecureLine::open(office.address(), Some(&desktop)).send("POST", "/api/pair/start", &[], &body);
    let slowed = (0..30).map(|_| start()).find(|answer| answer.status != 200).expect("it goes on for ever");
    assert_eq!(slowed.refusal(429), "too_many_tries");
    assert!(slowed.header("retry-after").is_some());
    office.nobody().pair(&admin.invite(&admin.id));
}

#[test]
fn a_page_that_found_a_name_for_the_hub_is_refused_over_tls_too() {
    let (office, _admin) = Office::open();
    let ask = |key: Option<&Key>| {
        let line = SecureLine::open(office.address(), key).called("rebound.example:7710");
        line.send("GET", "/api/health", &[], "")
    };
    assert_eq!(ask(None).refusal(421), "unknown_host");
    ask(Some(&Key::generate("Rappel desktop").unwrap())).expect(200);
}

#[test]
fn a_handshake_that_is_none_or_does_not_end_is_let_go() {
    let (office, admin) = Office::open();
    let open = |first: &[u8]| {
        let mut stream = TcpStream::connect(office.address()).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        stream.write_all(first).unwrap();
        stream
    };
    let endless = open(&[0x16, 0x03, 0x01, 0x00, 0x80]);
    let mut nonsense = open(&[0x16; 600]);
    let mut told = Vec::new();
    nonsense.read_to_end(&mut told).unwrap();
    assert!(!told.starts_with(b"HTTP"), "it is no HTTP");
    for mut stream in [endless, open(&[])] {
        let ended = stream.read_to_end(&mut Vec::new());
        assert!(ended.is_ok(), "the hub let it go: {ended:?}");
    }
    admin.get("/api/me").expect(200);
}

#[test]
fn the_hub_ends_whatever_tls_lines_are_open() {
    let (mut office, admin) = Office::open();
    let _idle = line(&office);
    let mut half_open = TcpStream::connect(office.address()).unwrap();
    half_open.write_all(&[0x16]).unwrap();
    admin.get("/api/me").expect(200);
    office.terminate();
    assert!(office.wait().success());
}
