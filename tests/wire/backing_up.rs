//! Backups and restores: whole or not at all, and nobody takes what comes after a restore for what
//! they know.

use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::harness::{Client, Office, Outcome, event_in};

const DAY: i64 = 86_400;

/// Runs the command with a file.
#[track_caller]
fn with_file(office: &Office, command: &str, file: &Path) -> String {
    office.run(&[command, file.to_str().unwrap()]).out().to_owned()
}

#[track_caller]
fn backup(office: &Office, name: &str) -> PathBuf {
    let file = office.beside(name);
    assert_eq!(with_file(office, "backup", &file), "");
    file
}

/// Restores; the answer is where it says that the present data are kept.
#[track_caller]
fn restore(office: &Office, file: &Path) -> PathBuf {
    let line = with_file(office, "restore", file);
    let kept = line.strip_prefix("restored; what was there before is in ").unwrap_or_else(|| panic!("{line}"));
    let kept = PathBuf::from(kept);
    assert_eq!(kept.parent(), Some(office.data_dir().join("backups").as_path()));
    assert!(kept.is_file(), "{line}");
    kept
}

#[track_caller]
fn status(office: &Office) -> Value {
    serde_json::from_str(office.run(&["status", "--json"]).out()).unwrap()
}

fn titles(client: &Client) -> Vec<String> {
    let events = client.get("/api/events").expect(200);
    let title = |event: &Value| event["title"].as_str().unwrap().to_owned();
    events["events"].as_array().unwrap().iter().map(title).collect()
}

fn titled(title: &str, assignees: &[&str]) -> Value {
    let mut event = event_in(DAY, assignees);
    event["title"] = title.into();
    event
}

#[test]
fn a_running_hub_goes_back_to_its_backup_and_forward_again() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    admin.create(&titled("before", &[&ann.id]));
    assert_eq!(status(&office)["last_backup_at"], Value::Null);
    let file = backup(&office, "backup.db");
    assert!(status(&office)["last_backup_at"].is_string());
    admin.create(&titled("after", &[&ann.id]));
    let (session, first) = ann.session_at("");

    let kept = restore(&office, &file);
    assert_eq!(session.closed(), 1001);
    assert_eq!(titles(&admin), ["before"]);
    let (mut session, again) = ann.session_at("");
    assert_eq!(again["hub"]["id"], first["hub"]["id"]);
    let epoch = |first: &Value| first["hub"]["epoch"].as_u64().unwrap();
    assert!(epoch(&again) > epoch(&first), "{again}");
    assert_eq!(status(&office)["epoch"], again["hub"]["epoch"]);
    admin.create(&titled("since", &[&ann.id]));
    assert_eq!(session.next_notification("assigned")["seq"], 2, "it goes on from there");

    restore(&office, &kept);
    assert_eq!(titles(&admin), ["before", "after"], "the restore is undone");
    assert!(status(&office)["epoch"].as_u64().unwrap() > epoch(&again));
}

#[test]
fn an_office_moves_to_another_computer() {
    let (mut office, admin) = Office::open();
    admin.create(&titled("before", &[]));
    office.terminate();
    office.wait();
    let file = backup(&office, "backup.db");

    let mut other = Office::new();
    assert_eq!(with_file(&other, "restore", &file), "restored");
    other.start();
    let mut client = other.nobody();
    client.token.clone_from(&admin.token);
    assert_eq!(titles(&client), ["before"], "who was signed in stays so");
    assert!(status(&other)["epoch"].as_u64().unwrap() > 1);
    drop(other);

    office.start();
    admin.create(&titled("after", &[]));
    office.terminate();
    office.wait();
    restore(&office, &file);
    office.start();
    assert_eq!(titles(&admin), ["before"]);
}

#[test]
fn a_backup_that_cannot_be_written_changes_nothing() {
    let (mut office, admin) = Office::open();
    admin.create(&titled("before", &[]));
    for _running in [true, false] {
        let diary = office.beside("diary");
        std::fs::write(&diary, "Dear diary").unwrap();
        let store = office.data_dir().join("rappel.db");
        let nowhere = office.beside("nowhere/backup.db");
        for (target, reason) in [
            (diary.as_path(), "is no backup"),
            (&store, "is an event store"),
            (&nowhere, "cannot be written"),
            (office.beside("").as_path(), "cannot be written"),
            (Path::new("/dev/null"), "is no backup"),
        ] {
            let refused = office.run(&["backup", target.to_str().unwrap()]);
            assert!(refused.error(1).contains(reason), "{}", refused.err);
        }
        assert_eq!(std::fs::read(&diary).unwrap(), b"Dear diary");
        if office.is_running() {
            assert_eq!(titles(&admin), ["before"]);
            office.terminate();
            office.wait();
        }
    }
    office.start();
    assert_eq!(titles(&admin), ["before"]);
    let nothing = Office::new();
    let file = nothing.beside("backup.db");
    assert!(nothing.run(&["backup", file.to_str().unwrap()]).error(1).contains("no office"));
    assert!(!file.exists());
}

