//! How many connections there may be: in all, from one address, and of those who have not signed in.
//!
//! Whoever opens connections and says nothing must not keep others out. So a stranger's connection
//! is a place that can be lost: when too many are open, the oldest on which nothing is being done
//! makes room for the newest. Where something is being done on all of them, whichever address has
//! the most loses its oldest: asking slowly, or not taking the answer, keeps nobody out either. A
//! whole office that comes back at once is no such crowd: who signs in within a second is not
//! counted.

use std::collections::{BTreeMap, HashMap};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

/// How long somebody takes to sign in who means to.
const SIGNS_IN_WITHIN: Duration = Duration::from_secs(1);

/// How many connections a hub takes; `None`: as many as come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ConnectionLimits {
    /// In all.
    pub total: Option<usize>,
    /// From one address.
    pub per_address: Option<usize>,
    /// On which nobody has signed in yet.
    pub strangers: Option<usize>,
}

impl Default for ConnectionLimits {
    fn default() -> Self {
        Self { total: Some(200), per_address: Some(20), strangers: Some(10) }
    }
}

impl ConnectionLimits {
    /// As given on a command line: 0 is no limit, and without one in all there is none for strangers.
    #[must_use]
    pub fn of(total: usize, per_address: usize) -> Self {
        let limit = |count: usize| (count > 0).then_some(count);
        let strangers = Self::default().strangers.filter(|_| total > 0);
        Self { total: limit(total), per_address: limit(per_address), strangers }
    }
}

/// The connections that are open.
#[derive(Debug)]
pub(crate) struct Admission {
    limits: ConnectionLimits,
    open: Mutex<Open>,
}

#[derive(Debug, Default)]
struct Open {
    total: usize,
    by_address: HashMap<IpAddr, usize>,
    /// Those on which nobody has signed in, in the order in which they came.
    strangers: BTreeMap<u64, Stranger>,
    next: u64,
}

#[derive(Debug, Clone)]
struct Stranger {
    came_at: Instant,
    address: IpAddr,
    /// A request is being answered.
    is_busy: Arc<AtomicBool>,
    /// Its place is needed for another.
    is_lost: CancellationToken,
}

/// A connection's place; dropping it gives it back.
#[derive(Debug)]
pub(crate) struct Place {
    admission: Arc<Admission>,
    number: u64,
    address: IpAddr,
    stranger: Stranger,
    is_signed_in: AtomicBool,
}

/// There is no place left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Full;

impl Admission {
    pub(crate) fn new(limits: ConnectionLimits) -> Arc<Self> {
        Arc::new(Self { limits, open: Mutex::default() })
    }

    /// Takes a place for a connection from an address.
    pub(crate) fn admit(self: &Arc<Self>, address: IpAddr, now: Instant) -> Result<Place, Full> {
        let address = address.to_canonical();
        let mut open = self.lock();
        let of_address = open.by_address.get(&address).copied().unwrap_or(0);
        let is_full = |limit: Option<usize>, count: usize| limit.is_some_and(|limit| count >= limit);
        if is_full(self.limits.total, open.total) || is_full(self.limits.per_address, of_address) {
            return Err(Full);
        }
        if is_full(self.limits.strangers, open.strangers.len()) && !open.make_room(address, now) {
            return Err(Full);
        }
        let number = open.next;
        open.next += 1;
        open.total += 1;
        *open.by_address.entry(address).or_default() += 1;
        let stranger = Stranger { came_at: now, address, is_busy: Arc::default(), is_lost: CancellationToken::new() };
        open.strangers.insert(number, stranger.clone());
        let is_signed_in = AtomicBool::new(false);
        Ok(Place { admission: Arc::clone(self), number, address, stranger, is_signed_in })
    }

    fn lock(&self) -> MutexGuard<'_, Open> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    /// Ends a stranger's connection to make room for one from `address`. The answer is whether
    /// another stranger may come.
    fn make_room(&mut self, address: IpAddr, now: Instant) -> bool {
        let mut lingering =
            self.strangers.iter().filter(|(_, stranger)| now.duration_since(stranger.came_at) >= SIGNS_IN_WITHIN);
        let idle = lingering.clone().find(|(_, stranger)| !stranger.is_busy.load(Ordering::Relaxed));
        let Some((number, _)) = idle.or_else(|| self.of_the_greediest(lingering.clone(), address)) else {
            return lingering.next().is_none();
        };
        let number = *number;
        if let Some(stranger) = self.strangers.remove(&number) {
            stranger.is_lost.cancel();
        }
        true
    }

    /// The oldest of the address that has the most strangers, as long as whoever asks for room does
    /// not get more than it keeps.
    fn of_the_greediest<'a>(
        &self,
        lingering: impl Iterator<Item = (&'a u64, &'a Stranger)>,
        asking: IpAddr,
    ) -> Option<(&'a u64, &'a Stranger)> {
        let strangers_of =
            |address: IpAddr| self.strangers.values().filter(|stranger| stranger.address == address).count();
        // Of several that have as many, the last is taken.
        let newest_first = lingering.collect::<Vec<_>>().into_iter().rev();
        let (found, count) =
            newest_first.map(|one| (one, strangers_of(one.1.address))).max_by_key(|(_, count)| *count)?;
        (count > strangers_of(asking) + 1).then_some(found)
    }
}

