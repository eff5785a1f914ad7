//! A network of the test's own, in a namespace in which it may do as it likes.

use std::process::Command;

use super::{Client, Office};

/// Set where the test runs in its own network.
const INSIDE: &str = "RAPPEL_TEST_INSIDE";

/// Runs a program that must succeed.
#[track_caller]
pub(crate) fn run(words: &str) {
    let mut parts = words.split(' ');
    let output = Command::new(parts.next().unwrap()).args(parts).output().unwrap();
    assert!(output.status.success(), "{words}: {}", String::from_utf8_lossy(&output.stderr));
}

/// Runs a test of this name again in a network of its own. Where that is not allowed, the output
/// says that it was skipped.
pub(crate) fn inside(test: &str) -> bool {
    if std::env::var_os(INSIDE).is_some() {
        return true;
    }
    let probe = Command::new("unshare").args(["-rn", "unshare", "-n", "ip", "link"]).output();
    if !probe.is_ok_and(|output| output.status.success()) {
        eprintln!("SKIPPED: no network of the test's own can be made here (unshare -rn, ip)");
        return false;
    }
    let mut again = Command::new("unshare");
    again.arg("-rn").arg(std::env::current_exe().unwrap()).args(["--exact", "--nocapture", test]).env(INSIDE, "1");
    assert!(again.status().unwrap().success(), "it failed in its own network");
    false
}

/// The admin, who calls a hub that runs in a network of its own from another machine.
#[track_caller]
pub(crate) fn from_another_machine(office: &mut Office) -> Client {
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
