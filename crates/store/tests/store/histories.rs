//! Whatever happens to a few events, in whatever order, and whether the hub was awake or not: what
//! must hold of everybody's notifications holds.

use std::collections::{BTreeMap, BTreeSet};

use chrono::TimeDelta;
use proptest::prelude::*;
use rappel_core::draft::Patch;
use rappel_core::event::{Event, Status};
use rappel_core::notification::{Kind, Notification, Outcome};
use rappel_core::schedule::WrittenTime;
use rappel_core::{EventId, NotificationId, Timestamp};
use rappel_store::{By, Caller, Created, Error, PersonPatch};

use crate::fixture::{Office, at, draft, minutes, open, status, titled};

#[derive(Debug, Clone)]
enum Step {
    Create { starts_in: i64, assignees: u8 },
    Move { event: usize, starts_in: i64 },
    Assign { event: usize, assignees: u8 },
    Status { event: usize, status: Status },
    Retitle { event: usize },
    Remind { event: usize, minutes: BTreeSet<u32> },
    Delete { event: usize },
    Restore { event: usize },
    Prefer { who: usize, minutes: BTreeSet<u32> },
    Leave { who: usize, for_good: bool },
    Snooze { who: usize, row: usize, minutes: u32 },
    Dismiss { who: usize, row: usize },
    Read { who: usize, row: usize },
    ReadAll { who: usize },
    Connect,
    Reopen,
    Wait { minutes: i64 },
    Sleep { minutes: i64 },
}

fn step() -> impl Strategy<Value = Step> {
    let event = 0..3_usize;
    let (who, row) = (0..4_usize, 0..6_usize);
    let offsets = proptest::collection::btree_set(prop_oneof![Just(0), Just(1), Just(5), Just(30), 0..90_u32], 0..4);
    let states = prop_oneof![Just(Status::Planned), Just(Status::Done), Just(Status::Cancelled)];
    prop_oneof![
        4 => (-70..150_i64, any::<u8>()).prop_map(|(starts_in, assignees)| Step::Create { starts_in, assignees }),
        3 => (event.clone(), -70..150_i64).prop_map(|(event, starts_in)| Step::Move { event, starts_in }),
        3 => (event.clone(), any::<u8>()).prop_map(|(event, assignees)| Step::Assign { event, assignees }),
        3 => (event.clone(), states).prop_map(|(event, status)| Step::Status { event, status }),
        1 => event.clone().prop_map(|event| Step::Retitle { event }),
        2 => (event.clone(), offsets.clone()).prop_map(|(event, minutes)| Step::Remind { event, minutes }),
        1 => event.clone().prop_map(|event| Step::Delete { event }),
        1 => event.prop_map(|event| Step::Restore { event }),
        1 => (who.clone(), offsets).prop_map(|(who, minutes)| Step::Prefer { who, minutes }),
        1 => (0..2_usize, any::<bool>()).prop_map(|(who, for_good)| Step::Leave { who, for_good }),
        4 => (who.clone(), row.clone(), 1..90_u32).prop_map(|(who, row, minutes)| Step::Snooze { who, row, minutes }),
        1 => (who.clone(), row.clone()).prop_map(|(who, row)| Step::Dismiss { who, row }),
        1 => (who.clone(), row).prop_map(|(who, row)| Step::Read { who, row }),
        1 => who.prop_map(|who| Step::ReadAll { who }),
        2 => Just(Step::Connect),
        1 => Just(Step::Reopen),
        6 => (0..60_i64).prop_map(|minutes| Step::Wait { minutes }),
        2 => (0..240_i64).prop_map(|minutes| Step::Sleep { minutes }),
    ]
}

/// A device of Ann's that is connected now and then, and remembers what it was sent.
#[derive(Default)]
struct Device {
    rows: BTreeMap<NotificationId, Notification>,
    seq: u64,
    change: u64,
}

struct History {
    office: Office,
    now: Timestamp,
    events: Vec<EventId>,
    device: Device,
}

/// Refused is fine; broken is not.
fn unbroken<T>(result: Result<T, Error>) -> Option<T> {
    match result {
        Err(error @ (Error::Internal(_) | Error::DiskFull(_) | Error::Unavailable(_))) => panic!("{error:?}"),
        result => result.ok(),
    }
}

