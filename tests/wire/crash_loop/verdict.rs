//! What must be true of everybody's notifications, computed from what was confirmed and nothing
//! else.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::device::Ledger;
use super::owner::{Story, Version};
use crate::harness::moment;

/// A person's notifications, counted by what they are about.
pub(super) struct Told {
    /// By event and kind.
    notices: BTreeMap<(String, String), usize>,
    /// By event, start and kind.
    reminders: BTreeMap<(String, i64, String), usize>,
}

impl Told {
    /// Counts what one device was told, and checks what is true of any such history by itself.
    #[track_caller]
    pub(super) fn of(ledger: &Ledger) -> Self {
        let mut told = Self { notices: BTreeMap::new(), reminders: BTreeMap::new() };
        let mut ids = BTreeSet::new();
        for (expected, (seq, row)) in (1..).zip(&ledger.rows) {
            assert_eq!(*seq, expected, "no gap");
            assert!(ids.insert(row["id"].as_str().unwrap()), "the same notification twice: {row}");
            let kind = row["notification_type"].as_str().unwrap().to_owned();
            let event = row["event_id"].as_str().unwrap().to_owned();
            // What was put off is told again, as a notification of its own.
            if !row["parent_id"].is_null() {
                continue;
            }
            if kind.ends_with("min_before") {
                let start = moment(&row["event"]["datetime"]).as_ms();
                *told.reminders.entry((event, start, kind)).or_default() += 1;
            } else {
                *told.notices.entry((event, kind)).or_default() += 1;
            }
        }
        for (key, count) in &told.reminders {
            assert_eq!(*count, 1, "a reminder twice: {key:?}");
        }
        for (id, what) in &ledger.acknowledged {
            let row = ledger.rows.values().find(|row| row["id"] == **id).unwrap();
            assert_eq!(row["is_read"], true, "{what} was confirmed: {row}");
            let state = match *what {
                "dismiss" => &row["dismissed_at"],
                "snooze" => &row["snoozed_until"],
                _ => &Value::Bool(true),
            };
            let is_dismissed = !row["dismissed_at"].is_null();
            assert!(!state.is_null() || is_dismissed || !row["withdrawn_at"].is_null(), "{what} was confirmed: {row}");
        }
        told
    }

    /// Checks that every event of which anything was told is one that somebody knows to have made.
    #[track_caller]
    pub(super) fn check_origin(&self, known: &BTreeSet<String>) {
        let told = self.notices.keys().map(|(event, _)| event).chain(self.reminders.keys().map(|(event, ..)| event));
        for event in told {
            assert!(known.contains(event), "an event was made twice: {event}");
        }
    }

    /// Checks a person's notifications of an event that somebody else made, or they themselves. The
    /// answer is how many reminders of it had to be there.
    #[track_caller]
    pub(super) fn check(&self, person: &str, owner: &str, story: &Story, now_ms: i64) -> usize {
        let is_in = |version: &&Version| version.assignees.contains(person);
        let (mut assigned, mut unassigned, mut moved) = (0, 0, 0);
        let mut before: Option<&Version> = None;
        for version in &story.versions {
            match (before.is_some_and(|before| is_in(&before)), is_in(&version)) {
                (false, true) => assigned += 1,
                (true, false) => unassigned += 1,
                (true, true) if before.is_some_and(|before| before.start_ms != version.start_ms) => moved += 1,
                _ => {}
            }
            before = Some(version);
        }
        if person == owner {
            // Who acts is not told of it.
            (assigned, unassigned, moved) = (0, 0, 0);
        }
        let notices = |kind: &str| self.notices.get(&(story.id.clone(), kind.to_owned())).copied().unwrap_or(0);
        let told = (notices("assigned"), notices("unassigned"), notices("moved"));
        assert_eq!(told, (assigned, unassigned, moved), "assigned, unassigned, moved: {story:#?}");
        usize::from(self.check_reminders(person, story, now_ms))
    }

    /// A reminder that stood when its time came must have been told, however late.
    #[track_caller]
    fn check_reminders(&self, person: &str, story: &Story, now_ms: i64) -> bool {
        let last = story.versions.last().unwrap();
        // Since when it is theirs at this start without interruption.
        let stands = |version: &&Version| version.start_ms == last.start_ms && version.assignees.contains(person);
        let Some(since) = story.versions.iter().rev().take_while(stands).last() else { return false };
        if since.decided_ms >= last.start_ms || last.start_ms >= now_ms {
            return false;
        }
        let told = story.reminders.iter().filter(|minutes| {
            let key = (story.id.clone(), last.start_ms, format!("{minutes}min_before"));
            self.reminders.contains_key(&key)
        });
        // One of them may have said what the other would have.
        assert!(told.count() >= 1, "a reminder was lost: {story:#?}");
        true
    }
}
