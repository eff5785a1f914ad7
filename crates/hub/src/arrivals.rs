//! Whether another machine has reached this hub where it now is: the proof that neither a firewall
//! nor the network itself stands between.

use rappel_core::Timestamp;
use tokio::sync::watch;

use crate::hub::Hub;

/// Since when it has been known; `None` as long as nobody came.
#[derive(Debug, Default)]
pub(crate) struct Arrivals(watch::Sender<Option<Timestamp>>);

impl Arrivals {
    /// Another machine has asked for something, by one of the hub's own names.
    pub(crate) fn came(&self, now: Timestamp) {
        self.0.send_if_modified(|since| {
            let is_first = since.is_none();
            since.get_or_insert(now);
            is_first
        });
    }

    /// The hub is elsewhere now: whoever came proves nothing of there.
    pub(crate) fn begin_anew(&self) {
        self.0.send_if_modified(|since| since.take().is_some());
    }

    pub(crate) fn since(&self) -> Option<Timestamp> {
        *self.0.borrow()
    }
}

impl Hub {
    /// Since when it has been known that other machines can reach this hub where it now is: one has.
    #[must_use]
    pub fn reached_since(&self) -> watch::Receiver<Option<Timestamp>> {
        self.arrivals().0.subscribe()
    }

    pub(crate) fn arrivals(&self) -> &Arrivals {
        self.listeners().arrivals()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_who_comes_is_told_of_and_counts_until_the_hub_is_elsewhere() {
        let arrivals = Arrivals::default();
        let mut told = arrivals.0.subscribe();
        let [first, second] = [1_000, 2_000].map(Timestamp::clamped_from_ms);
        arrivals.came(first);
        assert_eq!((told.has_changed().unwrap(), *told.borrow_and_update()), (true, Some(first)));
        arrivals.came(second);
        assert!(!told.has_changed().unwrap(), "one is enough");
        assert_eq!(arrivals.since(), Some(first));
        arrivals.begin_anew();
        assert_eq!(*told.borrow_and_update(), None, "nobody has come there yet");
        arrivals.came(second);
        assert_eq!(arrivals.since(), Some(second));
    }
}
