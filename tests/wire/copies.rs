//! The copies that a hub keeps, for its admins: made, taken away, brought, and gone back to.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::harness::{Client, Office, event_in};

const DAY: i64 = 86_400;

fn titled(title: &str) -> Value {
    let mut event = event_in(DAY, &[]);
    event["title"] = title.into();
    event
}

#[track_caller]
fn titles(client: &Client) -> Vec<String> {
    let events = client.get("/api/events").expect(200);
    let title = |event: &Value| event["title"].as_str().unwrap().to_owned();
    events["events"].as_array().unwrap().iter().map(title).collect()
}

#[track_caller]
fn make(admin: &Client) -> Value {
    admin.post("/api/copies", &json!({})).expect(201)
}

#[track_caller]
fn listed(admin: &Client) -> Vec<Value> {
    admin.get("/api/copies").expect(200)["copies"].as_array().unwrap().clone()
}

fn path_of(copy: &Value) -> String {
    format!("/api/copies/{}", copy["name"].as_str().unwrap())
}

fn file_of(office: &Office, copy: &Value) -> PathBuf {
    office.data_dir().join("backups").join(copy["name"].as_str().unwrap())
}

#[track_caller]
fn bring(admin: &Client, bytes: impl Into<Vec<u8>>) -> crate::harness::Answer {
    admin.request("POST", "/api/copies/uploads").bytes("application/vnd.sqlite3", bytes).send()
}

#[test]
fn copies_are_the_hubs_owners_and_listed_for_admins() {
    use std::os::unix::fs::PermissionsExt;
    let (office, admin) = Office::open();
    let none = admin.get("/api/copies").expect(200);
    let folder = office.data_dir().join("backups");
    assert_eq!(none, json!({ "copies": [], "folder": folder, "failure": null, "is_late": false }));
    assert_eq!(office.status()["last_copy_at"], Value::Null);
    let copy = make(&admin);
    assert_eq!(listed(&admin), std::slice::from_ref(&copy));
    assert_eq!((&copy["kind"], &copy["schema"]), (&json!("manual"), &office.status()["schema"]));
    assert_eq!(office.status()["last_copy_at"], copy["made_at"]);
    assert!(office.run(&["status"]).out().contains(&format!("last copy\t{}", copy["made_at"].as_str().unwrap())));
    let file = file_of(&office, &copy);
    assert_eq!(std::fs::metadata(&file).unwrap().len(), copy["bytes"].as_u64().unwrap());
    let mode = |path: &std::path::Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!((mode(&folder), mode(&file)), (0o700, 0o600));
}

#[test]
fn a_copy_is_taken_away_and_brought_to_another_hub() {
    let (office, admin) = Office::open();
    admin.create(&titled("before"));
    let copy = make(&admin);
    let answer = admin.get(&format!("{}/file", path_of(&copy)));
    assert_eq!(answer.status, 200);
    assert_eq!(answer.bytes, std::fs::read(file_of(&office, &copy)).unwrap());
    assert!(answer.bytes.len() > 256 * 1024 || answer.bytes.len() > 64 * 1024, "it comes in pieces");
    let name = copy["name"].as_str().unwrap();
    assert_eq!(answer.header("content-disposition"), Some(&*format!("attachment; filename=\"rappel-{name}\"")));
    assert_eq!(answer.header("content-type"), Some("application/vnd.sqlite3"));

    let (other, other_admin) = Office::open();
    let brought = bring(&other_admin, answer.bytes.clone()).expect(201);
    assert_eq!((&brought["kind"], &brought["bytes"]), (&json!("uploaded"), &copy["bytes"]));
    assert_eq!(titles(&other_admin), [""; 0], "it is there, and nothing is changed yet");
    other_admin.post(&format!("{}/restore", path_of(&brought)), &json!({})).expect(200);
    let admin = other.client(&admin);
    assert_eq!(titles(&admin), ["before"], "the office has moved, with who was signed in");
    let back = listed(&admin).into_iter().find(|copy| copy["kind"] == "before_restore").unwrap();
    assert_eq!(
        other.data_dir().join("backups").join(back["name"].as_str().unwrap()).metadata().unwrap().len(),
        back["bytes"]
    );
}

