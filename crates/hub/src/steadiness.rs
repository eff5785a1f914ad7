//! Whether the wall clock can be believed.
//!
//! A wall clock that leaps ahead, while the machine was neither off nor asleep for that long, is
//! more likely wrong than right: a flat battery, a slip of the hand. Believed at once, it would fire
//! or miss in one go everything of the leapt interval, for good. So a leap of more than an hour is
//! believed only after it has held for five minutes, or when the clock of another machine shows the
//! same. Until then the earlier reckoning goes on. A clock that goes back does no harm: what is
//! decided stays decided.
//!
//! A restart of the program changes nothing of that: as long as the machine has been on, another run
//! goes on from what the one before made of the clocks.
//!
//! Whoever does what cannot be undone asks for more: there the first look after a start has to fit
//! what was believed before, or to hold as well, and for hours. The hours of several runs add up, as
//! long as each begins where the wall clock may be after the one before.

use std::time::Duration;

use chrono::TimeDelta;
use rappel_core::Timestamp;
use rappel_store::{DoubtedLeap, Reckoning};

/// A leap ahead of no more than this is a correction.
const CORRECTION: TimeDelta = TimeDelta::hours(1);
/// A larger one is believed after it has held for this long.
const HOLDS_FOR: Duration = Duration::from_secs(5 * 60);
/// Another machine's clock that is no further away than this shows the same time.
const AGREES_WITHIN: TimeDelta = TimeDelta::minutes(2);

/// For what cannot be undone, it is believed after this.
const HOLDS_FOR_GOOD: Duration = Duration::from_secs(6 * 60 * 60);
/// A hub that was off for no longer than this knows about what time it is.
const ABSENCE: TimeDelta = TimeDelta::days(7);

/// The wall clock against the boot clock.
#[derive(Debug)]
pub(crate) struct Steadiness {
    holds_for: Duration,
    first_look: FirstLook,
    /// When the machine started, as the believed wall clock has it.
    believed: Option<Timestamp>,
    doubted: Option<Doubt>,
}

/// What the wall clock is compared with when there is nothing else yet.
#[derive(Debug)]
enum FirstLook {
    /// With nothing.
    Believed,
    /// With a time at which it was believed; if there is none, it has to hold.
    After(Option<Timestamp>, Option<Held>),
}

/// For how long the wall clock has held by now without being believed: what an earlier run leaves
/// to the next one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Held {
    /// What it showed last.
    pub(crate) seen_at: Timestamp,
    /// The time by the boot clock, of all runs; off, it proves nothing.
    pub(crate) time: Duration,
}

impl Default for Steadiness {
    fn default() -> Self {
        Self { holds_for: HOLDS_FOR, first_look: FirstLook::Believed, believed: None, doubted: None }
    }
}

/// A leap that is not believed yet.
#[derive(Debug)]
struct Doubt {
    /// When the machine started, as the wall clock has it since the leap.
    start: Timestamp,
    /// When it leapt, by the boot clock.
    since: Duration,
    /// For how long it had held before that, in earlier runs.
    held: Duration,
}

/// What to make of the wall clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Judgement {
    /// It can be acted upon.
    Believed,
    /// It leapt ahead. By the reckoning that held before, it is this time.
    Doubted(Timestamp),
}

impl Steadiness {
    /// Goes on from what an earlier run made of the clocks since the machine started.
    pub(crate) fn going_on(from: &Reckoning) -> Self {
        let doubt = |leap: DoubtedLeap| Doubt { start: leap.start, since: leap.since, held: Duration::ZERO };
        Self { believed: Some(from.believed), doubted: from.doubted.map(doubt), ..Self::default() }
    }

    /// What another run has to know to go on from here while the machine is on, in the run of it that is
    /// called `boot`; `None` before the first look.
    pub(crate) fn reckoning(&self, boot: &str) -> Option<Reckoning> {
        let leap = |doubt: &Doubt| DoubtedLeap { start: doubt.start, since: doubt.since };
        Some(Reckoning { boot: boot.to_owned(), believed: self.believed?, doubted: self.doubted.as_ref().map(leap) })
    }

