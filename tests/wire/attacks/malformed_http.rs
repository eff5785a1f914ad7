//! Requests that are none, or two at once, or larger than anything: refused or cut off, never a 500,
//! and the hub lives.

use crate::harness::{Client, Office};

/// Sends bytes as they are. They must be refused (4xx), or the connection closed without an answer;
/// and afterwards the hub must serve others. With how the attack was answered.
#[track_caller]
fn attack(admin: &Client, what: &str, bytes: impl AsRef<[u8]>) -> Vec<u16> {
    let statuses = admin.connect().send(bytes).statuses();
    assert!(statuses.iter().all(|status| (400..500).contains(status)), "{what}: {statuses:?}");
    assert!(statuses.len() <= 1, "{what}: it was taken for several requests: {statuses:?}");
    admin.get("/api/me").expect(200);
    statuses
}

/// A request that changes something, with further headers and a body as it stands.
fn post(admin: &Client, headers: &str, body: &str) -> String {
    format!(
        "POST /api/events HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         {headers}\r\n{body}",
        admin.host(),
        admin.token
    )
}

#[test]
fn a_body_whose_length_is_said_twice_is_not_two_requests() {
    let (_office, admin) = Office::open();
    let hidden = format!("DELETE /api/people/{} HTTP/1.1\r\nHost: {}\r\n\r\n", admin.id, admin.host());
    let chunked = format!("0\r\n\r\n{hidden}");
    for headers in [
        format!("Content-Length: {}\r\nContent-Length: 0\r\n", hidden.len()),
        format!("Content-Length: 0, {}\r\n", hidden.len()),
        "Content-Length: -1\r\n".to_owned(),
        "Content-Length: +5\r\n".to_owned(),
        "Content-Length: 0x10\r\n".to_owned(),
        "Content-Length: 99999999999999999999\r\n".to_owned(),
        "Content-Length: \r\n".to_owned(),
        "Content-Length : 5\r\n".to_owned(),
        "Transfer-Encoding: chunked, identity\r\n".to_owned(),
        "Transfer-Encoding: xchunked\r\n".to_owned(),
        "Transfer-Encoding: gzip\r\n".to_owned(),
        "Transfer-Encoding : chunked\r\n".to_owned(),
        " Transfer-Encoding: chunked\r\n".to_owned(),
        "Transfer-Encoding:\x0bchunked\r\n".to_owned(),
    ] {
        for body in [&hidden, &chunked] {
            attack(&admin, &headers, post(&admin, &headers, body));
        }
    }
    // Here one length counts by the standard. Whoever took the other would leave half of it over.
    for headers in [
        format!("Content-Length: {}\r\nTransfer-Encoding: chunked\r\n", chunked.len()),
        format!("Transfer-Encoding: chunked\r\nContent-Length: {}\r\n", chunked.len()),
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n".to_owned(),
    ] {
        attack(&admin, &headers, post(&admin, &headers, &chunked));
    }
    assert_eq!(admin.get("/api/people").expect(200)["people"].as_array().unwrap().len(), 1);
}

#[test]
fn chunks_that_are_none_are_refused() {
    let (_office, admin) = Office::open();
    let long = format!("1;{}\r\n{{\r\n", "x".repeat(64 * 1024));
    for chunks in [
        "x\r\n{}\r\n0\r\n\r\n",
        "-2\r\n{}\r\n0\r\n\r\n",
        "0x2\r\n{}\r\n0\r\n\r\n",
        "ffffffffffffffffff\r\n{}\r\n0\r\n\r\n",
        "2\r\n{}0\r\n\r\n",
        "2\n{}\n0\n\n",
        "2 2\r\n{}\r\n0\r\n\r\n",
        "2;ext=\"\r\n{}\r\n0\r\n\r\n",
        "\r\n2\r\n{}\r\n0\r\n\r\n",
        &long,
    ] {
        attack(&admin, chunks, post(&admin, "Transfer-Encoding: chunked\r\nConnection: close\r\n", chunks));
    }
    let many: String = (0..70_000).map(|_| "1;e\r\n \r\n").collect();
    attack(&admin, "many chunks", post(&admin, "Transfer-Encoding: chunked\r\nConnection: close\r\n", &many));
}

