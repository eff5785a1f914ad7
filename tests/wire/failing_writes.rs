//! A disk that fails once, at each write in turn: whatever it hits, what was acknowledged is stored,
//! what was refused was not done, the next try succeeds, and the file is sound.
//!
//! A library that is loaded before the hub has the n-th write, sync or truncation of the store's
//! files fail, for n = 1, 2, 3, … until a whole small story passes without reaching it. On Linux
//! with a C compiler; elsewhere these tests say so and check nothing.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use serde_json::{Value, json};

use crate::harness::{Answer, Client, Office, Outcome, Session, event_in, in_the_future};

const DAY: i64 = 86_400;
/// Stories that are told side by side: most of the time each waits.
const SIDE_BY_SIDE: usize = 12;

/// The library, compiled; `None` where that cannot be done.
fn library(folder: &Path) -> Option<PathBuf> {
    let source = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/wire/failing_writes/fault.c");
    let library = folder.join("fault.so");
    let mut compiler = Command::new("gcc");
    compiler.args(["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror", "-o"]).arg(&library).arg(source);
    match compiler.output() {
        Ok(output) if output.status.success() => Some(library),
        Ok(output) => panic!("{}", String::from_utf8_lossy(&output.stderr)),
        Err(error) => {
            eprintln!("SKIPPED: gcc: {error}");
            None
        }
    }
}

/// Does it for n = 1, 2, 3, …, some side by side, until the n-th write is not reached any more.
fn at_each_write(is_reached: impl Fn(u32) -> bool + Sync) {
    let (next, is_over) = (AtomicU32::new(1), AtomicBool::new(false));
    std::thread::scope(|scope| {
        for _ in 0..SIDE_BY_SIDE {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    is_over.fetch_or(!is_reached(next.fetch_add(1, Ordering::Relaxed)), Ordering::Relaxed);
                }
            });
        }
    });
}

/// The error of the n-th write. `RAPPEL_FAULT` has it be the same for all.
fn error_at(n: u32) -> String {
    let alternating = if n.is_multiple_of(2) { "ENOSPC" } else { "EIO" };
    std::env::var("RAPPEL_FAULT").unwrap_or_else(|_| alternating.to_owned())
}

#[test]
fn whichever_write_fails_nothing_acknowledged_is_lost_and_nothing_refused_is_done() {
    let folder = tempfile::tempdir().unwrap();
    let Some(library) = library(folder.path()) else { return };
    let (mut template, admin) = Office::open();
    let ann = admin.add("Ann");
    template.terminate();
    assert!(template.wait().success());
    let begun = template.data_dir();
    let tally = Mutex::new(Tally::default());
    at_each_write(|n| {
        let mut story = Story::new(&library, n);
        story.office.begin_with(&begun);
        let outcome = story.tell(&admin, &ann);
        tally.lock().unwrap().add(n, story.is_reached(), &outcome);
        story.is_reached()
    });
    let tally = tally.into_inner().unwrap();
    println!("{tally:?}");
    assert!(tally.largest > 20, "a story writes more often than that: {tally:?}");
    assert!(tally.refused_starts > 0 && tally.refusals > 0, "it was seen to fail: {tally:?}");
}

#[test]
fn whichever_write_of_the_first_start_fails_the_next_one_begins_the_office() {
    let folder = tempfile::tempdir().unwrap();
    let Some(library) = library(folder.path()) else { return };
    let (reached, refused) = (AtomicU32::new(0), AtomicU32::new(0));
    at_each_write(|n| {
        let mut story = Story::new(&library, n);
        if let Err(why) = story.office.try_start() {
            assert!(why.starts_with("rappel-hub: "), "n = {n}: {why}");
            refused.fetch_add(1, Ordering::Relaxed);
        } else {
            story.office.kill();
        }
        story.without_faults();
        story.office.start();
        let admin = story.office.nobody().pair(&story.office.first_sign_in());
        assert_eq!(admin.get("/api/people").expect(200)["people"].as_array().unwrap().len(), 1, "n = {n}");
        story.office.kill();
        reached.fetch_add(u32::from(story.is_reached()), Ordering::Relaxed);
        story.is_reached()
    });
    println!("the first start writes {reached:?} times; refused: {refused:?}");
    assert!(refused.into_inner() > 0, "it was seen to fail");
}

