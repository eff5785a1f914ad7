use rappel_core::authorize::Actor;
use rappel_core::draft::Draft;
use rappel_core::person::{Locale, Role};
use rappel_core::schedule::WrittenTime;
use rappel_store::{Caller, DeviceKind, OfficeDefaults, Trouble};

use super::*;
use crate::fake_clock::FakeClock;

/// An office in Paris whose hub looks every minute.
struct Office {
    dir: tempfile::TempDir,
    store: Store,
    clock: Arc<FakeClock>,
    daily: DailyCopy,
    ada: Caller,
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn hub_of(dir: &tempfile::TempDir, store: &Store, clock: &Arc<FakeClock>) -> DailyCopy {
    let copies = Copies::of(&dir.path().join("rappel.db"));
    let clock = OfficeClock::new(Arc::clone(clock) as Arc<dyn Clock>, None);
    DailyCopy::new(store.clone(), copies, clock, Arc::default())
}

impl Office {
    async fn open(now: &str) -> Self {
        let (dir, now) = (tempfile::tempdir().unwrap(), at(now));
        let time_zone = Zone::parse("time_zone", "Europe/Paris").unwrap();
        let defaults = OfficeDefaults { name: "Bureau".into(), locale: Locale::Fr, time_zone };
        let store = Store::open(&dir.path().join("rappel.db"), &defaults, |_| {}).unwrap();
        let person = store.add_first_admin("Ada".into(), now).await.unwrap().unwrap().id;
        let paired = store.create_token(By::CommandLine, person, DeviceKind::Token, "test".into(), now).await.unwrap();
        let ada = Caller { device: paired.device.id, actor: Actor { person, role: Role::Admin } };
        let clock = Arc::new(FakeClock::at(now));
        let daily = hub_of(&dir, &store, &clock);
        Self { dir, store, clock, daily, ada }
    }

    /// The machine was off for so long, and is on again.
    fn restart(&mut self, off: TimeDelta) {
        self.clock.restarts(off);
        self.daily = hub_of(&self.dir, &self.store, &self.clock);
    }

    /// The hub runs for so many minutes; when it made copies, on the clock of Paris.
    async fn runs(&mut self, minutes: i64) -> Vec<String> {
        let mut made = Vec::new();
        for _ in 0..minutes {
            if let Some(copy) = self.daily.step().await.unwrap() {
                let local = Zone::parse("time_zone", "Europe/Paris").unwrap().at(copy.unwrap().made_at).local;
                made.push(local.format("%d/%m %H:%M").to_string());
            }
            self.clock.passes(TimeDelta::minutes(1));
        }
        made
    }

    async fn changes(&self) {
        let now = self.clock.now();
        let draft = Draft {
            title: Some("Visite".into()),
            starts_at: Some(WrittenTime::Instant(now + TimeDelta::days(30))),
            ..Draft::default()
        };
        self.store.create_event(self.ada, draft, None, now).await.unwrap();
    }

    fn copies(&self) -> Vec<StoreCopy> {
        self.daily.copies.list().unwrap()
    }
}

const DAY: i64 = 24 * 60;

#[tokio::test]
async fn a_hub_that_is_always_on_makes_a_copy_at_half_past_twelve_of_each_day_with_changes() {
    let mut office = Office::open("2026-11-23T09:00:00Z").await;
    assert_eq!(office.runs(DAY).await, ["23/11 10:16"], "there is none yet, so it does not wait for the hour");
    office.changes().await;
    assert_eq!(office.runs(DAY).await, ["24/11 12:31"]);
    assert_eq!(office.runs(2 * DAY).await, [""; 0], "nothing has changed");
    office.changes().await;
    assert_eq!(office.runs(2 * DAY).await, ["27/11 12:31"]);
}

#[tokio::test]
async fn a_hub_that_is_off_at_that_hour_catches_up_but_not_at_its_start() {
    let mut office = Office::open("2026-11-23T07:00:00Z").await;
    assert_eq!(office.runs(180).await, ["23/11 08:16"]);
    for day in 24..27 {
        office.changes().await;
        // On from eight to eleven.
        office.restart(TimeDelta::minutes(DAY - 180));
        assert_eq!(office.runs(15).await, [""; 0], "an office that opens has better things to do");
        assert_eq!(office.runs(165).await, [format!("{day}/11 08:16")]);
    }
    office.restart(TimeDelta::minutes(60));
    office.changes().await;
    assert_eq!(office.runs(300).await, [""; 0], "not two a day, also when it is on at that hour");
}

#[tokio::test]
async fn it_waits_for_a_quiet_minute_but_not_for_ever() {
    let mut office = Office::open("2026-11-23T09:00:00Z").await;
    office.runs(DAY).await;
    let mut made = office.runs(150).await;
    for _ in 0..20 {
        office.changes().await;
        made.extend(office.runs(1).await);
    }
    assert_eq!(made, [""; 0]);
    assert_eq!(office.runs(2).await.len(), 1, "it is quiet now");
    office.changes().await;
    office.runs(DAY - 60).await;
    for _ in 0..120 {
        office.changes().await;
        made.extend(office.runs(1).await);
    }
    assert_eq!(made.len(), 1, "an office that is never quiet gets its copy as well: {made:?}");
}

#[tokio::test]
async fn a_clock_that_is_doubted_makes_no_copy_and_one_that_leapt_not_one_after_another() {
    let mut office = Office::open("2026-11-23T12:00:00Z").await;
    assert_eq!(office.runs(30).await.len(), 1);
    for _ in 0..5 {
        office.changes().await;
        office.clock.is_set_by(TimeDelta::days(1));
        assert_eq!(office.runs(60).await, [""; 0], "by a clock that nobody sets, an hour has gone by");
    }
    office.clock.is_set_by(TimeDelta::days(-5));
    office.changes().await;
    assert_eq!(office.runs(DAY).await.len(), 1);
    assert_eq!(office.copies().len(), 2);
}

#[tokio::test]
async fn a_copy_of_the_future_does_not_put_off_those_to_come() {
    let mut office = Office::open("2099-11-23T12:00:00Z").await;
    assert_eq!(office.runs(30).await.len(), 1, "the battery was flat");
    office.restart(TimeDelta::days(-73 * 365));
    office.changes().await;
    assert_eq!(office.runs(30).await.len(), 1);
    assert_eq!(office.copies().len(), 2);
}

#[tokio::test]
async fn one_that_fails_is_told_and_tried_again() {
    let mut office = Office::open("2026-11-23T09:00:00Z").await;
    // There is something where the folder should be.
    std::fs::write(office.daily.copies.folder(), "").unwrap();
    let failure = loop {
        if let Some(made) = office.daily.step().await.unwrap() {
            break made.unwrap_err();
        }
        office.clock.passes(TimeDelta::minutes(1));
    };
    let told = office.daily.copying.failure().unwrap();
    assert_eq!((told.at, told.trouble), (office.clock.now(), failure.trouble()));
    assert_eq!(failure.trouble(), Some(Trouble::Storage), "{failure}");
    for _ in 0..50 {
        assert!(office.daily.step().await.unwrap().is_none(), "not every minute");
        office.clock.passes(TimeDelta::minutes(1));
    }
    office.clock.passes(TimeDelta::minutes(10));
    assert!(office.daily.step().await.unwrap().is_some(), "after an hour");
}
