//! A planned handover: everything moves, nothing that was acknowledged is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::{Value, json};

use super::{Two, until_or};
use crate::harness::{event_in, secret_of};

const DAY: i64 = 86_400;

fn titles(of: &Value) -> Vec<String> {
    let events = of["events"].as_array().unwrap();
    events.iter().map(|event| event["title"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_hub_moves_with_people_pairings_invitations_and_history() {
    let mut two = Two::open();
    two.admin.create(&event_in(DAY, &[&two.ann.id]));
    let (identity, inbox) = (two.admin.get("/api/hub").expect(200), two.ann.inbox());
    let invitation = two.admin.invite(&two.ann.id);
    let (mut session, _) = two.ann.session_at("since=0");

    let said = two.hub.run(&["handover", &two.device]);
    assert!(said.out().contains(&format!("the hub is at {} now", two.heir.address())), "{said:?} {}", two.logs());
    while session.try_next().is_some() {}
    two.heir.line("listening on ");
    let after = two.heir.client(&two.admin).get("/api/hub").expect(200);
    assert_eq!((&after["id"], &after["fingerprint"]), (&identity["id"], &identity["fingerprint"]));
    assert_eq!(after["epoch"], 2);
    let ann = two.heir.client(&two.ann);
    assert_eq!(ann.inbox(), inbox);
    ann.pair(&invitation);
    two.heir.client(&two.admin).create(&event_in(DAY, &[&two.ann.id]));
    assert_eq!(ann.inbox().len(), inbox.len() + 1, "and it goes on from there");

    assert_eq!(two.hub.client(&two.ann).get("/api/me").refusal(503), "hub_moved");
    two.hub.kill();
    two.hub.serve();
    assert_eq!(two.hub.client(&two.ann).get("/api/me").refusal(503), "hub_moved", "it stays so");
    let again = two.hub.run(&["handover", &two.device]);
    assert!(again.error(1).contains("another computer is the hub already"), "{again:?}");
}

#[test]
fn what_was_acknowledged_while_it_moved_is_there() {
    let two = Two::open();
    let is_over = Arc::new(AtomicBool::new(false));
    let writers: Vec<_> = (0..3)
        .map(|writer| {
            let (admin, is_over) = (two.admin.clone(), Arc::clone(&is_over));
            std::thread::spawn(move || {
                let mut acknowledged = Vec::new();
                let mut refusals = Vec::new();
                for number in 0.. {
                    if is_over.load(Ordering::SeqCst) {
                        break;
                    }
                    let title = format!("{writer}-{number}");
                    let event = json!({ "title": title, "starts_at": "2031-01-01T09:00:00Z" });
                    let answer = admin.request("POST", "/api/events").json(&event).send();
                    match answer.status {
                        201 => acknowledged.push(title),
                        503 => refusals.push(answer.refusal(503)),
                        other => panic!("{other}: {}", answer.body),
                    }
                }
                (acknowledged, refusals)
            })
        })
        .collect();
    two.hub.run(&["handover", &two.device]).out();
    is_over.store(true, Ordering::SeqCst);
    two.heir.line("listening on ");
    let admin = two.heir.client(&two.admin);
    let mut there = Vec::new();
    let mut path = "/api/events?limit=200".to_owned();
    loop {
        let page = admin.get(&path).expect(200);
        there.extend(titles(&page));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/api/events?limit=200&cursor={cursor}");
    }
    for writer in writers {
        let (acknowledged, refusals) = writer.join().unwrap();
        let lost: Vec<_> = acknowledged.iter().filter(|title| !there.contains(title)).collect();
        assert!(lost.is_empty(), "lost: {lost:?}");
        assert!(!acknowledged.is_empty(), "it wrote before");
        assert!(refusals.iter().all(|code| code == "hub_moving" || code == "hub_moved"), "{refusals:?}");
    }
}

#[test]
fn it_can_move_back() {
    let mut two = Two::open();
    two.hub.run(&["handover", &two.device]).out();
    two.heir.line("listening on ");
    let admin = two.heir.client(&two.admin);
    let invited = admin.post(&format!("/api/people/{}/invitations", two.admin.id), &json!({})).expect(201);
    two.hub.kill();
    two.hub.stand_by(invited["link"].as_str());
    let device = two.hub.line("standing by as ");
    let said = until_handed_over(&two.heir, &device);
    assert!(said.contains(&two.hub.address().to_string()), "{said}");
    two.hub.line("listening on ");
    assert!(two.hub.reigns() && !two.heir.reigns());
    assert_eq!(two.hub.client(&two.admin).get("/api/hub").expect(200)["epoch"], 3);
}

/// Hands over as soon as the computer that is to be the hub has been heard.
fn until_handed_over(hub: &crate::harness::Machine, device: &str) -> String {
    let mut said = String::new();
    let handed_over = || {
        let outcome = hub.run(&["handover", device]);
        said = outcome.out.clone();
        outcome.code == 0
    };
    until_or("it is handed over", handed_over, || hub.log());
    said
}

#[test]
fn only_a_computer_that_is_there_and_may_is_asked() {
    let mut two = Two::open();
    let browser = two.admin.device.clone();
    let refused = two.hub.run(&["handover", &browser]);
    assert!(refused.error(1).contains("only a desktop of an admin's"), "{refused:?}");
    let refused = two.hub.run(&["handover", "01920000-0000-7000-8000-000000000000"]);
    assert!(refused.error(1).contains("only a desktop of an admin's"), "{refused:?}");
    two.hub.run(&["handover", "nonsense"]).error(1);
    two.hub.run(&["handover", "--cancel"]).error(1);
    // From elsewhere nobody moves the hub: not even an admin.
    let asked = two.admin.post("/api/hub/handover", &json!({ "device_id": two.device }));
    assert_eq!(asked.refusal(403), "forbidden");
    two.heir.kill();
    two.hub.kill();
    let refused = two.hub.run(&["handover", &two.device]);
    assert!(refused.error(1).contains("the hub is not running"), "{refused:?}");
    two.hub.serve();
    let refused = two.hub.run(&["handover", &two.device]);
    assert!(refused.error(1).contains("not online"), "{refused:?}");
    assert!(two.hub.reigns());
    secret_of_is_fresh(&two);
}

#[test]
fn a_computer_that_cannot_says_so_at_once() {
    let two = Two::open();
    let lock = std::fs::File::options().write(true).create(true).truncate(false).open(two.heir.data_dir().join("lock"));
    let held = lock.unwrap();
    held.try_lock().unwrap();
    let refused = two.hub.run(&["handover", &two.device]);
    assert!(refused.error(1).contains("that computer did not take it"), "{refused:?} {}", two.logs());
    assert!(two.hub.reigns());
    secret_of_is_fresh(&two);
    drop(held);
    two.hub.run(&["handover", &two.device]).out();
    two.heir.line("listening on ");
}

/// The hub goes on as before.
fn secret_of_is_fresh(two: &Two) {
    let link = two.hub.run(&["invite", "Ann"]);
    two.hub.nobody().pair(&secret_of(link.out().lines().next().unwrap()));
}
