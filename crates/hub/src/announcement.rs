//! The hub on the local network, by mDNS: so that it is found by the office's name.
//!
//! Anybody on the network can read it, and say the like: it holds hints, and nobody takes them for
//! more. A hub that listens on this machine alone says nothing.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use mdns_sd::{IfKind, ServiceDaemon, ServiceInfo};
use uuid::Uuid;

use crate::hub::Hub;

/// What hubs are called on the network.
pub const SERVICE: &str = "_rappel._tcp.local.";
/// The layout of what they say.
pub const VERSION: &str = "1";
/// How long a goodbye may hold up what ends.
const FAREWELL_WITHIN: Duration = Duration::from_secs(1);

/// What a hub is called on the network, before `.local`: the same wherever its data go.
pub(crate) fn name_of(hub: Uuid) -> String {
    format!("rappel-{}", hub.simple().to_string().split_off(20))
}

/// A hub's entry on the network.
pub(crate) struct Announcement {
    daemon: ServiceDaemon,
    name: String,
}

impl Announcement {
    /// Says on the interfaces where the hub listens that it is there. `None`: on this machine
    /// alone, or there is no network to say it in.
    pub(crate) async fn make(hub: &Hub, listening: SocketAddr) -> Option<Self> {
        if listening.ip().is_loopback() {
            return None;
        }
        let office = match hub.store().office().await {
            Ok(office) => office.name,
            Err(error) => {
                tracing::warn!(%error, "the office's name is not known at present");
                return None;
            }
        };
        let announced = Self::register(hub, &office, listening);
        announced.inspect_err(|error| tracing::warn!(%error, "the hub cannot be found by name")).ok()
    }

    fn register(hub: &Hub, office: &str, listening: SocketAddr) -> Result<Self, mdns_sd::Error> {
        let daemon = ServiceDaemon::new()?;
        daemon.disable_interface(vec![IfKind::LoopbackV4, IfKind::LoopbackV6])?;
        if listening.is_ipv4() {
            // It would name addresses at which nobody listens.
            daemon.disable_interface(IfKind::IPv6)?;
        }
        let id = hub.store().identity().id;
        let name = name_of(id);
        let host = format!("{name}.local.");
        let (id, pin) = (id.to_string(), hub.pin().to_string());
        let epoch = hub.identity().epoch.to_string();
        let says = [("v", VERSION), ("id", &id), ("name", office), ("pin", &pin), ("epoch", &epoch)];
        let says = &says[..];
        let everywhere = listening.ip().is_unspecified();
        let addresses: &[IpAddr] = if everywhere { &[] } else { &[listening.ip()] };
        let service = ServiceInfo::new(SERVICE, &name, &host, addresses, listening.port(), says)?;
        let service = if everywhere {
            service.enable_addr_auto()
        } else {
            daemon.disable_interface(IfKind::All)?;
            daemon.enable_interface(IfKind::Addr(listening.ip()))?;
            service
        };
        let name = service.get_fullname().to_owned();
        daemon.register(service)?;
        Ok(Self { daemon, name })
    }

    /// Says goodbye.
    pub(crate) async fn end(self) {
        if let Ok(said) = self.daemon.unregister(&self.name) {
            let _ = tokio::time::timeout(FAREWELL_WITHIN, said.recv_async()).await;
        }
    }
}

impl Drop for Announcement {
    fn drop(&mut self) {
        // It has a thread of its own, which ends by itself.
        let _ = self.daemon.shutdown();
    }
}
