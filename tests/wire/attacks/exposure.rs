//! Who can reach the hub at all.

use std::net::{Ipv4Addr, SocketAddr, TcpStream};

use crate::harness::Office;

#[test]
fn a_hub_on_one_address_is_not_reached_at_another() {
    let (_office, admin) = Office::open();
    let port = admin.host().rsplit(':').next().unwrap().parse().unwrap();
    let elsewhere = SocketAddr::from((Ipv4Addr::new(127, 0, 0, 2), port));
    assert!(TcpStream::connect(elsewhere).is_err(), "it listens on 127.0.0.1 alone");
    admin.get("/api/me").expect(200);
}

#[test]
fn without_being_told_it_listens_on_this_machine_only() {
    let office = Office::new();
    let help = office.run(&["serve", "--help"]);
    assert!(help.out().contains("[default: 127.0.0.1:7710]"), "{}", help.out());
}
