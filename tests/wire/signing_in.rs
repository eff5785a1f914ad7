//! Who gets in: tokens of programs, cookies of browsers, and the invitations that make them.

use serde_json::{Value, json};

use crate::harness::{Client, Office, event_in, secret_of};

const SOCKET: &str = "/ws/notifications/";

/// Pairs as a page of the hub does: the cookie, and what the page may read.
fn pair_page(nobody: &Client, code: &str) -> (String, Value) {
    let body = json!({ "code": code, "device_name": "Firefox" });
    let answer = nobody.request("POST", "/api/pair").header("origin", &nobody.own_origin()).json(&body).send();
    (answer.cookie().unwrap(), answer.expect(200))
}

#[test]
fn without_a_valid_token_nothing_is_shown() {
    let (office, admin) = Office::open();
    let nobody = office.nobody();
    let asked = |authorization: &str| nobody.request("GET", "/api/me").header("authorization", authorization).send();
    for wrong in ["Bearer nonsense", "Bearer ", "Bearer", &format!("Basic {}", admin.token), &admin.token] {
        assert_eq!(asked(wrong).refusal(401), "unauthorized", "{wrong}");
        let refused = nobody.upgrade_with(SOCKET, &[("authorization", wrong)]).unwrap_err();
        assert_eq!(refused.status, 401, "{wrong}: before the upgrade");
    }
    asked(&format!("bearer {}", admin.token)).expect(200);
    assert_eq!(nobody.get("/api/me").refusal(401), "unauthorized");
    assert_eq!(nobody.upgrade(SOCKET).unwrap_err().status, 401);
    assert_eq!(nobody.upgrade(&format!("{SOCKET}?token=nonsense")).unwrap_err().status, 401);
    assert_eq!(nobody.get(&format!("/api/me?token={}", admin.token)).refusal(401), "unauthorized");
    for path in ["/api/events", "/api/people", "/api/devices", "/api/notifications", "/api/user/current/"] {
        assert_eq!(nobody.get(path).refusal(401), "unauthorized", "{path}");
    }
    // Who is not signed in is not told what is wrong with the rest either.
    assert_eq!(nobody.post("/api/events", &json!({ "titel": 5 })).refusal(401), "unauthorized");
}

#[test]
fn the_socket_takes_a_token_in_its_address() {
    let (office, admin) = Office::open();
    let mut session = office.nobody().upgrade(&format!("{SOCKET}?token={}&since=0", admin.token)).unwrap();
    session.next_of("connection_established");
}

#[test]
fn health_is_for_everybody_and_says_nothing_personal() {
    let (office, _admin) = Office::open();
    let health = office.nobody().get("/api/health").expect(200);
    let keys: Vec<&String> = health.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["schema", "status", "trouble", "uptime_seconds", "version"]);
}

#[test]
fn a_browser_gets_a_cookie_and_never_a_token() {
    let (office, admin) = Office::open();
    let code = admin.invite(&admin.id);
    let body = json!({ "code": code, "device_name": "Firefox" });
    let nobody = office.nobody();
    let answer = nobody.request("POST", "/api/pair/").header("origin", &nobody.own_origin()).json(&body).send();
    let paired = answer.expect(200);
    assert_eq!(paired.as_object().unwrap().keys().collect::<Vec<_>>(), ["device", "person"]);
    assert_eq!((&paired["person"]["id"], &paired["device"]["name"]), (&json!(admin.id), &json!("Firefox")));
    assert_eq!(paired["device"]["kind"], "browser");

    let set = answer.header("set-cookie").unwrap();
    let (name_and_token, attributes) = set.split_once("; ").unwrap();
    let attributes: Vec<&str> = attributes.split("; ").collect();
    for attribute in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=34560000"] {
        assert!(attributes.contains(&attribute), "{set}");
    }
    let token = name_and_token.split_once('=').unwrap().1;
    assert!(!answer.body.contains(token), "the page cannot read it");

    let me = nobody.request("GET", "/api/me").header("cookie", name_and_token).send();
    assert_eq!(me.expect(200)["id"], admin.id.as_str());
    assert_eq!(me.header("set-cookie"), Some(set), "renewed by use");
    assert_eq!(admin.get("/api/me").header("set-cookie"), None, "a program has none to renew");
}

