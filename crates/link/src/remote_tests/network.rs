//! Offices on a network, by real mDNS between two network namespaces. Where this machine does not
//! allow making them (that needs root on Linux), it says so and tests nothing.

use std::fs::File;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsFd;
use std::process::Command;
use std::thread;

use mdns_sd::{IfKind, ServiceDaemon, ServiceInfo};
use rappel_core::person::Locale;
use rappel_hub::announcement::SERVICE;
use rustix::thread::{LinkNameSpaceType, move_into_link_name_space};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::PATIENCE;
use super::impostor::Impostor;
use crate::local::NewOffice;
use crate::{Discovery, FoundOffice, Link, LocalHub, RemoteHub, Request, discover};

const HUB: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
const HUB_LATER: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 3);
const DESKTOP: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);

/// Two machines and the cable between them.
struct Network {
    hub: String,
    desktop: String,
}

impl Network {
    fn lay() -> Option<Self> {
        let names = ["hub", "desk"].map(|end| format!("rappel-{}-{end}", std::process::id()));
        let [hub, desktop] = names.clone();
        let network = Self { hub, desktop };
        let devices = names.clone().map(|name| name.replace("rappel-", "r"));
        let mut steps: Vec<String> = names.iter().map(|name| format!("netns add {name}")).collect();
        let [(a, one), (b, other)] = [(&names[0], &devices[0]), (&names[1], &devices[1])];
        steps.push(format!("link add {one} netns {a} type veth peer name {other} netns {b}"));
        for (name, device, addresses) in [(a, one, &[HUB, HUB_LATER][..]), (b, other, &[DESKTOP][..])] {
            steps.extend(addresses.iter().map(|address| format!("-n {name} addr add {address}/24 dev {device}")));
            steps.extend([format!("-n {name} link set lo up"), format!("-n {name} link set {device} up")]);
        }
        // What was made before a step failed is taken away when the network is dropped.
        steps.iter().all(|step| ip(step)).then_some(network)
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for name in [&self.hub, &self.desktop] {
            ip(&format!("netns del {name}"));
        }
    }
}

fn ip(arguments: &str) -> bool {
    let ran = Command::new("ip").args(arguments.split(' ')).output();
    ran.is_ok_and(|ran| ran.status.success())
}

/// Runs something on one of the two machines: all threads that it starts are there too.
fn on<T: Send + 'static>(machine: &str, what: impl AsyncFnOnce() -> T + Send + 'static) -> thread::JoinHandle<T> {
    let machine = File::open(format!("/run/netns/{machine}")).expect("a machine");
    thread::spawn(move || {
        move_into_link_name_space(machine.as_fd(), Some(LinkNameSpaceType::Network)).expect("it is entered");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(what())
    })
}

/// What the hub's machine is to do next.
enum Order {
    /// Serve there, and no longer where it served before; the answer is its port.
    Serve(Ipv4Addr, oneshot::Sender<u16>),
    /// Invite somebody; the answer is the short code.
    Invite(oneshot::Sender<String>),
    /// Let somebody else say that he is the hub; the answer is where, and how often he was called
    /// and what he was told since.
    Lie(uuid::Uuid, oneshot::Sender<(SocketAddr, Impostor)>),
}

async fn hub_machine(folder: std::path::PathBuf, mut orders: mpsc::Receiver<Order>) {
    let new = NewOffice { name: "Camille".into(), locale: Locale::En, time_zone: "Europe/Paris".into() };
    let hub = LocalHub::create(folder, new, "here").await.expect("an office");
    let (tasks, mut serving, mut liar, mut at) = (TaskTracker::new(), CancellationToken::new(), None, None);
    while let Some(order) = orders.recv().await {
        match order {
            Order::Serve(address, port) => {
                serving.cancel();
                tasks.close();
                tasks.wait().await;
                tasks.reopen();
                serving = CancellationToken::new();
                let listener = TcpListener::bind((address, 0)).await.expect("a port");
                at = listener.local_addr().ok();
                let (hub, stop) = (hub.clone(), serving.clone());
                tasks.spawn(async move { hub.serve(listener, stop).await.expect("it serves") });
                port.send(at.expect("an address").port()).expect("asked");
            }
            Order::Invite(code) => {
                let path = format!("/api/people/{}/invitations", json!(hub.person()).as_str().expect("an id"));
                let invited = Link::Local(hub.clone()).call(Request::post(path, None)).await.expect("an answer");
                code.send(invited.body["code"].as_str().expect("a code").to_owned()).expect("asked");
            }
            Order::Lie(id, told) => {
                let impostor = Impostor::at(SocketAddr::from((HUB, 0)), at.expect("it serves")).await;
                let daemon = ServiceDaemon::new().expect("mDNS");
                daemon.disable_interface(vec![IfKind::LoopbackV4, IfKind::LoopbackV6]).expect("told");
                let (id, pin) = (id.to_string(), rappel_hub::Pin::from_bytes([7; 32]).to_string());
                let says = [("v", "1"), ("id", &id), ("name", "Our office"), ("pin", &pin)];
                let port = impostor.address.port();
                let lie = ServiceInfo::new(SERVICE, "liar", "liar.local.", HUB.to_string().as_str(), port, &says[..]);
                daemon.register(lie.expect("a lie")).expect("told");
                liar = Some(daemon);
                assert!(told.send((impostor.address, impostor)).is_ok(), "asked");
            }
        }
    }
    hub.shutdown().await;
    if let Some(liar) = liar {
        liar.shutdown().expect("told");
    }
}

