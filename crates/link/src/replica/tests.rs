//! A real hub and a replica, each on a machine whose clocks the test moves. What is between them is cut
//! by not asking.

mod histories;
mod recalling;
mod watching;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::body::Body;
use chrono::TimeDelta;
use rappel_core::{NotificationId, PersonId, Timestamp, Zone};
use rappel_hub::{Clock, Deciding, Hub, HubConfig, Locale};
use serde_json::{Value, json};
use tower::ServiceExt;

use super::*;
use crate::{Answer, Request};

/// The clocks of a machine.
#[derive(Debug, Clone)]
pub(crate) struct Machine(Arc<Mutex<(Timestamp, Duration, u32)>>);

impl Machine {
    pub(crate) fn at(text: &str) -> Self {
        Self(Arc::new(Mutex::new((at(text), Duration::from_secs(600), 1))))
    }

    /// Time passes, awake or asleep.
    pub(crate) fn passes(&self, time: TimeDelta) {
        let mut clocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *clocks = (clocks.0 + time, clocks.1 + time.to_std().unwrap_or_default(), clocks.2);
    }

    /// Somebody sets the wall clock.
    pub(crate) fn is_set_by(&self, time: TimeDelta) {
        let mut clocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        clocks.0 = clocks.0 + time;
    }

    /// The machine was off for so long, and has just started.
    pub(crate) fn restarts(&self, off: TimeDelta) {
        let mut clocks = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *clocks = (clocks.0 + off, Duration::from_secs(20), clocks.2 + 1);
    }
}

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).0
    }

    fn since_boot(&self) -> Duration {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).1
    }

    fn boot(&self) -> Option<String> {
        Some(format!("run {}", self.0.lock().unwrap_or_else(PoisonError::into_inner).2))
    }
}

fn at(text: &str) -> Timestamp {
    let whole = if text.contains('T') { text.to_owned() } else { format!("2026-11-23T{text}Z") };
    Timestamp::parse_rfc3339(&whole).expect("an instant")
}

/// Ann's desktop, and the hub of her office.
struct Story {
    hub: Hub,
    router: Router,
    token: String,
    ann: PersonId,
    hubs: Machine,
    desk: Machine,
    replica: Replica,
    folder: tempfile::TempDir,
}

