//! The addresses at which the hub listens at present, and which of them is good for others.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::arrivals::Arrivals;

/// What listens. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub(crate) struct Listeners {
    addresses: Arc<Mutex<Vec<SocketAddr>>>,
    arrivals: Arc<Arrivals>,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub(crate) struct Listed {
    of: Listeners,
    address: SocketAddr,
}

impl Listeners {
    pub(crate) fn add(&self, address: SocketAddr) -> Listed {
        self.lock().push(address);
        Listed { of: self.clone(), address }
    }

    /// The one that others can reach; this machine's own where there is no such.
    pub(crate) fn reached_at(&self) -> Option<SocketAddr> {
        let listening = self.lock();
        listening.iter().find(|address| !address.ip().is_loopback()).or(listening.first()).copied()
    }

    /// All of them.
    pub(crate) fn all(&self) -> Vec<SocketAddr> {
        self.lock().clone()
    }

    /// Who came to where it listens.
    pub(crate) fn arrivals(&self) -> &Arrivals {
        &self.arrivals
    }

    fn lock(&self) -> MutexGuard<'_, Vec<SocketAddr>> {
        self.addresses.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        let mut listening = self.of.lock();
        if let Some(at) = listening.iter().position(|address| *address == self.address) {
            listening.remove(at);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn others_are_sent_to_the_network_as_long_as_the_hub_is_there() {
        let [loopback, before, after] =
            ["127.0.0.1:7710", "192.168.1.20:7710", "192.168.1.31:7710"].map(|address| address.parse().unwrap());
        let listeners = Listeners::default();
        assert_eq!(listeners.reached_at(), None);
        let _loopback = listeners.add(loopback);
        assert_eq!(listeners.reached_at(), Some(loopback));
        let lan = listeners.add(before);
        assert_eq!(listeners.reached_at(), Some(before));
        drop(lan);
        assert_eq!(listeners.reached_at(), Some(loopback), "the network is gone");
        let _lan = listeners.add(after);
        assert_eq!(listeners.reached_at(), Some(after));
    }
}
