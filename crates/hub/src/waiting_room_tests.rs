use super::*;

fn at(minute: i64, second: i64) -> Timestamp {
    Timestamp::clamped_from_ms((minute * 60 + second) * 1000)
}

fn wish(name: &str, is_invited: bool) -> Wish {
    Wish { name: name.to_owned(), device_name: "Firefox".to_owned(), person: None, is_invited, key: None }
}

fn host(n: u8) -> Option<IpAddr> {
    Some(IpAddr::from([192, 168, 1, n]))
}

fn names(room: &WaitingRoom, now: Timestamp) -> Vec<String> {
    room.waiting(now).into_iter().map(|entry| entry.wish.name).collect()
}

#[test]
fn who_is_let_in_learns_it_once() {
    let (room, ann) = (WaitingRoom::default(), PersonId::from_bytes([1; 16]));
    let asked = room.ask(wish("Ann", true), host(1), None, at(0, 0)).unwrap();
    assert_eq!(room.outcome(&asked.id, &asked.secret, None, at(0, 1)), Some(Outcome::Waiting));
    assert_eq!(room.outcome(&asked.id, "another", None, at(0, 1)), None, "only whoever asked");
    assert!(room.decide(&asked.id, at(0, 2)).is_some());
    assert_eq!(room.decide(&asked.id, at(0, 2)), None, "somebody else is deciding");
    assert_eq!(
        room.outcome(&asked.id, &asked.secret, None, at(0, 2)),
        Some(Outcome::Waiting),
        "nothing is decided yet"
    );
    room.decided(&asked.id, Some(ann), at(0, 3));
    assert_eq!(names(&room, at(0, 3)), [""; 0]);
    let accepted = Outcome::Accepted(ann, "Firefox".to_owned(), None);
    assert_eq!(room.outcome(&asked.id, &asked.secret, None, at(0, 4)), Some(accepted));
    assert_eq!(room.outcome(&asked.id, &asked.secret, None, at(0, 5)), None, "once");
}

#[test]
fn who_is_not_let_in_learns_that_too() {
    let room = WaitingRoom::default();
    let asked = room.ask(wish("Ann", true), host(1), None, at(0, 0)).unwrap();
    room.decide(&asked.id, at(0, 1)).unwrap();
    room.decided(&asked.id, None, at(0, 1));
    assert_eq!(room.outcome(&asked.id, &asked.secret, None, at(0, 2)), Some(Outcome::Declined));
    assert_eq!(room.decide(&asked.id, at(0, 2)), None, "it is decided");
}

#[test]
fn a_decision_that_failed_leaves_them_waiting() {
    let room = WaitingRoom::default();
    let asked = room.ask(wish("Ann", true), host(1), None, at(0, 0)).unwrap();
    room.decide(&asked.id, at(0, 1)).unwrap();
    room.undecided(&asked.id, at(0, 2));
    assert_eq!(names(&room, at(0, 2)), ["Ann"]);
}

#[test]
fn nobody_waits_longer_than_ten_minutes() {
    let room = WaitingRoom::default();
    let asked = room.ask(wish("Ann", true), host(1), None, at(0, 0)).unwrap();
    assert_eq!(asked.expires_at, at(10, 0));
    assert_eq!(names(&room, at(9, 59)), ["Ann"]);
    assert_eq!(names(&room, at(10, 0)), [""; 0]);
    assert_eq!(room.decide(&asked.id, at(10, 0)), None);
    assert_eq!(room.outcome(&asked.id, &asked.secret, None, at(10, 0)), Some(Outcome::Expired));
    assert_eq!(room.outcome(&asked.id, &asked.secret, None, at(20, 0)), None, "forgotten in the end");
}

#[test]
fn a_browser_that_asks_again_takes_its_own_place() {
    let room = WaitingRoom::default();
    let first = room.ask(wish("Anm", false), host(1), None, at(0, 0)).unwrap();
    let foreign = Some((first.id.as_str(), "another"));
    room.ask(wish("Eve", false), host(1), foreign, at(0, 1)).unwrap();
    assert_eq!(names(&room, at(0, 1)), ["Anm", "Eve"], "nobody takes another's place");
    let own = Some((first.id.as_str(), first.secret.as_str()));
    room.ask(wish("Ann", false), host(1), own, at(0, 2)).unwrap();
    assert_eq!(names(&room, at(0, 2)), ["Eve", "Ann"]);
    assert_eq!(room.outcome(&first.id, &first.secret, None, at(0, 3)), None);
}