#[test]
fn a_relative_name_is_relative_to_whoever_gives_the_command() {
    let (office, _) = Office::open();
    let mut command = office.command();
    command.current_dir(office.beside("")).args(["backup", "here.db"]);
    assert!(command.status().unwrap().success());
    assert!(office.beside("here.db").is_file());
}

/// A limit on the size of files is as good as a disk that is full.
#[test]
fn a_full_disk_leaves_neither_half_a_backup_nor_half_a_restore() {
    let (mut office, admin) = Office::open();
    admin.create(&titled("before", &[]));
    let file = backup(&office, "backup.db");
    let good = std::fs::read(&file).unwrap();
    admin.create(&titled("after", &[]));
    office.terminate();
    office.wait();
    let listed = || {
        let names = std::fs::read_dir(office.beside("")).unwrap().map(|entry| entry.unwrap().file_name());
        names.collect::<std::collections::BTreeSet<_>>()
    };
    let before = listed();
    for command in ["backup", "restore"] {
        let program = office.command();
        let mut limited = std::process::Command::new("sh");
        limited.args(["-c", "trap '' XFSZ; ulimit -f 128; exec \"$@\"", "sh"]).arg(program.get_program());
        for (name, value) in program.get_envs() {
            match value {
                Some(value) => limited.env(name, value),
                None => limited.env_remove(name),
            };
        }
        limited.arg(command).arg(&file);
        Outcome::of(limited).error(1);
        assert_eq!(listed(), before, "{command} leaves nothing behind");
        assert_eq!(std::fs::read(&file).unwrap(), good, "{command} leaves the backup as it was");
        assert_eq!(rest(&office), [""; 0], "{command} leaves nothing in the data directory");
    }
    office.start();
    assert_eq!(titles(&admin), ["before", "after"]);
}

