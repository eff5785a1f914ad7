//! Somebody who makes, moves and reassigns events as fast as the hub takes it, and knows of each
//! of them what the hub has confirmed.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::SyncSender;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use serde_json::{Value, json};

use super::chance::Chance;
use crate::harness::{Client, in_the_future, moment};

/// An event as it was at one revision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Version {
    pub(super) start_ms: i64,
    pub(super) assignees: BTreeSet<String>,
    /// When the hub decided it.
    pub(super) decided_ms: i64,
}

/// An event with all that was confirmed of it: its revisions are 1, 2, 3, …
#[derive(Debug, Clone)]
pub(super) struct Story {
    pub(super) id: String,
    pub(super) reminders: Vec<u64>,
    pub(super) versions: Vec<Version>,
}

/// Who makes events; its thread runs until it is told to end.
#[derive(Debug, Clone)]
pub(super) struct Owner {
    pub(super) client: Client,
    pub(super) stories: Arc<Mutex<Vec<Story>>>,
    people: Arc<Vec<String>>,
    /// Taken by an owner for each deed, by the test to have none under way.
    gate: Arc<RwLock<()>>,
    ending: Arc<AtomicBool>,
}

impl Owner {
    pub(super) fn new(client: &Client, people: &Arc<Vec<String>>, gate: &Arc<RwLock<()>>) -> Self {
        Self {
            client: client.clone(),
            stories: Arc::default(),
            people: Arc::clone(people),
            gate: Arc::clone(gate),
            ending: Arc::default(),
        }
    }

    pub(super) fn end(&self) {
        self.ending.store(true, Ordering::Relaxed);
    }

    /// Does one deed after another; each that was confirmed is counted.
    pub(super) fn run(&self, mut chance: Chance, confirmed: &SyncSender<()>) {
        while !self.ending.load(Ordering::Relaxed) {
            let _deed = self.gate.read().unwrap_or_else(PoisonError::into_inner);
            let count = self.stories.lock().unwrap().len();
            if count == 0 || chance.one_in(2) {
                self.create(&mut chance);
            } else {
                // Of the latest, so that reminders are moved and taken away while they fall due.
                let which = count - 1 - chance.index(count.min(8));
                self.change(which, &mut chance);
            }
            // Nobody counts while the hub is down.
            let _ = confirmed.try_send(());
        }
    }

    fn create(&self, chance: &mut Chance) {
        let reminders = if chance.one_in(4) { vec![0, 1] } else { vec![0] };
        let body = json!({
            "title": "Visite de chantier", "starts_at": some_start(chance),
            "assignees": self.some_people(chance), "reminders": reminders,
        });
        let key = format!("{:016x}{:016x}", chance.below(u64::MAX), chance.below(u64::MAX));
        let event = loop {
            self.client.wait_for_hub();
            let Some(request) = self.client.try_request("POST", "/api/events") else { continue };
            match request.header("idempotency-key", &key).json(&body).try_send() {
                Ok(answer) => break answer.expect(201),
                // With the same key it can be asked for again, whether or not it was done.
                Err(_) => continue,
            }
        };
        assert_eq!(event["revision"], 1, "{event}");
        let id = event["id"].as_str().unwrap().to_owned();
        self.stories.lock().unwrap().push(Story { id, reminders, versions: vec![version(&event)] });
    }

    fn change(&self, which: usize, chance: &mut Chance) {
        let (id, last, revision) = {
            let stories = self.stories.lock().unwrap();
            let story = &stories[which];
            (story.id.clone(), story.versions.last().unwrap().clone(), story.versions.len() as u64)
        };
        let patch = if chance.one_in(2) {
            json!({ "starts_at": some_start(chance) })
        } else {
            let people = self.some_people(chance);
            if people == last.assignees {
                return;
            }
            json!({ "assignees": people })
        };
        let path = format!("/api/events/{id}");
        let event = loop {
            self.client.wait_for_hub();
            let Some(request) = self.client.try_request("PATCH", &path) else { continue };
            match request.header("if-match", &format!("\"{revision}\"")).json(&patch).try_send() {
                Ok(answer) if answer.status == 412 => {
                    // It was done before the hub was killed: nobody else changes this event.
                    if let Some(Ok(answer)) =
                        self.client.try_request("GET", &path).map(crate::harness::Request::try_send)
                    {
                        break answer.expect(200);
                    }
                }
                Ok(answer) => break answer.expect(200),
                Err(_) => {}
            }
        };
        assert_eq!(event["revision"], revision + 1, "{event}");
        self.stories.lock().unwrap()[which].versions.push(version(&event));
    }

    fn some_people(&self, chance: &mut Chance) -> BTreeSet<String> {
        let mut people: BTreeSet<String> = self.people.iter().filter(|_| chance.one_in(2)).cloned().collect();
        if people.is_empty() {
            people.insert(chance.pick(&self.people).clone());
        }
        people
    }
}

/// Often within the next seconds, sometimes so that the reminder of a minute before is.
fn some_start(chance: &mut Chance) -> String {
    match chance.below(10) {
        0..4 => in_the_future(1 + chance.below(4).cast_signed()),
        4 => in_the_future(61 + chance.below(3).cast_signed()),
        _ => in_the_future(86_400),
    }
}

fn version(event: &Value) -> Version {
    let assignees = event["assignees"].as_array().unwrap().iter().map(|id| id.as_str().unwrap().to_owned());
    Version {
        start_ms: moment(&event["starts_at"]).as_ms(),
        assignees: assignees.collect(),
        decided_ms: moment(&event["updated_at"]).as_ms(),
    }
}
