//! Pages of other origins, and names that are not the hub's: what keeps them out, and the door for
//! those that were named.

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::json;

use crate::harness::{Answer, Client, Office, Request, event_in};

const CRM: &str = "https://crm.example";
const SOCKET: &str = "/ws/notifications/";

/// Origins that are not the hub's, however alike they look.
fn foreign(client: &Client) -> Vec<String> {
    let own = client.own_origin();
    vec![
        "https://evil.example".to_owned(),
        "null".to_owned(),
        String::new(),
        own.replace("http:", "https:"),
        own.replace("127.0.0.1", "localhost"),
        format!("{own}.evil.example"),
        format!("{own}/"),
        "http://127.0.0.1".to_owned(),
        "http://127.0.0.1:1".to_owned(),
        format!("{CRM}.evil.example"),
        CRM.replace("https", "http"),
    ]
}

#[test]
fn a_foreign_page_is_refused_whatever_it_brings() {
    let (office, admin) = Office::new().with(&["--allow-origin", CRM]).opened();
    let nobody = office.nobody();
    let with_query = format!("{SOCKET}?token={}", admin.token);
    for origin in foreign(&admin) {
        let asked = |request: Request| request.header("origin", &origin).send();
        for path in ["/api/me", "/api/health", "/", "/assets/none.js", "/ws/notifications/"] {
            assert_eq!(asked(admin.request("GET", path)).refusal(403), "origin_refused", "{path} from {origin:?}");
        }
        asked(admin.request("POST", "/api/events").json(&event_in(3600, &[]))).refusal(403);
        asked(nobody.request("POST", "/api/pair").json(&json!({ "code": "x", "device_name": "x" }))).refusal(403);
        let preflight = asked(nobody.request("OPTIONS", "/api/me").header("access-control-request-method", "GET"));
        assert_eq!(preflight.status, 403);
        assert_eq!(preflight.header("access-control-allow-origin"), None);
        for refused in [
            admin.upgrade_with(SOCKET, &[("origin", &origin)]),
            nobody.upgrade_with(&with_query, &[("origin", &origin)]),
        ] {
            assert_eq!(refused.unwrap_err().status, 403, "{origin:?}: before the upgrade");
        }
    }
    assert_eq!(admin.get("/api/events").expect(200)["events"], json!([]));
}

/// The answer as a page of the CRM may read it.
#[track_caller]
fn readable(answer: &Answer) -> &Answer {
    assert_eq!(answer.header("access-control-allow-origin"), Some(CRM), "{}", answer.body);
    assert_eq!(answer.header("access-control-allow-credentials"), Some("true"));
    answer
}

#[test]
fn a_page_that_was_named_calls_with_a_token() {
    // However it was typed, browsers spell it one way.
    let (office, admin) = Office::new().with(&["--allow-origin", "https://CRM.example/"]).opened();
    let nobody = office.nobody();
    let preflight = nobody
        .request("OPTIONS", "/api/notifications/")
        .header("origin", CRM)
        .header("access-control-request-method", "POST")
        .header("access-control-request-headers", "authorization,content-type")
        .send();
    assert!((200..300).contains(&readable(&preflight).status));
    let list = |name: &str| preflight.header(name).unwrap().to_lowercase();
    for header in ["authorization", "content-type", "idempotency-key", "if-match"] {
        assert!(list("access-control-allow-headers").split(',').any(|allowed| allowed.trim() == header), "{header}");
    }
    for method in ["get", "post", "patch", "delete"] {
        assert!(list("access-control-allow-methods").split(',').any(|allowed| allowed.trim() == method), "{method}");
    }

    let asked = |method: &str, path: &str| admin.request(method, path).header("origin", CRM);
    readable(&asked("GET", "/api/notifications/").send()).expect(200);
    readable(&asked("POST", "/api/events").json(&event_in(3600, &[])).send()).expect(201);
    // Errors are for its eyes too.
    readable(&asked("GET", "/api/events/none").send()).refusal(404);
    readable(&asked("POST", "/api/events").json(&json!({})).send()).wrong_field();
    readable(&nobody.request("GET", "/api/me").header("origin", CRM).send()).refusal(401);

    let path = format!("{SOCKET}?token={}", admin.token);
    nobody.upgrade_with(&path, &[("origin", CRM)]).unwrap().next_of("connection_established");
}

#[test]
fn the_cookie_of_a_page_that_was_named_is_ignored() {
    let (office, admin) = Office::new().with(&["--allow-origin", CRM]).opened();
    let nobody = office.nobody();
    let body = json!({ "code": admin.invite(&admin.id), "device_name": "Firefox" });
    let paired = nobody.request("POST", "/api/pair").header("origin", &nobody.own_origin()).json(&body).send();
    let cookie = paired.cookie().unwrap();
    let asked = nobody.request("GET", "/api/me").header("origin", CRM).header("cookie", &cookie).send();
    assert_eq!(readable(&asked).refusal(401), "unauthorized");
    let refused = nobody.upgrade_with(SOCKET, &[("origin", CRM), ("cookie", &cookie)]).unwrap_err();
    assert_eq!(refused.status, 401);
    let with_both = admin.request("GET", "/api/me").header("origin", CRM).header("cookie", &cookie).send();
    readable(&with_both).expect(200);
}