/// Damages a good backup in each of the ways in which files are damaged.
fn bad_files(office: &Office, good: &Path) -> Vec<(PathBuf, &'static str)> {
    let bytes = std::fs::read(good).unwrap();
    let write = |name: &str, bytes: &[u8]| {
        let path = office.beside(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let mut scratched = bytes.clone();
    scratched[8192..9000].fill(0xa5);
    let mut newer = bytes.clone();
    newer[60..64].copy_from_slice(&999_u32.to_be_bytes());
    let mut foreign = bytes.clone();
    foreign[68..72].copy_from_slice(b"Else");
    vec![
        (office.beside("missing.db"), "cannot be read"),
        (office.beside(""), "cannot be read"),
        (write("empty.db", b""), "is empty"),
        (write("diary.db", b"Dear diary"), "is no backup of Rappel"),
        (write("foreign.db", &foreign), "is no backup of Rappel"),
        (write("newer.db", &newer), "newer version of Rappel"),
        (write("half.db", &bytes[..bytes.len() / 2]), "damaged"),
        (write("scratched.db", &scratched), "damaged"),
        (office.data_dir().join("rappel.db"), "is the present event store itself"),
    ]
}

#[test]
fn what_is_no_whole_backup_is_refused_and_nothing_changes() {
    let (mut office, admin) = Office::open();
    let ann = admin.add("Ann");
    admin.create(&titled("before", &[&ann.id]));
    let good = backup(&office, "good.db");
    admin.create(&titled("after", &[&ann.id]));
    let before = (titles(&admin), ann.inbox());
    let files = bad_files(&office, &good);
    let refuse_all = |office: &Office| {
        for (file, reason) in &files {
            let bytes = std::fs::read(file).ok();
            let refused = office.run(&["restore", file.to_str().unwrap()]);
            assert!(refused.error(1).contains(reason), "{}: {}", file.display(), refused.err);
            if !file.starts_with(office.data_dir()) {
                assert_eq!(std::fs::read(file).ok(), bytes, "the file is left as it was");
            }
        }
    };
    let mut session = ann.session();
    refuse_all(&office);
    session.settle();
    assert_eq!((titles(&admin), ann.inbox()), before);
    office.terminate();
    office.wait();
    refuse_all(&office);
    office.start();
    assert_eq!((titles(&admin), ann.inbox()), before);
    assert_eq!(status(&office)["epoch"], 1);
    assert_eq!(rest(&office), [""; 0]);

    let nothing = Office::new();
    let refused = nothing.run(&["restore", files[2].0.to_str().unwrap()]);
    assert!(refused.error(1).contains("is empty"));
    assert!(!nothing.data_dir().join("rappel.db").exists(), "there is no more of an office than before");
}

/// Copies in the data directory that nothing refers to.
fn rest(office: &Office) -> Vec<String> {
    let names = std::fs::read_dir(office.data_dir()).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.into_string().unwrap());
    let known = |name: &String| ["rappel.db", "lock", "control.sock"].iter().any(|known| name.starts_with(known));
    let copies = std::fs::read_dir(office.data_dir().join("backups")).into_iter().flatten();
    let copies = copies.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.filter(|name| !known(name) && name != "backups").chain(copies).collect()
}

#[test]
fn a_store_that_cannot_be_opened_is_set_aside() {
    let (mut office, admin) = Office::open();
    admin.create(&titled("before", &[]));
    let file = backup(&office, "backup.db");
    office.terminate();
    office.wait();
    let store = office.data_dir().join("rappel.db");
    let mut bytes = std::fs::read(&store).unwrap();
    bytes[100..].fill(0xa5);
    std::fs::write(&store, &bytes).unwrap();
    let kept = restore(&office, &file);
    assert_eq!(std::fs::read(kept).unwrap(), bytes);
    office.start();
    assert_eq!(titles(&admin), ["before"]);
}

#[test]
fn what_was_revoked_stays_revoked() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    let bob = admin.add("Bob");
    let invitation = admin.invite(&bob.id);
    let file = backup(&office, "backup.db");
    admin.delete(&format!("/api/devices/{}", ann.device)).expect(204);
    let carl = admin.add("Carl");
    let session = carl.session();
    restore(&office, &file);
    assert_eq!(session.closed(), 1001);
    assert_eq!(ann.get("/api/me").refusal(401), "unauthorized");
    bob.get("/api/me").expect(200);
    assert_eq!(carl.get("/api/me").refusal(401), "unauthorized", "the backup does not know them");
    let again = json!({ "code": invitation, "device_name": "test" });
    office.nobody().post("/api/pair", &again).refusal(403);
}

/// The program has these points in debug builds only.
#[cfg(debug_assertions)]
#[test]
fn killed_in_the_middle_the_office_is_the_old_one_or_the_restored_one() {
    let moment = tempfile::tempdir().unwrap();
    let flag = moment.path().join("now");
    for (point, expected) in [("restoring", ["before", "after"].as_slice()), ("restored", &["before"])] {
        let die_at = format!("{point}:{}", flag.display());
        let (mut office, admin) = Office::new().with_variable("RAPPEL_DIE_AT", &die_at).opened();
        admin.create(&titled("before", &[]));
        let file = backup(&office, "backup.db");
        admin.create(&titled("after", &[]));
        std::fs::write(&flag, "").unwrap();
        // First the hub dies of it. Then the command does it itself, and dies of it too.
        let restore = |office: &Office| {
            let mut command = office.command();
            command.env("RAPPEL_DIE_AT", &die_at).arg("restore").arg(&file);
            assert_eq!(command.stderr(std::process::Stdio::null()).status().unwrap().code(), None, "it was killed");
        };
        restore(&office);
        assert!(!office.wait().success());
        std::fs::remove_file(&flag).unwrap();
        office.start();
        assert_eq!(titles(&admin), expected, "killed at {point}");
        let left: Vec<String> = rest(&office).into_iter().filter(|name| !name.starts_with("before-restore-")).collect();
        assert_eq!(left, [""; 0], "a start tidies up");
    }
}

