//! How a hub ends, and what it leaves.

use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use crate::harness::{Office, event_in};

const DAY: i64 = 86_400;

#[test]
fn asked_to_end_it_says_goodbye_to_every_session() {
    let (mut office, admin) = Office::new().with(&["--max-connections-per-address", "0"]).opened();
    let sessions: Vec<_> = (0..40).map(|_| admin.session()).collect();
    office.terminate();
    for session in sessions {
        assert_eq!(session.closed(), 1001);
    }
    let status = office.wait();
    assert_eq!(status.code(), Some(0), "{}", office.log());
    assert_eq!(office.rest_of_output(), [""; 0], "nothing more on stdout");
}

#[test]
fn an_interrupt_ends_it_as_well() {
    let (mut office, admin) = Office::open();
    let session = admin.session();
    office.signal("INT");
    assert_eq!(session.closed(), 1001);
    assert_eq!(office.wait().code(), Some(0));
}

#[test]
fn a_session_that_takes_nothing_does_not_hold_it_up() {
    let (mut office, admin) = Office::open();
    let ann = admin.add("Ann");
    // More than the two ends of a connection keep for one that takes nothing.
    let mut event = event_in(DAY, &[&ann.id]);
    event["comment"] = json!("\u{1f4d0}".repeat(10_000));
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| (0..50).for_each(|_| drop(admin.create(&event))));
        }
    });
    let (deaf, _) = ann.session_at("since=0");
    let asked_at = Instant::now();
    office.terminate();
    assert_eq!(office.wait().code(), Some(0));
    assert!(asked_at.elapsed() < Duration::from_secs(5), "{:?}", asked_at.elapsed());
    drop(deaf);
}

#[test]
fn what_it_leaves_is_its_owners_only() {
    let (mut office, admin) = Office::open();
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    let data_dir = office.data_dir();
    assert_eq!(mode(&data_dir), 0o700);
    admin.create(&event_in(DAY, &[]));
    let files = || -> Vec<_> { std::fs::read_dir(&data_dir).unwrap().map(|entry| entry.unwrap().path()).collect() };
    assert!(files().iter().any(|path| path.ends_with("control.sock")));
    for path in files() {
        assert_eq!(mode(&path), 0o600, "{}", path.display());
    }
    office.terminate();
    office.wait();
    let names: Vec<_> = files().iter().map(|path| path.file_name().unwrap().to_owned()).collect();
    assert!(!names.iter().any(|name| name == "control.sock"), "{names:?}");
}

#[test]
fn who_says_nothing_or_nonsense_to_the_control_socket_harms_nobody() {
    let (mut office, _admin) = Office::open();
    let connect = || UnixStream::connect(office.data_dir().join("control.sock")).unwrap();
    let silent = connect();
    for nonsense in ["\n", "{}\n", "{\"command\":\"fly\"}\n", "\u{0}\u{1}\n", &format!("{}\n", "x".repeat(100_000))] {
        let mut stream = connect();
        // Past its limit the hub does not read on.
        let _ = stream.write_all(nonsense.as_bytes());
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        assert!(answer.is_empty() || answer.contains("\"refused\""), "{answer}");
    }
    office.run(&["person", "list"]).out();
    let asked_at = Instant::now();
    office.terminate();
    assert_eq!(office.wait().code(), Some(0));
    assert!(asked_at.elapsed() < Duration::from_secs(5), "{:?}", asked_at.elapsed());
    drop(silent);
}

#[test]
fn a_file_that_is_no_store_is_said_and_left_alone() {
    let office = Office::new();
    std::fs::create_dir(office.data_dir()).unwrap();
    let store = office.data_dir().join("rappel.db");
    let content = "Something else entirely.".repeat(100);
    std::fs::write(&store, &content).unwrap();
    office.run(&["serve", "--listen", "127.0.0.1:0"]).error(1);
    office.run(&["person", "list"]).error(1);
    assert_eq!(std::fs::read_to_string(&store).unwrap(), content);
}

#[test]
fn a_second_hub_on_the_same_data_fails_at_once() {
    let (office, admin) = Office::open();
    let second = office.run(&["serve", "--listen", "127.0.0.1:0"]);
    assert!(second.error(1).contains("another Rappel is running"), "{}", second.err);
    admin.get("/api/me").expect(200);
}

#[test]
fn an_address_that_is_taken_is_said() {
    let (office, admin) = Office::open();
    let taken = admin.own_origin().replace("http://", "");
    let beside = office.beside("other");
    let second = office.run(&["serve", "--listen", &taken, "--data-dir", beside.to_str().unwrap()]);
    // It had begun to log before it knew.
    let last = second.err.lines().last().unwrap();
    assert!(last.starts_with(&format!("rappel-hub: cannot listen on {taken}")), "{last}");
    assert_eq!((second.code, second.out.as_str()), (1, ""));
}

#[test]
fn nothing_secret_is_logged_however_much_is() {
    let (mut office, admin) = Office::new().with_variable("RAPPEL_LOG", "trace").opened();
    let ann = admin.add("Annabelle");
    let invitation = admin.post(&format!("/api/people/{}/invitations", ann.id), &json!({})).expect(201);
    let code = invitation["code"].as_str().unwrap();
    let secret = invitation["link"].as_str().unwrap().rsplit('#').next().unwrap();
    let paired = office.nobody().pair(secret);
    let nobody = office.nobody();
    nobody.post("/api/pair", &json!({ "code": code, "device_name": "Annabelle" })).refusal(403);
    let page = nobody.request("POST", "/api/pair").header("origin", &nobody.own_origin());
    let page = page.json(&json!({ "code": admin.invite(&ann.id), "device_name": "Firefox d'Annabelle" })).send();
    let cookie = page.cookie().unwrap();
    let cookie = cookie.split_once('=').unwrap().1;
    nobody.request("GET", "/api/me").header("cookie", &page.cookie().unwrap()).send().expect(200);

    let mut session = nobody.upgrade(&format!("/ws/notifications/?token={}&since=0", paired.token)).unwrap();
    session.next_of("connection_established");
    let mut event = event_in(DAY, &[&ann.id]);
    event["title"] = json!("Chantier secret");
    admin.create(&event);
    session.next_notification("assigned");
    session.send(&json!({ "type": "mark_read", "notification_id": "Chantier secret" }));
    session.next_of("error");
    nobody.upgrade("/ws/notifications/?token=wrong-but-secret").unwrap_err();
    assert_eq!(admin.get("/api/events?q=Chantier").expect(200)["events"].as_array().unwrap().len(), 1);
    let made = office.run(&["token", "create", "Annabelle", "--label", "Agenda d'Annabelle"]);
    let created = made.out().to_owned();
    office.terminate();
    office.wait();

    let log = office.log();
    assert!(log.contains("ending"), "it does log: {log}");
    let compact = code.replace('-', "");
    for secret in [
        admin.token.as_str(),
        &ann.token,
        &paired.token,
        &created,
        cookie,
        secret,
        code,
        &compact,
        "wrong-but-secret",
        "Annabelle",
        "Chantier",
    ] {
        let found = log.lines().find(|line| line.contains(secret));
        assert_eq!(found, None, "{secret} is in the log");
    }
}