#[test]
fn lines_and_headers_that_are_none_are_refused() {
    let (_office, admin) = Office::open();
    let host = admin.host();
    for bytes in [
        "\r\n".repeat(50_000),
        "\0\0\0\0".to_owned(),
        "GET\r\n\r\n".to_owned(),
        "GET /\r\n\r\n".to_owned(),
        format!("GET / HTTP/9.9\r\nHost: {host}\r\n\r\n"),
        format!("GET  /  HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        format!("GE\0T / HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        format!("GET /\0 HTTP/1.1\r\nHost: {host}\r\n\r\n"),
        format!("GET /api/me HTTP/1.1\r\nHost: {host}\r\nX: a\0b\r\n\r\n"),
        format!("GET /api/me HTTP/1.1\r\nHost: {host}\r\nX y: a\r\n\r\n"),
        format!("GET /api/me HTTP/1.1\r\nHost: {host}\r\n: a\r\n\r\n"),
        format!("GET /api/me HTTP/1.1\r\nHost: {host}\r\nX: a\r\n b\r\n\r\n"),
        format!("GET /api/me HTTP/1.1\rHost: {host}\r\r"),
        format!("CONNECT {host} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
        format!("TRACE /api/me HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"),
        "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_owned(),
        "\u{16}\u{3}\u{1}\u{2}\0\u{1}\0\u{1}\u{fc}\u{3}\u{3}".to_owned(),
        "SSH-2.0-OpenSSH_9.7\r\n\r\n".to_owned(),
    ] {
        attack(&admin, &format!("{bytes:.60?}"), &bytes);
    }
}

#[test]
fn more_than_there_is_room_for_is_refused() {
    let (_office, admin) = Office::open();
    let host = admin.host();
    let get = |path: &str, headers: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}\r\n")
    };
    for length in [64 * 1024, 1024 * 1024] {
        let long = "x".repeat(length);
        assert_ne!(attack(&admin, "a long header", get("/api/health", &format!("X: {long}\r\n"))), [200]);
        assert_ne!(attack(&admin, "a long name", get("/api/health", &format!("{long}: x\r\n"))), [200]);
        assert_ne!(attack(&admin, "a long path", get(&format!("/{long}"), "")), [200]);
        assert_ne!(attack(&admin, "a long query", get(&format!("/api/health?{long}"), "")), [200]);
        assert_ne!(attack(&admin, "a long method", format!("{long} / HTTP/1.1\r\n")), [200]);
    }
    let many: String = (0..10_000).map(|n| format!("X-{n}: x\r\n")).collect();
    attack(&admin, "many headers", get("/api/health", &many));
    let cookies = format!("Cookie: {}\r\n", "a=b; ".repeat(10_000));
    attack(&admin, "many cookies", get("/api/me", &cookies));
    // Whatever it says of its length, no more is read than there may be.
    let declared = post(&admin, "Content-Length: 10000000000\r\n", &" ".repeat(300 * 1024));
    // Whoever is still sending when the hub hangs up may not see the answer.
    let cut_off = [vec![413], vec![]];
    assert!(cut_off.contains(&attack(&admin, "a long body", declared)));
    let chunk = format!("{:x}\r\n{}\r\n", 300 * 1024, " ".repeat(300 * 1024));
    assert!(cut_off.contains(&attack(&admin, "a long chunk", post(&admin, "Transfer-Encoding: chunked\r\n", &chunk))));
}

#[test]
fn no_path_leads_out_of_the_page() {
    let (_office, admin) = Office::open();
    let host = admin.host();
    for path in [
        "/../../etc/passwd",
        "/..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/etc/passwd",
        "/assets/../../../../../etc/passwd",
        "/assets/..%2f..%2f..%2fetc/passwd",
        "/assets/%5c..%5c..%5cetc%5cpasswd",
        "/assets/....//....//etc/passwd",
        "//etc/passwd.txt",
        "/assets//etc/passwd.txt",
        "/%00.js",
        "/assets/index.js%00.html",
        "/rappel.db",
        "/lock.txt",
        "/.git/config.txt",
        "/file:///etc/passwd.txt",
        "/C:/Windows/win.ini",
    ] {
        let answer =
            admin.connect().send(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).rest();
        let status: u16 = answer.strip_prefix("HTTP/1.1 ").map_or(400, |rest| rest[..3].parse().unwrap());
        assert!(!answer.contains("root:") && !answer.contains("[fonts]"), "{path}: {answer}");
        let is_the_page = status == 200 && answer.contains("text/html");
        assert!((400..500).contains(&status) || is_the_page, "{path}: {answer:.200}");
    }
    for path in
        ["/api/events/..%2fpeople", "/api/../api/people", "/api/events/%2e%2e/people", "//api/people", "/API/people"]
    {
        let answer =
            admin.connect().send(format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n")).rest();
        assert!(!answer.contains("\"people\""), "{path}: {answer:.200}");
    }
}

#[test]
fn what_is_refused_leaves_no_trace_in_what_others_get() {
    let (_office, admin) = Office::open();
    let host = admin.host();
    // A refused request and a good one on the same connection: either the good one is answered as
    // itself, or the connection is gone.
    let pair = format!(
        "POST /api/events HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}\
         GET /api/health HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
    );
    assert_eq!(admin.connect().send(pair).statuses(), [401, 200]);
}
