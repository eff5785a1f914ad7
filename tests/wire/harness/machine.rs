//! A computer that may be the hub, or stand by to be it: a data directory and a port that stay, and the
//! program that runs there at present.

use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Instant;

use serde_json::Value;
use tempfile::TempDir;

use super::client::Address;
use super::{Client, Outcome, PATIENCE};

/// A computer. Dropping it ends what runs there.
pub(crate) struct Machine {
    folder: TempDir,
    port: u16,
    address: Address,
    running: Option<(Child, Receiver<String>)>,
    die_at: Option<String>,
}

impl Machine {
    /// A computer on which nothing has run yet.
    pub(crate) fn new() -> Self {
        // Let go of at once: whoever else wants any port gets another one.
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = Address::default();
        address.set(Some(SocketAddr::from(([127, 0, 0, 1], port))));
        Self { folder: tempfile::tempdir().unwrap(), port, address, running: None, die_at: None }
    }

    pub(crate) fn data_dir(&self) -> PathBuf {
        self.folder.path().join("data")
    }

    /// The program dies at this point of its work, from the next start on.
    pub(crate) fn dies_at(&mut self, point: &str) {
        let now = self.folder.path().join("now");
        std::fs::write(&now, "").unwrap();
        self.die_at = Some(format!("{point}:{}", now.display()));
    }

    /// It dies at no point any more.
    pub(crate) fn lives(&mut self) {
        self.die_at = None;
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rappel-hub"));
        command.env_remove("RAPPEL_LOG").env_remove("RAPPEL_DIE_AT").env("HOME", self.folder.path());
        command.env("RAPPEL_DATA_DIR", self.data_dir());
        command
    }

    /// Starts the hub; with the lines that it prints first.
    #[track_caller]
    pub(crate) fn serve(&mut self) -> String {
        self.start(&["serve"]);
        self.line("listening on ")
    }

    /// Starts to stand by, with a link the first time.
    #[track_caller]
    pub(crate) fn stand_by(&mut self, link: Option<&str>) {
        match link {
            Some(link) => self.start(&["stand-by", "--name", "Laptop", "--link", link]),
            None => self.start(&["stand-by"]),
        }
    }

    fn start(&mut self, arguments: &[&str]) {
        assert!(self.running.is_none(), "it is running");
        let mut command = self.command();
        command.args(arguments).args(["--listen", &format!("127.0.0.1:{}", self.port)]);
        if let Some(die_at) = &self.die_at {
            command.env("RAPPEL_DIE_AT", die_at);
        }
        let log = File::options().append(true).create(true).open(self.folder.path().join("log")).unwrap();
        let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(log).spawn().unwrap();
        let lines = lines_of(child.stdout.take().unwrap());
        self.running = Some((child, lines));
    }

    /// The rest of the next line, which begins so.
    #[track_caller]
    pub(crate) fn line(&self, beginning: &str) -> String {
        let line = self.next_line().unwrap_or_else(|| panic!("no such line: {beginning}: {}", self.log()));
        line.strip_prefix(beginning).unwrap_or_else(|| panic!("another line: {line}: {}", self.log())).to_owned()
    }

    /// The next line; none when the program has ended.
    pub(crate) fn next_line(&self) -> Option<String> {
        match self.running.as_ref().unwrap().1.recv_timeout(PATIENCE) {
            Ok(line) => Some(line),
            Err(RecvTimeoutError::Disconnected) => None,
            Err(RecvTimeoutError::Timeout) => panic!("neither a line nor an end: {}", self.log()),
        }
    }

    /// Kills what runs here.
    pub(crate) fn kill(&mut self) {
        let (mut child, _) = self.running.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Sends what runs here a signal.
    pub(crate) fn signal(&self, name: &str) {
        let id = self.running.as_ref().unwrap().0.id().to_string();
        assert!(Command::new("kill").args(["-s", name, &id]).status().unwrap().success());
    }

    /// Waits until what runs here has died by itself.
    #[track_caller]
    pub(crate) fn wait_for_death(&mut self) {
        let (mut child, _) = self.running.take().unwrap();
        let give_up_at = Instant::now() + PATIENCE;
        while child.try_wait().unwrap().is_none() {
            assert!(Instant::now() < give_up_at, "it lives: {}", self.log());
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
    }

    /// Whether the program has ended.
    pub(crate) fn has_died(&mut self) -> bool {
        self.running.as_mut().is_none_or(|(child, _)| child.try_wait().unwrap().is_some())
    }

    /// Runs a subcommand to its end.
    pub(crate) fn run(&self, arguments: &[&str]) -> Outcome {
        let mut command = self.command();
        command.args(arguments);
        Outcome::of(command)
    }

    /// Begins a subcommand, which may take long.
    pub(crate) fn begin(&self, arguments: &[&str]) -> std::thread::JoinHandle<Outcome> {
        let mut command = self.command();
        command.args(arguments);
        std::thread::spawn(move || Outcome::of(command))
    }

    pub(crate) fn nobody(&self) -> Client {
        Client::nobody(self.address.clone())
    }

    /// Somebody, calling here.
    pub(crate) fn client(&self, of_other: &Client) -> Client {
        of_other.with_address(self.address.clone())
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address.get()
    }

    /// What the hub here says of itself to anybody; nothing where none listens.
    pub(crate) fn reign(&self) -> Option<Value> {
        let answer = self.nobody().request("GET", "/api/hub/epoch").try_send().ok()?;
        (answer.status == 200).then(|| serde_json::from_str(&answer.body).unwrap())
    }

    /// Whether this is the hub.
    pub(crate) fn reigns(&self) -> bool {
        self.reign().is_some_and(|reign| reign["moved"].is_null())
    }

    pub(crate) fn log(&self) -> String {
        std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default()
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        if let Some((mut child, _)) = self.running.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn lines_of(out: impl Read + Send + 'static) -> Receiver<String> {
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
