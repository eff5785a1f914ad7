use chrono::TimeDelta;
use rappel_core::authorize::Actor;
use rappel_core::draft::Draft;
use rappel_core::person::Role;
use rappel_core::schedule::WrittenTime;
use rappel_store::{By, Created, NewPerson};

use super::*;
use crate::hub::HubConfig;
use crate::local_session::{LOCAL_QUEUE, LocalSession, SessionEvent};

/// What fits into the queue, a page that was read before, and more than another page.
const CHANGED: usize = LOCAL_QUEUE + 2 * PAGE + 1;

async fn frame(session: &mut LocalSession) -> HubFrame {
    match session.next().await.expect("the session goes on") {
        SessionEvent::Frame(frame) => *frame,
        SessionEvent::Closed(reason) => panic!("the session ended: {reason:?}"),
    }
}

/// A hub whose admin has a notification of each of many events that a colleague made.
async fn hub_with(notifications: usize) -> (tempfile::TempDir, Hub, String, Vec<NotificationId>) {
    let dir = tempfile::tempdir().unwrap();
    let hub = Hub::open(HubConfig { data_dir: dir.path().join("data"), ..HubConfig::default() }).await.unwrap();
    let device = hub.sign_in_desktop("test").await.unwrap();
    let (store, now) = (hub.store(), hub.now());
    let (name, role) = ("Colleague".to_owned(), Role::Member);
    let new = NewPerson { name, role, email: None, locale: None, time_zone: None, reminders: None };
    let colleague = store.add_person(By::CommandLine, new, now).await.unwrap();
    let theirs = store
        .create_token(By::CommandLine, colleague.id, rappel_store::DeviceKind::Token, "test".to_owned(), now)
        .await
        .unwrap();
    let caller = Caller { device: theirs.device.id, actor: Actor { person: colleague.id, role } };
    for number in 0..notifications {
        let draft = Draft {
            title: Some(format!("Event {number}")),
            starts_at: Some(WrittenTime::Instant(now + TimeDelta::days(1))),
            assignees: vec![device.person],
            ..Draft::default()
        };
        assert!(matches!(store.create_event(caller, draft, None, now).await.unwrap(), Created::New(_)));
    }
    let page = store.notifications(device.person, None, notifications).await.unwrap();
    let ids = page.notifications.iter().map(|row| row.id).collect();
    (dir, hub, device.token, ids)
}

#[tokio::test]
async fn what_changed_before_all_were_read_is_told_first_however_much_it_is() {
    let (_dir, hub, token, ids) = hub_with(CHANGED + 1).await;
    let mut session = hub.open_session(&token, None).await.unwrap();
    assert!(matches!(frame(&mut session).await, HubFrame::ConnectionEstablished { .. }));

    // Nobody takes the session's frames meanwhile, so it falls behind by more than a page.
    let person = hub.store().authenticate(&token, hub.now()).await.unwrap().unwrap().actor.person;
    for id in &ids[..CHANGED] {
        hub.store().dismiss(person, *id, hub.now()).await.unwrap();
    }
    hub.store().mark_all_read(person, hub.now()).await.unwrap();

    for told in 0..CHANGED {
        let frame = frame(&mut session).await;
        assert!(matches!(frame, HubFrame::NotificationUpdated { .. }), "after {told} of {CHANGED}: {frame:?}");
    }
    let last = frame(&mut session).await;
    assert!(matches!(last, HubFrame::UnreadCountUpdated { unread_count: 0, .. }), "{last:?}");
    hub.shutdown().await;
}

#[tokio::test]
async fn a_hub_that_ends_says_goodbye() {
    let (_dir, hub, token, _) = hub_with(1).await;
    let mut session = hub.open_session(&token, None).await.unwrap();
    assert!(matches!(frame(&mut session).await, HubFrame::ConnectionEstablished { .. }));
    hub.shutdown().await;
    assert!(matches!(session.next().await, Some(SessionEvent::Closed(CloseReason::GoingAway))));
    assert!(session.next().await.is_none());
}

#[tokio::test]
async fn a_device_that_was_away_for_longer_than_is_kept_starts_afresh() {
    let (_dir, hub, token, ids) = hub_with(3).await;
    let a_year_later = hub.now() + TimeDelta::days(366);
    assert_eq!(hub.store().forget_old(a_year_later).await.unwrap().notifications, 3);
    let resumed = async |seq, last_id| {
        let mut session = hub.open_session(&token, Some(Resume { seq, last_id, change: None })).await.unwrap();
        assert!(matches!(frame(&mut session).await, HubFrame::ConnectionEstablished { seq: 3, unread_count: 0, .. }));
        session
    };
    for last_id in [None, Some(ids[2])] {
        let mut session = resumed(1, last_id).await;
        assert!(matches!(frame(&mut session).await, HubFrame::SnapshotRequired), "what it lacks is gone");
    }
    let mut up_to_date = resumed(3, None).await;
    let mut from_nothing = resumed(0, None).await;
    hub.shutdown().await;
    for session in [&mut up_to_date, &mut from_nothing] {
        assert!(matches!(session.next().await, Some(SessionEvent::Closed(_))), "there is nothing to send");
    }
}
