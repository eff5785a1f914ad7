//! A D-Bus of a test's own, on which it plays the services.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use zbus::connection;

/// A bus of the test's own.
pub(crate) struct Bus {
    daemon: Child,
    address: String,
}

impl Bus {
    /// A new one, empty; it ends when this is dropped.
    pub(crate) fn start() -> Self {
        let mut daemon = Command::new("dbus-daemon")
            .args(["--session", "--nofork", "--nopidfile", "--print-address=1"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("dbus-daemon is needed for this test: see script/bootstrap");
        let mut address = String::new();
        let out = daemon.stdout.take().expect("BUG: stdout is piped");
        BufReader::new(out).read_line(&mut address).expect("the bus says where it is");
        Self { daemon, address: address.trim().to_owned() }
    }

    /// Where it is.
    pub(crate) fn address(&self) -> &str {
        &self.address
    }

    /// A connection of its own for each caller.
    pub(crate) fn connect(&self) -> connection::Builder<'static> {
        connection::Builder::address(self.address.as_str()).expect("an address")
    }
}

impl Drop for Bus {
    fn drop(&mut self) {
        let ended = self.daemon.kill().and_then(|()| self.daemon.wait());
        assert!(ended.is_ok() || std::thread::panicking());
    }
}
