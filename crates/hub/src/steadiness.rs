//! Whether the wall clock can be believed.
//!
//! A wall clock that leaps ahead, while the machine was neither off nor asleep for that long, is
//! more likely wrong than right: a flat battery, a slip of the hand. Believed at once, it would fire
//! or miss in one go everything of the leapt interval, for good. So a leap of more than an hour is
//! believed only after it has held for five minutes. A clock that goes back does no harm: what is
//! decided stays decided.
//!
//! Whoever does what cannot be undone asks for more: there the first look after a start has to fit
//! what was believed before, or to hold as well, and for hours.

use std::time::Duration;

use chrono::TimeDelta;
use rappel_core::Timestamp;

/// A leap ahead of no more than this is a correction.
const CORRECTION: TimeDelta = TimeDelta::hours(1);
/// A larger one is believed after it has held for this long.
const HOLDS_FOR: Duration = Duration::from_secs(5 * 60);

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
    After(Option<Timestamp>),
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
}

impl Steadiness {
    /// For what cannot be undone. `last` is when the wall clock was believed in an earlier run.
    pub(crate) fn for_good(last: Option<Timestamp>) -> Self {
        Self { holds_for: HOLDS_FOR_GOOD, first_look: FirstLook::After(last), ..Self::default() }
    }

    /// Whether what the wall clock says now can be acted upon.
    pub(crate) fn believes(&mut self, wall: Timestamp, since_boot: Duration) -> bool {
        let start = wall - TimeDelta::from_std(since_boot).unwrap_or(TimeDelta::MAX);
        let has_leapt = match (self.believed, &self.first_look) {
            (Some(believed), _) => start - believed > CORRECTION,
            (None, FirstLook::Believed) => false,
            (None, FirstLook::After(last)) => last.is_none_or(|last| wall - last > ABSENCE),
        };
        if !has_leapt {
            if self.doubted.take().is_some() {
                tracing::info!("the clock is back where it was");
            }
            self.believed = Some(start);
            return true;
        }
        match &self.doubted {
            Some(doubt) if (start - doubt.start).abs() <= CORRECTION => {
                if since_boot.saturating_sub(doubt.since) < self.holds_for {
                    return false;
                }
                tracing::warn!(%wall, "the clock stays ahead: it is believed now");
                self.doubted = None;
                self.believed = Some(start);
                true
            }
            _ => {
                tracing::warn!(%wall, "the clock leapt ahead: nothing is decided until it has held");
                self.doubted = Some(Doubt { start, since: since_boot });
                false
            }
        }
    }
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
            let boot = Timestamp::clamped_from_ms(1_795_424_400_000);
            let wall = boot + TimeDelta::from_std(self.since_boot).unwrap() + self.set_by;
            self.steadiness.believes(wall, self.since_boot)
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
            machine.steadiness = Steadiness::for_good(last.map(|ago| now - ago));
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
    fn a_second_leap_begins_the_wait_again() {
        let mut machine = Machine::running();
        assert!(!machine.set_by(TimeDelta::days(1)).believes());
        assert!(!machine.passes(4 * MINUTE).set_by(TimeDelta::days(1)).believes());
        assert!(!machine.passes(4 * MINUTE).believes(), "only four minutes since the second");
        assert!(machine.passes(MINUTE).believes());
    }
}
