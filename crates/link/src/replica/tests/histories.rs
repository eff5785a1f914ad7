//! Histories by chance: what two that do not hear of each other tell is told once, in time, and holds.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use rappel_core::{NotificationId, Timestamp};
use rappel_hub::Clock;
use serde_json::{Value, json};

use super::{Story, id};
use crate::Request;

/// Between two looks at the clock, in seconds.
const TICK_S: i64 = 60;

#[derive(Debug, Clone)]
enum Step {
    /// So many minutes pass.
    Wait(i64),
    /// An event so many minutes ahead.
    Create(i64),
    /// One of the events starts so many minutes ahead.
    Move(usize, i64),
    /// One of the events is cancelled, or planned again.
    Cancel(usize, bool),
    /// The line breaks, or is mended.
    Line(bool),
    /// What was shown last is dismissed.
    Dismiss,
    /// What was shown last is put off by so many minutes.
    Snooze(u32),
    /// The desktop's program ends, and is started again.
    Restart,
    /// Somebody sets the desktop's clock, by so many days.
    SetClock(i64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (1..40_i64).prop_map(Step::Wait),
        3 => (3..70_i64).prop_map(Step::Create),
        2 => (0..4_usize, 3..70_i64).prop_map(|(which, ahead)| Step::Move(which, ahead)),
        1 => (0..4_usize, any::<bool>()).prop_map(|(which, is_over)| Step::Cancel(which, is_over)),
        4 => any::<bool>().prop_map(Step::Line),
        1 => Just(Step::Dismiss),
        1 => (1..30_u32).prop_map(Step::Snooze),
        1 => Just(Step::Restart),
        1 => (-400..400_i64).prop_map(Step::SetClock),
    ]
}

/// Ann's desktop, as its follower has it: a ledger, a screen, and a line that may be down.
struct Desk {
    story: Story,
    events: Vec<String>,
    is_linked: bool,
    /// Shown, or never to be.
    ledger: BTreeSet<NotificationId>,
    /// With the event, and the start that was told.
    screen: BTreeMap<NotificationId, (String, String)>,
    /// By this desktop itself.
    own: BTreeSet<NotificationId>,
    last: Option<NotificationId>,
    dismissed: BTreeSet<NotificationId>,
}

impl Desk {
    async fn begin() -> Self {
        let story = Story::begin().await;
        story.refresh().await;
        Self {
            story,
            events: Vec::new(),
            is_linked: true,
            ledger: BTreeSet::new(),
            screen: BTreeMap::new(),
            own: BTreeSet::new(),
            last: None,
            dismissed: BTreeSet::new(),
        }
    }

    async fn take(&mut self, step: &Step) -> Result<(), TestCaseError> {
        let event = |which: &usize| self.events.get(*which % self.events.len().max(1)).cloned();
        match step {
            Step::Wait(minutes) => {
                for _ in 0..minutes * 60 / TICK_S {
                    self.story.hubs.passes(TimeDelta::seconds(TICK_S));
                    self.story.desk.passes(TimeDelta::seconds(TICK_S));
                    self.tick().await?;
                }
            }
            Step::Create(ahead) => {
                let event = json!({ "title": "Visit", "starts_at": self.ahead(*ahead), "assignees": [self.story.ann] });
                let made = self.story.done("POST", "/api/events", event).await;
                self.events.push(made["id"].as_str().expect("an id").to_owned());
            }
            Step::Move(which, ahead) => {
                let change = json!({ "starts_at": self.ahead(*ahead) });
                if let Some(event) = event(which) {
                    self.story.done("PATCH", &format!("/api/events/{event}"), change).await;
                }
            }
            Step::Cancel(which, is_over) => {
                let change = json!({ "status": if *is_over { "cancelled" } else { "planned" } });
                if let Some(event) = event(which) {
                    self.story.done("PATCH", &format!("/api/events/{event}"), change).await;
                }
            }
            Step::Line(is_linked) => self.is_linked = *is_linked,
            Step::Dismiss => self.choose(None).await,
            Step::Snooze(minutes) => self.choose(Some(*minutes)).await,
            Step::Restart => self.story.restart(),
            Step::SetClock(days) => self.story.desk.is_set_by(TimeDelta::days(*days)),
        }
        self.tick().await?;
        if self.is_linked { self.check().await } else { Ok(()) }
    }

    fn ahead(&self, minutes: i64) -> String {
        (self.story.hubs.now() + TimeDelta::minutes(minutes)).to_string()
    }

