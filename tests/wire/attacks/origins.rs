//! Pages of other origins that make a browser call the hub: by forms, scripts, images, fetches,
//! preflights and WebSockets, with the cookie of whoever looks at them.

use serde_json::json;

use crate::harness::{Client, Office, Request, event_in};

const SOCKET: &str = "/ws/notifications/";

/// Every call that changes something, with a body that would do.
fn changing(id: &str) -> Vec<(&'static str, String)> {
    let calls = [
        ("POST", "/api/events"),
        ("PATCH", "/api/me"),
        ("POST", "/api/people"),
        ("PATCH", "/api/people/{id}"),
        ("DELETE", "/api/people/{id}"),
        ("POST", "/api/people/{id}/invitations"),
        ("DELETE", "/api/devices/{id}"),
        ("PATCH", "/api/events/{id}"),
        ("DELETE", "/api/events/{id}"),
        ("POST", "/api/events/{id}/restore"),
        ("POST", "/api/notifications/{id}/read"),
        ("POST", "/api/notifications/{id}/snooze"),
        ("POST", "/api/notifications/{id}/dismiss"),
        ("POST", "/api/notifications/mark-all-read"),
    ];
    calls.map(|(method, path)| (method, path.replace("{id}", id))).to_vec()
}

/// Origins that are not the hub's, however alike they look.
fn foreign(client: &Client) -> Vec<String> {
    let (own, host) = (client.own_origin(), client.host());
    let port = host.rsplit(':').next().unwrap().to_owned();
    vec![
        "https://evil.example".to_owned(),
        "null".to_owned(),
        "NULL".to_owned(),
        String::new(),
        " ".to_owned(),
        format!("https://{host}"),
        format!("ws://{host}"),
        format!("HTTP://{host}"),
        format!("//{host}"),
        host.clone(),
        format!("http://user@{host}"),
        format!("http://{host}@evil.example"),
        format!("http://evil.example#{host}"),
        format!("{own}/"),
        format!("{own}/join"),
        format!("{own}."),
        format!("{own} {own}"),
        format!("{own}, {own}"),
        format!("{own}.evil.example"),
        format!("{own}0"),
        "http://127.0.0.1".to_owned(),
        "http://127.0.0.1:1".to_owned(),
        format!("http://127.0.0.1.:{port}"),
        format!("http://localhost:{port}"),
        format!("http://[::1]:{port}"),
        format!("http://2130706433:{port}"),
        format!("http://0x7f000001:{port}"),
        format!("http://127.1:{port}"),
        "file://".to_owned(),
        "chrome-extension://abcdefghijklmnop".to_owned(),
    ]
}

/// A browser of the admin: its cookie.
fn browser(office: &Office, admin: &Client) -> String {
    let nobody = office.nobody();
    let body = json!({ "code": admin.invite(&admin.id), "device_name": "Firefox" });
    let paired = nobody.request("POST", "/api/pair").header("origin", &nobody.own_origin()).json(&body).send();
    paired.expect(200);
    paired.cookie().unwrap()
}

/// What must be as it was after each attack.
fn state(admin: &Client) -> Vec<serde_json::Value> {
    ["/api/events", "/api/people", "/api/me", "/api/notifications"].map(|path| admin.get(path).expect(200)).to_vec()
}

#[test]
fn no_call_is_done_for_a_foreign_page_whatever_it_brings() {
    let (office, admin) = Office::open();
    let cookie = browser(&office, &admin);
    let event = admin.create(&event_in(86_400, &[&admin.id]));
    let before = state(&admin);
    for origin in foreign(&admin) {
        for (method, path) in changing(event["id"].as_str().unwrap()) {
            let attack = |who: &Client| who.request(method, &path).header("origin", &origin).json(&json!({}));
            let with_cookie = attack(&office.nobody()).header("cookie", &cookie).send();
            assert_eq!(with_cookie.refusal(403), "origin_refused", "{method} {path} from {origin:?}");
            assert_eq!(attack(&admin).send().status, 403, "{method} {path} from {origin:?}, even with a token");
        }
        for path in ["/", "/join", "/assets/none.js", "/api/health", "/api/events", "/api/none", SOCKET] {
            let read = office.nobody().request("GET", path).header("origin", &origin).header("cookie", &cookie).send();
            assert_eq!(read.status, 403, "{path} from {origin:?}");
            assert_eq!(read.header("access-control-allow-origin"), None, "{path} from {origin:?}");
        }
        let headers = [("origin", origin.as_str()), ("cookie", cookie.as_str())];
        assert_eq!(office.nobody().upgrade_with(SOCKET, &headers).unwrap_err().status, 403, "{origin:?}");
    }
    assert_eq!(state(&admin), before);
}