impl History {
    fn people(&self) -> [Caller; 4] {
        [self.office.ann, self.office.carl, self.office.bob, self.office.ada]
    }

    fn chosen(&self, bits: u8) -> Vec<Caller> {
        self.people().into_iter().enumerate().filter_map(|(bit, who)| (bits >> bit & 1 == 1).then_some(who)).collect()
    }

    async fn take(&mut self, step: Step) {
        let (store, bob) = (self.office.store.clone(), self.office.bob);
        let row = async |who: usize, row: usize| {
            let rows = self.office.inbox(self.people()[who]).await;
            rows.iter().rev().nth(row).map(|row| (self.people()[who].actor.person, row.id))
        };
        match step {
            Step::Create { starts_in, assignees } => {
                let starts_at = self.now + TimeDelta::minutes(starts_in);
                let wish = draft(&starts_at.to_string(), &self.chosen(assignees));
                if let Some(Created::New(event)) = unbroken(store.create_event(bob, wish, None, self.now).await) {
                    self.events.insert(0, event.id);
                }
            }
            Step::Move { event, starts_in } => {
                let start = WrittenTime::Instant(self.now + TimeDelta::minutes(starts_in));
                self.change(event, Patch { starts_at: Some(Some(start)), ..Patch::default() }).await;
            }
            Step::Assign { event, assignees } => {
                let assignees = self.chosen(assignees).iter().map(|who| who.actor.person).collect();
                self.change(event, Patch { assignees: Some(assignees), ..Patch::default() }).await;
            }
            Step::Status { event, status: wanted } => self.change(event, status(wanted)).await,
            Step::Retitle { event } => self.change(event, titled(&self.now.to_string())).await,
            Step::Remind { event, minutes: wanted } => {
                let wanted = minutes(&Vec::from_iter(wanted));
                self.change(event, Patch { reminders: Some(Some(wanted)), ..Patch::default() }).await;
            }
            Step::Delete { event } => {
                if let Some(id) = self.events.get(event) {
                    unbroken(store.delete_event(bob, *id, None, self.now).await);
                }
            }
            Step::Restore { event } => {
                if let Some(id) = self.events.get(event) {
                    unbroken(store.restore_event(bob, *id, self.now).await);
                }
            }
            Step::Prefer { who, minutes: wanted } => {
                let wanted = minutes(&Vec::from_iter(wanted));
                let patch = PersonPatch { reminders: Some(Some(wanted)), ..PersonPatch::default() };
                unbroken(store.update_own_preferences(self.people()[who], patch, self.now).await);
            }
            Step::Leave { who, for_good } => {
                let person = self.people()[who].actor.person;
                for active in if for_good { &[false][..] } else { &[false, true] } {
                    let patch = PersonPatch { active: Some(*active), ..PersonPatch::default() };
                    unbroken(store.update_person(By::CommandLine, person, patch, self.now).await);
                }
            }
            Step::Snooze { who, row: index, minutes } => {
                if let Some((person, id)) = row(who, index).await {
                    unbroken(store.snooze(person, id, minutes, self.now).await);
                }
            }
            Step::Dismiss { who, row: index } => {
                if let Some((person, id)) = row(who, index).await {
                    unbroken(store.dismiss(person, id, self.now).await);
                }
            }
            Step::Read { who, row: index } => {
                if let Some((person, id)) = row(who, index).await {
                    unbroken(store.mark_read(person, id, self.now).await);
                }
            }
            Step::ReadAll { who } => {
                unbroken(store.mark_all_read(self.people()[who].actor.person, self.now).await);
            }
            Step::Connect => self.connect().await,
            Step::Reopen => {
                drop(store);
                self.office.store = open(&self.office.path());
            }
            Step::Wait { minutes } => self.wait(minutes).await,
            Step::Sleep { minutes } => self.now = self.now + TimeDelta::minutes(minutes),
        }
    }

