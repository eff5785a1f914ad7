//! The copies that a hub keeps: named for why and when, so many of each kind, and what they hold.

use std::path::PathBuf;

use chrono::TimeDelta;
use rappel_core::DeviceId;
use rappel_core::person::Role;
use rappel_store::{Backup, schema_version};
use rappel_store::{By, Caller, Copies, CopyAction, CopyKind, Extent, Incoming, Lost, RestoreError, StoreCopy};

use crate::fixture::{Office, at, draft, new_person, sign_in, titled};

impl Office {
    fn copies(&self) -> Copies {
        Copies::of(&self.path())
    }

    fn listed(&self) -> Vec<StoreCopy> {
        self.copies().list().unwrap()
    }

    fn file_of(&self, copy: &StoreCopy) -> PathBuf {
        self.copies().folder().join(&copy.name)
    }

    async fn copy(&self, kind: CopyKind, now: &str) -> StoreCopy {
        self.store.copy(kind, By::Hub, at(now)).await.unwrap()
    }

    async fn lost_by(&self, copy: &StoreCopy) -> Lost {
        self.store.lost_by(&self.file_of(copy)).await.unwrap()
    }
}

#[tokio::test]
async fn a_copy_is_for_its_owners_eyes_and_can_be_restored() {
    let office = Office::open().await;
    assert_eq!(office.listed(), []);
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let copy = office.copy(CopyKind::Daily, "08:30").await;
    assert_eq!((copy.kind, copy.made_at, copy.schema), (CopyKind::Daily, at("08:30"), schema_version()));
    assert_eq!(office.listed(), std::slice::from_ref(&copy));
    assert_eq!(std::fs::metadata(office.file_of(&copy)).unwrap().len(), copy.bytes);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        let mode = |path: PathBuf| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!((mode(office.copies().folder().to_owned()), mode(office.file_of(&copy))), (0o700, 0o600));
    }
    office.update("08:40", event.id, titled("Autre")).await;
    let backup = Backup::open(&office.file_of(&copy), &office.path()).unwrap();
    let restored = office.store.restore(backup, By::Caller(office.ada), at("09:00")).await.unwrap();
    let kept = restored.kept.unwrap();
    assert_eq!(kept.parent().unwrap(), office.copies().folder(), "what was there is one of the copies");
    assert_eq!(office.listed()[0].kind, CopyKind::BeforeRestore);
    assert_eq!(office.store.event(office.bob.actor, event.id).await.unwrap().event.title, event.title);
}

#[tokio::test]
async fn of_days_seven_are_kept_and_other_kinds_do_not_push_them_out() {
    let office = Office::open().await;
    let manual = office.copy(CopyKind::Manual, "2026-11-20T09:00:00Z").await;
    for day in 0..10 {
        let now = at("2026-11-21T11:30:00Z") + TimeDelta::days(day);
        office.store.copy(CopyKind::Daily, By::Hub, now).await.unwrap();
    }
    let days: Vec<_> = office.listed().iter().map(|copy| copy.made_at.to_utc().format("%d").to_string()).collect();
    assert_eq!(days, ["30", "29", "28", "27", "26", "25", "24", "20"]);
    assert_eq!(office.listed().last().unwrap().name, manual.name);
}

#[tokio::test]
async fn a_clock_that_leaps_costs_no_copy_of_right_days() {
    let office = Office::open().await;
    let mut good = Vec::new();
    for day in 0..7 {
        let now = at("2026-11-17T11:30:00Z") + TimeDelta::days(day);
        good.push(office.store.copy(CopyKind::Daily, By::Hub, now).await.unwrap().name);
    }
    // A battery is flat, for longer than there are copies.
    for day in 0..9 {
        let now = at("2000-01-01T11:30:00Z") + TimeDelta::days(day);
        office.store.copy(CopyKind::Daily, By::Hub, now).await.unwrap();
    }
    let names: Vec<String> = office.listed().into_iter().map(|copy| copy.name).collect();
    assert!(good.iter().all(|copy| names.contains(copy)), "{names:?}");
    assert_eq!(names.len(), 14, "and of the wrong days so many as well");
    office.copy(CopyKind::Daily, "2026-11-24T11:30:00Z").await;
    let days = office.listed().into_iter().filter(|copy| copy.made_at > at("2026-01-01T00:00:00Z")).count();
    assert_eq!((days, office.listed().len()), (7, 7), "with the right time the wrong days go first");
}

#[tokio::test]
async fn what_is_new_is_told_from_what_is_copied_already() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let copy = office.copy(CopyKind::Daily, "08:30").await;
    let file = office.file_of(&copy);
    let copied = || Extent::of_copy(&file).unwrap();
    assert_eq!(office.store.extent().await.unwrap(), copied());
    let (action, now) = (CopyAction::Download, at("08:31"));
    office.store.record_copy(By::Caller(office.ada), action, copy.name.clone(), now).await.unwrap();
    office.copy(CopyKind::Manual, "08:32").await;
    assert_eq!(office.store.extent().await.unwrap(), copied(), "copies are no reason for copies");
    let mut extents = vec![copied()];
    let row = office.latest(office.ann).await.id;
    office.store.mark_read(office.ann.actor.person, row, at("08:33")).await.unwrap();
    extents.push(office.store.extent().await.unwrap());
    office.update("08:34", event.id, titled("Autre")).await;
    extents.push(office.store.extent().await.unwrap());
    office.store.add_person(By::Hub, new_person("Dora", Role::Member), at("08:35")).await.unwrap();
    extents.push(office.store.extent().await.unwrap());
    assert_eq!(office.claim("09:30").await.fired, 1);
    extents.push(office.store.extent().await.unwrap());
    assert!(extents.windows(2).all(|pair| pair[0] != pair[1]), "{extents:?}");
}