#[test]
fn going_back_to_a_copy_says_before_what_is_lost_and_keeps_it() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    let event = admin.create(&titled("before"));
    let copy = make(&admin);
    admin.create(&titled("after"));
    admin.patch(&format!("/api/events/{}", event["id"].as_str().unwrap()), &json!({ "title": "changed" })).expect(200);
    let bob = admin.add("Bob");
    let new_device = admin.pair(&admin.invite(&admin.id));
    let detail = admin.get(&path_of(&copy)).expect(200);
    assert_eq!(detail["copy"], copy);
    let mut lost = detail["lost"].clone();
    assert!(lost["last_change_at"].take().is_string());
    let expected = json!({ "events": 1, "changed_events": 1, "people": 1, "devices": 2, "last_change_at": null });
    assert_eq!(lost, expected);

    let sessions = [ann.session(), bob.session(), admin.session()];
    let before = office.status()["epoch"].as_u64().unwrap();
    let restored = new_device.post(&format!("{}/restore", path_of(&copy)), &json!({})).expect(200);
    assert!(restored["epoch"].as_u64().unwrap() > before);
    assert_eq!(office.status()["epoch"], restored["epoch"]);
    for session in sessions {
        assert_eq!(session.closed(), 1001);
    }
    assert_eq!(titles(&new_device), ["before"], "whoever did it is signed in, though the copy knows nothing of it");
    assert_eq!(bob.get("/api/me").refusal(401), "unauthorized");
    let kept = listed(&admin).into_iter().find(|copy| copy["name"] == restored["kept"]).expect("it is listed");
    assert_eq!(kept["kind"], "before_restore");
    admin.post(&format!("{}/restore", path_of(&kept)), &json!({})).expect(200);
    assert_eq!(titles(&admin), ["changed", "after"], "the restore is undone");
    assert_eq!(ann.session_at("since=1").1["hub"]["epoch"], office.status()["epoch"]);
}

#[test]
fn what_is_no_whole_copy_is_refused_with_the_reason_and_nothing_changes() {
    let (office, admin) = Office::open();
    admin.create(&titled("before"));
    let copy = make(&admin);
    let good = std::fs::read(file_of(&office, &copy)).unwrap();
    let mut newer = good.clone();
    newer[60..64].copy_from_slice(&999_u32.to_be_bytes());
    let mut scratched = good.clone();
    scratched[8192..9000].fill(0xa5);
    for (bytes, code) in [
        (b"Dear diary".to_vec(), "copy_foreign"),
        (Vec::new(), "copy_foreign"),
        (newer, "copy_newer"),
        (good[..good.len() / 2].to_vec(), "copy_damaged"),
        (scratched.clone(), "copy_damaged"),
    ] {
        assert_eq!(bring(&admin, bytes).refusal(422), code);
    }
    // It was good when it was made.
    std::fs::write(file_of(&office, &copy), scratched).unwrap();
    let refused = admin.post(&format!("{}/restore", path_of(&copy)), &json!({}));
    assert_eq!(refused.refusal(422), "copy_damaged");
    assert_eq!(titles(&admin), ["before"]);
    assert_eq!(office.status()["epoch"], 1);
    assert_eq!(listed(&admin).len(), 1, "nothing is left of what was brought, and nothing was kept for nothing");
    let names = std::fs::read_dir(office.data_dir().join("backups")).unwrap().count();
    assert_eq!(names, 1);
}

#[test]
fn a_disk_with_too_little_space_is_told_and_harms_nobody() {
    let mut office = Office::new();
    if let Err(why) = office.put_on_disk(16 * 1024) {
        eprintln!("SKIPPED: no disk can be mounted here: {why}");
        return;
    }
    let (office, admin) = office.opened();
    let mut session = admin.session();
    assert_eq!(admin.post("/api/copies", &json!({})).refusal(503), "no_room_for_copy");
    assert_eq!(bring(&admin, b"SQLite format 3".to_vec()).refusal(503), "no_room_for_copy");
    let list = admin.get("/api/copies").expect(200);
    assert_eq!((&list["copies"], &list["failure"]["trouble"]), (&json!([]), &json!("disk_full")));
    let status = office.status();
    assert_eq!((&status["copy_failure"]["trouble"], &status["trouble"]), (&json!("disk_full"), &Value::Null));
    assert!(office.run(&["status"]).out().contains("the disk has too little space for it"));
    admin.create(&event_in(DAY, &[&admin.id]));
    session.settle();
    assert_eq!(titles(&admin).len(), 1, "the office goes on");
}

/// The program has these points in debug builds only.
#[cfg(debug_assertions)]
#[test]
fn killed_in_the_middle_of_a_copy_nothing_of_it_is_left() {
    let moment = tempfile::tempdir().unwrap();
    let flag = moment.path().join("now");
    let die_at = format!("backing_up:{}", flag.display());
    let (mut office, admin) = Office::new().with_variable("RAPPEL_DIE_AT", &die_at).opened();
    let earlier = make(&admin);
    std::fs::write(&flag, "").unwrap();
    assert!(admin.request("POST", "/api/copies").json(&json!({})).try_send().is_err(), "nobody answers any more");
    assert!(!office.wait().success());
    let names = || std::fs::read_dir(office.data_dir().join("backups")).unwrap().count();
    assert_eq!(names(), 2, "it was written, and had no name yet");
    std::fs::remove_file(&flag).unwrap();
    office.start();
    assert_eq!(listed(&admin), [earlier]);
    let names = std::fs::read_dir(office.data_dir().join("backups")).unwrap().count();
    assert_eq!(names, 1, "a start tidies up");
}
