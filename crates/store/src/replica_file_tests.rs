use rappel_core::arm::State;
use rappel_core::id::SnoozeId;
use rappel_core::notification::{Kind, Offset};

use super::*;

struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> PathBuf {
        self.0.path().join("replica.db")
    }

    /// Opens it as after a restart.
    fn open(&self) -> ReplicaFile {
        let (file, aside) = ReplicaFile::open(&self.path()).unwrap();
        assert_eq!(aside, None, "it is sound");
        file
    }
}

fn at(text: &str) -> Timestamp {
    Timestamp::parse_rfc3339(text).unwrap()
}

fn now() -> Timestamp {
    at("2026-11-23T09:30:00Z")
}

fn id(number: u8) -> NotificationId {
    NotificationId::from_bytes([number; 16])
}

fn event() -> EventId {
    EventId::from_bytes([9; 16])
}

fn start() -> StartKey {
    StartKey::parse("T:1795424400000").unwrap()
}

fn fired(number: u8) -> Decided {
    Decided {
        id: id(number),
        event: event(),
        start: start(),
        state: State::Fired,
        at: now(),
        notification: Some("{}".into()),
        shown_at: None,
        is_settled: false,
    }
}

fn put_off(number: u8, kind: Kind) -> PutOff {
    PutOff {
        id: SnoozeId::from_bytes([number; 16]),
        event: event(),
        start: start(),
        due: at("2026-11-23T09:35:00Z"),
        armed_at: now(),
        told_before: ToldBefore { id: id(1), kind },
    }
}

fn snoozed(row: &PutOff) -> Wish {
    Wish::Snoozed { id: row.id, due: row.due }
}

#[test]
fn what_the_hub_gave_out_is_replaced_whole_and_confirmed() {
    let place = Place::new();
    assert_eq!(place.open().snapshot().unwrap(), None);
    let mut snapshot = Snapshot {
        person: PersonId::from_bytes([1; 16]),
        version: "a".into(),
        synced_at: now(),
        content: "{\"events\":[]}".into(),
    };
    place.open().replace(&snapshot).unwrap();
    snapshot.version = "b".into();
    place.open().replace(&snapshot).unwrap();
    assert_eq!(place.open().snapshot().unwrap().unwrap(), snapshot);
    let later = at("2026-11-23T09:45:00Z");
    place.open().confirm(later).unwrap();
    assert_eq!(place.open().snapshot().unwrap().unwrap().synced_at, later);
}

#[test]
fn what_was_decided_is_decided_once() {
    let place = Place::new();
    place.open().decide(&[fired(1), Decided { state: State::Collapsed, notification: None, ..fired(2) }]).unwrap();
    place.open().decide(&[Decided { state: State::Missed, ..fired(1) }]).unwrap();
    let states: Vec<State> = place.open().decided().unwrap().iter().map(|row| row.state).collect();
    assert_eq!(states, [State::Fired, State::Collapsed], "a second decision is none");
}

#[test]
fn the_hub_is_owed_what_was_shown_until_it_has_taken_it() {
    let place = Place::new();
    place.open().decide(&[fired(1)]).unwrap();
    place.open().record_shown(id(1), event(), now()).unwrap();
    place.open().record_shown(id(1), event(), at("2026-11-23T09:40:00Z")).unwrap();
    let owed = place.open().reports(10).unwrap();
    assert_eq!(owed, [ShownAway { id: id(1), event: event(), shown_at: Some(now()), wish: None }], "the first counts");

    place.open().record_wish(id(1), event(), Wish::Dismissed, None).unwrap();
    place.open().reported(&owed).unwrap();
    let rest = place.open().reports(10).unwrap();
    assert_eq!(rest[0].wish, Some(Wish::Dismissed), "what was chosen while it was told is not lost");
    place.open().reported(&rest).unwrap();
    assert_eq!(place.open().reports(10).unwrap(), []);
    assert!(place.open().decided().unwrap()[0].is_settled);
}

