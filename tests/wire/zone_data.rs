//! Zone data that change: events keep their wall time, their instants follow, nobody is told, and
//! nobody is reminded twice.

use serde_json::{Value, json};

use crate::harness::{Client, Office, Zones, moment, now};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// An office in Paris, where by the first edition clocks are one hour ahead of UTC, always.
fn office() -> Option<(Office, Client, Zones)> {
    let office = Office::new();
    let zones = Zones::in_directory(office.beside("zoneinfo"))?;
    zones.publish("2999a", 1);
    let (office, admin) = office.with_variable("TZDIR", zones.path()).opened();
    Some((office, admin, zones))
}

/// An event of the admin's whose instant is `ms` from now by clocks that are `hours` ahead of UTC.
fn at_wall_time(admin: &Client, ms: i64, hours: i64) -> Value {
    let instant = rappel_hub::Timestamp::clamped_from_ms(now().as_ms() + ms + hours * HOUR).to_string();
    let local = instant.trim_end_matches('Z');
    admin.create(&json!({ "title": "Visite", "starts_at": local, "assignees": [admin.id], "reminders": [5] }))
}

fn path(event: &Value) -> String {
    format!("/api/events/{}", event["id"].as_str().unwrap())
}

#[track_caller]
fn assert_moved(admin: &Client, event: &Value, ms: i64) {
    let after = admin.get(&path(event)).expect(200);
    assert_eq!(moment(&after["starts_at"]).as_ms(), moment(&event["starts_at"]).as_ms() + ms, "{after}");
    assert_eq!(after["time_zone"], "Europe/Paris");
}

#[test]
fn the_instant_moves_nobody_is_told_and_the_reminder_comes_at_the_new_time() {
    let Some((mut office, admin, zones)) = office() else { return };
    let status = office.status();
    assert_eq!(status["zone_data"], json!({ "version": "2999a", "source": zones.path() }));
    assert!(office.log().contains("2999a"), "{}", office.log());
    // In five minutes and a little by the rules to come, in an hour and that by those of today.
    let event = at_wall_time(&admin, 5 * MINUTE + 6_000, 2);
    assert!(moment(&event["starts_at"]).as_ms() > now().as_ms() + HOUR);

    zones.publish("2999b", 2);
    office.restart();
    assert_moved(&admin, &event, -HOUR);
    assert_eq!(office.status()["zone_data"]["version"], "2999b");
    let (mut session, _) = admin.session_at("since=0");
    let told = session.next_notification("5min_before");
    assert_eq!(moment(&told["due_at"]).as_ms(), moment(&event["starts_at"]).as_ms() - HOUR - 5 * MINUTE);
    assert_eq!(told["seq"], 1, "no notice came before");
    let shown = |time: &Value| {
        let local = rappel_hub::Timestamp::clamped_from_ms(moment(time).as_ms() + 2 * HOUR).to_string();
        local[11..16].to_owned()
    };
    let message = told["message"].as_str().unwrap();
    assert!(message.contains(&format!(" à {})", shown(&told["event"]["datetime"]))), "the wall time stays: {message}");

    office.restart();
    assert_eq!(admin.get(&path(&event)).expect(200)["revision"], 2, "another start changes nothing");
    assert_eq!(admin.inbox().len(), 1);
}

#[test]
fn a_reminder_that_came_before_does_not_come_again() {
    let Some((mut office, admin, zones)) = office() else { return };
    let event = at_wall_time(&admin, 5 * MINUTE + 1_000, 1);
    let mut session = admin.session();
    let told = session.next_notification("5min_before");
    session.close();

    zones.publish("2999b", 0);
    office.restart();
    assert_moved(&admin, &event, HOUR);
    assert_eq!(office.status()["next_due_at"], Value::Null, "nothing is left to be told of it");

    zones.publish("2999c", 2);
    office.restart();
    assert_moved(&admin, &event, -HOUR);
    assert_eq!(office.status()["next_due_at"], Value::Null);
    assert_eq!(admin.inbox(), [told], "neither repeated nor withdrawn nor called missed");
}

#[test]
fn a_hub_that_runs_notices_newer_data_and_those_who_watch_hear_of_it() {
    let office = Office::new().with_variable("RAPPEL_ZONE_DATA_EVERY_MS", "100");
    let Some(zones) = Zones::in_directory(office.beside("zoneinfo")) else { return };
    zones.publish("2999a", 1);
    let (office, admin) = office.with_variable("TZDIR", zones.path()).opened();
    let event = at_wall_time(&admin, 3 * HOUR, 1);
    let mut session = admin.session();
    session.send(&json!({ "type": "watch_events", "from": "2020-01-01T00:00:00Z", "to": "2999-01-01T00:00:00Z" }));
    session.settle();

    zones.publish("2999b", 2);
    let heard = session.next_of("event_changed");
    assert_eq!((&heard["event_id"], &heard["revision"]), (&event["id"], &json!(2)));
    assert_moved(&admin, &event, -HOUR);
    office.wait_for_status("the new data are in use", |status| status["zone_data"]["version"] == "2999b");
    assert_eq!(admin.inbox(), [] as [Value; 0]);
    assert!(office.log().contains("events follow the rules of other time zone data"), "{}", office.log());
}

#[test]
fn a_backup_from_before_the_rules_changed_follows_them_when_it_is_restored() {
    let Some((mut office, admin, zones)) = office() else { return };
    let event = at_wall_time(&admin, 3 * HOUR, 1);
    let backup = office.beside("backup");
    office.run(&["backup", backup.to_str().unwrap()]).out();
    zones.publish("2999b", 2);
    office.restart();
    office.run(&["restore", backup.to_str().unwrap()]).out();
    assert_moved(&admin, &event, -HOUR);
}

#[test]
fn data_older_than_the_programs_own_are_not_used() {
    let office = Office::new();
    let Some(zones) = Zones::in_directory(office.beside("zoneinfo")) else { return };
    zones.publish("2001a", 9);
    let (office, admin) = office.with_variable("TZDIR", zones.path()).opened();
    assert_eq!(office.status()["zone_data"]["source"], "binary");
    let event = admin.create(&json!({ "title": "Visite", "starts_at": "2031-11-24T10:00:00" }));
    assert_eq!(event["starts_at"], "2031-11-24T09:00:00.000Z");
}

#[cfg(debug_assertions)]
#[test]
fn a_hub_that_dies_over_it_goes_on_at_its_next_start() {
    let Some((mut office, admin, zones)) = office() else { return };
    // More than share a transaction.
    let events: Vec<Value> = (0..205).map(|_| at_wall_time(&admin, 3 * HOUR, 1)).collect();
    office.terminate();
    office.wait();
    zones.publish("2999b", 2);
    let now = office.beside("now");
    std::fs::write(&now, "").unwrap();
    let mut dying = office.command();
    dying.args(["serve", "--listen", "127.0.0.1:0"]).env("TZDIR", zones.path());
    dying.env("RAPPEL_DIE_AT", format!("rederived:{}", now.display()));
    assert!(!dying.output().unwrap().status.success(), "it dies after the first batch");

    office.start();
    for event in &events {
        assert_moved(&admin, event, -HOUR);
        assert_eq!(admin.get(&path(event)).expect(200)["revision"], 2, "each once");
    }
}
