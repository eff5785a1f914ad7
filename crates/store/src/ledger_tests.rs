use std::path::PathBuf;

use chrono::TimeDelta;
use uuid::Uuid;

use super::*;

/// A ledger that is closed and opened again before each step, as after a crash.
struct Reopened {
    path: PathBuf,
    _dir: tempfile::TempDir,
}

impl Reopened {
    fn new() -> Self {
        let dir = tempfile::tempdir().unwrap();
        Self { path: dir.path().join("popups.db"), _dir: dir }
    }

    fn open(&self) -> Ledger {
        Ledger::open(&self.path).unwrap()
    }
}

fn id(number: u8) -> NotificationId {
    NotificationId::from_bytes([number; 16])
}

fn person(number: u8) -> PersonId {
    PersonId::from_bytes([number; 16])
}

fn hub(number: u8, epoch: u64) -> HubIdentity {
    HubIdentity { id: Uuid::from_bytes([number; 16]), epoch }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn now() -> Timestamp {
    at("2026-11-23T08:30:00Z")
}

#[test]
fn a_popup_goes_from_showing_to_shown_to_closed_and_never_back() {
    let file = Reopened::new();
    assert_eq!(file.open().state(id(1)).unwrap(), None);
    assert!(file.open().record_showing(id(1), now()).unwrap());
    assert_eq!(file.open().state(id(1)).unwrap(), Some(PopupState::Showing));
    file.open().record_shown(id(1), now()).unwrap();
    assert_eq!(file.open().state(id(1)).unwrap(), Some(PopupState::Shown));
    assert!(!file.open().record_showing(id(1), now()).unwrap(), "what was shown is not shown again");
    file.open().record_closed(id(1), now()).unwrap();
    file.open().record_shown(id(1), now()).unwrap();
    assert_eq!(file.open().state(id(1)).unwrap(), Some(PopupState::Closed), "closing comes last, whatever the order");
}

#[test]
fn what_was_asked_for_and_not_confirmed_is_found_again_after_a_crash() {
    let file = Reopened::new();
    for number in [2, 1, 3] {
        let at = now() + TimeDelta::seconds(i64::from(number));
        assert!(file.open().record_showing(id(number), at).unwrap());
    }
    file.open().record_shown(id(2), now()).unwrap();
    assert_eq!(file.open().showing().unwrap(), [id(1), id(3)]);
    assert!(file.open().record_showing(id(1), now()).unwrap(), "it may be asked for again, under the same tag");
    assert!(!file.open().is_shown(id(1)).unwrap() && file.open().is_shown(id(2)).unwrap());
}

#[test]
fn what_ended_before_it_could_be_shown_is_not_shown() {
    let file = Reopened::new();
    file.open().record_closed(id(1), now()).unwrap();
    assert!(!file.open().record_showing(id(1), now()).unwrap());
    assert_eq!(file.open().showing().unwrap(), []);
}

#[test]
fn the_cursor_only_goes_forward() {
    let file = Reopened::new();
    assert_eq!(file.open().cursor().unwrap(), None, "never connected");
    file.open().advance(0, None, 0).unwrap();
    assert_eq!(file.open().cursor().unwrap(), Some(Cursor { seq: 0, last_id: None, change: 0 }));
    file.open().advance(4, Some(id(4)), 9).unwrap();
    file.open().advance(4, None, 12).unwrap();
    let four = Some(Cursor { seq: 4, last_id: Some(id(4)), change: 12 });
    assert_eq!(file.open().cursor().unwrap(), four, "a change alone keeps the id");
    file.open().advance(3, Some(id(3)), 11).unwrap();
    assert_eq!(file.open().cursor().unwrap(), four, "a late report takes nothing back");
    file.open().forget_cursor().unwrap();
    assert_eq!(file.open().cursor().unwrap(), None);
}

#[test]
fn another_hub_epoch_or_person_resets_the_cursor_and_keeps_what_was_shown() {
    let file = Reopened::new();
    assert!(!file.open().follow(hub(1, 1), person(1)).unwrap(), "there was no cursor yet");
    for (hub, person) in [(hub(1, 2), person(1)), (hub(2, 2), person(1)), (hub(2, 2), person(2))] {
        file.open().advance(4, Some(id(4)), 9).unwrap();
        file.open().record_shown(id(4), now()).unwrap();
        assert!(file.open().follow(hub, person).unwrap(), "{hub:?} {person:?}");
        assert_eq!(file.open().cursor().unwrap(), None);
        assert!(file.open().is_shown(id(4)).unwrap(), "a restored hub has the same ids");
        assert!(!file.open().follow(hub, person).unwrap(), "the same one resets nothing");
    }
}

#[test]
fn of_many_the_latest_are_kept_whatever_the_clocks_said() {
    let file = Reopened::new();
    file.open().record_shown(id(1), now()).unwrap();
    file.open().record_shown(id(2), now() + TimeDelta::days(61)).unwrap();
    file.open().record_shown(id(3), now() + TimeDelta::minutes(1)).unwrap();
    assert_eq!(file.open().keep_latest(3).unwrap(), 0, "a clock that was ahead for a while makes nothing old");
    assert_eq!(file.open().keep_latest(2).unwrap(), 1);
    assert_eq!(file.open().state(id(1)).unwrap(), None);
    assert!(file.open().is_shown(id(2)).unwrap() && file.open().is_shown(id(3)).unwrap());
}

#[test]
fn a_newer_file_and_the_event_stores_file_are_refused() {
    let file = Reopened::new();
    drop(file.open());
    let conn = Connection::open(&file.path).unwrap();
    conn.pragma_update(None, "user_version", 99).unwrap();
    drop(conn);
    assert!(matches!(Ledger::open(&file.path), Err(OpenError::Newer { found: 99, .. })));

    let office = Reopened::new();
    drop(open_writer(&office.path, &crate::migrate::OFFICE, None).unwrap());
    assert!(matches!(Ledger::open(&office.path), Err(OpenError::Foreign)));
}
