//! A hub that is killed again and again under load, at any moment and at the worst ones, and what
//! its people have in the end.
//!
//! `RAPPEL_CRASH_ROUNDS` says how often (20), `RAPPEL_CRASH_SEED` repeats the choices of a run.

mod chance;
mod device;
mod owner;
mod verdict;

use std::path::Path;
use std::sync::mpsc::{Receiver, sync_channel};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use chance::Chance;
use device::Device;
use owner::Owner;
use verdict::Told;

use crate::harness::{Client, Office, PATIENCE, now, wait_for_clock};

/// The ways in which the hub is killed: from outside, or by itself at a point of its work.
const WAYS: [&str; 4] = ["SIGKILL", "before-commit", "committed", "read-not-sent"];
/// Devices of each person.
const DEVICES: usize = 2;
/// How long the scheduler may need for what is due: for each reminder of the last seconds.
const SETTLES_MS: i64 = 4_000;

fn number(variable: &str) -> Option<u64> {
    std::env::var(variable).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{variable} is no number: {text}")))
}

#[test]
fn killed_again_and_again_it_loses_nothing_and_tells_nothing_twice() {
    let rounds = number("RAPPEL_CRASH_ROUNDS").unwrap_or(20);
    let seed = number("RAPPEL_CRASH_SEED").unwrap_or_else(|| now().as_ms().unsigned_abs());
    println!("{rounds} rounds, RAPPEL_CRASH_SEED={seed}");
    let mut chance = Chance::new(seed);
    let mut party = Party::gather(&mut chance);
    for round in 0..rounds {
        party.round(round, &mut chance);
    }
    party.finish();
}

/// The office, and everybody who is busy with it.
struct Party {
    office: Office,
    owners: Vec<Owner>,
    devices: Vec<Device>,
    threads: Vec<std::thread::JoinHandle<()>>,
    gate: Arc<RwLock<()>>,
    confirmed: Receiver<()>,
    /// Exists when the hub is to die at the point that it was started with.
    moment: tempfile::TempDir,
    way: &'static str,
    checked: Vec<usize>,
    kills: [usize; WAYS.len()],
    answers_after: Vec<Duration>,
    at_head_after: Vec<Duration>,
}

impl Party {
    fn gather(chance: &mut Chance) -> Self {
        // Here all of an office's machines have one address.
        let (office, admin) = Office::new().with(&["--max-connections-per-address", "0"]).opened();
        let members: Vec<Client> = ["Ann", "Bob", "Carl", "Dora"].map(|name| admin.add(name)).into();
        let people = Arc::new(members.iter().map(|member| member.id.clone()).collect::<Vec<_>>());
        let gate: Arc<RwLock<()>> = Arc::default();
        let owners: Vec<Owner> =
            [&admin, &members[0], &members[1]].map(|client| Owner::new(client, &people, &gate)).into();
        let devices: Vec<Device> =
            members.iter().flat_map(|member| [(); DEVICES].map(|()| Device::of(member))).collect();
        let (confirm, confirmed) = sync_channel(1);
        let mut threads = Vec::new();
        for owner in &owners {
            let (owner, chance, confirm) = (owner.clone(), chance.fork(), confirm.clone());
            threads.push(std::thread::spawn(move || owner.run(chance, &confirm)));
        }
        for device in &devices {
            let (device, chance) = (device.clone(), chance.fork());
            threads.push(std::thread::spawn(move || device.run(chance)));
        }
        for device in &devices {
            device.wait_until_at_head(1);
        }
        Self {
            office,
            checked: vec![0; owners.len()],
            owners,
            devices,
            threads,
            gate,
            confirmed,
            moment: tempfile::tempdir().unwrap(),
            way: WAYS[0],
            kills: [0; WAYS.len()],
            answers_after: Vec::new(),
            at_head_after: Vec::new(),
        }
    }

    /// Kills the hub, starts it again, and looks whether everybody has what is theirs.
    fn round(&mut self, round: u64, chance: &mut Chance) {
        for _ in 0..=chance.below(30) {
            self.confirmed.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("nothing goes on: {}", self.office.log()));
        }
        let connections: Vec<u64> =
            self.devices.iter().map(|device| device.with(|ledger| ledger.connections)).collect();
        let mut killed_at = self.kill(chance);
        if chance.one_in(3) {
            // Long enough for reminders to fall due, and to be late.
            let until = now().as_ms() + chance.below(3_000).cast_signed();
            let off_since = Instant::now();
            wait_for_clock(until);
            killed_at += off_since.elapsed();
        }
        self.start(chance);
        self.office.nobody().get("/api/health").expect(200);
        self.answers_after.push(killed_at.elapsed());
        for (device, connections) in self.devices.iter().zip(&connections) {
            device.wait_until_at_head(connections + 1);
        }
        self.at_head_after.push(killed_at.elapsed());

