//! What time it is on the hub, as it is known on a desktop between two words of the hub.
//!
//! The boot clock carries it on from what the hub said last: nobody sets that one, and it counts sleep.
//! A clock of this machine that is set wrong, by hand or by the network, changes nothing. After a restart
//! of the machine there is no such clock to go by; then it is this machine's wall clock, corrected by
//! what it was off by when the hub last spoke.

use std::time::Duration;

use chrono::TimeDelta;
use rappel_core::Timestamp;
use rappel_hub::Clock;
use rappel_store::replica_file::ClockReading;

/// An answer that took longer says too little of the hub's clock to replace what is known.
const TELLING: Duration = Duration::from_secs(1);

/// A moment on a desktop, by clocks that nobody sets there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Moment {
    /// How long its machine has been on, asleep or not.
    pub since_boot: Duration,
    /// What time it is on the hub.
    pub hub: Timestamp,
}

impl Moment {
    /// How long ago the hub did something at this time of its own. What seems to be ahead was done now.
    #[must_use]
    pub fn age_of(self, done_at: Timestamp) -> Duration {
        (self.hub - done_at).to_std().unwrap_or_default()
    }
}

/// The hub's clock, as it is known here.
#[derive(Debug, Clone)]
pub struct HubClock {
    reading: ClockReading,
    /// The boot clock still counts from where it did then.
    is_same_boot: bool,
}

impl HubClock {
    /// As an earlier run of this program kept it.
    pub(crate) fn kept(reading: ClockReading, clock: &dyn Clock) -> Self {
        let is_same_boot = reading.boot.is_some() && reading.boot == clock.boot();
        Self { reading, is_same_boot }
    }

    /// The hub has just said that it is `hub`.
    #[must_use]
    pub fn heard(hub: Timestamp, clock: &dyn Clock) -> Self {
        let reading = ClockReading { hub, wall: clock.now(), since_boot: clock.since_boot(), boot: clock.boot() };
        Self { reading, is_same_boot: true }
    }

    /// The hub has said that it was `hub`, in an answer that took so long; `None` where that says less
    /// than `known`. It counts from the end of the answer, so that nothing is ever told early.
    pub(crate) fn answered(hub: Timestamp, took: Duration, clock: &dyn Clock, known: Option<&Self>) -> Option<Self> {
        (took <= TELLING || known.is_none()).then(|| Self::heard(hub, clock))
    }

    pub(crate) fn reading(&self) -> &ClockReading {
        &self.reading
    }

    /// This moment.
    #[must_use]
    pub fn moment(&self, clock: &dyn Clock) -> Moment {
        Moment { since_boot: clock.since_boot(), hub: self.now(clock) }
    }

    pub(crate) fn now(&self, clock: &dyn Clock) -> Timestamp {
        let ClockReading { hub, wall, since_boot, .. } = &self.reading;
        match clock.since_boot().checked_sub(*since_boot).filter(|_| self.is_same_boot) {
            Some(passed) => *hub + TimeDelta::from_std(passed).unwrap_or(TimeDelta::MAX),
            None => clock.now() + (*hub - *wall),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::replica::tests::Machine;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).expect("an instant")
    }

    fn heard(machine: &Machine) -> HubClock {
        HubClock::heard(at("2026-11-23T09:00:00Z"), machine)
    }

    #[test]
    fn a_clock_that_is_set_wrong_changes_nothing() {
        let machine = Machine::at("2026-11-23T08:59:00Z");
        let hub = heard(&machine);
        machine.passes(TimeDelta::minutes(10));
        machine.is_set_by(TimeDelta::days(400));
        assert_eq!(hub.now(&machine), at("2026-11-23T09:10:00Z"));
        machine.is_set_by(TimeDelta::days(-900));
        assert_eq!(hub.now(&machine), at("2026-11-23T09:10:00Z"));
    }

    #[test]
    fn another_run_of_the_program_goes_by_the_same_clock() {
        let machine = Machine::at("2026-11-23T08:59:00Z");
        let kept = heard(&machine).reading().clone();
        machine.is_set_by(TimeDelta::hours(-7));
        machine.passes(TimeDelta::minutes(10));
        assert_eq!(HubClock::kept(kept, &machine).now(&machine), at("2026-11-23T09:10:00Z"));
    }

    #[test]
    fn after_a_restart_of_the_machine_its_corrected_wall_clock_counts() {
        let machine = Machine::at("2026-11-23T08:59:00Z"); // a minute behind the hub
        let kept = heard(&machine).reading().clone();
        machine.restarts(TimeDelta::hours(8));
        assert_eq!(HubClock::kept(kept.clone(), &machine).now(&machine), at("2026-11-23T17:00:00Z"));
        let unsaid = ClockReading { boot: None, ..kept };
        assert_eq!(HubClock::kept(unsaid, &machine).now(&machine), at("2026-11-23T17:00:00Z"));
    }

    #[test]
    fn a_slow_answer_replaces_no_better_one() {
        let machine = Machine::at("2026-11-23T08:59:00Z");
        let known = heard(&machine);
        let slow = |known| HubClock::answered(at("2026-11-23T09:05:00Z"), Duration::from_secs(9), &machine, known);
        assert!(slow(Some(&known)).is_none());
        assert!(slow(None).is_some(), "the first answer counts");
    }

    #[test]
    fn nothing_is_younger_than_this_moment() {
        let machine = Machine::at("2026-11-23T08:59:00Z");
        let hub = heard(&machine);
        machine.passes(TimeDelta::minutes(10));
        let now = hub.moment(&machine);
        assert_eq!(now.age_of(at("2026-11-23T09:09:00Z")), Duration::from_secs(60));
        assert_eq!(now.age_of(at("2026-11-23T10:00:00Z")), Duration::ZERO, "done before the hub's clock was set back");
    }
}
