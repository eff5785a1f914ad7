//! What the hub does for each event, each due reminder and each socket, one function at a time.
//!
//!     cargo bench -p rappel-bench

use std::hint::black_box;
use std::sync::Arc;

use chrono::TimeDelta;
use divan::Bencher;
use divan::counter::ItemsCount;
use rappel_core::arm::{Armed, Purpose, State};
use rappel_core::decide::{Situation, decide};
use rappel_core::draft::Draft;
use rappel_core::event::{Contact, ReminderMinutes};
use rappel_core::notification::{Notification, Offset};
use rappel_core::person::Locale;
use rappel_core::schedule::{StartKey, WrittenTime};
use rappel_core::{Timestamp, Zone};
use rappel_hub::wire::frame::HubFrame;
use rappel_store::{By, Caller, DeviceKind, OfficeDefaults, Store};
use tokio::runtime::Runtime;

#[path = "src/filled.rs"]
mod filled;

/// Reminders that are due together.
const DUE: usize = 100;
/// Notifications that a device missed: as many as a session reads at once.
const MISSED: usize = 200;

fn main() {
    divan::main();
}

fn start() -> Timestamp {
    Timestamp::parse_rfc3339("2026-11-23T09:00:00Z").expect("it is an instant")
}

/// The firing decision for one person and event.
#[divan::bench(args = [1, 2, 10])]
fn deciding(bencher: Bencher<'_, '_>, rows: u32) {
    let row = |number: u32| {
        let minutes = 5 * (number + 1);
        Armed {
            start: StartKey::Timed(start()),
            purpose: Purpose::Reminder(Offset::Minutes(minutes)),
            due: start() - TimeDelta::minutes(minutes.into()),
            armed_at: start() - TimeDelta::days(1),
            state: State::Pending,
        }
    };
    let rows: Vec<Armed> = (0..rows).map(row).collect();
    let situation =
        Situation { is_valid: true, start: StartKey::Timed(start()), deadline: start(), grace: TimeDelta::minutes(15) };
    let now = start() - TimeDelta::minutes(5);
    bencher.bench(|| decide(black_box(now), black_box(&situation), black_box(&rows)));
}

/// Deciding a hundred due reminders and writing what follows, durably, with others armed far ahead.
#[divan::bench(args = [1_000, 10_000, 100_000, 1_000_000], sample_count = 20, sample_size = 1)]
fn claiming(bencher: Bencher<'_, '_>, armed: usize) {
    let mut office = Office::open();
    office.create(start() + TimeDelta::days(365));
    office.arm(armed);
    let mut now = start();
    bencher
        .counter(ItemsCount::new(DUE))
        .with_inputs(|| {
            now = now + TimeDelta::hours(1);
            for _ in 0..DUE {
                office.create(now + TimeDelta::minutes(5));
            }
            (office.store(), now)
        })
        .bench_local_values(|(store, now)| {
            let claimed = office.runtime.block_on(store.claim_due(now, 500)).expect("the store can be used");
            assert_eq!(claimed.fired, DUE);
        });
}

/// When the next reminder is due, with so many armed.
#[divan::bench(args = [1_000, 1_000_000], sample_count = 20, sample_size = 100)]
fn finding_the_next(bencher: Bencher<'_, '_>, armed: usize) {
    let mut office = Office::open();
    office.create(start() + TimeDelta::days(365));
    office.arm(armed);
    let store = office.store();
    bencher.bench_local(|| office.runtime.block_on(store.next_due()).expect("the store can be used"));
}

/// A notification's frame.
#[divan::bench]
fn encoding(bencher: Bencher<'_, '_>) {
    let office = Office::open();
    office.create(start() + TimeDelta::days(365));
    let row = Arc::new(office.missed(1).remove(0));
    bencher.bench_local(|| {
        let notification = Arc::clone(black_box(&row));
        serde_json::to_string(&HubFrame::EventNotification { notification, unread_count: 3 })
    });
}

