use rappel_core::person::Role;
use rappel_store::NewPerson;

use super::*;
use crate::clock::Clock;
use crate::fake_clock::FakeClock;
use crate::hub::{Deciding, HubConfig};

#[tokio::test]
async fn copies_are_late_when_for_days_there_was_none_of_what_has_changed() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(FakeClock::at(Timestamp::parse_rfc3339("2026-11-23T08:00:00Z").unwrap()));
    let data_dir = dir.path().join("data");
    let config = HubConfig { data_dir, deciding: Deciding::WhenAsked, ..HubConfig::default() };
    let hub = Hub::open_with_clock(config, Arc::clone(&clock) as Arc<dyn Clock>).await.unwrap();
    let is_late = async || hub.copies_are_late(&hub.list_copies().await.unwrap()).await.unwrap();

    assert!(!is_late().await, "it has just begun");
    clock.passes(TimeDelta::hours(25));
    assert!(is_late().await, "a day has gone by without one");
    hub.make_copy(By::Hub).await.unwrap();
    assert!(!is_late().await);
    clock.passes(TimeDelta::days(4));
    assert!(!is_late().await, "it has all there is");
    let new = NewPerson {
        name: "Dora".into(),
        role: Role::Member,
        email: None,
        locale: None,
        time_zone: None,
        reminders: None,
    };
    hub.store().add_person(By::CommandLine, new, hub.now()).await.unwrap();
    assert!(is_late().await, "it does not have Dora");
    hub.make_copy(By::Hub).await.unwrap();
    assert!(!is_late().await);
    hub.shutdown().await;
}
