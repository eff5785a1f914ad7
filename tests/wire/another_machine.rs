//! A device on another machine, with a clock of its own: it confirms a leap of the hub's.
//!
//! The other machine is a network of the test's own: the test runs itself again in one network
//! namespace, and the hub in another, with a cable between them.

use serde_json::{Value, json};

use crate::harness::network::{inside, run};
use crate::harness::{Client, Office, Wall, event_in, in_the_future};

const DAY: i64 = 86_400;

/// The admin, who calls a hub that runs in a network of its own from another machine.
fn from_another_machine(office: &mut Office) -> Client {
    office.start_elsewhere();
    let hub = office.id();
    run("ip link set lo up");
    run(&format!("ip link add cable0 type veth peer name cable1 netns {hub}"));
    run("ip address add 10.99.0.1/24 dev cable0");
    run("ip link set cable0 up");
    for words in ["address add 10.99.0.2/24 dev cable1", "link set cable1 up", "link set lo up"] {
        run(&format!("nsenter -t {hub} -n ip {words}"));
    }
    office.is_reached_at([10, 99, 0, 2].into());
    let people = office.run(&["person", "list"]);
    let id = people.out().split('\t').next().unwrap().to_owned();
    let token = office.run(&["token", "create", &id, "--label", "laptop"]).out().to_owned();
    let mut admin = office.nobody();
    (admin.id, admin.token) = (id, token);
    admin
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
