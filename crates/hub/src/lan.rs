//! The office's network: which of this machine's addresses colleagues reach it by.
//!
//! It is where the default route leads, unless that is a VPN: then, and without one, a network card
//! with a private address. Networks of virtual machines and containers are never it.

use std::io;
use std::net::{IpAddr, Ipv4Addr, UdpSocket};

use if_addrs::IfOperStatus;

/// An address that is nobody's (TEST-NET-3): the way to it is the default route.
const ANYWHERE: (Ipv4Addr, u16) = (Ipv4Addr::new(203, 0, 113, 1), 9);

/// How the names of tunnels and of virtual networks begin, in lower case. (Docker's bridges are `br-`
/// and a number; `br0` is a bridge that somebody made of their network card.)
const VIRTUAL_BEGINNINGS: [&str; 24] = [
    "tun",
    "tap",
    "wg",
    "ppp",
    "utun",
    "ipsec",
    "ham",
    "zt",
    "feth",
    "nordlynx",
    "docker",
    "podman",
    "br-",
    "bridge10",
    "veth",
    "vethernet",
    "vnet",
    "vnic",
    "virbr",
    "vmnet",
    "vboxnet",
    "lxcbr",
    "lxdbr",
    "cni",
];
/// What stands anywhere in such names, mostly where they are written for people.
const VIRTUAL_WORDS: [&str; 9] =
    ["tailscale", "zerotier", "wireguard", "hamachi", "vpn", "hyper-v", "virtualbox", "vmware", "(wsl"];

/// One address of an interface.
#[derive(Debug, Clone)]
struct Interface {
    name: String,
    address: IpAddr,
    /// It is on, and its cable or radio has found something.
    is_up: bool,
    is_point_to_point: bool,
}

/// This machine's address on the office's network, if it is on one. `held` is the address that was
/// found before: where the routes do not say, it is kept as long as it is there, so that a VPN that
/// comes up moves nothing.
///
/// # Errors
/// When the interfaces cannot be read.
pub(crate) fn address(held: Option<Ipv4Addr>) -> io::Result<Option<Ipv4Addr>> {
    let interfaces: Vec<Interface> = if_addrs::get_if_addrs()?.into_iter().map(Interface::from).collect();
    Ok(choose(&interfaces, routed(), held))
}

/// What the network card with this address is called here: `eth0`, `Wi-Fi`.
#[must_use]
pub fn network_card(address: IpAddr) -> Option<String> {
    let interfaces = if_addrs::get_if_addrs().ok()?;
    interfaces.into_iter().find(|interface| interface.ip() == address).map(|interface| interface.name)
}

/// The address that this machine would send from to anywhere. To connect a UDP socket asks the
/// system for the route and sends nothing; unlike a table of routes, the answer takes in their
/// metrics and policies, is the same question on every OS, and needs no rights.
fn routed() -> Option<Ipv4Addr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    socket.connect(ANYWHERE).ok()?;
    match socket.local_addr().ok()?.ip() {
        IpAddr::V4(address) => Some(address),
        IpAddr::V6(_) => None,
    }
}

fn choose(interfaces: &[Interface], routed: Option<Ipv4Addr>, held: Option<Ipv4Addr>) -> Option<Ipv4Addr> {
    let physical: Vec<Ipv4Addr> = interfaces.iter().filter_map(Interface::physical_address).collect();
    let is_there = |address: &Ipv4Addr| physical.contains(address);
    let first = |is_wanted: fn(&Ipv4Addr) -> bool| {
        let held = held.filter(is_there).filter(is_wanted);
        held.or_else(|| physical.iter().copied().find(is_wanted))
    };
    // Without a DHCP server machines give themselves addresses, and find one another by these.
    routed.filter(is_there).or_else(|| first(Ipv4Addr::is_private)).or_else(|| first(Ipv4Addr::is_link_local))
}

impl Interface {
    /// Its IPv4 address, if others can be there and it is neither a tunnel nor virtual.
    fn physical_address(&self) -> Option<Ipv4Addr> {
        let IpAddr::V4(address) = self.address else { return None };
        let is_possible = self.is_up && !self.is_point_to_point && !address.is_loopback();
        (is_possible && !is_virtual(&self.name)).then_some(address)
    }
}

fn is_virtual(name: &str) -> bool {
    let name = name.to_lowercase();
    VIRTUAL_BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
        || VIRTUAL_WORDS.iter().any(|word| name.contains(word))
}