impl Place {
    /// Somebody signed in on this connection: from now on it stays as long as they want.
    pub(crate) fn sign_in(&self) {
        // Each of its requests says so: only the first needs to look.
        if !self.is_signed_in.swap(true, Ordering::Relaxed) {
            self.admission.lock().strangers.remove(&self.number);
        }
    }

    /// Says whether a request is being answered on it.
    pub(crate) fn set_busy(&self, is_busy: bool) {
        self.stranger.is_busy.store(is_busy, Ordering::Relaxed);
    }

    /// Done when the place is needed for another.
    pub(crate) fn lost(&self) -> CancellationToken {
        self.stranger.is_lost.clone()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = self.admission.lock();
        open.total -= 1;
        open.strangers.remove(&self.number);
        if let Some(count) = open.by_address.get_mut(&self.address) {
            *count -= 1;
            if *count == 0 {
                open.by_address.remove(&self.address);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admission(total: usize, per_address: usize, strangers: usize) -> Arc<Admission> {
        Admission::new(ConnectionLimits {
            total: Some(total),
            per_address: Some(per_address),
            strangers: Some(strangers),
        })
    }

    fn host(n: u8) -> IpAddr {
        IpAddr::from([192, 168, 1, n])
    }

    #[test]
    fn a_place_that_is_given_back_can_be_taken() {
        let (admission, now) = (admission(2, 2, 2), Instant::now());
        let first = admission.admit(host(1), now).unwrap();
        first.sign_in();
        let _second = admission.admit(host(2), now).unwrap();
        assert_eq!(admission.admit(host(3), now).unwrap_err(), Full);
        drop(first);
        assert!(admission.admit(host(3), now).is_ok());
    }

    #[test]
    fn one_address_cannot_take_all_places() {
        let (admission, now) = (admission(10, 2, 10), Instant::now());
        let _places = [1, 2].map(|_| admission.admit(host(1), now).unwrap());
        let written_otherwise = "::ffff:192.168.1.1".parse().unwrap();
        assert!(admission.admit(written_otherwise, now).is_err(), "it is the same address");
        assert!(admission.admit(host(2), now).is_ok());
    }

    #[test]
    fn the_oldest_idle_stranger_makes_room() {
        let (admission, mut now) = (admission(10, 10, 3), Instant::now());
        let signed_in = admission.admit(host(1), now).unwrap();
        signed_in.sign_in();
        let busy = admission.admit(host(2), now).unwrap();
        busy.set_busy(true);
        let idle = admission.admit(host(3), now).unwrap();
        let newer = admission.admit(host(4), now).unwrap();
        now += SIGNS_IN_WITHIN;
        let newest = admission.admit(host(5), now).unwrap();
        let lost = [&signed_in, &busy, &idle, &newer, &newest].map(|place| place.lost().is_cancelled());
        assert_eq!(lost, [false, false, true, false, false]);
    }

    #[test]
    fn where_all_strangers_are_busy_the_newest_is_refused() {
        let (admission, mut now) = (admission(10, 10, 1), Instant::now());
        let busy = admission.admit(host(1), now).unwrap();
        busy.set_busy(true);
        now += SIGNS_IN_WITHIN;
        assert!(admission.admit(host(2), now).is_err());
        busy.sign_in();
        assert!(admission.admit(host(2), now).is_ok(), "who signed in is no stranger any more");
    }

    #[test]
    fn one_address_cannot_keep_others_out_by_keeping_its_connections_busy() {
        let (admission, mut now) = (admission(20, 20, 4), Instant::now());
        let other = admission.admit(host(2), now).unwrap();
        let greedy = [(); 3].map(|()| admission.admit(host(1), now).unwrap());
        for place in greedy.iter().chain([&other]) {
            place.set_busy(true);
        }
        now += SIGNS_IN_WITHIN;
        assert!(admission.admit(host(1), now).is_err(), "the address with the most gets no more");
        let _newcomer = admission.admit(host(3), now).unwrap();
        assert_eq!(greedy.each_ref().map(|place| place.lost().is_cancelled()), [true, false, false], "its oldest");
        assert!(!other.lost().is_cancelled(), "who has one place keeps it");
    }

    #[test]
    fn an_office_that_comes_back_at_once_is_let_in() {
        let (admission, now) = (admission(200, 20, 10), Instant::now());
        let places: Vec<Place> = (0..100).map(|n| admission.admit(host(n), now).unwrap()).collect();
        assert!(places.iter().all(|place| !place.lost().is_cancelled()));
    }

    #[test]
    fn on_the_command_line_0_is_no_limit() {
        assert_eq!(ConnectionLimits::of(200, 20), ConnectionLimits::default());
        let none = ConnectionLimits { total: None, per_address: None, strangers: None };
        assert_eq!(ConnectionLimits::of(0, 0), none);
        let few = ConnectionLimits { total: Some(50), per_address: None, strangers: Some(10) };
        assert_eq!(ConnectionLimits::of(50, 0), few);
    }
}
