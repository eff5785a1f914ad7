//! A backup is whole or is not there; a restore is done or is not; what was revoked stays revoked.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rappel_core::person::Role;
use rappel_store::{
    Backup, BackupError, By, Committed, DeviceKind, DoubtedLeap, Error, HubKey, PersonPatch, Reckoning, RestoreError,
    Restored, Resume, schema_version,
};
use rusqlite::Connection;
use rusqlite::types::Value;
use tokio::task::JoinSet;

use crate::fixture::{Office, TITLE, at, draft, new_person, open, sign_in, titled};

const LATER: &str = "09:00";

impl Office {
    fn beside(&self, name: &str) -> PathBuf {
        self.folder().join(name)
    }

    fn folder(&self) -> PathBuf {
        self.path().parent().unwrap().to_owned()
    }

    async fn backup(&self, name: &str) -> PathBuf {
        let file = self.beside(name);
        self.store.backup(&file, at("08:30")).await.unwrap();
        file
    }

    async fn restore(&self, file: &Path) -> Result<Restored, RestoreError> {
        self.restore_at(file, LATER).await
    }

    async fn restore_at(&self, file: &Path, now: &str) -> Result<Restored, RestoreError> {
        let backup = Backup::open(file, &self.path())?;
        self.store.restore(backup, By::CommandLine, at(now)).await
    }

    /// Everything in the store, as text.
    fn content(&self) -> String {
        content(&self.path())
    }

    /// The restore is refused, and neither the data nor the file change.
    async fn refused(&self, file: &Path) -> RestoreError {
        let (before, bytes) = (self.content(), std::fs::read(file).ok());
        let identity = self.store.identity();
        let error = self.restore(file).await.expect_err("it must be refused");
        assert_eq!(self.content(), before, "{error}: the data are as they were");
        assert_eq!(std::fs::read(file).ok(), bytes, "{error}: the file is as it was");
        assert_eq!(self.store.identity(), identity);
        assert_eq!(self.temporary(), [""; 0], "{error}: nothing is left behind");
        error
    }

    /// Files in the data directory that are neither the store nor a backup.
    fn temporary(&self) -> Vec<String> {
        let folders = [self.folder(), self.beside("backups")];
        let entries = folders.into_iter().filter_map(|folder| std::fs::read_dir(folder).ok()).flatten();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.contains("restoring") || name.contains("partial")).collect()
    }
}

fn content(file: &Path) -> String {
    let conn = Connection::open(file).unwrap();
    let mut text = String::new();
    let tables: Vec<String> = conn
        .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' ORDER BY name")
        .unwrap()
        .query_map([], |row| row.get(0))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    for table in tables {
        let mut statement = conn.prepare(&format!("SELECT * FROM {table}")).unwrap();
        let columns = statement.column_count();
        let mut rows = statement.query([]).unwrap();
        let mut lines = Vec::new();
        while let Some(row) = rows.next().unwrap() {
            let values = (0..columns).map(|column| format!("{:?}", row.get::<_, Value>(column).unwrap()));
            lines.push(values.collect::<Vec<_>>().join(" "));
        }
        lines.sort();
        text.push_str(&format!("{table}\n{}\n", lines.join("\n")));
    }
    text
}

