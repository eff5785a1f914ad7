//! A hub that is killed: what it acknowledged is there, and what it committed is told once.

use std::sync::mpsc::sync_channel;

use serde_json::{Value, json};

use crate::harness::{Client, Office, event_in, moment, wait_for_clock};

const DAY: i64 = 86_400;

/// The program has this point in debug builds only.
#[cfg(debug_assertions)]
#[test]
fn killed_between_commit_and_sending_it_arrives_once() {
    let moment = tempfile::tempdir().unwrap();
    let flag = moment.path().join("now");
    let die_at = format!("committed:{}", flag.display());
    let (mut office, admin) = Office::new().with_variable("RAPPEL_DIE_AT", &die_at).opened();
    let ann = admin.add("Ann");
    admin.create(&event_in(DAY, &[&ann.id]));
    let mut session = ann.session();

    std::fs::write(&flag, "").unwrap();
    let request = admin.request("POST", "/api/events").json(&event_in(DAY, &[&ann.id]));
    assert!(request.try_send().is_err(), "nobody is there any more to answer");
    assert!(!office.wait().success());
    assert_eq!(session.rest(), [Value::Null; 0], "nothing was sent");

    std::fs::remove_file(&flag).unwrap();
    office.start();
    let (mut session, first) = ann.session_at("since=1");
    assert_eq!(first["seq"], 2, "it was committed");
    assert_eq!(session.next_notification("assigned")["seq"], 2);

    office.restart();
    let (mut session, _) = ann.session_at("since=2");
    admin.create(&event_in(DAY, &[&ann.id]));
    assert_eq!(session.next_notification("assigned")["seq"], 3, "nothing came a second time");
    assert_eq!(ann.inbox().len(), 3);
}

/// A reminder is decided and committed, and the hub dies before it is sent.
#[cfg(debug_assertions)]
#[test]
fn a_reminder_that_was_decided_but_not_sent_arrives_once() {
    let moment = tempfile::tempdir().unwrap();
    let flag = moment.path().join("now");
    let die_at = format!("committed:{}", flag.display());
    let (mut office, admin) = Office::new().with_variable("RAPPEL_DIE_AT", &die_at).opened();
    let ann = admin.add("Ann");
    admin.create(&event_in(5 * 60 + 2, &[&ann.id]));
    std::fs::write(&flag, "").unwrap();
    // The next commit is the scheduler's: nobody calls meanwhile.
    assert!(!office.wait().success());

    std::fs::remove_file(&flag).unwrap();
    office.start();
    let (mut session, _) = ann.session_at("since=1");
    let reminder = session.next_notification("5min_before");
    assert_eq!((&reminder["seq"], &reminder["late"]), (&json!(2), &json!(false)));
    admin.create(&event_in(DAY, &[&ann.id]));
    assert_eq!(session.next_notification("assigned")["seq"], 3);
}

#[test]
fn what_fell_due_while_it_was_off_is_told_late_and_once() {
    let (mut office, admin) = Office::open();
    let ann = admin.add("Ann");
    let event = admin.create(&event_in(5 * 60 + 3, &[&ann.id]));
    office.kill();
    let due_at = moment(&event["starts_at"]).as_ms() - 5 * 60_000;
    // Two seconds are not late yet.
    wait_for_clock(due_at + 2_100);

    office.start();
    let (mut session, _) = ann.session_at("since=1");
    let reminder = session.next_notification("5min_before");
    assert_eq!((&reminder["seq"], &reminder["late"], &reminder["outcome"]), (&json!(2), &json!(true), &json!("fired")));
    assert_eq!(moment(&reminder["due_at"]).as_ms(), due_at);
    assert!(moment(&reminder["created_at"]).as_ms() > due_at + 2_000);
    assert!(
        reminder["message"].as_str().unwrap().starts_with("Votre événement commence dans 5 minutes ("),
        "{reminder}"
    );
    office.restart();
    let (mut session, _) = ann.session_at("since=2");
    admin.create(&event_in(DAY, &[&ann.id]));
    assert_eq!(session.next_notification("assigned")["seq"], 3, "it did not come again");
}

/// Creates events until the hub is gone: the ids of those that were acknowledged.
fn create_until_gone(admin: &Client, ann: &Client, acknowledged: impl Fn()) -> Vec<String> {
    let mut ids = Vec::new();
    loop {
        let request = admin.request("POST", "/api/events").json(&event_in(DAY, &[&ann.id]));
        let Ok(answer) = request.try_send() else { return ids };
        ids.push(answer.expect(201)["id"].as_str().unwrap().to_owned());
        acknowledged();
    }
}

#[test]
fn killed_at_any_moment_it_loses_nothing_that_it_acknowledged() {
    let (mut office, admin) = Office::open();
    let ann = admin.add("Ann");
    let mut acknowledged = Vec::new();
    let mut cursor = 0;
    for kill_after in [1, 7, 20] {
        let mut session = ann.session_at(&format!("since={cursor}")).0;
        let (created, counted) = sync_channel(0);
        let writer = {
            let (admin, ann) = (admin.clone(), ann.clone());
            std::thread::spawn(move || {
                create_until_gone(&admin, &ann, || {
                    // Nobody counts any more once the hub is to be killed.
                    let _ = created.send(());
                })
            })
        };
        for _ in 0..kill_after {
            counted.recv().unwrap();
        }
        drop(counted);
        office.kill();
        acknowledged.extend(writer.join().unwrap());
        cursor += session.rest().len();
        office.start();
    }

    // What was sent before the kills and what is replayed after them are one history.
    let (mut session, first) = ann.session_at(&format!("since={cursor}"));
    let head = usize::try_from(first["seq"].as_u64().unwrap()).unwrap();
    for seq in cursor + 1..=head {
        assert_eq!(session.next_notification("assigned")["seq"], seq);
    }
    let inbox = ann.inbox();
    let seqs: Vec<&Value> = inbox.iter().map(|row| &row["seq"]).collect();
    assert_eq!(seqs, (1..=head).map(|seq| json!(seq)).collect::<Vec<_>>().iter().collect::<Vec<_>>(), "no gap");
    for id in &acknowledged {
        assert_eq!(inbox.iter().filter(|row| row["event_id"] == **id).count(), 1, "told once of {id}");
        admin.get(&format!("/api/events/{id}")).expect(200);
    }
}
