//! HTTPS for browsers, when the office has switched it on: beside the pinned key of desktops, on the
//! same port.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use rappel_hub::Key;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::network::{from_another_machine, inside, run};
use crate::harness::{Answer, Client, Office, SecureLine};

/// An office that has switched it on; with its authority's certificate.
fn secure_office() -> (Office, Client, Vec<u8>) {
    let (office, admin) = Office::open();
    admin.patch("/api/secure-office", &json!({ "on": true })).expect(200);
    let authority = downloaded(&office);
    (office, admin, authority)
}

/// The certificate, as a browser downloads it.
fn downloaded(office: &Office) -> Vec<u8> {
    let text = office.nobody().get("/authority/rappel.pem");
    assert_eq!((text.status, text.header("content-type")), (200, Some("application/x-pem-file")));
    let lines: String = text.body.lines().filter(|line| !line.starts_with("-----")).collect();
    STANDARD.decode(lines).unwrap()
}

fn browser(office: &Office, host: &str, authority: &[u8]) -> Result<SecureLine, String> {
    SecureLine::as_browser(office.address(), host, authority)
}

fn fingerprint(certificate: &[u8]) -> String {
    let pairs: Vec<String> = Sha256::digest(certificate).iter().map(|byte| format!("{byte:02X}")).collect();
    pairs.join(":")
}

/// What a page has that was opened by an invitation: its cookie, and its device.
fn signed_in_page(office: &Office, admin: &Client, person: &str) -> (String, String) {
    let body = json!({ "code": admin.invite(person), "device_name": "Firefox" });
    let own = office.nobody().own_origin();
    let paired = office.nobody().request("POST", "/api/pair").header("origin", &own).json(&body).send();
    let device = paired.expect(200)["device"]["id"].as_str().unwrap().to_owned();
    (paired.cookie().unwrap(), device)
}

const SECRET: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn set_out(office: &Office, cookie: &str) -> Answer {
    let body = json!({ "challenge": URL_SAFE_NO_PAD.encode(Sha256::digest(SECRET)) });
    let own = office.nobody().own_origin();
    let request = office.nobody().request("POST", "/api/secure-office/handovers").header("origin", &own);
    request.header("cookie", cookie).json(&body).send()
}

fn arrive(office: &Office, authority: &[u8], cookie: Option<&str>, code: &Value, secret: &str) -> Answer {
    let origin = format!("https://127.0.0.1:{}", office.address().port());
    let mut headers = vec![("origin", origin.as_str())];
    headers.extend(cookie.map(|cookie| ("cookie", cookie)));
    let body = json!({ "code": code, "secret": secret }).to_string();
    let line = browser(office, "127.0.0.1", authority).unwrap();
    line.send("POST", "/api/secure-office/arrivals", &headers, &body)
}

#[test]
fn it_is_off_until_it_is_switched_on() {
    let (office, admin) = Office::open();
    let stands = office.nobody().get("/api/secure-office").expect(200);
    let off = json!({ "on": false, "plain_http": true, "private": true, "address": null, "authority": null });
    assert_eq!(stands, off);
    assert_eq!(office.nobody().get("/authority/rappel.crt").refusal(404), "not_found");
    let shown = SecureLine::open(office.address(), None).certificate();
    assert!(browser(&office, "127.0.0.1", &shown).is_err(), "there is nothing that a browser could trust");
    let member = admin.add("Ann");
    assert_eq!(member.patch("/api/secure-office", &json!({ "on": true })).refusal(403), "forbidden");
    let without = admin.patch("/api/secure-office", &json!({ "plain_http": false }));
    assert_eq!(without.wrong_field(), "plain_http", "nobody would reach it any more");
}

#[test]
fn a_browser_that_has_installed_the_authority_trusts_the_hub_by_address_and_by_name() {
    let (office, admin, authority) = secure_office();
    let stands = office.nobody().get("/api/secure-office").expect(200);
    assert_eq!(stands["address"], format!("https://{}", office.address()));
    assert_eq!(stands["authority"]["fingerprint"], fingerprint(&authority), "as its device will show it");
    let hub = admin.get("/api/hub").expect(200)["id"].as_str().unwrap().replace('-', "").split_off(20);
    for host in ["127.0.0.1", "localhost", &format!("rappel-{hub}.local")] {
        let line = browser(&office, host, &authority).unwrap_or_else(|error| panic!("{host}: {error}"));
        line.send("GET", "/api/health", &[], "").expect(200);
    }
    for host in ["127.0.0.2", "example.com", "evil.local"] {
        assert!(browser(&office, host, &authority).is_err(), "{host} is not the hub");
    }
    let other = secure_office();
    assert!(browser(&office, "127.0.0.1", &other.2).is_err(), "another office's authority");
}

