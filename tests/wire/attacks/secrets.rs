//! What must not be written down: tokens, codes, and what people write. And who may open the files.

use std::fs;
use std::os::unix::fs::{FileTypeExt, PermissionsExt};
use std::path::Path;

use serde_json::{Value, json};

use crate::harness::{Client, Office, event_in, secret_of};

const SOCKET: &str = "/ws/notifications/";

/// All that an office has to hide after a day of work.
struct Told {
    secrets: Vec<String>,
    /// Texts of people: in the store, but not in a log.
    texts: Vec<String>,
}

/// Does everything that has to do with secrets, right and wrong.
fn a_day(office: &Office, admin: &Client) -> Told {
    let nobody = office.nobody();
    let person = json!({ "name": "Jeanne-Secrète", "email": "jeanne@secret.example" });
    let jeanne = admin.post("/api/people", &person).expect(201)["id"].as_str().unwrap().to_owned();
    let invitation = admin.post(&format!("/api/people/{jeanne}/invitations"), &json!({})).expect(201);
    let link = secret_of(invitation["link"].as_str().unwrap());
    let code = invitation["code"].as_str().unwrap().to_owned();
    let wrong = format!("{}{}", &code[..13], if code.ends_with('0') { '1' } else { '0' });
    let pair = |code: &str| json!({ "code": code, "device_name": "Telephone-Secret" });
    nobody.post("/api/pair", &pair(&wrong)).refusal(403);
    nobody.post("/api/pair", &pair("an-unknown-link-secret")).refusal(403);
    let own = nobody.own_origin();
    let paired = nobody.request("POST", "/api/pair").header("origin", &own).json(&pair(&link)).send();
    let cookie = paired.cookie().unwrap();
    let typed = admin.post(&format!("/api/people/{jeanne}/invitations"), &json!({})).expect(201);
    let typed_code = typed["code"].as_str().unwrap().to_owned();
    let program = nobody.pair(&typed_code);
    let made = office.run(&["token", "create", &jeanne, "--label", "Etiquette-Secrete"]).out().to_owned();

    let mut event = event_in(3600, &[&jeanne]);
    event["title"] = json!("Titre-Secret");
    event["comment"] = json!("Commentaire-Secret");
    event["location"] = json!("Lieu-Secret");
    event["contact"] = json!({ "name": "Contact-Secret", "phone": "+33 6 11 22 33 44" });
    event["visibility"] = json!("private");
    let with_key = admin.request("POST", "/api/events").header("idempotency-key", "Cle-Secrete").json(&event).send();
    let event = with_key.expect(201);
    let path = format!("/api/events/{}", event["id"].as_str().unwrap());
    admin.patch(&path, &json!({ "title": "Titre-Secret", "nonsense": "Titre-Secret" })).wrong_field();
    admin.request("POST", "/api/events").bytes("application/json", "{\"title\": \"Titre-Secret\" broken").send();
    program.get("/api/events?q=Titre-Secret").expect(200);
    nobody.get(&format!("/api/me?token={}", program.token)).refusal(401);
    nobody.request("GET", "/api/me").header("cookie", &cookie).send().expect(200);
    let bad = format!("Bearer {}x", program.token);
    nobody.request("GET", "/api/me").header("authorization", &bad).send().refusal(401);
    let mut by_address = nobody.upgrade(&format!("{SOCKET}?token={}", program.token)).unwrap();
    by_address.next_of("connection_established");
    by_address.send(&json!({ "type": "Titre-Secret" }));
    by_address.next_of("error");
    nobody.upgrade(&format!("{SOCKET}?token={made}x")).unwrap_err();
    nobody
        .connect()
        .send(format!("GET /api/me HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {made}\0\r\n\r\n", nobody.host()))
        .rest();
    office.run(&["token", "revoke", &program.device]).out();
    by_address.closed();

    let cookie_token = cookie.split('=').nth(1).unwrap().to_owned();
    let plain = |code: &str| code.replace('-', "");
    let secrets = vec![
        admin.token.clone(),
        program.token.clone(),
        made,
        cookie_token,
        link,
        plain(&code),
        plain(&typed_code),
        code,
        typed_code,
        wrong,
    ];
    let texts = ["Secret", "jeanne@", "11 22 33", "Cle-"];
    Told { secrets, texts: texts.map(str::to_owned).to_vec() }
}

