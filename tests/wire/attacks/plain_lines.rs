//! Somebody reads plain HTTP on its way, and uses what they have read; or changes what is not
//! protected there, and hopes that it counts where it is.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::harness::network::{from_another_machine, inside};
use crate::harness::{Answer, Client, Office, Raw, SecureLine};

const SECRET: &str = "the page keeps it to itself";

fn authority(office: &Office) -> Vec<u8> {
    let text = office.nobody().get("/authority/rappel.pem").body;
    STANDARD.decode(text.lines().filter(|line| !line.starts_with('-')).collect::<String>()).unwrap()
}

fn open() -> (Office, Client) {
    let (office, admin) = Office::open();
    admin.patch("/api/secure-office", &json!({ "on": true })).expect(200);
    (office, admin)
}

/// A page that signs in plainly: the cookie that whoever reads it has too.
fn cookie_of(office: &Office, admin: &Client, person: &str) -> String {
    let body = json!({ "code": admin.invite(person), "device_name": "Firefox" });
    let own = office.nobody().own_origin();
    let paired = office.nobody().request("POST", "/api/pair").header("origin", &own).json(&body).send();
    paired.expect(200);
    paired.cookie().unwrap()
}

fn code_of(office: &Office, cookie: &str) -> Value {
    let body = json!({ "challenge": URL_SAFE_NO_PAD.encode(Sha256::digest(SECRET)) });
    let own = office.nobody().own_origin();
    let request = office.nobody().request("POST", "/api/secure-office/handovers").header("origin", &own);
    request.header("cookie", cookie).json(&body).send().expect(201)["code"].clone()
}

fn over_https(office: &Office, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let line = SecureLine::as_browser(office.address(), "127.0.0.1", &authority(office)).unwrap();
    line.send(method, path, headers, body)
}

fn arrive(office: &Office, cookie: Option<&str>, code: &Value, secret: &str) -> Answer {
    let origin = format!("https://127.0.0.1:{}", office.address().port());
    let mut headers = vec![("origin", origin.as_str())];
    headers.extend(cookie.map(|cookie| ("cookie", cookie)));
    let body = json!({ "code": code, "secret": secret }).to_string();
    over_https(office, "POST", "/api/secure-office/arrivals", &headers, &body)
}

#[test]
fn a_code_that_was_read_on_its_way_is_no_use_and_spoils_nothing() {
    let (office, admin) = open();
    let cookie = cookie_of(&office, &admin, &admin.id);
    let code = code_of(&office, &cookie);
    for secret in ["", "guess", &URL_SAFE_NO_PAD.encode(Sha256::digest(SECRET))] {
        assert_eq!(arrive(&office, None, &code, secret).refusal(403), "invitation_refused", "{secret:?}");
    }
    let own = office.nobody().own_origin();
    let body = json!({ "code": code, "secret": SECRET });
    let plainly =
        office.nobody().request("POST", "/api/secure-office/arrivals").header("origin", &own).json(&body).send();
    assert_eq!(plainly.refusal(403), "https_required", "the new cookie would be read too");
    arrive(&office, Some(&cookie), &code, SECRET).expect(200);
    assert_eq!(arrive(&office, None, &code, SECRET).refusal(403), "invitation_refused", "a second time");
}

#[test]
fn a_cookie_that_was_set_plainly_signs_nobody_in_over_https() {
    let (office, admin) = open();
    let ann = admin.post("/api/people", &json!({ "name": "Ann" })).expect(201)["id"].as_str().unwrap().to_owned();
    let planted = cookie_of(&office, &admin, &ann);
    let refused = over_https(&office, "GET", "/api/me", &[("cookie", &planted)], "");
    assert_eq!(refused.refusal(401), "unauthorized", "whoever is between could have set it");
    let (name, token) = planted.split_once('=').unwrap();
    let renamed = format!("__Host-{name}={token}");
    let plainly = office.nobody().request("GET", "/api/me").header("cookie", &renamed).send();
    assert_eq!(plainly.refusal(401), "unauthorized", "nor does the secure name count plainly");
}

#[test]
fn nobody_is_signed_in_as_somebody_else_by_a_link_of_theirs() {
    let (office, admin) = open();
    let evil = admin.post("/api/people", &json!({ "name": "Eve" })).expect(201)["id"].as_str().unwrap().to_owned();
    let (theirs, own) = (cookie_of(&office, &admin, &evil), cookie_of(&office, &admin, &admin.id));
    let code = code_of(&office, &theirs);
    let lured = arrive(&office, Some(&own), &code, SECRET);
    assert_eq!(lured.refusal(403), "invitation_refused");
    assert!(lured.header("set-cookie").is_none());
    let code = code_of(&office, &theirs);
    let body = json!({ "code": code, "secret": SECRET }).to_string();
    let from_elsewhere = [("origin", "https://evil.example")];
    let refused = over_https(&office, "POST", "/api/secure-office/arrivals", &from_elsewhere, &body);
    assert_eq!(refused.refusal(403), "origin_refused");
    let refused = over_https(&office, "POST", "/api/secure-office/arrivals", &[], &body);
    assert_eq!(refused.refusal(403), "origin_refused", "no page");
}