/// Reading what a device missed, and writing its frames.
#[divan::bench]
fn replaying(bencher: Bencher<'_, '_>) {
    let office = Office::open();
    for _ in 0..MISSED {
        office.create(start() + TimeDelta::days(365));
    }
    bencher.counter(ItemsCount::new(MISSED)).bench_local(|| {
        let frame = |row: Notification| {
            serde_json::to_string(&HubFrame::EventNotification { notification: Arc::new(row), unread_count: 3 })
        };
        office.missed(MISSED).into_iter().map(frame).collect::<Result<Vec<_>, _>>()
    });
}

/// An office of two people: one makes events, the other is told.
struct Office {
    runtime: Runtime,
    store: Option<Store>,
    maker: Caller,
    told: Caller,
    folder: tempfile::TempDir,
}

impl Office {
    fn open() -> Self {
        let runtime = Runtime::new().expect("there are threads");
        // On the disk that the project is on: durable means something there.
        let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("there is a disk");
        let store = open(folder.path());
        let now = start() - TimeDelta::days(30);
        let sign_in = async |name: &str| {
            let person = match store.add_first_admin(name.into(), now).await? {
                Some(admin) => admin.id,
                None => {
                    let person = rappel_store::NewPerson {
                        name: name.into(),
                        role: rappel_core::person::Role::Member,
                        email: None,
                        locale: None,
                        time_zone: None,
                        reminders: None,
                    };
                    store.add_person(By::CommandLine, person, now).await?.id
                }
            };
            let token =
                store.create_token(By::CommandLine, person, DeviceKind::Token, "bench".into(), now).await?.token;
            Ok::<_, rappel_store::Error>(store.authenticate(&token, now).await?.expect("a fresh token is known"))
        };
        let (maker, told) = runtime
            .block_on(async { Ok::<_, rappel_store::Error>((sign_in("Ada").await?, sign_in("Ann").await?)) })
            .expect("the store can be used");
        Self { runtime, store: Some(store), maker, told, folder }
    }

    fn store(&self) -> Store {
        self.store.clone().expect("it is open")
    }

    /// An event with one reminder, five minutes before.
    fn create(&self, starts_at: Timestamp) {
        let contact = Contact { id: Some("c-17".into()), name: Some("Marie Dupont".into()), phone: None, email: None };
        let draft = Draft {
            title: Some("Visite de chantier".into()),
            location: Some("12 rue des Lilas".into()),
            comment: Some("Apporter les plans".into()),
            contact: Some(contact),
            starts_at: Some(WrittenTime::Instant(starts_at)),
            assignees: vec![self.told.actor.person],
            reminders: Some(ReminderMinutes::parse("reminders", vec![5]).expect("it is a reminder")),
            ..Draft::default()
        };
        let now = start() - TimeDelta::days(1);
        self.runtime.block_on(self.store().create_event(self.maker, draft, None, now)).expect("the store can be used");
    }

    /// So many armed reminders like that of the one event that there is, far ahead.
    fn arm(&mut self, reminders: usize) {
        self.store = None;
        let content = filled::Content {
            events: reminders,
            apart_ms: 1000,
            last_ms: (start() + TimeDelta::days(3650)).as_ms(),
            notifications: 0,
            long_ones: false,
        };
        filled::fill(&self.folder.path().join("rappel.db"), content, start().as_ms()).expect("the file can be written");
        self.store = Some(open(self.folder.path()));
    }

    fn missed(&self, limit: usize) -> Vec<Notification> {
        let store = self.store();
        let replay = self.runtime.block_on(store.notifications_after(self.told.actor.person, 0, limit));
        let rows = replay.expect("the store can be used").rows;
        assert_eq!(rows.len(), limit);
        rows
    }
}

fn open(folder: &std::path::Path) -> Store {
    let defaults = OfficeDefaults {
        name: "Bureau".into(),
        locale: Locale::Fr,
        time_zone: Zone::parse("time_zone", "Europe/Paris").expect("it is a zone"),
    };
    Store::open(&folder.join("rappel.db"), &defaults, |_| {}).expect("the store can be opened")
}