#[test]
fn one_address_has_three_places_and_ten_tries() {
    let room = WaitingRoom::default();
    let asked: Vec<Asked> = (0..3).map(|_| room.ask(wish("Ann", true), host(1), None, at(0, 0)).unwrap()).collect();
    assert!(room.ask(wish("Ann", true), host(1), None, at(0, 0)).is_err(), "all places of this address are taken");
    assert!(room.ask(wish("Bob", false), host(2), None, at(0, 0)).is_ok(), "others have theirs");
    for asked in asked {
        room.decide(&asked.id, at(0, 1)).unwrap();
        room.decided(&asked.id, None, at(0, 1));
    }
    for _ in 3..10 {
        let asked = room.ask(wish("Ann", true), host(1), None, at(0, 2)).unwrap();
        room.decide(&asked.id, at(0, 2)).unwrap();
        room.decided(&asked.id, None, at(0, 2));
    }
    assert!(room.ask(wish("Ann", true), host(1), None, at(0, 3)).is_err(), "declined ten times");
    assert!(room.ask(wish("Ann", true), host(1), None, at(20, 3)).is_ok(), "forgiven in the end");
}

#[test]
fn strangers_make_room_for_whoever_was_invited() {
    let room = WaitingRoom::default();
    for n in 0..20 {
        room.ask(wish(&format!("Stranger {n}"), false), host(n), None, at(0, 0)).unwrap();
    }
    assert_eq!(room.ask(wish("Eve", false), host(99), None, at(0, 1)).unwrap_err(), Full(60));
    room.ask(wish("Ann", true), host(99), None, at(0, 1)).unwrap();
    let waiting = names(&room, at(0, 1));
    assert_eq!((waiting.len(), waiting.contains(&"Stranger 0".to_owned())), (20, false), "the oldest stranger went");
}

/// A clock that a test sets.
struct SetClock(Mutex<Timestamp>);

impl crate::Clock for SetClock {
    fn now(&self) -> Timestamp {
        *self.0.lock().unwrap()
    }

    fn since_boot(&self) -> std::time::Duration {
        std::time::Duration::from_millis(u64::try_from(self.now().as_ms()).unwrap())
    }
}

async fn call(hub: &Hub, path: &str, body: &serde_json::Value) -> (u16, serde_json::Value) {
    use tower::ServiceExt;
    let request = axum::http::Request::post(path)
        .header("content-type", "application/json")
        .body(axum::body::Body::from(body.to_string()))
        .unwrap();
    let answer = hub.router().oneshot(request).await.unwrap();
    let status = answer.status().as_u16();
    let bytes = axum::body::to_bytes(answer.into_body(), usize::MAX).await.unwrap();
    (status, serde_json::from_slice(&bytes).unwrap_or_default())
}

#[tokio::test]
async fn whoever_nobody_answers_is_told_after_ten_minutes() {
    use serde_json::json;
    let dir = tempfile::tempdir().unwrap();
    let clock = std::sync::Arc::new(SetClock(Mutex::new(Timestamp::clamped_from_ms(1_795_420_800_000))));
    let config = crate::HubConfig { data_dir: dir.path().join("data"), ..crate::HubConfig::default() };
    let hub = Hub::open_with_clock(config, clock.clone()).await.unwrap();
    let wish = json!({ "name": "Paul", "device_name": "Firefox" });
    let (code, asked) = call(&hub, "/api/join-requests", &wish).await;
    assert_eq!(code, 201, "{asked}");
    let path = format!("/api/join-requests/{}/status", asked["id"].as_str().unwrap());
    let own = json!({ "secret": asked["secret"] });
    assert_eq!(call(&hub, &path, &own).await, (200, json!({ "state": "waiting" })));
    assert_eq!(hub.join_requests().await.unwrap().len(), 1);
    {
        let mut now = clock.0.lock().unwrap();
        *now = *now + WAITS_FOR;
    }
    assert_eq!(call(&hub, &path, &own).await, (200, json!({ "state": "expired" })));
    assert_eq!(hub.join_requests().await.unwrap(), []);
    assert_eq!(call(&hub, "/api/join-requests", &wish).await.0, 201, "one may ask again");
    hub.shutdown().await;
}
