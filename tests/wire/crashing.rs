//! A hub that is killed at one chosen moment. At any moment, under load: `crash_loop`.

use serde_json::{Value, json};

use crate::harness::{Office, event_in, moment, wait_for_clock};

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
    let mut session = ann.session();
    // When this has come, nothing else waits to be committed: not when her device was seen either.
    admin.create(&event_in(DAY, &[&ann.id]));
    assert_eq!(session.next_notification("assigned")["seq"], 1);

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

/// The log is copied beside the commits when many come without a pause; one of these is going on, most likely.
#[cfg(debug_assertions)]
#[test]
fn killed_while_the_log_is_copied_beside_the_commits_it_has_all_that_was_answered() {
    const POSTERS: usize = 8;
    // More than the log has when it is copied, by far.
    const MOST: usize = 1000;
    let moment = tempfile::tempdir().unwrap();
    let flag = moment.path().join("now");
    let die_at = format!("log-copied-ahead:{}", flag.display());
    std::fs::write(&flag, "").unwrap();
    let (mut office, admin) = Office::new().with_variable("RAPPEL_DIE_AT", &die_at).opened();
    let ann = admin.add("Ann");
    let mut event = event_in(DAY, &[&ann.id]);
    event["comment"] = "x".repeat(9_000).into();
    let answered: usize = std::thread::scope(|scope| {
        let post = || {
            let posted = (0..MOST).map(|_| admin.request("POST", "/api/events").json(&event).try_send());
            posted.take_while(|answer| answer.as_ref().is_ok_and(|answer| answer.status == 201)).count()
        };
        let posters: Vec<_> = (0..POSTERS).map(|_| scope.spawn(post)).collect();
        posters.into_iter().map(|poster| poster.join().unwrap()).sum()
    });
    assert!(answered < POSTERS * MOST, "it was never copied");
    assert!(!office.wait().success());

    std::fs::remove_file(&flag).unwrap();
    office.start();
    let told = ann.get("/api/notifications").expect(200)["seq"].as_u64().unwrap();
    let there = usize::try_from(told).unwrap();
    assert!((answered..=answered + POSTERS).contains(&there), "{answered} were answered, {there} are there");
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

/// Whoever gave the command is not told that it was done, and cannot know; to do it again would be to
/// do it twice.
#[cfg(debug_assertions)]
#[test]
fn a_command_that_a_dying_hub_has_done_is_not_done_again() {
    let moment = tempfile::tempdir().unwrap();
    let flag = moment.path().join("now");
    let die_at = format!("committed:{}", flag.display());
    let (mut office, _admin) = Office::new().with_variable("RAPPEL_DIE_AT", &die_at).opened();
    std::fs::write(&flag, "").unwrap();
    let refused = office.run(&["person", "add", "Ann"]);
    assert_eq!(refused.code, 1, "{refused:?}");
    assert!(refused.err.contains("may or may not have done it"), "{refused:?}");
    assert!(!office.wait().success());
    let people = office.run(&["person", "list"]).out;
    assert_eq!(people.matches("\tAnn\n").count(), 1, "{people}");
}
