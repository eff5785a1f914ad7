//! Changes of the network, and sleep, as they can be noticed on every platform: by looking.
//!
//! Where the system tells of waking it is heard sooner; this needs nobody.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use rappel_link::Timestamp;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::popups::watch::now;

/// How often it looks.
const EVERY: Duration = Duration::from_secs(2);
/// When the wall clock has gone on by this much more than the machine was at work, it slept.
const SLEPT_MS: i64 = 10_000;

/// What one look saw.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Look {
    addresses: BTreeSet<IpAddr>,
    at: Timestamp,
    awake: Instant,
}

/// Calls `changed` when this machine has other addresses than before, or has slept, until it is
/// stopped.
pub(crate) async fn follow(changed: impl Fn() + Send, stop: CancellationToken) {
    let mut before = Look::now();
    while stop.run_until_cancelled(tokio::time::sleep(EVERY)).await.is_some() {
        let look = Look::now();
        if look.is_news_after(&before) {
            tracing::info!("the network has changed, or the machine has slept");
            changed();
        }
        before = look;
    }
}

impl Look {
    fn now() -> Self {
        Self { addresses: addresses(), at: now(), awake: Instant::now() }
    }

    fn is_news_after(&self, before: &Self) -> bool {
        let awake = self.awake.saturating_duration_since(before.awake);
        let awake_ms = i64::try_from(awake.as_millis()).unwrap_or(i64::MAX);
        let passed_ms = self.at.as_ms().saturating_sub(before.at.as_ms());
        self.addresses != before.addresses || passed_ms.saturating_sub(awake_ms) > SLEPT_MS
    }
}

/// The addresses by which this machine is on a network. None where they cannot be read.
fn addresses() -> BTreeSet<IpAddr> {
    let interfaces = if_addrs::get_if_addrs().unwrap_or_else(|error| {
        tracing::debug!(%error, "the addresses of this machine cannot be read");
        Vec::new()
    });
    interfaces.iter().map(if_addrs::Interface::ip).filter(is_of_a_network).collect()
}

/// One that an interface gives itself says nothing of a network.
fn is_of_a_network(address: &IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => !v4.is_loopback() && !v4.is_link_local(),
        IpAddr::V6(v6) => !v6.is_loopback() && !v6.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(addresses: &[&str], at_ms: i64, awake: Instant) -> Look {
        let addresses = addresses.iter().map(|address| address.parse().expect("an address")).collect();
        Look { addresses, at: Timestamp::clamped_from_ms(1_800_000_000_000 + at_ms), awake }
    }

    #[test]
    fn another_address_is_news_and_the_same_one_is_not() {
        let begun = Instant::now();
        let (first, later) = (look(&["192.168.1.20"], 0, begun), begun + EVERY);
        assert!(!look(&["192.168.1.20"], 2_000, later).is_news_after(&first));
        assert!(look(&["10.0.0.7"], 2_000, later).is_news_after(&first), "another network");
        assert!(look(&[], 2_000, later).is_news_after(&first), "none any more");
        assert!(look(&["192.168.1.20", "fd00::7"], 2_000, later).is_news_after(&first), "one more");
    }

    #[test]
    fn a_sleep_is_time_that_the_machine_was_not_at_work() {
        let begun = Instant::now();
        let first = look(&["192.168.1.20"], 0, begun);
        assert!(look(&["192.168.1.20"], 3_600_000, begun + EVERY).is_news_after(&first), "an hour in two seconds");
        assert!(!look(&["192.168.1.20"], 60_000, begun + EVERY * 30).is_news_after(&first), "busy, not asleep");
        assert!(!look(&["192.168.1.20"], -3_600_000, begun + EVERY).is_news_after(&first), "the clock was set back");
    }

    #[test]
    fn what_an_interface_gives_itself_is_no_network() {
        for own in ["127.0.0.1", "169.254.3.4", "::1", "fe80::1"] {
            assert!(!is_of_a_network(&own.parse().expect("an address")), "{own}");
        }
        assert!(addresses().iter().all(is_of_a_network));
    }
}