#[test]
fn a_plain_request_from_another_machine_is_plain_whatever_it_says_of_itself() {
    if !inside("attacks::plain_lines::a_plain_request_from_another_machine_is_plain_whatever_it_says_of_itself") {
        return;
    }
    let mut office = Office::new();
    let admin = from_another_machine(&mut office);
    office.run(&["secure-office", "on"]).out();
    let said = office.nobody().get("/api/secure-office").expect(200);
    assert_eq!((&said["private"], &said["address"]), (&json!(false), &json!(format!("https://{}", office.address()))));
    let (host, port) = (office.address().to_string(), office.address().port());
    let bearer = format!("Authorization: Bearer {}", admin.token);
    let lines = [
        (format!("GET /api/hub HTTP/1.1\r\nHost: {host}"), 403),
        (format!("GET /api/hub HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Proto: https\r\nForwarded: proto=https"), 403),
        (format!("GET /api/hub HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-For: 127.0.0.1\r\nX-Real-IP: 127.0.0.1"), 403),
        (format!("GET https://{host}/api/hub HTTP/1.1\r\nHost: {host}"), 403),
        (format!("GET http://localhost:{port}/api/hub HTTP/1.1\r\nHost: localhost:{port}"), 403),
        (format!("GET /api/hub/ HTTP/1.1\r\nHost: localhost:{port}"), 403),
        (format!("HEAD /api/hub HTTP/1.1\r\nHost: {host}"), 403),
        (format!("GET /api/%68ub HTTP/1.1\r\nHost: {host}"), 404),
        (format!("GET //api/hub HTTP/1.1\r\nHost: {host}"), 403),
        (format!("GET /api/./hub HTTP/1.1\r\nHost: {host}"), 404),
    ];
    for (line, status) in lines {
        let mut raw = Raw::connect(office.address());
        raw.send(format!("{line}\r\n{bearer}\r\nConnection: close\r\n\r\n"));
        let answer = raw.rest();
        let told = answer.split_whitespace().nth(1).and_then(|status| status.parse::<u16>().ok());
        // What is no call is the page, or nothing; never an answer to the call.
        assert!(!answer.contains("fingerprint"), "{line}: {answer}");
        assert!(told == Some(status) || told == Some(200) && status == 404, "{line}: {answer}");
    }
    // What is no administration goes on, as long as an admin leaves it on.
    admin.get("/api/me").expect(200);
    let refused = admin.patch("/api/secure-office", &json!({ "plain_http": false }));
    assert_eq!(refused.refusal(403), "https_required", "they might not find back");
    let authority = authority(&office);
    let open_before = admin.session();
    let https = |path: &str, method: &str, body: &str| {
        let line = SecureLine::as_browser(office.address(), "10.99.0.2", &authority).unwrap();
        line.send(method, path, &[("authorization", &format!("Bearer {}", admin.token))], body)
    };
    https("/api/hub", "GET", "").expect(200);
    let stands = https("/api/secure-office", "PATCH", r#"{"plain_http":false}"#).expect(200);
    assert_eq!((&stands["plain_http"], &stands["private"]), (&json!(false), &json!(true)));
    assert_eq!(admin.get("/api/me").refusal(403), "https_required");
    assert_eq!(open_before.closed(), 1001, "what was open plainly ends");
    let session = admin.upgrade("/ws/notifications/").unwrap_err();
    assert_eq!(session.status, 403, "no WebSocket either");
    https("/api/me", "GET", "").expect(200);
    let page = office.nobody().get("/settings");
    assert!(page.status == 200 || page.status == 404 && page.body.contains("built without"), "{}", page.body);
}

#[test]
fn who_switches_plain_http_off_before_anything_else_is_there_locks_nobody_out() {
    if !inside("attacks::plain_lines::who_switches_plain_http_off_before_anything_else_is_there_locks_nobody_out") {
        return;
    }
    let mut office = Office::new();
    let admin = from_another_machine(&mut office);
    let both = admin.patch("/api/secure-office", &json!({ "on": true, "plain_http": false }));
    assert_eq!(both.refusal(403), "https_required");
    assert_eq!(office.nobody().get("/api/secure-office").expect(200)["on"], false, "nothing of it was done");
}

#[test]
fn nothing_older_than_tls_1_3_is_spoken() {
    let (office, _admin) = open();
    for version in ["-tls1_1", "-tls1_2"] {
        let mut client = std::process::Command::new("openssl");
        client.args(["s_client", version, "-connect", &office.address().to_string()]);
        let said = client.stdin(std::process::Stdio::null()).output().unwrap();
        assert!(!said.status.success(), "{version}: {}", String::from_utf8_lossy(&said.stdout));
    }
}