impl Story {
    /// At eight, with nothing on. The desktop's clock is a minute behind the hub's.
    async fn begin() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let (hubs, desk) = (Machine::at("08:00:00"), Machine::at("07:59:00"));
        let config = HubConfig {
            data_dir: folder.path().join("office"),
            locale: Some(Locale::En),
            time_zone: Some(Zone::parse("time_zone", "Europe/Paris").expect("a zone")),
            first_admin: Some("Ann".into()),
            deciding: Deciding::WhenAsked,
            ..HubConfig::default()
        };
        let hub = Hub::open_with_clock(config, Arc::new(hubs.clone())).await.expect("a hub");
        let ann = hub.sign_in_desktop("desk").await.expect("signed in");
        let replica = Replica::open_with_clock(&folder.path().join("replica.db"), ann.person, Arc::new(desk.clone()));
        let replica = replica.expect("a replica");
        Self { router: hub.router(), hub, token: ann.token, ann: ann.person, hubs, desk, replica, folder }
    }

    async fn call(&self, request: Request) -> Answer {
        let answer = self.router.clone().oneshot(request.to_http(Some(&self.token)).expect("a request")).await;
        let answer = answer.unwrap_or_else(|never| match never {});
        let status = answer.status().as_u16();
        let bytes = axum::body::to_bytes(Body::new(answer.into_body()), usize::MAX).await.expect("a whole answer");
        Answer::read(status, &bytes).expect("JSON")
    }

    async fn done(&self, method: &str, path: &str, body: Value) -> Value {
        let body = (!body.is_null()).then_some(body);
        let answer = self.call(Request { method: method.into(), body, ..Request::get(path) }).await;
        assert!(answer.is_success(), "{method} {path}: {} {}", answer.status, answer.body);
        answer.body
    }

    /// Ann's event at this time.
    async fn event(&self, title: &str, time: &str) -> String {
        let event = json!({ "title": title, "starts_at": at(time).to_string(), "assignees": [self.ann] });
        self.done("POST", "/api/events", event).await["id"].as_str().expect("an id").to_owned()
    }

    /// The hub is asked what has changed.
    async fn refresh(&self) -> bool {
        let known = self.replica.state().kept.as_ref().map(|kept| kept.version.clone()).unwrap_or_default();
        let answer = self.call(Request::get(format!("/api/replica?version={known}"))).await;
        self.replica.take(&answer, Duration::from_millis(3)).expect("taken")
    }

    /// The hub is told what was done without it.
    async fn report(&self) {
        let reports = self.replica.reports(100).expect("readable");
        let body = json!({ "reports": reports.iter().map(refresh::written).collect::<Vec<_>>() });
        self.done("POST", "/api/replica/reports", body).await;
        self.replica.reported(&reports).expect("written");
    }

    /// Time passes for both, until it is that late on the hub.
    fn until(&self, time: &str) {
        let passed = at(time) - self.hubs.now();
        self.hubs.passes(passed);
        self.desk.passes(passed);
    }

    /// What the desktop tells by itself now, and puts on the screen: `30min_before`, `5min_before away`.
    fn tells(&self) -> Vec<String> {
        let own = self.replica.decide().expect("decided");
        own.told
            .iter()
            .map(|(row, away)| {
                self.replica.shown(row.id).expect("written");
                format!("{}{}", row.notification_type, if *away { " away" } else { "" })
            })
            .collect()
    }

    /// The desktop's program ends, and is started again.
    fn restart(&mut self) {
        let file = self.folder.path().join("replica.db");
        self.replica = Replica::open_with_clock(&file, self.ann, Arc::new(self.desk.clone())).expect("opened");
    }

    async fn listed(&self) -> Vec<Value> {
        let list = self.done("GET", "/api/notifications", Value::Null).await;
        list["notifications"].as_array().expect("a list").clone()
    }

    /// What the window is answered while the hub is away.
    fn recalled(&self, path: &str) -> Value {
        let answer = self.replica.recall(&Request::get(path)).expect("answered").expect("something is kept");
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.body
    }
}

fn id(row: &Value) -> NotificationId {
    row["id"].as_str().expect("an id").parse().expect("an id")
}

#[tokio::test]
async fn it_tells_what_the_hub_would_tell_and_calls_it_the_same() {
    let story = Story::begin().await;
    story.event("Visit", "10:00:00").await;
    assert!(story.refresh().await, "there is something new");
    assert!(!story.refresh().await, "and then nothing");
    assert_eq!(story.replica.now(), Some(at("08:00:00")), "by the hub's clock, not by its own");

    story.until("09:29:59");
    assert_eq!(story.tells(), [""; 0], "never early");
    assert_eq!(story.replica.next_look(), Some((at("09:30:00"), 1_000)));
    story.until("09:30:00");
    let own = story.replica.decide().expect("decided").told.remove(0);
    assert!(!own.1, "in time, it pops up by itself");
    assert_eq!(story.tells(), [""; 0], "once");

    story.hub.decide_due().await.expect("decided");
    let hubs: Notification = serde_json::from_value(story.listed().await.remove(0)).expect("a notification");
    assert_eq!(own.0, Notification { seq: 0, change: 0, ..hubs }, "but for its place, which is the hub's to give");
}

#[tokio::test]
async fn whoever_wakes_late_is_told_as_by_the_hub() {
    for (wakes, told, next) in [
        ("09:40:00", vec!["30min_before away"], "09:55:00"),
        ("09:54:00", vec![], "09:55:00"),
        ("09:57:00", vec!["5min_before away"], ""),
        ("10:10:00", vec!["5min_before away"], ""),
        ("12:00:00", vec!["missed away"], ""),
    ] {
        let story = Story::begin().await;
        story.event("Visit", "10:00:00").await;
        story.refresh().await;
        story.until(wakes);
        assert_eq!(story.tells(), told, "at {wakes}");
        let due = story.replica.next_look().map(|(due, _)| due);
        assert_eq!(due, (!next.is_empty()).then(|| at(next)), "after {wakes}");
    }
}