#[tokio::test]
async fn a_backup_holds_everything_of_one_instant_in_one_private_file() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    let before = office.content();
    let file = office.backup("backup.db").await;
    office.create("08:40", draft("11:00", &[office.ann])).await;
    assert_eq!(content(&file), before);
    assert_eq!(office.store.last_backup_at().await.unwrap(), Some(at("08:30")));
    assert_eq!(office.temporary(), [""; 0]);
    let names = std::fs::read_dir(office.folder()).unwrap().map(|entry| entry.unwrap().file_name());
    let beside: Vec<_> = names.filter(|name| name.to_string_lossy().starts_with("backup.db")).collect();
    assert_eq!(beside, ["backup.db"], "no log is beside it");
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        assert_eq!(std::fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[tokio::test]
async fn a_backup_takes_the_place_of_an_earlier_one_and_of_nothing_else() {
    let office = Office::open().await;
    let file = office.backup("backup.db").await;
    office.create("08:40", draft("11:00", &[office.ann])).await;
    assert!(!content(&file).contains(TITLE), "it was not there yet");
    office.backup("backup.db").await;
    assert!(content(&file).contains(TITLE), "this is the later one");

    let theirs = office.beside("theirs.db");
    Connection::open(&theirs).unwrap().execute_batch("CREATE TABLE theirs (id INTEGER)").unwrap();
    let diary = office.beside("diary.txt");
    std::fs::write(&diary, "Dear diary").unwrap();
    let nothing = office.beside("nothing");
    std::fs::write(&nothing, "").unwrap();
    for other in [theirs, diary, nothing] {
        let bytes = std::fs::read(&other).unwrap();
        let error = office.store.backup(&other, at("08:50")).await.unwrap_err();
        assert!(matches!(error, BackupError::Taken(_)), "{error}");
        assert_eq!(std::fs::read(&other).unwrap(), bytes, "{error}");
    }
    let error = office.store.backup(&office.path(), at("08:50")).await.unwrap_err();
    assert!(matches!(error, BackupError::IsStore(_)), "{error}");
    for nowhere in [office.folder(), office.beside("nowhere/backup.db")] {
        let error = office.store.backup(&nowhere, at("08:50")).await.unwrap_err();
        assert!(matches!(error, BackupError::Unwritable { .. }), "{error}");
    }
    assert_eq!(office.temporary(), [""; 0]);
    office.create("08:55", draft("12:00", &[office.ann])).await;
}

#[cfg(unix)]
#[tokio::test]
async fn a_link_to_a_backup_stays_a_link() {
    let office = Office::open().await;
    let file = office.backup("backup.db").await;
    let link = office.beside("latest.db");
    std::os::unix::fs::symlink(&file, &link).unwrap();
    office.create("08:40", draft("11:00", &[office.ann])).await;
    office.backup("latest.db").await;
    assert!(std::fs::symlink_metadata(&link).unwrap().is_symlink());
    assert!(content(&file).contains(TITLE), "what it leads to is the new backup");
}

#[tokio::test]
async fn a_restore_brings_back_what_was_and_keeps_what_is() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let file = office.backup("backup.db").await;
    office.update("08:40", event.id, titled("Autre")).await;
    office.create("08:41", draft("11:00", &[office.ann])).await;
    let before = office.content();
    let identity = office.store.identity();
    office.announced();

    let restored = office.restore(&file).await.unwrap();
    assert_eq!(restored.identity, office.store.identity());
    assert_eq!(restored.identity.id, identity.id);
    assert!(restored.identity.epoch > identity.epoch);
    let seen = office.store.event(office.bob.actor, event.id).await.unwrap().event;
    assert_eq!(seen.title, event.title);
    assert_eq!(office.told(office.ann).await, ["assigned"]);
    assert_eq!(office.announced(), [Committed { events: true, restored: true, ..Committed::default() }]);
    assert_eq!(content(&restored.kept.unwrap()), before, "what was there can be had again");
    let mode: String = office.file().query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");

    office.create("09:01", draft("12:00", &[office.ann])).await;
    assert_eq!(office.claim("09:30").await.fired, 1, "30 minutes before 10:00");
    assert_eq!(office.told(office.ann).await, ["assigned", "assigned", "30min_before"]);
    let again = open(&office.path());
    assert_eq!(again.identity(), restored.identity, "it is so in the file");
}

