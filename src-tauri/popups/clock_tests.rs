//! What a desktop makes of clocks that are wrong, and of a machine that slept.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering::SeqCst};
use std::time::Duration;

use rappel_link::{Clock, Request, SystemClock, Timestamp};
use serde_json::json;

use super::{CARD, Office, Run};
use crate::popups::Popup;

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// A machine with clocks of its own. They go as those of this one do.
#[derive(Clone, Default)]
pub(super) struct Machine {
    slept_ms: Arc<AtomicU64>,
    set_by_ms: Arc<AtomicI64>,
}

impl Machine {
    /// Its wall clock shows so much more than the right time.
    pub(super) fn ahead_by(ms: i64) -> Self {
        let machine = Self::default();
        machine.is_set_by(ms);
        machine
    }

    fn is_set_by(&self, ms: i64) {
        self.set_by_ms.fetch_add(ms, SeqCst);
    }

    fn sleeps(&self, time: Duration) {
        self.slept_ms.fetch_add(u64::try_from(time.as_millis()).expect("no such sleep"), SeqCst);
    }

    fn slept(&self) -> Duration {
        Duration::from_millis(self.slept_ms.load(SeqCst))
    }
}

impl Clock for Machine {
    fn now(&self) -> Timestamp {
        let slept_ms = i64::try_from(self.slept().as_millis()).expect("no such sleep");
        Timestamp::clamped_from_ms(SystemClock.now().as_ms() + slept_ms + self.set_by_ms.load(SeqCst))
    }

    fn since_boot(&self) -> Duration {
        SystemClock.since_boot() + self.slept()
    }
}

impl Office {
    /// An event of which its person is reminded half an hour before.
    async fn event_in(&self, minutes: i64, title: &str) {
        let start = Timestamp::clamped_from_ms(self.clock.now().as_ms() + minutes * 60_000);
        let event = json!({
            "title": title, "starts_at": start.to_string(), "reminders": [30], "assignees": [self.link().person()],
        });
        let answer = self.link().call(Request::post("/api/events", Some(event))).await.expect("an answer");
        assert_eq!(answer.status, 201, "{}", answer.body);
    }
}

impl Run {
    /// What was shown, once it is what is waited for.
    async fn shown_until(&self, holds: impl Fn(&[Popup]) -> bool) -> Vec<Popup> {
        let mut count = 1;
        loop {
            let shown = self.shown(count).await;
            if holds(&shown) {
                return shown;
            }
            count = shown.len() + 1;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hub_that_slept_tells_what_was_missed_on_one_card_and_what_is_late_in_a_popup() {
    let machine = Machine::default();
    let office = Office::on(Arc::new(machine.clone())).await;
    let run = office.run().await;
    for (minutes, title) in [(60, "Site visit"), (90, "Signature"), (120, "Delivery"), (220, "Inspection")] {
        office.event_in(minutes, title).await;
    }
    machine.sleeps(Duration::from_secs(210 * 60));
    office.link().look_again();

    let is_card = |popup: &&Popup| popup.tag == CARD;
    let has_all = |shown: &[Popup]| {
        let card = shown.iter().rfind(is_card);
        card.is_some_and(|card| ["Site visit", "Signature", "Delivery"].iter().all(|title| card.body.contains(title)))
            && !shown.iter().all(|popup| is_card(&popup))
    };
    let shown = run.shown_until(has_all).await;
    let alone: Vec<&str> = shown.iter().filter(|popup| !is_card(popup)).map(|popup| popup.summary.as_str()).collect();
    assert_eq!(alone, ["Event reminder: Inspection"], "the card has the tag of the one before, and takes its place");
    run.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_desktop_whose_clock_is_wrong_shows_what_comes_as_a_popup_and_what_came_on_the_card() {
    for wrong_by in [-DAY_MS, DAY_MS, 8 * DAY_MS] {
        let mut office = Office::new().await;
        office.clock = Arc::new(Machine::ahead_by(wrong_by));
        let run = office.run().await;
        office.remind("Site visit").await;
        assert_eq!(run.shown(1).await[0].summary, "Event reminder: Site visit", "wrong by {wrong_by}");
        let _ = office.told().await;
        run.end().await;

        office.remind("Signature").await;
        let _ = office.told().await;
        let run = office.run().await;
        let card = run.shown(1).await.remove(0);
        assert!(card.tag == CARD && card.body.contains("Signature"), "wrong by {wrong_by}: {card:?}");
        run.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_a_leap_of_the_hubs_clock_is_doubted_reminders_are_popups() {
    for leap in [2 * HOUR_MS, 8 * DAY_MS] {
        let machine = Machine::default();
        let office = Office::on(Arc::new(machine.clone())).await;
        let run = office.run().await;
        machine.is_set_by(leap);
        office.remind("Site visit").await;
        assert_eq!(run.shown(1).await[0].summary, "Event reminder: Site visit", "a leap of {leap}");
        run.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn when_the_clock_is_set_back_while_a_session_is_open_reminders_are_popups() {
    let machine = Machine::ahead_by(HOUR_MS);
    let office = Office::on(Arc::new(machine.clone())).await;
    let run = office.run().await;
    machine.is_set_by(-HOUR_MS);
    office.remind("Site visit").await;
    assert_eq!(run.shown(1).await[0].summary, "Event reminder: Site visit");
    run.end().await;
}
