//! What the running app holds: one value, known to commands, tray and window.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use rappel_link::frame::Trouble;
use rappel_link::{Locale, Timestamp};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::contact::Contact;
use crate::door::Door;
use crate::folders::Folders;
use crate::office::Office;
use crate::page::Page;
use crate::popups::Popups;
use crate::settings::{DesktopSettings, SettingsError, SettingsFile};
use crate::sharing::Sharing;
use crate::start::Following;

/// What the tray tells at a glance.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Situation {
    /// How it stands with the hub.
    pub(crate) contact: Contact,
    /// Popups are held back.
    pub(crate) paused: bool,
    /// Notifications not yet read.
    pub(crate) unread: u64,
    /// Why the hub can store nothing and so tells nothing, if that is so.
    pub(crate) trouble: Option<Trouble>,
    /// When what is kept for when the hub is off was last up to date, by the hub's clock; `None` where
    /// nothing is kept.
    pub(crate) synced_at: Option<Timestamp>,
}

/// The app's own state.
pub(crate) struct Desk {
    folders: Folders,
    settings: Mutex<SettingsFile>,
    situation: watch::Sender<Situation>,
    popups: Arc<dyn Popups>,
    nudge: Arc<Notify>,
    office: Office,
    door: Door,
    following: Mutex<Option<Following>>,
    sharing: Sharing,
    page: Page,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Desk {
    /// A desk with its settings read. Damaged settings are reported and set aside.
    pub(crate) fn new(folders: Folders, popups: Arc<dyn Popups>, tasks: TaskTracker, stop: CancellationToken) -> Self {
        let settings = SettingsFile::load(folders.settings_file()).unwrap_or_else(|error| {
            tracing::error!(%error, "starting with default settings");
            SettingsFile::defaults(folders.settings_file())
        });
        let paused = settings.current().paused;
        let situation = Situation { contact: Contact::Untried, paused, unread: 0, trouble: None, synced_at: None };
        Self {
            office: Office::new(folders.office.clone()),
            sharing: Sharing::new(folders.address_file()),
            folders,
            settings: Mutex::new(settings),
            situation: watch::Sender::new(situation),
            popups,
            nudge: Arc::default(),
            door: Door::default(),
            following: Mutex::default(),
            page: Page::default(),
            tasks,
            stop,
        }
    }

    fn settings_file(&self) -> MutexGuard<'_, SettingsFile> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The choices that hold.
    pub(crate) fn settings(&self) -> DesktopSettings {
        self.settings_file().current().clone()
    }

    /// Makes choices hold and tells the tray.
    pub(crate) fn save_settings(&self, settings: DesktopSettings) -> Result<(), SettingsError> {
        let paused = settings.paused;
        self.settings_file().save(settings)?;
        // Also when nothing of it changed: the language of the tray may have.
        self.situation.send_modify(|situation| situation.paused = paused);
        Ok(())
    }

    /// The language of this desktop: the chosen one, else that of the OS.
    pub(crate) fn locale(&self) -> Locale {
        self.settings().language.unwrap_or_else(os_locale)
    }

    pub(crate) fn situation(&self) -> Situation {
        self.situation.borrow().clone()
    }

    pub(crate) fn situations(&self) -> &watch::Sender<Situation> {
        &self.situation
    }

    pub(crate) fn popups(&self) -> &Arc<dyn Popups> {
        &self.popups
    }

    /// The signal that popups which could not be shown are to be tried again.
    pub(crate) fn nudge(&self) -> &Arc<Notify> {
        &self.nudge
    }

    pub(crate) fn nudge_popups(&self) {
        self.nudge.notify_one();
    }

    pub(crate) fn office(&self) -> &Office {
        &self.office
    }

    /// Where this desktop asks to be let in.
    pub(crate) fn door(&self) -> &Door {
        &self.door
    }

    /// Notes who follows the hub. Answers who did.
    pub(crate) fn follow(&self, following: Option<Following>) -> Option<Following> {
        std::mem::replace(&mut *self.following.lock().unwrap_or_else(PoisonError::into_inner), following)
    }

    /// Has a hub that does not answer asked again at once.
    pub(crate) fn wake(&self) {
        if let Some(following) = &*self.following.lock().unwrap_or_else(PoisonError::into_inner) {
            following.wake();
        }
    }

    pub(crate) fn sharing(&self) -> &Sharing {
        &self.sharing
    }

    pub(crate) fn page(&self) -> &Page {
        &self.page
    }

    pub(crate) fn ledger_file(&self) -> PathBuf {
        self.folders.ledger_file()
    }

    pub(crate) fn tasks(&self) -> &TaskTracker {
        &self.tasks
    }

    pub(crate) fn stop(&self) -> &CancellationToken {
        &self.stop
    }
}

/// The language that the OS speaks, as far as Rappel speaks it too.
pub(crate) fn os_locale() -> Locale {
    sys_locale::get_locale().map_or(Locale::En, |name| Locale::of_os(&name))
}
