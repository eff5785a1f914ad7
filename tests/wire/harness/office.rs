//! An office: a data directory, and the real hub that runs on it.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, sync_channel};
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use super::client::{Address, secret_of};
use super::{Client, Disk, Outcome, PATIENCE};

/// An office of which one person, the admin, is there from the beginning. It speaks French and is
/// in Paris. Dropping it ends its hub.
pub(crate) struct Office {
    // Before the folder: what is mounted in it cannot be removed.
    disk: Option<Disk>,
    folder: TempDir,
    arguments: Vec<String>,
    variables: Vec<(String, String)>,
    address: Address,
    hub: Option<Child>,
    lines: Option<Receiver<String>>,
}

impl Office {
    /// An office whose hub has never run.
    pub(crate) fn new() -> Self {
        Self {
            disk: None,
            folder: tempfile::tempdir().unwrap(),
            arguments: Vec::new(),
            variables: Vec::new(),
            address: Address::default(),
            hub: None,
            lines: None,
        }
    }

    /// Starts the hub of a new office and signs its admin in.
    #[track_caller]
    pub(crate) fn open() -> (Self, Client) {
        Self::new().opened()
    }

    /// Starts the hub for the first time and signs the admin in.
    #[track_caller]
    pub(crate) fn opened(mut self) -> (Self, Client) {
        self.start();
        let admin = self.nobody().pair(&self.first_sign_in());
        (self, admin)
    }

    /// Puts its data on a disk of their own, of this size in KiB; or says why that is not possible
    /// here.
    pub(crate) fn put_on_disk(&mut self, size_kib: u32) -> Result<(), String> {
        self.disk = Some(Disk::mount(&self.data_dir(), size_kib)?);
        Ok(())
    }

    /// The disk that its data are on.
    pub(crate) fn disk(&self) -> &Disk {
        self.disk.as_ref().expect("it was put on one")
    }

    /// With a further argument of `serve`, for every start.
    pub(crate) fn with(mut self, arguments: &[&str]) -> Self {
        self.arguments.extend(arguments.iter().map(|argument| (*argument).to_owned()));
        self
    }