#[test]
fn the_cookie_without_an_origin_changes_nothing() {
    let (office, admin) = Office::open();
    let cookie = browser(&office, &admin);
    let event = admin.create(&event_in(86_400, &[&admin.id]));
    let before = state(&admin);
    for (method, path) in changing(event["id"].as_str().unwrap()) {
        let attack = |request: Request| request.header("cookie", &cookie).send().status;
        assert_eq!(attack(office.nobody().request(method, &path)), 403, "{method} {path}");
        assert_eq!(attack(office.nobody().request(method, &path).json(&json!({}))), 403, "{method} {path}");
        // Said another way, it is still no reading.
        let disguised = office.nobody().request("GET", &path).header("x-http-method-override", method);
        assert!([200, 404, 405].contains(&attack(disguised)), "{method} {path}");
    }
    assert_eq!(office.nobody().upgrade_with(SOCKET, &[("cookie", &cookie)]).unwrap_err().status, 403);
    assert_eq!(state(&admin), before);
}

#[test]
fn a_form_cannot_speak_json() {
    let (office, admin) = Office::open();
    let cookie = browser(&office, &admin);
    let own = admin.own_origin();
    let right = event_in(86_400, &[]).to_string();
    let of_forms = [
        "text/plain",
        "text/plain; charset=application/json",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "text/json",
        "application/jsonp",
        "application/xml",
        "*/*",
        "json",
    ];
    for content_type in of_forms {
        let request = office.nobody().request("POST", "/api/events").header("cookie", &cookie).header("origin", &own);
        assert_eq!(request.bytes(content_type, right.clone()).send().refusal(415), "not_json", "{content_type}");
    }
    assert_eq!(admin.get("/api/events").expect(200)["events"], json!([]));
}

#[test]
fn nothing_changes_by_reading() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    admin.create(&event_in(86_400, &[&ann.id]));
    let told = ann.inbox()[0]["id"].as_str().unwrap().to_owned();
    let before = [state(&admin), state(&ann)];
    for method in ["GET", "HEAD", "OPTIONS"] {
        for (_, path) in changing(&told) {
            ann.request(method, &path).send();
            ann.request(method, &format!("{path}?minutes=5&status=done&_method=DELETE")).send();
        }
    }
    assert_eq!([state(&admin), state(&ann)], before);
}

#[test]
fn an_image_or_a_script_of_another_page_is_not_fetched_with_the_cookie() {
    let (office, admin) = Office::open();
    let cookie = browser(&office, &admin);
    let read = |site: &str| {
        let request = office.nobody().request("GET", "/api/events").header("cookie", &cookie);
        request.header("sec-fetch-site", site).header("sec-fetch-mode", "no-cors").send()
    };
    for site in ["cross-site", "same-site", "nonsense"] {
        assert_eq!(read(site).refusal(403), "origin_refused", "{site}: another port is the same site to a browser");
    }
    for site in ["same-origin", "none"] {
        let answer = read(site);
        answer.expect(200);
        assert_eq!(answer.header("cross-origin-resource-policy"), Some("same-origin"), "not for other pages");
        assert_eq!(answer.header("cache-control"), Some("no-store"), "nor for whoever has the browser next");
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"), "nor as a script");
    }
    let page = office.nobody().request("GET", "/join").header("sec-fetch-site", "cross-site").send();
    assert_ne!(page.status, 403, "a link in a mail leads here");
}

#[test]
fn a_preflight_of_a_foreign_page_allows_nothing() {
    let (office, admin) = Office::new().with(&["--allow-origin", "https://crm.example"]).opened();
    for origin in foreign(&admin) {
        for (method, path) in changing("x") {
            let preflight = office
                .nobody()
                .request("OPTIONS", &path)
                .header("origin", &origin)
                .header("access-control-request-method", method)
                .header("access-control-request-headers", "content-type")
                .header("access-control-request-private-network", "true")
                .send();
            assert_eq!(preflight.status, 403, "{method} {path} from {origin:?}");
            let granted: Vec<_> =
                preflight.headers.keys().filter(|name| name.as_str().starts_with("access-control")).collect();
            assert!(granted.is_empty(), "{origin:?}: {granted:?}");
        }
    }
    // The one that was named comes with a token, and its cookie is not looked at.
    let cookie = browser(&office, &admin);
    let named = |request: Request| request.header("origin", "https://crm.example").header("cookie", &cookie);
    let create = named(office.nobody().request("POST", "/api/events")).json(&event_in(86_400, &[]));
    assert_eq!(create.send().refusal(401), "unauthorized");
    assert_eq!(named(office.nobody().request("GET", "/api/me")).send().refusal(401), "unauthorized");
}
