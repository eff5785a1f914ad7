//! How fast pairing codes can be guessed: from one address, and from all of them together.
//!
//! Only wrong tries count. A short code is void after five wrong ones whoever makes them, so these
//! limits do not protect the code itself; they keep a guesser from trying many codes, from voiding
//! other people's, and from giving the store work.
//!
//! Whoever has used up their address's tries waits some seconds for the next. When all addresses
//! together try too often, each that has made wrong tries waits until they are forgotten; one that
//! has made none is heard as before, so that nobody can keep somebody else from pairing.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Wrong tries that an address may make at once, and how soon one of them is forgotten.
const OF_ONE: Allowance = Allowance { at_once: 10, another_after: Duration::from_secs(3) };
/// Wrong tries of all addresses together.
const OF_ALL: Allowance = Allowance { at_once: 60, another_after: Duration::from_secs(1) };
/// Addresses that are remembered. Of more, the one that is nearest to being forgotten is.
const ADDRESSES_MAX: usize = 1024;

#[derive(Debug, Clone, Copy)]
struct Allowance {
    at_once: u32,
    another_after: Duration,
}

impl Allowance {
    /// How long `count` tries are remembered.
    fn lasts(self, count: u32) -> Duration {
        self.another_after * count
    }
}

/// The wrong tries that are not forgotten yet.
#[derive(Debug, Default)]
pub(crate) struct WrongTries(Mutex<Counts>);

#[derive(Debug, Default)]
struct Counts {
    of_all: Tries,
    of_one: HashMap<IpAddr, Tries>,
}

/// Tries that are forgotten one after another: all of them at this instant.
#[derive(Debug, Clone, Copy, Default)]
struct Tries(Option<Instant>);

impl Tries {
    /// How long they are still remembered.
    fn left(self, now: Instant) -> Duration {
        self.0.map_or(Duration::ZERO, |forgotten_at| forgotten_at.saturating_duration_since(now))
    }

    /// How long until one more fits; zero: it does now.
    fn wait(self, allowance: Allowance, now: Instant) -> Duration {
        self.left(now).saturating_sub(allowance.lasts(allowance.at_once - 1))
    }

    fn add(&mut self, allowance: Allowance, now: Instant) {
        let most = allowance.lasts(allowance.at_once);
        self.0 = Some(now + (self.left(now) + allowance.another_after).min(most));
    }

    fn take_back(&mut self, allowance: Allowance, now: Instant) {
        self.0 = Some(now + self.left(now).saturating_sub(allowance.another_after));
    }
}

/// Too many: another try makes sense after this time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Slowed(pub(crate) Duration);

impl WrongTries {
    /// Counts a try as wrong before it is made, so that many at once are no way round; one that
    /// was right is taken back.
    pub(crate) fn count(&self, address: IpAddr, now: Instant) -> Result<(), Slowed> {
        let mut counts = self.lock();
        let of_one = counts.of_one.get(&group(address)).copied().unwrap_or_default();
        let own = of_one.wait(OF_ONE, now);
        let all = counts.of_all.wait(OF_ALL, now).min(of_one.left(now));
        if !own.max(all).is_zero() {
            return Err(Slowed(own.max(all)));
        }
        counts.add(group(address), now);
        Ok(())
    }