#[tokio::test]
async fn a_device_that_a_restore_took_away_is_not_written_of() {
    let office = Office::open().await;
    let gone = Caller { device: DeviceId::from_bytes([7; 16]), ..office.ada };
    let noted = office.store.record_copy(By::Caller(gone), CopyAction::Download, "now.db".into(), at("08:31")).await;
    assert!(noted.is_err(), "a backup with such a line would be refused");
    assert_eq!(office.count("SELECT count(*) FROM audit WHERE action = 'copy.download'"), 0);
}

#[tokio::test]
async fn what_a_restore_would_lose_is_known_before() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let other = office.create("08:01", draft("11:00", &[])).await;
    let copy = office.copy(CopyKind::Daily, "08:30").await;
    assert_eq!(office.lost_by(&copy).await, Lost { last_change_at: Some(at("08:01")), ..Lost::default() });
    office.update("08:40", event.id, titled("Autre")).await;
    office.delete("08:41", other.id).await;
    office.create("08:42", draft("12:00", &[])).await;
    let dora = office.store.add_person(By::Hub, new_person("Dora", Role::Member), at("08:43")).await.unwrap();
    for _ in 0..2 {
        sign_in(&office.store, dora.id, at("08:44")).await;
    }
    let last_change_at = Some(at("08:01"));
    let lost = Lost { events: 1, changed_events: 1, people: 1, devices: 2, last_change_at };
    assert_eq!(office.lost_by(&copy).await, lost, "what was deleted is not lost");
}

#[tokio::test]
async fn a_backup_that_is_brought_is_checked_before_it_counts() {
    let (office, other) = (Office::open().await, Office::open().await);
    other.create("08:00", draft("10:00", &[])).await;
    let good = std::fs::read(other.file_of(&other.copy(CopyKind::Daily, "08:30").await)).unwrap();
    let bring = |bytes: &[u8]| {
        let mut incoming = Incoming::begin(office.copies(), Some(bytes.len() as u64), 1 << 30).unwrap();
        bytes.chunks(1000).for_each(|piece| incoming.write(piece).unwrap());
        incoming.finish(&office.path(), at("09:00"))
    };
    assert!(matches!(bring(b"Dear diary"), Err(RestoreError::Foreign(_))));
    assert!(matches!(bring(b""), Err(RestoreError::Empty(_))));
    assert!(matches!(bring(&good[..good.len() / 2]), Err(RestoreError::Damaged(_))));
    let mut newer = good.clone();
    newer[60..64].copy_from_slice(&999_u32.to_be_bytes());
    assert!(matches!(bring(&newer), Err(RestoreError::Newer { found: 999, .. })));
    assert_eq!(std::fs::read_dir(office.copies().folder()).unwrap().count(), 0, "nothing of it is left");

    let brought = bring(&good).unwrap();
    assert_eq!((brought.kind, brought.made_at), (CopyKind::Uploaded, at("09:00")));
    // As a store is that somebody copied by hand: it says that a log belongs to it.
    let mut by_hand = good.clone();
    by_hand[18..20].copy_from_slice(&[2, 2]);
    bring(&by_hand).unwrap();
    assert_eq!(office.listed().len(), 2);
}

#[tokio::test]
async fn whoever_restores_what_does_not_know_their_device_stays_signed_in() {
    let office = Office::open().await;
    let copy = office.copy(CopyKind::Daily, "08:30").await;
    let new = sign_in_with_token(&office, office.ada, "08:40").await;
    let others = sign_in_with_token(&office, office.ann, "08:41").await;
    let backup = Backup::open(&office.file_of(&copy), &office.path()).unwrap();
    office.store.restore(backup, By::Caller(new.0), at("09:00")).await.unwrap();
    let known = office.store.authenticate(&new.1, at("09:01")).await.unwrap();
    assert_eq!(known, Some(new.0));
    assert_eq!(office.store.authenticate(&others.1, at("09:01")).await.unwrap(), None);
    let by: Vec<u8> =
        office.file().query_row("SELECT device_id FROM audit WHERE action = 'restore'", [], |row| row.get(0)).unwrap();
    assert_eq!(by, new.0.device.as_bytes(), "and it is known who it was");
}

async fn sign_in_with_token(office: &Office, who: Caller, now: &str) -> (Caller, String) {
    let kind = rappel_store::DeviceKind::Browser;
    let by = By::CommandLine;
    let paired = office.store.create_token(by, who.actor.person, kind, "new".into(), at(now)).await.unwrap();
    (Caller { device: paired.device.id, actor: who.actor }, paired.token)
}
