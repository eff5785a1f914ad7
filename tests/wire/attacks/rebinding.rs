//! Names that somebody else gave to the hub's address, and ways to write a host that two readers
//! could read differently.

use crate::harness::{Client, Office};

/// What only the hub may be called, spelt so that it is not that.
fn foreign(client: &Client) -> Vec<String> {
    let host = client.host();
    let port = host.rsplit(':').next().unwrap().to_owned();
    let names = [
        "evil.example",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "127.0.0.1.",
        "localhost.",
        "evil-localhost",
        "rappel.localhost",
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "127.1",
        "127.0.0.01",
        "0",
        "0.0.0.0",
        "203.0.113.7",
        "[::]",
        "[fe80::1%25lo]",
        "[localhost]",
        "user@127.0.0.1",
        "127.0.0.1@evil.example",
        "ｌocalhost",
        "*",
        "..",
    ];
    let mut all: Vec<String> = names.iter().map(|name| format!("{name}:{port}")).collect();
    all.extend([
        String::new(),
        " ".to_owned(),
        "127.0.0.1".to_owned(),
        "127.0.0.1:".to_owned(),
        "localhost:80".to_owned(),
        format!("127.0.0.1:0{port}0"),
        format!("127.0.0.1:{port},evil.example"),
        format!("{host} evil.example"),
        format!("{host}/"),
        format!("{host}#evil.example"),
        format!("http://{host}"),
        format!("[{host}]"),
    ]);
    all
}

/// The status with which a raw request is answered; its connection is closed by the hub.
#[track_caller]
fn status(client: &Client, head: &str) -> u16 {
    let statuses = client.connect().send(format!("{head}Connection: close\r\n\r\n")).statuses();
    assert_eq!(statuses.len(), 1, "{head}: {statuses:?}");
    statuses[0]
}

#[test]
fn a_name_that_is_not_the_hubs_gets_nothing_not_even_the_page() {
    let (_office, admin) = Office::open();
    for host in foreign(&admin) {
        for path in ["/", "/join", "/assets/none.js", "/api/health", "/api/me"] {
            let head = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\n", admin.token);
            let refused = status(&admin, &head);
            assert!([421, 400].contains(&refused), "{path} at {host:?}: {refused}");
        }
        let upgrade = format!(
            "GET /ws/notifications/ HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {}\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n",
            admin.token
        );
        let refused = status(&admin, &upgrade);
        assert!([421, 400].contains(&refused), "WebSocket at {host:?}: {refused}");
    }
}

#[test]
fn the_hubs_own_names_are_read_however_they_are_written() {
    let (_office, admin) = Office::open();
    let host = admin.host();
    let port = host.rsplit(':').next().unwrap();
    for own in ["127.0.0.1", "localhost", "LocalHost", "[::1]", "[0:0:0:0:0:0:0:1]", "[::ffff:127.0.0.1]"] {
        assert_eq!(status(&admin, &format!("GET /api/health HTTP/1.1\r\nHost: {own}:{port}\r\n")), 200, "{own}");
    }
}

#[test]
fn who_names_two_hosts_is_refused() {
    let (_office, admin) = Office::open();
    let host = admin.host();
    for head in [
        format!("GET / HTTP/1.1\r\nHost: {host}\r\nHost: evil.example\r\n"),
        format!("GET / HTTP/1.1\r\nHost: evil.example\r\nHost: {host}\r\n"),
        format!("GET / HTTP/1.1\r\nHost: {host}\r\nHost: {host}\r\n"),
        format!("GET http://evil.example/ HTTP/1.1\r\nHost: {host}\r\n"),
        format!("GET http://{host}/ HTTP/1.1\r\nHost: evil.example\r\n"),
        format!("GET http://user@{host}/ HTTP/1.1\r\nHost: {host}\r\n"),
        format!("GET http://localhost:{}/ HTTP/1.1\r\nHost: {host}\r\n", host.rsplit(':').next().unwrap()),
        "GET / HTTP/1.1\r\n".to_owned(),
        "GET http://evil.example/ HTTP/1.1\r\n".to_owned(),
        "GET / HTTP/1.0\r\n".to_owned(),
        format!("GET / HTTP/1.1\r\nX-Forwarded-Host: {host}\r\n"),
        format!("GET / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: {host}\r\nForwarded: host={host}\r\n"),
    ] {
        let refused = status(&admin, &head);
        assert!([421, 400].contains(&refused), "{head}: {refused}");
    }
    assert_eq!(status(&admin, &format!("GET http://{host}/api/health HTTP/1.1\r\nHost: {host}\r\n")), 200, "once");
}

#[test]
fn a_page_under_a_name_of_its_own_is_no_page_of_the_hub() {
    let (_office, admin) = Office::open();
    let port = admin.host().rsplit(':').next().unwrap().to_owned();
    for name in ["evil.example", "localhost.evil.example"] {
        let head = format!(
            "POST /api/notifications/mark-all-read HTTP/1.1\r\nHost: {name}:{port}\r\nOrigin: http://{name}:{port}\r\n\
             Authorization: Bearer {}\r\nContent-Length: 0\r\n",
            admin.token
        );
        assert_eq!(status(&admin, &head), 421, "its origin is its host, and both are foreign");
    }
}