    /// What was shown last leaves the screen by its buttons.
    async fn choose(&mut self, minutes: Option<u32>) {
        let Some(last) = self.last.filter(|last| self.screen.remove(last).is_some()) else { return };
        let replica = &self.story.replica;
        if self.is_linked && !replica.is_own(last) {
            let (what, body) = match minutes {
                Some(minutes) => ("snooze", Some(json!({ "minutes": minutes }))),
                None => ("dismiss", None),
            };
            // One that has just been withdrawn is refused, as anywhere.
            self.story.call(Request::post(format!("/api/notifications/{last}/{what}"), body)).await;
            return;
        }
        match minutes {
            Some(minutes) => drop(replica.snooze(last, minutes).expect("written")),
            None if replica.dismiss(last).expect("written") => drop(self.dismissed.insert(last)),
            None => {}
        }
    }

    /// The hub looks at its clock, and the desktop at its line and its own.
    async fn tick(&mut self) -> Result<(), TestCaseError> {
        self.story.hub.decide_due().await.expect("decided");
        if !self.is_linked {
            return self.decide();
        }
        self.story.report().await;
        for row in self.story.listed().await.iter().rev() {
            let is_open = row["is_read"] == false && row["outcome"] == "fired";
            match &row["withdrawn_at"] {
                Value::Null if is_open && self.ledger.insert(id(row)) => self.show(row),
                Value::Null => {}
                _ => drop(self.screen.remove(&id(row))),
            }
        }
        self.story.refresh().await;
        for id in self.story.replica.outdated().expect("written") {
            self.screen.remove(&id);
        }
        Ok(())
    }

    fn decide(&mut self) -> Result<(), TestCaseError> {
        let now = self.story.hubs.now();
        let own = self.story.replica.decide().expect("decided");
        self.ledger.extend(own.said);
        for (row, is_away) in own.told {
            let told = self.story.replica.state().notification(row.id).expect("read").expect("it is listed");
            let due = Timestamp::parse_rfc3339(told["due_at"].as_str().expect("an instant")).expect("an instant");
            prop_assert!(due <= now, "early: due {due}, told {now}");
            if self.ledger.insert(row.id) {
                self.story.replica.shown(row.id).expect("written");
                prop_assert!(self.own.insert(row.id), "{} is told twice", row.id);
                let late = (row.created_at - due).num_seconds();
                prop_assert!(is_away || late <= TICK_S, "{late} seconds late, and the desktop was there");
                self.show(&told);
            }
        }
        Ok(())
    }

    fn show(&mut self, row: &Value) {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        self.last = Some(id(row));
        self.screen.insert(id(row), (text(&row["event_id"]), text(&row["event"]["datetime"])));
    }

    /// With the line up: what the desktop itself showed and is on the screen holds, and the hub knows of it.
    async fn check(&self) -> Result<(), TestCaseError> {
        let listed = self.story.listed().await;
        for own in &self.own {
            let Some(row) = listed.iter().find(|row| id(row) == *own) else { continue };
            let history = self.story.done("GET", &format!("/api/notifications/{own}/history"), Value::Null).await;
            prop_assert!(!history["seen"].as_array().expect("a list").is_empty(), "the hub does not know of {own}");
            let is_settled = !row["dismissed_at"].is_null() || !row["withdrawn_at"].is_null();
            prop_assert!(is_settled || !self.dismissed.contains(own), "{own} was dismissed, and the hub does not know");
        }
        for (own, (event, start)) in self.screen.iter().filter(|(id, _)| self.own.contains(id)) {
            let event = self.story.done("GET", &format!("/api/events/{event}"), Value::Null).await;
            prop_assert_eq!(&event["starts_at"], &json!(start), "{} tells of a start that has moved", own);
            prop_assert_eq!(&event["status"], &json!("planned"), "{} tells of what is over", own);
        }
        Ok(())
    }
}

#[test]
fn what_two_tell_without_each_other_is_told_once_in_time_and_holds() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    let config = Config { cases: 10, failure_persistence: None, max_shrink_iters: 60, ..Config::default() };
    let ran = TestRunner::new(config).run(&prop::collection::vec(step(), 4..24), |steps| {
        runtime.block_on(async {
            let mut desk = Desk::begin().await;
            for step in &steps {
                desk.take(step).await?;
            }
            desk.take(&Step::Line(true)).await?;
            desk.story.hub.shutdown().await;
            Ok(())
        })
    });
    if let Err(error) = ran {
        panic!("{error}");
    }
}
