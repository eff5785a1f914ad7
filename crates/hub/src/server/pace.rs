//! How many messages a session takes: so many in a second, more for a moment.

use std::time::{Duration, Instant};

/// Messages that a session may send in a second for as long as it likes.
const PER_SECOND: u32 = 20;
/// Messages that may come at once: what a page that was away has to say.
const AT_ONCE: u32 = 5 * PER_SECOND;
/// Messages that are refused before whoever goes on sending is let go.
const REFUSED_MAX: u32 = AT_ONCE;

/// A session's messages of late, control frames among them.
#[derive(Debug)]
pub(super) struct Pace {
    /// When nothing of what came will count any more.
    even_at: Instant,
}

/// What becomes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// It is done.
    Take,
    /// There were too many: it is not done.
    Refuse,
    /// Far too many: the session ends.
    End,
}

impl Pace {
    pub(super) fn new(now: Instant) -> Self {
        Self { even_at: now }
    }

    /// Counts a message that has just come.
    pub(super) fn count(&mut self, now: Instant) -> Verdict {
        let each = Duration::from_secs(1) / PER_SECOND;
        self.even_at = self.even_at.max(now) + each;
        let owed = self.even_at - now;
        if owed <= each * AT_ONCE {
            Verdict::Take
        } else if owed <= each * (AT_ONCE + REFUSED_MAX) {
            Verdict::Refuse
        } else {
            Verdict::End
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twenty_in_a_second_can_go_on_for_ever() {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        for _ in 0..10_000 {
            now += Duration::from_secs(1) / PER_SECOND;
            assert_eq!(pace.count(now), Verdict::Take);
        }
    }

    #[test]
    fn who_does_not_stop_is_refused_and_then_let_go() {
        let now = Instant::now();
        let mut pace = Pace::new(now);
        let verdicts: Vec<_> = (0..AT_ONCE + REFUSED_MAX + 1).map(|_| pace.count(now)).collect();
        let count = |wanted| verdicts.iter().filter(|verdict| **verdict == wanted).count();
        assert_eq!(count(Verdict::Take), AT_ONCE as usize);
        assert_eq!(count(Verdict::Refuse), REFUSED_MAX as usize);
        assert_eq!(verdicts.last(), Some(&Verdict::End));
    }

    #[test]
    fn after_a_pause_all_is_well_again() {
        let mut now = Instant::now();
        let mut pace = Pace::new(now);
        while pace.count(now) == Verdict::Take {}
        now += Duration::from_secs(1);
        assert_eq!(pace.count(now), Verdict::Take, "a second later");
        now += Duration::from_secs(60);
        assert!((0..AT_ONCE).all(|_| pace.count(now) == Verdict::Take), "all of it again");
    }
}
