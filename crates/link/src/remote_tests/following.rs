//! Sessions with a hub elsewhere.

use std::time::Duration;

use rappel_hub::SystemClock;
use serde_json::json;

use super::PATIENCE;
use super::cable::Cable;
use super::office::{BehindBy, FoundAt, Nowhere, Office, end, frame, unhurried};
use crate::remote_session::Patience;
use crate::{Link, LinkError, Request, Resume};

#[tokio::test]
async fn a_session_takes_up_after_a_cut_without_loss_or_repeat() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let cable = Cable::to(office.address).await;
    let link = Link::Remote(office.join(&ann, cable.address).await);
    let (mut cursor, mut told) = (Resume { since: Some(0), ..Resume::default() }, Vec::new());
    for round in 0..4 {
        let mut session = link.open_session(cursor.clone()).await.expect("a session");
        let first = frame(&mut session).await;
        assert_eq!(first["type"], "connection_established");
        cursor.changes_since = first["change"].as_u64();
        let wanted = told.len() + if round == 0 { 2 } else { 4 };
        office.create(&format!("{round} while it holds"), &ann).await;
        office.create(&format!("{round} as well"), &ann).await;
        while told.len() < wanted {
            let frame = frame(&mut session).await;
            assert_eq!(frame["type"], "event_notification", "{frame}");
            let row = &frame["notification"];
            cursor.since = row["seq"].as_u64();
            cursor.last_id = row["id"].as_str().map(|id| id.parse().expect("an id"));
            cursor.changes_since = row["change"].as_u64();
            told.push(row["seq"].as_u64().expect("a number"));
        }
        cable.cut();
        assert_eq!(end(&mut session).await, 1006, "the line broke");
        office.create(&format!("{round} while it is cut"), &ann).await;
        office.create(&format!("{round} as well"), &ann).await;
        assert!(link.open_session(cursor.clone()).await.is_err(), "nothing goes through");
        cable.mend();
    }
    let numbers: Vec<u64> = (1..=told.len() as u64).collect();
    assert_eq!(told, numbers, "each once and in order");
}

#[tokio::test]
async fn a_silent_hub_is_doubted_and_given_up() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let cable = Cable::to(office.address).await;
    let hub = office.join(&ann, cable.address).await;
    let soon = Patience { silence: Duration::from_millis(200), answer: Duration::from_millis(500) };
    let link = Link::Remote(hub.made_to_measure(Nowhere, soon, SystemClock));
    let mut session = link.open_session(Resume::default()).await.expect("a session");
    frame(&mut session).await;
    // Several silences long: a hub that answers is not given up.
    let quiet = tokio::time::timeout(Duration::from_secs(2), session.next()).await;
    assert!(quiet.is_err(), "nothing happened, and the session lives: {quiet:?}");
    cable.silence();
    assert_eq!(end(&mut session).await, 1006);
    let sent = session.send(r#"{"type":"mark_all_read"}"#).await;
    assert!(matches!(sent, Err(LinkError::Unreachable(_))), "{sent:?}");
}

#[tokio::test]
async fn after_waking_a_dead_line_is_noticed_at_once() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let cable = Cable::to(office.address).await;
    let hub = office.join(&ann, cable.address).await;
    let patience = Patience { answer: Duration::from_millis(500), ..unhurried() };
    let link = Link::Remote(hub.made_to_measure(Nowhere, patience, SystemClock));
    let mut session = link.open_session(Resume::default()).await.expect("a session");
    frame(&mut session).await;
    link.look_again();
    office.create("Visit", &ann).await;
    assert_eq!(frame(&mut session).await["type"], "event_notification", "one that lives goes on");
    cable.silence();
    link.look_again();
    assert_eq!(end(&mut session).await, 1006, "long before silence alone would tell");
}

