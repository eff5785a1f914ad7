//! Pairings by a typed code between their two calls. A desktop has one at a time, known by its key.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use uuid::Uuid;

use crate::key::Pin;
use crate::typed_code::Agreed;

/// How long a desktop may take for its second call.
const LASTS: Duration = Duration::from_secs(60);
/// How many may be under way; beyond it the oldest is forgotten.
const AT_ONCE: usize = 64;

/// The exchanges under way, oldest first.
#[derive(Default)]
pub(crate) struct Exchanges(Mutex<VecDeque<Exchange>>);

struct Exchange {
    desktop: Pin,
    begun_at: Instant,
    pending: Pending,
}

/// What the hub has come to.
pub(crate) struct Pending {
    pub(crate) agreed: Agreed,
    /// The invitation whose code it was; `None`: there is none, which the desktop learns with the
    /// second call, like any wrong guess.
    pub(crate) invitation: Option<Uuid>,
    /// Whether it is one for everybody.
    pub(crate) is_open: bool,
}

impl Exchanges {
    /// Begins a desktop's exchange, in place of one it had.
    pub(crate) fn begin(&self, desktop: Pin, pending: Pending, now: Instant) {
        let mut exchanges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        exchanges.retain(|exchange| exchange.desktop != desktop && now - exchange.begun_at < LASTS);
        if exchanges.len() >= AT_ONCE {
            exchanges.pop_front();
        }
        exchanges.push_back(Exchange { desktop, begun_at: now, pending });
    }

    /// Ends a desktop's exchange: each is one guess.
    pub(crate) fn take(&self, desktop: Pin, now: Instant) -> Option<Pending> {
        let mut exchanges = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let place = exchanges.iter().position(|exchange| exchange.desktop == desktop)?;
        exchanges.remove(place).filter(|exchange| now - exchange.begun_at < LASTS).map(|exchange| exchange.pending)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(number: usize) -> Pin {
        Pin::from_bytes([u8::try_from(number).unwrap(); 32])
    }

    fn pending(invitation: u128) -> Pending {
        Pending { agreed: Agreed::on([0; 32]), invitation: Some(Uuid::from_u128(invitation)), is_open: false }
    }

    fn invitation(pending: Option<Pending>) -> Option<u128> {
        pending.and_then(|pending| pending.invitation).map(|id| id.as_u128())
    }

    #[test]
    fn an_exchange_is_taken_once_and_by_its_desktop() {
        let (exchanges, now) = (Exchanges::default(), Instant::now());
        exchanges.begin(pin(1), pending(1), now);
        exchanges.begin(pin(2), pending(2), now);
        exchanges.begin(pin(2), pending(3), now);
        assert_eq!(invitation(exchanges.take(pin(3), now)), None);
        assert_eq!(invitation(exchanges.take(pin(2), now)), Some(3), "the later one replaces the earlier");
        assert_eq!(invitation(exchanges.take(pin(2), now)), None);
        assert_eq!(invitation(exchanges.take(pin(1), now + LASTS)), None, "too late");
    }

    #[test]
    fn the_oldest_makes_room() {
        let (exchanges, now) = (Exchanges::default(), Instant::now());
        for number in 0..=AT_ONCE {
            exchanges.begin(pin(number), pending(number as u128), now);
        }
        assert_eq!(invitation(exchanges.take(pin(0), now)), None);
        assert_eq!(invitation(exchanges.take(pin(1), now)), Some(1));
    }
}