#[test]
fn a_disk_that_fails_for_a_while_is_told_of_and_reading_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let Some(library) = library(folder.path()) else { return };
    let (lasting, preload) = (folder.path().join("lasting"), library.to_str().unwrap());
    let office = Office::new().with_variable("LD_PRELOAD", preload).with_variable("RAPPEL_FAULT", "EIO");
    let (office, admin) = office.with_variable("RAPPEL_FAULT_WHILE", lasting.to_str().unwrap()).opened();
    let ann = admin.add("Ann");
    let stored = admin.create(&event_in(DAY, &[&ann.id]));
    let mut session = ann.session();

    std::fs::write(&lasting, "").unwrap();
    for _ in 0..3 {
        let refused = admin.post("/api/events", &event_in(DAY, &[&ann.id]));
        assert_eq!(refused.refusal(503), "unavailable");
    }
    assert_eq!(session.next(), json!({ "type": "hub_trouble", "trouble": "storage" }), "said once");
    assert_eq!(office.nobody().get("/api/health").expect(200)["trouble"], "storage");
    assert_eq!(admin.get("/api/events").expect(200)["events"], json!([stored]));

    std::fs::remove_file(&lasting).unwrap();
    assert_eq!(session.next(), json!({ "type": "hub_trouble", "trouble": null }));
    admin.create(&event_in(DAY, &[&ann.id]));
    assert_eq!(session.next_notification("assigned")["seq"], 2);
}

#[derive(Debug, Default)]
struct Tally {
    /// The last write that failed in a story.
    largest: u32,
    refused_starts: u32,
    /// Requests that were refused.
    refusals: u32,
    /// Faults that nobody outside saw.
    unnoticed: u32,
}

impl Tally {
    fn add(&mut self, n: u32, is_reached: bool, outcome: &Result<u32, String>) {
        if !is_reached {
            return;
        }
        self.largest = self.largest.max(n);
        match outcome {
            Ok(0) => self.unnoticed += 1,
            Ok(refusals) => self.refusals += refusals,
            Err(_) => self.refused_starts += 1,
        }
    }
}

/// One office whose disk fails once.
struct Story {
    office: Office,
    n: u32,
    told: PathBuf,
    refusals: u32,
}

impl Story {
    fn new(library: &Path, n: u32) -> Self {
        let mut office = Office::new();
        let told = office.beside("told");
        for (name, value) in [
            ("LD_PRELOAD", library.to_str().unwrap()),
            ("RAPPEL_FAULT", &error_at(n)),
            ("RAPPEL_FAULT_AT", &n.to_string()),
            ("RAPPEL_FAULT_TOLD", told.to_str().unwrap()),
        ] {
            office.set_variable(name, value);
        }
        Self { office, n, told, refusals: 0 }
    }

    fn is_reached(&self) -> bool {
        self.told.exists()
    }

    fn without_faults(&mut self) {
        self.office.set_variable("LD_PRELOAD", "");
    }

