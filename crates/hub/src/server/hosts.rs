//! The names and addresses by which this hub is called.
//!
//! A page that got hold of a name of its own for our address (DNS rebinding) would otherwise be
//! taken for ours.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::lan;

/// Addresses are read again when an unknown one comes, but not more often than this.
const REREAD_AFTER: Duration = Duration::from_secs(1);

/// What may stand in `Host`.
#[derive(Debug)]
pub(crate) struct Hosts {
    listening: SocketAddr,
    names: Vec<String>,
    addresses: Mutex<Addresses>,
}

#[derive(Debug, Default)]
struct Addresses {
    known: Vec<IpAddr>,
    read_at: Option<Instant>,
}

impl Hosts {
    pub(crate) fn new(listening: SocketAddr, allowed: &[String]) -> Self {
        Self { listening, names: own_names(allowed), addresses: Mutex::default() }
    }

    /// Whether a `Host` header, port included, is this hub; one without a port means the default.
    pub(crate) fn is_own(&self, host: &str, default_port: u16) -> bool {
        let Ok(authority) = host.parse::<axum::http::uri::Authority>() else { return false };
        if host.contains('@') || authority.port_u16().unwrap_or(default_port) != self.listening.port() {
            return false;
        }
        let name = authority.host().to_ascii_lowercase();
        match name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>() {
            Ok(address) => self.is_own_address(address),
            Err(_) => self.names.contains(&name),
        }
    }

    /// Whether an address is one of this machine's.
    pub(crate) fn is_own_address(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        if address.is_loopback() || address == self.listening.ip() {
            return true;
        }
        let mut addresses = self.addresses.lock().unwrap_or_else(PoisonError::into_inner);
        if !addresses.known.contains(&address)
            && addresses.read_at.is_none_or(|read_at| read_at.elapsed() >= REREAD_AFTER)
        {
            *addresses = Addresses { known: interface_addresses(), read_at: Some(Instant::now()) };
        }
        addresses.known.contains(&address)
    }
}

/// By which names a hub is called that was told these.
pub(crate) fn own_names(allowed: &[String]) -> Vec<String> {
    let mut names = vec!["localhost".to_owned()];
    if let Some(host) = gethostname::gethostname().to_str().and_then(|host| host.split('.').next())
        && !host.is_empty()
    {
        names.push(format!("{}.local", host.to_ascii_lowercase()));
    }
    names.extend(allowed.iter().map(|name| name.to_ascii_lowercase()));
    names
}

/// An address by which others reach a hub that listens there: the LAN's where it listens everywhere.
pub(crate) fn base_url(listening: SocketAddr) -> String {
    let address = match listening.ip() {
        everywhere if everywhere.is_unspecified() => lan_address().unwrap_or(IpAddr::from([127, 0, 0, 1])),
        given => given,
    };
    format!("http://{}", SocketAddr::new(address, listening.port()))
}

pub(crate) fn interface_addresses() -> Vec<IpAddr> {
    match if_addrs::get_if_addrs() {
        Ok(interfaces) => interfaces.iter().map(if_addrs::Interface::ip).collect(),
        Err(error) => {
            tracing::warn!(%error, "the addresses of this machine cannot be read");
            Vec::new()
        }
    }
}

/// This machine's address on the office's network; on no such network, any that is not its own alone.
fn lan_address() -> Option<IpAddr> {
    match lan::address(None) {
        Ok(Some(address)) => Some(address.into()),
        _ => interface_addresses().into_iter().find(|address| !address.is_loopback()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts() -> Hosts {
        Hosts::new("127.0.0.1:7710".parse().unwrap(), &["Rappel.Example".to_owned()])
    }

    #[test]
    fn own_addresses_and_names_with_the_own_port_are_own() {
        for host in ["127.0.0.1:7710", "localhost:7710", "LOCALHOST:7710", "[::1]:7710", "rappel.example:7710"] {
            assert!(hosts().is_own(host, 80), "{host}");
        }
    }

    #[test]
    fn who_calls_from_one_of_this_machines_addresses_is_on_it() {
        for address in ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"] {
            assert!(hosts().is_own_address(address.parse().unwrap()), "{address}");
        }
        for address in interface_addresses() {
            assert!(hosts().is_own_address(address), "{address}");
        }
        for address in ["203.0.113.9", "::ffff:203.0.113.9", "2001:db8::1"] {
            assert!(!hosts().is_own_address(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn other_names_addresses_and_ports_are_not() {
        for host in [
            "evil.example:7710",
            "127.0.0.1",
            "127.0.0.1:80",
            "localhost",
            "localhost:7711",
            "203.0.113.9:7710",
            "localhost.evil.example:7710",
            "user@localhost:7710",
            "",
        ] {
            assert!(!hosts().is_own(host, 80), "{host:?}");
        }
    }
}