#[cfg(debug_assertions)]
#[test]
fn killed_before_a_backup_has_its_name_the_earlier_one_is_there() {
    let moment = tempfile::tempdir().unwrap();
    let flag = moment.path().join("now");
    let (mut office, admin) = Office::open();
    office.terminate();
    office.wait();
    let file = backup(&office, "backup.db");
    let earlier = std::fs::read(&file).unwrap();
    office.start();
    admin.create(&titled("after", &[]));
    office.terminate();
    office.wait();
    std::fs::write(&flag, "").unwrap();
    let mut command = office.command();
    command.env("RAPPEL_DIE_AT", format!("backing_up:{}", flag.display())).arg("backup").arg(&file);
    assert_eq!(command.status().unwrap().code(), None, "it was killed");
    assert_eq!(std::fs::read(&file).unwrap(), earlier);
}

/// Two devices are ahead of the backup; whatever they bring, neither is told what it could mistake
/// for a part of what it knows.
#[test]
fn a_device_that_is_ahead_of_the_backup_starts_afresh() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    for _ in 0..2 {
        admin.create(&event_in(DAY, &[&ann.id]));
    }
    let file = backup(&office, "backup.db");
    for _ in 0..3 {
        admin.create(&event_in(DAY, &[&ann.id]));
    }
    let old = ann.inbox();
    let id = |seq: usize| old[seq - 1]["id"].as_str().unwrap();
    let sessions = [ann.session_at("since=5").0, ann.session()];
    restore(&office, &file);
    for session in sessions {
        assert_eq!(session.closed(), 1001);
    }
    // As many as before, of another history.
    for _ in 0..2 {
        admin.create(&event_in(DAY, &[&ann.id]));
    }
    for cursor in [
        format!("since=5&last_id={}&changes_since=5", id(5)),
        format!("since=4&last_id={}", id(4)),
        "since=5".to_owned(),
        format!("since=3&last_id={}&changes_since=3", id(3)),
        format!("since=2&last_id={}&changes_since=5", id(2)),
    ] {
        let (mut session, first) = ann.session_at(&cursor);
        assert_eq!((&first["hub"]["epoch"], &first["seq"]), (&status(&office)["epoch"], &json!(4)));
        session.next_of("snapshot_required");
    }
    let (mut known, _) = ann.session_at(&format!("since=2&last_id={}", id(2)));
    assert_eq!(known.next_notification("assigned")["seq"], 3, "so far the two are one history");
    let new = ann.inbox();
    assert_eq!(new[..2], old[..2]);
    assert!(new[2..].iter().all(|row| old.iter().all(|known| known["id"] != row["id"])), "nothing new has an old id");
}

/// The hub does not know that it told of it; whoever was told does.
#[test]
fn a_reminder_that_fired_after_the_backup_comes_again_under_its_id() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    admin.create(&event_in(5 * 60 + 2, &[&ann.id]));
    let file = backup(&office, "backup.db");
    let (mut session, _) = ann.session_at("since=1");
    let before = session.next_notification("5min_before");
    restore(&office, &file);
    assert_eq!(session.closed(), 1001);
    let (mut session, _) = ann.session_at("since=1");
    let again = session.next_notification("5min_before");
    assert_eq!((&again["id"], &again["seq"]), (&before["id"], &before["seq"]));
    admin.create(&event_in(DAY, &[&ann.id]));
    assert_eq!(session.next_notification("assigned")["seq"], 3, "and it comes once");
}

#[test]
fn requests_meanwhile_are_answered_by_one_state_or_the_other() {
    let (office, admin) = Office::open();
    let ann = admin.add("Ann");
    for _ in 0..3 {
        admin.create(&event_in(DAY, &[&ann.id]));
    }
    let file = backup(&office, "backup.db");
    let is_over = std::sync::atomic::AtomicBool::new(false);
    std::thread::scope(|scope| {
        let callers: Vec<_> = (0..3)
            .map(|caller| {
                let (admin, ann, is_over) = (&admin, &ann, &is_over);
                scope.spawn(move || {
                    while !is_over.load(std::sync::atomic::Ordering::Relaxed) {
                        if caller == 0 {
                            admin.create(&event_in(DAY, &[&ann.id]));
                        }
                        let list = ann.get("/api/notifications?limit=500").expect(200);
                        let rows = list["notifications"].as_array().unwrap();
                        assert_eq!(Some(rows.len() as u64), list["seq"].as_u64(), "{list}");
                    }
                })
            })
            .collect();
        for _ in 0..4 {
            restore(&office, &file);
        }
        is_over.store(true, std::sync::atomic::Ordering::Relaxed);
        for caller in callers {
            caller.join().unwrap();
        }
    });
    let log = office.log();
    assert_eq!(log.matches("a backup was restored").count(), 4, "{log}");
}
