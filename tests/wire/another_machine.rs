//! A device on another machine: it proves that the hub can be reached, and its clock confirms a leap of
//! the hub's.
//!
//! The other machine is a network of the test's own: the test runs itself again in one network
//! namespace, and the hub in another, with a cable between them.

use serde_json::{Value, json};

use crate::harness::network::{from_another_machine, inside};
use crate::harness::{Office, Wall, event_in, in_the_future};

const DAY: i64 = 86_400;

#[test]
fn that_it_can_be_reached_from_elsewhere_the_hub_knows_when_somebody_came() {
    if !inside("another_machine::that_it_can_be_reached_from_elsewhere_the_hub_knows_when_somebody_came") {
        return;
    }
    let mut office = Office::new();
    let admin = from_another_machine(&mut office);
    assert_eq!(office.status()["reached_since"], Value::Null, "the command line is on the hub's own machine");
    admin.get("/api/health").expect(200);
    let since = office.status()["reached_since"].clone();
    assert!(since.is_string(), "{since}");
    admin.get("/api/me").expect(200);
    assert_eq!(office.status()["reached_since"], since, "since when, not how often");
}

#[test]
fn a_leap_that_its_clock_shows_too_is_believed_at_once() {
    if !inside("another_machine::a_leap_that_its_clock_shows_too_is_believed_at_once") {
        return;
    }
    let Some((mut office, wall)) = Wall::of(Office::new()) else { return };
    let admin = from_another_machine(&mut office);
    let mut session = admin.session();
    let event = admin.create(&event_in(DAY + 20 * 60, &[&admin.id]));

    wall.is_ahead_by(DAY);
    assert_eq!(session.next(), json!({ "type": "clock_wanted" }));
    session.send(&json!({ "type": "clock", "now": in_the_future(0) }));
    session.settle();
    assert_eq!(office.status()["clock"], "doubted", "a clock that shows the earlier time proves nothing");

    session.send(&json!({ "type": "clock", "now": in_the_future(DAY + 60) }));
    let told = session.next_notification("30min_before");
    assert_eq!(told["event_id"], event["id"]);
    assert!(told["message"].as_str().unwrap().contains("dans 20 minutes ("), "{told}");
    assert_eq!((&office.status()["clock"], &told["late"]), (&json!("steady"), &Value::Bool(true)));
    assert!(office.log().contains("another machine's clock shows the same"), "{}", office.log());
}
