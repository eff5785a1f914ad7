//! Everybody may be invited at once, and asks to be let in: nobody is, until an admin says so.

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Office, Session, secret_of};

fn invite_everybody(admin: &Client) -> Value {
    admin.post("/api/invitations", &json!({})).expect(201)
}

fn secret(invitation: &Value) -> String {
    secret_of(invitation["link"].as_str().unwrap())
}

fn ask(client: &Client, mut wish: Value) -> Answer {
    wish["device_name"] = json!("iPhone");
    client.post("/api/join-requests", &wish)
}

fn status(client: &Client, asked: &Value) -> Answer {
    let path = format!("/api/join-requests/{}/status", asked["id"].as_str().unwrap());
    client.post(&path, &json!({ "secret": asked["secret"] }))
}

fn decide(admin: &Client, request: &Value, what: &str, who: &Value) -> Answer {
    admin.post(&format!("/api/join-requests/{}/{what}", request["id"].as_str().unwrap()), who)
}

fn waiting(admin: &Client) -> Vec<Value> {
    admin.get("/api/join-requests").expect(200)["requests"].as_array().unwrap().clone()
}

fn add_person(admin: &Client, person: &Value) -> String {
    admin.post("/api/people", person).expect(201)["id"].as_str().unwrap().to_owned()
}

