//! What time it is for the hub, and whether it believes what its wall clock says.

use super::zone::{HOUR, MINUTE};

/// What the hub saw of its clocks since its machine was switched on, each time it looked: another run of
/// its program goes on from there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Trust {
    /// The difference of the two clocks when the wall clock was last believed.
    believed: Option<i64>,
    /// Looks since then, all of them in doubt: the difference, and the boot clock.
    doubts: Vec<(i64, i64)>,
}

impl Trust {
    /// A clock that leaps ahead by more than an hour is believed when it has held for five minutes.
    /// Until then it is the time that it would be without the leap.
    pub(crate) fn time(&mut self, wall: i64, boot: i64) -> i64 {
        let ahead = wall - boot;
        let leapt_from = self.believed.filter(|believed| ahead - believed > HOUR);
        // A leap counts from the look since which the clock has stayed where it is.
        if self.doubts.first().is_some_and(|(first, _)| (ahead - first).abs() > HOUR) {
            self.doubts.clear();
        }
        self.doubts.push((ahead, boot));
        let has_held = boot - self.doubts[0].1 >= 5 * MINUTE;
        if let Some(believed) = leapt_from
            && !has_held
        {
            return believed + boot;
        }
        self.believed = Some(ahead);
        self.doubts.clear();
        wall
    }

    /// When, by the boot clock, a clock that is in doubt will be believed.
    pub(crate) fn believed_at(&self) -> Option<i64> {
        self.doubts.first().map(|(_, since)| since + 5 * MINUTE)
    }

    pub(crate) fn is_in_doubt(&self) -> bool {
        !self.doubts.is_empty()
    }
}