impl From<if_addrs::Interface> for Interface {
    fn from(interface: if_addrs::Interface) -> Self {
        Self {
            address: interface.ip(),
            is_up: interface.oper_status == IfOperStatus::Up,
            is_point_to_point: interface.is_p2p,
            name: interface.name,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ip(address: &str) -> Ipv4Addr {
        address.parse().unwrap()
    }

    /// Interfaces such as `eth0 192.168.1.20`, a word more for what is unusual about one.
    fn interfaces(lines: &[&str]) -> Vec<Interface> {
        let interface = |line: &&str| {
            let (line, is_up) = line.strip_suffix(" down").map_or((*line, true), |line| (line, false));
            let (line, is_point_to_point) = line.strip_suffix(" p2p").map_or((line, false), |line| (line, true));
            let (name, address) = line.rsplit_once(' ').unwrap();
            Interface { name: name.to_owned(), address: address.parse().unwrap(), is_up, is_point_to_point }
        };
        lines.iter().map(interface).collect()
    }

    #[test]
    fn the_network_of_the_office_is_found_among_others() {
        let lo = "lo 127.0.0.1";
        let cases: [(&str, &[&str], &str, &str); 20] = [
            ("cable", &[lo, "eth0 192.168.1.20"], "192.168.1.20", "192.168.1.20"),
            ("Wi-Fi and cable", &[lo, "wlan0 192.168.1.21", "eth0 192.168.1.20"], "192.168.1.20", "192.168.1.20"),
            ("cable pulled", &[lo, "eth0 192.168.1.20 down", "wlan0 192.168.1.21"], "192.168.1.21", "192.168.1.21"),
            ("pulled, route not yet gone", &[lo, "eth0 10.1.0.2 down", "wlan0 10.2.0.2"], "10.1.0.2", "10.2.0.2"),
            ("VPN takes all", &[lo, "tun0 10.8.0.6", "wlan0 192.168.1.21"], "10.8.0.6", "192.168.1.21"),
            ("VPN without a known name", &["corp0 10.8.0.6 p2p", "en0 192.168.1.21"], "10.8.0.6", "192.168.1.21"),
            ("WireGuard", &["wg0 10.7.0.2", "eth0 172.16.4.4"], "10.7.0.2", "172.16.4.4"),
            ("Tailscale's exit node", &["tailscale0 100.64.0.7", "eth0 10.0.0.5"], "100.64.0.7", "10.0.0.5"),
            ("docker first", &["docker0 172.17.0.1", "br-5f3c 172.18.0.1", "eth0 10.0.0.5"], "10.0.0.5", "10.0.0.5"),
            ("docker, no route", &["docker0 172.17.0.1", "virbr0 192.168.122.1", "eth0 10.0.0.5"], "", "10.0.0.5"),
            ("docker alone", &[lo, "docker0 172.17.0.1"], "", ""),
            ("only loopback", &[lo], "", ""),
            ("two private networks", &["eth0 192.168.1.20", "eth1 10.0.0.5"], "10.0.0.5", "10.0.0.5"),
            ("two of them, no route", &["eth0 192.168.1.20", "eth1 10.0.0.5"], "", "192.168.1.20"),
            ("IPv6 only", &[lo, "eth0 fe80::1", "eth0 2001:db8::5"], "", ""),
            ("no DHCP server", &[lo, "eth0 169.254.3.4"], "", "169.254.3.4"),
            ("one card without DHCP", &["eth0 169.254.3.4", "eth1 10.0.0.5"], "", "10.0.0.5"),
            ("public addresses in the office", &[lo, "eth0 198.51.100.7"], "198.51.100.7", "198.51.100.7"),
            ("a public address beside", &["eth0 198.51.100.7", "tun0 10.8.0.6"], "10.8.0.6", ""),
            ("a bridge of the card", &[lo, "br0 192.168.1.20"], "192.168.1.20", "192.168.1.20"),
        ];
        for (situation, lines, routed, expected) in cases {
            let found = choose(&interfaces(lines), routed.parse().ok(), None);
            assert_eq!(found, expected.parse().ok(), "{situation}");
        }
    }

    #[test]
    fn windows_and_macos_name_what_is_virtual_for_people() {
        for name in [
            "vEthernet (Default Switch)",
            "VirtualBox Host-Only Network",
            "VMware Network Adapter VMnet8",
            "OpenVPN TAP-Windows6",
            "ZeroTier One [8056c2e21c000001]",
            "Tailscale",
            "utun4",
            "bridge100",
            "ppp0",
        ] {
            assert!(is_virtual(name), "{name}");
        }
        for name in
            ["Ethernet", "Ethernet 2", "Wi-Fi", "WLAN", "Local Area Connection", "en0", "enp3s0", "wlp2s0", "br0"]
        {
            assert!(!is_virtual(name), "{name}");
        }
    }

    #[test]
    fn a_vpn_that_comes_up_moves_nothing() {
        let with_vpn = interfaces(&["eth0 192.168.1.20", "wlan0 10.0.0.5", "tun0 10.8.0.6"]);
        let vpn = Some(ip("10.8.0.6"));
        assert_eq!(choose(&with_vpn, vpn, Some(ip("10.0.0.5"))), Some(ip("10.0.0.5")), "it was the default route's");
        assert_eq!(choose(&with_vpn, vpn, Some(ip("10.9.9.9"))), Some(ip("192.168.1.20")), "that one is gone");
        assert_eq!(choose(&with_vpn, vpn, vpn), Some(ip("192.168.1.20")), "a VPN's address is no reason to stay there");
        let route = Some(ip("192.168.1.20"));
        assert_eq!(choose(&with_vpn, route, Some(ip("10.0.0.5"))), route, "a default route that is good decides");
    }

    #[test]
    fn this_machines_own_interfaces_can_be_read() {
        let found = address(None).unwrap();
        assert!(found.is_none_or(|address| !address.is_loopback() && !address.is_unspecified()), "{found:?}");
        assert!(network_card(Ipv4Addr::LOCALHOST.into()).is_some(), "every machine has that one");
        assert_eq!(network_card(ip("203.0.113.9").into()), None, "it is on no network of this machine");
    }
}