#[test]
fn a_program_gets_its_token() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    let body = json!({ "code": admin.invite(&ann.id), "device_name": "script" });
    let paired = office.nobody().post("/api/pair", &body).expect(200);
    assert_eq!(paired.as_object().unwrap().keys().collect::<Vec<_>>(), ["device", "person", "token"]);
    let token = paired["token"].as_str().unwrap();
    assert!(token.len() >= 43, "256 bits: {token}");
}

#[test]
fn a_cookie_changes_things_only_for_the_hubs_own_page() {
    let (office, admin) = Office::open();
    let nobody = office.nobody();
    let (cookie, _) = pair_page(&nobody, &admin.invite(&admin.id));
    let create = || nobody.request("POST", "/api/events").header("cookie", &cookie).json(&event_in(3600, &[]));
    assert_eq!(create().send().refusal(403), "origin_refused", "no origin");
    assert_eq!(create().header("origin", "http://localhost:1").send().refusal(403), "origin_refused");
    assert_eq!(admin.get("/api/events").expect(200)["events"], json!([]));
    create().header("origin", &nobody.own_origin()).send().expect(201);
    nobody.request("GET", "/api/events").header("cookie", &cookie).send().expect(200);

    let refused = nobody.upgrade_with(SOCKET, &[("cookie", &cookie)]).unwrap_err();
    assert_eq!(refused.status, 403, "an upgrade is never plain reading");
    let own = nobody.own_origin();
    nobody.upgrade_with(SOCKET, &[("cookie", &cookie), ("origin", &own)]).unwrap().next_of("connection_established");
}

#[test]
fn each_hub_has_a_cookie_of_its_own_name() {
    let ((one, admin), (other, _)) = (Office::open(), Office::open());
    let (cookie, _) = pair_page(&one.nobody(), &admin.invite(&admin.id));
    let (other_cookie, _) = pair_page(&other.nobody(), &{
        let admin = other.run(&["person", "list"]).out().split('\t').next().unwrap().to_owned();
        let invited = other.run(&["invite", &admin]);
        secret_of(invited.out().lines().next().unwrap())
    });
    let name = |cookie: &str| cookie.split('=').next().unwrap().to_owned();
    assert_ne!(name(&cookie), name(&other_cookie), "cookies ignore ports");
    let both = format!("theme=dark; {other_cookie}; {cookie}");
    let me = one.nobody().request("GET", "/api/me").header("cookie", &both).send().expect(200);
    assert_eq!(me["id"], admin.id.as_str());
}

#[test]
fn an_invitation_link_is_good_for_one_use() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    let code = admin.invite(&ann.id);
    let pair = |code: &str| office.nobody().post("/api/pair", &json!({ "code": code, "device_name": "test" }));
    for wrong in ["nonsense", "", &code[1..], &ann.token] {
        assert_eq!(pair(wrong).refusal(403), "invitation_refused", "{wrong}");
    }
    pair(&code).expect(200);
    assert_eq!(pair(&code).refusal(403), "invitation_refused");
}

#[test]
fn a_short_code_is_read_as_people_type_it() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    let invitation = admin.post(&format!("/api/people/{}/invitations", ann.id), &json!({})).expect(201);
    let keys: Vec<&String> = invitation.as_object().unwrap().keys().collect();
    assert_eq!(keys, ["code", "code_expires_at", "link", "link_expires_at", "qr"]);
    let code = invitation["code"].as_str().unwrap();
    let typed = format!(" {} ", code.to_lowercase().replace('-', " "));
    let paired = office.nobody().pair(&typed);
    assert_eq!(paired.id, ann.id);
    let secret = secret_of(invitation["link"].as_str().unwrap());
    let spent = office.nobody().post("/api/pair", &json!({ "code": secret, "device_name": "test" }));
    assert_eq!(spent.refusal(403), "invitation_refused", "one use between them");
}

#[test]
fn five_wrong_guesses_void_the_short_code_but_never_the_link() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    let invitation = admin.post(&format!("/api/people/{}/invitations", ann.id), &json!({})).expect(201);
    let code = invitation["code"].as_str().unwrap();
    let last = if code.ends_with('0') { "1" } else { "0" };
    let wrong = format!("{}{last}", &code[..code.len() - 1]);
    let pair = |code: &str| office.nobody().post("/api/pair", &json!({ "code": code, "device_name": "test" }));
    for _ in 0..5 {
        assert_eq!(pair(&wrong).refusal(403), "invitation_refused");
    }
    assert_eq!(pair(code).refusal(403), "invitation_refused", "it is void");
    pair(&secret_of(invitation["link"].as_str().unwrap())).expect(200);
}

