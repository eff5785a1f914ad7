//! The hub on the office's network: reached there and on its own machine, on no other network of it,
//! and wherever the address moves.
//!
//! The networks are the test's own: cables whose two ends are in one network namespace. A connection
//! from there to the address of a card is taken by whatever listens at that address.

use std::net::{Ipv4Addr, SocketAddr};

use rappel_hub::{Hub, HubConfig, Lan};
use tokio::io::AsyncWriteExt;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::harness::PATIENCE;
use crate::harness::network::{inside, run};

const LOOPBACK: Ipv4Addr = Ipv4Addr::LOCALHOST;
const OFFICE: Ipv4Addr = Ipv4Addr::new(192, 168, 7, 20);
const MOVED: Ipv4Addr = Ipv4Addr::new(192, 168, 7, 31);
const DOCKER: Ipv4Addr = Ipv4Addr::new(172, 17, 0, 1);
const VPN: Ipv4Addr = Ipv4Addr::new(10, 8, 0, 6);
const GUESTS: Ipv4Addr = Ipv4Addr::new(10, 66, 0, 2);

/// Runs `ip` with each of these words.
fn ip(commands: &[&str]) {
    for words in commands {
        run(&format!("ip {words}"));
    }
}

/// A network card with this address, and a cable in it.
fn plug_in(card: &str, address: &str) {
    ip(&[
        &format!("link add {card} type veth peer name {card}-far"),
        &format!("address add {address} dev {card}"),
        &format!("link set {card} up"),
        &format!("link set {card}-far up"),
    ]);
}

/// Where somebody answers at this port, of these addresses, which the machine must have.
async fn answering(port: u16, addresses: &[Ipv4Addr]) -> Vec<Ipv4Addr> {
    let mut answering = Vec::new();
    for address in addresses {
        if TcpStream::connect((*address, port)).await.is_ok() {
            answering.push(*address);
        }
    }
    answering
}

async fn wait_for(lan: &mut watch::Receiver<Lan>, wanted: &Lan) {
    let is_there = lan.wait_for(|lan| lan == wanted);
    let come = tokio::time::timeout(PATIENCE, is_there).await.is_ok_and(|lan| lan.is_ok());
    assert!(come, "{wanted:?} is not told, but {:?}", lan.borrow());
}

#[tokio::test]
async fn a_shared_hub_is_on_the_offices_network_and_on_no_other_and_follows_it() {
    if !inside("sharing::a_shared_hub_is_on_the_offices_network_and_on_no_other_and_follows_it") {
        return;
    }
    ip(&["link set lo up"]);
    for (card, address) in [("docker0", "172.17.0.1/16"), ("eth1", "10.66.0.2/24"), ("eth0", "192.168.7.20/24")] {
        plug_in(card, address);
    }
    ip(&["route add default via 192.168.7.1 dev eth0 metric 100"]);
    let folder = tempfile::tempdir().unwrap();
    let hub = Hub::open(HubConfig { data_dir: folder.path().join("office"), ..HubConfig::default() }).await.unwrap();
    let own = TcpListener::bind((LOOPBACK, 0)).await.unwrap();
    let port = own.local_addr().unwrap().port();
    let (tasks, stop) = (TaskTracker::new(), CancellationToken::new());
    tasks.spawn(hub.serve_until(own, stop.clone().cancelled_owned()));
    assert_eq!(hub.base_url(), format!("http://127.0.0.1:{port}"));

    let told = watch::Sender::new(Lan::Unshared);
    let mut lan = told.subscribe();
    let (sharing, until) = (hub.clone(), stop.clone());
    tasks.spawn(async move { sharing.serve_lan(port, &told, until).await });
    let is_at = |address: Ipv4Addr| Lan::At(SocketAddr::from((address, port)));
    wait_for(&mut lan, &is_at(OFFICE)).await;
    assert_eq!(hub.base_url(), format!("http://{OFFICE}:{port}"), "links are for colleagues");
    assert_eq!(
        answering(port, &[LOOPBACK, OFFICE, DOCKER, GUESTS]).await,
        [LOOPBACK, OFFICE],
        "neither guests nor containers"
    );

    // Whoever is not done yet holds nothing up.
    let mut slow = TcpStream::connect((OFFICE, port)).await.unwrap();
    slow.write_all(b"GET /api/health HTTP/1.1\r\n").await.unwrap();

    // A VPN takes all the traffic, and the DHCP server has another address for this machine.
    plug_in("tun0", "10.8.0.6/24");
    ip(&[
        "route add default dev tun0 metric 1",
        "address delete 10.66.0.2/24 dev eth1",
        "address delete 192.168.7.20/24 dev eth0",
        "address add 192.168.7.31/24 dev eth0",
    ]);
    wait_for(&mut lan, &is_at(MOVED)).await;
    assert_eq!(hub.base_url(), format!("http://{MOVED}:{port}"));
    assert_eq!(answering(port, &[LOOPBACK, MOVED, DOCKER, VPN]).await, [LOOPBACK, MOVED], "not by way of the VPN");

    // The cable is pulled; then it is back.
    ip(&["link set eth0-far down"]);
    wait_for(&mut lan, &Lan::NoNetwork).await;
    assert_eq!(hub.base_url(), format!("http://127.0.0.1:{port}"));
    assert_eq!(answering(port, &[LOOPBACK, DOCKER, VPN]).await, [LOOPBACK]);
    ip(&["link set eth0-far up"]);
    wait_for(&mut lan, &is_at(MOVED)).await;
    assert_eq!(answering(port, &[LOOPBACK, MOVED, DOCKER, VPN]).await, [LOOPBACK, MOVED]);

    stop.cancel();
    tasks.close();
    tasks.wait().await;
    assert_eq!(answering(port, &[LOOPBACK, MOVED, DOCKER, VPN]).await, [LOOPBACK; 0]);
    hub.shutdown().await;
}
