//! Copies of all data: who brings too much, or names what is no copy.

use serde_json::json;

use crate::harness::Office;

/// A length alone costs nothing: it is refused before anything is read.
#[test]
fn what_is_announced_as_too_large_is_not_read() {
    let (office, admin) = Office::open();
    let mut raw = admin.connect();
    raw.send(format!(
        "POST /api/copies/uploads HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
        admin.host(),
        admin.token,
        1_u64 << 31
    ));
    let answer = raw.rest();
    assert!(answer.starts_with("HTTP/1.1 413 "), "{answer}");
    assert!(answer.contains("copy_too_large"), "{answer}");
    assert!(!office.data_dir().join("backups").exists(), "nothing was written down");
}

/// Nothing of what strangers and members bring is read or written down.
#[test]
fn whoever_may_not_bring_a_copy_writes_nothing_on_the_disk() {
    let (office, admin) = Office::open();
    let member = admin.add("Ann");
    for (token, status) in [(member.token.as_str(), 403), ("wrong", 401)] {
        let mut raw = admin.connect();
        raw.send(format!(
            "POST /api/copies/uploads HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {token}\r\n\
             Transfer-Encoding: chunked\r\n\r\n",
            admin.host(),
        ));
        let answer = raw.rest();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "before its body has come: {answer}");
    }
    assert!(!office.data_dir().join("backups").exists());
}

/// Only what is listed can be asked for, whatever a name looks like.
#[test]
fn no_name_leads_out_of_the_folder() {
    let (office, admin) = Office::open();
    let copy = admin.post("/api/copies", &json!({})).expect(201);
    let name = copy["name"].as_str().unwrap();
    std::os::unix::fs::symlink(
        office.data_dir().join("rappel.db"),
        office.data_dir().join("backups/daily-2026-11-23T11-30-00.000Z.db"),
    )
    .unwrap();
    for name in [
        "..%2Frappel.db",
        "..%2f..%2flog",
        "%2e%2e%2frappel.db",
        "..%5Crappel.db",
        ".",
        "%2e%2e",
        "%2Fetc%2Fpasswd",
        "lock",
        "daily-2026-11-23T11-30-00.000Z.db",
        &format!("..%2Fbackups%2F{name}"),
        &format!("{name}%00"),
        "%ff",
    ] {
        for call in [("GET", "/file"), ("GET", ""), ("POST", "/restore")] {
            let answer = admin.request(call.0, &format!("/api/copies/{name}{}", call.1)).send();
            assert!(matches!(answer.status, 404 | 405), "{name}: {}", answer.status);
        }
    }
    assert_eq!(office.status()["epoch"], 1);
}

/// A page of another site, with the cookie of an admin who looks at it.
#[test]
fn no_other_page_makes_or_restores_a_copy() {
    let (_office, admin) = Office::open();
    for path in ["/api/copies", "/api/copies/uploads", "/api/copies/x/restore"] {
        let request = admin.request("POST", path).header("origin", "https://evil.example");
        assert_eq!(request.untyped("x").send().refusal(403), "origin_refused", "{path}");
    }
}