#[test]
fn desktops_are_shown_the_key_that_they_know() {
    let (office, admin) = Office::open();
    let key = Key::generate("Rappel desktop").unwrap();
    let open = || SecureLine::open(office.address(), Some(&key));
    let pin = open().pin();
    let body = json!({ "code": admin.invite(&admin.id), "device_name": "Laptop" }).to_string();
    let paired = open().send("POST", "/api/pair", &[], &body).expect(200);
    let bearer = format!("Bearer {}", paired["token"].as_str().unwrap());
    for on in [true, false, true] {
        admin.patch("/api/secure-office", &json!({ "on": on })).expect(200);
        assert_eq!(open().pin(), pin);
        open().send("GET", "/api/me", &[("authorization", &bearer)], "").expect(200);
    }
}

#[test]
fn switches_and_authority_stay_with_the_data() {
    let (mut office, admin, authority) = secure_office();
    admin.patch("/api/secure-office", &json!({ "plain_http": false })).expect(200);
    let before = browser(&office, "127.0.0.1", &authority).unwrap().certificate();
    office.restart();
    let stands = office.nobody().get("/api/secure-office").expect(200);
    assert_eq!((&stands["on"], &stands["plain_http"]), (&json!(true), &json!(false)));
    let after = browser(&office, "127.0.0.1", &authority).unwrap().certificate();
    assert_ne!(after, before, "its certificate is not kept, and costs nothing");

    let off = admin.patch("/api/secure-office", &json!({ "on": false })).expect(200);
    assert_eq!(off["plain_http"], true, "something must be left");
    assert!(browser(&office, "127.0.0.1", &authority).is_err());
    admin.patch("/api/secure-office", &json!({ "on": true })).expect(200);
    browser(&office, "127.0.0.1", &authority).expect("nobody has to install another");
}

#[test]
fn it_can_be_switched_at_the_hubs_machine_whether_the_hub_runs_or_not() {
    let mut office = Office::new();
    let shown = |office: &Office, arguments: &[&str]| -> Value {
        let printed = office.run(&[&["secure-office"], arguments].concat());
        printed
            .out()
            .lines()
            .filter_map(|line| line.split_once('\t'))
            .map(|(name, value)| (name.to_owned(), Value::from(value)))
            .collect()
    };
    assert_eq!(shown(&office, &[]), json!({ "secure office": "off", "plain http": "on" }));
    assert_eq!(shown(&office, &["on"])["secure office"], "on");
    assert_eq!(office.run(&["secure-office", "renew"]).error(1), "start the hub first");
    office.start();
    let authority = downloaded(&office);
    let running = shown(&office, &[]);
    assert_eq!(running["address"], format!("https://{}", office.address()));
    assert_eq!(running["fingerprint"], fingerprint(&authority));
    assert_eq!(shown(&office, &["plain-http", "off"])["plain http"], "off");
    assert_eq!(office.nobody().get("/api/secure-office").expect(200)["plain_http"], false, "at once");

    let renewed = shown(&office, &["renew"]);
    assert_ne!(renewed["fingerprint"], running["fingerprint"]);
    assert!(browser(&office, "127.0.0.1", &authority).is_err(), "the earlier one is not used any more");
    browser(&office, "127.0.0.1", &downloaded(&office)).unwrap();

    office.terminate();
    office.wait();
    assert_eq!(shown(&office, &["off"])["plain http"], "on", "whoever was locked out is back");
    office.run(&["secure-office", "plain-http", "off"]).error(1);
    office.run(&["secure-office", "plain-http", "maybe"]).error(2);
}

#[test]
fn the_certificate_is_handed_out_in_the_forms_that_devices_take() {
    let (office, _admin, authority) = secure_office();
    let line = || browser(&office, "127.0.0.1", &authority).unwrap();
    let der = line().send_for_bytes("/authority/rappel.crt");
    assert!(der.0.contains("content-type: application/x-x509-ca-cert"), "{}", der.0);
    assert_eq!(der.1, authority);
    let profile = office.nobody().get("/authority/rappel.mobileconfig");
    assert_eq!(profile.header("content-type"), Some("application/x-apple-aspen-config"));
    let (_, data) = profile.body.split_once("<data>").unwrap();
    let data: String = data.split_once("</data>").unwrap().0.split_whitespace().collect();
    assert_eq!(STANDARD.decode(data).unwrap(), authority);
    assert_eq!(office.nobody().get("/authority/rappel.mobileconfig").body, profile.body, "it is always the same one");
    assert!(!profile.body.contains("PRIVATE"), "{}", profile.body);
}

