//! What time it is on the hub, while the hub cannot be asked.
//!
//! The boot clock carries it on from the last answer: nobody sets that one, and it counts sleep. A
//! clock of this machine that is set wrong, by hand or by the network, changes nothing. After a restart
//! of the machine there is no such clock to go by; then it is this machine's wall clock, corrected by
//! what it was off by when the hub last answered.

use std::time::Duration;

use chrono::TimeDelta;
use rappel_core::Timestamp;
use rappel_hub::Clock;
use rappel_store::replica_file::ClockReading;

/// An answer that took longer says too little of the hub's clock to replace what is known.
const TELLING: Duration = Duration::from_secs(1);

/// The hub's clock, as it is known here.
#[derive(Debug, Clone)]
pub(super) struct HubClock {
    reading: ClockReading,
    /// The boot clock still counts from where it did then.
    is_same_boot: bool,
}

impl HubClock {
    /// As an earlier run of this program kept it.
    pub(super) fn kept(reading: ClockReading, clock: &dyn Clock) -> Self {
        let is_same_boot = reading.boot.is_some() && reading.boot == clock.boot();
        Self { reading, is_same_boot }
    }

    /// The hub has just said that it was `hub`, in an answer that took so long; `None` where that says
    /// less than `known`. It counts from the end of the answer, so that nothing is ever told early.
    pub(super) fn heard(hub: Timestamp, took: Duration, clock: &dyn Clock, known: Option<&Self>) -> Option<Self> {
        if took > TELLING && known.is_some() {
            return None;
        }
        let reading = ClockReading { hub, wall: clock.now(), since_boot: clock.since_boot(), boot: clock.boot() };
        Some(Self { reading, is_same_boot: true })
    }

    pub(super) fn reading(&self) -> &ClockReading {
        &self.reading
    }

    pub(super) fn now(&self, clock: &dyn Clock) -> Timestamp {
        let ClockReading { hub, wall, since_boot, .. } = &self.reading;
        match clock.since_boot().checked_sub(*since_boot).filter(|_| self.is_same_boot) {
            Some(passed) => *hub + TimeDelta::from_std(passed).unwrap_or(TimeDelta::MAX),
            None => clock.now() + (*hub - *wall),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::Machine;
    use super::*;

    fn at(text: &str) -> Timestamp {
        Timestamp::parse_rfc3339(text).expect("an instant")
    }

    fn heard(machine: &Machine) -> HubClock {
        let hub = at("2026-11-23T09:00:00Z");
        HubClock::heard(hub, Duration::from_millis(3), machine, None).expect("the first answer counts")
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
        let slow = HubClock::heard(at("2026-11-23T09:05:00Z"), Duration::from_secs(9), &machine, Some(&known));
        assert!(slow.is_none());
        assert!(HubClock::heard(at("2026-11-23T09:05:00Z"), Duration::from_secs(9), &machine, None).is_some());
    }
}