#[test]
fn a_revoked_device_is_out_at_once() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let phone = ann.pair(&admin.invite(&ann.id));
    let (of_ann, mut of_phone) = (ann.session(), phone.session());
    assert_eq!(ann.delete("/api/devices/nonsense").refusal(404), "not_found");
    ann.delete(&format!("/api/devices/{}", ann.device)).expect(204);
    // Nothing else would close it for a minute.
    assert_eq!(of_ann.closed(), 1008);
    assert_eq!(ann.get("/api/me").refusal(401), "unauthorized");
    assert_eq!(ann.upgrade(SOCKET).unwrap_err().status, 401);
    admin.create(&event_in(86_400, &[&ann.id]));
    of_phone.next_notification("assigned");
}

#[test]
fn all_sockets_of_a_device_close_whoever_revokes_it() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    let phone = ann.pair(&admin.invite(&ann.id));
    let ways: [&dyn Fn(&Client); 3] = [
        &|device| drop(admin.delete(&format!("/api/devices/{}", device.device)).expect(204)),
        &|device| drop(office.run(&["token", "revoke", &device.device]).out().to_owned()),
        &|_| drop(admin.delete(&format!("/api/people/{}", ann.id)).expect(200)),
    ];
    let devices = [ann.clone(), ann.pair(&admin.invite(&ann.id)), phone];
    for (revoke, device) in ways.into_iter().zip(&devices) {
        let sessions = [device.session(), device.session()];
        revoke(device);
        for session in sessions {
            assert_eq!(session.closed(), 1008);
        }
        assert_eq!(device.get("/api/me").refusal(401), "unauthorized");
    }
}

#[test]
fn one_sees_when_a_device_was_last_heard_of() {
    let (_office, admin) = Office::open();
    let ann = admin.add("Ann");
    let seen = || {
        let devices = admin.get("/api/devices").expect(200);
        let of_ann = devices["devices"].as_array().unwrap().iter().find(|device| device["id"] == ann.device.as_str());
        let of_ann = of_ann.unwrap();
        (of_ann["last_seen_at"].is_string(), of_ann["connected"].clone())
    };
    assert_eq!(seen(), (false, json!(false)), "it has never called");
    ann.get("/api/me").expect(200);
    assert_eq!(seen(), (true, json!(false)));
    let _session = ann.session();
    assert_eq!(seen(), (true, json!(true)));
}

#[test]
fn one_sees_and_revokes_ones_own_devices_and_an_admin_all() {
    let (_office, admin) = Office::open();
    let (ann, carl) = (admin.add("Ann"), admin.add("Carl"));
    let ids = |client: &Client| {
        let list = client.get("/api/devices/").expect(200);
        list["devices"].as_array().unwrap().iter().map(|device| device["id"].as_str().unwrap().to_owned()).collect()
    };
    let all: Vec<String> = ids(&admin);
    assert_eq!(all, [&admin, &ann, &carl].map(|client| client.device.clone()), "in the order of their making");
    let own: Vec<String> = ids(&ann);
    assert_eq!(own, [ann.device.as_str()]);
    assert_eq!(ann.delete(&format!("/api/devices/{}", carl.device)).refusal(404), "not_found");
    carl.get("/api/me").expect(200);
    let devices = ann.get("/api/devices").expect(200);
    let device = devices["devices"][0].as_object().unwrap();
    assert_eq!(
        device.keys().collect::<Vec<_>>(),
        ["connected", "created_at", "id", "kind", "last_seen_at", "name", "person_id"],
        "the token is not among them"
    );
    admin.delete(&format!("/api/devices/{}", carl.device)).expect(204);
    assert_eq!(carl.get("/api/me").refusal(401), "unauthorized");
}

#[test]
fn every_start_prints_a_first_sign_in_until_there_is_a_device() {
    let mut office = Office::new();
    office.start();
    let first = office.first_sign_in();
    office.restart();
    let second = office.first_sign_in();
    assert_ne!(first, second);
    let admin = office.nobody().pair(&second);
    assert_eq!(admin.get("/api/me").expect(200)["role"], "admin");
    office.restart();
    office.terminate();
    office.wait();
    assert_eq!(office.rest_of_output(), [""; 0], "somebody has signed in");
}
