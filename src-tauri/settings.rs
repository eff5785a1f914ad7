//! What this desktop remembers of its person's choices: one small JSON file.
//!
//! Written whole, to a file beside it that then takes its place, so that a crash leaves the old or
//! the new one. Fields of a newer version are kept as they are.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use rappel_link::Locale;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// The choices, as the page reads and writes them.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct DesktopSettings {
    /// Colleagues on this network may reach the hub.
    pub(crate) open_to_lan: bool,
    /// Popups are held back.
    pub(crate) paused: bool,
    /// Rappel starts with the session of its person.
    pub(crate) start_at_login: bool,
    /// This computer is kept awake while the hub is shared.
    pub(crate) keep_awake: bool,
    /// Null: the language of the OS.
    pub(crate) language: Option<Locale>,
}

/// Why the settings could not be read or written.
#[derive(Debug, thiserror::Error)]
pub(crate) enum SettingsError {
    #[error("cannot read {path}: {source}")]
    Read { path: PathBuf, source: io::Error },
    #[error("{path} is not a settings file: {source}")]
    Malformed { path: PathBuf, source: serde_json::Error },
    #[error("cannot write {path}: {source}")]
    Write { path: PathBuf, source: io::Error },
}

/// The settings and the file they live in.
pub(crate) struct SettingsFile {
    path: PathBuf,
    current: DesktopSettings,
    /// Everything that the file held, also what this version does not know.
    stored: Map<String, Value>,
}

impl SettingsFile {
    /// Reads the file; one that is not there yet holds the defaults and is not created.
    pub(crate) fn load(path: PathBuf) -> Result<Self, SettingsError> {
        let stored: Map<String, Value> = match std::fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes)
                .map_err(|source| SettingsError::Malformed { path: path.clone(), source })?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Map::new(),
            Err(source) => return Err(SettingsError::Read { path, source }),
        };
        let current = serde_json::from_value(Value::Object(stored.clone()))
            .map_err(|source| SettingsError::Malformed { path: path.clone(), source })?;
        Ok(Self { path, current, stored })
    }

    /// The defaults, for a file that cannot be read. It is overwritten by the next save.
    pub(crate) fn defaults(path: PathBuf) -> Self {
        Self { path, current: DesktopSettings::default(), stored: Map::new() }
    }

    /// What holds now.
    pub(crate) fn current(&self) -> &DesktopSettings {
        &self.current
    }

    /// Makes `settings` hold, on disk first.
    pub(crate) fn save(&mut self, settings: DesktopSettings) -> Result<(), SettingsError> {
        let mut stored = self.stored.clone();
        if let Ok(Value::Object(known)) = serde_json::to_value(&settings) {
            stored.extend(known);
        }
        write_whole(&self.path, &stored).map_err(|source| SettingsError::Write { path: self.path.clone(), source })?;
        self.stored = stored;
        self.current = settings;
        Ok(())
    }
}

/// Writes beside `path`, then takes its place.
fn write_whole(path: &Path, content: &Map<String, Value>) -> io::Result<()> {
    let folder = path.parent().ok_or(io::ErrorKind::InvalidInput)?;
    crate::folders::create_private(folder)?;
    let beside = path.with_extension("json.new");
    let mut file = crate::folders::private_file(&beside)?;
    serde_json::to_writer_pretty(&mut file, content)?;
    file.write_all(b"\n")?;
    file.sync_all()?;
    drop(file);
    std::fs::rename(&beside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_folder(folder: &tempfile::TempDir) -> PathBuf {
        folder.path().join("office").join("desktop.json")
    }

    #[test]
    fn a_first_start_reads_defaults_and_creates_nothing() {
        let folder = tempfile::tempdir().expect("a folder");
        let settings = SettingsFile::load(in_folder(&folder)).expect("defaults");
        assert_eq!(settings.current(), &DesktopSettings::default());
        assert!(!folder.path().join("office").exists(), "nothing is created before the person chose something");
    }

    #[test]
    fn what_is_saved_is_read_again() {
        let folder = tempfile::tempdir().expect("a folder");
        let chosen = DesktopSettings { paused: true, language: Some(Locale::Fr), ..DesktopSettings::default() };
        SettingsFile::load(in_folder(&folder)).expect("defaults").save(chosen.clone()).expect("saved");
        assert_eq!(SettingsFile::load(in_folder(&folder)).expect("read").current(), &chosen);
        let files = std::fs::read_dir(folder.path().join("office")).expect("listed").count();
        assert_eq!(files, 1, "the file it was written to first has taken the place of the old one");
    }

    #[test]
    fn fields_of_a_newer_version_are_kept() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = in_folder(&folder);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(&path, r#"{"paused":true,"sound":"bell"}"#).expect("written");
        let mut settings = SettingsFile::load(path.clone()).expect("read");
        assert!(settings.current().paused);
        settings.save(DesktopSettings::default()).expect("saved");
        let stored: Value = serde_json::from_slice(&std::fs::read(path).expect("read")).expect("JSON");
        assert_eq!(stored["sound"], "bell", "an older version must not erase what a newer one stored");
        assert_eq!(stored["paused"], false);
    }

    #[test]
    fn a_damaged_file_is_named() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = in_folder(&folder);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(&path, "{\"paused\":").expect("written");
        let error = SettingsFile::load(path).err().expect("refused");
        assert!(error.to_string().contains("desktop.json is not a settings file"), "{error}");
    }
}
