//! The file: made for its owner alone, and never opened at the price of what somebody else wrote.

use std::path::{Path, PathBuf};

use rappel_store::{Backup, OpenError, Store, schema_version};
use rusqlite::Connection;

use crate::fixture::{Office, at, defaults, open};

fn place() -> (tempfile::TempDir, PathBuf) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("rappel.db");
    (dir, path)
}

/// Opening it fails and leaves every byte as it was.
fn refused(path: &Path) -> OpenError {
    let before = std::fs::read(path).unwrap();
    let error = Store::open(path, &defaults(), |_| {}).expect_err("it must be refused");
    assert_eq!(std::fs::read(path).unwrap(), before, "what is refused is left as it was");
    error
}

#[tokio::test]
async fn a_new_office_begins_with_its_defaults_and_keeps_them() {
    let (_dir, path) = place();
    let identity = open(&path).identity();
    assert_eq!(identity.epoch, 1);
    let other = rappel_store::OfficeDefaults { name: "Other".into(), ..defaults() };
    let store = Store::open(&path, &other, |_| {}).unwrap();
    assert_eq!(store.identity(), identity);
    let office = store.office().await.unwrap();
    assert_eq!((office.name.as_str(), office.time_zone.name()), ("Bureau", "Europe/Paris"));
    assert_eq!((office.reminders.as_slice(), office.all_day_at_minutes), (&[30, 5][..], 540));
    assert_eq!(store.next_due().await.unwrap(), None);
}

#[test]
fn a_newer_file_is_refused() {
    let (_dir, path) = place();
    drop(open(&path));
    let newer = schema_version() + 1;
    Connection::open(&path).unwrap().pragma_update(None, "user_version", newer).unwrap();
    let error = refused(&path);
    assert!(matches!(error, OpenError::Newer { found, known } if found == newer && known == newer - 1), "{error}");
    assert!(error.to_string().contains("newer version of Rappel"), "it says what to do: {error}");
}

#[test]
fn another_programs_database_is_refused() {
    let (_dir, path) = place();
    Connection::open(&path).unwrap().execute_batch("CREATE TABLE theirs (id INTEGER)").unwrap();
    assert!(matches!(refused(&path), OpenError::Foreign));
}

#[test]
fn what_is_no_database_is_refused() {
    let (_dir, path) = place();
    std::fs::write(&path, "Dear diary, this is no database.\n".repeat(200)).unwrap();
    assert!(matches!(refused(&path), OpenError::Foreign));
}

#[test]
fn a_damaged_file_is_refused() {
    let (_dir, path) = place();
    drop(open(&path));
    let mut bytes = std::fs::read(&path).unwrap();
    // The schema and all tables; the header with its version stays.
    bytes[100..].fill(0xa5);
    std::fs::write(&path, bytes).unwrap();
    let error = refused(&path);
    assert!(matches!(error, OpenError::Sqlite(_)), "{error}");
}

#[test]
fn a_place_that_does_not_exist_is_an_error_and_makes_nothing() {
    let (dir, _) = place();
    let path = dir.path().join("nowhere").join("rappel.db");
    Store::open(&path, &defaults(), |_| {}).expect_err("there is no such directory");
    assert!(!dir.path().join("nowhere").exists());
}

#[cfg(unix)]
#[test]
fn only_its_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let (dir, path) = place();
    let store = open(&path);
    for file in std::fs::read_dir(dir.path()).unwrap() {
        let file = file.unwrap();
        let mode = file.metadata().unwrap().permissions().mode() & 0o777;
        assert_eq!(mode & 0o077, 0, "{} has mode {mode:o}", file.path().display());
    }
    drop(store);
}

#[tokio::test]
async fn a_damaged_store_is_set_aside_for_a_backup() {
    let office = Office::open().await;
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("backup.db");
    office.store.backup(&file, at("08:30")).await.unwrap();
    let path = dir.path().join("rappel.db");
    std::fs::write(&path, "no database").unwrap();
    let restored = Backup::open(&file, &path).unwrap().install(&path, at("09:00")).unwrap();
    assert_eq!(std::fs::read(restored.kept.unwrap()).unwrap(), b"no database");
    assert_eq!(open(&path).identity(), restored.identity);
}
