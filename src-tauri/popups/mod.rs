//! Popups of the operating system: what one is, and what shows them.
//!
//! The board of [`rappel_link`] decides which notifications pop up and `wording` what they say, both
//! without knowing any operating system; `watch` follows the hub and carries the decisions out; [`Popups`] is what
//! each platform implements.

mod choices;
#[cfg(test)]
#[path = "../../crates/link/src/board_example.rs"]
pub(crate) mod example;
#[cfg(target_os = "linux")]
pub(crate) mod freedesktop;
#[cfg(target_os = "linux")]
mod leftovers;
mod line;
#[cfg(any(target_os = "macos", windows))]
pub(crate) mod native;
mod receipts;
pub(crate) mod record;
#[cfg(test)]
pub(crate) mod recorder;
pub(crate) mod watch;
pub(crate) mod wording;

use futures_util::future::BoxFuture;
use rappel_link::Locale;
#[cfg(test)]
use rappel_link::frame::Notification;

use crate::words::Words;

/// What names a popup towards the OS: the notification's id, or one of the names below. Showing a
/// second popup with the tag of one on screen replaces it.
pub(crate) type Tag = String;

/// The tag of the "while you were away" card.
pub(crate) const CARD: &str = "while-you-were-away";
/// The tag of the popup that shows how popups look.
pub(crate) const TEST: &str = "test";

/// The tag of the popup that says that the hub is on this computer now.
pub(crate) const HUB_IS_HERE: &str = "hub-is-here";

/// What the tags of those who ask to be let in begin with; the id of the request follows.
pub(crate) const KNOCK: &str = "knock:";

/// The tag of the popup that says that the hub can store nothing.
pub(crate) const TROUBLE: &str = "hub-trouble";

/// A popup, ready to be shown. All texts are plain; whoever shows it escapes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Popup {
    pub(crate) tag: Tag,
    /// The first line, in bold.
    pub(crate) summary: String,
    /// The lines below it.
    pub(crate) body: String,
    /// Its buttons, in their order.
    pub(crate) buttons: Vec<Button>,
    /// It may break through "do not disturb": something starts.
    pub(crate) urgent: bool,
}

impl Popup {
    /// Whether there is more of it in the window: a click on the popup itself shows that.
    pub(crate) fn can_be_opened(&self) -> bool {
        self.buttons.iter().any(|button| matches!(button.choice, Choice::Open | Choice::Accept))
    }
}

/// A button of a popup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Button {
    pub(crate) choice: Choice,
    pub(crate) label: &'static str,
}

/// What a person can choose on a popup.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Choice {
    /// Got it: on every device.
    Dismiss,
    /// Again in five minutes.
    Snooze,
    /// See it in the window.
    Open,
    /// Let them in.
    Accept,
    /// Do not let them in, this time.
    NotNow,
}

impl Choice {
    /// The name of the button towards the OS.
    pub(crate) fn key(self) -> &'static str {
        match self {
            Self::Dismiss => "dismiss",
            Self::Snooze => "snooze",
            Self::Open => "open",
            Self::Accept => "accept",
            Self::NotNow => "not-now",
        }
    }

    /// Reads the name of a button; `default` is a click on the popup itself.
    pub(crate) fn of_key(key: &str) -> Option<Self> {
        match key {
            "dismiss" => Some(Self::Dismiss),
            "snooze" => Some(Self::Snooze),
            "open" | "default" => Some(Self::Open),
            "accept" => Some(Self::Accept),
            "not-now" => Some(Self::NotNow),
            _ => None,
        }
    }
}

/// What the OS reports of its popups.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PopupEvent {
    /// A button was pressed; the popup is gone.
    Chosen { tag: Tag, choice: Choice },
    /// The popup is gone without a choice.
    Closed { tag: Tag },
    /// From now on popups can be shown, or cannot.
    Available(bool),
}

/// Why popups do not appear.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum PopupProblem {
    /// Nothing on this desktop shows popups; what the OS said.
    #[error("nobody shows popups: {0}")]
    NobodyShows(String),
    /// What shows them did not take this one; what it said.
    #[error("refused: {0}")]
    Refused(String),
}

impl PopupProblem {
    pub(crate) fn nobody_shows(cause: &impl std::fmt::Display) -> Self {
        Self::NobodyShows(cause.to_string())
    }

    pub(crate) fn refused(cause: &impl std::fmt::Display) -> Self {
        Self::Refused(cause.to_string())
    }

    /// The name of the problem, for programs.
    pub(crate) fn code(&self) -> &'static str {
        match self {
            Self::NobodyShows(_) => "no_notification_service",
            Self::Refused(_) => "popup_refused",
        }
    }

    /// The problem, for a person.
    pub(crate) fn say(&self, words: &Words) -> &'static str {
        match self {
            Self::NobodyShows(_) => words.nobody_shows,
            Self::Refused(_) => words.popup_refused,
        }
    }
}

/// The desktop around the popups.
pub(crate) trait Screen: Send + Sync {
    /// The language of the buttons.
    fn locale(&self) -> Locale;

    /// Shows a page of the window.
    fn open(&self, path: &str);

    /// What stands in the way of popups has changed.
    fn popups_changed(&self);
}

/// Shows popups on one platform. What happens to them comes as [`PopupEvent`]s over the channel
/// that the implementation was made with.
pub(crate) trait Popups: Send + Sync {
    /// Shows a popup until somebody acts on it, without taking the focus.
    fn show(&self, popup: Popup) -> BoxFuture<'_, Result<(), PopupProblem>>;

    /// Takes a popup off the screen; one that is not there is fine.
    fn close<'a>(&'a self, tag: &'a str) -> BoxFuture<'a, ()>;

    /// Takes all of them off the screen, for good.
    fn end(&self) -> BoxFuture<'_, ()>;

    /// What stands in the way of popups, as last seen.
    fn problem(&self) -> Option<PopupProblem>;
}
