use rappel_core::authorize::Actor;
use rappel_core::draft::Draft;
use rappel_core::person::{Locale, Role};
use rappel_core::schedule::WrittenTime;
use rappel_core::{PersonId, Timestamp, Zone};
use rappel_store::{By, Caller, DeviceKind, NewPerson, OfficeDefaults};

use super::*;
use crate::fake_clock::FakeClock;

/// An office in which Ann has been told of one event.
struct Office {
    _dir: tempfile::TempDir,
    clock: Arc<FakeClock>,
    retention: Retention,
    ann: PersonId,
}

impl Office {
    async fn open() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now = Timestamp::parse_rfc3339("2026-11-23T08:00:00Z").unwrap();
        let defaults = OfficeDefaults { name: "Office".into(), locale: Locale::En, time_zone: Zone::utc() };
        let store = Store::open(&dir.path().join("rappel.db"), &defaults, |_| {}).unwrap();
        let ada = store.add_first_admin("Ada".into(), now).await.unwrap().unwrap().id;
        let new = NewPerson {
            name: "Ann".into(),
            role: Role::Member,
            email: None,
            locale: None,
            time_zone: None,
            reminders: None,
        };
        let ann = store.add_person(By::CommandLine, new, now).await.unwrap().id;
        let token = store.create_token(By::CommandLine, ada, DeviceKind::Token, "test".into(), now).await.unwrap();
        let caller = Caller { device: token.device.id, actor: Actor { person: ada, role: Role::Admin } };
        let draft = Draft {
            title: Some("Visit".into()),
            starts_at: Some(WrittenTime::Instant(now + TimeDelta::hours(2))),
            assignees: vec![ann],
            ..Draft::default()
        };
        store.create_event(caller, draft, None, now).await.unwrap();
        let clock = Arc::new(FakeClock::at(now));
        let retention = Retention::new(store, Arc::clone(&clock) as Arc<dyn Clock>);
        Self { _dir: dir, clock, retention, ann }
    }

    /// The hub's program, or its machine, is started again after so long.
    fn restart(&mut self, off: TimeDelta) {
        self.clock.restarts(off);
        self.retention = Retention::new(self.retention.store.clone(), Arc::clone(&self.clock) as Arc<dyn Clock>);
    }

    fn passes(&self, time: TimeDelta) {
        self.clock.passes(time);
    }

    fn is_set_by(&self, time: TimeDelta) {
        self.clock.is_set_by(time);
    }

    /// How many of Ann's notifications are there after a look.
    async fn kept(&mut self) -> usize {
        self.retention.step().await.unwrap();
        self.retention.store.notifications(self.ann, None, 10).await.unwrap().notifications.len()
    }

    /// The hub has run for so many days, looking every hour.
    async fn runs(&mut self, days: i64) {
        for _ in 0..days * 24 {
            self.passes(TimeDelta::hours(1));
            self.retention.step().await.unwrap();
        }
    }
}

#[tokio::test]
async fn an_office_that_is_in_use_keeps_a_year() {
    let mut office = Office::open().await;
    office.runs(364).await;
    assert_eq!(office.kept().await, 1);
    office.runs(2).await;
    assert_eq!(office.kept().await, 0);
}

#[tokio::test]
async fn a_hub_that_is_switched_off_at_night_forgets_when_it_is_started() {
    let mut office = Office::open().await;
    office.runs(1).await;
    for _ in 0..180 {
        office.restart(TimeDelta::days(2));
        assert_eq!(office.kept().await, 1);
    }
    for _ in 0..3 {
        office.restart(TimeDelta::days(2));
        office.kept().await;
    }
    assert_eq!(office.kept().await, 0, "366 days have gone by, and no day on which it ran for long");
}

#[tokio::test]
async fn a_hub_that_is_never_on_for_long_forgets_when_its_hours_add_up() {
    let mut office = Office::open().await;
    office.is_set_by(TimeDelta::days(366));
    // On for an hour a day, and looked at every ten minutes.
    for day in 1..=6 {
        office.restart(TimeDelta::hours(23));
        for _ in 0..6 {
            assert_eq!(office.kept().await, 1, "on day {day} it has not been on for six hours");
            office.passes(TimeDelta::minutes(10));
        }
    }
    office.restart(TimeDelta::hours(23));
    for _ in 0..6 {
        office.kept().await;
        office.passes(TimeDelta::minutes(10));
    }
    assert_eq!(office.kept().await, 0);
}

#[tokio::test]
async fn a_clock_that_begins_at_the_same_wrong_moment_each_time_proves_nothing() {
    let mut office = Office::open().await;
    office.runs(1).await;
    office.restart(TimeDelta::days(2000));
    for _ in 0..10 {
        for _ in 0..5 {
            assert_eq!(office.kept().await, 1);
            office.passes(TimeDelta::hours(1));
        }
        assert_eq!(office.kept().await, 1);
        office.restart(TimeDelta::hours(-5));
    }
}

#[tokio::test]
async fn a_wrong_clock_at_the_start_forgets_nothing() {
    let mut office = Office::open().await;
    office.runs(1).await;
    office.restart(TimeDelta::days(2000));
    assert_eq!(office.kept().await, 1);
    office.passes(TimeDelta::hours(5));
    assert_eq!(office.kept().await, 1);
    office.restart(TimeDelta::minutes(1));
    assert_eq!(office.kept().await, 1, "it has not been on for six hours with it");
    office.is_set_by(TimeDelta::days(-2000));
    assert_eq!(office.kept().await, 1);
    office.runs(3).await;
    assert_eq!(office.kept().await, 1, "it was wrong all the time");
}

#[tokio::test]
async fn an_office_that_was_closed_for_long_forgets_when_the_clock_has_held() {
    let mut office = Office::open().await;
    office.runs(1).await;
    office.restart(TimeDelta::days(400));
    assert_eq!(office.kept().await, 1);
    office.passes(TimeDelta::hours(6));
    assert_eq!(office.kept().await, 0);
}

#[tokio::test]
async fn a_clock_that_leaps_while_it_runs_forgets_nothing() {
    let mut office = Office::open().await;
    office.runs(1).await;
    office.is_set_by(TimeDelta::days(400));
    for _ in 0..5 {
        office.passes(TimeDelta::hours(1));
        assert_eq!(office.kept().await, 1);
    }
    office.is_set_by(TimeDelta::days(-400));
    office.runs(2).await;
    assert_eq!(office.kept().await, 1);
}
