//! More connections than there are places, and those who take one and say nothing.

use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;

use crate::harness::{Client, Office, PATIENCE};

/// A connection on which nothing has been said.
fn connect(client: &Client) -> TcpStream {
    let stream = TcpStream::connect(client.own_origin().trim_start_matches("http://")).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// All that still comes before the hub hangs up.
#[track_caller]
fn rest_of(mut stream: TcpStream) -> String {
    let mut rest = Vec::new();
    match stream.read_to_end(&mut rest) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("the hub did not hang up: {error}"),
        _ => String::from_utf8(rest).unwrap(),
    }
}

#[test]
fn one_address_has_only_so_many_places_and_gets_them_back() {
    let (_office, admin) = Office::new().with(&["--max-connections-per-address", "3"]).opened();
    let session = admin.session();
    let others = [connect(&admin), connect(&admin)];
    let refused = rest_of(connect(&admin));
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(refused.contains("\"code\":\"too_many_connections\""), "{refused}");
    drop(others);
    session.close();
    // What was closed is noticed in its own time.
    while !matches!(admin.request("GET", "/api/me").try_send(), Ok(answer) if answer.status == 200) {}
}

#[test]
fn all_places_taken_is_said_to_whoever_comes() {
    let (_office, admin) = Office::new().with(&["--max-connections", "2"]).opened();
    let _sessions = [admin.session(), admin.session()];
    assert!(rest_of(connect(&admin)).starts_with("HTTP/1.1 503 "));
}

#[test]
fn who_signed_in_stays_however_many_strangers_come() {
    let (_office, admin) = Office::open();
    let mut session = admin.session();
    let strangers: Vec<TcpStream> = (0..18).map(|_| connect(&admin)).collect();
    for stranger in strangers {
        assert_eq!(rest_of(stranger), "", "who says nothing is let go");
    }
    let ann = admin.add("Ann");
    assert_eq!(ann.get("/api/me").status, 200);
    session.send(&serde_json::json!({ "type": "mark_all_read" }));
    session.close();
}

#[test]
fn headers_that_do_not_end_are_not_waited_for() {
    let (_office, admin) = Office::open();
    let mut stream = connect(&admin);
    stream.write_all(b"GET /api/health HTTP/1.1\r\nHost: 127.0.0.1").unwrap();
    assert_eq!(rest_of(stream), "");
    // Nor on a connection that has been of use.
    let mut stream = connect(&admin);
    let host = admin.own_origin().trim_start_matches("http://").to_owned();
    stream.write_all(format!("GET /api/health HTTP/1.1\r\nHost: {host}\r\n\r\n").as_bytes()).unwrap();
    assert!(stream.read(&mut [0; 4096]).unwrap() > 0, "the answer");
    stream.write_all(b"GET /api/he").unwrap();
    assert_eq!(rest_of(stream), "");
}
