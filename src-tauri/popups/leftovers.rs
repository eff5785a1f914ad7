//! Popups that outlive the app. One that is killed leaves them on the screen, and their buttons
//! with nobody to hear them: so the numbers that the notification service gave them are kept in a
//! file, and the next start takes them over.
//!
//! The file is in the folder of the session of the OS, which ends with it, as do the popups.

use std::collections::HashMap;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use super::Tag;

/// The file of one session; without a folder for it nothing is kept.
pub(crate) struct Leftovers(Option<PathBuf>);

#[derive(Default, Serialize, Deserialize)]
struct OnScreen {
    /// The connection of the service that gave the numbers: another one has others.
    service: String,
    numbers: HashMap<Tag, u32>,
}

impl Leftovers {
    /// Those of this session.
    pub(crate) fn of_this_session() -> Self {
        let folder = std::env::var_os("XDG_RUNTIME_DIR").filter(|folder| !folder.is_empty());
        Self(folder.map(|folder| PathBuf::from(folder).join("rappel-popups.json")))
    }

    /// What an earlier run has left on the screen of this service.
    pub(crate) fn of(&self, service: &str) -> HashMap<Tag, u32> {
        let stored = self.0.as_ref().and_then(|path| std::fs::read(path).ok());
        let stored: OnScreen = stored.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default();
        if stored.service == service { stored.numbers } else { HashMap::new() }
    }

    /// Notes what is on the screen.
    pub(crate) fn note(&self, service: &str, numbers: &HashMap<Tag, u32>) {
        let Some(path) = &self.0 else { return };
        let on_screen = OnScreen { service: service.to_owned(), numbers: numbers.clone() };
        let written = crate::folders::private_file(path)
            .and_then(|file| serde_json::to_writer(file, &on_screen).map_err(std::io::Error::from));
        if let Err(error) = written {
            tracing::debug!(%error, "what is on the screen is not noted");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_service_that_gave_the_numbers_gets_them_back() {
        let folder = tempfile::tempdir().expect("a folder");
        let leftovers = Leftovers(Some(folder.path().join("popups.json")));
        assert_eq!(leftovers.of(":1.7"), HashMap::new());
        let numbers = HashMap::from([("test".to_owned(), 3)]);
        leftovers.note(":1.7", &numbers);
        assert_eq!(leftovers.of(":1.7"), numbers);
        assert_eq!(leftovers.of(":1.8"), HashMap::new(), "its numbers mean other popups");
    }

    #[test]
    fn a_damaged_file_is_as_good_as_none() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("popups.json");
        std::fs::write(&path, "{\"service\":").expect("written");
        assert_eq!(Leftovers(Some(path)).of(":1.7"), HashMap::new());
    }
}
