//! What may keep colleagues out: the firewall of this machine, and a network that is marked as
//! public. Where that cannot be told, nothing is said of it.

use std::net::SocketAddr;
use std::time::Duration;

use serde::Serialize;

/// What answers later than this does not answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Which firewall a person would have to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Firewall {
    /// None that is known here.
    #[default]
    Unknown,
    /// That of Windows.
    #[cfg_attr(not(windows), allow(dead_code, reason = "another system's"))]
    Windows,
    /// That of macOS.
    #[cfg_attr(not(target_os = "macos"), allow(dead_code, reason = "another system's"))]
    Macos,
    /// ufw, of Ubuntu and others.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "another system's"))]
    Ufw,
    /// firewalld, of Fedora, openSUSE and others.
    #[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "another system's"))]
    Firewalld,
}

/// What is around the hub at one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Surroundings {
    pub(crate) firewall: Firewall,
    /// The network is marked as one on which strangers are, so that this machine keeps them out.
    pub(crate) is_public: bool,
}

/// Looks around at this address of the machine.
pub(crate) async fn look(address: SocketAddr) -> Surroundings {
    tokio::time::timeout(PATIENCE, platform::look(address)).await.unwrap_or_default()
}

#[cfg(target_os = "linux")]
mod platform {
    use std::net::SocketAddr;
    use std::path::Path;

    use zbus::Connection;
    use zbus::fdo::DBusProxy;
    use zbus::proxy::CacheProperties;

    use super::{Firewall, Surroundings};

    const SERVICE: &str = "org.fedoraproject.FirewallD1";
    /// Zones that let nobody in who was not named.
    const PUBLIC: [&str; 5] = ["public", "external", "dmz", "block", "drop"];
    /// Says whether ufw is on. Everybody may read it, unlike its rules.
    const UFW: &str = "/etc/ufw/ufw.conf";

    #[zbus::proxy(
        interface = "org.fedoraproject.FirewallD1",
        default_service = "org.fedoraproject.FirewallD1",
        default_path = "/org/fedoraproject/FirewallD1",
        gen_blocking = false
    )]
    trait Defaults {
        #[zbus(name = "getDefaultZone")]
        fn default_zone(&self) -> zbus::Result<String>;
    }

    #[zbus::proxy(
        interface = "org.fedoraproject.FirewallD1.zone",
        default_service = "org.fedoraproject.FirewallD1",
        default_path = "/org/fedoraproject/FirewallD1",
        gen_blocking = false
    )]
    trait Zones {
        #[zbus(name = "getZoneOfInterface")]
        fn zone_of(&self, interface: &str) -> zbus::Result<String>;

        #[zbus(name = "queryPort")]
        fn lets_in(&self, zone: &str, port: &str, protocol: &str) -> zbus::Result<bool>;
    }

    pub(super) async fn look(address: SocketAddr) -> Surroundings {
        let card = rappel_link::network_card(address.ip());
        let asked = async {
            let bus = Connection::system().await?;
            firewalld(&bus, card.as_deref(), address.port()).await
        };
        match asked.await {
            Ok(Some(found)) => found,
            Ok(None) => without_firewalld(Path::new(UFW)),
            Err(error) => {
                tracing::debug!(%error, "nobody tells of a firewall");
                without_firewalld(Path::new(UFW))
            }
        }
    }

    /// `None` where it does not run.
    pub(super) async fn firewalld(
        bus: &Connection,
        card: Option<&str>,
        port: u16,
    ) -> zbus::Result<Option<Surroundings>> {
        if !DBusProxy::new(bus).await?.name_has_owner(SERVICE.try_into()?).await? {
            return Ok(None);
        }
        let zones = ZonesProxy::builder(bus).cache_properties(CacheProperties::No).build().await?;
        let own = match card {
            Some(card) => zones.zone_of(card).await?,
            None => String::new(),
        };
        let zone = if own.is_empty() {
            DefaultsProxy::builder(bus).cache_properties(CacheProperties::No).build().await?.default_zone().await?
        } else {
            own
        };
        let is_public = PUBLIC.contains(&zone.as_str()) && !zones.lets_in(&zone, &port.to_string(), "tcp").await?;
        Ok(Some(Surroundings { firewall: Firewall::Firewalld, is_public }))
    }

    /// A network without firewalld is not marked as anything.
    pub(super) fn without_firewalld(ufw: &Path) -> Surroundings {
        let settings = std::fs::read_to_string(ufw).unwrap_or_default();
        let is_on = settings.lines().any(|line| line.trim().eq_ignore_ascii_case("ENABLED=yes"));
        Surroundings { firewall: if is_on { Firewall::Ufw } else { Firewall::Unknown }, is_public: false }
    }
}

/// Windows asks what a network is when it is first used; how it was answered, PowerShell knows.
#[cfg(windows)]
mod platform {
    use std::net::SocketAddr;
    use std::os::windows::process::CommandExt;
    use std::process::{Command, Stdio};

