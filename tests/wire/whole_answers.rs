//! All the headers that an answer has, whatever became of the request: what keeps other pages from it,
//! and what a page that was named may read of it.

use std::collections::BTreeSet;

use crate::harness::{Answer, Client, Office, event_in};

const CRM: &str = "https://crm.example";
const JSON: &str = "content-type: application/json";
const OF_THIS_ORIGIN: &str = "cross-origin-resource-policy: same-origin";
const NOT_KEPT: &str = "cache-control: no-store";

/// Those that each answer has.
const ALWAYS: [&str; 3] = [
    "content-security-policy: default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "x-content-type-options: nosniff",
    "referrer-policy: no-referrer",
];
/// Those of each answer to whoever was let in. Who may read it depends on who asks.
const LET_IN: [&str; 1] = ["vary: origin, access-control-request-method, access-control-request-headers"];
/// Those of each answer to a page.
const TO_A_PAGE: [&str; 2] =
    ["access-control-allow-credentials: true", "access-control-expose-headers: etag,retry-after"];
/// Those of the answer to a preflight.
const PREFLIGHT: [&str; 5] = [
    "vary: origin, access-control-request-method, access-control-request-headers",
    "access-control-allow-credentials: true",
    "access-control-allow-methods: GET,POST,PATCH,DELETE",
    "access-control-allow-headers: authorization,content-type,idempotency-key,if-match",
    "access-control-max-age: 600",
];

/// What an answer must have: this status, these headers and [`ALWAYS`], and no other one.
#[track_caller]
fn check(what: &str, answer: &Answer, status: u16, expected: &[&[&str]]) {
    assert_eq!(answer.status, status, "{what}: {}", answer.body);
    let line = |(name, value): (&ureq::http::HeaderName, &ureq::http::HeaderValue)| {
        format!("{name}: {}", value.to_str().unwrap())
    };
    let found: BTreeSet<String> = answer.headers.iter().map(line).collect();
    assert_eq!(found.len(), answer.headers.len(), "{what}: one is there twice");
    let by_itself = |line: &String| line.starts_with("date: ") || line.starts_with("content-length: ");
    let found: BTreeSet<&str> = found.iter().filter(|line| !by_itself(line)).map(String::as_str).collect();
    let expected: BTreeSet<&str> = expected.iter().copied().chain([&ALWAYS[..]]).flatten().copied().collect();
    assert_eq!(found, expected, "{what}");
}

/// As many bytes as an answer says that it has, or would have.
fn length(answer: &Answer) -> usize {
    answer.header("content-length").unwrap().parse().unwrap()
}

#[test]
fn an_answer_has_the_headers_that_protect_it_whatever_it_says() {
    let (office, admin) = Office::open();
    let nobody = office.nobody();
    let usual: [&[&str]; 2] = [&LET_IN, &[OF_THIS_ORIGIN, NOT_KEPT]];
    let with = |more: &'static [&'static str]| [usual[0], usual[1], more];

    check("what is asked for", &admin.get("/api/me"), 200, &with(&[JSON]));
    check("with a slash", &admin.get("/api/me/"), 200, &with(&[JSON]));
    let made = admin.post("/api/events", &event_in(86_400, &[]));
    check("what was made", &made, 201, &with(&[JSON, "etag: \"1\""]));
    let event = format!("/api/events/{}", made.json()["id"].as_str().unwrap());
    check("what is gone", &admin.delete(&event), 204, &usual);
    let health: [&[&str]; 3] = [&LET_IN, &[NOT_KEPT, JSON], &["cross-origin-resource-policy: cross-origin"]];
    check("what any page may ask", &nobody.get("/api/health"), 200, &health);

    check("nobody", &nobody.get("/api/me"), 401, &with(&[JSON]));
    check("a route that is none", &nobody.get("/api/none"), 404, &with(&[JSON]));
    check("a row that is none", &admin.get("/api/events/none"), 404, &with(&[JSON]));
    check("a file that is none", &nobody.get("/assets/none.js"), 404, &usual);
    let wrong = nobody.request("PUT", "/api/events").send();
    check("a method that is none", &wrong, 405, &with(&[JSON, "allow: GET,HEAD,POST"]));
    check("a method that is none, of a copy", &admin.get("/api/copies/x/restore"), 405, &with(&["allow: POST"]));
    check("a method that is none, of the page", &nobody.delete("/join"), 405, &with(&[JSON]));
    check("no WebSocket", &admin.get("/ws/notifications/"), 426, &with(&[JSON]));
    check("no JSON", &admin.request("POST", "/api/events").untyped("{").send(), 415, &with(&[JSON]));
    let large = " ".repeat(256 * 1024 + 1);
    for path in ["/api/events", "/api/none", "/"] {
        let refused = admin.request("POST", path).bytes("application/json", large.clone()).send();
        check("a body that is too large", &refused, 413, &with(&[JSON]));
    }

    let page = nobody.get("/");
    if page.status == 200 {
        let etag = format!("etag: {}", page.header("etag").unwrap());
        let own = ["content-type: text/html; charset=utf-8", "cache-control: no-cache", OF_THIS_ORIGIN, &etag];
        check("the page", &page, 200, &[&LET_IN, &own]);
    }
}