    /// With a variable in the hub's environment, for every start.
    pub(crate) fn with_variable(mut self, name: &str, value: &str) -> Self {
        self.variables.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Gives a variable of the hub's environment another value, for every start from now on.
    pub(crate) fn set_variable(&mut self, name: &str, value: &str) {
        self.variables.retain(|(known, _)| known != name);
        self.variables.push((name.to_owned(), value.to_owned()));
    }

    /// Starts the hub and waits until it listens.
    #[track_caller]
    pub(crate) fn start(&mut self) {
        self.start_plainly(&["--locale", "fr", "--time-zone", "Europe/Paris"]);
    }

    /// As [`Office::start`], without a word on the office's language and zone but these.
    #[track_caller]
    pub(crate) fn start_plainly(&mut self, arguments: &[&str]) {
        self.try_start_with(arguments).unwrap_or_else(|_| panic!("it did not start: {}", self.log()));
    }

    /// As [`Office::start`], where the hub may refuse to: then the last line of its log says why.
    #[track_caller]
    pub(crate) fn try_start(&mut self) -> Result<(), String> {
        self.try_start_with(&["--locale", "fr", "--time-zone", "Europe/Paris"])
    }

    #[track_caller]
    fn try_start_with(&mut self, arguments: &[&str]) -> Result<(), String> {
        let mut command = self.command();
        command.args(["serve", "--listen", "127.0.0.1:0"]).args(arguments);
        self.spawn(command)
    }

    /// As [`Office::start`], in a network namespace of its own, of which it takes every address. It is
    /// reached once the way to it is made and told to [`Office::is_reached_at`].
    #[track_caller]
    pub(crate) fn start_elsewhere(&mut self) {
        let hub = self.command();
        let mut command = Command::new("unshare");
        command.arg("-n").arg(hub.get_program());
        command.args(["serve", "--listen", "0.0.0.0:0", "--locale", "fr", "--time-zone", "Europe/Paris"]);
        for (name, value) in hub.get_envs() {
            match value {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
        self.spawn(command).unwrap_or_else(|_| panic!("it did not start: {}", self.log()));
    }

    /// Where the hub is called from now on, on the port that it has.
    pub(crate) fn is_reached_at(&self, address: std::net::Ipv4Addr) {
        self.address.set(Some((address, self.address.get().port()).into()));
    }

    /// The process of the hub.
    pub(crate) fn id(&self) -> u32 {
        self.hub.as_ref().unwrap().id()
    }

    #[track_caller]
    fn spawn(&mut self, mut command: Command) -> Result<(), String> {
        assert!(self.hub.is_none(), "it is running");
        command.args(&self.arguments).envs(self.variables.iter().cloned());
        let log = File::options().append(true).create(true).open(self.log_file()).unwrap();
        let mut hub = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let lines = lines_of(hub.stdout.take().unwrap());
        self.hub = Some(hub);
        let Ok(line) = lines.recv_timeout(PATIENCE) else {
            assert_eq!(self.wait().code(), Some(1), "it refuses: {}", self.log());
            return Err(self.log().lines().last().unwrap_or_default().to_owned());
        };
        let address = line.strip_prefix("listening on http://").and_then(|address| address.parse().ok());
        self.address.set(Some(address.unwrap_or_else(|| panic!("not the line of the contract: {line}"))));
        self.lines = Some(lines);
        Ok(())
    }

    /// The secret in the line that the hub prints after the first, as long as nobody has signed in.
    #[track_caller]
    pub(crate) fn first_sign_in(&self) -> String {
        let line = self.lines.as_ref().unwrap().recv_timeout(PATIENCE).unwrap();
        let link =
            line.strip_prefix("first sign-in: ").unwrap_or_else(|| panic!("not the line of the contract: {line}"));
        assert!(link.starts_with(&self.nobody().own_origin()), "{link}");
        secret_of(link)
    }

    /// Kills the hub: it cannot do anything about it.
    pub(crate) fn kill(&mut self) {
        let hub = self.hub.as_mut().unwrap();
        hub.kill().unwrap();
        self.wait();
    }

    /// Waits until the hub has ended, by itself or because it was asked to.
    #[track_caller]
    pub(crate) fn wait(&mut self) -> ExitStatus {
        let mut hub = self.hub.take().unwrap();
        let give_up_at = Instant::now() + PATIENCE;
        let status = loop {
            match hub.try_wait().unwrap() {
                Some(status) => break status,
                None if Instant::now() < give_up_at => std::thread::sleep(std::time::Duration::from_millis(5)),
                None => {
                    hub.kill().unwrap();
                    panic!("it did not end: {}", self.log());
                }
            }
        };
        self.address.set(None);
        status
    }

    /// Asks the hub to end, as an init system does.
    pub(crate) fn terminate(&self) {
        self.signal("TERM");
    }

    /// Sends the hub a signal.
    pub(crate) fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.id().to_string()]).status().unwrap().success());
    }

    /// Whether the hub was started and has not been seen to end.
    pub(crate) fn is_running(&self) -> bool {
        self.hub.is_some()
    }

    /// Ends the hub and starts it again on the same data.
    #[track_caller]
    pub(crate) fn restart(&mut self) {
        self.terminate();
        assert!(self.wait().success(), "{}", self.log());
        self.start();
    }

    /// What the hub printed since it was last asked for, after it has ended.
    pub(crate) fn rest_of_output(&mut self) -> Vec<String> {
        assert!(self.hub.is_none(), "it is running");
        self.lines.take().unwrap().iter().collect()
    }

    /// Where the hub listens.
    pub(crate) fn address(&self) -> SocketAddr {
        self.address.get()
    }

    /// Somebody whom the hub does not know.
    pub(crate) fn nobody(&self) -> Client {
        Client::nobody(self.address.clone())
    }

    /// Somebody of another office of which this one has a copy.
    pub(crate) fn client(&self, of_other: &Client) -> Client {
        of_other.with_address(self.address.clone())
    }

    /// Begins with the data that another office, whose hub has ended, has left in its directory.
    pub(crate) fn begin_with(&self, data_dir: &Path) {
        std::fs::create_dir(self.data_dir()).unwrap();
        std::fs::copy(data_dir.join("rappel.db"), self.data_dir().join("rappel.db")).unwrap();
    }

    /// The program on this office's data directory, and nothing else in its environment that it
    /// could mind.
    pub(crate) fn command(&self) -> Command {
        let program = env!("CARGO_BIN_EXE_rappel-hub");
        let mut command = self.disk.as_ref().map_or_else(|| Command::new(program), |disk| disk.command(program));
        command.env_remove("RAPPEL_LOG").env_remove("RAPPEL_DIE_AT").env("HOME", self.folder.path());
        command.env("RAPPEL_DATA_DIR", self.data_dir());
        command
    }

    /// Runs a subcommand to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        let mut command = self.command();
        command.args(arguments);
        Outcome::of(command)
    }

    /// What the hub says of itself.
    #[track_caller]
    pub(crate) fn status(&self) -> Value {
        serde_json::from_str(self.run(&["status", "--json"]).out()).unwrap()
    }

    /// Asks the hub how it is until `holds`; with what it said.
    #[track_caller]
    pub(crate) fn wait_for_status(&self, what: &str, holds: impl Fn(&Value) -> bool) -> Value {
        let give_up_at = Instant::now() + PATIENCE;
        loop {
            let status = self.status();
            if holds(&status) {
                return status;
            }
            assert!(Instant::now() < give_up_at, "{what}: {status}, {}", self.log());
        }
    }

    /// Where the hub's data are.
    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// A path beside the data directory.
    pub(crate) fn beside(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// All that the hub logged.
    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.log_file()).unwrap()
    }

    fn log_file(&self) -> PathBuf {
        self.beside("log")
    }
}

impl Drop for Office {
    fn drop(&mut self) {
        if self.hub.is_some() && !std::thread::panicking() {
            self.terminate();
            self.wait();
        } else if let Some(hub) = &mut self.hub {
            // The test has failed already; nothing more is to be learnt from how the hub ends.
            let _ = hub.kill();
            let _ = hub.wait();
        }
    }
}

/// Reads a program's lines as they come.
fn lines_of(out: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (lines, received) = sync_channel(64);
    std::thread::spawn(move || {
        for line in BufReader::new(out).lines().map_while(Result::ok) {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
    received
}
