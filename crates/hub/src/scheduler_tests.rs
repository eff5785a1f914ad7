use chrono::TimeDelta;
use rappel_core::authorize::Actor;
use rappel_core::draft::Draft;
use rappel_core::notification::Outcome;
use rappel_core::person::{Locale, Role};
use rappel_core::schedule::WrittenTime;
use rappel_core::{PersonId, Zone};
use rappel_store::{By, Caller, DeviceKind, OfficeDefaults};

use super::*;
use crate::clock::Clock;
use crate::fake_clock::FakeClock;

struct Office {
    _dir: tempfile::TempDir,
    clock: Arc<FakeClock>,
    scheduler: Scheduler,
    ann: PersonId,
}

impl Office {
    /// Ann has an event of her own in two hours.
    async fn with_an_event_in_two_hours() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let now = Timestamp::parse_rfc3339("2026-11-23T08:00:00Z").unwrap();
        let defaults = OfficeDefaults { name: "Office".into(), locale: Locale::En, time_zone: Zone::utc() };
        let store = Store::open(&dir.path().join("rappel.db"), &defaults, |_| {}).unwrap();
        let ann = store.add_first_admin("Ann".into(), now).await.unwrap().unwrap().id;
        let token = store.create_token(By::CommandLine, ann, DeviceKind::Token, "test".into(), now).await.unwrap();
        let caller = Caller { device: token.device.id, actor: Actor { person: ann, role: Role::Admin } };
        let draft = Draft {
            title: Some("Visit".into()),
            starts_at: Some(WrittenTime::Instant(now + TimeDelta::hours(2))),
            assignees: vec![ann],
            ..Draft::default()
        };
        store.create_event(caller, draft, None, now).await.unwrap();
        let clock = Arc::new(FakeClock::at(now));
        let scheduler = Scheduler {
            hub: None,
            store,
            clock: OfficeClock::new(Arc::clone(&clock) as Arc<dyn Clock>, None),
            dispatch: Dispatch::new(),
            totals: Arc::default(),
        };
        let mut office = Self { _dir: dir, clock, scheduler, ann };
        assert_eq!(office.told().await, [], "nothing is due for an hour and a half");
        office
    }

    /// What Ann has been told after the scheduler has looked, newest first.
    async fn told(&mut self) -> Vec<(String, Outcome, bool)> {
        self.scheduler.step().await.unwrap();
        let page = self.scheduler.store.notifications(self.ann, None, 10).await.unwrap();
        page.notifications.iter().map(|row| (row.kind.type_name().into_owned(), row.outcome, row.late)).collect()
    }
}

fn fired(kind: &str, late: bool) -> (String, Outcome, bool) {
    (kind.to_owned(), Outcome::Fired, late)
}

#[tokio::test]
async fn a_machine_that_slept_catches_up_at_once() {
    let mut office = Office::with_an_event_in_two_hours().await;
    office.clock.passes(TimeDelta::minutes(100));
    assert_eq!(office.told().await, [fired("30min_before", true)]);
    office.clock.passes(TimeDelta::minutes(15));
    assert_eq!(office.told().await, [fired("5min_before", false), fired("30min_before", true)]);
}

#[tokio::test]
async fn a_clock_that_leaps_ahead_and_back_loses_nothing() {
    let mut office = Office::with_an_event_in_two_hours().await;
    office.clock.is_set_by(TimeDelta::days(1));
    assert_eq!(office.told().await, [], "nothing fires and nothing is missed in the leapt day");
    office.clock.passes(TimeDelta::minutes(4));
    assert_eq!(office.told().await, []);
    office.clock.is_set_by(TimeDelta::days(-1));
    assert_eq!(office.told().await, []);
    office.clock.passes(TimeDelta::minutes(86));
    assert_eq!(office.told().await, [fired("30min_before", false)], "as if it had not happened");
}

#[tokio::test]
async fn while_a_leap_is_doubted_reminders_come_by_the_earlier_reckoning() {
    let mut office = Office::with_an_event_in_two_hours().await;
    office.clock.passes(TimeDelta::minutes(89));
    office.clock.is_set_by(TimeDelta::days(1));
    assert_eq!(office.told().await, []);
    office.clock.passes(TimeDelta::minutes(1));
    assert_eq!(office.told().await, [fired("30min_before", false)], "on time, as without the leap");
    office.clock.passes(TimeDelta::minutes(4));
    assert_eq!(office.told().await, [("missed".into(), Outcome::Missed, true), fired("30min_before", false)]);
}

#[tokio::test]
async fn a_leap_that_holds_is_the_time() {
    let mut office = Office::with_an_event_in_two_hours().await;
    office.clock.is_set_by(TimeDelta::minutes(100));
    assert_eq!(office.told().await, []);
    office.clock.passes(TimeDelta::minutes(5));
    assert_eq!(office.told().await, [fired("30min_before", true)]);
}

#[tokio::test]
async fn a_clock_that_is_set_back_fires_nothing_twice() {
    let mut office = Office::with_an_event_in_two_hours().await;
    office.clock.passes(TimeDelta::minutes(90));
    assert_eq!(office.told().await, [fired("30min_before", false)]);
    office.clock.is_set_by(TimeDelta::hours(-1));
    assert_eq!(office.told().await, [fired("30min_before", false)]);
    office.clock.passes(TimeDelta::hours(1));
    assert_eq!(office.told().await, [fired("30min_before", false)], "half an hour before comes once");
}

#[tokio::test]
async fn what_falls_due_while_it_looks_is_not_slept_over() {
    let office = Office::with_an_event_in_two_hours().await;
    let now = office.clock.now();
    let pause = |due| office.scheduler.until(Some(due));
    assert_eq!(pause(now - TimeDelta::milliseconds(1)), Duration::ZERO, "it looks again at once");
    assert_eq!(pause(now + TimeDelta::milliseconds(30)), Duration::from_millis(30));
    assert_eq!(pause(now + TimeDelta::hours(1)), TICK, "the clock may be set meanwhile");
    assert_eq!(office.scheduler.until(None), TICK);
}