#[test]
fn a_refusal_before_the_route_is_protected_as_well() {
    let (office, admin) = Office::new().with(&["--allow-origin", CRM]).opened();
    let refused: [&[&str]; 1] = [&[OF_THIS_ORIGIN, NOT_KEPT, JSON]];
    for (path, methods) in [
        ("/", &["GET", "HEAD", "POST"][..]),
        ("/api/events", &["GET", "HEAD", "POST"]),
        ("/api/none", &["GET", "HEAD", "POST"]),
        ("/ws/notifications/", &["GET", "HEAD"]),
    ] {
        for method in methods {
            let asked = |name: &str, value: &str| admin.request(method, path).header(name, value).send();
            let what = format!("{method} {path}");
            check(&what, &asked("host", "evil.example"), 421, &refused);
            check(&what, &asked("origin", "https://evil.example"), 403, &refused);
        }
        // Nobody waits for the body of whoever is refused.
        for (host, origin, status) in [("evil.example", CRM, 421), (&admin.host(), "https://evil.example", 403)] {
            let head = format!("POST {path} HTTP/1.1\r\nHost: {host}\r\nOrigin: {origin}\r\nContent-Length: 9\r\n\r\n");
            let answer = admin.connect().send(head).head();
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
        }
    }
    let both = office.nobody().request("GET", "/").header("host", "evil.example").header("origin", CRM).send();
    check("a foreign name, for a page that was named", &both, 421, &refused);
}

#[test]
fn a_page_that_was_named_may_read_each_answer() {
    let (office, admin) = Office::new().with(&["--allow-origin", CRM]).opened();
    let asked = |who: &Client, method: &str, path: &str| who.request(method, path).header("origin", CRM);
    let readable: [&[&str]; 4] =
        [&LET_IN, &[OF_THIS_ORIGIN, NOT_KEPT, JSON], &TO_A_PAGE, &["access-control-allow-origin: https://crm.example"]];
    check("what it asks for", &asked(&admin, "GET", "/api/me").send(), 200, &readable);
    check("nobody", &asked(&office.nobody(), "GET", "/api/me").send(), 401, &readable);
    check("a route that is none", &asked(&admin, "GET", "/api/none").send(), 404, &readable);
    let large = asked(&admin, "POST", "/api/events").bytes("application/json", " ".repeat(256 * 1024 + 1)).send();
    check("a body that is too large", &large, 413, &readable);
    // Of others it is said that it depends on who asks.
    check("a program", &admin.get("/api/me"), 200, &readable[..2]);
    let own = admin.request("GET", "/api/me").header("origin", &admin.own_origin()).send();
    check("the hub's own page", &own, 200, &readable[..3]);
}

#[test]
fn a_preflight_is_answered_for_each_path() {
    let (office, admin) = Office::new().with(&["--allow-origin", CRM]).opened();
    let preflight = |path: &str, origin: &str| {
        let asked = office.nobody().request("OPTIONS", path).header("origin", origin);
        let headers = "authorization,content-type,idempotency-key,if-match";
        asked.header("access-control-request-method", "POST").header("access-control-request-headers", headers).send()
    };
    let kept: &[&str] = &[OF_THIS_ORIGIN, NOT_KEPT];
    let named: &[&str] = &["access-control-allow-origin: https://crm.example"];
    for path in ["/api/events", "/api/events/", "/api/copies/uploads", "/api/none", "/"] {
        check(path, &preflight(path, CRM), 200, &[&PREFLIGHT, kept, named]);
        check(path, &preflight(path, &admin.own_origin()), 200, &[&PREFLIGHT, kept]);
        let plain = office.nobody().request("OPTIONS", path).send();
        check(path, &plain, 200, &[&PREFLIGHT, kept]);
        assert_eq!((plain.body.as_str(), length(&plain)), ("", 0), "{path}");
    }
}

#[test]
fn whoever_asks_for_the_head_alone_gets_the_same_head() {
    let (office, admin) = Office::open();
    let alike = |path: &str, name: &str, value: &str| {
        let asked = |method: &str| admin.request(method, path).header(name, value).send();
        let (whole, head) = (asked("GET"), asked("HEAD"));
        assert_eq!(head.status, whole.status, "{path}");
        assert_eq!(head.body, "", "{path}");
        assert_eq!(length(&head), whole.bytes.len(), "{path}");
        let names = |answer: &Answer| answer.headers.keys().map(ToString::to_string).collect::<BTreeSet<_>>();
        assert_eq!(names(&head), names(&whole), "{path}");
    };
    for path in ["/api/me", "/api/me/", "/api/events?limit=1", "/api/none", "/assets/none.js", "/join"] {
        alike(path, "accept", "*/*");
        alike(path, "host", "evil.example");
        alike(path, "origin", "https://evil.example");
    }
    let nobody = office.nobody().request("HEAD", "/api/me").header("content-type", "application/json").send();
    assert_eq!((nobody.status, nobody.body.as_str()), (401, ""));
}
