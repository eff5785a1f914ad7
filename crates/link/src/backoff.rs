//! How long to wait before the next attempt to reach a hub.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Notify;
use tokio::time::Instant;

/// The longest pause after a first failure.
const FIRST: Duration = Duration::from_secs(1);
/// The longest pause at all.
const LONGEST: Duration = Duration::from_secs(60);

/// Pauses between attempts. Each is chosen at random up to a bound that doubles with each failure,
/// so that the desktops of an office do not all come back at one moment.
#[derive(Debug)]
pub struct Backoff {
    failures: u32,
    /// When the pause after the last failure is over.
    next_at: Option<Instant>,
    woken: Arc<Notify>,
}

/// Ends a pause: the machine woke, or the network changed.
#[derive(Debug, Clone)]
pub struct Wake(Arc<Notify>);

impl Wake {
    /// Lets the next attempt, or the one that is being waited for, be made at once.
    pub fn wake(&self) {
        self.0.notify_one();
    }
}

impl Default for Backoff {
    fn default() -> Self {
        Self::new()
    }
}

impl Backoff {
    /// Before the first failure.
    #[must_use]
    pub fn new() -> Self {
        Self { failures: 0, next_at: None, woken: Arc::default() }
    }

    /// What ends its pauses.
    #[must_use]
    pub fn waker(&self) -> Wake {
        Wake(Arc::clone(&self.woken))
    }

    /// An attempt succeeded: the next pause is short again.
    pub fn reset(&mut self) {
        self.failures = 0;
    }

    /// As [`Wake::wake`].
    pub fn wake(&mut self) {
        self.failures = 0;
        self.woken.notify_one();
    }

    /// How long to wait after one more failure.
    pub fn next_pause(&mut self) -> Duration {
        let bound = FIRST.saturating_mul(1 << self.failures.min(16)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        bound.mul_f64(random_share())
    }

    /// One more failure: the next pause begins now.
    pub fn failed(&mut self) {
        self.next_at = Some(Instant::now() + self.next_pause());
    }

    /// Waits until the pause after the last failure is over, or somebody wakes it. May be dropped
    /// and called again: it is the same pause. Without a failure there is none.
    pub async fn until_next(&mut self) {
        let Some(next_at) = self.next_at else { return };
        tokio::select! {
            () = tokio::time::sleep_until(next_at) => {}
            () = self.woken.notified() => self.failures = 0,
        }
        self.next_at = None;
    }

    /// Waits after one more failure, until the pause is over or somebody wakes it. May be dropped;
    /// the next one is then longer.
    pub async fn pause(&mut self) {
        self.failed();
        self.until_next().await;
    }
}

/// A number from 0 up to 1. Where the system gives no random numbers, the whole.
fn random_share() -> f64 {
    getrandom::u32().map_or(1.0, |number| f64::from(number) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_bound_and_are_spread() {
        let mut longest = [Duration::ZERO; 12];
        for _ in 0..200 {
            let mut backoff = Backoff::new();
            for (failure, longest) in longest.iter_mut().enumerate() {
                let pause = backoff.next_pause();
                assert!(pause <= FIRST * (1 << failure) && pause <= LONGEST, "failure {failure}: {pause:?}");
                *longest = pause.max(*longest);
            }
        }
        assert!(longest[6..].iter().all(|pause| *pause > LONGEST / 2), "they reach far up: {longest:?}");
        let mut backoff = Backoff::new();
        let pauses: std::collections::HashSet<Duration> = (0..50).map(|_| backoff.next_pause()).collect();
        assert!(pauses.len() > 40, "all alike: {pauses:?}");
    }

    #[test]
    fn a_success_makes_the_next_pause_short() {
        let mut backoff = Backoff::new();
        for _ in 0..50 {
            backoff.next_pause();
        }
        backoff.reset();
        assert!(backoff.next_pause() <= FIRST);
    }

    #[tokio::test(start_paused = true)]
    async fn waking_ends_a_pause_at_once() {
        let mut backoff = Backoff::new();
        for _ in 0..50 {
            backoff.next_pause();
        }
        backoff.waker().wake();
        let began = tokio::time::Instant::now();
        backoff.pause().await;
        assert_eq!(began.elapsed(), Duration::ZERO, "on a clock that only sleeping moves");
        assert!(backoff.next_pause() <= FIRST, "and begins anew");
    }
}