        // What is under way is either done or was never done.
        let gate = Arc::clone(&self.gate);
        let _nothing_under_way = gate.write().unwrap_or_else(PoisonError::into_inner);
        for (owner, checked) in self.owners.iter().zip(&mut self.checked) {
            let stories = owner.stories.lock().unwrap();
            for story in &stories[*checked..] {
                let event = owner.client.get(&format!("/api/events/{}", story.id)).expect(200);
                assert_eq!(event["revision"], story.versions.len(), "round {round}: {event} of {story:#?}");
            }
            // The latest are changed further.
            *checked = stories.len().saturating_sub(8);
        }
        chance.pick(&self.devices).check_newest(100);
    }

    /// Kills the hub in the way that it was started for; the answer is when.
    fn kill(&mut self, chance: &mut Chance) -> Instant {
        let way = WAYS.iter().position(|way| *way == self.way).unwrap();
        self.kills[way] += 1;
        if way == 0 {
            std::thread::sleep(Duration::from_micros(chance.below(20_000)));
            let killed_at = Instant::now();
            self.office.kill();
            return killed_at;
        }
        let flag = self.flag();
        std::fs::write(&flag, "").unwrap();
        assert!(!self.office.wait().success(), "it died");
        std::fs::remove_file(&flag).unwrap();
        Instant::now()
    }

    fn start(&mut self, chance: &mut Chance) {
        // The points are in debug builds only.
        self.way = if cfg!(debug_assertions) { *chance.pick(&WAYS) } else { WAYS[0] };
        let die_at = format!("{}:{}", self.way, self.flag().display());
        self.office.set_variable("RAPPEL_DIE_AT", &die_at);
        self.office.start();
    }

    fn flag(&self) -> std::path::PathBuf {
        Path::join(self.moment.path(), "now")
    }

    /// Lets everything come to rest, and looks at everything.
    fn finish(mut self) {
        self.owners.iter().for_each(Owner::end);
        for owner in self.threads.drain(..self.owners.len()) {
            owner.join().unwrap();
        }
        let settled_ms = now().as_ms() + SETTLES_MS;
        wait_for_clock(settled_ms + SETTLES_MS);
        let ids =
            |owner: &Owner| owner.stories.lock().unwrap().iter().map(|story| story.id.clone()).collect::<Vec<_>>();
        let known = self.owners.iter().flat_map(ids).collect();
        let (mut events, mut rows, mut reminders) = (0, 0, 0);
        for device in &self.devices {
            device.check_all();
            let told = device.with(|ledger| Told::of(ledger));
            told.check_origin(&known);
            rows += device.with(|ledger| ledger.rows.len());
            for owner in &self.owners {
                for story in owner.stories.lock().unwrap().iter() {
                    reminders += told.check(&device.client.id, &owner.client.id, story, settled_ms);
                }
            }
        }
        for owner in &self.owners {
            for story in owner.stories.lock().unwrap().iter() {
                let event = owner.client.get(&format!("/api/events/{}", story.id)).expect(200);
                assert_eq!(event["revision"], story.versions.len(), "{event} of {story:#?}");
                events += 1;
            }
        }
        self.devices.iter().for_each(Device::end);
        self.office.terminate();
        assert!(self.office.wait().success(), "{}", self.office.log());
        for device in self.threads.drain(..) {
            device.join().unwrap();
        }
        let kills: Vec<String> = WAYS.iter().zip(self.kills).map(|(way, count)| format!("{count} {way}")).collect();
        println!(
            "{events} events, {} notifications, {} reminders that had to be there",
            rows / DEVICES,
            reminders / DEVICES
        );
        println!("killed: {}", kills.join(", "));
        println!("answers again after {}", spread(&mut self.answers_after));
        println!("all sessions at the head after {}", spread(&mut self.at_head_after));
    }
}

fn spread(times: &mut [Duration]) -> String {
    times.sort_unstable();
    let median = times.get(times.len() / 2).copied().unwrap_or_default();
    format!("{median:.0?} (median), {:.0?} at most", times.last().copied().unwrap_or_default())
}