#[tokio::test]
async fn whoever_called_a_moment_ago_may_do_what_they_could_when_the_backup_was_made() {
    let office = Office::open().await;
    let (ann, kind) = (office.ann.actor.person, DeviceKind::Token);
    let paired = office.store.create_token(By::CommandLine, ann, kind, "crm".into(), at("08:00")).await.unwrap();
    let role = async || office.store.authenticate(&paired.token, at("08:00")).await.unwrap().unwrap().actor.role;
    let file = office.backup("backup.db").await;
    let promoted = PersonPatch { role: Some(Role::Admin), ..PersonPatch::default() };
    office.store.update_person(By::CommandLine, ann, promoted, at("08:00")).await.unwrap();
    assert_eq!(role().await, Role::Admin);
    office.restore(&file).await.unwrap();
    assert_eq!(role().await, Role::Member);
}

#[tokio::test]
async fn the_epoch_grows_whatever_is_restored_and_a_restore_can_be_undone() {
    let office = Office::open().await;
    let first = office.backup("first.db").await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let kept = office.restore(&first).await.unwrap().kept.unwrap();
    let epoch = office.store.identity().epoch;
    let second = office.backup("second.db").await;
    let undone = office.restore(&kept).await.unwrap().identity.epoch;
    assert!(undone > epoch, "more than that of the present data");
    office.store.event(office.bob.actor, event.id).await.expect("what was there before the first restore");
    let again = office.restore(&second).await.unwrap().identity.epoch;
    assert!(again > undone);

    let other = Office::open().await;
    let restored = other.restore(&office.backup("third.db").await).await.unwrap();
    assert!(restored.identity.epoch > again, "more than that of the backup");
    assert_eq!(restored.identity.id, office.store.identity().id, "it is the office of the backup");
}

/// Nothing says of two machines that begin with one backup which is which, but this.
#[tokio::test]
async fn two_machines_that_begin_with_one_backup_have_two_epochs() {
    let office = Office::open().await;
    let file = office.backup("backup.db").await;
    let mut epochs = std::collections::BTreeSet::new();
    for _ in 0..8 {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("rappel.db");
        epochs.insert(Backup::open(&file, &path).unwrap().install(&path, at(LATER)).unwrap().identity.epoch);
    }
    assert_eq!(epochs.len(), 8, "{epochs:?}");
    assert!(epochs.iter().all(|epoch| *epoch < 1 << 53), "a page can tell them apart: {epochs:?}");
}

#[tokio::test]
async fn the_newest_copies_of_what_was_there_are_kept() {
    let office = Office::open().await;
    let file = office.backup("backup.db").await;
    let mut kept = Vec::new();
    for now in ["09:00", "09:01", "09:02", "09:02", "08:00"] {
        kept.push(office.restore_at(&file, now).await.unwrap().kept.unwrap());
    }
    let there: Vec<bool> = kept.iter().map(|path| path.exists()).collect();
    assert_eq!(there, [false, true, true, true, true], "a clock that was set back costs none of those before");
    assert_eq!(office.temporary(), [""; 0]);
}

#[tokio::test]
async fn what_is_no_whole_backup_is_refused() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    let file = office.backup("backup.db").await;
    let bytes = std::fs::read(&file).unwrap();
    let bad = office.beside("bad.db");

    let missing = office.refused(&office.beside("missing.db")).await;
    assert!(matches!(missing, RestoreError::Unreadable { .. }), "{missing}");
    let itself = office.restore(&office.path()).await.unwrap_err();
    assert!(matches!(itself, RestoreError::Itself(_)), "{itself}");
    let folder = office.refused(&office.folder()).await;
    assert!(matches!(folder, RestoreError::Unreadable { .. }), "{folder}");
    std::fs::write(&bad, "").unwrap();
    assert!(matches!(office.refused(&bad).await, RestoreError::Empty(_)));
    std::fs::write(&bad, "Dear diary, this is no database.\n".repeat(200)).unwrap();
    assert!(matches!(office.refused(&bad).await, RestoreError::Foreign(_)));
    std::fs::write(&bad, &bytes[..50]).unwrap();
    assert!(matches!(office.refused(&bad).await, RestoreError::Foreign(_)));
    for len in [100, 4096, bytes.len() / 2, bytes.len() - 1] {
        std::fs::write(&bad, &bytes[..len]).unwrap();
        let error = office.refused(&bad).await;
        assert!(matches!(error, RestoreError::Damaged(_)), "cut off after {len} bytes: {error}");
    }
    let mut scratched = bytes.clone();
    let title = bytes.windows(6).position(|part| part == b"Visite").unwrap();
    scratched[title - 200..title].fill(0xa5);
    std::fs::write(&bad, scratched).unwrap();
    let error = office.refused(&bad).await;
    assert!(matches!(error, RestoreError::Damaged(_)), "{error}");
    std::fs::remove_file(&bad).unwrap();
    Connection::open(&bad).unwrap().execute_batch("CREATE TABLE theirs (id INTEGER)").unwrap();
    assert!(matches!(office.refused(&bad).await, RestoreError::Foreign(_)));
}

