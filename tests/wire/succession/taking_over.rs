//! The hub is gone, and the computer that keeps its copy becomes the hub. A hub that comes back steps
//! down.

use serde_json::{Value, json};

use super::{Two, until, until_or};
use crate::harness::{Machine, event_in, wait_for_clock};

const DAY: i64 = 86_400;

/// How many restores an epoch stands for.
fn restores(epoch: &Value) -> u64 {
    epoch.as_u64().unwrap() >> 32
}

/// Kills both, and has the heir take over and serve.
fn take_over(two: &mut Two) {
    two.hub.kill();
    two.heir.kill();
    let said = two.heir.run(&["takeover"]);
    assert!(said.out().contains("this computer is the hub"), "{said:?}");
    two.heir.serve();
}

#[test]
fn a_copy_is_kept_sealed_and_the_admin_sees_which_computer_has_it() {
    let two = Two::open();
    let nobody = two.admin.get("/api/hub/keeper").expect(200);
    assert_eq!((&nobody["keeper"], &nobody["heirs"][0]["device_id"]), (&Value::Null, &json!(two.device)));
    two.admin.create(&json!({ "title": "Secret du chantier", "starts_at": "2031-01-01T09:00:00Z" }));
    let two = two.with_copy();
    let keeper = two.admin.get("/api/hub/keeper").expect(200)["keeper"].clone();
    assert_eq!((&keeper["desktop"]["name"], &keeper["desktop"]["online"]), (&json!("Laptop"), &json!(true)));
    let listed = two.hub.run(&["keeper"]);
    assert!(listed.out().contains(&format!("{}\tLaptop\tonline\tkeeps\t", two.device)), "{listed:?}");

    let copies: Vec<_> = std::fs::read_dir(two.heir.data_dir().join("copies")).unwrap().collect();
    assert_eq!(copies.len(), 1);
    let copy = std::fs::read(copies[0].as_ref().unwrap().path()).unwrap();
    for text in ["Secret du chantier", "SQLite", "Europe/Paris"] {
        assert!(!copy.windows(text.len()).any(|part| part == text.as_bytes()), "{text} can be read in it");
    }
    assert!(!two.heir.data_dir().join("rappel.db").exists(), "there is nothing else of the office there");
}

#[test]
fn the_computer_with_the_copy_takes_over_with_identity_people_and_history() {
    let mut two = Two::open();
    two.admin.create(&event_in(DAY, &[&two.ann.id]));
    two = two.with_copy();
    let (identity, inbox) = (two.admin.get("/api/hub").expect(200), two.ann.inbox());
    two.admin.create(&event_in(DAY, &[&two.ann.id]));

    let answers = two.heir.run(&["takeover"]);
    assert!(answers.error(1).contains("the hub answers"), "as long as it does, there is no reason: {answers:?}");
    two.hub.kill();
    // It stands by meanwhile, and serves at once.
    two.heir.run(&["takeover"]).out();
    two.heir.line("listening on ");

    let after = two.heir.client(&two.admin).get("/api/hub").expect(200);
    assert_eq!((&after["id"], &after["fingerprint"]), (&identity["id"], &identity["fingerprint"]));
    assert_eq!(restores(&after["epoch"]), 100, "far beyond what the old hub can have come to");
    let ann = two.heir.client(&two.ann);
    assert_eq!(ann.inbox(), inbox, "everything up to the copy, and nothing later");
    let (_, first) = ann.session_at("since=0");
    assert_eq!(first["hub"]["epoch"], after["epoch"]);
    let again = two.heir.run(&["takeover"]);
    assert!(again.error(1).contains("keeps no copy"), "it keeps none of itself: {again:?}");
}

#[test]
fn a_hub_that_comes_back_steps_down_before_it_decides_anything_and_stays_so() {
    let mut two = Two::open().with_copy();
    // Both know of it, and both would tell of it.
    let due = two.admin.create(&event_in(5 * 60 + 8, &[&two.ann.id]));
    two.admin.delete("/api/hub/keeper").expect(204);
    two.hub.run(&["keeper", &two.device]).out();
    std::fs::remove_dir_all(two.heir.data_dir().join("copies")).unwrap();
    std::fs::create_dir(two.heir.data_dir().join("copies")).unwrap();
    until("a copy with the event is kept", || {
        std::fs::read_dir(two.heir.data_dir().join("copies"))
            .unwrap()
            .any(|entry| entry.unwrap().file_name().to_string_lossy().starts_with("copy-"))
    });
    take_over(&mut two);
    let due_at = crate::harness::moment(&due["starts_at"]).as_ms() - 5 * 60_000;
    wait_for_clock(due_at + 100);

    two.hub.serve();
    let refused = two.hub.client(&two.admin).get("/api/me");
    assert_eq!(refused.refusal(503), "hub_moved", "{}", two.logs());
    let said: Value = serde_json::from_str(&refused.body).unwrap();
    let address = two.heir.address().to_string();
    assert!(said["error"]["message"].as_str().unwrap().contains(&address), "it says where: {said}");
    assert_eq!(two.hub.reign().unwrap()["moved"]["epoch"], two.heir.reign().unwrap()["epoch"]);
    let status: Value = serde_json::from_str(two.hub.run(&["status", "--json"]).out()).unwrap();
    assert_eq!(status["fired"], 0, "what fell due meanwhile is the other one's to tell: {status}");
    let written = two.hub.run(&["person", "add", "Eva"]);
    assert!(written.error(1).contains("moving to another computer"), "{written:?}");

    two.hub.kill();
    two.heir.kill();
    two.hub.serve();
    assert_eq!(two.hub.client(&two.admin).get("/api/me").refusal(503), "hub_moved", "it knows without asking");
}