    /// For what cannot be undone. `last` is when the wall clock was believed in an earlier run, `held`
    /// how long it has held since.
    pub(crate) fn for_good(last: Option<Timestamp>, held: Option<Held>) -> Self {
        Self { holds_for: HOLDS_FOR_GOOD, first_look: FirstLook::After(last, held), ..Self::default() }
    }

    /// For how long the wall clock, which showed `wall` at the look at `since_boot`, has held without
    /// being believed; `None`: it is believed.
    pub(crate) fn held(&self, wall: Timestamp, since_boot: Duration) -> Option<Held> {
        let doubt = self.doubted.as_ref()?;
        Some(Held { seen_at: wall, time: doubt.held + since_boot.saturating_sub(doubt.since) })
    }

    /// What to make of what the wall clock says now.
    pub(crate) fn judge(&mut self, wall: Timestamp, since_boot: Duration) -> Judgement {
        let start = wall - delta(since_boot);
        let has_leapt = match (self.believed, &self.first_look) {
            (Some(believed), _) => start - believed > CORRECTION,
            (None, FirstLook::Believed) => false,
            (None, FirstLook::After(last, _)) => last.is_none_or(|last| wall - last > ABSENCE),
        };
        if !has_leapt {
            if self.doubted.take().is_some() && !self.is_for_good() {
                tracing::info!("the clock is back where it was");
            }
            return self.believe(start);
        }
        match &self.doubted {
            Some(doubt) if (start - doubt.start).abs() <= CORRECTION => {
                if doubt.held + since_boot.saturating_sub(doubt.since) >= self.holds_for {
                    if !self.is_for_good() {
                        tracing::warn!(%wall, "the clock stays ahead: it is believed now");
                    }
                    return self.believe(start);
                }
            }
            _ => {
                if self.is_for_good() {
                    tracing::info!("nothing old is forgotten until the clock has held for hours");
                } else {
                    tracing::warn!(%wall, "the clock leapt ahead: it is not followed until it has held");
                }
                let held = match (&self.doubted, self.believed, &self.first_look) {
                    (None, None, FirstLook::After(_, Some(before))) => before.goes_on_at(wall),
                    _ => Duration::ZERO,
                };
                self.doubted = Some(Doubt { start, since: since_boot, held });
            }
        }
        Judgement::Doubted(self.believed.map_or(wall, |believed| believed + delta(since_boot)))
    }

    /// The clock of another machine shows `theirs`: a leap that agrees with it is believed. One that
    /// agrees with the time before the leap proves nothing that is not doubted already.
    pub(crate) fn compare(&mut self, theirs: Timestamp, wall: Timestamp, since_boot: Duration) -> Judgement {
        match self.judge(wall, since_boot) {
            Judgement::Doubted(_) if (theirs - wall).abs() <= AGREES_WITHIN => {
                tracing::warn!(%wall, "another machine's clock shows the same: it is believed now");
                self.believe(wall - delta(since_boot))
            }
            judged => judged,
        }
    }

    /// Then it is no news to anybody: a first look is no leap, and of a leap the hub's own clock tells.
    fn is_for_good(&self) -> bool {
        matches!(self.first_look, FirstLook::After(..))
    }

    fn believe(&mut self, start: Timestamp) -> Judgement {
        self.doubted = None;
        self.believed = Some(start);
        Judgement::Believed
    }
}

impl Held {
    /// What it counts for in a run that begins at `wall`: a clock that goes back at each start, or
    /// leaps while the machine is off, begins anew.
    fn goes_on_at(self, wall: Timestamp) -> Duration {
        let off = wall - self.seen_at;
        if off >= TimeDelta::zero() && off <= ABSENCE { self.time } else { Duration::ZERO }
    }
}