#[test]
fn without_being_named_no_page_gets_cors_headers() {
    let (_office, admin) = Office::open();
    let own = admin.own_origin();
    for origin in [CRM, &own] {
        let answer = admin.request("GET", "/api/me").header("origin", origin).send();
        assert_eq!(answer.status, if origin == own { 200 } else { 403 });
        assert_eq!(answer.header("access-control-allow-origin"), None, "{origin}");
    }
}

#[test]
fn the_hub_answers_to_its_own_names_only() {
    let (office, admin) = Office::new().with(&["--allow-host", "rappel.example"]).opened();
    let port = admin.own_origin().rsplit(':').next().unwrap().to_owned();
    let asked = |path: &str, host: &str| admin.request("GET", path).header("host", host).send();
    for own in ["127.0.0.1", "localhost", "LOCALHOST", "rappel.example", "[::1]"] {
        asked("/api/me", &format!("{own}:{port}")).expect(200);
    }
    for foreign in [
        format!("evil.example:{port}"),
        format!("localhost.evil.example:{port}"),
        format!("203.0.113.7:{port}"),
        "127.0.0.1".to_owned(),
        "localhost:1".to_owned(),
        "rappel.example".to_owned(),
    ] {
        for path in ["/api/me", "/api/health", "/", "/join", "/assets/none.js"] {
            assert_eq!(asked(path, &foreign).refusal(421), "unknown_host", "{path} at {foreign}");
        }
        let refused = admin.upgrade_with(SOCKET, &[("host", &foreign)]).unwrap_err();
        assert_eq!(refused.status, 421, "{foreign}");
    }
    // A page that was given the hub's address under another name is of that name's origin.
    let evil = format!("evil.example:{port}");
    let answer =
        admin.request("GET", "/api/me").header("host", &evil).header("origin", &format!("http://{evil}")).send();
    assert_eq!(answer.status, 421);
    drop(office);
}

#[test]
fn who_says_two_things_is_nobody() {
    let (_office, admin) = Office::new().with(&["--allow-origin", CRM]).opened();
    let own = admin.own_origin();
    for origins in [[CRM, "https://evil.example"], [&own, "null"], [CRM, CRM]] {
        let request = admin.request("GET", "/api/me").header("origin", origins[0]).header("origin", origins[1]);
        assert_eq!(request.send().refusal(403), "origin_refused", "{origins:?}");
    }
    let host = own.replace("http://", "");
    // No client library would send it.
    let mut stream = TcpStream::connect(&host).unwrap();
    let request = format!("GET / HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 421 "), "{answer}");
}

#[test]
fn a_slash_at_the_end_is_accepted_everywhere() {
    let (_office, admin) = Office::open();
    let event = admin.create(&event_in(3600, &[&admin.id]));
    let path = format!("/api/events/{}", event["id"].as_str().unwrap());
    for path in [
        "/api/health",
        "/api/me",
        "/api/user/current",
        "/api/people",
        "/api/devices",
        "/api/events",
        "/api/notifications",
        "/api/notifications/unread-count",
        &path,
    ] {
        let uptime_apart = |answer: Answer| {
            let mut body = answer.expect(200);
            body.as_object_mut().unwrap().remove("uptime_seconds");
            body
        };
        let (without, with) = (admin.get(path), admin.get(&format!("{path}/")));
        assert_eq!(uptime_apart(without), uptime_apart(with), "{path}");
    }
    assert_eq!(admin.get("/api/events?limit=1").expect(200), admin.get("/api/events/?limit=1").expect(200));
    admin.patch(&format!("{path}/"), &json!({ "title": "Appel" })).expect(200);
    admin.delete(&format!("{path}/")).expect(204);
    admin.post(&format!("{path}/restore/"), &json!({})).expect(200);
    admin.post("/api/notifications/mark-all-read/", &json!({})).expect(200);
    for path in ["/ws/notifications", "/ws/notifications/"] {
        admin.upgrade(path).unwrap().next_of("connection_established");
    }
}

#[test]
fn pages_may_load_nothing_from_elsewhere() {
    let (office, _admin) = Office::open();
    for path in ["/", "/join", "/api/health"] {
        let answer = office.nobody().get(path);
        let policy = answer.header("content-security-policy").unwrap();
        for rule in ["default-src 'self'", "object-src 'none'", "base-uri 'none'", "frame-ancestors 'none'"] {
            assert!(policy.contains(rule), "{path}: {policy}");
        }
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "{path}");
    }
}