#[test]
fn of_two_that_run_the_lower_epoch_steps_down() {
    let mut two = Two::open().with_copy();
    // As a machine that sleeps.
    two.hub.signal("STOP");
    two.heir.kill();
    two.heir.run(&["takeover"]).out();
    two.heir.serve();
    let ann = two.hub.client(&two.ann);
    two.hub.signal("CONT");
    until_or("the old one has stepped down", || !two.hub.reigns(), || two.logs());
    assert!(two.heir.reigns());
    assert_eq!(ann.get("/api/me").refusal(503), "hub_moved");
    two.heir.client(&two.ann).get("/api/me").expect(200);
}

#[test]
fn a_former_hub_can_be_the_hub_again_when_the_other_one_is_gone() {
    let mut two = Two::open().with_copy();
    take_over(&mut two);
    two.hub.serve();
    until("it has stepped down", || !two.hub.reigns());
    two.hub.kill();
    let refused = two.hub.run(&["takeover"]);
    assert!(refused.error(1).contains("the hub answers"), "{refused:?}");
    two.heir.kill();
    assert!(two.hub.run(&["takeover"]).out().contains("the hub again"));
    two.hub.serve();
    assert_eq!(restores(&two.hub.client(&two.admin).get("/api/hub").expect(200)["epoch"]), 200);
    two.heir.serve();
    until_or("the other one steps down now", || !two.heir.reigns(), || two.logs());
}

#[test]
fn a_restore_makes_a_former_hub_the_hub_again() {
    let mut two = Two::open().with_copy();
    let backup = two.hub.data_dir().join("../backup.db");
    two.hub.run(&["backup", backup.to_str().unwrap()]).out();
    take_over(&mut two);
    two.hub.serve();
    until("it has stepped down", || !two.hub.reigns());
    let refused = two.hub.run(&["restore", backup.to_str().unwrap()]);
    assert!(refused.error(1).contains("moving to another computer"), "not while it runs: {refused:?}");
    two.hub.kill();
    two.hub.run(&["restore", backup.to_str().unwrap()]).out();
    two.heir.kill();
    two.hub.serve();
    assert_eq!(restores(&two.hub.client(&two.admin).get("/api/hub").expect(200)["epoch"]), 200);
}

#[test]
fn a_copy_that_was_tampered_with_is_no_copy_and_changes_nothing() {
    let mut two = Two::open().with_copy();
    two.hub.kill();
    two.heir.kill();
    let folder = two.heir.data_dir().join("copies");
    let file = std::fs::read_dir(&folder).unwrap().next().unwrap().unwrap().path();
    let whole = std::fs::read(&file).unwrap();
    let mut tampered = whole.clone();
    let middle = tampered.len() / 2;
    tampered[middle] ^= 1;
    for (what, bytes) in [("tampered with", &tampered[..]), ("cut off", &whole[..whole.len() - 1])] {
        std::fs::write(&file, bytes).unwrap();
        let refused = two.heir.run(&["takeover"]);
        assert!(refused.error(1).contains("damaged"), "{what}: {refused:?}");
        assert!(!two.heir.data_dir().join("rappel.db").exists(), "{what}: nothing came of it");
    }
    std::fs::write(&file, &whole).unwrap();
    std::fs::rename(two.heir.data_dir().join("copies.key"), two.heir.data_dir().join("elsewhere")).unwrap();
    let refused = two.heir.run(&["takeover"]);
    assert!(refused.error(1).contains("no copy"), "without its key: {refused:?}");
    std::fs::rename(two.heir.data_dir().join("elsewhere"), two.heir.data_dir().join("copies.key")).unwrap();
    two.heir.run(&["takeover"]).out();
}

#[test]
fn whoever_keeps_no_copy_cannot_take_over() {
    let mut two = Two::open();
    two.hub.kill();
    two.heir.kill();
    let refused = two.heir.run(&["takeover"]);
    assert!(refused.error(1).contains("has no copy"), "{refused:?}");
    let refused = Machine::new().run(&["takeover"]);
    assert!(refused.error(1).contains("keeps no copy"), "{refused:?}");
    let refused = two.hub.run(&["takeover"]);
    assert!(refused.error(1).contains("keeps no copy"), "it is the hub itself: {refused:?}");
}