#[tokio::test]
async fn what_is_late_by_seconds_pops_up_by_itself() {
    let story = Story::begin().await;
    story.event("Visit", "10:00:00").await;
    story.refresh().await;
    story.until("09:30:40");
    assert_eq!(story.tells(), ["30min_before"], "its words are true to the minute");
}

#[tokio::test]
async fn whoever_was_reminded_is_not_told_that_they_missed_it() {
    let story = Story::begin().await;
    let event = story.event("Visit", "10:00:00").await;
    story.refresh().await;
    story.until("09:30:00");
    assert_eq!(story.replica.decide().expect("decided").said, [], "there is more to say");
    story.until("09:55:00");
    let said = story.replica.decide().expect("decided").said;
    story.until("12:00:00");
    story.hub.decide_due().await.expect("decided");
    let hubs = story.listed().await.remove(0);
    assert_eq!((hubs["notification_type"].as_str(), hubs["event_id"].as_str()), (Some("missed"), Some(event.as_str())));
    assert!(said.contains(&id(&hubs)), "the hub was off all the while and thinks so");
}

#[tokio::test]
async fn what_another_reminder_said_is_not_told_by_the_hub_later() {
    let story = Story::begin().await;
    story.event("Visit", "10:00:00").await;
    story.refresh().await;
    story.until("09:30:00");
    story.hub.decide_due().await.expect("decided"); // the hub is on, and the desktop cannot reach it
    let thirty = id(&story.listed().await[0]);
    story.until("09:57:00");
    let own = story.replica.decide().expect("decided");
    assert_eq!(own.told.len(), 1);
    assert!(own.said.contains(&thirty), "the desktop slept, and its five minutes spoke for both");
}

#[tokio::test]
async fn it_survives_its_own_end_and_its_machines() {
    let mut story = Story::begin().await;
    story.event("Visit", "10:00:00").await;
    story.event("Call", "11:00:00").await;
    story.refresh().await;
    story.restart();
    assert_eq!(story.replica.synced_at(), Some(at("08:00:00")));
    story.desk.is_set_by(TimeDelta::days(-300));
    story.until("09:30:00");
    assert_eq!(story.tells(), ["30min_before"], "the boot clock goes on, whatever the wall clock is set to");
    story.desk.is_set_by(TimeDelta::days(300));
    story.restart();
    assert_eq!(story.tells(), ["30min_before"], "once more: that it was shown is the ledger's to know");
    assert_eq!(story.tells(), [""; 0]);

    story.hubs.passes(TimeDelta::minutes(60));
    story.desk.restarts(TimeDelta::minutes(60));
    story.restart();
    assert_eq!(story.replica.now(), Some(at("10:30:00")), "its wall clock, by what it was off by");
    assert_eq!(story.tells(), ["30min_before away", "missed away", "30min_before"]);
}

#[tokio::test]
async fn what_was_shown_is_a_receipt_and_changes_nothing() {
    let story = Story::begin().await;
    story.event("Visit", "10:00:00").await;
    story.refresh().await;
    story.until("09:30:00");
    assert_eq!(story.tells(), ["30min_before"]);
    story.until("09:45:00");
    story.report().await;
    let row = story.listed().await.remove(0);
    assert_eq!((row["notification_type"].as_str(), row["is_read"].as_bool()), (Some("30min_before"), Some(false)));
    let history = story.done("GET", &format!("/api/notifications/{}/history", id(&row)), Value::Null).await;
    assert_eq!(history["seen"][0]["at"], "2026-11-23T09:30:00.000Z", "{history}");
    assert!(story.replica.reports(1).expect("readable").is_empty());
}

#[tokio::test]
async fn what_does_not_hold_any_more_is_to_leave_the_screen() {
    let changes = [
        ("PATCH", json!({ "starts_at": "2026-11-23T15:00:00Z" }), true),
        ("PATCH", json!({ "status": "cancelled" }), true),
        ("PATCH", json!({ "assignees": [] }), true),
        ("DELETE", Value::Null, true),
        ("PATCH", json!({ "title": "Site visit" }), false),
    ];
    for (method, body, is_over) in changes {
        let story = Story::begin().await;
        let event = story.event("Visit", "10:00:00").await;
        story.refresh().await;
        story.until("09:30:00");
        let shown = story.replica.decide().expect("decided").told.remove(0).0.id;
        story.done(method, &format!("/api/events/{event}"), body.clone()).await;
        assert_eq!(story.replica.outdated().expect("written"), [], "nobody here can know of it");
        story.refresh().await;
        let outdated = story.replica.outdated().expect("written");
        assert_eq!(outdated, if is_over { vec![shown] } else { vec![] }, "{method} {body}");
        assert_eq!(story.replica.outdated().expect("written"), [], "each once");
    }
}