#[tokio::test]
async fn a_backup_that_says_something_else_than_ours_is_refused() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    let file = office.backup("backup.db").await;
    let bytes = std::fs::read(&file).unwrap();
    let bad = office.beside("bad.db");
    let changed = |sql: &str| {
        std::fs::write(&bad, &bytes).unwrap();
        Connection::open(&bad).unwrap().execute_batch(sql).unwrap();
    };
    changed(&format!("PRAGMA user_version = {}", schema_version() + 1));
    let newer = office.refused(&bad).await;
    assert!(matches!(newer, RestoreError::Newer { .. }), "{newer}");
    assert!(newer.to_string().contains("newer version of Rappel"), "it says what to do: {newer}");
    for (dangling, table) in [
        ("DELETE FROM person WHERE name = 'Ann'", "device"),
        ("DELETE FROM reminder; DELETE FROM event", "notification"),
        ("DELETE FROM notification; DELETE FROM event", "reminder"),
        ("UPDATE notification SET words_number = 7", "notification"),
        ("UPDATE event SET assignees = randomblob(16)", "event"),
        ("UPDATE event SET created_by = randomblob(16)", "event"),
        ("UPDATE notification SET person_id = randomblob(16)", "notification"),
        ("UPDATE reminder SET person_id = randomblob(16)", "reminder"),
        ("UPDATE audit SET person_id = randomblob(16) WHERE id = 1", "audit"),
        ("UPDATE audit SET device_id = randomblob(16) WHERE id = 1", "audit"),
    ] {
        changed(&format!("PRAGMA foreign_keys = OFF; {dangling}"));
        let refused = office.refused(&bad).await.to_string();
        assert!(refused.contains(&format!("a row of {table} refers to nothing")), "{refused}");
    }
    changed("CREATE TRIGGER spy AFTER INSERT ON event BEGIN DELETE FROM audit; END");
    assert!(matches!(office.refused(&bad).await, RestoreError::Damaged(_)));
    changed("ALTER TABLE event ADD COLUMN more TEXT");
    assert!(matches!(office.refused(&bad).await, RestoreError::Damaged(_)));
    changed("UPDATE person SET role = 'member'");
    assert!(matches!(office.refused(&bad).await, RestoreError::NoAdmin));
    changed("DELETE FROM office");
    assert!(matches!(office.refused(&bad).await, RestoreError::NoAdmin));
    // A program that was killed leaves a log behind, without which the file is not whole.
    std::fs::write(&bad, &bytes).unwrap();
    std::fs::write(office.beside("bad.db-wal"), "log").unwrap();
    assert!(matches!(office.refused(&bad).await, RestoreError::NotClosed { .. }));
}

#[tokio::test]
async fn a_file_with_other_pages_is_restored_too() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let file = office.backup("backup.db").await;
    Connection::open(&file).unwrap().execute_batch("PRAGMA page_size = 1024; VACUUM").unwrap();
    office.delete("08:40", event.id).await;
    office.restore(&file).await.unwrap();
    office.store.event(office.bob.actor, event.id).await.expect("it is there again");
}

