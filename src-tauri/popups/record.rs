//! What this desktop remembers of its popups over restarts: the ledger, with every wait for the
//! disk off the async threads and every failure in the log.

use rappel_link::frame::HubName;
use rappel_link::{Cursor, Ledger, NotificationId, PersonId, Timestamp};
use tokio::task::block_in_place;

/// What is remembered: far more than anybody is told of in the days that the card reaches back.
const REMEMBERED: u32 = 10_000;

/// The memory of one desktop.
pub(crate) struct Record {
    ledger: Ledger,
    /// What was written last, so that nothing is written twice.
    written: Option<Cursor>,
}

impl Record {
    /// Remembers in this ledger.
    pub(crate) fn new(ledger: Ledger) -> Self {
        let _: Option<usize> = read("forget", || ledger.keep_latest(REMEMBERED));
        Self { ledger, written: None }
    }

    /// How far this desktop is done.
    pub(crate) fn cursor(&self) -> Option<Cursor> {
        read("cursor", || self.ledger.cursor()).flatten()
    }

    /// Whose notifications are followed. Answers whether that is another history than before.
    pub(crate) fn follow(&mut self, hub: HubName, person: PersonId) -> bool {
        self.written = None;
        read("source", || self.ledger.follow(hub.into(), person)).unwrap_or(false)
    }

    /// Whether a popup was on this screen, or is not to be.
    pub(crate) fn is_done(&self, id: NotificationId) -> bool {
        read("popup", || self.ledger.is_shown(id)).unwrap_or(false)
    }

    /// To be asked before the OS is: whether it may be. `None` when that could not be written
    /// down, so not now.
    pub(crate) fn may_show(&self, id: NotificationId, now: Timestamp) -> Option<bool> {
        read("popup", || self.ledger.record_showing(id, now))
    }

    /// The OS has taken the popup.
    pub(crate) fn shown(&self, id: NotificationId, now: Timestamp) {
        read("popup", || self.ledger.record_shown(id, now));
    }

    /// The popup is over.
    pub(crate) fn closed(&self, id: NotificationId, now: Timestamp) {
        read("popup", || self.ledger.record_closed(id, now));
    }

    /// This desktop is done up to here. Answers whether that is written down.
    pub(crate) fn done(&mut self, cursor: Cursor) -> bool {
        if self.written == Some(cursor) {
            return true;
        }
        let Cursor { seq, last_id, change } = cursor;
        let is_written = read("cursor", || self.ledger.advance(seq, last_id, change)).is_some();
        if is_written {
            self.written = Some(cursor);
        }
        is_written
    }

    /// The hub does not know the cursor: its next one may be lower.
    pub(crate) fn forget_cursor(&mut self) {
        self.written = None;
        read("cursor", || self.ledger.forget_cursor());
    }
}

/// The answer of the ledger; a failure is in the log.
fn read<T, E: std::fmt::Display>(what: &str, call: impl FnOnce() -> Result<T, E>) -> Option<T> {
    block_in_place(call).inspect_err(|error| tracing::error!(%error, what, "the ledger of popups failed")).ok()
}