    /// Tells it, and looks at what is left: how often it was refused, or why it did not begin.
    fn tell(&mut self, admin: &Client, ann: &Client) -> Result<u32, String> {
        let (admin, ann) = (self.office.client(admin), self.office.client(ann));
        let begun = self.office.try_start();
        let expected = if begun.is_ok() { Some(self.middle(&admin, &ann)) } else { None };
        if begun.is_ok() && (self.n / 2).is_multiple_of(2) {
            self.office.kill();
        } else if begun.is_ok() {
            // Its last words to the disk may be what fails.
            self.office.terminate();
            assert!(self.office.wait().success(), "n = {}: {}", self.n, self.office.log());
        }
        if let Err(why) = &begun {
            assert!(why.starts_with("rappel-hub: ") && !why.contains("panic"), "n = {}: {why}", self.n);
        }
        assert!(!self.office.log().contains("panicked"), "n = {}: {}", self.n, self.office.log());
        self.check_file();

        self.without_faults();
        self.office.start();
        let rows = ann.inbox();
        match expected {
            Some((event, rows_before)) => {
                assert_eq!(rows, rows_before, "n = {}: all that was confirmed is there, and once", self.n);
                let events = admin.get("/api/events").expect(200);
                assert_eq!(events["events"], json!([event]), "n = {}: nothing that was refused is", self.n);
            }
            None => assert_eq!(rows, [Value::Null; 0], "n = {}: it had not begun", self.n),
        }
        self.office.kill();
        begun.map(|()| self.refusals)
    }

    /// An event is made and moved, its reminder comes and is put off: how they are in the end.
    fn middle(&mut self, admin: &Client, ann: &Client) -> (Value, Vec<Value>) {
        let mut session = ann.session();
        let event = self.done(201, || admin.post("/api/events", &event_in(DAY, &[&ann.id])));
        let path = format!("/api/events/{}", event["id"].as_str().unwrap());
        // Five minutes before it is almost now.
        let start = in_the_future(301);
        let event = self.done(200, || admin.patch(&path, &json!({ "starts_at": start })));
        assert_eq!(event["revision"], 2, "n = {}: what was refused made no revision", self.n);
        let told: Vec<Value> = (0..3).map(|_| self.notification(&mut session)).collect();
        let kinds: Vec<&Value> = told.iter().map(|row| &row["notification_type"]).collect();
        assert_eq!(kinds, ["assigned", "moved", "5min_before"], "n = {}", self.n);
        let snooze = format!("/api/notifications/{}/snooze", told[2]["id"].as_str().unwrap());
        let snoozed = self.done(200, || ann.post(&snooze, &json!({ "minutes": 5 })));
        assert_eq!(snoozed["is_read"], true);
        self.wait_until_well(ann);
        (admin.get(&path).expect(200), ann.inbox())
    }

    /// Does it, if need be a second time: the disk fails once.
    fn done(&mut self, status: u16, ask: impl Fn() -> Answer) -> Value {
        let answer = ask();
        if answer.status == status {
            return answer.json();
        }
        let code = answer.refusal(503);
        assert!(["disk_full", "unavailable"].contains(&code.as_str()), "n = {}: {code}", self.n);
        self.refusals += 1;
        ask().expect(status)
    }

    /// The next new notification; in between the hub may say how it is, or that an earlier one changed.
    fn notification(&self, session: &mut Session) -> Value {
        loop {
            let mut frame = session.next();
            match frame["type"].as_str() {
                Some("event_notification") => return frame["notification"].take(),
                Some("hub_trouble" | "notification_updated") => {}
                _ => panic!("n = {}: {frame}", self.n),
            }
        }
    }

    /// Returns when the hub says that it can write: at once, unless it has said that it cannot.
    fn wait_until_well(&self, ann: &Client) {
        let mut session = ann.session();
        if self.office.nobody().get("/api/health").expect(200)["trouble"].is_null() {
            return;
        }
        while session.next() != json!({ "type": "hub_trouble", "trouble": null }) {}
    }

    /// What SQLite itself thinks of the file, in another program.
    fn check_file(&self) {
        let file = self.office.data_dir().join("rappel.db");
        let check =
            "import sqlite3, sys; print(*sqlite3.connect(sys.argv[1]).execute('PRAGMA integrity_check').fetchone())";
        let mut python = Command::new("python3");
        python.args(["-c", check]).arg(file);
        assert_eq!(Outcome::of(python).out(), "ok", "n = {}", self.n);
    }
}
