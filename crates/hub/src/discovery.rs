//! Offices on the local network, found by mDNS.
//!
//! Anybody on the network can say anything there. What is found is where to look and what to offer;
//! whether it is the office, its key says when it is called.

use std::collections::HashMap;
use std::net::{IpAddr, SocketAddr, SocketAddrV6};
use std::time::Duration;

use mdns_sd::{Receiver, ResolvedService, ScopedIp, ServiceDaemon, ServiceEvent};
use rappel_core::person::parse_name;
use tokio::sync::watch;
use tokio_util::sync::{CancellationToken, DropGuard};
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::announcement::{SERVICE, VERSION};
use crate::key::Pin;

/// How many offices are listed: whoever fills the network with more names hides none of the first.
const OFFICES_MAX: usize = 64;

/// An office as it names itself on the network: hints, all of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundOffice {
    /// Which hub it says it is.
    pub id: Uuid,
    /// What the office says it is called.
    pub name: String,
    /// The key that it says it has.
    pub pin: Option<Pin>,
    /// Where it says it listens, `HOST:PORT`, IPv4 first.
    pub addresses: Vec<String>,
    /// The epoch that it says it is in; 0 where it says none.
    pub epoch: u64,
}

/// The offices on the network, as they come and go. Dropping it ends the search.
pub struct Discovery {
    offices: watch::Receiver<Vec<FoundOffice>>,
    daemon: ServiceDaemon,
    _until_dropped: DropGuard,
}

/// Begins to look for offices. Must be called within a tokio runtime.
///
/// # Errors
/// When this machine has no network to look in.
pub fn discover() -> Result<Discovery, mdns_sd::Error> {
    let daemon = ServiceDaemon::new()?;
    let events = daemon.browse(SERVICE)?;
    let (told, offices) = watch::channel(Vec::new());
    let ending = CancellationToken::new();
    let _until_dropped = ending.clone().drop_guard();
    TaskTracker::new().spawn(async move {
        let _ = ending.run_until_cancelled(follow(events, told)).await;
    });
    Ok(Discovery { offices, daemon, _until_dropped })
}

impl Discovery {
    /// The offices that are there now, by name.
    #[must_use]
    pub fn offices(&self) -> Vec<FoundOffice> {
        self.offices.borrow().clone()
    }

    /// Where something says that it is this hub, those that name the highest epoch first.
    #[must_use]
    pub fn addresses_of(&self, hub: Uuid) -> Vec<String> {
        let mut offices = self.offices();
        offices.retain(|office| office.id == hub);
        offices.sort_by_key(|office| std::cmp::Reverse(office.epoch));
        offices.into_iter().flat_map(|office| office.addresses).collect()
    }

    /// Done when the list has changed since the last time. For ever where the search has ended.
    pub async fn changed(&mut self) {
        if self.offices.changed().await.is_err() {
            std::future::pending::<()>().await;
        }
    }
}

impl Drop for Discovery {
    fn drop(&mut self) {
        // It ends by itself; nobody waits for it.
        let _ = self.daemon.shutdown();
    }
}

async fn follow(events: Receiver<ServiceEvent>, told: watch::Sender<Vec<FoundOffice>>) {
    let mut found: HashMap<String, FoundOffice> = HashMap::new();
    while let Ok(event) = events.recv_async().await {
        match event {
            ServiceEvent::ServiceResolved(service) => match office(&service) {
                Some(office) if found.len() < OFFICES_MAX || found.contains_key(&service.fullname) => {
                    found.insert(service.fullname, office);
                }
                _ => continue,
            },
            ServiceEvent::ServiceRemoved(_, name) => {
                found.remove(&name);
            }
            _ => continue,
        }
        let mut offices: Vec<FoundOffice> = found.values().cloned().collect();
        offices.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
        told.send_if_modified(|now| std::mem::replace(now, offices.clone()) != offices);
    }
}

/// What a service says of itself, if it is an office that this version understands.
fn office(service: &ResolvedService) -> Option<FoundOffice> {
    let text = |key| service.get_property_val_str(key);
    if text("v") != Some(VERSION) {
        return None;
    }
    let mut addresses: Vec<SocketAddr> =
        service.addresses.iter().map(|address| at(address, service.port)).filter(is_of_a_network).collect();
    addresses.sort_by_key(|address| (address.is_ipv6(), *address));
    Some(FoundOffice {
        id: text("id")?.parse().ok()?,
        name: parse_name("name", text("name")?).ok()?,
        pin: text("pin").and_then(|pin| pin.parse().ok()),
        addresses: addresses.iter().map(SocketAddr::to_string).collect(),
        epoch: text("epoch").and_then(|epoch| epoch.parse().ok()).unwrap_or(0),
    })
}

fn at(address: &ScopedIp, port: u16) -> SocketAddr {
    match address {
        ScopedIp::V6(v6) => SocketAddrV6::new(*v6.addr(), port, 0, v6.scope_id().index).into(),
        other => SocketAddr::new(other.to_ip_addr(), port),
    }
}

/// An address of this machine alone is good for nobody who finds it; a link-local one needs an
/// interface that its text does not carry to a `Host` header.
fn is_of_a_network(address: &SocketAddr) -> bool {
    match address.ip() {
        IpAddr::V4(v4) => !v4.is_unspecified(),
        IpAddr::V6(v6) => !v6.is_unspecified() && !v6.is_unicast_link_local(),
    }
}

/// Where something on the local network says within some time that it is this hub: hints, those that
/// name the highest epoch first.
pub async fn addresses_of(hub: Uuid, within: Duration) -> Vec<String> {
    let Ok(discovery) = discover() else { return Vec::new() };
    tokio::time::sleep(within).await;
    discovery.addresses_of(hub)
}