    /// Ada changes Bob's event: whoever is told, it is not her, and each who is taken off hears so
    /// exactly once.
    async fn change(&self, index: usize, patch: Patch) {
        let Some(id) = self.events.get(index).copied() else { return };
        let (store, ada) = (&self.office.store, self.office.ada);
        let Ok(before) = store.event(ada.actor, id).await else { return };
        let before = before.event;
        let told_before = self.unassigned(&before).await;
        let adas = self.office.heads(ada).await.seq;
        let Some(after) = unbroken(store.update_event(ada, id, None, patch, self.now).await) else { return };
        assert_eq!(self.office.heads(ada).await.seq, adas, "whoever acts gets no notice of it");
        for (who, (told_before, told_after)) in
            self.people().iter().zip(told_before.into_iter().zip(self.unassigned(&before).await))
        {
            let person = store.person(who.actor.person).await.unwrap();
            let is_told = before.is_active()
                && before.is_assigned(person.id)
                && !after.is_assigned(person.id)
                && before.schedule.over_at() > self.now
                && after.status != Status::Done
                && person.active
                && person.id != ada.actor.person;
            assert_eq!(told_after - told_before, usize::from(is_told), "{} of {before:?} to {after:?}", person.name);
        }
    }

    /// How often each has been told that the event is no longer theirs.
    async fn unassigned(&self, event: &Event) -> Vec<usize> {
        let mut counts = Vec::new();
        for who in self.people() {
            let rows = self.office.inbox(who).await;
            counts.push(rows.iter().filter(|row| row.event.id == event.id && row.kind == Kind::Unassigned).count());
        }
        counts
    }

    /// The hub is awake: each reminder is claimed at its time.
    async fn wait(&mut self, minutes: i64) {
        let until = self.now + TimeDelta::minutes(minutes);
        while let Some(due) = self.office.store.next_due().await.unwrap().filter(|due| *due <= until) {
            self.now = self.now.max(due);
            let claimed = self.office.store.claim_due(self.now, 500).await.unwrap();
            assert!(!claimed.is_empty(), "what is due is decided");
        }
        self.now = until;
    }

    async fn connect(&mut self) {
        let Device { rows, seq, change } = &mut self.device;
        let updates = self.office.store.updates(self.office.ann.actor.person, *seq, *change, 1000).await.unwrap();
        for row in updates.new.into_iter().chain(updates.changed) {
            rows.insert(row.id, row);
        }
        (*seq, *change) = (updates.heads.seq, updates.heads.change);
    }

    async fn end(mut self) {
        self.connect().await;
        self.wait(3 * 24 * 60).await;
        self.connect().await;
        assert_eq!(self.office.count("SELECT count(*) FROM armed WHERE state = 'pending'"), 0, "all is decided");
        for who in self.people() {
            check_inbox(&self.office.inbox(who).await);
        }
        let mut known: Vec<_> = self.device.rows.into_values().collect();
        known.sort_by_key(|row| row.seq);
        assert_eq!(known, self.office.inbox(self.office.ann).await, "a device that comes and goes has the same inbox");
    }
}

fn check_inbox(rows: &[Notification]) {
    let mut reminders = BTreeSet::new();
    let mut popups = BTreeSet::new();
    let mut missed = BTreeSet::new();
    for row in rows {
        assert!(row.created_at >= row.due_at, "never before due: {row:?}");
        let event = row.event.id;
        if let (Kind::Reminder(offset), None) = (row.kind, row.parent) {
            let is_first = reminders.insert((event, row.event.starts_at_ms, offset));
            assert!(is_first, "each offset of each start fires at most once: {row:?}");
        }
        if row.outcome == Outcome::Fired && (row.parent.is_some() || row.kind.minutes_before().is_some()) {
            let is_alone = popups.insert((event, row.created_at));
            assert!(is_alone, "one claim shows at most one popup of an event: {row:?}");
        }
        if row.outcome == Outcome::Missed {
            assert!(missed.insert((event, row.event.starts_at_ms)), "one for each start: {row:?}");
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_happens(steps in proptest::collection::vec(step(), 1..60)) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let office = Office::open().await;
            let mut history = History { office, now: at("08:00"), events: Vec::new(), device: Device::default() };
            for step in steps {
                history.take(step).await;
            }
            history.end().await;
        });
    }
}