#[tokio::test]
async fn put_off_without_the_hub_it_is_told_again_without_the_hub() {
    let story = Story::begin().await;
    story.event("Visit", "10:00:00").await;
    story.refresh().await;
    story.until("09:30:00");
    let shown = story.replica.decide().expect("decided").told.remove(0).0;
    assert_eq!(story.replica.snooze(shown.id, 5).expect("written"), Some(at("09:35:00")));
    story.until("09:35:00");
    let again = story.replica.decide().expect("decided").told.remove(0).0;
    assert_eq!(again.parent_id, Some(shown.id));
    assert_eq!(again.notification_type, "30min_before");
    assert!(again.message.starts_with("Your event starts in 25 minutes"), "{}", again.message);
}

#[tokio::test]
async fn put_off_without_the_hub_it_is_told_again_by_the_hub_as_the_same() {
    let mut story = Story::begin().await;
    story.event("Visit", "10:00:00").await;
    story.refresh().await;
    story.until("09:30:00");
    let shown = story.replica.decide().expect("decided").told.remove(0).0;
    story.replica.snooze(shown.id, 15).expect("written");
    story.restart();
    story.until("09:40:00");
    story.report().await;
    story.refresh().await;
    let row = story.listed().await.remove(0);
    assert_eq!((id(&row), row["snoozed_until"].as_str()), (shown.id, Some("2026-11-23T09:45:00.000Z")));

    story.until("09:45:00");
    let own = story.replica.decide().expect("decided").told;
    let again = own.iter().find(|(row, _)| row.parent_id.is_some()).expect("it is told").0.id;
    story.hub.decide_due().await.expect("decided");
    assert_eq!(id(&story.listed().await[0]), again, "whoever tells it, it is one");
}

#[tokio::test]
async fn dismissed_without_the_hub_it_is_not_told_again() {
    let story = Story::begin().await;
    story.event("Visit", "10:00:00").await;
    story.until("09:30:00");
    story.hub.decide_due().await.expect("decided");
    let told = id(&story.listed().await[0]);
    story.done("POST", &format!("/api/notifications/{told}/snooze"), json!({ "minutes": 10 })).await;
    story.refresh().await;
    assert!(story.replica.dismiss(told).expect("written"), "the hub had told it, and the desktop knows it");
    story.until("09:41:00");
    assert_eq!(story.tells(), [""; 0], "the snooze that the hub knows of is over");
    story.report().await;
    assert!(story.listed().await.iter().any(|row| id(row) == told && !row["dismissed_at"].is_null()));
    assert!(!story.replica.dismiss(NotificationId::from_bytes([1; 16])).expect("read"), "what nobody knows");
}

#[tokio::test]
async fn somebody_elses_is_forgotten() {
    let mut story = Story::begin().await;
    story.event("Visit", "10:00:00").await;
    story.refresh().await;
    story.ann = PersonId::from_bytes([7; 16]);
    story.restart();
    assert_eq!((story.replica.synced_at(), story.replica.next_look()), (None, None));
}

#[tokio::test]
async fn an_answer_that_is_none_changes_nothing() {
    let story = Story::begin().await;
    story.event("Visit", "10:00:00").await;
    story.refresh().await;
    for answer in [
        Answer { status: 500, body: Value::Null },
        Answer { status: 200, body: json!({}) },
        Answer { status: 200, body: json!({ "now": "2026-11-23T08:00:00Z", "version": "x", "content": {} }) },
    ] {
        assert!(story.replica.take(&answer, Duration::ZERO).is_err(), "{}", answer.body);
    }
    story.until("09:30:00");
    assert_eq!(story.tells(), ["30min_before"]);
}
