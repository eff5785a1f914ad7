//! A network of the test's own, in a namespace in which it may do as it likes.

use std::process::Command;

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