fn told(session: &mut Session) -> Vec<String> {
    let frame = session.next_of("join_requests");
    let requests = frame["requests"].as_array().unwrap();
    requests.iter().map(|request| request["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn one_invitation_is_good_for_many() {
    let (office, admin) = Office::open();
    let invitation = invite_everybody(&admin);
    let nobody = office.nobody();
    for (code, name) in [
        (secret(&invitation), "Paul"),
        (secret(&invitation), "Zoé"),
        (invitation["code"].as_str().unwrap().to_lowercase().replace('-', " "), "Ali"),
    ] {
        let asked = ask(&nobody, json!({ "code": code, "name": name })).expect(201);
        assert_eq!(status(&nobody, &asked).expect(200), json!({ "state": "waiting" }));
        let [request] = &waiting(&admin)[..] else { panic!("{name} waits alone") };
        assert_eq!((&request["name"], &request["device_name"]), (&json!(name), &json!("iPhone")));
        assert_eq!((&request["invited"], &request["person_id"]), (&json!(true), &Value::Null));
        let person = decide(&admin, request, "accept", &json!({})).expect(200);
        assert_eq!((&person["name"], &person["role"]), (&json!(name), &json!("member")));
        let accepted = status(&nobody, &asked).expect(200);
        assert_eq!((&accepted["state"], &accepted["person"]["id"]), (&json!("accepted"), &person["id"]));
        assert_eq!(status(&nobody, &asked).refusal(404), "not_found", "a token is shown once");
        let token = accepted["token"].as_str().unwrap();
        let bearer = format!("Bearer {token}");
        let me = nobody.request("GET", "/api/me").header("authorization", &bearer).send().expect(200);
        assert_eq!(me["name"], name);
    }
    let pair = json!({ "code": secret(&invitation), "device_name": "iPhone" });
    assert_eq!(nobody.post("/api/pair", &pair).refusal(403), "invitation_refused", "it lets nobody in by itself");
}

#[test]
fn a_browser_gets_its_cookie_with_the_answer_and_not_before() {
    let (office, admin) = Office::open();
    let nobody = office.nobody();
    let page = |path: &str, body: &Value| {
        nobody.request("POST", path).header("origin", &nobody.own_origin()).json(body).send()
    };
    let wish = json!({ "name": "Paul", "device_name": "Safari (iPhone)" });
    let asked = page("/api/join-requests", &wish);
    assert_eq!(asked.header("set-cookie"), None);
    let asked = asked.expect(201);
    let ask_status = || {
        let path = format!("/api/join-requests/{}/status", asked["id"].as_str().unwrap());
        page(&path, &json!({ "secret": asked["secret"] }))
    };
    assert_eq!(ask_status().header("set-cookie"), None);
    decide(&admin, &asked, "accept", &json!({})).expect(200);
    let accepted = ask_status();
    let cookie = accepted.cookie().unwrap();
    let body = accepted.expect(200);
    assert_eq!(body.as_object().unwrap().keys().collect::<Vec<_>>(), ["device", "person", "state"], "no token");
    assert_eq!((&body["device"]["kind"], &body["device"]["name"]), (&json!("browser"), &json!("Safari (iPhone)")));
    let me = nobody.request("GET", "/api/me").header("cookie", &cookie).send().expect(200);
    assert_eq!(me["name"], "Paul");
}

#[test]
fn an_invitation_offers_the_members_whom_nobody_is_yet() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    let paul = add_person(&admin, &json!({ "name": "Paul" }));
    add_person(&admin, &json!({ "name": "Boss", "role": "admin" }));
    let left = add_person(&admin, &json!({ "name": "Former" }));
    admin.delete(&format!("/api/people/{left}")).expect(200);
    let invitation = invite_everybody(&admin);
    let nobody = office.nobody();
    let look = |code: &str| nobody.post("/api/join/ticket", &json!({ "code": code }));
    let ticket = look(&secret(&invitation)).expect(200);
    assert_eq!((&ticket["kind"], &ticket["name"]), (&json!("open"), &Value::Null));
    // Ann is paired as a program only.
    let offered = json!([{ "id": ann.id, "name": "Ann" }, { "id": paul, "name": "Paul" }]);
    assert_eq!(ticket["people"], offered);
    assert_eq!(look(invitation["code"].as_str().unwrap()).expect(200)["people"], offered);

    let code = secret(&invitation);
    for person in [&admin.id, &left, "nonsense"] {
        let refused = ask(&nobody, json!({ "code": code, "person_id": person }));
        assert_eq!(refused.wrong_field(), "person_id", "{person}");
    }
    assert_eq!(ask(&nobody, json!({ "person_id": paul })).wrong_field(), "person_id", "without the invitation");
    let asked = ask(&nobody, json!({ "code": code, "person_id": paul })).expect(201);
    assert_eq!(waiting(&admin)[0]["person_id"], paul.as_str());
    decide(&admin, &asked, "accept", &json!({})).expect(200);
    assert_eq!(status(&nobody, &asked).expect(200)["person"]["id"], paul.as_str());

    let own = look(&admin.invite(&paul)).expect(200);
    assert_eq!((&own["kind"], &own["name"], &own["people"]), (&json!("personal"), &json!("Paul"), &json!([])));
    let own = admin.invite(&paul);
    assert_eq!(ask(&nobody, json!({ "code": own, "name": "Eve" })).refusal(403), "invitation_refused");
    nobody.pair(&own);
}

#[test]
fn a_stranger_may_ask_and_sees_nobody() {
    let (office, admin) = Office::open();
    let nobody = office.nobody();
    let asked = ask(&nobody, json!({ "name": "paul" })).expect(201);
    assert_eq!(asked.as_object().unwrap().keys().collect::<Vec<_>>(), ["expires_at", "id", "secret"]);
    let paul = add_person(&admin, &json!({ "name": "Paul" }));
    let [request] = &waiting(&admin)[..] else { panic!("one waits") };
    assert_eq!((&request["invited"], &request["looks_like"]), (&json!(false), &json!(paul)));
    assert!(!request.to_string().contains(asked["secret"].as_str().unwrap()), "the secret is the browser's alone");
    let person = decide(&admin, request, "accept", &json!({})).expect(200);
    assert_ne!(person["id"], paul.as_str(), "a name proves nothing: somebody new unless an admin says otherwise");
}

#[test]
fn whoever_accepts_says_who_it_is() {
    let (office, admin) = Office::open();
    let nobody = office.nobody();
    let paul = add_person(&admin, &json!({ "name": "Paul" }));
    for (who, name) in [(json!({ "person_id": paul }), "Paul"), (json!({ "name": "Paule" }), "Paule")] {
        let asked = ask(&nobody, json!({ "name": "P." })).expect(201);
        for wrong in [json!({ "person_id": "nonsense" }), json!({ "name": "" }), json!({ "role": "admin" })] {
            decide(&admin, &asked, "accept", &wrong).refusal(422);
        }
        assert_eq!(decide(&admin, &asked, "accept", &who).expect(200)["name"], name);
        assert_eq!(decide(&admin, &asked, "accept", &who).refusal(404), "not_found", "it is decided");
        assert_eq!(status(&nobody, &asked).expect(200)["person"]["name"], name);
    }
    let asked = ask(&nobody, json!({ "name": "P." })).expect(201);
    let nowhere = json!({ "person_id": "00000000-0000-7000-8000-000000000000" });
    assert_eq!(decide(&admin, &asked, "accept", &nowhere).refusal(404), "not_found");
    admin.delete(&format!("/api/people/{paul}")).expect(200);
    assert_eq!(decide(&admin, &asked, "accept", &json!({ "person_id": paul })).refusal(409), "person_inactive");
    assert_eq!(waiting(&admin).len(), 1, "who could not be let in still waits");
}

#[test]
fn not_now_is_told_to_whoever_asked() {
    let (office, admin) = Office::open();
    let nobody = office.nobody();
    let asked = ask(&nobody, json!({ "name": "Paul" })).expect(201);
    decide(&admin, &asked, "decline", &json!({})).expect(204);
    assert_eq!(status(&nobody, &asked).expect(200), json!({ "state": "declined" }));
    assert_eq!(waiting(&admin), [Value::Null; 0]);
    let own = json!({ "id": asked["id"], "secret": asked["secret"] });
    ask(&nobody, json!({ "name": "Paul", "replaces": own })).expect(201);
    assert_eq!(waiting(&admin).len(), 1, "one may ask again");
}

#[test]
fn one_asks_again_in_place_of_the_first_time_and_may_give_up() {
    let (office, admin) = Office::open();
    let nobody = office.nobody();
    let first = ask(&nobody, json!({ "name": "Puala" })).expect(201);
    let own = json!({ "id": first["id"], "secret": first["secret"] });
    let second = ask(&nobody, json!({ "name": "Paula", "replaces": own })).expect(201);
    assert_eq!(waiting(&admin).len(), 1);
    assert_eq!(status(&nobody, &first).refusal(404), "not_found");
    let withdraw = |secret: &Value| {
        let path = format!("/api/join-requests/{}/withdraw", second["id"].as_str().unwrap());
        nobody.post(&path, &json!({ "secret": secret }))
    };
    assert_eq!(withdraw(&first["secret"]).refusal(404), "not_found");
    withdraw(&second["secret"]).expect(204);
    assert_eq!(waiting(&admin), [Value::Null; 0]);
}

#[test]
fn only_admins_hear_of_it_and_decide() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    let nobody = office.nobody();
    let (mut of_admin, mut of_ann) = (admin.session(), ann.session());
    let asked = ask(&nobody, json!({ "name": "Paul" })).expect(201);
    assert_eq!(told(&mut of_admin), ["Paul"]);
    assert_eq!(told(&mut admin.session()), ["Paul"], "who comes later hears of it too");
    for (who, expected, code) in [(&ann, 403, "forbidden"), (&nobody, 401, "unauthorized")] {
        assert_eq!(who.get("/api/join-requests").refusal(expected), code);
        assert_eq!(who.get("/api/invitations").refusal(expected), code);
        assert_eq!(who.post("/api/invitations", &json!({})).refusal(expected), code);
        assert_eq!(who.delete("/api/invitations").refusal(expected), code);
        for what in ["accept", "decline"] {
            assert_eq!(decide(who, &asked, what, &json!({})).refusal(expected), code);
        }
        assert_eq!(status(who, &json!({ "id": asked["id"], "secret": "guess" })).refusal(404), "not_found");
    }
    decide(&admin, &asked, "accept", &json!({})).expect(200);
    assert_eq!(told(&mut of_admin), [""; 0]);
    // Had Ann been told of the requests, it would have come before this.
    admin.create(&crate::harness::event_in(86_400, &[&ann.id]));
    assert_eq!(of_ann.next()["type"], "event_notification");
}

