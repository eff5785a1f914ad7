//! Whoever wants a copy of the whole office, or to pass for its hub.

use rappel_hub::Key;
use serde_json::{Value, json};

use crate::harness::{Answer, Client, Machine, Office, SecureLine};

/// A desktop that has joined, with its key and its token.
struct Desktop {
    key: Key,
    token: String,
    device: String,
}

impl Desktop {
    fn of(office: &Office, admin: &Client, person: &Client) -> Self {
        let key = Key::generate("Rappel desktop").unwrap();
        let body = json!({ "code": admin.invite(&person.id), "device_name": "Laptop" }).to_string();
        let paired = SecureLine::open(office.address(), Some(&key)).send("POST", "/api/pair", &[], &body).expect(200);
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Self { key, token: text(&paired["token"]), device: text(&paired["device"]["id"]) }
    }

    fn ask(&self, office: &Office, path: &str, key: Option<&Key>) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        SecureLine::open(office.address(), key).send("POST", path, &[("authorization", &bearer)], r#"{"port":7710}"#)
    }
}

const COPY: &str = "/api/hub/copy";

#[test]
fn a_copy_goes_to_the_chosen_desktop_of_an_admin_and_to_nobody_else() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    let (chosen, second) = (Desktop::of(&office, &admin, &admin), Desktop::of(&office, &admin, &admin));
    let members = Desktop::of(&office, &admin, &ann);
    assert_eq!(chosen.ask(&office, COPY, Some(&chosen.key)).refusal(403), "forbidden", "nobody was chosen yet");
    for device in [&members.device, &ann.device, &admin.device] {
        let refused = admin.post("/api/hub/keeper", &json!({ "device_id": device }));
        assert_eq!(refused.refusal(409), "no_heir", "a member's desktop, a browser, a program");
    }
    let refused = ann.post("/api/hub/keeper", &json!({ "device_id": members.device }));
    assert_eq!(refused.refusal(403), "forbidden", "nobody chooses themselves");
    admin.post("/api/hub/keeper", &json!({ "device_id": chosen.device })).expect(204);

    assert_eq!(members.ask(&office, COPY, Some(&members.key)).refusal(403), "forbidden", "a member's desktop");
    assert_eq!(second.ask(&office, COPY, Some(&second.key)).refusal(403), "forbidden", "another one of the admin's");
    assert_eq!(admin.post(COPY, &json!({ "port": 1 })).refusal(403), "key_required", "the admin's own token");
    assert_eq!(chosen.ask(&office, COPY, Some(&second.key)).refusal(401), "unauthorized", "a stolen token");
    assert_eq!(chosen.ask(&office, COPY, None).refusal(401), "unauthorized", "without a key");
    let plainly = office.nobody().request("POST", COPY).header("authorization", &format!("Bearer {}", chosen.token));
    assert_eq!(plainly.json(&json!({ "port": 1 })).send().refusal(401), "unauthorized", "where others can read it");
    for path in ["/api/hub/handover/01920000-0000-7000-8000-000000000000/copy", "/api/hub/copy/kept"] {
        assert_ne!(members.ask(&office, path, Some(&members.key)).status, 200, "{path}");
    }
    admin.delete(&format!("/api/devices/{}", chosen.device)).expect(204);
    assert_eq!(chosen.ask(&office, COPY, Some(&chosen.key)).refusal(401), "unauthorized", "it was signed out");
    assert!(office.log().lines().all(|line| !line.contains(&chosen.token)), "{}", office.log());
}

#[test]
fn whoever_says_to_be_the_hub_in_a_higher_epoch_without_its_key_is_ignored() {
    let (mut office, admin) = Office::open();
    let chosen = Desktop::of(&office, &admin, &admin);
    admin.post("/api/hub/keeper", &json!({ "device_id": chosen.device })).expect(204);
    // Where the hub looks for another one, there is a hub with a key of its own, in a higher epoch.
    let mut impostor = Machine::new();
    impostor.serve();
    let backup = impostor.data_dir().join("../backup.db");
    impostor.run(&["backup", backup.to_str().unwrap()]).out();
    for _ in 0..3 {
        impostor.run(&["restore", backup.to_str().unwrap()]).out();
    }
    assert_eq!(impostor.reign().unwrap()["epoch"].as_u64().unwrap() >> 32, 3, "in a higher epoch");
    let bearer = format!("Bearer {}", chosen.token);
    let port = format!(r#"{{"port":{}}}"#, impostor.address().port());
    let given = SecureLine::open(office.address(), Some(&chosen.key));
    assert_eq!(given.send_for_status("POST", COPY, &[("authorization", &bearer)], &port), 200);
    office.restart();
    admin.get("/api/me").expect(200);
    let reign: Value = admin.get("/api/hub/epoch").expect(200);
    assert_eq!((&reign["epoch"], &reign["moved"]), (&json!(1), &Value::Null), "{}", office.log());
}

#[test]
fn an_old_copy_that_is_played_again_does_not_lower_the_epoch() {
    let (mut hub, mut heir) = (Machine::new(), Machine::new());
    hub.serve();
    let admin = hub.nobody().pair(&crate::harness::secret_of(&hub.line("first sign-in: ")));
    let invited = admin.post(&format!("/api/people/{}/invitations", admin.id), &json!({})).expect(201);
    heir.stand_by(invited["link"].as_str());
    let device = heir.line("standing by as ");
    hub.run(&["keeper", &device]).out();
    let patience = std::time::Instant::now() + crate::harness::PATIENCE;
    let copies = heir.data_dir().join("copies");
    let copy = loop {
        // The folder comes with the first copy.
        let mut names = std::fs::read_dir(&copies).into_iter().flatten().map(|entry| entry.unwrap().path());
        if let Some(copy) = names.find(|path| path.to_string_lossy().contains("copy-")) {
            break copy;
        }
        assert!(std::time::Instant::now() < patience, "a copy is kept: {}", heir.log());
    };
    let old = std::fs::read(&copy).unwrap();
    let backup = hub.data_dir().join("../backup.db");
    hub.run(&["backup", backup.to_str().unwrap()]).out();
    for _ in 0..4 {
        hub.run(&["restore", backup.to_str().unwrap()]).out();
    }
    let member = heir.data_dir().join("member.json");
    let met_in = || {
        let member: Value = serde_json::from_slice(&std::fs::read(&member).unwrap()).unwrap();
        member["epoch"].as_u64().unwrap() >> 32
    };
    while met_in() < 4 {
        assert!(std::time::Instant::now() < patience, "it has met the hub in its epoch: {}", heir.log());
    }
    heir.kill();
    hub.kill();
    std::fs::write(&copy, old).unwrap();
    heir.run(&["takeover"]).out();
    heir.serve();
    assert_eq!(
        heir.reign().unwrap()["epoch"].as_u64().unwrap() >> 32,
        104,
        "beyond the one that it knew, whatever the copy says"
    );
}