fn delta(duration: Duration) -> TimeDelta {
    TimeDelta::from_std(duration).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: Duration = Duration::from_secs(60);

    /// A machine whose wall clock can be moved against its boot clock.
    struct Machine {
        steadiness: Steadiness,
        since_boot: Duration,
        set_by: TimeDelta,
    }

    impl Machine {
        fn running() -> Self {
            let mut machine = Self { steadiness: Steadiness::default(), since_boot: MINUTE, set_by: TimeDelta::zero() };
            assert!(machine.believes(), "the first look has nothing to compare with");
            machine
        }

        fn passes(&mut self, time: Duration) -> &mut Self {
            self.since_boot += time;
            self
        }

        fn set_by(&mut self, time: TimeDelta) -> &mut Self {
            self.set_by += time;
            self
        }

        fn believes(&mut self) -> bool {
            self.judges() == Judgement::Believed
        }

        fn judges(&mut self) -> Judgement {
            self.steadiness.judge(self.right_time() + self.set_by, self.since_boot)
        }

        /// Another machine's clock, that is so far ahead of the time nobody moved.
        fn compares(&mut self, ahead: TimeDelta) -> bool {
            let (theirs, wall) = (self.right_time() + ahead, self.right_time() + self.set_by);
            self.steadiness.compare(theirs, wall, self.since_boot) == Judgement::Believed
        }

        /// What the wall clock would show had nobody moved it.
        fn right_time(&self) -> Timestamp {
            Timestamp::clamped_from_ms(1_795_424_400_000) + TimeDelta::from_std(self.since_boot).unwrap()
        }
    }

    #[test]
    fn sleep_is_no_leap() {
        assert!(Machine::running().passes(600 * MINUTE).believes());
    }

    #[test]
    fn corrections_are_believed_at_once() {
        let mut machine = Machine::running();
        assert!(machine.set_by(TimeDelta::hours(1)).believes());
        assert!(machine.set_by(TimeDelta::seconds(-30)).believes());
        assert!(machine.set_by(TimeDelta::days(-400)).believes(), "back does no harm");
    }

    #[test]
    fn a_leap_is_believed_when_it_has_held_for_five_minutes() {
        let mut machine = Machine::running();
        assert!(!machine.set_by(TimeDelta::minutes(61)).believes());
        assert!(!machine.passes(5 * MINUTE - Duration::from_millis(1)).believes());
        assert!(machine.passes(Duration::from_millis(1)).believes());
        assert!(machine.passes(MINUTE).believes(), "from then on it is the believed one");
    }

    #[test]
    fn a_leap_that_is_taken_back_was_never_there() {
        let mut machine = Machine::running();
        assert!(!machine.set_by(TimeDelta::days(30)).believes());
        assert!(machine.passes(MINUTE).set_by(TimeDelta::days(-30)).believes());
        assert!(!machine.passes(10 * MINUTE).set_by(TimeDelta::days(1)).believes(), "a new leap is doubted anew");
    }

    #[test]
    fn for_good_it_is_believed_when_it_fits_what_was_or_has_held_for_hours() {
        let start = |last: Option<TimeDelta>| {
            let mut machine = Machine::running();
            let now = Timestamp::clamped_from_ms(1_795_424_400_000) + TimeDelta::minutes(1);
            machine.steadiness = Steadiness::for_good(last.map(|ago| now - ago), None);
            machine
        };
        assert!(start(Some(TimeDelta::days(7))).believes(), "it was off for a week");
        assert!(start(Some(TimeDelta::days(-400))).believes(), "back does no harm");
        for mut machine in [start(None), start(Some(TimeDelta::days(8)))] {
            assert!(!machine.believes());
            assert!(!machine.passes(359 * MINUTE).believes());
            assert!(machine.passes(MINUTE).believes());
            assert!(!machine.set_by(TimeDelta::minutes(61)).believes(), "from then on a leap is one");
            assert!(!machine.passes(359 * MINUTE).believes());
            assert!(machine.passes(MINUTE).believes());
        }
    }

    #[test]
    fn for_good_the_hours_of_several_runs_add_up() {
        let now = Timestamp::clamped_from_ms(1_795_424_400_000) + TimeDelta::minutes(1);
        let held = |off: TimeDelta| Held { seen_at: now - off, time: 350 * MINUTE };
        let begun = |off: TimeDelta| {
            let mut machine = Machine::running();
            machine.steadiness = Steadiness::for_good(None, Some(held(off)));
            assert!(!machine.believes());
            machine
        };
        for off in [TimeDelta::zero(), TimeDelta::days(7)] {
            let mut machine = begun(off);
            assert!(!machine.passes(9 * MINUTE).believes());
            let wall = machine.right_time();
            let time = 359 * MINUTE;
            assert_eq!(machine.steadiness.held(wall, machine.since_boot), Some(Held { seen_at: wall, time }));
            assert!(machine.passes(MINUTE).believes());
            assert_eq!(machine.steadiness.held(wall, machine.since_boot), None);
        }
        for off in [TimeDelta::milliseconds(-1), TimeDelta::days(8)] {
            assert!(!begun(off).passes(359 * MINUTE).believes(), "it was set back, or leapt: {off}");
        }
        let mut machine = begun(TimeDelta::zero());
        assert!(!machine.set_by(TimeDelta::days(1)).believes());
        assert!(!machine.passes(359 * MINUTE).believes(), "a leap of this run counts from itself");
    }

    #[test]
    fn another_run_goes_on_where_one_ended() {
        let mut machine = Machine::running();
        machine.set_by(TimeDelta::minutes(10)).judges();
        machine.set_by(TimeDelta::days(1)).judges();
        let restart = |machine: &mut Machine| {
            let reckoning = machine.steadiness.reckoning("this run of the machine").unwrap();
            machine.steadiness = Steadiness::going_on(&reckoning);
            reckoning
        };
        let reckoning = restart(machine.passes(4 * MINUTE));
        assert_eq!((&*reckoning.boot, reckoning.doubted.is_some()), ("this run of the machine", true));
        let expected = machine.right_time() + TimeDelta::minutes(10);
        assert_eq!(machine.judges(), Judgement::Doubted(expected), "by what was believed before");
        restart(machine.passes(MINUTE - Duration::from_millis(1)));
        assert!(!machine.believes());
        assert!(machine.passes(Duration::from_millis(1)).believes(), "five minutes since the leap");
        assert_eq!(restart(&mut machine).doubted, None);
        assert!(machine.believes());
        assert!(!machine.set_by(TimeDelta::minutes(61)).believes(), "a leap while it is off is one");
    }

    #[test]
    fn a_second_leap_begins_the_wait_again() {
        let mut machine = Machine::running();
        assert!(!machine.set_by(TimeDelta::days(1)).believes());
        assert!(!machine.passes(4 * MINUTE).set_by(TimeDelta::days(1)).believes());
        assert!(!machine.passes(4 * MINUTE).believes(), "only four minutes since the second");
        assert!(machine.passes(MINUTE).believes());
    }

    #[test]
    fn while_it_is_doubted_the_earlier_reckoning_goes_on() {
        let mut machine = Machine::running();
        machine.set_by(TimeDelta::minutes(10)).judges();
        machine.set_by(TimeDelta::days(1)).judges();
        let expected = machine.passes(MINUTE).right_time() + TimeDelta::minutes(10);
        assert_eq!(machine.judges(), Judgement::Doubted(expected), "with the correction that was believed before");
    }

    #[test]
    fn a_leap_that_another_machines_clock_shows_too_is_believed_at_once() {
        let mut machine = Machine::running();
        let leap = TimeDelta::days(1);
        assert!(!machine.set_by(leap).believes());
        assert!(!machine.compares(leap + AGREES_WITHIN + TimeDelta::milliseconds(1)), "not the same time");
        assert!(!machine.compares(leap - AGREES_WITHIN - TimeDelta::milliseconds(1)), "not the same time");
        assert!(machine.compares(leap - AGREES_WITHIN));
        assert!(machine.believes(), "and stays so");
    }

    #[test]
    fn a_leap_is_believed_also_when_the_other_clock_tells_of_it_first() {
        let mut machine = Machine::running();
        assert!(machine.set_by(TimeDelta::days(1)).compares(TimeDelta::days(1)));
    }

    #[test]
    fn a_clock_that_shows_the_earlier_time_proves_nothing() {
        let mut machine = Machine::running();
        assert!(!machine.set_by(TimeDelta::days(1)).believes());
        assert!(!machine.compares(TimeDelta::zero()), "it is still doubted");
        assert!(machine.passes(5 * MINUTE).believes(), "and believed when it has held: the other may be wrong");
    }
}