#[test]
fn a_hub_that_starts_anew_has_forgotten_who_asked() {
    let (mut office, admin) = Office::open();
    let invitation = invite_everybody(&admin);
    let nobody = office.nobody();
    let wish = json!({ "code": secret(&invitation), "name": "Paul" });
    let asked = ask(&nobody, wish.clone()).expect(201);
    office.restart();
    assert_eq!(status(&nobody, &asked).refusal(404), "not_found");
    assert_eq!(waiting(&admin), [Value::Null; 0]);
    ask(&nobody, wish).expect(201);
    assert_eq!(waiting(&admin).len(), 1, "the invitation goes on");
}

#[test]
fn invitations_for_everybody_can_be_ended() {
    let (office, admin) = Office::open();
    let first = invite_everybody(&admin);
    let second = invite_everybody(&admin);
    assert_ne!(first["link"], second["link"], "what was shown is not shown again");
    let open = admin.get("/api/invitations").expect(200);
    assert_eq!(open, json!({ "count": 2, "last_expires_at": second["link_expires_at"] }));
    let nobody = office.nobody();
    let look = |code: &Value| nobody.post("/api/join/ticket", &json!({ "code": code }));
    look(&json!(secret(&first))).expect(200);
    admin.delete("/api/invitations").expect(204);
    for code in [json!(secret(&first)), json!(secret(&second)), first["code"].clone()] {
        assert_eq!(look(&code).refusal(403), "invitation_refused");
        let asked = ask(&nobody, json!({ "code": code, "name": "Paul" }));
        assert_eq!(asked.refusal(403), "invitation_refused");
    }
    assert_eq!(admin.get("/api/invitations").expect(200)["count"], 0);
    admin.delete("/api/invitations").expect(204);
}