#[tokio::test]
async fn a_revoked_desktop_is_told_and_not_let_in_again() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let link = Link::Remote(office.join(&ann, office.address).await);
    let mut session = link.open_session(Resume::default()).await.expect("a session");
    frame(&mut session).await;
    let devices = link.call(Request::get("/api/devices")).await.expect("an answer").body;
    let id = devices["devices"][0]["id"].as_str().expect("an id").to_owned();
    office.ask(Request { method: "DELETE".into(), ..Request::get(format!("/api/devices/{id}")) }, 204).await;
    assert_eq!(end(&mut session).await, 1008);
    let again = link.open_session(Resume::default()).await;
    assert!(matches!(again, Err(LinkError::SignedOut)), "{again:?}");
    assert_eq!(link.call(Request::get("/api/me")).await.expect("an answer").status, 401);
}

#[tokio::test]
async fn what_a_session_says_is_done_and_what_it_cannot_say_is_refused() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let link = Link::Remote(office.join(&ann, office.address).await);
    let mut session = link.open_session(Resume::default()).await.expect("a session");
    frame(&mut session).await;
    office.create("Visit", &ann).await;
    assert_eq!(frame(&mut session).await["unread_count"], 1);
    let unreadable = session.send(r#"{"type":"rumour"}"#).await;
    assert!(matches!(unreadable, Err(LinkError::BadRequest(_))), "{unreadable:?}");
    session.send(r#"{"type":"mark_all_read"}"#).await.expect("sent");
    let told = frame(&mut session).await;
    assert_eq!((&told["type"], &told["unread_count"]), (&json!("unread_count_updated"), &json!(0)));
}

#[tokio::test]
async fn a_hub_that_ends_says_so() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let link = Link::Remote(office.join(&ann, office.address).await);
    let mut session = link.open_session(Resume::default()).await.expect("a session");
    let ending = async {
        frame(&mut session).await;
        end(&mut session).await
    };
    let (code, ()) = tokio::join!(ending, async {
        tokio::time::timeout(PATIENCE, office.shutdown()).await.expect("it ends");
    });
    assert_eq!(code, 1001);
}

#[tokio::test]
async fn how_far_the_hubs_clock_is_ahead_is_known_from_the_first_frame() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let hub = office.join(&ann, office.address).await.made_to_measure(Nowhere, unhurried(), BehindBy(3_600_000));
    assert_eq!(hub.clock_offset(), None);
    let mut session = Link::Remote(hub.clone()).open_session(Resume::default()).await.expect("a session");
    let offset = hub.clock_offset().expect("measured");
    let error = (offset.ahead_ms - 3_600_000).unsigned_abs();
    assert!(error < 60_000, "an hour, as far as a busy machine can tell: {offset:?}");
    assert_eq!(frame(&mut session).await["type"], "connection_established", "the first frame is still told");
}

/// A hub with the office's key, as it was before the office went on elsewhere.
#[tokio::test]
async fn a_member_never_goes_back_to_an_earlier_epoch() {
    let office = Office::open().await;
    let ann = office.add("Ann").await;
    let hub = office.join(&ann, office.address).await;
    let backup = office.folder.path().join("backup.db");
    office.backup(&backup).await;
    let earlier = office.earlier(&backup).await;
    office.restore(&backup).await;
    office.restore(&backup).await;
    let link = Link::Remote(hub.clone());
    assert_eq!(link.call(Request::get("/api/me")).await.expect("an answer").status, 200);
    let met_in = hub.present_membership().epoch;
    assert_eq!(met_in >> 32, 2, "it remembers in which epoch it met the hub");

    let both = FoundAt(vec![earlier.address, office.address]);
    let file = office.file("joined.json");
    office.shutdown().await;
    let again = crate::RemoteHub::open(file).expect("a membership").made_to_measure(both, unhurried(), SystemClock);
    let link = Link::Remote(again.clone());
    let refused = link.call(Request::get("/api/me")).await;
    let Err(LinkError::Unreachable(why)) = refused else { panic!("it went back: {refused:?}") };
    assert!(why.contains("epoch") || why.contains("refused"), "{why}");
    assert!(link.open_session(Resume::default()).await.is_err(), "nor for a session");
    assert_eq!(again.present_membership().epoch, met_in);
    earlier.shutdown().await;
}