#[tokio::test]
async fn what_was_revoked_stays_revoked_and_open_invitations_are_void() {
    let office = Office::open().await;
    let (now, ann) = (at("08:00"), office.ann.actor.person);
    let by = By::Caller(office.ada);
    let open_link = office.store.invite(by, ann, now).await.unwrap();
    let for_all = office.store.invite_everybody(by, now).await.unwrap();
    let phone = office.store.create_token(by, ann, DeviceKind::Token, "phone".into(), now).await.unwrap();
    let desktop = office.store.sign_in_desktop(None, "desk".into(), now).await.unwrap();
    let file = office.backup("backup.db").await;
    office.store.revoke_device(by, phone.device.id, at("08:40")).await.unwrap();
    let desktop_now = office.store.sign_in_desktop(None, "desk".into(), at("08:40")).await.unwrap();
    let newer = office.store.create_token(by, ann, DeviceKind::Token, "newer".into(), at("08:41")).await.unwrap();

    office.restore(&file).await.unwrap();
    let knows = async |token: &str| office.store.authenticate(token, at(LATER)).await.unwrap().is_some();
    assert!(!knows(&phone.token).await, "it was revoked since");
    assert!(!knows(&desktop.token).await, "it was replaced since");
    assert!(knows(&desktop_now.token).await, "the same device, by its present token");
    assert!(!knows(&newer.token).await, "the backup does not know it");
    for code in [open_link.link_secret, open_link.short_code] {
        let redeemed = office.store.redeem(code, DeviceKind::Browser, "browser".into(), at("08:02")).await;
        assert!(matches!(redeemed, Err(Error::InvitationRefused)));
    }
    for code in [for_all.link_secret, for_all.short_code] {
        let looked_at = office.store.look_at_ticket(code, at("08:02")).await;
        assert!(matches!(looked_at, Err(Error::InvitationRefused)));
    }
}

#[tokio::test]
async fn a_cursor_of_the_history_before_does_not_hold() {
    let office = Office::open().await;
    let ann = office.ann.actor.person;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    let file = office.backup("backup.db").await;
    office.create("08:40", draft("11:00", &[office.ann])).await;
    office.create("08:41", draft("12:00", &[office.ann])).await;
    let old = office.inbox(office.ann).await;
    office.restore(&file).await.unwrap();
    office.create("09:01", draft("13:00", &[office.ann])).await;
    let can_resume = async |seq: u64, with_id: bool| {
        let last_id = with_id.then(|| old[usize::try_from(seq).unwrap() - 1].id);
        office.store.can_resume(ann, Resume { seq, last_id, change: None }).await.unwrap()
    };
    assert!(!can_resume(3, false).await, "beyond the head");
    assert!(!can_resume(2, true).await, "another row has that number");
    assert!(can_resume(1, true).await, "it was in the backup");
}

/// The row comes back by its key, so that a device which showed it knows it.
#[tokio::test]
async fn a_reminder_that_fired_after_the_backup_fires_again_under_its_id() {
    let office = Office::open().await;
    office.create("08:00", draft("10:00", &[office.ann])).await;
    let file = office.backup("backup.db").await;
    assert_eq!(office.claim("09:30").await.fired, 1);
    let before = office.latest(office.ann).await;
    office.restore(&file).await.unwrap();
    assert_eq!(office.told(office.ann).await, ["assigned"]);
    assert_eq!(office.claim("09:31").await.fired, 1, "nothing is missing");
    assert_eq!(office.latest(office.ann).await.id, before.id, "and it is not mistaken for another");
}