#[test]
fn five_wrong_guesses_void_its_short_code_and_not_its_link() {
    let (office, admin) = Office::open();
    let invitation = invite_everybody(&admin);
    let code = invitation["code"].as_str().unwrap();
    let last = if code.ends_with('0') { "1" } else { "0" };
    let wrong = format!("{}{last}", &code[..code.len() - 1]);
    let look = |code: &str| office.nobody().post("/api/join/ticket", &json!({ "code": code }));
    for _ in 0..5 {
        assert_eq!(look(&wrong).refusal(403), "invitation_refused");
    }
    assert_eq!(look(code).refusal(403), "invitation_refused", "it is void");
    look(&secret(&invitation)).expect(200);
}

#[test]
fn what_strangers_say_of_themselves_is_bounded() {
    let (office, admin) = Office::open();
    let nobody = office.nobody();
    for name in ["", "P\u{430}ul", "Paul\u{202e}", "Paul\nAccept", "<b>Paul</b>", &"x".repeat(61)] {
        assert_eq!(ask(&nobody, json!({ "name": name })).wrong_field(), "name", "{name:?}");
        let wish = json!({ "name": "Paul", "device_name": name });
        assert_eq!(nobody.post("/api/join-requests", &wish).wrong_field(), "device_name", "{name:?}");
    }
    assert_eq!(ask(&nobody, json!({})).wrong_field(), "name");
    for _ in 0..3 {
        ask(&nobody, json!({ "name": "Paul" })).expect(201);
    }
    let refused = ask(&nobody, json!({ "name": "Paul" }));
    assert_eq!(refused.refusal(429), "too_many_requests");
    assert_eq!(refused.header("retry-after"), Some("60"));
    assert_eq!(waiting(&admin).len(), 3);
}

#[test]
fn an_invitation_is_a_qr_code_too() {
    let (_office, admin) = Office::open();
    let invitation = invite_everybody(&admin);
    let rows: Vec<&str> = invitation["qr"].as_array().unwrap().iter().map(|row| row.as_str().unwrap()).collect();
    assert!(rows.len() >= 21 && rows.iter().all(|row| row.len() == rows.len()), "a square");
    // The three corners by which it is found.
    for (y, x) in [(0, 0), (0, rows.len() - 7), (rows.len() - 7, 0)] {
        assert_eq!(&rows[y][x..x + 7], "1111111");
        assert_eq!(&rows[y + 1][x..x + 7], "1000001");
    }
}

#[test]
fn a_link_carries_an_address_that_telephones_find() {
    let (_office, admin) = Office::open();
    let port = admin.own_origin().rsplit_once(':').unwrap().1.to_owned();
    for host in [format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("{}:{port}", mdns_name())] {
        let answer = admin.request("POST", "/api/invitations").header("host", &host).json(&json!({})).send();
        let link = answer.expect(201)["link"].as_str().unwrap().to_owned();
        assert!(link.starts_with(&format!("http://127.0.0.1:{port}/join#")), "{host}: {link}");
    }
}

/// The name by which this machine is found without a name server, where there is one.
fn mdns_name() -> String {
    let output = std::process::Command::new("hostname").output().unwrap();
    let name = String::from_utf8(output.stdout).unwrap();
    format!("{}.local", name.trim().split('.').next().unwrap().to_lowercase())
}

#[test]
fn a_device_is_called_as_its_person_likes() {
    let (_office, admin) = Office::open();
    let (ann, carl) = (admin.add("Ann"), admin.add("Carl"));
    let path = format!("/api/devices/{}", ann.device);
    let renamed = ann.patch(&path, &json!({ "name": " Kitchen " })).expect(200);
    assert_eq!((&renamed["id"], &renamed["name"]), (&json!(ann.device), &json!("Kitchen")));
    assert_eq!(ann.patch(&path, &json!({ "name": "" })).wrong_field(), "name");
    assert_eq!(carl.patch(&path, &json!({ "name": "Mine" })).refusal(404), "not_found");
    assert_eq!(admin.patch(&path, &json!({ "name": "Desk" })).expect(200)["name"], "Desk");
}

#[test]
fn a_device_list_says_who_is_there_now() {
    let (_office, admin) = Office::open();
    let connected = || {
        let list = admin.get("/api/devices").expect(200);
        list["devices"][0]["connected"].as_bool().unwrap()
    };
    assert!(!connected());
    let session = admin.session();
    assert!(connected());
    drop(session);
}