async fn ask<T>(orders: &mpsc::Sender<Order>, order: impl FnOnce(oneshot::Sender<T>) -> Order) -> T {
    let (answer, answered) = oneshot::channel();
    orders.send(order(answer)).await.expect("it listens");
    answered.await.expect("an answer")
}

/// Waits until the offices on the network are as wanted.
async fn until(discovery: &mut Discovery, wanted: impl Fn(&[FoundOffice]) -> bool) -> Vec<FoundOffice> {
    let waited = tokio::time::timeout(PATIENCE, async {
        while !wanted(&discovery.offices()) {
            discovery.changed().await;
        }
    });
    assert!(waited.await.is_ok(), "these are there: {:?}", discovery.offices());
    discovery.offices()
}

async fn desktop_machine(file: std::path::PathBuf, orders: mpsc::Sender<Order>) {
    let mut discovery = discover().expect("mDNS");
    assert_eq!(discovery.offices(), []);
    let port = ask(&orders, |port| Order::Serve(HUB, port)).await;
    let found = until(&mut discovery, |offices| !offices.is_empty()).await;
    assert_eq!(found.len(), 1);
    let office = &found[0];
    assert_eq!((office.name.as_str(), &office.addresses), ("Our office", &vec![format!("{HUB}:{port}")]));

    let code = ask(&orders, Order::Invite).await;
    let hub = RemoteHub::join_by_code(&office.addresses[0], &code, "Laptop", file).await.expect("joined");
    assert_eq!((hub.hub_id(), Some(hub.pin())), (office.id, office.pin));

    // It is found by the name that it has now.
    let body = Some(json!({ "name": "Dupont & Fils" }));
    let renamed = Request { method: "PATCH".into(), body, ..Request::get("/api/office") };
    assert_eq!(Link::Remote(hub.clone()).call(renamed).await.expect("an answer").status, 200);
    until(&mut discovery, |offices| offices.iter().any(|office| office.name == "Dupont & Fils")).await;

    // Somebody else says that he is the hub, and the hub goes elsewhere.
    let (his, impostor) = ask(&orders, |told| Order::Lie(office.id, told)).await;
    until(&mut discovery, |offices| offices.iter().any(|office| office.addresses.contains(&his.to_string()))).await;
    let port = ask(&orders, |port| Order::Serve(HUB_LATER, port)).await;
    let moved = format!("{HUB_LATER}:{port}");
    until(&mut discovery, |offices| offices.iter().any(|office| office.addresses.contains(&moved))).await;
    let called = tokio::time::timeout(PATIENCE, async {
        // He may be found first, and alone.
        loop {
            match Link::Remote(hub.clone()).call(Request::get("/api/me")).await {
                Ok(answer) => break answer,
                Err(error) => assert!(matches!(error, crate::LinkError::WrongKey | crate::LinkError::Unreachable(_))),
            }
        }
    });
    assert_eq!(called.await.expect("it is found").status, 200);
    assert_eq!(hub.address(), moved);
    assert_eq!(impostor.heard(), "", "he was told nothing");

    drop(orders);
    until(&mut discovery, |offices| !offices.iter().any(|office| office.addresses.contains(&moved))).await;
}

#[test]
fn an_office_is_found_by_its_name_followed_when_it_moves_and_gone_when_it_ends() {
    let Some(network) = Network::lay() else {
        eprintln!("SKIPPED: this machine does not allow making network namespaces, so mDNS is not tested");
        return;
    };
    let folder = tempfile::tempdir().expect("a folder");
    let (office, file) = (folder.path().join("office"), folder.path().join("joined.json"));
    let (orders, ordered) = mpsc::channel(1);
    let hub = on(&network.hub, async move || hub_machine(office, ordered).await);
    let desktop = on(&network.desktop, async move || desktop_machine(file, orders).await);
    desktop.join().expect("the desktop's end");
    hub.join().expect("the hub's end");
}