#[tokio::test(flavor = "multi_thread")]
async fn queries_and_commands_meanwhile_see_one_state_or_the_other() {
    let office = Office::open().await;
    for _ in 0..50 {
        office.create("08:00", draft("10:00", &[office.ann])).await;
    }
    let file = office.backup("backup.db").await;
    for _ in 0..50 {
        office.create("08:40", draft("11:00", &[office.ann])).await;
    }
    let (store, ann) = (office.store.clone(), office.ann.actor.person);
    let (stop, mut stopped) = tokio::sync::oneshot::channel::<()>();
    let mut reading = JoinSet::new();
    reading.spawn(async move {
        let mut seen = Vec::new();
        while stopped.try_recv().is_err() {
            let epoch = store.identity().epoch;
            let page = store.updates(ann, 0, 0, 1000).await.unwrap();
            assert_eq!(page.new.len() as u64, page.heads.seq, "no mixture");
            seen.push((epoch, page.heads.seq));
        }
        seen
    });
    for _ in 0..5 {
        office.restore(&file).await.unwrap();
        office.create("09:01", draft("12:00", &[office.ann])).await;
    }
    stop.send(()).unwrap();
    let seen = reading.join_next().await.unwrap().unwrap();
    let allowed = |&(epoch, seq): &(u64, u64)| if epoch == 1 { [100, 50, 51].contains(&seq) } else { seq <= 51 };
    assert!(seen.iter().all(allowed), "{seen:?}");
}

#[tokio::test]
async fn what_is_made_of_the_clocks_is_that_of_now_whatever_is_restored() {
    let office = Office::open().await;
    let reckoning = |believed, doubted| Reckoning { boot: "this".into(), believed: at(believed), doubted };
    let leap = DoubtedLeap { start: at("2026-11-24T07:00:00Z"), since: Duration::from_secs(600) };
    let before = office.backup("before.db").await;
    let now = reckoning("07:00", Some(leap));
    office.store.keep_reckoning(now.clone()).await.unwrap();
    office.restore(&before).await.unwrap();
    assert_eq!(office.store.reckoning().await.unwrap(), Some(now), "the clocks go on");
    let doubting = office.backup("doubting.db").await;
    let now = reckoning("07:01", None);
    office.store.keep_reckoning(now.clone()).await.unwrap();
    office.restore(&doubting).await.unwrap();
    assert_eq!(office.store.reckoning().await.unwrap(), Some(now));
}

#[tokio::test]
async fn an_office_moves_into_an_empty_directory() {
    let office = Office::open().await;
    let event = office.create("08:00", draft("10:00", &[office.ann])).await;
    let file = office.backup("backup.db").await;
    let new = tempfile::tempdir().unwrap();
    let path = new.path().join("rappel.db");
    // The rest of another store: to be taken for this one's log would damage it.
    std::fs::write(new.path().join("rappel.db-wal"), "rest").unwrap();
    let restored = Backup::open(&file, &path).unwrap().install(&path, at(LATER)).unwrap();
    assert_eq!(restored.kept, None);
    assert!(restored.identity.epoch > office.store.identity().epoch);
    let store = open(&path);
    assert_eq!(store.identity(), restored.identity);
    store.event(office.bob.actor, event.id).await.expect("it has moved with the office");
    let person = store.add_person(By::CommandLine, new_person("Dan", Role::Member), at("09:01")).await.unwrap();
    sign_in(&store, person.id, at("09:01")).await;
}

fn key(byte: u8) -> HubKey {
    HubKey { private_key: vec![byte], certificate: vec![byte, byte] }
}

#[tokio::test]
async fn the_hubs_key_moves_with_its_data() {
    let (office, other) = (Office::open().await, Office::open().await);
    office.store.keep_hub_key(key(1)).await.unwrap();
    other.store.keep_hub_key(key(2)).await.unwrap();
    let file = office.backup("backup.db").await;
    other.restore(&file).await.unwrap();
    assert_eq!(other.store.hub_key().await.unwrap(), Some(key(1)));
}

#[tokio::test]
async fn a_backup_from_before_there_was_a_key_leaves_the_hub_its_key() {
    let office = Office::open().await;
    // Brought to the newest schema it would be the same: a table for the key, and nothing in it.
    let file = office.backup("backup.db").await;
    office.store.keep_hub_key(key(1)).await.unwrap();
    office.restore(&file).await.unwrap();
    assert_eq!(office.store.hub_key().await.unwrap(), Some(key(1)));
    assert_eq!(office.store.keep_hub_key(key(2)).await.unwrap(), key(1));
}