    /// The try that was counted last from an address was no wrong one.
    pub(crate) fn take_back(&self, address: IpAddr, now: Instant) {
        let mut counts = self.lock();
        counts.of_all.take_back(OF_ALL, now);
        if let Some(of_one) = counts.of_one.get_mut(&group(address)) {
            of_one.take_back(OF_ONE, now);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Counts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Counts {
    fn add(&mut self, address: IpAddr, now: Instant) {
        if self.of_one.len() >= ADDRESSES_MAX && !self.of_one.contains_key(&address) {
            self.of_one.retain(|_, tries| !tries.left(now).is_zero());
            let nearest = self.of_one.iter().min_by_key(|(_, tries)| tries.left(now)).map(|(address, _)| *address);
            if let Some(nearest) = nearest.filter(|_| self.of_one.len() >= ADDRESSES_MAX) {
                self.of_one.remove(&nearest);
            }
        }
        self.of_all.add(OF_ALL, now);
        self.of_one.entry(address).or_default().add(OF_ONE, now);
    }
}

/// An IPv6 host has as many addresses as it likes within its /64.
fn group(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => Ipv6Addr::from_bits(v6.to_bits() & (u128::MAX << 64)).into(),
        v4 @ IpAddr::V4(_) => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(n: u32) -> IpAddr {
        IpAddr::from(std::net::Ipv4Addr::from_bits(0x0a00_0000 + n))
    }

    /// How many wrong tries an address can make at once.
    fn until_slowed(tries: &WrongTries, address: IpAddr, now: Instant) -> u32 {
        (0..).find(|_| tries.count(address, now).is_err()).unwrap()
    }

    #[test]
    fn an_address_that_guesses_waits_and_the_others_do_not() {
        let (tries, mut now) = (WrongTries::default(), Instant::now());
        assert_eq!(until_slowed(&tries, host(1), now), OF_ONE.at_once);
        assert_eq!(tries.count(host(1), now), Err(Slowed(OF_ONE.another_after)));
        assert_eq!(tries.count(host(2), now), Ok(()), "another address");
        now += OF_ONE.another_after - Duration::from_millis(1);
        assert_eq!(tries.count(host(1), now), Err(Slowed(Duration::from_millis(1))), "to wait is no try");
        now += Duration::from_millis(1);
        assert_eq!(until_slowed(&tries, host(1), now), 1, "one was forgotten meanwhile");
        now += OF_ONE.lasts(OF_ONE.at_once);
        assert_eq!(until_slowed(&tries, host(1), now), OF_ONE.at_once, "all of them were");
    }

    #[test]
    fn right_ones_do_not_count_however_many_they_are() {
        let (tries, now) = (WrongTries::default(), Instant::now());
        for _ in 0..1000 {
            tries.count(host(1), now).unwrap();
            tries.take_back(host(1), now);
        }
        assert_eq!(until_slowed(&tries, host(1), now), OF_ONE.at_once);
    }

    #[test]
    fn tries_that_overtake_their_answers_are_counted() {
        let (tries, now) = (WrongTries::default(), Instant::now());
        for _ in 0..OF_ONE.at_once {
            tries.count(host(1), now).unwrap();
        }
        assert!(tries.count(host(1), now).is_err(), "not one of them has been answered yet");
    }

    #[test]
    fn a_crowd_of_guessers_is_slowed_and_who_made_no_wrong_try_is_heard() {
        let (tries, now) = (WrongTries::default(), Instant::now());
        let made: u32 = (0..50).map(|n| until_slowed(&tries, host(n), now)).sum();
        // Those that came when it was too much already had one try each.
        assert_eq!(made, OF_ALL.at_once + (50 - OF_ALL.at_once / OF_ONE.at_once));
        assert_eq!(tries.count(host(200), now), Ok(()), "somebody else may pair");
        tries.take_back(host(200), now);
        assert_eq!(tries.count(host(200), now), Ok(()), "and again");
        let Err(Slowed(wait)) = tries.count(host(49), now) else { panic!("it made a wrong try") };
        assert!(wait <= OF_ONE.another_after, "until its try is forgotten");
        let later = now + wait;
        assert_eq!(tries.count(host(49), later), Ok(()));
    }

    #[test]
    fn the_addresses_of_one_ipv6_host_are_one() {
        let (tries, now) = (WrongTries::default(), Instant::now());
        for n in 0..OF_ONE.at_once {
            tries.count(format!("2001:db8:1:2::{n:x}").parse().unwrap(), now).unwrap();
        }
        assert!(tries.count("2001:db8:1:2:ffff::1".parse().unwrap(), now).is_err());
        assert_eq!(tries.count("2001:db8:1:3::1".parse().unwrap(), now), Ok(()), "another network");
        until_slowed(&tries, host(1), now);
        assert!(tries.count("::ffff:10.0.0.1".parse().unwrap(), now).is_err(), "IPv4 in other letters");
    }

    #[test]
    fn no_number_of_addresses_fills_the_memory_and_the_worst_are_remembered() {
        let (tries, now) = (WrongTries::default(), Instant::now());
        until_slowed(&tries, host(0), now);
        for n in 1..3 * u32::try_from(ADDRESSES_MAX).unwrap() {
            tries.count(host(n), now).unwrap();
        }
        assert_eq!(tries.lock().of_one.len(), ADDRESSES_MAX);
        assert!(tries.count(host(0), now).is_err(), "who guessed most is not the one to be forgotten");
    }
}