#[test]
fn no_log_has_them_at_any_level() {
    let (mut office, admin) = Office::new().with_variable("RAPPEL_LOG", "trace").opened();
    let told = a_day(&office, &admin);
    office.terminate();
    assert!(office.wait().success());
    let log = office.log();
    assert!(log.contains("ending"), "there is a log");
    for secret in told.secrets.iter().chain(&told.texts) {
        let line = log.lines().find(|line| line.contains(secret.as_str()));
        assert_eq!(line, None, "{secret}");
    }
    assert!(office.rest_of_output().is_empty(), "nor does it print them");
}

/// Every file and folder in a folder, itself included.
fn all_in(path: &Path) -> Vec<std::path::PathBuf> {
    let mut all = vec![path.to_owned()];
    if path.is_dir() {
        all.extend(fs::read_dir(path).unwrap().flat_map(|entry| all_in(&entry.unwrap().path())));
    }
    all
}

#[test]
fn the_files_have_no_token_and_no_code() {
    let (mut office, admin) = Office::open();
    let told = a_day(&office, &admin);
    let search = |office: &Office, when: &str| {
        for path in all_in(&office.data_dir()).iter().filter(|path| path.is_file()) {
            let bytes = fs::read(path).unwrap();
            for secret in &told.secrets {
                let found = bytes.windows(secret.len()).any(|part| part == secret.as_bytes());
                assert!(!found, "{when}: {secret} is in {}", path.display());
            }
        }
    };
    search(&office, "while it runs");
    let backup = office.data_dir().join("backup");
    office.run(&["backup", backup.to_str().unwrap()]).out();
    search(&office, "in a backup");
    office.terminate();
    office.wait();
    search(&office, "afterwards");
}

#[test]
fn the_files_are_their_owners_only() {
    let (mut office, admin) = Office::open();
    a_day(&office, &admin);
    let check = |office: &Office, at_least: usize| {
        let all = all_in(&office.data_dir());
        let mut sockets = 0;
        for path in &all {
            let file = fs::symlink_metadata(path).unwrap();
            sockets += usize::from(file.file_type().is_socket());
            let wanted = if file.is_dir() { 0o700 } else { 0o600 };
            assert_eq!(file.permissions().mode() & 0o777, wanted, "{}", path.display());
        }
        assert!(all.len() >= at_least, "{all:?}");
        sockets
    };
    // The folder, the store with its log and its index, the lock, the control socket.
    assert_eq!(check(&office, 6), 1);
    let backup = office.data_dir().join("backup");
    office.run(&["backup", backup.to_str().unwrap()]).out();
    check(&office, 7);
    office.run(&["restore", backup.to_str().unwrap()]);
    check(&office, 7);
    office.terminate();
    office.wait();
    check(&office, 4);
    // One that was opened to others by hand is closed again.
    fs::set_permissions(office.data_dir(), fs::Permissions::from_mode(0o755)).unwrap();
    office.start();
    check(&office, 6);
}

#[test]
fn a_token_in_an_address_opens_a_session_and_nothing_else() {
    let (office, admin) = Office::open();
    let nobody = office.nobody();
    let event = admin.create(&event_in(3600, &[]));
    for (method, path) in [
        ("GET", "/api/me".to_owned()),
        ("GET", "/api/events".to_owned()),
        ("GET", "/api/devices".to_owned()),
        ("GET", "/api/notifications".to_owned()),
        ("POST", "/api/people".to_owned()),
        ("DELETE", format!("/api/events/{}", event["id"].as_str().unwrap())),
    ] {
        let answer = nobody.request(method, &format!("{path}?token={}", admin.token)).json(&json!({})).send();
        assert_eq!(answer.refusal(401), "unauthorized", "{method} {path}");
    }
}

#[test]
fn a_token_that_is_nearly_right_is_worth_nothing() {
    let (office, admin) = Office::open();
    let nobody = office.nobody();
    let token = &admin.token;
    let flipped =
        if token.is_ascii() && token.to_lowercase() != *token { token.to_lowercase() } else { token.to_uppercase() };
    for wrong in [
        token[1..].to_owned(),
        token[..token.len() - 1].to_owned(),
        format!("{token}="),
        format!("{token}A"),
        format!("{token} {token}"),
        format!("{token},"),
        flipped,
        "' OR 1=1 --".to_owned(),
        "%".to_owned(),
        "null".to_owned(),
        "0".repeat(43),
        "A".repeat(4000),
    ] {
        let answer = nobody.request("GET", "/api/me").header("authorization", &format!("Bearer {wrong}")).send();
        assert_eq!(answer.refusal(401), "unauthorized", "{wrong}");
    }
    for device in admin.get("/api/devices").expect(200)["devices"].as_array().unwrap() {
        assert!(!Value::to_string(device).contains(token.as_str()), "it is not shown again");
    }
}