#[test]
fn a_signed_in_page_goes_on_over_https_as_the_same_device() {
    let (office, admin, authority) = secure_office();
    let ann = admin.post("/api/people", &json!({ "name": "Ann" })).expect(201)["id"].as_str().unwrap().to_owned();
    let (cookie, device) = signed_in_page(&office, &admin, &ann);
    let own = office.nobody().own_origin();
    let session = office.nobody().upgrade_with("/ws/notifications/", &[("cookie", &cookie), ("origin", &own)]).unwrap();
    let code = set_out(&office, &cookie).expect(201)["code"].clone();
    let arrived = arrive(&office, &authority, Some(&cookie), &code, SECRET);
    let body = arrived.expect(200);
    assert_eq!((&body["person"]["name"], &body["device"]["id"]), (&json!("Ann"), &json!(device)));
    assert!(body.get("token").is_none(), "a page never sees its token");
    let set: Vec<&str> = arrived.headers.get_all("set-cookie").iter().map(|value| value.to_str().unwrap()).collect();
    let [secure, spent] = set[..] else { panic!("two cookies: {set:?}") };
    assert!(secure.starts_with("__Host-rappel_") && secure.contains("; Secure"), "{secure}");
    assert!(spent.starts_with("rappel_") && spent.contains("=; ") && spent.contains("Max-Age=0"), "{spent}");

    let new = secure.split(';').next().unwrap();
    let me = browser(&office, "127.0.0.1", &authority).unwrap().send("GET", "/api/me", &[("cookie", new)], "");
    assert_eq!(me.expect(200)["device_id"], device.as_str());
    let plainly = office.nobody().request("GET", "/api/me").header("cookie", &cookie).send();
    assert_eq!(plainly.refusal(401), "unauthorized", "what others could have read is worth nothing any more");
    assert_eq!(session.closed(), 1008, "nor is what was opened with it");
}

#[test]
fn only_a_signed_in_browser_can_go_on() {
    let (office, admin, authority) = secure_office();
    let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(SECRET));
    let program = admin.post("/api/secure-office/handovers", &json!({ "challenge": challenge }));
    assert_eq!(program.refusal(403), "forbidden", "a program calls where it likes");
    let (cookie, device) = signed_in_page(&office, &admin, &admin.id);
    let code = set_out(&office, &cookie).expect(201)["code"].clone();
    admin.delete(&format!("/api/devices/{device}")).expect(204);
    let late = arrive(&office, &authority, None, &code, SECRET);
    assert_eq!(late.refusal(403), "invitation_refused", "its device was revoked meanwhile");
}

#[test]
fn a_restore_brings_the_authority_and_does_not_switch_it_off() {
    let (office, admin) = Office::open();
    let backup = |name: &str| {
        let file = office.beside(name).to_str().unwrap().to_owned();
        office.run(&["backup", &file]).out();
        file
    };
    let before = backup("before.db");
    admin.patch("/api/secure-office", &json!({ "on": true })).expect(200);
    let authority = downloaded(&office);
    let on = backup("on.db");
    admin.patch("/api/secure-office", &json!({ "plain_http": false })).expect(200);
    for file in [&before, &on] {
        office.run(&["restore", file]).out();
        let stands = office.nobody().get("/api/secure-office").expect(200);
        assert_eq!((&stands["on"], &stands["plain_http"]), (&json!(true), &json!(false)), "{file}");
        browser(&office, "127.0.0.1", &authority).expect("nobody has to install another");
    }
    let (moved, _admin) = Office::open();
    moved.run(&["restore", &on]).out();
    browser(&moved, "127.0.0.1", &authority).expect("the hub has moved to another machine");
}

#[test]
fn its_certificate_follows_the_hubs_addresses_and_no_line_ends_by_that() {
    if !inside("secure_office::its_certificate_follows_the_hubs_addresses_and_no_line_ends_by_that") {
        return;
    }
    let mut office = Office::new();
    let admin = from_another_machine(&mut office);
    office.run(&["secure-office", "on"]).out();
    let authority = downloaded(&office);
    let (hub, port) = (office.id(), office.address().port());
    let open = |host: &str| SecureLine::as_browser(format!("{host}:{port}").parse().unwrap(), host, &authority);
    let earlier = open("10.99.0.2").unwrap();
    let same = open("10.99.0.2").unwrap().certificate();
    assert_eq!(earlier.certificate(), same, "it is not made anew for each who comes");

    run(&format!("nsenter -t {hub} -n ip address add 10.99.0.3/24 dev cable1"));
    let moved = open("10.99.0.3").unwrap();
    assert_ne!(moved.certificate(), same);
    let bearer = format!("Bearer {}", admin.token);
    earlier.send("GET", "/api/me", &[("authorization", &bearer)], "").expect(200);
    // What the hub is called is read again in its own time.
    moved.called(&office.address().to_string()).send("GET", "/api/me", &[("authorization", &bearer)], "").expect(200);

    run(&format!("nsenter -t {hub} -n ip address delete 10.99.0.3/24 dev cable1"));
    let old_name = SecureLine::as_browser(office.address(), "10.99.0.3", &authority);
    assert!(old_name.is_err(), "it vouches for no address that the hub has not");
}