#[test]
fn of_several_choices_the_latest_holds_and_a_snooze_is_handed_over() {
    let place = Place::new();
    let moved = Kind::Moved { from: StartKey::parse("D:2026-11-22").unwrap() };
    let (first, second) = (put_off(3, Kind::Reminder(Offset::Minutes(30))), put_off(4, moved));
    place.open().record_wish(id(1), event(), snoozed(&first), Some(&first)).unwrap();
    place.open().record_wish(id(1), event(), snoozed(&second), Some(&second)).unwrap();
    assert_eq!(place.open().put_off().unwrap(), [second], "one is told again, and as what it was");
    let owed = place.open().reports(10).unwrap();
    assert_eq!(owed[0].wish, Some(snoozed(&second)));
    place.open().reported(&owed).unwrap();
    assert_eq!(place.open().put_off().unwrap(), [], "it is the hub's to tell again");

    place.open().record_wish(id(1), event(), snoozed(&first), Some(&first)).unwrap();
    place.open().record_wish(id(1), event(), Wish::Dismissed, None).unwrap();
    assert_eq!(place.open().put_off().unwrap(), [], "whoever is done with it is not told again");
}

#[test]
fn the_clocks_are_kept() {
    let place = Place::new();
    let reading = ClockReading {
        hub: now(),
        wall: at("2026-11-23T09:31:00Z"),
        since_boot: Duration::from_millis(123_456),
        boot: Some("a-run".into()),
    };
    place.open().set_clock(&reading).unwrap();
    assert_eq!(place.open().clock().unwrap(), Some(reading));
}

#[test]
fn another_membership_begins_with_nothing() {
    let place = Place::new();
    let mut file = place.open();
    file.decide(&[fired(1)]).unwrap();
    file.record_shown(id(1), event(), now()).unwrap();
    file.clear().unwrap();
    assert!(file.decided().unwrap().is_empty() && file.reports(10).unwrap().is_empty());
}

#[test]
fn what_is_old_is_forgotten() {
    let place = Place::new();
    place.open().decide(&[fired(1)]).unwrap();
    place.open().forget_old(at("2027-01-20T09:30:00Z")).unwrap();
    assert_eq!(place.open().decided().unwrap().len(), 1);
    place.open().forget_old(at("2027-01-23T09:30:00Z")).unwrap();
    assert_eq!(place.open().decided().unwrap(), []);
}

#[test]
fn a_damaged_file_is_set_aside_and_begun_anew() {
    let place = Place::new();
    place.open().decide(&(0..200).map(fired).collect::<Vec<_>>()).unwrap();
    let whole = fs::read(place.path()).unwrap();
    let mut torn = whole.clone();
    torn.truncate(whole.len() / 2);
    let mut scribbled = whole.clone();
    scribbled[4096..].fill(0x5a);
    for damaged in [b"this is no database, and was never one".to_vec(), torn, scribbled] {
        fs::write(place.path(), &damaged).unwrap();
        let (file, aside) = ReplicaFile::open(&place.path()).unwrap();
        assert_eq!(file.decided().unwrap(), [], "it holds nothing that is damaged");
        assert_eq!(fs::read(aside.expect("set aside")).unwrap(), damaged, "for whoever wants to look");
        drop(file);
        place.open();
    }
}

#[cfg(unix)]
#[test]
fn the_file_is_its_owners_only() {
    use std::os::unix::fs::PermissionsExt;
    let place = Place::new();
    let _open = place.open();
    for entry in fs::read_dir(place.0.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.file_name());
    }
}

#[test]
fn a_newer_versions_file_is_left_alone() {
    let place = Place::new();
    place.open().conn.pragma_update(None, "user_version", 99).unwrap();
    assert!(matches!(ReplicaFile::open(&place.path()), Err(OpenError::Newer { .. })));
}