    use super::{Firewall, Surroundings};

    /// No console window flashes up.
    const CREATE_NO_WINDOW: u32 = 0x0800_0000;

    pub(super) async fn look(address: SocketAddr) -> Surroundings {
        let asked = tauri::async_runtime::spawn_blocking(move || category(address)).await;
        let is_public = matches!(asked, Ok(Ok(category)) if super::is_public(&category));
        Surroundings { firewall: Firewall::Windows, is_public }
    }

    fn category(address: SocketAddr) -> std::io::Result<String> {
        let question =
            format!("(Get-NetIPAddress -IPAddress '{}' | Get-NetConnectionProfile).NetworkCategory", address.ip());
        let mut powershell = Command::new("powershell.exe");
        powershell.args(["-NoProfile", "-NonInteractive", "-Command", &question]);
        let answer = powershell.creation_flags(CREATE_NO_WINDOW).stdin(Stdio::null()).output()?;
        Ok(String::from_utf8_lossy(&answer.stdout).into_owned())
    }
}

/// macOS marks no networks.
#[cfg(target_os = "macos")]
mod platform {
    use std::net::SocketAddr;

    use super::{Firewall, Surroundings};

    pub(super) async fn look(_: SocketAddr) -> Surroundings {
        Surroundings { firewall: Firewall::Macos, is_public: false }
    }
}

/// Reads a category of Windows: `Public`, `Private` or `DomainAuthenticated`.
#[cfg(any(windows, test))]
fn is_public(category: &str) -> bool {
    category.trim().eq_ignore_ascii_case("public")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_the_categories_of_windows_one_keeps_colleagues_out() {
        assert!(is_public("Public\r\n"));
        for category in ["Private\r\n", "DomainAuthenticated\r\n", "", "Public\r\nPrivate\r\n"] {
            assert!(!is_public(category), "{category:?}");
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod linux_tests {
    use super::platform::{firewalld, without_firewalld};
    use super::*;
    use crate::test_bus::Bus;

    /// firewalld, with a card in a zone of its own and one port that is open in each zone.
    struct Zones;

    #[zbus::interface(name = "org.fedoraproject.FirewallD1.zone")]
    impl Zones {
        #[zbus(name = "getZoneOfInterface")]
        fn zone_of(&self, card: &str) -> String {
            match card {
                "eth0" => "public",
                "wlan0" => "home",
                _ => "",
            }
            .to_owned()
        }

        #[zbus(name = "queryPort")]
        fn lets_in(&self, _zone: &str, port: &str, protocol: &str) -> bool {
            (port, protocol) == ("7710", "tcp")
        }
    }

    struct Defaults(&'static str);

    #[zbus::interface(name = "org.fedoraproject.FirewallD1")]
    impl Defaults {
        #[zbus(name = "getDefaultZone")]
        fn default_zone(&self) -> String {
            self.0.to_owned()
        }
    }

    async fn serving(bus: &Bus, default_zone: &'static str) -> zbus::Connection {
        let path = "/org/fedoraproject/FirewallD1";
        let service = bus.connect().name("org.fedoraproject.FirewallD1").expect("a name");
        let service = service.serve_at(path, Zones).expect("served").serve_at(path, Defaults(default_zone));
        service.expect("served").build().await.expect("firewalld")
    }

    #[tokio::test]
    async fn a_card_is_public_by_its_zone_unless_the_hub_was_let_through() {
        let bus = Bus::start();
        let ours = bus.connect().build().await.expect("a connection");
        assert_eq!(firewalld(&ours, Some("eth0"), 8080).await.expect("asked"), None, "it does not run");
        for (default_zone, card, port, is_public) in [
            ("FedoraWorkstation", Some("eth0"), 8080, true),
            ("FedoraWorkstation", Some("eth0"), 7710, false),
            ("public", Some("wlan0"), 8080, false),
            ("public", Some("enp3s0"), 8080, true),
            ("FedoraWorkstation", Some("enp3s0"), 8080, false),
            ("public", None, 8080, true),
        ] {
            let service = serving(&bus, default_zone).await;
            let found = firewalld(&ours, card, port).await.expect("asked");
            let expected = Surroundings { firewall: Firewall::Firewalld, is_public };
            assert_eq!(found, Some(expected), "{default_zone}, {card:?}, {port}");
            service.close().await.expect("closed");
        }
    }

    #[test]
    fn ufw_says_itself_whether_it_is_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("ufw.conf");
        assert_eq!(without_firewalld(&file), Surroundings::default());
        for (settings, firewall) in [
            ("# /etc/ufw/ufw.conf\nENABLED=yes\nLOGLEVEL=low\n", Firewall::Ufw),
            ("ENABLED=no\n", Firewall::Unknown),
            ("# ENABLED=yes\n", Firewall::Unknown),
        ] {
            std::fs::write(&file, settings).expect("written");
            assert_eq!(without_firewalld(&file), Surroundings { firewall, is_public: false }, "{settings:?}");
        }
    }
}
